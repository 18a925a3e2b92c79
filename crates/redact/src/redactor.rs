//! The redactor: rules, people, keep list and placeholders put together.

use crate::detect::{Hit, NameRole, Scan};
use crate::keep::{Keep, key};
use crate::kind::{Person, Redacted, Side, Span, Type, Types};
use crate::known::Known;
use crate::lexicon::{Lexicon, flag, minor};
use crate::ner::Ner;
use crate::people::People;
use crate::placeholder::{Numbers, Series};
use crate::token::{Token, gap, shape, tokenise};
use crate::view::View;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// How to redact.
///
/// ```
/// use threadfold_redact::{Options, Redactor, Side, Type, Types};
/// let options = Options { types: Types::none().with(Type::Email), ..Options::default() };
/// let out = Redactor::new(options).thread(&[]).redact("a@example.com, +1 503 555 0142", Side::Customer);
/// assert_eq!(out.text, "[EMAIL_1], +1 503 555 0142");
/// ```
#[derive(Clone)]
pub struct Options {
    /// The kinds to redact.
    pub types: Types,
    /// What stays.
    pub keep: Arc<Keep>,
    /// Whether what an agent writes of the business itself ("our showroom at …", a number in the signature)
    /// stays without having been sent to several customers. A value that a customer wrote in the thread
    /// never stays by this.
    pub agent_facts: bool,
    /// What was found anywhere in the archive and goes everywhere.
    pub known: Arc<Known>,
    /// A model of named entities to ask too.
    pub ner: Option<Arc<dyn Ner>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            types: Types::all(),
            keep: Arc::default(),
            agent_facts: true,
            known: Arc::default(),
            ner: None,
        }
    }
}

/// Whose a found value seems to be, from the words around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The business's own: it stays.
    Business,
    /// A customer's.
    Customers,
    /// Nothing says.
    Nobodys,
}

/// A value found in a turn.
pub(crate) struct Seen {
    pub(crate) kind: Type,
    pub(crate) literal: String,
    pub(crate) whose: Whose,
}

/// Redacts threads. Built once, shared by all threads of the program.
///
/// ```
/// use threadfold_redact::{Options, Person, Redactor, Side};
/// let redactor = Redactor::new(Options::default());
/// let people = [
///     Person { name: "Marta Lindqvist", email: "marta@example.com", side: Side::Customer },
///     Person { name: "Dana Whitlock", email: "support@shop.example", side: Side::Agent },
/// ];
/// let mut thread = redactor.thread(&people);
/// let asked = "Hi Dana, my order HP-204418 is late. Marta";
/// let answer = "Hi Marta, sorry! HP-204418 ships today; questions to support@shop.example. Dana";
/// thread.learn(asked, Side::Customer);
/// thread.learn(answer, Side::Agent);
/// assert_eq!(
///     thread.redact(asked, Side::Customer).text,
///     "Hi [AGENT_NAME_1], my order [ORDER_ID_1] is late. [CUSTOMER_NAME_1]"
/// );
/// assert_eq!(
///     thread.redact(answer, Side::Agent).text,
///     "Hi [CUSTOMER_NAME_1], sorry! [ORDER_ID_1] ships today; questions to support@shop.example. [AGENT_NAME_1]"
/// );
/// ```
pub struct Redactor {
    options: Options,
}

impl Redactor {
    /// A redactor with these options.
    pub fn new(options: Options) -> Redactor {
        Lexicon::get();
        Redactor { options }
    }

    /// Begins a thread between these people.
    pub fn thread<'r>(&'r self, people: &[Person<'_>]) -> ThreadRedactor<'r> {
        let mut known = People::default();
        for domain in self.options.keep.domains() {
            known.own_host(domain);
        }
        // Agents first: their hosts tell the firm's name from a person's.
        for side in [Side::Agent, Side::Customer] {
            for person in people {
                // Who has an address of the business answers for it.
                let host = person.email.rsplit_once('@').map_or("", |(_, h)| h);
                let own =
                    person.side == Side::Agent || !host.is_empty() && known.own_domain(&host.to_lowercase());
                let theirs = if own { Side::Agent } else { Side::Customer };
                if theirs == side {
                    known.add(person.name, person.email, side);
                }
            }
        }
        ThreadRedactor {
            options: &self.options,
            people: known,
            numbers: Numbers::default(),
            tokens: Vec::new(),
            hits: Vec::new(),
            customers: FxHashSet::default(),
            cuts: Vec::new(),
        }
    }
}

/// The redactor of one thread: the same value gets the same placeholder in all its turns.
///
/// ```
/// use threadfold_redact::{Options, Person, Redactor, Side};
/// let redactor = Redactor::new(Options::default());
/// let people = [Person { name: "Marta Lindqvist", email: "marta@example.com", side: Side::Customer }];
/// let mut thread = redactor.thread(&people);
/// assert_eq!(thread.redact_name("Marta Lindqvist <marta@example.com>", Side::Customer), "[CUSTOMER_NAME_1]");
/// assert_eq!(thread.redact("I am Marta.", Side::Customer).text, "I am [CUSTOMER_NAME_1].");
/// ```
pub struct ThreadRedactor<'r> {
    options: &'r Options,
    people: People,
    numbers: Numbers,
    tokens: Vec<Token>,
    hits: Vec<Hit>,
    /// Keys of values that customers wrote: an agent who repeats one does not make it the business's.
    customers: FxHashSet<(Type, String)>,
    cuts: Vec<Hit>,
}

/// Longer texts are redacted in pieces, since offsets of tokens have 32 bits.
const PIECE: usize = 1 << 28;

impl ThreadRedactor<'_> {
    /// Reads a turn before any is redacted: names from its greetings and sign-offs, numbers it announces.
    pub fn learn(&mut self, text: &str, side: Side) {
        self.numbers.reserve(text);
        for piece in pieces(text) {
            let view = View::of(piece);
            let seen = view.as_ref().map_or(piece, |v| v.text.as_str());
            self.detect(seen);
            self.settle(seen);
            self.take_in(seen, side);
        }
    }

    /// Redacts a turn.
    pub fn redact(&mut self, text: &str, side: Side) -> Redacted {
        self.numbers.reserve(text);
        let mut out = Redacted { text: String::with_capacity(text.len() + 32), spans: Vec::new() };
        let mut base = 0;
        for piece in pieces(text) {
            self.piece(piece, base, side, &mut out);
            base += piece.len();
        }
        out
    }

    /// Redacts what a message shows as its author: a name, an address, or both. Role addresses and names
    /// of firms stay.
    pub fn redact_name(&mut self, name_or_address: &str, side: Side) -> String {
        let text = name_or_address.trim();
        if text.is_empty() || crate::placeholder::parse(text).is_some() {
            return text.to_owned();
        }
        let (name, email) = match text.rfind('<') {
            Some(at) if text.ends_with('>') => {
                (text[..at].trim().trim_matches('"'), &text[at + 1..text.len() - 1])
            }
            _ if text.contains('@') && !text.contains(' ') => ("", text),
            _ => (text, ""),
        };
        if name.is_empty() {
            if self.people.own_mailbox(email) {
                return email.to_owned();
            }
            let person = self.people.by_email(email, side);
            return self.name_placeholder(person, side);
        }
        let mut tokens = Vec::new();
        tokenise(name, Lexicon::get(), &mut tokens);
        tokens.retain(|t| t.looks(shape::ALPHA));
        if tokens.is_empty() {
            return self.numbers.placeholder(Series::name(Some(side)), &format!("={name}"));
        }
        let firm = side == Side::Agent
            && (self.people.firm_at(name, &tokens, 0).is_some()
                || tokens.iter().any(|t| t.is(flag::ORG))
                    && tokens.iter().all(|t| self.people.find(t.hash).is_none() && !t.is(flag::FIRST)));
        if firm {
            return name.to_owned();
        }
        let person = self.people.resolve(name, &tokens, Some(side));
        self.name_placeholder(person, side)
    }

    fn name_placeholder(&mut self, person: u16, side: Side) -> String {
        if person == People::NOBODY {
            return self.numbers.placeholder(Series::name(Some(side)), "others");
        }
        let side = self.people.side(person).or(Some(side));
        self.numbers.placeholder(Series::name(side), &person.to_string())
    }

    fn detect(&mut self, text: &str) {
        Scan::new(text, &mut self.tokens, &mut self.hits, &self.people, Some(&self.options.known)).run();
        if let Some(ner) = &self.options.ner {
            for (range, kind) in ner.entities(text) {
                if text.get(range.clone()).is_some_and(|t| !t.trim().is_empty()) {
                    self.hits.push(Hit {
                        start: range.start as u32,
                        end: range.end as u32,
                        kind,
                        role: NameRole::Mentioned,
                    });
                }
            }
        }
    }

    /// [Learns](ThreadRedactor::learn) from a turn and tells what was found in it, and whose it seems to be.
    pub(crate) fn observe(&mut self, text: &str, side: Side) -> Vec<Seen> {
        self.numbers.reserve(text);
        let mut out = Vec::new();
        for piece in pieces(text) {
            let view = View::of(piece);
            let seen = view.as_ref().map_or(piece, |v| v.text.as_str());
            self.detect(seen);
            self.settle(seen);
            for at in 0..self.hits.len() {
                let hit = self.hits[at];
                let value = &seen[hit.start as usize..hit.end as usize];
                let whose = if hit.kind == Type::Email && self.people.own_mailbox(value) {
                    Whose::Business
                } else if hit.kind.public_kind()
                    || hit.kind == Type::NationalId
                    || hit.role == NameRole::Handle
                {
                    match side {
                        Side::Agent if self.stays(seen, hit, value, side) => Whose::Business,
                        Side::Agent if self.theirs(seen, hit) => Whose::Customers,
                        Side::Agent => Whose::Nobodys,
                        Side::Customer if self.points_at_business(seen, hit) => Whose::Nobodys,
                        Side::Customer => Whose::Customers,
                    }
                } else {
                    Whose::Nobodys
                };
                out.push(Seen { kind: hit.kind, literal: value.to_owned(), whose });
            }
            self.take_in(seen, side);
        }
        out
    }

    /// Whether an address is the business's and names nobody.
    pub(crate) fn own_mailbox(&self, address: &str) -> bool {
        self.people.own_mailbox(address)
    }

    /// The tokens before a hit in its sentence, the nearest first.
    fn before<'s>(&'s self, text: &'s str, hit: Hit) -> impl Iterator<Item = &'s Token> + 's {
        let at = self.tokens.partition_point(|t| t.start < hit.start);
        (1..=at.min(14))
            .take_while(move |back| {
                let k = at - back + 1;
                let Some(next) = self.tokens.get(k) else { return true };
                let sentence = next.gap & gap::STOP != 0
                    && next.gap & gap::SPACE != 0
                    && !crate::detect::abbreviates(text, &self.tokens[k - 1]);
                next.gap & gap::BLANK == 0 && !sentence
            })
            .map(move |back| &self.tokens[at - back])
    }

    /// Whether an agent writes of what is the customer's: "your number", "we sent it to".
    fn theirs(&self, text: &str, hit: Hit) -> bool {
        self.before(text, hit)
            .find(|t| t.is(flag::YOU | flag::OUR | flag::BUSINESS | flag::INVITE))
            .is_some_and(|t| {
                t.is(flag::YOU)
                    && !t.is(flag::OUR | flag::BUSINESS | flag::INVITE)
                    && !t.looks(minor::SUBJECT)
            })
    }

    /// Whether a customer writes of what is the business's: "your number", "I called".
    fn points_at_business(&self, text: &str, hit: Hit) -> bool {
        self.before(text, hit)
            .find(|t| t.is(flag::YOU | flag::BUSINESS) || t.looks(minor::SELF) && t.len() > 1)
            .is_some_and(|t| !t.looks(minor::SELF))
    }

    /// Makes of overlapping hits a sorted row without overlaps: the kind earlier in [`Type::ALL`] wins and
    /// the other keeps what is left of it.
    fn settle(&mut self, text: &str) {
        // Literals that look like placeholders stay whole, whatever claims their words.
        if self.numbers.literals() {
            for token in self.tokens.iter().filter(|t| t.looks(shape::PLACEHOLDER)) {
                let (start, end) = (token.start, token.end);
                self.hits.push(Hit { start, end, kind: Type::Secret, role: NameRole::Shield });
            }
        }
        self.hits
            .sort_by_key(|h| (h.role != NameRole::Shield, h.kind as u8, h.start, std::cmp::Reverse(h.end)));
        self.cuts.clear();
        // Kind by kind, each in one walk beside what stands already.
        let mut at = 0;
        while at < self.hits.len() {
            let (kind, shield) = (self.hits[at].kind, self.hits[at].role == NameRole::Shield);
            let mut until = at;
            while until < self.hits.len()
                && self.hits[until].kind == kind
                && (self.hits[until].role == NameRole::Shield) == shield
            {
                until += 1;
            }
            let row = united(&self.hits[at..until]);
            self.cuts = laid_beside(text, &self.cuts, &row);
            at = until;
        }
        std::mem::swap(&mut self.hits, &mut self.cuts);
        self.hits.retain(|h| h.role != NameRole::Shield);
    }

    /// Takes names and announced values of settled hits into the thread's knowledge.
    fn take_in(&mut self, text: &str, side: Side) {
        for at in 0..self.hits.len() {
            let hit = self.hits[at];
            let value = &text[hit.start as usize..hit.end as usize];
            match hit.kind {
                Type::Name => {
                    let tokens = self.tokens_of(hit);
                    let whose = whose(hit.role, side);
                    if tokens.is_empty() {
                        self.people.learn_literal(value, whose);
                    } else {
                        self.people.resolve(text, &tokens, whose);
                    }
                }
                Type::OrderId
                | Type::Tracking
                | Type::AccountId
                | Type::Card
                | Type::Plate
                | Type::NationalId
                | Type::Secret => {
                    let compact: Vec<u8> = value.bytes().filter(u8::is_ascii_alphanumeric).collect();
                    if compact.len() >= 5 && compact.iter().filter(|b| b.is_ascii_digit()).count() >= 3 {
                        self.people.remember(
                            compact.iter().fold(0, |h, b| crate::fold::step(h, b.to_ascii_lowercase())),
                        );
                    }
                    if side == Side::Customer {
                        self.customers.insert((hit.kind, key(hit.kind, value)));
                    }
                }
                _ => {
                    if side == Side::Customer {
                        self.customers.insert((hit.kind, key(hit.kind, value)));
                    }
                }
            }
        }
    }

    fn tokens_of(&self, hit: Hit) -> Vec<Token> {
        let from = self.tokens.partition_point(|t| t.end <= hit.start);
        self.tokens[from..]
            .iter()
            .take_while(|t| t.start < hit.end)
            .filter(|t| t.looks(shape::ALPHA) && !t.looks(shape::EAST))
            .copied()
            .collect()
    }

    fn piece(&mut self, text: &str, base: usize, side: Side, out: &mut Redacted) {
        let view = View::of(text);
        let seen = view.as_ref().map_or(text, |v| v.text.as_str());
        self.detect(seen);
        self.settle(seen);
        let mut written = 0;
        for at in 0..self.hits.len() {
            let hit = self.hits[at];
            let value = &seen[hit.start as usize..hit.end as usize];
            if value.trim().is_empty()
                || !self.options.types.has(hit.kind)
                || self.stays(seen, hit, value, side)
            {
                continue;
            }
            let placeholder = self.placeholder(seen, hit, value, side);
            let (mut start, mut end) = (hit.start as usize, hit.end as usize);
            if let Some(view) = &view {
                (start, end) = view.back(text, start, end);
            }
            if start < written || end <= start {
                continue;
            }
            out.text.push_str(&text[written..start]);
            out.text.push_str(&placeholder);
            out.spans.push(Span { start: base + start, end: base + end, kind: hit.kind, placeholder });
            written = end;
        }
        out.text.push_str(&text[written..]);
    }

    fn placeholder(&mut self, text: &str, hit: Hit, value: &str, side: Side) -> String {
        if hit.kind == Type::Name {
            let tokens = self.tokens_of(hit);
            let person = if tokens.is_empty() {
                self.people.literals().iter().find(|(l, _)| l == value).map(|(_, p)| *p)
            } else {
                let literal = self.people.literals().iter().find(|(l, _)| l == value).map(|(_, p)| *p);
                literal.or_else(|| Some(self.people.resolve(text, &tokens, whose(hit.role, side))))
            };
            return match person.filter(|p| *p != People::NOBODY) {
                Some(person) => {
                    let series = Series::name(self.people.side(person));
                    self.numbers.placeholder(series, &person.to_string())
                }
                None => self.numbers.placeholder(Series::name(None), &format!("={value}")),
            };
        }
        let mut value_key = key(hit.kind, value);
        if value_key.is_empty() {
            value_key = value.to_owned();
        }
        self.numbers.placeholder(Series::of(hit.kind), &value_key)
    }

    /// Whether a value stays as the business's own.
    fn stays(&self, text: &str, hit: Hit, value: &str, side: Side) -> bool {
        match hit.kind {
            Type::Name | Type::Card | Type::Secret | Type::Password | Type::Dob => return false,
            // Found in another thread, perhaps inside what looks like the business's own here.
            _ if hit.role == NameRole::Known => return self.options.keep.holds(hit.kind, value),
            Type::Email if self.people.own_mailbox(value) => return true,
            // The shop's own page on a social network.
            Type::AccountId if hit.role == NameRole::Handle && !self.options.known.holds(hit.kind, value) => {
                let theirs = self.customers.contains(&(hit.kind, key(hit.kind, value)));
                return !theirs
                    && (self.people.firm_label(value)
                        || self.options.agent_facts && side == Side::Agent && self.own_fact(text, hit));
            }
            _ => {}
        }
        if self.options.keep.holds(hit.kind, value) {
            return true;
        }
        // What another thread has shown to be somebody's is nobody's fact here.
        if self.options.known.holds(hit.kind, value) {
            return false;
        }
        if self.options.agent_facts
            && (hit.kind.public_kind() && hit.kind != Type::Email || hit.kind == Type::NationalId)
        {
            let theirs = self.customers.contains(&(hit.kind, key(hit.kind, value)));
            if theirs {
                return false;
            }
            if hit.kind == Type::Phone && toll_free(value) && side == Side::Agent {
                return true;
            }
            return side == Side::Agent && self.own_fact(text, hit);
        }
        false
    }

    /// Whether an agent writes of the business here: "our", "call us", a department, the signature.
    fn own_fact(&self, text: &str, hit: Hit) -> bool {
        use crate::lexicon::context;
        let at = self.tokens.partition_point(|t| t.start < hit.start);
        let window = 14;
        let mut invited = false;
        let mut k = at;
        while k > 0 && k < self.tokens.len() && at - k < window {
            let gaps = self.tokens[k].gap;
            let sentence = gaps & gap::STOP != 0
                && gaps & gap::SPACE != 0
                && !crate::detect::abbreviates(text, &self.tokens[k - 1]);
            if gaps & gap::BLANK != 0 || sentence {
                break;
            }
            k -= 1;
            let token = &self.tokens[k];
            let yours = |t: &Token| t.is(flag::YOU) && !t.is(flag::OUR);
            if yours(token) {
                return false;
            }
            // "your office" is theirs.
            let theirs = k > 0 && yours(&self.tokens[k - 1]) && !self.tokens[k - 1].looks(minor::SUBJECT);
            match hit.kind {
                Type::NationalId if token.context & context::TAX != 0 => return !theirs,
                Type::NationalId => {}
                _ if token.is(flag::OUR | flag::BUSINESS) => return !theirs,
                // "Telefon 030 …" and "Tel.", where nobody else was named before.
                Type::Phone => invited |= token.context & context::PHONE != 0 && at - k <= 3,
                _ => invited |= token.is(flag::INVITE) && at - k <= 4,
            }
            invited |= hit.kind == Type::Phone && token.is(flag::INVITE) && at - k <= 4;
        }
        invited || hit.kind != Type::NationalId && self.in_signature(text, hit)
    }

    /// After the name that closes an agent's text.
    fn in_signature(&self, text: &str, hit: Hit) -> bool {
        let line_start =
            |at: usize| text[..at].trim_end_matches([' ', '-', '–', '—', '~', '*', '/']).ends_with('\n');
        // Redacted before.
        let literal = self.numbers.literals()
            && self.tokens.iter().rev().filter(|t| t.looks(shape::PLACEHOLDER) && t.end <= hit.start).any(
                |t| {
                    text[t.start as usize..].starts_with("[AGENT_NAME_")
                        && line_start(t.start as usize)
                        && text.len() - t.end as usize <= 320
                },
            );
        if literal {
            return true;
        }
        let signed = self.hits.iter().rev().find(|h| h.kind == Type::Name && h.end <= hit.start);
        let Some(name) = signed else { return false };
        // The name opens its line and the rest of the text is short.
        line_start(name.start as usize)
            && text.len() - name.end as usize <= 320
            && self
                .people
                .best(&self.tokens_of(*name), Some(Side::Agent))
                .is_some_and(|p| self.people.side(p) == Some(Side::Agent))
    }
}

/// Sorted hits of one kind, those that overlap made one.
fn united(hits: &[Hit]) -> Vec<Hit> {
    let mut out: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        match out.last_mut() {
            Some(last) if hit.start < last.end => {
                last.end = last.end.max(hit.end);
                if matches!(last.role, NameRole::Mentioned | NameRole::None) || hit.role == NameRole::Known {
                    last.role = hit.role;
                }
            }
            _ => out.push(*hit),
        }
    }
    out
}

/// The hits of `firm` and what they leave of those of `row`; both sorted and free of overlaps, and so the
/// result.
fn laid_beside(text: &str, firm: &[Hit], row: &[Hit]) -> Vec<Hit> {
    let mut out = Vec::with_capacity(firm.len() + row.len());
    let mut next = 0;
    for hit in row {
        while next < firm.len() && firm[next].end <= hit.start {
            out.push(firm[next]);
            next += 1;
        }
        let mut start = hit.start;
        while next < firm.len() && firm[next].start < hit.end {
            out.extend(rest_of(text, hit, start, firm[next].start));
            start = start.max(firm[next].end);
            if firm[next].end > hit.end {
                break;
            }
            out.push(firm[next]);
            next += 1;
        }
        out.extend(rest_of(text, hit, start, hit.end));
    }
    out.extend_from_slice(&firm[next..]);
    out
}

/// The part of a hit from `start` to `end`, without what is no letter at its ends where it was cut.
fn rest_of(text: &str, hit: &Hit, start: u32, end: u32) -> Option<Hit> {
    if start >= end || (start, end) == (hit.start, hit.end) {
        return (start < end).then_some(*hit);
    }
    let piece = &text[start as usize..end as usize];
    let trimmed = piece.trim_matches(|c: char| !c.is_alphanumeric());
    if trimmed.is_empty() || hit.kind == Type::Name && trimmed.chars().count() < 2 {
        return None;
    }
    let from = start + (trimmed.as_ptr() as usize - piece.as_ptr() as usize) as u32;
    Some(Hit { start: from, end: from + trimmed.len() as u32, ..*hit })
}

fn whose(role: NameRole, side: Side) -> Option<Side> {
    match (role, side) {
        (NameRole::Writer, side) => Some(side),
        (NameRole::Greeted, Side::Customer) => Some(Side::Agent),
        (NameRole::Greeted, Side::Agent) => Some(Side::Customer),
        _ => None,
    }
}

/// Numbers that cost the caller nothing are those of businesses.
fn toll_free(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    let north = digits.strip_prefix('1').unwrap_or(digits);
    north.len() == 10
        && ["800", "888", "877", "866", "855", "844", "833", "822"].iter().any(|p| north.starts_with(p))
        || ["0800", "0808", "0805", "44800", "49800", "33800", "33805"].iter().any(|p| digits.starts_with(p))
}

/// A text in pieces of at most 256 MiB, cut at line ends where there are any.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut cut = rest.len();
        if cut > PIECE {
            cut = PIECE;
            while !rest.is_char_boundary(cut) {
                cut -= 1;
            }
            cut = rest[..cut].rfind('\n').map_or(cut, |at| at + 1);
        }
        let (piece, left) = rest.split_at(cut);
        rest = left;
        Some(piece)
    })
}

/// Which side most likely wrote a text, from whom it greets and who signs it; the customer when in doubt,
/// since a customer's text is kept least.
///
/// ```
/// use threadfold_redact::{Person, Side, infer_side};
/// let people = [
///     Person { name: "Marta Lindqvist", email: "marta@example.com", side: Side::Customer },
///     Person { name: "Dana Whitlock", email: "support@shop.example", side: Side::Agent },
/// ];
/// assert_eq!(infer_side("Hi Marta,\nit ships today.\nDana", &people), Side::Agent);
/// assert_eq!(infer_side("Where is it?\nMarta", &people), Side::Customer);
/// ```
pub fn infer_side(text: &str, people: &[Person<'_>]) -> Side {
    let redactor = Redactor::new(Options::default());
    let mut thread = redactor.thread(people);
    thread.detect(text);
    thread.settle(text);
    let mut score = 0i32;
    for hit in thread.hits.iter().filter(|h| h.kind == Type::Name) {
        let tokens = thread.tokens_of(*hit);
        let Some(side) = thread.people.best(&tokens, None).and_then(|p| thread.people.side(p)) else {
            continue;
        };
        let sign = if side == Side::Agent { 1 } else { -1 };
        let head = hit.start < 80 && hit.role == NameRole::Greeted;
        let tail = hit.role == NameRole::Writer || text.len() - hit.end as usize <= 3;
        score += if tail {
            3 * sign
        } else if head {
            -2 * sign
        } else {
            0
        };
    }
    if score > 0 { Side::Agent } else { Side::Customer }
}
