//! The gate for wordings from outside: is a variant still nearest to its own question?

use crate::lm::Sequence;
use crate::mined::{Vector, agree, vectors};
use crate::near::Near;

/// Answers that agree so much answer the same question: then it does no harm to be nearest to the other.
const SAME_ANSWER: f32 = 0.4;

/// Knows all questions, and the answers where there are any.
///
/// A language model drifts: asked for another wording of "how do I change my order" it may well write a
/// wording of "how do I cancel my order". Such a wording is nearest to a question with another answer.
///
/// ```
/// let gate = threadfold_variants::Gate::new([
///     ("How do I change my order?", "Write to us before it leaves."),
///     ("How do I cancel my order?", "Press the red button on the order's page."),
/// ]);
/// assert!(gate.admits(0, "What must I do to change my order?"));
/// assert!(!gate.admits(0, "What must I do to cancel my order?"));
/// ```
pub struct Gate {
    near: Near,
    answers: Vec<Vector>,
    copies: Vec<Vec<u32>>,
}

impl Gate {
    /// Learns questions with their answers; an answer may be empty.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Gate {
        let pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
        let mut near = Near::default();
        pairs.iter().for_each(|(q, _)| near.learn(&Sequence::of(q)));
        let copies = pairs.iter().map(|(q, _)| near.copies(q)).collect();
        Gate { near, answers: vectors(pairs.iter().map(|p| p.1)), copies }
    }

    /// Whether the nearest question to this variant of question `own` is that question, a copy of it, or one
    /// with nearly the same answer. A variant near to none is admitted: nothing speaks against it.
    pub fn admits(&self, own: usize, variant: &str) -> bool {
        let Some(answer) = self.answers.get(own) else { return false };
        let list = self.near.nearest(variant, &[]);
        let Some(&(_, best)) = list.first() else { return true };
        // Of several that are equally near, one of its own is enough.
        list.iter().take_while(|(_, score)| *score >= best * 0.999).any(|&(id, _)| {
            id as usize == own
                || self.copies[own].contains(&id)
                || self
                    .answers
                    .get(id as usize)
                    .is_some_and(|a| !a.is_empty() && agree(answer, a) >= SAME_ANSWER)
        })
    }
}
