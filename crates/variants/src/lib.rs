//! Reworded questions that keep the meaning, and honest refusals.
#![forbid(unsafe_code)]

mod draft;
mod grammar;
mod guard;
mod invert;
mod language;
mod lexicon;
mod lm;
mod near;
mod rules;
mod text;
mod thesaurus;

pub use guard::{Breach, check};
pub use rules::{Rules, Variant};
