//! The text of a message: its parts chosen, decoded and put together.

use crate::charset;
use crate::content::{Content, Encoding};
use crate::defect::Defect;
use crate::fields::line_end_byte;
use crate::flowed;
use crate::parts::{self, Parts};
use crate::plain::{self, clean, html_shows_text, is_blank, is_stub};
use crate::transfer::{self, Base64};
use memchr::memmem;
use std::borrow::Cow;
use std::sync::LazyLock;
use threadfold_core::Hints;

static PGP: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(b"-----BEGIN PGP MESSAGE-----"));

/// Which of its two forms a body is best read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Choice {
    /// The plain text, which is really there.
    Plain,
    /// The HTML: there is no plain text, or it is empty or only says "please view in HTML".
    Html,
    /// Neither: no text part, or only empty ones.
    #[default]
    Nothing,
}

/// A part that is no text of the message: named, measured, not decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Its file name, decoded; empty if it has none.
    pub name: String,
    /// Its media type in lower case.
    pub mime: String,
    /// Size in bytes when decoded. Computed from the encoded length: exact for well-formed base64,
    /// an upper bound for quoted-printable.
    pub bytes: u64,
}

/// What [`BodyReader`] makes of a message.
///
/// Line ends are `\n`, the last ones are cut off, control characters are gone (see the README), other
/// white space is as it was sent.
///
/// ```
/// use threadfold_message::{BodyReader, Choice};
/// let body = BodyReader::default().read(b"Content-Type: text/html\n\n<p>Hi</p>");
/// assert_eq!((body.choice, body.text().as_ref()), (Choice::Html, "Hi"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The plain text, if every text of the message has a plain form.
    pub plain: Option<String>,
    /// The HTML, if any text of the message has an HTML form; plain parts beside it are put into it.
    pub html: Option<String>,
    /// Which of the two to read.
    pub choice: Choice,
    /// The other parts in order, without the signatures of signed mail.
    pub attachments: Vec<Attachment>,
    /// ENCRYPTED, CALENDAR and BOUNCE, as the structure or an inline PGP block shows them.
    pub hints: Hints,
    /// The plain text was `format=flowed` and is unwrapped.
    pub flowed: bool,
    /// What was wrong, each once, in a fixed order.
    pub defects: Vec<Defect>,
    /// Some of the text could not be decoded and is missing or replaced.
    pub damaged: bool,
    /// The text parts are larger than the reader's limit: some were not decoded, and what is here is no whole.
    pub too_large: bool,
}

impl Body {
    /// The chosen form as plain text; empty if there is nothing.
    pub fn text(&self) -> Cow<'_, str> {
        match (self.choice, &self.plain, &self.html) {
            (Choice::Plain, Some(text), _) => Cow::Borrowed(text),
            (Choice::Html, _, Some(html)) => Cow::Owned(html_to_text(html)),
            _ => Cow::Borrowed(""),
        }
    }

    fn defect(&mut self, defect: Defect) {
        self.damaged |= matches!(defect, Defect::Characters);
        self.defects.push(defect);
    }
}

/// Plain text of HTML.
fn html_to_text(html: &str) -> String {
    threadfold_html::to_text(html)
}

/// Reads bodies; keep one and reuse it, its buffers grow to what the mail needs.
///
/// Takes one path for everything: a walk over the parts that decodes text alone. Only when that finds no
/// text and no attachment in a body that is not empty is the message given to `mail-parser` for a second
/// opinion ([`Defect::SecondOpinion`]).
///
/// ```
/// let mut bodies = threadfold_message::BodyReader::default();
/// let body = bodies.read(b"Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n");
/// assert_eq!(body.plain.as_deref(), Some("café"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct BodyReader {
    bytes: Vec<u8>,
    scratch: Vec<u8>,
    limit: Option<usize>,
    plain_first: bool,
    /// Bytes of text parts met in this message.
    met: usize,
}

/// Frees a text from the quoting of an mbox.
pub type Undo<'u> = &'u dyn Fn(&[u8]) -> Cow<'_, [u8]>;

/// A message, taken apart.
struct Source<'a> {
    message: &'a [u8],
    parts: &'a Parts<'a>,
    undo: Undo<'a>,
}

/// What a part contributes, in either form.
#[derive(Default)]
struct Forms {
    plain: Option<String>,
    html: Option<String>,
}

impl Forms {
    fn is_empty(&self) -> bool {
        self.plain.is_none() && self.html.is_none()
    }
}

impl BodyReader {
    /// A reader that decodes no more than `bytes` bytes of text parts of one message, counted as they were sent.
    /// [`Body::too_large`] tells of more.
    ///
    /// ```
    /// let mut bodies = threadfold_message::BodyReader::with_limit(10);
    /// assert!(bodies.read(b"Subject: a\n\nEleven bytes.").too_large);
    /// assert!(!bodies.read(b"Subject: a\n\nShort.").too_large);
    /// ```
    pub fn with_limit(bytes: usize) -> Self {
        BodyReader { limit: Some(bytes), ..BodyReader::default() }
    }

    /// From now on decodes no HTML that stands beside a plain text which is really there: for whoever reads
    /// [`Body::text`] alone.
    ///
    /// ```
    /// let mail = b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nHi\n\
    ///     --b\nContent-Type: text/html\n\n<p>Hi</p>\n--b--";
    /// let body = threadfold_message::BodyReader::default().plain_first().read(mail);
    /// assert_eq!((body.plain.as_deref(), body.html), (Some("Hi"), None));
    /// ```
    #[must_use]
    pub fn plain_first(self) -> Self {
        BodyReader { plain_first: true, ..self }
    }

    /// Reads a whole message, head and body, already freed from mbox quoting.
    pub fn read(&mut self, message: &[u8]) -> Body {
        self.read_escaped(message, &|text| Cow::Borrowed(text))
    }

    /// Reads a message as it stands in an mbox: `undo` frees a text from the quoting. It is asked for the texts
    /// alone, not for attachments.
    ///
    /// ```
    /// let mut bodies = threadfold_message::BodyReader::default();
    /// let body = bodies.read_escaped(b"Subject: x\n\n>From here on", &|text| text[1..].into());
    /// assert_eq!(body.plain.as_deref(), Some("From here on"));
    /// ```
    pub fn read_escaped(&mut self, message: &[u8], undo: Undo<'_>) -> Body {
        if line_end_byte(message) == b'\r' {
            // No mbox writer finds a line to escape in such a message.
            let unix: Vec<u8> = message.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect();
            return self.read_lines(&unix, &|text| Cow::Borrowed(text));
        }
        self.read_lines(message, undo)
    }

    fn read_lines(&mut self, message: &[u8], undo: Undo<'_>) -> Body {
        self.met = 0;
        let parts = parts::find(message);
        let mut body = Body { defects: parts.defects.clone(), ..Body::default() };
        let source = Source { message, parts: &parts, undo };
        let forms = self.forms(&source, 0, &mut body);
        let nothing = forms.is_empty();
        (body.plain, body.html) = (forms.plain, forms.html);
        let start = parts.list[0].body.start;
        if nothing
            && body.attachments.is_empty()
            && body.hints.is_empty()
            && parts.list[0].open
            && !body.too_large
            && !message[start..].trim_ascii().is_empty()
        {
            second_opinion(&undo(message), &mut body);
        }
        for text in [&mut body.plain, &mut body.html].into_iter().flatten() {
            text.truncate(text.trim_end_matches('\n').len());
        }
        if let Some(text) = &body.plain
            && PGP.find(text.as_bytes()).is_some_and(|i| i == 0 || text.as_bytes()[i - 1] == b'\n')
        {
            body.hints |= Hints::ENCRYPTED;
        }
        body.choice = match (&body.plain, &body.html) {
            (Some(_), _) => Choice::Plain,
            (None, Some(_)) => Choice::Html,
            (None, None) => Choice::Nothing,
        };
        body.flowed &= body.plain.is_some();
        body.defects.sort_unstable();
        body.defects.dedup();
        body
    }

    /// The text of a part and of all below it. The depth is bounded by the walk that made the tree.
    fn forms(&mut self, source: &Source<'_>, index: usize, body: &mut Body) -> Forms {
        let parts = source.parts;
        let part = &parts.list[index];
        let sub = |name: &str| part.content.sub.eq_ignore_ascii_case(name.as_bytes());
        if !part.open {
            return self.leaf(source, index, body);
        }
        if sub("alternative") {
            return self.alternative(source, index, body);
        }
        if sub("encrypted") {
            body.hints |= Hints::ENCRYPTED;
        } else if sub("report") {
            body.hints |= Hints::BOUNCE;
        }
        let mut all = Vec::new();
        for child in parts.children(index) {
            let forms = self.forms(source, child, body);
            if !forms.is_empty() {
                all.push(forms);
            }
        }
        join(all)
    }

    fn alternative(&mut self, source: &Source<'_>, index: usize, body: &mut Body) -> Forms {
        let mut plain: Option<String> = None;
        let mut html: Option<String> = None;
        for child in source.parts.children(index) {
            if self.plain_first
                && source.parts.list[child].content.is("text", "html")
                && plain.as_deref().is_some_and(|text| !is_stub(text))
            {
                continue;
            }
            let forms = self.forms(source, child, body);
            // The last HTML is the richest; a plain text beside another one is what a careless list
            // server put there, and stands in addition unless it says the same.
            html = forms.html.or(html);
            plain = match (plain, forms.plain) {
                (Some(first), Some(second)) => {
                    let same = first.split_whitespace().eq(second.split_whitespace());
                    Some(if same { first } else { join_texts(first, &second) })
                }
                (first, second) => first.or(second),
            };
        }
        if html.is_some() && plain.as_deref().is_some_and(is_stub) {
            plain = None;
        }
        Forms { plain, html }
    }

    fn leaf(&mut self, source: &Source<'_>, index: usize, body: &mut Body) -> Forms {
        let parts = source.parts;
        let part = &parts.list[index];
        let content = &part.content;
        let raw = &source.message[part.body.clone()];
        let broken_multipart = index == 0 && content.is_multipart();
        let kind = if broken_multipart { Some(Kind::Plain) } else { text_kind(content) };
        if content.is("text", "calendar") && (index == 0 || !is_attached(content)) {
            body.hints |= Hints::CALENDAR;
        }
        let Some(kind) = kind.filter(|_| index == 0 || shown(content, parts, index)) else {
            note_attachment(content, raw, body);
            return Forms::default();
        };
        self.met = self.met.saturating_add(raw.len());
        if self.limit.is_some_and(|limit| self.met > limit) {
            body.too_large = true;
            return Forms::default();
        }
        let (text, flowed) = self.text(&(source.undo)(raw), content, kind, body);
        let mut text = text;
        let html = match kind {
            Kind::Html => true,
            Kind::Enriched => {
                text = plain::strip_enriched(&text);
                false
            }
            // Sent as plain by programs that know no better.
            Kind::Plain => {
                let top = text.trim_start().as_bytes();
                let starts = |s: &[u8]| top.len() >= s.len() && top[..s.len()].eq_ignore_ascii_case(s);
                starts(b"<!doctype html") || starts(b"<html>")
            }
        };
        if html {
            let shows = html_shows_text(&text);
            return Forms { plain: None, html: shows.then_some(text) };
        }
        if content.encoding == Encoding::Identity {
            take_out_uuencoded(&mut text, body);
        }
        if is_blank(&text) {
            return Forms::default();
        }
        body.flowed |= flowed;
        Forms { plain: Some(text), html: None }
    }

    /// Decodes a text part.
    fn text(&mut self, raw: &[u8], content: &Content<'_>, kind: Kind, body: &mut Body) -> (String, bool) {
        let bytes: &[u8] = match content.encoding {
            Encoding::Identity => raw,
            Encoding::Unknown => {
                body.defect(Defect::TransferEncoding);
                raw
            }
            Encoding::QuotedPrintable => transfer::quoted_printable(raw, &mut self.bytes),
            Encoding::Base64 => {
                self.bytes.clear();
                match transfer::base64(raw, &mut self.scratch, &mut self.bytes) {
                    Base64::Clean => &self.bytes,
                    Base64::Damaged => {
                        body.defect(Defect::Base64);
                        &self.bytes
                    }
                    Base64::Foreign => {
                        body.defect(Defect::Base64);
                        raw
                    }
                }
            }
        };
        let label = content.param("charset");
        let mut label = label.as_deref();
        let meta;
        if kind == Kind::Html && !bytes.is_ascii() && !label.is_some_and(charset::is_known) {
            meta = meta_charset(bytes);
            label = meta.or(label);
        }
        let (text, defect) = charset::decode(bytes, label);
        if let Some(d) = defect {
            body.defect(d);
        }
        let text = clean(text);
        if kind == Kind::Plain && content.param_is("format", "flowed") {
            let mut unwrapped = String::new();
            flowed::unflow(&text, content.param_is("delsp", "yes"), &mut unwrapped);
            return (unwrapped, true);
        }
        (text, false)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Html,
    Enriched,
}

fn text_kind(content: &Content<'_>) -> Option<Kind> {
    if content.main.is_empty() {
        return Some(Kind::Plain);
    }
    if !content.main.eq_ignore_ascii_case(b"text") {
        return None;
    }
    let sub = |name: &[u8]| content.sub.eq_ignore_ascii_case(name);
    if sub(b"plain") || sub(b"") {
        Some(Kind::Plain)
    } else if sub(b"html") {
        Some(Kind::Html)
    } else if sub(b"enriched") || sub(b"richtext") {
        Some(Kind::Enriched)
    } else {
        None
    }
}

fn is_attached(content: &Content<'_>) -> bool {
    content.disposition.eq_ignore_ascii_case(b"attachment")
}

/// True if a text part is part of what the reader sees, not a file that was sent along.
fn shown(content: &Content<'_>, parts: &Parts<'_>, index: usize) -> bool {
    if !is_attached(content) && !content.has_file_name() {
        return true;
    }
    // Exchange names the later text of Apple's mail so, and lists' footers.
    let name = content.file_name().unwrap_or_default().to_ascii_lowercase();
    if let Some(rest) = name.strip_prefix("att")
        && let Some((digits, ext)) = rest.split_once('.')
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && matches!(ext, "txt" | "htm" | "html")
    {
        return true;
    }
    // A body with a file name, but not one behind another text.
    let texts_before = parts.list[..index].iter().any(|p| !p.open && text_kind(&p.content).is_some());
    !is_attached(content) && !texts_before
}

fn note_attachment(content: &Content<'_>, raw: &[u8], body: &mut Body) {
    let sub = |name: &[u8]| content.sub.eq_ignore_ascii_case(name);
    if content.main.eq_ignore_ascii_case(b"application") {
        if sub(b"pgp-signature") || sub(b"pkcs7-signature") || sub(b"x-pkcs7-signature") {
            return;
        }
        if sub(b"pkcs7-mime") || sub(b"x-pkcs7-mime") {
            let signed =
                content.param_is("smime-type", "signed-data") || content.param_is("smime-type", "certs-only");
            if !signed {
                body.hints |= Hints::ENCRYPTED;
            }
        }
    }
    if content.is("message", "delivery-status") {
        body.hints |= Hints::BOUNCE;
    }
    let bytes = match content.encoding {
        Encoding::Base64 => transfer::base64_size(raw),
        _ => raw.len() as u64,
    };
    let name = content.file_name().unwrap_or_default();
    body.attachments.push(Attachment { name, mime: content.mime(), bytes });
}

fn take_out_uuencoded(text: &mut String, body: &mut Body) {
    let mut from = 0;
    while let Some(block) = plain::find_uuencoded(text, from) {
        body.attachments.push(Attachment {
            name: block.name,
            mime: "application/octet-stream".to_owned(),
            bytes: block.bytes,
        });
        // Each cut moves the tail once; a message has few such blocks, and a limit keeps it so.
        text.replace_range(block.start..block.end, "");
        from = block.start;
        if body.attachments.len() >= 100 {
            break;
        }
    }
}

/// The charset that an HTML text names in itself.
fn meta_charset(bytes: &[u8]) -> Option<&[u8]> {
    let top = &bytes[..bytes.len().min(2048)];
    let at = plain::find_ignore_case(top, b"charset=")? + 8;
    let rest = top[at..].trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':')))
        .unwrap_or(rest.len());
    Some(&rest[..end]).filter(|l| charset::is_known(l))
}

/// The second text on lines of its own behind the first.
fn join_texts(mut first: String, second: &str) -> String {
    if !first.ends_with('\n') {
        first.push('\n');
    }
    first.push_str(second);
    first
}

/// Texts that are shown one after the other: plain if all have a plain form, HTML if any has one.
fn join(mut all: Vec<Forms>) -> Forms {
    if all.len() <= 1 {
        return all.pop().unwrap_or_default();
    }
    let all_plain = all.iter().all(|f| f.plain.is_some());
    let any_html = all.iter().any(|f| f.html.is_some());
    let html = any_html.then(|| {
        let mut html = String::new();
        for f in &all {
            match (&f.html, &f.plain) {
                (Some(h), _) => {
                    html.push_str(h);
                    html.push('\n');
                }
                (None, Some(p)) => plain::as_html(p, &mut html),
                (None, None) => {}
            }
        }
        html
    });
    let plain = if all_plain {
        all.into_iter().filter_map(|f| f.plain).reduce(|first, second| join_texts(first, &second))
    } else {
        None
    };
    Forms { plain, html }
}

/// What mail-parser finds where our own walk found nothing.
fn second_opinion(message: &[u8], body: &mut Body) {
    let Some(parsed) = mail_parser::MessageParser::default().parse(message) else { return };
    // Its text bodies may be converted from HTML and the other way round; only the original counts.
    let plain = parsed.text_part(0).filter(|p| p.is_text() && !p.is_text_html());
    let html = parsed.html_part(0).filter(|p| p.is_text_html());
    let text = |p: Option<&mail_parser::MessagePart<'_>>| {
        p.and_then(|p| p.text_contents()).map(|t| clean(Cow::Borrowed(t)))
    };
    body.plain = text(plain).filter(|t| !is_blank(t));
    body.html = text(html).filter(|t| html_shows_text(t));
    if body.plain.is_some() || body.html.is_some() {
        body.defect(Defect::SecondOpinion);
    }
}
