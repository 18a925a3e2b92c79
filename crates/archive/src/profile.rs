//! How messages stand in one mbox, told from its beginning and from samples spread over it.

use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr_iter, memmem};

use crate::defect::{DefectKind, Defects};
use crate::raw::escaped_lines;
use crate::separator::{Shape, judge, line_end};
use crate::source::{Dialect, Escape, LineEnds, SeparatorStyle};
use crate::split::{Length, Walk, content_length, starts_by_length};

/// What is known about an mbox before its messages are read.
#[derive(Debug)]
pub(crate) struct Profile {
    /// Where the first message starts: behind a byte order mark, blank lines, or junk.
    pub(crate) first: usize,
    /// The first separator's shape: one that says less is doubtful.
    pub(crate) usual: Shape,
    /// The separators are those of `git format-patch`.
    pub(crate) git: bool,
    pub(crate) dialect: Dialect,
    pub(crate) escape: Escape,
    pub(crate) style: SeparatorStyle,
    pub(crate) line_ends: LineEnds,
    /// Whoever wrote it escapes every line that is no separator: then no boundary protects one.
    pub(crate) escapes: bool,
    /// All message starts, where `Content-Length` decides.
    pub(crate) starts: Option<Arc<[u64]>>,
    /// What is odd about the source as a whole.
    pub(crate) defects: Defects,
}

/// The first stretch that is sampled, and the size and number of further ones spread over the file.
const HEAD: usize = 1 << 20;
const WINDOW: usize = 256 << 10;
const WINDOWS: usize = 7;
/// Escaped lines that must have been seen before a file is taken for one that escapes all: one or two are left over
/// where a mail went through another program's mailbox.
const ESCAPES: usize = 3;
/// Messages whose `Content-Length` is tried.
const LENGTHS: usize = 64;

impl Profile {
    /// Looks at an mbox whose first message starts at `first`.
    pub(crate) fn of(data: &[u8], first: usize) -> Profile {
        let judged = judge(&data[first..], 0, true);
        let headless = !data[first..].starts_with(b"From ");
        let mut profile = Profile {
            first,
            usual: if headless { Shape::Full } else { judged.shape },
            git: judged.git && !headless,
            dialect: Dialect::Unknown,
            escape: Escape::None,
            style: style(&data[first..], &judged),
            line_ends: LineEnds::Lf,
            escapes: false,
            starts: None,
            defects: Defects::default(),
        };
        let junk = data[..first].iter().any(|b| !matches!(b, b'\r' | b'\n' | 0xef | 0xbb | 0xbf));
        if junk {
            profile.defects.note(DefectKind::LeadingBytes, 0);
        }
        if headless {
            profile.defects.note(DefectKind::MissingSeparator, first as u64);
        }
        profile.sample(data);
        profile
    }

    fn sample(&mut self, data: &[u8]) {
        let mut lines = Lines::default();
        for window in windows(data.len(), self.first) {
            lines.look(&data[window]);
        }
        self.line_ends = match (lines.lf, lines.crlf) {
            (0, 1..) => LineEnds::Crlf,
            (_, 0) => LineEnds::Lf,
            _ => LineEnds::Mixed,
        };
        let mut walk = Walk::new(data, self, self.first..data.len(), None);
        let head = data.len().min(self.first.saturating_add(HEAD));
        let (mut sampled, mut fits, mut wrong) = (0, 0, 0);
        let mut at = walk.next(head);
        while let Some(start) = at
            && sampled < LENGTHS
        {
            sampled += 1;
            let length = content_length(data, start);
            fits += usize::from(matches!(length, Length::Fits(_)));
            wrong += usize::from(length == Length::Wrong);
            at = match length {
                // What a length protects is no message to sample.
                Length::Fits(next) if next < head => {
                    walk.jump(next);
                    Some(next)
                }
                Length::Fits(_) => None,
                Length::Wrong | Length::Missing => walk.next(head),
            };
        }
        let unescaped = walk.defects.count(DefectKind::RejectedSeparator)
            + walk.defects.count(DefectKind::SeparatorInPart)
            + walk.defects.count(DefectKind::QuotedPatch);
        if fits > wrong && 2 * fits >= sampled {
            let (starts, defects) = starts_by_length(data, self);
            // A `From ` line inside a message was not escaped, so what looks escaped was written like that.
            let bare = |window: Range<usize>| {
                memmem::find_iter(&data[window.clone()], b"\nFrom ")
                    .any(|hit| starts.binary_search(&((window.start + hit + 1) as u64)).is_err())
            };
            (self.dialect, self.escape) = if lines.escaped() == 0 || windows(data.len(), self.first).any(bare)
            {
                (Dialect::Mboxcl2, Escape::None)
            } else {
                (Dialect::Mboxcl, lines.escape())
            };
            self.starts = Some(starts.into());
            self.defects.merge(&defects);
            return;
        }
        let bare = |window: Range<usize>| {
            let mut hits = memmem::find_iter(&data[window.clone()], b"\nFrom ");
            hits.any(|hit| !judge(data, window.start + hit + 1, self.git).accept)
        };
        let escaped = lines.single + lines.mboxrd;
        self.escapes = escaped >= ESCAPES && !windows(data.len(), self.first).any(bare);
        (self.dialect, self.escape) = if lines.escape() == Escape::Mboxrd {
            (Dialect::Mboxrd, Escape::Mboxrd)
        } else if lines.single + lines.mboxo > 0 {
            (Dialect::Mboxo, Escape::Mboxo)
        } else if unescaped > 0 {
            (Dialect::Unescaped, Escape::None)
        } else {
            // Nothing was seen in the sample. Where a line does turn up later, the careful rule holds.
            (Dialect::Unknown, Escape::Mboxo)
        };
    }
}

/// Stretches of a file to sample: its head, then windows at even distances.
fn windows(len: usize, first: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let head = len.min(first.saturating_add(HEAD));
    let step = (len - head) / WINDOWS;
    let rest = (0..WINDOWS).map(move |i| head + i * step).map(move |at| at..len.min(at + WINDOW.min(step)));
    std::iter::once(first..head).chain(rest)
}

/// Line ends and escaped lines counted in samples.
#[derive(Default)]
struct Lines {
    lf: usize,
    crlf: usize,
    /// `>From ` outside quoted text: escaped, in any escaping dialect.
    single: usize,
    /// `>From ` of any depth among quoted lines.
    in_quote: usize,
    /// `>>From ` and deeper outside quoted text, or one deeper than the quoted lines beside it.
    mboxrd: usize,
    /// As deep as the quoted lines beside it: a quotation that an mboxrd writer would have escaped once more.
    mboxo: usize,
}

impl Lines {
    fn look(&mut self, window: &[u8]) {
        // Line ends: the first lines of the window are enough.
        for at in memchr_iter(b'\n', &window[..window.len().min(16 << 10)]) {
            match at > 0 && window[at - 1] == b'\r' {
                true => self.crlf += 1,
                false => self.lf += 1,
            }
        }
        for line in escaped_lines(window) {
            match line {
                l if l.beside == Some(l.depth) => self.mboxo += 1,
                l if l.beside.is_some_and(|d| d + 1 == l.depth) => self.mboxrd += 1,
                l if l.quoted => self.in_quote += 1,
                l if l.depth > 1 => self.mboxrd += 1,
                _ => self.single += 1,
            }
        }
    }

    /// The rule that fits what was seen. `>>From ` alone proves nothing where it quotes a `>From ` that some
    /// other program had escaped; in doubt the rule that changes less is taken.
    fn escape(&self) -> Escape {
        if self.mboxrd > self.mboxo { Escape::Mboxrd } else { Escape::Mboxo }
    }

    fn escaped(&self) -> usize {
        self.single + self.in_quote + self.mboxrd + self.mboxo
    }
}

fn style(data: &[u8], judged: &crate::separator::Judged) -> SeparatorStyle {
    if !data.starts_with(b"From ") {
        return SeparatorStyle::Missing;
    }
    let (end, _) = line_end(&data[..data.len().min(1000)], 0);
    let line = &data[5.min(end)..end];
    if judged.git {
        SeparatorStyle::Git
    } else if line.starts_with(b"-") {
        SeparatorStyle::Thunderbird
    } else if judged.shape < Shape::Full {
        SeparatorStyle::Bare
    } else if memmem::find(line, b"@xxx ").is_some() {
        SeparatorStyle::Takeout
    } else if memmem::find(line, b" at ").is_some() {
        SeparatorStyle::Pipermail
    } else {
        SeparatorStyle::Standard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(body: &str) -> Profile {
        let message = "From ada@example.com Mon Jan  1 10:00:00 2024\nFrom: ada@example.com\n\n";
        Profile::of(format!("{message}{body}\n\n{message}x\n").as_bytes(), 0)
    }

    #[test]
    fn dialects_are_told_by_their_escaping() {
        for (body, dialect, escape) in [
            ("hello", Dialect::Unknown, Escape::Mboxo),
            (">From here", Dialect::Mboxo, Escape::Mboxo),
            (">From here\n\n>>From there", Dialect::Mboxrd, Escape::Mboxrd),
            ("From here", Dialect::Unescaped, Escape::None),
            // A quotation as deep as its neighbours, which mboxrd would have made deeper.
            (">a\n>From b\n\n>>>c\n>>>From d\n\n>From e\n\n>>From f", Dialect::Mboxo, Escape::Mboxo),
            (">a\n>>From b\n>c\n", Dialect::Mboxrd, Escape::Mboxrd),
            // A quotation alone says nothing.
            ("> a\n>>From b\n> c", Dialect::Unknown, Escape::Mboxo),
        ] {
            let p = profile(body);
            assert_eq!((p.dialect, p.escape), (dialect, escape), "{body}");
        }
    }

    #[test]
    fn what_a_length_protects_may_show_that_nothing_was_escaped() {
        for (body, dialect, escape) in [
            (">From here\n\n>>From there\n", Dialect::Mboxcl, Escape::Mboxrd),
            (">>From here\n\nFrom there\n", Dialect::Mboxcl2, Escape::None),
        ] {
            let separator = "From ada@example.com Mon Jan  1 10:00:00 2024\n";
            let mail = format!("{separator}From: a@example.com\nContent-Length: {}\n\n{body}\n", body.len());
            let p = Profile::of(mail.repeat(2).as_bytes(), 0);
            assert_eq!((p.dialect, p.escape), (dialect, escape), "{body}");
        }
    }

    #[test]
    fn line_ends_and_styles() {
        assert_eq!(profile("a").line_ends, LineEnds::Lf);
        assert_eq!(profile("a\r\nb").line_ends, LineEnds::Mixed);
        let style = |line: &str| Profile::of(format!("{line}\nFrom: a\n\nx\n").as_bytes(), 0).style;
        assert_eq!(style("From - Mon Jan  1 10:00:00 2024"), SeparatorStyle::Thunderbird);
        assert_eq!(style("From 12@xxx Mon Jan 01 10:00:00 +0000 2024"), SeparatorStyle::Takeout);
        assert_eq!(style("From ada at example.com  Mon Jan  1 10:00:00 2024"), SeparatorStyle::Pipermail);
        assert_eq!(style("From "), SeparatorStyle::Bare);
    }
}
