//! What different words mean the same to a business: `phrases/concepts.txt`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// The list, ready for looking up.
pub(crate) struct Concepts {
    /// Concepts of whole words and phrases, words joined by one space.
    phrases: FxHashMap<&'static str, u16>,
    /// Concepts of the words (or phrases) that begin so.
    stems: FxHashMap<&'static str, u16>,
    /// How long the stems are, a bit each, by how they begin; phrases are here without a bit. Most words begin none.
    lengths: FxHashMap<[u8; 2], u32>,
}

const MAX_PHRASE: usize = 4;
/// No stem is longer, in bytes.
const MAX_STEM: usize = 24;

pub(crate) static CONCEPTS: LazyLock<Concepts> = LazyLock::new(|| {
    let mut all = Concepts {
        phrases: FxHashMap::default(),
        stems: FxHashMap::default(),
        lengths: FxHashMap::default(),
    };
    let lines = include_str!("../phrases/concepts.txt").lines();
    let lines = lines.filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t'));
    for (number, (_, forms)) in lines.enumerate() {
        for form in forms.split(" | ") {
            let length = match form.strip_suffix('*') {
                Some(stem) => {
                    all.stems.entry(stem).or_insert(number as u16);
                    1 << stem.len().min(MAX_STEM)
                }
                None => {
                    all.phrases.entry(form).or_insert(number as u16);
                    0
                }
            };
            *all.lengths.entry(start(form)).or_default() |= length;
        }
    }
    all
});

/// The first two bytes of a phrase or a word, the second a space if there is one only.
fn start(phrase: &str) -> [u8; 2] {
    let byte = |i: usize| phrase.as_bytes().get(i).copied().unwrap_or(b' ');
    [byte(0), byte(1)]
}

impl Concepts {
    /// The concepts that the words speak of, sorted, each once.
    pub(crate) fn of(&self, words: &[&str]) -> Vec<u16> {
        let mut found = Vec::new();
        let mut phrase = String::new();
        for from in 0..words.len() {
            let Some(&lengths) = self.lengths.get(&start(words[from])) else { continue };
            phrase.clear();
            for (i, word) in words[from..].iter().take(MAX_PHRASE).enumerate() {
                if i > 0 {
                    phrase.push(' ');
                }
                let before = phrase.len();
                phrase.push_str(word);
                if let Some(&c) = self.phrases.get(phrase.as_str()) {
                    found.push(c);
                } else if let Some(c) = self.stem(&phrase, before, lengths) {
                    found.push(c);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The longest stem that `phrase` begins with and that reaches into its last word.
    fn stem(&self, phrase: &str, last_word: usize, lengths: u32) -> Option<u16> {
        let longest = phrase.len().min(MAX_STEM);
        (last_word + 1..=longest)
            .rev()
            .filter(|&end| lengths >> end & 1 == 1 && phrase.is_char_boundary(end))
            .find_map(|end| self.stems.get(&phrase[..end]).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_as_long_as_they_are_looked_for() {
        assert!(CONCEPTS.stems.keys().all(|stem| (2..=MAX_STEM).contains(&stem.len())));
    }

    #[test]
    fn synonyms_share_a_concept() {
        let of = |t: &str| CONCEPTS.of(&t.split(' ').collect::<Vec<_>>());
        assert_eq!(of("reimbursement"), of("refunds"));
        assert_eq!(of("money back"), of("rückerstattung"));
        assert!(of("xyzzy").is_empty());
        assert_ne!(of("park"), of("password"));
    }
}
