//! Where answers to the same question state different things: since when, or side by side.
//!
//! Values that are each customer's own are told from the business's by how many there are, by whether they go
//! with something the customer named, and by whether one question word decides between them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde::{Deserialize, Serialize};

use crate::concepts::CONCEPTS;
use crate::facts::{Fact, FactKind, is_wrap, without_yes_no};
use crate::words::each_word;

/// Whether the answers changed on a day, or differ at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContradictionKind {
    /// One value until a day, another from then on: the older answers are stale.
    Changed,
    /// Both are given side by side: a person has to say which is right.
    Mixed,
}

/// One of the values that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// In one form, for comparing.
    pub value: String,
    /// As one of the answers says it.
    pub words: String,
    /// How many answers state it.
    pub answers: usize,
    /// The first of them, RFC 3339.
    pub from: Option<String>,
    /// The last of them.
    pub until: Option<String>,
    /// The ids of the examples.
    pub examples: Vec<String>,
}

/// A mail, by the example it stands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// The example's id.
    pub example: String,
    /// When the answer was sent, RFC 3339.
    pub date: Option<String>,
    /// Where the answer stands.
    pub locator: String,
}

/// Answers to one question that contradict each other. Nothing is decided here: an export may use `stale` to
/// drop and `examples` to hold back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The topic's number.
    pub topic: usize,
    /// What kind of fact.
    pub fact: FactKind,
    /// Changed on a day, or both at once.
    pub kind: ContradictionKind,
    /// The values, in the order in which they came up.
    pub values: Vec<Stated>,
    /// For a change: the day from which the newest value holds, RFC 3339.
    pub since: Option<String>,
    /// The first mail that contradicts those before it.
    pub first: Pointer,
    /// For a change: the examples whose answer is out of date.
    pub stale: Vec<String>,
    /// All examples whose answers state one of the values.
    pub examples: Vec<String>,
}

/// What the search looks at: one example of a topic.
pub(crate) struct Said<'a> {
    pub(crate) example: &'a str,
    pub(crate) locator: &'a str,
    pub(crate) date: Option<&'a str>,
    pub(crate) question: &'a str,
    pub(crate) answer: &'a str,
    pub(crate) facts: &'a [Fact],
}

/// Fewer answers than this make no rule …
const MIN_ANSWERS: usize = 4;
/// … nor does a kind of fact that fewer of the topic's answers state.
const MIN_COVERAGE: f64 = 0.25;
/// A value counts when this share of the answers, and at least two, state it.
const MIN_SHARE: f64 = 0.08;
/// When fewer of the answers state such values, the values are each customer's own.
const MIN_SHARED: f64 = 0.6;
/// So many different things named make a catalogue; fewer may be ways of putting the question.
const MIN_NAMES: usize = 9;
/// A topic is split in two so many times.
const MAX_SPLITS: usize = 3;
/// How well dates must part two values to call it a change (the area under the ROC curve).
const PARTED: f64 = 0.94;

/// The contradictions of all topics. Two topics in which the same values take each other's place are one
/// matter, asked in two ways: it is told once, at the topic with more mail.
pub(crate) fn across_topics(topics: &[Vec<Said<'_>>], ungrouped: &[Said<'_>]) -> Vec<Contradiction> {
    let courtesies = courtesies(topics);
    let mut found: Vec<Contradiction> = topics
        .iter()
        .enumerate()
        .flat_map(|(number, said)| contradictions(number, said, &courtesies))
        .collect();
    let mut k = 0;
    while k < found.len() {
        let same = (k + 1..found.len()).find(|&l| {
            let (a, b) = (&found[k], &found[l]);
            let shared = a.values.iter().filter(|v| b.values.iter().any(|w| w.value == v.value)).count();
            // Yes and no are everybody's values.
            a.fact == b.fact && a.fact != FactKind::YesNo && shared >= 2
        });
        let joined = same.and_then(|l| {
            let both: FxHashSet<&str> =
                found[k].examples.iter().chain(&found[l].examples).map(String::as_str).collect();
            let rows: Vec<&Said<'_>> = topics[found[k].topic]
                .iter()
                .chain(&topics[found[l].topic])
                .filter(|s| both.contains(s.example))
                .collect();
            let one = search(found[k].topic, found[k].fact, &rows, MAX_SPLITS);
            (one.len() == 1).then_some((l, one))
        });
        match joined {
            Some((l, one)) => {
                found.remove(l);
                found.splice(k..=k, one);
            }
            None => k += 1,
        }
    }
    let mut said_where: FxHashMap<FactKind, FxHashMap<u64, Vec<&Said<'_>>>> = FxHashMap::default();
    for kind in found.iter().map(|c| c.fact).collect::<BTreeSet<_>>() {
        let own = said_where.entry(kind).or_default();
        for said in topics.iter().flatten().chain(ungrouped) {
            if let Some(key) = statement(said, kind).and_then(|s| s.wording()) {
                own.entry(key).or_default().push(said);
            }
        }
    }
    found.into_iter().map(|c| with_same_wording(&said_where[&c.fact], topics, c)).collect()
}

/// A sentence that contradicts others does so wherever it stands: conversations that were grouped elsewhere, or
/// not at all, belong to it if they state the value in the very words of one that was grouped here.
fn with_same_wording(
    said_where: &FxHashMap<u64, Vec<&Said<'_>>>,
    topics: &[Vec<Said<'_>>],
    found: Contradiction,
) -> Contradiction {
    let mut known: FxHashSet<&str> = found.examples.iter().map(String::as_str).collect();
    let mut rows: Vec<&Said<'_>> = topics.iter().flatten().filter(|s| known.contains(s.example)).collect();
    let grouped = rows.len();
    let wordings: BTreeSet<u64> = rows.iter().filter_map(|s| statement(s, found.fact)?.wording()).collect();
    for said in wordings.iter().filter_map(|w| said_where.get(w)).flatten() {
        if known.insert(said.example) {
            rows.push(said);
        }
    }
    if rows.len() == grouped {
        return found;
    }
    let mut anew = search(found.topic, found.fact, &rows, MAX_SPLITS);
    match anew.pop() {
        Some(one) if anew.is_empty() && one.kind == found.kind => one,
        _ => found,
    }
}

/// The contradictions within one topic.
fn contradictions(topic: usize, said: &[Said<'_>], courtesies: &FxHashSet<u64>) -> Vec<Contradiction> {
    let kinds: BTreeSet<FactKind> = said.iter().flat_map(|s| s.facts.iter().map(|f| f.kind)).collect();
    let answers_it = |s: &&Said<'_>, kind| {
        kind != FactKind::YesNo
            || statement(s, kind).and_then(|s| s.wording()).is_none_or(|w| !courtesies.contains(&w))
    };
    let of_kind = |kind| {
        let rows: Vec<&Said<'_>> = said.iter().filter(|s| answers_it(s, kind)).collect();
        search(topic, kind, &rows, 0)
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

/// Sentences with a yes or a no in them that stand in answers to one question as to another ("we are happy to
/// help", "do not hesitate to ask"): they answer none.
fn courtesies(topics: &[Vec<Said<'_>>]) -> FxHashSet<u64> {
    /// What answers at least so many different questions answers none.
    const QUESTIONS: usize = 3;
    let mut where_said: FxHashMap<u64, BTreeSet<usize>> = FxHashMap::default();
    for (topic, said) in topics.iter().enumerate() {
        for wording in said.iter().filter_map(|s| statement(s, FactKind::YesNo)?.wording()) {
            let topics = where_said.entry(wording).or_default();
            if topics.len() < QUESTIONS {
                topics.insert(topic);
            }
        }
    }
    where_said.into_iter().filter(|w| w.1.len() >= QUESTIONS).map(|w| w.0).collect()
}

/// One answer's statement of a kind.
struct Statement<'a> {
    said: &'a Said<'a>,
    value: String,
    words: &'a str,
    /// What stands before the value in its sentence.
    lead: &'a str,
}

impl Statement<'_> {
    /// What is stated, in these words; none where the words are too few to be about anything.
    fn wording(&self) -> Option<u64> {
        const FEWEST_WORDS: usize = 3;
        let mut hasher = FxHasher::default();
        let mut words = 0;
        each_word(self.words, |w| {
            words += 1;
            w.hash(&mut hasher);
        });
        self.value.hash(&mut hasher);
        (words >= FEWEST_WORDS).then(|| hasher.finish())
    }
}

/// What a mail is about: the words of the question and those that lead to the value. (Those after it may
/// belong to the value, as a town to a street.)
fn about(s: &Said<'_>, lead: &str) -> FxHashSet<String> {
    let mut words = word_set(s.question);
    each_word(lead, |w| _ = words.insert(w.to_owned()));
    words
}

fn search(topic: usize, kind: FactKind, said: &[&Said<'_>], depth: usize) -> Vec<Contradiction> {
    let mut stated: Vec<Statement<'_>> = said.iter().filter_map(|s| statement(s, kind)).collect();
    if stated.len() < MIN_ANSWERS || (stated.len() as f64) < MIN_COVERAGE * said.len() as f64 {
        return Vec::new();
    }
    stated.sort_by(|a, b| a.said.date.cmp(&b.said.date).then(a.said.example.cmp(b.said.example)));
    fold_parts_into_wholes(&mut stated);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    stated.iter().for_each(|s| *counts.entry(&s.value).or_default() += 1);
    if counts.len() < 2 {
        return Vec::new();
    }
    let least = 2.0f64.max(MIN_SHARE * stated.len() as f64);
    let common: FxHashSet<String> =
        counts.iter().filter(|c| *c.1 as f64 >= least).map(|c| (*c.0).to_owned()).collect();
    let shared: usize = counts.iter().filter(|c| common.contains(*c.0)).map(|c| c.1).sum();
    let own = (shared as f64) < MIN_SHARED * stated.len() as f64;
    // A word of the question that decides: two topics in one, or a value for each thing asked about.
    if depth < MAX_SPLITS
        && let Some((with, without)) = split_by_word(said, &stated, &common)
    {
        let mut found = search(topic, kind, &with, depth + 1);
        found.extend(search(topic, kind, &without, depth + 1));
        return found;
    }
    if own || common.len() < 2 {
        return Vec::new();
    }
    let kept: Vec<&Statement<'_>> = stated.iter().filter(|s| common.contains(&s.value)).collect();
    // Values in the order in which most of their mails were sent.
    let mut places: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    kept.iter().enumerate().for_each(|(i, s)| places.entry(&s.value).or_default().push(i));
    let mut order: Vec<(&str, Vec<usize>)> = places.into_iter().collect();
    order.sort_by_key(|(v, at)| (at[at.len() / 2], at[0], (*v).to_owned()));
    let dated = kept.iter().all(|s| s.said.date.is_some());
    let changed = dated && order.windows(2).all(|w| parted(&w[0].1, &w[1].1) >= PARTED);
    // Many values side by side are each somebody's own; so are those of things that customers name.
    if !changed && (order.len() > 3 || named_by_customer(&stated)) {
        return Vec::new();
    }
    if kind == FactKind::YesNo && !of_one_matter(&kept) {
        return Vec::new();
    }
    let pointer = |s: &Statement<'_>| Pointer {
        example: s.said.example.to_owned(),
        date: s.said.date.map(str::to_owned),
        locator: s.said.locator.to_owned(),
    };
    let values: Vec<Stated> = order
        .iter()
        .map(|(value, at)| Stated {
            value: (*value).to_owned(),
            words: kept[at[at.len() - 1]].words.to_owned(),
            answers: at.len(),
            from: kept[at[0]].said.date.map(str::to_owned),
            until: kept[at[at.len() - 1]].said.date.map(str::to_owned),
            examples: at.iter().map(|&i| kept[i].said.example.to_owned()).collect(),
        })
        .collect();
    let Some(first) = kept.iter().find(|s| s.value != kept[0].value) else { return Vec::new() };
    let stale = if changed {
        order[..order.len() - 1]
            .iter()
            .flat_map(|(_, at)| at.iter().map(|&i| kept[i].said.example.to_owned()))
            .collect()
    } else {
        Vec::new()
    };
    vec![Contradiction {
        topic,
        fact: kind,
        kind: if changed { ContradictionKind::Changed } else { ContradictionKind::Mixed },
        since: values.last().filter(|_| changed).and_then(|v| v.from.clone()),
        first: pointer(first),
        stale,
        examples: kept.iter().map(|s| s.said.example.to_owned()).collect(),
        values,
    }]
}

/// Whether the yes and the no are about one matter: mails that ask two things get a yes to one and a no to the
/// other. Told by a word of some length that both sides have, where both say enough to have one.
fn of_one_matter(stated: &[&Statement<'_>]) -> bool {
    const LONG: usize = 4;
    const FEWEST_WORDS: usize = 3;
    let long_words = |value: &str| {
        let (mut words, mut sentences) = (FxHashSet::default(), 0);
        let mut all = 0;
        for s in stated.iter().filter(|s| s.value == value) {
            sentences += 1;
            each_word(&without_yes_no(s.words), |w| {
                if w.chars().count() >= LONG {
                    all += 1;
                    words.insert(w.to_owned());
                }
            });
        }
        (words, all >= sentences * FEWEST_WORDS)
    };
    let ((yes, yes_says_enough), (no, no_says_enough)) = (long_words("yes"), long_words("no"));
    !(yes_says_enough && no_says_enough && yes.is_disjoint(&no))
}

/// What an answer states of a kind: all its values of that kind as one.
fn statement<'a>(said: &'a Said<'a>, kind: FactKind) -> Option<Statement<'a>> {
    let mut values: Vec<&Fact> = said.facts.iter().filter(|f| f.kind == kind).collect();
    let span = values.first()?.span.clone();
    values.sort_by(|a, b| a.value.cmp(&b.value));
    values.dedup_by(|a, b| a.value == b.value);
    let value = values.iter().map(|f| f.value.as_str()).collect::<Vec<_>>().join(", ");
    let words = sentence_around(said.answer, span.clone());
    let lead = &said.answer[words.as_ptr() as usize - said.answer.as_ptr() as usize..];
    let lead = &lead[..(span.start + lead.len()).saturating_sub(said.answer.len())];
    // Yes and no decide the words around them.
    let lead = if kind == FactKind::YesNo { "" } else { lead };
    Some(Statement { said, value, words, lead })
}

/// The sentence or line that holds the span.
fn sentence_around(text: &str, span: std::ops::Range<usize>) -> &str {
    let ends = |at: &usize| text[*at..].starts_with(['!', '?']) || !is_wrap(text, *at);
    let start = text[..span.start]
        .rmatch_indices(['\n', '!', '?'])
        .map(|(at, _)| at)
        .find(ends)
        .map(|at| at + 1)
        .into_iter()
        .chain(text[..span.start].rfind(". ").map(|at| at + 2))
        .max()
        .unwrap_or(0);
    let rest = &text[span.end..];
    let end = rest
        .match_indices(['\n', '!', '?'])
        .map(|(at, _)| span.end + at)
        .find(ends)
        .into_iter()
        .chain(rest.find(". ").map(|at| span.end + at + 1))
        .min();
    text[start..end.unwrap_or(text.len())].trim()
}

/// "Mon–Fri 9–17" says nothing against "Mon–Fri 9–17, Sat 10–14": parts count as the whole that is said most.
fn fold_parts_into_wholes(stated: &mut [Statement<'_>]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    stated.iter().for_each(|s| *counts.entry(s.value.clone()).or_default() += 1);
    let wholes: Vec<&String> = counts.keys().filter(|v| v.contains(", ")).collect();
    let whole_of = |value: &str| {
        let parts: Vec<&str> = value.split(", ").collect();
        wholes
            .iter()
            .filter(|w| w.len() > value.len() && parts.iter().all(|p| w.split(", ").any(|q| q == *p)))
            .max_by_key(|w| (counts[**w], std::cmp::Reverse((**w).clone())))
    };
    let renamed: BTreeMap<String, String> =
        counts.keys().filter_map(|v| whole_of(v).map(|w| (v.clone(), (*w).clone()))).collect();
    for s in stated {
        if let Some(whole) = renamed.get(&s.value) {
            s.value.clone_from(whole);
        }
    }
}

/// How often a place of the second lies after one of the first, with numbers of mails as time.
fn parted(before: &[usize], after: &[usize]) -> f64 {
    // Both are sorted.
    let mut sum = 0usize;
    let mut smaller = 0;
    for &a in after {
        while smaller < before.len() && before[smaller] < a {
            smaller += 1;
        }
        sum += smaller;
    }
    sum as f64 / (before.len() * after.len()) as f64
}

/// Parts the mails by a question word when the word says which value the answer has.
fn split_by_word<'a>(
    said: &[&'a Said<'a>],
    stated: &[Statement<'_>],
    common: &FxHashSet<String>,
) -> Option<(Vec<&'a Said<'a>>, Vec<&'a Said<'a>>)> {
    let words_of: Vec<FxHashSet<String>> = stated.iter().map(|s| about(s.said, s.lead)).collect();
    let kept: Vec<usize> = (0..stated.len()).filter(|&i| common.contains(&stated[i].value)).collect();
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    kept.iter().for_each(|&i| words_of[i].iter().for_each(|w| *all.entry(w).or_default() += 1));
    let n = kept.len();
    // The best word: the majority values of both sides differ and each side is nearly pure.
    let majority = |side: &[usize]| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        side.iter().for_each(|&i| *counts.entry(&stated[i].value).or_default() += 1);
        counts.into_iter().max_by_key(|&(v, c)| (c, std::cmp::Reverse(v)))
    };
    let base = majority(&kept)?.1;
    let mut best: Option<(f64, &str)> = None;
    for (&word, &count) in &all {
        if count < 3 || n - count < 3 {
            continue;
        }
        let (with, without): (Vec<usize>, Vec<usize>) =
            kept.iter().partition(|&&i| words_of[i].contains(word));
        let (a, b) = (majority(&with)?, majority(&without)?);
        let right = (a.1 + b.1) as f64 / n as f64;
        let gain = (a.1 + b.1).saturating_sub(base) as f64 / (n - base).max(1) as f64;
        let pure = a.1 as f64 >= 0.9 * with.len() as f64 || b.1 as f64 >= 0.9 * without.len() as f64;
        // A word that came or went with the value on a day is part of the change.
        let apart = parted(&with, &without);
        if !(0.1..=0.9).contains(&apart) {
            continue;
        }
        if a.0 != b.0 && gain >= 0.8 && right >= 0.85 && pure && best.is_none_or(|(g, _)| gain > g) {
            best = Some((gain, word));
        }
    }
    let word = best?.1.to_owned();
    // Answers without such a fact go by their questions.
    let lead_of: FxHashMap<&str, &str> = stated.iter().map(|s| (s.said.example, s.lead)).collect();
    let of = |s: &Said<'_>| about(s, lead_of.get(s.example).copied().unwrap_or_default());
    Some(said.iter().partition(|s| of(s).contains(&word)))
}

/// Whether the answers name what the questions name, a different thing each time: "is the … in stock".
fn named_by_customer(stated: &[Statement<'_>]) -> bool {
    // The words of each question, and those of them that the answer has too.
    let words = |s: &Statement<'_>| {
        let (asked, mut answered) = (word_set(s.said.question), FxHashSet::default());
        each_word(s.words, |w| {
            if asked.contains(w) && !answered.contains(w) {
                answered.insert(w.to_owned());
            }
        });
        (asked, answered)
    };
    let rows: Vec<(FxHashSet<String>, FxHashSet<String>)> = stated.iter().map(words).collect();
    let mut df: FxHashMap<&str, usize> = FxHashMap::default();
    rows.iter().for_each(|r| r.0.iter().for_each(|w| *df.entry(w).or_default() += 1));
    let names: Vec<FxHashSet<&str>> = rows
        .iter()
        .map(|(q, a)| {
            q.iter()
                .map(String::as_str)
                .filter(|w| w.len() > 2 && a.contains(*w) && df[w] * 10 <= rows.len() * 3)
                .filter(|w| CONCEPTS.of(&[w]).is_empty())
                .collect()
        })
        .collect();
    let distinct: FxHashSet<&str> = names.iter().flatten().copied().collect();
    let naming = names.iter().filter(|n| !n.is_empty()).count();
    distinct.len() >= MIN_NAMES && naming * 10 >= rows.len() * 4
}

/// Whether the answers of a topic go with things that the questions name.
pub(crate) fn goes_by_name(said: &[Said<'_>]) -> bool {
    let whole = |s| Statement { said: s, value: String::new(), words: s.answer, lead: "" };
    named_by_customer(&said.iter().map(whole).collect::<Vec<_>>())
}

fn word_set(text: &str) -> FxHashSet<String> {
    let mut all = FxHashSet::default();
    each_word(text, |w| _ = all.insert(w.to_owned()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::facts;

    fn run(rows: &[(&str, &str, &str)]) -> Vec<Contradiction> {
        let ids: Vec<String> = (0..rows.len()).map(|i| format!("e{i:02}")).collect();
        let read: Vec<Vec<Fact>> = rows.iter().map(|r| facts(r.2)).collect();
        let said: Vec<Said<'_>> = rows
            .iter()
            .enumerate()
            .map(|(i, r)| Said {
                example: &ids[i],
                locator: "m:0+1",
                date: Some(r.0),
                question: r.1,
                answer: r.2,
                facts: &read[i],
            })
            .collect();
        contradictions(0, &said, &FxHashSet::default())
    }

    #[test]
    fn a_change_leaves_stale_answers() {
        let found = run(&[
            ("2023-01-01", "hours?", "We are open 9 to 5."),
            ("2023-02-01", "hours?", "We are open 9am - 5pm."),
            ("2023-03-01", "hours?", "Ask us again."),
            ("2023-04-01", "hours?", "We are open 10 to 6."),
            ("2023-05-01", "hours?", "Open from 10:00 to 18:00."),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, ContradictionKind::Changed);
        assert_eq!(found[0].stale, ["e00", "e01"]);
        assert_eq!(found[0].first.example, "e03");
        assert_eq!(found[0].since.as_deref(), Some("2023-04-01"));
    }

    #[test]
    fn a_courtesy_answers_no_question() {
        let courtesies = ["We are certainly happy to assist.", "Please do not hesitate to write."];
        let answers: Vec<Vec<String>> = ["It costs a lot.", "It takes a while.", "It stands by the mill."]
            .iter()
            .map(|own| (0..8).map(|i| format!("{own} {}", courtesies[i % 2])).collect())
            .collect();
        let dates: Vec<String> = (1..9).map(|d| format!("2023-01-0{d}")).collect();
        let ids: Vec<Vec<String>> = (0..3).map(|t| (0..8).map(|i| format!("e{t}{i}")).collect()).collect();
        let read: Vec<Vec<Vec<Fact>>> =
            answers.iter().map(|a| a.iter().map(|a| facts(a)).collect()).collect();
        let topics: Vec<Vec<Said<'_>>> = (0..3)
            .map(|t| {
                (0..8)
                    .map(|i| Said {
                        example: &ids[t][i],
                        locator: "m:0+1",
                        date: Some(&dates[i]),
                        question: "what, how long, where?",
                        answer: &answers[t][i],
                        facts: &read[t][i],
                    })
                    .collect()
            })
            .collect();
        assert!(across_topics(&topics, &[]).is_empty());
        // What is said of one matter alone may be about it.
        assert_eq!(contradictions(0, &topics[0], &FxHashSet::default()).len(), 1);
    }

    #[test]
    fn side_by_side_is_mixed_and_each_ones_own_is_nothing() {
        let shop = ["$5", "$7", "$5", "$7", "$5", "$7"];
        let rows: Vec<_> = shop.iter().map(|p| format!("Shipping is {p}.")).collect();
        let dated: Vec<(String, &str)> =
            rows.iter().enumerate().map(|(i, r)| (format!("2023-01-0{}", i + 1), r.as_str())).collect();
        let found = run(&dated.iter().map(|(d, r)| (d.as_str(), "shipping?", *r)).collect::<Vec<_>>());
        assert_eq!(found[0].kind, ContradictionKind::Mixed);
        assert!(found[0].stale.is_empty());

        let own: Vec<String> = (0..9).map(|i| format!("Your refund is ${}.", 10 + i)).collect();
        assert!(
            run(&own.iter().map(|r| ("2023-01-01", "refund?", r.as_str())).collect::<Vec<_>>()).is_empty()
        );
    }
}
