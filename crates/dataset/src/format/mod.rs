//! The formats: one table, and what works for every row of it.
//!
//! A format is a row of [`FORMATS`] and a module with one function that renders an example and, for
//! formats of one JSON object a line, one that parses a line. Everything else (reading, telling formats
//! apart, converting, saying what is lost) goes by the table.

use threadfold_core::{Example, Role};

use crate::error::{Error, Problem};

mod alpaca;
mod arc;
mod bedrock;
mod canonical;
mod chat;
pub(crate) mod csv;
pub(crate) mod csv_lexer;
mod gemini;
pub(crate) mod input;
pub(crate) mod json;
mod messages;
mod preference;
mod prompt_completion;
mod reader;
mod retrieval;
pub(crate) mod scout;
mod sharegpt;
mod sniff;
mod table;

pub(crate) use bedrock::{reserved_word, respelled};
pub(crate) use reader::{Edit, Record, RecordReader};
pub use reader::{ExampleReader, read_examples, read_examples_with};
pub(crate) use scout::Delimiters;
pub use sharegpt::dataset_info;
pub use sniff::sniff;
pub use table::FORMATS;

/// A format of dataset files.
///
/// ```
/// use threadfold_dataset::Format;
/// assert_eq!(Format::from_name("messages").unwrap(), Format::Messages);
/// assert_eq!(Format::Messages.info().suffix, ".messages.jsonl");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// The canonical record, nothing lost: one [`Example`] a line as JSON.
    Canonical,
    /// A spreadsheet: `prompt`, `completion`, and columns that bring an edited row back.
    Csv,
    /// Chat JSONL: `{"messages":[{"role","content"}…]}`.
    Messages,
    /// Legacy JSONL: `{"prompt","completion"}` with a separator and a stop text.
    PromptCompletion,
    /// Prompt and completion as lists of messages, for TRL: `{"prompt":[…],"completion":[…]}`.
    Trl,
    /// Chat messages that say of each whether it is learned, for Axolotl.
    Axolotl,
    /// Chat messages in a folder `mlx`, named as MLX-LM wants them.
    Mlx,
    /// `{"instruction","input","output","system","history"}`.
    Alpaca,
    /// `{"conversations":[{"from","value"}…]}`, with LLaMA-Factory's `dataset_info.json`.
    ShareGpt,
    /// Gemini on Vertex AI: `{"systemInstruction","contents":[{"role","parts"}…]}`.
    Gemini,
    /// Amazon Nova on Bedrock.
    BedrockNova,
    /// Llama 3.2 and later on Bedrock.
    BedrockLlama,
    /// Claude 3 Haiku on Bedrock.
    BedrockClaude,
    /// Preference pairs for TRL: `{"prompt","chosen","rejected"}`.
    Dpo,
    /// Preference pairs for OpenAI, Azure, Together and Fireworks: `{"input","preferred_output",
    /// "non_preferred_output"}`.
    DpoOpenAi,
    /// Question, answer, source and date, for retrieval.
    Rag,
    /// `{"text"}`: the whole conversation as one text.
    Text,
}

/// What the table says about a format.
///
/// ```
/// for info in threadfold_dataset::FORMATS {
///     assert_eq!(info.format.info().name, info.name);
/// }
/// ```
#[derive(Debug)]
pub struct FormatInfo {
    /// The format.
    pub format: Format,
    /// The name users give it.
    pub name: &'static str,
    /// Other names that mean it.
    pub aliases: &'static [&'static str],
    /// What follows `train`, `valid` or `dataset` in a file's name.
    pub suffix: &'static str,
    /// The folder in the dataset's folder where its files stand, for trainers that want one of their own.
    pub folder: Option<&'static str>,
    /// One line for help texts.
    pub about: &'static str,
    /// The fields or columns of a row, in order.
    pub fields: &'static [&'static str],
    /// How it names who speaks.
    pub roles: Roles,
    /// What its best-known consumer refuses.
    pub limits: Limits,
    /// Words that must not occur in a text, because a consumer takes them for markup.
    pub reserved: &'static [&'static str],
    /// Which tokens its trainers learn from.
    pub learns: Learns,
    /// The same in words, with who does otherwise.
    pub learns_note: &'static str,
    /// What of an example survives in it; texts, roles and their order always do.
    pub keeps: &'static [Carried],
    pub(crate) codec: Codec,
}

/// How a format names who speaks.
///
/// ```
/// assert_eq!(threadfold_dataset::Format::Messages.info().roles.customer, "user");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// The customer.
    pub customer: &'static str,
    /// The agent.
    pub agent: &'static str,
    /// Where a system text goes; none if it has no place.
    pub system: Option<&'static str>,
}

/// What a format's best-known consumer refuses; none where it names no limit.
///
/// ```
/// assert_eq!(threadfold_dataset::Format::Messages.info().limits.min_examples, Some(10));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Fewer examples are refused.
    pub min_examples: Option<u64>,
    /// More examples are refused.
    pub max_examples: Option<u64>,
    /// Characters (UTF-16 units) that one cell or text may have.
    pub max_text: Option<u64>,
}

/// Which tokens a trainer learns from.
///
/// ```
/// use threadfold_dataset::{Format, Learns};
/// assert_eq!(Format::PromptCompletion.info().learns, Learns::LastReply);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learns {
    /// Not read by trainers.
    Nothing,
    /// The completion only.
    LastReply,
    /// Every reply of an agent, those in the prompt included.
    EveryReply,
    /// Every token, the customer's included.
    EveryToken,
    /// The last reply as it is, over the one that failed.
    Preference,
}

/// What an example carries besides roles and texts.
///
/// ```
/// use threadfold_dataset::{Carried, Format};
/// assert!(Format::Csv.info().keeps.contains(&Carried::Author));
/// assert!(!Format::Messages.info().keeps.contains(&Carried::Author));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// An id that is not the one its content gives; that one can always be computed again.
    Id,
    /// Which examples are of one thread.
    Thread,
    /// Where one turn ends and the next of the same side begins.
    TurnBorders,
    /// Authors.
    Author,
    /// Dates.
    Date,
    /// Message-IDs.
    MessageId,
    /// Which turns were recovered from quotations.
    Recovered,
    /// The language.
    Language,
    /// The number of tokens; an estimate can always be made again.
    Tokens,
    /// Which example this one rewords.
    VariantOf,
    /// Where the messages stand.
    Locators,
    /// Flags.
    Flags,
    /// The system text.
    System,
}

impl Carried {
    /// All of them, in order.
    pub const ALL: &'static [Carried] = &[
        Carried::Id,
        Carried::Thread,
        Carried::TurnBorders,
        Carried::Author,
        Carried::Date,
        Carried::MessageId,
        Carried::Recovered,
        Carried::Language,
        Carried::Tokens,
        Carried::VariantOf,
        Carried::Locators,
        Carried::Flags,
        Carried::System,
    ];
}

/// How a format is written and read.
#[derive(Debug)]
pub(crate) struct Codec {
    pub(crate) header: fn(&RenderOptions, &mut Vec<u8>),
    pub(crate) render: fn(&Example, &RenderOptions, &mut Vec<u8>),
    pub(crate) rows: Rows,
}

/// The kind of a JSON value, as far as formats differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Text,
    List,
    Object,
}

/// How rows are told apart and parsed.
#[derive(Debug)]
pub(crate) enum Rows {
    /// One JSON object a line. A line is of this format when its object has all these keys, with values of
    /// these kinds.
    JsonLines {
        keys: &'static [(&'static str, Kind)],
        parse: fn(&[u8], &ReadOptions) -> Result<Record, Problem>,
    },
    /// Cells with a header.
    Csv,
}

impl Format {
    /// The format's row of [`FORMATS`].
    pub fn info(self) -> &'static FormatInfo {
        // The enum and the table are written in one order; a test holds them to it.
        &FORMATS[self as usize]
    }

    /// The name users give it.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The format of that name or alias; `-` and `_` are the same, letter case does not matter.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`], which lists the names there are.
    pub fn from_name(name: &str) -> Result<Format, Error> {
        let plain = |n: &str| n.trim().to_ascii_lowercase().replace('-', "_");
        let wanted = plain(name);
        FORMATS
            .iter()
            .find(|info| std::iter::once(&info.name).chain(info.aliases).any(|known| plain(known) == wanted))
            .map(|info| info.format)
            .ok_or_else(|| Error::UnknownFormat {
                name: name.to_owned(),
                known: FORMATS.iter().map(|info| info.name).collect::<Vec<_>>().join(", "),
            })
    }

    /// Appends what a file of this format starts with: the header row of a spreadsheet, else nothing.
    pub fn header(self, options: &RenderOptions, out: &mut Vec<u8>) {
        (self.info().codec.header)(options, out);
    }

    /// The name of a file of this format, with the folder it stands in: `train.messages.jsonl`,
    /// `mlx/valid.jsonl`. The part is `train`, `valid`, `test` or `dataset`.
    ///
    /// ```
    /// use threadfold_dataset::Format;
    /// assert_eq!(Format::Mlx.file_name("train"), "mlx/train.jsonl");
    /// ```
    pub fn file_name(self, part: &str) -> String {
        let FormatInfo { folder, suffix, .. } = self.info();
        match folder {
            Some(folder) => format!("{folder}/{part}{suffix}"),
            None => format!("{part}{suffix}"),
        }
    }

    /// The text as files of this format hold it: with a space before the last character of each word that is
    /// [reserved](FormatInfo::reserved), else as it is.
    ///
    /// ```
    /// use threadfold_dataset::Format;
    /// assert_eq!(Format::BedrockNova.respelled("Operating System: Linux"), "Operating System : Linux");
    /// assert_eq!(Format::Messages.respelled("Operating System: Linux"), "Operating System: Linux");
    /// ```
    pub fn respelled<'a>(self, text: &'a str) -> std::borrow::Cow<'a, str> {
        bedrock::respelled(text, self.info().reserved)
    }

    /// Whether every example has a row in it. Preference pairs are made only of examples whose customer said
    /// that a first answer had failed.
    pub fn holds_every_example(self) -> bool {
        !matches!(self, Format::Dpo | Format::DpoOpenAi)
    }

    /// Appends one example with its line end; nothing for an example that has no row in this format, see
    /// [`Format::holds_every_example`].
    pub fn render(self, example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
        (self.info().codec.render)(example, options, out);
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for Format {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl std::str::FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Format, Error> {
        Format::from_name(name)
    }
}

/// How to render. Each format looks at what concerns it.
///
/// ```
/// let options = threadfold_dataset::RenderOptions { system: Some("Be kind.".into()), ..Default::default() };
/// assert_eq!(options.separator, threadfold_dataset::DEFAULT_SEPARATOR);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    /// A system text for every example, in formats that have a place for one ([`Roles::system`]).
    pub system: Option<String>,
    /// What ends a legacy prompt.
    pub separator: String,
    /// What ends a legacy completion.
    pub stop: String,
    /// In chat messages: weight 0 for every reply but the last, which gets weight 1. Off by default, since
    /// not every consumer knows the field.
    pub last_reply_only: bool,
    /// What stands between the cells of a spreadsheet.
    pub csv_delimiter: CsvDelimiter,
    /// Whether a spreadsheet starts with a byte order mark. Excel takes a file without one for the local
    /// eight-bit charset and garbles every accent; programs that read CSV strictly see the mark as part of
    /// the first column's name. On by default, since spreadsheets are what it is for; reading accepts both.
    pub csv_byte_order_mark: bool,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions {
            system: None,
            separator: scout::DEFAULT_SEPARATOR.to_owned(),
            stop: scout::DEFAULT_STOP.to_owned(),
            last_reply_only: false,
            csv_delimiter: CsvDelimiter::Comma,
            csv_byte_order_mark: true,
        }
    }
}

/// What stands between the cells of a spreadsheet.
///
/// ```
/// assert_eq!(threadfold_dataset::CsvDelimiter::default(), threadfold_dataset::CsvDelimiter::Comma);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CsvDelimiter {
    /// As RFC 4180 has it.
    #[default]
    Comma,
    /// As spreadsheet programs want it where the comma is the decimal mark.
    Semicolon,
    /// A tab.
    Tab,
}

/// How to read.
///
/// ```
/// let options = threadfold_dataset::ReadOptions { stop: Some(" END".into()), ..Default::default() };
/// assert!(options.separator.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// What ends every legacy prompt; a row without it is an error. When not given, the default is taken
    /// off where it stands.
    pub separator: Option<String>,
    /// What ends every legacy completion; as above.
    pub stop: Option<String>,
}

/// The prompt as one readable text, as spreadsheets have it.
#[cfg(feature = "parquet")]
pub(crate) fn prompt_text(example: &Example) -> String {
    let mut prompt = String::new();
    arc::write(example.prompt(), None, &mut prompt);
    prompt
}

/// What every reader checks before it hands an example out.
pub(crate) fn check_shape(example: &Example) -> Result<(), Problem> {
    match example.turns.as_slice() {
        [] | [_] => Err(Problem::Missing { what: "a customer's turn and an agent's answer" }),
        [first, .., last] => {
            if first.role != Role::Customer {
                return Err(Problem::Unexpected {
                    expected: "the first turn to be a customer's",
                    found: "an agent's".into(),
                });
            }
            if last.role != Role::Agent {
                return Err(Problem::Unexpected {
                    expected: "the last turn to be an agent's",
                    found: "a customer's".into(),
                });
            }
            if example.turns.iter().all(|turn| turn.role == Role::Agent || turn.text.trim().is_empty()) {
                return Err(Problem::Missing { what: "a customer's words" });
            }
            if last.text.trim().is_empty() {
                return Err(Problem::Missing { what: "words in the agent's answer" });
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum_and_its_names_are_unique() {
        let mut names = std::collections::BTreeSet::new();
        for (i, info) in FORMATS.iter().enumerate() {
            assert_eq!(info.format as usize, i);
            for name in std::iter::once(&info.name).chain(info.aliases) {
                assert!(names.insert(name.replace('-', "_")) || name.contains('-'), "{name}");
                assert_eq!(Format::from_name(name).unwrap(), info.format);
            }
            assert_eq!(info.roles.system.is_some(), info.keeps.contains(&Carried::System));
        }
    }
}
