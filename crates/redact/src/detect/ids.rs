//! Identifiers with letters: bank accounts, parcels, national ids, orders, plates, secrets; and the words
//! that announce a value without a digit.

use super::{Scan, check, net};
use crate::kind::Type;
use crate::lexicon::{context, flag, minor};
use crate::token::{Token, gap, shape};

/// Matches a compact piece against a pattern: `9` a digit, `A` a letter, `X` either, others themselves.
fn fits(piece: &[u8], pattern: &[u8]) -> bool {
    piece.len() == pattern.len()
        && piece.iter().zip(pattern).all(|(b, p)| match p {
            b'9' => b.is_ascii_digit(),
            b'A' => b.is_ascii_alphabetic(),
            b'X' => b.is_ascii_alphanumeric(),
            p => b.eq_ignore_ascii_case(p),
        })
}

/// Whether a word in base64 says something: what it says may be anything, so it goes.
pub(super) fn encoded_text(word: &[u8]) -> bool {
    let word = word.trim_ascii_end();
    let word = &word[..word.iter().rposition(|b| *b != b'=').map_or(0, |at| at + 1)];
    if word.len() < 16 || word.len() > 4096 {
        return false;
    }
    let mut text = Vec::with_capacity(word.len());
    let (mut bits, mut count) = (0u32, 0);
    for b in word {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            text.push((bits >> count) as u8);
        }
    }
    std::str::from_utf8(&text).is_ok_and(|t| t.chars().all(|c| !c.is_control() || c.is_whitespace()))
}

struct Piece {
    compact: Vec<u8>,
    digits: usize,
    letters: usize,
}

impl Scan<'_> {
    fn piece(&self, a: usize, b: usize) -> Piece {
        let mut compact = Vec::with_capacity(40);
        for token in &self.tokens[a..=b] {
            compact.extend(self.str(token).bytes());
        }
        let digits = compact.iter().filter(|b| b.is_ascii_digit()).count();
        let letters = compact.iter().filter(|b| b.is_ascii_alphabetic()).count();
        Piece { compact, digits, letters }
    }

    /// Extends `b` over tokens after single spaces while `more` holds.
    fn spaced_while(&self, mut b: usize, most: usize, more: impl Fn(&[u8]) -> bool) -> usize {
        let from = b;
        while b - from < most
            && self.gap_len(b + 1) == 1
            && self.gap(b + 1) & !(gap::SPACE | gap::HYPHEN | gap::DOT | gap::STOP) == 0
            && more(self.str(&self.tokens[b + 1]).as_bytes())
        {
            b += 1;
        }
        b
    }

    /// A chunk `a..=b` with letters and digits around token `i`. None leaves its digits to other rules.
    pub(super) fn identifier(&mut self, i: usize, a: usize, b: usize) -> Option<usize> {
        if let Some(next) = self.iban(i) {
            return Some(next);
        }
        let piece = self.piece(a, b);
        let size = piece.compact.len();
        if size > 400 {
            return Some(b + 1);
        }
        if b == i + 1 && self.gap(b) & gap::STAR != 0 {
            return None;
        }
        if let Some(next) = self.secret(i, a, b, &piece) {
            return Some(next);
        }
        if let Some(next) = self.tracking(i, a, b, &piece).or_else(|| self.national(i, a, b, &piece)) {
            return Some(next);
        }
        if let Some(next) = self.plate(i, a, b) {
            return Some(next);
        }
        let upper = !self.tokens[a..=b].iter().any(|t| t.looks(shape::LOWER))
            || piece.digits >= 2 * piece.letters
            || piece.letters <= 2
            || b > a && piece.digits >= 3;
        let hash = self.gap(a) & gap::HASH != 0;
        let measure = piece.digits <= 4 && self.tokens[i].mixed() && a == b && self.measure(i);
        if let Some((kind, distance)) = self.best_announced(a) {
            let enough = match kind {
                // "a reference to N310" names a product.
                Type::OrderId if distance > 1 && size <= 4 && !hash && self.gap(a) & gap::COLON == 0 => false,
                Type::OrderId | Type::Tracking => {
                    piece.digits >= 2 && size >= 4 || hash && piece.digits >= 1 && size >= 3
                }
                Type::Secret => size >= 8 && piece.digits >= 2,
                Type::Password => size >= 4,
                Type::Plate => false,
                _ => piece.digits >= 2 && size >= 4,
            };
            let login = kind == Type::AccountId && distance == 1 && a == b && piece.letters >= 4 && size >= 6;
            if enough && (upper || login) && !measure && (distance <= 2 || piece.digits >= 3) {
                let mut b = b;
                if matches!(kind, Type::AccountId | Type::NationalId | Type::Tracking) {
                    b = self.spaced_while(b, 8, |t| t.iter().all(u8::is_ascii_digit) && t.len() >= 2);
                }
                return Some(self.hit_tokens(a, b, kind));
            }
        }
        if let Some((kind, last)) = self.chain {
            let joined = a == last + 1 && self.gap(a) & (gap::COMMA | gap::SLASH | gap::AMP) != 0
                || a == last + 2 && self.tokens[a - 1].is(flag::CHAIN);
            if joined && matches!(kind, Type::OrderId | Type::Tracking | Type::AccountId) && piece.digits >= 3
            {
                return Some(self.hit_tokens(a, b, kind));
            }
        }
        if self.announced_before(self.compact(a, b)) {
            return Some(self.hit_tokens(a, b, Type::OrderId));
        }
        // Ids of a house: a short code and a long number, or a year between.
        let code = self.tokens[a].word()
            && self.tokens[a].len() <= 4
            && !self.tokens[a].looks(shape::LOWER)
            && self.gap(a + 1) & (gap::HYPHEN | gap::SLASH) != 0;
        if code && (hash && piece.digits >= 3 || (a + 1..=b).all(|k| self.tokens[k].digits())) {
            // "SE-90187 Umeå": a postcode with its country.
            let postal =
                b == a + 1 && self.tokens[a].len() <= 2 && matches!(self.tokens[b].len(), 4 | 5) && !hash;
            if postal
                && self.gap_len(b + 1) == 1
                && self.token(b + 1).is_some_and(|t| t.capital() && t.looks(shape::LOWER))
            {
                return Some(self.hit_tokens(a, b + 1, Type::Address));
            }
            let long = b == a + 1 && self.tokens[b].len() >= 5;
            let dated = b == a + 2
                && self.tokens[a + 1].len() == 4
                && self.str(&self.tokens[a + 1]).starts_with("20")
                && self.tokens[b].len() >= 3;
            if long || dated || hash {
                return Some(self.hit_tokens(a, b, Type::OrderId));
            }
        }
        if hash && self.gap_len(a) <= 2 && piece.digits >= 4 && piece.letters >= 1 && size >= 7 {
            return Some(self.hit_tokens(a, b, Type::OrderId));
        }
        if let Some(next) = self.british_postcode(i) {
            return Some(next);
        }
        None
    }

    /// "12mm", "5pm", "20x30", "3rd".
    fn measure(&self, i: usize) -> bool {
        let text = self.str(&self.tokens[i]);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let rest = &text[digits..];
        digits > 0
            && (rest.len() <= 3
                && (self.lexicon.look_up(crate::fold::hash_word(rest)).flags & flag::MEASURE != 0
                    || matches!(rest, "st" | "nd" | "rd" | "th" | "er" | "e" | "x" | "k" | "s" | "d"))
                || rest.starts_with('x')
                    && rest.len() > 1
                    && rest[1..].bytes().all(|b| b.is_ascii_digit())
                    && digits <= 4)
    }

    fn best_announced(&self, a: usize) -> Option<(Type, usize)> {
        let kinds = [
            (context::ORDER, Type::OrderId),
            (context::ACCOUNT, Type::AccountId),
            (context::NATIONAL, Type::NationalId),
            (context::TAX, Type::NationalId),
            (context::TRACKING, Type::Tracking),
            (context::SECRET, Type::Secret),
            (context::PIN, Type::Password),
        ];
        let mut best = None;
        for (bit, kind) in kinds {
            let distance = self
                .announced(bit, a)
                .or_else(|| if kind == Type::NationalId { self.near_here(bit, a, 6) } else { None });
            if let Some(distance) = distance
                && best.is_none_or(|(_, d)| distance < d)
            {
                best = Some((kind, distance));
            }
        }
        best
    }

    /// An IBAN, also with a wrong check where the word or the grouping says so.
    fn iban(&mut self, i: usize) -> Option<usize> {
        let head = self.str(&self.tokens[i]).as_bytes();
        if head.len() < 4 || !fits(&head[..4], b"AA99") {
            return None;
        }
        let said = self.near(context::IBAN, i, 8).is_some();
        let mut compact = String::new();
        let mut valid = None;
        let mut shaped = i;
        let mut k = i;
        loop {
            compact.push_str(self.str(&self.tokens[k]));
            if compact.len() > 34 {
                break;
            }
            if check::iban(&compact) {
                valid = Some(k);
            }
            let next = match self.token(k + 1) {
                Some(next)
                    if next.digits()
                        || next.mixed()
                        || next.word() && (!next.looks(shape::LOWER) || head[0].is_ascii_lowercase()) =>
                {
                    next
                }
                _ => break,
            };
            if self.gap_len(k + 1) > 1
                || self.gap(k + 1) & !(gap::SPACE | gap::HYPHEN) != 0
                || !next.looks(shape::DIGIT | shape::ALPHA)
            {
                break;
            }
            // Groups of four, the last one shorter; a word in capitals ends it.
            let grouped = self.tokens[k].len() == 4 || k == i;
            let goes_on = grouped || said && next.digits();
            if !goes_on || next.word() && (next.len() > 4 || !said && next.len() != 4) {
                break;
            }
            k += 1;
            if next.looks(shape::DIGIT) {
                shaped = k;
            }
        }
        if let Some(end) = valid {
            return Some(self.hit_tokens(i, end, Type::Iban));
        }
        let size: usize = (i..=shaped).map(|k| self.tokens[k].len()).sum();
        let digits: usize =
            (i..=shaped).map(|k| self.str(&self.tokens[k]).bytes().filter(u8::is_ascii_digit).count()).sum();
        let upper = !self.tokens[i].looks(shape::LOWER);
        let country =
            self.lexicon.iban_countries.iter().any(|c| c.as_bytes().eq_ignore_ascii_case(&head[..2]));
        let spaced = (i + 1..=shaped).all(|k| self.gap(k) & gap::SPACE != 0);
        let plenty = country && (15..=34).contains(&size) && digits >= 8;
        if said && (plenty || size >= 12)
            || plenty && upper && shaped > i + 2 && head.len() == 4 && spaced
            || plenty
                && upper
                && i == shaped
                && matches!(
                    &head[..2],
                    b"GB" | b"DE" | b"FR" | b"NL" | b"ES" | b"IT" | b"AT" | b"CH" | b"BE" | b"PL"
                )
                && size >= 18
        {
            return Some(self.hit_tokens(i, shaped, Type::Iban));
        }
        None
    }

    fn secret(&mut self, i: usize, a: usize, b: usize, piece: &Piece) -> Option<usize> {
        if piece.compact.len() < 11 {
            return None;
        }
        let start = self.tokens[a].start as usize;
        // The whole of it, dots included: keys and web tokens have parts.
        let bytes = self.text.as_bytes();
        let mut from = start;
        while from > 0
            && (bytes[from - 1].is_ascii_alphanumeric() || matches!(bytes[from - 1], b'_' | b'-' | b'.'))
            && start - from < 64
        {
            from -= 1;
        }
        let mut to = self.tokens[b].end as usize;
        // Only a web token may be long; a wall of letters is not read again from each of its words.
        let fresh = start >= self.wall && self.text[start..].starts_with("eyJ");
        let most = if fresh { 1 << 14 } else { 512 };
        while to < bytes.len()
            && to - start < most
            && (bytes[to].is_ascii_alphanumeric()
                || matches!(bytes[to], b'_' | b'-' | b'.' | b'+' | b'=' | b'/'))
        {
            to += 1;
        }
        if fresh {
            self.wall = to;
        }
        if piece.compact.len() >= 16 && encoded_text(&bytes[start..to]) {
            self.hit(start, to, Type::Secret);
            let next = self.tokens.partition_point(|t| (t.start as usize) < to);
            return Some(next.max(b + 1));
        }
        let from = (from..=start).find(|p| self.text.is_char_boundary(*p)).unwrap_or(start);
        let whole = self.text[from..to].trim_end_matches(['.', '-', '/']);
        let web_token = whole.starts_with("eyJ") && whole.matches('.').count() >= 1 && whole.len() >= 30;
        let prefixed = self.lexicon.secret_prefixes.iter().any(|p| {
            whole.strip_prefix(p).is_some_and(|rest| {
                rest.len() >= 12
                    && rest.bytes().filter(u8::is_ascii_digit).count() >= 1
                    && rest.bytes().filter(u8::is_ascii_alphabetic).count() >= 3
                    && !rest.contains('/')
            })
        });
        let said = self.announced(context::SECRET, a).is_some();
        // "abc_live_…", and long runs of small letters, capitals and digits mixed.
        let live = ["_live_", "_test_", "_prod_"].iter().any(|mode| {
            whole.split_once(mode).is_some_and(|(head, rest)| {
                (2..=8).contains(&head.len())
                    && rest.len() >= 4
                    && rest.bytes().any(|b| b.is_ascii_digit())
                    && rest.bytes().any(|b| b.is_ascii_alphabetic())
            })
        });
        let random = self.tokens[a..=b].iter().any(|t| {
            t.len() >= 20
                && t.mixed()
                && t.looks(shape::LOWER)
                && t.looks(shape::INNER)
                && self.str(t).bytes().filter(u8::is_ascii_digit).count() >= 3
        });
        if live || random || web_token || prefixed || said && piece.digits >= 2 && piece.letters >= 2 {
            self.hit(from, from + whole.len(), Type::Secret);
            let end = from + whole.len();
            let mut next = b + 1;
            while self.token(next).is_some_and(|t| (t.start as usize) < end) {
                next += 1;
            }
            return Some(next);
        }
        // The path of a URL written without its scheme.
        if self.gap(i) & gap::SLASH != 0
            && self.tokens[i].mixed()
            && net::looks_secret(self.str(&self.tokens[i]))
            && bytes[start.saturating_sub(256)..start]
                .rsplit(|b| b.is_ascii_whitespace())
                .next()
                .is_some_and(|w| w.contains(&b'.'))
        {
            return Some(self.hit_tokens(i, i, Type::Secret));
        }
        None
    }

    fn tracking(&mut self, i: usize, a: usize, b: usize, piece: &Piece) -> Option<usize> {
        let token = self.str(&self.tokens[i]).as_bytes();
        let said = self.near(context::TRACKING, i, 6).is_some();
        let group = |t: &[u8]| t.iter().all(u8::is_ascii_digit) && t.len() >= 2;
        // UPS: 1Z and sixteen.
        if token.len() >= 2 && token[..2].eq_ignore_ascii_case(b"1z") {
            let mut end = i;
            let mut size = token.len();
            while size < 18
                && self
                    .spaced_while(end, 1, |t| t.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()))
                    > end
            {
                end += 1;
                size += self.tokens[end].len();
            }
            if size == 18 || said && (10..=20).contains(&size) {
                return Some(self.hit_tokens(i, end, Type::Tracking));
            }
        }
        // DHL and Deutsche Post: JD, JJD, JVGL and digits.
        for prefix in
            [&b"JJD"[..], b"JD", b"JVGL", b"GM", b"LX", b"RX", b"TBA", b"H0", b"YT", b"LP", b"SF", b"CNFR"]
        {
            if token.len() > prefix.len()
                && token[..prefix.len()].eq_ignore_ascii_case(prefix)
                && token[prefix.len()..].iter().all(u8::is_ascii_digit)
            {
                let end = self.spaced_while(b, 8, group);
                let size: usize = (i..=end).map(|k| self.tokens[k].len()).sum();
                if size >= 14 || said && size >= 8 {
                    return Some(self.hit_tokens(i, end, Type::Tracking));
                }
            }
        }
        // The postal union's S10, in one piece or "RR 12 345 678 9 GB".
        if fits(&piece.compact, b"AA999999999AA") && a == b && (said || check::s10(&piece.compact[2..11])) {
            return Some(self.hit_tokens(a, b, Type::Tracking));
        }
        // Colissimo: 6A and eleven digits.
        if token.len() == 13 && fits(token, b"9A99999999999") {
            return Some(self.hit_tokens(i, i, Type::Tracking));
        }
        if said && self.announced(context::TRACKING, a).is_some() && piece.digits >= 6 {
            let end = self.spaced_while(b, 8, group);
            return Some(self.hit_tokens(a, end, Type::Tracking));
        }
        None
    }

    fn national(&mut self, i: usize, a: usize, b: usize, piece: &Piece) -> Option<usize> {
        let compact = &piece.compact;
        let upper = !self.tokens[i].looks(shape::LOWER);
        let said = self.near(context::NATIONAL, i, 8).is_some();
        // Italy's codice fiscale, Mexico's CURP, India's PAN with its word, America's Medicare number.
        let whole = fits(compact, b"AAAAAA99A99A999A")
            || fits(compact, b"AAAA999999AAAAAAX9")
            || upper && compact.len() == 11 && fits(compact, b"9AX9AX9AA99") && (said || b > a)
            || said && fits(compact, b"AAAAA9999A");
        if whole {
            return Some(self.hit_tokens(a, b, Type::NationalId));
        }
        // China's number of eighteen, its last a check that may be X.
        if a == b && compact.len() == 18 && check::resident(compact) {
            return Some(self.hit_tokens(i, i, Type::NationalId));
        }
        // Britain's national insurance number: letters, six digits, a letter; spaces as one likes.
        // Spain's DNI and NIE; Finland's code.
        let text = self.str(&self.tokens[i]).as_bytes();
        let spain = text.len() == 9
            && (text[..8].iter().all(u8::is_ascii_digit) && check::dni(&text[..8], text[8])
                || fits(text, b"A9999999A")
                    && matches!(text[0].to_ascii_uppercase(), b'X' | b'Y' | b'Z')
                    && upper);
        if spain && a == b {
            return Some(self.hit_tokens(i, i, Type::NationalId));
        }
        if fits(text, b"AA999999A") && upper && a == b && !said && matches!(text[8], b'A'..=b'D') {
            return Some(self.hit_tokens(i, i, Type::NationalId));
        }
        None
    }

    /// "QQ 12 34 56 C": begins with a word, so a digit token finds it from its second group.
    pub(super) fn insurance_number(&mut self, i: usize) -> Option<usize> {
        if i == 0
            || !fits(self.str(&self.tokens[i - 1]).as_bytes(), b"AA")
            || self.tokens[i - 1].looks(shape::LOWER)
        {
            return None;
        }
        let pair =
            |k: usize| self.token(k).is_some_and(|t| t.digits() && t.len() == 2) && self.gap_len(k) == 1;
        let end = i + 3;
        let last = self
            .token(end)
            .is_some_and(|t| t.word() && t.len() == 1 && matches!(self.str(t).as_bytes()[0], b'A'..=b'D'))
            && self.gap_len(end) == 1;
        if pair(i) && pair(i + 1) && pair(i + 2) && last {
            return Some(self.hit_tokens(i - 1, end, Type::NationalId));
        }
        None
    }

    /// "B-MW 1234": a plate whose digits stand apart.
    pub(super) fn split_plate(&mut self, i: usize) -> Option<usize> {
        let before = i.checked_sub(1)?;
        let letters = self.tokens[before].word()
            && self.tokens[before].len() <= 3
            && !self.tokens[before].looks(shape::LOWER);
        if !letters || self.gap_len(i) != 1 || self.tokens[i].len() > 4 {
            return None;
        }
        let (a, _, _) = self.chunk(before);
        self.plate(i, a, i)
    }

    fn plate(&mut self, i: usize, a: usize, b: usize) -> Option<usize> {
        let distance = self.near(context::PLATE, i, 8)?;
        let token = self.str(&self.tokens[i]).as_bytes();
        // One piece with hyphens or not; or two to three pieces with spaces.
        let (mut from, mut to) = (a, b);
        if from == to {
            let short = |k: usize| {
                self.token(k)
                    .is_some_and(|t| t.len() <= 4 && !t.looks(shape::LOWER | shape::TAKEN | shape::WIDE))
            };
            if self.gap_len(to + 1) == 1
                && self.gap(to + 1) & gap::SPACE != 0
                && short(to + 1)
                && token.len() <= 4
            {
                to += 1;
            }
            if from > 0
                && self.gap_len(from) == 1
                && short(from - 1)
                && self.tokens[from - 1].word()
                && token.len() <= 4
            {
                from -= 1;
            }
        }
        let piece = self.piece(from, to);
        let upper = !self.tokens[from..=to].iter().any(|t| t.looks(shape::LOWER));
        let german = to > from
            && self.gap(from + 1) & gap::HYPHEN != 0
            && self.tokens[from..=to].iter().take(2).all(Token::word)
            && self.tokens[to].digits();
        let sure = distance <= 3
            || upper && german
            || upper && (fits(&piece.compact, b"AA99AAA") || fits(&piece.compact, b"AA999AA"));
        let sized = (4..=9).contains(&piece.compact.len())
            && piece.digits >= 1
            && piece.letters >= 1
            && piece.digits + piece.letters == piece.compact.len();
        if sized && upper && sure {
            return Some(self.hit_tokens(from, to, Type::Plate));
        }
        None
    }

    /// Values without a digit, or that any word may be: what follows "password:".
    pub(super) fn announced_words(&mut self, i: usize) {
        let token = self.tokens[i];
        if token.context & context::PASSWORD == 0 {
            return;
        }
        let bytes = self.text.as_bytes();
        let mut k = i + 1;
        let mut sure = false;
        // Over "is", "was", "=", quotes.
        while let Some(next) = self.token(k) {
            let between = next.gap;
            if between & (gap::STOP | gap::BLANK) == gap::STOP && between & gap::SPACE != 0 {
                // A password may begin with a sign that also ends a sentence: "password !Open4".
                let sign = self.text[self.tokens[k - 1].end as usize..next.start as usize].trim_start();
                if !(sign.starts_with(['!', '?', '.']) && self.byte(self.tokens[k - 1].end as usize) == b' ')
                {
                    return;
                }
            }
            sure |= between & (gap::COLON | gap::EQ | gap::QUOTE | gap::APOS) != 0;
            let word = self.str(next);
            let copula = next.looks(minor::COPULA);
            if copula && k < i + 4 && self.byte(next.end as usize) != b'-' {
                sure |= !matches!(word, "to" | "To");
                k += 1;
                continue;
            }
            break;
        }
        // Over what says whose or where it is: "password for the shop is: …".
        if k == i + 1
            && let Some(at) = self.password_further(k)
        {
            k = at;
            sure = true;
        }
        let Some(next) = self.token(k) else { return };
        if k > i + 1 && self.tokens[k - 1].context & context::PASSWORD != 0 {
            return;
        }
        // From the first sign after the space to the next space.
        let gap_start = self.tokens[k - 1].end as usize;
        let mut from = gap_start;
        while from < next.start as usize
            && matches!(
                bytes[from],
                b' ' | b'\n' | b'\r' | b'\t' | b':' | b'=' | b'(' | b'"' | b'\'' | b'`' | b'>'
            )
        {
            from += 1;
        }
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        let rest = &self.text[from..];
        let rest = rest.trim_start_matches(['“', '„', '«', '‘', '’']);
        let from = self.text.len() - rest.len();
        let quote =
            self.text[..from].chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`' | '“' | '„' | '‘'));
        let stop = rest
            .find(|c: char| {
                c.is_whitespace()
                    || matches!(c, '"' | '”' | '»' | '`')
                    || quote == Some('\'') && c == '\''
                    || quote == Some('‘') && c == '’'
            })
            .unwrap_or(rest.len());
        let value = rest[..stop].trim_end_matches(['.', ',', ';', ')', '?', ':', '\'', '’', ']']);
        // "$(pwd)/conf", "pw = plot()"
        let code =
            value.starts_with([')', '/', '$', ',', ';']) || value.ends_with('(') || value.contains("://");
        if code || value.len() < 3 || value.len() > 128 || value.starts_with('[') && value.ends_with("_1") {
            return;
        }
        if self.tokens[k].looks(shape::PLACEHOLDER) {
            return;
        }
        let digit = value.bytes().any(|b| b.is_ascii_digit());
        let sign = value
            .bytes()
            .any(|b| b.is_ascii_punctuation() && !matches!(b, b'-' | b'\'' | b'/' | b'.' | b','));
        let capital = value.chars().skip(1).any(char::is_uppercase) && value.chars().any(char::is_lowercase);
        let ordinary = next.is(flag::NO_PASSWORD | flag::COMMON | flag::CONNECT) && self.str(next) == value;
        let odd = digit || sign || capital;
        if odd && (sure || k <= i + 2)
            || sure && quote.is_some()
            || sure && !ordinary && value.len() >= 4 && self.gap(k) & (gap::COLON | gap::EQ) != 0
        {
            self.hit(from, from + value.len(), Type::Password);
        }
    }

    /// The token behind the colon or the verb that follows some plain words, if it looks like a password: a
    /// letter and a digit.
    fn password_further(&self, first: usize) -> Option<usize> {
        let plain = |k: &usize| {
            self.token(*k).is_some_and(|t| {
                t.gap & (gap::STOP | gap::BLANK | gap::COLON | gap::EQ | gap::COMMA) == 0
                    && self.str(t).chars().all(char::is_alphabetic)
            })
        };
        let words = (first..first + 6).take_while(plain).count();
        let at = first + words;
        let next = self.token(at)?;
        let told = next.gap & (gap::COLON | gap::EQ) != 0 || self.tokens[at - 1].looks(minor::COPULA);
        let value = self.text[next.start as usize..].split_whitespace().next()?;
        let odd = value.bytes().any(|b| b.is_ascii_digit()) && value.chars().any(char::is_alphabetic);
        (words > 0 && told && next.gap & (gap::STOP | gap::BLANK) == 0 && odd && value.len() >= 6)
            .then_some(at)
    }
}
