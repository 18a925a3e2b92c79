//! The one order in which messages are looked at, whatever the order they came in.

use crate::policy::Policy;
use crate::topic;
use rayon::prelude::*;
use threadfold_core::{Envelope, Envelopes, Passing};

/// What finding agents, copies and links all start from: the messages in the order of time, and what their
/// subjects are about. It costs as much as linking itself: make it once and hand it around.
///
/// ```
/// use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
/// use threadfold_thread::{Outline, copies_wanting_content};
/// let mut mail = Envelopes::default();
/// for offset in [0, 1] {
///     let at = Locator { source: SourceId(0), offset, len: 1 };
///     mail.push(at, &NewEnvelope { id: 7, ..Default::default() });
/// }
/// assert_eq!(copies_wanting_content(&mail, &Outline::of(&mail)), [0, 1]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Message numbers.
    pub(crate) order: Passing<u32>,
    /// In that order, see [`topic::keys`].
    pub(crate) topics: Passing<u64>,
}

impl Outline {
    /// Of these messages, in the state they are in.
    pub fn of(envelopes: &Envelopes) -> Outline {
        let order = by_time(envelopes);
        let topics = topic::keys(envelopes, &order, Policy::Support);
        Outline { order, topics }
    }
}

/// "No message" where a message number is kept as 32 bits.
pub(crate) const NONE: u32 = u32::MAX;

/// Message numbers by date; equal dates are told apart by content (id, author, subject), and only what is
/// still equal then by place.
fn by_time(envelopes: &Envelopes) -> Passing<u32> {
    // A date in halves: 12 bytes a message instead of 16.
    let halves = |date: i64| ((date >> 32) as i32, date as u32);
    let mut keyed: Passing<((i32, u32), u32)> =
        envelopes.iter().zip(0..).map(|(e, i)| (halves(e.date), i)).collect();
    keyed.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| {
            let (x, y) = (&envelopes[a.1 as usize], &envelopes[b.1 as usize]);
            let id = |i: u32| envelopes.id(i as usize);
            id(a.1)
                .cmp(&id(b.1))
                .then_with(|| {
                    let text = |e: &Envelope| (envelopes.text(e.from), envelopes.text(e.subject));
                    text(x).cmp(&text(y))
                })
                .then_with(|| {
                    let place = |i: u32| envelopes.locator(i as usize);
                    place(a.1).cmp(&place(b.1))
                })
                .then(a.1.cmp(&b.1))
        })
    });
    keyed.iter().map(|&(_, i)| i).collect()
}

/// Message numbers by place in the archive: the "sequence numbers" of RFC 5256.
pub(crate) fn by_place(envelopes: &Envelopes) -> Vec<u32> {
    let mut all: Vec<u32> = (0..envelopes.len() as u32).collect();
    all.par_sort_unstable_by_key(|&i| (envelopes.locator(i as usize), i));
    all
}
