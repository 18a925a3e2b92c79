//! Dates and times: passed over, or a date of birth where a word says so.

use super::Scan;
use crate::kind::Type;
use crate::lexicon::{context, flag};
use crate::token::{gap, shape};

impl Scan<'_> {
    /// "21:14" and "20:18:09".
    pub(super) fn is_time(&self, i: usize) -> bool {
        self.digit_len(i) <= 2
            && self.gap(i + 1) & gap::COLON != 0
            && self.gap_len(i + 1) == 1
            && self.token(i + 1).is_some_and(|t| t.digits() && t.len() == 2)
    }

    /// A date or a stamp; skipped, or a date of birth where a word says so.
    pub(super) fn date(&mut self, i: usize, j: usize) -> Option<usize> {
        let l = self.lens(i, j);
        let value = |k: usize| self.str(&self.tokens[k]).parse::<u32>().unwrap_or(9999);
        let separator = |k: usize| {
            let g = self.gap(k);
            (self.gap_len(k) <= 2 && g & (gap::DOT | gap::SLASH | gap::HYPHEN) != 0)
                .then_some(g & (gap::DOT | gap::SLASH | gap::HYPHEN))
        };
        let mut end = None;
        if j >= i + 2 && separator(i + 1).is_some() && separator(i + 1) == separator(i + 2) {
            let (a, b, c) = (value(i), value(i + 1), value(i + 2));
            let year = |len: u8, v: u32| len == 4 && (1900..=2100).contains(&v);
            let short_year = |len: u8| len == 2;
            let day_month =
                l[0] <= 2 && l[1] <= 2 && (a <= 31 && b <= 12 || a <= 12 && b <= 31) && a > 0 && b > 0;
            let tail = year(l[2], c) || short_year(l[2]) && (j == i + 2 || self.gap(i + 3) & gap::SPACE != 0);
            // Three pairs and a hyphen are a sort code as well; an announcing word decides.
            let pairs = l[0] == 2 && l[1] == 2 && l[2] == 2 && self.gap(i + 1) & gap::HYPHEN != 0;
            let sort_code = pairs && self.announced(context::ACCOUNT, i).is_some();
            if day_month && tail && !sort_code && l[3] == 0
                || day_month && year(l[2], c)
                || year(l[0], a) && l[1] == 2 && l[2] == 2 && (1..=12).contains(&b) && (1..=31).contains(&c)
            {
                end = Some(i + 2);
            }
        }
        // "2 March 1987", "2. März 1987", "March 2, 1987".
        let month_after = self.token(i + 1).is_some_and(|t| t.is(flag::MONTH)) && self.gap_len(i + 1) <= 4;
        let month_of_after = month_after
            || self.token(i + 2).is_some_and(|t| t.is(flag::MONTH))
                && self.token(i + 1).is_some_and(|t| t.is(flag::CONNECT | flag::PARTICLE));
        if end.is_none() && l[0] <= 2 && month_of_after {
            let m = if month_after { i + 1 } else { i + 2 };
            let mut k = m + 1;
            if self.token(k).is_some_and(|t| t.is(flag::CONNECT | flag::PARTICLE) && !t.digits())
                && self.token(k + 1).is_some_and(|t| t.digits() && t.len() == 4)
            {
                k += 1;
            }
            end = Some(
                if self
                    .token(k)
                    .is_some_and(|t| t.digits() && matches!(t.len(), 2 | 4) && self.gap_len(k) <= 2)
                {
                    k
                } else {
                    m
                },
            );
        }
        let mut start = i;
        if end.is_none() && l[0] <= 2 && i > 0 && self.tokens[i - 1].is(flag::MONTH) && self.gap_len(i) <= 2 {
            let year =
                self.token(i + 1).is_some_and(|t| t.digits() && t.len() == 4) && self.gap_len(i + 1) <= 2;
            end = Some(if year { i + 1 } else { i });
            start = i - 1;
        }
        // YYYYMMDD and YYYYMMDDHHMMSS.
        if end.is_none() && i == j && matches!(l[0], 8 | 12 | 14) {
            let text = self.str(&self.tokens[i]);
            let part =
                |r: std::ops::Range<usize>| text.get(r).and_then(|t| t.parse::<u32>().ok()).unwrap_or(9999);
            if (1900..=2100).contains(&part(0..4))
                && (1..=12).contains(&part(4..6))
                && (1..=31).contains(&part(6..8))
                && (l[0] < 12 || part(8..10) < 24 && part(10..12) < 60)
                && self
                    .announced(
                        context::ORDER
                            | context::ACCOUNT
                            | context::TRACKING
                            | context::NATIONAL
                            | context::PHONE
                            | context::CARD,
                        i,
                    )
                    .is_none()
            {
                end = Some(i);
            }
        }
        // "3 мая 1988": after a word for birth, any word between a day and a year is a month.
        if end.is_none() && l[0] <= 2 && i == j && self.born(i) {
            let year = (i + 2..=i + 3).find(|k| {
                self.token(*k).is_some_and(|t| t.digits() && t.len() == 4) && self.gap_len(*k) <= 3
            });
            end = year.filter(|y| {
                (i + 1..*y).all(|k| {
                    self.tokens[k].word() && !self.tokens[k].looks(shape::EAST) && self.gap_len(k) <= 3
                })
            });
        }
        let end = end?;
        // "am 03.05.1988 geboren": the word may follow, though not behind a placeholder, which may be many words.
        let behind = (end + 1..=end + 2)
            .take_while(|k| self.gap(*k) & !(gap::SPACE | gap::NEWLINE) == 0)
            .take_while(|k| self.token(*k).is_some_and(|t| !t.looks(shape::PLACEHOLDER)))
            .any(|k| self.token(k).is_some_and(|t| t.context & context::DOB != 0));
        if self.born(start) || behind {
            return Some(self.hit_tokens(start, end, Type::Dob));
        }
        Some(end + 1)
    }

    /// Whether a word for birth stands before token `at`, in its sentence.
    fn born(&self, at: usize) -> bool {
        self.near(context::DOB, at, 8).is_some_and(|d| (at - d + 1..=at).all(|k| !self.sentence_break(k)))
    }

    /// "3rd of May 1988", "May 3rd, 1988", "1er juin 1990": skipped, or a date of birth where a word says so.
    pub(super) fn ordinal_date(&mut self, i: usize) -> Option<usize> {
        let text = self.str(&self.tokens[i]);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let day = matches!(
            text[digits..].to_lowercase().as_str(),
            "st" | "nd" | "rd" | "th" | "er" | "º" | "de" | "ste"
        );
        if !(1..=2).contains(&digits) || !day {
            return None;
        }
        let month = |k: usize| self.token(k).is_some_and(|t| t.is(flag::MONTH)) && self.gap_len(k) <= 3;
        let year = |k: usize| {
            self.token(k).is_some_and(|t| t.digits() && matches!(t.len(), 2 | 4)) && self.gap_len(k) <= 3
        };
        let (mut start, mut end) = (i, i);
        if month(i + 1) {
            end = i + 1;
        } else if month(i + 2) && self.tokens[i + 1].word() && self.tokens[i + 1].len() <= 3 {
            end = i + 2;
        } else if i > 0 && self.tokens[i - 1].is(flag::MONTH) && self.gap_len(i) <= 2 {
            start = i - 1;
        } else {
            return None;
        }
        if year(end + 1) {
            end += 1;
        } else if year(end + 2) && self.tokens[end + 1].word() && self.tokens[end + 1].len() <= 3 {
            end += 2;
        }
        Some(if self.born(start) { self.hit_tokens(start, end, Type::Dob) } else { end + 1 })
    }
}
