//! What must hold for any mailbox.

use proptest::prelude::*;
use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
use threadfold_thread::{Evidence, Options, Policy, QuoteIndexBuilder, ThreadId, Threads, line_hash, link};

#[derive(Clone, Debug)]
struct Message {
    id: u64,
    date: i64,
    from: usize,
    to: usize,
    subject: usize,
    references: Vec<u64>,
    in_reply_to: u8,
    provider: u64,
    text: u64,
    own: Vec<u8>,
    quoted: Vec<u8>,
}

const PEOPLE: [&str; 5] = [
    "ada@example.com",
    "bob@example.net",
    "eve@example.edu",
    "help@shop.example.org",
    "help+512@shop.example.org",
];
const SUBJECTS: [&str; 9] = [
    "Late parcel",
    "Re: Late parcel",
    "AW: [shop] late parcel",
    "Broken kettle",
    "Re: Broken kettle (was: Late parcel)",
    "[shop #481] Late parcel",
    "Re: [shop #482] Broken kettle",
    "",
    "Re:",
];

fn messages() -> impl Strategy<Value = Vec<Message>> {
    let message = (
        (0u64..12, 0i64..40, 0..PEOPLE.len(), 0..PEOPLE.len(), 0..SUBJECTS.len()),
        (prop::collection::vec(1u64..16, 0..5), 0u8..3, prop_oneof![5 => Just(0u64), 1 => 1u64..3]),
        (0u64..4, prop::collection::vec(0u8..20, 0..4), prop::collection::vec(0u8..20, 0..4)),
    )
        .prop_map(
            |((id, day, from, to, subject), (references, replied, provider), (text, own, quoted))| Message {
                id,
                date: 1_700_000_000 + day * 43_200,
                from,
                to,
                subject,
                in_reply_to: replied.min(references.len() as u8),
                references,
                provider,
                text,
                own,
                quoted,
            },
        );
    prop::collection::vec(message, 1..30)
}

fn run(messages: &[Message], order: &[usize], policy: Policy) -> Threads {
    let mut mail = Envelopes::default();
    let mut quotes = QuoteIndexBuilder::default();
    let hash = |n: &u8| line_hash(&format!("line {n} of what somebody wrote"));
    for (i, &at) in order.iter().enumerate() {
        let m = &messages[at];
        mail.push(
            Locator { source: SourceId(0), offset: at as u64 * 100, len: 100 },
            &NewEnvelope {
                id: m.id,
                date: m.date,
                from: PEOPLE[m.from],
                recipients: &[PEOPLE[m.to]],
                subject: SUBJECTS[m.subject],
                references: &m.references,
                in_reply_to: m.in_reply_to,
                provider_thread: m.provider,
                ..Default::default()
            },
        );
        m.own.iter().for_each(|l| quotes.push_own(i, hash(l)));
        m.quoted.iter().for_each(|l| quotes.push_quoted(i, hash(l)));
    }
    let quotes = quotes.finish();
    let content = |i: usize| messages[order[i]].text;
    let evidence = Evidence { content: Some(&content), quotes: Some(&quotes), ..Default::default() };
    link(&mail, &evidence, &Options { policy, ..Default::default() })
}

/// Everything that a result says, in terms of the messages' places.
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_of_arrival_does_not_matter(
        messages in messages(),
        seed in any::<u64>(),
        policy in prop_oneof![3 => Just(Policy::Support), 1 => Just(Policy::References), 1 => Just(Policy::Rfc5256)],
    ) {
        let straight: Vec<usize> = (0..messages.len()).collect();
        let mut shuffled = straight.clone();
        shuffled.sort_by_key(|&i| threadfold_core::hash_bytes(&(seed ^ i as u64).to_le_bytes()));
        let (a, b) = (run(&messages, &straight, policy), run(&messages, &shuffled, policy));
        prop_assert_eq!(told(&a, &straight), told(&b, &shuffled));
        prop_assert_eq!(a.notes(), b.notes());
    }

    #[test]
    fn a_result_is_a_forest_over_all_messages(
        messages in messages(),
        policy in prop_oneof![Just(Policy::Support), Just(Policy::References), Just(Policy::Rfc5256)],
    ) {
        let order: Vec<usize> = (0..messages.len()).collect();
        let threads = run(&messages, &order, policy);
        let n = messages.len();
        let mut seen = vec![0; n];
        for (t, members) in threads.threads().enumerate() {
            prop_assert!(members.windows(2).all(|w| messages[w[0] as usize].date <= messages[w[1] as usize].date));
            for &i in members {
                seen[i as usize] += 1;
                prop_assert_eq!(threads.thread_of(i as usize), ThreadId(t as u32));
            }
        }
        prop_assert!(seen.iter().all(|&s| s == 1));
        let keys: std::collections::HashSet<u64> = (0..threads.len()).map(|t| threads.key(ThreadId(t as u32))).collect();
        prop_assert_eq!(keys.len(), threads.len());
        for i in 0..n {
            let (mut x, mut steps) = (i, 0);
            while let Some(p) = threads.parent_of(x) {
                prop_assert_eq!(threads.thread_of(p), threads.thread_of(i));
                prop_assert!(threads.copy_of(p).is_none() || policy != Policy::Support, "a copy is nobody's parent");
                (x, steps) = (p, steps + 1);
                prop_assert!(steps <= n, "a loop");
            }
            if let Some(original) = threads.copy_of(i) {
                prop_assert!(threads.copy_of(original).is_none());
                if policy == Policy::Support {
                    prop_assert_eq!(threads.thread_of(original), threads.thread_of(i));
                }
            }
        }
    }
}

/// One thread of many direct replies, and one of as many generations: both policies in linear time.
#[test]
fn long_threads_take_linear_time() {
    let n = 100_000u64;
    let at = |i: u64| Locator { source: SourceId(0), offset: i, len: 1 };
    let started = std::time::Instant::now();
    for chain in [true, false] {
        let mut mail = Envelopes::default();
        for i in 0..n {
            let parent = [if chain { i } else { 1 }];
            mail.push(
                at(i),
                &NewEnvelope {
                    id: i + 1,
                    date: i as i64,
                    subject: "Re: Late parcel",
                    references: if i == 0 { &[] } else { &parent },
                    ..Default::default()
                },
            );
        }
        for policy in [Policy::Support, Policy::Rfc5256, Policy::References] {
            let threads = link(&mail, &Evidence::default(), &Options { policy, ..Default::default() });
            assert_eq!(threads.len(), 1);
            assert_eq!(threads.parent_of(n as usize - 1), Some(if chain { n as usize - 2 } else { 0 }));
        }
    }
    // A quadratic walk would take minutes.
    assert!(started.elapsed().as_secs() < 60);
}
