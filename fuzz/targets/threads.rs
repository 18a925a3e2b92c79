//! Threads: any envelopes, with all evidence there is.
//!
//! Every message is in one thread, once, in the order of time; parents make a forest; threads have names of
//! their own; and the order in which messages arrive decides nothing.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use threadfold_core::{Envelopes, Hints, Locator, NewEnvelope, SourceId, hash_bytes};
use threadfold_thread::{
    Agents, Evidence, Options, Outline, Policy, QuoteIndexBuilder, ThreadId, Threads, copies_wanting_content,
    line_hash, link, quotes_wanted, subject,
};

#[derive(Arbitrary, Debug)]
struct Message {
    id: u8,
    day: u16,
    from: u8,
    to: Vec<u8>,
    subject: u8,
    marks: u8,
    references: Vec<u8>,
    in_reply_to: u8,
    provider: u8,
    index: Vec<u8>,
    hints: u32,
    text: u8,
    own: Vec<u8>,
    quoted: Vec<u8>,
    ticket: Option<u8>,
}

#[derive(Arbitrary, Debug)]
struct Mail {
    messages: Vec<Message>,
    policy: u8,
    agents: bool,
    window: u8,
    junk: u8,
    shuffle: u64,
}

const PEOPLE: [&str; 8] = [
    "ada@example.com",
    "bob@example.net",
    "eve@example.edu",
    "help@shop.example.org",
    "help+512@shop.example.org",
    "no-reply@shop.example.org",
    "list@lists.example.net",
    "",
];
const SUBJECTS: [&str; 8] = [
    "Late parcel",
    "late  PARCEL",
    "Broken kettle",
    "[shop #481] Late parcel",
    "Case 482: kettle",
    "",
    "Your order",
    "(no subject)",
];
const MARKS: [&str; 8] =
    ["", "Re: ", "AW: ", "Fwd: ", "Re[2]: ", "[shop] ", "Re: [shop #483] ", "Automatic reply: "];

fn subject_of(m: &Message) -> String {
    let was = if m.marks >= 250 { " (was: Late parcel)" } else { "" };
    format!("{}{}{was}", MARKS[usize::from(m.marks % 8)], SUBJECTS[usize::from(m.subject % 8)])
}

fn run(mail: &Mail, order: &[usize]) -> (Threads, Vec<i64>) {
    let mut all = Envelopes::default();
    let mut quotes = QuoteIndexBuilder::default();
    let mut tickets = Vec::new();
    let mut dates = Vec::new();
    let hash = |n: &u8| line_hash(&format!("line {n} of what somebody wrote"));
    let id = |n: u8| u64::from(n % 40);
    for (i, &at) in order.iter().enumerate() {
        let m = &mail.messages[at];
        let recipients: Vec<&str> = m.to.iter().take(5).map(|t| PEOPLE[usize::from(t % 7)]).collect();
        let references: Vec<u64> = m.references.iter().take(20).map(|r| id(*r).max(1)).collect();
        let subject = subject_of(m);
        let date = 1_700_000_000 + i64::from(m.day % 500) * 43_200;
        dates.push(date);
        all.push(
            Locator { source: SourceId(0), offset: at as u64 * 100, len: 100 },
            &NewEnvelope {
                id: id(m.id),
                date,
                from: PEOPLE[usize::from(m.from % 8)],
                recipients: &recipients,
                subject: &subject,
                in_reply_to: m.in_reply_to.min(references.len() as u8),
                references: &references,
                provider_thread: u64::from(m.provider.saturating_sub(250)),
                thread_index: &m.index[..m.index.len().min(40)],
                hints: Hints::from_bits_truncate(m.hints),
                ..Default::default()
            },
        );
        m.own.iter().take(8).for_each(|l| quotes.push_own(i, hash(l)));
        m.quoted.iter().take(8).for_each(|l| quotes.push_quoted(i, hash(l)));
        if let Some(ticket) = m.ticket {
            tickets.push((i as u32, u64::from(ticket % 4) + 1));
        }
    }
    let outline = Outline::of(&all);
    quotes_wanted(&all, &outline);
    copies_wanting_content(&all, &outline);
    let agents = if mail.agents {
        Agents::given(&["shop.example.org".to_owned()], &all).ok()
    } else {
        Some(Agents::find(&all, &outline).0)
    };
    let policy =
        [Policy::Support, Policy::Support, Policy::References, Policy::Rfc5256][usize::from(mail.policy % 4)];
    let quotes = quotes.finish();
    let content = |i: usize| u64::from(mail.messages[order[i]].text % 8);
    let evidence = Evidence {
        content: Some(&content),
        quotes: Some(&quotes),
        tickets: &tickets,
        agents: agents.as_ref(),
        // Given or made anew: it decides nothing.
        outline: (order.first() == Some(&0)).then_some(&outline),
    };
    let options = Options {
        policy,
        window_days: u32::from(mail.window),
        junk_topics: u32::from(mail.junk),
        cut_new_topics: mail.window % 2 == 0,
        ..Options::default()
    };
    (link(&all, &evidence, &options), dates)
}

/// All that a result says, in terms of the messages' places.
fn told(threads: &Threads, order: &[usize]) -> Vec<(u64, Option<usize>, Option<usize>, &'static str)> {
    let mut all = vec![(0, None, None, ""); order.len()];
    for (i, &at) in order.iter().enumerate() {
        let there = |p: Option<usize>| p.map(|p| order[p]);
        all[at] = (
            threads.key(threads.thread_of(i)),
            there(threads.parent_of(i)),
            there(threads.copy_of(i)),
            threads.link_of(i).as_str(),
        );
    }
    all
}

fuzz_target!(|mail: Mail| {
    let n = mail.messages.len();
    if n > 60 {
        return;
    }
    for m in &mail.messages {
        let text = subject_of(m);
        let base = subject::base(&text, Policy::Rfc5256);
        assert_eq!(subject::base(&base, Policy::Rfc5256), base, "the base of a base");
        for policy in [Policy::Support, Policy::Rfc5256] {
            let base = subject::base(&text, policy);
            assert_eq!(subject::key(&base, policy), subject::key(&text, policy), "the key of {base:?}");
        }
    }
    let straight: Vec<usize> = (0..n).collect();
    let (threads, dates) = run(&mail, &straight);
    let mut seen = vec![0; n];
    for (t, members) in threads.threads().enumerate() {
        assert!(members.windows(2).all(|w| dates[w[0] as usize] <= dates[w[1] as usize]));
        for &i in members {
            seen[i as usize] += 1;
            assert_eq!(threads.thread_of(i as usize), ThreadId(t as u32));
        }
    }
    assert!(seen.iter().all(|s| *s == 1));
    let keys: std::collections::HashSet<u64> =
        (0..threads.len()).map(|t| threads.key(ThreadId(t as u32))).collect();
    assert_eq!(keys.len(), threads.len());
    for i in 0..n {
        let (mut x, mut steps) = (i, 0);
        while let Some(p) = threads.parent_of(x) {
            assert_eq!(threads.thread_of(p), threads.thread_of(i));
            (x, steps) = (p, steps + 1);
            assert!(steps <= n, "a loop");
        }
        if let Some(original) = threads.copy_of(i) {
            assert!(threads.copy_of(original).is_none());
        }
    }
    let mut shuffled = straight.clone();
    shuffled.sort_by_key(|&i| hash_bytes(&(mail.shuffle ^ i as u64).to_le_bytes()));
    let (other, _) = run(&mail, &shuffled);
    assert_eq!(told(&threads, &straight), told(&other, &shuffled));
    assert_eq!(threads.notes(), other.notes());
});
