//! Strings kept once, named by number.

use rustc_hash::FxHashMap;

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
    /// `ends[i]` is where symbol i ends in `text`; it starts where its predecessor ends.
    ends: Vec<usize>,
    by_hash: FxHashMap<u64, u32>,
}

impl Default for Interner {
    fn default() -> Self {
        let mut by_hash = FxHashMap::default();
        by_hash.insert(hash_bytes(b""), 0);
        Interner { text: String::new(), ends: vec![0], by_hash }
    }
}

impl Interner {
    /// The symbol of a string, new or known. Two different strings with one 64-bit hash get different
    /// symbols; the later one is then stored again at each call, which is harmless and all but impossible.
    pub fn intern(&mut self, s: &str) -> Symbol {
        let h = hash_bytes(s.as_bytes());
        if let Some(&i) = self.by_hash.get(&h)
            && self.get(Symbol(i)) == s
        {
            return Symbol(i);
        }
        let i = self.ends.len() as u32;
        self.text.push_str(s);
        self.ends.push(self.text.len());
        self.by_hash.entry(h).or_insert(i);
        Symbol(i)
    }

    /// The symbol of a string that is held already.
    pub fn find(&self, s: &str) -> Option<Symbol> {
        let i = Symbol(*self.by_hash.get(&hash_bytes(s.as_bytes()))?);
        (self.get(i) == s).then_some(i)
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
