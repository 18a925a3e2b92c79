use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, Write};
use std::path::Path;

use threadfold::dataset::{ConvertOptions, convert};

use super::{export, stdout};
use crate::args::{Common, Convert};
use crate::say::Failure;

pub(crate) fn run(a: &Convert, common: &Common) -> Result<i32, Failure> {
    let to = export::format(&a.to)?;
    let from = a.from.as_deref().map(export::format).transpose()?;
    let mut options = ConvertOptions::default();
    options.render.system.clone_from(&a.system);
    options.render.last_reply_only = a.last_reply_only;
    let name = |p: &Path| if p == Path::new("-") { "stdin".to_owned() } else { p.display().to_string() };
    let failed = |e: &dyn std::fmt::Display| Failure::Failed(format!("{}: {e}", name(&a.input)));

    let mut input = open(&a.input)?;
    let report = if a.output == Path::new("-") {
        let mut out = stdout();
        let report = convert(&mut input, from, to, &mut out, &options).map_err(|e| failed(&e))?;
        out.flush()?;
        report
    } else {
        if a.output.exists() && !a.force {
            return Err(Failure::Usage(format!(
                "{}: exists already; --force replaces it",
                a.output.display()
            )));
        }
        // Whole or not at all, as with export.
        let parent = a.output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let cannot =
            |e: std::io::Error| Failure::Failed(format!("{}: cannot write: {e}", a.output.display()));
        let file = threadfold::NewFile::beside(parent).map_err(cannot)?;
        let mut out = BufWriter::with_capacity(1 << 18, file.as_file());
        let report = convert(&mut input, from, to, &mut out, &options).map_err(|e| failed(&e))?;
        out.flush().map_err(cannot)?;
        drop(out);
        file.publish(&a.output).map_err(cannot)?;
        report
    };
    let log = common.log();
    log.note(format_args!("{} examples", report.examples));
    if report.edited > 0 {
        log.note(format_args!("{} edited by hand, {} unchanged", report.edited, report.unchanged));
    }
    for column in &report.ignored_columns {
        log.note(format_args!("column {column:?} means nothing to us and was left out"));
    }
    if report.left_out > 0 {
        log.note(format_args!(
            "{} examples have no row in {}: no first answer that failed",
            report.left_out, report.to
        ));
    }
    if report.respelled > 0 {
        log.note(format_args!(
            "{} examples hold words that {} reserves; they are respelled",
            report.respelled, report.to
        ));
    }
    let lost: Vec<String> = report.lost.iter().map(|(what, n)| format!("{what:?} ({n})")).collect();
    if !lost.is_empty() {
        log.note(format_args!("{} has no place for: {}", report.to.name(), lost.join(", ")));
    }
    Ok(0)
}

/// Opens a file that may be read twice. A pipe cannot; what comes from one goes to an unnamed file first.
pub(crate) fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    let failed = |e: std::io::Error| Failure::Failed(format!("{}: {e}", path.display()));
    let file = if path == Path::new("-") {
        let mut spool = tempfile::tempfile()?;
        std::io::copy(&mut std::io::stdin().lock(), &mut spool)?;
        spool.rewind()?;
        spool
    } else {
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(Failure::Failed(format!("{}: a folder; expected a file", path.display())));
        }
        file
    };
    Ok(BufReader::with_capacity(1 << 18, file))
}
