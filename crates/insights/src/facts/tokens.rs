//! A text as the pieces that facts are made of.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Letters, an apostrophe inside included.
    Word,
    /// Digits, with `.`, `,` or `:` between digits.
    Number,
    /// One other character.
    Sign,
    /// What ends a sentence or a line.
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) shape: Shape,
    pub(super) span: Range<usize>,
    /// Lower case, apostrophes dropped.
    pub(super) text: String,
    /// Whether a space (or the beginning) stands before it.
    pub(super) spaced: bool,
    pub(super) capital: bool,
    /// Part of a fact already.
    pub(super) taken: bool,
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut spaced = true;
    while let Some((start, c)) = chars.next() {
        if c == '\n' && !is_wrap(text, start) {
            push(&mut all, Shape::End, start..start + 1, "\n".to_owned(), true, false);
            spaced = true;
            continue;
        }
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        let mut end = start + c.len_utf8();
        let shape = if c.is_ascii_digit() {
            while let Some(&(at, next)) = chars.peek() {
                let inner = matches!(next, '.' | ',' | ':')
                    && text[at + 1..].chars().next().is_some_and(|d| d.is_ascii_digit());
                if !next.is_ascii_digit() && !inner {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
            Shape::Number
        } else if c.is_alphabetic() {
            while let Some(&(at, next)) = chars.peek() {
                let inner = matches!(next, '\'' | '’')
                    && text[at + next.len_utf8()..].chars().next().is_some_and(char::is_alphabetic);
                if !next.is_alphabetic() && !inner {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
            Shape::Word
        } else if matches!(c, '.' | '!' | '?' | ';')
            && text[end..].chars().next().is_none_or(char::is_whitespace)
        {
            Shape::End
        } else {
            Shape::Sign
        };
        let raw = &text[start..end];
        let folded = if raw.is_ascii() && !raw.contains('\'') {
            raw.to_ascii_lowercase()
        } else {
            raw.chars().filter(|c| !matches!(c, '\'' | '’')).flat_map(char::to_lowercase).collect()
        };
        push(&mut all, shape, start..end, folded, spaced, c.is_uppercase());
        spaced = false;
    }
    all
}

/// Lines shorter than this were ended by their author, not by a mail program that wraps at 60 to 80 columns.
const WRAPPED: usize = 48;

/// Whether the line end at `at` only wraps a paragraph: the line is long and ends no sentence, the next goes on.
pub(crate) fn is_wrap(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default().trim_end();
    let goes_on = text[at + 1..].chars().next().is_some_and(char::is_alphanumeric);
    goes_on && line.chars().count() >= WRAPPED && !line.ends_with(['.', '!', '?', ':', ';'])
}

fn push(all: &mut Vec<Token>, shape: Shape, span: Range<usize>, text: String, spaced: bool, capital: bool) {
    all.push(Token { shape, span, text, spaced, capital, taken: false });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_line_ends_nothing() {
        let wrapped =
            "Notre petit magasin est ouvert pour vous du lundi au\nvendredi de 9 h à 18 h.\nÀ bientôt";
        let ends = |text: &str| tokens(text).iter().filter(|t| t.text == "\n").count();
        assert_eq!(ends(wrapped), 1, "only the sentence's");
        assert_eq!(ends("Mo-Fr 9-17\nSa 10-14"), 1, "a table of hours");
        assert_eq!(ends(&wrapped.replace("du lundi au\n", "du lundi au\n\n")), 3, "a paragraph");
    }
}
