//! Who quotes whom, by hashes of lines.
//!
//! A reply that quotes lines of an earlier message answers that message, whatever its headers say. The
//! pipeline hashes each message's own lines and the lines it quotes at depth one; matching is here. Votes are
//! weighted by how rare a line is (inverse document frequency), and lines that many messages have as their
//! own (signatures, disclaimers, greetings) do not count.

use threadfold_core::{Passing, hash_bytes};

/// Shorter lines (in normalised characters) are too common to tell messages apart.
const SHORTEST: usize = 20;

/// The hash of a line as quoting may change it: letters without case, runs of anything that is no letter or
/// digit as one space, quote marks at its start dropped. `None` if fewer than 20 characters remain.
///
/// ```
/// use threadfold_thread::line_hash;
/// let own = line_hash("The kettle arrived without its lid, see photo.");
/// assert_eq!(line_hash("> the kettle arrived  without its lid, see photo"), own);
/// assert_eq!(line_hash("Thanks!"), None);
/// ```
pub fn line_hash(line: &str) -> Option<u64> {
    let mut line_hash = LineHash { hash: 0xcbf2_9ce4_8422_2325, len: 0, gap: false };
    for c in line.chars() {
        if c.is_ascii() {
            match ASCII_LETTERS[c as usize & 127] {
                0 => line_hash.gap = true,
                letter => line_hash.eat(u32::from(letter)),
            }
        } else if c.is_alphanumeric() {
            c.to_lowercase().for_each(|l| line_hash.eat(u32::from(l)));
        } else {
            line_hash.gap = true;
        }
    }
    (line_hash.len >= SHORTEST).then(|| hash_bytes(&line_hash.hash.to_le_bytes()))
}

struct LineHash {
    hash: u64,
    len: usize,
    gap: bool,
}

impl LineHash {
    #[inline]
    fn eat(&mut self, c: u32) {
        if self.gap && self.len > 0 {
            self.step(0x20);
        }
        self.gap = false;
        self.step(c);
    }

    #[inline]
    fn step(&mut self, c: u32) {
        self.hash = (self.hash ^ u64::from(c)).wrapping_mul(0x0000_0100_0000_01b3);
        self.len += 1;
    }
}

/// ASCII letters in lower case and digits; 0 for all else.
const ASCII_LETTERS: [u8; 128] = {
    let mut letters = [0; 128];
    let mut c = 0;
    while c < 128 {
        if (c as u8).is_ascii_alphanumeric() {
            letters[c] = (c as u8).to_ascii_lowercase();
        }
        c += 1;
    }
    letters
};

/// One line of one message, 12 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    hi: u32,
    lo: u32,
    message: u32,
}

impl Line {
    fn new(hash: u64, message: usize) -> Line {
        Line { hi: (hash >> 32) as u32, lo: hash as u32, message: message as u32 }
    }

    fn hash(self) -> (u32, u32) {
        (self.hi, self.lo)
    }

    /// Whether the line is in the sample of one in 2^`thinning`. A line is in or out on both sides.
    fn kept(self, thinning: u32) -> bool {
        self.lo.trailing_zeros() >= thinning
    }
}

/// Collects line hashes. Its memory is bounded: past the limit it keeps a sample of all lines, the same
/// sample of own lines as of quoted ones, and the same one however the messages were split among workers.
///
/// ```
/// use threadfold_thread::{QuoteIndexBuilder, line_hash};
/// let mut part = QuoteIndexBuilder::default();
/// part.push_own(0, line_hash("The kettle arrived without its lid, see photo."));
/// part.push_quoted(1, line_hash("> The kettle arrived without its lid, see photo."));
/// let index = part.finish();
/// assert!(index.quotes(1, 0));
/// ```
#[derive(Clone, Debug)]
pub struct QuoteIndexBuilder {
    own: Passing<Line>,
    quoted: Passing<Line>,
    limit: usize,
    thinning: u32,
}

impl Default for QuoteIndexBuilder {
    /// A limit of 100 million lines (1.2 GB).
    fn default() -> Self {
        Self::with_limit(100_000_000)
    }
}

impl QuoteIndexBuilder {
    /// A builder that holds at most this many lines.
    pub fn with_limit(lines: usize) -> Self {
        QuoteIndexBuilder {
            own: Passing::default(),
            quoted: Passing::default(),
            limit: lines.max(1),
            thinning: 0,
        }
    }

    /// A line that the author of a message wrote (not quoted). `None` is what [`line_hash`] gives for a line
    /// too short, and is passed over.
    pub fn push_own(&mut self, message: usize, hash: Option<u64>) {
        if let Some(l) = hash.map(|h| Line::new(h, message)).filter(|l| l.kept(self.thinning)) {
            self.own.push(l);
            self.thin();
        }
    }

    /// A line that a message quotes at depth one. Only those of the messages in
    /// [`quotes_wanted`](crate::quotes_wanted) are of use.
    pub fn push_quoted(&mut self, message: usize, hash: Option<u64>) {
        if let Some(l) = hash.map(|h| Line::new(h, message)).filter(|l| l.kept(self.thinning)) {
            self.quoted.push(l);
            self.thin();
        }
    }

    /// Adds what another worker collected.
    pub fn append(&mut self, other: QuoteIndexBuilder) {
        self.thinning = self.thinning.max(other.thinning);
        let kept = |l: &Line| l.kept(self.thinning);
        self.own.retain(kept);
        self.quoted.retain(kept);
        self.own.extend(other.own.iter().copied().filter(kept));
        self.quoted.extend(other.quoted.iter().copied().filter(kept));
        self.thin();
    }

    fn thin(&mut self) {
        while self.own.len() + self.quoted.len() > self.limit && self.thinning < 32 {
            self.thinning += 1;
            let kept = |l: &Line| l.kept(self.thinning);
            self.own.retain(kept);
            self.quoted.retain(kept);
        }
    }

    /// Sorts everything for matching.
    pub fn finish(self) -> QuoteIndex {
        let QuoteIndexBuilder { mut own, mut quoted, .. } = self;
        quoted.sort_unstable_by_key(|l| (l.message, l.hi, l.lo));
        quoted.dedup();
        // Own lines that nobody quotes are of no use: dropping them here halves what linking looks through.
        let mut asked: Passing<(u32, u32)> = quoted.iter().map(|l| l.hash()).collect();
        asked.sort_unstable();
        asked.dedup();
        own.retain(|l| asked.binary_search(&l.hash()).is_ok());
        own.sort_unstable();
        own.dedup();
        own.shrink_to_fit();
        let mut buckets = vec![0u32; (1 << 16) + 1];
        for l in own.iter() {
            buckets[(l.hi >> 16) as usize + 1] += 1;
        }
        for b in 1..buckets.len() {
            buckets[b] += buckets[b - 1];
        }
        QuoteIndex { own, quoted, buckets }
    }
}

/// Which messages have a line as their own, and which quote it; made by [`QuoteIndexBuilder`].
#[derive(Clone, Debug, Default)]
pub struct QuoteIndex {
    /// By hash, then message.
    own: Passing<Line>,
    /// By message, then hash.
    quoted: Passing<Line>,
    /// Where in `own` the hashes with given top 16 bits start.
    buckets: Vec<u32>,
}

/// What speaks for one message being the one quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vote {
    pub(crate) message: u32,
    /// Sum of the lines' weights, in thousandths of a nat.
    pub(crate) weight: u32,
    /// How many lines.
    pub(crate) lines: u32,
}

impl QuoteIndex {
    /// True if message `quoter` quotes a line of message `author`.
    pub fn quotes(&self, quoter: usize, author: usize) -> bool {
        self.quoted_by(quoter)
            .iter()
            .any(|l| self.own_of(l.hash()).binary_search_by_key(&(author as u32), |o| o.message).is_ok())
    }

    /// How many different lines a message quotes, as far as they were pushed.
    pub fn quoted_lines(&self, quoter: usize) -> usize {
        self.quoted_by(quoter).len()
    }

    fn quoted_by(&self, quoter: usize) -> &[Line] {
        let q = quoter as u32;
        let start = self.quoted.partition_point(|l| l.message < q);
        let len = self.quoted[start..].partition_point(|l| l.message == q);
        &self.quoted[start..start + len]
    }

    fn own_of(&self, hash: (u32, u32)) -> &[Line] {
        if self.own.is_empty() {
            return &[];
        }
        let bucket = (hash.0 >> 16) as usize;
        let own = &self.own[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
        let start = own.partition_point(|l| l.hash() < hash);
        let len = own[start..].partition_point(|l| l.hash() == hash);
        &own[start..start + len]
    }

    /// The votes of the lines that `quoter` quotes, by message. Lines that more than `most` messages have as
    /// their own do not vote; `messages` is the size of the archive.
    pub(crate) fn votes(
        &self,
        quoter: usize,
        most: u32,
        messages: usize,
        mut admit: impl FnMut(u32) -> bool,
    ) -> Vec<Vote> {
        let mut votes: Vec<Vote> = Vec::new();
        for line in self.quoted_by(quoter) {
            let own = self.own_of(line.hash());
            if own.is_empty() || own.len() > most as usize {
                continue;
            }
            let weight = (((messages + 1) as f64 / own.len() as f64).ln() * 1_000.0) as u32;
            votes.extend(
                own.iter().filter(|o| o.message as usize != quoter && admit(o.message)).map(|o| Vote {
                    message: o.message,
                    weight,
                    lines: 1,
                }),
            );
        }
        votes.sort_unstable_by_key(|v| v.message);
        votes.dedup_by(|next, sum| {
            let same = next.message == sum.message;
            if same {
                sum.weight += next.weight;
                sum.lines += 1;
            }
            same
        });
        votes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u32) -> Option<u64> {
        line_hash(&format!("this is a line with the number {n}"))
    }

    #[test]
    fn votes_add_up_by_message() {
        let mut b = QuoteIndexBuilder::default();
        for n in [1, 2, 3] {
            b.push_own(0, line(n));
        }
        b.push_own(1, line(3));
        for n in [1, 3, 9] {
            b.push_quoted(2, line(n));
        }
        let votes = b.finish().votes(2, 20, 3, |_| true);
        assert_eq!(votes.iter().map(|v| (v.message, v.lines)).collect::<Vec<_>>(), [(0, 2), (1, 1)]);
        assert!(votes[0].weight > 2 * votes[1].weight);
    }

    #[test]
    fn a_sample_does_not_depend_on_the_workers() {
        let build = |parts: usize| {
            let mut all = QuoteIndexBuilder::with_limit(100);
            for p in 0..parts {
                let mut part = QuoteIndexBuilder::with_limit(100);
                for m in (0..1_000).filter(|m| m % parts == p) {
                    part.push_own(m, line(m as u32));
                    part.push_quoted(m + 1, line(m as u32));
                }
                all.append(part);
            }
            let index = all.finish();
            (index.own, index.quoted)
        };
        let one = build(1);
        assert!(!one.0.is_empty() && one.0.len() + one.1.len() <= 100);
        assert_eq!(one, build(7));
    }

    #[test]
    fn quoting_leaves_a_hash_alone() {
        let own = line_hash("Größe 42, die Schuhe sind viel zu klein!");
        for s in ["> Größe 42, die Schuhe sind viel zu klein!", "  |größe 42 die  Schuhe sind viel zu klein"]
        {
            assert_eq!(line_hash(s), own);
        }
        assert_eq!(line_hash(">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>"), None);
    }
}
