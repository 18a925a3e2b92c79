//! What was seen of the rows before: repeats, near repeats, and one question with two answers.

use rustc_hash::{FxHashMap, FxHashSet};

use super::scan::{BINS, Scan, Sketch, agreement};

/// Bins that two sketches must share to be called near: an estimated overlap of four fifths.
const NEAR: usize = 13;
/// Bins that are looked up together.
const BAND: usize = 4;
/// Fewer words are a greeting, not a question.
const FEWEST_WORDS: u32 = 3;

/// The questions of a file, to find them again in another: give those of a training file to the validation
/// of its validation file. About 100 bytes a row.
///
/// ```
/// use threadfold_dataset::Questions;
/// assert!(Questions::default().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// By the words of the question: the row, and the words of its answer.
    exact: FxHashMap<u64, (u32, u32)>,
    bands: FxHashMap<u32, u32>,
    sketches: Vec<(u32, Sketch)>,
}

/// What a question met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// The same words, and the same answer or not.
    Same {
        row: u32,
        same_answer: bool,
    },
    Near {
        row: u32,
    },
}

impl Questions {
    /// How many different questions there are.
    pub fn len(&self) -> usize {
        self.exact.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty()
    }

    /// What of the rows before is like this question.
    pub(crate) fn find(&self, question: &Scan, sketch: Option<&Sketch>, answer: u32) -> Option<Met> {
        if question.words < FEWEST_WORDS {
            return None;
        }
        if let Some(&(row, said)) = self.exact.get(&question.key) {
            return Some(Met::Same { row, same_answer: said == answer });
        }
        let sketch = sketch?;
        let near = (0..BINS / BAND)
            .filter_map(|band| self.bands.get(&band_key(sketch, band)))
            .filter_map(|at| self.sketches.get(*at as usize))
            .find(|(_, other)| agreement(sketch, other) >= NEAR)?;
        Some(Met::Near { row: near.0 })
    }

    /// Takes note of a question.
    pub(crate) fn insert(&mut self, row: u32, question: &Scan, sketch: Option<Sketch>, answer: u32) {
        if question.words < FEWEST_WORDS {
            return;
        }
        self.exact.entry(question.key).or_insert((row, answer));
        if let Some(sketch) = sketch {
            let at = self.sketches.len() as u32;
            let mut is_new = false;
            for band in 0..BINS / BAND {
                self.bands.entry(band_key(&sketch, band)).or_insert_with(|| {
                    is_new = true;
                    at
                });
            }
            // One that all bands lead elsewhere from would never be looked at.
            if is_new {
                self.sketches.push((row, sketch));
            }
        }
    }
}

fn band_key(sketch: &Sketch, band: usize) -> u32 {
    let bins = &sketch[band * BAND..(band + 1) * BAND];
    let all = bins
        .iter()
        .fold(band as u64 + 1, |key, bin| (key ^ u64::from(*bin)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (all >> 32) as u32
}

/// Rows seen, by a hash of all they say.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    rows: FxHashMap<u64, u32>,
    answers: FxHashSet<u64>,
}

impl Repeats {
    /// The earlier row that says the same, letter by letter.
    pub(crate) fn see(&mut self, hash: u64, answer: u64, row: u32) -> Option<u32> {
        self.answers.insert(answer);
        match self.rows.entry(hash) {
            std::collections::hash_map::Entry::Occupied(entry) => Some(*entry.get()),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(row);
                None
            }
        }
    }

    /// How many different answers there were.
    pub(crate) fn answers(&self) -> u64 {
        self.answers.len() as u64
    }
}
