//! A place for a model of named entities. None is built in and none runs unless given.

use crate::kind::Type;

/// Finds what rules cannot: names of people nobody introduced. Answers are added to those of the rules and
/// are subject to the same keep list.
///
/// ```
/// use threadfold_redact::{Ner, Options, Redactor, Type};
/// struct Fixed;
/// impl Ner for Fixed {
///     fn entities(&self, text: &str) -> Vec<(std::ops::Range<usize>, Type)> {
///         text.find("Zorblax").map(|at| (at..at + 7, Type::Name)).into_iter().collect()
///     }
/// }
/// let options = Options { ner: Some(std::sync::Arc::new(Fixed)), ..Options::default() };
/// let redactor = Redactor::new(options);
/// let out = redactor.thread(&[]).redact("we met zorg and Zorblax", threadfold_redact::Side::Customer);
/// assert_eq!(out.text, "we met zorg and [PERSON_NAME_1]");
/// ```
pub trait Ner: Send + Sync {
    /// Byte ranges of the text and what they are; ranges off the text or off its characters are ignored.
    fn entities(&self, text: &str) -> Vec<(std::ops::Range<usize>, Type)>;
}
