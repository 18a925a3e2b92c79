//! Mailboxes written here, in three dialects: exactly the messages that were written come back.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use threadfold_archive::{Archive, Found, Options, unescape};

#[derive(Arbitrary, Debug, Clone, Copy, PartialEq)]
enum Dialect {
    Mboxrd,
    Mboxo,
    ByLength,
}

#[derive(Arbitrary, Debug)]
enum Line {
    Word(u8),
    Empty,
    /// What would part two messages, were it not escaped.
    Separator,
    Quoted(u8),
    Prose,
    /// A field, as in a message that somebody pasted.
    Field,
    Ctrl,
}

#[derive(Arbitrary, Debug)]
struct Mail {
    subject: u8,
    folded: bool,
    /// The body is one part of a multipart, its end marked.
    parted: bool,
    lines: Vec<Line>,
}

#[derive(Arbitrary, Debug)]
struct Mailbox {
    dialect: Dialect,
    crlf: bool,
    mails: Vec<Mail>,
    unit: u8,
}

const SEPARATOR: &str = "From ada@example.com Mon Jan  1 10:00:00 2024";

fn body(mail: &Mail, number: usize) -> Vec<String> {
    let mut lines: Vec<String> = mail
        .lines
        .iter()
        .map(|line| match line {
            Line::Word(n) => format!("word {n}"),
            Line::Empty => String::new(),
            Line::Separator => SEPARATOR.to_owned(),
            Line::Quoted(n) => format!("{}From now on", ">".repeat(usize::from(n % 4))),
            Line::Prose => "From here on it is easy".to_owned(),
            Line::Field => "Subject: pasted".to_owned(),
            Line::Ctrl => "\x01\x01\x01".to_owned(),
        })
        .collect();
    if mail.parted {
        lines.insert(0, format!("--part{number}"));
        lines.insert(1, String::new());
        lines.push(format!("--part{number}--"));
    }
    lines.push("end".to_owned());
    lines
}

fuzz_target!(|mailbox: Mailbox| {
    let end = if mailbox.crlf { "\r\n" } else { "\n" };
    let (mut file, mut stored, mut written) = (String::new(), Vec::new(), Vec::new());
    for (number, mail) in mailbox.mails.iter().enumerate() {
        let lines = body(mail, number);
        let escaped: Vec<String> = lines
            .iter()
            .map(|line| {
                let bare = line.trim_start_matches('>').starts_with("From ");
                let escape = match mailbox.dialect {
                    Dialect::Mboxrd => bare,
                    Dialect::Mboxo => line.starts_with("From "),
                    Dialect::ByLength => false,
                };
                if escape { format!(">{line}") } else { line.clone() }
            })
            .collect();
        let mut head = vec!["From: ada@example.com".to_owned(), format!("Subject: mail {}", mail.subject)];
        if mail.folded {
            head.push("\tFrom here on folded".to_owned());
        }
        if mail.parted {
            head.push(format!("Content-Type: multipart/mixed; boundary=part{number}"));
        }
        let text = |lines: &[String]| lines.iter().map(|line| format!("{line}{end}")).collect::<String>();
        if mailbox.dialect == Dialect::ByLength {
            head.push(format!("Content-Length: {}", text(&escaped).len()));
        }
        let head = text(&head) + end;
        file += &format!("{SEPARATOR}{end}{head}{}{end}", text(&escaped));
        stored.push(head.clone() + &text(&escaped));
        written.push(head + &text(&lines));
    }
    if written.is_empty() {
        return;
    }
    let options = Options { temp_dir: Some("/dev/shm".into()), ..Options::default() };
    let archive = Archive::open_with(&["-".into()], &options, &mut file.as_bytes()).expect("it is an mbox");
    let mut found = Vec::new();
    let mut whole = Vec::new();
    for unit in archive.units(1 + u64::from(mailbox.unit) * 8) {
        archive.scan(&unit, &mut |f| {
            if let Found::Message(raw) = f {
                found.push(String::from_utf8_lossy(raw.bytes).into_owned());
                whole.push(String::from_utf8_lossy(&unescape(raw.bytes, raw.escape)).into_owned());
            }
        });
    }
    assert_eq!(found, stored, "{:?}", archive.sources()[0].kind);
    let bare = |mail: &Mail| mail.lines.iter().any(|l| matches!(l, Line::Separator | Line::Prose));
    // Without a line that should have been escaped and was not, nothing tells that none was.
    if mailbox.dialect == Dialect::ByLength && mailbox.mails.iter().any(bare) {
        assert_eq!(whole, written, "nothing was escaped");
    }
});
