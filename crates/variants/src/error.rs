//! What can go wrong.

/// Why nothing, or not everything, was reworded.
///
/// ```
/// let e = "magic".parse::<threadfold_variants::Rewriter>().unwrap_err();
/// assert!(e.to_string().contains("rules, mined, endpoint"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No rewriter has this name.
    #[error("no rewriter is called {0:?}; there are rules, mined, endpoint")]
    UnknownRewriter(String),
    /// The cache of an endpoint's answers cannot be read or written.
    #[error("{path}: {source}")]
    Cache {
        /// The cache file.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The endpoint cannot be used at all: a wrong address, or a refusal that no second try will change.
    #[error("endpoint: {0}")]
    Endpoint(String),
}
