//! Files mapped into memory: the only unsafe code of the crate.
//!
//! # Safety
//!
//! A mapping hands out `&[u8]` whose bytes live in a file. Two things could go wrong, and neither can be
//! ruled out by any program that maps a file it does not own:
//!
//! - Another process *writes* to the file. The bytes under a `&[u8]` then change, which Rust's model does
//!   not allow. Nothing here depends on reading the same value twice for memory safety: every offset taken
//!   from the bytes is bounds-checked again where it is used, so the outcome is a wrong message, never an
//!   access outside the mapping.
//! - Another process *truncates* the file. Touching a page past the new end raises SIGBUS, which ends this
//!   process. Do not read a mailbox that a mail server is rewriting: copy it first.
//!
//! Spill files are created unlinked and private (see `unpack`), so that nobody else can do either to them.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::ops::Range;

/// The bytes of a whole file, mapped read-only. An empty file has no mapping and an empty slice.
#[derive(Debug)]
pub(crate) struct Map(Option<memmap2::Mmap>);

impl Map {
    pub(crate) fn of(file: &File) -> io::Result<Map> {
        if file.metadata()?.len() == 0 {
            return Ok(Map(None));
        }
        // SAFETY: see the module's safety section.
        Ok(Map(Some(unsafe { memmap2::Mmap::map(file) }?)))
    }

    /// No bytes at all.
    pub(crate) fn of_nothing() -> Map {
        Map(None)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or(&[])
    }

    /// Tells the kernel that these pages are not needed for now: they leave the resident set and come back
    /// from the file when touched again. A failure to do so is no error, it costs memory only.
    pub(crate) fn release(&self, range: Range<usize>) {
        #[cfg(unix)]
        if let Some(map) = &self.0 {
            // Whole pages inside the range only: the ones at the edges belong to neighbours too.
            const PAGE: usize = 1 << 16;
            let from = range.start.next_multiple_of(PAGE);
            let to = range.end.min(map.len()) / PAGE * PAGE;
            if from < to {
                // SAFETY: the mapping is shared and read-only, so that MADV_DONTNEED cannot lose a
                // write: the next access reads the same bytes from the file again.
                let _ = unsafe {
                    map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, from, to - from)
                };
            }
        }
        #[cfg(not(unix))]
        let _ = range;
    }
}
