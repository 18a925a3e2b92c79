//! One JSON object a line, such that every reader agrees where a line ends.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Appends the value as one line of JSON: plain UTF-8, ended by `\n`, with U+2028, U+2029 and U+0085
/// escaped, because readers that split at any Unicode line end would otherwise cut the line in two.
pub(crate) fn write_line(value: &impl Serialize, out: &mut Vec<u8>) {
    write_value(value, out);
    out.push(b'\n');
}

/// The same without the line end.
pub(crate) fn write_value(value: &impl Serialize, out: &mut Vec<u8>) {
    let mut serializer = Serializer::with_formatter(out, OneLine);
    // Writing to memory cannot fail, and no type rendered here has keys that are not strings.
    let done = value.serialize(&mut serializer);
    debug_assert!(done.is_ok());
}

struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let bytes = text.as_bytes();
        let mut written = 0;
        for at in memchr::memchr2_iter(0xe2, 0xc2, bytes) {
            let (len, escape) = match &bytes[at..] {
                [0xe2, 0x80, 0xa8, ..] => (3, b"\\u2028"),
                [0xe2, 0x80, 0xa9, ..] => (3, b"\\u2029"),
                [0xc2, 0x85, ..] => (2, b"\\u0085"),
                _ => continue,
            };
            writer.write_all(&bytes[written..at])?;
            writer.write_all(escape)?;
            written = at + len;
        }
        writer.write_all(&bytes[written..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_ends_of_every_kind_are_escaped() {
        let mut out = Vec::new();
        write_line(&"a\u{2028}b\u{2029}c\u{85}d\u{a0}\u{20ac}\n\r\u{b}\u{c}\u{1c}\"\\é", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a\\u2028b\\u2029c\\u0085d\u{a0}\u{20ac}\\n\\r\\u000b\\f\\u001c\\\"\\\\é\"\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "\\PC*|[\\x00-\\x20\u{85}\u{2027}-\u{202a}\u{c0}-\u{e3}]*") {
            let mut out = Vec::new();
            write_value(&text, &mut out);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }
}
