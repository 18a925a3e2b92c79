//! Trees of parts with known texts come back exactly; random bytes and mutations do no harm.

use proptest::prelude::*;
use threadfold_message::{
    BodyReader, HeadReader, Place, addresses, decode_words, head_and_body, headers, is_auto_reply_text,
    message_ids, parse_date,
};

/// A tree of parts, with how its texts are encoded.
#[derive(Clone, Debug)]
enum Node {
    Text {
        lines: Vec<String>,
        encoding: u8,
        latin1: bool,
    },
    Image(Vec<u8>),
    Attached(String),
    Mixed(Vec<Node>),
    /// A text and its HTML form.
    Alternative(Box<Node>),
    Signed(Box<Node>),
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 .,=_-]{0,90}",
        "[a-zäöüéñ ]{1,40}",
        "--[A-Z0-9]{1,4}(--)?",
        Just("-- ".to_owned()),
        Just("> quoted".to_owned()),
        Just(String::new()),
        Just("From me".to_owned()),
    ]
}

fn text() -> impl Strategy<Value = Node> {
    (prop::collection::vec(line(), 0..6), "[a-zA-Z]{3,10}", 0u8..3, any::<bool>()).prop_map(
        |(mut lines, end, encoding, latin1)| {
            // Something visible in the last line, so that no text is empty.
            lines.push(end);
            Node::Text { lines, encoding, latin1 }
        },
    )
}

fn tree() -> impl Strategy<Value = Node> {
    text().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            3 => text(),
            1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Node::Image),
            1 => "[a-z \n]{0,80}".prop_map(Node::Attached),
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(Node::Mixed),
            1 => text().prop_map(|t| Node::Alternative(Box::new(t))),
            1 => inner.prop_map(|t| Node::Signed(Box::new(t))),
        ]
    })
}

fn quoted_printable(bytes: &[u8], end: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for (i, &b) in bytes.iter().enumerate() {
        if b == b'\n' {
            out += end;
            column = 0;
            continue;
        }
        let at_end = bytes.get(i + 1).is_none_or(|n| *n == b'\n');
        let piece = if b == b'=' || !(32..127).contains(&b) || b == b' ' && at_end {
            format!("={b:02X}")
        } else {
            char::from(b).to_string()
        };
        if column + piece.len() > 75 {
            out += "=";
            out += end;
            column = 0;
        }
        column += piece.len();
        out += &piece;
    }
    out
}

fn base64(bytes: &[u8], end: &str) -> String {
    let text = base64_simd::STANDARD.encode_to_string(bytes);
    text.as_bytes().chunks(76).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join(end)
}

/// Writes a part (headers, empty line, body) and gathers the texts that should come back.
fn write(node: &Node, end: &str, next: &mut u32, out: &mut Vec<u8>, texts: &mut Vec<String>) {
    let push = |out: &mut Vec<u8>, s: &str| {
        out.extend_from_slice(s.as_bytes());
        out.extend_from_slice(end.as_bytes());
    };
    match node {
        Node::Text { lines, encoding, latin1 } => {
            let text = lines.join("\n");
            texts.push(text.clone());
            // Latin-1 bytes that are valid UTF-8 by chance would be taken for that, rightly.
            let bytes: Vec<u8> =
                if *latin1 { text.chars().map(|c| c as u8).collect() } else { text.clone().into_bytes() };
            let bytes =
                if *latin1 && std::str::from_utf8(&bytes).is_ok() { text.into_bytes() } else { bytes };
            push(
                out,
                &format!(
                    "Content-Type: text/plain; charset={}",
                    if *latin1 { "iso-8859-1" } else { "utf-8" }
                ),
            );
            let name = ["8bit", "quoted-printable", "base64"][usize::from(*encoding)];
            push(out, &format!("Content-Transfer-Encoding: {name}"));
            push(out, "");
            match encoding {
                0 => {
                    for (i, l) in bytes.split(|b| *b == b'\n').enumerate() {
                        if i > 0 {
                            out.extend_from_slice(end.as_bytes());
                        }
                        out.extend_from_slice(l);
                    }
                    out.extend_from_slice(end.as_bytes());
                }
                1 => push(out, &quoted_printable(&bytes, end)),
                _ => push(out, &base64(&bytes, end)),
            }
        }
        Node::Image(bytes) => {
            push(out, "Content-Type: image/png; name=\"a b.png\"");
            push(out, "Content-Transfer-Encoding: base64");
            push(out, "Content-Disposition: inline; filename=\"a b.png\"");
            push(out, "");
            push(out, &base64(bytes, end));
        }
        Node::Attached(text) => {
            push(out, "Content-Type: text/plain");
            push(out, "Content-Disposition: attachment; filename=notes.txt");
            push(out, "");
            push(out, text);
        }
        Node::Mixed(children) => multipart("mixed", children.iter(), end, next, out, texts),
        Node::Signed(child) => {
            let boundary = format!("{:x}-s", *next);
            *next += 1;
            push(out, &format!("Content-Type: multipart/signed; boundary=\"{boundary}\""));
            push(out, "");
            push(out, &format!("--{boundary}"));
            write(child, end, next, out, texts);
            push(out, &format!("--{boundary}"));
            push(out, "Content-Type: application/pgp-signature; name=signature.asc");
            push(out, "");
            push(out, "-----BEGIN PGP SIGNATURE-----");
            push(out, &format!("--{boundary}--"));
        }
        Node::Alternative(child) => {
            let boundary = format!("{:x}-a", *next);
            *next += 1;
            push(out, &format!("Content-Type: multipart/alternative; boundary=\"{boundary}\""));
            push(out, "");
            push(out, &format!("--{boundary}"));
            write(child, end, next, out, texts);
            push(out, &format!("--{boundary}"));
            push(out, "Content-Type: text/html");
            push(out, "");
            push(out, "<p>the same</p>");
            push(out, &format!("--{boundary}--"));
        }
    }
}

fn multipart<'n>(
    kind: &str,
    children: impl Iterator<Item = &'n Node>,
    end: &str,
    next: &mut u32,
    out: &mut Vec<u8>,
    texts: &mut Vec<String>,
) {
    // Boundaries that extend each other, and that no line of a text is.
    let boundary = format!("Z={}", "x".repeat(*next as usize));
    *next += 1;
    out.extend_from_slice(
        format!("Content-Type: multipart/{kind};{end}\tboundary=\"{boundary}\"{end}{end}preamble{end}")
            .as_bytes(),
    );
    for child in children {
        out.extend_from_slice(format!("--{boundary}{end}").as_bytes());
        write(child, end, next, out, texts);
    }
    out.extend_from_slice(format!("--{boundary}--{end}").as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn well_formed_trees_give_their_texts(tree in tree(), crlf in any::<bool>()) {
        let end = if crlf { "\r\n" } else { "\n" };
        // A message that is nothing but an attached text is its text; that is not what is tried here.
        let tree = if matches!(tree, Node::Attached(_)) { Node::Mixed(vec![tree]) } else { tree };
        let mut message = format!("Subject: x{end}MIME-Version: 1.0{end}").into_bytes();
        let mut texts = Vec::new();
        write(&tree, end, &mut 0, &mut message, &mut texts);
        let body = BodyReader::default().read(&message);
        let want = texts.join("\n");
        prop_assert_eq!(body.text(), want.as_str(), "{}", String::from_utf8_lossy(&message));
        prop_assert!(!body.damaged && body.defects.is_empty(), "{:?}", body.defects);
    }

    #[test]
    fn damage_never_panics(tree in tree(), cuts in prop::collection::vec((any::<u16>(), any::<u8>(), 0u8..4), 0..12)) {
        let mut message = b"From: \"A, B\" <a@example.com>\nSubject: =?utf-8?q?=C3=A9?=\nReferences: <a@b> <c\nDate: Fri, 1 Mar 2024 09:12:00 +0000\n".to_vec();
        write(&tree, "\n", &mut 0, &mut message, &mut Vec::new());
        for (at, byte, how) in cuts {
            let at = usize::from(at) % message.len().max(1);
            match how {
                0 => message[at] = byte,
                1 => message.insert(at, byte),
                2 => message.truncate(at.max(1)),
                _ => { message.remove(at); }
            }
            if message.is_empty() { break; }
        }
        everything(&message);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        everything(&bytes);
    }

    #[test]
    fn random_headers_never_panic(
        lines in prop::collection::vec(
            ("(From|To|Subject|Date|Message-ID|References|In-Reply-To|Content-Type|Content-Disposition|Content-Transfer-Encoding|List-Id|X-Gmail-Labels|Received)",
             "[ -~\\t\u{e9}\u{4f60}]{0,60}"), 0..10),
        body in "[ -~\n]{0,200}",
    ) {
        let mut message = String::new();
        for (name, value) in lines {
            message += &format!("{name}: {value}\n");
        }
        message += "\n";
        message += &body;
        everything(message.as_bytes());
    }

    #[test]
    fn encoded_words_come_back(text in "[a-z äöüß€你好]{1,30}", base in any::<bool>()) {
        let text = text.trim().to_owned();
        prop_assume!(!text.is_empty());
        // Words cut anywhere, inside characters too.
        let words: Vec<String> = text.as_bytes().chunks(7).map(|c| {
            if base {
                format!("=?utf-8?B?{}?=", base64_simd::STANDARD.encode_to_string(c))
            } else {
                format!("=?UTF-8?q?{}?=", c.iter().map(|b| format!("={b:02X}")).collect::<String>())
            }
        }).collect();
        let folded = words.join("\r\n ");
        prop_assert_eq!(decode_words(folded.as_bytes()), text.as_str());
    }

    #[test]
    fn head_and_body_lose_nothing(bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b':'), Just(b'a'), Just(b' '), any::<u8>()], 0..200)) {
        let (head, body) = head_and_body(&bytes);
        prop_assert!(bytes.starts_with(head) && bytes.ends_with(body));
        prop_assert!(bytes.len() - head.len() - body.len() <= 4);
    }
}

fn everything(bytes: &[u8]) {
    let mut heads = HeadReader::default();
    let place = Place { separator: Some(bytes), folder: "a/b", ..Place::default() };
    let head = heads.read(bytes, &place);
    let e = head.envelope();
    assert!(e.id_at.0 as usize + usize::from(e.id_at.1) <= bytes.len());
    assert!(!e.subject.contains(['\n', '\r', '\0']));
    let body = BodyReader::default().read(bytes);
    let text = body.text();
    assert!(!text.contains(['\r', '\0']));
    is_auto_reply_text(e.subject, &text);
    addresses(bytes);
    decode_words(bytes);
    parse_date(bytes);
    message_ids(bytes).count();
    headers(bytes).count();
}
