use std::io::Write;

use threadfold::Auditor;

use super::stdout;
use crate::args::{Audit, Common};
use crate::progress::Bars;
use crate::say::{Failure, plain};

pub(crate) fn run(a: &Audit, common: &Common) -> Result<i32, Failure> {
    let log = common.log();
    let found = Auditor::new(&a.folder)
        .inputs(&a.inputs)
        .archive_options(a.limits.options())
        .threads(common.threads)
        .observer(Bars::new(log))
        .run()?;
    let mut out = stdout();
    if a.json {
        serde_json::to_writer_pretty(&mut out, &found).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        for finding in &found.findings {
            writeln!(out, "{}", plain(&finding.to_string()))?;
        }
    }
    out.flush()?;
    let wrong = found.findings.len() as u64 + found.more;
    if found.more > 0 {
        log.warn(format_args!("{} more are wrong", found.more));
    }
    let folder = a.folder.display();
    log.note(format_args!(
        "{folder}: {} files, {} examples, {} ledger lines: {}",
        found.files,
        found.examples,
        found.ledger_lines,
        match wrong {
            0 => "nothing wrong".to_owned(),
            n => format!("{n} wrong"),
        }
    ));
    if let (Some(messages), Some(turns)) = (found.messages, found.turns_found) {
        log.note(format_args!("{messages} messages counted again, {turns} turns found in their source"));
    } else {
        log.note("give the mail as well to have its messages counted and every turn found in its source");
    }
    Ok(i32::from(wrong > 0))
}
