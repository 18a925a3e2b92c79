//! Questions that ask the same, found without a model: likeness of words, neighbours, communities.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::communities::communities;
use crate::features::Space;
use crate::neighbours::{Graph, Index, Keep, nearest};
use crate::words::each_word;

/// One question to be grouped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question<'a> {
    /// What was asked.
    pub text: &'a str,
    /// What the business answered, if it did.
    pub answer: Option<&'a str>,
}

/// A judge of likeness beside the built-in one, such as a sentence-embedding model. Vectors are compared by
/// cosine; an empty vector abstains.
///
/// ```
/// struct Length;
/// impl threadfold_insights::Embedder for Length {
///     fn embed(&self, texts: &[&str]) -> Vec<Vec<f32>> {
///         texts.iter().map(|t| vec![1.0, t.len() as f32]).collect()
///     }
/// }
/// use threadfold_insights::Embedder;
/// assert_eq!(Length.embed(&["abc"]), [[1.0, 3.0]]);
/// ```
pub trait Embedder: Sync {
    /// A vector for each text, all of one length.
    fn embed(&self, texts: &[&str]) -> Vec<Vec<f32>>;
}

/// How questions are grouped.
#[derive(Clone, Copy, Default)]
pub struct ClusterOptions<'a> {
    /// How many threads work, 0 for all cores; the groups do not depend on it.
    pub threads: usize,
    /// Above 1 gives smaller groups, below 1 larger. None: told by the answers where there are enough that
    /// agree, 1 otherwise.
    pub granularity: Option<f64>,
    /// A second judge of likeness.
    pub embedder: Option<&'a dyn Embedder>,
    /// Questions less alike than this (from 0 to 1) are not linked, however few their neighbours. What is shown
    /// to somebody wants more than what is only counted: in a small mailbox every question has a nearest one.
    pub least_alike: f32,
}

/// Which questions ask the same.
///
/// ```
/// use threadfold_insights::{ClusterOptions, Clustering, Question};
/// let texts = ["Where is my parcel?", "where is my parcel", "Do you sell gift cards?"];
/// let questions: Vec<_> = texts.iter().map(|text| Question { text, answer: None }).collect();
/// let found = Clustering::of(&questions, &ClusterOptions::default()).unwrap();
/// assert_eq!(found.clusters, [Some(0), Some(0), None]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Clustering {
    /// For each question its cluster, numbered from 0 by first question; none for a question like no other.
    pub clusters: Vec<Option<u32>>,
    /// How many clusters there are.
    pub count: usize,
    /// The granularity used.
    pub granularity: f64,
}

/// Nine neighbours link the sparse parts of a mailbox; where many ask alike, more keep the dense parts whole.
const KEEP: Keep = Keep { least: 9, alike: 0.44, most: 100 };
/// Edges are bounded: with very many questions each keeps fewer of its neighbours.
const MOST_EDGES: usize = 24_000_000;
/// What a question adds to the likeness of two answers.
const QUESTION_BESIDE_ANSWER: f32 = 0.2;
/// Questions so alike need no likeness of answers.
const SAME_WORDS: f32 = 0.6;
/// Groups are looked for in as many orders of the questions as this many edges allow …
const TRIED_EDGES: usize = 2_000_000;
/// … and where there are answers, this many.
const EDGES_WITH_ANSWERS: usize = 600_000;
/// How much an embedding says beside the words.
const EMBEDDING_SHARE: f32 = 0.6;

impl Clustering {
    /// Groups the questions.
    ///
    /// # Errors
    /// When the worker threads cannot be started.
    pub fn of(questions: &[Question<'_>], options: &ClusterOptions<'_>) -> Result<Clustering, crate::Error> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
        Ok(pool.map_err(|e| crate::Error::Threads(e.to_string()))?.install(|| group(questions, options)))
    }
}

fn group(questions: &[Question<'_>], options: &ClusterOptions<'_>) -> Clustering {
    // The same question word for word (with the same answer) is one node.
    let (node_of, first) = nodes(questions);
    let text = |&i: &u32| questions[i as usize].text;
    let answer = |&i: &u32| questions[i as usize].answer.filter(|a| !a.trim().is_empty());
    let asked = Space::new(first.iter().map(|i| Some(text(i))));
    let answered = first.iter().any(|i| answer(i).is_some()).then(|| Space::new(first.iter().map(answer)));
    let vectors = options.embedder.map(|e| {
        let texts: Vec<&str> = first.iter().map(text).collect();
        e.embed(&texts)
    });

    // Small mailboxes have small groups: nine neighbours of a hundred questions would join them all.
    let least = (((first.len() as f32).sqrt() / 2.5).round() as usize).clamp(4, KEEP.least);
    let keep = Keep { least, most: KEEP.most.min((MOST_EDGES / first.len().max(1)).max(KEEP.least)), ..KEEP };
    let mut has_answer: Vec<bool> = first.iter().map(|i| answer(i).is_some()).collect();
    let mut indexes = vec![Index::new(&asked)];
    indexes.extend(answered.as_ref().map(Index::new));
    if let Some(answers) = &answered {
        let says_little = answered_like_anything(answers, &asked, &has_answer);
        has_answer.iter_mut().zip(says_little).for_each(|(has, little)| *has &= !little);
    }
    let mut graph = nearest(&indexes, keep, |a, b, found| {
        let mut question = found[0];
        if let Some(vectors) = &vectors {
            question += EMBEDDING_SHARE * (cosine(&vectors[a], &vectors[b]) - question);
        }
        match found.get(1) {
            Some(&answers) if has_answer[a] && has_answer[b] => {
                let both = (answers + QUESTION_BESIDE_ANSWER * question) / (1.0 + QUESTION_BESIDE_ANSWER);
                // Nearly the same words ask the same, however the answer was put that day.
                if question >= SAME_WORDS { both.max(question) } else { both }
            }
            _ => question,
        }
    });
    drop(indexes);
    graph.iter_mut().for_each(|links| links.retain(|(_, alike)| *alike >= options.least_alike));
    let granularity = options.granularity.unwrap_or_else(|| match &answered {
        Some(answers) => calibrated(&graph, answers, &has_answer),
        None => 1.0,
    });
    // Answers hold groups together, whatever the order.
    let edges = if answered.is_some() { EDGES_WITH_ANSWERS } else { TRIED_EDGES };
    let mut groups = communities(&graph, granularity, edges);
    if answered.is_some() {
        join_by_questions(&mut groups, &asked);
    }

    let mut sizes: FxHashMap<u32, u32> = FxHashMap::default();
    node_of.iter().for_each(|&n| *sizes.entry(groups[n as usize]).or_default() += 1);
    let mut names: FxHashMap<u32, u32> = FxHashMap::default();
    let clusters = node_of
        .iter()
        .map(|&n| {
            let g = groups[n as usize];
            (sizes[&g] > 1).then(|| {
                let next = names.len() as u32;
                *names.entry(g).or_insert(next)
            })
        })
        .collect();
    Clustering { clusters, count: names.len(), granularity }
}

/// Which nodes have an answer that is given to whatever is asked ("We have passed it on", "Please see our
/// brochure"): it says nothing about the question. Told by the questions that got it: they have nothing in common.
fn answered_like_anything(answers: &Space, asked: &Space, has_answer: &[bool]) -> Vec<bool> {
    const UNLIKE: f32 = 0.12;
    /// So many others with the same answer are looked at …
    const LOOKED_AT: usize = 24;
    /// … and fewer than this prove nothing.
    const ENOUGH: usize = 6;
    let mut with_answer: FxHashMap<&[u32], Vec<u32>> = FxHashMap::default();
    for i in (0..has_answer.len()).filter(|&i| has_answer[i]) {
        with_answer.entry(answers.words_of(i)).or_default().push(i as u32);
    }
    let mut found = vec![false; has_answer.len()];
    let mut probe = asked.probe();
    for same in with_answer.values().filter(|same| same.len() > ENOUGH) {
        let step = same.len().div_ceil(LOOKED_AT);
        let mut alike_to = |i: u32| {
            asked.aim(&mut probe, i as usize);
            let others = same.iter().step_by(step).filter(|&&j| j != i);
            let (all, unlike) = others.fold((0, 0), |(all, unlike), &j| {
                (all + 1, unlike + usize::from(asked.similarity(&mut probe, j as usize) < UNLIKE))
            });
            unlike * 4 >= all * 3
        };
        let spread = same.iter().step_by(step).filter(|&&i| alike_to(i)).count();
        if spread * step * 4 >= same.len() * 3 {
            same.iter().for_each(|&i| found[i as usize] = true);
        }
    }
    found
}

/// The node of each question, and the first question of each node.
fn nodes(questions: &[Question<'_>]) -> (Vec<u32>, Vec<u32>) {
    let mut known: FxHashMap<(u64, u64), u32> = FxHashMap::default();
    let mut first = Vec::new();
    let key = |q: &Question<'_>| {
        let mut h = FxHasher::default();
        each_word(q.text, |w| w.hash(&mut h));
        let mut a = FxHasher::default();
        each_word(q.answer.unwrap_or_default(), |w| w.hash(&mut a));
        (h.finish(), a.finish())
    };
    let node_of = questions
        .iter()
        .enumerate()
        .map(|(i, q)| {
            *known.entry(key(q)).or_insert_with(|| {
                first.push(i as u32);
                first.len() as u32 - 1
            })
        })
        .collect();
    (node_of, first)
}

/// The granularity that agrees best with the answers: pairs of neighbours with nearly the same answer belong
/// together, pairs with nothing in common in their answers do not.
fn calibrated(graph: &Graph, answers: &Space, has_answer: &[bool]) -> f64 {
    const SAME: f32 = 0.5;
    const OTHER: f32 = 0.12;
    const ENOUGH: usize = 300;
    const MOST: usize = 200_000;
    let mut probe = answers.probe();
    let (mut same, mut other) = (Vec::new(), Vec::new());
    let step = (graph.len() * 10 / MOST).max(1);
    for i in (0..graph.len()).step_by(step).filter(|&i| has_answer[i]) {
        answers.aim(&mut probe, i);
        for &(j, _) in graph[i].iter().filter(|&&(j, _)| has_answer[j as usize]) {
            match answers.similarity(&mut probe, j as usize) {
                s if s >= SAME => same.push((i, j as usize)),
                s if s < OTHER => other.push((i, j as usize)),
                _ => {}
            }
        }
    }
    if same.len() < ENOUGH || other.len() < ENOUGH {
        return 1.0;
    }
    // 1 comes first: others must be better, not as good.
    let mut best = (f64::MIN, 1.0);
    for granularity in [1.0, 0.7, 1.4] {
        // To compare, one order of the nodes is as good as many.
        let groups = communities(graph, granularity, 0);
        let together = |pairs: &[(usize, usize)]| {
            pairs.iter().filter(|&&(a, b)| groups[a] == groups[b]).count() as f64 / pairs.len() as f64
        };
        // Two questions taken for one mislead more than one taken for two.
        let agreement = together(&same) - 2.0 * together(&other);
        if agreement > best.0 + 0.03 {
            best = (agreement, granularity);
        }
    }
    best.1
}

/// One question answered in several ways may have become several groups, each with all the wordings of the
/// question: groups whose questions are alike on the whole are one.
fn join_by_questions(groups: &mut [u32], asked: &Space) {
    /// Cosine of the sums of two groups' question vectors.
    const ALIKE: f32 = 0.85;
    /// The features that speak for a group.
    const STRONGEST: usize = 60;
    let count = groups.iter().max().map_or(0, |&g| g as usize + 1);
    let mut sums: Vec<FxHashMap<usize, f32>> = vec![FxHashMap::default(); count];
    for (i, &g) in groups.iter().enumerate() {
        for (slot, weight) in asked.slots_of(i) {
            *sums[g as usize].entry(slot).or_default() += weight * asked.inverse_norm(i);
        }
    }
    let strongest: Vec<Vec<(usize, f32)>> = sums
        .into_iter()
        .map(|sum| {
            let norm = sum.values().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            let mut all: Vec<(usize, f32)> = sum.into_iter().map(|(s, v)| (s, v / norm)).collect();
            all.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.truncate(STRONGEST);
            all
        })
        .collect();
    let mut lists: FxHashMap<usize, Vec<(u32, f32)>> = FxHashMap::default();
    for (g, features) in strongest.iter().enumerate() {
        for &(slot, weight) in features {
            lists.entry(slot).or_default().push((g as u32, weight));
        }
    }
    // A group goes to the first group that it is alike to.
    let mut name: Vec<u32> = (0..count as u32).collect();
    let mut shared: FxHashMap<u32, f32> = FxHashMap::default();
    for (g, features) in strongest.iter().enumerate() {
        shared.clear();
        for &(slot, weight) in features {
            let list = &lists[&slot];
            for &(other, theirs) in list.iter().take(2_000).take_while(|o| o.0 < g as u32) {
                *shared.entry(other).or_default() += weight * theirs;
            }
        }
        // Not to a group that went to another: chains would join everything.
        let stays = |o: u32| name[o as usize] == o;
        let found = shared.iter().filter(|s| *s.1 >= ALIKE && stays(*s.0)).map(|s| *s.0).min();
        if let Some(other) = found {
            name[g] = name[other as usize];
        }
    }
    groups.iter_mut().for_each(|g| *g = name[*g as usize]);
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(a, b)| a * b).sum::<f32>();
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0.0 { (dot(a, b) / norms).max(0.0) } else { 0.0 }
}
