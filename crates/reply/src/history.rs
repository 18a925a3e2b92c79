//! Where the author's words end and what others wrote begins.

use threadfold_html::Marks;

use crate::attribution;
use crate::fates::{Fates, Kind};
use crate::headers::{self, Marker, is_rule};
use crate::lines::{Row, Rows, State, is_invisible};
use crate::phrases::{Field, Kinds, Phrase, phrases, without_marks};
use crate::reply::{ForwardAlone, Options};

/// The rule for what stands below an attribution or header lines with no mark of its own.
pub(crate) const BELOW: &str = "history.below";

/// The rule for header lines that no marker announces.
const HEADERS: &str = "history.headers";

/// What the walk over the rows found.
#[derive(Default)]
pub(crate) struct Walk {
    /// The mail is a forward (or a quotation) and nothing else.
    pub(crate) naked: bool,
    /// A forward's marker was seen.
    pub(crate) forwarded: bool,
    /// Quotations that nothing announces, below words of the author's.
    pub(crate) unannounced: Vec<std::ops::Range<usize>>,
}

/// Walks the rows from top to bottom and takes away what is history.
pub(crate) fn walk(rows: &Rows<'_>, fates: &mut Fates, options: &Options) -> Walk {
    let keep_forwarded = options.keep_forwarded;
    let mut walk = Walk::default();
    let mut at = 0;
    let mut first_kept: Option<usize> = None;
    // Once a quotation is announced, those below it are its parts with answers in between.
    let mut announced = false;
    let mut forwarded = false;
    // Rows above this one cannot belong to an attribution any more.
    let mut floor = 0;
    while at < rows.len() {
        if fates.is_gone(at) {
            at += 1;
            floor = at;
            continue;
        }
        let row = rows.rows[at];
        match row.state {
            State::Blank => at += 1,
            State::Quoted if !attribution::is_loose_end(rows, at) => {
                let marked = first_forward(rows, at, at + 4);
                walk.forwarded |= marked;
                let end = quotation_end(rows, at, forwarded || marked);
                if keep_forwarded && first_forward(rows, at, end) {
                    at = end;
                    continue;
                }
                if first_kept.is_some() && !announced && !announces_itself(rows, at, end) {
                    walk.unannounced.push(at..end);
                } else {
                    announced = true;
                }
                fates.remove(at..end, Kind::Quote, quotation_rule(&row));
                at = end;
                floor = at;
            }
            // "---end quoted text---"
            State::Text if floor == at && announced && is_quotation_end(rows.text(at)) => {
                fates.remove(at..at + 1, Kind::Quote, "quote.end");
                at += 1;
            }
            State::Text if row.fenced => {
                first_kept.get_or_insert(at);
                at += 1;
            }
            State::Text | State::Quoted => {
                let Some(event) = event_at(rows, at, floor) else {
                    first_kept.get_or_insert(at);
                    at += 1;
                    continue;
                };
                if event.kind == Kind::Forward && keep_forwarded {
                    return walk;
                }
                // An element that cuts may be an event without rows of its own: the walk goes on behind its first.
                let next = event.to.max(at + 1);
                let above = first_kept.is_some_and(|first| first < event.from) || event.column > 0;
                if event.rule == HEADERS
                    && let Some(first) = first_kept
                    && is_pasted(rows, first, &event)
                {
                    fates.uncertain = true;
                    at = next;
                    floor = at;
                    continue;
                }
                let from = if above { rule_above(rows, event.from) } else { event.from };
                let quoted =
                    next_but_elision(rows, event.to).is_some_and(|next| rows.state(next) == State::Quoted);
                if !above && !quoted && event.naked {
                    // A forward with nothing above it: the mail is what it forwards.
                    fates.uncertain = true;
                    let said = (event.to..rows.len()).any(|at| rows.state(at) != State::Blank);
                    const ELEMENT: Marks = Marks::QUOTE
                        .union(Marks::GMAIL)
                        .union(Marks::CITE)
                        .union(Marks::FORWARD)
                        .union(Marks::WRAPPER);
                    let loose = !rows.rows[event.from].marks.intersects(ELEMENT);
                    if said && loose && options.forward_alone == ForwardAlone::Unwrapped {
                        fates.remove(event.from..event.to, event.kind, event.rule);
                        at = next;
                        floor = at;
                        continue;
                    }
                    walk.naked = true;
                    return walk;
                }
                let from = if event.column > 0 {
                    fates.heads.push((event.from, event.column));
                    event.from + 1
                } else {
                    from
                };
                fates.remove(from..event.to, event.kind, event.rule);
                if quoted {
                    announced = true;
                    forwarded = event.kind == Kind::Forward;
                    walk.forwarded |= forwarded;
                    at = next;
                    floor = at;
                    continue;
                }
                if event.kind == Kind::Attribution
                    && let Some(end) = in_inverted_commas(rows, event.to)
                {
                    fates.remove(event.to..end, Kind::Quote, "quote.inverted-commas");
                    fates.uncertain = true;
                    announced = true;
                    at = end;
                    floor = at;
                    continue;
                }
                if above {
                    let kind = if event.kind == Kind::Forward { Kind::Forward } else { Kind::Quote };
                    fates.remove(event.to..rows.len(), kind, BELOW);
                    return walk;
                }
                // An attribution with nothing above it: the answer stands below, and what is quoted is not marked.
                fates.uncertain |= event.kind != Kind::Delimiter;
                at = next;
                floor = at;
            }
        }
    }
    walk
}

/// The next visible row, or the one behind a row such as `[...]` or `<snip>`.
fn next_but_elision(rows: &Rows<'_>, at: usize) -> Option<usize> {
    let next = rows.next_visible(at)?;
    if rows.state(next) == State::Text && is_elision(rows.text(next)) {
        rows.next_visible(next + 1)
    } else {
        Some(next)
    }
}

fn is_elision(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    text.len() <= 40
        && (bare.is_empty() || text.starts_with(['[', '<', '(']) && bare.split_whitespace().count() <= 3)
}

fn is_quotation_end(text: &str) -> bool {
    headers::dashed(text)
        .is_some_and(|words| words.len() <= 40 && words.split_whitespace().any(|word| word == "quoted"))
}

/// Where a paragraph ends that is one quotation in inverted commas, with words of the author's behind it: "On 5 March
/// Ann wrote:", a sentence of hers, and what the author has to say to it.
fn in_inverted_commas(rows: &Rows<'_>, from: usize) -> Option<usize> {
    const OPENING: [char; 4] = ['"', '\u{201c}', '\u{201e}', '\u{ab}'];
    const CLOSING: [char; 4] = ['"', '\u{201d}', '\u{201c}', '\u{bb}'];
    let first = rows.next_visible(from)?;
    if rows.state(first) != State::Text || !rows.text(first).starts_with(OPENING) {
        return None;
    }
    let end = (first..rows.len()).find(|at| rows.state(*at) != State::Text)?;
    let last = rows.text(end - 1);
    let marks =
        |at: usize| rows.text(at).chars().filter(|c| OPENING.contains(c) || CLOSING.contains(c)).count();
    let closed = last.trim_end_matches(['.', '!', '?', ',']).ends_with(CLOSING);
    let once = (first..end).map(marks).sum::<usize>() == 2;
    let goes_on = rows.next_visible(end).is_some_and(|next| rows.state(next) == State::Text);
    (closed && once && goes_on).then_some(end)
}

/// Rows and words that are too few for the message whose header lines stand above them.
const FEW: (usize, usize) = (6, 60);

/// Header lines that somebody shows, for what they say, and goes on below: "I got this mail:", the lines, "Is it from
/// you?". Told by the colon above, by a question or request that stands only below, by how little that is, and by the
/// absence of what mail programs add and letters begin with.
fn is_pasted(rows: &Rows<'_>, first: usize, event: &Event) -> bool {
    let Some(above) = (first..event.from).rev().find(|at| rows.state(*at) != State::Blank) else {
        return false;
    };
    if rows.state(above) != State::Text
        || !rows.text(above).ends_with([':', '\u{ff1a}'])
        || event.from - above > 2
        || (first..above).any(|at| rows.text(at).ends_with('?'))
        || headers::block_at(rows, event.from).is_none_or(|block| block.has(Field::Sent))
    {
        return false;
    }
    let mut count = 0;
    let mut words = 0;
    let mut said = false;
    for at in (event.to..rows.len()).filter(|at| rows.state(*at) != State::Blank) {
        let text = rows.text(at);
        let greets = count == 0 && text.ends_with(',') && text.split_whitespace().count() <= 4;
        count += 1;
        words += text.split_whitespace().take(FEW.1 + 1).count();
        if rows.state(at) == State::Quoted || greets || count > FEW.0 || words > FEW.1 {
            return false;
        }
        said |= rows.is_said(at);
    }
    said
}

struct Event {
    from: usize,
    to: usize,
    column: usize,
    kind: Kind,
    rule: &'static str,
    /// Standing at the top, it makes the mail a forward and nothing else.
    naked: bool,
}

/// Whether nothing in a row's text can be an event: the row begins no header lines, marker or delimiter, and ends no
/// attribution.
pub(crate) fn is_quiet(text: &str, begins: impl FnOnce() -> Kinds) -> bool {
    const TELLING: Kinds = Kinds::LABEL.and(Kinds::MARKER).and(Kinds::DELIMITER);
    !text.starts_with(['-', '_', '=', '\u{2014}', '#'])
        && !attribution::may_be_last(text)
        && !begins().has(TELLING)
}

fn event_at(rows: &Rows<'_>, at: usize, floor: usize) -> Option<Event> {
    let row = &rows.rows[at];
    // One look spares most rows all others.
    if !row.marks.intersects(Marks::CUT.union(Marks::RULED_BOX)) && rows.is_quiet(at) {
        return None;
    }
    let text = rows.text(at);
    let event = |to, kind, rule, naked| Some(Event { from: at, to, column: 0, kind, rule, naked });
    if row.marks.contains(Marks::CUT) {
        let to = headers::block_at(rows, at).map_or(at, |block| block.to);
        return event(to, Kind::HeaderBlock, "history.element", true);
    }
    if let Some(to) = ruled_headers(rows, at) {
        return event(to, Kind::HeaderBlock, "history.ruled-box", true);
    }
    let first = text.chars().next()?;
    let begins = rows.begins(at);
    let (labelled, marked) = (begins.has(Kinds::LABEL), begins.has(Kinds::MARKER));
    let delimits = begins.has(Kinds::DELIMITER);
    // Markers and delimiters begin with a line of dashes or with their words.
    if marked && let Some((marker, needs_headers)) = headers::marker(text) {
        let next = rows.next_visible(at + 1);
        let headed = next.is_some_and(|next| headers::label(label_text(rows, next)).is_some());
        if !needs_headers || headed {
            let to = next.and_then(|next| headers::block_at(rows, next)).map_or(at + 1, |block| block.to);
            let (kind, rule) = match marker {
                Marker::Forward => (Kind::Forward, "forward.marker"),
                Marker::Original => (Kind::HeaderBlock, "history.marker"),
            };
            return event(to, kind, rule, true);
        }
    }
    if matches!(first, '-' | '_' | '=' | '\u{2014}')
        && headers::dashed_words(text)
        && let Some(next) = rows.next_visible(at + 1)
        && headers::label(label_text(rows, next)).is_some()
    {
        let to = headers::block_at(rows, next).map_or(at + 1, |block| block.to);
        return event(to, Kind::Forward, "forward.dashes", true);
    }
    if (delimits || first == '#') && is_delimiter(text) {
        return event(at + 1, Kind::Delimiter, "delimiter.phrase", false);
    }
    if labelled && let Some(block) = headers::block_at(rows, at) {
        return event(block.to, Kind::HeaderBlock, HEADERS, true);
    }
    let found = attribution::ending_at(rows, at, floor)?;
    Some(Event {
        from: found.from,
        to: found.to,
        column: found.column,
        kind: Kind::Attribution,
        rule: found.rule,
        naked: false,
    })
}

/// Outlook's box with a line above it, whatever the language of the labels in it: the row behind it.
pub(crate) fn ruled_headers(rows: &Rows<'_>, at: usize) -> Option<usize> {
    let boxed = |at: usize| rows.rows.get(at).is_some_and(|row| row.marks.contains(Marks::RULED_BOX));
    if !boxed(at) || at > 0 && boxed(at - 1) {
        return None;
    }
    let to = (at..rows.len().min(at + 12))
        .take_while(|at| boxed(*at) || rows.state(*at) == State::Blank)
        .last()?
        + 1;
    let labelled = (at..to).filter(|at| {
        let text = rows.text(*at);
        text.find([':', '\u{ff1a}'])
            .is_some_and(|colon| colon > 0 && colon < 40 && !text[..colon].contains(['.', ',']))
    });
    let visible = (at..to).filter(|at| rows.state(*at) != State::Blank).count();
    let labelled = labelled.count();
    (labelled >= 2 && labelled * 2 >= visible).then_some(to)
}

/// A row's text without the quote marks before it.
fn label_text<'a>(rows: &Rows<'a>, at: usize) -> &'a str {
    rows.text(at).trim_start_matches(['>', ' ', '|'])
}

/// "##- Please type your reply above this line -##", in any language if it stands between such marks.
pub(crate) fn is_delimiter(text: &str) -> bool {
    if text.starts_with("##-") && text.ends_with("-##") && text.len() < 400 {
        return text.contains(char::is_alphabetic);
    }
    let bare = without_marks(text);
    if bare.len() > 300 {
        return false;
    }
    let mut found = false;
    phrases().at_start(bare, |hit| {
        found |= hit.phrase == Phrase::Delimiter
            && bare[hit.end..].chars().filter(|c| c.is_alphabetic()).count() <= 40;
    });
    found
}

/// The first row of what is to be removed: a drawn line right above goes too.
fn rule_above(rows: &Rows<'_>, from: usize) -> usize {
    let mut at = from;
    while at > 0 && at + 3 > from {
        at -= 1;
        if rows.state(at) == State::Text {
            let goes = is_rule(rows.text(at)) || is_notes_summary(rows.text(at));
            return if goes && !rows.rows[at].fenced { at } else { from };
        }
        if rows.state(at) == State::Quoted {
            return from;
        }
    }
    from
}

/// "Ann Lee ---03/05/2024 09:12:00 AM---Where is it?", which Notes puts above its header lines.
fn is_notes_summary(text: &str) -> bool {
    if !text.as_bytes().windows(3).any(|part| part == b"---") {
        return false;
    }
    let mut parts = text.split("---");
    let (Some(name), Some(date), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return false };
    if name.is_empty() || name.len() > 80 || date.len() > 40 {
        return false;
    }
    let clues = crate::clues::Clues::of(date);
    clues.date && clues.time && clues.starts_with_date
}

/// Whether a quotation's first rows say who is quoted.
fn announces_itself(rows: &Rows<'_>, from: usize, to: usize) -> bool {
    let text: String = (from..to.min(from + 5))
        .map(|at| rows.text(at).trim_start_matches(['>', ' ', '|']))
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    crate::attribution::begins_with(&text) || rows.rows[from].marks != Marks::NONE
}

/// Rows that an author's own quotation may have; longer ones were put there by a mail program.
const OWN_ROWS: usize = 8;

/// The author's own quotation: one that nothing announces, right below words of the author's and with more of
/// them behind it. Two or more are the parts of a message answered point by point.
pub(crate) fn own_quotation(rows: &Rows<'_>, fates: &mut Fates, walk: &Walk) {
    let [run] = &walk.unannounced[..] else {
        fates.uncertain |= !walk.unannounced.is_empty();
        return;
    };
    fates.uncertain = true;
    let above = run.start > 0 && rows.state(run.start - 1) == State::Text && !fates.is_gone(run.start - 1);
    let below =
        rows.next_visible(run.end).is_some_and(|at| rows.state(at) == State::Text && !fates.is_gone(at));
    if above && below && run.len() <= OWN_ROWS {
        for at in run.clone() {
            fates.restore(at);
        }
    }
}

fn first_forward(rows: &Rows<'_>, from: usize, to: usize) -> bool {
    (from..to.min(from + 4)).any(|at| {
        rows.begins(at).has(Kinds::MARKER)
            && matches!(headers::marker(label_text(rows, at)), Some((Marker::Forward, _)))
    })
}

fn quotation_rule(row: &Row) -> &'static str {
    if row.marks.intersects(Marks::QUOTE | Marks::CITE | Marks::BLOCKQUOTE) {
        "quote.element"
    } else {
        "quote.mark"
    }
}

/// The row behind a quotation that starts at `from`: blank rows between quoted ones belong to it, and so do
/// loose ends that a mail program broke off a quoted line.
fn quotation_end(rows: &Rows<'_>, from: usize, forwarded: bool) -> usize {
    let mut end = from + 1;
    let mut at = end;
    while at < rows.len() {
        match rows.state(at) {
            State::Quoted => {
                at += 1;
                end = at;
            }
            State::Blank => at += 1,
            // Nobody answers between the lines of a forward.
            State::Text
                if at == end
                    && (is_loose_end(rows, at) || forwarded && rows.state(at + 1) == State::Quoted) =>
            {
                at += 1;
                end = at;
            }
            State::Text => break,
        }
    }
    end
}

/// Columns at which mail programs break lines, at the least.
const WRAP: usize = 66;

/// Whether a few words between two quoted rows are the end of the one above: some programs break a quoted line
/// anew once its marks have made it too long. Whoever answers there ends a sentence or begins one.
fn is_broken_off(rows: &Rows<'_>, at: usize) -> bool {
    let (text, before) = (rows.text(at), rows.text(at - 1));
    let chars = text.chars().count();
    let words = text.split_whitespace().count();
    if words > 4 || chars > 28 && !(text.starts_with('<') && words <= 3) || text.ends_with(['?', '!', ':']) {
        return false;
    }
    let word = text.split_whitespace().next().map_or(0, |word| word.chars().count());
    let length = before.chars().filter(|c| !is_invisible(*c)).count();
    let unfinished = !before.ends_with(['.', '?', '!', ':', '\u{2026}']);
    let goes_on = label_text(rows, at + 1).starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit());
    unfinished && (length + 1 + word >= 62 || text.starts_with(char::is_lowercase))
        || goes_on && !text.ends_with('.')
}

fn is_loose_end(rows: &Rows<'_>, at: usize) -> bool {
    let text = rows.text(at);
    let before = rows.text(at - 1);
    let quoted_next = rows.state(at + 1) == State::Quoted;
    let token = !text.contains(' ') && text.len() > 3 && text.contains(['/', '=', '_', '%', '&']);
    if quoted_next && token && before.contains("http") {
        return true;
    }
    if quoted_next && (text.starts_with("http") || text.starts_with("<http") || text.starts_with("(http")) {
        return true;
    }
    let word = text.split_whitespace().next().map_or(0, |word| word.chars().count());
    let broken =
        before.chars().filter(|c| !is_invisible(*c)).count() + 1 + word > WRAP + 4 && before.len() >= 50;
    let goes_on = text.starts_with(char::is_lowercase) && text.chars().count() <= 60;
    if rows.state(at - 1) == State::Quoted && quoted_next && before.len() >= 50 && is_broken_off(rows, at) {
        return true;
    }
    broken && goes_on && (quoted_next || rows.state(at + 1) == State::Blank && text.chars().count() < 30)
        || broken && quoted_next && !before.ends_with(['.', '?', '!', ':', '>']) && text.chars().count() <= 40
}
