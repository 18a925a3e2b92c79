//! Values that a mail program broke over two lines.
//!
//! A line end inside a telephone number, a name or a street is a space (or nothing, after a hyphen) that the
//! writer never saw. Where the words on both sides say so, the tokens are taken to stand side by side, and
//! all rules read on. Quote marks at the start of the second line belong to the line end.

use super::{Scan, check};
use crate::lexicon::{context, flag};
use crate::token::{Token, gap, shape};

/// Tokens on one side of a line end that are looked at.
const REACH: usize = 9;

impl Scan<'_> {
    pub(super) fn mend_line_ends(&mut self) {
        for k in 1..self.tokens.len() {
            let token = &self.tokens[k];
            if token.gap & (gap::NEWLINE | gap::BLANK) != gap::NEWLINE {
                let doubled = token.gap == gap::SPACE
                    && token.start - self.tokens[k - 1].end == 2
                    && token.looks(shape::DIGIT)
                    && self.tokens[k - 1].looks(shape::DIGIT);
                if doubled && self.spaced_out(k) {
                    self.tokens[k].shape |= shape::WRAPPED;
                }
                continue;
            }
            let Some(glue) = self.glue(k) else { continue };
            let digits = token.looks(shape::DIGIT) && self.tokens[k - 1].looks(shape::DIGIT);
            let inside = if digits {
                self.number_goes_on(k)
            } else if glue & !gap::SPACE == 0 {
                self.name_goes_on(k) || self.street_goes_on(k) || self.bank_goes_on(k)
            } else {
                glue == gap::HYPHEN && self.id_goes_on(k)
            };
            if inside || digits && self.street_goes_on(k) {
                let token = &mut self.tokens[k];
                token.gap = glue;
                token.shape |= shape::WRAPPED;
            }
        }
    }

    /// What the line end before token `k` stands for, if little else stands there.
    fn glue(&self, k: usize) -> Option<u32> {
        let between = &self.text[self.tokens[k - 1].end as usize..self.tokens[k].start as usize];
        let (before, after) = between.split_once('\n')?;
        let before = before.trim_matches([' ', '\t', '\r']);
        let after = after.trim_matches(['>', '|', ' ', '\t', '\r']);
        let glue = match before {
            "" => gap::SPACE,
            "-" | "–" | "\u{2010}" | "\u{2011}" => gap::HYPHEN,
            ")" => gap::CLOSE | gap::SPACE,
            "/" => gap::SLASH,
            "." if self.tokens[k - 1].looks(shape::DIGIT) => gap::DOT,
            _ => return None,
        };
        match after {
            "" => Some(glue),
            "(" => Some(gap::SPACE | gap::OPEN),
            "-" if before.is_empty() => Some(gap::HYPHEN),
            _ => None,
        }
    }

    /// The first of the tokens of a number that ends with token `last`.
    fn number_head(&self, last: usize) -> usize {
        const BETWEEN: u32 =
            gap::SPACE | gap::HYPHEN | gap::DOT | gap::STOP | gap::SLASH | gap::OPEN | gap::CLOSE;
        let mut at = last;
        while at > 0
            && last - at < REACH
            && self.tokens[at].gap & !BETWEEN == 0
            && self.gap_len(at) <= 3
            && (self.tokens[at - 1].looks(shape::DIGIT)
                || self.tokens[at - 1].word()
                    && !self.tokens[at - 1].looks(shape::LOWER)
                    && self.tokens[at - 1].len() == 4)
            && !self.tokens[at - 1].looks(shape::TAKEN)
        {
            at -= 1;
        }
        at
    }

    /// The last of the tokens of a number that begins with token `first`.
    fn number_tail_run(&self, first: usize) -> usize {
        const BETWEEN: u32 = gap::SPACE | gap::HYPHEN | gap::DOT | gap::SLASH | gap::CLOSE;
        let mut at = first;
        while self.token(at + 1).is_some_and(|t| t.looks(shape::DIGIT) && t.gap & !BETWEEN == 0)
            && self.gap_len(at + 1) <= 3
            && at - first < REACH
        {
            at += 1;
        }
        at
    }

    fn digits_in(&self, from: usize, to: usize) -> usize {
        self.tokens[from..=to].iter().map(|t| self.str(t).bytes().filter(u8::is_ascii_digit).count()).sum()
    }

    /// Whether a word of these kinds stands among the few tokens before `at`, on its line or the line above.
    fn said_before(&self, contexts: u32, at: usize, window: usize) -> bool {
        self.tokens[at.saturating_sub(window)..at].iter().any(|t| t.context & contexts != 0)
    }

    fn bank_head(&self, at: usize) -> bool {
        let head = self.str(&self.tokens[at]).as_bytes();
        head.len() >= 4
            && head[..2].iter().all(u8::is_ascii_alphabetic)
            && head[2..4].iter().all(u8::is_ascii_digit)
            && self.lexicon.iban_countries.iter().any(|c| c.as_bytes().eq_ignore_ascii_case(&head[..2]))
    }

    fn plus_before(&self, at: usize) -> bool {
        let start = self.tokens[at].start as usize;
        let before = self.byte(start.wrapping_sub(1));
        before == b'+' || before == b'(' && self.byte(start.wrapping_sub(2)) == b'+'
    }

    /// Two spaces between groups of one number.
    fn spaced_out(&self, k: usize) -> bool {
        let head = self.number_head(k - 1);
        if (head..k).any(|at| self.bank_head(at)) {
            return true;
        }
        let fresh = self.plus_before(k);
        let first = self.str(&self.tokens[head]);
        let told = self.said_before(context::PHONE | context::CARD | context::ACCOUNT, head, 4);
        !fresh && (self.plus_before(head) || first.starts_with('0') && first.len() >= 3 || told)
    }

    fn number_goes_on(&self, k: usize) -> bool {
        let (head, tail) = (self.number_head(k - 1), self.number_tail_run(k));
        let (left, right) = (self.digits_in(head, k - 1), self.digits_in(k, tail));
        if self.plus_before(k) {
            return false;
        }
        // A bank account: the groups to come are its own.
        if let Some(bank) = (head..k).find(|at| self.bank_head(*at)) {
            let mut compact: String = self.tokens[bank..k].iter().map(|t| self.str(t)).collect();
            let short = compact.len() < 34 && !check::iban(&compact);
            for at in k..=tail {
                compact.push_str(self.str(&self.tokens[at]));
                if compact.len() > 34 {
                    break;
                }
                if check::iban(&compact) {
                    return true;
                }
            }
            return short
                && self.tokens[k].len() <= 4
                && (self.said_before(context::IBAN, bank, 8) || self.tokens[k - 1].len() == 4);
        }
        // A card.
        let digits = self.collect(head, tail);
        let groups = |from: usize, to: usize| self.tokens[from..=to].iter().all(|t| t.digits());
        if (4..16).contains(&left) && groups(head, tail) && (13..=19).contains(&digits.len()) {
            let fours = self.tokens[head..=tail].iter().all(|t| t.len() == 4);
            let issuer = matches!(digits.first(), Some(b'2'..=b'6'));
            if issuer && (check::luhn(&digits) || fours) {
                return true;
            }
        }
        // A telephone number.
        let first = self.str(&self.tokens[head]);
        let bracket = self.gap(head) & gap::OPEN != 0 && self.tokens[head].len() <= 5;
        let plus = self.plus_before(head);
        let north = first == "1" && self.tokens.get(head + 1).is_some_and(|t| t.len() == 3);
        let told = self.said_before(context::PHONE, head, 6);
        let begun = plus || first.starts_with('0') && first.len() >= 2 || bracket || north || told;
        let next = self.token(tail + 1).filter(|_| self.gap(tail + 1) & (gap::NEWLINE | gap::COMMA) == 0);
        let postcode = tail == k
            && matches!(self.tokens[k].len(), 4 | 5)
            && next.is_some_and(|t| t.capital() && self.gap_len(tail + 1) == 1);
        let amount = next.is_some_and(|t| t.is(flag::MEASURE))
            || right <= 2 && left >= 7 && next.is_some_and(|t| t.word() && !t.looks(shape::UPPER));
        let whole = left >= if plus || first.starts_with("00") { 12 } else { 10 };
        let money = self.gap(tail + 1) & gap::MONEY != 0 && self.gap_len(tail + 1) <= 2;
        // "2024\n10 pieces", "1.\n2."
        let listed = self.gap(tail + 1) & gap::DOT != 0 && right <= 2 && !plus;
        begun
            && !whole
            && !postcode
            && !amount
            && !money
            && !listed
            && left >= 2
            && right >= 2
            && (7..=15).contains(&(left + right))
            && self.tokens[head..=tail].iter().all(Token::digits)
    }

    /// "GB29\nNWBK 6016".
    fn bank_goes_on(&self, k: usize) -> bool {
        let right = &self.tokens[k];
        self.bank_head(k - 1)
            && self.tokens[k - 1].len() == 4
            && right.len() == 4
            && !right.looks(shape::LOWER)
            && self.token(k + 1).is_some_and(|t| t.digits() && t.len() == 4)
    }

    /// "HP-\n204418".
    fn id_goes_on(&self, k: usize) -> bool {
        let (left, right) = (&self.tokens[k - 1], &self.tokens[k]);
        left.word() && left.len() <= 4 && !left.looks(shape::LOWER) && right.digits() && right.len() >= 4
    }

    fn name_goes_on(&self, k: usize) -> bool {
        let (left, right) = (&self.tokens[k - 1], &self.tokens[k]);
        if !(left.capital() && right.capital() && right.looks(shape::LOWER) && right.len() >= 2) {
            return false;
        }
        let known = |t: &Token| self.people.find(t.hash);
        if let (Some(a), Some(b)) = (known(left), known(right)) {
            return a.person == b.person && left.hash != right.hash;
        }
        let listed =
            left.is(flag::FIRST) && !left.is(flag::COMMON | flag::AMBIGUOUS) || known(left).is_some();
        if !listed || right.flags & !flag::PARTICLE != 0 || right.context != 0 || k < 2 {
            return false;
        }
        // In the middle of a sentence: no greeting, no name on a line of its own.
        let before = &self.tokens[k - 2];
        let middle = left.gap & !gap::SPACE == 0
            && before.word()
            && !before.is(flag::GREET | flag::SIGNOFF)
            && (before.looks(shape::LOWER) && !before.looks(shape::UPPER));
        let after = self.gap(k + 1);
        let on = after & gap::NEWLINE == 0 && self.token(k + 1).is_some_and(|t| !t.looks(shape::UPPER))
            || after & (gap::COMMA | gap::STOP | gap::SEMI | gap::CLOSE) != 0;
        middle && on
    }

    /// A token of this line, `steps` before token `k`.
    fn on_line_before(&self, k: usize, steps: usize) -> Option<&Token> {
        let at = k.checked_sub(steps)?;
        (at + 1..k).all(|m| self.tokens[m].gap & gap::NEWLINE == 0).then(|| &self.tokens[at])
    }

    fn street_goes_on(&self, k: usize) -> bool {
        let (left, right) = (&self.tokens[k - 1], &self.tokens[k]);
        let street = |t: &Token| t.is(flag::STREET | flag::STREET_WEAK) && t.looks(shape::UPPER);
        let line = |at: usize| (k + 1..=at).all(|m| self.gap(m) & (gap::NEWLINE | gap::COMMA) == 0);
        // "77 Quarry\nLane"
        if street(right)
            && left.capital()
            && (1..4).any(|s| {
                self.on_line_before(k - 1, s).is_some()
                    && self.house_number(k - 1 - s)
                    && (k - s..k).all(|m| self.tokens[m].capital())
            })
        {
            return true;
        }
        // "14\nSycamore Avenue"
        if self.house_number(k - 1)
            && left.len() <= 5
            && left.gap & gap::MONEY == 0
            && !(k >= 2 && self.tokens[k - 2].is(flag::UNIT))
            && (right.capital() && (k + 1..k + 4).any(|m| line(m) && self.token(m).is_some_and(street))
                || right.is(flag::STREET_FRONT)
                    && right.len() > 2
                    && self.token(k + 1).is_some_and(|t| t.capital() || t.is(flag::PARTICLE)))
        {
            return true;
        }
        let front = |window: usize| {
            (1..=window).find(|s| {
                self.on_line_before(k, *s).is_some_and(|t| {
                    let short = t.len() <= 2 && !t.looks(shape::UPPER);
                    t.is(flag::STREET_FRONT) && (!short || self.byte(t.end as usize) == b'.')
                })
            })
        };
        // "Lindenstraße\n27", "Via Garibaldi\n7/B"
        if self.house_number(k) && right.len() <= 5 && !self.measured(k) {
            let next = self.gap(k + 1);
            let closed = next
                & (gap::COMMA | gap::NEWLINE | gap::STOP | gap::SLASH | gap::HYPHEN | gap::START)
                != 0
                || self.token(k + 1).is_some_and(|t| t.digits() || t.is(flag::UNIT) || t.looks(shape::UPPER));
            let named = left.capital()
                && (self.street_name(left)
                    || street(left) && left.len() > 4
                    || front(4).is_some_and(|s| s > 1));
            return closed && named;
        }
        // "8 rue des\nTanneurs", "Calle de los\nOlivos 14"
        if (right.capital() && !right.is(flag::UNIT) || right.is(flag::PARTICLE) && right.word())
            && (left.is(flag::PARTICLE | flag::STREET_FRONT) || left.capital())
            && let Some(s) = front(4)
        {
            let numbered_before =
                s < k && self.on_line_before(k, s + 1).is_some() && self.house_number(k - s - 1);
            let numbered_after = (k + 1..k + 4).any(|m| line(m) && self.house_number(m) && !self.measured(m));
            return numbered_before || numbered_after;
        }
        false
    }
}
