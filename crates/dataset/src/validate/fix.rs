//! What can be mended in a row without deciding anything for its owner.

use std::borrow::Cow;

use super::node::{Node, Object};
use super::rules::Id;
use super::talk::{Who, is_known_field, list_keys, role_name, synonym};
use super::trainers::Trainer;
use crate::format::{Delimiters, Format, respelled};

/// What ends prompts and completions of a legacy file, where that is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends {
    pub(crate) separator: Option<String>,
    pub(crate) stop: Option<String>,
    pub(crate) leading_space: bool,
}

impl Ends {
    /// What is missing from a file whose texts end with these.
    pub(crate) fn missing(found: &Delimiters) -> Ends {
        let usual = Delimiters::default();
        Ends {
            separator: found.separator.is_empty().then_some(usual.separator),
            stop: found.stop.is_empty().then_some(usual.stop),
            leading_space: true,
        }
    }
}

/// Mends a row and says which rules it mended it for.
pub(crate) fn mend(
    row: &mut Node<'_>,
    format: Format,
    trainer: Option<&Trainer>,
    ends: &Ends,
    done: &mut Vec<Id>,
) {
    let doubled = row.doubled_key().is_some();
    let single = doubled && row.undouble();
    mend_fields(row, format, trainer, ends, done);
    // Entries that differed may say the same now: a role under two names.
    if single || doubled && row.undouble() {
        done.push(Id::DoubledKey);
    }
}

fn mend_fields(
    row: &mut Node<'_>,
    format: Format,
    trainer: Option<&Trainer>,
    ends: &Ends,
    done: &mut Vec<Id>,
) {
    let Node::Object(row) = row else { return };
    if trainer.is_some_and(|t| t.own_fields_only) {
        let before = row.entries.len();
        row.entries.retain(|(key, _)| is_known_field(format, key));
        if row.entries.len() < before {
            done.push(Id::ExtraField);
        }
    }
    if let Some((list, role_key, text_key)) = list_keys(format) {
        let second = (format == Format::Trl).then_some("completion");
        for key in std::iter::once(list).chain(second) {
            if let Some(Node::List(messages)) = row.get_mut(key) {
                roles(messages, role_key, format, done);
                weights(messages, role_key, done);
                merge(messages, role_key, text_key, done);
            }
        }
    }
    if let Some(trainer) = trainer
        && !trainer.reserved().is_empty()
    {
        let mut changed = false;
        for (_, value) in &mut row.entries {
            respell(value, trainer.reserved(), &mut changed);
        }
        if changed {
            done.push(Id::ReservedWord);
        }
    }
    if format == Format::PromptCompletion {
        legacy(row, ends, done);
    }
}

fn roles(messages: &mut [Node<'_>], role_key: &str, format: Format, done: &mut Vec<Id>) {
    for message in messages {
        let Node::Object(message) = message else { continue };
        let Some(Node::Text(role)) = message.get_mut(role_key) else { continue };
        let known = format.info().roles;
        if [known.customer, known.agent, "system", "tool", "function"].contains(&role.as_ref()) {
            continue;
        }
        if let Some(name) = synonym(role).and_then(|who| role_name(format, who)) {
            *role = Cow::Borrowed(name);
            done.push(Id::UnknownRole);
        }
    }
}

/// Weights such as 1.0 and true become numbers, those on questions go.
fn weights(messages: &mut [Node<'_>], role_key: &str, done: &mut Vec<Id>) {
    for message in messages {
        let Node::Object(message) = message else { continue };
        let agent = message.get(role_key).and_then(Node::text).and_then(synonym) == Some(Who::Agent);
        let Some(at) = message.entries.iter().position(|(key, _)| key == "weight") else { continue };
        if !agent {
            message.entries.remove(at);
            done.push(Id::BadWeight);
            continue;
        }
        let value = match &message.entries[at].1 {
            Node::Bool(yes) => Some(u8::from(*yes)),
            Node::Number(n) if !n.is_u64() && n.as_f64() == Some(1.0) => Some(1),
            Node::Number(n) if !n.is_u64() && n.as_f64() == Some(0.0) => Some(0),
            _ => None,
        };
        if let Some(value) = value {
            message.entries[at].1 = Node::Number(value.into());
            done.push(Id::BadWeight);
        }
    }
}

/// Consecutive messages of one side that hold nothing but role and text become one.
fn merge(messages: &mut Vec<Node<'_>>, role_key: &str, text_key: &str, done: &mut Vec<Id>) {
    let plain = |node: &Node<'_>| match node {
        Node::Object(o) if o.entries.len() == 2 => {
            let role = o.get(role_key).and_then(Node::text)?.to_owned();
            o.get(text_key).and_then(Node::text).map(|_| role)
        }
        _ => None,
    };
    let mut at = 1;
    while at < messages.len() {
        let same = match (plain(&messages[at - 1]), plain(&messages[at])) {
            (Some(a), Some(b)) => a == b && matches!(synonym(&a), Some(Who::Customer | Who::Agent)),
            _ => false,
        };
        if !same {
            at += 1;
            continue;
        }
        // Found at the same time as its neighbour, so both are there.
        let Node::Object(next) = messages.remove(at) else { continue };
        let more = next.get(text_key).and_then(Node::text).unwrap_or_default().to_owned();
        if let Node::Object(before) = &mut messages[at - 1]
            && let Some(Node::Text(text)) = before.get_mut(text_key)
        {
            let text = text.to_mut();
            if !text.is_empty() && !more.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&more);
        }
        if done.last() != Some(&Id::NotAlternating) {
            done.push(Id::NotAlternating);
        }
    }
}

fn respell(node: &mut Node<'_>, words: &'static [&'static str], changed: &mut bool) {
    match node {
        Node::Text(text) => {
            let spelled = match respelled(text, words) {
                Cow::Owned(spelled) => spelled,
                Cow::Borrowed(_) => return,
            };
            *text = Cow::Owned(spelled);
            *changed = true;
        }
        Node::List(list) => list.iter_mut().for_each(|node| respell(node, words, changed)),
        Node::Object(object) => {
            object.entries.iter_mut().for_each(|(_, node)| respell(node, words, changed));
        }
        _ => {}
    }
}

fn legacy(row: &mut Object<'_>, ends: &Ends, done: &mut Vec<Id>) {
    // A file whose rows do not agree on their ends may have rows that have them.
    if let (Some(separator), Some(Node::Text(prompt))) = (&ends.separator, row.get_mut("prompt"))
        && !prompt.ends_with(separator.as_str())
    {
        prompt.to_mut().push_str(separator);
        done.push(Id::NoSeparator);
    }
    if let Some(Node::Text(completion)) = row.get_mut("completion")
        // An empty one stays as it is: its row goes.
        && !completion.trim().is_empty()
    {
        if ends.leading_space && !completion.starts_with([' ', '\n']) {
            completion.to_mut().insert(0, ' ');
            done.push(Id::NoLeadingSpace);
        }
        if let Some(stop) = ends.stop.as_ref().filter(|stop| !completion.ends_with(stop.as_str())) {
            completion.to_mut().push_str(stop);
            done.push(Id::NoStop);
        }
    }
}
