//! The word lists, compiled once: a folded word's hash leads to what the word can mean.

use crate::east::East;
use crate::fold::hash_word;
use crate::token::Token;
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What a word is.
pub(crate) mod flag {
    pub(crate) const GREET: u32 = 1;
    pub(crate) const SIGNOFF: u32 = 1 << 1;
    pub(crate) const INTRO: u32 = 1 << 2;
    pub(crate) const LABEL: u32 = 1 << 3;
    pub(crate) const TITLE: u32 = 1 << 4;
    pub(crate) const KIN: u32 = 1 << 5;
    pub(crate) const PARTICLE: u32 = 1 << 6;
    pub(crate) const SUFFIX: u32 = 1 << 7;
    pub(crate) const ORG: u32 = 1 << 8;
    pub(crate) const FIRST: u32 = 1 << 9;
    /// A name that is an ordinary word too.
    pub(crate) const AMBIGUOUS: u32 = 1 << 10;
    pub(crate) const COMMON: u32 = 1 << 11;
    pub(crate) const STREET: u32 = 1 << 12;
    pub(crate) const STREET_WEAK: u32 = 1 << 13;
    pub(crate) const STREET_FRONT: u32 = 1 << 14;
    pub(crate) const DIRECTION: u32 = 1 << 15;
    pub(crate) const UNIT: u32 = 1 << 16;
    pub(crate) const POBOX: u32 = 1 << 17;
    pub(crate) const STATE: u32 = 1 << 18;
    pub(crate) const COUNTRY: u32 = 1 << 19;
    pub(crate) const OUR: u32 = 1 << 20;
    pub(crate) const YOU: u32 = 1 << 21;
    pub(crate) const BUSINESS: u32 = 1 << 22;
    pub(crate) const INVITE: u32 = 1 << 23;
    pub(crate) const CONNECT: u32 = 1 << 24;
    pub(crate) const CHAIN: u32 = 1 << 25;
    pub(crate) const MONTH: u32 = 1 << 26;
    pub(crate) const MEASURE: u32 = 1 << 27;
    pub(crate) const TRAILING: u32 = 1 << 28;
    pub(crate) const NO_PASSWORD: u32 = 1 << 29;
    /// Ends an entry of more than one word.
    pub(crate) const PHRASE: u32 = 1 << 30;
}

/// What a word announces.
pub(crate) mod context {
    pub(crate) const PHONE: u32 = 1;
    pub(crate) const CARD: u32 = 1 << 1;
    pub(crate) const CVV: u32 = 1 << 2;
    pub(crate) const EXPIRY: u32 = 1 << 3;
    pub(crate) const IBAN: u32 = 1 << 4;
    pub(crate) const ACCOUNT: u32 = 1 << 5;
    pub(crate) const NATIONAL: u32 = 1 << 6;
    pub(crate) const TAX: u32 = 1 << 7;
    pub(crate) const ORDER: u32 = 1 << 8;
    pub(crate) const TRACKING: u32 = 1 << 9;
    pub(crate) const PASSWORD: u32 = 1 << 10;
    pub(crate) const PIN: u32 = 1 << 11;
    pub(crate) const SECRET: u32 = 1 << 12;
    pub(crate) const DOB: u32 = 1 << 13;
    pub(crate) const PLATE: u32 = 1 << 14;
    pub(crate) const IP: u32 = 1 << 15;
    pub(crate) const VERSION: u32 = 1 << 16;
    pub(crate) const ADDRESS: u32 = 1 << 17;
    pub(crate) const ZIP: u32 = 1 << 18;
    pub(crate) const HANDLE: u32 = 1 << 19;
    pub(crate) const PLACE: u32 = 1 << 20;
    pub(crate) const COUNT: usize = 21;
}

/// Small words that single rules ask for. They ride in the upper bits of a token's shape.
pub(crate) mod minor {
    pub(crate) const INTRO: u32 = 1 << 19;
    pub(crate) const ARTICLE: u32 = 1 << 20;
    pub(crate) const TITLE_WEAK: u32 = 1 << 21;
    pub(crate) const WORKPLACE: u32 = 1 << 22;
    pub(crate) const FRONT_WEAK: u32 = 1 << 23;
    pub(crate) const ROOM: u32 = 1 << 24;
    pub(crate) const REPEAT: u32 = 1 << 25;
    pub(crate) const NUMERO: u32 = 1 << 26;
    pub(crate) const TOWN_LINK: u32 = 1 << 27;
    pub(crate) const COPULA: u32 = 1 << 28;
    pub(crate) const EXTENSION: u32 = 1 << 29;
    pub(crate) const ABBREVIATION: u32 = 1 << 30;
    pub(crate) const SAINT: u32 = 1 << 31;
    pub(crate) const EPONYM: u32 = 1 << 18;
    /// Who is spoken to, where nothing is owned: "you can come to …".
    pub(crate) const SUBJECT: u32 = 1 << 16;
    /// Before a town in a form: "City:".
    pub(crate) const TOWN_LABEL: u32 = 1 << 15;
    /// The writer.
    pub(crate) const SELF: u32 = 1 << 17;
}

const MINORS: [(&str, u32); 17] = [
    ("saint", minor::SAINT),
    ("eponym", minor::EPONYM),
    ("self", minor::SELF),
    ("town_label", minor::TOWN_LABEL),
    ("subject", minor::SUBJECT),
    ("intro", minor::INTRO),
    ("article", minor::ARTICLE),
    ("title_weak", minor::TITLE_WEAK),
    ("workplace", minor::WORKPLACE),
    ("front_weak", minor::FRONT_WEAK),
    ("room", minor::ROOM),
    ("repeat", minor::REPEAT),
    ("numero", minor::NUMERO),
    ("town_link", minor::TOWN_LINK),
    ("copula", minor::COPULA),
    ("extension", minor::EXTENSION),
    ("abbreviation", minor::ABBREVIATION),
];

const FLAGS: [(&str, u32); 28] = [
    ("greet", flag::GREET),
    ("signoff", flag::SIGNOFF),
    ("intro", flag::INTRO),
    ("intro_weak", flag::INTRO),
    ("lowpassword", flag::NO_PASSWORD),
    ("namelabel", flag::LABEL),
    ("title", flag::TITLE),
    ("kin", flag::KIN),
    ("particle", flag::PARTICLE),
    ("suffix", flag::SUFFIX),
    ("org", flag::ORG),
    ("street", flag::STREET),
    ("street_weak", flag::STREET_WEAK),
    ("street_front", flag::STREET_FRONT),
    ("direction", flag::DIRECTION),
    ("unit", flag::UNIT),
    ("pobox", flag::POBOX),
    ("state", flag::STATE),
    ("country", flag::COUNTRY),
    ("our", flag::OUR),
    ("you", flag::YOU),
    ("business", flag::BUSINESS),
    ("invite", flag::INVITE),
    ("connect", flag::CONNECT),
    ("chain", flag::CHAIN),
    ("month", flag::MONTH),
    ("measure", flag::MEASURE),
    ("trailing", flag::TRAILING),
];

const CONTEXTS: [(&str, u32); context::COUNT] = [
    ("phone", context::PHONE),
    ("card", context::CARD),
    ("cvv", context::CVV),
    ("expiry", context::EXPIRY),
    ("iban", context::IBAN),
    ("account", context::ACCOUNT),
    ("national", context::NATIONAL),
    ("tax", context::TAX),
    ("order", context::ORDER),
    ("tracking", context::TRACKING),
    ("password", context::PASSWORD),
    ("pin", context::PIN),
    ("secret", context::SECRET),
    ("dob", context::DOB),
    ("plate", context::PLATE),
    ("ip", context::IP),
    ("version", context::VERSION),
    ("address", context::ADDRESS),
    ("zip", context::ZIP),
    ("handle", context::HANDLE),
    ("place", context::PLACE),
];

struct Phrase {
    /// The words before the last, the nearest first.
    before: Vec<u64>,
    means: Means,
}

/// What a listed word means: its [`flag`]s, [`context`]s and [`minor`] bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Means {
    pub(crate) flags: u32,
    pub(crate) context: u32,
    pub(crate) minor: u32,
}

/// The word lists. One for the whole process.
pub(crate) struct Lexicon {
    words: FxHashMap<u64, Means>,
    /// One bit for each value of a word's top 16 hash bits: most words of a mail are in no list.
    filter: Vec<u64>,
    phrases: FxHashMap<u64, Vec<Phrase>>,
    /// First names that stand for each other.
    nicknames: FxHashMap<u64, Vec<u32>>,
    nickname_classes: Vec<Vec<u64>>,
    pub(crate) street_suffixes: Vec<&'static str>,
    freemail: Vec<&'static str>,
    pub(crate) secret_prefixes: Vec<&'static str>,
    pub(crate) iban_countries: Vec<&'static str>,
    url_keys: FxHashMap<&'static str, Vec<&'static str>>,
    east: OnceLock<East>,
    pub(crate) top_domains: Vec<&'static str>,
    social_hosts: Vec<(&'static str, &'static str)>,
}

/// The entries of a list file: `[section]` heads, entries between commas or line ends, `#` comments.
fn entries(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    file.lines().filter(|l| !l.starts_with('#')).flat_map(move |line| {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name;
            return Vec::new();
        }
        line.split(',').map(str::trim).filter(|e| !e.is_empty()).map(|e| (section, e)).collect()
    })
}

fn lines(file: &'static str) -> Vec<&'static str> {
    file.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect()
}

impl Lexicon {
    /// The lists, compiled at the first call.
    pub(crate) fn get() -> &'static Lexicon {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(Lexicon::build)
    }

    fn build() -> Lexicon {
        let mut lexicon = Lexicon {
            words: FxHashMap::default(),
            filter: vec![0; 1024],
            phrases: FxHashMap::default(),
            nicknames: FxHashMap::default(),
            nickname_classes: Vec::new(),
            street_suffixes: lines(include_str!("../phrases/street_suffixes.txt")),
            freemail: lines(include_str!("../phrases/freemail.txt")),
            secret_prefixes: lines(include_str!("../phrases/secret_prefixes.txt")),
            iban_countries: lines(include_str!("../phrases/iban_countries.txt")),
            url_keys: FxHashMap::default(),
            east: OnceLock::new(),
            top_domains: entries(include_str!("../phrases/top_domains.txt")).map(|(_, e)| e).collect(),
            social_hosts: entries(include_str!("../phrases/social_hosts.txt")).collect(),
        };
        for file in [
            include_str!("../phrases/context.txt"),
            include_str!("../phrases/people.txt"),
            include_str!("../phrases/address.txt"),
            include_str!("../phrases/business.txt"),
        ] {
            for (section, entry) in entries(file) {
                let flags = FLAGS.iter().find(|(name, _)| *name == section).map_or(0, |(_, f)| *f);
                let context = CONTEXTS.iter().find(|(name, _)| *name == section).map_or(0, |(_, c)| *c);
                let minor = MINORS.iter().find(|(name, _)| *name == section).map_or(0, |(_, m)| *m);
                debug_assert!(flags | context | minor != 0, "section {section} of a list means nothing");
                lexicon.add(entry, Means { flags, context, minor });
            }
        }
        for (_, entry) in entries(include_str!("../phrases/common.txt")) {
            lexicon.add(entry, Means { flags: flag::COMMON, ..Means::default() });
        }
        for (_, entry) in entries(include_str!("../phrases/ambiguous.txt")) {
            lexicon.add(entry, Means { flags: flag::AMBIGUOUS, ..Means::default() });
        }
        for (_, entry) in entries(include_str!("../phrases/firstnames.txt")) {
            lexicon.add(entry, Means { flags: flag::FIRST, ..Means::default() });
        }
        for line in lines(include_str!("../phrases/nicknames.txt")) {
            let class = lexicon.nickname_classes.len() as u32;
            let names: Vec<u64> = line.split(' ').filter(|n| !n.is_empty()).map(hash_word).collect();
            for name in &names {
                lexicon.nicknames.entry(*name).or_default().push(class);
            }
            lexicon.nickname_classes.push(names);
        }
        for (section, entry) in entries(include_str!("../phrases/urlkeys.txt")) {
            lexicon.url_keys.entry(entry).or_default().push(section);
        }
        lexicon
    }

    fn add(&mut self, entry: &str, mut means: Means) {
        let mut hashes: Vec<u64> =
            entry.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(hash_word).collect();
        let Some(last) = hashes.pop() else { return };
        if !hashes.is_empty() {
            hashes.reverse();
            self.phrases.entry(last).or_default().push(Phrase { before: hashes, means });
            means = Means { flags: flag::PHRASE, ..Means::default() };
        }
        let word = self.words.entry(last).or_default();
        word.flags |= means.flags;
        word.context |= means.context;
        word.minor |= means.minor;
        let top = (last >> 48) as usize;
        self.filter[top / 64] |= 1 << (top % 64);
    }

    /// What a word means; nothing for words of no list.
    #[inline]
    pub(crate) fn look_up(&self, hash: u64) -> Means {
        let top = (hash >> 48) as usize;
        if self.filter[top / 64] >> (top % 64) & 1 == 0 {
            return Means::default();
        }
        self.words.get(&hash).copied().unwrap_or_default()
    }

    /// Gives the last token what the phrases ending at it mean.
    pub(crate) fn phrases(&self, tokens: &mut [Token]) {
        let Some((last, before)) = tokens.split_last_mut() else { return };
        for phrase in self.phrases.get(&last.hash).map_or(&[][..], |p| p) {
            let fits = before.len() >= phrase.before.len()
                && phrase.before.iter().zip(before.iter().rev()).all(|(hash, token)| *hash == token.hash);
            if fits {
                last.flags |= phrase.means.flags;
                last.context |= phrase.means.context;
                last.shape |= phrase.means.minor;
            }
        }
    }

    /// Whether a phrase of exactly `count` words ends at the last of these tokens.
    pub(crate) fn spans(&self, tokens: &[Token], count: usize) -> bool {
        let Some((last, before)) = tokens.split_last() else { return false };
        self.phrases.get(&last.hash).is_some_and(|phrases| {
            phrases.iter().any(|p| {
                p.before.len() + 1 >= count
                    && p.means.minor & minor::EPONYM != 0
                    && before.len() >= p.before.len()
                    && p.before.iter().zip(before.iter().rev()).all(|(hash, token)| *hash == token.hash)
            })
        })
    }

    /// The hashes of the names that bearers of this first name, given by its hash, go by.
    pub(crate) fn nicknames(&self, first: u64) -> impl Iterator<Item = u64> {
        self.nicknames
            .get(&first)
            .into_iter()
            .flatten()
            .flat_map(|class| self.nickname_classes[*class as usize].iter().copied())
    }

    /// The lists of the East Asian scripts, compiled at the first word in one of them.
    pub(crate) fn east(&self) -> &East {
        self.east.get_or_init(|| East::build(entries(include_str!("../phrases/east.txt"))))
    }

    /// The section of a host (lower case) whose pages name people or places.
    pub(crate) fn social_host(&self, host: &str) -> Option<&'static str> {
        let fits = |known: &str| host == known || host.strip_suffix(known).is_some_and(|h| h.ends_with('.'));
        self.social_hosts.iter().find(|(_, known)| fits(known)).map(|(section, _)| *section)
    }

    /// Whether a host (of any case) is exactly one of those.
    pub(crate) fn is_social_host(&self, host: &str) -> bool {
        self.social_hosts.iter().any(|(_, known)| known.eq_ignore_ascii_case(host))
    }

    /// True for a host (lower case) where anyone can have a mailbox.
    pub(crate) fn freemail(&self, host: &str) -> bool {
        self.freemail.contains(&host)
    }

    /// The sections of the list of URL parameters and segments that name `key`.
    pub(crate) fn url_key(&self, key: &str) -> &[&'static str] {
        if key.len() > 32 {
            return &[];
        }
        self.url_keys.get(key.to_ascii_lowercase().as_str()).map_or(&[], |s| s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_means_something() {
        // `build` asserts it.
        let lexicon = Lexicon::get();
        let means = lexicon.look_up(crate::fold::hash_folded("marta"));
        assert_ne!(means.flags & flag::FIRST, 0);
        assert!(lexicon.freemail("gmail.com"));
        assert!(lexicon.nicknames(hash_word("robert")).any(|n| n == hash_word("bob")));
        assert_eq!(lexicon.url_key("Token"), ["secret", "secret_path"]);
    }
}
