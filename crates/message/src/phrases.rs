//! The word lists in `phrases/`, read once.
//!
//! A file holds sections, `[name]` on a line; each other line is an entry, lower case; `#` starts a
//! comment line.

use aho_corasick::{AhoCorasick, MatchKind};

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

/// One automaton over phrases, for lower-case text (ASCII letters may be of either case).
pub(crate) fn automaton(phrases: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(phrases)
        .expect("the word lists are far below the automaton's limits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_hold_their_lines() {
        let file = "# c\n[a]\none\n\n two\n[b]\nthree\n";
        assert_eq!(section(file, "a"), ["one", "two"]);
        assert_eq!(section(file, "b"), ["three"]);
        assert_eq!(section(file, "c"), Vec::<&str>::new());
    }
}
