//! Where the lines of a header block end, found for hundreds of bytes at a time.

use threadfold_core::wide::{BLOCK, places, places_in};

/// Where the lines end in a stretch of a text, which goes on as it is asked for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ends {
    sets: [u64; 16],
    from: usize,
    /// How many bytes are told of.
    len: usize,
}

impl Ends {
    /// The first line end at `start` or behind it behind which stands what is wanted. What is asked for has to come in
    /// the order of the text, and always of the same text and line end.
    #[inline(always)]
    pub(crate) fn before(
        &mut self,
        text: &[u8],
        eol: u8,
        start: usize,
        wanted: impl Fn(Option<&u8>) -> bool,
    ) -> Option<usize> {
        let mut at = start;
        loop {
            // As an offset in the stretch, and in one of its blocks.
            let place = at.max(self.from) - self.from;
            let (mut block, passed) = (place / BLOCK, place % BLOCK);
            let mut set = u64::MAX << passed;
            while block * BLOCK < self.len {
                set &= self.sets[block % self.sets.len()];
                while set != 0 {
                    let end = self.from + block * BLOCK + set.trailing_zeros() as usize;
                    if wanted(text.get(end + 1)) {
                        return Some(end);
                    }
                    set &= set - 1;
                }
                block += 1;
                set = u64::MAX;
            }
            if !self.go_on(text, eol, start) {
                return None;
            }
            at = self.from;
        }
    }

    /// The first line end at `start` or behind it that no fold follows; the end of the text if there is none.
    #[inline]
    pub(crate) fn of_field(&mut self, text: &[u8], eol: u8, start: usize) -> usize {
        self.before(text, eol, start, |next| !matches!(next, Some(b' ' | b'\t'))).unwrap_or(text.len())
    }

    /// Looks at the next stretch, or the first, which begins at `start`; false at the end of the text.
    #[inline(never)]
    fn go_on(&mut self, text: &[u8], eol: u8, start: usize) -> bool {
        // The first stretch is a short one: parts have short heads.
        let most = if self.len == 0 { 4 } else { self.sets.len() };
        self.from = start.max(self.from + self.len);
        let rest = text.get(self.from..).unwrap_or_default();
        self.len = BLOCK * places(rest, eol, &mut self.sets[..most]);
        if self.len == 0 {
            let mut block = [0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.sets[0] = places_in(&block, eol);
            self.len = rest.len();
        }
        self.len > 0
    }
}
