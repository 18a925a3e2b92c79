//! Planted personal data: values that nobody has, in sentences as customers write them, each noted in the
//! truth so that a leak can be found by looking for it.

use serde::Serialize;

use crate::language::{Civil, Language, Phrase};
use crate::random::Random;

/// One planted value.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Planted {
    pub(crate) r#type: &'static str,
    pub(crate) value: String,
}

/// The sentences of each language, in the order of the file.
pub(crate) struct Sentences(Vec<(&'static str, Vec<Phrase>)>);

impl Sentences {
    pub(crate) fn load() -> Sentences {
        let mut all: Vec<(&'static str, Vec<Phrase>)> = Vec::new();
        for line in include_str!("../phrases/personal.txt").lines().filter(|l| !l.starts_with('#')) {
            if let Some(code) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                all.push((code, Vec::new()));
            } else if let Some((_, list)) = all.last_mut().filter(|_| !line.is_empty()) {
                list.push(Phrase::compile(line));
            }
        }
        Sentences(all)
    }

    /// Appends one to three sentences in the language, if there are any in it, as a paragraph of their own.
    pub(crate) fn write(
        &self,
        language: &Language,
        now: i64,
        r: &mut Random,
        text: &mut String,
    ) -> Vec<Planted> {
        let mut planted = Vec::new();
        let Some((_, list)) = self.0.iter().find(|(code, _)| *code == language.code) else { return planted };
        text.push_str("\n\n");
        for n in 0..r.between(1, 4) {
            if n > 0 {
                text.push(' ');
            }
            r.one_of(list).write(r, text, &mut |slot, r, out| {
                let (kind, value) = value(slot, language, now, r);
                out.push_str(&value);
                planted.push(Planted { r#type: kind, value });
            });
        }
        planted
    }
}

fn digits(n: usize, r: &mut Random) -> String {
    (0..n).map(|_| char::from(b'0' + r.below(10) as u8)).collect()
}

fn letters(n: usize, r: &mut Random) -> String {
    (0..n).map(|_| char::from(b'A' + r.below(26) as u8)).collect()
}

fn value(slot: &str, language: &Language, now: i64, r: &mut Random) -> (&'static str, String) {
    let first = |r: &mut Random| r.pick(&language.given).split('=').next().unwrap_or("");
    let last = |r: &mut Random| r.pick(&language.family).split('=').next().unwrap_or("");
    match slot {
        "iban" => ("IBAN", iban(r)),
        "card" => ("CARD", card(r)),
        "street" => ("ADDRESS", street(language, r)),
        "email" => {
            let value =
                format!("{}{}@post.example.net", crate::people::fold(first(r)), r.between(1_000, 99_999));
            ("EMAIL", value)
        }
        "dob" => {
            let born = Civil::at(now - 86_400 * r.between(7_000, 25_000) as i64, 0);
            let mut value = String::new();
            for (n, part) in ["dd", "mo2", "yyyy"].into_iter().enumerate() {
                if n > 0 {
                    value.push(if language.code == "de" { '.' } else { '/' });
                }
                born.slot(part, language, 0, &mut value);
            }
            ("DOB", value)
        }
        "passport" => ("NATIONAL_ID", format!("{}{}", letters(1, r), digits(8, r))),
        "tracking" => ("TRACKING", format!("JD01{}", digits(14, r))),
        // A range kept for documentation (RFC 5737).
        "ip" => ("IP", format!("203.0.113.{}", r.between(1, 255))),
        "password" => ("PASSWORD", format!("{}{}!{}", letters(1, r), first(r).len(), digits(6, r))),
        "secret" => ("SECRET", format!("sk_live_{}{}{}", letters(4, r), digits(8, r), letters(6, r))),
        "plate" => ("PLATE", format!("{}{} {}", letters(2, r), digits(2, r), letters(3, r))),
        "account" => ("ACCOUNT_ID", format!("K-{}", digits(7, r))),
        "person" => ("NAME", format!("{} {}", first(r), last(r))),
        // Numbers kept for fiction.
        "mobile" => ("PHONE", format!("+44 7700 900{}", digits(3, r))),
        "handle" => ("ACCOUNT_ID", format!("{}_{}", crate::people::fold(last(r)), digits(4, r))),
        "gps" => (
            "ADDRESS",
            format!("{}.{}, {}.{}", r.between(36, 60), digits(6, r), r.between(10, 30), digits(6, r)),
        ),
        _ => ("", String::new()),
    }
}

/// An account of a bank that does not exist, with a right check.
fn iban(r: &mut Random) -> String {
    let account = format!("999{}", digits(15, r));
    // "DE00" behind it, letters as numbers: 13, 14.
    let rest = account.bytes().chain(*b"131400").fold(0u32, |n, b| (n * 10 + u32::from(b - b'0')) % 97);
    let whole = format!("DE{:02}{account}", 98 - rest);
    let mut value = String::new();
    for (n, c) in whole.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            value.push(' ');
        }
        value.push(c);
    }
    value
}

/// A card number of a range that tests use, with a right check.
fn card(r: &mut Random) -> String {
    let body = format!("400000{}", digits(9, r));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, b)| {
            let d = u32::from(b - b'0') * if n % 2 == 0 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    let whole = format!("{body}{}", (10 - sum % 10) % 10);
    [&whole[..4], &whole[4..8], &whole[8..12], &whole[12..]].join(" ")
}

fn street(language: &Language, r: &mut Random) -> String {
    let number = r.between(1, 120);
    let name = r.pick(&language.streets);
    let city = r.pick(&language.cities);
    match language.code {
        "en" => format!("{number} {name}, {city}"),
        "fr" => format!("{number} {name}, {} {city}", 10_000 + r.below(89_999)),
        "es" => format!("{name} {number}, {} {city}", 10_000 + r.below(39_999)),
        "nl" => format!("{name} {number}, {} {} {city}", 1_000 + r.below(8_999), letters(2, r)),
        _ => format!("{name} {number}, {} {city}", 10_000 + r.below(89_999)),
    }
}
