//! Subjects and their reply prefixes.

use crate::client::Client;
use crate::language::Language;
use crate::random::Random;

const PREFIXES: &[&str] = &["Re:", "RE:", "AW:", "TR:", "RV:", "R:", "Antw:", "Odp:", "ODP:", "RES:", "Aw:"];

/// A subject without its reply prefixes.
pub(crate) fn bare(subject: &str) -> &str {
    let mut rest = subject;
    while let Some(tail) = PREFIXES.iter().find_map(|p| rest.strip_prefix(p)) {
        rest = tail.trim_start();
    }
    rest
}

/// The subject of a reply, with the prefix that the program puts before it.
pub(crate) fn reply_subject(subject: &str, style: Client, language: &Language, r: &mut Random) -> String {
    let section = if style.localises_prefix() { "reply_prefix_outlook" } else { "reply_prefix" };
    let mut prefix = String::new();
    if let Some(p) = language.section(section).first() {
        p.write(r, &mut prefix, &mut |_, _, _| {});
    }
    let has_one = PREFIXES.iter().any(|p| subject.starts_with(p));
    if subject.starts_with(&prefix) {
        subject.to_owned()
    } else if has_one && (style.localises_prefix() || r.chance(0.5)) {
        // Most programs know their own prefix only and put it before a foreign one.
        if subject.matches(':').count() > 2 {
            format!("{prefix} {}", bare(subject))
        } else {
            format!("{prefix} {subject}")
        }
    } else {
        format!("{prefix} {}", bare(subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_off_in_any_number() {
        assert_eq!(bare("AW: Re: R: Orari"), "Orari");
        assert_eq!(bare("Return of Alba 10"), "Return of Alba 10");
    }
}
