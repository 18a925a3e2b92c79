//! Cells of a CSV file, one row at a time (RFC 4180, any line end, any one-byte delimiter).
//!
//! Stricter than most readers in one respect: a quoted cell that never ends, or text behind a closing
//! quotation mark, is an error with its line, because a reader that carries on would swallow rows.

use std::io::BufRead;

use memchr::{memchr, memchr_iter, memchr3};
use threadfold_core::eight::{before, equal};

use crate::error::Problem;

/// The largest row taken for a row. Beyond it a quotation mark is missing somewhere.
const MAX_ROW: usize = 64 << 20;

pub(crate) struct Lexer<R> {
    input: R,
    delimiter: u8,
    /// The line of the next unread byte.
    line: u64,
    /// The last row ended with CR; an LF right after it belongs to it.
    after_cr: bool,
    pub(crate) row: Row,
}

/// The cells of one row, end to end in one buffer.
#[derive(Default)]
pub(crate) struct Row {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line at which the row starts.
    pub(crate) line: u64,
}

impl Row {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn cell(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Bare,
    Quoted,
    /// Right after a quotation mark in a quoted cell: it ends the cell or is one half of a doubled one.
    Quote,
}

impl<R: BufRead> Lexer<R> {
    pub(crate) fn new(input: R, delimiter: u8, line: u64, after_cr: bool) -> Self {
        Lexer { input, delimiter, line, after_cr, row: Row::default() }
    }

    /// Reads the next row into `row`; false at the end of the file.
    pub(crate) fn next_row(&mut self) -> Result<bool, Problem> {
        let row = &mut self.row;
        row.bytes.clear();
        row.ends.clear();
        row.line = self.line;
        let mut state = State::CellStart;
        let mut begun = false;
        let mut quote_line = self.line;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e.into()),
            };
            if chunk.is_empty() {
                return match state {
                    State::Quoted => Err(Problem::OpenQuote { line: quote_line }),
                    _ if !begun => Ok(false),
                    _ => {
                        row.ends.push(row.bytes.len());
                        Ok(true)
                    }
                };
            }
            let mut at = 0;
            if std::mem::take(&mut self.after_cr) && chunk[0] == b'\n' {
                at = 1;
            }
            let mut done = false;
            while at < chunk.len() && !done {
                begun = true;
                let byte = chunk[at];
                match state {
                    State::CellStart if byte == b'"' => {
                        state = State::Quoted;
                        quote_line = self.line;
                        at += 1;
                    }
                    State::CellStart | State::Bare => {
                        let rest = &chunk[at..];
                        let len = memchr3(self.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
                        row.bytes.extend_from_slice(&rest[..len]);
                        at += len;
                        state = State::Bare;
                        if let Some(&end) = chunk.get(at) {
                            at += 1;
                            (state, done) = end_cell(row, end, self.delimiter);
                            self.line += u64::from(done);
                            self.after_cr = end == b'\r';
                        }
                    }
                    State::Quoted => {
                        let rest = &chunk[at..];
                        let len = memchr(b'"', rest).unwrap_or(rest.len());
                        row.bytes.extend_from_slice(&rest[..len]);
                        self.line += memchr_iter(b'\n', &rest[..len]).count() as u64;
                        at += len;
                        if at < chunk.len() {
                            at += 1;
                            state = State::Quote;
                        }
                    }
                    State::Quote if byte == b'"' => {
                        row.bytes.push(b'"');
                        state = State::Quoted;
                        at += 1;
                    }
                    State::Quote if byte == self.delimiter || byte == b'\n' || byte == b'\r' => {
                        at += 1;
                        (state, done) = end_cell(row, byte, self.delimiter);
                        self.line += u64::from(done);
                        self.after_cr = byte == b'\r';
                    }
                    State::Quote if byte == b' ' => at += 1,
                    State::Quote => return Err(Problem::AfterQuote { line: self.line }),
                }
            }
            self.input.consume(at);
            if done {
                return Ok(true);
            }
            if row.bytes.len() > MAX_ROW {
                return Err(Problem::OpenQuote { line: quote_line });
            }
        }
    }
}

/// Ends a cell; says how to go on and whether the row ends too.
fn end_cell(row: &mut Row, byte: u8, delimiter: u8) -> (State, bool) {
    row.ends.push(row.bytes.len());
    (State::CellStart, byte != delimiter)
}

/// Appends a cell, quoted where any reader might want it: line ends, quotation marks, every delimiter that
/// a spreadsheet program might use, white space at the ends.
pub(crate) fn write_cell(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let outer_space = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    let special = || bytes.iter().any(|b| matches!(b, b'"' | b',' | b';' | b'\t' | b'|' | b'\r' | b'\n'));
    out.reserve(bytes.len() + bytes.len() / 4 + 2);
    if !outer_space && !special() {
        out.extend_from_slice(bytes);
        return;
    }
    out.push(b'"');
    let mut rest = bytes;
    // In JSON every other word is quoted, so no search sets out for each mark: eight bytes are looked at together.
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        let marks = equal(u64::from_le_bytes(*chunk), b'"');
        if marks == 0 {
            out.extend_from_slice(chunk);
            rest = behind;
            continue;
        }
        let (piece, behind) = rest.split_at(before(marks) + 1);
        out.extend_from_slice(piece);
        out.push(b'"');
        rest = behind;
    }
    for byte in rest {
        out.extend_from_slice(if *byte == b'"' { b"\"\"" } else { std::slice::from_ref(byte) });
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn rows(bytes: &[u8], delimiter: u8, buffer: usize) -> Result<Vec<(u64, Vec<String>)>, Problem> {
        let mut lexer = Lexer::new(BufReader::with_capacity(buffer, bytes), delimiter, 1, false);
        let mut rows = Vec::new();
        while lexer.next_row()? {
            let row = &lexer.row;
            let cells = (0..row.len()).map(|i| String::from_utf8_lossy(row.cell(i)).into_owned()).collect();
            rows.push((row.line, cells));
        }
        Ok(rows)
    }

    #[test]
    fn lines_are_counted_where_rows_start() {
        let text = b"a,b\r\n\"x\ny\",\"p\"\"q\"\nlast,\rz,";
        for buffer in [1, 2, 3, 1024] {
            let rows = rows(text, b',', buffer).unwrap();
            let expected =
                [(1, vec!["a", "b"]), (2, vec!["x\ny", "p\"q"]), (4, vec!["last", ""]), (5, vec!["z", ""])];
            assert_eq!(rows.len(), expected.len());
            for (row, (line, cells)) in rows.iter().zip(expected) {
                assert_eq!((row.0, &row.1), (line, &cells.iter().map(|c| c.to_string()).collect()));
            }
        }
    }

    #[test]
    fn broken_quotes_are_named_with_their_line() {
        assert!(matches!(rows(b"a\n\"b\nc", b',', 9), Err(Problem::OpenQuote { line: 2 })));
        assert!(matches!(rows(b"a\n\"b\"c\n", b',', 9), Err(Problem::AfterQuote { line: 2 })));
    }

    proptest! {
        #[test]
        fn written_cells_come_back(
            table in proptest::collection::vec(proptest::collection::vec("[a\",;\t\r\n |é=]*", 2..4), 1..4),
            delimiter in proptest::sample::select(vec![b',', b';', b'\t']),
            buffer in 1usize..20,
        ) {
            let mut out = Vec::new();
            for row in &table {
                for (i, cell) in row.iter().enumerate() {
                    if i > 0 { out.push(delimiter); }
                    write_cell(cell, &mut out);
                }
                out.extend_from_slice(b"\r\n");
            }
            let cells: Vec<_> = rows(&out, delimiter, buffer).unwrap().into_iter().map(|r| r.1).collect();
            prop_assert_eq!(cells, table);
        }

        /// What we read without complaint is what the csv crate reads.
        #[test]
        fn agrees_with_the_csv_crate(text in "([a,\"\n]|\r\n|\"\"|,\"b\",|\n\"c\"\n)*", buffer in 1usize..20) {
            if let Ok(ours) = rows(text.as_bytes(), b',', buffer) {
                let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true)
                    .from_reader(text.as_bytes());
                let theirs: Vec<Vec<String>> =
                    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
                // It leaves empty lines out, we hand them on as one empty cell.
                let ours: Vec<_> = ours.into_iter().map(|r| r.1).filter(|cells| cells != &[""]).collect();
                let theirs: Vec<_> = theirs.into_iter().filter(|cells| cells != &[""]).collect();
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
