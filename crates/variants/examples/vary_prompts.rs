//! `{"id","text"}` lines in, `{"id","variants"}` lines out: what `threadfold vary --prompts` does, alone.

use std::io::{BufRead, Write};

#[derive(serde::Deserialize)]
struct Line {
    id: serde_json::Value,
    text: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lines: Vec<Line> = std::io::stdin()
        .lock()
        .lines()
        .map(|l| Ok(serde_json::from_str(&l?)?))
        .collect::<Result<_, Box<dyn std::error::Error>>>()?;
    let mut rules = threadfold_variants::Rules::new(0);
    lines.iter().for_each(|l| rules.learn(&l.text));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for l in &lines {
        let line = serde_json::json!({"id": l.id, "variants": rules.reword(&l.text, 2)});
        writeln!(out, "{line}")?;
    }
    Ok(())
}
