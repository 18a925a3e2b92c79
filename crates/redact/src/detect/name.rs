//! Names of people: known from the headers, or standing where a name stands.

use super::{Hit, Scan};
use crate::kind::Type;
use crate::lexicon::flag;
use crate::token::{Token, gap, shape};

/// Where a name stands, which tells whose it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// How much a place says that a name stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Any capitalised word that is not a common one.
    Place,
    /// Also asks for a listed first name, a known person or a second word.
    Word,
}

impl Scan<'_> {
    pub(super) fn names(&mut self) {
        let count = self.tokens.len();
        let mut until = 0;
        for i in 0..count {
            let token = self.tokens[i];
            if token.looks(shape::TAKEN) {
                continue;
            }
            const PLACES: u32 = flag::GREET | flag::SIGNOFF | flag::INTRO | flag::LABEL | flag::TITLE | flag::KIN;
            if token.is(PLACES) {
                until = until.max(self.after_place(i));
            }
            if i < until {
                continue;
            }
            if token.is(flag::FIRST) && token.looks(shape::UPPER) {
                until = self.listed_name(i).unwrap_or(until);
            }
            // "Leylas Rad", "Annas": the bare genitive of German, Dutch and the Nordic languages.
            if i >= until && token.looks(shape::UPPER) && token.flags == 0 && token.len() > 4 && self.byte(token.end as usize - 1) == b's' {
                let stem = crate::fold::hash_folded(&crate::fold::fold(&self.text[token.start as usize..token.end as usize - 1]));
                let listed = self.lexicon.look_up(stem).0;
                let known = self.people.find(stem).is_some() && listed & (flag::AMBIGUOUS | flag::COMMON) == 0;
                if known || listed & flag::FIRST != 0 && listed & (flag::AMBIGUOUS | flag::COMMON) == 0 && self.lower_or_noun(i + 1) {
                    until = self.claim(i, i + 1, NameRole::Mentioned);
                }
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

    fn here_hash(&self) -> u64 {
        // "Bob here": hashing four letters at compile time would hide what it is.
        static HERE: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
        *HERE.get_or_init(|| crate::fold::hash_folded("here"))
    }

    fn name_bytes(&mut self, start: usize, end: usize, role: NameRole) {
        self.hits.push(Hit { start: start as u32, end: end as u32, kind: Type::Name, role });
    }

    /// Claims tokens `a..end` unless they spell the business's name. Returns `end`.
    fn claim(&mut self, a: usize, end: usize, role: NameRole) -> usize {
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
        let rest = from < end && (!firm || self.tokens[from..end].iter().any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some()));
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

    fn initial(&self, k: usize) -> bool {
        let token = &self.tokens[k];
        token.word() && token.looks(shape::UPPER) && (token.len() == 1 || token.len() == 2 && token.looks(shape::WIDE))
    }

    fn common(token: &Token) -> bool {
        token.is(flag::COMMON | flag::MONTH) && !token.is(flag::AMBIGUOUS | flag::FIRST)
    }

    fn shouting(token: &Token) -> bool {
        token.looks(shape::INNER) && !token.looks(shape::LOWER) && token.len() > 1
    }

    /// Reads a name from token `i`: capitals, particles, initials. The index after its last token.
    fn read(&self, i: usize, trust: Trust, lower: bool) -> Option<usize> {
        let mut k = i;
        let mut words = 0;
        let mut proof = false;
        while k < self.tokens.len() && k - i < 7 {
            let token = &self.tokens[k];
            if token.looks(shape::TAKEN | shape::DIGIT | shape::PLACEHOLDER) {
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
                if token.is(flag::ORG) && !token.is(flag::FIRST | flag::AMBIGUOUS) && !known && token.len() > 2 {
                    return None;
                }
                if Self::shouting(token) && !known && !(token.len() == 2 && words == 0 && self.token(k + 1).is_some_and(|t| t.capital())) {
                    let loud = self.token(k + 1).is_some_and(Self::shouting) || k > i && Self::shouting(&self.tokens[k - 1]) || token.is(flag::FIRST);
                    if !loud || token.len() <= 2 {
                        break;
                    }
                }
                if k > i && token.is(flag::STREET) && !known {
                    break;
                }
                if k > i && token.is(flag::KIN | flag::INTRO | flag::LABEL | flag::SIGNOFF | flag::GREET | flag::BUSINESS | flag::MONTH) && !known && !token.is(flag::FIRST | flag::AMBIGUOUS) {
                    break;
                }
                proof |= token.is(flag::FIRST) || known;
                words += 1;
                k += 1;
                continue;
            }
            if token.is(flag::PARTICLE) && token.word() && token.len() <= 5 && (words > 0 || trust == Trust::Place || known) {
                // A particle counts before a capital or another particle only.
                let mut p = k + 1;
                while self.token(p).is_some_and(|t| t.is(flag::PARTICLE) && t.len() <= 5 && !t.looks(shape::UPPER)) && self.joined(p) && p - k < 4 {
                    p += 1;
                }
                let goes_on = self.token(p).is_some_and(|t| t.capital() && (!Self::common(t) || self.people.find(t.hash).is_some())) && self.joined(p) && p > k;
                if !goes_on || token.len() == 1 && self.gap(k + 1) & (gap::DOT | gap::APOS) == 0 {
                    break;
                }
                k = p;
                continue;
            }
            let small = token.word() && !token.looks(shape::UPPER);
            if small && (lower && (token.is(flag::FIRST) && !token.is(flag::AMBIGUOUS | flag::COMMON)) || known && (lower || words > 0) && !token.is(flag::COMMON)) {
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
        // "Kettle & Fern" is a firm, unless both are people.
        if self.gap(k) & gap::AMP != 0 && self.token(k).is_some_and(|t| t.capital() && !t.is(flag::FIRST) && self.people.find(t.hash).is_none()) {
            return None;
        }
        (trust == Trust::Place || proof || words > 1).then_some(k)
    }

    /// Whether token `k` can go on the name that token `k - 1` is in.
    fn joined(&self, k: usize) -> bool {
        let between = self.gap(k);
        let size = self.gap_len(k);
        if between & (gap::NEWLINE | gap::COMMA | gap::START) != 0 {
            return false;
        }
        if between & gap::QUOTE != 0 {
            // Robert "Bob" Castellano
            return size <= 2 && between & !(gap::QUOTE | gap::SPACE) == 0 && self.tokens[k].is(flag::FIRST | flag::AMBIGUOUS) && self.token(k).is_some_and(|t| t.capital());
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
    fn closed(&self, k: usize) -> bool {
        let between = self.gap(k);
        between & (gap::COMMA | gap::NEWLINE | gap::START | gap::STOP | gap::COLON | gap::SEMI | gap::CLOSE) != 0
            || between & gap::HYPHEN != 0 && self.gap_len(k) > 1
    }

    /// A name after a greeting, title, sign-off, introduction, label or word of kin at `i`. Returns the
    /// index up to which words are spoken for.
    fn after_place(&mut self, i: usize) -> usize {
        let token = self.tokens[i];
        let between = self.gap(i + 1);
        let next = i + 1;
        if next >= self.tokens.len() || between & gap::BLANK != 0 && !token.is(flag::SIGNOFF) {
            return 0;
        }
        let space = between & !gap::SPACE == 0 && self.gap_len(next) <= 2;
        if token.is(flag::TITLE) {
            let dot = between & !(gap::SPACE | gap::DOT | gap::STOP) == 0 && self.gap_len(next) <= 2;
            let short = token.len() <= 3;
            let stated = token.looks(shape::UPPER) && !(token.len() == 1 && between & gap::DOT == 0) && !(short && Self::shouting(&token));
            if dot && self.tokens[next].word() {
                let trust = if stated || token.len() > 3 && self.tokens[next].is(flag::FIRST) { Trust::Place } else { Trust::Word };
                let weak_title = matches!(self.str(&token), "Me" | "Fr" | "Ms" | "M" | "Pan" | "Sir" | "Don" | "Bay" | "Ing" | "Mag" | "Sen" | "Gov" | "Sig" | "Hr" | "Mw") && between & gap::DOT == 0 && token.len() <= 2;
                let trust = if weak_title { Trust::Word } else { trust };
                if stated || !token.is(flag::COMMON) || token.len() >= 2 && self.tokens[next].is(flag::FIRST) {
                    if let Some(end) = self.read(next, trust, token.looks(shape::UPPER) || token.len() <= 3) {
                        return self.claim(next, end, NameRole::Mentioned);
                    }
                }
            }
        }
        if token.is(flag::GREET) && (space || between & !(gap::SPACE | gap::COMMA) == 0 && self.gap_len(next) <= 2) {
            let mut at = next;
            while self.token(at).is_some_and(|t| t.is(flag::TITLE) && !t.is(flag::FIRST)) && self.gap_len(at + 1) <= 2 && self.gap(at + 1) & gap::NEWLINE == 0 {
                at += 1;
            }
            let titled = at > next;
            let opens = token.opens() || token.gap & (gap::COLON | gap::QUOTE) != 0 || i == 0 || self.tokens[i - 1].opens() || self.tokens[i - 1].is(flag::GREET);
            if let Some(end) = self.read(at, Trust::Place, true) {
                let proof = self.tokens[at..end].iter().any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
                let good = if space { self.closed(end) && (opens || proof) || proof || titled || end - at > 1 && opens || opens && self.tokens[at].capital() && !self.tokens[at].is(flag::AMBIGUOUS | flag::BUSINESS | flag::INVITE) } else { self.closed(end) && proof };
                if good {
                    let mut end = self.claim(at, end, NameRole::Greeted);
                    // "Hi Anna and Bob, …"
                    for _ in 0..4 {
                        let chained = self.token(end).is_some_and(|t| t.is(flag::CHAIN));
                        let from = if chained { end + 1 } else { end };
                        let amp = self.gap(end) & (gap::AMP | gap::SLASH | gap::COMMA) != 0 && self.gap(end) & gap::NEWLINE == 0;
                        if !(chained || amp) || from >= self.tokens.len() || self.gap(from) & gap::NEWLINE != 0 {
                            break;
                        }
                        match self.read(from, Trust::Word, true) {
                            Some(more) if self.closed(more) || self.token(more).is_some_and(|t| t.is(flag::CHAIN)) || amp && !self.gap(end) & gap::COMMA != 0 => end = self.claim(from, more, NameRole::Greeted),
                            _ => break,
                        }
                    }
                    return end;
                }
            }
        }
        if token.is(flag::SIGNOFF) {
            let line = between & gap::NEWLINE != 0 && self.gap_len(next) <= 24;
            let comma = between & gap::NEWLINE == 0 && between & (gap::COMMA | gap::STOP | gap::HYPHEN) != 0 && self.gap_len(next) <= 4;
            if line || comma || space {
                if let Some(end) = self.read(next, if space { Trust::Word } else { Trust::Place }, true) {
                    let over = end >= self.tokens.len() || self.gap(end) & gap::NEWLINE != 0;
                    if line && (over || self.closed(end) || end - next > 1 || self.gap(end) & (gap::SLASH | gap::OPEN) != 0 || self.tokens[next].is(flag::FIRST)) || (comma || space) && over {
                        return self.claim(next, end, NameRole::Writer);
                    }
                }
                // "Cheers Rhys" at the end of a line, a name of no list.
                if space && self.tokens[next].capital() && token.opens() {
                    if let Some(end) = self.read(next, Trust::Place, false) {
                        let over = end >= self.tokens.len();
                        if over && !self.tokens[next].is(flag::SIGNOFF | flag::AMBIGUOUS) {
                            return self.claim(next, end, NameRole::Writer);
                        }
                    }
                }
            }
        }
        if token.is(flag::LABEL) && between & gap::COLON != 0 && self.gap_len(next) <= 6 {
            let named = token.context == 0;
            if let Some(end) = self.read(next, if named { Trust::Place } else { Trust::Word }, true) {
                return self.claim(next, end, NameRole::Mentioned);
            }
        }
        if token.is(flag::INTRO | flag::LABEL) && (space || between & !(gap::SPACE | gap::COLON | gap::QUOTE | gap::COMMA) == 0 && self.gap_len(next) <= 3) {
            let mut at = next;
            while self.token(at).is_some_and(|t| t.is(flag::TITLE) && t.looks(shape::UPPER) && !t.is(flag::FIRST)) && at < next + 2 && self.gap(at + 1) & gap::NEWLINE == 0 {
                at += 1;
            }
            if between & gap::NEWLINE == 0 {
                if let Some(end) = self.read(at, Trust::Place, true) {
                    let proof = self.tokens[at..end].iter().any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
                    let initials = end - at > 1 && self.initial(at);
                    let introduced = token.is(flag::INTRO) && self.is_introduction(i) && !self.tokens[at].is(flag::BUSINESS);
                    let capital = self.tokens[at].capital() && !self.tokens[at].is(flag::AMBIGUOUS | flag::COUNTRY | flag::STATE);
                    // "im" is a hasty "I'm" and a German "in the".
                    let in_the = self.str(&token) == "im" && self.tokens[at].is(flag::AMBIGUOUS);
                    if proof && !in_the && !self.plain_word(at) || initials || at > next || introduced && capital && !self.tokens[at].is(flag::COMMON) && (self.closed(end) || end - at > 1 || self.lower_follows(end)) {
                        return self.claim(at, end, NameRole::Mentioned);
                    }
                }
            }
        }
        let mine = !token.looks(shape::UPPER) || i > 0 && self.tokens[i - 1].is(flag::CONNECT | flag::OUR) && !self.tokens[i - 1].looks(shape::UPPER) || i > 0 && self.tokens[i - 1].is(flag::YOU);
        if token.is(flag::KIN) && space && mine {
            if let Some(end) = self.read(next, Trust::Place, false) {
                let odd = self.tokens[next].is(flag::COUNTRY | flag::STATE | flag::ORG);
                if !odd {
                    return self.claim(next, end, NameRole::Mentioned);
                }
            }
        }
        0
    }

    /// A first name that is a small word written small.
    fn plain_word(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        !token.looks(shape::UPPER | shape::CASELESS) && token.is(flag::AMBIGUOUS | flag::COMMON)
    }

    /// Whether a thing that could be owned follows at once.
    fn lower_or_noun(&self, k: usize) -> bool {
        self.token(k).is_some_and(|t| t.word() && self.gap_len(k) == 1)
    }

    fn lower_follows(&self, k: usize) -> bool {
        self.token(k).is_some_and(|t| t.word() && !t.looks(shape::UPPER))
    }

    /// Whether the introduction at `i` names the speaker or someone, rather than merely says "is".
    fn is_introduction(&self, i: usize) -> bool {
        let word = self.str(&self.tokens[i]).to_lowercase();
        !matches!(word.as_str(), "contact" | "called" | "cc" | "attention" | "s" | "its" | "ici" | "est" | "sou" | "der" | "är" | "det" | "is" | "by" | "to" | "with" | "for" | "from" | "von" | "de" | "of" | "at" | "a" | "o") || {
            // The last word of "my name is" and of "this is".
            let before = i.checked_sub(1).map(|b| self.str(&self.tokens[b]).to_lowercase()).unwrap_or_default();
            match word.as_str() {
                "is" => matches!(before.as_str(), "name" | "this" | "naam"),
                "with" | "to" => matches!(before.as_str(), "spoke" | "speaking" | "talked" | "speak" | "dealt" | "chatted"),
                "of" => before == "behalf",
                "by" => matches!(before.as_str(), "written" | "signed" | "sung" | "directed" | "owned"),
                _ => false,
            }
        }
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
        let possessive = self.token(i + 1).is_some_and(|t| matches!(self.str(t), "s") && t.gap & gap::APOS != 0);
        if several || start < i || possessive {
            return Some(self.claim(start, end.max(i + 1), NameRole::Mentioned));
        }
        // A capital inside a sentence, no article before it, is meant as a name.
        if token.opens() || Self::shouting(&token) {
            return None;
        }
        let before = &self.tokens[i - 1];
        let article = matches!(self.str(before).to_lowercase().as_str(), "in" | "im" | "am" | "zum" | "zur" | "vom" | "beim" | "ins" | "the" | "a" | "an" | "your" | "our" | "my" | "this" | "that" | "these" | "der" | "die" | "das" | "den" | "dem" | "ein" | "eine" | "einen" | "le" | "la" | "les" | "un" | "une" | "el" | "los" | "il" | "lo" | "het" | "de");
        let season = token.is(flag::MONTH) && (before.word() && before.len() <= 5 || before.digits() || self.token(i + 1).is_some_and(|t| t.looks(shape::DIGIT)));
        let title_case = before.capital() && self.joined(i) && !before.is(flag::COMMON | flag::GREET | flag::TITLE) || self.token(i + 1).is_some_and(|t| t.capital() && self.joined(i + 1) && self.people.find(t.hash).is_none());
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
            let initial = before.word() && before.looks(shape::UPPER) && !before.looks(shape::TAKEN)
                && (before.len() == 1 && (self.byte(before.end as usize) == b'.' || self.gap(start) & gap::APOS != 0 || self.str(before) != "I")
                    || before.len() == 2 && Self::shouting(before) && !before.is(flag::COMMON));
            let particle = before.is(flag::PARTICLE) && before.len() <= 3 && !before.looks(shape::UPPER) && start >= 2 && self.joined(start - 1) && self.tokens[start - 2].capital() && !Self::common(&self.tokens[start - 2]) && !before.is(flag::CONNECT);
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
        let strange = next.capital() && next.flags & !flag::PHRASE == 0 && next.context == 0 && self.joined(i + 1) && self.gap(i + 1) & gap::HYPHEN == 0;
        let before = &self.tokens[i - 1];
        let free = !(before.capital() && self.joined(i)) && !before.is(flag::CONNECT | flag::OUR | flag::YOU) && self.gap(i) & (gap::QUOTE | gap::AMP) == 0;
        if !strange || !free || self.token(i + 2).is_some_and(|t| t.is(flag::STREET | flag::ORG)) || Self::shouting(next) {
            return None;
        }
        let end = self.read(i, Trust::Word, false)?;
        Some(self.claim(i, end, NameRole::Mentioned))
    }

    /// "Bob Castellano here", "Hier Anna".
    fn speaker(&mut self, here: usize) {
        let mut from = here;
        while from > 0 && here - from < 4 && self.joined(from) && self.tokens[from - 1].capital() && !Self::common(&self.tokens[from - 1]) && !self.tokens[from - 1].looks(shape::TAKEN) {
            from -= 1;
        }
        let opens = from < here && (self.tokens[from].opens() || from > 0 && self.tokens[from - 1].is(flag::GREET | flag::COMMON) && self.gap(from) & (gap::COMMA | gap::HYPHEN) != 0);
        if opens && here - from <= 3 && !self.tokens[from].is(flag::ORG | flag::GREET) && (!self.tokens[from].is(flag::AMBIGUOUS) || here - from > 1 || self.people.find(self.tokens[from].hash).is_some()) {
            if let Some(end) = self.read(from, Trust::Place, false) {
                self.claim(from, end.min(here), NameRole::Writer);
            }
        }
    }

    /// The last lines of a mail are its writer's: "Marta", "Mark E.", "Giulia S."
    fn last_lines(&mut self) {
        let mut end = self.tokens.len();
        let mut lines = 0;
        while end > 0 && lines < 6 {
            let mut start = end - 1;
            while start > 0 && self.gap(start) & gap::NEWLINE == 0 {
                start -= 1;
            }
            lines += 1;
            let one_line = start == 0 && self.gap(0) & gap::START != 0;
            let skip = self.tokens[start..end].iter().any(|t| t.looks(shape::DIGIT | shape::TAKEN)) && !self.tokens[start].capital()
                || self.tokens[start..end].iter().any(|t| t.is(flag::ORG)) && end - start <= 6;
            if skip && !one_line && lines < 6 {
                end = start;
                continue;
            }
            // A line that begins with a name and goes on after a comma or slash, or holds nothing else.
            if !one_line || end - start <= 3 && start > 0 {
                if let Some(stop) = self.read(start, Trust::Place, end - start <= 2) {
                    let proof = self.tokens[start..stop].iter().any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
                    let whole = stop == end && stop - start <= 4 && self.byte(self.tokens[stop - 1].end as usize) != b'?';
                    let parted = stop < end && self.gap(stop) & (gap::COMMA | gap::SLASH | gap::OPEN) != 0 || stop < end && self.gap(stop) & gap::HYPHEN != 0 && self.gap_len(stop) > 1;
                    let at = self.token(stop).is_some_and(|t| matches!(self.str(t), "at" | "from" | "von" | "de" | "bei" | "chez" | "@"));
                    let vocabulary = stop - start == 1 && (self.tokens[start].is(flag::STREET_FRONT | flag::COUNTRY | flag::STATE | flag::TITLE | flag::BUSINESS | flag::SIGNOFF) && !proof);
                    if (whole && (proof || lines == 1) || (parted || at) && proof) && !vocabulary {
                        let before = self.hits.len();
                        self.claim(start, stop, NameRole::Writer);
                        if self.hits.len() > before {
                            return;
                        }
                        end = start;
                        continue;
                    }
                }
            }
            // "… for pickup. Zoé" and "…, €210. Giulia S."
            if lines == 1 {
                let from = (start..end).rev().find(|k| self.tokens[*k].opens() || self.gap(*k) & gap::STOP != 0 && self.gap(*k) & gap::SPACE != 0 && !self.initial(*k) && !(*k > 0 && self.tokens[*k - 1].len() == 1));
                if let Some(from) = from.filter(|f| *f > start && end - f <= 3) {
                    if self.read(from, Trust::Place, false) == Some(end) && !self.tokens[from].is(flag::SIGNOFF | flag::BUSINESS | flag::COUNTRY) && self.byte(self.tokens[end - 1].end as usize) != b'?' {
                        self.claim(from, end, NameRole::Writer);
                        return;
                    }
                }
            }
            return;
        }
    }

    /// A name on the line above an address, and one before a mail address that spells it.
    fn beside_addresses(&mut self) {
        for at in 0..self.hits.len() {
            let hit = self.hits[at];
            match hit.kind {
                Type::Address => {
                    let k = self.tokens.partition_point(|t| t.start < hit.start);
                    if k == 0 || k >= self.tokens.len() || self.gap(k) & gap::NEWLINE == 0 && self.gap(k) & gap::COMMA == 0 {
                        continue;
                    }
                    let line = self.gap(k) & gap::NEWLINE != 0;
                    let mut from = k - 1;
                    while from > 0 && k - from < 5 && self.joined(from) {
                        from -= 1;
                    }
                    let opens = self.tokens[from].opens() || self.gap(from) & (gap::COLON | gap::COMMA) != 0;
                    if let Some(end) = self.read(from, Trust::Word, false).filter(|e| *e == k && opens) {
                        let proof = self.tokens[from..end].iter().any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
                        if proof || line && end - from >= 2 {
                            self.claim(from, end, NameRole::Mentioned);
                        }
                    }
                }
                Type::Email => {
                    let k = self.tokens.partition_point(|t| t.start < hit.start);
                    let between = self.gap(k);
                    if k == 0 || k >= self.tokens.len() || between & (gap::NEWLINE | gap::COMMA | gap::COLON) != 0 || between & (gap::OPEN | gap::OTHER | gap::QUOTE) == 0 {
                        continue;
                    }
                    let local = crate::fold::fold(self.text[hit.start as usize..hit.end as usize].split('@').next().unwrap_or(""));
                    let mut from = k - 1;
                    while from > 0 && k - from < 4 && self.joined(from) && self.tokens[from - 1].capital() && !Self::common(&self.tokens[from - 1]) {
                        from -= 1;
                    }
                    let spelled = self.tokens[from..k].iter().any(|t| t.len() >= 3 && local.contains(&crate::fold::fold(self.str(t))));
                    if spelled && self.tokens[from].capital() {
                        if let Some(end) = self.read(from, Trust::Place, false).filter(|e| *e == k) {
                            self.claim(from, end, NameRole::Mentioned);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
