//! Redaction of whole threads: everybody in a thread is known before its first word is changed, and what was
//! found about anybody in one thread goes from all.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use threadfold_core::{Example, Role};
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

/// Everybody that the headers of a thread name.
fn people<'a>(
    mailbox: &'a Mailbox,
    agents: &Agents,
    candidate: &Candidate,
    copied: &'a Copied,
) -> Vec<Person<'a>> {
    let all = &mailbox.envelopes;
    let mut people: Vec<Person<'a>> = mailbox
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
    let answers = |email: &str| {
        let host = email.rsplit_once('@').map_or("", |(_, h)| h);
        agents.addresses().iter().any(|a| a == email)
            || agents
                .domains()
                .iter()
                .any(|d| host == d || host.strip_suffix(d.as_str()).is_some_and(|h| h.ends_with('.')))
    };
    people.extend(copied.iter().map(|(name, email)| Person {
        name,
        email,
        side: if answers(email) { Side::Agent } else { Side::Customer },
    }));
    people
}

/// What agents tell everybody is learned by this (the business's own facts, which must stay), and what is
/// somebody's wherever it stands.
pub(crate) fn learner(agents: &Agents) -> KeepFacts {
    let domains: Vec<&str> = agents.domains().iter().map(String::as_str).collect();
    KeepFacts::new(&domains)
}

/// Learns from a thread.
pub(crate) fn learn(
    facts: &mut KeepFacts,
    mailbox: &Mailbox,
    agents: &Agents,
    candidate: &Candidate,
    copied: &Copied,
    examples: &[Example],
) {
    // Examples of one thread are prefixes of each other: the longest holds every turn.
    if let Some(longest) = examples.iter().max_by_key(|e| e.turns.len()) {
        let turns: Vec<Turn<'_>> = longest.turns.iter().map(|t| (side(t.role), t.text.as_str())).collect();
        facts.feed(&people(mailbox, agents, candidate, copied), &turns);
    }
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

/// Takes personal data out of all examples of one thread, with one numbering of placeholders. Counts what it
/// took by kind and side.
pub(crate) fn redact_thread(
    mailbox: &Mailbox,
    agents: &Agents,
    redactor: &Redactor,
    candidate: &Candidate,
    copied: &Copied,
    examples: &mut [Example],
    taken: &mut Taken,
) {
    let mut thread = redactor.thread(&people(mailbox, agents, candidate, copied));
    let longest = examples.iter().enumerate().max_by_key(|(_, e)| e.turns.len()).map(|(at, _)| at);
    if let Some(longest) = longest {
        for turn in &examples[longest].turns {
            thread.learn(&turn.text, side(turn.role));
        }
    }
    for (at, example) in examples.iter_mut().enumerate() {
        for turn in &mut example.turns {
            let redacted = thread.redact(&turn.text, side(turn.role));
            if Some(at) == longest {
                for span in &redacted.spans {
                    taken.add(span.kind, turn.role);
                }
            }
            turn.text = redacted.text;
            turn.author = thread.redact_name(&turn.author, side(turn.role));
            // A Message-ID names its author's machine or domain, often the author too.
            turn.message_id = None;
        }
        example.id = threadfold_dataset::example_id(&example.turns);
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

/// Reads every file of a folder, names included, and refuses it if a known value stands anywhere.
///
/// # Errors
/// [`Error::Leak`], which names the files and the kinds of data, never a value.
pub(crate) fn inspect(audit: &Audit, folder: &Path) -> Result<(), Error> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>())
        .map_err(Error::write(folder))?;
    files.sort();
    let mut found: Vec<(String, String)> = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
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
