//! Strings kept once, named by number.

use crate::Passing;

/// A 64-bit hash of some bytes that is the same on every machine and in every run (FNV-1a with a final
/// mix). Good for identity among the strings of an archive, no defence against an adversary: whoever
/// treats two equal hashes as equal strings says so.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    // Eight bytes at a time: message ids are long and there are many.
    let mut h: u64 = 0xcbf2_9ce4_8422_2325 ^ (bytes.len() as u64);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0u8; 8];
        word.copy_from_slice(chunk);
        h = (h ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        h ^= h >> 32;
    }
    for &b in chunks.remainder() {
        h = (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    // splitmix64's finaliser spreads the last bytes over the whole word.
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

/// A string in an [`Interner`]. `Symbol::EMPTY` is the empty string in every interner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub u32);

impl Symbol {
    /// The empty string.
    pub const EMPTY: Symbol = Symbol(0);
}

/// Each distinct string once, in one buffer, in the order of first appearance.
///
/// ```
/// use threadfold_core::{Interner, Symbol};
/// let mut names = Interner::default();
/// let a = names.intern("ada@example.com");
/// assert_eq!(names.intern("ada@example.com"), a);
/// assert_eq!(names.get(a), "ada@example.com");
/// assert_eq!(names.get(Symbol::EMPTY), "");
/// ```
#[derive(Clone, Debug)]
pub struct Interner {
    text: String,
    /// Where each string ends in `text`, the lower 32 bits of it; a string starts where its predecessor ends.
    ends: Vec<u32>,
    /// The first string to end beyond 4 GiB, 8 GiB, and so on.
    turns: Vec<u32>,
    /// By open addressing, one more than a symbol each. Empty when closed.
    slots: Passing<u32>,
    /// Of each slot a byte of the string's hash that is not 0; 0 where the slot is free.
    tags: Passing<u8>,
}

impl Default for Interner {
    fn default() -> Self {
        let mut empty = Interner {
            text: String::new(),
            ends: vec![0],
            turns: Vec::new(),
            slots: Passing::default(),
            tags: Passing::default(),
        };
        empty.index(16);
        empty
    }
}

/// The byte of a hash that stands beside its slot.
fn tag_of(hash: u64) -> u8 {
    (hash as u8).max(1)
}

impl Interner {
    /// The symbol of a string, new or known.
    pub fn intern(&mut self, s: &str) -> Symbol {
        if s.is_empty() {
            return Symbol::EMPTY;
        }
        let hash = hash_bytes(s.as_bytes());
        if (self.ends.len() + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        let slot = match self.search(s, hash) {
            Ok(known) => return known,
            Err(slot) => slot,
        };
        let i = self.ends.len() as u32;
        self.text.push_str(s);
        let end = self.text.len() as u64;
        while (self.turns.len() as u64) < end >> 32 {
            self.turns.push(i);
        }
        self.ends.push(end as u32);
        self.slots[slot] = i + 1;
        self.tags[slot] = tag_of(hash);
        Symbol(i)
    }

    /// The symbol of a string that is held already. Slow once [closed](Self::close).
    pub fn find(&self, s: &str) -> Option<Symbol> {
        if self.slots.is_empty() {
            return self.iter().find(|(_, held)| *held == s).map(|(symbol, _)| symbol);
        }
        self.search(s, hash_bytes(s.as_bytes())).ok()
    }

    /// Gives up the table by which strings are found: for whoever only wants them by their symbols from here on.
    pub fn close(&mut self) {
        (self.slots, self.tags) = (Passing::default(), Passing::default());
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Where the search for a hash begins: its upper half spreads over any number of slots.
    fn first_slot(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.slots.len() as u128) >> 64) as usize
    }

    /// The string's symbol, or the empty slot where it belongs.
    fn search(&self, s: &str, hash: u64) -> Result<Symbol, usize> {
        let tag = tag_of(hash);
        let mut slot = self.first_slot(hash);
        loop {
            match self.tags[slot] {
                0 => return Err(slot),
                held if held == tag => {
                    let symbol = Symbol(self.slots[slot].wrapping_sub(1));
                    if self.get(symbol) == s {
                        return Ok(symbol);
                    }
                }
                _ => {}
            }
            slot = if slot + 1 == self.slots.len() { 0 } else { slot + 1 };
        }
    }

    /// A large table grows by less: half of it may be free for long.
    fn grow(&mut self) {
        let least = self.ends.len() * 8 / 7 + 16;
        let slots = self.slots.len();
        self.index(least.max(if slots < 1 << 16 { slots * 2 } else { slots + slots / 2 }));
    }

    /// Makes the table anew with so many slots, from the strings: the old one need not live beside it.
    fn index(&mut self, slots: usize) {
        (self.slots, self.tags) = (Passing::default(), Passing::default());
        (self.slots, self.tags) = (vec![0; slots].into(), vec![0; slots].into());
        for i in 0..self.ends.len() {
            let hash = hash_bytes(self.get(Symbol(i as u32)).as_bytes());
            let mut slot = self.first_slot(hash);
            while self.tags[slot] != 0 {
                slot = if slot + 1 == slots { 0 } else { slot + 1 };
            }
            self.slots[slot] = i as u32 + 1;
            self.tags[slot] = tag_of(hash);
        }
    }

    /// Where a string ends.
    fn end(&self, i: usize) -> usize {
        let turns = match self.turns.is_empty() {
            true => 0,
            false => self.turns.partition_point(|&first| first as usize <= i),
        };
        ((turns as u64) << 32 | u64::from(self.ends[i])) as usize
    }

    /// The string of a symbol of this interner (empty for a symbol that is not from here).
    pub fn get(&self, s: Symbol) -> &str {
        let i = s.0 as usize;
        if i >= self.ends.len() {
            return "";
        }
        let start = if i == 0 { 0 } else { self.end(i - 1) };
        &self.text[start..self.end(i)]
    }

    /// How many strings are held, the empty one included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never true: the empty string is always there. (Present because `len` is.)
    pub fn is_empty(&self) -> bool {
        false
    }

    /// All strings with their symbols, in the order of first appearance.
    pub fn iter(&self) -> impl Iterator<Item = (Symbol, &str)> {
        (0..self.ends.len()).map(|i| (Symbol(i as u32), self.get(Symbol(i as u32))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_fixed_for_ever() {
        // Ids of examples and threads are made from these: a change here changes every published id.
        assert_eq!(hash_bytes(b""), 0xf52a_15e9_a9b5_e89b);
        assert_ne!(hash_bytes(b"a"), hash_bytes(b"b"));
        assert_ne!(hash_bytes(b"12345678"), hash_bytes(b"12345678\0"));
    }

    #[test]
    fn symbols_come_in_order_of_first_appearance() {
        let mut i = Interner::default();
        let (x, y) = (i.intern("x"), i.intern("y"));
        assert_eq!((x, y, i.intern("x")), (Symbol(1), Symbol(2), Symbol(1)));
        assert_eq!(i.iter().map(|(_, s)| s).collect::<Vec<_>>(), ["", "x", "y"]);
    }

    #[test]
    fn many_strings_are_found_again_open_or_closed() {
        let mut i = Interner::default();
        let name = |n: u32| format!("person{n}@example.com");
        for n in 0..100_000 {
            assert_eq!(i.intern(&name(n)), Symbol(n + 1));
        }
        for n in (0..100_000).step_by(997) {
            assert_eq!((i.find(&name(n)), i.get(Symbol(n + 1))), (Some(Symbol(n + 1)), name(n).as_str()));
        }
        assert_eq!(i.find("nobody"), None);
        i.close();
        assert_eq!((i.find(&name(77)), i.find("nobody")), (Some(Symbol(78)), None));
        assert_eq!((i.intern(&name(77)), i.intern("somebody")), (Symbol(78), Symbol(100_001)));
    }
}
