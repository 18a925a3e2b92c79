//! The redactor: rules, people, keep list and placeholders put together.

use crate::audit::Audit;
use crate::detect::{Hit, NameRole, Scan};
use crate::fold::in_small;
use crate::keep::{Keep, key};
use crate::kind::{Person, Redacted, Side, Span, Type, Types};
use crate::known::Known;
use crate::last_look::last_look;
use crate::lexicon::{Lexicon, flag};
use crate::ner::Ner;
use crate::people::People;
use crate::placeholder::{Numbers, Series};
use crate::reading::{Finding, Findings, Readings};
use crate::settle::settle;
use crate::token::{Token, shape, tokenise};
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
    /// The audit that what is published will have to pass: what it still finds in a redacted turn, because damage
    /// hid it, is taken out too.
    pub audit: Option<Arc<Audit>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            types: Types::all(),
            keep: Arc::default(),
            agent_facts: true,
            known: Arc::default(),
            ner: None,
            audit: None,
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
            // Headers name the same people again and again. What an agent's name is taken for depends on the hosts of
            // those before: the second time it may be the firm's.
            let mut met: Vec<(&str, &str)> = Vec::new();
            for person in people {
                // Who has an address of the business answers for it.
                let host = person.email.rsplit_once('@').map_or("", |(_, h)| h);
                let own = person.side == Side::Agent || !host.is_empty() && known.own_domain(&in_small(host));
                let theirs = if own { Side::Agent } else { Side::Customer };
                let who = (person.name, person.email);
                if theirs != side || side == Side::Customer && met.contains(&who) {
                    continue;
                }
                if side == Side::Customer && !person.email.trim().is_empty() {
                    met.push(who);
                }
                known.add(person.name, person.email, side);
            }
        }
        ThreadRedactor {
            options: &self.options,
            people: known,
            numbers: Numbers::default(),
            tokens: Vec::new(),
            hits: Vec::new(),
            customers: FxHashSet::default(),
            scratch: Vec::new(),
            readings: Readings::default(),
            notes: None,
            expected: Findings::default().into_iter(),
        }
    }

    /// The same with what was [found](crate::KeepFacts::feed_and_note) in the thread's texts before.
    pub fn thread_with<'r>(&'r self, people: &[Person<'_>], findings: Findings) -> ThreadRedactor<'r> {
        ThreadRedactor { expected: findings.into_iter(), ..self.thread(people) }
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
    pub(crate) options: &'r Options,
    pub(crate) people: People,
    pub(crate) numbers: Numbers,
    /// The words of the text read last, and what was found in it.
    pub(crate) tokens: Vec<Token>,
    pub(crate) hits: Vec<Hit>,
    /// Keys of values that customers wrote: an agent who repeats one does not make it the business's.
    pub(crate) customers: FxHashSet<(Type, String)>,
    scratch: Vec<Hit>,
    readings: Readings,
    /// What is found, if somebody wants to know.
    pub(crate) notes: Option<Findings>,
    /// What was found before in the texts to come.
    expected: std::vec::IntoIter<Finding>,
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
            self.read(seen);
            let learned = self.people.learned();
            self.take_in(seen, side);
            self.keep_reading(seen, learned);
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
        if let Some(audit) = &self.options.audit {
            last_look(audit, text, &mut out, |kind, value| match (kind, key(kind, value)) {
                (Type::Name, _) => self.numbers.placeholder(Series::name(None), &format!("={value}")),
                (_, empty) if empty.is_empty() => self.numbers.placeholder(Series::of(kind), value),
                (_, key) => self.numbers.placeholder(Series::of(kind), &key),
            });
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

    /// Finds what stands in a text, unless that was done before and nothing learned since can matter.
    fn read(&mut self, text: &str) {
        let before = self.expected.next();
        let literals = self.numbers.literals();
        if self.readings.recall(text, &self.people, literals, &mut self.tokens, &mut self.hits) {
            return;
        }
        let known = &self.options.known;
        let before = before.and_then(|finding| finding.hits(text, &self.people, known));
        let mut scan = Scan::new(text, &mut self.tokens, &mut self.hits, &self.people, Some(known));
        match before {
            Some(hits) => scan.run_again(hits),
            None => scan.run(),
        }
        let asked = std::mem::take(&mut scan.asked);
        if let Some(notes) = &mut self.notes {
            notes.note(text, &self.people, &self.hits, asked);
        }
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
        // Literals that look like placeholders stay whole, whatever claims their words.
        if literals {
            for token in self.tokens.iter().filter(|t| t.looks(shape::PLACEHOLDER)) {
                let (start, end) = (token.start, token.end);
                self.hits.push(Hit { start, end, kind: Type::Secret, role: NameRole::Shield });
            }
        }
        settle(text, &mut self.hits, &mut self.scratch);
    }

    /// Which side most likely wrote a text, from whom it greets and who signs it; the customer when in doubt,
    /// since a customer's text is kept least.
    ///
    /// ```
    /// use threadfold_redact::{Options, Person, Redactor, Side};
    /// let redactor = Redactor::new(Options::default());
    /// let people = [
    ///     Person { name: "Marta Lindqvist", email: "marta@example.com", side: Side::Customer },
    ///     Person { name: "Dana Whitlock", email: "support@shop.example", side: Side::Agent },
    /// ];
    /// let mut thread = redactor.thread(&people);
    /// assert_eq!(thread.infer_side("Hi Marta,\nit ships today.\nDana"), Side::Agent);
    /// assert_eq!(thread.infer_side("Where is it?\nMarta"), Side::Customer);
    /// ```
    pub fn infer_side(&mut self, text: &str) -> Side {
        self.numbers.reserve(text);
        let mut score = 0i32;
        for piece in pieces(text) {
            let view = View::of(piece);
            let seen = view.as_ref().map_or(piece, |v| v.text.as_str());
            self.read(seen);
            score += self.leaning(seen);
            self.keep_reading(seen, self.people.learned());
        }
        if score > 0 { Side::Agent } else { Side::Customer }
    }

    /// More than zero where the names in the text just read are those of an agent's letter.
    fn leaning(&self, text: &str) -> i32 {
        let mut score = 0;
        for hit in self.hits.iter().filter(|h| h.kind == Type::Name) {
            let head = hit.start < 80 && hit.role == NameRole::Greeted;
            let tail = hit.role == NameRole::Writer || text.len() - hit.end as usize <= 3;
            if !head && !tail {
                continue;
            }
            let side = self.people.best(&self.tokens_of(*hit), None).and_then(|p| self.people.side(p));
            let sign = match side {
                Some(Side::Agent) => 1,
                Some(Side::Customer) => -1,
                None => 0,
            };
            score += if tail { 3 * sign } else { -2 * sign };
        }
        score
    }

    /// Keeps the reading of the text just read, of the time when so much was known.
    fn keep_reading(&mut self, text: &str, learned: usize) {
        let literals = self.numbers.literals();
        self.readings.keep(text, learned, literals, &mut self.tokens, &mut self.hits);
    }

    /// [Learns](ThreadRedactor::learn) from a turn and tells what was found in it, and whose it seems to be.
    pub(crate) fn observe(&mut self, text: &str, side: Side) -> Vec<Seen> {
        self.numbers.reserve(text);
        let mut out = Vec::new();
        for piece in pieces(text) {
            let view = View::of(piece);
            let seen = view.as_ref().map_or(piece, |v| v.text.as_str());
            self.read(seen);
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
                    self.people.remember(value);
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

    pub(crate) fn tokens_of(&self, hit: Hit) -> Vec<Token> {
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
        self.read(seen);
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
}

fn whose(role: NameRole, side: Side) -> Option<Side> {
    match (role, side) {
        (NameRole::Writer, side) => Some(side),
        (NameRole::Greeted, Side::Customer) => Some(Side::Agent),
        (NameRole::Greeted, Side::Agent) => Some(Side::Customer),
        _ => None,
    }
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
