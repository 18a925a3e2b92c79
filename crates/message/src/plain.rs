//! Small things about decoded text: control characters, stubs, uuencoded blocks, plain text as HTML.

use crate::fields::find_near;
use crate::phrases::{automaton, section, squeeze_lower};
use aho_corasick::AhoCorasick;
use memchr::{memchr, memmem};
use std::borrow::Cow;
use std::sync::LazyLock;
use threadfold_core::wide;

/// Whether there is a control character other than tab and line feed (a carriage return is one), and whether a byte
/// beyond ASCII.
fn controls_and_wide(bytes: &[u8]) -> (bool, bool) {
    // Folded without an early exit, so that the compiler makes vectors of it.
    let (controls, all) = wide::widely(|| {
        bytes.iter().fold((false, 0), |(found, all), &b| {
            (found | ((b < 32) & (b != b'\t') & (b != b'\n')) | (b == 127), all | b)
        })
    });
    (controls, !all.is_ascii())
}

/// True if there is a character of U+0080–U+009F, control characters that are two bytes in UTF-8.
fn has_c1(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xc2, bytes).any(|i| bytes.get(i + 1).is_some_and(|b| *b < 0xa0))
}

/// Makes the text harmless: line ends become `\n`, other control characters (NUL, escape, delete, form
/// feed, U+0080–U+009F) are dropped, except that U+0085 is a line end. Tabs, trailing spaces and U+2028
/// stay.
pub(crate) fn clean(text: Cow<'_, str>) -> String {
    let (controls, wide) = controls_and_wide(text.as_bytes());
    let c1 = wide && has_c1(&text);
    if !c1 && !controls {
        return text.into_owned();
    }
    let mut out = String::with_capacity(text.len());
    // Carriage returns first: CRLF mail has nothing else.
    let mut rest = &text[..];
    while let Some(i) = find_near(b'\r', rest.as_bytes()) {
        out.push_str(&rest[..i]);
        let after = rest.as_bytes().get(i + 1).copied();
        // "\r\n" and the "\r\r\n" of twice-converted files are one line end; a lone one is one too.
        if !matches!(after, Some(b'\n' | b'\r')) {
            out.push('\n');
        }
        rest = &rest[i + 1..];
    }
    out.push_str(rest);
    if c1 || controls_and_wide(out.as_bytes()).0 {
        out = out
            .chars()
            .filter_map(|c| match c {
                '\u{85}' => Some('\n'),
                '\n' | '\t' => Some(c),
                c if c.is_control() => None,
                c => Some(c),
            })
            .collect();
    }
    out
}

/// True if nobody would see anything: white space, zero-width characters, object placeholders.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fffc}' | '\u{ad}')
    })
}

static STUBS: LazyLock<AhoCorasick> =
    LazyLock::new(|| automaton(&section(include_str!("../phrases/stubs.txt"), "html only")));

/// True for a plain part that only says that the real text is in the HTML part.
pub(crate) fn is_stub(text: &str) -> bool {
    if is_blank(text) {
        return true;
    }
    // A stub is short; an answer that says "please view this in HTML" among other things is none, and
    // where an HTML part stands beside, taking that loses nothing.
    text.len() <= 600 && may_be_stub(text.as_bytes()) && {
        let mut low = String::with_capacity(text.len() + 1);
        squeeze_lower(text, &mut low);
        STUBS.is_match(&low)
    }
}

/// What each of the phrases has one of: few texts have any, and only those are worth their squeezing.
const STUB_WORDS: [[u8; 4]; 5] = [*b"html", *b"brow", *b"view", *b"nave", *b"navi"];

/// Whether a text holds one of the words that every stub has.
fn may_be_stub(text: &[u8]) -> bool {
    STUB_WORDS.iter().any(|word| may_hold(text, word))
}

/// Whether these four bytes, small letters or dashes, stand in a text in any letter case; now and then true of a text
/// that has other bytes in the places of letters. Compared at each byte without an early exit, so that the compiler
/// makes vectors of it.
pub(crate) fn may_hold(text: &[u8], word: &[u8; 4]) -> bool {
    // Short texts fill no wider registers.
    if text.len() < 128 { holds(text, word) } else { wide::widely(|| holds(text, word)) }
}

/// The same for a short text.
#[inline(always)]
pub(crate) fn holds(text: &[u8], word: &[u8; 4]) -> bool {
    let [w, x, y, z] = *word;
    let behind = |n: usize| &text[text.len().min(n)..];
    let four = text.iter().zip(behind(1)).zip(behind(2)).zip(behind(3));
    four.fold(false, |found, (((a, b), c), d)| {
        found | ((a | 32 == w) & (b | 32 == x) & (c | 32 == y) & (d | 32 == z))
    })
}

/// True if an HTML text shows anything at all; looks no further than the first visible character.
pub(crate) fn html_shows_text(html: &str) -> bool {
    let bytes = html.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'<' => {
                let name_is = |name: &[u8]| {
                    bytes.len() > at + name.len()
                        && bytes[at + 1..=at + name.len()].eq_ignore_ascii_case(name)
                };
                let skip: Option<&[u8]> = if name_is(b"style") {
                    Some(b"</style")
                } else if name_is(b"script") {
                    Some(b"</script")
                } else if name_is(b"title") {
                    Some(b"</title")
                } else if name_is(b"!--") {
                    Some(b"-->")
                } else {
                    None
                };
                if let Some(end) = skip {
                    match find_ignore_case(&bytes[at + 1..], end) {
                        Some(i) => at += 1 + i + end.len() - 1,
                        None => return false,
                    }
                }
                match memchr(b'>', &bytes[at..]) {
                    Some(i) => at += i + 1,
                    None => return false,
                }
            }
            b'&' if bytes[at..].starts_with(b"&nbsp;") => at += 6,
            b'&' if bytes[at..].starts_with(b"&#160;") => at += 6,
            b if b.is_ascii() => {
                if !b.is_ascii_whitespace() {
                    return true;
                }
                at += 1;
            }
            _ => {
                let Some(c) = html[at..].chars().next() else { return false };
                if !is_blank(c.encode_utf8(&mut [0; 4])) {
                    return true;
                }
                at += c.len_utf8();
            }
        }
    }
    false
}

/// Offset of `needle` (lower case) in any letter case.
pub(crate) fn find_ignore_case(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), haystack).find(|&i| {
        haystack.len() >= i + needle.len() && haystack[i..i + needle.len()].eq_ignore_ascii_case(needle)
    })
}

/// Plain text as HTML, for messages whose other parts are HTML.
pub(crate) fn as_html(text: &str, out: &mut String) {
    out.push_str("<div>");
    for (i, line) in text.trim_end_matches('\n').split('\n').enumerate() {
        if i > 0 {
            out.push_str("<br>\n");
        }
        for c in line.chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                c => out.push(c),
            }
        }
    }
    out.push_str("</div>\n");
}

/// text/enriched (RFC 1896) without its commands: `<<` is a less-than sign, single line ends are spaces.
pub(crate) fn strip_enriched(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Looked up from the end once, so that parameters nobody closes cost nothing.
    let last_param = text.to_ascii_lowercase().rfind("</param>").unwrap_or(0);
    while let Some(i) = memchr(b'<', rest.as_bytes()) {
        out.push_str(&rest[..i]);
        rest = &rest[i + 1..];
        let opens_param = text.len() - rest.len() <= last_param
            && rest.len() >= 6
            && rest.as_bytes()[..6].eq_ignore_ascii_case(b"param>");
        if let Some(after) = rest.strip_prefix('<') {
            out.push('<');
            rest = after;
        } else {
            let parameter = if opens_param { find_ignore_case(rest.as_bytes(), b"</param>") } else { None };
            let end = parameter.map(|i| i + 7).or_else(|| memchr(b'>', rest.as_bytes()));
            rest = end.map_or("", |e| &rest[e + 1..]);
        }
    }
    out.push_str(rest);
    let mut joined = String::with_capacity(out.len());
    let mut rest = &out[..];
    while let Some(i) = memchr(b'\n', rest.as_bytes()) {
        joined.push_str(&rest[..i]);
        let breaks = rest[i..].bytes().take_while(|b| *b == b'\n').count();
        joined.push_str(if breaks == 1 { " " } else { "" });
        for _ in 1..breaks {
            joined.push('\n');
        }
        rest = &rest[i + breaks..];
    }
    joined.push_str(rest);
    joined
}

/// A uuencoded file inside a plain text: its range, name, and size when decoded.
pub(crate) struct UuBlock {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) name: String,
    pub(crate) bytes: u64,
}

static BEGIN: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"begin "));

/// The first uuencoded block at or behind `from`: a `begin 644 name` line, lines of the right shape and
/// an `end` line.
pub(crate) fn find_uuencoded(text: &str, from: usize) -> Option<UuBlock> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(i) = BEGIN.find(&bytes[at..]) {
        let start = at + i;
        at = start + 6;
        if start > 0 && bytes[start - 1] != b'\n' {
            continue;
        }
        let line_end = memchr(b'\n', &bytes[start..]).map(|i| start + i)?;
        let head = &text[start + 6..line_end];
        let digits = head.bytes().take_while(|b| (b'0'..=b'7').contains(b)).count();
        if !(3..=4).contains(&digits) || head.as_bytes().get(digits) != Some(&b' ') {
            continue;
        }
        let mut line_start = line_end + 1;
        let mut size = 0u64;
        let mut lines = 0;
        loop {
            let end = memchr(b'\n', &bytes[line_start..]).map_or(bytes.len(), |i| line_start + i);
            let line = bytes[line_start..end].trim_ascii_end();
            if line == b"end" && lines > 0 {
                return Some(UuBlock {
                    start,
                    end: (end + 1).min(bytes.len()),
                    name: head[digits..].trim().to_owned(),
                    bytes: size,
                });
            }
            let n = line.first().map_or(0, |b| u64::from(b.wrapping_sub(32) & 63));
            let shaped = matches!(line.first(), Some(32..=96) | None)
                && line.len() as u64 <= 2 + n.div_ceil(3) * 4
                && (line.len() as u64 + 4 >= n.div_ceil(3) * 4);
            if !shaped || end >= bytes.len() {
                break;
            }
            size += n;
            lines += 1;
            line_start = end + 1;
        }
        at = line_start.max(at);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_no_harm() {
        for (text, want) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\rb", "a\nb"),
            ("a\r\r\nb", "a\nb"),
            ("a\0b\x1b[1mc\x7f", "ab[1mc"),
            ("a\tb  \nc", "a\tb  \nc"),
            ("a\u{85}b\u{9b}c\u{2028}d\u{a0}", "a\nbc\u{2028}d\u{a0}"),
        ] {
            assert_eq!(clean(text.into()), want, "{text:?}");
        }
    }

    #[test]
    fn visible_html_is_told_from_empty_html() {
        assert!(html_shows_text("<p>x</p>"));
        assert!(html_shows_text("plain"));
        assert!(!html_shows_text("<html><STYLE>p {}</STYLE><body><br>&nbsp;\u{a0}</body></html>"));
        assert!(!html_shows_text("<!-- x > y --><img src=a>"));
    }

    #[test]
    fn stubs_are_told_from_texts() {
        assert!(is_stub(" \u{a0}\n"));
        assert!(is_stub("Your e-mail client does not support\nHTML messages."));
        assert!(is_stub("Diese Nachricht ist im HTML-Format."));
        assert!(!is_stub("My web site shows only HTML source, please help"));
    }

    #[test]
    fn every_phrase_of_a_stub_has_one_of_the_words() {
        for phrase in section(include_str!("../phrases/stubs.txt"), "html only") {
            assert!(may_be_stub(phrase.as_bytes()), "{phrase}");
            assert!(is_stub(&phrase.to_uppercase()), "{phrase}");
        }
        for none in ["", "htm", "a plain text"] {
            assert!(!may_be_stub(none.as_bytes()));
        }
    }

    #[test]
    fn uuencoded_blocks_are_found() {
        let text = "Hi\nbegin 644 a.txt\n#0V%T\n`\nend\nBye\nbegin 644 no\nnothing of that kind here\n";
        let block = find_uuencoded(text, 0).unwrap();
        assert_eq!(
            (&text[block.start..block.end], block.name.as_str(), block.bytes),
            ("begin 644 a.txt\n#0V%T\n`\nend\n", "a.txt", 3)
        );
        assert!(find_uuencoded(text, block.end).is_none());
    }

    #[test]
    fn enriched_text_loses_its_commands() {
        assert_eq!(strip_enriched("<bold>Hi</bold> a\nb\n\nc <<x>"), "Hi a b\nc <x>");
        assert_eq!(strip_enriched("<color><param>red</param>x</color>"), "x");
    }
}
