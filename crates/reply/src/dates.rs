//! Dates as mail programs write them, in the languages they write them in.

use crate::clues::{Number, numbers};
use crate::phrases::{Phrase, phrases};

/// Days since 1970 of a civil date, after Howard Hinnant's `days_from_civil`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The first month named in a text, and where. A name that also is a weekday's counts if no other is there.
fn month_in(text: &str) -> Option<(u8, usize, usize)> {
    let mut best: Option<(u8, usize, usize)> = None;
    phrases().date_words(text, |hit| {
        if let Phrase::Month(month) = hit.phrase
            && best.is_none_or(|(_, start, end)| {
                hit.end - hit.start > end - start || is_weekday_too(&text[start..end])
            })
        {
            best = Some((month, hit.start, hit.end));
        }
        false
    });
    best
}

/// "mar" is also martes and mardi, "mer" mercredi: beside another month's name it is the weekday.
fn is_weekday_too(name: &str) -> bool {
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    name.eq_ignore_ascii_case("mar") || name.eq_ignore_ascii_case("set") || name.eq_ignore_ascii_case("gen")
}

struct Parts {
    year: i64,
    month: i64,
    day: i64,
    /// Numbers that are not part of the date.
    used: [usize; 3],
}

fn is_year(number: &Number) -> bool {
    number.digits == 4 && (1970..2100).contains(&number.value)
}

fn parts(text: &str, numbers: &[Number]) -> Option<Parts> {
    let year_at = numbers.iter().position(is_year)?;
    let year = i64::from(numbers[year_at].value);
    let day_of =
        |at: usize| numbers.get(at).filter(|number| number.digits <= 2 && (1..=31).contains(&number.value));
    if let Some((month, start, end)) = month_in(text) {
        // The day is the number nearest to the month's name that is not the year and not a time.
        let near = (0..numbers.len())
            .filter(|at| *at != year_at && day_of(*at).is_some() && !is_clock(text, numbers, *at))
            .min_by_key(|at| numbers[*at].start.abs_diff(end).min(numbers[*at].end.abs_diff(start)))?;
        return Some(Parts {
            year,
            month: i64::from(month),
            day: i64::from(numbers[near].value),
            used: [year_at, near, near],
        });
    }
    let joined = |a: usize, b: usize| {
        numbers.get(a).zip(numbers.get(b)).is_some_and(|(a, b)| {
            matches!(text[a.end..b.start].trim(), "/" | "." | "-" | "年" | "月" | "년" | "월")
        })
    };
    if joined(year_at, year_at + 1) && joined(year_at + 1, year_at + 2) {
        let (month, day) = (day_of(year_at + 1)?.value, day_of(year_at + 2)?.value);
        return (month <= 12).then_some(Parts {
            year,
            month: i64::from(month),
            day: i64::from(day),
            used: [year_at, year_at + 1, year_at + 2],
        });
    }
    let first = year_at.checked_sub(2)?;
    if joined(first, first + 1) && joined(first + 1, year_at) {
        let (a, b) = (day_of(first)?.value, day_of(first + 1)?.value);
        let dots = &text[numbers[first].end..numbers[first + 1].start] == ".";
        let (day, month) = match (a > 12, b > 12) {
            (true, false) => (a, b),
            (false, true) => (b, a),
            // Dots are used where the day comes first; with slashes 4/5 cannot be told.
            (false, false) if dots || a == b => (a, b),
            _ => return None,
        };
        return Some(Parts {
            year,
            month: i64::from(month),
            day: i64::from(day),
            used: [first, first + 1, year_at],
        });
    }
    None
}

/// Whether the number is part of a time of day, as in `09:12`.
fn is_clock(text: &str, numbers: &[Number], at: usize) -> bool {
    let colon = |a: usize, b: usize| {
        numbers.get(a).zip(numbers.get(b)).is_some_and(|(a, b)| &text[a.end..b.start] == ":")
    };
    colon(at, at + 1) || at.checked_sub(1).is_some_and(|before| colon(before, at))
}

/// Reads the first date in a text: seconds since 1970, UTC unless it names a zone as `+0100` or `GMT+1`.
pub(crate) fn read(text: &str) -> Option<i64> {
    let numbers = numbers(text);
    let found = parts(text, &numbers)?;
    if found.day > 31 {
        return None;
    }
    let mut seconds = days(found.year, found.month, found.day) * 86_400;
    let clock = (0..numbers.len()).find(|at| {
        let (Some(hour), Some(minute)) = (numbers.get(*at), numbers.get(at + 1)) else { return false };
        let between = &text[hour.end..minute.start];
        let free = !found.used.contains(at) && !found.used.contains(&(at + 1));
        free && hour.digits <= 2
            && hour.value < 25
            && minute.digits == 2
            && minute.value < 60
            && (between == ":" || between == "." || between == "h")
    });
    let Some(at) = clock else { return Some(seconds) };
    let mut hour = i64::from(numbers[at].value);
    seconds += i64::from(numbers[at + 1].value) * 60;
    let mut end = numbers[at + 1].end;
    if let Some(second) = numbers.get(at + 2)
        && second.digits == 2
        && &text[end..second.start] == ":"
    {
        seconds += i64::from(second.value);
        end = second.end;
    }
    let after = text[end..].trim_start_matches([' ', '\u{202f}', '\u{a0}']);
    let half = after.get(..2).unwrap_or("").to_ascii_lowercase();
    let before = &text[..numbers[at].start];
    let afternoon = half == "pm"
        || after.starts_with("p.m.")
        || after.starts_with("nachm")
        || before.ends_with("下午")
        || before.trim_end().ends_with("오후");
    let morning = half == "am"
        || after.starts_with("a.m.")
        || after.starts_with("vorm")
        || before.ends_with("上午")
        || before.trim_end().ends_with("오전");
    if afternoon && hour < 12 {
        hour += 12;
    } else if morning && hour == 12 {
        hour = 0;
    }
    Some(seconds + hour * 3600 - zone(&text[end..]))
}

/// The offset from UTC that follows a time, in seconds; none counts as UTC.
fn zone(after: &str) -> i64 {
    let head_end = after.char_indices().nth(18).map_or(after.len(), |(at, _)| at);
    let head = &after[..head_end];
    let Some(at) = head.find(['+', '-']) else { return 0 };
    let sign = if head[at..].starts_with('-') { -1 } else { 1 };
    let digits: String =
        head[at + 1..].chars().filter(|c| *c != ':').take_while(char::is_ascii_digit).collect();
    let value: i64 = digits.parse().unwrap_or(0);
    match digits.len() {
        1 | 2 if head[..at].ends_with("GMT") || head[..at].ends_with("UTC") => sign * value * 3600,
        4 if value <= 1400 => sign * (value / 100 * 3600 + value % 100 * 60),
        _ => 0,
    }
}

/// The name in an attribution line whose verb was replaced by `\u{1}`: the words next to the verb that are no
/// date, no address and no opening.
pub(crate) fn without(line: &str) -> Option<String> {
    let cut = |text: &str| -> String {
        let mut text = text.to_string();
        // Addresses and what encloses them.
        while let Some(open) = text.find(['<', '[']) {
            let close = text[open..].find(['>', ']']).map_or(text.len(), |at| open + at + 1);
            text.replace_range(open..close, " ");
        }
        text
    };
    let (before, after) = line.split_once('\u{1}').unwrap_or((line, ""));
    [name_of(&cut(before), true), name_of(&cut(after), false)].into_iter().flatten().next()
}

fn name_of(text: &str, at_end: bool) -> Option<String> {
    let is_date_word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let mut date =
            bare.is_empty() || bare.chars().any(|c| crate::clues::digit(c).is_some()) || bare.contains('@');
        date |= matches!(
            bare,
            "AM" | "PM"
                | "am"
                | "pm"
                | "GMT"
                | "UTC"
                | "at"
                | "um"
                | "à"
                | "om"
                | "kl"
                | "klo"
                | "o"
                | "alle"
                | "las"
                | "às"
                | "le"
                | "la"
                | "de"
                | "den"
                | "Uhr"
                | "h"
                | "EST"
                | "PST"
                | "CET"
                | "EDT"
                | "PDT"
                | "CEST"
                | "użytkownik"
                | "пользователь"
                | "г"
                | "в"
                | "from"
                | "χρήστης"
                | "ο"
                | "μ"
                | "mailto"
                | "het"
                | "følgende"
                | "του"
                | "ora"
                | "ore"
                | "het volgende"
        );
        phrases().at_start(bare, |hit| {
            date |= hit.end == bare.len()
                && matches!(hit.phrase, Phrase::Month(_) | Phrase::Weekday | Phrase::Opening);
        });
        date
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let run: Vec<&str> = if at_end {
        let start = words.iter().rposition(|word| is_date_word(word)).map_or(0, |at| at + 1);
        words[start..].to_vec()
    } else {
        words.iter().copied().take_while(|word| !is_date_word(word)).collect()
    };
    let name = run.join(" ");
    let name = name.trim_matches(|c: char| matches!(c, '"' | '\'' | ',' | ':' | '-' | '(' | ')' | ' ' | '*'));
    (!name.is_empty() && name.chars().any(char::is_alphabetic)).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn reads_dates_of_many_habits() {
        let march = 1_709_596_800; // 2024-03-05T00:00:00Z
        for (text, seconds) in [
            ("On Tue, Mar 5, 2024 at 9:12 AM Ann", 33_120),
            ("Le mar. 5 mars 2024 à 09:12, Ann a écrit", 33_120),
            ("Am 05.03.2024 um 09:12 schrieb Ann", 33_120),
            ("2024-03-05 9:12 GMT+01:00 Ann", 29_520),
            ("05.03.2024", 0),
            ("在 2024年3月5日，下午2:23，安 写道", 51_780),
            ("Tue, 5 Mar 2024 22:00:00 -0200", 86_400),
            ("5 марта 2024 г., в 09:12", 33_120),
        ] {
            assert_eq!(read(text), Some(march + seconds), "{text}");
        }
        assert_eq!(read("On 3/4/2024, Ann wrote"), None);
        assert_eq!(read("On Monday Ann wrote"), None);
    }
}
