//! The nouns that threadfold's crates share.
//!
//! This crate is the bottom of the house: every other crate may depend on it and it depends on none
//! of them. It holds plain values and the few functions that give such a value its one true spelling
//! (a locator's text form, an RFC 3339 time); anything that decides something lives elsewhere.
//!
//! - [`Locator`]: where a message stands, printable and stable.
//! - [`Envelope`] and [`Envelopes`]: what is kept of each message after the first pass, a fixed size
//!   each plus interned strings.
//! - [`Passing`]: a large vector that does not last.
//! - [`Turn`] and [`Example`]: the canonical record that every output format renders from.
//! - [`Fate`], [`DropReason`], [`FailReason`] and [`LedgerEntry`]: the account of every message read.
#![forbid(unsafe_code)]

pub mod eight;
mod envelope;
mod example;
mod intern;
mod ledger;
mod lists;
mod locator;
mod passing;
mod place;
mod squeeze;
mod time;
pub mod wide;

pub use envelope::{Envelope, Envelopes, Hints, IdHash, NewEnvelope};
pub use example::{Example, Flag, Role, Turn};
pub use intern::{Interner, Symbol, hash_bytes};
pub use ledger::{DropReason, FailReason, Fate, LedgerEntry};
pub use locator::{Locator, SourceId};
pub use passing::Passing;
pub use squeeze::{push_lower, squeeze};
pub use time::{format_rfc3339, from_civil};
