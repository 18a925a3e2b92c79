//! What the finished examples say when they are read together: the page for their owner, and which of them
//! are out of date or contradict each other. The finding is the insights crate's; what follows from it for
//! the dataset is decided here.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use threadfold_core::{DropReason, Example, Flag, Role};
use threadfold_dataset::group_key;
use threadfold_insights::{
    ClusterOptions, ContradictionKind, Conversations, Digest, Insights, ReportOptions, report_html,
};
use threadfold_thread::Agents;

use crate::account::{Account, Counts};
use crate::outputs::Outputs;
use crate::plan::role_of;
use crate::report::Tally;
use crate::{Error, Mailbox, Pipeline, Stage};

/// The page's file name.
pub(crate) const PAGE: &str = "report.html";

/// What an export found out about the answers in it.
///
/// ```
/// assert_eq!(threadfold::Answers::default().stale, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// Questions asked more than once.
    pub questions: u64,
    /// Questions to which the answer changed.
    pub changed: u64,
    /// Questions to which different answers were given at the same time.
    pub inconsistent: u64,
    /// Examples with an answer that is out of date …
    pub stale: u64,
    /// … and those with one that contradicts others of the same time. One example may be both.
    pub contradicting: u64,
    /// Examples left out for being either, because that was asked for.
    pub left_out: u64,
    /// Examples that were compared …
    pub compared: u64,
    /// … and those that were not, because there are very many and a sample is enough for the page. None where
    /// something is to be left out.
    pub not_compared: u64,
}

/// Who asked, by the number of an example: the author's address as a number, which survives redaction.
#[derive(Default)]
pub(crate) struct Askers(Vec<Option<u32>>);

impl Askers {
    /// Books the next example.
    pub(crate) fn push(&mut self, mailbox: &Mailbox, agents: &Agents, messages: &[usize]) {
        let authors = messages.iter().map(|&m| &mailbox.envelopes[m]);
        let asker = authors.filter(|e| role_of(e, agents) == Role::Customer).map(|e| e.from.0).next();
        self.0.push(asker);
    }
}

/// The comparison of all answers.
pub(crate) struct Comparison {
    insights: Insights,
    /// Examples in the sample, and those outside of it.
    sampled: (u64, u64),
    /// Threads whose answer is out of date.
    stale: FxHashSet<String>,
    /// Threads whose answer contradicts others of the same time.
    contradicting: FxHashSet<String>,
}

/// Lines read before they are parsed together.
const LINES_A_ROUND: usize = 2_048;

/// Examples compared for the page alone: beyond that, about as many, so that neither the time nor the memory of
/// an export grows with what a page of ten questions cannot show anyway.
const SAMPLE: u64 = 6_000;

/// Which threads are compared. Chosen by a hash of the thread: the same ones on any machine, and all examples
/// of a thread or none.
struct Sample {
    /// Hashes up to this one are in.
    limit: u64,
}

impl Sample {
    fn of(examples: u64, options: &Pipeline) -> Sample {
        // What is to be left out must be found wherever it is.
        let all = options.drop_stale || options.hold_inconsistent || examples <= SAMPLE;
        Sample { limit: if all { u64::MAX } else { u64::MAX / examples * SAMPLE } }
    }

    fn has(&self, thread: &str) -> bool {
        group_key(thread) <= self.limit
    }
}

/// Of a line, only what says whether it is in the sample.
#[derive(Deserialize)]
struct OfThread<'a> {
    #[serde(borrow)]
    thread: Cow<'a, str>,
}

/// Reads the finished examples again and compares their answers.
pub(crate) fn compare(mailbox: &Mailbox, folder: &Path, askers: &Askers) -> Result<Comparison, Error> {
    let options = &mailbox.options;
    options.observer.begin(Stage::Comparing, 0);
    let path = folder.join("examples.jsonl");
    let read = |source| Error::Read { path: path.clone(), source };
    let mut lines = BufReader::with_capacity(1 << 18, File::open(&path).map_err(read)?).lines();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    let pool = pool.map_err(|e| threadfold_insights::Error::Threads(e.to_string()))?;
    let mut all = Conversations::default();
    let sample = Sample::of(askers.0.len() as u64, options);
    let mut sampled = (0, 0);
    let mut number = 0;
    loop {
        let round: Vec<String> =
            lines.by_ref().take(LINES_A_ROUND).collect::<Result<_, _>>().map_err(read)?;
        if round.is_empty() {
            break;
        }
        if options.observer.cancelled() {
            return Err(Error::Cancelled);
        }
        let digest = |(i, line): (usize, &String)| {
            let of: OfThread<'_> = serde_json::from_str(line).map_err(|e| read(e.into()))?;
            if !sample.has(&of.thread) {
                return Ok(None);
            }
            let example: Example = serde_json::from_str(line).map_err(|e| read(e.into()))?;
            let asker = askers.0.get(number + i).copied().flatten();
            Ok(Some(Digest::of(&example, asker.map(u64::from))))
        };
        // In the sample or not; and if so, with something to compare or not.
        let digests: Vec<Option<Option<Digest>>> =
            pool.install(|| round.par_iter().enumerate().map(digest).collect::<Result<_, Error>>())?;
        let within = digests.iter().flatten().count() as u64;
        sampled = (sampled.0 + within, sampled.1 + round.len() as u64 - within);
        all.extend(digests.into_iter().flatten().flatten());
        number += round.len();
    }
    let insights = Insights::of_conversations(
        &all,
        &ClusterOptions { threads: options.threads, ..ClusterOptions::default() },
    )?;
    let owned = |threads: FxHashSet<&str>| threads.into_iter().map(str::to_owned).collect();
    Ok(Comparison {
        stale: owned(all.threads_of(insights.stale())),
        contradicting: owned(all.threads_of(insights.inconsistent())),
        insights,
        sampled,
    })
}

impl Comparison {
    /// Flags the examples that are out of date or contradict others, or leaves them out where that was asked
    /// for. Files are written anew only if there are any.
    pub(crate) fn apply(
        &self,
        options: &Pipeline,
        folder: &Path,
        outputs: Outputs,
        account: &mut Account,
        tally: &mut Tally,
    ) -> Result<Outputs, Error> {
        let of_kind = |kind: ContradictionKind| {
            self.insights.contradictions.iter().filter(|c| c.kind == kind).count() as u64
        };
        let mut answers = Answers {
            questions: self.insights.topics.len() as u64,
            changed: of_kind(ContradictionKind::Changed),
            inconsistent: of_kind(ContradictionKind::Mixed),
            compared: self.sampled.0,
            not_compared: self.sampled.1,
            ..Answers::default()
        };
        if self.stale.is_empty() && self.contradicting.is_empty() {
            tally.answers = Some(answers);
            return Ok(outputs);
        }
        let mut withdrawn: FxHashMap<String, DropReason> = FxHashMap::default();
        tally.begin_again();
        let outputs = outputs.rewritten(folder, options, |mut example, valid| {
            let found = [
                (&self.stale, Flag::StaleAnswer, DropReason::StaleAnswer, options.drop_stale),
                (
                    &self.contradicting,
                    Flag::InconsistentAnswer,
                    DropReason::InconsistentAnswer,
                    options.hold_inconsistent,
                ),
            ];
            let found = found.map(|(threads, flag, reason, leave_out)| {
                threads.contains(&example.thread).then_some((flag, reason, leave_out))
            });
            answers.stale += u64::from(found[0].is_some());
            answers.contradicting += u64::from(found[1].is_some());
            for (flag, reason, leave_out) in found.into_iter().flatten() {
                if leave_out {
                    withdrawn.insert(example.id, reason);
                    answers.left_out += 1;
                    return None;
                }
                example.flags.push(flag);
            }
            tally.add(&example, valid);
            Some(example)
        })?;
        account.withdraw(&withdrawn);
        tally.answers = Some(answers);
        Ok(outputs)
    }

    /// Writes `report.html`.
    pub(crate) fn write_page(&self, counts: &Counts, folder: &Path) -> Result<(), Error> {
        let ledger = serde_json::json!({ "counts": counts });
        let not_compared = self.sampled.1;
        let page =
            report_html(&self.insights, &ReportOptions { name: None, ledger: Some(&ledger), not_compared });
        let path = folder.join(PAGE);
        std::fs::write(&path, page).map_err(Error::write(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_bounded_and_whole_where_something_is_left_out() {
        let threads: Vec<String> = (0..30_000).map(|n| format!("{:032x}", n * 7)).collect();
        let within = |options: &Pipeline| {
            let sample = Sample::of(threads.len() as u64, options);
            threads.iter().filter(|t| sample.has(t)).count() as u64
        };
        let sampled = within(&Pipeline::new());
        assert!((SAMPLE * 9 / 10..SAMPLE * 11 / 10).contains(&sampled), "{sampled}");
        assert_eq!(within(&Pipeline::new().drop_stale(true)), 30_000);
        assert_eq!(within(&Pipeline::new().hold_inconsistent(true)), 30_000);
        assert!(threads[..100].iter().all(|t| Sample::of(SAMPLE, &Pipeline::new()).has(t)));
    }
}
