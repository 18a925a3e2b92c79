//! Validation: what is wrong with a dataset file, row by row, and what can be mended.
//!
//! [`validate`] reads a file of any format of [`FORMATS`](crate::FORMATS), a spreadsheet or a text file once
//! (a legacy file twice), hands out [`Finding`]s as it meets them, and ends with a [`Verdict`]. Rows keep the
//! numbers they have in the file; nothing is renumbered, and nothing is stripped merely because all rows have
//! it in common. Memory grows with the number of rows (about 150 bytes each), not with their bytes.

use std::collections::BTreeMap;
use std::io::{BufRead, Seek, SeekFrom, Write};

use serde::Serialize;
use threadfold_core::Role;

use crate::count::{TokenCounter, TokenReport};
use crate::error::Error;
use crate::format::Format;
use crate::format::input::Input;

mod check;
mod common;
mod fix;
mod known;
mod lines;
mod node;
mod rules;
mod scan;
mod table;
mod talk;
mod telling;
mod trainers;

pub use known::Questions;
pub use rules::{RULES, Rule, Severity};
pub use trainers::{TRAINERS, Trainer};

use check::Checker;

/// Something found.
///
/// ```
/// # use threadfold_dataset::{ValidateOptions, validate};
/// let file = std::io::Cursor::new("{\"messages\":[{\"role\":\"user\",\"content\":\"Open?\"}]}\n");
/// let mut findings = Vec::new();
/// validate(file, &ValidateOptions::default(), None, &mut |finding| findings.push(finding)).unwrap();
/// assert_eq!((findings[0].row, findings[0].rule), (Some(1), "no_reply"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The row, headers and blank lines not counted, the first being 1; none for what concerns the file.
    pub row: Option<u64>,
    /// The line at which the row starts, the file's first being 1.
    pub line: Option<u64>,
    /// Which field of the row.
    pub field: Option<String>,
    /// The rule, a name in [`RULES`].
    pub rule: &'static str,
    /// How bad it is, for the trainer asked about.
    pub severity: Severity,
    /// What stands there.
    pub message: String,
    /// What to do.
    pub remedy: &'static str,
}

/// Names kinds of personal data in a text of that side, such as `EMAIL`. This crate does not know how to find
/// them.
pub type PersonalData<'a> = &'a dyn Fn(&str, Role) -> Vec<String>;

/// How to validate.
///
/// ```
/// use threadfold_dataset::{Trainer, ValidateOptions};
/// let options = ValidateOptions { trainer: Some(Trainer::from_name("together").unwrap()), ..Default::default() };
/// assert!(options.format.is_none(), "it is told from the file");
/// ```
#[derive(Clone, Copy, Default)]
pub struct ValidateOptions<'a> {
    /// The format; without it the file's name and first row tell.
    pub format: Option<Format>,
    /// The file's name, for its extension and for trainers that are particular about names.
    pub file_name: Option<&'a str>,
    /// Whose limits to check against.
    pub trainer: Option<&'static Trainer>,
    /// How to count tokens. Without it they are estimated where a limit asks for it.
    pub counter: Option<&'a TokenCounter>,
    /// Tokens that an example may have, where the trainer's own limit is not meant.
    pub max_tokens: Option<u64>,
    /// Finds personal data.
    pub personal_data: Option<PersonalData<'a>>,
    /// The questions of the training file, when this is the validation file that belongs to it.
    pub train: Option<&'a Questions>,
}

/// How often a rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// The worst severity it had.
    pub severity: Severity,
    /// How often.
    pub count: u64,
    /// The first row, if it concerns one.
    pub first_row: Option<u64>,
}

/// What became of a validation.
///
/// ```
/// # use threadfold_dataset::{ValidateOptions, validate};
/// let verdict = validate(std::io::Cursor::new(""), &ValidateOptions::default(), None, &mut |_| {}).unwrap();
/// assert!(!verdict.passed());
/// ```
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    /// The format, once it could be told.
    pub format: Option<Format>,
    /// What holds the rows: `jsonl`, `json`, `csv`, `tsv`, `xlsx` or `txt`.
    pub container: &'static str,
    /// Rows read.
    pub rows: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Findings by severity.
    pub errors: u64,
    /// Findings that a careful owner would look at.
    pub warnings: u64,
    /// Findings worth knowing.
    pub infos: u64,
    /// Findings by rule.
    pub rules: BTreeMap<&'static str, RuleCount>,
    /// Answers that decline to answer.
    pub refusals: u64,
    /// Questions that stand there twice with different answers.
    pub conflicts: u64,
    /// Tokens, if they were counted.
    pub tokens: Option<TokenReport>,
    /// With a file to mend into: how often was mended what, by rule.
    pub fixed: BTreeMap<&'static str, u64>,
    /// With a file to mend into: errors that are still in it.
    pub errors_left: u64,
    /// The questions, to look for in a validation file.
    #[serde(skip)]
    pub questions: Questions,
}

impl Verdict {
    /// Whether no error was found.
    pub fn passed(&self) -> bool {
        self.errors == 0
    }

    /// The share of answers that decline to answer, 0 to 1.
    pub fn refusal_share(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.refusals as f64 / self.rows as f64 }
    }
}

/// Validates a file; hands out findings in the order of rows, those that concern the whole file first (what
/// shows at once) and last (what shows at the end).
///
/// With `fixed`, the file is written there with everything mended that can be without deciding anything for
/// the owner; the verdict says what that was. Rows that cannot be mended are written as they are. What is said
/// of rows beside each other (repeated, all with the same answer) is then said of the mended ones.
///
/// # Errors
/// Reading, seeking or writing failed. Nothing that stands in the file is an error of this function.
///
/// ```
/// use threadfold_dataset::{ValidateOptions, validate};
/// let row = "{\"messages\":[{\"role\":\"user\",\"content\":\"Open today?\"},\
///     {\"role\":\"assistant\",\"content\":\"Yes.\"}]}\n";
/// let file = std::io::Cursor::new(format!("{row}\n{row}"));
/// let mut mended = Vec::new();
/// let verdict = validate(file, &ValidateOptions::default(), Some(&mut mended), &mut |_| {}).unwrap();
/// assert_eq!(verdict.fixed["duplicate"], 1);
/// assert_eq!(String::from_utf8(mended).unwrap(), row);
/// ```
pub fn validate<'a, R: BufRead + Seek>(
    mut input: R,
    options: &'a ValidateOptions<'a>,
    fixed: Option<&'a mut dyn Write>,
    each: &'a mut dyn FnMut(Finding),
) -> Result<Verdict, Error> {
    let start = input.stream_position()?;
    let bytes = input.seek(SeekFrom::End(0))? - start;
    input.seek(SeekFrom::Start(start))?;
    let mut head = vec![0; 1 << 16];
    let mut len = 0;
    while len < head.len() {
        match input.read(&mut head[len..])? {
            0 => break,
            n => len += n,
        }
    }
    head.truncate(len);
    input.seek(SeekFrom::Start(start))?;

    let mut checker = Checker::new(options, fixed, each);
    checker.verdict.bytes = bytes;
    checker.file(bytes);
    let mark = match head.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => 3,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => 2,
        _ => 0,
    };
    let extension = options.file_name.and_then(|name| name.rsplit_once('.')).map_or("", |(_, e)| e);
    let extension = extension.to_ascii_lowercase();
    if extension == "xlsx" || head.starts_with(b"PK\x03\x04") {
        table::sheet(&mut checker, input)?;
        return checker.finish();
    }
    let first = head[mark..].iter().copied().find(|b| !b.is_ascii_whitespace() && *b != 0);
    let Some(first) = first else {
        checker.empty();
        return checker.finish();
    };
    match (options.format, extension.as_str()) {
        (Some(Format::Csv), _) | (None, "csv" | "tsv") => {
            checker.verdict.container = if extension == "tsv" { "tsv" } else { "csv" };
            table::cells(&mut checker, Input::open(input)?, extension == "tsv")?;
        }
        (None, "txt") if first != b'{' => table::text(&mut checker, Input::open(input)?)?,
        (Some(_), _) | (None, "jsonl" | "json" | "ndjson") => {
            lines::objects(&mut checker, input, &head, mark)?;
        }
        _ if first == b'{' || first == b'[' => lines::objects(&mut checker, input, &head, mark)?,
        _ => {
            checker.verdict.container = "csv";
            table::cells(&mut checker, Input::open(input)?, false)?;
        }
    }
    checker.finish()
}
