//! Messages to threads, by ranked evidence, and who answers in them.
//!
//! Input are [envelopes](threadfold_core::Envelopes): what pass 1 kept of each header block. No body is ever
//! read here; what only bodies know (fingerprints of their lines and of their whole text, ticket tokens) is
//! handed in as [`Evidence`]. Output is [`Threads`]: a forest over message numbers, with the rule that found
//! each link, and the same for the same messages in any order.
//!
//! Three [policies](Policy) exist. `references` trusts ids and nothing else, `rfc5256` is the REFERENCES
//! algorithm of RFC 5256 with its merge by base subject, and `support`, the default, is made for help-desk
//! mail, where most replies carry no usable ids and old mails get reused for new topics. From the strongest
//! evidence to the weakest it uses
//!
//! 1. the provider's own thread (`X-GM-THRID`),
//! 2. a help desk's ticket token in the subject, a plus address, or the text ([`subject::tickets`]),
//! 3. References and In-Reply-To, then Outlook's Thread-Index,
//! 4. quoted lines ([`QuoteIndex`]),
//! 5. the same customer and base subject within a window.
//!
//! Before two threads become one, vetoes apply: a new topic on an old reply, two different tickets, an
//! implausible gap on weak evidence. Membership is decided by union-find; the tree inside a thread is JWZ's.
//!
//! ```
//! use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
//! use threadfold_thread::{Evidence, Options, link};
//! let mut mail = Envelopes::default();
//! let at = |offset| Locator { source: SourceId(0), offset, len: 1 };
//! let question = NewEnvelope { id: 7, date: 100, from: "ada@example.com", subject: "Late parcel", ..Default::default() };
//! let answer = NewEnvelope { id: 8, date: 200, from: "shop@example.org", subject: "Re: Late parcel",
//!     references: &[7], ..Default::default() };
//! mail.push(at(0), &question);
//! mail.push(at(9), &answer);
//! let threads = link(&mail, &Evidence::default(), &Options::default());
//! assert_eq!(threads.len(), 1);
//! assert_eq!(threads.parent_of(1), Some(0));
//! assert_eq!(threads.link_of(1).as_str(), "references");
//! ```
#![forbid(unsafe_code)]

pub mod agents;
mod copies;
mod ids;
mod link;
mod order;
mod phrases;
mod policy;
mod quotes;
pub mod subject;
mod threads;
mod topic;
mod union;

pub use agents::Agents;
pub use copies::copies_wanting_content;
pub use link::{Evidence, link, quotes_wanted};
pub use order::Outline;
pub use policy::{Link, Options, Policy, UnknownPolicy};
pub use quotes::{QuoteIndex, QuoteIndexBuilder, line_hash};
pub use threads::{Notes, ThreadId, Threads};
