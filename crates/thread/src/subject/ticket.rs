//! Ticket tokens of help desks.
//!
//! | form | whose |
//! |---|---|
//! | `[tag #123]`, `[#123]`, `[Ticket#2024051210000017]` | RT, Redmine, osTicket, Znuny and their kin |
//! | `(Case 123)`, `Ticket: 123`, `Ticket #FGX-12` | many |
//! | `[PROJ-12]`, `(PROJ-12)` | Jira |
//! | `[1G7EOR-0Q2J]` | Zendesk's encoded id |
//! | `ref:_00D5f.…:ref` | Salesforce |
//! | `support+id123@`, `support+123@` | plus addresses |

use crate::phrases;
use threadfold_core::hash_bytes;

/// How much a token says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// `#123` in running text: only means something if another message has the token in full.
    Bare,
    /// `[#123]`, `[PROJ-12]`: a token by its brackets.
    Bracketed,
    /// `[shop #123]`, `Ticket 123`: a token by its words.
    Named,
    /// So long and odd that it can only be one desk's one ticket.
    Unique,
}

/// One ticket token.
///
/// ```
/// use threadfold_thread::subject::tickets;
/// let found: Vec<_> = tickets("Re: [Shop Support #4711] Late parcel").collect();
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].tag, found[0].value), ("Shop Support", "4711"));
/// assert_eq!(found[0].hash(), tickets("Late parcel (Ticket 4711)").next().map_or(0, |t| t.hash()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket<'a> {
    /// The desk's, queue's or tracker's name, where the token has one.
    pub tag: &'a str,
    /// The number or code.
    pub value: &'a str,
    /// How much the token says by itself.
    pub strength: Strength,
}

impl Ticket<'_> {
    /// A hash of the value alone (letters without case, leading zeros dropped): equal tickets have equal
    /// hashes whatever the form they are written in. Different desks' tickets may have equal hashes too.
    pub fn hash(&self) -> u64 {
        let mut text: String = self
            .value
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '>')
            .flat_map(char::to_lowercase)
            .collect();
        if text.bytes().all(|b| b.is_ascii_digit()) {
            text = text.trim_start_matches('0').to_owned();
        }
        text.insert_str(0, "ticket ");
        hash_bytes(text.as_bytes())
    }

    /// Whether the value is too short, or of too common a form (`[COVID-19]`, `[UTF-8]`), to mean a ticket
    /// without a word in common.
    pub(crate) fn is_slight(&self) -> bool {
        let project = !self.tag.is_empty() && self.value.starts_with(self.tag);
        self.strength < Strength::Unique && (self.value.len() < 3 || project)
    }

    /// A hash of the tag (letters and digits only), 0 if there is none.
    pub(crate) fn tag_hash(&self) -> u64 {
        let tag = self.tag.trim().trim_start_matches("http://").trim_start_matches("https://");
        let text: String = tag.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if text.is_empty() || phrases::ticket_words().contains(text.as_str()) {
            0
        } else {
            hash_bytes(text.as_bytes())
        }
    }
}

/// The ticket tokens of a subject, in their order.
pub fn tickets(subject: &str) -> impl Iterator<Item = Ticket<'_>> {
    spans(subject).map(|(_, t)| t)
}

/// The tokens in a body's text that mean a ticket wherever they stand: `[1G7EOR-0Q2J]` and `ref:…:ref`, the
/// latter also wrapped over lines inside a quote. Meant for whoever reads bodies and fills
/// [`Evidence::tickets`](crate::Evidence::tickets) with their [hashes](Ticket::hash).
///
/// ```
/// use threadfold_thread::subject::tickets_in_text;
/// let found: Vec<_> = tickets_in_text("> ref:_00D5x0abcd.\n> _5005x0xyz:ref").map(|t| t.hash()).collect();
/// assert_eq!(found, tickets_in_text("ref:_00D5x0abcd._5005x0xyz:ref").map(|t| t.hash()).collect::<Vec<_>>());
/// ```
pub fn tickets_in_text(text: &str) -> impl Iterator<Item = Ticket<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(i) = memchr::memchr2(b'[', b':', &text.as_bytes()[from..]) {
            let at = from + i;
            from = at + 1;
            if text.as_bytes()[at] == b'[' {
                let rest = &text[at + 1..];
                if let Some(close) = memchr::memchr(b']', &rest.as_bytes()[..rest.len().min(24)])
                    && let Some(t) = coded(rest[..close].trim())
                {
                    from = at + 1 + close;
                    return Some(t);
                }
            } else if let Some((end, t)) = salesforce(text, at) {
                from = end;
                return Some(t);
            }
        }
        None
    })
}

/// The ticket in a plus address: the local part's tag is a number of three digits or more, or an encoded id,
/// with or without `id` or `ticket` before it.
///
/// ```
/// use threadfold_thread::subject::address_ticket;
/// assert_eq!(address_ticket("support+id1G7EOR-0Q2J@example.com").map(|t| t.value), Some("1G7EOR-0Q2J"));
/// assert_eq!(address_ticket("ada+news@example.com"), None);
/// ```
pub fn address_ticket(address: &str) -> Option<Ticket<'_>> {
    let plus = memchr::memchr(b'+', address.as_bytes())?;
    let (local, _) = address[plus + 1..].split_once('@')?;
    let lower = |p: &str| local.get(..p.len()).is_some_and(|h| h.eq_ignore_ascii_case(p));
    let word = ["ticket-", "ticket", "case-", "case", "conv-", "id-", "id"].into_iter().find(|p| lower(p));
    let value = &local[word.map_or(0, str::len)..];
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    if digits && value.len() >= if word.is_some() { 1 } else { 3 } {
        // A year or a postcode behind a plus is no ticket of someone else's desk: the desk is part of it.
        return Some(Ticket { tag: &address[..plus], value, strength: Strength::Named });
    }
    if coded_shape(value) {
        return Some(Ticket { tag: "", value, strength: Strength::Unique });
    }
    None
}

/// The subject without its bracketed or named tokens; `None` if it has none.
pub(super) fn without_tokens(subject: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let mut from = 0;
    for (span, t) in spans(subject) {
        if t.strength == Strength::Bare || span.start < from {
            continue;
        }
        out.get_or_insert_default().push_str(&subject[from..span.start]);
        from = span.end;
    }
    out.map(|mut o| {
        o.push_str(&subject[from..]);
        o
    })
}

type Span = std::ops::Range<usize>;

fn spans(subject: &str) -> impl Iterator<Item = (Span, Ticket<'_>)> {
    let bytes = subject.as_bytes();
    // A token needs a digit: many subjects are done here, and none has a token behind its last digit.
    let end = bytes.iter().rposition(u8::is_ascii_digit).unwrap_or(0);
    let mut from = 0;
    std::iter::from_fn(move || {
        while from < end {
            let at = from;
            let found = match bytes[at] {
                b'[' => bracketed(subject, at, ']'),
                b'(' => bracketed(subject, at, ')'),
                b':' => salesforce(subject, at).map(|(end, t)| (at - 3..end, t)),
                b'#' => bare(subject, at),
                b if starts_word(bytes, at, b) => named(subject, at),
                _ => None,
            };
            if let Some((span, t)) = found {
                from = span.end.max(at + 1);
                return Some((span, t));
            }
            from = at + 1;
        }
        None
    })
}

fn starts_word(bytes: &[u8], at: usize, b: u8) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b >= 0x80;
    letter(b) && b & 0xc0 != 0x80 && (at == 0 || !(letter(bytes[at - 1]) || bytes[at - 1].is_ascii_digit()))
}

/// `[...]` or `(...)`.
fn bracketed(s: &str, at: usize, close: char) -> Option<(Span, Ticket<'_>)> {
    let rest = &s[at + 1..];
    let len = rest.find(close)?;
    let (inner, span) = (rest[..len].trim(), at..at + 1 + len + 1);
    if inner.contains('[') {
        return None;
    }
    if let Some(colon) = inner.find(':')
        && let Some((_, t)) = salesforce(inner, colon)
    {
        return Some((span, t));
    }
    if let Some(hash) = inner.rfind('#') {
        let (tag, value) = (inner[..hash].trim_end(), inner[hash + 1..].trim());
        let glued = hash > 0 && !inner[..hash].ends_with(char::is_whitespace);
        let last = last_word(tag);
        // `12345#1` and `Feature#2` are no tokens, `Ticket#2` is.
        let known = phrases::ticket_words().contains(last.as_str());
        if !is_number(value) || (glued && !known) || phrases::not_ticket_words().contains(last.as_str()) {
            return None;
        }
        if close == ')' && tag.is_empty() {
            return Some((span, Ticket { tag, value, strength: Strength::Bare }));
        }
        let strength = if tag.is_empty() { Strength::Bracketed } else { Strength::Named };
        return Some((span, Ticket { tag, value, strength }));
    }
    if close == ']'
        && let Some(t) = coded(inner)
    {
        return Some((span, t));
    }
    if let Some(tag) = jira(inner) {
        return Some((span, Ticket { tag, value: inner, strength: Strength::Bracketed }));
    }
    // `Case 123`, `Ticket: 123`
    let (inside, t) = named(inner, 0)?;
    (inside.end == inner.len()).then_some((span, t))
}

/// `Ticket 123`, `Case #123`, `Ticket number: AB-12`, `Ticket ID 9`.
fn named(s: &str, at: usize) -> Option<(Span, Ticket<'_>)> {
    let rest = &s[at..];
    let letters = rest.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let word_len = match rest.as_bytes().get(letters) {
        Some(0x80..) => rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()),
        _ => letters,
    };
    // The longest word on the list has some thirty bytes.
    if word_len > 40 || word_len == 0 {
        return None;
    }
    // Most words are not as long as any on the list that begins as they do, and most others have no number near behind
    // them: those cost no look at the list.
    let word = &rest[..word_len];
    if word.is_ascii() && !phrases::may_be_ticket_word(word) {
        return None;
    }
    let mut tail = &rest[word_len..];
    if !tail.bytes().take(24).any(|b| b.is_ascii_digit()) {
        return None;
    }
    let word = word.to_lowercase();
    if !phrases::ticket_words().contains(word.as_str()) {
        return None;
    }
    let mut marked = false;
    for filler in ["number", "num", "nr", "no", "id", "nummer", "número", "numero", "nº", "n°", "№"] {
        let t = tail.trim_start();
        if let Some(head) = t.get(..filler.len())
            && head.eq_ignore_ascii_case(filler)
            && !t[filler.len()..].starts_with(char::is_alphanumeric)
        {
            tail = &t[filler.len()..];
            marked = true;
            break;
        }
    }
    let trimmed = tail.trim_start_matches([' ', '.', ':', '#', '-', '=']);
    marked |= tail[..tail.len() - trimmed.len()].contains(['#', ':']);
    let len = trimmed
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')))
        .unwrap_or(trimmed.len());
    let value = trimmed[..len].trim_end_matches(['-', '.', '/', '_']);
    // Without a mark between them ("request 2 copies") the number must look like one.
    if trimmed.len() == tail.len() || !is_number(value) || (!marked && digits_in(value) < 3) {
        return None;
    }
    let end = s.len() - trimmed.len() + value.len();
    Some((at..end, Ticket { tag: "", value, strength: Strength::Named }))
}

/// `#123`
fn bare(s: &str, at: usize) -> Option<(Span, Ticket<'_>)> {
    let glued = s[..at].ends_with(|c: char| c.is_alphanumeric());
    let rest = &s[at + 1..];
    let len =
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
    let value = rest[..len].trim_end_matches(['-', '_']);
    let before = last_word(s[..at].trim_end());
    if glued || !is_number(value) || phrases::not_ticket_words().contains(before.as_str()) {
        return None;
    }
    Some((at..at + 1 + value.len(), Ticket { tag: "", value, strength: Strength::Bare }))
}

/// `ref:…:ref` around the colon at `at`; the end and the token.
fn salesforce(s: &str, at: usize) -> Option<(usize, Ticket<'_>)> {
    let start = at.checked_sub(3)?;
    if !s.is_char_boundary(start) || !s[start..at].eq_ignore_ascii_case("ref") {
        return None;
    }
    let mut end = s.len().min(at + 120);
    while !s.is_char_boundary(end) {
        end -= 1;
    }
    let rest = &s[at + 1..end];
    let len = rest.find(":ref").or_else(|| rest.find(":REF"))?;
    let value = rest[..len].trim();
    let fine = |b: u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'!' | b'>' | b' ' | b'\r' | b'\n' | b'\t')
    };
    (digits_in(value) > 0 && value.len() >= 8 && value.bytes().all(fine))
        .then_some((at + 1 + len + 4, Ticket { tag: "", value, strength: Strength::Unique }))
}

fn coded(s: &str) -> Option<Ticket<'_>> {
    coded_shape(s).then_some(Ticket { tag: "", value: s, strength: Strength::Unique })
}

/// Six and four or five capitals and digits, some of each.
fn coded_shape(s: &str) -> bool {
    let Some((a, b)) = s.split_once('-') else { return false };
    let part = |p: &str| p.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    a.len() == 6
        && (4..=5).contains(&b.len())
        && part(a)
        && part(b)
        && digits_in(s) > 0
        && digits_in(s) + 1 < s.len()
}

/// `PROJ-12`: the project.
fn jira(s: &str) -> Option<&str> {
    let (project, number) = s.rsplit_once('-')?;
    let fine = (2..=12).contains(&project.len())
        && project.as_bytes()[0].is_ascii_uppercase()
        && project.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        && (1..=9).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit());
    fine.then_some(project)
}

/// A number or code with a digit, short, without spaces.
fn is_number(s: &str) -> bool {
    (1..=32).contains(&s.len())
        && digits_in(s) > 0
        && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}

fn digits_in(s: &str) -> usize {
    s.bytes().filter(u8::is_ascii_digit).count()
}

fn last_word(s: &str) -> String {
    s.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_subjects() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("[#123] Late", &[("", "123")]),
            ("Re: [Garden - Question #2] (New) Late", &[("Garden - Question", "2")]),
            ("[Garden#2] Late", &[]),
            ("[99#2] Late", &[]),
            ("[Ticket#2024051210000017] Late", &[("Ticket", "2024051210000017")]),
            ("Late (Case 123)", &[("", "123")]),
            ("Late (case: 123)", &[("", "123")]),
            ("Your ticket number 9981 was updated", &[("", "9981")]),
            ("Ticket #AB12-7: late", &[("", "AB12-7")]),
            ("We got your request 2 times", &[]),
            ("[SHOP-12] Late", &[("SHOP", "SHOP-12")]),
            ("[PATCH-] Late", &[]),
            ("Re: Late [9Z7KQR-0W2J]", &[("", "9Z7KQR-0W2J")]),
            ("Late [ ref:_00D5x0abcd._5005x0xyz:ref ]", &[("", "_00D5x0abcd._5005x0xyz")]),
            ("[Acme] New order #123", &[]),
            ("[Order #123] Late", &[]),
            ("Rechnung #123", &[]),
            ("Late #123", &[("", "123")]),
            ("a#123", &[]),
            ("Anfrage 12345", &[("", "12345")]),
            ("Заявка №12345", &[]),
            ("工单#12345", &[("", "12345")]),
            ("no digits [at all] (#)", &[]),
        ];
        for (subject, want) in cases {
            let got: Vec<_> = tickets(subject).map(|t| (t.tag, t.value)).collect();
            assert_eq!(&got, want, "{subject:?}");
        }
    }

    #[test]
    fn a_token_hashes_alike_in_every_form() {
        let h = |s: &str| tickets(s).next().map(|t| t.hash());
        assert_eq!(h("[#00123] x"), h("Ticket 123"));
        assert_eq!(h("[shop #ab-1] x"), h("Ticket #AB-1"));
        assert_ne!(h("[#124] x"), h("Ticket 123"));
    }

    #[test]
    fn any_text_goes_through() {
        for s in [
            "[#",
            "(1",
            "ref:",
            "1ref::ref",
            "é#1",
            "[ref:ééééé1:ref]",
            "#",
            "[é#1]",
            "Case",
            "case 1234é",
            "№1",
        ] {
            let _ = (tickets(s).count(), tickets_in_text(s).count(), without_tokens(s), address_ticket(s));
        }
    }
}
