//! Redaction of whole threads: everybody in a thread is known before its first word is changed, and what was
//! found about anybody in one thread goes from all.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::Serialize;
use threadfold_core::Role;
use threadfold_dataset::Conversation;
use threadfold_message::{Address, addresses, header_values};
use threadfold_redact::{
    Audit, Findings, Keep, KeepFacts, Known, Options, Person, Redactor, Side, Turn, Type, fingerprint,
};
use threadfold_thread::Agents;

use crate::ordered::in_order;
use crate::plan::{Candidate, role_of};
use crate::vault::ThreadMap;
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
    for value in header_values(raw, ["Cc", "To", "Reply-To"]).into_iter().flatten() {
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
    let mut seen = FxHashSet::default();
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

/// Learns from a thread, and gives what was found in it: it is redacted sooner with that.
pub(crate) fn learn(facts: &mut KeepFacts, people: &[Party], conversation: &Conversation) -> Findings {
    let turns: Vec<Turn<'_>> = conversation.turns().map(|t| (side(t.role), t.text.as_str())).collect();
    facts.feed_and_note(&persons(people), &turns)
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

/// The redactor of a run, whose turns will have to pass that audit.
pub(crate) fn redactor(keep: Keep, known: Known, audit: Arc<Audit>) -> Redactor {
    let (keep, known) = (Arc::new(keep), Arc::new(known));
    Redactor::new(Options { keep, known, audit: Some(audit), ..Options::default() })
}

/// Takes personal data out of all turns of one thread, with one numbering of placeholders. Counts what it took
/// by kind and side.
pub(crate) fn redact_thread(
    redactor: &Redactor,
    people: &[Party],
    findings: Findings,
    conversation: &mut Conversation,
    id: &str,
    taken: &mut Taken,
    mut map: Option<&mut ThreadMap>,
) {
    let mut thread = redactor.thread_with(&persons(people), findings);
    for turn in conversation.turns() {
        thread.learn(&turn.text, side(turn.role));
    }
    let mut theirs = FxHashSet::default();
    let mut told: BTreeMap<u64, (Type, String)> = BTreeMap::new();
    for turn in conversation.turns_mut() {
        let redacted = thread.redact(&turn.text, side(turn.role));
        let author = thread.redact_name(&turn.author, side(turn.role));
        for span in &redacted.spans {
            taken.add(span.kind, turn.role);
            let value = turn.text.get(span.start..span.end).unwrap_or("");
            if span.kind.public_kind() {
                let value = fingerprint(span.kind, value);
                match turn.role {
                    Role::Customer => _ = theirs.insert(value),
                    Role::Agent => _ = told.entry(value).or_insert((span.kind, span.placeholder.clone())),
                }
            }
            if let Some(map) = &mut map {
                map.add(span.kind, &span.placeholder, value);
            }
        }
        if let Some(map) = &mut map {
            map.add(Type::Name, &author, &turn.author);
        }
        turn.text = redacted.text;
        turn.author = author;
        // A Message-ID names its author's machine or domain, often the author too.
        turn.message_id = None;
    }
    for (value, (kind, placeholder)) in told {
        if !theirs.contains(&value) {
            let place = Told { kind, threads: 1, thread: id.to_owned(), placeholder };
            taken.told.entry(value).and_modify(|before| *before = before.and(&place)).or_insert(place);
        }
    }
}

/// How much was redacted, by kind and by whose words: never what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    counts: [[u64; 2]; Type::ALL.len()],
    /// What agents wrote that may be the business's own, by fingerprint.
    told: BTreeMap<u64, Told>,
}

/// Where something stood that agents wrote, that no customer of the thread had, and that was redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    #[serde(rename = "type")]
    kind: Type,
    /// In how many threads.
    threads: u64,
    /// The first of them, as in `examples.jsonl`.
    thread: String,
    /// What stands there now.
    placeholder: String,
}

impl Told {
    fn and(&self, later: &Told) -> Told {
        Told { threads: self.threads + later.threads, ..self.clone() }
    }
}

/// Values remembered for review; a mailbox with more has other problems.
const MOST_TOLD: usize = 1 << 16;
/// Places listed for review.
const LISTED: usize = 200;

impl Taken {
    fn add(&mut self, kind: Type, role: Role) {
        self.counts[kind as usize][usize::from(role == Role::Agent)] += 1;
    }

    /// Adds what was counted in later threads.
    pub(crate) fn merge(&mut self, other: Taken) {
        for (mine, theirs) in self.counts.iter_mut().flatten().zip(other.counts.iter().flatten()) {
            *mine += theirs;
        }
        for (value, later) in other.told {
            if let Some(told) = self.told.get_mut(&value) {
                *told = told.and(&later);
            } else if self.told.len() < MOST_TOLD {
                self.told.insert(value, later);
            }
        }
    }

    /// What agents wrote that may be the business's own and was redacted, what stood in most threads first.
    pub(crate) fn told(&self) -> Vec<&Told> {
        let mut told: Vec<&Told> = self.told.values().collect();
        told.sort_by(|a, b| {
            (b.threads, a.kind, &a.thread, &a.placeholder).cmp(&(
                a.threads,
                b.kind,
                &b.thread,
                &b.placeholder,
            ))
        });
        told.truncate(LISTED);
        told
    }

    /// Counts by kind in one side's words, kinds without any left out.
    pub(crate) fn by_kind(&self, role: Role) -> BTreeMap<&'static str, u64> {
        let side = usize::from(role == Role::Agent);
        Type::ALL
            .into_iter()
            .map(|kind| (kind.label(), self.counts[kind as usize][side]))
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
pub(crate) fn inspect(audit: &Audit, folder: &Path, threads: usize) -> Result<(), Error> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(&inside).map_err(Error::write(&inside))? {
            let path = entry.map_err(Error::write(&inside))?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut found: Vec<String> = Vec::new();
    in_order(
        files.len(),
        threads,
        || vec![0; 1 << 18],
        |buffer, file| {
            let path = &files[file];
            let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
            look(audit, path, &name, buffer).map(|kinds| (name, kinds))
        },
        |_, looked| {
            let (name, kinds) = looked?;
            if !kinds.is_empty() {
                let kinds: Vec<String> = kinds.into_iter().map(|(kind, n)| format!("{n} {kind}")).collect();
                found.push(format!("{name} ({})", kinds.join(", ")));
            }
            Ok::<(), Error>(())
        },
    )?;
    if found.is_empty() { Ok(()) } else { Err(Error::Leak(found.join("; "))) }
}

/// How many values of which kind stand in a file or its name.
fn look(
    audit: &Audit,
    path: &Path,
    name: &str,
    buffer: &mut [u8],
) -> Result<BTreeMap<&'static str, u64>, Error> {
    let mut leaks = audit.scan(name.as_bytes());
    let json = path.extension().is_some_and(|e| e == "json" || e == "jsonl");
    let mut scanner = if json { audit.json_scanner() } else { audit.scanner() };
    let mut file = std::fs::File::open(path).map_err(Error::write(path))?;
    loop {
        let n = file.read(buffer).map_err(Error::write(path))?;
        if n == 0 {
            break;
        }
        scanner.push(&buffer[..n]);
    }
    leaks.extend(scanner.finish());
    let mut kinds = BTreeMap::new();
    for leak in leaks {
        *kinds.entry(leak.kind.label()).or_default() += 1;
    }
    Ok(kinds)
}
