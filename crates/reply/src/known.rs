//! What the archive knows besides the body itself.

/// What is known about a body from elsewhere.
#[derive(Clone, Copy, Default)]
pub struct Known<'a> {
    /// The texts of messages that this one may quote.
    pub parents: &'a [&'a str],
    /// Blocks that recur at the end of authors' mails.
    pub tails: Option<&'a Tails>,
    /// The author's display name.
    pub author: Option<&'a str>,
}

/// Blocks that recur at the end of an author's mails.
#[derive(Clone, Debug, Default)]
pub struct Tails {}

/// Learns [`Tails`].
#[derive(Clone, Debug, Default)]
pub struct TailLearner {}

impl TailLearner {
    /// Reads one more text of an author.
    pub fn learn(&mut self, _author: &str, _text: &str) {}

    /// What was learned.
    pub fn finish(self) -> Tails {
        Tails {}
    }
}
