//! Texts as they are compared: small letters and single spaces.

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
    let (mut begun, mut gap) = (false, false);
    for c in text.chars() {
        let space = if c.is_ascii() { matches!(c, ' ' | '\t'..='\r') } else { c.is_whitespace() };
        if space {
            gap = begun;
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
        }
        begun = true;
        push_lower(c, out);
    }
}

/// The same for ASCII, the most common case.
fn squeeze_ascii(text: &str, out: &mut String) {
    let text = text.trim_matches(|c| matches!(c, ' ' | '\t'..='\r'));
    // Written over in place by plain loops over bytes, of which the compiler makes vectors; only where white
    // space does not stand alone is anything moved.
    let mut plain = text.as_bytes().to_ascii_lowercase();
    plain.iter_mut().for_each(|b| *b = if matches!(b, b'\t'..=b'\r') { b' ' } else { *b });
    let Ok(plain) = String::from_utf8(plain) else { return };
    let two = memmem::Finder::new(b"  ");
    let mut rest = plain.as_str();
    out.reserve(rest.len() + 1);
    while let Some(at) = two.find(rest.as_bytes()) {
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
        for text in ["", " ", "A  b\u{b}c\r\n D ", "x", " \tX", "\u{c}\u{1c}a\u{1f}b"] {
            let (mut ascii, mut other) = (String::new(), String::new());
            squeeze(text, &mut ascii);
            // The same text with one letter that takes the other way.
            squeeze(&format!("{text} é"), &mut other);
            assert_eq!(format!("{ascii} é").trim_start(), other, "{text:?}");
            assert_eq!(ascii, text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}
