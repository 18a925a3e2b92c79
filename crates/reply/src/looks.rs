//! What a row at the end of a mail looks like: a name, a way to reach somebody, a closing, or something said.

use crate::lines::{Rows, State, is_invisible};
use crate::phrases::{Phrase, ends_word, phrases};

pub(crate) fn bare(text: &str) -> &str {
    let bytes = text.as_bytes();
    if bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b',' | b'!' | b'?' | b':')
        })
    {
        return text;
    }
    text.trim_matches(|c: char| matches!(c, '*' | '_' | ' ' | '\t' | '|' | '\u{a0}' | '"') || is_invisible(c))
}

pub(crate) fn words(text: &str) -> usize {
    if !text.is_ascii() {
        return text.split_whitespace().count();
    }
    let mut gap = true;
    let mut count = 0;
    for byte in text.bytes() {
        let space = matches!(byte, b' ' | 9..=13);
        count += usize::from(gap && !space);
        gap = space;
    }
    count
}

/// A line that speaks of ways to reach somebody.
pub(crate) fn is_contact(text: &str) -> bool {
    if !text.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'@' | b'/' | b'.')) {
        return false;
    }
    if holds_phone_number(text) {
        let lower = text.to_ascii_lowercase();
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        if letters <= 24 && !lower.contains("order") || phone_label(&lower) {
            return true;
        }
    }
    let address = || memchr::memchr(b'@', text.as_bytes()).is_some() && words(text) <= 6;
    address() || names_site(text) && words(text) <= 4
}

/// Whether a line holds what addresses of websites begin with.
fn names_site(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = |at: usize, start: &[u8]| {
        bytes.get(at..at + start.len()).is_some_and(|part| part.eq_ignore_ascii_case(start))
    };
    // Each of them holds one of these marks behind its letters.
    memchr::memchr2_iter(b'.', b':', bytes).any(|at| match bytes[at] {
        b'.' => at >= 3 && begins(at - 3, b"www"),
        _ => {
            bytes[at + 1..].starts_with(b"//")
                && (at >= 4 && begins(at - 4, b"http") || at >= 5 && begins(at - 5, b"https"))
        }
    })
}

/// Seven to fifteen digits with nothing but what people put between a number's groups.
pub(crate) fn holds_phone_number(text: &str) -> bool {
    let group = |c: char| {
        c.is_ascii_digit()
            || matches!(c, ' ' | '+' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2011}' | '\u{2013}')
    };
    // Most lines have fewer digits.
    if text.bytes().filter(u8::is_ascii_digit).take(7).count() < 7 {
        return false;
    }
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == '+' || c == '(') {
        let before = rest[..start].chars().next_back();
        let run_end = rest[start..].find(|c| !group(c)).map_or(rest.len(), |at| start + at);
        let digits = rest[start..run_end].bytes().filter(u8::is_ascii_digit).count();
        let after = rest[run_end..].chars().next();
        let free = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '#')
            && (!after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '%'))
                || rest[..run_end].ends_with(' '));
        if free && (7..=15).contains(&digits) {
            return true;
        }
        rest = &rest[run_end.max(start + 1)..];
    }
    false
}

/// A row of a sentence: many words, and most of them small.
pub(crate) fn is_prose(text: &str) -> bool {
    let mut small = 0;
    let mut all = 0;
    for word in bare(text).split_whitespace() {
        all += 1;
        small += usize::from(word.starts_with(char::is_lowercase));
    }
    all >= 6 && small * 2 > all && !text.contains(" | ")
}

pub(crate) fn is_code(text: &str) -> bool {
    // The branches of a drawn tree.
    if text.strip_prefix('|').is_some_and(|rest| rest.trim_start().starts_with('|')) {
        return true;
    }
    ["diff --git", "+++ ", "--- ", "@@ ", "index "].iter().any(|start| text.starts_with(start))
}

/// Rows of a program or of its output: a third and more of them end as code does.
pub(crate) fn is_listing(rows: &Rows<'_>, run: std::ops::Range<usize>) -> bool {
    let (mut all, mut code) = (0, 0);
    for at in run.filter(|at| rows.state(*at) != State::Blank) {
        let text = rows.text(at).trim_end_matches('*');
        all += usize::from(text.len() > 2);
        code += usize::from(text.len() > 2 && text.ends_with([';', '{', '}', ')', '>', ']', '\\']));
    }
    code * 3 >= all && code > 0
}

/// Rows that ask nothing, and are more than a few words.
pub(crate) fn is_statement(rows: &Rows<'_>, run: std::ops::Range<usize>) -> bool {
    const FEW: usize = 8;
    run.clone().all(|at| !rows.text(at).ends_with('?')) && run.map(|at| rows.words(at)).sum::<usize>() > FEW
}

fn phone_label(lower: &str) -> bool {
    const LABELS: [&str; 22] = [
        "tel", "phone", "mobile", "mob", "cell", "fax", "office", "direct", "t:", "m:", "p:", "f:", "t.",
        "m.", "ph", "telefon", "handy", "mobil", "gsm", "skype", "whatsapp", "(",
    ];
    LABELS.iter().any(|label| lower.starts_with(label)) || lower.starts_with('+')
}

/// One to four words that could be somebody's name.
pub(crate) fn is_name(text: &str) -> bool {
    let text = bare(text).trim_end_matches([',', '.']);
    let count = words(text);
    let team = || text.ends_with("eam") || text.contains(" & ");
    if count == 0
        || count > 4 && (count > 7 || !team())
        || text.len() > 48
        || text.bytes().any(|byte| matches!(byte, b'?' | b'!' | b':' | b';' | b'@' | b'/'))
    {
        return false;
    }
    let mut capitals = 0;
    for word in text.split_whitespace() {
        let Some(first) = word.chars().find(|c| c.is_alphanumeric()) else { continue };
        if first.is_numeric() {
            return false;
        }
        capitals += usize::from(first.is_uppercase() || !first.is_lowercase());
    }
    capitals * 2 > count || count == 1
}

/// A closing word at the line's start: where it ends, and whether it is a firm one.
pub(crate) fn closing(text: &str) -> Option<(usize, bool)> {
    let mut found: Option<(usize, bool)> = None;
    phrases().at_start(text, |hit| {
        let firm = match hit.phrase {
            Phrase::Firm => true,
            Phrase::Courtesy => false,
            _ => return,
        };
        if ends_word(text, hit.end) {
            found = Some((hit.end, firm));
        }
    });
    found
}

/// What the row does as a closing line: closes alone, or with the name on the same line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    Firm,
    FirmWithName,
    Courtesy,
    CourtesyWithName,
}

pub(crate) fn closing_row(text: &str) -> Option<Closing> {
    let text = bare(text);
    let (end, firm) = closing(text)?;
    let rest = text[end..].trim_matches(|c: char| !c.is_alphanumeric());
    if rest.is_empty() {
        // A question or a list's heading is no closing.
        if text.ends_with(['?', ':']) {
            return None;
        }
        return Some(if firm { Closing::Firm } else { Closing::Courtesy });
    }
    let joint = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let joint = ["and ", "und ", "et ", "y ", "e ", "en ", "og ", "och ", "with ", "mit "]
        .iter()
        .find_map(|word| joint.strip_prefix(word))
        .unwrap_or(joint);
    if let Some((next, also_firm)) = closing(joint)
        && joint[next..].trim_matches(|c: char| !c.is_alphanumeric()).is_empty()
    {
        return Some(if firm || also_firm { Closing::Firm } else { Closing::Courtesy });
    }
    let after = text[end..].trim_start();
    let comma = after.starts_with([',', '.', '!', '-', '\u{2013}', '\u{2014}']);
    let head: String = rest.chars().take(7).flat_map(char::to_lowercase).collect();
    let from =
        ["from ", "von ", "de ", "aus ", "uit ", "fra ", "från ", "da ", "desde ", "depuis ", "z ", "из "]
            .iter()
            .any(|word| head.starts_with(word));
    // "Liebe Grüße aus Hamburg"
    if from && firm && end > 4 && words(rest) <= 4 && !text.ends_with('?') {
        return Some(Closing::Firm);
    }
    let initials = text[..end].chars().all(char::is_uppercase);
    if is_name(rest) && words(rest) <= 3 && (comma || firm && (end > 4 || initials)) && !from {
        let capital = rest.chars().next().is_some_and(|c| !c.is_lowercase());
        return (capital || comma && firm).then_some(if firm {
            Closing::FirmWithName
        } else {
            Closing::CourtesyWithName
        });
    }
    None
}

/// A row that is short enough for a signature, and no long sentence.
pub(crate) fn is_short(text: &str) -> bool {
    let text = bare(text);
    if text.len() > 120 || text.ends_with('?') || phrases().is_postscript(text) {
        return false;
    }
    let sentence = text.ends_with(['.', '!']) && words(text) > 7;
    !sentence && words(text) <= 16
}

/// `- Ann`, `~ann`, `/Ann`: a name behind a dash on the last line.
pub(crate) fn is_dash_name(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    if !matches!(first, '-' | '\u{2013}' | '\u{2014}' | '~' | '/') {
        return false;
    }
    let rest = text[first.len_utf8()..].trim_start_matches(['-', ' ']);
    let capital =
        rest.chars().next().is_some_and(|c| c.is_uppercase() || (first == '~' && c.is_alphabetic()));
    capital
        && words(rest) <= 2
        && rest.len() <= 30
        && rest.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '-' | '\''))
}

/// Whether a line is the author's name or some of its words, in any order: "Ann", "Lee Ann", "ann lee xx".
pub(crate) fn is_authors_name(text: &str, author: &str) -> bool {
    let parts = |text| {
        str::split(text, |c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '\u{2019}'))
            .filter(|part: &&str| !part.is_empty())
    };
    let text = bare(text);
    // Nobody's name grows by more than a few kisses.
    if text.is_ascii() && text.len() > author.len() + 8 {
        return false;
    }
    // Lists rewrite senders: "Ann Lee via Kettles".
    const VIA: &[u8] = b" via ";
    let via = author.as_bytes().windows(VIA.len()).position(|part| part == VIA);
    let author = via.map_or(author, |via| &author[..via]);
    let same = |a: &str, b: &str| {
        if a.is_ascii() && b.is_ascii() {
            return a.eq_ignore_ascii_case(b);
        }
        a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
    };
    if text.is_ascii() && text.len() > author.len() + 8 {
        return false;
    }
    if text.is_ascii() && author.is_ascii() {
        return is_authors_ascii_name(text.as_bytes(), author.as_bytes());
    }
    let (mut count, mut whole) = (0, false);
    for (at, part) in parts(text).enumerate() {
        // Kisses.
        let kisses = at > 0 && part.bytes().all(|byte| byte == b'x');
        if !kisses && (at > 5 || !parts(author).any(|name| same(name, part))) {
            return false;
        }
        count += 1;
        whole |= part.chars().nth(1).is_some();
    }
    count > 0 && whole && !text.ends_with(['?', ':'])
}

/// The rest of [`is_authors_name`] for ASCII.
fn is_authors_ascii_name(text: &[u8], author: &[u8]) -> bool {
    let parts = |name| {
        <[u8]>::split(name, |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'\'')
            .filter(|part| !part.is_empty())
    };
    let (mut count, mut whole) = (0, false);
    for part in parts(text) {
        let kisses = count > 0 && part.iter().all(|byte| *byte == b'x');
        let named = || parts(author).any(|name| name.eq_ignore_ascii_case(part));
        if !kisses && (count > 5 || !named()) {
            return false;
        }
        count += 1;
        whole |= part.len() > 1;
    }
    count > 0 && whole && !matches!(text.last(), Some(b'?' | b':'))
}

/// What pictures left in plain text: their names or descriptions in brackets, with the links on them.
pub(crate) fn is_picture(text: &str) -> bool {
    let bare = bare(text);
    if !bare.starts_with(['[', '!', '<', '\u{fffc}']) {
        return false;
    }
    bare.starts_with("[image:")
        || bare.starts_with("[cid:")
        || bare.starts_with("![")
        || bare.starts_with("[Image")
        || bare.starts_with("<image")
        || bare.starts_with("[logo")
        || bare.chars().all(|c| c == '\u{fffc}' || c.is_whitespace())
        || is_described(bare)
        || are_linked_pictures(bare)
}

/// "[A kettle on a table Description automatically generated]", which Word writes for a picture's description.
fn is_described(text: &str) -> bool {
    const GENERATED: [&str; 6] = [
        "automatically generated",
        "automatisch generiert",
        "générée automatiquement",
        "generada automáticamente",
        "generata automaticamente",
        "automatisch gegenereerd",
    ];
    text.starts_with('[') && text.len() < 240 && GENERATED.iter().any(|words| text.contains(words))
}

/// "[logo]<https://example.com/> [twitter]<https://example.org/>" and nothing else. "[1] <https://example.com>" is a
/// footnote.
fn are_linked_pictures(text: &str) -> bool {
    let mut rest = text;
    let mut linked = false;
    while let Some(inner) = rest.trim_start().strip_prefix('[') {
        let Some((name, after)) = inner.split_once(']') else { return false };
        if !name.contains(char::is_alphabetic) {
            return false;
        }
        rest = after;
        if let Some((link, after)) =
            after.trim_start().strip_prefix('<').and_then(|link| link.split_once('>'))
        {
            linked |= link.contains("://");
            rest = after;
        }
    }
    linked && rest.trim().is_empty()
}
