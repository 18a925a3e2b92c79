//! Odd messages, each with the right answer, read by us and by two other parsers.
//!
//! Ours must be the right answer every time. Where both others agree on a different one, the case says
//! why they are wrong.

use threadfold_message::{BodyReader, Choice, Defect, HeadReader, Place, header};

struct Case {
    name: &'static str,
    message: &'static [u8],
    /// The text that a reader would see.
    text: &'static str,
    defects: &'static [Defect],
    /// Why both other parsers are wrong, where they agree on another answer.
    why: &'static str,
}

const MIXED: &str = "boundary mid-line";

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let case = |name, message: &'static [u8], text, defects: &'static [Defect], why| Case { name, message, text, defects, why };
    vec![
        case("plain", b"Subject: x\n\nHello\n", "Hello", &[], ""),
        case("crlf", b"Subject: x\r\n\r\nHello\r\nyou\r\n", "Hello\nyou", &[], ""),
        case(MIXED, b"Content-Type: multipart/mixed; boundary=BND\n\n--BND\n\nsee --BND here\nand on\n--BND--\n",
            "see --BND here\nand on", &[], ""),
        case("line that starts with an extended boundary",
            b"Content-Type: multipart/mixed; boundary=BND\n\n--BND\n\nHello\n--BNDX\nworld\n--BND--\n",
            "Hello\n--BNDX\nworld", &[], "a delimiter is a whole line"),
        case("inner boundary extends the outer one",
            b"Content-Type: multipart/mixed; boundary=BND\n\n--BND\nContent-Type: multipart/alternative; boundary=BND2\n\n--BND2\n\nHello\n--BND2\nContent-Type: text/html\n\n<p>Hello</p>\n--BND2--\n\n--BND\nContent-Type: application/pdf\n\nx\n--BND--\n",
            "Hello", &[], ""),
        case("unterminated multipart",
            b"Content-Type: multipart/mixed; boundary=BND\n\n--BND\n\nHello\nworld\n", "Hello\nworld", &[Defect::Unterminated], ""),
        case("multipart without a boundary",
            b"Content-Type: multipart/mixed\n\n--zz\nContent-Type: text/plain\n\nHello\n--zz--\n", "Hello", &[Defect::Boundary],
            "the delimiters are plain to see"),
        case("multipart whose boundary never comes",
            b"Content-Type: multipart/mixed; boundary=BND\n\nHello there\n", "Hello there", &[Defect::Boundary],
            "what is there is text, whatever the label"),
        case("base64 with a list footer",
            b"Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=utf-8\n\nSGVsbG8gd29ybGQ=\n_______________________\nmailing list\nlist@example.com\n",
            "Hello world", &[Defect::Base64], ""),
        case("base64 without padding", b"Content-Transfer-Encoding: base64\n\nSGVsbG8gd29ybGQ\n", "Hello world", &[Defect::Base64], ""),
        case("base64 label on plain text", b"Content-Transfer-Encoding: base64\n\nHello, this is text.\n",
            "Hello, this is text.", &[Defect::Base64], ""),
        case("quoted-printable with a stray equals sign",
            b"Content-Transfer-Encoding: quoted-printable\n\n50% = half =C3=A9 =\nend\n", "50% = half é end", &[], ""),
        case("utf-8 declared us-ascii", b"Content-Type: text/plain; charset=us-ascii\n\ncaf\xc3\xa9\n", "café", &[],
            "valid UTF-8 is UTF-8"),
        case("utf-8 declared latin-1", b"Content-Type: text/plain; charset=iso-8859-1\n\ncaf\xc3\xa9\n", "café", &[Defect::Charset],
            "valid UTF-8 is UTF-8"),
        case("latin-1 declared utf-8", b"Content-Type: text/plain; charset=utf-8\n\ncaf\xe9\n", "café", &[Defect::Charset],
            "one stray byte is a whole letter of windows-1252"),
        case("windows-1252 declared latin-1", b"Content-Type: text/plain; charset=iso-8859-1\n\n\x93Hi\x94\n", "“Hi”", &[], ""),
        case("unknown charset", b"Content-Type: text/plain; charset=x-unknown\n\ncaf\xe9\n", "café", &[Defect::Charset],
            "windows-1252 is the best guess"),
        case("quoted charset with space", b"Content-Type: text/plain; charset=\" utf-8 \"\n\ncaf\xc3\xa9\n", "café", &[], ""),
        case("gb2312 is gbk", b"Content-Type: text/plain; charset=gb2312\n\n\xe9F\n", "镕", &[], ""),
        case("korean", b"Content-Type: text/plain; charset=ks_c_5601-1987\n\n\xbe\xc8\xb3\xe7\n", "안녕", &[], ""),
        case("japanese", b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$3$s\x1b(B!\n", "こん!", &[], ""),
        case("utf-7", b"Content-Type: text/plain; charset=utf-7\n\nHi +Jjo-\n", "Hi ☺", &[], ""),
        case("first line starts with a space", b" odd\nSubject: x\n\nHello\n", "Hello", &[Defect::HeaderBlock], ""),
        case("no empty line before the body", b"Subject: x\nFrom: a@example.com\nHello there\nworld\n", "Hello there\nworld",
            &[Defect::HeaderBlock], "the first line that is no field starts the body"),
        case("cr only", b"Subject: x\r\rHello\rworld\r", "Hello\nworld", &[], "old Macs end lines so"),
        case("nul and escape", b"Subject: x\n\nHel\0lo \x1b[1mworld\n", "Hello [1mworld", &[],
            "control characters are dropped"),
        case("empty plain beside html",
            b"Content-Type: multipart/alternative; boundary=B\n\n--B\nContent-Type: text/plain\n\n \n--B\nContent-Type: text/html\n\n<p>Hello</p>\n--B--\n",
            "Hello", &[], "an empty text is no text"),
        case("stub beside html",
            b"Content-Type: multipart/alternative; boundary=B\n\n--B\nContent-Type: text/plain\n\nYour mail program does not support HTML.\n--B\nContent-Type: text/html\n\n<p>Hello</p>\n--B--\n",
            "Hello", &[], "a note that the text is elsewhere is not the text"),
        case("text, image, text",
            b"Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain\n\nbefore\n--B\nContent-Type: image/png; name=a.png\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--B\nContent-Type: text/plain\n\nafter\n--B--\n",
            "before\nafter", &[], "the text goes on behind the picture"),
        case("attached text is no text",
            b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nHello\n--B\nContent-Type: text/plain\nContent-Disposition: attachment; filename=log.txt\n\nlog\n--B--\n",
            "Hello", &[], ""),
        case("attached message is no text",
            b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nHello\n--B\nContent-Type: message/rfc822\n\nSubject: y\n\nOther\n--B--\n",
            "Hello", &[], ""),
        case("list footer as a part beside html",
            b"Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/html\n\n<p>Hello</p>\n--B\nContent-Type: text/plain\n\nfooter\n--B--\n",
            "Hello\nfooter", &[], "both parts are shown"),
        case("flowed", b"Content-Type: text/plain; format=flowed\n\nHello \nworld\n> a \n> b\n", "Hello world\n> a b", &[],
            "neither parser unwraps"),
        case("plain that is html", b"Content-Type: text/plain\n\n<html><body>Hello</body></html>\n", "Hello", &[],
            "the label lies"),
        case("type without a slash", b"Content-Type: text\n\nHello\n", "Hello", &[], "RFC 2045: what is no type is text/plain"),
        case("unknown transfer encoding", b"Content-Transfer-Encoding: bogus\n\nHello\n", "Hello", &[Defect::TransferEncoding], ""),
        case("uuencoded block", b"Subject: x\n\nHello\nbegin 644 a.txt\n#0V%T\n`\nend\nBye\n", "Hello\nBye", &[],
            "an attachment of its day"),
        case("no headers at all", b"Hello there,\nworld\n", "Hello there,\nworld", &[Defect::HeaderBlock],
            "prose is no header"),
        case("empty", b"", "", &[Defect::HeaderBlock], ""),
        case("head only", b"Subject: x\n", "", &[], ""),
    ]
}

/// Without the differences that are matters of taste: line ends, empty lines, the last line's end.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
    lines.join("\n").trim_end().to_owned()
}

fn mail_parser_text(message: &[u8]) -> String {
    mail_parser::MessageParser::default()
        .parse(message)
        .and_then(|m| m.body_text(0).map(|t| tidy(&t)))
        .unwrap_or_default()
}

fn mailparse_text(message: &[u8]) -> String {
    fn first(part: &mailparse::ParsedMail<'_>) -> Option<String> {
        if part.subparts.is_empty() {
            return (part.ctype.mimetype == "text/plain").then(|| part.get_body().unwrap_or_default());
        }
        part.subparts.iter().find_map(first)
    }
    mailparse::parse_mail(message).ok().and_then(|m| first(&m)).map(|t| tidy(&t)).unwrap_or_default()
}

#[test]
fn ours_is_the_right_answer() {
    let mut reader = BodyReader::default();
    let mut unexplained = Vec::new();
    for case in cases() {
        let body = reader.read(case.message);
        assert_eq!(tidy(&body.text()), case.text, "{}", case.name);
        assert_eq!(body.defects, case.defects, "{}", case.name);
        let (one, two) = (mail_parser_text(case.message), mailparse_text(case.message));
        if one == two && one != case.text && case.why.is_empty() {
            unexplained.push((case.name, one));
        }
    }
    assert!(unexplained.is_empty(), "both others agree on another answer: {unexplained:#?}");
}

#[test]
fn both_forms_are_given_and_plain_is_chosen() {
    let body = BodyReader::default().read(
        b"Content-Type: multipart/alternative; boundary=B\n\n--B\n\nHello\n--B\nContent-Type: text/html\n\n<p>Hello</p>\n--B--\n",
    );
    assert_eq!(body.choice, Choice::Plain);
    assert_eq!((body.plain.as_deref(), body.html.as_deref()), (Some("Hello"), Some("<p>Hello</p>")));
}

#[test]
fn headers_are_read_where_other_parsers_stumble() {
    for (message, name, want) in [
        (&b"Subject: Fr\xf6sche\n\n"[..], "Subject", "Frösche"),
        (b"Subject: =?utf-8?q?=C3?= =?utf-8?q?=A9?=\n\n", "Subject", "é"),
        (b"Message-ID: 4711@example.com\n\n", "Message-ID", "4711@example.com"),
        (b"Subject : spaced\n\n", "subject", "spaced"),
    ] {
        assert_eq!(header(message, name).as_deref(), Some(want));
    }
    let mut heads = HeadReader::default();
    for (message, from) in [
        (&b"From: Doe, Jane <jane@example.com>\n\n"[..], "jane@example.com"),
        (b"From: \"Jane <jane@example.com>\n\n", "jane@example.com"),
        (b"From: jane at example.com (Jane)\n\n", "jane@example.com"),
    ] {
        assert_eq!(heads.read(message, &Place::default()).envelope().from, from);
    }
    // The first of two Message-IDs is the one its sender saw.
    let twice = b"Message-ID: <a@example.com>\nMessage-ID: <b@example.com>\n\n";
    let head = heads.read(twice, &Place::default());
    assert_eq!(head.envelope().id, threadfold_message::id_hash(b"a@example.com"));
}
