//! Which rows repeat another text, however a mail program broke its lines.

use crate::lines::{Rows, State};
use crate::pool;
use threadfold_core::eight::{HIGH, SMALL, before, eight, letters};

/// The runs of `N` words of some texts, by hash.
pub(crate) struct Shingles<const N: usize> {
    /// The hashes, each near the place that it names; 0 is no hash. Twice as many places as hashes, or more.
    places: Vec<u64>,
    count: usize,
    /// Texts were added that have words, if too few for a run.
    any: bool,
}

const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

#[inline]
fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash.rotate_left(23) ^ value).wrapping_mul(MIX);
    mixed ^ mixed >> 29
}

/// Whether a byte is an ASCII letter or digit.
const LETTERS: [bool; 256] = {
    let mut letters = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        letters[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    letters
};

/// A word's hash, made of eight bytes at a time. A word of fewer is its own hash: a run of words mixes them.
#[derive(Default)]
struct WordHash {
    hash: u64,
    /// Bytes that are no eight yet, the first of them lowest.
    rest: u64,
    /// How many those are.
    length: u32,
}

impl WordHash {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.rest |= u64::from(byte) << (self.length * 8);
        self.length += 1;
        if self.length == 8 {
            self.hash = mix(self.hash, self.rest);
            (self.rest, self.length) = (0, 0);
        }
    }

    #[inline]
    fn finish(self) -> u64 {
        if self.hash == 0 { self.rest } else { mix(self.hash, self.rest) }
    }
}

/// Hands over the words of a text, hashed without their case; what is no letter and no digit parts them.
#[inline]
pub(crate) fn each_word(text: &str, mut found: impl FnMut(u64)) {
    all_words(text, |word| {
        found(word);
        true
    });
}

/// Whether something holds of all words of a text, which has one at least.
#[inline]
fn all_words(text: &str, mut holds: impl FnMut(u64) -> bool) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut any = false;
    while let Some(&byte) = bytes.get(at) {
        if byte < 0x80 && !LETTERS[usize::from(byte)] {
            at += 1;
            continue;
        }
        let start = at;
        let mut word = WordHash::default();
        let mut next = eight(&bytes[at..]);
        let mut length = before(!letters(next) & HIGH);
        while length == 8 {
            word.hash = mix(word.hash, next | SMALL);
            at += 8;
            next = eight(bytes.get(at..).unwrap_or(&[]));
            length = before(!letters(next) & HIGH);
        }
        at += length + 1;
        word.rest = (next | SMALL) & !(u64::MAX << (length * 8));
        let mut hash = word.finish();
        if next >> (length * 8) & 0x80 != 0 {
            let (end, wide) = wide_word(&text[start..]);
            at = start + end;
            let Some(wide) = wide else { continue };
            hash = wide;
        }
        if !holds(hash) {
            return false;
        }
        any = true;
    }
    any
}

/// How many words a text has, of those that runs are made of.
pub(crate) fn word_count(text: &str) -> usize {
    let mut count = 0;
    each_word(text, |_| count += 1);
    count
}

/// Whether three bytes are surely a letter of a script without capitals: kana, or a character from U+5000 to U+8FFF or
/// from U+B000 to U+CFFF.
fn is_caseless(first: u8, second: u8, third: Option<&u8>) -> bool {
    match first {
        0xE3 => matches!(
            (second, third),
            (0x81, Some(0x81..)) | (0x82, Some(0x80..=0x96 | 0xA1..)) | (0x83, Some(0x80..=0xBA))
        ),
        0xE5..=0xE8 | 0xEB | 0xEC => true,
        _ => false,
    }
}

/// A word of more than ASCII at the start of a text: where what follows it begins, and its hash, if there is a word.
fn wide_word(text: &str) -> (usize, Option<u64>) {
    let bytes = text.as_bytes();
    let mut word = WordHash::default();
    let mut at = 0;
    let mut any = false;
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'a'..=b'z' | b'0'..=b'9' | b'A'..=b'Z', _) => {
                word.push(byte | 0x20);
                at += 1;
            }
            (..0x80, _) => {
                at += 1;
                break;
            }
            // The letters of Latin-1, small ones and capitals.
            (0xC3, Some(next @ (0x9F..=0xB6 | 0xB8..=0xBF))) => {
                word.push(byte);
                word.push(*next);
                at += 2;
            }
            (0xC3, Some(next @ (0x80..=0x96 | 0x98..=0x9E))) => {
                word.push(byte);
                word.push(next | 0x20);
                at += 2;
            }
            // Kana, Chinese characters and Hangul, which have no case.
            (0xE3 | 0xE5..=0xE8 | 0xEB | 0xEC, Some(second))
                if is_caseless(byte, *second, bytes.get(at + 2)) =>
            {
                bytes[at..at + 3].iter().for_each(|byte| word.push(*byte));
                at += 3;
            }
            _ => {
                let Some(c) = text[at..].chars().next() else { break };
                at += c.len_utf8();
                if !c.is_alphanumeric() {
                    break;
                }
                for c in c.to_lowercase() {
                    let mut bytes = [0; 4];
                    c.encode_utf8(&mut bytes).bytes().for_each(|byte| word.push(byte));
                }
            }
        }
        any = true;
    }
    (at, any.then(|| word.finish()))
}

/// The hashes of the runs of one word, of two words and so on up to `N` that end with the last word.
struct Roll<const N: usize> {
    runs: [u64; N],
    count: usize,
}

impl<const N: usize> Roll<N> {
    fn new() -> Self {
        Self { runs: [0; N], count: 0 }
    }

    /// The run of `N` words that ends with a word, once there are so many.
    #[inline]
    fn push(&mut self, word: u64) -> Option<u64> {
        for at in (1..N).rev() {
            self.runs[at] = self.runs[at - 1].wrapping_mul(MIX).wrapping_add(word);
        }
        self.runs[0] = word;
        self.count += 1;
        (self.count >= N).then_some(self.runs[N - 1].max(1))
    }
}

impl<const N: usize> Shingles<N> {
    pub(crate) fn new() -> Self {
        Self { places: pool::take(), count: 0, any: false }
    }

    /// Adds a text's runs.
    pub(crate) fn add<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        let mut words = pool::take();
        texts.for_each(|text| each_word(text, |word| words.push(word)));
        self.add_words(&words);
        pool::give(words);
    }

    /// Adds the runs of a text's words.
    pub(crate) fn add_words(&mut self, words: &[u64]) {
        self.any |= !words.is_empty();
        self.reserve(words.len());
        let mut roll = Roll::<N>::new();
        for word in words {
            if let Some(run) = roll.push(*word) {
                self.insert(run);
            }
        }
    }

    fn reserve(&mut self, more: usize) {
        let wanted = ((self.count + more) * 2 + 1).next_power_of_two();
        if wanted > self.places.len() {
            let mut places = pool::take();
            places.resize(wanted, 0);
            let before = std::mem::replace(&mut self.places, places);
            self.count = 0;
            before.iter().filter(|run| **run != 0).for_each(|run| self.insert(*run));
            pool::give(before);
        }
    }

    /// Where a run is, or where it would be.
    #[inline]
    fn place(&self, run: u64) -> usize {
        let mask = self.places.len() - 1;
        let mut at = (run >> 20) as usize & mask;
        while self.places[at] != 0 && self.places[at] != run {
            at = (at + 1) & mask;
        }
        at
    }

    fn insert(&mut self, run: u64) {
        let at = self.place(run);
        self.count += usize::from(self.places[at] == 0);
        self.places[at] = run;
    }

    #[inline]
    fn holds(&self, run: u64) -> bool {
        self.places[self.place(run)] == run
    }

    /// For each row of a range: how many words it has, and how many of them stand in a run that was seen.
    /// Rows that are not `wanted` have no words, and no run goes across them. If no text was added, no row has any.
    pub(crate) fn coverage(
        &self,
        rows: &Rows<'_>,
        range: std::ops::Range<usize>,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<Cover> {
        let mut covers = vec![Cover::default(); range.len()];
        if !self.any {
            return covers;
        }
        let mut look = Look { shingles: self, roll: Roll::new(), fresh: 0 };
        for (index, at) in range.enumerate() {
            if rows.state(at) == State::Blank {
                continue;
            }
            if !wanted(at) {
                look.part();
                continue;
            }
            each_word(rows.text(at), |word| look.word(&mut covers[..=index], word));
        }
        covers
    }

    /// [`Shingles::coverage`] of rows whose words are known.
    pub(crate) fn coverage_of(&self, rows: &RowWords) -> Vec<Cover> {
        let mut covers = vec![Cover::default(); rows.ends.len()];
        if !self.any {
            return covers;
        }
        let mut look = Look { shingles: self, roll: Roll::new(), fresh: 0 };
        let mut start = 0;
        for (index, end) in rows.ends.iter().enumerate() {
            if *end == APART {
                look.part();
                continue;
            }
            for word in &rows.words[std::mem::replace(&mut start, *end)..*end] {
                look.word(&mut covers[..=index], *word);
            }
        }
        covers
    }
}

/// A look at the words of some rows, one after the other.
struct Look<'s, const N: usize> {
    shingles: &'s Shingles<N>,
    roll: Roll<N>,
    /// How many of the last words are not known to be covered, up to as many as a run has.
    fresh: usize,
}

impl<const N: usize> Look<'_, N> {
    /// No run goes on here.
    fn part(&mut self) {
        self.roll.count = 0;
        self.fresh = 0;
    }

    /// The next word, of the last of some rows.
    #[inline]
    fn word(&mut self, covers: &mut [Cover], word: u64) {
        if let Some(row) = covers.last_mut() {
            row.words += 1;
        }
        self.fresh += 1;
        if self.roll.push(word).is_some_and(|run| self.shingles.holds(run)) {
            cover(covers, self.fresh.min(N));
            self.fresh = 0;
        }
    }
}

/// The words of some rows, for several looks.
pub(crate) struct RowWords {
    words: Vec<u64>,
    /// Where the words of each row end, or [`APART`].
    ends: Vec<usize>,
}

/// Instead of an end: the row is not wanted.
const APART: usize = usize::MAX;

impl RowWords {
    pub(crate) fn of(rows: &Rows<'_>, wanted: impl Fn(usize) -> bool) -> Self {
        let (mut words, mut ends) = (pool::take(), pool::take());
        for at in 0..rows.len() {
            if rows.state(at) == State::Blank {
                ends.push(words.len());
            } else if wanted(at) {
                each_word(rows.text(at), |word| words.push(word));
                ends.push(words.len());
            } else {
                ends.push(APART);
            }
        }
        Self { words, ends }
    }
}

impl Drop for RowWords {
    fn drop(&mut self) {
        pool::give(std::mem::take(&mut self.words));
        pool::give(std::mem::take(&mut self.ends));
    }
}

impl<const N: usize> Drop for Shingles<N> {
    fn drop(&mut self) {
        pool::give(std::mem::take(&mut self.places));
    }
}

/// Counts the last words of some rows as covered.
fn cover(covers: &mut [Cover], mut words: usize) {
    for row in covers.iter_mut().rev() {
        let here = words.min(row.words);
        row.covered += here;
        words -= here;
        if words == 0 {
            return;
        }
    }
}

/// The words of some texts, each of which may be told to be there though it is not: never the other way round.
pub(crate) struct Vocabulary {
    /// One bit for each word; of sixteen and more one is set.
    bits: Vec<u64>,
}

impl Vocabulary {
    pub(crate) fn of(words: &[u64]) -> Self {
        let mut bits = pool::take();
        bits.resize((words.len() / 4 + 1).next_power_of_two(), 0);
        let mut all = Self { bits };
        for word in words {
            let (at, bit) = all.place(*word);
            all.bits[at] |= bit;
        }
        all
    }

    #[inline]
    fn place(&self, word: u64) -> (usize, u64) {
        let mixed = mix(0, word);
        ((mixed >> 6) as usize & (self.bits.len() - 1), 1 << (mixed & 63))
    }

    #[inline]
    fn may_hold_word(&self, word: u64) -> bool {
        let (at, bit) = self.place(word);
        self.bits[at] & bit != 0
    }

    /// Whether all words of a text may be there, of which it has one at least. Most texts have another soon.
    pub(crate) fn may_hold(&self, text: &str) -> bool {
        all_words(text, |word| self.may_hold_word(word))
    }

    /// How many words at the start of a text may be there, and whether those are all.
    pub(crate) fn first_held(&self, text: &str) -> (usize, bool) {
        let mut held = 0;
        let mut all = true;
        all_words(text, |word| {
            all = self.may_hold_word(word);
            held += usize::from(all);
            all
        });
        (held, all)
    }

    /// How many words at the end of a text may be there, and whether those are all.
    pub(crate) fn last_held(&self, text: &str) -> (usize, bool) {
        let mut held = 0;
        let mut all = true;
        each_word(text, |word| {
            let here = self.may_hold_word(word);
            all &= here;
            held = if here { held + 1 } else { 0 };
        });
        (held, all)
    }
}

impl Drop for Vocabulary {
    fn drop(&mut self) {
        pool::give(std::mem::take(&mut self.bits));
    }
}

/// A row's words, and those of them that repeat another text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cover {
    pub(crate) words: usize,
    pub(crate) covered: usize,
}

impl Cover {
    pub(crate) fn full(self) -> bool {
        self.words > 0 && self.covered == self.words
    }

    pub(crate) fn none(self) -> bool {
        self.covered == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_by_letters_and_digits_alone() {
        let words = |text: &str| {
            let mut all = Vec::new();
            each_word(text, |word| all.push(word));
            all
        };
        assert_eq!(words("The Kettle's lid-2"), words("the  KETTLE s, LID 2!"));
        assert_eq!(words("Ärger über Straße"), words("ärger, ÜBER\u{a0}straße"));
        assert_eq!(words("abcdefgh"), words("ABCDEFGH"));
        assert_eq!(words("é").len(), 1);
        assert_eq!(words(" …—»").len(), 0);
        assert_eq!(words("Kettle's, description-of 12345678 x1").len(), 6);
        assert_eq!(words("\u{212a}elvin"), words("kelvin"));
        assert_eq!(words("\u{10}a"), words("a"));
        assert_eq!(words("abcdefghé ijklmnopq"), words("ABCDEFGHÉ \u{a0}IJKLMNOPQ."));
        for (one, other) in [("ab", "a b"), ("abcdefgh", "abcdefghi"), ("e", "é"), ("a1", "a2")] {
            assert_ne!(words(one), words(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn letters_without_case_are_those_that_have_none() {
        let caseless = |c: char| {
            let mut bytes = [0; 4];
            let all = c.encode_utf8(&mut bytes).as_bytes();
            all.len() == 3 && is_caseless(all[0], all[1], all.get(2))
        };
        for c in ('\u{0}'..=char::MAX).filter(|c| caseless(*c)) {
            assert!(c.is_alphanumeric() && c.to_lowercase().eq([c]), "{c}");
        }
        assert!(
            ['あ', 'ン', '水', '번'].into_iter().all(caseless) && !['。', 'é', 'ж'].into_iter().any(caseless)
        );
    }

    #[test]
    fn runs_are_seen_across_rows_but_not_across_what_is_not_wanted() {
        let mut parent = Shingles::<4>::new();
        parent.add(["my kettle came without a lid"].into_iter());
        let rows = Rows::of_text("yes\nmy kettle\ncame without\nno");
        let covered = |rows: &Rows<'_>, wanted: fn(usize) -> bool| {
            parent.coverage(rows, 0..rows.len(), wanted).iter().map(|cover| cover.covered).collect::<Vec<_>>()
        };
        assert_eq!(covered(&rows, |_| true), [0, 2, 2, 0]);
        assert_eq!(covered(&rows, |at| at != 1), [0, 0, 0, 0]);
        let apart = Rows::of_text("my kettle\nnot\ncame without");
        assert_eq!(covered(&apart, |at| at != 1), [0, 0, 0]);
    }
}
