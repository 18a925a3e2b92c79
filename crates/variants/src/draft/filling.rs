//! What fills a frame: its rewordings by the thesaurus, by "have … done", and in another form of its verb.

use std::ops::Range;

use super::Drafts;
use super::spelling::{capital_i, join, with_article};
use crate::grammar::Gap;
use crate::lexicon::{Class, Form};
use crate::text::{Kind, Token, plain};
use crate::thesaurus::Swap;

/// Wordings of what fills a frame.
const MOST_FILLINGS: usize = 10;

impl Drafts<'_> {
    /// A stretch of the sentence and its rewordings by the thesaurus, the stretch itself first.
    pub(super) fn fillings(
        &self,
        body: &str,
        tokens: &[Token],
        range: Range<usize>,
        verb_first: bool,
    ) -> Vec<(String, bool)> {
        if range.is_empty() {
            return Vec::new();
        }
        let swaps = self.l.thesaurus.swaps(body, tokens, range.clone(), verb_first, &self.l.lexicon);
        let mut out = vec![(self.stretch(body, tokens, &range, &[]), false)];
        if verb_first && let Some(passive) = self.causative(body, tokens, &range) {
            out.push((passive, true));
        }
        // Two replacements at once are worth more than one, if they do not touch.
        for (i, a) in swaps.iter().enumerate() {
            for b in swaps[i + 1..].iter().filter(|b| a.to <= b.from) {
                if out.len() < MOST_FILLINGS {
                    out.push((self.stretch(body, tokens, &range, &[a, b]), true));
                }
            }
        }
        for a in swaps.iter().take(MOST_FILLINGS) {
            out.push((self.stretch(body, tokens, &range, &[a]), true));
        }
        out
    }

    /// "cancel my order" as "have my order cancelled".
    pub(super) fn causative(&self, body: &str, tokens: &[Token], range: &Range<usize>) -> Option<String> {
        let l = &self.l.lexicon;
        let word = |i: usize| plain(tokens[i].of(body));
        let (verb, form) = l.verb(&word(range.start))?;
        let have = match form {
            Form::Base => "have",
            Form::Ing => "having",
            _ => return None,
        };
        if !l.is(l.base(verb), Class::Causative) {
            return None;
        }
        let start = range.start + 1;
        let led = self.led(&word(start.min(range.end - 1)));
        let aside = |w: &str| l.is(w, Class::Adverb) || l.is(w, Class::Month);
        let topical = |i: usize| {
            let w = word(i);
            tokens[i].kind != Kind::Punctuation && !l.is_small(&w) && !aside(&w)
        };
        let mut end = start + usize::from(led);
        while end < range.end && topical(end) {
            end += 1;
        }
        // "order [ORDER_ID_1]" needs no article; a mere "orders" or "them" is left.
        let named = led || tokens[end.saturating_sub(1)].kind == Kind::Protected;
        if end < start + 2
            || !named
            || (end < range.end && tokens[end].kind == Kind::Punctuation && end + 1 < range.end)
        {
            return None;
        }
        if (start..end).any(|i| l.verb(&word(i)).is_some_and(|v| v.1 == Form::Ing)) {
            return None;
        }
        let object = &body[tokens[start].start..tokens[end - 1].end];
        let rest = if end < range.end { &body[tokens[end].start..tokens[range.end - 1].end] } else { "" };
        Some(join(&[have, object, &l.inflect(verb, Form::Participle), rest]))
    }

    pub(super) fn stretch(
        &self,
        body: &str,
        tokens: &[Token],
        range: &Range<usize>,
        swaps: &[&Swap],
    ) -> String {
        let mut out = String::new();
        let (mut at, end) = (tokens[range.start].start, tokens[range.end - 1].end);
        for s in swaps {
            let (from, to) = (tokens[s.from].start, tokens[s.to - 1].end);
            out.push_str(&body[at..from]);
            let text = if self.small_i { s.text.clone() } else { capital_i(&s.text) };
            with_article(&mut out, &text);
            out.push_str(&text);
            at = to;
        }
        out.push_str(&body[at..end]);
        if range.start == 0 { self.lower_start(&out) } else { out }
    }

    /// Whether a noun phrase starts with an article or its like.
    pub(super) fn led(&self, word: &str) -> bool {
        self.l.lexicon.is(word, Class::Determiner) || self.l.lexicon.is(word, Class::Possessive)
    }

    /// The filling for a frame with another gap.
    pub(super) fn converted(&self, filling: &str, from: Gap, to: Gap) -> Option<String> {
        if from == to {
            return Some(filling.to_owned());
        }
        let (wanted, given) = match (from, to) {
            (Gap::Vp, Gap::Ving) => (Form::Ing, Form::Base),
            (Gap::Ving, Gap::Vp) => (Form::Base, Form::Ing),
            _ => return None,
        };
        let l = &self.l.lexicon;
        let (head, rest) = filling.split_once(' ').unwrap_or((filling, ""));
        if !l.is_form(head, given) {
            return None;
        }
        let (verb, _) = l.verb(head)?;
        // "cancel and refund": both verbs would have to change.
        let mut words = rest.split_whitespace();
        while let Some(w) = words.next() {
            if matches!(w, "and" | "or") && words.next().is_some_and(|n| l.verb(n).is_some()) {
                return None;
            }
        }
        Some(join(&[&l.inflect(verb, wanted), rest]))
    }
}

#[cfg(test)]
mod tests {
    use crate::draft::{Drafts, Setting};
    use crate::language::english;
    use crate::lm::Model;
    use crate::text::tokens;

    fn causative(phrase: &str) -> Option<String> {
        let model = Model::default();
        let drafts = Drafts::new(english(), &model, phrase, Setting::of(phrase, true));
        let all = tokens(phrase);
        drafts.causative(phrase, &all, &(0..all.len()))
    }

    #[test]
    fn to_get_something_done() {
        let said = |s: &str| Some(s.to_owned());
        assert_eq!(causative("cancel my order"), said("have my order cancelled"));
        assert_eq!(causative("cancelling my order today"), said("having my order cancelled today"));
        assert_eq!(causative("cancel order [ORDER_ID_1]"), said("have order [ORDER_ID_1] cancelled"));
        assert_eq!(causative("cancel my order online"), said("have my order cancelled online"));
        assert_eq!(causative("cancel them"), None, "nothing to place before the participle");
        assert_eq!(causative("cancelled my order"), None, "told, not asked for");
        assert_eq!(causative("speak to an agent"), None, "not done to anything");
    }
}
