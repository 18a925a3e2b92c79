//! Turns to examples, examples to files.
//!
//! The crate stands between the pipeline's turns and the trainers' formats, and reads in that order:
//!
//! 1. [`fold`]: one conversation's pieces become turns, and turns become [`Example`]s; every piece gets
//!    its fate. [`is_acknowledgement_only`], [`detect_language`] and [`estimate_tokens`] fill in what an
//!    example says about itself.
//! 2. [`Filter`] and [`Deduper`]: which examples stay. Both look at one example at a time.
//! 3. [`SplitPlan`]: which groups of examples are kept for validation. Groups, never rows.
//! 4. [`Format`]: one table, [`FORMATS`], says how each format is written, read and told from the others;
//!    [`read_examples`] and [`convert`] work for all of them.
//! 5. [`validate`]: what is wrong with a file of any of them, row by row, and for which of the [`TRAINERS`].
//! 6. [`recipe`]: how to train on it.
//! 7. [`Stats`] and [`TokenCounter`]: what the report says about the examples.
//!
//! Nothing here knows where mail came from: a piece carries its locator as text. Memory does not grow
//! with the number of examples, except for the set of hashes in [`Deduper`] and the groups of a
//! [`SplitPlan`].
//!
//! ```
//! use threadfold_core::Role;
//! use threadfold_dataset::{FoldOptions, Format, Piece, RenderOptions, fold};
//!
//! let says = |message, role, text: &str| Piece {
//!     message,
//!     role,
//!     author: "Kim".into(),
//!     date: Some(1_709_284_320),
//!     message_id: None,
//!     recovered: false,
//!     text: text.into(),
//!     locator: format!("inbox.mbox:{message}+1"),
//!     flags: vec![],
//! };
//! let folded = fold(
//!     "<first@example.com>",
//!     vec![
//!         says(0, Role::Customer, "Do you ship to Norway?"),
//!         says(1, Role::Agent, "Yes, within five days."),
//!         says(2, Role::Customer, "Thanks!"),
//!     ],
//!     &FoldOptions::default(),
//! );
//! assert_eq!(folded.examples.len(), 1);
//! assert_eq!(folded.fates.len(), 3);
//!
//! let mut line = Vec::new();
//! Format::Messages.render(&folded.examples[0], &RenderOptions::default(), &mut line);
//! assert_eq!(
//!     String::from_utf8_lossy(&line),
//!     "{\"messages\":[{\"role\":\"user\",\"content\":\"Do you ship to Norway?\"},\
//!      {\"role\":\"assistant\",\"content\":\"Yes, within five days.\"}]}\n"
//! );
//! ```
#![forbid(unsafe_code)]

mod acknowledge;
mod convert;
mod count;
mod dedupe;
mod error;
mod filter;
mod fold;
mod format;
mod id;
mod language;
#[cfg(feature = "parquet")]
mod parquet;
mod recipe;
mod split;
mod stats;
mod tokens;
mod validate;

pub use acknowledge::is_acknowledgement_only;
pub use convert::{ConvertOptions, ConvertReport, convert};
pub use count::{TokenCounter, TokenReport, recommended_epochs};
pub use dedupe::{Deduper, Seen};
pub use error::{Error, Problem, ReadError};
pub use filter::{Filter, FilterReason};
pub use fold::{
    Conversation, Examples, FoldOptions, Folded, Made, Piece, TokenLimit, fold, fold_into, fold_turns,
};
pub use format::json::write_line as write_json_line;
pub use format::scout::{DEFAULT_SEPARATOR, DEFAULT_STOP, Delimiters, SeparatorScout, infer_delimiters};
pub use format::{
    Carried, CsvDelimiter, ExampleReader, FORMATS, Format, FormatInfo, Learns, Limits, ReadOptions,
    RenderOptions, Roles, dataset_info, read_examples, read_examples_with, sniff,
};
pub use id::{example_id, group_key, thread_id};
pub use language::detect_language;
#[cfg(feature = "parquet")]
pub use parquet::{canonical_to_parquet, parquet_to_canonical};
pub use recipe::{RecipeFiles, RecipeFor, recipe};
pub use split::SplitPlan;
pub use stats::{Distribution, Stats};
pub use threadfold_core::{DropReason, Example, Flag, Role, Turn};
pub use tokens::estimate_tokens;
pub use validate::{
    Finding, PersonalData, Questions, RULES, Rule, RuleCount, Severity, TRAINERS, Trainer, ValidateOptions,
    Verdict, validate,
};
