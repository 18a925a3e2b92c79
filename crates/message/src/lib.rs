//! One message's bytes in, its envelope or its text out. Nothing here ever looks at a second message.
//!
//! - [`HeadReader`] reads a header block, and nothing behind it, into an envelope: ids, date, author,
//!   recipients, subject and the [hints](threadfold_core::Hints) that say what kind of mail it is.
//! - [`BodyReader`] reads the text: it finds the parts of a MIME message (RFC 2045–2049), undoes transfer
//!   encodings, charsets and `format=flowed` (RFC 3676), and never decodes an attachment.
//! - The pieces they are made of are public too: [`addresses`], [`message_ids`], [`decode_words`],
//!   [`parse_date`], [`folder_hints`].
//!
//! Real mail is damaged in known ways. Everything here yields a value and says what was wrong; nothing
//! fails as a whole, nothing panics, and nothing costs more than linear time.
//!
//! ```
//! let mail = b"From: Ada <ada@example.com>\nSubject: =?utf-8?q?caf=C3=A9?=\n\nHello\n";
//! let mut heads = threadfold_message::HeadReader::default();
//! let head = heads.read(mail, &threadfold_message::Place::default());
//! assert_eq!((head.envelope().from, head.envelope().subject), ("ada@example.com", "café"));
//! let body = threadfold_message::BodyReader::default().read(mail);
//! assert_eq!(body.text(), "Hello");
//! ```
#![forbid(unsafe_code)]

mod address;
mod author;
mod auto;
mod body;
mod charset;
mod content;
mod date;
mod defect;
mod ends;
mod fields;
mod flowed;
mod folder;
mod found;
mod head;
mod hints;
mod ids;
mod parts;
mod phrases;
mod plain;
mod recent;
mod transfer;
mod words;

pub use address::{Address, addresses};
pub use auto::{is_auto_reply_by_words, is_auto_reply_text};
pub use body::{Attachment, Body, BodyReader, Choice, Undo};
pub use date::parse_date;
pub use defect::Defect;
pub use fields::{head_and_body, header, header_values, headers};
pub use folder::folder_hints;
pub use head::{Head, HeadReader, Place};
pub use ids::{id_hash, message_ids};
pub use words::decode_words;
