//! Large vectors that are needed for a while.

use std::ops::{Deref, DerefMut};

/// A vector whose memory goes back to the system when it is dropped, for what is large and does not last.
///
/// An allocator keeps what is given back to it for the next one who asks, and takes the size of what it gets back for
/// a sign of what is asked for often: glibc's then takes pieces of that size, up to 32 MB, from its heap, where they
/// leave holes that stay with the process. A vector that is made small before it goes leaves no such hint.
///
/// ```
/// use threadfold_core::Passing;
/// let mut places: Passing<u32> = (0..1_000_000).collect();
/// places.push(7);
/// assert_eq!(places.iter().max(), Some(&999_999));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing<T>(Vec<T>);

impl<T> Drop for Passing<T> {
    fn drop(&mut self) {
        self.0.truncate(1);
        self.0.shrink_to(1);
    }
}

impl<T> Default for Passing<T> {
    fn default() -> Self {
        Passing(Vec::new())
    }
}

impl<T> From<Vec<T>> for Passing<T> {
    fn from(list: Vec<T>) -> Self {
        Passing(list)
    }
}

impl<T> FromIterator<T> for Passing<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Passing(all.into_iter().collect())
    }
}

impl<T> Deref for Passing<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for Passing<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}
