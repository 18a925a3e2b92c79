//! The auditor: takes a finished folder and, if it is given, the mail that the folder was made of, and counts
//! everything again.
//!
//! ```text
//! report ──▶ files (none missing, none too many) ──▶ ledger (adds up) ──▶ examples (ids, files, sides)
//! input  ──▶ every message has its line ──▶ every turn stands in its source
//! ```
//!
//! It believes nothing that it can work out: counts come from lines, ids from turns, files from examples, lines
//! from messages, turns from bodies. Values that nothing else in the folder says (in `report.json` the options and
//! what redaction kept, in the ledger a reason, in an example the language) have check values, which show a change
//! unless they were computed anew (`check.rs`). Reply extraction, threading and folding are not run again: the
//! auditor finds where words came from, and does not judge whose they are.

mod examples;
mod findings;
mod found;
mod ledger;
mod lines;
mod messages;
mod report;
mod turns;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::observer::Silent;
use crate::{Error, Observer};

pub use findings::Finding;
use findings::Findings;

/// An audit, described: which folder, and the mail it was made of.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// # let folder = dir.path().join("dataset");
/// use threadfold::{Auditor, Pipeline};
/// Pipeline::new().input(&inbox).agent("shop@example.org").export(&folder)?;
/// let audit = Auditor::new(&folder).input(&inbox).run()?;
/// assert_eq!((audit.examples, audit.messages, audit.turns_found), (1, Some(2), Some(2)));
/// assert!(audit.findings.is_empty());
///
/// std::fs::write(folder.join("more.txt"), "who put this here?")?;
/// assert_eq!(Auditor::new(&folder).run()?.findings[0].file, "more.txt");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Auditor {
    folder: PathBuf,
    inputs: Vec<PathBuf>,
    archive: threadfold_archive::Options,
    threads: usize,
    observer: Arc<dyn Observer>,
}

/// What an audit counted and found.
///
/// ```
/// assert!(threadfold::Audit::default().findings.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Files that belong to the folder.
    pub files: u64,
    /// Lines of the ledger.
    pub ledger_lines: u64,
    /// Examples.
    pub examples: u64,
    /// Messages of the input, and stretches of it that could not be read; none without an input.
    pub messages: Option<u64>,
    /// Turns found again in their source; none without an input.
    pub turns_found: Option<u64>,
    /// What is wrong, the first thousand. Never holds a word of mail.
    pub findings: Vec<Finding>,
    /// How many more things are wrong.
    pub more: u64,
}

impl Auditor {
    /// An audit of what an export wrote.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Auditor {
            folder: folder.into(),
            inputs: Vec::new(),
            archive: threadfold_archive::Options::default(),
            threads: std::thread::available_parallelism().map_or(1, |n| n.get()),
            observer: Arc::new(Silent),
        }
    }

    /// Adds mail that the folder was made of: the same paths in the same order as the export was given, all of
    /// them. Another spelling of a path will do.
    pub fn input(mut self, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(path.into());
        self
    }

    /// Adds several.
    pub fn inputs<P: Into<PathBuf>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.inputs.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Bounds for unpacking archives: those of the export.
    pub fn archive_options(mut self, options: threadfold_archive::Options) -> Self {
        self.archive = options;
        self
    }

    /// How many threads work; what is found does not depend on it. 0 means all cores.
    pub fn threads(mut self, n: usize) -> Self {
        if n > 0 {
            self.threads = n;
        }
        self
    }

    /// Who hears of progress.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Counts everything again.
    ///
    /// # Errors
    /// When the folder is no export (it has no `report.json` that can be read), or the input cannot be opened.
    /// What is wrong with an export is in [`Audit::findings`].
    pub fn run(&self) -> Result<Audit, Error> {
        let mut findings = Findings::default();
        let report = report::Report::read(&self.folder)?;
        let files = report::files(&self.folder, &report, &mut findings)?;
        let ledger = ledger::check(&self.folder, &report, &mut findings)?;
        let examples = examples::check(&self.folder, &report, &ledger, &mut findings)?;
        let mut audit =
            Audit { files, ledger_lines: ledger.lines, examples: examples.count, ..Audit::default() };
        if !self.inputs.is_empty() {
            let messages = messages::check(self, &report, &mut findings)?;
            audit.messages = Some(messages.count);
            audit.turns_found = Some(turns::check(self, &report, &messages, &examples, &mut findings)?);
            messages.archive.changes()?;
        }
        (audit.findings, audit.more) = findings.into_parts();
        Ok(audit)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// An error of reading one of the folder's own files.
fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Read { path: path.clone(), source }
}
