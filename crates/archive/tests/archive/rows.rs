//! Mailboxes on which mbox readers differ. Each row: what it is, the bytes, how many messages.

use threadfold_archive::{DefectKind, Dialect, ErrorKind, Escape, Kind, LineEnds, SeparatorStyle};

use crate::{mail, mbox, messages, messages_in, open_bytes};

const SEP: &str = "From ada@example.com Mon Jan  1 10:00:00 2024\n";
const HEAD: &str = "From: ada@example.com\nTo: shop@example.org\nSubject: Order\n\n";

fn three(separator: &str) -> String {
    ["one", "two", "three"].map(|b| format!("{separator}\n{HEAD}{b}\n\n")).concat()
}

fn multipart(part: &str, tail: &str) -> String {
    format!(
        "{SEP}From: ada@example.com\nMIME-Version: 1.0\nContent-Type: multipart/mixed;\n boundary=\"outer\"\n\n\
         --outer\nContent-Type: text/plain\n\nsee attachment\n--outer\n{part}{tail}"
    )
}

#[test]
fn counts() {
    let rows: Vec<(&str, Vec<u8>, usize)> = vec![
        ("normal", mbox(&["one", "two", "three"]).into(), 3),
        ("no newline at the end", mbox(&["one", "two", "three"]).trim_end().into(), 3),
        ("crlf", mbox(&["one", "two", "three"]).replace('\n', "\r\n").into(), 3),
        ("no blank line between", three(SEP.trim_end()).replace("\n\nFrom ", "\nFrom ").into(), 3),
        (
            "no blank line between, crlf",
            three(SEP.trim_end()).replace("\n\nFrom ", "\nFrom ").replace('\n', "\r\n").into(),
            3,
        ),
        (
            "prose after a blank line",
            mbox(&["one\n\nFrom here on it works.\nReally: it does.\n", "two", "three"]).into(),
            3,
        ),
        ("prose inside a paragraph", mbox(&["one\nFrom here on it works.\nYes.\n", "two", "three"]).into(), 3),
        (
            "prose with a date",
            mbox(&["one\n\nFrom Jan 3 2024 on we ship:\nPrice: 20\n\nFrom Monday Jan 3 2024\nwe ship\n", "two"])
                .into(),
            2,
        ),
        ("prose from a place", mbox(&["one\n\nFrom Berlin\nTo: Paris\nDate: 3 May\n", "two"]).into(), 2),
        (
            "a quoted patch",
            mbox(&[
                "one\n\nFrom 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n\
                 From: Ada <ada@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\nSubject: [PATCH] x\n\n---\n",
                "two",
            ])
            .into(),
            2,
        ),
        (
            "an attached mailbox",
            [
                multipart("Content-Type: application/mbox\n\n", ""),
                mbox(&["inner one", "inner two"]),
                "--outer--\n\n".into(),
                mbox(&["two"]),
            ]
            .concat()
            .into(),
            2,
        ),
        (
            "an attached mailbox with a multipart in it, and text behind",
            [
                multipart("Content-Type: application/mbox\n\n", ""),
                multipart("\ninner\n--outer--\n\n", "").replace("outer", "inner"),
                mbox(&["inner two"]),
                "--outer\nContent-Type: text/plain\n\nFrom here on\n--outer--\n\n".into(),
                mbox(&["two"]),
            ]
            .concat()
            .into(),
            2,
        ),
        (
            "a message/rfc822 part with its separator",
            [multipart("Content-Type: message/rfc822\n\n", SEP), mail("inner"), "--outer--\n\n".into(), mbox(&["two"])]
                .concat()
                .into(),
            2,
        ),
        (
            "a truncated multipart loses nothing",
            [multipart("\ncut o", "\n\n"), mbox(&["two", "three"])].concat().into(),
            3,
        ),
        (
            "truncated multiparts of a program that repeats its boundary",
            [multipart("\ncut", "\n\n"), multipart("\nwhole\n--outer--\n", "\n"), mbox(&["three"])].concat().into(),
            3,
        ),
        ("thunderbird", three("From - Mon Jan 01 10:00:00 2024").into(), 3),
        ("thunderbird without date", three("From - ").into(), 3),
        ("takeout", three("From 1545668983435175434@xxx Fri Sep 16 22:26:51 +0000 2016").into(), 3),
        ("pipermail", three("From ada at example.com  Sat Jan  1 01:55:59 2005").into(), 3),
        ("bare", three("From ").into(), 3),
        ("bare, no blank line between", three("From ").replace("\n\nFrom ", "\nFrom ").into(), 3),
        ("address only", three("From ada@example.com").into(), 3),
        ("byte order mark", [b"\xef\xbb\xbf", mbox(&["one", "two", "three"]).as_bytes()].concat(), 3),
        ("NUL in a body", mbox(&["o\0ne", "two", "three"]).into(), 3),
        ("blank lines first", format!("\n\r\n\n{}", mbox(&["one", "two", "three"])).into(), 3),
        ("one message without separator", mail("one").into(), 1),
        ("one message with blank lines first", format!("\n\n{}", mail("one")).into(), 1),
        (
            "content-length over an unescaped separator",
            {
                let body = format!("quoted:\n\n{SEP}{HEAD}inner\n");
                let n = body.len();
                let head = format!("From: ada@example.com\nContent-Length: {n}\n\n");
                let simple = |b: &str| {
                    format!("{SEP}From: ada@example.com\nContent-Length: {}\n\n{b}\n", b.len())
                };
                format!("{SEP}{head}{body}\n{}{}", simple("two\n"), simple("three\n"))
            }
            .into(),
            3,
        ),
        (
            "content-lengths that lie",
            ["one", "two", "three"]
                .map(|b| format!("{SEP}From: ada@example.com\nContent-Length: 4000\n\n{b}\n\n"))
                .concat()
                .into(),
            3,
        ),
        ("no time", three("From ada@example.com Mon Jan 1 2024").into(), 3),
        ("no time and no year", three("From ada@example.com Mon Jan  1").into(), 3),
        ("another language's month", three("From ada@example.com Mo M\u{e4}r  4 10:00:00 2024").into(), 3),
        ("a nobody", three("From ???@??? Mon Jan 01 10:00:00 2024").into(), 3),
        ("a name without address", three("From Ada Lovelace Mon Jan  1 10:00:00 2024").into(), 3),
        ("headers without end", format!("{SEP}Content-Type: multipart/mixed; boundary=b\n").repeat(3).into(), 3),
        ("year in the middle", three("From - Mon Jan 1 2024 10:00:00").into(), 3),
        ("zone before the year", three("From ada@example.com Mon Jan  1 10:00:00 PST 2024").into(), 3),
        ("remote from", three("From ada Mon Jan  1 10:00:00 2024 remote from relay").into(), 3),
        ("escaped separator as first field", three("From - Mon Jan  1 10:00:00 2024\n>From - Mon Jan  1 10:00:00 2024").into(), 3),
        (
            "From in a base64 part",
            [multipart("Content-Transfer-Encoding: base64\n\nRnJvbSBhZGE=\n--outer--\n\n", ""), mbox(&["two", "three"])]
                .concat()
                .into(),
            3,
        ),
        ("joined without final newline", [mbox(&["one", "two"]).trim_end(), &mbox(&["glued"])].concat().into(), 2),
        (
            "a message of headers only",
            format!("{SEP}From: ada@example.com\nSubject: none\n\n{}", mbox(&["two", "three"])).into(),
            3,
        ),
        (
            "headers only, and no blank line",
            format!("{SEP}From: ada@example.com\nSubject: none\n{}", mbox(&["two", "three"])).into(),
            3,
        ),
        ("nothing in a message", format!("{SEP}\n{}", mbox(&["two"])).into(), 2),
        ("nothing in the last message", format!("{}{SEP}", mbox(&["one"])).into(), 2),
        ("blank line behind the separator", three(&format!("{}\n", SEP.trim_end())).into(), 3),
        ("mmdf", ["one", "two"].map(|b| format!("\x01\x01\x01\x01\n{}\x01\x01\x01\x01\n", mail(b))).concat().into(), 2),
        ("mmdf with one line between", ["one", "two"].map(|b| format!("\x01\x01\x01\x01\n{}", mail(b))).concat().into(), 2),
        (
            "mmdf behind a byte order mark",
            format!("\u{feff}\x01\x01\x01\x01\n{}\x01\x01\x01\x01\n", mail("a \x01\x01\x01\x01 b")).into(),
            1,
        ),
        ("patches", three("From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001").into(), 3),
    ];
    for (what, bytes, count) in rows {
        let archive = open_bytes(&bytes).unwrap_or_else(|e| panic!("{what}: {e}"));
        let whole = messages_in(&archive, u64::MAX);
        assert_eq!(whole.0.len(), count, "{what}: {:#?}", whole.0);
        for unit in [1, 7, 100, 333] {
            assert_eq!(messages_in(&archive, unit), whole, "{what}, units of {unit}");
        }
    }
}

#[test]
fn refusals_name_file_place_and_reason() {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(mbox(&["one"]).bytes().flat_map(|b| [b, 0])).collect();
    let cr_only = mbox(&["one", "two"]).replace('\n', "\r");
    for (bytes, start) in [
        (&b""[..], "-: empty file"),
        (b"\n\n\r\n", "-: is not mail: it holds blank lines only"),
        (&utf16, "-, byte 0: is text in UTF-16"),
        (&utf16[2..], "-, byte 0: is text in UTF-16"),
        (cr_only.as_bytes(), "-, byte 45: lines end in CR alone"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "-: is not mail: it looks like a JPEG image"),
        (b"Dear all,\n\nFrom now on\n", "-: is not mail: it starts neither"),
        (b"a\0b\0\x01\x02", "-: is not mail: it looks like binary data"),
    ] {
        let e = open_bytes(bytes).unwrap_err().to_string();
        assert!(e.starts_with(start), "{e}");
        assert!(!e.contains('\n'));
    }
    assert!(matches!(open_bytes(b"").unwrap_err().kind, ErrorKind::Empty));
}

#[test]
fn a_message_is_cut_without_separator_and_added_blank_line() {
    let all = messages(&open_bytes(mbox(&["one\n", "two"]).as_bytes()).unwrap());
    assert_eq!(all[0].bytes, mail("one\n").into_bytes());
    assert_eq!(all[0].separator.as_deref(), Some(SEP.trim_end().as_bytes()));
    assert_eq!((all[0].at.offset, all[1].at.offset), (0, all[0].at.len));

    let text = three("From - Mon Jan  1 10:00:00 2024\n>From - Mon Jan  1 10:00:00 2024");
    let all = messages(&open_bytes(text.as_bytes()).unwrap());
    assert_eq!(all[1].bytes, format!("{HEAD}two\n").into_bytes());

    let crlf = mbox(&["one", "two"]).replace('\n', "\r\n");
    let all = messages(&open_bytes(crlf.as_bytes()).unwrap());
    assert_eq!(all[0].bytes, mail("one").replace('\n', "\r\n").into_bytes());
    assert_eq!(all[0].separator.as_deref(), Some(SEP.trim_end().as_bytes()));

    let bom = [b"\xef\xbb\xbf\n", mbox(&["one"]).as_bytes()].concat();
    let all = messages(&open_bytes(&bom).unwrap());
    assert_eq!((all[0].at.offset, &all[0].bytes), (4, &mail("one").into_bytes()));

    let mmdf = format!("\x01\x01\x01\x01\n{SEP}{}\x01\x01\x01\x01\n", mail("one"));
    let all = messages(&open_bytes(mmdf.as_bytes()).unwrap());
    assert_eq!(all[0].bytes, mail("one").into_bytes());
    assert_eq!(all[0].separator.as_deref(), Some(SEP.trim_end().as_bytes()));

    // A single message that some program saved with its separator.
    let all = messages(&open_bytes(format!("{SEP}{}", mail("one")).as_bytes()).unwrap());
    assert_eq!(all[0].bytes, mail("one").into_bytes());
}

#[test]
fn doubts_are_counted() {
    let count = |text: &str, kind| messages_in(&open_bytes(text.as_bytes()).unwrap(), 50).1.count(kind);
    assert_eq!(count(&mbox(&["a\n\nFrom here\n\nFrom there\n", "b"]), DefectKind::RejectedSeparator), 2);
    assert_eq!(count(&mbox(&["a", "b"]), DefectKind::RejectedSeparator), 0);
    let mixed = format!("{}From ada@example.com\n{HEAD}x\n", mbox(&["a"]));
    assert_eq!(count(&mixed, DefectKind::DoubtfulSeparator), 1);
    assert_eq!(count(&three("From "), DefectKind::DoubtfulSeparator), 0, "the file's own style");
    let foreign = format!("{}{}", three("From - Mon Jan  1 10:00:00 2024"), mbox(&["b"]));
    assert_eq!(count(&foreign, DefectKind::DoubtfulSeparator), 1, "another writer's line");
    let tight = mbox(&["a", "b", "c"]).replace("\n\nFrom ", "\nFrom ");
    assert_eq!(count(&tight, DefectKind::NoBlankLine), 2);
    let attached = [multipart("\n", ""), mbox(&["inner"]), "--outer--\n\n".into(), mbox(&["b"])].concat();
    assert_eq!(count(&attached, DefectKind::SeparatorInPart), 1);
}

#[test]
fn a_boundary_named_again_swallows_no_mailbox() {
    let count = |inside: usize| {
        let inner: Vec<&str> = ["inner"].repeat(inside);
        let text = [multipart("\n", ""), mbox(&inner), mbox(&["--outer--\n"])].concat();
        messages(&open_bytes(text.as_bytes()).unwrap()).len()
    };
    assert_eq!(count(3), 1, "an attached mailbox");
    assert_eq!(count(40), 42, "a mailbox between two messages of a stranger");
}

#[test]
fn where_lines_are_escaped_no_boundary_protects_a_separator() {
    let inner = ["inner"; 3];
    let claimed = [multipart("\n", ""), mbox(&inner), mbox(&["--outer--\n"])].concat();
    let announced = claimed.replacen("--outer\n", "--outer\nContent-Type: message/rfc822\n", 1);
    let count = |before: &str, text: &str, behind: &str| {
        let text = [mbox(&[before]), text.to_owned(), mbox(&[behind])].concat();
        messages(&open_bytes(text.as_bytes()).unwrap()).len()
    };
    let escaped = "a\n\n>From b\n\n>From c\n\n>From d";
    for text in [&claimed, &announced] {
        assert_eq!(count("a", text, "b"), 3, "nothing tells that lines are escaped");
        assert_eq!(count("a\n\n>From b", text, "b"), 3, "one may be left over from another mailbox");
        assert_eq!(count(escaped, text, "b"), 7, "whatever the boundary says");
        assert_eq!(count(escaped, text, "b\n\nFrom c to d"), 3, "a line that was not escaped");
    }
}

#[test]
fn dialects_styles_and_line_ends_are_told() {
    let source = |text: &str| {
        let archive = open_bytes(text.as_bytes()).unwrap();
        let s = &archive.sources()[0];
        (s.kind, s.escape(), s.style(), s.line_ends())
    };
    let (style, lf) = (Some(SeparatorStyle::Standard), Some(LineEnds::Lf));
    assert_eq!(
        source(&mbox(&["a\n\n>From b\n\n>>From c"])),
        (Kind::Mbox(Dialect::Mboxrd), Escape::Mboxrd, style, lf)
    );
    assert_eq!(source(&mbox(&["a\n\n>From b"])), (Kind::Mbox(Dialect::Mboxo), Escape::Mboxo, style, lf));
    assert_eq!(source(&mbox(&["a\n\nFrom b"])), (Kind::Mbox(Dialect::Unescaped), Escape::None, style, lf));
    let length = |b: &str| format!("{SEP}From: ada@example.com\nContent-Length: {}\n\n{b}\n", b.len());
    assert_eq!(
        source(&[length("a\n"), length("From b\n")].concat()),
        (Kind::Mbox(Dialect::Mboxcl2), Escape::None, style, lf)
    );
    assert_eq!(
        source(&[length("a\n"), length(">From b\n")].concat()),
        (Kind::Mbox(Dialect::Mboxcl), Escape::Mboxo, style, lf)
    );
    let crlf = three("From - Mon Jan  1 10:00:00 2024").replace('\n', "\r\n");
    assert_eq!(
        source(&crlf),
        (
            Kind::Mbox(Dialect::Unknown),
            Escape::Mboxo,
            Some(SeparatorStyle::Thunderbird),
            Some(LineEnds::Crlf)
        )
    );
}

#[test]
fn protection_holds_wherever_a_scan_starts() {
    // An attachment of some megabytes of mail inside a message, then ordinary mail again.
    let inner = mbox(&["inner"]).repeat(3_000);
    let text = [
        mbox(&["before"]).repeat(100),
        multipart("Content-Type: application/mbox\n\n", &inner),
        "--outer--\n\n".into(),
        mbox(&["after"]).repeat(100),
    ]
    .concat();
    let archive = open_bytes(text.as_bytes()).unwrap();
    let whole = messages_in(&archive, u64::MAX);
    assert_eq!(whole.0.len(), 201);
    assert_eq!(messages_in(&archive, 30_000).0, whole.0);
}
