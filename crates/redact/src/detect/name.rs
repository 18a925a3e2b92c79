//! Names of people: known from the headers, or standing where a name stands.

use super::{Hit, Scan};
use crate::kind::Type;
use crate::lexicon::{flag, minor};
use crate::token::{Token, gap, shape};
use serde::{Deserialize, Serialize};

/// Where a name stands, which tells whose it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NameRole {
    /// Not a name.
    None,
    /// Words that no rule may take for a name: a URL.
    Shield,
    /// Someone spoken to.
    Greeted,
    /// The writer.
    Writer,
    /// Anyone.
    Mentioned,
    /// Not a name in the text but one on the net: an account there.
    Handle,
    /// Not a name: a value that another thread has shown to be somebody's.
    Known,
}

/// How much a place says that a name stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Any capitalised word that is not a common one.
    Place,
    /// Also asks for a listed first name, a known person or a second word.
    Word,
}

impl Scan<'_> {
    pub(super) fn names(&mut self) {
        let count = self.tokens.len();
        let mut until = 0;
        // Few texts hold a word that makes a name part of what a thing is called.
        let called = self.tokens.iter().any(|token| token.looks(minor::EPONYM | minor::SAINT));
        for i in 0..count {
            let token = self.tokens[i];
            if token.looks(shape::TAKEN) {
                continue;
            }
            const PLACES: u32 =
                flag::GREET | flag::SIGNOFF | flag::INTRO | flag::LABEL | flag::TITLE | flag::KIN;
            if token.is(PLACES) {
                until = until.max(self.after_place(i));
            }
            if i < until {
                continue;
            }
            if token.is(flag::FIRST) && token.looks(shape::UPPER) && !(called && self.called_after(i)) {
                until = self.listed_name(i).unwrap_or(until);
            }
            // "Leylas Rad", "Annas": the bare genitive of German, Dutch and the Nordic languages.
            if i >= until
                && token.looks(shape::UPPER)
                && token.flags == 0
                && token.len() > 4
                && self.byte(token.end as usize - 1) == b's'
            {
                let stem = crate::fold::hash_word(&self.text[token.start as usize..token.end as usize - 1]);
                let listed = self.lexicon.look_up(stem).flags;
                let known =
                    self.people.find(stem).is_some() && listed & (flag::AMBIGUOUS | flag::COMMON) == 0;
                if known
                    || listed & flag::FIRST != 0
                        && listed & (flag::AMBIGUOUS | flag::COMMON) == 0
                        && self.lower_or_noun(i + 1)
                {
                    until = self.claim(i, i + 1, NameRole::Mentioned);
                }
            }
            if called && i >= until && self.called_after(i) {
                until = until.max(i + 1);
                continue;
            }
            if i >= until && self.people.find(token.hash).is_some() {
                until = self.known_name(i).unwrap_or(until);
            }
            if i >= until && token.is(flag::AMBIGUOUS) && token.looks(shape::UPPER) && !token.opens() {
                until = self.ambiguous_pair(i).unwrap_or(until);
            }
            if i >= until && token.hash == self.here_hash() && i > 0 {
                self.speaker(i);
            }
        }
        self.last_lines();
        self.beside_addresses();
        for at in 0..self.people.literals().len() {
            let (literal, _) = &self.people.literals()[at];
            let literal = literal.clone();
            if literal.chars().count() < 2 {
                continue;
            }
            for found in memchr::memmem::find_iter(self.text.as_bytes(), literal.as_bytes()) {
                self.name_bytes(found, found + literal.len(), NameRole::Mentioned);
            }
        }
    }

    /// "Saint Martin cake", "Victoria sponge": a name that is part of what a thing is called.
    fn called_after(&self, i: usize) -> bool {
        let token = &self.tokens[i];
        let near = |k: usize| {
            self.gap(k) & !(gap::SPACE | gap::HYPHEN | gap::DOT | gap::STOP | gap::APOS) == 0
                && self.gap_len(k) <= 2
        };
        let eponym = token.looks(minor::EPONYM)
            || (i + 1..i + 4).take_while(|k| near(*k)).any(|k| {
                self.token(k).is_some_and(|t| t.looks(minor::EPONYM))
                    && self.lexicon.spans(&self.tokens[..=k], k - i + 1)
            });
        // The saint's own name in the thread is "Martin Saint", or "Saint" is somebody's first name.
        let saint = |k: usize| self.tokens[k].looks(minor::SAINT) && !Self::shouting(&self.tokens[k]);
        let after = i > 0 && saint(i - 1) && near(i) && token.capital() && !self.in_order(i - 1, i);
        let before = saint(i)
            && token.len() > 3
            && self.token(i + 1).is_some_and(|t| t.word() && near(i + 1) && t.gap & gap::NEWLINE == 0)
            && !self.in_order(i, i + 1);
        let small = saint(i) && !token.looks(shape::UPPER);
        eponym || after || before || small
    }

    /// Whether somebody's first name and surname are these two, in this order.
    fn in_order(&self, a: usize, b: usize) -> bool {
        self.people.follows(self.tokens[a].hash, self.tokens[b].hash)
    }

    fn here_hash(&self) -> u64 {
        // "Bob here": hashing four letters at compile time would hide what it is.
        static HERE: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
        *HERE.get_or_init(|| crate::fold::hash_folded("here"))
    }

    pub(super) fn name_bytes(&mut self, start: usize, end: usize, role: NameRole) {
        self.hits.push(Hit { start: start as u32, end: end as u32, kind: Type::Name, role });
    }

    /// Claims tokens `a..end` unless they spell the business's name. Returns `end`.
    pub(super) fn claim(&mut self, a: usize, end: usize, role: NameRole) -> usize {
        let mut from = a;
        let mut firm = false;
        for k in a..end {
            if let Some((first, last)) = self.people.firm_at(self.text, self.tokens, k) {
                if first > from && !firm {
                    self.claim_plain(from, first.min(end), role);
                }
                firm = true;
                from = (last + 1).max(from);
            }
        }
        // What follows a firm's name is mostly more of it.
        let rest = from < end
            && (!firm
                || self.tokens[from..end]
                    .iter()
                    .any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some()));
        if rest {
            self.claim_plain(from, end, role);
        }
        end
    }

    fn claim_plain(&mut self, a: usize, end: usize, role: NameRole) {
        let start = self.tokens[a].start as usize;
        let last = &self.tokens[end - 1];
        let mut stop = last.end as usize;
        // The dot of an initial belongs to the name, unless it ends the text's sentence too.
        if last.len() == 1 && last.looks(shape::UPPER) && self.byte(stop) == b'.' {
            stop += 1;
        }
        self.name_bytes(start, stop, role);
    }

    pub(super) fn initial(&self, k: usize) -> bool {
        let token = &self.tokens[k];
        token.word()
            && token.looks(shape::UPPER)
            && (token.len() == 1 || token.len() == 2 && token.looks(shape::WIDE))
    }

    pub(super) fn common(token: &Token) -> bool {
        token.is(flag::COMMON | flag::MONTH) && !token.is(flag::AMBIGUOUS | flag::FIRST)
    }

    pub(super) fn shouting(token: &Token) -> bool {
        token.looks(shape::INNER) && !token.looks(shape::LOWER) && token.len() > 1
    }

    /// Reads a name from token `i`: capitals, particles, initials. The index after its last token.
    pub(super) fn read(&self, i: usize, trust: Trust, lower: bool) -> Option<usize> {
        let mut k = i;
        let mut words = 0;
        let mut proof = false;
        while k < self.tokens.len() && k - i < 7 {
            let token = &self.tokens[k];
            if token.looks(shape::TAKEN | shape::DIGIT | shape::PLACEHOLDER | shape::EAST) {
                break;
            }
            if k > i && !self.joined(k) {
                break;
            }
            let known = self.people.find(token.hash).is_some();
            if self.initial(k) {
                let dotted = self.byte(token.end as usize) == b'.';
                let apostrophe = self.gap(k + 1) & gap::APOS != 0 && self.gap_len(k + 1) <= 3;
                let i_or_a = matches!(self.str(token), "I" | "A" | "E" | "Y" | "O") && !dotted && !apostrophe;
                if i_or_a {
                    break;
                }
                let more = k > i || self.token(k + 1).is_some_and(|t| t.capital()) && self.joined(k + 1);
                if !more {
                    break;
                }
                k += 1;
                continue;
            }
            if token.word() && token.looks(shape::UPPER | shape::CASELESS) {
                if Self::common(token) && !known {
                    break;
                }
                // Scripts without capitals do not show where a name ends.
                if token.looks(shape::CASELESS) && words >= 2 && !known {
                    break;
                }
                if token.is(flag::ORG)
                    && !token.is(flag::FIRST | flag::AMBIGUOUS)
                    && !known
                    && token.len() > 2
                {
                    return None;
                }
                if Self::shouting(token)
                    && !known
                    && !(token.len() == 2 && words == 0 && self.token(k + 1).is_some_and(|t| t.capital()))
                {
                    let loud = self.token(k + 1).is_some_and(Self::shouting)
                        || k > i && Self::shouting(&self.tokens[k - 1])
                        || token.is(flag::FIRST);
                    if !loud || token.len() <= 2 {
                        break;
                    }
                }
                if k > i && token.is(flag::STREET) && !known {
                    break;
                }
                if k > i
                    && token.is(flag::KIN
                        | flag::INTRO
                        | flag::LABEL
                        | flag::SIGNOFF
                        | flag::GREET
                        | flag::BUSINESS
                        | flag::MONTH)
                    && !known
                    && !token.is(flag::FIRST | flag::AMBIGUOUS)
                {
                    break;
                }
                proof |= token.is(flag::FIRST) || known;
                words += 1;
                k += 1;
                continue;
            }
            if token.is(flag::PARTICLE)
                && token.word()
                && token.len() <= 5
                && (words > 0 || trust == Trust::Place || known)
            {
                // A particle counts before a capital or another particle only.
                let mut p = k + 1;
                while self
                    .token(p)
                    .is_some_and(|t| t.is(flag::PARTICLE) && t.len() <= 5 && !t.looks(shape::UPPER))
                    && self.joined(p)
                    && p - k < 4
                {
                    p += 1;
                }
                let goes_on = self
                    .token(p)
                    .is_some_and(|t| t.capital() && (!Self::common(t) || self.people.find(t.hash).is_some()))
                    && self.joined(p)
                    && p > k;
                if !goes_on || token.len() == 1 && self.gap(k + 1) & (gap::DOT | gap::APOS) == 0 {
                    break;
                }
                k = p;
                continue;
            }
            let small = token.word() && !token.looks(shape::UPPER);
            if small
                && (lower && (token.is(flag::FIRST) && !token.is(flag::AMBIGUOUS | flag::COMMON))
                    || known && (lower || words > 0) && !token.is(flag::COMMON))
            {
                proof = true;
                words += 1;
                k += 1;
                continue;
            }
            break;
        }
        if words == 0 || k == i {
            return None;
        }
        // "Kettle & Fern" is a firm, unless both are people; a mail address is no part of its name.
        if self.gap(k) & gap::AMP != 0
            && self.token(k).is_some_and(|t| {
                t.capital()
                    && !t.looks(shape::TAKEN)
                    && !t.is(flag::FIRST)
                    && self.people.find(t.hash).is_none()
            })
        {
            return None;
        }
        (trust == Trust::Place || proof || words > 1).then_some(k)
    }

    /// Whether token `k` can go on the name that token `k - 1` is in.
    pub(super) fn joined(&self, k: usize) -> bool {
        let between = self.gap(k);
        let size = self.gap_len(k);
        if between & (gap::NEWLINE | gap::COMMA | gap::START) != 0 {
            return false;
        }
        if between & gap::QUOTE != 0 {
            // Robert "Bob" Castellano
            return size <= 2
                && between & !(gap::QUOTE | gap::SPACE) == 0
                && self.tokens[k].is(flag::FIRST | flag::AMBIGUOUS)
                && self.token(k).is_some_and(|t| t.capital());
        }
        if between & gap::APOS != 0 && size <= 3 && between & !gap::APOS == 0 {
            // O'Brien and N'Diaye, not "Anna's".
            return self.tokens[k].looks(shape::UPPER);
        }
        if between & gap::STOP != 0 {
            let short = self.tokens[k - 1].len() <= 2 || self.tokens[k - 1].is(flag::TITLE);
            return short && size <= 2 && between & !(gap::DOT | gap::STOP | gap::SPACE) == 0;
        }
        if between & gap::HYPHEN != 0 {
            return size == 1;
        }
        size <= 2 && between & !gap::SPACE == 0
    }

    /// True where a greeting's name may end.
    pub(super) fn closed(&self, k: usize) -> bool {
        let between = self.gap(k);
        between & (gap::COMMA | gap::NEWLINE | gap::START | gap::STOP | gap::COLON | gap::SEMI | gap::CLOSE)
            != 0
            || between & gap::HYPHEN != 0 && self.gap_len(k) > 1
    }

    /// A first name that is a small word written small.
    pub(super) fn plain_word(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        !token.looks(shape::UPPER | shape::CASELESS) && token.is(flag::AMBIGUOUS | flag::COMMON)
    }

    /// Whether a thing that could be owned follows at once.
    fn lower_or_noun(&self, k: usize) -> bool {
        self.token(k).is_some_and(|t| t.word() && self.gap_len(k) == 1)
    }

    pub(super) fn lower_follows(&self, k: usize) -> bool {
        self.token(k).is_some_and(|t| t.word() && !t.looks(shape::UPPER))
    }

    /// A listed first name with what follows it.
    fn listed_name(&mut self, i: usize) -> Option<usize> {
        let token = self.tokens[i];
        let known = self.people.find(token.hash).is_some();
        if token.is(flag::AMBIGUOUS | flag::COMMON | flag::TITLE) && !known {
            return None;
        }
        if known && token.is(flag::AMBIGUOUS) {
            return None;
        }
        // "University of Alberta"
        if i >= 2
            && !known
            && self.tokens[i - 1].word()
            && !self.tokens[i - 1].looks(shape::UPPER)
            && self.tokens[i - 1].len() <= 3
            && self.tokens[i - 2].is(flag::ORG)
            && self.tokens[i - 2].looks(shape::UPPER)
        {
            return None;
        }
        let end = self.read(i, Trust::Word, false)?;
        // "Martin Luther King Road", "Hotel Adele" are no people.
        if self.token(end).is_some_and(|t| t.is(flag::STREET) && t.capital() && self.joined(end)) && !known {
            return None;
        }
        Some(self.claim(i, end, NameRole::Mentioned))
    }

    /// Someone of this thread.
    fn known_name(&mut self, i: usize) -> Option<usize> {
        let token = self.tokens[i];
        let upper = token.looks(shape::UPPER | shape::CASELESS);
        let vocabulary = token.is(flag::AMBIGUOUS | flag::COMMON | flag::ORG | flag::GREET | flag::SIGNOFF);
        let end = self.read(i, Trust::Word, true).unwrap_or(i + 1);
        let several = self.tokens[i..end].iter().filter(|t| self.people.find(t.hash).is_some()).count() > 1
            || end > i + 1 && self.tokens[i + 1..end].iter().all(|t| t.len() == 1 && t.looks(shape::UPPER));
        let start = self.initials_before(i);
        if !vocabulary {
            if upper || several || token.len() >= 4 && !self.everyday(i) || token.is(flag::FIRST) {
                return Some(self.claim(start, end, NameRole::Mentioned));
            }
            return None;
        }
        if !upper {
            return None;
        }
        let possessive =
            self.token(i + 1).is_some_and(|t| matches!(self.str(t), "s") && t.gap & gap::APOS != 0);
        if several || start < i || possessive {
            return Some(self.claim(start, end.max(i + 1), NameRole::Mentioned));
        }
        // A capital inside a sentence, no article before it, is meant as a name.
        if token.opens() || Self::shouting(&token) {
            return None;
        }
        let before = &self.tokens[i - 1];
        let article = before.looks(minor::ARTICLE);
        let season = token.is(flag::MONTH)
            && (before.word() && before.len() <= 5
                || before.digits()
                || self.token(i + 1).is_some_and(|t| t.looks(shape::DIGIT)));
        let title_case =
            before.capital() && self.joined(i) && !before.is(flag::COMMON | flag::GREET | flag::TITLE)
                || self
                    .token(i + 1)
                    .is_some_and(|t| t.capital() && self.joined(i + 1) && self.people.find(t.hash).is_none());
        let quoted = token.gap & (gap::QUOTE | gap::OTHER) != 0;
        // In German every noun has a capital: only words that no dictionary of nouns holds pass.
        if article || season || title_case || quoted || token.is(flag::COMMON | flag::ORG) {
            return None;
        }
        Some(self.claim(i, i + 1, NameRole::Mentioned))
    }

    /// A small-letter word that may be an ordinary one: trust it only in a text without capitals or beside a name.
    fn everyday(&self, i: usize) -> bool {
        let capitals = self.tokens.iter().take(64).filter(|t| t.looks(shape::UPPER)).count();
        let words = self.tokens.len().min(64);
        capitals * 8 > words && !self.tokens[i].looks(shape::WIDE) && self.tokens[i].len() < 6
    }

    /// "A. K." before "Pemberton", "JB" before "N'Diaye".
    fn initials_before(&self, i: usize) -> usize {
        let mut start = i;
        while start > 0 && i - start < 4 && self.joined(start) {
            let before = &self.tokens[start - 1];
            let initial = before.word()
                && before.looks(shape::UPPER)
                && !before.looks(shape::TAKEN)
                && (before.len() == 1
                    && (self.byte(before.end as usize) == b'.'
                        || self.gap(start) & gap::APOS != 0
                        || self.str(before) != "I")
                    || before.len() == 2 && Self::shouting(before) && !before.is(flag::COMMON));
            let particle = before.is(flag::PARTICLE)
                && before.len() <= 3
                && !before.looks(shape::UPPER)
                && start >= 2
                && self.joined(start - 1)
                && self.tokens[start - 2].capital()
                && !Self::common(&self.tokens[start - 2])
                && !before.is(flag::CONNECT);
            if !(initial || particle) {
                break;
            }
            start -= 1;
        }
        // A first name of no list before a known surname: "Ngozi-Ada Whitlock".
        if start > 0 && self.joined(start) {
            let before = &self.tokens[start - 1];
            if before.capital() && before.is(flag::FIRST) && !before.looks(shape::TAKEN) {
                start -= 1;
            }
        }
        start
    }

    /// "Grace Oyelaran" of nobody known: a listed word and a capital that is no word.
    fn ambiguous_pair(&mut self, i: usize) -> Option<usize> {
        let next = self.token(i + 1)?;
        let strange = next.capital()
            && next.flags & !flag::PHRASE == 0
            && next.context == 0
            && self.joined(i + 1)
            && self.gap(i + 1) & gap::HYPHEN == 0;
        let before = &self.tokens[i - 1];
        let title_case = before.capital() && self.joined(i);
        let owned = before.is(flag::CONNECT | flag::OUR | flag::YOU);
        let free = !title_case && !owned && self.gap(i) & (gap::QUOTE | gap::AMP) == 0;
        if !strange
            || !free
            || self.token(i + 2).is_some_and(|t| t.is(flag::STREET | flag::ORG) && self.joined(i + 2))
            || Self::shouting(next)
        {
            return None;
        }
        let end = self.read(i, Trust::Word, false)?;
        Some(self.claim(i, end, NameRole::Mentioned))
    }

    /// "Bob Castellano here", "Hier Anna".
    fn speaker(&mut self, here: usize) {
        let mut from = here;
        while from > 0
            && here - from < 4
            && self.joined(from)
            && self.tokens[from - 1].capital()
            && !Self::common(&self.tokens[from - 1])
            && !self.tokens[from - 1].looks(shape::TAKEN)
        {
            from -= 1;
        }
        let opens = from < here
            && (self.tokens[from].opens()
                || from > 0
                    && self.tokens[from - 1].is(flag::GREET | flag::COMMON)
                    && self.gap(from) & (gap::COMMA | gap::HYPHEN) != 0);
        if opens
            && here - from <= 3
            && !self.tokens[from].is(flag::ORG | flag::GREET)
            && (!self.tokens[from].is(flag::AMBIGUOUS)
                || here - from > 1
                || self.people.find(self.tokens[from].hash).is_some())
            && let Some(end) = self.read(from, Trust::Place, false)
        {
            self.claim(from, end.min(here), NameRole::Writer);
        }
    }
}
