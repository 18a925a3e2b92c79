//! Frames: how customers put what they ask, in classes of equal meaning.

use rustc_hash::FxHashMap;

use crate::lexicon::{Class, Form, Lexicon, WordSet, lines};
use crate::text::Canon;

/// What stands in a frame's gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Gap {
    /// A verb phrase that starts with the base form.
    Vp,
    /// A verb phrase that starts with the -ing form.
    Ving,
    Np,
    /// A sentence with its subject first.
    Clause,
    /// A question's words in the order of a statement.
    Wh,
    /// The frame has no gap.
    None,
}

/// What a phrase does to a sentence, measured on questions to a bank, a shop, an assistant and a lender.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Manner {
    /// By how many nats it is odder than its words alone would have it; negative for what everybody writes.
    pub(crate) odd: f64,
    /// By how much it raises the log odds that something else is asked.
    pub(crate) strays: f64,
}

impl Manner {
    /// Both in tenths, as the phrase files have them: "-12 3 how do i".
    pub(crate) fn parse(line: &str) -> Option<(Manner, &str)> {
        let (odd, rest) = line.split_once(' ')?;
        let (strays, rest) = rest.split_once(' ')?;
        let tenths = |s: &str| s.parse::<i32>().ok().map(|n| f64::from(n) / 10.0);
        Some((Manner { odd: tenths(odd)?, strays: tenths(strays)? }, rest))
    }

    pub(crate) fn and(self, other: Manner) -> Manner {
        Manner { odd: self.odd + other.odd, strays: self.strays + other.strays }
    }
}

/// A frame that may be written.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) manner: Manner,
    /// The words before the gap, and after it.
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) gap: Gap,
    pub(crate) question: bool,
}

/// A class of frames that say the same.
#[derive(Clone, Debug)]
pub(crate) struct FrameClass {
    pub(crate) name: String,
    pub(crate) frames: Vec<Frame>,
}

/// A sentence read as a frame and what fills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) class: usize,
    pub(crate) gap: Gap,
    /// The words in the gap, as a range of the canonical words; empty without a gap.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// How many words the frame itself has.
    pub(crate) fixed: usize,
}

#[derive(Debug, Default)]
struct Node {
    next: FxHashMap<String, usize>,
    /// Class, gap, and the words that must end the sentence.
    ends: Vec<(usize, Gap, Vec<String>)>,
}

/// The frames of one language.
#[derive(Debug)]
pub(crate) struct Grammar {
    pub(crate) classes: Vec<FrameClass>,
    nodes: Vec<Node>,
    pub(crate) vocabulary: WordSet,
}

impl Grammar {
    pub(crate) fn parse(file: &str, lexicon: &Lexicon) -> Grammar {
        let mut g =
            Grammar { classes: Vec::new(), nodes: vec![Node::default()], vocabulary: WordSet::default() };
        for line in lines(file) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                g.classes.push(FrameClass { name: name.to_owned(), frames: Vec::new() });
                continue;
            }
            let Some(class) = g.classes.len().checked_sub(1) else { continue };
            let (read, line) = match line.strip_prefix("> ") {
                Some(rest) => (false, rest),
                None => (true, line),
            };
            let (manner, pattern) = match line.strip_prefix("< ") {
                Some(pattern) => (None, pattern),
                None => match Manner::parse(line) {
                    Some((manner, pattern)) => (Some(manner), pattern),
                    None => continue,
                },
            };
            for words in alternatives(pattern) {
                g.add(class, &words, manner, read, lexicon);
            }
        }
        g
    }

    fn add(&mut self, class: usize, pattern: &str, manner: Option<Manner>, read: bool, lexicon: &Lexicon) {
        let words: Vec<&str> = pattern.split_whitespace().collect();
        let at = words.iter().position(|w| w.starts_with('{'));
        let gap = match at.map(|i| words[i]) {
            Some("{vp}") => Gap::Vp,
            Some("{ving}") => Gap::Ving,
            Some("{np}") => Gap::Np,
            Some("{clause}") => Gap::Clause,
            Some(_) => Gap::Wh,
            None => Gap::None,
        };
        let (before, after) = match at {
            Some(i) => (&words[..i], &words[i + 1..]),
            None => (&words[..], &words[..0]),
        };
        if read {
            let mut node = 0;
            for &w in before {
                let fresh = self.nodes.len();
                node = *self.nodes[node].next.entry(w.to_owned()).or_insert(fresh);
                if node == fresh {
                    self.nodes.push(Node::default());
                }
            }
            let end = (class, gap, after.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
            if !self.nodes[node].ends.contains(&end) {
                self.nodes[node].ends.push(end);
            }
            self.vocabulary.extend(words.iter().filter(|w| !w.starts_with('{')).map(|w| (*w).to_owned()));
        }
        if let Some(manner) = manner {
            let first = before.first().copied().unwrap_or("");
            let asks = |w: &str| lexicon.is(w, Class::Wh) || lexicon.is(w, Class::Auxiliary);
            // "at which address …" asks as well.
            // So does "to cancel, what do I do": its question stands behind the gap.
            let behind = after.first() == Some(&",") && after.get(1).is_some_and(|w| asks(w));
            let question = asks(first)
                || behind
                || (lexicon.is(first, Class::Preposition)
                    && before.get(1).is_some_and(|w| lexicon.is(w, Class::Wh)));
            self.classes[class].frames.push(Frame {
                manner,
                before: before.join(" "),
                after: after.join(" "),
                gap,
                question,
            });
        }
    }

    /// All ways to read the words as a frame, the most specific first.
    pub(crate) fn read(&self, words: &[Canon], lexicon: &Lexicon) -> Vec<Reading> {
        let mut out: Vec<Reading> = Vec::new();
        let mut node = 0;
        for i in 0..=words.len() {
            // A contraction is not torn apart: "what's" is in the frame as a whole or not at all.
            let whole = i == 0 || i == words.len() || words[i].token != words[i - 1].token;
            if whole {
                for (class, gap, after) in &self.nodes[node].ends {
                    let to = words.len().saturating_sub(after.len());
                    if to < i || !words[to..].iter().map(|w| &w.word).eq(after.iter()) {
                        continue;
                    }
                    if !after.is_empty()
                        && to < words.len()
                        && to > 0
                        && words[to].token == words[to - 1].token
                    {
                        continue;
                    }
                    // A bare phrase must be known for what it is; behind a frame's words it may be misspelled.
                    let known = i + after.len() > 0 || (to - i > 1 && lexicon.knows(&words[i].word));
                    if known && fits(*gap, &words[i..to], lexicon) {
                        out.push(Reading { class: *class, gap: *gap, from: i, to, fixed: i + after.len() });
                    }
                }
            }
            match words.get(i).and_then(|w| self.nodes[node].next.get(&w.word)) {
                Some(&n) => node = n,
                None => break,
            }
        }
        out.sort_by_key(|r| (std::cmp::Reverse(r.fixed), r.class));
        out
    }
}

/// Whether the words can fill a gap.
fn fits(gap: Gap, words: &[Canon], lexicon: &Lexicon) -> bool {
    let Some(first) = words.first().map(|w| w.word.as_str()) else { return gap == Gap::None };
    let letters = first.len() >= 3 && first.bytes().all(|b| b.is_ascii_alphabetic());
    let known_form = |f| lexicon.is_form(first, f);
    match gap {
        Gap::None => false,
        Gap::Vp => {
            let question = lexicon.is(first, Class::Auxiliary)
                && words.get(1).is_some_and(|w| lexicon.is(&w.word, Class::Pronoun));
            known_form(Form::Base) && !question
                || (letters && !lexicon.knows(first) && !first.ends_with("ing") && words.len() > 1)
        }
        Gap::Ving => {
            known_form(Form::Ing)
                || (letters && !lexicon.knows(first) && first.ends_with("ing") && words.len() > 1)
        }
        Gap::Np => {
            lexicon.is(first, Class::Determiner)
                || lexicon.is(first, Class::Possessive)
                || !(lexicon.is_small(first)
                    || lexicon.is(first, Class::Predicate)
                    || known_form(Form::Ing)
                    || known_form(Form::Past)
                    || known_form(Form::Participle)
                    || lexicon.is(first, Class::Number))
        }
        Gap::Clause => {
            words.len() > 2
                && (lexicon.is(first, Class::Pronoun)
                    || lexicon.is(first, Class::Possessive)
                    || lexicon.is(first, Class::Determiner))
        }
        Gap::Wh => words.len() > 2 && (lexicon.is(first, Class::Wh) || first == "if" || first == "whether"),
    }
}

/// "(a|b) c" as "a c" and "b c". Alternatives do not nest.
pub(crate) fn alternatives(pattern: &str) -> Vec<String> {
    let Some(open) = pattern.find('(') else { return vec![pattern.to_owned()] };
    let Some(len) = pattern[open..].find(')') else { return vec![pattern.to_owned()] };
    let (head, tail) = (&pattern[..open], &pattern[open + len + 1..]);
    let tails = alternatives(tail);
    let choices = pattern[open + 1..open + len].split('|');
    choices.flat_map(|c| tails.iter().map(move |t| format!("{head}{c}{t}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::english;

    #[test]
    fn alternatives_multiply() {
        assert_eq!(alternatives("(a|b) c (d|)"), ["a c d", "a c ", "b c d", "b c "]);
    }

    #[test]
    fn no_class_mixes_negation() {
        let e = english();
        for class in &e.grammar.classes {
            let negated = |f: &Frame| {
                let count =
                    |s: &str| s.split_whitespace().filter(|w| e.lexicon.is(w, Class::Negation)).count();
                count(&f.before) + count(&f.after)
            };
            let first = class.frames.first().map(negated).unwrap_or(0);
            assert!(class.frames.iter().all(|f| negated(f) == first), "{}", class.name);
        }
    }
}
