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
    /// The words of up to eight bytes, as [`packed`] makes a number of them.
    short: FxHashMap<u64, u32>,
    /// The others.
    long: FxHashMap<&'static str, u32>,
    /// Bytes of the longest of them.
    longest: usize,
}

impl SmallWords {
    /// The languages that a word in lower case speaks for.
    fn of(&self, word: &str) -> u32 {
        let found = match packed(word.as_bytes()) {
            Some(number) => self.short.get(&number),
            None if word.len() <= self.longest => self.long.get(word),
            None => None,
        };
        found.copied().unwrap_or(0)
    }
}

static SMALL_WORDS: LazyLock<SmallWords> = LazyLock::new(|| {
    let mut small = SmallWords {
        languages: Vec::new(),
        short: FxHashMap::default(),
        long: FxHashMap::default(),
        longest: 0,
    };
    for line in include_str!("../phrases/function_words.txt").lines() {
        if let Some((language, words)) = line.split_once(": ")
            && !line.starts_with('#')
            && small.languages.len() < MAX_LANGUAGES
        {
            for word in words.split_whitespace() {
                let of = match packed(word.as_bytes()) {
                    Some(number) => small.short.entry(number).or_default(),
                    None => small.long.entry(word).or_default(),
                };
                *of |= 1 << small.languages.len();
                small.longest = small.longest.max(word.len());
            }
            small.languages.push(language);
        }
    }
    small
});

/// A word of up to eight bytes as one number.
fn packed(word: &[u8]) -> Option<u64> {
    let mut eight = [0; 8];
    eight.get_mut(..word.len())?.copy_from_slice(word);
    Some(u64::from_le_bytes(eight))
}

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
    let mut said = Said { words: String::with_capacity(SMALL_WORDS_BYTES * 2), ..Said::default() };
    for text in texts {
        match said.listen(text) {
            Heard::More => {}
            Heard::Language(found) => return Some(found),
            Heard::Enough => break,
        }
    }
    if !said.is_enough() {
        return None;
    }
    let small = if said.asked { None } else { said.by_small_words() };
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
    /// The small words were asked, and did not tell.
    asked: bool,
}

/// What listening to one more text came to.
enum Heard {
    /// Nothing yet.
    More,
    Language(&'static str),
    /// More text would tell no more.
    Enough,
}

const SPACE: u8 = 1;
const LETTER: u8 = 2;
/// Of what says nothing about a language: addresses, links, numbers and placeholders.
const MARK: u8 = 4;
const WIDE: u8 = 8;

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b' ' | 9..=13 => SPACE,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' | b'@' | b'/' | b'[' | b']' | b'<' | b'>' | b'_' => MARK,
            0x80.. => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// The kinds of bytes up to the next white space of ASCII, and how many they are.
fn kinds_of(bytes: &[u8]) -> (u8, usize) {
    let mut seen = 0;
    for (len, byte) in bytes.iter().enumerate() {
        let kind = KINDS[usize::from(*byte)];
        if kind == SPACE {
            return (seen, len);
        }
        seen |= kind;
    }
    (seen, bytes.len())
}

impl Said {
    /// Adds a text's words, as far as more of them tell more.
    fn listen(&mut self, text: &str) -> Heard {
        let mut at = 0;
        while at < text.len() {
            let (kinds, len) = kinds_of(&text.as_bytes()[at..]);
            let word = &text[at..at + len];
            at += len + 1;
            if word.is_empty() {
                continue;
            }
            if kinds & WIDE == 0 {
                if kinds & MARK == 0 {
                    self.add(word, kinds & LETTER != 0);
                }
            } else {
                for word in word.split_whitespace() {
                    self.add_wide(word);
                    if let heard @ (Heard::Language(_) | Heard::Enough) = self.consider() {
                        return heard;
                    }
                }
                continue;
            }
            if let heard @ (Heard::Language(_) | Heard::Enough) = self.consider() {
                return heard;
            }
        }
        Heard::More
    }

    /// The small words tell most languages, from a part of the text: the rest is not looked at then.
    fn consider(&mut self) -> Heard {
        if !self.asked && self.words.len() >= SMALL_WORDS_BYTES && self.is_enough() {
            self.asked = true;
            if let Some(found) = self.by_small_words() {
                return Heard::Language(found);
            }
        }
        if self.words.len() >= MAX_BYTES { Heard::Enough } else { Heard::More }
    }

    fn add(&mut self, word: &str, has_letters: bool) {
        // One endless "word" must not cost more than the rest together.
        let word = &word[..word.floor_char_boundary(400)];
        self.words.push_str(word);
        self.words.push(' ');
        self.spaced += usize::from(has_letters);
    }

    /// Adds a word that is not all ASCII.
    fn add_wide(&mut self, word: &str) {
        if word.bytes().fold(0, |kinds, byte| kinds | KINDS[usize::from(byte)]) & MARK != 0 {
            return;
        }
        let word = &word[..word.floor_char_boundary(400)];
        self.ideographs += word.chars().filter(|&c| is_ideographic(c)).count();
        self.add(word, word.contains(char::is_alphabetic));
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
    each_word(text, |of| {
        words += 1;
        let mut of = of;
        while of != 0 {
            votes[of.trailing_zeros() as usize] += 1;
            of &= of - 1;
        }
    });
    let (best, most) = votes.iter().enumerate().max_by_key(|(_, votes)| **votes)?;
    let second = votes.iter().enumerate().filter(|(i, _)| *i != best).map(|(_, votes)| *votes).max()?;
    // … and clearly more than any other: two at least, and a third.
    let clear = *most >= second + 2 && *most * 3 >= second * 4;
    (*most >= MIN_VOTES && *most * 5 >= words && clear).then(|| small.languages[best])
}

/// Tells of each run of letters in a text which languages it speaks for.
fn each_word(text: &str, mut tell: impl FnMut(u32)) {
    let small = &*SMALL_WORDS;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        // Words of ASCII are told by number, in small letters.
        let (mut number, mut end) = (0_u64, at);
        while let Some(&byte) = bytes.get(end)
            && KINDS[usize::from(byte)] == LETTER
        {
            number = number >> 8 | u64::from(byte | 0x20) << 56;
            end += 1;
        }
        let wide = bytes.get(end).is_some_and(|byte| !byte.is_ascii());
        if !wide {
            match end - at {
                0 => {}
                len @ 1..=8 => tell(small.short.get(&(number >> (64 - 8 * len))).copied().unwrap_or(0)),
                len if len <= small.longest => tell(small.of(&text[at..end].to_ascii_lowercase())),
                _ => tell(0),
            }
            at = end + 1;
            continue;
        }
        let rest = &text[at..];
        let word = &rest[..rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())];
        // A letter may be two characters in lower case, and the second of them none.
        let lower = word.to_lowercase();
        lower.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).for_each(|w| tell(small.of(w)));
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
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

    proptest::proptest! {
        #[test]
        fn words_speak_for_their_languages_however_they_are_cut(text in "[ a-zA-ZäéıİßñЯя.'’0]{0,80}") {
            let small = &*SMALL_WORDS;
            let lower = text.to_lowercase();
            let words = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
            let expected: Vec<u32> = words.map(|word| small.of(word)).collect();
            let mut found = Vec::new();
            each_word(&text, |of| found.push(of));
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
