//! What a question puts otherwise: its question word, its tense, a word that only colours it.

use super::Row;
use crate::draft::Drafts;
use crate::lexicon::{Class, Form};

impl Drafts<'_> {
    /// "when will my card arrive" as "when is my card going to arrive"; "it will arrive" likewise.
    pub(super) fn going_to(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let i = (0..row.words.len()).find(|&i| row.word(i) == "will")?;
        let be = |subject: &str| match subject {
            "i" => "am",
            "you" | "we" | "they" => "are",
            s if s.ends_with('s') && !s.ends_with("ss") && s.len() > 3 => "are",
            _ => "is",
        };
        let verb = |k: usize| {
            let w = row.word(k);
            (l.is_form(w, Form::Base) || w == "be") && !l.is(w, Class::Auxiliary) && w != "need"
        };
        let before = row.before(i, 1);
        // Asked: the subject stands between.
        if before.is_empty() && i == 0
            || l.is(before, Class::Wh)
            || matches!(before, "long" | "much" | "soon")
        {
            let first = row.word(i + 1);
            let led = l.is(first, Class::Possessive) || l.is(first, Class::Determiner);
            let end = if l.is(first, Class::Pronoun) {
                i + 2
            } else if led {
                (i + 3..row.words.len().min(i + 6)).find(|&k| verb(k))?
            } else {
                return None;
            };
            if !verb(end)
                || l.is(first, Class::Pronoun)
                    && matches!(first, "it" | "there" | "i" | "you")
                    && row.word(end) == "be"
            {
                return None;
            }
            let subject = &row.body[row.tokens[i + 1].start..row.tokens[end - 1].end];
            return Some(row.with(i, end, &format!("{} {subject} going to", be(row.word(end - 1)))));
        }
        let told = l.is(before, Class::Pronoun) || (!l.is_small(before) && !before.is_empty());
        (told && verb(i + 1)).then(|| row.with(i, i + 1, &format!("{} going to", be(before))))
    }

    /// "why was my card declined" as "why has my card been declined".
    pub(super) fn has_been(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let i = (0..row.words.len().min(2)).find(|&i| row.word(i) == "was")?;
        if self.timed(row) || (i == 1 && !matches!(row.word(0), "why" | "how")) {
            return None;
        }
        let first = row.word(i + 1);
        let end = (i + 2..row.words.len().min(i + 5)).find(|&k| l.is_form(row.word(k), Form::Participle))?;
        let led = l.is(first, Class::Possessive) || l.is(first, Class::Determiner) || first == "i";
        let ready = led && row.word(end).ends_with("ed") && !matches!(row.word(end), "supposed" | "allowed");
        let aux = if first == "i" { "have" } else { "has" };
        let subject = &row.body[row.tokens[i + 1].start..row.tokens[end - 1].end];
        (ready && (first != "i" || end == i + 2)).then(|| row.with(i, end, &format!("{aux} {subject} been")))
    }

    /// "what countries" as "which countries".
    pub(super) fn which(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let thing = row.word(1);
        let other = match row.word(0) {
            "what" if thing.ends_with('s') => "which",
            "which" => "what",
            _ => return None,
        };
        let noun = thing.len() > 3
            && !l.is_small(thing)
            && !l.is(thing, Class::Predicate)
            && !l.is_contraction(thing);
        (noun && row.words.len() > 3).then(|| row.with(0, 1, other))
    }

    /// "why was I charged" as "for what reason was I charged".
    pub(super) fn asked_at_length(&self, row: &Row<'_>, from: &str, to: &str) -> Option<String> {
        let l = &self.l.lexicon;
        let next = row.word(1);
        let asks = row.word(0) == from && l.is(next, Class::Auxiliary) && row.words.len() > 3;
        let does = from != "how" || matches!(next, "can" | "do" | "could" | "should");
        (asks && does).then(|| row.with(0, 1, to))
    }

    /// "how do I pay" as "how exactly do I pay".
    pub(super) fn exactly(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let asks = matches!(row.word(0), "how" | "what" | "where" | "why" | "when");
        let at = if l.is(row.word(1), Class::Auxiliary) {
            1
        } else if row.word(0) == "how"
            && matches!(row.word(1), "long" | "much")
            && l.is(row.word(2), Class::Auxiliary)
        {
            2
        } else {
            return None;
        };
        (asks && row.words.len() > 3 && !row.words.iter().any(|w| w == "exactly"))
            .then(|| row.with(at, at, "exactly"))
    }

    /// "can I pay" as "can I actually pay": a word behind the subject that only colours.
    pub(super) fn coloured(&self, row: &Row<'_>, asks: bool, word: &str) -> Option<String> {
        let l = &self.l.lexicon;
        let at = if matches!(row.word(0), "how" | "where" | "when" | "why") { 1 } else { 0 };
        let aux = row.word(at);
        let modal = matches!(aux, "can" | "could" | "will" | "would" | "do" | "does" | "did");
        let subject = row.word(at + 1);
        let verb = row.word(at + 2);
        let plain = asks
            && modal
            && subject != "there"
            && l.is(subject, Class::Pronoun)
            && l.is_form(verb, Form::Base)
            && verb != "have"
            && row.words.len() > at + 3;
        let fits = match word {
            "possibly" => matches!(aux, "can" | "could"),
            "by any chance" => at == 0 && subject != "it",
            _ => true,
        };
        let said =
            row.words.iter().any(|w| matches!(w.as_str(), "actually" | "chance" | "possibly" | "exactly"));
        (plain && fits && !said).then(|| row.with(at + 2, at + 2, word))
    }
}
