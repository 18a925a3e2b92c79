//! A row of any JSON format read for what it says, with a finding for everything that is not as the format
//! has it.

use super::node::{Node, Object};
use super::rules::Id;
use crate::format::Format;

/// Where in a row something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    base: &'static str,
    index: Option<usize>,
    leaf: &'static str,
}

impl Field {
    pub(crate) const fn of(base: &'static str) -> Field {
        Field { base, index: None, leaf: "" }
    }

    const fn at(base: &'static str, index: usize, leaf: &'static str) -> Field {
        Field { base, index: Some(index), leaf }
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.base)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        if !self.leaf.is_empty() {
            write!(f, ".{}", self.leaf)?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    System,
    Customer,
    Agent,
    /// A tool's result, which may stand anywhere.
    Tool,
}

#[derive(Debug)]
pub(crate) struct Said<'n> {
    pub(crate) who: Who,
    pub(crate) text: &'n str,
    pub(crate) field: Field,
    /// A further part of the message before it.
    pub(crate) continues: bool,
    /// Calls a tool, so that it needs no words.
    pub(crate) calls: bool,
}

/// What a row says, in order; the last of the agent's is the completion.
#[derive(Debug, Default)]
pub(crate) struct Talk<'n> {
    pub(crate) said: Vec<Said<'n>>,
    /// Of the agent's messages that have a weight, whether any is learned.
    pub(crate) learned: Option<bool>,
}

/// One thing found: which rule, where, and what stands there.
pub(crate) type Found = (Id, Option<Field>, String);

pub(crate) struct Reading<'f> {
    pub(crate) format: Format,
    pub(crate) found: &'f mut Vec<Found>,
}

impl Reading<'_> {
    fn say(&mut self, id: Id, field: Field, message: impl Into<String>) {
        self.found.push((id, Some(field), message.into()));
    }

    /// Reads a row.
    pub(crate) fn row<'n>(&mut self, row: &'n Object<'_>) -> Talk<'n> {
        let mut talk = Talk::default();
        match self.format {
            Format::Messages | Format::Mlx | Format::Axolotl => {
                self.messages(row, "messages", "role", "content", &mut talk);
            }
            Format::BedrockClaude => {
                self.optional(row, "system", Who::System, &mut talk);
                self.messages(row, "messages", "role", "content", &mut talk);
            }
            Format::BedrockNova | Format::BedrockLlama => {
                if let Some(system) = row.get("system") {
                    self.parts(system, Who::System, Field::of("system"), &mut talk);
                }
                self.messages(row, "messages", "role", "content", &mut talk);
            }
            Format::Gemini => {
                if let Some(Node::Object(system)) = row.get("systemInstruction")
                    && let Some(parts) = system.get("parts")
                {
                    self.parts(parts, Who::System, Field::of("systemInstruction"), &mut talk);
                }
                self.messages(row, "contents", "role", "parts", &mut talk);
            }
            Format::ShareGpt => {
                self.optional(row, "system", Who::System, &mut talk);
                self.messages(row, "conversations", "from", "value", &mut talk);
            }
            Format::Trl => {
                self.messages(row, "prompt", "role", "content", &mut talk);
                self.messages(row, "completion", "role", "content", &mut talk);
            }
            Format::Dpo => {
                self.messages(row, "prompt", "role", "content", &mut talk);
                // The rejected one is read for its findings, not as part of the conversation.
                self.messages(row, "rejected", "role", "content", &mut Talk::default());
                self.messages(row, "chosen", "role", "content", &mut talk);
            }
            Format::DpoOpenAi => {
                match row.get("input") {
                    Some(Node::Object(input)) => {
                        self.messages(input, "messages", "role", "content", &mut talk)
                    }
                    Some(other) => self.say(
                        Id::WrongType,
                        Field::of("input"),
                        format!("{}, not an object", other.kind()),
                    ),
                    None => self.say(Id::MissingField, Field::of("input"), "is not there"),
                }
                self.messages(row, "non_preferred_output", "role", "content", &mut Talk::default());
                self.messages(row, "preferred_output", "role", "content", &mut talk);
            }
            Format::Alpaca => {
                self.optional(row, "system", Who::System, &mut talk);
                self.history(row, &mut talk);
                self.required(row, "instruction", Who::Customer, &mut talk);
                if self.optional(row, "input", Who::Customer, &mut talk)
                    && let Some(last) = talk.said.last_mut()
                {
                    last.continues = true;
                }
                self.required(row, "output", Who::Agent, &mut talk);
            }
            Format::Rag => {
                self.required(row, "question", Who::Customer, &mut talk);
                self.required(row, "answer", Who::Agent, &mut talk);
            }
            Format::Text => self.required(row, "text", Who::Agent, &mut talk),
            Format::Canonical => self.messages(row, "turns", "role", "text", &mut talk),
            Format::PromptCompletion | Format::Csv => {
                self.required(row, "prompt", Who::Customer, &mut talk);
                self.required(row, "completion", Who::Agent, &mut talk);
            }
        }
        self.extra_fields(row);
        talk
    }

    fn extra_fields(&mut self, row: &Object<'_>) {
        // `variant_of` and the like may be missing in a canonical record, and others may come.
        if self.format == Format::Canonical || self.format == Format::Rag {
            return;
        }
        for key in row.keys().filter(|key| !is_known_field(self.format, key)) {
            let message =
                format!("the field {:?} is not one of the format's", crate::format::csv::shortened(key));
            self.found.push((Id::ExtraField, None, message));
        }
    }

    fn required<'n>(&mut self, row: &'n Object<'_>, key: &'static str, who: Who, talk: &mut Talk<'n>) {
        match row.get(key) {
            None => self.say(Id::MissingField, Field::of(key), "is not there"),
            Some(value) => self.text(value, who, Field::of(key), talk),
        }
    }

    /// True if there was a text, and not an empty one.
    fn optional<'n>(
        &mut self,
        row: &'n Object<'_>,
        key: &'static str,
        who: Who,
        talk: &mut Talk<'n>,
    ) -> bool {
        match row.get(key) {
            None | Some(Node::Null) => false,
            Some(Node::Text(text)) if text.is_empty() => false,
            Some(value) => {
                let before = talk.said.len();
                self.text(value, who, Field::of(key), talk);
                talk.said.len() > before
            }
        }
    }

    fn text<'n>(&mut self, value: &'n Node<'_>, who: Who, field: Field, talk: &mut Talk<'n>) {
        match value {
            Node::Text(text) => {
                talk.said.push(Said { who, text, field, continues: false, calls: false });
            }
            Node::Null => self.say(Id::NullText, field, "null"),
            other => self.say(Id::WrongType, field, format!("{}, not a text", other.kind())),
        }
    }

    /// A text, or a list of parts with a text each.
    fn parts<'n>(&mut self, value: &'n Node<'_>, who: Who, field: Field, talk: &mut Talk<'n>) {
        let Node::List(parts) = value else {
            return self.text(value, who, field, talk);
        };
        if parts.is_empty() {
            talk.said.push(Said { who, text: "", field, continues: false, calls: false });
        }
        for (i, part) in parts.iter().enumerate() {
            match part {
                Node::Object(part) => match part.get("text") {
                    Some(text) => {
                        let before = talk.said.len();
                        self.text(text, who, field, talk);
                        if i > 0
                            && let Some(said) = talk.said.get_mut(before)
                        {
                            said.continues = true;
                        }
                    }
                    None => self.say(Id::MissingField, field, "a part without a text"),
                },
                other => self.say(Id::WrongType, field, format!("{}, not a part", other.kind())),
            }
        }
    }

    fn messages<'n>(
        &mut self,
        row: &'n Object<'_>,
        key: &'static str,
        role_key: &'static str,
        text_key: &'static str,
        talk: &mut Talk<'n>,
    ) {
        let list = match row.get(key) {
            None => return self.say(Id::MissingField, Field::of(key), "is not there"),
            Some(Node::List(list)) => list,
            Some(Node::Null) => return self.say(Id::NullText, Field::of(key), "null"),
            Some(other) => {
                return self.say(Id::WrongType, Field::of(key), format!("{}, not a list", other.kind()));
            }
        };
        if list.is_empty() {
            self.say(Id::NoMessages, Field::of(key), "an empty list");
        }
        for (i, message) in list.iter().enumerate() {
            let Node::Object(message) = message else {
                self.say(Id::WrongType, Field::at(key, i, ""), format!("{}, not an object", message.kind()));
                continue;
            };
            let who = match message.get(role_key) {
                Some(Node::Text(role)) => match who(self.format, role) {
                    Some(who) => who,
                    None => {
                        let role = crate::format::csv::shortened(role);
                        self.say(Id::UnknownRole, Field::at(key, i, role_key), format!("{role:?}"));
                        // What it most likely means, so that the rest is not reported as well.
                        synonym(&role).unwrap_or(Who::Tool)
                    }
                },
                Some(other) => {
                    self.say(
                        Id::WrongType,
                        Field::at(key, i, role_key),
                        format!("{}, not a text", other.kind()),
                    );
                    Who::Tool
                }
                None => {
                    self.say(Id::MissingField, Field::at(key, i, role_key), "is not there");
                    Who::Tool
                }
            };
            if who == Who::System && talk.said.iter().any(|said| said.who != Who::System) {
                self.say(Id::SystemNotFirst, Field::at(key, i, ""), "a system message between others");
            }
            self.weight(message, who, key, i, talk);
            let calls = message.get("tool_calls").or(message.get("function_call")).is_some();
            let before = talk.said.len();
            match message.get(text_key) {
                None | Some(Node::Null) if calls => {
                    let field = Field::at(key, i, text_key);
                    talk.said.push(Said { who, text: "", field, continues: false, calls });
                }
                None => self.say(Id::MissingField, Field::at(key, i, text_key), "is not there"),
                Some(value) => self.parts(value, who, Field::at(key, i, text_key), talk),
            }
            talk.said[before..].iter_mut().for_each(|said| said.calls = calls);
            let format = self.format;
            for extra in message.keys().filter(|k| !is_known_message_field(format, k)) {
                let extra = crate::format::csv::shortened(extra);
                self.say(Id::ExtraField, Field::at(key, i, ""), format!("the field {extra:?}"));
            }
        }
    }

    fn weight(&mut self, message: &Object<'_>, who: Who, key: &'static str, i: usize, talk: &mut Talk<'_>) {
        let Some(weight) = message.get("weight") else { return };
        let value = match weight {
            Node::Number(number) if number.is_u64() || number.is_i64() => number.as_i64(),
            _ => None,
        };
        match value {
            Some(learned @ (0 | 1)) if who == Who::Agent => {
                talk.learned = Some(talk.learned.unwrap_or(false) || learned == 1);
            }
            Some(0 | 1) => {
                self.say(Id::BadWeight, Field::at(key, i, "weight"), "a weight on what is not an answer");
            }
            _ => {
                // What it is mended to counts for what is learned: 1.0 and true are 1.
                let meant = match weight {
                    Node::Bool(yes) => Some(*yes),
                    Node::Number(n) if n.as_f64() == Some(1.0) => Some(true),
                    Node::Number(n) if n.as_f64() == Some(0.0) => Some(false),
                    _ => None,
                };
                if let Some(learned) = meant.filter(|_| who == Who::Agent) {
                    talk.learned = Some(talk.learned.unwrap_or(false) || learned);
                }
                let shown = serde_json::to_string(weight).unwrap_or_default();
                self.say(Id::BadWeight, Field::at(key, i, "weight"), crate::format::csv::shortened(&shown));
            }
        }
    }

    fn history<'n>(&mut self, row: &'n Object<'_>, talk: &mut Talk<'n>) {
        let pairs = match row.get("history") {
            None | Some(Node::Null) => return,
            Some(Node::List(pairs)) => pairs,
            Some(other) => {
                return self.say(
                    Id::WrongType,
                    Field::of("history"),
                    format!("{}, not a list", other.kind()),
                );
            }
        };
        for (i, pair) in pairs.iter().enumerate() {
            match pair {
                Node::List(pair) if pair.len() == 2 => {
                    self.text(&pair[0], Who::Customer, Field::at("history", i, ""), talk);
                    self.text(&pair[1], Who::Agent, Field::at("history", i, ""), talk);
                }
                _ => {
                    self.say(Id::WrongType, Field::at("history", i, ""), "not a pair of question and answer")
                }
            }
        }
    }
}

/// Who speaks, by the role names of the format.
fn who(format: Format, role: &str) -> Option<Who> {
    Some(match (format, role) {
        (Format::Canonical, "customer") => Who::Customer,
        (Format::Canonical, "agent") => Who::Agent,
        (Format::Canonical, _) => return None,
        (Format::Gemini, "user") => Who::Customer,
        (Format::Gemini, "model") => Who::Agent,
        (Format::Gemini, _) => return None,
        (Format::ShareGpt, "human" | "user") => Who::Customer,
        (Format::ShareGpt, "gpt" | "assistant") => Who::Agent,
        (Format::ShareGpt, "system") => Who::System,
        (Format::ShareGpt, "function_call" | "observation" | "tool") => Who::Tool,
        (Format::ShareGpt, _) => return None,
        (_, "user") => Who::Customer,
        (_, "assistant") => Who::Agent,
        (Format::BedrockNova | Format::BedrockLlama | Format::BedrockClaude, _) => return None,
        (_, "system") => Who::System,
        (_, "tool" | "function") => Who::Tool,
        _ => return None,
    })
}

/// What a role of another format means.
pub(crate) fn synonym(role: &str) -> Option<Who> {
    Some(match role.trim().to_ascii_lowercase().as_str() {
        "system" | "developer" => Who::System,
        "user" | "human" | "customer" | "client" | "question" => Who::Customer,
        "assistant" | "gpt" | "bot" | "chatbot" | "model" | "agent" | "ai" | "support" => Who::Agent,
        _ => return None,
    })
}

/// The format's own name for a side; none where it has no place for it among the messages.
pub(crate) fn role_name(format: Format, who: Who) -> Option<&'static str> {
    let roles = format.info().roles;
    match who {
        Who::Customer => Some(roles.customer),
        Who::Agent => Some(roles.agent),
        Who::System if who_is_message(format) => Some("system"),
        _ => None,
    }
}

fn who_is_message(format: Format) -> bool {
    !matches!(
        format,
        Format::Gemini
            | Format::BedrockNova
            | Format::BedrockLlama
            | Format::BedrockClaude
            | Format::Canonical
    )
}

pub(crate) fn is_known_field(format: Format, key: &str) -> bool {
    format.info().fields.contains(&key)
        || match format {
            Format::Messages => {
                matches!(key, "tools" | "parallel_tool_calls" | "functions" | "function_call")
            }
            Format::Trl | Format::Dpo | Format::Mlx | Format::Axolotl => key == "tools",
            Format::ShareGpt => matches!(key, "system" | "tools"),
            _ => false,
        }
}

fn is_known_message_field(format: Format, key: &str) -> bool {
    match format {
        Format::Canonical => true,
        Format::ShareGpt => matches!(key, "from" | "value"),
        Format::Gemini => matches!(key, "role" | "parts"),
        Format::BedrockNova | Format::BedrockLlama | Format::BedrockClaude => {
            matches!(key, "role" | "content")
        }
        Format::Axolotl if key == "train" => true,
        _ => matches!(
            key,
            "role"
                | "content"
                | "name"
                | "weight"
                | "tool_calls"
                | "tool_call_id"
                | "function_call"
                | "refusal"
        ),
    }
}

/// The keys under which the format's messages, their roles and their texts stand.
pub(crate) fn list_keys(format: Format) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match format {
        Format::Messages
        | Format::Mlx
        | Format::Axolotl
        | Format::BedrockClaude
        | Format::BedrockNova
        | Format::BedrockLlama => ("messages", "role", "content"),
        Format::ShareGpt => ("conversations", "from", "value"),
        Format::Gemini => ("contents", "role", "parts"),
        Format::Trl => ("prompt", "role", "content"),
        _ => return None,
    })
}
