//! Prints what the `email_reply_parser` crate makes of the bodies in a file of JSON lines `{"body"}`: megabytes a
//! second and milliseconds a body, of processor time. Bodies that take it longer than a minute in all are left out.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};

/// Seconds of processor time, where the system tells them.
fn seconds() -> f64 {
    let spent = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    spent.split(' ').next().and_then(|text| text.parse::<f64>().ok()).map_or(0.0, |spent| spent / 1e9)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which file of bodies?")?;
    let mut bodies = Vec::new();
    for line in BufReader::new(std::fs::File::open(path)?).lines() {
        let case: serde_json::Value = serde_json::from_str(&line?)?;
        bodies.extend(case.get("body").and_then(|body| body.as_str()).map(str::to_owned));
    }
    let start = seconds();
    let (mut bytes, mut count) = (0, 0);
    for body in &bodies {
        black_box(email_reply_parser::EmailReplyParser::parse_reply(body));
        bytes += body.len();
        count += 1;
        if seconds() - start > 60.0 {
            break;
        }
    }
    let took = seconds() - start;
    writeln!(
        std::io::stdout(),
        "{:.3} MB/s, {:.2} ms a body ({count} bodies)",
        bytes as f64 / 1e6 / took,
        took * 1e3 / f64::from(count)
    )?;
    Ok(())
}
