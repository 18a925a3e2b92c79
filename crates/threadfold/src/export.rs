//! The main job: from a mailbox that has been read once to the dataset folder.
//!
//! ```text
//! plan ──▶ converse (bodies, in parallel) ──▶ [spill ──▶ redact] ──▶ render ──▶ write ──▶ compare answers
//! every message ─────────────────────────────────────────────────────────────▶ ledger ──▶ reports
//! ```

use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use threadfold_core::Example;
use threadfold_dataset::{Conversation, Deduper, Made, Seen, TokenCounter, TokenLimit};
use threadfold_redact::{Audit, Findings};
use threadfold_thread::Agents;

use crate::account::{Account, Counts};
use crate::answers::{self, Answers, Askers};
use crate::augment;
use crate::conversation::{Listener, Outcome, Told};
use crate::keys::Keys;
use crate::ordered::in_order;
use crate::outputs::{Outputs, Rendered, Renderer};
use crate::plan::{Groundwork, Plan};
use crate::privacy::{Copied, Taken};
use crate::report::{self, Tally};
use crate::staging::{self, Staging};
use crate::text::TextReader;
use crate::vault::{SealedVault, ThreadMap, VaultPlace, VaultWriter};
use crate::{Error, Mailbox, Pipeline, Stage, privacy};

/// What an export did.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let summary = Pipeline::new().input(&inbox).agent("shop@example.org").split(0.0).export(dir.path().join("d"))?;
/// assert_eq!((summary.examples, summary.valid), (1, 0));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Messages by fate; the same numbers as in `report.json`.
    pub counts: Counts,
    /// Examples written.
    pub examples: u64,
    /// How many of them are in the validation files.
    pub valid: u64,
    /// What a comparison of the answers found, if there was one.
    pub answers: Option<Answers>,
    /// What was added by rewording, if that was asked for.
    pub variants: Option<threadfold_variants::Report>,
}

/// Threads that one job of pass 2 reads: enough that hand-over costs nothing.
const THREADS_PER_JOB: usize = 32;

/// Refuses an output folder that could not be published later, before any work is done.
pub(crate) fn check_output(folder: &Path, options: &Pipeline) -> Result<(), Error> {
    staging::check(folder, options.force)?;
    match &options.vault {
        Some(_) if !options.redact => Err(Error::Option {
            option: "--vault",
            why: "with personal data left in there is nothing to keep in a vault".into(),
        }),
        Some(vault) => vault.check(folder, options.force),
        None => Ok(()),
    }
}

impl Mailbox {
    /// Writes the dataset folder: examples, formats, ledger and report. It appears whole or not at all.
    ///
    /// # Errors
    /// See [`Error`]; when there is one, nothing was written. One exception: a vault gets its name after the
    /// folder, so when that alone fails, the error names the vault and the folder stands.
    pub fn export(&self, folder: impl AsRef<Path>) -> Result<Summary, Error> {
        let folder = folder.as_ref();
        check_output(folder, &self.options)?;
        self.write(folder, self.prepare()?)
    }

    /// What is found out before an export writes anything.
    pub(crate) fn prepare(&self) -> Result<Groundwork, Error> {
        let agents = self.agents.as_ref().ok_or(Error::NoAgent)?;
        self.options.observer.note(&report::announce(self));
        Groundwork::of(self, agents)
    }

    /// The export itself.
    pub(crate) fn write(&self, folder: &Path, groundwork: Groundwork) -> Result<Summary, Error> {
        check_output(folder, &self.options)?;
        let agents = self.agents.as_ref().ok_or(Error::NoAgent)?;
        let counter = match self.options.max_tokens {
            Some(_) => Some(self.options.counter()?),
            None => None,
        };
        let staging = Staging::beside(folder)?;
        let listener = Listener::prepared(self, agents, groundwork, self.options.redact);
        let mut run = Run {
            account: Account::new(self.envelopes.len()),
            outputs: Outputs::create(staging.path(), &self.options)?,
            seen: Keys::default(),
            tally: Tally::default(),
            audit: None,
            vault: self.options.vault.as_ref().map(VaultPlace::create).transpose()?,
            askers: self.options.compares_answers().then(Askers::default),
            mailbox: self,
            agents,
            limit: limit_of(self.options.max_tokens, counter.as_ref()),
        };
        if self.options.redact {
            run.spilled(&listener)?;
        } else {
            run.direct(&listener)?;
        }

        let Run { mut account, mut outputs, mut tally, audit, askers, vault, seen, .. } = run;
        drop(seen);
        let compared = match askers {
            Some(askers) => {
                outputs.flushed()?;
                let compared = answers::compare(self, staging.path(), &askers)?;
                outputs = compared.apply(&self.options, staging.path(), outputs, &mut account, &mut tally)?;
                Some(compared)
            }
            None => None,
        };
        augment::augment(self, staging.path(), &mut outputs, &mut tally)?;
        let separators = outputs.finish(staging.path())?;
        let examples = account.examples();
        let counts = {
            let path = staging.path().join("ledger.jsonl");
            let file = std::fs::File::create(&path).map_err(Error::write(&path))?;
            let mut out = BufWriter::with_capacity(1 << 18, file);
            let counts = account.write(self, &listener.plan, &listener.labels, &mut out)?;
            out.flush().map_err(Error::write(&path))?;
            counts
        };
        if let Some(compared) = compared.filter(|_| self.options.page) {
            compared.write_page(&counts, staging.path())?;
        }
        report::write(self, &listener.plan, &listener.labels, &counts, &tally, separators, staging.path())?;
        let summary = Summary {
            counts,
            examples,
            valid: tally.valid,
            answers: tally.answers,
            variants: tally.variants,
        };
        if let Some(audit) = audit {
            privacy::inspect(&audit, staging.path(), self.options.threads)?;
        }
        // Nothing is published of bytes that may never have stood there.
        self.archive.changes()?;
        let vault = vault.map(VaultWriter::seal).transpose()?;
        staging.publish(self.options.force)?;
        vault.map_or(Ok(()), SealedVault::publish)?;
        Ok(summary)
    }

    /// The examples one by one, for those who write nothing to disk. Personal data is left in: redaction
    /// needs the whole archive first, so it belongs to [`export`](Mailbox::export).
    ///
    /// # Errors
    /// When nobody is known to answer for the business, or no vocabulary is known by the name given for
    /// [`Pipeline::max_tokens`](crate::Pipeline::max_tokens). Messages that cannot be read are skipped here;
    /// an export has them in its ledger.
    pub fn examples(&self) -> Result<impl Iterator<Item = Result<Example, Error>> + '_, Error> {
        let agents = self.agents.as_ref().ok_or(Error::NoAgent)?;
        let listener = Listener::new(self, agents, false)?;
        let (mut reader, mut dedupe) = (TextReader::new(&self.options), Deduper::default());
        let candidates = listener.plan.candidates.clone();
        let max_tokens = self.options.max_tokens;
        let counter = match max_tokens {
            Some(_) => Some(self.options.counter()?),
            None => None,
        };
        Ok(candidates
            .into_iter()
            .flat_map(move |candidate| {
                let conversation = listener.converse(&candidate, &mut reader).conversation;
                let limit = limit_of(max_tokens, counter.as_ref());
                let made: Vec<Example> = conversation.examples(limit).map(|made| made.example).collect();
                made
            })
            .filter(move |example| dedupe.check(example) == Seen::First)
            .map(Ok))
    }
}

/// One thread on its way to the files.
struct Ready {
    examples: Prepared,
    outcomes: Vec<(usize, Outcome)>,
    valid: bool,
    /// What its placeholders stand for, if somebody wants to know.
    map: Option<(String, ThreadMap)>,
}

/// A thread's examples: rendered by the worker, with their keys for deduplication, or, where they are far larger
/// than their thread, still to be made one by one while they are written.
enum Prepared {
    Rendered(Vec<(Made, u128, Rendered)>),
    Told(Conversation),
}

/// Bytes of examples up to which a worker renders a thread: a few hundred such threads may wait for the sink.
const RENDERED_AHEAD: usize = 256 << 10;

/// The state of an export: all of it is touched in the order of the threads, by one thread.
struct Run<'a> {
    limit: Option<TokenLimit<'a>>,
    account: Account,
    outputs: Outputs,
    /// Keys of the examples written.
    seen: Keys,
    tally: Tally,
    /// Looks for what was redacted, before anything is published.
    audit: Option<Arc<Audit>>,
    vault: Option<VaultWriter>,
    /// Who asked, where the answers are compared afterwards.
    askers: Option<Askers>,
    mailbox: &'a Mailbox,
    agents: &'a Agents,
}

impl Run<'_> {
    /// Bodies to files in one go.
    fn direct(&mut self, listener: &Listener<'_>) -> Result<(), Error> {
        let Listener { mailbox, plan, .. } = listener;
        let limit = self.limit;
        let renderer = self.outputs.renderer();
        let options = &mailbox.options;
        options.observer.begin(Stage::Writing, planned(plan));
        let jobs: Vec<_> = plan.candidates.chunks(THREADS_PER_JOB).collect();
        in_order(
            jobs.len(),
            options.threads,
            || TextReader::new(options),
            |reader, job| {
                let threads = jobs[job].iter();
                let told = threads.map(|c| (c.valid, listener.converse(c, reader)));
                told.map(|(valid, told)| ready(&renderer, limit, valid, told)).collect::<Vec<_>>()
            },
            |_, threads| {
                let read = threads.iter().map(|t| t.outcomes.len() as u64).sum();
                threads.into_iter().try_for_each(|t| self.accept(t))?;
                self.go_on(mailbox, Stage::Writing, read)
            },
        )
    }

    /// Bodies to a private, unnamed file first: what may stay is known only when all answers were read.
    fn spilled(&mut self, listener: &Listener<'_>) -> Result<(), Error> {
        let Listener { mailbox, agents, plan, .. } = listener;
        let options = &mailbox.options;
        let broken = |e: std::io::Error| Error::Write { path: std::env::temp_dir(), source: e };
        let mut spill =
            BufWriter::with_capacity(1 << 18, threadfold_archive::private_file(None).map_err(broken)?);
        let mut facts = privacy::learner(agents);
        // How many bytes each job left in the spill file.
        let mut chapters: Vec<u64> = Vec::new();

        options.observer.begin(Stage::Writing, planned(plan));
        let jobs: Vec<_> = plan.candidates.chunks(THREADS_PER_JOB).collect();
        in_order(
            jobs.len(),
            options.threads,
            || TextReader::new(options),
            |reader, job| {
                let told: Vec<Told> = jobs[job].iter().map(|c| listener.converse(c, reader)).collect();
                let mut chapter = Vec::new();
                let mut facts = privacy::learner(agents);
                for (t, candidate) in told.iter().zip(jobs[job]) {
                    let people = privacy::people(mailbox, agents, candidate, &t.copied, &t.conversation);
                    let findings = privacy::learn(&mut facts, &people, &t.conversation);
                    // Plain values have a form, and memory takes them all.
                    chapter = postcard::to_extend(&(&t.conversation, &t.copied, &findings), chapter)?;
                }
                Ok((told, chapter, facts))
            },
            |_, read| {
                let (told, chapter, learned) =
                    read.map_err(|e: postcard::Error| broken(std::io::Error::other(e)))?;
                facts.merge(learned);
                spill.write_all(&chapter).map_err(broken)?;
                chapters.push(chapter.len() as u64);
                let mut read = 0;
                for t in told {
                    t.outcomes.iter().for_each(|(m, outcome)| self.account.outcome(*m, outcome));
                    read += t.read;
                }
                self.go_on(mailbox, Stage::Writing, read)
            },
        )?;

        let mut spill = spill.into_inner().map_err(|e| broken(e.into_error()))?;
        spill.seek(SeekFrom::Start(0)).map_err(broken)?;
        let spill = Mutex::new(spill);
        let (keep, known) = privacy::settle(mailbox, agents, facts);
        self.tally.kept = keep.list().to_vec();
        let audit = Arc::new(privacy::audit(mailbox, &keep, &known));
        self.audit = Some(audit.clone());
        let redactor = privacy::redactor(keep, known, audit);
        let renderer = self.outputs.renderer();
        let limit = self.limit;
        options.observer.begin(Stage::Redacting, plan.candidates.len() as u64);
        let chapters_at: Vec<u64> = chapters
            .iter()
            .scan(0, |at, len| {
                let start = *at;
                *at += len;
                Some(start)
            })
            .collect();
        in_order(
            jobs.len(),
            options.threads,
            || (),
            |(), job| -> Result<(Vec<Ready>, Taken), Error> {
                let chapter = {
                    let mut file = spill.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    file.seek(SeekFrom::Start(chapters_at[job])).map_err(broken)?;
                    let mut chapter = vec![0; chapters[job] as usize];
                    file.read_exact(&mut chapter).map_err(broken)?;
                    chapter
                };
                let mut rest = chapter.as_slice();
                let mut threads = Vec::new();
                let mut taken = Taken::default();
                for candidate in jobs[job] {
                    let (told, behind): ((Conversation, Copied, Findings), _) =
                        postcard::take_from_bytes(rest).map_err(|e| broken(std::io::Error::other(e)))?;
                    let (mut conversation, copied, findings) = told;
                    rest = behind;
                    let people = privacy::people(mailbox, agents, candidate, &copied, &conversation);
                    let mut map = options.vault.is_some().then(ThreadMap::default);
                    privacy::redact_thread(
                        &redactor,
                        &people,
                        findings,
                        &mut conversation,
                        &candidate.id(mailbox),
                        &mut taken,
                        map.as_mut(),
                    );
                    let told = Told { conversation, outcomes: Vec::new(), copied: Copied::new(), read: 0 };
                    let thread = ready(&renderer, limit, candidate.valid, told);
                    let map = map.map(|map| (candidate.id(mailbox), map));
                    threads.push(Ready { map, ..thread });
                }
                Ok((threads, taken))
            },
            |job, threads| {
                let (threads, taken) = threads?;
                self.tally.taken.merge(taken);
                threads.into_iter().try_for_each(|t| self.accept(t))?;
                self.go_on(mailbox, Stage::Redacting, jobs[job].len() as u64)
            },
        )
    }

    /// Writes one thread's examples and books them.
    fn accept(&mut self, thread: Ready) -> Result<(), Error> {
        for (m, outcome) in &thread.outcomes {
            self.account.outcome(*m, outcome);
        }
        let valid = thread.valid;
        let before = self.account.examples();
        match thread.examples {
            Prepared::Rendered(examples) => {
                examples
                    .into_iter()
                    .try_for_each(|(made, key, rendered)| self.write(&made, key, Some(&rendered), valid))?;
            }
            Prepared::Told(conversation) => {
                conversation.examples(self.limit).try_for_each(|made| {
                    let key = Deduper::key(&made.example);
                    self.write(&made, key, None, valid)
                })?;
            }
        }
        if let (Some(vault), Some((id, map))) = (&mut self.vault, thread.map)
            && self.account.examples() > before
        {
            vault.add(&id, &map)?;
        }
        Ok(())
    }

    /// Writes an example unless an earlier one says the same.
    fn write(
        &mut self,
        made: &Made,
        key: u128,
        rendered: Option<&Rendered>,
        valid: bool,
    ) -> Result<(), Error> {
        let Made { example, messages } = made;
        if self.seen.insert(key) {
            self.outputs.write(example, rendered, valid)?;
            self.account.example(&example.id, messages);
            if let Some(askers) = &mut self.askers {
                askers.push(self.mailbox, self.agents, messages);
            }
            self.tally.add(example, valid);
        } else {
            self.account.repeated(messages);
            self.tally.repeated += 1;
        }
        Ok(())
    }

    fn go_on(&self, mailbox: &Mailbox, stage: Stage, amount: u64) -> Result<(), Error> {
        mailbox.options.observer.advance(stage, amount);
        if mailbox.options.observer.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

fn limit_of(tokens: Option<u64>, counter: Option<&TokenCounter>) -> Option<TokenLimit<'_>> {
    tokens.zip(counter).map(|(tokens, counter)| TokenLimit { tokens, counter })
}

fn ready(renderer: &Renderer, limit: Option<TokenLimit<'_>>, valid: bool, told: Told) -> Ready {
    let Told { conversation, outcomes, .. } = told;
    let examples = if conversation.bytes_of_examples() > RENDERED_AHEAD {
        Prepared::Told(conversation)
    } else {
        let made = conversation.examples(limit).map(|made| {
            let rendered = renderer.render(&made.example, valid);
            let key = Deduper::key(&made.example);
            (made, key, rendered)
        });
        Prepared::Rendered(made.collect())
    };
    Ready { examples, outcomes, valid, map: None }
}

/// How many messages pass 2 will read.
fn planned(plan: &Plan) -> u64 {
    plan.early.iter().filter(|reason| reason.is_none()).count() as u64
}
