//! From id hash to number: open-addressing tables.

use threadfold_core::{Envelopes, IdHash, Passing};

/// Hashes from outside are only promised to be hashes; one multiplication guards against callers (tests, other
/// libraries) that number their ids.
fn mixed(id: IdHash) -> u64 {
    id.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Where the search for a key begins. The upper half of the product spreads the hash evenly over any number of slots.
fn first_slot(mixed: u64, slots: usize) -> usize {
    ((u128::from(mixed) * slots as u128) >> 64) as usize
}

/// Of each message id the first message, in the order of time, that has it: 5 bytes a slot, as the envelopes know the
/// ids themselves.
pub(crate) struct Holders<'a> {
    envelopes: &'a Envelopes,
    order: &'a [u32],
    /// Positions in the order.
    slots: Passing<u32>,
    /// Of each slot a byte of the hash, not 0; 0 where it is free.
    tags: Passing<u8>,
}

impl<'a> Holders<'a> {
    /// Room for the ids of all messages.
    pub(crate) fn new(envelopes: &'a Envelopes, order: &'a [u32]) -> Self {
        let slots = order.len() + order.len() / 4 + 16;
        Holders { envelopes, order, slots: vec![0; slots].into(), tags: vec![0; slots].into() }
    }

    fn tag(mixed: u64) -> u8 {
        ((mixed >> 16) as u8).max(1)
    }

    /// The slot of the message with this id, or the free one where it belongs.
    fn slot(&self, id: IdHash) -> Result<usize, usize> {
        let mixed = mixed(id);
        let tag = Self::tag(mixed);
        let mut i = first_slot(mixed, self.slots.len());
        loop {
            match self.tags[i] {
                0 => return Err(i),
                held if held == tag => {
                    let holder = self.order[self.slots[i] as usize];
                    if self.envelopes.id(holder as usize) == id {
                        return Ok(i);
                    }
                }
                _ => {}
            }
            i = if i + 1 == self.slots.len() { 0 } else { i + 1 };
        }
    }

    /// The first message with this id; none for the id 0.
    pub(crate) fn get(&self, id: IdHash) -> Option<u32> {
        if id == 0 || self.slots.is_empty() {
            return None;
        }
        self.slot(id).ok().map(|i| self.slots[i])
    }

    /// The first message with the id of the message at `r`, which is not 0, after making `r` that if there was none.
    /// Each position may come once.
    pub(crate) fn get_or_insert(&mut self, r: u32) -> u32 {
        let id = self.envelopes.id(self.order[r as usize] as usize);
        match self.slot(id) {
            Ok(i) => self.slots[i],
            Err(i) => {
                self.slots[i] = r;
                self.tags[i] = Self::tag(mixed(id));
                r
            }
        }
    }

    /// Gives up all it knows.
    pub(crate) fn forget(&mut self) {
        (self.slots, self.tags) = (Passing::default(), Passing::default());
    }
}

/// A map from non-zero 64-bit hashes (already well mixed) to numbers. A general hash map takes twice the
/// memory; its size is no power of two either.
pub(crate) struct IdTable {
    keys: Passing<IdHash>,
    values: Passing<u32>,
    len: usize,
}

impl IdTable {
    pub(crate) fn with_capacity(n: usize) -> Self {
        let slots = n + n / 4 + 16;
        IdTable { keys: vec![0; slots].into(), values: vec![0; slots].into(), len: 0 }
    }

    /// The slot that holds this key, or the empty one where it belongs.
    fn slot(&self, id: IdHash) -> usize {
        let slots = self.keys.len();
        let mut i = first_slot(mixed(id), slots);
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
        let keys = std::mem::replace(&mut self.keys, vec![0; slots].into());
        let values = std::mem::replace(&mut self.values, vec![0; slots].into());
        for (&k, &v) in keys.iter().zip(values.iter()).filter(|(k, _)| **k != 0) {
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

    #[test]
    fn the_first_with_an_id_holds_it() {
        use threadfold_core::{Locator, NewEnvelope, SourceId};
        let mut mail = Envelopes::default();
        for offset in 0..3_000 {
            let at = Locator { source: SourceId(0), offset, len: 1 };
            mail.push(at, &NewEnvelope { id: offset % 1_000 + 1, ..Default::default() });
        }
        let order: Vec<u32> = (0..3_000).rev().collect();
        let mut holders = Holders::new(&mail, &order);
        for r in 0..3_000 {
            assert_eq!(holders.get_or_insert(r), r % 1_000);
        }
        assert_eq!((holders.get(1_000), holders.get(1), holders.get(1_001)), (Some(0), Some(999), None));
        assert_eq!(holders.get(0), None);
        holders.forget();
        assert_eq!(holders.get(1_000), None);
    }
}
