use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use threadfold::dataset::{
    Finding, Questions, Severity, TokenCounter, TokenReport, Trainer, ValidateOptions, Verdict, validate,
};

use super::{convert, export, stdout, write_line};
use crate::args::{Common, Validate};
use crate::say::{Failure, Log, plain};

/// Rows named for each rule in the table.
const SHOWN: usize = 5;

pub(crate) fn run(a: &Validate, common: &Common) -> Result<i32, Failure> {
    let usage = |e: threadfold::dataset::Error| Failure::Usage(e.to_string());
    let trainer = a.trainer.as_deref().map(Trainer::from_name).transpose().map_err(usage)?;
    let format = a.format.as_deref().map(export::format).transpose()?;
    let counter = match (&a.tokens, &a.tokenizer) {
        (Some(model), _) => Some(TokenCounter::for_model(model).map_err(usage)?),
        (None, Some(path)) => Some(TokenCounter::from_file(path).map_err(usage)?),
        // Money needs tokens.
        (None, None) if a.price.is_some() => Some(TokenCounter::for_model("o200k_base").map_err(usage)?),
        (None, None) => None,
    };
    let mut kept = threadfold::PersonalDataDetector::kept_beside(&a.input);
    kept.extend_from_slice(&a.keep);
    let detector = threadfold::PersonalDataDetector::keeping(&kept);
    let find = |text: &str, role| detector.find(text, role);
    let options = ValidateOptions {
        format,
        trainer,
        counter: counter.as_ref(),
        max_tokens: a.max_tokens,
        personal_data: if a.no_personal_data { None } else { Some(&find) },
        ..ValidateOptions::default()
    };

    let target = if a.fix { Some(fixed_name(a)?) } else { None };
    let verdict = one(a, &a.input, &options, target.as_deref(), common.log())?;
    let mut failed = if a.fix { verdict.errors_left > 0 } else { !verdict.passed() };
    if let Some(path) = &a.valid {
        let train: &Questions = &verdict.questions;
        let options = ValidateOptions { train: Some(train), ..options };
        failed |= !one(a, path, &options, None, common.log())?.passed();
    }
    Ok(i32::from(failed))
}

/// Validates one file and shows what was found.
fn one(
    a: &Validate,
    path: &Path,
    options: &ValidateOptions<'_>,
    target: Option<&Path>,
    log: Log,
) -> Result<Verdict, Failure> {
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| *name != "-");
    let options = ValidateOptions { file_name: name, ..*options };
    let failed = |e: &dyn std::fmt::Display| Failure::Failed(format!("{}: {e}", path.display()));
    let input = convert::open(path)?;
    let mut out = stdout();
    let mut table = Table::default();
    let mut broken_pipe = None;
    let mut each = |finding: Finding| {
        if a.json {
            if broken_pipe.is_none() {
                broken_pipe = write_line(&mut out, &finding).err();
            }
        } else {
            table.add(finding);
        }
    };
    let verdict = match target {
        None => validate(input, &options, None, &mut each).map_err(|e| failed(&e))?,
        Some(target) if target == Path::new("-") => {
            // Findings and data cannot share stdout: usage has refused --json with it.
            let mut data = BufWriter::new(threadfold::archive::private_file(None)?);
            let verdict = validate(input, &options, Some(&mut data), &mut each).map_err(|e| failed(&e))?;
            let mut file = data.into_inner().map_err(|e| failed(&e.into_error()))?;
            std::io::Seek::rewind(&mut file)?;
            std::io::copy(&mut file, &mut stdout())?;
            verdict
        }
        Some(target) => {
            let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let cannot =
                |e: std::io::Error| Failure::Failed(format!("{}: cannot write: {e}", target.display()));
            let file = threadfold::NewFile::beside(parent).map_err(cannot)?;
            let mut data: BufWriter<&File> = BufWriter::with_capacity(1 << 18, file.as_file());
            let verdict = validate(input, &options, Some(&mut data), &mut each).map_err(|e| failed(&e))?;
            data.flush().map_err(cannot)?;
            drop(data);
            file.publish(target).map_err(cannot)?;
            verdict
        }
    };
    if let Some(e) = broken_pipe {
        return Err(e);
    }
    let cost = |tokens: &TokenReport| a.price.map(|price| tokens.cost(price));
    if a.json {
        let summary = serde_json::json!({
            "row": null, "line": null, "field": null, "rule": "summary",
            "severity": if verdict.passed() { "info" } else { "error" },
            "message": format!("{} rows, {} errors, {} warnings", verdict.rows, verdict.errors, verdict.warnings),
            "remedy": "",
            "file": path.display().to_string(),
            "cost": verdict.tokens.as_ref().and_then(cost),
            "verdict": verdict,
        });
        write_line(&mut out, &summary)?;
    } else if target == Some(Path::new("-")) {
        let mut text = Vec::new();
        show(&mut text, path, &table, &verdict, target, cost)?;
        log.note(String::from_utf8_lossy(&text).trim_end());
    } else {
        show(&mut out, path, &table, &verdict, target, cost)?;
    }
    out.flush()?;
    Ok(verdict)
}

/// Where the mended file goes.
fn fixed_name(a: &Validate) -> Result<PathBuf, Failure> {
    let path = match &a.output {
        Some(path) => path.clone(),
        None if a.input == Path::new("-") => PathBuf::from("-"),
        None => {
            let stem = a.input.file_stem().unwrap_or_default().to_string_lossy();
            // A workbook is mended as CSV, a JSON list as lines.
            let extension = match a.input.extension().and_then(|e| e.to_str()) {
                Some("xlsx") => "csv",
                Some("json") | None => "jsonl",
                Some(other) => other,
            };
            a.input.with_file_name(format!("{stem}_fixed.{extension}"))
        }
    };
    if path == Path::new("-") {
        if a.json {
            return Err(Failure::Usage(
                "--json and the mended file cannot both go to stdout; give -o FILE".into(),
            ));
        }
        return Ok(path);
    }
    if path == a.input {
        return Err(Failure::Usage(format!("{}: is the file itself; the original stays", path.display())));
    }
    if path.exists() && !a.force {
        return Err(Failure::Usage(format!("{}: exists already; --force replaces it", path.display())));
    }
    Ok(path)
}

/// Findings by severity and rule, the first rows of each.
#[derive(Default)]
struct Table {
    rules: BTreeMap<(std::cmp::Reverse<Severity>, &'static str), Vec<Finding>>,
}

impl Table {
    fn add(&mut self, finding: Finding) {
        let rows = self.rules.entry((std::cmp::Reverse(finding.severity), finding.rule)).or_default();
        if rows.len() < SHOWN {
            rows.push(finding);
        }
    }
}

fn show(
    out: &mut impl Write,
    path: &Path,
    table: &Table,
    verdict: &Verdict,
    target: Option<&Path>,
    cost: impl Fn(&TokenReport) -> Option<f64>,
) -> Result<(), Failure> {
    let format = verdict.format.map_or("unknown format", |f| f.name());
    writeln!(
        out,
        "{}: {} rows, {format} ({})",
        plain(&path.display().to_string()),
        verdict.rows,
        verdict.container
    )?;
    for ((severity, rule), findings) in &table.rules {
        let severity = match severity.0 {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let count = verdict.rules.get(rule).map_or(0, |r| r.count);
        let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
        writeln!(out, "\n{severity:<8}{rule}{times}")?;
        for finding in findings {
            let place = match (finding.row, finding.line) {
                (Some(row), Some(line)) if row != line => format!("row {row} (line {line})"),
                (Some(row), _) => format!("row {row}"),
                (None, Some(line)) => format!("line {line}"),
                (None, None) => "file".into(),
            };
            let field = finding.field.as_deref().map(|f| format!(", {f}")).unwrap_or_default();
            writeln!(out, "        {place}{field}: {}", plain(&finding.message))?;
        }
        if count > findings.len() as u64 {
            writeln!(out, "        … and {} more (--json lists all)", count - findings.len() as u64)?;
        }
        if let Some(first) = findings.first() {
            writeln!(out, "        → {}", first.remedy)?;
        }
    }
    if let Some(tokens) = &verdict.tokens {
        show_tokens(out, tokens, cost(tokens))?;
    }
    if let Some(target) = target {
        writeln!(out, "\nmended into {}:", plain(&target.display().to_string()))?;
        for (rule, count) in &verdict.fixed {
            writeln!(out, "        {count:>8}  {rule}")?;
        }
        if verdict.fixed.is_empty() {
            writeln!(out, "        nothing that is safe to mend")?;
        }
        writeln!(out, "        {} errors are still in it", verdict.errors_left)?;
    }
    writeln!(out, "\n{} errors, {} warnings, {} notes", verdict.errors, verdict.warnings, verdict.infos)?;
    Ok(())
}

fn show_tokens(out: &mut impl Write, tokens: &TokenReport, cost: Option<f64>) -> Result<(), Failure> {
    let s = &tokens.spread;
    writeln!(
        out,
        "\ntokens  {} in all, {} of them in answers (counted by {})",
        tokens.total, tokens.completions, tokens.counted_by
    )?;
    writeln!(
        out,
        "        an example: {} to {}, half have up to {}, nine tenths up to {}",
        s.min, s.max, s.median, s.p90
    )?;
    let most = tokens.bars.iter().map(|bar| bar.1).max().unwrap_or(0).max(1);
    for (size, count) in &tokens.bars {
        let width = (count * 40).div_ceil(most) as usize;
        writeln!(out, "        {:>8} {:<40} {count}", format!("≤{size}"), "█".repeat(width))?;
    }
    writeln!(
        out,
        "        {} epochs recommended: {} tokens billed ({} an epoch)",
        tokens.epochs, tokens.billable, tokens.billable_per_epoch
    )?;
    if tokens.over_limit > 0 {
        writeln!(out, "        {} examples are longer than the limit", tokens.over_limit)?;
    }
    if let Some(cost) = cost {
        writeln!(out, "        costs {cost:.2} at the price given")?;
    }
    Ok(())
}
