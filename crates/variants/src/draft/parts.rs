//! A sentence taken apart: its courtesies, its clauses, its condition, and words that only colour it.

use super::Drafts;
use super::spelling::with_article;
use crate::lexicon::Class;
use crate::text::{Kind, plain, tokens};

/// A sentence without its courtesies.
pub(super) struct Parts {
    pub(super) greeting: String,
    pub(super) body: String,
    pub(super) closing: String,
    /// What ends it: `?`, `.`, `!!` or nothing.
    pub(super) end: String,
}

impl Drafts<'_> {
    pub(super) fn parts(&self, sentence: &str) -> Parts {
        let trimmed =
            sentence.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '?' | '.' | '!' | ','));
        let end = sentence[trimmed.len()..].trim().trim_matches(',').to_owned();
        let mut body = trimmed.trim();
        let mut greeting = "";
        // Lower case byte for byte: full lower case need not be as long as what it is found in.
        let lower = body.to_ascii_lowercase();
        let longest = self.l.courtesy.greetings.iter().filter(|g| {
            lower
                .strip_prefix(g.as_str())
                .is_some_and(|rest| rest.starts_with([',', '.', '!', ' ']) && !rest.trim().is_empty())
        });
        if let Some(g) = longest.max_by_key(|g| g.len()) {
            let rest = body[g.len()..].trim_start_matches([',', '.', '!', ' ', '-']);
            (greeting, body) = body.split_at(body.len() - rest.len());
        }
        let mut closing = "";
        let lower = body.to_ascii_lowercase();
        let longest = self.l.courtesy.closings.iter().filter(|c| {
            lower
                .strip_suffix(c.as_str())
                .is_some_and(|rest| rest.ends_with([',', '.', ' ']) && rest.trim().len() > 8)
        });
        if let Some(c) = longest.max_by_key(|c| c.len()) {
            let rest = body[..body.len() - c.len()].trim_end_matches([',', '.', ' ']);
            (body, closing) = body.split_at(rest.len());
        }
        Parts { greeting: greeting.to_owned(), body: body.to_owned(), closing: closing.to_owned(), end }
    }

    /// "I lost my card, what do I do" as its two clauses: the second may be put otherwise alone.
    pub(super) fn clauses(&self, body: &str) -> Option<(String, String)> {
        let l = &self.l.lexicon;
        let at = body.rfind(", ")?;
        let (head, tail) = (&body[..at], &body[at + 2..]);
        let first = plain(tail.split(' ').next().unwrap_or(""));
        let mut opens = l.is(&first, Class::Pronoun) || first == "please" || first == "help";
        l.expand(&first, |w| {
            opens |= l.is(w, Class::Wh) || l.is(w, Class::Auxiliary) || l.is(w, Class::Pronoun);
        });
        let long = |s: &str, n: usize| s.split(' ').count() >= n;
        (opens && long(head, 3) && long(tail, 3)).then(|| (head.to_owned(), tail.to_owned()))
    }

    /// The body without words that only colour it.
    pub(super) fn without_fillers(&self, body: &str) -> Option<String> {
        let l = &self.l.lexicon;
        let all = tokens(body);
        let (mut out, mut at, mut any) = (String::new(), 0, false);
        for (i, t) in all.iter().enumerate() {
            let word = plain(t.of(body));
            let next = all.get(i + 1).filter(|n| n.kind != Kind::Punctuation);
            let back = if i > 0 { plain(all[i - 1].of(body)) } else { String::new() };
            if t.kind != Kind::Word || !l.is(&word, Class::Filler) || l.is(&back, Class::Negation) {
                continue;
            }
            let Some(next) = next else { continue };
            out.push_str(&body[at..t.start]);
            with_article(&mut out, &plain(next.of(body)));
            at = next.start;
            any = true;
        }
        out.push_str(&body[at..]);
        any.then_some(out)
    }

    /// "If a, b" as "b if a", and the other way.
    pub(super) fn condition_moved(&self, body: &str) -> Option<String> {
        let lower = body.to_ascii_lowercase();
        for lead in ["if ", "when ", "because "] {
            if let Some(after) = lower.strip_prefix(lead) {
                let comma = body.find(", ")?;
                let (condition, main) = (&body[..comma], &body[comma + 2..]);
                // A question word of its own: "when will it come, …".
                let asks = after.split(' ').next().is_some_and(|w| self.l.lexicon.is(w, Class::Auxiliary));
                return (!asks && main.split(' ').count() > 2 && !main.contains(", "))
                    .then(|| format!("{main} {}", self.lower_start(condition)));
            }
        }
        let at = lower.find(" if ")?;
        let before = lower[..at].rsplit(' ').next().unwrap_or("");
        let reported = matches!(
            before,
            "know" | "me" | "see" | "wondering" | "wonder" | "check" | "even" | "sure" | "as" | "out" | "ask"
        );
        let (main, condition) = (&body[..at], &body[at + 1..]);
        (!reported && condition.split(' ').count() > 2 && !main.contains(',') && !condition.contains(','))
            .then(|| format!("{condition}, {}", self.lower_start(main)))
    }

    /// Text that no longer starts a sentence: its capital goes if it came from its place.
    pub(super) fn lower_start(&self, text: &str) -> String {
        let first: String =
            text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-')).collect();
        let word = plain(&first);
        let is_i = word == "i" || word.starts_with("i'");
        let single_capital =
            first.chars().skip(1).all(|c| !c.is_uppercase()) && first.starts_with(char::is_uppercase);
        if !is_i
            && single_capital
            && (self.l.lexicon.knows(&word)
                || self.l.lexicon.is_contraction(&word)
                || self.model.count(&word) > 0)
        {
            let mut c = text.chars();
            return c.next().map_or_else(String::new, |f| f.to_lowercase().chain(c).collect());
        }
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::draft::{Drafts, Setting};
    use crate::language::english;
    use crate::lm::Model;

    fn with<T>(sentence: &str, take: impl FnOnce(&Drafts<'_>) -> T) -> T {
        take(&Drafts::new(english(), &Model::default(), sentence, Setting::of(sentence, true)))
    }

    #[test]
    fn courtesies_are_set_apart() {
        let parts = with("", |d| d.parts("Hello, can I have a refund, thanks?"));
        assert_eq!((parts.greeting.as_str(), parts.body.as_str()), ("Hello, ", "can I have a refund"));
        assert_eq!((parts.closing.as_str(), parts.end.as_str()), (", thanks", "?"));
    }

    #[test]
    fn two_clauses() {
        let split = |s: &str| with(s, |d| d.clauses(s));
        let owned = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(split("I lost my card, what do I do"), owned("I lost my card", "what do I do"));
        assert_eq!(split("a lamp, red or blue ones"), None, "no clause of its own");
        assert_eq!(split("Well, what do I do"), None, "the first says nothing");
    }

    #[test]
    fn fillers_go_but_not_behind_a_negation() {
        let plain = |s: &str| with(s, |d| d.without_fillers(s));
        assert_eq!(plain("I really need it"), Some("I need it".to_owned()));
        assert_eq!(plain("I do not really need it"), None);
        assert_eq!(plain("I need it really"), None, "nothing follows");
    }

    #[test]
    fn letters_whose_lower_case_is_longer_or_shorter() {
        let moved = with("", |d| d.condition_moved("\u{2019}\u{130} may I pay if it is late today \u{130}"));
        assert_eq!(moved, Some("if it is late today \u{130}, \u{2019}\u{130} may I pay".to_owned()));
        for s in ["\u{2019} if \u{130} \u{130} a b", "\u{130}, if a b c", "Hello, \u{130} \u{2019}?"] {
            assert!(with(s, |d| d.condition_moved(s)).is_none_or(|t| !t.is_empty()));
        }
    }
}
