//! Reads `{"id","text","participants":[{"name","email","role"}]}` lines and writes
//! `{"id","text","spans":[{"start","end","type"}]}` lines; offsets count Unicode code points of the input.
//!
//! `cargo run --release --example redact -- redact < lines.jsonl`

use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufWriter, Write};
use std::sync::Arc;
use threadfold_redact::{KeepFacts, Options, Person, Redactor, Side, infer_side};

#[derive(Deserialize)]
struct Case {
    id: String,
    text: String,
    #[serde(default)]
    participants: Vec<Participant>,
}

#[derive(Deserialize)]
struct Participant {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    role: Side,
}

#[derive(Serialize)]
struct Answer {
    id: String,
    text: String,
    spans: Vec<SpanOut>,
}

#[derive(Serialize)]
struct SpanOut {
    start: usize,
    end: usize,
    #[serde(rename = "type")]
    kind: &'static str,
}

fn people(case: &Case) -> Vec<Person<'_>> {
    case.participants.iter().map(|p| Person { name: &p.name, email: &p.email, side: p.role }).collect()
}

fn main() -> io::Result<()> {
    let cases: Vec<Case> =
        io::stdin().lock().lines().map(|l| Ok(serde_json::from_str(&l?)?)).collect::<io::Result<_>>()?;
    // What agents wrote to several customers stays, so all lines are read before the first is written.
    let mut facts = KeepFacts::new(&[]);
    let mut sides = Vec::with_capacity(cases.len());
    for case in &cases {
        let people = people(case);
        let side = infer_side(&case.text, &people);
        if side == Side::Agent {
            let customer = people.iter().find(|p| p.side == Side::Customer).map_or("", |p| p.email);
            facts.feed(&case.text, customer);
        }
        sides.push(side);
    }
    let redactor = Redactor::new(Options { keep: Arc::new(facts.finish()), ..Options::default() });
    let mut out = BufWriter::new(io::stdout().lock());
    for (case, side) in cases.iter().zip(sides) {
        let mut thread = redactor.thread(&people(case));
        thread.learn(&case.text, side);
        let redacted = thread.redact(&case.text, side);
        // Byte offsets to code points, in one walk.
        let (mut bytes, mut points) = (0, 0);
        let mut at = |offset: usize| {
            points += case.text[bytes..offset].chars().count();
            bytes = offset;
            points
        };
        let spans = redacted
            .spans
            .iter()
            .map(|s| SpanOut { start: at(s.start), end: at(s.end), kind: s.kind.label() })
            .collect();
        serde_json::to_writer(&mut out, &Answer { id: case.id.clone(), text: redacted.text, spans })?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
