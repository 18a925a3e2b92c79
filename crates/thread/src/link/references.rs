//! Ids alone: whatever is cited together is one thread (as notmuch does it).

use super::Evidence;
use crate::copies::identify;
use crate::ids::IdTable;
use crate::order::{NONE, Outline};
use crate::policy::Link;
use crate::threads::{Draft, Notes};
use crate::union::Union;
use std::borrow::Cow;
use threadfold_core::Envelopes;

pub(super) fn link<'a>(envelopes: &Envelopes, outline: &'a Outline, evidence: &Evidence<'_>) -> Draft<'a> {
    let order = Cow::Borrowed(outline.order.as_slice());
    let copies = identify(envelopes, &order, &outline.topics, evidence.content).copies();
    let n = order.len();
    let mut nodes = IdTable::with_capacity(n);
    let mut sets = Union::new(n);
    for r in 0..n as u32 {
        let id = envelopes.id(order[r as usize] as usize);
        if id != 0 {
            let (first, _) = nodes.get_or_insert(id, r);
            sets.join(first, r);
        }
    }
    let mut parent = vec![NONE; n];
    let mut link = vec![Link::Root; n];
    for r in 0..n as u32 {
        let number = order[r as usize] as usize;
        let all = envelopes.references(number);
        for &id in all {
            // Absent ids become nodes after all messages: they join, but never stand for a set.
            let node = match nodes.get(id) {
                Some(node) => node,
                None => {
                    let ghost = sets.push();
                    nodes.set(id, ghost);
                    ghost
                }
            };
            sets.join(node, r);
        }
        let (references, replied) = all.split_at(all.len() - envelopes.in_reply_to(number));
        let here =
            |id: &u64| nodes.get(*id).filter(|&p| (p as usize) < n && p != r && envelopes.id(number) != *id);
        let strict = if let [id] = replied { here(id) } else { None };
        let found = strict
            .map(|p| (p, Link::InReplyTo))
            .or_else(|| references.iter().rev().find_map(here).map(|p| (p, Link::References)))
            .or_else(|| replied.iter().find_map(here).map(|p| (p, Link::InReplyTo)));
        if let Some((p, how)) = found {
            parent[r as usize] = p;
            link[r as usize] = how;
        }
    }
    let loops = super::tree::cut_loops(&mut parent, &mut link);
    let set = sets.into_representatives();
    for r in 0..n {
        if parent[r] == NONE && set[r] != r as u32 && link[r] == Link::Root {
            link[r] = Link::References;
        }
    }
    Draft {
        order,
        set,
        parent: parent.into(),
        link: link.into(),
        copies,
        notes: Notes { loops, ..Default::default() },
    }
}
