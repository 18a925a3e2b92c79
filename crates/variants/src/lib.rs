//! Reworded questions that keep the meaning, and honest refusals.
//!
//! A fine-tuning set made of one shop's mail is small. This crate adds to it what can be trusted, and says of
//! each addition where it comes from:
//!
//! - [`Rules`] reword a question by frames ("how do I …", "could you tell me how to …"), word order,
//!   contractions and a thesaurus, ranked by a language model trained on the texts at hand.
//! - [`mine`] finds customers who got the same answer: one's wording fits the other's answer.
//! - an endpoint (feature `endpoint`) asks any chat model that speaks OpenAI's protocol.
//! - [`unknowns`] are questions about what the data shows to be absent, with an honest refusal.
//!
//! Whatever made it, a wording passes the guard ([`check`]): numbers, dates, names, placeholders, addresses,
//! negation and conditions are those of its source. Completions are never touched. [`vary`] applies all this
//! to a dataset: validation examples are left alone and the share of synthetic examples is capped;
//! [`families`] tells which examples must not be parted by a split.
//!
//! Measured on public support questions: doubling a set by rewording alone does not make a classifier better,
//! and augmenting *before* splitting fakes 16 to 26 points of accuracy. Hence families, cap and report.
#![forbid(unsafe_code)]

mod draft;
#[cfg(feature = "endpoint")]
mod endpoint;
mod error;
mod family;
mod gate;
mod grammar;
mod guard;
mod invert;
mod language;
mod lexicon;
mod lm;
mod mined;
mod near;
mod refusal;
mod risk;
mod rules;
mod text;
mod thesaurus;
mod vary;

#[cfg(feature = "endpoint")]
pub use endpoint::{Answers, Endpoint, Plan};
pub use error::Error;
pub use family::families;
pub use gate::Gate;
pub use guard::{Breach, check};
pub use mined::{Mined, mine};
pub use refusal::{DEFAULT_REFUSAL, UNSURE, is_refusal, unknowns};
pub use rules::{Rules, Variant};
pub use vary::{Evidence, Made, Options, Origin, Outcome, Report, Rewriter, asked, vary};
