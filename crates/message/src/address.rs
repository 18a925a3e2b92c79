//! Mailboxes of an address header (RFC 5322 section 3.4), as real mail writes them.

use crate::author::Author;
use crate::recent::Recent;
use crate::words::{decode_words, push_collapsed};
use memchr::{memchr, memmem, memrchr};

/// A mailbox: who, and where to.
///
/// ```
/// let jane = &threadfold_message::addresses(b"\"Doe, Jane\" <Jane@Example.com>")[0];
/// assert_eq!((jane.name.as_str(), jane.address.as_str()), ("Doe, Jane", "jane@example.com"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Address {
    /// The display name, decoded and unquoted; empty if there is none.
    pub name: String,
    /// `local@domain` in lower case. Only a mailbox that has no domain at all (`root`) is without an `@`.
    pub address: String,
}

/// All mailboxes of a `From`, `To` or similar value, in order.
///
/// Groups are opened, comments serve as names where there is no other (`a@b (Jane)`), a name with an
/// unquoted comma (`Doe, Jane <a@b>`) stays in one piece, a quote that is never closed is ignored,
/// semicolons separate like commas, and pipermail's `user at host (Name)` is an address again.
///
/// ```
/// let found = threadfold_message::addresses(b"Friends: Doe, Jane <jane@example.com>, bob at example.org (Bob);");
/// assert_eq!(found[0].name, "Doe, Jane");
/// assert_eq!(found[1].address, "bob@example.org");
/// ```
pub fn addresses(value: &[u8]) -> Vec<Address> {
    let mut found = Vec::new();
    let mut parser = AddressParser::default();
    parser.each(value, &mut |name, address| {
        let mut shown = String::new();
        push_name(name, &mut shown);
        found.push(Address { name: shown, address: address.to_owned() });
    });
    found
}

/// Appends a raw name decoded, without the quotes that some senders put inside the quotes.
pub(crate) fn push_name(raw: &[u8], out: &mut String) {
    let name = decode_words(raw);
    let name = name.trim();
    let inner = |c: char| name.strip_prefix(c).and_then(|n| n.strip_suffix(c));
    push_collapsed(inner('\'').or_else(|| inner('"')).unwrap_or(name), out);
}

/// The parser with its buffers, reused from value to value.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressParser {
    phrase: Vec<u8>,
    comment: Vec<u8>,
    angle: Vec<u8>,
    has_angle: bool,
    /// Parentheses do not match up in this value, so comments do not nest.
    shallow: bool,
    /// How much of the phrase stands before the bracket.
    angle_at: usize,
    /// Pieces without an address: the front of a name with unquoted commas.
    pending: Vec<u8>,
    address: String,
    /// Whom the From values met last name.
    pub(crate) authors: Recent<Author>,
}

type Sink<'s> = &'s mut dyn FnMut(&[u8], &str);

impl AddressParser {
    /// Calls `sink` with each mailbox's raw name (unquoted, not decoded) and its lower-case address.
    pub(crate) fn each(&mut self, value: &[u8], sink: Sink<'_>) {
        // Some programs encode the whole mailbox, address and all.
        if memchr(b'@', value).is_none() && memmem::find(value, b"=?").is_some() {
            let decoded = decode_words(value).into_owned();
            if decoded.contains('@') {
                return self.parse(decoded.as_bytes(), sink);
            }
        }
        self.parse(value, sink);
    }

    fn parse(&mut self, value: &[u8], sink: Sink<'_>) {
        self.pending.clear();
        self.clear();
        let mut at = self.simple(value, sink);
        if at >= value.len() {
            return;
        }
        // Looked up once, so that many unclosed quotes or parentheses cost nothing.
        let last_quote = memrchr(b'"', value);
        let last_paren = memrchr(b')', value);
        let last_angle = memrchr(b'>', value);
        self.shallow = false;
        let last_semicolon = memrchr(b';', value);
        while at < value.len() {
            let run = value[at..].iter().position(|b| SPECIAL[usize::from(*b)]).unwrap_or(value.len() - at);
            self.phrase.extend_from_slice(&value[at..at + run]);
            at += run;
            let Some(&b) = value.get(at) else { break };
            at += 1;
            match b {
                b'"' if last_quote.is_some_and(|q| q >= at) => at = self.quoted(value, at),
                b'(' if last_paren.is_some_and(|p| p >= at) => at = self.comment(value, at),
                b'"' => {}
                b'(' => self.phrase.push(b),
                b'<' => {
                    if self.has_angle {
                        // Two mailboxes without a comma: what stands between them is the second's name.
                        let name = self.phrase.split_off(self.angle_at);
                        self.flush(b' ', sink);
                        self.phrase = name;
                    }
                    self.angle_at = self.phrase.len();
                    let rest = &value[at..];
                    let closes = if last_angle.is_some_and(|a| a >= at) { b'>' } else { b',' };
                    let end = memchr(closes, rest).unwrap_or(rest.len());
                    self.has_angle = true;
                    self.angle.extend_from_slice(&rest[..end]);
                    at += end;
                    at += value[at..].iter().take_while(|b| **b == b'>').count();
                }
                b',' => self.flush(b',', sink),
                b';' => {
                    self.flush(b';', sink);
                    self.pending.clear();
                }
                b':' if !self.has_angle
                    && (last_semicolon.is_some_and(|s| s >= at)
                        || self.phrase.trim_ascii().eq_ignore_ascii_case(b"mailto")) =>
                {
                    // A group's name is nobody's.
                    self.clear();
                    self.pending.clear();
                }
                b':' => self.phrase.push(b),
                b'\\' => {
                    if let Some(&next) = value.get(at) {
                        self.phrase.push(next);
                        at += 1;
                    }
                }
                _ => self.phrase.push(b' '),
            }
        }
        self.flush(b';', sink);
    }

    /// The mailboxes at the front that are `Name <a@b>`, `"Name" <a@b>` or `a@b` and nothing else, without a copy
    /// of their names; returns where the first other one starts.
    fn simple(&mut self, value: &[u8], sink: Sink<'_>) -> usize {
        if memchr::memchr2(b':', b';', value).is_some() {
            return 0;
        }
        let mut at = 0;
        while at < value.len() {
            let quoted = match value[at..].trim_ascii_start().strip_prefix(b"\"") {
                Some(inside) => match memchr::memchr2(b'"', b'\\', inside) {
                    Some(close) if inside[close] == b'"' => Some(&inside[..close]),
                    _ => return at,
                },
                None => None,
            };
            let unquoted = match quoted {
                Some(inside) => {
                    let before = value.len() - at - value[at..].trim_ascii_start().len();
                    at + before + inside.len() + 2
                }
                None => at,
            };
            let end = memchr(b',', &value[unquoted..]).map_or(value.len(), |i| unquoted + i);
            let piece = value[unquoted..end].trim_ascii();
            let (name, address) = match (memchr(b'<', piece), quoted) {
                (None, None) => (&b""[..], piece),
                (Some(open), _) if quoted.is_none() || open == 0 => {
                    match piece[open + 1..].strip_suffix(b">") {
                        Some(address) => (quoted.unwrap_or(&piece[..open]).trim_ascii(), address),
                        None => return at,
                    }
                }
                _ => return at,
            };
            // In quotation marks a parenthesis is one.
            let plain_name = !name.iter().any(|b| matches!(b, b'"' | b'\\' | b'@' | b'\r' | b'\n' | b'\t'))
                && (quoted.is_some() || memchr(b'(', name).is_none());
            let one_at = memchr(b'@', address)
                .is_some_and(|i| i > 0 && i + 1 < address.len() && memchr(b'@', &address[i + 1..]).is_none());
            if !plain_name
                || !one_at
                || address.ends_with(b".")
                || !address.iter().all(|b| PLAIN[usize::from(*b)])
            {
                return at;
            }
            self.address.clear();
            self.address.push_str(std::str::from_utf8(address).unwrap_or(""));
            self.address.make_ascii_lowercase();
            sink(name, &self.address);
            at = end + 1;
        }
        at
    }

    fn clear(&mut self) {
        self.phrase.clear();
        self.comment.clear();
        self.angle.clear();
        self.has_angle = false;
    }

    /// Reads a quoted string from behind its opening quote; returns where to go on.
    fn quoted(&mut self, value: &[u8], start: usize) -> usize {
        let mut end = start;
        while let Some(i) = value[end..].iter().position(|b| matches!(b, b'"' | b'\\')) {
            end += i;
            if value[end] == b'"' {
                break;
            }
            end = (end + 2).min(value.len());
        }
        if value.get(end) != Some(&b'"') {
            return start;
        }
        // A quote nobody closed pairs up with the next mailbox's: then an address lies inside, and a
        // word follows where only <, a comma or the rest of an address could.
        let inside = &value[start..end];
        let follows = value[end + 1..].iter().find(|b| !b.is_ascii_whitespace());
        if inside.contains(&b'@')
            && inside.contains(&b'>')
            && !follows.is_none_or(|b| matches!(b, b'<' | b',' | b';' | b'(' | b'@' | b'.'))
        {
            return start;
        }
        let mut escaped = false;
        for &b in inside {
            if b == b'\\' && !escaped {
                escaped = true;
            } else {
                escaped = false;
                self.phrase.push(if matches!(b, b'\r' | b'\n' | b'\t') { b' ' } else { b });
            }
        }
        end + 1
    }

    /// Reads a comment from behind its parenthesis; comments nest.
    fn comment(&mut self, value: &[u8], start: usize) -> usize {
        let mut depth = 1usize;
        let mut at = start;
        while let Some(&b) = value.get(at).filter(|_| !self.shallow) {
            match b {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            at += 1;
        }
        // Never closed at this depth: the first closing one will do, here and from now on.
        self.shallow |= depth > 0;
        let end = if depth == 0 { at } else { start + memchr(b')', &value[start..]).unwrap_or(0) };
        if !self.comment.is_empty() {
            self.comment.push(b' ');
        }
        self.comment.extend(value[start..end].iter().filter(|b| !matches!(b, b'\\' | b'\r' | b'\n')));
        end + 1
    }

    /// Addresses with nothing but white space between them.
    fn several(&mut self, sink: Sink<'_>) -> bool {
        let words = || self.phrase.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
        if words().count() < 2 || !words().all(|w| memchr(b'@', w).is_some_and(|i| i > 0 && i + 1 < w.len()))
        {
            return false;
        }
        for word in words() {
            if clean_address(word, &mut self.address) {
                sink(b"", &self.address);
            }
        }
        true
    }

    /// A piece is complete: emit it, or keep it as the front of a name.
    fn flush(&mut self, separator: u8, sink: Sink<'_>) {
        let mut phrase = self.phrase.trim_ascii();
        if self.has_angle && !self.phrase[..self.angle_at].trim_ascii().is_empty() {
            phrase = self.phrase[..self.angle_at].trim_ascii();
        }
        if self.has_angle {
            let angle = &self.angle;
            let mut name = std::mem::take(&mut self.pending);
            name.extend_from_slice(phrase);
            if !self.comment.is_empty() {
                if name.is_empty() {
                    name.extend_from_slice(&self.comment);
                } else {
                    name.extend_from_slice(b" (");
                    name.extend_from_slice(&self.comment);
                    name.push(b')');
                }
            }
            if clean_address(angle, &mut self.address) {
                sink(&name, &self.address);
            } else if memchr(b'@', phrase).is_some() && clean_address(phrase, &mut self.address) {
                // "jane@example.com <>"
                sink(b"", &self.address);
            }
            name.clear();
            self.pending = name;
        } else if let Some(i) = memrchr(b'@', phrase) {
            if memchr(b'@', &phrase[..i]).is_some() && self.several(sink) {
                self.pending.clear();
                self.clear();
                return;
            }
            // "a@b", "Jane a@b" and the "a @ b" of those who hide.
            let phrase = self.phrase.trim_ascii();
            let spaced = phrase.get(i + 1) == Some(&b' ') || i > 0 && phrase[i - 1] == b' ';
            let front = phrase[..i].trim_ascii_end();
            let start = front.iter().rposition(u8::is_ascii_whitespace).map_or(0, |s| s + 1);
            let tail = phrase[i + 1..].trim_ascii_start();
            let end = tail.iter().position(u8::is_ascii_whitespace).unwrap_or(tail.len());
            self.address.clear();
            let ok = if spaced {
                let mut joined = front[start..].to_vec();
                joined.push(b'@');
                joined.extend_from_slice(&tail[..end]);
                clean_address(&joined, &mut self.address)
            } else {
                clean_address(&phrase[start..i + 1 + end], &mut self.address)
            };
            if ok {
                let name = if self.comment.is_empty() { front[..start].trim_ascii() } else { &self.comment };
                sink(name, &self.address);
            }
            self.pending.clear();
        } else if let Some((local, host)) = at_spelled_out(phrase) {
            let mut joined = local.to_vec();
            joined.push(b'@');
            joined.extend_from_slice(host);
            if clean_address(&joined, &mut self.address) {
                sink(&self.comment, &self.address);
            }
            self.pending.clear();
        } else if separator == b',' && !phrase.is_empty() {
            // Bounded: a list of a thousand bare words is not one long name.
            if self.pending.len() < 200 {
                self.pending.extend_from_slice(phrase);
                self.pending.extend_from_slice(b", ");
            }
        } else if !phrase.is_empty()
            && !phrase.iter().any(u8::is_ascii_whitespace)
            && clean_address(phrase, &mut self.address)
        {
            sink(&self.comment, &self.address);
        }
        self.clear();
    }
}

/// `user at host.example`, as pipermail archives spell addresses.
fn at_spelled_out(phrase: &[u8]) -> Option<(&[u8], &[u8])> {
    let i = memmem::find(phrase, b" at ")?;
    let (local, host) = (phrase[..i].trim_ascii(), phrase[i + 4..].trim_ascii());
    let word = |w: &[u8]| !w.is_empty() && !w.iter().any(u8::is_ascii_whitespace);
    (word(local) && word(host) && memchr(b'.', host).is_some()).then_some((local, host))
}

/// Bytes that the parser stops at.
static SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let stops = b"\"(<,;:\\\r\n\t";
    let mut i = 0;
    while i < stops.len() {
        table[stops[i] as usize] = true;
        i += 1;
    }
    table
};

/// Bytes of an address that mean only themselves.
static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 33;
    while b < 127 {
        table[b as usize] =
            !matches!(b, b'"' | b'\'' | b'<' | b'>' | b':' | b',' | b'?' | b'(' | b')' | b'\\');
        b += 1;
    }
    table
};

/// Writes an address in lower case without what stands around it; false if nothing is left.
fn clean_address(raw: &[u8], out: &mut String) -> bool {
    out.clear();
    let mut raw = raw.trim_ascii();
    // All but a few are plain already.
    if raw.iter().all(|b| PLAIN[usize::from(*b)]) && !raw.ends_with(b".") {
        let Ok(text) = std::str::from_utf8(raw) else { return false };
        out.push_str(text);
        out.make_ascii_lowercase();
        return !raw.is_empty() && raw != b"@";
    }
    if raw.len() > 7 && raw[..7].eq_ignore_ascii_case(b"mailto:") {
        raw = &raw[7..];
    }
    // The source routes of RFC 821: "@one,@two:user@host".
    if raw.first() == Some(&b'@')
        && let Some(colon) = memchr(b':', raw)
    {
        raw = &raw[colon + 1..];
    }
    // "a@b<mailto:a@b>"
    if let Some(i) = memchr(b'<', raw) {
        raw = if i > 0 { &raw[..i] } else { &raw[1..] };
    }
    let quoted_local = memmem::find(raw, b"\"@").filter(|_| raw.first() == Some(&b'"'));
    let raw = raw.trim_ascii();
    let raw = raw.strip_prefix(b"'").unwrap_or(raw);
    let raw = raw.strip_suffix(b"'").unwrap_or(raw);
    // Pipermail inside the brackets.
    let spelled = at_spelled_out(raw).map(|(local, host)| [local, b"@", host].concat());
    let raw = spelled.as_deref().unwrap_or(raw);
    let text = decode_words(raw);
    // Comments may stand inside an address; only where they close.
    let comments = text.rfind(')').unwrap_or(0);
    let mut depth = 0usize;
    for (i, c) in text.char_indices() {
        let keep = match c {
            '(' if i < comments => {
                depth += 1;
                false
            }
            ')' if depth > 0 => {
                depth -= 1;
                false
            }
            _ if depth > 0 => false,
            c if c.is_whitespace() => quoted_local.is_some(),
            '"' => quoted_local.is_some(),
            c => !c.is_control(),
        };
        if keep {
            out.extend(c.to_lowercase());
        }
    }
    while out.ends_with(['.', ',']) {
        out.pop();
    }
    !out.is_empty() && out != "@"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &[u8]) -> Vec<String> {
        addresses(value).iter().map(|a| format!("{}|{}", a.name, a.address)).collect()
    }

    #[test]
    fn mailboxes_of_every_make() {
        let cases: [(&[u8], &[&str]); 34] = [
            (b"jane@example.com", &["|jane@example.com"]),
            (b"<Jane@Example.COM>", &["|jane@example.com"]),
            (b"Jane Doe <jane@example.com>", &["Jane Doe|jane@example.com"]),
            (b"\"Doe, Jane\" <jane@example.com>", &["Doe, Jane|jane@example.com"]),
            (b"Doe, Jane <jane@example.com>", &["Doe, Jane|jane@example.com"]),
            (b"\"Jane \\\"J\\\" Doe\" <jane@example.com>", &["Jane \"J\" Doe|jane@example.com"]),
            (b"jane@example.com (Jane Doe)", &["Jane Doe|jane@example.com"]),
            (b"Jane (work) <jane@example.com>", &["Jane (work)|jane@example.com"]),
            (b"jane at example.com (Jane Doe)", &["Jane Doe|jane@example.com"]),
            (b"Jane <jane at example.com>", &["Jane|jane@example.com"]),
            (b"a@example.com, b@example.com", &["|a@example.com", "|b@example.com"]),
            (b"a@example.com; B <b@example.com>", &["|a@example.com", "B|b@example.com"]),
            (b"Team: A <a@example.com>, b@example.com;", &["A|a@example.com", "|b@example.com"]),
            (b"undisclosed-recipients:;", &[]),
            (b"undisclosed-recipients: ;, c@example.com", &["|c@example.com"]),
            (b"\"Jane <jane@example.com>", &["Jane|jane@example.com"]),
            (
                b"\"Jane <jane@example.com>, \"Bob\" <bob@example.com>",
                &["Jane|jane@example.com", "Bob|bob@example.com"],
            ),
            (
                b"\"jane@example.com <jane@example.com>\" <jane@example.com>",
                &["jane@example.com <jane@example.com>|jane@example.com"],
            ),
            (b"=?utf-8?q?J=C3=A4ne?= <jane@example.com>", &["Jäne|jane@example.com"]),
            (b"\"=?utf-8?q?J=C3=A4ne?=\" <jane@example.com>", &["Jäne|jane@example.com"]),
            (b"=?utf-8?q?Jane_=3Cjane=40example=2Ecom=3E?=", &["Jane|jane@example.com"]),
            (b"J\xe4ne <jane@example.com>", &["Jäne|jane@example.com"]),
            (b"'Jane Doe' <jane@example.com>", &["Jane Doe|jane@example.com"]),
            (b"<mailto:jane@example.com>", &["|jane@example.com"]),
            (b"<jane@example.com<mailto:jane@example.com>>", &["|jane@example.com"]),
            (b"Jane <@a.example,@b.example:jane@example.com>", &["Jane|jane@example.com"]),
            (b"Jane Doe jane@example.com", &["Jane Doe|jane@example.com"]),
            (b"Jane <jane@example.com", &["Jane|jane@example.com"]),
            (b"MAILER-DAEMON (Mail Delivery System)", &["Mail Delivery System|mailer-daemon"]),
            (b"Cron Daemon <root>", &["Cron Daemon|root"]),
            (b"Jane <jane(home)@example.com(host)>", &["Jane|jane@example.com"]),
            (b"a@example.com b@example.com", &["|a@example.com", "|b@example.com"]),
            (b"Jane\n Doe\r\n <jane@example.com>", &["Jane Doe|jane@example.com"]),
            (b"Jane <a@example.com> Bob <b@example.com>", &["Jane|a@example.com", "Bob|b@example.com"]),
        ];
        for (value, want) in cases {
            assert_eq!(shown(value), want, "{}", String::from_utf8_lossy(value));
        }
    }

    #[test]
    fn the_short_way_finds_what_the_long_way_finds() {
        for value in [
            "Jane Doe <jane@example.com>, bob@example.org,Al <al@example.net>",
            "Jane <jane@example.com>, Doe, Al <al@example.net>, \"X\" <x@example.com>",
            "jane@example.com., <Bob@example.com> (Bob), a b@example.com",
            "a@example.com,, b@example.com,",
            "a@example.com b@example.com, <<c@example.com>>",
            "\"Doe, Jane\" <jane@example.com>, \"X\" <x@example.com>,\n\t\"Y (y) <z>\"<y@example.com>",
            "\" A \" <a@example.com>,\"\" <b@example.com>,  \"\"",
            "\"A\" B <a@example.com>, \"C\" \"D\" <c@example.com>",
            "b@example.com, \"A\" (B) <a@example.com>",
            "\"A \\\"B\" <a@example.com>, c@example.com",
            "\"a@example.com\" <a@example.com>",
            "\"A\" <a@example.com>, \"B <b@example.com>",
            "\"A\" a@example.com, \"B\"",
            "\"A\n\tB\" <a@example.com>, \"C\tD\" <c@example.com>",
            "\"A\" <a@example.com> x, \"B\" <b@example.com.>",
        ] {
            // A semicolon at the end rules the short way out and changes nothing else.
            assert_eq!(addresses(value.as_bytes()), addresses(format!("{value};").as_bytes()), "{value}");
        }
    }

    #[test]
    fn hostile_values_stay_linear() {
        for piece in ["\"", "(", "(( )", "<", "<,", "\\", ",", "a@b (", "\"a@b>\" c", "\"\\\""] {
            addresses(piece.repeat(200_000 / piece.len()).as_bytes());
        }
    }
}
