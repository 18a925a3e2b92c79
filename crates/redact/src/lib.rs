#![forbid(unsafe_code)]
//! Personal data out of support mail.
mod audit;
mod detect;
mod fold;
mod keep;
mod kind;
mod lexicon;
mod ner;
mod people;
mod placeholder;
mod redactor;
mod token;
mod view;

pub use audit::{Audit, Leak, Scanner};
pub use keep::{Keep, KeepFacts, Kept, Reason};
pub use kind::{Person, Redacted, Side, Span, Type, Types};
pub use ner::Ner;
pub use redactor::{Options, Redactor, ThreadRedactor, infer_side};
