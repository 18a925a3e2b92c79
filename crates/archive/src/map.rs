//! Files mapped into memory, and what happens when one shrinks: the only unsafe code of the workspace.
//!
//! # Safety
//!
//! A mapping hands out `&[u8]` whose bytes live in a file. Two things could go wrong, and neither can be
//! ruled out by any program that maps a file it does not own:
//!
//! - Another process *writes* to the file. The bytes under a `&[u8]` then change, which Rust's model does
//!   not allow. Nothing here depends on reading the same value twice for memory safety: every offset taken
//!   from the bytes is bounds-checked again where it is used, so the outcome is a wrong message, never an
//!   access outside the mapping. [`Map::state`] tells that it happened, and a run that sees it writes nothing.
//! - Another process *truncates* the file, or the disk fails. Touching a page past the new end raises SIGBUS,
//!   which ends the process. A process that asked for it ([`outlive_truncation`]) reads zeros there instead,
//!   and [`Map::state`] tells.
//!
//! Spill files are created unlinked and private (see `unpack`), so that nobody else can do either to them.
//!
//! # The signal handler
//!
//! It runs in the thread that touched the page, in the middle of anything, so it does only what is safe there:
//! it reads atomics of a list that never loses a node, and makes system calls. It maps zeros over the rest of
//! the mapping that the address lies in and returns; the access is then tried again and finds them. An address
//! that lies in no mapping of ours is none of our business: the former handler is put back and gets the signal
//! when the access is tried again.
#![allow(unsafe_code)]

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::path::Path;
use std::time::SystemTime;

/// The bytes of a whole file, mapped read-only. An empty file has no mapping and an empty slice.
#[derive(Debug)]
pub(crate) struct Map {
    bytes: Option<memmap2::Mmap>,
    /// Known to the signal handler; none where there is none.
    #[cfg(unix)]
    slot: Option<&'static guard::Slot>,
    /// Where the file stands and what it was like; none for files without a name.
    file: Option<(Box<Path>, Stamp)>,
}

/// What tells that a file has been written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    /// Another file of the same name does not concern us: ours is still mapped.
    identity: (u64, u64),
}

/// What has happened to a mapped file since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing that could be seen.
    Same,
    /// This many bytes were added; those that were there are the same, as far as a file's times can tell.
    Grown(u64),
    /// Bytes that were there may be others now.
    Rewritten,
    /// Bytes are gone, or the disk refused them. Zeros may have been read in their place.
    Lost,
}

impl Stamp {
    fn of(meta: &Metadata) -> Stamp {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (meta.dev(), meta.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Stamp { len: meta.len(), modified: meta.modified().ok(), identity }
    }
}

impl Map {
    /// A file of our own making, without a name.
    pub(crate) fn of(file: &File) -> io::Result<Map> {
        Map::new(file, None)
    }

    /// A file that others may write to.
    pub(crate) fn at(file: &File, path: &Path) -> io::Result<Map> {
        Map::new(file, Some(path))
    }

    fn new(file: &File, path: Option<&Path>) -> io::Result<Map> {
        let meta = file.metadata()?;
        let mut map = Map::of_nothing();
        map.file = path.map(|path| (path.into(), Stamp::of(&meta)));
        if meta.len() == 0 {
            return Ok(map);
        }
        // SAFETY: see the module's safety section.
        let bytes = unsafe { memmap2::Mmap::map(file) }?;
        #[cfg(unix)]
        {
            map.slot = guard::register(&bytes);
        }
        map.bytes = Some(bytes);
        Ok(map)
    }

    /// No bytes at all.
    pub(crate) fn of_nothing() -> Map {
        Map {
            bytes: None,
            #[cfg(unix)]
            slot: None,
            file: None,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(&[])
    }

    /// Where the file stands; none for one without a name.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| &**path)
    }

    /// What has happened to the file since it was mapped.
    pub(crate) fn state(&self) -> State {
        #[cfg(unix)]
        if self.slot.is_some_and(guard::Slot::is_lost) {
            return State::Lost;
        }
        let Some((path, before)) = &self.file else { return State::Same };
        // Without a name any more it cannot be looked at, and is still mapped whole.
        let Ok(now) = std::fs::metadata(path).map(|meta| Stamp::of(&meta)) else { return State::Same };
        if now.identity != before.identity {
            return State::Same;
        }
        match now.len.cmp(&before.len) {
            std::cmp::Ordering::Less => State::Lost,
            std::cmp::Ordering::Greater => State::Grown(now.len - before.len),
            std::cmp::Ordering::Equal if now.modified != before.modified => State::Rewritten,
            std::cmp::Ordering::Equal => State::Same,
        }
    }

    /// Tells the kernel that these pages are not needed for now: they leave the resident set and come back
    /// from the file when touched again. A failure to do so is no error, it costs memory only.
    pub(crate) fn release(&self, range: Range<usize>) {
        #[cfg(unix)]
        if let Some(map) = &self.bytes {
            // Whole pages inside the range only: the ones at the edges belong to neighbours too.
            const PAGE: usize = 1 << 16;
            let from = range.start.next_multiple_of(PAGE);
            let to = range.end.min(map.len()) / PAGE * PAGE;
            if from < to {
                // SAFETY: the mapping is read-only, so that MADV_DONTNEED cannot lose a write: the next
                // access reads the same bytes from the file again (or zeros where zeros were mapped).
                let _ = unsafe {
                    map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, from, to - from)
                };
            }
        }
        #[cfg(not(unix))]
        let _ = range;
    }
}

#[cfg(unix)]
impl Drop for Map {
    fn drop(&mut self) {
        // Before the mapping itself goes: its addresses may soon be somebody else's.
        if let Some(slot) = self.slot.take() {
            guard::release(slot);
        }
    }
}

/// Lets this process outlive a mailbox that shrinks while it is read, or that a failing disk refuses to read.
///
/// Mailboxes are mapped into memory. When somebody truncates one, reading what is gone raises SIGBUS, which
/// ends a process. After this call such a place reads as zeros, and
/// [`Archive::changes`](crate::Archive::changes) says which file it was. It installs a handler for SIGBUS; faults
/// elsewhere go to the handler that was there before. For programs: a library should leave the choice to them.
/// Does nothing where there is no such signal, or when called again.
///
/// ```
/// threadfold_archive::outlive_truncation();
/// ```
pub fn outlive_truncation() {
    #[cfg(unix)]
    guard::install();
}

#[cfg(unix)]
mod guard {
    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

    /// One mapping as the handler knows it. Slots are used again and never freed.
    #[derive(Debug)]
    pub(super) struct Slot {
        /// Address of the first byte; 0 while the slot is free.
        start: AtomicUsize,
        len: AtomicUsize,
        /// Zeros were mapped over a part of it.
        lost: AtomicBool,
        used: AtomicBool,
        next: AtomicPtr<Slot>,
    }

    static SLOTS: AtomicPtr<Slot> = AtomicPtr::new(ptr::null_mut());
    static FREE: AtomicUsize = AtomicUsize::new(0);
    /// The size of a page, and what was done on SIGBUS before.
    static BEFORE: OnceLock<(usize, libc::sigaction)> = OnceLock::new();

    impl Slot {
        pub(super) fn is_lost(&self) -> bool {
            self.lost.load(Ordering::Acquire)
        }
    }

    /// All slots, the newest first. Atomics only: the handler walks them too.
    fn slots() -> impl Iterator<Item = &'static Slot> {
        let mut at = SLOTS.load(Ordering::Acquire);
        std::iter::from_fn(move || {
            // SAFETY: the list holds pointers from `Box::leak` only, which stay valid and are never written to
            // but through their atomics.
            let slot: &'static Slot = unsafe { at.as_ref() }?;
            at = slot.next.load(Ordering::Acquire);
            Some(slot)
        })
    }

    /// Makes a mapping known to the handler; nothing where none is installed.
    pub(super) fn register(bytes: &[u8]) -> Option<&'static Slot> {
        BEFORE.get()?;
        let unused = |slot: &&Slot| {
            slot.used.compare_exchange(false, true, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        let again = if FREE.load(Ordering::Acquire) > 0 { slots().find(unused) } else { None };
        let slot = match again {
            Some(slot) => {
                FREE.fetch_sub(1, Ordering::AcqRel);
                slot
            }
            None => push(Slot {
                start: AtomicUsize::new(0),
                len: AtomicUsize::new(0),
                lost: AtomicBool::new(false),
                used: AtomicBool::new(true),
                next: AtomicPtr::default(),
            }),
        };
        slot.lost.store(false, Ordering::Release);
        slot.len.store(bytes.len(), Ordering::Release);
        slot.start.store(bytes.as_ptr() as usize, Ordering::Release);
        Some(slot)
    }

    fn push(slot: Slot) -> &'static Slot {
        let slot: &'static Slot = Box::leak(Box::new(slot));
        let mut first = SLOTS.load(Ordering::Acquire);
        loop {
            slot.next.store(first, Ordering::Release);
            let new = ptr::from_ref(slot).cast_mut();
            match SLOTS.compare_exchange_weak(first, new, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return slot,
                Err(now) => first = now,
            }
        }
    }

    pub(super) fn release(slot: &'static Slot) {
        slot.start.store(0, Ordering::Release);
        slot.used.store(false, Ordering::Release);
        FREE.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn install() {
        BEFORE.get_or_init(|| {
            // SAFETY: `sigaction` is plain data for which zeros are a valid value; the calls get pointers to
            // values that live through them; the handler does what the module's documentation says.
            unsafe {
                let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(4096);
                let mut before: MaybeUninit<libc::sigaction> = MaybeUninit::zeroed();
                libc::sigaction(libc::SIGBUS, ptr::null(), before.as_mut_ptr());
                let mut ours: libc::sigaction = MaybeUninit::zeroed().assume_init();
                let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                    on_bus_error;
                ours.sa_sigaction = handler as usize;
                ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
                libc::sigemptyset(&raw mut ours.sa_mask);
                libc::sigaction(libc::SIGBUS, &raw const ours, ptr::null_mut());
                (page, before.assume_init())
            }
        });
    }

    extern "C" fn on_bus_error(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
        // Set before any slot is; without it there is nothing that could be done.
        let Some((page, before)) = BEFORE.get() else { return };
        // SAFETY: the system gives a handler with SA_SIGINFO a valid pointer.
        let address = unsafe { (*info).si_addr() } as usize;
        let ours = slots().find(|slot| {
            let start = slot.start.load(Ordering::Acquire);
            start != 0 && (start..start + slot.len.load(Ordering::Acquire)).contains(&(address & !(page - 1)))
        });
        if let Some(slot) = ours {
            let from = address & !(page - 1);
            let end = slot.start.load(Ordering::Acquire) + slot.len.load(Ordering::Acquire);
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
            // SAFETY: the range lies within a mapping of ours, which lives while somebody reads from it, as
            // somebody does right now. Only whether its bytes come from the file changes.
            let zeros =
                unsafe { libc::mmap(from as *mut libc::c_void, end - from, libc::PROT_READ, flags, -1, 0) };
            if zeros != libc::MAP_FAILED {
                slot.lost.store(true, Ordering::Release);
                return;
            }
        }
        // SAFETY: `before` is what the system gave us.
        unsafe { libc::sigaction(libc::SIGBUS, ptr::from_ref(before), ptr::null_mut()) };
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Write;

    #[allow(clippy::unwrap_used, reason = "a test's helper")]
    fn file_of(pages: usize) -> (tempfile::NamedTempFile, Vec<u8>) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let bytes: Vec<u8> = (0..pages << 12).map(|i| (i % 251) as u8 + 1).collect();
        file.write_all(&bytes).unwrap();
        (file, bytes)
    }

    #[test]
    fn what_was_cut_off_reads_as_zeros_and_is_told() {
        outlive_truncation();
        for round in 0..3 {
            let (file, bytes) = file_of(64);
            let (other, same) = file_of(64);
            let map = Map::at(file.as_file(), file.path()).unwrap();
            let untouched = Map::at(other.as_file(), other.path()).unwrap();
            assert_eq!((map.bytes(), map.state()), (&bytes[..], State::Same));
            file.as_file().set_len(10 << 12).unwrap();
            let sum: u64 = map.bytes().iter().map(|b| u64::from(*b)).sum();
            let expected: u64 = bytes[..10 << 12].iter().map(|b| u64::from(*b)).sum();
            assert_eq!((sum, map.state()), (expected, State::Lost), "round {round}");
            // Even if the bytes should come back.
            file.as_file().set_len(64 << 12).unwrap();
            assert_eq!(map.state(), State::Lost);
            assert_eq!((untouched.bytes(), untouched.state()), (&same[..], State::Same));
        }
    }

    #[test]
    fn growing_and_rewriting_are_told() {
        let (mut file, _) = file_of(1);
        let map = Map::at(file.as_file(), file.path()).unwrap();
        file.write_all(b"more").unwrap();
        assert_eq!(map.state(), State::Grown(4));
        let map = Map::at(file.as_file(), file.path()).unwrap();
        file.as_file().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(map.state(), State::Rewritten);
        file.as_file().set_len(5).unwrap();
        assert_eq!(map.state(), State::Lost);
        // Another file under the name: what is mapped is still what it was.
        let (new, _) = file_of(2);
        let (old, _) = file_of(1);
        let map = Map::at(old.as_file(), old.path()).unwrap();
        std::fs::rename(new.path(), old.path()).unwrap();
        assert_eq!(map.state(), State::Same);
    }
}
