//! Honest "I don't know": which answers are refusals, and questions that the data cannot answer.

use rustc_hash::FxHashSet;
use threadfold_core::{Example, Role, Turn};
use threadfold_dataset::{estimate_tokens, example_id};

use crate::lexicon::lines;
use crate::text::{Kind, plain, tokens};

/// What an unanswerable question is answered with, unless another text is given.
pub const DEFAULT_REFUSAL: &str = "I'm sorry, I don't know. I have no information about that.";

/// What a system message may say so that the model owns up, in training and in use alike.
pub const UNSURE: &str = "If you are not sure of an answer, say that you are not sure instead of guessing.";

/// A refusal with more words than this answers something after all.
const LONGEST_REFUSAL: usize = 40;

/// Whether an answer says that it has none.
///
/// ```
/// use threadfold_variants::is_refusal;
/// assert!(is_refusal("Sorry, I don't know."));
/// assert!(!is_refusal("I don't know why it was late, but the parcel left us on Monday and ".repeat(4).as_str()));
/// assert!(!is_refusal("Nine to five."));
/// ```
pub fn is_refusal(completion: &str) -> bool {
    let words: Vec<String> = tokens(completion)
        .iter()
        .filter(|t| t.kind != Kind::Punctuation)
        .map(|t| plain(t.of(completion)))
        .take(LONGEST_REFUSAL + 1)
        .collect();
    if words.len() > LONGEST_REFUSAL {
        return false;
    }
    let said = format!(" {} ", words.join(" "));
    lines(include_str!("../phrases/en/refusals.txt")).any(|r| said.contains(&format!(" {r} ")))
}

/// Makes questions that the examples cannot answer: about goods, services, places and facts of which no word
/// occurs in any of them, in either language form (singular or plural).
///
/// The same examples and seed give the same questions; fewer than `n` where the lists run out. Each is an
/// example of its own thread whose completion is `refusal`.
///
/// ```
/// use threadfold_variants::{DEFAULT_REFUSAL, unknowns};
/// let made = unknowns(&[], 3, DEFAULT_REFUSAL, 1);
/// assert_eq!(made.len(), 3);
/// assert_eq!(made[0].completion(), DEFAULT_REFUSAL);
/// assert_eq!(made, unknowns(&[], 3, DEFAULT_REFUSAL, 1));
/// ```
pub fn unknowns(examples: &[&Example], n: usize, refusal: &str, seed: u64) -> Vec<Example> {
    let mut known: FxHashSet<String> = FxHashSet::default();
    for text in examples.iter().flat_map(|e| &e.turns).map(|t| t.text.as_str()) {
        for t in tokens(text) {
            if t.kind != Kind::Punctuation {
                for part in plain(t.of(text)).split(['-', '/', '_', '.']) {
                    known.insert(stem(part).to_owned());
                }
            }
        }
    }
    let mut ranked: Vec<(u64, String)> = Vec::new();
    let mut asked: Vec<&str> = Vec::new();
    for line in lines(include_str!("../phrases/en/absent.txt")) {
        if line.starts_with('[') {
            asked.clear();
        } else if let Some(q) = line.strip_prefix("? ") {
            asked.push(q);
        } else if line.split_whitespace().all(|w| !known.contains(stem(&plain(w)))) {
            for q in &asked {
                let mut text = format!("{}?", q.replace("{}", line));
                if let Some(first) = text.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                let mut key = blake3::Hasher::new();
                key.update(&seed.to_le_bytes()).update(text.as_bytes());
                let mut head = [0; 8];
                head.copy_from_slice(&key.finalize().as_bytes()[..8]);
                ranked.push((u64::from_le_bytes(head), text));
            }
        }
    }
    ranked.sort();
    // Every thing once before any thing twice: the order by chance sees to a mixture already.
    ranked.into_iter().take(n).map(|(_, text)| refused(&text, refusal)).collect()
}

fn refused(question: &str, refusal: &str) -> Example {
    let turn = |role, text: &str| Turn {
        role,
        author: String::new(),
        date: None,
        message_id: None,
        recovered: false,
        text: text.to_owned(),
    };
    let turns = vec![turn(Role::Customer, question), turn(Role::Agent, refusal)];
    let id = example_id(&turns);
    Example {
        thread: id.clone(),
        id,
        language: Some("en".to_owned()),
        tokens: turns.iter().map(|t| estimate_tokens(&t.text)).sum(),
        turns,
        variant_of: None,
        locators: Vec::new(),
        flags: Vec::new(),
    }
}

/// A word without its plural ending.
fn stem(word: &str) -> &str {
    word.strip_suffix("es")
        .or_else(|| word.strip_suffix('s'))
        .filter(|s| s.len() > 2)
        .unwrap_or(word)
        .trim_end_matches('e')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_data_mention_is_not_asked() {
        let mentions = refused("Is a violin a good present? And a skate-board to Fiji?", "Yes.");
        let made = unknowns(&[&mentions], 10_000, DEFAULT_REFUSAL, 0);
        assert!(made.len() > 300);
        let all: String = made.iter().map(|e| e.turns[0].text.to_lowercase()).collect();
        assert!(!all.contains("violin") && !all.contains("fiji"), "named in the data");
        assert!(all.contains("telescope"));
        let mut ids: Vec<_> = made.iter().map(|e| &e.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), made.len());
    }
}
