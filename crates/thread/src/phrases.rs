//! The phrase lists, parsed once.

use rustc_hash::FxHashSet;
use std::sync::OnceLock;

/// The entries of a phrase file: its lines without comments and blank ones.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'))
}

macro_rules! list {
    ($name:ident, $file:literal) => {
        pub(crate) fn $name() -> &'static FxHashSet<&'static str> {
            static SET: OnceLock<FxHashSet<&'static str>> = OnceLock::new();
            SET.get_or_init(|| lines(include_str!(concat!("../phrases/", $file))).collect())
        }
    };
}

list!(reply_prefixes, "reply_prefixes.txt");
list!(forward_prefixes, "forward_prefixes.txt");
list!(ticket_words, "ticket_words.txt");
list!(not_ticket_words, "not_ticket_words.txt");
list!(freemail_domains, "freemail_domains.txt");

/// Whether one of the ticket words begins as this ASCII word does and is as long: nearly all others can be told
/// by that.
pub(crate) fn may_be_ticket_word(word: &str) -> bool {
    /// Of each first byte, the lengths of the words, a bit each.
    static LENGTHS: OnceLock<[u64; 128]> = OnceLock::new();
    let lengths = LENGTHS.get_or_init(|| {
        let mut lengths = [0; 128];
        for word in ticket_words().iter().filter(|word| word.len() < 64) {
            if let Some(of) = word.bytes().next().and_then(|b| lengths.get_mut(usize::from(b))) {
                *of |= 1 << word.len();
            }
        }
        lengths
    });
    let first = word.bytes().next().map_or(0, |b| b.to_ascii_lowercase());
    let of = lengths.get(usize::from(first)).copied().unwrap_or(0);
    word.len() >= 64 || of >> word.len() & 1 == 1
}

/// Single words, several on a line.
pub(crate) fn stopwords() -> &'static FxHashSet<&'static str> {
    static SET: OnceLock<FxHashSet<&'static str>> = OnceLock::new();
    SET.get_or_init(|| {
        lines(include_str!("../phrases/stopwords.txt")).flat_map(str::split_whitespace).collect()
    })
}

/// What stands for a missing subject, folded as subjects are.
pub(crate) fn no_subject() -> &'static FxHashSet<String> {
    static SET: OnceLock<FxHashSet<String>> = OnceLock::new();
    SET.get_or_init(|| lines(include_str!("../phrases/no_subject.txt")).map(crate::subject::fold).collect())
}

pub(crate) fn forward_trailers() -> &'static [&'static str] {
    static LIST: OnceLock<Vec<&'static str>> = OnceLock::new();
    LIST.get_or_init(|| lines(include_str!("../phrases/forward_trailers.txt")).collect())
}

pub(crate) fn was_markers() -> &'static aho_corasick::AhoCorasick {
    static AUTOMATON: OnceLock<aho_corasick::AhoCorasick> = OnceLock::new();
    AUTOMATON.get_or_init(|| {
        aho_corasick::AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            .build(lines(include_str!("../phrases/was_markers.txt")))
            .expect("a short list of short phrases always builds")
    })
}
