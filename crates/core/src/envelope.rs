//! What the first pass keeps of each message: a fixed size each, strings interned.
//!
//! Sizes matter here: an archive may hold 10^8 messages. Ids are kept as 64-bit hashes; the spelling of
//! a Message-ID can be read again from the archive at `id_at`.

use crate::lists::Lists;
use crate::place::{Named, Place};
use crate::{Interner, Locator, SourceId, Symbol};

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

/// One message, as pass 1 leaves it. 40 bytes; the rest of what is known of it is asked of [`Envelopes`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Seconds since 1970, UTC; see [`Hints::DATE_MISSING`].
    pub date: i64,
    /// The author's address, lower case, after undoing list munging.
    pub from: Symbol,
    /// The author's display name, decoded.
    pub from_name: Symbol,
    /// The subject, decoded, whitespace collapsed.
    pub subject: Symbol,
    /// What kind of message it is.
    pub hints: Hints,
    place: Place,
    named: Named,
}

/// What few messages have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Extra {
    message: u32,
    provider_thread: u64,
    thread_index: Box<[u8]>,
}

/// Of a message that is too large, or stands too far out, for the short forms in its [`Envelope`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wide {
    message: u32,
    locator: Locator,
    id_at: (u32, u16),
    in_reply_to: u8,
}

/// A message on its way into [`Envelopes`]: the same fields with their strings and lists still borrowed.
#[derive(Clone, Debug, Default)]
pub struct NewEnvelope<'a> {
    /// Hash of the normalised Message-ID, 0 if none.
    pub id: IdHash,
    /// See [`Envelopes::id_at`].
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
    ids: Vec<IdHash>,
    strings: Interner,
    references: Lists<IdHash>,
    recipients: Lists<Symbol>,
    /// In the order of the messages.
    extras: Vec<Extra>,
    /// Likewise.
    wide: Vec<Wide>,
}

impl Envelopes {
    /// Adds a message and gives its number.
    ///
    /// Lists longer than 65,535 entries are cut at their front (references: the newest stand last and
    /// count most) or their end (recipients).
    pub fn push(&mut self, locator: Locator, new: &NewEnvelope<'_>) -> usize {
        let message = self.list.len() as u32;
        let refs = &new.references[new.references.len().saturating_sub(usize::from(u16::MAX))..];
        self.references.push(refs.iter().copied());
        let people = &new.recipients[..new.recipients.len().min(usize::from(u16::MAX))];
        let strings = &mut self.strings;
        self.recipients.push(people.iter().map(|p| strings.intern(p)));
        if !new.thread_index.is_empty() || new.provider_thread != 0 {
            self.extras.push(Extra {
                message,
                provider_thread: new.provider_thread,
                thread_index: new.thread_index.into(),
            });
        }
        let (place, named) = match (Place::of(locator), Named::of(new.id_at, new.in_reply_to)) {
            (Some(place), Some(named)) => (place, named),
            _ => {
                let (id_at, in_reply_to) = (new.id_at, new.in_reply_to);
                self.wide.push(Wide { message, locator, id_at, in_reply_to });
                (Place::ELSEWHERE, Named::ELSEWHERE)
            }
        };
        self.ids.push(new.id);
        let envelope = Envelope {
            date: new.date,
            from: self.strings.intern(new.from),
            from_name: self.strings.intern(new.from_name),
            subject: self.strings.intern(new.subject),
            hints: new.hints,
            place,
            named,
        };
        self.list.push(envelope);
        self.list.len() - 1
    }

    /// Appends all of `other`, in order: how the parts that workers made become one.
    pub fn append(&mut self, other: &Envelopes) {
        // Each distinct string is looked up once. Symbols come out as if the messages had been pushed here.
        let symbols: Vec<Symbol> = other.strings.iter().map(|(_, text)| self.strings.intern(text)).collect();
        let known = |s: Symbol| symbols[s.0 as usize];
        let first = self.list.len() as u32;
        self.ids.extend_from_slice(&other.ids);
        self.references.append(&other.references, |id| id);
        self.recipients.append(&other.recipients, known);
        self.extras.extend(other.extras.iter().map(|e| Extra { message: first + e.message, ..e.clone() }));
        self.wide.extend(other.wide.iter().map(|w| Wide { message: first + w.message, ..w.clone() }));
        self.list.extend(other.list.iter().map(|e| Envelope {
            from: known(e.from),
            from_name: known(e.from_name),
            subject: known(e.subject),
            ..e.clone()
        }));
    }

    /// Says that no more messages are coming: what only adding them takes is given up.
    pub fn close(&mut self) {
        self.strings.close();
        self.list.shrink_to_fit();
        self.ids.shrink_to_fit();
        self.references.shrink();
        self.recipients.shrink();
    }

    /// Forgets all [ids](Self::id) and [references](Self::references), for whoever has linked the messages: all are
    /// as if they had none.
    pub fn forget_citations(&mut self) {
        self.ids = Vec::new();
        self.references = Lists::default();
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

    /// Hash of the normalised Message-ID of message `i`, 0 if it has none.
    pub fn id(&self, i: usize) -> IdHash {
        self.ids.get(i).copied().unwrap_or(0)
    }

    /// Where message `i` stands.
    pub fn locator(&self, i: usize) -> Locator {
        self.list[i].place.locator().unwrap_or_else(|| self.wide(i).locator)
    }

    /// Offset of the text of message `i`'s own Message-ID (with brackets) from its first byte, and its length.
    pub fn id_at(&self, i: usize) -> (u32, u16) {
        self.list[i].named.get().map_or_else(|| self.wide(i).id_at, |named| named.0)
    }

    /// How many of the [references](Self::references) of message `i` are from In-Reply-To: they stand last.
    pub fn in_reply_to(&self, i: usize) -> usize {
        let replied = self.list[i].named.get().map_or_else(|| self.wide(i).in_reply_to, |named| named.1);
        usize::from(replied).min(self.references(i).len())
    }

    /// Hashes of the message's References and then In-Reply-To ids; see [`Self::in_reply_to`].
    pub fn references(&self, i: usize) -> &[IdHash] {
        self.references.get(i)
    }

    /// Addresses in To and Cc.
    pub fn recipients(&self, i: usize) -> impl Iterator<Item = Symbol> + '_ {
        self.recipients.get(i).iter().copied()
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

    fn wide(&self, i: usize) -> &Wide {
        const NONE: &Wide = &Wide {
            message: 0,
            locator: Locator { source: SourceId(0), offset: 0, len: 0 },
            id_at: (0, 0),
            in_reply_to: 0,
        };
        // Every message whose envelope says so stands there.
        let at = self.wide.binary_search_by_key(&(i as u32), |wide| wide.message);
        at.map_or(NONE, |at| &self.wide[at])
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

    #[test]
    fn an_envelope_stays_small() {
        assert!(std::mem::size_of::<Envelope>() <= 40, "{}", std::mem::size_of::<Envelope>());
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
        assert_eq!((&left.list, &left.ids), (&whole.list, &whole.ids));
        assert_eq!(left.references(0), [1, 2]);
        assert_eq!((left.thread_index(0), left.provider_thread(0)), (&b"xyz"[..], 7));
        assert_eq!(
            (left.thread_index(1), left.provider_thread(1), left.references(1)),
            (&[][..], 0, &[][..])
        );
        assert_eq!(left.text(left.recipients(1).next().unwrap_or(Symbol::EMPTY)), "a@example.com");
    }

    #[test]
    fn a_message_of_any_size_anywhere_comes_back() {
        let near = Locator { source: SourceId(3), offset: 9, len: 5 };
        let far = Locator { source: SourceId(3), offset: 1 << 41, len: 1 << 33 };
        let long = NewEnvelope {
            id_at: (3 << 20, 4_000),
            in_reply_to: 30,
            references: &[1; 40],
            ..Default::default()
        };
        let short = NewEnvelope { id_at: (44, 20), in_reply_to: 1, references: &[5], ..Default::default() };
        let mut part = Envelopes::default();
        for (at, new) in [(near, &short), (far, &short), (near, &long), (far, &long)] {
            part.push(at, new);
        }
        let mut all = part.clone();
        all.append(&part);
        for i in 0..8 {
            assert_eq!(all.locator(i), if i % 2 == 0 { near } else { far });
            let want = if i % 4 < 2 { ((44, 20), 1) } else { ((3 << 20, 4_000), 30) };
            assert_eq!((all.id_at(i), all.in_reply_to(i)), want);
        }
    }
}
