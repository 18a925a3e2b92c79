//! Header blocks: any bytes.
//!
//! What is read is the same with CRLF as with LF, whatever the reader read before, and whatever stands below;
//! strings hold no control characters, and the id is where the envelope says.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use threadfold_core::Hints;
use threadfold_fuzz::{line, mutate};
use threadfold_message::{
    HeadReader, Place, addresses, decode_words, folder_hints, head_and_body, header, headers, id_hash,
    is_auto_reply_text, message_ids, parse_date,
};

const PIECES: &[&str] = &[
    "From: Ada Byron <ada@example.com>\n",
    "From: \"Byron, Ada\" <Ada@Example.COM>\n",
    "From: ada at example.com (Ada via list)\n",
    "From: =?utf-8?q?Ad=C3=A9?= <ada@example.com>, bob@example.org\n",
    "Sender: list@example.org\n",
    "Reply-To: ada@example.com\n",
    "Return-Path: <>\n",
    "X-Original-From: ada@example.com\n",
    "To: a@example.com, Group: b@example.com, c@example.com;, <d@example.com>\n",
    "Cc: <@relay.example,@b.example:e@example.com>\n",
    "Subject: Re: =?iso-8859-1?Q?caf=E9?= =?utf-8?B?w6k=?=\n",
    "Subject: Fwd: AW: hello\n world\n\tagain\n",
    "Subject:\n",
    "Date: Fri, 1 Mar 2024 09:12:00 +0000\n",
    "Date: 01 Mar 99 9:12 EST (comment)\n",
    "Date: 2024-03-01T09:12:00Z\n",
    "Received: from a by b with c; Fri, 1 Mar 2024 09:12:00 -0800 (PST)\n",
    "Message-ID: <a.b@example.com>\n",
    "Message-ID: < folded\n id@example.com >\n",
    "References: <a@b> <c@d>\n <e@f>\n",
    "In-Reply-To: Your message of Monday <a@b>\n",
    "In-Reply-To: \"a\" <c@d> from Bob <e@f>\n",
    "Thread-Index: AdprF5Nv0w3nVnKkTUe3cF2TyyR1ZgAAAAAB\n",
    "X-GM-THRID: 1234567890123456789\n",
    "X-Gmail-Labels: Inbox,=?UTF-8?Q?Entw=C3=BCrfe?=,Spam\n",
    "List-Id: <list.example.org>\n",
    "List-Unsubscribe: <mailto:a@example.org>\n",
    "Precedence: bulk\n",
    "Auto-Submitted: auto-replied\n",
    "X-Autoreply: yes\n",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
    "Content-Type: text/calendar; method=REQUEST\n",
    ">From ada@example.com Mon Jan  1 10:00:00 2024\n",
    "From ada@example.com Mon Jan  1 10:00:00 2024\n",
    "no colon here\n",
    " leading fold\n",
    "X : spaced\n",
    "\n",
    "\r",
    "\r\n",
    "=?utf-8?Q?=F0=9F=91=8D?=",
    "=?utf-8*de?B?4oKs?=",
    "=?gb2312?B?xOO6ww==?=",
    "=?iso-2022-jp?B?GyRCJEAbKEI=?=",
    "=?utf-7?Q?+AOk-?=",
    "=??Q??=",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, line, PIECES)
});

/// All of an envelope but where its id stands.
fn said(reader: &mut HeadReader, bytes: &[u8]) -> String {
    let head = reader.read(bytes, &Place::default());
    let mut envelope = head.envelope();
    envelope.id_at = (0, 0);
    format!("{envelope:?}")
}

fuzz_target!(|data: &[u8]| {
    let mut used = HeadReader::default();
    let place = Place {
        separator: Some(&data[..data.len().min(60)]),
        folder: "a/Sent Items",
        draft: true,
        trashed: false,
    };
    {
        let head = used.read(data, &place);
        let e = head.envelope();
        let (at, len) = (e.id_at.0 as usize, usize::from(e.id_at.1));
        assert!(at + len <= data.len());
        if e.id != 0 && len > 0 {
            let id = &data[at..at + len];
            let inside = id.strip_prefix(b"<").and_then(|i| i.strip_suffix(b">")).unwrap_or(id);
            assert!(
                id_hash(inside) == e.id
                    || message_ids(id).any(|i| id_hash(&i) == e.id)
                    || inside.contains(&b'\n'),
                "{:?}",
                String::from_utf8_lossy(id)
            );
        }
        let clean = |s: &str| !s.contains(['\n', '\r', '\0']);
        assert!(clean(e.subject) && clean(e.from) && clean(e.from_name), "{e:?}");
        assert!(e.recipients.iter().all(|r| clean(r) && !r.is_empty()), "{e:?}");
        assert!(!e.from.chars().any(|c| c.is_ascii_uppercase()), "{e:?}");
        assert!(usize::from(e.in_reply_to) <= e.references.len());
        assert!(e.hints.contains(Hints::DRAFT));
    }
    let fresh = said(&mut HeadReader::default(), data);
    assert_eq!(said(&mut used, data), fresh, "a reader remembers nothing");

    let (head, body) = head_and_body(data);
    assert!(data.starts_with(head) && data.ends_with(body) && head.len() + body.len() <= data.len());
    // The empty line between them, which may end in any number of carriage returns.
    assert!(data[head.len()..data.len() - body.len()].iter().all(|b| matches!(b, b'\r' | b'\n')));
    if !data.contains(&b'\r') && head.len() < data.len() {
        let crlf: Vec<u8> = data
            .iter()
            .flat_map(|b| if *b == b'\n' { &b"\r\n"[..] } else { std::slice::from_ref(b) }.to_vec())
            .collect();
        assert_eq!(said(&mut used, &crlf), fresh, "with CRLF");
    }
    for (name, value) in headers(data).take(50) {
        if let Ok(name) = std::str::from_utf8(name) {
            header(data, name);
        }
        addresses(&value);
        decode_words(&value);
        parse_date(&value);
        message_ids(&value).count();
    }
    addresses(data);
    parse_date(data);
    let words = decode_words(data);
    folder_hints(&words);
    is_auto_reply_text(&words, &String::from_utf8_lossy(data));
});
