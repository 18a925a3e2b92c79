//! Chat messages: `{"messages":[{"role":"system"|"user"|"assistant","content":…}…]}`.
//!
//! Three rows of the table are made here: plain messages, for whoever reads OpenAI's format (with `weight`
//! on request); Axolotl's, where every message says whether it is learned; and TRL's prompt and completion,
//! which are such messages cut before the last reply. MLX-LM reads the plain ones from a folder of its own.
//!
//! Reading takes whatever has that meaning: content in parts (`[{"type":"text","text":…}]`), `developer` for
//! `system`, several messages of one side in a row.

use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::chat::{self, Conversation};
use super::reader::Record;
use super::{ReadOptions, RenderOptions, json};
use crate::error::Problem;

#[derive(Serialize)]
struct Line<'a> {
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
pub(crate) struct Message<'a> {
    pub(crate) role: &'static str,
    pub(crate) content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    train: Option<bool>,
}

impl<'a> Message<'a> {
    pub(crate) fn new(role: &'static str, content: &'a str) -> Self {
        Message { role, content, weight: None, train: None }
    }

    pub(crate) fn of(role: Role, content: &'a str) -> Self {
        Message::new(if role == Role::Customer { "user" } else { "assistant" }, content)
    }
}

/// The system text and the messages.
pub(crate) fn with_system<'a, T: AsRef<str>>(
    system: Option<&'a str>,
    messages: &'a [(Role, T)],
) -> Vec<Message<'a>> {
    let system = system.into_iter().map(|text| Message::new("system", text));
    system.chain(messages.iter().map(|(role, text)| Message::of(*role, text.as_ref()))).collect()
}

pub(crate) fn render(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let texts = chat::messages(&example.turns);
    let mut messages = with_system(options.system.as_deref(), &texts);
    if options.last_reply_only {
        let last = messages.len().saturating_sub(1);
        for (i, message) in messages.iter_mut().enumerate().filter(|(_, m)| m.role == "assistant") {
            message.weight = Some(u8::from(i == last));
        }
    }
    json::write_line(&Line { messages }, out);
}

/// Without weights, which MLX-LM does not look at.
pub(crate) fn render_plain(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let texts = chat::messages(&example.turns);
    let messages = with_system(options.system.as_deref(), &texts);
    json::write_line(&Line { messages }, out);
}

pub(crate) fn render_axolotl(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let texts = chat::messages(&example.turns);
    let mut messages = with_system(options.system.as_deref(), &texts);
    let last = messages.len().saturating_sub(1);
    for (i, message) in messages.iter_mut().enumerate() {
        message.train = Some(i == last);
    }
    json::write_line(&Line { messages }, out);
}

#[derive(Serialize)]
struct TrlLine<'a> {
    prompt: Vec<Message<'a>>,
    completion: [Message<'a>; 1],
}

pub(crate) fn render_trl(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    if let Some((prompt, reply)) = chat::prompt_and_reply(example) {
        let prompt = with_system(options.system.as_deref(), &prompt);
        json::write_line(&TrlLine { prompt, completion: [Message::of(Role::Agent, &reply)] }, out);
    }
}

#[derive(Deserialize)]
struct ReadLine {
    messages: Vec<ReadMessage>,
}

#[derive(Deserialize)]
pub(crate) struct ReadMessage {
    role: String,
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    r#type: String,
    text: Option<String>,
}

impl Content {
    fn text(self) -> Result<String, Problem> {
        let parts = match self {
            Content::Text(text) => return Ok(text),
            Content::Parts(parts) => parts,
        };
        let mut text = String::new();
        for part in parts {
            match part.text {
                Some(more) => text.push_str(&more),
                None => {
                    return Err(Problem::Unexpected {
                        expected: "parts of text",
                        found: format!("a part of type {:?}", part.r#type),
                    });
                }
            }
        }
        Ok(text)
    }
}

/// Adds messages to what a row says.
pub(crate) fn read_into(conversation: &mut Conversation, messages: Vec<ReadMessage>) -> Result<(), Problem> {
    for ReadMessage { role, content } in messages {
        let content = content.ok_or(Problem::Missing { what: "content in every message" })?.text()?;
        conversation.push(&role, content)?;
    }
    Ok(())
}

pub(crate) fn parse(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadLine = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"messages\":[{\"role\":\"user\",\"content\":\"…\"},{\"role\":\"assistant\",\"content\":\"…\"}]}",
    })?;
    let mut conversation = Conversation::default();
    read_into(&mut conversation, line.messages)?;
    Ok(conversation.record())
}

#[derive(Deserialize)]
struct ReadTrl {
    prompt: Vec<ReadMessage>,
    completion: Vec<ReadMessage>,
}

pub(crate) fn parse_trl(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadTrl = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"prompt\":[{\"role\":\"user\",\"content\":\"…\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"…\"}]}",
    })?;
    let mut conversation = Conversation::default();
    read_into(&mut conversation, line.prompt)?;
    read_into(&mut conversation, line.completion)?;
    Ok(conversation.record())
}
