//! From a file on disk to the sources in it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Failure};
use crate::folder::folder_of;
use crate::map::Map;
use crate::options::Options;
use crate::profile::Profile;
use crate::sniff::{Form, HEAD, Trust, first_separator, is_mbox_name, is_message_name, sniff};
use crate::source::{Kind, MaildirFlags, Place, Source};
use crate::split::Walk;
use crate::unpack::Unpacker;
use crate::walk::{Item, Skipped};

/// How far into a file called an mbox its first separator is looked for.
const MAX_LEADING: usize = 64 << 20;

/// What one file holds.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub(crate) sources: Vec<Source>,
    pub(crate) failures: Vec<Error>,
    pub(crate) skipped: Vec<Skipped>,
}

impl Opened {
    fn failed(error: Error) -> Opened {
        Opened { failures: vec![error], ..Opened::default() }
    }
}

/// Where mail may lie: its name and what its folder's name is made from.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) name: String,
    pub(crate) root: Arc<str>,
    pub(crate) below: String,
    pub(crate) trust: Trust,
}

impl Spot {
    /// A source of some mail form in these bytes.
    pub(crate) fn source(&self, form: &Form, map: Arc<Map>, start: usize, len: usize) -> Source {
        let bytes = map.bytes().get(start..start + len).unwrap_or(&[]);
        let (kind, profile) = match form {
            Form::Mbox(first) => {
                let profile = Profile::of(bytes, *first);
                (Kind::Mbox(profile.dialect), Some(Box::new(profile)))
            }
            Form::Mmdf(_) => (Kind::Mmdf, None),
            Form::Emlx => (Kind::Emlx, None),
            _ if in_maildir(&self.below) => (Kind::Maildir, None),
            _ => (Kind::Eml, None),
        };
        self.source_of(kind, profile, len as u64, Place::Mapped { map, start, len })
    }

    fn source_of(&self, kind: Kind, profile: Option<Box<Profile>>, bytes: u64, place: Place) -> Source {
        let flags = match kind {
            Kind::Maildir => MaildirFlags::from_file_name(&self.below),
            _ => MaildirFlags::default(),
        };
        let folder = folder_of(&self.root, &self.below, kind);
        Source { name: self.name.clone(), folder, kind, bytes, flags, place, profile }
    }
}

/// Whether the file's folder is `cur` or `new`.
fn in_maildir(path: &str) -> bool {
    let parent = path.rsplit('/').nth(1);
    matches!(parent, Some("cur" | "new"))
}

/// Why a file of this form is not read as mail.
pub(crate) fn objection(form: &Form) -> Option<(ErrorKind, Option<u64>)> {
    Some(match form {
        Form::Empty => (ErrorKind::Empty, None),
        Form::BlankLines => (ErrorKind::NotMail("it holds blank lines only".into()), None),
        Form::Other(what) => (ErrorKind::NotMail((*what).into()), None),
        Form::Utf16 => (ErrorKind::Utf16, Some(0)),
        Form::CrOnly(at) => (ErrorKind::CrOnly, Some(*at as u64)),
        Form::Mbox(_) | Form::Mmdf(_) | Form::Eml | Form::Emlx => return None,
        Form::Gzip | Form::Zstd | Form::Zip | Form::Tar => return None,
    })
}

/// Whether an [`objection`] concerns mail that is there but cannot be read: a failure wherever it is met.
pub(crate) fn is_failure(form: &Form) -> bool {
    matches!(form, Form::Utf16 | Form::CrOnly(_))
}

/// Looks into one file that was met on disk.
pub(crate) fn open_item(item: &Item, options: &Options) -> Opened {
    let spot = Spot {
        name: item.name.clone(),
        root: item.root.clone(),
        below: item.below.clone(),
        trust: item.trust,
    };
    if item.maildir {
        return match std::fs::metadata(&item.path) {
            Err(e) => Opened::failed(ErrorKind::Io(e).of(&item.name)),
            Ok(meta) if meta.len() == 0 => skip(&spot, "empty file"),
            Ok(meta) => {
                let place = Place::file(&item.name, item.path.clone());
                let source = spot.source_of(Kind::Maildir, None, meta.len(), place);
                Opened { sources: vec![source], ..Opened::default() }
            }
        };
    }
    match File::open(&item.path).and_then(|file| open_plain(file, Some(&item.path), &spot, options)) {
        Ok(opened) => opened,
        Err(e) => Opened::failed(ErrorKind::Io(e).of(&item.name)),
    }
}

/// Looks into an open file. Without a path it has to stay mapped.
pub(crate) fn open_plain(
    mut file: File,
    path: Option<&Path>,
    spot: &Spot,
    options: &Options,
) -> io::Result<Opened> {
    let mut head = Vec::new();
    (&mut file).take(HEAD as u64).read_to_end(&mut head)?;
    let mut form = sniff(&head, &spot.name, spot.trust);
    if matches!(form, Form::Other(_)) && is_mbox_name(&spot.name) && head.len() == HEAD {
        // A mailbox cut into parts by size: this one starts in the middle of a message.
        let map = mapped(&file, path)?;
        let start = &map.bytes()[..map.bytes().len().min(MAX_LEADING)];
        form = first_separator(start).map_or(form, Form::Mbox);
    }
    if let Form::Mbox(first) = form
        && is_message_name(&spot.name)
        && path.is_some()
    {
        // Many exports put a separator line before the one message of each file. Such files are read when
        // asked for like any message file: there may be more of them than there can be mappings.
        let map = mapped(&file, path)?;
        let profile = Profile::of(map.bytes(), first);
        let mut walk = Walk::new(map.bytes(), &profile, 0..map.bytes().len(), None);
        let one = walk.next(map.bytes().len()).is_some() && walk.next(map.bytes().len()).is_none();
        if one {
            form = Form::Eml;
        }
    }
    if let Some((kind, offset)) = objection(&form) {
        if spot.trust == Trust::Given || is_failure(&form) {
            return Ok(Opened::failed(Error { name: spot.name.clone(), offset, kind }));
        }
        return Ok(skip(spot, &kind.to_string()));
    }
    let single = matches!(form, Form::Eml | Form::Emlx);
    if single && let Some(path) = path {
        let kind = if form == Form::Emlx { Kind::Emlx } else { Kind::Eml };
        let place = Place::file(&spot.name, path.to_owned());
        let source = spot.source_of(kind, None, file.metadata()?.len(), place);
        return Ok(Opened { sources: vec![source], ..Opened::default() });
    }
    let map = Arc::new(mapped(&file, path)?);
    let len = map.bytes().len();
    if matches!(form, Form::Mbox(_) | Form::Mmdf(_)) || single {
        return Ok(Opened { sources: vec![spot.source(&form, map, 0, len)], ..Opened::default() });
    }
    let mut unpacker = Unpacker::new(options, len as u64);
    unpacker.container(&form, spot, &map, 0..len, 1);
    Ok(unpacker.finish())
}

/// A file of somebody else's is watched for changes.
fn mapped(file: &File, path: Option<&Path>) -> io::Result<Map> {
    match path {
        Some(path) => Map::at(file, path),
        None => Map::of(file),
    }
}

fn skip(spot: &Spot, reason: &str) -> Opened {
    let skipped = Skipped { name: spot.name.clone(), reason: reason.to_owned() };
    Opened { skipped: vec![skipped], ..Opened::default() }
}

/// Copies a stream that cannot be mapped into a nameless temporary file.
pub(crate) fn spool(reader: &mut dyn Read, options: &Options) -> Result<File, ErrorKind> {
    let mut file = temporary(options)?;
    let mut buffer = vec![0; 256 << 10];
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e.into()),
        };
        file.write_all(&buffer[..n]).map_err(|e| spill_error(options, e))?;
    }
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

pub(crate) fn temporary(options: &Options) -> Result<File, ErrorKind> {
    private_file(options.temp_dir.as_deref()).map_err(|e| spill_error(options, e))
}

/// A file that has no name, vanishes with its last handle or mapping, and is its owner's alone: it may hold mail.
/// Without a folder it lies where the system keeps temporary files.
///
/// # Errors
/// The file cannot be made there.
///
/// ```
/// use std::io::Write;
/// threadfold_archive::private_file(None)?.write_all(b"Dear shop")?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn private_file(dir: Option<&Path>) -> io::Result<File> {
    let file = match dir {
        Some(dir) => tempfile::tempfile_in(dir),
        None => tempfile::tempfile(),
    }?;
    // Made without a name, it has whatever mode the umask leaves.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

pub(crate) fn spill_error(options: &Options, source: io::Error) -> ErrorKind {
    let dir = options.temp_dir.clone().unwrap_or_else(std::env::temp_dir);
    ErrorKind::Spill { dir: dir.display().to_string(), source }
}

/// Makes the failures of files beside readable ones, or the error of a given file that holds no mail.
pub(crate) fn settle(opened: &mut Opened, spot: &Spot) -> Result<Vec<Failure>, Error> {
    let failures = std::mem::take(&mut opened.failures);
    if !opened.sources.is_empty() {
        return Ok(failures.into_iter().map(Failure::from).collect());
    }
    let seen = opened.skipped.len();
    let first = failures.into_iter().next();
    Err(first.unwrap_or_else(|| {
        let detail = match opened.skipped.first() {
            Some(s) => format!(" among {seen} files (the first, {}: {})", s.name, s.reason),
            None => ", it is empty".to_owned(),
        };
        ErrorKind::NoMail { detail }.of(&spot.name)
    }))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn temporary_files_are_their_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        for dir in [None, Some(dir.path())] {
            let mode = private_file(dir).unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
