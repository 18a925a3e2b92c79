//! Which language a customer wrote in, or an honest "cannot tell".

use std::sync::LazyLock;

use whatlang::{Detector, Lang};

use crate::tokens::is_ideographic;

/// Fewer words than this tell too little.
const MIN_WORDS: usize = 5;
/// The same for scripts without spaces between words.
const MIN_IDEOGRAPHS: usize = 6;
/// Enough text to be sure of; more only costs time.
const MAX_BYTES: usize = 2_000;

/// Languages that short support mail is mistaken for far more often than it is written in.
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
/// than five words (six characters for Chinese and Japanese) or when the detector is not sure.
///
/// Addresses, links, numbers and placeholders say nothing about a language and are left out. Esperanto,
/// Latin, Javanese, Zulu, Shona, Akan, Uzbek, Turkmen and Yiddish are never answered.
///
/// ```
/// use threadfold_dataset::detect_language;
/// let de = ["Guten Tag, wo bleibt denn bitte meine Bestellung? Ich warte schon seit zwei Wochen darauf."];
/// assert_eq!(detect_language(de), Some("de"));
/// assert_eq!(detect_language(["Order 4711?"]), None);
/// ```
pub fn detect_language<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<&'static str> {
    let mut words = String::new();
    let (mut spaced, mut ideographs) = (0, 0);
    'texts: for text in texts {
        for word in text.split_whitespace() {
            if word.contains(|c: char| {
                c.is_ascii_digit() || matches!(c, '@' | '/' | '[' | ']' | '<' | '>' | '_')
            }) {
                continue;
            }
            // One endless "word" must not cost more than the rest together.
            let word = &word[..word.floor_char_boundary(400)];
            words.push_str(word);
            words.push(' ');
            ideographs += word.chars().filter(|&c| is_ideographic(c)).count();
            spaced += usize::from(word.chars().filter(|c| c.is_alphabetic()).nth(1).is_some());
            if words.len() >= MAX_BYTES {
                break 'texts;
            }
        }
    }
    if spaced < MIN_WORDS && ideographs < MIN_IDEOGRAPHS {
        return None;
    }
    let info = DETECTOR.detect(&words)?;
    if info.is_reliable() { iso_639_1(info.lang()) } else { None }
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
                "Bonjour, je voudrais savoir quand ma commande sera livrée, car je l’attends depuis lundi matin et personne ne répond au téléphone.",
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
