//! What an element says about the text in it.

use std::sync::OnceLock;

/// What the elements around a line say about it: a set of flags.
///
/// ```
/// use threadfold_html::Marks;
/// let marks = Marks::QUOTE | Marks::ITEM;
/// assert!(marks.contains(Marks::QUOTE) && !marks.contains(Marks::SIGNATURE));
/// assert!(marks.intersects(Marks::SIGNATURE | Marks::ITEM));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(u32);

impl Marks {
    /// Nothing known.
    pub const NONE: Self = Self(0);
    /// In a box in which a mail program puts the history and nothing else.
    pub const QUOTE: Self = Self(1);
    /// In a box (Gmail's) that holds the history but now and then the answer too.
    pub const WRAPPER: Self = Self(1 << 1);
    /// In a `blockquote` that a mail program marked as a citation (`type=cite`, Gmail's class).
    pub const CITE: Self = Self(1 << 2);
    /// In the line that names who is quoted.
    pub const ATTRIBUTION: Self = Self(1 << 3);
    /// The first line at or after an element behind which everything is history.
    pub const CUT: Self = Self(1 << 4);
    /// In a box with a line drawn above it, where Outlook puts the headers of the message answered.
    pub const RULED_BOX: Self = Self(1 << 5);
    /// The first line after a horizontal rule.
    pub const RULE: Self = Self(1 << 6);
    /// In a forwarded message.
    pub const FORWARD: Self = Self(1 << 7);
    /// In the author's signature.
    pub const SIGNATURE: Self = Self(1 << 8);
    /// In preformatted text.
    pub const PRE: Self = Self(1 << 9);
    /// In a list item.
    pub const ITEM: Self = Self(1 << 10);
    /// In a table's row.
    pub const ROW: Self = Self(1 << 11);
    /// In a `blockquote` of Gmail's class.
    pub const GMAIL: Self = Self(1 << 12);
    /// In a `blockquote` of any kind.
    pub const BLOCKQUOTE: Self = Self(1 << 13);
    /// In a box with a thin line drawn at its left and nowhere else, as some programs draw one beside the history.
    pub const SIDE_RULED_BOX: Self = Self(1 << 14);

    /// Whether all flags of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any flag of `other` is set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The flags set in either; `|` where a constant is wanted.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The flags set in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl std::ops::BitOr for Marks {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl std::ops::BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

struct Row {
    attribute: &'static str,
    value: &'static str,
    mark: Marks,
}

fn table() -> &'static [Row] {
    static TABLE: OnceLock<Vec<Row>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut rows: Vec<Row> = include_str!("../phrases/marks.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                let mark = match words.next()? {
                    "quote" => Marks::QUOTE,
                    "wrapper" => Marks::WRAPPER,
                    "attribution" => Marks::ATTRIBUTION,
                    "cut" => Marks::CUT,
                    "forward" => Marks::FORWARD,
                    "signature" => Marks::SIGNATURE,
                    _ => return None,
                };
                Some(Row { attribute: words.next()?, value: words.next()?, mark })
            })
            .collect();
        rows.sort_unstable_by_key(|row| (row.value, row.attribute));
        rows
    })
}

/// Longer values than this name nothing that is known.
const LONGEST: usize = 80;

/// The mark that an attribute's value stands for; `attribute` is in lower case.
pub(crate) fn of(attribute: &[u8], value: &str) -> Marks {
    let mut marks = Marks::NONE;
    for word in value.split_ascii_whitespace().filter(|word| word.len() <= LONGEST) {
        let mut lower = [0_u8; LONGEST];
        let lower = &mut lower[..word.len()];
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        let Ok(word) = std::str::from_utf8(lower) else { continue };
        let word = without_prefixes(word);
        let short = word.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['_', '-']);
        if names_signature(word) {
            marks |= Marks::SIGNATURE;
        }
        let rows = table();
        for value in [word, short].into_iter().take(if short.len() == word.len() { 1 } else { 2 }) {
            if !may_be_known(value) {
                continue;
            }
            let from = rows.partition_point(|row| row.value < value);
            for row in rows[from..].iter().take_while(|row| row.value == value) {
                if row.attribute.as_bytes() == attribute {
                    marks |= row.mark;
                }
            }
        }
    }
    marks
}

/// By what [`place`] makes of them: whether a value of the table is among such names. Most names of a mail are not.
fn places() -> &'static [bool; 1024] {
    static PLACES: OnceLock<[bool; 1024]> = OnceLock::new();
    PLACES.get_or_init(|| {
        let mut places = [false; 1024];
        for at in table().iter().filter_map(|row| place(row.value)) {
            places[at] = true;
        }
        places
    })
}

/// A number below 1024 made of a name's length and three of its bytes.
fn place(name: &str) -> Option<usize> {
    let bytes = name.as_bytes();
    let (first, last) = bytes.first().zip(bytes.last())?;
    let middle = bytes[bytes.len() / 2];
    let mixed = usize::from(*first) * 37 + usize::from(*last) * 11 + usize::from(middle) * 5 + bytes.len();
    Some(mixed & 1023)
}

fn may_be_known(value: &str) -> bool {
    place(value).is_some_and(|at| places()[at])
}

/// Whether a name says "signature", as those of many mail programs do, and not what is to be signed.
fn names_signature(word: &str) -> bool {
    const TO_SIGN: [&str; 9] =
        ["request", "require", "status", "field", "pad", "line", "image", "date", "document"];
    const SAID: &[u8] = b"signature";
    word.len() >= SAID.len()
        && word.as_bytes().windows(SAID.len()).any(|part| part[0] == b's' && part == SAID)
        && !TO_SIGN.iter().any(|other| word.contains(other))
}

/// Names as their mail program wrote them, without what the programs in between put before them.
fn without_prefixes(mut word: &str) -> &str {
    // Most names begin with none of those.
    while matches!(word.as_bytes().first(), Some(b'x' | b'e' | b'm' | b'y' | b'v')) {
        let before = word.len();
        word = word.strip_prefix("x_").unwrap_or(word);
        word = word.strip_prefix("ecx").unwrap_or(word);
        if let Some(rest) = word.strip_prefix("m_") {
            word = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '_');
        }
        if let Some(rest) = word.strip_prefix("yiv") {
            word = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        if let Some(rest) = word.strip_prefix("v1") {
            word = rest;
        }
        if let Some(rest) = word.strip_prefix("ydp") {
            // Eight hex digits, then the name, which may itself begin with a hex digit.
            word = rest
                .get(8..)
                .filter(|_| rest.as_bytes()[..8].iter().all(u8::is_ascii_hexdigit))
                .unwrap_or(word);
        }
        if word.len() == before {
            break;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::{Marks, of};

    #[test]
    fn knows_names_behind_prefixes_and_numbers() {
        assert_eq!(of(b"class", "x_x_gmail_quote other"), Marks::WRAPPER);
        assert_eq!(of(b"class", "ydp9b1f0a55yahoo_quoted"), Marks::QUOTE);
        assert_eq!(of(b"id", "ydp9b1f0a55yahoo_quoted_5894033310"), Marks::QUOTE);
        assert_eq!(of(b"id", "x_Signature"), Marks::SIGNATURE);
        assert_eq!(of(b"class", "m_-123456gmail_signature"), Marks::SIGNATURE);
        assert_eq!(of(b"class", "paragraph"), Marks::NONE);
        assert_eq!(of(b"id", "composer_Signature"), Marks::SIGNATURE);
        assert_eq!(of(b"class", "signature-request"), Marks::NONE);
        assert_eq!(of(b"id", "ydp"), Marks::NONE);
    }
}
