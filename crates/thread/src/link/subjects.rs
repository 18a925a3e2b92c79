//! The weakest evidence: the same subject, soon after.

use super::support::{DAY, Linker};
use crate::order::NONE;
use crate::policy::Policy;
use crate::subject;
use crate::topic;
use rustc_hash::FxHashMap;
use threadfold_core::{Hints, Passing, Symbol};

/// Messages of one topic, for the topics that matter here: those that a message without a parent has, and
/// that several messages have.
pub(super) struct Kin {
    /// By topic, then by time. There may be one for each message, so the topics themselves are looked up.
    by_topic: Passing<u32>,
    /// (older topic, message): messages without a parent whose subject names an older one.
    continued: Vec<(u64, u32)>,
}

/// Topics are sorted in so many parts, one after another, so that little is held twice.
const PARTS: u64 = 16;

impl Kin {
    pub(super) fn new(linker: &Linker<'_>) -> Kin {
        let n = linker.order.len() as u32;
        let topic = |r: u32| linker.topics[r as usize];
        // Newsletters and spam have the same subject every week, bounces that of all others.
        let mass = Hints::BULK | Hints::SPAM | Hints::BOUNCE;
        let relevant = |r: &u32| {
            topic(*r) != 0 && !linker.identity.is_copy(*r) && !linker.envelope(*r).hints.intersects(mass)
        };
        let orphan = |r: u32| linker.parent[r as usize] == NONE;
        let continued: Vec<(u64, u32)> = (0..n)
            .filter(|&r| linker.marks[linker.order[r as usize] as usize] & topic::CONTINUES != 0)
            .filter(|r| relevant(r) && orphan(*r))
            .filter_map(|r| Some((topic::was(linker.subject(r)).filter(|&t| t != 0)?, r)))
            .collect();
        let mut older: Vec<u64> = continued.iter().map(|c| c.0).collect();
        older.sort_unstable();
        older.dedup();
        let mut by_topic: Passing<u32> = Passing::default();
        let mut part: Passing<(u64, u32)> = Passing::default();
        for p in 0..PARTS {
            let here = |r: &u32| topic(*r) / (u64::MAX / PARTS + 1) == p;
            part.clear();
            part.extend((0..n).filter(here).filter(relevant).map(|r| (topic(r), r)));
            part.sort_unstable();
            for same in part.chunk_by(|a, b| a.0 == b.0) {
                // One is enough of an older topic: the message that continues it has another one.
                let wanted = (same.len() > 1 && same.iter().any(|&(_, r)| orphan(r)))
                    || older.binary_search(&same[0].0).is_ok();
                if wanted {
                    by_topic.extend(same.iter().map(|s| s.1));
                }
            }
        }
        Kin { by_topic, continued }
    }

    /// The message of the same topic before `r`, within the window.
    pub(super) fn before(&self, linker: &Linker<'_>, r: u32) -> Option<u32> {
        self.last(linker, linker.topics[r as usize], r)
    }

    /// The last message of a topic before `r`, within the window.
    fn last(&self, linker: &Linker<'_>, topic: u64, r: u32) -> Option<u32> {
        let topic_of = |k: u32| linker.topics[k as usize];
        let at = self.by_topic.partition_point(|&k| (topic_of(k), k) < (topic, r));
        let &before = self.by_topic.get(at.checked_sub(1)?)?;
        (topic_of(before) == topic && near(linker, before, r)).then_some(before)
    }

    /// Parents by subject for messages without one: (message, parent), in the order of time within a subject.
    ///
    /// Where it is known who answers, customer and subject must be the same. Elsewhere (lists, strangers
    /// among themselves) the subject must do; there a message that does not call itself a reply only counts
    /// if the archive's replies do not do so either, as in archives that strip `Re:`.
    pub(super) fn parents(&self, linker: &Linker<'_>) -> Vec<(u32, u32)> {
        let mut found = find(linker, &self.by_topic);
        // "New words (was: old words)": these come last, so that the subject itself decides if it can.
        found.extend(self.continued.iter().filter_map(|&(old, r)| Some((r, self.last(linker, old, r)?))));
        found
    }
}

fn near(linker: &Linker<'_>, before: u32, r: u32) -> bool {
    linker.gap(before, r).is_some_and(|g| g <= i64::from(linker.options.window_days) * DAY)
}

fn find(linker: &Linker<'_>, by_topic: &[u32]) -> Vec<(u32, u32)> {
    let marked = replies_are_marked(linker);
    let mut found = Vec::new();
    let mut last_of: FxHashMap<Option<Symbol>, u32> = FxHashMap::default();
    for group in by_topic.chunk_by(|&a, &b| linker.topics[a as usize] == linker.topics[b as usize]) {
        last_of.clear();
        let mut last: Option<u32> = None;
        for &r in group {
            let customer = customer(linker, r);
            if linker.parent[r as usize] == NONE {
                let before = match customer {
                    Some(_) => last_of.get(&customer).copied(),
                    None => last.filter(|&q| !marked || calls_itself_reply(linker, q, r)),
                };
                if let Some(q) = before
                    && near(linker, q, r)
                {
                    found.push((r, q));
                }
            }
            last_of.insert(customer, r);
            last = Some(r);
        }
    }
    found
}

/// The customer of a message, where it is known who answers for the business and the message goes between
/// the two sides.
pub(super) fn customer(linker: &Linker<'_>, r: u32) -> Option<Symbol> {
    let agents = linker.evidence.agents?;
    let e = linker.envelope(r);
    if e.hints.contains(Hints::LIST) {
        return None;
    }
    let mut recipients = linker.envelopes.recipients(linker.order[r as usize] as usize);
    if agents.is_agent(e.from) {
        recipients.find(|&to| !agents.is_agent(to))
    } else {
        recipients.any(|to| agents.is_agent(to)).then_some(e.from)
    }
}

fn calls_itself_reply(linker: &Linker<'_>, before: u32, r: u32) -> bool {
    linker.envelope(before).from == linker.envelope(r).from
        || subject::is_reply_or_forward(linker.subject(r), Policy::Support)
}

/// True if most messages that are replies by their ids say so in their subject.
fn replies_are_marked(linker: &Linker<'_>) -> bool {
    let replies = (0..linker.order.len()).filter(|&r| linker.parent[r] != NONE).take(5_000);
    let (mut all, mut marked) = (0, 0);
    for r in replies {
        all += 1;
        marked += usize::from(subject::is_reply_or_forward(linker.subject(r as u32), Policy::Support));
    }
    marked * 2 >= all
}
