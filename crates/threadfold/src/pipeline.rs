//! The builder: what to read and how, in one place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use threadfold_dataset::{Examples as Which, Format, TokenCounter};
use threadfold_thread::Policy;

use crate::export::Summary;
use crate::observer::Silent;
use crate::vault::{Passphrase, VaultPlace};
use crate::{Error, Mailbox, Observer};

/// A run, described: inputs, who answers, and what to make of it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let summary = Pipeline::new().input(&inbox).agent("shop@example.org").export(dir.path().join("dataset"))?;
/// assert_eq!((summary.examples, summary.counts.read), (1, 2));
/// # Ok(()) }
/// ```
///
/// Who writes nothing to disk takes the examples one by one:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let mailbox = Pipeline::new().input(&inbox).agent("example.org").open()?;
/// for example in mailbox.examples()? {
///     assert_eq!(example?.completion(), "Nine to five.");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Pipeline {
    pub(crate) inputs: Vec<PathBuf>,
    pub(crate) agents: Vec<String>,
    pub(crate) which: Which,
    pub(crate) formats: Vec<Format>,
    pub(crate) system: Option<String>,
    pub(crate) recover: bool,
    pub(crate) last_reply_only: bool,
    pub(crate) max_tokens: Option<u64>,
    pub(crate) tokens: String,
    pub(crate) redact: bool,
    pub(crate) keep: Vec<String>,
    pub(crate) vault: Option<VaultPlace>,
    pub(crate) split: f64,
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
    pub(crate) seed: u64,
    pub(crate) variants: Option<threadfold_variants::Options>,
    pub(crate) page: bool,
    pub(crate) drop_stale: bool,
    pub(crate) hold_inconsistent: bool,
    pub(crate) force: bool,
    pub(crate) threads: usize,
    pub(crate) policy: Policy,
    pub(crate) headers_only: bool,
    pub(crate) reply: threadfold_reply::Options,
    pub(crate) archive: threadfold_archive::Options,
    pub(crate) max_message_size: u64,
    pub(crate) max_text_size: u64,
    pub(crate) observer: Arc<dyn Observer>,
}

impl Default for Pipeline {
    fn default() -> Self {
        Pipeline {
            inputs: Vec::new(),
            agents: Vec::new(),
            which: Which::Last,
            formats: vec![Format::Messages, Format::PromptCompletion],
            system: None,
            recover: true,
            last_reply_only: false,
            max_tokens: None,
            tokens: "o200k_base".to_owned(),
            redact: true,
            keep: Vec::new(),
            vault: None,
            split: 0.1,
            since: None,
            until: None,
            seed: 0,
            variants: None,
            page: true,
            drop_stale: false,
            hold_inconsistent: false,
            force: false,
            threads: std::thread::available_parallelism().map_or(1, |n| n.get()),
            policy: Policy::default(),
            headers_only: false,
            reply: threadfold_reply::Options::default(),
            archive: threadfold_archive::Options::default(),
            max_message_size: 256 << 20,
            max_text_size: 8 << 20,
            observer: Arc::new(Silent),
        }
    }
}

impl Pipeline {
    /// A run with the defaults of the command line: agents found, one example a thread, personal data
    /// redacted, a tenth for validation, all cores.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a path that holds mail, in any form the archive crate knows; `-` is standard input.
    pub fn input(mut self, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(path.into());
        self
    }

    /// Adds several paths.
    pub fn inputs<P: Into<PathBuf>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.inputs.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Adds an address or a domain that answers for the business. Without any, the business side is found.
    pub fn agent(mut self, address_or_domain: impl Into<String>) -> Self {
        self.agents.push(address_or_domain.into());
        self
    }

    /// One example a thread (the default) or one for each agent turn that answers a customer.
    pub fn examples_mode(mut self, which: Which) -> Self {
        self.which = which;
        self
    }

    /// The formats to write beside the canonical file and the spreadsheet.
    pub fn formats(mut self, formats: impl IntoIterator<Item = Format>) -> Self {
        self.formats = formats.into_iter().collect();
        self
    }

    /// A system message for the formats that have one.
    pub fn system(mut self, text: impl Into<String>) -> Self {
        self.system = Some(text.into());
        self
    }

    /// Whether messages that exist only in the quoted history of others become turns (default) or not.
    pub fn recover(mut self, yes: bool) -> Self {
        self.recover = yes;
        self
    }

    /// In chat messages: weight 0 for every reply but the last, for trainers that know weights.
    pub fn last_reply_only(mut self, yes: bool) -> Self {
        self.last_reply_only = yes;
        self
    }

    /// Examples of more tokens than this lose their oldest turns, never a word of the last question and its
    /// answer, and are flagged as [`Flag::Shortened`](crate::Flag::Shortened).
    pub fn max_tokens(mut self, tokens: u64) -> Self {
        self.max_tokens = Some(tokens);
        self
    }

    /// The vocabulary that [`max_tokens`](Self::max_tokens) counts by: a model's or a vocabulary's name, or
    /// `estimate` (default `o200k_base`).
    pub fn tokens(mut self, vocabulary: impl Into<String>) -> Self {
        self.tokens = vocabulary.into();
        self
    }

    /// Whether the answers in the examples are compared with each other.
    pub(crate) fn compares_answers(&self) -> bool {
        self.page || self.drop_stale || self.hold_inconsistent
    }

    /// The counter of that name.
    pub(crate) fn counter(&self) -> Result<TokenCounter, Error> {
        TokenCounter::for_model(&self.tokens)
            .map_err(|e| Error::Option { option: "tokens", why: e.to_string() })
    }

    /// Whether personal data is taken out (default) or left in.
    pub fn redact(mut self, yes: bool) -> Self {
        self.redact = yes;
        self
    }

    /// Adds a literal that redaction must leave alone, such as the shop's own phone number.
    pub fn keep(mut self, literal: impl Into<String>) -> Self {
        self.keep.push(literal.into());
        self
    }

    /// Writes what each placeholder stands for to this file, encrypted with the passphrase. It must stand
    /// outside the dataset folder; [`read_vault`](crate::read_vault) reads it. Payment cards, passwords and
    /// other secrets are left out. Without a vault no map of placeholders exists anywhere.
    pub fn vault(mut self, path: impl Into<PathBuf>, passphrase: Passphrase) -> Self {
        self.vault = Some(VaultPlace { path: path.into(), passphrase });
        self
    }

    /// The share of examples set apart for validation, 0.0 for none. Threads and customers are never split.
    pub fn split(mut self, share: f64) -> Self {
        self.split = share;
        self
    }

    /// Only messages at or after this time (seconds since 1970, UTC).
    pub fn since(mut self, seconds: i64) -> Self {
        self.since = Some(seconds);
        self
    }

    /// Only messages before this time (seconds since 1970, UTC).
    pub fn until(mut self, seconds: i64) -> Self {
        self.until = Some(seconds);
        self
    }

    /// Seed of everything that is drawn by chance; the same seed gives the same bytes.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Adds synthetic examples to the training side: reworded questions and, if asked for, questions that the
    /// data cannot answer. Validation examples are never varied. Holds all examples in memory.
    pub fn variants(mut self, options: threadfold_variants::Options) -> Self {
        self.variants = Some(options);
        self
    }

    /// Whether an export writes `report.html` and flags examples whose answers are out of date or contradict
    /// others; on unless turned off. It costs a second reading of the examples. Of more than 6,000 examples about
    /// so many are compared, a sample by thread, unless something is to be left out.
    pub fn page(mut self, yes: bool) -> Self {
        self.page = yes;
        self
    }

    /// Whether an export leaves out the examples of conversations whose answer is out of date, because later
    /// answers to the same question state otherwise. Off unless turned on: the examples are only flagged.
    pub fn drop_stale(mut self, yes: bool) -> Self {
        self.drop_stale = yes;
        self
    }

    /// Whether an export holds back the examples of conversations whose answer contradicts others of the same
    /// time. Off unless turned on: the examples are only flagged.
    pub fn hold_inconsistent(mut self, yes: bool) -> Self {
        self.hold_inconsistent = yes;
        self
    }

    /// Replace an output folder that an earlier run wrote.
    pub fn force(mut self, yes: bool) -> Self {
        self.force = yes;
        self
    }

    /// How many threads work; the output does not depend on it. 0 means all cores.
    pub fn threads(mut self, n: usize) -> Self {
        self.threads = if n == 0 { Self::default().threads } else { n };
        self
    }

    /// How messages become threads.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Threads from header blocks alone: no body is looked at for quoted text or copies. Faster, and enough
    /// for a survey; the threads of mail that lost its headers are worse.
    pub fn headers_only(mut self, yes: bool) -> Self {
        self.headers_only = yes;
        self
    }

    /// What reply extraction keeps besides the author's new words.
    pub fn reply_options(mut self, options: threadfold_reply::Options) -> Self {
        self.reply = options;
        self
    }

    /// Bounds for unpacking archives.
    pub fn archive_options(mut self, options: threadfold_archive::Options) -> Self {
        self.archive = options;
        self
    }

    /// Messages of more bytes than this are dropped with the reason `too_large` (default 256 MiB).
    pub fn max_message_size(mut self, bytes: u64) -> Self {
        self.max_message_size = bytes;
        self
    }

    /// Messages whose text parts have more bytes than this, attachments not counted, are dropped with the reason
    /// `too_large` (default 8 MiB). It bounds the memory that one message can take: ordinary text some
    /// twenty times as much, empty lines and nothing else eighty times.
    pub fn max_text_size(mut self, bytes: u64) -> Self {
        self.max_text_size = bytes;
        self
    }

    /// Who hears of progress.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Pass 1 and threading: reads every header block, finds who answers, links the threads.
    ///
    /// # Errors
    /// When a path holds no mail, or an agent given never wrote. (That nobody could be *found* to be the
    /// agent is an error only for those who want examples.)
    pub fn open(self) -> Result<Mailbox, Error> {
        Mailbox::open(self)
    }

    /// The main job: [`open`](Self::open), then write the dataset folder.
    ///
    /// # Errors
    /// See [`Error`]; when there is one, nothing was written.
    pub fn export(self, folder: impl AsRef<Path>) -> Result<Summary, Error> {
        crate::export::check_output(folder.as_ref(), &self)?;
        let mut mailbox = self.open()?;
        let groundwork = mailbox.prepare()?;
        mailbox.forget_citations(&groundwork.plan);
        mailbox.write(folder.as_ref(), groundwork)
    }
}
