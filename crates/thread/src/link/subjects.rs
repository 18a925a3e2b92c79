//! The weakest evidence: the same subject, soon after.

use super::support::{DAY, Linker};
use crate::ids::IdTable;
use crate::order::NONE;
use crate::policy::Policy;
use crate::subject;
use crate::topic;
use rustc_hash::FxHashMap;
use threadfold_core::{Hints, Passing, Symbol};

/// Messages of one topic, for the topics that matter here: those that a message without a parent has, and
/// that several messages have.
pub(super) struct Kin {
    /// Sorted.
    by_topic: Passing<OfTopic>,
    /// (older topic, message): messages without a parent whose subject names an older one.
    continued: Vec<(u64, u32)>,
}

/// A topic and a message of it, 12 bytes: a pair would take 16, and there may be one for each message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct OfTopic {
    hi: u32,
    lo: u32,
    message: u32,
}

impl OfTopic {
    fn new(topic: u64, message: u32) -> OfTopic {
        OfTopic { hi: (topic >> 32) as u32, lo: topic as u32, message }
    }

    fn topic(self) -> u64 {
        u64::from(self.hi) << 32 | u64::from(self.lo)
    }
}

impl Kin {
    pub(super) fn new(linker: &Linker<'_>) -> Kin {
        let n = linker.order.len() as u32;
        // Newsletters and spam have the same subject every week, bounces that of all others.
        let mass = Hints::BULK | Hints::SPAM | Hints::BOUNCE;
        let relevant = |r: &u32| {
            linker.topics[*r as usize] != 0
                && !linker.identity.is_copy(*r)
                && !linker.envelope(*r).hints.intersects(mass)
        };
        let orphan = |r: &u32| linker.parent[*r as usize] == NONE;
        let continued: Vec<(u64, u32)> = (0..n)
            .filter(|&r| linker.marks[linker.order[r as usize] as usize] & topic::CONTINUES != 0)
            .filter(|r| relevant(r) && orphan(r))
            .filter_map(|r| Some((topic::was(linker.subject(r)).filter(|&t| t != 0)?, r)))
            .collect();
        // How many messages each wanted topic has, up to two.
        let mut wanted = IdTable::with_capacity(1_024);
        for r in (0..n).filter(relevant).filter(orphan) {
            wanted.set(linker.topics[r as usize], 0);
        }
        for &(topic, _) in &continued {
            // One is enough here: the message that continues it has another topic.
            wanted.set(topic, 1);
        }
        for r in (0..n).filter(relevant) {
            let topic = linker.topics[r as usize];
            if let Some(count) = wanted.get(topic).filter(|&c| c < 2) {
                wanted.set(topic, count + 1);
            }
        }
        let mut by_topic: Passing<OfTopic> = (0..n)
            .filter(relevant)
            .map(|r| OfTopic::new(linker.topics[r as usize], r))
            .filter(|of| wanted.get(of.topic()).is_some_and(|c| c == 2))
            .collect();
        drop(wanted);
        by_topic.sort_unstable();
        Kin { by_topic, continued }
    }

    /// The message of the same topic before `r`, within the window.
    pub(super) fn before(&self, linker: &Linker<'_>, r: u32) -> Option<u32> {
        self.last(linker, linker.topics[r as usize], r)
    }

    /// The last message of a topic before `r`, within the window.
    fn last(&self, linker: &Linker<'_>, topic: u64, r: u32) -> Option<u32> {
        let at = self.by_topic.partition_point(|&k| k < OfTopic::new(topic, r));
        let before = self.by_topic.get(at.checked_sub(1)?)?;
        (before.topic() == topic && near(linker, before.message, r)).then_some(before.message)
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

fn find(linker: &Linker<'_>, by_topic: &[OfTopic]) -> Vec<(u32, u32)> {
    let marked = replies_are_marked(linker);
    let mut found = Vec::new();
    let mut last_of: FxHashMap<Option<Symbol>, u32> = FxHashMap::default();
    for group in by_topic.chunk_by(|a, b| a.topic() == b.topic()) {
        last_of.clear();
        let mut last: Option<u32> = None;
        for r in group.iter().map(|of| of.message) {
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
