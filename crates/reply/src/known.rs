//! What the archive knows besides the body itself: the messages it may quote, and how its author ends a mail.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::fates::{Fates, Kind};
use crate::lines::{Rows, State};
use crate::looks::{is_listing, is_prose};
use crate::phrases::Kinds;
use crate::pool;
use crate::shingles::{Cover, Shingles, Vocabulary, each_word, word_count};
use crate::signature;
use threadfold_core::eight::{eight, equal, spaces};

/// What is known about a body from elsewhere.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, extract};
/// let parent = "My kettle came without its lid, could you please send me one?";
/// let body = "My kettle came without its lid, could you\nplease send me one?\n\nIt is on its way.";
/// let known = Known { parents: &[parent], ..Known::default() };
/// assert_eq!(extract(Body::Text(body), &known, &Options::default()).text, "It is on its way.");
/// ```
#[derive(Clone, Copy, Default)]
pub struct Known<'a> {
    /// The texts of messages that this one may quote.
    pub parents: &'a [&'a str],
    /// Whether the author wrote those messages himself. Then a sentence of theirs that nothing marks as quoted is one
    /// that he says again.
    pub own_parents: bool,
    /// Blocks that recur at the end of authors' mails.
    pub tails: Option<&'a Tails>,
    /// The author's display name; a last line that is this name is a signature.
    pub author: Option<&'a str>,
}

/// Words of one run that two texts must share.
const RUN: usize = 4;
/// Words a block must have before it is taken for the parent's: people do repeat half a sentence.
const BLOCK: usize = 10;

/// Words it must have below words of the author's, who may also say the same once more.
const BLOCK_BELOW: usize = 40;
/// Words it must have there if it is whole sentences: who cites what was asked before he answers it cites those, and
/// nobody writes a dozen of another's words in their order by chance. Commands and output are another matter.
const SENTENCES: usize = 12;
/// Words of the author's that are no more than a greeting.
const GREETING: usize = 6;

/// What the parents said: their words, and the runs of those once somebody asks for them.
pub(crate) struct Parents {
    words: Vec<u64>,
    /// Where each parent's words end.
    ends: Vec<usize>,
    vocabulary: Vocabulary,
    runs: OnceCell<Shingles<RUN>>,
}

impl Parents {
    pub(crate) fn of(known: &Known<'_>) -> Option<Self> {
        if known.parents.is_empty() {
            return None;
        }
        let mut words = pool::take();
        let mut ends = Vec::with_capacity(known.parents.len());
        for parent in known.parents {
            each_word(parent, |word| words.push(word));
            ends.push(words.len());
        }
        let vocabulary = Vocabulary::of(&words);
        Some(Self { words, ends, vocabulary, runs: OnceCell::new() })
    }

    /// Whether each word of a row may stand in a run of theirs: most rows have one that no parent used at all, and of
    /// short ones their neighbours have.
    fn may_hold(&self, rows: &Rows<'_>, fates: &Fates, at: usize) -> bool {
        if !self.vocabulary.may_hold(rows.text(at)) {
            return false;
        }
        let mut words = word_count(rows.text(at));
        let near = |at: &usize| !fates.is_gone(*at) || rows.state(*at) == State::Blank;
        let mut add = |(held, all): (usize, bool)| {
            words += held;
            words >= RUN || !all
        };
        let _ = add((0, true))
            || (0..at).rev().take_while(near).any(|at| add(self.vocabulary.last_held(rows.text(at))));
        let _ = add((0, true))
            || (at + 1..rows.len()).take_while(near).any(|at| add(self.vocabulary.first_held(rows.text(at))));
        words >= RUN
    }

    /// The runs of their words.
    pub(crate) fn runs(&self) -> &Shingles<RUN> {
        self.runs.get_or_init(|| {
            let mut runs = Shingles::new();
            let mut start = 0;
            for end in &self.ends {
                runs.add_words(&self.words[std::mem::replace(&mut start, *end)..*end]);
            }
            runs
        })
    }
}

impl Drop for Parents {
    fn drop(&mut self) {
        pool::give(std::mem::take(&mut self.words));
    }
}

/// Whether a row is one that the author is taken to have written.
fn is_kept(rows: &Rows<'_>, fates: &Fates, at: usize) -> bool {
    rows.state(at) == State::Text && !fates.is_gone(at) && !rows.rows[at].fenced
}

/// Takes away what the parents said although nothing marks it, and gives back what stands below unmarked
/// history and is no parent's.
pub(crate) fn apply(rows: &Rows<'_>, fates: &mut Fates, parents: &Parents, own_parents: bool) {
    if may_repeat(rows, fates, parents) {
        let covers = parents.runs().coverage(rows, 0..rows.len(), |at| !fates.is_gone(at));
        if covers.iter().any(|cover| !cover.none()) {
            repeated(rows, fates, &covers, own_parents);
        }
    }
    below_history(rows, fates, parents);
}

/// Whether a row that is kept may hold nothing but what the parents said.
fn may_repeat(rows: &Rows<'_>, fates: &Fates, parents: &Parents) -> bool {
    let mut at = 0;
    while at < rows.len() {
        let from = at;
        at = fates.end_of_run(at);
        if !fates.is_gone(from)
            && (from..at).any(|at| is_kept(rows, fates, at) && parents.may_hold(rows, fates, at))
        {
            return true;
        }
    }
    false
}

/// Takes away what the parents said although nothing marks it.
fn repeated(rows: &Rows<'_>, fates: &mut Fates, covers: &[Cover], own_parents: bool) {
    let kept = |fates: &Fates, at: usize| is_kept(rows, fates, at);
    // "Hello," above its parent's words is a mail sent once more.
    let greets = |text: &str| text.ends_with(',') && text.split_whitespace().count() <= 3;
    let own = (0..rows.len())
        .filter(|at| kept(fates, *at) && !covers[*at].full() && !greets(rows.text(*at)))
        .count();
    let mut said = 0;
    let mut at = 0;
    while at < rows.len() {
        if !(kept(fates, at) && covers[at].full()) {
            said += if kept(fates, at) { covers[at].words } else { 0 };
            at += 1;
            continue;
        }
        let mut end = at;
        let mut words = 0;
        let mut stop = at;
        while end < rows.len() && (rows.state(end) == State::Blank || kept(fates, end) && covers[end].full())
        {
            words += covers[end].words;
            end += 1;
            if rows.state(end - 1) != State::Blank {
                stop = end;
            }
        }
        // A loose end of the quotation above it.
        let loose = at > 0 && rows.state(at - 1) == State::Quoted && fates.is_gone(at - 1);
        let below = said > GREETING;
        let enough = match below {
            false => words >= BLOCK,
            true => {
                words >= BLOCK_BELOW || !own_parents && words >= SENTENCES && are_sentences(rows, at..stop)
            }
        };
        // The first line of the quotation below it, of which Gmail leaves out the mark.
        let first = rows.state(stop) == State::Quoted && fates.is_gone(stop);
        if own > 0 && enough {
            fates.remove(at..stop, Kind::Quote, "parent.text");
        } else if first && own > 0 && words >= RUN {
            let from =
                (at..stop).rev().find(|at| rows.state(*at) == State::Blank).map_or(at, |blank| blank + 1);
            fates.remove(from..stop, Kind::Quote, "parent.first-line");
        } else if loose && own > 0 && words >= 2 {
            let stop = (at..stop).find(|at| rows.state(*at) == State::Blank).unwrap_or(stop);
            fates.remove(at..stop, Kind::Quote, "parent.loose-end");
        } else if words >= BLOCK {
            // The whole mail repeats its parent.
            fates.uncertain = true;
        }
        at = end.max(at + 1);
    }
}

/// Rows at the end in which the parent's last words are looked for.
const LAST: usize = 8;

/// Whether rows begin as a sentence does, end as one, and read like one in between.
fn are_sentences(rows: &Rows<'_>, run: Range<usize>) -> bool {
    let text = rows.joined(run.start, run.end);
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '*' | '_'));
    let begins = text.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with(char::is_uppercase);
    begins && text.ends_with(['.', '?', '!', ':']) && is_prose(text) && !is_listing(rows, run)
}

/// An answer below an unmarked quotation: where the rows taken away for standing below it begin as a parent
/// does and end in words no parent said.
fn below_history(rows: &Rows<'_>, fates: &mut Fates, parents: &Parents) {
    let below =
        |fates: &Fates, at: usize| fates.get(at).is_some_and(|(_, rule)| rule == crate::history::BELOW);
    let Some(end) = (0..rows.len()).rev().find(|at| rows.state(*at) != State::Blank) else { return };
    if !below(fates, end) {
        return;
    }
    // Where the parent's words end the mail, as they mostly do, there is nothing below them. A run that ends in the
    // last row begins no further up than its first words.
    let mut first = end;
    let mut words = 0;
    for _ in 0..LAST {
        if words + 1 >= RUN {
            break;
        }
        let above = (0..first).rev().find(|at| rows.state(*at) != State::Blank);
        let Some(above) = above.filter(|above| below(fates, *above)) else { break };
        first = above;
        words += word_count(rows.text(above));
    }
    let parents = parents.runs();
    let covers = parents.coverage(rows, first..end + 1, |_| true);
    if covers.last().is_some_and(|last| !last.none()) {
        return;
    }
    // Older history, whose author may be unknown here, begins with headers or an attribution.
    let older = |at: usize, floor: usize| {
        rows.state(at) == State::Quoted
            || crate::headers::block_at(rows, at).is_some()
            || rows.begins(at).has(Kinds::MARKER) && crate::headers::marker(rows.text(at)).is_some()
            || crate::attribution::ending_at(rows, at, floor).is_some()
    };
    let Some(from) = (0..rows.len()).find(|at| below(fates, *at)) else { return };
    let head = (from..=end).rev().find(|at| rows.state(*at) != State::Blank && older(*at, from));
    if let Some(head) = head {
        // A run may begin in the rows above.
        let above = (from..head).rev().filter(|at| rows.state(*at) != State::Blank).take(RUN).last();
        let first = above.unwrap_or(head);
        let covers = parents.coverage(rows, first..end + 1, |_| true);
        if covers[head - first..].iter().all(|cover| cover.none()) {
            return;
        }
    }
    let covers = parents.coverage(rows, from..rows.len(), |_| true);
    let Some(last) = covers.iter().rposition(|cover| !cover.none()) else { return };
    let history: usize = covers[..=last].iter().map(|cover| cover.words).sum();
    let said: usize = covers[..=last].iter().map(|cover| cover.covered).sum();
    let own: usize = covers[last + 1..].iter().map(|cover| cover.words).sum();
    if said < BLOCK || said * 5 < history * 4 || own == 0 {
        return;
    }
    let rest = from + last + 1..rows.len();
    if !rest.clone().any(|at| older(at, rest.start)) {
        for at in rest {
            fates.restore(at);
        }
        fates.uncertain = true;
    }
}

/// Rows at a mail's end that a learned block may have.
const ROWS: usize = 16;
/// Mails of one author that are remembered: those with the smallest hashes, whatever their order.
const SAMPLE: usize = 64;
/// Mails that must end alike.
const ALIKE: usize = 3;

/// Blocks that recur at the end of authors' mails: their signatures and legal texts.
///
/// Learned by [`TailLearner`]; holds hashes, not words.
///
/// ```
/// assert!(threadfold_reply::Tails::default().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tails {
    blocks: FxHashSet<u64>,
    /// The last rows of those blocks: most mails end in none of them.
    ends: FxHashSet<u64>,
    /// The bytes that those rows begin and end with, as bits by [`edges`].
    edges: Vec<u64>,
}

impl Tails {
    /// How many blocks were learned.
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}

/// Learns [`Tails`] from mails, in any order, on any number of machines.
///
/// Give it replies as read with `keep_signature`. Per author at most 64 mails are kept, as hashes of the
/// blocks they end with. A block is learned if at least three different mails of one author, and a fifth of
/// those remembered, end with it, and if it looks like a signature: a sentence that somebody likes to close
/// with is not one.
///
/// ```
/// use threadfold_reply::{Body, Known, Options, TailLearner, extract};
/// let mut learner = TailLearner::default();
/// for answer in ["It is on its way.", "We have sent a new one.", "Yes, on Monday."] {
///     learner.learn("ann@example.com", &format!("{answer}\n\nAnn Lee\nExample Kettles, Dept. 7"));
/// }
/// let tails = learner.finish();
/// let known = Known { tails: Some(&tails), ..Known::default() };
/// let body = "No, sorry.\n\nAnn Lee\nExample Kettles, Dept. 7";
/// assert_eq!(extract(Body::Text(body), &known, &Options::default()).text, "No, sorry.");
/// ```
#[derive(Clone, Debug, Default)]
pub struct TailLearner {
    authors: FxHashMap<u64, BTreeMap<u64, Ending>>,
}

/// How one mail ends.
#[derive(Clone, Debug)]
struct Ending {
    /// Its last row, and the bytes at that row's edges.
    row: (u64, u16),
    /// The blocks it ends with that may be a signature.
    blocks: Vec<u64>,
}

fn hash_text(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    // ASCII white space parts words here; what others there are is part of a word, and alike in every mail.
    for word in text.as_bytes().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
        hasher.write(word);
        hasher.write_u8(b' ');
    }
    hasher.finish()
}

/// The first and the last byte of a row that are no white space: rows of one hash have the same.
fn edges(text: &str) -> u16 {
    let bytes = text.trim_ascii().as_bytes();
    bytes.first().zip(bytes.last()).map_or(0, |(first, last)| u16::from(*first) << 8 | u16::from(*last))
}

/// The hash of a row, whatever the white space between its words. As with [`hash_text`], that of ASCII alone.
fn hash_row(text: &str) -> u64 {
    let bytes = text.trim_ascii().as_bytes();
    // Most rows have one space between each two words.
    let odd =
        |pair: &[u8]| pair[0].is_ascii_whitespace() && (pair[0] != b' ' || pair[1].is_ascii_whitespace());
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut before = 0;
    let plain = chunks.iter().all(|chunk| {
        let eight = u64::from_le_bytes(*chunk);
        let spaces = spaces(eight);
        let twice = spaces & (spaces << 8 | before);
        before = spaces >> 56;
        twice == 0 && spaces == equal(eight, b' ')
    });
    let from = bytes.len() - rest.len();
    if plain && !bytes[from.saturating_sub(1)..].windows(2).any(odd) {
        return hash_bytes(bytes);
    }
    let words = bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    hash_bytes(&words.collect::<Vec<_>>().join(&b' '))
}

/// The hash of some bytes, eight at a time.
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut hash = bytes.len() as u64;
    for eight in chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)).chain([eight(rest)]) {
        hash = (hash.rotate_left(23) ^ eight).wrapping_mul(MIX);
    }
    hash ^ hash >> 32
}

/// The hash of a tail that goes one row further up.
fn grown(hash: u64, row: &str) -> u64 {
    hash.rotate_left(7).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ hash_row(row)
}

/// For each row a mail's tail could begin with, from the last upwards: the row and the tail's hash.
fn tails_of(rows: &Rows<'_>, from: usize, to: usize) -> impl Iterator<Item = (usize, u64)> {
    let visible = (from..to).rev().filter(|at| rows.state(*at) != State::Blank);
    visible.take(ROWS).scan(0, |hash, at| {
        *hash = grown(*hash, rows.text(at));
        Some((at, *hash))
    })
}

impl TailLearner {
    /// Reads one more text of an author; the same text twice counts once.
    pub fn learn(&mut self, author: &str, text: &str) {
        let rows = Rows::of_text(text);
        let Some(first) = rows.next_visible(0) else { return };
        let tails: Vec<(usize, u64)> = tails_of(&rows, first + 1, rows.len()).collect();
        let row = tails.first().map_or((0, 0), |(at, hash)| (*hash, edges(rows.text(*at))));
        let blocks = tails
            .into_iter()
            .filter(|(at, _)| signature::may_begin_tail(&rows, *at, rows.len()))
            .map(|(_, hash)| hash)
            .collect();
        let mails = self.authors.entry(hash_text(author)).or_default();
        mails.insert(hash_text(text), Ending { row, blocks });
        if mails.len() > SAMPLE {
            mails.pop_last();
        }
    }

    /// Takes over what another learner has read.
    pub fn merge(&mut self, other: Self) {
        for (author, mails) in other.authors {
            let own = self.authors.entry(author).or_default();
            own.extend(mails);
            while own.len() > SAMPLE {
                own.pop_last();
            }
        }
    }

    /// What was learned.
    pub fn finish(self) -> Tails {
        let mut tails = Tails::default();
        for mails in self.authors.into_values() {
            let mut counts: FxHashMap<u64, usize> = FxHashMap::default();
            for block in mails.values().flat_map(|mail| &mail.blocks) {
                *counts.entry(*block).or_default() += 1;
            }
            let needed = ALIKE.max(mails.len() / 5);
            counts.retain(|_, count| *count >= needed);
            let ends_so = |mail: &&Ending| mail.blocks.iter().any(|block| counts.contains_key(block));
            for (row, edges) in mails.values().filter(ends_so).map(|mail| mail.row) {
                tails.ends.insert(row);
                tails.edges.resize(1 << 10, 0);
                tails.edges[usize::from(edges >> 6)] |= 1 << (edges & 63);
            }
            tails.blocks.extend(counts.into_keys());
        }
        tails
    }
}

/// The row where a learned block begins that ends the rows, the longest there is.
pub(crate) fn learned_tail(rows: &Rows<'_>, from: usize, to: usize, tails: &Tails) -> Option<usize> {
    if tails.is_empty() {
        return None;
    }
    let last = (from..to).rev().find(|at| rows.state(*at) != State::Blank)?;
    let edges = edges(rows.text(last));
    let likely = tails.edges.get(usize::from(edges >> 6)).is_some_and(|bits| bits >> (edges & 63) & 1 == 1);
    if !likely || !tails.ends.contains(&grown(0, rows.text(last))) {
        return None;
    }
    tails_of(rows, from, to).filter(|(_, hash)| tails.blocks.contains(hash)).last().map(|(at, _)| at)
}
