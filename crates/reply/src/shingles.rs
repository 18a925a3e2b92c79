//! Which rows repeat another text, however a mail program broke its lines.

use crate::lines::{Rows, State};

/// The runs of words of some texts, by hash.
pub(crate) struct Shingles {
    size: usize,
    /// The hashes, each near the place that it names; 0 is no hash. Twice as many places as hashes, or more.
    places: Vec<u64>,
    count: usize,
}

const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

#[inline]
fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash.rotate_left(23) ^ value).wrapping_mul(MIX);
    mixed ^ mixed >> 29
}

/// The bit of ASCII letters that makes them small, and that digits have anyway.
const SMALL: u8 = 0x20;

/// A word's hash; `small` sets the bit that makes its letters small ones.
fn hash_word(word: &[u8], small: u8) -> u64 {
    let mut hash = word.len() as u64;
    for eight in word.chunks(8) {
        hash = mix(hash, eight.iter().fold(0, |all, byte| all << 8 | u64::from(*byte | small)));
    }
    hash
}

/// Hands over the words of a text, hashed without their case; what is no letter and no digit parts them.
#[inline]
fn each_word(text: &str, mut found: impl FnMut(u64)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte < 0x80 && !byte.is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            at += 1;
        }
        if bytes.get(at).is_none_or(u8::is_ascii) {
            found(hash_word(&bytes[start..at], SMALL));
            at += 1;
            continue;
        }
        let rest = &text[start..];
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        if length > 0 {
            found(hash_small(&rest[..length]));
        }
        at = start + length + rest[length..].chars().next().map_or(0, char::len_utf8);
    }
}

/// The hash of a word of more than ASCII, in small letters.
fn hash_small(word: &str) -> u64 {
    let mut small = [0; 64];
    let mut length = 0;
    for c in word.chars().flat_map(char::to_lowercase) {
        let Some(room) = small.get_mut(length..length + c.len_utf8()) else {
            return hash_word(word.to_lowercase().as_bytes(), 0);
        };
        c.encode_utf8(room);
        length += c.len_utf8();
    }
    hash_word(&small[..length], 0)
}

/// The hash of a run of words that grows at one end and loses at the other, at the same cost whatever its size
/// (Rabin and Karp's rolling hash, modulo 2^64; the words are well-mixed themselves).
struct Roll {
    size: usize,
    /// What a word has been multiplied by when it leaves the run.
    gone: u64,
    hash: u64,
    count: usize,
    last: [u64; LONGEST],
}

/// Words that a run has at most.
const LONGEST: usize = 8;

impl Roll {
    fn new(size: usize) -> Self {
        let gone = (0..size).fold(1_u64, |power, _| power.wrapping_mul(MIX));
        Self { size, gone, hash: 0, count: 0, last: [0; LONGEST] }
    }

    /// The run that ends with a word, once there are enough.
    #[inline]
    fn push(&mut self, word: u64) -> Option<u64> {
        let place = self.count % LONGEST;
        self.hash = self.hash.wrapping_mul(MIX).wrapping_add(word);
        if self.count >= self.size {
            let leaves = self.last[(self.count - self.size) % LONGEST];
            self.hash = self.hash.wrapping_sub(leaves.wrapping_mul(self.gone));
        }
        self.last[place] = word;
        self.count += 1;
        (self.count >= self.size).then_some(self.hash.max(1))
    }
}

impl Shingles {
    /// Runs of `size` words, eight at most.
    pub(crate) fn new(size: usize) -> Self {
        Self { size: size.clamp(1, LONGEST), places: Vec::new(), count: 0 }
    }

    /// Adds a text's runs; a text shorter than one run is a run of its own.
    pub(crate) fn add<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        let mut words: Vec<u64> = Vec::new();
        texts.for_each(|text| each_word(text, |word| words.push(word)));
        self.reserve(words.len());
        let mut roll = Roll::new(self.size.min(words.len()));
        for word in words {
            if let Some(run) = roll.push(word) {
                self.insert(run);
            }
        }
    }

    fn reserve(&mut self, more: usize) {
        let wanted = ((self.count + more) * 2 + 1).next_power_of_two();
        if wanted > self.places.len() {
            let before = std::mem::replace(&mut self.places, vec![0; wanted]);
            self.count = 0;
            before.into_iter().filter(|run| *run != 0).for_each(|run| self.insert(run));
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

    /// Whether any run was seen that stands in the `wanted` rows: for most texts the answer is no, and then
    /// [`Shingles::coverage`] has nothing to add.
    pub(crate) fn touches(&self, rows: &Rows<'_>, wanted: impl Fn(usize) -> bool) -> bool {
        if self.count == 0 {
            return false;
        }
        let mut roll = Roll::new(self.size);
        let mut found = false;
        for at in 0..rows.len() {
            if rows.state(at) == State::Blank {
                continue;
            }
            if !wanted(at) {
                roll.count = 0;
                roll.hash = 0;
                continue;
            }
            each_word(rows.text(at), |word| found |= roll.push(word).is_some_and(|run| self.holds(run)));
            if found {
                return true;
            }
        }
        false
    }

    /// For each row of a range: how many words it has, and how many of them stand in a run that was seen.
    /// Rows that are not `wanted` have no words, and no run goes across them.
    pub(crate) fn coverage(
        &self,
        rows: &Rows<'_>,
        range: std::ops::Range<usize>,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<Cover> {
        let mut covers = vec![Cover::default(); range.len()];
        if self.count == 0 {
            return covers;
        }
        let mut roll = Roll::new(self.size);
        // The rows of the last words, and how many of those words are known to be covered.
        let mut owners = [0; LONGEST];
        let mut fresh = 0;
        for (index, at) in range.enumerate() {
            if rows.state(at) == State::Blank {
                continue;
            }
            if !wanted(at) {
                roll.count = 0;
                roll.hash = 0;
                fresh = 0;
                continue;
            }
            let mut words = 0;
            each_word(rows.text(at), |word| {
                words += 1;
                let place = roll.count;
                owners[place % LONGEST] = index;
                fresh = (fresh + 1).min(self.size);
                if roll.push(word).is_some_and(|run| self.holds(run)) {
                    for word in (place + 1).saturating_sub(fresh)..=place {
                        covers[owners[word % LONGEST]].covered += 1;
                    }
                    fresh = 0;
                }
            });
            covers[index].words = words;
        }
        covers
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
        for (one, other) in [("ab", "a b"), ("abcdefgh", "abcdefghi"), ("e", "é"), ("a1", "a2")] {
            assert_ne!(words(one), words(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn runs_are_seen_across_rows_but_not_across_what_is_not_wanted() {
        let mut parent = Shingles::new(4);
        parent.add(["my kettle came without a lid"].into_iter());
        let rows = Rows::of_text("yes\nmy kettle\ncame without\nno");
        let covered = |rows: &Rows<'_>, wanted: fn(usize) -> bool| {
            let covers = parent.coverage(rows, 0..rows.len(), wanted);
            assert_eq!(parent.touches(rows, wanted), covers.iter().any(|cover| !cover.none()));
            covers.iter().map(|cover| cover.covered).collect::<Vec<_>>()
        };
        assert_eq!(covered(&rows, |_| true), [0, 2, 2, 0]);
        assert_eq!(covered(&rows, |at| at != 1), [0, 0, 0, 0]);
        let apart = Rows::of_text("my kettle\nnot\ncame without");
        assert_eq!(covered(&apart, |at| at != 1), [0, 0, 0]);
    }
}
