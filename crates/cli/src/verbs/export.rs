use threadfold::{ExamplesMode, Format, Pipeline, Policy, reply};

use crate::args::{Common, Export, Which};
use crate::progress::Bars;
use crate::say::Failure;

pub(crate) fn run(a: &Export, common: &Common) -> Result<i32, Failure> {
    let log = common.log();
    if a.output.as_os_str() == "-" {
        return Err(Failure::Usage(
            "-o -: an export is a folder and cannot go to stdout; ./- is a folder of that name".into(),
        ));
    }
    let mut pipeline = Pipeline::new()
        .inputs(&a.inputs)
        .examples_mode(match a.examples {
            Which::Last => ExamplesMode::Last,
            Which::Every => ExamplesMode::Every,
        })
        .recover(!a.no_recover)
        .redact(a.redact || !a.no_redact)
        .split(a.split)
        .seed(a.seed)
        .page(!a.no_report)
        .drop_stale(a.drop_stale)
        .hold_inconsistent(a.hold_inconsistent)
        .force(a.force)
        .threads(common.threads)
        .policy(policy(&a.policy)?)
        .archive_options(a.limits.options())
        .max_message_size(a.max_message_size)
        .max_text_size(a.max_text_size)
        .reply_options(reply::Options {
            keep_signature: a.keep_signature,
            keep_quoted: a.keep_quoted,
            keep_forwarded: a.keep_forwarded,
            ..reply::Options::default()
        })
        .observer(Bars::new(log));
    if !a.formats.is_empty() {
        pipeline =
            pipeline.formats(a.formats.iter().map(|name| format(name)).collect::<Result<Vec<_>, _>>()?);
    }
    pipeline = pipeline.last_reply_only(a.last_reply_only).tokens(&a.tokens);
    if let Some(tokens) = a.max_tokens {
        pipeline = pipeline.max_tokens(tokens);
    }
    if let Some(options) = a.synthetic.options(a.seed, common)? {
        pipeline = pipeline.variants(options);
    }
    if let Some(text) = a.synthetic.system(a.system.as_deref()) {
        pipeline = pipeline.system(text);
    }
    let since = a.since.as_deref().map(|when| time("--since", when)).transpose()?;
    let until = a.until.as_deref().map(|when| time("--until", when)).transpose()?;
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(Failure::Usage("--since must be before --until: no mail can be in between".into()));
    }
    if let Some(since) = since {
        pipeline = pipeline.since(since);
    }
    if let Some(until) = until {
        pipeline = pipeline.until(until);
    }
    for agent in &a.agents {
        pipeline = pipeline.agent(agent);
    }
    for literal in crate::facts::kept(&a.keep)? {
        pipeline = pipeline.keep(literal);
    }
    if let Some(vault) = &a.vault {
        pipeline = pipeline.vault(vault, super::vault::passphrase()?);
    }

    let summary = pipeline.export(&a.output)?;
    if let Some(vault) = &a.vault {
        log.note(format_args!(
            "{}: what the placeholders stand for; whoever has it and its passphrase can undo the redaction",
            vault.display()
        ));
    }
    let c = &summary.counts;
    log.note(format_args!(
        "{}: {} examples ({} for validation) from {} messages: {} used, {} dropped, {} failed",
        a.output.display(),
        summary.examples,
        summary.valid,
        c.read,
        c.used,
        c.dropped,
        c.failed
    ));
    if let Some(answers) = &summary.answers
        && answers.stale + answers.contradicting > 0
    {
        log.note(format_args!(
            "answers: {} examples out of date, {} contradict others: {} (report.html shows them)",
            answers.stale,
            answers.contradicting,
            match answers.left_out {
                0 => "flagged; --drop-stale and --hold-inconsistent leave them out".to_owned(),
                n => format!("{n} left out"),
            }
        ));
    }
    if let Some(answers) = summary.answers.as_ref().filter(|a| a.not_compared > 0) {
        log.note(format_args!(
            "answers: a sample of {} examples was compared, {} were not; --drop-stale and --hold-inconsistent compare all",
            answers.compared, answers.not_compared
        ));
    }
    if let Some(report) = &summary.variants {
        super::vary::say(report, &log);
    }
    for (reason, n) in &c.dropped_by_reason {
        log.note(format_args!("  dropped {n:>8}  {reason}"));
    }
    for (reason, n) in &c.failed_by_reason {
        log.warn(format_args!("failed {n:>8}  {reason} (see ledger.jsonl)"));
    }
    for name in &a.formats {
        note_learned(format(name)?, log);
    }
    if summary.examples == 0 {
        log.warn("no thread has both a question and an answer: is --agent right? (threadfold inspect shows who writes)");
    }
    Ok(i32::from(c.failed > 0))
}

/// Says so where a trainer would learn the customer's words.
pub(crate) fn note_learned(format: Format, log: crate::say::Log) {
    let info = format.info();
    if info.learns == threadfold::dataset::Learns::EveryToken {
        log.note(format_args!("{}: trainers learn {}", info.name, info.learns_note));
    }
}

/// A format by name, or a usage error that lists the names.
pub(crate) fn format(name: &str) -> Result<Format, Failure> {
    Format::from_name(name).map_err(|e| Failure::Usage(e.to_string()))
}

/// A policy by name.
pub(crate) fn policy(name: &str) -> Result<Policy, Failure> {
    name.parse().map_err(|e: threadfold::thread::UnknownPolicy| Failure::Usage(e.to_string()))
}

/// A day or a time, in UTC where no offset is given, as seconds since 1970.
fn time(option: &str, text: &str) -> Result<i64, Failure> {
    let utc = jiff::tz::TimeZone::UTC;
    text.parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| Some(text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(utc.clone()).ok()?.timestamp()))
        .or_else(|| Some(text.parse::<jiff::civil::Date>().ok()?.to_zoned(utc.clone()).ok()?.timestamp()))
        .map(|t| t.as_second())
        .ok_or_else(|| {
            Failure::Usage(format!(
                "{option} {text}: not a day (2023-01-31) or a time (2023-01-31T08:00:00Z)"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn days_and_times() {
        let seconds = |s: &str| time("--since", s).ok();
        assert_eq!(seconds("1970-01-02"), Some(86_400));
        assert_eq!(seconds("1970-01-01T00:01:00Z"), Some(60));
        assert_eq!(seconds("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(seconds("yesterday"), None);
    }
}
