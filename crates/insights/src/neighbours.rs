//! Which questions are alike: the nearest neighbours of each, exactly compared.
//!
//! A list of texts a feature proposes candidates, rarest features first; the best of those are compared in
//! full. The lists are cut, and a text looks at a bounded number of entries, so the work grows with the
//! number of texts only.

use rayon::prelude::*;

use crate::features::{Probe, Space};

/// Entries of a feature's list; beyond, the texts in which it weighs most.
const LONGEST_LIST: usize = 300;
/// Candidates compared in full, while there is memory and time …
const CANDIDATES: usize = 128;
/// … fewer where a second space proposes too …
const CANDIDATES_OF_TWO: usize = 24;
/// … and for very many texts.
const FEW_CANDIDATES: usize = 40;
const MANY_TEXTS: usize = 100_000;
/// Entries that one text looks at.
const MOST_ENTRIES: usize = 12_000;
const MOST_ENTRIES_OF_TWO: usize = 3_000;
const MOST_ENTRIES_OF_MANY: usize = 4_000;
/// Below this two texts share a word or two of no weight: no link.
const LEAST_ALIKE: f32 = 0.05;
/// Words spelled alike propose too.
const ALIKE: usize = 4;
const ALIKE_AT_LEAST: f32 = 0.45;

/// The nearest neighbours of every node, nearest first, with similarities.
pub(crate) type Graph = Vec<Vec<(u32, f32)>>;

/// How many neighbours are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// At least so many, as far as there are any.
    pub(crate) least: usize,
    /// All beyond that are at least so alike …
    pub(crate) alike: f32,
    /// … but no more than so many.
    pub(crate) most: usize,
}

/// Texts by feature.
struct Lists {
    starts: Vec<u32>,
    texts: Vec<u32>,
}

impl Lists {
    fn new(space: &Space) -> Lists {
        let mut counts = vec![0u32; space.slots() + 1];
        for i in 0..space.len() {
            for (slot, _) in space.slots_of(i) {
                counts[slot + 1] += 1;
            }
        }
        // Short texts first: a feature weighs most in them.
        let mut order: Vec<u32> = (0..space.len() as u32).collect();
        order.sort_by(|&a, &b| {
            space.inverse_norm(b as usize).total_cmp(&space.inverse_norm(a as usize)).then(a.cmp(&b))
        });
        counts.iter_mut().skip(1).for_each(|c| *c = (*c).min(LONGEST_LIST as u32));
        let mut starts = counts;
        for slot in 1..starts.len() {
            starts[slot] += starts[slot - 1];
        }
        let mut texts = vec![0; starts[starts.len() - 1] as usize];
        let mut filled = starts.clone();
        for &i in &order {
            for (slot, _) in space.slots_of(i as usize) {
                if filled[slot] < starts[slot + 1] {
                    texts[filled[slot] as usize] = i;
                    filled[slot] += 1;
                }
            }
        }
        Lists { starts, texts }
    }

    fn of(&self, slot: usize) -> &[u32] {
        &self.texts[self.starts[slot] as usize..self.starts[slot + 1] as usize]
    }
}

/// One way to compare: a space with its lists.
pub(crate) struct Index<'a> {
    space: &'a Space,
    lists: Lists,
    alike: Vec<Vec<(u32, f32)>>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(space: &'a Space) -> Index<'a> {
        Index { space, lists: Lists::new(space), alike: space.spelled_alike(ALIKE, ALIKE_AT_LEAST) }
    }
}

/// What a worker needs for itself.
struct Desk {
    probes: Vec<Probe>,
    scores: Vec<f32>,
    touched: Vec<u32>,
    ranked: Vec<u64>,
    features: Vec<(usize, f32)>,
}

/// The nearest neighbours of all texts. `similarity` says how alike two are, given how alike each space finds
/// them; all spaces propose candidates.
pub(crate) fn nearest(
    indexes: &[Index<'_>],
    keep: Keep,
    similarity: impl Fn(usize, usize, &[f32]) -> f32 + Sync,
) -> Graph {
    let n = indexes.first().map_or(0, |i| i.space.len());
    let many = n > MANY_TEXTS;
    let (candidates, entries) = match indexes.len() {
        _ if many => (FEW_CANDIDATES, MOST_ENTRIES_OF_MANY),
        0 | 1 => (CANDIDATES, MOST_ENTRIES),
        _ => (CANDIDATES_OF_TWO, MOST_ENTRIES_OF_TWO),
    };
    let desk = || Desk {
        probes: indexes.iter().map(|i| i.space.probe()).collect(),
        scores: vec![0.0; n],
        touched: Vec::new(),
        ranked: Vec::new(),
        features: Vec::new(),
    };
    // A desk is large: one a chunk, not one a text.
    let chunk = n.div_ceil(rayon::current_num_threads().max(1) * 4).clamp(1, 1 << 16);
    let starts: Vec<usize> = (0..n).step_by(chunk).collect();
    let parts: Vec<Graph> = starts
        .into_par_iter()
        .map(|start| {
            let mut desk = desk();
            let each = |i| one(indexes, i, &mut desk, (candidates, entries), keep, &similarity);
            (start..(start + chunk).min(n)).map(each).collect()
        })
        .collect();
    parts.into_iter().flatten().collect()
}

fn one(
    indexes: &[Index<'_>],
    text: usize,
    desk: &mut Desk,
    (candidates, entries): (usize, usize),
    keep: Keep,
    similarity: &impl Fn(usize, usize, &[f32]) -> f32,
) -> Vec<(u32, f32)> {
    let mut chosen: Vec<u32> = Vec::new();
    for index in indexes {
        propose(index, text, desk, candidates, entries);
        chosen.append(&mut desk.touched);
    }
    chosen.sort_unstable();
    chosen.dedup();
    for (index, probe) in indexes.iter().zip(&mut desk.probes) {
        index.space.aim(probe, text);
    }
    let mut by_space = vec![0.0; indexes.len()];
    let mut found: Vec<(u32, f32)> = chosen
        .into_iter()
        .map(|other| {
            for (k, index) in indexes.iter().enumerate() {
                by_space[k] = index.space.similarity(&mut desk.probes[k], other as usize);
            }
            (other, similarity(text, other as usize, &by_space))
        })
        .filter(|&(_, s)| s >= LEAST_ALIKE)
        .collect();
    found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let alike = found.iter().take_while(|f| f.1 >= keep.alike).count();
    found.truncate(alike.max(keep.least).min(keep.most));
    found.shrink_to_fit();
    found
}

/// Leaves the best candidates in `desk.touched`.
fn propose(index: &Index<'_>, text: usize, desk: &mut Desk, candidates: usize, entries: usize) {
    let Index { space, lists, alike } = index;
    desk.features.clear();
    desk.features.extend(space.slots_of(text));
    for &w in space.words_of(text) {
        let own = space.word_slot(w).map_or(0.0, |slot| space.idf(slot));
        for &(other, how) in &alike[w as usize] {
            let Some(slot) = space.word_slot(other) else { continue };
            let idf = space.idf(slot).max(own);
            desk.features.push((slot, how * idf));
        }
    }
    // Rare features first: they decide, and their lists are short.
    desk.features.sort_unstable_by(|a, b| {
        space.idf(b.0).total_cmp(&space.idf(a.0)).then(a.0.cmp(&b.0)).then(b.1.total_cmp(&a.1))
    });
    let mut left = entries;
    for &(slot, weight) in &desk.features {
        let list = lists.of(slot);
        let list = &list[..list.len().min(left)];
        left -= list.len();
        let weight = weight * space.idf(slot);
        for &other in list {
            let score = &mut desk.scores[other as usize];
            if *score == 0.0 {
                desk.touched.push(other);
            }
            *score += weight;
        }
        if left == 0 {
            break;
        }
    }
    let scores = &mut desk.scores;
    // Scores are above zero, and so sort as the numbers that their bits are: the best first, of equal ones the first.
    desk.ranked.clear();
    for other in desk.touched.drain(..) {
        let score = std::mem::take(&mut scores[other as usize]) * space.inverse_norm(other as usize);
        if other as usize != text && score > 0.0 {
            desk.ranked.push(u64::from(!score.to_bits()) << 32 | u64::from(other));
        }
    }
    if desk.ranked.len() > candidates {
        desk.ranked.select_nth_unstable(candidates);
        desk.ranked.truncate(candidates);
    }
    desk.touched.extend(desk.ranked.iter().map(|&ranked| ranked as u32));
}
