//! Legacy prompt and completion: two strings a line.
//!
//! The prompt is the conversation as [`arc`](super::arc) writes it, ended by the separator; the completion
//! starts with a space (tokenizers of that time wanted one) and ends with the stop text.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::reader::{Record, record_of};
use super::scout::{DEFAULT_SEPARATOR, DEFAULT_STOP};
use super::{ReadOptions, RenderOptions, arc, json};
use crate::error::Problem;

#[derive(Serialize)]
struct Line<'a> {
    prompt: &'a str,
    completion: &'a str,
}

/// Also what [`infer_delimiters`](super::scout::infer_delimiters) reads.
#[derive(Deserialize)]
pub(crate) struct ReadLine<'a> {
    #[serde(borrow)]
    pub(crate) prompt: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) completion: Cow<'a, str>,
}

pub(crate) fn render(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let mut prompt = String::new();
    arc::write(example.prompt(), options.system.as_deref(), &mut prompt);
    prompt.push_str(&options.separator);
    let completion = [" ", example.completion(), &options.stop].concat();
    json::write_line(&Line { prompt: &prompt, completion: &completion }, out);
}

pub(crate) fn parse_strings(line: &[u8]) -> Result<ReadLine<'_>, Problem> {
    serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"prompt\":\"…\",\"completion\":\"…\"}",
    })
}

pub(crate) fn parse(line: &[u8], options: &ReadOptions) -> Result<Record, Problem> {
    let line = parse_strings(line)?;
    let prompt = without_end(&line.prompt, "prompt", options.separator.as_deref(), DEFAULT_SEPARATOR)?;
    let completion = without_end(&line.completion, "completion", options.stop.as_deref(), DEFAULT_STOP)?;
    let completion = completion.strip_prefix(' ').unwrap_or(completion);
    if completion.trim().is_empty() {
        return Err(Problem::Missing { what: "a completion" });
    }
    let arc::Parsed { system, mut turns } = arc::parse(prompt)?;
    turns.push((Role::Agent, completion.to_owned()));
    Ok(record_of(turns, system))
}

fn without_end<'a>(
    text: &'a str,
    which: &'static str,
    given: Option<&str>,
    default: &str,
) -> Result<&'a str, Problem> {
    match given {
        None => Ok(text.strip_suffix(default).unwrap_or(text)),
        Some(end) => {
            text.strip_suffix(end).ok_or_else(|| Problem::NoDelimiter { which, text: end.to_owned() })
        }
    }
}
