//! Lines that set off a signature: `-- `, dashes of other kinds, drawn lines.

use crate::fates::{Fates, Kind};
use crate::headers::is_rule;
use crate::lines::{Rows, State, is_invisible};
use crate::looks::is_code;
use crate::signature::{LONGEST, Segment, last_visible};

/// Rows at a segment's end in which a delimiter is looked for.
const WINDOW: usize = 60;

/// A line of two dashes or so: the delimiter of a signature.
pub(crate) fn is_delimiter(whole: &str) -> bool {
    let text =
        whole.trim_matches(|c: char| c == ' ' || c == '\t' || c == '\r' || c == '\u{a0}' || is_invisible(c));
    matches!(
        text,
        "--" | "\u{2014}"
            | "\u{2013}"
            | "- --"
            | "-- --"
            | "\u{2014}\u{2014}"
            | "**--**"
            | "\\--"
            | "\u{2014}-"
    )
}

/// Whether the row is the delimiter the standard has: two dashes and a space (RFC 3676, section 4.3).
fn is_standard_delimiter(rows: &Rows<'_>, at: usize) -> bool {
    if rows.left {
        return false;
    }
    let row = rows.rows[at];
    let rest = rows.body.get(row.start..).unwrap_or("");
    row.state == State::Text && !row.fenced && (rest.starts_with("-- \n") || rest.starts_with("-- \r"))
}

/// The first standard delimiter of a segment below which no more stands than a signature may have.
fn standard_delimiter(rows: &Rows<'_>, from: usize, to: usize) -> Option<usize> {
    let mut below = 0;
    let mut counted = to;
    let mut found = None;
    for at in rows.ruled_in(from, to).iter().rev().copied() {
        let between = (at..counted).rev().filter(|at| rows.state(*at) != State::Blank);
        below += between.take(WINDOW + 1).count();
        counted = at;
        if below > WINDOW {
            break;
        }
        if is_standard_delimiter(rows, at) {
            found = Some(at);
        }
    }
    found
}

/// Rows and bytes that may stand below a delimiter that is not the standard's.
const BELOW: (usize, usize) = (12, 1200);

/// Takes the signature below a delimiter; the row of the delimiter.
pub(crate) fn delimited(rows: &Rows<'_>, fates: &mut Fates, segment: &Segment, end: usize) -> Option<usize> {
    let from = segment.from;
    // Most bodies have no such line at all.
    if rows.ruled_in(from, end).is_empty() {
        return None;
    }
    let said_above = |at: usize| segment.below_others || last_visible(rows, from, at).is_some();
    if let Some(at) = standard_delimiter(rows, from, end) {
        // Whoever says nothing above it says it below.
        if said_above(at) || !(at + 1..end).any(|at| rows.is_said(at)) {
            fates.remove(at..end, Kind::Signature, "signature.delimiter");
            return Some(at);
        }
        fates.uncertain = true;
    }
    let start = from.max(end.saturating_sub(WINDOW));
    let dashes = |at: usize| rows.rows[at].end - rows.rows[at].first <= 8 && is_delimiter(rows.whole(at));
    let candidate = |at: &usize| {
        let row = rows.rows[*at];
        row.state == State::Text && !row.fenced && (dashes(*at) || is_rule(rows.text(*at)))
    };
    let candidates = || rows.ruled_in(start, end).iter().copied().filter(candidate);
    let all = candidates().count();
    if all == 0 {
        return None;
    }
    // Several lines of the kind part what is said, or stand around it.
    let several = candidates().filter(|at| dashes(*at)).count() > 1;
    let mut left = all;
    for at in candidates() {
        left -= 1;
        let drawn = !dashes(at);
        let takes = said_above(at)
            && if drawn {
                !is_underline(rows, at)
                    && !announced(rows, from, at)
                    && looks_signed(rows, at + 1, end, left > 0, all == 1)
            } else if several || left > 0 {
                last_visible(rows, at + 1, end).is_none()
                    || looks_signed(rows, at + 1, end, left > 0, left == 0)
                    || signs_surely(rows, at + 1, end)
            } else {
                may_sign(rows, at + 1, end)
            };
        if takes {
            let rule = if drawn { "signature.rule" } else { "signature.dashes" };
            fates.remove(at..end, Kind::Signature, rule);
            return Some(at);
        }
        fates.uncertain |= !drawn;
    }
    None
}

/// A line drawn under a heading of its length.
fn is_underline(rows: &Rows<'_>, at: usize) -> bool {
    let length = |at: usize| rows.text(at).chars().count();
    at > 0 && rows.state(at - 1) == State::Text && length(at).abs_diff(length(at - 1)) <= 2
}

/// "My new data:" makes what is below part of what is said.
fn announced(rows: &Rows<'_>, from: usize, at: usize) -> bool {
    last_visible(rows, from, at).is_some_and(|above| rows.text(above).ends_with([':', '\u{ff1a}']))
}

/// What stands below the only delimiter of a segment, if it is not too much, and neither begins as something said
/// does nor asks anything.
fn may_sign(rows: &Rows<'_>, from: usize, end: usize) -> bool {
    let visible = || (from..end).filter(|at| rows.state(*at) != State::Blank);
    let Some(head) = visible().next() else { return true };
    let texts = || visible().map(|at| rows.text(at));
    let fits =
        visible().take(BELOW.0 + 1).count() <= BELOW.0 && texts().map(str::len).sum::<usize>() < BELOW.1;
    let asks = || texts().any(|text| text.ends_with('?') && !text.contains("://"));
    fits && !rows.is_said(head) && (rows.is_name(head) || !asks())
}

/// A few short rows at the end of a segment, of which some say how to reach somebody, or a lone name.
/// With more lines of the kind below (`parted`) a name must stand above them, and without (`alone`) a name is
/// enough.
fn looks_signed(rows: &Rows<'_>, from: usize, end: usize, parted: bool, alone: bool) -> bool {
    let visible = || (from..end.min(from + 40)).filter(|at| rows.state(*at) != State::Blank);
    let count = visible().count();
    let Some(first) = visible().next() else { return false };
    if count > LONGEST || end > from + 40 {
        return false;
    }
    if rows.is_picture(first) {
        return true;
    }
    let fit = visible().all(|at| rows.fits(at) && !is_code(rows.text(at)))
        && visible().filter(|at| rows.is_prose(*at)).count() <= 1;
    if !fit {
        return false;
    }
    if visible().any(|at| rows.is_contact(at)) {
        return !parted || rows.is_name(first) || rows.is_contact(first);
    }
    let named = visible().take(2).any(|at| rows.is_name(at));
    let signed = || visible().any(|at| holds_signature(rows.text(at)));
    alone && (named && count <= 6 || signed())
}

/// A name and below it a way to reach its bearer: whatever else stands there, it is a signature.
fn signs_surely(rows: &Rows<'_>, from: usize, end: usize) -> bool {
    let mut visible = (from..end).filter(|at| rows.state(*at) != State::Blank).take(BELOW.0 + 1);
    let named = visible.next().is_some_and(|at| rows.is_name(at));
    let reached = visible.by_ref().take(3).any(|at| rows.is_contact(at));
    named && reached && visible.count() <= BELOW.0
}

/// "This is my signature."
fn holds_signature(text: &str) -> bool {
    text.as_bytes().windows(9).any(|word| word.eq_ignore_ascii_case(b"signature"))
}
