//! Words and phrases that may stand for each other, with their parts of speech.

use rustc_hash::FxHashMap;

use crate::lexicon::{Class, Form, Lexicon, lines, with_s};
use crate::text::{Kind, Token, plain};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Verb,
    Noun,
    Phrase,
}

#[derive(Debug)]
struct Entry {
    part: Part,
    words: Vec<String>,
    /// One of these must follow within a few words; none given, anything may.
    near: Vec<String>,
    others: Vec<String>,
}

/// The thesaurus of one language.
#[derive(Debug, Default)]
pub(crate) struct Thesaurus {
    entries: Vec<Entry>,
    /// By first word: verbs and nouns in their base form.
    first: FxHashMap<String, Vec<usize>>,
}

/// A replacement of the tokens `from..to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Swap {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) text: String,
}

/// Nouns that are not counted.
const MASS: &[&str] = &["feedback", "information", "details", "money", "funds", "cash", "data", "options"];

/// How many tokens ahead a condition on what follows looks.
const NEAR: usize = 5;

impl Thesaurus {
    pub(crate) fn parse(file: &str) -> Thesaurus {
        let mut t = Thesaurus::default();
        for line in lines(file) {
            let Some((part, rest)) = line.split_once(": ") else { continue };
            let part = match part {
                "v" => Part::Verb,
                "n" => Part::Noun,
                _ => Part::Phrase,
            };
            let (words, near) = rest.split_once(" / ").unwrap_or((rest, ""));
            let mut words = words.split(['|', '>']).map(str::trim);
            let Some(read) = words.next() else { continue };
            let entry = Entry {
                part,
                words: read.split_whitespace().map(str::to_owned).collect(),
                near: near.split_whitespace().map(str::to_owned).collect(),
                others: words.filter(|w| !w.is_empty()).map(str::to_owned).collect(),
            };
            if let Some(first) = entry.words.first() {
                t.first.entry(first.clone()).or_default().push(t.entries.len());
                t.entries.push(entry);
            }
        }
        t
    }

    /// All single replacements in `tokens[range]`. `verb_first` says that the range starts with a verb.
    pub(crate) fn swaps(
        &self,
        text: &str,
        tokens: &[Token],
        range: std::ops::Range<usize>,
        verb_first: bool,
        lexicon: &Lexicon,
    ) -> Vec<Swap> {
        let words: Vec<String> = tokens
            .iter()
            .map(|t| if t.kind == Kind::Word { plain(t.of(text)) } else { String::new() })
            .collect();
        let mut out = Vec::new();
        // A phrase is one thing: what stands inside it is not replaced alone.
        let mut covered = range.start;
        for i in range.clone() {
            if words[i].is_empty() || (i > range.start && is_name(text, &tokens[i])) {
                continue;
            }
            if i < covered {
                continue;
            }
            let place = Place { words: &words, range: range.clone(), verb_first, lexicon };
            if let Some(to) = self.phrase_end(i, &place) {
                covered = to;
            }
            self.at(i, covered, &place, &mut out);
        }
        out
    }

    /// Where the longest phrase that starts at `i` ends, if one of several words does.
    fn phrase_end(&self, i: usize, place: &Place<'_>) -> Option<usize> {
        let entries = self.first.get(place.words[i].as_str())?;
        let phrases =
            entries.iter().map(|&e| &self.entries[e]).filter(|e| e.part == Part::Phrase && e.words.len() > 1);
        let found = phrases.filter(|e| {
            i + e.words.len() <= place.range.end && e.words.iter().zip(&place.words[i..]).all(|(a, b)| a == b)
        });
        found.map(|e| i + e.words.len()).max()
    }

    fn at(&self, i: usize, covered: usize, place: &Place<'_>, out: &mut Vec<Swap>) {
        let word = place.words[i].as_str();
        let mut try_all = |key: &str, part: Part, inflect: &dyn Fn(&str) -> Option<String>| {
            for &e in self.first.get(key).into_iter().flatten() {
                let entry = &self.entries[e];
                let to = i + entry.words.len();
                if entry.part != part || to > place.range.end || to < covered {
                    continue;
                }
                if (1..entry.words.len()).any(|k| place.words[i + k] != entry.words[k]) {
                    continue;
                }
                if part != Part::Phrase && !place.suits(part, i, to) {
                    continue;
                }
                let ahead = &place.words[to..(to + NEAR).min(place.range.end)];
                if !entry.near.is_empty() && !entry.near.iter().any(|n| ahead.contains(n)) {
                    continue;
                }
                for other in &entry.others {
                    // "an opinion", but no "a feedback".
                    let counted = i > 0 && matches!(place.words[i - 1].as_str(), "a" | "an");
                    if let Some(text) = inflect(other)
                        && !place.repeats(i, to, &text)
                        && !(counted && MASS.contains(&other.as_str()))
                    {
                        out.push(Swap { from: i, to, text });
                    }
                }
            }
        };
        let lexicon = place.lexicon;
        if let Some((verb, form)) = lexicon.verb(word) {
            let base = lexicon.base(verb).to_owned();
            try_all(&base, Part::Verb, &|other| {
                let (head, rest) = other.split_once(' ').unwrap_or((other, ""));
                let head = lexicon.inflect(lexicon.base_index(head)?, form);
                Some(if rest.is_empty() { head } else { format!("{head} {rest}") })
            });
        }
        try_all(word, Part::Noun, &|other| Some(other.to_owned()));
        if let Some(singular) = singular(word) {
            try_all(&singular, Part::Noun, &|other| Some(plural(other)));
        }
        try_all(word, Part::Phrase, &|other| Some(other.to_owned()));
    }
}

/// A capital in the middle of a sentence: a name, or a product of that name.
fn is_name(text: &str, token: &Token) -> bool {
    token.of(text).chars().next().is_some_and(char::is_uppercase)
}

fn singular(word: &str) -> Option<String> {
    if word.ends_with("ss") || word.len() < 4 {
        return None;
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return Some(format!("{stem}y"));
    }
    word.strip_suffix('s').map(str::to_owned)
}

fn plural(noun: &str) -> String {
    match noun {
        "information" | "cash" | "money" | "details" | "someone" | "somebody" => noun.to_owned(),
        "person" => "people".to_owned(),
        _ => with_s(noun),
    }
}

struct Place<'a> {
    words: &'a [String],
    range: std::ops::Range<usize>,
    verb_first: bool,
    lexicon: &'a Lexicon,
}

impl Place<'_> {
    /// Whether a replacement would say a word that the sentence says already: "charged a charge".
    fn repeats(&self, from: usize, to: usize, text: &str) -> bool {
        let stem = |w: &str| w.chars().take(5).collect::<String>();
        text.split(' ').filter(|w| w.len() >= 4).map(stem).any(|s| {
            self.words.iter().enumerate().any(|(i, w)| (i < from || i >= to) && w.len() >= 4 && stem(w) == s)
        })
    }

    /// Whether the words around allow this part of speech at `from..to`.
    fn suits(&self, part: Part, from: usize, to: usize) -> bool {
        let l = self.lexicon;
        let before = if from > 0 { self.words[from - 1].as_str() } else { "" };
        let verb_before = l.is(before, Class::Pronoun) && part == Part::Noun
            || l.is(before, Class::Auxiliary)
            || l.is_contraction(before)
            || matches!(before, "to" | "not" | "please" | "and" | "or")
            || l.is(before, Class::Negation);
        let head = from == self.range.start && self.verb_first;
        if part == Part::Verb {
            // A participle behind "be" or "been" reads as one as well.
            return head
                || verb_before
                || l.is_form(self.words[from].as_str(), Form::Ing) && l.is(before, Class::Preposition);
        }
        if head
            || (from == 0 && l.verb(&self.words[from]).is_some())
            || (verb_before && !matches!(before, "and" | "or" | "to"))
        {
            return false;
        }
        if before == "to" && l.is_form(&self.words[from], Form::Base) {
            return false;
        }
        // "order status", "phone number": a noun in front of a noun names a kind of thing; leave it.
        match self.words.get(to).map(String::as_str) {
            Some("") | None => true,
            Some(next) => {
                l.is_small(next)
                    || l.is(next, Class::Predicate)
                    || (l.verb(next).is_some() && !l.is_form(next, Form::Base))
            }
        }
    }
}
