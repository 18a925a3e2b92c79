//! Addresses of the internet protocol and of network cards.

use super::Scan;
use crate::kind::Type;
use crate::lexicon::context;
use crate::token::{gap, shape};

impl Scan<'_> {
    /// Internet addresses. Versions and ranges are none.
    pub(super) fn ip(&mut self, i: usize) -> Option<usize> {
        if let Some(next) = self.ip6(i) {
            return Some(next);
        }
        let dotted = |k: usize| {
            self.gap_len(k) == 1 && self.gap(k) & gap::DOT != 0 && self.gap(k) & !(gap::DOT | gap::STOP) == 0
        };
        if !self.tokens[i].digits()
            || !(1..4).all(|k| self.token(i + k).is_some_and(|t| t.digits()) && dotted(i + k))
        {
            return None;
        }
        let mut end = i + 3;
        while self.token(end + 1).is_some_and(|t| t.looks(shape::DIGIT)) && dotted(end + 1) {
            end += 1;
        }
        if end > i + 3 || i > 0 && dotted(i) {
            // "06.39.98.12.34" is a French telephone number.
            let pairs = end == i + 4
                && (i..=end).all(|k| self.tokens[k].len() == 2)
                && self.str(&self.tokens[i]).starts_with('0');
            if pairs && !(i > 0 && dotted(i)) {
                return None;
            }
            return Some(end + 1);
        }
        let parts: Vec<u32> = (i..i + 4).map(|k| self.str(&self.tokens[k]).parse().unwrap_or(999)).collect();
        if parts.iter().any(|p| *p > 255) {
            return None;
        }
        let said = self.near(context::IP, i, 6);
        let version = self.near(context::VERSION, i, 3).is_some_and(|v| said.is_none_or(|s| v < s))
            || self.byte(self.tokens[i].start as usize - usize::from(i > 0)).eq_ignore_ascii_case(&b'v');
        let end_byte = self.tokens[end].end as usize;
        let range = self.byte(end_byte) == b'/'
            && self.byte(end_byte + 1).is_ascii_digit()
            && self.gap_len(end + 1) == 1
            && self.tokens[end + 1].len() <= 2;
        let nobody = matches!(parts[..], [127 | 0 | 255, ..] | [224..=255, ..])
            || parts[..3] == [8, 8, 8]
            || parts[..4] == [1, 1, 1, 1];
        let private = matches!(parts[..], [10, ..] | [192, 168, ..] | [169, 254, ..])
            || parts[0] == 172 && (16..32).contains(&parts[1]);
        let numbering = parts[0] < 10 && parts.iter().all(|p| *p < 100) && said.is_none();
        if version || numbering || range || nobody || private && said.is_none() {
            return Some(end + 1);
        }
        Some(self.hit_tokens(i, end, Type::Ip))
    }

    fn ip6(&mut self, i: usize) -> Option<usize> {
        let hex = |k: usize| {
            self.token(k).is_some_and(|t| t.len() <= 4 && self.str(t).bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let colon = |k: usize| {
            self.gap(k) & !gap::COLON == 0 && self.gap(k) & gap::COLON != 0 && self.gap_len(k) <= 2
        };
        if !hex(i) {
            return None;
        }
        // The first group may have no digit and come before the token that woke us.
        let mut a = i;
        while a > 0 && i - a < 8 && colon(a) && hex(a - 1) {
            a -= 1;
        }
        let mut b = i;
        while b - a < 8 && hex(b + 1) && colon(b + 1) {
            b += 1;
        }
        let groups = b - a + 1;
        let doubled = (a + 1..=b).filter(|k| self.gap_len(*k) == 2).count();
        let clock = (a..=b).all(|k| self.tokens[k].digits() && self.tokens[k].len() <= 2);
        if clock
            || !(groups == 8 && doubled == 0
                || doubled == 1 && (3..8).contains(&groups)
                || doubled == 1 && groups == 2 && self.near(context::IP, a, 6).is_some())
        {
            // Six pairs are the address of a network card.
            let pairs = groups == 6 && (a..=b).all(|k| self.tokens[k].len() == 2) && doubled == 0;
            if pairs && !clock && (a..=b).any(|k| self.tokens[k].looks(shape::ALPHA)) {
                return Some(self.hit_tokens(a, b, Type::AccountId));
            }
            return None;
        }
        Some(self.hit_tokens(a, b, Type::Ip))
    }
}
