//! The envelope, from the header block alone.

use crate::address::AddressParser;
use crate::author::{self, Author, Evidence};
use crate::date::parse_date;
use crate::fields::{Fields, line_end_byte};
use crate::folder::{folder_hints, label_hints};
use crate::found::{Found, starts};
use crate::hints::{self, Sign, SubjectSigns};
use crate::ids::{self, bracketed, id_hash, message_ids};
use crate::recent::Recent;
use crate::words::{decode_words, push_collapsed};
use memchr::{memchr, memmem, memrchr};
use threadfold_core::{Hints, IdHash, NewEnvelope};

/// Where a message was found, as far as that says something about it.
///
/// ```
/// let at = threadfold_message::Place { folder: "Trash", ..Default::default() };
/// let mut heads = threadfold_message::HeadReader::default();
/// let head = heads.read(b"Subject: x\n\n", &at);
/// assert!(head.envelope().hints.contains(threadfold_core::Hints::TRASH));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// The mbox separator line (`From sender date`) that stood before it.
    pub separator: Option<&'a [u8]>,
    /// The folder within the archive; see [`folder_hints`].
    pub folder: &'a str,
    /// Flagged as a draft where it lies (Maildir's `D`).
    pub draft: bool,
    /// Flagged as deleted where it lies (Maildir's `T`).
    pub trashed: bool,
}

/// Reads header blocks; keep one and reuse it, all buffers are its own.
///
/// ```
/// use threadfold_message::{HeadReader, Place};
/// let mail = b"Message-ID: <1@example.com>\nDate: Fri, 1 Mar 2024 09:12:00 +0000\n\
///     From: Ada <Ada@example.com>\nTo: shop@example.org\nSubject: Re: Order\n\nText";
/// let mut heads = HeadReader::default();
/// let head = heads.read(mail, &Place::default());
/// let envelope = head.envelope();
/// assert_eq!(envelope.id, threadfold_message::id_hash(b"1@example.com"));
/// assert_eq!(envelope.date, 1_709_284_320);
/// assert_eq!(envelope.recipients, ["shop@example.org"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct HeadReader {
    /// Subject and recipients, one behind the other.
    text: String,
    people: Vec<(u32, u32)>,
    references: Vec<IdHash>,
    thread_index: Vec<u8>,
    author: Author,
    other: Author,
    parser: AddressParser,
    /// The addresses in the To and Cc values met last.
    addressed: Recent<Vec<String>>,
    /// Decoded subjects, and what they say.
    subjects: Recent<(String, SubjectSigns)>,
    signs: SubjectSigns,
    labels: Recent<Hints>,
    programs: Recent<Option<Sign>>,
    /// The folder of the message before, and what it says.
    folder: (String, Hints),
    /// A copy of a message whose lines end in `\r`.
    copy: Vec<u8>,
}

/// An envelope on its way: borrows from its reader.
///
/// ```
/// let mut heads = threadfold_message::HeadReader::default();
/// let head = heads.read(b"Subject: a\n b\n\n", &Default::default());
/// assert_eq!(head.envelope().subject, "a b");
/// ```
#[derive(Clone, Debug)]
pub struct Head<'a> {
    new: NewEnvelope<'a>,
    recipients: Vec<&'a str>,
}

impl Head<'_> {
    /// What [`threadfold_core::Envelopes::push`] takes.
    pub fn envelope(&self) -> NewEnvelope<'_> {
        NewEnvelope { recipients: &self.recipients, ..self.new.clone() }
    }
}

impl HeadReader {
    /// Reads the header block of a message (which starts at its first header, or may have separator
    /// lines before it) and looks at nothing behind it.
    ///
    /// - The id is the Message-ID's, in brackets or bare; References may be bare, In-Reply-To not, and an
    ///   "id" there that is somebody's address in From, To or Cc is none.
    /// - The date is Date's; if that is missing, impossible, or more than a day after the newest Received
    ///   (a clock set wrong), it is that one's, else the separator line's, else missing.
    /// - The author is From's, except where a list or a contact form put itself there: an address of a
    ///   robot (`noreply@`, `wordpress@`) or of the list gives way to Reply-To or X-Original-From under
    ///   the conditions that the README lists.
    pub fn read<'a>(&'a mut self, message: &'a [u8], place: &Place<'_>) -> Head<'a> {
        if line_end_byte(message) == b'\r' {
            let mut copy = std::mem::take(&mut self.copy);
            copy.clear();
            copy.extend(message.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }));
            let new = self.fill(&copy, place);
            self.copy = copy;
            return self.head(new);
        }
        let new = self.fill(message, place);
        self.head(new)
    }

    /// The numbers of an envelope; its strings go to the buffers.
    fn fill(&mut self, message: &[u8], place: &Place<'_>) -> NewEnvelope<'static> {
        let mut fields = Fields::of_message(message);
        let mut found = Found::default();
        let mut seen = 0;
        for f in fields.by_ref() {
            found.field(f, &mut seen);
        }
        for value in found.labels.iter() {
            found.hints |= *self.labels.of(value, |hints| *hints = label_hints(value));
        }
        for value in std::mem::take(&mut found.programs).iter() {
            found.program(*self.programs.of(value, |sign| *sign = hints::program_sign(value)));
        }
        if self.folder.0 != place.folder {
            self.folder = (place.folder.to_owned(), folder_hints(place.folder));
        }
        let mut new = NewEnvelope::default();
        if fields.count == 0 {
            found.hints |= Hints::NO_HEADER | Hints::DEFECT;
        }
        if fields.odd || found.duplicate || found.evidence.from.is_none() {
            found.hints |= Hints::DEFECT;
        }
        if let Some(f) = found.message_id
            && let Some((at, len, hash)) = ids::own_id(f.value())
        {
            new.id = hash;
            new.id_at = ((f.at() + at) as u32, len as u16);
        }
        new.provider_thread = found.provider_thread;
        self.people(&found, place);
        self.links(&found, &mut new);
        new.date = date(&mut found, place);
        new.hints = self.hints(&found, place);
        new
    }

    fn head(&self, new: NewEnvelope<'static>) -> Head<'_> {
        let subject_len = self.people.first().map_or(0, |p| p.0) as usize;
        // `people` starts with the subject's own range; see `people`.
        let text = &self.text;
        let recipients = self.people[1.min(self.people.len())..]
            .iter()
            .map(|(start, end)| &text[*start as usize..*end as usize])
            .collect();
        Head {
            new: NewEnvelope {
                from: &self.author.address,
                from_name: &self.author.name,
                subject: &text[..subject_len],
                references: &self.references,
                thread_index: &self.thread_index,
                ..new
            },
            recipients,
        }
    }

    /// Subject, recipients and author. `text` holds the subject and the recipients, `people` where each
    /// ends, with the end of the subject in front.
    fn people(&mut self, found: &Found<'_>, place: &Place<'_>) {
        let HeadReader { text, people, author, other, parser, addressed, subjects, signs, .. } = self;
        text.clear();
        people.clear();
        *signs = SubjectSigns::default();
        if let Some(subject) = found.subject {
            let (decoded, said) = subjects.of(subject, |(decoded, said)| {
                decoded.clear();
                push_collapsed(&decode_words(subject), decoded);
                *said = hints::subject_signs(decoded);
            });
            text.push_str(decoded);
            *signs = *said;
        }
        people.push((text.len() as u32, text.len() as u32));
        for value in found.to.iter().chain(found.cc.iter()) {
            let addresses = addressed.of(value, |addresses| {
                addresses.clear();
                parser.each(value, &mut |_, address| {
                    if address.contains('@') {
                        addresses.push(address.to_owned());
                    }
                });
            });
            for address in addresses {
                if people.len() <= usize::from(u16::MAX) {
                    let start = text.len() as u32;
                    text.push_str(address);
                    people.push((start, text.len() as u32));
                }
            }
        }
        let evidence = Evidence {
            separator: place.separator,
            no_form: found.mass_mailer || found.help_desk || found.hints.contains(Hints::UNSUBSCRIBE),
            ..found.evidence
        };
        let (text, people) = (&*text, &*people);
        let is_recipient =
            |address: &str| people[1..].iter().any(|(s, e)| &text[*s as usize..*e as usize] == address);
        author.address.clear();
        author.name.clear();
        author::decide(&evidence, parser, author, other, &is_recipient);
    }

    /// References, then In-Reply-To, and the Thread-Index.
    fn links(&mut self, found: &Found<'_>, new: &mut NewEnvelope<'static>) {
        self.references.clear();
        for value in found.references.iter() {
            push_ids(value, &mut self.references);
        }
        let before = self.references.len();
        for value in found.in_reply_to.iter() {
            let decoded;
            let value = if memchr(b'<', value).is_none() && memmem::find(value, b"=?").is_some() {
                decoded = decode_words(value);
                decoded.as_bytes()
            } else {
                value
            };
            for (_, raw) in bracketed(value) {
                // "message from Jane <jane@example.com> of Monday" names a person.
                if !self.is_somebody(raw) && self.references.len() - before < usize::from(u8::MAX) {
                    self.references.push(id_hash(raw));
                }
            }
        }
        new.in_reply_to = (self.references.len() - before) as u8;
        self.thread_index.clear();
        if let Some(value) = found.thread_index {
            crate::transfer::base64_word(value, &mut self.thread_index);
            // 22 bytes, and five more for each answer.
            if self.thread_index.len() < 22 {
                self.thread_index.clear();
            }
        }
    }

    /// True if this is the address of the author or of a recipient.
    fn is_somebody(&self, id: &[u8]) -> bool {
        let same = |a: &str| a.as_bytes().eq_ignore_ascii_case(id);
        same(&self.author.address)
            || self.people[1..].iter().any(|(s, e)| same(&self.text[*s as usize..*e as usize]))
    }

    fn hints(&self, found: &Found<'_>, place: &Place<'_>) -> Hints {
        let mut h = found.hints | self.folder.1;
        h.set(Hints::DRAFT, h.contains(Hints::DRAFT) || place.draft);
        h.set(Hints::TRASH, h.contains(Hints::TRASH) || place.trashed);
        let signs = self.signs;
        h.set(Hints::SUBJECT_REPLY, signs.reply);
        h.set(Hints::SUBJECT_FORWARD, signs.forward);
        if signs.auto_reply {
            h |= Hints::AUTO_REPLY;
        }
        let content = &found.content;
        if content.is_multipart() {
            h |= Hints::MULTIPART;
            if content.sub.eq_ignore_ascii_case(b"encrypted") {
                h |= Hints::ENCRYPTED;
            } else if content.sub.eq_ignore_ascii_case(b"report") {
                h |= Hints::BOUNCE;
            }
        } else if content.is("text", "calendar") {
            h |= Hints::CALENDAR;
        } else if (content.is("application", "pkcs7-mime") || content.is("application", "x-pkcs7-mime"))
            && !content.param_is("smime-type", "signed-data")
        {
            h |= Hints::ENCRYPTED;
        }
        if signs.invitation {
            h |= Hints::CALENDAR;
        }
        let precedence = found.precedence.unwrap_or(b"");
        let mut bulk = found.mass_mailer;
        if precedence.eq_ignore_ascii_case(b"list") {
            h |= Hints::LIST;
        } else if starts(precedence, b"auto") {
            h |= Hints::AUTO | Hints::AUTO_REPLY;
        } else if precedence.eq_ignore_ascii_case(b"bulk") || precedence.eq_ignore_ascii_case(b"junk") {
            // Lists and help desks say so too, of what people write.
            bulk |= !found.discussion && !found.help_desk;
        }
        let newsletter = h.contains(Hints::UNSUBSCRIBE) && !found.discussion && !found.help_desk;
        if bulk || newsletter {
            h |= Hints::BULK;
        }
        let null_path = found.evidence.return_path.is_some_and(|p| matches!(p, b"<>" | b"< >"));
        let daemon = hints::is_bouncer(&self.author.address)
            || self.author.address.starts_with("postmaster@") && (signs.bounce || null_path);
        if daemon
            || null_path && !h.intersects(Hints::AUTO_REPLY | Hints::LIST)
            || signs.bounce && h.contains(Hints::AUTO)
        {
            h |= Hints::BOUNCE;
        }
        h
    }
}

fn push_ids(value: &[u8], out: &mut Vec<IdHash>) {
    // Long References lists come encoded from a few programs, brackets and all.
    if memchr(b'<', value).is_none() && memmem::find(value, b"=?").is_some() {
        out.extend(message_ids(decode_words(value).as_bytes()).map(|id| id_hash(&id)));
        return;
    }
    let before = out.len();
    out.extend(bracketed(value).map(|(_, raw)| id_hash(raw)).filter(|id| *id != 0));
    if out.len() == before {
        out.extend(message_ids(value).map(|id| id_hash(&id)));
    }
}

/// The date, and what it is worth.
fn date(found: &mut Found<'_>, place: &Place<'_>) -> i64 {
    const DAY: i64 = 86_400;
    // "by host with SMTP id 1; Fri, 1 Mar 2024 09:12:00 +0000"
    let received = || {
        let value = found.received?;
        parse_date(&value[memrchr(b';', value)? + 1..])
    };
    let own = found.date.and_then(parse_date);
    let received = received();
    if let Some(date) = own
        && received.is_none_or(|r| date <= r + DAY)
    {
        return date;
    }
    if found.date.is_some() {
        found.hints |= Hints::DEFECT;
    }
    found.hints |= Hints::DATE_GUESSED;
    let separator = || {
        let line = place.separator?;
        let rest = line.strip_prefix(b"From ").unwrap_or(line);
        let space = memchr(b' ', rest)?;
        parse_date(&rest[space..])
    };
    received.or_else(separator).unwrap_or_else(|| {
        found.hints |= Hints::DATE_MISSING;
        0
    })
}
