//! The words of the output: runs of letters and digits, as hashes.

use threadfold_core::eight::{SMALL, eight};

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
    /// Where to look on for the next one: behind what stopped it, if that was looked at.
    pub(super) next: usize,
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

/// The words of a value.
pub(super) fn words(value: &[u8]) -> Vec<(Word, Hash)> {
    let mut at = 0;
    std::iter::from_fn(|| {
        let word = next_word(value, at)?;
        at = word.next;
        Some((word, word.hash(value)))
    })
    .collect()
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

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const BEYOND: u8 = 4;

/// What a byte is; 0 for what parts words.
const KINDS: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = match LETTERS[i] {
            0 => 0,
            WIDE => BEYOND,
            b'0'..=b'9' => DIGIT,
            _ => LETTER,
        };
        i += 1;
    }
    table
};

/// The next word at or behind a place that is not in the midst of one. Lower-cases what it can; bytes beyond ASCII
/// count as letters unless they are general punctuation.
#[inline]
pub(super) fn next_word(bytes: &[u8], mut at: usize) -> Option<Word> {
    loop {
        at += bytes.get(at..)?.iter().position(|b| KINDS[usize::from(*b)] != 0)?;
        let start = at;
        let mut seen = 0;
        let word = bytes[at..].iter().take_while(|b| {
            let kind = KINDS[usize::from(**b)];
            seen |= kind;
            kind & (LETTER | DIGIT) != 0
        });
        at += word.count();
        if seen & BEYOND == 0 {
            // In small letters; digits have that bit too.
            let mask = !u64::MAX.checked_shl(8 * (at - start) as u32).unwrap_or(0);
            let sign = (eight(&bytes[start..]) | SMALL) & mask;
            return Some(Word { start, end: at, next: at, sign, digit: seen & DIGIT != 0, hash: None });
        }
        let word = wide_word(bytes, start);
        if word.hash.is_some_and(|hash| hash.len > 0) {
            return Some(word);
        }
        at = word.next;
    }
}

/// A word that may hold more than ASCII, empty if none stands there.
fn wide_word(bytes: &[u8], start: usize) -> Word {
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
    Word { start, end: at, next, sign, digit, hash: Some(Hash { value, len }) }
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
            if let Some(len) = plainly_small(text.as_bytes()) {
                assert!(len == text.len() && c.is_alphanumeric() && c.to_lowercase().eq([c]), "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn words_are_runs_of_letters_and_digits(text in "[ -~äÄßéЯяİ中’\u{ad}\u{200b}\n]{0,60}") {
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
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let found = words(&bytes);
            prop_assert!(found.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start));
            prop_assert!(found.iter().all(|(word, hash)| word.start < word.end && hash.len > 0));
        }
    }
}
