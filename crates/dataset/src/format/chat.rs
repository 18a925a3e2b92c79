//! What all chat formats share: turns as strictly alternating messages, and back.

use std::borrow::Cow;

use threadfold_core::{Example, Role, Turn};

use super::reader::{Record, record_of};
use crate::error::Problem;

/// Who says what.
pub(crate) type Message<'a> = (Role, Cow<'a, str>);

/// The turns as messages. Trainers ask for strict alternation from customer to agent, so consecutive turns
/// of one side are one message, joined by a blank line.
pub(crate) fn messages(turns: &[Turn]) -> Vec<Message<'_>> {
    let mut messages: Vec<Message<'_>> = Vec::with_capacity(turns.len());
    for turn in turns {
        match messages.last_mut() {
            Some((role, text)) if *role == turn.role => {
                let text = text.to_mut();
                text.push_str("\n\n");
                text.push_str(&turn.text);
            }
            _ => messages.push((turn.role, turn.text.as_str().into())),
        }
    }
    messages
}

/// The messages before the last reply, and that reply. None for what is no example at all.
pub(crate) fn prompt_and_reply(example: &Example) -> Option<(Vec<Message<'_>>, Cow<'_, str>)> {
    let mut messages = messages(&example.turns);
    match messages.pop() {
        Some((Role::Agent, reply)) => Some((messages, reply)),
        _ => None,
    }
}

/// Who a message is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    System,
    Customer,
    Agent,
}

impl Speaker {
    /// By the role names that chat formats use, synonyms included.
    pub(crate) fn named(role: &str) -> Option<Speaker> {
        Some(match role {
            "system" | "developer" => Speaker::System,
            "user" | "human" => Speaker::Customer,
            "assistant" | "gpt" | "model" | "chatgpt" => Speaker::Agent,
            _ => return None,
        })
    }
}

/// Collects what a row of any chat format says.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    pub(crate) system: Option<String>,
    pub(crate) turns: Vec<(Role, String)>,
}

impl Conversation {
    /// Adds a message; one of the same side as the one before continues it.
    pub(crate) fn push(&mut self, role: &str, text: String) -> Result<(), Problem> {
        let speaker = Speaker::named(role).ok_or_else(|| Problem::Unexpected {
            expected: "the role system, user or assistant",
            found: format!("{role:?}"),
        })?;
        let role = match speaker {
            Speaker::System => return self.system(text),
            Speaker::Customer => Role::Customer,
            Speaker::Agent => Role::Agent,
        };
        match self.turns.last_mut() {
            Some((last, joined)) if *last == role => join(joined, &text),
            _ => self.turns.push((role, text)),
        }
        Ok(())
    }

    /// Adds a system text.
    pub(crate) fn system(&mut self, text: String) -> Result<(), Problem> {
        if !self.turns.is_empty() {
            return Err(Problem::Unexpected {
                expected: "a system message only before all others",
                found: format!("one in place {}", self.turns.len() + 1),
            });
        }
        match &mut self.system {
            Some(system) => join(system, &text),
            None => self.system = Some(text),
        }
        Ok(())
    }

    pub(crate) fn record(self) -> Record {
        record_of(self.turns, self.system)
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}
