//! Texts that were read already: what was found in them holds until somebody learns what changes it.
//!
//! All turns of a thread are read before the first is redacted, so that a name met in the last is known in the
//! first. Most turns teach nothing that matters for another; those need not be read twice.

use crate::detect::Hit;
use crate::fold::hash_word;
use crate::known::Known;
use crate::people::{News, People};
use crate::token::{Token, shape};
use serde::{Deserialize, Serialize};
use threadfold_core::hash_bytes;

/// What was found in the texts of a thread while it was learned from, for the redactor that reads them once more.
/// It finds the same with it and without; with it, sooner. Holds places and hashes, no words.
///
/// ```
/// use threadfold_redact::{Keep, KeepFacts, Options, Person, Redactor, Side};
/// use std::sync::Arc;
/// let mut facts = KeepFacts::new(&[]);
/// let people = [Person { name: "Marta Lindqvist", email: "marta@example.com", side: Side::Customer }];
/// let text = "Please call me on (503) 555-0142. Marta";
/// let findings = facts.feed_and_note(&people, &[(Side::Customer, text)]);
/// let (keep, known) = facts.finish_with(&Keep::default());
/// let redactor = Redactor::new(Options { keep: Arc::new(keep), known: Arc::new(known), ..Options::default() });
/// let mut thread = redactor.thread_with(&people, findings);
/// thread.learn(text, Side::Customer);
/// let out = thread.redact(text, Side::Customer);
/// assert_eq!(out.text, "Please call me on [PHONE_1]. [CUSTOMER_NAME_1]");
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Findings(Vec<Finding>);

/// What was found in one text when nothing was known of other threads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// The text's hash.
    text: u64,
    /// What was known in the thread.
    state: u64,
    hits: Vec<Hit>,
    /// Hashes of numbers that would be hits if other threads had announced them.
    asked: Vec<u64>,
}

impl Findings {
    pub(crate) fn note(&mut self, text: &str, people: &People, hits: &[Hit], asked: Vec<u64>) {
        let text = hash_bytes(text.as_bytes());
        self.0.push(Finding { text, state: people.state(), hits: hits.to_vec(), asked });
    }

    pub(crate) fn into_iter(self) -> std::vec::IntoIter<Finding> {
        self.0.into_iter()
    }
}

impl Finding {
    /// The hits, if they are what would be found in this text now but for values that other threads make hits.
    pub(crate) fn hits(self, text: &str, people: &People, known: &Known) -> Option<Vec<Hit>> {
        let same = self.state == people.state()
            && self.text == hash_bytes(text.as_bytes())
            && !self.asked.iter().any(|number| known.index().number(*number))
            && self.hits.iter().all(|h| text.get(h.start as usize..h.end as usize).is_some());
        same.then_some(self.hits)
    }
}

/// What was found in one text.
struct Reading {
    text: String,
    tokens: Vec<Token>,
    hits: Vec<Hit>,
    /// How many things the thread had learned when the text was read.
    learned: usize,
    /// Whether texts of the thread held literals that look like placeholders.
    literals: bool,
}

/// Readings of a thread's texts, up to a bound: beyond it, texts are read again.
#[derive(Default)]
pub(crate) struct Readings {
    readings: Vec<Reading>,
    bytes: usize,
}

const MOST: usize = 64;
const MOST_BYTES: usize = 256 << 10;

impl Readings {
    /// Keeps what was found in a text; takes the words and hits away.
    pub(crate) fn keep(
        &mut self,
        text: &str,
        learned: usize,
        literals: bool,
        tokens: &mut Vec<Token>,
        hits: &mut Vec<Hit>,
    ) {
        if self.readings.len() >= MOST || self.bytes + text.len() > MOST_BYTES {
            return;
        }
        self.bytes += text.len();
        let (tokens, hits) = (std::mem::take(tokens), std::mem::take(hits));
        self.readings.push(Reading { text: text.to_owned(), tokens, hits, learned, literals });
    }

    /// Gives back what was found in a text if it would be found again now.
    pub(crate) fn recall(
        &mut self,
        text: &str,
        people: &People,
        literals: bool,
        tokens: &mut Vec<Token>,
        hits: &mut Vec<Hit>,
    ) -> bool {
        let Some(at) = self.readings.iter().position(|r| r.text == text) else { return false };
        let reading = self.readings.swap_remove(at);
        self.bytes -= text.len();
        if reading.literals != literals || !reading.holds(people.news(reading.learned)) {
            return false;
        }
        (*tokens, *hits) = (reading.tokens, reading.hits);
        true
    }
}

impl Reading {
    /// Whether nothing of what was learned since can be found outside of what was found already.
    fn holds(&self, news: &[News]) -> bool {
        if news.is_empty() {
            return true;
        }
        // A large dictionary is no cheaper to ask than the text to read.
        if news.len() > 32 {
            return false;
        }
        let learned = |hash: u64| news.iter().any(|n| matches!(n, News::Word(word) if *word == hash));
        let word = news.iter().any(|n| matches!(n, News::Word(_)));
        let number = news.iter().any(|n| matches!(n, News::Number(_)));
        let free = |token: &Token| {
            let at = self.hits.partition_point(|h| h.end <= token.start);
            self.hits.get(at).is_none_or(|h| h.start > token.start || h.end < token.end)
        };
        let touched = self.tokens.iter().enumerate().any(|(at, token)| {
            let text = &self.text[token.start as usize..token.end as usize];
            // "Annas": the stem may be the name.
            let named = word
                && (learned(token.hash)
                    || token.looks(shape::UPPER)
                        && token.flags == 0
                        && text.strip_suffix('s').is_some_and(|stem| learned(hash_word(stem))));
            (named || number && self.spells_number(at, news)) && free(token)
        });
        let literal = news.contains(&News::Literal) && !self.text.is_ascii();
        let address = news.contains(&News::Address) && self.text.contains('@');
        !touched && !literal && !address
    }

    /// Whether one of the numbers learned is spelled by the tokens from `at` on, however they are grouped.
    fn spells_number(&self, at: usize, news: &[News]) -> bool {
        news.iter().any(|n| {
            let News::Number(value) = n else { return false };
            let mut rest = &value[..];
            for token in &self.tokens[at..] {
                let text = &self.text.as_bytes()[token.start as usize..token.end as usize];
                let begins = rest.len() >= text.len() && rest[..text.len()].eq_ignore_ascii_case(text);
                if !begins {
                    return false;
                }
                rest = &rest[text.len()..];
                if rest.is_empty() {
                    return true;
                }
            }
            false
        })
    }
}
