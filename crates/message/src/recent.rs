//! What was read of the values met last: in an archive the same people write, with the same programs, to the
//! same addresses, and what a value says depends on nothing but its bytes.

use threadfold_core::hash_bytes;

/// A value's place is its hash's; whoever comes later takes it over.
const SLOTS: usize = 1 << 10;
/// Longer values do not recur, and are not kept.
const LONGEST: usize = 1 << 10;

/// The last values met and what they were read as.
#[derive(Clone, Debug)]
pub(crate) struct Recent<T> {
    /// Empty before the first value; one more than [`SLOTS`], for what is not kept.
    slots: Vec<(Vec<u8>, T)>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Recent { slots: Vec::new() }
    }
}

impl<T: Default> Recent<T> {
    /// What `value` says: as it was read before, or as `read` writes it now, over what something else said.
    pub(crate) fn of(&mut self, value: &[u8], read: impl FnOnce(&mut T)) -> &T {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS + 1, Default::default);
        }
        let kept = (1..=LONGEST).contains(&value.len());
        let slot = if kept { (hash_bytes(value) >> 32) as usize % SLOTS } else { SLOTS };
        let (key, said) = &mut self.slots[slot];
        if !kept || key != value {
            key.clear();
            if kept {
                key.extend_from_slice(value);
            }
            read(said);
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_says_the_same_every_time() {
        let mut recent: Recent<String> = Recent::default();
        let mut reads = 0;
        for round in 0..3 {
            for n in 0..2_500 {
                let value = "x".repeat(n % 1_200);
                let said = recent.of(value.as_bytes(), |said| {
                    reads += 1;
                    said.clear();
                    said.push_str(&value);
                });
                assert_eq!(*said, value, "{round}");
            }
        }
        assert!(reads < 7_500);
    }
}
