//! The leak audit: what was redacted must stand nowhere in the output.
//!
//! A second opinion that shares no code with detection. It knows the values only as hashes of their letters
//! and digits, reads the bytes that were really written, and looks at them as they are and as a reader of
//! JSON, of a URL, of quoted-printable text or of HTML would decode them. Since only letters and digits
//! count, "4111-1111 1111 1111" is found by "4111111111111111". It never holds, prints or returns a value.

use crate::kind::{Redacted, Type};
use crate::lexicon::{Lexicon, flag};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

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
    /// Hashes of the first words of values.
    heads: FxHashSet<u64>,
    /// One bit for each value of twenty hash bits of `heads`.
    filter: Vec<u64>,
    /// The same for `values`.
    whole: Vec<u64>,
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
const MOST_BYTES: usize = 200;
/// More than the longest value with its separators, escaped.
const OVERLAP: usize = 4096;

/// A polynomial over the bytes: the hash of two words in a row follows from theirs.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 0x51)
}

const POWERS: [u64; MOST_BYTES + 1] = {
    let mut table = [1u64; MOST_BYTES + 1];
    let mut i = 1;
    while i <= MOST_BYTES {
        table[i] = table[i - 1].wrapping_mul(BASE);
        i += 1;
    }
    table
};

fn joined(before: u64, word: &Word) -> u64 {
    before.wrapping_mul(POWERS[(word.len as usize).min(MOST_BYTES)]).wrapping_add(word.hash)
}

/// Words of each filter: 2^20 bits.
const FILTER: usize = 1 << 14;

fn filter_bit(hash: u64) -> (usize, u64) {
    let top = (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44) as usize;
    (top / 64, 1 << (top % 64))
}

/// A run of letters and digits of some bytes.
#[derive(Clone, Copy)]
struct Word {
    start: usize,
    end: usize,
    hash: u64,
    /// Bytes that went into the hash.
    len: u32,
    digit: bool,
}

/// Lower-cases what it can; bytes beyond ASCII count as letters unless they are general punctuation.
fn words(bytes: &[u8], out: &mut Vec<Word>) {
    out.clear();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let mut hash = 0u64;
        let mut len = 0u32;
        let mut digit = false;
        while at < bytes.len() {
            let b = bytes[at];
            if b.is_ascii_alphanumeric() {
                digit |= b.is_ascii_digit();
                hash = mix(hash, b | if b.is_ascii_alphabetic() { 0x20 } else { 0 });
                len += 1;
                at += 1;
            } else if b < 0x80 {
                break;
            } else {
                let (size, c) = character(&bytes[at..]);
                match c {
                    Some(c) if !c.is_alphanumeric() => {
                        // Zero-width characters part no words.
                        if !matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{300}'..='\u{36f}')
                        {
                            break;
                        }
                    }
                    Some(c) => {
                        let mut buffer = [0; 4];
                        for lower in c.to_lowercase() {
                            for b in lower.encode_utf8(&mut buffer).bytes() {
                                hash = mix(hash, b);
                                len += 1;
                            }
                        }
                    }
                    None => {
                        hash = mix(hash, b);
                        len += 1;
                    }
                }
                at += size;
            }
        }
        if len > 0 {
            out.push(Word { start, end: at, hash, len, digit });
        } else if at == start {
            at += 1;
        }
        while at < bytes.len() && !bytes[at].is_ascii_alphanumeric() && bytes[at] < 0x80 {
            at += 1;
        }
        if at < bytes.len() && bytes[at] >= 0x80 {
            let (len, c) = character(&bytes[at..]);
            if c.is_some_and(|c| !c.is_alphanumeric()) {
                at += len;
            }
        }
    }
}

fn character(bytes: &[u8]) -> (usize, Option<char>) {
    let len = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return (1, None),
    };
    match bytes.get(..len).and_then(|b| std::str::from_utf8(b).ok()).and_then(|s| s.chars().next()) {
        Some(c) => (len, Some(c)),
        None => (1, None),
    }
}

/// The hash of words in a row whose ends matter: "Wu Guanghao" is not "Wu Guang Hao".
fn row(before: u64, word: &Word) -> u64 {
    (before.rotate_left(9) ^ word.hash).wrapping_mul(BASE)
}

/// The hash of a value: of a number its letters and digits however they are grouped, else its words.
fn hash_of(kind: Option<Type>, value: &str) -> u64 {
    let mut found = Vec::new();
    words(value.as_bytes(), &mut found);
    match kind {
        None | Some(Type::Name | Type::Address | Type::Email | Type::Secret | Type::Password) => {
            found.iter().fold(1, row)
        }
        Some(_) => found.iter().fold(0, joined),
    }
}

impl Audit {
    /// Adds a redacted value. Values that would be found everywhere are left out: a name that is an
    /// ordinary word, two or three letters, fewer than six digits.
    pub fn add(&mut self, kind: Type, value: &str) {
        let mut found = Vec::new();
        words(value.as_bytes(), &mut found);
        let Some(first) = found.first() else { return };
        let letters = value.chars().filter(|c| c.is_alphabetic()).count();
        let digits = value.chars().filter(|c| c.is_numeric()).count();
        let ordinary = |w: &Word| {
            let text = crate::fold::fold(&value[w.start..w.end]);
            Lexicon::get().look_up(crate::fold::hash_folded(&text)).flags & !(flag::FIRST | flag::PHRASE) != 0
        };
        let vague = match kind {
            Type::Name => {
                found.len() == 1 && (letters < 4 || ordinary(first))
                    || found.iter().all(|w| w.end - w.start <= 2)
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
        let hash = self.enter(first.hash, Some(kind), value);
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

    fn enter(&mut self, first: u64, kind: Option<Type>, value: &str) -> u64 {
        self.heads.insert(first);
        if self.filter.is_empty() {
            self.filter = vec![0; FILTER];
            self.whole = vec![0; FILTER];
        }
        let (slot, bit) = filter_bit(first);
        self.filter[slot] |= bit;
        let hash = hash_of(kind, value);
        let (slot, bit) = filter_bit(hash);
        self.whole[slot] |= bit;
        hash
    }

    /// Lets a value stand, such as what the keep list holds, and whatever stands inside it: the agent's
    /// name in the agent's public mail address.
    pub fn except(&mut self, value: &str) {
        let mut found = Vec::new();
        words(value.as_bytes(), &mut found);
        if let Some(first) = found.first() {
            for kind in [None, Some(Type::Phone)] {
                let hash = self.enter(first.hash, kind, value);
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
        self.heads.extend(other.heads);
        if self.filter.is_empty() {
            self.filter = other.filter;
            self.whole = other.whole;
        } else {
            let theirs = other.filter.into_iter().chain(other.whole);
            for (a, b) in self.filter.iter_mut().chain(&mut self.whole).zip(theirs) {
                *a |= b;
            }
        }
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
        Scanner { audit: self, buffer: Vec::new(), base: 0, done: 0, leaks: Vec::new(), scratch: Vec::new() }
    }

    fn look(&self, bytes: &[u8], scratch: &mut Vec<Word>, mut found: impl FnMut(usize, usize, Type)) {
        words(bytes, scratch);
        // Where the last excepted value ends.
        let mut free = 0;
        for i in 0..scratch.len() {
            let word = scratch[i];
            let (slot, bit) = filter_bit(word.hash);
            let head = self.filter.get(slot).is_some_and(|f| f & bit != 0) && self.heads.contains(&word.hash);
            if !head && !word.digit {
                continue;
            }
            // The words of a value as it was written, or groups of digits however they are grouped.
            let most = if head { MOST_WORDS } else { MOST_GROUPS };
            let mut hash = word.hash;
            let mut spaced = row(1, &word);
            let mut longest = None;
            for k in i..scratch.len().min(i + most) {
                let next = scratch[k];
                if k > i {
                    let between = next.start - scratch[k - 1].end;
                    let parted = || {
                        let gap = &bytes[scratch[k - 1].end..next.start];
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
                    hash = joined(hash, &next);
                    spaced = row(spaced, &next);
                }
                for hash in [hash, spaced] {
                    let (slot, bit) = filter_bit(hash);
                    if self.whole.get(slot).is_some_and(|w| w & bit != 0)
                        && let Some(what) = self.values.get(&hash)
                        && fitting(*what, bytes, word.start, next.end)
                    {
                        longest = Some((next.end, *what));
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
    buffer: Vec<u8>,
    /// Offset in the output of the first byte of `buffer`.
    base: u64,
    /// Leaks that begin before this offset have been gathered.
    done: u64,
    leaks: Vec<Leak>,
    scratch: Vec<Word>,
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
        let Scanner { audit, buffer, base, done, leaks, scratch } = self;
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
        audit.look(buffer, scratch, &mut gather);
        // As JSON means it, then with what other escapes the text may hold on top.
        let views: [(u8, Decode); 4] = [(b'\\', json), (b'%', percent), (b'=', quoted), (b'&', entity)];
        let mut bytes: std::borrow::Cow<'_, [u8]> = std::borrow::Cow::Borrowed(buffer);
        let mut map: Option<Vec<u32>> = None;
        let mut fresh = false;
        for (at, (sign, decode)) in views.into_iter().enumerate() {
            if let Some((text, steps)) = rewrite(&bytes, sign, decode) {
                let steps = match &map {
                    None => steps,
                    Some(before) => steps.iter().map(|at| before[*at as usize]).collect(),
                };
                bytes = std::borrow::Cow::Owned(text);
                map = Some(steps);
                fresh = true;
            }
            if fresh && (at == 0 || at == 3) {
                fresh = false;
                let steps = map.as_deref().unwrap_or(&[]);
                audit.look(&bytes, scratch, |start, end, kind| {
                    let place = |at: usize| steps.get(at).map_or(at, |p| *p as usize);
                    gather(place(start), place(end), kind);
                });
            }
        }
        // Words in base64, as links that know their reader have them.
        for (start, end, text) in encoded_texts(&bytes) {
            let steps = map.as_deref();
            audit.look(&text, scratch, |_, _, kind| {
                let place = |at: usize| steps.map_or(at, |s| s.get(at).map_or(at, |p| *p as usize));
                gather(place(start), place(end), kind);
            });
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

/// Runs of base64 that decode to text: where they stand, and the text.
fn encoded_texts(bytes: &[u8]) -> Vec<(usize, usize, Vec<u8>)> {
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at + 16 <= bytes.len() {
        // No run holds this place: look on from behind what broke it.
        if let Some(broken) = (at..at + 16).rev().find(|p| value(bytes[*p]).is_none()) {
            at = broken + 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && value(bytes[at]).is_some() {
            at += 1;
        }
        if at - start > OVERLAP {
            continue;
        }
        let mut text = Vec::new();
        for group in bytes[start..at].chunks(4) {
            let bits = group.iter().fold(0u32, |n, b| n << 6 | u32::from(value(*b).unwrap_or(0)))
                << (6 * (4 - group.len()));
            text.extend_from_slice(&bits.to_be_bytes()[1..group.len().max(1)]);
        }
        let plain =
            std::str::from_utf8(&text).is_ok_and(|t| t.chars().all(|c| !c.is_control() || c.is_whitespace()));
        if plain {
            out.push((start, at, text));
        }
    }
    out
}

/// What an escape at the start of some bytes stands for: its length and the bytes meant.
type Decode = fn(&[u8]) -> Option<(usize, [u8; 4], usize)>;

fn encoded(len: usize, c: char) -> Option<(usize, [u8; 4], usize)> {
    let mut buffer = [0; 4];
    let size = c.encode_utf8(&mut buffer).len();
    Some((len, buffer, size))
}

fn hex(bytes: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(bytes).ok()?, 16).ok()
}

fn json(bytes: &[u8]) -> Option<(usize, [u8; 4], usize)> {
    if bytes[0] != b'\\' {
        return None;
    }
    match bytes.get(1)? {
        b'n' | b'r' | b't' | b'f' | b'b' => encoded(2, ' '),
        b'"' => encoded(2, '"'),
        b'\\' => encoded(2, '\\'),
        b'/' => encoded(2, '/'),
        b'u' => {
            let first = hex(bytes.get(2..6)?)?;
            if (0xd800..0xdc00).contains(&first) && bytes.get(6..8) == Some(b"\\u") {
                let second = hex(bytes.get(8..12)?)?;
                let code = 0x10000 + ((first - 0xd800) << 10) + second.checked_sub(0xdc00)?;
                return encoded(12, char::from_u32(code)?);
            }
            encoded(6, char::from_u32(first)?)
        }
        _ => None,
    }
}

fn percent(bytes: &[u8]) -> Option<(usize, [u8; 4], usize)> {
    if bytes[0] != b'%' {
        return None;
    }
    let code = hex(bytes.get(1..3)?)?;
    Some((3, [code as u8, 0, 0, 0], 1))
}

fn quoted(bytes: &[u8]) -> Option<(usize, [u8; 4], usize)> {
    if bytes[0] != b'=' {
        return None;
    }
    match bytes.get(1)? {
        b'\n' => Some((2, [0; 4], 0)),
        b'\r' if bytes.get(2) == Some(&b'\n') => Some((3, [0; 4], 0)),
        _ => Some((3, [hex(bytes.get(1..3)?)? as u8, 0, 0, 0], 1)),
    }
}

fn entity(bytes: &[u8]) -> Option<(usize, [u8; 4], usize)> {
    if bytes[0] != b'&' {
        return None;
    }
    let end = bytes.iter().take(10).position(|b| *b == b';')?;
    let name = std::str::from_utf8(&bytes[1..end]).ok()?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "nbsp" => ' ',
        "apos" => '\'',
        "commat" => '@',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    encoded(end + 1, c)
}

/// The bytes decoded, and for each decoded byte and the end where it came from. None if nothing changes.
fn rewrite(bytes: &[u8], sign: u8, decode: Decode) -> Option<(Vec<u8>, Vec<u32>)> {
    memchr::memchr_iter(sign, bytes).find(|at| decode(&bytes[*at..]).is_some())?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut map = Vec::with_capacity(bytes.len() + 1);
    let mut at = 0;
    for escape in memchr::memchr_iter(sign, bytes) {
        if escape < at {
            continue;
        }
        let Some((len, meant, size)) = decode(&bytes[escape..]) else { continue };
        out.extend_from_slice(&bytes[at..escape]);
        map.extend(at as u32..escape as u32);
        out.extend_from_slice(&meant[..size]);
        map.resize(out.len(), escape as u32);
        at = escape + len;
    }
    out.extend_from_slice(&bytes[at..]);
    map.extend(at as u32..=bytes.len() as u32);
    Some((out, map))
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
