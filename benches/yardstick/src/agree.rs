//! Whether our reading of a message and mail-parser's agree, message by message, and where they do not, why.
//!
//! Compared are what an example is made of: subject, Message-ID, date, author's address, and the text (words
//! alone: both keep white space as it is sent, but for `format=flowed`, which only we unwrap). mailparse is asked for
//! a second opinion on what differs. A difference is filed under the first of these reasons that applies:
//!
//! | reason | whose deed |
//! |---|---|
//! | `list or form` | we undo what a list or a contact form did to From |
//! | `date bounded` | the Date is missing, impossible or after its delivery; we take Received's or the separator's |
//! | `date read` | one of the two cannot read the Date at all |
//! | `id or none` | a Message-ID without brackets, with spaces or comments in it, or given twice |
//! | `raw bytes` | bytes beyond ASCII without encoding, or under a label that lies: we read UTF-8, else windows-1252 |
//! | `several texts` | we join the texts of several parts, as HTML where one of them has no plain form |
//! | `stub` | the plain text only says "see the HTML", or is empty: we take the HTML |
//! | `attachment` | one takes for a file that was sent along what the other takes for text |
//! | `cleaned` | control characters, uuencoded blocks and the commands of text/enriched, which we take out |
//! | `with mailparse` | mailparse agrees with us |
//! | `alone` | nobody agrees with us: to be looked at |

use std::collections::BTreeMap;
use std::path::PathBuf;

use mail_parser::{Message, MessageParser};
use threadfold_archive::{Archive, Found, Options, unescape};
use threadfold_message::{Body, BodyReader, Choice, HeadReader, Place, id_hash};

#[derive(Default)]
struct Tally {
    messages: u64,
    same: BTreeMap<&'static str, u64>,
    differ: BTreeMap<(&'static str, &'static str), Vec<String>>,
}

impl Tally {
    fn note(
        &mut self,
        what: &'static str,
        ours: &str,
        theirs: &str,
        place: &str,
        why: impl FnOnce() -> &'static str,
    ) {
        if ours == theirs {
            *self.same.entry(what).or_default() += 1;
            return;
        }
        let at = ours.bytes().zip(theirs.bytes()).take_while(|(a, b)| a == b).count();
        let cut = |text: &str| {
            let from = text.floor_char_boundary(at.saturating_sub(20));
            text[from..text.floor_char_boundary(at + 60)].to_owned()
        };
        let shown = format!("{place}: ours {:?}, theirs {:?}", cut(ours), cut(theirs));
        self.differ.entry((what, why())).or_default().push(shown);
    }
}

/// Compares and prints; `shown` examples of each kind of difference.
pub(crate) fn run(paths: &[PathBuf], shown: usize) {
    let archive = Archive::open(paths, &Options::default()).unwrap_or_else(|e| panic!("{e}"));
    let parser = MessageParser::default();
    let (mut heads, mut bodies) = (HeadReader::default(), BodyReader::default());
    let mut tally = Tally::default();
    for unit in archive.units(16 << 20) {
        archive.scan(&unit, &mut |found| {
            let Found::Message(raw) = found else { return };
            let bytes = unescape(raw.bytes, raw.escape);
            let name = &archive.sources()[raw.locator.source.0 as usize].name;
            let place = raw.locator.text(name);
            let Some(theirs) = parser.parse(&bytes) else { return };
            tally.messages += 1;
            compare(&mut tally, &mut heads, &mut bodies, raw.separator, &bytes, &theirs, &place);
        });
    }
    println!("{} messages", tally.messages);
    for what in ["subject", "id", "date", "author", "text"] {
        let same = tally.same.get(what).copied().unwrap_or(0);
        println!("{what:<8} {same:>9} the same");
        for ((_, why), list) in tally.differ.iter().filter(|(key, _)| key.0 == what) {
            println!("{:<8} {:>9} {why}", "", list.len());
            list.iter().take(shown).for_each(|line| println!("             {line}"));
        }
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters and digits: what unwrapping and quote marks leave alone.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn compare(
    tally: &mut Tally,
    heads: &mut HeadReader,
    bodies: &mut BodyReader,
    separator: Option<&[u8]>,
    bytes: &[u8],
    theirs: &Message<'_>,
    place: &str,
) {
    let head = heads.read(bytes, &Place { separator, ..Place::default() });
    let e = head.envelope();
    let second = mailparse::parse_mail(bytes).ok();
    let header = |name: &str| {
        let headers = &second.as_ref()?.headers;
        headers.iter().find(|h| h.get_key_ref().eq_ignore_ascii_case(name)).map(|h| h.get_value())
    };
    let top = &bytes[..memchr::memmem::find(bytes, b"\n\n").unwrap_or(bytes.len())];
    let raw_head = !top.is_ascii();

    let subject = words(e.subject);
    tally.note("subject", &subject, &words(theirs.subject().unwrap_or("")), place, || {
        match header("Subject") {
            Some(other) if words(&other) == subject => "with mailparse",
            _ if raw_head => "raw bytes",
            _ => "alone",
        }
    });
    let id = theirs.message_id().map_or(0, |id| id_hash(id.as_bytes()));
    tally.note("id", &format!("{:x}", e.id), &format!("{id:x}"), place, || match header("Message-ID") {
        Some(other) if id_hash(other.trim().trim_matches(['<', '>']).as_bytes()) == e.id => "with mailparse",
        Some(other) if other.matches('<').count() != 1 || other.contains([' ', '(']) => "id or none",
        None => "id or none",
        _ => "alone",
    });
    let date = theirs.date().map_or(0, |d| d.to_timestamp());
    let guessed = e.hints.contains(threadfold_core::Hints::DATE_GUESSED);
    tally.note("date", &e.date.to_string(), &date.to_string(), place, || {
        match header("Date").map(|d| mailparse::dateparse(&d)) {
            Some(Ok(other)) if other == e.date => "with mailparse",
            _ if guessed => "date bounded",
            None | Some(Err(_)) => "date read",
            _ => "alone",
        }
    });
    let from = theirs.from().and_then(|f| f.iter().find_map(|a| a.address())).unwrap_or("").to_lowercase();
    tally.note("author", e.from, &from, place, || {
        let listed = ["List-Id", "List-Post", "Reply-To", "X-Original-From", "X-BeenThere", "Sender"];
        match header("From").and_then(|f| mailparse::addrparse(&f).ok()?.extract_single_info()) {
            Some(other) if other.addr.to_lowercase() == e.from => "with mailparse",
            _ if listed.iter().any(|name| header(name).is_some()) => "list or form",
            _ if raw_head => "raw bytes",
            _ => "alone",
        }
    });
    let body = bodies.read(bytes);
    text(tally, &body, bytes, theirs, second.as_ref(), place);
}

fn text(
    tally: &mut Tally,
    body: &Body,
    bytes: &[u8],
    theirs: &Message<'_>,
    second: Option<&mailparse::ParsedMail<'_>>,
    place: &str,
) {
    let html = body.choice == Choice::Html;
    let ours = if html { body.html.as_deref() } else { body.plain.as_deref() }.unwrap_or("");
    let plain = theirs.text_part(0).filter(|p| !p.is_text_html()).and_then(|p| p.text_contents());
    let rich = || theirs.html_part(0).and_then(|p| p.text_contents());
    let other = if html { rich().or(plain) } else { plain.or_else(rich) }.unwrap_or("");
    let same_letters = || body.flowed && letters(ours) == letters(other);
    let (mine, yours) = (words(ours), words(other));
    // We join the texts of several parts.
    let all = || {
        let parts = theirs.text_bodies().filter(|p| html || !p.is_text_html());
        parts.filter_map(|p| p.text_contents()).map(words).collect::<Vec<_>>().join(" ")
    };
    if mine == yours || same_letters() || mine == all() {
        return tally.note("text", "", "", place, || "");
    }
    tally.note("text", &mine, &yours, place, || {
        let mut leaves = Vec::new();
        if let Some(second) = second {
            texts(second, &mut leaves);
        }
        let damaged = body.damaged || !body.defects.is_empty();
        if leaves.contains(&mine) {
            "with mailparse"
        } else if theirs.text_bodies().count() > 1 && mine.len() > yours.len() {
            "several texts"
        } else if html && plain.is_some_and(|p| p.len() < 600) {
            "stub"
        } else if mine.is_empty() || yours.is_empty() {
            "attachment"
        } else if damaged || !bytes.is_ascii() {
            "raw bytes"
        } else if letters(ours) == letters(other)
            || memchr::memmem::find(bytes, b"\nbegin 6").is_some()
            || memchr::memmem::find(bytes, b"enriched").is_some()
        {
            "cleaned"
        } else {
            "alone"
        }
    });
}

fn texts(part: &mailparse::ParsedMail<'_>, found: &mut Vec<String>) {
    if part.subparts.is_empty() && part.ctype.mimetype.starts_with("text/") {
        found.extend(part.get_body().ok().map(|text| words(&text)));
    }
    part.subparts.iter().for_each(|part| texts(part, found));
}
