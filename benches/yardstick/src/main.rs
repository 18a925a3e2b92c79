//! Whole processes to measure threadfold against, each doing one thing to one mbox file on one thread:
//!
//! - `yardstick memmem FILE`: one `memmem` search for "\nFrom " over the freshly mapped file: the limit.
//! - `yardstick mail-parser FILE`: split at the separators found so, decode every part with mail-parser.
//! - `yardstick mailparse FILE`: the same with mailparse.
//! - `yardstick agree PATH… [--show N]`: no measurement, but whether our reading of every message and mail-parser's
//!   agree; see [`agree`].
//!
//! Prints the messages and a checksum of what was decoded, so that no work can be optimised away.
#![allow(unsafe_code, reason = "maps the file, as the program that is measured does")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command")]

mod agree;

use std::hint::black_box;

use mail_parser::{MessageParser, PartType};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, agree, paths @ ..] = args.as_slice()
        && agree == "agree"
    {
        let (paths, shown) = match paths {
            [paths @ .., show, n] if show == "--show" => (paths, n.parse().unwrap_or(3)),
            paths => (paths, 3),
        };
        return agree::run(&paths.iter().map(Into::into).collect::<Vec<_>>(), shown);
    }
    let [_, mode, path] = args.as_slice() else {
        eprintln!(
            "usage: yardstick memmem|mail-parser|mailparse FILE.mbox, or yardstick agree PATH… [--show N]"
        );
        std::process::exit(2);
    };
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    // SAFETY: nobody changes the file during a measurement.
    let map = unsafe { memmap2::Mmap::map(&file) }.unwrap_or_else(|e| panic!("{path}: {e}"));
    let (mut messages, mut sum) = (0u64, 0u64);
    match mode.as_str() {
        "memmem" => {
            messages = 1 + memchr::memmem::find_iter(&map, b"\nFrom ").count() as u64;
        }
        "mail-parser" => {
            let parser = MessageParser::default();
            for raw in split(&map) {
                messages += 1;
                let Some(message) = parser.parse(raw) else { continue };
                sum += message.subject().map_or(0, |s| s.len() as u64);
                for part in &message.parts {
                    sum += match &part.body {
                        PartType::Text(t) | PartType::Html(t) => t.len() as u64,
                        PartType::Binary(b) | PartType::InlineBinary(b) => b.len() as u64,
                        PartType::Message(_) | PartType::Multipart(_) => 0,
                    };
                }
            }
        }
        "mailparse" => {
            fn add(part: &mailparse::ParsedMail<'_>, sum: &mut u64) {
                if part.subparts.is_empty() {
                    *sum += part.get_body_raw().map_or(0, |b| black_box(b).len() as u64);
                }
                part.subparts.iter().for_each(|p| add(p, sum));
            }
            for raw in split(&map) {
                messages += 1;
                if let Ok(mail) = mailparse::parse_mail(raw) {
                    add(&mail, &mut sum);
                }
            }
        }
        other => panic!("no mode {other:?}"),
    }
    println!("{messages} messages, checksum {sum}");
}

/// Messages between separators, without their separator line.
fn split(map: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts = std::iter::once(0).chain(memchr::memmem::find_iter(map, b"\nFrom ").map(|i| i + 1));
    let ends = memchr::memmem::find_iter(map, b"\nFrom ").map(|i| i + 1).chain(std::iter::once(map.len()));
    starts.zip(ends).map(|(s, e)| {
        let message = &map[s..e];
        let head = memchr::memchr(b'\n', message).map_or(message.len(), |i| i + 1);
        &message[head..]
    })
}
