//! Who is known in a thread: participants, and people met in greetings and sign-offs.

use crate::east::Mark;
use crate::fold::{fold, hash_folded, hash_word, in_small, spellings, step};
use crate::kind::Side;
use crate::lexicon::{Lexicon, flag};
use crate::token::{Token, gap, shape, tokenise};
use rustc_hash::FxHashSet;
use threadfold_core::hash_bytes;

/// A word that is part of someone's name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    hash: u64,
    /// Index of the person.
    pub(crate) person: u16,
    /// A short form or other spelling guessed from the name.
    pub(crate) guessed: bool,
}

struct Entry {
    side: Option<Side>,
    /// Folded address, for those known by it.
    email: String,
}

/// Something learned after the thread began, as far as it changes what is found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A word of somebody's name, by its hash.
    Word(u64),
    /// A value with digits that a word announced: its letters and digits, small.
    Number(Box<[u8]>),
    /// A name in a script without spaces.
    Literal,
    /// Somebody's mail address.
    Address,
}

/// The dictionary of one thread.
#[derive(Default)]
pub(crate) struct People {
    entries: Vec<Entry>,
    words: Vec<Known>,
    /// One bit for each value of the top hash bits of `words`.
    mask: [u64; 1 << (MASK_BITS - 6)],
    /// Names of firms: words that are nobody's name here.
    firms: Vec<Vec<u64>>,
    /// The first labels of hosts that are the business's own, folded: "harborpine".
    labels: Vec<String>,
    /// Hosts of the business, lower case.
    hosts: Vec<String>,
    /// Addresses of agents on hosts open to anyone.
    mailboxes: Vec<String>,
    /// Names in scripts without spaces, found as they are.
    literals: Vec<(String, u16)>,
    /// Neighbours in somebody's name.
    pairs: Vec<(u64, u64)>,
    /// Hashes of values that were announced somewhere in the thread.
    house: FxHashSet<u64>,
    news: Vec<News>,
    /// Of all that changed any of the above, in its order: of two dictionaries with the same number, what one finds
    /// in a text the other finds.
    state: u64,
    scratch: Vec<Token>,
}

const MOST: usize = 1024;
/// Hash bits that tell most words of a text from those of a name.
const MASK_BITS: u32 = 10;

impl People {
    /// Whoever comes after the dictionary is full.
    pub(crate) const NOBODY: u16 = u16::MAX;

    /// How many things were learned so far.
    pub(crate) fn learned(&self) -> usize {
        self.news.len()
    }

    /// What was learned since so many things were.
    pub(crate) fn news(&self, since: usize) -> &[News] {
        self.news.get(since..).unwrap_or(&[])
    }

    /// A number for all that is known so far.
    pub(crate) fn state(&self) -> u64 {
        self.state
    }

    /// Every change of what is known goes through here: `what` changed, by what.
    fn changed(&mut self, what: u8, by: u64) {
        self.state = step(step(self.state, what) ^ by, what);
    }

    /// Takes a participant in.
    pub(crate) fn add(&mut self, name: &str, email: &str, side: Side) {
        let lexicon = Lexicon::get();
        let email = &*in_small(email.trim());
        if let Some((_, host)) = email.rsplit_once('@')
            && side == Side::Agent
        {
            if lexicon.freemail(host) {
                self.changed(1, hash_bytes(email.as_bytes()));
                self.mailboxes.push(email.to_owned());
            } else {
                self.own_host(host);
            }
        }
        let mut name = name.trim();
        // "Dana via Shop", "Marta (Sales)"
        let said = |rest: &[u8]| ["via ", "at ", "from "].iter().any(|w| rest.starts_with(w.as_bytes()));
        let marked = name.bytes().enumerate().any(|(at, b)| match b {
            b' ' => said(&name.as_bytes()[at + 1..]),
            _ => matches!(b, b'(' | b'|' | b'-' | b'/' | b'@'),
        });
        for mark in [" via ", " (", " | ", " - ", " / ", " at ", " from ", " @ "] {
            if marked
                && let Some(at) = name.find(mark)
                && at > 0
            {
                if side == Side::Agent && !mark.starts_with(" (") {
                    self.firm(&name[at + mark.len()..]);
                }
                name = &name[..at];
            }
        }
        if name.contains('@') {
            name = "";
        }
        let local = email.split('@').next().unwrap_or("");
        if name.is_empty() {
            if email.is_empty() {
                return;
            }
            let person = self.entry(Some(side), email);
            for part in local.split(|c: char| !c.is_alphabetic()).filter(|p| p.chars().count() >= 3) {
                let flags = lexicon.look_up(hash_word(part)).flags;
                if flags & (flag::COMMON | flag::ORG | flag::BUSINESS) == 0 {
                    self.word(part, person, false);
                }
            }
            return;
        }
        let mut tokens = std::mem::take(&mut self.scratch);
        tokenise(name, lexicon, &mut tokens);
        let text = |t: &Token| &name[t.start as usize..t.end as usize];
        // "Harbour Kettles <shop@kettles.example>": a mailbox of the business itself, and its host's own word.
        let named_by_host = || {
            lexicon.look_up(hash_word(local)).flags & flag::ORG != 0
                && tokens.len() > 1
                && tokens.iter().all(|t| !t.is(flag::FIRST))
                && tokens.last().is_some_and(|t| self.labels.contains(&fold(text(t))))
        };
        let firm = side == Side::Agent
            && (name.contains('&')
                || tokens.iter().any(|t| t.is(flag::ORG) && !(t.is(flag::FIRST) || t.len() <= 2))
                || self.labels.contains(&fold(name))
                || tokens.len() > 1
                    && tokens.iter().all(|t| !t.is(flag::FIRST))
                    && self.labels.iter().any(|l| fold(name).starts_with(l.as_str()))
                || named_by_host());
        if firm {
            self.firm(name);
            self.scratch = tokens;
            return;
        }
        let person = self.entry(Some(side), email);
        // "Lindqvist, Marta": the first name comes last.
        let comma =
            tokens.iter().position(|t| t.gap & gap::COMMA != 0).filter(|at| !tokens[*at].is(flag::SUFFIX));
        let first = comma.unwrap_or_else(|| {
            tokens.iter().position(|t| !t.is(flag::TITLE) || t.is(flag::FIRST)).unwrap_or(0)
        });
        for two in tokens.windows(2).take(8) {
            if self.pairs.len() < MOST {
                self.changed(2, two[0].hash.rotate_left(32) ^ two[1].hash);
                self.pairs.push((two[0].hash, two[1].hash));
            }
        }
        for (at, token) in tokens.iter().enumerate() {
            let title = at < first && comma.is_none();
            let skip = title
                || token.looks(shape::DIGIT | shape::PLACEHOLDER)
                || token.len() < 2
                || token.is(flag::PARTICLE) && tokens.len() > 1 && at != first && token.len() <= 4
                || token.is(flag::SUFFIX) && at > 0
                || token.is(flag::ORG) && !token.is(flag::FIRST | flag::AMBIGUOUS) && tokens.len() > 1;
            if skip {
                continue;
            }
            if token.looks(shape::CASELESS) {
                let whole = text(token);
                if token.looks(shape::EAST) && lexicon.east().marks(whole).any(|(m, ..)| m == Mark::Org) {
                    continue;
                }
                self.literal(whole, person);
                // Without the surname: "小明" of 王小明, "민수" of 김민수.
                let letters = whole.chars().count();
                if token.looks(shape::EAST) && (3..=4).contains(&letters) {
                    let given = whole.chars().rev().take(2).map(char::len_utf8).sum::<usize>();
                    self.literal(&whole[whole.len() - given..], person);
                }
                self.word(whole, person, false);
                continue;
            }
            self.word(text(token), person, false);
            let given = at == first || token.gap & gap::QUOTE != 0;
            if given && self.words.len() < MOST {
                for short in lexicon.nicknames(token.hash) {
                    self.push(short, person, true);
                }
            }
        }
        // A mailbox name such as "tbrandt" points at its owner, where it is no word.
        for part in local.split(|c: char| !c.is_alphanumeric()) {
            if part.len() < 5 || side != Side::Customer {
                continue;
            }
            let hash = hash_word(part);
            if lexicon.look_up(hash).flags & (flag::COMMON | flag::ORG | flag::BUSINESS) == 0 {
                self.push(hash, person, true);
            }
        }
        self.scratch = tokens;
    }

    /// A host that is the business's own.
    pub(crate) fn own_host(&mut self, host: &str) {
        let host = in_small(host.trim().trim_start_matches('@'));
        if host.is_empty() || self.hosts.iter().any(|h| *h == *host) {
            return;
        }
        let label = host.split('.').rev().nth(1).map(fold).unwrap_or_default();
        if label.len() >= 3 {
            self.labels.push(label);
        }
        self.changed(3, hash_bytes(host.as_bytes()));
        self.hosts.push(host.into_owned());
    }

    fn literal(&mut self, name: &str, person: u16) {
        self.changed(4, hash_bytes(name.as_bytes()) ^ u64::from(person).rotate_right(16));
        self.literals.push((name.to_owned(), person));
    }

    fn firm(&mut self, name: &str) {
        let mut tokens = Vec::new();
        tokenise(name, Lexicon::get(), &mut tokens);
        // "Harbor & Pine Support": the firm's name is what stands before the department.
        while tokens.len() > 1 && tokens.last().is_some_and(|t| t.is(flag::ORG)) {
            tokens.pop();
        }
        if !tokens.is_empty() {
            self.changed(5, tokens.len() as u64);
            tokens.iter().for_each(|t| self.changed(6, t.hash));
            self.firms.push(tokens.iter().map(|t| t.hash).collect());
        }
    }

    fn entry(&mut self, side: Option<Side>, email: &str) -> u16 {
        if !email.is_empty()
            && let Some(at) = self.entries.iter().position(|e| e.email == email)
        {
            return at as u16;
        }
        if self.entries.len() >= MOST {
            return People::NOBODY;
        }
        if !email.is_empty() {
            self.news.push(News::Address);
        }
        let whose = side.map_or(0, |side| 1 + side as u64);
        self.changed(7, hash_bytes(email.as_bytes()).rotate_left(8) ^ whose);
        self.entries.push(Entry { side, email: email.to_owned() });
        (self.entries.len() - 1) as u16
    }

    fn word(&mut self, word: &str, person: u16, guessed: bool) {
        let spelled = |w: &[u8]| w[1] | 0x20 == b'e' && matches!(w[0] | 0x20, b'a' | b'o' | b'u');
        if word.is_ascii() && !word.as_bytes().windows(2).any(spelled) {
            // One spelling, and that is the rule.
            if word.bytes().filter(u8::is_ascii_alphanumeric).nth(1).is_some() {
                self.push(hash_word(word), person, false);
            }
            return;
        }
        for (at, spelling) in spellings(word).iter().enumerate() {
            if spelling.len() >= 2 {
                self.push(hash_folded(spelling), person, guessed && at > 0);
            }
        }
    }

    fn push(&mut self, hash: u64, person: u16, guessed: bool) {
        if self.words.len() >= 2 * MOST || person == People::NOBODY {
            return;
        }
        let top = (hash >> (64 - MASK_BITS)) as usize;
        let (slot, bit) = (top / 64, 1 << (top % 64));
        let met = self.mask[slot] & bit != 0;
        match self.words.iter_mut().find(|k| met && k.hash == hash && k.person == person) {
            Some(known) if known.guessed == guessed || guessed => return,
            Some(known) => known.guessed = false,
            None => self.words.push(Known { hash, person, guessed }),
        }
        self.news.push(News::Word(hash));
        self.changed(8 + u8::from(guessed), hash ^ u64::from(person).rotate_right(16));
        self.mask[slot] |= bit;
    }

    /// Who goes by a word; a stated name before a guessed one.
    #[inline]
    pub(crate) fn find(&self, hash: u64) -> Option<Known> {
        let top = (hash >> (64 - MASK_BITS)) as usize;
        if self.mask[top / 64] >> (top % 64) & 1 == 0 {
            return None;
        }
        let mut found: Option<Known> = None;
        for known in &self.words {
            if known.hash == hash && found.is_none_or(|f| f.guessed && !known.guessed) {
                found = Some(*known);
            }
        }
        found
    }

    /// The person that the words of a name fit best.
    pub(crate) fn best(&self, tokens: &[Token], side: Option<Side>) -> Option<u16> {
        // Person, score, words that are theirs.
        let mut scores: Vec<(u16, usize, usize)> = Vec::new();
        let mut asked = 0;
        for token in tokens.iter().filter(|t| t.len() > 1 && !t.is(flag::TITLE | flag::PARTICLE)) {
            asked += 1;
            if self.find(token.hash).is_none() {
                continue;
            }
            for known in self.words.iter().filter(|k| k.hash == token.hash) {
                let points = if known.guessed { 2 } else { 3 };
                match scores.iter_mut().find(|(person, ..)| *person == known.person) {
                    Some((_, score, words)) => {
                        *score += points;
                        *words += 1;
                    }
                    None => scores.push((known.person, points, 1)),
                }
            }
        }
        scores.sort_unstable();
        let mut best: Option<(usize, u16)> = None;
        for (person, score, words) in scores {
            let others = asked - words.min(asked);
            if others > 0 && score < 3 * others {
                continue;
            }
            let aside = side.is_some() && self.side(person) == side;
            let score = 4 * score + usize::from(aside);
            if best.is_none_or(|(s, _)| score > s) {
                best = Some((score, person));
            }
        }
        best.map(|(_, p)| p)
    }

    /// The person of a name met in the text; a new one if nobody known fits.
    pub(crate) fn resolve(&mut self, text: &str, tokens: &[Token], side: Option<Side>) -> u16 {
        if let Some(person) = self.best(tokens, side) {
            return person;
        }
        let person = self.entry(side, "");
        self.learn(text, tokens, person);
        person
    }

    /// Takes in a name of a script without spaces, met in the text.
    pub(crate) fn learn_literal(&mut self, name: &str, side: Option<Side>) {
        let known = self.literals.iter().any(|(l, _)| l == name);
        if known || self.literals.len() >= MOST || name.chars().count() < 2 {
            return;
        }
        // "田中" and "田中 美咲" are one person.
        let near = self
            .literals
            .iter()
            .find(|(l, _)| name.contains(l.as_str()) || l.contains(name))
            .map(|(_, p)| *p);
        let person = near.unwrap_or_else(|| self.entry(side, ""));
        self.news.push(News::Literal);
        self.literal(name, person);
    }

    /// Gives a person the words of a name.
    fn learn(&mut self, text: &str, tokens: &[Token], person: u16) {
        for token in tokens {
            let skip = token.len() < 2
                || token.is(flag::TITLE | flag::PARTICLE | flag::SUFFIX) && !token.is(flag::FIRST)
                || token.looks(shape::DIGIT);
            if !skip {
                self.word(&text[token.start as usize..token.end as usize], person, false);
            }
        }
    }

    /// Whether the two words stand side by side in somebody's name.
    pub(crate) fn follows(&self, before: u64, after: u64) -> bool {
        self.pairs.contains(&(before, after))
    }

    /// Whether somebody has this address (lower case).
    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.entries.iter().any(|e| e.email == email)
    }

    pub(crate) fn side(&self, person: u16) -> Option<Side> {
        self.entries.get(person as usize).and_then(|e| e.side)
    }

    /// The person with an address.
    pub(crate) fn by_email(&mut self, email: &str, side: Side) -> u16 {
        self.entry(Some(side), &email.to_lowercase())
    }

    pub(crate) fn literals(&self) -> &[(String, u16)] {
        &self.literals
    }

    /// True for an address on a host of the business that names nobody, such as `support@…`.
    pub(crate) fn own_mailbox(&self, address: &str) -> bool {
        let address = in_small(address);
        if self.mailboxes.iter().any(|own| *own == *address) {
            return self.names_nobody(&address);
        }
        let Some((_, host)) = address.rsplit_once('@') else { return false };
        self.own_domain(host) && self.names_nobody(&address)
    }

    fn names_nobody(&self, address: &str) -> bool {
        let lexicon = Lexicon::get();
        let local = address.split('@').next().unwrap_or("");
        let parts: Vec<&str> = local.split(|c: char| !c.is_alphabetic()).filter(|p| !p.is_empty()).collect();
        !parts.iter().any(|part| {
            let hash = hash_word(part);
            let flags = lexicon.look_up(hash).flags;
            flags & flag::FIRST != 0
                || self.find(hash).is_some() && flags & (flag::ORG | flag::COMMON) == 0
                || flags & flag::AMBIGUOUS != 0 && flags & (flag::ORG | flag::COMMON) == 0 && parts.len() > 1
        })
    }

    /// True for hosts of the business and hosts below them.
    pub(crate) fn own_domain(&self, host: &str) -> bool {
        self.hosts
            .iter()
            .any(|own| host == own || host.strip_suffix(own.as_str()).is_some_and(|h| h.ends_with('.')))
    }

    /// Whether a word on the net is the business's own name: "harborpine" of harborpine.example.
    pub(crate) fn firm_label(&self, word: &str) -> bool {
        let word = fold(word);
        self.labels.iter().any(|l| word.starts_with(l.as_str()) || l.len() >= 6 && word.contains(l.as_str()))
    }

    /// Remembers a value that a word announced, to find it where none does.
    pub(crate) fn remember(&mut self, value: &str) {
        let compact: Vec<u8> =
            value.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect();
        let known = compact.len() >= 5 && compact.iter().filter(|b| b.is_ascii_digit()).count() >= 3;
        if known && self.house.len() < MOST && self.house.insert(compact.iter().copied().fold(0, step)) {
            self.changed(10, compact.iter().copied().fold(0, step));
            self.news.push(News::Number(compact.into()));
        }
    }

    pub(crate) fn house_value(&self, compact: u64) -> bool {
        !self.house.is_empty() && self.house.contains(&compact)
    }

    /// If the tokens around `i` spell a firm's name or the label of the business's host, its last token.
    pub(crate) fn firm_at(&self, text: &str, tokens: &[Token], i: usize) -> Option<(usize, usize)> {
        if self.firms.is_empty() && self.labels.is_empty() {
            return None;
        }
        for from in i.saturating_sub(3)..=i {
            for firm in &self.firms {
                let end = from + firm.len();
                if end > i
                    && end <= tokens.len()
                    && firm.iter().zip(&tokens[from..end]).all(|(h, t)| *h == t.hash)
                {
                    return Some((from, end - 1));
                }
            }
            for label in &self.labels {
                let mut rest = label.as_str();
                // Most words differ in their first letter: no need to fold them.
                let head = tokens.get(from).map_or(0, |t| text.as_bytes()[t.start as usize]);
                if head.is_ascii() && !rest.as_bytes()[0].eq_ignore_ascii_case(&head) {
                    continue;
                }
                for (at, token) in tokens.iter().enumerate().skip(from).take(5) {
                    if at > from && token.gap & gap::AMP != 0 {
                        rest = rest
                            .strip_prefix("and")
                            .or_else(|| rest.strip_prefix("und"))
                            .or_else(|| rest.strip_prefix("et"))
                            .unwrap_or(rest);
                    }
                    let Some(left) =
                        rest.strip_prefix(fold(&text[token.start as usize..token.end as usize]).as_str())
                    else {
                        break;
                    };
                    rest = left;
                    if rest.is_empty() {
                        // A single word is a firm only if it is not a person's: "fern" of fern.example.
                        if at >= i && (at > from || self.find(token.hash).is_none()) {
                            return Some((from, at));
                        }
                        break;
                    }
                }
            }
        }
        None
    }
}
