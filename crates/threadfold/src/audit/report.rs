//! What `report.json` says of the folder, and whether the folder holds those files and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use threadfold_dataset::{Format, RenderOptions};

use crate::answers::PAGE;
use crate::check;
use crate::outputs::{Part, files_of, list_of};
use crate::{Error, Pipeline};

use super::findings::Findings;
use super::unreadable;

use crate::report::CHECKED;
pub(super) use crate::report::{EXAMPLES, LEDGER, REPORT, VARIANTS};

/// The parts of a report that can be counted again or are needed to do so.
#[derive(Deserialize)]
pub(super) struct Report {
    options: Options,
    pub(super) counts: Value,
    pub(super) examples: Examples,
    #[serde(default)]
    pub(super) variants: Option<Value>,
    #[serde(default)]
    separators: Option<Separators>,
    pub(super) sources: Value,
    pub(super) defects: Value,
    #[serde(default)]
    given_again: GivenAgain,
    pub(super) answers: Option<Answers>,
    checks: BTreeMap<String, String>,
    /// Whether it is as the export sealed it.
    #[serde(skip)]
    sealed: bool,
}

#[derive(Deserialize)]
struct Options {
    inputs: Vec<String>,
    formats: Vec<String>,
    system: Option<String>,
    last_reply_only: bool,
    redact: bool,
    split: f64,
    max_message_size: u64,
    max_text_size: u64,
}

#[derive(Deserialize)]
pub(super) struct Examples {
    pub(super) all: u64,
    pub(super) train: u64,
    pub(super) valid: u64,
    pub(super) token_bars: Value,
    pub(super) stats: Value,
}

#[derive(Default, Deserialize)]
struct GivenAgain {
    count: u64,
}

/// What was said of the answers, as far as the examples say it too.
#[derive(Deserialize)]
pub(super) struct Answers {
    pub(super) stale: u64,
    pub(super) contradicting: u64,
    pub(super) left_out: u64,
    pub(super) compared: u64,
    pub(super) not_compared: u64,
}

#[derive(Deserialize)]
struct Separators {
    separator: String,
    stop: String,
}

impl Report {
    /// # Errors
    /// When there is none, or it is none of ours.
    pub(super) fn read(folder: &Path) -> Result<Report, Error> {
        let path = folder.join(REPORT);
        let bytes = std::fs::read(&path).map_err(unreadable(&path))?;
        let mut report: Report = serde_json::from_slice(&bytes).map_err(|e| {
            let why = format!("not the report of an export by this version: {e}");
            unreadable(&path)(std::io::Error::other(why))
        })?;
        report.sealed = check::is_sealed(&bytes);
        Ok(report)
    }

    pub(super) fn redacted(&self) -> bool {
        self.options.redact
    }

    /// The paths that the export was given, as far as they are not hidden.
    pub(super) fn inputs(&self) -> &[String] {
        &self.options.inputs
    }

    /// The bounds of reading that the export had.
    pub(super) fn bounds(&self) -> Pipeline {
        Pipeline::new()
            .max_message_size(self.options.max_message_size)
            .max_text_size(self.options.max_text_size)
    }

    /// How many paths led to what was read already.
    pub(super) fn given_again(&self) -> u64 {
        self.given_again.count
    }

    pub(super) fn split(&self) -> f64 {
        self.options.split
    }

    /// The files that examples are rendered into.
    pub(super) fn rendered(&self) -> Result<Vec<(Format, Part, String)>, Error> {
        let named = self.options.formats.iter().map(|name| Format::from_name(name));
        Ok(files_of(&named.collect::<Result<Vec<_>, _>>()?, self.options.split))
    }

    /// How they are rendered.
    pub(super) fn render_options(&self) -> RenderOptions {
        let mut render = RenderOptions {
            system: self.options.system.clone(),
            last_reply_only: self.options.last_reply_only,
            ..RenderOptions::default()
        };
        if let Some(Separators { separator, stop }) = &self.separators {
            render.separator.clone_from(separator);
            render.stop.clone_from(stop);
        }
        render
    }
}

/// Looks for files that should be there and are not, and the other way round. Gives how many there should be.
pub(super) fn files(folder: &Path, report: &Report, findings: &mut Findings) -> Result<u64, Error> {
    let rendered = report.rendered()?;
    let list = list_of(&rendered);
    let mut expected: BTreeSet<String> = rendered.into_iter().map(|(_, _, name)| name).collect();
    expected.extend([REPORT, LEDGER].map(str::to_owned));
    expected.extend(report.variants.is_some().then(|| VARIANTS.to_owned()));
    expected.extend(report.checks.contains_key(PAGE).then(|| PAGE.to_owned()));
    if !report.sealed {
        findings.file(REPORT, "is not as the export wrote it: its check value is another");
    }
    for name in CHECKED.into_iter().filter(|name| expected.contains(*name)) {
        let path = folder.join(name);
        // What is missing is said below.
        if path.is_file()
            && report.checks.get(name) != Some(&check::of_file(&path).map_err(unreadable(&path))?)
        {
            findings.file(name, "is not as the export wrote it: its check value is another");
        }
    }
    if let Some((name, text)) = list {
        expected.insert(name.to_owned());
        let says = std::fs::read(folder.join(name)).unwrap_or_default();
        if folder.join(name).is_file() && says != text.as_bytes() {
            findings.file(name, "does not list the files of this folder as an export does");
        }
    }
    let mut seen = BTreeSet::new();
    walk(folder, "", &mut |name, kind| {
        let wanted = if kind.is_dir() {
            expected.iter().any(|file| file.starts_with(&format!("{name}/")))
        } else {
            seen.insert(name.to_owned());
            expected.contains(name)
        };
        if !wanted {
            findings.file(name, "does not belong to the export");
        } else if kind.is_symlink() {
            findings.file(name, "is a link; an export writes none");
        }
    })?;
    for missing in expected.difference(&seen) {
        findings.file(missing, "is missing");
    }
    Ok(expected.len() as u64)
}

/// Everything in and below a folder, in the order of names.
fn walk(folder: &Path, below: &str, each: &mut dyn FnMut(&str, std::fs::FileType)) -> Result<(), Error> {
    let broken = unreadable(folder);
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).map_err(&broken)?.collect::<Result<_, _>>().map_err(&broken)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type().map_err(&broken)?;
        each(&name, kind);
        if kind.is_dir() {
            walk(&entry.path(), &name, each)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_an_export_with_defaults() {
        let files: Vec<String> =
            files_of(&Pipeline::default().formats, 0.1).into_iter().map(|(.., name)| name).collect();
        assert_eq!(files.len(), 6, "{files:?}");
        assert_eq!(files_of(&[], 0.1).len(), 2);
    }
}
