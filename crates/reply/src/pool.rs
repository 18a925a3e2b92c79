//! Buffers kept between bodies, so that reading one asks the allocator for little.

use std::cell::{Cell, RefCell};

/// Buffers of a kind that a thread keeps.
const KEPT: usize = 4;
/// Bytes that one of them may have: what a rare huge body needed goes back to the allocator.
const LARGEST: usize = 256 << 10;

/// What a buffer may hold.
pub(crate) trait Pooled: Sized + 'static {
    /// Calls `with` with the spare buffers of this thread, unless the thread is ending.
    fn spare<R>(with: impl FnOnce(&mut Vec<Vec<Self>>) -> R) -> Option<R>;
}

macro_rules! pooled {
    ($($kind:ty),*) => {$(
        impl Pooled for $kind {
            fn spare<R>(with: impl FnOnce(&mut Vec<Vec<Self>>) -> R) -> Option<R> {
                thread_local! {
                    static SPARE: RefCell<Vec<Vec<$kind>>> = const { RefCell::new(Vec::new()) };
                }
                SPARE.try_with(|spare| spare.try_borrow_mut().ok().map(|mut spare| with(&mut spare))).ok()?
            }
        }
    )*};
}

pooled!(
    u64,
    usize,
    [usize; 3],
    crate::clues::Number,
    crate::phrases::Hit,
    crate::lines::Row,
    Cell<crate::facts::Note>,
    u8,
    (usize, crate::clues::Clues),
    crate::signature::Segment,
    (crate::fates::Kind, &'static str)
);

/// An empty buffer.
pub(crate) fn take<T: Pooled>() -> Vec<T> {
    T::spare(Vec::pop).flatten().unwrap_or_default()
}

/// Keeps a buffer for the next who asks for one.
pub(crate) fn give<T: Pooled>(mut buffer: Vec<T>) {
    if buffer.capacity() == 0 || buffer.capacity() * size_of::<T>() > LARGEST {
        return;
    }
    buffer.clear();
    T::spare(|spare| {
        if spare.len() < KEPT {
            spare.push(buffer);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, give, take};

    #[test]
    fn buffers_come_back_empty_and_only_small_ones() {
        let mut buffer: Vec<u64> = take();
        buffer.extend([1, 2, 3]);
        let capacity = buffer.capacity();
        give(buffer);
        let again: Vec<u64> = take();
        assert!(again.is_empty() && again.capacity() >= capacity);
        give(Vec::<u64>::with_capacity(LARGEST));
        assert!(take::<u64>().capacity() < LARGEST);
    }
}
