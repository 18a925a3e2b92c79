//! A trigram language model of the texts at hand: which wording would these customers use?
//!
//! Interpolated after Witten and Bell (1991). Counts are kept by the hash of the n-gram; a source's own
//! occurrences can be taken out, so that a sentence of the training text has no advantage over its variants.

use rustc_hash::FxHashMap;

/// Words as the model counts them: lower case letters and digits, placeholders and numbers as one word.
pub(crate) fn words(text: &str, mut take: impl FnMut(u64)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let b = bytes[at];
        if b.is_ascii_alphanumeric() || b == b'\'' || b >= 0x80 {
            let (mut hash, mut number) = (0xcbf2_9ce4_8422_2325u64, true);
            while at < bytes.len()
                && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'\'' || bytes[at] >= 0x80)
            {
                number &= bytes[at].is_ascii_digit();
                hash = (hash ^ u64::from(bytes[at].to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
                at += 1;
            }
            take(if number { SLOT } else { hash });
        } else if b == b'{' && bytes.get(at + 1) == Some(&b'{') {
            match bytes[at..].windows(2).take(60).position(|w| w == b"}}") {
                Some(len) => {
                    take(SLOT);
                    at += len + 2;
                }
                None => at += 1,
            }
        } else if b == b'[' || b == b'<' {
            let len = bytes[at + 1..]
                .iter()
                .take(60)
                .position(|c| !(c.is_ascii_uppercase() || c.is_ascii_digit() || *c == b'_'));
            match len {
                Some(len) if len > 0 && matches!(bytes[at + 1 + len], b']' | b'>') => {
                    take(SLOT);
                    at += len + 2;
                }
                _ => at += 1,
            }
        } else {
            at += 1;
        }
    }
}

const SLOT: u64 = 1;
const BEGIN: u64 = 2;
const END: u64 = 3;

fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The hashes of the n-gram ending at `i` of order 1, 2 and 3, and of their histories.
fn grams(w: &[u64], i: usize) -> [(u64, u64); 3] {
    let (a, b, c) = (w[i - 2], w[i - 1], w[i]);
    let (h1, h2) = (mix(17, b), mix(mix(19, a), b));
    [(mix(3, c), 5), (mix(h1, c), h1), (mix(h2, c), h2)]
}

#[derive(Clone, Copy, Debug, Default)]
struct History {
    total: u32,
    kinds: u32,
}

/// The model. Training is a sum, so its result does not depend on the order of the texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    counts: FxHashMap<u64, u32>,
    histories: FxHashMap<u64, History>,
    sentences: u32,
}

/// How many features no sentence has, hardly any, few, some, many and most: see [`SHARES`].
pub(crate) type Spread = [f64; 6];

/// The shares of the sentences that part these.
const SHARES: [f64; 5] = [0.0, 0.005, 0.013, 0.041, 0.121];

/// A text as the model sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Sequence(Vec<u64>);

impl Sequence {
    pub(crate) fn of(text: &str) -> Sequence {
        let mut w = vec![BEGIN, BEGIN];
        words(text, |x| w.push(x));
        w.push(END);
        Sequence(w)
    }

    /// The distinct words, sorted.
    pub(crate) fn set(&self) -> Vec<u64> {
        let mut v = self.0[2..self.0.len() - 1].to_vec();
        v.sort_unstable();
        v.dedup();
        v
    }

    /// The distinct words and word pairs, sorted: the keys of their counts in a model.
    pub(crate) fn features(&self) -> Vec<u64> {
        let w = &self.0[2..self.0.len() - 1];
        let mut f: Vec<u64> = w.windows(2).map(|p| mix(mix(17, p[0]), p[1])).collect();
        f.extend(w.iter().map(|&c| mix(3, c)));
        f.sort_unstable();
        f.dedup();
        f
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len() - 3
    }

    pub(crate) fn same_words(&self, other: &Sequence) -> bool {
        self.0 == other.0
    }
}

/// What a source itself put into the model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Own(FxHashMap<u64, u32>);

/// Shared words over all words of two sorted sets, 0 to 1.
pub(crate) fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut both) = (0, 0, 0usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Equal => {
                both += 1;
                i += 1;
                j += 1;
            }
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
        }
    }
    both as f64 / ((a.len() + b.len() - both).max(1)) as f64
}

impl Model {
    pub(crate) fn learn(&mut self, s: &Sequence) {
        self.sentences += 1;
        for i in 2..s.0.len() {
            for (gram, history) in grams(&s.0, i) {
                let count = self.counts.entry(gram).or_default();
                let h = self.histories.entry(history).or_default();
                h.kinds += u32::from(*count == 0);
                h.total += 1;
                *count += 1;
            }
        }
    }

    /// What `sequence` itself added when it was learned.
    pub(crate) fn own(&self, sequences: &[&Sequence]) -> Own {
        let mut own = FxHashMap::default();
        for s in sequences {
            for i in 2..s.0.len() {
                for (gram, history) in grams(&s.0, i) {
                    *own.entry(gram).or_default() += 1;
                    *own.entry(history ^ 0xaaaa_aaaa).or_default() += 1;
                }
            }
        }
        Own(own)
    }

    /// Average negative log probability of a word, in nats, where a share of the probability is `common`'s.
    pub(crate) fn cost(&self, s: &Sequence, own: &Own, common: &Model, share: f64) -> f64 {
        let sum: f64 = (2..s.0.len())
            .map(|i| {
                let here = self.probability(&s.0, i, own);
                let there = common.probability(&s.0, i, &Own::default());
                -((1.0 - share) * here + share * there).ln()
            })
            .sum();
        sum / (s.0.len() - 2) as f64
    }

    fn probability(&self, w: &[u64], i: usize, own: &Own) -> f64 {
        let words = self.histories.get(&5).map_or(1.0, |h| f64::from(h.kinds) + 1.0);
        let mut p = 1.0 / words;
        for (gram, history) in grams(w, i) {
            let Some(h) = self.histories.get(&history) else { break };
            let total = h.total.saturating_sub(own.0.get(&(history ^ 0xaaaa_aaaa)).copied().unwrap_or(0));
            if total == 0 {
                break;
            }
            let count = self.counts.get(&gram).copied().unwrap_or(0);
            let count = count.saturating_sub(own.0.get(&gram).copied().unwrap_or(0));
            let kinds = f64::from(h.kinds.min(total).max(1));
            p = (f64::from(count) + kinds * p) / (f64::from(total) + kinds);
        }
        p
    }

    /// How widely the features that only the first of two sorted lists has are spread among the sentences,
    /// `own` of which do not count.
    pub(crate) fn spread(&self, of: &[u64], but: &[u64], own: u32) -> Spread {
        let n = f64::from(self.sentences.max(1));
        let mut out = Spread::default();
        for x in of.iter().filter(|x| but.binary_search(x).is_err()) {
            let count = self.counts.get(x).copied().unwrap_or(0).saturating_sub(own);
            let share = f64::from(count) / n;
            out[SHARES.iter().take_while(|s| share > **s).count()] += 1.0;
        }
        out
    }

    /// How many words of `b` the first lacks, and how many of these the learned texts lack, too.
    pub(crate) fn new_words(&self, a: &[u64], b: &[u64]) -> (f64, f64) {
        let came = b.iter().filter(|w| a.binary_search(w).is_err());
        let unknown = came.clone().filter(|w| !self.counts.contains_key(&mix(3, **w)));
        (came.count() as f64, unknown.count() as f64)
    }

    /// How many word pairs the learned texts do not have.
    pub(crate) fn novelty(&self, s: &Sequence) -> f64 {
        let w = &s.0[2..s.0.len() - 1];
        w.windows(2).filter(|p| !self.counts.contains_key(&mix(mix(17, p[0]), p[1]))).count() as f64
    }

    /// How many words of a sorted set were never seen.
    pub(crate) fn unseen(&self, set: &[u64], common: &Model) -> usize {
        set.iter()
            .filter(|&&w| !self.counts.contains_key(&mix(3, w)) && !common.counts.contains_key(&mix(3, w)))
            .count()
    }

    /// How many words were learned.
    pub(crate) fn size(&self) -> u32 {
        self.histories.get(&5).map_or(0, |h| h.total)
    }

    /// How often a single word was seen.
    pub(crate) fn count(&self, word: &str) -> u32 {
        let mut n = 0;
        words(word, |w| n = self.counts.get(&mix(3, w)).copied().unwrap_or(0));
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_costs_less() {
        let mut model = Model::default();
        for text in ["how can i cancel my order", "how can i change my order", "can i cancel [ORDER_ID_1]"] {
            model.learn(&Sequence::of(text));
        }
        let cost = |t: &str| model.cost(&Sequence::of(t), &Own::default(), &Model::default(), 0.0);
        assert!(cost("how can i cancel my order") < cost("order my cancel i can how"));
        assert!(cost("can i change {{Order Number}}") < cost("can i change kettles"));
        let s = Sequence::of("how can i cancel my order");
        let without = model.cost(&s, &model.own(&[&s]), &Model::default(), 0.0);
        assert!(without > cost("how can i cancel my order"));
        assert!(model.novelty(&s) < 1e-9 && model.novelty(&Sequence::of("order cancel")) > 0.9);
    }

    #[test]
    fn odd_input() {
        for text in ["", "{{", "[", "<A", "{{a", "[]", "é€ 東京", "'''"] {
            let s = Sequence::of(text);
            assert!(Model::default().cost(&s, &Own::default(), &Model::default(), 0.5).is_finite());
            assert!(Model::default().novelty(&s) >= 0.0);
        }
    }
}
