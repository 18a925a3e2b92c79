//! What stays: the business's own facts.
//!
//! An answer is worthless without the shop's telephone number and address. What agents sent to several
//! distinct customers is taken for such a fact; names, cards, secrets and ids never are, however often they
//! were sent. The list of what was learned is for a person to read.

use crate::fold::{fold, one_spaced};
use crate::kind::{Person, Side, Type};
use crate::known::Known;
use crate::lexicon::Lexicon;
use crate::reading::Findings;
use crate::redactor::{Options, Redactor, Seen, ThreadRedactor, Whose};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a value stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The operator said so.
    Listed,
    /// Agents told it to customers of this many distinct households or companies (counted up to a limit).
    Sent {
        /// Distinct customers, at least the threshold.
        customers: u32,
    },
}

/// One kept value, for the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// What it is.
    pub kind: Type,
    /// As written; of several spellings the first in byte order.
    pub literal: String,
    /// Why it stays.
    pub reason: Reason,
}

/// The values that stay.
///
/// ```
/// use threadfold_redact::{Keep, Options, Redactor, Side, Type};
/// let mut keep = Keep::default();
/// assert!(keep.add(Type::Phone, "+1 503 555 0188"));
/// assert!(!keep.add(Type::Name, "Marta"), "names are never kept");
/// let redactor = Redactor::new(Options { keep: std::sync::Arc::new(keep), ..Options::default() });
/// let text = "I called (503) 555-0188 from (503) 555-0142";
/// let out = redactor.thread(&[]).redact(text, Side::Customer);
/// assert_eq!(out.text, "I called (503) 555-0188 from [PHONE_1]");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Keep {
    values: FxHashMap<(Type, String), usize>,
    list: Vec<Kept>,
    domains: Vec<String>,
}

impl Keep {
    /// Keeps a literal. False, and nothing kept, for the kinds that never stay: names, cards, secrets,
    /// passwords and dates of birth.
    pub fn add(&mut self, kind: Type, literal: &str) -> bool {
        self.insert(kind, literal, Reason::Listed)
    }

    /// Keeps addresses on a domain and below it, where they name nobody.
    pub fn add_domain(&mut self, domain: &str) {
        let domain = domain.trim().trim_start_matches('@').to_lowercase();
        if !domain.is_empty() && !self.domains.contains(&domain) {
            self.domains.push(domain);
        }
    }

    /// What stays and why, sorted by kind and literal.
    pub fn list(&self) -> &[Kept] {
        &self.list
    }

    /// Adds everything of another list.
    pub fn merge(&mut self, other: &Keep) {
        for kept in &other.list {
            self.insert(kept.kind, &kept.literal, kept.reason.clone());
        }
        for domain in &other.domains {
            self.add_domain(domain);
        }
    }

    pub(crate) fn domains(&self) -> &[String] {
        &self.domains
    }

    fn insert(&mut self, kind: Type, literal: &str, reason: Reason) -> bool {
        if matches!(kind, Type::Name | Type::Card | Type::Secret | Type::Password | Type::Dob) {
            return false;
        }
        let key = key(kind, literal);
        if key.is_empty() {
            return false;
        }
        if !self.values.contains_key(&(kind, key.clone())) {
            self.values.insert((kind, key), 0);
            self.list.push(Kept { kind, literal: literal.trim().to_owned(), reason });
            self.list.sort_by(|a, b| (a.kind, &a.literal).cmp(&(b.kind, &b.literal)));
        }
        true
    }

    pub(crate) fn holds(&self, kind: Type, literal: &str) -> bool {
        !self.values.is_empty() && self.values.contains_key(&(kind, key(kind, literal)))
    }
}

/// The value behind its spellings: the last nine digits of a telephone number, the house number and street of
/// an address, letters and digits of the rest.
pub(crate) fn key(kind: Type, literal: &str) -> String {
    match kind {
        Type::Phone => {
            let digits: String = literal
                .split(['x', 'X', 'e'])
                .next()
                .unwrap_or("")
                .chars()
                .filter(char::is_ascii_digit)
                .collect();
            digits[digits.len().saturating_sub(9)..].to_owned()
        }
        Type::Email => literal.trim().to_lowercase(),
        Type::Address => {
            // The street alone: a writer adds the town or leaves it out.
            let street = match crate::known::street(literal) {
                "" => literal
                    .split(['\n', ','])
                    .find(|part| part.chars().any(char::is_alphabetic))
                    .unwrap_or(literal),
                street => street,
            };
            let mut out = String::new();
            for word in street.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
                let word = fold(word);
                out.push_str(match word.as_str() {
                    "street" | "strasse" => "st",
                    "avenue" => "ave",
                    "road" => "rd",
                    "lane" => "ln",
                    "drive" => "dr",
                    "boulevard" => "blvd",
                    "square" => "sq",
                    other => other.strip_suffix("strasse").map_or(other, |_| other),
                });
                out.push(' ');
            }
            out.replace("strasse ", "str ").trim_end().to_owned()
        }
        _ => fold(literal),
    }
}

/// A number that stands for a value however it is spelled, to count by; the same on all machines. It is no
/// secret what it stands for: whoever can guess a value can compare.
///
/// ```
/// use threadfold_redact::{Type, fingerprint};
/// assert_eq!(fingerprint(Type::Phone, "+1 503 555 0142"), fingerprint(Type::Phone, "(503) 555-0142"));
/// ```
pub fn fingerprint(kind: Type, literal: &str) -> u64 {
    hash(kind, &key(kind, literal))
}

/// Customers remembered for each value; more say nothing new.
const REMEMBERED: usize = 48;
/// A value that a customer wrote as theirs is the business's only if so many others were told it.
const PUBLIC: usize = 8;
/// Entries held at most; beyond it the values with the largest hashes are forgotten, whatever the order.
const ENTRIES: usize = 1 << 18;
const LITERAL: usize = 160;

/// A customer as far as it takes to tell households and companies apart: hashes of the address, of its host
/// (unless anyone can have a mailbox there), and of the surname.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Customer {
    address: u64,
    host: u64,
    surname: u64,
}

impl Customer {
    fn of(person: &Person<'_>) -> Customer {
        let email = person.email.trim().to_lowercase();
        let lexicon = Lexicon::get();
        let host = email.rsplit_once('@').map_or("", |(_, h)| h);
        let host = if host.is_empty() || lexicon.freemail(host) { 0 } else { hash(Type::Email, host) };
        // "Lindqvist, Marta" and "Marta Lindqvist"; one word says nothing.
        let words: Vec<&str> = person.name.split_whitespace().collect();
        let surname = match words.as_slice() {
            [first, .., _] if first.ends_with(',') => fold(first),
            [_, .., last] => fold(last),
            _ => String::new(),
        };
        let surname = if surname.is_empty() { 0 } else { hash(Type::Name, &surname) };
        let named = if email.is_empty() { fold(person.name) } else { email };
        Customer { address: hash(Type::Email, &named), host, surname }
    }

    /// Whether two may be of one household or company.
    fn near(&self, other: &Customer) -> bool {
        self.address == other.address
            || self.host != 0 && self.host == other.host
            || self.surname != 0 && self.surname == other.surname
    }
}

#[derive(Default)]
struct Fact {
    literal: String,
    /// The smallest of those it was told to.
    told: Vec<Customer>,
    /// The smallest of those who wrote it as theirs.
    owners: Vec<Customer>,
}

fn remember(list: &mut Vec<Customer>, customer: Customer) {
    if let Err(at) = list.binary_search(&customer) {
        list.insert(at, customer);
        list.truncate(REMEMBERED);
    }
}

/// How many of them cannot be of one household, at least.
fn households(told: &[Customer], owners: &[Customer]) -> usize {
    let mut distinct: Vec<&Customer> = Vec::new();
    for customer in told {
        let related = distinct.iter().any(|d| d.near(customer)) || owners.iter().any(|o| o.near(customer));
        if !related {
            distinct.push(customer);
        }
    }
    distinct.len()
}

/// A turn of a thread: whose side wrote it, and the text.
pub type Turn<'a> = (Side, &'a str);

/// Learns from whole threads what agents tell many customers, and what customers have that must go
/// wherever it stands.
///
/// A value is the business's own if agents told it to several customers of distinct households and
/// companies, none of whom wrote it as theirs ("my number is …"). Feed it every thread, in any order and
/// from any number of learners joined by [`KeepFacts::merge`]; the outcome is the same. Memory is bounded by
/// the number of distinct values.
///
/// ```
/// use threadfold_redact::{KeepFacts, Person, Side, Type};
/// let mut facts = KeepFacts::new(&[]);
/// for (name, email) in [("Ada Brook", "a@one.example"), ("Bea Holm", "b@two.example"), ("Cy Lund", "c@six.example")] {
///     let people = [Person { name, email, side: Side::Customer }];
///     facts.feed(&people, &[(Side::Agent, "Call 1-503-555-0188 or come to 120 Wharf Street.")]);
/// }
/// let people = [Person { name: "Ada Brook", email: "a@one.example", side: Side::Customer }];
/// facts.feed(&people, &[(Side::Agent, "We sent it to 77 Quarry Lane.")]);
/// let keep = facts.finish();
/// let kept: Vec<_> = keep.list().iter().map(|k| (k.kind, k.literal.as_str())).collect();
/// assert_eq!(kept, [(Type::Address, "120 Wharf Street"), (Type::Phone, "1-503-555-0188")]);
/// ```
pub struct KeepFacts {
    redactor: Arc<Redactor>,
    own: Vec<String>,
    facts: BTreeMap<(u64, Type, String), Fact>,
    customers: std::collections::BTreeSet<u64>,
    threshold: Option<u32>,
    known: Known,
    /// Keys of values that somewhere stay by the words around them.
    stated: std::collections::BTreeSet<(Type, String)>,
}

fn hash(kind: Type, key: &str) -> u64 {
    // FNV-1a with a final mix: stable between runs and machines.
    let mut h = 0xcbf2_9ce4_8422_2325u64 ^ kind as u64;
    for b in key.bytes() {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    h ^= h >> 32;
    h = h.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    h ^ h >> 29
}

impl KeepFacts {
    /// A learner. `domains` are the business's own: addresses on them are kept anyway and need no learning.
    pub fn new(domains: &[&str]) -> KeepFacts {
        let mut keep = Keep::default();
        for domain in domains {
            keep.add_domain(domain);
        }
        let own = keep.domains.clone();
        let options = Options { keep: Arc::new(keep), ..Options::default() };
        KeepFacts {
            redactor: Arc::new(Redactor::new(options)),
            own,
            facts: BTreeMap::new(),
            customers: Default::default(),
            threshold: None,
            known: Known::default(),
            stated: Default::default(),
        }
    }

    /// Sets how many distinct customers make a fact; without it 3, or 2 where fewer than 200 customers were
    /// seen.
    #[must_use]
    pub fn threshold(mut self, customers: u32) -> KeepFacts {
        self.threshold = Some(customers.max(1));
        self
    }

    /// Takes in one text of which nobody says who wrote it; the side is
    /// [inferred](crate::ThreadRedactor::infer_side) and given back.
    pub fn feed_unsigned(&mut self, people: &[Person<'_>], text: &str) -> Side {
        let redactor = Arc::clone(&self.redactor);
        let mut thread = redactor.thread(people);
        let side = thread.infer_side(text);
        let _ = self.take(people, &[(side, text)], thread);
        side
    }

    /// Takes in a thread: who takes part, and all turns in their order.
    pub fn feed(&mut self, people: &[Person<'_>], turns: &[Turn<'_>]) {
        let redactor = Arc::clone(&self.redactor);
        let _ = self.take(people, turns, redactor.thread(people));
    }

    /// The same, and gives what was found: it spares the redactor of that thread the search.
    pub fn feed_and_note(&mut self, people: &[Person<'_>], turns: &[Turn<'_>]) -> Findings {
        let redactor = Arc::clone(&self.redactor);
        let mut thread = redactor.thread(people);
        thread.notes = Some(Findings::default());
        self.take(people, turns, thread)
    }

    fn take(
        &mut self,
        people: &[Person<'_>],
        turns: &[Turn<'_>],
        mut thread: ThreadRedactor<'_>,
    ) -> Findings {
        let customers: Vec<Customer> =
            people.iter().filter(|p| p.side == Side::Customer).take(4).map(Customer::of).collect();
        if let Some(first) = customers.first()
            && self.customers.len() < 4096
        {
            self.customers.insert(first.address);
        }
        for (at, person) in people.iter().enumerate() {
            // Headers name the same people again and again.
            if people[..at].iter().any(|p| (p.name, p.email) == (person.name, person.email)) {
                continue;
            }
            if thread.own_mailbox(person.email) {
                self.stated.insert((Type::Email, key(Type::Email, person.email)));
            } else {
                self.known.add(Type::Email, person.email);
            }
            self.known.add(Type::Name, person.name);
        }
        let mut seen = Vec::new();
        for (side, text) in turns {
            seen.extend(thread.observe(text, *side).into_iter().map(|s| (*side, s)));
        }
        let mut owned: Vec<(Type, String)> = Vec::new();
        let mut told: Vec<(Type, String)> = Vec::new();
        for (side, Seen { kind, literal, whose }) in seen {
            self.known.add(kind, &literal);
            let key = key(kind, &literal);
            if whose == Whose::Business {
                self.stated.insert((kind, key.clone()));
            }
            if !kind.public_kind() || literal.len() > LITERAL || key.is_empty() {
                continue;
            }
            let value = (kind, key);
            let literal = one_spaced(&literal);
            match side {
                // What the agent said first is quoted and not owned.
                Side::Customer if whose == Whose::Customers && !told.contains(&value) => {
                    self.note(&value, literal, |fact| {
                        customers.iter().for_each(|c| remember(&mut fact.owners, *c))
                    });
                    owned.push(value);
                }
                Side::Agent if whose != Whose::Customers && !owned.contains(&value) => {
                    self.note(&value, literal, |fact| {
                        customers.iter().take(1).for_each(|c| remember(&mut fact.told, *c))
                    });
                    told.push(value);
                }
                _ => {}
            }
        }
        thread.notes.unwrap_or_default()
    }

    fn note(&mut self, value: &(Type, String), literal: String, add: impl FnOnce(&mut Fact)) {
        let key = (hash(value.0, &value.1), value.0, value.1.clone());
        if self.facts.len() >= ENTRIES && !self.facts.contains_key(&key) {
            // The largest hashes go, so that which values stay does not depend on their order.
            match self.facts.last_key_value() {
                Some((last, _)) if *last > key => {
                    self.facts.pop_last();
                }
                _ => return,
            }
        }
        let fact =
            self.facts.entry(key).or_insert_with(|| Fact { literal: literal.clone(), ..Fact::default() });
        if literal < fact.literal {
            fact.literal = literal;
        }
        add(fact);
    }

    /// Takes in what another learner saw.
    pub fn merge(&mut self, other: KeepFacts) {
        self.customers.extend(other.customers.iter().take(4096));
        self.known.merge(other.known);
        self.stated.extend(other.stated);
        for ((_, kind, key), fact) in other.facts {
            self.note(&(kind, key), fact.literal, |mine| {
                fact.told.iter().for_each(|c| remember(&mut mine.told, *c));
                fact.owners.iter().for_each(|c| remember(&mut mine.owners, *c));
            });
        }
    }

    /// The values that agents told enough customers, and the business's own domains.
    pub fn finish(self) -> Keep {
        self.finish_with(&Keep::default()).0
    }

    /// The same together with another list, and what is to go wherever it stands.
    pub fn finish_with(self, more: &Keep) -> (Keep, Known) {
        let threshold = self.threshold.unwrap_or(if self.customers.len() < 200 { 2 } else { 3 }) as usize;
        let mut keep = Keep { domains: self.own, ..Keep::default() };
        for ((_, kind, key), fact) in self.facts {
            let least = if fact.owners.is_empty() { threshold } else { threshold.max(PUBLIC) };
            let told = households(&fact.told, &fact.owners);
            if told >= least {
                keep.values.insert((kind, key), 0);
                let customers = told.min(PUBLIC) as u32;
                keep.list.push(Kept { kind, literal: fact.literal, reason: Reason::Sent { customers } });
            }
        }
        keep.list.sort_by(|a, b| (a.kind, &a.literal).cmp(&(b.kind, &b.literal)));
        keep.merge(more);
        let stated = self.stated;
        let known = self.known.without(|kind, value| {
            keep.holds(kind, value)
                || stated.contains(&(kind, key(kind, value)))
                || kind == Type::Name && keep.domains.iter().any(|d| firm_of(d, value))
                || kind == Type::Email && keep.domains.iter().any(|d| own_role(d, value))
        });
        (keep, known)
    }
}

/// True for a name that the business's host spells: "Fern Halloran" of fernhalloran.example.
fn firm_of(domain: &str, name: &str) -> bool {
    let label = domain.rsplit('.').nth(1).map(fold).unwrap_or_default();
    let name = fold(name);
    label.len() >= 3 && (name.starts_with(&label) || label.starts_with(&name))
}

/// True for an address on the business's domain or below it that names nobody by a first name.
fn own_role(domain: &str, address: &str) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else { return false };
    let host = host.to_lowercase();
    let own = host == domain || host.strip_suffix(domain).is_some_and(|h| h.ends_with('.'));
    own && !local.split(|c: char| !c.is_alphabetic()).any(|part| {
        let flags = Lexicon::get().look_up(crate::fold::hash_word(part)).flags;
        flags & crate::lexicon::flag::FIRST != 0
    })
}
