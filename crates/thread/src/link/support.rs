//! The support policy: ranked evidence, vetoes before unions.
//!
//! All numbers here are positions in the order of time ("ranks"), so that nothing depends on the order in
//! which messages came in. Evidence first becomes proposed parents and sibling pairs; then sets are joined,
//! strongest evidence first, each join asking for vetoes, since union-find cannot undo.

use super::subjects::Kin;
use super::{Evidence, subjects, tickets, tree};
use crate::copies::{Holder, Identity, identify};
use crate::order::{NONE, by_time};
use crate::policy::{Link, Options, Policy};
use crate::quotes::Vote;
use crate::threads::{Draft, Notes};
use crate::topic::{self, CommonWords};
use crate::union::Union;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;
use threadfold_core::{Envelope, Envelopes, Hints, IdHash, Symbol, hash_bytes};

pub(super) const DAY: i64 = 86_400;
/// Clocks differ: a parent may be this many seconds younger than its child.
const CLOCKS: i64 = DAY;
/// How long after a customer's message an agent's one is taken for its answer whatever its subject.
const ANSWER_DAYS: i64 = 30;
/// Of several messages under one id, look at this many for the one that is meant.
const LOOK_BACK: usize = 64;

/// The message starts a new topic: its citations of older messages do not count.
const CUT: u8 = 1;
/// The set (at its representative) has a provider's thread.
const PROVIDER: u8 = 2;

pub(super) struct Linker<'a> {
    pub(super) envelopes: &'a Envelopes,
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) options: &'a Options,
    pub(super) order: Vec<u32>,
    pub(super) topics: Vec<u64>,
    /// By message number, see [`topic::marks`].
    pub(super) marks: Vec<u8>,
    pub(super) identity: Identity,
    pub(super) parent: Vec<u32>,
    pub(super) how: Vec<Link>,
    flags: Vec<u8>,
    pub(super) sets: Union,
    /// The ticket family of a set, by its representative.
    families: FxHashMap<u32, u64>,
    /// (message, earlier message of its group, rule): parents for those that get no better one.
    pub(super) fallback: Vec<(u32, u32, Link)>,
    /// Made when the first subject changes.
    common: OnceLock<CommonWords>,
    notes: Notes,
}

pub(super) fn link(envelopes: &Envelopes, evidence: &Evidence<'_>, options: &Options) -> Draft {
    let order = by_time(envelopes);
    let topics = topic::keys(envelopes, &order, Policy::Support);
    let marks = topic::marks(envelopes);
    let identity = identify(envelopes, &order, &topics, evidence.content);
    let n = order.len();
    let mut linker = Linker {
        envelopes,
        evidence,
        options,
        order,
        topics,
        marks,
        identity,
        parent: vec![NONE; n],
        how: vec![Link::Root; n],
        flags: vec![0; n],
        sets: Union::new(n),
        families: FxHashMap::default(),
        fallback: Vec::new(),
        common: OnceLock::new(),
        notes: Notes::default(),
    };
    let siblings = linker.cited();
    linker.identity.forget_ids();
    linker.join_copies();
    linker.join_providers();
    linker.join_tickets();
    linker.join_cited(siblings);
    let kin = Kin::new(&linker);
    linker.join_quoted(&kin);
    linker.join_subjects(&kin);
    linker.finish()
}

/// A pair of messages that belong together although neither is the other's parent.
struct Sibling {
    first: u32,
    other: u32,
    how: Link,
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
    pub(super) fn envelope(&self, r: u32) -> &Envelope {
        &self.envelopes[self.order[r as usize] as usize]
    }

    pub(super) fn subject(&self, r: u32) -> &str {
        self.envelopes.text(self.envelope(r).subject)
    }

    /// Seconds from `a` to `b`, `None` if one of the dates is missing.
    pub(super) fn gap(&self, a: u32, b: u32) -> Option<i64> {
        let (a, b) = (self.envelope(a), self.envelope(b));
        let dated = !(a.hints | b.hints).contains(Hints::DATE_MISSING);
        dated.then(|| b.date.saturating_sub(a.date))
    }

    fn common(&self) -> &CommonWords {
        self.common.get_or_init(|| CommonWords::of(self.envelopes, &self.order, &self.topics))
    }

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
    fn cited(&mut self) -> Vec<Sibling> {
        let mut siblings = Vec::new();
        let mut absent: Vec<(u64, u32, Link)> = Vec::new();
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
        let split = all.len() - usize::from(envelopes[number].in_reply_to).min(all.len());
        let (references, replied) = all.split_at(split);

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
    fn pair_siblings(&self, mut absent: Vec<(u64, u32, Link)>, siblings: &mut Vec<Sibling>) {
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

    fn join_copies(&mut self) {
        for (copy, original) in self.identity.copies() {
            self.sets.join(copy, original);
        }
    }

    fn join_providers(&mut self) {
        let any = self.envelopes.iter().any(|e| e.provider_thread != 0);
        if !any {
            return;
        }
        let mut last = crate::ids::IdTable::with_capacity(self.order.len() / 2);
        for r in 0..self.order.len() as u32 {
            let thread = self.envelope(r).provider_thread;
            if thread == 0 {
                continue;
            }
            let me = self.identity.original(r);
            let (before, new) = last.get_or_insert(thread, me);
            if !new && before != me {
                self.sets.join(before, me);
                if self.parent[me as usize] == NONE && before < me {
                    self.fallback.push((me, before, Link::Provider));
                }
                last.set(thread, before.max(me));
            }
        }
        for r in 0..self.order.len() as u32 {
            if self.envelope(r).provider_thread != 0 {
                let root = self.sets.find(r) as usize;
                self.flags[root] |= PROVIDER;
            }
        }
    }

    fn join_tickets(&mut self) {
        let found = tickets::find(self);
        for &(first, other, before) in &found.same {
            if self.join(first, other) && self.parent[other as usize] == NONE {
                // The one before may itself have been kept out.
                let joined = self.sets.find(before) == self.sets.find(other);
                self.fallback.push((other, if joined { before } else { first }, Link::Ticket));
            }
        }
        for (r, family) in found.families {
            let root = self.sets.find(r);
            self.families.entry(root).or_insert(family);
        }
    }

    /// Joins two sets unless they are different threads of a provider or different tickets.
    pub(super) fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.sets.find(a), self.sets.find(b));
        if a == b {
            return true;
        }
        let both = self.flags[a as usize] & self.flags[b as usize] & PROVIDER != 0;
        let (fa, fb) = match self.families.is_empty() {
            true => (None, None),
            false => (self.families.get(&a).copied(), self.families.get(&b).copied()),
        };
        if both || (fa.is_some() && fa == fb) {
            self.notes.conflicts += 1;
            return false;
        }
        self.sets.join(a, b);
        let (top, under) = (a.min(b), a.max(b));
        self.flags[top as usize] |= self.flags[under as usize] & PROVIDER;
        if let Some(f) = self.families.remove(&under) {
            self.families.entry(top).or_insert(f);
        }
        true
    }

    fn join_cited(&mut self, siblings: Vec<Sibling>) {
        for r in 0..self.order.len() as u32 {
            let p = self.parent[r as usize];
            if p != NONE && !self.join(p, r) {
                self.parent[r as usize] = NONE;
                self.how[r as usize] = Link::Root;
            }
        }
        for s in siblings {
            if self.join(s.first, s.other) && self.parent[s.other as usize] == NONE {
                self.how[s.other as usize] = s.how;
            }
        }
    }

    /// Parents for those without one: the message whose lines they quote.
    fn join_quoted(&mut self, kin: &Kin) {
        let Some(quotes) = self.evidence.quotes else { return };
        let n = self.order.len();
        let mut rank = vec![0u32; n];
        for (r, &i) in self.order.iter().enumerate() {
            rank[i as usize] = r as u32;
        }
        let linker = &*self;
        let found: Vec<(u32, u32)> = (0..n as u32)
            .into_par_iter()
            .filter(|&r| linker.parent[r as usize] == NONE && !linker.identity.is_copy(r))
            .filter_map(|r| {
                let number = linker.order[r as usize] as usize;
                let customer = subjects::customer(linker, r);
                let votes = quotes.votes(number, linker.options.quote_messages, n, |o| {
                    linker.may_quote(r, rank[o as usize], customer)
                });
                let best = linker.most_quoted(r, &votes, &rank, quotes.quoted_lines(number), kin)?;
                Some((r, best))
            })
            .collect();
        for (r, p) in found {
            if self.join(p, r) {
                self.parent[r as usize] = p;
                self.how[r as usize] = Link::Quote;
            }
        }
    }

    fn may_quote(&self, r: u32, other: u32, customer: Option<Symbol>) -> bool {
        // What one customer wrote is not another's to answer: such lines are boilerplate.
        if customer.is_some() && subjects::customer(self, other).is_some_and(|c| Some(c) != customer) {
            return false;
        }
        // With skewed clocks an answer may seem older than what it answers: but then that quotes nothing of it.
        let number = |r: u32| self.order[r as usize] as usize;
        if other > r && self.evidence.quotes.is_some_and(|q| q.quotes(number(other), number(r))) {
            return false;
        }
        let mut above = self.identity.original(other);
        for _ in 0..8 {
            if above == r {
                return false;
            }
            match self.parent[above as usize] {
                NONE => break,
                p => above = p,
            }
        }
        match self.gap(other, r) {
            Some(gap) => (-3_600..=i64::from(self.options.quote_days) * DAY).contains(&gap),
            None => true,
        }
    }

    /// The message that the votes speak for. A message of the same topic needs one line; one of another topic
    /// needs more the more there is against it: lines of boilerplate and of program output turn up anywhere.
    fn most_quoted(&self, r: u32, votes: &[Vote], rank: &[u32], quoted: usize, kin: &Kin) -> Option<u32> {
        let topic = self.topics[r as usize];
        // Older messages count less, and younger ones only if there is nothing else.
        let best = |same: bool| {
            votes
                .iter()
                .map(|v| (v, rank[v.message as usize]))
                .filter(|&(_, o)| (topic != 0 && self.topics[o as usize] == topic) == same)
                .map(|(v, o)| {
                    let days = self.gap(o, r).map_or(0, |g| g.max(0) / DAY) as u64;
                    ((o < r, u64::from(v.weight) * 100 / (days + 14), o), v)
                })
                .max_by_key(|(score, _)| *score)
        };
        let (same, other) = (best(true), best(false));
        let chosen = match (same, other) {
            (Some(same), Some(other)) => {
                let clear = other.0.1 > 3 * same.0.1 && other.1.lines >= 3 && other.0.0;
                if clear { other } else { same }
            }
            (Some(same), None) => same,
            (None, Some(other)) => {
                let lines = other.1.lines as usize;
                let soon = self.gap(other.0.2, r).is_some_and(|g| g <= 3 * DAY);
                let enough = if !other.0.0 {
                    false
                } else if kin.before(self, r).is_some() {
                    lines >= 3 && lines * 2 >= quoted
                } else {
                    lines >= 3 || lines * 3 >= quoted || soon
                };
                enough.then_some(other)?
            }
            (None, None) => return None,
        };
        // One that seems younger needs more than a line, and nothing of the topic before.
        let younger = !chosen.0.0;
        if younger && (chosen.1.lines < 2 || kin.before(self, r).is_some()) {
            return None;
        }
        Some(self.identity.original(chosen.0.2))
    }

    fn join_subjects(&mut self, kin: &Kin) {
        for (r, p) in kin.parents(self) {
            // Answers to one absent message are siblings: a common subject does not make one the other's child.
            let siblings = self.how[r as usize] != Link::Root && self.sets.find(r) == self.sets.find(p);
            if self.parent[r as usize] == NONE && !siblings && self.join(p, r) {
                self.parent[r as usize] = p;
                self.how[r as usize] = Link::Subject;
            }
        }
    }

    fn finish(mut self) -> Draft {
        for (r, before, how) in std::mem::take(&mut self.fallback) {
            if self.parent[r as usize] == NONE && before != r {
                self.parent[r as usize] = before;
                self.how[r as usize] = how;
            }
        }
        self.notes.loops = tree::cut_loops(&mut self.parent, &mut self.how);
        self.notes.reused_ids = self.identity.reused();
        let copies = self.identity.copies();
        for &(copy, original) in &copies {
            self.parent[copy as usize] = self.parent[original as usize];
            self.how[copy as usize] = Link::Copy;
        }
        let n = self.order.len() as u32;
        let set: Vec<u32> = (0..n).map(|r| self.sets.find(r)).collect();
        for (r, how) in self.how.iter_mut().enumerate() {
            if set[r] == r as u32 && self.parent[r] == NONE {
                *how = Link::Root;
            }
        }
        Draft { order: self.order, set, parent: self.parent, link: self.how, copies, notes: self.notes }
    }
}
