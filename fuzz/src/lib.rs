//! What the targets share: mutations that keep texts texts.
//!
//! libFuzzer changes bytes; what a mailbox, a mail or a reply is read by are lines, tags and rows. [`mutate`]
//! moves whole pieces about, puts in pieces that rules look at, and leaves the bytes to libFuzzer the other
//! half of the time. Inputs stay what a person can read, and seeds are plain files.

use libfuzzer_sys::fuzzer_mutate;

/// A small generator of pseudo-random numbers (splitmix64): the fuzzer's seed decides everything.
pub struct Random(u64);

impl Random {
    /// A generator whose numbers follow from `seed`.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A number below `limit`, 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) as usize).checked_rem(limit).unwrap_or(0)
    }
}

/// Changes `data[..size]` in place, to at most `max_size` bytes, and gives the new size. Units end after a byte
/// for which `ends` holds; `pieces` are what is put in.
pub fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    ends: fn(u8) -> bool,
    pieces: &[&str],
) -> usize {
    let mut random = Random::new(u64::from(seed));
    if random.below(2) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut units: Vec<&[u8]> = data[..size].split_inclusive(|b| ends(*b)).collect();
    for _ in 0..=random.below(3) {
        let at = random.below(units.len() + 1);
        let run = 1 + random.below(3);
        match random.below(7) {
            0 | 1 => units.insert(at, pieces[random.below(pieces.len())].as_bytes()),
            2 if at < units.len() => units[at] = pieces[random.below(pieces.len())].as_bytes(),
            3 => drop(units.drain(at..(at + run).min(units.len()))),
            4 if at < units.len() => {
                let copy = units[at..(at + run).min(units.len())].to_vec();
                let to = random.below(units.len() + 1);
                units.splice(to..to, copy);
            }
            5 if at < units.len() => {
                let moved: Vec<_> = units.drain(at..(at + run).min(units.len())).collect();
                let to = random.below(units.len() + 1);
                units.splice(to..to, moved);
            }
            _ => {
                let other = random.below(units.len());
                if at < units.len() {
                    units.swap(at, other);
                }
            }
        }
    }
    let mut out = units.concat();
    out.truncate(max_size);
    data[..out.len()].copy_from_slice(&out);
    out.len()
}

/// Whether a byte ends a line.
pub fn line(byte: u8) -> bool {
    byte == b'\n'
}

/// Letters and digits, the characters that carry what a text says.
pub fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| c.is_alphanumeric())
}

/// The line that parts the texts of an input which holds several.
pub const PARTING: &str = "%%";

/// The texts of an input that holds several.
pub fn texts(input: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for line in input.split_inclusive('\n') {
        if line.trim_end() == PARTING {
            all.push(String::new());
        } else if let Some(last) = all.last_mut() {
            last.push_str(line);
        }
    }
    all
}
