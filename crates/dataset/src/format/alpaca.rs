//! Alpaca: `{"instruction","input","output","system","history":[[question, answer]…]}`.
//!
//! The customer's last words are the instruction, the completion is the output, and what was said before is
//! the history, which LLaMA-Factory reads. Every row has all five keys, so that columnar readers see one
//! shape. Readers that know the three first keys only (Axolotl's `type: alpaca`) see the last question
//! without its history.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::chat::{self, Conversation};
use super::reader::Record;
use super::{ReadOptions, RenderOptions, json};
use crate::error::Problem;

#[derive(Serialize)]
struct Line<'a> {
    instruction: &'a str,
    input: &'a str,
    output: &'a str,
    system: &'a str,
    history: Vec<[&'a str; 2]>,
}

pub(crate) fn render(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let Some((mut prompt, reply)) = chat::prompt_and_reply(example) else { return };
    let Some((Role::Customer, question)) = prompt.pop() else { return };
    // From a customer on, sides alternate.
    let history = prompt.chunks_exact(2).map(|pair| [pair[0].1.as_ref(), pair[1].1.as_ref()]).collect();
    let system = options.system.as_deref().unwrap_or("");
    json::write_line(&Line { instruction: &question, input: "", output: &reply, system, history }, out);
}

#[derive(Deserialize)]
struct ReadLine<'a> {
    #[serde(borrow)]
    instruction: Cow<'a, str>,
    #[serde(default)]
    input: Option<String>,
    output: String,
    #[serde(default)]
    system: Option<String>,
    #[serde(default)]
    history: Option<Vec<(String, String)>>,
}

pub(crate) fn parse(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadLine<'_> = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"instruction\":\"…\",\"input\":\"…\",\"output\":\"…\"}, and perhaps \"system\":\"…\" and \"history\":[[\"…\",\"…\"]]",
    })?;
    let mut said = Conversation::default();
    if let Some(system) = line.system.filter(|text| !text.is_empty()) {
        said.system(system)?;
    }
    for (question, answer) in line.history.unwrap_or_default() {
        said.push("user", question)?;
        said.push("assistant", answer)?;
    }
    // As trainers put them together.
    let question = match line.input.filter(|text| !text.is_empty()) {
        Some(input) => format!("{}\n{input}", line.instruction),
        None => line.instruction.into_owned(),
    };
    said.push("user", question)?;
    said.push("assistant", line.output)?;
    Ok(said.record())
}
