//! Reading any format, example by example.

use std::io::{self, BufRead, Read};

use threadfold_core::{Example, Flag, Role, Turn};

use super::csv::CsvReader;
use super::input::Input;
use super::{Format, ReadOptions, Rows, check_shape};
use crate::acknowledge::is_acknowledgement_only;
use crate::error::{Problem, ReadError};
use crate::id::example_id;
use crate::language::detect_language;
use crate::tokens::estimate_tokens;

/// What one row holds.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) example: Example,
    /// The system text, in formats that have one in every row.
    pub(crate) system: Option<String>,
    pub(crate) edit: Edit,
}

/// Whether a row was edited since it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The format, or what is left of the row, does not tell.
    Unknown,
    Unchanged,
    Edited,
}

/// A record from a format that carries roles and texts only: everything that follows from those is
/// computed, and the example is a thread of its own.
pub(crate) fn record_of(turns: Vec<(Role, String)>, system: Option<String>) -> Record {
    let turns = turns_of(turns);
    let id = example_id(&turns);
    let mut example = Example {
        thread: id.clone(),
        id,
        turns,
        language: None,
        tokens: 0,
        variant_of: None,
        locators: Vec::new(),
        flags: Vec::new(),
    };
    example.language = language_of(&example);
    example.tokens = tokens_of(&example);
    if is_acknowledgement_only(example.completion()) {
        example.flags.push(Flag::AcknowledgementOnly);
    }
    Record { example, system, edit: Edit::Unknown }
}

/// Turns of which nothing but the side and the text is known.
pub(crate) fn turns_of(texts: Vec<(Role, String)>) -> Vec<Turn> {
    let turn = |(role, text)| Turn {
        role,
        author: String::new(),
        date: None,
        message_id: None,
        recovered: false,
        text,
    };
    texts.into_iter().map(turn).collect()
}

pub(crate) fn language_of(example: &Example) -> Option<String> {
    let asked = example.turns.iter().filter(|t| t.role == Role::Customer).map(|t| t.text.as_str());
    detect_language(asked).map(str::to_owned)
}

pub(crate) fn tokens_of(example: &Example) -> u64 {
    example.turns.iter().map(|t| estimate_tokens(&t.text)).sum()
}

/// Reads the examples of a file one by one, with default [`ReadOptions`]. See [`read_examples_with`].
pub fn read_examples<R: BufRead>(format: Format, input: R) -> ExampleReader<R> {
    read_examples_with(format, input, ReadOptions::default())
}

/// Reads the examples of a file one by one.
///
/// A byte order mark, UTF-16 with one, any line end and blank lines are accepted. Of a format that carries
/// texts only, id, language, tokens and flags are computed and the thread is the id. After a row that
/// cannot be read the next one is tried; after an error that leaves no next row (input/output, an open
/// quotation mark, a header without its columns) the iterator ends.
///
/// ```
/// use threadfold_dataset::{Format, read_examples};
/// let csv = "completion;prompt\r\n\"Nine to five.\";Opening hours?\r\n";
/// let example = read_examples(Format::Csv, csv.as_bytes()).next().unwrap().unwrap();
/// assert_eq!(example.turns[0].text, "Opening hours?");
/// assert_eq!(example.completion(), "Nine to five.");
/// ```
pub fn read_examples_with<R: BufRead>(format: Format, input: R, options: ReadOptions) -> ExampleReader<R> {
    ExampleReader { records: RecordReader::new(format, input, options) }
}

/// Iterates over the examples of a file; made by [`read_examples`].
///
/// ```
/// use threadfold_dataset::{Format, read_examples};
/// assert_eq!(read_examples(Format::Canonical, &b"\n\n"[..]).count(), 0);
/// ```
pub struct ExampleReader<R> {
    records: RecordReader<R>,
}

impl<R: BufRead> Iterator for ExampleReader<R> {
    type Item = Result<Example, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.records.next()?.map(|record| record.example))
    }
}

/// The same with what else a row holds.
pub(crate) struct RecordReader<R> {
    format: Format,
    options: ReadOptions,
    state: State<R>,
    row: u64,
    pub(crate) blank_rows: u64,
}

enum State<R> {
    Unopened(R),
    Lines(Lines<Input<R>>),
    Csv(Box<CsvReader<Input<R>>>),
    Ended,
}

impl<R: BufRead> RecordReader<R> {
    pub(crate) fn new(format: Format, input: R, options: ReadOptions) -> Self {
        RecordReader { format, options, state: State::Unopened(input), row: 0, blank_rows: 0 }
    }

    /// Columns of a spreadsheet that mean nothing to us, once the first row was read.
    pub(crate) fn ignored_columns(&self) -> &[String] {
        match &self.state {
            State::Csv(reader) => reader.ignored_columns(),
            _ => &[],
        }
    }

    fn error(&self, line: u64, problem: Problem) -> ReadError {
        ReadError { format: self.format, line, row: self.row, problem }
    }

    /// Ends the iteration with an error.
    fn end(&mut self, line: u64, problem: Problem) -> Option<Result<Record, ReadError>> {
        self.state = State::Ended;
        Some(Err(self.error(line, problem)))
    }

    fn open(&mut self) -> Result<(), (u64, Problem)> {
        if let State::Unopened(input) = std::mem::replace(&mut self.state, State::Ended) {
            let input = Input::open(input).map_err(|e| (1, e.into()))?;
            self.state = match self.format.info().codec.rows {
                Rows::JsonLines { .. } => State::Lines(Lines { input, bytes: Vec::new(), line: 0 }),
                Rows::Csv => match CsvReader::open(input)? {
                    Some(reader) => State::Csv(Box::new(reader)),
                    None => State::Ended,
                },
            };
        }
        Ok(())
    }
}

impl<R: BufRead> Iterator for RecordReader<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let State::Unopened(_) = self.state
            && let Err((line, problem)) = self.open()
        {
            return self.end(line, problem);
        }
        let (line, parsed) = match (&mut self.state, &self.format.info().codec.rows) {
            (State::Lines(lines), Rows::JsonLines { parse, .. }) => match lines.next_line() {
                Ok(None) => {
                    self.state = State::Ended;
                    return None;
                }
                Ok(Some(line)) => {
                    self.row += 1;
                    let parsed = parse(line, &self.options);
                    (lines.line, parsed)
                }
                Err(e) => {
                    let line = lines.line;
                    self.row += 1;
                    return self.end(line, e.into());
                }
            },
            (State::Csv(reader), _) => match reader.next_row(&mut self.blank_rows) {
                Ok(false) => return None,
                Ok(true) => {
                    self.row += 1;
                    (reader.line(), reader.parse())
                }
                Err(problem) => {
                    let line = reader.line();
                    self.row += 1;
                    return self.end(line, problem);
                }
            },
            _ => return None,
        };
        Some(
            parsed
                .and_then(|record| check_shape(&record.example).map(|()| record))
                .map_err(|problem| self.error(line, problem)),
        )
    }
}

/// Lines that are not blank, in one buffer.
pub(crate) struct Lines<R> {
    pub(crate) input: R,
    pub(crate) bytes: Vec<u8>,
    /// The number of the line last read.
    pub(crate) line: u64,
}

/// A longer line is no row: some tool wrote the whole dataset into one.
const MAX_LINE: u64 = 256 << 20;

impl<R: BufRead> Lines<R> {
    /// The next line without its line end; none at the end of the file.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            self.bytes.clear();
            self.line += 1;
            let len = self.input.by_ref().take(MAX_LINE).read_until(b'\n', &mut self.bytes)?;
            if len == 0 {
                return Ok(None);
            }
            if len as u64 == MAX_LINE {
                let message = "a line of 256 MiB; expected one object a line";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            if !self.bytes.trim_ascii().is_empty() {
                return Ok(Some(self.bytes.trim_ascii()));
            }
        }
    }
}
