//! What was odd about the separators, counted so that a report can show it.

/// Kinds of oddity met while splitting.
///
/// ```
/// use threadfold_archive::DefectKind;
/// assert_eq!(DefectKind::NoBlankLine.as_str(), "no_blank_line");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefectKind {
    /// A line that starts with `From ` and was taken for prose.
    RejectedSeparator,
    /// A line taken for a separator that says less than the source's first one, or has no header behind it.
    DoubtfulSeparator,
    /// A separator inside an open multipart: part of an attached or quoted mailbox.
    SeparatorInPart,
    /// The first line of a `git format-patch` mail in a body.
    QuotedPatch,
    /// A separator without a blank line before it.
    NoBlankLine,
    /// A `Content-Length` that does not lead to the next message, in a source that uses it.
    WrongContentLength,
    /// Bytes before the first message that belong to none.
    LeadingBytes,
    /// The first message has no separator line.
    MissingSeparator,
    /// A message file that ends before its message does, by its own length line.
    CutShort,
}

impl DefectKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [DefectKind; 9] = [
        DefectKind::RejectedSeparator,
        DefectKind::DoubtfulSeparator,
        DefectKind::SeparatorInPart,
        DefectKind::QuotedPatch,
        DefectKind::NoBlankLine,
        DefectKind::WrongContentLength,
        DefectKind::LeadingBytes,
        DefectKind::MissingSeparator,
        DefectKind::CutShort,
    ];

    /// A stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            DefectKind::RejectedSeparator => "rejected_separator",
            DefectKind::DoubtfulSeparator => "doubtful_separator",
            DefectKind::SeparatorInPart => "separator_in_part",
            DefectKind::QuotedPatch => "quoted_patch",
            DefectKind::NoBlankLine => "no_blank_line",
            DefectKind::WrongContentLength => "wrong_content_length",
            DefectKind::LeadingBytes => "leading_bytes",
            DefectKind::MissingSeparator => "missing_separator",
            DefectKind::CutShort => "cut_short",
        }
    }
}

/// One oddity and where it stands in its source.
///
/// ```
/// use threadfold_archive::{Defect, DefectKind};
/// let d = Defect { kind: DefectKind::NoBlankLine, offset: 512 };
/// assert_eq!(d.kind.as_str(), "no_blank_line");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// What is odd.
    pub kind: DefectKind,
    /// Byte offset in the source.
    pub offset: u64,
}

/// Counts by kind, all of them, and the places of the first [`Defects::PLACES`] of each kind.
///
/// ```
/// use threadfold_archive::{DefectKind, Defects};
/// let none = Defects::default();
/// assert_eq!((none.count(DefectKind::RejectedSeparator), none.total()), (0, 0));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defects {
    counts: [u64; DefectKind::ALL.len()],
    places: Vec<Defect>,
}

impl Defects {
    /// How many places of each kind are kept.
    pub const PLACES: u64 = 100;

    /// How many defects of a kind there are.
    pub fn count(&self, kind: DefectKind) -> u64 {
        self.counts[kind as usize]
    }

    /// How many there are of all kinds.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Where the first ones of each kind stand, in the order met.
    pub fn places(&self) -> &[Defect] {
        &self.places
    }

    /// Adds those of a later stretch of the same source.
    pub fn merge(&mut self, later: &Defects) {
        for d in &later.places {
            if self.places.iter().filter(|p| p.kind == d.kind).count() < Self::PLACES as usize {
                self.places.push(*d);
            }
        }
        for (sum, n) in self.counts.iter_mut().zip(later.counts) {
            *sum += n;
        }
    }

    pub(crate) fn note(&mut self, kind: DefectKind, offset: u64) {
        let count = &mut self.counts[kind as usize];
        if *count < Self::PLACES {
            self.places.push(Defect { kind, offset });
        }
        *count += 1;
    }
}
