//! A radix tree of phrases, which ignores the case of ASCII letters.
//!
//! Phrases begin where words do, so there is no need for an automaton that looks at every byte: a text is asked at
//! the places where a phrase may begin, and at most of them the first bytes say that none does.

use crate::phrases::{Hit, Phrase};
use crate::pool;
use threadfold_core::eight::{HIGH, SMALL, ascii_letters, before, eight, in_small};

/// A node: the bytes that lead to it, what ends there, and what goes on.
#[derive(Clone, Copy, Default)]
struct Node {
    label: u32,
    /// Nodes that go on from here stand side by side.
    first: u32,
    hits: u32,
    length: u16,
    branches: u16,
    ending: u16,
}

/// Where four bytes lead.
#[derive(Clone, Copy, Default)]
struct Jump {
    /// The bytes, the first of them lowest; 0 is no jump.
    four: u32,
    node: u32,
    /// The phrases that end before that node does.
    early: u32,
    count: u16,
    /// How many bytes of the node's label those four reach over.
    reach: u16,
}

/// Some phrases, and what each of them means.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// The first byte of each node's label.
    heads: Vec<u8>,
    labels: Vec<u8>,
    meanings: Vec<Phrase>,
    /// The node of phrases that begin with a byte, or 0.
    roots: [u32; 256],
    /// Where the first four bytes of phrases lead, each near the place that its hash gives it.
    jumps: Vec<Jump>,
    /// What ends within those four bytes, and where.
    early: Vec<(Phrase, u8)>,
    /// Marks of ASCII, or digits, that phrases begin with.
    odd: Vec<u8>,
    /// The first three bytes of phrases that have no more, for the start of a line.
    starts: Filter,
    /// The bytes that are phrases by themselves.
    singles: [bool; 256],
    /// The first two bytes of phrases, as bits.
    pairs: Box<[u64; 1024]>,
    /// The first four bytes of phrases, then the first eight of those that have so many, for the words of a text.
    fours: Filter,
    eights: Filter,
    /// The first four bytes of phrases that have no eight.
    shorts: Filter,
}

/// A set of numbers that never denies one it holds.
struct Filter(Box<[u64; 512]>);

impl Filter {
    fn empty() -> Self {
        Self(Box::new([0; 512]))
    }

    #[inline]
    fn slot(value: u64) -> (usize, u64) {
        let hash = value.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((hash >> 55) as usize, 1 << (hash >> 49 & 63))
    }

    fn insert(&mut self, value: u64) {
        let (word, bit) = Self::slot(value);
        self.0[word] |= bit;
    }

    #[inline]
    fn holds(&self, value: u64) -> bool {
        let (word, bit) = Self::slot(value);
        self.0[word] & bit != 0
    }
}

/// ASCII letters as small ones and digits as they are; all other bytes are alike.
const THIRDS: [u8; 256] = {
    let mut thirds = [b' '; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            thirds[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    thirds
};

/// The first three bytes of a text, in small letters; of the third it counts which letter or digit it is, if it is
/// one. What is not there counts as spaces.
#[inline]
fn three(bytes: &[u8]) -> u64 {
    let [first, second, third] = match bytes {
        [first, second, third, ..] => [*first, *second, *third],
        [first, second] => [*first, *second, b' '],
        [first] => [*first, b' ', b' '],
        [] => [b' '; 3],
    };
    u64::from(first | 0x20) | u64::from(second | 0x20) << 8 | u64::from(THIRDS[usize::from(third)]) << 16
}

/// The number of two bytes, in small letters.
#[inline]
fn pair(first: u8, second: u8) -> usize {
    usize::from(first | 0x20) << 8 | usize::from(second | 0x20)
}

/// What a byte is to the search for places where a phrase may begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// White space, and bytes within a character: no phrase begins here.
    Never,
    /// Letters and digits: where the byte before is none.
    Word,
    /// Marks, and letters that are not ASCII.
    Always,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Always; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        if b.is_ascii_alphanumeric() {
            classes[byte] = Class::Word;
        } else if b <= b' ' || b == 0x7F || b >= 0x80 && b < 0xC0 {
            classes[byte] = Class::Never;
        }
        byte += 1;
    }
    classes
};

/// Whether a letter of ASCII stands right behind a digit, so that no word begins there.
#[inline]
fn follows_digit(bytes: &[u8], place: usize) -> bool {
    bytes[place].is_ascii() && place > 0 && bytes[place - 1].is_ascii_digit()
}

/// Whether a text begins with the first `length` bytes of a label, whatever the case of its letters; it has as many
/// bytes, and the label eight more.
#[inline]
fn begins(text: &[u8], label: &[u8], length: usize) -> bool {
    let mut at = 0;
    while at + 8 <= length {
        if in_small(eight(&text[at..])) != eight(&label[at..]) {
            return false;
        }
        at += 8;
    }
    let rest = (length - at) * 8;
    (in_small(eight(&text[at..])) ^ eight(&label[at..])) & !(u64::MAX << rest) == 0
}

/// The first eight bytes of a phrase, most significant first: they spare most comparisons the others.
pub(crate) fn head(phrase: &str) -> u64 {
    eight(phrase.as_bytes()).swap_bytes()
}

impl Tree {
    /// Takes phrases whose ASCII letters are small, which are looked for `anywhere` in a text or at its start alone.
    pub(crate) fn of<'p>(phrases: impl Iterator<Item = (&'p str, Phrase)>, anywhere: bool) -> Self {
        let mut all: Vec<(u64, &[u8], Phrase)> =
            phrases.map(|(phrase, what)| (head(phrase), phrase.as_bytes(), what)).collect();
        all.retain(|(_, phrase, _)| !phrase.is_empty());
        // Stable: of equal phrases the one listed first comes first.
        all.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        let all: Vec<(&[u8], Phrase)> = all.into_iter().map(|(_, phrase, what)| (phrase, what)).collect();
        let mut tree = Self {
            nodes: vec![Node::default()],
            heads: vec![0],
            labels: Vec::new(),
            meanings: Vec::new(),
            roots: [0; 256],
            jumps: Vec::new(),
            early: Vec::new(),
            odd: Vec::new(),
            starts: Filter::empty(),
            singles: [false; 256],
            pairs: Box::new([0; 1024]),
            fours: Filter::empty(),
            eights: Filter::empty(),
            shorts: Filter::empty(),
        };
        for (phrase, _) in &all {
            tree.add_to_filters(phrase, anywhere);
        }
        // Phrases `from..to` share their first `depth` bytes, which lead to the parent of `node`.
        let mut open = vec![(0, all.len(), 0, 0)];
        while let Some((from, to, depth, node)) = open.pop() {
            let Some((head, tail)) = all[from..to].first().zip(all[from..to].last()) else { continue };
            let shared = head.0.iter().zip(tail.0).take_while(|(a, b)| a == b).count();
            let end = if node == 0 { 0 } else { shared };
            let mut at = from;
            let label = tree.labels.len() as u32;
            tree.labels.extend_from_slice(&head.0[depth..end]);
            let hits = tree.meanings.len() as u32;
            while at < to && all[at].0.len() == end {
                tree.meanings.push(all[at].1);
                at += 1;
            }
            let ending = (at - from) as u16;
            let first = tree.nodes.len() as u32;
            while at < to {
                let byte = all[at].0[end];
                let stop = at + all[at..to].partition_point(|(phrase, _)| phrase[end] == byte);
                open.push((at, stop, end, tree.nodes.len()));
                if node == 0 {
                    tree.roots[usize::from(byte)] = tree.nodes.len() as u32;
                }
                tree.nodes.push(Node::default());
                tree.heads.push(byte);
                at = stop;
            }
            let branches = (tree.nodes.len() as u32 - first) as u16;
            tree.nodes[node] = Node { label, length: (end - depth) as u16, branches, first, hits, ending };
        }
        // So that eight bytes of a label can be read at once, wherever it stands.
        tree.labels.extend([0; 8]);
        tree.find_jumps(all.iter().map(|(phrase, _)| *phrase));
        tree
    }

    fn find_jumps<'p>(&mut self, phrases: impl Iterator<Item = &'p [u8]>) {
        let mut found: Vec<Jump> = Vec::new();
        for phrase in phrases {
            let Some(bytes) = phrase.first_chunk::<4>() else { continue };
            let four = u32::from_le_bytes(*bytes);
            // Phrases are sorted: those that begin alike stand side by side.
            if found.last().is_some_and(|last| last.four == four) {
                continue;
            }
            let mut at = self.roots[usize::from(bytes[0])] as usize;
            let mut end = 0;
            let early = self.early.len();
            while end + usize::from(self.nodes[at].length) < 4 {
                let node = self.nodes[at];
                end += usize::from(node.length);
                let meanings = &self.meanings[node.hits as usize..][..usize::from(node.ending)];
                self.early.extend(meanings.iter().map(|phrase| (*phrase, end as u8)));
                let heads = &self.heads[node.first as usize..][..usize::from(node.branches)];
                let Some(branch) = heads.iter().position(|head| *head == bytes[end]) else { break };
                at = node.first as usize + branch;
            }
            let count = (self.early.len() - early) as u16;
            found.push(Jump { four, node: at as u32, early: early as u32, count, reach: (4 - end) as u16 });
        }
        self.jumps.resize((found.len() * 2 + 1).next_power_of_two(), Jump::default());
        for jump in found {
            let place = self.jump_place(jump.four);
            self.jumps[place] = jump;
        }
    }

    /// Where four bytes have their jump, or where they would have it.
    #[inline]
    fn jump_place(&self, four: u32) -> usize {
        let mask = self.jumps.len() - 1;
        let mut at = (four.wrapping_mul(0x9E37_79B9) >> 15) as usize & mask;
        while self.jumps[at].four != 0 && self.jumps[at].four != four {
            at = (at + 1) & mask;
        }
        at
    }

    fn add_to_filters(&mut self, phrase: &[u8], anywhere: bool) {
        match phrase {
            [only] => self.singles[usize::from(*only)] = true,
            // What ends in a letter ends a word here, or is none of the phrases that rules look for.
            [_, last] if last.is_ascii_alphanumeric() => self.starts.insert(three(phrase)),
            [first, second] => {
                for third in b' '..=b'z' {
                    self.starts.insert(three(&[*first, *second, third]));
                }
            }
            [_, _, _] => self.starts.insert(three(phrase)),
            _ => {}
        }
        if let [first, second, ..] = phrase {
            let pair = pair(*first, *second);
            self.pairs[pair / 64] |= 1 << (pair % 64);
        }
        if let Some(first) = phrase.first()
            && first.is_ascii()
            && !first.is_ascii_alphabetic()
            && !self.odd.contains(first)
        {
            self.odd.push(*first);
        }
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte));
        match (phrase.get(..8), phrase.get(..4)) {
            (Some(eight), Some(four)) => {
                self.fours.insert(number(four) | SMALL >> 32);
                self.eights.insert(number(eight) | SMALL);
            }
            (None, Some(four)) => {
                self.fours.insert(number(four) | SMALL >> 32);
                self.shorts.insert(number(four) | SMALL >> 32);
            }
            (_, None) if phrase.len() == 3 && anywhere => {
                for fourth in 0..=255 {
                    let four = number(&[phrase[0], phrase[1], phrase[2], fourth]) | SMALL >> 32;
                    self.fours.insert(four);
                    self.shorts.insert(four);
                }
            }
            // Of these there is no list that is searched for in texts.
            (_, None) => {}
        }
    }

    /// Calls `found` with every phrase at the start of `text` and where it ends, shortest first. A phrase of one or
    /// two letters may be left out where the word goes on.
    #[inline]
    pub(crate) fn at_start(&self, text: &[u8], found: impl FnMut(Phrase, usize)) {
        if self.may_start(text) {
            self.walk(text, found);
        }
    }

    /// Whether a phrase may begin as a text does.
    #[inline]
    pub(crate) fn may_start(&self, text: &[u8]) -> bool {
        let [first, second, ..] = *text else { return !text.is_empty() };
        let longer = || match text.first_chunk::<4>() {
            // Too short for any but these.
            Some(four) if text.len() < 8 => {
                self.shorts.holds(u64::from(u32::from_le_bytes(*four)) | SMALL >> 32)
            }
            Some(_) => self.may_open(text),
            None => false,
        };
        (self.has_pair(first, second) && (self.starts.holds(three(text)) || longer()))
            || self.singles[usize::from(first.to_ascii_lowercase())] && !second.is_ascii_alphanumeric()
    }

    /// Calls `found` with every phrase at the start of `text`. Whether the text ends where a space would lead on to a
    /// longer phrase.
    pub(crate) fn leads_on(&self, text: &[u8], mut found: impl FnMut(Phrase)) -> bool {
        self.walk(text, |phrase, _| found(phrase))
    }

    #[inline]
    fn has_pair(&self, first: u8, second: u8) -> bool {
        let pair = pair(first, second);
        self.pairs[pair / 64] >> (pair % 64) & 1 == 1
    }

    /// Calls `found` with every phrase at the start of `text` and where it ends, shortest first. Whether the text
    /// ended where a space would lead on to a longer phrase.
    fn walk(&self, text: &[u8], mut found: impl FnMut(Phrase, usize)) -> bool {
        let Some(first) = text.first() else { return false };
        let mut at = self.roots[usize::from(first.to_ascii_lowercase())] as usize;
        if at == 0 {
            return false;
        }
        let (mut end, mut reach) = (0, 0);
        if let Some(four) = text.first_chunk::<4>() {
            let four = in_small(u64::from(u32::from_le_bytes(*four))) as u32;
            let jump = self.jumps[self.jump_place(four)];
            if jump.four == four {
                for (phrase, end) in &self.early[jump.early as usize..][..usize::from(jump.count)] {
                    found(*phrase, usize::from(*end));
                }
                (at, end, reach) = (jump.node as usize, 4, usize::from(jump.reach));
            }
        }
        loop {
            let node = self.nodes[at];
            let length = usize::from(node.length) - reach;
            let label = &self.labels[node.label as usize + reach..];
            let rest = &text[end..];
            let next = if let (Some(eight), Some(label)) = (rest.first_chunk::<8>(), label.first_chunk::<8>())
                && length < 8
            {
                // The label and the byte behind it, in one look.
                let eight = in_small(u64::from_le_bytes(*eight));
                if (eight ^ u64::from_le_bytes(*label)) & !(u64::MAX << (length * 8)) != 0 {
                    return false;
                }
                Some((eight >> (length * 8)) as u8)
            } else if rest.len() < length {
                let label = &label[..length];
                return rest.iter().zip(label).all(|(byte, label)| byte.to_ascii_lowercase() == *label)
                    && label[rest.len()] == b' ';
            } else if !begins(rest, label, length) {
                return false;
            } else {
                rest.get(length).map(u8::to_ascii_lowercase)
            };
            end += length;
            reach = 0;
            if node.ending > 0 {
                for phrase in &self.meanings[node.hits as usize..][..usize::from(node.ending)] {
                    found(*phrase, end);
                }
            }
            if node.branches == 0 {
                return false;
            }
            let heads = &self.heads[node.first as usize..][..usize::from(node.branches)];
            let Some(next) = next else { return heads.contains(&b' ') };
            let Some(branch) = heads.iter().position(|head| *head == next) else { return false };
            at = node.first as usize + branch;
        }
    }

    /// Calls `look` with every place where a phrase of three bytes or more may begin, until it says that it is enough.
    #[inline]
    fn each_place(&self, bytes: &[u8], mut look: impl FnMut(usize) -> bool) {
        if self.holds_odd(bytes) {
            return self.each_odd_place(bytes, look);
        }
        let mut letter_before = 0;
        let (chunks, rest) = bytes.as_chunks::<8>();
        let all = chunks
            .iter()
            .map(|chunk| u64::from_le_bytes(*chunk))
            .chain((!rest.is_empty()).then(|| eight(rest)));
        for (index, eight) in all.enumerate() {
            let letters = ascii_letters(eight);
            // Bytes that are not ASCII and begin a character.
            let wide = eight & eight << 1 & HIGH;
            let mut places = letters & !(letters << 8 | letter_before) | wide;
            letter_before = letters >> 56;
            while places != 0 {
                let place = index * 8 + before(places);
                places &= places - 1;
                if self.may_open(&bytes[place..]) && !follows_digit(bytes, place) && look(place) {
                    return;
                }
            }
        }
    }

    /// Whether a text holds one of the few marks or digits that phrases begin with.
    #[inline]
    fn holds_odd(&self, bytes: &[u8]) -> bool {
        match self.odd[..] {
            [] => false,
            [one] => memchr::memchr(one, bytes).is_some(),
            [one, two] => memchr::memchr2(one, two, bytes).is_some(),
            _ => true,
        }
    }

    /// [`Tree::each_place`], byte by byte.
    fn each_odd_place(&self, bytes: &[u8], mut look: impl FnMut(usize) -> bool) {
        let is_word =
            |at: usize| bytes.get(at).is_some_and(|byte| CLASSES[usize::from(*byte)] == Class::Word);
        for at in 0..bytes.len() {
            let begins = match CLASSES[usize::from(bytes[at])] {
                Class::Word => at == 0 || !is_word(at - 1),
                Class::Always => true,
                Class::Never => false,
            };
            if begins && self.may_open(&bytes[at..]) && look(at) {
                return;
            }
        }
    }

    /// Whether a phrase of three bytes or more may begin as a text does, or the text be the start of one.
    #[inline]
    fn may_open(&self, bytes: &[u8]) -> bool {
        if let Some(eight) = bytes.first_chunk::<8>() {
            let eight = u64::from_le_bytes(*eight) | SMALL;
            let four = eight & 0xFFFF_FFFF;
            return self.fours.holds(four) && (self.shorts.holds(four) || self.eights.holds(eight));
        }
        match *bytes {
            [a, b, c, d, ..] => self.fours.holds(u64::from(u32::from_le_bytes([a, b, c, d])) | SMALL >> 32),
            [first, second, ..] => self.has_pair(first, second),
            _ => true,
        }
    }

    /// Calls `found` with every phrase of three bytes or more in `text`, in the order of their ends. A phrase begins
    /// where a word does: not between two ASCII letters or digits.
    pub(crate) fn search(&self, text: &str, mut found: impl FnMut(Hit)) {
        let mut hits: Vec<Hit> = pool::take();
        let bytes = text.as_bytes();
        self.each_place(bytes, |start| {
            self.walk(&bytes[start..], |phrase, end| {
                hits.push(Hit { phrase, start, end: start + end });
            });
            false
        });
        if hits.len() > 1 {
            hits.sort_by_key(|hit| hit.end);
        }
        hits.iter().for_each(|hit| found(*hit));
        pool::give(hits);
    }

    /// Whether a phrase stands in `text` or may begin there and go on in a next row: false for most rows.
    pub(crate) fn touches(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let mut touched = false;
        self.each_place(bytes, |start| {
            let mut found = false;
            let open = self.walk(&bytes[start..], |_, _| found = true);
            touched = found || open;
            touched
        });
        touched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(phrases: &[&str]) -> Tree {
        let small: Vec<String> = phrases.iter().map(|phrase| phrase.to_ascii_lowercase()).collect();
        Tree::of(small.iter().zip(1..).map(|(phrase, n)| (phrase.as_str(), Phrase::Month(n))), true)
    }

    fn at_start(tree: &Tree, text: &str) -> Vec<(u8, usize)> {
        let mut all = Vec::new();
        tree.at_start(text.as_bytes(), |phrase, end| {
            if let Phrase::Month(n) = phrase {
                all.push((n, end));
            }
        });
        all
    }

    fn search(tree: &Tree, text: &str) -> Vec<(u8, usize, usize)> {
        let mut all = Vec::new();
        tree.search(text, |hit| {
            if let Phrase::Month(n) = hit.phrase {
                all.push((n, hit.start, hit.end));
            }
        });
        all
    }

    #[test]
    fn phrases_at_the_start_come_shortest_first_and_equal_ones_as_listed() {
        let tree = tree(&["Sent from my", "sent", "sent from", "send", "SENT", "söndag"]);
        assert_eq!(at_start(&tree, "Sent From My phone"), [(2, 4), (5, 4), (3, 9), (1, 12)]);
        assert_eq!(at_start(&tree, "sEND"), [(4, 4)]);
        assert_eq!(at_start(&tree, "söndag"), [(6, 7)]);
        assert_eq!(at_start(&tree, "sen"), []);
        assert_eq!(at_start(&tree, ""), []);
    }

    #[test]
    fn short_phrases_start_a_text_where_they_end_a_word() {
        let tree = tree(&["A", "KR", "D.", "\u{c0}"]);
        for (text, found) in [
            ("A: Bo", &[(1, 1)][..]),
            ("a", &[(1, 1)]),
            ("A\u{a0}:", &[(1, 1)]),
            ("Any", &[]),
            ("KR, Ann", &[(2, 2)]),
            ("kr\u{2026}", &[(2, 2)]),
            ("Kraftwerk", &[]),
            ("d.5", &[(3, 2)]),
            ("D. 5", &[(3, 2)]),
            ("Da", &[]),
            ("\u{c0} : Bo", &[(4, 2)]),
        ] {
            assert_eq!(at_start(&tree, text), found, "{text}");
        }
    }

    #[test]
    fn phrases_are_found_where_words_begin_in_the_order_of_their_ends() {
        let tree = tree(&["wrote", "has written", "has", "написал", "[ext]", "http"]);
        assert_eq!(search(&tree, "She has written it; Ann wrote."), [(3, 4, 7), (2, 4, 15), (1, 24, 29)]);
        assert_eq!(search(&tree, "typewrote, re-wrote"), [(1, 14, 19)]);
        assert_eq!(search(&tree, "Аннанаписал"), [(4, 8, 22)]);
        assert_eq!(search(&tree, "so[EXT] http"), [(5, 2, 7), (6, 8, 12)]);
    }

    #[test]
    fn a_row_may_end_within_a_phrase() {
        let tree = tree(&["if you are not", "confidential"]);
        for (text, touched) in [
            ("the lid is blue", false),
            ("and if you", true),
            ("and if you a", false),
            ("a gift", false),
            ("if", true),
            ("It is Confidential.", true),
            ("confident", false),
        ] {
            assert_eq!(tree.touches(text), touched, "{text}");
        }
    }

    #[test]
    fn a_tree_finds_what_a_search_for_each_phrase_finds() {
        let phrases = ["aaa", "aaaa", "abca", "abcab", "bcaé", "ca c", "éab", "ééaaaaaa", "a aéaabb"];
        let tree = tree(&phrases);
        let letters = ["a", "b", "ca", "é", " a", "aaaa", "bcaé"];
        for code in 0..7_usize.pow(5) {
            let text: String = (0..5).map(|place| letters[code / 7_usize.pow(place) % 7]).collect();
            let word = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
            let mut plain: Vec<(u8, usize, usize)> = Vec::new();
            for (phrase, n) in phrases.iter().zip(1..) {
                let found =
                    (0..text.len()).filter(|at| text.as_bytes()[*at..].starts_with(phrase.as_bytes()));
                let free = found.filter(|at| *at == 0 || !(word(*at) && word(*at - 1)));
                plain.extend(free.map(|at| (n, at, at + phrase.len())));
            }
            plain.sort_by_key(|(_, start, end)| (*end, *start));
            assert_eq!(search(&tree, &text), plain, "{text:?}");
            assert!(tree.touches(&text) || plain.is_empty(), "{text:?}");
        }
    }
}
