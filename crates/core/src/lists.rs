//! A list of few entries for each message.

use std::ops::Range;

/// Lists between two of which it is noted where they begin.
const STEP: usize = 16;
/// A length that one byte cannot hold.
const LONG: u8 = u8::MAX;

/// Lists one after another in one buffer. Most are short, and there are as many as messages: of each only its
/// length is kept, in a byte, and of every sixteenth where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Lists<T> {
    items: Vec<T>,
    lens: Vec<u8>,
    starts: Vec<usize>,
    /// (list, length) of those too long for a byte, in order.
    long: Vec<(u32, u32)>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Lists { items: Vec::new(), lens: Vec::new(), starts: Vec::new(), long: Vec::new() }
    }
}

impl<T: Copy> Lists<T> {
    /// Adds a list.
    pub(crate) fn push(&mut self, list: impl IntoIterator<Item = T>) {
        let start = self.items.len();
        self.items.extend(list);
        self.close(start);
    }

    /// Books what stands from `start` on as the next list.
    fn close(&mut self, start: usize) {
        let (list, len) = (self.lens.len(), self.items.len() - start);
        if list.is_multiple_of(STEP) {
            self.starts.push(start);
        }
        let short = u8::try_from(len).ok().filter(|&len| len < LONG);
        if short.is_none() {
            self.long.push((list as u32, len as u32));
        }
        self.lens.push(short.unwrap_or(LONG));
    }

    /// Adds all lists of `other`, each entry as `map` gives it.
    pub(crate) fn append(&mut self, other: &Lists<T>, map: impl Fn(T) -> T) {
        self.items.reserve(other.items.len());
        let mut items = other.items.iter();
        for list in 0..other.lens.len() {
            let start = self.items.len();
            self.items.extend(items.by_ref().take(other.len_of(list)).map(|&item| map(item)));
            self.close(start);
        }
    }

    /// Gives up what room is left for more.
    pub(crate) fn shrink(&mut self) {
        self.items.shrink_to_fit();
        self.lens.shrink_to_fit();
        self.starts.shrink_to_fit();
    }

    /// Empty for a list that is not there.
    pub(crate) fn get(&self, list: usize) -> &[T] {
        if list >= self.lens.len() {
            return &[];
        }
        self.items.get(self.place(list)).unwrap_or(&[])
    }

    fn place(&self, list: usize) -> Range<usize> {
        let first = list - list % STEP;
        let before: usize = match self.long.is_empty() {
            true => self.lens[first..list].iter().map(|&len| usize::from(len)).sum(),
            false => (first..list).map(|before| self.len_of(before)).sum(),
        };
        let start = self.starts[list / STEP] + before;
        start..start + self.len_of(list)
    }

    fn len_of(&self, list: usize) -> usize {
        match self.lens[list] {
            LONG => {
                let at = self.long.binary_search_by_key(&(list as u32), |long| long.0);
                at.map_or(0, |at| self.long[at].1 as usize)
            }
            len => usize::from(len),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_whatever_their_length() {
        let lens = [0, 1, 3, 254, 255, 256, 0, 7, 70_000, 2];
        let list = |i: usize| (0..lens[i % lens.len()] as u32).map(move |n| n * 100 + i as u32);
        let mut whole = Lists::default();
        for i in 0..200 {
            whole.push(list(i));
        }
        // The parts break where nothing else does.
        let mut joined = Lists::default();
        for part in [0..3, 3..50, 50..50, 50..67, 67..200] {
            let mut lists = Lists::default();
            part.for_each(|i| lists.push(list(i).map(|n| n + 1)));
            joined.append(&lists, |n| n - 1);
        }
        for i in 0..200 {
            assert!(whole.get(i).iter().copied().eq(list(i)), "{i}");
            assert_eq!(whole.get(i), joined.get(i), "{i}");
        }
    }
}
