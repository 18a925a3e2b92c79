//! The mail a website's form sends: fields with labels, of which one holds what the visitor wrote.

use crate::fates::{Fates, Kind};
use crate::headers::{self, is_rule};
use crate::lines::{Rows, State};
use crate::phrases::{Kinds, Phrase, ends_word, phrases, without_marks};

/// Rows above the message's label.
const FIELDS: usize = 60;
/// Rows at the end in which a form's footer is looked for.
const FOOTER: usize = 16;

/// A label at a line's start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Message,
    Field,
    Meta,
    /// A header line's, which mails have too.
    Header,
    /// Looks like a label, and is in no list.
    Unknown,
}

/// The colon among the first characters of a row, and where it stands.
fn colon(text: &str) -> Option<(usize, char)> {
    const REACH: usize = 48;
    // The wide colon begins with this byte.
    let head = &text.as_bytes()[..text.len().min(REACH * 4)];
    let first = memchr::memchr2(b':', 0xEF, head)?;
    if first < REACH && head[first] == b':' {
        return Some((first, ':'));
    }
    text.char_indices().take(REACH).find(|(_, c)| matches!(c, ':' | '\u{ff1a}'))
}

/// The label of a row, and the column behind it.
fn label(rows: &Rows<'_>, at: usize) -> Option<(Label, usize)> {
    let text = rows.text(at);
    let begins = rows.begins(at);
    if !begins.lacks(Kinds::FORM)
        && let Some(found) = listed_label(text)
    {
        return Some(found);
    }
    if !begins.lacks(Kinds::LABEL)
        && let Some((_, end)) = headers::label(text)
    {
        return Some((Label::Header, end));
    }
    let colon = colon(text)?;
    let name = &text[..colon.0];
    let end = colon.0 + colon.1.len_utf8();
    let plain = name.split_whitespace().count() <= 6 && !name.contains(['.', ',', '!', '@', '/']);
    let parted = text[end..].is_empty() || text[end..].starts_with([' ', '\t', '\u{a0}']);
    (plain && parted && name.contains(char::is_alphabetic)).then_some((Label::Unknown, end))
}

/// The label of a text if it is in the lists for forms, and the column behind it.
fn listed_label(text: &str) -> Option<(Label, usize)> {
    let from = text.len() - text.trim_start_matches(['*', '_', ' ', '\u{2022}']).len();
    let rest = &text[from..];
    let mut found: Option<(Label, usize)> = None;
    phrases().at_start(rest, |hit| {
        let label = match hit.phrase {
            Phrase::FormMessage => Label::Message,
            Phrase::FormField => Label::Field,
            Phrase::FormMeta => Label::Meta,
            _ => return,
        };
        if !ends_word(rest, hit.end) {
            return;
        }
        let after = rest[hit.end..].trim_start_matches(['*', '_', ' ', '\u{a0}']);
        // "Order number (if any):"
        let after = after
            .strip_prefix('(')
            .and_then(|inside| inside.split_once(')'))
            .filter(|(inside, _)| inside.len() <= 40)
            .map_or(after, |(_, after)| after);
        let after = after.trim_start_matches(['*', '_', ' ', '\u{a0}']);
        let colon = after.chars().next().filter(|c| matches!(c, ':' | '\u{ff1a}'));
        if let Some(colon) = colon {
            let value = after[colon.len_utf8()..].trim_start_matches(['*', '_', ' ', '\t', '\u{a0}']);
            found = Some((label, text.len() - value.len()));
        } else if after.is_empty() {
            found = Some((label, text.len()));
        }
    });
    found
}

/// Whether a row that starts with a letter can be neither a label nor the start of a form: one look spares
/// all others.
pub(crate) fn is_plain_prose(text: &str, begins: impl FnOnce() -> Kinds) -> bool {
    const TELLING: Kinds = Kinds::FORM_INTRO.and(Kinds::FORM).and(Kinds::LABEL);
    text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && !begins().has(TELLING)
        && colon(text).is_none()
}

fn begins(text: &str, wanted: Phrase) -> bool {
    let bare = without_marks(text);
    let mut found = false;
    phrases().at_start(bare, |hit| found |= hit.phrase == wanted && ends_word(bare, hit.end));
    found
}

/// Takes everything of a form but the visitor's message away.
pub(crate) fn strip(rows: &Rows<'_>, fates: &mut Fates) {
    let visible = |at: usize, fates: &Fates| rows.state(at) != State::Blank && !fates.is_gone(at);
    let Some(first) = (0..rows.len()).find(|at| visible(*at, fates)) else { return };
    let mut intro = false;
    let mut prelude = 0;
    let (mut fields, mut headed) = (0, 0);
    let mut message = None;
    // Whether the row above may go on here with its value.
    let mut open = false;
    for at in first..rows.len().min(first + FIELDS) {
        let text = rows.text(at);
        match rows.state(at) {
            State::Blank => continue,
            State::Quoted => return,
            State::Text if fates.is_gone(at) || is_rule(text) => continue,
            State::Text => {}
        }
        let known = fields + headed;
        // Prose above a form, or no form at all: what begins no phrase and holds no colon is no label.
        if known == 0 && !intro && !open && rows.is_plain_prose(at) {
            if prelude < 3 {
                prelude += 1;
                continue;
            }
            return;
        }
        if known == 0
            && rows.begins(at).has(Kinds::FORM_INTRO)
            && begins(text, Phrase::FormIntro)
            && text.len() < 240
        {
            intro = true;
            continue;
        }
        match label(rows, at) {
            Some((Label::Message, column)) if known > 0 || intro => {
                message = Some((at, column));
                break;
            }
            Some((Label::Field | Label::Meta | Label::Message, column)) => {
                fields += 1;
                open = column >= text.len();
            }
            Some((Label::Header, column)) => {
                headed += 1;
                open = column >= text.len();
            }
            // "Details of the enquiry:" below the intro, or a field the website made up.
            Some((Label::Unknown, column)) if known > 0 || intro => open = column >= text.len(),
            _ if open => open = false,
            // A value of several rows, such as an address.
            _ if known > 0 && rows.state(at - 1) != State::Blank && text.len() <= 80 => {}
            _ if known == 0 && prelude < 3 => prelude += 1,
            _ => return,
        }
    }
    let Some((message, column)) = message else { return };
    let footer = footer(rows, message);
    let shown = intro || footer.is_some();
    let enough = if shown { fields + headed >= 1 } else { prelude == 0 && fields >= 2 };
    if !enough || prelude > 0 && !shown {
        return;
    }
    let end = footer.unwrap_or(rows.len());
    let end = added(rows, message + 1, end);
    let inline = column < rows.text(message).len();
    let said = inline || (message + 1..end).any(|at| visible(at, fates));
    if !said {
        return;
    }
    fates.remove(first..message, Kind::Form, "form.fields");
    if inline {
        fates.tails.push((message, column));
    } else {
        fates.remove(message..message + 1, Kind::Form, "form.fields");
    }
    fates.remove(end..rows.len(), Kind::Form, "form.footer");
}

/// Where a form's footer begins, with the dashes above it.
fn footer(rows: &Rows<'_>, message: usize) -> Option<usize> {
    let mut seen = 0;
    let mut found = None;
    for at in (message + 1..rows.len()).rev() {
        if rows.state(at) == State::Blank {
            continue;
        }
        seen += 1;
        if seen > FOOTER {
            break;
        }
        if rows.begins(at).has(Kinds::FORM_FOOTER) && begins(rows.text(at), Phrase::FormFooter) {
            found = Some(at);
        }
    }
    Some(rule_above(rows, message, found?))
}

/// A row, or that of the dashes right above it.
fn rule_above(rows: &Rows<'_>, floor: usize, at: usize) -> usize {
    match (floor + 1..at).rev().find(|at| rows.state(*at) != State::Blank) {
        Some(above) if is_rule(rows.text(above)) || rows.text(above) == "--" => above,
        _ => at,
    }
}

/// Where fields begin that stand below the message: two or more, of which one is what websites add.
fn added(rows: &Rows<'_>, from: usize, end: usize) -> usize {
    let mut begin = end;
    let (mut count, mut meta) = (0, 0);
    for at in (from..end).rev() {
        if rows.state(at) == State::Blank {
            continue;
        }
        match label(rows, at) {
            Some((Label::Meta, _)) => meta += 1,
            Some((Label::Field | Label::Header, _)) => {}
            _ => break,
        }
        count += 1;
        begin = at;
    }
    let alone = begin > 0 && rows.state(begin - 1) == State::Blank;
    if meta > 0 && (count >= 2 || alone) { rule_above(rows, from.saturating_sub(1), begin) } else { end }
}
