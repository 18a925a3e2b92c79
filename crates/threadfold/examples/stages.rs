//! Each stage alone, without the pipeline: bytes to messages, message to text, text to new words.
//! `cargo run --release -p threadfold --example stages -- inbox.mbox`
#![allow(clippy::print_stdout, reason = "an example")]

use threadfold::archive::{self, Archive, Found, unescape};
use threadfold::message::{BodyReader, header};
use threadfold::reply::{Body, Known, Options, extract};

fn main() -> Result<(), archive::Error> {
    let paths: Vec<_> = std::env::args_os().skip(1).map(Into::into).collect();
    let archive = Archive::open(&paths, &archive::Options::default())?;
    let mut bodies = BodyReader::default();
    for unit in archive.units(16 << 20) {
        archive.scan(&unit, &mut |found| {
            let Found::Message(raw) = found else { return };
            let message = unescape(raw.bytes, raw.escape);
            let body = bodies.read(&message);
            let new = extract(Body::Text(&body.text()), &Known::default(), &Options::default());
            let subject = header(&message, "Subject").unwrap_or_default();
            let words = new.text.split_whitespace().count();
            let removed: Vec<&str> = new.removed.iter().map(|r| r.rule).collect();
            println!("{subject}: {words} new words; taken away by {removed:?}");
        });
    }
    Ok(())
}
