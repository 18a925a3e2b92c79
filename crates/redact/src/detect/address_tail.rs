//! What follows the street of a postal address: the unit, the postcode, the town, the country.

use super::Scan;
use crate::lexicon::{flag, minor};
use crate::token::{gap, shape};

impl Scan<'_> {
    /// From the end of a street forwards: unit, postcode, town, state, country.
    pub(super) fn extend(&self, mut end: usize) -> usize {
        let mut parts = 0;
        while parts < 7 {
            let k = end + 1;
            let Some(next) = self.token(k) else { break };
            let between = next.gap;
            // Commas, a line end or two with the indentation of a block, spaces.
            let blank_ok = self.gap_len(k) <= 8;
            if next.looks(shape::TAKEN)
                || between
                    & !(gap::SPACE
                        | gap::COMMA
                        | gap::NEWLINE
                        | gap::BLANK
                        | gap::HYPHEN
                        | gap::DOT
                        | gap::STOP
                        | gap::OPEN
                        | gap::HASH
                        | gap::SLASH
                        | gap::OTHER)
                    != 0
                || self.gap_len(k) > 10
                || between & gap::BLANK != 0 && !blank_ok
            {
                break;
            }
            if between & gap::STOP != 0
                && between & gap::SPACE != 0
                && !self.tokens[end].is(flag::STREET | flag::DIRECTION)
            {
                break;
            }
            let separated = between & (gap::COMMA | gap::NEWLINE) != 0;
            let part = self
                .unit(k)
                .or_else(|| self.postcode_town(k))
                .or_else(|| self.town_postcode(k, separated))
                .or_else(|| self.tail_word(k, separated));
            let Some(to) = part else { break };
            end = to;
            parts += 1;
        }
        end
    }

    /// "Flat 3, 22 Abbey Road": the unit and its comma before the house.
    pub(super) fn unit_before(&self, from: usize, floor: usize) -> usize {
        let comma = self.gap(from) & !(gap::SPACE | gap::COMMA | gap::NEWLINE | gap::HYPHEN) == 0
            && self.gap_len(from) <= 3;
        if !comma || from < floor + 2 {
            return from;
        }
        let number = &self.tokens[from - 1];
        let unit = &self.tokens[from - 2];
        let fits = (number.looks(shape::DIGIT) && number.len() <= 5
            || number.len() == 1 && number.looks(shape::UPPER))
            && unit.is(flag::UNIT)
            && unit.len() > 2
            && !unit.looks(shape::TAKEN)
            && self.gap_len(from - 1) <= 2;
        if fits { from - 2 } else { from }
    }

    pub(super) fn unit(&self, k: usize) -> Option<usize> {
        let token = &self.tokens[k];
        if token.gap & gap::HASH != 0 && token.looks(shape::DIGIT) && token.len() <= 5 {
            return Some(k);
        }
        let storey = self.str(token).ends_with(['º', 'ª', '°']) && token.looks(shape::DIGIT);
        if storey {
            let door = self.token(k + 1).is_some_and(|t| {
                (t.len() == 1 || matches!(self.str(t), "dcha" | "izda" | "ctro")) && t.word()
            }) && self.gap_len(k + 1) == 1;
            return Some(if door { k + 1 } else { k });
        }
        if !token.is(flag::UNIT) {
            // "3rd floor", "2. Stock", "1º"
            let floor = token.looks(shape::DIGIT)
                && token.len() <= 5
                && self.token(k + 1).is_some_and(|t| t.is(flag::UNIT))
                && self.gap_len(k + 1) <= 2;
            if floor {
                return Some(k + 1);
            }
            return None;
        }
        let mut to = k + 1;
        if self.token(to).is_some_and(|t| t.is(flag::CONNECT) && t.word()) {
            to += 1;
        }
        let number = self.token(to).filter(|t| self.gap_len(to) <= 3 && t.gap & gap::NEWLINE == 0)?;
        (number.looks(shape::DIGIT) && number.len() <= 6 || number.len() == 1 && number.looks(shape::UPPER))
            .then(|| self.number_tail(to))
    }

    /// Capitalised words of a town from `k`; the last token.
    fn town(&self, k: usize, most: usize) -> Option<usize> {
        let mut end = None;
        let mut at = k;
        while at - k < most {
            let Some(token) = self.token(at) else { break };
            if at > k
                && !(self.gap_len(at) <= 2
                    && self.gap(at) & !(gap::SPACE | gap::HYPHEN | gap::APOS | gap::DOT | gap::STOP) == 0
                    && !(self.gap(at) & gap::STOP != 0 && self.tokens[at - 1].len() > 3))
            {
                break;
            }
            let town = token.capital()
                && !token.looks(shape::TAKEN)
                && (!token.is(flag::COMMON | flag::GREET | flag::TITLE)
                    || token.is(flag::COUNTRY | flag::DIRECTION)
                    || self.city(at));
            if town {
                end = Some(at);
            } else if !(token.word()
                && token.len() <= 4
                && (token.is(flag::PARTICLE) || token.looks(minor::TOWN_LINK))
                && at > k)
            {
                break;
            }
            at += 1;
        }
        end
    }

    /// Large towns are in the list of common words so that they are not taken for names.
    fn city(&self, k: usize) -> bool {
        let token = &self.tokens[k];
        token.looks(shape::UPPER)
            && !token.is(flag::SIGNOFF | flag::GREET | flag::CONNECT | flag::YOU | flag::OUR)
            && token.context == 0
    }

    /// "12349 Berlin", "1017 GC Amsterdam", "00-950 Warszawa", "CH-8000 Zürich", "10123 Torino (TO)".
    fn postcode_town(&self, k: usize) -> Option<usize> {
        let mut at = k;
        let token = self.token(at)?;
        if token.word()
            && token.len() <= 2
            && !token.looks(shape::LOWER)
            && self.gap_len(at + 1) == 1
            && self.gap(at + 1) & gap::HYPHEN != 0
        {
            at += 1;
        }
        let token = self.token(at)?;
        if !token.digits() || !(2..=6).contains(&token.len()) || token.gap & (gap::MONEY | gap::OTHER) != 0 {
            return None;
        }
        let mut code = at;
        let next_digits = |k: usize, len: usize, glue: u32| {
            self.token(k).is_some_and(|t| t.digits() && t.len() == len)
                && self.gap_len(k) == 1
                && self.gap(k) & glue != 0
        };
        match token.len() {
            2 if next_digits(at + 1, 3, gap::HYPHEN) => code = at + 1,
            3 if next_digits(at + 1, 2, gap::SPACE) => code = at + 1,
            4 if next_digits(at + 1, 3, gap::HYPHEN) => code = at + 1,
            4 if self.token(at + 1).is_some_and(|t| t.word() && t.len() == 2 && !t.looks(shape::LOWER))
                && self.gap_len(at + 1) == 1 =>
            {
                code = at + 1
            }
            5 if next_digits(at + 1, 4, gap::HYPHEN) || next_digits(at + 1, 3, gap::HYPHEN) => code = at + 1,
            4..=6 => {}
            _ => return None,
        }
        if self.gap(code + 1) & (gap::NEWLINE | gap::COMMA) != 0 || self.gap_len(code + 1) > 2 {
            return (code > at || token.len() == 5 && self.gap(k) & (gap::COMMA | gap::NEWLINE) != 0)
                .then_some(code);
        }
        let town = self.town(code + 1, 4);
        let Some(mut end) = town else {
            return (token.len() >= 4 && self.gap(k) & (gap::COMMA | gap::NEWLINE) != 0).then_some(code);
        };
        // "Praha 1", "Dublin 8"
        let district = self.token(end + 1).is_some_and(|t| t.digits() && t.len() <= 2)
            && self.gap(end + 1) == gap::SPACE
            && self.gap_len(end + 1) == 1
            && self.gap(end + 2) & (gap::STOP | gap::NEWLINE | gap::COMMA | gap::START) != 0;
        if district {
            return Some(end + 1);
        }
        // "(TO)"
        if self
            .token(end + 1)
            .is_some_and(|t| t.word() && t.len() == 2 && !t.looks(shape::LOWER) && t.gap & gap::OPEN != 0)
            && self.gap_len(end + 1) <= 2
        {
            end += 1;
        }
        Some(end)
    }

    /// "Bend, OR 97702", "London EC1V 9ZZ", "Oregon 97031-1234", "Sydney NSW 2000".
    fn town_postcode(&self, k: usize, separated: bool) -> Option<usize> {
        if let Some((_, b)) = self.postcode_at(k) {
            return Some(b);
        }
        // ", london nw8 9ay"
        for last in k..k + 2 {
            let small = (k..=last).all(|m| {
                self.token(m).is_some_and(|t| {
                    t.word() && !t.looks(shape::UPPER) && (m == k || self.gap(m) == gap::SPACE)
                })
            });
            if !(separated && small) {
                break;
            }
            if self.gap_len(last + 1) <= 2
                && last + 1 < self.tokens.len()
                && let Some((_, b)) = self.postcode_at(last + 1)
            {
                return Some(b);
            }
        }
        let state_at = |s: usize| -> Option<usize> {
            let state = self.token(s)?;
            let mut last = s;
            let mut named = state.is(flag::STATE)
                && state.looks(shape::UPPER)
                && (state.len() > 3 || !state.looks(shape::LOWER));
            if !named
                && self
                    .token(s + 1)
                    .is_some_and(|t| t.is(flag::STATE) && t.looks(shape::UPPER) && t.len() > 3)
                && state.capital()
                && self.gap_len(s + 1) == 1
            {
                last = s + 1;
                named = true;
            }
            if !named {
                return None;
            }
            let zip = last + 1;
            let number = self.token(zip).is_some_and(|t| t.digits() && matches!(t.len(), 4 | 5))
                && self.gap_len(zip) <= 5
                && self.gap(zip) & !(gap::SPACE | gap::COMMA | gap::NEWLINE) == 0;
            if !number {
                return Some(last);
            }
            let plus = self.token(zip + 1).is_some_and(|t| t.digits() && t.len() == 4)
                && self.gap_len(zip + 1) == 1
                && self.gap(zip + 1) & gap::HYPHEN != 0;
            Some(if plus { zip + 1 } else { zip })
        };
        if let Some(end) = state_at(k) {
            return (end > k || separated || self.tokens[k].len() == 2).then_some(end);
        }
        if self.gap(k) & gap::COMMA == 0 && self.gap(k) & gap::NEWLINE == 0 && !self.tokens[k].capital() {
            return None;
        }
        let end = self.town(k, 4)?;
        // The town counts where a state or postcode follows…
        for last in (k..=end).rev() {
            let next = last + 1;
            let near = self.gap_len(next) <= 3
                && self.gap(next) & !(gap::SPACE | gap::COMMA | gap::NEWLINE | gap::OPEN) == 0;
            if near
                && (self.postcode_at(next).is_some()
                    || self.token(next).is_some_and(|t| {
                        t.is(flag::STATE) && t.looks(shape::UPPER) && !t.looks(shape::LOWER) && t.len() <= 3
                            || t.is(flag::STATE) && t.len() > 3
                    }))
            {
                return Some(last);
            }
            if last > k
                && near
                && self.tokens[last].is(flag::STATE)
                && self.tokens[last].len() <= 3
                && state_at(last).is_some()
            {
                return Some(last - 1);
            }
            if near
                && self
                    .token(next)
                    .is_some_and(|t| t.digits() && matches!(t.len(), 4..=6) && t.gap & gap::MONEY == 0)
                && (separated || end > k)
                && self.gap_len(next) <= 2
            {
                return Some(next);
            }
        }
        // …or a country in a part of its own.
        let country = end + 1;
        let foreign = self.token(country).is_some_and(|t| t.is(flag::COUNTRY) && t.looks(shape::UPPER))
            && self.gap(country) & (gap::COMMA | gap::NEWLINE) != 0;
        let block = self.gap(country) & gap::NEWLINE != 0 && separated && self.country_zip(country).is_some();
        ((foreign || block) && separated).then_some(end)
    }

    /// "Czech Republic 95840" on a line of its own.
    fn country_zip(&self, k: usize) -> Option<usize> {
        let end = self.town(k, 4)?;
        (self.token(end + 1).is_some_and(|t| t.digits() && (3..=6).contains(&t.len()))
            && self.gap_len(end + 1) == 1)
            .then_some(end + 1)
    }

    /// A town or country alone, closed off: "12 High Street, Bristol."
    fn tail_word(&self, k: usize, separated: bool) -> Option<usize> {
        let token = &self.tokens[k];
        if !separated || !token.capital() {
            return None;
        }
        if token.is(flag::COUNTRY) {
            let end = self.town(k, 2).unwrap_or(k);
            let zip = end + 1;
            let number = self.token(zip).is_some_and(|t| t.digits() && (3..=6).contains(&t.len()))
                && self.gap_len(zip) == 1;
            return Some(if number { zip } else { end });
        }
        let comma = token.gap & gap::COMMA != 0 && token.gap & gap::NEWLINE == 0;
        let end = self.town(k, 3)?;
        let ordinary = self.tokens[k..=end]
            .iter()
            .any(|t| t.is(flag::COMMON) && !t.is(flag::DIRECTION) || t.is(flag::FIRST | flag::ORG));
        let closed = self.token(end + 1).is_some_and(|t| t.word() && !t.looks(shape::UPPER))
            || self.gap(end + 1)
                & (gap::COMMA | gap::NEWLINE | gap::STOP | gap::CLOSE | gap::QUOTE | gap::START)
                != 0
            || end + 1 >= self.tokens.len();
        (comma && closed && !ordinary && self.people.find(token.hash).is_none()).then_some(end)
    }
}
