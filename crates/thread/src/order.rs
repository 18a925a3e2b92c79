//! The one order in which messages are looked at, whatever the order they came in.

use rayon::prelude::*;
use threadfold_core::{Envelope, Envelopes};

/// "No message" where a message number is kept as 32 bits.
pub(crate) const NONE: u32 = u32::MAX;

/// Message numbers by date; equal dates are told apart by content (id, author, subject), and only what is
/// still equal then by place.
pub(crate) fn by_time(envelopes: &Envelopes) -> Vec<u32> {
    let mut keyed: Vec<(i64, u32)> = envelopes.iter().zip(0..).map(|(e, i)| (e.date, i)).collect();
    keyed.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| {
            let (x, y) = (&envelopes[a.1 as usize], &envelopes[b.1 as usize]);
            x.id.cmp(&y.id)
                .then_with(|| {
                    let text = |e: &Envelope| (envelopes.text(e.from), envelopes.text(e.subject));
                    text(x).cmp(&text(y))
                })
                .then_with(|| x.locator.cmp(&y.locator))
                .then(a.1.cmp(&b.1))
        })
    });
    keyed.into_iter().map(|(_, i)| i).collect()
}

/// Message numbers by place in the archive: the "sequence numbers" of RFC 5256.
pub(crate) fn by_place(envelopes: &Envelopes) -> Vec<u32> {
    let mut all: Vec<u32> = (0..envelopes.len() as u32).collect();
    all.par_sort_unstable_by_key(|&i| (envelopes[i as usize].locator, i));
    all
}
