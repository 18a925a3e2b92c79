//! A thread read as a conversation: bodies to turns, by way of reply extraction and folding.

use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::{DropReason, FailReason, Flag, Hints, Role};
use threadfold_dataset::{Conversation, FoldOptions, Folded, Piece, fold_turns};
use threadfold_message::{Body, Choice, Defect, is_auto_reply_by_words};
use threadfold_reply::{self as reply, Known, Reply, Tails};
use threadfold_thread::Agents;

use crate::labels::Labels;
use crate::plan::{Candidate, Groundwork, Plan, role_of};
use crate::privacy::{self, Copied};
use crate::recover::{Archived, Gathered};
use crate::text::TextReader;
use crate::{Error, Mailbox};

/// What became of one message when its body was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Used,
    Dropped(DropReason),
    Failed(FailReason, String),
}

/// A conversation, of which examples are made as they are needed, and what became of each message that was
/// read for it.
pub(crate) struct Told {
    pub(crate) conversation: Conversation,
    pub(crate) outcomes: Vec<(usize, Outcome)>,
    /// Whom the headers name besides the authors; only gathered where redaction needs it.
    pub(crate) copied: Copied,
    /// Messages read.
    pub(crate) read: u64,
}

/// Why a body was not read as far as its text.
fn out_of_bounds(body: &Body) -> Option<DropReason> {
    let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    let unread = blank(&body.plain) && blank(&body.html) && body.defects.contains(&Defect::TooDeep);
    body.too_large.then_some(DropReason::TooLarge).or(unread.then_some(DropReason::TooDeep))
}

/// Words of a thread's messages that later ones may quote. A thread of 100,000 messages must not keep all
/// of them: beyond this many bytes the oldest go.
const PARENT_BYTES: usize = 32 << 20;

/// What is known before pass 2, for all threads.
pub(crate) struct Listener<'a> {
    pub(crate) mailbox: &'a Mailbox,
    pub(crate) agents: &'a Agents,
    pub(crate) plan: Plan,
    pub(crate) labels: Labels<'a>,
    tails: Tails,
    archived: Archived<'a>,
}

impl<'a> Listener<'a> {
    /// With `private`, sources are not called by names that name somebody.
    pub(crate) fn new(mailbox: &'a Mailbox, agents: &'a Agents, private: bool) -> Result<Self, Error> {
        Ok(Self::prepared(mailbox, agents, Groundwork::of(mailbox, agents)?, private))
    }

    /// The same with what has been found out already.
    pub(crate) fn prepared(
        mailbox: &'a Mailbox,
        agents: &'a Agents,
        groundwork: Groundwork,
        private: bool,
    ) -> Self {
        let Groundwork { plan, tails } = groundwork;
        let labels = Labels::new(mailbox, private);
        Listener { mailbox, agents, plan, labels, tails, archived: Archived::new(mailbox, agents) }
    }

    /// Reads the bodies of one thread and folds it.
    pub(crate) fn converse(&self, candidate: &Candidate, reader: &mut TextReader) -> Told {
        let mailbox = self.mailbox;
        let mut pieces = Vec::new();
        let mut outcomes = Vec::new();
        let mut read = 0;
        let mut copied = Copied::new();
        let mut said = Said::default();
        let mut quoted = Gathered::default();
        for m in order_of_speech(mailbox, mailbox.threads.messages(candidate.thread)) {
            if self.plan.early[m].is_some() {
                continue;
            }
            read += 1;
            let body = match reader.read_part(&mailbox.archive, mailbox.envelopes.locator(m), |raw| {
                if self.labels.private() {
                    privacy::copied(raw, &mut copied);
                }
                Some(raw)
            }) {
                Ok(body) => body.unwrap_or_default(),
                Err(why) => {
                    outcomes.push((m, Outcome::Failed(FailReason::Unreadable, why)));
                    continue;
                }
            };
            if let Some(reason) = body_reason(&body).or(out_of_bounds(&body)) {
                outcomes.push((m, Outcome::Dropped(reason)));
                continue;
            }
            let (piece, own, new) = self.piece(m, &body, &said);
            // Those whose subject says it were left out before.
            if is_auto_reply_by_words(&piece.text) {
                outcomes.push((m, Outcome::Dropped(DropReason::AutoReply)));
                continue;
            }
            pieces.push(piece);
            said.keep(m, own);
            if self.plan.wanted.is(m) {
                quoted.look(mailbox, m, &body, &new, &self.tails, reader);
            }
        }
        if !quoted.is_empty() {
            let all = mailbox.threads.messages(candidate.thread).iter().copied();
            let thread: Vec<u32> = all.filter(|&m| self.plan.early[m as usize].is_none()).collect();
            pieces = self.archived.merge(&thread, quoted, pieces, reader);
            for piece in pieces.iter_mut().filter(|p| p.recovered) {
                piece.locator = self.labels.locator(piece.message);
            }
        }
        let own: Vec<bool> = pieces.iter().map(|p| !p.recovered).collect();
        let options = FoldOptions::new(mailbox.options.which);
        let Folded { conversation, fates, .. } = fold_turns(&candidate.name(self.mailbox), pieces, &options);
        // A message of which only a quotation is used is used: its locator stands in the example.
        let quoters: FxHashSet<usize> = fates
            .iter()
            .zip(&own)
            .filter(|((_, fate), own)| fate.is_ok() && !**own)
            .map(|((m, _), _)| *m)
            .collect();
        outcomes.extend(fates.into_iter().zip(own).filter(|(_, own)| *own).map(
            |((m, fate), _)| match fate {
                Ok(()) => (m, Outcome::Used),
                Err(_) if quoters.contains(&m) => (m, Outcome::Used),
                Err(reason) => (m, Outcome::Dropped(reason)),
            },
        ));
        Told { conversation, outcomes, copied, read }
    }

    /// One message's new words, those with the signature (what an answer may quote of it), and all that was read.
    fn piece(&self, m: usize, body: &Body, said: &Said) -> (Piece, String, Reply) {
        let mailbox = self.mailbox;
        let all = &mailbox.envelopes;
        let e = &all[m];
        let name = all.text(e.from_name);
        let parent = mailbox.threads.parent_of(m);
        let words = said.parent(parent);
        let known = Known {
            parents: words.as_slice(),
            own_parents: parent.is_some_and(|p| (all[p].from, all[p].from_name) == (e.from, e.from_name)),
            tails: Some(&self.tails),
            author: (!name.is_empty()).then_some(name),
        };
        // What a message quotes is only asked where it may tell of another that is missing.
        let read = if self.plan.wanted.is(m) { reply::extract } else { reply::extract_words };
        let new = read(form(body), &known, &mailbox.options.reply);
        let flags = [
            (new.uncertain, Flag::UncertainReply),
            (body.damaged, Flag::DamagedText),
            (e.hints.contains(Hints::DATE_MISSING), Flag::UncertainOrder),
            (!body.attachments.is_empty(), Flag::AttachmentNeeded),
        ];
        let role = role_of(e, self.agents);
        let own = match &new.signature {
            Some(signature) if !mailbox.options.reply.keep_signature => {
                [&new.text, signature.as_str()].join("\n")
            }
            _ => new.text.clone(),
        };
        let piece = Piece {
            message: m,
            role,
            author: if name.is_empty() { all.text(e.from) } else { name }.to_owned(),
            date: (!e.hints.contains(Hints::DATE_MISSING)).then_some(e.date),
            message_id: mailbox.message_id(m, &mut Vec::new()),
            recovered: false,
            text: new.text.clone(),
            locator: self.labels.locator(m),
            flags: flags
                .into_iter()
                // An answer's attachment is its author's business; a customer's is part of the question.
                .filter(|&(set, f)| set && (f != Flag::AttachmentNeeded || role == Role::Customer))
                .map(|(_, f)| f)
                .collect(),
        };
        (piece, own, new)
    }
}

/// A thread's messages as they were said: by time, but an answer never before what it answers. Clocks are
/// wrong by minutes or by a time zone, and some mail has no date at all.
pub(crate) fn order_of_speech(mailbox: &Mailbox, messages: &[u32]) -> Vec<usize> {
    // Time and depth of each: at least those of its parent. A parent is looked up before its children by
    // walking up to the first one that is known, so that long chains need no recursion.
    let mut known: FxHashMap<usize, (i64, u32)> = FxHashMap::default();
    let mut chain = Vec::new();
    for &m in messages {
        let mut next = Some(m as usize);
        let mut above = None;
        while let Some(m) = next {
            if let Some(&found) = known.get(&m) {
                above = Some(found);
                break;
            }
            chain.push(m);
            next = mailbox.threads.parent_of(m);
        }
        for m in chain.drain(..).rev() {
            let own = mailbox.envelopes[m].date;
            let place = above.map_or((own, 0), |(time, depth): (i64, u32)| (own.max(time), depth + 1));
            known.insert(m, place);
            above = Some(place);
        }
    }
    let mut order: Vec<usize> = messages.iter().map(|&m| m as usize).collect();
    // Stable: what has the same time and depth stays in the order that threading gave it.
    order.sort_by_key(|m| known.get(m).copied());
    order
}

/// What only the structure of the body tells: encrypted, an invitation, a bounce.
fn body_reason(body: &Body) -> Option<DropReason> {
    let reasons = [
        (Hints::BOUNCE, DropReason::Bounce),
        (Hints::CALENDAR, DropReason::Calendar),
        (Hints::ENCRYPTED, DropReason::Encrypted),
    ];
    reasons.into_iter().find_map(|(hint, reason)| body.hints.contains(hint).then_some(reason))
}

/// The form in which reply extraction reads a body.
pub(crate) fn form(body: &Body) -> reply::Body<'_> {
    match (body.choice, &body.plain, &body.html) {
        (Choice::Html, _, Some(html)) | (_, None, Some(html)) => reply::Body::Html(html),
        (_, Some(text), Some(html)) => reply::Body::Both { text, html },
        (_, Some(text), None) => reply::Body::Text(text),
        (_, None, None) => reply::Body::Text(""),
    }
}

/// What the authors of the thread's earlier messages wrote, as later ones may quote it. Not what they
/// quoted themselves: people say the same again in a later answer, and that is no quotation.
#[derive(Default)]
struct Said {
    texts: FxHashMap<usize, String>,
    order: std::collections::VecDeque<usize>,
    bytes: usize,
}

impl Said {
    fn keep(&mut self, m: usize, text: String) {
        self.bytes += text.len();
        self.order.push_back(m);
        self.texts.insert(m, text);
        while self.bytes > PARENT_BYTES && self.order.len() > 1 {
            if let Some(gone) = self.order.pop_front().and_then(|m| self.texts.remove(&m)) {
                self.bytes -= gone.len();
            }
        }
    }

    /// What a message may quote: its parent's words.
    fn parent(&self, parent: Option<usize>) -> Option<&str> {
        parent.and_then(|p| self.texts.get(&p)).map(String::as_str)
    }
}
