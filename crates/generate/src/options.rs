//! What to write, and what was written.

/// What kind of mailbox to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Long header blocks (about 4 KB, as providers write them) and no attachments: the work is in the
    /// headers and the text.
    Text,
    /// Attachments of 50 KB to 5 MB (log-uniform) on three of ten messages: nearly all bytes are theirs.
    Attachments,
    /// Shorter header blocks, few and small attachments: like a mailbox for trying things out.
    #[default]
    Mixed,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Profile; 3] = [Profile::Text, Profile::Attachments, Profile::Mixed];

    /// The lower-case name.
    ///
    /// ```
    /// use threadfold_generate::Profile;
    /// assert_eq!(Profile::from_name("text"), Some(Profile::Text));
    /// assert_eq!(Profile::Mixed.name(), "mixed");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Profile::Text => "text",
            Profile::Attachments => "attachments",
            Profile::Mixed => "mixed",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Profile> {
        Profile::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// How often each thing happens; every field is a share between 0 and 1.
///
/// The shares of conversations need not add up to 1: what they leave is ordinary conversations between
/// a customer and the shop. The defaults are a small shop's mailbox with somewhat more trouble in it.
///
/// ```
/// use threadfold_generate::Shares;
/// let calm = Shares::none();
/// assert_eq!(calm.spam, 0.0);
/// assert!(Shares::default().spam > 0.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    // Of all conversations:
    /// A newsletter from a supplier. Default 0.05.
    pub newsletters: f64,
    /// A message with the label Spam. Default 0.04.
    pub spam: f64,
    /// A message with the label Trash. Default 0.01.
    pub trash: f64,
    /// A calendar invitation. Default 0.01.
    pub invitations: f64,
    /// A bounce that belongs to nothing in the mailbox. Default 0.01.
    pub bounces: f64,
    /// Colleagues among themselves, one to three messages. Default 0.03.
    pub internal: f64,
    /// A customer whom nobody answers. Default 0.06.
    pub unanswered: f64,
    /// A conversation opened by the shop; the customer at most says thanks. Default 0.02.
    pub agent_opened: f64,

    // Of the conversations between a customer and the shop:
    /// The customer is one who wrote before. Default 0.10.
    pub returning: f64,
    /// The ticket system confirms the receipt automatically. Default 0.08.
    pub automatic_receipts: f64,
    /// The customer's out-of-office note comes back after an answer. Default 0.04.
    pub out_of_office: f64,
    /// An answer bounces (it counts as given). Default 0.01.
    pub bounced_answers: f64,
    /// A colleague's unsent draft lies in the conversation. Default 0.02.
    pub drafts: f64,
    /// The agent first only acknowledges and answers later. Default 0.06.
    pub acknowledgements: f64,
    /// The agent only acknowledges, and that is the last the customer hears. Default 0.02.
    pub acknowledgement_only: f64,
    /// The customer says thanks after the last answer. Default 0.20.
    pub thanks: f64,
    /// The customer sends a second message before the first is answered. Default 0.08.
    pub double_questions: f64,
    /// A new topic, weeks later, as a reply to the old conversation. Default 0.004.
    pub hijacks: f64,
    /// The subject changes on the way, references intact. Default 0.02.
    pub changed_subjects: f64,
    /// All goes through a ticket system: `[#12345]` in the subject, rewritten ids. Default 0.05.
    pub tickets: f64,

    // Of single messages:
    /// A second copy with the same Message-ID (Inbox and Sent). Default 0.02.
    pub duplicates: f64,
    /// Replies with In-Reply-To but no References. Default 0.05.
    pub only_in_reply_to: f64,
    /// Replies with References but no In-Reply-To. Default 0.02.
    pub only_references: f64,
    /// Replies that name an id which no message of the mailbox carries. Default 0.02.
    pub rewritten_ids: f64,
    /// Replies with neither header, only the same subject and people. Default 0.02.
    pub no_references: f64,
    /// Messages sent through a group, with a list's headers and footer. Default 0.01.
    pub list_footers: f64,
    /// Customers' messages with a gateway's warning above the text ("This email came from outside").
    /// Default 0.005.
    pub external_banners: f64,
    /// Agents' messages with a legal notice below the signature. Default 0.25.
    pub disclaimers: f64,
    /// Quotes whose long lines were broken on the way, the rest standing without `>`; only where the
    /// client quotes in plain text with `>`. Default 0.01.
    pub broken_quotes: f64,
    /// Messages with an attachment; sizes depend on the profile, and with [`Profile::Text`] there are
    /// none. Default 0.30 with [`Profile::Attachments`] and 0.08 otherwise, see [`Options::new`].
    pub attachments: f64,
    /// Customers' messages with personal data planted in them, each value in the truth. Default 0.
    pub personal: f64,
}

impl Default for Shares {
    fn default() -> Shares {
        Shares {
            newsletters: 0.05,
            spam: 0.04,
            trash: 0.01,
            invitations: 0.01,
            bounces: 0.01,
            internal: 0.03,
            unanswered: 0.06,
            agent_opened: 0.02,
            returning: 0.10,
            automatic_receipts: 0.08,
            out_of_office: 0.04,
            bounced_answers: 0.01,
            drafts: 0.02,
            acknowledgements: 0.06,
            acknowledgement_only: 0.02,
            thanks: 0.20,
            double_questions: 0.08,
            hijacks: 0.004,
            changed_subjects: 0.02,
            tickets: 0.05,
            duplicates: 0.02,
            only_in_reply_to: 0.05,
            only_references: 0.02,
            rewritten_ids: 0.02,
            no_references: 0.02,
            list_footers: 0.01,
            external_banners: 0.005,
            disclaimers: 0.25,
            broken_quotes: 0.01,
            attachments: 0.08,
            personal: 0.0,
        }
    }
}

impl Shares {
    /// No noise at all: every conversation is answered and every message well-formed.
    pub fn none() -> Shares {
        Shares {
            newsletters: 0.0,
            spam: 0.0,
            trash: 0.0,
            invitations: 0.0,
            bounces: 0.0,
            internal: 0.0,
            unanswered: 0.0,
            agent_opened: 0.0,
            returning: 0.0,
            automatic_receipts: 0.0,
            out_of_office: 0.0,
            bounced_answers: 0.0,
            drafts: 0.0,
            acknowledgements: 0.0,
            acknowledgement_only: 0.0,
            thanks: 0.0,
            double_questions: 0.0,
            hijacks: 0.0,
            changed_subjects: 0.0,
            tickets: 0.0,
            duplicates: 0.0,
            only_in_reply_to: 0.0,
            only_references: 0.0,
            rewritten_ids: 0.0,
            no_references: 0.0,
            list_footers: 0.0,
            external_banners: 0.0,
            disclaimers: 0.0,
            broken_quotes: 0.0,
            attachments: 0.0,
            personal: 0.0,
        }
    }
}

/// What to write. The same options give the same bytes.
///
/// ```
/// use threadfold_generate::{Options, Profile, generate};
/// let options = Options { messages: 20, seed: 7, ..Options::new(Profile::Mixed) };
/// let (mut mailbox, mut truth) = (Vec::new(), Vec::new());
/// let summary = generate(&options, &mut mailbox, &mut truth).expect("writing to memory");
/// assert_eq!(summary.messages, 20);
/// assert_eq!(summary.bytes, mailbox.len() as u64);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How many messages, exactly. Unused when `min_bytes` is given.
    pub messages: u64,
    /// Where chance starts.
    pub seed: u64,
    /// The kind of mailbox.
    pub profile: Profile,
    /// Go on until the mailbox has this many bytes (a little more in the end: conversations are
    /// finished), instead of counting messages.
    pub min_bytes: Option<u64>,
    /// The first message's date, seconds since 1970 UTC. Default 2019-01-07.
    pub start: i64,
    /// Over how many days the conversations spread; more when that would mean more than one new
    /// conversation every ten seconds. Default 1,826 (five years).
    pub days: u64,
    /// How often each kind of thing happens.
    pub shares: Shares,
}

impl Default for Options {
    fn default() -> Options {
        Options::new(Profile::Mixed)
    }
}

impl Options {
    /// A thousand messages of this profile, with its usual shares.
    pub fn new(profile: Profile) -> Options {
        let mut shares = Shares::default();
        match profile {
            Profile::Text => shares.attachments = 0.0,
            Profile::Attachments => shares.attachments = 0.30,
            Profile::Mixed => {}
        }
        Options {
            messages: 1_000,
            seed: 1,
            profile,
            min_bytes: None,
            start: 1_546_819_200,
            days: 1_826,
            shares,
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Messages in the mailbox, copies included.
    pub messages: u64,
    /// Threads they belong to.
    pub threads: u64,
    /// Examples expected of them.
    pub examples: u64,
    /// Messages whose text stands in an expected example.
    pub used: u64,
    /// Bytes of the mailbox.
    pub bytes: u64,
    /// Of these, bytes of attachments (encoded).
    pub attachment_bytes: u64,
}

/// Why nothing more could be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The mailbox's writer failed.
    #[error("cannot write the mailbox: {0}")]
    Mailbox(#[source] std::io::Error),
    /// The truth's writer failed.
    #[error("cannot write the truth: {0}")]
    Truth(#[source] std::io::Error),
}
