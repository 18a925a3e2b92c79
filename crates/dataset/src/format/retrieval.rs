//! For retrieval rather than training: question, answer, source and date; and whole conversations as text.

use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::reader::{Record, record_of};
use super::{ReadOptions, RenderOptions, arc, json};
use crate::error::Problem;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    question: &'a str,
    answer: &'a str,
    source: &'a [String],
    date: Option<&'a str>,
    thread: &'a str,
    language: Option<&'a str>,
}

pub(crate) fn render_rag(example: &Example, _: &RenderOptions, out: &mut Vec<u8>) {
    let mut question = String::new();
    arc::write(example.prompt(), None, &mut question);
    let line = Line {
        id: &example.id,
        question: &question,
        answer: example.completion(),
        source: &example.locators,
        date: example.turns.last().and_then(|turn| turn.date.as_deref()),
        thread: &example.thread,
        language: example.language.as_deref(),
    };
    json::write_line(&line, out);
}

#[derive(Deserialize)]
struct ReadLine {
    #[serde(default)]
    id: Option<String>,
    question: String,
    answer: String,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    thread: Option<String>,
    #[serde(default)]
    language: Option<String>,
}

/// One place or several.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Source {
    Many(Vec<String>),
    One(String),
    #[default]
    Unknown,
}

pub(crate) fn parse_rag(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadLine = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"question\":\"…\",\"answer\":\"…\"}, and perhaps id, source, date, thread and language",
    })?;
    let arc::Parsed { system, mut turns } = arc::parse(&line.question)?;
    turns.push((Role::Agent, line.answer));
    let mut record = record_of(turns, system);
    let example = &mut record.example;
    if let Some(last) = example.turns.last_mut() {
        last.date = line.date;
    }
    example.thread = line.thread.unwrap_or_else(|| example.id.clone());
    example.id = line.id.unwrap_or_else(|| example.id.clone());
    example.language = line.language.or_else(|| example.language.take());
    example.locators = match line.source {
        Source::Many(places) => places,
        Source::One(place) => vec![place],
        Source::Unknown => Vec::new(),
    };
    Ok(record)
}

#[derive(Serialize)]
struct TextLine<'a> {
    text: &'a str,
}

pub(crate) fn render_text(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let mut text = String::new();
    arc::write(&example.turns, options.system.as_deref(), &mut text);
    json::write_line(&TextLine { text: &text }, out);
}

#[derive(Deserialize)]
struct ReadText {
    text: String,
}

pub(crate) fn parse_text(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadText = serde_json::from_slice(line)
        .map_err(|e| Problem::Json { message: e.to_string(), expected: "{\"text\":\"…\"}" })?;
    let arc::Parsed { system, turns } = arc::parse(&line.text)?;
    Ok(record_of(turns, system))
}
