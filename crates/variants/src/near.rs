//! What a question stands near to: is its variant still near to the same?
//!
//! A variant that moves into another question's neighbourhood may have kept every fact and still ask
//! something else. Nearness is the cosine of words and word pairs weighted by rarity.

use rustc_hash::FxHashMap;

use crate::lm::Sequence;

/// Words more common than this among the texts tell nothing and cost much.
const LONGEST_POSTING: usize = 400;
/// How many neighbours count.
pub(crate) const NEIGHBOURS: usize = 5;

/// An index of sentences.
#[derive(Clone, Debug, Default)]
pub(crate) struct Near {
    postings: FxHashMap<u64, Vec<u32>>,
    /// How many features each sentence has.
    sizes: Vec<u32>,
}

fn features(text: &str) -> Vec<u64> {
    Sequence::of(text).features()
}

impl Near {
    pub(crate) fn learn(&mut self, s: &Sequence) {
        let id = self.sizes.len() as u32;
        let f = s.features();
        for &x in &f {
            let posting = self.postings.entry(x).or_default();
            // One more than is used, so that a full list is known for one.
            if posting.len() <= LONGEST_POSTING {
                posting.push(id);
            }
        }
        self.sizes.push(f.len() as u32);
    }

    /// The nearest sentences, nearest first, except those with the very words of `but`.
    pub(crate) fn nearest(&self, text: &str, but: &[u32]) -> Vec<(u32, f32)> {
        let f = features(text);
        let n = self.sizes.len() as f32;
        let mut scores: FxHashMap<u32, f32> = FxHashMap::default();
        for x in &f {
            let Some(posting) = self.postings.get(x).filter(|p| p.len() <= LONGEST_POSTING) else { continue };
            let rarity = (1.0 + n / posting.len() as f32).ln();
            for &id in posting {
                *scores.entry(id).or_default() += rarity;
            }
        }
        let mut all: Vec<(u32, f32)> = scores
            .into_iter()
            .filter(|(id, _)| !but.contains(id))
            .map(|(id, s)| (id, s / (self.sizes[id as usize].max(1) as f32).sqrt()))
            .collect();
        let by_score = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if all.len() > NEIGHBOURS {
            all.select_nth_unstable_by(NEIGHBOURS - 1, by_score);
            all.truncate(NEIGHBOURS);
        }
        all.sort_by(by_score);
        all
    }

    /// The sentences with exactly the words and word pairs of `text`.
    pub(crate) fn copies(&self, text: &str) -> Vec<u32> {
        let f = features(text);
        let rarest = f.iter().filter_map(|x| self.postings.get(x)).min_by_key(|p| p.len());
        let Some(rarest) = rarest.filter(|p| p.len() <= LONGEST_POSTING) else { return Vec::new() };
        let same = |id: &&u32| {
            self.sizes[**id as usize] as usize == f.len()
                && f.iter().all(|x| {
                    self.postings
                        .get(x)
                        .is_some_and(|p| p.len() > LONGEST_POSTING || p.binary_search(id).is_ok())
                })
        };
        rarest.iter().filter(same).copied().collect()
    }
}

/// How much two lists of neighbours agree, 0 to 1; the first counts most. 1 where a source has none.
pub(crate) fn agreement(source: &[(u32, f32)], variant: &[(u32, f32)]) -> f64 {
    let (mut got, mut all) = (0.0, 0.0);
    for (rank, (id, score)) in source.iter().enumerate() {
        let worth = f64::from(*score) / (1.0 + rank as f64);
        all += worth;
        if variant.iter().any(|(v, _)| v == id) {
            got += worth;
        }
    }
    if all > 0.0 { got / all } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_a_question() {
        let mut near = Near::default();
        for t in ["cancel my order", "please cancel my order", "where is my parcel", "my parcel is late"] {
            near.learn(&Sequence::of(t));
        }
        assert_eq!(near.copies("cancel my order"), [0]);
        let n = near.nearest("cancel my order", &[0]);
        assert_eq!(n.first().map(|x| x.0), Some(1));
        assert!(agreement(&n, &n) > 0.99);
        assert!(near.nearest("", &[]).is_empty() && agreement(&[], &n) > 0.99);
    }
}
