//! Families: an example, its variants, and whoever lent a wording. No family stands on both sides of a split.

use rustc_hash::FxHashMap;
use threadfold_core::Example;
use threadfold_dataset::group_key;

/// The family of each example, as a key for [`SplitPlan`](threadfold_dataset::SplitPlan).
///
/// Examples are of one family when one is a variant of the other, when they share a thread or a message, or
/// when they ask in the same words. Families join up: a mined variant brings its own family and the one that
/// lent the wording together. The keys depend on the examples' content and not on their order.
///
/// ```
/// use threadfold_dataset::{Format, read_examples};
/// let rows = "prompt,completion\nOpening hours?,Nine to five.\nopening  hours,9-17\nWhere?,Here.\n";
/// let e: Vec<_> = read_examples(Format::Csv, rows.as_bytes()).map(Result::unwrap).collect();
/// let f = threadfold_variants::families(&e);
/// assert_eq!(f[0], f[1]);
/// assert_ne!(f[0], f[2]);
/// ```
pub fn families(examples: &[Example]) -> Vec<u64> {
    let mut parent: Vec<usize> = (0..examples.len()).collect();
    let mut first: FxHashMap<(u8, u64), usize> = FxHashMap::default();
    for (i, e) in examples.iter().enumerate() {
        let asks: String = e.prompt().iter().map(|t| words(&t.text)).collect();
        let mut ties = vec![(0, group_key(&e.id)), (1, group_key(&e.thread)), (2, group_key(&asks))];
        ties.extend(e.variant_of.iter().map(|v| (0, group_key(v))));
        ties.extend(e.locators.iter().map(|l| (3, group_key(l))));
        for tie in ties {
            let other = *first.entry(tie).or_insert(i);
            let (a, b) = (find(&mut parent, i), find(&mut parent, other));
            parent[a.max(b)] = a.min(b);
        }
    }
    // A family is named by the smallest key among its members' ids.
    let mut names: FxHashMap<usize, u64> = FxHashMap::default();
    for (i, e) in examples.iter().enumerate() {
        let root = find(&mut parent, i);
        let key = group_key(&e.id);
        names.entry(root).and_modify(|n| *n = key.min(*n)).or_insert(key);
    }
    (0..examples.len()).map(|i| names.get(&find(&mut parent, i)).copied().unwrap_or_default()).collect()
}

fn find(parent: &mut [usize], mut x: usize) -> usize {
    while parent[x] != x {
        parent[x] = parent[parent[x]];
        x = parent[x];
    }
    x
}

/// The words alone: case, blanks and punctuation do not make another question.
pub(crate) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for w in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        out.extend(w.chars().flat_map(char::to_lowercase));
        out.push(' ');
    }
    out
}
