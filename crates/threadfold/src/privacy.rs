//! Redaction of whole threads: everybody in a thread is known before its first word is changed, and what was
//! found about anybody in one thread goes from all.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use threadfold_core::Role;
use threadfold_dataset::Conversation;
use threadfold_message::{Address, addresses, header};
use threadfold_redact::{Audit, Keep, KeepFacts, Known, Options, Person, Redactor, Side, Turn, Type};
use threadfold_thread::Agents;

use crate::plan::{Candidate, role_of};
use crate::{Error, Mailbox};

fn side(role: Role) -> Side {
    match role {
        Role::Customer => Side::Customer,
        Role::Agent => Side::Agent,
    }
}

/// People of one thread whom its other headers name: those copied in and written to.
pub(crate) type Copied = Vec<(String, String)>;

/// How many a thread's headers may name; the copy lists of announcements are long.
const MOST_COPIED: usize = 64;

/// Adds whom a message's `Cc` and `To` name.
pub(crate) fn copied(raw: &[u8], found: &mut Copied) {
    for field in ["Cc", "To", "Reply-To"] {
        let Some(value) = header(raw, field) else { continue };
        for Address { name, address } in addresses(value.as_bytes()) {
            let new = !found.iter().any(|(n, a)| *a == address && *n == name);
            if new && found.len() < MOST_COPIED {
                found.push((name, address));
            }
        }
    }
}

/// Somebody in a thread: name, address, side.
pub(crate) type Party = (String, String, Side);

/// Everybody that a thread names by its headers or its quotations.
pub(crate) fn people(
    mailbox: &Mailbox,
    agents: &Agents,
    candidate: &Candidate,
    copied: &Copied,
    conversation: &Conversation,
) -> Vec<Party> {
    let all = &mailbox.envelopes;
    let messages = mailbox.threads.messages(candidate.thread).iter().map(|&m| &all[m as usize]);
    let mut people: Vec<Party> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    for e in messages.filter(|e| seen.insert((e.from_name, e.from))) {
        people.push((
            all.text(e.from_name).to_owned(),
            all.text(e.from).to_owned(),
            side(role_of(e, agents)),
        ));
    }
    let answers = |email: &str| {
        let host = email.rsplit_once('@').map_or("", |(_, h)| h);
        let within =
            |d: &String| host == d || host.strip_suffix(d.as_str()).is_some_and(|h| h.ends_with('.'));
        agents.addresses().iter().any(|a| a == email) || agents.domains().iter().any(within)
    };
    for (name, email) in copied {
        people.push((name.clone(), email.clone(), if answers(email) { Side::Agent } else { Side::Customer }));
    }
    // Whoever is only quoted is known by name (or address) alone.
    for turn in conversation.turns().filter(|turn| turn.recovered) {
        let author = turn.author.clone();
        let (name, email) =
            if author.contains('@') { (String::new(), author) } else { (author, String::new()) };
        people.push((name, email, side(turn.role)));
    }
    people
}

fn persons(people: &[Party]) -> Vec<Person<'_>> {
    people.iter().map(|(name, email, side)| Person { name, email, side: *side }).collect()
}

/// What agents tell everybody is learned by this (the business's own facts, which must stay), and what is
/// somebody's wherever it stands.
pub(crate) fn learner(agents: &Agents) -> KeepFacts {
    let domains: Vec<&str> = agents.domains().iter().map(String::as_str).collect();
    KeepFacts::new(&domains)
}

/// Learns from a thread.
pub(crate) fn learn(facts: &mut KeepFacts, people: &[Party], conversation: &Conversation) {
    let turns: Vec<Turn<'_>> = conversation.turns().map(|t| (side(t.role), t.text.as_str())).collect();
    facts.feed(&persons(people), &turns);
}

/// What redaction leaves alone (the learned facts, the agents' own addresses, and the user's list), and what
/// it takes wherever it stands.
pub(crate) fn settle(mailbox: &Mailbox, agents: &Agents, facts: KeepFacts) -> (Keep, Known) {
    let mut given = Keep::default();
    // Agents that were found and not given may be people with addresses of their own; role addresses stay
    // by themselves.
    for address in agents.addresses().iter().filter(|_| !mailbox.options.agents.is_empty()) {
        given.add(Type::Email, address);
    }
    for literal in &mailbox.options.keep {
        // The user knows what it is, we need not: every kind that may stay at all.
        for kind in Type::ALL {
            given.add(kind, literal);
        }
    }
    facts.finish_with(&given)
}

/// The redactor of a run.
pub(crate) fn redactor(keep: Keep, known: Known) -> Redactor {
    Redactor::new(Options { keep: Arc::new(keep), known: Arc::new(known), ..Options::default() })
}

/// Takes personal data out of all turns of one thread, with one numbering of placeholders. Counts what it took
/// by kind and side.
pub(crate) fn redact_thread(
    redactor: &Redactor,
    people: &[Party],
    conversation: &mut Conversation,
    taken: &mut Taken,
) {
    let mut thread = redactor.thread(&persons(people));
    for turn in conversation.turns() {
        thread.learn(&turn.text, side(turn.role));
    }
    for turn in conversation.turns_mut() {
        let redacted = thread.redact(&turn.text, side(turn.role));
        redacted.spans.iter().for_each(|span| taken.add(span.kind, turn.role));
        turn.text = redacted.text;
        turn.author = thread.redact_name(&turn.author, side(turn.role));
        // A Message-ID names its author's machine or domain, often the author too.
        turn.message_id = None;
    }
}

/// How much was redacted, by kind and by whose words: never what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken([[u64; 2]; Type::ALL.len()]);

impl Taken {
    fn add(&mut self, kind: Type, role: Role) {
        self.0[kind as usize][usize::from(role == Role::Agent)] += 1;
    }

    pub(crate) fn merge(&mut self, other: &Taken) {
        for (mine, theirs) in self.0.iter_mut().flatten().zip(other.0.iter().flatten()) {
            *mine += theirs;
        }
    }

    /// Counts by kind in one side's words, kinds without any left out.
    pub(crate) fn by_kind(&self, role: Role) -> std::collections::BTreeMap<&'static str, u64> {
        let side = usize::from(role == Role::Agent);
        Type::ALL
            .into_iter()
            .map(|kind| (kind.label(), self.0[kind as usize][side]))
            .filter(|(_, n)| *n > 0)
            .collect()
    }
}

/// The audit of what is about to be published.
pub(crate) fn audit(mailbox: &Mailbox, keep: &Keep, known: &Known) -> Audit {
    let mut audit = known.audit();
    for kept in keep.list() {
        audit.except(&kept.literal);
    }
    // What the user gave on the command line is the user's to publish.
    let o = &mailbox.options;
    for literal in o.agents.iter().chain(&o.keep).chain(&o.system) {
        audit.except(literal);
    }
    audit
}

/// Reads every file in and below a folder, names included, and refuses it if a known value stands anywhere.
///
/// # Errors
/// [`Error::Leak`], which names the files and the kinds of data, never a value.
pub(crate) fn inspect(audit: &Audit, folder: &Path) -> Result<(), Error> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(&inside).map_err(Error::write(&inside))? {
            let path = entry.map_err(Error::write(&inside))?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut found: Vec<(String, String)> = Vec::new();
    for path in files {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        let mut scanner = audit.scanner();
        scanner.push(name.as_bytes());
        scanner.push(b"\n");
        let mut file = std::fs::File::open(&path).map_err(Error::write(&path))?;
        let mut buffer = vec![0; 1 << 18];
        loop {
            let n = file.read(&mut buffer).map_err(Error::write(&path))?;
            if n == 0 {
                break;
            }
            scanner.push(&buffer[..n]);
        }
        let mut kinds = std::collections::BTreeMap::<&str, u64>::new();
        for leak in scanner.finish() {
            *kinds.entry(leak.kind.label()).or_default() += 1;
        }
        if !kinds.is_empty() {
            let kinds: Vec<String> = kinds.into_iter().map(|(kind, n)| format!("{n} {kind}")).collect();
            found.push((name, kinds.join(", ")));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let files: Vec<String> = found.into_iter().map(|(name, kinds)| format!("{name} ({kinds})")).collect();
    Err(Error::Leak(files.join("; ")))
}
