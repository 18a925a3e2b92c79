#![forbid(unsafe_code)]
//! Personal data out of support mail, with the participants known and the business's own facts kept.
//!
//! Customers' data must not end up in a model; the shop's own telephone number, hours and address must stay,
//! since they are the answers. A [`Redactor`] is built once; each thread gets a [`ThreadRedactor`], which
//! [learns](ThreadRedactor::learn) from all turns first and then [redacts](ThreadRedactor::redact) each.
//!
//! How values are found: the text is cut into words and numbers in one pass, each word is looked up by its
//! hash, and rules start only where an anchor stands: an `@`, a `://`, a digit, a listed word, a word of a
//! participant's name. Checksums promote a number and never veto one that a word announces, since customers
//! mistype too. No regular expression runs.
//!
//! - [`Keep`] and [`KeepFacts`]: what stays, and why.
//! - [`Known`]: what was found anywhere goes everywhere.
//! - [`Audit`]: looks through the output for what was redacted, by a separate path.
//! - [`Ner`]: a place for a model of named entities, unused unless given.
//!
//! Nothing here prints, logs or returns a value that was found, except inside the texts given back.
//!
//! ```
//! use threadfold_redact::{Options, Person, Redactor, Side};
//! let redactor = Redactor::new(Options::default());
//! let people = [Person { name: "Marta Lindqvist", email: "marta@example.com", side: Side::Customer }];
//! let mut thread = redactor.thread(&people);
//! let text = "Order HP-204418: please call me on (503) 555-0142. Marta";
//! thread.learn(text, Side::Customer);
//! let out = thread.redact(text, Side::Customer);
//! assert_eq!(out.text, "Order [ORDER_ID_1]: please call me on [PHONE_1]. [CUSTOMER_NAME_1]");
//! assert_eq!((out.spans[0].start, out.spans[0].end), (6, 15));
//! ```
mod audit;
mod detect;
mod east;
mod fold;
mod keep;
mod kind;
mod known;
mod last_look;
mod lexicon;
mod ner;
mod ours;
mod people;
mod placeholder;
mod reading;
mod redactor;
mod settle;
mod token;
mod view;

pub use audit::{Audit, Leak, Scanner};
pub use keep::{Keep, KeepFacts, Kept, Reason, Turn, fingerprint};
pub use kind::{Person, Redacted, Side, Span, Type, Types};
pub use known::{Known, ordinary_word};
pub use ner::Ner;
pub use reading::Findings;
pub use redactor::{Options, Redactor, ThreadRedactor};
