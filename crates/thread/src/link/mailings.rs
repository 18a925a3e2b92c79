//! One mail of the business to many people, and a conversation with each of them.
//!
//! Everybody who answers an announcement cites the same message, and ids would make one thread of them all. It is
//! one conversation a customer: strangers who each answer the business, and not each other, have nothing in common
//! but what they were sent. The same holds where the mail itself is missing and only cited.

use super::cited::Sibling;
use super::subjects;
use super::support::Linker;
use crate::order::NONE;
use crate::policy::Link;
use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::{Hints, Symbol};

/// Customers of one mailing whose correspondence with each other is looked for; more than this do not know each
/// other.
const COMPARED: usize = 64;

/// Which messages belong to which customer of a mailing.
#[derive(Default)]
pub(super) struct Mailings {
    /// Of a message below a mailing (or of the mailing itself): what must not be joined with another's.
    pub(super) labels: FxHashMap<u32, u64>,
}

/// Finds mailings and takes the links to them away from their answers.
pub(super) fn part(linker: &mut Linker<'_>, siblings: &mut Vec<Sibling>) -> Mailings {
    let mut found = Mailings::default();
    if linker.evidence.agents.is_none() {
        return found;
    }
    let mut answers: Vec<(u32, u32)> = (0..linker.order.len() as u32)
        .filter_map(|r| {
            let p = linker.parent[r as usize];
            (p != NONE && is_mailing(linker, p)).then_some((p, r))
        })
        .collect();
    answers.sort_unstable();
    for group in answers.chunk_by(|a, b| a.0 == b.0).filter(|g| g.len() > 1) {
        let mail = group[0].0;
        let children: Vec<u32> = group.iter().map(|g| g.1).collect();
        let customers = customers(linker, &children);
        let Some(groups) = strangers(linker, &children, &customers) else { continue };
        found.labels.insert(mail, label(mail, 0));
        let mut first_of: FxHashMap<u32, u32> = FxHashMap::default();
        for (&r, group) in children.iter().zip(groups) {
            // Whose answer cannot be told stays with the mailing.
            let Some(group) = group else { continue };
            found.labels.insert(r, label(mail, group + 1));
            linker.parent[r as usize] = NONE;
            let how = std::mem::replace(&mut linker.how[r as usize], Link::Root);
            match first_of.get(&group) {
                Some(&first) => siblings.push(Sibling { first, other: r, how }),
                None => drop(first_of.insert(group, r)),
            }
        }
    }
    part_siblings(linker, siblings);
    if !found.labels.is_empty() {
        hand_down(linker, &mut found.labels);
    }
    found
}

/// An agent's message to several people or to nobody it names, which answers no customer.
fn is_mailing(linker: &Linker<'_>, r: u32) -> bool {
    let Some(agents) = linker.evidence.agents else { return false };
    let e = linker.envelope(r);
    if !agents.is_agent(e.from) || e.hints.contains(Hints::LIST) {
        return false;
    }
    let above = linker.parent[r as usize];
    if above != NONE && !agents.is_agent(linker.envelope(above).from) {
        return false;
    }
    let number = linker.order[r as usize] as usize;
    let mut outside = linker.envelopes.recipients(number).filter(|&to| !agents.is_agent(to));
    let first = outside.next();
    // To the only one it names, or to several.
    first.is_none() || outside.any(|to| Some(to) != first)
}

/// The customer that each message is from or to.
fn customers(linker: &Linker<'_>, messages: &[u32]) -> Vec<Option<Symbol>> {
    messages.iter().map(|&r| subjects::customer(linker, r)).collect()
}

/// For each message the number of its customer, where there are several who do not write to each other. None if
/// they are one company of people.
fn strangers(
    linker: &Linker<'_>,
    messages: &[u32],
    customers: &[Option<Symbol>],
) -> Option<Vec<Option<u32>>> {
    let mut distinct: Vec<Symbol> = customers.iter().flatten().copied().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 2 {
        return None;
    }
    // Those who write to each other are one group: union by the smaller number.
    let mut group: Vec<u32> = (0..distinct.len() as u32).collect();
    let number = |s: Symbol| distinct.binary_search(&s).ok();
    if distinct.len() <= COMPARED {
        for (&r, customer) in messages.iter().zip(customers) {
            let Some(me) = customer.and_then(number) else { continue };
            let all = linker.envelopes.recipients(linker.order[r as usize] as usize);
            for other in all.filter_map(number) {
                let (a, b) = (group[me], group[other]);
                group.iter_mut().filter(|g| **g == a.max(b)).for_each(|g| *g = a.min(b));
            }
        }
    }
    let groups: FxHashSet<u32> = group.iter().copied().collect();
    (groups.len() > 1).then(|| customers.iter().map(|c| c.and_then(number).map(|at| group[at])).collect())
}

/// Messages that cite the same absent message, from customers who are strangers: that was a mailing too.
fn part_siblings(linker: &Linker<'_>, siblings: &mut Vec<Sibling>) {
    siblings.retain(|s| {
        let (Some(a), Some(b)) = (subjects::customer(linker, s.first), subjects::customer(linker, s.other))
        else {
            return true;
        };
        a == b || {
            let to = |r: u32, wanted: Symbol| {
                linker.envelopes.recipients(linker.order[r as usize] as usize).any(|to| to == wanted)
            };
            to(s.first, b) || to(s.other, a)
        }
    });
}

fn label(mail: u32, group: u32) -> u64 {
    u64::from(mail) << 32 | u64::from(group)
}

/// What stands below a labelled message has its label.
fn hand_down(linker: &Linker<'_>, labels: &mut FxHashMap<u32, u64>) {
    const UNKNOWN: u32 = 0;
    const NONE_ABOVE: u32 = 1;
    // A message's own number, or that of the labelled one above it, plus two.
    let mut above = vec![UNKNOWN; linker.order.len()];
    for &r in labels.keys() {
        above[r as usize] = r + 2;
    }
    let mut chain = Vec::new();
    for r in 0..linker.order.len() as u32 {
        let mut at = r;
        let found = loop {
            match above[at as usize] {
                UNKNOWN => {}
                known => break known,
            }
            // Headers may lie: whoever comes by here again on the same way is in a loop.
            above[at as usize] = NONE_ABOVE;
            chain.push(at);
            match linker.parent[at as usize] {
                NONE => break NONE_ABOVE,
                p => at = p,
            }
        };
        for at in chain.drain(..) {
            above[at as usize] = found;
        }
    }
    for (r, found) in (0u32..).zip(above) {
        if found > NONE_ABOVE {
            let label = labels[&(found - 2)];
            labels.entry(r).or_insert(label);
        }
    }
}
