//! What a row or an answer is, told by its looks: its format, its delimiters, a refusal.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};

use super::node::{Node, Object};
use super::rules::Id;
use super::talk::{Found, Talk, Who};
use super::trainers::Trainer;
use crate::format::{Delimiters, FORMATS, Format, Kind, Rows};

/// The format that the row's keys name; of several with the same keys the trainer's.
pub(crate) fn format_of(row: &Object<'_>, trainer: Option<&Trainer>) -> Option<Format> {
    let is = |kind: Kind, node: &Node<'_>| match kind {
        Kind::Any => true,
        Kind::Text => matches!(node, Node::Text(_)),
        Kind::List => matches!(node, Node::List(_)),
        Kind::Object => matches!(node, Node::Object(_)),
    };
    let keys = |format: Format| match format.info().codec.rows {
        Rows::JsonLines { keys, .. } => keys,
        Rows::Csv => &[],
    };
    let fits = |format: Format, strictly: bool| {
        let keys = keys(format);
        !keys.is_empty()
            && keys.iter().all(|(key, kind)| row.get(key).is_some_and(|node| !strictly || is(*kind, node)))
    };
    let of_trainer = trainer.into_iter().flat_map(|t| t.formats.iter().copied());
    let all = || {
        let mut all: Vec<Format> = FORMATS.iter().map(|info| info.format).collect();
        // Who asks for more keys knows better.
        all.sort_by_key(|format| std::cmp::Reverse(keys(*format).len()));
        all
    };
    let by_trainer = of_trainer.clone().find(|format| fits(*format, true));
    by_trainer
        .or_else(|| all().into_iter().find(|format| fits(*format, true)))
        .or_else(|| of_trainer.clone().find(|format| fits(*format, false)))
        .or_else(|| all().into_iter().find(|format| fits(*format, false)))
        .or_else(|| {
            let some = |key| row.get(key).is_some();
            [
                ("prompt", Format::PromptCompletion),
                ("completion", Format::PromptCompletion),
                ("instruction", Format::Alpaca),
                ("output", Format::Alpaca),
                ("question", Format::Rag),
                ("answer", Format::Rag),
                ("input", Format::DpoOpenAi),
            ]
            .into_iter()
            .find(|(key, _)| some(key))
            .map(|(_, format)| format)
        })
}

/// Another format that a row of which nothing fits belongs to.
pub(crate) fn mixed(
    node: &Node<'_>,
    format: Format,
    found: &[Found],
    trainer: Option<&Trainer>,
) -> Option<Format> {
    let Node::Object(row) = node else { return None };
    let misses = found.iter().any(|(id, ..)| matches!(id, Id::MissingField | Id::WrongType));
    let other = if misses { format_of(row, trainer)? } else { return None };
    let Rows::JsonLines { keys, .. } = other.info().codec.rows else { return None };
    let whole = keys.iter().all(|(key, _)| row.get(key).is_some());
    let same_keys = matches!(format.info().codec.rows, Rows::JsonLines { keys: own, .. } if own.iter().all(|(key, _)| row.get(key).is_some()) && format != other && own != keys);
    (other != format && whole && (same_keys || !has_keys(row, format))).then_some(other)
}

fn has_keys(row: &Object<'_>, format: Format) -> bool {
    match format.info().codec.rows {
        Rows::JsonLines { keys, .. } => keys.iter().all(|(key, _)| row.get(key).is_some()),
        Rows::Csv => true,
    }
}

pub(crate) fn legacy(talk: &Talk<'_>, delimiters: &Delimiters, found: &mut Vec<Found>) {
    let inside = |text: &str, end: &str| {
        !end.trim().is_empty() && text.strip_suffix(end).unwrap_or(text).contains(end)
    };
    for said in &talk.said {
        if said.who == Who::Customer {
            if inside(said.text, &delimiters.separator) {
                found.push((Id::SeparatorInText, Some(said.field), format!("{:?}", delimiters.separator)));
            }
        } else {
            if inside(said.text, &delimiters.stop) {
                found.push((Id::StopInText, Some(said.field), format!("{:?}", delimiters.stop)));
            }
            if !said.text.starts_with([' ', '\n']) && !said.text.is_empty() {
                found.push((Id::NoLeadingSpace, Some(said.field), "does not begin with a space".into()));
            }
        }
    }
}

/// Whether an answer declines to answer.
pub(crate) fn refuses(text: &str) -> bool {
    static PHRASES: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let phrases = include_str!("../../phrases/refusals.txt").lines().map(str::trim);
        let phrases = phrases.filter(|line| !line.is_empty() && !line.starts_with('#'));
        AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(phrases)
            .expect("a short list of phrases always compiles")
    });
    if text.contains('\u{2019}') {
        return PHRASES.is_match(&text.replace('\u{2019}', "'"));
    }
    PHRASES.is_match(text)
}
