//! One language's data, compiled once.

use std::sync::LazyLock;

use crate::grammar::{Grammar, Manner};
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

/// A phrase that may be put around a sentence.
#[derive(Clone, Debug)]
pub(crate) struct Courteous {
    pub(crate) words: String,
    pub(crate) manner: Manner,
}

/// Greetings, closings and pleas.
#[derive(Debug, Default)]
pub(crate) struct Courtesy {
    pub(crate) greetings: Vec<String>,
    pub(crate) closings: Vec<String>,
    pub(crate) pleas: Vec<Courteous>,
    pub(crate) openings: Vec<Courteous>,
    /// What leads into a report: "I noticed that".
    pub(crate) leads: Vec<Courteous>,
    /// What may end a question.
    pub(crate) thanks: Vec<Courteous>,
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
            if matches!(list, "greeting" | "closing") {
                let known = if list == "greeting" { &mut c.greetings } else { &mut c.closings };
                known.push(line.to_owned());
                continue;
            }
            let Some((manner, words)) = Manner::parse(line) else { continue };
            let phrase = Courteous { words: words.to_owned(), manner };
            match list {
                "plea" => c.pleas.push(phrase),
                "lead" => c.leads.push(phrase),
                "thanks" => c.thanks.push(phrase),
                _ => c.openings.push(phrase),
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
        for phrase in
            [&courtesy.pleas, &courtesy.openings, &courtesy.leads, &courtesy.thanks].into_iter().flatten()
        {
            common.learn(&Sequence::of(&phrase.words));
        }
        Language { lexicon, grammar, thesaurus, courtesy, common }
    });
    &ENGLISH
}
