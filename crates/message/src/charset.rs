//! Bytes and a charset label to text, for labels that lie.
//!
//! The rules, in order: valid UTF-8 beyond ASCII is UTF-8 whatever the label says (a text in a single-byte
//! charset is so by accident about never); the label as the WHATWG Encoding Standard reads it (so that
//! iso-8859-1 is windows-1252 and gb2312 is GBK), plus the labels and charsets that standard refuses and
//! mail has (UTF-7, HZ, iso-2022-kr, code page names); windows-1252.

use crate::defect::Defect;
use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
    WINDOWS_1252,
};
use memchr::memchr;
use std::borrow::Cow;

/// What a label stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Charset {
    Whatwg(&'static Encoding),
    Utf7,
    Hz,
    Iso2022Kr,
    /// us-ascii, or no label at all: says nothing about bytes beyond ASCII.
    Nothing,
    Unknown,
}

fn lookup(label: &[u8]) -> Charset {
    // The common labels skip the table.
    let is = |common: &[u8]| label.eq_ignore_ascii_case(common);
    match label.len() {
        5 if is(b"utf-8") => return Charset::Whatwg(UTF_8),
        8 if is(b"us-ascii") => return Charset::Nothing,
        10 if is(b"iso-8859-1") => return Charset::Whatwg(WINDOWS_1252),
        12 if is(b"windows-1252") => return Charset::Whatwg(WINDOWS_1252),
        _ => {}
    }
    let label = label.trim_ascii();
    let label = label.trim_ascii().strip_prefix(b"\"").unwrap_or(label);
    let end = label
        .iter()
        .position(|b| matches!(b, b'"' | b'\'' | b';' | b'(' | b' ' | b'\t') || *b >= 127)
        .unwrap_or(label.len());
    let label = label[..end].to_ascii_lowercase();
    match &label[..] {
        b"" | b"us-ascii" | b"ascii" | b"7bit" | b"8bit" | b"ansi_x3.4-1968" | b"us_ascii" | b"iso646-us" => {
            Charset::Nothing
        }
        b"utf-7" | b"utf7" | b"unicode-1-1-utf-7" | b"x-unicode-2-0-utf-7" | b"unicode-2-0-utf-7" => {
            Charset::Utf7
        }
        b"hz-gb-2312" | b"hz" => Charset::Hz,
        b"iso-2022-kr" | b"csiso2022kr" => Charset::Iso2022Kr,
        _ => {
            let alias: &[u8] = match &label[..] {
                b"cp932" | b"cp943c" => b"shift_jis",
                b"cp936" | b"ms936" | b"x-gbk" | b"gb_2312" | b"euc-cn" | b"euccn" => b"gbk",
                b"cp949" | b"ms949" | b"ks_c_5601" | b"ks_c_5601-1992" | b"euckr" => b"euc-kr",
                b"cp950" | b"ms950" | b"big5hkscs" => b"big5",
                b"latin-1" | b"iso-latin-1" | b"ansi" | b"iso-8859" | b"8859-1" => b"windows-1252",
                b"utf" | b"utf_8" | b"utf-8-mac" | b"x-utf-8" | b"utf8mb4" | b"cp65001" => b"utf-8",
                b"koi8r" => b"koi8-r",
                b"eucjp" => b"euc-jp",
                b"iso2022jp" | b"iso-2022-jp-1" | b"iso-2022-jp-2" | b"iso-2022-jp-3" | b"cp50220"
                | b"cp50221" => b"iso-2022-jp",
                other => other
                    .strip_prefix(b"cp-")
                    .or_else(|| other.strip_prefix(b"win-"))
                    .filter(|n| n.starts_with(b"125"))
                    .map_or(other, |n| WINDOWS.iter().find(|w| w.ends_with(n)).map_or(other, |w| w)),
            };
            match Encoding::for_label(alias) {
                Some(e) if e != REPLACEMENT => Charset::Whatwg(e),
                _ => Charset::Unknown,
            }
        }
    }
}

const WINDOWS: [&[u8]; 9] = [
    b"windows-1250",
    b"windows-1251",
    b"windows-1252",
    b"windows-1253",
    b"windows-1254",
    b"windows-1255",
    b"windows-1256",
    b"windows-1257",
    b"windows-1258",
];

/// True for labels that say something.
pub(crate) fn is_known(label: &[u8]) -> bool {
    !matches!(lookup(label), Charset::Nothing | Charset::Unknown)
}

/// Text of `bytes`, and what was wrong with them or their label. Borrowed whenever the bytes are UTF-8.
pub(crate) fn decode<'a>(bytes: &'a [u8], label: Option<&[u8]>) -> (Cow<'a, str>, Option<Defect>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let charset = label.map_or(Charset::Nothing, lookup);
    if let Some(result) = seven_bit(bytes, charset) {
        return result;
    }
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        match charset {
            Charset::Whatwg(e) if e == UTF_8 => return (Cow::Borrowed(text), None),
            _ if text.is_ascii() => return (Cow::Borrowed(text), None),
            // A few characters of Chinese or Korean can be UTF-8 by accident; three-byte sequences are not.
            Charset::Whatwg(e) if !e.is_single_byte() && text.chars().all(|c| c < '\u{800}') => {
                if let Some(decoded) = e.decode_without_bom_handling_and_without_replacement(bytes) {
                    return (decoded, None);
                }
            }
            _ => {}
        }
        let wrong = !matches!(charset, Charset::Nothing);
        return (Cow::Borrowed(text), wrong.then_some(Defect::Charset));
    }
    match charset {
        Charset::Whatwg(e) if e != UTF_8 => {
            // Seven bits promised and eight sent: one of the other two charsets of Japanese mail.
            if e == ISO_2022_JP
                && let Some(text) = [EUC_JP, SHIFT_JIS]
                    .into_iter()
                    .find_map(|other| other.decode_without_bom_handling_and_without_replacement(bytes))
            {
                return (text, Some(Defect::Charset));
            }
            let (text, bad) = e.decode_without_bom_handling(bytes);
            (text, bad.then_some(Defect::Characters))
        }
        _ => guess(bytes),
    }
}

/// The charsets that hide in ASCII bytes or do not extend ASCII at all.
fn seven_bit<'a>(bytes: &'a [u8], charset: Charset) -> Option<(Cow<'a, str>, Option<Defect>)> {
    let owned = |text: String, ok: bool| Some((Cow::Owned(text), (!ok).then_some(Defect::Characters)));
    match charset {
        Charset::Utf7 if memchr(b'+', bytes).is_some() && bytes.is_ascii() => {
            let (text, ok) = utf7(bytes, b'+', b'/');
            owned(text, ok)
        }
        Charset::Hz => {
            let eight_bit = hz(bytes);
            let (text, _, bad) = GBK.decode(&eight_bit);
            owned(text.into_owned(), !bad)
        }
        Charset::Iso2022Kr => {
            let eight_bit = iso2022kr(bytes);
            let (text, _, bad) = EUC_KR.decode(&eight_bit);
            owned(text.into_owned(), !bad)
        }
        Charset::Whatwg(e) if e == UTF_16LE || e == UTF_16BE => {
            // "utf-16" says nothing of the order; the zeros of the ASCII in it do.
            let even = bytes.iter().take(512).step_by(2).filter(|b| **b == 0).count();
            let odd = bytes.iter().take(512).skip(1).step_by(2).filter(|b| **b == 0).count();
            if even + odd == 0 && simdutf8::basic::from_utf8(bytes).is_ok() {
                return None;
            }
            let e = match bytes {
                [0xff, 0xfe, ..] => UTF_16LE,
                [0xfe, 0xff, ..] => UTF_16BE,
                _ if even > odd => UTF_16BE,
                _ if odd > even => UTF_16LE,
                _ => e,
            };
            let (text, bad) = e.decode_with_bom_removal(bytes);
            owned(text.into_owned(), !bad)
        }
        Charset::Whatwg(e) if e == ISO_2022_JP && bytes.is_ascii() => {
            let (text, ok) = iso2022jp(bytes);
            Some((text, (!ok).then_some(Defect::Characters)))
        }
        Charset::Nothing | Charset::Unknown
            if memchr::memmem::find(bytes, b"\x1b$").is_some() && bytes.is_ascii() =>
        {
            let (text, ok) = iso2022jp(bytes);
            ok.then_some((text, Some(Defect::Charset)))
        }
        _ => None,
    }
}

/// Bytes that are not UTF-8 under a label that does not help: damaged UTF-8 if most of what is beyond
/// ASCII is well-formed, else windows-1252.
fn guess(bytes: &[u8]) -> (Cow<'_, str>, Option<Defect>) {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    if good > bad {
        (String::from_utf8_lossy(bytes), Some(Defect::Characters))
    } else {
        (WINDOWS_1252.decode_without_bom_handling(bytes).0, Some(Defect::Charset))
    }
}

/// UTF-7 (RFC 2152), and with `&` and `,` the mailbox names of IMAP (RFC 3501 section 5.1.3).
pub(crate) fn utf7(bytes: &[u8], shift: u8, sixty_three: u8) -> (String, bool) {
    let mut out = String::with_capacity(bytes.len());
    let mut ok = true;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != shift {
            out.push(if bytes[at].is_ascii() { char::from(bytes[at]) } else { '\u{fffd}' });
            at += 1;
            continue;
        }
        at += 1;
        if bytes.get(at) == Some(&b'-') {
            out.push(char::from(shift));
            at += 1;
            continue;
        }
        let (mut bits, mut have, mut units) = (0u32, 0u32, Vec::new());
        while let Some(&b) = bytes.get(at) {
            let v = match b {
                b'A'..=b'Z' => b - b'A',
                b'a'..=b'z' => b - b'a' + 26,
                b'0'..=b'9' => b - b'0' + 52,
                b'+' => 62,
                b if b == sixty_three => 63,
                _ => break,
            };
            bits = (bits << 6 | u32::from(v)) & 0xff_ffff;
            have += 6;
            if have >= 16 {
                have -= 16;
                units.push((bits >> have) as u16);
            }
            at += 1;
        }
        if bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        for c in char::decode_utf16(units) {
            ok &= c.is_ok();
            out.push(c.unwrap_or('\u{fffd}'));
        }
    }
    (out, ok)
}

/// ISO-2022-JP (RFC 1468). Its decoder takes two shifts in a row for an error (the Encoding Standard wants it so),
/// but every subject of several encoded words has them where one word ends in ASCII and the next begins.
fn iso2022jp(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    const ESCAPE: u8 = 0x1b;
    let idle = |at: usize| {
        matches!(
            bytes[at..],
            [ESCAPE, b'(', b'B' | b'J' | b'I', ESCAPE, ..] | [ESCAPE, b'$', b'@' | b'B', ESCAPE, ..]
        )
    };
    let mut shifts = memchr::memchr_iter(ESCAPE, bytes).filter(|at| idle(*at)).peekable();
    if shifts.peek().is_none() {
        let (text, bad) = ISO_2022_JP.decode_without_bom_handling(bytes);
        return (text, !bad);
    }
    let (mut needed, mut from) = (Vec::with_capacity(bytes.len()), 0);
    for at in shifts {
        needed.extend_from_slice(&bytes[from..at]);
        from = at + 3;
    }
    needed.extend_from_slice(&bytes[from..]);
    let (text, bad) = ISO_2022_JP.decode_without_bom_handling(&needed);
    (Cow::Owned(text.into_owned()), !bad)
}

/// HZ (RFC 1843) as GBK bytes.
fn hz(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut chinese) = (0, false);
    while at < bytes.len() {
        match bytes[at..] {
            [b'~', b'{', ..] => (chinese, at) = (true, at + 2),
            [b'~', b'}', ..] => (chinese, at) = (false, at + 2),
            [b'~', b'~', ..] if !chinese => {
                out.push(b'~');
                at += 2;
            }
            [b'~', b'\n', ..] if !chinese => at += 2,
            [b'\n', ..] => {
                out.push(b'\n');
                (chinese, at) = (false, at + 1);
            }
            [a, b, ..] if chinese => {
                out.extend_from_slice(&[a | 0x80, b | 0x80]);
                at += 2;
            }
            [a, ..] => {
                out.push(a);
                at += 1;
            }
            [] => {}
        }
    }
    out
}

/// ISO-2022-KR (RFC 1557) as EUC-KR bytes.
fn iso2022kr(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut korean) = (0, false);
    while at < bytes.len() {
        match bytes[at..] {
            [0x1b, b'$', b')', b'C', ..] => at += 4,
            [b, ..] => {
                match b {
                    0x0e => korean = true,
                    0x0f => korean = false,
                    b'\n' => {
                        korean = false;
                        out.push(b);
                    }
                    _ if korean && (0x21..0x7f).contains(&b) => out.push(b | 0x80),
                    _ => out.push(b),
                }
                at += 1;
            }
            [] => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case = (&'static [u8], Option<&'static str>, &'static str, Option<Defect>);

    #[test]
    fn labels_that_tell_the_truth_and_labels_that_lie() {
        let cases: [Case; 30] = [
            (b"plain", None, "plain", None),
            (b"caf\xc3\xa9", None, "café", None),
            (b"caf\xc3\xa9", Some("us-ascii"), "café", None),
            (b"caf\xc3\xa9", Some("iso-8859-1"), "café", Some(Defect::Charset)),
            (b"caf\xe9", Some("iso-8859-1"), "café", None),
            (b"\x93hi\x94", Some("iso-8859-1"), "“hi”", None),
            (b"caf\xe9", None, "café", Some(Defect::Charset)),
            (b"caf\xe9", Some("utf-8"), "café", Some(Defect::Charset)),
            (b"caf\xe9", Some("x-unknown"), "café", Some(Defect::Charset)),
            (b"\xc3\xa9\xc3\xa8\xff", Some("utf8"), "éè\u{fffd}", Some(Defect::Characters)),
            (b"caf\xe9", Some("\"ISO-8859-15\""), "café", None),
            (b"\xc4\xe3\xba\xc3", Some("gb2312"), "你好", None),
            (b"\xe4\xbd\xa0\xe5\xa5\xbd", Some("gb2312"), "你好", Some(Defect::Charset)),
            (b"\xbe\xc8\xb3\xe7", Some("ks_c_5601-1987"), "안녕", None),
            (b"\xbe\xc8\xb3\xe7", Some("cp949"), "안녕", None),
            (b"\xf0\xd2\xc9\xd7\xc5\xd4", Some("koi8-r"), "Привет", None),
            (b"\xa1\xc7", Some("windows-874"), "กว", None),
            (b"~{<:Ky2;~} a~~", Some("hz-gb-2312"), "己所不 a~", None),
            (b"Hi Mom -+Jjo--!", Some("utf-7"), "Hi Mom -☺-!", None),
            (b"A+ImIDkQ.", Some("utf-7"), "A≢Α.", None),
            (b"1 +- 1", Some("utf-7"), "1 + 1", None),
            (b"\x1b$B$3$s\x1b(B", Some("iso-2022-jp"), "こん", None),
            (b"\x1b$B$3$s\x1b(B", None, "こん", Some(Defect::Charset)),
            (b"\x1b$B$3\x1b(B\x1b$B$s\x1b(B", Some("iso-2022-jp"), "こん", None),
            (b"\x1b(B\x1b$B$3\x1b$B\x1b(B\x1b$B$s\x1b(B.", None, "こん.", Some(Defect::Charset)),
            (b"\xa4\xb3\xa4\xf3", Some("iso-2022-jp"), "こん", Some(Defect::Charset)),
            (b"\x82\xb1\x82\xf1\x81B", Some("iso-2022-jp"), "こん。", Some(Defect::Charset)),
            (b"h\0i\0", Some("utf-16"), "hi", None),
            (b"\0h\0i", Some("utf-16"), "hi", None),
            (b"\x1b$)C\x0e>H3g\x0f!", Some("iso-2022-kr"), "안녕!", None),
        ];
        for (bytes, label, want, defect) in cases {
            let (text, found) = decode(bytes, label.map(str::as_bytes));
            assert_eq!(text, want, "{bytes:?} {label:?}");
            assert_eq!(found, defect, "{bytes:?} {label:?}");
        }
    }
}
