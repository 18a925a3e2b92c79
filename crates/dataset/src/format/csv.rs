//! The spreadsheet: RFC 4180, `prompt` and `completion` first, and behind them what brings an edited row
//! back into an example without loss.
//!
//! Three things protect the texts on their way through a spreadsheet program:
//! - **The guard.** A cell that such a program would run as a formula or turn into a number is written
//!   with an apostrophe before it, and so is one that starts with an apostrophe. Reading takes it off where
//!   what follows needs it, so every text comes back, with or without the program having swallowed it.
//! - **The markers** of [`arc`](super::arc) say who speaks in a prompt of several turns.
//! - **The check values** in the column `turns` tell which texts were edited. A row without edits comes
//!   back as it was, id and all; an edited one gets the id that its content gives, and a turn that stayed
//!   keeps its author and date wherever it moved.
//!
//! Columns may come back in any order, any but the first two may be missing, and unknown ones are ignored
//! (and reported by [`convert`](crate::convert)).

use std::borrow::Cow;
use std::io::BufRead;
use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Flag, Role, Turn};

use super::csv_lexer::{Lexer, write_cell};
use super::reader::{Edit, Record, language_of, tokens_of, turns_of};
use super::{CsvDelimiter, RenderOptions, arc, json};
use crate::acknowledge::is_acknowledgement_only;
use crate::error::Problem;
use crate::id::{example_id, text_check};

/// The header, in order.
pub(crate) const COLUMNS: &[&str] = &[
    "prompt",
    "completion",
    "id",
    "thread",
    "language",
    "tokens",
    "variant_of",
    "flags",
    "locators",
    "turns",
];

/// Places in [`COLUMNS`].
const PROMPT: usize = 0;
const COMPLETION: usize = 1;
const ID: usize = 2;
const THREAD: usize = 3;
const LANGUAGE: usize = 4;
const TOKENS: usize = 5;
const VARIANT_OF: usize = 6;
const FLAGS: usize = 7;
const LOCATORS: usize = 8;
const TURNS: usize = 9;

/// What Excel holds in one cell, in UTF-16 units.
const CELL_LIMIT: usize = 32_767;

/// What the column `turns` says about a turn.
#[derive(Serialize, Deserialize)]
struct TurnNote<'a> {
    role: Role,
    #[serde(borrow)]
    author: Cow<'a, str>,
    #[serde(borrow)]
    date: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message_id: Option<Cow<'a, str>>,
    recovered: bool,
    /// [`text_check`] of the turn's text.
    #[serde(borrow)]
    check: Cow<'a, str>,
}

pub(crate) fn header(options: &RenderOptions, out: &mut Vec<u8>) {
    if options.csv_byte_order_mark {
        out.extend_from_slice("\u{feff}".as_bytes());
    }
    for (i, column) in COLUMNS.iter().enumerate() {
        if i > 0 {
            out.push(delimiter(options));
        }
        out.extend_from_slice(column.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

fn delimiter(options: &RenderOptions) -> u8 {
    match options.csv_delimiter {
        CsvDelimiter::Comma => b',',
        CsvDelimiter::Semicolon => b';',
        CsvDelimiter::Tab => b'\t',
    }
}

pub(crate) fn render(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let delimiter = delimiter(options);
    let mut prompt = String::new();
    arc::write(example.prompt(), None, &mut prompt);
    write_cell(&guarded(&prompt), out);
    let mut cell = |text: &str| {
        out.push(delimiter);
        write_cell(&guarded(text), out);
    };
    cell(example.completion());
    cell(&example.id);
    cell(&example.thread);
    cell(example.language.as_deref().unwrap_or(""));
    // A number, and meant to be one.
    out.push(delimiter);
    out.extend_from_slice(example.tokens.to_string().as_bytes());
    let mut cell = |text: &str| {
        out.push(delimiter);
        write_cell(&guarded(text), out);
    };
    cell(example.variant_of.as_deref().unwrap_or(""));
    cell(&example.flags.iter().map(|f| flag_name(*f)).collect::<Vec<_>>().join(" "));
    cell(&json_text(&example.locators));
    let notes: Vec<TurnNote<'_>> = example
        .turns
        .iter()
        .map(|turn| TurnNote {
            role: turn.role,
            author: turn.author.as_str().into(),
            date: turn.date.as_deref().map(Into::into),
            message_id: turn.message_id.as_deref().map(Into::into),
            recovered: turn.recovered,
            check: text_check(&turn.text).into(),
        })
        .collect();
    cell(&json_text(&notes));
    out.extend_from_slice(b"\r\n");
}

fn json_text(value: &impl Serialize) -> String {
    let mut out = Vec::with_capacity(256);
    json::write_value(value, &mut out);
    // JSON made from strings is UTF-8.
    String::from_utf8(out).unwrap_or_default()
}

/// The name by which core serializes the flag.
fn flag_name(flag: Flag) -> String {
    json_text(&flag).trim_matches('"').to_owned()
}

/// The cell as it is written.
fn guarded(text: &str) -> Cow<'_, str> {
    if needs_guard(text) { format!("'{text}").into() } else { text.into() }
}

/// The text that a cell stands for.
pub(crate) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if needs_guard(text) => text,
        _ => cell,
    }
}

/// Whether a spreadsheet program would do something with the cell but show it: run it as a formula (also
/// behind white space, and with the full-width signs that some programs take for the plain ones), read it
/// as a number, a date or a truth value; or whether its own apostrophe would be taken for a guard.
fn needs_guard(text: &str) -> bool {
    if text.starts_with(['\'', '\t', '\r', '\n']) {
        return true;
    }
    let inner = text.trim();
    if inner.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        return true;
    }
    let number = inner.bytes().any(|b| b.is_ascii_digit())
        && inner.bytes().all(|b| b.is_ascii_digit() || b" .,:/-+%()eE$".contains(&b));
    // "May 5", "3. Oktober 2024", "10:30 pm": month names are without number, so anything as short. Our own
    // lists in brackets are safe.
    let date = inner.len() <= 40
        && !inner.starts_with('[')
        && inner.contains(char::is_numeric)
        && inner.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).nth(2).is_none();
    number || date || is_truth_value(inner)
}

fn is_truth_value(text: &str) -> bool {
    static WORDS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
        include_str!("../../phrases/truth_values.txt").lines().filter(|line| !line.starts_with('#')).collect()
    });
    !text.is_empty() && text.len() <= 24 && WORDS.contains(text.to_lowercase().as_str())
}

/// Where the columns stand in a file.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) delimiter: u8,
    /// For each of [`COLUMNS`], its place.
    places: [Option<usize>; COLUMNS.len()],
    width: usize,
    ignored: Vec<String>,
}

impl Header {
    /// Understands a header line in whatever delimiter makes sense of it; none if it names no prompt and
    /// completion.
    pub(crate) fn parse(line: &[u8], only: Option<u8>) -> Result<Option<Header>, Problem> {
        let all = [b',', b';', b'\t', b'|'];
        let delimiters = match &only {
            Some(one) => std::slice::from_ref(one),
            None => &all[..],
        };
        for &delimiter in delimiters {
            let mut lexer = Lexer::new(line, delimiter, 1, false);
            if !matches!(lexer.next_row(), Ok(true)) {
                continue;
            }
            let row = &lexer.row;
            let mut header =
                Header { delimiter, places: Default::default(), width: row.len(), ignored: Vec::new() };
            let mut twice = None;
            for place in 0..row.len() {
                let name = String::from_utf8_lossy(row.cell(place)).trim().to_ascii_lowercase();
                match COLUMNS.iter().position(|column| *column == name) {
                    Some(column) if header.places[column].is_some() => twice = Some(name),
                    Some(column) => header.places[column] = Some(place),
                    None if name.is_empty() => {}
                    None => header.ignored.push(name),
                }
            }
            if header.places[PROMPT].is_some() && header.places[COMPLETION].is_some() {
                return match twice {
                    Some(name) => Err(Problem::Unexpected {
                        expected: "each column once in the header",
                        found: format!("{name:?} twice"),
                    }),
                    None => Ok(Some(header)),
                };
            }
        }
        Ok(None)
    }
}

/// Reads rows below a header.
pub(crate) struct CsvReader<R> {
    lexer: Lexer<R>,
    header: Header,
}

impl<R: BufRead> CsvReader<R> {
    /// Reads the header; none if there is nothing in the file at all. Errors come with their line.
    pub(crate) fn open(mut input: R) -> Result<Option<Self>, (u64, Problem)> {
        let mut line = 0;
        let mut only = None;
        let mut after_cr = false;
        loop {
            line += 1;
            let Some(bytes) = read_line(&mut input, &mut after_cr).map_err(|e| (line, e))? else {
                return Ok(None);
            };
            let text = bytes.trim_ascii();
            // A hint that Excel understands, and some programs write.
            if let Some(&[sep]) = strip_prefix_ignore_case(&bytes, b"sep=") {
                only = Some(sep);
            } else if !text.is_empty() {
                return match Header::parse(&bytes, only) {
                    Ok(Some(header)) => Ok(Some(CsvReader {
                        lexer: Lexer::new(input, header.delimiter, line + 1, after_cr),
                        header,
                    })),
                    Ok(None) => Err((
                        line,
                        Problem::Unexpected {
                            expected: "a header with the columns prompt and completion",
                            found: format!("{:?}", shortened(&String::from_utf8_lossy(text))),
                        },
                    )),
                    Err(problem) => Err((line, problem)),
                };
            }
        }
    }

    pub(crate) fn ignored_columns(&self) -> &[String] {
        &self.header.ignored
    }

    /// The line at which the row last read starts.
    pub(crate) fn line(&self) -> u64 {
        self.lexer.row.line
    }

    /// Goes to the next row that is not blank, counting blank ones; false at the end.
    pub(crate) fn next_row(&mut self, blank: &mut u64) -> Result<bool, Problem> {
        loop {
            if !self.lexer.next_row()? {
                return Ok(false);
            }
            if !self.lexer.row.is_blank() {
                return Ok(true);
            }
            *blank += 1;
        }
    }

    /// The text of a column's cell: none if the column is missing, empty if the row ends before it.
    fn cell(&self, column: usize) -> Result<Option<&str>, Problem> {
        let Some(place) = self.header.places[column] else { return Ok(None) };
        if place >= self.lexer.row.len() {
            return Ok(Some(""));
        }
        match std::str::from_utf8(self.lexer.row.cell(place)) {
            Ok(text) => Ok(Some(unguarded(text))),
            Err(_) => Err(Problem::NotUtf8 { place: format!("column {}", COLUMNS[column]) }),
        }
    }

    /// Reads the row that [`CsvReader::next_row`] went to.
    pub(crate) fn parse(&self) -> Result<Record, Problem> {
        let row = &self.lexer.row;
        if (self.header.width..row.len()).any(|i| !row.cell(i).is_empty()) {
            return Err(Problem::TooManyCells { expected: self.header.width, found: row.len() });
        }
        let prompt = self.cell(PROMPT)?.unwrap_or("");
        let completion = self.cell(COMPLETION)?.unwrap_or("");
        if prompt.trim().is_empty() {
            return Err(Problem::Missing { what: "a prompt" });
        }
        if completion.trim().is_empty() {
            return Err(Problem::Missing { what: "a completion" });
        }
        let notes: Option<Vec<TurnNote<'_>>> = match self.cell(TURNS)? {
            None | Some("") => None,
            Some(json) => {
                Some(serde_json::from_str(json).map_err(|_| bad(TURNS, json, "a JSON list of turns"))?)
            }
        };
        let Some(notes) = notes else {
            // Markers do not show in a cell whose line ends were turned into CR alone.
            let parsed = if prompt.contains('\n') {
                arc::parse(prompt)?
            } else {
                arc::parse(&unix(prompt.to_owned()))?
            };
            let texts = with_completion(parsed.turns, completion).into_iter();
            let turns = turns_of(texts.map(|(role, text)| (role, unix(text))).collect());
            return self.example(turns, Edit::Unknown, parsed.system);
        };

        let mut parsed = arc::parse(prompt)?;
        let (mut turns, mut same) = with_notes(with_completion(parsed.turns, completion), &notes);
        let is_whole = |same: &[bool]| same.len() == notes.len() && same.iter().all(|same| *same);
        if !is_whole(&same) && prompt.contains('\r') {
            parsed = arc::parse(&unix(prompt.to_owned()))?;
            (turns, same) = with_notes(with_completion(parsed.turns, completion), &notes);
        }
        let last = turns.len() - 1;
        if !same[last] && is_full(completion) {
            return Err(Problem::CutCell { column: COLUMNS[COMPLETION] });
        }
        if same[..last].iter().any(|same| !*same) && is_full(prompt) {
            return Err(Problem::CutCell { column: COLUMNS[PROMPT] });
        }
        let edit = if is_whole(&same) { Edit::Unchanged } else { Edit::Edited };
        self.example(turns, edit, parsed.system)
    }

    /// Puts the other columns around the turns; what is missing or no longer true is computed.
    fn example(&self, turns: Vec<Turn>, edit: Edit, system: Option<String>) -> Result<Record, Problem> {
        let text = |column| self.cell(column).map(|cell| cell.filter(|text| !text.is_empty()));
        let content_id = example_id(&turns);
        let named = text(ID)?;
        let edit = match (edit, named) {
            (Edit::Unknown, Some(named)) if named == content_id => Edit::Unchanged,
            (Edit::Unknown, Some(_)) => Edit::Edited,
            (known, _) => known,
        };
        let id = match named {
            Some(named) if edit == Edit::Unchanged => named.to_owned(),
            _ => content_id,
        };
        let mut example = Example {
            thread: text(THREAD)?.map_or_else(|| id.clone(), str::to_owned),
            id,
            turns,
            language: None,
            tokens: 0,
            variant_of: text(VARIANT_OF)?.map(str::to_owned),
            locators: match text(LOCATORS)? {
                None => Vec::new(),
                Some(json) => {
                    serde_json::from_str(json).map_err(|_| bad(LOCATORS, json, "a JSON list of locators"))?
                }
            },
            flags: Vec::new(),
        };
        // An empty cell means "cannot tell", which a person may have meant; a missing column means nothing.
        example.language = match self.cell(LANGUAGE)? {
            None => language_of(&example),
            Some(cell) => Some(cell.trim().to_owned()).filter(|language| !language.is_empty()),
        };
        example.tokens = match text(TOKENS)? {
            Some(cell) if edit == Edit::Unchanged => {
                cell.trim().parse().map_err(|_| bad(TOKENS, cell, "a number"))?
            }
            _ => tokens_of(&example),
        };
        let flags = self.cell(FLAGS)?;
        for name in flags.unwrap_or("").split_whitespace() {
            example.flags.push(flag_of(name).ok_or_else(|| bad(FLAGS, name, "a flag"))?);
        }
        if edit == Edit::Edited || flags.is_none() {
            example.flags.retain(|flag| *flag != Flag::AcknowledgementOnly);
            if is_acknowledgement_only(example.completion()) {
                example.flags.push(Flag::AcknowledgementOnly);
                example.flags.sort_unstable();
            }
        }
        Ok(Record { example, system, edit })
    }
}

fn with_completion(mut prompt: Vec<(Role, String)>, completion: &str) -> Vec<(Role, String)> {
    prompt.push((Role::Agent, completion.to_owned()));
    prompt
}

/// Gives the texts of a row back their authors and dates, and says of each text whether it is unchanged.
///
/// Unchanged texts at both ends are paired first, so that an inserted or deleted turn shifts nothing. What
/// is left in the middle is paired in order if it is as many turns of the same sides; else those turns are
/// new, and nobody is made their author.
fn with_notes(texts: Vec<(Role, String)>, notes: &[TurnNote<'_>]) -> (Vec<Turn>, Vec<bool>) {
    let equal = |text: &(Role, String), note: &TurnNote<'_>| {
        text.0 == note.role
            && (text_check(&text.1) == note.check || text_check(&unix(text.1.clone())) == note.check)
    };
    let shorter = texts.len().min(notes.len());
    let front = texts.iter().zip(notes).take_while(|(text, note)| equal(text, note)).count();
    let back =
        texts.iter().rev().zip(notes.iter().rev()).take_while(|(text, note)| equal(text, note)).count();
    let back = back.min(shorter - front);
    let in_order = texts.len() == notes.len();

    let len = texts.len();
    let mut turns = Vec::with_capacity(len);
    let mut same = Vec::with_capacity(len);
    for (i, (role, text)) in texts.into_iter().enumerate() {
        let untouched = i < front || i >= len - back;
        let note = if i < front || in_order {
            notes.get(i)
        } else if i >= len - back {
            notes.get(notes.len() - (len - i))
        } else {
            None
        };
        let note = note.filter(|note| note.role == role);
        // Some editor may have turned the line ends; the check value tells what they were.
        let text = match note {
            Some(note) if text_check(&text) == note.check => text,
            _ => unix(text),
        };
        same.push(untouched || note.is_some_and(|note| text_check(&text) == note.check));
        turns.push(Turn {
            role,
            author: note.map_or_else(String::new, |n| n.author.to_string()),
            date: note.and_then(|n| n.date.as_deref().map(str::to_owned)),
            message_id: note.and_then(|n| n.message_id.as_deref().map(str::to_owned)),
            recovered: note.is_some_and(|n| n.recovered),
            text,
        });
    }
    (turns, same)
}

/// With line ends as a turn has them.
fn unix(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn is_full(cell: &str) -> bool {
    cell.len() >= CELL_LIMIT && cell.encode_utf16().count() == CELL_LIMIT
}

fn flag_of(name: &str) -> Option<Flag> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

fn bad(column: usize, found: &str, expected: &'static str) -> Problem {
    Problem::BadCell { column: COLUMNS[column], found: shortened(found), expected }
}

/// Enough of a text to recognise it by.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Reads to the next line end, whichever kind; none at the end of the file.
fn read_line(input: &mut impl BufRead, after_cr: &mut bool) -> Result<Option<Vec<u8>>, Problem> {
    /// No header is as long as this.
    const MAX: usize = 1 << 20;
    let mut line = Vec::new();
    let mut begun = false;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e.into()),
        };
        if chunk.is_empty() {
            return Ok(begun.then_some(line));
        }
        if std::mem::take(after_cr) && chunk[0] == b'\n' {
            input.consume(1);
            continue;
        }
        begun = true;
        if let Some(end) = memchr::memchr2(b'\n', b'\r', chunk) {
            line.extend_from_slice(&chunk[..end]);
            *after_cr = chunk[end] == b'\r';
            input.consume(end + 1);
            return Ok(Some(line));
        }
        line.extend_from_slice(chunk);
        let len = chunk.len();
        input.consume(len);
        if line.len() > MAX {
            return Err(Problem::Unexpected {
                expected: "a header with the columns prompt and completion",
                found: "a first line of more than a megabyte".into(),
            });
        }
    }
}

fn strip_prefix_ignore_case<'a>(line: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = line.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn guards() {
        for text in [
            "=1+1",
            "+1",
            "-x",
            "@SUM(A1)",
            "\tx",
            "\r=x",
            "\n=x",
            " =x",
            "\u{a0}=x",
            "＝1",
            "'tis",
            "42",
            "007",
            "1-2",
            "12/03/2024",
            "1e5",
            "May 5",
            "3. Oktober 2024",
            "TRUE",
            "Wahr",
            "$5",
        ] {
            assert_eq!(guarded(text), format!("'{text}"), "{text:?}");
        }
        for text in ["a=b", "Hello", "", " ", "My order is 42", "e", "[Customer]", "Mai"] {
            assert_eq!(guarded(text), text);
        }
        assert_eq!(unguarded("'twas typed by hand"), "'twas typed by hand");
    }

    proptest! {
        #[test]
        fn the_guard_comes_off(text in "['=+@\\-\t\r\n 0-9a]{0,5}") {
            let cell = guarded(&text);
            prop_assert_eq!(unguarded(&cell), &text);
            prop_assert!(!cell.trim().starts_with(['=', '+', '-', '@']), "{:?}", cell);
        }
    }
}
