//! What stands below the author's words: signature, mobile footer, legal text, list footer.

use crate::fates::{Fates, Kind};
use crate::headers::is_rule;
use crate::known::{Known, learned_tail};
use crate::lines::{Rows, State, is_invisible};
use crate::phrases::{Phrase, ends_word, phrases, starts_word};

/// Rows a signature without a delimiter may have.
const LONGEST: usize = 14;
/// Rows at a segment's end that are looked at.
const REACH: usize = 120;

fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| matches!(c, '*' | '_' | ' ' | '\t' | '|' | '\u{a0}' | '"') || is_invisible(c))
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Who added a line such as "Sent from my iPhone".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// A phone or a mail program.
    Program,
    /// The author, who mocks those: "Sent from my kitchen".
    Author,
}

/// What a phone or a mail program adds, or an author in its place.
pub(crate) fn client_line(text: &str) -> Option<Client> {
    let text = text.trim_matches(|c: char| {
        matches!(c, '*' | '_' | ' ' | '(' | ')' | '<' | '>' | '"' | '[' | ']' | '-' | '\u{2014}')
            || is_invisible(c)
    });
    if text.len() > 240 || text.len() < 4 {
        return None;
    }
    let mut phrase: Option<(usize, bool)> = None;
    phrases().at_start(text, |hit| match hit.phrase {
        Phrase::SentFrom if phrase.is_none_or(|(_, whole)| !whole) => phrase = Some((hit.end, false)),
        Phrase::ClientLine => phrase = Some((hit.end, true)),
        _ => {}
    });
    let Some((end, whole)) = phrase else {
        // Turkish and others put the verb last: a device and a verb in a short line.
        return (words(text) <= 5 && ends_in_sent(text)).then_some(Client::Program);
    };
    if whole {
        return Some(Client::Program);
    }
    let rest = &text[end..];
    if rest.is_ascii() && rest.starts_with(char::is_alphabetic) && !ends_word(text, end) {
        return None;
    }
    // "Sent from [Mail](https://…) for Windows", "Sent from Mail<https://…> for Windows"
    let rest = without_links(rest);
    let rest = rest.trim();
    let head: Vec<&str> = rest.split_whitespace().take(9).collect();
    if head.is_empty() {
        return (words(text) <= 6 && !text.is_ascii()).then_some(Client::Program);
    }
    let is_device = |word: &str| {
        phrases().is_device(word) || word.split(['-', '\'', '\u{2019}']).any(|part| phrases().is_device(part))
    };
    let named = text[..end].split([' ', '-']).any(|word| phrases().is_device(word));
    let device = head.iter().take(7).position(|word| is_device(word));
    // "Sent from my desk, is much easier than my phone" goes on like a sentence.
    let sentence = head.iter().take(device.unwrap_or(8)).any(|word| word.ends_with([',', ';', ':', '.']));
    let long = rest.split_whitespace().count();
    if (named || device.is_some() && !sentence) && long <= 24 {
        return Some(Client::Program);
    }
    let lower = text.to_lowercase();
    let own = lower.starts_with("sent from my") || lower.starts_with("sent from a ");
    (own && long <= 4 && !rest.contains(',')).then_some(Client::Author)
}

fn without_links(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            '[' | ']' => kept.push(' '),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

fn ends_in_sent(text: &str) -> bool {
    let lower = text.to_lowercase();
    // Japanese and Korean write no space between the device and the verb.
    if text.chars().count() <= 30 && (lower.ends_with("から送信") || lower.ends_with("에서 보냄")) {
        return true;
    }
    ["gönderildi", "küldve", "送信", "보냄", "भेजा गया", "gesendet", "verzonden", "skickat"]
        .iter()
        .any(|verb| lower.ends_with(verb))
        && text.split_whitespace().any(|word| {
            phrases().is_device(word)
                || word.to_lowercase().contains("iphone")
                || word.to_lowercase().contains("ipad")
        })
}

/// A line of two dashes or so: the delimiter of a signature.
fn is_delimiter(whole: &str) -> bool {
    let text =
        whole.trim_matches(|c: char| c == ' ' || c == '\t' || c == '\r' || c == '\u{a0}' || is_invisible(c));
    matches!(
        text,
        "--" | "\u{2014}"
            | "\u{2013}"
            | "- --"
            | "-- --"
            | "\u{2014}\u{2014}"
            | "**--**"
            | "\\--"
            | "\u{2014}-"
    )
}

/// A line that speaks of ways to reach somebody.
fn is_contact(text: &str) -> bool {
    if !text.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'@' | b'/' | b'.')) {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let number = holds_phone_number(text);
    let phone = number && (letters <= 24 && !lower.contains("order") || phone_label(&lower));
    let address = memchr::memchr(b'@', text.as_bytes()).is_some() && words(text) <= 6;
    let site = (lower.contains("www.") || lower.contains("http://") || lower.contains("https://"))
        && words(text) <= 4;
    phone || address || site
}

/// Seven to fifteen digits with nothing but what people put between a number's groups.
fn holds_phone_number(text: &str) -> bool {
    let group = |c: char| {
        c.is_ascii_digit()
            || matches!(c, ' ' | '+' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2011}' | '\u{2013}')
    };
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
fn is_prose(text: &str) -> bool {
    let mut small = 0;
    let mut all = 0;
    for word in bare(text).split_whitespace() {
        all += 1;
        small += usize::from(word.starts_with(char::is_lowercase));
    }
    all >= 6 && small * 2 > all && !text.contains(" | ")
}

fn is_code(text: &str) -> bool {
    ["diff --git", "+++ ", "--- ", "@@ ", "index "].iter().any(|start| text.starts_with(start))
}

fn phone_label(lower: &str) -> bool {
    const LABELS: [&str; 22] = [
        "tel", "phone", "mobile", "mob", "cell", "fax", "office", "direct", "t:", "m:", "p:", "f:", "t.",
        "m.", "ph", "telefon", "handy", "mobil", "gsm", "skype", "whatsapp", "(",
    ];
    LABELS.iter().any(|label| lower.starts_with(label)) || lower.starts_with('+')
}

/// One to four words that could be somebody's name.
fn is_name(text: &str) -> bool {
    let text = bare(text).trim_end_matches([',', '.']);
    let count = words(text);
    let team = text.ends_with("eam") || text.contains(" & ");
    if count == 0
        || count > if team { 7 } else { 4 }
        || text.len() > 48
        || text.contains(['?', '!', ':', ';', '@', '/'])
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
fn closing(text: &str) -> Option<(usize, bool)> {
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
enum Closing {
    Firm,
    FirmWithName,
    Courtesy,
    CourtesyWithName,
}

fn closing_row(text: &str) -> Option<Closing> {
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
    let from =
        ["from ", "von ", "de ", "aus ", "uit ", "fra ", "från ", "da ", "desde ", "depuis ", "z ", "из "]
            .iter()
            .any(|word| rest.to_lowercase().starts_with(word));
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

/// A row that can stand in a signature: short, and no sentence.
fn fits(text: &str) -> bool {
    let text = bare(text);
    if text.len() > 120 {
        return false;
    }
    if text.ends_with('?') || phrases().is_postscript(text) {
        return false;
    }
    let sentence = text.ends_with(['.', '!']) && words(text) > 7;
    !sentence && words(text) <= 16
}

/// `- Ann`, `~ann`, `/Ann`: a name behind a dash on the last line.
fn is_dash_name(text: &str) -> bool {
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

struct Legal {
    opening: bool,
    parts: usize,
}

fn legal(text: &str) -> Legal {
    let mut found = Legal { opening: false, parts: 0 };
    let start = text.len() - text.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let mut last = 0;
    phrases().notices(text, |hit| match hit.phrase {
        Phrase::LegalOpening if hit.start == start => found.opening = true,
        Phrase::LegalPart if hit.start >= last => {
            found.parts += 1;
            last = hit.end;
        }
        _ => {}
    });
    found
}

fn list_footer(text: &str) -> bool {
    let start = text.len() - text.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let mut found = false;
    phrases().notices(text, |hit| {
        found |= hit.phrase == Phrase::ListFooter
            && starts_word(text, hit.start)
            && ends_word(text, hit.end)
            && (hit.start == start || words(text) <= 14);
    });
    found
}

/// The author's rows between two quotations, or above and below the only one.
pub(crate) struct Segment {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The first or the last of the mail, where signatures stand.
    pub(crate) outer: bool,
    /// Words of the author's stand above it in another segment.
    pub(crate) below_others: bool,
}

/// Takes away what stands below the author's words in a segment.
pub(crate) fn strip(rows: &Rows<'_>, fates: &mut Fates, segment: &Segment, known: &Known<'_>) {
    let mut end = segment.to;
    // Nobody signs more often; it bounds the time a strange body takes.
    for _ in 0..64 {
        let before = end;
        end = footers(rows, fates, segment, end);
        if let Some(cut) = delimited(rows, fates, segment.from, end) {
            end = cut;
            continue;
        }
        if let Some(tails) = known.tails
            && let Some(first) = (segment.from..end).find(|at| rows.state(*at) != State::Blank)
            && let Some(cut) = learned_tail(rows, first + 1, end, tails)
        {
            fates.remove(cut..end, Kind::Signature, "signature.learned");
            end = cut;
            if signs(rows, cut) {
                end = closing_above(rows, fates, segment, cut);
            }
            continue;
        }
        if segment.outer {
            end = undelimited(rows, fates, segment, end, known);
        }
        if end == before {
            return;
        }
    }
}

fn last_visible(rows: &Rows<'_>, from: usize, to: usize) -> Option<usize> {
    (from..to).rev().find(|at| rows.state(*at) != State::Blank)
}

/// The first row of the paragraph that ends with `last`.
fn paragraph_start(rows: &Rows<'_>, from: usize, last: usize) -> usize {
    let floor = from.max(last.saturating_sub(REACH));
    let goes_on = |at: &usize| rows.state(*at) != State::Blank && !rows.rows[*at].fenced;
    (floor..=last).rev().take_while(goes_on).last().unwrap_or(last)
}

/// Takes footers and legal text from the end of the rows, paragraph by paragraph; the new end.
fn footers(rows: &Rows<'_>, fates: &mut Fates, segment: &Segment, mut end: usize) -> usize {
    let from = segment.from;
    while let Some(last) = last_visible(rows, from, end) {
        if rows.rows[last].fenced {
            return end;
        }
        let start = paragraph_start(rows, from, last);
        if let Some(client) = client_line(rows.text(last)) {
            let kind = if client == Client::Program { Kind::Footer } else { Kind::Signature };
            fates.remove(last..last + 1, kind, "footer.client");
            end = last;
            continue;
        }
        // "Sent from\nMail for Windows": a footer wrapped over two rows.
        if last == start + 1 && client_line(&rows.joined(start, last + 1)).is_some() {
            fates.remove(start..last + 1, Kind::Footer, "footer.client");
            end = start;
            continue;
        }
        let first_paragraph = !segment.below_others && last_visible(rows, from, start).is_none();
        let text = rows.joined(start, last + 1);
        if text.len() > 20 && text.len() < 20_000 {
            let legal = legal(&text);
            let sure = legal.opening && legal.parts >= 1
                || legal.parts >= 3
                || legal.opening && legal.parts == 0 && is_short_notice(&text);
            if sure && !first_paragraph {
                fates.remove(start..last + 1, Kind::Disclaimer, "disclaimer.paragraph");
                end = start;
                continue;
            }
            let rule_first = is_rule(rows.text(start))
                || is_delimiter(rows.text(start))
                || rows.text(start).starts_with("__");
            if !first_paragraph || rule_first {
                let listed = (start..=last).any(|at| list_footer(rows.text(at)));
                if listed
                    && (rule_first || last - start <= 6)
                    && (start..=last).all(|at| words(rows.text(at)) <= 30)
                {
                    fates.remove(start..last + 1, Kind::ListFooter, "footer.list");
                    end = start;
                    continue;
                }
            }
        }
        // A line drawn above a footer goes with it.
        if is_rule(rows.text(last))
            && end < rows.len()
            && fates.is_gone(next_gone(rows, end))
            && !first_paragraph
        {
            fates.remove(last..last + 1, Kind::Footer, "footer.rule");
            end = last;
            continue;
        }
        return end;
    }
    end
}

fn is_short_notice(text: &str) -> bool {
    text.len() < 200 && (text.contains("environment") || text.contains("print"))
}

fn next_gone(rows: &Rows<'_>, at: usize) -> usize {
    rows.next_visible(at).unwrap_or(at)
}

/// Rows at a segment's end in which a delimiter that is not the standard's is looked for.
const WINDOW: usize = 60;

/// Whether the row is the delimiter the standard has: two dashes and a space (RFC 3676, section 4.3).
fn is_standard_delimiter(rows: &Rows<'_>, at: usize) -> bool {
    let row = rows.rows[at];
    let rest = rows.body.get(row.start..).unwrap_or("");
    row.state == State::Text && !row.fenced && (rest.starts_with("-- \n") || rest.starts_with("-- \r"))
}

/// The first standard delimiter of a segment below which no more stands than a signature may have.
fn standard_delimiter(rows: &Rows<'_>, from: usize, to: usize) -> Option<usize> {
    let mut below = 0;
    let mut found = None;
    for at in (from..to).rev() {
        below += usize::from(rows.state(at) != State::Blank);
        if below > WINDOW {
            break;
        }
        if is_standard_delimiter(rows, at) {
            found = Some(at);
        }
    }
    found
}

/// Takes the signature below a delimiter; the row of the delimiter.
fn delimited(rows: &Rows<'_>, fates: &mut Fates, from: usize, end: usize) -> Option<usize> {
    if let Some(at) = standard_delimiter(rows, from, end) {
        fates.remove(at..end, Kind::Signature, "signature.delimiter");
        return Some(at);
    }
    for at in from.max(end.saturating_sub(WINDOW))..end {
        let row = rows.rows[at];
        // Delimiters are no words, and most rows begin with one.
        if row.state != State::Text || row.fenced || rows.body.as_bytes()[row.first].is_ascii_alphanumeric() {
            continue;
        }
        if row.end - row.first <= 8 && is_delimiter(rows.whole(at)) {
            let below = (at + 1..end).filter(|at| rows.state(*at) != State::Blank).count();
            let long: usize = (at + 1..end).map(|at| rows.text(at).len()).sum();
            if below <= 12 && long < 1200 {
                fates.remove(at..end, Kind::Signature, "signature.dashes");
                return Some(at);
            }
            fates.uncertain = true;
        }
        // A drawn line counts if what stands below looks like a signature.
        if is_rule(rows.text(at)) && looks_signed(rows, at + 1, end) {
            fates.remove(at..end, Kind::Signature, "signature.rule");
            return Some(at);
        }
    }
    None
}

/// A few short rows at the end of a segment, of which some say how to reach somebody, or a lone name.
fn looks_signed(rows: &Rows<'_>, from: usize, end: usize) -> bool {
    let visible: Vec<usize> =
        (from..end.min(from + 40)).filter(|at| rows.state(*at) != State::Blank).collect();
    if visible.len() > LONGEST || visible.is_empty() || end > from + 40 {
        return false;
    }
    if is_picture(rows.text(visible[0])) {
        return true;
    }
    let all_fit = visible.iter().all(|at| fits(rows.text(*at)) && !is_code(rows.text(*at)))
        && visible.iter().filter(|at| is_prose(rows.text(**at))).count() <= 1;
    let contacts = visible.iter().filter(|at| is_contact(rows.text(**at))).count();
    let names = visible.iter().take(2).filter(|at| is_name(rows.text(**at))).count();
    let signed = rows.joined(visible[0], visible[visible.len() - 1] + 1).to_lowercase().contains("signature");
    all_fit && (contacts > 0 || names > 0 && visible.len() <= 6 || signed)
}

/// Takes a signature that no delimiter announces; the new end.
fn undelimited(
    rows: &Rows<'_>,
    fates: &mut Fates,
    segment: &Segment,
    end: usize,
    known: &Known<'_>,
) -> usize {
    let (from, author) = (segment.from, known.author);
    let Some(first) = (from..end).find(|at| rows.state(*at) != State::Blank) else { return end };
    let Some(last) = last_visible(rows, from, end) else { return end };
    if rows.rows[last].fenced {
        return end;
    }
    // The closing word nearest to the end below which everything fits a signature.
    let mut seen = 0;
    let mut found = None;
    let mut contacts = 0;
    let mut blanks = 0;
    for at in (from..=last).rev() {
        if rows.state(at) == State::Blank {
            blanks += 1;
            if blanks > 20 {
                break;
            }
            continue;
        }
        if rows.rows[at].fenced {
            break;
        }
        let text = rows.text(at);
        if (at > first || segment.below_others)
            && let Some(closing) = closing_row(text)
        {
            let below = seen;
            let name_below = below > 0 && {
                let next = (at + 1..=last).find(|at| rows.state(*at) != State::Blank).unwrap_or(last);
                is_name(rows.text(next)) || is_dash_name(rows.text(next))
            };
            let good = match closing {
                Closing::Firm => below == 0 || name_below || contacts > 0,
                Closing::FirmWithName => below == 0 || contacts > 0 || below <= 3,
                Closing::Courtesy => name_below && (below <= 2 || contacts > 0),
                Closing::CourtesyWithName => below == 0 || contacts > 0,
            };
            if good {
                let rule = match closing {
                    Closing::Firm | Closing::FirmWithName => "signature.closing",
                    _ => "signature.thanks",
                };
                found = Some((at, rule));
                // "Thanks,\nBest regards,\nAnn": look one closing further up.
                if !matches!(closing, Closing::Firm) || below > 6 {
                    break;
                }
            }
        } else if found.is_some() {
            break;
        }
        if !fits(text) {
            break;
        }
        contacts += usize::from(is_contact(text));
        seen += 1;
        if seen > LONGEST {
            break;
        }
    }
    if let Some((at, rule)) = found {
        fates.remove(at..end, Kind::Signature, rule);
        return at;
    }
    if last == first && !segment.below_others {
        return end;
    }
    let text = rows.text(last);
    let above = last_visible(rows, from, last);
    if is_dash_name(text)
        && above
            .is_some_and(|above| !rows.text(above).starts_with(['-', '\u{2013}', '\u{2014}', '~', '/', '*']))
    {
        fates.remove(last..end, Kind::Signature, "signature.dash-name");
        return last;
    }
    if let Some(author) = author
        && is_authors_name(text, author)
    {
        fates.remove(last..end, Kind::Signature, "signature.author");
        return closing_above(rows, fates, segment, last);
    }
    if author.is_some() && above.is_some_and(|above| is_lone_name(rows, first, above, last)) {
        fates.remove(last..end, Kind::Signature, "signature.name");
        fates.uncertain = true;
        return closing_above(rows, fates, segment, last);
    }
    let cut = contact_block(rows, fates, first, last, end, author);
    if cut < end && signs(rows, cut) { closing_above(rows, fates, segment, cut) } else { cut }
}

/// Whether a block begins with a name, below its delimiter if it has one.
fn signs(rows: &Rows<'_>, at: usize) -> bool {
    rows.state(at) == State::Text && is_name(rows.text(at))
}

/// Closing words right above a name that was taken away go with it: "Thanks in advance," in any language, for
/// nobody ends a sentence with a comma there.
fn closing_above(rows: &Rows<'_>, fates: &mut Fates, segment: &Segment, mut end: usize) -> usize {
    let first = (segment.from..end).find(|at| rows.state(*at) != State::Blank);
    // "Thanks,\nBest regards,\nAnn"
    for _ in 0..2 {
        let Some(above) = last_visible(rows, segment.from, end) else { break };
        let text = rows.text(above);
        let own = Some(above) != first || segment.below_others;
        let closes = closing_row(text).is_some()
            || text.ends_with([',', '\u{3001}', '\u{ff0c}'])
                && words(text) <= 6
                && !text.contains(['.', '?', '!', ':', ';'])
                && !text.contains(|c: char| c.is_ascii_digit());
        if !own || end - above > 3 || rows.rows[above].fenced || !closes {
            break;
        }
        fates.remove(above..end, Kind::Signature, "signature.closing-above");
        end = above;
    }
    end
}

/// A single capitalised word alone at the end, below whole sentences: a name, and no answer of one word.
fn is_lone_name(rows: &Rows<'_>, first: usize, above: usize, last: usize) -> bool {
    let text = bare(rows.text(last));
    let mut letters = text.chars();
    let name = letters.next().is_some_and(char::is_uppercase)
        && letters.clone().count() >= 1
        && letters.all(|c| c.is_lowercase() || matches!(c, '-' | '\'' | '\u{2019}'))
        && text.chars().count() <= 14;
    name && last - above >= 2
        && rows.text(above).ends_with(['.', '!', '?', ')'])
        && words(rows.text(above)) + words(rows.text(first)) >= 5
        && closing(text).is_none()
        && !phrases().is_answer(text)
        // What was spoken of above is spoken of again.
        && !(first..last).any(|at| {
            rows.text(at).split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case(text))
        })
}

fn is_authors_name(text: &str, author: &str) -> bool {
    let mut text = bare(text).trim_end_matches([',', '.', '!']).to_lowercase();
    // Kisses: "Ann xx".
    let unkissed = text.trim_end_matches('x');
    if unkissed.len() < text.len() && unkissed.ends_with(' ') {
        text.truncate(unkissed.trim_end().len());
    }
    let author = author.to_lowercase();
    let given = author.split_whitespace().next().unwrap_or("");
    !text.is_empty() && (text == author || (given.chars().count() > 1 && text == given))
}

/// What a picture left in plain text.
fn is_picture(text: &str) -> bool {
    let bare = bare(text);
    bare.starts_with("[image:")
        || bare.starts_with("[cid:")
        || bare.starts_with("![")
        || bare.starts_with("[Image")
        || bare.starts_with("<image")
}

/// A last paragraph, or a few, that is a name and ways to reach its bearer.
fn contact_block(
    rows: &Rows<'_>,
    fates: &mut Fates,
    first: usize,
    last: usize,
    end: usize,
    author: Option<&str>,
) -> usize {
    let mut best = None;
    let mut contacts = 0;
    let mut count = 0;
    let mut stop = last;
    for _ in 0..5 {
        let start = paragraph_start(rows, first, stop);
        let fit = (start..=stop).all(|at| {
            !rows.rows[at].fenced
                && fits(rows.text(at))
                && !is_prose(rows.text(at))
                && !is_code(rows.text(at))
        });
        count += stop + 1 - start;
        if start <= first || !fit || count > LONGEST {
            break;
        }
        let here =
            (start..=stop).filter(|at| is_contact(rows.text(*at)) || is_picture(rows.text(*at))).count();
        contacts += here;
        let head = rows.text(start);
        let named = author.is_some_and(|author| is_authors_name(head, author));
        let titled = words(head) <= 12
            && !head.ends_with(['.', ':', '!'])
            && ([" | ", " - ", " \u{2013} ", ", "].iter().any(|mark| head.contains(mark)));
        let name = is_name(head) && !head.ends_with(['.', '!']) || titled;
        // "You can reach him here:" makes a contact block part of what is said.
        let announced = last_visible(rows, first, start)
            .is_some_and(|above| rows.text(above).ends_with(':') && words(rows.text(above)) > 1);
        let enough =
            named && (contacts >= 1 || count >= 2) || name && (contacts >= 2 || contacts >= 1 && count >= 3);
        if enough && !announced && count >= 2 && !is_contact(head) {
            best = Some((start, named));
        }
        let Some(above) = last_visible(rows, first, start) else { break };
        if start - above > 4 {
            break;
        }
        stop = above;
    }
    match best {
        Some((start, named)) => {
            fates.remove(start..end, Kind::Signature, "signature.contact");
            fates.uncertain |= !named;
            start
        }
        None => end,
    }
}

/// Whether a recurring tail may begin with this row: it must look like a signature or legal text, for people
/// also have sentences they like to end with.
pub(crate) fn may_begin_tail(rows: &Rows<'_>, at: usize, to: usize) -> bool {
    let text = rows.text(at);
    let visible = (at..to).filter(|at| rows.state(*at) != State::Blank).count();
    let strong = is_rule(text)
        || is_delimiter(rows.whole(at))
        || is_contact(text)
        || legal(text).opening
        || is_picture(text);
    if strong {
        return true;
    }
    let sentence = text.ends_with(['.', '!', '?', ':', ';']) && words(text) > 3;
    let fitting = fits(text) && !sentence && words(text) <= 8 && !text.starts_with(['-', '*', '\u{2022}']);
    let evidence = (at..to).any(|at| {
        let text = rows.text(at);
        is_contact(text)
            || legal(text).opening
            || closing_row(text)
                .is_some_and(|closing| matches!(closing, Closing::Firm | Closing::FirmWithName))
    });
    let below_fits = (at..to).all(|at| rows.state(at) == State::Blank || fits(rows.text(at)));
    fitting && visible >= 2 && (evidence || below_fits && is_name(text))
}
