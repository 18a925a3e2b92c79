//! Fictional support mailboxes of any size, with the known answers beside them.
//!
//! [`generate`] writes the mailbox of a small shop that does not exist: thousands of customers in nine
//! languages ask, the shop's agents answer, and around them lies everything that a real mailbox is
//! full of. It is an mboxrd file; beside it goes the *truth*, JSON lines that say of every message where it
//! stands, who wrote it, what exactly was newly written in it and what must become of it, and of every
//! answered conversation which example a dataset should hold.
//!
//! Nothing random enters but the seed: the same [`Options`] give the same bytes on every machine. It
//! streams: in memory lie only the conversations that are going on at the moment.
//!
//! # The mailbox
//!
//! - Clients: Gmail, Apple Mail, Outlook (desktop, old, web), Thunderbird (replies above and below),
//!   Yahoo, iPhone, Samsung, a portal's webmail, Proton, Roundcube, plain bottom posters, interleaved
//!   answers, replies without history, a help desk. Each prints its attribution line or header block in
//!   its user's language and quotes all that it answers, so that history grows with every reply.
//! - Forms: plain text (8bit, quoted-printable, base64; UTF-8 and what older programs of the language
//!   send), format=flowed with and without DelSp, multipart/alternative, html alone, attachments.
//! - Threading: complete headers, only one of the two, ids that nobody has, none at all, ticket numbers,
//!   changed subjects, new topics as replies to old mail.
//! - Noise: automatic replies, bounces, newsletters, spam, trash, drafts, invitations, internal mail,
//!   copies, conversations without an answer or opened by the shop.
//!
//! # The truth
//!
//! A message: `{"kind":"message","message_id","thread","offset","role","fate","reason","author",
//! "author_name","date","language","style","form","quotes","link","text"}`. `offset` is that of its
//! `From ` line; `fate` and `reason` are named as in [`threadfold_core`]. `text` is what its author newly
//! wrote, without quotes, signature and notices, null where no person wrote to the other side. Closing
//! words with a bare name ("Kind regards, Tom") count as written; since others count them to the
//! signature, `without_sign_off` holds the text without them, and `with_name` the text with the first
//! line of a signature that follows without a delimiter.
//!
//! With [`Shares::personal`] above zero, customers also write of what is theirs alone: bank accounts, cards,
//! addresses, names of others and more, in six languages. Each such value stands in `planted` of its
//! message: `[{"type","value"}]`, the types named as the redaction names them. A dataset made with redaction
//! must hold none of them.
//!
//! An example: `{"kind":"example","thread","turns":[{"role","text","message_ids"}]}`, in the default mode:
//! one for each thread that a customer opened and somebody answered, up to the last answer.
//! Consecutive messages of one side are one turn, their texts joined by a blank line.
#![forbid(unsafe_code)]

mod body;
mod client;
mod compose;
mod encode;
mod form;
mod headers;
mod language;
mod mail;
mod markup;
mod noise;
mod options;
mod output;
mod people;
mod personal;
mod plan;
mod random;
mod subject;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;

use language::Language;
use mail::{Conversation, World};
use output::Output;
use people::Shop;
use random::Random;

pub use options::{Error, Options, Profile, Shares, Summary};

/// The shortest mean time between two new conversations, in seconds.
const SHORTEST_GAP: f64 = 10.0;

/// A conversation in the queue, by the time of its next message.
struct Due {
    at: i64,
    serial: u64,
    conversation: Box<Conversation>,
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        self.serial == other.serial
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Due) -> std::cmp::Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

/// Writes a mailbox and its truth; see the crate's documentation for both.
///
/// Neither writer needs a buffer of its own to be fast, but `truth` gets one small write a line.
///
/// # Errors
/// Only what the writers report.
///
/// ```
/// use threadfold_generate::{Options, generate};
/// let options = Options { messages: 50, ..Options::default() };
/// let (mut mailbox, mut truth) = (Vec::new(), Vec::new());
/// generate(&options, &mut mailbox, &mut truth)?;
/// assert!(mailbox.starts_with(b"From "));
/// let messages = truth.split(|&b| b == b'\n').filter(|l| l.starts_with(br#"{"kind":"message""#));
/// assert_eq!(messages.count(), 50);
/// # Ok::<(), threadfold_generate::Error>(())
/// ```
pub fn generate(options: &Options, mailbox: &mut dyn Write, truth: &mut dyn Write) -> Result<Summary, Error> {
    let languages = Language::all();
    let shop = Shop::new(options.seed, &languages);
    let personal = personal::Sentences::load();
    let world = World { options, languages, shop, personal };
    let mut out = Output::new(mailbox, truth);
    let mut queue: BinaryHeap<Reverse<Due>> = BinaryHeap::new();
    let mut clock = Random::fork(options.seed, 0xC10C);
    let gap = mean_gap(options);
    let mut now = options.start as f64;
    let mut serial = 0;
    let mut planned = 0;
    let mut customers = 0;
    loop {
        let more = match options.min_bytes {
            None => options.messages - planned,
            Some(bytes) => {
                // What the conversations in flight will still write counts as written.
                let waiting = planned - out.summary.messages;
                let mean = (out.summary.bytes + 50 * typical_size(options)) / (out.summary.messages + 50);
                if out.summary.bytes + waiting * mean < bytes { u64::MAX } else { 0 }
            }
        };
        if more > 0 {
            // Evenly drawn: a logarithm's last bit differs between machines, and the bytes must not.
            now += gap * 2.0 * clock.unit();
            let conversation = start(&world, serial, now as i64, more, &mut customers, &mut out.summary);
            planned += conversation.steps.len() as u64;
            enqueue(&mut queue, serial, conversation);
            serial += 1;
        }
        // Everything due before the next conversation can begin.
        while queue.peek().is_some_and(|d| more == 0 || d.0.at <= now as i64) {
            let Some(Reverse(Due { serial, mut conversation, .. })) = queue.pop() else { break };
            conversation.write_next(&world, &mut out)?;
            enqueue(&mut queue, serial, conversation);
        }
        let short = options.min_bytes.is_some_and(|bytes| out.summary.bytes < bytes);
        if more == 0 && queue.is_empty() && !short {
            break;
        }
    }
    out.mailbox.flush().map_err(Error::Mailbox)?;
    out.truth.flush().map_err(Error::Truth)?;
    Ok(out.summary)
}

fn enqueue(queue: &mut BinaryHeap<Reverse<Due>>, serial: u64, conversation: Box<Conversation>) {
    if let Some(at) = conversation.due() {
        queue.push(Reverse(Due { at, serial, conversation }));
    }
}

fn start(
    world: &World<'_>,
    serial: u64,
    at: i64,
    limit: u64,
    customers: &mut u64,
    summary: &mut Summary,
) -> Box<Conversation> {
    let options = world.options;
    let mut r = Random::fork(options.seed, 0x1000 + serial);
    let kind = plan::draw_kind(&options.shares, &mut r);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let steps = plan::draw(kind, at, limit, &options.shares, &mut r);
    let number = if *customers > 0 && r.chance(options.shares.returning) {
        // One of the last five hundred: people come back soon or not at all.
        *customers - 1 - r.below((*customers).min(500))
    } else {
        *customers += 1;
        *customers - 1
    };
    let customer = world.shop.customer(options.seed, number, &world.languages);
    let conversation = Conversation::new(world, r.next(), kind, steps, customer, summary.threads);
    summary.threads += conversation.thread_count();
    Box::new(conversation)
}

/// Bytes of a message, roughly.
fn typical_size(options: &Options) -> u64 {
    match options.profile {
        Profile::Text => 9_000,
        Profile::Attachments => 8_000 + (options.shares.attachments * 1.5e6) as u64,
        Profile::Mixed => 7_000,
    }
}

/// Seconds between two new conversations, so that all of them spread over the days asked for.
fn mean_gap(options: &Options) -> f64 {
    let messages = options.min_bytes.map_or(options.messages, |b| b / typical_size(options).max(1));
    let conversations = (messages as f64 / 3.5).max(1.0);
    ((options.days * 86_400) as f64 / conversations).max(SHORTEST_GAP)
}
