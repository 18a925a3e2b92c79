//! The notifications a help desk sends for an agent: the newest comment stands between the desk's own lines.

use crate::clues::Clues;
use crate::fates::{Fates, Kind};
use crate::headers::is_rule;
use crate::history;
use crate::lines::{Rows, State};
use crate::phrases::{Kinds, Phrase, phrases};

/// Rows a template's paragraph may have.
const PARAGRAPH: usize = 4;

/// Takes the desk's own lines away, and older comments as history.
pub(crate) fn strip(rows: &Rows<'_>, fates: &mut Fates) {
    let visible = |at: &usize, fates: &Fates| rows.state(*at) != State::Blank && !fates.is_gone(*at);
    let Some(first) = (0..rows.len()).find(|at| visible(at, fates)) else { return };
    let delimited = !rows.rows[first].fenced
        && !rows.begins(first).lacks(Kinds::DELIMITER)
        && history::is_delimiter(rows.text(first));
    let end = service(rows, fates, first);
    // The lines a desk writes are trusted only where it shows itself twice.
    let introduced = || (first..rows.len().min(first + 8)).any(|at| is_intro(rows, at));
    if !(delimited || end < rows.len() && introduced()) {
        return;
    }
    let body = if delimited { first + 1 } else { first };
    let mut stamps = stamps(rows, body, end);
    // Words of the author's above the first stamp are the newest; all stamps are history then.
    let above_is_template = stamps.first().is_none_or(|stamp| is_template(rows, body, stamp.from));
    if !above_is_template {
        stamps.insert(0, Stamp { from: body, to: body });
    }
    let said = |from: usize, to: usize| {
        (from..to).any(|at| rows.state(at) != State::Blank && !is_rule(rows.text(at)))
    };
    let until = stamps.get(1).map_or(end, |stamp| stamp.from);
    let from = stamps.first().map_or(body, |stamp| stamp.to);
    let mut left = false;
    let mut templates = Vec::new();
    let mut at = from;
    while at < until {
        let stop = paragraph_end(rows, at, until);
        if is_intro(rows, at) && stop - at <= PARAGRAPH {
            templates.push(at..stop);
        } else {
            left |= said(at, stop);
        }
        at = stop;
        while at < until && rows.state(at) == State::Blank {
            at += 1;
        }
    }
    if !left {
        return;
    }
    if delimited {
        fates.remove(first..first + 1, Kind::Delimiter, "delimiter.phrase");
    }
    fates.remove(body..from, Kind::Delimiter, "desk.template");
    for rows in templates {
        fates.remove(rows, Kind::Delimiter, "desk.template");
    }
    fates.remove(until..end, Kind::Quote, "desk.older");
}

fn paragraph_end(rows: &Rows<'_>, from: usize, to: usize) -> usize {
    (from..to).find(|at| rows.state(*at) == State::Blank).unwrap_or(to).max(from + 1)
}

/// Takes the desk's lines at the end away: where they begin.
fn service(rows: &Rows<'_>, fates: &mut Fates, first: usize) -> usize {
    let mut begin = rows.len();
    let mut seen = false;
    for at in (first..rows.len()).rev() {
        if rows.state(at) == State::Blank {
            continue;
        }
        let text = rows.text(at);
        let mut served = false;
        if rows.begins(at).has(Kinds::DESK) {
            phrases().at_start(text, |hit| served |= hit.phrase == Phrase::DeskService);
        }
        let served = served && text.len() < 160;
        if at == first || !(served || is_rule(text) || is_token(text)) {
            break;
        }
        seen |= served;
        begin = at;
    }
    if !seen {
        return rows.len();
    }
    fates.remove(begin..rows.len(), Kind::ListFooter, "desk.service");
    begin
}

/// "[HWDESK-20418]": by it the desk finds the request an answer belongs to.
fn is_token(text: &str) -> bool {
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).is_some_and(|token| {
        token.len() >= 4
            && token.len() <= 40
            && token.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            && token
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'#'))
    })
}

/// "Your request (20418) has been updated."
fn is_intro(rows: &Rows<'_>, at: usize) -> bool {
    if !rows.begins(at).has(Kinds::DESK) {
        return false;
    }
    let text = rows.text(at);
    let mut found = false;
    phrases().at_start(text, |hit| {
        let number = text[hit.end..].trim_start_matches(|c: char| !c.is_alphanumeric());
        found |= hit.phrase == Phrase::DeskIntro && number.starts_with(|c: char| c.is_ascii_digit());
    });
    found && text.len() < 400
}

/// The line above a comment that says who wrote it and when.
struct Stamp {
    /// With the drawn line above it.
    from: usize,
    to: usize,
}

fn stamps(rows: &Rows<'_>, from: usize, to: usize) -> Vec<Stamp> {
    let mut found = Vec::new();
    let mut ruled = None;
    let mut last_blank = true;
    for at in from..to {
        let text = rows.text(at);
        match rows.state(at) {
            State::Blank => {}
            State::Text if is_rule(text) => ruled = Some(at),
            _ => {
                if (ruled.is_some() || last_blank) && is_stamp(text) {
                    // Without a drawn line only the first may be one: people write dates too.
                    if let Some(rule) = ruled {
                        found.push(Stamp { from: rule, to: at + 1 });
                    } else if found.is_empty() && is_template(rows, from, at) {
                        found.push(Stamp { from: at, to: at + 1 });
                    }
                } else if (ruled.is_some() || last_blank)
                    && let Some(to) = stamp_of_two(rows, at, to)
                {
                    found.push(Stamp { from: ruled.unwrap_or(at), to });
                }
                ruled = None;
            }
        }
        last_blank = rows.state(at) == State::Blank;
    }
    found
}

/// "Ann Lee, Mar 5, 2024, 09:12 GMT"
fn is_stamp(text: &str) -> bool {
    let words = text.split_whitespace().count();
    if text.len() > 120 || !(4..=16).contains(&words) || text.ends_with(['.', '?', '!', ':']) {
        return false;
    }
    let named = text.starts_with(char::is_alphabetic) || text.starts_with('*');
    let parted = text.contains([',', '(', '|', '\u{b7}', '\u{2013}']) || text.contains(" - ");
    let clues = Clues::of(text);
    named && parted && clues.date && clues.time && !clues.starts_with_date
}

/// "Ann Lee (Example Kettles)" and below it "Mar 5, 2024, 09:12 GMT": the row behind them.
fn stamp_of_two(rows: &Rows<'_>, at: usize, to: usize) -> Option<usize> {
    let name = rows.text(at);
    let short = name.len() <= 80 && name.split_whitespace().count() <= 8;
    if !short || !name.starts_with(char::is_alphabetic) || name.contains([':', '?', '!', ',']) {
        return None;
    }
    let date = rows.next_visible(at + 1).filter(|date| *date < to && date - at <= 2)?;
    let text = rows.text(date);
    if text.len() > 60 || text.ends_with(['.', '?', '!', ':']) || text.split_whitespace().count() > 8 {
        return None;
    }
    let clues = Clues::of(text);
    (clues.date && clues.time && clues.starts_with_date).then_some(date + 1)
}

/// Nothing but the desk's own lines, drawn lines and a greeting.
fn is_template(rows: &Rows<'_>, from: usize, to: usize) -> bool {
    let mut at = from;
    while at < to {
        let text = rows.text(at);
        if rows.state(at) == State::Blank || is_rule(text) {
            at += 1;
            continue;
        }
        let stop = paragraph_end(rows, at, to);
        let greets = stop == at + 1 && text.ends_with(',') && text.split_whitespace().count() <= 4;
        if !(greets || is_intro(rows, at) && stop - at <= PARAGRAPH) {
            return false;
        }
        at = stop;
    }
    true
}
