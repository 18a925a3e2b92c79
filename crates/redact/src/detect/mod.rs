//! Finding values: rules that start at an anchor (an `@`, a digit, a listed word) and look around it.

mod address;
mod address_tail;
mod check;
mod date;
mod east;
mod handle;
mod ids;
mod ip;
mod name;
mod name_place;
mod net;
mod number;
mod phone;
mod place;
mod postcode;
mod wrap;

use crate::kind::Type;
use crate::known::Known;
use crate::lexicon::{Lexicon, context, flag, minor};
use crate::people::People;
use crate::token::{Token, gap, shape};
use serde::{Deserialize, Serialize};

pub(crate) use name::NameRole;

/// A piece of the text that a rule claims.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Hit {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: Type,
    /// For names: where in the mail it stands, which tells whose it may be.
    pub(crate) role: NameRole,
}

/// One text under detection.
pub(crate) struct Scan<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a mut Vec<Token>,
    pub(crate) hits: &'a mut Vec<Hit>,
    pub(crate) people: &'a People,
    /// What was found elsewhere in the archive.
    pub(crate) known: Option<&'a Known>,
    pub(crate) lexicon: &'static Lexicon,
    /// Index of the token where each kind of context was last seen, plus one.
    last: [u32; context::COUNT],
    /// The latest of `last`.
    latest: usize,
    /// Index after the latest placeholder literal: no word announces anything across one, since nobody
    /// knows how many words stood there.
    floor: usize,
    /// Where the last long run looked at for a web token ended.
    wall: usize,
    /// The kind and last token of the latest announced value: "orders 1234 and 1235".
    chain: Option<(Type, usize)>,
    /// Hashes of the numbers that are hits if they were announced elsewhere, and were not.
    pub(crate) asked: Vec<u64>,
}

/// Whether the dot after a token shortens a word ("Nr.", "Tel.") rather than ends a sentence.
pub(crate) fn abbreviates(text: &str, token: &Token) -> bool {
    let word = &text.as_bytes()[token.start as usize..token.end as usize];
    token.word()
        && (token.len() <= 1
            || token.is(flag::TITLE) && token.len() <= 4
            || token.is(flag::STREET) && token.len() <= 4
            || word.len() <= 24 && word.len() >= 2 && word[word.len() - 2..].eq_ignore_ascii_case(b"nr")
            || token.looks(minor::ABBREVIATION))
}

impl<'a> Scan<'a> {
    pub(crate) fn new(
        text: &'a str,
        tokens: &'a mut Vec<Token>,
        hits: &'a mut Vec<Hit>,
        people: &'a People,
        known: Option<&'a Known>,
    ) -> Scan<'a> {
        Scan {
            text,
            tokens,
            hits,
            people,
            known,
            lexicon: Lexicon::get(),
            last: [0; context::COUNT],
            latest: 0,
            floor: 0,
            wall: 0,
            chain: None,
            asked: Vec::new(),
        }
    }

    /// Runs every rule. Hits may overlap.
    pub(crate) fn run(&mut self) {
        crate::token::tokenise(self.text, self.lexicon, self.tokens);
        self.mend_line_ends();
        self.hits.clear();
        self.net();
        self.mark_taken();
        let count = self.tokens.len();
        let mut i = 0;
        while i < count {
            let token = self.tokens[i];
            if token.context != 0 {
                self.latest = i + 1;
                let mut bits = token.context;
                while bits != 0 {
                    self.last[bits.trailing_zeros() as usize] = i as u32 + 1;
                    bits &= bits - 1;
                }
                if !token.looks(shape::TAKEN) {
                    self.announced_words(i);
                }
            }
            if token.looks(shape::PLACEHOLDER) {
                self.floor = i + 1;
            }
            if token.looks(shape::TAKEN) || !token.looks(shape::DIGIT) {
                i += 1;
                continue;
            }
            i = self.number(i).max(i + 1);
        }
        self.handles();
        self.addresses();
        self.names();
        if self.tokens.iter().any(|t| t.looks(shape::EAST)) {
            self.east();
        }
        self.known_values();
    }

    /// Does what [`Scan::run`] does to a text whose hits are known, but for those that other threads make hits.
    pub(crate) fn run_again(&mut self, hits: Vec<Hit>) {
        crate::token::tokenise(self.text, self.lexicon, self.tokens);
        self.mend_line_ends();
        *self.hits = hits;
        self.known_values();
    }

    /// What was found in other threads and means the same here.
    fn known_values(&mut self) {
        let Some(known) = self.known.filter(|k| !k.is_empty()).map(Known::index) else { return };
        for i in 0..self.tokens.len() {
            if let Some((last, kind)) = known.at(self.text, self.tokens, i) {
                let (start, end) = (self.tokens[i].start, self.tokens[last].end);
                let role = if kind == Type::Name { NameRole::Mentioned } else { NameRole::Known };
                self.hits.push(Hit { start, end, kind, role });
            }
        }
    }

    /// Whether letters and digits are those of a number that a word announced, here or in another thread.
    pub(crate) fn announced_before(&mut self, compact: u64) -> bool {
        let before =
            self.people.house_value(compact) || self.known.is_some_and(|k| k.index().number(compact));
        if !before {
            self.asked.push(compact);
        }
        before
    }

    /// Marks the tokens inside hits so far, which belong to addresses of the net.
    fn mark_taken(&mut self) {
        if self.hits.is_empty() {
            return;
        }
        let mut spans: Vec<(u32, u32)> = self.hits.iter().map(|h| (h.start, h.end)).collect();
        spans.sort_unstable();
        let mut next = 0;
        let mut until = 0;
        for token in self.tokens.iter_mut() {
            while next < spans.len() && spans[next].0 < token.end {
                until = until.max(spans[next].1);
                next += 1;
            }
            if token.start < until {
                token.shape |= shape::TAKEN;
            }
        }
        // What only shields its words (a URL) is no find.
        self.hits.retain(|h| h.role != NameRole::Shield);
    }

    fn hit(&mut self, start: usize, end: usize, kind: Type) {
        if start < end {
            self.hits.push(Hit { start: start as u32, end: end as u32, kind, role: NameRole::None });
        }
    }

    /// Claims tokens `i..=j` and remembers the value for a list that may follow.
    fn hit_tokens(&mut self, i: usize, j: usize, kind: Type) -> usize {
        let (start, end) = (self.tokens[i].start as usize, self.tokens[j].end as usize);
        self.hit(start, end, kind);
        self.chain = Some((kind, j));
        j + 1
    }

    fn str(&self, token: &Token) -> &'a str {
        &self.text[token.start as usize..token.end as usize]
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn token(&self, i: usize) -> Option<&Token> {
        self.tokens.get(i)
    }

    fn gap(&self, i: usize) -> u32 {
        self.tokens.get(i).map_or(gap::START | gap::NEWLINE, |t| t.gap)
    }

    /// The bytes between token `i - 1` and token `i`.
    fn gap_len(&self, i: usize) -> usize {
        if i == 0 || i >= self.tokens.len() {
            return usize::MAX;
        }
        if self.tokens[i].looks(shape::WRAPPED) {
            return 1;
        }
        (self.tokens[i].start - self.tokens[i - 1].end) as usize
    }

    /// Whether the dot after token `k` shortens a word rather than ends a sentence.
    pub(crate) fn abbreviates(&self, k: usize) -> bool {
        abbreviates(self.text, &self.tokens[k])
    }

    /// Whether a sentence ends between token `k - 1` and token `k`.
    fn sentence_break(&self, k: usize) -> bool {
        self.gap(k) & gap::STOP != 0 && self.gap(k) & gap::SPACE != 0 && k > 0 && !self.abbreviates(k - 1)
    }

    /// How many tokens before `i` the latest context word of these kinds stands, at most `window`.
    fn near(&self, contexts: u32, i: usize, window: usize) -> Option<usize> {
        if i + 1 - self.latest.min(i + 1) > window {
            return None;
        }
        let mut bits = contexts;
        let mut best = None;
        while bits != 0 {
            let at = self.last[bits.trailing_zeros() as usize] as usize;
            bits &= bits - 1;
            if at > self.floor && at <= i && i - (at - 1) <= window {
                best = Some(best.map_or(at, |b: usize| b.max(at)));
            }
        }
        let at = best?;
        // A blank line ends what a word announces.
        let clear = (at..=i).skip(1).all(|k| self.gap(k) & gap::BLANK == 0);
        clear.then_some(i + 1 - at)
    }

    /// Like [`Scan::near`], within the sentence.
    fn near_here(&self, contexts: u32, i: usize, window: usize) -> Option<usize> {
        let distance = self.near(contexts, i, window)?;
        (i - distance + 1..=i).all(|k| !self.sentence_break(k)).then_some(distance)
    }

    /// Like [`Scan::near`], but only words that connect may stand between: "order number is 12345".
    fn announced(&self, contexts: u32, i: usize) -> Option<usize> {
        let distance = self.near(contexts, i, 8)?;
        let at = i - distance;
        for k in at + 1..=i {
            let token = &self.tokens[k];
            let between = token.gap;
            let numero = self.abbreviates(k - 1);
            if between & gap::STOP != 0 && between & gap::SPACE != 0 && !numero {
                return None;
            }
            if k < i && !(token.is(flag::CONNECT) || token.context != 0) {
                return None;
            }
        }
        Some(distance)
    }
}
