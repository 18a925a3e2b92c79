//! What is left of a body's rows, and what was taken out, as texts.

use std::ops::Range;

use crate::fates::{Fates, Kind};
use crate::history;
use crate::lines::{Row, Rows, State};
use crate::pool;
use crate::reply::{Options, Removed, Reply};

/// A visible row that is kept.
pub(crate) struct Line {
    /// The blank rows between it and the one before.
    pub(crate) blanks: Range<usize>,
    pub(crate) at: usize,
    /// Where what is kept of it begins and ends in the body.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// Calls `found` with the rows that are kept, in order. Where something was taken out, one blank row is enough.
pub(crate) fn each_kept(
    rows: &Rows<'_>,
    fates: &Fates,
    keep: impl Fn(Kind, &'static str) -> bool,
    mut found: impl FnMut(Line),
) {
    let all = fates.all();
    let mut blanks = 0..0;
    let mut torn = false;
    let mut first = true;
    let column = |columns: &[(usize, usize)], at: usize| {
        columns.iter().find(|(row, _)| *row == at).map(|found| found.1)
    };
    let mut at = 0;
    while let Some((row, fate)) = rows.rows.get(at).zip(all.get(at)) {
        if let Some((kind, rule)) = fates.rule(*fate)
            && !keep(kind, rule)
        {
            torn = true;
            at = fates.end_of_run(at);
            continue;
        }
        let here = at;
        at += 1;
        if row.state == State::Blank {
            if blanks.is_empty() {
                blanks = here..here;
            }
            blanks.end += 1;
            continue;
        }
        if first {
            blanks = here..here;
        } else if torn {
            blanks.end = blanks.end.min(blanks.start + 1);
        }
        let from = column(&fates.tails, here).map_or(row.start, |column| row.first + column);
        let head = column(&fates.heads, here);
        let to = head.map_or(row.end, |column| (row.first + column).max(from));
        found(Line { blanks: std::mem::replace(&mut blanks, 0..0), at: here, from, to });
        torn = head.is_some();
        first = false;
    }
}

/// The rows that are kept, as text.
fn kept(rows: &Rows<'_>, fates: &Fates, keep: impl Fn(Kind, &'static str) -> bool) -> String {
    // Rows that stand side by side, copied in one go: the line breaks before them, and where they begin and end.
    let mut runs: Vec<[usize; 3]> = pool::take();
    let whole = rows.tight && fates.heads.is_empty() && fates.tails.is_empty();
    if !(whole && kept_whole(rows, fates, &keep, &mut runs)) {
        runs.clear();
        each_kept(rows, fates, keep, |line| {
            let breaks = if runs.is_empty() { 0 } else { 1 + line.blanks.len() };
            match runs.last_mut() {
                // Only line breaks, one for each row, stand between this row and the run before.
                Some(run) if run[2] + breaks == line.from => run[2] = line.to,
                _ => runs.push([breaks, line.from, line.to]),
            }
        });
    }
    let mut text = String::with_capacity(runs.iter().map(|[breaks, from, to]| breaks + to - from).sum());
    for [breaks, from, to] in &runs {
        text.extend(std::iter::repeat_n('\n', *breaks));
        text.push_str(&rows.body[*from..*to]);
    }
    pool::give(runs);
    text
}

/// The runs of rows that are kept, where nothing is to be left out at their rows' ends: what [`each_kept`] would tell
/// row by row. Whether that is so: nothing is known of the ends of rows that begin with a quote mark.
fn kept_whole(
    rows: &Rows<'_>,
    fates: &Fates,
    keep: impl Fn(Kind, &'static str) -> bool,
    runs: &mut Vec<[usize; 3]>,
) -> bool {
    let all = fates.all();
    let mut blank = false;
    let mut torn = false;
    let mut at = 0;
    while let Some(fate) = all.get(at) {
        let from = at;
        at = fates.end_of_run(at);
        if fates.rule(*fate).is_some_and(|(kind, rule)| !keep(kind, rule)) {
            torn = true;
            continue;
        }
        let run = &rows.rows[from..at];
        let visible = |row: &Row| row.state != State::Blank;
        let Some((first, last)) = run.iter().position(visible).zip(run.iter().rposition(visible)) else {
            blank = true;
            continue;
        };
        let marked = |row: &Row| rows.body.as_bytes().get(row.first) == Some(&b'>');
        if run[first..=last].iter().any(marked) {
            return false;
        }
        blank |= first > 0;
        // Runs of different fates stand side by side where rows are kept that a rule took.
        let breaks = match runs.last() {
            None => 0,
            Some(_) if torn => 1 + usize::from(blank),
            Some(before) => run[first].start - before[2],
        };
        runs.push([breaks, run[first].start, run[last].end]);
        blank = last + 1 < run.len();
        torn = false;
    }
    true
}

/// The reply that the fates of rows make, with what was removed if that is to be told.
pub(crate) fn assemble(rows: &Rows<'_>, fates: Fates, options: &Options, tell: bool) -> Reply {
    let keep = |kind: Kind, rule: &'static str| match kind {
        Kind::Signature => options.keep_signature,
        Kind::Quote => options.keep_quoted && rule != history::BELOW,
        _ => false,
    };
    let text = kept(rows, &fates, keep);
    let mut reply = Reply { text, uncertain: fates.uncertain, ..Reply::default() };
    reply.signature = signature_of(rows, &fates);
    if tell {
        reply.removed = removed(rows, &fates, keep);
    }
    reply
}

/// The rows removed as a signature, with the line breaks between them.
fn signature_of(rows: &Rows<'_>, fates: &Fates) -> Option<String> {
    if !fates.may_hold(Kind::Signature) {
        return None;
    }
    let mut signature = String::with_capacity(120);
    let mut at = 0;
    while at < rows.len() {
        let from = at;
        at = fates.end_of_run(at);
        if !fates.get(from).is_some_and(|(kind, _)| kind == Kind::Signature) {
            continue;
        }
        for row in from..at {
            let text = rows.whole(row);
            // No line breaks before the first words.
            if !(text.is_empty() && signature.is_empty()) {
                signature.push_str(text);
                signature.push('\n');
            }
        }
    }
    signature.truncate(signature.trim_end_matches('\n').len());
    (!signature.chars().all(char::is_whitespace)).then_some(signature)
}

/// What was removed, in order.
fn removed(rows: &Rows<'_>, fates: &Fates, keep: impl Fn(Kind, &'static str) -> bool) -> Vec<Removed> {
    let mut all = Vec::with_capacity(4);
    let mut at = 0;
    while at < rows.len() {
        let from = at;
        at = fates.end_of_run(at);
        if let Some((kind, rule)) = fates.get(from)
            && !keep(kind, rule)
            && let Some((first, last)) = rows.rows.get(from).zip(rows.rows.get(at - 1))
        {
            let text = rows.body[first.start..last.end].to_string();
            all.push(Removed { kind, rule, text, lines: from..at });
        }
    }
    // Where a row that is otherwise gone is kept by an option, what was cut off it is gone all the same.
    let shown = |at: usize| fates.get(at).is_none_or(|(kind, rule)| keep(kind, rule));
    for (at, column) in &fates.tails {
        if shown(*at) {
            all.push(Removed {
                kind: Kind::Form,
                rule: "form.label",
                text: rows.text(*at)[..*column].to_string(),
                lines: *at..*at + 1,
            });
        }
    }
    for (at, column) in fates.heads.iter().filter(|(at, _)| shown(*at)) {
        all.push(Removed {
            kind: Kind::Attribution,
            rule: "attribution.inside",
            text: rows.text(*at)[*column..].to_string(),
            lines: *at..at + 1,
        });
    }
    all.retain(|removed| !removed.text.chars().all(char::is_whitespace));
    all.sort_by_key(|removed| removed.lines.start);
    all
}
