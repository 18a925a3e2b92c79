//! One JSON object a line, such that every reader agrees where a line ends.
//!
//! Every text of a dataset goes through here once for each format, so the serializer is our own: it writes to
//! memory alone, copies names of fields as they are, and texts by whole stretches. What it writes is what
//! `serde_json` writes (a test compares them), but for three characters.

use std::fmt::Display;
use std::io::Write;

use memchr::memchr3_iter;
use serde::Serialize;
use serde::ser::{self, Impossible};
use threadfold_core::eight::{HIGH, ONES, before, eight};

/// Appends the value as one line of JSON: plain UTF-8, ended by `\n`, with U+2028, U+2029 and U+0085
/// escaped, because readers that split at any Unicode line end would otherwise cut the line in two.
///
/// ```
/// let mut out = Vec::new();
/// threadfold_dataset::write_json_line(&["a\u{2028}", "\"b\""], &mut out);
/// assert_eq!(out, b"[\"a\\u2028\",\"\\\"b\\\"\"]\n");
/// ```
pub fn write_line(value: &impl Serialize, out: &mut Vec<u8>) {
    write_value(value, out);
    out.push(b'\n');
}

/// The same without the line end.
pub(crate) fn write_value(value: &impl Serialize, out: &mut Vec<u8>) {
    // Writing to memory cannot fail, and no type rendered here has keys that are not strings.
    let done = value.serialize(Json(out));
    debug_assert!(done.is_ok());
}

/// A string with its quotation marks.
fn write_text(text: &str, out: &mut Vec<u8>) {
    /// Names, ids and dates: to look at each byte costs less than to set out for a search.
    const SHORT: usize = 64;
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    // Without an early exit, so that the compiler makes vectors of it.
    let odd = |odd, &b: &u8| odd | ((b < 0x20) & (b != b'\n')) | (b == 0xe2) | (b == 0xc2);
    let mut written = 0;
    if bytes.len() <= SHORT || bytes.iter().fold(false, odd) {
        let mut at = 0;
        while at < bytes.len() {
            let marks = special(eight(&bytes[at..]));
            if marks == 0 {
                at += 8;
                continue;
            }
            at += before(marks);
            let Some(&b) = bytes.get(at) else { break };
            let (len, escape) = escape(&bytes[at..]);
            if let Some(escape) = escape {
                out.extend_from_slice(&bytes[written..at]);
                out.extend_from_slice(escape);
                written = at + len;
            } else if b < 0x20 {
                out.extend_from_slice(&bytes[written..at]);
                let hex = |n: u8| b"0123456789abcdef"[usize::from(n & 15)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(b >> 4), hex(b)]);
                written = at + 1;
            }
            at += len.max(1);
        }
    } else {
        for at in memchr3_iter(b'"', b'\\', b'\n', bytes) {
            out.extend_from_slice(&bytes[written..at]);
            out.extend_from_slice(&[b'\\', if bytes[at] == b'\n' { b'n' } else { bytes[at] }]);
            written = at + 1;
        }
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

/// The bytes, of eight, that may need an escape. Of several only the first is surely one.
fn special(eight: u64) -> u64 {
    let below = eight.wrapping_sub(0x20 * ONES) & !eight;
    let equal = |byte: u8| {
        let without = eight ^ (u64::from(byte) * ONES);
        without.wrapping_sub(ONES) & !without
    };
    (below | equal(b'"') | equal(b'\\') | equal(0xe2) | equal(0xc2)) & HIGH
}

/// How many bytes are to be replaced and by what; nothing for characters that stay and for control characters
/// without a letter of their own.
fn escape(bytes: &[u8]) -> (usize, Option<&'static [u8]>) {
    let known: (usize, &[u8]) = match bytes {
        [b'"', ..] => (1, b"\\\""),
        [b'\\', ..] => (1, b"\\\\"),
        [b'\n', ..] => (1, b"\\n"),
        [b'\r', ..] => (1, b"\\r"),
        [b'\t', ..] => (1, b"\\t"),
        [0x08, ..] => (1, b"\\b"),
        [0x0c, ..] => (1, b"\\f"),
        [0xe2, 0x80, 0xa8, ..] => (3, b"\\u2028"),
        [0xe2, 0x80, 0xa9, ..] => (3, b"\\u2029"),
        [0xc2, 0x85, ..] => (2, b"\\u0085"),
        _ => return (0, None),
    };
    (known.0, Some(known.1))
}

/// Serializes to the end of a buffer.
struct Json<'a>(&'a mut Vec<u8>);

/// What JSON has no form for.
#[derive(Debug)]
struct Refused(String);

impl Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(why: T) -> Self {
        Refused(why.to_string())
    }
}

impl Json<'_> {
    fn display(self, value: impl Display) -> Result<(), Refused> {
        write!(self.0, "{value}").map_err(ser::Error::custom)
    }

    fn real(self, value: f64) -> Result<(), Refused> {
        serde_json::to_writer(self.0, &value).map_err(ser::Error::custom)
    }
}

/// A list or an object, begun.
struct Members<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
    end: u8,
}

impl<'a> Members<'a> {
    fn begin(out: &'a mut Vec<u8>, begin: u8, end: u8) -> Self {
        out.push(begin);
        Members { out, empty: true, end }
    }

    fn next(&mut self) -> Json<'_> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        Json(self.out)
    }

    fn finish(self) -> Result<(), Refused> {
        self.out.push(self.end);
        Ok(())
    }
}

impl<'a> ser::Serializer for Json<'a> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Impossible<(), Refused>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Impossible<(), Refused>;

    fn serialize_bool(self, v: bool) -> Result<(), Refused> {
        self.0.extend_from_slice(if v { b"true" } else { b"false" });
        Ok(())
    }
    fn serialize_i8(self, v: i8) -> Result<(), Refused> {
        self.display(v)
    }
    fn serialize_i16(self, v: i16) -> Result<(), Refused> {
        self.display(v)
    }
    fn serialize_i32(self, v: i32) -> Result<(), Refused> {
        self.display(v)
    }
    fn serialize_i64(self, v: i64) -> Result<(), Refused> {
        self.display(v)
    }
    fn serialize_u8(self, v: u8) -> Result<(), Refused> {
        self.display(v)
    }
    fn serialize_u16(self, v: u16) -> Result<(), Refused> {
        self.display(v)
    }
    fn serialize_u32(self, v: u32) -> Result<(), Refused> {
        self.display(v)
    }
    fn serialize_u64(self, v: u64) -> Result<(), Refused> {
        self.display(v)
    }
    fn serialize_f32(self, v: f32) -> Result<(), Refused> {
        serde_json::to_writer(self.0, &v).map_err(ser::Error::custom)
    }
    fn serialize_f64(self, v: f64) -> Result<(), Refused> {
        self.real(v)
    }
    fn serialize_char(self, v: char) -> Result<(), Refused> {
        self.serialize_str(v.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, v: &str) -> Result<(), Refused> {
        write_text(v, self.0);
        Ok(())
    }
    fn serialize_bytes(self, v: &[u8]) -> Result<(), Refused> {
        v.serialize(self)
    }
    fn serialize_none(self) -> Result<(), Refused> {
        self.serialize_unit()
    }
    fn serialize_some<T: ?Sized + Serialize>(self, v: &T) -> Result<(), Refused> {
        v.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Refused> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Refused> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Refused> {
        self.serialize_str(name)
    }
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, v: &T) -> Result<(), Refused> {
        v.serialize(self)
    }
    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        v: &T,
    ) -> Result<(), Refused> {
        let mut members = Members::begin(self.0, b'{', b'}');
        ser::SerializeStruct::serialize_field(&mut members, name, v)?;
        members.finish()
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'a>, Refused> {
        Ok(Members::begin(self.0, b'[', b']'))
    }
    fn serialize_tuple(self, _: usize) -> Result<Members<'a>, Refused> {
        Ok(Members::begin(self.0, b'[', b']'))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Refused> {
        Ok(Members::begin(self.0, b'[', b']'))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Refused> {
        Err(Refused(format!("a variant with a list: {name}")))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, Refused> {
        Ok(Members::begin(self.0, b'{', b'}'))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Refused> {
        Ok(Members::begin(self.0, b'{', b'}'))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Refused> {
        Err(Refused(format!("a variant with fields: {name}")))
    }
}

macro_rules! list {
    ($($name:ident $method:ident),*) => { $(
        impl ser::$name for Members<'_> {
            type Ok = ();
            type Error = Refused;
            fn $method<T: ?Sized + Serialize>(&mut self, v: &T) -> Result<(), Refused> {
                v.serialize(self.next())
            }
            fn end(self) -> Result<(), Refused> {
                self.finish()
            }
        }
    )* };
}
list!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field);

impl ser::SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Refused;
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Refused> {
        key.serialize(self.next())
    }
    fn serialize_value<T: ?Sized + Serialize>(&mut self, v: &T) -> Result<(), Refused> {
        self.out.push(b':');
        v.serialize(Json(self.out))
    }
    fn end(self) -> Result<(), Refused> {
        self.finish()
    }
}

impl ser::SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Refused;
    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, v: &T) -> Result<(), Refused> {
        let out = self.next().0;
        // Names of fields are names in the program or plain words.
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        v.serialize(Json(out))
    }
    fn end(self) -> Result<(), Refused> {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[test]
    fn line_ends_of_every_kind_are_escaped() {
        let mut out = Vec::new();
        write_line(&"a\u{2028}b\u{2029}c\u{85}d\u{a0}\u{20ac}\n\r\u{b}\u{c}\u{1c}\"\\é", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a\\u2028b\\u2029c\\u0085d\u{a0}\u{20ac}\\n\\r\\u000b\\f\\u001c\\\"\\\\é\"\n"
        );
    }

    #[derive(Serialize)]
    struct All<'a> {
        text: &'a str,
        none: Option<u8>,
        some: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u8>,
        #[serde(rename = "other name")]
        list: Vec<(u64, f64)>,
        map: BTreeMap<&'a str, bool>,
        unit: (),
        kind: Kind,
        empty: [u8; 0],
    }

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        TwoWords,
        Holds(char),
    }

    #[test]
    fn values_of_every_kind_are_written_as_serde_json_does() {
        for kind in [Kind::TwoWords, Kind::Holds('\n')] {
            let value = All {
                text: "a\u{7f}\0",
                none: None,
                some: Some(i64::MIN),
                absent: None,
                list: vec![(u64::MAX, 0.1), (0, 1e300)],
                map: [("k\"", true), ("l", false)].into(),
                unit: (),
                kind,
                empty: [],
            };
            let mut out = Vec::new();
            write_value(&value, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&value).unwrap());
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "\\PC*|[\\x00-\\x20\u{85}\u{2027}-\u{202a}\u{c0}-\u{e3}]*") {
            let mut out = Vec::new();
            write_value(&text, &mut out);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }

        #[test]
        fn texts_are_written_as_serde_json_does(text in "[\\x00-\\x7f\u{c0}-\u{17f}]{0,80}") {
            let mut out = Vec::new();
            write_value(&text, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
        }
    }
}
