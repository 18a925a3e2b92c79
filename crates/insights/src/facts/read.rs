//! The reading itself, most telling kinds first.

use std::ops::Range;

use super::lists::LISTS;
use super::tokens::{Shape, Token, tokens};
use super::{Fact, FactKind};

mod when;

/// Longer answers are read so far.
const MAX_BYTES: usize = 20_000;

pub(super) fn read(text: &str) -> Vec<Fact> {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    let mut reader = Reader { tokens: tokens(text), found: Vec::new() };
    reader.links(text);
    reader.phones(text);
    reader.prices();
    reader.percentages();
    reader.hours();
    reader.durations();
    reader.addresses();
    reader.weekdays();
    reader.yes_no();
    reader.found.sort_by_key(|f| (f.span.start, f.kind));
    reader.found
}

struct Reader {
    tokens: Vec<Token>,
    found: Vec<Fact>,
}

impl Reader {
    fn get(&self, i: usize) -> Option<&Token> {
        self.tokens.get(i).filter(|t| !t.taken)
    }

    fn is(&self, i: usize, text: &str) -> bool {
        self.get(i).is_some_and(|t| t.text == text)
    }

    fn has(&self, i: usize, list: &rustc_hash::FxHashMap<&'static str, ()>) -> bool {
        self.get(i).is_some_and(|t| list.contains_key(t.text.as_str()))
    }

    fn take(&mut self, range: Range<usize>, kind: FactKind, value: String) {
        let span = self.tokens[range.start].span.start..self.tokens[range.end - 1].span.end;
        self.tokens[range].iter_mut().for_each(|t| t.taken = true);
        self.found.push(Fact { kind, value, span });
    }

    /// Web and e-mail addresses: stretches without spaces.
    fn links(&mut self, text: &str) {
        let mut i = 0;
        while i < self.tokens.len() {
            let start = i;
            i += 1;
            while i < self.tokens.len() && !self.tokens[i].spaced && self.tokens[i].text != "\n" {
                i += 1;
            }
            let mut end = i;
            // Brackets and full stops around it are the sentence's.
            let mut begin = start;
            while begin < end && matches!(self.tokens[begin].text.as_str(), "<" | "(" | "\"" | "[") {
                begin += 1;
            }
            while end > begin
                && (self.tokens[end - 1].shape == Shape::End
                    || matches!(
                        self.tokens[end - 1].text.as_str(),
                        ">" | ")" | "\"" | "]" | "," | ":" | "/" | "."
                    ))
            {
                end -= 1;
            }
            if begin == end {
                continue;
            }
            let raw = &text[self.tokens[begin].span.start..self.tokens[end - 1].span.end];
            // Whatever is an address has one of these; no other letter becomes one when it is made small.
            if !raw.contains(['@', '.', '/']) {
                continue;
            }
            let raw = raw.to_lowercase();
            if let Some((name, host)) = raw.split_once('@') {
                let name = name.strip_prefix("mailto:").unwrap_or(name);
                if !name.is_empty() && host.contains('.') {
                    self.take(begin..end, FactKind::Email, format!("{name}@{host}"));
                }
                continue;
            }
            let bare = raw.strip_prefix("https://").or_else(|| raw.strip_prefix("http://"));
            let is_link = bare.is_some()
                || raw.starts_with("www.")
                || raw.split_once('/').is_some_and(|(host, _)| looks_like_host(host))
                || looks_like_host(&raw);
            if is_link {
                let bare = bare.unwrap_or(&raw);
                let bare = bare.strip_prefix("www.").unwrap_or(bare);
                let value = bare.split(['?', '#']).next().unwrap_or(bare).trim_end_matches('/').to_owned();
                if !value.is_empty() {
                    self.take(begin..end, FactKind::Url, value);
                }
            }
        }
    }

    /// Groups of digits that are a number to call: seven digits or more in at least two groups, or after `+`.
    fn phones(&mut self, text: &str) {
        let mut i = 0;
        while i < self.tokens.len() {
            let start = i;
            i += 1;
            let opens = |t: &Token| matches!(t.text.as_str(), "+" | "(");
            let Some(first) = self.get(start) else { continue };
            if !(first.shape == Shape::Number || opens(first))
                || (start > 0 && !first.spaced && self.tokens[start - 1].shape != Shape::Sign)
            {
                continue;
            }
            let plus = first.text == "+";
            let (mut digits, mut groups, mut end, mut k) = (String::new(), 0, start, start);
            while let Some(t) = self.get(k) {
                match t.shape {
                    Shape::Number if !t.text.contains([':', ',']) => {
                        groups += t.text.split('.').count();
                        digits.extend(t.text.chars().filter(char::is_ascii_digit));
                        end = k + 1;
                    }
                    Shape::Sign if matches!(t.text.as_str(), "+" | "(" | ")" | "-" | "/" | "‑" | "–") => {
                    }
                    _ => break,
                }
                // A gap of a space is fine, a dash with spaces around it is a range.
                if t.text == "–" && t.spaced {
                    break;
                }
                k += 1;
            }
            let enough = (7..=15).contains(&digits.len()) && (groups >= 2 || (plus && groups == 1));
            let parts_ok = plus || digits.len() >= 9 || (groups == 2 && digits.len() == 7);
            // Dates and ranges of years are written with the same signs.
            let date = groups == 3
                && digits.len() == 8
                && !plus
                && text[self.tokens[start].span.start..].starts_with(['1', '2']);
            if enough && parts_ok && !date {
                let tail = digits.len().saturating_sub(10);
                self.take(start..end, FactKind::Phone, digits[tail..].to_owned());
                i = end;
            }
        }
    }

    fn currency(&self, i: usize) -> Option<&'static str> {
        let t = self.get(i)?;
        LISTS.currency.get(t.text.as_str()).copied()
    }

    fn prices(&mut self) {
        for i in 0..self.tokens.len() {
            if self.tokens[i].shape != Shape::Number {
                continue;
            }
            let Some(amount) = self.number(i) else { continue };
            let before = i.checked_sub(1).and_then(|b| self.currency(b).map(|c| (c, b..i + 1)));
            let after = self.currency(i + 1).map(|c| (c, i..i + 2));
            // "12,- €"
            let dashed = (self.is(i + 1, ",") || self.is(i + 1, ".")) && self.is(i + 2, "-");
            let after =
                after.or_else(|| dashed.then(|| self.currency(i + 3).map(|c| (c, i..i + 4))).flatten());
            if let Some((currency, range)) = before.or(after) {
                self.take(range, FactKind::Price, format!("{currency} {amount:.2}"));
            }
        }
    }

    fn percentages(&mut self) {
        for i in 0..self.tokens.len() {
            let Some(amount) = self.number(i) else { continue };
            let two = || {
                self.get(i + 1).zip(self.get(i + 2)).is_some_and(|(a, b)| {
                    LISTS.percent_two.contains_key(format!("{} {}", a.text, b.text).as_str())
                })
            };
            if self.has(i + 1, &LISTS.percent) {
                self.take(i..i + 2, FactKind::Percentage, format!("{amount} %"));
            } else if two() {
                self.take(i..i + 3, FactKind::Percentage, format!("{amount} %"));
            }
        }
    }

    /// A number as digits or as a word.
    fn number(&self, i: usize) -> Option<f64> {
        let t = self.get(i)?;
        match t.shape {
            Shape::Number => parse_amount(&t.text),
            Shape::Word => LISTS.number.get(t.text.as_str()).map(|&n| f64::from(n)),
            _ => None,
        }
    }

    fn addresses(&mut self) {
        let mut i = 0;
        while i < self.tokens.len() {
            let start = i;
            i += 1;
            let Some(t) = self.get(start) else { continue };
            let house = |t: &Token| {
                t.shape == Shape::Number && t.text.len() <= 5 && !t.text.contains(['.', ',', ':'])
            };
            if house(t) {
                // "12 Harbour Street", "12 rue Haute"
                let number = t.text.clone();
                let mut k = start + 1;
                if self.is(k, ",") {
                    k += 1;
                }
                if let Some(&first) = self.get(k).and_then(|t| LISTS.street_first.get(t.text.as_str()))
                    && self.get(k + 1).is_some_and(|t| t.shape == Shape::Word)
                {
                    let mut end = k + 1;
                    let mut name = Vec::new();
                    while end < k + 6
                        && let Some(t) = self
                            .get(end)
                            .filter(|t| t.shape == Shape::Word && (t.capital || t.text.len() <= 3))
                    {
                        name.push(t.text.clone());
                        end += 1;
                    }
                    if !name.is_empty() {
                        self.take(
                            start..end,
                            FactKind::Address,
                            format!("{number} {first} {}", name.join(" ")),
                        );
                        i = end;
                        continue;
                    }
                }
                let mut name = Vec::new();
                while k < start + 7
                    && let Some(t) = self.get(k).filter(|t| t.shape == Shape::Word && t.capital)
                {
                    if let Some(&kind) = LISTS.street.get(t.text.as_str())
                        && !name.is_empty()
                    {
                        let value = format!("{number} {} {kind}", name.join(" "));
                        self.take(start..k + 1, FactKind::Address, value);
                        i = k + 1;
                        break;
                    }
                    name.push(t.text.clone());
                    k += 1;
                }
            } else if t.shape == Shape::Word && t.capital {
                // "Hafenstraße 12", "Am Markt 3" is left alone, "Calle Mayor 5"
                let ends = LISTS.street_end.iter().any(|e| t.text.len() > e.len() && t.text.ends_with(e));
                let strs = t.text.ends_with("str") && self.is(start + 1, ".");
                if ends || strs {
                    let at = start + 1 + usize::from(strs);
                    if self.get(at).is_some_and(house) {
                        let name = if strs { format!("{}aße", t.text) } else { t.text.clone() };
                        let name = name.replace("strasse", "straße");
                        let value = format!("{} {name}", self.tokens[at].text);
                        self.take(start..at + 1, FactKind::Address, value);
                        i = at + 1;
                    }
                } else if let Some(&first) = LISTS.street_first.get(t.text.as_str()) {
                    let mut k = start + 1;
                    let mut name = Vec::new();
                    while k < start + 6
                        && let Some(t) = self.get(k).filter(|t| t.shape == Shape::Word)
                    {
                        name.push(t.text.clone());
                        k += 1;
                    }
                    if self.is(k, ",") {
                        k += 1;
                    }
                    if !name.is_empty() && self.get(k).is_some_and(house) {
                        let value = format!("{} {first} {}", self.tokens[k].text, name.join(" "));
                        self.take(start..k + 1, FactKind::Address, value);
                        i = k + 1;
                    }
                }
            }
        }
    }

    /// From the first sentence that says yes or no, without a condition; a no outweighs a yes in the same sentence.
    fn yes_no(&mut self) {
        let mut start = 0;
        while start < self.tokens.len() {
            let end = (start..self.tokens.len())
                .find(|&i| self.tokens[i].shape == Shape::End)
                .unwrap_or(self.tokens.len());
            let sentence = &self.tokens[start..end];
            // "If anything is not clear, …" denies nothing.
            if sentence.first().is_some_and(|t| LISTS.condition.contains_key(t.text.as_str())) {
                start = end + 1;
                continue;
            }
            let no = sentence
                .iter()
                .position(|t| t.shape == Shape::Word && LISTS.no.contains_key(t.text.as_str()));
            let yes = sentence.iter().enumerate().position(|(i, t)| {
                let several = |words: usize| {
                    let phrase = sentence.get(i..i + words).map(|all| all.iter().map(|t| t.text.as_str()));
                    let phrase = phrase.map(|all| all.collect::<Vec<_>>().join(" "));
                    phrase.is_some_and(|phrase| LISTS.yes.contains_key(phrase.as_str()))
                };
                let word = t.text.as_str();
                t.shape == Shape::Word
                    && (LISTS.yes.contains_key(word)
                        || LISTS.yes_first.contains_key(word) && (several(2) || several(3)))
            });
            // "no problem" agrees.
            let problem = no.is_some_and(|i| {
                sentence.get(i + 1).is_some_and(|t| t.text == "problem" || t.text == "trouble")
            });
            let at = match (no, yes) {
                (Some(i), _) if !problem => Some((i, "no")),
                (_, Some(i)) => Some((i, "yes")),
                (Some(i), None) if problem => Some((i, "yes")),
                _ => None,
            };
            if let Some((at, value)) = at {
                let span = sentence[at].span.clone();
                self.found.push(Fact { kind: FactKind::YesNo, value: value.to_owned(), span });
                return;
            }
            start = end + 1;
        }
    }
}

/// `docs.example.com` is a place on the web, `e.g.` and `3.5` are not.
fn looks_like_host(text: &str) -> bool {
    if !text.contains('.') {
        return false;
    }
    let labels: Vec<&str> = text.split('.').collect();
    let end = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && matches!(
            end,
            "com"
                | "org"
                | "net"
                | "de"
                | "fr"
                | "es"
                | "it"
                | "nl"
                | "eu"
                | "io"
                | "uk"
                | "pl"
                | "pt"
                | "ch"
                | "at"
                | "us"
                | "ca"
                | "info"
                | "shop"
                | "store"
                | "app"
        )
        && labels.iter().all(|l| !l.is_empty() && l.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

/// `1,299.00`, `1.299,00`, `4,90`, `4.9`, `14`.
fn parse_amount(text: &str) -> Option<f64> {
    if text.contains(':') {
        return None;
    }
    let decimal = text.rfind(['.', ',']).filter(|&at| {
        let after = text.len() - at - 1;
        let both = text.contains('.') && text.contains(',');
        after != 3 || both
    });
    let whole: String = text[..decimal.unwrap_or(text.len())].chars().filter(char::is_ascii_digit).collect();
    let part = decimal.map_or("0", |at| &text[at + 1..]);
    if whole.len() > 12 || part.len() > 6 {
        return None;
    }
    format!("{whole}.{part}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str, kind: FactKind) -> Vec<String> {
        read(text).into_iter().filter(|f| f.kind == kind).map(|f| f.value).collect()
    }

    #[test]
    fn one_value_in_many_forms() {
        let cases: &[(FactKind, &str, &[&str])] = &[
            (
                FactKind::Hours,
                "09:00-17:00",
                &[
                    "9am to 5pm",
                    "09:00 - 17:00",
                    "9 to 5",
                    "from 9 a.m. until 5 p.m.",
                    "9–17 Uhr",
                    "de 9h à 17h",
                    "9:00 AM – 5:00 PM",
                    "between 9am and 5pm",
                    "9 to 17 on weekdays",
                ],
            ),
            (FactKind::Price, "USD 4.90", &["$4.90", "4.90 USD", "USD 4.90", "4.9 dollars"]),
            (FactKind::Price, "EUR 1299.00", &["1.299,00 €", "€1,299.00", "1299 EUR"]),
            (
                FactKind::Duration,
                "336 h",
                &["14 days", "fourteen days", "2 weeks", "14 working days", "14-day", "zwei Wochen"],
            ),
            (
                FactKind::Duration,
                "72-120 h",
                &["3-5 days", "3 to 5 business days", "three to five days", "3–5 Werktage"],
            ),
            (
                FactKind::Percentage,
                "10 %",
                &["10%", "10 percent", "10 per cent", "ten percent", "10 Prozent"],
            ),
            (
                FactKind::Phone,
                "2125550143",
                &["(212) 555-0143", "212-555-0143", "+1 212 555 0143", "212.555.0143", "+1-212-555-0143"],
            ),
            (
                FactKind::Url,
                "example.com/manuals",
                &[
                    "https://www.example.com/manuals",
                    "www.example.com/manuals/",
                    "http://example.com/manuals.",
                    "(example.com/manuals)",
                ],
            ),
            (FactKind::Email, "billing@example.com", &["billing@example.com.", "<Billing@Example.com>"]),
            (
                FactKind::Weekdays,
                "Mon Tue Wed Thu Fri",
                &[
                    "Mon-Fri",
                    "Monday to Friday",
                    "Montag bis Freitag",
                    "Monday, Tuesday, Wednesday, Thursday and Friday",
                ],
            ),
            (FactKind::Address, "12 harbour street", &["12 Harbour Street", "12 Harbour St, Millbrook"]),
            (FactKind::Address, "12 hafenstraße", &["Hafenstraße 12", "Hafenstr. 12", "Hafenstrasse 12"]),
            (
                FactKind::YesNo,
                "no",
                &["Sorry, we don't.", "Hello! Unfortunately not.", "Leider nein", "We no longer do that."],
            ),
            (
                FactKind::YesNo,
                "yes",
                &["Yes, we do.", "Of course!", "No problem at all.", "You can do that, yes."],
            ),
        ];
        for (kind, value, forms) in cases {
            for form in *forms {
                assert_eq!(of(form, *kind), [*value], "{form}");
            }
        }
    }

    #[test]
    fn what_is_no_such_fact() {
        assert!(of("for 10 to 20 chairs", FactKind::Hours).is_empty());
        assert!(of("order 1234567, reference 7151234", FactKind::Phone).is_empty());
        assert!(of("on 2024-03-01", FactKind::Phone).is_empty());
        assert!(of("on Tuesday, 5 March", FactKind::Weekdays).is_empty());
        assert!(of("the sun shines, e.g. today", FactKind::Weekdays).is_empty());
        assert!(of("e.g. this", FactKind::Url).is_empty());
        assert!(of("If anything is not clear, write to us. Se non è chiaro", FactKind::YesNo).is_empty());
    }

    proptest! {
        #[test]
        fn spans_are_in_the_text_and_nothing_panics(text in "\\PC{0,120}|[0-9 :.,$€%amp+()a-d/@-]{0,80}") {
            for f in read(&text) {
                prop_assert!(text.get(f.span.clone()).is_some());
            }
        }
    }
}
