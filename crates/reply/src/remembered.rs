//! Rows that mails repeat, and what was found of them: greetings, closings, names, addresses, legal text.
//!
//! Of the rows that rules ask about, nearly half (a mailing list) to seven in ten (generated mail) stood in some mail
//! before. What a row's text tells is the same wherever it stands, so it is found out once as long as a thread remembers
//! the row.

use std::cell::{Cell, RefCell};

use crate::facts::Note;
use crate::known::hash_bytes;
use crate::lines::Rows;

/// Rows that a thread remembers; a power of two. Each has one place, and a newer one takes it.
const PLACES: usize = 2048;
/// Bytes that a row may have to be remembered. Few lines are longer.
const LONGEST: usize = 95;

/// A row's text, and what was found of it.
#[derive(Clone, Copy)]
struct Entry {
    note: Note,
    /// Counts the rows that were remembered here.
    count: u32,
    length: u8,
    text: [u8; LONGEST],
}

impl Entry {
    fn is_of(&self, text: &[u8]) -> bool {
        usize::from(self.length) == text.len() && self.text.get(..text.len()) == Some(text)
    }
}

thread_local! {
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// Calls `with` with what this thread remembers, unless the thread is ending.
fn entries<R>(with: impl FnOnce(&mut Vec<Entry>) -> R) -> Option<R> {
    ENTRIES.try_with(|all| all.try_borrow_mut().ok().map(|mut all| with(&mut all))).ok()?
}

/// The place of a text that can be remembered.
fn place(bytes: &[u8]) -> Option<u16> {
    if bytes.len() > LONGEST || bytes.is_empty() {
        return None;
    }
    Some((hash_bytes(bytes) >> 48) as u16 & (PLACES - 1) as u16)
}

/// What is remembered of a row's text. A text that is not is from now on, with nothing found yet.
pub(crate) fn look(text: &str) -> Note {
    let bytes = text.as_bytes();
    let Some(place) = place(bytes) else { return Note::default() };
    let found = entries(|all| {
        if all.is_empty() {
            *all = vec![Entry { note: Note::default(), count: 0, length: 0, text: [0; LONGEST] }; PLACES];
        }
        let entry = all.get_mut(usize::from(place))?;
        if !entry.is_of(bytes) {
            entry.note = Note::default();
            entry.count = entry.count.wrapping_add(1);
            entry.length = bytes.len() as u8;
            entry.text.get_mut(..bytes.len())?.copy_from_slice(bytes);
        }
        Some(entry.note.at((place, entry.count)))
    });
    found.flatten().unwrap_or_default()
}

/// Remembers what was found of rows since they were looked for.
pub(crate) fn keep(rows: &Rows<'_>) {
    let fresh = rows.fresh.borrow();
    if fresh.is_empty() {
        return;
    }
    entries(|all| {
        for at in fresh.iter() {
            if let Some(note) = rows.notes.get(*at).map(Cell::get)
                && let Some((place, count)) = note.place()
                && let Some(entry) = all.get_mut(usize::from(place))
                && entry.count == count
            {
                entry.note = entry.note.with(note);
            }
        }
    });
}
