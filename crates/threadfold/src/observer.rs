//! Progress, told to whoever wants to draw it.

/// What a run is doing.
///
/// ```
/// use threadfold::Stage;
/// assert_ne!(Stage::Reading, Stage::Writing);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Pass 1: header blocks. Counted in bytes of the archive.
    Reading,
    /// Envelopes to threads, and who answers. Not counted.
    Linking,
    /// Pass 2: bodies of the threads that matter. Counted in messages.
    Writing,
    /// Personal data out of the examples. Counted in examples.
    Redacting,
    /// What customers keep asking, and whether the answers agree. Not counted.
    Comparing,
}

/// Hears how a run goes, and may ask it to stop. All methods have a default that does nothing; they are
/// called from several threads, seldom enough that they need not be fast.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use threadfold::{Observer, Stage};
///
/// #[derive(Default)]
/// struct Count(AtomicU64);
/// impl Observer for Count {
///     fn advance(&self, _stage: Stage, amount: u64) {
///         self.0.fetch_add(amount, Ordering::Relaxed);
///     }
/// }
/// let count = Count::default();
/// count.advance(Stage::Reading, 100);
/// assert_eq!(count.0.into_inner(), 100);
/// ```
pub trait Observer: Send + Sync {
    /// A stage begins; `total` is its whole amount in the stage's unit, 0 if that is not known.
    fn begin(&self, stage: Stage, total: u64) {
        let _ = (stage, total);
    }
    /// This much more of the stage is done.
    fn advance(&self, stage: Stage, amount: u64) {
        let _ = (stage, amount);
    }
    /// Something the user should read, in one line, without personal data.
    fn note(&self, text: &str) {
        let _ = text;
    }
    /// True asks the run to stop as soon as it can, with [`Error::Cancelled`](crate::Error::Cancelled) and nothing left behind.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody listens.
pub(crate) struct Silent;
impl Observer for Silent {}
