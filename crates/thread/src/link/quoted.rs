//! Proposals from quoted lines.

use super::subjects::{self, Kin};
use super::support::{DAY, Linker};
use crate::order::NONE;
use crate::policy::Link;
use crate::quotes::Vote;
use rayon::prelude::*;
use threadfold_core::{Passing, Symbol};

impl Linker<'_> {
    /// Parents for those without one: the message whose lines they quote.
    pub(super) fn join_quoted(&mut self, kin: &Kin) {
        let Some(quotes) = self.evidence.quotes else { return };
        let n = self.order.len();
        let mut rank = Passing::from(vec![0u32; n]);
        for (r, &i) in self.order.iter().enumerate() {
            rank[i as usize] = r as u32;
        }
        let linker = &*self;
        let found: Vec<(u32, u32)> = (0..n as u32)
            .into_par_iter()
            .filter(|&r| linker.parent[r as usize] == NONE && !linker.identity.is_copy(r))
            .filter_map(|r| {
                let number = linker.order[r as usize] as usize;
                let customer = subjects::customer(linker, r);
                let votes = quotes.votes(number, linker.options.quote_messages, n, |o| {
                    linker.may_quote(r, rank[o as usize], customer)
                });
                let best = linker.most_quoted(r, &votes, &rank, quotes.quoted_lines(number), kin)?;
                Some((r, best))
            })
            .collect();
        for (r, p) in found {
            if self.join(p, r) {
                self.parent[r as usize] = p;
                self.how[r as usize] = Link::Quote;
            }
        }
    }

    fn may_quote(&self, r: u32, other: u32, customer: Option<Symbol>) -> bool {
        // What one customer wrote is not another's to answer: such lines are boilerplate.
        if customer.is_some() && subjects::customer(self, other).is_some_and(|c| Some(c) != customer) {
            return false;
        }
        // With skewed clocks an answer may seem older than what it answers: but then that quotes nothing of it.
        let number = |r: u32| self.order[r as usize] as usize;
        if other > r && self.evidence.quotes.is_some_and(|q| q.quotes(number(other), number(r))) {
            return false;
        }
        let mut above = self.identity.original(other);
        for _ in 0..8 {
            if above == r {
                return false;
            }
            match self.parent[above as usize] {
                NONE => break,
                p => above = p,
            }
        }
        match self.gap(other, r) {
            Some(gap) => (-3_600..=i64::from(self.options.quote_days) * DAY).contains(&gap),
            None => true,
        }
    }

    /// The message that the votes speak for. A message of the same topic needs one line; one of another topic
    /// needs more the more there is against it: lines of boilerplate and of program output turn up anywhere.
    fn most_quoted(&self, r: u32, votes: &[Vote], rank: &[u32], quoted: usize, kin: &Kin) -> Option<u32> {
        let topic = self.topics[r as usize];
        // Older messages count less, and younger ones only if there is nothing else.
        let best = |same: bool| {
            votes
                .iter()
                .map(|v| (v, rank[v.message as usize]))
                .filter(|&(_, o)| (topic != 0 && self.topics[o as usize] == topic) == same)
                .map(|(v, o)| {
                    let days = self.gap(o, r).map_or(0, |g| g.max(0) / DAY) as u64;
                    ((o < r, u64::from(v.weight) * 100 / (days + 14), o), v)
                })
                .max_by_key(|(score, _)| *score)
        };
        let (same, other) = (best(true), best(false));
        let chosen = match (same, other) {
            (Some(same), Some(other)) => {
                let clear = other.0.1 > 3 * same.0.1 && other.1.lines >= 3 && other.0.0;
                if clear { other } else { same }
            }
            (Some(same), None) => same,
            (None, Some(other)) => {
                let lines = other.1.lines as usize;
                let soon = self.gap(other.0.2, r).is_some_and(|g| g <= 3 * DAY);
                let enough = if !other.0.0 {
                    false
                } else if kin.before(self, r).is_some() {
                    lines >= 3 && lines * 2 >= quoted
                } else {
                    lines >= 3 || lines * 3 >= quoted || soon
                };
                enough.then_some(other)?
            }
            (None, None) => return None,
        };
        // One that seems younger needs more than a line, and nothing of the topic before.
        let younger = !chosen.0.0;
        if younger && (chosen.1.lines < 2 || kin.before(self, r).is_some()) {
            return None;
        }
        Some(self.identity.original(chosen.0.2))
    }
}
