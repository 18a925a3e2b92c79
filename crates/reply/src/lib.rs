//! What the author of a mail newly wrote.
//!
//! A mail's body holds, besides the words its author has just written, the history (quoted in a dozen
//! dialects), forwarded messages, signatures, what phones and mail programs add, legal text and warnings of
//! gateways. [`extract`] tells them apart on a model of rows and blocks: every row is looked at once, the
//! blocks found carry their [`Kind`] and the rule that saw them, and everything that is not removed is kept as
//! it stands, in its order. Where the evidence is weak or two rules disagree, [`Reply::uncertain`] says so.
//!
//! Default policy: signatures go; quoted lines go and the answers between them stay; a forwarded message goes
//! if its forwarder wrote something above it, and is what was said (without its marker and header lines,
//! `uncertain`) if not. Of a website's form the visitor's message stays, of a help desk's notification the newest
//! comment.
#![forbid(unsafe_code)]

pub mod attribution;
mod clues;
mod dates;
mod delimiters;
mod desk;
mod facts;
mod fates;
mod footers;
mod forms;
mod headers;
mod history;
mod html;
mod kept;
mod known;
mod lines;
mod looks;
mod phrases;
mod pool;
mod quoted;
mod remembered;
mod reply;
mod shingles;
mod signature;
mod spoken;
mod tree;

pub use fates::Kind;
pub use known::{Known, TailLearner, Tails};
pub use quoted::{Quoted, quoted_messages};
pub use reply::{Body, ForwardAlone, Options, Removed, Reply, extract, extract_words};
