//! From examples to topics: what is asked, by whom, how often, and what the answer is.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use threadfold_core::Example;

use crate::ask::substance;
use crate::cluster::{ClusterOptions, Clustering, Question};
use crate::contradict::{Contradiction, ContradictionKind, Said, across_topics, goes_by_name};
use crate::digest::{Conversations, Digest};
use crate::facts::FactKind;
use crate::words::each_word;

/// Questions shown under one title must be so much alike, in their words or in their answers. In a mailbox of a
/// few dozen conversations every question has a nearest one, and a page that joins those lies to its reader.
const SHOWN: f32 = 0.3;

/// A mail to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The example's id.
    pub example: String,
    /// When it was asked, RFC 3339.
    pub date: Option<String>,
    /// What was asked there.
    pub question: String,
    /// Where the mail stands.
    pub locator: String,
}

/// What could be done about a question, from the cheapest for everybody to the dearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Customers ask because something went wrong or was unclear: take the reason away.
    RemoveCause,
    /// The answer is the same for everybody: put it on the page.
    PutOnPage,
    /// The answer has the same form with each customer's own values: write a template.
    Template,
    /// The answers have little in common: it takes a person.
    Person,
}

/// Whether the website says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "says")]
pub enum OnSite {
    /// The page says what the answer says.
    Yes {
        /// The page.
        page: String,
    },
    /// The page is about it and states something else.
    Otherwise {
        /// The page.
        page: String,
        /// What it says.
        words: String,
    },
    /// No page is about it.
    No,
}

/// One question that customers keep asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// In a customer's own words.
    pub title: String,
    /// How many different people asked.
    pub customers: usize,
    /// How many conversations.
    pub conversations: usize,
    /// Share of all conversations, 0 to 1.
    pub share: f64,
    /// Conversations by month, `2024-03`, months without any included.
    pub months: BTreeMap<String, usize>,
    /// The middle number of turns until the last answer.
    pub turns: usize,
    /// The middle number of hours from the question to the last answer; none without dates.
    pub hours: Option<f64>,
    /// The usual answer: the newest of those that agree with most others and with no newer one.
    pub answer: String,
    /// When that was sent.
    pub answer_date: Option<String>,
    /// How alike the answers are, 0 to 1.
    pub alike: f64,
    /// What could be done.
    pub remedy: Remedy,
    /// Three mails to look at.
    pub sources: Vec<Source>,
    /// Whether the website says it; none when no pages were given.
    pub on_site: Option<OnSite>,
    /// The ids of the examples.
    pub examples: Vec<String>,
    /// Words typed in these answers.
    pub words_typed: usize,
}

/// What customers keep asking.
///
/// ```
/// use threadfold_insights::{ClusterOptions, Insights};
/// let insights = Insights::of(&[], &ClusterOptions::default()).unwrap();
/// assert_eq!((insights.conversations, insights.topics.len()), (0, 0));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Insights {
    /// Conversations looked at.
    pub conversations: usize,
    /// Different people; conversations where redaction took the names and nothing else tells people apart.
    pub customers: usize,
    /// Whether people can be told apart.
    pub customers_known: bool,
    /// The first and last day, `2024-03-01`.
    pub period: Option<(String, String)>,
    /// Conversations in which no sentence asks.
    pub nothing_asked: usize,
    /// Conversations whose question nobody else asked.
    pub asked_once: usize,
    /// Some of those, to look at.
    pub asked_once_samples: Vec<String>,
    /// The topics, those with most different customers first.
    pub topics: Vec<Topic>,
    /// Where answers contradict each other.
    pub contradictions: Vec<Contradiction>,
    /// The granularity of the groups.
    pub granularity: f64,
    /// When each answer that takes part in a contradiction was sent, by example, RFC 3339.
    pub answer_dates: BTreeMap<String, String>,
}

impl Insights {
    /// Reads the examples. Those of one thread count once: the longest of them.
    ///
    /// # Errors
    /// When the worker threads cannot be started.
    pub fn of(examples: &[Example], options: &ClusterOptions<'_>) -> Result<Insights, crate::Error> {
        let mut all = Conversations::default();
        all.extend(examples.iter().filter_map(|e| Digest::of(e, None)));
        Insights::of_conversations(&all, options)
    }

    /// The same from conversations read one by one, for those who do not hold all examples in memory.
    ///
    /// # Errors
    /// When the worker threads cannot be started.
    pub fn of_conversations(
        all: &Conversations,
        options: &ClusterOptions<'_>,
    ) -> Result<Insights, crate::Error> {
        let rows = &all.rows;
        let conversations = rows.len();
        let asking: Vec<&Digest> = rows.iter().filter(|r| !r.question.is_empty()).collect();
        let questions: Vec<Question<'_>> =
            asking.iter().map(|r| Question { text: &r.question, answer: Some(&r.masked) }).collect();
        let options = &ClusterOptions { least_alike: options.least_alike.max(SHOWN), ..*options };
        let found = Clustering::of(&questions, options)?;
        let mut members: Vec<Vec<&Digest>> = vec![Vec::new(); found.count];
        let mut alone = Vec::new();
        for (row, cluster) in asking.iter().zip(&found.clusters) {
            match cluster {
                Some(c) => members[*c as usize].push(row),
                None if !row.guessed => alone.push(*row),
                None => {}
            }
        }
        // A guess is believed where others did ask the same.
        members.retain(|m| m.iter().filter(|r| !r.guessed).count() * 2 >= m.len());
        let asked_more: usize = members.iter().map(Vec::len).sum();
        let people =
            |rows: &[&Digest]| rows.iter().map(|r| r.customer.as_str()).collect::<FxHashSet<_>>().len();
        // Most different customers first; then most mail, then the earliest.
        members.sort_by_key(|m| {
            let first = m.iter().map(|r| r.example.as_str()).min().unwrap_or_default();
            (std::cmp::Reverse((people(m), m.len())), first.to_owned())
        });
        let mut insights = Insights {
            conversations,
            customers: people(&rows.iter().collect::<Vec<_>>()),
            customers_known: rows.iter().all(|r| r.known),
            period: period(rows),
            nothing_asked: rows.len() - asked_more - alone.len(),
            asked_once: alone.len(),
            asked_once_samples: alone.iter().take(8).map(|r| short(r.asked(), 140)).collect(),
            topics: Vec::new(),
            contradictions: Vec::new(),
            granularity: found.granularity,
            answer_dates: BTreeMap::new(),
        };
        let said: Vec<Vec<Said<'_>>> = members.iter().map(|m| m.iter().map(|r| r.said()).collect()).collect();
        let grouped: FxHashSet<&str> = said.iter().flatten().map(|s| s.example).collect();
        let ungrouped: Vec<Said<'_>> =
            rows.iter().filter(|r| !grouped.contains(r.example.as_str())).map(Digest::said).collect();
        insights.contradictions = across_topics(&said, &ungrouped);
        let clashing: FxHashSet<&str> =
            insights.contradictions.iter().flat_map(|c| c.examples.iter().map(String::as_str)).collect();
        let dated = said.iter().flatten().chain(&ungrouped).filter(|s| clashing.contains(s.example));
        insights.answer_dates =
            dated.filter_map(|s| Some((s.example.to_owned(), s.date?.to_owned()))).collect();
        for (number, rows) in members.iter().enumerate() {
            let own: Vec<&Contradiction> =
                insights.contradictions.iter().filter(|c| c.topic == number).collect();
            insights.topics.push(topic(rows, conversations, people(rows), &own));
        }
        Ok(insights)
    }

    /// Whether the topic's answers contradict each other at the same time.
    pub fn is_mixed(&self, topic: usize) -> bool {
        self.contradictions.iter().any(|c| c.topic == topic && c.kind == ContradictionKind::Mixed)
    }

    /// Share of the conversations that the first `n` topics take.
    pub fn share_of_first(&self, n: usize) -> f64 {
        let sum: usize = self.topics.iter().take(n).map(|t| t.conversations).sum();
        sum as f64 / self.conversations.max(1) as f64
    }

    /// The ids of examples whose answers are out of date: what an export may drop.
    pub fn stale(&self) -> BTreeSet<&str> {
        self.contradictions.iter().flat_map(|c| c.stale.iter().map(String::as_str)).collect()
    }

    /// The ids of examples whose answers contradict others of the same time: what an export may hold back
    /// until a person has said which is right.
    pub fn inconsistent(&self) -> BTreeSet<&str> {
        let mixed = self.contradictions.iter().filter(|c| c.kind == ContradictionKind::Mixed);
        mixed.flat_map(|c| c.examples.iter().map(String::as_str)).collect()
    }
}

fn period(rows: &[Digest]) -> Option<(String, String)> {
    let dates = || rows.iter().filter_map(|r| r.date.as_deref());
    let day = |d: &str| d.get(..10).map(str::to_owned);
    Some((day(dates().min()?)?, day(dates().max()?)?))
}

fn topic(rows: &[&Digest], all: usize, customers: usize, found: &[&Contradiction]) -> Topic {
    let mut months: BTreeMap<String, usize> = BTreeMap::new();
    for month in rows.iter().filter_map(|r| r.date.as_deref()?.get(..7)) {
        *months.entry(month.to_owned()).or_default() += 1;
    }
    fill_months(&mut months);
    let mut turns: Vec<usize> = rows.iter().map(|r| r.turns).collect();
    turns.sort_unstable();
    let mut hours: Vec<f64> = rows.iter().filter_map(|r| r.hours).collect();
    hours.sort_by(f64::total_cmp);
    let likeness = Likeness::new(rows);
    let stale: FxHashSet<&str> = found.iter().flat_map(|c| c.stale.iter().map(String::as_str)).collect();
    let (usual, alike) = likeness.usual(rows, &stale);
    let title = likeness.title(rows);
    let said: Vec<Said<'_>> = rows.iter().map(|r| r.said()).collect();
    let answer = rows[usual];
    let causes = rows.iter().filter(|r| speaks_of_trouble(&r.question)).count();
    let remedy = if causes * 2 > rows.len() {
        Remedy::RemoveCause
    } else if alike >= 0.35 && !has_own_values(rows, found) && !goes_by_name(&said) {
        Remedy::PutOnPage
    } else if alike >= 0.2 {
        Remedy::Template
    } else {
        Remedy::Person
    };
    let mut by_date: Vec<&&Digest> = rows.iter().collect();
    by_date.sort_by(|a, b| b.answer_date.cmp(&a.answer_date).then(a.example.cmp(&b.example)));
    let sources = by_date.iter().step_by((by_date.len() / 3).max(1)).take(3);
    Topic {
        title,
        customers,
        conversations: rows.len(),
        share: rows.len() as f64 / all.max(1) as f64,
        months,
        turns: turns[turns.len() / 2],
        hours: (!hours.is_empty()).then(|| hours[hours.len() / 2]),
        answer: substance(&answer.answer).join(" "),
        answer_date: answer.answer_date.clone(),
        alike,
        remedy,
        sources: sources
            .map(|r| Source {
                example: r.example.clone(),
                date: r.date.clone(),
                question: short(r.asked(), 160),
                locator: r.first_locator.clone(),
            })
            .collect(),
        on_site: None,
        examples: rows.iter().map(|r| r.example.clone()).collect(),
        words_typed: rows.iter().map(|r| r.words_typed).sum(),
    }
}

fn fill_months(months: &mut BTreeMap<String, usize>) {
    let split = |m: &str| Some((m.get(..4)?.parse::<u32>().ok()?, m.get(5..)?.parse::<u32>().ok()?));
    let ends = months.keys().next().zip(months.keys().next_back()).map(|(a, b)| (split(a), split(b)));
    if let Some((Some((mut y, mut m)), Some(end))) = ends {
        // Broken dates must not fill centuries.
        for _ in 0..600 {
            months.entry(format!("{y:04}-{m:02}")).or_default();
            if (y, m) >= end {
                break;
            }
            (y, m) = if m >= 12 { (y + 1, 1) } else { (y, m + 1) };
        }
    }
}

/// Words for things that went wrong; what is asked with them would not be asked had they not.
fn speaks_of_trouble(question: &str) -> bool {
    use crate::concepts::CONCEPTS;
    let mut words = Vec::new();
    each_word(question, |w| words.push(w.to_owned()));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let trouble: Vec<u16> =
        ["broken", "declined", "pending", "complaint"].iter().flat_map(|w| CONCEPTS.of(&[w])).collect();
    CONCEPTS.of(&words).iter().any(|c| trouble.contains(c))
}

/// Whether a question says what it is about. "How do we solve this?" does not without the mail around it.
pub(crate) fn is_telling(question: &str) -> bool {
    const LONG: usize = 5;
    let mut words = Vec::new();
    each_word(question, |w| words.push(w.to_owned()));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let long = words.iter().filter(|w| w.chars().count() >= LONG).count();
    // Scripts without spaces give a word a character.
    let dense = words.len() >= LONG && words.iter().all(|w| w.chars().count() == 1);
    long >= 2 || dense || !crate::concepts::CONCEPTS.of(&words).is_empty()
}

/// Whether most answers state a value of the customer's own: one kind of fact in most of them, no value of it
/// in many.
fn has_own_values(rows: &[&Digest], found: &[&Contradiction]) -> bool {
    let mut kinds: BTreeMap<FactKind, BTreeMap<&str, usize>> = BTreeMap::new();
    for f in rows.iter().flat_map(|r| &r.facts) {
        *kinds.entry(f.kind).or_default().entry(&f.value).or_default() += 1;
    }
    kinds.iter().filter(|(kind, _)| found.iter().all(|c| c.fact != **kind)).any(|(_, values)| {
        let all: usize = values.values().sum();
        let most = values.values().copied().max().unwrap_or(0);
        all * 2 >= rows.len() && most * 10 < all * 4
    })
}

/// How alike the answers (and the questions) of a topic are, by their words.
struct Likeness {
    answers: Vec<Vec<(u32, f32)>>,
    questions: Vec<Vec<(u32, f32)>>,
}

impl Likeness {
    fn new(rows: &[&Digest]) -> Likeness {
        let vectors = |text: &dyn for<'d> Fn(&'d Digest) -> &'d str| {
            let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
            let mut all: Vec<Vec<(u32, f32)>> = Vec::new();
            for r in rows {
                let mut own: BTreeMap<u32, f32> = BTreeMap::new();
                each_word(text(r), |w| {
                    let next = numbers.len() as u32;
                    let number = numbers.get(w).copied();
                    let number = number.unwrap_or_else(|| *numbers.entry(w.to_owned()).or_insert(next));
                    *own.entry(number).or_default() += 1.0;
                });
                let norm = own.values().map(|v| v * v).sum::<f32>().sqrt().max(1e-9);
                all.push(own.into_iter().map(|(k, v)| (k, v / norm)).collect());
            }
            all
        };
        Likeness { answers: vectors(&|r| &r.masked), questions: vectors(&|r| r.asked()) }
    }

    /// The mean of unit vectors, dense.
    fn mean(rows: &[Vec<(u32, f32)>]) -> Vec<f32> {
        let size = rows.iter().flatten().map(|f| f.0 as usize + 1).max().unwrap_or(0);
        let mut mean = vec![0.0; size];
        rows.iter().flatten().for_each(|&(k, v)| mean[k as usize] += v / rows.len() as f32);
        mean
    }

    /// The newest answer among those most like all others, and how alike all are.
    fn usual(&self, rows: &[&Digest], stale: &FxHashSet<&str>) -> (usize, f64) {
        let mean = Self::mean(&self.answers);
        let near: Vec<f32> =
            self.answers.iter().map(|a| a.iter().map(|&(k, v)| v * mean[k as usize]).sum()).collect();
        // A question back is no answer; where most answers state a fact, nor is one that states none.
        let states = |i: usize| rows[i].facts.iter().any(|f| f.kind != FactKind::YesNo);
        let most_state = (0..rows.len()).filter(|&i| states(i)).count() * 2 > rows.len();
        let answers: Vec<bool> = (0..rows.len())
            .map(|i| {
                (!most_state || states(i))
                    && substance(&rows[i].answer).pop().is_some_and(|s| !s.ends_with('?'))
            })
            .collect();
        let any = answers.contains(&true);
        let fresh = |i: &usize| !stale.contains(rows[*i].example.as_str()) && (!any || answers[*i]);
        let best = (0..rows.len()).filter(fresh).map(|i| near[i]).fold(0.0, f32::max);
        let usual = (0..rows.len())
            .filter(fresh)
            .filter(|&i| near[i] >= best * 0.9)
            .max_by(|&a, &b| {
                let date = |i: usize| rows[i].answer_date.as_deref();
                date(a).cmp(&date(b)).then(near[a].total_cmp(&near[b])).then(b.cmp(&a))
            })
            .unwrap_or(0);
        let alike = near.iter().sum::<f32>() / near.len().max(1) as f32;
        (usual, f64::from(alike).clamp(0.0, 1.0))
    }

    /// The question most like all others, short enough to read.
    fn title(&self, rows: &[&Digest]) -> String {
        let mean = Self::mean(&self.questions);
        let score = |i: usize| {
            let near: f32 = self.questions[i].iter().map(|&(k, v)| v * mean[k as usize]).sum();
            let text = rows[i].asked();
            let length = text.chars().count();
            let fits = if (12..=110).contains(&length) { 1.0 } else { 0.6 };
            let marked = if text.ends_with('?') { 1.0 } else { 0.9 };
            // A number, or a placeholder for somebody's data, makes it one customer's question.
            let digits = if text.contains(|c: char| c.is_ascii_digit() || c == '[') { 0.5 } else { 1.0 };
            // "Is this one from you?" says nothing without the mail around it.
            let telling = if is_telling(text) { 1.0 } else { 0.7 };
            let meant = if rows[i].guessed { 0.7 } else { 1.0 };
            near * fits * marked * digits * telling * meant
        };
        let best = (0..rows.len()).max_by(|&a, &b| score(a).total_cmp(&score(b)).then(b.cmp(&a)));
        best.map_or(String::new(), |i| short(rows[i].asked(), 160))
    }
}

/// One line of at most `most` characters.
pub(crate) fn short(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most).collect();
    if let Some(space) = cut.rfind(' ').filter(|&s| s > most / 2) {
        cut.truncate(space);
    }
    cut.push('…');
    cut
}
