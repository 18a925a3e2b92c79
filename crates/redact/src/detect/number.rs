//! Runs of digits: "4111 1111 1111 1111", "(503) 555-0142", "14.03.2026".

use super::{Scan, check};
use crate::kind::Type;
use crate::lexicon::{context, flag};
use crate::token::{gap, shape};

/// Tokens of digits with little between them.
pub(super) struct Run {
    /// First and last token.
    pub(super) i: usize,
    pub(super) j: usize,
}

const MAX_RUN: usize = 14;

impl Scan<'_> {
    /// Looks at a token with a digit; returns the index of the token to go on with.
    pub(super) fn number(&mut self, i: usize) -> usize {
        if self.gap(i) & gap::MONEY != 0 && self.gap_len(i) <= 3 {
            return self.skip_amount(i);
        }
        if self.digit_uuid(i) {
            return i + 5;
        }
        if let Some(next) = self.ip(i).or_else(|| self.coordinates(i)).or_else(|| self.ordinal_date(i)) {
            return next;
        }
        // "4532************7890": masked, and still more than a bank prints.
        if self.gap(i + 1) & !gap::STAR == 0
            && self.gap(i + 1) & gap::STAR != 0
            && self.tokens[i].len() >= 4
            && self.token(i + 1).is_some_and(|t| t.digits() && t.len() <= 4)
            && (10..=23).contains(&(self.tokens[i + 1].end - self.tokens[i].start))
        {
            return self.hit_tokens(i, i + 1, Type::Card);
        }
        let (a, b, letters) = self.chunk(i);
        if let Some(next) =
            self.insurance_number(i).or_else(|| if letters { None } else { self.split_plate(i) })
        {
            return next;
        }
        if letters {
            if let Some(next) = self.identifier(i, a, b) {
                return next;
            }
            if self.tokens[i].mixed() {
                // "0142x36" is a number with an extension.
                if !self.extension_inside(i) {
                    return i + 1;
                }
            } else if a < i || b > i {
                // "28-622" stays with its digits only; "HP-204418" was looked at whole.
                let digits_only = (i..=b).all(|k| self.tokens[k].digits() || self.extension_inside(k));
                if !digits_only && self.tokens[i].len() < 5 {
                    return i + 1;
                }
            }
        }
        let run = self.digit_run(i);
        self.digits(run)
    }

    /// "12345678-1234-5678-9012-345678901234", which no word announces.
    fn digit_uuid(&self, i: usize) -> bool {
        const ANNOUNCED: u32 = context::ORDER | context::ACCOUNT | context::TRACKING | context::SECRET;
        self.tokens[i].len() == 8
            && [8, 4, 4, 4, 12].iter().enumerate().all(|(at, len)| {
                self.token(i + at).is_some_and(|t| t.digits() && t.len() == *len)
                    && (at == 0 || self.gap(i + at) & gap::HYPHEN != 0 && self.gap_len(i + at) == 1)
            })
            && self.announced(ANNOUNCED, i).is_none()
    }

    /// Skips "1,249.00" and "1.299,00".
    fn skip_amount(&self, i: usize) -> usize {
        let mut j = i + 1;
        while self.token(j).is_some_and(|t| {
            t.digits() && self.gap_len(j) == 1 && t.gap & (gap::DOT | gap::COMMA | gap::APOS) != 0
        }) {
            j += 1;
        }
        j
    }

    /// The tokens glued to `i` by hyphens, slashes, underscores or stars, and whether one has letters.
    pub(super) fn chunk(&self, i: usize) -> (usize, usize, bool) {
        const GLUE: u32 = gap::HYPHEN | gap::SLASH | gap::UNDER | gap::STAR;
        let glued = |k: usize| {
            self.gap(k) & !GLUE == 0 && self.gap_len(k) <= 1 && !self.tokens[k].looks(shape::TAKEN)
        };
        let (mut a, mut b) = (i, i);
        while a > 0 && i - a < 6 && glued(a) && !self.tokens[a - 1].looks(shape::TAKEN) {
            a -= 1;
        }
        while b + 1 < self.tokens.len() && b - i < 8 && glued(b + 1) {
            b += 1;
        }
        // A slash joins alternatives as often as parts of a number: "return/refund 12".
        while a < i && self.tokens[a].word() && self.tokens[a].len() > 6 {
            a += 1;
        }
        while b > i
            && self.tokens[b].word()
            && (self.tokens[b].len() > 6 || self.tokens[b].is(flag::TRAILING))
        {
            b -= 1;
        }
        let letters = (a..=b).any(|k| self.tokens[k].looks(shape::ALPHA));
        (a, b, letters)
    }

    pub(super) fn digit_run(&self, i: usize) -> Run {
        const BETWEEN: u32 =
            gap::SPACE | gap::HYPHEN | gap::DOT | gap::STOP | gap::SLASH | gap::OPEN | gap::CLOSE;
        let mut j = i;
        while j + 1 < self.tokens.len() && j - i < MAX_RUN {
            let next = &self.tokens[j + 1];
            let number = next.digits() || next.mixed() && self.extension_inside(j + 1);
            if !number || next.looks(shape::TAKEN) || next.gap & !BETWEEN != 0 || self.gap_len(j + 1) > 3 {
                break;
            }
            // Two spaces and more part the columns of a table.
            let wide = self.gap_len(j + 1) > 1 && next.gap & !gap::SPACE == 0;
            if wide {
                break;
            }
            // "no. 5. 12 of them": a stop and a space end a sentence.
            if next.gap & gap::STOP != 0 && next.gap & gap::SPACE != 0 && next.gap & gap::CLOSE == 0 {
                break;
            }
            j += 1;
            if next.mixed() {
                break;
            }
        }
        Run { i, j }
    }

    /// "0142x36": digits, an x, digits.
    pub(super) fn extension_inside(&self, i: usize) -> bool {
        let Some((main, extension)) = self.str(&self.tokens[i]).split_once(['x', 'X']) else { return false };
        main.len() >= 3
            && (1..=6).contains(&extension.len())
            && main.bytes().chain(extension.bytes()).all(|b| b.is_ascii_digit())
    }

    /// How many digits token `k` adds to a telephone number.
    pub(super) fn digit_len(&self, k: usize) -> usize {
        if self.tokens[k].digits() {
            return self.tokens[k].len();
        }
        let text = self.str(&self.tokens[k]);
        text.find(['x', 'X']).unwrap_or(text.len())
    }

    /// The ASCII digits of tokens `i..=j`: fewer than their bytes if some are of another script.
    pub(super) fn collect(&self, i: usize, j: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(24);
        for token in &self.tokens[i..=j] {
            out.extend(self.str(token).bytes().filter(u8::is_ascii_digit));
        }
        out
    }

    pub(super) fn lens(&self, i: usize, j: usize) -> [u8; 6] {
        let mut out = [0; 6];
        for (slot, k) in out.iter_mut().zip(i..=j) {
            *slot = self.digit_len(k).min(250) as u8;
        }
        out
    }

    fn digits(&mut self, run: Run) -> usize {
        let Run { i, j } = run;
        let total: usize = (i..=j).map(|k| self.digit_len(k)).sum();
        if let Some(next) = self.date(i, j) {
            return next;
        }
        if self.is_time(i) {
            return i + 2;
        }
        if total < 3 {
            return i + 1;
        }
        // What a dot glues to digits before it is the rest of a number that was none of the shapes below.
        if i > 0 && self.tokens[i - 1].digits() && self.gap(i) & gap::DOT != 0 && self.gap_len(i) == 1 {
            return i + 1;
        }
        if self.decimal(i, j) {
            return j + 2;
        }
        if let Some(next) = self.card(i, j).or_else(|| self.known_shape(i, j)) {
            return next;
        }
        if let Some(next) = self.announced_number(i, j, total) {
            return next;
        }
        if let Some(next) = self.phone(i, j) {
            return next;
        }
        if self.announced_before(self.compact(i, j)) {
            return self.hit_tokens(i, j, Type::OrderId);
        }
        if i < j { i + 1 } else { j + 1 }
    }

    /// Letters and digits of the tokens, lower case, hashed: the same for "9612 0198" and "96120198".
    pub(super) fn compact(&self, i: usize, j: usize) -> u64 {
        self.tokens[i..=j]
            .iter()
            .flat_map(|t| self.str(t).bytes())
            .fold(0, |h, b| crate::fold::step(h, b.to_ascii_lowercase()))
    }

    /// "4,5" and "1.299,00": a comma glued between digits.
    fn decimal(&self, i: usize, j: usize) -> bool {
        let glued_comma = |k: usize| self.gap(k) & gap::COMMA != 0 && self.gap_len(k) == 1;
        let after =
            self.token(j + 1).is_some_and(|t| t.digits()) && glued_comma(j + 1) && self.digit_len(j + 1) <= 3;
        let before = i > 0 && self.tokens[i - 1].digits() && glued_comma(i);
        after || before && i == j && self.digit_len(i) <= 3
    }

    fn after_card(&self, i: usize) -> bool {
        matches!(self.chain, Some((Type::Card, last)) if i > last && i - last <= 6 && last >= self.floor)
    }

    /// Card numbers, expiry dates and check codes.
    fn card(&mut self, i: usize, j: usize) -> Option<usize> {
        let l = self.lens(i, j);
        // "09/28", "09 / 2028"
        if l[0] == 2
            && matches!(l[1], 2 | 4)
            && l[2] == 0
            && self.gap(i + 1) & (gap::SLASH | gap::HYPHEN) != 0
        {
            let month: u32 = self.str(&self.tokens[i]).parse().unwrap_or(99);
            let close = self.after_card(i)
                || self.near(context::EXPIRY, i, 3).is_some() && self.near(context::CARD, i, 16).is_some();
            if (1..=12).contains(&month) && close {
                return Some(self.hit_tokens(i, i + 1, Type::Card));
            }
        }
        // "(cvv 123) 4 pieces": other digits may follow apart.
        let alone = i == j || self.gap(i + 1) & (gap::SPACE | gap::CLOSE) != 0;
        if alone
            && matches!(l[0], 3 | 4)
            && (self.announced(context::CVV, i).is_some()
                || self.after_card(i) && self.near(context::CVV, i, 4).is_some())
        {
            return Some(self.hit_tokens(i, i, Type::Card));
        }
        let said = self.near(context::CARD, i, 8).is_some();
        let other = self.announced(
            context::TRACKING
                | context::ORDER
                | context::PHONE
                | context::ACCOUNT
                | context::IBAN
                | context::NATIONAL,
            i,
        );
        let said_nearer = match (self.near(context::CARD, i, 8), other) {
            (Some(card), Some(other)) => card <= other,
            (card, _) => card.is_some(),
        };
        let mut total = 0;
        let mut best = None;
        for k in i..=j.min(i + 5) {
            if k > i && self.gap(k) & !(gap::SPACE | gap::HYPHEN | gap::DOT | gap::STOP) != 0 {
                break;
            }
            total += self.digit_len(k);
            if total > 19 {
                break;
            }
            if total < 12 {
                continue;
            }
            let groups = l[..=(k - i).min(5)].iter().take_while(|n| **n > 0).count();
            let usual = groups == 1
                || matches!(
                    &l[..groups],
                    [4, 4, 4, 1..=7] | [4, 6, 4 | 5] | [4, 4, 4, 4, 1..=3] | [6, 6..=13] | [4, 4, 4]
                );
            let digits = self.collect(i, k);
            let issuer = matches!(digits.first(), Some(b'2'..=b'6'));
            // Sixteen digits in fours look like nothing else, mistyped or not.
            let fours =
                l[..groups] == [4, 4, 4, 4] && issuer && k <= j && !(k < j && self.gap_len(k + 1) == 1);
            let sized = (13..=16).contains(&total) || said && total >= 13;
            let valid = (check::luhn(&digits) || fours) && issuer && sized;
            if valid && usual && (other.is_none() || said_nearer)
                || said && said_nearer && usual && (total >= 13 || issuer)
            {
                best = Some(k);
            }
        }
        // A number stays with its decimals: "0.4111111111111111" is none.
        let fraction = i > 0 && self.gap(i) & gap::DOT != 0 && self.gap_len(i) == 1;
        let k = best.filter(|_| !fraction)?;
        Some(self.hit_tokens(i, k, Type::Card))
    }

    /// Numbers whose grouping or checksum says what they are.
    fn known_shape(&mut self, i: usize, j: usize) -> Option<usize> {
        let l = self.lens(i, j);
        let hyphens =
            |n: usize| (1..n).all(|k| self.gap(i + k) & gap::HYPHEN != 0 && self.gap_len(i + k) == 1);
        let alone = |n: usize| {
            !(i > 0 && self.gap(i) & gap::HYPHEN != 0 && self.gap_len(i) == 1)
                && (l[n] == 0 || self.gap(i + n) & gap::HYPHEN == 0)
        };
        // Social security, also with numbers that were never given out.
        if l[..3] == [3, 2, 4] && (hyphens(3) || self.near(context::NATIONAL, i, 8).is_some()) && alone(3) {
            let kind = match (self.near(context::ACCOUNT, i, 3), self.near(context::NATIONAL, i, 8)) {
                (Some(_), None) => Type::AccountId,
                _ => Type::NationalId,
            };
            return Some(self.hit_tokens(i, i + 2, kind));
        }
        // CPF: 529.982.247-25
        if l[..4] == [3, 3, 3, 2] && self.gap(i + 3) & gap::HYPHEN != 0 && check::cpf(&self.collect(i, i + 3))
        {
            return Some(self.hit_tokens(i, i + 3, Type::NationalId));
        }
        if l[0] == 11 && i == j && self.near(context::NATIONAL, i, 8).is_some() {
            let digits = self.collect(i, i);
            if check::cpf(&digits) || check::pesel(&digits) {
                return Some(self.hit_tokens(i, i, Type::NationalId));
            }
        }
        // The French number, in groups or in one piece.
        let mut total = 0;
        for k in i..=j.min(i + 7) {
            total += self.digit_len(k);
            if total == 15
                && (l[0] == 1 && l[1] == 2 || k == i || l[0] == 13)
                && check::nir(&self.collect(i, k))
            {
                return Some(self.hit_tokens(i, k, Type::NationalId));
            }
        }
        // Scandinavian: yymmdd-nnnn.
        if (l[..2] == [6, 4] || l[..2] == [8, 4]) && l[2] == 0 && hyphens(2) {
            let digits = self.collect(i, i + 1);
            if let Some(d @ [_, _, m1, m2, d1, d2, ..]) = digits.last_chunk::<10>() {
                let pair = |tens: u8, ones: u8| (tens - b'0') * 10 + (ones - b'0');
                if (1..=12).contains(&pair(*m1, *m2))
                    && (1..=91).contains(&pair(*d1, *d2))
                    && (check::luhn(d) || self.near(context::NATIONAL, i, 8).is_some())
                {
                    return Some(self.hit_tokens(i, i + 1, Type::NationalId));
                }
            }
        }
        // US parcels: 20 or 22 digits that begin with 9, FedEx 96 among them.
        let whole: usize = (i..=j).map(|k| self.digit_len(k)).sum();
        let plain = (i + 1..=j).all(|k| self.gap(k) & !(gap::SPACE | gap::HYPHEN) == 0);
        if plain && matches!(whole, 20 | 22 | 26) && self.str(&self.tokens[i]).starts_with('9') {
            return Some(self.hit_tokens(i, j, Type::Tracking));
        }
        None
    }

    /// Numbers that a word announces.
    fn announced_number(&mut self, i: usize, j: usize, total: usize) -> Option<usize> {
        let l = self.lens(i, j);
        let first = self.tokens[i];
        let hash = first.gap & gap::HASH != 0;
        let spaced = |most: usize| {
            let mut sum = 0;
            let mut end = i;
            for k in i..=j {
                let wide = k > i && self.gap_len(k) > 1;
                if wide
                    || k > i
                        && self.gap(k) & !(gap::SPACE | gap::HYPHEN | gap::DOT | gap::STOP | gap::SLASH) != 0
                    || sum + self.digit_len(k) > most
                {
                    break;
                }
                sum += self.digit_len(k);
                end = k;
            }
            (end, sum)
        };
        let glued = {
            let mut end = i;
            while end < j && self.gap_len(end + 1) == 1 && self.gap(end + 1) & gap::SPACE == 0 {
                end += 1;
            }
            end
        };
        let candidates = [
            (context::TRACKING, Type::Tracking),
            (context::NATIONAL, Type::NationalId),
            (context::ACCOUNT, Type::AccountId),
            (context::ORDER, Type::OrderId),
            (context::PIN, Type::Password),
            (context::PLATE, Type::Plate),
            (context::PHONE, Type::Phone),
            (context::ZIP, Type::Address),
            (context::TAX, Type::NationalId),
            (context::SECRET, Type::Secret),
            (context::IBAN, Type::Iban),
        ];
        let mut best: Option<(usize, Type, u32)> = None;
        for (bit, kind) in candidates {
            let distance = match bit {
                context::TRACKING => self.announced(bit, i).or_else(|| self.near_here(bit, i, 4)),
                context::NATIONAL | context::TAX => {
                    self.announced(bit, i).or_else(|| self.near_here(bit, i, 7))
                }
                _ => self.announced(bit, i),
            };
            if let Some(distance) = distance
                && best.is_none_or(|(d, _, _)| distance < d)
            {
                best = Some((distance, kind, bit));
            }
        }
        let chained = match self.chain {
            Some((kind, last))
                if last < i
                    && i - last <= 2
                    && matches!(kind, Type::OrderId | Type::Tracking | Type::AccountId) =>
            {
                let joined = i == last + 1
                    && self.gap(i) & (gap::COMMA | gap::SLASH | gap::AMP | gap::PLUS) != 0
                    || i == last + 2 && self.tokens[i - 1].is(flag::CHAIN);
                let alike = self.tokens[last].len().abs_diff(first.len()) <= 1;
                (joined && alike && first.len() >= 4).then_some(kind)
            }
            _ => None,
        };
        if let Some(kind) = chained {
            return Some(self.hit_tokens(i, glued, kind));
        }
        let year = l[0] == 4
            && i == glued
            && matches!(self.str(&first).as_bytes(), [b'1', b'9', ..] | [b'2', b'0', ..]);
        let measured = i == glued
            && self.token(i + 1).is_some_and(|t| t.is(flag::MEASURE))
            && self.gap_len(i + 1) <= 1
            && l[0] <= 4;
        let Some((distance, kind, _)) = best else {
            // "#204533" alone; three pairs of hex digits may be a colour.
            if hash
                && self.gap(i)
                    & !(gap::HASH
                        | gap::SPACE
                        | gap::NEWLINE
                        | gap::OPEN
                        | gap::COMMA
                        | gap::START
                        | gap::STOP
                        | gap::DOT)
                    == 0
                && self.gap_len(i) <= 2
                && glued == i
                && (4..=14).contains(&l[0])
                && self.near(context::VERSION, i, 3).is_none()
            {
                return Some(self.hit_tokens(i, i, Type::OrderId));
            }
            return None;
        };
        match kind {
            Type::Tracking => {
                let (end, sum) = spaced(34);
                (sum >= 8).then(|| self.hit_tokens(i, end, kind))
            }
            Type::NationalId => {
                let (end, sum) = spaced(20);
                (sum >= 5 && !year).then(|| self.hit_tokens(i, end, kind))
            }
            Type::AccountId => {
                let (end, sum) = spaced(24);
                let (end, sum) =
                    if self.gap(glued + 1) & gap::SPACE != 0 && sum > 18 { (glued, sum) } else { (end, sum) };
                (sum >= 4 && !year && !measured).then(|| self.hit_tokens(i, end, kind))
            }
            Type::OrderId => {
                let sum: usize = (i..=glued).map(|k| self.digit_len(k)).sum();
                let marked = hash
                    || distance > 1 && self.tokens[i - 1].is(flag::CONNECT)
                    || self.gap(i) & gap::COLON != 0;
                let enough = sum >= 5 || sum >= 3 && marked && !year || sum == 4 && !year;
                (enough && !measured && self.gap(i) & gap::MONEY == 0)
                    .then(|| self.hit_tokens(i, glued, kind))
            }
            Type::Password => {
                let enough = (3..=10).contains(&l[0]) && i == glued;
                (enough && !measured).then(|| self.hit_tokens(i, i, kind))
            }
            Type::Plate => (total >= 4 && distance <= 2 && glued > i && self.gap(i + 1) & gap::HYPHEN != 0)
                .then(|| self.hit_tokens(i, glued, kind)),
            Type::Address => {
                let end = if glued > i { glued } else { i };
                (total >= 3 && l[0] <= 6).then(|| self.hit_tokens(i, end, kind))
            }
            Type::Secret => (total >= 6).then(|| self.hit_tokens(i, glued, kind)),
            Type::Iban => {
                let (end, sum) = spaced(30);
                (sum >= 10).then(|| self.hit_tokens(i, end, kind))
            }
            _ => None,
        }
    }
}
