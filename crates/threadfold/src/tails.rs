//! How people end their mails: signatures and legal texts, learned from a sample of each author's mail.

use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;
use threadfold_core::{Passing, Symbol, hash_bytes};
use threadfold_reply::{Known, Options, TailLearner, Tails, extract_words};

use crate::conversation::form;
use crate::evidence::{Bodies, each_body};
use crate::plan::Plan;
use crate::{Error, Mailbox};

/// Authors of fewer mails have nothing that could be seen to recur.
const ENOUGH: usize = 6;
/// Mails of one author that are read for this: they end alike, or they do not.
const SAMPLE: usize = 8;

/// Learns the tails of everybody who wrote several mails that pass 2 will read.
pub(crate) fn learn(mailbox: &Mailbox, plan: &Plan) -> Result<Tails, Error> {
    let all = mailbox.envelopes();
    let read = || (0..all.len()).filter(|&m| plan.early[m].is_none());
    // How many mails each author wrote, up to what is enough: most authors of a large archive wrote few.
    let mut written = Passing::from(vec![0u8; all.strings().len()]);
    for m in read() {
        let count = &mut written[all[m].from.0 as usize];
        *count = (*count + 1).min(ENOUGH as u8);
    }
    // The smallest draws of each author, the largest of them on top.
    let mut by_author: FxHashMap<Symbol, BinaryHeap<(u64, usize)>> = FxHashMap::default();
    for m in read().filter(|&m| written[all[m].from.0 as usize] >= ENOUGH as u8) {
        // Which mails are in the sample depends on what they are, not on where they stand.
        let draw = all.id(m) ^ hash_bytes(&all[m].date.to_le_bytes());
        let mails = by_author.entry(all[m].from).or_insert_with(|| BinaryHeap::with_capacity(SAMPLE + 1));
        mails.push((draw, m));
        if mails.len() > SAMPLE {
            mails.pop();
        }
    }
    drop(written);
    let mut sample: Vec<usize> = by_author.into_values().flatten().map(|(_, m)| m).collect();
    sample.sort_unstable();

    let mut learner = TailLearner::default();
    let options = Options { keep_signature: true, ..Options::default() };
    // The HTML tells signatures that the plain form does not.
    let bodies =
        Bodies { archive: &mailbox.archive, envelopes: all, options: &mailbox.options, plain_first: false };
    each_body(
        bodies,
        &sample,
        |_, raw| Some(raw),
        |body| extract_words(form(body), &Known::default(), &options).text,
        |m, text| learner.learn(all.text(all[m].from), &text),
    )?;
    Ok(learner.finish())
}
