//! Counts the messages of some paths and compares the time of splitting with that of one search for
//! `"\nFrom "` over the same mapped bytes. With `--offsets`, prints where each message starts.
#![allow(clippy::print_stdout)]

use std::path::PathBuf;
use std::time::Instant;

use threadfold_archive::{Archive, Defects, Found, Options};

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
    for unit_size in [u64::MAX, 64 << 20, 8 << 20, 1 << 20] {
        let mut best = f64::INFINITY;
        let (mut messages, mut defects) = (0, Defects::default());
        for _ in 0..7 {
            let start = Instant::now();
            (messages, defects) = (0, Defects::default());
            for unit in archive.units(unit_size) {
                let report = archive.scan(&unit, &mut |_| {});
                messages += report.messages;
                defects.merge(&report.defects);
            }
            best = best.min(start.elapsed().as_secs_f64());
        }
        let rate = bytes as f64 / best / 1e6;
        println!("units of {unit_size}: {messages} messages, {:.4} s, {rate:.0} MB/s", best);
        if unit_size == u64::MAX {
            for kind in threadfold_archive::DefectKind::ALL {
                println!("  {}: {}", kind.as_str(), defects.count(kind));
            }
            for d in
                defects.places().iter().take(if flags.iter().any(|f| f == "--defects") { 500 } else { 0 })
            {
                println!("  {} at {}", d.kind.as_str(), d.offset);
            }
        }
    }
    // The yardstick: the same bytes, read whole into memory and searched.
    let finder = memchr::memmem::Finder::new(b"\nFrom ");
    let mut best = f64::INFINITY;
    let whole: Vec<Vec<u8>> =
        paths.iter().filter(|p| p.is_file()).map(std::fs::read).collect::<Result<_, _>>()?;
    let mut hits = 0;
    for _ in 0..7 {
        let start = Instant::now();
        hits = whole.iter().map(|w| finder.find_iter(w).count()).sum();
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("memmem: {hits} hits, {best:.4} s, {:.0} MB/s", bytes as f64 / best / 1e6);
    Ok(())
}
