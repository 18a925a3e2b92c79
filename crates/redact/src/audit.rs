//! The leak audit: what was redacted must stand nowhere in the output.
//!
//! A second opinion that shares no code with detection. It knows the values only as hashes of their letters
//! and digits, reads the bytes that were really written, and looks at them as they are and as a reader of
//! JSON, of a URL, of quoted-printable text or of HTML would decode them. Since only letters and digits
//! count, "4111-1111 1111 1111" is found by "4111111111111111". It never holds, prints or returns a value.

mod decode;
mod filter;
mod words;

use crate::kind::{Redacted, Type};
use crate::lexicon::{Lexicon, flag};
use decode::{Decode, Decoded, encoded_texts, entity, json, percent, quoted};
use filter::Filter;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::VecDeque;
use words::{Hash, MOST_BYTES, Start, Word, Words, joined, row, words};

/// A place where a redacted value stands in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Leak {
    /// Byte offset in the output.
    pub offset: u64,
    /// Length in bytes, of the output as written.
    pub len: u64,
    /// What the value was redacted as.
    pub kind: Type,
}

/// The values to look for, as hashes.
///
/// ```
/// use threadfold_redact::{Audit, Type};
/// let mut audit = Audit::default();
/// audit.add(Type::Card, "4111 1111 1111 1111");
/// audit.add(Type::Name, "Lindqvist");
/// assert!(audit.scan(br#"{"text":"Hi [CUSTOMER_NAME_1],\nyour card"}"#).is_empty());
/// let leaks = audit.scan(br#"{"text":"Hi\nLindqvist, 4111-1111-1111-1111"}"#);
/// let kinds: Vec<_> = leaks.iter().map(|l| l.kind).collect();
/// assert_eq!(kinds, [Type::Name, Type::Card]);
/// ```
#[derive(Clone, Default)]
pub struct Audit {
    values: FxHashMap<u64, What>,
    /// Hashes of the first words of values, with how many words the longest value has.
    heads: FxHashMap<u64, u8>,
    /// The signs of `heads`.
    filter: Filter,
    /// Those and what is in `begun`: all that a word is looked at for.
    signs: Filter,
    /// The hashes of `values`.
    whole: Filter,
    /// With what the values begin that are found however they are grouped: their first letters and digits, one to
    /// eight of them.
    begun: Filter,
    /// With what the others begin: the hashes of their first words, one to all of them.
    rows: Filter,
}

/// What a value is looked for as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// May stand, and with it what stands inside.
    Excepted,
    Leak(Type),
}

const MOST_WORDS: usize = 24;
const MOST_GROUPS: usize = 6;
/// How many more groups than in the value its digits may stand in.
const REGROUPED: usize = 4;
/// More than the longest value with its separators, escaped.
const OVERLAP: usize = 4096;

/// The hash of a value, given by its words: of a number its letters and digits however they are grouped, else
/// its words.
fn hash_of(kind: Option<Type>, found: &[(Word, Hash)]) -> u64 {
    let hashes = found.iter().map(|(_, hash)| *hash);
    if in_a_row(kind) { hashes.fold(1, row) } else { hashes.fold(0, joined) }
}

/// Whether a value is found by its words and not by its letters and digits however they are grouped.
fn in_a_row(kind: Option<Type>) -> bool {
    matches!(kind, None | Some(Type::Name | Type::Address | Type::Email | Type::Secret | Type::Password))
}

impl Audit {
    /// Adds a redacted value. Values that would be found everywhere are left out: a name that is an
    /// ordinary word, two or three letters, fewer than six digits.
    pub fn add(&mut self, kind: Type, value: &str) {
        let found = words(value.as_bytes());
        let Some((first, _)) = found.first() else { return };
        let letters = value.chars().filter(|c| c.is_alphabetic()).count();
        let digits = value.chars().filter(|c| c.is_numeric()).count();
        let ordinary = |w: &Word| {
            let hash = crate::fold::hash_word(&value[w.start..w.end]);
            Lexicon::get().look_up(hash).flags & !(flag::FIRST | flag::PHRASE) != 0
        };
        let vague = match kind {
            Type::Name => {
                found.len() == 1 && (letters < 4 || ordinary(first))
                    || found.iter().all(|(w, _)| w.end - w.start <= 2)
            }
            _ => {
                letters == 0 && digits < 6
                    || letters + digits < 5
                    || digits == 0 && found.len() == 1 && ordinary(first)
            }
        };
        if vague || found.len() > MOST_WORDS || value.len() > MOST_BYTES {
            return;
        }
        let hash = self.enter(Some(kind), &found);
        let entry = self.values.entry(hash).or_insert(What::Leak(kind));
        *entry = (*entry).min(What::Leak(kind));
    }

    /// Adds all values of a redacted text.
    pub fn add_redacted(&mut self, input: &str, redacted: &Redacted) {
        for span in &redacted.spans {
            if let Some(value) = input.get(span.start..span.end) {
                self.add(span.kind, value);
            }
        }
    }

    fn enter(&mut self, kind: Option<Type>, found: &[(Word, Hash)]) -> u64 {
        let (first, sign) = found.first().map_or((0, 0), |(w, hash)| (hash.value, w.sign));
        let longest = self.heads.entry(first).or_default();
        *longest = found.len().min(MOST_WORDS).max(usize::from(*longest)) as u8;
        self.filter.add(sign);
        self.signs.add(sign);
        if in_a_row(kind) {
            found.iter().fold(1, |before, (_, hash)| {
                let hash = row(before, *hash);
                self.rows.add(hash);
                hash
            });
        } else {
            let mut start = Start::default();
            found.iter().for_each(|(word, hash)| start.add(word, *hash));
            for sign in start.beginnings() {
                self.begun.add(sign);
                self.signs.add(sign);
            }
        }
        let hash = hash_of(kind, found);
        self.whole.add(hash);
        hash
    }

    /// Lets a value stand, such as what the keep list holds, and whatever stands inside it: the agent's
    /// name in the agent's public mail address.
    pub fn except(&mut self, value: &str) {
        let found = words(value.as_bytes());
        if !found.is_empty() {
            for kind in [None, Some(Type::Phone)] {
                let hash = self.enter(kind, &found);
                self.values.insert(hash, What::Excepted);
            }
        }
    }

    /// Adds the values of another audit.
    pub fn merge(&mut self, other: Audit) {
        for (hash, what) in other.values {
            let entry = self.values.entry(hash).or_insert(what);
            *entry = (*entry).min(what);
        }
        for (head, words) in other.heads {
            let longest = self.heads.entry(head).or_default();
            *longest = words.max(*longest);
        }
        self.filter.merge(other.filter);
        self.signs.merge(other.signs);
        self.whole.merge(other.whole);
        self.begun.merge(other.begun);
        self.rows.merge(other.rows);
    }

    /// How many values are looked for.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True if there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Looks through a whole output. Sorted by offset.
    pub fn scan(&self, bytes: &[u8]) -> Vec<Leak> {
        let mut scanner = self.scanner();
        scanner.push(bytes);
        scanner.finish()
    }

    /// Looks through an output that comes in chunks.
    pub fn scanner(&self) -> Scanner<'_> {
        Scanner { audit: self, json: false, buffer: Vec::new(), base: 0, done: 0, leaks: Vec::new() }
    }

    /// The same for an output that is JSON or JSON lines: what its escapes mean stands in their place, so
    /// that the text is looked at once and not as it is written too.
    pub fn json_scanner(&self) -> Scanner<'_> {
        Scanner { json: true, ..self.scanner() }
    }

    fn look(&self, bytes: &[u8], mut found: impl FnMut(usize, usize, Type)) {
        // Where the last excepted value ends.
        let mut free = 0;
        let mut words = Words::of(bytes);
        // Words behind the one that is looked at, as far as they were read.
        let mut ahead: VecDeque<Word> = VecDeque::new();
        // Most words are told here from all that values begin with.
        let wanted = |sign| self.signs.has(sign);
        while let Some(word) = if ahead.is_empty() { words.find(wanted) } else { ahead.pop_front() } {
            let maybe = self.filter.has(word.sign);
            if !(maybe || word.digit && self.begun.has(word.sign)) {
                continue;
            }
            let first = word.hash(bytes);
            let longest = maybe.then(|| self.heads.get(&first.value)).flatten();
            let head = longest.is_some();
            if !head && !word.digit {
                continue;
            }
            // The words of a value as it was written, or groups of digits however they are grouped.
            let groups = if word.digit { MOST_GROUPS } else { 0 };
            let most = longest.map_or(0, |n| usize::from(*n) + REGROUPED).max(groups);
            let (mut hash, mut spaced) = (first.value, row(1, first));
            let mut start = Start::default();
            start.add(&word, first);
            let (mut grouped, mut in_row) = (true, true);
            let mut longest = None;
            let mut last = word;
            for k in 0..most {
                if k > 0 {
                    if ahead.len() < k {
                        let Some(next) = words.next() else { break };
                        ahead.push_back(next);
                    }
                    let next = ahead[k - 1];
                    let between = next.start - last.end;
                    let parted = || {
                        let gap = &bytes[last.end..next.start];
                        gap.contains(&b'"')
                            && gap.iter().any(|b| matches!(b, b',' | b':' | b'[' | b']' | b'{' | b'}'))
                    };
                    if between > 4
                        || between > 2 && parted()
                        || next.end - word.start > MOST_BYTES
                        || !head && (!next.digit || between > 3)
                    {
                        break;
                    }
                    let added = next.hash(bytes);
                    hash = joined(hash, added);
                    spaced = row(spaced, added);
                    start.add(&next, added);
                    last = next;
                }
                // No value begins so: none goes on from here.
                grouped = grouped && self.begun.has(start.sign());
                in_row = in_row && self.rows.has(spaced);
                if !grouped && !in_row {
                    break;
                }
                for (may_be, hash) in [(grouped, hash), (in_row, spaced)] {
                    if may_be
                        && self.whole.has(hash)
                        && let Some(what) = self.values.get(&hash)
                        && fitting(*what, bytes, word.start, last.end)
                    {
                        longest = Some((last.end, *what));
                    }
                }
            }
            match longest {
                Some((end, What::Excepted)) => free = free.max(end),
                Some((end, What::Leak(kind))) if end > free => found(word.start, end, kind),
                _ => {}
            }
        }
    }
}

/// Reads an output in chunks of any size and gathers the leaks.
///
/// ```
/// use threadfold_redact::{Audit, Type};
/// let mut audit = Audit::default();
/// audit.add(Type::Email, "marta@example.com");
/// let mut scanner = audit.scanner();
/// scanner.push(b"write to marta");
/// scanner.push(b"%40example.com today");
/// let leaks = scanner.finish();
/// assert_eq!((leaks[0].offset, leaks[0].len), (9, 19));
/// ```
pub struct Scanner<'a> {
    audit: &'a Audit,
    json: bool,
    buffer: Vec<u8>,
    /// Offset in the output of the first byte of `buffer`.
    base: u64,
    /// Leaks that begin before this offset have been gathered.
    done: u64,
    leaks: Vec<Leak>,
}

impl Scanner<'_> {
    /// Takes the next chunk.
    pub fn push(&mut self, chunk: &[u8]) {
        for part in chunk.chunks(1 << 20) {
            self.buffer.extend_from_slice(part);
            if self.buffer.len() >= 8 * OVERLAP {
                let until = self.base + (self.buffer.len() - OVERLAP) as u64;
                self.look(until);
                // Words before the next one to look at stay as context, so that none is cut in two.
                let keep = (self.buffer.len() - 2 * OVERLAP).min((self.done - self.base) as usize);
                self.buffer.drain(..keep);
                self.base += keep as u64;
            }
        }
    }

    /// The leaks, sorted by offset.
    pub fn finish(mut self) -> Vec<Leak> {
        self.look(u64::MAX);
        self.leaks.sort_unstable();
        self.leaks.dedup_by_key(|l| (l.offset, l.kind));
        self.leaks
    }

    fn look(&mut self, until: u64) {
        let Scanner { audit, json: is_json, buffer, base, done, leaks } = self;
        if audit.values.is_empty() {
            *done = until.min(*base + buffer.len() as u64);
            return;
        }
        let mut gather = |start: usize, end: usize, kind: Type| {
            let offset = *base + start as u64;
            if offset >= *done && offset < until {
                leaks.push(Leak { offset, len: (end - start) as u64, kind });
            }
        };
        // As JSON means it, then with what other escapes the text may hold on top.
        let views: [(u8, Decode); 4] = [(b'\\', json), (b'%', percent), (b'=', quoted), (b'&', entity)];
        let mut decoded = Decoded::of(buffer);
        for (at, (sign, decode)) in views.into_iter().enumerate() {
            let changed = decoded.rewrite(sign, decode);
            let first = at == 0;
            if first && !(*is_json && changed) {
                audit.look(buffer, &mut gather);
            }
            decoded.fresh |= changed;
            if decoded.fresh && (first || at == 3) {
                decoded.fresh = false;
                audit.look(&decoded.bytes, |start, end, kind| {
                    gather(decoded.place(start), decoded.place(end), kind);
                });
            }
        }
        // Words in base64, as links that know their reader have them.
        for (start, end, text) in encoded_texts(&decoded.bytes) {
            audit.look(&text, |_, _, kind| gather(decoded.place(start), decoded.place(end), kind));
        }
        *done = until.min(*base + buffer.len() as u64);
    }
}

/// Whether the signs in and around a value fit: an address has an `@`; a number is no part of a fraction, and
/// no fractions side by side.
fn fitting(what: What, bytes: &[u8], start: usize, end: usize) -> bool {
    match what {
        What::Leak(Type::Email) => bytes[start..end].contains(&b'@'),
        What::Leak(Type::Name | Type::Address | Type::Secret) | What::Excepted => true,
        What::Leak(_) => {
            let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
            let point = |at: usize| bytes.get(at).is_some_and(|b| matches!(b, b'.' | b','));
            let fraction = start >= 2 && point(start - 1) && digit(start - 2) || point(end) && digit(end + 1);
            !fraction && !bytes[start..end].iter().any(|b| matches!(b, b'.' | b','))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(audit: &Audit, bytes: &[u8]) -> Vec<Type> {
        audit.scan(bytes).into_iter().map(|l| l.kind).collect()
    }

    #[test]
    fn finds_values_in_every_view() {
        let mut audit = Audit::default();
        audit.add(Type::Name, "Weißmüller");
        audit.add(Type::Email, "a.b@example.com");
        audit.add(Type::Phone, "+1 503 555 0142");
        for bytes in [
            &b"{\"t\":\"x\\nWei\\u00dfm\\u00fcller\"}"[..],
            "WEISSMÜLLER? no, weißmüller".as_bytes(),
            b"Wei=C3=9Fm=C3=BCller",
            b"soft Wei=C3=9Fm=C3=\nBCller is cut elsewhere, Wei=C3=9F=\nm=C3=BCller not",
            b"Wei%C3%9Fm%C3%BCller",
            b"Wei&#223;m&#xfc;ller",
        ] {
            assert_eq!(kinds(&audit, bytes), [Type::Name], "in {}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(kinds(&audit, b"a.b%40example.com"), [Type::Email]);
        assert_eq!(kinds(&audit, b"call (1) 503-555 0142 or 15035550142"), [Type::Phone, Type::Phone]);
        assert!(kinds(&audit, b"503 555 0143, example.com").is_empty());
    }

    #[test]
    fn values_in_base64_are_found() {
        let mut audit = Audit::default();
        audit.add(Type::Email, "marta@example.com");
        let leaks = audit.scan(b"https://news.example/u?m=bWFydGFAZXhhbXBsZS5jb20= bye");
        assert_eq!(leaks.len(), 1);
        assert_eq!((leaks[0].offset, leaks[0].kind), (25, Type::Email));
    }

    #[test]
    fn what_is_excepted_may_hold_a_name() {
        let mut audit = Audit::default();
        audit.add(Type::Name, "Dana Whitlock");
        audit.except("dana.whitlock@shop.example");
        assert!(kinds(&audit, b"mail dana.whitlock@shop.example").is_empty());
        assert_eq!(kinds(&audit, b"mail dana.whitlock@home.example"), [Type::Name]);
    }

    #[test]
    fn ordinary_words_and_excepted_values_are_no_leaks() {
        let mut audit = Audit::default();
        audit.add(Type::Name, "Rose");
        audit.add(Type::Card, "123");
        audit.add(Type::Phone, "503 555 0188");
        audit.except("5035550188");
        assert!(kinds(&audit, b"the rose is 123 at 503-555-0188").is_empty());
    }

    #[test]
    fn values_are_found_wherever_they_stand_and_however_they_are_grouped() {
        let mut audit = Audit::default();
        audit.add(Type::Card, "4111 1111 1111 1111");
        audit.add(Type::Plate, "AB 12345");
        audit.add(Type::Name, "Anna-Maria Lindqvist");
        let spelt = [
            (Type::Card, "4111111111111111"),
            (Type::Card, "4 11-1111 111 111111"),
            (Type::Plate, "ab12-345"),
            (Type::Plate, "AB 1 23 45"),
            (Type::Name, "ANNA maria\u{ad} lindqvist"),
        ];
        for (kind, value) in spelt {
            for before in 0..140 {
                for filler in [" ", "x ", "9 x ", "é", "é "] {
                    let text = format!("{} {value} {}", filler.repeat(before), filler.repeat(70));
                    let leaks = audit.scan(text.as_bytes());
                    assert_eq!(leaks.len(), 1, "{text}");
                    let at = filler.len() * before + 1;
                    assert_eq!(leaks[0], Leak { offset: at as u64, len: value.len() as u64, kind }, "{text}");
                }
            }
        }
        let near = ["4111 1111 1111 1112", "AB 1 2346", "Anna Marialindqvist", "Anna-Maria Lindqvis"];
        assert!(near.iter().all(|text| audit.scan(text.as_bytes()).is_empty()));
    }

    #[test]
    fn chunks_do_not_matter() {
        let mut audit = Audit::default();
        audit.add(Type::Iban, "GB29 NWBK 6016 1331 9268 19");
        audit.add(Type::Name, "Lindqvist");
        let mut bytes = Vec::new();
        for i in 0..4000 {
            bytes.extend_from_slice(
                format!(
                    "line {i} with \\n words GB29-NWBK-6016-1331-9268-19 {}",
                    if i % 97 == 0 { "Lindqvist\n" } else { "\n" }
                )
                .as_bytes(),
            );
        }
        let whole = audit.scan(&bytes);
        assert_eq!(whole.len(), 4000 + 42);
        for size in [1, 7, 4095, 4096, 70_000] {
            let mut scanner = audit.scanner();
            bytes.chunks(size).for_each(|c| scanner.push(c));
            assert_eq!(scanner.finish(), whole, "in chunks of {size}");
        }
    }
}
