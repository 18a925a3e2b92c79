//! Dates of mail: RFC 5322 section 3.3 and 4.3, and what programs write instead.

use threadfold_core::from_civil;

/// Seconds since 1970 of a date, UTC; none if it is no date, or not one that a mail can have been sent at.
///
/// Reads the standard form and the obsolete ones (two-digit years, zone names, no weekday, comments),
/// `asctime` and mbox separator dates in any order of zone and year, ISO 8601, a time before the date,
/// AM and PM, dots in the time, and month names of several languages. Without a zone it is UTC; a zone
/// that cannot be is ignored. Years before 1981 (clocks that start at 1970 or 1980) and from 2050 on
/// (where RFC 5322's two-digit years end) count as broken.
///
/// ```
/// use threadfold_message::parse_date;
/// assert_eq!(parse_date(b"Fri, 1 Mar 2024 10:12:00 +0100 (CET)"), Some(1_709_284_320));
/// assert_eq!(parse_date(b"Fri Mar  1 09:12:00 2024"), Some(1_709_284_320));
/// assert_eq!(parse_date(b"Thu, 1 Jan 1970 00:00:00 +0000"), None);
/// ```
pub fn parse_date(value: &[u8]) -> Option<i64> {
    standard(value.trim_ascii()).or_else(|| parse_any(value))
}

/// The date where it is spelled just as RFC 5322 wants it, as nearly all are: `Fri, 1 Mar 2024 10:12:00 +0100`, with
/// or without the weekday and a comment behind. None says nothing.
fn standard(value: &[u8]) -> Option<i64> {
    let digit = |at: usize, b: &[u8]| Some(b.get(at)?.wrapping_sub(b'0')).filter(|d| *d < 10).map(u32::from);
    let rest = match value {
        [b'M', b'o', b'n', b',', b' ', rest @ ..]
        | [b'T', b'u', b'e', b',', b' ', rest @ ..]
        | [b'W', b'e', b'd', b',', b' ', rest @ ..]
        | [b'T', b'h', b'u', b',', b' ', rest @ ..]
        | [b'F', b'r', b'i', b',', b' ', rest @ ..]
        | [b'S', b'a', b't', b',', b' ', rest @ ..]
        | [b'S', b'u', b'n', b',', b' ', rest @ ..] => rest,
        _ => value,
    };
    let (day, rest) = match rest {
        [_, b' ', after @ ..] => (digit(0, rest)?, after),
        [_, _, b' ', after @ ..] => (digit(0, rest)? * 10 + digit(1, rest)?, after),
        _ => return None,
    };
    let month = match rest.get(..4)? {
        b"Jan " => 1,
        b"Feb " => 2,
        b"Mar " => 3,
        b"Apr " => 4,
        b"May " => 5,
        b"Jun " => 6,
        b"Jul " => 7,
        b"Aug " => 8,
        b"Sep " => 9,
        b"Oct " => 10,
        b"Nov " => 11,
        b"Dec " => 12,
        _ => return None,
    };
    // 2024 10:12:00 +0100
    let clock = rest.get(4..23)?;
    if (clock[4], clock[7], clock[10], clock[13]) != (b' ', b':', b':', b' ') {
        return None;
    }
    let two = |at: usize| Some(digit(at, clock)? * 10 + digit(at + 1, clock)?);
    let year = i64::from(two(0)? * 100 + two(2)?);
    let time = (two(5)?, two(8)?, two(11)?);
    let (hours, minutes) = (two(15)?, two(17)?);
    let east = match clock[14] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    match &rest[23..] {
        [] => {}
        [b' ', b'(', comment @ .., b')'] if memchr::memchr2(b'(', b')', comment).is_none() => {}
        _ => return None,
    }
    let zone = Some(east * i64::from(hours * 3600 + minutes * 60));
    let date =
        Parts { year: Some(year), month: Some(month), day: Some(day), time: Some(time), zone, pm: None };
    date.finish()
}

fn parse_any(value: &[u8]) -> Option<i64> {
    let mut date = Parts::default();
    let mut at = 0;
    let mut tokens = 0;
    let mut depth = 0usize;
    while at < value.len() {
        let b = value[at];
        match b {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ if depth > 0 || b.is_ascii_whitespace() || matches!(b, b',' | b';' | b'"' | b'<' | b'>') => {}
            _ => {
                let end = value[at..]
                    .iter()
                    .position(|b| b.is_ascii_whitespace() || matches!(b, b',' | b';' | b'(' | b'"'))
                    .map_or(value.len(), |i| at + i);
                // Counted in tokens, not in bytes: where a bound falls must not depend on how lines end.
                tokens += 1;
                if tokens > MOST_TOKENS {
                    break;
                }
                date.token(&value[at..end])?;
                at = end;
                continue;
            }
        }
        at += 1;
    }
    date.finish()
}

/// Words of a value that are looked at: several times what the longest date has.
const MOST_TOKENS: usize = 24;

#[derive(Default)]
struct Parts {
    year: Option<i64>,
    month: Option<u32>,
    day: Option<u32>,
    time: Option<(u32, u32, u32)>,
    zone: Option<i64>,
    pm: Option<bool>,
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')))
}

impl Parts {
    /// None only if no date can come of it any more.
    fn token(&mut self, token: &[u8]) -> Option<()> {
        let first = token[0];
        if first.is_ascii_digit() {
            return self.numeric(token);
        }
        if matches!(first, b'+' | b'-') {
            if self.time.is_some() && self.zone.is_none() {
                self.zone = offset(token);
            } else if let Some(n) = number(&token[1..]) {
                // "- 1 Mar": a stray dash.
                return self.day_or_year(n, token.len() - 1);
            }
            return Some(());
        }
        self.word(token);
        Some(())
    }

    fn numeric(&mut self, token: &[u8]) -> Option<()> {
        if let Some(n) = number(token) {
            return self.day_or_year(n, token.len());
        }
        if memchr::memchr(b':', token).is_some() {
            // 2019-04-29T08:47:02Z
            if let Some(t) = token.iter().position(|b| matches!(b, b'T' | b't' | b'_'))
                && t >= 8
                && memchr::memchr(b':', &token[..t]).is_none()
            {
                self.triple(&token[..t], b'-')?;
                return self.clock(&token[t + 1..], b':');
            }
            return self.clock(token, b':');
        }
        for separator in [b'-', b'/'] {
            if memchr::memchr(separator, token).is_some() {
                return self.triple(token, separator);
            }
        }
        if memchr::memchr(b'.', token).is_some() {
            let dots = token.trim_ascii_end().strip_suffix(b".").unwrap_or(token);
            if let Some(n) = number(dots) {
                return self.day_or_year(n, dots.len());
            }
            return if self.month.is_some() { self.clock(token, b'.') } else { self.triple(token, b'.') };
        }
        // "29th", "1er", "5AM"
        let digits = token.iter().take_while(|b| b.is_ascii_digit()).count();
        let n = number(&token[..digits])?;
        if token[digits..].eq_ignore_ascii_case(b"am") || token[digits..].eq_ignore_ascii_case(b"pm") {
            self.pm = Some(token[digits] | 32 == b'p');
            self.time = Some((n, 0, 0));
            return Some(());
        }
        self.day_or_year(n, digits)
    }

    fn day_or_year(&mut self, n: u32, digits: usize) -> Option<()> {
        if digits <= 2 && self.day.is_none() {
            self.day = Some(n);
        } else if self.year.is_none() && (digits != 1) && digits <= 4 {
            self.year = Some(full_year(n, digits));
        }
        Some(())
    }

    /// 2019-04-29, 29-Apr-2019, 29.04.2019, 4/29/2019.
    fn triple(&mut self, token: &[u8], separator: u8) -> Option<()> {
        let mut pieces = token.split(|b| *b == separator);
        let (a, b, c) = (pieces.next()?, pieces.next()?, pieces.next()?);
        let c = &c[..c.iter().take_while(|b| b.is_ascii_digit()).count()];
        let (x, z) = (number(a)?, number(c)?);
        let (year, month, day) = match number(b) {
            None => (full_year(z, c.len()), month_of(b)?, x),
            Some(y) if a.len() == 4 => (i64::from(x), y, z),
            // American with slashes unless that cannot be; the rest of the world with dots and dashes.
            Some(y) if separator == b'/' && x <= 12 => (full_year(z, c.len()), x, y),
            Some(y) => (full_year(z, c.len()), y, x),
        };
        (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
        Some(())
    }

    /// 08:47:02, 8:47, 8:47AM, 08:47:02.123Z, 08:47:02+0200
    fn clock(&mut self, token: &[u8], separator: u8) -> Option<()> {
        if self.time.is_some() {
            return Some(());
        }
        let mut fields = [0u32; 3];
        let mut at = 0;
        for (i, field) in fields.iter_mut().enumerate() {
            let digits = token[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            *field = number(&token[at..at + digits])?;
            at += digits;
            if i == 2 || token.get(at) != Some(&separator) {
                break;
            }
            at += 1;
        }
        self.time = Some((fields[0], fields[1], fields[2]));
        let mut rest = &token[at..];
        if let [b'.' | b',', more @ ..] = rest {
            rest = &more[more.iter().take_while(|b| b.is_ascii_digit()).count()..];
        }
        match rest {
            [b'+' | b'-', ..] => self.zone = offset(rest),
            [] => {}
            _ => self.word(rest),
        }
        Some(())
    }

    fn word(&mut self, token: &[u8]) {
        if token.eq_ignore_ascii_case(b"am") || token.eq_ignore_ascii_case(b"pm") {
            self.pm = Some(token[0] | 32 == b'p');
            return;
        }
        // A name after the time is a zone unless it is a month that is still missing.
        if let Some(m) = month_of(token)
            && (self.month.is_none() || self.day.is_none())
        {
            self.month = Some(m);
        } else if self.time.is_some() && self.zone.is_none() {
            self.zone = zone_of(token);
        }
    }

    fn finish(self) -> Option<i64> {
        let (year, month, day) = (self.year?, self.month?, self.day?);
        let (mut hour, minute, second) = self.time.unwrap_or((0, 0, 0));
        match self.pm {
            Some(true) if hour < 12 => hour += 12,
            Some(false) if hour == 12 => hour = 0,
            _ => {}
        }
        let sane = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour <= 24
            && minute <= 59
            && second <= 61
            && (1981..2050).contains(&year);
        sane.then(|| from_civil(year, month, day, hour, minute, second) - self.zone.unwrap_or(0))
    }
}

/// RFC 5322 section 4.3: two digits are 1950 to 2049, three are years since 1900.
fn full_year(n: u32, digits: usize) -> i64 {
    match digits {
        0..=2 if n < 50 => 2000 + i64::from(n),
        0..=3 => 1900 + i64::from(n),
        _ => i64::from(n),
    }
}

/// Seconds east of Greenwich of "+0200", "-05:30", "+2".
fn offset(token: &[u8]) -> Option<i64> {
    let mut digits = [0u8; 4];
    let mut n = 0;
    for b in &token[1..] {
        match b {
            b'0'..=b'9' if n < 4 => {
                digits[n] = b - b'0';
                n += 1;
            }
            b':' if n > 0 => {}
            _ => break,
        }
    }
    let d = |i: usize| i64::from(digits[i]);
    let (hours, minutes) = match n {
        1 => (d(0), 0),
        2 => (d(0) * 10 + d(1), 0),
        3 => (d(0), d(1) * 10 + d(2)),
        4 => (d(0) * 10 + d(1), d(2) * 10 + d(3)),
        _ => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    Some(if token[0] == b'-' { -seconds } else { seconds })
}

fn zone_of(token: &[u8]) -> Option<i64> {
    let mut name = [0u8; 4];
    let letters = token.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    if letters == 0 || letters > 4 {
        return None;
    }
    for (to, from) in name.iter_mut().zip(&token[..letters]) {
        *to = from.to_ascii_uppercase();
    }
    if let rest @ [b'+' | b'-', ..] = &token[letters..] {
        return offset(rest);
    }
    let half_hours = match &name[..letters] {
        b"UT" | b"UTC" | b"GMT" | b"Z" | b"WET" => 0,
        b"EDT" => -8,
        b"EST" | b"CDT" => -10,
        b"CST" | b"MDT" => -12,
        b"MST" | b"PDT" => -14,
        b"PST" | b"AKDT" => -16,
        b"AKST" => -18,
        b"HST" => -20,
        b"AST" => -8,
        b"ADT" => -6,
        b"NST" => -7,
        b"NDT" => -5,
        b"BRT" => -6,
        b"CET" | b"MET" | b"BST" | b"MEZ" | b"WEST" => 2,
        b"CEST" | b"MEST" | b"MESZ" | b"EET" | b"SAST" => 4,
        b"EEST" | b"MSK" => 6,
        b"MSD" => 8,
        b"IST" => 11,
        b"HKT" | b"AWST" | b"SGT" => 16,
        b"JST" | b"KST" => 18,
        b"ACST" => 19,
        b"AEST" => 20,
        b"AEDT" => 22,
        b"NZST" => 24,
        b"NZDT" => 26,
        // RFC 5322: other names, the military letters among them, mean nothing.
        _ => return None,
    };
    Some(half_hours * 1800)
}

/// Month of a name in English, or as mail programs of other languages wrongly write it.
fn month_of(token: &[u8]) -> Option<u32> {
    let mut low = [0u8; 5];
    let mut n = 0;
    for b in token.iter().take(5) {
        low[n] = b.to_ascii_lowercase();
        n += 1;
    }
    let known = match low[..n.min(3)] {
        [b'j', b'a', b'n'] | [b'e', b'n', b'e'] | [b'g', b'e', b'n'] => 1,
        [b'f', b'e', b'b'] | [b'f', 0xc3, _] => 2,
        [b'm', b'a', b'r'] | [b'm', b'r', b'z'] | [b'm', 0xc3, _] | [b'm', 0xe4, _] => 3,
        [b'a', b'p', b'r'] | [b'a', b'v', b'r'] | [b'a', b'b', b'r'] => 4,
        [b'm', b'a', b'y'] | [b'm', b'a', b'i'] | [b'm', b'a', b'g'] | [b'm', b'e', b'i'] => 5,
        [b'm', b'a', b'j'] => 5,
        [b'j', b'u', b'n'] | [b'g', b'i', b'u'] => 6,
        [b'j', b'u', b'l'] | [b'l', b'u', b'g'] => 7,
        [b'j', b'u', b'i'] => {
            if low.get(3) == Some(&b'n') {
                6
            } else {
                7
            }
        }
        [b'a', b'u', b'g'] | [b'a', b'g', b'o'] | [b'a', b'o', _] => 8,
        [b's', b'e', b'p'] | [b's', b'e', b't'] => 9,
        [b'o', b'c', b't'] | [b'o', b'k', b't'] | [b'o', b't', b't'] | [b'o', b'u', b't'] => 10,
        [b'n', b'o', b'v'] => 11,
        [b'd', b'e', b'c'] | [b'd', b'e', b'z'] | [b'd', b'i', b'c'] | [b'd', 0xc3, _] => 12,
        _ => return None,
    };
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_make() {
        let t = from_civil(2024, 3, 1, 9, 12, 0);
        for good in [
            "Fri, 1 Mar 2024 09:12:00 +0000",
            "Fri, 01 Mar 2024 10:12:00 +0100 (CET)",
            "1 Mar 24 04:12 EST",
            "Fri Mar  1 09:12:00 2024",
            "Fri Mar 01 09:12:00 +0000 2024",
            "Fri Mar  1 04:12:00 EST 2024",
            "Fri, 1 Mar 124 09:12:00 GMT",
            "Friday, March 1, 2024 9:12 AM",
            "Fri,1 Mar 2024 09:12:00",
            "2024-03-01T09:12:00Z",
            "2024-03-01 10:12:00 +01:00",
            "2024-03-01T11:12:00.123+02:00",
            "01-Mar-2024 09:12:00",
            "1.3.2024 09:12:00",
            "3/1/2024 9:12 AM",
            "Fri, 1 Mar 2024 09.12.00 +0000",
            "Fr., 1. M\u{e4}rz 2024 10:12:00 MEZ",
            "vendredi 1 mars 2024 10:12:00 CET",
            "Fri (a (nested) comment), 1 Mar 2024 09:12:00 -0000",
            "Fri, 1 Mar 2024 09:12:00 GMT+0000",
            "Fri, 1 Mar 2024 09:12:00 +9900",
            "\"Fri, 1 Mar 2024 09:12:00 +0000\"",
        ] {
            assert_eq!(parse_date(good.as_bytes()), Some(t), "{good}");
        }
        for bad in [
            "",
            "yesterday",
            "Thu, 1 Jan 1970 00:00:00 GMT",
            "Tue, 1 Jan 1980 00:00:00 GMT",
            "Fri, 1 Mar 2924 09:12:00",
            "32 Mar 2024 09:12",
            "1 Mar 2024 25:12:00",
            "1 Foo 2024 09:12:00",
        ] {
            assert_eq!(parse_date(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_date_of_the_standard_form_is_read_as_any_other() {
        let mut read = 0;
        for good in [
            "Fri, 1 Mar 2024 09:12:00 +0000",
            "Mon, 31 Dec 1999 23:59:61 -1459 (a comment; 1 Apr 2000)",
            "Tue, 29 Feb 2023 24:00:00 +0530",
            "1 May 2049 00:00:60 -0000",
            "Wed, 10 Oct 1981 1:02:03 +0200",
        ] {
            for at in 0..good.len() {
                for byte in *b"0123456789 ,:+-()abJunSMTr\t\n\r;\"" {
                    let mut value = good.as_bytes().to_vec();
                    for other in [at, (at + 7) % value.len()] {
                        value[other] = byte;
                        let found = standard(&value);
                        read += usize::from(found.is_some());
                        assert!(found.is_none() || found == parse_any(&value), "{value:?}");
                    }
                }
            }
            assert_eq!(parse_date(good.as_bytes()), parse_any(good.as_bytes()));
        }
        assert!(read > 1_000, "{read}");
    }

    #[test]
    fn where_lines_end_does_not_decide_what_is_read() {
        // A folded value whose bound falls into a number: a date with one way of ending lines has to be one with
        // the other.
        for filling in 0..60 {
            let folds = " x\n".repeat(filling);
            let date = format!("Mon, 19 Aug 2024 18:44:26 +0200\n{folds} id 1462236");
            let crlf = date.replace('\n', "\r\n");
            assert_eq!(parse_date(date.as_bytes()), parse_date(crlf.as_bytes()), "{filling}");
        }
        let long = "(a comment) ".repeat(100) + "Fri, 1 Mar 2024 09:12:00 +0000";
        assert_eq!(parse_date(long.as_bytes()), Some(from_civil(2024, 3, 1, 9, 12, 0)));
    }

    #[test]
    fn two_digit_years_turn_at_fifty() {
        assert_eq!(parse_date(b"1 Mar 99 09:12:00 GMT"), Some(from_civil(1999, 3, 1, 9, 12, 0)));
        assert_eq!(parse_date(b"1 Mar 05 09:12:00 GMT"), Some(from_civil(2005, 3, 1, 9, 12, 0)));
    }
}
