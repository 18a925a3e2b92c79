//! Places where a name stands: after a greeting or a title, under the text, beside an address.

use super::name::{NameRole, Trust};
use super::{Hit, Scan};
use crate::kind::Type;
use crate::lexicon::{flag, minor};
use crate::token::{gap, shape};

impl Scan<'_> {
    /// A name after a greeting, title, sign-off, introduction, label or word of kin at `i`. Returns the
    /// index up to which words are spoken for.
    pub(super) fn after_place(&mut self, i: usize) -> usize {
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
            let stated = token.looks(shape::UPPER)
                && !(token.len() == 1 && between & gap::DOT == 0)
                && !(short && Self::shouting(&token));
            if dot && self.tokens[next].word() {
                let trust = if stated || token.len() > 3 && self.tokens[next].is(flag::FIRST) {
                    Trust::Place
                } else {
                    Trust::Word
                };
                let weak_title =
                    token.looks(minor::TITLE_WEAK) && between & gap::DOT == 0 && token.len() <= 2;
                let trust = if weak_title { Trust::Word } else { trust };
                if (stated
                    || !token.is(flag::COMMON)
                    || token.len() >= 2 && self.tokens[next].is(flag::FIRST))
                    && let Some(end) = self.read(next, trust, token.looks(shape::UPPER) || token.len() <= 3)
                {
                    return self.claim(next, end, NameRole::Mentioned);
                }
            }
        }
        if token.is(flag::GREET)
            && (space || between & !(gap::SPACE | gap::COMMA) == 0 && self.gap_len(next) <= 2)
        {
            let mut at = next;
            while self.token(at).is_some_and(|t| t.is(flag::TITLE) && !t.is(flag::FIRST))
                && self.gap_len(at + 1) <= 2
                && self.gap(at + 1) & gap::NEWLINE == 0
            {
                at += 1;
            }
            let titled = at > next;
            let opens = token.opens()
                || token.gap & (gap::COLON | gap::QUOTE) != 0
                || i == 0
                || self.tokens[i - 1].opens()
                || self.tokens[i - 1].is(flag::GREET);
            if let Some(end) = self.read(at, Trust::Place, true) {
                let proof = self.tokens[at..end]
                    .iter()
                    .any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
                let good = if space {
                    let strange = self.tokens[at].capital()
                        && !self.tokens[at].is(flag::AMBIGUOUS | flag::BUSINESS | flag::INVITE);
                    proof || titled || opens && (self.closed(end) || end - at > 1 || strange)
                } else {
                    self.closed(end) && proof
                };
                if good {
                    let mut end = self.claim(at, end, NameRole::Greeted);
                    // "Hi Anna and Bob, …"
                    for _ in 0..4 {
                        let chained = self.token(end).is_some_and(|t| t.is(flag::CHAIN));
                        let from = if chained { end + 1 } else { end };
                        let amp = self.gap(end) & (gap::AMP | gap::SLASH | gap::COMMA) != 0
                            && self.gap(end) & gap::NEWLINE == 0;
                        if !(chained || amp)
                            || from >= self.tokens.len()
                            || self.gap(from) & gap::NEWLINE != 0
                        {
                            break;
                        }
                        match self.read(from, Trust::Word, true) {
                            Some(more)
                                if self.closed(more)
                                    || self.token(more).is_some_and(|t| t.is(flag::CHAIN))
                                    || amp && !self.gap(end) & gap::COMMA != 0 =>
                            {
                                end = self.claim(from, more, NameRole::Greeted)
                            }
                            _ => break,
                        }
                    }
                    return end;
                }
            }
        }
        if token.is(flag::SIGNOFF) {
            let line = between & gap::NEWLINE != 0 && self.gap_len(next) <= 24;
            let comma = between & gap::NEWLINE == 0
                && between & (gap::COMMA | gap::STOP | gap::HYPHEN) != 0
                && self.gap_len(next) <= 4;
            if line || comma || space {
                if let Some(end) = self.read(next, if space { Trust::Word } else { Trust::Place }, true) {
                    let over = end >= self.tokens.len() || self.gap(end) & gap::NEWLINE != 0;
                    if line
                        && (over
                            || self.closed(end)
                            || end - next > 1
                            || self.gap(end) & (gap::SLASH | gap::OPEN) != 0
                            || self.tokens[next].is(flag::FIRST))
                        || (comma || space) && over
                    {
                        return self.claim(next, end, NameRole::Writer);
                    }
                }
                // "Cheers Rhys" at the end of a line, a name of no list.
                if space
                    && self.tokens[next].capital()
                    && token.opens()
                    && let Some(end) = self.read(next, Trust::Place, false)
                {
                    let over = end >= self.tokens.len();
                    if over && !self.tokens[next].is(flag::SIGNOFF | flag::AMBIGUOUS) {
                        return self.claim(next, end, NameRole::Writer);
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
        if token.is(flag::INTRO | flag::LABEL)
            && (space
                || between & !(gap::SPACE | gap::COLON | gap::QUOTE | gap::COMMA) == 0
                    && self.gap_len(next) <= 3)
        {
            let mut at = next;
            while self
                .token(at)
                .is_some_and(|t| t.is(flag::TITLE) && t.looks(shape::UPPER) && !t.is(flag::FIRST))
                && at < next + 2
                && self.gap(at + 1) & gap::NEWLINE == 0
            {
                at += 1;
            }
            if between & gap::NEWLINE == 0
                && let Some(end) = self.read(at, Trust::Place, true)
            {
                let proof = self.tokens[at..end]
                    .iter()
                    .any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
                let initials = end - at > 1 && self.initial(at);
                let introduced =
                    token.is(flag::INTRO) && token.looks(minor::INTRO) && !self.tokens[at].is(flag::BUSINESS);
                let capital = self.tokens[at].capital()
                    && !self.tokens[at].is(flag::AMBIGUOUS | flag::COUNTRY | flag::STATE);
                // "im" is a hasty "I'm" and a German "in the".
                let in_the = self.str(&token) == "im" && self.tokens[at].is(flag::AMBIGUOUS);
                if proof && !in_the && !self.plain_word(at)
                    || initials
                    || at > next
                    || introduced
                        && capital
                        && !self.tokens[at].is(flag::COMMON)
                        && (self.closed(end) || end - at > 1 || self.lower_follows(end))
                {
                    return self.claim(at, end, NameRole::Mentioned);
                }
            }
        }
        let mine = !token.looks(shape::UPPER)
            || i > 0
                && (self.tokens[i - 1].is(flag::OUR)
                    || self.tokens[i - 1].looks(minor::SELF)
                    || self.tokens[i - 1].is(flag::CONNECT) && !self.tokens[i - 1].looks(shape::UPPER))
            || i > 0 && self.tokens[i - 1].is(flag::YOU);
        if token.is(flag::KIN)
            && space
            && mine
            && let Some(end) = self.read(next, Trust::Place, true)
        {
            let odd = self.tokens[next].is(flag::COUNTRY | flag::STATE | flag::ORG);
            if !odd {
                return self.claim(next, end, NameRole::Mentioned);
            }
        }
        0
    }

    /// The last lines of a mail are its writer's: "Marta", "Mark E.", "Giulia S."
    pub(super) fn last_lines(&mut self) {
        let mut end = self.tokens.len();
        let mut lines = 0;
        while end > 0 && lines < 6 {
            let mut start = end - 1;
            while start > 0 && self.gap(start) & gap::NEWLINE == 0 {
                start -= 1;
            }
            lines += 1;
            let one_line = start == 0 && self.gap(0) & gap::START != 0;
            let skip = self.tokens[start..end].iter().any(|t| t.looks(shape::DIGIT | shape::TAKEN))
                && !self.tokens[start].capital()
                || self.tokens[start..end].iter().any(|t| t.is(flag::ORG)) && end - start <= 6;
            if skip && !one_line && lines < 6 {
                end = start;
                continue;
            }
            // A line that begins with a name and goes on after a comma or slash, or holds nothing else.
            if (!one_line || end - start <= 3 && start > 0)
                && let Some(stop) = self.read(start, Trust::Place, end - start <= 2)
            {
                let proof = self.tokens[start..stop]
                    .iter()
                    .any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
                let whole =
                    stop == end && stop - start <= 4 && self.byte(self.tokens[stop - 1].end as usize) != b'?';
                let parted = stop < end && self.gap(stop) & (gap::COMMA | gap::SLASH | gap::OPEN) != 0
                    || stop < end && self.gap(stop) & gap::HYPHEN != 0 && self.gap_len(stop) > 1;
                let at = self.token(stop).is_some_and(|t| t.looks(minor::WORKPLACE));
                let vocabulary = stop - start == 1
                    && (self.tokens[start].is(flag::STREET_FRONT
                        | flag::COUNTRY
                        | flag::STATE
                        | flag::TITLE
                        | flag::BUSINESS
                        | flag::SIGNOFF)
                        && !proof);
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
            // "… for pickup. Zoé" and "…, €210. Giulia S."
            if lines == 1 {
                let from = (start..end).rev().find(|k| {
                    self.tokens[*k].opens()
                        || self.gap(*k) & gap::STOP != 0
                            && self.gap(*k) & gap::SPACE != 0
                            && !self.initial(*k)
                            && !(*k > 0 && self.tokens[*k - 1].len() == 1)
                });
                if let Some(from) = from.filter(|f| *f > start && end - f <= 3)
                    && self.read(from, Trust::Place, false) == Some(end)
                    && !self.tokens[from].is(flag::SIGNOFF | flag::BUSINESS | flag::COUNTRY)
                    && self.byte(self.tokens[end - 1].end as usize) != b'?'
                {
                    self.claim(from, end, NameRole::Writer);
                    return;
                }
            }
            return;
        }
    }

    /// A name on the line above an address, and one before a mail address that spells it.
    pub(super) fn beside_addresses(&mut self) {
        for at in 0..self.hits.len() {
            let hit = self.hits[at];
            match hit.kind {
                Type::Address => {
                    let k = self.tokens.partition_point(|t| t.start < hit.start);
                    if k == 0
                        || k >= self.tokens.len()
                        || self.gap(k) & gap::NEWLINE == 0 && self.gap(k) & gap::COMMA == 0
                    {
                        continue;
                    }
                    let line = self.gap(k) & gap::NEWLINE != 0;
                    let mut from = k - 1;
                    while from > 0 && k - from < 5 && self.joined(from) {
                        from -= 1;
                    }
                    let opens = self.tokens[from].opens() || self.gap(from) & (gap::COLON | gap::COMMA) != 0;
                    if let Some(end) = self.read(from, Trust::Word, false).filter(|e| *e == k && opens) {
                        let proof = self.tokens[from..end]
                            .iter()
                            .any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
                        if proof || line && end - from >= 2 {
                            self.claim(from, end, NameRole::Mentioned);
                        }
                    }
                }
                Type::Phone => self.before_phone(hit),
                Type::Email => {
                    let k = self.tokens.partition_point(|t| t.start < hit.start);
                    let between = self.gap(k);
                    if k == 0
                        || k >= self.tokens.len()
                        || between & (gap::NEWLINE | gap::COMMA | gap::COLON) != 0
                        || between & (gap::OPEN | gap::OTHER | gap::QUOTE) == 0
                    {
                        continue;
                    }
                    let local = crate::fold::fold(
                        self.text[hit.start as usize..hit.end as usize].split('@').next().unwrap_or(""),
                    );
                    let mut from = k - 1;
                    while from > 0
                        && k - from < 4
                        && self.joined(from)
                        && self.tokens[from - 1].capital()
                        && !Self::common(&self.tokens[from - 1])
                    {
                        from -= 1;
                    }
                    let spelled = self.tokens[from..k]
                        .iter()
                        .any(|t| t.len() >= 3 && local.contains(&crate::fold::fold(self.str(t))));
                    // "Fern Halloran <help@…>", the head of a quoted mail.
                    let bracketed = self.text[..hit.start as usize].ends_with('<') && k - from >= 2;
                    if (spelled || bracketed)
                        && self.tokens[from].capital()
                        && let Some(end) = self.read(from, Trust::Place, false).filter(|e| *e == k)
                    {
                        self.claim(from, end, NameRole::Mentioned);
                    }
                }
                _ => {}
            }
        }
    }

    /// "Call Ruby Ives on 07700 900123", "Chiamate Ugo al …": whom the number reaches.
    fn before_phone(&mut self, hit: Hit) {
        let k = self.tokens.partition_point(|t| t.start < hit.start);
        // A line may end before the number or before its "on".
        if k < 2 || k >= self.tokens.len() || self.gap(k) & (gap::BLANK | gap::STOP | gap::COMMA) != 0 {
            return;
        }
        let link = &self.tokens[k - 1];
        let reaches = link.word()
            && !link.looks(shape::UPPER)
            && link.len() <= 6
            && link.is(flag::CONNECT | flag::CHAIN | flag::PARTICLE)
            || matches!(
                self.str(link),
                "on" | "at"
                    | "under"
                    | "unter"
                    | "op"
                    | "al"
                    | "au"
                    | "no"
                    | "pod"
                    | "på"
                    | "via"
                    | "auf"
                    | "per"
                    | "tel"
                    | "em"
            );
        if !reaches || link.gap & !(gap::SPACE | gap::NEWLINE) != 0 {
            return;
        }
        let end = k - 1;
        let mut from = end;
        while from > 0 && end - from < 5 && (from == end || self.joined(from)) {
            let word = &self.tokens[from - 1];
            let particle = word.is(flag::PARTICLE) && !word.looks(shape::UPPER) && from < end;
            if !(word.capital() || particle)
                || word.is(flag::INVITE | flag::GREET) && !word.is(flag::FIRST)
                || word.context != 0
                || word.looks(shape::TAKEN)
            {
                break;
            }
            from -= 1;
        }
        while from < end && !self.tokens[from].capital() {
            from += 1;
        }
        if from == end {
            return;
        }
        let called = from > 0
            && (self.tokens[from - 1].is(flag::INVITE) || from > 1 && self.tokens[from - 2].is(flag::INVITE));
        if let Some(stop) =
            self.read(from, if called { Trust::Place } else { Trust::Word }, false).filter(|s| *s == end)
        {
            let firm = self.tokens[from..end]
                .iter()
                .any(|t| t.is(flag::ORG | flag::BUSINESS | flag::COUNTRY | flag::MONTH));
            if !firm {
                self.claim(from, stop, NameRole::Mentioned);
            }
        }
    }
}
