//! The support policy: ranked evidence, vetoes before unions.
//!
//! All numbers here are positions in the order of time ("ranks"), so that nothing depends on the order in
//! which messages came in. Evidence first becomes proposed parents and sibling pairs; then sets are joined,
//! strongest evidence first, each join asking for vetoes, since union-find cannot undo.

use super::cited::Sibling;
use super::subjects::Kin;
use super::{Evidence, mailings, tickets, tree};
use crate::copies::{Identity, identify};
use crate::order::{NONE, Outline};
use crate::policy::{Link, Options};
use crate::threads::{Draft, Notes};
use crate::topic::{self, CommonWords};
use crate::union::Union;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::OnceLock;
use threadfold_core::{Envelope, Envelopes, Hints, Passing};

pub(super) const DAY: i64 = 86_400;

/// The message starts a new topic: its citations of older messages do not count.
pub(super) const CUT: u8 = 1;
/// The set (at its representative) has a provider's thread.
const PROVIDER: u8 = 2;

pub(super) struct Linker<'a> {
    pub(super) envelopes: &'a Envelopes,
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) options: &'a Options,
    pub(super) order: &'a [u32],
    pub(super) topics: &'a [u64],
    /// By message number, see [`topic::marks`].
    pub(super) marks: Passing<u8>,
    pub(super) identity: Identity<'a>,
    pub(super) parent: Passing<u32>,
    pub(super) how: Passing<Link>,
    pub(super) flags: Passing<u8>,
    pub(super) sets: Union,
    /// The ticket family of a set, by its representative.
    families: FxHashMap<u32, u64>,
    /// The customer of a mailing that a set belongs to, by its representative.
    customers: FxHashMap<u32, u64>,
    /// (message, earlier message of its group, rule): parents for those that get no better one.
    pub(super) fallback: Vec<(u32, u32, Link)>,
    /// Made when the first subject changes.
    common: OnceLock<CommonWords>,
    pub(super) notes: Notes,
}

pub(super) fn link<'a>(
    envelopes: &'a Envelopes,
    outline: &'a Outline,
    evidence: &'a Evidence<'a>,
    options: &'a Options,
) -> Draft<'a> {
    let Outline { order, topics } = outline;
    let marks = topic::marks(envelopes);
    let identity = identify(envelopes, order, topics, evidence.content);
    let n = order.len();
    let mut linker = Linker {
        envelopes,
        evidence,
        options,
        order,
        topics,
        marks,
        identity,
        parent: vec![NONE; n].into(),
        how: vec![Link::Root; n].into(),
        flags: vec![0; n].into(),
        sets: Union::new(0),
        families: FxHashMap::default(),
        customers: FxHashMap::default(),
        fallback: Vec::new(),
        common: OnceLock::new(),
        notes: Notes::default(),
    };
    let mut siblings = linker.cited();
    linker.identity.forget_ids();
    // Only now: the table of ids and this are the largest things here, and neither needs the other.
    linker.sets = Union::new(n);
    let mailings = mailings::part(&mut linker, &mut siblings);
    linker.join_copies();
    linker.set_apart(&mailings);
    linker.join_providers();
    linker.join_tickets();
    linker.join_cited(siblings);
    let kin = Kin::new(&linker);
    linker.join_quoted(&kin);
    linker.join_subjects(&kin);
    drop(kin);
    linker.finish()
}

impl<'a> Linker<'a> {
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

    pub(super) fn common(&self) -> &CommonWords {
        self.common.get_or_init(|| CommonWords::of(self.envelopes, self.order, self.topics))
    }

    fn join_copies(&mut self) {
        for (copy, original) in self.identity.copies() {
            self.sets.join(copy, original);
        }
    }

    /// Notes which sets belong to different customers of one mailing.
    fn set_apart(&mut self, mailings: &mailings::Mailings) {
        let mut labels: Vec<(u32, u64)> = mailings.labels.iter().map(|(&r, &label)| (r, label)).collect();
        labels.sort_unstable();
        for (r, label) in labels {
            let root = self.sets.find(r);
            self.customers.entry(root).or_insert(label);
        }
    }

    /// Joins two sets that are no two customers of a mailing.
    fn join_customers(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.sets.find(a), self.sets.find(b));
        if !self.customers.is_empty() {
            match (self.customers.get(&a), self.customers.get(&b)) {
                (Some(x), Some(y)) if x != y => return false,
                (Some(&x), None) | (None, Some(&x)) => drop(self.customers.insert(a.min(b), x)),
                _ => {}
            }
        }
        self.sets.join(a, b);
        true
    }

    fn join_providers(&mut self) {
        if !self.envelopes.any_provider_thread() {
            return;
        }
        let mut last = crate::ids::IdTable::with_capacity(self.order.len() / 2);
        for r in 0..self.order.len() as u32 {
            let thread = self.envelopes.provider_thread(self.order[r as usize] as usize);
            if thread == 0 {
                continue;
            }
            let me = self.identity.original(r);
            let (before, new) = last.get_or_insert(thread, me);
            if !new && before != me && self.join_customers(before, me) {
                if self.parent[me as usize] == NONE && before < me {
                    self.fallback.push((me, before, Link::Provider));
                }
                last.set(thread, before.max(me));
            }
        }
        for r in 0..self.order.len() as u32 {
            if self.envelopes.provider_thread(self.order[r as usize] as usize) != 0 {
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
        if !self.join_customers(a, b) {
            self.notes.conflicts += 1;
            return false;
        }
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

    fn finish(mut self) -> Draft<'a> {
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
        let set = self.sets.into_representatives();
        for (r, how) in self.how.iter_mut().enumerate() {
            if set[r] == r as u32 && self.parent[r] == NONE {
                *how = Link::Root;
            }
        }
        Draft {
            order: Cow::Borrowed(self.order),
            set,
            parent: self.parent,
            link: self.how,
            copies,
            notes: self.notes,
        }
    }
}
