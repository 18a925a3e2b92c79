//! A mailbox dump in, a fine-tuning dataset its owner can trust out, and an account of every message.
//!
//! ```no_run
//! # fn main() -> Result<(), threadfold::Error> {
//! use threadfold::Pipeline;
//! let summary = Pipeline::new().input("inbox.mbox").export("dataset")?;
//! println!("{} examples from {} messages", summary.examples, summary.counts.read);
//! # Ok(()) }
//! ```
//!
//! This crate is the façade: [`Pipeline`] says what to read and how, [`Mailbox`] is an archive that has
//! been read once (envelopes, threads, who answers), and an export reads the bodies that matter and writes
//! the folder. The stages are crates of their own, re-exported here, and usable alone:
//!
//! | module | job |
//! |---|---|
//! | [`archive`] | find messages in paths; give bytes and locators |
//! | [`message`] | envelope from a header block, text from a body |
//! | [`thread`] | envelopes to threads, and who answers |
//! | [`reply`] | what the author of a body newly wrote |
//! | [`redact`] | personal data out of texts |
//! | [`dataset`] | turns to examples, and the formats |
//! | [`variants`] | reworded questions, and honest refusals |
//! | [`insights`] | what customers keep asking, and whether the answers agree |
//!
//! Nothing here prints: progress goes to an [`Observer`].
#![forbid(unsafe_code)]

mod account;
mod answers;
mod audit;
mod augment;
mod check;
mod conversation;
mod detector;
mod error;
mod evidence;
mod export;
mod keys;
mod labels;
mod learned;
mod mailbox;
mod observer;
mod ordered;
mod orphans;
mod outputs;
mod pipeline;
mod plan;
mod privacy;
mod recover;
mod report;
mod staging;
mod survey;
mod tails;
mod text;
mod third;
mod vault;

pub use account::Counts;
pub use answers::Answers;
pub use audit::{Audit, Auditor, Finding};
pub use detector::PersonalDataDetector;
pub use error::Error;
pub use export::Summary;
pub use learned::Learned;
pub use mailbox::Mailbox;
pub use observer::{Observer, Stage};
pub use pipeline::Pipeline;
pub use staging::NewFile;
pub use survey::{AgentLine, SourceKind, Survey, ThreadLine};
pub use vault::{Passphrase, VaultEntry, read_vault};

pub use threadfold_core::*;
pub use threadfold_dataset::{Examples as ExamplesMode, Format};
pub use threadfold_thread::Policy;

pub use threadfold_archive as archive;
pub use threadfold_dataset as dataset;
pub use threadfold_insights as insights;
pub use threadfold_message as message;
pub use threadfold_redact as redact;
pub use threadfold_reply as reply;
pub use threadfold_thread as thread;
pub use threadfold_variants as variants;
