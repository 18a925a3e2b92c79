//! A crude mbox reader, good enough for measuring the linker on real archives. The pipeline has a better one.
#![allow(dead_code)]

use threadfold_core::{Envelopes, Hints, Locator, NewEnvelope, SourceId, from_civil, hash_bytes};
use threadfold_thread::{QuoteIndexBuilder, line_hash, subject};

/// What was read.
#[derive(Default)]
pub(crate) struct Mailbox {
    pub(crate) envelopes: Envelopes,
    pub(crate) quotes: QuoteIndexBuilder,
    pub(crate) content: Vec<u64>,
    pub(crate) tickets: Vec<(u32, u64)>,
    pub(crate) ids: Vec<String>,
    pub(crate) dates: Vec<String>,
}

impl Mailbox {
    pub(crate) fn read(raw: &[u8]) -> Mailbox {
        let mut mailbox = Mailbox::default();
        let starts = separators(raw);
        for (k, &start) in starts.iter().enumerate() {
            let end = starts.get(k + 1).copied().unwrap_or(raw.len());
            mailbox.push(&raw[start..end], start);
        }
        mailbox
    }

    fn push(&mut self, raw: &[u8], offset: usize) {
        let text = match std::str::from_utf8(raw) {
            Ok(t) => t.to_owned(),
            Err(_) => raw.iter().map(|&b| char::from(b)).collect(),
        };
        let text = text.replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in head.lines().skip(1) {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        let field = |name: &str| fields.iter().find(|f| f.0 == name).map_or("", |f| f.1.as_str());
        let id = ids(field("message-id"), true).into_iter().next().unwrap_or_default();
        let mut references = ids(field("references"), true);
        let replied = ids(field("in-reply-to"), false);
        let in_reply_to = replied.len().min(255) as u8;
        references.extend(replied);
        let hashes: Vec<u64> = references.iter().map(|r| hash_bytes(r.as_bytes())).collect();
        let (from_name, from) = address(field("from"));
        let to = format!("{},{}", field("to"), field("cc"));
        let to: Vec<String> = to.split(',').map(|a| address(a).1).filter(|a| a.contains('@')).collect();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        let subject = decode(field("subject"));
        let date = date(field("date"));
        let mut hints = Hints::empty();
        if date.is_none() {
            hints |= Hints::DATE_MISSING;
        }
        if !field("list-id").is_empty() || !field("list-post").is_empty() {
            hints |= Hints::LIST;
        }
        let thread_index = base64(field("thread-index"));
        let provider = field("x-gm-thrid");
        let i = self.envelopes.push(
            Locator { source: SourceId(0), offset: offset as u64, len: raw.len() as u64 },
            &NewEnvelope {
                id: if id.is_empty() { 0 } else { hash_bytes(id.as_bytes()) },
                date: date.unwrap_or(0),
                provider_thread: if provider.is_empty() { 0 } else { hash_bytes(provider.as_bytes()) },
                from: &from,
                from_name: &from_name,
                subject: &subject,
                references: &hashes,
                in_reply_to,
                recipients: &to,
                thread_index: &thread_index,
                hints,
                ..Default::default()
            },
        );
        self.ids.push(id);
        self.dates.push(field("date").to_owned());
        self.body(i, body);
    }

    fn body(&mut self, i: usize, body: &str) {
        let mut quoting = false;
        let mut words = String::new();
        for line in body.lines() {
            let text = line.trim_start();
            if line.trim_end() == "--" {
                break;
            }
            quoting |= text.starts_with("-----Original Message");
            let depth = text.chars().take_while(|&c| c == '>' || c == ' ').filter(|&c| c == '>').count();
            let initials =
                text.find('>').is_some_and(|p| p > 0 && p < 5 && text[..p].chars().all(char::is_alphabetic));
            match depth {
                0 if initials => {
                    self.quotes.push_quoted(i, text.split_once('>').and_then(|t| line_hash(t.1)))
                }
                0 if quoting => self.quotes.push_quoted(i, line_hash(text)),
                0 => self.quotes.push_own(i, line_hash(text)),
                1 => self.quotes.push_quoted(i, line_hash(text)),
                _ => {}
            }
            words.extend(line.split_whitespace());
        }
        self.content.push(if words.is_empty() { 0 } else { hash_bytes(words.as_bytes()) });
        self.tickets.extend(subject::tickets_in_text(body).map(|t| (i as u32, t.hash())));
    }
}

/// Offsets of `From ` lines that end in a year and stand at the start or behind a blank line.
pub(crate) fn separators(raw: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut blank = true;
    let mut at = 0;
    while at < raw.len() {
        let end = raw[at..].iter().position(|&b| b == b'\n').map_or(raw.len(), |e| at + e);
        let line = raw[at..end].strip_suffix(b"\r").unwrap_or(&raw[at..end]);
        let year = line.len() > 9 && line[line.len() - 4..].iter().all(u8::is_ascii_digit);
        if blank && year && line.starts_with(b"From ") {
            found.push(at);
        }
        blank = line.is_empty();
        at = end + 1;
    }
    found
}

fn ids(value: &str, bare: bool) -> Vec<String> {
    let clean = |s: &str| -> String { s.chars().filter(|c| !c.is_whitespace() && *c != '"').collect() };
    let mut found = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        let Some(len) = rest[open..].find('>') else { break };
        found.push(clean(&rest[open + 1..open + len]));
        rest = &rest[open + len..];
    }
    if found.is_empty() && bare {
        found.extend(value.split_whitespace().filter(|w| w.contains('@')).map(clean));
    }
    found.retain(|f| !f.is_empty());
    found
}

fn address(value: &str) -> (String, String) {
    let value = value.trim();
    if let Some((name, rest)) = value.rsplit_once('<') {
        return (decode(name.trim().trim_matches('"')), rest.trim_end_matches('>').trim().to_lowercase());
    }
    // Pipermail: `ada at example.com (Ada Lovelace)`
    let (address, name) = value.split_once('(').unwrap_or((value, ""));
    (decode(name.trim_end_matches(')')), address.trim().replace(" at ", "@").to_lowercase())
}

fn date(value: &str) -> Option<i64> {
    let number = |s: &str| s.parse::<u32>().ok();
    if value.len() > 10 && value.as_bytes()[4] == b'-' {
        let (day, time) = value.split_once('T')?;
        let mut d = day.split('-');
        let (y, m, d) = (number(d.next()?)?, number(d.next()?)?, number(d.next()?)?);
        let clock = time.get(..8)?;
        let zone = time[8..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        return Some(seconds(i64::from(y), m, d, clock)? - offset(zone));
    }
    let value = value.split_once(',').map_or(value, |v| v.1);
    let mut words = value.split_whitespace();
    let day = number(words.next()?)?;
    let month = words.next()?.to_ascii_lowercase();
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = months.iter().position(|m| month.starts_with(m))? as u32 + 1;
    let year = number(words.next()?)?;
    let year = if year < 50 {
        year + 2000
    } else if year < 100 {
        year + 1900
    } else {
        year
    };
    let clock = words.next()?;
    Some(seconds(i64::from(year), month, day, clock)? - offset(words.next().unwrap_or("")))
}

fn seconds(y: i64, m: u32, d: u32, clock: &str) -> Option<i64> {
    let mut parts = clock.split(':').map(|p| p.parse::<u32>().unwrap_or(0));
    Some(from_civil(y, m, d, parts.next()?, parts.next()?, parts.next().unwrap_or(0)))
}

fn offset(zone: &str) -> i64 {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let Ok(n) = digits.parse::<i64>() else { return 0 };
    let s = (n / 100) * 3_600 + (n % 100) * 60;
    if zone.starts_with('-') { -s } else { s }
}

/// Encoded words, as UTF-8 or Latin-1.
fn decode(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut glued = false;
    while let Some(at) = rest.find("=?") {
        let parts: Vec<&str> = rest[at + 2..].splitn(4, '?').collect();
        let [charset, kind, text, tail] = parts[..] else { break };
        let Some(tail) = tail.strip_prefix('=') else { break };
        if !(glued && rest[..at].trim().is_empty()) {
            out.push_str(&rest[..at]);
        }
        let bytes = if kind.eq_ignore_ascii_case("b") { base64(text) } else { quoted(text) };
        match std::str::from_utf8(&bytes) {
            Ok(s) if charset.to_ascii_lowercase().starts_with("utf") || s.is_ascii() => out.push_str(s),
            _ => out.extend(bytes.iter().map(|&b| char::from(b))),
        }
        glued = true;
        rest = tail;
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn quoted(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'=', Some(a), Some(b)) => {
                out.push((a * 16 + b) as u8);
                i += 2;
            }
            (b'_', ..) => out.push(b' '),
            (b, ..) => out.push(b),
        }
        i += 1;
    }
    out
}

fn base64(text: &str) -> Vec<u8> {
    let (mut bits, mut n, mut out) = (0u32, 0, Vec::new());
    for b in text.bytes() {
        let v = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(v);
        n += 6;
        if n >= 8 {
            n -= 8;
            out.push((bits >> n) as u8);
        }
    }
    out
}
