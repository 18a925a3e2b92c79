//! The phrases of one language: sentences with slots, and what its mail programs print.
//!
//! A phrase file has sections (`[name]`) of alternatives, one a line. `{slot}` is filled in by the
//! writer, `[a|b]` picks one of the two, `\n` breaks the line. What a language lacks, English lends.

use std::collections::BTreeMap;

use crate::random::Random;

/// A piece of a phrase.
#[derive(Debug)]
enum Piece {
    Words(&'static str),
    Break,
    Slot(&'static str),
    OneOf(Vec<Vec<Piece>>),
}

/// A compiled phrase.
#[derive(Debug, Default)]
pub(crate) struct Phrase(Vec<Piece>);

impl Phrase {
    pub(crate) fn compile(line: &'static str) -> Phrase {
        Phrase(pieces(line))
    }

    /// Appends the phrase; `slot` appends what a slot's name stands for.
    pub(crate) fn write(
        &self,
        random: &mut Random,
        out: &mut String,
        slot: &mut dyn FnMut(&str, &mut Random, &mut String),
    ) {
        write_pieces(&self.0, random, out, slot);
    }
}

fn write_pieces(
    list: &[Piece],
    random: &mut Random,
    out: &mut String,
    slot: &mut dyn FnMut(&str, &mut Random, &mut String),
) {
    for piece in list {
        match piece {
            Piece::Words(w) => out.push_str(w),
            Piece::Break => out.push('\n'),
            Piece::Slot(name) => slot(name, random, out),
            Piece::OneOf(options) => {
                let chosen = random.one_of(options);
                write_pieces(chosen, random, out, slot);
            }
        }
    }
}

fn pieces(mut rest: &'static str) -> Vec<Piece> {
    let mut list = Vec::new();
    while let Some(at) = rest.find(['{', '[', '\\']) {
        let (words, tail) = rest.split_at(at);
        if !words.is_empty() {
            list.push(Piece::Words(words));
        }
        let close = match tail.as_bytes()[0] {
            b'{' => tail.find('}'),
            b'[' => tail.find(']').filter(|&end| tail[..end].contains('|')),
            _ => tail.starts_with("\\n").then_some(1),
        };
        let Some(end) = close else {
            // A lone bracket is an ordinary character.
            list.push(Piece::Words(&tail[..1]));
            rest = &tail[1..];
            continue;
        };
        list.push(match tail.as_bytes()[0] {
            b'{' => Piece::Slot(&tail[1..end]),
            b'[' => Piece::OneOf(tail[1..end].split('|').map(pieces).collect()),
            _ => Piece::Break,
        });
        rest = &tail[end + 1..];
    }
    if !rest.is_empty() {
        list.push(Piece::Words(rest));
    }
    list
}

/// One language's phrases.
#[derive(Debug)]
pub(crate) struct Language {
    /// ISO 639-1 code.
    pub(crate) code: &'static str,
    /// Names of persons and places.
    pub(crate) given: Vec<&'static str>,
    pub(crate) family: Vec<&'static str>,
    pub(crate) cities: Vec<&'static str>,
    pub(crate) streets: Vec<&'static str>,
    pub(crate) colours: Vec<&'static str>,
    /// Hours east of Greenwich, as its writers' clocks show.
    pub(crate) zone: i64,
    /// The eight-bit charset that its older mail programs send.
    pub(crate) charset: &'static str,
    /// How many in a hundred customers write it.
    pub(crate) weight: f64,
    sections: BTreeMap<&'static str, Vec<Phrase>>,
    lists: BTreeMap<&'static str, Vec<&'static str>>,
    /// Topics with a subject, questions and answers of their own.
    pub(crate) topics: Vec<&'static str>,
}

const FILES: &[(&str, &str, i64, &str, f64)] = &[
    ("en", include_str!("../phrases/en.txt"), 0, "windows-1252", 30.0),
    ("de", include_str!("../phrases/de.txt"), 1, "iso-8859-1", 24.0),
    ("fr", include_str!("../phrases/fr.txt"), 1, "iso-8859-1", 11.0),
    ("es", include_str!("../phrases/es.txt"), 1, "iso-8859-1", 10.0),
    ("it", include_str!("../phrases/it.txt"), 1, "windows-1252", 8.0),
    ("nl", include_str!("../phrases/nl.txt"), 1, "windows-1252", 7.0),
    ("pl", include_str!("../phrases/pl.txt"), 1, "iso-8859-2", 5.0),
    ("pt", include_str!("../phrases/pt.txt"), 0, "iso-8859-1", 4.0),
    ("ja", include_str!("../phrases/ja.txt"), 9, "iso-2022-jp", 1.0),
];
const NAMES: &str = include_str!("../phrases/names.txt");
/// Sections whose one line is a list, not a phrase.
const LISTS: &[&str] = &["days", "days3", "months", "months3", "labels"];

impl Language {
    /// All languages; English stands first.
    pub(crate) fn all() -> Vec<Language> {
        let names = sections(NAMES);
        FILES
            .iter()
            .map(|&(code, text, zone, charset, weight)| {
                let mut language = Language {
                    code,
                    given: list(&names, code, "given"),
                    family: list(&names, code, "family"),
                    cities: list(&names, code, "cities"),
                    streets: list(&names, code, "streets"),
                    colours: list(&names, code, "colours"),
                    zone,
                    charset,
                    weight,
                    sections: BTreeMap::new(),
                    lists: BTreeMap::new(),
                    topics: Vec::new(),
                };
                for (name, lines) in sections(text) {
                    if LISTS.contains(&name) {
                        let line = lines.first().copied().unwrap_or("");
                        let cut = if name == "labels" { '|' } else { ',' };
                        language.lists.insert(name, line.split(cut).collect());
                    } else {
                        if let Some(topic) = name.strip_suffix(".q") {
                            language.topics.push(topic);
                        }
                        language.sections.insert(name, lines.into_iter().map(Phrase::compile).collect());
                    }
                }
                language
            })
            .collect()
    }

    /// The alternatives of a section; none if the language has no such section.
    pub(crate) fn section(&self, name: &str) -> &[Phrase] {
        self.sections.get(name).map_or(&[], Vec::as_slice)
    }

    /// The n-th entry of a list (a month's name, a header's label).
    pub(crate) fn entry(&self, list: &str, n: usize) -> &'static str {
        self.lists.get(list).and_then(|l| l.get(n)).copied().unwrap_or("")
    }
}

fn list(names: &BTreeMap<&'static str, Vec<&'static str>>, code: &str, what: &str) -> Vec<&'static str> {
    let key = format!("{code}.{what}");
    names.get(key.as_str()).into_iter().flatten().flat_map(|l| l.split(',')).collect()
}

fn sections(text: &'static str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut all: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    let mut current = "";
    for line in text.lines() {
        let name = line.strip_prefix('[').and_then(|l| l.strip_suffix(']'));
        if let Some(name) = name.filter(|n| !n.contains(['|', '[', ' '])) {
            current = name;
            all.entry(current).or_default();
        } else if !line.is_empty() && !line.starts_with("# ") {
            all.entry(current).or_default().push(line);
        }
    }
    all
}

/// A date as people's clocks show it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// 0 is Monday.
    pub(crate) weekday: usize,
}

impl Civil {
    /// The civil time of seconds since 1970 at that many hours east of Greenwich.
    pub(crate) fn at(seconds: i64, zone: i64) -> Civil {
        let local = seconds + zone * 3_600;
        let days = local.div_euclid(86_400);
        let rest = local.rem_euclid(86_400) as u32;
        // Civil from days, as in H. Hinnant's "chrono-compatible low-level date algorithms".
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z - era * 146_097;
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        Civil {
            year: yoe + era * 400 + i64::from(month <= 2),
            month: month as u32,
            day: (doy - (153 * mp + 2) / 5 + 1) as u32,
            hour: rest / 3_600,
            minute: rest / 60 % 60,
            second: rest % 60,
            weekday: (days + 3).rem_euclid(7) as usize,
        }
    }

    /// Appends what a date slot stands for; false if the name is no date slot.
    pub(crate) fn slot(&self, name: &str, language: &Language, zone: i64, out: &mut String) -> bool {
        use std::fmt::Write;
        let month = self.month as usize - 1;
        let h12 = (self.hour + 11) % 12 + 1;
        // Writing to a String cannot fail.
        let _ = match name {
            "dow" => write!(out, "{}", language.entry("days", self.weekday)),
            "dow3" => write!(out, "{}", language.entry("days3", self.weekday)),
            "mon" => write!(out, "{}", language.entry("months", month)),
            "mon3" => write!(out, "{}", language.entry("months3", month)),
            "d" => write!(out, "{}", self.day),
            "dd" => write!(out, "{:02}", self.day),
            "mo" => write!(out, "{}", self.month),
            "mo2" => write!(out, "{:02}", self.month),
            "yyyy" => write!(out, "{}", self.year),
            "h12" => write!(out, "{h12}"),
            "h" => write!(out, "{}", self.hour),
            "hh" => write!(out, "{:02}", self.hour),
            "mi" => write!(out, "{:02}", self.minute),
            "ss" => write!(out, "{:02}", self.second),
            "ampm" => write!(out, "{}", if self.hour < 12 { "AM" } else { "PM" }),
            "tz" => write!(out, "{zone:+03}00"),
            "gmt" => write!(out, "GMT{}", if zone == 0 { String::new() } else { format!("{zone:+}") }),
            _ => return false,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_fill_slots_and_pick() {
        let p = Phrase::compile("On {day} [a|b]\\n[x] <{addr}>");
        let mut out = String::new();
        p.write(&mut Random::fork(1, 1), &mut out, &mut |name, _, out| out.push_str(name));
        assert!(out == "On day a\n[x] <addr>" || out == "On day b\n[x] <addr>", "{out}");
    }

    #[test]
    fn civil_time() {
        let c = Civil::at(1_709_284_320, 1);
        assert_eq!((c.year, c.month, c.day, c.hour, c.minute, c.weekday), (2024, 3, 1, 10, 12, 4));
    }

    #[test]
    fn every_language_is_complete_enough() {
        for l in Language::all() {
            for (list, n) in [("days", 7), ("days3", 7), ("months", 12), ("months3", 12), ("labels", 6)] {
                assert!((0..n).all(|i| !l.entry(list, i).is_empty()), "{} {list}", l.code);
                assert!(l.entry(list, n).is_empty(), "{} {list} is too long", l.code);
            }
            assert!(l.topics.len() >= 4, "{} topics", l.code);
            for topic in &l.topics {
                for part in ["s", "q", "a", "f", "fa"] {
                    assert!(!l.section(&format!("{topic}.{part}")).is_empty(), "{} {topic}.{part}", l.code);
                }
            }
            for section in "gmail apple thunderbird yahoo mutt proton roundcube outlook_date gmx_date samsung_date \
                 original original_samsung iphone samsung outlook_mobile hello_customer hello_reply hello_agent \
                 bye_customer bye_agent intro story detail follow_intro thanks_first offer ack thanks \
                 ooo_subject ooo auto_subject auto open_subject open changed disclaimer title short_date \
                 reply_prefix reply_prefix_outlook helpdesk_line helpdesk_footer"
                .split_whitespace()
            {
                assert!(!l.section(section).is_empty(), "{} [{section}]", l.code);
            }
            assert!(l.given.len() > 9 && l.family.len() > 9 && l.cities.len() > 4, "{} names", l.code);
        }
    }
}
