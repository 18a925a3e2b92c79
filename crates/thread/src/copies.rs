//! Copies of one message, and different messages under one id.
//!
//! Mailboxes hold the same message several times: in Sent and in a folder, direct and through a list, under
//! the id it was sent with and under the one a relay gave it. Copies become one message to the linker. The
//! reverse exists too: two different messages with one id. They must never become one thread for it.

use crate::ids::Holders;
use crate::order::Outline;
use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::{Envelopes, Hints, IdHash, Passing, Symbol};

/// Copies of a message may differ in their date by this many seconds.
const SKEW: i64 = 2;
/// Of many messages that differ in nothing but their content, look back at this many.
const LOOK_BACK: usize = 16;

/// Who holds which id. All numbers are positions in the order of time.
pub(crate) struct Identity<'a> {
    holder: Holders<'a>,
    /// The holders of ids that several different messages carry, by the first one.
    shared: FxHashMap<u32, Vec<u32>>,
    /// Copy to original.
    original: FxHashMap<u32, u32>,
}

/// What an id leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder<'a> {
    Absent,
    One(u32),
    Several(&'a [u32]),
}

impl Identity<'_> {
    pub(crate) fn holder(&self, id: IdHash) -> Holder<'_> {
        let Some(first) = self.holder.get(id) else { return Holder::Absent };
        let shared = if self.shared.is_empty() { None } else { self.shared.get(&first) };
        shared.map_or_else(|| Holder::One(self.original(first)), |list| Holder::Several(list))
    }

    /// The message itself, or the one it is a copy of.
    pub(crate) fn original(&self, r: u32) -> u32 {
        if self.original.is_empty() { r } else { self.original.get(&r).copied().unwrap_or(r) }
    }

    pub(crate) fn is_copy(&self, r: u32) -> bool {
        !self.original.is_empty() && self.original.contains_key(&r)
    }

    /// (copy, original) pairs.
    pub(crate) fn copies(&self) -> Vec<(u32, u32)> {
        let mut all: Vec<_> = self.original.iter().map(|(&c, &o)| (c, o)).collect();
        all.sort_unstable();
        all
    }

    /// Drops what only [`Self::holder`] needs: the largest part by far.
    pub(crate) fn forget_ids(&mut self) {
        self.holder.forget();
    }

    /// How many messages carry another one's id without being a copy of it.
    pub(crate) fn reused(&self) -> usize {
        // None may be left of a list: all that carried the id were copies of messages under other ids.
        self.shared.values().map(|s| s.len().saturating_sub(1)).sum()
    }
}

/// Finds out who holds which id and who is a copy of whom. `content` gives a fingerprint of a message's text
/// by its number, 0 if unknown.
pub(crate) fn identify<'a>(
    envelopes: &'a Envelopes,
    order: &'a [u32],
    topics: &[u64],
    content: Option<&(dyn Fn(usize) -> u64 + Sync)>,
) -> Identity<'a> {
    let mut all = Identity {
        holder: Holders::new(envelopes, order),
        shared: FxHashMap::default(),
        original: FxHashMap::default(),
    };
    let text = |r: u32| content.map_or(0, |f| f(order[r as usize] as usize));
    same_id(envelopes, order, topics, &text, &mut all);
    if content.is_some() {
        other_id(envelopes, order, topics, &text, &mut all);
    }
    all
}

/// Messages with one id: copies if their content is the same, or if author, date and topic are (a list's
/// copy differs in its footer; and without content that is all there is to go by).
fn same_id(
    envelopes: &Envelopes,
    order: &[u32],
    topics: &[u64],
    text: &dyn Fn(u32) -> u64,
    all: &mut Identity<'_>,
) {
    let mut by_content: FxHashMap<(IdHash, u64), u32> = FxHashMap::default();
    let mut by_header: FxHashMap<(IdHash, Symbol, i64, u64), u32> = FxHashMap::default();
    let mut remember = |r: u32| -> Option<u32> {
        let number = order[r as usize] as usize;
        let (e, id) = (&envelopes[number], envelopes.id(number));
        let fingerprint = text(r);
        let mut known = None;
        if fingerprint != 0 {
            known = Some(*by_content.entry((id, fingerprint)).or_insert(r)).filter(|&k| k != r);
        }
        // A missing date agrees with every other missing date: that is no agreement if the texts differ.
        if fingerprint == 0 || !e.hints.contains(Hints::DATE_MISSING) {
            let same = *by_header.entry((id, e.from, e.date, topics[r as usize])).or_insert(r);
            known = known.or(Some(same).filter(|&k| k != r));
        }
        known
    };
    for r in 0..order.len() as u32 {
        if envelopes.id(order[r as usize] as usize) == 0 {
            continue;
        }
        let holder = all.holder.get_or_insert(r);
        if holder == r {
            continue;
        }
        let shared = all.shared.get_mut(&holder);
        if shared.is_none() {
            remember(holder);
        }
        match remember(r) {
            Some(original) => {
                let original = all.original.get(&original).copied().unwrap_or(original);
                all.original.insert(r, original);
            }
            None => match shared {
                Some(list) => list.push(r),
                None => drop(all.shared.insert(holder, vec![holder, r])),
            },
        }
    }
}

/// Messages under different ids or none: copies if author, topic and content are the same and the dates
/// nearly so.
fn other_id(
    envelopes: &Envelopes,
    order: &[u32],
    topics: &[u64],
    text: &dyn Fn(u32) -> u64,
    all: &mut Identity<'_>,
) {
    let mut found: Vec<(u32, u32)> = Vec::new();
    each_lookalike(envelopes, order, topics, |group| {
        let mut originals: Vec<(u32, u64)> = Vec::new();
        for &r in group {
            if all.is_copy(r) {
                continue;
            }
            let fingerprint = text(r);
            if fingerprint == 0 {
                continue;
            }
            let date = |r: u32| envelopes[order[r as usize] as usize].date;
            let same = originals
                .iter()
                .rev()
                .take(LOOK_BACK)
                .find(|(o, f)| *f == fingerprint && date(r) - date(*o) <= SKEW);
            match same {
                Some(&(original, _)) => found.push((r, original)),
                None => originals.push((r, fingerprint)),
            }
        }
    });
    if found.is_empty() {
        return;
    }
    let moved: FxHashMap<u32, u32> = found.into_iter().collect();
    for original in all.original.values_mut() {
        if let Some(&o) = moved.get(original) {
            *original = o;
        }
    }
    for list in all.shared.values_mut() {
        list.retain(|r| !moved.contains_key(r));
    }
    all.original.extend(moved);
}

/// Calls back with each group of two or more messages of one author and topic whose dates lie within the
/// skew of their neighbours'.
fn each_lookalike(envelopes: &Envelopes, order: &[u32], topics: &[u64], mut visit: impl FnMut(&[u32])) {
    let date = |r: usize| envelopes[order[r] as usize].date;
    // Author, topic in halves (16 bytes instead of 24), place in the order.
    let mut run: Passing<(Symbol, u32, u32, u32)> = Passing::default();
    let mut ranks: Passing<u32> = Passing::default();
    let (mut start, n) = (0, order.len());
    while start < n {
        let mut end = start + 1;
        while end < n && date(end) - date(end - 1) <= SKEW {
            end += 1;
        }
        if end - start > 1 {
            run.clear();
            run.extend((start..end).map(|r| {
                let topic = topics[r];
                (envelopes[order[r] as usize].from, (topic >> 32) as u32, topic as u32, r as u32)
            }));
            run.sort_unstable();
            let alike =
                |a: &(Symbol, u32, u32, u32), b: &(Symbol, u32, u32, u32)| (a.0, a.1, a.2) == (b.0, b.1, b.2);
            for same in run.chunk_by(alike).filter(|g| g.len() > 1) {
                ranks.clear();
                ranks.extend(same.iter().map(|g| g.3));
                let mut from = 0;
                for at in 1..=ranks.len() {
                    if at == ranks.len() || date(ranks[at] as usize) - date(ranks[at - 1] as usize) > SKEW {
                        if at - from > 1 {
                            visit(&ranks[from..at]);
                        }
                        from = at;
                    }
                }
            }
        }
        start = end;
    }
}

/// The messages whose content must be known to tell copies from different messages: those that share an id,
/// or author, subject and (nearly) date, with another. Their numbers in ascending order.
///
/// ```
/// use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
/// use threadfold_thread::{Outline, copies_wanting_content};
/// let mut mail = Envelopes::default();
/// for (offset, id, date) in [(0, 7, 100), (1, 8, 200), (2, 7, 100)] {
///     let at = Locator { source: SourceId(0), offset, len: 1 };
///     mail.push(at, &NewEnvelope { id, date, from: "ada@example.com", ..Default::default() });
/// }
/// assert_eq!(copies_wanting_content(&mail, &Outline::of(&mail)), [0, 2]);
/// ```
pub fn copies_wanting_content(envelopes: &Envelopes, outline: &Outline) -> Vec<usize> {
    let Outline { order, topics } = outline;
    let mut wanted: FxHashSet<u32> = FxHashSet::default();
    let mut holder = Holders::new(envelopes, order);
    for r in (0..order.len() as u32).filter(|&r| envelopes.id(order[r as usize] as usize) != 0) {
        let first = holder.get_or_insert(r);
        if first != r {
            wanted.extend([first, r]);
        }
    }
    drop(holder);
    each_lookalike(envelopes, order, topics, |group| wanted.extend(group));
    let mut wanted: Vec<usize> = wanted.into_iter().map(|r| order[r as usize] as usize).collect();
    wanted.sort_unstable();
    wanted
}
