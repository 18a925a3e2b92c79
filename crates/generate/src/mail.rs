//! One conversation, message by message.

use threadfold_core::{Role, format_rfc3339};

use crate::body::{Past, Reply};
use crate::client::{Client, Shape, Wrap};
use crate::compose::{Matter, Say, Scene, Words};
use crate::encode::wrap;
use crate::form::Body;
use crate::headers::{self, Transport, line};
use crate::language::Language;
use crate::markup;
use crate::options::{Error, Options, Profile};
use crate::output::{Attachment, ExampleLine, MessageLine, Output, TurnLine};
use crate::people::{Person, Shop};
use crate::personal::Sentences;
use crate::plan::{Act, Kind, Step};
use crate::random::Random;
use crate::subject::{bare, reply_subject};

/// What all conversations share.
pub(crate) struct World<'a> {
    pub(crate) options: &'a Options,
    pub(crate) languages: Vec<Language>,
    pub(crate) shop: Shop,
    pub(crate) personal: Sentences,
}

/// A message that may be written once more: everything but what its way added.
struct Kept {
    rest: Vec<u8>,
    attachments: Vec<Attachment>,
    id: String,
    from: usize,
    style: &'static str,
}

/// A conversation in flight.
pub(crate) struct Conversation {
    seed: u64,
    pub(crate) kind: Kind,
    pub(crate) steps: Vec<Step>,
    pub(crate) next: usize,
    matter: Matter,
    pub(crate) customer: Person,
    pub(crate) agent: usize,
    subject: String,
    /// Runs through a ticket system.
    ticket: bool,
    /// The step at which the subject changes.
    changes_at: Option<usize>,
    /// The last message of the customer's side and of the shop's.
    pasts: [Option<Past>; 2],
    last_id: String,
    kept: Option<Kept>,
    turns: Vec<TurnLine>,
    /// How many questions the customer asked after the first.
    round: usize,
    threads: [String; 2],
}

/// How a reply names what it answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Full,
    OnlyInReplyTo,
    OnlyReferences,
    Rewritten,
    None,
}

impl Link {
    fn name(self) -> &'static str {
        match self {
            Link::Full => "full",
            Link::OnlyInReplyTo => "only_in_reply_to",
            Link::OnlyReferences => "only_references",
            Link::Rewritten => "rewritten",
            Link::None => "none",
        }
    }
}

/// The message under construction.
pub(crate) struct Draft {
    /// Header fields and body, without what the way adds.
    pub(crate) rest: Vec<u8>,
    pub(crate) attachments: Vec<Attachment>,
}

impl Conversation {
    pub(crate) fn new(
        world: &World<'_>,
        seed: u64,
        kind: Kind,
        steps: Vec<Step>,
        customer: Person,
        first_thread: u64,
    ) -> Conversation {
        let mut r = Random::fork(seed, 1);
        let begun = steps.first().map_or(0, |s| s.at);
        let matter = Matter::new(&world.languages[customer.language], begun, &mut r);
        let shares = &world.options.shares;
        Conversation {
            seed,
            kind,
            next: 0,
            matter,
            agent: r.below(world.shop.agents.len() as u64) as usize,
            subject: String::new(),
            ticket: r.chance(shares.tickets),
            changes_at: r.chance(shares.changed_subjects).then(|| r.between(1, 5) as usize),
            pasts: [None, None],
            last_id: String::new(),
            kept: None,
            turns: Vec::new(),
            round: 0,
            threads: [format!("t{first_thread:07}"), format!("t{:07}", first_thread + 1)],
            steps,
            customer,
        }
    }

    /// How many threads its steps belong to.
    pub(crate) fn thread_count(&self) -> u64 {
        1 + u64::from(self.steps.iter().any(|s| s.thread == 1))
    }

    /// When its next message is due; none when it is over.
    pub(crate) fn due(&self) -> Option<i64> {
        self.steps.get(self.next).map(|s| s.at)
    }

    /// Writes the next message and its line of the truth.
    pub(crate) fn write_next(&mut self, world: &World<'_>, out: &mut Output<'_>) -> Result<(), Error> {
        let step = self.steps[self.next].clone();
        let mut r = Random::fork(self.seed, 100 + self.next as u64);
        if step.thread == 1 && self.next > 0 && self.steps[self.next - 1].thread == 0 {
            // The old topic is over; its example is complete.
            self.finish_thread(0, out)?;
            self.change_topic(world, step.at, &mut r);
        }
        match step.act {
            Act::Say(say) => self.write_said(world, &step, say, &mut r, out)?,
            Act::Copy => self.write_copy(world, &step, &mut r, out)?,
            _ => self.write_noise(world, &step, &mut r, out)?,
        }
        self.next += 1;
        if self.next == self.steps.len() {
            self.finish_thread(step.thread, out)?;
        }
        Ok(())
    }

    /// A matter and a subject that have nothing to do with the old ones.
    fn change_topic(&mut self, world: &World<'_>, now: i64, r: &mut Random) {
        self.round = 0;
        let old = self.subject.to_lowercase();
        let old: Vec<&str> =
            old.split(|c: char| !c.is_alphabetic()).filter(|w| w.chars().count() > 2).collect();
        for _ in 0..20 {
            self.matter = Matter::new(&world.languages[self.customer.language], now, r);
            let section = format!("{}.s", self.matter.topic);
            self.subject = self.scene(world, now).said(&section, r);
            let new = self.subject.to_lowercase();
            if !new.split(|c: char| !c.is_alphabetic()).any(|w| old.contains(&w)) {
                break;
            }
        }
    }

    fn finish_thread(&mut self, thread: usize, out: &mut Output<'_>) -> Result<(), Error> {
        if !self.turns.is_empty() {
            out.truth(&ExampleLine { kind: "example", thread: &self.threads[thread], turns: &self.turns })?;
            out.summary.examples += 1;
            self.turns.clear();
        }
        Ok(())
    }

    pub(crate) fn scene<'a>(&'a self, world: &'a World<'_>, now: i64) -> Scene<'a> {
        Scene {
            languages: &world.languages,
            shop: &world.shop,
            matter: &self.matter,
            customer: &self.customer,
            agent: &world.shop.agents[self.agent],
            subject: &self.subject,
            language: self.customer.language,
            now,
            round: self.round,
            personal: (&world.personal, world.options.shares.personal),
        }
    }

    fn style(&self, author: &Person, by_agent: bool, world: &World<'_>, r: &mut Random) -> Client {
        if by_agent {
            let client = author.client;
            if self.ticket && self.seed & 4 != 0 {
                return Client::HelpDesk;
            }
            return match r.below(100) {
                0..=3 => Client::NoHistory,
                4..=5 => Client::Bottom,
                6..=11 if matches!(client, Client::Thunderbird | Client::Roundcube) => Client::Interleaved,
                _ => client,
            };
        }
        let _ = world;
        author.client
    }

    fn write_said(
        &mut self,
        world: &World<'_>,
        step: &Step,
        say: Say,
        r: &mut Random,
        out: &mut Output<'_>,
    ) -> Result<(), Error> {
        let shares = &world.options.shares;
        let by_agent = step.role == Some(Role::Agent);
        let author = if by_agent { &world.shop.agents[self.agent] } else { &self.customer };
        let language = &world.languages[author.language];
        let opens = self.pasts[0].is_none() && self.pasts[1].is_none();
        let new_topic = !opens && matches!(say, Say::Ask);

        let mut style = self.style(author, by_agent, world, r);
        if new_topic && r.chance(0.5) {
            style = Client::NoHistory;
        }
        let (shape, how) = style.form(r);
        let list = !by_agent && r.chance(shares.list_footers);
        let mut words = self.scene(world, step.at).words(say, author, by_agent, style, r);
        self.add_notices(world, author, by_agent, list, step.at, &mut words, r);
        if let (Wrap::Hard(width), Shape::Plain) = (how, shape) {
            harden(&mut words, width);
        }

        // The message answered: the other side's last, else one's own.
        let side = usize::from(by_agent);
        let past = self.pasts[1 - side].clone().or_else(|| self.pasts[side].clone());
        let own_last = self.pasts[1 - side].is_none();
        let shown =
            past.as_ref().filter(|_| style != Client::NoHistory && style != Client::HelpDesk && !own_last);

        // Subject.
        let charset = if matches!(style, Client::Gmail | Client::Proton) || r.chance(0.55) {
            "utf-8"
        } else {
            world.languages[self.customer.language].charset
        };
        let changes = self.changes_at.is_some_and(|at| at <= self.next) && !opens;
        if new_topic {
            // Chosen when the topic changed.
        } else if opens {
            let section =
                if say == Say::Open { "open_subject".to_owned() } else { format!("{}.s", self.matter.topic) };
            self.subject = self.scene(world, step.at).said(&section, r);
        } else {
            if changes {
                self.changes_at = None;
                self.subject = bare(&self.subject).to_owned();
                self.subject = self.scene(world, step.at).said("changed", r);
            }
            if self.ticket && by_agent && !self.subject.contains("[#") {
                self.subject = format!("[#{}] {}", self.matter.ticket, bare(&self.subject));
            }
            self.subject = reply_subject(&self.subject, style, language, r);
        }

        // Links.
        let link = if past.is_none() {
            None
        } else if new_topic || changes || own_last && r.chance(0.7) {
            Some(Link::Full)
        } else if self.ticket && self.subject.contains("[#") && r.chance(0.5) {
            Some(if r.chance(0.5) { Link::Rewritten } else { Link::None })
        } else {
            let w = [
                1.0 - shares.only_in_reply_to
                    - shares.only_references
                    - shares.rewritten_ids
                    - shares.no_references,
                shares.only_in_reply_to,
                shares.only_references,
                shares.rewritten_ids,
                shares.no_references,
            ];
            let all = [Link::Full, Link::OnlyInReplyTo, Link::OnlyReferences, Link::Rewritten, Link::None];
            Some(all[r.weighted(&w)])
        };

        let id = headers::message_id(&author.address, r);
        let (to_name, to_address) = match (by_agent, self.pasts[1].as_ref()) {
            (true, _) => (self.customer.name.clone(), self.customer.address.clone()),
            (false, Some(p)) if !self.ticket && self.seed & 3 == 0 => (p.name.clone(), p.address.clone()),
            _ => (world.shop.name.clone(), world.shop.support.clone()),
        };
        // Either the agent's own address, or the shared one with the agent's name.
        let from_address = if by_agent && (self.ticket || self.seed & 3 != 0) {
            world.shop.support.clone()
        } else {
            author.address.clone()
        };

        let base64 = matches!(style, Client::Samsung | Client::Proton | Client::OutlookWeb) || r.chance(0.2);
        let mut rest = Vec::with_capacity(8 * 1024);
        let mut chain: Vec<String> = past.as_ref().map_or_else(Vec::new, |p| p.chain.clone());
        match (link, past.as_ref()) {
            (Some(Link::Full), Some(p)) => headers::links(&p.chain, Some(&p.id), &mut rest),
            (Some(Link::OnlyReferences), Some(p)) => headers::links(&p.chain, None, &mut rest),
            (Some(Link::OnlyInReplyTo), Some(p)) => {
                headers::links(&[], Some(&p.id), &mut rest);
                chain.drain(..chain.len() - 1);
            }
            (Some(Link::Rewritten), Some(p)) => {
                let ghost = headers::message_id(&p.address, r);
                chain.pop();
                if self.ticket || r.chance(0.5) {
                    chain.clear();
                }
                chain.push(ghost.clone());
                let known = if r.chance(0.5) { chain.as_slice() } else { &[] };
                headers::links(known, Some(&ghost), &mut rest);
            }
            _ => chain.clear(),
        }
        chain.push(id.clone());
        headers::mailbox("From", &author.name, &from_address, charset, base64, &mut rest);
        headers::field("Subject", &self.subject, charset, base64, &mut rest);
        line(&mut rest, format_args!("Date: {}", headers::date(step.at, language.zone)));
        headers::mailbox("To", &to_name, &to_address, charset, base64, &mut rest);
        line(&mut rest, format_args!("Message-ID: {id}"));
        if list {
            line(
                &mut rest,
                format_args!(
                    "List-ID: <support.{}>\nPrecedence: list\nList-Post: <mailto:{}>",
                    world.shop.domain, world.shop.support
                ),
            );
        }
        headers::program(style, &mut rest, r);

        // Body.
        let variant = author.habits >> 20;
        let reply = Reply {
            words: &words,
            client: style,
            language,
            past: shown,
            variant,
            shop: &world.shop.name,
            ticket: self.matter.ticket,
        };
        let plain = reply.plain();
        let html = if shape == Shape::Plain { String::new() } else { reply.html() };
        let broken = shape == Shape::Plain
            && shown.is_some()
            && style.marks_quotes()
            && matches!(how, Wrap::Hard(_))
            && r.chance(shares.broken_quotes);
        let body = Body { plain: &plain, html: &html, style, shape, how, charset, broken };
        let mut draft = Draft { rest, attachments: Vec::new() };
        let form = body.write(&mut draft, self.attachment_size(world, r), r);

        let past_html = if shape == Shape::Plain {
            let mut html = String::with_capacity(plain.len() + plain.len() / 8);
            markup::from_plain(&plain, &mut html);
            html
        } else {
            html
        };

        let labels = if by_agent {
            r.pick(&["Sent", "Sent,Important", "Inbox,Sent"])
        } else {
            r.pick(&["Inbox", "Inbox,Important", "Inbox,Unread", "Archived,Important"])
        };
        let transport = Transport {
            at: step.at,
            from: &from_address,
            to: if by_agent { &self.customer.address } else { &world.shop.support },
            labels,
            rich: world.options.profile == Profile::Text,
            local: by_agent && r.chance(0.3),
            return_path: &from_address,
        };
        let text = std::mem::take(&mut words.text);
        let thread = self.threads[step.thread].clone();
        let truth = MessageLine {
            kind: "message",
            message_id: &id,
            thread: &thread,
            offset: out.summary.bytes,
            role: step.role,
            fate: step.fate,
            reason: step.reason,
            author: &from_address,
            author_name: &author.name,
            date: format_rfc3339(step.at),
            language: Some(world.languages[self.customer.language].code),
            style: Some(style.name()),
            form: Some(form),
            quotes: shown.is_some(),
            link: link.map(Link::name),
            text: Some(&text),
            without_sign_off: (words.sign_off < text.len()).then(|| &text[..words.sign_off]),
            with_name: words
                .signature
                .as_ref()
                .filter(|s| !s.delimited)
                .and_then(|s| s.lines.first())
                .map(|name| format!("{text}\n\n{name}")),
            planted: &words.planted,
        };
        emit(&transport, &draft, r, out)?;
        out.truth(&truth)?;
        if step.reason.is_none() {
            out.summary.used += 1;
            match self.turns.last_mut().filter(|t| Some(t.role) == step.role) {
                Some(turn) => {
                    turn.text.push_str("\n\n");
                    turn.text.push_str(&text);
                    turn.message_ids.push(id.clone());
                }
                None => self.turns.push(TurnLine {
                    role: if by_agent { Role::Agent } else { Role::Customer },
                    text: text.clone(),
                    message_ids: vec![id.clone()],
                }),
            }
        }
        self.pasts[side] = Some(Past {
            id: id.clone(),
            chain,
            at: step.at,
            name: author.name.clone(),
            address: from_address,
            to: format!("{to_name} <{to_address}>"),
            subject: self.subject.clone(),
            plain,
            html: past_html,
            text,
        });
        if matches!(say, Say::FollowUp | Say::AskMore) {
            self.round += 1;
        }
        self.last_id.clone_from(&id);
        let copied = self.steps.get(self.next + 1).is_some_and(|s| s.act == Act::Copy);
        self.kept = copied.then(|| Kept {
            rest: draft.rest,
            attachments: draft.attachments,
            id,
            from: side,
            style: style.name(),
        });
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "all of them describe the one message")]
    fn add_notices(
        &self,
        world: &World<'_>,
        author: &Person,
        by_agent: bool,
        list: bool,
        now: i64,
        words: &mut Words,
        r: &mut Random,
    ) {
        let shares = &world.options.shares;
        let scene = self.scene(world, now);
        // A notice below words without any signature could as well be one's own words.
        if words.signature.is_some() && (by_agent || author.company.is_some()) && r.chance(shares.disclaimers)
        {
            let mut fixed = Random::fork(author.habits, 5);
            words.notices.push(scene.said("disclaimer", &mut fixed));
        }
        if !by_agent && r.chance(shares.external_banners) {
            words.banner = Some(Scene { language: 0, ..scene }.said("banner", r));
        }
        if list {
            let footer = scene.said("list_footer", r);
            words.notices.push(if r.chance(0.5) {
                format!("-- \n{footer}")
            } else {
                format!("_______________________________________________\n{footer}\n{}", world.shop.support)
            });
        }
    }

    /// The size of an attachment in lines of base64, if the message has one.
    fn attachment_size(&self, world: &World<'_>, r: &mut Random) -> Option<u64> {
        if !r.chance(world.options.shares.attachments) {
            return None;
        }
        let (low, high): (f64, f64) = match world.options.profile {
            Profile::Text => return None,
            Profile::Attachments => (50e3, 5e6),
            Profile::Mixed => (2e3, 60e3),
        };
        // An octave, then a place in it: log-uniform but for the bend within an octave, and without a
        // power function, whose last bit differs between machines.
        let mut bytes = f64::INFINITY;
        while bytes > high {
            bytes = low * (1u64 << r.below(7)) as f64 * (1.0 + r.unit());
        }
        Some((bytes / 57.0) as u64 + 1)
    }

    fn write_copy(
        &mut self,
        world: &World<'_>,
        step: &Step,
        r: &mut Random,
        out: &mut Output<'_>,
    ) -> Result<(), Error> {
        let Some(kept) = self.kept.take() else { return Ok(()) };
        let Some(past) = self.pasts[kept.from].as_ref() else { return Ok(()) };
        let transport = Transport {
            at: step.at,
            from: &past.address,
            to: &world.shop.support,
            labels: if kept.from == 1 { "Sent" } else { "Inbox,Category Updates" },
            rich: world.options.profile == Profile::Text,
            local: r.chance(0.5),
            return_path: &past.address,
        };
        let truth = MessageLine {
            kind: "message",
            message_id: &kept.id,
            thread: &self.threads[step.thread],
            offset: out.summary.bytes,
            role: step.role,
            fate: step.fate,
            reason: step.reason,
            author: &past.address,
            author_name: &past.name,
            date: format_rfc3339(step.at),
            language: None,
            style: Some(kept.style),
            form: None,
            quotes: false,
            link: None,
            text: None,
            without_sign_off: None,
            with_name: None,
            planted: &[],
        };
        let draft = Draft { rest: kept.rest, attachments: kept.attachments };
        emit(&transport, &draft, r, out)?;
        out.truth(&truth)
    }

    /// The subject without reply prefixes, and the ids that a note about the last message refers to.
    pub(crate) fn about(&self) -> (&str, &str) {
        (bare(&self.subject), &self.last_id)
    }

    pub(crate) fn set_subject(&mut self, subject: String) {
        self.subject = subject;
    }

    pub(crate) fn set_last_id(&mut self, id: String) {
        self.last_id = id;
    }

    pub(crate) fn thread_name(&self, thread: usize) -> &str {
        &self.threads[thread]
    }

    pub(crate) fn ticket_number(&self) -> Option<u64> {
        self.ticket.then_some(self.matter.ticket)
    }
}

/// Writes the separator, what the way added, and the message.
pub(crate) fn emit(
    transport: &Transport<'_>,
    draft: &Draft,
    r: &mut Random,
    out: &mut Output<'_>,
) -> Result<(), Error> {
    let mut message = Vec::with_capacity(draft.rest.len() + 6 * 1024);
    let sender = if transport.return_path.is_empty() { "MAILER-DAEMON" } else { transport.return_path };
    headers::separator(sender, transport.at, &mut message);
    transport.write(r, &mut message);
    let before = message.len();
    message.extend_from_slice(&draft.rest);
    let attachments: Vec<Attachment> =
        draft.attachments.iter().map(|a| Attachment { at: a.at + before, ..a.clone() }).collect();
    out.message(&message, &attachments)
}

/// Breaks the author's own lines for good, as the program does while the author types: the broken lines
/// are what was written.
fn harden(words: &mut Words, width: usize) {
    let (core, closing) = words.text.split_at(words.sign_off);
    let mut text = String::with_capacity(words.text.len() + 16);
    wrap(core, Wrap::Hard(width), false, &mut text);
    words.sign_off = text.len();
    let mut end = String::new();
    wrap(closing, Wrap::Hard(width), false, &mut end);
    text.push_str(&end);
    words.text = text;
}
