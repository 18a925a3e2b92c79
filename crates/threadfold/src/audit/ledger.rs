//! The ledger by itself: every line is one, lines add up to the report's counts, no message has two.

use std::collections::BTreeMap;
use std::path::Path;

use threadfold_core::{DropReason, FailReason, Fate, LedgerEntry, hash_bytes};

use crate::Error;
use crate::account::Counts;

use super::findings::Findings;
use super::lines::each_line;
use super::report::{LEDGER, REPORT, Report};

/// What is kept of a ledger: which messages stand in which examples.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) lines: u64,
    /// In the order of examples.
    uses: Vec<Use>,
}

/// A message stands in an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) example: u128,
    /// The hash of the locator's text.
    pub(super) locator: u64,
    /// Of the ledger.
    pub(super) line: u64,
}

impl Ledger {
    /// The lines that name an example.
    pub(super) fn naming(&self, example: u128) -> &[Use] {
        let from = self.uses.partition_point(|u| u.example < example);
        let len = self.uses[from..].partition_point(|u| u.example == example);
        &self.uses[from..from + len]
    }

    pub(super) fn uses(&self) -> &[Use] {
        &self.uses
    }
}

/// An id as a number; none if it is not 32 hex digits.
pub(super) fn number_of(id: &str) -> Option<u128> {
    (id.len() == 32).then(|| u128::from_str_radix(id, 16).ok()).flatten()
}

pub(super) fn check(folder: &Path, report: &Report, findings: &mut Findings) -> Result<Ledger, Error> {
    let path = folder.join(LEDGER);
    let mut ledger = Ledger::default();
    if !path.is_file() {
        return Ok(ledger);
    }
    let mut counts = Counts::default();
    let mut places: Vec<(u64, u64)> = Vec::new();
    let mut last: Option<(String, u64)> = None;
    let whole = each_line(&path, |number, bytes| {
        ledger.lines = number;
        let Ok(entry) = serde_json::from_slice::<LedgerEntry>(bytes) else {
            findings.line(LEDGER, number, "is no ledger line");
            return Ok(());
        };
        if serde_json::to_vec(&entry).ok().as_deref() != Some(bytes) {
            findings.line(LEDGER, number, "is not written as an export writes it");
        }
        if let Some(what) = contradiction(&entry, report.redacted()) {
            findings.line(LEDGER, number, what);
        }
        count(&mut counts, &entry);
        if let Some((source, offset, _)) = place(&entry.locator) {
            places.push((hash_bytes(entry.locator.as_bytes()), number));
            // A ledger is in the order of the archive.
            if last.as_ref().is_some_and(|(s, o)| s == source && *o >= offset) {
                findings.line(LEDGER, number, "is about a message that stands before that of the line above");
            }
            last = Some((source.to_owned(), offset));
        }
        for id in &entry.examples {
            match number_of(id) {
                Some(example) => {
                    let locator = hash_bytes(entry.locator.as_bytes());
                    ledger.uses.push(Use { example, locator, line: number });
                }
                None => findings.line(LEDGER, number, "names something that is no id of an example"),
            }
        }
        Ok(())
    })?;
    if !whole {
        findings.line(LEDGER, ledger.lines, "has no line end: something is cut off");
    }
    places.sort_unstable();
    for pair in places.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let what = format!("is about the same message as line {}", pair[0].1);
        findings.line(LEDGER, pair[1].1, what);
    }
    ledger.uses.sort_unstable();
    if ledger.uses.windows(2).any(|pair| pair[0].example == pair[1].example && pair[0].line == pair[1].line) {
        findings.file(LEDGER, "names an example twice in one line");
    }
    let counted = serde_json::to_value(&counts).unwrap_or_default();
    if counted != report.counts {
        findings.file(REPORT, format!("its counts are not those of the ledger, which add up to {counted}"));
    }
    Ok(ledger)
}

/// Source, offset and length of a locator's text; none for what could not be opened at all.
pub(super) fn place(locator: &str) -> Option<(&str, u64, u64)> {
    let (source, stretch) = locator.rsplit_once(':')?;
    let (offset, len) = stretch.split_once('+')?;
    Some((source, offset.parse().ok()?, len.parse().ok()?))
}

fn count(counts: &mut Counts, entry: &LedgerEntry) {
    let add = |reasons: &mut BTreeMap<String, u64>| {
        *reasons.entry(entry.reason.clone().unwrap_or_default()).or_default() += 1;
    };
    counts.read += 1;
    match entry.fate {
        Fate::Used => counts.used += 1,
        Fate::Dropped => {
            counts.dropped += 1;
            add(&mut counts.dropped_by_reason);
        }
        Fate::Failed => {
            counts.failed += 1;
            add(&mut counts.failed_by_reason);
        }
    }
}

/// What a line says that cannot be.
fn contradiction(entry: &LedgerEntry, redacted: bool) -> Option<&'static str> {
    let reason = entry.reason.as_deref();
    let known = |all: &[&str]| reason.is_some_and(|r| all.contains(&r));
    let dropped: Vec<&str> = DropReason::ALL.iter().map(|r| r.as_str()).collect();
    let failed: Vec<&str> = FailReason::ALL.iter().map(|r| r.as_str()).collect();
    let checks = [
        (entry.fate == Fate::Used && reason.is_some(), "is used and has a reason why not"),
        (entry.fate == Fate::Used && entry.examples.is_empty(), "is used and in no example"),
        (entry.fate != Fate::Used && !entry.examples.is_empty(), "is not used and yet in an example"),
        (entry.fate == Fate::Dropped && !known(&dropped), "is dropped for a reason that there is not"),
        (entry.fate == Fate::Failed && !known(&failed), "failed for a reason that there is not"),
        (redacted && entry.message_id.is_some(), "has a Message-ID, which a redacted export leaves out"),
    ];
    checks.into_iter().find_map(|(wrong, what)| wrong.then_some(what))
}
