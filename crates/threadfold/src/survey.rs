//! What is in an archive, for `inspect`; and the conversations line by line, for `threads`.

use std::collections::BTreeMap;

use serde::Serialize;
use threadfold_archive::{Archive, DefectKind, Defects};
use threadfold_core::{Hints, SourceId, format_rfc3339};

use threadfold_thread::ThreadId;

use crate::Mailbox;

/// What an archive holds, counted on headers alone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let survey = Pipeline::new().input(&inbox).headers_only(true).open()?.survey();
/// assert_eq!((survey.messages, survey.threads), (2, 1));
/// assert_eq!(survey.first_date.as_deref(), Some("2024-01-01T10:00:00Z"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Survey {
    /// Messages whose header block could be read.
    pub messages: u64,
    /// Stretches and members that could not be read.
    pub failed: u64,
    /// Bytes of all sources, decompressed.
    pub bytes: u64,
    /// Threads under the chosen policy.
    pub threads: u64,
    /// RFC 3339, UTC, among the messages that have a date.
    pub first_date: Option<String>,
    /// Likewise.
    pub last_date: Option<String>,
    /// The sources by form (dialect), most messages first.
    pub sources: Vec<SourceKind>,
    /// Who answers for the business, most telling first.
    pub agents: Vec<AgentLine>,
    /// Messages by what their headers say they are.
    pub kinds: BTreeMap<&'static str, u64>,
    /// What was odd, counted.
    pub defects: BTreeMap<&'static str, u64>,
}

/// Sources of one form.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let survey = Pipeline::new().input(&inbox).open()?.survey();
/// assert_eq!((survey.sources[0].sources, survey.sources[0].messages), (1, 2));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct SourceKind {
    /// The form in words, such as `mbox (mboxrd)` or `Maildir`.
    pub form: String,
    /// How many files or members.
    pub sources: u64,
    /// How many messages in them.
    pub messages: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The name of the first.
    pub example: String,
}

/// One agent with the evidence.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let survey = Pipeline::new().input(&inbox).agent("example.org").open()?.survey();
/// assert_eq!((survey.agents[0].address.as_str(), survey.agents[0].evidence.as_str()), ("@example.org", "given"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct AgentLine {
    /// Address, or a domain with `@` before it.
    pub address: String,
    /// Why, in words.
    pub evidence: String,
}

/// One message of a conversation, as `threads --json` prints it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let mailbox = Pipeline::new().input(&inbox).open()?;
/// let lines: Vec<_> = mailbox.thread_lines().collect();
/// assert_eq!(lines[1].parent.as_deref(), Some("<1@example.com>"));
/// assert_eq!((lines[1].depth, lines[0].link), (1, "root"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct ThreadLine {
    /// With angle brackets; none if the message has none.
    pub message_id: Option<String>,
    /// The thread's content-derived name.
    pub thread: String,
    /// The parent's Message-ID, or its locator if it has none; none for a root.
    pub parent: Option<String>,
    /// Where the message stands.
    pub locator: String,
    /// RFC 3339, UTC.
    pub date: Option<String>,
    /// The author's address.
    pub from: String,
    /// The decoded subject.
    pub subject: String,
    /// Which rule found the parent.
    pub link: &'static str,
    /// How deep in the tree, for drawing.
    #[serde(skip)]
    pub depth: usize,
}

/// What is counted, message by message, of an archive's sources and oddities.
pub(crate) struct Reckoning {
    per_source: Vec<u64>,
    odd: [u64; ODD.len()],
}

const ODD: [(Hints, &str); 3] = [
    (Hints::DATE_MISSING, "no_date"),
    (Hints::DATE_GUESSED, "date_from_received_or_separator"),
    (Hints::DEFECT, "damaged_header"),
];

impl Reckoning {
    pub(crate) fn of(archive: &Archive) -> Reckoning {
        Reckoning { per_source: vec![0; archive.sources().len()], odd: [0; ODD.len()] }
    }

    /// A message whose header block could be read.
    pub(crate) fn message(&mut self, source: SourceId, hints: Hints) {
        self.per_source[source.0 as usize] += 1;
        for (count, (hint, _)) in self.odd.iter_mut().zip(ODD) {
            *count += u64::from(hints.contains(hint));
        }
    }

    /// The sources by form, most messages first.
    pub(crate) fn sources(&self, archive: &Archive) -> Vec<SourceKind> {
        let mut forms: BTreeMap<String, SourceKind> = BTreeMap::new();
        for (source, n) in archive.sources().iter().zip(&self.per_source) {
            let form = source.kind.to_string();
            let kind = forms.entry(form.clone()).or_insert_with(|| SourceKind {
                form,
                sources: 0,
                messages: 0,
                bytes: 0,
                example: source.name.clone(),
            });
            kind.sources += 1;
            kind.messages += n;
            kind.bytes += source.bytes;
        }
        let mut sources: Vec<SourceKind> = forms.into_values().collect();
        sources.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.form.cmp(&b.form)));
        sources
    }

    /// What was odd, by name: in header blocks, in how the sources are made, and what could not be read.
    pub(crate) fn defects(&self, archive: &Defects, unreadable: u64) -> BTreeMap<&'static str, u64> {
        let heads = ODD.iter().zip(self.odd).map(|((_, name), n)| (*name, n));
        let sources = DefectKind::ALL.iter().map(|kind| (kind.as_str(), archive.count(*kind)));
        let all = heads.chain(sources).chain([("unreadable", unreadable)]);
        all.filter(|(_, n)| *n > 0).collect()
    }
}

impl Mailbox {
    /// What the archive holds.
    pub fn survey(&self) -> Survey {
        let all = &self.envelopes;
        let named = [
            (Hints::AUTO_REPLY, "auto_reply"),
            (Hints::BOUNCE, "bounce"),
            (Hints::BULK, "bulk"),
            (Hints::LIST, "mailing_list"),
            (Hints::CALENDAR, "calendar"),
            (Hints::ENCRYPTED, "encrypted"),
            (Hints::SPAM, "spam"),
            (Hints::TRASH, "trash"),
            (Hints::DRAFT, "draft"),
        ];
        let mut kinds = BTreeMap::new();
        let (mut first, mut last) = (None, None);
        let mut reckoning = Reckoning::of(&self.archive);
        for (i, e) in all.iter().enumerate() {
            reckoning.message(all.locator(i).source, e.hints);
            for (hint, name) in named {
                if e.hints.contains(hint) {
                    *kinds.entry(name).or_insert(0) += 1;
                }
            }
            if !e.hints.contains(Hints::DATE_MISSING) {
                first = Some(first.map_or(e.date, |d: i64| d.min(e.date)));
                last = Some(last.map_or(e.date, |d: i64| d.max(e.date)));
            }
        }
        let failed = self.failed();
        Survey {
            messages: all.len() as u64,
            failed,
            bytes: self.archive.total_bytes(),
            threads: self.threads.len() as u64,
            first_date: first.map(format_rfc3339),
            last_date: last.map(format_rfc3339),
            sources: reckoning.sources(&self.archive),
            agents: self.agent_lines(),
            kinds,
            defects: reckoning.defects(&self.defects, failed),
        }
    }

    /// Stretches and members that could not be read.
    pub fn failed(&self) -> u64 {
        (self.failed.len() + self.archive.failures().len()) as u64
    }

    /// Who answers and why, most telling first.
    pub(crate) fn agent_lines(&self) -> Vec<AgentLine> {
        let Some(agents) = &self.agents else { return Vec::new() };
        if self.agent_evidence.is_empty() {
            let named = agents.domains().iter().map(|d| format!("@{d}")).chain(agents.addresses().to_vec());
            return named.map(|address| AgentLine { address, evidence: "given".to_owned() }).collect();
        }
        let chosen = self.agent_evidence.iter().filter(|e| e.chosen);
        chosen
            .map(|e| AgentLine {
                address: e.name.clone(),
                evidence: format!(
                    "{} customers write to it, it answered {}, {} messages",
                    e.customers_writing, e.customers_answered, e.messages
                ),
            })
            .collect()
    }

    /// Every message of every thread, threads by the time of their first message, messages of a thread in
    /// the order of a reader: each after its parent, siblings by time.
    pub fn thread_lines(&self) -> impl Iterator<Item = ThreadLine> + '_ {
        let mut order: Vec<_> = self
            .threads
            .threads()
            .enumerate()
            .map(|(t, messages)| {
                let t = ThreadId(t as u32);
                let first = messages.iter().map(|&m| self.envelopes[m as usize].date).min().unwrap_or(0);
                (first, self.threads.key(t), t)
            })
            .collect();
        order.sort_unstable_by_key(|&(first, key, _)| (first, key));
        let mut scratch = Vec::new();
        order.into_iter().flat_map(move |(_, key, thread)| {
            let lines: Vec<ThreadLine> = self
                .depth_first(self.threads.messages(thread))
                .into_iter()
                .map(|(m, depth)| {
                    let e = &self.envelopes[m];
                    let parent = self.threads.parent_of(m);
                    ThreadLine {
                        message_id: self.message_id(m, &mut scratch),
                        thread: format!("{key:016x}"),
                        parent: parent
                            .map(|p| self.message_id(p, &mut scratch).unwrap_or_else(|| self.locator(p))),
                        locator: self.locator(m),
                        date: (!e.hints.contains(Hints::DATE_MISSING)).then(|| format_rfc3339(e.date)),
                        from: self.envelopes.text(e.from).to_owned(),
                        subject: self.envelopes.text(e.subject).to_owned(),
                        link: self.threads.link_of(m).as_str(),
                        depth,
                    }
                })
                .collect();
            lines
        })
    }

    /// Messages of a thread with their depth, each after its parent. `messages` is in the order of time,
    /// and so are siblings in the result.
    fn depth_first(&self, messages: &[u32]) -> Vec<(usize, usize)> {
        let mut children: rustc_hash::FxHashMap<Option<usize>, Vec<usize>> = Default::default();
        for &m in messages {
            children.entry(self.threads.parent_of(m as usize)).or_default().push(m as usize);
        }
        let mut out = Vec::with_capacity(messages.len());
        let mut stack: Vec<(usize, usize)> =
            children.remove(&None).unwrap_or_default().into_iter().rev().map(|m| (m, 0)).collect();
        while let Some((m, depth)) = stack.pop() {
            out.push((m, depth));
            if let Some(below) = children.remove(&Some(m)) {
                stack.extend(below.into_iter().rev().map(|c| (c, depth + 1)));
            }
        }
        out
    }
}
