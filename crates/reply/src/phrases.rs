//! The phrase lists, compiled once into one automaton.

use std::sync::OnceLock;

use aho_corasick::automaton::Automaton;
use aho_corasick::automaton::OverlappingState;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, Input, MatchKind};

/// What a phrase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// "wrote", right before the colon.
    WroteEnd,
    /// "wrote", with a name or date behind it.
    WroteMid,
    /// "said", which announces quotations and much else.
    WroteSoft,
    /// "On", before a date.
    Opening,
    /// The name of a month, 1 to 12.
    Month(u8),
    Weekday,
    /// The label of a header line.
    Label(Field),
    /// "Original message".
    Original,
    /// "Forwarded message".
    Forward,
    /// "Sent from my", before a device.
    SentFrom,
    /// A mail program's whole line.
    ClientLine,
    /// "Best regards".
    Firm,
    /// "Thanks".
    Courtesy,
    /// "Please reply above this line".
    Delimiter,
    Banner,
    /// What a legal paragraph begins with.
    LegalOpening,
    /// What a legal paragraph contains.
    LegalPart,
    ListFooter,
}

/// A header line's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    From = 1,
    Sent = 2,
    Date = 4,
    To = 8,
    Cc = 16,
    Bcc = 32,
    Subject = 64,
    ReplyTo = 128,
    Other = 256,
}

/// A phrase found: what it is and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) phrase: Phrase,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

pub(crate) struct Phrases {
    automaton: NFA,
    meaning: Vec<Phrase>,
    devices: Vec<String>,
}

/// The lists, compiled at the first use.
pub(crate) fn phrases() -> &'static Phrases {
    static PHRASES: OnceLock<Phrases> = OnceLock::new();
    PHRASES.get_or_init(Phrases::load)
}

fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn items(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(" | ").map(str::trim).filter(|item| !item.is_empty())
}

/// The spellings under which a phrase is looked for: the automaton ignores case for ASCII alone.
fn spellings(phrase: &str) -> Vec<String> {
    let mut all = vec![phrase.to_string()];
    if !phrase.is_ascii() {
        let lower = phrase.to_lowercase();
        let mut chars = lower.chars();
        let title = chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str());
        all.push(phrase.to_uppercase());
        all.extend(title);
        all.push(lower);
        all.sort();
        all.dedup();
    }
    all
}

impl Phrases {
    fn load() -> Self {
        let mut patterns: Vec<String> = Vec::new();
        let mut meaning = Vec::new();
        let mut add = |phrase: &'static str, what: Phrase| {
            for spelling in spellings(phrase) {
                patterns.push(spelling);
                meaning.push(what);
            }
        };
        for row in rows(include_str!("../phrases/wrote.txt")) {
            let mut columns = row.split('\t');
            let (Some(place), Some(_), Some(list)) = (columns.next(), columns.next(), columns.next()) else {
                continue;
            };
            let what = match place {
                "mid" => Phrase::WroteMid,
                "soft" => Phrase::WroteSoft,
                _ => Phrase::WroteEnd,
            };
            items(list).for_each(|item| add(item, what));
        }
        for row in rows(include_str!("../phrases/openings.txt")) {
            if let Some((_, list)) = row.split_once('\t') {
                items(list).for_each(|item| add(item, Phrase::Opening));
            }
        }
        for row in rows(include_str!("../phrases/dates.txt")) {
            if let Some((what, list)) = row.split_once('\t') {
                let what = what.parse().map_or(Phrase::Weekday, Phrase::Month);
                items(list).for_each(|item| add(item, what));
            }
        }
        for row in rows(include_str!("../phrases/headers.txt")) {
            let Some((field, list)) = row.split_once('\t') else { continue };
            let field = match field {
                "from" => Field::From,
                "sent" => Field::Sent,
                "date" => Field::Date,
                "to" => Field::To,
                "cc" => Field::Cc,
                "bcc" => Field::Bcc,
                "subject" => Field::Subject,
                "replyto" => Field::ReplyTo,
                _ => Field::Other,
            };
            items(list).for_each(|item| add(item, Phrase::Label(field)));
        }
        for (text, choose) in [
            (include_str!("../phrases/markers.txt"), ["original", "forward"]),
            (include_str!("../phrases/mobile.txt"), ["my", "whole"]),
            (include_str!("../phrases/closings.txt"), ["firm", "courtesy"]),
            (include_str!("../phrases/disclaimers.txt"), ["open", "part"]),
        ] {
            for row in rows(text) {
                let (Some(name), Some(list)) = (row.split('\t').next(), row.split('\t').next_back()) else {
                    continue;
                };
                let what = match (choose[0], name == choose[0]) {
                    ("original", true) => Phrase::Original,
                    ("original", false) => Phrase::Forward,
                    ("my", true) => Phrase::SentFrom,
                    ("my", false) => Phrase::ClientLine,
                    ("firm", true) => Phrase::Firm,
                    ("firm", false) => Phrase::Courtesy,
                    (_, true) => Phrase::LegalOpening,
                    (_, false) => Phrase::LegalPart,
                };
                items(list).for_each(|item| add(item, what));
            }
        }
        for (text, what) in [
            (include_str!("../phrases/delimiters.txt"), Phrase::Delimiter),
            (include_str!("../phrases/banners.txt"), Phrase::Banner),
            (include_str!("../phrases/listfooters.txt"), Phrase::ListFooter),
        ] {
            rows(text).flat_map(items).for_each(|item| add(item, what));
        }
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&patterns)
            .expect("the lists are part of the program and small");
        let devices =
            rows(include_str!("../phrases/devices.txt")).flat_map(items).map(str::to_lowercase).collect();
        Self { automaton, meaning, devices }
    }

    /// Calls `found` with every phrase at the start of `text`, shortest first.
    pub(crate) fn at_start(&self, text: &str, mut found: impl FnMut(Hit)) {
        // A match is reported together with the phrases that are its suffixes.
        self.search(Input::new(text).anchored(Anchored::Yes), |hit| {
            if hit.start == 0 {
                found(hit);
            }
        });
    }

    /// Calls `found` with every phrase anywhere in `text`, in the order of their ends.
    pub(crate) fn anywhere(&self, text: &str, found: impl FnMut(Hit)) {
        self.search(Input::new(text), found);
    }

    fn search(&self, input: Input<'_>, mut found: impl FnMut(Hit)) {
        let mut state = OverlappingState::start();
        while self.automaton.try_find_overlapping(&input, &mut state).is_ok() {
            let Some(hit) = state.get_match() else { return };
            if let Some(phrase) = self.meaning.get(hit.pattern().as_usize()) {
                found(Hit { phrase: *phrase, start: hit.start(), end: hit.end() });
            }
        }
    }

    /// Whether a word names a device or a mail program.
    pub(crate) fn is_device(&self, word: &str) -> bool {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        // Languages that decline even these: "z iPhonu".
        ["iphon", "ipad", "android", "samsung", "outlook"].iter().any(|stem| word.starts_with(stem))
            || self.devices.iter().any(|device| *device == word)
    }
}

/// Whether a phrase that ends at `end` ends there as a word does.
pub(crate) fn ends_word(text: &str, end: usize) -> bool {
    let (Some(last), Some(next)) = (text[..end].chars().next_back(), text[end..].chars().next()) else {
        return true;
    };
    // Chinese, Japanese, Korean and Thai are written without spaces.
    !next.is_alphanumeric()
        || !last.is_alphanumeric()
        || u32::from(last) >= 0x0E00 && u32::from(last) < 0xFF00
}

/// Whether a phrase that starts at `start` starts there as a word does.
pub(crate) fn starts_word(text: &str, start: usize) -> bool {
    let (Some(first), Some(before)) = (text[start..].chars().next(), text[..start].chars().next_back())
    else {
        return true;
    };
    !before.is_alphanumeric()
        || !first.is_alphanumeric()
        || u32::from(first) >= 0x0E00 && u32::from(first) < 0xFF00
}
