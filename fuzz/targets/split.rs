//! The splitter and what opens files: any bytes, as one file.
//!
//! Messages stand in order, touch each other and reach to the end; a scan in pieces of any size finds the same
//! ones; reading one again by its locator gives the same bytes.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use threadfold_archive::{Archive, Found, Kind, Locator, Options, unescape};
use threadfold_fuzz::{line, mutate};

const PIECES: &[&str] = &[
    "From ada@example.com Mon Jan  1 10:00:00 2024\n",
    "\nFrom ada@example.com Mon Jan  1 10:00:00 2024\nFrom: a@example.com\nSubject: x\n\n",
    "From - Mon Jan  1 10:00:00 2024\n",
    "From 1234567890@xxx Mon Jan 01 10:00:00 +0000 2024\n",
    "From ada at example.com  Mon Jan  1 10:00:00 2024\n",
    "From here on it is easy\n",
    "From 1234567890abcdef1234567890abcdef12345678 Mon Sep 17 00:00:00 2001\n",
    ">From ada@example.com Mon Jan  1 10:00:00 2024\n",
    ">>From now\n",
    "From: a@example.com\n",
    "Subject: x\n",
    "Content-Length: 5\n",
    "Content-Length: 300\n",
    "Content-Type: multipart/mixed; boundary=b\n",
    "Content-Type: multipart/digest;\n boundary=\"b\"\n",
    "--b\n",
    "--b--\n",
    "Content-Type: message/rfc822\n",
    "\x01\x01\x01\x01\n",
    "\n",
    "\r\n",
    "X-Mozilla-Status: 0001\n",
    "X-GM-THRID: 1\n",
    "123\n",
    "<?xml version=\"1.0\"?>\n",
    "\u{feff}",
    "diff --git a/a b/a\n",
    "---\n",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, line, PIECES)
});

/// Where the messages stand, and their bytes.
fn scan(archive: &Archive, unit: u64) -> Vec<(Locator, Vec<u8>)> {
    let mut all = Vec::new();
    for unit in archive.units(unit) {
        archive.scan(&unit, &mut |found| match found {
            Found::Message(raw) => {
                unescape(raw.bytes, raw.escape);
                all.push((raw.locator, raw.bytes.to_vec()));
            }
            Found::Failed { locator, .. } => all.push((locator, Vec::new())),
        });
    }
    all
}

fuzz_target!(|data: &[u8]| {
    let options =
        Options { max_unpacked_bytes: 4 << 20, temp_dir: Some("/dev/shm".into()), ..Options::default() };
    let Ok(archive) = Archive::open_with(&["-".into()], &options, &mut &data[..]) else { return };
    let whole = scan(&archive, u64::MAX);
    for unit in [1 + data.len() as u64 / 40, 1 + data.len() as u64 / 7] {
        assert_eq!(scan(&archive, unit), whole, "in pieces of {unit}");
    }
    let mut last: Option<Locator> = None;
    let mut scratch = Vec::new();
    for (at, bytes) in &whole {
        let source = &archive.sources()[at.source.0 as usize];
        assert!(at.len > 0 && at.offset + at.len <= source.bytes);
        match last.filter(|l| l.source == at.source) {
            Some(l) => assert_eq!(l.offset + l.len, at.offset, "the next message starts where this one ends"),
            None => assert!(last.is_none_or(|l| l.source < at.source)),
        }
        if let Ok(raw) = archive.read(*at, &mut scratch) {
            assert_eq!((raw.locator, raw.bytes), (*at, &bytes[..]));
        }
        last = Some(*at);
    }
    for (i, source) in archive.sources().iter().enumerate() {
        let mut of = whole.iter().filter(|(at, _)| at.source.0 as usize == i);
        let end = of.next_back().map(|(at, _)| at.offset + at.len);
        // Lines of control-A alone frame nothing.
        let none = end.is_none() && source.kind == Kind::Mmdf;
        assert!(none || end == Some(source.bytes), "the last message reaches to the end of {}", source.name);
    }
});
