//! What the report says about the examples.

use std::collections::BTreeMap;

use serde::Serialize;
use threadfold_core::{Example, Flag};

/// Counts over examples. Grows with the number of different values, not with the number of examples, and
/// two of them can be added up, in any order, to the same result.
///
/// ```
/// # use threadfold_core::{Example, Role, Turn};
/// # let turn = |role, text: &str| Turn { role, author: String::new(), date: None, message_id: None,
/// #     recovered: false, text: text.into() };
/// # let example = Example { id: String::new(), thread: String::new(), turns: vec![
/// #     turn(Role::Customer, "Open?"), turn(Role::Agent, "Yes.")], language: Some("en".into()), tokens: 4,
/// #     variant_of: None, locators: vec![], flags: vec![] };
/// let mut stats = threadfold_dataset::Stats::new();
/// stats.add(&example);
/// assert_eq!(stats.languages["en"], 1);
/// assert_eq!(stats.tokens().median, 4);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// How many examples.
    pub examples: u64,
    /// How many of them reword another.
    pub variants: u64,
    /// Examples by language; `und` (ISO 639-2) where it could not be told.
    pub languages: BTreeMap<String, u64>,
    /// Examples by number of turns.
    pub turns: BTreeMap<usize, u64>,
    /// Examples by flag.
    pub flags: BTreeMap<Flag, u64>,
    /// Examples by number of tokens, all turns together.
    #[serde(serialize_with = "as_distribution")]
    tokens: BTreeMap<u64, u64>,
    /// Examples by number of characters in the completion.
    #[serde(serialize_with = "as_distribution")]
    completion_chars: BTreeMap<u64, u64>,
}

/// How a number is spread over the examples. Exact; a quantile is the smallest value that at least that
/// part of the examples does not exceed.
///
/// ```
/// assert_eq!(threadfold_dataset::Distribution::default().max, 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// The sum over all examples.
    pub total: u64,
    /// The sum divided by the number of examples, rounded down.
    pub mean: u64,
    /// The smallest.
    pub min: u64,
    /// Half of the examples have no more.
    pub median: u64,
    /// Nine tenths of the examples have no more.
    pub p90: u64,
    /// 99 of a hundred have no more.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl Stats {
    /// Over no examples yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one example in.
    pub fn add(&mut self, example: &Example) {
        self.examples += 1;
        self.variants += u64::from(example.variant_of.is_some());
        match &example.language {
            Some(language) => bump(&mut self.languages, language),
            None => bump(&mut self.languages, "und"),
        }
        *self.turns.entry(example.turns.len()).or_default() += 1;
        for flag in &example.flags {
            *self.flags.entry(*flag).or_default() += 1;
        }
        *self.tokens.entry(example.tokens).or_default() += 1;
        *self.completion_chars.entry(example.completion().chars().count() as u64).or_default() += 1;
    }

    /// Adds up: as if the other's examples had been counted here.
    pub fn merge(&mut self, other: &Stats) {
        self.examples += other.examples;
        self.variants += other.variants;
        add_up(&mut self.languages, &other.languages);
        add_up(&mut self.turns, &other.turns);
        add_up(&mut self.flags, &other.flags);
        add_up(&mut self.tokens, &other.tokens);
        add_up(&mut self.completion_chars, &other.completion_chars);
    }

    /// How the tokens are spread.
    pub fn tokens(&self) -> Distribution {
        distribution(&self.tokens)
    }

    /// Examples by number of tokens, as bars of doubling width: the largest number of each, and how many.
    pub fn token_bars(&self) -> Vec<(u64, u64)> {
        crate::count::bars(&self.tokens)
    }

    /// How the lengths of the completions, in characters, are spread.
    pub fn completion_chars(&self) -> Distribution {
        distribution(&self.completion_chars)
    }
}

fn bump(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => _ = counts.insert(key.to_owned(), 1),
    }
}

fn add_up<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(key.clone()).or_default() += count;
    }
}

pub(crate) fn distribution(counts: &BTreeMap<u64, u64>) -> Distribution {
    let examples: u64 = counts.values().sum();
    let (Some((&min, _)), Some((&max, _))) = (counts.first_key_value(), counts.last_key_value()) else {
        return Distribution::default();
    };
    let total = counts.iter().map(|(value, count)| value * count).sum::<u64>();
    let quantile = |percent: u64| {
        let rank = (examples * percent).div_ceil(100).max(1);
        let mut below = 0;
        counts.iter().find(|(_, count)| {
            below += **count;
            below >= rank
        })
    };
    let at = |percent| quantile(percent).map_or(max, |(value, _)| *value);
    Distribution { total, mean: total / examples, min, median: at(50), p90: at(90), p99: at(99), max }
}

fn as_distribution<S: serde::Serializer>(counts: &BTreeMap<u64, u64>, to: S) -> Result<S::Ok, S::Error> {
    distribution(counts).serialize(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        let counts = (1..=100).map(|n| (n, 1)).collect();
        let d = distribution(&counts);
        assert_eq!((d.min, d.median, d.p90, d.p99, d.max), (1, 50, 90, 99, 100));
        assert_eq!((d.total, d.mean), (5050, 50));
        assert_eq!(distribution(&BTreeMap::new()), Distribution::default());
        assert_eq!(distribution(&BTreeMap::from([(7, 3)])).p99, 7);
    }
}
