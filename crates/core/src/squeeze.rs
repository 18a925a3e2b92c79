//! Texts as they are compared: small letters and single spaces.

use crate::eight::{HIGH, ONES, before, eight};

/// Appends a text in lower case, each run of white space as one space, none at the ends. Letters and white space
/// are what [`char::to_lowercase`] and [`char::is_whitespace`] say.
///
/// ```
/// let mut out = String::new();
/// threadfold_core::squeeze(" Größe\u{a0} ÜBER\n42", &mut out);
/// assert_eq!(out, "größe über 42");
/// ```
pub fn squeeze(text: &str, out: &mut String) {
    let start = out.len();
    out.reserve(text.len() + 1);
    let text = text.trim_start();
    // Up to where the text was copied, and looked at: most of it is copied as it stands.
    let (mut from, mut at) = (0, 0);
    loop {
        at = noteworthy(text.as_bytes(), at);
        let Some(c) = text[at..].chars().next() else { break };
        if c.is_whitespace() {
            let behind = text[at..].trim_start();
            if behind.is_empty() {
                break;
            }
            let next = text.len() - behind.len();
            // A single space stays as it stands.
            if next - at > 1 || c != ' ' {
                out.push_str(text[from..at].trim_end_matches(' '));
                out.push(' ');
                from = next;
            }
            at = next;
            continue;
        }
        let next = at + c.len_utf8();
        if !c.is_ascii() && !is_plainly_small(c) {
            out.push_str(&text[from..at]);
            out.extend(c.to_lowercase());
            from = next;
        }
        at = next;
    }
    out.push_str(text[from..at].trim_end_matches(' '));
    out[start..].make_ascii_lowercase();
}

/// Where the next byte stands that need not be copied as it is: beyond ASCII, a control character, or a space with
/// another behind it. (Some others are told too.)
#[inline]
fn noteworthy(bytes: &[u8], mut at: usize) -> usize {
    const SPACES: u64 = 0x2020_2020_2020_2020;
    while at < bytes.len() {
        let next = eight(&bytes[at..]);
        let controls = next.wrapping_sub(SPACES) & !next;
        let without = next ^ SPACES;
        let spaces = without.wrapping_sub(ONES) & !without & HIGH;
        let found = (next | controls | spaces & spaces >> 8) & HIGH;
        if found != 0 {
            return (at + before(found)).min(bytes.len());
        }
        // What stands behind the last of the eight is seen with it in the next.
        at += 7;
    }
    bytes.len()
}

/// Letters and signs that are their own lower case, of those that mail has most of: Latin-1 and Cyrillic small
/// letters; what Chinese, Japanese and Korean are written with.
#[inline]
fn is_plainly_small(c: char) -> bool {
    matches!(c, 'ß'..='ÿ' | 'а'..='џ' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Appends a character in lower case, as [`char::to_lowercase`] gives it: the letters of most mail without a
/// look at its tables.
///
/// ```
/// let mut out = String::new();
/// "ÄËẞŁДяİ中".chars().for_each(|c| threadfold_core::push_lower(c, &mut out));
/// assert_eq!(out, "ÄËẞŁДяİ中".to_lowercase());
/// ```
#[inline]
pub fn push_lower(c: char, out: &mut String) {
    match c {
        '\0'..='\x7f' => out.push(c.to_ascii_lowercase()),
        c if is_plainly_small(c) => out.push(c),
        c => out.extend(c.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_lowered_as_the_standard_library_does() {
        let mut out = String::new();
        for c in '\0'..=char::MAX {
            out.clear();
            push_lower(c, &mut out);
            assert!(out.chars().eq(c.to_lowercase()), "{c:?}");
        }
    }

    #[test]
    fn white_space_is_squeezed_alike_in_ascii_and_beyond() {
        let pieces = [
            "",
            " ",
            "A  b\u{b}c\r\n D",
            "x",
            "\t",
            "\u{c}\u{1c}a\u{1f}",
            "É",
            "\u{a0}",
            "ß\u{3000}Ü",
            "中文",
        ];
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    for d in pieces {
                        let text = [a, b, c, d].concat();
                        let mut out = String::new();
                        squeeze(&text, &mut out);
                        let lower =
                            |word: &str| word.chars().flat_map(char::to_lowercase).collect::<String>();
                        let words: Vec<String> = text.split_whitespace().map(lower).collect();
                        assert_eq!(out, words.join(" "), "{text:?}");
                    }
                }
            }
        }
    }
}
