//! What becomes of each row.

use std::ops::Range;

use crate::lines::{Row, Rows, State};
use crate::pool;
use threadfold_core::eight::ONES;

/// What a removed block is.
///
/// ```
/// use threadfold_reply::{Body, Kind, Known, Options, extract};
/// let reply = extract(Body::Text("Yes.\n\nSent from my iPhone"), &Known::default(), &Options::default());
/// assert_eq!(reply.removed[0].kind, Kind::Footer);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What others wrote: quoted lines, or the history below the reply.
    Quote,
    /// The line that names who is quoted.
    Attribution,
    /// The header lines of the message answered.
    HeaderBlock,
    /// The author's signature.
    Signature,
    /// What a phone or mail program added.
    Footer,
    /// Legal text.
    Disclaimer,
    /// A gateway's warning above the message.
    Banner,
    /// A help desk's "reply above this line".
    Delimiter,
    /// What a mailing list or notification system added.
    ListFooter,
    /// The armour of a signed or encrypted text.
    Pgp,
    /// A forwarded message.
    Forward,
    /// The labels, other fields and footer of a website's form.
    Form,
}

/// Per row: kept, or removed as what and by which rule.
pub(crate) struct Fates {
    /// Of each row, which of the rules below removed it, counted from 1; 0 if none did.
    rows: Vec<u8>,
    rules: Vec<(Kind, &'static str)>,
    /// Rows of which the words before a column are kept.
    pub(crate) heads: Vec<(usize, usize)>,
    /// Rows of which the words from a column on are kept.
    pub(crate) tails: Vec<(usize, usize)>,
    /// Two rules disagree, or a rule decided on weak evidence.
    pub(crate) uncertain: bool,
    /// The mail is a forward and nothing else, and kept whole.
    pub(crate) naked: bool,
    /// Quotations that nothing announces, below words of the author's.
    pub(crate) unannounced: Vec<Range<usize>>,
    /// Runs of rows that were the author's before signatures were looked for.
    pub(crate) pieces: usize,
}

impl Drop for Fates {
    fn drop(&mut self) {
        pool::give(std::mem::take(&mut self.rows));
        pool::give(std::mem::take(&mut self.rules));
    }
}

impl Fates {
    pub(crate) fn new(count: usize) -> Self {
        let mut rows = pool::take();
        rows.resize(count, 0);
        Self {
            rows,
            rules: pool::take(),
            heads: Vec::new(),
            tails: Vec::new(),
            uncertain: false,
            naked: false,
            unannounced: Vec::new(),
            pieces: 0,
        }
    }

    /// Removes rows that no rule removed before.
    pub(crate) fn remove(&mut self, rows: Range<usize>, kind: Kind, rule: &'static str) {
        let end = rows.end.min(self.rows.len());
        let Some(rows) = self.rows.get_mut(rows.start..end).filter(|rows| !rows.is_empty()) else { return };
        // Rules are mostly told apart by where their names stand. There are by far fewer than numbers for them.
        let known = self
            .rules
            .iter()
            .position(|(other, name)| *other == kind && (std::ptr::eq(*name, rule) || *name == rule));
        let at = known.unwrap_or_else(|| {
            self.rules.push((kind, rule));
            self.rules.len() - 1
        });
        let number = u8::try_from(at + 1).unwrap_or(u8::MAX);
        rows.iter_mut().filter(|fate| **fate == 0).for_each(|fate| *fate = number);
    }

    pub(crate) fn restore(&mut self, at: usize) {
        if let Some(fate) = self.rows.get_mut(at) {
            *fate = 0;
        }
    }

    #[inline]
    pub(crate) fn is_gone(&self, at: usize) -> bool {
        self.rows.get(at).is_some_and(|fate| *fate != 0)
    }

    /// Whether something was taken out above a row that is kept, or nothing but marks below it: only then can rules
    /// see anew what is left.
    pub(crate) fn is_torn(&self, rows: &Rows<'_>) -> bool {
        if self.pieces > 1 || !self.heads.is_empty() {
            return true;
        }
        let visible = |row: &Row| row.state != State::Blank;
        let mut all = rows.rows.iter().zip(&self.rows);
        let Some(last) = all.rposition(|(row, fate)| *fate == 0 && visible(row)) else { return false };
        let mut at = 0;
        while at < last {
            let from = at;
            at = self.end_of_run(at);
            if self.is_gone(from) && rows.rows.get(from..at).is_some_and(|run| run.iter().any(visible)) {
                return true;
            }
        }
        // A lone mark at the end hides from the rules that the text ends above it.
        let below = &rows.rows[last + 1..];
        let wordless = |at: usize| !rows.text(at).contains(char::is_alphanumeric);
        below.iter().any(visible) && (last + 1..self.rows.len()).all(wordless)
    }

    /// Whether a rule removed rows as a kind, if perhaps none that are still gone.
    pub(crate) fn may_hold(&self, wanted: Kind) -> bool {
        self.rules.iter().any(|(kind, _)| *kind == wanted)
    }

    /// Whether a row was removed as a kind.
    pub(crate) fn took(&self, wanted: Kind) -> bool {
        self.may_hold(wanted)
            && self.rows.iter().any(|fate| self.rule(*fate).is_some_and(|(kind, _)| kind == wanted))
    }

    pub(crate) fn any_gone(&self) -> bool {
        !self.heads.is_empty() || self.rows.iter().any(|fate| *fate != 0)
    }

    /// The fates of the rows in order, as numbers: 0 for those that are kept.
    #[inline]
    pub(crate) fn all(&self) -> &[u8] {
        &self.rows
    }

    /// What a number stands for.
    #[inline]
    pub(crate) fn rule(&self, number: u8) -> Option<(Kind, &'static str)> {
        self.rules.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The row behind those of the same fate that begin with one.
    #[inline]
    pub(crate) fn end_of_run(&self, from: usize) -> usize {
        let Some(mut rest) = self.rows.get(from..).filter(|rest| !rest.is_empty()) else { return from };
        let fate = rest[0];
        let all = u64::from(fate) * ONES;
        let mut at = from;
        while let Some((eight, after)) = rest.split_first_chunk::<8>() {
            let others = u64::from_le_bytes(*eight) ^ all;
            if others != 0 {
                return at + (others.trailing_zeros() / 8) as usize;
            }
            rest = after;
            at += 8;
        }
        at + rest.iter().take_while(|other| **other == fate).count()
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<(Kind, &'static str)> {
        self.rule(*self.rows.get(at)?)
    }
}
