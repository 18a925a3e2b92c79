//! Telling formats apart by a file's first line.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::csv::{Header, shortened};
use super::input::Input;
use super::reader::Lines;
use super::{FORMATS, Format, Kind, Rows};
use crate::error::Error;

/// Reads the first line that is not blank and says which format it is: by the keys of a JSON object, or by
/// the columns of a header.
///
/// # Errors
/// [`Error::Unrecognised`] with what was found and what would have been understood; or a failure to read.
///
/// ```
/// use threadfold_dataset::{Format, sniff};
/// assert_eq!(sniff(&b"{\"messages\":[]}"[..]).unwrap(), Format::Messages);
/// assert_eq!(sniff(&b"Completion;Prompt;notes\n"[..]).unwrap(), Format::Csv);
/// ```
pub fn sniff(input: impl BufRead) -> Result<Format, Error> {
    let mut lines = Lines { input: Input::open(input)?, bytes: Vec::new(), line: 0 };
    let unrecognised = |line, found: String| Error::Unrecognised { line, found, expected: expected() };
    loop {
        let number = lines.line + 1;
        let Some(line) = lines.next_line()? else {
            return Err(unrecognised(1, "the file is empty".into()));
        };
        return match line[0] {
            b'{' => {
                let keys: BTreeMap<String, Found> = serde_json::from_slice(line).map_err(|e| {
                    let why = if line.contains(&b'\r') {
                        "lines that end with CR alone; threadfold validate --fix mends that".to_owned()
                    } else {
                        format!("a line that is not one JSON object ({e})")
                    };
                    unrecognised(number, why)
                })?;
                by_keys(&keys).ok_or_else(|| {
                    let keys = keys.into_keys().collect::<Vec<_>>().join(", ");
                    unrecognised(number, format!("an object with the keys {}", shortened(&keys)))
                })
            }
            b'[' => Err(unrecognised(number, "a JSON list, not one object a line".into())),
            _ if line.len() == 5 && line[..4].eq_ignore_ascii_case(b"sep=") => continue,
            _ => match Header::parse(line, None) {
                // Said in full by the reader if the header has another fault.
                Ok(Some(_)) | Err(_) => Ok(Format::Csv),
                Ok(None) => {
                    // Old Macs end lines with CR; what comes behind is no header.
                    let header = line.split(|b| *b == b'\r').next().unwrap_or_default();
                    let shown = shortened(&String::from_utf8_lossy(header));
                    Err(unrecognised(number, format!("{shown:?}")))
                }
            },
        };
    }
}

/// The kind of a value, nothing of it kept.
pub(crate) struct Found(Kind);

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Found;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Found, E> {
        Ok(Found(Kind::Any))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Found, E> {
        Ok(Found(Kind::Any))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Found, E> {
        Ok(Found(Kind::Any))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Found, E> {
        Ok(Found(Kind::Any))
    }

    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(Found(Kind::Any))
    }

    fn visit_str<E>(self, _: &str) -> Result<Found, E> {
        Ok(Found(Kind::Text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Found, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found(Kind::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Found(Kind::Object))
    }
}

/// The format that asks for the most keys among those that are there.
fn by_keys(keys: &BTreeMap<String, Found>) -> Option<Format> {
    let there = |(key, kind): &(&str, Kind)| {
        keys.get(*key).is_some_and(|found| *kind == Kind::Any || found.0 == *kind)
    };
    let asked = |info: &super::FormatInfo| match info.codec.rows {
        Rows::JsonLines { keys: asked, .. } if asked.iter().all(there) => asked.len(),
        _ => 0,
    };
    // The earlier row of the table wins a tie.
    FORMATS.iter().rev().max_by_key(|info| asked(info)).filter(|info| asked(info) > 0).map(|info| info.format)
}

fn expected() -> String {
    let lines = FORMATS.iter().filter(|info| matches!(info.codec.rows, Rows::JsonLines { .. }));
    let names: Vec<&str> = lines.map(|info| info.name).collect();
    format!(
        "a spreadsheet whose header has prompt and completion, or one JSON object a line of {}",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines() {
        for (text, format) in [
            ("{\"id\":\"x\",\"turns\":[]}\n{", Format::Canonical),
            ("\u{feff}\n{\"messages\":[]}", Format::Messages),
            ("{\"completion\":\"\",\"prompt\":\"\"}", Format::PromptCompletion),
            ("\u{feff}prompt,completion,id\r\n", Format::Csv),
            ("sep=;\r\n\"prompt\";\"completion\"\r\n", Format::Csv),
            ("completion\tprompt\r", Format::Csv),
        ] {
            assert_eq!(sniff(text.as_bytes()).unwrap(), format, "{text:?}");
        }
        let error = sniff(&b"question,reply\rOpen?,Yes.\r"[..]).unwrap_err().to_string();
        assert!(error.contains("\"question,reply\";"), "the header alone: {error}");
        let error = sniff(&b"{\"prompt\":\"a\"}\r{\"prompt\":\"b\"}\r"[..]).unwrap_err().to_string();
        assert!(error.contains("CR alone"), "{error}");
        for text in ["", "[{}]", "{\"note\":1}", "{\"messages\":", "question,answer\n", "hello"] {
            let error = sniff(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("prompt"), "{error}");
        }
    }
}
