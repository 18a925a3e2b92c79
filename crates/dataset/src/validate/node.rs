//! A JSON value as it stands in the file: keys in order, doubled ones included, texts borrowed where they
//! hold no escapes.

use std::borrow::Cow;

use rustc_hash::FxHashSet;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Object<'a>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object<'a> {
    pub(crate) entries: Vec<(Cow<'a, str>, Node<'a>)>,
    /// The place of an entry whose key an earlier one has as well.
    pub(crate) doubled: Option<usize>,
}

impl<'a> Object<'a> {
    /// The value of a key; the last one counts, as with most readers.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.entries.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node<'a>> {
        self.entries.iter_mut().rev().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(k, _)| k.as_ref())
    }
}

impl<'a> Node<'a> {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a truth value",
            Node::Number(_) => "a number",
            Node::Text(_) => "a text",
            Node::List(_) => "a list",
            Node::Object(_) => "an object",
        }
    }

    /// A doubled key anywhere in it.
    pub(crate) fn doubled_key(&self) -> Option<&str> {
        match self {
            Node::List(list) => list.iter().find_map(Node::doubled_key),
            Node::Object(object) => match object.doubled {
                Some(at) => Some(object.entries[at].0.as_ref()),
                None => object.entries.iter().find_map(|(_, value)| value.doubled_key()),
            },
            _ => None,
        }
    }

    /// Takes out entries that say what an earlier one of the same key says; true if no doubled key is left.
    pub(crate) fn undouble(&mut self) -> bool {
        match self {
            Node::List(list) => {
                let mut clean = true;
                for node in list {
                    clean &= node.undouble();
                }
                clean
            }
            Node::Object(object) => {
                let mut kept: Vec<(Cow<'a, str>, Node<'a>)> = Vec::with_capacity(object.entries.len());
                let mut clean = true;
                let mut still = None;
                for (key, value) in std::mem::take(&mut object.entries) {
                    // Only objects with a doubled key come here twice, so the search may be linear.
                    let before = object.doubled.and_then(|_| kept.iter().find(|(k, _)| *k == key));
                    match before {
                        Some((_, same)) if *same == value => continue,
                        Some(_) => {
                            clean = false;
                            still = still.or(Some(kept.len()));
                        }
                        None => {}
                    }
                    kept.push((key, value));
                }
                object.entries = kept;
                object.doubled = still;
                object.entries.iter_mut().fold(clean, |clean, (_, value)| value.undouble() && clean)
            }
            _ => true,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Build(std::marker::PhantomData))
    }
}

struct Build<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for Build<'a> {
    type Value = Node<'a>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node<'a>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'a>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'a>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'a>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'a>, E> {
        Ok(serde_json::Number::from_f64(value).map_or(Node::Null, Node::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'a>, E> {
        Ok(Node::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'a>, E> {
        Ok(Node::Text(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node<'a>, A::Error> {
        let mut list = Vec::with_capacity(4);
        while let Some(value) = from.next_element()? {
            list.push(value);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node<'a>, A::Error> {
        /// From here on a set is faster than looking through the list.
        const MANY: usize = 16;
        let mut object = Object { entries: Vec::with_capacity(3), doubled: None };
        let mut seen: FxHashSet<String> = FxHashSet::default();
        while let Some((Key(key), value)) = from.next_entry::<Key<'a>, Node<'a>>()? {
            let entries = &object.entries;
            let doubled = if entries.len() < MANY {
                entries.iter().any(|(k, _)| *k == key)
            } else {
                if seen.is_empty() {
                    seen.extend(entries.iter().map(|(k, _)| k.to_string()));
                }
                !seen.insert(key.to_string())
            };
            if doubled {
                object.doubled.get_or_insert(entries.len());
            }
            object.entries.push((key, value));
        }
        Ok(Node::Object(object))
    }
}

struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Node::deserialize(from)? {
            Node::Text(text) => Ok(Key(text)),
            _ => Ok(Key("".into())),
        }
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => to.serialize_unit(),
            Node::Bool(value) => to.serialize_bool(*value),
            Node::Number(value) => value.serialize(to),
            Node::Text(text) => to.serialize_str(text),
            Node::List(list) => list.serialize(to),
            Node::Object(object) => {
                let mut map = to.serialize_map(Some(object.entries.len()))?;
                for (key, value) in &object.entries {
                    map.serialize_entry(key.as_ref(), value)?;
                }
                map.end()
            }
        }
    }
}

/// Where the `\uXXXX` of half a surrogate pair stands alone in a line of JSON.
pub(crate) fn lone_surrogates(line: &[u8]) -> Vec<usize> {
    let unit = |at: usize| {
        let digits = line.get(at + 2..at + 6).filter(|_| line.get(at..at + 2) == Some(b"\\u"))?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut alone = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &line[at..]) {
        at += next;
        match unit(at) {
            Some(0xd800..=0xdbff) => {
                if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) {
                    at += 12;
                } else {
                    alone.push(at);
                    at += 6;
                }
            }
            Some(0xdc00..=0xdfff) => {
                alone.push(at);
                at += 6;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
        if at >= line.len() {
            break;
        }
    }
    alone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Node<'_> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn values_come_back_as_they_stood() {
        let text = r#"{"b":1,"a":[null,true,-1.5,"x\ny",{}],"z":18446744073709551615}"#;
        assert_eq!(serde_json::to_string(&node(text)).unwrap(), text);
    }

    #[test]
    fn doubled_keys() {
        let mut same = node(r#"{"m":[{"a":1,"b":2,"a":1}]}"#);
        assert_eq!(same.doubled_key(), Some("a"));
        assert!(same.undouble());
        assert_eq!(serde_json::to_string(&same).unwrap(), r#"{"m":[{"a":1,"b":2}]}"#);
        let mut other = node(r#"{"a":1,"a":2}"#);
        assert!(!other.undouble());
        assert_eq!(other.doubled_key(), Some("a"));
        let many: Vec<String> = (0..40).map(|i| format!("\"k{}\":0", i % 39)).collect();
        assert_eq!(node(&format!("{{{}}}", many.join(","))).doubled_key(), Some("k0"));
    }

    #[test]
    fn halves_of_pairs() {
        assert_eq!(lone_surrogates(br#"a\ud83d\ude00b\ud800c\\ud800\udc00"#), [14, 28]);
        assert!(lone_surrogates(br#"\n\\ "#).is_empty());
        assert_eq!(lone_surrogates(br"\ud800"), [0]);
        assert!(lone_surrogates(b"\\").is_empty());
    }
}
