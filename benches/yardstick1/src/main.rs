//! Whole processes to measure threadfold against, each doing one thing to one mbox file on one thread:
//!
//! - `threadfold-yardstick1 decode FILE`: split at `"\nFrom "`, parse with mail-parser 1 and decode every part
//!   (text parts to UTF-8), all buffers reused as its documentation advises for many messages.
//! - `threadfold-yardstick1 text FILE`: the same for text parts alone.
//! - `threadfold-yardstick1 parse FILE`: headers and structure, nothing decoded.
//!
//! Prints the messages and a checksum of what was decoded, so that no work can be optimised away.

use mail_parser::{MessageBuffers, MessageParser};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, mode, path] = args.as_slice() else {
        eprintln!("usage: threadfold-yardstick1 decode|text|parse FILE.mbox");
        std::process::exit(2);
    };
    let (texts, others) = match mode.as_str() {
        "decode" => (true, true),
        "text" => (true, false),
        "parse" => (false, false),
        other => panic!("no mode {other:?}"),
    };
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    // SAFETY: nobody changes the file during a measurement.
    let map = unsafe { memmap2::Mmap::map(&file) }.unwrap_or_else(|e| panic!("{path}: {e}"));
    let parser = MessageParser::new();
    let mut buffers = MessageBuffers::new();
    let (mut text, mut bytes) = (String::new(), Vec::new());
    let (mut messages, mut sum) = (0u64, 0u64);
    for raw in split(&map) {
        messages += 1;
        let Some(message) = parser.parse_with(raw, &mut buffers) else {
            // A message that is refused leaves the buffers taken.
            buffers = MessageBuffers::new();
            continue;
        };
        sum += message.subject().map_or(0, |s| s.len() as u64);
        for part in message.parts() {
            if part.is_text() {
                if texts {
                    text.clear();
                    part.text_into(&mut text);
                    sum += text.len() as u64;
                }
            } else if others && !part.is_multipart() {
                bytes.clear();
                part.decode_into(&mut bytes);
                sum += bytes.len() as u64;
            }
        }
        buffers = message.into_buffers();
    }
    println!("{messages} messages, checksum {sum}");
}

/// Messages between separators, without their separator line.
fn split(map: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut separators = memchr::memmem::find_iter(map, b"\nFrom ").map(|i| i + 1);
    let mut start = (!map.is_empty()).then_some(0);
    std::iter::from_fn(move || {
        let from = start?;
        start = separators.next();
        let message = &map[from..start.unwrap_or(map.len())];
        let head = memchr::memchr(b'\n', message).map_or(message.len(), |i| i + 1);
        Some(&message[head..])
    })
}
