//! What to believe, and why a link was made.

use std::fmt;
use std::str::FromStr;

/// Which evidence makes threads.
///
/// ```
/// use threadfold_thread::Policy;
/// assert_eq!("rfc5256".parse::<Policy>()?, Policy::Rfc5256);
/// assert_eq!(Policy::default().to_string(), "support");
/// # Ok::<(), threadfold_thread::UnknownPolicy>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Ranked evidence with vetoes, for the mail of a business: see the crate's documentation.
    #[default]
    Support,
    /// REFERENCES of RFC 5256 to the letter, its merge by base subject included.
    Rfc5256,
    /// Ids alone: all ids that a message cites belong to its thread, present or not.
    References,
}

impl Policy {
    /// The name used on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Policy::Support => "support",
            Policy::Rfc5256 => "rfc5256",
            Policy::References => "references",
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;
    fn from_str(s: &str) -> Result<Self, UnknownPolicy> {
        match s {
            "support" => Ok(Policy::Support),
            "rfc5256" => Ok(Policy::Rfc5256),
            "references" => Ok(Policy::References),
            _ => Err(UnknownPolicy(s.to_owned())),
        }
    }
}

/// There is no policy of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown policy `{0}`; there are support, rfc5256 and references")]
pub struct UnknownPolicy(pub String);

/// How threads are made; the defaults suit most mailboxes.
///
/// ```
/// use threadfold_thread::{Options, Policy};
/// let options = Options { policy: Policy::References, ..Default::default() };
/// assert_eq!(options.window_days, 14);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which evidence counts. All other fields matter to [`Policy::Support`] only.
    pub policy: Policy,
    /// How many days may lie between two messages that only their subject joins.
    pub window_days: u32,
    /// How many days may lie between a message and one whose lines it quotes.
    pub quote_days: u32,
    /// A line that more messages than this have as their own says nothing about who is quoted.
    pub quote_messages: u32,
    /// An id that messages of more topics than this cite as their parent is junk.
    pub junk_topics: u32,
    /// Whether a message that takes up an unrelated topic starts a thread of its own although its ids cite
    /// an old one.
    pub cut_new_topics: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            policy: Policy::Support,
            window_days: 14,
            quote_days: 90,
            quote_messages: 20,
            junk_topics: 8,
            cut_new_topics: true,
        }
    }
}

/// Which rule put a message where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Link {
    /// No rule: the thread starts here.
    #[default]
    Root,
    /// The provider's thread id.
    Provider,
    /// A help desk's ticket token.
    Ticket,
    /// The References header, or that of a later message.
    References,
    /// The In-Reply-To header.
    InReplyTo,
    /// Outlook's Thread-Index.
    ThreadIndex,
    /// It quotes lines of its parent.
    Quote,
    /// The subject, within a window of time.
    Subject,
    /// It is a copy of another message.
    Copy,
}

impl Link {
    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Link::Root => "root",
            Link::Provider => "provider",
            Link::Ticket => "ticket",
            Link::References => "references",
            Link::InReplyTo => "in_reply_to",
            Link::ThreadIndex => "thread_index",
            Link::Quote => "quote",
            Link::Subject => "subject",
            Link::Copy => "copy",
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
