//! The history of a body, message by message: what was answered, what that had answered, and so on.

use threadfold_html::{Document, Marks};

use crate::attribution;
use crate::fates::{Fates, Kind};
use crate::headers;
use crate::history;
use crate::known::Known;
use crate::lines::{Rows, State};
use crate::reply::{Body, Options, read_body};

/// One message as a later one quotes it.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, history_levels};
/// let body = "Yes.\n\nOn 5 March 2024 at 09:12, Bo <bo@example.com> wrote:\n> Both?\n>\n> Ann wrote:\n>> Is it blue?";
/// let history = history_levels(Body::Text(body), &Known::default(), &Options::default());
/// assert_eq!((history[0].level, history[0].text.as_str()), (1, "Both?"));
/// assert_eq!(history[0].head.as_deref(), Some("On 5 March 2024 at 09:12, Bo <bo@example.com> wrote:"));
/// assert_eq!((history[1].level, history[1].text.as_str()), (2, "Is it blue?"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quoted {
    /// 1 for what the body's author answered (or forwarded), 2 for what that message quotes, and so on.
    pub level: usize,
    /// The attribution line, or the marker and header lines, above it: its lines as they stand in the body but
    /// without the quote marks before them. [`attribution::parse`](crate::attribution::parse) reads name, address
    /// and date from it. `None` where nothing says whose words they are.
    pub head: Option<String>,
    /// Its words without quote marks, and without what it quotes itself; the signature is still there, and
    /// [`extract`](crate::extract) takes it away. Where answers or deeper quotations stand between its parts, a
    /// blank line does. Lines are as the quoting program broke them. Empty where only a head is left.
    pub text: String,
}

/// The history that a body holds, in the order in which its messages begin.
///
/// What counts as history is what [`extract`](crate::extract) removes as such with the same arguments: a forward
/// that stands alone is no history, it is what was said. Depth is told by quote marks, by `blockquote` elements
/// and, where neither is used, by the attribution or header lines between the messages. Of a body in both forms
/// the plain one is read.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, history_levels};
/// let body = "Yes.\n\nFrom: Bo <bo@example.com>\nSent: 5 March 2024 09:12\nTo: shop@example.org\nSubject: Kettle\n\nIs it blue?";
/// let history = history_levels(Body::Text(body), &Known::default(), &Options::default());
/// assert_eq!(history.len(), 1);
/// assert!(history[0].head.as_deref().is_some_and(|head| head.starts_with("From: Bo")));
/// assert_eq!(history[0].text, "Is it blue?");
/// ```
pub fn history_levels(body: Body<'_>, known: &Known<'_>, options: &Options) -> Vec<Quoted> {
    read_body(body, known, options, |rows, fates, document| levels(rows, &fates, document))
}

/// A row of the history: what stands behind its marks, and how many those are.
struct Bare<'a> {
    depth: usize,
    text: &'a str,
    /// Rows of the author's stand between this one and the one before.
    apart: bool,
    marks: Marks,
}

/// The quote marks before a row's text, with the `initials` of who is quoted or without, and what stands behind
/// them.
fn unmarked(row: &str, initials: bool) -> (usize, &str) {
    let mut depth = 0;
    let mut text = row;
    loop {
        let rest = text.trim_start_matches([' ', '\t', '\u{a0}']);
        // "jd> Is it blue?"
        let letters = if initials && depth == 0 {
            rest.bytes().take(3).take_while(u8::is_ascii_alphabetic).count()
        } else {
            0
        };
        match rest.as_bytes().get(letters) {
            Some(b'>') => {
                depth += 1;
                text = &rest[letters + 1..];
            }
            _ => return (depth, if depth > 0 { text.strip_prefix(' ').unwrap_or(text) } else { text }),
        }
    }
}

fn is_history(kind: Kind) -> bool {
    matches!(kind, Kind::Quote | Kind::Attribution | Kind::HeaderBlock | Kind::Forward)
}

/// The rows of the history with their depth.
fn bare_rows<'a>(rows: &Rows<'a>, fates: &Fates, document: Option<&Document>) -> Vec<Bare<'a>> {
    let mut all: Vec<Bare<'a>> = Vec::new();
    let mut heads = fates.heads.clone();
    heads.sort_unstable();
    let mut apart = false;
    let mut last = 0;
    for at in 0..rows.len() {
        let head = heads.binary_search_by_key(&at, |(row, _)| *row).ok().map(|found| heads[found].1);
        if let Some(column) = head {
            let text = rows.text(at)[column..].trim_start_matches(['-', ' ']);
            all.push(Bare { depth: 0, text, apart: true, marks: Marks::NONE });
            last = 0;
            apart = false;
            continue;
        }
        if rows.state(at) == State::Blank {
            // Belongs to what stands around it.
            if all.last().is_some_and(|bare| !bare.text.is_empty()) {
                all.push(Bare { depth: last, text: "", apart: false, marks: rows.rows[at].marks });
            }
            continue;
        }
        let Some((_, rule)) = fates.get(at).filter(|(kind, _)| is_history(*kind)) else {
            apart |= !fates.is_gone(at);
            continue;
        };
        let boxes = document.and_then(|document| document.lines().get(at)).map_or(0, |line| line.depth);
        let (marks, text) = unmarked(rows.whole(at), rows.state(at) == State::Quoted);
        let mut depth = marks + usize::from(boxes);
        // The end of a quoted line that a program broke off stands where that line does.
        if rows.state(at) == State::Text
            && matches!(rule, "quote.mark" | "quote.element" | "parent.loose-end")
        {
            depth = last;
        }
        last = depth;
        all.push(Bare { depth, text, apart: std::mem::take(&mut apart), marks: rows.rows[at].marks });
    }
    all
}

/// A message whose rows may go on further down.
struct Open {
    /// The depth its rows have, and the heads without marks below them that they stand under.
    depth: usize,
    heads: usize,
    piece: usize,
}

fn levels(rows: &Rows<'_>, fates: &Fates, document: Option<&Document>) -> Vec<Quoted> {
    let bare = bare_rows(rows, fates, document);
    let mut stripped = String::with_capacity(bare.iter().map(|row| row.text.len() + 1).sum());
    for row in &bare {
        stripped.push_str(row.text);
        stripped.push('\n');
    }
    let mut history = Rows::of_text(&stripped);
    for (row, bare) in history.rows.iter_mut().zip(&bare) {
        row.marks = bare.marks;
        if row.state != State::Blank {
            row.state = State::Text;
        }
    }
    let mut found: Vec<Quoted> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while at < bare.len() {
        let depth = bare[at].depth;
        let end = (at..bare.len()).find(|at| bare[*at].depth != depth).unwrap_or(bare.len());
        // Seen from this depth, what is deeper is quoted.
        let next = history.next_visible(end).filter(|next| bare[*next].depth > depth);
        if let Some(next) = next {
            history.rows[next].state = State::Quoted;
        }
        run(&history, &bare, at..end, next.is_some(), &mut open, &mut found);
        if let Some(next) = next {
            history.rows[next].state = State::Text;
        }
        at = end;
    }
    for piece in &mut found {
        piece.text.truncate(piece.text.trim_end().len());
    }
    found.retain(|piece| piece.head.is_some() || !piece.text.is_empty());
    found
}

/// Reads rows of one depth; `deeper` rows follow them or not.
fn run(
    history: &Rows<'_>,
    bare: &[Bare<'_>],
    rows: std::ops::Range<usize>,
    deeper: bool,
    open: &mut Vec<Open>,
    found: &mut Vec<Quoted>,
) {
    let depth = bare[rows.start].depth;
    let mut at = rows.start;
    // Rows above belong to a head already.
    let mut floor = at;
    // Rows not yet given to a piece.
    let mut pending = at;
    while at < rows.end {
        if history.state(at) == State::Blank {
            at += 1;
            continue;
        }
        let Some((from, to)) = head_at(history, at, floor).filter(|(_, to)| *to <= rows.end) else {
            at += 1;
            continue;
        };
        say(history, bare, pending..from, depth, open, found);
        let last = deeper && (to..rows.end).all(|at| history.state(at) == State::Blank);
        let under = open.iter().rev().find(|open| open.depth <= depth).map_or(0, |open| open.heads);
        let (below, heads) = if last { (depth + 1, under) } else { (depth, under + 1) };
        let head: Vec<&str> =
            (from..to).filter(|at| history.state(*at) != State::Blank).map(|at| history.whole(at)).collect();
        begin(below, heads, Some(head.join("\n")), open, found);
        at = to;
        floor = to;
        pending = to;
    }
    say(history, bare, pending..rows.end, depth, open, found);
}

/// An attribution that ends in this row, or a marker or header lines that begin in it.
fn head_at(history: &Rows<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let text = history.text(at);
    if let Some((_, needs_headers)) = headers::marker(text) {
        let next = history.next_visible(at + 1);
        let block = next.and_then(|next| headers::block_at(history, next));
        if block.is_some() || !needs_headers {
            return Some((at, block.map_or(at + 1, |block| block.to)));
        }
    }
    if let Some(block) = headers::block_at(history, at) {
        return Some((at, block.to));
    }
    if let Some(end) = history::ruled_headers(history, at) {
        return Some((at, end));
    }
    attribution::ending_at(history, at, floor).map(|found| (found.from, found.to))
}

/// Opens a message: it stands under those that are open and less deep.
fn begin(depth: usize, heads: usize, head: Option<String>, open: &mut Vec<Open>, found: &mut Vec<Quoted>) {
    let mut orphan = None;
    while let Some(last) = open.last().filter(|last| last.depth + last.heads >= depth + heads) {
        if last.depth + last.heads > depth + heads {
            orphan = Some(last.piece);
        }
        open.pop();
    }
    let level = open.len() + 1;
    // ">> a" above "> b" with no head: b's author quoted a, and b begins only now.
    if head.is_none()
        && let Some(orphan) = orphan.filter(|orphan| found[*orphan].level == level)
    {
        found[orphan..].iter_mut().for_each(|piece| piece.level += 1);
    }
    open.push(Open { depth, heads, piece: found.len() });
    found.push(Quoted { level, head, text: String::new() });
}

/// Gives rows to the message they are part of.
fn say(
    history: &Rows<'_>,
    bare: &[Bare<'_>],
    rows: std::ops::Range<usize>,
    depth: usize,
    open: &mut Vec<Open>,
    found: &mut Vec<Quoted>,
) {
    let visible = |at: &usize| history.state(*at) != State::Blank;
    let Some(first) = rows.clone().find(visible) else { return };
    while open.last().is_some_and(|last| last.depth > depth) {
        let covered = open.len() > 1 && open[open.len() - 2].depth >= depth;
        if !covered {
            break;
        }
        open.pop();
    }
    if open.last().is_none_or(|last| last.depth != depth) {
        begin(
            depth,
            open.iter().rev().find(|open| open.depth <= depth).map_or(0, |open| open.heads),
            None,
            open,
            found,
        );
    }
    let Some(last) = open.last() else { return };
    let text = &mut found[last.piece].text;
    if !text.is_empty() {
        text.truncate(text.trim_end().len());
        text.push_str("\n\n");
    }
    for (at, row) in bare.iter().enumerate().take(rows.end).skip(first) {
        if row.apart && !text.is_empty() && !text.ends_with("\n\n") {
            text.push('\n');
        }
        text.push_str(history.whole(at));
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::{Quoted, history_levels};
    use crate::{Body, Known, Options};

    fn told(body: Body<'_>) -> Vec<(usize, String, String)> {
        history_levels(body, &Known::default(), &Options::default())
            .into_iter()
            .map(|Quoted { level, head, text }| {
                (level, head.unwrap_or_default().chars().take(12).collect(), text)
            })
            .collect()
    }

    fn levels(body: &str) -> Vec<(usize, String, String)> {
        told(Body::Text(body))
    }

    fn want(all: &[(usize, &str, &str)]) -> Vec<(usize, String, String)> {
        all.iter().map(|(level, head, text)| (*level, head.to_string(), text.to_string())).collect()
    }

    #[test]
    fn marks_tell_the_depth() {
        let body = "Yes.\n\nOn Tue, 5 Mar 2024 at 09:12, Bo Smith\n<bo@example.com> wrote:\n\n> Both?\n> Or one?\n>\n> On Mon, 4 Mar 2024 at 08:00, Ann Lee\n> <ann@example.org> wrote:\n>\n>> Is it blue?\n>>\n>>   indented\n>>> Hello\n";
        assert_eq!(
            levels(body),
            want(&[
                (1, "On Tue, 5 Ma", "Both?\nOr one?"),
                (2, "On Mon, 4 Ma", "Is it blue?\n\n  indented"),
                (3, "", "Hello"),
            ])
        );
    }

    #[test]
    fn heads_tell_the_depth_where_no_marks_do() {
        let block = |name: &str| {
            format!(
                "From: {name} <{name}@example.com>\nSent: 5 March 2024 09:12\nTo: x@example.org\nSubject: Kettle\n\n"
            )
        };
        let body = format!(
            "Yes.\n\n{}Both?\n\nBo\n\n{}Is it blue?\n\nOn Mon, 4 Mar 2024 at 08:00, Cy <cy@example.org> wrote:\n\n> Hello\n",
            block("bo"),
            block("ann")
        );
        assert_eq!(
            levels(&body),
            want(&[
                (1, "From: bo <bo", "Both?\n\nBo"),
                (2, "From: ann <a", "Is it blue?"),
                (3, "On Mon, 4 Ma", "Hello"),
            ])
        );
    }

    #[test]
    fn answers_between_and_below_do_not_break_a_message() {
        let body = "On Tue, 5 Mar 2024 at 09:12, Bo Smith <bo@example.com> wrote:\n>> Is it blue?\n> Yes.\nGood.\n> And round.\n\nThanks!\n";
        assert_eq!(levels(body), want(&[(1, "On Tue, 5 Ma", "Yes.\n\nAnd round."), (2, "", "Is it blue?")]));
        assert_eq!(
            levels("Good.\n\n>> Is it blue?\n> Yes.\n\nFine.\n\n> Bye.\n"),
            want(&[(2, "", "Is it blue?"), (1, "", "Yes.\n\nBye.")])
        );
    }

    #[test]
    fn several_messages_may_be_quoted_side_by_side() {
        let body = "On Tue, 5 Mar 2024 at 09:12, Bo Smith <bo@example.com> wrote:\n> Blue?\n\nYes.\n\nOn Wed, 6 Mar 2024 at 09:12, Cy Smith <cy@example.com> wrote:\n> Round?\n\nNo.\n";
        assert_eq!(levels(body), want(&[(1, "On Tue, 5 Ma", "Blue?"), (1, "On Wed, 6 Ma", "Round?")]));
    }

    #[test]
    fn an_attribution_may_share_the_replys_line() {
        let body = "yes it is On Tue, 5 Mar 2024 at 09:12, Bo Smith <bo@example.com> wrote:\n> Blue?\n";
        assert_eq!(levels(body), want(&[(1, "On Tue, 5 Ma", "Blue?")]));
    }

    #[test]
    fn elements_tell_the_depth() {
        let gmail = "<div>Yes.</div><div class=gmail_quote><div class=gmail_attr>On Tue, 5 Mar 2024 at 09:12, Bo &lt;bo@example.com&gt; wrote:<br></div><blockquote class=gmail_quote>Both?<div class=gmail_quote><div class=gmail_attr>On Mon, 4 Mar 2024 at 08:00, Ann &lt;ann@example.com&gt; wrote:</div><blockquote class=gmail_quote>Is it blue?</blockquote></div></blockquote></div>";
        assert_eq!(
            told(Body::Html(gmail)),
            want(&[(1, "On Tue, 5 Ma", "Both?"), (2, "On Mon, 4 Ma", "Is it blue?")])
        );
        // Apple Mail puts the attribution into the quotation.
        let apple = "<div>Yes.</div><blockquote type=cite><div>On 5 Mar 2024, at 09:12, Bo &lt;bo@example.com&gt; wrote:</div></blockquote><blockquote type=cite><div>Both?</div></blockquote>";
        assert_eq!(told(Body::Html(apple)), want(&[(1, "On 5 Mar 202", "Both?")]));
        let outlook = "<p>Yes.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Bo &lt;bo@example.com&gt;<br><b>Sent:</b> 5 March 2024 09:12<br><b>To:</b> Ann<br><b>Subject:</b> Kettle</p></div><p>Both?</p>";
        assert_eq!(told(Body::Html(outlook)), want(&[(1, "From: Bo <bo", "Both?")]));
    }

    #[test]
    fn no_history_no_levels() {
        assert_eq!(levels("Yes.\n\n-- \nAnn"), []);
        assert_eq!(levels(""), []);
    }
}
