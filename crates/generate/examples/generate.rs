//! `generate OUT.mbox MESSAGES|SIZEmb [SEED] [text|attachments|mixed]`: writes OUT.mbox and, beside it,
//! OUT.mbox.truth.jsonl, and says on stderr what and how fast.
#![expect(clippy::print_stderr, reason = "an example program talks to its user")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use threadfold_generate::{Options, Profile, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, size, more @ ..] = args.as_slice() else {
        return Err("usage: generate OUT.mbox MESSAGES|SIZEmb [SEED] [text|attachments|mixed]".into());
    };
    let profile = match more.get(1) {
        Some(name) => Profile::from_name(name).ok_or("the profile is text, attachments or mixed")?,
        None => Profile::default(),
    };
    let mut options = Options { seed: more.first().map_or(Ok(1), |s| s.parse())?, ..Options::new(profile) };
    match size.strip_suffix("mb") {
        Some(megabytes) => options.min_bytes = Some(megabytes.parse::<u64>()? * 1_000_000),
        None => options.messages = size.parse()?,
    }
    let device = out.starts_with("/dev/");
    let truth: Box<dyn Write> = if device {
        Box::new(std::io::sink())
    } else {
        Box::new(File::create(format!("{out}.truth.jsonl"))?)
    };
    let mut mailbox = BufWriter::with_capacity(1 << 18, File::create(out)?);
    let begun = Instant::now();
    let summary = generate(&options, &mut mailbox, &mut BufWriter::with_capacity(1 << 18, truth))?;
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("{summary:?}\n{seconds:.2} s, {:.0} MB/s", summary.bytes as f64 / 1e6 / seconds);
    Ok(())
}
