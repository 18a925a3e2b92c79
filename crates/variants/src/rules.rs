//! Rewording by rules: frames, word order, contractions and a thesaurus, ranked by a language model of the
//! texts at hand, behind the guard.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::draft::{Draft, Drafts, Setting};
use crate::guard::Facts;
use crate::language::{Language, english};
use crate::lm::{Model, Own, Sequence, jaccard};
use crate::near::{Near, agreement};
use crate::risk::Risks;
use crate::text::{Sentence, sentences};

/// A reworded text and how it came about.
///
/// ```
/// let rules = threadfold_variants::Rules::new(0);
/// let variants = rules.reword("How do I cancel order [ORDER_ID_1]?", 2);
/// assert!(variants.iter().all(|v| v.text.contains("[ORDER_ID_1]") && v.how.starts_with("rules")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Variant {
    /// The wording.
    pub text: String,
    /// The rewriter, and its rules where there are such: `rules:howto+thesaurus`.
    pub how: String,
}

// How drafts are chosen. Set on questions to a bank and a shop in six different halves, with those to an
// assistant and a lender beside them: more novelty or a narrower gate gain one figure at another's cost.

/// How many words the built-in frames weigh beside the learned texts in the language model.
const FRAMES_WEIGH: f64 = 100.0;
/// No draft whose average word costs so much more than its source's is looked at, in nats.
const DEARER: f64 = 0.8;
/// What even an unusual sentence costs, in nats a word.
const ORDINARY: f64 = 5.0;
/// The largest share of words, 0 to 1, that a sentence may have in common with its source.
const ALIKE: f64 = 0.80;
/// What a pair of words that the texts at hand do not have is worth, and how many of them count.
const NOVELTY: f64 = 0.055;
const MOST_NEW: f64 = 4.0;
/// How much worse it is to ask something else than to read strangely.
const STRAYING: f64 = 2.5;
/// A draft that is likelier than this to ask something else, or to read strangely, is not offered.
const MOST_STRAYED: f64 = 0.25;
const MOST_STRANGE: f64 = 0.5;
/// What chance may add, so that equally good wordings take turns.
const CHANCE: f64 = 0.05;

/// How many of the best drafts are compared with their source's neighbours.
const SHORTLIST: usize = 20;

/// Sentences of more words than this are left as they are, and no text has more sentences reworded.
const LONGEST: usize = 40;
const MOST_SENTENCES: usize = 3;

/// Rewords by rules. Learns how the customers at hand write, then rewords in their manner.
///
/// ```
/// let mut rules = threadfold_variants::Rules::new(7);
/// rules.learn("How can I change my delivery address?");
/// let variants = rules.reword("Where are you located?", 1);
/// assert_eq!(variants.len(), 1);
/// assert_ne!(variants[0].text, "Where are you located?");
/// ```
#[derive(Clone, Debug)]
pub struct Rules {
    model: Model,
    near: Near,
    /// The sentences learned.
    known: FxHashSet<Sequence>,
    seed: u64,
    language: &'static Language,
}

impl Rules {
    /// Rules for English that have learned nothing yet but their own frames. The same seed and the same
    /// texts give the same variants.
    pub fn new(seed: u64) -> Rules {
        let language = english();
        Rules { model: Model::default(), near: Near::default(), known: FxHashSet::default(), seed, language }
    }

    /// Learns from a text: its sentences become more likely. A sentence that was learned before, numbers
    /// aside, teaches nothing more: what a web form writes into every letter is not how customers write.
    pub fn learn(&mut self, text: &str) {
        for s in sentences(text) {
            let s = Sequence::of(&text[s.start..s.end]);
            if !self.known.contains(&s) {
                self.model.learn(&s);
                self.near.learn(&s);
                self.known.insert(s);
            }
        }
    }

    /// Up to `n` other wordings, best first; fewer or none where the rules know no good one.
    ///
    /// Every wording passes [`check`](crate::check). Line breaks inside a reworded sentence become blanks;
    /// the other sentences stay as they are, letter by letter.
    pub fn reword(&self, text: &str, n: usize) -> Vec<Variant> {
        let mut slots: Vec<(Sentence, Vec<Draft>)> = Vec::new();
        let all = sentences(text);
        let setting = Setting::of(text, all.len() == 1);
        for s in &all {
            let ranked = self.ranked(&text[s.start..s.end], setting, n);
            if !ranked.is_empty() {
                slots.push((*s, ranked));
            }
        }
        // The sentences that the rules can change best.
        if slots.len() > MOST_SENTENCES {
            let mut best: Vec<usize> = (0..slots.len()).collect();
            best.sort_by(|&a, &b| slots[b].1[0].worth.total_cmp(&slots[a].1[0].worth).then(a.cmp(&b)));
            let kept: FxHashSet<usize> = best.into_iter().take(MOST_SENTENCES).collect();
            let mut i = 0;
            slots.retain(|_| {
                i += 1;
                kept.contains(&(i - 1))
            });
        }
        let source = Facts::with(text, &self.language.lexicon);
        let mut out: Vec<Variant> = Vec::new();
        for k in 0..n {
            let Some(variant) = compose(text, &slots, k) else { break };
            let facts = Facts::with(&variant.text, &self.language.lexicon);
            if source.allow(&facts).is_ok() && out.iter().all(|v| v.text != variant.text) {
                out.push(variant);
            }
        }
        out
    }

    /// The same for many texts, on so many threads (0 for all cores).
    pub fn reword_all(&self, texts: &[&str], n: usize, threads: usize) -> Vec<Vec<Variant>> {
        let all = || texts.par_iter().map(|t| self.reword(t, n)).collect();
        match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => pool.install(all),
            Err(_) => all(),
        }
    }

    /// The acceptable wordings of a sentence, best first.
    fn ranked(&self, sentence: &str, setting: Setting, n: usize) -> Vec<Draft> {
        let source = Sequence::of(sentence);
        if source.len() == 0 || source.len() > LONGEST {
            return Vec::new();
        }
        let mut drafts = Drafts::new(self.language, &self.model, sentence, setting).collect();
        let own: Own = self.model.own(&[&source]);
        let share = FRAMES_WEIGH / (FRAMES_WEIGH + f64::from(self.model.size()));
        let cost_of = |s: &Sequence| self.model.cost(s, &own, &self.language.common, share);
        let (cost, set, features) = (cost_of(&source), source.set(), source.features());
        let strange = self.model.unseen(&set, &self.language.common);
        drafts.retain_mut(|d| {
            let s = Sequence::of(&d.text);
            if s.same_words(&source) {
                return false;
            }
            d.words = s.set();
            let alike = jaccard(&set, &d.words);
            if alike > ALIKE || self.model.unseen(&d.words, &self.language.common) > strange {
                return false;
            }
            let dearer = cost_of(&s) - cost;
            if dearer > DEARER {
                return false;
            }
            let n = source.len() as f64;
            let own = s.features();
            let (words_came, words_new) = self.model.new_words(&set, &d.words);
            d.risks = Risks {
                dearer,
                cost: (cost - ORDINARY).max(0.0),
                alike,
                length: n,
                longer: own.len() as f64 / features.len() as f64 - 1.0,
                stays: 0.5,
                came: self.model.spread(&own, &features, 0),
                gone: self.model.spread(&features, &own, 1),
                words_came,
                words_new,
                exchanged: d.how.contains("thesaurus"),
                manner: d.manner,
            };
            d.worth = d.fresh
                + NOVELTY * self.model.novelty(&s).min(MOST_NEW)
                + CHANCE * self.noise(sentence, &d.text);
            d.fresh = d.worth;
            true
        });
        let judge = |d: &mut Draft| {
            d.worth = d.fresh
                + STRAYING * (1.0 - d.risks.strayed()).max(f64::MIN_POSITIVE).ln()
                + (1.0 - d.risks.strange()).max(f64::MIN_POSITIVE).ln();
        };
        let best_first = |a: &Draft, b: &Draft| b.worth.total_cmp(&a.worth).then_with(|| a.text.cmp(&b.text));
        drafts.iter_mut().for_each(judge);
        drafts.sort_by(best_first);
        drafts.truncate(SHORTLIST);
        let copies = self.near.copies(sentence);
        let around = self.near.nearest(sentence, &copies);
        drafts.retain_mut(|d| {
            d.risks.stays = agreement(&around, &self.near.nearest(&d.text, &copies));
            judge(d);
            d.whole || (d.risks.strayed() <= MOST_STRAYED && d.risks.strange() <= MOST_STRANGE)
        });
        drafts.sort_by(best_first);
        let facts = Facts::with(sentence, &self.language.lexicon);
        let mut out: Vec<Draft> = Vec::new();
        for d in drafts {
            if out.len() >= n {
                break;
            }
            // A second variant that repeats the first teaches nothing.
            if out.iter().all(|o| jaccard(&o.words, &d.words) < 0.9)
                && facts.allow(&Facts::with(&d.text, &self.language.lexicon)).is_ok()
            {
                out.push(d);
            }
        }
        out
    }

    /// Chance from 0 to 1, the same for the same seed and texts.
    fn noise(&self, source: &str, text: &str) -> f64 {
        let mut hash = self.seed ^ 0x9e37_79b9_7f4a_7c15;
        for b in source.bytes().chain(text.bytes()) {
            hash = (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
        hash ^= hash >> 29;
        (hash >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The text with each sentence's `k`-th wording; none once no sentence has one.
fn compose(text: &str, slots: &[(Sentence, Vec<Draft>)], k: usize) -> Option<Variant> {
    if slots.iter().all(|(_, drafts)| k >= drafts.len()) {
        return None;
    }
    let (mut out, mut at, mut how) = (String::with_capacity(text.len() + 32), 0, Vec::new());
    for (s, drafts) in slots {
        // A sentence with fewer wordings than others repeats its own.
        let Some(draft) = drafts.get(k % drafts.len()) else { continue };
        out.push_str(&text[at..s.start]);
        out.push_str(&draft.text);
        at = s.end;
        how.push(draft.how.as_str());
    }
    out.push_str(&text[at..]);
    how.dedup();
    Some(Variant { text: out, how: format!("rules:{}", how.join(",")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_letter_says_teaches_once() {
        let form = "Where is order 4711? It was sent on 3 May.";
        let (mut once, mut often) = (Rules::new(0), Rules::new(0));
        once.learn(form);
        (0..50).for_each(|i| often.learn(&form.replace("4711", &format!("{}", 1000 + i))));
        assert_eq!((once.model.size(), once.known.len()), (often.model.size(), often.known.len()));
        let asked = "Where are you located?";
        assert!(!once.reword(asked, 2).is_empty());
        assert_eq!(once.reword(asked, 2), often.reword(asked, 2));
        often.learn("Where is my parcel?");
        assert!(often.model.size() > once.model.size(), "something new does teach");
    }
}
