//! What a row looks like: found out when first asked for, and once, whatever many rules ask.

use std::cell::Cell;

use crate::footers::{self, Legal};
use crate::forms;
use crate::history;
use crate::lines::{Rows, State};
use crate::looks::{self, Closing};
use crate::phrases::{Kinds, phrases};
use crate::remembered;
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

/// Whether nothing can stand around a row's words that [`looks::bare`] takes away.
fn is_plain(bytes: &[u8]) -> bool {
    let adorns = |byte: Option<&u8>| {
        byte.is_none_or(|byte| matches!(byte, b'*' | b'_' | b' ' | b'\t' | b'|' | b'"' | 0x80..))
    };
    !adorns(bytes.first()) && !adorns(bytes.last())
}

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
        if is_plain(bytes) {
            facts.marks |= PLAIN;
        }
        facts
    }

    fn has(self, marks: u16) -> bool {
        self.marks & marks != 0
    }
}

/// What is known of one row: of each question nothing, which is 0, or what its text tells. So what two looks found
/// are put together bit by bit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Note {
    facts: Facts,
    /// Two bits a question: asked, and the answer.
    answers: u32,
    kinds: Kinds,
    /// Where it is remembered, and which of those is meant that were one after the other.
    place: (u16, u32),
    /// What closing it is, counted from 2; 1 if none.
    closing: u8,
    /// Of legal text: whether it was looked for, whether it opens such, and the count of its parts.
    legal: u8,
}

const SAID: u32 = 0;
const NOTICE: u32 = 2;
const CONTACT: u32 = 4;
const NAME: u32 = 6;
const SHORT: u32 = 8;
const QUIET: u32 = 10;
const PROSE: u32 = 12;
const LIST: u32 = 14;
const CLIENT: u32 = 16;
const PICTURE: u32 = 18;
/// What is remembered of the row was looked up.
const LOOKED: u32 = 1 << 29;
/// The row has a place where it is remembered.
const PLACED: u32 = 1 << 30;
/// More was found than is remembered.
const FRESH: u32 = 1 << 31;

impl Note {
    /// The note of a row that is remembered at a place.
    pub(crate) fn at(self, place: (u16, u32)) -> Self {
        Self { place, answers: self.answers | PLACED, ..self }
    }

    /// Where the row is remembered.
    pub(crate) fn place(self) -> Option<(u16, u32)> {
        (self.answers & PLACED != 0).then_some(self.place)
    }

    /// What is to be remembered where another note of the same text was.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            facts: if self.facts.has(KNOWN) { self.facts } else { other.facts },
            answers: (self.answers | other.answers) & !(LOOKED | PLACED | FRESH),
            kinds: self.kinds.and(other.kinds),
            place: (0, 0),
            closing: self.closing | other.closing,
            legal: self.legal | other.legal,
        }
    }
}

impl Rows<'_> {
    /// Takes over what other rows know of a row of the same text.
    pub(crate) fn copy_note(&self, at: usize, others: &Rows<'_>, origin: usize) {
        if let (Some(own), Some(other)) = (self.notes.get(at), others.notes.get(origin)) {
            own.set(Note { answers: other.get().answers & !FRESH, ..other.get() });
        }
    }

    /// What is known of a row so far.
    #[inline]
    fn known(&self, at: usize) -> Note {
        self.notes.get(at).map_or_else(Note::default, Cell::get)
    }

    /// What is known of a row, with what is remembered of it.
    #[inline]
    fn looked_up(&self, at: usize) -> Note {
        let note = self.known(at);
        if note.answers & LOOKED == 0 { self.look_up(at) } else { note }
    }

    #[inline(never)]
    fn look_up(&self, at: usize) -> Note {
        let Some(cell) = self.notes.get(at) else { return Note::default() };
        // What others wrote is seldom asked about.
        let quoted = self.state(at) == State::Quoted;
        let mut note = if quoted { Note::default() } else { remembered::look(self.text(at)) };
        note.answers |= LOOKED;
        cell.set(note);
        note
    }

    /// Adds to what is known of a row.
    fn learn(&self, at: usize, add: impl FnOnce(&mut Note)) {
        let Some(cell) = self.notes.get(at) else { return };
        let mut note = cell.get();
        add(&mut note);
        if note.answers & (FRESH | PLACED) == PLACED {
            note.answers |= FRESH;
            self.fresh.borrow_mut().push(at);
        }
        cell.set(note);
    }

    #[inline]
    pub(crate) fn facts(&self, at: usize) -> Facts {
        let facts = self.known(at).facts;
        if facts.has(KNOWN) { facts } else { self.find_facts(at) }
    }

    #[inline(never)]
    fn find_facts(&self, at: usize) -> Facts {
        let mut facts = self.looked_up(at).facts;
        if !facts.has(KNOWN) {
            facts = Facts::of(self.text(at));
            self.learn(at, |note| note.facts = facts);
        }
        facts
    }

    /// The answer to a question about a row's text.
    #[inline]
    fn answer(&self, at: usize, question: u32, ask: impl FnOnce(&str) -> bool) -> bool {
        let known = self.known(at).answers >> question;
        if known & 1 == 1 { known & 2 == 2 } else { self.find_answer(at, question, ask) }
    }

    #[inline(never)]
    fn find_answer(&self, at: usize, question: u32, ask: impl FnOnce(&str) -> bool) -> bool {
        let known = self.looked_up(at).answers >> question;
        if known & 1 == 1 {
            return known & 2 == 2;
        }
        let yes = ask(self.text(at));
        self.learn(at, |note| note.answers |= (1 | u32::from(yes) << 1) << question);
        yes
    }

    /// The kinds of phrases that a row begins with.
    #[inline]
    pub(crate) fn begins(&self, at: usize) -> Kinds {
        let kinds = self.known(at).kinds;
        if kinds.is_known() { kinds } else { self.find_kinds(at) }
    }

    #[inline(never)]
    fn find_kinds(&self, at: usize) -> Kinds {
        let mut kinds = self.looked_up(at).kinds;
        if !kinds.is_known() {
            kinds = Kinds::at_start(self.text(at));
            self.learn(at, |note| note.kinds = kinds);
        }
        kinds
    }

    /// Whether nothing in a row's text can make it the beginning of history.
    #[inline]
    pub(crate) fn is_quiet(&self, at: usize) -> bool {
        self.answer(at, QUIET, |text| history::is_quiet(text, || self.begins(at)))
    }

    /// Whether a row that starts with a letter can be neither a label nor the start of a form.
    #[inline]
    pub(crate) fn is_plain_prose(&self, at: usize) -> bool {
        self.answer(at, PROSE, |text| forms::is_plain_prose(text, || self.begins(at)))
    }

    /// Whether a row may be what a phone or a mail program adds.
    #[inline]
    pub(crate) fn may_be_client_line(&self, at: usize) -> bool {
        self.answer(at, CLIENT, |text| footers::may_be_client_line(text, self.begins(at)))
    }

    /// [`looks::is_picture`] of a row.
    #[inline]
    pub(crate) fn is_picture(&self, at: usize) -> bool {
        self.answer(at, PICTURE, looks::is_picture)
    }

    /// How many words a row has.
    #[inline]
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
        const LONGEST: usize = 120;
        let text = self.text(at);
        if text.len() > LONGEST && is_plain(text.as_bytes()) {
            return false;
        }
        self.answer(at, SHORT, |text| {
            let facts = self.facts(at);
            if !facts.has(PLAIN) {
                return looks::is_short(text);
            }
            let last = text.as_bytes().last();
            text.len() <= LONGEST
                && facts.words <= 16
                && last != Some(&b'?')
                && !(matches!(last, Some(b'.' | b'!')) && facts.words > 7)
                && !phrases().is_postscript(text)
        })
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
        const ALL: [Closing; 4] =
            [Closing::Firm, Closing::FirmWithName, Closing::Courtesy, Closing::CourtesyWithName];
        let known = self.looked_up(at).closing;
        if known > 0 {
            return ALL.get(usize::from(known).wrapping_sub(2)).copied();
        }
        let begins = self.begins(at).has(Kinds::CLOSING);
        let found = if begins { looks::closing_row(self.text(at)) } else { None };
        let place = found.and_then(|found| ALL.iter().position(|closing| *closing == found));
        self.learn(at, |note| note.closing = place.map_or(1, |place| place as u8 + 2));
        found
    }

    /// Whether a row holds a phrase of a notice or may end within one.
    #[inline]
    pub(crate) fn touches_notice(&self, at: usize) -> bool {
        self.answer(at, NOTICE, |text| phrases().touches_notice(text))
    }

    /// Whether no phrase of a notice stands in some rows, however they are joined.
    pub(crate) fn hold_no_notice(&self, mut rows: std::ops::RangeInclusive<usize>) -> bool {
        !rows.any(|at| self.touches_notice(at))
    }

    /// [`footers::legal`] of a row.
    pub(crate) fn legal(&self, at: usize) -> Legal {
        if !self.touches_notice(at) {
            return Legal::default();
        }
        let known = self.looked_up(at).legal;
        if known > 0 {
            return Legal { opening: known & 2 != 0, parts: usize::from(known >> 2) };
        }
        let found = footers::legal(self.text(at));
        // So many parts as there is no room for are too rare to remember.
        if let Ok(parts @ ..64) = u8::try_from(found.parts) {
            self.learn(at, |note| note.legal = 1 | u8::from(found.opening) << 1 | parts << 2);
        }
        found
    }

    /// [`footers::list_footer`] of a row.
    pub(crate) fn list_footer(&self, at: usize) -> bool {
        self.touches_notice(at) && self.answer(at, LIST, footers::list_footer)
    }
}
