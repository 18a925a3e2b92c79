use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, Write};
use std::path::Path;

use threadfold::dataset::{ConvertOptions, convert};

use super::{export, stdout};
use crate::args::{Common, Convert};
use crate::say::Failure;

pub(crate) fn run(a: &Convert, common: &Common) -> Result<i32, Failure> {
    if a.to.eq_ignore_ascii_case("parquet") {
        return to_parquet(a, common);
    }
    let to = export::format(&a.to)?;
    let from = a.from.as_deref().map(export::format).transpose()?;
    let mut options = ConvertOptions::default();
    options.render.system.clone_from(&a.system);
    options.render.last_reply_only = a.last_reply_only;
    let name = |p: &Path| if p == Path::new("-") { "stdin".to_owned() } else { p.display().to_string() };
    let failed = |e: &dyn std::fmt::Display| Failure::Failed(format!("{}: {e}", name(&a.input)));

    let mut input = from_parquet(open(&a.input)?).map_err(|e| failed(&e))?;
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
    export::note_learned(report.to, log);
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

#[cfg(not(feature = "parquet"))]
fn to_parquet(_: &Convert, _: &Common) -> Result<i32, Failure> {
    Err(Failure::Usage("this build knows no Parquet; build it with the feature parquet".into()))
}

/// Anything to Parquet, by way of the canonical record.
#[cfg(feature = "parquet")]
fn to_parquet(a: &Convert, common: &Common) -> Result<i32, Failure> {
    use threadfold::dataset::{Format, canonical_to_parquet};
    let from = a.from.as_deref().map(export::format).transpose()?;
    let failed = |e: &dyn std::fmt::Display| Failure::Failed(format!("{}: {e}", a.input.display()));
    if a.output != Path::new("-") && a.output.exists() && !a.force {
        return Err(Failure::Usage(format!("{}: exists already; --force replaces it", a.output.display())));
    }
    let mut canonical = BufWriter::with_capacity(1 << 18, threadfold::archive::private_file(None)?);
    let input = open(&a.input)?;
    convert(input, from, Format::Canonical, &mut canonical, &ConvertOptions::default())
        .map_err(|e| failed(&e))?;
    let mut canonical = canonical.into_inner().map_err(|e| failed(e.error()))?;
    canonical.rewind()?;
    let canonical = BufReader::with_capacity(1 << 18, canonical);
    let examples = if a.output == Path::new("-") {
        let mut bytes = threadfold::archive::private_file(None)?;
        let examples = canonical_to_parquet(canonical, &mut bytes).map_err(|e| failed(&e))?;
        bytes.rewind()?;
        std::io::copy(&mut bytes, &mut stdout())?;
        examples
    } else {
        let parent = a.output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = threadfold::NewFile::beside(parent)?;
        let examples = canonical_to_parquet(canonical, file.as_file()).map_err(|e| failed(&e))?;
        file.publish(&a.output)?;
        examples
    };
    common.log().note(format_args!("{examples} examples"));
    Ok(0)
}

/// A Parquet file as the canonical lines in it; anything else as it is.
fn from_parquet(mut input: BufReader<File>) -> Result<BufReader<File>, threadfold::dataset::Error> {
    let is_parquet = std::io::BufRead::fill_buf(&mut input)?.starts_with(b"PAR1");
    if !is_parquet {
        return Ok(input);
    }
    #[cfg(feature = "parquet")]
    {
        let mut canonical = BufWriter::with_capacity(1 << 18, threadfold::archive::private_file(None)?);
        threadfold::dataset::parquet_to_canonical(input.into_inner(), &mut canonical)?;
        let mut canonical = canonical.into_inner().map_err(|e| e.into_error())?;
        canonical.rewind()?;
        Ok(BufReader::with_capacity(1 << 18, canonical))
    }
    #[cfg(not(feature = "parquet"))]
    Err(std::io::Error::other("a Parquet file; this build knows none").into())
}

/// Opens a file that may be read twice. A pipe cannot; what comes from one goes to an unnamed file first.
pub(crate) fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    let failed = |e: std::io::Error| Failure::Failed(format!("{}: {e}", path.display()));
    let file = if path == Path::new("-") {
        let mut spool = threadfold::archive::private_file(None)?;
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
