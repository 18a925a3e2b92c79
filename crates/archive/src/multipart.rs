//! A separator line inside an open multipart is not a message: it is part of an attached or quoted mailbox.
//!
//! The claim is made about two neighbouring candidates, `m` and `p`: the header at `m` declares a multipart
//! (RFC 2046, 5.1) with boundary B; a delimiter line of B stands between `m` and `p`, and the last such one
//! does not close the multipart; and the next thing said about B after `p` is again a delimiter line, not a
//! declaration of the same boundary by another message. Then everything from `p` to the last of these
//! delimiter lines lies inside the message at `m`, unless that is much mail ([`MOST_INSIDE`]) in a part whose
//! header does not say that it holds any.
//!
//! Where the file shows that its writer escapes such lines (`>From `), the claim is not made at all: an attached mailbox
//! is escaped there too, so what stands unescaped is a separator, whatever a boundary says.
//!
//! Both looks are bounded by [`REACH`], so that a scan which starts in the middle of a file needs to look
//! back at most twice that far to know what a scan from the start would know. A truncated multipart, whose
//! boundary is never mentioned again, protects nothing: the message after it is not lost.

use std::collections::HashMap;

use memchr::{memchr, memchr_iter, memmem};
use threadfold_core::hash_bytes;

use crate::separator::{field_name, line_end};

/// How far before and after a candidate an open multipart is looked for.
/// Short in unit tests, so that small inputs have places out of reach.
pub(crate) const REACH: usize = if cfg!(test) { 300 } else { 1 << 20 };

/// Headers longer than this are looked at no further.
const MAX_HEADER: usize = 256 << 10;

/// How many separator lines a part may hold that is not announced as mail. A boundary that one mail declares and a
/// later one names, by chance or by intent, must not make a part of the mailbox between them; a long attached
/// mailbox without a content type is read as messages of its own instead.
const MOST_INSIDE: usize = 16;

/// RFC 2046 allows 70 bytes; some programs write more.
const MAX_BOUNDARY: usize = 200;

/// Calls `visit` with name and unfolded value range of each header field from `at` on, up to the blank line.
/// Gives the offset of the body, if the header ends within bounds.
pub(crate) fn fields<'a>(
    data: &'a [u8],
    at: usize,
    wanted: u8,
    mut visit: impl FnMut(&'a [u8], &'a [u8]),
) -> Option<usize> {
    let stop = data.len().min(at.saturating_add(MAX_HEADER));
    let mut line = at;
    // One newline search over the block; only lines with the wanted first letter are looked at.
    let mut field: Option<(usize, &[u8])> = None;
    for newline in memchr_iter(b'\n', &data[at.min(stop)..stop]) {
        let next = at + newline + 1;
        let first = data[line];
        let blank = first == b'\n' || (first == b'\r' && next == line + 2);
        if !matches!(first, b' ' | b'\t')
            && let Some((start, name)) = field.take()
        {
            visit(name, &data[start..line]);
        }
        if blank {
            return Some(next);
        }
        if first == b'F' && data[line..next].starts_with(b"From ") {
            // A header cut off by the next message.
            return None;
        }
        if first.eq_ignore_ascii_case(&wanted)
            && let Some(name) = field_name(&data[line..next])
        {
            let colon = memchr(b':', &data[line..next]).map_or(next, |c| line + c + 1);
            field = Some((colon, name));
        }
        line = next;
    }
    if let Some((start, name)) = field {
        visit(name, &data[start..stop]);
    }
    None
}

/// The boundary that the header at `at` declares for the message as a whole.
fn boundary(data: &[u8], at: usize) -> Option<&[u8]> {
    let mut found = None;
    fields(data, at, b'c', |name, value| {
        if name.eq_ignore_ascii_case(b"content-type")
            && value.trim_ascii_start().get(..10).is_some_and(|v| v.eq_ignore_ascii_case(b"multipart/"))
        {
            found = find_parameter(value);
        }
    });
    found
}

/// The value of `boundary=` in a content type.
fn find_parameter(value: &[u8]) -> Option<&[u8]> {
    let value = &value[..value.len().min(4096)];
    let eq = memchr_iter(b'=', value).find(|&eq| {
        let name = value[..eq].trim_ascii_end();
        name.len() > 8 && name[name.len() - 8..].eq_ignore_ascii_case(b"boundary")
    })?;
    declared(&value[eq + 1..])
}

/// The boundary that stands right after `boundary=`.
fn declared(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest[..rest.len().min(MAX_BOUNDARY + 8)].trim_ascii_start();
    let b = match rest.strip_prefix(b"\"") {
        Some(quoted) => &quoted[..memchr(b'"', quoted)?],
        None => {
            let end = rest.iter().position(|b| matches!(b, b';' | b' ' | b'\t' | b'\r' | b'\n'));
            &rest[..end.unwrap_or(rest.len())]
        }
    };
    (!b.is_empty() && b.len() <= MAX_BOUNDARY).then_some(b)
}

/// Whether the last line before `at` with anything on it closes a multipart: the ordinary end of a message,
/// and a cheap reason to look no further.
fn closing_line_before(data: &[u8], at: usize) -> bool {
    let window = &data[at.saturating_sub(MAX_BOUNDARY + 64)..at];
    let text = window.trim_ascii_end();
    let Some(line) = memchr::memrchr(b'\n', text) else { return false };
    let line = &text[line + 1..];
    line.len() > 4 && line.starts_with(b"--") && line.ends_with(b"--")
}

/// What is said about boundaries in the stretch ahead: each byte is looked at once per scan, however many
/// doubtful candidates there are.
pub(crate) struct Mentions {
    blank_lf: memmem::Finder<'static>,
    blank_crlf: memmem::Finder<'static>,
    delimiter: memmem::Finder<'static>,
    separator: memmem::Finder<'static>,
    from: usize,
    to: usize,
    /// By hash of the boundary, in the order of the file: where, and whether it is a delimiter line.
    by_boundary: HashMap<u64, Vec<(usize, Mention)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mention {
    Delimiter,
    Close,
    Declaration,
}

impl Default for Mentions {
    fn default() -> Self {
        Mentions {
            blank_lf: memmem::Finder::new(b"\n\n"),
            blank_crlf: memmem::Finder::new(b"\n\r\n"),
            delimiter: memmem::Finder::new(b"\n--"),
            separator: memmem::Finder::new(b"\nFrom "),
            from: 0,
            to: 0,
            by_boundary: HashMap::new(),
        }
    }
}

impl Mentions {
    /// The end of the stretch from `p` on that lies inside the multipart of the message at `m`.
    pub(crate) fn protected_until(&mut self, data: &[u8], m: usize, p: usize) -> Option<usize> {
        if p - m > REACH || closing_line_before(data, p) {
            return None;
        }
        let header = line_end(data, m).1;
        if !self.may_be_multipart(&data[..p], header) {
            return None;
        }
        let b = boundary(&data[..p], header)?;
        let part = m + open_part(&data[m..p], b)?;
        self.cover(data, p);
        let mut end = None;
        let mentions = self.by_boundary.get(&hash_bytes(b))?;
        // The stretch ahead ends where the next declaration stands, so that no mention is passed often.
        for &(at, mention) in &mentions[mentions.partition_point(|(at, _)| *at <= p)..] {
            match mention {
                Mention::Delimiter => end = Some(at),
                Mention::Close => {
                    end = Some(at);
                    break;
                }
                Mention::Declaration => break,
            }
        }
        let many = |end| self.separator.find_iter(&data[p..end]).nth(MOST_INSIDE - 1).is_some();
        end.filter(|end| !many(*end) || is_mail(&data[..p], part))
    }

    /// Whether the body begins as a multipart's: a line starting with two hyphens, behind a short preamble at most.
    /// One search over the header block, which spares most messages the reading of its lines.
    fn may_be_multipart(&self, data: &[u8], header: usize) -> bool {
        const PREAMBLE: usize = 2048;
        let (text, next) = line_end(data, header);
        let blank = if data.get(text) == Some(&b'\r') { &self.blank_crlf } else { &self.blank_lf };
        let stop = data.len().min(next.saturating_add(MAX_HEADER));
        let Some(block) = data.get(next.saturating_sub(1)..stop) else { return false };
        let Some(end) = blank.find(block) else { return false };
        let body = &block[end + blank.needle().len() - 1..];
        let body = &body[..body.len().min(PREAMBLE)];
        self.delimiter.find_iter(body).any(|at| {
            // Not a signature's mark, a rule, or a patch.
            let line = &body[at + 3..];
            let dashes = line.iter().take_while(|b| **b == b'-').count();
            !matches!(line.get(dashes), Some(b' ' | b'\r' | b'\n'))
        })
    }

    /// Makes the index reach from `p` to [`REACH`] bytes further. Candidates come in rising order.
    fn cover(&mut self, data: &[u8], p: usize) {
        let to = data.len().min(p.saturating_add(REACH));
        if p >= self.to || p - self.from > 4 * REACH {
            // A gap, or too much that is of no use any more.
            self.by_boundary.clear();
            (self.from, self.to) = (p, p);
        }
        if to <= self.to {
            return;
        }
        let mut found: Vec<(usize, u64, Mention)> = Vec::new();
        // A delimiter belongs to where its line starts, a declaration to its equals sign.
        let lines = &data[self.to.saturating_sub(1)..data.len().min(to + 2)];
        for hit in self.delimiter.find_iter(lines) {
            let line = self.to.saturating_sub(1) + hit + 1;
            if line < self.to || line >= to {
                continue;
            }
            let (end, _) = line_end(&data[..data.len().min(line + MAX_BOUNDARY + 8)], line);
            let text = data[line + 2..end].trim_ascii_end();
            if text.is_empty() || text.len() > MAX_BOUNDARY + 2 {
                continue;
            }
            found.push((line, hash_bytes(text), Mention::Delimiter));
            if let Some(b) = text.strip_suffix(b"--").filter(|b| !b.is_empty()) {
                found.push((line, hash_bytes(b), Mention::Close));
            }
        }
        for equals in memchr_iter(b'=', &data[self.to..to]).map(|i| self.to + i) {
            let before = data[equals.saturating_sub(16)..equals].trim_ascii_end();
            if before.len() >= 8
                && before[before.len() - 8..].eq_ignore_ascii_case(b"boundary")
                && let Some(b) = declared(&data[equals + 1..data.len().min(equals + 1 + MAX_BOUNDARY + 16)])
            {
                found.push((equals, hash_bytes(b), Mention::Declaration));
            }
        }
        found.sort_unstable_by_key(|f| f.0);
        for (at, hash, mention) in found {
            self.by_boundary.entry(hash).or_default().push((at, mention));
        }
        self.to = to;
    }
}

/// Whether the header of the part at `at` says that it holds messages.
fn is_mail(data: &[u8], at: usize) -> bool {
    let mut mail = false;
    fields(data, at, b'c', |name, value| {
        let value = value.trim_ascii_start();
        let begins = |with: &[u8]| value.get(..with.len()).is_some_and(|v| v.eq_ignore_ascii_case(with));
        mail |= name.eq_ignore_ascii_case(b"content-type")
            && [&b"message/"[..], b"application/mbox", b"multipart/"].iter().any(|kind| begins(kind));
    });
    mail
}

/// Where the part begins that is open at the end of the text: behind the last delimiter line of `b`, if there is
/// one and it does not close.
fn open_part(text: &[u8], b: &[u8]) -> Option<usize> {
    let mut delimiter = Vec::with_capacity(b.len() + 3);
    delimiter.extend_from_slice(b"\n--");
    delimiter.extend_from_slice(b);
    let mut end = text.len();
    while let Some(at) = memmem::rfind(&text[..end], &delimiter) {
        let line = at + delimiter.len();
        let stop = memchr(b'\n', &text[line..]).map_or(text.len(), |n| line + n);
        match text[line..stop].trim_ascii_end() {
            b"" => return Some(text.len().min(stop + 1)),
            b"--" => return None,
            // A longer boundary that starts the same.
            _ => end = at,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_read_from_any_spelling() {
        for header in [
            "Content-Type: multipart/mixed; boundary=\"b1\"\n\n",
            "X: y\nCONTENT-TYPE: Multipart/Mixed;\r\n charset=x;\r\n\tBOUNDARY = b1\r\n\r\n",
            "Content-type:multipart/mixed; boundary=b1; x=y\n\n",
        ] {
            assert_eq!(boundary(header.as_bytes(), 0), Some(&b"b1"[..]), "{header}");
        }
        assert_eq!(boundary(b"Content-Type: text/plain; boundary=b1\n\n", 0), None);
        assert_eq!(boundary(b"\nContent-Type: multipart/mixed; boundary=b1\n\n", 0), None);
    }

    #[test]
    fn open_means_begun_and_not_closed() {
        assert_eq!(open_part(b"x\n--b\ntext", b"b"), Some(6));
        assert_eq!(open_part(b"x\n--b\r\ntext\n--bc--\n", b"b"), Some(7));
        assert_eq!(open_part(b"x\n--b", b"b"), Some(5));
        assert_eq!(open_part(b"x\n--b\ntext\n--b--\n", b"b"), None);
        assert_eq!(open_part(b"x\ntext\n", b"b"), None);
    }

    #[test]
    fn fields_end_at_the_blank_line() {
        let mut seen = Vec::new();
        let body = fields(b"Cc: a\r\n b\r\nTo: c\r\n\r\nCc: d\n", 0, b'c', |n, v| seen.push((n, v)));
        assert_eq!(body, Some(20));
        assert_eq!(seen, [(&b"Cc"[..], &b" a\r\n b\r\n"[..])]);
    }
}
