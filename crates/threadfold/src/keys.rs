//! Which examples were written: a set of the keys of very many.

/// Parts that grow each on its own, so that growing takes no second set's memory.
const PARTS: usize = 256;

/// A set of hashes that only grows. Of each it keeps 96 bits: among 100 million examples, two different ones
/// would be taken for one with a chance below one in ten million million.
pub(crate) struct Keys {
    parts: Vec<Part>,
}

/// Open addressing; zero is an empty place.
#[derive(Default)]
struct Part {
    high: Vec<u64>,
    low: Vec<u32>,
    len: usize,
}

impl Default for Keys {
    fn default() -> Self {
        Keys { parts: std::iter::repeat_with(Part::default).take(PARTS).collect() }
    }
}

impl Keys {
    /// True if the key is new.
    pub(crate) fn insert(&mut self, key: u128) -> bool {
        // All of it takes part: hashes are alike in every bit.
        let high = ((key >> 64) as u64).max(1);
        self.parts[(key >> 32) as usize % PARTS].insert(high, key as u32)
    }
}

impl Part {
    fn insert(&mut self, high: u64, low: u32) -> bool {
        if (self.len + 1) * 8 > self.high.len() * 7 {
            self.grow();
        }
        match self.place(high, low) {
            Ok(_) => false,
            Err(at) => {
                (self.high[at], self.low[at]) = (high, low);
                self.len += 1;
                true
            }
        }
    }

    /// Where the key stands, or the free place for it.
    fn place(&self, high: u64, low: u32) -> Result<usize, usize> {
        let places = self.high.len();
        let mut at = ((u128::from(high) * places as u128) >> 64) as usize;
        while self.high[at] != 0 {
            if (self.high[at], self.low[at]) == (high, low) {
                return Ok(at);
            }
            at = if at + 1 == places { 0 } else { at + 1 };
        }
        Err(at)
    }

    fn grow(&mut self) {
        let places = self.high.len() + self.high.len() / 4 + 8;
        let high = std::mem::replace(&mut self.high, vec![0; places]);
        let low = std::mem::replace(&mut self.low, vec![0; places]);
        for (high, low) in high.into_iter().zip(low).filter(|(high, _)| *high != 0) {
            if let Err(at) = self.place(high, low) {
                (self.high[at], self.low[at]) = (high, low);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_new_once() {
        let hash = |n: u64| {
            let half = |salt: u64| u128::from(threadfold_core::hash_bytes(&(n ^ salt).to_le_bytes()));
            half(0) << 64 | half(1 << 63)
        };
        let mut keys = Keys::default();
        for round in 0..2 {
            for n in 0..15_000 {
                assert_eq!(keys.insert(hash(n)), round == 0, "{n}");
            }
        }
        assert!(!keys.insert(hash(77)) && keys.insert(hash(15_001)) && keys.insert(0) && !keys.insert(0));
    }
}
