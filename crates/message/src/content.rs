//! The `Content-` fields of a message or a part: type, encoding, disposition and their parameters
//! (RFC 2045 section 5, RFC 2183, RFC 2231).

use crate::charset;
use crate::ends::Ends;
use crate::fields::{self, Fields};
use crate::plain;
use crate::words::decode_words;
use memchr::memchr;
use std::borrow::Cow;

/// How a part is encoded for transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// 7bit, 8bit, binary, or nothing said.
    #[default]
    Identity,
    QuotedPrintable,
    Base64,
    Unknown,
}

/// The fields, still as they stand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Content<'a> {
    /// Main type, as spelled; empty if there is no usable Content-Type.
    pub(crate) main: &'a [u8],
    pub(crate) sub: &'a [u8],
    /// What follows the type.
    pub(crate) params: &'a [u8],
    pub(crate) encoding: Encoding,
    pub(crate) disposition: &'a [u8],
    pub(crate) disposition_params: &'a [u8],
}

impl<'a> Content<'a> {
    /// Takes in one field; true if it was a content field.
    #[inline]
    pub(crate) fn field(&mut self, name: &[u8], value: &'a [u8], seen: &mut u8) -> bool {
        let bit = match name.len() {
            12 if fields::same_name(name, b"content-type") => 1,
            25 if fields::same_name(name, b"content-transfer-encoding") => 2,
            19 if fields::same_name(name, b"content-disposition") => 4,
            _ => return false,
        };
        // The first of several counts.
        if *seen & bit != 0 {
            return true;
        }
        *seen |= bit;
        match bit {
            1 => self.set_type(value),
            2 => self.encoding = encoding_of(value),
            _ => (self.disposition, self.disposition_params) = token(value),
        }
        true
    }

    pub(crate) fn set_type(&mut self, value: &'a [u8]) {
        let (kind, params) = token(value);
        if let Some(slash) = memchr(b'/', kind) {
            (self.main, self.sub, self.params) = (&kind[..slash], &kind[slash + 1..], params);
        } else {
            self.params = params;
        }
    }

    pub(crate) fn is(&self, main: &str, sub: &str) -> bool {
        self.main.eq_ignore_ascii_case(main.as_bytes()) && self.sub.eq_ignore_ascii_case(sub.as_bytes())
    }

    pub(crate) fn is_multipart(&self) -> bool {
        self.main.eq_ignore_ascii_case(b"multipart")
    }

    pub(crate) fn param(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        param(self.params, name).map(|p| p.raw)
    }

    pub(crate) fn param_is(&self, name: &str, value: &str) -> bool {
        !self.params.is_empty() && self.param(name).is_some_and(|v| v.eq_ignore_ascii_case(value.as_bytes()))
    }

    /// `main/sub` in lower case, `text/plain` where nothing was said.
    pub(crate) fn mime(&self) -> String {
        if self.main.is_empty() {
            return "text/plain".to_owned();
        }
        let mut mime = String::from_utf8_lossy(self.main).to_ascii_lowercase();
        mime.push('/');
        mime.push_str(&String::from_utf8_lossy(self.sub).to_ascii_lowercase());
        mime
    }

    /// The file's name, decoded: RFC 2231, encoded words inside quotes, or raw bytes.
    pub(crate) fn file_name(&self) -> Option<String> {
        let found = param(self.disposition_params, "filename").or_else(|| param(self.params, "name"))?;
        let name = match found.charset {
            Some(label) => charset::decode(&found.raw, Some(&label)).0.into_owned(),
            None => decode_words(&found.raw).into_owned(),
        };
        Some(name.chars().filter(|c| !c.is_control()).collect())
    }

    pub(crate) fn has_file_name(&self) -> bool {
        param(self.disposition_params, "filename").is_some() || param(self.params, "name").is_some()
    }
}

fn encoding_of(value: &[u8]) -> Encoding {
    let value = value.trim_ascii();
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let end = value
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')))
        .unwrap_or(value.len());
    let name = &value[..end];
    let is = |n: &[u8]| name.eq_ignore_ascii_case(n);
    if is(b"quoted-printable") || is(b"quoted_printable") || is(b"quotedprintable") {
        Encoding::QuotedPrintable
    } else if is(b"base64") || is(b"base-64") {
        Encoding::Base64
    } else if is(b"7bit")
        || is(b"8bit")
        || is(b"binary")
        || name.is_empty()
        || is(b"7-bit")
        || is(b"8-bit")
        || is(b"none")
    {
        Encoding::Identity
    } else {
        Encoding::Unknown
    }
}

/// The bytes that a value's first word ends at.
static ENDS_TOKEN: [bool; 256] = {
    let mut ends = [false; 256];
    let bytes = b" \t\n\x0c\r;\"(,";
    let mut i = 0;
    while i < bytes.len() {
        ends[bytes[i] as usize] = true;
        i += 1;
    }
    ends
};

/// The first word of a value and what follows it.
fn token(value: &[u8]) -> (&[u8], &[u8]) {
    let value = value.trim_ascii_start();
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let end = value.iter().position(|b| ENDS_TOKEN[usize::from(*b)]).unwrap_or(value.len());
    (&value[..end], &value[end..])
}

/// A parameter's value, with the charset that RFC 2231 lets it name.
#[derive(Debug)]
struct Param<'a> {
    raw: Cow<'a, [u8]>,
    charset: Option<Vec<u8>>,
}

/// The value of the parameter `name`, of four letters or more: quoted or not, whole or in RFC 2231 pieces (in any order),
/// percent-encoded pieces decoded.
fn param<'a>(params: &'a [u8], name: &str) -> Option<Param<'a>> {
    // Far beyond any real value; keeps unclosed comments and quotes from costing a square.
    let params = &params[..params.len().min(8192)];
    // Easy to see, before the walk: most parts have none of the parameters asked for.
    if params.len() <= name.len() || !plain::holds(params, name.as_bytes().first_chunk()?) {
        return None;
    }
    let mut plain: Option<Cow<'a, [u8]>> = None;
    let mut pieces: Vec<(u32, bool, Cow<'a, [u8]>)> = Vec::new();
    let mut at = 0;
    while at < params.len() {
        let b = params[at];
        if b.is_ascii_whitespace() || matches!(b, b';' | b',' | b'"') {
            at += 1;
            continue;
        }
        if b == b'(' {
            at += memchr(b')', &params[at..]).map_or(1, |i| i + 1);
            continue;
        }
        let len = params[at..]
            .iter()
            .position(|b| matches!(b, b'=' | b';') || b.is_ascii_whitespace())
            .unwrap_or(params.len() - at);
        let key = &params[at..at + len];
        at += len;
        let spaces = params[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        if params.get(at + spaces) != Some(&b'=') {
            continue;
        }
        at += spaces + 1;
        at += params[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let (value, after) = param_value(params, at);
        at = after;
        if key.len() < name.len() || !key[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
            continue;
        }
        let extra = &key[name.len()..];
        if extra.is_empty() {
            plain.get_or_insert(value);
        } else if let Some(rest) = extra.strip_prefix(b"*") {
            let encoded = rest.is_empty() || rest.ends_with(b"*");
            let number = rest.strip_suffix(b"*").unwrap_or(rest);
            let n = std::str::from_utf8(number).ok().and_then(|n| n.parse().ok()).unwrap_or(0);
            if pieces.len() < 1000 {
                pieces.push((n, encoded, value));
            }
        }
    }
    if pieces.is_empty() {
        return plain.map(|raw| Param { raw, charset: None });
    }
    pieces.sort_by_key(|p| p.0);
    let mut raw = Vec::new();
    let mut charset = None;
    for (i, (_, encoded, value)) in pieces.iter().enumerate() {
        let mut text = &value[..];
        if *encoded {
            if i == 0
                && let Some(q) = memchr(b'\'', text)
                && let Some(q2) = memchr(b'\'', &text[q + 1..])
            {
                charset = Some(text[..q].to_vec());
                text = &text[q + q2 + 2..];
            }
            percent(text, &mut raw);
        } else {
            raw.extend_from_slice(text);
        }
    }
    Some(Param { raw: Cow::Owned(raw), charset })
}

/// The value at `at`, and the offset behind it.
fn param_value(params: &[u8], at: usize) -> (Cow<'_, [u8]>, usize) {
    let rest = &params[at..];
    let Some(inner) = rest.strip_prefix(b"\"") else {
        // Unquoted values with spaces in them occur in file names; they run to the semicolon. But
        // "charset=utf-8 format=flowed" has lost a semicolon, not its quotes.
        let end = memchr(b';', rest).unwrap_or(rest.len());
        let end = match rest[..end].iter().position(u8::is_ascii_whitespace) {
            Some(s) if memchr(b'=', &rest[s..end]).is_some() || rest[s..end].contains(&b'(') => s,
            _ => end,
        };
        return (Cow::Borrowed(rest[..end].trim_ascii()), at + end);
    };
    let end = memchr(b'"', inner).unwrap_or(inner.len());
    if memchr(b'\\', &inner[..end]).is_none() && memchr(b'\n', &inner[..end]).is_none() {
        return (Cow::Borrowed(&inner[..end]), (at + 1 + end + 1).min(params.len()));
    }
    let mut value = Vec::new();
    let mut i = 0;
    while let Some(&b) = inner.get(i) {
        match b {
            b'"' => break,
            b'\\' if inner.get(i + 1).is_some_and(|n| matches!(n, b'"' | b'\\')) => {
                value.push(inner[i + 1]);
                i += 1;
            }
            b'\r' | b'\n' => {}
            _ => value.push(b),
        }
        i += 1;
    }
    (Cow::Owned(value), (at + 1 + i + 1).min(params.len()))
}

fn percent(text: &[u8], out: &mut Vec<u8>) {
    let hex = |b: u8| char::from(b).to_digit(16);
    let mut at = 0;
    while at < text.len() {
        if let [b'%', a, b, ..] = text[at..]
            && let (Some(high), Some(low)) = (hex(a), hex(b))
        {
            out.push((high << 4 | low) as u8);
            at += 3;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
}

/// The content fields of a whole message; as [`read`], but where the header block is as it should be, as nearly all
/// are, only the lines that start with a C are looked at.
///
/// The empty line may be lost and the first empty line be one of the text. Then the line before that is
/// prose; so the block counts as whole only if its first line is a field and its last one is a field of a
/// name that prose has not: a known one, or one with a dash.
pub(crate) fn read_message(message: &[u8]) -> (Content<'_>, usize, bool, usize) {
    read_whole(message).unwrap_or_else(|| read(Fields::of_message(message)))
}

fn read_whole(message: &[u8]) -> Option<(Content<'_>, usize, bool, usize)> {
    const EOL: u8 = b'\n';
    fields::field_at(message, 0)?;
    let mut ends = Ends::default();
    let crlf = message[..ends.before(message, EOL, 0, |_| true)?].ends_with(b"\r");
    // Of the lines those matter that start with a C, a dash or a line end; a few others come along.
    let telling = |first: Option<&u8>| first.is_none_or(|b| matches!(b | 32, b'c' | b'-' | b'*'));
    let mut content = Content::default();
    let mut seen = 0;
    let mut dashes = false;
    let mut line = 0;
    let (end, body) = loop {
        match message.get(line)? {
            b'\n' if !crlf => break (line - 1, line + 1),
            b'\r' if crlf && message[..line].ends_with(b"\r\n") && message.get(line + 1) == Some(&b'\n') => {
                break (line - 2, line + 2);
            }
            b'C' | b'c' => {
                if let Some((len, value)) = fields::field_at(message, line) {
                    // The lines of the field are still to come.
                    let mut ahead = ends;
                    let end = ahead.of_field(message, EOL, line);
                    let value = message[value.min(end)..end].trim_ascii();
                    content.field(&message[line..line + len], value, &mut seen);
                }
            }
            b'-' => dashes |= line > 0 && message[line..].starts_with(b"--"),
            _ => {}
        }
        line = ends.before(message, EOL, line, telling)? + 1;
    };
    // Where the last field starts.
    let mut field = end;
    while field > 0 {
        field = memchr::memrchr(b'\n', &message[..field]).map_or(0, |i| i + 1);
        if !matches!(message[field], b' ' | b'\t') {
            break;
        }
        field = field.saturating_sub(1);
    }
    // The empty line may be the first part's, and the message's own be lost.
    (fields::is_plainly_a_field(&message[field..end]) && !(dashes && content.is_multipart()))
        .then_some((content, body, false, 1))
}

/// Reads the content fields of a header block; the offset of the body and whether the block is odd.
pub(crate) fn read<'a>(mut fields: Fields<'a>) -> (Content<'a>, usize, bool, usize) {
    let mut content = Content::default();
    let mut seen = 0;
    for f in fields.by_ref() {
        if matches!(f.name[0], b'C' | b'c') {
            content.field(f.name, f.value(), &mut seen);
        }
    }
    (content, fields.body, fields.odd, fields.count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_finds_what_the_long_way_finds() {
        for message in [
            "A-B: 1\nContent-Type: text/html\ncontent-transfer-encoding: base64\nX-Y: 2\n\nbody\n\nmore",
            "Content-Type: text/html\r\nX-Y: 2\r\n z\r\n\r\nbody\n\nmore",
            "content-type: text/html\nContent-Type: text/plain\nTo: x\n\nbody",
            "A: 1\nTo: x\nprose without a header\nand more: of it\n\nbody",
            "A: 1\nTo: x\nprose\n\nbody",
            "To: x\nContent-Type: multipart/mixed; boundary=b\n--b\nContent-Type: text/html\n\nbody",
            "A: 1\nB: x\n\nbody",
            "\nA: 1\nTo: x\n\nbody",
            " A: 1\nTo: x\n\nbody",
            "prose\n\nTo: x\n\nbody",
            "To: x\n\n",
            "To: x\n",
        ] {
            let (short, long) =
                (read_message(message.as_bytes()), read(Fields::of_message(message.as_bytes())));
            assert_eq!(
                format!("{:?}", (short.0, short.1, short.2)),
                format!("{:?}", (long.0, long.1, long.2)),
                "{message:?}"
            );
            assert_eq!(short.3 == 0, long.3 == 0);
        }
    }

    fn content<'a>(kind: &'a str, disposition: &'a str) -> Content<'a> {
        let mut content = Content::default();
        let mut seen = 0;
        content.field(b"Content-Type", kind.as_bytes(), &mut seen);
        content.field(b"Content-Disposition", disposition.as_bytes(), &mut seen);
        content
    }

    #[test]
    fn parameters_in_every_dress() {
        for (value, want) in [
            ("text/plain; charset=utf-8", "utf-8"),
            ("text/plain; charset=\"utf-8\"", "utf-8"),
            ("text/plain;charset = \"utf-8\" ; x=y", "utf-8"),
            ("text/plain charset=utf-8 format=flowed", "utf-8"),
            ("text/plain; format=flowed;\r\n\tcharset=utf-8", "utf-8"),
            ("text/plain; CHARSET=utf-8 (comment)", "utf-8"),
            ("text/plain; x=\"a;charset=no\"; charset=utf-8", "utf-8"),
            ("text/plain; charset*=us-ascii'en'utf-8", "utf-8"),
        ] {
            let c = content(value, "");
            assert!(c.is("text", "plain"), "{value}");
            assert_eq!(c.param("charset").as_deref(), Some(want.as_bytes()), "{value}");
        }
        assert_eq!(content("text", "").mime(), "text/plain");
        assert_eq!(content("TEXT/HTML", "").mime(), "text/html");
    }

    #[test]
    fn file_names_in_every_dress() {
        for (disposition, want) in [
            ("attachment; filename=a.pdf", "a.pdf"),
            ("attachment; filename=my file.pdf", "my file.pdf"),
            ("attachment; filename=\"a \\\"b\\\".pdf\"", "a \"b\".pdf"),
            ("attachment; filename*=utf-8''%E2%82%AC%20rates.txt", "€ rates.txt"),
            ("attachment; filename*0=\"long \"; filename*1=\"name.txt\"", "long name.txt"),
            ("attachment; filename*1*=%A9.txt; filename*0*=utf-8''caf%C3", "caf\u{e9}.txt"),
            ("attachment; filename=\"=?utf-8?q?caf=C3=A9.txt?=\"", "café.txt"),
            ("attachment; filename=\"old.txt\"; filename*=utf-8''new.txt", "new.txt"),
        ] {
            assert_eq!(content("x/y", disposition).file_name().as_deref(), Some(want), "{disposition}");
        }
    }
}
