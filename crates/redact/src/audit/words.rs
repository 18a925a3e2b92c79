//! The words of the output: runs of letters and digits, as hashes.

use threadfold_core::eight::{SMALL, digits, eight};

/// More bytes than the longest value looked for.
pub(super) const MOST_BYTES: usize = 200;

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

pub(super) fn joined(before: u64, word: Hash) -> u64 {
    before.wrapping_mul(POWERS[(word.len as usize).min(MOST_BYTES)]).wrapping_add(word.value)
}

/// A run of letters and digits of some bytes.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its first eight letters and digits, in small letters: what most words are told from those looked for by.
    pub(super) sign: u64,
    pub(super) digit: bool,
    /// Of what is beyond ASCII; that of other words is found out when it is asked for.
    hash: Option<Hash>,
}

/// The hash of a word, and how many bytes went into it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Hash {
    pub(super) value: u64,
    len: u32,
}

impl Word {
    /// The hash of the word, of the bytes that it is a word of.
    #[inline]
    pub(super) fn hash(&self, bytes: &[u8]) -> Hash {
        self.hash.unwrap_or_else(|| {
            let word = &bytes[self.start..self.end];
            let value = word.iter().fold(0, |hash, b| mix(hash, LETTERS[usize::from(*b)]));
            Hash { value, len: word.len() as u32 }
        })
    }
}

/// The first eight letters and digits of words in a row, as if nothing stood between them.
#[derive(Default)]
pub(super) struct Start {
    sign: u64,
    len: usize,
}

impl Start {
    #[inline]
    pub(super) fn add(&mut self, word: &Word, hash: Hash) {
        if self.len < 8 {
            self.sign |= word.sign << (8 * self.len);
        }
        self.len += hash.len as usize;
    }

    #[inline]
    pub(super) fn sign(&self) -> u64 {
        self.sign
    }

    /// The signs of what may be the first words of the same letters and digits in other groups.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = u64> {
        let sign = self.sign;
        (1..=self.len.min(8)).map(move |len| sign & first_bytes(len))
    }
}

/// Numbers of which the first so many bytes are ones, as [`eight`] reads them.
const FIRST: [u64; 9] = {
    let mut table = [u64::MAX; 9];
    let mut len = 0;
    while len < 8 {
        table[len] = (1 << (8 * len)) - 1;
        len += 1;
    }
    table
};

#[inline]
fn first_bytes(len: usize) -> u64 {
    FIRST[len.min(8)]
}

/// The words of a value.
pub(super) fn words(value: &[u8]) -> Vec<(Word, Hash)> {
    Words::of(value).map(|word| (word, word.hash(value))).collect()
}

/// Nothing for what parts words, itself for digits, the small letter for letters, [`WIDE`] beyond ASCII.
const LETTERS: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        table[i] = if b.is_ascii_alphanumeric() {
            b.to_ascii_lowercase()
        } else if b >= 0x80 {
            WIDE
        } else {
            0
        };
        i += 1;
    }
    table
};
const WIDE: u8 = 0xff;

/// The words of some bytes, one after the other. Lower-cases what it can; bytes beyond ASCII count as letters unless
/// they are general punctuation.
pub(super) struct Words<'a> {
    bytes: &'a [u8],
    /// Where the 64 bytes begin that are looked at.
    base: usize,
    /// Which of them are of words to read: letters, digits, or beyond ASCII. The first is the lowest bit.
    left: u64,
    /// Which of them are beyond ASCII.
    beyond: u64,
}

impl<'a> Words<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Words<'a> {
        let mut words = Words { bytes, base: 0, left: 0, beyond: 0 };
        words.go_on(0);
        words
    }

    /// Goes on to the 64 bytes from a place on; false where there are none.
    #[inline]
    fn go_on(&mut self, base: usize) -> bool {
        self.base = base;
        let rest = self.bytes.get(base..).unwrap_or(&[]);
        (self.left, self.beyond) = match rest.first_chunk::<64>() {
            Some(block) => runs(block),
            None => {
                let mut padded = [0; 64];
                padded[..rest.len()].copy_from_slice(rest);
                runs(&padded)
            }
        };
        !rest.is_empty()
    }

    /// The next word, of those whose sign is `wanted` or that hold more than ASCII.
    #[inline]
    pub(super) fn find(&mut self, wanted: impl Fn(u64) -> bool) -> Option<Word> {
        loop {
            while self.left == 0 {
                if !self.go_on(self.base + 64) {
                    return None;
                }
            }
            // Adding one to a run of ones clears it and sets the bit behind it.
            let start = self.base + self.left.trailing_zeros() as usize;
            let (behind, cut) = self.left.overflowing_add(self.left & self.left.wrapping_neg());
            let mut beyond = self.beyond & self.left & !behind;
            self.left &= behind;
            let mut end = self.base + behind.trailing_zeros() as usize;
            // The run goes on in the next 64 bytes. What is beyond ASCII is read in another way from here: to look further
            // would be to pass over all of such a run for each word in it.
            let mut goes_on = cut;
            while goes_on && beyond == 0 && self.go_on(self.base + 64) {
                let more = self.left.trailing_ones();
                goes_on = more == 64;
                let rest = u64::MAX.checked_shl(more).unwrap_or(0);
                beyond |= self.beyond & !rest;
                self.left &= rest;
                end = self.base + more as usize;
            }
            if beyond != 0 {
                let (word, next) = wide_word(self.bytes, start);
                // What is left of the run may be of other words.
                self.go_on(next);
                if word.hash.is_some_and(|hash| hash.len > 0) {
                    return Some(word);
                }
                continue;
            }
            // In small letters; digits have that bit too.
            let sign = (eight(&self.bytes[start..]) | SMALL) & first_bytes(end - start);
            if wanted(sign) {
                let digit = self.bytes[start..end].chunks(8).any(|part| digits(eight(part)) != 0);
                return Some(Word { start, end, sign, digit, hash: None });
            }
        }
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        self.find(|_| true)
    }
}

/// Which of 64 bytes are letters, digits or beyond ASCII, and which are beyond: the first is the lowest bit.
#[inline]
fn runs(block: &[u8; 64]) -> (u64, u64) {
    let beyond = if block.is_ascii() { 0 } else { those(block, |b| b >= 0x80) };
    let letter = |b: u8| (b | 0x20).wrapping_sub(b'a') < 26;
    (those(block, |b| letter(b) | (b.wrapping_sub(b'0') < 10) | (b >= 0x80)), beyond)
}

/// Which of 64 bytes are some; told for many at once.
#[inline]
fn those(block: &[u8; 64], some: impl Fn(u8) -> bool) -> u64 {
    let mut ones = [0; 64];
    for (one, byte) in ones.iter_mut().zip(block) {
        *one = u8::from(some(*byte));
    }
    // The lowest bits of eight bytes side by side.
    let gathered = |set: u64| set.wrapping_mul(0x0102_0408_1020_4080) >> 56;
    ones.chunks_exact(8).enumerate().fold(0, |all, (nth, part)| all | gathered(eight(part)) << (8 * nth))
}

/// A word that may hold more than ASCII, empty if none stands there, and where to look on for the next one: behind
/// what stopped it.
fn wide_word(bytes: &[u8], start: usize) -> (Word, usize) {
    let mut at = start;
    let (mut value, mut len) = (0, 0);
    let (mut sign, mut digit) = (0_u64, false);
    let mut take = |b: u8| {
        if len < 8 {
            sign |= u64::from(b) << (8 * len);
        }
        value = mix(value, b);
        len += 1;
    };
    while let Some(b) = bytes.get(at) {
        let letter = LETTERS[*b as usize];
        if letter == 0 {
            break;
        }
        if letter != WIDE {
            digit |= letter <= b'9';
            take(letter);
            at += 1;
            continue;
        }
        if let Some(len) = plainly_small(&bytes[at..]) {
            bytes[at..at + len].iter().copied().for_each(&mut take);
            at += len;
            continue;
        }
        let (size, c) = character(&bytes[at..]);
        match c {
            Some(c) if !of_words(c) => {
                // Zero-width characters part no words.
                if !matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{300}'..='\u{36f}')
                {
                    break;
                }
            }
            Some(c) => {
                let mut buffer = [0; 4];
                for lower in c.to_lowercase() {
                    lower.encode_utf8(&mut buffer).bytes().for_each(&mut take);
                }
            }
            None => take(*b),
        }
        at += size;
    }
    // What stopped the word, or was none.
    let next = match bytes.get(at) {
        Some(b) if *b >= 0x80 => at + character(&bytes[at..]).0,
        _ => at + 1,
    };
    (Word { start, end: at, sign, digit, hash: Some(Hash { value, len }) }, next)
}

/// How many bytes the first character has, if it is one of the letters that most words beyond ASCII are made of and
/// has no other lower case: small ones of Latin-1 and Cyrillic, and those of Chinese.
#[inline]
fn plainly_small(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0xc3, 0x9f..=0xb6 | 0xb8..=0xbf, ..] | [0xd0, 0xb0..=0xbf, ..] | [0xd1, 0x80..=0x9f, ..] => Some(2),
        [0xe5..=0xe8, 0x80..=0xbf, 0x80..=0xbf, ..] => Some(3),
        _ => None,
    }
}

/// Whether a character is a letter or a digit; of general punctuation there is the most and none is.
#[inline]
fn of_words(c: char) -> bool {
    !matches!(c, '\u{2000}'..='\u{206f}') && c.is_alphanumeric()
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
pub(super) fn row(before: u64, word: Hash) -> u64 {
    (before.rotate_left(9) ^ word.value).wrapping_mul(BASE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lower(text: &str) -> Vec<u8> {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
            .into_bytes()
    }

    #[test]
    fn letters_taken_as_they_stand_are_small_ones() {
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            assert_eq!(of_words(c), c.is_alphanumeric(), "{c:?}");
            if let Some(len) = plainly_small(text.as_bytes()) {
                assert!(len == text.len() && c.is_alphanumeric() && c.to_lowercase().eq([c]), "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn words_are_runs_of_letters_and_digits(text in "[ -~äÄßéЯяİ中’\u{ad}\u{200b}\n]{0,300}") {
            let parts = |c: char| !c.is_alphanumeric() && !matches!(c, '\u{ad}' | '\u{200b}');
            let expected: Vec<Vec<u8>> = text.split(parts).map(lower).filter(|word| !word.is_empty()).collect();
            let found = words(text.as_bytes());
            let told: Vec<Vec<u8>> = found.iter().map(|(word, _)| lower(&text[word.start..word.end])).collect();
            prop_assert_eq!(&told, &expected);
            for ((word, hash), letters) in found.iter().zip(&told) {
                let value = letters.iter().fold(0, |hash, b| mix(hash, *b));
                prop_assert_eq!((hash.value, hash.len as usize), (value, letters.len()));
                prop_assert_eq!(word.sign, eight(&letters[..letters.len().min(8)]));
                prop_assert_eq!(word.digit, letters.iter().any(u8::is_ascii_digit));
            }
        }

        #[test]
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let found = words(&bytes);
            prop_assert!(found.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start));
            prop_assert!(found.iter().all(|(word, hash)| word.start < word.end && hash.len > 0));
        }
    }
}
