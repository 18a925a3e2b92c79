//! The main job from a program: `cargo run --release -p threadfold --example export -- inbox.mbox dataset`
#![allow(clippy::print_stdout, reason = "an example")]

use threadfold::{Error, Pipeline};

fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let (Some(input), Some(output)) = (args.next(), args.next()) else {
        println!("usage: export MAILBOX FOLDER");
        return Ok(());
    };
    let summary = Pipeline::new().input(input).export(output)?;
    let c = &summary.counts;
    println!(
        "{} examples; read {} = used {} + dropped {} + failed {}",
        summary.examples, c.read, c.used, c.dropped, c.failed
    );
    for (reason, n) in &c.dropped_by_reason {
        println!("{n:>8} {reason}");
    }
    Ok(())
}
