//! One file a verb.

mod audit;
mod convert;
mod export;
mod generate;
mod insights;
mod inspect;
mod recipe;
mod redact;
mod reply;
mod threads;
mod validate;
pub(crate) mod vary;
mod vault;

use std::io::{BufRead, Write};

use crate::args::{Args, Verb};
use crate::out::stdout;
use crate::say::{Failure, Log};

/// Runs the verb and gives the exit status.
pub(crate) fn run(args: &Args) -> Result<i32, Failure> {
    let common = &args.common;
    match &args.verb {
        Verb::Export(a) => export::run(a, common),
        Verb::Inspect(a) => inspect::run(a, common),
        Verb::Threads(a) => threads::run(a, common),
        Verb::Reply(a) => reply::run(a, common),
        Verb::Redact(a) => redact::run(a, common),
        Verb::Convert(a) => convert::run(a, common),
        Verb::Validate(a) => validate::run(a, common),
        Verb::Recipe(a) => recipe::run(a),
        Verb::Insights(a) => insights::run(a, common),
        Verb::Audit(a) => audit::run(a, common),
        Verb::Generate(a) => generate::run(a, common),
        Verb::Vault(a) => vault::run(a),
        Verb::Vary(a) => vary::run(a, common),
    }
}

/// JSON objects from stdin, one a line (a byte order mark before the first is passed over). A line that is none
/// is said on stderr with its number, and the next one is read: the exit status, 1 if there was any such.
fn stdin_lines<In: serde::de::DeserializeOwned>(
    log: Log,
    mut take: impl FnMut(In) -> Result<(), Failure>,
) -> Result<i32, Failure> {
    let mut line = Vec::new();
    let mut input = std::io::stdin().lock();
    let mut status = 0;
    for number in 1u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line };
        if text.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(text) {
            Ok(object) => take(object)?,
            Err(e) => {
                // The parser's own words may quote the line's, which may be somebody's.
                let why = match e.classify() {
                    serde_json::error::Category::Data => "JSON without the fields asked for",
                    serde_json::error::Category::Eof => "JSON that ends too early",
                    _ => "not JSON",
                };
                let column = e.column();
                log.error(&Failure::Failed(format!("stdin line {number}, column {column}: {why}")));
                status = 1;
            }
        }
    }
    Ok(status)
}

/// One JSON object as a line of its own.
fn write_line(out: &mut impl Write, object: &impl serde::Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, object).map_err(std::io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}
