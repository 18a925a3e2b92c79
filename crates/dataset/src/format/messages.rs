//! Chat messages: `{"messages":[{"role":"system"|"user"|"assistant","content":…}…]}`.
//!
//! Trainers ask for strict alternation from user to assistant, so consecutive turns of one side are
//! written as one message, joined by a blank line. Reading takes whatever has that meaning: content in
//! parts (`[{"type":"text","text":…}]`), `developer` for `system`, several messages of one side in a row.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::reader::{Record, record_of};
use super::{ReadOptions, RenderOptions, json};
use crate::error::Problem;

#[derive(Serialize)]
struct Line<'a> {
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<u8>,
}

pub(crate) fn render(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let mut messages: Vec<Message<'_>> = Vec::with_capacity(example.turns.len() + 1);
    if let Some(system) = &options.system {
        messages.push(Message { role: "system", content: system.into(), weight: None });
    }
    for turn in &example.turns {
        let role = match turn.role {
            Role::Customer => "user",
            Role::Agent => "assistant",
        };
        match messages.last_mut() {
            Some(last) if last.role == role => {
                let content = last.content.to_mut();
                content.push_str("\n\n");
                content.push_str(&turn.text);
            }
            _ => messages.push(Message { role, content: turn.text.as_str().into(), weight: None }),
        }
    }
    if options.last_reply_only {
        let last = messages.len().saturating_sub(1);
        for (i, message) in messages.iter_mut().enumerate().filter(|(_, m)| m.role == "assistant") {
            message.weight = Some(u8::from(i == last));
        }
    }
    json::write_line(&Line { messages }, out);
}

#[derive(Deserialize)]
struct ReadLine {
    messages: Vec<ReadMessage>,
}

#[derive(Deserialize)]
struct ReadMessage {
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

pub(crate) fn parse(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadLine = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"messages\":[{\"role\":\"user\",\"content\":\"…\"},{\"role\":\"assistant\",\"content\":\"…\"}]}",
    })?;
    let mut system: Option<String> = None;
    let mut turns: Vec<(Role, String)> = Vec::with_capacity(line.messages.len());
    for message in line.messages {
        let role = match message.role.as_str() {
            "user" => Some(Role::Customer),
            "assistant" => Some(Role::Agent),
            "system" | "developer" if turns.is_empty() => None,
            "system" | "developer" => {
                return Err(Problem::Unexpected {
                    expected: "a system message only before all others",
                    found: format!("one in place {}", turns.len() + 1),
                });
            }
            other => {
                return Err(Problem::Unexpected {
                    expected: "the role system, user or assistant",
                    found: format!("{other:?}"),
                });
            }
        };
        let content = message.content.ok_or(Problem::Missing { what: "content in every message" })?.text()?;
        let joined = match role {
            None => system.get_or_insert_default(),
            Some(role) => match turns.last_mut() {
                Some((last, text)) if *last == role => text,
                _ => {
                    turns.push((role, content));
                    continue;
                }
            },
        };
        if !joined.is_empty() {
            joined.push_str("\n\n");
        }
        joined.push_str(&content);
    }
    Ok(record_of(turns, system))
}
