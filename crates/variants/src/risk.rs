//! What may be wrong with a draft: two likelihoods that nobody who reads it has to guess.
//!
//! A draft can read strangely, or ask something else than its source. Both are estimated from what can be
//! measured without labels: the weights were fitted on the drafts of questions to a bank, a shop, an
//! assistant and a lender, where a language model and a classifier of intents, trained on *other* questions
//! of the same kind, said what became of them. The first is a linear estimate of how much dearer an average
//! word becomes, the second a logistic regression. Of what a phrase does besides, see [`Manner`].

use crate::grammar::Manner;
use crate::lm::Spread;

/// What is measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Risks {
    /// By how much an average word costs more than the source's, in nats; negative if it costs less.
    pub(crate) dearer: f64,
    /// By how much the source costs more than an unusual sentence.
    pub(crate) cost: f64,
    /// The share of words in common with the source.
    pub(crate) alike: f64,
    /// How many words the source has.
    pub(crate) length: f64,
    /// By which share the words and pairs have become more.
    pub(crate) longer: f64,
    /// How many of the source's neighbours are still near, 0 to 1.
    pub(crate) stays: f64,
    /// Words and pairs that came in and that went, by how many of the texts have them.
    pub(crate) came: Spread,
    pub(crate) gone: Spread,
    /// Words alone that came in, and those of them that no text has.
    pub(crate) words_came: f64,
    pub(crate) words_new: f64,
    /// Whether words were exchanged.
    pub(crate) exchanged: bool,
    pub(crate) manner: Manner,
}

struct Weights {
    always: f64,
    dearer: f64,
    cost: f64,
    alike: f64,
    /// Of one over the length.
    short: f64,
    stays: f64,
    /// Of the numbers that came, and of the same for each word of the source.
    came: Spread,
    came_each: Spread,
    gone: f64,
    gone_each: Spread,
    words_came: f64,
    words_new: f64,
    longer: f64,
    exchanged: f64,
}

const STRAYED: Weights = Weights {
    always: -1.21,
    dearer: -0.08,
    cost: 0.46,
    alike: -0.95,
    short: 1.81,
    stays: -1.10,
    came: [0.24, 0.11, 0.03, 0.04, 0.06, 0.14],
    came_each: [0.10, 0.26, 0.64, 0.30, -0.51, -0.38],
    gone: -0.11,
    gone_each: [0.13, 0.60, -0.94, 0.19, 1.27, 1.52],
    words_came: -0.20,
    words_new: -0.27,
    longer: 0.53,
    exchanged: -0.27,
};

const STRANGE: Weights = Weights {
    always: 0.28,
    dearer: 0.44,
    cost: -0.22,
    alike: -0.38,
    short: 1.87,
    stays: 0.03,
    came: [0.06, 0.06, 0.06, 0.02, 0.02, 0.04],
    came_each: [0.18, 0.41, -0.03, 0.18, -0.30, -0.61],
    gone: -0.01,
    gone_each: [-0.42, -0.24, -0.27, 0.10, 0.49, 0.76],
    words_came: -0.06,
    words_new: 0.16,
    longer: -0.31,
    exchanged: 0.09,
};

/// By how many nats a word may become dearer before it reads strangely, and how wide the estimate is off.
const STRANGER: f64 = 0.405;
const OFF: f64 = 0.365;

impl Risks {
    /// How likely the draft asks something else, 0 to 1.
    pub(crate) fn strayed(&self) -> f64 {
        logistic(self.weighed(&STRAYED) + self.manner.strays)
    }

    /// How likely it reads markedly stranger than its source, 0 to 1.
    pub(crate) fn strange(&self) -> f64 {
        let dearer = self.weighed(&STRANGE) + self.manner.odd / self.length.max(1.0);
        logistic((dearer - STRANGER) / OFF)
    }

    fn weighed(&self, w: &Weights) -> f64 {
        let n = self.length.max(1.0);
        let dot = |a: &Spread, b: &Spread| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        w.always
            + w.dearer * self.dearer
            + w.cost * self.cost
            + w.alike * self.alike
            + w.short / n
            + w.stays * self.stays
            + dot(&w.came, &self.came)
            + dot(&w.came_each, &self.came) / n
            + w.gone * self.gone.iter().sum::<f64>()
            + dot(&w.gone_each, &self.gone) / n
            + w.words_came * self.words_came
            + w.words_new * self.words_new
            + w.longer * self.longer
            + w.exchanged * f64::from(u8::from(self.exchanged))
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_move_with_what_speaks_against_a_draft() {
        let plain = Risks { alike: 0.5, length: 10.0, stays: 1.0, ..Risks::default() };
        let strayed = |r: Risks| r.strayed() - plain.strayed();
        let came = |i: usize, n: f64| {
            let mut came = Spread::default();
            came[i] = n;
            came
        };
        assert!(strayed(Risks { came: came(2, 3.0), ..plain }) > 0.01, "words that some others have came in");
        assert!(strayed(Risks { stays: 0.0, ..plain }) > 0.01, "its neighbours are others now");
        assert!(strayed(Risks { alike: 0.8, ..plain }) < -0.01, "nearly the same words");
        assert!(strayed(Risks { length: 4.0, ..plain }) > 0.01, "a short question is soon another");
        let topical = Manner { odd: 0.0, strays: 1.0 };
        assert!(strayed(Risks { manner: topical, ..plain }) > 0.01, "a phrase that has its topics");
        let strange = |r: Risks| r.strange() - plain.strange();
        assert!(strange(Risks { dearer: 0.5, ..plain }) > 0.01, "its words cost more");
        assert!(strange(Risks { came: came(0, 5.0), ..plain }) > 0.01, "pairs that nobody wrote");
        let usual = Manner { odd: -3.0, strays: 0.0 };
        assert!(strange(Risks { manner: usual, ..plain }) < -0.01, "an everyday frame");
    }
}
