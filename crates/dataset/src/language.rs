//! Which language a customer wrote in, or an honest "cannot tell".
//!
//! Two witnesses: the small words that no sentence does without, which know short mail best, and, where
//! those do not decide, the letter statistics of `whatlang`, which know more languages.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use whatlang::{Detector, Lang, Script};

use crate::tokens::is_ideographic;

/// Fewer words than this tell too little.
const MIN_WORDS: usize = 5;
/// The same for scripts without spaces between words.
const MIN_IDEOGRAPHS: usize = 6;
/// The small words decide when one language has at least so many of them …
const MIN_VOTES: usize = 3;
/// Below this confidence the letter statistics are not believed.
const MIN_CONFIDENCE: f64 = 0.6;
/// Enough text for the small words, and enough for the letter statistics; more only costs time.
const SMALL_WORDS_BYTES: usize = 600;
const MAX_BYTES: usize = 2_000;
/// More languages than the list of small words has.
const MAX_LANGUAGES: usize = 32;

/// The languages of the list of small words, and for each word the set of those it speaks for.
struct SmallWords {
    languages: Vec<&'static str>,
    words: FxHashMap<&'static str, u32>,
    /// Bytes of the longest of them.
    longest: usize,
}

static SMALL_WORDS: LazyLock<SmallWords> = LazyLock::new(|| {
    let mut small = SmallWords { languages: Vec::new(), words: FxHashMap::default(), longest: 0 };
    for line in include_str!("../phrases/function_words.txt").lines() {
        if let Some((language, words)) = line.split_once(": ")
            && !line.starts_with('#')
            && small.languages.len() < MAX_LANGUAGES
        {
            for word in words.split_whitespace() {
                *small.words.entry(word).or_default() |= 1 << small.languages.len();
                small.longest = small.longest.max(word.len());
            }
            small.languages.push(language);
        }
    }
    small
});

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    Detector::with_denylist(vec![
        Lang::Epo,
        Lang::Lat,
        Lang::Jav,
        Lang::Zul,
        Lang::Sna,
        Lang::Aka,
        Lang::Uzb,
        Lang::Tuk,
        Lang::Yid,
    ])
});

/// The ISO 639-1 code of the language that the texts are written in together; none when they hold fewer
/// than five words (six characters for Chinese and Japanese) or when it cannot be told with some certainty.
///
/// Addresses, links, numbers and placeholders say nothing about a language and are left out, and so is all
/// beyond the first 2,000 bytes. Esperanto, Latin, Javanese, Zulu, Shona, Akan, Uzbek, Turkmen and Yiddish
/// are never answered: short mail is mistaken for them far more often than it is written in them.
///
/// ```
/// use threadfold_dataset::detect_language;
/// assert_eq!(detect_language(["Guten Tag, wo bleibt denn bitte meine Bestellung?"]), Some("de"));
/// assert_eq!(detect_language(["Order 4711?"]), None);
/// ```
pub fn detect_language<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<&'static str> {
    let mut said = Said::default();
    let mut asked = false;
    for word in texts.into_iter().flat_map(str::split_whitespace) {
        said.add(word);
        // The small words tell most languages, from a part of the text: the rest is not looked at then.
        if !asked && said.words.len() >= SMALL_WORDS_BYTES && said.is_enough() {
            asked = true;
            if let Some(found) = said.by_small_words() {
                return Some(found);
            }
        }
        if said.words.len() >= MAX_BYTES {
            break;
        }
    }
    if !said.is_enough() {
        return None;
    }
    let small = if asked { None } else { said.by_small_words() };
    small.or_else(|| {
        let info = DETECTOR.detect(&said.words)?;
        // Languages that share another script than the Latin one are told apart badly below that.
        let certain = if info.script() == Script::Latin {
            info.confidence() >= MIN_CONFIDENCE
        } else {
            info.is_reliable()
        };
        if certain { iso_639_1(info.lang()) } else { None }
    })
}

/// The words of a text that say something about its language.
#[derive(Default)]
struct Said {
    words: String,
    /// Words with letters in them.
    spaced: usize,
    ideographs: usize,
}

impl Said {
    fn add(&mut self, word: &str) {
        // Without an early exit, so that the compiler makes vectors of it.
        let marked = |found, b: u8| {
            found | b.is_ascii_digit() | matches!(b, b'@' | b'/' | b'[' | b']' | b'<' | b'>' | b'_')
        };
        if word.bytes().fold(false, marked) {
            return;
        }
        // One endless "word" must not cost more than the rest together.
        let word = &word[..word.floor_char_boundary(400)];
        self.words.push_str(word);
        self.words.push(' ');
        if word.is_ascii() {
            self.spaced += usize::from(word.bytes().any(|b| b.is_ascii_alphabetic()));
        } else {
            self.ideographs += word.chars().filter(|&c| is_ideographic(c)).count();
            self.spaced += usize::from(word.contains(char::is_alphabetic));
        }
    }

    fn is_enough(&self) -> bool {
        self.spaced >= MIN_WORDS || self.ideographs >= MIN_IDEOGRAPHS
    }

    fn by_small_words(&self) -> Option<&'static str> {
        by_small_words(&self.words[..self.words.floor_char_boundary(SMALL_WORDS_BYTES)])
    }
}

/// The language with the most small words, if it has enough of them, they are a fair part of the text, and no
/// other comes near.
fn by_small_words(text: &str) -> Option<&'static str> {
    let small = &*SMALL_WORDS;
    let mut votes = [0; MAX_LANGUAGES];
    let mut words = 0;
    let text = text.to_lowercase();
    for word in words_of(&text) {
        words += 1;
        let mut of = match word.len() <= small.longest {
            true => small.words.get(word).copied().unwrap_or(0),
            false => 0,
        };
        while of != 0 {
            votes[of.trailing_zeros() as usize] += 1;
            of &= of - 1;
        }
    }
    let (best, most) = votes.iter().enumerate().max_by_key(|(_, votes)| **votes)?;
    let second = votes.iter().enumerate().filter(|(i, _)| *i != best).map(|(_, votes)| *votes).max()?;
    // … and clearly more than any other: two at least, and a third.
    let clear = *most >= second + 2 && most * 3 >= second * 4;
    (*most >= MIN_VOTES && *most * 5 >= words && clear).then(|| small.languages[best])
}

/// The runs of letters in a text.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    // Bytes where they are ASCII: a text has a thousand letters, and this looks at all of them.
    let letter = |at: usize| match text.as_bytes()[at] {
        b if b.is_ascii() => (b.is_ascii_alphabetic(), 1),
        _ => text[at..].chars().next().map_or((false, 1), |c| (c.is_alphabetic(), c.len_utf8())),
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let start = at;
            while at < text.len() {
                let (is_letter, len) = letter(at);
                if !is_letter {
                    break;
                }
                at += len;
            }
            let word = &text[start..at];
            if at < text.len() {
                at += letter(at).1;
            }
            if !word.is_empty() {
                return Some(word);
            }
        }
        None
    })
}

/// From the three-letter codes of ISO 639-3 to two letters.
fn iso_639_1(lang: Lang) -> Option<&'static str> {
    let three = lang.code();
    let at = CODES.binary_search_by_key(&three, |row| row.0).ok()?;
    Some(CODES[at].1)
}

/// Sorted by the three-letter code. Mandarin is given as `zh`, Bokmål as `no` would be too broad: `nb`.
const CODES: &[(&str, &str)] = &[
    ("afr", "af"),
    ("aka", "ak"),
    ("amh", "am"),
    ("ara", "ar"),
    ("aze", "az"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("yid", "yi"),
    ("zho", "zh"),
    ("zul", "zu"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_of_the_detector_has_two_letters() {
        assert!(CODES.is_sorted());
        for lang in Lang::all() {
            assert!(iso_639_1(*lang).is_some(), "{}", lang.code());
        }
    }

    #[test]
    fn sentences() {
        for (text, code) in [
            (
                "Hello, I ordered a blue teapot two weeks ago and it has still not arrived. Where is it?",
                Some("en"),
            ),
            (
                "Bonjour, je voudrais savoir quand ma commande sera livrée, car je l’attends depuis lundi.",
                Some("fr"),
            ),
            (
                "Buenos días, quisiera devolver el artículo que compré la semana pasada porque llegó roto.",
                Some("es"),
            ),
            ("Здравствуйте, подскажите, пожалуйста, когда будет отправлен мой заказ?", Some("ru")),
            ("注文した商品がまだ届いていません。いつ届きますか。", Some("ja")),
            ("请问我的订单什么时候可以发货", Some("zh")),
            ("주문한 상품이 아직 도착하지 않았습니다 언제 받을 수 있나요", Some("ko")),
            ("Wo ist denn mein Paket?", Some("de")),
            ("I want to send it back", Some("en")),
            ("Quero devolver o meu pedido, mas não sei como.", Some("pt")),
            ("Ik wil graag weten waar mijn pakket is", Some("nl")),
            ("Jag vill veta var mitt paket är", Some("sv")),
            ("Добрий день, коли буде відправлено моє замовлення? Я вже чекаю два тижні.", Some("uk")),
            ("Siparişim ne zaman gelecek, henüz bir bilgi yok ve çok bekledim", Some("tr")),
            ("OK", None),
            ("", None),
            ("4711 0815 https://example.com/a b@example.com [EMAIL_1] [NAME_2] 12 13 14", None),
        ] {
            assert_eq!(detect_language([text]), code, "{text}");
        }
    }

    #[test]
    fn short_turns_count_together() {
        let turns =
            ["Where is the parcel that I ordered", "I have been waiting for it since Monday and need it"];
        assert_eq!(detect_language(turns), Some("en"));
    }
}
