//! Mail addresses, URLs and what is secret in them.

use super::{Hit, NameRole, Scan};
use crate::kind::Type;
use crate::lexicon::flag;
use memchr::{memchr, memchr_iter, memmem};

/// File endings that follow an `@2x` in picture names.
const FILES: [&str; 12] =
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "json", "html", "pdf", "ico"];

/// What the anchors of this file are looked for by; built once.
struct Finders {
    scheme: memmem::Finder<'static>,
    www: memmem::Finder<'static>,
    at: [memmem::Finder<'static>; 4],
    dot: memmem::Finder<'static>,
}

impl Finders {
    fn get() -> &'static Finders {
        static FINDERS: std::sync::OnceLock<Finders> = std::sync::OnceLock::new();
        FINDERS.get_or_init(|| Finders {
            scheme: memmem::Finder::new("://"),
            www: memmem::Finder::new("www."),
            at: ["(at)", "[at]", "{at}", " at "].map(memmem::Finder::new),
            dot: memmem::Finder::new(" dot "),
        })
    }
}

fn local_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'_' | b'-' | b'+' | b'\'' | b'%' | b'~')
}

fn apart(c: char) -> bool {
    crate::token::is_east(c)
        || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

fn host_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'-')
}

/// Ends of words that a host cannot hold though their bytes are wide: quotes, dashes, dots.
fn trim_wide(text: &str, start: usize, end: usize) -> (usize, usize) {
    let piece = &text[start..end];
    let left = piece.len() - piece.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_').len();
    let right = piece.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '+')).len();
    if left >= right { (start, start) } else { (start + left, start + right) }
}

/// The text before a line end that stands directly before `at`, quote marks left out; else all of it.
fn line_back(text: &str, at: usize) -> &str {
    let left = text[..at].trim_end_matches(['>', ' ', '\t']);
    match left.strip_suffix('\n') {
        Some(line) => line.trim_end_matches(['\r', ' ']),
        None => &text[..at],
    }
}

/// Where the next line begins behind its quote marks, if a line ends at `at`.
fn line_on(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.trim_start_matches([' ', '\r']).strip_prefix('\n')?;
    let rest = rest.trim_start_matches(['>', ' ', '\t']);
    Some(text.len() - rest.len())
}

fn boundary_back(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

impl Scan<'_> {
    pub(super) fn net(&mut self) {
        let bytes = self.text.as_bytes();
        for at in memchr_iter(b'@', bytes) {
            self.email(at);
        }
        self.spelled_out_emails();
        let finders = Finders::get();
        let slash = memchr(b'/', bytes);
        if slash.is_some() {
            let mut from = 0;
            while let Some(found) = finders.scheme.find(&bytes[from.min(bytes.len())..]) {
                from = self.url(from + found).max(from + found + 3);
            }
        }
        let mut until = 0;
        for at in finders.www.find_iter(bytes) {
            if at < until {
                continue;
            }
            if at == 0
                || !matches!(bytes[at - 1], b'/' | b'.' | b'@') && !bytes[at - 1].is_ascii_alphanumeric()
            {
                until = self.url_at(at, at + 4);
            }
        }
        if let Some(first) = slash {
            self.social_mentions(first);
        }
        if memchr(b'=', bytes).is_some() || memchr(b'?', bytes).is_some() {
            self.loose_parameters();
        }
    }

    /// "instagram.com/marta.l" without a scheme: hosts of social networks before the slashes of a text, the
    /// first of which is at `first`.
    fn social_mentions(&mut self, first: usize) {
        let bytes = self.text.as_bytes();
        for slash in memchr_iter(b'/', &bytes[first..]).map(|at| first + at) {
            let run = bytes[..slash]
                .iter()
                .rev()
                .take(64)
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
                .count();
            let start = slash - run;
            let glued = start > 0 && matches!(bytes[start - 1], b'@' | b'/');
            if run < 4 || glued || !self.lexicon.is_social_host(&self.text[start..slash]) {
                continue;
            }
            if !self.hits.iter().any(|h| (h.start as usize) <= start && start < h.end as usize) {
                self.url_at(start, start);
            }
        }
    }

    fn email(&mut self, at: usize) {
        let bytes = self.text.as_bytes();
        let mut start = at;
        while start > 0 && local_byte(bytes[start - 1]) && at - start < 128 {
            start -= 1;
        }
        start = boundary_back(self.text, start);
        let mut end = at + 1;
        while end < bytes.len() && host_byte(bytes[end]) && end - at < 256 {
            end += 1;
        }
        while end > at + 1 && !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let (start, _) = trim_wide(self.text, start, at);
        let (_, end) = trim_wide(self.text, at + 1, end);
        // Scripts without spaces run into an address that stands among them.
        let start = self.text[start..at]
            .char_indices()
            .rev()
            .find(|(_, c)| apart(*c))
            .map_or(start, |(p, c)| start + p + c.len_utf8());
        let end = self.text[at + 1..end.max(at + 1)]
            .char_indices()
            .find(|(_, c)| apart(*c))
            .map_or(end, |(p, _)| at + 1 + p);
        if start >= at || end <= at + 1 {
            self.broken_email(at, start, end);
            return;
        }
        if self.broken_email(at, start, end) {
            return;
        }
        if start >= at || end <= at + 1 {
            return;
        }
        let host = &self.text[at + 1..end];
        let local = &self.text[start..at];
        // A sentence may go on right after the address: "a@b.example.Thanks".
        let mut labels: Vec<&str> = host.split('.').collect();
        let mut cut = 0;
        while labels.len() > 2
            && labels.last().is_some_and(|l| {
                l.starts_with(|c: char| c.is_ascii_uppercase()) && l.chars().any(|c| c.is_ascii_lowercase())
            })
        {
            cut += labels.pop().map_or(0, |l| l.len() + 1);
        }
        let end = end - cut;
        let tld = labels.last().copied().unwrap_or("");
        let dotted = labels.len() >= 2 && labels.iter().all(|l| !l.is_empty());
        let good = if dotted {
            tld.chars().count() >= 2
                && !tld.bytes().all(|b| b.is_ascii_digit())
                && !FILES.contains(&tld.to_ascii_lowercase().as_str())
                && local != "git"
        } else {
            // A handle of a payment service, or a name on a private host.
            labels.len() == 1
                && local.len() >= 3
                && tld.len() >= 4
                && tld.bytes().all(|b| b.is_ascii_lowercase())
                && !matches!(
                    tld,
                    "latest"
                        | "next"
                        | "beta"
                        | "alpha"
                        | "canary"
                        | "rest"
                        | "master"
                        | "main"
                        | "home"
                        | "work"
                        | "once"
                        | "home."
                )
        };
        if good {
            self.hit(start, end, Type::Email);
        }
    }

    /// An address that a line end or spaces stand in: "marta@\nexample.com", "m@example.\norg", "m @ example . com".
    fn broken_email(&mut self, at: usize, start: usize, end: usize) -> bool {
        let bytes = self.text.as_bytes();
        let (mut from, mut to) = (start.min(at), end.max(at + 1));
        let mut mended = false;
        let spaced = bytes.get(at + 1) == Some(&b' ') && at > 0 && bytes[at - 1] == b' ';
        // What stands before the sign.
        if start >= at {
            let left = if spaced { self.text[..at].trim_end_matches(' ') } else { line_back(self.text, at) };
            let parted = left.len() < at;
            let mut word = left.len();
            loop {
                let begin =
                    word - left[..word].bytes().rev().take_while(|b| b.is_ascii() && local_byte(*b)).count();
                if begin == word {
                    break;
                }
                from = begin;
                mended = parted;
                // "marta . lindqvist"
                let before = left[..begin].trim_end_matches(' ');
                if spaced && left[begin..].starts_with('.') && begin - before.len() == 1 {
                    word = before.len();
                } else if spaced && left[..begin].ends_with(" . ") {
                    word = begin - 3;
                } else {
                    break;
                }
            }
            if !mended {
                return false;
            }
        } else if let Some(local) = self.text.get(start..at) {
            // "zoe.mar\nsh@example.com", where the address is somebody's.
            let left = line_back(self.text, start);
            if left.len() < start {
                let begin =
                    left.len() - left.bytes().rev().take_while(|b| b.is_ascii() && local_byte(*b)).count();
                let host = &self.text[at + 1..end.max(at + 1)];
                let whole = format!("{}{local}@{host}", &left[begin..]).to_lowercase();
                // "… mail: karin.\nlindqvist@example.com"
                let word = &left[begin..];
                let lead = left[..begin].trim_end();
                // The last letters alone: the whole may be as long as the text.
                let mail = lead.as_bytes().last_chunk::<4>().is_some_and(|w| w.eq_ignore_ascii_case(b"mail"));
                let told = lead.ends_with([':', '<']) || mail;
                let parted =
                    word.ends_with(['.', '_', '-']) && told && !word.bytes().any(|b| b.is_ascii_uppercase());
                if begin < left.len() && (parted || self.people.has_email(&whole)) {
                    from = begin;
                    mended = true;
                }
            }
        }
        // What stands behind it.
        let host = self.text.get(at + 1..end).unwrap_or("");
        let right = if spaced && host.is_empty() {
            let rest = &self.text[at + 1..];
            let trimmed = rest.trim_start_matches(' ');
            Some(self.text.len() - trimmed.len())
        } else {
            let stop = end.max(at + 1);
            let dot = usize::from(bytes.get(stop) == Some(&b'.'));
            line_on(self.text, stop + dot).filter(|_| dot == 1 || host.is_empty() || !host.contains('.'))
        };
        if let Some(next) = right {
            let dotted = host.contains('.') || bytes.get(end) == Some(&b'.') && !host.is_empty();
            let mut stop = next;
            let mut labels = 0;
            loop {
                let label =
                    self.text[stop..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
                if label == 0 {
                    break;
                }
                stop += label;
                labels += 1;
                let more = if spaced {
                    [".", " . "].into_iter().find(|d| {
                        self.text[stop..].starts_with(d)
                            && self.text[stop + d.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
                    })
                } else {
                    Some(".").filter(|_| {
                        bytes.get(stop) == Some(&b'.')
                            && bytes.get(stop + 1).is_some_and(u8::is_ascii_alphanumeric)
                    })
                };
                match more {
                    Some(dot) => stop += dot.len(),
                    None => break,
                }
            }
            let last = self.text[next..stop].rsplit(['.', ' ']).next().unwrap_or("");
            let top = self.lexicon.top_domains.contains(&last);
            let fits = if dotted {
                labels >= 1 && top && !host.ends_with(".com")
            } else {
                labels >= 2 && (top || !spaced)
            };
            let small = !self.text[next..stop].bytes().any(|b| b.is_ascii_uppercase());
            if fits && small {
                to = stop;
                mended = true;
            } else if host.is_empty() {
                return false;
            }
        }
        let host = &self.text[at + 1..to];
        if mended && from < at && host.contains('.') && !host.trim().is_empty() {
            self.hit(from, to, Type::Email);
            return true;
        }
        false
    }

    /// "name (at) example (dot) org" and the same in brackets.
    fn spelled_out_emails(&mut self) {
        let bytes = self.text.as_bytes();
        let finders = Finders::get();
        for finder in &finders.at {
            let finder_len = finder.needle().len();
            // The plain word needs its plain partner.
            if finder.needle()[0] == b' ' && finders.dot.find(bytes).is_none() {
                continue;
            }
            for at in finder.find_iter(bytes) {
                let left = self.text[..at].trim_end_matches(' ');
                let start = left
                    .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+')))
                    .map_or(0, |p| p + left[p..].chars().next().map_or(1, char::len_utf8));
                // "first (dot) last (at) …"
                let mut start = start;
                for dot in [" (dot) ", "(dot)", "[dot]", " dot "] {
                    if let Some(left) = self.text[..start].strip_suffix(dot) {
                        start = left
                            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-')))
                            .map_or(0, |p| p + left[p..].chars().next().map_or(1, char::len_utf8));
                        break;
                    }
                }
                let mut end = at + finder_len;
                let mut dots = 0;
                loop {
                    let rest = &self.text[end..];
                    let skipped = rest.len() - rest.trim_start_matches(' ').len();
                    let rest = &rest[skipped..];
                    let word =
                        rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
                    if word == 0 || skipped > 2 {
                        break;
                    }
                    let after = &rest[word..];
                    end += skipped + word;
                    let dot = [" dot ", " (dot) ", "(dot)", "[dot]", " [dot] ", " punkt ", "."]
                        .into_iter()
                        .find(|d| {
                            after.starts_with(d)
                                && after[d.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
                        });
                    match dot {
                        Some(d) => {
                            dots += 1;
                            end += d.len();
                        }
                        None => break,
                    }
                }
                if dots > 0 && start < left.len() {
                    self.hit(start, end, Type::Email);
                }
            }
        }
    }

    fn url(&mut self, colon: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut start = colon;
        while start > 0 && bytes[start - 1].is_ascii_alphabetic() && colon - start < 12 {
            start -= 1;
        }
        if start == colon {
            return colon + 3;
        }
        self.url_at(start, colon + 3)
    }

    /// A URL whose host begins at `host`. Its public parts stay; its words are names of nobody.
    fn url_at(&mut self, start: usize, host: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = host;
        while end < bytes.len()
            && !matches!(bytes[end], 0..=b' ' | b'<' | b'>' | b'"' | b'`' | b'{' | b'}' | b'\\' | b'^')
        {
            end += 1;
        }
        let url = self.text[host..end]
            .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*', '»', '”', '’']);
        let end = host + url.len();
        if url.is_empty() {
            return end;
        }
        self.hits.push(Hit {
            start: start as u32,
            end: end as u32,
            kind: Type::Secret,
            role: NameRole::Shield,
        });
        let authority = url.find(['/', '?', '#']).unwrap_or(url.len());
        self.known_host(host, authority, end);
        if let Some(sign) = url[..authority].rfind('@') {
            // user:password@host
            if let Some(colon) = url[..sign].find(':') {
                self.hit(host + colon + 1, host + sign, Type::Password);
            }
            self.hit(host, host + url[..sign].find(':').unwrap_or(sign), Type::AccountId);
        }
        let query = url.find(['?', '#']).unwrap_or(url.len());
        self.path(host + authority, host + query);
        if query < url.len() {
            self.parameters(host + query, end);
        }
        end
    }

    /// Pages of people and places on maps, on the hosts that have them.
    fn known_host(&mut self, host: usize, authority: usize, end: usize) {
        let name = self.text[host..host + authority].to_ascii_lowercase();
        let name = name.trim_start_matches("www.").trim_start_matches("m.");
        let Some(section) = self.lexicon.social_host(name) else { return };
        let rest = &self.text[host + authority..end];
        if section == "place" {
            self.map_link(name, rest, host + authority);
        } else {
            let path = rest.strip_prefix('/').unwrap_or("");
            self.social_path(section, path, host + authority + 1);
        }
    }

    fn path(&mut self, start: usize, end: usize) {
        let text = self.text;
        let mut before: &[&str] = &[];
        let mut at = start;
        for segment in text[start..end].split('/') {
            if !segment.is_empty() {
                let digits = segment.bytes().filter(u8::is_ascii_digit).count();
                let kind = before.iter().find_map(|section| match *section {
                    "secret_path" if segment.len() >= 6 && digits > 0 => Some(Type::Secret),
                    "tracking_path" if digits >= 6 => Some(Type::Tracking),
                    "order_path" if digits >= 3 => Some(Type::OrderId),
                    "account_path" if digits >= 3 => Some(Type::AccountId),
                    _ => None,
                });
                let kind = kind
                    .or_else(|| looks_secret(segment).then_some(Type::Secret))
                    .or_else(|| self.names_someone(segment).then_some(Type::AccountId));
                if let Some(kind) = kind {
                    self.hit(at, at + segment.len(), kind);
                }
                before = self.lexicon.url_key(segment);
            }
            at += segment.len() + 1;
        }
    }

    /// "art-summers-studio": a segment with two words of a participant's name, or one that is nothing else.
    fn names_someone(&self, segment: &str) -> bool {
        let known = |part: &str| {
            let hash = crate::fold::hash_word(part);
            let plain = self.lexicon.look_up(hash).flags & !(flag::FIRST | flag::PHRASE) == 0;
            (part.len() >= 3)
                .then(|| self.people.find(hash))
                .flatten()
                .map_or(0, |_| if plain && part.len() >= 4 { 2 } else { 1 })
        };
        segment.len() <= 64 && segment.split(['-', '_', '.', '+', '%']).map(known).sum::<usize>() >= 2
    }

    fn parameters(&mut self, start: usize, end: usize) {
        let text = self.text;
        let mut at = start;
        for pair in text[start..end].split(['?', '&', ';', '#']) {
            if let Some(equals) = pair.find('=') {
                let (key, value) = (&pair[..equals], &pair[equals + 1..]);
                if let Some(kind) = self.parameter(key, value) {
                    self.hit(at + equals + 1, at + pair.len(), kind);
                }
            } else if looks_secret(pair) {
                self.hit(at, at + pair.len(), Type::Secret);
            }
            at += pair.len() + 1;
        }
    }

    fn parameter(&self, key: &str, value: &str) -> Option<Type> {
        if value.is_empty() {
            return None;
        }
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
        let found = self.lexicon.url_key(key).iter().find_map(|section| match *section {
            "secret"
                if key.len() <= 1
                    || key.eq_ignore_ascii_case("code")
                    || key.eq_ignore_ascii_case("share") =>
            {
                (value.len() >= 8 && digits > 0 && letters > 0 || value.len() >= 16).then_some(Type::Secret)
            }
            "secret" => (value.len() >= 4).then_some(Type::Secret),
            "id" => (digits >= 3).then_some(Type::OrderId),
            "tracking" => (digits >= 6).then_some(Type::Tracking),
            "account" => (digits >= 2).then_some(Type::AccountId),
            "name" => (letters >= 2).then_some(Type::Name),
            _ => None,
        });
        found.or_else(|| looks_secret(value).then_some(Type::Secret))
    }

    /// `token=…` outside of a URL with a scheme.
    fn loose_parameters(&mut self) {
        let bytes = self.text.as_bytes();
        let text = self.text;
        for equals in memchr_iter(b'=', bytes) {
            let mut start = equals;
            while start > 0
                && (bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b'_' | b'-'))
                && equals - start < 33
            {
                start -= 1;
            }
            let key = &text[start..equals];
            if key.len() < 2 || !self.lexicon.url_key(key).contains(&"secret") {
                continue;
            }
            let mut end = equals + 1;
            while end < bytes.len()
                && (bytes[end].is_ascii_alphanumeric()
                    || matches!(bytes[end], b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'%'))
            {
                end += 1;
            }
            let value = text[equals + 1..end].trim_end_matches('.');
            let digits = value.bytes().filter(u8::is_ascii_digit).count();
            let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
            if value.len() >= 6 && digits > 0 && letters > 0 {
                self.hit(equals + 1, equals + 1 + value.len(), Type::Secret);
            }
        }
    }
}

/// A path segment or value that no person wrote: long, letters and digits mixed, no words between hyphens.
pub(super) fn looks_secret(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    if bytes.len() < 16 {
        return false;
    }
    if super::ids::encoded_text(bytes) {
        return true;
    }
    let stem = piece.split('.').next().unwrap_or(piece);
    let uuid = stem.len() == 36
        && stem
            .bytes()
            .enumerate()
            .all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() });
    uuid || piece.split(['-', '_', '.', '+', ',', '~', '%', ':']).any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        // "bulletinjuly2004" changes once between letters and digits, a token often.
        let changes =
            part.as_bytes().windows(2).filter(|w| w[0].is_ascii_digit() != w[1].is_ascii_digit()).count();
        part.len() >= 16 && digits >= 3 && letters >= 3 && changes >= 3
    })
}

#[cfg(test)]
mod tests {
    use super::looks_secret;

    #[test]
    fn slugs_are_no_secrets() {
        assert!(looks_secret("9f8b2c7e1d4a4f60b1c2d3e4f5a6b7c8"));
        assert!(looks_secret("123e4567-e89b-12d3-a456-426614174000"));
        assert!(!looks_secret("how-to-clean-your-2024-tent-in-5-steps"));
        assert!(!looks_secret("size-chart"));
    }
}
