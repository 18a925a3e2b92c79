//! THREAD=REFERENCES of RFC 5256, section 3: Jamie Zawinski's algorithm, made normative.

use super::Evidence;
use crate::copies::identify;
use crate::ids::IdTable;
use crate::order::{NONE, Outline, by_place};
use crate::policy::{Link, Policy};
use crate::subject;
use crate::threads::{Draft, Notes};
use crate::union::Union;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use threadfold_core::Envelopes;

pub(super) fn link<'a>(envelopes: &Envelopes, outline: &'a Outline, evidence: &Evidence<'_>) -> Draft<'a> {
    let order = Cow::Borrowed(outline.order.as_slice());
    let n = order.len();
    let copies = identify(envelopes, &order, &outline.topics, evidence.content).copies();
    let place = by_place(envelopes);
    let mut rank = vec![0u32; n];
    for (r, &i) in order.iter().enumerate() {
        rank[i as usize] = r as u32;
    }

    // Steps 1 and 2: containers, linked by references. A container's number is its message's sequence
    // number; dummies come after all messages.
    let mut forest = Forest::new(n);
    let mut ids = IdTable::with_capacity(n);
    for (c, &i) in place.iter().enumerate() {
        let id = envelopes.id(i as usize);
        // Of messages with one id the first keeps it; the others get one that nobody cites.
        if id != 0 {
            ids.get_or_insert(id, c as u32);
        }
    }
    let mut how = vec![Link::Root; n];
    for (c, &i) in place.iter().enumerate() {
        let all = envelopes.references(i as usize);
        let replied = envelopes.in_reply_to(i as usize);
        // In-Reply-To only counts if there are no References, and of it the first id.
        let (chain, link) = match all.len() - replied {
            0 => (&all[..replied.min(1)], Link::InReplyTo),
            references => (&all[..references], Link::References),
        };
        let mut above = NONE;
        for &id in chain {
            let node = ids.get(id).unwrap_or_else(|| {
                let dummy = forest.push();
                ids.set(id, dummy);
                dummy
            });
            if above != NONE && forest.parent[node as usize] == NONE {
                forest.link(above, node);
            }
            above = node;
        }
        if above != NONE && forest.parent[c] != above {
            forest.unlink(c as u32);
            forest.link(above, c as u32);
            how[c] = link;
        } else if above != NONE {
            how[c] = link;
        }
    }

    // Step 3: without dummies, except those at the top with more than one child.
    let flat = forest.prune(n);

    // Steps 4 to 6: threads of one base subject become one.
    let mut merge = Merge::new(envelopes, &place, &flat);
    merge.run();

    let mut sets = Union::new(n);
    let (mut parent, mut link) = (vec![NONE; n], vec![Link::Root; n]);
    let at = |c: u32| rank[place[c as usize] as usize];
    for c in 0..n as u32 {
        let r = at(c) as usize;
        let p =
            if merge.parent[c as usize] != NONE { merge.parent[c as usize] } else { flat.parent[c as usize] };
        if p != NONE {
            parent[r] = at(p);
        }
        link[r] = match how[c as usize] {
            _ if merge.parent[c as usize] != NONE => Link::Subject,
            how => how,
        };
        let top = flat.trees[flat.tree[c as usize] as usize].first;
        sets.join(at(top), r as u32);
    }
    for &(a, b) in &merge.joined {
        sets.join(at(flat.trees[a as usize].first), at(flat.trees[b as usize].first));
    }
    let set = sets.into_representatives();
    for r in 0..n {
        if parent[r] == NONE {
            // Its parent is a dummy, or the thread starts here.
            link[r] = match link[r] {
                _ if set[r] == r as u32 => Link::Root,
                Link::Root => Link::Subject,
                other => other,
            };
        }
    }
    Draft {
        order,
        set,
        parent: parent.into(),
        link: link.into(),
        copies,
        notes: Notes { loops: forest.refused, ..Default::default() },
    }
}

/// Containers with parents. Links that would close a loop are refused.
struct Forest {
    parent: Vec<u32>,
    children: Vec<u32>,
    /// Containers that ever were in one tree.
    near: Union,
    refused: usize,
    /// Steps that walks to the root may still take. Real mail takes next to none; mail made to hurt gets the
    /// cautious answer once they are used up.
    steps: usize,
}

impl Forest {
    fn new(n: usize) -> Self {
        Forest {
            parent: vec![NONE; n],
            children: vec![0; n],
            near: Union::new(n),
            refused: 0,
            steps: 1_000_000 + 64 * n,
        }
    }

    fn push(&mut self) -> u32 {
        self.parent.push(NONE);
        self.children.push(0);
        self.near.push()
    }

    fn link(&mut self, above: u32, below: u32) {
        if self.is_ancestor(below, above) {
            self.refused += 1;
            return;
        }
        self.parent[below as usize] = above;
        self.children[above as usize] += 1;
        self.near.join(above, below);
    }

    fn unlink(&mut self, below: u32) {
        let above = std::mem::replace(&mut self.parent[below as usize], NONE);
        if above != NONE {
            self.children[above as usize] -= 1;
        }
    }

    /// Whether `a` is `b` or above it.
    fn is_ancestor(&mut self, a: u32, b: u32) -> bool {
        if a == b {
            return true;
        }
        // Nearly always one of these decides: a walk up a long thread for each of its messages would be
        // quadratic.
        if self.children[a as usize] == 0
            || self.parent[b as usize] == NONE
            || self.near.find(a) != self.near.find(b)
        {
            return false;
        }
        let mut x = b;
        while x != a {
            if self.steps == 0 {
                return true;
            }
            self.steps -= 1;
            match self.parent[x as usize] {
                NONE => return false,
                p => x = p,
            }
        }
        true
    }

    fn prune(&self, n: usize) -> Flat {
        // Children may come before their parents in number: settle each container after what is above it.
        let total = self.parent.len();
        let (mut above, mut root) = (vec![NONE; total], vec![NONE; total]);
        let mut path = Vec::new();
        for start in 0..total as u32 {
            let mut x = start;
            while root[x as usize] == NONE {
                path.push(x);
                match self.parent[x as usize] {
                    NONE => root[x as usize] = x,
                    p => x = p,
                }
            }
            while let Some(x) = path.pop() {
                let p = self.parent[x as usize];
                if p != NONE {
                    root[x as usize] = root[p as usize];
                    above[x as usize] = if (p as usize) < n { p } else { above[p as usize] };
                }
            }
        }
        let mut flat = Flat { parent: above[..n].to_vec(), tree: vec![0; n], trees: Vec::new() };
        let mut number = vec![NONE; total];
        for (c, &top) in root[..n].iter().enumerate() {
            let top = top as usize;
            if number[top] == NONE {
                number[top] = flat.trees.len() as u32;
                flat.trees.push(Tree { first: c as u32 });
            }
            flat.tree[c] = number[top];
        }
        flat
    }
}

struct Tree {
    /// Some message of the tree.
    first: u32,
}

struct Flat {
    /// Parent message of each message.
    parent: Vec<u32>,
    tree: Vec<u32>,
    trees: Vec<Tree>,
}

/// Gathering threads by base subject.
struct Merge<'a> {
    envelopes: &'a Envelopes,
    place: &'a [u32],
    flat: &'a Flat,
    /// Parents that merging gave.
    parent: Vec<u32>,
    /// Trees that became one.
    joined: Vec<(u32, u32)>,
}

#[derive(Clone, Copy)]
struct Entry {
    tree: u32,
    /// The root message, or the first child of a dummy.
    message: u32,
    dummy: bool,
    reply: bool,
}

impl<'a> Merge<'a> {
    fn new(envelopes: &'a Envelopes, place: &'a [u32], flat: &'a Flat) -> Self {
        Merge { envelopes, place, flat, parent: vec![NONE; place.len()], joined: Vec::new() }
    }

    fn run(&mut self) {
        let message = |c: u32| &self.envelopes[self.place[c as usize] as usize];
        let date = |c: u32| (message(c).date, c);
        let mut tops = vec![(0u32, NONE); self.flat.trees.len()];
        for c in (0..self.place.len() as u32).filter(|&c| self.flat.parent[c as usize] == NONE) {
            let (count, first) = &mut tops[self.flat.tree[c as usize] as usize];
            *count += 1;
            if *first == NONE || date(c) < date(*first) {
                *first = c;
            }
        }
        let mut entries: Vec<(u64, Entry)> = tops
            .iter()
            .zip(0u32..)
            .map(|(&(count, first), tree)| {
                let text = self.envelopes.text(message(first).subject);
                let key = subject::key(text, Policy::Rfc5256);
                let reply = key != 0 && subject::is_reply_or_forward(text, Policy::Rfc5256);
                (key, Entry { tree, message: first, dummy: count > 1, reply })
            })
            .filter(|(key, _)| *key != 0)
            .collect();
        entries.sort_unstable_by_key(|(_, e)| date(e.message));
        let mut table: FxHashMap<u64, Entry> = FxHashMap::default();
        for &(key, e) in &entries {
            let known = table.entry(key).or_insert(e);
            if !known.dummy && (e.dummy || (known.reply && !e.reply)) {
                *known = e;
            }
        }
        for (key, e) in entries {
            let Some(known) = table.get_mut(&key) else { continue };
            if known.tree == e.tree {
                continue;
            }
            self.joined.push((known.tree, e.tree));
            if known.dummy {
                // Siblings under the dummy.
            } else if e.reply && !known.reply {
                self.parent[e.message as usize] = known.message;
            } else {
                known.dummy = true;
            }
        }
    }
}
