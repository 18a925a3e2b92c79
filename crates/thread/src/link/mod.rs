//! Linking, by policy.

mod cited;
mod mailings;
mod quoted;
mod references;
mod rfc5256;
mod subjects;
mod support;
mod tickets;
mod tree;

use crate::agents::Agents;
use crate::copies::{Holder, identify};
use crate::order::Outline;
use crate::policy::{Options, Policy};
use crate::quotes::QuoteIndex;
use crate::threads::Threads;
use threadfold_core::Envelopes;

/// What is known of the messages beyond their envelopes. All of it is optional.
///
/// Indices are message numbers. [`Policy::Rfc5256`] and [`Policy::References`] use `content` alone, and that
/// only to tell which messages are copies.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// A fingerprint of a message's text, 0 if unknown. Asked for the messages that
    /// [`copies_wanting_content`](crate::copies_wanting_content) names.
    pub content: Option<&'a (dyn Fn(usize) -> u64 + Sync)>,
    /// Who quotes whose lines.
    pub quotes: Option<&'a QuoteIndex>,
    /// Ticket tokens found in bodies: (message, [`Ticket::hash`](crate::subject::Ticket::hash)).
    pub tickets: &'a [(u32, u64)],
    /// Who answers for the business. Everybody else is a customer.
    pub agents: Option<&'a Agents>,
    /// The outline of these messages, where it was made already.
    pub outline: Option<&'a Outline>,
}

impl std::fmt::Debug for Evidence<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evidence")
            .field("content", &self.content.is_some())
            .field("quotes", &self.quotes.is_some())
            .field("tickets", &self.tickets.len())
            .field("agents", &self.agents.is_some())
            .finish()
    }
}

/// Links messages to threads. The same messages in another order give the same threads and trees (with other
/// message numbers, of course), as long as each keeps its locator.
pub fn link(envelopes: &Envelopes, evidence: &Evidence<'_>, options: &Options) -> Threads {
    let own;
    let outline = match evidence.outline {
        Some(outline) => outline,
        None => {
            own = Outline::of(envelopes);
            &own
        }
    };
    let draft = match options.policy {
        Policy::Support => support::link(envelopes, outline, evidence, options),
        Policy::References => references::link(envelopes, outline, evidence),
        Policy::Rfc5256 => rfc5256::link(envelopes, outline, evidence),
    };
    Threads::build(draft, envelopes)
}

/// For each message, whether its quoted lines are worth collecting: its parent is not known by ids, or its
/// subject is not its parent's. Own lines are worth collecting of every message.
///
/// ```
/// use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
/// use threadfold_thread::{Outline, quotes_wanted};
/// let mut mail = Envelopes::default();
/// for (offset, id, references) in [(0, 7, &[][..]), (1, 8, &[7][..]), (2, 9, &[555][..])] {
///     let at = Locator { source: SourceId(0), offset, len: 1 };
///     mail.push(at, &NewEnvelope { id, references, ..Default::default() });
/// }
/// assert_eq!(quotes_wanted(&mail, &Outline::of(&mail)), [true, false, true]);
/// ```
pub fn quotes_wanted(envelopes: &Envelopes, outline: &Outline) -> Vec<bool> {
    let Outline { order, topics } = outline;
    let identity = identify(envelopes, order, topics, None);
    let mut wanted = vec![true; envelopes.len()];
    for (r, &i) in order.iter().enumerate() {
        let (mut present, mut other) = (false, false);
        for &id in envelopes.references(i as usize) {
            if let Holder::One(p) = identity.holder(id)
                && p != r as u32
            {
                present = true;
                other |= topics[p as usize] != topics[r];
            }
        }
        wanted[i as usize] = !present || other;
    }
    wanted
}
