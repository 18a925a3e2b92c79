//! The output folder appears whole or not at all: written beside its place, then renamed into it.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Error;

/// Refuses early what [`Staging::publish`] would refuse late.
///
/// # Errors
/// When the folder exists and `force` is off, or when it is not one that this program wrote.
pub(crate) fn check(folder: &Path, force: bool) -> Result<(), Error> {
    let refused = |why| Err(Error::OutputRefused { path: folder.to_owned(), why });
    if !parent(folder).is_dir() {
        return refused("the folder that it should stand in does not exist");
    }
    let Ok(meta) = std::fs::symlink_metadata(folder) else { return Ok(()) };
    if !force {
        return Err(Error::OutputExists(folder.to_owned()));
    }
    if !meta.is_dir() {
        return refused("it is not a folder");
    }
    let empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    let ours = folder.join("report.json").is_file() && folder.join("ledger.jsonl").is_file();
    if !empty && !ours {
        return refused("it holds something else than an earlier export (no report.json and ledger.jsonl)");
    }
    Ok(())
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A private folder beside the final one. Dropped without [`publish`](Staging::publish), it is gone.
pub(crate) struct Staging {
    dir: TempDir,
    target: PathBuf,
}

impl Staging {
    pub(crate) fn beside(target: &Path) -> Result<Staging, Error> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let dir = tempfile::Builder::new()
            .prefix(&format!(".{name}.unfinished-"))
            .tempdir_in(parent(target))
            .map_err(Error::write(target))?;
        Ok(Staging { dir, target: target.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Puts the folder in its place; an old one (already checked) goes away only after the new one stands.
    pub(crate) fn publish(self, force: bool) -> Result<(), Error> {
        check(&self.target, force)?;
        // The folder was private while it was unfinished; now it is as any folder the user makes.
        open_up(self.dir.path()).map_err(Error::write(&self.target))?;
        let new = self.dir.keep();
        let moved = match std::fs::symlink_metadata(&self.target) {
            Err(_) => std::fs::rename(&new, &self.target),
            Ok(_) => exchange(&new, &self.target),
        };
        moved.map_err(|e| {
            let _ = std::fs::remove_dir_all(&new);
            Error::Write { path: self.target.clone(), source: e }
        })
    }
}

/// A single file that appears whole or not at all, for commands that write one.
///
/// ```
/// use std::io::Write;
/// # fn main() -> std::io::Result<()> {
/// let here = tempfile::tempdir()?;
/// let file = threadfold::NewFile::beside(here.path())?;
/// file.as_file().write_all(b"all of it")?;
/// file.publish(&here.path().join("out.txt"))?;
/// assert_eq!(std::fs::read(here.path().join("out.txt"))?, b"all of it");
/// # Ok(()) }
/// ```
pub struct NewFile(tempfile::NamedTempFile);

impl NewFile {
    /// A private file in `folder`, which must be the folder that the final file will stand in.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn beside(folder: &Path) -> std::io::Result<NewFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".unfinished-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: the process's umask takes its part of this.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(folder).map(NewFile)
    }

    /// The file, for writing.
    pub fn as_file(&self) -> &std::fs::File {
        self.0.as_file()
    }

    /// Puts it in its place, over whatever stood there.
    ///
    /// # Errors
    /// When the rename fails; the unfinished file is then removed.
    pub fn publish(self, path: &Path) -> std::io::Result<()> {
        self.0.persist(path).map(drop).map_err(|e| e.error)
    }
}

#[cfg(unix)]
fn open_up(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // What mkdir would have given: take it from a folder made the ordinary way.
    let probe = path.join("probe");
    std::fs::create_dir(&probe)?;
    let mode = std::fs::metadata(&probe)?.permissions().mode();
    std::fs::remove_dir(&probe)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn open_up(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Swaps the two folders in one step where the system can, then removes the old one.
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
            return std::fs::remove_dir_all(new);
        }
    }
    // Elsewhere there is a moment between the two renames in which neither stands in its place.
    let aside = new.with_extension("old");
    std::fs::rename(old, &aside)?;
    if let Err(e) = std::fs::rename(new, old) {
        std::fs::rename(&aside, old)?;
        return Err(e);
    }
    std::fs::remove_dir_all(aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(dir: &Path) -> Vec<String> {
        let mut v: Vec<String> =
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        v.sort();
        v
    }

    #[test]
    fn nothing_stays_of_a_folder_that_was_not_published() {
        let here = tempfile::tempdir().unwrap();
        let s = Staging::beside(&here.path().join("out")).unwrap();
        fs::write(s.path().join("x"), "x").unwrap();
        drop(s);
        assert!(names(here.path()).is_empty());
    }

    #[test]
    fn an_earlier_export_is_replaced_whole_and_only_by_force() {
        let here = tempfile::tempdir().unwrap();
        let out = here.path().join("out");
        for (round, file) in ["a", "b"].into_iter().enumerate() {
            let s = Staging::beside(&out).unwrap();
            for name in ["report.json", "ledger.jsonl", file] {
                fs::write(s.path().join(name), name).unwrap();
            }
            s.publish(round > 0).unwrap();
        }
        assert_eq!(names(&out), ["b", "ledger.jsonl", "report.json"]);
        assert_eq!(names(here.path()), ["out"]);
        assert!(matches!(check(&out, false), Err(Error::OutputExists(_))));
    }

    #[test]
    fn a_folder_of_something_else_is_never_replaced() {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("thesis.tex"), "years").unwrap();
        assert!(matches!(check(here.path(), true), Err(Error::OutputRefused { .. })));
    }
}
