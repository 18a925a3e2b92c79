//! The sentences of a mail that ask, without the greeting and the story around them.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::words::each_word;

/// Openings by their first words, and phrases by theirs: each list holds word sequences.
struct Phrases(FxHashMap<String, Vec<Vec<String>>>);

impl Phrases {
    fn new(kind: &str) -> Phrases {
        let mut all: FxHashMap<String, Vec<Vec<String>>> = FxHashMap::default();
        for line in include_str!("../phrases/asking.txt").lines().filter(|l| !l.starts_with('#')) {
            let mut columns = line.splitn(3, '\t');
            if columns.next() != Some(kind) {
                continue;
            }
            for phrase in columns.nth(1).unwrap_or_default().split(" | ") {
                let words: Vec<String> = words(phrase);
                if let Some(first) = words.first() {
                    all.entry(first.clone()).or_default().push(words);
                }
            }
        }
        Phrases(all)
    }

    fn begin(&self, words: &[String]) -> bool {
        let Some(first) = words.first() else { return false };
        self.0.get(first).is_some_and(|all| all.iter().any(|p| words.starts_with(p)))
    }

    fn end(&self, words: &[String]) -> bool {
        (words.len().saturating_sub(4)..words.len()).any(|i| {
            i > 0 && self.0.get(&words[i]).is_some_and(|all| all.iter().any(|p| words[i..] == p[..]))
        })
    }

    fn within(&self, words: &[String]) -> bool {
        (0..words.len()).any(|i| self.begin(&words[i..]))
    }
}

static START: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("start"));
static REQUEST: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("request"));
static LAST: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("last"));
static GREETING: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("greeting"));
static CLOSING: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("closing"));
static COURTESY: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("courtesy"));

fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    each_word(text, |w| all.push(w.to_owned()));
    all
}

/// Mail longer than this is a story; what it asks stands in its first part or is not found.
const MAX_BYTES: usize = 8_000;
/// More sentences than this in one mail do not make its question clearer.
const MOST_SENTENCES: usize = 3;

/// The sentences of a customer's turn that ask, in order, at most three. Empty when nothing asks.
///
/// ```
/// use threadfold_insights::questions_in;
/// let mail = "Hello,\n\nI bought a lamp from you last year. How long is the warranty? I need the invoice\n\nThanks\nAda";
/// assert_eq!(questions_in(mail), ["How long is the warranty?", "I need the invoice"]);
/// ```
pub fn questions_in(text: &str) -> Vec<&str> {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    let mut marked = Vec::new();
    let mut unmarked = Vec::new();
    for sentence in sentences(text) {
        let sentence = without_lead(without_greeting(sentence));
        let own = words(sentence);
        if own.len() < 2 && !sentence.ends_with(['?', '？']) || own.is_empty() {
            continue;
        }
        if CLOSING.begin(&own) && own.len() <= 6 {
            break;
        }
        if sentence.ends_with(['?', '？', '؟']) {
            // "Any ideas?" alone asks nothing that an answer could be found by, but it is what was asked.
            marked.push(sentence);
        } else if asks(&own) {
            unmarked.push(sentence);
        }
    }
    let first = |mut all: Vec<_>| {
        all.truncate(MOST_SENTENCES);
        all
    };
    // With a question mark somewhere, sentences without one count only if they ask beside it.
    if marked.is_empty() || marked.len() + unmarked.len() <= MOST_SENTENCES {
        let mut all = marked;
        all.extend(unmarked);
        all.sort_by_key(|s| s.as_ptr() as usize - text.as_ptr() as usize);
        first(all)
    } else {
        first(marked)
    }
}

/// Whether a sentence without a question mark asks: by how it begins by a request in it,
/// or by a "please" at its end.
fn asks(own: &[String]) -> bool {
    // "… please Thank you": thanks without a full stop before it.
    let thanks = (own.len().saturating_sub(4)..own.len()).find(|&i| i > 1 && COURTESY.begin(&own[i..]));
    let own = &own[..thanks.unwrap_or(own.len())];
    if LAST.end(own) {
        return true;
    }
    let courtesy = COURTESY.begin(own);
    START.begin(own) && own.len() >= 3 && !courtesy || REQUEST.within(own) && !(courtesy && own.len() <= 10)
}

/// What a mail in which nothing asks may have meant to ask: its last sentence that says something, if short.
/// "Warranty period of your lamps" is a question to whoever answers it.
pub(crate) fn perhaps_asked(text: &str) -> Option<&str> {
    const MOST_WORDS: usize = 14;
    let last = substance(text).into_iter().rfind(|s| words(s).len() >= 2)?;
    // "Quick one: opening hours on Sunday": what leads up to it asks nothing.
    let last = match last.split_once(": ") {
        Some((lead, rest)) if words(lead).len() <= 4 && words(rest).len() >= 2 => rest.trim(),
        _ => last,
    };
    (words(last).len() <= MOST_WORDS).then_some(last)
}

/// An answer's sentences that say something: no greeting, no thanks, no closing.
pub(crate) fn substance(answer: &str) -> Vec<&str> {
    let answer = &answer[..answer.floor_char_boundary(MAX_BYTES)];
    let mut kept = Vec::new();
    for sentence in sentences(answer) {
        let sentence = without_greeting(sentence);
        let own = words(sentence);
        if own.is_empty() || (COURTESY.begin(&own) && own.len() <= 14) {
            continue;
        }
        if CLOSING.begin(&own) && own.len() <= 6 && !kept.is_empty() {
            break;
        }
        kept.push(sentence);
    }
    kept
}

/// A text cut at sentence ends and line ends that end a sentence.
fn sentences(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = at + c.len_utf8();
        let next = chars.peek().map(|n| n.1);
        let ends = match c {
            '?' | '!' | '？' | '！' | '。' | '؟' => !matches!(next, Some('?' | '!' | '.' | ')')),
            // Not after an initial or in a number, and only before a space.
            '.' => {
                next.is_none_or(char::is_whitespace)
                    && text[start..at]
                        .rsplit(char::is_whitespace)
                        .next()
                        .is_some_and(|w| w.chars().count() > 1)
            }
            // Lines are wrapped anywhere; what ends at a line end is a paragraph, a greeting, a list or a name.
            '\n' => {
                let line = text[start..at].rsplit('\n').next().unwrap_or_default().trim_end();
                let below = text[after..].lines().next().unwrap_or_default();
                let starts_anew = |l: &str| {
                    let head = &l[..l.floor_char_boundary(60)];
                    // Most lines begin with a word that begins none of these.
                    let mut first: Option<bool> = None;
                    each_word(head, |w| {
                        first.get_or_insert_with(|| {
                            [&GREETING, &CLOSING, &COURTESY].iter().any(|p| p.0.contains_key(w))
                        });
                    });
                    if first != Some(true) {
                        return false;
                    }
                    let own = words(head);
                    GREETING.begin(&own) || CLOSING.begin(&own) || COURTESY.begin(&own)
                };
                let short = below.split_whitespace().count() <= 2 && !below.ends_with(['?', '？', '.']);
                below.trim().is_empty()
                    || line.ends_with([',', '.', '!', '?', ':', ';'])
                    || below.starts_with(['-', '*', '•', '>'])
                    || short
                    || starts_anew(line)
                    || starts_anew(below)
            }
            _ => false,
        };
        if ends {
            all.push(text[start..after].trim());
            start = after;
        }
    }
    all.push(text[start..].trim());
    all.retain(|s| !s.is_empty());
    all
}

/// "Quick one: where is it?" without what leads up to it.
fn without_lead(sentence: &str) -> &str {
    match sentence.split_once(": ") {
        Some((lead, rest))
            if words(lead).len() <= 4 && words(rest).len() >= 3 && START.begin(&words(rest)) =>
        {
            rest.trim()
        }
        _ => sentence,
    }
}

/// "Hi Ada, where is it?" without its first words.
fn without_greeting(sentence: &str) -> &str {
    let head = &sentence[..sentence.floor_char_boundary(60)];
    let own = words(head);
    if !GREETING.begin(&own) {
        return sentence.trim_start_matches(['-', '*', '•', '>', ' ']);
    }
    let comma = head.find([',', '!', ':', '\n']).map(|at| at + 1);
    let is_short = |end: usize| words(&sentence[..end]).len() <= 5;
    match comma {
        Some(end) if is_short(end) => sentence[end..].trim(),
        // "Hello there" alone, or "Hi can you tell me …"
        _ if own.len() <= 4 && !sentence.ends_with('?') && head.len() == sentence.len() => "",
        _ => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn questions_without_a_mark_and_in_other_languages() {
        let cases: &[(&str, &[&str])] = &[
            ("Hi,\nwhere is my order 123\nthanks\nBob", &["where is my order 123"]),
            (
                "Guten Tag,\n\nwann öffnen Sie am Samstag\n\nMit freundlichen Grüßen\nEva Beispiel",
                &["wann öffnen Sie am Samstag"],
            ),
            (
                "Bonjour, je voudrais un remboursement.\nCordialement\nPaul",
                &["je voudrais un remboursement."],
            ),
            ("Hola:\n¿Cuánto cuesta el envío?\nGracias", &["¿Cuánto cuesta el envío?"]),
            (
                "Buongiorno,\nvorrei sapere se spedite in Svizzera.",
                &["vorrei sapere se spedite in Svizzera."],
            ),
            ("Dear team,\n\nThank you for the parcel. It was lovely.\n\nBest regards", &[]),
            ("return address please\n\nBob", &["return address please"]),
            ("Quick one: which days are you open", &["which days are you open"]),
            ("Hi Ada, do you ship to Oslo? I hope so.", &["do you ship to Oslo?"]),
            ("返品できますか？", &["返品できますか？"]),
        ];
        for (mail, asked) in cases {
            assert_eq!(questions_in(mail), *asked, "{mail}");
        }
    }

    #[test]
    fn an_answer_without_its_frame() {
        let answer =
            "Hi Ada,\nthank you for your message.\nWe are open 9 to 5.\nHave a nice day!\nBest regards\nShop";
        assert_eq!(substance(answer), ["We are open 9 to 5."]);
    }

    proptest! {
        #[test]
        fn sentences_are_parts_of_the_text(text in "\\PC{0,200}|[a-zA-Z ?!.,\n]{0,200}") {
            for q in questions_in(&text) {
                prop_assert!(text.contains(q));
            }
            substance(&text);
        }
    }
}
