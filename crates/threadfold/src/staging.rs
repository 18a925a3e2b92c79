//! The output folder appears whole or not at all: written beside its place, then renamed into it.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{Error, orphans};

/// What stands in the names of folders that are being written, and of old ones that are being replaced.
const UNFINISHED: &str = "threadfold-unfinished-";
const REPLACED: &str = "threadfold-replaced-";

/// Refuses early what [`Staging::publish`] would refuse late.
///
/// # Errors
/// When the folder exists and `force` is off, or when it is not one that this program wrote.
pub(crate) fn check(folder: &Path, force: bool) -> Result<(), Error> {
    let refused = |why| Err(Error::OutputRefused { path: folder.to_owned(), why });
    let Some((parent, name)) = place(folder) else {
        return refused("it has no name of its own; give the folder by its name");
    };
    if !parent.is_dir() {
        return refused("the folder that it should stand in does not exist");
    }
    // Not through `folder` itself: with a slash behind it a link would be followed.
    let Ok(meta) = std::fs::symlink_metadata(parent.join(name)) else { return Ok(()) };
    if !force {
        return Err(Error::OutputExists(folder.to_owned()));
    }
    if meta.is_symlink() {
        return refused("it is a symbolic link; give the folder that it leads to");
    }
    if !meta.is_dir() {
        return refused("it is not a folder");
    }
    if !is_ours(folder) {
        return refused("it holds something else than an earlier export (no report.json and ledger.jsonl)");
    }
    Ok(())
}

/// An earlier export, or nothing that anybody could miss.
fn is_ours(folder: &Path) -> bool {
    let empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    empty || folder.join("report.json").is_file() && folder.join("ledger.jsonl").is_file()
}

/// The folder in which a path stands, and its name there.
fn place(path: &Path) -> Option<(&Path, &OsStr)> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    path.file_name().map(|name| (parent, name))
}

/// A private folder beside the final one, held by a lock while it is written. Dropped without
/// [`publish`](Staging::publish), it is gone; one that a killed run could not drop goes with the next run.
pub(crate) struct Staging {
    dir: TempDir,
    parent: PathBuf,
    target: PathBuf,
    /// Says to other runs that this one is alive.
    _lock: Option<File>,
}

impl Staging {
    pub(crate) fn beside(target: &Path) -> Result<Staging, Error> {
        let Some((parent, name)) = place(target) else {
            return Err(Error::OutputRefused { path: target.to_owned(), why: "it has no name of its own" });
        };
        let own = target.with_file_name(name);
        // A name has room for 255 bytes.
        let name = name.to_string_lossy();
        let name = &name[..name.floor_char_boundary(180)];
        let unfinished = format!(".{name}.{UNFINISHED}");
        let replaced = format!(".{name}.{REPLACED}");
        restore(parent, &replaced, &own);
        orphans::sweep(parent, &unfinished);
        orphans::sweep(parent, &replaced);
        let (dir, lock) = orphans::hold(
            || tempfile::Builder::new().prefix(&unfinished).rand_bytes(orphans::RANDOM).tempdir_in(parent),
            |dir| File::open(dir.path()),
            TempDir::path,
        )
        .map_err(Error::write(target))?;
        Ok(Staging { dir, parent: parent.to_owned(), target: own, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Puts the folder in its place; an old one goes away only after the new one stands. What is published is
    /// on the disk first, so that a machine that stops cannot leave half of it either.
    pub(crate) fn publish(self, force: bool) -> Result<(), Error> {
        check(&self.target, force)?;
        // The folder was private while it was unfinished; now it is as any folder the user makes.
        open_up(self.dir.path()).map_err(Error::write(&self.target))?;
        sync(self.dir.path()).map_err(Error::write(&self.target))?;
        let new = self.dir.keep();
        let moved = match rename_to_nothing(&new, &self.target) {
            // Since the check another run may have put its folder here, or taken it away.
            Err(_) if std::fs::symlink_metadata(&self.target).is_ok() => {
                check(&self.target, force).and_then(|()| exchange(&new, &self.target))
            }
            moved => moved.map_err(Error::write(&self.target)),
        };
        if moved.is_err() {
            let _ = std::fs::remove_dir_all(&new);
        }
        // Only whether it survives a power cut hangs on this; it stands already.
        let _ = File::open(&self.parent).and_then(|parent| parent.sync_all());
        moved
    }
}

/// Gives back its place to a folder whose replacing was cut short between its two steps.
fn restore(parent: &Path, replaced: &str, target: &Path) {
    if std::fs::symlink_metadata(target).is_err()
        && let Some((old, _lock)) = orphans::find(parent, replaced).first()
    {
        let _ = rename_to_nothing(old, target);
    }
}

/// Writes everything in and below a folder to the disk.
fn sync(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { sync(&path)? } else { settled(File::open(&path)?.sync_all())? }
    }
    // Not every system can open a folder.
    File::open(folder).map_or(Ok(()), |folder| settled(folder.sync_all()))
}

/// Some file systems have nothing to sync and say so.
fn settled(synced: io::Result<()>) -> io::Result<()> {
    synced.or_else(|e| match e.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
        _ => Err(e),
    })
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
pub struct NewFile {
    file: tempfile::NamedTempFile,
    /// Says to other runs that this one is alive.
    _lock: Option<File>,
}

impl NewFile {
    /// A private file in `folder`, which must be the folder that the final file will stand in. Files that
    /// killed runs left there go away.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn beside(folder: &Path) -> io::Result<NewFile> {
        const PREFIX: &str = ".threadfold-unfinished-";
        orphans::sweep(folder, PREFIX);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).rand_bytes(orphans::RANDOM);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: the process's umask takes its part of this.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let (file, lock) = orphans::hold(
            || builder.tempfile_in(folder),
            |file| file.as_file().try_clone(),
            tempfile::NamedTempFile::path,
        )?;
        Ok(NewFile { file, _lock: lock })
    }

    /// The file, for writing.
    pub fn as_file(&self) -> &File {
        self.file.as_file()
    }

    /// Puts it in its place, over whatever stood there.
    ///
    /// # Errors
    /// When it cannot be written to the disk or the rename fails; the unfinished file is then removed.
    pub fn publish(self, path: &Path) -> io::Result<()> {
        settled(self.file.as_file().sync_all())?;
        self.file.persist(path).map(drop).map_err(|e| e.error)
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

/// Renames a folder to a name that nothing has, where the system can make sure of that.
fn rename_to_nothing(new: &Path, target: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, new, CWD, target, RenameFlags::NOREPLACE) {
            // Not known to every file system.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {}
            renamed => return Ok(renamed?),
        }
    }
    // A folder that is not empty is refused here too.
    std::fs::rename(new, target)
}

/// Swaps the two folders in one step where the system can, then removes the old one. That the old one cannot
/// be removed any more is no failure: the new one stands, and the next run tries again.
fn exchange(new: &Path, old: &Path) -> Result<(), Error> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        let swap = || renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE);
        if swap().is_ok() {
            if !is_ours(new) && swap().is_ok() {
                // Somebody put something else there since it was looked at.
                let why = "it holds something else than an earlier export";
                return Err(Error::OutputRefused { path: old.to_owned(), why });
            }
            let _ = std::fs::remove_dir_all(new);
            return Ok(());
        }
    }
    // Elsewhere there is a moment between the two renames in which neither stands in its place. Should the run
    // end just then, the next one gives the old folder its place back: see `restore`.
    let name = new.file_name().unwrap_or_default().to_string_lossy().replace(UNFINISHED, REPLACED);
    let aside = new.with_file_name(name);
    std::fs::rename(old, &aside).map_err(Error::write(old))?;
    if let Err(e) = std::fs::rename(new, old) {
        let _ = std::fs::rename(&aside, old);
        return Err(Error::write(old)(e));
    }
    let _ = std::fs::remove_dir_all(aside);
    Ok(())
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

    fn export(at: &Path) {
        fs::create_dir(at).unwrap();
        for name in ["report.json", "ledger.jsonl"] {
            fs::write(at.join(name), name).unwrap();
        }
    }

    #[test]
    fn what_killed_runs_left_goes_with_the_next_run_and_what_lives_stays() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        let living = Staging::beside(&at("out")).unwrap();
        fs::create_dir(at(".out.threadfold-unfinished-killed")).unwrap();
        fs::write(at(".out.threadfold-unfinished-killed/examples.jsonl"), "half").unwrap();
        export(&at(".out.threadfold-replaced-killed"));
        fs::create_dir(at(".other.threadfold-unfinished-killed")).unwrap();
        export(&at("out"));
        let next = Staging::beside(&at("out")).unwrap();
        let mut left: Vec<String> =
            [&living, &next].map(|s| s.path().file_name().unwrap().to_str().unwrap().to_owned()).into();
        left.extend([".other.threadfold-unfinished-killed", "out"].map(str::to_owned));
        left.sort();
        assert_eq!(names(here.path()), left);
    }

    #[test]
    fn a_replacing_that_was_cut_short_is_undone() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        export(&at(".out.threadfold-replaced-killed"));
        drop(Staging::beside(&at("out")).unwrap());
        assert_eq!(names(here.path()), ["out"]);
    }

    #[test]
    fn of_two_runs_into_one_place_the_second_is_refused_or_replaces_the_whole() {
        for force in [false, true] {
            let here = tempfile::tempdir().unwrap();
            let out = here.path().join("out");
            let [a, b] = ["a", "b"].map(|file| {
                let s = Staging::beside(&out).unwrap();
                for name in ["report.json", "ledger.jsonl", file] {
                    fs::write(s.path().join(name), name).unwrap();
                }
                s
            });
            a.publish(force).unwrap();
            assert_eq!(b.publish(force).is_ok(), force);
            let last = if force { "b" } else { "a" };
            assert_eq!(names(&out), [last, "ledger.jsonl", "report.json"]);
            assert_eq!(names(here.path()), ["out"]);
        }
    }

    #[test]
    fn a_new_file_is_whole_and_takes_what_killed_runs_left() {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join(".threadfold-unfinished-killed"), "half").unwrap();
        fs::write(here.path().join(".threadfold-unfinished-business.txt"), "the user's").unwrap();
        let one = NewFile::beside(here.path()).unwrap();
        let two = NewFile::beside(here.path()).unwrap();
        two.publish(&here.path().join("two")).unwrap();
        one.publish(&here.path().join("one")).unwrap();
        assert_eq!(names(here.path()), [".threadfold-unfinished-business.txt", "one", "two"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_never_replaced_however_it_is_spelt() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        export(&at("old"));
        std::os::unix::fs::symlink(at("old"), at("link")).unwrap();
        for spelt in ["link", "link/", "link/."] {
            assert!(matches!(check(&at(spelt), true), Err(Error::OutputRefused { .. })), "{spelt}");
        }
        for nameless in ["..", "old/.."] {
            assert!(matches!(check(&at(nameless), true), Err(Error::OutputRefused { .. })), "{nameless}");
        }
        assert!(check(&at("old/"), true).is_ok());
    }

    #[test]
    fn a_folder_of_something_else_is_never_replaced() {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("thesis.tex"), "years").unwrap();
        assert!(matches!(check(here.path(), true), Err(Error::OutputRefused { .. })));
    }
}
