//! Eight bytes of a text at a time, as one number: the first byte is the lowest.
//!
//! A set of bytes is a number in which the highest bit of each byte says whether that byte belongs to it. What looks
//! at every byte of a text is several times faster so, without a line of unsafe code.
//!
//! ```
//! use threadfold_core::eight::{before, eight, letters};
//! let not_letters = !letters(eight(b"where is it?")) & threadfold_core::eight::HIGH;
//! assert_eq!(before(not_letters), 5);
//! ```

/// A one in each byte.
pub const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte: set where a byte is none of ASCII.
pub const HIGH: u64 = 0x80 * ONES;
/// The bit that makes ASCII letters small, and that digits have.
pub const SMALL: u64 = 0x20 * ONES;

/// The first eight bytes of a text; what is not there counts as zeros.
#[inline]
pub fn eight(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    // The first and the last of them, which may be the same in part.
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
        (Some(first), Some(last), _) => {
            let [first, last] = [first, last].map(|four| u64::from(u32::from_le_bytes(*four)));
            first | last << ((bytes.len() - 4) * 8)
        }
        (_, _, [first, second, third]) => {
            u64::from(*first) | u64::from(*second) << 8 | u64::from(*third) << 16
        }
        (_, _, [first, second]) => u64::from(*first) | u64::from(*second) << 8,
        (_, _, [only]) => u64::from(*only),
        _ => 0,
    }
}

/// The bytes from `first` to `last`, of those that are ASCII; others are told wrong.
#[inline]
fn between(eight: u64, first: u8, last: u8) -> u64 {
    // The bits below the highest cannot carry into the next byte.
    let low = eight & !HIGH;
    let at_least = |value: u8| low + u64::from(0x80 - value) * ONES;
    at_least(first) & !at_least(last + 1)
}

/// The bytes that are a given one of ASCII.
#[inline]
pub fn equal(eight: u64, byte: u8) -> u64 {
    between(eight, byte, byte) & !eight & HIGH
}

/// Whether one of the bytes is equal to one.
#[inline]
pub fn holds(eight: u64, byte: u8) -> bool {
    let others = eight ^ (u64::from(byte) * ONES);
    others.wrapping_sub(ONES) & !others & HIGH != 0
}

/// The small letters of ASCII.
#[inline]
pub fn small_letters(eight: u64) -> u64 {
    between(eight, b'a', b'z') & !eight & HIGH
}

/// The letters of ASCII in small ones.
#[inline]
pub fn in_small(eight: u64) -> u64 {
    eight | (between(eight, b'A', b'Z') & !eight & HIGH) >> 2
}

/// The letters of ASCII, without digits.
#[inline]
pub fn ascii_letters(eight: u64) -> u64 {
    between(eight | SMALL, b'a', b'z') & !eight & HIGH
}

/// The digits of ASCII.
#[inline]
pub fn digits(eight: u64) -> u64 {
    between(eight, b'0', b'9') & !eight & HIGH
}

/// The letters and digits of ASCII.
#[inline]
pub fn letters(eight: u64) -> u64 {
    ascii_letters(eight) | digits(eight)
}

/// The white space of ASCII.
#[inline]
pub fn spaces(eight: u64) -> u64 {
    (between(eight, b' ', b' ') | between(eight, 9, 13)) & !eight & HIGH
}

/// How many bytes come before the first of a set.
#[inline]
pub fn before(set: u64) -> usize {
    (set.trailing_zeros() / 8) as usize
}

/// How many bytes a set has.
#[inline]
pub fn count(set: u64) -> usize {
    ((set >> 7).wrapping_mul(ONES) >> 56) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_the_bytes_they_name_wherever_they_stand() {
        for byte in 0..=255_u8 {
            for place in 0..8 {
                for around in [0, b'a', b'Z', 0x7F, 0x80, 0xFF] {
                    let mut bytes = [around; 8];
                    bytes[place] = byte;
                    let holds = |set: u64| set >> (place * 8) & 0x80 != 0;
                    let all = eight(&bytes);
                    assert_eq!(holds(equal(all, b'"')), byte == b'"');
                    assert_eq!(holds(small_letters(all)), byte.is_ascii_lowercase());
                    assert_eq!(holds(ascii_letters(all)), byte.is_ascii_alphabetic());
                    assert_eq!(holds(digits(all)), byte.is_ascii_digit());
                    assert_eq!(holds(ascii_letters(all)), byte.is_ascii_alphabetic());
                    assert_eq!(holds(letters(all)), byte.is_ascii_alphanumeric());
                    assert_eq!(holds(spaces(all)), matches!(byte, b' ' | 9..=13));
                    assert_eq!(in_small(all).to_le_bytes(), bytes.map(|byte| byte.to_ascii_lowercase()));
                }
            }
        }
        assert_eq!((before(letters(eight(b"  ab"))), before(letters(0))), (2, 8));
        for length in 0..=8 {
            let mut bytes = [0; 8];
            bytes[..length].copy_from_slice(&b"abcdefgh"[..length]);
            assert_eq!(eight(&b"abcdefgh"[..length]), u64::from_le_bytes(bytes));
        }
        assert!(holds(eight(b"\xE9 > a>"), b'>') && !holds(eight(b"a=\xBE?<"), b'>'));
        assert_eq!((count(spaces(eight(b" a b c  "))), count(0), count(HIGH)), (5, 0, 8));
    }
}
