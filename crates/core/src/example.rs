//! Turns and examples: the canonical record.

use serde::{Deserialize, Serialize};

/// Which side of a conversation speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Whoever writes to the business.
    Customer,
    /// Whoever answers for the business.
    Agent,
}

/// What one author newly wrote in one message (or in consecutive messages of one side).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Which side speaks.
    pub role: Role,
    /// The author's name or address, as shown in the mail; a placeholder once redacted.
    pub author: String,
    /// RFC 3339, UTC. None where no date could be found.
    pub date: Option<String>,
    /// The Message-ID with angle brackets, if there is one.
    pub message_id: Option<String>,
    /// True when the turn's message is not in the archive and its text was taken from the quoted history
    /// of a later one.
    pub recovered: bool,
    /// The text, lines ended by `\n`, no line end at the end.
    pub text: String,
}

/// A conversation up to and including one agent turn. The last turn is the completion and all turns
/// before it are the prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Derived from the content: the same turns have the same id in every run and on every machine.
    pub id: String,
    /// Names the thread; examples of one thread never stand on both sides of a split.
    pub thread: String,
    /// At least two: the first is a customer's, the last an agent's.
    pub turns: Vec<Turn>,
    /// ISO 639-1 code of the language of the customer's words; none where they are too few to tell.
    pub language: Option<String>,
    /// Tokens in all turns; the report says by which count.
    pub tokens: u64,
    /// The example that this one rewords, for variants.
    pub variant_of: Option<String>,
    /// Where the messages of the turns stand, one or more for each message used.
    pub locators: Vec<String>,
    /// What a careful owner would want to look at before training.
    pub flags: Vec<Flag>,
}

impl Example {
    /// The completion: the text of the last turn.
    pub fn completion(&self) -> &str {
        self.turns.last().map_or("", |t| t.text.as_str())
    }

    /// The turns of the prompt: all but the last.
    pub fn prompt(&self) -> &[Turn] {
        &self.turns[..self.turns.len().saturating_sub(1)]
    }
}

/// Something about an example that its owner may want to look at. Flags never remove an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The completion only acknowledges ("I'll look into it") and answers nothing.
    AcknowledgementOnly,
    /// Rules disagreed about where the author's words end in one of the turns.
    UncertainReply,
    /// A turn was recovered from quoted history.
    RecoveredTurn,
    /// A turn's bytes could be decoded only with losses (unknown charset, broken encoding).
    DamagedText,
    /// A message of the thread has no usable date, so its place in the order is a guess.
    UncertainOrder,
    /// The conversation mentions an attachment that a reader of the text alone cannot see.
    AttachmentNeeded,
    /// Older turns of its conversation were left out, so that it is not too long.
    Shortened,
    /// Its answer states something that later answers to the same question state otherwise.
    StaleAnswer,
    /// Its answer contradicts others to the same question that were given at the same time.
    InconsistentAnswer,
}
