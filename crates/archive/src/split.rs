//! Where messages start in an mbox or MMDF file.
//!
//! One SIMD search for `"\nFrom "` finds the candidates; [`judge`] looks at each, a few bytes before and a few
//! lines after; [`Mentions`] takes out those inside an open multipart. All three are functions of the file
//! and of a bounded stretch around the place, so that scanning in pieces finds the same messages as scanning
//! the whole: a piece that starts in the middle first looks back twice [`REACH`] bytes.
//!
//! What cannot be known from a bounded stretch is `Content-Length`, which protects a whole body. Sources that
//! use it are walked once when they are opened, from header to header, and carry the list of their messages.

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::defect::{DefectKind, Defects};
use crate::multipart::{Mentions, REACH, fields};
use crate::profile::Profile;
use crate::separator::{blank_before, judge, line_end};
use crate::source::SeparatorStyle;

/// Walks the message starts of an mbox in order.
pub(crate) struct Walk<'a> {
    data: &'a [u8],
    profile: &'a Profile,
    finder: memmem::Finder<'static>,
    /// Where to look on from.
    pos: usize,
    /// Defects in this stretch are this walk's to report.
    report: Range<usize>,
    pub(crate) defects: Defects,
    /// The last candidate that looked like a separator, inside a multipart or not.
    candidate: Option<usize>,
    protected_until: usize,
    mentions: Mentions,
    passed: Option<Passed>,
}

/// What a walk knew at the end of its stretch of what stands before that: the walk over the next one need not look back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    end: usize,
    candidate: Option<usize>,
    protected_until: usize,
}

impl<'a> Walk<'a> {
    /// A walk that yields the first message start at or after `stretch.start`, and those after it, also
    /// beyond the stretch. Only defects within it are noted. `before` is what is known from a walk over what stands
    /// before it, if there was one.
    pub(crate) fn new(
        data: &'a [u8],
        profile: &'a Profile,
        stretch: Range<usize>,
        before: Option<Passed>,
    ) -> Self {
        let start = stretch.start;
        let mut walk = Walk {
            data,
            profile,
            finder: memmem::Finder::new(b"\nFrom "),
            pos: profile.first,
            report: stretch,
            defects: Defects::default(),
            candidate: None,
            protected_until: 0,
            mentions: Mentions::default(),
            passed: None,
        };
        if let Some(before) = before.filter(|before| before.end == start && start > profile.first) {
            walk.pos = start;
            (walk.candidate, walk.protected_until) = (before.candidate, before.protected_until);
        } else if start > profile.first && profile.escapes {
            // No boundary protects anything, so what stands before does not matter.
            walk.pos = start;
        } else if start > profile.first {
            let back = start.saturating_sub(2 * REACH);
            if back > profile.first {
                walk.pos = back;
            }
            while walk.next(start).is_some() {}
        }
        walk
    }

    /// The next message start before `limit`.
    pub(crate) fn next(&mut self, limit: usize) -> Option<usize> {
        if self.pos == self.profile.first && self.pos < limit {
            // The first message starts here whatever its separator looks like: that was decided when the
            // source was recognised.
            self.candidate = Some(self.pos);
            self.pos += 1;
            return Some(self.pos - 1);
        }
        loop {
            let from = self.pos.saturating_sub(1).max(self.profile.first);
            let to = self.data.len().min(limit.saturating_add(5));
            let hit = self.find(from, to).map(|n| n + 1);
            if self.passed.is_none() && hit.unwrap_or(limit) >= self.report.end {
                let (candidate, protected_until) = (self.candidate, self.protected_until);
                self.passed = Some(Passed { end: self.report.end, candidate, protected_until });
            }
            let Some(at) = hit.filter(|&at| at < limit) else {
                self.pos = self.pos.max(limit);
                return None;
            };
            self.pos = at + 1;
            let judged = judge(self.data, at, self.profile.git);
            if !judged.accept {
                let patch = judged.git;
                self.note(if patch { DefectKind::QuotedPatch } else { DefectKind::RejectedSeparator }, at);
                continue;
            }
            if let Some(m) = self.candidate.replace(at)
                && !self.profile.escapes
                && let Some(end) = self.mentions.protected_until(self.data, m, at)
            {
                self.protected_until = self.protected_until.max(end);
            }
            if at < self.protected_until {
                self.note(DefectKind::SeparatorInPart, at);
                continue;
            }
            if !judged.blank_before {
                self.note(DefectKind::NoBlankLine, at);
            }
            if judged.shape < self.profile.usual || judged.no_header || !self.in_style(at) {
                self.note(DefectKind::DoubtfulSeparator, at);
            }
            return Some(at);
        }
    }

    /// What is known of all that stands before the end of the stretch, once the walk has come there.
    pub(crate) fn passed(&self) -> Option<Passed> {
        self.passed
    }

    /// Offset of the first line end with `From ` behind it, all of it in this stretch.
    ///
    /// Large archives are large for what is attached, and base64 has no space, with which what is looked for ends: one
    /// byte is found several times as fast.
    fn find(&self, mut from: usize, to: usize) -> Option<usize> {
        const FAR: usize = 1 << 10;
        const STEP: usize = 4 << 10;
        let before_space = self.finder.needle().len() - 1;
        loop {
            let rest = self.data.get(from..to)?;
            let space = memchr(b' ', rest)?;
            let rest = if space < FAR { rest } else { &rest[space - before_space..] };
            let near = &rest[..rest.len().min(STEP)];
            from = to - rest.len();
            if let Some(n) = self.finder.find(near) {
                return Some(from + n);
            }
            if near.len() == rest.len() {
                return None;
            }
            from += near.len() - before_space;
        }
    }

    /// Whether the line is written as the source's first one is, as far as that has a mark of its own.
    fn in_style(&self, at: usize) -> bool {
        match self.profile.style {
            SeparatorStyle::Thunderbird => self.data[at + 5..].starts_with(b"-"),
            SeparatorStyle::Takeout => {
                let (end, _) = line_end(&self.data[..self.data.len().min(at + 100)], at);
                memmem::find(&self.data[at..end], b"@xxx").is_some()
            }
            _ => true,
        }
    }

    fn note(&mut self, kind: DefectKind, at: usize) {
        if self.report.contains(&at) {
            self.defects.note(kind, at as u64);
        }
    }

    /// Goes on behind a message start that is known from elsewhere.
    pub(crate) fn jump(&mut self, start: usize) {
        self.candidate = Some(start);
        self.pos = start + 1;
        self.protected_until = 0;
    }
}

/// All message starts of a source that uses `Content-Length`, and what was odd about them.
pub(crate) fn starts_by_length(data: &[u8], profile: &Profile) -> (Vec<u64>, Defects) {
    let mut starts = Vec::new();
    let mut walk = Walk::new(data, profile, profile.first..data.len(), None);
    let mut at = walk.next(data.len());
    while let Some(start) = at {
        starts.push(start as u64);
        at = match content_length(data, start) {
            Length::Fits(end) if end >= data.len() => None,
            Length::Fits(end) => {
                walk.jump(end);
                Some(end)
            }
            fit => {
                if fit == Length::Wrong {
                    walk.note(DefectKind::WrongContentLength, start);
                }
                walk.next(data.len())
            }
        };
    }
    (starts, walk.defects)
}

/// What a message's `Content-Length` is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// It has none.
    Missing,
    /// It leads nowhere.
    Wrong,
    /// It leads to the start of the next message, or to the end.
    Fits(usize),
}

/// Follows the `Content-Length` of the message at `at`: it counts the body's bytes and must land on the next
/// `From ` line or on the end, blank lines between them apart.
pub(crate) fn content_length(data: &[u8], at: usize) -> Length {
    let mut length = None;
    let body = fields(data, line_end(data, at).1, b'c', |name, value| {
        if name.eq_ignore_ascii_case(b"content-length") {
            length = std::str::from_utf8(value.trim_ascii()).ok().and_then(|v| v.parse::<usize>().ok());
        }
    });
    let (Some(body), Some(length)) = (body, length) else { return Length::Missing };
    let Some(rest) = body.checked_add(length).and_then(|end| data.get(end..)) else { return Length::Wrong };
    let end = data.len() - rest.len();
    let blank = rest.iter().take(4).take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let next = end + blank;
    if next == data.len() {
        return Length::Fits(next);
    }
    let at_line_start = data[next - 1] == b'\n';
    let plausible = || blank_before(data, next) || judge(data, next, true).accept;
    if at_line_start && data[next..].starts_with(b"From ") && plausible() {
        Length::Fits(next)
    } else {
        Length::Wrong
    }
}

const MMDF_LINE: &[u8] = b"\x01\x01\x01\x01";

/// The next MMDF message start at or after `from` and before `limit`: a line of four control-A with something
/// else than such a line or the end behind it, whether messages are framed by two such lines or parted by one.
pub(crate) fn next_mmdf(data: &[u8], mut from: usize, limit: usize) -> Option<usize> {
    let bom = if data.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while from < limit {
        let to = data.len().min(limit.saturating_add(3));
        let at = from + memmem::find(data.get(from..to)?, MMDF_LINE)?;
        let (_, next) = line_end(data, at);
        let line_start = at == 0 || at == bom || data[at - 1] == b'\n';
        let rest = &data[next..];
        let blank = rest.iter().take(64).take_while(|b| matches!(b, b'\r' | b'\n')).count();
        if line_start && blank < rest.len() && !rest[blank..].starts_with(MMDF_LINE) {
            return (at < limit).then_some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All starts and defects, from scans of pieces of some size, each of which looks back, or `goes_on` from the one
    /// before.
    fn scan(data: &[u8], profile: &Profile, unit: usize, goes_on: bool) -> (Vec<usize>, Defects) {
        let (mut starts, mut defects) = (Vec::new(), Defects::default());
        let mut before = None;
        for from in (0..data.len()).step_by(unit.min(data.len())) {
            let to = data.len().min(from.saturating_add(unit));
            let mut walk = Walk::new(data, profile, from..to, before.filter(|_| goes_on));
            // As who wants to know where the last one ends: beyond the piece.
            let mut at = walk.next(to);
            while let Some(start) = at.filter(|at| *at < to) {
                starts.push(start);
                at = walk.next(data.len());
            }
            before = walk.passed();
            defects.merge(&walk.defects);
        }
        (starts, defects)
    }

    fn piece() -> impl Strategy<Value = String> {
        let separator = "From ada@example.com Mon Jan  1 10:00:00 2024\n";
        prop_oneof![
            Just(format!("\n{separator}From: a@example.com\n\n")),
            Just(format!("{separator}From: a@example.com\n")),
            "[bc]".prop_map(move |b| format!(
                "\n{separator}Content-Type: multipart/mixed; boundary={b}\n\n--{b}\n"
            )),
            "\n--[bc](--)?\n",
            Just("\nFrom here on\n".to_owned()),
            (1usize..40).prop_map(|n| "text\n".repeat(n)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn looking_back_finds_what_a_scan_from_the_start_knows(
            pieces in prop::collection::vec(piece(), 1..60),
            unit in 1usize..700,
        ) {
            let text = format!("From - Mon Jan  1 10:00:00 2024\nFrom: a@example.com\n{}", pieces.concat());
            let profile = Profile::of(text.as_bytes(), 0);
            let whole = scan(text.as_bytes(), &profile, usize::MAX, false);
            prop_assert_eq!(&scan(text.as_bytes(), &profile, unit, false), &whole);
            prop_assert_eq!(&scan(text.as_bytes(), &profile, unit, true), &whole);
        }
    }

    #[test]
    fn separators_are_found_behind_and_within_what_has_no_spaces() {
        let text = |n: usize| "YWJj\n".repeat(n);
        for n in (0..12_000).step_by(7) {
            let (before, after) = (text(n / 5) + &"x".repeat(n % 5), text(1_000));
            let data = format!("{before}\nFrom \n{after}a b\nFrom {after}\nFrom");
            let profile = Profile::of(data.as_bytes(), 0);
            let walk = Walk::new(data.as_bytes(), &profile, 0..data.len(), None);
            let want: Vec<usize> = memmem::find_iter(data.as_bytes(), "\nFrom ").collect();
            let (mut from, mut found) = (0, Vec::new());
            while let Some(at) = walk.find(from, data.len()) {
                found.push(at);
                from = at + 1;
            }
            assert_eq!(found, want, "{n}");
            assert_eq!(walk.find(0, want[0] + 5), None);
            assert_eq!(walk.find(0, want[0] + 6), Some(want[0]));
        }
    }

    #[test]
    fn what_is_out_of_reach_is_a_message() {
        let mail =
            |b: &str| format!("From ada@example.com Mon Jan  1 10:00:00 2024\nFrom: a@example.com\n\n{b}\n");
        let head = "From - Mon Jan  1 10:00:00 2024\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n";
        let near = format!("{head}{}--b--\n\n{}", mail("x"), mail("y"));
        let far = format!("{head}{}{}--b--\n\n{}", mail("x"), "text\n".repeat(100), mail("y"));
        for (text, count) in [(near, 2), (far, 3)] {
            let profile = Profile::of(text.as_bytes(), 0);
            assert_eq!(scan(text.as_bytes(), &profile, usize::MAX, false).0.len(), count);
        }
    }

    #[test]
    fn a_length_must_lead_to_a_separator_or_the_end() {
        let mail = |n: usize, b: &str| format!("From - x\nFrom: a\nContent-Length: {n}\n\n{b}");
        for (text, length) in [
            (mail(4, "body"), Length::Fits(40)),
            (mail(4, "body\n\n"), Length::Fits(42)),
            (mail(5, "body\n\nFrom - Mon Jan  1 10:00:00 2024\n"), Length::Fits(42)),
            (mail(3, "body\n\nFrom - Mon Jan  1 10:00:00 2024\n"), Length::Wrong),
            (mail(9, "body"), Length::Wrong),
            ("From - x\nFrom: a\n\nbody".to_owned(), Length::Missing),
        ] {
            assert_eq!(content_length(text.as_bytes(), 0), length, "{text}");
        }
    }
}
