//! Prints how many megabytes of HTML mail a second one core reads. Run it with `--release`.

use std::time::Instant;

fn main() {
    let paragraph = "<p class=\"MsoNormal\"><span style=\"font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif;color:#1F497D\">\
        The parcel went out on Monday &amp; should be with you by Wednesday; here is the <a href=\"https://example.com/track?id=4711\">link</a>.<o:p></o:p></span></p>\n";
    let quote = format!(
        "<div class=\"gmail_quote\"><blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex\">{}</blockquote></div>",
        paragraph.repeat(30)
    );
    let mail = format!("<html><body><div>{}</div>{quote}</body></html>", paragraph.repeat(10));
    let rounds = 50_000_000 / mail.len();
    let start = Instant::now();
    let mut kept = 0;
    for _ in 0..rounds {
        kept += threadfold_html::Document::parse(std::hint::black_box(&mail)).text().len();
    }
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = (rounds * mail.len()) as f64 / 1e6;
    let report = format!(
        "{:.0} MB/s of HTML, {:.0} % of it text\n",
        megabytes / seconds,
        kept as f64 / megabytes / 1e4
    );
    // The one place where the example speaks.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), report.as_bytes());
}
