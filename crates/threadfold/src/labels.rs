//! What sources are called in what is published: their names, or with redaction on something that names
//! nobody.
//!
//! A folder of `.eml` files is full of names: `Marta Lindqvist - lamp.eml`. Where a source's name holds a word
//! of somebody's name or a mail address of the archive, `mail-` and a hash of its first message stand for it.
//! No list of what stands for what is written. The owner finds the mail by the ledger of an export with
//! `--no-redact`: it has the same lines in the same order, with the names as they are.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use threadfold_core::{Locator, hash_bytes};
use threadfold_redact::ordinary_word;

use crate::Mailbox;

/// The shown names of an archive's sources.
pub(crate) struct Labels<'a> {
    mailbox: &'a Mailbox,
    /// By source; none where the name stays.
    hidden: Vec<Option<String>>,
    private: bool,
    words: FxHashSet<String>,
}

impl<'a> Labels<'a> {
    /// With `private`, names that name somebody are hidden.
    pub(crate) fn new(mailbox: &'a Mailbox, private: bool) -> Self {
        let sources = mailbox.archive.sources();
        let mut labels = Labels { mailbox, hidden: Vec::new(), private, words: FxHashSet::default() };
        if !private {
            labels.hidden.resize(sources.len(), None);
            return labels;
        }
        let all = &mailbox.envelopes;
        let mut seen = FxHashSet::default();
        for e in all.iter() {
            if seen.insert((e.from, e.from_name)) {
                let address = all.text(e.from);
                // The host is a provider's or the business's as often as a person's.
                let local = address.split('@').next().unwrap_or("");
                for word in words(all.text(e.from_name)).chain(words(local)) {
                    if word.chars().count() >= 4 && !ordinary_word(&word) {
                        labels.words.insert(word);
                    }
                }
            }
        }
        let mut first: BTreeMap<u32, Locator> = BTreeMap::new();
        for place in (0..all.len()).map(|i| all.locator(i)) {
            let at = first.entry(place.source.0).or_insert(place);
            *at = place.min(*at);
        }
        let mut scratch = Vec::new();
        let mut taken: BTreeMap<u64, u32> = BTreeMap::new();
        for (s, source) in sources.iter().enumerate() {
            labels.hidden.push(labels.names_someone(&source.name).then(|| {
                let raw = first.get(&(s as u32)).and_then(|at| mailbox.archive.read(*at, &mut scratch).ok());
                let hash = raw.map_or(0, |raw| hash_bytes(raw.bytes));
                let n = taken.entry(hash).or_insert(0);
                *n += 1;
                if *n == 1 { format!("mail-{hash:016x}") } else { format!("mail-{hash:016x}-{n}") }
            }));
        }
        labels
    }

    /// Whether messages keep their ids in what is written.
    pub(crate) fn private(&self) -> bool {
        self.private
    }

    fn names_someone(&self, name: &str) -> bool {
        name.contains('@') || words(name).any(|w| self.words.contains(&w))
    }

    /// A path or other text, or what stands for it.
    pub(crate) fn text(&self, text: &str, instead: &str) -> String {
        if self.private && self.names_someone(text) { instead.to_owned() } else { text.to_owned() }
    }

    /// An agent's address, the part before the host hidden where it names somebody.
    pub(crate) fn address(&self, address: &str, number: usize) -> String {
        let (local, host) = address.rsplit_once('@').unwrap_or(("", address));
        if self.private && words(local).any(|w| !ordinary_word(&w)) {
            return format!("[AGENT_NAME_{number}]@{host}");
        }
        address.to_owned()
    }

    /// The name of a source given by its own name, as the archive's failures have it.
    pub(crate) fn member(&self, name: &str) -> String {
        let at = self.mailbox.archive.sources().iter().position(|s| s.name == name);
        match at.and_then(|s| self.hidden[s].clone()) {
            Some(hidden) => hidden,
            None => self.text(name, &format!("mail-{:016x}", hash_bytes(name.as_bytes()))),
        }
    }

    /// Where a message stands, in words.
    pub(crate) fn locator(&self, message: usize) -> String {
        self.locator_text(self.mailbox.envelopes.locator(message))
    }

    /// The same of a place.
    pub(crate) fn locator_text(&self, at: Locator) -> String {
        match self.hidden.get(at.source.0 as usize) {
            Some(Some(hidden)) => at.text(hidden),
            _ => self.mailbox.locator_text(at),
        }
    }
}

/// Runs of letters, in small letters.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).map(str::to_lowercase)
}
