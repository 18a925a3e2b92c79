//! `--keep`: a literal, or a file of the business's facts.
//!
//! The file is TOML of the simplest kind: keys with a string or a list of strings, comments, `[tables]` (whose
//! names, like the keys, are for the reader: a fact is kept whatever it is called).
//!
//! ```toml
//! phone = "+1 503 555 0188"
//! address = ["120 Wharf Street, Portland", "PO Box 411"]
//! ```

use crate::say::Failure;

/// What the values of `--keep` stand for: those that end in `.toml` are files, all others themselves.
pub(crate) fn kept(values: &[String]) -> Result<Vec<String>, Failure> {
    let mut literals = Vec::new();
    for value in values {
        if !value.ends_with(".toml") {
            literals.push(value.clone());
            continue;
        }
        let text = std::fs::read_to_string(value)
            .map_err(|e| Failure::Usage(format!("--keep {value}: cannot read: {e}")))?;
        let facts = strings(&text).map_err(|line| {
            Failure::Usage(format!(
                "--keep {value}: line {line}: not `key = \"text\"` or `key = [\"text\", …]`"
            ))
        })?;
        literals.extend(facts);
    }
    Ok(literals)
}

/// All strings of the file, or the number of the line that cannot be read.
fn strings(text: &str) -> Result<Vec<String>, usize> {
    let mut found = Vec::new();
    let mut inside = false;
    let mut last = 0;
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = number + 1;
        let mut rest = line.trim();
        last = number;
        if !inside {
            if rest.is_empty() || rest.starts_with('#') || rest.starts_with('[') && rest.ends_with(']') {
                continue;
            }
            let (key, value) = rest.split_once('=').ok_or(number)?;
            let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | ' ');
            if key.trim().is_empty() || !key.chars().all(plain) {
                return Err(number);
            }
            rest = value.trim_start();
            if let Some(list) = rest.strip_prefix('[') {
                inside = true;
                rest = list;
            }
        }
        let single = !inside;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() || rest.starts_with('#') {
                break;
            }
            if let Some(end) = rest.strip_prefix(']').filter(|_| inside) {
                inside = false;
                rest = end;
                continue;
            }
            let (value, after) = quoted(rest).ok_or(number)?;
            found.push(value);
            rest = after;
            if single && !(after.trim_start().is_empty() || after.trim_start().starts_with('#')) {
                return Err(number);
            }
        }
    }
    if inside { Err(last) } else { Ok(found) }
}

/// A string at the start of `text`, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    if let Some(literal) = text.strip_prefix('\'') {
        let end = literal.find('\'')?;
        return Some((literal[..end].to_owned(), &literal[end + 1..]));
    }
    let body = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &body[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                c @ ('"' | '\\') => c,
                _ => return None,
            }),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::strings;

    #[test]
    fn facts_are_strings_and_lists_of_strings() {
        let file = "# ours\n[shop]\nphone = \"+1 503 555 0188\"  # day and night\naddress = [\n  \"120 Wharf Street\",\n  'PO Box 411', ]\nname = \"a \\\"b\\\"\"\n";
        assert_eq!(
            strings(file).as_deref(),
            Ok(&[
                "+1 503 555 0188".to_owned(),
                "120 Wharf Street".into(),
                "PO Box 411".into(),
                "a \"b\"".into()
            ][..])
        );
        assert_eq!(strings("phone = 7"), Err(1));
        assert_eq!(strings("a = \"x\"\nb = [\"y\""), Err(2));
        assert_eq!(strings("no fact"), Err(1));
    }
}
