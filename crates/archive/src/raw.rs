//! One message's bytes, cut out of its source.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::{memchr, memmem};
use threadfold_core::Locator;

use crate::separator::{header_lines_at, line_end};
use crate::source::{Escape, Kind};

/// A message's bytes and where they stand.
///
/// ```
/// use threadfold_archive::{Archive, Found, Options};
/// let mbox = b"From ada@example.com Mon Jan  1 10:00:00 2024\nFrom: ada@example.com\n\nHello\n\n";
/// let archive = Archive::open_with(&["-".into()], &Options::default(), &mut &mbox[..])?;
/// for unit in archive.units(1 << 20) {
///     archive.scan(&unit, &mut |found| {
///         let Found::Message(raw) = found else { return };
///         assert_eq!(raw.bytes, b"From: ada@example.com\n\nHello\n");
///         assert_eq!(raw.separator, Some(&b"From ada@example.com Mon Jan  1 10:00:00 2024"[..]));
///     });
/// }
/// # Ok::<(), threadfold_archive::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    /// Where it stands. The offset is that of the separator line (0 in a file of one message), the length
    /// reaches up to the next message.
    pub locator: Locator,
    /// Header and body, without the separator line and without the blank line that the mbox format adds
    /// after a message. Still escaped: see [`unescape`].
    pub bytes: &'a [u8],
    /// The `From ` line without its line end, where there is one.
    pub separator: Option<&'a [u8]>,
    /// What to undo in the body.
    pub escape: Escape,
    /// The file says that the message goes on (an `.emlx` file's length line), and ends before that.
    pub cut_short: bool,
}

/// What a scan meets.
///
/// ```
/// use threadfold_archive::Found;
/// fn count(found: &Found<'_>) -> usize {
///     match found { Found::Message(_) => 1, Found::Failed { .. } => 0 }
/// }
/// ```
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// A message.
    Message(Raw<'a>),
    /// Something that should be a message and could not be read.
    Failed {
        /// Where it stands.
        locator: Locator,
        /// Why, in one line.
        reason: String,
    },
}

/// Cuts a message of an mbox, MMDF or single-message source. A function of the slice alone, so that reading
/// a message later by its locator gives exactly what the scan gave.
pub(crate) fn cut(kind: Kind, slice: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    match kind {
        Kind::Mbox(_) => {
            let (separator, rest) = without_separator(slice);
            Some((separator, without_trailing_blank(rest)))
        }
        Kind::Mmdf => {
            // From the line of control-A up to the next one, or whatever follows the message.
            let rest = &slice[line_end(slice, 0).1..];
            let end = memmem::find(rest, b"\n\x01\x01\x01\x01").map_or(rest.len(), |n| n + 1);
            Some(without_separator(&rest[..end]))
        }
        Kind::Maildir | Kind::Eml => {
            let rest = slice.strip_prefix(b"\xef\xbb\xbf").unwrap_or(slice);
            let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            Some(without_separator(&rest[blank..]))
        }
        Kind::Emlx => emlx(slice).map(|bytes| (None, bytes)),
    }
}

/// Splits off the `From ` line. The `>From ` lines that some exports and every UUCP hop put behind it
/// belong to the separator, not to the header; so does a blank line with a header block behind it.
fn without_separator(slice: &[u8]) -> (Option<&[u8]>, &[u8]) {
    if !slice.starts_with(b"From ") {
        return (None, slice);
    }
    let (text, mut at) = line_end(slice, 0);
    let separator = Some(&slice[..text]);
    while slice[at..].starts_with(b">From ") {
        at = line_end(slice, at).1;
    }
    let blank = slice[at..].iter().take(16).take_while(|b| matches!(b, b'\r' | b'\n')).count();
    if blank > 0 && header_lines_at(slice, at + blank).known >= 2 {
        at += blank;
    }
    (separator, &slice[at..])
}

fn without_trailing_blank(bytes: &[u8]) -> &[u8] {
    for (ends, drop) in [(&b"\n\r\n"[..], 2), (&b"\n\n"[..], 1)] {
        if bytes.ends_with(ends) {
            return &bytes[..bytes.len() - drop];
        }
    }
    bytes
}

/// Whether an `.emlx` file ends before its message does.
pub(crate) fn emlx_ends_early(slice: &[u8]) -> bool {
    emlx_length(slice).is_some_and(|(at, len)| {
        let rest = &slice[at..];
        len.is_none_or(|len| len > rest.len()) && memmem::rfind(rest, b"<?xml ").is_none()
    })
}

/// The message between the length line and the property list of an `.emlx` file. A length that does not
/// fit gives way to where the property list starts.
fn emlx(slice: &[u8]) -> Option<&[u8]> {
    let (at, len) = emlx_length(slice)?;
    let rest = &slice[at..];
    if let Some(len) = len.filter(|&n| n <= rest.len()) {
        return Some(&rest[..len]);
    }
    Some(&rest[..memmem::rfind(rest, b"<?xml ").unwrap_or(rest.len())])
}

/// Where the message of an `.emlx` file begins, and how long its length line says it is.
fn emlx_length(slice: &[u8]) -> Option<(usize, Option<usize>)> {
    let line = memchr(b'\n', &slice[..slice.len().min(64)])?;
    let digits = slice[..line].trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some((line + 1, std::str::from_utf8(digits).ok()?.parse().ok()))
}

/// Undoes the escaping of body lines that start with `From `. Borrows when there is nothing to undo.
///
/// With [`Escape::Mboxrd`] every line of one or more `>` and `From ` loses one `>`. [`Escape::Mboxo`] cannot
/// be undone with certainty, because a quoted line (`>From now on …`) looks just like an escaped one: a line
/// `>From ` loses its `>` unless it stands among quoted lines (the line before starts with `>`, or the line
/// after does and this one does not end in `:` as an attribution would).
///
/// ```
/// use threadfold_archive::{Escape, unescape};
/// let mail = b"Hello\n\n>From now on it works.\n";
/// assert_eq!(&*unescape(mail, Escape::Mboxo), b"Hello\n\nFrom now on it works.\n");
/// let quote = b"> so\n>From now on\n> it works\n";
/// assert_eq!(&*unescape(quote, Escape::Mboxo), quote);
/// ```
pub fn unescape(bytes: &[u8], escape: Escape) -> Cow<'_, [u8]> {
    // One byte is found several times as fast as six, and much text has not even that.
    let first = if escape == Escape::None { None } else { memchr(b'>', bytes) };
    let Some(first) = first else { return Cow::Borrowed(bytes) };
    let mut out = Vec::new();
    let mut copied = 0;
    for hit in escaped_lines_from(bytes, first) {
        let undo = match escape {
            Escape::None => false,
            Escape::Mboxrd => true,
            Escape::Mboxo => hit.depth == 1 && !hit.quoted,
        };
        if undo {
            out.extend_from_slice(&bytes[copied..hit.line]);
            copied = hit.line + 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(&bytes[copied..]);
    Cow::Owned(out)
}

/// A line of one or more `>` followed by `From `.
pub(crate) struct EscapedLine {
    pub(crate) line: usize,
    pub(crate) depth: usize,
    /// It stands among quoted lines.
    pub(crate) quoted: bool,
    /// How many `>` start the quoted line next to it, where no space follows them.
    pub(crate) beside: Option<usize>,
}

/// The depth of a quoted line whose writer puts no space behind `>`.
fn tight_depth(line: &[u8]) -> Option<usize> {
    let depth = line.iter().take_while(|b| **b == b'>').count();
    let tight = depth > 0 && line.get(depth).is_some_and(|b| b.is_ascii_alphanumeric());
    (tight && !line[depth..].starts_with(b"From ")).then_some(depth)
}

static FROM: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b">From "));

pub(crate) fn escaped_lines(bytes: &[u8]) -> impl Iterator<Item = EscapedLine> + '_ {
    escaped_lines_from(bytes, 0)
}

/// The same where no `>` stands before `from`.
fn escaped_lines_from(bytes: &[u8], from: usize) -> impl Iterator<Item = EscapedLine> + '_ {
    // Escaped lines may follow each other: the second is in a quote if the first one is.
    let mut last = (usize::MAX, false);
    FROM.find_iter(bytes.get(from..).unwrap_or_default()).filter_map(move |at| {
        let at = from + at;
        let mut line = at;
        while line > 0 && bytes[line - 1] == b'>' {
            line -= 1;
        }
        if line > 0 && bytes[line - 1] != b'\n' {
            return None;
        }
        // Only the first bytes of the line before matter, and a long line is no quoted text.
        let window = &bytes[line.saturating_sub(1000)..line.saturating_sub(1)];
        let previous = match memchr::memrchr(b'\n', window) {
            Some(i) => &window[i + 1..],
            None if line <= 1000 => window,
            None => &[],
        };
        let before = if last.0 == line { last.1 } else { previous.starts_with(b">") };
        let (text, next) = line_end(bytes, at);
        let after = bytes.get(next) == Some(&b'>')
            && !bytes[at..text].trim_ascii_end().ends_with(b":")
            && !bytes[next..].starts_with(b">From ");
        last = (next, before || after);
        let beside = tight_depth(previous).or_else(|| tight_depth(&bytes[next..]));
        Some(EscapedLine { line, depth: at - line + 1, quoted: before || after, beside })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(text: &str, escape: Escape) -> String {
        String::from_utf8(unescape(text.as_bytes(), escape).into_owned()).unwrap()
    }

    #[test]
    fn mboxrd_takes_one_from_every_depth() {
        let text = ">From a\n>>From b\n > From c\n>From: d\nx>From e\n>>>From f";
        assert_eq!(undone(text, Escape::Mboxrd), "From a\n>From b\n > From c\n>From: d\nx>From e\n>>From f");
    }

    #[test]
    fn mboxo_leaves_quoted_lines_alone() {
        for same in ["> a\n>From b\n\n", ">From b\n> c\n", "x\r\n> a\r\n>From b\r\n", ">>From b\n"] {
            assert_eq!(undone(same, Escape::Mboxo), same);
        }
        assert_eq!(undone(">From a\n>From b\n", Escape::Mboxo), "From a\nFrom b\n");
        assert_eq!(undone("> a\n>From b\n>From c\n", Escape::Mboxo), "> a\n>From b\n>From c\n");
        assert_eq!(undone(">From what you say:\n> c\n", Escape::Mboxo), "From what you say:\n> c\n");
        assert_eq!(undone("a\r\n>From b\r\nc", Escape::Mboxo), "a\r\nFrom b\r\nc");
    }

    #[test]
    fn nothing_to_undo_is_borrowed() {
        for e in [Escape::None, Escape::Mboxo, Escape::Mboxrd] {
            assert!(matches!(unescape(b"> From x\n From y\nabc", e), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn emlx_by_length_else_by_property_list() {
        assert_eq!(emlx(b"5  \nA: b\n<?xml version"), Some(&b"A: b\n"[..]));
        assert_eq!(emlx(b"9999\nA: b\n<?xml version"), Some(&b"A: b\n"[..]));
        assert_eq!(emlx(b"A: b\n\nbody"), None);
        assert!(emlx_ends_early(b"9999\nA: b\n\nbody"));
        assert!(!emlx_ends_early(b"9999\nA: b\n<?xml version"));
        assert!(!emlx_ends_early(b"5\nA: b\n"));
    }

    #[test]
    fn one_blank_line_belongs_to_the_format() {
        assert_eq!(without_trailing_blank(b"a\n\n\n"), b"a\n\n");
        assert_eq!(without_trailing_blank(b"a\r\n\r\n"), b"a\r\n");
        assert_eq!(without_trailing_blank(b"a\n"), b"a\n");
        assert_eq!(without_trailing_blank(b"a"), b"a");
    }
}
