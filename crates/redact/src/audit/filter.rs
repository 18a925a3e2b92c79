//! A set that is asked about every word: it may take one that is not in it for one that is, never the reverse.

/// One bit for each value of twenty bits made of a hash.
#[derive(Clone, Default)]
pub(super) struct Filter(Vec<u64>);

/// Words of a filter: 2^20 bits.
const SIZE: usize = 1 << 14;

#[inline]
fn bit(hash: u64) -> (usize, u64) {
    let top = (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44) as usize;
    (top / 64, 1 << (top % 64))
}

impl Filter {
    pub(super) fn add(&mut self, hash: u64) {
        if self.0.is_empty() {
            self.0 = vec![0; SIZE];
        }
        let (slot, bit) = bit(hash);
        self.0[slot] |= bit;
    }

    /// Adds all of another.
    pub(super) fn merge(&mut self, other: Filter) {
        if self.0.is_empty() {
            *self = other;
        } else {
            self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
        }
    }

    /// Whether it may hold this hash.
    #[inline]
    pub(super) fn has(&self, hash: u64) -> bool {
        let (slot, bit) = bit(hash);
        self.0.get(slot).is_some_and(|bits| bits & bit != 0)
    }
}
