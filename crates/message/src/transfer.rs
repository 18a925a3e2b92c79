//! Content transfer encodings (RFC 2045 section 6) and the two of encoded words.
//!
//! Both decoders copy runs found by `memchr` and leave their fast path only for damage.

use crate::fields::find_near;
use base64_simd::STANDARD_NO_PAD;
use memchr::memchr2;
use threadfold_core::wide::{BLOCK, places, places_in};

/// The value of each hexadecimal digit; much for what is none.
static VALUES: [u16; 256] = {
    let mut values = [0x1000; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789ABCDEF"[value] as usize] = value as u16;
        values[b"0123456789abcdef"[value] as usize] = value as u16;
        value += 1;
    }
    values
};

#[inline]
fn value(b: u8) -> u32 {
    u32::from(VALUES[usize::from(b)])
}

fn hex(b: u8) -> Option<u8> {
    u8::try_from(value(b)).ok()
}

/// The decoded form of a quoted-printable text, written to `room`, which grows to what that needs and is not cleared.
///
/// An `=` that starts neither an escape nor a soft break ("50% = half") stays. White space at the end of a
/// line is kept although RFC 2045 calls it padding: `format=flowed` senders forget to encode theirs.
pub(crate) fn quoted_printable<'r>(input: &[u8], room: &'r mut Vec<u8>) -> &'r [u8] {
    // It becomes no longer, and what is copied may be followed by more than belongs there.
    if room.len() < input.len() + BLOCK {
        room.resize(input.len() + BLOCK, 0);
    }
    let out = &mut room[..];
    let mut sets = [0; 16];
    let (mut from, mut at, mut len) = (0, 0, 0);
    while from < input.len() {
        let blocks = signs(&input[from..], &mut sets);
        for block in 0..blocks {
            let base = from + block * BLOCK;
            let mut set = sets[block % sets.len()];
            while set != 0 {
                let sign = base + set.trailing_zeros() as usize;
                set &= set - 1;
                len = copy(input, at, sign, out, len);
                at = sign + 1;
                let rest = input.get(at..).unwrap_or_default();
                if let [a, b, ..] = rest
                    && let digits = (value(*a) << 4) | value(*b)
                    && digits < 256
                    && let Some(place) = out.get_mut(len)
                {
                    *place = digits as u8;
                    len += 1;
                    at += 2;
                } else if let [b'\n', ..] = rest {
                    at += 1;
                } else {
                    let (after, stays) = behind_sign(input, at);
                    at = after;
                    if stays && let Some(place) = out.get_mut(len) {
                        *place = b'=';
                        len += 1;
                    }
                }
            }
        }
        from += blocks * BLOCK;
    }
    len = copy(input, at, input.len(), out, len);
    &room[..len]
}

/// Where the signs stand in the next stretch; how many blocks it has.
#[inline(never)]
fn signs(stretch: &[u8], sets: &mut [u64; 16]) -> usize {
    match places(stretch, b'=', sets) {
        0 => {
            let mut block = [0; BLOCK];
            block[..stretch.len()].copy_from_slice(stretch);
            sets[0] = places_in(&block, b'=');
            1
        }
        blocks => blocks,
    }
}

/// Copies a part of the input behind what is there; how much is there then. Most parts are shorter than what is copied
/// without asking how long they are.
#[inline(always)]
fn copy(input: &[u8], from: usize, to: usize, out: &mut [u8], len: usize) -> usize {
    let count = to.saturating_sub(from);
    match (input.get(from..), out.get_mut(len..)) {
        (Some(input), Some(out)) => match (input.first_chunk::<BLOCK>(), out.first_chunk_mut::<BLOCK>()) {
            (Some(block), Some(room)) if count <= BLOCK => *room = *block,
            _ => copy_far(input, count, out),
        },
        _ => return len,
    }
    len + count
}

#[inline(never)]
fn copy_far(from: &[u8], count: usize, to: &mut [u8]) {
    to[..count].copy_from_slice(&from[..count]);
}

/// Where to go on behind an `=` that starts no escape, and whether it stays.
#[inline(never)]
fn behind_sign(input: &[u8], at: usize) -> (usize, bool) {
    let rest = &input[at..];
    // "=  \n" is a soft break with padding. Each byte looked at here is skipped or copied by the next run; only a text
    // of "= = = =" looks at a byte twice.
    let spaces = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
    if rest.get(spaces) == Some(&b'\n') {
        (at + spaces + 1, false)
    } else if spaces < rest.len() {
        (at, true)
    } else {
        (at + spaces, false)
    }
}

/// The Q encoding of RFC 2047: quoted-printable with `_` for a space.
pub(crate) fn q_word(text: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < text.len() {
        match text[at..] {
            [b'_', ..] => out.push(b' '),
            [b'=', a, b, ..] if hex(a).is_some() && hex(b).is_some() => {
                out.push(hex(a).unwrap_or(0) << 4 | hex(b).unwrap_or(0));
                at += 2;
            }
            [b, ..] => out.push(b),
            [] => {}
        }
        at += 1;
    }
}

/// The B encoding of RFC 2047; whatever is not of its alphabet is skipped.
pub(crate) fn base64_word(text: &[u8], out: &mut Vec<u8>) {
    let body = text.trim_ascii();
    let body = &body[..body.iter().position(|b| *b == b'=').unwrap_or(body.len())];
    if body.len() + 3 > text.trim_ascii().len() && STANDARD_NO_PAD.decode_append(body, out).is_ok() {
        return;
    }
    quanta(text.iter().copied(), out);
}

fn sextet(b: u8) -> Option<u8> {
    match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Decodes what is decodable: foreign characters are skipped, padding closes a quantum and the next one
/// starts afresh, an unpadded tail counts.
fn quanta(input: impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    let (mut bits, mut have) = (0u32, 0u32);
    let close = |bits: &mut u32, have: &mut u32, out: &mut Vec<u8>| {
        match *have {
            2 => out.push((*bits >> 4) as u8),
            3 => out.extend_from_slice(&[(*bits >> 10) as u8, (*bits >> 2) as u8]),
            _ => {}
        }
        (*bits, *have) = (0, 0);
    };
    for b in input {
        if b == b'=' {
            close(&mut bits, &mut have, out);
        } else if let Some(v) = sextet(b) {
            bits = bits << 6 | u32::from(v);
            have += 1;
            if have == 4 {
                out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
                (bits, have) = (0, 0);
            }
        }
    }
    close(&mut bits, &mut have, out);
}

/// How a base64 text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base64 {
    /// As it should be.
    Clean,
    /// Padding was missing, or foreign characters or lines were skipped; all that is base64 was decoded.
    Damaged,
    /// It starts with text that is no base64: the label lies, nothing was decoded.
    Foreign,
}

/// Appends the decoded form of a base64 text with line ends. `scratch` is for the text without them.
///
/// Damage is met line by line: a footer that a mailing list put behind the encoded text is left out, and
/// so are foreign characters inside a line.
pub(crate) fn base64(input: &[u8], scratch: &mut Vec<u8>, out: &mut Vec<u8>) -> Base64 {
    scratch.clear();
    scratch.reserve(input.len());
    let mut at = 0;
    while at < input.len() {
        let end = find_near(b'\n', &input[at..]).map_or(input.len(), |i| at + i);
        let line = &input[at..end];
        scratch.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        at = end + 1;
    }
    while matches!(scratch.last(), Some(b' ' | b'\t' | b'\r' | 0)) {
        scratch.pop();
    }
    let whole = scratch.len();
    let padding = scratch.iter().rev().take(2).take_while(|b| **b == b'=').count();
    let start = out.len();
    if STANDARD_NO_PAD.decode_append(&scratch[..whole - padding], out).is_ok() {
        return if whole.is_multiple_of(4) { Base64::Clean } else { Base64::Damaged };
    }
    out.truncate(start);
    scratch.clear();
    // Line by line. After padding only what looks like full lines of base64 is taken for more of it.
    let mut closed = false;
    for line in input.split(|b| *b == b'\n') {
        let mut line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        // "SGVsbG8= and a remark": what comes before the padding is no prose.
        if let Some(i) = line.iter().position(u8::is_ascii_whitespace)
            && line[..i].ends_with(b"=")
        {
            line = &line[..i];
        }
        let foreign = line
            .iter()
            .filter(|b| !matches!(b, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'='))
            .count();
        let prose = foreign > 0 && (line.len() < 40 || foreign * 10 > line.len());
        if prose && scratch.is_empty() {
            return Base64::Foreign;
        }
        if prose || closed && (foreign > 0 || line.len() < 40) {
            continue;
        }
        scratch.extend_from_slice(line);
        closed = line.ends_with(b"=");
    }
    quanta(scratch.iter().copied().filter(|b| !matches!(b, b'-' | b'_')), out);
    Base64::Damaged
}

/// Size of what an encoded part would decode to, from the shape of its first line alone: exact for a
/// well-formed part, and nothing of the rest is touched.
pub(crate) fn base64_size(encoded: &[u8]) -> u64 {
    let encoded = encoded.trim_ascii();
    let line = memchr2(b'\n', b'\r', encoded).unwrap_or(encoded.len());
    let chars = if line == 0 || line == encoded.len() {
        encoded.len()
    } else {
        let ends = if encoded[line] == b'\r' && encoded.get(line + 1) == Some(&b'\n') { 2 } else { 1 };
        let full = encoded.len() / (line + ends);
        full * line + (encoded.len() - full * (line + ends)).min(line)
    };
    let padding = encoded.iter().rev().take(2).take_while(|b| **b == b'=').count();
    (chars.saturating_sub(padding) as u64) * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qp(input: &[u8]) -> String {
        String::from_utf8_lossy(quoted_printable(input, &mut b"left over".to_vec())).into_owned()
    }

    fn b64(input: &[u8]) -> (String, Base64) {
        let (mut scratch, mut out) = (Vec::new(), Vec::new());
        let how = base64(input, &mut scratch, &mut out);
        (String::from_utf8_lossy(&out).into_owned(), how)
    }

    #[test]
    fn quoted_printable_and_its_damage() {
        for (raw, want) in [
            ("caf=C3=A9", "café"),
            ("caf=c3=a9", "café"),
            ("a=\nb", "ab"),
            ("a=\r\nb", "ab"),
            ("a= \t\nb", "ab"),
            ("50% = half", "50% = half"),
            ("a=zz", "a=zz"),
            ("a=4", "a=4"),
            ("end=", "end"),
            ("end=  ", "end"),
            ("a=3D=\nb", "a=b"),
            ("x=20\ny ", "x \ny "),
        ] {
            assert_eq!(qp(raw.as_bytes()), want, "{raw}");
        }
    }

    #[test]
    fn base64_and_its_damage() {
        for (raw, want, how) in [
            ("SGVsbG8gd29ybGQ=\n", "Hello world", Base64::Clean),
            ("SGVs\r\nbG8gd29ybGQ=\r\n", "Hello world", Base64::Clean),
            ("SGVsbG8gd29ybGQ", "Hello world", Base64::Damaged),
            ("SGVsbG8gd29ybGQ=\n____\nlist mailing list\nlist\n", "Hello world", Base64::Damaged),
            ("SGVsbG8gd29ybGQ\n\n-- \nsent by a list\n", "Hello world", Base64::Damaged),
            ("SGVsbG8gd29ybGQ= ignored\n", "Hello world", Base64::Damaged),
            ("Hello world, this is text", "", Base64::Foreign),
            ("", "", Base64::Clean),
            (
                "SGVsbG8gd29ybGQsIGhlbGxvIHdvcmxk!IGhlbGxvIHdvcmxkLCBoZWxsbyB3b3JsZA==\n",
                "Hello world, hello world hello world, hello world",
                Base64::Damaged,
            ),
        ] {
            assert_eq!(b64(raw.as_bytes()), (want.to_owned(), how), "{raw}");
        }
    }

    #[test]
    fn sizes_of_encoded_parts_are_exact_when_well_formed() {
        for n in [0usize, 1, 2, 3, 56, 57, 58, 113, 114, 115, 1000] {
            let text = base64_simd::STANDARD.encode_to_string(vec![7u8; n]);
            for end in ["\n", "\r\n"] {
                let lines: Vec<&str> =
                    text.as_bytes().chunks(76).map(|c| std::str::from_utf8(c).unwrap()).collect();
                assert_eq!(base64_size((lines.join(end) + end).as_bytes()), n as u64, "{n} {end:?}");
            }
        }
    }
}
