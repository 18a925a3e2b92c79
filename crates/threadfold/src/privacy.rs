//! Redaction of whole threads: everybody in a thread is known before its first word is changed.

use std::sync::Arc;

use threadfold_core::Role;
use threadfold_dataset::Conversation;
use threadfold_redact::{Keep, KeepFacts, Options, Person, Redactor, Side, Type};
use threadfold_thread::Agents;

use crate::Mailbox;
use crate::plan::{Candidate, role_of};

fn side(role: Role) -> Side {
    match role {
        Role::Customer => Side::Customer,
        Role::Agent => Side::Agent,
    }
}

/// What agents tell everybody is learned by this: the business's own facts, which must stay.
pub(crate) fn learner(agents: &Agents) -> KeepFacts {
    let domains: Vec<&str> = agents.domains().iter().map(String::as_str).collect();
    KeepFacts::new(&domains)
}

/// Learns from a conversation.
pub(crate) fn learn(facts: &mut KeepFacts, conversation: &Conversation) {
    let customer = conversation.turns().find(|t| t.role == Role::Customer).map_or("", |t| t.author.as_str());
    for turn in conversation.turns().filter(|t| t.role == Role::Agent) {
        facts.feed(&turn.text, customer);
    }
}

/// What redaction leaves alone: the learned facts, the agents' own addresses, and the user's list.
pub(crate) fn keep(mailbox: &Mailbox, agents: &Agents, facts: KeepFacts) -> Keep {
    let mut keep = facts.finish();
    for address in agents.addresses() {
        keep.add(Type::Email, address);
    }
    for literal in &mailbox.options.keep {
        // The user knows what it is, we need not: every kind that may stay at all.
        for kind in Type::ALL {
            keep.add(kind, literal);
        }
    }
    keep
}

/// The redactor of a run.
pub(crate) fn redactor(keep: Keep) -> Redactor {
    Redactor::new(Options { keep: Arc::new(keep), ..Options::default() })
}

/// Takes personal data out of all turns of one thread, with one numbering of placeholders.
pub(crate) fn redact_thread(
    mailbox: &Mailbox,
    agents: &Agents,
    redactor: &Redactor,
    candidate: &Candidate,
    conversation: &mut Conversation,
) {
    let all = &mailbox.envelopes;
    let people: Vec<Person<'_>> = mailbox
        .threads
        .messages(candidate.thread)
        .iter()
        .map(|&m| &all[m as usize])
        .map(|e| Person {
            name: all.text(e.from_name),
            email: all.text(e.from),
            side: side(role_of(e, agents)),
        })
        .collect();
    // Whoever is only quoted is known by name (or address) alone.
    let quoted = conversation.turns().filter(|turn| turn.recovered).map(|turn| {
        let (name, email) = if turn.author.contains('@') { ("", &*turn.author) } else { (&*turn.author, "") };
        Person { name, email, side: side(turn.role) }
    });
    let people: Vec<Person<'_>> = people.into_iter().chain(quoted).collect();
    let mut thread = redactor.thread(&people);
    drop(people);
    for turn in conversation.turns() {
        thread.learn(&turn.text, side(turn.role));
    }
    for turn in conversation.turns_mut() {
        turn.text = thread.redact(&turn.text, side(turn.role)).text;
        turn.author = thread.redact_name(&turn.author, side(turn.role));
        // A Message-ID names its author's machine or domain, often the author too.
        turn.message_id = None;
    }
}
