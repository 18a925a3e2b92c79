//! What a row looks like: found out when first asked for, and once, whatever many rules ask.

use std::cell::Cell;

use crate::footers::{self, Legal};
use crate::lines::Rows;
use crate::looks::{self, Closing};
use crate::phrases::{Kinds, phrases};
use crate::spoken;
use threadfold_core::eight::{HIGH, ascii_letters, before, count, small_letters, spaces};

/// What one pass over a row's bytes tells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// Words, as white space parts them.
    pub(crate) words: u16,
    /// Words that begin with a small letter.
    pub(crate) small: u16,
    marks: u16,
}

/// Nothing stands around the row's words that [`looks::bare`] takes away.
const PLAIN: u16 = 1;
const DIGIT: u16 = 2;
const AT: u16 = 4;
const SLASH: u16 = 8;
const DOT: u16 = 16;
/// One of `?!:;`, which no name holds.
const STOP: u16 = 32;
const BAR: u16 = 64;
const WIDE: u16 = 128;
const SPACE: u16 = 256;
const SMALL: u16 = 512;
const KNOWN: u16 = 1 << 15;

/// The marks that a byte sets.
const MARKS: [u16; 256] = {
    let mut marks = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        marks[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' => SMALL,
            b'@' => AT,
            b'/' => SLASH,
            b'.' => DOT,
            b'?' | b'!' | b':' | b';' => STOP,
            b'|' => BAR,
            b' ' | 9..=13 => SPACE,
            0x80.. => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    marks
};

impl Facts {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut seen = 0;
        let mut gap = true;
        let (mut words, mut small) = (0_usize, 0_usize);
        let mut at = 0;
        loop {
            while let Some(chunk) = bytes[at..].first_chunk::<8>() {
                let eight = u64::from_le_bytes(*chunk);
                if eight & HIGH != 0 {
                    break;
                }
                let spaces = spaces(eight);
                let starts = (spaces << 8 | u64::from(gap) << 7) & !spaces & HIGH;
                words += count(starts);
                small += count(starts & small_letters(eight));
                gap = spaces >> 63 == 1;
                // Digits and marks are rarer than letters.
                let mut odd = HIGH & !(spaces | ascii_letters(eight));
                while odd != 0 {
                    seen |= MARKS[usize::from(chunk[before(odd)])];
                    odd &= odd - 1;
                }
                at += 8;
            }
            // The last bytes, and eight where one is not ASCII.
            let stop = at + 8;
            while let Some(&byte) = bytes.get(at).filter(|_| at < stop) {
                let mark = MARKS[usize::from(byte)];
                seen |= mark;
                if mark & WIDE == 0 {
                    let space = mark & SPACE != 0;
                    words += usize::from(gap & !space);
                    small += usize::from(gap & (mark & SMALL != 0));
                    gap = space;
                    at += 1;
                    continue;
                }
                // Of what is not ASCII only the first letter of a word is looked at, and what may be white space.
                let next = if gap || matches!(byte, 0xC2 | 0xE1 | 0xE2 | 0xE3) {
                    text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(' ')
                } else {
                    at += 1;
                    continue;
                };
                let space = next.is_whitespace();
                words += usize::from(gap & !space);
                small += usize::from(gap && next.is_lowercase());
                gap = space;
                at += next.len_utf8();
            }
            if at >= bytes.len() {
                break;
            }
        }
        let mut facts = Self {
            words: u16::try_from(words).unwrap_or(u16::MAX),
            small: u16::try_from(small).unwrap_or(u16::MAX),
            marks: KNOWN | seen & (DIGIT | AT | SLASH | DOT | STOP | BAR | WIDE),
        };
        let adorns = |byte: Option<&u8>| {
            byte.is_none_or(|byte| matches!(byte, b'*' | b'_' | b' ' | b'\t' | b'|' | b'"' | 0x80..))
        };
        if !adorns(bytes.first()) && !adorns(bytes.last()) {
            facts.marks |= PLAIN;
        }
        facts
    }

    fn has(self, marks: u16) -> bool {
        self.marks & marks != 0
    }
}

/// What the rules found a row to be, two bits a question: asked, and the answer.
#[derive(Clone, Copy, Debug, Default)]
struct Answers(u16);

const SAID: u16 = 0;
const NOTICE: u16 = 2;
const CONTACT: u16 = 4;
const NAME: u16 = 6;

/// What is known of one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note {
    facts: Cell<Facts>,
    answers: Cell<Answers>,
    kinds: Cell<Kinds>,
    closing: Cell<Option<Option<Closing>>>,
}

impl Rows<'_> {
    pub(crate) fn facts(&self, at: usize) -> Facts {
        let Some(note) = self.notes.get(at) else { return Facts::of(self.text(at)) };
        let mut facts = note.facts.get();
        if !facts.has(KNOWN) {
            facts = Facts::of(self.text(at));
            note.facts.set(facts);
        }
        facts
    }

    /// The answer to a question about a row's text.
    #[inline]
    fn answer(&self, at: usize, question: u16, ask: impl FnOnce(&str) -> bool) -> bool {
        let Some(note) = self.notes.get(at) else { return ask(self.text(at)) };
        let Answers(before) = note.answers.get();
        if before >> question & 1 == 1 {
            return before >> question & 2 == 2;
        }
        let yes = ask(self.text(at));
        note.answers.set(Answers(note.answers.get().0 | (1 | u16::from(yes) << 1) << question));
        yes
    }

    /// The kinds of phrases that a row begins with.
    pub(crate) fn begins(&self, at: usize) -> Kinds {
        let Some(note) = self.notes.get(at) else { return Kinds::at_start(self.text(at)) };
        let mut kinds = note.kinds.get();
        if !kinds.is_known() {
            kinds = Kinds::at_start(self.text(at));
            note.kinds.set(kinds);
        }
        kinds
    }

    /// How many words a row has.
    pub(crate) fn words(&self, at: usize) -> usize {
        usize::from(self.facts(at).words)
    }

    /// [`spoken::is_said`] of a row.
    pub(crate) fn is_said(&self, at: usize) -> bool {
        self.answer(at, SAID, |text| {
            // The wide colon is not ASCII.
            let may_answer = || self.facts(at).has(DIGIT | STOP | WIDE);
            spoken::is_said(text, may_answer, || self.touches_notice(at))
        })
    }

    /// [`looks::is_contact`] of a row.
    pub(crate) fn is_contact(&self, at: usize) -> bool {
        self.facts(at).has(DIGIT | AT | SLASH | DOT) && self.answer(at, CONTACT, looks::is_contact)
    }

    /// [`looks::is_name`] of a row.
    pub(crate) fn is_name(&self, at: usize) -> bool {
        let facts = self.facts(at);
        facts.words <= 12 && !facts.has(STOP | AT | SLASH) && self.answer(at, NAME, looks::is_name)
    }

    /// [`looks::is_short`] of a row.
    pub(crate) fn is_short(&self, at: usize) -> bool {
        let text = self.text(at);
        let facts = self.facts(at);
        if !facts.has(PLAIN) {
            return looks::is_short(text);
        }
        let last = text.as_bytes().last();
        text.len() <= 120
            && facts.words <= 16
            && last != Some(&b'?')
            && !(matches!(last, Some(b'.' | b'!')) && facts.words > 7)
            && !phrases().is_postscript(text)
    }

    /// Whether a row can stand in a signature that nothing sets off: short, and not said to anybody.
    pub(crate) fn fits(&self, at: usize) -> bool {
        self.is_short(at) && !self.is_said(at)
    }

    /// [`looks::is_prose`] of a row.
    pub(crate) fn is_prose(&self, at: usize) -> bool {
        let facts = self.facts(at);
        if facts.has(PLAIN) && !facts.has(BAR) {
            return facts.words >= 6 && facts.small * 2 > facts.words;
        }
        facts.words >= 6 && looks::is_prose(self.text(at))
    }

    /// [`looks::closing_row`] of a row.
    pub(crate) fn closing_row(&self, at: usize) -> Option<Closing> {
        let Some(note) = self.notes.get(at) else { return looks::closing_row(self.text(at)) };
        if let Some(found) = note.closing.get() {
            return found;
        }
        if !self.begins(at).has(Kinds::CLOSING) {
            return None;
        }
        let found = looks::closing_row(self.text(at));
        note.closing.set(Some(found));
        found
    }

    /// Whether a row holds a phrase of a notice or may end within one.
    pub(crate) fn touches_notice(&self, at: usize) -> bool {
        self.answer(at, NOTICE, |text| phrases().touches_notice(text))
    }

    /// Whether no phrase of a notice stands in some rows, however they are joined.
    pub(crate) fn hold_no_notice(&self, mut rows: std::ops::RangeInclusive<usize>) -> bool {
        !rows.any(|at| self.touches_notice(at))
    }

    /// [`footers::legal`] of a row.
    pub(crate) fn legal(&self, at: usize) -> Legal {
        if self.touches_notice(at) { footers::legal(self.text(at)) } else { Legal::default() }
    }

    /// [`footers::list_footer`] of a row.
    pub(crate) fn list_footer(&self, at: usize) -> bool {
        self.touches_notice(at) && footers::list_footer(self.text(at))
    }
}
