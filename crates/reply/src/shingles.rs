//! Which rows repeat another text, however a mail program broke its lines.

use rustc_hash::FxHashSet;

use crate::lines::{Rows, State};

/// The runs of words of some texts, by hash.
pub(crate) struct Shingles {
    size: usize,
    seen: FxHashSet<u64>,
    /// A bit for each run's lowest bits: most words of most texts repeat nothing, and that shows here.
    filter: Box<[u64; FILTER]>,
}

/// Words of 64 bits in the filter; the top bits of a hash, its best ones, choose the bit.
const FILTER: usize = 64;

const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash.rotate_left(23) ^ value).wrapping_mul(MIX);
    mixed ^ mixed >> 29
}

/// A word's hash; `small` sets the bits that make its letters small ones.
fn hash_word(word: &[u8], small: u64) -> u64 {
    let mut eights = word.chunks_exact(8);
    let mut hash = word.len() as u64;
    for eight in eights.by_ref() {
        hash = mix(hash, eight.try_into().map_or(0, u64::from_le_bytes) | small);
    }
    let small = small & 0xFF;
    let last = eights.remainder().iter().fold(0, |last, byte| last << 8 | u64::from(*byte) | small);
    mix(hash, last)
}

/// The bit of ASCII letters that makes them small, and that digits have anyway.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// Hands over the words of a text, hashed without their case; what is no letter and no digit parts them.
fn each_word(text: &str, mut found: impl FnMut(u64)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            at += 1;
        }
        if bytes.get(at).is_none_or(u8::is_ascii) {
            if at > start {
                found(hash_word(&bytes[start..at], SMALL));
            }
            at += 1;
            continue;
        }
        let rest = &text[start..];
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        if length > 0 {
            found(hash_word(rest[..length].to_lowercase().as_bytes(), 0));
        }
        at = start + length + rest[length..].chars().next().map_or(0, char::len_utf8);
    }
}

/// Calls `found` with the hash of each run of `size` words and where it begins, at the same cost whatever the
/// size (Rabin and Karp's rolling hash, modulo 2^64; the words are well-mixed themselves).
fn each_run(words: &[u64], size: usize, mut found: impl FnMut(usize, u64)) {
    if words.len() < size || size == 0 {
        return;
    }
    let gone = (0..size).fold(1_u64, |power, _| power.wrapping_mul(MIX));
    let mut hash = words[..size].iter().fold(0, |hash: u64, word| hash.wrapping_mul(MIX).wrapping_add(*word));
    found(0, hash);
    for at in size..words.len() {
        hash = hash.wrapping_mul(MIX).wrapping_add(words[at]);
        hash = hash.wrapping_sub(words[at - size].wrapping_mul(gone));
        found(at - size + 1, hash);
    }
}

impl Shingles {
    /// Runs of `size` words.
    pub(crate) fn new(size: usize) -> Self {
        Self { size, seen: FxHashSet::default(), filter: Box::new([0; FILTER]) }
    }

    /// Adds a text's runs; a text shorter than one run is a run of its own.
    pub(crate) fn add<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        let mut words: Vec<u64> = Vec::new();
        texts.for_each(|text| each_word(text, |word| words.push(word)));
        self.seen.reserve(words.len());
        let size = self.size.min(words.len());
        each_run(&words, size, |_, run| self.insert(run));
    }

    fn insert(&mut self, run: u64) {
        self.filter[(run >> 58) as usize] |= 1 << (run >> 52 & 63);
        self.seen.insert(run);
    }

    fn holds(&self, run: u64) -> bool {
        self.filter[(run >> 58) as usize] >> (run >> 52 & 63) & 1 == 1 && self.seen.contains(&run)
    }

    /// Whether any run was seen that stands in the `wanted` rows: for most texts the answer is no, and then
    /// [`Shingles::coverage`] has nothing to add.
    pub(crate) fn touches(&self, rows: &Rows<'_>, wanted: impl Fn(usize) -> bool) -> bool {
        let mut stream: Vec<u64> = Vec::new();
        let mut found = false;
        for at in 0..=rows.len() {
            let ends = at == rows.len() || rows.state(at) != State::Blank && !wanted(at);
            if ends {
                each_run(&stream, self.size, |_, run| found |= self.holds(run));
                stream.clear();
            } else if rows.state(at) != State::Blank {
                each_word(rows.text(at), |word| stream.push(word));
            }
        }
        found
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
        if self.seen.is_empty() {
            return covers;
        }
        let mut stream: Vec<u64> = Vec::new();
        let mut owner: Vec<usize> = Vec::new();
        let mut covered_to = 0;
        let mut flush = |stream: &mut Vec<u64>, owner: &mut Vec<usize>, covers: &mut Vec<Cover>| {
            each_run(stream, self.size, |at, run| {
                if self.holds(run) {
                    for word in at.max(covered_to)..at + self.size {
                        covers[owner[word]].covered += 1;
                    }
                    covered_to = at + self.size;
                }
            });
            covered_to = 0;
            stream.clear();
            owner.clear();
        };
        for (index, at) in range.enumerate() {
            if rows.state(at) == State::Blank {
                continue;
            }
            if !wanted(at) {
                flush(&mut stream, &mut owner, &mut covers);
                continue;
            }
            let before = stream.len();
            each_word(rows.text(at), |word| stream.push(word));
            covers[index].words = stream.len() - before;
            owner.resize(stream.len(), index);
        }
        flush(&mut stream, &mut owner, &mut covers);
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
