use std::io::Write;

use threadfold::{Pipeline, Survey};

use super::stdout;
use crate::args::{Common, Inspect};
use crate::progress::Bars;
use crate::say::{Failure, one_line};

pub(crate) fn run(a: &Inspect, common: &Common) -> Result<i32, Failure> {
    let mut pipeline = Pipeline::new()
        .inputs(&a.inputs)
        .archive_options(a.limits.options())
        .headers_only(true)
        .threads(common.threads)
        .observer(Bars::new(common.log()));
    for agent in &a.agents {
        pipeline = pipeline.agent(agent);
    }
    let mailbox = pipeline.open()?;
    let survey = mailbox.survey();
    drop(mailbox);
    let mut out = stdout();
    if a.json {
        serde_json::to_writer_pretty(&mut out, &survey).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        table(&survey, &mut out)?;
    }
    out.flush()?;
    Ok(i32::from(survey.failed > 0))
}

fn table(s: &Survey, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "messages   {} in {} threads, {} bytes", s.messages, s.threads, s.bytes)?;
    if let (Some(first), Some(last)) = (&s.first_date, &s.last_date) {
        writeln!(out, "dates      {first} to {last}")?;
    }
    for source in &s.sources {
        let form = format!("{} x {}", source.sources, source.form);
        writeln!(
            out,
            "source     {form:<28} {:>9} messages {:>14} bytes  {}",
            source.messages,
            source.bytes,
            one_line(&source.example)
        )?;
    }
    if s.agents.is_empty() {
        writeln!(out, "agents     none found: say who answers with --agent")?;
    }
    for agent in &s.agents {
        writeln!(out, "agent      {:<40} {}", one_line(&agent.address), agent.evidence)?;
    }
    for (kind, n) in &s.kinds {
        writeln!(out, "kind       {n:>9} {kind}")?;
    }
    for (defect, n) in &s.defects {
        writeln!(out, "defect     {n:>9} {defect}")?;
    }
    Ok(())
}
