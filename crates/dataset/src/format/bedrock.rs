//! Amazon Bedrock: the conversation schema of Nova and Llama, and the plain messages of Claude 3 Haiku.
//!
//! Bedrock's checks refuse a whole job for one text that holds a word they take for markup, wherever it
//! stands: "Operating System: Windows" in a customer's mail is enough for Nova. Such a word is written with
//! a space before its last character ("System :"); nothing else in a text is changed, and the table names
//! the words.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::chat::{self, Conversation};
use super::messages::{ReadMessage, read_into};
use super::reader::Record;
use super::{ReadOptions, RenderOptions, json};
use crate::error::Problem;

/// What Nova's check looks for, in any letter case.
pub(crate) const NOVA_WORDS: &[&str] =
    &["System:", "User:", "Bot:", "Assistant:", "Thought:", "[EOS]", "<image>", "<video>", "<unk>"];
/// What Claude's check looks for.
pub(crate) const CLAUDE_WORDS: &[&str] = &["\nHuman:", "\nAssistant:"];

const SCHEMA: &str = "bedrock-conversation-2024";

/// The text with a space before the last character of every reserved word in it.
pub(crate) fn respelled<'a>(text: &'a str, words: &'static [&'static str]) -> Cow<'a, str> {
    if words.is_empty() {
        return text.into();
    }
    let mut out = String::new();
    let mut written = 0;
    for found in automaton(words).find_iter(text) {
        // The words end in an ASCII character.
        let end = found.end() - 1;
        out.push_str(&text[written..end]);
        out.push(' ');
        written = end;
    }
    if written == 0 {
        return text.into();
    }
    out.push_str(&text[written..]);
    out.into()
}

/// The first reserved word in a text.
pub(crate) fn reserved_word(text: &str, words: &'static [&'static str]) -> Option<&'static str> {
    if words.is_empty() {
        return None;
    }
    automaton(words).find(text).map(|found| words[found.pattern().as_usize()])
}

fn automaton(words: &'static [&'static str]) -> &'static AhoCorasick {
    fn build(words: &[&str]) -> AhoCorasick {
        AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostFirst)
            .build(words)
            .expect("a handful of short words always compiles")
    }
    static NOVA: LazyLock<AhoCorasick> = LazyLock::new(|| build(NOVA_WORDS));
    static CLAUDE: LazyLock<AhoCorasick> = LazyLock::new(|| build(CLAUDE_WORDS));
    if words.len() == NOVA_WORDS.len() { &NOVA } else { &CLAUDE }
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "schemaVersion")]
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<[Text<'a>; 1]>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: [Text<'a>; 1],
}

pub(crate) fn render_nova(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    render(example, options, NOVA_WORDS, out);
}

pub(crate) fn render_llama(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    render(example, options, &[], out);
}

fn render(example: &Example, options: &RenderOptions, words: &'static [&'static str], out: &mut Vec<u8>) {
    let texts = chat::messages(&example.turns);
    let content = |text| [Text { text: respelled(text, words) }];
    let messages = texts
        .iter()
        .map(|(role, text)| Message {
            role: if *role == Role::Customer { "user" } else { "assistant" },
            content: content(text),
        })
        .collect();
    json::write_line(&Line { schema: SCHEMA, system: options.system.as_deref().map(content), messages }, out);
}

#[derive(Deserialize)]
struct ReadLine {
    #[serde(default)]
    system: Option<Vec<ReadText>>,
    messages: Vec<ReadMessage>,
}

#[derive(Deserialize)]
struct ReadText {
    text: String,
}

pub(crate) fn parse(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadLine = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"schemaVersion\":\"bedrock-conversation-2024\",\"system\":[{\"text\":\"…\"}],\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"…\"}]},…]}",
    })?;
    let mut said = Conversation::default();
    if let Some(system) = line.system.filter(|texts| !texts.is_empty()) {
        said.system(system.into_iter().map(|part| part.text).collect())?;
    }
    read_into(&mut said, line.messages)?;
    Ok(said.record())
}

#[derive(Serialize)]
struct ClaudeLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<Cow<'a, str>>,
    messages: Vec<ClaudeMessage<'a>>,
}

#[derive(Serialize)]
struct ClaudeMessage<'a> {
    role: &'static str,
    content: Cow<'a, str>,
}

pub(crate) fn render_claude(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let texts = chat::messages(&example.turns);
    let messages = texts
        .iter()
        .map(|(role, text)| ClaudeMessage {
            role: if *role == Role::Customer { "user" } else { "assistant" },
            content: respelled(text, CLAUDE_WORDS),
        })
        .collect();
    let system = options.system.as_deref().map(|text| respelled(text, CLAUDE_WORDS));
    json::write_line(&ClaudeLine { system, messages }, out);
}

#[derive(Deserialize)]
struct ReadClaude {
    #[serde(default)]
    system: Option<String>,
    messages: Vec<ReadMessage>,
}

pub(crate) fn parse_claude(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadClaude = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"system\":\"…\",\"messages\":[{\"role\":\"user\",\"content\":\"…\"},{\"role\":\"assistant\",\"content\":\"…\"}]}",
    })?;
    let mut said = Conversation::default();
    if let Some(system) = line.system {
        said.system(system)?;
    }
    read_into(&mut said, line.messages)?;
    Ok(said.record())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_respelled_and_nothing_else() {
        let text = "Operating SYSTEM: Windows\nmy chatbot: broken <image> [EOS] systems: fine";
        let spelled = respelled(text, NOVA_WORDS);
        assert_eq!(spelled, "Operating SYSTEM : Windows\nmy chatbot : broken <image > [EOS ] systems: fine");
        assert_eq!(reserved_word(&spelled, NOVA_WORDS), None);
        assert_eq!(respelled("\nHuman: x", CLAUDE_WORDS), "\nHuman : x");
        assert_eq!(respelled("System: x", CLAUDE_WORDS), "System: x");
        assert_eq!(respelled("System: x", &[]), "System: x");
    }
}
