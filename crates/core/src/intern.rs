//! Strings kept once, named by number.

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

/// The part of a string's hash that its slot keeps.
fn tag_of(s: &str) -> u32 {
    (hash_bytes(s.as_bytes()) >> 32) as u32
}

/// Where the search for a tag begins in a table of 2^n slots: beyond 2^32 strings there are no symbols anyway.
fn first_slot(tag: u32, slots: usize) -> usize {
    tag as usize & (slots - 1)
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
    /// `ends[i]` is where symbol i ends in `text`; it starts where its predecessor ends.
    ends: Vec<usize>,
    /// An open-addressing table, half the size of a general one: the upper half of a slot is of the string's hash,
    /// the lower one more than its symbol; 0 is empty.
    slots: Vec<u64>,
}

impl Default for Interner {
    fn default() -> Self {
        let mut empty = Interner { text: String::new(), ends: vec![0], slots: vec![0; 16] };
        let tag = tag_of("");
        if let Err(slot) = empty.search("", tag) {
            empty.slots[slot] = u64::from(tag) << 32 | 1;
        }
        empty
    }
}

impl Interner {
    /// The symbol of a string, new or known.
    pub fn intern(&mut self, s: &str) -> Symbol {
        let tag = tag_of(s);
        let mut slot = match self.search(s, tag) {
            Ok(known) => return known,
            Err(slot) => slot,
        };
        if (self.ends.len() + 1) * 8 > self.slots.len() * 7 {
            self.grow();
            slot = self.search(s, tag).err().unwrap_or(slot);
        }
        let i = self.ends.len() as u32;
        self.text.push_str(s);
        self.ends.push(self.text.len());
        self.slots[slot] = u64::from(tag) << 32 | u64::from(i + 1);
        Symbol(i)
    }

    /// The symbol of a string that is held already.
    pub fn find(&self, s: &str) -> Option<Symbol> {
        self.search(s, tag_of(s)).ok()
    }

    /// The string's symbol, or the empty slot where it belongs.
    fn search(&self, s: &str, tag: u32) -> Result<Symbol, usize> {
        let mut slot = first_slot(tag, self.slots.len());
        loop {
            let held = self.slots[slot];
            if held == 0 {
                return Err(slot);
            }
            let symbol = Symbol(held as u32 - 1);
            if (held >> 32) as u32 == tag && self.get(symbol) == s {
                return Ok(symbol);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn grow(&mut self) {
        let wider = vec![0; self.slots.len() * 2];
        for held in std::mem::replace(&mut self.slots, wider).into_iter().filter(|&held| held != 0) {
            let mut slot = first_slot((held >> 32) as u32, self.slots.len());
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = held;
        }
    }

    /// The string of a symbol of this interner (empty for a symbol that is not from here).
    pub fn get(&self, s: Symbol) -> &str {
        let i = s.0 as usize;
        let Some(&end) = self.ends.get(i) else { return "" };
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..end]
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
}
