//! Prints how many megabytes a second one core reads: plain bodies with quoted history, and HTML. Run it with
//! `--release`; with a path, reads the JSON lines `{"body"}` there instead; with `--write FOLDER`, also writes its own
//! bodies there, for others to be measured on.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use threadfold_reply::{Body, Known, Options, extract};

fn plain() -> Vec<String> {
    let words = "The parcel went out on Monday and should be with you by Wednesday at the latest; the carrier says\nthat it is at the depot in Example Town now.\n\n";
    (1..40)
        .map(|size| {
            let reply = words.repeat(1 + size % 3);
            let quoted: String = words.repeat(size).lines().map(|line| format!("> {line}\n")).collect();
            format!("Hello Bo,\n\n{reply}Kind regards,\nAnn Lee\n\nOn Tue, 5 Mar 2024 at 09:12, Bo Smith <bo@example.com> wrote:\n{quoted}")
        })
        .collect()
}

fn html() -> Vec<String> {
    let paragraph = "<p class=\"MsoNormal\"><span style=\"font-size:11.0pt;color:#1F497D\">The parcel went out on Monday &amp; should be with you by Wednesday.</span></p>\n";
    (1..40)
        .map(|size| {
            format!(
                "<html><body><div>{}</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Tue, 5 Mar 2024 at 09:12, Bo &lt;bo@example.com&gt; wrote:</div><blockquote class=\"gmail_quote\">{}</blockquote></div></body></html>",
                paragraph.repeat(1 + size % 3),
                paragraph.repeat(size)
            )
        })
        .collect()
}

/// Seconds of processor time, where the system tells them (other programs run too), else of the clock.
fn seconds(clock: Instant) -> f64 {
    let spent = std::fs::read_to_string("/proc/self/schedstat").ok();
    let spent = spent.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    spent.map_or_else(|| clock.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn measure<'b>(bodies: &'b [String], form: impl Fn(&'b str) -> Body<'b>) -> f64 {
    let bytes: usize = bodies.iter().map(String::len).sum();
    let rounds = (60_000_000 / bytes).max(1);
    let known = Known::default();
    let options = Options::default();
    let mut best = f64::MAX;
    let clock = Instant::now();
    for _ in 0..3 {
        let start = seconds(clock);
        for _ in 0..rounds {
            for body in bodies {
                std::hint::black_box(extract(form(body), &known, &options));
            }
        }
        best = best.min(seconds(clock) - start);
    }
    (bytes * rounds) as f64 / 1e6 / best
}

fn write(path: &Path, bodies: &[String]) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    for body in bodies {
        writeln!(out, "{}", serde_json::json!({ "body": body }))?;
    }
    out.flush()
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let mut args = std::env::args().skip(1);
    let (first, second) = (args.next(), args.next());
    let (plain, html) = (plain(), html());
    match (first.as_deref(), second) {
        (Some("--write"), Some(folder)) => {
            write(&Path::new(&folder).join("plain.jsonl"), &plain)?;
            write(&Path::new(&folder).join("html.jsonl"), &html)?;
        }
        (Some(path), _) => {
            let bodies: Vec<String> = std::fs::read_to_string(path)?
                .lines()
                .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
                .filter_map(|case| Some(case.get("body")?.as_str()?.to_string()))
                .collect();
            return writeln!(out, "{:.0} MB/s of the bodies given", measure(&bodies, Body::Text));
        }
        (None, _) => {}
    }
    writeln!(out, "{:.0} MB/s of plain text", measure(&plain, Body::Text))?;
    writeln!(out, "{:.0} MB/s of HTML", measure(&html, Body::Html))
}
