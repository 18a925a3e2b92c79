//! How many replies that take up a new topic are cut off, and how many real ones: `new_topics FILE.mbox [COUNT]`.
//!
//! Grafts: messages that start a thread get the id of a random earlier message of another topic in their
//! References, as if somebody had used "reply" to save typing the address. A cut of such a one is right, a
//! cut among the archive's own links counts as wrong (although many of those are new topics too).

use std::io::Write;
use threadfold_core::{Envelopes, NewEnvelope, Symbol};
use threadfold_thread::{Evidence, Options, Policy, link, subject};

#[path = "shared/mbox.rs"]
mod mbox;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("no file given")?;
    let count: usize = std::env::args().nth(2).map_or(Ok(1_000), |c| c.parse())?;
    let mut mailbox = mbox::Mailbox::read(&std::fs::read(&file)?);
    let quotes = std::mem::take(&mut mailbox.quotes).finish();
    let content = |i: usize| mailbox.content[i];
    let evidence = Evidence { content: Some(&content), quotes: Some(&quotes), ..Default::default() };
    let mail = &mailbox.envelopes;
    let mut out = std::io::stdout().lock();

    let threads = link(mail, &evidence, &Options::default());
    let by_ids = link(mail, &evidence, &Options { cut_new_topics: false, ..Default::default() });
    let real = (0..mail.len())
        .filter(|&i| matches!(by_ids.link_of(i).as_str(), "references" | "in_reply_to"))
        .count();
    let cut = threads.notes().new_topics;
    writeln!(out, "real links {real}, cut {cut} ({:.2} %)", 100.0 * cut as f64 / real as f64)?;

    for same_author in [false, true] {
        let mut rng = Rng(7);
        let key = |i: usize| subject::key(mail.text(mail[i].subject), Policy::Support);
        let mut parent = vec![None; mail.len()];
        let mut grafts = 0;
        for _ in 0..count * 1_000 {
            let (a, b) = (rng.below(mail.len()), rng.below(mail.len()));
            let root = mail.references(a).is_empty() && by_ids.parent_of(a).is_none() && key(a) != 0;
            let other = mail.id(b) != 0 && key(b) != key(a) && mail[b].date < mail[a].date;
            if grafts < count
                && root
                && other
                && parent[a].is_none()
                && (!same_author || mail[a].from == mail[b].from)
                && by_ids.thread_of(a) != by_ids.thread_of(b)
            {
                parent[a] = Some(mail.id(b));
                grafts += 1;
            }
        }
        let mut grafted = Envelopes::default();
        for i in 0..mail.len() {
            let e = &mail[i];
            let people: Vec<&str> = mail.recipients(i).map(|s: Symbol| mail.text(s)).collect();
            let mut references = mail.references(i).to_vec();
            references.extend(parent[i]);
            let new = NewEnvelope {
                id: mail.id(i),
                date: e.date,
                from: mail.text(e.from),
                subject: mail.text(e.subject),
                references: &references,
                in_reply_to: mail.in_reply_to(i) as u8,
                recipients: &people,
                hints: e.hints,
                ..Default::default()
            };
            grafted.push(mail.locator(i), &new);
        }
        let threads = link(&grafted, &evidence, &Options::default());
        let caught = (0..mail.len())
            .filter(|&i| parent[i].is_some())
            .filter(|&i| threads.parent_of(i).is_none_or(|p| Some(mail.id(p)) != parent[i]))
            .count();
        let who = if same_author { "same author" } else { "any author" };
        writeln!(
            out,
            "{who}: grafts {grafts}, cut {caught} ({:.1} %)",
            100.0 * caught as f64 / grafts as f64
        )?;
    }
    Ok(())
}

/// A small generator of numbers that look random (splitmix64).
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}
