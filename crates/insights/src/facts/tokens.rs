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
        if c == '\n' {
            push(&mut all, Shape::End, start..start + 1, "\n", true, false);
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
        let folded: String = text[start..end]
            .chars()
            .filter(|c| !matches!(c, '\'' | '’'))
            .flat_map(char::to_lowercase)
            .collect();
        push(&mut all, shape, start..end, &folded, spaced, c.is_uppercase());
        spaced = false;
    }
    all
}

fn push(all: &mut Vec<Token>, shape: Shape, span: Range<usize>, text: &str, spaced: bool, capital: bool) {
    all.push(Token { shape, span, text: text.to_owned(), spaced, capital, taken: false });
}
