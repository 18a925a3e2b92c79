//! `reply [--keep-signature]`: JSON lines `{"id","kind","body"}` in, `{"id","reply","signature","quoted"}` out.

use std::io::{self, BufRead, Write};

use threadfold_reply::{Body, Kind, Known, Options, extract};

fn main() -> io::Result<()> {
    let options = Options {
        keep_signature: std::env::args().any(|argument| argument == "--keep-signature"),
        ..Options::default()
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let case: serde_json::Value = serde_json::from_str(&line?)?;
        let text = |name: &str| case.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let body = if text("kind") == "html" { Body::Html(text("body")) } else { Body::Text(text("body")) };
        let parents: Vec<&str> = case
            .get("parents")
            .and_then(serde_json::Value::as_array)
            .map(|list| list.iter().filter_map(serde_json::Value::as_str).collect())
            .unwrap_or_default();
        let known = Known { parents: &parents, ..Known::default() };
        let reply = extract(body, &known, &options);
        let quoted: Vec<&str> = reply
            .removed
            .iter()
            .filter(|removed| removed.kind == Kind::Quote)
            .map(|removed| removed.text.as_str())
            .collect();
        let answer = serde_json::json!({
            "id": case.get("id"),
            "reply": reply.text,
            "signature": reply.signature,
            "quoted": quoted,
            "uncertain": reply.uncertain,
            "rules": reply.removed.iter().map(|removed| removed.rule).collect::<Vec<_>>(),
        });
        writeln!(out, "{answer}")?;
    }
    out.flush()
}
