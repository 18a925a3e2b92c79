//! What can go wrong, said in one line.

use std::io;

/// Why a path, a member or a message could not be read: which one, where in it, and what to do.
///
/// ```
/// use threadfold_archive::{Archive, Options};
/// let err = Archive::open(&["no/such.mbox".into()], &Options::default()).unwrap_err();
/// assert!(err.to_string().starts_with("no/such.mbox: cannot be read: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{name}{}: {kind}", Place(*.offset))]
pub struct Error {
    /// The file or member, named as in [`crate::Source::name`].
    pub name: String,
    /// The byte offset in it, where one applies.
    pub offset: Option<u64>,
    /// What is wrong.
    pub kind: ErrorKind,
}

struct Place(Option<u64>);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(at) => write!(f, ", byte {at}"),
            None => Ok(()),
        }
    }
}

/// The kinds of [`Error`].
///
/// ```
/// use threadfold_archive::ErrorKind;
/// assert!(ErrorKind::Encrypted.to_string().contains("without a password"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Io(#[source] io::Error),
    /// Unpacked data could not be written.
    #[error("cannot be unpacked into {dir}: {source}; free some space there or choose another folder")]
    Spill {
        /// The folder for temporary files.
        dir: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A given file of no bytes.
    #[error("empty file")]
    Empty,
    /// A given path in which nothing is mail.
    #[error(
        "no mail found{detail}; looked for mbox and MMDF files, Maildirs, .eml and .emlx files, and \
         .zip, .tar, .gz and .zst archives of them"
    )]
    NoMail {
        /// What was found instead, ready to be appended.
        detail: String,
    },
    /// A given file that is something else.
    #[error("is not mail: {0}")]
    NotMail(String),
    /// The file is in UTF-16.
    #[error("is text in UTF-16, mail is expected in bytes; convert it first (iconv -f UTF-16 -t UTF-8)")]
    Utf16,
    /// Lines end in CR alone.
    #[error("lines end in CR alone, LF or CRLF is expected; convert it first (tr '\\r' '\\n')")]
    CrOnly,
    /// A container that cannot be unpacked (further).
    #[error("damaged or incomplete {format}: {reason}; fetch or export it again")]
    Damaged {
        /// The container's format, such as `gzip`.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// A member that needs a password.
    #[error("encrypted, cannot be read without a password; unpack it first and give the files")]
    Encrypted,
    /// Members of one archive that have the same name; only the last of each can be read.
    #[error("holds several members of the same name, of which only the last was read; unpack it first")]
    SameNames,
    /// A member whose name leads out of its container.
    #[error("refused: the member's name points outside its archive")]
    PointsOutside,
    /// One of the bounds of [`crate::Options`].
    #[error(
        "refused: {what} (limit {limit}); unpack it first and give the files, or raise the limit {option}"
    )]
    Limit {
        /// What went over the limit.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// The field of [`crate::Options`] that holds it.
        option: &'static str,
    },
    /// A file that other programs wrote to while it was read.
    #[error("{0} while it was read; copy it first and give the copy")]
    Changed(&'static str),
    /// A file that other programs added to while it was read.
    #[error(
        "grew by {0} bytes while it was read: they are left out, and its last message may lack its end; \
         give a copy, or run again when nothing is delivered"
    )]
    Grew(u64),
    /// [`crate::Options::stop`] said so.
    #[error("not read to its end: asked to stop")]
    Stopped,
    /// A locator that is not from this archive, or whose file has changed since.
    #[error("no message there: the locator is not from this archive, or the file has changed since")]
    NoSuchMessage,
}

impl ErrorKind {
    pub(crate) fn of(self, name: impl Into<String>) -> Error {
        Error { name: name.into(), offset: None, kind: self }
    }

    pub(crate) fn at(self, name: impl Into<String>, offset: u64) -> Error {
        Error { name: name.into(), offset: Some(offset), kind: self }
    }
}

impl From<io::Error> for ErrorKind {
    fn from(e: io::Error) -> Self {
        ErrorKind::Io(e)
    }
}

/// A file or member that could not be read at all, beside others that could.
///
/// ```
/// use threadfold_archive::Failure;
/// let f = Failure { name: "mail.zip!/secret.mbox".into(), offset: None, reason: "encrypted".into() };
/// assert_eq!(f.to_string(), "mail.zip!/secret.mbox: encrypted");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}{}: {reason}", Place(*.offset))]
pub struct Failure {
    /// The file or member, named as in [`crate::Source::name`].
    pub name: String,
    /// The byte offset in it, where one applies.
    pub offset: Option<u64>,
    /// Why, in one line.
    pub reason: String,
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        Failure { name: e.name, offset: e.offset, reason: e.kind.to_string() }
    }
}
