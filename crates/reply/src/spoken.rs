//! Words said to somebody, told from the names, titles and addresses of a signature.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::footers::{begins_footer, legal};
use crate::looks::{bare, closing, closing_row};
use crate::phrases::phrases;
use threadfold_core::eight::{eight, in_small};

/// What a word is found among: a set of flags.
type Uses = u8;
/// Pronouns, verbs and the like.
const SAID: Uses = 1;
/// By which one speaks of oneself.
const FIRST: Uses = 2;
/// What a sentence may begin with.
const STARTS: Uses = 4;
/// What businesses ask for: "order", before its number.
const ASKED: Uses = 8;
/// What leaves a sentence open: "to".
const OPEN: Uses = 16;
/// What excuses a phone's owner: "typos".
const EXCUSE: Uses = 32;

/// The lists of words. Most words of a text are in none of them, and short.
struct Vocabulary {
    words: FxHashMap<&'static [u8], Uses>,
    /// Those of at most eight bytes, as numbers, each near the place that its hash gives it.
    short: Vec<(u64, Uses)>,
    /// By a word's first byte: the lengths that listed words have, as bits.
    lengths: [u64; 256],
}

/// Places for short words; a power of two, and several times as many as there are.
const PLACES: usize = 4096;

fn place(number: u64) -> usize {
    (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52) as usize
}

/// A word of at most eight bytes as one number, in small letters.
#[inline]
fn number(word: &[u8]) -> u64 {
    in_small(eight(word))
}

impl Vocabulary {
    fn of(words: FxHashMap<&'static [u8], Uses>) -> Self {
        let mut lengths = [0; 256];
        let mut short = vec![(0, 0); PLACES];
        for (word, uses) in &words {
            let Some(first) = word.first() else { continue };
            lengths[usize::from(*first)] |= 1_u64 << word.len().min(63);
            if word.len() <= 8 {
                let mut at = place(number(word));
                while short[at].0 != 0 {
                    at = (at + 1) % PLACES;
                }
                short[at] = (number(word), *uses);
            }
        }
        Self { words, short, lengths }
    }

    /// What a word in small letters of ASCII, or in capitals, is found among.
    fn uses(&self, word: &[u8]) -> Uses {
        let Some(first) = word.first() else { return 0 };
        if self.lengths[usize::from(first.to_ascii_lowercase())] >> word.len().min(63) & 1 == 0 {
            return 0;
        }
        if word.len() <= 8 {
            let number = number(word);
            let mut at = place(number);
            while self.short[at].0 != 0 {
                if self.short[at].0 == number {
                    return self.short[at].1;
                }
                at = (at + 1) % PLACES;
            }
            return 0;
        }
        let mut lower = [0_u8; LONGEST];
        let Some(lower) = lower.get_mut(..word.len()) else { return 0 };
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        self.words.get(&*lower).copied().unwrap_or(0)
    }
}

fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(|| {
        let mut all: FxHashMap<&'static [u8], Uses> = FxHashMap::default();
        let lines = |text: &'static str| text.lines().filter(|line| !line.starts_with('#'));
        for line in lines(include_str!("../phrases/spoken.txt")) {
            let mut columns = line.split('\t');
            let (Some(name), Some(_), Some(list)) = (columns.next(), columns.next(), columns.next()) else {
                continue;
            };
            let uses = match name {
                "said" => SAID,
                "first" => FIRST,
                "starts" => STARTS,
                "asked" => ASKED,
                _ => OPEN,
            };
            list.split(" | ").for_each(|word| *all.entry(word.trim().as_bytes()).or_default() |= uses);
        }
        for line in lines(include_str!("../phrases/excuses.txt")) {
            line.split(" | ").for_each(|word| *all.entry(word.trim().as_bytes()).or_default() |= EXCUSE);
        }
        Vocabulary::of(all)
    })
}

/// No word of the lists is longer, in bytes.
const LONGEST: usize = 40;

/// What a word is found among, whatever its case and the marks around it.
fn uses(word: &str) -> Uses {
    let bytes = word.as_bytes();
    if word.is_ascii() {
        if let [first, .., last] = bytes
            && first.is_ascii_alphanumeric()
            && last.is_ascii_alphanumeric()
        {
            return vocabulary().uses(bytes);
        }
        let from = bytes.iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        let after = bytes[from..].iter().rev().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        return vocabulary().uses(&bytes[from..bytes.len() - after]);
    }
    let mut lower = [0_u8; LONGEST];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let mut length = 0;
    for c in word.chars().map(|c| if c == '\u{2019}' { '\'' } else { c }).flat_map(char::to_lowercase) {
        let Some(room) = lower.get_mut(length..length + c.len_utf8()) else { return 0 };
        c.encode_utf8(room);
        length += c.len_utf8();
    }
    vocabulary().uses(&lower[..length])
}

/// What may stand between "order" and its number.
fn is_counter(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    const COUNTERS: [&str; 23] = [
        "no",
        "nr",
        "num",
        "nº",
        "number",
        "nummer",
        "numer",
        "numéro",
        "numero",
        "número",
        "n",
        "id",
        "code",
        "date",
        "address",
        "adresse",
        "name",
        "status",
        "de",
        "del",
        "du",
        "номер",
        "szám",
    ];
    bare.is_empty() || COUNTERS.iter().any(|counter| bare.eq_ignore_ascii_case(counter))
}

/// The words of a text, as white space parts them.
#[derive(Clone)]
struct Words<'t>(&'t str);

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let bytes = self.0.as_bytes();
        // Where white space begins at or behind a place, and how long it is.
        let gap = |from: usize| {
            let mut at = from;
            loop {
                match bytes.get(at) {
                    None => return (at, 0),
                    Some(b' ' | 9..=13) => return (at, 1),
                    Some(0xC2 | 0xE1 | 0xE2 | 0xE3) => {
                        let c = self.0[at..].chars().next().filter(|c| c.is_whitespace());
                        if let Some(c) = c {
                            return (at, c.len_utf8());
                        }
                    }
                    Some(_) => {}
                }
                at += 1;
            }
        };
        let mut start = 0;
        loop {
            let (end, length) = gap(start);
            if end > start {
                let word = &self.0[start..end];
                self.0 = &self.0[end + length..];
                return Some(word);
            }
            if length == 0 {
                self.0 = "";
                return None;
            }
            start = end + length;
        }
    }
}

/// "Order no. 4711", "Colour: blue": what was asked for, or would be.
fn answers_a_question(text: &str) -> bool {
    let mut words = Words(text).take(8);
    for _ in 0..3 {
        let Some(word) = words.next() else { return false };
        if uses(word) & ASKED == 0 {
            continue;
        }
        if word.ends_with([':', '\u{ff1a}']) {
            return true;
        }
        let mut after = words.clone();
        // "Customer service: +1 212 555 0100" is none.
        for _ in 0..3 {
            let Some(next) = after.next() else { return false };
            if next.bytes().any(|byte| byte.is_ascii_digit()) {
                return true;
            }
            if !is_counter(next) {
                return false;
            }
            if next.ends_with([':', '\u{ff1a}']) {
                return after.next().is_some();
            }
        }
        return false;
    }
    false
}

/// Whether a row is said to somebody: a question, what was asked for, a sentence. Mottoes in quotation marks, closing
/// words and legal text are not. Whether it holds a digit or a colon, and whether it `may_be_notice`, is asked before
/// the words are looked up that need those.
pub(crate) fn is_said(
    text: &str,
    may_answer: impl FnOnce() -> bool,
    may_be_notice: impl FnOnce() -> bool,
) -> bool {
    let quoted = text.starts_with(['"', '\u{201c}', '\u{201e}', '\u{ab}', '\u{2018}']);
    let text = bare(text);
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let Some(last) = text.chars().next_back() else { return false };
    // "https://example.com/?" asks nothing.
    if matches!(last, '?' | '\u{ff1f}' | '\u{61f}') {
        return !text.contains("://");
    }
    if phrases().is_postscript(text) {
        return true;
    }
    if matches!(last, '\u{3002}' | '\u{ff01}') {
        return text.chars().count() >= 6 && closing(text).is_none();
    }
    let Some((first, rest)) = text.split_once([' ', '\t', '\u{a0}']) else { return false };
    // "[1] https://example.com/": what the text refers to.
    let note = first.strip_prefix('[').and_then(|first| first.trim_end_matches(':').strip_suffix(']'));
    if note.is_some_and(|note| {
        note.len() <= 3 && note.bytes().all(|byte| byte.is_ascii_digit()) && !note.is_empty()
    }) {
        return true;
    }
    let starts = uses(first) & STARTS != 0;
    let labels = starts && first.chars().nth(1).is_some();
    // "New address: 12 Example Street"
    if labels && (text.ends_with(':') || rest.contains(": ")) {
        return true;
    }
    if may_answer() && answers_a_question(text) {
        return true;
    }
    if quoted {
        return false;
    }
    let (mut count, mut small, mut said) = (1, 0, usize::from(starts));
    for word in Words(rest) {
        count += 1;
        // "Will" and "May" are names too.
        let first = word.as_bytes()[0];
        if first.is_ascii_lowercase() || first >= 0x80 && word.starts_with(char::is_lowercase) {
            small += 1;
            said += usize::from(uses(word) & (SAID | FIRST) != 0);
        } else {
            said += usize::from(word == "I" || word == "I'm");
        }
        if said >= 2 && count >= 3 {
            break;
        }
    }
    if count < 3 {
        return false;
    }
    let reached = || text.contains('@') || text.contains("www.") || text.contains("://");
    let ends = last == '!' || last == '\u{2026}' || last == '.' && !ends_in_abbreviation(text);
    let speech = said >= 2 || ends && (said >= 1 || count >= 4 && small * 2 + 1 >= count) && !reached();
    speech && closing_row(text).is_none() && !(may_be_notice() && is_notice(text))
}

/// "Example Ltd.", "Example St."
fn ends_in_abbreviation(text: &str) -> bool {
    let word = text.rsplit([' ', '.']).find(|part| !part.is_empty()).unwrap_or("");
    word.chars().count() <= 3 && !word.starts_with(char::is_lowercase)
}

/// Legal text, or what a list adds.
fn is_notice(text: &str) -> bool {
    let legal = legal(text);
    legal.opening || legal.parts >= 2 || begins_footer(text)
}

/// Whether somebody speaks of himself: "please unsubscribe me".
pub(crate) fn speaks_of_self(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        (word.starts_with(char::is_lowercase) || word.starts_with("I")) && uses(word) & FIRST != 0
    })
}

/// Whether a row's sentence goes on in the rows below: "please ship it to".
pub(crate) fn leaves_open(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let last = words.next_back().unwrap_or("");
    last.ends_with(char::is_alphanumeric) && words.next().is_some() && uses(last) & OPEN != 0
}

/// Whether a line goes on, behind its device, as a sentence does: not as a mail program's line, whose owner may at
/// most ask to be excused.
pub(crate) fn goes_on(rest: &str) -> bool {
    let (mut small, mut said, mut excused) = (0, false, false);
    for word in rest.split_whitespace().filter(|word| word.starts_with(char::is_lowercase)) {
        small += 1;
        let uses = uses(word);
        said |= uses & (SAID | FIRST) != 0;
        excused |= uses & EXCUSE != 0;
    }
    rest.ends_with('?') || rest.contains("? ") || small >= 3 && said && !excused
}

#[cfg(test)]
mod tests {
    use super::{goes_on, is_said, leaves_open, speaks_of_self};

    #[test]
    fn what_is_said() {
        for text in [
            "Order no. 12345",
            "My order number: A-4711",
            "Bestellnummer 4711",
            "Ticket #8812",
            "Colour: blue",
            "Please reply before Friday!",
            "It is urgent",
            "Call me first",
            "New address: 12 Example Street",
            "Oh, and the box was damaged too.",
            "When will it arrive?",
            "いつ届きますか？",
            "Proszę o szybką odpowiedź!",
            "PS: the red one",
            "Es eilt sehr.",
            "Please block this sender.",
            "[1] https://example.com/kettle",
        ] {
            assert!(is_said(text, || true, || true), "{text}");
        }
    }

    #[test]
    fn what_stands_in_signatures() {
        for text in [
            "Ann Lee",
            "Will J. Smith",
            "Head of Sales and Marketing",
            "Responsable du service client",
            "Técnico de soporte",
            "Example Kettles Ltd.",
            "Musterfirma GmbH & Co. KG",
            "12 Example St.",
            "Customer service: +1 212 555 0100",
            "Account Manager: Ann Lee",
            "PO Box 123",
            "Geschäftsführer: Bo Muster",
            "Sitz der Gesellschaft: Musterstadt, HRB 12345",
            "Opening hours: Mon-Fri 9-17",
            "Visit us at www.example.com!",
            "\"Tea is always a good idea.\"",
            "Have a nice day!",
            "Please consider the environment before printing this e-mail.",
            "https://example.com/?",
        ] {
            assert!(!is_said(text, || true, || true), "{text}");
        }
    }

    #[test]
    fn sentences_that_go_on() {
        assert!(leaves_open("please ship it to"));
        assert!(!leaves_open("please ship it."));
        assert!(speaks_of_self("please unsubscribe me from this list."));
        assert!(!speaks_of_self("To unsubscribe from this list, visit"));
        assert!(goes_on("the photos are too small."));
        assert!(!goes_on("please excuse any typos in this mail"));
        assert!(!goes_on("on the network of Example Telecom."));
    }
}
