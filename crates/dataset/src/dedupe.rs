//! Exact duplicates among examples: the first stays.

use rustc_hash::FxHashMap;
use threadfold_core::{Example, Role, squeeze};
use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

/// Remembers which examples it has seen, two 128-bit numbers for each.
///
/// Two examples are the same when their turns have the same roles and, letter case, the amount of white
/// space and the Unicode normal form (NFC) aside, the same texts. Reworded copies are not its business.
///
/// ```
/// # use threadfold_core::{Example, Role, Turn};
/// # use threadfold_dataset::{Deduper, Seen, example_id};
/// # let example = |q: &str, a: &str| { let turn = |role, text: &str| Turn { role, author: String::new(),
/// #     date: None, message_id: None, recovered: false, text: text.into() };
/// #     let turns = vec![turn(Role::Customer, q), turn(Role::Agent, a)];
/// #     Example { id: example_id(&turns), thread: String::new(), turns, language: None, tokens: 0,
/// #     variant_of: None, locators: vec![], flags: vec![] } };
/// let mut deduper = Deduper::new();
/// let first = example("Opening hours?", "Nine to five.");
/// assert_eq!(deduper.check(&first), Seen::First);
/// assert_eq!(deduper.check(&example("opening  hours?", "Nine to five.")), Seen::DuplicateOf(first.id));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Deduper {
    seen: FxHashMap<u128, u128>,
}

/// Whether an example was there before.
///
/// ```
/// assert_ne!(threadfold_dataset::Seen::First, threadfold_dataset::Seen::DuplicateOf("ab".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The first of its kind.
    First,
    /// Says the same as the example with this id, which came before it. Empty if that one's id is not of
    /// our making (32 hex digits).
    DuplicateOf(String),
}

impl Deduper {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the example boils down to for [`Deduper::check_key`]: 128 bits of a BLAKE3 hash. A pure
    /// function, so that many threads may prepare keys for one ordered [`Deduper`].
    pub fn key(example: &Example) -> u128 {
        let mut hasher = blake3::Hasher::new();
        let mut plain = String::new();
        for turn in &example.turns {
            plain.clear();
            plain.push(if turn.role == Role::Customer { 'c' } else { 'a' });
            normalise(&turn.text, &mut plain);
            plain.push('\0');
            hasher.update(plain.as_bytes());
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        u128::from_le_bytes(bytes)
    }

    /// Takes note of an example and says whether it is new.
    pub fn check(&mut self, example: &Example) -> Seen {
        self.check_key(Self::key(example), &example.id)
    }

    /// The same for a key prepared with [`Deduper::key`] and the example's id.
    pub fn check_key(&mut self, key: u128, id: &str) -> Seen {
        // Ids of our own making are 32 hex digits and come back letter for letter. One that a caller
        // invented could not, and is remembered as zero.
        let number = if id.len() == 32 { u128::from_str_radix(id, 16).unwrap_or(0) } else { 0 };
        match self.seen.entry(key) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(number);
                Seen::First
            }
            std::collections::hash_map::Entry::Occupied(entry) => Seen::DuplicateOf(match *entry.get() {
                0 => String::new(),
                number => format!("{number:032x}"),
            }),
        }
    }

    /// How many different examples were seen.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// True when none was seen.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

/// Appends the text in NFC and lower case, white space runs as one space and none at the ends.
fn normalise(text: &str, out: &mut String) {
    // Nothing below U+0300 is ever composed with anything before it; its first byte is the first of 0xCC.
    let composed = text.bytes().fold(true, |all, b| all & (b < 0xcc))
        || is_nfc_quick(text.chars()) == unicode_normalization::IsNormalized::Yes;
    if composed { squeeze(text, out) } else { squeeze(&text.nfc().collect::<String>(), out) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use threadfold_core::Turn;

    fn example(texts: &[&str]) -> Example {
        let turns: Vec<Turn> = texts
            .iter()
            .enumerate()
            .map(|(i, text)| Turn {
                role: if i % 2 == 0 { Role::Customer } else { Role::Agent },
                author: String::new(),
                date: None,
                message_id: None,
                recovered: false,
                text: (*text).to_owned(),
            })
            .collect();
        Example {
            id: crate::example_id(&turns),
            thread: String::new(),
            turns,
            language: None,
            tokens: 0,
            variant_of: None,
            locators: vec![],
            flags: vec![],
        }
    }

    #[test]
    fn same_and_different() {
        let base = example(&["Caf\u{e9} open?", "Yes"]);
        let same = [["Cafe\u{301}  OPEN?\n", "yes"], ["\tcafé open?", " Yes "]];
        let different = [["Café open", "Yes"], ["Café open?", "No"], ["Café open? Yes", ""]];
        let mut deduper = Deduper::new();
        assert_eq!(deduper.check(&base), Seen::First);
        for texts in same {
            assert_eq!(deduper.check(&example(&texts)), Seen::DuplicateOf(base.id.clone()));
        }
        for texts in different {
            assert_eq!(deduper.check(&example(&texts)), Seen::First, "{texts:?}");
        }
        assert_eq!(deduper.len(), 4);
    }
}
