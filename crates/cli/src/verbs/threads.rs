use std::io::Write;

use threadfold::{Pipeline, ThreadLine};

use super::{export, stdout};
use crate::args::{Common, Threads};
use crate::progress::Bars;
use crate::say::{Failure, one_line};

pub(crate) fn run(a: &Threads, common: &Common) -> Result<i32, Failure> {
    let mut pipeline = Pipeline::new()
        .inputs(&a.inputs)
        .archive_options(a.limits.options())
        .threads(common.threads)
        .policy(export::policy(&a.policy)?)
        .observer(Bars::new(common.log()));
    for agent in &a.agents {
        pipeline = pipeline.agent(agent);
    }
    let mailbox = pipeline.open()?;
    let mut out = stdout();
    let mut current = None;
    for line in mailbox.thread_lines() {
        if a.json {
            serde_json::to_writer(&mut out, &line).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            if current.as_ref().is_some_and(|t| *t != line.thread) {
                writeln!(out)?;
            }
            tree_line(&line, &mut out)?;
            current = Some(line.thread);
        }
    }
    out.flush()?;
    Ok(i32::from(mailbox.failed() > 0))
}

fn tree_line(line: &ThreadLine, out: &mut impl Write) -> std::io::Result<()> {
    let date = line.date.as_deref().unwrap_or("no date");
    let indent = "  ".repeat(line.depth.min(20));
    let (from, subject, locator) = (one_line(&line.from), one_line(&line.subject), one_line(&line.locator));
    writeln!(out, "{date:<20}  {indent}{from}: {subject}  [{}] {locator}", line.link)
}
