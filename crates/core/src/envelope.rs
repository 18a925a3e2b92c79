//! What the first pass keeps of each message: a fixed size each, strings interned.
//!
//! Sizes matter here: an archive may hold 10^8 messages. Ids are kept as 64-bit hashes; the spelling of
//! a Message-ID can be read again from the archive at `id_at`.

use crate::{Interner, Locator, Symbol};

/// Hash of a normalised message id (see [`crate::hash_bytes`]); 0 stands for "none".
pub type IdHash = u64;

bitflags::bitflags! {
    /// What the header block says about the kind of message. Set by the message crate, read by whoever
    /// decides what to leave out.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Hints: u32 {
        /// RFC 3834 `Auto-Submitted` other than `no`, or one of its older relatives.
        const AUTO = 1 << 0;
        /// `Auto-Submitted: auto-replied`, `X-Autoreply`, or an out-of-office subject.
        const AUTO_REPLY = 1 << 1;
        /// A delivery status report, a null return path, or a mailer daemon's From.
        const BOUNCE = 1 << 2;
        /// `Precedence: bulk|junk`, or a mass mailer's headers.
        const BULK = 1 << 3;
        /// `List-Id`, `List-Post`, `Precedence: list`: came over a mailing list.
        const LIST = 1 << 4;
        /// `List-Unsubscribe` is there (also on newsletters that are no list).
        const UNSUBSCRIBE = 1 << 5;
        /// The top content type is text/calendar, or the subject an invitation's.
        const CALENDAR = 1 << 6;
        /// multipart/encrypted, application/pkcs7-mime enveloped data, or PGP inline (when known).
        const ENCRYPTED = 1 << 7;
        /// Labelled or filed as spam.
        const SPAM = 1 << 8;
        /// Labelled, filed or flagged as deleted.
        const TRASH = 1 << 9;
        /// Labelled, filed or flagged as a draft.
        const DRAFT = 1 << 10;
        /// Labelled or filed as sent by the mailbox's owner.
        const SENT = 1 << 11;
        /// The date came from Received, the separator line, or nowhere.
        const DATE_GUESSED = 1 << 12;
        /// No date at all could be found; `date` is 0.
        const DATE_MISSING = 1 << 13;
        /// The subject starts with a reply prefix in some language.
        const SUBJECT_REPLY = 1 << 14;
        /// The subject starts with a forward prefix in some language.
        const SUBJECT_FORWARD = 1 << 15;
        /// The header block has a defect worth a line in the report.
        const DEFECT = 1 << 16;
        /// The top content type is multipart.
        const MULTIPART = 1 << 17;
        /// No header block could be made out.
        const NO_HEADER = 1 << 18;
    }
}

/// One message, as pass 1 leaves it. 72 bytes; what few messages have stands beside it in [`Envelopes`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Where it stands.
    pub locator: Locator,
    /// Hash of its normalised Message-ID, 0 if it has none.
    pub id: IdHash,
    /// Seconds since 1970, UTC; see [`Hints::DATE_MISSING`].
    pub date: i64,
    /// The author's address, lower case, after undoing list munging.
    pub from: Symbol,
    /// The author's display name, decoded.
    pub from_name: Symbol,
    /// The subject, decoded, whitespace collapsed.
    pub subject: Symbol,
    id_offset: u32,
    id_len: u16,
    /// How many of `references` are from In-Reply-To: they stand last.
    pub in_reply_to: u8,
    /// What kind of message it is.
    pub hints: Hints,
    /// Where its lists begin; they end where the next message's begin.
    references: u32,
    recipients: u32,
}

impl Envelope {
    /// Offset of the Message-ID's text (with brackets) from the message's first byte, and its length.
    pub fn id_at(&self) -> (u32, u16) {
        (self.id_offset, self.id_len)
    }
}

/// What few messages have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Extra {
    message: u32,
    provider_thread: u64,
    thread_index: Box<[u8]>,
}

/// A message on its way into [`Envelopes`]: the same fields with their strings and lists still borrowed.
#[derive(Clone, Debug, Default)]
pub struct NewEnvelope<'a> {
    /// Hash of the normalised Message-ID, 0 if none.
    pub id: IdHash,
    /// See [`Envelope::id_at`].
    pub id_at: (u32, u16),
    /// Seconds since 1970, UTC.
    pub date: i64,
    /// Hash of the provider's thread id (`X-GM-THRID` and the like), 0 if none.
    pub provider_thread: u64,
    /// The author's address, lower case.
    pub from: &'a str,
    /// The author's display name.
    pub from_name: &'a str,
    /// The decoded subject.
    pub subject: &'a str,
    /// Hashes of the References ids in their order, then those of In-Reply-To.
    pub references: &'a [IdHash],
    /// How many of `references` are from In-Reply-To.
    pub in_reply_to: u8,
    /// Lower-case addresses of To, then Cc.
    pub recipients: &'a [&'a str],
    /// The decoded (binary) Outlook Thread-Index, empty if none.
    pub thread_index: &'a [u8],
    /// What kind of message it is.
    pub hints: Hints,
}

/// All envelopes of a run, in the order of the archive, with the strings and lists that they share.
///
/// ```
/// use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
/// let mut all = Envelopes::default();
/// let at = Locator { source: SourceId(0), offset: 0, len: 10 };
/// let new = NewEnvelope { from: "ada@example.com", recipients: &["shop@example.org"], ..Default::default() };
/// let i = all.push(at, &new);
/// assert_eq!(all.text(all[i].from), "ada@example.com");
/// assert_eq!(all.recipients(i).map(|s| all.text(s)).collect::<Vec<_>>(), ["shop@example.org"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Envelopes {
    list: Vec<Envelope>,
    strings: Interner,
    ids: Vec<IdHash>,
    people: Vec<Symbol>,
    /// In the order of the messages.
    extras: Vec<Extra>,
}

impl Envelopes {
    /// Adds a message and gives its number.
    ///
    /// Lists longer than 65,535 entries are cut at their front (references: the newest stand last and
    /// count most) or their end (recipients).
    pub fn push(&mut self, locator: Locator, new: &NewEnvelope<'_>) -> usize {
        let refs = &new.references[new.references.len().saturating_sub(usize::from(u16::MAX))..];
        let references = self.ids.len() as u32;
        self.ids.extend_from_slice(refs);
        let people = &new.recipients[..new.recipients.len().min(usize::from(u16::MAX))];
        let recipients = self.people.len() as u32;
        for p in people {
            let s = self.strings.intern(p);
            self.people.push(s);
        }
        if !new.thread_index.is_empty() || new.provider_thread != 0 {
            self.extras.push(Extra {
                message: self.list.len() as u32,
                provider_thread: new.provider_thread,
                thread_index: new.thread_index.into(),
            });
        }
        let envelope = Envelope {
            locator,
            id: new.id,
            date: new.date,
            from: self.strings.intern(new.from),
            from_name: self.strings.intern(new.from_name),
            subject: self.strings.intern(new.subject),
            id_offset: new.id_at.0,
            id_len: new.id_at.1,
            in_reply_to: new.in_reply_to,
            hints: new.hints,
            references,
            recipients,
        };
        self.list.push(envelope);
        self.list.len() - 1
    }

    /// Appends all of `other`, in order: how the parts that workers made become one.
    pub fn append(&mut self, other: &Envelopes) {
        // Each distinct string is looked up once. Symbols come out as if the messages had been pushed here.
        let symbols: Vec<Symbol> = other.strings.iter().map(|(_, text)| self.strings.intern(text)).collect();
        let known = |s: Symbol| symbols[s.0 as usize];
        let (first, references, recipients) =
            (self.list.len() as u32, self.ids.len() as u32, self.people.len() as u32);
        self.ids.extend_from_slice(&other.ids);
        self.people.extend(other.people.iter().map(|s| known(*s)));
        self.extras.extend(other.extras.iter().map(|e| Extra { message: first + e.message, ..e.clone() }));
        self.list.extend(other.list.iter().map(|e| Envelope {
            from: known(e.from),
            from_name: known(e.from_name),
            subject: known(e.subject),
            references: references + e.references,
            recipients: recipients + e.recipients,
            ..e.clone()
        }));
    }

    /// How many messages.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All messages in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Envelope> {
        self.list.iter()
    }

    /// The text of a symbol of these envelopes.
    pub fn text(&self, s: Symbol) -> &str {
        self.strings.get(s)
    }

    /// The interned strings themselves.
    pub fn strings(&self) -> &Interner {
        &self.strings
    }

    /// Hashes of the message's References and then In-Reply-To ids; see [`Envelope::in_reply_to`].
    pub fn references(&self, i: usize) -> &[IdHash] {
        let end = self.list.get(i + 1).map_or(self.ids.len(), |next| next.references as usize);
        &self.ids[self.list[i].references as usize..end]
    }

    /// Addresses in To and Cc.
    pub fn recipients(&self, i: usize) -> impl Iterator<Item = Symbol> + '_ {
        let end = self.list.get(i + 1).map_or(self.people.len(), |next| next.recipients as usize);
        self.people[self.list[i].recipients as usize..end].iter().copied()
    }

    /// The binary Thread-Index value, empty if none.
    pub fn thread_index(&self, i: usize) -> &[u8] {
        self.extra(i).map_or(&[], |extra| &extra.thread_index)
    }

    /// Hash of the provider's thread id (`X-GM-THRID` and the like), 0 if none.
    pub fn provider_thread(&self, i: usize) -> u64 {
        self.extra(i).map_or(0, |extra| extra.provider_thread)
    }

    /// Whether any message has a provider's thread id.
    pub fn any_provider_thread(&self) -> bool {
        self.extras.iter().any(|extra| extra.provider_thread != 0)
    }

    fn extra(&self, i: usize) -> Option<&Extra> {
        if self.extras.is_empty() {
            return None;
        }
        let at = self.extras.binary_search_by_key(&(i as u32), |extra| extra.message).ok()?;
        Some(&self.extras[at])
    }
}

impl std::ops::Index<usize> for Envelopes {
    type Output = Envelope;
    fn index(&self, i: usize) -> &Envelope {
        &self.list[i]
    }
}

impl std::ops::IndexMut<usize> for Envelopes {
    fn index_mut(&mut self, i: usize) -> &mut Envelope {
        &mut self.list[i]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceId;

    #[test]
    fn an_envelope_stays_small() {
        assert!(std::mem::size_of::<Envelope>() <= 72, "{}", std::mem::size_of::<Envelope>());
    }

    #[test]
    fn appending_parts_gives_the_same_as_pushing_in_one_go() {
        let at = |o| Locator { source: SourceId(0), offset: o, len: 1 };
        let one = NewEnvelope {
            from: "a@example.com",
            references: &[1, 2],
            thread_index: b"xyz",
            provider_thread: 7,
            ..Default::default()
        };
        let two = NewEnvelope { from: "b@example.com", recipients: &["a@example.com"], ..Default::default() };
        let mut whole = Envelopes::default();
        whole.push(at(0), &one);
        whole.push(at(9), &two);
        let (mut left, mut right) = (Envelopes::default(), Envelopes::default());
        left.push(at(0), &one);
        right.push(at(9), &two);
        left.append(&right);
        assert_eq!(left.list, whole.list);
        assert_eq!(left.references(0), [1, 2]);
        assert_eq!((left.thread_index(0), left.provider_thread(0)), (&b"xyz"[..], 7));
        assert_eq!(
            (left.thread_index(1), left.provider_thread(1), left.references(1)),
            (&[][..], 0, &[][..])
        );
        assert_eq!(left.text(left.recipients(1).next().unwrap_or(Symbol::EMPTY)), "a@example.com");
    }
}
