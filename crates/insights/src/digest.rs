//! What is kept of each conversation: enough to group, count and show it, never more than a few kilobytes.

use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::{Example, Role, Turn};

use crate::ask::{perhaps_asked, questions_in, substance};
use crate::contradict::Said;
use crate::facts::{Fact, facts, without_values};

/// Answers shorter than this are looked past when a later one says more.
const MIN_ANSWER: usize = 25;
/// Bytes of an answer that are looked at: what comes later is a story.
const MAX_ANSWER: usize = 8_000;

/// One conversation, read: what was asked and answered, by whom and when. A few kilobytes at most, however
/// long the conversation is, so that a whole mailbox of them fits in memory.
///
/// ```
/// # use threadfold_core::{Example, Role, Turn};
/// # let turn = |role, text: &str| Turn { role, author: String::new(), date: None, message_id: None,
/// #     recovered: false, text: text.into() };
/// # let example = Example { id: String::new(), thread: String::new(), turns: vec![
/// #     turn(Role::Customer, "When are you open?"), turn(Role::Agent, "From nine to five.")],
/// #     language: None, tokens: 9, variant_of: None, locators: vec![], flags: vec![] };
/// use threadfold_insights::{Conversations, Digest};
/// let mut all = Conversations::default();
/// all.extend(Digest::of(&example, None));
/// assert_eq!(all.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Digest {
    pub(crate) example: String,
    pub(crate) thread: String,
    /// All sentences that ask, joined; empty when none does.
    pub(crate) question: String,
    /// Bytes of `question` that the first of them takes.
    first: usize,
    /// Nothing in the mail asks by its form; what it may have meant is the question.
    pub(crate) guessed: bool,
    pub(crate) answer: String,
    pub(crate) answer_date: Option<String>,
    pub(crate) facts: Vec<Fact>,
    /// The answer's substance, its facts blanked.
    pub(crate) masked: String,
    pub(crate) customer: String,
    /// Whether `customer` tells people apart; in a redacted dataset it does not.
    pub(crate) known: bool,
    pub(crate) date: Option<String>,
    pub(crate) turns: usize,
    /// From the first turn to the last.
    pub(crate) hours: Option<f64>,
    pub(crate) words_typed: usize,
    pub(crate) first_locator: String,
    pub(crate) last_locator: String,
}

impl Digest {
    /// Reads an example; none for a variant, which says nothing new, and for one in which no customer speaks.
    ///
    /// `customer` tells customers apart by a number where the example's authors cannot, because their names
    /// were redacted.
    pub fn of(example: &Example, customer: Option<u64>) -> Option<Digest> {
        if example.variant_of.is_some() {
            return None;
        }
        let first = example.turns.iter().find(|t| t.role == Role::Customer)?;
        let mut answers = example.turns.iter().filter(|t| t.role == Role::Agent);
        let answer_turn =
            answers.clone().find(|t| t.text.len() >= MIN_ANSWER).or_else(|| answers.next_back())?;
        let mut asked = questions_in(&first.text);
        let guessed = asked.is_empty();
        if guessed {
            asked.extend(perhaps_asked(&first.text));
        }
        let answer = &answer_turn.text[..answer_turn.text.floor_char_boundary(MAX_ANSWER)];
        let facts = facts(answer);
        let masked = substance(&without_values(answer, &facts)).join(" ");
        let named =
            !(first.author.is_empty() || first.author.starts_with('[') && first.author.ends_with(']'));
        let customer_name = match customer {
            Some(number) => format!("customer {number}"),
            None if named => first.author.clone(),
            None => example.thread.clone(),
        };
        let typed = example.turns.iter().filter(|t| t.role == Role::Agent);
        let locator = |l: Option<&String>| l.cloned().unwrap_or_default();
        Some(Digest {
            example: example.id.clone(),
            thread: example.thread.clone(),
            first: asked.first().map_or(0, |a| a.len()),
            question: asked.join(" "),
            guessed,
            answer: answer.to_owned(),
            answer_date: answer_turn.date.clone(),
            facts,
            masked,
            customer: customer_name,
            known: named || customer.is_some(),
            date: example.turns[0].date.clone(),
            turns: example.turns.len(),
            hours: hours(example),
            words_typed: typed.map(|t| t.text.split_whitespace().count()).sum(),
            first_locator: locator(example.locators.first()),
            last_locator: locator(example.locators.last()),
        })
    }

    /// The first sentence that asks.
    pub(crate) fn asked(&self) -> &str {
        &self.question[..self.first]
    }

    pub(crate) fn said(&self) -> Said<'_> {
        Said {
            example: &self.example,
            locator: &self.last_locator,
            date: self.answer_date.as_deref(),
            question: &self.question,
            answer: &self.answer,
            facts: &self.facts,
        }
    }
}

/// The conversations of a mailbox. Of several examples of one thread the longest is kept.
#[derive(Clone, Debug, Default)]
pub struct Conversations {
    pub(crate) rows: Vec<Digest>,
    by_thread: FxHashMap<String, usize>,
}

impl Conversations {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The threads of these examples.
    pub fn threads_of<'a>(&'a self, examples: impl IntoIterator<Item = &'a str>) -> FxHashSet<&'a str> {
        let wanted: FxHashSet<&str> = examples.into_iter().collect();
        let rows = self.rows.iter().filter(|r| wanted.contains(r.example.as_str()));
        rows.map(|r| r.thread.as_str()).collect()
    }
}

impl Extend<Digest> for Conversations {
    fn extend<I: IntoIterator<Item = Digest>>(&mut self, digests: I) {
        for digest in digests {
            match self.by_thread.get(&digest.thread) {
                Some(&at) if digest.turns > self.rows[at].turns => self.rows[at] = digest,
                Some(_) => {}
                None => {
                    self.by_thread.insert(digest.thread.clone(), self.rows.len());
                    self.rows.push(digest);
                }
            }
        }
    }
}

/// From the first turn to the last, in hours.
fn hours(example: &Example) -> Option<f64> {
    let seconds = |t: &Turn| -> Option<i64> {
        let d = t.date.as_deref()?;
        let n = |r: std::ops::Range<usize>| d.get(r)?.parse::<u32>().ok();
        Some(threadfold_core::from_civil(
            i64::from(n(0..4)?),
            n(5..7)?,
            n(8..10)?,
            n(11..13)?,
            n(14..16)?,
            n(17..19)?,
        ))
    };
    let spent = seconds(example.turns.last()?)? - seconds(example.turns.first()?)?;
    (spent >= 0).then_some(spent as f64 / 3600.0)
}
