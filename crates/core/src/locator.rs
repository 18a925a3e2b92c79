//! Where a message stands.

/// One place that holds mail bytes, numbered in the fixed order in which the paths were walked: an mbox
/// file, a single message file, or such a member of a container. The archive crate knows its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// Where one message stands: source, byte offset of its first byte (the `From ` separator line's, in an
/// mbox) and length in bytes up to the next message, separator included.
///
/// Offsets count in the *decompressed* source, and are 64 bits wide: mailboxes beyond 4 GiB are ordinary.
///
/// ```
/// use threadfold_core::{Locator, SourceId};
/// let at = Locator { source: SourceId(0), offset: 1_048_576, len: 5_321 };
/// assert_eq!(at.display("inbox.mbox").to_string(), "inbox.mbox:1048576+5321");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator {
    /// The source that holds the message.
    pub source: SourceId,
    /// Byte offset of the message in its source.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

impl Locator {
    /// The text form `name:offset+len`, with the source's name as the archive gives it.
    pub fn display<'a>(&self, source_name: &'a str) -> impl std::fmt::Display + use<'a> {
        Shown { name: source_name, offset: self.offset, len: self.len }
    }
}

struct Shown<'a> {
    name: &'a str,
    offset: u64,
    len: u64,
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}+{}", self.name, self.offset, self.len)
    }
}
