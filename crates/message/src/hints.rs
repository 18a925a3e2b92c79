//! From what the headers say to what kind of mail it is.

use crate::phrases::section;
use std::sync::LazyLock;

/// What a header's mere presence tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    MassMailer,
    HelpDesk,
    Automatic,
    AutoReply,
}

/// Header names by their third letter, and which third to fifth letters there are: most headers are none of these and
/// must be told so in a few instructions.
struct Names {
    starts: [u64; 64],
    buckets: [Vec<Name>; 32],
}

/// A header's name, or the beginning of one.
struct Name {
    /// Its third to sixth byte, and which of these bytes it has.
    key: u32,
    mask: u32,
    name: &'static [u8],
    prefix: bool,
    sign: Sign,
}

/// The third to sixth byte of a name, in lower case as far as that matters: of two names that differ here the
/// letters do.
fn key_of(name: &[u8]) -> u32 {
    let mut key = [0; 4];
    key.iter_mut().zip(&name[name.len().min(2)..]).for_each(|(to, from)| *to = from | 32);
    u32::from_le_bytes(key)
}

/// Where a key's first three bytes are marked, and by which bit. No name is so short that it has not as many.
#[inline]
fn start_of(key: u32) -> (usize, u64) {
    let start = (key << 8).wrapping_mul(0x9E37_79B1) >> 20;
    (start as usize / 64, 1 << (start % 64))
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let file = include_str!("../phrases/headers.txt");
    let mut names = Names { starts: [0; 64], buckets: Default::default() };
    for (title, sign) in [
        ("mass mailer", Sign::MassMailer),
        ("help desk", Sign::HelpDesk),
        ("automatic", Sign::Automatic),
        ("automatic reply", Sign::AutoReply),
    ] {
        for entry in section(file, title) {
            let prefix = entry.strip_suffix('*');
            let name = prefix.unwrap_or(entry).as_bytes();
            let [_, _, third, _, _, ..] = name else { continue };
            let bucket = usize::from(third & 31);
            let (at, bit) = start_of(key_of(name));
            names.starts[at] |= bit;
            let mask = if name.len() < 6 { (1 << (8 * (name.len() - 2))) - 1 } else { u32::MAX };
            let (key, prefix) = (key_of(name), prefix.is_some());
            names.buckets[bucket].push(Name { key, mask, name, prefix, sign });
        }
    }
    names
});

/// What the presence of a header of this name tells.
#[inline]
pub(crate) fn sign(name: &[u8]) -> Option<Sign> {
    let &[_, _, third, fourth, fifth, ..] = name else { return None };
    let names = &*NAMES;
    let (at, bit) = start_of(u32::from_le_bytes([third | 32, fourth | 32, fifth | 32, 0]));
    if names.starts[at] & bit == 0 {
        return None;
    }
    let key = key_of(name);
    let bucket = usize::from(third & 31);
    let is = |known: &&Name| {
        (key ^ known.key) & known.mask == 0
            && (name.len() == known.name.len() || known.prefix && name.len() > known.name.len())
            && name[..known.name.len()].eq_ignore_ascii_case(known.name)
    };
    names.buckets[bucket].iter().find(is).map(|known| known.sign)
}

static PROGRAMS: LazyLock<(aho_corasick::AhoCorasick, usize)> = LazyLock::new(|| {
    let file = include_str!("../phrases/headers.txt");
    let mut all = section(file, "help desk program");
    let desks = all.len();
    all.extend(section(file, "mass mailing program"));
    (crate::phrases::automaton(&all), desks)
});

/// What an X-Mailer value tells.
pub(crate) fn program_sign(value: &[u8]) -> Option<Sign> {
    let (automaton, desks) = &*PROGRAMS;
    let found = automaton.find(&value.to_ascii_lowercase())?;
    Some(if found.pattern().as_usize() < *desks { Sign::HelpDesk } else { Sign::MassMailer })
}

/// True for the `Feedback-ID` of a mass mailing. Relays that stamp every mail they carry, a person's
/// included, are no evidence.
pub(crate) fn is_campaign_feedback(value: &[u8]) -> bool {
    let sender = value.rsplit(|b| *b == b':').next().unwrap_or(value).trim_ascii();
    const RELAYS: [&[u8]; 8] =
        [b"amazonses", b"sg", b"postmark", b"mailgun", b"sparkpost", b"mailjet", b"smtp2go", b"zoho"];
    !sender.is_empty() && !RELAYS.iter().any(|r| sender.eq_ignore_ascii_case(r))
}

struct Locals {
    exact: Vec<&'static str>,
    prefixes: Vec<&'static str>,
}

fn locals(title: &str) -> Locals {
    let (mut exact, mut prefixes) = (Vec::new(), Vec::new());
    for entry in section(include_str!("../phrases/robots.txt"), title) {
        match entry.strip_suffix('*') {
            Some(p) => prefixes.push(p),
            None => exact.push(entry),
        }
    }
    exact.sort_unstable();
    Locals { exact, prefixes }
}

static ROBOTS: LazyLock<Locals> = LazyLock::new(|| locals("robot"));
static BOUNCERS: LazyLock<Locals> = LazyLock::new(|| locals("bounce"));

/// An address's local part without dots, dashes and underscores and without its tag, in a fixed buffer.
fn folded_local<'b>(address: &str, buffer: &'b mut [u8; 64]) -> &'b str {
    let local = address.split('@').next().unwrap_or(address);
    // Tags after a plus sign count for nothing; "bounces+4711@" is a robot's all the same.
    let local = local.split('+').next().unwrap_or(local);
    let mut n = 0;
    for b in local.bytes().filter(|b| !matches!(b, b'.' | b'-' | b'_')) {
        if n == buffer.len() || !b.is_ascii() {
            return "";
        }
        buffer[n] = b;
        n += 1;
    }
    std::str::from_utf8(&buffer[..n]).unwrap_or("")
}

/// True for addresses that mail goes out from but no person writes from: `noreply@`, `wordpress@`,
/// contact forms (`phrases/robots.txt`).
pub(crate) fn is_robot(address: &str) -> bool {
    let mut buffer = [0; 64];
    let local = folded_local(address, &mut buffer);
    // Most names start with another letter.
    let starts = |p: &&str| p.as_bytes().first() == local.as_bytes().first() && local.starts_with(*p);
    ROBOTS.prefixes.iter().any(starts) || ROBOTS.exact.binary_search(&local).is_ok()
}

/// True for mailer daemons.
pub(crate) fn is_bouncer(address: &str) -> bool {
    if !address.starts_with(['m', 'b']) {
        return false;
    }
    let mut buffer = [0; 64];
    BOUNCERS.exact.binary_search(&folded_local(address, &mut buffer)).is_ok()
}

/// What a subject's beginning tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SubjectSigns {
    pub(crate) reply: bool,
    pub(crate) forward: bool,
    pub(crate) auto_reply: bool,
    pub(crate) bounce: bool,
    pub(crate) invitation: bool,
}

struct Subjects {
    reply: Vec<&'static str>,
    forward: Vec<&'static str>,
    auto: Vec<&'static str>,
    after_auto: Vec<&'static str>,
    bounce: Vec<&'static str>,
    invitation: Vec<&'static str>,
    /// By the first letter of what those three lists hold, which second letters there are.
    pairs: [u32; 32],
}

static SUBJECTS: LazyLock<Subjects> = LazyLock::new(|| {
    let file = include_str!("../phrases/subjects.txt");
    let sorted = |name: &str| {
        let mut list = section(file, name);
        list.sort_unstable();
        list
    };
    let mut pairs = [0; 32];
    for phrase in ["automatic reply", "bounce", "invitation"].iter().flat_map(|name| section(file, name)) {
        if let [first, second, ..] = phrase.as_bytes() {
            pairs[usize::from(first & 31)] |= 1 << (second & 31);
        }
    }
    Subjects {
        pairs,
        reply: sorted("reply"),
        forward: sorted("forward"),
        after_auto: sorted("after an automatic reply"),
        auto: sorted("automatic reply"),
        bounce: sorted("bounce"),
        invitation: sorted("invitation"),
    }
});

/// Reads the start of a decoded subject. List tags (`[shop]`) before a prefix are passed over.
pub(crate) fn subject_signs(subject: &str) -> SubjectSigns {
    let lists = &*SUBJECTS;
    let mut signs = SubjectSigns::default();
    let mut rest = subject.trim_start();
    while let Some(after) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        rest = after.1.trim_start();
    }
    if let [b'R' | b'r', b'E' | b'e', b':', ..] = rest.as_bytes() {
        signs.reply = true;
        return signs;
    }
    if let Some(prefix) = prefix(rest) {
        if prefix.trim().eq_ignore_ascii_case("re") {
            // Nearly all of them; and no other list has anything that starts so.
            signs.reply = true;
            return signs;
        }
        let low = prefix.to_lowercase();
        let low = low.trim();
        signs.reply = lists.reply.binary_search(&low).is_ok();
        signs.forward = lists.forward.binary_search(&low).is_ok();
    }
    // The first two characters leave next to nothing of the lists for most subjects.
    if let [first @ ..=127, second @ ..=127, ..] = rest.as_bytes()
        && lists.pairs[usize::from(first & 31)] & (1 << (second & 31)) == 0
    {
        return signs;
    }
    let top = rest.as_bytes().first_chunk::<4>().filter(|top| top.is_ascii());
    let top = top.map(|top| top.map(|b| b.to_ascii_lowercase()));
    let mut first = String::new();
    match top {
        Some([a, b, ..]) => first.extend([char::from(a), char::from(b)]),
        None => first.extend(rest.chars().take(2).flat_map(char::to_lowercase)),
    }
    let (auto, bounce, invitation) = (
        with_first(&lists.auto, &first),
        with_first(&lists.bounce, &first),
        with_first(&lists.invitation, &first),
    );
    // As far as the first bytes say.
    let may_start = |phrase: &&str| top.is_none_or(|top| phrase.bytes().zip(top).all(|(a, b)| a == b));
    if ![auto, bounce, invitation].into_iter().flatten().any(may_start) {
        return signs;
    }
    let low: String = rest.chars().take(120).flat_map(char::to_lowercase).collect();
    signs.bounce = bounce.iter().any(|p| low.starts_with(p));
    signs.invitation = invitation
        .iter()
        .any(|p| low.strip_prefix(p).is_some_and(|r| r.starts_with(':') && r.contains(" @ ")));
    signs.auto_reply = !signs.invitation && auto.iter().any(|p| auto_ends(&low, p, &lists.after_auto));
    signs
}

/// The phrases of a sorted list that start with this character.
fn with_first<'l>(list: &'l [&'static str], first: &str) -> &'l [&'static str] {
    let start = list.partition_point(|p| *p < first);
    let count = list[start..].partition_point(|p| p.starts_with(first));
    &list[start..start + count]
}

/// True if the subject is the phrase, or the phrase with a delimiter or one of the words behind it.
fn auto_ends(low: &str, phrase: &str, after: &[&str]) -> bool {
    let Some(rest) = low.strip_prefix(phrase) else { return false };
    let word = rest.trim_start();
    let Some(c) = word.chars().next() else { return true };
    // One short word is too little for a mere space or dash behind it.
    if phrase.len() <= 4 {
        return matches!(c, ':' | '：') && phrase != "ooo" || phrase == "ooo" && !c.is_alphanumeric();
    }
    if matches!(c, ':' | '：' | '-' | '–' | '—' | '(' | '[' | '|' | '!' | '.' | ',' | '/' | '【' | '"' | '“')
    {
        return true;
    }
    rest.len() > word.len()
        && word
            .split(|c: char| c.is_whitespace() || c == ':')
            .next()
            .is_some_and(|w| after.binary_search(&w).is_ok())
}

/// What stands before the colon of a reply or forward prefix: "Re", "Re[2]" and "AW(3)" without their
/// counts.
fn prefix(subject: &str) -> Option<&str> {
    if let Some(top) = subject.as_bytes().first_chunk::<24>()
        && !top
            .iter()
            .fold(false, |found, b| found | matches!(b, b':' | b'[' | b'(' | b'^' | b'*') | !b.is_ascii())
    {
        return None;
    }
    let mut end = None;
    for (i, c) in subject.char_indices().take(24) {
        match c {
            ':' | '：' => {
                end.get_or_insert(i);
                return end.map(|e| &subject[..e]).filter(|p| !p.trim().is_empty());
            }
            '[' | '(' | '^' | '*' => {
                end.get_or_insert(i);
            }
            c if end.is_some() && !(c.is_ascii_digit() || matches!(c, ']' | ')' | ' ')) => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_tell_their_kind() {
        let kind = |s: &str| {
            let signs = subject_signs(s);
            let mut k = String::new();
            for (on, c) in [
                (signs.reply, 'r'),
                (signs.forward, 'f'),
                (signs.auto_reply, 'a'),
                (signs.bounce, 'b'),
                (signs.invitation, 'i'),
            ] {
                if on {
                    k.push(c);
                }
            }
            k
        };
        for (subject, want) in [
            ("Re: hello", "r"),
            ("RE[2]: hello", "r"),
            ("Re^2: hello", "r"),
            ("[shop] Re: hello", "r"),
            ("AW: WG: hello", "r"),
            ("回复：你好", "r"),
            ("Fwd: hello", "f"),
            ("WG: hello", "f"),
            ("Regarding: hello", ""),
            ("Order 12: where", ""),
            ("Automatic reply: Your order", "a"),
            ("Automatische Antwort: Ihre Bestellung", "a"),
            ("Réponse automatique : Commande", "a"),
            ("Out of Office", "a"),
            ("Out of office until Monday", "a"),
            ("Out of Office Re: Your order", "a"),
            ("Out of office chair assembly", ""),
            ("Re: Out of Office", "r"),
            ("Auto: Re: hello", "a"),
            ("Auto parts missing", ""),
            ("Automatic reply missing", ""),
            ("自動返信：ご注文", "a"),
            ("Undeliverable: Your order", "b"),
            ("Invitation: Call @ Tue 1 Mar", "i"),
            ("Accepted: the offer", ""),
        ] {
            assert_eq!(kind(subject), want, "{subject}");
        }
    }

    #[test]
    fn phrases_are_long_enough_to_be_found_by_two_characters() {
        for list in [&SUBJECTS.auto, &SUBJECTS.bounce, &SUBJECTS.invitation] {
            assert!(list.iter().all(|p| p.chars().count() >= 2), "{list:?}");
        }
        assert!(subject_signs("招待: x @ y").invitation);
    }

    #[test]
    fn headers_and_addresses_tell_their_kind() {
        assert_eq!(sign(b"X-Campaign-Foo"), Some(Sign::MassMailer));
        assert_eq!(sign(b"X-Zendesk-Priority"), Some(Sign::HelpDesk));
        assert_eq!(sign(b"X-Autoreply"), Some(Sign::AutoReply));
        assert_eq!(sign(b"X-Mailer"), None);
        assert_eq!(sign(b"X-Auto-Response-Suppress"), None);
        for title in ["mass mailer", "help desk", "automatic", "automatic reply"] {
            for name in section(include_str!("../phrases/headers.txt"), title) {
                assert!(sign(name.trim_end_matches('*').to_uppercase().as_bytes()).is_some(), "{name}");
            }
        }
        for robot in [
            "no-reply@example.com",
            "noreply-orders@example.com",
            "wordpress@example.com",
            "forms+1@x.example",
        ] {
            assert!(is_robot(robot), "{robot}");
        }
        for person in
            ["norbert@example.com", "formula@example.com", "webb@example.com", "jane+noreply@example.com"]
        {
            assert!(!is_robot(person), "{person}");
        }
        assert!(is_bouncer("mailer-daemon@example.com"));
        assert!(!is_campaign_feedback(b"1.eu-west-1.abc=:AmazonSES"));
        assert!(is_campaign_feedback(b"campaign1:cust2:promo:acmemail"));
    }
}
