//! Text to words, the same way for questions, answers and the list of concepts.

use rustc_hash::FxHashMap;

/// Longer texts say nothing more about what is asked: words beyond this many are not compared.
const MAX_WORDS: usize = 400;

/// Calls `take` with each word of `text`: lower case, apostrophes dropped, digits as `0`, everything between
/// doubled braces (a placeholder) as `slot`. Scripts without spaces give a word a character.
pub(crate) fn each_word(text: &str, mut take: impl FnMut(&str)) {
    words_while(text, |word| {
        take(word);
        true
    });
}

/// [`each_word`] for as long as `take` wants more.
pub(crate) fn words_while(text: &str, mut take: impl FnMut(&str) -> bool) {
    let mut word = String::new();
    let mut left = MAX_WORDS;
    let mut flush = |word: &mut String| {
        if !word.is_empty() {
            left = if take(word) { left - 1 } else { 0 };
            word.clear();
        }
        left > 0
    };
    let mut rest = text;
    loop {
        // Most of most texts: plain letters, taken as they stand.
        let plain = rest.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
        if plain > 0 {
            let from = word.len();
            word.push_str(&rest[..plain]);
            word[from..].make_ascii_lowercase();
            rest = &rest[plain..];
        }
        let Some(c) = rest.chars().next() else { break };
        if c == '{'
            && rest.starts_with("{{")
            && let Some(end) = rest.get(..rest.floor_char_boundary(80)).and_then(|near| near.find("}}"))
        {
            if !flush(&mut word) {
                return;
            }
            word.push_str("slot");
            if !flush(&mut word) {
                return;
            }
            rest = &rest[end + 2..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let more = match c {
            ' ' | '\n' | '.' | ',' => flush(&mut word),
            '\'' | '’' | '`' | '´' => true,
            c if c.is_numeric() => {
                if !word.ends_with('0') {
                    word.push('0');
                }
                true
            }
            c if is_ideographic(c) => {
                flush(&mut word) && {
                    word.push(c);
                    flush(&mut word)
                }
            }
            c if c.is_alphanumeric() || c == '_' => {
                word.extend(c.to_lowercase());
                true
            }
            _ => flush(&mut word),
        };
        if !more {
            return;
        }
    }
    flush(&mut word);
}

/// What `with` says of the first word of `text`; none if there is no word.
pub(crate) fn of_first_word<T>(text: &str, with: impl FnOnce(&str) -> T) -> Option<T> {
    let (mut with, mut said) = (Some(with), None);
    words_while(text, |word| {
        said = with.take().map(|with| with(word));
        false
    });
    said
}

/// The words of a text, as [`each_word`] tells them, one after the other in one buffer.
#[derive(Default)]
pub(crate) struct Words {
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Words {
    pub(crate) fn of(text: &str) -> Words {
        let mut words = Words { text: String::with_capacity(text.len()), ends: Vec::new() };
        each_word(text, |word| {
            words.text.push_str(word);
            words.ends.push(words.text.len() as u32);
        });
        words
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn get(&self, i: usize) -> Option<&str> {
        let end = *self.ends.get(i)? as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        Some(&self.text[start..end])
    }

    /// Those from the place `start` up to `end`.
    pub(crate) fn iter(&self, start: usize, end: usize) -> impl Iterator<Item = &str> {
        (start..end).map_while(|i| self.get(i))
    }
}

/// Han and kana; Hangul has spaces.
fn is_ideographic(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2fa1f}')
}

/// Words by number, in the order of first sight.
#[derive(Default)]
pub(crate) struct Vocabulary {
    numbers: FxHashMap<String, u32>,
    words: Vec<String>,
}

impl Vocabulary {
    pub(crate) fn number(&mut self, word: &str) -> u32 {
        if let Some(&n) = self.numbers.get(word) {
            return n;
        }
        let n = self.words.len() as u32;
        self.numbers.insert(word.to_owned(), n);
        self.words.push(word.to_owned());
        n
    }

    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each_word(text, |w| all.push(w.to_owned()));
        all
    }

    #[test]
    fn words_are_folded() {
        assert_eq!(
            words("I can't find order #12345, {{Order Number}}!"),
            ["i", "cant", "find", "order", "0", "slot"]
        );
        assert_eq!(words("Größe?"), ["größe"]);
        assert_eq!(words("返品"), ["返", "品"]);
        assert_eq!(words("a {{b"), ["a", "b"]);
    }
}
