//! Replies that only say that a reply will come.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};

use crate::tokens::is_ideographic;

/// Longer replies say something.
const MAX_CHARS: usize = 700;
/// What a promise may hold besides its phrases, in words or ideographs: "… with our warehouse".
const PROMISE_REST: usize = 8;
const PROMISE_REST_IDEOGRAPHS: usize = 16;
/// The same for a courtesy: "… for your message and the photos".
const COURTESY_REST: usize = 6;
const COURTESY_REST_IDEOGRAPHS: usize = 12;

struct Phrases {
    automaton: AhoCorasick,
    /// Of the pattern with that number.
    kinds: Vec<Kind>,
    /// The first two bytes that a phrase may have, a bit each: most words have others.
    starts: Vec<u64>,
}

impl Phrases {
    /// The kind of the longest phrase that a text goes on with at `at`, and where it ends.
    fn at(&self, text: &str, at: usize) -> Option<(Kind, usize)> {
        let pair = text.as_bytes()[at..].first_chunk().map(|pair| usize::from(u16::from_le_bytes(*pair)))?;
        if self.starts[pair / 64] >> (pair % 64) & 1 == 0 {
            return None;
        }
        let found = self.automaton.find(Input::new(text).range(at..).anchored(Anchored::Yes))?;
        Some((self.kinds[found.pattern().as_usize()], found.end()))
    }
}

/// The sections of the phrase file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Promise,
    Courtesy,
    Aside,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases: BTreeMap<&str, Kind> = BTreeMap::new();
    let mut kind = Kind::Promise;
    for line in include_str!("../phrases/acknowledgements.txt").lines().map(str::trim) {
        match line {
            "[promise]" => kind = Kind::Promise,
            "[courtesy]" => kind = Kind::Courtesy,
            "[aside]" => kind = Kind::Aside,
            _ if line.is_empty() || line.starts_with('#') => {}
            _ => _ = phrases.insert(line, kind),
        }
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .start_kind(StartKind::Anchored)
        .build(phrases.keys())
        .expect("a few hundred short phrases make an automaton; a test builds it");
    let mut starts = vec![0; 1 << 10];
    for pair in phrases.keys().filter_map(|phrase| phrase.as_bytes().first_chunk()) {
        let pair = usize::from(u16::from_le_bytes(*pair));
        starts[pair / 64] |= 1 << (pair % 64);
    }
    Phrases { automaton, kinds: phrases.into_values().collect(), starts }
});

/// Whether a reply only acknowledges: thanks, greetings, and a promise to look into it and come back, but
/// no answer. Knows some twenty-five languages by phrases.
///
/// Meant for a flag, not for a filter: it would rather miss one than call an answer empty, so every clause
/// must be known. "I'll check, but please restart the device meanwhile" is an answer.
///
/// ```
/// use threadfold_dataset::is_acknowledgement_only;
/// assert!(is_acknowledgement_only("Hi Ada,\n\nThanks for your message. I'll look into it and get back to you."));
/// assert!(is_acknowledgement_only("Guten Tag, vielen Dank! Wir prüfen das und melden uns bei Ihnen."));
/// assert!(!is_acknowledgement_only("Hi Ada, we are open from nine to five."));
/// ```
pub fn is_acknowledgement_only(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || (text.len() > MAX_CHARS && text.chars().count() > MAX_CHARS) {
        return false;
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut promised = false;
    for (i, line) in lines.iter().enumerate() {
        // Line by line: most answers say something in their first or second one, and are done with.
        let lower = line.to_lowercase();
        let plain = match lower.is_ascii() && !lower.contains('`') {
            true => lower,
            false => lower.replace(['\u{2019}', '\u{2bc}', '\u{60}', '\u{b4}'], "'"),
        };
        let line = plain.as_str();
        // "Ada," above and "Kim" below the words are names.
        let outer = (i == 0 && line.ends_with([',', '!', '，', '、']) || i > 0 && i + 1 == lines.len())
            && is_name(line.trim_end_matches([',', '!', '，', '、']));
        if outer && kind_of(line) == Clause::Unknown {
            continue;
        }
        for clause in clauses(line) {
            match kind_of(clause) {
                Clause::Promise => promised = true,
                Clause::Courtesy => {}
                Clause::Unknown => return false,
            }
        }
    }
    promised
}

#[derive(PartialEq, Eq)]
enum Clause {
    Promise,
    Courtesy,
    Unknown,
}

/// At marks that end a thought; a full stop within a word or a number ends none.
fn clauses(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let ends = |b: u8| matches!(b, b'.' | b',' | b':' | b'!' | b'?' | b';');
            // Most clauses are plain ASCII up to their mark.
            let skip = rest.bytes().position(|b| ends(b) || b >= 0x80).unwrap_or(rest.len());
            let end = rest[skip..]
                .char_indices()
                .map(|(at, c)| (at + skip, c))
                .find(|&(at, c)| match c {
                    '.' | ',' | ':' => {
                        rest[at + 1..].chars().next().is_none_or(|next| !next.is_alphanumeric())
                    }
                    '!' | '?' | ';' | '…' | '。' | '！' | '？' | '，' | '、' | '；' | '：' | '،' | '؟' => {
                        true
                    }
                    '–' | '—' => true,
                    _ => false,
                })
                .map_or((rest.len(), rest.len()), |(at, c)| (at, at + c.len_utf8()));
            let clause = rest[..end.0].trim();
            rest = &rest[end.1..];
            // Marks and smileys say nothing; a digit might.
            if clause.contains(char::is_alphanumeric) {
                return Some(clause);
            }
        }
        None
    })
}

fn kind_of(clause: &str) -> Clause {
    /// No phrase and what may stand beside it is as long as this.
    const LONGEST: usize = 240;
    if clause.len() > LONGEST {
        return Clause::Unknown;
    }
    let clause = clause.trim_matches(|c: char| !c.is_alphanumeric());
    let mut covered = Size::default();
    let (mut promise, mut courtesy, mut aside) = (false, false, false);
    let phrases = &*PHRASES;
    let mut rest = 0;
    // Phrases begin where words do.
    while let Some(start) = word_from(clause, rest) {
        let found = phrases.at(clause, start).filter(|(_, end)| ends_word(clause, *end));
        let Some((kind, end)) = found else {
            rest = start + clause[start..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        rest = end;
        match kind {
            Kind::Promise => promise = true,
            Kind::Courtesy if start == 0 || end == clause.len() => courtesy = true,
            Kind::Aside => aside = true,
            Kind::Courtesy => continue,
        }
        covered.add(&clause[start..end]);
    }
    if !(promise || courtesy || aside) {
        return Clause::Unknown;
    }
    let mut whole = Size::default();
    whole.add(clause);
    let words = whole.words.saturating_sub(covered.words);
    let ideographs = whole.ideographs.saturating_sub(covered.ideographs);
    if promise && words <= PROMISE_REST && ideographs <= PROMISE_REST_IDEOGRAPHS {
        Clause::Promise
    } else if courtesy && words <= COURTESY_REST && ideographs <= COURTESY_REST_IDEOGRAPHS
        || aside && words == 0 && ideographs == 0
    {
        Clause::Courtesy
    } else {
        Clause::Unknown
    }
}

#[derive(Default)]
struct Size {
    words: usize,
    ideographs: usize,
}

impl Size {
    fn add(&mut self, text: &str) {
        for word in text.split_whitespace() {
            let ideographs = word.chars().filter(|&c| is_ideographic(c)).count();
            self.ideographs += ideographs;
            self.words += usize::from(ideographs == 0);
        }
    }
}

/// Where the next word begins at or behind `at`; in scripts without words, the next character.
fn word_from(text: &str, at: usize) -> Option<usize> {
    let mut inside = text[..at].chars().next_back().is_some_and(joins);
    let bytes = text.as_bytes();
    let mut at = at;
    while let Some(&byte) = bytes.get(at) {
        if !inside && (byte.is_ascii_alphanumeric() || !byte.is_ascii()) {
            return Some(at);
        }
        if byte.is_ascii() {
            inside = byte.is_ascii_alphanumeric();
            at += 1;
        } else {
            let c = text[at..].chars().next()?;
            inside = joins(c);
            at += c.len_utf8();
        }
    }
    None
}

/// Whether a phrase that ends at `at` is not cut out of a longer word.
fn ends_word(text: &str, at: usize) -> bool {
    !text[at..].chars().next().is_some_and(joins)
}

/// A character of a word, in scripts that have words.
fn joins(c: char) -> bool {
    c.is_alphanumeric() && !is_ideographic(c)
}

/// One to three words of letters.
fn is_name(line: &str) -> bool {
    let words = line.split_whitespace().count();
    (1..=3).contains(&words) && line.chars().all(|c| c.is_alphabetic() || " .'-[]_".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_spelled_as_texts_are_compared() {
        for line in include_str!("../phrases/acknowledgements.txt").lines() {
            let skip = line.is_empty() || line.starts_with(['#', '[']);
            assert!(skip || (line == line.to_lowercase().trim() && !line.contains('’')), "{line:?}");
        }
    }

    #[test]
    fn acknowledgements() {
        for text in [
            "I'll look into it and get back to you.",
            "I’ll look into it and get back to you!",
            "Hi Ada,\n\nThank you for your message. We are looking into this and will get back to you soon.\n\nBest regards,\nKim",
            "Ada,\n\nlet me check with the warehouse. I'll let you know.\n\nKim Example",
            "Sorry about that! We're on it.",
            "Sure, let me check.",
            "Danke für die Info, ich kläre das und melde mich.",
            "Bonjour,\n\nMerci pour votre message. Je vérifie et je reviens vers vous.\n\nCordialement,",
            "Hola, gracias por escribirnos. Lo revisamos y te avisamos. Le avisaremos en cuanto sepamos algo.",
            "Buongiorno, grazie per la segnalazione. Stiamo verificando e le faremo sapere.",
            "Olá! Vou verificar e retornarei em breve.",
            "Beste Jan, dank voor je bericht. Ik zoek het uit en kom hierop terug.",
            "Hej! Tack för ditt mejl. Vi undersöker saken och återkommer.",
            "Dzień dobry, dziękujemy za wiadomość. Sprawdzimy to i damy znać.",
            "Merhaba, konuyu inceliyoruz. En kısa sürede size dönüş yapacağız.",
            "Здравствуйте! Спасибо за обращение. Мы проверим и вернёмся к вам.",
            "Добрий день! Дякуємо. Ми перевіримо і повідомимо вас.",
            "お問い合わせいただきありがとうございます。確認いたしますので、少々お待ちください。",
            "您好，我们会核实，尽快回复您。",
            "안녕하세요. 확인 후 다시 연락드리겠습니다.",
            "Dobrý den, děkujeme za zprávu. Prověříme to a ozveme se vám.",
            "Γεια σας, ευχαριστούμε. Θα το ελέγξουμε και θα σας ενημερώσουμε.",
            "شكراً لك. سنراجع الأمر و سنعود إليك.",
        ] {
            assert!(is_acknowledgement_only(text), "{text}");
        }
    }

    #[test]
    fn answers() {
        for text in [
            "",
            "Thank you!",
            "Sorry, we can't. I'll let you know when that changes.",
            "Sorry we are sold out. I'll let you know when it is back.",
            "Sure we ship to Norway. I'll check the price.",
            "Yes.",
            "Hi Ada, your parcel arrives on Friday.",
            "I've checked: the parcel is in Oslo. I'll let you know when it moves.",
            "I'll check. In the meantime please reset your password in the settings of your account.",
            "Could you send me the order number? I'll look into it then.",
            "Please look into the settings.",
            "It's fixed. We'll let you know about the rest.",
            "We'll look into it. Order 4711 was sent today.",
            "You can check the status at https://example.com/status",
            "Wir prüfen das. Bitte starten Sie das Gerät neu.",
            "Je vérifie. Votre colis est parti hier.",
            "確認しました。商品は明日届きます。",
        ] {
            assert!(!is_acknowledgement_only(text), "{text}");
        }
    }
}
