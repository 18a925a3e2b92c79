//! Texts as they are compared: small letters and single spaces.

use std::sync::LazyLock;

use memchr::memmem;

/// Appends a text in lower case, each run of white space as one space, none at the ends. Letters and white space
/// are what [`char::to_lowercase`] and [`char::is_whitespace`] say.
///
/// ```
/// let mut out = String::new();
/// threadfold_core::squeeze(" Größe\u{a0} ÜBER\n42", &mut out);
/// assert_eq!(out, "größe über 42");
/// ```
pub fn squeeze(text: &str, out: &mut String) {
    if text.is_ascii() {
        return squeeze_ascii(text, out);
    }
    out.reserve(text.len());
    let Some(plain) = plainly_lower(text) else { return };
    let (mut begun, mut gap) = (false, false);
    let mut rest = plain.as_str();
    loop {
        // Most characters of most texts are ASCII: those are pushed in stretches.
        let (ascii, other) = rest.split_at(rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len()));
        let words = ascii.trim_matches(' ');
        if words.is_empty() {
            gap |= begun && !ascii.is_empty();
        } else {
            if begun && (gap || ascii.starts_with(' ')) {
                out.push(' ');
            }
            push_spaced(words, out);
            (begun, gap) = (true, ascii.ends_with(' '));
        }
        let mut chars = other.chars();
        rest = other;
        while let Some(c) = chars.next().filter(|c| !c.is_ascii()) {
            rest = chars.as_str();
            if c.is_whitespace() {
                gap = begun;
                continue;
            }
            if std::mem::take(&mut gap) {
                out.push(' ');
            }
            begun = true;
            push_lower(c, out);
        }
        if rest.is_empty() {
            return;
        }
    }
}

/// The same for ASCII, the most common case.
fn squeeze_ascii(text: &str, out: &mut String) {
    let text = text.trim_matches(|c| matches!(c, ' ' | '\t'..='\r'));
    if let Some(plain) = plainly_lower(text) {
        push_spaced(&plain, out);
    }
}

/// The text with its ASCII letters in lower case and a space for each ASCII white space. Written over in place by
/// plain loops over bytes, of which the compiler makes vectors.
fn plainly_lower(text: &str) -> Option<String> {
    let mut plain = text.as_bytes().to_ascii_lowercase();
    plain.iter_mut().for_each(|b| *b = if matches!(b, b'\t'..=b'\r') { b' ' } else { *b });
    // Only ASCII was changed, and to ASCII.
    String::from_utf8(plain).ok()
}

/// Appends text between whose words stand spaces, any number of them. Only where they do not stand alone is
/// anything moved.
fn push_spaced(text: &str, out: &mut String) {
    static TWO: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"  "));
    let mut rest = text;
    out.reserve(rest.len() + 1);
    while let Some(at) = TWO.find(rest.as_bytes()) {
        out.push_str(&rest[..=at]);
        rest = rest[at..].trim_start_matches(' ');
    }
    out.push_str(rest);
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
        // Latin-1 and Cyrillic small letters; what Chinese, Japanese and Korean are written with.
        'ß'..='ÿ' | 'а'..='џ' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => out.push(c),
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
