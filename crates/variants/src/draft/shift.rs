//! Another grammar for the same words: tense, passive, relative clauses, "still" and "yet", what stands first.
//!
//! Each of these touches function words alone, so that what is asked cannot change with them.

mod asked;

use super::Drafts;
use super::spelling::upper_first;
use crate::lexicon::{Class, Form};
use crate::text::{Kind, Token, plain, tokens};

/// A sentence and one change of its grammar.
pub(super) struct Shifted {
    pub(super) body: String,
    pub(super) how: &'static str,
}

/// Words that pin what happened to a time: "I have lost it yesterday" is no English.
const TIMED: &[&str] = &[
    "yesterday",
    "today",
    "tonight",
    "ago",
    "last",
    "when",
    "then",
    "while",
    "earlier",
    "before",
    "after",
    "since",
    "for",
    "until",
    "during",
    "already",
    "just",
    "never",
    "ever",
    "recently",
    "once",
    "yet",
    "this",
    "now",
    "always",
    "on",
    "at",
    "if",
    "still",
    "so",
    "first",
    "again",
];
/// Verbs that a clause may follow without "that".
const SAYS: &[&str] =
    &["think", "noticed", "believe", "thought", "realized", "realised", "saw", "hoped", "suspect"];
/// When something happened, where that may stand first as well.
const MOMENTS: &[&str] =
    &["yesterday", "last week", "last month", "this morning", "this week", "last night", "earlier today"];

/// The words of a body, with their places.
struct Row<'a> {
    body: &'a str,
    tokens: Vec<Token>,
    words: Vec<String>,
}

impl<'a> Row<'a> {
    fn of(body: &'a str) -> Row<'a> {
        let tokens = tokens(body);
        let words = tokens
            .iter()
            .map(|t| if t.kind == Kind::Punctuation { String::new() } else { plain(t.of(body)) })
            .collect();
        Row { body, tokens, words }
    }

    fn word(&self, i: usize) -> &str {
        self.words.get(i).map_or("", String::as_str)
    }

    fn before(&self, i: usize, n: usize) -> &str {
        i.checked_sub(n).map_or("", |j| self.word(j))
    }

    /// The body with the tokens `from..to` replaced.
    fn with(&self, from: usize, to: usize, text: &str) -> String {
        let head = self.tokens.get(from).map_or(self.body, |t| &self.body[..t.start]).trim_end();
        let tail = self.tokens.get(to).map_or("", |t| &self.body[t.start..]);
        let text = if from == 0 && self.body.starts_with(char::is_uppercase) {
            upper_first(text)
        } else {
            text.to_owned()
        };
        let glued = tail.starts_with([',', '.', ';', '!', '?', ':', ')']);
        let mut out = head.to_owned();
        for part in [text.as_str(), tail] {
            let closes = glued && part == tail;
            if !(out.is_empty() || part.is_empty() || closes) {
                out.push(' ');
            }
            out.push_str(part);
        }
        out
    }
}

impl Drafts<'_> {
    /// The body in other grammar, one change each.
    pub(super) fn shifted(&self, body: &str, asks: bool) -> Vec<Shifted> {
        let row = Row::of(body);
        let mut out = Vec::new();
        let mut add = |how: &'static str, found: Option<String>| {
            if let Some(body) = found.filter(|b| b != body) {
                out.push(Shifted { body, how });
            }
        };
        add("that", self.that(&row));
        add("relative", self.relative(&row, "that"));
        add("relative", self.relative(&row, "which"));
        add("tense", self.to_past(&row));
        add("tense", self.to_perfect(&row));
        add("passive", self.passive(&row, "got"));
        add("passive", self.passive(&row, "has been"));
        add("yet", self.yet(&row, asks));
        add("future", self.going_to(&row));
        add("order", self.moment_first(&row, asks));
        add("order", self.clause_first(&row));
        add("genitive", self.genitive(&row));
        add("order", self.to_me(&row));
        add("never", self.never(&row));
        add("have", self.have_got(&row));
        add("article", self.the_same(&row));
        add("perfect", self.has_been(&row));
        add("which", self.which(&row));
        for (from, to) in [
            ("why", "for what reason"),
            ("when", "at what point"),
            ("how", "in what way"),
            ("how", "by what means"),
        ] {
            add("wh", self.asked_at_length(&row, from, to));
        }
        add("colour", self.exactly(&row));
        for word in ["actually", "by any chance", "possibly"] {
            add("colour", self.coloured(&row, asks, word));
        }
        out
    }

    /// "I think my card is lost" with "that".
    fn that(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let i = (1..row.words.len()).find(|&i| {
            let next = row.word(i + 1);
            SAYS.contains(&row.word(i))
                && matches!(row.before(i, 1), "i" | "just" | "we" | "also")
                && (l.is(next, Class::Pronoun) || l.is(next, Class::Possessive))
                && (i + 2..i + 6).any(|k| {
                    let w = row.word(k);
                    l.is(w, Class::Auxiliary) || l.is_contraction(w) || l.is_form(w, Form::Past)
                })
        })?;
        Some(row.with(i + 1, i + 1, "that"))
    }

    /// "the card I ordered" with "that" or "which", and "the card that I ordered" without.
    fn relative(&self, row: &Row<'_>, with: &str) -> Option<String> {
        let l = &self.l.lexicon;
        let led = |w: &str| l.is(w, Class::Determiner) || l.is(w, Class::Possessive);
        let noun = |i: usize| {
            let w = row.word(i);
            let head = w.len() > 2 && !l.is_small(w) && !l.is(w, Class::Adverb) && !l.is(w, Class::Month);
            // "the card which": led by an article one or two words before.
            head && (led(row.before(i, 1))
                || (led(row.before(i, 2)) && !l.is_small(row.before(i, 1)) && !row.before(i, 1).is_empty()))
        };
        let subject = |i: usize| matches!(row.word(i), "i" | "we" | "you" | "they");
        // What was bought is not said again behind the verb: "the card I ordered", not "my card I lost it".
        let open = |i: usize| {
            let v = row.word(i + 1);
            let then = row.word(i + 2);
            (l.is_form(v, Form::Past) || l.is_form(v, Form::Base))
                && !l.is(v, Class::Auxiliary)
                && (i + 2 >= row.words.len()
                    || l.is(then, Class::Preposition) && then != "to"
                    || (l.is(then, Class::Auxiliary) && !matches!(row.before(i, 2), "when" | "if"))
                    || matches!(then, "yesterday" | "and"))
        };
        let opened = |i: usize| {
            // "when I topped up my card I saw" has a clause in front.
            row.words[..i].iter().any(|w| {
                matches!(
                    w.as_str(),
                    "when" | "if" | "after" | "since" | "because" | "while" | "before" | "once"
                )
            })
        };
        for i in 2..row.words.len() {
            if subject(i) && noun(i - 1) && open(i) && !opened(i) && row.tokens[i - 1].kind == Kind::Word {
                return Some(row.with(i, i, with));
            }
            if matches!(row.word(i), "that" | "which")
                && with == "that"
                && noun(i - 1)
                && subject(i + 1)
                && open(i + 1)
            {
                return Some(row.with(i, i + 1, ""));
            }
        }
        None
    }

    fn timed(&self, row: &Row<'_>) -> bool {
        row.words.iter().any(|w| TIMED.contains(&w.as_str()) || self.l.lexicon.is(w, Class::Month))
    }

    /// "I have lost my card" as "I lost my card".
    fn to_past(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        if self.timed(row) {
            return None;
        }
        for i in 0..row.words.len() {
            let (aux, from) = match row.word(i) {
                "i've" => (true, i),
                "have" if row.before(i, 1) == "i" => (true, i - 1),
                _ => (false, 0),
            };
            let verb = row.word(i + 1);
            if !aux || !l.is_form(verb, Form::Participle) || matches!(verb, "been" | "got" | "had") {
                continue;
            }
            let (v, _) = l.verb(verb)?;
            let i_word = if self.small_i { "i" } else { "I" };
            return Some(row.with(from, i + 2, &format!("{i_word} {}", l.inflect(v, Form::Past))));
        }
        None
    }

    /// "I lost my card" as "I have lost my card".
    fn to_perfect(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        if self.timed(row) {
            return None;
        }
        for i in 0..row.words.len() {
            let main = row.word(i) == "i" && matches!(row.before(i, 1), "" | "and" | "but" | "that");
            let verb = row.word(i + 1);
            let past = l.is_form(verb, Form::Past) && !l.is_form(verb, Form::Base);
            if !main
                || !past
                || l.is(verb, Class::Auxiliary)
                || matches!(verb, "got" | "thought" | "wanted" | "let")
            {
                continue;
            }
            let (v, _) = l.verb(verb)?;
            return Some(row.with(i + 1, i + 2, &format!("have {}", l.inflect(v, Form::Participle))));
        }
        None
    }

    /// "was declined" as "got declined" or "has been declined".
    fn passive(&self, row: &Row<'_>, by: &str) -> Option<String> {
        let l = &self.l.lexicon;
        let i = (1..row.words.len()).find(|&i| {
            let verb = row.word(i + 1);
            row.word(i) == "was"
                && l.is_form(verb, Form::Participle)
                && verb.ends_with("ed")
                && !l.is_small(row.before(i, 1))
                && !row.before(i, 1).is_empty()
                && !matches!(verb, "supposed" | "used" | "expected" | "needed")
        })?;
        let timed = self.timed(row)
            || row.words.iter().any(|w| w == "was") && row.words[i + 1..].iter().any(|w| w == "was");
        (by == "got" || !timed).then(|| row.with(i, i + 1, by))
    }

    /// "has not arrived yet" as "still has not arrived", and the other way.
    fn yet(&self, row: &Row<'_>, asks: bool) -> Option<String> {
        let n = row.words.len();
        if asks
            || n < 4
            || row
                .words
                .iter()
                .any(|w| w.is_empty() || matches!(w.as_str(), "and" | "but" | "so" | "why" | "because"))
        {
            return None;
        }
        let have = |i: usize| {
            matches!(row.word(i), "hasn't" | "haven't")
                || matches!(row.word(i), "has" | "have") && row.word(i + 1) == "not"
        };
        let i = (1..n).find(|&i| have(i))?;
        if row.before(i, 1) == "still" {
            let body = row.with(i - 1, i, "");
            return Some(format!("{body} yet"));
        }
        if row.word(n - 1) == "yet" {
            let body = row.with(n - 1, n, "");
            return Some(Row::of(body.trim_end()).with(i, i, "still"));
        }
        None
    }

    /// "I lost my card yesterday" as "Yesterday I lost my card".
    fn moment_first(&self, row: &Row<'_>, asks: bool) -> Option<String> {
        let l = &self.l.lexicon;
        let opens = l.is(row.word(0), Class::Pronoun) || l.is(row.word(0), Class::Possessive);
        let lower = row.body.to_ascii_lowercase();
        let plain = !asks
            && opens
            && !lower.contains(',')
            && ![" when ", " and ", " but ", " that "].iter().any(|w| lower.contains(w));
        let moment = MOMENTS.iter().find(|m| lower.strip_suffix(*m).is_some_and(|r| r.ends_with(' ')))?;
        let main = row.body[..row.body.len() - moment.len()].trim_end();
        (plain && main.split(' ').count() > 3).then(|| format!("{moment} {}", self.lower_start(main)))
    }

    /// "My card was refused when I paid" as "When I paid, my card was refused".
    fn clause_first(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let at = (3..row.words.len()).find(|&i| {
            matches!(row.word(i), "when" | "because" | "after" | "while" | "although")
                && (l.is(row.word(i + 1), Class::Pronoun)
                    || l.is(row.word(i + 1), Class::Possessive)
                    || (l.is_form(row.word(i + 1), Form::Ing) && row.word(i) != "because"))
        })?;
        let reported = matches!(
            row.before(at, 1),
            "know"
                | "me"
                | "about"
                | "see"
                | "only"
                | "even"
                | "is"
                | "was"
                | "on"
                | "just"
                | "and"
                | "or"
                | "but"
                | "ask"
                | "out"
                | "understand"
                | "sure"
                | "so"
                | "not"
        );
        let (main, clause) = (row.body[..row.tokens[at].start].trim_end(), &row.body[row.tokens[at].start..]);
        let simple = |s: &str| !s.contains([',', ';', ':', '.', '?', '(']);
        let joined =
            row.words[..at].iter().any(|w| matches!(w.as_str(), "and" | "but" | "so" | "that" | "if"));
        let joined = joined
            || row.words[at..]
                .iter()
                .any(|w| matches!(w.as_str(), "and" | "but" | "so" | "why" | "what" | "how"));
        (!reported
            && !joined
            && simple(main)
            && simple(clause)
            && clause.split(' ').count() > 2
            && main.split(' ').count() > 2)
            .then(|| format!("{clause}, {}", self.lower_start(main)))
    }

    /// "my card's PIN" as "the PIN of my card".
    fn genitive(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let i = (1..row.words.len().saturating_sub(1)).find(|&i| {
            row.word(i).ends_with("'s")
                && row.word(i).len() > 4
                && !l.is_contraction(row.word(i))
                && l.is(row.before(i, 1), Class::Possessive)
                && !row.word(i + 1).is_empty()
                && !l.is_small(row.word(i + 1))
        })?;
        let then = row.word(i + 2);
        if !(then.is_empty() || l.is_small(then)) || l.is_form(row.word(i + 1), Form::Ing) {
            return None;
        }
        let owner = &row.body[row.tokens[i - 1].start..row.tokens[i].end - 2];
        let owner = owner.trim_end_matches('’');
        let owned = row.tokens[i + 1].of(row.body);
        Some(row.with(i - 1, i + 2, &format!("the {owned} of {}", self.lower_start(owner))))
    }

    /// "I did not get it" as "I never got it".
    fn never(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let i = (1..row.words.len()).find(|&i| {
            l.is(row.before(i, 1), Class::Pronoun)
                && (matches!(row.word(i), "didn't" | "didnt")
                    || row.word(i) == "did" && row.word(i + 1) == "not")
        })?;
        let at = i + if row.word(i) == "did" { 2 } else { 1 };
        let verb = row.word(at);
        // "I did not know about it" is no "never".
        let once = l.is_form(verb, Form::Base)
            && !matches!(verb, "know" | "want" | "have" | "need" | "mean" | "think");
        let timed = row.words.iter().any(|w| {
            matches!(
                w.as_str(),
                "yet" | "ago" | "yesterday" | "today" | "why" | "last" | "this" | "still" | "until"
            )
        });
        (once && !timed).then_some(())?;
        let (v, _) = l.verb(verb)?;
        Some(row.with(i, at + 1, &format!("never {}", l.inflect(v, Form::Past))))
    }

    /// "I have a card" as "I have got a card".
    fn have_got(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let i = (1..row.words.len()).find(|&i| {
            let next = row.word(i + 1);
            row.word(i) == "have"
                && matches!(row.before(i, 1), "i" | "we" | "you" | "they")
                && !l.is(row.before(i, 2), Class::Auxiliary)
                && (matches!(next, "a" | "an" | "some") || l.is(next, Class::Possessive))
                && !row.words.iter().any(|w| w == "help" || w == "done")
        })?;
        Some(row.with(i + 1, i + 1, "got"))
    }

    /// "my card … my card" as "my card … the card": who has named a thing may point at it.
    fn the_same(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let i = (2..row.words.len()).rev().find(|&i| {
            let thing = row.word(i + 1);
            row.word(i) == "my"
                && !l.is_small(thing)
                && matches!(
                    thing,
                    "card"
                        | "account"
                        | "order"
                        | "payment"
                        | "transfer"
                        | "refund"
                        | "purchase"
                        | "money"
                        | "app"
                        | "parcel"
                        | "transaction"
                        | "subscription"
                        | "invoice"
                )
                && (i + 2 >= row.words.len() || l.is_small(row.word(i + 2)) || row.word(i + 2).is_empty())
        })?;
        row.words[..i].iter().any(|w| w == "my").then(|| row.with(i, i + 1, "the"))
    }

    /// "send me the invoice" as "send the invoice to me".
    fn to_me(&self, row: &Row<'_>) -> Option<String> {
        let l = &self.l.lexicon;
        let n = row.words.len();
        let i = (0..n)
            .find(|&i| matches!(row.word(i), "send" | "give" | "sent" | "gave") && row.word(i + 1) == "me")?;
        let led = l.is(row.word(i + 2), Class::Determiner) || l.is(row.word(i + 2), Class::Possessive);
        let rest = &row.words[(i + 3).min(n)..];
        if !led || rest.is_empty() || rest.len() > 3 || rest.iter().any(|w| w.is_empty() || l.is_small(w)) {
            return None;
        }
        let body = row.with(i + 1, i + 2, "");
        Some(format!("{body} to me"))
    }
}

#[cfg(test)]
mod tests {
    use crate::draft::{Drafts, Setting};
    use crate::language::english;
    use crate::lm::Model;

    fn shifts(sentence: &str) -> Vec<String> {
        let model = Model::default();
        let d = Drafts::new(english(), &model, sentence, Setting::of(sentence, true));
        let asks = sentence.ends_with('?');
        d.shifted(sentence.trim_end_matches(['?', '.']), asks).into_iter().map(|s| s.body).collect()
    }

    #[test]
    fn one_grammar_for_another() {
        for (sentence, expected) in [
            ("I think my card is lost.", "I think that my card is lost"),
            ("The transfer I made is missing.", "The transfer that I made is missing"),
            ("Where is the card that I ordered?", "Where is the card I ordered"),
            ("I have lost my card.", "I lost my card"),
            ("I've lost my card.", "I lost my card"),
            ("I lost my card.", "I have lost my card"),
            ("My payment was declined.", "My payment got declined"),
            ("My payment was declined.", "My payment has been declined"),
            ("My card hasn't arrived yet.", "My card still hasn't arrived"),
            ("My card still has not arrived.", "My card has not arrived yet"),
            ("When will my card arrive?", "When is my card going to arrive"),
            ("I lost my card yesterday.", "yesterday I lost my card"),
            ("My card was refused when I paid.", "when I paid, my card was refused"),
            ("Where is my card's PIN?", "Where is the PIN of my card"),
            ("I didn't get my money.", "I never got my money"),
            ("I have a new card.", "I have got a new card"),
            ("My card is missing from my account.", "My card is missing from the account"),
            ("Why was my card declined?", "Why has my card been declined"),
            ("What countries do you ship to?", "Which countries do you ship to"),
            ("Why was I charged?", "For what reason was I charged"),
            ("How do I change it?", "How exactly do I change it"),
            ("Can I pay by card?", "Can I actually pay by card"),
            ("Please send me the invoice.", "Please send the invoice to me"),
        ] {
            let got = shifts(sentence);
            assert!(got.iter().any(|g| g == expected), "{sentence}: {got:?}");
        }
    }

    #[test]
    fn nothing_where_it_would_be_wrong() {
        for sentence in [
            "When I topped up my card I saw a fee.",
            "I paid on Monday.",
            "I know when my card is sent.",
            "I lost it two days ago.",
            "Will there be a fee?",
            "",
            "that that",
        ] {
            assert_eq!(shifts(sentence), Vec::<String>::new(), "{sentence}");
        }
    }
}
