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

/// ASCII letters as small ones, digits as they are, and 0 for all other bytes.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            letters[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    letters
};

/// A word's hash, made byte by byte.
#[derive(Default)]
struct WordHash {
    hash: u64,
    eight: u64,
    length: u64,
}

impl WordHash {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.eight = self.eight << 8 | u64::from(byte);
        self.length += 1;
        if self.length.is_multiple_of(8) {
            self.hash = mix(self.hash, self.eight);
            self.eight = 0;
        }
    }

    #[inline]
    fn finish(self) -> u64 {
        mix(mix(self.hash, self.eight), self.length)
    }
}

/// Hands over the words of a text, hashed without their case; what is no letter and no digit parts them.
#[inline]
fn each_word(text: &str, mut found: impl FnMut(u64)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte < 0x80 && LETTERS[usize::from(byte)] == 0 {
            at += 1;
            continue;
        }
        let start = at;
        let mut word = WordHash::default();
        while let Some(letter) = bytes.get(at).map(|byte| LETTERS[usize::from(*byte)]).filter(|l| *l != 0) {
            word.push(letter);
            at += 1;
        }
        if bytes.get(at).is_none_or(u8::is_ascii) {
            found(word.finish());
            at += 1;
        } else {
            let (end, hash) = wide_word(&text[start..]);
            at = start + end;
            hash.into_iter().for_each(&mut found);
        }
    }
}

/// A word of more than ASCII at the start of a text: where what follows it begins, and its hash, if there is a word.
fn wide_word(text: &str) -> (usize, Option<u64>) {
    let mut word = WordHash::default();
    let mut push = |c: char| {
        let mut bytes = [0; 4];
        c.encode_utf8(&mut bytes).bytes().for_each(|byte| word.push(byte));
    };
    let mut end = text.len();
    let mut any = false;
    for (at, c) in text.char_indices() {
        match c {
            '\u{df}'..='\u{f6}' | '\u{f8}'..='\u{ff}' | 'a'..='z' | '0'..='9' => push(c),
            'A'..='Z' => push(c.to_ascii_lowercase()),
            _ if !c.is_alphanumeric() => {
                end = at + c.len_utf8();
                break;
            }
            _ => c.to_lowercase().for_each(&mut push),
        }
        any = true;
    }
    (end, any.then(|| word.finish()))
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
