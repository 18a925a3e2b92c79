//! A mailbox that has been read once: envelopes, threads, and who answers.

use threadfold_archive::{Archive, Defects, Found, Raw, Scanned, Stop};
use threadfold_core::{Envelopes, Hints, Locator};
use threadfold_message::{HeadReader, Place};
use threadfold_thread::agents::AgentEvidence;
use threadfold_thread::{Agents, Evidence, Outline, Threads};

use crate::evidence;
use crate::ordered::in_order;
use crate::plan::Plan;
use crate::recover::answered;
use crate::{Error, Pipeline, Stage};

/// Bytes of an archive that one unit of pass 1 covers: large enough that hand-over costs nothing, small
/// enough that two cores finish together. (The archive looks back a little where a unit starts.)
pub(crate) const UNIT_BYTES: u64 = 4 << 20;

/// An archive after pass 1: every message's envelope, the threads, and which side answers.
///
/// Made by [`Pipeline::open`]. Bodies are read when [`examples`](Mailbox::examples) or
/// [`export`](Mailbox::export) is called, and before that only where threading needs them.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let inbox = dir.path().join("inbox.mbox");
/// # std::fs::write(&inbox, "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n")?;
/// use threadfold::Pipeline;
/// let mailbox = Pipeline::new().input(&inbox).agent("shop@example.org").open()?;
/// assert_eq!((mailbox.envelopes().len(), mailbox.threads().len()), (2, 1));
/// assert_eq!(mailbox.threads().parent_of(1), Some(0));
/// # Ok(()) }
/// ```
pub struct Mailbox {
    pub(crate) options: Pipeline,
    pub(crate) archive: Archive,
    pub(crate) envelopes: Envelopes,
    pub(crate) threads: Threads,
    pub(crate) agents: Option<Agents>,
    /// Why those were taken for agents; empty when they were given.
    pub(crate) agent_evidence: Vec<AgentEvidence>,
    pub(crate) failed: Vec<FailedMessage>,
    pub(crate) defects: Defects,
    /// The ids of the messages that some say they answer, once all citations are forgotten.
    cited: Option<Cited>,
}

/// Of messages whose history is looked at, in order, the ids of those that they say they answer.
struct Cited {
    messages: Vec<u32>,
    ids: Vec<u64>,
}

/// A stretch of an archive where a message stands that could not be read.
#[derive(Clone, Debug)]
pub(crate) struct FailedMessage {
    pub(crate) locator: Locator,
    pub(crate) reason: String,
}

/// What one unit of pass 1 yields.
struct Part {
    envelopes: Envelopes,
    failed: Vec<FailedMessage>,
    defects: Defects,
    bytes: u64,
}

impl Mailbox {
    pub(crate) fn open(options: Pipeline) -> Result<Mailbox, Error> {
        if !(0.0..1.0).contains(&options.split) {
            let why = format!("the share for validation must be from 0 to below 1, not {}", options.split);
            return Err(Error::Option { option: "split", why });
        }
        let observer = options.observer.clone();
        // The stages that use rayon keep to the number of threads asked for.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build().ok();
        let asked = observer.clone();
        let bounds = threadfold_archive::Options {
            stop: Some(Stop::new(move || asked.cancelled())),
            ..options.archive.clone()
        };
        let archive = on(pool.as_ref(), || Archive::open(&options.inputs, &bounds))?;
        note_again(&archive, |text| observer.note(text));
        let mut envelopes = Envelopes::default();
        let (mut failed, mut defects) = (Vec::new(), Defects::default());

        let units = archive.units(UNIT_BYTES);
        observer.begin(Stage::Reading, archive.total_bytes());
        in_order(
            units.len(),
            options.threads,
            <(HeadReader, Scanned)>::default,
            |(reader, before), job| read_unit(&archive, &units[job], before, reader),
            |_, part| {
                envelopes.append(&part.envelopes);
                failed.extend(part.failed);
                defects.merge(&part.defects);
                observer.advance(Stage::Reading, part.bytes);
                if observer.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
            },
        )?;

        envelopes.close();

        observer.begin(Stage::Linking, 0);
        let outline = on(pool.as_ref(), || Outline::of(&envelopes));
        let (agents, agent_evidence) = match options.agents.as_slice() {
            [] => Agents::find(&envelopes, &outline),
            list => (Agents::given(list, &envelopes)?, Vec::new()),
        };
        let agents = (!agents.is_empty()).then_some(agents);
        let gathered = evidence::gather(&archive, &envelopes, &outline, &options, agents.as_ref())?;
        let evidence = Evidence {
            content: Some(&|m| gathered.content(m)),
            quotes: gathered.quotes.as_ref(),
            tickets: &gathered.tickets,
            agents: agents.as_ref(),
            outline: Some(&outline),
        };
        let linking = threadfold_thread::Options { policy: options.policy, ..Default::default() };
        let threads = on(pool.as_ref(), || threadfold_thread::link(&envelopes, &evidence, &linking));
        // What was read must be what stands there.
        for grown in archive.changes()? {
            observer.note(&grown.to_string());
        }
        Ok(Mailbox {
            options,
            archive,
            envelopes,
            threads,
            agents,
            agent_evidence,
            failed,
            defects,
            cited: None,
        })
    }

    /// The envelopes of all messages, in the order of the archive.
    pub fn envelopes(&self) -> &Envelopes {
        &self.envelopes
    }

    /// The threads over those envelopes.
    pub fn threads(&self) -> &Threads {
        &self.threads
    }

    /// Who answers for the business: as given, or as found; none when nobody was given and nobody found.
    pub fn agents(&self) -> Option<&Agents> {
        self.agents.as_ref()
    }

    /// The archive itself.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Forgets who cites whom, but for the messages that the plan wants to know it of: for whoever makes no other
    /// plan.
    pub(crate) fn forget_citations(&mut self, plan: &Plan) {
        let all = &self.envelopes;
        let wanted = (0..all.len()).filter(|&m| plan.wanted.is(m));
        let (messages, ids) = wanted.filter_map(|m| Some((m as u32, answered(all, m)?))).unzip();
        self.cited = Some(Cited { messages, ids });
        self.envelopes.forget_citations();
    }

    /// The id of the message that a message says it answers, as far as that is still known.
    pub(crate) fn answered(&self, m: usize) -> Option<u64> {
        match &self.cited {
            Some(cited) => Some(cited.ids[cited.messages.binary_search(&(m as u32)).ok()?]),
            None => answered(&self.envelopes, m),
        }
    }

    /// Where a message stands, in words.
    pub fn locator(&self, message: usize) -> String {
        self.locator_text(self.envelopes.locator(message))
    }

    pub(crate) fn locator_text(&self, at: Locator) -> String {
        let name = self.archive.sources().get(at.source.0 as usize).map_or("?", |s| s.name.as_str());
        at.text(name)
    }

    /// The Message-ID as it stands in the mail, with angle brackets; none if the message has none.
    pub fn message_id(&self, message: usize, scratch: &mut Vec<u8>) -> Option<String> {
        let id_at = self.envelopes.id_at(message);
        if id_at.1 == 0 {
            return None;
        }
        id_text(self.archive.read(self.envelopes.locator(message), scratch).ok()?.bytes, id_at)
    }
}

/// The Message-ID that stands at this place of a message, with angle brackets; none if its length is 0.
pub(crate) fn id_text(message: &[u8], (start, len): (u32, u16)) -> Option<String> {
    let (start, len) = (start as usize, usize::from(len));
    let id = message.get(start..start + len).filter(|id| !id.is_empty())?;
    // Without a way out of the loop, so that the compiler makes vectors of it.
    let plain = id.iter().fold(true, |plain, b| plain & b.is_ascii_graphic());
    if plain && let Ok(text) = std::str::from_utf8(id) {
        return Some(if text.starts_with('<') { text.to_owned() } else { ["<", text, ">"].concat() });
    }
    // Folded ids are unfolded; nothing else about them is touched.
    let text = String::from_utf8_lossy(id);
    let mut whole = String::with_capacity(text.len() + 2);
    let bare = !text.trim_start().starts_with('<');
    whole.extend(bare.then_some('<'));
    whole.extend(text.chars().filter(|c| !c.is_whitespace() && !c.is_control()));
    whole.extend(bare.then_some('>'));
    Some(whole)
}

/// What is known of a message from where it stands.
pub(crate) fn place_of<'a>(archive: &'a Archive, raw: &Raw<'a>) -> Place<'a> {
    let source = &archive.sources()[raw.locator.source.0 as usize];
    Place {
        separator: raw.separator,
        folder: &source.folder,
        draft: source.flags.draft,
        trashed: source.flags.trashed,
    }
}

/// Says what was given more than once, and is read once.
fn note_again(archive: &Archive, note: impl Fn(&str)) {
    const SHOWN: usize = 5;
    let again = archive.given_again();
    for name in again.iter().take(SHOWN) {
        note(&format!("{name} was given before, and is read once"));
    }
    if again.len() > SHOWN {
        note(&format!("{} more were given before", again.len() - SHOWN));
    }
}

/// Runs something on a pool, or where we are if there is none (no more threads can be made).
fn on<T: Send>(pool: Option<&rayon::ThreadPool>, job: impl FnOnce() -> T + Send) -> T {
    match pool {
        Some(pool) => pool.install(job),
        None => job(),
    }
}

fn read_unit(
    archive: &Archive,
    unit: &threadfold_archive::Unit,
    before: &mut Scanned,
    reader: &mut HeadReader,
) -> Part {
    let mut part =
        Part { envelopes: Envelopes::default(), failed: Vec::new(), defects: Defects::default(), bytes: 0 };
    let report = archive.scan_on(unit, before, &mut |found| match found {
        Found::Message(raw) => {
            let place = place_of(archive, &raw);
            let head = reader.read(raw.bytes, &place);
            let mut new = head.envelope();
            if raw.cut_short {
                new.hints |= Hints::DEFECT;
            }
            if new.hints.contains(Hints::NO_HEADER) {
                let reason = "no header block could be made out".to_owned();
                part.failed.push(FailedMessage { locator: raw.locator, reason });
            } else {
                part.envelopes.push(raw.locator, &new);
            }
        }
        Found::Failed { locator, reason } => part.failed.push(FailedMessage { locator, reason }),
    });
    part.defects = report.defects;
    part.bytes = report.bytes;
    part
}
