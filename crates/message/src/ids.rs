//! Message ids (RFC 5322 section 3.6.4).

use std::borrow::Cow;
use threadfold_core::{IdHash, hash_bytes};

/// Longer than this is somebody's accident; the thread would hang on it.
const LONGEST: usize = 1000;

/// The normalised ids of a `References`, `In-Reply-To` or `Message-ID` value, in order: without brackets,
/// white space inside the brackets removed (long ids get folded there), letter case kept.
///
/// Where no brackets are at all, words with an `@` are ids, as some senders write them. Whoever reads
/// In-Reply-To takes only ids in brackets: its free text would link strangers' threads.
///
/// ```
/// let ids: Vec<_> = threadfold_message::message_ids(b"<a@example.com> (note)\n <b@exa\n mple.com>").collect();
/// assert_eq!(ids, [&b"a@example.com"[..], b"b@example.com"]);
/// ```
pub fn message_ids(value: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let bare = memchr::memchr(b'<', value).is_none();
    let words = if bare { value } else { &[] };
    let bare_ids = words
        .split(|b| b.is_ascii_whitespace() || matches!(b, b',' | b';' | b'"' | b'(' | b')'))
        .map(|w| w.strip_suffix(b">").unwrap_or(w))
        .filter(|w| w.contains(&b'@') && w.len() > 2 && w.len() <= LONGEST)
        .map(Cow::Borrowed);
    bracketed(value).map(|(_, raw)| normalise(raw)).filter(|id| !id.is_empty()).chain(bare_ids)
}

/// Ids in brackets: offset of the `<`, and the text between the brackets.
pub(crate) fn bracketed(value: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + memchr::memchr(b'<', &value[at..])?;
            let inner = &value[open + 1..];
            match memchr::memchr2(b'>', b'<', inner) {
                Some(end) if inner[end] == b'>' => {
                    at = open + end + 2;
                    if end <= LONGEST && end > 0 {
                        return Some((open, &inner[..end]));
                    }
                }
                // "<<a@b>>" or an id that was never closed: go on from the inner bracket.
                Some(end) if inner[..end].trim_ascii().is_empty() => at = open + 1 + end,
                other => {
                    let end = other.unwrap_or(inner.len());
                    let inner = &inner[..end];
                    at = open + 1 + end;
                    let end = inner.iter().position(u8::is_ascii_whitespace).unwrap_or(inner.len());
                    if end > 0 && end <= LONGEST && inner[..end].contains(&b'@') {
                        return Some((open, &inner[..end]));
                    }
                }
            }
        }
    })
}

/// An id without white space. Brackets must be gone already.
fn normalise(raw: &[u8]) -> Cow<'_, [u8]> {
    // Without an early exit, so that the compiler makes vectors of it.
    if raw.iter().fold(false, |found, b| found | b.is_ascii_whitespace()) {
        Cow::Owned(raw.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect())
    } else {
        Cow::Borrowed(raw)
    }
}

/// Hash of an id, normalised here if it is not yet (brackets stripped, white space removed); 0, which
/// stands for "no id", only for an empty one.
///
/// ```
/// use threadfold_message::id_hash;
/// assert_eq!(id_hash(b"<a@exa\r\n mple.com>"), id_hash(b"a@example.com"));
/// assert_eq!(id_hash(b""), 0);
/// ```
pub fn id_hash(id: &[u8]) -> IdHash {
    let id = id.trim_ascii();
    let id = id.strip_prefix(b"<").unwrap_or(id);
    let id = normalise(id.strip_suffix(b">").unwrap_or(id));
    if id.is_empty() { 0 } else { hash_bytes(&id).max(1) }
}

/// The id of a `Message-ID` value: where its text stands in the value (brackets included) and its hash.
/// A value without brackets is an id as it stands, up to its first white space.
pub(crate) fn own_id(value: &[u8]) -> Option<(usize, usize, IdHash)> {
    if let Some((open, raw)) = bracketed(value).next() {
        let close = open + 1 + raw.len();
        let len = raw.len() + 1 + usize::from(value.get(close) == Some(&b'>'));
        let hash = id_hash(raw);
        return (hash != 0).then_some((open, len, hash));
    }
    let word = value.split(u8::is_ascii_whitespace).next().unwrap_or(b"");
    let hash = id_hash(word);
    (hash != 0 && word.len() <= LONGEST && memchr::memchr(b'<', word).is_none()).then_some((
        0,
        word.len(),
        hash,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(value: &str) -> Vec<String> {
        message_ids(value.as_bytes()).map(|i| String::from_utf8_lossy(&i).into_owned()).collect()
    }

    #[test]
    fn ids_are_found_in_what_senders_write() {
        for (value, want) in [
            ("<a@b>", vec!["a@b"]),
            ("<a@b><c@d>,<e@f>", vec!["a@b", "c@d", "e@f"]),
            ("< a@b >", vec!["a@b"]),
            ("<<a@b>>", vec!["a@b"]),
            ("<a@b <c@d>", vec!["a@b", "c@d"]),
            ("<a@b", vec!["a@b"]),
            ("a@b", vec!["a@b"]),
            ("a@b c@d", vec!["a@b", "c@d"]),
            ("Your message of Monday <a@b>", vec!["a@b"]),
            ("6667", vec![]),
            ("<6667>", vec!["6667"]),
            ("<> <a@b>", vec!["a@b"]),
            ("", vec![]),
        ] {
            assert_eq!(ids(value), want, "{value}");
        }
    }

    #[test]
    fn the_own_id_knows_where_it_stands() {
        assert_eq!(own_id(b"<a@b>"), Some((0, 5, id_hash(b"a@b"))));
        assert_eq!(own_id(b"x <a@b> y"), Some((2, 5, id_hash(b"a@b"))));
        assert_eq!(own_id(b"12345@b trailing"), Some((0, 7, id_hash(b"12345@b"))));
        assert_eq!(own_id(b"<a@b"), Some((0, 4, id_hash(b"a@b"))));
        assert_eq!(own_id(b"<>"), None);
        assert_eq!(own_id(b""), None);
    }

    #[test]
    fn a_million_brackets_are_no_trouble() {
        assert_eq!(message_ids(&b"<".repeat(1_000_000)).count(), 0);
    }
}
