//! Who wrote a message, when its From says somebody else.
//!
//! From is believed, with two exceptions, each asking for evidence:
//!
//! - **A list put its own address there** ("Jane Doe via Support <support@example.org>", for DMARC's
//!   sake). Evidence: a name that ends in "via …", or an address that names itself as the list's
//!   (List-Post, X-BeenThere, List-Id). The author is X-Original-From's or X-Original-Sender's, one
//!   spelled inside the list's address (`jane=example.com@…`), or Reply-To's if that is not the list.
//! - **A robot sent it for somebody**, as contact forms do: From is a robot's address (`noreply`,
//!   `wordpress`, …) and Reply-To a person's of another domain who is not among the recipients, on mail
//!   that is no newsletter's and no help desk's. Then Reply-To wrote it.
//!
//! Sender, Return-Path and tags after a plus sign decide nothing as long as there is a From.

use crate::address::{AddressParser, push_name};
use crate::hints::is_robot;
use memchr::memmem;

/// The headers that bear on the question.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Evidence<'m> {
    pub(crate) from: Option<&'m [u8]>,
    pub(crate) reply_to: Option<&'m [u8]>,
    pub(crate) sender: Option<&'m [u8]>,
    pub(crate) original_from: Option<&'m [u8]>,
    pub(crate) original_sender: Option<&'m [u8]>,
    pub(crate) return_path: Option<&'m [u8]>,
    pub(crate) separator: Option<&'m [u8]>,
    pub(crate) list_post: Option<&'m [u8]>,
    pub(crate) list_id: Option<&'m [u8]>,
    pub(crate) been_there: Option<&'m [u8]>,
    /// A newsletter's or a help desk's: Reply-To is no author's.
    pub(crate) no_form: bool,
}

/// The author's address and display name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Author {
    pub(crate) address: String,
    pub(crate) name: String,
}

impl Author {
    fn clear(&mut self) {
        self.address.clear();
        self.name.clear();
    }

    /// As [`read`](Self::read), of a value that recurs.
    fn read_again(&mut self, value: Option<&[u8]>, parser: &mut AddressParser) -> bool {
        let mut authors = std::mem::take(&mut parser.authors);
        let known = authors.of(value.unwrap_or_default(), |author| _ = author.read(value, parser));
        self.clear();
        self.address.push_str(&known.address);
        self.name.push_str(&known.name);
        parser.authors = authors;
        !self.address.is_empty()
    }

    /// Takes the first mailbox with a domain, or else the first at all.
    fn read(&mut self, value: Option<&[u8]>, parser: &mut AddressParser) -> bool {
        self.clear();
        let Some(value) = value else { return false };
        let mut settled = false;
        parser.each(value, &mut |name, address| {
            if !settled && (self.address.is_empty() || address.contains('@')) {
                settled = address.contains('@');
                self.address.clear();
                self.address.push_str(address);
                self.name.clear();
                push_name(name, &mut self.name);
            }
        });
        !self.address.is_empty()
    }
}

/// Decides, writing into `author`; `other` is a buffer. `is_recipient` says who the mail went to.
pub(crate) fn decide(
    evidence: &Evidence<'_>,
    parser: &mut AddressParser,
    author: &mut Author,
    other: &mut Author,
    is_recipient: &dyn Fn(&str) -> bool,
) {
    if !author.read_again(evidence.from, parser) {
        // No From, or a name without an address: whoever else is named.
        let mut name = String::new();
        push_name(evidence.from.unwrap_or(b""), &mut name);
        let envelope = evidence.separator.and_then(separator_address);
        for value in [evidence.original_from, evidence.sender, evidence.return_path, envelope] {
            if author.read(value, parser) && author.address.contains('@') {
                break;
            }
        }
        if author.name.is_empty() {
            author.name = name;
        }
        return;
    }
    let via = via(&author.name);
    let list = is_lists_own(&author.address, evidence);
    if (via.is_some() || list) && undo_munging(evidence, parser, author, other, via.is_some(), list) {
        return;
    }
    if !evidence.no_form && evidence.reply_to.is_some() && is_robot(&author.address) {
        let usable = other.read_again(evidence.reply_to, parser)
            && other.address.contains('@')
            && !is_robot(&other.address)
            && domain(&other.address) != domain(&author.address)
            && !is_recipient(&other.address);
        if usable {
            std::mem::swap(author, other);
        }
    }
}

fn domain(address: &str) -> &str {
    address.rsplit('@').next().unwrap_or("")
}

/// The part of a name before " via List".
fn via(name: &str) -> Option<&str> {
    let bytes = name.as_bytes();
    // The last of either spelling, and of these the first.
    let (mut plain, mut bracketed) = (None, None);
    for v in memchr::memchr_iter(b'v', bytes).filter(|v| bytes[*v..].starts_with(b"via ")) {
        if bytes[..v].ends_with(b" ") {
            plain = Some(v - 1);
        } else if bytes[..v].ends_with(b" (") {
            bracketed = Some(v - 2);
        }
    }
    let at = [plain, bracketed].into_iter().flatten().min()?;
    Some(name[..at].trim())
}

/// The name of a person out of a list's spelling of it.
fn unquoted(name: &str) -> &str {
    name.trim_matches(|c: char| matches!(c, '\'' | '"') || c.is_whitespace())
}

/// True if a From address is the list's own.
fn is_lists_own(address: &str, evidence: &Evidence<'_>) -> bool {
    let names = |value: Option<&[u8]>| {
        value.is_some_and(|v| crate::plain::find_ignore_case(v, address.as_bytes()).is_some())
    };
    if evidence.list_post.is_none() && evidence.list_id.is_none() && evidence.been_there.is_none() {
        return false;
    }
    if names(evidence.list_post) || names(evidence.been_there) {
        return true;
    }
    // List-Id: Support <support.example.org>
    evidence.list_id.is_some_and(|id| {
        let dotted = address.replacen('@', ".", 1);
        let start = memchr::memrchr(b'<', id).map_or(0, |i| i + 1);
        let id = &id[start..];
        id[..memchr::memchr(b'>', id).unwrap_or(id.len())].eq_ignore_ascii_case(dotted.as_bytes())
    })
}

/// True if the author behind a list's From was found.
fn undo_munging(
    evidence: &Evidence<'_>,
    parser: &mut AddressParser,
    author: &mut Author,
    other: &mut Author,
    has_via: bool,
    list: bool,
) -> bool {
    for value in [evidence.original_from, evidence.original_sender] {
        if other.read(value, parser) && other.address.contains('@') && other.address != author.address {
            take(author, other);
            return true;
        }
    }
    if !list && !has_via {
        return false;
    }
    if let Some(address) = spelled_inside(&author.address) {
        other.clear();
        other.address = address;
        take(author, other);
        return true;
    }
    // "via" alone is how services name themselves too; then only another's Reply-To is evidence, and not
    // one of the service itself.
    let usable = other.read_again(evidence.reply_to, parser)
        && other.address.contains('@')
        && other.address != author.address
        && !is_lists_own(&other.address, evidence)
        && !is_robot(&other.address)
        && (list || domain(&other.address) != domain(&author.address))
        && (list || !evidence.no_form);
    if usable && has_via {
        take(author, other);
        return true;
    }
    false
}

/// Makes `other` the author; a name it lacks is the list's spelling without the list.
fn take(author: &mut Author, other: &mut Author) {
    if other.name.is_empty() {
        let name = via(&author.name).unwrap_or(&author.name);
        other.name.push_str(unquoted(name));
    }
    std::mem::swap(author, other);
}

/// `jane=example.com@list.example` and `jane=40example.com@dmarc.example`.
fn spelled_inside(address: &str) -> Option<String> {
    let local = address.split('@').next()?;
    let (user, host) = local.rsplit_once('=')?;
    let host = host.strip_prefix("40").unwrap_or(host);
    (!user.is_empty() && host.contains('.') && !host.starts_with('.')).then(|| format!("{user}@{host}"))
}

/// The envelope sender of an mbox separator line, if it is an address.
fn separator_address(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"From ")?;
    let word = rest.split(u8::is_ascii_whitespace).next()?;
    let real = memmem::find(word, b"@").is_some() && !word.ends_with(b"@xxx");
    real.then_some(word)
}
