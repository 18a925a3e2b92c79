//! Lines of the folder's own files.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::Error;

use super::unreadable;

/// Calls `each` with the number and the bytes of every line, line end left off. Gives false for a last line
/// without a line end: something is missing there.
pub(super) fn each_line(
    path: &Path,
    mut each: impl FnMut(u64, &[u8]) -> Result<(), Error>,
) -> Result<bool, Error> {
    let broken = unreadable(path);
    let mut reader = BufReader::with_capacity(1 << 18, File::open(path).map_err(&broken)?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(&broken)? == 0 {
            break;
        }
        let whole = line.pop_if(|last| *last == b'\n').is_some();
        each(number, &line)?;
        if !whole {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lines one at a time, for reading beside something else.
pub(super) struct Lines {
    reader: BufReader<File>,
    path: std::path::PathBuf,
    number: u64,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Lines, Error> {
        let file = File::open(path).map_err(unreadable(path))?;
        Ok(Lines { reader: BufReader::with_capacity(1 << 18, file), path: path.to_owned(), number: 0 })
    }

    /// The next line's number and bytes.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        let mut line = Vec::new();
        if self.reader.read_until(b'\n', &mut line).map_err(unreadable(&self.path))? == 0 {
            return Ok(None);
        }
        line.pop_if(|last| *last == b'\n');
        self.number += 1;
        Ok(Some((self.number, line)))
    }
}

/// A file that is compared with what should stand in it, piece by piece.
pub(super) struct Expected {
    pub(super) name: String,
    reader: BufReader<File>,
    path: std::path::PathBuf,
    /// Read already, not yet compared.
    ahead: Vec<u8>,
    /// The line that comes next; the pieces are whole lines or, in a spreadsheet, whole rows.
    pub(super) line: u64,
    /// It has gone wrong: the rest is not compared, or one finding would bring thousands.
    pub(super) broken: bool,
}

impl Expected {
    pub(super) fn open(folder: &Path, name: &str) -> Result<Expected, Error> {
        let path = folder.join(name);
        let file = File::open(&path).map_err(unreadable(&path))?;
        Ok(Expected {
            name: name.to_owned(),
            reader: BufReader::with_capacity(1 << 18, file),
            path,
            ahead: Vec::new(),
            line: 1,
            broken: false,
        })
    }

    /// Whether the file goes on with these bytes.
    pub(super) fn goes_on_with(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        while self.ahead.len() < bytes.len() {
            let next = self.reader.fill_buf().map_err(unreadable(&self.path))?;
            if next.is_empty() {
                return Ok(false);
            }
            let n = next.len().min(bytes.len() - self.ahead.len());
            self.ahead.extend_from_slice(&next[..n]);
            self.reader.consume(n);
        }
        Ok(self.ahead.starts_with(bytes))
    }

    /// Goes past bytes that it was found to go on with.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        self.ahead.drain(..bytes.len());
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
    }

    /// Whether all of it was passed.
    pub(super) fn at_end(&mut self) -> Result<bool, Error> {
        Ok(self.ahead.is_empty() && self.reader.fill_buf().map_err(unreadable(&self.path))?.is_empty())
    }
}
