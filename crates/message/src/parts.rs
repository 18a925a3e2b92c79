//! Where the parts of a MIME message lie (RFC 2046): one search over the body, nothing decoded.
//!
//! Every `\n--` is compared with the boundaries that are open, the innermost first. So an outer delimiter
//! ends inner multiparts that nobody closed, and a boundary that another one extends is not mistaken for
//! it, because a delimiter is a whole line. All costs one pass over the body, however deep the nesting.

use crate::content::{self, Content, Encoding};
use crate::defect::Defect;
use crate::fields::Fields;
use memchr::{memchr, memmem};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// Deeper than any mail program nests; the innermost multiparts are then read as attachments.
const DEEPEST: usize = 32;

/// One part: a leaf, or a multipart whose children follow.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) content: Content<'a>,
    /// Where its body lies in the message. Only a leaf's is of use.
    pub(crate) body: Range<usize>,
    pub(crate) first_child: Option<usize>,
    pub(crate) next: Option<usize>,
    last_child: Option<usize>,
    /// Opened as a multipart.
    pub(crate) open: bool,
}

/// The tree of parts; the first is the whole message.
#[derive(Debug, Default)]
pub(crate) struct Parts<'a> {
    pub(crate) list: Vec<Part<'a>>,
    pub(crate) defects: Vec<Defect>,
}

struct Open<'a> {
    part: usize,
    boundary: Cow<'a, [u8]>,
    closed: bool,
}

/// Finds all parts of a message.
pub(crate) fn find(message: &[u8]) -> Parts<'_> {
    let mut parts = Parts::default();
    let (mut content, mut body, odd, count) = content::read_message(message);
    if count == 0 {
        (content, body) = (Content::default(), 0);
    }
    if odd || count == 0 {
        parts.defects.push(Defect::HeaderBlock);
    }
    let multipart = content.is_multipart();
    parts.list.push(Part {
        content,
        body: body..message.len(),
        first_child: None,
        next: None,
        last_child: None,
        open: false,
    });
    if multipart {
        parts.walk(message, body);
    }
    parts
}

static DASHES: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\n--"));

/// Looks for delimiter lines: `\n--` searched once for the message.
struct Dashes<'a> {
    message: &'a [u8],
    finder: &'static memmem::Finder<'static>,
    at: usize,
    /// The next candidate may stand at `at` itself, without a line end before it.
    line_start: bool,
    /// How many dashes that start no delimiter line are still taken for odd ones out: inside base64, which has none,
    /// looking for one byte is several times as fast as looking for three.
    stray: usize,
}

/// Dashes met in what is said to be base64, after which it is not believed.
const STRAY: usize = 100;

impl<'a> Dashes<'a> {
    /// Offset of the next line that starts with `--`, and that line.
    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let start = if self.line_start && self.message[self.at..].starts_with(b"--") {
            self.at
        } else {
            self.find()? + 1
        };
        let end = memchr(b'\n', &self.message[start..]).map_or(self.message.len(), |i| start + i);
        // The line end stays ahead: it is the `\n` before the next candidate.
        self.at = end;
        self.line_start = false;
        self.stray = 0;
        Some((start, &self.message[start..end]))
    }

    /// Offset of the next line end with two dashes behind it.
    fn find(&mut self) -> Option<usize> {
        let mut from = self.at;
        while self.stray > 0 {
            let dash = from + 1 + memchr(b'-', self.message.get(from + 1..)?)?;
            if self.message[dash - 1] == b'\n' && self.message.get(dash + 1) == Some(&b'-') {
                return Some(dash - 1);
            }
            self.stray -= 1;
            from = dash;
        }
        Some(from + self.finder.find(&self.message[from..])?)
    }

    fn go_to(&mut self, at: usize) {
        self.at = at.min(self.message.len());
        self.line_start = true;
    }
}

impl<'a> Parts<'a> {
    fn walk(&mut self, message: &'a [u8], body: usize) {
        match self.list[0].content.param("boundary") {
            Some(b) if !b.trim_ascii().is_empty() => self.walk_with(b, message, body),
            _ => {
                self.defects.push(Defect::Boundary);
                if let Some(b) = guess_boundary(&message[body..]) {
                    self.walk_with(Cow::Borrowed(b), message, body);
                }
                return;
            }
        }
        // Not one delimiter of that name. If there are others, opening and closing, the name is wrong.
        if self.list.len() == 1
            && let Some(b) = guess_boundary(&message[body..])
            && closes(&message[body..], b)
        {
            self.list[0].body = body..message.len();
            let defects = std::mem::take(&mut self.defects);
            self.walk_with(Cow::Borrowed(b), message, body);
            self.defects.splice(0..0, defects);
        }
    }

    fn walk_with(&mut self, boundary: Cow<'a, [u8]>, message: &'a [u8], body: usize) {
        let mut dashes = Dashes { message, finder: &DASHES, at: body, line_start: true, stray: 0 };
        self.list[0].open = true;
        let mut stack = vec![Open { part: 0, boundary: trim_end(boundary), closed: false }];
        let mut leaf: Option<usize> = None;
        while let Some((start, line)) = dashes.next() {
            let line = line.trim_ascii_end();
            let Some((level, closing)) = matching(&stack, line) else { continue };
            // The line end before the delimiter belongs to the delimiter.
            if let Some(l) = leaf.take() {
                let from = self.list[l].body.start;
                let mut end = start.max(from);
                if end > from && message[end - 1] == b'\n' {
                    end -= 1;
                    if end > from && message[end - 1] == b'\r' {
                        end -= 1;
                    }
                }
                self.list[l].body.end = end;
            }
            stack.truncate(level + 1);
            if closing {
                if self.list.len() == 1 {
                    // Closed before anything was in it: the preamble is all there is.
                    self.list[0].body.end = start;
                }
                if level > 0 {
                    stack.truncate(level);
                } else {
                    stack[0].closed = true;
                }
                continue;
            }
            stack[level].closed = false;
            let parent = stack[level].part;
            let head_at = (dashes.at + 1).min(message.len());
            let (mut content, offset, _, count) = content::read(Fields::of_part(&message[head_at..]));
            if count == 0 && self.list[parent].content.sub.eq_ignore_ascii_case(b"digest") {
                content.set_type(b"message/rfc822");
            }
            let body_at = head_at + offset;
            let index = self.add(parent, content, body_at..message.len());
            if content.is_multipart() {
                if stack.len() >= DEEPEST {
                    if !self.defects.contains(&Defect::TooDeep) {
                        self.defects.push(Defect::TooDeep);
                    }
                } else if let Some(b) = content.param("boundary").filter(|b| !b.trim_ascii().is_empty()) {
                    self.list[index].open = true;
                    stack.push(Open { part: index, boundary: trim_end(b), closed: false });
                }
            }
            if !self.list[index].open {
                leaf = Some(index);
                dashes.stray = if content.encoding == Encoding::Base64 { STRAY } else { 0 };
            }
            // An empty part may end on the very next line.
            dashes.go_to(body_at);
        }
        if stack.len() > 1 || !stack[0].closed {
            self.defects.push(Defect::Unterminated);
        }
        if self.list.len() == 1 {
            // Not one delimiter: whatever the label says, the body is what is there.
            self.list[0].open = false;
            self.defects.retain(|d| *d != Defect::Unterminated);
            self.defects.push(Defect::Boundary);
        }
    }

    fn add(&mut self, parent: usize, content: Content<'a>, body: Range<usize>) -> usize {
        let index = self.list.len();
        self.list.push(Part { content, body, first_child: None, next: None, last_child: None, open: false });
        match self.list[parent].last_child.replace(index) {
            Some(before) => self.list[before].next = Some(index),
            None => self.list[parent].first_child = Some(index),
        }
        index
    }

    /// The children of a multipart, in order.
    pub(crate) fn children(&self, part: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.list[part].first_child, |i| self.list[*i].next)
    }
}

fn trim_end(boundary: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match boundary {
        Cow::Borrowed(b) => Cow::Borrowed(b.trim_ascii_end()),
        Cow::Owned(b) => Cow::Owned(b.trim_ascii_end().to_vec()),
    }
}

/// The innermost open boundary that this line is a delimiter of, and whether it closes it.
fn matching(stack: &[Open<'_>], line: &[u8]) -> Option<(usize, bool)> {
    let rest = line.strip_prefix(b"--")?;
    for (level, open) in stack.iter().enumerate().rev() {
        match rest.strip_prefix(&open.boundary[..]) {
            Some(b"") => return Some((level, false)),
            Some(b"--") => {
                // A boundary may itself end in dashes: an exact match further out is the better one.
                let outer = stack[..level].iter().rposition(|o| o.boundary[..] == *rest);
                return Some(outer.map_or((level, true), |o| (o, false)));
            }
            _ => {}
        }
    }
    None
}

/// For a multipart that names no boundary: the first line `--something` that a `Content-` field follows.
fn guess_boundary(body: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        if !body[at..].starts_with(b"--") {
            at += memmem::find(&body[at..], b"\n--")? + 1;
        }
        let end = at + memchr(b'\n', &body[at..])?;
        let next = &body[end + 1..];
        if next.len() > 8 && next[..8].eq_ignore_ascii_case(b"content-") {
            let line = body[at + 2..end].trim_ascii_end();
            return (!line.is_empty()).then_some(line);
        }
        at = end;
    }
}

/// Whether a line closes a multipart of that boundary.
fn closes(body: &[u8], boundary: &[u8]) -> bool {
    let ends = |at: usize| {
        let rest = body[at + 3..].strip_prefix(boundary).and_then(|rest| rest.strip_prefix(b"--"));
        rest.is_some_and(|rest| {
            rest.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii().is_empty()
        })
    };
    DASHES.find_iter(body).any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(message: &str) -> (Vec<String>, Vec<Defect>) {
        let parts = find(message.as_bytes());
        let texts = parts.list.iter().filter(|p| !p.open).map(|p| message[p.body.clone()].to_owned());
        (texts.collect(), parts.defects)
    }

    #[test]
    fn delimiters_are_whole_lines() {
        let head = "Content-Type: multipart/mixed; boundary=\"B\"\n\n";
        for (body, want, defects) in [
            ("--B\n\na\n--B\n\nb\n--B--\n", vec!["a", "b"], vec![]),
            ("pre\n--B\n\na\n--B--\nepilogue\n", vec!["a"], vec![]),
            ("--B\n\nx --B y\n--B--\n", vec!["x --B y"], vec![]),
            ("--B\n\n--BX\n--B-\n--B--\n", vec!["--BX\n--B-"], vec![]),
            ("--B  \n\na\n--B-- \n", vec!["a"], vec![]),
            ("--B\n\na\n", vec!["a\n"], vec![Defect::Unterminated]),
            ("--B\r\n\r\na\r\n--B--\r\n", vec!["a"], vec![]),
            ("--B\n\n--B\n\nb\n--B--", vec!["", "b"], vec![]),
            ("--B\nContent-Type: text/plain\n--B\n\nb\n--B--", vec!["", "b"], vec![]),
            ("nothing here\n", vec!["nothing here\n"], vec![Defect::Boundary]),
            ("--B\n\na\n--B--\n--B\n\nb\n--B--\n", vec!["a", "b"], vec![]),
        ] {
            assert_eq!(
                leaves(&format!("{head}{body}")),
                (want.iter().map(|s| s.to_string()).collect(), defects),
                "{body:?}"
            );
        }
    }

    #[test]
    fn boundaries_that_extend_each_other_and_multiparts_nobody_closed() {
        let inner = |b: &str| format!("Content-Type: multipart/alternative; boundary=\"{b}\"\n\n");
        let head = "Content-Type: multipart/mixed; boundary=\"B\"\n\n";
        let text = format!("{head}--B\n{}--BX\n\na\n--BX--\n--B\n\nb\n--B--\n", inner("BX"));
        assert_eq!(leaves(&text).0, ["a", "b"]);
        let text = format!("{head}--B\n{}--X\n\na\n--B\n\nb\n--B--\n", inner("X"));
        assert_eq!(leaves(&text), (vec!["a".to_owned(), "b".to_owned()], vec![]));
        let text = format!("{head}--B\n{}--B--\n\na\n--B----\n--B\n\nb\n--B--\n", inner("B--"));
        assert_eq!(leaves(&text).0, ["a", "b"]);
        let text = "Content-Type: multipart/mixed\n\n--found\nContent-Type: text/plain\n\na\n--found--\n";
        assert_eq!(leaves(text), (vec!["a".to_owned()], vec![Defect::Boundary]));
    }

    #[test]
    fn a_boundary_of_another_name_is_believed_where_it_opens_and_closes() {
        let head = "Content-Type: multipart/mixed; boundary=wrong\n\n";
        let part = "--right\nContent-Type: text/plain\n\na\n";
        assert_eq!(
            leaves(&format!("{head}{part}--right--\n")),
            (vec!["a".to_owned()], vec![Defect::Boundary])
        );
        // Somebody who writes about mail.
        let prose = format!("see:\n{part}");
        assert_eq!(leaves(&format!("{head}{prose}")), (vec![prose], vec![Defect::Boundary]));
    }

    #[test]
    fn an_empty_line_lost_before_the_first_delimiter_costs_no_part() {
        for lost in ["", " \n"] {
            let text = format!(
                "To: x\nContent-Type: multipart/mixed; boundary=b\n{lost}--b\nContent-Type: text/plain\n\na\n--b--\n"
            );
            assert_eq!(leaves(&text), (vec!["a".to_owned()], vec![Defect::HeaderBlock]), "{text}");
        }
    }

    #[test]
    fn deep_nests_stop_somewhere() {
        let mut text = String::from("Content-Type: multipart/mixed; boundary=b0\n\n");
        for i in 0..200 {
            text += &format!("--b{i}\nContent-Type: multipart/mixed; boundary=b{}\n\n", i + 1);
        }
        let parts = find(text.as_bytes());
        assert!(parts.defects.contains(&Defect::TooDeep));
    }
}
