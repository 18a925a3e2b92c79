//! What can go wrong with a run as a whole. What goes wrong with one message is in the ledger instead.

use std::path::PathBuf;

/// Why a run could not be done.
///
/// ```
/// use threadfold::{Error, Pipeline};
/// let error = Pipeline::new().input("no/such/file.mbox").open().err();
/// assert!(matches!(error, Some(Error::Archive(_))));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A path holds no mail, or cannot be read.
    #[error(transparent)]
    Archive(threadfold_archive::Error),
    /// An address or domain given as agent occurs nowhere in the archive.
    #[error("--agent: {0}; check the spelling, or leave --agent out to have the business side found")]
    UnknownAgent(#[from] threadfold_thread::agents::Unknown),
    /// Nobody was told to be the agent and nobody could be found.
    #[error(
        "cannot tell who answers for the business: no address answers several strangers; say it with --agent ADDRESS_OR_DOMAIN"
    )]
    NoAgent,
    /// The output folder is there already.
    #[error("{0}: exists already; choose another folder, or --force to replace it")]
    OutputExists(PathBuf),
    /// The output path cannot be used as one.
    #[error("{path}: not written: {why}")]
    OutputRefused {
        /// The output path.
        path: PathBuf,
        /// What speaks against it.
        why: &'static str,
    },
    /// The output could not be written.
    #[error("{path}: cannot write: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file of our own making, or one given by the user, could not be read.
    #[error("{path}: cannot read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// An option has a value that makes no sense.
    #[error("{option}: {why}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A dataset could not be written or converted.
    #[error(transparent)]
    Dataset(#[from] threadfold_dataset::Error),
    /// The answers could not be compared.
    #[error(transparent)]
    Insights(#[from] threadfold_insights::Error),
    /// The leak audit found redacted data in what was about to be published. Never holds a value.
    #[error(
        "nothing was written: the leak audit found personal data left in {0}; if it is the business's own, name it with --keep, else please report the kind of text"
    )]
    Leak(String),
    /// The observer asked to stop. Nothing was left behind.
    #[error("stopped before the end; nothing was written")]
    Cancelled,
}

impl From<threadfold_archive::Error> for Error {
    fn from(e: threadfold_archive::Error) -> Error {
        match e.kind {
            threadfold_archive::ErrorKind::Stopped => Error::Cancelled,
            _ => Error::Archive(e),
        }
    }
}

impl Error {
    /// Wraps an I/O error of the output side.
    pub(crate) fn write(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::Write { path, source }
    }
}
