//! Subjects: what remains of them without the marks of replying and forwarding, and the ticket tokens in them.

use crate::phrases;
use crate::policy::Policy;
use std::borrow::Cow;
use threadfold_core::hash_bytes;
use unicode_normalization::UnicodeNormalization;

pub use crate::subject::ticket::{Strength, Ticket, address_ticket, tickets, tickets_in_text};

mod ticket;

/// The base subject: the subject without reply and forward marks and without the tag of a mailing list.
///
/// Under [`Policy::Rfc5256`] and [`Policy::References`] this is RFC 5256 section 2.1 to the letter. Under
/// [`Policy::Support`] the marks of other languages count too (`AW:`, `RE :`, `回复：`, `Re(3):`), a subject of
/// nothing but tags stays as it is, and a tag behind a reply mark is taken for part of the subject that was
/// replied to.
///
/// The subject is expected decoded (RFC 2047). Letters keep their case; compare with [`key`].
///
/// ```
/// use threadfold_thread::{Policy, subject::base};
/// assert_eq!(base("Re: [shop] Fwd: Late parcel (fwd)", Policy::Rfc5256), "Late parcel");
/// assert_eq!(base("AW: WG: Paket fehlt", Policy::Support), "Paket fehlt");
/// assert_eq!(base("AW: WG: Paket fehlt", Policy::Rfc5256), "AW: WG: Paket fehlt");
/// ```
pub fn base(subject: &str, policy: Policy) -> Cow<'_, str> {
    strip(subject, policy, false).0
}

/// True if the subject carries a mark of replying or forwarding (RFC 5256 section 2.1, "is a reply or
/// forward"; in the languages that the policy knows).
///
/// ```
/// use threadfold_thread::{Policy, subject::is_reply_or_forward};
/// assert!(is_reply_or_forward("Sv: Faktura", Policy::Support));
/// assert!(!is_reply_or_forward("Regarding: Faktura", Policy::Support));
/// ```
pub fn is_reply_or_forward(subject: &str, policy: Policy) -> bool {
    strip(subject, policy, false).1
}

/// A hash of the base subject for comparing: without regard to case, and under [`Policy::Support`] also
/// without tags and ticket tokens wherever they stand. 0 for an empty one, and for what programs put in its place.
///
/// ```
/// use threadfold_thread::{Policy, subject::key};
/// assert_eq!(key("[shop] Late parcel", Policy::Support), key("RE: [shop] LATE PARCEL [#123]", Policy::Support));
/// assert_eq!((key("Re:", Policy::Support), key("AW: (no subject)", Policy::Support)), (0, 0));
/// ```
pub fn key(subject: &str, policy: Policy) -> u64 {
    let (topic, _) = topic(subject, policy);
    let folded = fold(&topic);
    let missing = folded.is_empty() || policy == Policy::Support && stands_for_none(&folded);
    if missing { 0 } else { hash_bytes(folded.as_bytes()) }
}

/// `(no subject)`, `<kein Betreff>`: strangers' mails must not become one thread for it.
fn stands_for_none(folded: &str) -> bool {
    const LONGEST: usize = 48;
    folded.len() <= LONGEST
        && phrases::no_subject().contains(
            folded.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | '<' | '>' | '-' | '*' | ' ')),
        )
}

/// The base subject as [`key`] compares it, before folding case; and whether it had a reply mark.
pub(crate) fn topic(subject: &str, policy: Policy) -> (Cow<'_, str>, bool) {
    let (text, reply) = strip(subject, policy, true);
    if policy != Policy::Support {
        return (text, reply);
    }
    let bare = ticket::without_tokens(&text);
    let text = match bare {
        None => text,
        // A subject that is only a token stays one: it is all there is to compare.
        Some(bare) if bare.trim().is_empty() => text,
        Some(bare) => Cow::Owned(strip(&bare, policy, true).0.into_owned()),
    };
    let end = text.trim_end_matches(['.', '!', '?', '…', ' ', ':', ',', ';']).len();
    let text = match text {
        _ if end == 0 => text,
        Cow::Borrowed(t) => Cow::Borrowed(&t[..end]),
        Cow::Owned(mut t) => {
            t.truncate(end);
            Cow::Owned(t)
        }
    };
    (text, reply)
}

/// Case and compatibility forms folded, whitespace collapsed: close to i;unicode-casemap (RFC 5051).
pub(crate) fn fold(text: &str) -> String {
    let ascii = text.is_ascii();
    if ascii && !spaced_oddly(text.as_bytes()) {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    if ascii {
        for word in text.split_ascii_whitespace() {
            push_word(word, &mut out);
        }
        out.make_ascii_lowercase();
        return out;
    }
    for word in text.split_whitespace() {
        if word.is_ascii() {
            push_word(word, &mut out);
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.nfkd().flat_map(char::to_lowercase));
    }
    out.make_ascii_lowercase();
    out
}

fn push_word(word: &str, out: &mut String) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(word);
}

/// Whether an ASCII text has white space at its ends, in a row, or other than spaces. Without a way out of the
/// loop, so that the compiler makes vectors of it.
fn spaced_oddly(text: &[u8]) -> bool {
    let odd = |b: u8| matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r');
    let ends = [text.first(), text.last()].into_iter().flatten().any(u8::is_ascii_whitespace);
    let pairs = text.iter().zip(text.get(1..).unwrap_or_default());
    ends | pairs.fold(false, |any, (&a, &b)| any | odd(b) | (a == b' ' && b == b' '))
}

/// Strips marks until none is left. `all_tags` under the support policy means tags behind a reply mark too.
fn strip(subject: &str, policy: Policy, all_tags: bool) -> (Cow<'_, str>, bool) {
    let local = policy == Policy::Support;
    let subject = collapse(subject);
    let mut reply = false;
    let range = {
        let mut s: &str = &subject;
        loop {
            // (2) trailers
            loop {
                let t = s.trim_end();
                let t = trailer(t, local).inspect(|_| reply = true).unwrap_or(t);
                if t.len() == s.len() {
                    break;
                }
                s = t;
            }
            // (3) and (4): leaders, then a tag that leaves something behind
            let mut marked = false;
            loop {
                s = s.trim_start();
                while let Some(rest) = leader(s, local) {
                    s = rest.trim_start();
                    (reply, marked) = (true, true);
                }
                if let Some(rest) = blob(s)
                    && !rest.is_empty()
                    && (!local || ((all_tags || !marked) && !only_tags(rest)))
                {
                    s = rest;
                    continue;
                }
                break;
            }
            // (6) the wrapper of a forwarded message
            let Some(inner) = wrapped(s) else { break };
            reply = true;
            s = inner;
        }
        let start = s.as_ptr() as usize - subject.as_ptr() as usize;
        start..start + s.len()
    };
    let text = match subject {
        Cow::Borrowed(s) => Cow::Borrowed(&s[range]),
        Cow::Owned(s) => Cow::Owned(s[range].to_owned()),
    };
    (text, reply)
}

/// (1) tabs and runs of whitespace to one space.
fn collapse(s: &str) -> Cow<'_, str> {
    // No control characters, no two spaces and no U+00A0. Without a way out of the loop: see above.
    let bytes = s.as_bytes();
    let odd = |before: u8, b: u8| {
        b < b' ' || b == 0x7f || (before == b' ' && b == b' ') || (before == 0xc2 && b == 0xa0)
    };
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    let any = pairs.fold(bytes.first().is_some_and(u8::is_ascii_control), |any, (&a, &b)| any | odd(a, b));
    if !any {
        return Cow::Borrowed(s.trim());
    }
    let mut out = String::with_capacity(s.len());
    for word in s.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

/// `(fwd)` at the end: the text before it.
fn trailer(s: &str, local: bool) -> Option<&str> {
    let ends = |end: &str| {
        let cut = s.len().checked_sub(end.len())?;
        s.is_char_boundary(cut).then_some(())?;
        s[cut..].eq_ignore_ascii_case(end).then(|| s[..cut].trim_end())
    };
    if !local {
        return ends("(fwd)");
    }
    // Nearly no subject ends in a bracket.
    if !s.ends_with(')') {
        return None;
    }
    phrases::forward_trailers().iter().find_map(|t| ends(t))
}

/// `[...]` without brackets inside, and the whitespace behind it: the text after it.
fn blob(s: &str) -> Option<&str> {
    let inner = s.strip_prefix('[')?;
    let end = memchr::memchr2(b'[', b']', inner.as_bytes())?;
    (inner.as_bytes()[end] == b']').then(|| inner[end + 1..].trim_start())
}

fn only_tags(mut s: &str) -> bool {
    while let Some(rest) = blob(s) {
        s = rest;
    }
    s.is_empty()
}

/// `[fwd: ...]` around the whole: what is inside.
fn wrapped(s: &str) -> Option<&str> {
    let inner = s.strip_suffix(']')?;
    let head = inner.get(..5)?;
    head.eq_ignore_ascii_case("[fwd:").then(|| &inner[5..])
}

/// Tags, then a reply or forward mark: the text after it.
fn leader(mut s: &str, local: bool) -> Option<&str> {
    loop {
        if let Some(rest) = mark(s, local) {
            return Some(rest);
        }
        s = blob(s)?;
    }
}

/// `re` / `fw` / `fwd` (or their like in other languages), whitespace, a tag or count, and a colon.
fn mark(s: &str, local: bool) -> Option<&str> {
    // The word is short, so the colon is near: look no further than that.
    let mut end = s.len().min(40);
    while !s.is_char_boundary(end) {
        end -= 1;
    }
    let head = &s[..end];
    // Either `:` or its wide form, whose first byte other characters have too.
    let wide = "：".as_bytes();
    let colon = |&at: &usize| head.as_bytes()[at] == b':' || head.as_bytes()[at..].starts_with(wide);
    let colon = memchr::memchr2_iter(b':', wide[0], head.as_bytes()).find(colon)?;
    let colon_len = if head.as_bytes()[colon] == b':' { 1 } else { wide.len() };
    let mut word = head[..colon].trim_end();
    if word.ends_with(']') {
        word = word[..word.rfind('[')?].trim_end();
    }
    let ascii = |w: &str| ["re", "fw", "fwd"].iter().any(|m| w.eq_ignore_ascii_case(m));
    if ascii(word) {
        return Some(&s[colon + colon_len..]);
    }
    if !local {
        return None;
    }
    // Re(3): and Re^2: and Re*2: count as well.
    if word.ends_with(')') {
        let open = word.rfind('(')?;
        let count = &word[open + 1..word.len() - 1];
        if !count.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        word = word[..open].trim_end();
    } else {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_digit());
        word = digits.strip_suffix(['^', '*']).unwrap_or(word);
    }
    if word.is_empty() || word.len() > 36 {
        return None;
    }
    let known = |w: &str| phrases::reply_prefixes().contains(w) || phrases::forward_prefixes().contains(w);
    if word.len() == 1 && !word.as_bytes()[0].is_ascii_uppercase() {
        return None;
    }
    let lower = word.to_lowercase();
    (known(&lower) || ascii(word)).then(|| &s[colon + colon_len..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_5256_base_subjects() {
        for (subject, want) in [
            ("Re: late", "late"),
            ("RE : late", "late"),
            ("Re[2]: late", "late"),
            ("[shop] Re: [fwd: late]", "late"),
            ("[shop] [news]", "[news]"),
            ("[shop]", "[shop]"),
            ("[fwd: a [b] c]", "a [b] c"),
            ("late (fwd) (FWD)", "late"),
            ("(fwd)", ""),
            ("Regards: late", "Regards: late"),
            ("Re(3): late", "Re(3): late"),
            ("AW: late", "AW: late"),
            ("re", "re"),
            ("  re:\t re: ", ""),
            ("[unclosed late", "[unclosed late"),
        ] {
            assert_eq!(base(subject, Policy::Rfc5256), want, "{subject:?}");
        }
    }

    #[test]
    fn base_subjects_in_other_languages() {
        for (subject, want) in [
            ("AW: Antw: Paket", "Paket"),
            ("Re(3): late", "late"),
            ("Re^4: late", "late"),
            ("SV[2]: late", "late"),
            ("回复：转发: 包裹", "包裹"),
            ("Vá: csomag", "csomag"),
            ("RÉP : colis", "colis"),
            ("R: pacco", "pacco"),
            ("r: pacco", "r: pacco"),
            ("НА: посылка", "посылка"),
            ("ΑΠ: δέμα", "δέμα"),
            ("Order: late", "Order: late"),
            ("[shop] [news]", "[shop] [news]"),
            ("Re: [shop/web] late", "[shop/web] late"),
            ("pakket (Doorst)", "pakket"),
        ] {
            assert_eq!(base(subject, Policy::Support), want, "{subject:?}");
        }
    }

    #[test]
    fn the_key_sees_through_tags_tokens_case_and_final_stops() {
        let same = [
            "Late parcel",
            "Re: [shop] late PARCEL",
            "[shop] AW: Late  parcel!",
            "Late parcel [#9981]",
            "Re: [Ticket#9981] Late parcel...",
        ];
        for s in same {
            assert_eq!(key(s, Policy::Support), key("late parcel", Policy::Support), "{s:?}");
        }
        assert_ne!(key("late parcels", Policy::Support), key("late parcel", Policy::Support));
        assert_ne!(key("[#12345]", Policy::Support), 0);
        assert_ne!(key("...", Policy::Support), 0);
    }

    #[test]
    fn any_text_goes_through() {
        for s in
            ["[", "]", "[]", "[fwd:]", "[fwd: ", "：", "：：", "(", ")", "re：", "é(fwd)", "\u{a0}re:\u{a0}x"]
        {
            for p in [Policy::Support, Policy::Rfc5256] {
                let b = base(s, p);
                assert_eq!(base(&b, p), b, "{s:?} is stable");
                key(s, p);
            }
        }
    }
}
