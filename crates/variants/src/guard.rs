//! The guard: what a variant must say exactly as its source does.

use crate::language::english;
use crate::lexicon::{Class, Lexicon};
use crate::text::{Canon, Kind, canon, plain, tokens};

/// Why a variant was refused.
///
/// ```
/// use threadfold_variants::{Breach, check};
/// assert_eq!(check("Where is order 4711?", "Where is order 4712?"), Err(Breach::Literal));
/// assert_eq!(check("I can't log in.", "I am able to log in."), Err(Breach::Negation));
/// assert_eq!(check("I can't log in.", "I am unable to log in."), Ok(()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Breach {
    /// A number, date, placeholder, URL or address differs.
    #[error("a number, date, placeholder or address differs")]
    Literal,
    /// A name of the source is missing, or one was added.
    #[error("a name differs")]
    Name,
    /// Negations differ in number.
    #[error("a negation differs")]
    Negation,
    /// A condition ("if", "unless", "only") differs.
    #[error("a condition differs")]
    Condition,
    /// Nothing was changed, or nothing is left.
    #[error("no other wording")]
    Unchanged,
}

/// What a text states that must stay: computed once for a source, compared with each variant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    literals: Vec<String>,
    /// Words written with a capital inside a sentence, lower-cased.
    names: Vec<String>,
    negations: usize,
    conditions: Vec<String>,
    /// Whether something is said to be wrong.
    trouble: bool,
    words: Vec<String>,
}

impl Facts {
    pub(crate) fn of(text: &str) -> Facts {
        Facts::with(text, &english().lexicon)
    }

    pub(crate) fn with(text: &str, lexicon: &Lexicon) -> Facts {
        let tokens = tokens(text);
        let words = canon(text, &tokens, lexicon);
        let mut f = Facts::default();
        let (mut begins, mut last) = (true, 0);
        for t in &tokens {
            let shown = t.of(text);
            // A greeting's line, or a paragraph's end: what follows begins a sentence, too.
            let gap = &text[last..t.start];
            begins |= gap.matches('\n').count() > 1
                || (gap.contains('\n') && text[..last].ends_with([',', ';', '-', '–', ')']));
            last = t.end;
            match t.kind {
                Kind::Protected => {
                    f.literals.push(shown.to_lowercase());
                    begins = false;
                }
                Kind::Word => {
                    let word = plain(shown);
                    let is_i = word == "i" || word.starts_with("i'");
                    if shown.chars().next().is_some_and(char::is_uppercase) && !begins && !is_i {
                        f.names.push(word);
                    }
                    begins = false;
                }
                Kind::Punctuation => begins |= matches!(shown, "." | "?" | "!" | ":"),
            }
        }
        for (i, w) in words.iter().enumerate() {
            if lexicon.is(&w.word, Class::Number) || lexicon.is(&w.word, Class::Month) {
                f.literals.push(w.word.clone());
            }
            f.trouble |= lexicon.is(&w.word, Class::Trouble);
            f.negations += usize::from(lexicon.is(&w.word, Class::Negation));
            if lexicon.is(&w.word, Class::Condition) && !reports(&words, i) {
                f.conditions.push(w.word.clone());
            }
        }
        f.words = words.into_iter().map(|w| w.word).collect();
        f.literals.sort_unstable();
        f.names.sort_unstable();
        f.conditions.sort_unstable();
        f
    }

    /// Whether two texts name the same numbers, placeholders, addresses and names, and both or neither speak
    /// of trouble: who reports a problem with a thing does not ask what one asks who only wants the thing.
    pub(crate) fn same_particulars(&self, other: &Facts) -> bool {
        self.literals == other.literals && self.names == other.names && self.trouble == other.trouble
    }

    /// Compares with a variant's facts.
    pub(crate) fn allow(&self, variant: &Facts) -> Result<(), Breach> {
        if self.literals != variant.literals {
            return Err(Breach::Literal);
        }
        if self.negations != variant.negations {
            return Err(Breach::Negation);
        }
        if self.conditions != variant.conditions {
            return Err(Breach::Condition);
        }
        // The first word of a sentence has its capital from its place: what is a name here may be one there.
        let all_in = |names: &[String], words: &[String]| names.iter().all(|n| words.contains(n));
        if !all_in(&self.names, &variant.words) || !all_in(&variant.names, &self.words) {
            return Err(Breach::Name);
        }
        if variant.words.is_empty() || self.words == variant.words {
            return Err(Breach::Unchanged);
        }
        Ok(())
    }
}

/// "do you know if …", "please check whether …": no condition, but what is asked.
fn reports(words: &[Canon], i: usize) -> bool {
    let back = |n: usize| i.checked_sub(n).map(|j| words[j].word.as_str());
    let told = || matches!(back(2), Some("tell" | "show" | "let" | "inform" | "ask" | "remind" | "telling"));
    words[i].word == "if"
        && match back(1) {
            Some("me" | "us") => told(),
            Some(
                "know" | "wondering" | "wonder" | "see" | "check" | "sure" | "out" | "ask" | "asking"
                | "asked" | "tell",
            ) => true,
            _ => false,
        }
}

/// Whether `variant` keeps what `source` states: numbers, dates, names, placeholders, addresses, negation
/// and conditions. Every rewriter's output passes through here.
///
/// # Errors
/// What differs; see [`Breach`].
///
/// ```
/// use threadfold_variants::check;
/// assert!(check("How do I cancel order [ORDER_ID_1]?", "How can I cancel order [ORDER_ID_1]?").is_ok());
/// assert!(check("How do I cancel order [ORDER_ID_1]?", "How can I cancel my order?").is_err());
/// ```
pub fn check(source: &str, variant: &str) -> Result<(), Breach> {
    Facts::of(source).allow(&Facts::of(variant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_that_must_stay() {
        for (source, variant, expected) in [
            ("Do you ship to Norway?", "Can you ship to Norway?", Ok(())),
            ("Do you ship to Norway?", "Can you ship to Sweden?", Err(Breach::Name)),
            ("Norway: do you ship there?", "Do you ship to Norway?", Ok(())),
            ("I paid on 3 May", "I paid on 4 May", Err(Breach::Literal)),
            ("I paid twice", "I paid", Err(Breach::Literal)),
            ("Refund me if it is late", "Refund me, it is late", Err(Breach::Condition)),
            ("Is it late?", "Do you know if it is late?", Ok(())),
            ("I dont know", "I do not know it", Ok(())),
            ("I no longer have it", "I have it", Err(Breach::Negation)),
            ("mail kim@example.org now", "please mail kim@example.org", Ok(())),
            ("mail kim@example.org now", "please mail kim@example.com", Err(Breach::Literal)),
            ("same words", "Same  words!", Err(Breach::Unchanged)),
            ("Hello,\n\nWhere are you?", "Hello,\n\nWhat is your address?", Ok(())),
            ("I met\nKim there", "I met\nBo there", Err(Breach::Name)),
            ("words", "", Err(Breach::Unchanged)),
        ] {
            assert_eq!(check(source, variant), expected, "{source} -> {variant}");
        }
    }
}
