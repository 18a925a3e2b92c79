//! The sentences of a mail that ask, without the greeting and the story around them.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::words::{Words, each_word, of_first_word, words_while};

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
                let mut words: Vec<String> = Vec::new();
                each_word(phrase, |word| words.push(word.to_owned()));
                if let Some(first) = words.first() {
                    all.entry(first.clone()).or_default().push(words);
                }
            }
        }
        Phrases(all)
    }

    /// Whether one of them begins with this word.
    fn knows(&self, first: &str) -> bool {
        self.0.contains_key(first)
    }

    /// Whether the words from `start` up to `end` begin with one of them.
    fn begin(&self, words: &Words, start: usize, end: usize) -> bool {
        let Some(first) = words.get(start).filter(|_| start < end) else { return false };
        let begins = |phrase: &Vec<String>| {
            phrase.len() <= end - start
                && phrase.iter().map(String::as_str).eq(words.iter(start, start + phrase.len()))
        };
        self.0.get(first).is_some_and(|all| all.iter().any(begins))
    }

    /// Whether the words up to `end` end with one of them, behind others.
    fn end(&self, words: &Words, end: usize) -> bool {
        let is = |phrase: &Vec<String>, start| phrase.iter().map(String::as_str).eq(words.iter(start, end));
        (end.saturating_sub(4)..end).any(|start| {
            let known = words.get(start).filter(|_| start > 0).and_then(|first| self.0.get(first));
            known.is_some_and(|all| all.iter().any(|phrase| is(phrase, start)))
        })
    }

    /// Whether one of them stands among the words up to `end`.
    fn within(&self, words: &Words, end: usize) -> bool {
        (0..end).any(|start| self.begin(words, start, end))
    }
}

static START: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("start"));
static REQUEST: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("request"));
static LAST: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("last"));
static GREETING: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("greeting"));
static CLOSING: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("closing"));
static COURTESY: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("courtesy"));

/// How many words a text has, counted up to `most` and one more.
fn count_words(text: &str, most: usize) -> usize {
    let mut count = 0;
    words_while(text, |_| {
        count += 1;
        count <= most
    });
    count
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
        let own = Words::of(sentence);
        if own.len() < 2 && !sentence.ends_with(['?', '？']) || own.is_empty() {
            continue;
        }
        if own.len() <= 6 && CLOSING.begin(&own, 0, own.len()) {
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
fn asks(own: &Words) -> bool {
    // "… please Thank you": thanks without a full stop before it.
    let mut last = own.len().saturating_sub(4)..own.len();
    let thanks = last.find(|&i| i > 1 && COURTESY.begin(own, i, own.len()));
    let end = thanks.unwrap_or(own.len());
    if LAST.end(own, end) {
        return true;
    }
    let courtesy = COURTESY.begin(own, 0, end);
    START.begin(own, 0, end) && end >= 3 && !courtesy || REQUEST.within(own, end) && !(courtesy && end <= 10)
}

/// What a mail in which nothing asks may have meant to ask: its last sentence that says something, if short.
/// "Warranty period of your lamps" is a question to whoever answers it.
pub(crate) fn perhaps_asked(text: &str) -> Option<&str> {
    const MOST_WORDS: usize = 14;
    let last = substance(text).into_iter().rfind(|s| count_words(s, 1) >= 2)?;
    // "Quick one: opening hours on Sunday": what leads up to it asks nothing.
    let last = match last.split_once(": ") {
        Some((lead, rest)) if count_words(lead, 4) <= 4 && count_words(rest, 1) >= 2 => rest.trim(),
        _ => last,
    };
    (count_words(last, MOST_WORDS) <= MOST_WORDS).then_some(last)
}

/// An answer's sentences that say something: no greeting, no thanks, no closing.
pub(crate) fn substance(answer: &str) -> Vec<&str> {
    let answer = &answer[..answer.floor_char_boundary(MAX_BYTES)];
    let mut kept = Vec::new();
    for sentence in sentences(answer) {
        let sentence = without_greeting(sentence);
        // Most sentences are told by their first word to be neither.
        let Some((courtesy, closing)) =
            of_first_word(sentence, |first| (COURTESY.knows(first), CLOSING.knows(first)))
        else {
            continue;
        };
        if courtesy || closing {
            let own = Words::of(sentence);
            if own.len() <= 14 && COURTESY.begin(&own, 0, own.len()) {
                continue;
            }
            if own.len() <= 6 && CLOSING.begin(&own, 0, own.len()) && !kept.is_empty() {
                break;
            }
        }
        kept.push(sentence);
    }
    kept
}

/// A text cut at sentence ends and line ends that end a sentence.
fn sentences(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some((at, c)) = next_mark(text, from) {
        let after = at + c.len_utf8();
        from = after;
        let next = text[after..].chars().next();
        let ends = match c {
            // Not after an initial or in a number, and only before a space.
            '.' => {
                next.is_none_or(char::is_whitespace)
                    && text[start..at]
                        .rsplit(char::is_whitespace)
                        .next()
                        .is_some_and(|w| w.chars().nth(1).is_some())
            }
            '\n' => is_line_sentence(text, start, at),
            _ => !matches!(next, Some('?' | '!' | '.' | ')')),
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

/// The next character at `from` or behind it that may end a sentence.
fn next_mark(text: &str, mut from: usize) -> Option<(usize, char)> {
    loop {
        let wanted = |b: &u8| matches!(b, b'?' | b'!' | b'.' | b'\n' | 0x80..);
        let at = from + text.as_bytes()[from..].iter().position(wanted)?;
        let c = text[at..].chars().next()?;
        if c.is_ascii() || matches!(c, '？' | '！' | '。' | '؟') {
            return Some((at, c));
        }
        from = at + c.len_utf8();
    }
}

/// Whether the line end at `at` ends the sentence that begins at `start`. Lines are wrapped anywhere; what ends at a line
/// end is a paragraph, a greeting, a list or a name.
fn is_line_sentence(text: &str, start: usize, at: usize) -> bool {
    let line = text[start..at].rsplit('\n').next().unwrap_or_default().trim_end();
    let below = text[at + 1..].lines().next().unwrap_or_default();
    let openings = [&GREETING, &CLOSING, &COURTESY];
    let starts_anew = |line: &str| {
        let head = &line[..line.floor_char_boundary(60)];
        // Most lines begin with a word that begins none of these.
        of_first_word(head, |first| openings.iter().any(|p| p.knows(first))) == Some(true) && {
            let own = Words::of(head);
            openings.iter().any(|p| p.begin(&own, 0, own.len()))
        }
    };
    let short = || below.split_whitespace().nth(2).is_none() && !below.ends_with(['?', '？', '.']);
    line.ends_with([',', '.', '!', '?', ':', ';'])
        || below.starts_with(['-', '*', '•', '>'])
        || below.trim().is_empty()
        || short()
        || starts_anew(line)
        || starts_anew(below)
}

/// "Quick one: where is it?" without what leads up to it.
fn without_lead(sentence: &str) -> &str {
    match sentence.split_once(": ") {
        Some((lead, rest)) if count_words(lead, 4) <= 4 => {
            let own = Words::of(rest);
            if own.len() >= 3 && START.begin(&own, 0, own.len()) { rest.trim() } else { sentence }
        }
        _ => sentence,
    }
}

/// "Hi Ada, where is it?" without its first words.
fn without_greeting(sentence: &str) -> &str {
    let head = &sentence[..sentence.floor_char_boundary(60)];
    let bare = || sentence.trim_start_matches(['-', '*', '•', '>', ' ']);
    if of_first_word(head, |first| GREETING.knows(first)) != Some(true) {
        return bare();
    }
    let own = Words::of(head);
    if !GREETING.begin(&own, 0, own.len()) {
        return bare();
    }
    let comma = head.find([',', '!', ':', '\n']).map(|at| at + 1);
    let is_short = |end: usize| count_words(&sentence[..end], 5) <= 5;
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
