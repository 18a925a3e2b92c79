//! Postal addresses: a street with its number, then the unit, the postcode, the town that follow; and
//! postcodes, from which the address is read backwards.

use super::{Hit, NameRole, Scan};
use crate::kind::Type;
use crate::lexicon::{context, flag, minor};
use crate::token::{Token, gap, shape};

impl Scan<'_> {
    pub(super) fn addresses(&mut self) {
        let mut i = 0;
        let mut end = 0;
        while i < self.tokens.len() {
            let token = self.tokens[i];
            const WORDS: u32 =
                flag::STREET | flag::STREET_WEAK | flag::STREET_FRONT | flag::POBOX | flag::UNIT;
            let anchor = token.is(WORDS)
                || token.looks(shape::DIGIT | minor::TOWN_LABEL)
                || token.context & context::ADDRESS != 0;
            if !anchor || token.looks(shape::TAKEN) || i < end {
                i += 1;
                continue;
            }
            if token.looks(minor::TOWN_LABEL)
                && let Some(to) = self.labelled_town(i)
            {
                self.address(i + 1, to);
                end = to + 1;
                i += 1;
                continue;
            }
            let found = if token.is(flag::STREET | flag::STREET_WEAK) && i > 0 {
                self.street_after_number(i, end)
            } else {
                None
            };
            let found = found
                .or_else(|| if token.is(flag::STREET_FRONT) { self.street_in_front(i, end) } else { None })
                .or_else(|| if token.is(flag::POBOX) { self.po_box(i) } else { None })
                .or_else(|| if token.looks(shape::DIGIT) { self.address_at_number(i, end) } else { None })
                .or_else(|| if token.is(flag::UNIT) { self.line_above_unit(i, end) } else { None })
                .or_else(|| {
                    if token.context & context::ADDRESS != 0 { self.announced_address(i) } else { None }
                });
            if let Some((from, to)) = found {
                let from = self.unit_before(from, end);
                let to = self.extend(to);
                self.address(from, to);
                end = to + 1;
            }
            i += 1;
        }
    }

    fn address(&mut self, from: usize, to: usize) {
        let start = self.tokens[from].start as usize;
        let mut end = self.tokens[to].end as usize;
        // The dot of "Ave." and the bracket of "(TO)".
        if self.byte(end) == b'.'
            && self.tokens[to].is(flag::STREET | flag::DIRECTION)
            && self.byte(end + 1) != b'\n'
            && end + 1 < self.text.len()
            && !self.sentence_after(to)
        {
            end += 1;
        }
        if self.byte(end) == b')' && self.gap(to) & gap::OPEN != 0 {
            end += 1;
        }
        self.hits.push(Hit {
            start: start as u32,
            end: end as u32,
            kind: Type::Address,
            role: NameRole::None,
        });
    }

    /// "City: Portland" on a line of its own: the last token.
    fn labelled_town(&self, i: usize) -> Option<usize> {
        let labelled = self.gap(i) & (gap::NEWLINE | gap::START) != 0
            && self.gap(i + 1) & gap::COLON != 0
            && self.gap(i + 1) & gap::NEWLINE == 0;
        let to = (i + 1..i + 5).find(|k| self.gap(k + 1) & (gap::NEWLINE | gap::START) != 0)?;
        let words = (i + 1..=to)
            .all(|k| self.token(k).is_some_and(|t| t.word() && !t.looks(shape::TAKEN | shape::PLACEHOLDER)));
        (labelled && words && self.tokens[i + 1].capital()).then_some(to)
    }

    fn sentence_after(&self, k: usize) -> bool {
        self.token(k + 1).is_some_and(|t| t.gap & gap::STOP != 0 && t.looks(shape::UPPER))
    }

    pub(super) fn plain_gap(&self, k: usize) -> bool {
        self.gap_len(k) <= 2
            && self.gap(k) & !(gap::SPACE | gap::DOT | gap::STOP | gap::HYPHEN | gap::APOS) == 0
    }

    pub(super) fn house_number(&self, k: usize) -> bool {
        let Some(token) = self.token(k) else { return false };
        if token.looks(shape::TAKEN) {
            return false;
        }
        let text = self.str(token);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        (1..=6).contains(&digits)
            && text.len() - digits <= 1
            && text.as_bytes().get(digits).is_none_or(u8::is_ascii_alphabetic)
    }

    fn ordinal(&self, k: usize) -> bool {
        let text = self.str(&self.tokens[k]);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && matches!(text[digits..].to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th")
    }

    /// "77 Quarry Lane", "2219 NE Sumner Street": the street word at `i`, the number before it.
    fn street_after_number(&self, i: usize, floor: usize) -> Option<(usize, usize)> {
        let token = self.tokens[i];
        let weak = !token.is(flag::STREET);
        if weak && !token.looks(shape::UPPER) {
            return None;
        }
        let mut k = i;
        let mut words = 0;
        let mut capitals = 0;
        while k > floor && i - k < 6 {
            if !self.plain_gap(k) {
                return None;
            }
            k -= 1;
            let word = &self.tokens[k];
            if word.looks(shape::PLACEHOLDER) {
                return None;
            }
            if self.house_number(k) && words > 0 {
                // "12-14", "12/3"
                let mut from = k;
                while from > floor
                    && self.tokens[from - 1].looks(shape::DIGIT)
                    && self.gap_len(from) == 1
                    && self.gap(from) & (gap::HYPHEN | gap::SLASH) != 0
                {
                    from -= 1;
                }
                let from = self.flat_before(from, floor);
                if weak && capitals < words || self.gap(from) & gap::MONEY != 0 {
                    return None;
                }
                if capitals == 0
                    && (words > 2
                        || token.looks(shape::UPPER)
                        || self.tokens[k + 1].is(flag::COMMON)
                        || token.len() <= 2)
                {
                    return None;
                }
                return Some((from, i));
            }
            if word.word() || self.ordinal(k) {
                if word.is(flag::COMMON)
                    && !word.looks(shape::UPPER)
                    && !word.is(flag::PARTICLE | flag::DIRECTION)
                {
                    return None;
                }
                words += 1;
                capitals += usize::from(word.looks(shape::UPPER | shape::DIGIT) || word.is(flag::PARTICLE));
                continue;
            }
            return None;
        }
        None
    }

    /// "21 17 Stone Cellar Road": the number of a flat before that of the house.
    fn flat_before(&self, house: usize, floor: usize) -> usize {
        let flat = house > floor
            && self.house_number(house - 1)
            && self.gap_len(house) == 1
            && self.gap(house) & gap::SPACE != 0
            && self.tokens[house - 1].len() <= 5;
        if flat { house - 1 } else { house }
    }

    /// "8 rue des Tanneurs", "Via dei Mille 40", "ul. Długa 5/7", "Straße des 17. Juni 135".
    fn street_in_front(&self, i: usize, floor: usize) -> Option<(usize, usize)> {
        let token = self.tokens[i];
        let ordinary = (token.len() <= 3 || token.is(flag::COMMON)) && self.str(&token) != "rue";
        let abbreviated = self.gap(i + 1) & (gap::DOT | gap::SLASH) != 0;
        // "9:50 AM"
        let loud = ordinary && token.looks(shape::INNER) && !token.looks(shape::LOWER);
        if loud || ordinary && !token.looks(shape::UPPER) && !abbreviated {
            return None;
        }
        let mut k = i;
        let mut names = 0;
        while k - i < 6 {
            let Some(next) = self.token(k + 1) else { break };
            // "C/ Mayor"
            let calle = k == i
                && token.len() == 1
                && next.gap & !(gap::SLASH | gap::SPACE) == 0
                && self.gap_len(k + 1) <= 2;
            let fits = (self.plain_gap(k + 1) || calle)
                && next.gap & gap::NEWLINE == 0
                && !next.looks(shape::TAKEN | shape::PLACEHOLDER);
            if !fits {
                break;
            }
            if next.word() && (next.looks(shape::UPPER) || next.is(flag::PARTICLE) || next.len() == 1) {
                names += usize::from(next.looks(shape::UPPER));
                k += 1;
                continue;
            }
            // "17. Juni"
            if next.digits()
                && next.len() <= 2
                && self.gap(k + 2) & gap::DOT != 0
                && self.token(k + 2).is_some_and(|t| t.is(flag::MONTH))
            {
                names += 1;
                k += 2;
                continue;
            }
            break;
        }
        if names == 0 {
            return None;
        }
        while k > i && self.tokens[k].is(flag::PARTICLE) && !self.tokens[k].looks(shape::UPPER) {
            k -= 1;
        }
        // The number before…
        let mut from = i;
        if from > floor && self.token(from - 1).is_some_and(|t| t.looks(minor::REPEAT)) {
            from -= 1;
        }
        if from > floor
            && self.house_number(from - 1)
            && self.gap_len(from) <= 2
            && self.gap(from) & !(gap::SPACE | gap::COMMA) == 0
        {
            return Some((self.flat_before(from - 1, floor), k));
        }
        // …or after.
        let comma = self.gap(k + 1) & !(gap::SPACE | gap::COMMA | gap::DOT | gap::STOP) == 0
            && self.gap_len(k + 1) <= 2;
        let mut number = k + 1;
        if comma && self.token(number).is_some_and(|t| t.looks(minor::NUMERO)) {
            number += 1;
        }
        let weak = token.looks(minor::FRONT_WEAK);
        let parted = comma || number > k + 1;
        if parted
            && self.house_number(number)
            && self.tokens[number].len() <= 5
            && !self
                .token(number + 1)
                .is_some_and(|t| t.is(flag::MEASURE | flag::MONTH) && self.gap_len(number + 1) <= 1)
            && (!weak
                || token.looks(shape::UPPER)
                || self
                    .token(i + 1)
                    .is_some_and(|t| t.is(flag::PARTICLE) && !t.looks(shape::UPPER) && t.len() >= 2))
        {
            return Some((i, self.number_tail(number)));
        }
        None
    }

    /// "27a", "101-II", "5/7", "12 B".
    pub(super) fn number_tail(&self, mut k: usize) -> usize {
        while self.token(k + 1).is_some_and(|t| t.len() <= 4 && !t.looks(shape::TAKEN))
            && self.gap_len(k + 1) == 1
            && self.gap(k + 1) & (gap::HYPHEN | gap::SLASH) != 0
        {
            k += 1;
        }
        if self.token(k + 1).is_some_and(|t| t.len() == 1 && t.looks(shape::UPPER))
            && self.gap_len(k + 1) == 1
            && self.gap(k + 1) & gap::SPACE != 0
            && !matches!(self.str(&self.tokens[k + 1]), "I" | "A")
        {
            k += 1;
        }
        k
    }

    fn po_box(&self, i: usize) -> Option<(usize, usize)> {
        let mut from = i;
        // "P.O. Box"
        while from > 0
            && i - from < 3
            && self.tokens[from - 1].len() <= 2
            && self.gap_len(from) <= 2
            && self.tokens[from - 1].word()
            && self.tokens[from - 1].looks(shape::UPPER)
        {
            from -= 1;
        }
        if self.str(&self.tokens[i]).eq_ignore_ascii_case("box")
            && from == i
            && !(i > 0 && self.tokens[i - 1].is(flag::POBOX))
            && !self.tokens[i].looks(shape::UPPER)
        {
            return None;
        }
        if self.str(&self.tokens[i]).eq_ignore_ascii_case("box") && from == i {
            return None;
        }
        let mut number = i + 1;
        if self.token(number).is_some_and(|t| t.is(flag::CONNECT)) {
            number += 1;
        }
        let mut end = number;
        if !self.token(number).is_some_and(|t| t.digits() && t.len() <= 6)
            || self.gap(number) & gap::NEWLINE != 0
        {
            return None;
        }
        while self.token(end + 1).is_some_and(|t| t.digits() && t.len() <= 3) && self.gap_len(end + 1) == 1 {
            end += 1;
        }
        Some((from, end))
    }

    /// "Ahornweg", "Prinsengracht": a word that ends as streets do.
    pub(super) fn street_name(&self, token: &Token) -> bool {
        let word = crate::fold::fold(self.str(token));
        self.lexicon.street_suffixes.iter().any(|s| {
            word.len() >= s.len() + 2
                && word.ends_with(s)
                && (s.len() > 3 || *s == "str" || *s == "weg" || *s == "gasse" || word.len() >= s.len() + 4)
        })
    }

    /// Anchors with digits: "Ahornweg 27", a British postcode, "OR 97211".
    fn address_at_number(&mut self, i: usize, floor: usize) -> Option<(usize, usize)> {
        if i > floor
            && self.house_number(i)
            && self.plain_gap(i)
            && self.gap(i) & (gap::NEWLINE | gap::HYPHEN) == 0
        {
            let before = self.tokens[i - 1];
            if before.word() && !before.looks(shape::TAKEN) && before.len() > 3 {
                let word = crate::fold::fold(self.str(&before));
                let ends = self.street_name(&before);
                let sure = word.ends_with("strasse")
                    || word.ends_with("str")
                    || word.ends_with("straat")
                    || word.ends_with("gasse")
                    || word.ends_with("gatan");
                if ends
                    && (before.looks(shape::UPPER) || sure)
                    && !before.is(flag::COMMON)
                    && !self.measured(i)
                {
                    let mut from = i - 1;
                    while from > floor
                        && self.gap_len(from) == 1
                        && self.gap(from) & (gap::HYPHEN | gap::SPACE) != 0
                        && i - from < 4
                        && (self.gap(from) & gap::HYPHEN != 0
                            || self.tokens[from - 1].is(flag::DIRECTION) && self.tokens[from - 1].len() == 1)
                        && self.tokens[from - 1].word()
                    {
                        from -= 1;
                    }
                    return Some((from, self.number_tail(i)));
                }
                // "Lange Straße 4", "Am Alten Markt 5"
                if before.is(flag::STREET)
                    && (before.looks(shape::UPPER)
                        || before.len() > 3 && i >= 2 && self.tokens[i - 2].capital())
                    && before.len() > 3
                    && i >= 2
                    && !self.measured(i)
                {
                    let mut from = i - 1;
                    while from > floor
                        && i - from < 5
                        && self.gap_len(from) == 1
                        && self.tokens[from - 1].capital()
                        && !self.tokens[from - 1].looks(shape::TAKEN)
                        && (!self.tokens[from - 1].is(flag::COMMON)
                            || self.tokens[from - 1].is(flag::STREET_FRONT))
                    {
                        from -= 1;
                    }
                    if from < i - 1 {
                        // "1051 Budapest, Kossuth utca 12": Hungary begins with the town.
                        let town = from >= floor + 2
                            && self.gap(from) & gap::COMMA != 0
                            && self.gap_len(from) <= 2
                            && self.tokens[from - 1].capital()
                            && self.tokens[from - 2].digits()
                            && matches!(self.tokens[from - 2].len(), 4 | 5)
                            && self.gap(from - 1) == gap::SPACE;
                        return Some((if town { from - 2 } else { from }, self.number_tail(i)));
                    }
                }
            }
        }
        // A line that ends in a house number above a postcode and a town: "Im Winkel 3\n70599 Stuttgart".
        let code = self.tokens[i];
        if code.digits()
            && matches!(code.len(), 4 | 5)
            && i > floor + 1
            && code.gap & (gap::NEWLINE | gap::COMMA) != 0
            && code.gap & gap::BLANK == 0
            && self.gap_len(i) <= 3
        {
            let town = self
                .token(i + 1)
                .is_some_and(|t| t.capital() && t.looks(shape::LOWER) && !t.is(flag::MEASURE))
                && self.gap_len(i + 1) == 1;
            if town
                && self.house_number(i - 1)
                && self.tokens[i - 1].len() <= 5
                && self.gap(i - 1) & !gap::SPACE == 0
            {
                let mut from = i - 1;
                let mut capitals = 0;
                while from > floor && i - 1 - from < 5 {
                    let word = &self.tokens[from - 1];
                    let joined = from == i - 1 || self.plain_gap(from) && self.gap(from) & gap::NEWLINE == 0;
                    if !joined
                        || !word.word()
                        || word.looks(shape::TAKEN)
                        || !(word.looks(shape::UPPER) || word.is(flag::PARTICLE) || word.len() <= 3)
                    {
                        break;
                    }
                    capitals += usize::from(word.looks(shape::UPPER));
                    from -= 1;
                }
                while from < i - 1 && !self.tokens[from].looks(shape::UPPER) {
                    from += 1;
                }
                if capitals > 0 && from < i - 1 {
                    return Some((from, i - 1));
                }
            }
        }
        // British postcodes.
        if let Some((a, b)) = self.postcode_at(i) {
            let from = self.backwards(a, floor).min(self.small_street_before(a, floor).unwrap_or(a));
            return Some((from, b));
        }
        // "prinsengracht 263, 1016 gv amsterdam", "postcode 1016gv"
        if let Some(b) = self.small_dutch_postcode(i) {
            let town = self.token(b + 1).is_some_and(|t| t.word() && !t.is(flag::CONNECT) && t.len() >= 3)
                && self.gap_len(b + 1) == 1
                && self.gap(b + 1) == gap::SPACE;
            return Some((self.small_street_before(i, floor).unwrap_or(i), if town { b + 1 } else { b }));
        }
        // American: a state and five digits.
        let token = self.tokens[i];
        if token.digits() && token.len() == 5 && i > floor {
            let state = self.tokens[i - 1];
            let named = state.is(flag::STATE)
                && state.looks(shape::UPPER)
                && self.gap_len(i) <= 3
                && (state.len() > 2 || !state.looks(shape::LOWER));
            if named && self.gap(i) & !(gap::SPACE | gap::COMMA | gap::NEWLINE) == 0 {
                let mut b = i;
                if self.token(i + 1).is_some_and(|t| t.digits() && t.len() == 4)
                    && self.gap_len(i + 1) == 1
                    && self.gap(i + 1) & gap::HYPHEN != 0
                {
                    b = i + 1;
                }
                return Some((self.backwards(i - 1, floor), b));
            }
        }
        // "Gabon 66298" at the end of a block.
        let code = token.digits() && matches!(token.len(), 5 | 6) && i > floor;
        let country = |t: &Token| t.is(flag::COUNTRY) && t.capital() && t.len() > 3;
        if code
            && country(&self.tokens[i - 1])
            && self.gap(i) == gap::SPACE
            && self.gap(i - 1) & (gap::NEWLINE | gap::COMMA) != 0
            && self.gap(i + 1) & (gap::NEWLINE | gap::START) != 0
        {
            return Some((i - 1, i));
        }
        None
    }

    /// "59 Heiligengeistbrücke 77\n Suite 594": a unit below, or after, a line that begins with a number.
    fn line_above_unit(&self, i: usize, floor: usize) -> Option<(usize, usize)> {
        let unit = self.tokens[i];
        let word = unit.looks(minor::ROOM);
        let to = self.unit(i).filter(|_| word && unit.looks(shape::UPPER))?;
        let mut from = i;
        let mut words = 0;
        while from > floor && i - from < 8 {
            let before = &self.tokens[from - 1];
            let line = self.gap(from) & gap::NEWLINE != 0;
            if before.looks(shape::TAKEN)
                || self.gap_len(from) > 10
                || line && from != i
                || self.gap(from) & (gap::COLON | gap::BLANK) != 0
            {
                break;
            }
            let good = self.house_number(from - 1)
                || before.word() && (before.looks(shape::UPPER) || before.is(flag::PARTICLE));
            if !good || self.gap(from) & gap::STOP != 0 && from != i && !self.abbreviates(from - 1) {
                break;
            }
            words += usize::from(before.word());
            from -= 1;
        }
        while from < i && !self.house_number(from) {
            from += 1;
        }
        if words == 0 || from == i {
            // "Suite 656" on a line of its own.
            let line = |k: usize| self.gap(k) & (gap::NEWLINE | gap::START) != 0;
            return (line(i) && (line(to + 1) || self.gap(to + 1) & gap::COMMA != 0)).then_some((i, to));
        }
        Some((from, to))
    }

    pub(super) fn measured(&self, i: usize) -> bool {
        self.token(i + 1)
            .is_some_and(|t| t.is(flag::MEASURE) && self.gap_len(i + 1) <= 1 && !t.looks(shape::UPPER))
            || self.gap(i + 1) & gap::COLON != 0 && self.gap_len(i + 1) == 1
    }

    /// "my address is 12 Elm" and "Adresse: 12 …": a number and words in capitals after the word.
    fn announced_address(&self, i: usize) -> Option<(usize, usize)> {
        let mut k = i + 1;
        while k < i + 4 && self.token(k).is_some_and(|t| t.is(flag::CONNECT) && t.word()) {
            k += 1;
        }
        if self.gap(k) & (gap::BLANK | gap::MONEY) != 0 || self.gap(k) & gap::STOP != 0 {
            return None;
        }
        if !self.house_number(k) {
            // "Adresse: Hinter den Gärten 3a"
            if self.gap(k) & (gap::COLON | gap::NEWLINE) == 0 {
                return None;
            }
            let number = (k + 1..k + 6).find(|n| self.house_number(*n))?;
            let words = (k..number).all(|w| {
                let t = &self.tokens[w];
                t.word()
                    && !t.looks(shape::TAKEN)
                    && (w == k || self.plain_gap(w))
                    && (t.looks(shape::UPPER) || t.is(flag::PARTICLE) || t.len() <= 3)
            });
            let sound = words
                && self.tokens[k].looks(shape::UPPER)
                && self.plain_gap(number)
                && self.gap(number) & gap::NEWLINE == 0
                && !self.measured(number)
                && self.tokens[number].len() <= 5;
            return sound.then(|| (k, self.number_tail(number)));
        }
        let mut end = k;
        let mut words = 0;
        while end - k < 7 {
            let Some(next) = self.token(end + 1) else { break };
            if !self.plain_gap(end + 1)
                || next.gap & gap::STOP != 0 && next.gap & gap::SPACE != 0
                || next.looks(shape::TAKEN | shape::PLACEHOLDER)
            {
                break;
            }
            let word = next.capital()
                && (!next.is(flag::COMMON) || next.is(flag::STREET | flag::STREET_WEAK))
                || next.is(flag::PARTICLE) && next.word();
            let number = next.looks(shape::DIGIT) && self.house_number(end + 1) && words > 0;
            if !(word || number) {
                break;
            }
            words += usize::from(next.capital());
            end += 1;
        }
        while end > k && self.tokens[end].is(flag::PARTICLE) && !self.tokens[end].looks(shape::UPPER) {
            end -= 1;
        }
        (words > 0 && !self.tokens[k + 1].is(flag::MONTH)).then_some((k, end))
    }
}
