//! What texts are compared by.
//!
//! Two blocks of equal say, each a cosine of tf-idf vectors. The first holds words, pairs of neighbouring
//! words, and the concepts the words speak of with pairs of those: what is asked. The second holds the 3- to
//! 5-character stretches of the words, ends marked: spelling mistakes and inflection. A text's second vector
//! is the sum of those of its words, so only the vocabulary's are kept.

use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;

use crate::concepts::CONCEPTS;
use crate::words::{Vocabulary, each_word};

/// Features are hashed to at most so many bits: room enough for a million questions.
const SLOT_BITS: u32 = 24;
const MOST_SLOTS: usize = 1 << SLOT_BITS;
const LEAST_SLOTS: usize = 1 << 16;
/// Slots for each word of all texts together: few features share one.
const SLOTS_A_WORD: usize = 32;
/// Set in a feature that speaks of concepts.
const CONCEPT: u32 = 1 << 31;
const TF_SHIFT: u32 = SLOT_BITS;
const MAX_TF: u32 = 63;
/// How much more a concept says than a word of the same rarity.
const CONCEPT_WEIGHT: f32 = 2.0;

/// The texts as vectors.
pub(crate) struct Space {
    /// For text `i`, its features are `slots[starts[i]..starts[i + 1]]`, sorted, with their weights. Only
    /// those that another text has too: they are numbered anew, without gaps.
    starts: Vec<u32>,
    slots: Vec<u32>,
    weights: Vec<f32>,
    /// The slot of each word; none where only one text has it.
    word_slots: Vec<Option<u32>>,
    /// The same for its words, in order.
    word_starts: Vec<u32>,
    words: Vec<u32>,
    /// Inverse document frequency by slot.
    idf: Vec<f32>,
    inverse_norms: Vec<f32>,
    inverse_char_norms: Vec<f32>,
    chars: Chars,
    word_df: Vec<u32>,
}

/// The character stretches of every word of the vocabulary.
struct Chars {
    starts: Vec<u32>,
    /// (number of the stretch, weight), by word.
    grams: Vec<(u32, f32)>,
    count: usize,
}

/// Room for comparing one text with many others.
pub(crate) struct Probe {
    /// The text's weights by slot, so that another is compared without searching.
    weights: Vec<f32>,
    grams: Vec<f32>,
    memo: Vec<(u32, f32)>,
    stamp: u32,
    text: usize,
}

impl Space {
    /// Vectors of all texts; `None` gives an empty one.
    pub(crate) fn new<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Space {
        let mut vocabulary = Vocabulary::default();
        let (mut word_starts, mut words) = (vec![0u32], Vec::new());
        for text in texts {
            if let Some(text) = text {
                each_word(text, |w| words.push(vocabulary.number(w)));
            }
            word_starts.push(words.len() as u32);
        }
        let n = word_starts.len() - 1;

        let (mut starts, mut features) = (vec![0u32], Vec::with_capacity(words.len() * 3));
        let slots = (words.len() * SLOTS_A_WORD).next_power_of_two().clamp(LEAST_SLOTS, MOST_SLOTS);
        let slot = |kind, a, b| slot(kind, a, b) & (slots as u32 - 1);
        let mut twice = SeenTwice::new(slots);
        let mut word_df = vec![0u32; vocabulary.words().len()];
        let mut last_seen = vec![u32::MAX; vocabulary.words().len()];
        let mut row: Vec<u32> = Vec::new();
        let mut spelled: Vec<&str> = Vec::new();
        for i in 0..n {
            let own = &words[word_starts[i] as usize..word_starts[i + 1] as usize];
            row.clear();
            for &w in own {
                if std::mem::replace(&mut last_seen[w as usize], i as u32) != i as u32 {
                    word_df[w as usize] += 1;
                }
                row.push(slot(1, w, 0));
            }
            row.extend(own.windows(2).map(|p| slot(2, p[0], p[1])));
            spelled.clear();
            spelled.extend(own.iter().map(|&w| vocabulary.words()[w as usize].as_str()));
            let concepts = CONCEPTS.of(&spelled);
            for (k, &a) in concepts.iter().enumerate() {
                row.push(slot(3, u32::from(a), 0) | CONCEPT);
                // A long text speaks of everything; pairs of all its concepts would say nothing.
                if concepts.len() <= 16 {
                    row.extend(
                        concepts[k + 1..].iter().map(|&b| slot(4, u32::from(a), u32::from(b)) | CONCEPT),
                    );
                }
            }
            row.sort_unstable_by_key(|&f| (slot_of(f), f));
            for same in row.chunk_by(|a, b| a == b) {
                let tf = (same.len() as u32).min(MAX_TF);
                features.push(same[0] | tf << TF_SHIFT);
            }
            row.dedup_by_key(|f| slot_of(*f));
            row.iter().for_each(|&f| twice.see(slot_of(f)));
            starts.push(features.len() as u32);
        }
        // What only one text has, links nothing: it takes no part, not even in the norm.
        let ranks = twice.ranks();
        let mut kept = 0;
        let mut df = vec![0u32; ranks.len()];
        let mut said = Vec::new();
        let mut from = 0;
        for end in starts.iter_mut().skip(1) {
            let own = from..*end as usize;
            from = own.end;
            for at in own {
                let feature = features[at];
                if let Some(rank) = ranks.of(slot_of(feature)) {
                    df[rank as usize] += 1;
                    features[kept] = rank;
                    kept += 1;
                    said.push(term_weight(feature));
                }
            }
            *end = kept as u32;
        }
        features.truncate(kept);
        features.shrink_to_fit();
        said.shrink_to_fit();
        let idf: Vec<f32> = df.into_iter().map(|df| ((1 + n) as f32 / (1 + df) as f32).ln() + 1.0).collect();
        let mut weights = said;
        weights.iter_mut().zip(&features).for_each(|(w, &f)| *w *= idf[f as usize]);
        let word_slots = (0..word_df.len() as u32).map(|w| ranks.of(slot_of(slot(1, w, 0)))).collect();
        let chars = Chars::new(vocabulary.words(), &word_df, n);
        let mut space = Space {
            starts,
            slots: features,
            weights,
            word_slots,
            word_starts,
            words,
            idf,
            inverse_norms: Vec::new(),
            inverse_char_norms: Vec::new(),
            chars,
            word_df,
        };
        space.inverse_norms = (0..n).map(|i| inverse_root(space.row(i).map(|(_, w)| w * w).sum())).collect();
        let mut probe = space.probe();
        space.inverse_char_norms = (0..n)
            .map(|i| {
                space.aim(&mut probe, i);
                let squares = space.words_of(i).iter().map(|&w| space.char_dot(&mut probe, w)).sum();
                inverse_root(squares)
            })
            .collect();
        space
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn slots(&self) -> usize {
        self.idf.len()
    }

    /// The slots of a text's features with their weights (before normalisation).
    pub(crate) fn slots_of(&self, text: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        self.row(text)
    }

    pub(crate) fn inverse_norm(&self, text: usize) -> f32 {
        self.inverse_norms[text]
    }

    pub(crate) fn words_of(&self, text: usize) -> &[u32] {
        &self.words[self.word_starts[text] as usize..self.word_starts[text + 1] as usize]
    }

    /// The slot of a single word; none where only one text has it.
    pub(crate) fn word_slot(&self, word: u32) -> Option<usize> {
        self.word_slots[word as usize].map(|slot| slot as usize)
    }

    pub(crate) fn idf(&self, slot: usize) -> f32 {
        self.idf[slot]
    }

    /// For each word, up to `most` words spelled alike that more texts have, and how alike (0 to 1).
    pub(crate) fn spelled_alike(&self, most: usize, at_least: f32) -> Vec<Vec<(u32, f32)>> {
        let n = self.word_df.len();
        let norms: Vec<f32> =
            (0..n).map(|w| inverse_root(self.chars.of(w as u32).iter().map(|g| g.1 * g.1).sum())).collect();
        // Stretches that hundreds of words share say little, and would cost most.
        const LONGEST: usize = 200;
        let mut postings: Vec<Vec<u32>> = vec![Vec::new(); self.chars.count];
        for w in 0..n as u32 {
            for &(g, _) in self.chars.of(w) {
                if postings[g as usize].len() <= LONGEST {
                    postings[g as usize].push(w);
                }
            }
        }
        let mut shared: FxHashMap<u32, u32> = FxHashMap::default();
        let mut all = vec![Vec::new(); n];
        for (w, alike) in all.iter_mut().enumerate() {
            let own = self.chars.of(w as u32);
            if own.len() < 4 {
                continue;
            }
            shared.clear();
            for &(g, _) in own {
                let list = &postings[g as usize];
                if list.len() <= LONGEST {
                    list.iter().for_each(|&o| *shared.entry(o).or_default() += 1);
                }
            }
            let mut found: Vec<(u32, f32)> = shared
                .iter()
                .filter(|&(&o, &count)| {
                    o as usize != w && count * 3 >= own.len() as u32 && self.word_df[o as usize] > 1
                })
                .map(|(&o, _)| (o, sorted_dot(own, self.chars.of(o)) * norms[w] * norms[o as usize]))
                .filter(|&(_, s)| s >= at_least)
                .collect();
            found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            found.truncate(most);
            *alike = found;
        }
        all
    }

    pub(crate) fn probe(&self) -> Probe {
        Probe {
            weights: vec![0.0; self.slots()],
            grams: vec![0.0; self.chars.count],
            memo: vec![(0, 0.0); self.word_df.len()],
            stamp: 0,
            text: usize::MAX,
        }
    }

    /// Makes the probe compare `text` with others.
    pub(crate) fn aim(&self, probe: &mut Probe, text: usize) {
        if probe.text != usize::MAX {
            self.row(probe.text).for_each(|(slot, _)| probe.weights[slot] = 0.0);
            for &w in self.words_of(probe.text) {
                self.chars.of(w).iter().for_each(|&(g, _)| probe.grams[g as usize] = 0.0);
            }
        }
        probe.text = text;
        probe.stamp += 1;
        self.row(text).for_each(|(slot, weight)| probe.weights[slot] += weight);
        for &w in self.words_of(text) {
            self.chars.of(w).iter().for_each(|&(g, weight)| probe.grams[g as usize] += weight);
        }
    }

    /// How alike the probe's text and `other` are, 0 to 1.
    pub(crate) fn similarity(&self, probe: &mut Probe, other: usize) -> f32 {
        let text = probe.text;
        let dot: f32 = self.row(other).map(|(slot, weight)| weight * probe.weights[slot]).sum();
        let by_words = dot * self.inverse_norms[text] * self.inverse_norms[other];
        let mut dot = 0.0;
        for &w in self.words_of(other) {
            dot += self.char_dot(probe, w);
        }
        let by_chars = dot * self.inverse_char_norms[text] * self.inverse_char_norms[other];
        (by_words + by_chars) / 2.0
    }

    #[inline]
    fn char_dot(&self, probe: &mut Probe, word: u32) -> f32 {
        let (stamp, known) = probe.memo[word as usize];
        if stamp == probe.stamp {
            return known;
        }
        let dot = self.chars.of(word).iter().map(|&(g, weight)| weight * probe.grams[g as usize]).sum();
        probe.memo[word as usize] = (probe.stamp, dot);
        dot
    }

    fn row(&self, text: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let own = self.starts[text] as usize..self.starts[text + 1] as usize;
        self.slots[own.clone()].iter().map(|&slot| slot as usize).zip(self.weights[own].iter().copied())
    }
}

/// What a feature says in its text, before its rarity among all texts.
fn term_weight(feature: u32) -> f32 {
    let tf = feature >> TF_SHIFT & MAX_TF;
    let said = if tf == 1 { 1.0 } else { 1.0 + (tf as f32).ln() };
    let kind = if feature & CONCEPT != 0 { CONCEPT_WEIGHT } else { 1.0 };
    said * kind
}

/// Which of very many slots were seen more than once, at two bits each.
struct SeenTwice {
    once: Vec<u64>,
    twice: Vec<u64>,
}

/// The slots seen more than once, numbered from 0 in their order.
struct Ranks {
    bits: Vec<u64>,
    /// How many bits are set before each word of them.
    before: Vec<u32>,
    count: u32,
}

impl SeenTwice {
    fn new(slots: usize) -> SeenTwice {
        let words = slots.div_ceil(64);
        SeenTwice { once: vec![0; words], twice: vec![0; words] }
    }

    fn see(&mut self, slot: usize) {
        let (word, bit) = (slot / 64, 1 << (slot % 64));
        self.twice[word] |= self.once[word] & bit;
        self.once[word] |= bit;
    }

    fn ranks(self) -> Ranks {
        let mut count = 0;
        let mut before = Vec::with_capacity(self.twice.len());
        for word in &self.twice {
            before.push(count);
            count += word.count_ones();
        }
        Ranks { bits: self.twice, before, count }
    }
}

impl Ranks {
    fn len(&self) -> usize {
        self.count as usize
    }

    fn of(&self, slot: usize) -> Option<u32> {
        let (word, bit) = (slot / 64, slot % 64);
        let bits = self.bits[word];
        (bits >> bit & 1 == 1).then(|| self.before[word] + (bits & ((1 << bit) - 1)).count_ones())
    }
}

impl Chars {
    fn new(words: &[String], df: &[u32], texts: usize) -> Chars {
        let mut numbers: FxHashMap<u64, u32> = FxHashMap::default();
        let mut gram_df: Vec<u64> = Vec::new();
        let (mut starts, mut grams) = (vec![0u32], Vec::new());
        let (mut marked, mut ends) = (String::new(), Vec::new());
        for (word, &df) in words.iter().zip(df) {
            marked.clear();
            marked.push(' ');
            marked.extend(word.chars().take(30));
            marked.push(' ');
            ends.clear();
            ends.extend(marked.char_indices().map(|(at, _)| at));
            ends.push(marked.len());
            let from = grams.len();
            for n in 3..=5 {
                for w in ends.windows(n + 1) {
                    let mut hasher = FxHasher::default();
                    hasher.write(&marked.as_bytes()[w[0]..w[n]]);
                    let next = gram_df.len() as u32;
                    let g = *numbers.entry(hasher.finish()).or_insert(next);
                    if g == next {
                        gram_df.push(0);
                    }
                    grams.push((g, 1.0f32));
                }
            }
            let own = &mut grams[from..];
            own.sort_unstable_by_key(|g| g.0);
            // Stretches twice in one word are rare: the doubles stay, and count twice.
            for same in own.chunk_by(|a, b| a.0 == b.0) {
                gram_df[same[0].0 as usize] += u64::from(df);
            }
            starts.push(grams.len() as u32);
        }
        for (g, weight) in &mut grams {
            let df = gram_df[*g as usize].min(texts as u64);
            *weight = if df < 2 { 0.0 } else { ((1 + texts) as f32 / (1 + df) as f32).ln() + 1.0 };
        }
        Chars { starts, grams, count: gram_df.len() }
    }

    fn of(&self, word: u32) -> &[(u32, f32)] {
        &self.grams[self.starts[word as usize] as usize..self.starts[word as usize + 1] as usize]
    }
}

fn slot(kind: u32, a: u32, b: u32) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write_u32(kind);
    hasher.write_u32(a);
    hasher.write_u32(b);
    (hasher.finish().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SLOT_BITS)) as u32
}

fn slot_of(feature: u32) -> usize {
    (feature & (MOST_SLOTS as u32 - 1)) as usize
}

fn inverse_root(squares: f32) -> f32 {
    if squares > 0.0 { 1.0 / squares.sqrt() } else { 0.0 }
}

fn sorted_dot(a: &[(u32, f32)], b: &[(u32, f32)]) -> f32 {
    let (mut i, mut j, mut dot) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i].0, b[j].0);
        if x == y {
            dot += a[i].1 * b[j].1;
        }
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    dot
}
