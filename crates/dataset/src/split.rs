//! Which examples are kept for validation: whole groups, never single rows.

use rustc_hash::FxHashSet;
use threadfold_core::Passing;

use crate::id::first_u64;

/// Says of each group of examples on which side of the split it stands.
///
/// A group is whatever must not stand on both sides: a thread at least, better all threads of one
/// customer together with whatever repeats them. The plan depends on the groups, the share and the seed
/// alone, not on the order of the groups.
///
/// ```
/// use threadfold_dataset::SplitPlan;
/// let groups: Vec<(u64, u32)> = (0..100).map(|key| (key, 1)).collect();
/// let plan = SplitPlan::plan(&groups, 0.1, 7);
/// assert_eq!(groups.iter().filter(|g| plan.is_valid(g.0)).count(), 10);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitPlan {
    valid: FxHashSet<u64>,
    valid_weight: u64,
    total_weight: u64,
}

impl SplitPlan {
    /// Plans a split: `groups` gives each group's key and how many examples it holds (a key that comes
    /// twice is one group with the sum), `share` the part of all examples wanted for validation.
    ///
    /// Groups are taken in an order that the seed shuffles; one that would overshoot is passed over, so the
    /// share is met exactly wherever small enough groups are left. With a share above 0 and at least two
    /// groups, each side gets at least one; a share of 0, or one that is no number, takes none and a
    /// share of 1 or more takes all.
    pub fn plan(groups: &[(u64, u32)], share: f64, seed: u64) -> SplitPlan {
        let merged = merged(groups);
        let total_weight = merged.iter().map(|g| g.1).sum::<u64>();
        let mut plan = SplitPlan { total_weight, ..SplitPlan::default() };
        if share >= 1.0 {
            plan.valid = merged.iter().map(|g| g.0).collect();
            plan.valid_weight = total_weight;
            return plan;
        }
        if share.is_nan() || share <= 0.0 || merged.len() < 2 {
            return plan;
        }

        // Rounding must not take the last group from the training side.
        let wanted = ((total_weight as f64 * share).round() as u64).min(total_weight.saturating_sub(1));
        // Places in the list, each with its rank in halves: there may be very many groups, though not 2^32.
        let mut shuffled: Passing<(u32, u32, u32)> = (0u32..)
            .zip(merged.iter())
            .map(|(at, &(key, _))| (rank(key, seed), at))
            .map(|(rank, at)| ((rank >> 32) as u32, rank as u32, at))
            .collect();
        shuffled.sort_unstable();
        let shuffled = || shuffled.iter().map(|&(_, _, at)| merged[at as usize]);
        for (key, weight) in shuffled() {
            if weight > 0 && plan.valid_weight + weight <= wanted {
                plan.valid.insert(key);
                plan.valid_weight += weight;
            }
        }
        // What is still missing may be closer to the smallest group left over than to nothing.
        let missing = wanted - plan.valid_weight;
        let left = shuffled().filter(|g| g.1 > 0 && !plan.valid.contains(&g.0));
        let leaves_some = left.clone().count() > 1;
        if let Some((key, weight)) = left.min_by_key(|g| g.1)
            && leaves_some
            && (plan.valid.is_empty() || weight.abs_diff(missing) < missing)
        {
            plan.valid.insert(key);
            plan.valid_weight += weight;
        }
        plan
    }

    /// Whether the group stands on the validation side. A key that was not planned for does not.
    pub fn is_valid(&self, group_key: u64) -> bool {
        self.valid.contains(&group_key)
    }

    /// How many groups stand on the validation side.
    pub fn valid_groups(&self) -> usize {
        self.valid.len()
    }

    /// How many examples stand on the validation side.
    pub fn valid_weight(&self) -> u64 {
        self.valid_weight
    }

    /// The share that was reached, 0 to 1.
    pub fn share(&self) -> f64 {
        if self.total_weight == 0 { 0.0 } else { self.valid_weight as f64 / self.total_weight as f64 }
    }
}

/// One entry a key, sorted by key: from here on the caller's order is forgotten.
fn merged(groups: &[(u64, u32)]) -> Passing<(u64, u64)> {
    let mut sorted: Passing<(u64, u64)> =
        groups.iter().map(|&(key, weight)| (key, u64::from(weight))).collect();
    sorted.sort_unstable();
    sorted.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
    sorted
}

/// A group's place in the shuffled order.
fn rank(key: u64, seed: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..].copy_from_slice(&key.to_le_bytes());
    first_u64(blake3::hash(&bytes).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn borders() {
        let none: [(u64, u32); 0] = [];
        assert_eq!(SplitPlan::plan(&none, 0.5, 1).valid_groups(), 0);
        assert_eq!(SplitPlan::plan(&[(1, 5)], 0.5, 1).valid_groups(), 0, "one group cannot be parted");
        assert_eq!(SplitPlan::plan(&[(1, 5), (2, 5)], 0.0, 1).valid_groups(), 0);
        assert_eq!(SplitPlan::plan(&[(1, 5), (2, 5)], f64::NAN, 1).valid_groups(), 0);
        assert_eq!(SplitPlan::plan(&[(1, 5), (2, 5)], 1.0, 1).valid_groups(), 2);
        // A tenth of two groups is less than one of them, and still one is taken: the smaller.
        let plan = SplitPlan::plan(&[(1, 50), (2, 5)], 0.01, 1);
        assert!(plan.is_valid(2) && !plan.is_valid(1));
        assert_eq!(SplitPlan::plan(&[(1, 1), (1, 1), (2, 1)], 0.4, 3).valid_weight(), 1);
    }

    #[test]
    fn another_seed_another_choice() {
        let groups: Vec<(u64, u32)> = (0..1000).map(|key| (key, 1)).collect();
        let (a, b) = (SplitPlan::plan(&groups, 0.2, 1), SplitPlan::plan(&groups, 0.2, 2));
        let common = groups.iter().filter(|g| a.is_valid(g.0) && b.is_valid(g.0)).count();
        assert!((20..=60).contains(&common), "two draws of a fifth share about a twenty-fifth: {common}");
    }

    proptest! {
        #[test]
        fn near_the_share_in_any_order(
            weights in proptest::collection::vec(1u32..20, 2..60),
            share in 0.01f64..0.99,
            seed in any::<u64>(),
        ) {
            let mut groups: Vec<(u64, u32)> =
                weights.iter().enumerate().map(|(i, w)| (i as u64 * 7919, *w)).collect();
            let plan = SplitPlan::plan(&groups, share, seed);
            groups.reverse();
            prop_assert_eq!(&plan, &SplitPlan::plan(&groups, share, seed));
            prop_assert!(plan.valid_groups() >= 1 && plan.valid_groups() < groups.len());
            let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
            let weight: u64 = groups.iter().filter(|g| plan.is_valid(g.0)).map(|g| u64::from(g.1)).sum();
            prop_assert_eq!(weight, plan.valid_weight());
            // Off by no more than the largest group, whatever the weights.
            prop_assert!((weight as f64 - total as f64 * share).abs() <= 20.5);
        }
    }
}
