//! What a line holds that speaks for an attribution: an address, a date, a time, a verb.

use crate::lines::is_invisible;
use crate::phrases::{Phrase, ends_word, phrases, starts_word, without_marks};
use crate::pool;
use threadfold_core::eight::{HIGH, before, digits, eight};

/// What was seen in one (joined) line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clues {
    /// It holds a mail address.
    pub(crate) address: bool,
    /// It holds a date: numbers that can be one, or a month's name beside a number.
    pub(crate) date: bool,
    pub(crate) time: bool,
    /// It begins with a date, or with an opening such as "On" and then a date.
    pub(crate) starts_with_date: bool,
    /// It begins with a date of the form 2011-04-07 or 2011/4/7.
    pub(crate) starts_with_iso: bool,
    /// Its last "wrote": where it starts and ends, and whether more may follow it.
    pub(crate) wrote: Option<(usize, usize, bool)>,
    /// It holds a verb that quotations are announced with but sentences too: "said".
    pub(crate) soft: bool,
}

/// Digits of any script that dates are written in.
pub(crate) fn digit(c: char) -> Option<u32> {
    let value = u32::from(c);
    let zero = match value {
        0x30..=0x39 => 0x30,
        0x660..=0x669 => 0x660,
        0x6F0..=0x6F9 => 0x6F0,
        0x966..=0x96F => 0x966,
        0xE50..=0xE59 => 0xE50,
        0xFF10..=0xFF19 => 0xFF10,
        _ => return None,
    };
    Some(value - zero)
}

/// A number in a text: its value, its count of digits and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    pub(crate) value: u32,
    pub(crate) digits: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The numbers of a text, longer ones than eight digits left out.
pub(crate) fn numbers(text: &str) -> Vec<Number> {
    let mut found = pool::take();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte < 0x80 && !byte.is_ascii_digit() {
            // Digits, or what may be digits of other scripts.
            let next = eight(&bytes[at..]);
            at += before(digits(next) | next & HIGH).max(1);
            continue;
        }
        let mut number = Number { value: 0, digits: 0, start: at, end: at };
        while let Some(&byte) = bytes.get(at) {
            let (value, next) = match byte {
                b'0'..=b'9' => (Some(u32::from(byte - b'0')), at + 1),
                ..0x80 => break,
                _ => {
                    let Some(c) = text[at..].chars().next() else { break };
                    (digit(c), at + c.len_utf8())
                }
            };
            at = next;
            let Some(value) = value else { break };
            // One that is too long for this is left out.
            number.value = number.value.wrapping_mul(10).wrapping_add(value);
            number.digits += 1;
            number.end = next;
        }
        if (1..=8).contains(&number.digits) {
            found.push(number);
        }
    }
    found
}

fn is_year(number: Number) -> bool {
    number.digits == 4 && (1970..2100).contains(&number.value)
}

/// Whether an `@` stands between two parts of an address.
fn holds_address(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'@', bytes).any(|at| {
        let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
        at > 0
            && (part(bytes.get(at - 1)) || matches!(bytes[at - 1], b'_' | b'-' | b'+' | b'.'))
            && part(bytes.get(at + 1))
    })
}

fn date_at_start(text: &str) -> bool {
    let text = without_marks(text);
    if text.starts_with(|c: char| digit(c).is_some()) {
        return true;
    }
    let word = text.split(|c: char| c.is_whitespace() || c == ',').next().unwrap_or(text);
    phrases().date_word(word).is_some() && text.chars().take(28).any(|c| digit(c).is_some())
}

/// Whether the row can be the last of an attribution: a cheap look before any search.
#[inline]
pub(crate) fn may_end(text: &str) -> bool {
    // Most rows end in a letter that none of the verbs below ends in, or in a mark that ends a sentence or a clause.
    if let [first, .., last] = text.as_bytes()
        && first.is_ascii_alphabetic()
    {
        if matches!(last, b'.' | b',' | b'!' | b'?') {
            return false;
        }
        if last.is_ascii_alphanumeric() {
            return ends_in_wrote(text);
        }
    }
    let bare = text.trim_end_matches(|c: char| matches!(c, '*' | '_' | ' ' | '"' | ')') || is_invisible(c));
    let Some(last) = bare.chars().next_back() else { return false };
    if matches!(last, ':' | '\u{ff1a}') {
        return true;
    }
    match last {
        '>' => text.contains('@') || starts_with_year(text),
        '-' => bare.starts_with("--"),
        '.' => is_between_dots(text),
        _ => {
            text.starts_with(|c: char| digit(c).is_some()) && text.len() < 120 && text.contains(':')
                || ends_in_wrote(bare)
        }
    }
}

pub(crate) fn starts_with_year(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 8 && bytes[..4].iter().all(u8::is_ascii_digit) && !bytes[4].is_ascii_digit()
}

fn ends_in_wrote(text: &str) -> bool {
    // Most lines end in letters that none of the verbs below ends in.
    let likely = match text.as_bytes() {
        [.., last] if *last >= 0x80 => true,
        [.., before, last] => matches!(
            [*before, *last],
            [b't', b'e' | b'o']
                | [b'i', b't' | b's']
                | [b'e', b'u' | b'b' | b'f' | b'n' | b'v']
                | [b'z' | b's', b'e']
        ),
        _ => false,
    };
    if !likely {
        return false;
    }
    // No verb of the lists is longer than this.
    let start = text.char_indices().rev().nth(23).map_or(0, |(at, _)| at);
    let tail = &text[start..];
    if !tail.ends_with(|c: char| c.is_alphabetic()) {
        return false;
    }
    // Most lines end in a word that no verb of the lists ends in.
    const ENDS: [&str; 12] = [
        "wrote",
        "écrit",
        "escribió",
        "escreveu",
        "scritto",
        "schrieb",
        "schreef",
        "geschreven",
        "skrev",
        "scris",
        "yazdı",
        "pisze",
    ];
    ENDS.iter().any(|end| tail.ends_with(end))
}

/// "...and then Ann Lee said..."
pub(crate) fn is_between_dots(text: &str) -> bool {
    text.len() < 80
        && text.starts_with("...")
        && text.ends_with("...")
        && text.split_whitespace().count() <= 8
}

impl Clues {
    pub(crate) fn of(text: &str) -> Self {
        let mailto = || memchr::memchr_iter(b':', text.as_bytes()).any(|at| text[..at].ends_with("mailto"));
        let mut clues = Self { address: holds_address(text) || mailto(), ..Self::default() };
        let numbers = numbers(text);
        phrases().verbs(text, |hit| {
            if !ends_word(text, hit.end) || !starts_word(text, hit.start) {
                return;
            }
            if hit.phrase == Phrase::WroteSoft {
                clues.soft = true;
                return;
            }
            let middle = hit.phrase == Phrase::WroteMid;
            clues.wrote = match clues.wrote {
                // "écrit" ends where "a écrit" does: the longer one counts.
                Some((start, end, before)) if end == hit.end => {
                    Some((start.min(hit.start), end, before || middle))
                }
                _ => Some((hit.start, hit.end, middle)),
            };
        });
        let mut opening = None;
        if !numbers.is_empty() {
            phrases().at_start(text, |hit| {
                if hit.phrase == Phrase::Opening && ends_word(text, hit.end) {
                    opening = Some(hit.end);
                }
            });
        }
        let short = |number: Number| number.digits <= 2 && (1..=31).contains(&number.value);
        for (at, number) in numbers.iter().enumerate() {
            let Some(next) = numbers.get(at + 1).copied() else { break };
            let between = &text[number.end..next.start];
            let clock = number.digits <= 2 && number.value < 25 && next.digits == 2 && next.value < 60;
            clues.time |= clock && matches!(between, ":" | "h" | "\u{2236}");
            // "17.50" after "klo", "kl.", "alle": told from a date by its neighbours.
            clues.time |= clock && between == "." && !text[next.end..].starts_with(['.', '/', '-']) && at > 0;
            // What parts the numbers of a date is short.
            clues.date |= between.len() <= 12
                && matches!(between.trim(), "/" | "." | "-" | "\u{5e74}" | "\u{6708}" | "년" | "월")
                && (short(*number) || is_year(*number))
                && (short(next) || is_year(next))
                && (numbers.get(at + 2).is_some() || is_year(next));
        }
        let year = numbers.iter().any(|number| is_year(*number));
        clues.date |= year && numbers.len() > 2;
        // A month or a weekday makes a date of numbers that may be one.
        if !clues.date && (year || numbers.iter().any(|number| short(*number))) {
            phrases().date_words(text, |_| {
                clues.date = true;
                true
            });
        }
        let after = || opening.is_some_and(|end| date_at_start(&text[end..]));
        clues.starts_with_date = (clues.date || clues.time) && (date_at_start(text) || after());
        if let [year, month, day, ..] = numbers[..] {
            let from = text.len() - without_marks(text).len();
            clues.starts_with_iso = year.start == from
                && is_year(year)
                && month.digits <= 2
                && day.digits <= 2
                && (1..=12).contains(&month.value)
                && (1..=31).contains(&day.value);
        }
        pool::give(numbers);
        clues
    }
}
