//! The bounds within which an archive is opened.

use std::path::PathBuf;
use std::sync::Arc;

/// Bounds on unpacking, and where to unpack to.
///
/// All limits count for each file met on disk (or stdin) by itself, with everything nested inside it, so
/// that the outcome depends on no other file and on no order of work.
///
/// ```
/// use threadfold_archive::Options;
/// let options = Options { max_unpacked_bytes: 10 << 30, ..Options::default() };
/// assert_eq!(options.max_nesting, 8);
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// How many containers may stand inside each other: a zip in a `.tar.gz` is three (gzip, tar, zip).
    /// Default 8.
    pub max_nesting: u32,
    /// How many times larger than the file on disk everything unpacked from it may be, once more than
    /// [`Options::ratio_free_bytes`] came out. Real mail stays below 60. Default 250.
    pub max_expansion_ratio: u64,
    /// This many unpacked bytes are free of the ratio: a small file of repeated text is no bomb.
    /// Default 64 MiB.
    pub ratio_free_bytes: u64,
    /// How many bytes may be unpacked from one file on disk. Default 1 TiB.
    pub max_unpacked_bytes: u64,
    /// How many members, nested ones included, are looked at in one file on disk. Default 10 million.
    pub max_members: u64,
    /// How many folders may stand inside each other on disk. Default 128.
    pub max_depth: u32,
    /// Where unpacked members are spilled to, into files without a name that vanish with the process.
    /// Default: the system's folder for temporary files. Choose another where that is kept in memory.
    pub temp_dir: Option<PathBuf>,
    /// Asked now and then while something is unpacked; once it says true, opening ends with
    /// [`ErrorKind::Stopped`](crate::ErrorKind::Stopped).
    pub stop: Option<Stop>,
}

/// Whether somebody wants an archive's opening to end.
///
/// ```
/// use threadfold_archive::{Archive, ErrorKind, Options, Stop};
/// let options = Options { stop: Some(Stop::new(|| true)), ..Options::default() };
/// let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x73, 0x2b, 0xca, 0xcf, 0xb5, 0xe2, 2, 0];
/// let error = Archive::open_with(&["-".into()], &options, &mut &gzip[..]).unwrap_err();
/// assert!(matches!(error.kind, ErrorKind::Stopped));
/// ```
#[derive(Clone)]
pub struct Stop(Arc<dyn Fn() -> bool + Send + Sync>);

impl Stop {
    /// Asks a function, which may be called from any thread and often.
    pub fn new(asked: impl Fn() -> bool + Send + Sync + 'static) -> Stop {
        Stop(Arc::new(asked))
    }

    pub(crate) fn wanted(&self) -> bool {
        self.0()
    }
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stop")
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_nesting: 8,
            max_expansion_ratio: 250,
            ratio_free_bytes: 64 << 20,
            max_unpacked_bytes: 1 << 40,
            max_members: 10_000_000,
            max_depth: 128,
            temp_dir: None,
            stop: None,
        }
    }
}
