//! The words of the output: runs of letters and digits, as hashes.

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

pub(super) fn joined(before: u64, word: &Word) -> u64 {
    before.wrapping_mul(POWERS[(word.len as usize).min(MOST_BYTES)]).wrapping_add(word.hash)
}

/// A run of letters and digits of some bytes.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) hash: u64,
    /// Bytes that went into the hash.
    len: u32,
    pub(super) digit: bool,
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

/// Splits bytes into words (cleared first). Lower-cases what it can; bytes beyond ASCII count as letters
/// unless they are general punctuation.
pub(super) fn words(bytes: &[u8], out: &mut Vec<Word>) {
    out.clear();
    let mut at = 0;
    while at < bytes.len() {
        if LETTERS[bytes[at] as usize] == 0 {
            at += 1;
            continue;
        }
        let start = at;
        let mut hash = 0u64;
        let mut len = 0u32;
        let mut digit = false;
        while let Some(b) = bytes.get(at) {
            let letter = LETTERS[*b as usize];
            if letter == 0 {
                break;
            }
            if letter != WIDE {
                digit |= letter <= b'9';
                hash = mix(hash, letter);
                len += 1;
                at += 1;
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
                        for b in lower.encode_utf8(&mut buffer).bytes() {
                            hash = mix(hash, b);
                            len += 1;
                        }
                    }
                }
                None => {
                    hash = mix(hash, *b);
                    len += 1;
                }
            }
            at += size;
        }
        if len > 0 {
            out.push(Word { start, end: at, hash, len, digit });
        }
        // What stopped the word, or was none.
        match bytes.get(at) {
            Some(b) if *b >= 0x80 => at += character(&bytes[at..]).0,
            Some(_) => at += 1,
            None => {}
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
pub(super) fn row(before: u64, word: &Word) -> u64 {
    (before.rotate_left(9) ^ word.hash).wrapping_mul(BASE)
}
