//! What stays: the business's own facts.
//!
//! An answer is worthless without the shop's telephone number and address. What agents sent to several
//! distinct customers is taken for such a fact; names, cards, secrets and ids never are, however often they
//! were sent. The list of what was learned is for a person to read.

use crate::fold::fold;
use crate::kind::Type;
use crate::redactor::{Options, Redactor};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::BTreeMap;

/// Why a value stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The operator said so.
    Listed,
    /// Agents sent it to this many distinct customers (counted up to a limit).
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
            let street = literal
                .split(['\n', ','])
                .find(|part| part.chars().any(char::is_alphabetic))
                .unwrap_or(literal);
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

/// Distinct customers are counted up to this many.
const COUNTED: usize = 8;
/// Entries held at most; beyond it the values with the largest hashes are forgotten, whatever the order.
const ENTRIES: usize = 1 << 18;
const LITERAL: usize = 160;

struct Fact {
    literal: String,
    /// The smallest hashes of the customers it was sent to.
    customers: Vec<u64>,
}

/// Learns what agents send to many customers.
///
/// Feed it every agent's text with a key of the customer it went to (an address), in any order and from any
/// number of learners joined by [`KeepFacts::merge`]; the outcome is the same. Memory is bounded by the
/// number of distinct values and by a fixed limit.
///
/// ```
/// use threadfold_redact::{KeepFacts, Redactor, Options, Side, Type};
/// let mut facts = KeepFacts::new(&[]);
/// for customer in ["a@example.com", "b@example.com", "c@example.com"] {
///     facts.feed("Call 1-503-555-0188 or come to 120 Wharf Street.", customer);
/// }
/// facts.feed("We sent it to 77 Quarry Lane.", "a@example.com");
/// let keep = facts.finish();
/// let kept: Vec<_> = keep.list().iter().map(|k| (k.kind, k.literal.as_str())).collect();
/// assert_eq!(kept, [(Type::Address, "120 Wharf Street"), (Type::Phone, "1-503-555-0188")]);
/// ```
pub struct KeepFacts {
    redactor: Redactor,
    own: Vec<String>,
    facts: BTreeMap<(u64, Type, String), Fact>,
    customers: std::collections::BTreeSet<u64>,
    threshold: Option<u32>,
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
        let options = Options { keep: std::sync::Arc::new(keep), agent_facts: false, ..Options::default() };
        KeepFacts {
            redactor: Redactor::new(options),
            own,
            facts: BTreeMap::new(),
            customers: Default::default(),
            threshold: None,
        }
    }

    /// Sets how many distinct customers make a fact; without it 3, or 2 where fewer than 200 customers were
    /// seen.
    #[must_use]
    pub fn threshold(mut self, customers: u32) -> KeepFacts {
        self.threshold = Some(customers.clamp(1, COUNTED as u32));
        self
    }

    /// Takes in what an agent wrote to a customer.
    pub fn feed(&mut self, agent_text: &str, customer: &str) {
        let customer = hash(Type::Name, &customer.trim().to_lowercase());
        if self.customers.len() < 4096 {
            self.customers.insert(customer);
        }
        let mut thread = self.redactor.thread(&[]);
        for (kind, literal) in thread.facts(agent_text) {
            if !kind.public_kind() || literal.len() > LITERAL {
                continue;
            }
            let key = key(kind, literal);
            let id = hash(kind, &key);
            let literal = literal.split_whitespace().collect::<Vec<_>>().join(" ");
            self.note((id, kind, key), literal, &[customer]);
        }
    }

    fn note(&mut self, key: (u64, Type, String), literal: String, customers: &[u64]) {
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
            self.facts.entry(key).or_insert_with(|| Fact { literal: literal.clone(), customers: Vec::new() });
        if literal < fact.literal {
            fact.literal = literal;
        }
        for customer in customers {
            if let Err(at) = fact.customers.binary_search(customer) {
                fact.customers.insert(at, *customer);
                fact.customers.truncate(COUNTED);
            }
        }
    }

    /// Takes in what another learner saw.
    pub fn merge(&mut self, other: KeepFacts) {
        self.customers.extend(other.customers.iter().take(4096));
        for (key, fact) in other.facts {
            self.note(key, fact.literal, &fact.customers);
        }
    }

    /// The values that agents sent to enough customers, and the business's own domains.
    pub fn finish(self) -> Keep {
        let threshold = self.threshold.unwrap_or(if self.customers.len() < 200 { 2 } else { 3 }) as usize;
        let mut keep = Keep { domains: self.own, ..Keep::default() };
        for ((_, kind, key), fact) in self.facts {
            if fact.customers.len() >= threshold {
                keep.values.insert((kind, key), 0);
                let customers = fact.customers.len() as u32;
                keep.list.push(Kept { kind, literal: fact.literal, reason: Reason::Sent { customers } });
            }
        }
        keep.list.sort_by(|a, b| (a.kind, &a.literal).cmp(&(b.kind, &b.literal)));
        keep
    }
}
