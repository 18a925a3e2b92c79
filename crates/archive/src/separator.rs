//! Is this line that starts with `From ` the start of a message?
//!
//! Nobody writes one grammar: some put no time, no sender, no blank line before; and prose starts lines with
//! "From " too. So a line is judged by what speaks for it: a time stamp at its end, a sender's shape, header
//! lines right after it, a blank line before it. Two bytes before the line and a few lines after it decide,
//! nothing else, so that the verdict is the same wherever a scan starts.

use memchr::memchr;

/// How much a separator line itself looks like one, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// Words.
    Prose,
    /// Nothing, `-`, a bare address, or half a time stamp.
    Weak,
    /// A date without its time, or a date in another order with a sender that may be prose.
    Date,
    /// A whole time stamp.
    Full,
}

/// What [`judge`] found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) accept: bool,
    pub(crate) shape: Shape,
    /// It is the separator of `git format-patch`: a commit's hash and one constant date.
    pub(crate) git: bool,
    /// A blank line (or nothing) stands before it.
    pub(crate) blank_before: bool,
    /// No header line follows: accepted as a message without any.
    pub(crate) no_header: bool,
}

/// A line longer than this is no separator: the longest legal line is 998 bytes (RFC 5322, 2.1.1).
const MAX_LINE: usize = 1000;

/// The date that every `git format-patch` file starts with, by design: it marks the file as such.
const GIT_DATE: &[u8] = b"Mon Sep 17 00:00:00 2001";

/// Header fields that mail starts with or that mail programs add; lower case, sorted.
const KNOWN: &[&[u8]] = &[
    b"apparently-to",
    b"arc-authentication-results",
    b"arc-message-signature",
    b"arc-seal",
    b"authentication-results",
    b"auto-submitted",
    b"bcc",
    b"cc",
    b"comments",
    b"content-disposition",
    b"content-language",
    b"content-length",
    b"content-transfer-encoding",
    b"content-type",
    b"date",
    b"delivered-to",
    b"delivery-date",
    b"dkim-signature",
    b"domainkey-signature",
    b"envelope-from",
    b"envelope-to",
    b"errors-to",
    b"from",
    b"importance",
    b"in-reply-to",
    b"keywords",
    b"lines",
    b"list-archive",
    b"list-help",
    b"list-id",
    b"list-post",
    b"list-subscribe",
    b"list-unsubscribe",
    b"mailing-list",
    b"message-id",
    b"mime-version",
    b"newsgroups",
    b"organization",
    b"path",
    b"precedence",
    b"priority",
    b"received",
    b"received-spf",
    b"references",
    b"reply-to",
    b"resent-date",
    b"resent-from",
    b"resent-message-id",
    b"resent-to",
    b"return-path",
    b"return-receipt-to",
    b"sender",
    b"sensitivity",
    b"status",
    b"subject",
    b"thread-index",
    b"thread-topic",
    b"to",
    b"user-agent",
];

/// End of the text of the line at `at` (its CR and LF excluded), and where the next line starts.
pub(crate) fn line_end(data: &[u8], at: usize) -> (usize, usize) {
    let at = at.min(data.len());
    match memchr(b'\n', &data[at..]) {
        Some(n) => {
            let end = at + n;
            (if n > 0 && data[end - 1] == b'\r' { end - 1 } else { end }, end + 1)
        }
        None => (data.len(), data.len()),
    }
}

/// Whether a line ends right before `at` and is blank, or `at` is the first byte.
pub(crate) fn blank_before(data: &[u8], at: usize) -> bool {
    let before = &data[at.saturating_sub(3)..at];
    at == 0 || before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n") || matches!(before, b"\n" | b"\r\n")
}

/// The name of the header field that starts a line, without its colon.
pub(crate) fn field_name(line: &[u8]) -> Option<&[u8]> {
    let name_len = line.iter().take(77).take_while(|b| (33..=126).contains(*b) && **b != b':').count();
    // RFC 822 allowed white space before the colon, and some still write it.
    let blanks = line[name_len..].iter().take(8).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let colon = line.get(name_len + blanks) == Some(&b':');
    let url = line[name_len..].starts_with(b"://");
    (name_len > 0 && name_len < 77 && colon && !url).then(|| &line[..name_len])
}

/// Whether a field is one that mail is known to carry.
pub(crate) fn is_known(name: &[u8]) -> bool {
    // `>From:` is what exports make of From: that escape header lines too.
    let name = name.strip_prefix(b">").unwrap_or(name);
    if name.len() > 2 && name[..2].eq_ignore_ascii_case(b"x-") {
        return true;
    }
    let mut lower = [0u8; 32];
    let Some(lower) = lower.get_mut(..name.len()) else { return false };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    KNOWN.binary_search(&&*lower).is_ok()
}

/// What stands in the lines after a separator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeaderLines {
    /// Lines that start a header field of any name.
    pub(crate) any: usize,
    /// Those of a known name.
    pub(crate) known: usize,
    /// `>From ` lines before the first field.
    pub(crate) escaped: usize,
    /// The first line is blank, or there is none.
    pub(crate) nothing: bool,
}

/// Looks at the first lines from `at` on; stops once it has seen enough.
pub(crate) fn header_lines_at(data: &[u8], mut at: usize) -> HeaderLines {
    let mut seen = HeaderLines::default();
    for n in 0..12 {
        let Some(rest) = data.get(at..).filter(|r| !r.is_empty()) else {
            seen.nothing = n == 0;
            break;
        };
        match rest[0] {
            b'\n' => {
                seen.nothing = n == 0;
                break;
            }
            b'\r' if rest.get(1) == Some(&b'\n') => {
                seen.nothing = n == 0;
                break;
            }
            b' ' | b'\t' if seen.any > 0 => {}
            b'>' if seen.any == 0 && rest.starts_with(b">From ") => seen.escaped += 1,
            _ => match field_name(rest) {
                Some(name) => {
                    seen.any += 1;
                    seen.known += usize::from(is_known(name));
                }
                None => break,
            },
        }
        if seen.known >= 2 {
            break;
        }
        match memchr(b'\n', &rest[..rest.len().min(8192)]) {
            Some(n) => at += n + 1,
            None => break,
        }
    }
    seen
}

/// Judges the line at `at`, which starts with `From ` at a line's start. `git` says whether the source's own
/// separators are those of `git format-patch`; otherwise such a line is a patch in a message's body.
pub(crate) fn judge(data: &[u8], at: usize, git: bool) -> Judged {
    let window = &data[at..data.len().min(at + MAX_LINE)];
    let mut judged = Judged {
        accept: false,
        shape: Shape::Prose,
        git: false,
        blank_before: blank_before(data, at),
        no_header: false,
    };
    let (line, next) = match memchr(b'\n', window) {
        Some(n) => (window[..n].strip_suffix(b"\r").unwrap_or(&window[..n]), at + n + 1),
        None if at + window.len() == data.len() => (window, data.len()),
        None => return judged,
    };
    let line = line.trim_ascii_end();
    let rest = line.get(5..).unwrap_or(b"");
    let (shape, sender) = if ends_in_ctime(rest) {
        judged.git = is_git(rest);
        (Shape::Full, sender_is_plausible(&rest[..rest.len() - 24]))
    } else {
        shape_of(rest)
    };
    judged.shape = shape;
    if shape == Shape::Prose || (judged.git && !git) {
        return judged;
    }
    // The common case: a whole time stamp behind a sender, a blank line before, a field after.
    let quick = shape == Shape::Full && sender && judged.blank_before;
    if quick && data.get(next..).and_then(field_name).is_some() {
        judged.accept = true;
        return judged;
    }
    let after = header_lines_at(data, next);
    judged.no_header = after.nothing;
    judged.accept = match shape {
        Shape::Prose => false,
        Shape::Full if sender => {
            (after.any > 0 && (judged.blank_before || after.any > 1 || after.known > 0))
                || after.escaped > 0
                || (after.nothing && judged.blank_before && nothing_but_mail_follows(data, next))
        }
        Shape::Full => after.known > 1 || (after.known > 0 && judged.blank_before),
        Shape::Date => after.known > 1 || (after.known > 0 && (judged.blank_before || sender)),
        Shape::Weak if rest.is_empty() => {
            after.known > 1 || (judged.blank_before && after.known > 0 && after.any + after.escaped > 1)
        }
        Shape::Weak => judged.blank_before && after.known > 0 && after.any + after.escaped > 1,
    };
    judged
}

/// After a separator without header: only blank lines, then the end, another separator, or a header block
/// that a blank line was put before.
fn nothing_but_mail_follows(data: &[u8], at: usize) -> bool {
    let rest = &data[at..];
    let blank = rest.iter().take(16).take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let rest = &rest[blank..];
    if rest.is_empty() || header_lines_at(data, at + blank).known >= 2 {
        return true;
    }
    if !rest.starts_with(b"From ") {
        return false;
    }
    let (end, _) = line_end(&rest[..rest.len().min(MAX_LINE)], 0);
    shape_of(rest[5.min(end)..end].trim_ascii_end()).0 == Shape::Full
}

/// `Mon Jan  1 10:00:00 2024` at the end.
fn ends_in_ctime(rest: &[u8]) -> bool {
    let Some(t) = rest.len().checked_sub(24).map(|n| &rest[n..]) else { return false };
    let gaps =
        t[3] == b' ' && t[7] == b' ' && t[10] == b' ' && t[19] == b' ' && t[13] == b':' && t[16] == b':';
    let digits = |r: std::ops::Range<usize>| t[r].iter().all(u8::is_ascii_digit);
    gaps && digits(9..10)
        && digits(11..13)
        && digits(14..16)
        && digits(17..19)
        && digits(20..24)
        && (t[8] == b' ' || t[8].is_ascii_digit())
        && matches!(t[20], b'1' | b'2')
        && is_one_of(&t[..3], WEEKDAYS)
        && is_one_of(&t[4..7], MONTHS)
}

fn is_git(rest: &[u8]) -> bool {
    let Some(hash) = rest.strip_suffix(GIT_DATE) else { return false };
    let hash = hash.trim_ascii();
    matches!(hash.len(), 40 | 64) && hash.iter().all(u8::is_ascii_hexdigit)
}

const WEEKDAYS: &[&[u8; 3]] = &[b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
const MONTHS: &[&[u8; 3]] =
    &[b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
const LONG: &[&[u8]] = &[
    b"monday",
    b"tuesday",
    b"wednesday",
    b"thursday",
    b"friday",
    b"saturday",
    b"sunday",
    b"tues",
    b"thur",
    b"thurs",
];
const LONG_MONTHS: &[&[u8]] = &[
    b"january",
    b"february",
    b"march",
    b"april",
    b"june",
    b"july",
    b"august",
    b"september",
    b"sept",
    b"october",
    b"november",
    b"december",
];

fn is_one_of(word: &[u8], list: &[&[u8; 3]]) -> bool {
    let &[a, b, c] = word else { return false };
    let lower = [a | 0x20, b | 0x20, c | 0x20];
    list.iter().any(|w| **w == lower) && word.iter().all(u8::is_ascii_alphabetic)
}

fn is_long(word: &[u8], list: &[&[u8]]) -> bool {
    list.iter().any(|w| word.eq_ignore_ascii_case(w))
}

/// One word at the end of a separator line, as far as it can belong to a time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Weekday,
    Month,
    Day,
    Time,
    Year,
    /// `2024-01-31`, with or without a time joined by `T`.
    Iso {
        time: bool,
    },
    Zone,
    Word,
}

fn token(word: &[u8]) -> Token {
    let word = word.strip_suffix(b",").unwrap_or(word);
    let number = || std::str::from_utf8(word).ok().and_then(|s| s.parse::<u32>().ok());
    let all_digits = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    match word.len() {
        1 | 2 if all_digits && number().is_some_and(|n| (1..=31).contains(&n)) => Token::Day,
        4 if all_digits && number().is_some_and(|n| (1969..2200).contains(&n)) => Token::Year,
        _ if is_one_of(word, WEEKDAYS) || is_long(word, LONG) => Token::Weekday,
        _ if is_one_of(word, MONTHS) || is_long(word, LONG_MONTHS) => Token::Month,
        _ if is_time(word) => Token::Time,
        10.. if is_iso_date(&word[..10]) => match word.get(10) {
            None => Token::Iso { time: false },
            Some(b'T' | b'_') => Token::Iso { time: true },
            Some(_) => Token::Word,
        },
        _ if is_zone(word) => Token::Zone,
        _ => Token::Word,
    }
}

fn is_time(word: &[u8]) -> bool {
    let word = word.split(|&b| b == b'.').next().unwrap_or(word);
    let mut parts = word.split(|&b| b == b':');
    let two =
        |p: Option<&[u8]>| p.is_some_and(|p| (1..=2).contains(&p.len()) && p.iter().all(u8::is_ascii_digit));
    two(parts.next())
        && two(parts.next())
        && parts.next().is_none_or(|p| two(Some(p)))
        && parts.next().is_none()
}

fn is_iso_date(w: &[u8]) -> bool {
    let digits = |r: std::ops::Range<usize>| w[r].iter().all(u8::is_ascii_digit);
    digits(0..4) && digits(5..7) && digits(8..10) && w[4] == w[7] && matches!(w[4], b'-' | b'/')
}

fn is_zone(word: &[u8]) -> bool {
    let inner = word.strip_prefix(b"(").and_then(|w| w.strip_suffix(b")")).unwrap_or(word);
    let signed = |w: &[u8]| {
        matches!(w, [b'+' | b'-', rest @ ..] if (1..=5).contains(&rest.len())
            && rest.iter().all(|b| b.is_ascii_digit() || *b == b':'))
    };
    let letters = inner.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let tail = &inner[letters..];
    let short = |w: &[u8]| w.len() <= 2 && w.iter().all(u8::is_ascii_digit);
    // PST, GMT+1, EST5EDT, AM.
    signed(inner)
        || ((2..=5).contains(&letters)
            && (tail.is_empty()
                || signed(tail)
                || short(tail)
                || (tail.len() <= 5
                    && tail[0].is_ascii_digit()
                    && tail[1..].iter().all(u8::is_ascii_uppercase))))
}

/// Judges everything after `From `: its shape, and whether what stands before the time stamp can be a sender.
fn shape_of(rest: &[u8]) -> (Shape, bool) {
    let mut words: Vec<&[u8]> = Vec::new();
    for word in rest.split(|b| matches!(b, b' ' | b'\t')).filter(|w| !w.is_empty()) {
        if words.len() == 24 {
            return (Shape::Prose, false);
        }
        words.push(word);
    }
    // UUCP: `From ada Mon Jan  1 10:00:00 2024 remote from host`.
    if let [.., b"remote", b"from", _] = words[..] {
        words.truncate(words.len() - 3);
    }
    let (mut weekday, mut month, mut day, mut time, mut year, mut iso) = Default::default();
    let mut split = words.len();
    while split > 0 {
        let seen: &mut bool = match token(words[split - 1]) {
            Token::Weekday => &mut weekday,
            Token::Month => &mut month,
            Token::Day => &mut day,
            Token::Time => &mut time,
            Token::Year => &mut year,
            Token::Iso { time: with } => {
                time |= with;
                &mut iso
            }
            Token::Zone => {
                split -= 1;
                continue;
            }
            Token::Word => break,
        };
        if std::mem::replace(seen, true) {
            // A second one is the sender's: `From may@example.com` is not, `From May Mon May  1 …` is.
            break;
        }
        split -= 1;
    }
    // The sender's first words may have been eaten as zones: `From - Mon …` keeps its `-` as a word.
    let sender = words[..split].join(&b' ');
    let plausible = sender_is_plausible(&sender);
    let date = (month && day && year) || iso;
    if date && time && (weekday || plausible) {
        (Shape::Full, plausible)
    } else if date {
        (Shape::Date, plausible)
    } else if (time && plausible) || is_lone_sender(&words[..split]) && (split == words.len() || split == 1) {
        (Shape::Weak, true)
    } else {
        (Shape::Prose, false)
    }
}

/// What can stand between `From ` and the time stamp: nothing, one word, `ada at example.com`, or words with
/// an address among them. Words without one are prose, or a name that some program put there.
fn sender_is_plausible(sender: &[u8]) -> bool {
    if memchr(b'@', sender).is_some() {
        return true;
    }
    let (mut words, mut at, mut last_is_at) = (0, false, false);
    for word in sender.split(|b| matches!(b, b' ' | b'\t')).filter(|w| !w.is_empty()) {
        last_is_at = word == b"at";
        at |= last_is_at && words > 0;
        words += 1;
    }
    words <= 1 || (words <= 6 && at && !last_is_at)
}

/// A line that is only a sender: nothing, `-`, an address, a name that stands for "nobody".
fn is_lone_sender(words: &[&[u8]]) -> bool {
    match words {
        [] => true,
        [one] => {
            matches!(*one, b"-" | b"MAILER-DAEMON" | b"???@???" | b"nobody")
                || (one.contains(&b'@') && !one.ends_with(b":") && !one.ends_with(b","))
        }
        [_, b"at", host] => host.contains(&b'.'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(line: &str) -> (Shape, bool) {
        shape_of(line.strip_prefix("From ").unwrap().as_bytes())
    }

    #[test]
    fn every_writer_s_time_stamp_is_whole() {
        for line in [
            "From ada@example.com Mon Jan  1 10:00:00 2024",
            "From - Mon Jan 01 10:00:00 2024",
            "From 1545668983435175434@xxx Fri Sep 16 22:26:51 +0000 2016",
            "From ada at example.com  Sat Jan  1 01:55:59 2005",
            "From ada@example.com Mon Jan  1 10:00:00 PST 2024",
            "From ada@example.com Mon Jan  1 10:00:00 EST5EDT 2024",
            "From ada@example.com Mon, 1 Jan 2024 10:00:00 +0100 (CET)",
            "From ada@example.com Mon Jan  1 10:00 2024",
            "From - Mon Jan 1 2024 10:00:00",
            "From ada Mon Jan  1 10:00:00 2024 remote from relay",
            "From \"Ada L.\"@example.com Mon Jan  1 10:00:00 2024",
            "From Ada Lovelace <ada@example.com> Mon Jan  1 10:00:00 2024",
            "From ada@example.com 2024-01-01T10:00:00Z",
            "From ada@example.com 2024-01-01 10:00:00 +0100",
            "From MAILER-DAEMON Monday January 1 10:00:00 2024",
        ] {
            assert_eq!(shape(line), (Shape::Full, true), "{line}");
        }
    }

    #[test]
    fn less_than_a_time_stamp_is_weaker() {
        assert_eq!(shape("From ada@example.com Mon Jan 1 2024"), (Shape::Date, true));
        assert_eq!(shape("From the second week of Jan 3 2024").0, Shape::Date);
        for weak in ["From ada@example.com Mon Jan  1", "From - Mon"] {
            assert_eq!(shape(weak).0, Shape::Weak, "{weak}");
        }
        for weak in
            ["From ", "From -", "From ada@example.com", "From ada at example.com", "From MAILER-DAEMON"]
        {
            assert_eq!(shape(weak).0, Shape::Weak, "{weak}");
        }
        for prose in [
            "From here it works.",
            "From what I see on Monday, it works.",
            "From Berlin",
            "From Monday",
            "From the 3 May",
            "From 10:00 to 12:00 we are closed",
            "From ada@example.com:",
            "From now on the price is 20",
        ] {
            assert_eq!(shape(prose).0, Shape::Prose, "{prose}");
        }
    }

    #[test]
    fn known_fields_are_sorted_for_the_search() {
        assert!(KNOWN.is_sorted());
        assert!(is_known(b"Message-Id") && is_known(b"X-Mozilla-Status") && is_known(b">From"));
        assert!(!is_known(b"Note") && !is_known(b"X-"));
    }

    #[test]
    fn a_url_is_no_header_field() {
        assert_eq!(field_name(b"https://example.com/"), None);
        assert_eq!(field_name(b"Subject : x"), Some(&b"Subject"[..]));
        assert_eq!(field_name(b"two words: x"), None);
        assert_eq!(field_name(b": x"), None);
    }

    #[test]
    fn a_patch_is_a_message_only_among_patches() {
        let patch =
            b"\nFrom 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: a\nDate: b\n\n";
        assert!(!judge(patch, 1, false).accept);
        assert!(judge(patch, 1, true).accept);
    }
}
