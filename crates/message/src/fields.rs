//! The header block as it lies in memory: one field after the other, still folded, nothing decoded.
//!
//! Where fields end is found for hundreds of bytes at a time, whatever lines they are folded into. The block ends at
//! the first empty line, or, in messages that lost it, at the first line that cannot be a field.

use crate::ends::Ends;
use crate::words::{decode_words, unfold};
use memchr::{memchr, memchr2};
use std::borrow::Cow;
use threadfold_core::wide;

/// How many bytes at the start of a line may be a field's name: printable ASCII but the colon.
#[inline]
fn name_len(line: &[u8]) -> usize {
    let mut at = 0;
    while let Some(text) = line[at..].first_chunk() {
        let len = wide::name_len(text);
        at += len;
        if len < text.len() {
            return at;
        }
    }
    at + line[at..].iter().position(|b| !matches!(b, 33..=126) || *b == b':').unwrap_or(line.len() - at)
}

/// A field's name as spelled, and what stands behind its colon. Most fields of a mail are of no interest, so the
/// value is trimmed for whoever asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a [u8],
    raw: &'a [u8],
    /// Offset of `raw` in the text that is read.
    raw_at: usize,
}

impl<'a> Field<'a> {
    /// Its value with the folds still in it, trimmed.
    #[inline]
    pub(crate) fn value(&self) -> &'a [u8] {
        // Nearly all have one space before them and nothing behind.
        match self.raw {
            [b' ', value @ ..] if value.first() > Some(&b' ') && value.last() > Some(&b' ') => value,
            raw => raw.trim_ascii(),
        }
    }

    /// Offset of the value in the text that is read.
    pub(crate) fn at(&self) -> usize {
        self.raw_at + self.raw.len() - self.raw.trim_ascii_start().len()
    }
}

/// Walks over the fields of a block; afterwards `body` says where the body starts.
pub(crate) struct Fields<'a> {
    text: &'a [u8],
    at: usize,
    eol: u8,
    done: bool,
    pub(crate) body: usize,
    pub(crate) count: usize,
    /// Lines that are no fields stood in the block, or the empty line at its end is missing.
    pub(crate) odd: bool,
    ends: Ends,
}

impl<'a> Fields<'a> {
    /// The fields of a whole message: tolerates a byte order mark, separator lines (`From `, `>From `)
    /// and empty lines at the top.
    pub(crate) fn of_message(text: &'a [u8]) -> Self {
        let mut fields = Fields::of_part(text);
        fields.eol = line_end_byte(text);
        let mut at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        loop {
            let rest = &text[at..];
            let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            if blank > 0 && fields.field_at(at + blank).is_some() {
                at += blank;
            } else if rest.starts_with(b"From ") || rest.starts_with(b">From ") {
                at = (fields.end_of_line(at) + 1).min(text.len());
            } else {
                break;
            }
        }
        fields.at = at;
        fields
    }

    /// The fields of a body part, whose first line is its first field or the empty line.
    pub(crate) fn of_part(text: &'a [u8]) -> Self {
        Fields { text, at: 0, eol: b'\n', done: false, body: 0, count: 0, odd: false, ends: Ends::default() }
    }

    #[inline]
    fn end_of_line(&self, at: usize) -> usize {
        find_near(self.eol, &self.text[at..]).map_or(self.text.len(), |i| at + i)
    }

    fn field_at(&self, at: usize) -> Option<(usize, usize)> {
        field_at(self.text, at)
    }
}

/// Length of the field name at a line's start, and the offset behind its colon.
pub(crate) fn field_at(text: &[u8], at: usize) -> Option<(usize, usize)> {
    // RFC 5322 caps a line at 998; a name of more than 76 bytes is somebody's prose.
    let window = &text[at.min(text.len())..text.len().min(at + 77)];
    let i = name_len(window);
    if i == 0 {
        return None;
    }
    match window.get(i)? {
        b':' => return Some((i, at + i + 1)),
        b' ' => {}
        _ => return None,
    }
    let name = &window[..i];
    // "Subject : text" is the obsolete syntax of RFC 5322 section 4.5; only for names we know.
    let spaces = window[i..].iter().take_while(|b| **b == b' ').count();
    (window.get(i + spaces) == Some(&b':') && is_known(name)).then_some((i, at + i + spaces + 1))
}

/// The same of a field with a short name that a colon ends, as most are; nothing is said of others.
#[inline(always)]
fn short_field_at(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = text.get(at..)?.first_chunk::<17>()?;
    let len = wide::name_len(start.first_chunk()?);
    (len > 0 && start[len] == b':').then_some((len, at + len + 1))
}

/// What stands at a line's start.
enum Line {
    /// A field: the length of its name, the offset behind its colon.
    Field(usize, usize),
    /// None, but the block goes on.
    Odd,
    /// The end of the block.
    End,
}

impl Fields<'_> {
    /// What stands at `start`, where that is not as plain as with most fields.
    #[inline(never)]
    fn line_at(&mut self, start: usize) -> Line {
        let Some(&first) = self.text.get(start) else { return self.finish(self.text.len()) };
        if first == self.eol {
            return self.finish(start + 1);
        }
        if first == b'\r' {
            let end = self.end_of_line(start);
            if self.text[start..end].iter().all(|b| *b == b'\r') {
                return self.finish((end + 1).min(self.text.len()));
            }
        }
        if let Some((name_len, value_at)) = self.field_at(start) {
            return Line::Field(name_len, value_at);
        }
        self.odd = true;
        let end = self.end_of_line(start);
        let next = (end + 1).min(self.text.len());
        // A fold that lost its indent, or an indented first line: the block goes on if the very
        // next line is plainly a field. Otherwise the empty line is what got lost. So it is above a
        // multipart's first delimiter, whose part has fields of its own.
        let delimiter = self.text[start..end].starts_with(b"--");
        let indented = matches!(first, b' ' | b'\t');
        let goes_on = self
            .field_at(next)
            .is_some_and(|(n, _)| indented && self.count == 0 || is_known(&self.text[next..next + n]));
        if goes_on && !delimiter {
            self.at = next;
            return Line::Odd;
        }
        self.finish(start)
    }

    fn finish(&mut self, body: usize) -> Line {
        self.done = true;
        self.body = body;
        Line::End
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    #[inline]
    fn next(&mut self) -> Option<Field<'a>> {
        while !self.done {
            let start = self.at;
            let (name_len, value_at) = match short_field_at(self.text, start) {
                Some(found) => found,
                None => match self.line_at(start) {
                    Line::Field(name_len, value_at) => (name_len, value_at),
                    Line::Odd => continue,
                    Line::End => break,
                },
            };
            let end = self.ends.of_field(self.text, self.eol, start);
            self.at = (end + 1).min(self.text.len());
            self.count += 1;
            let raw_at = value_at.min(end);
            return Some(Field {
                name: &self.text[start..start + name_len],
                raw: &self.text[raw_at..end],
                raw_at,
            });
        }
        None
    }
}

/// As `memchr`, for bytes that are near: `memchr` finds out at run time how wide the machine's registers are, and
/// that call costs as much as the search of a short line.
#[inline]
pub(crate) fn find_near(byte: u8, text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(one) = memchr::arch::x86_64::sse2::memchr::One::new(byte) {
        return one.find(text);
    }
    memchr(byte, text)
}

/// Whether a field's name is this one, which is spelled in small letters and dashes. In a name nothing else becomes a
/// letter or a dash by this bit.
#[inline]
pub(crate) fn same_name(name: &[u8], known: &[u8]) -> bool {
    name.len() == known.len() && name.iter().zip(known).fold(true, |same, (a, b)| same & (a | 32 == *b))
}

/// True if a line is a field by a name that no prose starts with.
pub(crate) fn is_plainly_a_field(line: &[u8]) -> bool {
    field_at(line, 0).is_some_and(|(n, _)| {
        let name = &line[..n];
        is_known(name) || memchr(b'-', name).is_some_and(|i| i > 0)
    })
}

/// Names so common that a line starting with one is a header even where none was expected.
fn is_known(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 17] = [
        b"from",
        b"to",
        b"cc",
        b"bcc",
        b"subject",
        b"date",
        b"message-id",
        b"reply-to",
        b"sender",
        b"received",
        b"return-path",
        b"mime-version",
        b"content-type",
        b"content-transfer-encoding",
        b"content-disposition",
        b"in-reply-to",
        b"references",
    ];
    NAMES.iter().any(|n| name.eq_ignore_ascii_case(n))
}

/// `\n`, or `\r` in the mail of old Macs, which has no `\n` at all.
pub(crate) fn line_end_byte(text: &[u8]) -> u8 {
    match memchr2(b'\n', b'\r', text) {
        Some(i)
            if text[i] == b'\r' && text.get(i + 1) != Some(&b'\n') && memchr(b'\n', &text[i..]).is_none() =>
        {
            b'\r'
        }
        _ => b'\n',
    }
}

/// The header block (without the empty line) and the body behind it.
///
/// Where no header can be made out the head is empty and all of the message is body. A message that lost
/// the empty line is cut before the first line that can be no header.
///
/// ```
/// let (head, body) = threadfold_message::head_and_body(b"Subject: hi\r\n\r\nHello\r\n");
/// assert_eq!((head, body), (&b"Subject: hi\r\n"[..], &b"Hello\r\n"[..]));
/// ```
pub fn head_and_body(message: &[u8]) -> (&[u8], &[u8]) {
    let mut fields = Fields::of_message(message);
    let mut head = 0;
    while fields.next().is_some() {
        head = fields.at;
    }
    if fields.count == 0 {
        return (&[], message);
    }
    (&message[..head], &message[fields.body..])
}

/// Every header field in order: its name as spelled and its value unfolded (RFC 5322 section 2.2.3), not
/// decoded.
///
/// ```
/// let all: Vec<_> = threadfold_message::headers(b"To: a,\n b\nX-Y: 1\n\nbody").collect();
/// assert_eq!(all[0], (&b"To"[..], b"a, b"[..].into()));
/// assert_eq!(all[1].0, b"X-Y");
/// ```
pub fn headers<'a>(message: &'a [u8]) -> impl Iterator<Item = (&'a [u8], Cow<'a, [u8]>)> {
    Fields::of_message(message).map(|f| (f.name, unfold(f.value())))
}

/// The decoded value of the first field of that name (in any letter case).
///
/// ```
/// let mail = b"subject: =?iso-8859-1?q?caf=E9?=\n\n";
/// assert_eq!(threadfold_message::header(mail, "Subject").as_deref(), Some("café"));
/// ```
pub fn header(message: &[u8], name: &str) -> Option<String> {
    let [value] = header_values(message, [name]);
    value
}

/// The same for several names, in one walk over the block.
///
/// ```
/// let mail = b"To: a@example.org\nCc: b@example.org\nTo: c@example.org\n\n";
/// let [cc, to, from] = threadfold_message::header_values(mail, ["Cc", "To", "From"]);
/// assert_eq!((cc.as_deref(), to.as_deref(), from), (Some("b@example.org"), Some("a@example.org"), None));
/// ```
pub fn header_values<const N: usize>(message: &[u8], names: [&str; N]) -> [Option<String>; N] {
    let mut values = [const { None }; N];
    // Most fields are told by the lengths of their names to be none of them.
    let bit = |name: &[u8]| 1_u64 << name.len().min(63);
    let lengths = names.iter().fold(0, |all, name| all | bit(name.as_bytes()));
    let mut missing = N;
    for field in Fields::of_message(message) {
        if lengths & bit(field.name) == 0 {
            continue;
        }
        for (name, value) in names.iter().zip(&mut values) {
            if value.is_none() && field.name.eq_ignore_ascii_case(name.as_bytes()) {
                *value = Some(decode_words(field.value()).trim().to_owned());
                missing -= 1;
            }
        }
        if missing == 0 {
            break;
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &[u8]) -> (Vec<String>, usize, bool) {
        let mut fields = Fields::of_message(text);
        let mut found = Vec::new();
        for f in fields.by_ref() {
            found.push(format!(
                "{}={}",
                String::from_utf8_lossy(f.name),
                String::from_utf8_lossy(&unfold(f.value()))
            ));
        }
        (found, fields.body, fields.odd)
    }

    type Case = (&'static [u8], &'static [&'static str], &'static [u8], bool);

    #[test]
    fn damage_around_the_block_is_survived() {
        let cases: [Case; 10] = [
            (b"A: 1\nB: 2\n 3\n\nbody", &["A=1", "B=2 3"], b"body", false),
            (b"A: 1\r\nB: 2\r\n\r\nbody", &["A=1", "B=2"], b"body", false),
            (b"A: 1\rB: 2\r\rbody\rx", &["A=1", "B=2"], b"body\rx", false),
            (b"\xef\xbb\xbfA: 1\n\nbody", &["A=1"], b"body", false),
            (b"From a@b Mon\n>From - x\nA: 1\n\nbody", &["A=1"], b"body", false),
            (b"\n\nA: 1\n\nbody", &["A=1"], b"body", false),
            (b" lead\nA: 1\n\nbody", &["A=1"], b"body", true),
            (b"A: 1\nHello there\nyou\n", &["A=1"], b"Hello there\nyou\n", true),
            (b"A: 1\nlost fold\nSubject : x\n\nbody", &["A=1", "Subject=x"], b"body", true),
            (b"A: 1\nB: 2", &["A=1", "B=2"], b"", false),
        ];
        for (text, want, body, odd) in cases {
            let (got, at, is_odd) = names(text);
            assert_eq!(got, want, "{text:?}");
            assert_eq!(&text[at..], body, "{text:?}");
            assert_eq!(is_odd, odd, "{text:?}");
        }
    }

    #[test]
    fn a_name_ends_at_the_first_byte_that_is_none_of_its() {
        for len in 0..20 {
            for byte in 0..=255u8 {
                for at in 0..len {
                    let mut line = vec![b'x'; len];
                    line[at] = byte;
                    let stops = !(33..127).contains(&byte) || byte == b':';
                    assert_eq!(name_len(&line), if stops { at } else { len }, "{byte} at {at} of {len}");
                    line[0] = b'~';
                    line[len - 1] = b'!';
                    let stops = stops && at > 0 && at < len - 1;
                    assert_eq!(name_len(&line), if stops { at } else { len }, "{byte} at {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn a_text_without_headers_is_all_body() {
        assert_eq!(head_and_body(b"Hello there\n"), (&b""[..], &b"Hello there\n"[..]));
        assert_eq!(head_and_body(b""), (&b""[..], &b""[..]));
    }
}
