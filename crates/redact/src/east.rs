//! The word lists of Chinese, Japanese and Korean, which have no spaces to find words by.

use crate::lexicon::context;
use aho_corasick::{AhoCorasick, MatchKind};

/// What an entry of `east.txt` is besides a word that announces a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Announces a value of these kinds.
    Context(u32),
    /// Follows a name.
    Honorific,
    /// Precedes a name.
    Intro,
    /// Follows the writer's name.
    Closing,
    /// Begins a Japanese address.
    Prefecture,
    /// Part of a business's name.
    Org,
}

/// The lists, compiled once.
pub(crate) struct East {
    finder: Option<AhoCorasick>,
    marks: Vec<Mark>,
    nobody: Vec<&'static str>,
    surnames: [Vec<&'static str>; 3],
}

/// Whose surnames.
#[derive(Clone, Copy)]
pub(crate) enum Tongue {
    Chinese,
    Japanese,
    Korean,
}

impl East {
    pub(crate) fn build(entries: impl Iterator<Item = (&'static str, &'static str)>) -> East {
        let mut east =
            East { finder: None, marks: Vec::new(), nobody: Vec::new(), surnames: Default::default() };
        let mut words = Vec::new();
        for (section, entry) in entries {
            let mark = match section {
                "phone" => Mark::Context(context::PHONE),
                "order" => Mark::Context(context::ORDER),
                "tracking" => Mark::Context(context::TRACKING),
                "address" => Mark::Context(context::ADDRESS),
                "dob" => Mark::Context(context::DOB),
                "account" => Mark::Context(context::ACCOUNT),
                "card" => Mark::Context(context::CARD),
                "national" => Mark::Context(context::NATIONAL),
                "password" => Mark::Context(context::PASSWORD),
                "handle" => Mark::Context(context::HANDLE),
                "honorific" => Mark::Honorific,
                "intro" => Mark::Intro,
                "closing" => Mark::Closing,
                "prefecture" => Mark::Prefecture,
                "org" => Mark::Org,
                other => {
                    match other {
                        "nobody" => east.nobody.push(entry),
                        "surname_zh" => east.surnames[Tongue::Chinese as usize].push(entry),
                        "surname_ja" => east.surnames[Tongue::Japanese as usize].push(entry),
                        "surname_ko" => east.surnames[Tongue::Korean as usize].push(entry),
                        _ => debug_assert!(false, "section {other} of a list means nothing"),
                    }
                    continue;
                }
            };
            east.marks.push(mark);
            words.push(entry);
        }
        // Without it nothing is found in these scripts; it fails only for lists far beyond this one's size.
        east.finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words).ok();
        east
    }

    /// The entries in a token, from left to right: what each is, where it begins and ends.
    pub(crate) fn marks<'t>(&'t self, token: &'t str) -> impl Iterator<Item = (Mark, usize, usize)> + 't {
        self.finder
            .iter()
            .flat_map(move |f| f.find_iter(token))
            .map(|m| (self.marks[m.pattern().as_usize()], m.start(), m.end()))
    }

    /// What the words in a token announce.
    pub(crate) fn context(&self, token: &str) -> u32 {
        self.marks(token).fold(0, |bits, (mark, ..)| match mark {
            Mark::Context(more) => bits | more,
            _ => bits,
        })
    }

    /// Whether a word before "さん" or "先生" names nobody.
    pub(crate) fn nobody(&self, word: &str) -> bool {
        self.nobody.iter().any(|n| word.ends_with(n))
    }

    /// How many bytes of a surname stand at the start of `word`; the longest that fits.
    pub(crate) fn surname(&self, tongue: Tongue, word: &str) -> Option<usize> {
        self.surnames[tongue as usize].iter().filter(|s| word.starts_with(**s)).map(|s| s.len()).max()
    }
}
