//! From the given paths to a list of files, in an order that depends on names alone.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Failure};
use crate::options::Options;
use crate::sniff::{Trust, passed_over_by_name};

/// A file to look into.
#[derive(Debug)]
pub(crate) struct Item {
    /// As in [`crate::Source::name`].
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The name of what was given, and the path below it: they make the folder's name.
    pub(crate) root: Arc<str>,
    pub(crate) below: String,
    pub(crate) trust: Trust,
    /// It lies in `cur` or `new` of a Maildir.
    pub(crate) maildir: bool,
}

/// A file or member that was passed over because it holds no mail.
///
/// ```
/// use threadfold_archive::Skipped;
/// let s = Skipped { name: "export/logo.png".into(), reason: "not mail by its name".into() };
/// assert_eq!(s.name, "export/logo.png");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file or member, named as in [`crate::Source::name`].
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What the paths given so far led to, by real paths: nothing is read twice because it was given twice. Folders
/// are all kept, files only where one can be given by itself, so this costs nothing a message.
#[derive(Debug, Default)]
pub(crate) struct Met {
    folders: HashSet<PathBuf>,
    files: HashSet<PathBuf>,
    /// Folders of files that are given by themselves, before or after the folder.
    watched: HashSet<PathBuf>,
    /// What was met again, by the name of the later time.
    again: Vec<String>,
}

impl Met {
    /// Before anything is read.
    pub(crate) fn expecting(paths: &[PathBuf]) -> Met {
        let mut met = Met::default();
        if paths.len() > 1 {
            let real = paths.iter().filter_map(|path| path.canonicalize().ok());
            met.watched = real.filter_map(|path| Some(path.parent()?.to_owned())).collect();
        }
        met
    }

    /// Whether a file, by its real path, is to be read; false if it was before.
    pub(crate) fn file(&mut self, real: PathBuf, name: &str) -> bool {
        let new = self.files.insert(real);
        if !new {
            self.again.push(name.to_owned());
        }
        new
    }

    /// What was met again.
    pub(crate) fn into_again(self) -> Vec<String> {
        self.again
    }

    pub(crate) fn count(&self) -> usize {
        self.again.len()
    }
}

/// What walking one given path came upon.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) items: Vec<Item>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) skipped: Vec<Skipped>,
}

/// Lists the files of a given folder.
pub(crate) fn walk(dir: &Path, options: &Options, met: &mut Met) -> Result<Walked, Error> {
    let given = dir.to_string_lossy();
    let name = match given.trim_end_matches('/') {
        "" => given.clone().into_owned(),
        trimmed => trimmed.to_owned(),
    };
    let root = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let root = root.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    // Somebody may point straight at a Maildir's `cur`.
    let leaf = root == "cur" || (root == "new" && dir.join("../cur").is_dir());
    let mut walker =
        Walker { options, visited: HashSet::new(), met, out: Walked::default(), root: root.into() };
    walker.folder(dir, &name, "", leaf, 0).map_err(|kind| kind.of(name))?;
    let Walker { visited, out, .. } = walker;
    met.folders.extend(visited);
    Ok(out)
}

struct Walker<'o> {
    options: &'o Options,
    /// Folders entered, by their real paths: a symbolic link leads into none of them again.
    visited: HashSet<PathBuf>,
    met: &'o mut Met,
    out: Walked,
    root: Arc<str>,
}

impl Walker<'_> {
    fn folder(
        &mut self,
        dir: &Path,
        name: &str,
        below: &str,
        leaf: bool,
        depth: u32,
    ) -> Result<(), ErrorKind> {
        if depth > self.options.max_depth {
            let limit = u64::from(self.options.max_depth);
            return Err(ErrorKind::Limit { what: "folders nest too deep", limit, option: "max_depth" });
        }
        let mut entries: Vec<(OsString, io::Result<FileType>)> = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            // Follows links; a link to nowhere is a failure like any other unreadable file.
            let kind = match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => Ok(kind),
                _ => fs::metadata(entry.path()).map(|meta| meta.file_type()),
            };
            entries.push((entry.file_name(), kind));
        }
        let real = dir.canonicalize()?;
        if self.met.folders.contains(&real) {
            self.met.again.push(name.to_owned());
            return Ok(());
        }
        if !self.visited.insert(real.clone()) {
            self.skip(name, "a link to a folder that was walked already");
            return Ok(());
        }
        let watched = self.met.watched.contains(&real);
        entries.sort_by(|a, b| a.0.as_encoded_bytes().cmp(b.0.as_encoded_bytes()));
        let has = |n: &str| {
            let found = entries.binary_search_by(|e| e.0.as_encoded_bytes().cmp(n.as_bytes()));
            found.is_ok_and(|i| entries[i].1.as_ref().is_ok_and(FileType::is_dir))
        };
        let (cur, new, tmp) = (has("cur"), has("new"), has("tmp"));
        let maildir = (cur && (new || tmp)) || (new && tmp);
        for (entry, kind) in entries {
            let path = dir.join(&entry);
            let file = entry.to_string_lossy();
            let name = format!("{}/{file}", name.trim_end_matches('/'));
            let below = if below.is_empty() { file.clone().into_owned() } else { format!("{below}/{file}") };
            let kind = match kind {
                Ok(kind) => kind,
                Err(e) => {
                    self.fail(name, e.into());
                    continue;
                }
            };
            if kind.is_dir() {
                if maildir && file == "tmp" {
                    self.skip(&name, "mail still on its way into the Maildir");
                    continue;
                }
                let leaf = maildir && (file == "cur" || file == "new");
                if let Err(kind) = self.folder(&path, &name, &below, leaf, depth + 1) {
                    self.fail(name, kind);
                }
            } else if !kind.is_file() {
                self.skip(&name, "not a regular file");
            } else if leaf && file.starts_with('.') {
                self.skip(&name, "hidden file in a Maildir");
            } else if let Some(reason) = passed_over_by_name(&name).filter(|_| !leaf) {
                self.skip(&name, reason);
            } else if !watched
                || self.met.file(path.canonicalize().unwrap_or_else(|_| real.join(&entry)), &name)
            {
                let (root, trust) = (self.root.clone(), Trust::Found);
                self.out.items.push(Item { name, path, root, below, trust, maildir: leaf });
            }
        }
        Ok(())
    }

    fn skip(&mut self, name: &str, reason: &str) {
        self.out.skipped.push(Skipped { name: name.to_owned(), reason: reason.to_owned() });
    }

    fn fail(&mut self, name: String, kind: ErrorKind) {
        self.out.failures.push(kind.of(name).into());
    }
}
