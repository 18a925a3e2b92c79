//! The reply put together.

use std::ops::Range;

use threadfold_html::Document;

use crate::fates::{Fates, Kind};
use crate::history;
use crate::html;
use crate::known::{self, Known};
use crate::lines::{Rows, State};
use crate::phrases::{Phrase, phrases};
use crate::signature::{self, Segment};

/// What to keep besides the author's new words.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Keep signatures where they stand; what a phone or mail program added goes all the same.
    pub keep_signature: bool,
    /// Keep the quoted lines that answers stand between.
    pub keep_quoted: bool,
    /// Keep forwarded messages.
    pub keep_forwarded: bool,
}

/// A body in the forms its mail has it in.
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
    match body {
        Body::Text(text) => {
            let rows = Rows::of_text(text);
            read(&rows, known, options)
        }
        Body::Html(html) => {
            let document = Document::parse(html);
            let mut rows = Rows::of_document(&document);
            html::mark_quotations(&mut rows);
            read(&rows, known, options)
        }
        Body::Both { text, html: _ } => {
            let rows = Rows::of_text(text);
            read(&rows, known, options)
        }
    }
}

fn read(rows: &Rows<'_>, known: &Known<'_>, options: &Options) -> Reply {
    let mut fates = Fates::new(rows.len());
    armour(rows, &mut fates);
    banner(rows, &mut fates);
    let walk = history::walk(rows, &mut fates, options.keep_forwarded);
    let parents = known::parents(known);
    if !walk.naked {
        if let Some(parents) = &parents {
            known::apply(rows, &mut fates, parents);
        }
        html::signatures(rows, &mut fates);
        let segments = segments(rows, &fates);
        for segment in &segments {
            signature::strip(rows, &mut fates, segment, known);
        }
        let said = |run: &std::ops::Range<usize>| {
            parents.as_ref().is_some_and(|parents| {
                parents.coverage(rows, run.clone(), |_| false).iter().any(|cover| cover.covered > 0)
            })
        };
        if !walk.unannounced.iter().any(said) {
            history::own_quotation(rows, &mut fates, &walk);
        }
    }
    assemble(rows, fates, options)
}

/// The runs of rows that are still the author's.
fn segments(rows: &Rows<'_>, fates: &Fates) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut start = None;
    for at in 0..=rows.len() {
        let kept = at < rows.len() && !fates.is_gone(at);
        if kept {
            start.get_or_insert(at);
        } else if let Some(from) = start.take()
            && (from..at).any(|at| rows.state(at) != State::Blank)
        {
            segments.push(Segment { from, to: at, outer: false, below_others: !segments.is_empty() });
        }
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
            inside =
                (at + 1..rows.len().min(at + 20_000)).any(|at| rows.text(at).starts_with("-----END PGP "));
        }
        if inside {
            fates.remove(at..at + 1, Kind::Pgp, "pgp.block");
            inside = !text.starts_with("-----END PGP ");
        }
    }
}

/// A gateway's warning in the first paragraphs.
fn banner(rows: &Rows<'_>, fates: &mut Fates) {
    let mut at = 0;
    for _ in 0..4 {
        let Some(start) = (at..rows.len()).find(|at| rows.state(*at) != State::Blank && !fates.is_gone(*at))
        else {
            return;
        };
        let end = (start..rows.len()).find(|at| rows.state(*at) == State::Blank).unwrap_or(rows.len());
        if rows.state(start) == State::Quoted || end - start > 10 {
            return;
        }
        let text = rows.joined(start, end);
        if text.len() > 1500 {
            return;
        }
        let mut found = false;
        let mut reached = 0;
        phrases().notices(&text, |hit| {
            if hit.phrase == Phrase::Banner {
                found = true;
                reached = hit.end;
            }
        });
        if !found {
            return;
        }
        // The author's words may follow without a blank row: the warning ends with its last row that warns.
        let mut last = start;
        for row in start..end {
            let mut warns = false;
            let text = rows.text(row);
            phrases().notices(text, |hit| warns |= hit.phrase == Phrase::Banner);
            let lower = text.to_lowercase();
            warns |= [
                "caution",
                "warning",
                "external",
                "achtung",
                "attention",
                "sender",
                "links",
                "attachments",
                "http",
                "recognize",
                "safe",
            ]
            .iter()
            .any(|word| lower.contains(word));
            if warns {
                last = row;
            }
        }
        fates.remove(start..last + 1, Kind::Banner, "banner.external");
        at = last + 1;
    }
}

fn assemble(rows: &Rows<'_>, mut fates: Fates, options: &Options) -> Reply {
    let mut reply = Reply { uncertain: fates.uncertain, ..Reply::default() };
    let kept_kind = |kind: Kind| match kind {
        Kind::Signature => options.keep_signature,
        Kind::Quote => options.keep_quoted,
        _ => false,
    };
    let heads = std::mem::take(&mut fates.heads);
    let mut signature: Vec<&str> = Vec::new();
    let mut blank = 0;
    let mut torn = false;
    for at in 0..rows.len() {
        let fate = fates.get(at);
        if let Some((Kind::Signature, _)) = fate {
            signature.push(rows.whole(at));
        }
        let head = heads.iter().find(|(row, _)| *row == at);
        let gone = fate.filter(|(kind, rule)| !(kept_kind(*kind) && *rule != "history.below"));
        if let Some((kind, rule)) = gone {
            match reply.removed.last_mut() {
                Some(last) if last.kind == kind && last.rule == rule && last.lines.end == at => {
                    last.lines.end = at + 1
                }
                _ => reply.removed.push(Removed { kind, rule, text: String::new(), lines: at..at + 1 }),
            }
            torn = true;
            continue;
        }
        let line = match head {
            Some((_, column)) => {
                let row = rows.rows[at];
                reply.removed.push(Removed {
                    kind: Kind::Attribution,
                    rule: "attribution.inside",
                    text: rows.text(at)[*column..].to_string(),
                    lines: at..at + 1,
                });
                &rows.body[row.start..row.first + column]
            }
            None => rows.whole(at),
        };
        if rows.state(at) == State::Blank {
            blank += usize::from(!reply.text.is_empty());
            continue;
        }
        if !reply.text.is_empty() {
            // Where something was taken out, one blank line is enough.
            reply.text.extend(std::iter::repeat_n('\n', if torn { blank.min(1) } else { blank } + 1));
        }
        blank = 0;
        torn = false;
        reply.text.push_str(line);
    }
    for removed in &mut reply.removed {
        if removed.text.is_empty() {
            let from = rows.rows[removed.lines.start].start;
            let to = rows.rows[removed.lines.end - 1].end;
            removed.text = rows.body[from..to].to_string();
        }
    }
    reply.removed.retain(|removed| !removed.text.trim().is_empty());
    let signature = signature.join("\n");
    let signature = signature.trim_matches('\n');
    reply.signature = (!signature.trim().is_empty()).then(|| signature.to_string());
    reply
}
