//! Header text: RFC 2047 encoded words, raw 8-bit bytes, folds.

use crate::charset;
use crate::transfer;
use memchr::memmem;
use std::borrow::Cow;

/// Takes out line ends; the white space that follows a fold stays.
pub(crate) fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\r', b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect())
}

/// A header value as text: encoded words decoded (RFC 2047, with the language suffix of RFC 2231), folds
/// taken out, control characters turned into spaces.
///
/// A character whose bytes are spread over two adjacent words of one charset comes out whole. Raw bytes
/// beyond ASCII are read as UTF-8 if they are that, else as windows-1252. Whatever is not quite an encoded
/// word stays as it is.
///
/// ```
/// use threadfold_message::decode_words;
/// assert_eq!(decode_words(b"plain"), "plain");
/// assert_eq!(decode_words(b"=?utf-8?b?w6Q=?= =?utf-8?q?=C3?= =?utf-8?q?=A4_b?= c"), "ää b c");
/// assert_eq!(decode_words(b"Fr\xf6sche"), "Frösche");
/// ```
pub fn decode_words(value: &[u8]) -> Cow<'_, str> {
    // Without an early exit, so that the compiler makes vectors of it.
    if value.iter().fold(true, |printable, b| printable & (32..127).contains(b))
        && (memchr::memchr(b'=', value).is_none() || memmem::find(value, b"=?").is_none())
        && let Ok(text) = std::str::from_utf8(value)
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(value.len());
    decode_into(value, &mut out);
    Cow::Owned(out)
}

fn decode_into(value: &[u8], out: &mut String) {
    let value = unfold(value);
    let mut rest = &value[..];
    // Bytes of adjacent words of one charset, decoded together.
    let mut run: Vec<u8> = Vec::new();
    let mut run_charset: &[u8] = b"";
    let mut from = 0;
    while let Some(i) = memmem::find(&rest[from..], b"=?").map(|i| i + from) {
        let Some(word) = word_at(&rest[i..]) else {
            from = i + 2;
            continue;
        };
        let between = &rest[..i];
        let adjacent = !run.is_empty() && between.iter().all(u8::is_ascii_whitespace);
        if !adjacent || !run_charset.eq_ignore_ascii_case(word.charset) {
            flush(&mut run, run_charset, out);
        }
        if !adjacent {
            push_raw(between, out);
        }
        run_charset = word.charset;
        if word.base64 {
            transfer::base64_word(word.text, &mut run);
        } else {
            transfer::q_word(word.text, &mut run);
        }
        // An empty word still is one: the white space behind it does not count.
        if run.is_empty() {
            rest = rest[i + word.len..].trim_ascii_start();
        } else {
            rest = &rest[i + word.len..];
        }
        from = 0;
    }
    flush(&mut run, run_charset, out);
    push_raw(rest, out);
}

struct Word<'a> {
    charset: &'a [u8],
    base64: bool,
    text: &'a [u8],
    len: usize,
}

/// The encoded word at the start of `text`, which starts with `=?`.
fn word_at(text: &[u8]) -> Option<Word<'_>> {
    let inner = &text[2..];
    // No charset's name is longer than this; the limit keeps a run of "=?=?=?" linear.
    let q = memchr::memchr(b'?', &inner[..inner.len().min(64)])?;
    let label = &inner[..q];
    if q == 0 || label.iter().any(|b| b.is_ascii_whitespace() || *b == b'=') {
        return None;
    }
    let base64 = match inner.get(q + 1)? {
        b'b' | b'B' => true,
        b'q' | b'Q' => false,
        _ => return None,
    };
    if inner.get(q + 2) != Some(&b'?') {
        return None;
    }
    let start = q + 3;
    // RFC 2047 allows 75 bytes; real ones run to a few hundred.
    let window = &inner[start..inner.len().min(start + 4096)];
    let end = memmem::find(window, b"?=")?;
    let charset = label.split(|b| *b == b'*').next().unwrap_or(label);
    Some(Word { charset, base64, text: &window[..end], len: 2 + start + end + 2 })
}

fn flush(run: &mut Vec<u8>, label: &[u8], out: &mut String) {
    if !run.is_empty() {
        let (text, _) = charset::decode(run, Some(label));
        push_clean(&text, out);
        run.clear();
    }
}

fn push_raw(raw: &[u8], out: &mut String) {
    match simdutf8::basic::from_utf8(raw) {
        Ok(text) => push_clean(text, out),
        Err(_) => push_clean(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(raw).0, out),
    }
}

fn push_clean(text: &str, out: &mut String) {
    if text.chars().any(char::is_control) {
        out.extend(text.chars().filter(|c| *c != '\0').map(|c| if c.is_control() { ' ' } else { c }));
    } else {
        out.push_str(text);
    }
}

/// Appends `text` with every run of white space made one space and the ends trimmed.
pub(crate) fn push_collapsed(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    // Without an early exit, so that the compiler makes vectors of it.
    let odd = |odd, b: &u8| odd | !(b' '..128).contains(b);
    let two = |two, (a, b): (&u8, &u8)| two | ((*a == b' ') & (*b == b' '));
    let plain = !bytes.iter().fold(false, odd)
        && !bytes.iter().zip(bytes.get(1..).unwrap_or_default()).fold(false, two);
    if plain {
        out.push_str(text.trim());
        return;
    }
    for (i, word) in text.split_whitespace().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_decode() {
        for (raw, want) in [
            (&b"=?UTF-8?B?w7xiZXI=?="[..], "über"),
            (b"=?utf-8?Q?a_b=3F?=", "a b?"),
            (b"=?utf-8?Q?what??=", "what?"),
            (b"a =?utf-8?q?b?= c", "a b c"),
            (b"=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"),
            (b"=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "aé"),
            (b"=?utf-8?q??= x", "x"),
            (b"=?utf-8*en?q?hi?=", "hi"),
            (b"=?iso-8859-1?Q?Fr\xf6sche?=", "Frösche"),
            (b"=?utf-8?Q?hello world?=", "hello world"),
            (b"foo=?utf-8?q?bar?=", "foobar"),
            (b"=?utf-8?x?bar?=", "=?utf-8?x?bar?="),
            (b"=?utf-8?q?bar", "=?utf-8?q?bar"),
            (b"=?=?utf-8?q?b?=", "=?b"),
            (b"=?utf-8?B?4pw=?= =?utf-8?B?kw?=", "✓"),
            (b"=?gb2312?B?xOO6ww==?=", "你好"),
            (b"=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
            (b"=?iso-2022-jp?B?GyRCJDMkcxsoQg==?=\r\n =?ISO-2022-JP?B?GyRCJEskQSRPGyhC?=", "こんにちは"),
            (b"=?unknown?q?=E9?=", "é"),
            (b"f\xc3\xbcr", "für"),
        ] {
            assert_eq!(decode_words(raw), want, "{}", String::from_utf8_lossy(raw));
        }
    }
}
