//! Texts as sentences and tokens: what may be reworded, and what is kept letter by letter.

use crate::lexicon::Lexicon;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, with apostrophes and hyphens inside.
    Word,
    /// Kept exactly: numbers, placeholders, addresses of all kinds, mixed-case words.
    Protected,
    /// Anything else that is not blank.
    Punctuation,
}

/// A stretch of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
}

impl Token {
    pub(crate) fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.end]
    }
}

/// The tokens of a text, in one pass over its bytes.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::with_capacity(text.len() / 5);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let rest = &text[at..];
        let (len, kind) = if let Some(len) = placeholder(rest) {
            (len, Kind::Protected)
        } else if c.is_alphanumeric() || matches!(c, '#' | '$' | '€' | '£' | '@') {
            word(rest)
        } else {
            (c.len_utf8(), Kind::Punctuation)
        };
        at += len;
        out.push(Token { start, end: at, kind });
    }
    out
}

/// The length of a placeholder: `[CUSTOMER_NAME_1]`, `{{Order Number}}`, `<EMAIL>`.
fn placeholder(rest: &str) -> Option<usize> {
    let within = |open: usize, close: &str, ok: fn(char) -> bool| {
        // Placeholders are short; a bound keeps this linear in texts full of open brackets.
        let body = &rest.as_bytes()[open..rest.len().min(open + 60)];
        let body =
            std::str::from_utf8(body).or_else(|e| std::str::from_utf8(&body[..e.valid_up_to()])).ok()?;
        let len = body.find(close)?;
        (len > 0 && body[..len].chars().all(ok)).then_some(open + len + close.len())
    };
    if rest.starts_with("{{") {
        within(2, "}}", |c| c != '\n' && c != '{')
    } else if rest.starts_with('[') {
        within(1, "]", |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    } else if rest.starts_with('<') {
        within(1, ">", |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    } else {
        None
    }
}

fn word(rest: &str) -> (usize, Kind) {
    let glue = |c: char| {
        matches!(
            c,
            '\'' | '’' | '-' | '.' | ',' | '@' | ':' | '/' | '_' | '+' | '&' | '=' | '?' | '%' | '#' | '~'
        )
    };
    let mut end = 0;
    let (mut odd, mut upper_inside, mut letters) = (false, false, 0);
    let web = rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("www.");
    let mut chars = rest.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            odd |= !c.is_alphabetic();
            upper_inside |= c.is_uppercase() && i > 0;
            letters += usize::from(c.is_alphabetic());
        } else if i == 0 {
            odd = true;
        } else {
            let next_is_word =
                chars.peek().is_some_and(|&(_, n)| n.is_alphanumeric() || (web && !n.is_whitespace()));
            let joins = match c {
                '\'' | '’' | '-' => next_is_word,
                '%' => odd,
                _ if web => next_is_word || c == '/',
                // Inside numbers, addresses and domains; "end.Next" is a missing blank, not a domain.
                '.' | ',' | ':' | '/' | '@' | '+' | '_' | '=' | '&' | '#' | '~' => {
                    next_is_word && glue(c) && (odd || c == '@' || c == '_' || address_ahead(rest))
                }
                _ => false,
            };
            if !joins {
                break;
            }
            odd |= !matches!(c, '\'' | '’' | '-');
        }
        end = i + c.len_utf8();
    }
    let end = end.max(rest.chars().next().map_or(1, char::len_utf8));
    let kind = if odd || letters == 0 || upper_inside { Kind::Protected } else { Kind::Word };
    (end, kind)
}

/// Whether the blank-free stretch ahead holds an `@` or looks like a host name.
fn address_ahead(rest: &str) -> bool {
    let stretch = rest.split(char::is_whitespace).next().unwrap_or("");
    let stretch = &stretch[..stretch.len().min(200).min(stretch.floor_char_boundary(200))];
    stretch.contains('@')
        || stretch.trim_end_matches(['.', ',', '?', '!']).rsplit_once('.').is_some_and(|(host, tld)| {
            !host.is_empty()
                && (2..=12).contains(&tld.len())
                && tld.bytes().all(|b| b.is_ascii_lowercase())
                && host.contains('.')
        })
}

/// A word as the lists spell it: lower case, straight apostrophe.
pub(crate) fn plain(word: &str) -> String {
    word.chars().flat_map(|c| if c == '’' { '\''.to_lowercase() } else { c.to_lowercase() }).collect()
}

/// A sentence: a byte range of the text without the blanks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The sentences of a text: ended by `.`, `?` or `!` before a blank, by a blank line, or by a line so short
/// that it was not broken for want of room.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut out = Vec::new();
    let (mut start, mut line_start) = (0, 0);
    let bytes = text.as_bytes();
    let mut push = |from: usize, to: usize| {
        let part = &text[from..to];
        let trimmed = part.trim();
        if !trimmed.is_empty() {
            let at = from + (part.len() - part.trim_start().len());
            out.push(Sentence { start: at, end: at + trimmed.len() });
        }
    };
    for (i, &b) in bytes.iter().enumerate() {
        let next = bytes.get(i + 1).copied();
        match b {
            b'.' | b'?' | b'!' => {
                let last = next.is_none_or(|n| n.is_ascii_whitespace());
                if last && !(b == b'.' && abbreviation(&text[start..i])) {
                    push(start, i + 1);
                    start = i + 1;
                }
            }
            b'\n' => {
                let line = text[line_start..i].trim();
                let short = line.chars().count() < 45;
                let blank = next.is_none_or(|n| n == b'\n' || n == b'\r');
                let item = next.is_some_and(|n| matches!(n, b'-' | b'*' | b'>' | b'|' | b'0'..=b'9'));
                if short || blank || item {
                    push(start, i);
                    start = i;
                }
                line_start = i + 1;
            }
            _ => {}
        }
    }
    push(start, text.len());
    out
}

fn abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace()).next().unwrap_or("");
    matches!(
        word.to_ascii_lowercase().as_str(),
        "mr" | "mrs" | "ms" | "dr" | "st" | "no" | "e.g" | "i.e" | "approx" | "etc" | "vs"
    ) || (word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase() && b != b'I'))
}

/// A word in the spelling of the lists, and the token it comes from: contractions give several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Canon {
    pub(crate) word: String,
    pub(crate) token: usize,
}

/// The words of a sentence without punctuation, contractions written out.
pub(crate) fn canon(text: &str, tokens: &[Token], lexicon: &Lexicon) -> Vec<Canon> {
    let mut out = Vec::with_capacity(tokens.len() + 4);
    for (i, t) in tokens.iter().enumerate() {
        match t.kind {
            Kind::Word => {
                let word = plain(t.of(text));
                lexicon.expand(&word, |w| out.push(Canon { word: w.to_owned(), token: i }));
            }
            Kind::Protected => out.push(Canon { word: plain(t.of(text)), token: i }),
            Kind::Punctuation => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(&str, Kind)> {
        tokens(text).iter().map(|t| (t.of(text), t.kind)).collect()
    }

    #[test]
    fn what_is_kept_letter_by_letter() {
        use Kind::{Protected as P, Punctuation as D, Word as W};
        assert_eq!(
            split("Don't move [CUSTOMER_NAME_1], {{Order Number}} or £6.50!"),
            [
                ("Don't", W),
                ("move", W),
                ("[CUSTOMER_NAME_1]", P),
                (",", D),
                ("{{Order Number}}", P),
                ("or", W),
                ("£6.50", P),
                ("!", D)
            ]
        );
        assert_eq!(
            split("see www.example.com/a?b=1, kim@example.org. top-up iPhone 2023-01-05"),
            [
                ("see", W),
                ("www.example.com/a?b=1", P),
                (",", D),
                ("kim@example.org", P),
                (".", D),
                ("top-up", W),
                ("iPhone", P),
                ("2023-01-05", P)
            ]
        );
        assert_eq!(
            split("end.Next [x] é’s"),
            [("end", W), (".", D), ("Next", W), ("[", D), ("x", W), ("]", D), ("é’s", W)]
        );
    }

    #[test]
    fn sentences_of_a_letter() {
        let text = "Hello,\n\nwhere are you? I have walked up and down the lane twice now and\ncan only find No. 3. Mr. Quill knows\nBye\nKim";
        let found: Vec<&str> = sentences(text).iter().map(|s| &text[s.start..s.end]).collect();
        assert_eq!(
            found,
            [
                "Hello,",
                "where are you?",
                "I have walked up and down the lane twice now and\ncan only find No. 3.",
                "Mr. Quill knows",
                "Bye",
                "Kim"
            ]
        );
    }
}
