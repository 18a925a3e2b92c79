//! What a header block says, field by field.

use crate::author::Evidence;
use crate::content::Content;
use crate::fields::{Field, same_name};
use crate::hints::{self, Sign};
use memchr::{memchr, memmem};
use threadfold_core::Hints;

/// A few values without an allocation.
#[derive(Default)]
pub(crate) struct Few<'m> {
    first: [&'m [u8]; 3],
    count: usize,
    more: Vec<&'m [u8]>,
}

impl<'m> Few<'m> {
    pub(crate) fn push(&mut self, value: &'m [u8]) {
        match self.first.get_mut(self.count) {
            Some(place) => *place = value,
            None => self.more.push(value),
        }
        self.count += 1;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'m [u8]> + '_ {
        self.first[..self.count.min(3)].iter().copied().chain(self.more.iter().copied())
    }
}

/// What the walk over the block picks up.
#[derive(Default)]
pub(crate) struct Found<'m> {
    pub(crate) evidence: Evidence<'m>,
    pub(crate) to: Few<'m>,
    pub(crate) cc: Few<'m>,
    pub(crate) references: Few<'m>,
    pub(crate) in_reply_to: Few<'m>,
    pub(crate) subject: Option<&'m [u8]>,
    pub(crate) date: Option<&'m [u8]>,
    pub(crate) received: Option<&'m [u8]>,
    pub(crate) message_id: Option<Field<'m>>,
    pub(crate) thread_index: Option<&'m [u8]>,
    pub(crate) provider_thread: u64,
    pub(crate) precedence: Option<&'m [u8]>,
    pub(crate) labels: Few<'m>,
    pub(crate) programs: Few<'m>,
    pub(crate) content: Content<'m>,
    pub(crate) hints: Hints,
    pub(crate) mass_mailer: bool,
    pub(crate) help_desk: bool,
    /// A list that people write to, rather than a newsletter.
    pub(crate) discussion: bool,
    pub(crate) duplicate: bool,
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

fn first<'m>(place: &mut Option<&'m [u8]>, value: &'m [u8]) -> bool {
    let known = place.is_some_and(|v| !v.is_empty());
    if !known {
        *place = Some(value);
    }
    known
}

pub(crate) fn starts(value: &[u8], word: &[u8]) -> bool {
    value.len() >= word.len() && value[..word.len()].eq_ignore_ascii_case(word)
}

impl<'m> Found<'m> {
    /// Takes in one field. Told apart by first letter and length, so that most cost one comparison.
    #[inline]
    pub(crate) fn field(&mut self, f: Field<'m>, seen: &mut u8) {
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

    pub(crate) fn program(&mut self, sign: Option<Sign>) {
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
