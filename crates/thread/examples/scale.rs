//! What linking costs at size: `scale [MESSAGES] [POLICY]`, Linux only. Threads of a support mailbox: a customer's question,
//! then answers in turn; ids for most, none for some; subjects drawn from many.

use std::fmt::Write as _;
use std::io::Write as _;
use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId, hash_bytes};
use threadfold_thread::{Evidence, Options, link};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let n: usize = std::env::args().nth(1).map_or(Ok(10_000_000), |c| c.parse())?;
    let policy = std::env::args().nth(2).unwrap_or_else(|| "support".into()).parse()?;
    let mut out = std::io::stdout().lock();
    let mut mail = Envelopes::default();
    let (mut from, mut subject) = (String::new(), String::new());
    let mut state = 1u64;
    let mut random = |below: u64| {
        state = hash_bytes(&state.to_le_bytes());
        state % below
    };
    let mut offset = 0;
    while mail.len() < n {
        let thread = random(u64::MAX);
        let customer = random(n as u64 / 8 + 1);
        from.clear();
        write!(from, "customer{customer}@mail{}.example.com", customer % 977)?;
        let agent = ["help@shop.example.org", "sales@shop.example.org"][random(2) as usize];
        let start = 1_500_000_000 + random(200_000_000) as i64;
        let len = 1 + random(6).min(random(6));
        let stripped = random(10) == 0;
        let mut references: Vec<u64> = Vec::new();
        for k in 0..len {
            subject.clear();
            if k > 0 {
                subject.push_str("Re: ");
            }
            write!(
                subject,
                "Order {} of the {} is late",
                thread % 3_000_000,
                ["kettle", "lamp", "chair"][(thread % 3) as usize]
            )?;
            let id = hash_bytes(&(thread ^ k).to_le_bytes());
            let known = if stripped { 0 } else { references.len() };
            let size = 2_000 + random(9_000);
            mail.push(
                Locator { source: SourceId(0), offset, len: size },
                &NewEnvelope {
                    id,
                    date: start + k as i64 * 20_000,
                    from: if k % 2 == 0 { &from } else { agent },
                    subject: &subject,
                    references: &references[..known],
                    recipients: &[if k % 2 == 0 { agent } else { &from }],
                    ..Default::default()
                },
            );
            offset += size;
            references.push(id);
        }
    }
    let (before, rss) = (cpu()?, memory("VmRSS")?);
    writeln!(out, "{} envelopes, {} strings, {rss} MiB", mail.len(), mail.strings().len())?;
    let wall = std::time::Instant::now();
    let threads = link(&mail, &Evidence::default(), &Options { policy, ..Default::default() });
    writeln!(
        out,
        "{} threads; {:.1} s CPU, {:.1} s wall; peak {} MiB, {} MiB of them for linking; result {} MiB",
        threads.len(),
        cpu()? - before,
        wall.elapsed().as_secs_f64(),
        memory("VmHWM")?,
        memory("VmHWM")? - rss,
        memory("VmRSS")? - rss,
    )?;
    Ok(())
}

/// Seconds of CPU time so far, user and system.
fn cpu() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(11) + ticks(12)) / 100.0)
}

/// A line of /proc/self/status, in MiB.
fn memory(name: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|l| l.starts_with(name)).unwrap_or("");
    Ok(line.split_whitespace().nth(1).map_or(Ok(0), str::parse::<u64>)? / 1024)
}
