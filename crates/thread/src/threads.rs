//! The result: a forest over message numbers.

use crate::order::NONE;
use crate::policy::Link;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::sync::OnceLock;
use threadfold_core::{Envelopes, Passing, hash_bytes};

/// A thread's number in a [`Threads`]. Threads are numbered by the time of their first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(pub u32);

/// What linking met on its way, for the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Messages that cite an old message but take up an unrelated topic, and so start a thread.
    pub new_topics: usize,
    /// Citations of ids that messages of too many topics cite.
    pub junk_links: usize,
    /// Links not made because both sides belong to different tickets or provider threads.
    pub conflicts: usize,
    /// Messages that carry the id of another message but are none of its copies.
    pub reused_ids: usize,
    /// Parents that would have closed a loop.
    pub loops: usize,
}

/// Messages in threads, with parents and the rule behind each link.
///
/// See the [crate's documentation](crate) for an example.
#[derive(Clone, Debug, Default)]
pub struct Threads {
    /// Made when it is first asked for: most runs go from threads to messages only.
    thread: OnceLock<Vec<u32>>,
    parent: Vec<u32>,
    link: Vec<Link>,
    /// (copy, original), sorted by copy: few in most archives.
    copies: Vec<(u32, u32)>,
    /// All messages, thread by thread, each thread in the order of time.
    members: Vec<u32>,
    starts: Vec<u32>,
    keys: Vec<u64>,
    notes: Notes,
}

/// What the policies hand over; indices are positions in `order`, except in `order` itself.
pub(crate) struct Draft<'a> {
    /// Message numbers in the order of time.
    pub(crate) order: Cow<'a, [u32]>,
    /// The set each position belongs to, as the smallest position in it.
    pub(crate) set: Passing<u32>,
    pub(crate) parent: Passing<u32>,
    pub(crate) link: Passing<Link>,
    /// (copy, original).
    pub(crate) copies: Vec<(u32, u32)>,
    pub(crate) notes: Notes,
}

impl Threads {
    pub(crate) fn build(draft: Draft<'_>, envelopes: &Envelopes) -> Threads {
        let Draft { order, mut set, parent: parent_at, link: link_at, copies, notes } = draft;
        let n = order.len();
        let mut keys = Vec::new();
        // Sizes first, then places: a counting sort keeps the order of time inside each thread.
        let mut starts: Vec<u32> = Vec::new();
        for r in 0..n {
            // From here on the thread's number: the smallest position of a set comes before the others.
            let root = set[r] as usize;
            if root == r {
                set[r] = keys.len() as u32;
                keys.push(key(envelopes, order[r] as usize));
                starts.push(0);
            } else {
                set[r] = set[root];
            }
            starts[set[r] as usize] += 1;
        }
        let keys = distinct(keys);
        let mut link = vec![Link::Root; n];
        order.iter().zip(link_at.iter()).for_each(|(&i, &how)| link[i as usize] = how);
        drop(link_at);
        let mut parent = vec![NONE; n];
        for (&i, &above) in order.iter().zip(parent_at.iter()).filter(|(_, above)| **above != NONE) {
            parent[i as usize] = order[above as usize];
        }
        drop(parent_at);
        let mut next = 0;
        for start in &mut starts {
            (*start, next) = (next, next + *start);
        }
        let mut members = vec![0u32; n];
        for (&i, &t) in order.iter().zip(set.iter()) {
            let at = &mut starts[t as usize];
            members[*at as usize] = i;
            *at += 1;
        }
        // Each has moved on to where the next one starts.
        starts.insert(0, 0);
        let mut copies: Vec<(u32, u32)> =
            copies.into_iter().map(|(c, o)| (order[c as usize], order[o as usize])).collect();
        copies.sort_unstable();
        Threads { thread: OnceLock::new(), parent, link, copies, members, starts, keys, notes }
    }

    /// How many threads.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// True if there are no messages at all.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The thread that message `i` belongs to.
    pub fn thread_of(&self, i: usize) -> ThreadId {
        let all = self.thread.get_or_init(|| {
            let mut thread = vec![0; self.members.len()];
            for (t, messages) in (0..).zip(self.threads()) {
                messages.iter().for_each(|&m| thread[m as usize] = t);
            }
            thread
        });
        ThreadId(all[i])
    }

    /// The message that message `i` answers, as far as is known. It is in the same thread. The parent of a
    /// copy is the parent of its original.
    pub fn parent_of(&self, i: usize) -> Option<usize> {
        let p = self.parent[i];
        (p != NONE).then_some(p as usize)
    }

    /// The rule that put message `i` into its thread and, if it has one, under its parent.
    pub fn link_of(&self, i: usize) -> Link {
        self.link[i]
    }

    /// The message that `i` is a copy of. An original is no copy itself.
    pub fn copy_of(&self, i: usize) -> Option<usize> {
        let at = self.copies.binary_search_by_key(&(i as u32), |c| c.0).ok()?;
        Some(self.copies[at].1 as usize)
    }

    /// How many messages are copies of others.
    pub fn copies(&self) -> usize {
        self.copies.len()
    }

    /// The messages of a thread in the order of time, copies included.
    pub fn messages(&self, thread: ThreadId) -> &[u32] {
        let t = thread.0 as usize;
        &self.members[self.starts[t] as usize..self.starts[t + 1] as usize]
    }

    /// All threads in the order of their numbers, each as its message numbers in the order of time.
    pub fn threads(&self) -> impl ExactSizeIterator<Item = &[u32]> + '_ {
        (0..self.len()).map(|t| self.messages(ThreadId(t as u32)))
    }

    /// A name for a thread that holds from run to run: made from its first message's id and date, or from its
    /// date, author and subject if it has no id.
    pub fn key(&self, thread: ThreadId) -> u64 {
        self.keys[thread.0 as usize]
    }

    /// What was met on the way.
    pub fn notes(&self) -> Notes {
        self.notes
    }
}

/// Threads whose first messages are alike in everything still need names of their own: the second one's is
/// made from the first one's, and so on.
fn distinct(mut keys: Vec<u64>) -> Vec<u64> {
    let mut sorted = Passing::from(keys.clone());
    sorted.sort_unstable();
    if sorted.windows(2).all(|w| w[0] != w[1]) {
        return keys;
    }
    let mut taken = FxHashSet::default();
    // Where each row of names has got to: a hundred thousand alike must not walk it from its start.
    let mut last: FxHashMap<u64, u64> = FxHashMap::default();
    for key in &mut keys {
        if taken.insert(*key) {
            continue;
        }
        let first = *key;
        *key = last.get(key).copied().unwrap_or(*key);
        while !taken.insert(*key) {
            *key = hash_bytes(&key.to_le_bytes());
        }
        last.insert(first, *key);
    }
    keys
}

/// See [`Threads::key`].
fn key(envelopes: &Envelopes, i: usize) -> u64 {
    let (e, id) = (&envelopes[i], envelopes.id(i));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&id.to_le_bytes());
    bytes[8..16].copy_from_slice(&e.date.to_le_bytes());
    if id == 0 {
        bytes[16..24].copy_from_slice(&hash_bytes(envelopes.text(e.from).as_bytes()).to_le_bytes());
        bytes[24..].copy_from_slice(&hash_bytes(envelopes.text(e.subject).as_bytes()).to_le_bytes());
    }
    hash_bytes(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_are_alike_have_names_of_their_own_and_always_the_same() {
        let next = |key: u64| hash_bytes(&key.to_le_bytes());
        assert_eq!(distinct(vec![1, 2, 1, 3]), [1, 2, next(1), 3]);
        assert_eq!(distinct(vec![7, 7, 7, 5]), [7, next(7), next(next(7)), 5]);
        let many = distinct(vec![9; 200_000]);
        assert_eq!(many.iter().collect::<FxHashSet<_>>().len(), many.len());
        assert_eq!(many[1], next(9));
    }
}
