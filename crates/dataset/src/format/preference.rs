//! Preference pairs: an answer that worked over one that, by its customer's own words, had not.
//!
//! Mail holds such pairs now and then. A customer asks, gets an answer, writes "that did not help" and
//! little else, and the next answer is the better one for the same question. Only then is there a pair:
//! prompt and rejected answer end before that complaint, and the example's completion is the chosen one. A
//! complaint that tells something new (it is longer than [`COMPLAINT_LIMIT`], or holds a number or an
//! address that the question had not) makes another question of it, and then there is no pair.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::chat::{self, Conversation};
use super::messages::{Message, ReadMessage, read_into, with_system};
use super::reader::Record;
use super::{ReadOptions, RenderOptions, json};
use crate::acknowledge::is_acknowledgement_only;
use crate::error::Problem;

/// Characters that a complaint may have; in more than this there is news.
const COMPLAINT_LIMIT: usize = 280;

/// What an example says about preference.
pub(crate) struct Pair<'a> {
    pub(crate) prompt: Vec<(Role, std::borrow::Cow<'a, str>)>,
    pub(crate) rejected: std::borrow::Cow<'a, str>,
    pub(crate) chosen: std::borrow::Cow<'a, str>,
}

/// The pair in an example, if it holds one.
pub(crate) fn pair(example: &Example) -> Option<Pair<'_>> {
    let (mut prompt, chosen) = chat::prompt_and_reply(example)?;
    let (_, complaint) = prompt.pop()?;
    let (_, rejected) = prompt.pop()?;
    let asked_before = !prompt.is_empty();
    let news = complaint.chars().count() > COMPLAINT_LIMIT
        || complaint.contains("://")
        || complaint.contains('@')
        || complaint.bytes().any(|b| b.is_ascii_digit());
    let fair = asked_before
        && !news
        && says_it_failed(&complaint)
        && !is_acknowledgement_only(&chosen)
        && chosen.trim() != rejected.trim()
        && !rejected.trim().is_empty();
    fair.then_some(Pair { prompt, rejected, chosen })
}

/// Whether a customer's words say that the answer before them did not do.
fn says_it_failed(text: &str) -> bool {
    static PHRASES: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let phrases = include_str!("../../phrases/failed_answers.txt");
        let phrases = phrases.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        AhoCorasickBuilder::new().build(phrases).expect("a short list of phrases always compiles")
    });
    let text = text.to_lowercase().replace('\u{2019}', "'");
    let words = text.as_bytes();
    PHRASES.find_overlapping_iter(&text).any(|found| {
        let letter = |at: Option<&u8>| at.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
        let before = found.start().checked_sub(1).and_then(|at| words.get(at));
        !letter(before) && !letter(words.get(found.end()))
    })
}

#[derive(Serialize)]
struct TrlLine<'a> {
    prompt: Vec<Message<'a>>,
    chosen: [Message<'a>; 1],
    rejected: [Message<'a>; 1],
}

pub(crate) fn render_trl(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    if let Some(pair) = pair(example) {
        let line = TrlLine {
            prompt: with_system(options.system.as_deref(), &pair.prompt),
            chosen: [Message::of(Role::Agent, &pair.chosen)],
            rejected: [Message::of(Role::Agent, &pair.rejected)],
        };
        json::write_line(&line, out);
    }
}

#[derive(Serialize)]
struct OpenAiLine<'a> {
    input: Input<'a>,
    preferred_output: [Message<'a>; 1],
    non_preferred_output: [Message<'a>; 1],
}

#[derive(Serialize)]
struct Input<'a> {
    messages: Vec<Message<'a>>,
}

pub(crate) fn render_openai(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    if let Some(pair) = pair(example) {
        let line = OpenAiLine {
            input: Input { messages: with_system(options.system.as_deref(), &pair.prompt) },
            preferred_output: [Message::of(Role::Agent, &pair.chosen)],
            non_preferred_output: [Message::of(Role::Agent, &pair.rejected)],
        };
        json::write_line(&line, out);
    }
}

#[derive(Deserialize)]
struct ReadTrl {
    prompt: Vec<ReadMessage>,
    chosen: Vec<ReadMessage>,
    #[serde(rename = "rejected")]
    _rejected: Vec<ReadMessage>,
}

/// Reads the chosen side: the question and the answer that worked.
pub(crate) fn parse_trl(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadTrl = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"prompt\":[…],\"chosen\":[…],\"rejected\":[…]}, each a list of messages",
    })?;
    let mut said = Conversation::default();
    read_into(&mut said, line.prompt)?;
    read_into(&mut said, line.chosen)?;
    Ok(said.record())
}

#[derive(Deserialize)]
struct ReadOpenAi {
    input: ReadInput,
    preferred_output: Vec<ReadMessage>,
    #[serde(rename = "non_preferred_output")]
    _non_preferred_output: Vec<ReadMessage>,
}

#[derive(Deserialize)]
struct ReadInput {
    messages: Vec<ReadMessage>,
}

pub(crate) fn parse_openai(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadOpenAi = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"input\":{\"messages\":[…]},\"preferred_output\":[…],\"non_preferred_output\":[…]}",
    })?;
    let mut said = Conversation::default();
    read_into(&mut said, line.input.messages)?;
    read_into(&mut said, line.preferred_output)?;
    Ok(said.record())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::reader::record_of;

    fn has_pair(texts: &[&str]) -> bool {
        let role = |i| if i % 2 == 0 { Role::Customer } else { Role::Agent };
        let turns = texts.iter().enumerate().map(|(i, t)| (role(i), (*t).to_owned())).collect();
        pair(&record_of(turns, None).example).is_some()
    }

    #[test]
    fn only_a_bare_complaint_makes_a_pair() {
        let first = ["How do I reset it?", "Switch it off and on."];
        let better = "Hold the button for ten seconds.";
        for complaint in [
            "That didn't work.",
            "Still not working!",
            "Das hat leider nicht geholfen.",
            "Ça ne marche toujours pas.",
            "Thanks, but that doesn\u{2019}t help me.",
        ] {
            assert!(has_pair(&[first[0], first[1], complaint, better]), "{complaint}");
        }
        for complaint in [
            "Thanks, that worked!",
            "And how do I open it?",
            "That didn't work, it shows error 17.",
            "It didn't work, see https://example.com/shot.png",
            "It did not workshop",
        ] {
            assert!(!has_pair(&[first[0], first[1], complaint, better]), "{complaint}");
        }
        assert!(!has_pair(&first));
        assert!(!has_pair(&[first[0], first[1], "That didn't work.", first[1]]), "the same answer again");
    }
}
