//! Union-find over small integers.

use threadfold_core::Passing;

/// Disjoint sets; the representative of a set is its smallest member, so that it does not depend on the
/// order in which sets were joined.
pub(crate) struct Union {
    up: Passing<u32>,
}

impl Union {
    pub(crate) fn new(n: usize) -> Self {
        Union { up: (0..n as u32).collect() }
    }

    pub(crate) fn push(&mut self) -> u32 {
        let i = self.up.len() as u32;
        self.up.push(i);
        i
    }

    pub(crate) fn find(&mut self, mut x: u32) -> u32 {
        while self.up[x as usize] != x {
            let above = self.up[self.up[x as usize] as usize];
            self.up[x as usize] = above;
            x = above;
        }
        x
    }

    /// The representative of each.
    pub(crate) fn into_representatives(mut self) -> Passing<u32> {
        for x in 0..self.up.len() {
            // What is above is smaller, so it has its representative by now.
            self.up[x] = self.up[self.up[x] as usize];
        }
        self.up
    }

    /// Joins two sets; true if they were two.
    pub(crate) fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        self.up[a.max(b) as usize] = a.min(b);
        a != b
    }
}
