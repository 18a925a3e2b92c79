//! What became of each message. Every message read gets exactly one [`LedgerEntry`].

use serde::{Deserialize, Serialize};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its text stands in at least one example.
    Used,
    /// Left out on purpose; the reason is a [`DropReason`].
    Dropped,
    /// Could not be read; the reason is a [`FailReason`].
    Failed,
}

macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }
        impl $name {
            /// Every reason, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            /// The stable name written to the ledger and the report.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

reasons! {
    /// Why a message was left out on purpose.
    ///
    /// When several apply, the one that stands first here is given: properties of the message itself
    /// before properties of its thread.
    DropReason {
        /// A second copy of a message that is in the archive already (Inbox and Sent, Cc, All Mail).
        Duplicate = "duplicate",
        /// Outside `--since` / `--until`.
        OutOfRange = "out_of_range",
        /// Lies in a spam or junk folder, or carries such a label.
        Spam = "spam",
        /// Lies in a trash folder, or carries such a label or flag.
        Trash = "trash",
        /// A draft, never sent.
        Draft = "draft",
        /// A delivery status notification (RFC 3464) or another bounce.
        Bounce = "bounce",
        /// An automatic reply: RFC 3834 headers, or an out-of-office note by its words.
        AutoReply = "auto_reply",
        /// An invitation or an answer to one (RFC 5545/5546).
        Calendar = "calendar",
        /// A newsletter or other bulk mail.
        Bulk = "bulk",
        /// OpenPGP or S/MIME encrypted: nothing to read without the key.
        Encrypted = "encrypted",
        /// Larger than the limit for one message.
        TooLarge = "too_large",
        /// Its text lies deeper inside parts of parts than is read.
        TooDeep = "too_deep",
        /// A thread among the business's own people only.
        Internal = "internal",
        /// Between the business and somebody other than the customer of its thread (a supplier, a colleague at a
        /// private address).
        ThirdParty = "third_party",
        /// Nobody of the business answered in its thread.
        Unanswered = "unanswered",
        /// A thread that no customer opened and in which none asked anything.
        NoCustomer = "no_customer",
        /// Nothing is left once quoted history, signature and footer are gone.
        EmptyTurn = "empty_turn",
        /// Stands after the last answer of its thread, so that no completion can use it.
        AfterLastAnswer = "after_last_answer",
        /// Its thread's only examples say word for word the same as another's.
        DuplicateExample = "duplicate_example",
        /// Stands so far back in its thread that the examples were shortened before it.
        BeyondLimit = "beyond_limit",
        /// Stands only in examples whose answer is out of date, and those were to be left out.
        StaleAnswer = "stale_answer",
        /// Stands only in examples whose answer contradicts others of the same time, and those were to be held back.
        InconsistentAnswer = "inconsistent_answer",
        /// A filter on examples (length, language, a choice of the user) left out all that it stands in.
        Filtered = "filtered",
    }
}

reasons! {
    /// Why a message could not be read. Each of these makes the run's exit status 1.
    FailReason {
        /// The source could not be read at this place (an I/O error, a damaged archive member).
        Unreadable = "unreadable",
        /// No header block could be made out.
        NoHeader = "no_header",
        /// A part that holds the text could not be decoded at all.
        Undecodable = "undecodable",
    }
}

/// One line of `ledger.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Where the message stands, `name:offset+len`.
    pub locator: String,
    /// Its Message-ID with the angle brackets, if it has one.
    pub message_id: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The [`DropReason`] or [`FailReason`]; none for a used message.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// More words on the reason where they help (which message it is a copy of, what the error was).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Ids of the examples that its text stands in.
    #[serde(default)]
    pub examples: Vec<String>,
}
