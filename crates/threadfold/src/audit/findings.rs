//! What an audit finds, bounded: a folder that is wrong throughout must not fill the memory.

use serde::Serialize;

/// One thing that is wrong with a folder: in which file, at which line, and what. It names places and ids,
/// never what mail says.
///
/// ```
/// use threadfold::Finding;
/// let finding = Finding { file: "ledger.jsonl".into(), line: Some(7), what: "is no ledger line".into() };
/// assert_eq!(finding.to_string(), "ledger.jsonl, line 7: is no ledger line");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file, from the folder on.
    pub file: String,
    /// The line in it, the first being 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// Findings kept.
const MOST: usize = 1_000;

/// Collects findings.
#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    more: u64,
}

impl Findings {
    pub(super) fn file(&mut self, file: &str, what: impl Into<String>) {
        self.add(Finding { file: file.to_owned(), line: None, what: what.into() });
    }

    pub(super) fn line(&mut self, file: &str, line: u64, what: impl Into<String>) {
        self.add(Finding { file: file.to_owned(), line: Some(line), what: what.into() });
    }

    pub(super) fn add(&mut self, finding: Finding) {
        if self.list.len() < MOST {
            self.list.push(finding);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn into_parts(self) -> (Vec<Finding>, u64) {
        (self.list, self.more)
    }
}
