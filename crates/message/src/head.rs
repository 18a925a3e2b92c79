//! The envelope, from the header block alone.

use crate::address::AddressParser;
use crate::author::{self, Author, Evidence};
use crate::content::Content;
use crate::date::parse_date;
use crate::fields::{Field, Fields, line_end_byte};
use crate::folder::{folder_hints, label_hints};
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

/// A few values without an allocation.
#[derive(Default)]
struct Few<'m> {
    first: [&'m [u8]; 3],
    count: usize,
    more: Vec<&'m [u8]>,
}

impl<'m> Few<'m> {
    fn push(&mut self, value: &'m [u8]) {
        match self.first.get_mut(self.count) {
            Some(place) => *place = value,
            None => self.more.push(value),
        }
        self.count += 1;
    }

    fn iter(&self) -> impl Iterator<Item = &'m [u8]> + '_ {
        self.first[..self.count.min(3)].iter().copied().chain(self.more.iter().copied())
    }
}

/// What the walk over the block picks up.
#[derive(Default)]
struct Found<'m> {
    evidence: Evidence<'m>,
    to: Few<'m>,
    cc: Few<'m>,
    references: Few<'m>,
    in_reply_to: Few<'m>,
    subject: Option<&'m [u8]>,
    date: Option<&'m [u8]>,
    received: Option<&'m [u8]>,
    message_id: Option<Field<'m>>,
    thread_index: Option<&'m [u8]>,
    provider_thread: u64,
    precedence: Option<&'m [u8]>,
    labels: Few<'m>,
    programs: Few<'m>,
    content: Content<'m>,
    hints: Hints,
    mass_mailer: bool,
    help_desk: bool,
    /// A list that people write to, rather than a newsletter.
    discussion: bool,
    duplicate: bool,
}

/// The lengths of the names that [`Found::field`] knows, as bits by the name's initial: most fields have none of
/// them. The last bit stands for all longer ones.
static WANTED: [u32; 32] = {
    const NAMES: [&[u8]; 18] = [
        b"from",
        b"to",
        b"cc",
        b"date",
        b"subject",
        b"sender",
        b"message-id",
        b"received",
        b"reply-to",
        b"references",
        b"return-path",
        b"in-reply-to",
        b"thread-index",
        b"precedence",
        b"auto-submitted",
        b"mailing-list",
        b"feedback-id",
        b"user-agent",
    ];
    let mut lengths = [0; 32];
    let mut i = 0;
    while i < NAMES.len() {
        lengths[(NAMES[i][0] & 31) as usize] |= 1 << NAMES[i].len();
        i += 1;
    }
    // Content-…, List-… and X-…
    lengths[(b'c' & 31) as usize] |= u32::MAX << 12;
    lengths[(b'l' & 31) as usize] |= u32::MAX << 5;
    lengths[(b'x' & 31) as usize] |= u32::MAX << 3;
    lengths
};

/// Whether a field's name is this one, which is spelled in small letters and dashes. In a name nothing else becomes a
/// letter or a dash by this bit.
#[inline]
fn same_name(name: &[u8], known: &[u8]) -> bool {
    name.len() == known.len() && name.iter().zip(known).fold(true, |same, (a, b)| same & (a | 32 == *b))
}

fn first<'m>(place: &mut Option<&'m [u8]>, value: &'m [u8]) -> bool {
    let known = place.is_some_and(|v| !v.is_empty());
    if !known {
        *place = Some(value);
    }
    known
}

fn starts(value: &[u8], word: &[u8]) -> bool {
    value.len() >= word.len() && value[..word.len()].eq_ignore_ascii_case(word)
}

impl<'m> Found<'m> {
    /// Takes in one field. Told apart by first letter and length, so that most cost one comparison.
    fn field(&mut self, f: Field<'m>, seen: &mut u8) {
        let name = f.name.strip_prefix(b">").unwrap_or(f.name);
        let Some(&initial) = name.first() else { return };
        if WANTED[usize::from(initial & 31)] & (1 << name.len().min(31)) == 0 {
            return self.sign(name);
        }
        let value = f.value();
        let is = |known: &[u8]| same_name(name, known);
        match (initial | 32, name.len()) {
            (b'f', 4) if is(b"from") => self.duplicate |= first(&mut self.evidence.from, value),
            (b't', 2) if is(b"to") => self.to.push(value),
            (b'c', 2) if is(b"cc") => self.cc.push(value),
            (b'd', 4) if is(b"date") => self.duplicate |= first(&mut self.date, value),
            (b's', 7) if is(b"subject") => self.duplicate |= first(&mut self.subject, value),
            (b's', 6) if is(b"sender") => _ = first(&mut self.evidence.sender, value),
            (b'm', 10) if is(b"message-id") => {
                if self.message_id.is_none_or(|m| m.value().is_empty()) {
                    self.message_id = Some(f);
                } else {
                    self.duplicate = true;
                }
            }
            (b'r', 8) if is(b"received") => _ = first(&mut self.received, value),
            (b'r', 8) if is(b"reply-to") => _ = first(&mut self.evidence.reply_to, value),
            (b'r', 10) if is(b"references") => self.references.push(value),
            (b'r', 11) if is(b"return-path") => {
                if self.evidence.return_path.is_none() {
                    self.evidence.return_path = Some(value);
                }
            }
            (b'i', 11) if is(b"in-reply-to") => self.in_reply_to.push(value),
            (b't', 12) if is(b"thread-index") => _ = first(&mut self.thread_index, value),
            (b'c', 12..) if self.content.field(name, value, seen) => {}
            (b'c', 13) if is(b"content-class") => {
                if memmem::find(value, b"calendarmessage").is_some() {
                    self.hints |= Hints::CALENDAR;
                }
            }
            (b'p', 10) if is(b"precedence") => self.precedence = Some(value),
            (b'a', 14) if is(b"auto-submitted") => self.auto_submitted(value),
            (b'l', _) if starts(name, b"list-") => self.list_field(&name[5..], value),
            (b'm', 12) if is(b"mailing-list") => self.hints |= Hints::LIST,
            (b'f', 11) if is(b"feedback-id") => self.mass_mailer |= hints::is_campaign_feedback(value),
            (b'u', 10) if is(b"user-agent") => self.programs.push(value),
            (b'x', 3..) if name[1] == b'-' => self.extension(&name[2..], name, value),
            _ => self.sign(name),
        }
    }

    fn sign(&mut self, name: &[u8]) {
        match hints::sign(name) {
            None => {}
            Some(Sign::MassMailer) => self.mass_mailer = true,
            Some(Sign::HelpDesk) => self.help_desk = true,
            Some(Sign::Automatic) => self.hints |= Hints::AUTO,
            Some(Sign::AutoReply) => self.hints |= Hints::AUTO | Hints::AUTO_REPLY,
        }
    }

    fn program(&mut self, sign: Option<Sign>) {
        match sign {
            Some(Sign::HelpDesk) => self.help_desk = true,
            Some(_) => self.mass_mailer = true,
            None => {}
        }
    }

    /// RFC 3834 section 5. Help desks mark what a person wrote as auto-generated: that is AUTO at most.
    fn auto_submitted(&mut self, value: &[u8]) {
        let word = value.split(|b| matches!(b, b';' | b'(' | b' ' | b'\t')).next().unwrap_or(b"");
        if word.is_empty() || word.eq_ignore_ascii_case(b"no") {
            return;
        }
        self.hints |= Hints::AUTO;
        if word.eq_ignore_ascii_case(b"auto-replied") {
            self.hints |= Hints::AUTO_REPLY;
        }
    }

    /// `List-…` (RFC 2369, RFC 2919).
    fn list_field(&mut self, rest: &[u8], value: &'m [u8]) {
        let is = |known: &[u8]| rest.eq_ignore_ascii_case(known);
        if is(b"unsubscribe") {
            self.hints |= Hints::UNSUBSCRIBE;
        } else if is(b"id") {
            self.hints |= Hints::LIST;
            _ = first(&mut self.evidence.list_id, value);
        } else if is(b"post") {
            // "NO" is a list that only announces.
            if !starts(value, b"no") {
                self.hints |= Hints::LIST;
                self.discussion = true;
                _ = first(&mut self.evidence.list_post, value);
            }
        } else if is(b"subscribe") || is(b"archive") {
            self.discussion = true;
        }
    }

    /// `X-…` fields; `rest` is the name behind that.
    fn extension(&mut self, rest: &[u8], name: &[u8], value: &'m [u8]) {
        let is = |known: &[u8]| same_name(rest, known);
        let yes = || starts(value, b"yes") || starts(value, b"true") || value == b"1";
        match (rest[0] | 32, rest.len()) {
            (b'g', 8) if is(b"gm-thrid") => {
                // One word: whatever a folded line brings behind it is not its.
                if let Some(id) = value.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()) {
                    self.provider_thread = threadfold_core::hash_bytes(id).max(1);
                }
            }
            (b'g', 12) if is(b"gmail-labels") => self.labels.push(value),
            (b'g', 9) if is(b"gm-labels") => self.labels.push(value),
            (b'o', 13) if is(b"original-from") => _ = first(&mut self.evidence.original_from, value),
            (b'g', 20) if is(b"google-original-from") => {
                _ = first(&mut self.evidence.original_from, value);
            }
            (b'o', 15) if is(b"original-sender") => _ = first(&mut self.evidence.original_sender, value),
            (b's', 9) if is(b"spam-flag") && yes() => self.hints |= Hints::SPAM,
            (b's', 11) if is(b"spam-status") && yes() => self.hints |= Hints::SPAM,
            (b'b', 8) if is(b"bogosity") && (yes() || starts(value, b"spam")) => self.hints |= Hints::SPAM,
            // Exchange's spam confidence: -1 to 9, junk from 5 on.
            (b'm', 28) if is(b"ms-exchange-organization-scl") => {
                if matches!(value, [b'5'..=b'9']) {
                    self.hints |= Hints::SPAM;
                }
            }
            (b'm', 14) if is(b"mozilla-status") => {
                if flags(value) & 0x8 != 0 {
                    self.hints |= Hints::TRASH;
                }
            }
            (b'm', 15) if is(b"mozilla-status2") => {
                if flags(value) & 0x20_0000 != 0 {
                    self.hints |= Hints::TRASH;
                }
            }
            (b'm', 18) if is(b"mozilla-draft-info") => self.hints |= Hints::DRAFT,
            (b'u', 6) if is(b"unsent") && yes() => self.hints |= Hints::DRAFT,
            (b'u', 23) if is(b"uniform-type-identifier") => {
                if memmem::find(value, b"mail-draft").is_some() {
                    self.hints |= Hints::DRAFT;
                }
            }
            // The flags of mbox files: D deleted, T draft.
            (b's', 6) if is(b"status") => {
                if memchr(b'D', value).is_some() {
                    self.hints |= Hints::TRASH;
                }
                if memchr(b'T', value).is_some() {
                    self.hints |= Hints::DRAFT;
                }
            }
            (b'm', 6) if is(b"mailer") => self.programs.push(value),
            (b'm', 12) if is(b"mailing-list") => {
                self.hints |= Hints::LIST;
                self.discussion = true;
            }
            (b'b', 9) if is(b"beenthere") => {
                self.hints |= Hints::LIST;
                self.discussion = true;
                _ = first(&mut self.evidence.been_there, value);
            }
            (b'm', 36) if is(b"ms-exchange-generated-message-source") => self.hints |= Hints::AUTO,
            _ => self.sign(name),
        }
    }
}

/// A hexadecimal number of flags.
fn flags(value: &[u8]) -> u32 {
    std::str::from_utf8(value).ok().and_then(|v| u32::from_str_radix(v.trim(), 16).ok()).unwrap_or(0)
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
