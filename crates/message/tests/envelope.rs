//! Envelopes of whole header blocks: who wrote it, when, and what kind of mail it is.

use threadfold_core::Hints;
use threadfold_message::{HeadReader, Place, id_hash};

fn with<T>(message: &str, read: impl Fn(&threadfold_core::NewEnvelope<'_>) -> T) -> T {
    let mut reader = HeadReader::default();
    let head = reader.read(message.as_bytes(), &Place::default());
    read(&head.envelope())
}

fn author(message: &str) -> String {
    with(message, |e| format!("{} <{}>", e.from_name, e.from))
}

const KINDS: Hints = Hints::AUTO
    .union(Hints::AUTO_REPLY)
    .union(Hints::BOUNCE)
    .union(Hints::BULK)
    .union(Hints::LIST)
    .union(Hints::CALENDAR)
    .union(Hints::ENCRYPTED)
    .union(Hints::SPAM)
    .union(Hints::TRASH)
    .union(Hints::DRAFT)
    .union(Hints::SENT);

fn kind(head: &str) -> Hints {
    with(&format!("From: a@example.com\n{head}\n\nbody: x\nPrecedence: bulk\n"), |e| e.hints & KINDS)
}

#[test]
fn a_provider_thread_is_one_word_whatever_is_folded_behind_it() {
    let want = threadfold_core::hash_bytes(b"17");
    for message in [
        "X-GM-THRID: 17\n\n",
        "X-GM-THRID: 17\n\tby mx.example.com\n\n",
        "X-GM-THRID:\r\n 17\r\n by mx\r\n\r\n",
    ] {
        with(message, |e| assert_eq!(e.provider_thread, want, "{message:?}"));
    }
}

#[test]
fn a_whole_envelope() {
    let message = "Message-ID: <m1@exa\n mple.com>\nDate: Fri, 1 Mar 2024 09:12:00 +0000\n\
        From: Ada <Ada@Example.com>\nTo: shop@example.org, \"B\" <b@example.org>\nCc: c@example.org\n\
        Subject: Re:  =?utf-8?q?caf=C3=A9?=\n  order\nReferences: <r1@example.com>\n\t<r2@example.com>\n\
        In-Reply-To: <r2@example.com>\nX-GM-THRID: 1234567890\n\nText\n";
    with(message, |e| {
        assert_eq!(e.id, id_hash(b"m1@example.com"));
        let (at, len) = (e.id_at.0 as usize, usize::from(e.id_at.1));
        assert_eq!(&message[at..at + len], "<m1@exa\n mple.com>");
        assert_eq!(e.date, 1_709_284_320);
        assert_eq!((e.from, e.from_name, e.subject), ("ada@example.com", "Ada", "Re: café order"));
        assert_eq!(e.recipients, ["shop@example.org", "b@example.org", "c@example.org"]);
        let r = |id: &str| id_hash(id.as_bytes());
        assert_eq!(e.references, [r("r1@example.com"), r("r2@example.com"), r("r2@example.com")]);
        assert_eq!(e.in_reply_to, 1);
        assert_ne!(e.provider_thread, 0);
        assert_eq!(e.hints, Hints::SUBJECT_REPLY);
    });
}

#[test]
fn only_bracketed_ids_that_are_nobodys_address_count_in_in_reply_to() {
    for (value, n) in [
        ("6667", 0),
        ("a@example.com", 0),
        ("Your message of Monday <m@example.com>", 1),
        ("message from Shop <shop@example.org> of Monday", 0),
    ] {
        with(&format!("From: a@example.com\nTo: shop@example.org\nIn-Reply-To: {value}\n\n"), |e| {
            assert_eq!((e.references.len(), e.in_reply_to), (n, n as u8), "{value}");
        });
    }
}

#[test]
fn dates_come_from_the_best_witness() {
    let received = "Received: from a by b;\n\tFri, 1 Mar 2024 09:12:00 +0000\nReceived: by c; Thu, 1 Feb 2024 00:00:00 +0000\n";
    let t = 1_709_284_320;
    for (head, want, hints) in [
        ("Date: Fri, 1 Mar 2024 09:12:00 +0000".to_owned(), t, Hints::empty()),
        (format!("{received}Date: Thu, 1 Jan 1970 00:00:00 +0000"), t, Hints::DATE_GUESSED),
        (format!("{received}Date: Sat, 1 Mar 2036 09:12:00 +0000"), t, Hints::DATE_GUESSED),
        (format!("{received}X: y"), t, Hints::DATE_GUESSED),
        ("Date: soon".to_owned(), 0, Hints::DATE_GUESSED | Hints::DATE_MISSING),
    ] {
        with(&format!("From: a@example.com\n{head}\n\n"), |e| {
            assert_eq!(
                (e.date, e.hints & (Hints::DATE_GUESSED | Hints::DATE_MISSING)),
                (want, hints),
                "{head}"
            );
        });
    }
    let mut reader = HeadReader::default();
    for line in [
        "From a@example.com Fri Mar  1 09:12:00 2024",
        "From 1792@xxx Fri Mar 01 09:12:00 +0000 2024",
        "From - Fri Mar 01 09:12:00 2024",
    ] {
        let place = Place { separator: Some(line.as_bytes()), ..Place::default() };
        assert_eq!(reader.read(b"Subject: x\n\n", &place).envelope().date, t, "{line}");
    }
}

#[test]
fn the_author_is_who_wrote_it() {
    for (head, want) in [
        (
            "From: Jane <jane@example.com>\nReply-To: other@example.net\nSender: list@example.org",
            "Jane <jane@example.com>",
        ),
        ("From: Jane <jane+tag@example.com>", "Jane <jane+tag@example.com>"),
        // A list's own address, with and without witnesses.
        (
            "From: 'Jane Doe' via Support <support@example.org>\nReply-To: Jane Doe <jane@example.com>\n\
             List-Post: <mailto:support@example.org>\nX-Original-From: Jane Doe <jane@example.com>",
            "Jane Doe <jane@example.com>",
        ),
        (
            "From: Jane Doe via Talk <talk@lists.example.org>\nReply-To: talk@lists.example.org, Jane <jane@example.com>\n\
             List-Id: Talk <talk.lists.example.org>",
            "Jane Doe via Talk <talk@lists.example.org>",
        ),
        (
            "From: Jane Doe via Talk <talk@lists.example.org>\nReply-To: jane@example.com\n\
             List-Id: Talk <talk.lists.example.org>",
            "Jane Doe <jane@example.com>",
        ),
        (
            "From: Jane Doe <jane=40example.com@dmarc.example.org>\nList-Id: <talk.example.org>",
            "Jane Doe <jane=40example.com@dmarc.example.org>",
        ),
        (
            "From: Jane via Talk <jane=example.com@groups.example.org>\nReply-To: talk@groups.example.org\n\
             List-Id: <talk.groups.example.org>",
            "Jane <jane@example.com>",
        ),
        // Contact forms.
        (
            "From: Shop <wordpress@shop.example>\nReply-To: Jane <jane@example.com>\nTo: info@shop.example",
            "Jane <jane@example.com>",
        ),
        (
            "From: no-reply@shop.example\nReply-To: jane@example.com\nTo: info@shop.example",
            " <jane@example.com>",
        ),
        // Robots that are not forms.
        (
            "From: no-reply@shop.example\nReply-To: info@shop.example\nTo: jane@example.com",
            " <no-reply@shop.example>",
        ),
        (
            "From: no-reply@shop.example\nReply-To: jane@example.com\nTo: jane@example.com",
            " <no-reply@shop.example>",
        ),
        (
            "From: no-reply@news.example\nReply-To: hello@shop.example\nList-Unsubscribe: <mailto:x@news.example>",
            " <no-reply@news.example>",
        ),
        (
            "From: Support <support@shop.example>\nReply-To: ticket+1@desk.example",
            "Support <support@shop.example>",
        ),
        // No From.
        ("Sender: Jane <jane@example.com>", "Jane <jane@example.com>"),
        ("Return-Path: <jane@example.com>", " <jane@example.com>"),
        ("From: Jane Doe (Example Corp)", "Jane Doe (Example Corp) <>"),
        ("From: MAILER-DAEMON (Mail System)", "Mail System <mailer-daemon>"),
    ] {
        assert_eq!(author(&format!("{head}\nSubject: x\n\n")), want, "{head}");
    }
}

#[test]
fn kinds_of_mail() {
    for (head, want) in [
        ("Subject: hello", Hints::empty()),
        ("Auto-Submitted: no", Hints::empty()),
        ("Auto-Submitted: auto-generated", Hints::AUTO),
        ("Auto-Submitted: auto-replied (vacation)", Hints::AUTO | Hints::AUTO_REPLY),
        ("X-Autoreply: yes", Hints::AUTO | Hints::AUTO_REPLY),
        ("X-Auto-Response-Suppress: All", Hints::empty()),
        ("Subject: Automatic reply: hello", Hints::AUTO_REPLY),
        ("Precedence: auto_reply", Hints::AUTO | Hints::AUTO_REPLY),
        // A person's answer by way of a help desk.
        (
            "X-Mailer: Zendesk Mailer\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All",
            Hints::AUTO,
        ),
        ("RT-Ticket: example #12\nPrecedence: bulk", Hints::empty()),
        ("Return-Path: <>", Hints::BOUNCE),
        ("Return-Path: <>\nAuto-Submitted: auto-replied", Hints::AUTO | Hints::AUTO_REPLY),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=x", Hints::BOUNCE),
        ("Precedence: bulk", Hints::BULK),
        ("Precedence: list", Hints::LIST),
        ("List-Unsubscribe: <mailto:x@example.com>", Hints::BULK),
        (
            "List-Unsubscribe: <mailto:x@example.com>\nList-Post: NO\nList-Id: <n.example.com>",
            Hints::BULK | Hints::LIST,
        ),
        ("List-Unsubscribe: <mailto:x@example.com>\nList-Post: <mailto:l@example.com>", Hints::LIST),
        ("Precedence: bulk\nX-Mailing-List: l@example.com", Hints::LIST),
        ("X-Campaign-Id: 12", Hints::BULK),
        ("Feedback-ID: a:b:c:acmemail", Hints::BULK),
        ("Feedback-ID: 1.eu-west-1.xyz=:AmazonSES", Hints::empty()),
        ("Content-Type: text/calendar; method=REQUEST", Hints::CALENDAR),
        ("Subject: Invitation: Call @ Tue 1 Mar 2024", Hints::CALENDAR),
        ("Content-Type: multipart/encrypted; boundary=x", Hints::ENCRYPTED),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data", Hints::ENCRYPTED),
        ("Content-Type: application/pkcs7-mime; smime-type=signed-data", Hints::empty()),
        ("X-Spam-Flag: YES", Hints::SPAM),
        ("X-Spam-Status: No, score=1", Hints::empty()),
        ("X-Gmail-Labels: Spam,Unread", Hints::SPAM),
        ("X-Gmail-Labels: =?UTF-8?Q?Gesendet,Ge=C3=B6ffnet?=", Hints::SENT),
        ("X-Mozilla-Status: 0009", Hints::TRASH),
        ("X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00200000", Hints::TRASH),
        ("X-Mozilla-Draft-Info: internal/draft; vcard=0", Hints::DRAFT),
        ("X-Status: T", Hints::DRAFT),
        ("X-Uniform-Type-Identifier: com.apple.mail-draft", Hints::DRAFT),
        ("X-Unsent: 1", Hints::DRAFT),
        ("X-MS-Exchange-Organization-SCL: 6", Hints::SPAM),
        ("X-MS-Exchange-Organization-SCL: -1", Hints::empty()),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", Hints::AUTO),
        ("X-GM-Labels: Trash", Hints::TRASH),
    ] {
        assert_eq!(kind(head), want, "{head}");
    }
    let mut reader = HeadReader::default();
    let daemon = b"From: Mail Delivery System <MAILER-DAEMON@example.com>\n\n";
    assert!(reader.read(daemon, &Place::default()).envelope().hints.contains(Hints::BOUNCE));
    let place = Place { folder: "Junk", draft: true, trashed: true, ..Place::default() };
    let hints = reader.read(b"From: a@example.com\n\n", &place).envelope().hints;
    assert!(hints.contains(Hints::SPAM | Hints::DRAFT | Hints::TRASH));
    let hints = reader.read(b"Hello there\n", &Place::default()).envelope().hints;
    assert!(hints.contains(Hints::NO_HEADER | Hints::DEFECT | Hints::DATE_MISSING));
}

#[test]
fn a_reader_keeps_nothing_of_the_message_before() {
    let mut reader = HeadReader::default();
    let full = b"From: A <a@example.com>\nTo: b@example.com\nSubject: x\nReferences: <r@example.com>\n\
        Thread-Index: Ac0000000000000000000000000000000000\nMessage-ID: <m@example.com>\n\n";
    reader.read(full, &Place::default());
    let head = reader.read(b"X: y\n\n", &Place::default());
    let e = head.envelope();
    assert_eq!((e.from, e.from_name, e.subject, e.id), ("", "", "", 0));
    assert!(e.recipients.is_empty() && e.references.is_empty() && e.thread_index.is_empty());
}

#[test]
fn old_macs_end_lines_their_own_way() {
    let message = "From: a@example.com\rSubject: x\rMessage-ID: <m@example.com>\r\rbody\r";
    with(message, |e| {
        assert_eq!((e.from, e.subject), ("a@example.com", "x"));
        let (at, len) = (e.id_at.0 as usize, usize::from(e.id_at.1));
        assert_eq!(&message[at..at + len], "<m@example.com>");
    });
}
