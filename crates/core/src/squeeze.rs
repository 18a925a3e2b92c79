//! Texts as they are compared: small letters and single spaces.

use memchr::memmem;

/// Appends an ASCII text in lower case, each run of white space (vertical tab included) as one space, none at
/// the ends. Characters that are not ASCII stay as they are.
///
/// ```
/// let mut out = String::from("> ");
/// threadfold_core::squeeze_ascii("  The\t Kettle\r\n\r\nis late ", &mut out);
/// assert_eq!(out, "> the kettle is late");
/// ```
pub fn squeeze_ascii(text: &str, out: &mut String) {
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
