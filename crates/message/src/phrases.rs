//! The word lists in `phrases/`, read once.
//!
//! A file holds sections, `[name]` on a line; each other line is an entry, lower case; `#` starts a
//! comment line.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use threadfold_core::squeeze;

/// The entries of one section.
pub(crate) fn section(file: &'static str, name: &str) -> Vec<&'static str> {
    let mut inside = false;
    let mut entries = Vec::new();
    for line in file.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            inside = header == name;
        } else if inside {
            entries.push(line);
        }
    }
    entries
}

/// One automaton over phrases, for text in lower case.
pub(crate) fn automaton(phrases: &[&str]) -> AhoCorasick {
    build(phrases, AhoCorasickKind::ContiguousNFA)
}

/// The same for lists that every text is searched for: dearer to make, and three times as fast.
pub(crate) fn fast_automaton(phrases: &[&str]) -> AhoCorasick {
    build(phrases, AhoCorasickKind::DFA)
}

fn build(phrases: &[&str], kind: AhoCorasickKind) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(kind))
        .build(phrases)
        .expect("the word lists are far below the automaton's limits")
}

/// Appends the words of a text as phrases are spelled: lower case, straight apostrophes, one space behind
/// each word.
pub(crate) fn squeeze_lower(text: &str, out: &mut String) {
    let start = out.len();
    if memchr::memmem::find(text.as_bytes(), "’".as_bytes()).is_some() {
        squeeze(&text.replace('’', "'"), out);
    } else {
        squeeze(text, out);
    }
    if out.len() > start {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_squeezed_alike_in_ascii_and_beyond() {
        let squeezed = |text: &str| {
            let mut out = String::new();
            squeeze_lower(text, &mut out);
            out
        };
        assert_eq!(squeezed("  I\tAM \r\n out\x0b"), "i am out ");
        assert_eq!(squeezed("  I’M\u{a0}ÜBER\n"), "i'm über ");
        assert_eq!(squeezed(" \n"), "");
    }

    #[test]
    fn sections_hold_their_lines() {
        let file = "# c\n[a]\none\n\n two\n[b]\nthree\n";
        assert_eq!(section(file, "a"), ["one", "two"]);
        assert_eq!(section(file, "b"), ["three"]);
        assert_eq!(section(file, "c"), Vec::<&str>::new());
    }
}
