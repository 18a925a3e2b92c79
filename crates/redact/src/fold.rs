//! Folding: case, accents and scripts away, so that "Weißmüller", "WEISSMULLER" and "weissmüller" meet.
//!
//! A word folds to lower-case ASCII where its script has a usual romanisation (Latin with marks, Cyrillic,
//! Greek) and to its lower-cased self elsewhere. Combining marks vanish.

use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization::char::decompose_canonical;

/// One step of the hash of folded bytes.
#[inline(always)]
pub(crate) fn step(hash: u64, byte: u8) -> u64 {
    (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// Latin letters below U+0250, folded to at most two ASCII bytes; zero where there is none.
static LATIN: LazyLock<Vec<[u8; 2]>> = LazyLock::new(|| {
    (0..0x250u32)
        .map(|code| {
            let mut out = [0u8; 2];
            let Some(c) = char::from_u32(code).filter(|c| c.is_alphanumeric()) else { return out };
            let mut len = 0;
            slow(c, &mut |b| {
                if len < 2 && b.is_ascii() {
                    out[len] = b;
                    len += 1;
                }
            });
            out
        })
        .collect()
});

const CYRILLIC: [&str; 32] = [
    "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f",
    "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
];

const GREEK: [&str; 25] = [
    "a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s", "t", "y",
    "f", "ch", "ps", "o",
];

fn romanised(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'ł' => "l",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'æ' => "ae",
        'œ' => "oe",
        'ı' => "i",
        'þ' => "th",
        'ŋ' => "n",
        'а'..='я' => CYRILLIC[(c as usize - 'а' as usize).min(31)],
        'ё' => "e",
        'є' => "ye",
        'і' => "i",
        'ї' => "yi",
        'ґ' => "g",
        'ў' => "u",
        'ђ' => "d",
        'ј' => "j",
        'љ' => "lj",
        'њ' => "nj",
        'ћ' => "c",
        'џ' => "dz",
        'α'..='ω' => GREEK[(c as usize - 'α' as usize).min(24)],
        _ => return None,
    })
}

fn slow(c: char, emit: &mut impl FnMut(u8)) {
    for lower in c.to_lowercase() {
        // й and ї are letters of their own: look before taking the mark off.
        if let Some(text) = romanised(lower) {
            text.bytes().for_each(&mut *emit);
            continue;
        }
        decompose_canonical(lower, |part| {
            if is_mark(part) {
                return;
            }
            match romanised(part) {
                Some(text) => text.bytes().for_each(&mut *emit),
                None => {
                    let mut buffer = [0; 4];
                    part.encode_utf8(&mut buffer).bytes().for_each(&mut *emit);
                }
            }
        });
    }
}

/// True for combining marks, which belong to the word they stand in and fold to nothing.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}')
}

/// Feeds the folded bytes of one letter or digit to `emit`.
#[inline]
pub(crate) fn fold_char(c: char, emit: &mut impl FnMut(u8)) {
    if c.is_ascii() {
        emit(c.to_ascii_lowercase() as u8);
    } else if (c as u32) < 0x250 {
        for byte in LATIN[c as usize] {
            if byte != 0 {
                emit(byte);
            }
        }
    } else {
        slow(c, emit);
    }
}

/// The folded letters and digits of a text; everything else is left out.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        let mut out = text.to_ascii_lowercase();
        if !text.bytes().fold(true, |all, b| all & b.is_ascii_alphanumeric()) {
            out.retain(|c| c.is_ascii_alphanumeric());
        }
        return out;
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars().filter(|c| c.is_alphanumeric()) {
        fold_char(c, &mut |b| out.push(b));
    }
    String::from_utf8(out).unwrap_or_default()
}

/// The hash of a folded word, as the tokeniser computes it.
pub(crate) fn hash_folded(folded: &str) -> u64 {
    folded.bytes().fold(0, step)
}

/// The hash of the folded letters and digits of a text.
pub(crate) fn hash_word(text: &str) -> u64 {
    if text.is_ascii() {
        let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
        return letters.fold(0, |hash, b| step(hash, b.to_ascii_lowercase()));
    }
    let mut hash = 0;
    for c in text.chars().filter(|c| c.is_alphanumeric()) {
        fold_char(c, &mut |b| hash = step(hash, b));
    }
    hash
}

/// A text in small letters; most addresses are.
pub(crate) fn in_small(text: &str) -> Cow<'_, str> {
    let small = text.bytes().fold(true, |small, b| small & (b.is_ascii() & !b.is_ascii_uppercase()));
    if small { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// A text with one space wherever it has white space, and none at its ends.
pub(crate) fn one_spaced(text: &str) -> String {
    // Mostly it is so already.
    let mut space = true;
    let plain = text.bytes().all(|b| {
        let before = std::mem::replace(&mut space, b == b' ');
        b.is_ascii_graphic() || b == b' ' && !before
    });
    if plain && !space { text.to_owned() } else { text.split_whitespace().collect::<Vec<_>>().join(" ") }
}

/// A folded word with "ue", "oe" and "ae" each as its first letter.
fn narrow(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut vowel = false;
    for c in word.chars() {
        if vowel && c == 'e' {
            vowel = false;
        } else {
            vowel = matches!(c, 'u' | 'o' | 'a');
            out.push(c);
        }
    }
    out
}

/// Other usual spellings of a folded name: "muller" for "Mueller", and for "Müller" also "mueller".
pub(crate) fn spellings(word: &str) -> Vec<String> {
    let plain = fold(word);
    let mut out = vec![plain.clone()];
    let mut wide = String::new();
    let mut marked = false;
    for c in word.chars().filter(|c| c.is_alphanumeric()) {
        let pair = match c {
            'ä' | 'Ä' => "ae",
            'ö' | 'Ö' | 'ø' | 'Ø' => "oe",
            'ü' | 'Ü' => "ue",
            'å' | 'Å' => "aa",
            _ => {
                let mut bytes = Vec::new();
                fold_char(c, &mut |b| bytes.push(b));
                wide.push_str(&String::from_utf8(bytes).unwrap_or_default());
                continue;
            }
        };
        marked = true;
        wide.push_str(pair);
    }
    if marked {
        out.push(wide);
    } else if word.is_ascii() && plain.len() > 4 {
        let narrow = narrow(&plain);
        if narrow != plain && narrow.len() > 3 {
            out.push(narrow);
        }
    }
    if !word.is_ascii() && word.chars().any(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'і' | 'ї' | 'є')) {
        // The same Cyrillic letter is romanised as y, i or j.
        out.push(plain.replace("iy", "y").replace("yy", "y"));
        out.push(plain.replace('y', "i"));
        out.push(plain.replace("ye", "e"));
    }
    out.sort();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_accents_and_scripts() {
        for (from, to) in [
            ("Weißmüller", "weissmuller"),
            ("ŁUKASZ", "lukasz"),
            ("N'Diaye", "ndiaye"),
            ("Søren", "soren"),
            ("Ольга", "olga"),
            ("Γιώργος", "giorgos"),
            ("İpek", "ipek"),
            ("e\u{301}", "e"),
        ] {
            assert_eq!(fold(from), to);
        }
    }

    #[test]
    fn white_space_becomes_one_space() {
        for text in
            ["", " ", "a", "a b", " a b", "a b ", "a  b", "a\nb", "a\u{a0}b", "é b", "a\u{1}b", "a \t b"]
        {
            assert_eq!(one_spaced(text), text.split_whitespace().collect::<Vec<_>>().join(" "), "{text:?}");
        }
    }

    #[test]
    fn words_of_ascii_fold_as_others_do() {
        for text in ["", "a", "O'Neill-Smith 42", "HP_204418", "=?%"] {
            let with = format!("{text}é");
            assert_eq!(format!("{}e", fold(text)), fold(&with));
            assert_eq!(step(hash_word(text), b'e'), hash_word(&with));
        }
    }

    #[test]
    fn each_vowel_is_narrowed_once() {
        for word in ["mueller", "uee", "aeoeue", "aee", "ueue", "oae", "e", "aa", "uueee", "noel"] {
            let each = word.replace("ue", "u").replace("oe", "o").replace("ae", "a");
            assert_eq!(narrow(word), each);
        }
    }

    #[test]
    fn umlauts_have_two_spellings() {
        assert_eq!(spellings("Müller"), ["mueller", "muller"]);
        assert_eq!(spellings("Mueller"), ["mueller", "muller"]);
    }
}
