//! Whatever is written, the rules neither panic nor break the guard.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use proptest::prelude::*;
use threadfold_variants::{Rules, check};

fn fragments() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "how",
        "do",
        "I",
        "i",
        "can't",
        "cancel",
        "my",
        "order",
        "[ORDER_ID_1]",
        "{{Order Number}}",
        "if",
        "not",
        "please",
        "?",
        ".",
        "\n",
        "\n\n",
        "don't",
        "want",
        "to",
        "delete",
        "the",
        "account",
        "£6.50",
        "2023-01-05",
        "kim@example.org",
        "Where",
        "are",
        "you",
        "located",
        "can",
        "help",
        "me",
        "change",
        "is",
        "there",
        "a",
        "fee",
        "why",
        "was",
        "charged",
        "Norway",
        "hello",
        ",",
        "’",
        "é",
        "東京",
        "[",
        "{{",
        "an",
        "what",
        "need",
        "information",
        "about",
        "invoice",
        "12",
        "no",
        "unable",
        "If",
        "when",
        "will",
        "arrive",
        "https://www.example.com/a?b=c",
        "İ",
    ]);
    prop::collection::vec(words, 0..25).prop_map(|w| w.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn variants_pass_the_guard(text in fragments(), seed in 0u64..3) {
        let mut rules = Rules::new(seed);
        rules.learn(&text);
        for v in rules.reword(&text, 3) {
            prop_assert_eq!(check(&text, &v.text), Ok(()), "{} -> {}", text, v.text);
        }
    }

    #[test]
    fn any_text_at_all(text in "\\PC{0,80}", other in "\\PC{0,80}") {
        let _ = Rules::new(0).reword(&text, 2);
        let _ = check(&text, &other);
    }
}
