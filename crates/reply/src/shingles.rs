//! Which rows repeat another text, however a mail program broke its lines.

use rustc_hash::{FxHashSet, FxHasher};
use std::hash::Hasher;

use crate::lines::{Rows, State};

/// The runs of words of some texts, by hash.
pub(crate) struct Shingles {
    size: usize,
    seen: FxHashSet<u64>,
}

fn hash_word(word: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for c in word.chars() {
        if c.is_ascii() {
            hasher.write_u8(c.to_ascii_lowercase() as u8);
        } else {
            c.to_lowercase().for_each(|c| hasher.write_u32(u32::from(c)));
        }
    }
    // A word must differ from the same letters in a longer word.
    hasher.write_u8(0xFF);
    hasher.finish()
}

/// The words of a text, hashed; what is no letter and no digit parts them.
fn words(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(hash_word)
}

fn combine(words: &[u64]) -> u64 {
    let mut hasher = FxHasher::default();
    words.iter().for_each(|word| hasher.write_u64(*word));
    hasher.finish()
}

impl Shingles {
    /// Runs of `size` words.
    pub(crate) fn new(size: usize) -> Self {
        Self { size, seen: FxHashSet::default() }
    }

    /// Adds a text's runs; a text shorter than one run is a run of its own.
    pub(crate) fn add<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        let words: Vec<u64> = texts.flat_map(words).collect();
        if words.len() < self.size && !words.is_empty() {
            self.seen.insert(combine(&words));
        }
        self.seen.extend(words.windows(self.size).map(combine));
    }

    /// For each row of a range: how many words it has, and how many of them stand in a run that was seen.
    /// Rows that are not `wanted` have no words, and no run goes across them.
    pub(crate) fn coverage(
        &self,
        rows: &Rows<'_>,
        range: std::ops::Range<usize>,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<Cover> {
        let mut covers = vec![Cover::default(); range.len()];
        if self.seen.is_empty() {
            return covers;
        }
        let mut stream: Vec<u64> = Vec::new();
        let mut owner: Vec<usize> = Vec::new();
        let mut covered_to = 0;
        let mut flush = |stream: &mut Vec<u64>, owner: &mut Vec<usize>, covers: &mut Vec<Cover>| {
            for (at, run) in stream.windows(self.size).enumerate() {
                if self.seen.contains(&combine(run)) {
                    for word in at.max(covered_to)..at + self.size {
                        covers[owner[word]].covered += 1;
                    }
                    covered_to = at + self.size;
                }
            }
            covered_to = 0;
            stream.clear();
            owner.clear();
        };
        for (index, at) in range.enumerate() {
            if rows.state(at) == State::Blank {
                continue;
            }
            if !wanted(at) {
                flush(&mut stream, &mut owner, &mut covers);
                continue;
            }
            for word in words(rows.text(at)) {
                stream.push(word);
                owner.push(index);
                covers[index].words += 1;
            }
        }
        flush(&mut stream, &mut owner, &mut covers);
        covers
    }
}

/// A row's words, and those of them that repeat another text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cover {
    pub(crate) words: usize,
    pub(crate) covered: usize,
}

impl Cover {
    pub(crate) fn full(self) -> bool {
        self.words > 0 && self.covered == self.words
    }

    pub(crate) fn none(self) -> bool {
        self.covered == 0
    }
}
