//! One language's data, compiled once.

use std::sync::LazyLock;

use crate::grammar::Grammar;
use crate::lexicon::{Lexicon, lines};
use crate::lm::{Model, Sequence};
use crate::thesaurus::Thesaurus;

/// Everything the rules know about a language.
#[derive(Debug)]
pub(crate) struct Language {
    pub(crate) lexicon: Lexicon,
    pub(crate) grammar: Grammar,
    pub(crate) thesaurus: Thesaurus,
    pub(crate) courtesy: Courtesy,
    /// What the frames alone tell of the language.
    pub(crate) common: Model,
}

/// Greetings, closings and pleas.
#[derive(Debug, Default)]
pub(crate) struct Courtesy {
    pub(crate) greetings: Vec<String>,
    pub(crate) closings: Vec<String>,
    pub(crate) pleas: Vec<String>,
    pub(crate) openings: Vec<String>,
}

impl Courtesy {
    fn parse(file: &str) -> Courtesy {
        let mut c = Courtesy::default();
        let mut list = "";
        for line in lines(file) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                list = name;
                continue;
            }
            let words = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned();
            match list {
                "greeting" => c.greetings.push(words),
                "closing" => c.closings.push(words),
                "plea" => c.pleas.push(words),
                _ => c.openings.push(words),
            }
        }
        c
    }
}

/// English.
pub(crate) fn english() -> &'static Language {
    static ENGLISH: LazyLock<Language> = LazyLock::new(|| {
        let lexicon = Lexicon::parse(
            include_str!("../phrases/en/words.txt"),
            include_str!("../phrases/en/verbs.txt"),
            include_str!("../phrases/en/contractions.txt"),
        );
        let grammar = Grammar::parse(include_str!("../phrases/en/frames.txt"), &lexicon);
        let thesaurus = Thesaurus::parse(include_str!("../phrases/en/thesaurus.txt"));
        let courtesy = Courtesy::parse(include_str!("../phrases/en/courtesy.txt"));
        let mut common = Model::default();
        for frame in grammar.classes.iter().flat_map(|c| &c.frames) {
            common.learn(&Sequence::of(&format!("{} {}", frame.before, frame.after)));
        }
        Language { lexicon, grammar, thesaurus, courtesy, common }
    });
    &ENGLISH
}
