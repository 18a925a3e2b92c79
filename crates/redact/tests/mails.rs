//! Marked mails: what is marked goes, everything else stays.

use threadfold_redact::{Options, Person, Redactor, Side, Type};

struct Mail {
    title: String,
    people: Vec<(String, String, Side)>,
    side: Side,
    text: String,
    marks: Vec<(usize, usize, Type)>,
}

fn mails(file: &str) -> Vec<Mail> {
    let mut mails: Vec<Mail> = Vec::new();
    for block in file.split("\n\n# ").skip(1) {
        let mut lines = block.lines();
        let title = lines.next().unwrap_or("").to_owned();
        let mut people = Vec::new();
        let mut side = None;
        for line in lines.by_ref() {
            let (who, rest) = line.split_at(2.min(line.len()));
            match who {
                "< " | "> " => {
                    let (name, email) = rest.rsplit_once(" <").expect("a person has an address");
                    let role = if who == "< " { Side::Customer } else { Side::Agent };
                    people.push((name.to_owned(), email.trim_end_matches('>').to_owned(), role));
                }
                _ => {
                    side = Some(match line {
                        "by customer" => Side::Customer,
                        "by agent" => Side::Agent,
                        other => panic!("{title}: who wrote it? {other:?}"),
                    });
                    break;
                }
            }
        }
        let marked = lines.collect::<Vec<_>>().join("\n");
        let (mut text, mut marks) = (String::new(), Vec::new());
        let mut rest = marked.trim_end();
        while let Some(open) = rest.find('«') {
            let close = open + rest[open..].find('»').expect("a mark is closed");
            let (kind, value) =
                rest[open + '«'.len_utf8()..close].split_once(':').expect("a mark has a type");
            text.push_str(&rest[..open]);
            let start = text.len();
            text.push_str(value);
            marks.push((start, text.len(), Type::from_label(kind).expect("a known type")));
            rest = &rest[close + '»'.len_utf8()..];
        }
        text.push_str(rest);
        mails.push(Mail { title, people, side: side.expect("someone wrote it"), text, marks });
    }
    mails
}

#[test]
fn what_is_marked_goes_and_the_rest_stays() {
    check(include_str!("mails.txt"));
}

#[test]
fn values_over_line_ends_and_in_other_scripts_go_too() {
    check(include_str!("kinds.txt"));
}

fn check(file: &str) {
    let redactor = Redactor::new(Options::default());
    let mut wrong = Vec::new();
    for mail in mails(file) {
        let people: Vec<Person<'_>> =
            mail.people.iter().map(|(name, email, side)| Person { name, email, side: *side }).collect();
        let mut thread = redactor.thread(&people);
        thread.learn(&mail.text, mail.side);
        let out = thread.redact(&mail.text, mail.side);
        let letter = |at: &usize| mail.text[*at..].chars().next().is_some_and(char::is_alphanumeric);
        let inside =
            |start: usize, end: usize| (start..end).filter(|i| mail.text.is_char_boundary(*i)).filter(letter);
        for (start, end, kind) in &mail.marks {
            let covered = inside(*start, *end).all(|i| out.spans.iter().any(|s| s.start <= i && i < s.end));
            let typed = out.spans.iter().any(|s| s.start < *end && *start < s.end && s.kind == *kind);
            if !covered || !typed {
                let found: Vec<_> = out
                    .spans
                    .iter()
                    .filter(|s| s.start < *end && *start < s.end)
                    .map(|s| (s.kind, &mail.text[s.start..s.end]))
                    .collect();
                wrong.push(format!(
                    "{}: {kind:?} {:?} became {found:?}",
                    mail.title,
                    &mail.text[*start..*end]
                ));
            }
        }
        for span in &out.spans {
            let stray =
                inside(span.start, span.end).any(|i| !mail.marks.iter().any(|(s, e, _)| *s <= i && i < *e));
            if stray {
                wrong.push(format!(
                    "{}: took {:?} {:?}",
                    mail.title,
                    span.kind,
                    &mail.text[span.start..span.end]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
