//! Tokens as they are billed: counted by a vocabulary, added up, and turned into epochs and money.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Error;
use crate::stats::{Distribution, distribution};
use crate::tokens::estimate_tokens;

/// Counts tokens, by a vocabulary or by estimate.
///
/// ```
/// use threadfold_dataset::TokenCounter;
/// let counter = TokenCounter::estimate();
/// assert_eq!(counter.count("Where is my order?"), 5);
/// assert_eq!(counter.name(), "estimate");
/// ```
pub struct TokenCounter {
    name: String,
    by: By,
}

enum By {
    Estimate,
    #[cfg(feature = "tiktoken")]
    Tiktoken(&'static tiktoken_rs::CoreBPE),
    #[cfg(feature = "tokenizers")]
    File(Box<tokenizers::Tokenizer>),
}

impl std::fmt::Debug for TokenCounter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCounter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl TokenCounter {
    /// Counts by [`estimate_tokens`].
    pub fn estimate() -> Self {
        TokenCounter { name: "estimate".into(), by: By::Estimate }
    }

    /// Counts by the vocabulary of an OpenAI model (`gpt-4o-mini`), by a vocabulary's own name (`o200k_base`,
    /// `cl100k_base`, `p50k_base`, `r50k_base`), or by `estimate`. Needs the feature `tiktoken`; the
    /// vocabularies are part of the program, nothing is fetched.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] for a name that no vocabulary is known for.
    ///
    /// ```
    /// # #[cfg(feature = "tiktoken")] {
    /// use threadfold_dataset::TokenCounter;
    /// let counter = TokenCounter::for_model("gpt-4o-mini").unwrap();
    /// assert_eq!((counter.name(), counter.count("Where is my order?")), ("o200k_base", 5));
    /// # }
    /// ```
    pub fn for_model(name: &str) -> Result<Self, Error> {
        if name == "estimate" {
            return Ok(Self::estimate());
        }
        #[cfg(feature = "tiktoken")]
        {
            use tiktoken_rs::tokenizer::{Tokenizer, get_tokenizer};
            let tokenizer = match name {
                "o200k_base" => Some(Tokenizer::O200kBase),
                "cl100k_base" => Some(Tokenizer::Cl100kBase),
                "p50k_base" => Some(Tokenizer::P50kBase),
                "r50k_base" => Some(Tokenizer::R50kBase),
                // The base models that completions are fine-tuned from today.
                "babbage-002" | "davinci-002" => Some(Tokenizer::Cl100kBase),
                model => get_tokenizer(model),
            };
            let (name, vocabulary) = match tokenizer {
                Some(Tokenizer::O200kBase) => ("o200k_base", tiktoken_rs::o200k_base_singleton()),
                Some(Tokenizer::Cl100kBase) => ("cl100k_base", tiktoken_rs::cl100k_base_singleton()),
                Some(Tokenizer::P50kBase) => ("p50k_base", tiktoken_rs::p50k_base_singleton()),
                Some(Tokenizer::R50kBase) => ("r50k_base", tiktoken_rs::r50k_base_singleton()),
                _ => {
                    return Err(Error::Tokenizer {
                        name: name.to_owned(),
                        why:
                            "no vocabulary is known for it; give --tokenizer tokenizer.json, or o200k_base, \
                              cl100k_base, p50k_base, r50k_base or estimate"
                                .into(),
                    });
                }
            };
            Ok(TokenCounter { name: name.into(), by: By::Tiktoken(vocabulary) })
        }
        #[cfg(not(feature = "tiktoken"))]
        Err(Error::Tokenizer {
            name: name.to_owned(),
            why: "this build has no vocabularies; give estimate".into(),
        })
    }

    /// Counts by a `tokenizer.json` as Hugging Face's models bring it. Needs the feature `tokenizers`.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] when the file cannot be read.
    pub fn from_file(path: &std::path::Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        #[cfg(feature = "tokenizers")]
        {
            let tokenizer = tokenizers::Tokenizer::from_file(path)
                .map_err(|e| Error::Tokenizer { name: name.clone(), why: e.to_string() })?;
            Ok(TokenCounter { name, by: By::File(Box::new(tokenizer)) })
        }
        #[cfg(not(feature = "tokenizers"))]
        Err(Error::Tokenizer {
            name,
            why: "this build does not read tokenizer files; build it with the feature tokenizers".into(),
        })
    }

    /// How it counts: a vocabulary's name, a file, or `estimate`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tokens of a text; special tokens in it are text like any other.
    pub fn count(&self, text: &str) -> u64 {
        match &self.by {
            By::Estimate => estimate_tokens(text),
            #[cfg(feature = "tiktoken")]
            By::Tiktoken(vocabulary) => vocabulary.encode_ordinary(text).len() as u64,
            #[cfg(feature = "tokenizers")]
            By::File(tokenizer) => {
                tokenizer.encode(text, false).map_or_else(|_| estimate_tokens(text), |e| e.len() as u64)
            }
        }
    }
}

/// Adds tokens up, example by example.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenTally {
    counts: BTreeMap<u64, u64>,
    completions: u64,
    billable: u64,
    over: u64,
}

impl TokenTally {
    pub(crate) fn add(&mut self, all: u64, completion: u64, limit: Option<u64>) {
        *self.counts.entry(all).or_default() += 1;
        self.completions += completion;
        self.billable += limit.map_or(all, |limit| all.min(limit));
        self.over += u64::from(limit.is_some_and(|limit| all > limit));
    }
}

/// Tokens over a whole file.
///
/// ```
/// # use threadfold_dataset::{TokenCounter, ValidateOptions, validate};
/// let counter = TokenCounter::estimate();
/// let options = ValidateOptions { counter: Some(&counter), ..Default::default() };
/// let file = std::io::Cursor::new("{\"prompt\":\"Open today?\",\"completion\":\" Yes.\"}\n");
/// let tokens = validate(file, &options, None, &mut |_| {}).unwrap().tokens.unwrap();
/// assert_eq!((tokens.total, tokens.epochs, tokens.billable), (5, 25, 125));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenReport {
    /// How they were counted.
    pub counted_by: String,
    /// In all examples, frames of messages included.
    pub total: u64,
    /// In the completions: what is learned where the last reply is learned only.
    pub completions: u64,
    /// How they are spread over examples.
    pub spread: Distribution,
    /// Examples longer than the limit; what is beyond it is not billed.
    pub over_limit: u64,
    /// The number of epochs that OpenAI's published formula recommends.
    pub epochs: u64,
    /// Tokens billed in one epoch.
    pub billable_per_epoch: u64,
    /// Tokens billed in all epochs.
    pub billable: u64,
    /// Examples by size: the largest size of each bar, and how many.
    pub bars: Vec<(u64, u64)>,
}

impl TokenReport {
    pub(crate) fn new(counted_by: String, tally: TokenTally) -> Self {
        let spread = distribution(&tally.counts);
        let examples = tally.counts.values().sum();
        let epochs = recommended_epochs(examples);
        TokenReport {
            counted_by,
            total: spread.total,
            completions: tally.completions,
            spread,
            over_limit: tally.over,
            epochs,
            billable_per_epoch: tally.billable,
            billable: tally.billable * epochs,
            bars: bars(&tally.counts),
        }
    }

    /// What training costs at a price for a million tokens, in the price's currency.
    pub fn cost(&self, price_per_million: f64) -> f64 {
        self.billable as f64 * price_per_million / 1e6
    }
}

/// Bars of doubling width, from the smallest size to the largest.
pub(crate) fn bars(counts: &BTreeMap<u64, u64>) -> Vec<(u64, u64)> {
    let (Some((&min, _)), Some((&max, _))) = (counts.first_key_value(), counts.last_key_value()) else {
        return Vec::new();
    };
    let top = |n: u64| n.max(1).next_power_of_two();
    let mut bars = Vec::new();
    let mut size = top(min);
    loop {
        let below = if bars.is_empty() { 0 } else { size / 2 + 1 };
        bars.push((size, counts.range(below..=size).map(|(_, n)| n).sum()));
        if size >= top(max) {
            return bars;
        }
        size *= 2;
    }
}

/// The number of epochs for that many examples, by the formula of OpenAI's guide to data preparation: three,
/// but more for fewer than a hundred trained examples (25 at most), and fewer for more than 25,000 (one at
/// least).
///
/// ```
/// use threadfold_dataset::recommended_epochs;
/// assert_eq!([1, 5, 10, 12, 20, 33, 8333, 8334, 12501].map(recommended_epochs), [25, 20, 10, 8, 5, 3, 3, 2, 1]);
/// ```
pub fn recommended_epochs(examples: u64) -> u64 {
    const USUAL: u64 = 3;
    match examples {
        0 => USUAL,
        n if n * USUAL < 100 => (100 / n).min(25),
        n if n * USUAL > 25_000 => (25_000 / n).max(1),
        _ => USUAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_cover_every_example() {
        let counts = BTreeMap::from([(0, 1), (3, 2), (4, 3), (5, 1), (100, 7)]);
        let bars = bars(&counts);
        assert_eq!(bars.iter().map(|b| b.1).sum::<u64>(), 14);
        assert_eq!(bars.last(), Some(&(128, 7)));
        assert!(super::bars(&BTreeMap::new()).is_empty());
    }
}
