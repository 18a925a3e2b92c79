//! Redaction and its audit: any turns between known people.
//!
//! Spans stand in order, within the text and apart; what stands outside them is untouched; the same text gives
//! the same answer; what was redacted is redacted; the audit finds nothing in what was redacted, whether it
//! reads in one go or in chunks.
//!
//! The first byte chooses sides and people; lines of `%%` part the turns.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use threadfold_fuzz::{line, mutate, texts};
use threadfold_redact::{Audit, Keep, KeepFacts, Options, Person, Redacted, Redactor, Side, Turn, Type};

const PIECES: &[&str] = &[
    "%%\n",
    "Hi Marta,\n",
    "Dear Ms. Lindqvist,\n",
    "Thanks,\nMark E.\n",
    "my order HP-204418 ",
    "order no. 4711, 4712 and 4713 ",
    "call +1 (503) 555-0142 ext. 4 ",
    "Tel.: 0049-30-5550142 ",
    "card 4111 1111 1111 1111 exp 09/28 cvv 123. ",
    "IBAN GB29 NWBK 6016 1331 9268 19 ",
    "marta%40example.com and a\u{200b}b@example.org ",
    "marta.lindqvist@example.com ",
    "m a r t a (at) example (dot) com ",
    "https://x.example/reset?token=abc12345&n=1 ",
    "http://user:pass@x.example/ ",
    "192.0.2.17 2001:db8::1 ",
    "77 Quarry Lane, Bend, OR 97702\n",
    "Ahornweg 27, 12349 Berlin ",
    "12 rue des Lilas\n75011 Paris\n",
    "password: hunter2! ",
    "[EMAIL_1] ",
    "[CUSTOMER_NAME_1] ",
    "[NAME_1]",
    "born on 2 March 1987 ",
    "1Z 999 AA1 01 2345 6784 ",
    "Kennzeichen B-MW 1234 ",
    "SSN 078-05-1120 ",
    "my wife Keziah ",
    "张伟 ",
    "山田太郎様 ",
    "Иван Петров ",
    "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln ",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc ",
    "𝍠𫖀-𑯰 ",
    "👩‍👩‍👧 ",
    "\u{301}",
    "\u{202e}",
    "\n\n",
    " ",
    ". ",
    "@",
    "-",
    "0",
    "Marta",
    "marta",
    "MARTA'S ",
    "Lindqvist ",
    "Mark ",
    "&lt;marta@example.com&gt; ",
    "=C3=A9=\n",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, |b| line(b) || b == b' ', PIECES)
});

const PEOPLE: [Person<'static>; 4] = [
    Person { name: "Marta Lindqvist", email: "marta.lindqvist@example.com", side: Side::Customer },
    Person { name: "Mark Eberle", email: "support@harbor.example", side: Side::Agent },
    Person { name: "Zoë O'Neill-Braun", email: "zoe@example.org", side: Side::Customer },
    Person { name: "张伟", email: "", side: Side::Customer },
];

fn redact_all(redactor: &Redactor, people: &[Person<'_>], turns: &[(String, Side)]) -> Vec<Redacted> {
    let mut thread = redactor.thread(people);
    turns.iter().for_each(|(text, side)| thread.learn(text, *side));
    turns.iter().map(|(text, side)| thread.redact(text, *side)).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some((&flags, rest)) = data.split_first() else { return };
    let side = |i: usize| if flags >> (i % 3) & 1 == 1 { Side::Agent } else { Side::Customer };
    let turns: Vec<(String, Side)> = texts(&String::from_utf8_lossy(rest))
        .into_iter()
        .take(6)
        .enumerate()
        .map(|(i, text)| (text, side(i)))
        .collect();
    let people = &PEOPLE[..usize::from(flags >> 3 & 3) + usize::from(flags >> 5 & 1)];
    // As the pipeline does it: what the business tells everybody and what is somebody's are learned first.
    let mut given = Keep::default();
    if flags & 64 != 0 {
        given.add(Type::Phone, "+1 503 555 0142");
        given.add_domain("harbor.example");
    }
    let mut facts = KeepFacts::new(&["harbor.example"]).threshold(1 + u32::from(flags & 128 != 0));
    let told: Vec<Turn<'_>> = turns.iter().map(|(text, side)| (*side, text.as_str())).collect();
    facts.feed(people, &told);
    let (keep, known) = facts.finish_with(&given);
    let mut audit = known.audit();
    keep.list().iter().for_each(|kept| audit.except(&kept.literal));
    let (keep, known) = (keep.into(), known.into());
    let options = Options { keep, known, audit: Some(audit.clone().into()), ..Options::default() };
    let redactor = Redactor::new(options);
    let done = redact_all(&redactor, people, &turns);
    assert_eq!(redact_all(&redactor, people, &turns), done, "the same text, the same answer");
    let mut values = Audit::default();
    for ((text, _), out) in turns.iter().zip(&done) {
        let (mut rebuilt, mut at) = (String::new(), 0);
        for span in &out.spans {
            assert!(at <= span.start && span.start < span.end && span.end <= text.len(), "{span:?}");
            rebuilt.push_str(&text[at..span.start]);
            rebuilt.push_str(&span.placeholder);
            at = span.end;
        }
        rebuilt.push_str(&text[at..]);
        assert_eq!(rebuilt, out.text);
        values.add_redacted(text, out);
        let bytes = out.text.as_bytes();
        let leaks = audit.scan(bytes);
        assert!(leaks.is_empty(), "{leaks:?} in {:?}", out.text);
    }
    for audit in [audit, values] {
        let leaks = audit.scan(rest);
        let mut scanner = audit.scanner();
        rest.chunks(1 + rest.len() / 5).for_each(|chunk| scanner.push(chunk));
        assert_eq!(scanner.finish(), leaks, "in chunks");
        assert!(leaks.iter().all(|leak| leak.len > 0 && (leak.offset + leak.len) as usize <= rest.len()));
    }
    let again: Vec<(String, Side)> =
        done.iter().zip(&turns).map(|(out, (_, side))| (out.text.clone(), *side)).collect();
    // Names are told by what stands around them, which redaction changes: a second look may take more, but no
    // placeholder of the first.
    for (once, twice) in again.iter().zip(redact_all(&redactor, people, &again)) {
        let kept = placeholders(&twice.text);
        let mut at = kept.iter();
        assert!(
            placeholders(&once.0).iter().all(|one| at.any(|two| two == one)),
            "redacted twice: {:?} became {:?}",
            once.0,
            twice.text
        );
    }
});

fn placeholders(text: &str) -> Vec<&str> {
    let pieces = text.split('[').skip(1).filter_map(|piece| piece.split_once(']')).map(|(inside, _)| inside);
    pieces.filter(|inside| inside.ends_with(|c: char| c.is_ascii_digit()) && inside.contains('_')).collect()
}
