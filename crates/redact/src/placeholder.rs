//! Placeholders: `[EMAIL_1]`, `[CUSTOMER_NAME_2]`; the same value has the same number within a thread.
//!
//! A text may already hold such a literal: a template, or mail that was redacted before. Those numbers are
//! never given out in that thread, so a literal and a placeholder cannot be confused and the words around
//! the spans stay as they were written.

use crate::kind::{Side, Type};
use rustc_hash::{FxHashMap, FxHashSet};

/// The word inside the brackets: a kind, and for names whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Series(u8);

const CUSTOMER: u8 = 15;
const AGENT: u8 = 16;
const SERIES: usize = 17;

impl Series {
    pub(crate) fn of(kind: Type) -> Series {
        Series(kind as u8)
    }
    pub(crate) fn name(side: Option<Side>) -> Series {
        match side {
            Some(Side::Customer) => Series(CUSTOMER),
            Some(Side::Agent) => Series(AGENT),
            None => Series(Type::Name as u8),
        }
    }
    fn label(self) -> &'static str {
        match self.0 {
            CUSTOMER => "CUSTOMER_NAME",
            AGENT => "AGENT_NAME",
            n if n == Type::Name as u8 => "PERSON_NAME",
            n => Type::ALL.get(n as usize).map_or("", |t| t.label()),
        }
    }
    fn all() -> impl Iterator<Item = Series> {
        (0..SERIES as u8).map(Series)
    }
}

/// Reads `[LABEL_n]`.
pub(crate) fn parse(literal: &str) -> Option<(Series, u32)> {
    let inner = literal.strip_prefix('[')?.strip_suffix(']')?;
    let (label, number) = inner.rsplit_once('_')?;
    if number.is_empty() || number.len() > 7 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let series = Series::all().find(|s| s.label() == label)?;
    Some((series, number.parse().ok()?))
}

/// The numbers given out in one thread.
#[derive(Default)]
pub(crate) struct Numbers {
    given: [FxHashMap<String, u32>; SERIES],
    last: [u32; SERIES],
    /// Numbers that stand as literals in the thread's texts.
    reserved: FxHashSet<(Series, u32)>,
}

impl Numbers {
    /// Keeps the literals of a text from being given out.
    pub(crate) fn reserve(&mut self, text: &str) {
        let bytes = text.as_bytes();
        for at in memchr::memchr_iter(b'[', bytes) {
            if !bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase) {
                continue;
            }
            let Some(len) = crate::token::placeholder_len(&bytes[at..]) else { continue };
            let Some(literal) = parse(&text[at..at + len]) else { continue };
            if self.reserved.len() < 4096 {
                self.reserved.insert(literal);
            }
        }
    }

    /// True where a text of the thread has literals that look like placeholders.
    pub(crate) fn literals(&self) -> bool {
        !self.reserved.is_empty()
    }

    /// The placeholder of a value, given by its normalised key.
    pub(crate) fn placeholder(&mut self, series: Series, key: &str) -> String {
        let number = match self.given[series.0 as usize].get(key) {
            Some(number) => *number,
            None => {
                let last = &mut self.last[series.0 as usize];
                loop {
                    *last += 1;
                    if !self.reserved.contains(&(series, *last)) {
                        break;
                    }
                }
                self.given[series.0 as usize].insert(key.to_owned(), *last);
                *last
            }
        };
        let mut out = String::with_capacity(24);
        out.push('[');
        out.push_str(series.label());
        out.push('_');
        if let Some(digit) = char::from_digit(number, 10) {
            out.push(digit);
        } else {
            out.push_str(&number.to_string());
        }
        out.push(']');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_never_given_out() {
        let mut numbers = Numbers::default();
        numbers.reserve("as in [EMAIL_1], not [EMAIL_x]");
        assert_eq!(numbers.placeholder(Series::of(Type::Email), "a@example.com"), "[EMAIL_2]");
        assert_eq!(numbers.placeholder(Series::of(Type::Email), "b@example.com"), "[EMAIL_3]");
        assert_eq!(numbers.placeholder(Series::of(Type::Email), "a@example.com"), "[EMAIL_2]");
    }
}
