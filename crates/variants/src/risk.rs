//! What may be wrong with a draft: two likelihoods that nobody who reads it has to guess.
//!
//! A draft can read strangely, or ask something else than its source. Both are estimated from what can be
//! measured without labels, by logistic regression: the weights were fitted on the drafts of questions to a
//! bank, a shop, an assistant and a lender, where a language model and a classifier of intents, trained on
//! *other* questions of the same kind, said what became of them.

/// What is measured. Counts are for each word of the source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Risks {
    /// By how much an average word costs more than the source's, in nats; negative if it costs less.
    pub(crate) dearer: f64,
    /// By how much the source costs more than an ordinary sentence.
    pub(crate) cost: f64,
    /// Word pairs that no text has.
    pub(crate) new: f64,
    /// The share of words in common with the source.
    pub(crate) alike: f64,
    /// How rare the exchanged words are.
    pub(crate) shift: f64,
    /// Words and pairs that came in, by how many of the texts have them.
    pub(crate) rare: f64,
    pub(crate) middling: f64,
    pub(crate) common: f64,
    /// Common words and pairs that went.
    pub(crate) lost: f64,
    /// How usual the frame is.
    pub(crate) usual: f64,
    /// 1 if a plea was put behind it.
    pub(crate) plea: f64,
    /// One over the source's length.
    pub(crate) short: f64,
    /// How many of the source's neighbours are still near, 0 to 1.
    pub(crate) stays: f64,
}

impl Risks {
    /// How likely the draft asks something else, 0 to 1.
    pub(crate) fn strayed(&self) -> f64 {
        logistic(
            -1.2 + 0.2 * self.dearer + 0.55 * self.cost + 1.35 * self.new
                - 2.7 * self.alike
                - 0.43 * self.shift
                + 1.7 * self.rare
                + 1.9 * self.middling
                + 0.55 * self.common
                + 0.5 * self.lost
                + 0.8 * self.usual
                + 0.8 * self.plea
                + 0.9 * self.short
                - 0.8 * self.stays,
        )
    }

    /// How likely it reads markedly stranger than its source, 0 to 1.
    pub(crate) fn strange(&self) -> f64 {
        logistic(
            2.0 + 1.26 * self.dearer - 0.3 * self.cost + 2.25 * self.new - 2.55 * self.alike
                + 0.9 * self.rare
                - 0.7 * self.middling
                - 1.4 * self.common
                + 0.5 * self.lost
                - 5.7 * self.usual
                - 0.8 * self.plea
                - 3.1 * self.short,
        )
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
        let plain = Risks { alike: 0.5, usual: 0.1, short: 0.1, stays: 1.0, ..Risks::default() };
        let strayed = |r: Risks| r.strayed() - plain.strayed();
        assert!(strayed(Risks { rare: 0.3, ..plain }) > 0.01, "a rare word came in");
        assert!(strayed(Risks { stays: 0.0, ..plain }) > 0.01, "its neighbours are others now");
        assert!(strayed(Risks { alike: 0.8, ..plain }) < -0.01, "nearly the same words");
        let strange = |r: Risks| r.strange() - plain.strange();
        assert!(strange(Risks { dearer: 0.5, ..plain }) > 0.01, "its words cost more");
        assert!(strange(Risks { new: 0.5, ..plain }) > 0.01, "pairs that nobody wrote");
        assert!(strange(Risks { usual: 0.15, ..plain }) < -0.01, "an everyday frame");
    }

    #[test]
    fn always_likelihoods() {
        for x in [-1e9, -1.0, 0.0, 1.0, 1e9] {
            let r = Risks { dearer: x, new: x, rare: -x, ..Risks::default() };
            assert!((0.0..=1.0).contains(&r.strayed()) && (0.0..=1.0).contains(&r.strange()));
        }
    }
}
