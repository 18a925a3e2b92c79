//! The ledger: every message read gets exactly one line, and the lines add up.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;

use rustc_hash::FxHashMap;
use serde::Serialize;
use threadfold_core::{DropReason, FailReason, Fate, LedgerEntry, Passing};
use threadfold_dataset::write_json_line;

use crate::conversation::Outcome;
use crate::labels::Labels;
use crate::ordered::in_order;
use crate::plan::Plan;
use crate::{Error, Mailbox};

/// How many messages met which fate. `read = used + dropped + failed`, always.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let counts = Pipeline::new().input(&inbox).agent("shop@example.org").export(dir.path().join("d"))?.counts;
/// assert_eq!(counts.read, counts.used + counts.dropped + counts.failed);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Everything found: messages, and stretches or members that could not be read as one.
    pub read: u64,
    /// Stand in at least one example.
    pub used: u64,
    /// Left out on purpose.
    pub dropped: u64,
    /// Could not be read.
    pub failed: u64,
    /// The dropped ones by reason.
    pub dropped_by_reason: BTreeMap<String, u64>,
    /// The failed ones by reason.
    pub failed_by_reason: BTreeMap<String, u64>,
}

/// Messages whose ids one job of writing the ledger reads.
const LINES_PER_JOB: usize = 1024;

/// Collects outcomes while the run goes on.
pub(crate) struct Account {
    /// What pass 2 said of each message; none where the plan had decided before.
    outcomes: Vec<Option<Said>>,
    /// Of messages that could not be read: what the archive said.
    details: FxHashMap<usize, String>,
    uses: Uses,
    example_ids: ExampleIds,
    repeated: Vec<u32>,
    withdrawn: u64,
}

/// What pass 2 said of a message, without the words: there may be very many messages.
#[derive(Clone, Copy)]
enum Said {
    Used,
    Dropped(DropReason),
    Failed(FailReason),
}

/// Ids of examples, the 32 hexadecimal digits of each as a number.
#[derive(Default)]
struct ExampleIds {
    numbers: Vec<u128>,
    /// Ids of another form; none is made by us.
    others: FxHashMap<usize, String>,
}

impl ExampleIds {
    fn push(&mut self, id: &str) {
        let number = number_of(id).unwrap_or_else(|| {
            self.others.insert(self.numbers.len(), id.to_owned());
            0
        });
        self.numbers.push(number);
    }

    fn get(&self, i: usize) -> String {
        let other = if self.others.is_empty() { None } else { self.others.get(&i).cloned() };
        other.unwrap_or_else(|| hexadecimal(self.numbers[i]))
    }

    fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// Which messages stand in each example, in the order of writing.
#[derive(Default)]
struct Uses {
    messages: Vec<u32>,
    /// How many each example has.
    lens: Vec<u32>,
}

impl Uses {
    fn push(&mut self, messages: &[usize]) {
        self.messages.extend(messages.iter().map(|&m| m as u32));
        self.lens.push(messages.len() as u32);
    }

    /// The messages of each example.
    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let mut rest = self.messages.as_slice();
        self.lens.iter().map(move |&len| {
            let (these, others) = rest.split_at(len as usize);
            rest = others;
            these
        })
    }

    /// Takes the messages of some examples out.
    fn clear(&mut self, gone: impl Fn(usize) -> bool) {
        let (mut kept, mut at) = (0, 0);
        for (example, len) in self.lens.iter_mut().enumerate() {
            let these = at..at + *len as usize;
            at = these.end;
            if gone(example) {
                *len = 0;
            } else {
                self.messages.copy_within(these.clone(), kept);
                kept += these.len();
            }
        }
        self.messages.truncate(kept);
    }

    /// (message, example), in the order of the messages.
    fn by_message(self) -> Passing<(u32, u32)> {
        let mut all = Passing::from(Vec::with_capacity(self.messages.len()));
        for (example, messages) in (0u32..).zip(self.iter()) {
            all.extend(messages.iter().map(|&m| (m, example)));
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The number that an id of 32 hexadecimal digits is. Every example comes by here twice, and the standard library's
/// ways between the two take ten times as long.
fn number_of(id: &str) -> Option<u128> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let half = |half: &str| half.bytes().try_fold(0, |n, b| Some(n << 4 | u64::from(digit(b)?)));
    let (high, low) = Some(id).filter(|id| id.len() == 32)?.split_at_checked(16)?;
    Some(u128::from(half(high)?) << 64 | u128::from(half(low)?))
}

/// The id that a number is.
fn hexadecimal(number: u128) -> String {
    let mut digits = [0; 32];
    for (two, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        let digit = |half: u8| b"0123456789abcdef"[usize::from(half & 15)];
        two.copy_from_slice(&[digit(byte >> 4), digit(byte)]);
    }
    // Digits are text.
    std::str::from_utf8(&digits).unwrap_or_default().to_owned()
}

impl Account {
    pub(crate) fn new(messages: usize) -> Self {
        Account {
            outcomes: vec![None; messages],
            details: FxHashMap::default(),
            uses: Uses::default(),
            example_ids: ExampleIds::default(),
            repeated: Vec::new(),
            withdrawn: 0,
        }
    }

    pub(crate) fn outcome(&mut self, message: usize, outcome: &Outcome) {
        self.outcomes[message] = Some(match outcome {
            Outcome::Used => Said::Used,
            Outcome::Dropped(reason) => Said::Dropped(*reason),
            Outcome::Failed(reason, why) => {
                self.details.insert(message, why.clone());
                Said::Failed(*reason)
            }
        });
    }

    /// An example was written; these messages stand in it.
    pub(crate) fn example(&mut self, id: &str, messages: &[usize]) {
        self.example_ids.push(id);
        self.uses.push(messages);
    }

    /// An example was left out because an earlier one says the same: its messages count as used only if
    /// they stand in another example.
    pub(crate) fn repeated(&mut self, messages: &[usize]) {
        self.repeated.extend(messages.iter().map(|&m| m as u32));
    }

    /// Examples that were written have been taken out again, each for a reason. Their messages count as used
    /// only if they stand in another example.
    pub(crate) fn withdraw(&mut self, why: &FxHashMap<String, DropReason>) {
        let reason_of = |example: usize| why.get(&self.example_ids.get(example)).copied();
        let gone: Vec<Option<DropReason>> = (0..self.example_ids.len()).map(reason_of).collect();
        let mut left_out: BTreeMap<u32, DropReason> = BTreeMap::new();
        for (messages, reason) in self.uses.iter().zip(&gone) {
            let Some(reason) = *reason else { continue };
            for &message in messages {
                left_out.entry(message).or_insert(reason);
            }
        }
        self.uses.clear(|example| gone[example].is_some());
        self.uses.messages.iter().for_each(|message| _ = left_out.remove(message));
        for (message, reason) in left_out {
            self.outcome(message as usize, &Outcome::Dropped(reason));
        }
        self.withdrawn += gone.iter().flatten().count() as u64;
    }

    pub(crate) fn examples(&self) -> u64 {
        self.example_ids.len() as u64 - self.withdrawn
    }

    /// Writes `ledger.jsonl` in the order of the archive and counts as it writes, so that the counts of
    /// the report are those of the file.
    pub(crate) fn write(
        mut self,
        mailbox: &Mailbox,
        plan: &Plan,
        labels: &Labels<'_>,
        out: &mut dyn Write,
    ) -> Result<Counts, Error> {
        let uses = std::mem::take(&mut self.uses).by_message();
        for m in std::mem::take(&mut self.repeated) {
            if uses.binary_search_by_key(&m, |u| u.0).is_err() {
                self.outcome(m as usize, &Outcome::Dropped(DropReason::DuplicateExample));
            }
        }
        let mut counts = Counts::default();
        let mut uses = uses.as_slice();
        let mut failed = mailbox.failed.as_slice();
        let mut bytes = Vec::new();
        let mut line = |entry: &LedgerEntry| -> Result<(), Error> {
            counts.read += 1;
            let reason = || entry.reason.clone().unwrap_or_default();
            match entry.fate {
                Fate::Used => counts.used += 1,
                Fate::Dropped => {
                    counts.dropped += 1;
                    *counts.dropped_by_reason.entry(reason()).or_default() += 1;
                }
                Fate::Failed => {
                    counts.failed += 1;
                    *counts.failed_by_reason.entry(reason()).or_default() += 1;
                }
            }
            bytes.clear();
            write_json_line(entry, &mut bytes);
            out.write_all(&bytes).map_err(Error::write("ledger.jsonl"))
        };
        // Ids are read from the mail itself, which has left the processor's caches long since: the workers do that.
        let all = mailbox.envelopes.len();
        let jobs: Vec<Range<usize>> =
            (0..all).step_by(LINES_PER_JOB).map(|from| from..all.min(from + LINES_PER_JOB)).collect();
        let name = |scratch: &mut Vec<u8>, job: usize| {
            let named = jobs[job].clone().map(|m| {
                // It names the author's machine, often the author: the locator leads to the mail too.
                let id = if labels.private() { None } else { mailbox.message_id(m, scratch) };
                (labels.locator(m), id)
            });
            named.collect::<Vec<_>>()
        };
        in_order(jobs.len(), mailbox.options.threads, Vec::new, name, |job, named| -> Result<(), Error> {
            for (m, (locator, message_id)) in jobs[job].clone().zip(named) {
                let at = mailbox.envelopes.locator(m);
                while let Some((first, rest)) = failed.split_first()
                    && first.locator < at
                {
                    line(&unreadable(labels.locator_text(first.locator), &first.reason))?;
                    failed = rest;
                }
                let mine = uses.iter().take_while(|u| u.0 as usize == m).count();
                let examples = uses[..mine].iter().map(|u| self.example_ids.get(u.1 as usize)).collect();
                uses = &uses[mine..];
                let (fate, reason, detail) = match (plan.early[m], self.outcomes[m]) {
                    (Some(r), _) => {
                        let original = plan.copies.get(&m).filter(|&&shown| shown != m);
                        let detail = original.map(|&shown| format!("copy of {}", labels.locator(shown)));
                        (Fate::Dropped, Some(r.as_str().to_owned()), detail)
                    }
                    // Read, but no example reaches back to it.
                    (None, Some(Said::Used)) if mine == 0 => {
                        (Fate::Dropped, Some(DropReason::BeyondLimit.as_str().to_owned()), None)
                    }
                    (None, Some(Said::Used)) => (Fate::Used, None, None),
                    (None, Some(Said::Dropped(reason))) => {
                        (Fate::Dropped, Some(reason.as_str().to_owned()), None)
                    }
                    (None, Some(Said::Failed(reason))) => {
                        (Fate::Failed, Some(reason.as_str().to_owned()), self.details.remove(&m))
                    }
                    // Every planned message is read; should one be forgotten, the ledger says so loudly.
                    (None, None) => {
                        (Fate::Failed, Some("unreadable".to_owned()), Some("not accounted for".to_owned()))
                    }
                };
                line(&LedgerEntry { locator, message_id, fate, reason, detail, examples })?;
            }
            Ok(())
        })?;
        for f in failed {
            line(&unreadable(labels.locator_text(f.locator), &f.reason))?;
        }
        let grown = mailbox.archive.changes()?;
        for f in mailbox.archive.failures().iter().chain(&grown) {
            line(&unreadable(labels.member(&f.name), &labels.text(&f.reason, "cannot be read")))?;
        }
        Ok(counts)
    }
}

fn unreadable(locator: String, why: &str) -> LedgerEntry {
    LedgerEntry {
        locator,
        message_id: None,
        fate: Fate::Failed,
        reason: Some(FailReason::Unreadable.as_str().to_owned()),
        detail: Some(why.to_owned()),
        examples: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_examples_come_back_as_they_were() {
        let ids = [
            "0123456789abcdef0011223344556677",
            "00000000000000000000000000000000",
            "ffffffffffffffffffffffffffffffff",
            "0123456789ABCDEF0011223344556677",
            "short",
            "éééééééééééééééé",
        ];
        let mut all = ExampleIds::default();
        ids.iter().for_each(|id| all.push(id));
        assert!(ids.iter().enumerate().all(|(i, id)| all.get(i) == *id));
        assert_eq!((all.len(), all.others.len()), (6, 3));
    }
}
