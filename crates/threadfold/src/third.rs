//! Third parties: people whom the business writes to about a customer, and what they answer.
//!
//! A question goes on to the supplier, to a colleague at a private address, to the carrier, often in the customer's
//! own thread. None of that was said between the business and its customer, and none of it may become a turn.

use rustc_hash::FxHashSet;
use threadfold_core::{DropReason, Hints, Symbol};
use threadfold_thread::Agents;

use crate::Mailbox;
use crate::conversation::order_of_speech;

/// Marks what a thread says to and from third parties.
///
/// Customers are whoever opened the thread (or was written to, if the business did) and whom they bring in. An
/// agent's mail that none of them gets goes to a third party if it is a forward, or if the customers are answered
/// at those addresses elsewhere in the thread; else it may well be the customer at another address, or behind a
/// website's form.
pub(crate) fn leave_out(
    mailbox: &Mailbox,
    agents: &Agents,
    thread: &[u32],
    early: &mut [Option<DropReason>],
) {
    let all = &mailbox.envelopes;
    let kept = || thread.iter().copied().filter(|&m| early[m as usize].is_none());
    // Nobody but one customer: that is nearly every thread.
    let mut first: Option<Symbol> = None;
    let mut several = false;
    for m in kept() {
        let people = std::iter::once(all[m as usize].from).chain(all.recipients(m as usize));
        for s in people.filter(|&s| s != Symbol::EMPTY && !agents.is_agent(s)) {
            several |= *first.get_or_insert(s) != s;
        }
    }
    if !several || kept().any(|m| all[m as usize].hints.contains(Hints::LIST)) {
        return;
    }
    let kept: Vec<u32> = kept().collect();
    let outside = |m: usize| all.recipients(m).filter(|&s| s != Symbol::EMPTY && !agents.is_agent(s));
    let order = order_of_speech(mailbox, &kept);
    let opener = |m: usize| !agents.is_agent(all[m].from);
    let answered = order.iter().find(|&&m| opener(m)).is_some_and(|&first| {
        let customer = all[first].from;
        order.iter().any(|&m| !opener(m) && outside(m).any(|to| to == customer))
    });
    let mut customers: FxHashSet<Symbol> = FxHashSet::default();
    let mut thirds: FxHashSet<Symbol> = FxHashSet::default();
    let mut dropped: FxHashSet<usize> = FxHashSet::default();
    for &m in &order {
        let e = &all[m];
        if agents.is_agent(e.from) {
            let forward = e.hints.contains(Hints::SUBJECT_FORWARD);
            let known = outside(m).any(|to| customers.contains(&to));
            let nobody = outside(m).next().is_none();
            // Who was written to first is the customer, unless it was a customer's mail that was handed on.
            let third = !known && !nobody && (forward || (answered && !customers.is_empty()));
            if third {
                thirds.extend(outside(m));
                dropped.insert(m);
            } else {
                customers.extend(outside(m).filter(|to| !thirds.contains(to)));
            }
            continue;
        }
        let answers_third = mailbox.threads.parent_of(m).is_some_and(|p| dropped.contains(&p));
        if !customers.contains(&e.from) && (thirds.contains(&e.from) || answers_third) {
            thirds.insert(e.from);
            dropped.insert(m);
        } else {
            customers.insert(e.from);
            customers.extend(outside(m));
        }
    }
    for m in dropped {
        early[m] = Some(DropReason::ThirdParty);
    }
}
