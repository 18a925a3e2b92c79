//! The line that says who is quoted: "On Monday, Ann Lee <ann@example.com> wrote:".

use std::borrow::Cow;

use crate::clues::{Clues, is_between_dots, may_end, starts_with_year};
use crate::dates;
use crate::headers;
use crate::lines::{Rows, State};
use crate::phrases::{Phrase, ends_word, phrases};

/// Who is quoted, and when it was written, as far as the line says so.
///
/// ```
/// use threadfold_reply::attribution::parse;
/// let found = parse("On 5 March 2024 at 09:12 +0100, Ann Lee <ann@example.com> wrote:").unwrap();
/// assert_eq!(found.name.as_deref(), Some("Ann Lee"));
/// assert_eq!(found.address.as_deref(), Some("ann@example.com"));
/// assert_eq!(found.date, Some(1_709_626_320));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The quoted author's name.
    pub name: Option<String>,
    /// The quoted author's address, in lower case.
    pub address: Option<String>,
    /// When it was written: seconds since 1970 UTC. A line without a time zone is read as UTC; one whose order
    /// of day and month cannot be told, and one without a year, has none.
    pub date: Option<i64>,
}

/// How far the evidence for an attribution line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// It is one if a quotation follows.
    IfQuoted,
    Sure,
}

/// An attribution found among the rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// Its first row.
    pub(crate) from: usize,
    /// Behind its last row.
    pub(crate) to: usize,
    /// In the first row, where it begins: behind the author's own words if it shares their line.
    pub(crate) column: usize,
    pub(crate) rule: &'static str,
}

/// Rows that one attribution may be wrapped over.
const ROWS: usize = 8;
/// Bytes that an attribution may have.
const LENGTH: usize = 700;

/// "> wrote:" on a row of its own, below an address whose bracket is still open; or a verb alone below a blank row.
#[inline]
pub(crate) fn is_loose_end(rows: &Rows<'_>, at: usize) -> bool {
    let text = rows.text(at);
    text.ends_with(':') && text.len() <= 40 && is_short_loose_end(rows, at, text)
}

fn is_short_loose_end(rows: &Rows<'_>, at: usize, text: &str) -> bool {
    let Some(rest) = text.strip_prefix('>') else { return false };
    (rest.trim() == ":" || is_verb_alone(rest))
        && (at.saturating_sub(3)..at).rev().find(|at| rows.state(*at) != State::Blank).is_some_and(|above| {
            let text = rows.text(above);
            text.rfind('<').is_some_and(|open| !text[open..].contains('>'))
                || rows.text(above.saturating_sub(1)).ends_with('<')
        })
}

/// "wrote:", "napisał:" and nothing else.
fn is_verb_alone(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric() && c != ')');
    let mut whole = false;
    phrases().at_start(bare, |hit| {
        whole |= matches!(hit.phrase, Phrase::WroteEnd | Phrase::WroteMid) && hit.end == bare.len();
    });
    whole
}

fn is_first_person(text: &str, wrote: usize) -> bool {
    let before = text[..wrote].trim_end();
    let word = before.rsplit(|c: char| c.is_whitespace()).next().unwrap_or("");
    matches!(
        word,
        "I" | "ich"
            | "je"
            | "j'ai"
            | "ik"
            | "we"
            | "We"
            | "jeg"
            | "jag"
            | "wir"
            | "nous"
            | "they"
            | "who"
            | "as"
            | "it"
            | "have"
            | "that"
            | "he"
            | "she"
    )
}

/// What a (joined) line is; its clues are taken from `known` if they are those of `text` itself.
fn strength(text: &str, known: Option<Clues>) -> Option<(Strength, Clues, &'static str)> {
    if text.len() > LENGTH || text.len() < 6 {
        return None;
    }
    let dashed = text.starts_with("--") && text.ends_with("--");
    let bare = text.trim_matches(|c: char| matches!(c, '-' | '*' | '_' | ' ' | '~' | '='));
    let clues = known.filter(|_| bare.len() == text.len()).unwrap_or_else(|| Clues::of(bare));
    let colon = bare.ends_with([':', '\u{ff1a}']);
    let body = bare.trim_end_matches([':', '\u{ff1a}', ' ', '*', '\u{a0}']);
    if let Some((start, end, middle)) = clues.wrote {
        let rest = bare[end..].trim_matches(|c: char| !c.is_alphanumeric() && c != '<');
        let tail = &bare[end..];
        let ends_here = rest.is_empty() || matches!(rest, "a" | "ла" | "la");
        let named = || {
            middle
                && (holds_name(rest) || tail.contains('@') || tail.contains("mailto:"))
                && (colon || dashed)
                && (clues.date || clues.address)
        };
        // "Ann Lee <ann@example.com> wrote on Tue, 5 Mar 2024:"
        let dated_after = || {
            colon
                && clues.date
                && bare[..start].contains('@')
                && rest.contains(|c| crate::clues::digit(c).is_some())
                && holds_name(rest)
        };
        // "Ann Lee wrote on 3/5/2024 9:12 PM:"
        let timed_after =
            || colon && clues.date && clues.time && rest.len() <= 60 && only_names(&bare[..end]);
        // "Am Montag schrieb Ann:"
        let called = || middle && colon && rest.split_whitespace().count() <= 3 && only_names(rest);
        if ends_here || named() || dated_after() || timed_after() || called() {
            let first_person = is_first_person(bare, start);
            if first_person {
                return (colon && clues.date).then_some((
                    Strength::IfQuoted,
                    clues,
                    "attribution.first-person",
                ));
            }
            if clues.starts_with_date && clues.date && (colon || dashed || clues.address || clues.time) {
                return Some((Strength::Sure, clues, "attribution.dated"));
            }
            if clues.starts_with_date && (colon || dashed) {
                return Some((Strength::IfQuoted, clues, "attribution.timed"));
            }
            if clues.address && (colon || dashed) && name_first(bare) {
                return Some((Strength::Sure, clues, "attribution.address"));
            }
            if clues.date && (colon || dashed) && name_first(bare) {
                return Some((Strength::Sure, clues, "attribution.name-date"));
            }
            if dashed {
                return Some((Strength::Sure, clues, "attribution.dashes"));
            }
            if colon && body.split_whitespace().count() <= 8 {
                return Some((Strength::IfQuoted, clues, "attribution.name"));
            }
        }
        return None;
    }
    if colon && clues.address && bare.starts_with("Quoting ") && body.split_whitespace().count() <= 8 {
        return Some((Strength::Sure, clues, "attribution.quoting"));
    }
    if clues.starts_with_date && clues.date {
        // In a log an address-like word may stand before a colon; in an attribution it stands in brackets.
        let ends_in_address = body.ends_with('>') || body.ends_with(')') && body.contains(['<', '(']);
        if clues.address && ends_in_address && colon {
            return Some((Strength::Sure, clues, "attribution.verbless"));
        }
        if clues.address && ends_in_address && clues.starts_with_iso {
            return Some((Strength::Sure, clues, "attribution.iso-address"));
        }
        if clues.starts_with_iso && clues.time && bare.contains("GMT") && body.split_whitespace().count() <= 7
        {
            return Some((Strength::Sure, clues, "attribution.iso-zone"));
        }
        if clues.starts_with_iso && clues.time && body.split_whitespace().count() <= 8 {
            return Some((Strength::IfQuoted, clues, "attribution.iso-name"));
        }
        if colon && clues.time && body.split_whitespace().count() <= 10 {
            return Some((Strength::IfQuoted, clues, "attribution.verbless-name"));
        }
    }
    // "In a message dated 3/5/2024, ann@example.com writes:"
    if colon && clues.soft && clues.date && clues.address && clues.starts_with_date {
        return Some((Strength::Sure, clues, "attribution.writes"));
    }
    // "On 5 March 2024, Ann Lee declared:", right above a quotation.
    if colon
        && clues.date
        && (clues.starts_with_date
            || starts_as_name(bare) && (clues.time || body.split_whitespace().any(holds_year)))
        && body.split_whitespace().count() <= 12
    {
        return Some((Strength::IfQuoted, clues, "attribution.before-quote"));
    }
    if colon && clues.soft && body.split_whitespace().count() <= 6 && (only_names(body) || is_handle(body))
        || is_between_dots(text) && clues.soft
    {
        return Some((Strength::IfQuoted, clues, "attribution.soft"));
    }
    // "Ann Lee <ann@example.com>", right above a quotation; "Tested-by: Ann Lee <ann@example.com>" is no such line.
    if clues.address
        && body.ends_with('>')
        && body.split_once('<').is_some_and(|(name, address)| {
            !name.trim().is_empty() && !name.contains(':') && address.contains('@')
        })
        && body.split_whitespace().count() <= 6
        && starts_as_name(body)
        && holds_name(body)
    {
        return Some((Strength::IfQuoted, clues, "attribution.bare-address"));
    }
    None
}

fn holds_year(word: &str) -> bool {
    let digits = word.trim_matches(|c: char| !c.is_ascii_digit());
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// Names and one verb: "Ann Lee said", but not "The manual says".
fn only_names(text: &str) -> bool {
    const NOT_NAMES: [&str; 14] =
        ["The", "This", "That", "He", "She", "It", "You", "We", "They", "A", "My", "Our", "Die", "Der"];
    let mut words = text.split_whitespace();
    let small = text.split_whitespace().filter(|word| word.starts_with(char::is_lowercase)).count();
    small <= 1
        && words.next().is_some_and(|word| word.starts_with(char::is_uppercase) && !NOT_NAMES.contains(&word))
}

/// "annlee writes", "a lee writes": what somebody calls himself, and a verb that little else than a mail program puts
/// there.
fn is_handle(text: &str) -> bool {
    const NOT_NAMES: [&str; 9] = ["the", "this", "that", "he", "she", "it", "who", "which", "one"];
    let Some(name) = text.strip_suffix(" writes") else { return false };
    let mut words = name.split_whitespace();
    words.next().is_some_and(|first| !NOT_NAMES.contains(&first)) && words.count() <= 1
}

fn starts_as_name(text: &str) -> bool {
    text.trim_start_matches(['"', '\'', '<', '('])
        .starts_with(|c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase())
}

/// A name, a date or an address, and nothing that reads like a sentence.
fn holds_name(text: &str) -> bool {
    let words = text.split_whitespace();
    let mut count = 0;
    let mut small = 0;
    for word in words {
        count += 1;
        let first = word.trim_start_matches(|c: char| !c.is_alphanumeric()).chars().next();
        small += usize::from(
            first.is_some_and(char::is_lowercase) && !word.contains(['@', '<', ':']) && word.len() > 5,
        );
    }
    count <= 16 && small <= 2
}

/// Nothing before the verb ends a sentence that the author may have written.
fn name_first(text: &str) -> bool {
    let mut at = 0;
    while let Some(step) = memchr::memchr3(b'.', b'!', b'?', &text.as_bytes()[at..]) {
        at += step + 1;
        let after = &text[at..];
        let before = text[..at - 1].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        if after.starts_with(' ')
            && before.chars().count() > 4
            && before.chars().all(char::is_alphabetic)
            && after.trim_start().starts_with(char::is_uppercase)
        {
            return false;
        }
    }
    text.split_whitespace().count() <= 40
}

/// Whether a line begins with an attribution that runs on into the quotation, as where the line breaks of plain
/// text were lost in HTML: "On …, Ann wrote: > Hello".
pub(crate) fn begins(text: &str) -> bool {
    let reach = text.char_indices().nth(300).map_or(text.len(), |(at, _)| at);
    let Some(colon) = text[..reach].find(": >") else { return false };
    matches!(strength(&text[..=colon], None), Some((Strength::Sure, clues, _)) if clues.starts_with_date)
}

/// Whether a text begins with an attribution, a marker or header lines.
pub(crate) fn begins_with(text: &str) -> bool {
    let rows = Rows::of_text(text);
    (0..rows.len().min(4)).any(|at| ending_at(&rows, at, 0).is_some_and(|found| found.from == 0))
        || headers::block_at(&rows, 0).is_some()
        || headers::marker(rows.text(0)).is_some_and(|(_, needs)| !needs)
}

fn balanced(text: &str) -> bool {
    let bytes = text.as_bytes();
    let open = memchr::memchr_iter(b'<', bytes).count();
    let close = memchr::memchr_iter(b'>', bytes).count();
    open >= close
}

/// Whether a row's text may end an attribution.
#[inline]
pub(crate) fn may_be_last(text: &str) -> bool {
    text.len() <= LENGTH && may_end(text)
}

/// An attribution whose last row is `last`, not reaching above `floor`.
pub(crate) fn ending_at(rows: &Rows<'_>, last: usize, floor: usize) -> Option<Found> {
    let text = rows.text(last);
    if !may_be_last(text) {
        return None;
    }
    // "Op za 8 mei 2021 om 12:09 schreef" goes on in the next row, if that ends as an attribution does.
    if !text.ends_with([':', '\u{ff1a}', '-']) && rows.state(last + 1) == State::Text {
        let next = rows.text(last + 1);
        if next.ends_with([':', '\u{ff1a}'])
            && (next.contains('@') || next.len() < 40)
            && !rows.clues(last + 1).starts_with_date
            && !starts_with_year(text)
        {
            return None;
        }
    }
    // Most lines that end in a colon say nothing of the kind. A word alone may be half of a verb: "ha\nscritto:".
    let halved =
        last > floor && text.len() <= 24 && !text.contains(' ') && rows.state(last - 1) == State::Text;
    let clues = if halved { Clues::of(&rows.joined(last - 1, last + 1)) } else { rows.clues(last) };
    if clues.wrote.is_none() && !clues.soft && !text.contains(['@', '<', '>']) && !clues.date && !clues.time {
        return None;
    }
    // Only a row with a verb or (the rest of) an address can be the end of something longer.
    // Nor is "20:16):" anything else than the end of what was opened above.
    let closes = clues.time
        && text.ends_with("):")
        && memchr::memchr_iter(b')', text.as_bytes()).count()
            > memchr::memchr_iter(b'(', text.as_bytes()).count();
    let wrapped = closes || clues.wrote.is_some() || clues.soft || clues.date || text.contains(['@', '>']);
    let floor = if wrapped { floor } else { last };
    let mut best: Option<(Strength, Found)> = None;
    let mut from = last;
    let mut taken = 0;
    loop {
        let joined: Cow<'_, str> = rows.joined(from, last + 1);
        if joined.len() > LENGTH {
            break;
        }
        // The clues are of the last row, or of the last two.
        let same = if halved { from + 1 == last } else { joined == text };
        if let Some((strength, clues, rule)) = strength(&joined, same.then_some(clues)) {
            let found = Found { from, to: last + 1, column: 0, rule };
            if clues.starts_with_date && strength == Strength::Sure {
                // Nothing further up can belong to it.
                best = Some((strength, found));
                break;
            }
            // "reply On Wed, Ann wrote:"
            if let Some((column, rule)) = inside(rows, from, last) {
                best = Some((Strength::Sure, Found { from, to: last + 1, column, rule }));
                break;
            }
            if best.is_none_or(|(before, _)| before < strength) {
                best = Some((strength, found));
            }
            if clues.date && clues.address && balanced(&joined) {
                break;
            }
        }
        if best.is_none()
            && let Some((column, rule)) = inside(rows, from, last)
        {
            best = Some((Strength::Sure, Found { from, to: last + 1, column, rule }));
            break;
        }
        taken += 1;
        if taken >= ROWS || from <= floor {
            break;
        }
        let mut above = from - 1;
        if rows.state(above) == State::Blank {
            // Blank lines within one: only where the row below is a loose end.
            let loose = rows.text(from);
            let loose = loose.starts_with('<')
                || loose.starts_with("mailto:")
                || is_verb_alone(loose)
                || is_loose_end(rows, from);
            while loose && above > floor && rows.state(above) == State::Blank {
                above -= 1;
            }
            if !loose || rows.state(above) == State::Blank {
                break;
            }
        }
        if rows.state(above) == State::Quoted
            || rows.rows[above].fenced
            || rows.text(above).ends_with([':', '!', '?', '\u{ff1a}'])
        {
            break;
        }
        from = above;
    }
    let (strength, found) = best?;
    if strength == Strength::IfQuoted {
        let next = rows.next_visible(found.to)?;
        if rows.state(next) != State::Quoted {
            return None;
        }
    }
    Some(found)
}

/// An attribution that begins inside the row `from`, behind the author's own words.
fn inside(rows: &Rows<'_>, from: usize, last: usize) -> Option<(usize, &'static str)> {
    let first = rows.text(from);
    let mut starts = Vec::new();
    for at in memchr::memchr2_iter(b' ', b'-', first.as_bytes()).map(|at| at + 1) {
        let tail = &first[at..];
        let before = first[..at].trim_end_matches(' ');
        let apart = before.ends_with("---") || before.len() < at && tail.starts_with(char::is_uppercase);
        if !apart || before.chars().take(2).count() < 2 {
            continue;
        }
        let mut opens = false;
        phrases().at_start(tail, |hit| opens |= hit.phrase == Phrase::Opening && ends_word(tail, hit.end));
        if opens {
            starts.push(at);
        }
    }
    for start in starts {
        let mut tail = first[start..].to_string();
        for at in from + 1..=last {
            tail.push(' ');
            tail.push_str(rows.text(at));
        }
        if let Some((Strength::Sure, clues, _)) = strength(&tail, None)
            && clues.starts_with_date
            && clues.date
            && clues.wrote.is_some()
        {
            let before = first[..start].trim_end_matches(['-', ' ']).len();
            // "Ann wrote:> On Wed, Bo wrote:": the quotation's first line stands in its attribution's.
            let above = first[..before].trim_end_matches(['>', ' ']);
            if above.len() < before
                && above.ends_with(':')
                && Clues::of(above).wrote.is_some()
                && only_names(above)
            {
                return Some((0, "attribution.inside"));
            }
            return Some((before, "attribution.inside"));
        }
    }
    None
}

/// Reads an attribution line (wrapped or not) or a block of header lines. `None` if it is neither.
///
/// ```
/// use threadfold_reply::attribution::parse;
/// let block = "From: Ann Lee <ann@example.com>\nSent: 2024-03-05 09:12\nTo: shop@example.org\nSubject: Kettle";
/// assert_eq!(parse(block).unwrap().address.as_deref(), Some("ann@example.com"));
/// assert_eq!(parse("We wrote to you about the kettle."), None);
/// ```
pub fn parse(lines: &str) -> Option<Attribution> {
    let stripped: String =
        lines.lines().map(|line| line.trim_start_matches(['>', ' ', '|'])).collect::<Vec<_>>().join("\n");
    let rows = Rows::of_text(&stripped);
    let first = rows.next_visible(0)?;
    if let Some(block) = (first..rows.len()).find_map(|at| headers::block_at(&rows, at)) {
        return Some(from_headers(&rows, &block));
    }
    let last = (first..rows.len()).rev().find(|at| rows.state(*at) != State::Blank)?;
    let joined = rows.joined(first, last + 1);
    let (_, clues, _) = strength(&joined, None)?;
    Some(read(&joined, &clues))
}

fn from_headers(rows: &Rows<'_>, block: &headers::Block) -> Attribution {
    let mut found = Attribution::default();
    if let Some(value) = block.value(rows, crate::phrases::Field::From) {
        let (name, address) = name_and_address(&value);
        found.name = name;
        found.address = address;
    }
    found.date = block
        .value(rows, crate::phrases::Field::Sent)
        .or_else(|| block.value(rows, crate::phrases::Field::Date))
        .and_then(|value| dates::read(&value));
    found
}

fn read(text: &str, clues: &Clues) -> Attribution {
    let bare = text.trim_matches(|c: char| matches!(c, '-' | '*' | '_' | ' ' | '~' | '=' | ':' | '\u{ff1a}'));
    let mut found = Attribution { date: dates::read(bare), ..Attribution::default() };
    let (_, address) = name_and_address(bare);
    found.address = address;
    // The name is what is left of the line when date, verb and address are taken away.
    let mut rest = bare.to_string();
    if let Some((start, end, _)) = clues.wrote {
        rest = match (bare.get(..start), bare.get(end..)) {
            (Some(before), Some(after)) => format!("{before} \u{1} {after}"),
            _ => rest,
        };
    }
    found.name = dates::without(&rest);
    found
}

/// Splits `Ann Lee <ann@example.com>`, `"Lee, Ann" [mailto:ann@example.com]` and kin.
pub(crate) fn name_and_address(value: &str) -> (Option<String>, Option<String>) {
    let Some(at) = value.find('@') else {
        let name = value.trim_matches(|c: char| matches!(c, '"' | '\'' | ' ' | '*'));
        return ((!name.is_empty()).then(|| name.to_string()), None);
    };
    let allowed = |c: char| {
        c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%' | '\'' | '=' | '/' | '#' | '&' | '!')
    };
    let start = value[..at]
        .rfind(|c: char| !allowed(c))
        .map_or(0, |found| found + value[found..].chars().next().map_or(1, char::len_utf8));
    let host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let end = value[at + 1..].find(|c: char| !host(c)).map_or(value.len(), |found| at + 1 + found);
    let address = value[start..end].trim_end_matches(['.', '-']).to_lowercase();
    let name = value[..start]
        .trim_end_matches("mailto:")
        .trim_matches(|c: char| matches!(c, '"' | '\'' | ' ' | '<' | '[' | '(' | '*' | ','));
    ((!name.is_empty()).then(|| name.to_string()), (address.len() > 3).then_some(address))
}
