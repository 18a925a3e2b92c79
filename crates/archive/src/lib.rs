//! Finds messages in paths: gives their bytes and says where they stand.
//!
//! [`Archive::open`] walks files and folders in a fixed order and recognises, by their bytes, mbox files of
//! every dialect, MMDF, Maildirs, `.eml` and `.emlx` files, Apple Mail's `.mbox` packages, Thunderbird
//! profiles, and `.gz`, `.zst`, `.tar` and `.zip` archives of all these. [`Archive::units`] cuts the whole
//! into pieces of work, [`Archive::scan`] visits the messages that start in a piece, and [`Archive::read`]
//! finds one again by its [`Locator`].
//!
//! ```
//! use threadfold_archive::{Archive, Found, Options};
//!
//! let mbox = b"From ada@example.com Mon Jan  1 10:00:00 2024\nFrom: ada@example.com\n\nHello\n\n\
//!              From bob@example.org Mon Jan  1 11:00:00 2024\nFrom: bob@example.org\n\nHello too\n";
//! let archive = Archive::open_with(&["-".into()], &Options::default(), &mut &mbox[..])?;
//! let mut found = Vec::new();
//! for unit in archive.units(8 << 20) {
//!     archive.scan(&unit, &mut |f| {
//!         if let Found::Message(raw) = f {
//!             found.push(raw.locator);
//!         }
//!     });
//! }
//! let mut scratch = Vec::new();
//! assert_eq!(found.len(), 2);
//! assert_eq!(archive.read(found[1], &mut scratch)?.bytes, b"From: bob@example.org\n\nHello too\n");
//! # Ok::<(), threadfold_archive::Error>(())
//! ```
//!
//! # What counts as a message
//!
//! In an mbox, a line that starts with `From ` is a separator if enough speaks for it: a time stamp, a sender,
//! header lines after it, a blank line before it. Prose is not split; bare `From ` lines, missing blank lines
//! and missing times are. A `Content-Length` is believed only where it leads exactly to the next separator
//! or the end. A separator inside an open multipart belongs to an attached mailbox. Doubtful decisions are
//! counted as [`Defects`]. A file in UTF-16 or with CR alone as its line end is refused.
//!
//! # Memory
//!
//! Files are mapped, never read whole; message files (Maildir, `.eml`) are read one at a time when asked for,
//! and cost a name each. Compressed data is decompressed once, into a temporary file without a name.
//! Sources that go by `Content-Length` cost eight bytes a message on top.
//!
//! # Hostile archives
//!
//! Nothing is written under a member's name. Expansion, the number of members and nesting are bounded by
//! [`Options`]; names that lead outside, encrypted members and links are refused; a folder is walked once
//! however many links lead to it.
#![deny(unsafe_code)]

mod archive;
mod defect;
mod error;
mod folder;
mod map;
mod multipart;
mod open;
mod options;
mod profile;
mod raw;
mod separator;
mod sniff;
mod source;
mod split;
mod unpack;
mod walk;

pub use archive::{Archive, ScanReport, Scanned, Unit};
pub use defect::{Defect, DefectKind, Defects};
pub use error::{Error, ErrorKind, Failure};
pub use map::outlive_truncation;
pub use open::private_file;
pub use options::{Options, Stop};
pub use raw::{Found, Raw, unescape};
pub use source::{Dialect, Escape, Kind, LineEnds, MaildirFlags, SeparatorStyle, Source};
pub use threadfold_core::{Locator, SourceId};
pub use walk::Skipped;
