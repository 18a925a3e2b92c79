//! A rough count of tokens, for when no vocabulary is at hand.

use threadfold_core::eight::{HIGH, ascii_letters, before, eight};

/// Estimates the number of tokens of a text.
///
/// **An estimate, not a count**: it knows no vocabulary and was not fitted to any. It is there so that
/// sizes can be compared and a budget guessed; whoever needs the number that is billed must count with
/// the trainer's own vocabulary. The rule:
/// - a run of ASCII letters is one token for every six begun (most words are one, long ones two);
/// - a run of digits is one for every three begun;
/// - letters of other alphabets are one for every three begun, since their words are cut finer;
/// - every Chinese, Japanese or Korean character, and every emoji or other symbol, is one;
/// - a run of one punctuation mark, and a run of line ends, is one; a single space is none (it belongs to
///   the word after it), further spaces in a row are one together.
///
/// ```
/// use threadfold_dataset::estimate_tokens;
/// assert_eq!(estimate_tokens("Where is my order?"), 5);
/// assert_eq!(estimate_tokens("返金できますか"), 7);
/// assert_eq!(estimate_tokens(""), 0);
/// ```
pub fn estimate_tokens(text: &str) -> u64 {
    let mut tokens = 0;
    let mut run = Run { kind: Kind::None, mark: '\0', len: 0 };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        // ASCII is looked at in stretches of one kind: words first, of which there are most.
        let next = match ASCII_KINDS.get(usize::from(byte)) {
            Some(Kind::Ascii) => {
                tokens += run.tokens();
                run = Run { kind: Kind::None, mark: '\0', len: 0 };
                let mut rest = &bytes[at..];
                loop {
                    let word = letters_before(rest);
                    tokens += (word as u64).div_ceil(6);
                    rest = &rest[word..];
                    // A single space is none, and most words have one and the next word behind them.
                    match rest {
                        [b' ', next, ..] if next.is_ascii_alphabetic() => rest = &rest[1..],
                        _ => break,
                    }
                }
                at = bytes.len() - rest.len();
                continue;
            }
            Some(&kind) => {
                let same = |b: &u8| ASCII_KINDS.get(usize::from(*b)) == Some(&kind);
                let rest = bytes[at..].iter();
                let len = match kind {
                    Kind::Mark => rest.take_while(|b| **b == byte).count(),
                    _ => rest.take_while(|b| same(b)).count(),
                };
                at += len;
                Run { kind, mark: char::from(byte), len: len as u64 }
            }
            None => {
                let Some(c) = text[at..].chars().next() else { break };
                at += c.len_utf8();
                Run { kind: kind_of(c), mark: c, len: 1 }
            }
        };
        if next.kind == run.kind && (next.kind != Kind::Mark || next.mark == run.mark) {
            run.len += next.len;
        } else {
            tokens += run.tokens();
            run = next;
        }
    }
    tokens + run.tokens()
}

/// How many ASCII letters a text begins with.
fn letters_before(text: &[u8]) -> usize {
    let mut len = 0;
    loop {
        let others = !ascii_letters(eight(&text[len..])) & HIGH;
        if others != 0 {
            return len + before(others);
        }
        len += 8;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Ascii,
    Letters,
    Digits,
    Ideographs,
    Space,
    LineEnd,
    Mark,
    Symbol,
}

struct Run {
    kind: Kind,
    mark: char,
    len: u64,
}

impl Run {
    fn tokens(&self) -> u64 {
        match self.kind {
            Kind::None => 0,
            Kind::Ascii => self.len.div_ceil(6),
            Kind::Letters | Kind::Digits => self.len.div_ceil(3),
            Kind::Ideographs | Kind::Symbol => self.len,
            Kind::Space => u64::from(self.len > 1),
            Kind::LineEnd | Kind::Mark => 1,
        }
    }
}

const ASCII_KINDS: [Kind; 128] = {
    let mut kinds = [Kind::Mark; 128];
    let mut c = 0;
    while c < 128 {
        kinds[c as usize] = match c {
            b'a'..=b'z' | b'A'..=b'Z' => Kind::Ascii,
            b'0'..=b'9' => Kind::Digits,
            b'\n' | b'\r' => Kind::LineEnd,
            b' ' | b'\t' => Kind::Space,
            _ => Kind::Mark,
        };
        c += 1;
    }
    kinds
};

/// Beyond ASCII.
fn kind_of(c: char) -> Kind {
    match c {
        // Most of what mail has, without a look at tables: Latin and Cyrillic letters, Chinese ones.
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | 'Ѐ'..='ҁ' => Kind::Letters,
        '\u{4e00}'..='\u{9fff}' => Kind::Ideographs,
        _ if is_ideographic(c) => Kind::Ideographs,
        _ if c.is_alphabetic() => Kind::Letters,
        _ if c.is_numeric() => Kind::Digits,
        _ if c.is_whitespace() => Kind::Space,
        '\u{a0}'..='\u{bf}' | '\u{2010}'..='\u{206f}' => Kind::Mark,
        _ => Kind::Symbol,
    }
}

/// Scripts written without spaces, where characters rather than words are counted: Han, kana, Hangul,
/// Bopomofo and the marks that come with them.
pub(crate) fn is_ideographic(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::estimate_tokens;

    #[test]
    fn letters_told_without_tables_are_letters() {
        for c in ('À'..='ҁ').filter(|&c| super::kind_of(c) == super::Kind::Letters) {
            assert!(c.is_alphabetic(), "{c:?}");
        }
    }

    #[test]
    fn the_rule() {
        for (text, tokens) in [
            ("refund", 1),
            ("refunds", 2),
            ("Überweisung", 3), // a run ends where ASCII letters begin: Ü, berweisung
            ("12345", 2),
            ("a.b", 3),
            ("......", 1),
            ("a\n\n\nb", 3),
            ("a   b", 3),
            ("internationalization of it all", 7),
            ("a b,c  d é", 7),
            ("привет", 2),
            ("환불", 2),
            ("👍👍", 2),
        ] {
            assert_eq!(estimate_tokens(text), tokens, "{text}");
        }
    }
}
