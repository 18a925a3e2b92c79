//! Postcodes, and the address that is read backwards from one.

use super::Scan;
use crate::lexicon::{context, flag, minor};
use crate::token::{gap, shape};

impl Scan<'_> {
    /// A British postcode whose first part, or the whole, is token `i`.
    pub(super) fn postcode_at(&self, i: usize) -> Option<(usize, usize)> {
        let token = &self.tokens[i];
        // In small letters only where the words around speak of an address.
        let small = token.looks(shape::LOWER) && !token.looks(shape::UPPER | shape::INNER);
        if small && !self.address_told(i) {
            return None;
        }
        let case = |b: &u8| if small { b.is_ascii_lowercase() } else { b.is_ascii_uppercase() };
        let outward = |t: &[u8]| {
            let letters = t.iter().take_while(|b| case(b)).count();
            let rest = &t[letters..];
            (1..=2).contains(&letters)
                && matches!(rest.len(), 1 | 2)
                && rest[0].is_ascii_digit()
                && rest.iter().all(u8::is_ascii_alphanumeric)
        };
        let inward = |t: &[u8]| t.len() == 3 && t[0].is_ascii_digit() && case(&t[1]) && case(&t[2]);
        let text = self.str(&self.tokens[i]).as_bytes();
        if !text.is_ascii() {
            return None;
        }
        if (2..=4).contains(&text.len()) && outward(text) {
            let next = self.token(i + 1)?;
            let next = self.str(next).as_bytes();
            let canada = text.len() == 3
                && next.len() == 3
                && !self.gap(i + 1) & gap::SPACE == 0
                && case(&text[0])
                && text[1].is_ascii_digit()
                && case(&text[2])
                && next[0].is_ascii_digit()
                && case(&next[1])
                && next[2].is_ascii_digit();
            let ireland = text.len() == 3
                && next.len() == 4
                && !small
                && text[1].is_ascii_digit()
                && next.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                && next.iter().any(u8::is_ascii_digit)
                && next[0].is_ascii_uppercase();
            let fits = self.gap_len(i + 1) == 1
                && self.gap(i + 1) & gap::SPACE != 0
                && (inward(next) || canada || ireland);
            return fits.then_some((i, i + 1));
        }
        None
    }

    /// Whether a word for addresses stands near token `i`, or a street shortly before it.
    fn address_told(&self, i: usize) -> bool {
        let from = i.saturating_sub(8);
        (from..i).rev().take_while(|k| self.gap(k + 1) & gap::BLANK == 0).any(|k| {
            let t = &self.tokens[k];
            t.context & (context::ADDRESS | context::ZIP) != 0
                || t.is(flag::STREET) && t.len() > 2
                || t.word() && t.len() > 6 && self.house_number(k + 1) && self.street_name(t)
        })
    }

    /// "1016gv" or "1016 gv": the last token.
    pub(super) fn small_dutch_postcode(&self, i: usize) -> Option<usize> {
        let text = self.str(&self.tokens[i]).as_bytes();
        let lower = |t: &[u8]| t.len() == 2 && t.iter().all(u8::is_ascii_lowercase);
        if text.len() == 6 && text[..4].iter().all(u8::is_ascii_digit) && lower(&text[4..]) {
            return self.address_told(i).then_some(i);
        }
        let next = self.token(i + 1)?;
        let apart = text.len() == 4
            && text.iter().all(u8::is_ascii_digit)
            && lower(self.str(next).as_bytes())
            && !next.is(flag::CONNECT | flag::COMMON | flag::MEASURE | flag::CHAIN)
            && !next.looks(minor::ARTICLE)
            && self.gap(i + 1) == gap::SPACE
            && self.gap_len(i + 1) == 1;
        (apart && self.address_told(i)).then_some(i + 1)
    }

    /// "12 high street, leeds" before a postcode in small letters: the house number of the street.
    pub(super) fn small_street_before(&self, at: usize, floor: usize) -> Option<usize> {
        let mut found = None;
        let mut k = at;
        while k > floor && at - k < 9 {
            if self.gap(k) & !(gap::SPACE | gap::COMMA | gap::NEWLINE) != 0 || self.gap(k) & gap::BLANK != 0 {
                break;
            }
            k -= 1;
            let token = &self.tokens[k];
            if token.looks(shape::TAKEN | shape::PLACEHOLDER) {
                break;
            }
            let street = token.is(flag::STREET) && token.len() > 2;
            if street && (1..4).any(|s| k >= floor + s && self.house_number(k - s)) {
                found = (1..4).find(|s| k >= floor + s && self.house_number(k - s)).map(|s| k - s);
                break;
            }
            if self.house_number(k)
                && k > floor
                && self.tokens[k - 1].word()
                && self.street_name(&self.tokens[k - 1])
            {
                found = Some(k - 1);
                break;
            }
        }
        found
    }

    /// A postcode alone, for the rules of identifiers: nothing else may claim it.
    pub(super) fn british_postcode(&mut self, i: usize) -> Option<usize> {
        self.postcode_at(i).map(|(_, b)| b + 1)
    }

    /// From a postcode backwards over "The Old Forge, Church End, Little Wickering,".
    pub(super) fn backwards(&self, at: usize, floor: usize) -> usize {
        let mut from = at;
        let mut parts = 0;
        let mut newlines = 0;
        let mut k = at;
        while k > floor && parts < 6 {
            let between = self.gap(k);
            if between & (gap::OPEN | gap::CLOSE | gap::QUOTE) != 0 {
                break;
            }
            let comma = between & gap::COMMA != 0 && self.gap_len(k) <= 3;
            let line = between & gap::NEWLINE != 0 && between & gap::BLANK == 0;
            let space = between & !gap::SPACE == 0;
            if k == at {
                if !(comma || line || space) {
                    break;
                }
            } else if !(comma || line) {
                break;
            }
            newlines += usize::from(line);
            if newlines > 4 {
                break;
            }
            // One part: words in capitals and numbers joined by spaces.
            let mut p = k;
            let mut words = 0;
            let mut number = false;
            while p > floor && k - p < 6 {
                let word = &self.tokens[p - 1];
                if p < k
                    && !(self.plain_gap(p)
                        && self.gap(p) & (gap::NEWLINE | gap::COMMA) == 0
                        && !(self.gap(p) & gap::STOP != 0
                            && self.gap(p) & gap::SPACE != 0
                            && self.tokens[p - 1].len() > 3))
                {
                    break;
                }
                if word.looks(shape::TAKEN) {
                    break;
                }
                let good = word.capital()
                    && (!word.is(flag::COMMON | flag::GREET)
                        || p < k && !word.is(flag::GREET | flag::SIGNOFF)
                        || word.is(flag::STREET
                            | flag::STREET_WEAK
                            | flag::STATE
                            | flag::DIRECTION
                            | flag::AMBIGUOUS))
                    || word.is(flag::PARTICLE) && word.word() && p < k
                    || word.looks(shape::DIGIT) && self.house_number(p - 1);
                if !good {
                    break;
                }
                number |= word.looks(shape::DIGIT);
                words += usize::from(word.capital());
                p -= 1;
            }
            while p < k && self.tokens[p].is(flag::PARTICLE) && !self.tokens[p].looks(shape::UPPER) {
                p += 1;
            }
            if words == 0 {
                break;
            }
            // A line above without a number that is a name belongs to the reader of names.
            let named = line
                && !number
                && self.tokens[p..k].iter().any(|t| t.is(flag::FIRST) || self.people.find(t.hash).is_some());
            if named {
                break;
            }
            from = p;
            k = p;
            parts += 1;
            if number {
                break;
            }
        }
        from
    }
}
