//! How fast texts are redacted and audited, on one thread.
//!
//! Usage: `speed FILE.jsonl [ROUNDS]`; a line is `{"text","participants":[{"name","email","role"}]}`, as the
//! `redact` verb takes it. Each round learns from every text as a thread of its own, redacts it and audits
//! what comes out.

use std::time::Instant;
use threadfold_redact::{Audit, Options, Person, Redactor, Side};

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("which file?")?;
    let rounds: usize = args.next().map_or(Ok(1), |n| n.parse())?;
    let lines: Vec<serde_json::Value> =
        std::fs::read_to_string(path)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let side = |role: &serde_json::Value| if role == "agent" { Side::Agent } else { Side::Customer };
    let redactor = Redactor::new(Options::default());
    let (mut bytes, mut spans, mut leaks) = (0, 0, 0);
    let start = Instant::now();
    for _ in 0..rounds {
        let mut audit = Audit::default();
        let mut out = String::new();
        for line in &lines {
            let text = line["text"].as_str().unwrap_or("");
            let people: Vec<Person<'_>> = line["participants"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|p| Person {
                    name: p["name"].as_str().unwrap_or(""),
                    email: p["email"].as_str().unwrap_or(""),
                    side: side(&p["role"]),
                })
                .collect();
            let mut thread = redactor.thread(&people);
            let author = side(&line["sender"]);
            thread.learn(text, author);
            let redacted = thread.redact(text, author);
            audit.add_redacted(text, &redacted);
            out.push_str(&redacted.text);
            out.push('\n');
            bytes += text.len();
            spans += redacted.spans.len();
        }
        leaks += audit.scan(out.as_bytes()).len();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{bytes} bytes, {spans} spans, {leaks} found: {:.2} MB/s", bytes as f64 / seconds / 1e6);
    Ok(())
}
