//! Telephone numbers: international, North American, national with a leading zero, or announced.

use super::Scan;
use crate::kind::Type;
use crate::lexicon::{context, flag, minor};
use crate::token::gap;

impl Scan<'_> {
    /// Looks for a telephone number at the head of the run `i..=j`.
    pub(super) fn phone(&mut self, i: usize, j: usize) -> Option<usize> {
        let mut start = self.tokens[i].start as usize;
        let before = self.byte(start.wrapping_sub(1));
        let plus = before == b'+' || before == b'(' && self.byte(start.wrapping_sub(2)) == b'+';
        // Glued to letters or to an id: no number of its own.
        if !plus
            && self.gap_len(i) == 1
            && self.gap(i) & (gap::UNDER | gap::EQ | gap::SLASH) != 0
            && i > 0
            && !self.tokens[i - 1].digits()
        {
            return None;
        }
        let said = self.near(context::PHONE, i, 6).filter(|d| {
            let at = i - d;
            (at + 1..=i).all(|k| !self.sentence_break(k))
        });
        // "home … or work …": another number right after one.
        let chained = matches!(self.chain, Some((Type::Phone, last)) if i > last && i - last <= 4 && last >= self.floor);
        let said = said.or(chained.then_some(5));
        let rival = self.announced(
            context::ORDER | context::ACCOUNT | context::TRACKING | context::CARD | context::NATIONAL,
            i,
        );
        if !plus && rival.is_some_and(|r| said.is_none_or(|s| r < s)) {
            return None;
        }
        let text = self.text;
        // "0.3640 0.3678": dots and spaces together are fractions side by side.
        let dotted = |k: usize| self.gap(k) & gap::DOT != 0 && self.gap_len(k) == 1;
        if !plus && self.gap(i) & gap::HASH != 0 {
            return None;
        }
        let fractions = (i + 1..=j).any(dotted) && (i + 1..=j).any(|k| self.gap(k) & !gap::SPACE == 0);
        let small = self.digit_len(i) == 1 && dotted(i + 1) && i < j;
        if !plus && (fractions || small) {
            return None;
        }
        let lead = |k: usize| text.as_bytes().get(self.tokens[k].start as usize).copied().unwrap_or(0);
        let l = |k: usize| if k <= j { self.digit_len(k) } else { 0 };
        let double_zero = self.str(&self.tokens[i]).starts_with("00");
        let most = if plus || double_zero { 16 } else { 15 };
        let mut total = 0;
        let mut end = i;
        for k in i..=j {
            let one_to_many = k > i && self.digit_len(k) == 1 && total >= 9;
            if total + self.digit_len(k) > most || one_to_many && !self.tokens[k].mixed() {
                break;
            }
            total += self.digit_len(k);
            end = k;
        }
        let north = |s: usize| (l(s), l(s + 1), l(s + 2)) == (3, 3, 4) && self.gap(s + 2) & gap::SLASH == 0;
        let found = if plus {
            if lead(i) == b'1' && l(i) == 1 && north(i + 1) {
                Some(i + 3)
            } else {
                (total >= 7).then_some(end)
            }
        } else if l(i) == 1 && lead(i) == b'1' && north(i + 1) {
            Some(i + 3)
        } else if double_zero && total >= 10 && (end > i || said.is_some()) {
            if l(i) == 3 && lead(i) == b'0' && self.str(&self.tokens[i]) == "001" && north(i + 1) {
                Some(i + 3)
            } else {
                Some(end)
            }
        } else if north(i) {
            Some(i + 2)
        } else if l(i) == 3 && l(i + 1) == 7 && before == b'(' {
            Some(i + 1)
        } else if lead(i) == b'0' && (9..=13).contains(&total) && end > i && !self.dotted_decimals(i, end) {
            Some(end)
        } else if i == end && lead(i) == b'0' && self.mobile(i) {
            Some(i)
        } else if self.loose_phone(i, end, total, said) {
            Some(end)
        } else {
            None
        };
        let mut end = found?;
        // The plus, the bracket of the area code.
        while start > 0 && matches!(self.byte(start - 1), b'+' | b'(') {
            start -= 1;
        }
        let mut end_byte = self.tokens[end].end as usize;
        // "ext. 12", "x12", "Durchwahl 12"
        if let Some(word) = self.token(end + 1) {
            let label = self.str(word);
            let short = self.gap_len(end + 1) <= 3 && self.gap(end + 1) & gap::NEWLINE == 0;
            let extension = word.looks(minor::EXTENSION);
            if short
                && extension
                && self.token(end + 2).is_some_and(|t| t.digits() && t.len() <= 6)
                && self.gap_len(end + 2) <= 2
            {
                end += 2;
                end_byte = self.tokens[end].end as usize;
            } else if short
                && word.mixed()
                && label.len() <= 6
                && label.starts_with(['x', 'X'])
                && label[1..].bytes().all(|b| b.is_ascii_digit())
            {
                end += 1;
                end_byte = self.tokens[end].end as usize;
            }
        }
        self.hit(start, end_byte, Type::Phone);
        self.chain = Some((Type::Phone, end));
        Some(end + 1)
    }

    /// Digits `i..=end` that only the words around them make a telephone number.
    fn loose_phone(&self, i: usize, end: usize, total: usize, said: Option<usize>) -> bool {
        let said_now = said.is_some_and(|d| d <= 2);
        // "call 33 93 31", "Tel. 482913"
        let six = total == 6 && (end == i || end == i + 2 && self.gap(i + 1) & gap::SPACE != 0);
        // "555-0128" alone on its line.
        let local = end == i + 1
            && (self.digit_len(i), self.digit_len(end)) == (3, 4)
            && self.gap(end) & gap::HYPHEN != 0
            && self.gap(i) & gap::NEWLINE != 0
            && self.gap(end + 1) & (gap::NEWLINE | gap::START) != 0;
        said.is_some() && (7..=15).contains(&total) && self.few_groups(i, end)
            || said_now && six
            || local
            || self.trailing(end) && (6..=15).contains(&total) && (end > i || total >= 7)
    }

    /// "0.12345678" is a fraction; so is a glued dot after a single zero.
    fn dotted_decimals(&self, i: usize, end: usize) -> bool {
        end == i + 1 && self.digit_len(i) <= 2 && self.gap(i + 1) & gap::DOT != 0 && self.gap_len(i + 1) == 1
    }

    /// National mobile numbers in one piece: 07… in Britain, 06/07 in France, 015/016/017 in Germany.
    fn mobile(&self, i: usize) -> bool {
        let text = self.str(&self.tokens[i]);
        if self.gap(i) & (gap::HASH | gap::HYPHEN) != 0 {
            return false;
        }
        match text.len() {
            10 => text.starts_with("06") || text.starts_with("07") || text.starts_with("04"),
            11 => {
                text.starts_with("07")
                    || text.starts_with("015")
                    || text.starts_with("016")
                    || text.starts_with("017")
            }
            12 => text.starts_with("015") || text.starts_with("017"),
            _ => false,
        }
    }

    /// A list of many short numbers ("ports 80 443 8080") is none.
    fn few_groups(&self, i: usize, end: usize) -> bool {
        let money = (i..=end + 1).any(|k| self.gap(k) & gap::MONEY != 0 && self.gap_len(k) <= 2 && k > i);
        end - i < 7
            && !money
            && !self.token(end + 1).is_some_and(|t| t.is(flag::MEASURE) && self.gap_len(end + 1) <= 1)
    }

    /// "434 14 557 office", "… -Fax".
    fn trailing(&self, end: usize) -> bool {
        self.token(end + 1).is_some_and(|t| {
            t.is(flag::TRAILING)
                && self.gap_len(end + 1) <= 2
                && self.gap(end + 1) & (gap::STOP | gap::COMMA) == 0
        })
    }
}
