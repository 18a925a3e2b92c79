//! Mined variants: two customers who were given nearly the same answer asked nearly the same question, so
//! one's wording fits the other's answer.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::{Example, Role};

use crate::guard::Facts;
use crate::lm;
use crate::text::{Kind, plain, tokens};

/// Where a mined wording comes from.
///
/// ```
/// # use threadfold_variants::mine;
/// let none: [&threadfold_core::Example; 0] = [];
/// assert!(mine(&none, 1).is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Mined {
    /// The example whose answer is kept, by its place in the list given.
    pub example: usize,
    /// The example whose wording is taken.
    pub from: usize,
    /// How much the two answers agree: the cosine of their weighted words, 0 to 1.
    pub answers: f32,
    /// How much the two questions agree, likewise.
    pub questions: f32,
}

/// Answers must agree at least so much, and answers and questions together so much. Chosen on answers that
/// were each written afresh; people who answer mail repeat themselves more.
const ANSWERS: f32 = 0.36;
const TOGETHER: f32 = 0.46;
/// What the questions' agreement counts beside the answers'.
const QUESTION_SHARE: f32 = 0.3;
/// Words in more answers than this tell nothing and cost much.
const LONGEST_POSTING: usize = 400;
/// A question of more words asks more than one thing.
const LONGEST_QUESTION: usize = 60;
/// Each must be among so many of the other's nearest.
const MUTUAL: usize = 5;

/// A text's weighted words, sorted by word.
pub(crate) type Vector = Vec<(u64, f32)>;

struct Space {
    /// In how many texts a word stands.
    spread: FxHashMap<u64, u32>,
    texts: f32,
}

impl Space {
    fn of(bags: &[Vec<(u64, u32)>]) -> Space {
        let mut spread: FxHashMap<u64, u32> = FxHashMap::default();
        for (w, _) in bags.iter().flatten() {
            *spread.entry(*w).or_default() += 1;
        }
        Space { spread, texts: bags.len() as f32 }
    }

    fn weigh(&self, bag: &[(u64, u32)]) -> Vector {
        let idf = |w: &u64| {
            ((1.0 + self.texts) / (1.0 + self.spread.get(w).copied().unwrap_or(0) as f32)).ln() + 1.0
        };
        let mut v: Vector = bag.iter().map(|(w, n)| (*w, (1.0 + (*n as f32).ln()) * idf(w))).collect();
        let norm = v.iter().map(|x| x.1 * x.1).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        v.iter_mut().for_each(|x| x.1 /= norm);
        v
    }
}

/// Words, word pairs and pieces of words, each with its count. Numbers do not count: they differ by customer.
fn bag(text: &str) -> Vec<(u64, u32)> {
    let mut words = Vec::new();
    for t in tokens(text) {
        if t.kind == Kind::Word {
            words.push(plain(t.of(text)));
        }
    }
    let mut all: Vec<u64> = Vec::with_capacity(words.len() * 6);
    let mut last = 0u64;
    for w in &words {
        let mut h = 0;
        lm::words(w, |x| h = x);
        all.push(h);
        all.push(last.rotate_left(31) ^ h);
        last = h;
        // Pieces of four letters see that "reimburse" and "reimbursement" belong together.
        let padded = format!(" {w} ");
        let b = padded.as_bytes();
        for piece in b.windows(4) {
            let mut p = 0x1000_0000u64;
            for c in piece {
                p = (p ^ u64::from(*c)).wrapping_mul(0x0100_0000_01b3);
            }
            all.push(p);
        }
    }
    all.sort_unstable();
    let mut out: Vec<(u64, u32)> = Vec::new();
    for w in all {
        match out.last_mut() {
            Some(x) if x.0 == w => x.1 += 1,
            _ => out.push((w, 1)),
        }
    }
    out
}

fn cosine(a: &Vector, b: &Vector) -> f32 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Equal => {
                sum += a[i].1 * b[j].1;
                i += 1;
                j += 1;
            }
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
        }
    }
    sum
}

/// How much two answers agree: used by the endpoint's gate as well.
pub(crate) fn vectors<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Vector> {
    let bags: Vec<_> = texts.map(bag).collect();
    let space = Space::of(&bags);
    bags.iter().map(|b| space.weigh(b)).collect()
}

pub(crate) fn agree(a: &Vector, b: &Vector) -> f32 {
    cosine(a, b)
}

/// The question of an example that has one turn of each side.
fn question(e: &Example) -> Option<&str> {
    match e.turns.as_slice() {
        [q, a] if q.role == Role::Customer && a.role == Role::Agent => Some(&q.text),
        _ => None,
    }
}

/// Whether an answer speaks to its asker by a name that was not taken out: it fits nobody else.
fn personal(e: &Example) -> bool {
    let author = e.turns.first().map_or("", |t| t.author.as_str());
    let name = author.split(['@', '<']).next().unwrap_or("");
    let answer: FxHashSet<String> =
        tokens(e.completion()).iter().map(|t| plain(t.of(e.completion()))).collect();
    name.split(|c: char| !c.is_alphabetic()).any(|w| w.chars().count() >= 3 && answer.contains(&plain(w)))
}

/// Whether `theirs` can stand for `own`: it must name the same numbers, placeholders and names, and so
/// little of its own that the answer need not know of it.
fn exchangeable(own: &Facts, theirs: &Facts) -> bool {
    own.same_particulars(theirs)
}

/// Finds, for each example, up to `n` other customers' wordings of the same question.
///
/// Two examples are paired when their answers agree (cosine of weighted words, pairs and pieces of words),
/// each is among the other's nearest, and neither answer depends on who asked: the questions must name the
/// same numbers, placeholders and names, and no answer may call its customer by name. Only conversations of
/// one question and one answer are looked at.
///
/// ```
/// use threadfold_dataset::{Format, read_examples};
/// let rows = "prompt,completion\n\
///     Where are you located?,\"You find us at 14 Teasel Lane, behind the launderette, in the old tram shed.\"\n\
///     What is the address?,\"We are at 14 Teasel Lane, in the old tram shed behind the launderette.\"\n\
///     Do you take cards?,Yes: all cards from ten pounds on.\n";
/// let examples: Vec<_> = read_examples(Format::Csv, rows.as_bytes()).map(Result::unwrap).collect();
/// let mined = threadfold_variants::mine(&examples.iter().collect::<Vec<_>>(), 1);
/// assert_eq!(mined.iter().map(|m| (m.example, m.from)).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
/// ```
pub fn mine(examples: &[&Example], n: usize) -> Vec<Mined> {
    let usable: Vec<usize> = (0..examples.len())
        .filter(|&i| {
            question(examples[i]).is_some_and(|q| {
                let words = tokens(q).len();
                (2..=LONGEST_QUESTION).contains(&words)
            }) && !personal(examples[i])
        })
        .collect();
    let questions: Vec<&str> = usable.iter().filter_map(|&i| question(examples[i])).collect();
    let facts: Vec<Facts> = questions.par_iter().map(|q| Facts::of(q)).collect();
    let bags_a: Vec<_> = usable.par_iter().map(|&i| bag(examples[i].completion())).collect();
    let bags_q: Vec<_> = questions.par_iter().map(|q| bag(q)).collect();
    let (space_a, space_q) = (Space::of(&bags_a), Space::of(&bags_q));
    let answers: Vec<Vector> = bags_a.par_iter().map(|b| space_a.weigh(b)).collect();
    let asked: Vec<Vector> = bags_q.par_iter().map(|b| space_q.weigh(b)).collect();

    let mut postings: FxHashMap<u64, Vec<(u32, f32)>> = FxHashMap::default();
    for (i, v) in answers.iter().enumerate() {
        for &(w, x) in v {
            if space_a.spread.get(&w).is_some_and(|&s| s > 1 && s as usize <= LONGEST_POSTING) {
                postings.entry(w).or_default().push((i as u32, x));
            }
        }
    }
    // Each one's nearest, by answers first and questions second.
    let near: Vec<Vec<(u32, f32, f32)>> = (0..usable.len())
        .into_par_iter()
        .map(|i| {
            let mut scores: FxHashMap<u32, f32> = FxHashMap::default();
            for (w, x) in &answers[i] {
                for (j, y) in postings.get(w).into_iter().flatten() {
                    *scores.entry(*j).or_default() += x * y;
                }
            }
            let mut some: Vec<(u32, f32)> = scores.into_iter().filter(|s| s.0 as usize != i).collect();
            some.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            some.truncate(50);
            let mut all: Vec<(u32, f32, f32)> = some
                .into_iter()
                .map(|(j, _)| {
                    (j, cosine(&answers[i], &answers[j as usize]), cosine(&asked[i], &asked[j as usize]))
                })
                .collect();
            all.sort_by(|a, b| together(b).total_cmp(&together(a)).then(a.0.cmp(&b.0)));
            all.truncate(MUTUAL.max(n));
            all
        })
        .collect();

    let mut out = Vec::new();
    for (i, list) in near.iter().enumerate() {
        let mut taken: Vec<&str> = vec![questions[i]];
        for x in list {
            let j = x.0 as usize;
            let mutual = near[j].iter().any(|y| y.0 as usize == i);
            if taken.len() > n
                || !mutual
                || x.1 < ANSWERS
                || together(x) < TOGETHER
                || !exchangeable(&facts[i], &facts[j])
                || taken.iter().any(|t| same_words(t, questions[j]))
            {
                continue;
            }
            taken.push(questions[j]);
            out.push(Mined { example: usable[i], from: usable[j], answers: x.1, questions: x.2 });
        }
    }
    out
}

fn together(x: &(u32, f32, f32)) -> f32 {
    x.1 + QUESTION_SHARE * x.2
}

fn same_words(a: &str, b: &str) -> bool {
    let list = |t: &str| {
        let mut w = Vec::new();
        lm::words(t, |x| w.push(x));
        w
    };
    list(a) == list(b)
}
