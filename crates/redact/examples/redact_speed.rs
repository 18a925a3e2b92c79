//! Megabytes a second of one core, learning, redacting and auditing: `speed FILE [ROUNDS]`, where the file
//! has one text a line (or is one text).

use threadfold_redact::{Audit, Options, Person, Redactor, Side};

/// Seconds this thread has run: other programs on the machine do not count.
fn cpu() -> f64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|s| s.split(' ').next()?.parse::<f64>().ok())
        .map_or_else(|| START.elapsed().as_secs_f64(), |ns| ns / 1e9)
}

#[expect(clippy::print_stdout, reason = "a measurement is for reading")]
fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().unwrap_or_default();
    let rounds: usize = args.next().and_then(|a| a.parse().ok()).unwrap_or(5);
    let file = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
    // Mails of about a kilobyte.
    let mut texts = Vec::new();
    let mut start = 0;
    while start < file.len() {
        let mut end = (start + 1000).min(file.len());
        while end < file.len() && file.as_bytes()[end] != b'\n' {
            end += 1;
        }
        texts.push(&file[start..end]);
        start = end;
    }
    let redactor = Redactor::new(Options::default());
    let people = [
        Person { name: "Marta Lindqvist", email: "marta@example.com", side: Side::Customer },
        Person { name: "Dana Whitlock", email: "support@shop.example", side: Side::Agent },
    ];
    let mut best = [f64::INFINITY; 3];
    let mut spans = 0;
    for _ in 0..rounds {
        let mut audit = Audit::default();
        let mut output = String::new();
        spans = 0;
        let clock = cpu();
        for text in &texts {
            redactor.thread(&people).learn(text, Side::Customer);
        }
        let learning = cpu() - clock;
        let clock = cpu();
        let mut done = Vec::with_capacity(texts.len());
        for text in &texts {
            let out = redactor.thread(&people).redact(text, Side::Customer);
            spans += out.spans.len();
            output.push_str(&out.text);
            done.push(out);
        }
        let redacting = cpu() - clock;
        let clock = cpu();
        for (text, out) in texts.iter().zip(&done) {
            audit.add_redacted(text, out);
        }
        let leaks = audit.scan(output.as_bytes()).len();
        std::hint::black_box(leaks);
        let times = [learning, redacting, cpu() - clock];
        for (b, t) in best.iter_mut().zip(times) {
            *b = b.min(t);
        }
    }
    let size = file.len() as f64 / 1e6;
    println!(
        "{} texts, {size:.1} MB, {spans} spans: learn {:.1} MB/s, redact {:.1} MB/s, audit {:.1} MB/s, all three {:.1} MB/s",
        texts.len(),
        size / best[0],
        size / best[1],
        size / best[2],
        size / best.iter().sum::<f64>()
    );
    Ok(())
}
