//! The place for a model of named entities, with a toy one.

use std::ops::Range;
use std::sync::Arc;
use threadfold_redact::{Ner, Options, Redactor, Side, Type};

/// Knows two names, and gives ranges that no text has.
struct Toy;

impl Ner for Toy {
    fn entities(&self, text: &str) -> Vec<(Range<usize>, Type)> {
        let mut found: Vec<(Range<usize>, Type)> = ["Zorblax", "Queen Ümlaut"]
            .iter()
            .flat_map(|name| text.match_indices(name).map(|(at, name)| (at..at + name.len(), Type::Name)))
            .collect();
        let wide = text.find('Ü').unwrap_or(0);
        #[allow(clippy::reversed_empty_ranges, reason = "a model may be wrong in any way")]
        found.extend([
            (text.len()..text.len() + 9, Type::Name),
            (wide + 1..wide + 2, Type::Phone),
            (3..3, Type::Email),
            (5..2, Type::Email),
            (usize::MAX - 1..usize::MAX, Type::Secret),
        ]);
        found
    }
}

fn redact(options: Options, text: &str) -> String {
    let redactor = Redactor::new(options);
    let mut thread = redactor.thread(&[]);
    thread.learn(text, Side::Customer);
    thread.redact(text, Side::Customer).text
}

#[test]
fn a_model_adds_to_the_rules_and_runs_only_if_given() {
    let text = "we met zorg, Zorblax and Queen Ümlaut; write to zorblax@example.com about Zorblax";
    let with = Options { ner: Some(Arc::new(Toy)), ..Options::default() };
    assert_eq!(
        redact(with, text),
        "we met zorg, [PERSON_NAME_1] and [PERSON_NAME_2]; write to [EMAIL_1] about [PERSON_NAME_1]"
    );
    assert_eq!(
        redact(Options::default(), text),
        "we met zorg, Zorblax and Queen Ümlaut; write to [EMAIL_1] about Zorblax"
    );
}
