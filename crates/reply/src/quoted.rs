//! The messages quoted in a body, one inside the other.
//!
//! What a message quotes of the one it answers is that message's whole body: its words, its signature and
//! what it quotes itself. So the quoted body, freed of one level of marks, is read as any other body is, and
//! then its own history, level by level. Only histories that are surely whole are taken: one block with one
//! attribution line or header block, and no answers between its lines.

use std::borrow::Cow;

use crate::attribution::{self, Attribution};
use crate::fates::Kind;
use crate::history::BELOW;
use crate::known::Known;
use crate::reply::{Body, Options, Removed, Reply, extract};
use threadfold_core::eight::{count, letters};

/// Histories nested deeper than this are not followed: each level costs one reading of all below it.
const DEEPEST: usize = 24;

/// One message as a later one quotes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quoted {
    /// Whom its attribution line or header block names, and when it was written.
    pub who: Attribution,
    /// What its author newly wrote. Lines are as the quoting program broke them.
    pub text: String,
    /// Rules disagreed about where those words end.
    pub uncertain: bool,
}

/// The messages that a body quotes whole, the one it answers first, each inside the one before. `reply` is what
/// [`extract`] read of that body with the same `known` and `options`, so that nothing is read twice. (Of HTML it
/// is the text that is taken apart, and that was not read before.)
///
/// A history that may have been cut, or that answers stand in, yields nothing.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, extract, quoted_messages};
/// let body = Body::Text("Nine.\n\nOn 5 March 2024 at 09:12, Ann <ann@example.com> wrote:\n> When then?\n>\n> Ann");
/// let (known, options) = (Known::default(), Options::default());
/// let reply = extract(body, &known, &options);
/// let quoted = quoted_messages(body, &reply, &known, &options);
/// assert_eq!((quoted.len(), quoted[0].text.as_str()), (1, "When then?"));
/// assert_eq!(quoted[0].who.address.as_deref(), Some("ann@example.com"));
/// ```
pub fn quoted_messages(body: Body<'_>, reply: &Reply, known: &Known<'_>, options: &Options) -> Vec<Quoted> {
    let as_read = !options.keep_quoted && !options.keep_forwarded;
    let options = Options { keep_quoted: false, keep_forwarded: false, ..options.clone() };
    let (mut text, mut removed) = match body {
        Body::Text(text) | Body::Both { text, .. } if as_read => {
            (Cow::Borrowed(text), Cow::Borrowed(&reply.removed))
        }
        Body::Text(text) | Body::Both { text, .. } => {
            (Cow::Borrowed(text), Cow::Owned(read(text, None, known, &options).removed))
        }
        // What stands in the elements of a quotation becomes marks before its lines, as in plain text.
        Body::Html(html) => {
            let text = threadfold_html::to_text(html);
            let removed = read(&text, None, known, &options).removed;
            (Cow::Owned(text), Cow::Owned(removed))
        }
    };
    let mut found = Vec::new();
    while found.len() < DEEPEST
        && let Some(Inner { who, body: inner, above_answer }) = quoted_body(&text, &removed)
    {
        let said = read(&inner, who.name.as_deref(), known, &options);
        if above_answer && !is_closed(&said, who.name.as_deref()) {
            break;
        }
        found.push(Quoted { who, text: said.text, uncertain: said.uncertain });
        (text, removed) = (Cow::Owned(inner), Cow::Owned(said.removed));
    }
    // What the reply kept is not told a second time: of HTML there are two readings, and history without marks may
    // end where a known message ends.
    let length = |text: &str| {
        let wide = || text.chars().filter(|c| !c.is_ascii() && c.is_alphanumeric()).count();
        let (chunks, rest) = text.as_bytes().as_chunks::<8>();
        let narrow = chunks.iter().map(|chunk| count(letters(u64::from_le_bytes(*chunk)))).sum::<usize>()
            + rest.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
        if text.is_ascii() { narrow } else { narrow + wide() }
    };
    if as_read && !found.is_empty() {
        let told: usize = found.iter().map(|quoted| length(&quoted.text)).sum();
        let mut gone = reply.removed.iter().scan(0, |gone, removed| {
            *gone += length(&removed.text);
            Some(*gone)
        });
        if told > 0 && !gone.any(|gone| gone >= told) {
            return Vec::new();
        }
    }
    found
}

fn read(text: &str, author: Option<&str>, known: &Known<'_>, options: &Options) -> Reply {
    extract(Body::Text(text), &Known { tails: known.tails, author, ..Known::default() }, options)
}

/// The lines of a text, as [`str::lines`] has them.
fn lines_of(text: &str) -> Vec<&str> {
    let mut lines = Vec::with_capacity(text.len() / 24 + 1);
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', text.as_bytes());
    for end in ends.chain((!text.is_empty() && !text.ends_with('\n')).then_some(text.len())) {
        let line = &text[start..end];
        let whole = end == text.len();
        lines.push(if whole { line } else { line.strip_suffix('\r').unwrap_or(line) });
        start = end + 1;
    }
    lines
}

/// Whether a line holds nothing but white space.
fn is_blank(line: &str) -> bool {
    line.chars().all(char::is_whitespace)
}

/// What a line of a body was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Blank,
    /// The author's own words.
    Own,
    /// Of a line or block that names who is quoted.
    Head,
    Quote,
    /// History without marks, down to the end.
    Below,
    /// Signatures, footers and the like.
    Other,
}

/// The body of the message that a body quotes.
struct Inner {
    who: Attribution,
    /// Without its marks.
    body: String,
    /// The answer stands below it.
    above_answer: bool,
}

/// Whether a text ends as messages end: signed, with its author's name, or with history below. Who answers below a
/// quotation has often cut it down to what the answer is about.
fn is_closed(said: &Reply, author: Option<&str>) -> bool {
    let last = said.text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("");
    let named = author.is_some_and(|name| {
        let mut words = last.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 1);
        last.split_whitespace().count() <= 4
            && words.any(|w| name.split_whitespace().any(|n| n.eq_ignore_ascii_case(w)))
    });
    let below = |r: &Removed| {
        matches!(r.kind, Kind::Quote | Kind::Signature | Kind::Footer | Kind::Disclaimer | Kind::ListFooter)
    };
    named || said.signature.is_some() || said.removed.last().is_some_and(below)
}

/// The body of the message that a body quotes, and who wrote it. None unless it is there as a whole, for all that
/// can be seen.
fn quoted_body(text: &str, removed: &[Removed]) -> Option<Inner> {
    if removed.iter().any(|r| matches!(r.kind, Kind::Forward | Kind::Form)) {
        return None;
    }
    let lines = lines_of(text);
    let kinds = classify(&lines, removed);
    let first = kinds.iter().position(|k| matches!(k, Line::Head | Line::Quote | Line::Below))?;
    match kinds[first] {
        Line::Head => {
            let to = (first..lines.len())
                .take_while(|&at| matches!(kinds[at], Line::Head | Line::Blank))
                .filter(|&at| kinds[at] == Line::Head)
                .last()?
                + 1;
            let who =
                named(removed.iter().filter(|r| {
                    matches!(r.kind, Kind::Attribution | Kind::HeaderBlock) && r.lines.start < to
                }))?;
            let next = (to..lines.len()).find(|&at| kinds[at] != Line::Blank)?;
            match kinds[next] {
                Line::Quote => {
                    let (body, above_answer) = marked(&lines, &kinds, next)?;
                    Some(Inner { who, body, above_answer })
                }
                Line::Below => Some(Inner { who, body: lines[next..].join("\n"), above_answer: false }),
                _ => None,
            }
        }
        // The line that names who is quoted stands inside the quotation.
        Line::Quote => {
            let (body, above_answer) = marked(&lines, &kinds, first)?;
            let (who, body) = headed(body)?;
            Some(Inner { who, body, above_answer })
        }
        _ => None,
    }
}

fn classify(lines: &[&str], removed: &[Removed]) -> Vec<Line> {
    let mut kinds: Vec<Line> =
        lines.iter().map(|l| if is_blank(l) { Line::Blank } else { Line::Own }).collect();
    for r in removed {
        let kind = match r.kind {
            Kind::Attribution | Kind::HeaderBlock => Line::Head,
            Kind::Quote if r.rule == BELOW => Line::Below,
            Kind::Quote => Line::Quote,
            _ => Line::Other,
        };
        for at in r.lines.clone() {
            if let Some(k) = kinds.get_mut(at).filter(|k| **k != Line::Blank) {
                *k = kind;
            }
        }
    }
    kinds
}

/// Who is named by the rows removed as an attribution or a header block.
fn named<'r>(heads: impl Iterator<Item = &'r Removed>) -> Option<Attribution> {
    let mut text = String::new();
    for head in heads {
        text.push_str(&head.text);
        text.push('\n');
    }
    attribution::parse(&text).filter(|who| who.name.is_some() || who.address.is_some())
}

/// The lines of a quotation from `from` on without their marks, and whether the answer stands below. None if it is not the only one, or if its
/// author cut something out of it.
fn marked(lines: &[&str], kinds: &[Line], from: usize) -> Option<(String, bool)> {
    let to = (from..lines.len())
        .find(|&at| !matches!(kinds[at], Line::Quote | Line::Blank))
        .unwrap_or(lines.len());
    if kinds[to..].iter().any(|k| matches!(k, Line::Head | Line::Quote | Line::Below)) {
        return None;
    }
    // Words above and below, a greeting perhaps: who answers like that quotes what the answer is about.
    let below = kinds[to..].contains(&Line::Own);
    if below && kinds[..from].contains(&Line::Own) {
        return None;
    }
    let mut inner = String::with_capacity(lines[from..to].iter().map(|line| line.len() + 1).sum());
    let mut initials = None;
    for line in &lines[from..to] {
        match without_mark(line) {
            Some(rest) => {
                // Lines marked in two ways are not of one message.
                let by_name = !line.trim_start().starts_with('>');
                if is_elision(rest) || *initials.get_or_insert(by_name) != by_name {
                    return None;
                }
                inner.push('\n');
                inner.push_str(rest);
            }
            None if is_blank(line) => inner.push('\n'),
            // The loose end of a line that a mail program broke anew.
            None => {
                inner.push(' ');
                inner.push_str(line.trim());
            }
        }
    }
    Some((inner.trim_start_matches('\n').to_owned(), below))
}

/// A line without its outermost quote mark: `>`, or initials before it.
fn without_mark(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.find('>').filter(|&at| at <= 3 && line[..at].bytes().all(|b| b.is_ascii_alphabetic()))?;
    let rest = &line[mark + 1..];
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

/// `[...]`, `<snip>` and kin: who quotes has left something out here.
fn is_elision(line: &str) -> bool {
    let line = line.trim();
    if line.is_empty() || line.len() > 40 {
        return false;
    }
    let bare = line.trim_matches(|c: char| !c.is_alphanumeric());
    let dots = bare.is_empty() && (line.contains("..") || line.contains('\u{2026}'));
    if !dots && !line.starts_with(['<', '[', '(', '-', '*']) {
        return false;
    }
    let lower = bare.to_lowercase();
    let cut =
        ["snip", "snipped", "cut", "schnipp", "coupé", "gekürzt", "trimmed", "deleted", "corte", "taglio"];
    let begins =
        |word: &&str| lower.strip_prefix(*word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    dots || cut.iter().any(begins)
}

/// A quotation whose first lines say who is quoted: who it is, and what stands below.
fn headed(inner: String) -> Option<(Attribution, String)> {
    let read = extract(Body::Text(&inner), &Known::default(), &Options::default());
    let first = inner.lines().position(|l| !l.trim().is_empty())?;
    let head = read.removed.iter().find(|r| matches!(r.kind, Kind::Attribution | Kind::HeaderBlock))?;
    if head.lines.start != first {
        return None;
    }
    let who = named(std::iter::once(head))?;
    let rest: Vec<&str> = inner.lines().skip(head.lines.end).collect();
    let start = rest.iter().position(|l| !l.trim().is_empty())?;
    Some((who, rest[start..].join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(plain: &str) -> Vec<String> {
        of(Body::Text(plain))
    }

    fn of(body: Body<'_>) -> Vec<String> {
        let (known, options) = (Known::default(), Options::default());
        let reply = extract(body, &known, &options);
        quoted_messages(body, &reply, &known, &options)
            .into_iter()
            .map(|l| {
                let who = l.who.address.or(l.who.name).unwrap_or_default();
                format!("{who}: {}", l.text.replace('\n', "/"))
            })
            .collect()
    }

    #[test]
    fn histories_of_many_dialects() {
        let cases: [(&str, &[&str]); 12] = [
            (
                "Yes.\n\nOn Tue, 5 Mar 2024 at 09:12, Ada Reed <ada@example.com> wrote:\n> Is it open\n> today?\n>\n> Ada",
                &["ada@example.com: Is it open/today?"],
            ),
            // Two levels, the older one further in.
            (
                "Nine.\n\nOn Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n> When then?\n>\n> On Tue, 5 Mar 2024 at 09:12, Shop <shop@example.org> wrote:\n> > We open early.",
                &["ada@example.com: When then?", "shop@example.org: We open early."],
            ),
            // The answer below: what is signed is whole, what is not may be a part.
            (
                "On Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n> On Tue, 5 Mar 2024 at 09:12, Shop <shop@example.org> wrote:\n>> We open early.\n>\n> When then?\n>\n> Ada\n\nNine.",
                &["ada@example.com: When then?"],
            ),
            (
                "Nine.\n\n-----Original Message-----\nFrom: Ada Reed <ada@example.com>\nSent: Tuesday, March 5, 2024 10:12 AM\nTo: Shop\nSubject: RE: Hours\n\nWhen then?\n\n-----Original Message-----\nFrom: Shop <shop@example.org>\nSent: Tuesday, March 5, 2024 9:12 AM\nTo: Ada\nSubject: Hours\n\nWe open early.",
                &["ada@example.com: When then?", "shop@example.org: We open early."],
            ),
            // The attribution line stands inside the quotation.
            (
                "Nine.\n\n> On 5 Mar 2024, at 10:12, Ada Reed <ada@example.com> wrote:\n> \n> When then?",
                &["ada@example.com: When then?"],
            ),
            // Perhaps not all of it, answers between the lines, lines left out, a forward: not the whole message.
            ("On Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n> When then?\n\nNine.", &[]),
            (
                "On Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n> When then?\n\nNine.\n\n> And on Sunday?\n\nNever.",
                &[],
            ),
            (
                "Nine.\n\nOn Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n> Hello,\n> [...]\n> When then?",
                &[],
            ),
            // A line of somebody else's in its midst.
            (
                "Nine.\n\nOn Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n> When are you open?\njd> a\n> Ada",
                &[],
            ),
            (
                "See below.\n\n---------- Forwarded message ---------\nFrom: Ada Reed <ada@example.com>\nDate: Tue, 5 Mar 2024 at 10:12\nSubject: Hours\nTo: <shop@example.org>\n\nWhen then?",
                &[],
            ),
            (
                "Hello Ada,\n\nOn Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n> When then?\n\nNine.",
                &[],
            ),
            ("> When then?\n\nNine.", &[]),
        ];
        for (body, expected) in cases {
            assert_eq!(told(body), expected, "{body}");
        }
    }

    #[test]
    fn elements_are_taken_apart_as_marks_are() {
        let html = "<div>Nine.</div><div class=gmail_quote><div class=gmail_attr>On Tue, 5 Mar 2024 at 10:12, Ada Reed &lt;ada@example.com&gt; wrote:<br></div><blockquote class=gmail_quote>When then?<div class=gmail_quote><div class=gmail_attr>On Tue, 5 Mar 2024 at 09:12, Shop &lt;shop@example.org&gt; wrote:</div><blockquote class=gmail_quote>We open early.</blockquote></div></blockquote></div>";
        assert_eq!(of(Body::Html(html)), ["ada@example.com: When then?", "shop@example.org: We open early."]);
    }

    #[test]
    fn what_is_kept_of_a_reply_does_not_matter() {
        let body = Body::Text(
            "Nine.\n\nOn Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n> When then?",
        );
        let options = Options { keep_quoted: true, ..Options::default() };
        let reply = extract(body, &Known::default(), &options);
        assert_eq!(quoted_messages(body, &reply, &Known::default(), &options)[0].text, "When then?");
    }

    #[test]
    fn no_history_no_messages() {
        assert_eq!(told("Yes.\n\n-- \nAnn"), <[&str; 0]>::default());
        assert_eq!(told(""), <[&str; 0]>::default());
    }

    #[test]
    fn a_thousand_levels_are_followed_a_few_deep() {
        let mut body = String::from("Yes.\n");
        for depth in 0..1_000 {
            let mark = "> ".repeat(depth);
            body.push_str(&format!("\n{mark}On Tue, 5 Mar 2024 at 10:12, Ada Reed <ada@example.com> wrote:\n{mark}> Question number {depth}?"));
        }
        assert!(told(&body).len() <= DEEPEST);
    }
}
