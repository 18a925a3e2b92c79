//! From id hash to number: an open-addressing table of 12 bytes a slot.

use threadfold_core::IdHash;

/// A map from non-zero 64-bit hashes (already well mixed) to numbers. A general hash map takes twice the
/// memory, and this is the largest thing that linking holds; so its size is no power of two either.
pub(crate) struct IdTable {
    keys: Vec<IdHash>,
    values: Vec<u32>,
    len: usize,
}

impl IdTable {
    pub(crate) fn with_capacity(n: usize) -> Self {
        let slots = n + n / 4 + 16;
        IdTable { keys: vec![0; slots], values: vec![0; slots], len: 0 }
    }

    /// The slot that holds this key, or the empty one where it belongs.
    fn slot(&self, id: IdHash) -> usize {
        let slots = self.keys.len();
        // Hashes from outside are only promised to be hashes; one multiplication guards against callers
        // (tests, other libraries) that number their ids.
        let mixed = id.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // The upper half of the product spreads the hash evenly over any number of slots.
        let mut i = ((u128::from(mixed) * slots as u128) >> 64) as usize;
        while self.keys[i] != id && self.keys[i] != 0 {
            i += 1;
            if i == slots {
                i = 0;
            }
        }
        i
    }

    pub(crate) fn get(&self, id: IdHash) -> Option<u32> {
        if id == 0 {
            return None;
        }
        let i = self.slot(id);
        (self.keys[i] == id).then(|| self.values[i])
    }

    /// The value of this key after making sure that there is one: `new` if there was none. The flag says so.
    pub(crate) fn get_or_insert(&mut self, id: IdHash, new: u32) -> (u32, bool) {
        if (self.len + 1) * 8 > self.keys.len() * 7 {
            self.grow();
        }
        let i = self.slot(id);
        if self.keys[i] == id {
            return (self.values[i], false);
        }
        self.keys[i] = id;
        self.values[i] = new;
        self.len += 1;
        (new, true)
    }

    pub(crate) fn set(&mut self, id: IdHash, value: u32) {
        self.get_or_insert(id, value);
        let i = self.slot(id);
        self.values[i] = value;
    }

    fn grow(&mut self) {
        let slots = self.keys.len() + self.keys.len() / 2 + 16;
        let keys = std::mem::replace(&mut self.keys, vec![0; slots]);
        let values = std::mem::replace(&mut self.values, vec![0; slots]);
        for (k, v) in keys.into_iter().zip(values).filter(|(k, _)| *k != 0) {
            let i = self.slot(k);
            self.keys[i] = k;
            self.values[i] = v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_put_in_and_grows() {
        let mut t = IdTable::with_capacity(4);
        for id in 1..5_000u64 {
            assert_eq!(t.get_or_insert(id, id as u32 * 2), (id as u32 * 2, true));
        }
        assert_eq!(t.get_or_insert(77, 1), (154, false));
        t.set(77, 5);
        assert_eq!((t.get(77), t.get(4_999), t.get(5_000), t.get(0)), (Some(5), Some(9_998), None, None));
    }
}
