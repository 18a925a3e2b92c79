//! Text to words, the same way for questions, answers and the list of concepts.

use rustc_hash::FxHashMap;

/// Longer texts say nothing more about what is asked: words beyond this many are not compared.
const MAX_WORDS: usize = 400;

/// Calls `take` with each word of `text`: lower case, apostrophes dropped, digits as `0`, everything between
/// doubled braces (a placeholder) as `slot`. Scripts without spaces give a word a character.
pub(crate) fn each_word(text: &str, mut take: impl FnMut(&str)) {
    let mut word = String::new();
    let mut count = 0;
    let mut flush = |word: &mut String| {
        if !word.is_empty() && count < MAX_WORDS {
            count += 1;
            take(word);
        }
        word.clear();
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
            flush(&mut word);
            word.push_str("slot");
            flush(&mut word);
            rest = &rest[end + 2..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            '\'' | '’' | '`' | '´' => {}
            c if c.is_numeric() => {
                if !word.ends_with('0') {
                    word.push('0');
                }
            }
            c if is_ideographic(c) => {
                flush(&mut word);
                word.push(c);
                flush(&mut word);
            }
            c if c.is_alphanumeric() || c == '_' => word.extend(c.to_lowercase()),
            _ => flush(&mut word),
        }
    }
    flush(&mut word);
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
