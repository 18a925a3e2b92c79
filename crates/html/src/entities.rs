//! Character references.

use std::sync::OnceLock;

struct Named {
    name: &'static str,
    value: String,
    /// Old names are read even where the semicolon is missing.
    lenient: bool,
}

fn table() -> &'static [Named] {
    static TABLE: OnceLock<Vec<Named>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut rows: Vec<Named> = include_str!("../phrases/entities.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let (name, codes) = line.split_once('\t')?;
                let lenient = codes.ends_with('!');
                let value = codes
                    .trim_end_matches('!')
                    .split(' ')
                    .filter_map(|code| u32::from_str_radix(code, 16).ok().and_then(char::from_u32))
                    .collect();
                Some(Named { name, value, lenient })
            })
            .collect();
        rows.sort_unstable_by_key(|row| row.name);
        rows
    })
}

fn named(name: &str) -> Option<&'static Named> {
    let rows = table();
    rows.binary_search_by_key(&name, |row| row.name).ok().map(|at| &rows[at])
}

/// Longest name of the table is 31 bytes.
const LONGEST: usize = 32;

/// Reads the character reference at the start of `text`, which starts with `&`: what it stands for is added
/// to `out`, and its length in bytes returned; `None` if it is a plain ampersand.
pub(crate) fn read(text: &str, out: &mut String) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.get(1) == Some(&b'#') {
        return numeric(bytes, out);
    }
    // Nearly all of them are one of these.
    const COMMON: [(&str, &str); 5] =
        [("&nbsp;", "\u{a0}"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&quot;", "\"")];
    if let Some((name, value)) = COMMON.iter().find(|(name, _)| text.starts_with(name)) {
        out.push_str(value);
        return Some(name.len());
    }
    let name = bytes[1..].iter().take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let full = text.get(1..1 + name)?;
    if bytes.get(1 + name) == Some(&b';')
        && let Some(row) = named(full)
    {
        out.push_str(&row.value);
        return Some(name + 2);
    }
    // `&nbspand` and `&copy2024`: the longest old name that fits.
    (2..=name.min(6)).rev().find_map(|length| {
        let row = named(text.get(1..1 + length)?).filter(|row| row.lenient)?;
        out.push_str(&row.value);
        Some(length + 1)
    })
}

fn numeric(bytes: &[u8], out: &mut String) -> Option<usize> {
    let hex = matches!(bytes.get(2), Some(b'x' | b'X'));
    let start = if hex { 3 } else { 2 };
    let mut at = start;
    let mut value = 0_u32;
    while let Some(digit) =
        bytes.get(at).and_then(|byte| char::from(*byte).to_digit(if hex { 16 } else { 10 }))
    {
        value = value.saturating_mul(if hex { 16 } else { 10 }).saturating_add(digit);
        at += 1;
    }
    if at == start {
        return None;
    }
    if bytes.get(at) == Some(&b';') {
        at += 1;
    }
    out.push(code_point(value));
    Some(at)
}

/// Numbers between 128 and 159 mean windows-1252, as every browser reads them.
fn code_point(value: u32) -> char {
    const WINDOWS: [char; 32] = [
        '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
        '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}', '\u{90}',
        '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2DC}',
        '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
    ];
    match value {
        0 => '\u{FFFD}',
        128..=159 => WINDOWS[value as usize - 128],
        _ => char::from_u32(value).unwrap_or('\u{FFFD}'),
    }
}

/// `text` with its character references read, as in `R&amp;D`.
///
/// ```
/// assert_eq!(threadfold_html::decode("R&amp;D &lt;ann@example.com&gt; &#8364;5"), "R&D <ann@example.com> €5");
/// ```
pub fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = read(rest, &mut out).unwrap_or_else(|| {
            out.push('&');
            1
        });
        rest = &rest[used..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn reads_names_numbers_and_the_old_names_without_semicolon() {
        assert_eq!(decode("&Auml;&auml;&hellip;&nbsp;x"), "Ää…\u{a0}x");
        assert_eq!(decode("&#65;&#x42;&#150;&#0;&#x110000;"), "AB\u{2013}\u{FFFD}\u{FFFD}");
        assert_eq!(decode("&copy2024 &ampx &nbspand"), "©2024 &x \u{a0}and");
    }

    #[test]
    fn leaves_what_is_no_reference() {
        assert_eq!(decode("AT&T & &unknown; &#; a&"), "AT&T & &unknown; &#; a&");
    }
}
