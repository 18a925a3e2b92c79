//! The input against the ledger: every message has exactly one line, and every line is about something there.
//!
//! Both are in the order of the archive, so that they are read side by side like two sorted lists.

use rustc_hash::FxHashMap;
use threadfold_archive::{Archive, Defects, Found, Scanned};
use threadfold_core::{Fate, Hints, LedgerEntry, Locator, hash_bytes};
use threadfold_message::HeadReader;

use crate::mailbox::{UNIT_BYTES, id_text, place_of};
use crate::ordered::in_order;
use crate::survey::{Reckoning, SourceKind};
use crate::{Error, Stage};

use super::Auditor;
use super::findings::Findings;
use super::ledger::place;
use super::lines::Lines;
use super::report::{LEDGER, REPORT, Report};

/// The input, once its messages were counted.
pub(super) struct Messages {
    pub(super) archive: Archive,
    pub(super) count: u64,
    /// What the folder calls the sources.
    pub(super) sources: FxHashMap<String, u32>,
}

/// A message of the input, as far as the ledger says something about it.
struct Met {
    at: Locator,
    id: Option<String>,
    /// Of its bytes, where it may be the first of its source: redaction makes the source's name of it.
    hash: Option<u64>,
    /// It cannot be read, so that its fate is known.
    failed: bool,
    hints: Hints,
}

pub(super) fn check(auditor: &Auditor, report: &Report, findings: &mut Findings) -> Result<Messages, Error> {
    let archive = Archive::open(&auditor.inputs, &auditor.archive)?;
    let units = archive.units(UNIT_BYTES);
    auditor.observer.begin(Stage::Reading, archive.total_bytes());
    let path = auditor.file(LEDGER);
    // What is missing was said.
    let ledger = if path.is_file() { Some(Lines::open(&path)?) } else { None };
    let mut merge = Merge::new(auditor, report, &archive, ledger)?;
    let mut defects = Defects::default();
    in_order(
        units.len(),
        auditor.threads,
        <(HeadReader, Scanned)>::default,
        |(heads, before), job| {
            let mut met = Vec::new();
            let mut last = None;
            let each = &mut |found: Found<'_>| met.push(look(&archive, found, heads, &mut last));
            let scan = archive.scan_on(&units[job], before, each);
            (met, scan.defects)
        },
        |job, (met, odd)| {
            auditor.observer.advance(Stage::Reading, units[job].bytes());
            defects.merge(&odd);
            met.into_iter().try_for_each(|m| merge.message(&m, findings))?;
            if auditor.observer.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
        },
    )?;
    merge.end(findings)?;
    merge.reckoned(report, &defects, findings);
    let (count, sources) = (merge.count, merge.sources);
    Ok(Messages { archive, count, sources })
}

fn look(archive: &Archive, found: Found<'_>, heads: &mut HeadReader, last: &mut Option<u32>) -> Met {
    match found {
        Found::Message(raw) => {
            let place = place_of(archive, &raw);
            let head = heads.read(raw.bytes, &place);
            let mut new = head.envelope();
            if raw.cut_short {
                new.hints |= Hints::DEFECT;
            }
            let failed = new.hints.contains(Hints::NO_HEADER);
            let source = raw.locator.source.0;
            let first = !failed && last.replace(source) != Some(source);
            Met {
                at: raw.locator,
                id: id_text(raw.bytes, new.id_at),
                hash: first.then(|| hash_bytes(raw.bytes)),
                failed,
                hints: new.hints,
            }
        }
        Found::Failed { locator, .. } => {
            Met { at: locator, id: None, hash: None, failed: true, hints: Hints::default() }
        }
    }
}

/// The ledger being read beside the messages.
struct Merge<'a> {
    archive: &'a Archive,
    /// The paths given now, and how the export spelt them.
    spellings: Vec<(String, String)>,
    redacted: bool,
    ledger: Option<Lines>,
    /// The line that comes next.
    next: Option<(u64, LedgerEntry)>,
    sources: FxHashMap<String, u32>,
    /// The source that messages come from now, what the ledger calls it, and the hash of its first message.
    current: Option<(u32, String, Option<u64>)>,
    count: u64,
    reckoning: Reckoning,
    /// Messages and members that cannot be read.
    unreadable: u64,
}

impl<'a> Merge<'a> {
    fn new(
        auditor: &Auditor,
        report: &Report,
        archive: &'a Archive,
        ledger: Option<Lines>,
    ) -> Result<Merge<'a>, Error> {
        let given = auditor.inputs.iter().map(|path| path.to_string_lossy().into_owned());
        let mut merge = Merge {
            archive,
            spellings: given.zip(report.inputs().iter().cloned()).collect(),
            redacted: report.redacted(),
            ledger,
            next: None,
            sources: FxHashMap::default(),
            current: None,
            count: 0,
            reckoning: Reckoning::of(archive),
            unreadable: archive.failures().len() as u64,
        };
        merge.step()?;
        Ok(merge)
    }

    /// Goes to the next line that is one.
    fn step(&mut self) -> Result<(), Error> {
        self.next = None;
        let Some(lines) = &mut self.ledger else { return Ok(()) };
        while let Some((number, bytes)) = lines.next()? {
            if let Ok(entry) = serde_json::from_slice(&bytes) {
                self.next = Some((number, entry));
                break;
            }
        }
        Ok(())
    }

    fn message(&mut self, met: &Met, findings: &mut Findings) -> Result<(), Error> {
        self.count += 1;
        if met.failed {
            self.unreadable += 1;
        } else {
            self.reckoning.message(met.at.source, met.hints);
        }
        let source = met.at.source.0;
        if self.current.as_ref().is_none_or(|(s, ..)| *s != source) {
            self.enter(source, findings)?;
        }
        let Some((_, called, hash)) = &mut self.current else { return Ok(()) };
        if let (None, Some(new)) = (&hash, met.hash) {
            *hash = Some(new);
            if is_hidden(called) && !called.starts_with(&format!("mail-{new:016x}")) {
                let what = format!("calls a source {called}, which its first message does not give");
                findings.file(LEDGER, what);
            }
        }
        let called = called.clone();
        while let Some((number, entry)) = &self.next
            && let Some((name, offset, len)) = place(&entry.locator)
            && name == called
            && offset <= met.at.offset
        {
            let (number, is_it) = (*number, (offset, len) == (met.at.offset, met.at.len));
            if is_it {
                compare(number, entry, met, self.redacted, findings);
            } else {
                findings.line(LEDGER, number, "is about a message that the input does not have");
            }
            self.step()?;
            if is_it {
                return Ok(());
            }
        }
        let name = self.archive.sources().get(source as usize).map_or("?", |s| s.name.as_str());
        let at = met.at.text(if self.redacted { &called } else { name });
        findings.file(LEDGER, format!("has no line for the message at {at}"));
        Ok(())
    }

    /// Messages of another source come. The lines of the last one are over.
    fn enter(&mut self, source: u32, findings: &mut Findings) -> Result<(), Error> {
        let name = self.archive.sources().get(source as usize).map_or("?", |s| s.name.as_str());
        let mut names = vec![name.to_owned()];
        for (now, then) in &self.spellings {
            let rest = name.strip_prefix(now.trim_end_matches('/'));
            names.extend(rest.map(|rest| format!("{}{rest}", then.trim_end_matches('/'))));
        }
        // Lines about the former source that no message claimed.
        while let (Some((number, entry)), Some((_, called, _))) = (&self.next, &self.current)
            && place(&entry.locator).is_some_and(|(name, ..)| name == called)
        {
            findings.line(LEDGER, *number, "is about a message that the input does not have");
            self.step()?;
        }
        let called = match &self.next {
            Some((_, entry)) => place(&entry.locator).map(|(name, ..)| name.to_owned()),
            None => None,
        };
        let fits = |c: &String| names.contains(c) || (self.redacted && is_hidden(c));
        let called =
            called.filter(fits).filter(|c| !self.sources.contains_key(c)).unwrap_or_else(|| name.into());
        self.sources.insert(called.clone(), source);
        self.current = Some((source, called, None));
        Ok(())
    }

    /// What the report says of the sources and of what was odd in them.
    fn reckoned(&self, report: &Report, defects: &Defects, findings: &mut Findings) {
        let called: FxHashMap<&str, &str> = self
            .sources
            .iter()
            .filter_map(|(called, s)| {
                Some((self.archive.sources().get(*s as usize)?.name.as_str(), called.as_str()))
            })
            .collect();
        let said = report.sources.as_array().map_or(&[][..], Vec::as_slice);
        let counted = self.reckoning.sources(self.archive).into_iter().enumerate().map(|(n, kind)| {
            // A source without messages has no line in the ledger that says what it is called.
            let unknown = || said.get(n)?.get("example")?.as_str();
            let example = called.get(kind.example.as_str()).copied().or_else(unknown);
            SourceKind { example: example.unwrap_or_default().to_owned(), ..kind }
        });
        if serde_json::to_value(counted.collect::<Vec<_>>()).ok().as_ref() != Some(&report.sources) {
            findings.file(REPORT, "sources are not those of the input");
        }
        if self.archive.given_again().len() as u64 != report.given_again() {
            findings.file(REPORT, "given_again.count is not how often the input names the same");
        }
        let odd = self.reckoning.defects(defects, self.unreadable);
        if serde_json::to_value(odd).ok().as_ref() != Some(&report.defects) {
            findings.file(REPORT, "defects are not those of the input");
        }
    }

    /// What is left is about what could not be opened at all.
    fn end(&mut self, findings: &mut Findings) -> Result<(), Error> {
        let mut failures = 0;
        while let Some((number, entry)) = &self.next {
            let grew = entry.detail.as_deref().is_some_and(|d| d.starts_with("grew by "));
            if entry.fate != Fate::Failed || place(&entry.locator).is_some() {
                findings.line(LEDGER, *number, "is about a message that the input does not have");
            } else if !grew {
                failures += 1;
                let named = self.archive.failures().iter().any(|f| {
                    f.name == entry.locator || f.name.rsplit('/').next() == entry.locator.rsplit('/').next()
                });
                if !(named || self.redacted && is_hidden(&entry.locator)) {
                    findings.line(
                        LEDGER,
                        *number,
                        "is about something that is not in the input, or can be read",
                    );
                }
            }
            self.step()?;
        }
        let there = self.archive.failures().len() as u64;
        self.count += there;
        if failures < there && self.ledger.is_some() {
            let what =
                format!("has lines for {failures} things that could not be opened; the input has {there}");
            findings.file(LEDGER, what);
        }
        Ok(())
    }
}

/// `mail-` and a hash: what stands for the name of a source that names somebody.
fn is_hidden(name: &str) -> bool {
    let hash = name.strip_prefix("mail-").and_then(|rest| rest.get(..16));
    hash.is_some_and(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn compare(number: u64, entry: &LedgerEntry, met: &Met, redacted: bool, findings: &mut Findings) {
    if met.failed && entry.fate != Fate::Failed {
        findings.line(LEDGER, number, "says what became of a message that cannot be read");
    }
    if !redacted && !met.failed && entry.message_id != met.id {
        findings.line(LEDGER, number, "has another Message-ID than the message");
    }
}
