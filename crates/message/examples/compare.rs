//! Reads an mbox with this crate and with mail-parser and compares what they make of each message; then
//! measures the speed of the head scan and of the text walk against a `memmem` scan of the same bytes.
//!
//! `compare MBOX [--texts FILE N]`: also writes the texts of the first N messages, one JSON string a line,
//! for a comparison with yet another parser.

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use memchr::memmem;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;
use threadfold_core::{Envelopes, Locator, SourceId};
use threadfold_message::{BodyReader, HeadReader, Place, id_hash};

/// Splits crudely: an empty line, then `From ` on a line that has a time in it.
fn split(mbox: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut starts = vec![0];
    for i in memmem::find_iter(mbox, b"\n\nFrom ") {
        let line = &mbox[i + 2..];
        let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
        if line.len() < 200 && line.windows(6).any(|w| w[2] == b':' && w[5] == b':' && w[0].is_ascii_digit())
        {
            starts.push(i + 2);
        }
    }
    starts.push(mbox.len());
    starts
        .windows(2)
        .map(|w| {
            let all = &mbox[w[0]..w[1]];
            let end = memchr::memchr(b'\n', all).map_or(all.len(), |i| i + 1);
            (&all[..end.saturating_sub(1)], &all[end..])
        })
        .collect()
}

fn seconds(mut job: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        job();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let Some(path) = args.get(1) else {
        println!("usage: compare MBOX [--texts FILE N]");
        return Ok(());
    };
    let mbox = std::fs::read(path)?;
    let messages = split(&mbox);
    println!("{} messages, {} bytes", messages.len(), mbox.len());
    let mut heads = HeadReader::default();
    let mut bodies = BodyReader::default();

    if args.get(2).is_some_and(|a| a == "--texts") {
        let count = args.get(4).and_then(|n| n.parse().ok()).unwrap_or(2000);
        let step = (messages.len() / count).max(1);
        let mut out = String::new();
        for (_, message) in messages.iter().step_by(step).take(count) {
            let body = bodies.read(message);
            let text = body.plain.as_deref().or(body.html.as_deref()).unwrap_or("");
            let at = message.as_ptr() as usize - mbox.as_ptr() as usize;
            out += &format!("{at}\t{}\t{}\t{:?}\n", message.len(), body.flowed, words(text));
        }
        std::fs::write(&args[3], out)?;
        return Ok(());
    }

    // For a profiler: nothing but one job, some times over.
    let passes = args.get(3).and_then(|n| n.parse().ok()).unwrap_or(1);
    if args.get(2).is_some_and(|a| a == "--heads") {
        for _ in 0..passes {
            for (separator, message) in &messages {
                let place = Place { separator: Some(separator), ..Place::default() };
                black_box(heads.read(message, &place).envelope().date);
            }
        }
        return Ok(());
    }
    if args.get(2).is_some_and(|a| a == "--bodies") {
        for _ in 0..passes {
            for (_, message) in &messages {
                black_box(bodies.read(message).plain.map(|t| t.len()));
            }
        }
        return Ok(());
    }
    let parser = mail_parser::MessageParser::default();
    let mut differ: BTreeMap<&str, Vec<(usize, String, String)>> = BTreeMap::new();
    let mut note = |what: &'static str, i: usize, ours: String, theirs: String| {
        let list = differ.entry(what).or_default();
        if ours != theirs {
            list.push((i, ours, theirs));
        }
    };
    for (i, (separator, message)) in messages.iter().enumerate() {
        let place = Place { separator: Some(separator), ..Place::default() };
        let head = heads.read(message, &place);
        let e = head.envelope();
        let Some(theirs) = parser.parse(message) else { continue };
        note("subject", i, words(e.subject), words(theirs.subject().unwrap_or("")));
        let id = theirs.message_id().map_or(0, |id| id_hash(id.as_bytes()));
        note("id", i, format!("{:x}", e.id), format!("{id:x}"));
        note("date", i, e.date.to_string(), theirs.date().map_or(0, |d| d.to_timestamp()).to_string());
        let from = theirs.from().and_then(|f| f.first()).and_then(|a| a.address()).unwrap_or("");
        note("from", i, e.from.to_owned(), from.to_lowercase());
        let body = bodies.read(message);
        let ours = body.plain.as_deref().or(body.html.as_deref()).unwrap_or("");
        let theirs_text = match theirs.text_part(0) {
            Some(p) if !p.is_text_html() => p.text_contents().unwrap_or(""),
            _ => theirs.html_part(0).and_then(|p| p.text_contents()).unwrap_or(""),
        };
        if body.flowed {
            // They do not unwrap: compare what is not white space or a quote mark.
            let squeezed = |t: &str| t.chars().filter(|c| !c.is_whitespace() && *c != '>').collect();
            note("text, flowed", i, squeezed(ours), squeezed(theirs_text));
        } else {
            note("text, fixed", i, words(ours), words(theirs_text));
        }
    }
    for (what, list) in &differ {
        println!(
            "{what}: {} differ, equal share {:.4}",
            list.len(),
            1.0 - list.len() as f64 / messages.len() as f64
        );
        for (i, ours, theirs) in list.iter().take(if what.starts_with("text") { 400 } else { 40 }) {
            let at = ours.bytes().zip(theirs.bytes()).take_while(|(a, b)| a == b).count();
            let cut = |s: &str| {
                String::from_utf8_lossy(
                    &s.as_bytes()[at.saturating_sub(20).min(s.len())..s.len().min(at + 60)],
                )
                .into_owned()
            };
            println!("  {i}: ours {:?} theirs {:?}", cut(ours), cut(theirs));
        }
    }

    let base = seconds(|| {
        black_box(memmem::find_iter(&mbox, b"\nFrom ").count());
    });
    let head_scan = seconds(|| {
        for (separator, message) in &messages {
            let place = Place { separator: Some(separator), ..Place::default() };
            black_box(heads.read(message, &place).envelope().date);
        }
    });
    let pushed = seconds(|| {
        let mut all = Envelopes::default();
        for (separator, message) in &messages {
            let place = Place { separator: Some(separator), ..Place::default() };
            let at = Locator { source: SourceId(0), offset: 0, len: 0 };
            all.push(at, &heads.read(message, &place).envelope());
        }
        black_box(all.len());
    });
    let text_walk = seconds(|| {
        for (_, message) in &messages {
            black_box(bodies.read(message).plain.map(|t| t.len()));
        }
    });
    let mb = mbox.len() as f64 / 1e6;
    for (name, t) in
        [("memmem", base), ("head scan", head_scan), ("head scan + push", pushed), ("text walk", text_walk)]
    {
        println!("{name}: {:.3} s, {:.0} MB/s, {:.2}x memmem", t, mb / t, t / base);
    }
    Ok(())
}
