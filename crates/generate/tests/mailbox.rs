//! Properties of whole mailboxes.
#![expect(clippy::unwrap_used, reason = "a test's helpers may fail loudly")]

use std::collections::BTreeSet;

use serde_json::Value;
use threadfold_generate::{Options, Profile, Shares, generate};

fn written(options: &Options) -> (Vec<u8>, Vec<Value>) {
    let (mut mailbox, mut truth) = (Vec::new(), Vec::new());
    let summary = generate(options, &mut mailbox, &mut truth).unwrap();
    assert_eq!(summary.bytes, mailbox.len() as u64);
    let lines: Vec<Value> = truth
        .split(|&b| b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect();
    let count = |kind: &str| lines.iter().filter(|l| l["kind"] == kind).count() as u64;
    assert_eq!((summary.messages, summary.examples), (count("message"), count("example")));
    let threads: BTreeSet<&str> = lines.iter().filter_map(|l| l["thread"].as_str()).collect();
    assert_eq!(summary.threads, threads.len() as u64);
    (mailbox, lines)
}

/// Offsets of separator lines, found as a reader of mboxrd finds them.
fn separators(mailbox: &[u8]) -> Vec<u64> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut blank = true;
    for line in mailbox.split_inclusive(|&b| b == b'\n') {
        if blank && line.starts_with(b"From ") {
            found.push(at);
        }
        assert!(!line.starts_with(b"From ") || blank, "an unquoted From line at {at}");
        blank = line == b"\n";
        at += line.len() as u64;
    }
    found
}

#[test]
fn the_same_options_give_the_same_bytes() {
    for profile in [Profile::Text, Profile::Mixed] {
        let options = Options { messages: 300, seed: 5, ..Options::new(profile) };
        assert_eq!(written(&options), written(&options));
        let other = Options { seed: 6, ..options.clone() };
        assert_ne!(written(&options).0, written(&other).0);
    }
}

#[test]
fn every_message_has_one_line_with_its_offset() {
    for (profile, messages) in [(Profile::Text, 700), (Profile::Mixed, 700), (Profile::Attachments, 12)] {
        let (mailbox, lines) = written(&Options { messages, seed: 3, ..Options::new(profile) });
        let mut offsets: Vec<u64> =
            lines.iter().filter(|l| l["kind"] == "message").map(|l| l["offset"].as_u64().unwrap()).collect();
        assert_eq!(offsets.len() as u64, messages);
        assert!(offsets.is_sorted());
        offsets.dedup();
        assert_eq!(offsets, separators(&mailbox));
    }
}

#[test]
fn examples_hold_exactly_the_used_messages() {
    let (_, lines) = written(&Options { messages: 3_000, seed: 11, ..Options::default() });
    let mut used: Vec<&str> = lines
        .iter()
        .filter(|l| l["kind"] == "message" && l["fate"] == "used")
        .map(|l| l["message_id"].as_str().unwrap())
        .collect();
    let mut in_examples: Vec<&str> = Vec::new();
    for example in lines.iter().filter(|l| l["kind"] == "example") {
        let turns = example["turns"].as_array().unwrap();
        assert!(turns.len() >= 2);
        for (i, turn) in turns.iter().enumerate() {
            assert_eq!(turn["role"], ["customer", "agent"][i % 2], "{example}");
            in_examples.extend(turn["message_ids"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()));
        }
    }
    used.sort_unstable();
    in_examples.sort_unstable();
    assert_eq!(used, in_examples);
    let reasons: BTreeSet<&str> = lines.iter().filter_map(|l| l["reason"].as_str()).collect();
    for reason in "duplicate auto_reply bounce bulk spam trash draft calendar internal unanswered after_last_answer no_customer"
        .split_whitespace()
    {
        assert!(reasons.contains(reason), "nothing was dropped as {reason}");
    }
    let styles: BTreeSet<&str> = lines.iter().filter_map(|l| l["style"].as_str()).collect();
    assert!(styles.len() >= 16, "{styles:?}");
}

#[test]
fn a_size_can_be_asked_for() {
    let bytes = 3_000_000;
    let (mailbox, _) = written(&Options { min_bytes: Some(bytes), ..Options::new(Profile::Text) });
    assert!((bytes..bytes * 11 / 10).contains(&(mailbox.len() as u64)), "{}", mailbox.len());
}

#[test]
fn attachments_are_nearly_all_bytes() {
    let options = Options { messages: 60, ..Options::new(Profile::Attachments) };
    let summary = generate(&options, &mut std::io::sink(), &mut std::io::sink()).unwrap();
    assert!(summary.attachment_bytes * 100 > summary.bytes * 95, "{summary:?}");
}

#[test]
fn text_profile_has_the_header_weight_of_real_mail() {
    let (mailbox, lines) = written(&Options { messages: 400, ..Options::new(Profile::Text) });
    let mut header = 0;
    for l in lines.iter().filter(|l| l["kind"] == "message") {
        let at = l["offset"].as_u64().unwrap() as usize;
        header += mailbox[at..].windows(2).position(|w| w == b"\n\n").unwrap();
    }
    assert!((3_000..5_500).contains(&(header / 400)), "{} bytes of header a message", header / 400);
}

#[test]
fn without_noise_everything_is_used() {
    let options = Options { messages: 200, shares: Shares::none(), ..Options::default() };
    let (_, lines) = written(&options);
    // The last conversation may be cut short by the number of messages.
    let dropped = lines.iter().filter(|l| l["fate"] == "dropped").count();
    assert!(dropped <= 2, "{dropped}");
}

#[test]
fn a_new_topic_in_an_old_conversation_is_a_thread_of_its_own() {
    let shares = Shares { hijacks: 1.0, ..Shares::none() };
    let (mailbox, lines) = written(&Options { messages: 400, shares, ..Options::default() });
    let examples = lines.iter().filter(|l| l["kind"] == "example").count();
    // Each conversation is two threads, each with an example.
    let asked = lines.iter().filter(|l| l["link"].is_null() && l["kind"] == "message").count();
    assert!(examples > asked * 2 - 4 && examples <= asked * 2, "{examples} examples, {asked} conversations");
    assert!(memchr::memmem::find(&mailbox, b"\nReferences: ").is_some());
}
