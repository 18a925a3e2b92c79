//! What threading may know of bodies: fingerprints of texts for copies, and of lines for quotes.
//!
//! Reading bodies is what the first pass avoids, so only those are read that can change a link: messages
//! that share an id with another, replies whose parent no header names, and the mail of the people in
//! those replies.

use std::sync::LazyLock;

use memchr::memmem;
use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_archive::Archive;
use threadfold_core::{Envelopes, Hints, Passing, Symbol, hash_bytes};
use threadfold_message::{Body, Choice};
use threadfold_reply::{Kind, Known, extract};
use threadfold_thread::{Agents, Outline, Policy, QuoteIndex, QuoteIndexBuilder, line_hash};

use crate::conversation::form;
use crate::ordered::in_order;
use crate::text::TextReader;
use crate::{Error, Pipeline};

/// Fingerprints gathered for [`threadfold_thread::link`].
#[derive(Default)]
pub(crate) struct Gathered {
    content: FxHashMap<usize, u64>,
    pub(crate) quotes: Option<QuoteIndex>,
    /// Ticket tokens in the bodies that were read, see [`threadfold_thread::Evidence::tickets`].
    pub(crate) tickets: Vec<(u32, u64)>,
}

impl Gathered {
    /// The fingerprint of a message's text, 0 where none was needed.
    pub(crate) fn content(&self, message: usize) -> u64 {
        self.content.get(&message).copied().unwrap_or(0)
    }
}

pub(crate) fn gather(
    archive: &Archive,
    envelopes: &Envelopes,
    outline: &Outline,
    options: &Pipeline,
    agents: Option<&Agents>,
) -> Result<Gathered, Error> {
    let mut gathered = Gathered::default();
    if options.headers_only {
        return Ok(gathered);
    }
    let bodies = Bodies { archive, envelopes, options, plain_first: true };
    let copies = threadfold_thread::copies_wanting_content(envelopes, outline);
    each_body(
        bodies,
        &copies,
        |_, raw| Some(raw),
        |body| fingerprint(&body.text()),
        |m, print| {
            gathered.content.insert(m, print);
        },
    )?;
    if options.policy == Policy::Support {
        gathered.quotes = quotes(bodies, outline, agents, &mut gathered.tickets)?;
    }
    Ok(gathered)
}

/// Lines that replies without a parent quote, and who wrote such lines. None when no reply wants a parent. Ticket
/// tokens are picked up on the way.
fn quotes(
    bodies: Bodies<'_>,
    outline: &Outline,
    agents: Option<&Agents>,
    tickets: &mut Vec<(u32, u64)>,
) -> Result<Option<QuoteIndex>, Error> {
    let envelopes = bodies.envelopes;
    let wanted = threadfold_thread::quotes_wanted(envelopes, outline);
    let seekers: Passing<usize> = (0..wanted.len()).filter(|&m| wanted[m]).collect();
    if seekers.is_empty() {
        return Ok(None);
    }
    let mut index = QuoteIndexBuilder::default();
    let mut asked: FxHashSet<u64> = FxHashSet::default();
    let mut quoters = Vec::new();
    // A mail that looks like a new question is decoded only if its bytes hold a sign of a quotation.
    let answers = Hints::SUBJECT_REPLY | Hints::SUBJECT_FORWARD;
    let likely = |m: usize, raw: &[u8]| {
        envelopes[m].hints.intersects(answers)
            || !envelopes.references(m).is_empty()
            || QUOTATION.iter().any(|sign| sign.find(raw).is_some())
    };
    let look = |body: &Body| (quoted_lines(body), tokens(body));
    let take = |m, (lines, tokens): (Vec<u64>, Vec<u64>)| {
        if !lines.is_empty() || !tokens.is_empty() {
            quoters.push(m);
        }
        tickets.extend(tokens.into_iter().map(|hash| (m as u32, hash)));
        for hash in lines {
            asked.insert(hash);
            index.push_quoted(m, Some(hash));
        }
    };
    each_body(bodies, &seekers, |m, raw| Some(top(raw)).filter(|top| likely(m, top)), look, take)?;
    if quoters.is_empty() {
        return Ok(None);
    }
    let wanted: FxHashSet<u64> = tickets.iter().map(|t| t.1).collect();
    let writers = acquaintances(envelopes, &quoters, agents);
    let own = |body: &Body| {
        let mut lines = own_lines(body);
        lines.retain(|hash| asked.contains(hash));
        let mut tokens = if wanted.is_empty() { Vec::new() } else { tokens(body) };
        tokens.retain(|hash| wanted.contains(hash));
        (lines, tokens)
    };
    each_body(
        bodies,
        &writers,
        |_, raw| Some(top(raw)),
        own,
        |m, (lines, tokens)| {
            lines.into_iter().for_each(|hash| index.push_own(m, Some(hash)));
            tickets.extend(tokens.into_iter().map(|hash| (m as u32, hash)));
        },
    )?;
    tickets.sort_unstable();
    tickets.dedup();
    Ok(Some(index.finish()))
}

/// What the bytes of a mail that quotes something hold.
static QUOTATION: LazyLock<[memmem::Finder<'static>; 3]> =
    LazyLock::new(|| ["\n>", "blockquote", "base64"].map(memmem::Finder::new));

/// The beginning of a message that is looked at for evidence.
fn top(raw: &[u8]) -> &[u8] {
    &raw[..raw.len().min(TOP)]
}

/// The ticket tokens in a body, quoted or not: a desk puts its own below its answers.
fn tokens(body: &Body) -> Vec<u64> {
    let text = match (body.choice, &body.plain, &body.html) {
        (Choice::Plain, Some(text), _) | (_, _, Some(text)) | (_, Some(text), None) => text,
        (_, None, None) => return Vec::new(),
    };
    threadfold_thread::subject::tickets_in_text(text).map(|ticket| ticket.hash()).collect()
}

/// Messages from or to the people (the business's own aside) of the given ones: who answers a mail is one
/// of its correspondents.
fn acquaintances(envelopes: &Envelopes, quoters: &[usize], agents: Option<&Agents>) -> Passing<usize> {
    let outsider = |s: &Symbol| !agents.is_some_and(|a| a.is_agent(*s));
    let people = |m: usize| std::iter::once(envelopes[m].from).chain(envelopes.recipients(m));
    let mut known: FxHashSet<Symbol> = FxHashSet::default();
    known.extend(quoters.iter().flat_map(|&m| people(m)).filter(outsider));
    (0..envelopes.len()).filter(|&m| people(m).any(|s| known.contains(&s))).collect()
}

/// Bytes of a message in which quoted lines and ticket tokens are looked for: what people write stands above what
/// they attach, and large attachments need not be walked over twice.
const TOP: usize = 256 << 10;

/// The bodies of an archive's messages.
#[derive(Clone, Copy)]
pub(crate) struct Bodies<'a> {
    pub(crate) archive: &'a Archive,
    pub(crate) envelopes: &'a Envelopes,
    pub(crate) options: &'a Pipeline,
    /// Whether HTML beside plain text is left out.
    pub(crate) plain_first: bool,
}

/// Runs `look` on the bodies of the given messages, in parallel, and hands the results over in order. Of each
/// message `part` says what is to be read, if anything. A body that cannot be read is passed over: pass 2 will say
/// so.
pub(crate) fn each_body<T: Send>(
    bodies: Bodies<'_>,
    messages: &[usize],
    part: impl for<'m> Fn(usize, &'m [u8]) -> Option<&'m [u8]> + Sync,
    look: impl Fn(&Body) -> T + Sync,
    mut take: impl FnMut(usize, T),
) -> Result<(), Error> {
    const MESSAGES_PER_JOB: usize = 64;
    let Bodies { archive, envelopes, options, plain_first } = bodies;
    let jobs: Vec<&[usize]> = messages.chunks(MESSAGES_PER_JOB).collect();
    in_order(
        jobs.len(),
        options.threads,
        || if plain_first { TextReader::plain_first(options) } else { TextReader::new(options) },
        |reader, job| {
            let read = |&m: &usize| {
                let body = reader.read_part(archive, envelopes.locator(m), |raw| part(m, raw)).ok()??;
                // Half a text is no evidence.
                (!body.too_large).then(|| (m, look(&body)))
            };
            jobs[job].iter().filter_map(read).collect::<Vec<_>>()
        },
        |_, found| {
            found.into_iter().for_each(|(m, t)| take(m, t));
            if options.observer.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
        },
    )
}

/// Lines of what the body quotes from the message it answers: depth one, however the client marks it.
fn quoted_lines(body: &Body) -> Vec<u64> {
    // Marked lines say it themselves; only what no `>` marks takes the full extraction to find.
    if let (Choice::Plain, Some(text)) = (body.choice, &body.plain) {
        let marked: Vec<u64> = lines(text).filter_map(quoted_once).filter_map(line_hash).collect();
        if !marked.is_empty() {
            return marked;
        }
    }
    if !may_quote(body) {
        return Vec::new();
    }
    let new = extract(form(body), &Known::default(), &threadfold_reply::Options::default());
    let quoted = new.removed.iter().filter(|r| r.kind == Kind::Quote);
    let all = quoted.flat_map(|r| lines(&r.text));
    let once = |line| if str::trim_start(line).starts_with('>') { quoted_once(line) } else { Some(line) };
    all.filter_map(once).filter_map(line_hash).collect()
}

/// As [`str::lines`], which looks for line ends a few bytes at a time.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut ends = memchr::memchr_iter(b'\n', text.as_bytes());
    let mut from = 0;
    std::iter::from_fn(move || match ends.next() {
        Some(end) => {
            let line = &text[from..end];
            from = end + 1;
            Some(line.strip_suffix('\r').unwrap_or(line))
        }
        None => {
            let rest = &text[from..];
            from = text.len();
            (!rest.is_empty()).then_some(rest)
        }
    })
}

/// What stands behind a single quote mark.
fn quoted_once(line: &str) -> Option<&str> {
    let inner = line.trim_start().strip_prefix('>')?.trim_start();
    (!inner.starts_with('>')).then_some(inner)
}

/// A look at the bytes that spares most first mails of a thread the full extraction: history has quote
/// marks, a line that ends in a colon (attribution, header field) or, in HTML, a quotation's element.
fn may_quote(body: &Body) -> bool {
    let colon_or_mark = |text: &str| {
        memchr::memchr2_iter(b'\n', b'>', text.as_bytes()).any(|at| {
            let bytes = text.as_bytes();
            match bytes[at] {
                b'>' => at == 0 || bytes[at - 1] == b'\n',
                _ => bytes[..at].trim_ascii_end().ends_with(b":") || bytes[at + 1..].starts_with(b"--"),
            }
        })
    };
    let fields = |text: &str| lines(text).filter(|l| l.len() < 200 && l.contains(": ")).take(3).count() == 3;
    body.plain.as_deref().is_some_and(|t| colon_or_mark(t) || fields(t))
        || body.html.as_deref().is_some_and(|h| {
            // A block quote is a quote.
            ["quote", "border-top", "<hr"].iter().any(|m| memmem::find(h.as_bytes(), m.as_bytes()).is_some())
        })
}

/// Lines that are not marked as quoted.
fn own_lines(body: &Body) -> Vec<u64> {
    let own = |line: &&str| !line.trim_start().starts_with('>');
    lines(&body.text()).filter(own).filter_map(line_hash).collect()
}

/// A text's identity whatever a relay did to its white space. Never 0.
fn fingerprint(text: &str) -> u64 {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        squeezed.push_str(word);
        squeezed.push(' ');
    }
    hash_bytes(squeezed.as_bytes()).max(1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_are_those_of_the_standard_library() {
        for text in ["", "\n", "a", "a\n", "a\r\nb\r", "\n\na\n\n", "\r\n", "a\nb\r\r\nc"] {
            assert!(super::lines(text).eq(text.lines()), "{text:?}");
        }
    }
}
