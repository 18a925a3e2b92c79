//! Rows of JSON: one object a line, or what looks like a list of them.

use std::io::{self, BufRead, Seek, SeekFrom};

use super::check::Checker;
use super::rules::Id;
use crate::error::Error;
use crate::format::input::Input;
use crate::format::scout;

/// A longer line is no row.
const MAX_LINE: u64 = 256 << 20;

/// Reads a file of JSON objects whatever way they are laid out. `head` is its beginning, `mark` the length of
/// a byte order mark.
pub(crate) fn objects<R: BufRead + Seek>(
    checker: &mut Checker<'_>,
    mut input: R,
    head: &[u8],
    mark: usize,
) -> Result<(), Error> {
    checker.verdict.container = "jsonl";
    if mark > 0 {
        let which = if mark == 3 { "a UTF-8 byte order mark" } else { "a UTF-16 byte order mark" };
        checker.about_file(Id::ByteOrderMark, Some(1), which.into());
    }
    let end = if mark != 2 && !head.contains(&b'\n') && head.contains(&b'\r') { b'\r' } else { b'\n' };
    if end == b'\r' {
        checker.about_file(Id::CrOnly, None, "lines end with CR alone".into());
    }
    let text = head[mark..].trim_ascii_start();
    if mark != 2 && is_spread(text, end) {
        return spread(checker, input);
    }
    if checker.wants_delimiters(text) {
        let start = input.stream_position()?;
        checker.delimiters = Some(scout::common_delimiters(&mut input)?);
        input.seek(SeekFrom::Start(start))?;
    }

    let mut input = Input::open(input)?;
    let mut bytes = Vec::new();
    let mut line = 0;
    let (mut blank, mut blank_at, mut crlf) = (0u64, 0, 0u64);
    let (mut marks, mut mark_at) = (0u64, 0);
    loop {
        bytes.clear();
        line += 1;
        if !goes_on(checker, read_line(&mut input, end, &mut bytes), line)? {
            break;
        }
        if bytes.len() as u64 == MAX_LINE {
            checker.broken_row(line, Id::NotJson, "a line of 256 MiB".into(), b"")?;
            break;
        }
        crlf += u64::from(bytes.ends_with(b"\r\n"));
        let mut row = bytes.trim_ascii();
        // Files put together keep the mark that each of them began with.
        while let Some(rest) = row.strip_prefix(b"\xef\xbb\xbf") {
            row = rest.trim_ascii_start();
            marks += 1;
            mark_at = if mark_at == 0 { line } else { mark_at };
        }
        if row.is_empty() {
            blank += 1;
            blank_at = if blank_at == 0 { line } else { blank_at };
            continue;
        }
        checker.json_row(row, Some(line))?;
    }
    if marks > 0 {
        let message = format!("{marks} byte order marks in the midst of it, the first in line {mark_at}");
        checker.about_file(Id::ByteOrderMark, Some(mark_at), message);
    }
    if blank > 0 {
        checker.about_file(
            Id::BlankLine,
            Some(blank_at),
            format!("{blank} blank lines, the first in line {blank_at}"),
        );
    }
    if crlf > 0 {
        checker.about_file(Id::CrLf, None, format!("{crlf} lines end with CR LF"));
    }
    Ok(())
}

/// Reads to the end of a line, or to [`MAX_LINE`]; gives the number of bytes.
fn read_line(input: &mut impl BufRead, end: u8, bytes: &mut Vec<u8>) -> io::Result<usize> {
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let room = (MAX_LINE as usize - bytes.len()).min(chunk.len());
        let found = memchr::memchr(end, &chunk[..room]);
        let len = found.map_or(room, |at| at + 1);
        bytes.extend_from_slice(&chunk[..len]);
        input.consume(len);
        if found.is_some() || len == 0 {
            return Ok(bytes.len());
        }
    }
}

/// Whether a line was read. Half of a UTF-16 pair, or half a unit, is said of it and ends the file; what stands
/// before it is read all the same.
pub(super) fn goes_on(checker: &mut Checker<'_>, read: io::Result<usize>, line: u64) -> Result<bool, Error> {
    match read {
        Ok(len) => Ok(len > 0),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            checker.broken_row(line, Id::NotUtf8, e.to_string(), b"")?;
            Ok(false)
        }
        Err(e) => Err(e.into()),
    }
}

/// Whether the file is a list of objects, or objects that span lines.
fn is_spread(text: &[u8], end: u8) -> bool {
    let first = text.split(|b| *b == end).next().unwrap_or_default().trim_ascii();
    match first {
        [b'[', ..] => true,
        // Such as pretty printers write.
        [b'{'] => true,
        [b'{', rest @ ..] => {
            matches!(rest.trim_ascii().last(), Some(b',' | b'{' | b'[')) && first.len() < 4096
        }
        _ => false,
    }
}

/// Reads a list of objects, or objects one after the other, wherever their lines end.
fn spread(checker: &mut Checker<'_>, input: impl BufRead) -> Result<(), Error> {
    checker.verdict.container = "json";
    let mut input = Input::open(input)?;
    let mut line = 1;
    let mut row = Row::default();
    let mut noted = false;
    let mut outside = String::new();
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e.into()),
        };
        if chunk.is_empty() {
            break;
        }
        let len = chunk.len();
        let mut done = Vec::new();
        for &b in chunk {
            if row.depth == 0 && b != b'{' {
                // Brackets and commas of the list around.
                if !b.is_ascii_whitespace() && !b"[],".contains(&b) && outside.len() < 60 {
                    outside.push(char::from(b));
                }
            } else if row.push(b, line) {
                done.push((std::mem::take(&mut row.bytes), row.line));
            }
            line += u64::from(b == b'\n');
        }
        input.consume(len);
        for (bytes, at) in done {
            if !std::mem::replace(&mut noted, true) {
                let what = "objects are not one a line each";
                checker.about_file(Id::NotOnePerLine, Some(1), what.into());
            }
            checker.json_row(&bytes, Some(at))?;
        }
        if row.bytes.len() as u64 > MAX_LINE {
            break;
        }
    }
    if row.depth > 0 {
        checker.broken_row(
            row.line,
            Id::NotJson,
            "the file ends in the middle of an object".into(),
            &row.bytes,
        )?;
    } else if !outside.is_empty() {
        let shown = format!("{outside:?} stands between the objects");
        checker.broken_row(line, Id::NotJson, shown, b"")?;
    }
    Ok(())
}

/// An object on its way in.
#[derive(Default)]
struct Row {
    bytes: Vec<u8>,
    line: u64,
    depth: u32,
    in_text: bool,
    escaped: bool,
}

impl Row {
    /// Takes a byte; true when it was the object's last.
    fn push(&mut self, b: u8, line: u64) -> bool {
        if self.depth == 0 {
            self.line = line;
        }
        self.bytes.push(b);
        if self.in_text {
            match b {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return false;
        }
        match b {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}
