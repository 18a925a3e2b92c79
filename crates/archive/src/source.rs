//! What holds messages, and how its messages stand in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::map::Map;
use crate::profile::Profile;

/// One place that holds messages: an mbox, a message file, or such a member of a container.
///
/// ```
/// use threadfold_archive::{Archive, Options};
/// let mbox = b"From ada@example.com Mon Jan  1 10:00:00 2024\nFrom: ada@example.com\n\nHello\n";
/// let archive = Archive::open_with(&["-".into()], &Options::default(), &mut &mbox[..])?;
/// assert_eq!((archive.sources()[0].name.as_str(), archive.sources()[0].bytes), ("-", mbox.len() as u64));
/// # Ok::<(), threadfold_archive::Error>(())
/// ```
#[derive(Debug)]
pub struct Source {
    /// Printable and stable: the path as given, then the rest separated by `/`. A member's name follows
    /// its container's after `!/`, as in `takeout.zip!/Takeout/Mail/All mail.mbox`. A single compressed
    /// file (`inbox.mbox.gz`) keeps its own name.
    pub name: String,
    /// The mailbox folder, such as `Sent Items` or `INBOX.Trash`: the path inside what was given, without
    /// file extensions, levels separated by `/` (or by the `.` of a Maildir++).
    pub folder: String,
    /// How messages stand in it.
    pub kind: Kind,
    /// Its length in bytes, decompressed.
    pub bytes: u64,
    /// Flags from a Maildir file's name; none elsewhere.
    pub flags: MaildirFlags,
    pub(crate) place: Place,
    pub(crate) profile: Option<Box<Profile>>,
}

impl Source {
    /// What the separator lines of an mbox look like; none for other kinds.
    pub fn style(&self) -> Option<SeparatorStyle> {
        self.profile.as_ref().map(|p| p.style)
    }

    /// The line ends seen in a sample of an mbox; none for other kinds.
    pub fn line_ends(&self) -> Option<LineEnds> {
        self.profile.as_ref().map(|p| p.line_ends)
    }

    /// How body lines that start with `From ` are escaped in it.
    pub fn escape(&self) -> Escape {
        self.profile.as_ref().map_or(Escape::None, |p| p.escape)
    }

    /// The levels of [`Source::folder`], outermost first, split at `/` and, in a Maildir, at `.`.
    pub fn folder_levels(&self) -> impl Iterator<Item = &str> {
        let dots = matches!(self.kind, Kind::Maildir);
        self.folder.split(move |c| c == '/' || (dots && c == '.')).filter(|s| !s.is_empty())
    }

    /// Whether it is one message as a whole.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.kind, Kind::Maildir | Kind::Eml | Kind::Emlx)
    }

    pub(crate) fn mapped(&self) -> Option<&[u8]> {
        match &self.place {
            Place::Mapped { map, start, len } => map.bytes().get(*start..*start + *len),
            Place::File(_) => None,
        }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(Some(path)) => Some(path),
            Place::File(None) => Some(Path::new(&self.name)),
            Place::Mapped { .. } => None,
        }
    }
}

/// Where a source's bytes are.
#[derive(Debug)]
pub(crate) enum Place {
    /// In a file that is read when asked for. The path is kept only where the name does not spell it.
    File(Option<Box<Path>>),
    /// In a range of a mapped file: on disk, or unpacked.
    Mapped { map: Arc<Map>, start: usize, len: usize },
}

impl Place {
    pub(crate) fn file(name: &str, path: PathBuf) -> Place {
        Place::File((Path::new(name).as_os_str() != path.as_os_str()).then(|| path.into_boxed_path()))
    }
}

/// How messages stand in a source.
///
/// ```
/// use threadfold_archive::{Dialect, Kind};
/// assert_eq!(Kind::Mbox(Dialect::Mboxrd).to_string(), "mbox (mboxrd)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// One after the other, each behind a `From ` line.
    Mbox(Dialect),
    /// One after the other between lines of four control-A.
    Mmdf,
    /// One message: a file in `cur` or `new` of a Maildir.
    Maildir,
    /// One message as it was sent (RFC 5322).
    Eml,
    /// One message as Apple Mail stores it: its length on a line, the message, then a property list.
    Emlx,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Kind::Mbox(d) => write!(f, "mbox ({d})"),
            Kind::Mmdf => f.write_str("MMDF"),
            Kind::Maildir => f.write_str("Maildir"),
            Kind::Eml => f.write_str("eml"),
            Kind::Emlx => f.write_str("emlx"),
        }
    }
}

/// The mbox dialects, told apart by how a body line that starts with `From ` is kept from looking like a
/// separator. Detected from a sample of the source.
///
/// ```
/// use threadfold_archive::Dialect;
/// assert_eq!(Dialect::Mboxcl2.to_string(), "mboxcl2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `From ` becomes `>From `; `>From ` stays. Cannot be undone with certainty.
    Mboxo,
    /// Every `>*From ` gets one more `>`: can be undone.
    Mboxrd,
    /// `Content-Length` says where a message ends, and `From ` is escaped as well.
    Mboxcl,
    /// `Content-Length` says where a message ends, and nothing is escaped.
    Mboxcl2,
    /// Body lines were seen that start with `From ` and are not escaped.
    Unescaped,
    /// The sample holds no such line, so that there was nothing to see.
    Unknown,
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Dialect::Mboxo => "mboxo",
            Dialect::Mboxrd => "mboxrd",
            Dialect::Mboxcl => "mboxcl",
            Dialect::Mboxcl2 => "mboxcl2",
            Dialect::Unescaped => "unescaped",
            Dialect::Unknown => "no escaped lines seen",
        })
    }
}

/// How to undo the escaping of body lines; see [`crate::unescape`].
///
/// ```
/// use threadfold_archive::{Escape, unescape};
/// assert_eq!(&*unescape(b"\n>>From here", Escape::Mboxrd), b"\n>From here");
/// assert_eq!(&*unescape(b"\n>>From here", Escape::Mboxo), b"\n>>From here");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Escape {
    /// Nothing is escaped.
    #[default]
    None,
    /// `>From ` was `From `, unless it stands among quoted lines.
    Mboxo,
    /// `>*From ` had one `>` fewer.
    Mboxrd,
}

/// Who wrote the separator lines of an mbox, told from its first one.
///
/// ```
/// use threadfold_archive::SeparatorStyle;
/// assert_eq!(SeparatorStyle::Takeout.to_string(), "Google Takeout");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeparatorStyle {
    /// `From ada@example.com Mon Jan  1 10:00:00 2024`.
    Standard,
    /// `From - Mon Jan  1 10:00:00 2024`.
    Thunderbird,
    /// `From 1234567890@xxx Mon Jan 01 10:00:00 +0000 2024`.
    Takeout,
    /// `From ada at example.com  Mon Jan  1 10:00:00 2024`.
    Pipermail,
    /// `From ` and a commit's hash, as `git format-patch` writes.
    Git,
    /// `From ` without a time stamp, or with half a one.
    Bare,
    /// The first message has no separator line.
    Missing,
}

impl std::fmt::Display for SeparatorStyle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SeparatorStyle::Standard => "standard",
            SeparatorStyle::Thunderbird => "Thunderbird",
            SeparatorStyle::Takeout => "Google Takeout",
            SeparatorStyle::Pipermail => "pipermail",
            SeparatorStyle::Git => "git format-patch",
            SeparatorStyle::Bare => "bare",
            SeparatorStyle::Missing => "missing",
        })
    }
}

/// How lines end in a sample of a source.
///
/// ```
/// use threadfold_archive::LineEnds;
/// assert_eq!(LineEnds::Crlf.to_string(), "CRLF");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineEnds {
    /// All in LF.
    Lf,
    /// All in CRLF.
    Crlf,
    /// Some in LF, some in CRLF.
    Mixed,
}

impl std::fmt::Display for LineEnds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LineEnds::Lf => "LF",
            LineEnds::Crlf => "CRLF",
            LineEnds::Mixed => "LF and CRLF",
        })
    }
}

/// The flags at the end of a Maildir file's name (`…:2,RS`).
///
/// ```
/// use threadfold_archive::MaildirFlags;
/// let flags = MaildirFlags::from_file_name("1704103200.M1P2.host:2,DS");
/// assert!(flags.draft && flags.seen && !flags.trashed);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaildirFlags {
    /// `D`: a draft.
    pub draft: bool,
    /// `F`: flagged by its reader.
    pub flagged: bool,
    /// `P`: passed on to somebody else.
    pub passed: bool,
    /// `R`: answered.
    pub replied: bool,
    /// `S`: seen.
    pub seen: bool,
    /// `T`: to be deleted.
    pub trashed: bool,
}

impl MaildirFlags {
    /// Reads the flags off a file name; all false where there are none. `;2,` and `!2,` are what systems
    /// without `:` in file names write.
    pub fn from_file_name(name: &str) -> MaildirFlags {
        let Some((_, letters)) = [":2,", ";2,", "!2,", "_2,"].iter().find_map(|mark| name.rsplit_once(mark))
        else {
            return MaildirFlags::default();
        };
        let has = |c| letters.contains(c);
        MaildirFlags {
            draft: has('D'),
            flagged: has('F'),
            passed: has('P'),
            replied: has('R'),
            seen: has('S'),
            trashed: has('T'),
        }
    }
}
