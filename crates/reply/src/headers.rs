//! Blocks of header lines above the message answered or forwarded, and the markers before them.

use crate::clues::Clues;
use crate::lines::{Rows, State, is_invisible};
use crate::phrases::{Field, Kinds, Phrase, ends_word, phrases};

/// A block of header lines.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) to: usize,
    fields: Vec<(Field, usize)>,
}

impl Block {
    pub(crate) fn has(&self, field: Field) -> bool {
        self.fields.iter().any(|(found, _)| *found == field)
    }

    /// The value of a field, with its continuation rows.
    pub(crate) fn value(&self, rows: &Rows<'_>, field: Field) -> Option<String> {
        let at = self.fields.iter().position(|(found, _)| *found == field)?;
        let row = self.fields[at].1;
        let next = self.fields.get(at + 1).map_or((row + 1).min(self.to), |(_, next)| *next);
        let text = rows.text(row);
        let (_, end) = label(text)?;
        let mut value = text[end..].to_string();
        for at in row + 1..next {
            value.push(' ');
            value.push_str(rows.text(at));
        }
        Some(value.trim_matches(|c: char| c.is_whitespace() || c == '*' || is_invisible(c)).to_string())
    }
}

fn is_decoration(c: char) -> bool {
    matches!(c, '*' | '_' | '|' | ' ' | '\t' | '\u{a0}' | '\u{2022}') || is_invisible(c)
}

/// The field whose label stands at the start of the line, and where its value begins.
pub(crate) fn label(text: &str) -> Option<(Field, usize)> {
    // A label and its colon stand within the first bytes of a line.
    let reach = text.len().min(64);
    let colon = memchr::memchr2(b':', 0xEF, &text.as_bytes()[..reach])?;
    let _ = colon;
    let from = text.len() - text.trim_start_matches(is_decoration).len();
    let rest = &text[from..];
    let mut found = None;
    phrases().at_start(rest, |hit| {
        if let Phrase::Label(field) = hit.phrase
            && ends_word(rest, hit.end)
        {
            let after = &rest[hit.end..];
            let tail = after.trim_start_matches(is_decoration);
            if let Some(colon) = tail.chars().next().filter(|c| matches!(c, ':' | '\u{ff1a}')) {
                found = Some((field, from + rest.len() - tail.len() + colon.len_utf8()));
            }
        }
    });
    found
}

/// Rows that a value may be wrapped over.
const WRAPPED: usize = 12;

/// A block of header lines whose first row is `from`.
pub(crate) fn block_at(rows: &Rows<'_>, from: usize) -> Option<Block> {
    if !rows.begins(from).has(Kinds::LABEL) {
        return None;
    }
    let (first, _) = label(rows.text(from))?;
    let mut fields = vec![(first, from)];
    let mut seen = first as u32;
    let mut at = from + 1;
    let mut end = from + 1;
    let mut loose = 0;
    while at < rows.len() && fields.len() < 24 {
        let text = rows.text(at);
        match rows.state(at) {
            State::Blank => {
                // One blank line between header lines, none behind the last.
                loose += 1;
                if loose > 2 || end + 1 < at {
                    break;
                }
            }
            _ => {
                if let Some((field, _)) = label(text) {
                    if seen & field as u32 != 0 && field != Field::Other {
                        break;
                    }
                    seen |= field as u32;
                    fields.push((field, at));
                    end = at + 1;
                    loose = 0;
                } else {
                    if rows.state(at - 1) == State::Blank {
                        break;
                    }
                    loose += 1;
                    if loose > WRAPPED || at - end > WRAPPED {
                        break;
                    }
                    // A wrapped value is followed by another label.
                    let next = (at + 1..(at + WRAPPED).min(rows.len()))
                        .take_while(|at| rows.state(*at) != State::Blank)
                        .find(|at| label(rows.text(*at)).is_some());
                    match next {
                        Some(next) if next - end <= WRAPPED && plausible_value(rows, end, next) => {
                            at = next - 1
                        }
                        _ => break,
                    }
                }
            }
        }
        at += 1;
    }
    if from > 0 && is_patch_line(rows.text(from - 1)) {
        return None;
    }
    let has = |field: Field| seen & field as u32 != 0;
    let dated = has(Field::Sent) || has(Field::Date);
    let kinds = (seen & !(Field::Other as u32)).count_ones();
    let addressed = || fields.iter().any(|(_, at)| rows.text(*at).contains('@'));
    let ruled = || above_is_rule(rows, from);
    let several_on_a_line = || on_one_line(rows.text(from)) >= 2;
    let sure = match () {
        () if has(Field::From) && kinds >= 3 => {
            has(Field::Subject) || addressed() || ruled() || has(Field::Sent)
        }
        () if has(Field::Sent) && has(Field::To) && has(Field::Subject) => true,
        () if dated && has(Field::Subject) && has(Field::To) => addressed() || ruled(),
        () if has(Field::From) && kinds == 2 && dated => addressed() || ruled(),
        () if has(Field::From) && kinds == 2 && (has(Field::Subject) || has(Field::To)) => ruled(),
        () if first == Field::Date && kinds == 2 && has(Field::To) => {
            let clues = Clues::of(rows.text(from));
            clues.date && clues.time && addressed()
        }
        () if has(Field::From) && several_on_a_line() => addressed() || ruled(),
        () => false,
    };
    sure.then_some(Block { to: end, fields })
}

/// "From 1a2b3c… Mon Sep 17 00:00:00 2001": the header lines below are a patch's, not a mail's.
fn is_patch_line(text: &str) -> bool {
    text.trim_start_matches(['>', ' '])
        .strip_prefix("From ")
        .and_then(|rest| rest.split(' ').next())
        .is_some_and(|word| word.len() >= 20 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Labels within one line, as where a program lost the line breaks.
fn on_one_line(text: &str) -> usize {
    let mut starts = vec![0];
    starts.extend(memchr::memchr_iter(b' ', text.as_bytes()).map(|at| at + 1).take(200));
    starts
        .iter()
        .filter(|at| text[**at..].starts_with(char::is_alphabetic) && label(&text[**at..]).is_some())
        .count()
}

/// Rows between two labels read like the rest of an address list or a subject, not like a letter.
fn plausible_value(rows: &Rows<'_>, from: usize, to: usize) -> bool {
    (from..to).all(|at| {
        let text = rows.text(at);
        text.len() < 400 && !text.ends_with(['.', '!', '?'])
    })
}

/// Whether a line of dashes or underscores, or a marker, stands right above.
pub(crate) fn above_is_rule(rows: &Rows<'_>, at: usize) -> bool {
    (at.saturating_sub(3)..at).rev().find(|at| rows.state(*at) != State::Blank).is_some_and(|above| {
        let text = rows.text(above);
        is_rule(text) || marker(text).is_some()
    })
}

/// A line of nothing but dashes, underscores or the like.
pub(crate) fn is_rule(text: &str) -> bool {
    let mut count = 0;
    for c in text.chars() {
        match c {
            '-' | '_' | '=' | '*' | '.' | '\u{b7}' | '\u{2010}' | '\u{2011}' | '\u{2014}' | '\u{2013}'
            | '\u{2500}' | '~' | '#' => count += 1,
            ' ' => {}
            _ => return false,
        }
    }
    count >= 3 && !matches!(text, "..." | "....")
}

/// What a marker line announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    Original,
    Forward,
}

/// A line such as `-----Original Message-----` or `Begin forwarded message:`; how surely is told by whether it
/// needs header lines below.
pub(crate) fn marker(text: &str) -> Option<(Marker, bool)> {
    let is_line = |c: char| {
        matches!(
            c,
            '-' | '_'
                | '='
                | '*'
                | ' '
                | '#'
                | '\u{2010}'
                | '\u{2011}'
                | '\u{2014}'
                | '\u{2013}'
                | '~'
                | '+'
                | '.'
                | '['
                | '\u{2500}'
        ) || is_invisible(c)
    };
    let bare = text.trim_start_matches(is_line);
    let left = text.len() - bare.len();
    let dashes = text[..left].chars().filter(|c| !matches!(c, ' ') && !is_invisible(*c)).count();
    let mut found = None;
    phrases().at_start(bare, |hit| {
        let kind = match hit.phrase {
            Phrase::Original => Marker::Original,
            Phrase::Forward => Marker::Forward,
            _ => return,
        };
        if ends_word(bare, hit.end) {
            found = Some((kind, hit.end));
        }
    });
    let (kind, end) = found?;
    let after = bare[end..].trim_end_matches([']', ' ']);
    let closing = after.trim_start_matches(|c| is_line(c) || c == ':' || c == '\u{ff1a}' || c == ']');
    let rest_dashes =
        after.chars().filter(|c| matches!(c, '-' | '_' | '=' | '\u{2010}' | '\u{2011}' | '\u{2014}')).count();
    if closing.is_empty() {
        // Without dashes or colon these are words like others.
        let bare_words = dashes < 2 && rest_dashes < 2 && !after.contains([':', '\u{ff1a}']);
        return Some((kind, bare_words || (dashes < 2 && kind == Marker::Original)));
    }
    // "----- Forwarded by Ann Lee on ... -----", or header lines that lost their line breaks.
    (dashes >= 3 && (rest_dashes >= 3 || label(closing).is_some())).then_some((kind, false))
}

/// The words between two runs of dashes.
pub(crate) fn dashed(text: &str) -> Option<&str> {
    let words = text.strip_prefix("--")?.strip_suffix("--")?.trim_matches(['-', ' ']);
    (!words.is_empty()).then_some(words)
}

/// `---------- any words ----------`: a marker in a language unknown, if header lines follow.
pub(crate) fn dashed_words(text: &str) -> bool {
    let dash = |c: char| matches!(c, '-' | '\u{2010}' | '\u{2014}' | '_' | '=');
    let inner = text.trim_matches(dash);
    let left = text.len() - text.trim_start_matches(dash).len();
    let right = text.len() - text.trim_end_matches(dash).len();
    left >= 4 && right >= 4 && inner.len() < 100 && inner.chars().any(char::is_alphabetic)
}
