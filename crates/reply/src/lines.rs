//! A body as rows: where each line stands and what it looks like.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use threadfold_html::{Document, Marks};

use crate::clues::Clues;
use crate::facts::Note;
use crate::phrases::phrases;
use crate::pool;
use crate::remembered;
use threadfold_core::eight::{HIGH, ONES, before, holds};

/// What kind of line it is at first sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Blank,
    /// Marked as a quotation, by `>` in some dialect or by the element it stands in.
    Quoted,
    Text,
}

/// One line of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) start: usize,
    /// Without white space at the end.
    pub(crate) end: usize,
    /// Where its first visible character stands.
    pub(crate) first: usize,
    pub(crate) state: State,
    /// In a fenced block of code, where no rule applies.
    pub(crate) fenced: bool,
    pub(crate) marks: Marks,
}

/// A body cut into rows.
pub(crate) struct Rows<'a> {
    pub(crate) body: &'a str,
    pub(crate) rows: Vec<Row>,
    /// What rules asked of each row.
    pub(crate) notes: Vec<Cell<Note>>,
    /// The rows of which more was found than was remembered.
    pub(crate) fresh: RefCell<Vec<usize>>,
    /// What the few rows hold that may end an attribution.
    clues: RefCell<Vec<(usize, Clues)>>,
    /// The rows are a document's, and may carry marks.
    pub(crate) marked: bool,
    /// The rows are what is left of others: what stood between them in the body may be gone, and white space at their
    /// ends is.
    pub(crate) left: bool,
    /// No row that does not begin with a quote mark has white space at its end.
    pub(crate) tight: bool,
    /// A row begins with five dashes.
    pub(crate) dashed: bool,
    /// The rows that begin as one of dashes does, or as a drawn line.
    pub(crate) ruled: Vec<usize>,
    /// A row ends with a forum's tag that closes a quotation.
    pub(crate) tagged: bool,
}

/// Characters that show nothing but steer the direction of writing or hold words together.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' | '\u{34f}')
}

/// Whether a text holds an invisible character.
fn holds_invisible(text: &str) -> bool {
    // The bytes that those begin with are rare.
    let likely = |byte: &u8| matches!(byte, 0xC2 | 0xCD | 0xE2 | 0xEF);
    !text.is_ascii() && text.as_bytes().iter().any(likely) && text.contains(is_invisible)
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0B | 0x0C)
}

/// Where the visible characters of a line begin and end, by bytes where the text allows it.
#[inline]
fn visible(body: &str, start: usize, stop: usize) -> (usize, usize) {
    let mut line = &body.as_bytes()[start..stop];
    let plain = |byte: &u8| matches!(byte, 0x21..0x80);
    if line.first().is_some_and(plain) && line.last().is_some_and(plain) {
        return (start, stop);
    }
    while let [rest @ .., last] = line
        && is_blank(*last)
    {
        line = rest;
    }
    let mut end = start + line.len();
    while let [head, rest @ ..] = line
        && is_blank(*head)
    {
        line = rest;
    }
    let mut first = end - line.len();
    if let ([head, ..], [.., last]) = (line, line)
        && (head | last) >= 0x80
    {
        let rest = body[first..end].trim_end_matches(is_space);
        end = first + rest.len();
        first = end - rest.trim_start_matches(is_space).len();
    }
    (first, end)
}

/// Where the line ends that begins at a place: most are so short that a look at eight bytes at a time is all it takes.
#[inline]
fn line_end(bytes: &[u8], start: usize) -> usize {
    const BREAKS: u64 = b'\n' as u64 * ONES;
    let (chunks, rest) = bytes[start..].as_chunks::<8>();
    let mut at = start;
    for chunk in chunks {
        let others = u64::from_le_bytes(*chunk) ^ BREAKS;
        // The lowest of these is a break; those above it need not be.
        let breaks = others.wrapping_sub(ONES) & !others & HIGH;
        if breaks != 0 {
            return at + before(breaks);
        }
        at += 8;
    }
    at + rest.iter().take_while(|byte| **byte != b'\n').count()
}

/// Whether a line that begins with a letter begins with initials and a quote mark, as in `jd>`: perhaps a quotation.
#[inline]
fn holds_initials(bytes: &[u8]) -> bool {
    // Most lines begin with a longer word.
    let marked = match bytes.first_chunk::<4>() {
        Some(four) => holds(u64::from(u32::from_le_bytes(*four)), b'>'),
        None => bytes.contains(&b'>'),
    };
    if !marked {
        return false;
    }
    let letters = bytes.iter().take(4).take_while(|byte| byte.is_ascii_alphabetic()).count();
    (1..=3).contains(&letters)
        && bytes.get(letters) == Some(&b'>')
        && matches!(bytes.get(letters + 1), None | Some(b' ' | b'>'))
}

/// The first bytes of what [`crate::headers::is_rule`] and [`crate::delimiters::is_delimiter`] look for.
fn begins_rule(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'=' | b'*' | b'.' | b'~' | b'#' | b'\\' | 0x80..)
}

/// "% Is it blue?", "%"
fn is_percent_mark(line: &[u8]) -> bool {
    line == b"%" || line.starts_with(b"% ")
}

/// Cuts a body into rows, line by line.
pub(crate) struct Cutter<'a> {
    body: &'a str,
    rows: Vec<Row>,
    ruled: Vec<usize>,
    initials: usize,
    fences: usize,
    percents: usize,
    tight: bool,
    dashed: bool,
    tagged: bool,
}

impl<'a> Cutter<'a> {
    pub(crate) fn new(body: &'a str) -> Self {
        Self {
            body,
            rows: pool::take(),
            ruled: pool::take(),
            initials: 0,
            fences: 0,
            percents: 0,
            tight: true,
            dashed: false,
            tagged: false,
        }
    }

    /// The next line, without its break.
    #[inline]
    pub(crate) fn line(&mut self, start: usize, stop: usize) {
        let mut row =
            Row { start, end: start, first: start, state: State::Blank, fenced: false, marks: Marks::NONE };
        if start == stop {
            self.rows.push(row);
            return;
        }
        (row.first, row.end) = visible(self.body, start, stop);
        let line = &self.body.as_bytes()[row.first..row.end];
        if let [head, .., last] | [head @ last] = line {
            row.state = State::Text;
            match *head {
                b'>' => row.state = State::Quoted,
                head if head.is_ascii_alphabetic() => self.initials += usize::from(holds_initials(line)),
                b'0'..=b'9' => {}
                _ if is_percent_mark(line) => self.percents += 1,
                head => {
                    self.fences += usize::from(line.starts_with(b"```"));
                    self.dashed |= line.starts_with(b"-----");
                    if begins_rule(head) {
                        self.ruled.push(self.rows.len());
                    }
                }
            }
            self.tight &= row.end == stop || row.state == State::Quoted;
            if matches!(last, b']' | b'>') {
                self.tagged |= line[..line.len() - 1].ends_with(b"/quote");
            }
        } else {
            self.tight = false;
        }
        self.rows.push(row);
    }

    pub(crate) fn rows(self) -> Rows<'a> {
        let mut notes = pool::take();
        notes.resize(self.rows.len(), Cell::new(Note::default()));
        let mut all = Rows {
            body: self.body,
            rows: self.rows,
            notes,
            fresh: RefCell::new(pool::take()),
            clues: RefCell::new(pool::take()),
            marked: false,
            left: false,
            tight: self.tight,
            dashed: self.dashed,
            ruled: self.ruled,
            tagged: self.tagged,
        };
        if self.initials > 1 {
            all.mark_initials();
        }
        if self.percents > 2 {
            all.mark_percents();
        }
        if self.fences > 1 {
            all.mark_fences(self.fences);
        }
        all
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        remembered::keep(self);
        pool::give(std::mem::take(&mut self.rows));
        pool::give(std::mem::take(&mut self.notes));
        pool::give(std::mem::take(&mut self.ruled));
        pool::give(self.fresh.take());
        pool::give(self.clues.take());
    }
}

impl<'a> Rows<'a> {
    /// The rows of a plain text.
    pub(crate) fn of_text(body: &'a str) -> Self {
        let bytes = body.as_bytes();
        let mut cutter = Cutter::new(body);
        let mut next = 0;
        while next < bytes.len() {
            let start = next;
            let stop = line_end(bytes, start);
            next = stop + 1;
            cutter.line(start, stop);
        }
        cutter.rows()
    }

    /// The rows of an HTML document; what its elements say goes along.
    pub(crate) fn of_document(document: &'a Document) -> Self {
        let body = document.text();
        let mut all = Self::of_text(body);
        all.marked = true;
        for (row, line) in all.rows.iter_mut().zip(document.lines()) {
            row.marks = line.marks;
        }
        all
    }

    /// Lines that several times begin with the same initials and `>` are quotations.
    fn mark_initials(&mut self) {
        let prefix = |row: &Row| {
            let line = &self.body[row.first..row.end];
            (row.state == State::Text && holds_initials(line.as_bytes()))
                .then(|| line.split('>').next().unwrap_or(line))
        };
        let marked: Vec<Option<&str>> = self.rows.iter().map(prefix).collect();
        let mut seen: Vec<&str> = marked.iter().flatten().copied().collect();
        seen.sort_unstable();
        for (row, initials) in self.rows.iter_mut().zip(&marked) {
            if let Some(initials) = initials {
                let from = seen.partition_point(|other| other < initials);
                if seen.get(from + 1) == Some(initials) {
                    row.state = State::Quoted;
                }
            }
        }
    }

    /// Lines behind `%` are quotations if the first of them stand below a line that says who said them. Otherwise they
    /// are comments, or commands.
    fn mark_percents(&mut self) {
        let marked = |row: &Row| {
            row.state == State::Text && is_percent_mark(&self.body.as_bytes()[row.first..row.end])
        };
        let announced = |at: usize| {
            let above = (0..at).rev().find(|at| self.state(*at) != State::Blank);
            above.is_some_and(|above| {
                let text = self.text(above);
                let mut said = false;
                if text.len() < 200 && text.ends_with([':', '.']) {
                    phrases().verbs(text, |_| said = true);
                }
                said && (text.ends_with(':') || text.ends_with("..."))
            })
        };
        let first = (0..self.rows.len()).find(|at| {
            marked(&self.rows[*at]) && (*at == 0 || !marked(&self.rows[at - 1])) && announced(*at)
        });
        let Some(first) = first else { return };
        let found: Vec<usize> = (first..self.rows.len()).filter(|at| marked(&self.rows[*at])).collect();
        for at in found {
            self.rows[at].state = State::Quoted;
        }
    }

    /// What stands between two lines of three backticks is code.
    fn mark_fences(&mut self, fences: usize) {
        let mut left = fences;
        let mut inside = false;
        for row in &mut self.rows {
            let fence = row.state == State::Text && self.body[row.first..row.end].starts_with("```");
            if fence {
                left -= 1;
                inside = !inside && left > 0;
            }
            row.fenced = row.state != State::Blank && (inside || (fence && left + 1 < fences));
            if row.fenced {
                row.state = State::Text;
            }
        }
    }

    /// The row's visible text.
    #[inline]
    pub(crate) fn text(&self, at: usize) -> &'a str {
        self.rows.get(at).map_or("", |row| &self.body[row.first..row.end])
    }

    /// The clues of the row's text.
    pub(crate) fn clues(&self, at: usize) -> Clues {
        let mut known = self.clues.borrow_mut();
        if let Some((_, clues)) = known.iter().find(|(row, _)| *row == at) {
            return *clues;
        }
        let clues = Clues::of(self.text(at));
        if known.len() < 64 {
            known.push((at, clues));
        }
        clues
    }

    /// The row as it stands, with its indentation.
    #[inline]
    pub(crate) fn whole(&self, at: usize) -> &'a str {
        self.rows.get(at).map_or("", |row| &self.body[row.start..row.end])
    }

    #[inline]
    pub(crate) fn state(&self, at: usize) -> State {
        self.rows.get(at).map_or(State::Blank, |row| row.state)
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Those of some rows that begin as one of dashes does, or as a drawn line.
    pub(crate) fn ruled_in(&self, from: usize, to: usize) -> &[usize] {
        let start = self.ruled.partition_point(|at| *at < from);
        let ruled = &self.ruled[start..];
        &ruled[..ruled.partition_point(|at| *at < to)]
    }

    /// The first row at or after `at` that is not blank.
    pub(crate) fn next_visible(&self, at: usize) -> Option<usize> {
        (at..self.len()).find(|at| self.state(*at) != State::Blank)
    }

    /// The visible texts of some rows joined by spaces, without invisible characters.
    pub(crate) fn joined(&self, from: usize, to: usize) -> Cow<'a, str> {
        let first = self.text(from);
        if from + 1 == to && !holds_invisible(first) {
            return Cow::Borrowed(first);
        }
        let rows = self.rows.get(from..to).unwrap_or(&[]);
        let mut joined = String::with_capacity(rows.iter().map(|row| row.end - row.first + 1).sum());
        for at in from..to {
            if !joined.is_empty() {
                joined.push(' ');
            }
            let text = self.text(at);
            if holds_invisible(text) {
                joined.extend(text.chars().filter(|c| !is_invisible(*c)));
            } else {
                joined.push_str(text);
            }
        }
        Cow::Owned(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_their_breaks_wherever_those_stand() {
        for code in 0..3_u32.pow(9) {
            for around in ["", "aaaaaaa", "\u{b}\u{b}\u{b}\u{b}\n", "\u{8a}a"] {
                let letter = |place: u32| ["\n", "a", "\u{b}"][(code / 3_u32.pow(place) % 3) as usize];
                let text: String = std::iter::once(around).chain((0..9).map(letter)).collect();
                for start in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
                    let expected = text[start..].find('\n').map_or(text.len(), |step| start + step);
                    assert_eq!(line_end(text.as_bytes(), start), expected, "{text:?} {start}");
                }
            }
        }
    }
}
