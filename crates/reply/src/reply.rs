//! The reply put together.

use std::ops::Range;

use threadfold_html::Document;

use crate::desk;
use crate::fates::{Fates, Kind};
use crate::forms;
use crate::history;
use crate::html;
use crate::kept::{assemble, each_kept};
use crate::known::{self, Known, Parents};
use crate::lines::{Cutter, Rows, State};
use crate::looks;
use crate::phrases::{Phrase, phrases, without_marks};
use crate::pool;
use crate::signature::{self, Segment};

/// What to keep besides the author's new words.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, extract};
/// let options = Options { keep_signature: true, ..Options::default() };
/// let reply = extract(Body::Text("Yes.\n\nRegards,\nAnn"), &Known::default(), &options);
/// assert_eq!(reply.text, "Yes.\n\nRegards,\nAnn");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Keep signatures where they stand; what a phone or mail program added goes all the same.
    pub keep_signature: bool,
    /// Keep the quoted lines that answers stand between.
    pub keep_quoted: bool,
    /// Keep forwarded messages.
    pub keep_forwarded: bool,
    /// What a mail says that is a forward and nothing else.
    pub forward_alone: ForwardAlone,
}

/// What a mail says whose author forwarded a message and added no word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardAlone {
    /// The forwarded message's text, without the marker and header lines above it. A forward that stands whole
    /// in quotation marks or in a quotation's element is left as it is.
    #[default]
    Unwrapped,
    /// All of it, as it stands.
    Whole,
}

/// A body in the forms its mail has it in.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, extract};
/// let body = Body::Html("<p>Yes.</p><div class=yahoo_quoted>Is it?</div>");
/// assert_eq!(extract(body, &Known::default(), &Options::default()).text, "Yes.");
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Plain text.
    Text(&'a str),
    /// HTML.
    Html(&'a str),
    /// Both: the plain form is read, and the structure of the HTML settles what is uncertain in it.
    Both {
        /// The plain form.
        text: &'a str,
        /// The HTML form.
        html: &'a str,
    },
}

/// A block that was removed.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, extract};
/// let reply = extract(Body::Text("Yes.\n> Is it?"), &Known::default(), &Options::default());
/// assert_eq!((reply.removed[0].rule, reply.removed[0].lines.clone()), ("quote.mark", 1..2));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Removed {
    /// What it is.
    pub kind: Kind,
    /// The rule that saw it.
    pub rule: &'static str,
    /// Its text.
    pub text: String,
    /// Its lines, counted from 0 (of the rendered text, if the body is HTML).
    pub lines: Range<usize>,
}

/// What the author newly wrote, and what was taken away.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, extract};
/// let reply = extract(Body::Text("Yes.\n\n-- \nAnn"), &Known::default(), &Options::default());
/// assert_eq!((reply.text.as_str(), reply.uncertain), ("Yes.", false));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The author's lines joined by line breaks, with no blank lines at either end.
    pub text: String,
    /// The author's signature, if one was found.
    pub signature: Option<String>,
    /// What was removed, in order.
    pub removed: Vec<Removed>,
    /// Rules disagreed, or one decided on weak evidence.
    pub uncertain: bool,
}

/// Reads what the author of a body newly wrote.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, extract};
/// let body = "It is on its way.\n\nKind regards,\nAnn\n\nOn Tue, 5 Mar 2024 at 09:12, Bo <bo@example.com> wrote:\n> Where is it?";
/// let reply = extract(Body::Text(body), &Known::default(), &Options::default());
/// assert_eq!(reply.text, "It is on its way.");
/// assert_eq!(reply.signature.as_deref(), Some("Kind regards,\nAnn"));
/// ```
pub fn extract(body: Body<'_>, known: &Known<'_>, options: &Options) -> Reply {
    read(body, known, options, true)
}

/// [`extract`] for those who do not ask what was [removed](Reply::removed): all else is the same.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, extract_words};
/// let reply = extract_words(Body::Text("Yes.\n> Is it?"), &Known::default(), &Options::default());
/// assert_eq!((reply.text.as_str(), reply.removed.len()), ("Yes.", 0));
/// ```
pub fn extract_words(body: Body<'_>, known: &Known<'_>, options: &Options) -> Reply {
    read(body, known, options, false)
}

fn read(body: Body<'_>, known: &Known<'_>, options: &Options, tell: bool) -> Reply {
    let parents = Parents::of(known);
    let reading = Reading { known, parents: parents.as_ref(), options };
    match body {
        Body::Text(text) => {
            let rows = Rows::of_text(text);
            let fates = reading.read(&rows);
            assemble(&rows, fates, options, tell)
        }
        Body::Html(html) => {
            let document = Document::parse(html);
            let rows = html::rows(&document);
            let fates = reading.read(&rows);
            assemble(&rows, fates, options, tell)
        }
        Body::Both { text, html } => {
            let rows = Rows::of_text(text);
            let mut fates = reading.read(&rows);
            if html::may_settle(&rows, &fates, html) {
                let document = Document::parse(html);
                let shown = html::rows(&document);
                if html::is_structured(&shown) {
                    let told = reading.read(&shown);
                    // A forward that is kept whole says nothing about what is in it.
                    if !told.naked && html::settle(&rows, &mut fates, &shown, &told) {
                        fates = reading.read_again(&rows, fates);
                    }
                }
            }
            assemble(&rows, fates, options, tell)
        }
    }
}

/// How often what is left is read again.
const READINGS: usize = 4;

/// What a body is read with.
struct Reading<'r, 'a> {
    known: &'r Known<'a>,
    parents: Option<&'r Parents>,
    options: &'r Options,
}

impl Reading<'_, '_> {
    /// Decides on every row. What is left is read again until nothing more goes, so that a reply is its own reply.
    fn read(&self, rows: &Rows<'_>) -> Fates {
        self.read_again(rows, self.read_once(rows))
    }

    /// Reads what is left of the rows until nothing more goes.
    fn read_again(&self, rows: &Rows<'_>, mut fates: Fates) -> Fates {
        for _ in 0..READINGS {
            if !fates.is_torn(rows) {
                break;
            }
            let mut origins: Vec<usize> = pool::take();
            let mut cutter = Cutter::new(rows.body);
            each_kept(
                rows,
                &fates,
                |_, _| false,
                |line| {
                    origins.extend(line.blanks.clone());
                    origins.push(line.at);
                    line.blanks.for_each(|_| cutter.line(0, 0));
                    cutter.line(line.from, line.to);
                },
            );
            let mut left = cutter.rows();
            left.left = true;
            left.marked = rows.marked;
            for (at, origin) in origins.iter().enumerate() {
                left.rows[at].marks = rows.rows[*origin].marks;
                left.copy_note(at, rows, *origin);
            }
            for (row, _) in fates.heads.iter().chain(&fates.tails) {
                // What was cut is another text.
                if let Ok(at) = origins.binary_search(row) {
                    left.notes[at].take();
                }
            }
            let again = self.read_once(&left);
            fates.uncertain |= again.uncertain;
            if !again.any_gone() {
                pool::give(origins);
                break;
            }
            for (at, origin) in origins.iter().enumerate() {
                if let Some((kind, rule)) = again.get(at) {
                    fates.remove(*origin..*origin + 1, kind, rule);
                }
            }
            let mut heads = std::mem::take(&mut fates.heads);
            heads.retain(|(row, _)| !fates.is_gone(*row));
            fates.heads = heads;
            fates
                .heads
                .extend(again.heads.iter().filter_map(|(at, column)| Some((*origins.get(*at)?, *column))));
            // A row that was cut twice ends where it was cut first in it.
            fates.heads.sort_unstable();
            fates.heads.dedup_by_key(|(row, _)| *row);
            pool::give(origins);
        }
        fates
    }

    fn read_once(&self, rows: &Rows<'_>) -> Fates {
        let mut fates = Fates::new(rows.len());
        armour(rows, &mut fates);
        tagged(rows, &mut fates);
        banner(rows, &mut fates);
        desk::strip(rows, &mut fates);
        forms::strip(rows, &mut fates);
        let walk = history::walk(rows, &mut fates, self.options);
        fates.naked = walk.naked;
        let visible_left =
            |fates: &Fates| (0..rows.len()).any(|at| rows.state(at) != State::Blank && !fates.is_gone(at));
        if walk.forwarded && !visible_left(&fates) {
            // Forwarded with `>` before each line and no word above: as naked as any other forward.
            let mut whole = Fates::new(rows.len());
            whole.naked = true;
            whole.uncertain = true;
            return whole;
        }
        if walk.naked {
            return fates;
        }
        if let Some(parents) = self.parents {
            known::apply(rows, &mut fates, parents, self.known.own_parents);
        }
        if rows.marked {
            html::signatures(rows, &mut fates);
        }
        let segments = segments(rows, &fates);
        fates.pieces = segments.len();
        for segment in &segments {
            signature::strip(rows, &mut fates, segment, self.known);
        }
        pool::give(segments);
        let said = |run: &Range<usize>| {
            self.parents.is_some_and(|parents| {
                parents.runs().coverage(rows, run.clone(), |_| true).iter().any(|cover| cover.covered > 0)
            })
        };
        if !walk.unannounced.iter().any(said) {
            history::own_quotation(rows, &mut fates, &walk);
        }
        // What no parent said may be the author's own: code, or some words of which nobody is asked anything.
        let alone = walk.unannounced.len() == 1;
        fates.unannounced = walk.unannounced;
        fates.unannounced.retain(|run| {
            let told = || (alone || self.parents.is_some()) && looks::is_statement(rows, run.clone());
            !said(run) && (looks::is_listing(rows, run.clone()) || told())
        });
        fates
    }
}

/// The runs of rows that are still the author's.
fn segments(rows: &Rows<'_>, fates: &Fates) -> Vec<Segment> {
    let mut segments: Vec<Segment> = pool::take();
    let mut at = 0;
    while at < rows.len() {
        let to = fates.end_of_run(at);
        if !fates.is_gone(at)
            && let Some(from) = rows.next_visible(at).filter(|from| *from < to)
        {
            segments.push(Segment { from, to, outer: false, below_others: !segments.is_empty() });
        }
        at = to;
    }
    if let Some(first) = segments.first_mut() {
        first.outer = true;
    }
    if let Some(last) = segments.last_mut() {
        last.outer = true;
    }
    segments
}

/// The armour around an inline signed text; the text itself is read.
fn armour(rows: &Rows<'_>, fates: &mut Fates) {
    let mut inside = false;
    let mut head = false;
    // Most bodies hold no armour at all.
    if !rows.dashed {
        return;
    }
    let last_end = (0..rows.len()).rev().find(|at| rows.text(*at).starts_with("-----END PGP "));
    for at in 0..rows.len() {
        let text = rows.text(at);
        if head {
            // "Hash: SHA256" and kin, up to the first blank row.
            if rows.state(at) == State::Text && text.contains(": ") {
                fates.remove(at..at + 1, Kind::Pgp, "pgp.header");
            } else {
                head = false;
            }
        }
        if rows.rows[at].fenced {
            continue;
        }
        if !inside && !text.starts_with("-----BEGIN PGP ") && !text.starts_with("-----END PGP ") {
            continue;
        }
        if text.starts_with("-----BEGIN PGP SIGNED MESSAGE") {
            fates.remove(at..at + 1, Kind::Pgp, "pgp.signed");
            head = true;
            continue;
        }
        // A block that never ends is no block.
        if text.starts_with("-----BEGIN PGP ") && !inside {
            inside = last_end.is_some_and(|end| end > at);
        }
        if inside {
            fates.remove(at..at + 1, Kind::Pgp, "pgp.block");
            inside = !text.starts_with("-----END PGP ");
        }
    }
}

/// Quotations between a forum's tags that name who is quoted: `[quote="ann"]` and `[/quote]`, `<quote author="Ann Lee">`
/// and `</quote>`.
fn tagged(rows: &Rows<'_>, fates: &mut Fates) {
    if !rows.tagged {
        return;
    }
    let opens = |at: usize| {
        let text = rows.text(at).trim_start_matches(['[', '<']);
        text.starts_with("quote")
            && text.len() < rows.text(at).len()
            && text.len() < 200
            && text.contains('=')
            && text.ends_with([']', '>'])
    };
    let closes = |at: usize| rows.text(at).ends_with("[/quote]") || rows.text(at).ends_with("</quote>");
    // One that is never closed, or holds another, is not read: what stands behind it may be an answer.
    let mut open = None;
    for at in (0..rows.len()).filter(|at| rows.state(*at) == State::Text && !rows.rows[*at].fenced) {
        if opens(at) {
            open = Some(at);
        } else if closes(at)
            && let Some(from) = open.take()
        {
            fates.remove(from..at + 1, Kind::Quote, "quote.tagged");
        }
    }
}

/// Rows a gateway's warning may have.
const BANNER: usize = 8;

/// A gateway's warning in the first paragraphs. The author's words may follow it without a blank row.
fn banner(rows: &Rows<'_>, fates: &mut Fates) {
    let mut at = 0;
    for _ in 0..4 {
        let start = (at..rows.len()).find(|at| rows.state(*at) != State::Blank && !fates.is_gone(*at));
        let Some(start) = start.filter(|start| rows.state(*start) == State::Text) else { return };
        let mut found = false;
        let mut end = start;
        while end < rows.len().min(start + BANNER) && rows.state(end) == State::Text {
            let text = rows.text(end);
            let (mut warns, mut goes_on) = (false, false);
            if text.len() < 1500 && rows.touches_notice(end) {
                let begins = text.len() - without_marks(text).len();
                phrases().notices(text, |hit| {
                    // Two words such as "external email" are a warning only where they begin the line.
                    let telling = hit.end - hit.start > 22 || hit.start <= begins && !text.ends_with('?');
                    warns |= hit.phrase == Phrase::Banner && telling;
                    goes_on |= hit.phrase == Phrase::BannerWord;
                });
            }
            found |= warns;
            if !warns && !goes_on {
                break;
            }
            end += 1;
        }
        if !found {
            return;
        }
        fates.remove(start..end, Kind::Banner, "banner.external");
        at = end;
    }
}
