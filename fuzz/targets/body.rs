//! The walk over a message's parts: any bytes.
//!
//! The text is the same with CRLF as with LF and whatever the reader read before; where nothing is encoded,
//! every line of it stands in the message; it never grows beyond what charsets can make of its bytes.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use threadfold_fuzz::{line, mutate};
use threadfold_message::{Body, BodyReader, Defect};

const PIECES: &[&str] = &[
    "Content-Type: multipart/mixed; boundary=b\n",
    "Content-Type: multipart/alternative; boundary=\"b c\"\n",
    "Content-Type: multipart/related;\n boundary=\"bb\"; type=\"text/html\"\n",
    "Content-Type: multipart/signed; boundary=s; micalg=pgp-sha1\n",
    "Content-Type: multipart/encrypted; boundary=s\n",
    "Content-Type: multipart/digest; boundary=d\n",
    "Content-Type: multipart/report; boundary=d\n",
    "Content-Type: message/rfc822\n",
    "Content-Type: message/delivery-status\n",
    "Content-Type: text/plain; charset=utf-8\n",
    "Content-Type: text/plain; charset=\"iso-2022-jp\"; format=flowed; delsp=yes\n",
    "Content-Type: text/plain; charset=utf-16le\n",
    "Content-Type: text/plain; charset=utf-7\n",
    "Content-Type: text/plain; charset*0=us; charset*1=-ascii; format=flowed\n",
    "Content-Type: text/html; charset=windows-1252\n",
    "Content-Type: text/enriched\n",
    "Content-Type: text/calendar\n",
    "Content-Type: image/png; name*=utf-8''a%20b.png\n",
    "Content-Type: application/ms-tnef\n",
    "Content-Disposition: attachment; filename=\"a.txt\"\n",
    "Content-Disposition: inline\n",
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\n",
    "Content-Transfer-Encoding: 8bit\n",
    "Content-Transfer-Encoding: x-uuencode\n",
    "MIME-Version: 1.0\n",
    "Subject: x\n",
    "\n",
    "\n\n",
    "--b\n",
    "--b--\n",
    "--b c\n",
    "--b c--\n",
    "--bb\n",
    "--bb--\n",
    "--s\n",
    "--s--\n",
    "--d\n",
    "--d--\n",
    "-- \n",
    "> quoted \n",
    " stuffed\n",
    "flows on \n",
    "end.\n",
    "aGVsbG8gd29ybGQ=\n",
    "aGVs\nbG8g\n",
    "caf=C3=A9 =\n",
    "=E9=\n",
    "begin 644 a.txt\n#0V%T\n`\nend\n",
    "-----BEGIN PGP MESSAGE-----\n",
    "<html><p>hello</p></html>\n",
    "<!doctype html>\n",
    "<bold>b</bold><<\n",
    "+AOk-\n",
    "\x1b$B$@\x1b(B\n",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, line, PIECES)
});

fn said(body: &Body) -> impl PartialEq + std::fmt::Debug + use<> {
    let names: Vec<_> = body.attachments.iter().map(|a| (a.name.clone(), a.mime.clone())).collect();
    (body.plain.clone(), body.html.clone(), body.choice, names, body.hints, body.flowed, body.defects.clone())
}

fuzz_target!(|data: &[u8]| {
    let mut used = BodyReader::default();
    let body = used.read(data);
    assert_eq!(used.read(data), body, "a reader remembers nothing");
    for text in [&body.plain, &body.html].into_iter().flatten() {
        assert!(!text.contains(['\r', '\0']) && !text.ends_with('\n'));
        assert!(text.len() <= 4 * data.len() + 64, "{} bytes of {}", text.len(), data.len());
    }
    assert!(body.attachments.iter().all(|a| a.bytes <= data.len() as u64));
    let text = body.text();
    assert!(!text.contains(['\r', '\0']));

    let lower = data.to_ascii_lowercase();
    let has = |word: &str| lower.windows(word.len()).any(|w| w == word.as_bytes());
    if !data.contains(&b'\r') {
        let crlf: Vec<u8> = data
            .iter()
            .flat_map(|b| if *b == b'\n' { &b"\r\n"[..] } else { std::slice::from_ref(b) }.to_vec())
            .collect();
        let other = used.read(&crlf);
        // A charset of two bytes reads a byte more as another character, and a damaged text of shift sequences too;
        // mail-parser, asked where we see nothing, sees other parts or cuts off other line ends.
        if !body.damaged
            && ![&body, &other].iter().any(|body| body.defects.contains(&Defect::SecondOpinion))
            && !has("utf-16")
            && !has("utf16")
            && !has("ucs")
            && !has("unicode")
            && !has("utf-32")
        {
            assert_eq!(said(&other), said(&body), "with CRLF");
        }
    }
    let coded =
        ["base64", "quoted", "uuencode", "x-uue", "charset", "flowed", "html", "enriched", "rich", "begin "];
    if data.is_ascii()
        && !data.iter().any(|b| b.is_ascii_control() && *b != b'\n')
        && !coded.iter().any(|word| has(word))
    {
        let message = String::from_utf8_lossy(data);
        let own: std::collections::HashSet<&str> = message.lines().collect();
        for line in body.plain.as_deref().unwrap_or_default().lines().filter(|l| !l.is_empty()) {
            assert!(own.contains(line) || message.contains(line), "{line:?} is invented");
        }
    }
});
