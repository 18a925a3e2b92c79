//! What can go wrong, and where.

use crate::format::Format;

/// Why a file could not be converted or a name not understood.
///
/// ```
/// let error = threadfold_dataset::Format::from_name("wordstar").unwrap_err();
/// assert!(error.to_string().contains("messages"), "it says which names there are");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A row of the input is not what its format asks for.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Reading or writing failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// No format has this name.
    #[error("no format is called {name:?}; there are {known}")]
    UnknownFormat {
        /// The name that was asked for.
        name: String,
        /// The names there are, separated by commas.
        known: String,
    },
    /// No trainer has this name.
    #[error("no trainer is called {name:?}; there are {known}")]
    UnknownTrainer {
        /// The name that was asked for.
        name: String,
        /// The names there are, separated by commas.
        known: String,
    },
    /// A Parquet file could not be read or written.
    #[error("parquet: {0}")]
    Parquet(String),
    /// No vocabulary has this name, or its file cannot be read.
    #[error("cannot count tokens by {name:?}: {why}")]
    Tokenizer {
        /// The name or file that was asked for.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The file looks like none of the formats.
    #[error("line {line}: cannot tell the format: {found}; expected {expected}")]
    Unrecognised {
        /// The line that was looked at.
        line: u64,
        /// What stands there.
        found: String,
        /// What would have been recognised.
        expected: String,
    },
    /// The separator or the stop text that was asked for occurs in the data as well, so that neither a
    /// model nor a reader could tell where a prompt or a completion ends.
    #[error("the {which} {text:?} occurs in the texts themselves; {proposed:?} does not")]
    DelimiterInText {
        /// `separator` or `stop`.
        which: &'static str,
        /// What was asked for.
        text: String,
        /// One that occurs nowhere.
        proposed: String,
    },
}

/// A row that cannot be read.
///
/// ```
/// use threadfold_dataset::{Format, read_examples};
/// let error = read_examples(Format::Messages, &b"{\"messages\":[]}\n"[..]).next().unwrap().unwrap_err();
/// assert_eq!((error.line, error.row), (1, 1));
/// assert!(error.to_string().starts_with("messages, line 1: "), "{error}");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{format}, line {line}{}: {problem}", row_if_other(*row, *line))]
pub struct ReadError {
    /// The format that was being read.
    pub format: Format,
    /// The line at which the row starts, the file's first being 1.
    pub line: u64,
    /// The row, not counting headers and blank lines, the first being 1; 0 for a header.
    pub row: u64,
    /// What is wrong with it.
    pub problem: Problem,
}

fn row_if_other(row: u64, line: u64) -> String {
    if row == line || row == 0 { String::new() } else { format!(" (row {row})") }
}

/// What is wrong with a row.
///
/// ```
/// let problem = threadfold_dataset::Problem::Missing { what: "an assistant message" };
/// assert_eq!(problem.to_string(), "expected an assistant message, found none");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Reading failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Not JSON, or not JSON of the expected shape.
    #[error("{message}; expected {expected}")]
    Json {
        /// What the JSON parser says, with the column.
        message: String,
        /// The shape of a line in this format.
        expected: &'static str,
    },
    /// Something that a row needs is not there.
    #[error("expected {what}, found none")]
    Missing {
        /// What is needed.
        what: &'static str,
    },
    /// Something stands where it may not.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What may stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A legacy prompt or completion does not end as all others do.
    #[error("expected the {which} to end with {text:?}")]
    NoDelimiter {
        /// `prompt` or `completion`.
        which: &'static str,
        /// How it should end.
        text: String,
    },
    /// Bytes that are not UTF-8.
    #[error(
        "{place} is not UTF-8; expected UTF-8 (in a spreadsheet program choose \"CSV UTF-8\" when saving)"
    )]
    NotUtf8 {
        /// The column, or the line.
        place: String,
    },
    /// A quoted cell that never ends.
    #[error("a quoted cell starts in line {line} and does not end; expected a closing quotation mark")]
    OpenQuote {
        /// The line in which it starts.
        line: u64,
    },
    /// Text after a cell's closing quotation mark.
    #[error("expected a separator or a line end after the closing quotation mark in line {line}")]
    AfterQuote {
        /// The line in which it stands.
        line: u64,
    },
    /// More cells than the header has columns.
    #[error("expected at most {expected} cells as in the header, found {found}")]
    TooManyCells {
        /// Columns of the header.
        expected: usize,
        /// Cells of the row.
        found: usize,
    },
    /// A cell that a spreadsheet program cut off at its limit for one cell.
    #[error(
        "the {column} was cut at 32767 characters by a spreadsheet program; expected the whole text \
         (leave this row out of the spreadsheet, or take it from the original file)"
    )]
    CutCell {
        /// The column.
        column: &'static str,
    },
    /// A cell of one of our own columns that does not hold what it should.
    #[error("column {column}: {found:?} is not {expected}")]
    BadCell {
        /// The column.
        column: &'static str,
        /// What stands there, shortened.
        found: String,
        /// What should.
        expected: &'static str,
    },
}
