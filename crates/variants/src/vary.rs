//! A dataset and its variants: which examples are varied, by what, and how many may be synthetic.

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::Serialize;
use threadfold_core::{Example, Role};
use threadfold_dataset::{estimate_tokens, example_id};

use crate::Error;
use crate::family::words;
use crate::guard::check;
use crate::mined::{Mined, mine};
use crate::refusal::{DEFAULT_REFUSAL, is_refusal, unknowns};
use crate::rules::Rules;

/// Where variants come from.
///
/// ```
/// use threadfold_variants::Rewriter;
/// assert_eq!("mined".parse::<Rewriter>().unwrap(), Rewriter::Mined);
/// assert!("magic".parse::<Rewriter>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rewriter {
    /// Other customers' wordings of the same question.
    Mined,
    /// Frames, word order and a thesaurus.
    Rules,
    /// A chat endpoint.
    Endpoint,
}

impl std::str::FromStr for Rewriter {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "rules" => Ok(Rewriter::Rules),
            "mined" => Ok(Rewriter::Mined),
            "endpoint" => Ok(Rewriter::Endpoint),
            _ => Err(Error::UnknownRewriter(name.to_owned())),
        }
    }
}

/// What to make.
///
/// ```
/// let options = threadfold_variants::Options::default();
/// assert_eq!((options.per_example, options.share), (1, 0.3));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// At most so many variants for each example.
    pub per_example: usize,
    /// Which rewriters, in the order in which they are asked.
    pub rewriters: Vec<Rewriter>,
    /// The largest share of synthetic examples among all, 0 to 1.
    pub share: f64,
    /// The share of unanswerable questions among all examples, 0 to 1. They count as synthetic.
    pub unknowns: f64,
    /// What unanswerable questions are answered with.
    pub refusal: String,
    /// The same seed gives the same variants.
    pub seed: u64,
    /// How many threads work, 0 for all cores; the result does not depend on it.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            per_example: 1,
            rewriters: vec![Rewriter::Rules],
            share: 0.3,
            unknowns: 0.0,
            refusal: DEFAULT_REFUSAL.to_owned(),
            seed: 0,
            threads: 0,
        }
    }
}

/// A synthetic example and why it is trusted.
///
/// ```
/// # use threadfold_variants::{Options, vary};
/// # use threadfold_dataset::{Format, read_examples};
/// let rows = "prompt,completion\nHow do I cancel my order?,Write to us.\n";
/// let e: Vec<_> = read_examples(Format::Csv, rows.as_bytes()).map(Result::unwrap).collect();
/// let made = vary(&e, |_| false, &[], &Options { share: 0.5, ..Options::default() }).made;
/// assert_eq!(made[0].example.variant_of.as_ref(), Some(&e[0].id));
/// assert_eq!(made[0].example.completion(), "Write to us.");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Made {
    /// The example, ready to be written.
    #[serde(skip)]
    pub example: Example,
    /// The place of the example that it rewords in the list given; none for an unanswerable question.
    #[serde(skip)]
    pub source: Option<usize>,
    /// The rewriter and its rule.
    pub how: String,
    /// For mined wordings: whose it is, and how much answers and questions agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// How a synthetic example came about, as one line of evidence says it.
///
/// ```
/// # use threadfold_variants::{Options, Origin, vary};
/// # use threadfold_dataset::{Format, read_examples};
/// let rows = "prompt,completion\nHow do I cancel my order?,Write to us.\n";
/// let e: Vec<_> = read_examples(Format::Csv, rows.as_bytes()).map(Result::unwrap).collect();
/// let made = vary(&e, |_| false, &[], &Options { share: 0.5, ..Options::default() }).made;
/// let line = serde_json::to_value(Origin::of(&made[0])).unwrap();
/// assert_eq!(line["variant_of"], e[0].id);
/// assert_eq!(line["how"], made[0].how);
/// ```
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Origin<'a> {
    /// The synthetic example's id.
    pub id: &'a str,
    /// The id of the example that it rewords.
    pub variant_of: Option<&'a str>,
    /// The rewriter, its rule and the evidence.
    #[serde(flatten)]
    pub made: &'a Made,
}

impl<'a> Origin<'a> {
    /// The line of one synthetic example.
    pub fn of(made: &'a Made) -> Self {
        Origin { id: &made.example.id, variant_of: made.example.variant_of.as_deref(), made }
    }
}

/// Whose wording a mined variant has.
///
/// ```
/// use threadfold_variants::Evidence;
/// let e = Evidence { from: "id".into(), locators: vec![], answers: 0.9, questions: 0.1 };
/// assert!(serde_json::to_string(&e).unwrap().contains("\"from\":\"id\""));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The id of the example whose wording it is.
    pub from: String,
    /// Where that example's messages stand.
    pub locators: Vec<String>,
    /// How much the two answers agree, 0 to 1.
    pub answers: f32,
    /// How much the two questions agree, 0 to 1.
    pub questions: f32,
}

/// What was made and what was not.
///
/// ```
/// let report = threadfold_variants::Report::default();
/// assert_eq!(report.synthetic, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Examples given.
    pub examples: u64,
    /// Examples that were not varied because they are for validation.
    pub held_back: u64,
    /// Examples that are variants already; they are not varied again.
    pub already_variants: u64,
    /// Examples for which no rewriter knew a good wording.
    pub without: u64,
    /// Synthetic examples made, and of which kind.
    pub synthetic: u64,
    /// By rules.
    pub rules: u64,
    /// Mined.
    pub mined: u64,
    /// From an endpoint.
    pub endpoint: u64,
    /// Unanswerable questions.
    pub unknowns: u64,
    /// Variants left out so that the share of synthetic examples stays below its cap.
    pub left_out: u64,
    /// The share of synthetic examples among all that are not held back, those that were synthetic before
    /// included.
    pub share: f64,
    /// The share of refusals in the examples given.
    pub refusals_before: f64,
    /// The same with what was made.
    pub refusals: f64,
    /// What an owner should know.
    pub warnings: Vec<String>,
}

/// More refusals than this teach a model to refuse.
const MANY_REFUSALS: f64 = 0.1;

/// What [`vary`] gives back.
///
/// ```
/// let outcome = threadfold_variants::vary(&[], |_| false, &[], &threadfold_variants::Options::default());
/// assert!(outcome.made.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The synthetic examples, in the order of their sources; unanswerable questions last.
    pub made: Vec<Made>,
    /// The counts.
    pub report: Report,
}

/// The prompt's last customer turn: the one that is reworded.
pub fn asked(example: &Example) -> Option<usize> {
    example.prompt().iter().rposition(|t| t.role == Role::Customer)
}

/// Makes variants of the examples. `held_back` says which are for validation: those are never varied, lend no
/// wording, and teach the language model nothing. `outside` are wordings from elsewhere, such as an
/// endpoint's: the place of their source and the text; they pass the same guard.
///
/// Only the last customer turn before the answer is reworded; completions never change. The result depends on
/// the examples and the options alone, not on the number of threads.
///
/// ```
/// use threadfold_dataset::{Format, read_examples};
/// use threadfold_variants::{Options, vary};
/// let rows = "prompt,completion\nHow do I cancel my order?,Write to us.\nHow can I change my address?,So.\n";
/// let e: Vec<_> = read_examples(Format::Csv, rows.as_bytes()).map(Result::unwrap).collect();
/// let all = Options { share: 0.5, ..Options::default() };
/// assert_eq!(vary(&e, |_| false, &[], &all).made.len(), 2);
/// assert_eq!(vary(&e, |_| true, &[], &all).made.len(), 0, "validation is left alone");
/// ```
pub fn vary(
    examples: &[Example],
    held_back: impl Fn(usize) -> bool,
    outside: &[(usize, String)],
    options: &Options,
) -> Outcome {
    let held: Vec<bool> = (0..examples.len()).map(held_back).collect();
    match rayon::ThreadPoolBuilder::new().num_threads(options.threads).build() {
        Ok(pool) => pool.install(|| varied(examples, &held, outside, options)),
        // Without threads of our own the shared ones do.
        Err(_) => varied(examples, &held, outside, options),
    }
}

fn varied(examples: &[Example], held: &[bool], outside: &[(usize, String)], options: &Options) -> Outcome {
    let mut report = Report { examples: examples.len() as u64, ..Report::default() };
    // What a held-back example asks is asked by nobody else either: a copy would leak it.
    let mut secret: FxHashSet<String> = FxHashSet::default();
    let wording = |e: &Example| asked(e).map(|t| words(&e.turns[t].text)).unwrap_or_default();
    for (e, _) in examples.iter().zip(held).filter(|(_, h)| **h) {
        secret.insert(wording(e));
    }
    report.held_back = held.iter().filter(|h| **h).count() as u64;
    let usable: Vec<usize> = (0..examples.len()).filter(|&i| !held[i]).collect();
    let sources: Vec<usize> = usable.iter().copied().filter(|&i| examples[i].variant_of.is_none()).collect();
    report.already_variants = (usable.len() - sources.len()) as u64;

    let mut by_source: Vec<Vec<Made>> = vec![Vec::new(); examples.len()];
    let mut seen: Vec<FxHashSet<String>> = vec![FxHashSet::default(); examples.len()];
    for &i in &sources {
        seen[i].insert(wording(&examples[i]));
    }
    for rewriter in &options.rewriters {
        let texts: Vec<(usize, String, String, Option<Evidence>)> = match rewriter {
            Rewriter::Rules => ruled(examples, &sources, options),
            Rewriter::Mined => mined(examples, &sources, options),
            Rewriter::Endpoint => {
                let here = |x: &&(usize, String)| sources.binary_search(&x.0).is_ok();
                outside
                    .iter()
                    .filter(here)
                    .map(|(i, t)| (*i, t.clone(), "endpoint".to_owned(), None))
                    .collect()
            }
        };
        for (i, text, how, evidence) in texts {
            let e = &examples[i];
            let Some(turn) = asked(e) else { continue };
            let kept = *rewriter == Rewriter::Mined || check(&e.turns[turn].text, &text).is_ok();
            let key = words(&text);
            if by_source[i].len() < options.per_example
                && kept
                && !secret.contains(&key)
                && seen[i].insert(key)
            {
                by_source[i].push(Made {
                    example: reworded(e, turn, text, evidence.as_ref()),
                    source: Some(i),
                    how,
                    evidence,
                });
            }
        }
    }
    report.without = sources.iter().filter(|&&i| by_source[i].is_empty()).count() as u64;

    let originals = sources.len();
    let refusals =
        |list: &mut dyn Iterator<Item = &Example>| list.filter(|e| is_refusal(e.completion())).count();
    let refused_before = refusals(&mut usable.iter().map(|&i| &examples[i]));
    report.refusals_before = ratio(refused_before, usable.len());

    // Unanswerable questions are made first: a share was asked for, while variants fill what is left.
    let wanted = share_of(options.unknowns, originals);
    let all: Vec<&Example> = examples.iter().collect();
    let mut unknown =
        if wanted > 0 { unknowns(&all, wanted, &options.refusal, options.seed) } else { Vec::new() };
    if unknown.len() < wanted {
        report.warnings.push(format!(
            "only {} unanswerable questions could be made of the {wanted} asked for",
            unknown.len()
        ));
    }
    let cap = share_of(options.share, originals);
    let room = cap.saturating_sub(usable.len() - originals);
    if unknown.len() > room {
        report.left_out += (unknown.len() - room) as u64;
        unknown.truncate(room);
    }
    let room = room - unknown.len();
    let mut made: Vec<(usize, u64, Made)> = Vec::new();
    for list in by_source {
        for (rank, m) in list.into_iter().enumerate() {
            made.push((rank, chance(options.seed, &m.example.id), m));
        }
    }
    if made.len() > room {
        // Each example's first variant before any second; among equals, by chance.
        report.left_out += (made.len() - room) as u64;
        made.sort_by(|a, b| (a.0, a.1, &a.2.example.id).cmp(&(b.0, b.1, &b.2.example.id)));
        made.truncate(room);
        made.sort_by_key(|x| (x.2.source, x.0));
    }
    let mut out: Vec<Made> = made.into_iter().map(|x| x.2).collect();
    for m in &out {
        let count = match m.how.split(':').next() {
            Some("mined") => &mut report.mined,
            Some("endpoint") => &mut report.endpoint,
            _ => &mut report.rules,
        };
        *count += 1;
    }
    report.unknowns = unknown.len() as u64;
    out.extend(unknown.into_iter().map(|example| Made {
        example,
        source: None,
        how: "unknown".to_owned(),
        evidence: None,
    }));
    report.synthetic = out.len() as u64;
    let total = usable.len() + out.len();
    report.share = ratio(out.len() + usable.len() - originals, total);
    let refused =
        refused_before + refusals(&mut out.iter().map(|m| &m.example)).max(report.unknowns as usize);
    report.refusals = ratio(refused, total);
    if report.refusals > MANY_REFUSALS {
        report.warnings.push(format!(
            "{:.0} % of the answers are refusals; above {:.0} % a model learns to refuse what it knows",
            report.refusals * 100.0,
            MANY_REFUSALS * 100.0
        ));
    }
    Outcome { made: out, report }
}

type Wording = (usize, String, String, Option<Evidence>);

fn ruled(examples: &[Example], sources: &[usize], options: &Options) -> Vec<Wording> {
    let question = |i: usize| asked(&examples[i]).map(|t| examples[i].turns[t].text.as_str());
    let mut rules = Rules::new(options.seed);
    sources.iter().filter_map(|&i| question(i)).for_each(|q| rules.learn(q));
    let english = |i: &&usize| examples[**i].language.as_deref().is_none_or(|l| l == "en");
    sources
        .par_iter()
        .filter(english)
        .flat_map_iter(|&i| {
            let variants = question(i).map(|q| rules.reword(q, options.per_example)).unwrap_or_default();
            variants.into_iter().map(move |v| (i, v.text, v.how, None))
        })
        .collect()
}

fn mined(examples: &[Example], sources: &[usize], options: &Options) -> Vec<Wording> {
    let list: Vec<&Example> = sources.iter().map(|&i| &examples[i]).collect();
    let wordings = mine(&list, options.per_example).into_iter();
    wordings
        .map(|Mined { example, from, answers, questions }| {
            let lender = list[from];
            let text = lender.turns[0].text.clone();
            let evidence =
                Evidence { from: lender.id.clone(), locators: lender.locators.clone(), answers, questions };
            (sources[example], text, "mined".to_owned(), Some(evidence))
        })
        .collect()
}

/// The example with another wording of one turn.
fn reworded(e: &Example, turn: usize, text: String, evidence: Option<&Evidence>) -> Example {
    let mut v = e.clone();
    v.tokens = (v.tokens + estimate_tokens(&text)).saturating_sub(estimate_tokens(&v.turns[turn].text));
    v.turns[turn].text = text;
    v.id = example_id(&v.turns);
    v.variant_of = Some(e.id.clone());
    // Whoever lent the wording is of the family: its messages are named too.
    for locator in evidence.into_iter().flat_map(|x| &x.locators) {
        if !v.locators.contains(locator) {
            v.locators.push(locator.clone());
        }
    }
    v
}

/// How many synthetic examples beside `real` ones make the share.
fn share_of(share: f64, real: usize) -> usize {
    if share.is_nan() || share <= 0.0 {
        return 0;
    }
    if share >= 1.0 {
        return usize::MAX / 4;
    }
    // A hair's breadth more: half of all must allow doubling whatever the rounding.
    (real as f64 * share / (1.0 - share) + 1e-9).floor() as usize
}

fn ratio(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

fn chance(seed: u64, id: &str) -> u64 {
    let mut key = blake3::Hasher::new();
    key.update(&seed.to_le_bytes()).update(id.as_bytes());
    let mut head = [0; 8];
    head.copy_from_slice(&key.finalize().as_bytes()[..8]);
    u64::from_le_bytes(head)
}
