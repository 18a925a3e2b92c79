//! Gemini on Vertex AI: `{"systemInstruction":{"parts":[{"text"}]},"contents":[{"role":"user"|"model",
//! "parts":[{"text"}]}…]}`.

use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::chat::{self, Conversation};
use super::reader::Record;
use super::{ReadOptions, RenderOptions, json};
use crate::error::Problem;

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "systemInstruction", skip_serializing_if = "Option::is_none")]
    system: Option<Content<'a>>,
    contents: Vec<Content<'a>>,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: [Part<'a>; 1],
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

pub(crate) fn render(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let content = |role, text| Content { role, parts: [Part { text }] };
    let messages = chat::messages(&example.turns);
    let contents = messages
        .iter()
        .map(|(role, text)| content(Some(if *role == Role::Customer { "user" } else { "model" }), text))
        .collect();
    let system = options.system.as_deref().map(|text| content(Some("system"), text));
    json::write_line(&Line { system, contents }, out);
}

#[derive(Deserialize)]
struct ReadLine {
    #[serde(rename = "systemInstruction", alias = "system_instruction", default)]
    system: Option<ReadContent>,
    contents: Vec<ReadContent>,
}

#[derive(Deserialize)]
struct ReadContent {
    #[serde(default)]
    role: Option<String>,
    parts: Vec<ReadPart>,
}

#[derive(Deserialize)]
struct ReadPart {
    text: Option<String>,
}

impl ReadContent {
    fn text(self) -> Result<String, Problem> {
        let texts: Option<Vec<String>> = self.parts.into_iter().map(|part| part.text).collect();
        Ok(texts.ok_or(Problem::Missing { what: "text in every part" })?.concat())
    }
}

pub(crate) fn parse(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadLine = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"…\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"…\"}]}]}",
    })?;
    let mut said = Conversation::default();
    if let Some(system) = line.system {
        said.system(system.text()?)?;
    }
    for mut content in line.contents {
        let role = content.role.take().ok_or(Problem::Missing { what: "a role for every content" })?;
        said.push(&role, content.text()?)?;
    }
    Ok(said.record())
}
