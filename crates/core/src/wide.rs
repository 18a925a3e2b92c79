//! Sixty-four bytes of a text at a time, in the widest registers that the machine turns out to have: for what is looked
//! at byte by byte in every mail, header blocks above all. Still without a line of unsafe code of ours: `vsimd`, which
//! base64 decoding brings along, does what has to be done about the registers.
//!
//! Where registers are not known, [`crate::eight`] does the same with numbers.

#[cfg(target_arch = "x86_64")]
use vsimd::isa::{AVX2, SSE2, detect};
#[cfg(target_arch = "x86_64")]
use vsimd::vector::{V128, V256};
#[cfg(target_arch = "x86_64")]
use vsimd::{SIMD128, SIMD256};

use crate::eight::equal;

/// How many bytes one set tells of.
pub const BLOCK: usize = 64;

/// Runs what is given as compiled for the widest registers of this machine: for loops over many bytes of which the
/// compiler makes vectors. It has to be short, or the compiler does not make it part of this.
///
/// ```
/// let ascii = |text: &[u8]| threadfold_core::wide::widely(|| text.iter().fold(0, |all, b| all | b) < 128);
/// assert!(ascii(b"abc") && !ascii("é".as_bytes()));
/// ```
#[inline]
pub fn widely<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(target_arch = "x86_64")]
    return vsimd::native::Native::detect().exec(work);
    #[cfg(not(target_arch = "x86_64"))]
    work()
}

/// Marks where a byte stands in the whole blocks of a text, as many as there are sets: the lowest bit is the first
/// byte's. Returns how many blocks.
///
/// ```
/// let mut text = b"A: b\n c\nD: e\n\n".to_vec();
/// text.resize(100, b'x');
/// let mut sets = [0; 2];
/// assert_eq!(threadfold_core::wide::places(&text, b'\n', &mut sets), 1);
/// assert_eq!(sets, [1 << 4 | 1 << 7 | 1 << 12 | 1 << 13, 0]);
/// ```
#[inline]
pub fn places(text: &[u8], byte: u8, sets: &mut [u64]) -> usize {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let count = blocks.len().min(sets.len());
    #[cfg(target_arch = "x86_64")]
    if let Some(isa) = detect::<AVX2>() {
        // Not one comparison more has room in what the compiler makes part of this.
        widely(|| {
            let byte = isa.u8x32_splat(byte);
            for (set, block) in sets.iter_mut().zip(blocks) {
                let (halves, _) = block.as_chunks();
                let half =
                    |of: &[u8; BLOCK / 2]| isa.u8x32_bitmask(isa.u8x32_eq(V256::from_bytes(*of), byte));
                *set = u64::from(half(&halves[0])) | u64::from(half(&halves[1])) << (BLOCK / 2);
            }
        });
        return count;
    }
    for (set, block) in sets.iter_mut().zip(blocks) {
        *set = places_in(block, byte);
    }
    count
}

/// Where a byte stands in a block, in narrower registers.
#[inline]
pub fn places_in(block: &[u8; BLOCK], byte: u8) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if let Some(isa) = detect::<SSE2>() {
        let byte = isa.u8x16_splat(byte);
        let quarter = |of: &[u8; 16]| u64::from(isa.u8x16_bitmask(isa.u8x16_eq(V128::from_bytes(*of), byte)));
        let (quarters, _) = block.as_chunks();
        return quarters.iter().rev().fold(0, |set, of| set << 16 | quarter(of));
    }
    let (eights, _) = block.as_chunks();
    eights.iter().rev().fold(0, |set, eight| set << 8 | bits(equal(u64::from_le_bytes(*eight), byte)))
}

/// The highest bit of each of eight bytes, of which no other is set.
#[inline]
fn bits(set: u64) -> u64 {
    (set >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// How many of a text's first sixteen bytes come before the first that cannot stand in a header field's name: one that
/// is not printable, a space, or a colon.
///
/// ```
/// let name_len = |text: &str| threadfold_core::wide::name_len(text.as_bytes().first_chunk().unwrap());
/// assert_eq!((name_len("Subject: Hi, there"), name_len("X-A-name-of-twenty:")), (7, 16));
/// ```
#[inline]
pub fn name_len(text: &[u8; 16]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if let Some(isa) = detect::<SSE2>() {
        let [space, delete, colon] = [b'!', b'~', b':'].map(|byte| isa.u8x16_splat(byte));
        let text = V128::from_bytes(*text);
        let high = isa.u8x16_eq(isa.u8x16_max(text, space), text);
        let low = isa.u8x16_eq(isa.u8x16_min(text, delete), text);
        let name = isa.v128_andnot(isa.v128_and(high, low), isa.u8x16_eq(text, colon));
        return (!isa.u8x16_bitmask(name)).trailing_zeros() as usize;
    }
    text.iter().position(|b| !matches!(b, 33..=126) || *b == b':').unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_where_they_stand() {
        let mut seed = 1_u32;
        let mut text = [0; 1_100];
        for _ in 0..100 {
            for byte in &mut text {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = b"\n\n\r\t\x0b\x8a\xff\0 =<"[(seed >> 16) as usize % 11];
            }
            for (length, most) in [(1_100, 17), (1_088, 20), (1_087, 16), (1_100, 3), (63, 1), (0, 1)] {
                let (text, mut sets) = (&text[..length], [7; 20]);
                let blocks = places(text, b'\n', &mut sets[..most]);
                assert_eq!(blocks, (length / BLOCK).min(most));
                assert!(sets[blocks..].iter().all(|set| *set == 7));
                for (set, block) in sets.iter().zip(text.as_chunks::<BLOCK>().0).take(blocks) {
                    let (eights, _) = block.as_chunks();
                    let by_eight = eights
                        .iter()
                        .rev()
                        .fold(0, |set, eight| set << 8 | bits(equal(u64::from_le_bytes(*eight), b'\n')));
                    assert_eq!((*set, *set), (by_eight, places_in(block, b'\n')));
                    assert!((0..BLOCK).all(|i| (*set >> i & 1 == 1) == (block[i] == b'\n')));
                }
            }
        }
    }

    #[test]
    fn names_end_where_they_do() {
        for byte in 0..=255_u8 {
            for place in 0..16 {
                let mut text = *b"abcdefgh-!~ABCDE";
                text[place] = byte;
                let ends = !matches!(byte, 33..=126) || byte == b':';
                assert_eq!(name_len(&text), if ends { place } else { 16 });
            }
        }
    }
}
