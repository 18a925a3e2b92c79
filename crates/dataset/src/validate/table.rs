//! Rows of cells: CSV and TSV files, the first sheet of a workbook, and plain text, whose lines are
//! completions.

use std::io::{BufRead, Read, Seek};

use super::check::Checker;
use super::lines::goes_on;
use super::rules::Id;
use super::talk::{Field, Said, Talk, Who};
use crate::error::{Error, Problem};
use crate::format::Format;
use crate::format::csv::{COLUMNS, shortened, unguarded};
use crate::format::csv_lexer::{Lexer, write_cell};

/// What Excel holds in one cell, in UTF-16 units.
const CELL_LIMIT: usize = 32_767;

const CELL_ERRORS: [&str; 7] = ["#REF!", "#NAME?", "#VALUE!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!"];

/// Other names under which question and answer are found.
const PAIRS: [(&str, &str); 8] = [
    ("question", "answer"),
    ("input", "output"),
    ("instruction", "output"),
    ("instruction", "response"),
    ("query", "response"),
    ("user", "assistant"),
    ("customer", "agent"),
    ("prompt", "response"),
];

/// Where prompt and completion stand.
struct Places {
    names: Vec<String>,
    prompt: Option<usize>,
    completion: Option<usize>,
}

impl Places {
    fn of(cells: &[String]) -> Places {
        let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        let find = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        let (mut prompt, mut completion) = (find("prompt"), find("completion"));
        if prompt.is_none() || completion.is_none() {
            for (question, answer) in PAIRS {
                if let (Some(q), Some(a)) = (find(question), find(answer)) {
                    (prompt, completion) = (Some(q), Some(a));
                    break;
                }
            }
        }
        Places { names, prompt, completion }
    }

    fn both(&self) -> bool {
        self.prompt.is_some() && self.completion.is_some()
    }
}

/// A CSV or TSV file.
pub(crate) fn cells(checker: &mut Checker<'_>, mut input: impl BufRead, tsv: bool) -> Result<(), Error> {
    // The header decides the delimiter, so it is looked at before it is read.
    let mut head = Vec::new();
    // Half of a UTF-16 pair, or half a unit: what stands before it is read all the same.
    let halved = match input.by_ref().take(1 << 16).read_to_end(&mut head) {
        Ok(_) => None,
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => Some(e.to_string()),
        Err(e) => return Err(e.into()),
    };
    let order: &[u8] = if tsv { b"\t,;|" } else { b",;\t|" };
    let mut skip = 0;
    let mut only = None;
    let first_line = head.split(|b| *b == b'\n' || *b == b'\r').next().unwrap_or_default();
    if first_line.len() == 5 && first_line[..4].eq_ignore_ascii_case(b"sep=") {
        only = Some(first_line[4]);
        skip = 5 + head[5..].iter().take_while(|b| **b == b'\r' || **b == b'\n').count().min(2);
    }
    let header = |delimiter: u8| {
        let mut lexer = Lexer::new(&head[skip..], delimiter, 1, false);
        match lexer.next_row() {
            Ok(true) => Places::of(&texts(&lexer.row)),
            _ => Places::of(&[]),
        }
    };
    let candidates: Vec<u8> = only.map_or_else(|| order.to_vec(), |one| vec![one]);
    let delimiter = candidates.iter().copied().find(|d| header(*d).both()).unwrap_or_else(|| {
        // None names both columns: the one that makes the most of the header.
        candidates.iter().copied().rev().max_by_key(|d| header(*d).names.len()).unwrap_or(b',')
    });
    let more = if halved.is_some() { 0 } else { u64::MAX };
    let rest = std::io::Cursor::new(head.split_off(skip)).chain(input.take(more));
    let line = if skip > 0 { 2 } else { 1 };
    let mut lexer = Lexer::new(std::io::BufReader::with_capacity(1 << 18, rest), delimiter, line, false);

    let mut sheet: Option<Sheet> = None;
    loop {
        match lexer.next_row() {
            Ok(true) => {}
            Ok(false) => {
                if let Some(why) = halved {
                    checker.broken_row(lexer.row.line, Id::NotUtf8, why, b"")?;
                }
                break;
            }
            Err(Problem::Io(e)) if e.kind() == std::io::ErrorKind::InvalidData => {
                checker.broken_row(lexer.row.line, Id::NotUtf8, e.to_string(), b"")?;
                break;
            }
            Err(Problem::Io(e)) => return Err(e.into()),
            Err(problem @ Problem::AfterQuote { .. }) => {
                // What comes after cannot be told apart.
                checker.broken_row(lexer.row.line, Id::RaggedRow, problem.to_string(), b"")?;
                break;
            }
            Err(problem) => {
                checker.broken_row(lexer.row.line, Id::OpenQuote, problem.to_string(), b"")?;
                break;
            }
        }
        if lexer.row.is_blank() {
            continue;
        }
        let line = lexer.row.line;
        let damaged = (0..lexer.row.len()).find(|i| std::str::from_utf8(lexer.row.cell(*i)).is_err());
        let cells = texts(&lexer.row);
        match &mut sheet {
            None => match Sheet::open(checker, &cells, line, delimiter)? {
                Some(opened) => sheet = Some(opened),
                None => return Ok(()),
            },
            Some(sheet) => sheet.row(checker, &cells, Some(line), damaged)?,
        }
    }
    if sheet.is_some() && checker.verdict.container != "xlsx" {
        checker.about_file(Id::NotJsonl, None, "a spreadsheet; trainers read JSONL".into());
    }
    Ok(())
}

fn texts(row: &crate::format::csv_lexer::Row) -> Vec<String> {
    (0..row.len()).map(|i| String::from_utf8_lossy(row.cell(i)).into_owned()).collect()
}

struct Sheet {
    places: Places,
    delimiter: u8,
}

impl Sheet {
    /// Reads the header; none when nothing can be read below it.
    fn open(
        checker: &mut Checker<'_>,
        cells: &[String],
        line: u64,
        delimiter: u8,
    ) -> Result<Option<Sheet>, Error> {
        let places = Places::of(cells);
        let shown = shortened(&places.names.join(", "));
        for (place, name) in [(places.prompt, "prompt"), (places.completion, "completion")] {
            match place.map(|at| places.names[at].as_str()) {
                None => {
                    let message = format!("no column {name}; the header has {shown}");
                    checker.about_file(Id::MissingField, Some(line), message);
                }
                Some(other) if other != name => {
                    checker.about_file(
                        Id::ColumnCase,
                        Some(line),
                        format!("the column {other:?} is taken for {name}"),
                    );
                }
                Some(_) => {}
            }
        }
        if !places.both() {
            return Ok(None);
        }
        for wanted in ["prompt", "completion"] {
            let same = places.names.iter().filter(|n| n.eq_ignore_ascii_case(wanted)).count();
            if same > 1 {
                checker.about_file(
                    Id::DoubledKey,
                    Some(line),
                    format!("the column {wanted} stands there {same} times"),
                );
            }
        }
        let known = |name: &str| COLUMNS.contains(&name.to_ascii_lowercase().as_str());
        let extra: Vec<&str> = places
            .names
            .iter()
            .enumerate()
            .filter(|(i, name)| {
                Some(*i) != places.prompt && Some(*i) != places.completion && !name.is_empty() && !known(name)
            })
            .map(|(_, name)| name.as_str())
            .collect();
        if !extra.is_empty() {
            let message = format!("columns that mean nothing to a trainer: {}", shortened(&extra.join(", ")));
            // Stays in the spreadsheet: convert leaves it out.
            checker.note_extra(message, line);
        }
        checker.format = Some(Format::Csv);
        let sheet = Sheet { places, delimiter };
        let mut names = sheet.places.names.clone();
        if let (Some(prompt), Some(completion)) = (sheet.places.prompt, sheet.places.completion) {
            names[prompt] = "prompt".into();
            names[completion] = "completion".into();
        }
        sheet.write(checker, &names)?;
        Ok(Some(sheet))
    }

    fn write(&self, checker: &mut Checker<'_>, cells: &[String]) -> Result<(), Error> {
        if checker.out.is_none() {
            return Ok(());
        }
        let rendered = checker.rendered();
        rendered.clear();
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                rendered.push(self.delimiter);
            }
            write_cell(cell, rendered);
        }
        rendered.extend_from_slice(b"\r\n");
        checker.write_rendered()
    }

    fn row(
        &mut self,
        checker: &mut Checker<'_>,
        cells: &[String],
        line: Option<u64>,
        damaged: Option<usize>,
    ) -> Result<(), Error> {
        let cell = |place: Option<usize>| place.and_then(|at| cells.get(at)).map_or("", |c| unguarded(c));
        let (prompt, completion) = (cell(self.places.prompt), cell(self.places.completion));
        let said = |who, text, field| Said { who, text, field, continues: false, calls: false };
        let talk = Talk {
            said: vec![
                said(Who::Customer, prompt, Field::of("prompt")),
                said(Who::Agent, completion, Field::of("completion")),
            ],
            learned: None,
        };
        let mut found = Vec::new();
        if let Some(at) = damaged {
            let name = self.places.names.get(at).map_or("a cell", String::as_str);
            found.push((Id::NotUtf8, None, format!("the column {name:?} is not UTF-8")));
        }
        if cells.len() > self.places.names.len()
            && cells[self.places.names.len()..].iter().any(|cell| !cell.is_empty())
        {
            let message = format!("{} cells under a header of {}", cells.len(), self.places.names.len());
            found.push((Id::RaggedRow, None, message));
        }
        for said in &talk.said {
            if said.text.len() >= CELL_LIMIT && said.text.encode_utf16().count() == CELL_LIMIT {
                found.push((Id::CutCell, Some(said.field), "32,767 characters".into()));
            }
            if CELL_ERRORS.contains(&said.text.trim()) {
                found.push((Id::CellError, Some(said.field), said.text.trim().to_owned()));
            }
        }
        let looked = checker.cell_findings(&talk, &mut found);
        let keep = checker.cell_row(&talk, &looked, found, line);
        if keep { self.write(checker, cells) } else { Ok(()) }
    }
}

/// A text file: every line is a completion, and nothing is asked.
pub(crate) fn text(checker: &mut Checker<'_>, mut input: impl BufRead) -> Result<(), Error> {
    checker.verdict.container = "txt";
    checker.format = Some(Format::Text);
    let mut bytes = Vec::new();
    let mut line = 0;
    loop {
        bytes.clear();
        line += 1;
        let read = input.by_ref().take(256 << 20).read_until(b'\n', &mut bytes);
        if !goes_on(checker, read, line)? {
            break;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let lossy = String::from_utf8_lossy(bytes.trim_ascii_end());
        let mut found = Vec::new();
        if matches!(lossy, std::borrow::Cow::Owned(_)) {
            found.push((Id::NotUtf8, None, "not UTF-8".to_owned()));
        }
        let field = Field::of("completion");
        let said = Said { who: Who::Agent, text: &lossy, field, continues: false, calls: false };
        let talk = Talk { said: vec![said], learned: None };
        let looked = checker.text_findings(&talk, &mut found);
        if checker.cell_row(&talk, &looked, found, Some(line)) && checker.out.is_some() {
            let kept = [lossy.as_bytes(), b"\n"].concat();
            *checker.rendered() = kept;
            checker.write_rendered()?;
        }
    }
    checker.about_file(
        Id::NotJsonl,
        None,
        "plain text; every line is read as a completion without a prompt".into(),
    );
    Ok(())
}

/// The first sheet of a workbook.
#[cfg(feature = "xlsx")]
pub(crate) fn sheet<R: BufRead + Seek>(checker: &mut Checker<'_>, mut input: R) -> Result<(), Error> {
    use calamine::{Data, Reader, Xlsx};
    checker.verdict.container = "xlsx";
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let broken = |checker: &mut Checker<'_>, why: String| {
        checker.broken_row(1, Id::UnknownFormat, format!("not a workbook that can be read: {why}"), b"")
    };
    let mut book: Xlsx<_> = match Xlsx::new(std::io::Cursor::new(bytes)) {
        Ok(book) => book,
        Err(e) => return broken(checker, e.to_string()),
    };
    let names = book.sheet_names();
    let Some(first) = names.first().cloned() else { return broken(checker, "it has no sheet".into()) };
    if names.len() > 1 {
        checker.about_file(Id::SeveralSheets, None, format!("{} sheets; {first:?} is read", names.len()));
    }
    let range = match book.worksheet_range(&first) {
        Ok(range) => range,
        Err(e) => return broken(checker, e.to_string()),
    };
    let mut opened: Option<Sheet> = None;
    let start = range.start().map_or(0, |(row, _)| u64::from(row));
    for (i, row) in range.rows().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| match cell {
                Data::String(text) => text.clone(),
                Data::Empty => String::new(),
                other => other.to_string(),
            })
            .collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let line = start + i as u64 + 1;
        match &mut opened {
            None => match Sheet::open(checker, &cells, line, b',')? {
                Some(sheet) => opened = Some(sheet),
                None => return Ok(()),
            },
            Some(sheet) => sheet.row(checker, &cells, Some(line), None)?,
        }
    }
    checker.about_file(Id::NotJsonl, None, "a workbook; trainers read JSONL".into());
    Ok(())
}

/// Without the feature a workbook is said to be one.
#[cfg(not(feature = "xlsx"))]
pub(crate) fn sheet<R: BufRead + Seek>(checker: &mut Checker<'_>, _: R) -> Result<(), Error> {
    checker.verdict.container = "xlsx";
    checker.broken_row(
        1,
        Id::UnknownFormat,
        "a workbook, and this build does not read them: save it as CSV UTF-8".into(),
        b"",
    )
}
