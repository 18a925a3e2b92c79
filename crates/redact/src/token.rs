//! Words and numbers of a text with what stands between them: the anchors that all rules start from.

use crate::fold::{fold_char, is_mark, step};
use crate::lexicon::{Lexicon, Means};
use std::sync::LazyLock;

/// What stands between a token and the one before it.
pub(crate) mod gap {
    pub(crate) const SPACE: u32 = 1;
    pub(crate) const NEWLINE: u32 = 1 << 1;
    pub(crate) const BLANK: u32 = 1 << 2;
    pub(crate) const DOT: u32 = 1 << 3;
    pub(crate) const STOP: u32 = 1 << 4;
    pub(crate) const COMMA: u32 = 1 << 5;
    pub(crate) const COLON: u32 = 1 << 6;
    pub(crate) const HYPHEN: u32 = 1 << 7;
    pub(crate) const APOS: u32 = 1 << 8;
    pub(crate) const SLASH: u32 = 1 << 9;
    pub(crate) const AMP: u32 = 1 << 10;
    pub(crate) const OPEN: u32 = 1 << 11;
    pub(crate) const CLOSE: u32 = 1 << 12;
    pub(crate) const QUOTE: u32 = 1 << 13;
    pub(crate) const HASH: u32 = 1 << 14;
    pub(crate) const EQ: u32 = 1 << 15;
    pub(crate) const UNDER: u32 = 1 << 16;
    pub(crate) const PLUS: u32 = 1 << 17;
    pub(crate) const MONEY: u32 = 1 << 18;
    pub(crate) const STAR: u32 = 1 << 19;
    pub(crate) const SEMI: u32 = 1 << 20;
    pub(crate) const OTHER: u32 = 1 << 21;
    /// Nothing stands before: the first token.
    pub(crate) const START: u32 = 1 << 22;
    /// Nothing stands between, but an East Asian script begins or ends.
    pub(crate) const SCRIPT: u32 = 1 << 23;
}

/// What a token looks like.
pub(crate) mod shape {
    pub(crate) const DIGIT: u32 = 1;
    pub(crate) const ALPHA: u32 = 1 << 1;
    /// Begins with a capital.
    pub(crate) const UPPER: u32 = 1 << 2;
    /// Has a small letter.
    pub(crate) const LOWER: u32 = 1 << 3;
    /// Has a capital after the first letter.
    pub(crate) const INNER: u32 = 1 << 4;
    pub(crate) const WIDE: u32 = 1 << 5;
    /// A literal like `[EMAIL_1]`.
    pub(crate) const PLACEHOLDER: u32 = 1 << 6;
    /// Inside an address of the net or another value already found.
    pub(crate) const TAKEN: u32 = 1 << 7;
    /// Letters of a script without capitals.
    pub(crate) const CASELESS: u32 = 1 << 8;
    /// Han, kana or Hangul: a token is a phrase and not a word.
    pub(crate) const EAST: u32 = 1 << 9;
    /// What stands before counts as one byte: a line end or two spaces in the middle of a value.
    pub(crate) const WRAPPED: u32 = 1 << 10;
}

/// A maximal run of letters and digits. 32 bytes; offsets are bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Token {
    pub(crate) hash: u64,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) gap: u32,
    pub(crate) shape: u32,
    pub(crate) flags: u32,
    pub(crate) context: u32,
}

impl Token {
    pub(crate) fn len(&self) -> usize {
        (self.end - self.start) as usize
    }
    pub(crate) fn is(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }
    pub(crate) fn looks(&self, shape: u32) -> bool {
        self.shape & shape != 0
    }
    /// All digits.
    pub(crate) fn digits(&self) -> bool {
        self.shape & (shape::DIGIT | shape::ALPHA | shape::PLACEHOLDER) == shape::DIGIT
    }
    pub(crate) fn mixed(&self) -> bool {
        self.shape & (shape::DIGIT | shape::ALPHA) == shape::DIGIT | shape::ALPHA
    }
    pub(crate) fn word(&self) -> bool {
        self.shape & (shape::DIGIT | shape::ALPHA | shape::PLACEHOLDER) == shape::ALPHA
    }
    pub(crate) fn capital(&self) -> bool {
        self.word() && self.looks(shape::UPPER | shape::CASELESS) && !self.looks(shape::EAST)
    }
    /// A sentence, line or text begins here.
    pub(crate) fn opens(&self) -> bool {
        self.gap & (gap::NEWLINE | gap::START) != 0 || self.gap & gap::STOP != 0 && self.gap & gap::SPACE != 0
    }
}

const CLASS_SEPARATOR: u8 = 0;
const CLASS_LOWER: u8 = 1;
const CLASS_UPPER: u8 = 2;
const CLASS_DIGIT: u8 = 3;
const CLASS_WIDE: u8 = 4;

const CLASS: [u8; 256] = {
    let mut table = [CLASS_SEPARATOR; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        table[i] = if b.is_ascii_lowercase() {
            CLASS_LOWER
        } else if b.is_ascii_uppercase() {
            CLASS_UPPER
        } else if b.is_ascii_digit() {
            CLASS_DIGIT
        } else if b >= 0x80 {
            CLASS_WIDE
        } else {
            CLASS_SEPARATOR
        };
        i += 1;
    }
    table
};

/// What a letter or digit beyond ASCII makes of the word it begins; zero for other characters.
fn shape_of(c: char) -> u32 {
    if !c.is_alphanumeric() {
        return 0;
    }
    shape::WIDE
        | if c.is_numeric() {
            shape::DIGIT
        } else if c.is_uppercase() {
            shape::ALPHA | shape::UPPER
        } else if c.is_lowercase() {
            shape::ALPHA | shape::LOWER
        } else {
            shape::ALPHA | shape::CASELESS
        }
}

/// Behind the letters of Latin, Greek and Cyrillic.
const NEAR: u32 = 0x530;

/// [`shape_of`] the characters before [`NEAR`], which is slow to ask for each.
static NEAR_SHAPES: LazyLock<Vec<u32>> =
    LazyLock::new(|| (0..NEAR).map(|code| char::from_u32(code).map_or(0, shape_of)).collect());

const GAPS: [u32; 128] = {
    let mut table = [gap::OTHER; 128];
    table[b' ' as usize] = gap::SPACE;
    table[b'\t' as usize] = gap::SPACE;
    table[b'\r' as usize] = 0;
    table[b'\n' as usize] = gap::NEWLINE;
    table[b'.' as usize] = gap::DOT | gap::STOP;
    table[b'!' as usize] = gap::STOP;
    table[b'?' as usize] = gap::STOP;
    table[b',' as usize] = gap::COMMA;
    table[b';' as usize] = gap::SEMI;
    table[b':' as usize] = gap::COLON;
    table[b'-' as usize] = gap::HYPHEN;
    table[b'\'' as usize] = gap::APOS;
    table[b'`' as usize] = gap::APOS;
    table[b'/' as usize] = gap::SLASH;
    table[b'&' as usize] = gap::AMP;
    table[b'(' as usize] = gap::OPEN;
    table[b'[' as usize] = gap::OPEN;
    table[b')' as usize] = gap::CLOSE;
    table[b']' as usize] = gap::CLOSE;
    table[b'"' as usize] = gap::QUOTE;
    table[b'#' as usize] = gap::HASH;
    table[b'=' as usize] = gap::EQ;
    table[b'_' as usize] = gap::UNDER;
    table[b'+' as usize] = gap::PLUS;
    table[b'$' as usize] = gap::MONEY;
    table[b'*' as usize] = gap::STAR;
    table
};

/// Letters of scripts that are written without spaces or glue endings to their words.
pub(crate) fn is_east(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

fn wide_gap(c: char) -> u32 {
    match c {
        '\u{2010}'..='\u{2015}' => gap::HYPHEN,
        '’' | '‘' | '´' | 'ʼ' => gap::APOS,
        '“' | '”' | '„' | '«' | '»' => gap::QUOTE,
        '€' | '£' | '¥' => gap::MONEY,
        '。' | '！' | '？' | '…' => gap::STOP | gap::SPACE,
        '，' | '、' => gap::COMMA,
        '：' => gap::COLON,
        '（' | '「' | '【' => gap::OPEN,
        '）' | '」' | '】' => gap::CLOSE,
        '№' => gap::HASH,
        c if c.is_whitespace() => gap::SPACE,
        _ => gap::OTHER,
    }
}

/// How many bytes of a placeholder literal such as `[EMAIL_1]` stand at the start of `rest`.
pub(crate) fn placeholder_len(rest: &[u8]) -> Option<usize> {
    if rest.first() != Some(&b'[') {
        return None;
    }
    let close = rest.iter().take(40).position(|&b| b == b']')?;
    let (kind, number) = crate::placeholder::parse(std::str::from_utf8(&rest[..=close]).ok()?)?;
    let _ = (kind, number);
    Some(close + 1)
}

/// Splits `text` into `out` (cleared first) and looks every word up.
pub(crate) fn tokenise(text: &str, lexicon: &Lexicon, out: &mut Vec<Token>) {
    out.clear();
    let bytes = text.as_bytes();
    let near = &**NEAR_SHAPES;
    out.reserve((bytes.len() / 5).min(1 << 20));
    let mut at = 0;
    let mut gaps = gap::START;
    while at < bytes.len() {
        let class = CLASS[bytes[at] as usize];
        if class == CLASS_SEPARATOR {
            let b = bytes[at];
            if b == b'['
                && bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase)
                && let Some(len) = placeholder_len(&bytes[at..])
            {
                out.push(Token {
                    start: at as u32,
                    end: (at + len) as u32,
                    gap: gaps,
                    shape: shape::PLACEHOLDER | shape::TAKEN,
                    ..Token::default()
                });
                at += len;
                gaps = 0;
                continue;
            }
            if b == b'\n' && gaps & gap::NEWLINE != 0 {
                gaps |= gap::BLANK;
            }
            gaps |= GAPS[b as usize];
            at += 1;
            continue;
        }
        let start = at;
        let mut hash = 0u64;
        let mut shape = 0u32;
        while let Some(&b) = bytes.get(at) {
            if shape & shape::EAST != 0 && b < 0x80 {
                break;
            }
            match CLASS[b as usize] {
                CLASS_LOWER => {
                    shape |= shape::ALPHA | shape::LOWER;
                    hash = step(hash, b);
                    at += 1;
                    while let Some(&b) = bytes.get(at).filter(|b| b.is_ascii_lowercase()) {
                        hash = step(hash, b);
                        at += 1;
                    }
                }
                CLASS_UPPER => {
                    hash = step(hash, b | 0x20);
                    shape |= shape::ALPHA | if at == start { shape::UPPER } else { shape::INNER };
                    at += 1;
                }
                CLASS_DIGIT => {
                    hash = step(hash, b);
                    shape |= shape::DIGIT;
                    at += 1;
                }
                CLASS_WIDE => {
                    let Some(c) = text[at..].chars().next() else { break };
                    let east = is_east(c);
                    if at > start && east != (shape & shape::EAST != 0) && !is_mark(c) {
                        break;
                    }
                    let like = if (c as u32) < NEAR { near[c as usize] } else { shape_of(c) };
                    if like != 0 {
                        if east {
                            shape |= shape::EAST;
                        }
                        fold_char(c, &mut |b| hash = step(hash, b));
                        let inner = at > start && like & shape::UPPER != 0;
                        shape |= if inner { like ^ (shape::UPPER | shape::INNER) } else { like };
                    } else if !(is_mark(c) && at > start) {
                        break;
                    }
                    at += c.len_utf8();
                }
                _ => break,
            }
        }
        if at == start {
            // A wide character that is no letter.
            let Some(c) = text[at..].chars().next() else { break };
            gaps |= wide_gap(c);
            at += c.len_utf8();
            continue;
        }
        let Means { flags, context, minor } = lexicon.look_up(hash);
        if gaps == 0 {
            gaps = gap::SCRIPT;
        }
        let east = shape & shape::EAST != 0;
        let shape = shape | minor;
        out.push(Token { hash, start: start as u32, end: at as u32, gap: gaps, shape, flags, context });
        if east && let Some(token) = out.last_mut() {
            token.context |= lexicon.east().context(&text[start..at]);
        }
        if flags & crate::lexicon::flag::PHRASE != 0 {
            lexicon.phrases(out);
        }
        gaps = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        tokenise(text, Lexicon::get(), &mut tokens);
        tokens.iter().map(|t| text[t.start as usize..t.end as usize].to_owned()).collect()
    }

    #[test]
    fn splits_at_everything_but_letters_and_digits() {
        assert_eq!(words("Jürgen's e\u{301}t – «HP-204418»"), ["Jürgen", "s", "e\u{301}t", "HP", "204418"]);
        assert_eq!(words("to [EMAIL_12] and [sic]"), ["to", "[EMAIL_12]", "and", "sic"]);
    }

    #[test]
    fn phrases_mark_their_last_word() {
        let mut tokens = Vec::new();
        tokenise("My Date of Birth", Lexicon::get(), &mut tokens);
        assert_ne!(tokens[3].context & crate::lexicon::context::DOB, 0);
    }
}
