//! What a killed run leaves behind, and how the next one knows that nobody wants it any more.
//!
//! Whatever is being written stands beside its place under a name of its own, and its writer holds a lock on
//! it. The system drops the lock with the process, however that ends. So a thing of such a name that can be
//! locked is nobody's, and whoever holds that lock may take it away; one that cannot be locked belongs to a
//! run that is still at work. Where a file system knows no locks, nothing is ever taken away.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// How many random characters follow the prefix of an unfinished thing's name.
pub(crate) const RANDOM: usize = 6;

/// What came of trying to lock something.
#[derive(Debug)]
pub(crate) enum Claim {
    /// It is ours while the file lives.
    Held(File),
    /// Another process works on it, or has just taken it away.
    Lost,
    /// Locks mean nothing here.
    Unlockable,
}

/// Tries to lock a file or folder, given open and by name.
pub(crate) fn claim(file: File, path: &Path) -> Claim {
    match file.try_lock() {
        // Between its opening and its locking another run may have locked it first, removed it and gone.
        Ok(()) if is_at(&file, path) => Claim::Held(file),
        Ok(()) | Err(TryLockError::WouldBlock) => Claim::Lost,
        Err(TryLockError::Error(_)) => Claim::Unlockable,
    }
}

/// Whether the name still leads to the open file.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let here = std::fs::symlink_metadata(path).map(|m| (m.dev(), m.ino()));
        let ours = file.metadata().map(|m| (m.dev(), m.ino()));
        matches!((here, ours), (Ok(a), Ok(b)) if a == b)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// Makes something new with `make` and locks it; again under another name should a run that tidies up have been
/// quicker. No lock where there are none.
pub(crate) fn hold<T>(
    mut make: impl FnMut() -> io::Result<T>,
    open: impl Fn(&T) -> io::Result<File>,
    path: impl Fn(&T) -> &Path,
) -> io::Result<(T, Option<File>)> {
    for _ in 0..16 {
        let made = make()?;
        // Folders cannot be opened everywhere.
        let Ok(file) = open(&made) else { return Ok((made, None)) };
        match claim(file, path(&made)) {
            Claim::Held(lock) => return Ok((made, Some(lock))),
            Claim::Unlockable => return Ok((made, None)),
            Claim::Lost => {}
        }
    }
    Err(io::Error::other("other runs keep removing what this one writes"))
}

/// Everything in `folder` called by `prefix` and [`RANDOM`] letters or digits that nobody holds, with its lock.
pub(crate) fn find(folder: &Path, prefix: &str) -> Vec<(PathBuf, File)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let unfinished = |name: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|r| r.len() == RANDOM && r.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let link = entry.file_type().map_or(true, |kind| kind.is_symlink());
        if link || !entry.file_name().to_str().is_some_and(unfinished) {
            continue;
        }
        let path = entry.path();
        if let Ok(file) = File::open(&path)
            && let Claim::Held(lock) = claim(file, &path)
        {
            found.push((path, lock));
        }
    }
    found
}

/// Removes what killed runs left under such names. What cannot be removed stays: it harms nobody.
pub(crate) fn sweep(folder: &Path, prefix: &str) {
    for (path, lock) in find(folder, prefix) {
        let folder = lock.metadata().is_ok_and(|m| m.is_dir());
        let _ = if folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_holds_is_swept() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        for name in [
            ".out.threadfold-unfinished-dead00",
            ".out.threadfold-unfinished-live00",
            ".out.threadfold-unfinished-notours",
            "out",
        ] {
            std::fs::create_dir(at(name)).unwrap();
            std::fs::write(at(name).join("x"), "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("out"), at(".out.threadfold-unfinished-link00")).unwrap();
        let held = File::open(at(".out.threadfold-unfinished-live00")).unwrap();
        let Claim::Held(lock) = claim(held, &at(".out.threadfold-unfinished-live00")) else { panic!() };
        sweep(here.path(), ".out.threadfold-unfinished-");
        assert!(!at(".out.threadfold-unfinished-dead00").exists());
        for kept in [".out.threadfold-unfinished-live00/x", ".out.threadfold-unfinished-notours/x", "out/x"] {
            assert!(at(kept).exists(), "{kept}");
        }
        drop(lock);
        sweep(here.path(), ".out.threadfold-unfinished-");
        assert!(!at(".out.threadfold-unfinished-live00").exists());
        assert!(at("out/x").exists());
    }

    #[test]
    fn what_was_taken_away_before_it_could_be_locked_is_made_anew() {
        let here = tempfile::tempdir().unwrap();
        let mut round = 0;
        let (path, lock) = hold(
            || {
                round += 1;
                let path = here.path().join(format!("{round}"));
                std::fs::write(&path, "")?;
                Ok(path)
            },
            |path| {
                let file = File::open(path)?;
                // A run that tidies up comes in between.
                if path.ends_with("1") {
                    std::fs::remove_file(path)?;
                }
                Ok(file)
            },
            |path| path,
        )
        .unwrap();
        assert!(path.ends_with("2") && lock.is_some());
    }
}
