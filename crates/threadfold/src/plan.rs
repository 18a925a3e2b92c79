//! What can be decided on headers alone: which messages are noise, which threads can yield an example,
//! and which of those are set apart for validation. Pass 2 then reads no body in vain.

use rustc_hash::FxHashMap;
use threadfold_core::{DropReason, Envelope, Hints, Passing, Role, Symbol};
use threadfold_dataset::SplitPlan;
use threadfold_reply::Tails;
use threadfold_thread::{Agents, ThreadId};

use crate::recover::Wanted;
use crate::{Error, Mailbox, tails, third};

/// The decisions before pass 2.
pub(crate) struct Plan {
    /// For each message: why it is left out, if that is known already.
    pub(crate) early: Vec<Option<DropReason>>,
    /// For each message that is a copy, or has copies: the one that is read for all of them.
    pub(crate) copies: FxHashMap<usize, usize>,
    /// Threads that can yield examples, in the order of time (then of their keys): an order that depends
    /// on what was said and not on how the archive is stored.
    pub(crate) candidates: Vec<Candidate>,
    /// Whose history may hold a message that is not in the archive.
    pub(crate) wanted: Wanted,
}

/// All that is found out before pass 2.
pub(crate) struct Groundwork {
    pub(crate) plan: Plan,
    pub(crate) tails: Tails,
}

impl Groundwork {
    pub(crate) fn of(mailbox: &Mailbox, agents: &Agents) -> Result<Groundwork, Error> {
        let plan = Plan::make(mailbox, agents);
        let tails = tails::learn(mailbox, &plan)?;
        Ok(Groundwork { plan, tails })
    }
}

/// A thread that pass 2 will read: 8 bytes, as there may be very many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) thread: ThreadId,
    /// True when its examples go to the validation files.
    pub(crate) valid: bool,
    /// One side of it is missing: only what its messages quote can make an example of it.
    pub(crate) one_sided: bool,
}

impl Candidate {
    /// What the ids of its examples are made of.
    pub(crate) fn name(&self, mailbox: &Mailbox) -> String {
        format!("{:016x}", mailbox.threads.key(self.thread))
    }

    /// The thread as examples call it.
    pub(crate) fn id(&self, mailbox: &Mailbox) -> String {
        threadfold_dataset::thread_id(&self.name(mailbox))
    }
}

/// Which side wrote a message.
pub(crate) fn role_of(envelope: &Envelope, agents: &Agents) -> Role {
    if agents.is_agent(envelope.from) { Role::Agent } else { Role::Customer }
}

impl Plan {
    pub(crate) fn make(mailbox: &Mailbox, agents: &Agents) -> Plan {
        let all = &mailbox.envelopes;
        let mut early: Vec<Option<DropReason>> =
            (0..all.len()).map(|i| header_reason(mailbox, agents, i)).collect();

        // Copies: the message read for the group is one that is filed as ordinary mail, if there is one.
        let mut copies = FxHashMap::default();
        for i in 0..all.len() {
            let Some(first) = mailbox.threads.copy_of(i) else { continue };
            let shown = *copies.entry(first).or_insert(first);
            let filed_away = Some(DropReason::Spam)..=Some(DropReason::Draft);
            if filed_away.contains(&early[shown]) && !filed_away.contains(&early[i]) {
                copies.insert(first, i);
            }
        }
        for (i, reason) in early.iter_mut().enumerate() {
            let first = mailbox.threads.copy_of(i).unwrap_or(i);
            if let Some(&shown) = copies.get(&first)
                && shown != i
            {
                *reason = Some(DropReason::Duplicate);
                copies.insert(i, shown);
            }
        }

        let wanted = Wanted::find(mailbox);
        // With the time of its first message that stays.
        let mut dated: Passing<(i64, Candidate)> = Passing::default();
        for (t, messages) in mailbox.threads.threads().enumerate() {
            let thread = ThreadId(t as u32);
            if messages.len() > 1 {
                third::leave_out(mailbox, agents, messages, &mut early);
            }
            let kept = || messages.iter().map(|&m| m as usize).filter(|&m| early[m].is_none());
            let customers = kept().any(|m| role_of(&all[m], agents) == Role::Customer);
            let answers = kept().any(|m| role_of(&all[m], agents) == Role::Agent);
            let one_sided = !(customers && answers);
            if !one_sided || kept().any(|m| wanted.hopeful(all, m)) {
                let first = kept().map(|m| all[m].date).min().unwrap_or(0);
                dated.push((first, Candidate { thread, valid: false, one_sided }));
                continue;
            }
            let reason = if customers { DropReason::Unanswered } else { DropReason::NoCustomer };
            for m in kept().collect::<Vec<_>>() {
                early[m] = Some(reason);
            }
        }
        let key = |thread| mailbox.threads.key(thread);
        dated.sort_unstable_by_key(|&(first, Candidate { thread, .. })| (first, key(thread), thread));
        let mut candidates: Vec<Candidate> = dated.iter().map(|(_, candidate)| *candidate).collect();
        drop(dated);
        choose_validation(mailbox, agents, &early, &mut candidates);
        Plan { early, copies, candidates, wanted }
    }
}

/// Why a message is left out for what its own headers say, in the order of [`DropReason`].
fn header_reason(mailbox: &Mailbox, agents: &Agents, i: usize) -> Option<DropReason> {
    let e = &mailbox.envelopes[i];
    let dated = !e.hints.contains(Hints::DATE_MISSING);
    let answers_something =
        !mailbox.envelopes.references(i).is_empty() || e.hints.contains(Hints::SUBJECT_REPLY);
    let by_agent = agents.is_agent(e.from);
    let rules = [
        (dated && mailbox.options.since.is_some_and(|t| e.date < t), DropReason::OutOfRange),
        (dated && mailbox.options.until.is_some_and(|t| e.date >= t), DropReason::OutOfRange),
        (e.hints.contains(Hints::SPAM), DropReason::Spam),
        (e.hints.contains(Hints::TRASH), DropReason::Trash),
        (e.hints.contains(Hints::DRAFT), DropReason::Draft),
        (e.hints.contains(Hints::BOUNCE), DropReason::Bounce),
        (e.hints.contains(Hints::AUTO_REPLY), DropReason::AutoReply),
        // The business's own robots (order confirmations). A help desk marks human answers as generated
        // too, but those answer something; a customer's contact form may be marked, and must not be lost.
        (e.hints.contains(Hints::AUTO) && by_agent && !answers_something, DropReason::AutoReply),
        (e.hints.contains(Hints::CALENDAR), DropReason::Calendar),
        (e.hints.contains(Hints::BULK), DropReason::Bulk),
        (e.hints.contains(Hints::ENCRYPTED), DropReason::Encrypted),
        (mailbox.envelopes.locator(i).len > mailbox.options.max_message_size, DropReason::TooLarge),
        // Over a list the message went to everybody, though the list's address may be the business's.
        (
            by_agent && !e.hints.contains(Hints::LIST) && only_among_agents(mailbox, agents, i),
            DropReason::Internal,
        ),
    ];
    rules.into_iter().find_map(|(applies, reason)| applies.then_some(reason))
}

/// True when every address that an agent's message went to is an agent's.
fn only_among_agents(mailbox: &Mailbox, agents: &Agents, i: usize) -> bool {
    let mut any = false;
    mailbox.envelopes.recipients(i).all(|r| {
        any = true;
        agents.is_agent(r)
    }) && any
}

/// Sets apart whole groups of threads: threads that share a customer stay together.
fn choose_validation(
    mailbox: &Mailbox,
    agents: &Agents,
    early: &[Option<DropReason>],
    candidates: &mut [Candidate],
) {
    if mailbox.options.split <= 0.0 {
        return;
    }
    let mut groups = Groups::new(candidates.len());
    {
        // The first candidate of each customer.
        let mut seen = Passing::from(vec![u32::MAX; mailbox.envelopes.strings().len()]);
        for (c, candidate) in (0u32..).zip(candidates.iter()) {
            for &m in mailbox.threads.messages(candidate.thread) {
                let e = &mailbox.envelopes[m as usize];
                if early[m as usize].is_some() {
                    continue;
                }
                let mut of = |customer: Symbol| match &mut seen[customer.0 as usize] {
                    first if *first == u32::MAX => *first = c,
                    first => groups.join(c, *first),
                };
                if role_of(e, agents) == Role::Customer {
                    of(e.from);
                } else if candidate.one_sided {
                    // The customer is known only as the one who was written to.
                    mailbox.envelopes.recipients(m as usize).filter(|&to| !agents.is_agent(to)).for_each(of);
                }
            }
        }
    }
    // A group is named by the smallest key in it, so that the choice does not hang on the archive's order. It stands
    // at the group's representative, with the number of its candidates.
    let key = |candidate: &Candidate| mailbox.threads.key(candidate.thread);
    let mut names: Passing<(u64, u32)> = candidates.iter().map(|candidate| (key(candidate), 0)).collect();
    for c in 0..candidates.len() {
        let root = groups.find(c as u32) as usize;
        let name = names[c].0.min(names[root].0);
        names[root] = (name, names[root].1 + 1);
    }
    names.retain(|(_, candidates)| *candidates > 0);
    names.shrink_to_fit();
    let split = SplitPlan::plan(&names, mailbox.options.split, mailbox.options.seed);
    drop(names);
    // The one in a group that gave it its name speaks for it.
    let mut valid = Passing::from(vec![false; candidates.len()]);
    for (c, _) in candidates.iter().enumerate().filter(|(_, candidate)| split.is_valid(key(candidate))) {
        valid[groups.find(c as u32) as usize] = true;
    }
    for (c, candidate) in (0u32..).zip(candidates) {
        candidate.valid = valid[groups.find(c) as usize];
    }
}

/// Union-find with path halving. The representative of a group is the smallest number in it.
struct Groups(Passing<u32>);

impl Groups {
    fn new(n: usize) -> Self {
        Groups((0..n as u32).collect())
    }
    fn find(&mut self, mut x: u32) -> u32 {
        while self.0[x as usize] != x {
            let above = self.0[self.0[x as usize] as usize];
            self.0[x as usize] = above;
            x = above;
        }
        x
    }
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
