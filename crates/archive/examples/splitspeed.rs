//! Counts the messages of some paths and compares the time of splitting with that of one search for
//! `"\nFrom "` over the same mapped bytes. With `--offsets`, prints where each message starts.
#![allow(clippy::print_stdout)]

use std::path::PathBuf;
use std::time::Instant;

use threadfold_archive::{Archive, Defects, Found, Locator, Options, SourceId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, paths): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    let start = Instant::now();
    let archive = Archive::open(&paths, &Options::default())?;
    let opened = start.elapsed();
    if flags.iter().any(|f| f == "--offsets") {
        for unit in archive.units(8 << 20) {
            archive.scan(&unit, &mut |f| {
                if let Found::Message(raw) = f {
                    println!("{}\t{}\t{}", raw.locator.source.0, raw.locator.offset, raw.bytes.len());
                }
            });
        }
        return Ok(());
    }
    let bytes = archive.total_bytes();
    println!("opened {} sources, {bytes} bytes in {opened:.1?}", archive.sources().len());
    for source in archive.sources().iter().take(20) {
        println!(
            "  {} [{}] {} {:?} {:?}",
            source.name,
            source.folder,
            source.kind,
            source.style(),
            source.escape()
        );
    }
    for failure in archive.failures() {
        println!("  failed: {failure}");
    }
    // The yardstick: one search over the same mapped bytes.
    let finder = memchr::memmem::Finder::new(b"\nFrom ");
    let mut scratches = vec![Vec::new(); archive.sources().len()];
    let mut whole = Vec::new();
    for (i, scratch) in scratches.iter_mut().enumerate() {
        let at = Locator { source: SourceId(i as u32), offset: 0, len: archive.sources()[i].bytes };
        whole.push(archive.read(at, scratch)?.bytes);
    }
    // Taken in turns, the best of each: other programs' noise hits all alike.
    let rounds = if flags.iter().any(|f| f == "--once") { 1 } else { 25 };
    let sizes = [1 << 40, 64 << 20, 16 << 20, 4 << 20];
    let mut best = [f64::INFINITY; 5];
    let (mut messages, mut defects, mut hits) = (0, Defects::default(), 0);
    for _ in 0..rounds {
        for (i, &size) in sizes.iter().enumerate() {
            let start = Instant::now();
            (messages, defects) = (0, Defects::default());
            for unit in archive.units(size) {
                let report = archive.scan(&unit, &mut |_| {});
                messages += report.messages;
                defects.merge(&report.defects);
            }
            best[i] = best[i].min(start.elapsed().as_secs_f64());
        }
        let start = Instant::now();
        hits = whole.iter().map(|w| finder.find_iter(w).count()).sum();
        best[4] = best[4].min(start.elapsed().as_secs_f64());
    }
    println!("{messages} messages");
    for kind in threadfold_archive::DefectKind::ALL {
        println!("  {}: {}", kind.as_str(), defects.count(kind));
    }
    if flags.iter().any(|f| f == "--defects") {
        defects.places().iter().for_each(|d| println!("  {} at {}", d.kind.as_str(), d.offset));
    }
    println!("memmem: {hits} hits, {:.4} s, {:.0} MB/s", best[4], bytes as f64 / best[4] / 1e6);
    for (size, time) in sizes.iter().zip(best) {
        println!("units of {} MiB: {time:.4} s, {:.2} x memmem", size >> 20, time / best[4]);
    }
    Ok(())
}
