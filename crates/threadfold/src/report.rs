//! `report.json`: the options, the counts that add up, and what an owner should look at.
//!
//! Nothing in it depends on the clock or the machine, so that the same run gives the same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use threadfold_core::{Example, Role};
use threadfold_dataset::{Delimiters, Examples as Which, Stats};
use threadfold_redact::Kept;

use crate::account::Counts;
use crate::answers::{Answers, PAGE};
use crate::check;
use crate::labels::Labels;
use crate::ordered::in_order;
use crate::plan::Plan;
use crate::privacy::{Taken, Told};
use crate::survey::{AgentLine, SourceKind};
use crate::{Error, Mailbox};

pub(crate) const REPORT: &str = "report.json";
pub(crate) const LEDGER: &str = "ledger.jsonl";
pub(crate) const EXAMPLES: &str = "examples.jsonl";
pub(crate) const VARIANTS: &str = "variants.jsonl";

/// The files, where they are there, that are not rendered from others.
pub(crate) const CHECKED: [&str; 4] = [EXAMPLES, LEDGER, VARIANTS, PAGE];

/// What is counted while examples are written.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) stats: Stats,
    pub(crate) valid: u64,
    pub(crate) repeated: u64,
    /// What was added by rewording.
    pub(crate) variants: Option<threadfold_variants::Report>,
    /// What redaction left alone, for review.
    pub(crate) kept: Vec<Kept>,
    /// How much it took.
    pub(crate) taken: Taken,
    /// What a comparison of the answers found.
    pub(crate) answers: Option<Answers>,
}

impl Tally {
    /// All examples will be counted again.
    pub(crate) fn begin_again(&mut self) {
        self.stats = Stats::default();
        self.valid = 0;
    }

    pub(crate) fn add(&mut self, example: &Example, valid: bool) {
        self.stats.add(example);
        self.valid += u64::from(valid);
    }
}

#[derive(Serialize)]
struct Report<'a> {
    threadfold: &'static str,
    options: Options<'a>,
    sources: Vec<SourceKind>,
    /// Paths that led to what an earlier one had led to; it was read once.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_again: Option<GivenAgain>,
    counts: &'a Counts,
    threads: Threads,
    examples: Examples,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: &'a Option<Answers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variants: &'a Option<threadfold_variants::Report>,
    agents: Vec<AgentLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    separators: Option<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<RedactedCounts<'a>>,
    kept_by_redaction: &'a [Kept],
    defects: BTreeMap<&'static str, u64>,
    /// Of the files that are not rendered from others, by which an audit sees whether they were changed.
    checks: BTreeMap<&'static str, String>,
}

/// How many pieces were redacted, by kind and by who wrote them. What was taken of agents' words may be an
/// answer that is missed: a kind with many is worth a look, and `--keep`.
#[derive(Serialize)]
struct RedactedCounts<'a> {
    in_customers_words: BTreeMap<&'static str, u64>,
    in_agents_words: BTreeMap<&'static str, u64>,
    /// Places to look at: telephone numbers, addresses, mailboxes and accounts that agents wrote, of which
    /// nothing says that they are the business's own. Never the value: the example shows the source mail.
    agents_words_to_review: Vec<&'a Told>,
}

#[derive(Serialize)]
struct Options<'a> {
    inputs: Vec<String>,
    agents: &'a [String],
    examples: &'static str,
    formats: Vec<&'static str>,
    system: Option<&'a str>,
    recover: bool,
    last_reply_only: bool,
    max_tokens: Option<u64>,
    /// The vocabulary that the limit counts by.
    tokens: Option<&'a str>,
    redact: bool,
    vault: bool,
    split: f64,
    since: Option<String>,
    until: Option<String>,
    seed: u64,
    page: bool,
    drop_stale: bool,
    hold_inconsistent: bool,
    policy: String,
    keep_signature: bool,
    keep_quoted: bool,
    keep_forwarded: bool,
    max_message_size: u64,
    max_text_size: u64,
}

#[derive(Serialize)]
struct GivenAgain {
    count: u64,
    /// What the first of them are called.
    first: Vec<String>,
}

impl GivenAgain {
    const SHOWN: usize = 20;

    fn of(mailbox: &Mailbox, labels: &Labels<'_>) -> Option<GivenAgain> {
        let again = mailbox.archive.given_again();
        let first = again.iter().take(Self::SHOWN).map(|name| labels.member(name)).collect();
        (!again.is_empty()).then_some(GivenAgain { count: again.len() as u64, first })
    }
}

#[derive(Serialize)]
struct Threads {
    all: u64,
    with_question_and_answer: u64,
}

#[derive(Serialize)]
struct Examples {
    all: u64,
    train: u64,
    valid: u64,
    left_out_as_repeated: u64,
    /// Examples by number of tokens: the largest number of each bar, and how many.
    token_bars: Vec<(u64, u64)>,
    stats: Stats,
}

/// What ends prompts and completions in the legacy format.
#[derive(Serialize)]
struct Shown {
    separator: String,
    stop: String,
}

/// One line on who answers, said before the work begins: a wrong guess must be seen at once.
pub(crate) fn announce(mailbox: &Mailbox) -> String {
    let how = if mailbox.options.agents.is_empty() { "found" } else { "given" };
    let lines = mailbox.agent_lines();
    let shown: Vec<String> =
        lines.iter().take(5).map(|a| format!("{} ({})", a.address, a.evidence)).collect();
    let more = lines.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("agents {how}: {}{more}", shown.join(", "))
}

pub(crate) fn write(
    mailbox: &Mailbox,
    plan: &Plan,
    labels: &Labels<'_>,
    counts: &Counts,
    tally: &Tally,
    separators: Option<Delimiters>,
    folder: &Path,
) -> Result<(), Error> {
    let o = &mailbox.options;
    let mut survey = mailbox.survey();
    for source in &mut survey.sources {
        source.example = labels.member(&source.example);
    }
    if o.agents.is_empty() {
        for (n, agent) in survey.agents.iter_mut().enumerate() {
            agent.address = labels.address(&agent.address, n + 1);
        }
    }
    let input = |(n, path): (usize, &std::path::PathBuf)| {
        labels.text(&path.display().to_string(), &format!("input-{}", n + 1))
    };
    let report = Report {
        threadfold: env!("CARGO_PKG_VERSION"),
        options: Options {
            inputs: o.inputs.iter().enumerate().map(input).collect(),
            agents: &o.agents,
            examples: if o.which == Which::Every { "every" } else { "last" },
            formats: o.formats.iter().map(|f| f.name()).collect(),
            system: o.system.as_deref(),
            recover: o.recover,
            last_reply_only: o.last_reply_only,
            max_tokens: o.max_tokens,
            tokens: o.max_tokens.map(|_| o.tokens.as_str()),
            redact: o.redact,
            vault: o.vault.is_some(),
            split: o.split,
            since: o.since.map(threadfold_core::format_rfc3339),
            until: o.until.map(threadfold_core::format_rfc3339),
            seed: o.seed,
            page: o.page,
            drop_stale: o.drop_stale,
            hold_inconsistent: o.hold_inconsistent,
            policy: o.policy.to_string(),
            keep_signature: o.reply.keep_signature,
            keep_quoted: o.reply.keep_quoted,
            keep_forwarded: o.reply.keep_forwarded,
            max_message_size: o.max_message_size,
            max_text_size: o.max_text_size,
        },
        sources: survey.sources,
        given_again: GivenAgain::of(mailbox, labels),
        counts,
        threads: Threads { all: survey.threads, with_question_and_answer: plan.candidates.len() as u64 },
        answers: &tally.answers,
        variants: &tally.variants,
        examples: Examples {
            all: tally.stats.examples,
            train: tally.stats.examples - tally.valid,
            valid: tally.valid,
            left_out_as_repeated: tally.repeated,
            token_bars: tally.stats.token_bars(),
            stats: tally.stats.clone(),
        },
        agents: survey.agents,
        separators: separators.map(|d| Shown { separator: d.separator, stop: d.stop }),
        redacted: o.redact.then(|| RedactedCounts {
            in_customers_words: tally.taken.by_kind(Role::Customer),
            in_agents_words: tally.taken.by_kind(Role::Agent),
            agents_words_to_review: tally.taken.told(),
        }),
        kept_by_redaction: &tally.kept,
        defects: survey.defects,
        checks: checks(folder, o.threads)?,
    };
    let path = folder.join(REPORT);
    let mut bytes = Vec::new();
    serde_json::to_writer_pretty(&mut bytes, &report).map_err(|e| Error::write(&path)(e.into()))?;
    std::fs::write(&path, check::sealed(bytes)).map_err(Error::write(&path))
}

fn checks(folder: &Path, threads: usize) -> Result<BTreeMap<&'static str, String>, Error> {
    let mut checks = BTreeMap::new();
    let of = |_: &mut (), file: usize| {
        let path = folder.join(CHECKED[file]);
        let check = path.is_file().then(|| check::of_file(&path));
        check.transpose().map_err(|source| Error::Read { path, source })
    };
    in_order(
        CHECKED.len(),
        threads,
        || (),
        of,
        |file, check| {
            checks.extend(check?.map(|check| (CHECKED[file], check)));
            Ok::<(), Error>(())
        },
    )?;
    Ok(checks)
}
