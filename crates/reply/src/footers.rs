//! What mail programs, gateways and lists add below a mail: mobile footers, legal text, list footers.

use crate::delimiters::is_delimiter;
use crate::fates::{Fates, Kind};
use crate::headers::is_rule;
use crate::lines::{Rows, is_invisible};
use crate::looks::words;
use crate::phrases::{Kinds, Phrase, ends_word, phrases, starts_word, without_marks};
use crate::signature::{Segment, last_visible, paragraph_start};
use crate::spoken::{goes_on, speaks_of_self};

/// Who added a line such as "Sent from my iPhone".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// A phone or a mail program.
    Program,
    /// The author, who mocks those: "Sent from my kitchen".
    Author,
}

/// What a phone or a mail program adds, or an author in its place.
pub(crate) fn client_line(text: &str) -> Option<Client> {
    let bytes = text.as_bytes();
    let plain = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b',' | b'!' | b':'))
    };
    let text = if plain(bytes.first()) && plain(bytes.last()) {
        text
    } else {
        text.trim_matches(|c: char| {
            matches!(c, '*' | '_' | ' ' | '(' | ')' | '<' | '>' | '"' | '[' | ']' | '-' | '\u{2014}')
                || is_invisible(c)
        })
    };
    if text.len() > 240 || text.len() < 4 {
        return None;
    }
    let mut phrase: Option<(usize, bool)> = None;
    phrases().at_start(text, |hit| match hit.phrase {
        Phrase::SentFrom if phrase.is_none_or(|(_, whole)| !whole) => phrase = Some((hit.end, false)),
        Phrase::ClientLine => phrase = Some((hit.end, true)),
        _ => {}
    });
    let Some((end, whole)) = phrase else {
        // Turkish and others put the verb last: a device and a verb in a short line.
        return (ends_in_sent(text) && words(text) <= 5).then_some(Client::Program);
    };
    if whole {
        return Some(Client::Program);
    }
    let rest = &text[end..];
    if rest.is_ascii() && rest.starts_with(char::is_alphabetic) && !ends_word(text, end) {
        return None;
    }
    // "Sent from [Mail](https://…) for Windows", "Sent from Mail<https://…> for Windows"
    let rest = without_links(rest);
    let rest = rest.trim();
    let head: Vec<&str> = rest.split_whitespace().take(9).collect();
    if head.is_empty() {
        return (words(text) <= 6 && !text.is_ascii()).then_some(Client::Program);
    }
    let is_device = |word: &str| {
        phrases().is_device(word) || word.split(['-', '\'', '\u{2019}']).any(|part| phrases().is_device(part))
    };
    let named = text[..end].split([' ', '-']).any(|word| phrases().is_device(word));
    let device = head.iter().take(7).position(|word| is_device(word));
    // "Sent by mail today: two kettles."
    let posted = matches!(head[..], ["mail" | "post", next, ..] if !is_device(next) && !matches!(next, "for" | "from" | "on" | "app"));
    let device = device.filter(|_| !posted);
    // "Sent from my phone the photos are too small": what follows the last of the device's words.
    let last = (0..head.len().min(9)).rev().find(|at| is_device(head[*at]));
    if let Some(last) = last
        && goes_on(rest.splitn(last + 2, char::is_whitespace).nth(last + 1).unwrap_or(""))
    {
        return None;
    }
    // "Sent from my desk, is much easier than my phone" goes on like a sentence.
    let sentence = head.iter().take(device.unwrap_or(8)).any(|word| word.ends_with([',', ';', ':', '.']));
    let long = rest.split_whitespace().count();
    if (named || device.is_some() && !sentence) && long <= 24 {
        return Some(Client::Program);
    }
    let lower = text.to_lowercase();
    let own = lower.starts_with("sent from my") || lower.starts_with("sent from a ");
    (own && long <= 4 && !rest.contains(',')).then_some(Client::Author)
}

/// Whether a row that begins with phrases of these kinds may be a [`client_line`].
pub(crate) fn may_be_client_line(text: &str, begins: Kinds) -> bool {
    if begins.lacks(Kinds::CLIENT) && !ends_in_sent(text) {
        // Marks that are trimmed may hide the verb.
        let trimmed = |byte: &u8| {
            matches!(byte, b'*' | b'_' | b' ' | b'(' | b')' | b'<' | b'>' | b'"' | b'[' | b']' | b'-')
        };
        if text.as_bytes().last().is_some_and(|last| last.is_ascii() && !trimmed(last)) {
            return false;
        }
    }
    client_line(text).is_some()
}

/// [`client_line`] of a row.
fn client_row(rows: &Rows<'_>, at: usize) -> Option<Client> {
    if rows.may_be_client_line(at) { client_line(rows.text(at)) } else { None }
}

/// Whether a row and the next may be a client line together: not if no phrase begins as the first does, and the second
/// does not end in a verb.
fn may_be_wrapped_client_line(rows: &Rows<'_>, start: usize) -> bool {
    let (first, second) = (rows.text(start), rows.text(start + 1));
    let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    second.len() < 2
        || !plain(first.as_bytes().first())
        || !plain(second.as_bytes().last()) && !second.ends_with(['.', ',', '!', ':'])
        || (first.len() < 8 || phrases().may_start(first))
            && (!first.is_ascii() || phrases().opens_client_line(first))
        || may_end_in_sent(second)
}

fn without_links(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            '[' | ']' => kept.push(' '),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// Whether a line ends in letters that one of the verbs below ends in; most do not.
fn may_end_in_sent(text: &str) -> bool {
    match text.as_bytes() {
        [.., last] if *last >= 0x80 => text.ends_with(['信', '냄', 'ा', 'İ']),
        [.., before, last] => matches!(
            [before.to_ascii_lowercase(), last.to_ascii_lowercase()],
            [b'd', b'i'] | [b'v' | b'e', b'e' | b't' | b'n'] | [b'a', b't']
        ),
        _ => false,
    }
}

fn ends_in_sent(text: &str) -> bool {
    if !may_end_in_sent(text) {
        return false;
    }
    let lower = text.to_lowercase();
    // Japanese and Korean write no space between the device and the verb.
    if text.chars().count() <= 30 && (lower.ends_with("から送信") || lower.ends_with("에서 보냄")) {
        return true;
    }
    ["gönderildi", "küldve", "送信", "보냄", "भेजा गया", "gesendet", "verzonden", "skickat"]
        .iter()
        .any(|verb| lower.ends_with(verb))
        && text.split_whitespace().any(|word| {
            phrases().is_device(word)
                || word.to_lowercase().contains("iphone")
                || word.to_lowercase().contains("ipad")
        })
}

#[derive(Default)]
pub(crate) struct Legal {
    pub(crate) opening: bool,
    pub(crate) parts: usize,
}

pub(crate) fn legal(text: &str) -> Legal {
    let mut found = Legal { opening: false, parts: 0 };
    let start = text.len() - without_marks(text).len();
    let mut last = 0;
    phrases().notices(text, |hit| match hit.phrase {
        Phrase::LegalOpening if hit.start == start => found.opening = true,
        Phrase::LegalPart if hit.start >= last => {
            found.parts += 1;
            last = hit.end;
        }
        _ => {}
    });
    found
}

pub(crate) fn list_footer(text: &str) -> bool {
    let start = text.len() - without_marks(text).len();
    let mut found = false;
    phrases().notices(text, |hit| {
        found |= hit.phrase == Phrase::ListFooter
            && starts_word(text, hit.start)
            && ends_word(text, hit.end)
            && (hit.start == start || words(text) <= 14);
    });
    found
}

/// Bytes that a paragraph of legal text or of a list's footer has more of.
const SHORTEST: usize = 20;

/// Takes footers and legal text from the end of the rows, paragraph by paragraph; the new end.
pub(crate) fn footers(rows: &Rows<'_>, fates: &mut Fates, segment: &Segment, mut end: usize) -> usize {
    let from = segment.from;
    while let Some(last) = last_visible(rows, from, end) {
        if rows.rows[last].fenced {
            return end;
        }
        let start = paragraph_start(rows, from, last);
        if let Some(client) = client_row(rows, last) {
            let kind = if client == Client::Program { Kind::Footer } else { Kind::Signature };
            fates.remove(last..last + 1, kind, "footer.client");
            end = last;
            continue;
        }
        // "Sent from\nMail for Windows": a footer wrapped over two rows.
        if last == start + 1
            && may_be_wrapped_client_line(rows, start)
            && client_line(&rows.joined(start, last + 1)).is_some()
        {
            fates.remove(start..last + 1, Kind::Footer, "footer.client");
            end = start;
            continue;
        }
        let first_paragraph = !segment.below_others && last_visible(rows, from, start).is_none();
        let reach = rows.rows[last].end - rows.rows[start].start;
        if reach > SHORTEST
            && !rows.hold_no_notice(start..=last)
            && let text = rows.joined(start, last + 1)
            && text.len() > SHORTEST
            && text.len() < 20_000
        {
            let legal = legal(&text);
            let sure = legal.opening && legal.parts >= 1
                || legal.parts >= 3
                || legal.opening && legal.parts == 0 && is_short_notice(&text);
            let begin = if sure { legal_in(rows, start, last) } else { start };
            if sure && (!first_paragraph || begin > start) {
                fates.remove(begin..last + 1, Kind::Disclaimer, "disclaimer.paragraph");
                end = begin;
                continue;
            }
            if let Some(begin) = list_footer_in(rows, start, last, &text)
                && (begin > start || !first_paragraph || is_drawn(rows, start))
            {
                fates.remove(begin..last + 1, Kind::ListFooter, "footer.list");
                end = begin;
                continue;
            }
        }
        // A line drawn above a footer goes with it.
        if is_rule(rows.text(last))
            && end < rows.len()
            && fates.get(next_gone(rows, end)).is_some_and(|(kind, _)| {
                matches!(kind, Kind::Footer | Kind::ListFooter | Kind::Disclaimer | Kind::Signature)
            })
            && !first_paragraph
        {
            fates.remove(last..last + 1, Kind::Footer, "footer.rule");
            end = last;
            continue;
        }
        return end;
    }
    end
}

/// Where in a paragraph the legal text begins, for it may stand right below the author's words.
fn legal_in(rows: &Rows<'_>, start: usize, last: usize) -> usize {
    let found =
        (start..=last).map(|at| (at, rows.legal(at))).find(|(_, legal)| legal.opening || legal.parts > 0);
    match found {
        Some((at, legal)) if legal.opening || at > start + 1 => at,
        _ => start,
    }
}

fn is_drawn(rows: &Rows<'_>, at: usize) -> bool {
    let text = rows.text(at);
    is_rule(text) || is_delimiter(text) || text.starts_with("__")
}

/// Where in a paragraph a list's footer begins: with the line drawn above it, which may stand right below the
/// author's words, or with the paragraph, if that is a footer's from its first row on.
fn list_footer_in(rows: &Rows<'_>, start: usize, last: usize, text: &str) -> Option<usize> {
    const LONGEST: usize = 30;
    let mut listed = false;
    let mut first_listed = false;
    for at in (start..=last).rev() {
        if rows.words(at) > LONGEST {
            return None;
        }
        first_listed = rows.list_footer(at);
        listed |= first_listed;
        if listed && is_drawn(rows, at) {
            return Some(at);
        }
    }
    if !listed || last - start > 6 || text.ends_with('?') {
        return None;
    }
    let reached = text.contains("://") || text.contains('@') || text.contains("www.");
    let footer = if first_listed { reached || begins_footer(rows.text(start)) } else { text.contains("://") };
    (footer && !speaks_of_self(text) && !(start..=last).any(|at| rows.is_said(at))).then_some(start)
}

/// Whether a row begins as a list's footer does.
pub(crate) fn begins_footer(text: &str) -> bool {
    let start = text.len() - without_marks(text).len();
    let mut found = false;
    phrases().notices(text, |hit| found |= hit.phrase == Phrase::ListFooter && hit.start == start);
    found
}

fn is_short_notice(text: &str) -> bool {
    text.len() < 200 && (text.contains("environment") || text.contains("print"))
}

fn next_gone(rows: &Rows<'_>, at: usize) -> usize {
    rows.next_visible(at).unwrap_or(at)
}
