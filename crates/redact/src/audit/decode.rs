//! What escapes in the output mean: those of JSON, URLs, quoted-printable text, HTML, and base64.

use super::OVERLAP;
use std::borrow::Cow;

/// Runs of base64 that decode to text: where they stand, and the text.
pub(super) fn encoded_texts(bytes: &[u8]) -> Vec<(usize, usize, Vec<u8>)> {
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at + 16 <= bytes.len() {
        // No run holds this place: look on from behind what broke it.
        if let Some(broken) = (at..at + 16).rev().find(|p| value(bytes[*p]).is_none()) {
            at = broken + 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && value(bytes[at]).is_some() {
            at += 1;
        }
        if at - start > OVERLAP {
            continue;
        }
        let mut text = Vec::new();
        for group in bytes[start..at].chunks(4) {
            let bits = group.iter().fold(0u32, |n, b| n << 6 | u32::from(value(*b).unwrap_or(0)))
                << (6 * (4 - group.len()));
            text.extend_from_slice(&bits.to_be_bytes()[1..group.len().max(1)]);
        }
        let plain =
            std::str::from_utf8(&text).is_ok_and(|t| t.chars().all(|c| !c.is_control() || c.is_whitespace()));
        if plain {
            out.push((start, at, text));
        }
    }
    out
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
