//! Proposals from headers: References, In-Reply-To, Thread-Index; and the veto against new topics.

use super::support::{CUT, DAY, Linker};
use crate::copies::Holder;
use crate::order::NONE;
use crate::policy::Link;
use crate::topic;
use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::{IdHash, Passing, hash_bytes};

/// Clocks differ: a parent may be this many seconds younger than its child.
const CLOCKS: i64 = DAY;
/// How long after a customer's message an agent's one is taken for its answer whatever its subject.
const ANSWER_DAYS: i64 = 30;
/// Of several messages under one id, look at this many for the one that is meant.
const LOOK_BACK: usize = 64;

/// A pair of messages that belong together although neither is the other's parent.
pub(super) struct Sibling {
    pub(super) first: u32,
    pub(super) other: u32,
    pub(super) how: Link,
}

/// What an id means to the message that cites it.
enum Cited {
    Message(u32),
    /// No message of the archive has it, but others may cite it too.
    Absent,
    /// It names the message itself, or leads nowhere for certain.
    Nothing,
}

impl Linker<'_> {
    fn resolve(&self, id: IdHash, me: u32) -> Cited {
        match self.identity.holder(id) {
            Holder::Absent => Cited::Absent,
            Holder::One(p) if p == me => Cited::Nothing,
            Holder::One(p) => Cited::Message(p),
            Holder::Several(list) => {
                // Only the topic can say which one is meant; of several, the last before the citing one.
                let before = list.partition_point(|&p| p < me);
                let meant = |p: &&u32| self.topics[**p as usize] == self.topics[me as usize] && **p != me;
                let found = list[..before].iter().rev().take(LOOK_BACK).find(meant);
                let found = found.or_else(|| list[before..].iter().take(LOOK_BACK).find(meant));
                found.map_or(Cited::Nothing, |&p| Cited::Message(self.identity.original(p)))
            }
        }
    }

    /// True if `child` takes up another topic than `parent` although it cites it.
    fn new_topic(&self, parent: u32, child: u32) -> bool {
        let (a, b) = (self.topics[parent as usize], self.topics[child as usize]);
        if a == b || a == 0 || b == 0 || !self.options.cut_new_topics {
            return false;
        }
        let subject = self.subject(child);
        if self.common().related(self.subject(parent), subject) || topic::says_was(subject) {
            return false;
        }
        if self.answers(parent, child) {
            return false;
        }
        let number = |r: u32| self.order[r as usize] as usize;
        !self.evidence.quotes.is_some_and(|q| q.quotes(number(child), number(parent)))
    }

    /// True if `child` is an agent's message to the customer who wrote `parent`, soon after it: help desks
    /// put their own subject over an answer.
    fn answers(&self, parent: u32, child: u32) -> bool {
        let Some(agents) = self.evidence.agents else { return false };
        let (p, c) = (self.envelope(parent), self.envelope(child));
        agents.is_agent(c.from)
            && !agents.is_agent(p.from)
            && self.gap(parent, child).is_some_and(|g| (0..=ANSWER_DAYS * DAY).contains(&g))
            && self.envelopes.recipients(self.order[child as usize] as usize).any(|to| to == p.from)
    }

    /// Proposes parents from References, In-Reply-To and Thread-Index; gives the messages that belong
    /// together because they cite the same absent one.
    pub(super) fn cited(&mut self) -> Vec<Sibling> {
        let mut siblings = Vec::new();
        let mut absent: Passing<(u64, u32, Link)> = Passing::default();
        // (parent, topic of the child, child) where the topic changes.
        let mut turns: Vec<(u32, u64, u32)> = Vec::new();
        for r in 0..self.order.len() as u32 {
            self.cited_by(r, &mut absent, &mut siblings, &mut turns);
        }
        self.demote_junk(turns);
        self.thread_indexes(&mut absent);
        self.pair_siblings(absent, &mut siblings);
        siblings
    }

    fn cited_by(
        &mut self,
        r: u32,
        absent: &mut Vec<(u64, u32, Link)>,
        siblings: &mut Vec<Sibling>,
        turns: &mut Vec<(u32, u64, u32)>,
    ) {
        let envelopes = self.envelopes;
        let number = self.order[r as usize] as usize;
        let all = envelopes.references(number);
        if all.is_empty() {
            return;
        }
        let me = self.identity.original(r);
        // A copy may have kept the headers that the original lost, but overrides nothing.
        if me != r && self.parent[me as usize] != NONE {
            return;
        }
        let (references, replied) = all.split_at(all.len() - envelopes.in_reply_to(number));

        // The nearest ancestor that is here: In-Reply-To if it names one id, else the last reference.
        let (mut found, mut how, mut at) = (None, Link::References, references.len());
        let mut missing = 0;
        let mut miss = |id: IdHash, how: Link| {
            // Siblings cite the same parent, at most the same first few ancestors.
            if missing < 3 {
                absent.push((id, me, how));
                missing += 1;
            }
        };
        if let [id] = *replied {
            match self.resolve(id, me) {
                Cited::Message(p) => {
                    (found, how) = (Some(p), Link::InReplyTo);
                    at = references.iter().rposition(|&x| x == id).unwrap_or(references.len() + 1);
                }
                Cited::Absent => miss(id, Link::InReplyTo),
                Cited::Nothing => {}
            }
        }
        while found.is_none() && at > 0 {
            at -= 1;
            match self.resolve(references[at], me) {
                Cited::Message(p) => found = Some(p),
                Cited::Absent => miss(references[at], Link::References),
                Cited::Nothing => {}
            }
        }
        if found.is_none() && replied.len() > 1 {
            for &id in replied {
                match self.resolve(id, me) {
                    Cited::Message(p) => {
                        (found, how) = (Some(p), Link::InReplyTo);
                        break;
                    }
                    Cited::Absent => miss(id, Link::InReplyTo),
                    Cited::Nothing => {}
                }
            }
        }
        let Some(parent) = found else {
            // The first reference names the thread even where mailers cut the middle out.
            if let [first, ..] = *references
                && matches!(self.resolve(first, me), Cited::Absent)
            {
                absent.push((first, me, Link::References));
            }
            return;
        };
        if self.new_topic(parent, me) {
            self.flags[me as usize] |= CUT;
            self.notes.new_topics += 1;
            absent.truncate(absent.len() - missing);
            return;
        }
        self.parent[me as usize] = parent;
        self.how[me as usize] = how;
        let (a, b) = (self.topics[parent as usize], self.topics[me as usize]);
        if a != b && a != 0 && b != 0 {
            turns.push((parent, b, me));
        }
        if at > references.len() {
            // In-Reply-To names a message that References does not know: one exchange all the same.
            let last = references.iter().rev().find_map(|&id| match self.resolve(id, me) {
                Cited::Message(p) => Some(p),
                _ => None,
            });
            if let Some(p) = last
                && p != parent
                && !self.new_topic(p, me)
            {
                siblings.push(Sibling { first: p, other: me, how: Link::References });
            }
            return;
        }
        self.infer(parent, &references[..at.min(references.len())], absent);
    }

    /// The references before the parent are the parent's ancestors: where the parent has lost its own
    /// headers, its child knows better.
    fn infer(&mut self, parent: u32, references: &[IdHash], absent: &mut Vec<(u64, u32, Link)>) {
        let mut child = parent;
        for &id in references.iter().rev() {
            if self.parent[child as usize] != NONE || self.flags[child as usize] & CUT != 0 {
                return;
            }
            match self.resolve(id, child) {
                Cited::Message(p) => {
                    if self.gap(p, child).is_some_and(|g| g < -CLOCKS) {
                        return;
                    }
                    if self.new_topic(p, child) {
                        self.flags[child as usize] |= CUT;
                        return;
                    }
                    self.parent[child as usize] = p;
                    self.how[child as usize] = Link::References;
                    child = p;
                }
                Cited::Absent => absent.push((id, child, Link::References)),
                Cited::Nothing => {}
            }
        }
    }

    /// A message that is cited as the parent in many topics (a digest, a template that somebody keeps
    /// replying to) is nobody's parent outside its own topic.
    fn demote_junk(&mut self, mut turns: Vec<(u32, u64, u32)>) {
        turns.sort_unstable();
        for group in turns.chunk_by(|a, b| a.0 == b.0) {
            let topics = group.chunk_by(|a, b| a.1 == b.1).count();
            if topics <= self.options.junk_topics as usize {
                continue;
            }
            for &(parent, _, child) in group {
                let number = |r: u32| self.order[r as usize] as usize;
                let quotes = self.evidence.quotes.is_some_and(|q| q.quotes(number(child), number(parent)));
                if self.parent[child as usize] == parent && !quotes {
                    self.parent[child as usize] = NONE;
                    self.how[child as usize] = Link::Root;
                    self.notes.junk_links += 1;
                }
            }
        }
    }

    /// Outlook's Thread-Index: 22 bytes name the conversation (a GUID in the last 16 of them), each reply
    /// adds 5. Its times are not to be trusted, the prefixes are.
    fn thread_indexes(&mut self, absent: &mut Vec<(u64, u32, Link)>) {
        let value = |r: u32| self.envelopes.thread_index(self.order[r as usize] as usize);
        let mut known: FxHashMap<u64, u32> = FxHashMap::default();
        let indexed: Vec<u32> = (0..self.order.len() as u32).filter(|&r| value(r).len() >= 22).collect();
        for &r in &indexed {
            known.entry(hash_bytes(value(r))).or_insert(self.identity.original(r));
        }
        for &r in &indexed {
            let (me, v) = (self.identity.original(r), value(r));
            absent.push((hash_bytes(&v[6..22]) ^ 0x7468_7265_6164, me, Link::ThreadIndex));
            if v.len() < 27 || self.parent[me as usize] != NONE || self.flags[me as usize] & CUT != 0 {
                continue;
            }
            if let Some(&p) = known.get(&hash_bytes(&v[..v.len() - 5]))
                && p != me
                && !self.new_topic(p, me)
            {
                self.parent[me as usize] = p;
                self.how[me as usize] = Link::ThreadIndex;
            }
        }
    }

    /// Messages that cite the same absent message belong together, topic by topic if it is many topics'.
    fn pair_siblings(&self, mut absent: Passing<(u64, u32, Link)>, siblings: &mut Vec<Sibling>) {
        absent.sort_unstable();
        absent.dedup_by_key(|a| (a.0, a.1));
        let mut topics: FxHashSet<u64> = FxHashSet::default();
        for group in absent.chunk_by(|a, b| a.0 == b.0).filter(|g| g.len() > 1) {
            topics.clear();
            topics.extend(group.iter().map(|g| self.topics[g.1 as usize]).filter(|&t| t != 0));
            let junk = topics.len() > self.options.junk_topics as usize;
            let mut first_of: FxHashMap<u64, u32> = FxHashMap::default();
            let mut firsts: Vec<u32> = Vec::new();
            for &(_, r, how) in group {
                let topic = self.topics[r as usize];
                let first = first_of
                    .get(&topic)
                    .copied()
                    .or_else(|| firsts.iter().copied().find(|&f| !junk && !self.new_topic(f, r)));
                match first {
                    Some(first) => {
                        siblings.push(Sibling { first, other: r, how });
                        first_of.entry(topic).or_insert(first);
                    }
                    None => {
                        first_of.insert(topic, r);
                        firsts.push(r);
                    }
                }
            }
        }
    }
}
