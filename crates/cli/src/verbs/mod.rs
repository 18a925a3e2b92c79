//! One file a verb.

mod convert;
mod export;
mod generate;
mod insights;
mod inspect;
mod redact;
mod reply;
mod threads;

use std::io::{BufRead, BufWriter, Write};

use crate::args::{Args, Verb};
use crate::say::Failure;

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
        Verb::Insights(a) => insights::run(a, common),
        Verb::Generate(a) => generate::run(a, common),
    }
}

/// Buffered stdout for data.
fn stdout() -> BufWriter<std::io::StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 18, std::io::stdout().lock())
}

/// JSON objects from stdin, one a line; a bad line is an error that names it.
fn stdin_lines<In: serde::de::DeserializeOwned>(
    mut take: impl FnMut(In) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    let mut input = std::io::stdin().lock();
    for number in 1u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if !line.trim_ascii().is_empty() {
            let object = serde_json::from_slice(&line);
            take(object.map_err(|e| Failure::Failed(format!("stdin line {number}: {e}")))?)?;
        }
    }
    Ok(())
}

/// One JSON object as a line of its own.
fn write_line(out: &mut impl Write, object: &impl serde::Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, object).map_err(std::io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}
