//! What escapes in the output mean: those of JSON, URLs, quoted-printable text, HTML, and base64.

use super::OVERLAP;
use std::borrow::Cow;

/// The values of base64's letters; [`NONE`] for all others.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        values[byte] = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => NONE,
        };
        byte += 1;
    }
    values
};
const NONE: u8 = 0xff;

/// Runs of base64 that decode to text: where they stand, and the text.
pub(super) fn encoded_texts(bytes: &[u8]) -> Vec<(usize, usize, Vec<u8>)> {
    let value = |b: u8| VALUES[usize::from(b)];
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes.get(at..at + 16) {
        // No run holds this place: look on from behind what broke it.
        if let Some(broken) = next.iter().rposition(|b| value(*b) == NONE) {
            at += broken + 1;
            continue;
        }
        let start = at;
        at += bytes[at..].iter().position(|b| value(*b) == NONE).unwrap_or(bytes.len() - at);
        if at - start > OVERLAP {
            continue;
        }
        let groups = |run: &[u8]| {
            let mut text = Vec::with_capacity(run.len());
            for group in run.chunks(4) {
                let bits =
                    group.iter().fold(0, |n, b| n << 6 | u32::from(value(*b))) << (6 * (4 - group.len()));
                text.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
            }
            text
        };
        // Most runs are numbers and names: what they begin with is no text, and mostly not even three bytes of it.
        let first = bytes[start..start + 4].iter().fold(0, |n, b| n << 6 | u32::from(value(*b)));
        if !begins_text(&first.to_be_bytes()[1..]) || !begins_text(&groups(&bytes[start..start + 16])) {
            continue;
        }
        let text = groups(&bytes[start..at]);
        if std::str::from_utf8(&text).is_ok_and(|t| !t.contains(is_no_text)) {
            out.push((start, at, text));
        }
    }
    out
}

/// Whether what some bytes begin may be a text.
fn begins_text(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(text) => !text.contains(is_no_text),
        Err(error) => error.error_len().is_none(),
    }
}

fn is_no_text(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
}

/// What an escape at the start of some bytes stands for: its length and the bytes meant.
pub(super) type Decode = fn(&[u8]) -> Option<(usize, [u8; 4], usize)>;

fn encoded(len: usize, c: char) -> Option<(usize, [u8; 4], usize)> {
    let mut buffer = [0; 4];
    let size = c.encode_utf8(&mut buffer).len();
    Some((len, buffer, size))
}

fn hex(bytes: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(bytes).ok()?, 16).ok()
}

pub(super) fn json(bytes: &[u8]) -> Option<(usize, [u8; 4], usize)> {
    if bytes[0] != b'\\' {
        return None;
    }
    match bytes.get(1)? {
        b'n' | b'r' | b't' | b'f' | b'b' => encoded(2, ' '),
        b'"' => encoded(2, '"'),
        b'\\' => encoded(2, '\\'),
        b'/' => encoded(2, '/'),
        b'u' => {
            let first = hex(bytes.get(2..6)?)?;
            if (0xd800..0xdc00).contains(&first) && bytes.get(6..8) == Some(b"\\u") {
                let second = hex(bytes.get(8..12)?)?;
                let code = 0x10000 + ((first - 0xd800) << 10) + second.checked_sub(0xdc00)?;
                return encoded(12, char::from_u32(code)?);
            }
            encoded(6, char::from_u32(first)?)
        }
        _ => None,
    }
}

pub(super) fn percent(bytes: &[u8]) -> Option<(usize, [u8; 4], usize)> {
    if bytes[0] != b'%' {
        return None;
    }
    let code = hex(bytes.get(1..3)?)?;
    Some((3, [code as u8, 0, 0, 0], 1))
}

pub(super) fn quoted(bytes: &[u8]) -> Option<(usize, [u8; 4], usize)> {
    if bytes[0] != b'=' {
        return None;
    }
    match bytes.get(1)? {
        b'\n' => Some((2, [0; 4], 0)),
        b'\r' if bytes.get(2) == Some(&b'\n') => Some((3, [0; 4], 0)),
        _ => Some((3, [hex(bytes.get(1..3)?)? as u8, 0, 0, 0], 1)),
    }
}

pub(super) fn entity(bytes: &[u8]) -> Option<(usize, [u8; 4], usize)> {
    if bytes[0] != b'&' {
        return None;
    }
    let end = bytes.iter().take(10).position(|b| *b == b';')?;
    let name = std::str::from_utf8(&bytes[1..end]).ok()?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "nbsp" => ' ',
        "apos" => '\'',
        "commat" => '@',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    encoded(end + 1, c)
}

/// Bytes with escapes decoded, one kind after the other, and where they came from.
pub(super) struct Decoded<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// Whether something was decoded that nobody looked at yet.
    pub(super) fresh: bool,
    /// For each kind that changed anything, the first kind first: decoded offsets, rising, and the offsets
    /// before. Between two, both go on alike, unless the later one begins a decoded escape.
    steps: Vec<Vec<Step>>,
}

#[derive(Clone, Copy)]
struct Step {
    decoded: u32,
    before: u32,
    /// Whether an escape's bytes begin here, which all came from one place.
    escape: bool,
}

impl<'a> Decoded<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Decoded<'a> {
        Decoded { bytes: Cow::Borrowed(bytes), fresh: false, steps: Vec::new() }
    }

    /// Decodes one kind of escape; whether there was any.
    pub(super) fn rewrite(&mut self, sign: u8, decode: Decode) -> bool {
        let mut steps = Vec::new();
        let mut out = Vec::new();
        let mut at = 0;
        for escape in memchr::memchr_iter(sign, &self.bytes) {
            if escape < at {
                continue;
            }
            let Some((len, meant, size)) = decode(&self.bytes[escape..]) else { continue };
            if steps.is_empty() {
                out.reserve(self.bytes.len());
            }
            out.extend_from_slice(&self.bytes[at..escape]);
            steps.push(Step { decoded: out.len() as u32, before: escape as u32, escape: true });
            out.extend_from_slice(&meant[..size]);
            at = escape + len;
            steps.push(Step { decoded: out.len() as u32, before: at as u32, escape: false });
        }
        if steps.is_empty() {
            return false;
        }
        out.extend_from_slice(&self.bytes[at..]);
        self.bytes = Cow::Owned(out);
        self.steps.push(steps);
        true
    }

    /// Where in the output a decoded byte came from.
    pub(super) fn place(&self, at: usize) -> usize {
        self.steps.iter().rev().fold(at, |at, steps| {
            let next = steps.partition_point(|s| s.decoded as usize <= at);
            match next.checked_sub(1).map(|last| steps[last]) {
                Some(step) if step.escape => step.before as usize,
                Some(step) => step.before as usize + (at - step.decoded as usize),
                None => at,
            }
        })
    }
}
