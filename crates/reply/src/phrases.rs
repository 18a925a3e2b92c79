//! The phrase lists, compiled once.

use std::cell::Cell;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::tree::{Tree, head};

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
    /// A word that such a warning goes on with.
    BannerWord,
    /// What a legal paragraph begins with.
    LegalOpening,
    /// What a legal paragraph contains.
    LegalPart,
    ListFooter,
    /// A line above the comments of a help desk's notification.
    DeskIntro,
    /// A line below them.
    DeskService,
    /// A line above the fields of a website's form.
    FormIntro,
    /// A line below them.
    FormFooter,
    /// The label of what the visitor wrote.
    FormMessage,
    /// The label of what else the visitor filled in.
    FormField,
    /// The label of what the website added.
    FormMeta,
}

/// The kinds of phrases that a row begins with, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u32);

impl Kinds {
    pub(crate) const LABEL: Self = Self(1 << 1);
    pub(crate) const MARKER: Self = Self(1 << 2);
    pub(crate) const CLIENT: Self = Self(1 << 3);
    pub(crate) const CLOSING: Self = Self(1 << 4);
    pub(crate) const DELIMITER: Self = Self(1 << 5);
    pub(crate) const DESK: Self = Self(1 << 6);
    pub(crate) const FORM: Self = Self(1 << 7);
    pub(crate) const FORM_INTRO: Self = Self(1 << 8);
    pub(crate) const FORM_FOOTER: Self = Self(1 << 9);
    /// The row begins with a letter or digit, so that all rules look for phrases at its first byte.
    pub(crate) const BARE: Self = Self(1 << 30);
    const KNOWN: Self = Self(1 << 31);

    fn of(phrase: Phrase) -> Self {
        match phrase {
            Phrase::Label(_) => Self::LABEL,
            Phrase::Original | Phrase::Forward => Self::MARKER,
            Phrase::SentFrom | Phrase::ClientLine => Self::CLIENT,
            Phrase::Firm | Phrase::Courtesy => Self::CLOSING,
            Phrase::Delimiter => Self::DELIMITER,
            Phrase::DeskIntro | Phrase::DeskService => Self::DESK,
            Phrase::FormMessage | Phrase::FormField | Phrase::FormMeta => Self::FORM,
            Phrase::FormIntro => Self::FORM_INTRO,
            Phrase::FormFooter => Self::FORM_FOOTER,
            _ => Self(0),
        }
    }

    /// Those that stand behind the marks before a row's first letter or digit.
    pub(crate) fn at_start(text: &str) -> Self {
        let bare = without_marks(text);
        let mut kinds = Self::KNOWN;
        if bare.len() == text.len() {
            kinds.0 |= Self::BARE.0;
        }
        phrases().at_start(bare, |hit| kinds.0 |= Self::of(hit.phrase).0);
        kinds
    }

    /// Whether this is a set, if an empty one.
    pub(crate) fn is_known(self) -> bool {
        self.0 & Self::KNOWN.0 != 0
    }

    pub(crate) fn has(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    /// Whether a rule that looks for these kinds at a row's first byte looks in vain: for kinds of which some phrases
    /// begin with a mark. All others begin with a letter or digit, and [`Kinds::has`] tells.
    pub(crate) fn lacks(self, kinds: Self) -> bool {
        self.has(Self::BARE) && !self.has(kinds)
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
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

/// The lists. Each question has a tree of its own, for a phrase such as "A" (a label) would otherwise be found at
/// every other word of a text searched for "confidential".
pub(crate) struct Phrases {
    /// What is looked for at the start of a line.
    starts: Tree,
    /// "wrote", anywhere in a line.
    verbs: Tree,
    /// Warnings, legal text and list footers, anywhere in a paragraph.
    notices: Tree,
    /// Names of months and weekdays, in lower case.
    dates: FxHashMap<String, Phrase>,
    /// By the first byte of such names (of an ASCII letter: the small one): the lengths they have, as bits.
    date_heads: [u64; 256],
    devices: FxHashSet<String>,
    /// Answers of one word, in lower case.
    answers: FxHashSet<String>,
    postscripts: Vec<&'static str>,
    /// The bytes that those begin with.
    postscript_heads: [bool; 256],
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

/// All phrases in the spellings under which they are looked for: a tree ignores the case of ASCII alone. Letters of
/// ASCII are small.
struct Spelled {
    text: String,
    /// Where each ends in the text, and what it means.
    ends: Vec<(usize, Phrase)>,
}

impl Spelled {
    fn of(all: impl Iterator<Item = (&'static str, Phrase)>) -> Self {
        let mut spelled = Self { text: String::with_capacity(128 << 10), ends: Vec::with_capacity(8 << 10) };
        all.for_each(|(phrase, what)| spelled.add(phrase, what));
        spelled
    }

    fn add(&mut self, phrase: &str, what: Phrase) {
        let first = self.ends.len();
        self.spell(phrase, what, first);
        let cased = |c: char| !c.is_ascii() && (c.is_lowercase() || c.is_uppercase());
        if !phrase.contains(cased) {
            return;
        }
        let lower = phrase.to_lowercase();
        self.spell(&lower, what, first);
        self.spell(&phrase.to_uppercase(), what, first);
        let mut chars = lower.chars();
        if let Some(head) = chars.next().filter(|head| !head.is_ascii()) {
            let title = head.to_uppercase().collect::<String>() + chars.as_str();
            self.spell(&title, what, first);
        }
    }

    /// Adds a spelling, unless it is one of those from `first` on.
    fn spell(&mut self, spelling: &str, what: Phrase, first: usize) {
        let start = self.text.len();
        self.text.push_str(spelling);
        self.text[start..].make_ascii_lowercase();
        let mut from = first.checked_sub(1).map_or(0, |before| self.ends[before].0);
        for (end, _) in &self.ends[first..] {
            if self.text[from..*end] == self.text[start..] {
                self.text.truncate(start);
                return;
            }
            from = *end;
        }
        self.ends.push((self.text.len(), what));
    }

    fn all(&self) -> impl Iterator<Item = (&str, Phrase)> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |(end, what)| (&self.text[std::mem::replace(&mut start, *end)..*end], *what))
    }
}

/// The tree of those phrases whose meaning is wanted.
fn tree(phrases: &[(u64, &str, Phrase)], wanted: impl Fn(Phrase) -> bool, anywhere: bool) -> Tree {
    Tree::of(
        phrases.iter().map(|(_, phrase, what)| (*phrase, *what)).filter(|(_, what)| wanted(*what)),
        anywhere,
    )
}

/// The phrases of all lists, with their meanings.
fn listed() -> Vec<(&'static str, Phrase)> {
    let mut all: Vec<(&'static str, Phrase)> = Vec::new();
    let mut add = |list: &'static str, what: Phrase| all.extend(items(list).map(|item| (item, what)));
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
        add(list, what);
    }
    for row in rows(include_str!("../phrases/openings.txt")) {
        if let Some((_, list)) = row.split_once('\t') {
            add(list, Phrase::Opening);
        }
    }
    for row in rows(include_str!("../phrases/dates.txt")) {
        if let Some((what, list)) = row.split_once('\t') {
            add(list, what.parse().map_or(Phrase::Weekday, Phrase::Month));
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
        add(list, Phrase::Label(field));
    }
    for (text, first, second) in [
        (include_str!("../phrases/markers.txt"), ("original", Phrase::Original), Phrase::Forward),
        (include_str!("../phrases/mobile.txt"), ("my", Phrase::SentFrom), Phrase::ClientLine),
        (include_str!("../phrases/closings.txt"), ("firm", Phrase::Firm), Phrase::Courtesy),
        (include_str!("../phrases/disclaimers.txt"), ("open", Phrase::LegalOpening), Phrase::LegalPart),
    ] {
        for row in rows(text) {
            let (Some(name), Some(list)) = (row.split('\t').next(), row.split('\t').next_back()) else {
                continue;
            };
            add(list, if name == first.0 { first.1 } else { second });
        }
    }
    for row in rows(include_str!("../phrases/helpdesk.txt")).chain(rows(include_str!("../phrases/forms.txt")))
    {
        let Some((name, list)) = row.split_once('\t') else { continue };
        let what = match name {
            "service" => Phrase::DeskService,
            "footer" => Phrase::FormFooter,
            "message" => Phrase::FormMessage,
            "field" => Phrase::FormField,
            "meta" => Phrase::FormMeta,
            "desk" => Phrase::DeskIntro,
            _ => Phrase::FormIntro,
        };
        add(list, what);
    }
    for (text, what) in [
        (include_str!("../phrases/delimiters.txt"), Phrase::Delimiter),
        (include_str!("../phrases/banners.txt"), Phrase::Banner),
        (include_str!("../phrases/banner_words.txt"), Phrase::BannerWord),
        (include_str!("../phrases/listfooters.txt"), Phrase::ListFooter),
    ] {
        rows(text).for_each(|list| add(list, what));
    }
    all
}

/// Whether a phrase is part of a notice, which is searched for in whole paragraphs.
fn is_notice(phrase: Phrase) -> bool {
    matches!(
        phrase,
        Phrase::Banner | Phrase::BannerWord | Phrase::LegalOpening | Phrase::LegalPart | Phrase::ListFooter
    )
}

fn is_date(phrase: Phrase) -> bool {
    matches!(phrase, Phrase::Month(_) | Phrase::Weekday)
}

fn is_verb(phrase: Phrase) -> bool {
    matches!(phrase, Phrase::WroteEnd | Phrase::WroteMid | Phrase::WroteSoft)
}

impl Phrases {
    fn load() -> Self {
        let all = listed();
        let spelled = Spelled::of(all.iter().copied());
        // In order, so that no tree has to sort its own. Equal ones stay as they are listed.
        let mut sorted: Vec<(u64, &str, Phrase)> =
            spelled.all().map(|(phrase, what)| (head(phrase), phrase, what)).collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        let starts = tree(&sorted, |phrase| !is_notice(phrase), false);
        let verbs = tree(&sorted, is_verb, true);
        let notices = tree(&sorted, is_notice, true);
        let mut dates = FxHashMap::default();
        for (name, what) in &all {
            if is_date(*what) {
                // "mar" is March here and Tuesday there: the month counts, it says more.
                dates.entry(name.to_lowercase()).or_insert(*what);
            }
        }
        let mut date_heads = [0_u64; 256];
        for (name, what) in spelled.all() {
            if let Some(first) = name.bytes().next().filter(|_| is_date(what)) {
                date_heads[usize::from(first)] |= 1 << name.len().min(63);
            }
        }
        let devices =
            rows(include_str!("../phrases/devices.txt")).flat_map(items).map(str::to_lowercase).collect();
        let answers =
            rows(include_str!("../phrases/answers.txt")).flat_map(items).map(str::to_lowercase).collect();
        let postscripts: Vec<&str> =
            rows(include_str!("../phrases/postscripts.txt")).flat_map(items).collect();
        let mut postscript_heads = [false; 256];
        postscript_heads[usize::from(b'.')] = true;
        let heads = Spelled::of(postscripts.iter().map(|head| (*head, Phrase::Courtesy)));
        for byte in heads.all().filter_map(|(head, _)| head.bytes().next()) {
            postscript_heads[usize::from(byte)] = true;
            postscript_heads[usize::from(byte.to_ascii_uppercase())] = true;
        }
        Self { starts, verbs, notices, dates, date_heads, devices, answers, postscripts, postscript_heads }
    }

    /// Whether a row opens what its author adds below the signature: "PS: the lid ships separately".
    pub(crate) fn is_postscript(&self, text: &str) -> bool {
        if !text.bytes().next().is_some_and(|first| self.postscript_heads[usize::from(first)]) {
            return false;
        }
        let head = text.split([' ', ':', '\u{a0}']).next().unwrap_or("");
        if head.len() > 10 || head.len() == text.len() {
            return false;
        }
        let mut letters = head.chars().filter(|c| *c != '.').flat_map(char::to_lowercase);
        let Some(first) = letters.next() else { return false };
        // Few rows begin with a letter that a postscript does.
        let mut likely = self.postscripts.iter().filter(|known| known.starts_with(first)).peekable();
        likely.peek().is_some() && {
            let rest: String = letters.collect();
            likely.any(|known| known[first.len_utf8()..] == *rest)
        }
    }

    /// Calls `found` with every phrase at the start of `text`, shortest first.
    #[inline]
    pub(crate) fn at_start(&self, text: &str, mut found: impl FnMut(Hit)) {
        self.starts.at_start(text.as_bytes(), |phrase, end| found(Hit { phrase, start: 0, end }));
    }

    /// Whether a phrase may begin as a text does.
    pub(crate) fn may_start(&self, text: &str) -> bool {
        self.starts.may_start(text.as_bytes())
    }

    /// Whether a client line begins as a text does, or may begin with it and go on behind a space.
    pub(crate) fn opens_client_line(&self, text: &str) -> bool {
        let mut found = false;
        let open =
            self.starts.leads_on(text.as_bytes(), |phrase| found |= Kinds::of(phrase).has(Kinds::CLIENT));
        found || open
    }

    /// Calls `found` with every "wrote" in `text`, in the order of their ends.
    pub(crate) fn verbs(&self, text: &str, found: impl FnMut(Hit)) {
        self.verbs.search(text, found);
    }

    /// Calls `found` with every phrase of a warning, legal text or list footer, in the order of their ends.
    pub(crate) fn notices(&self, text: &str, found: impl FnMut(Hit)) {
        self.notices.search(text, found);
    }

    /// Whether a row holds a phrase of a notice or may end within one.
    pub(crate) fn touches_notice(&self, text: &str) -> bool {
        self.notices.touches(text)
    }

    /// What a word (or two) means in a date: a month or a weekday.
    pub(crate) fn date_word(&self, word: &str) -> Option<Phrase> {
        let bytes = word.as_bytes();
        let ends = (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
        let word = if ends.0.is_ascii_alphanumeric() && ends.1.is_ascii_alphanumeric() {
            word
        } else if word.is_ascii() {
            let from = bytes.iter().position(u8::is_ascii_alphanumeric)?;
            let to = bytes.iter().rposition(u8::is_ascii_alphanumeric)?;
            &word[from..=to]
        } else {
            word.trim_matches(|c: char| !c.is_alphanumeric())
        };
        let first = *word.as_bytes().first()?;
        if word.len() > 40
            || self.date_heads[usize::from(first.to_ascii_lowercase())] >> word.len().min(63) & 1 == 0
        {
            return None;
        }
        if !word.is_ascii() {
            return self.dates.get(&word.to_lowercase()).copied();
        }
        let mut lower = [0; 40];
        let lower = &mut lower[..word.len()];
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        self.dates.get(std::str::from_utf8(lower).ok()?).copied()
    }

    /// Calls `found` with every month and weekday in `text`, and where it stands, until it says that it is enough.
    pub(crate) fn date_words(&self, text: &str, mut found: impl FnMut(Hit) -> bool) {
        let enough = Cell::new(false);
        let mut look = |start: usize, end: usize| -> bool {
            let Some(phrase) = self.date_word(&text[start..end]) else { return false };
            enough.set(enough.get() || found(Hit { phrase, start, end }));
            true
        };
        let bytes = text.as_bytes();
        let mut word = |from: usize, to: usize| {
            // Marks of ASCII, and bytes that marks of other scripts begin with.
            let (mut named, mut marked) = (false, false);
            for byte in &bytes[from..to] {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' => named = true,
                    b'0'..=b'9' => {}
                    // Addresses are no names.
                    b'@' => return,
                    ..0x80 => marked = true,
                    0xC2 | 0xD8 | 0xE2 | 0xE3 | 0xEF => (named, marked) = (true, true),
                    _ => named = true,
                }
            }
            if !named || look(from, to) || !marked {
                return;
            }
            // "5.Mar", "yom-shlishi": the parts between other characters.
            let mut part = from;
            for (step, c) in text[from..to].char_indices() {
                if !c.is_alphanumeric() {
                    if part < from + step {
                        look(part, from + step);
                    }
                    part = from + step + c.len_utf8();
                }
            }
            if part > from && part < to {
                look(part, to);
            }
        };
        let (mut start, mut at) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            let length = match byte {
                b' ' | 9..=13 => 1,
                // What may be white space that is not ASCII.
                0xC2 | 0xE1 | 0xE2 | 0xE3 => {
                    text[at..].chars().next().filter(|c| c.is_whitespace()).map_or(0, char::len_utf8)
                }
                _ => 0,
            };
            if length == 0 {
                at += 1;
                continue;
            }
            word(start, at);
            if enough.get() {
                return;
            }
            at += length;
            start = at;
        }
        word(start, text.len());
    }

    /// Whether a word is an answer, and so no name.
    pub(crate) fn is_answer(&self, word: &str) -> bool {
        self.answers.contains(&word.to_lowercase()) || self.date_word(word).is_some()
    }

    /// Whether a word names a device or a mail program.
    pub(crate) fn is_device(&self, word: &str) -> bool {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        // Languages that decline even these: "z iPhonu".
        ["iphon", "ipad", "android", "samsung", "outlook", "blackberry"]
            .iter()
            .any(|stem| word.starts_with(stem))
            || self.devices.contains(&word)
    }
}

/// A text from its first letter or digit on.
#[inline]
pub(crate) fn without_marks(text: &str) -> &str {
    let marks = text.bytes().take_while(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()).count();
    let rest = &text[marks..];
    if rest.as_bytes().first().is_some_and(|first| !first.is_ascii()) {
        return rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    }
    rest
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_at_the_start_of_rows_begin_with_letters_but_for_client_lines_and_verbs() {
        let marked: Vec<_> = listed()
            .into_iter()
            .filter(|(phrase, _)| !phrase.starts_with(char::is_alphanumeric))
            .filter(|(_, what)| ![Kinds(0), Kinds::CLIENT].contains(&Kinds::of(*what)))
            .collect();
        assert!(marked.is_empty(), "{marked:?}");
    }
}
