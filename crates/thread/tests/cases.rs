//! The table of cases in `cases.txt`, each in several orders of arrival.

use std::collections::BTreeSet;
use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId, hash_bytes};
use threadfold_thread::{Agents, Evidence, Options, QuoteIndexBuilder, Threads, line_hash, link};

#[derive(Clone, Default)]
struct Message {
    key: String,
    id: u64,
    date: i64,
    from: String,
    to: Vec<String>,
    subject: String,
    references: Vec<u64>,
    in_reply_to: u8,
    provider: u64,
    thread_index: Vec<u8>,
    text: u64,
    own: Vec<String>,
    quoted: Vec<String>,
}

#[derive(Default)]
struct Case {
    name: String,
    options: Options,
    agents: Vec<String>,
    messages: Vec<Message>,
    threads: BTreeSet<BTreeSet<String>>,
    links: Vec<String>,
}

fn id(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

fn list(text: &str) -> Vec<String> {
    text.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

fn message(line: &str) -> Message {
    let (head, rest) = line.split_once('"').expect("a subject");
    let (subject, tail) = rest.split_once('"').expect("the subject's end");
    let head: Vec<&str> = head.split_whitespace().collect();
    let (from, to) = head[2].split_once('>').expect("a > between from and to");
    let mut m = Message {
        key: head[0].to_owned(),
        id: id(head[0]),
        date: 1_700_000_000 + (head[1].parse::<f64>().expect("a day") * 86_400.0) as i64,
        from: from.to_owned(),
        to: list(to),
        subject: subject.to_owned(),
        ..Default::default()
    };
    for option in tail.split_whitespace() {
        let (name, value) = option.split_once('=').expect("name=value");
        match name {
            "id" => m.id = if value == "none" { 0 } else { id(value) },
            "refs" => m.references.splice(0..0, list(value).iter().map(|r| id(r))).for_each(drop),
            "irt" => {
                m.references.extend(list(value).iter().map(|r| id(r)));
                m.in_reply_to = list(value).len() as u8;
            }
            "gm" => m.provider = value.parse().expect("a number"),
            "ti" => {
                m.thread_index = (0..value.len() / 2)
                    .map(|i| u8::from_str_radix(&value[2 * i..2 * i + 2], 16).expect("hex"))
                    .collect();
            }
            "text" => m.text = id(value),
            "own" => m.own = list(value),
            "quote" => m.quoted = list(value),
            other => panic!("unknown option {other}"),
        }
    }
    m
}

fn cases() -> Vec<Case> {
    let mut all: Vec<Case> = Vec::new();
    for line in include_str!("cases.txt").lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        if let Some(name) = line.strip_prefix("case ") {
            let mut case = Case::default();
            let mut words = Vec::new();
            for word in name.split_whitespace() {
                match word.split_once('=') {
                    Some(("policy", p)) => case.options.policy = p.parse().expect("a policy"),
                    Some(("agents", a)) => case.agents = list(a),
                    _ => words.push(word),
                }
            }
            case.name = words.join(" ");
            all.push(case);
            continue;
        }
        let case = all.last_mut().expect("a case first");
        if let Some(threads) = line.strip_prefix("=>") {
            case.threads =
                threads.split('/').map(|t| t.split_whitespace().map(str::to_owned).collect()).collect();
        } else if let Some(links) = line.strip_prefix('^') {
            case.links = links.split_whitespace().map(str::to_owned).collect();
        } else {
            case.messages.push(message(line));
        }
    }
    all
}

/// Links the messages in the given order of arrival; their places stay those of the table.
fn run(case: &Case, order: &[usize]) -> Threads {
    let mut mail = Envelopes::default();
    let mut quotes = QuoteIndexBuilder::default();
    let hash = |n: &String| line_hash(&format!("line {n} of what somebody wrote"));
    for (i, &at) in order.iter().enumerate() {
        let m = &case.messages[at];
        let to: Vec<&str> = m.to.iter().map(String::as_str).collect();
        mail.push(
            Locator { source: SourceId(0), offset: at as u64 * 100, len: 100 },
            &NewEnvelope {
                id: m.id,
                date: m.date,
                from: &m.from,
                recipients: &to,
                subject: &m.subject,
                references: &m.references,
                in_reply_to: m.in_reply_to,
                provider_thread: m.provider,
                thread_index: &m.thread_index,
                ..Default::default()
            },
        );
        m.own.iter().for_each(|l| quotes.push_own(i, hash(l)));
        m.quoted.iter().for_each(|l| quotes.push_quoted(i, hash(l)));
    }
    let quotes = quotes.finish();
    let content = |i: usize| case.messages[order[i]].text;
    let agents = Agents::given(&case.agents, &mail).expect("agents that occur");
    let agents = (!case.agents.is_empty()).then_some(&agents);
    let evidence = Evidence { content: Some(&content), quotes: Some(&quotes), agents, ..Default::default() };
    link(&mail, &evidence, &case.options)
}

#[test]
fn each_case_in_several_orders() {
    let mut failures = Vec::new();
    for case in cases() {
        let n = case.messages.len();
        let forward: Vec<usize> = (0..n).collect();
        let backward: Vec<usize> = (0..n).rev().collect();
        let mixed: Vec<usize> = (0..n).step_by(2).chain((1..n).step_by(2)).collect();
        for order in [forward, backward, mixed] {
            let threads = run(&case, &order);
            let key = |i: usize| case.messages[order[i]].key.clone();
            let got: BTreeSet<BTreeSet<String>> =
                threads.threads().map(|t| t.iter().map(|&i| key(i as usize)).collect()).collect();
            if got != case.threads {
                failures.push(format!("{}: threads {got:?}", case.name));
            }
            for want in &case.links {
                let name = want.split(':').next().expect("a key");
                let i = (0..n).find(|&i| key(i) == name).expect("a message");
                let parent = threads.parent_of(i).map_or("-".to_owned(), key);
                let got = format!("{name}:{parent}:{}", threads.link_of(i));
                if got != *want {
                    failures.push(format!("{}: {got}, not {want}", case.name));
                }
            }
        }
    }
    failures.dedup();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn copies_name_their_original() {
    for case in cases().iter().filter(|c| c.name.starts_with("copies under")) {
        let threads = run(case, &[1, 0, 2]);
        // "a" and "A" are alike or a second apart: whichever comes first is the original.
        assert_eq!(threads.copies(), 1, "{}", case.name);
        assert_eq!([threads.copy_of(0), threads.copy_of(1), threads.copy_of(2)].iter().flatten().count(), 1);
    }
}
