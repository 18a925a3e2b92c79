//! Nothing written to disk: prints what customers first said, example by example.
//! `cargo run --release -p threadfold --example questions -- inbox.mbox`
#![allow(clippy::print_stdout, reason = "an example")]

use threadfold::{Error, Pipeline};

fn main() -> Result<(), Error> {
    let mailbox = Pipeline::new().inputs(std::env::args().skip(1)).open()?;
    for example in mailbox.examples()? {
        let example = example?;
        let opening = example.turns.first().map_or("", |t| t.text.as_str());
        println!("{}\t{}", example.id, opening.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Ok(())
}
