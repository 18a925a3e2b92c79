//! Automatic replies by their words, for those whose headers keep silent.

use crate::hints::subject_signs;
use crate::phrases::{automaton, fast_automaton, section, squeeze_lower};
use crate::plain::may_hold;
use aho_corasick::AhoCorasick;
use memchr::memchr;
use std::sync::LazyLock;
use threadfold_core::wide;

fn phrases(name: &str) -> Vec<&'static str> {
    section(include_str!("../phrases/absence.txt"), name)
}

/// "I am out of the office": said by people too.
static ABSENCE: LazyLock<AhoCorasick> = LazyLock::new(|| fast_automaton(&phrases("absence")));

/// What only an automatic reply goes on with: who to turn to, when it will be read.
static CONSEQUENCE: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(&phrases("consequence")));

/// "This is an automatic reply", which must open a sentence. Few texts are searched for it; see [`may_state`].
static STATEMENT: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(&phrases("statement")));

/// What each of the statements that are in Latin letters has one of.
const STATED: [[u8; 4]; 3] = [*b"auto", *b"omat", *b"offi"];

/// Whether a text may hold a statement, in whatever letter case: quickly seen of most. One in other letters has bytes
/// that mail in Latin ones has not.
fn may_state(text: &str) -> bool {
    const GREEK: u8 = 0xCE;
    const PUNCTUATION: u8 = 0xE2;
    let bytes = text.as_bytes();
    wide::widely(|| bytes.iter().fold(false, |found, b| found | ((*b >= GREEK) & (*b != PUNCTUATION))))
        || STATED.iter().any(|word| may_hold(bytes, word))
}

/// An automatic reply is short, and says so at its top.
const LONGEST: usize = 2_000;

/// Bytes within which "this is an automatic reply" begins.
const TOP: usize = 400;

/// True for an out-of-office note or another automatic reply, by its words in any of the main languages.
///
/// Takes the subject alone if it starts as mail programs start theirs ("Automatic reply: …"). A text must
/// be short and either open a sentence with "this is an automatic reply" or both say that its author is
/// away and what that means for the sender's message (who else to ask, when it will be read), without
/// asking anything itself. Somebody who merely mentions an office or a holiday does neither. Quoted lines
/// (`>`) do not count.
///
/// ```
/// use threadfold_message::is_auto_reply_text as auto;
/// assert!(auto("Re: Order", "I am out of the office until 3 May and will reply on my return."));
/// assert!(!auto("Re: Order", "I was out of the office when the parcel came. Can you send it again?"));
/// ```
pub fn is_auto_reply_text(subject: &str, text: &str) -> bool {
    subject_signs(subject).auto_reply || is_auto_reply_by_words(text)
}

/// The same by the text alone, for mail whose subject was looked at with its headers
/// ([`Hints::AUTO_REPLY`](threadfold_core::Hints::AUTO_REPLY)).
///
/// ```
/// use threadfold_message::is_auto_reply_by_words as auto;
/// assert!(auto("This is an automatic reply. We have received your message."));
/// ```
pub fn is_auto_reply_by_words(text: &str) -> bool {
    if text.len() > 4 * LONGEST {
        return false;
    }
    // Much of the mail asks something and states nothing, and is done with here.
    let quotes = memchr(b'>', text.as_bytes()).is_some();
    let asks = memchr(b'?', text.as_bytes()).is_some();
    if asks && !quotes && !may_state(text) {
        return false;
    }
    let mut own = String::with_capacity(text.len() + 1);
    if !quotes {
        squeeze_lower(text, &mut own);
    } else {
        text.lines().filter(|l| !l.trim_start().starts_with('>')).for_each(|l| squeeze_lower(l, &mut own));
    }
    if own.len() > LONGEST {
        return false;
    }
    let opens = |at: usize| {
        let before = own[..at].trim_end();
        before.is_empty() || before.ends_with(['.', '!', '*', '-', '=', '#', ':', '。', '！', '(', '[', ','])
    };
    // Room for a statement that begins within the first bytes.
    let top = &own[..own.floor_char_boundary(TOP + 200)];
    if may_state(top) && STATEMENT.find_iter(top).take(8).any(|m| m.start() < TOP && opens(m.start())) {
        return true;
    }
    let asks = memchr(b'?', own.as_bytes()).is_some() || !own.is_ascii() && own.contains(['？', '؟']);
    !asks && ABSENCE.is_match(&own) && CONSEQUENCE.is_match(&own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_has_a_word_that_is_looked_for() {
        for phrase in phrases("statement") {
            assert!(may_state(phrase) && may_state(&phrase.to_uppercase()), "{phrase}");
        }
        assert!(!may_state("Where is it?") && !may_state("Où est-il… ?"));
    }

    #[test]
    fn notes_are_recognised() {
        for text in [
            "I am currently out of the office until Monday. For urgent matters please contact shop@example.com.",
            "Thank you for your message. I'm on vacation with limited access to email.",
            "I’m away on annual leave and will respond to your message when I return.",
            "Ich bin bis zum 3. Mai nicht im Büro. In dringenden Fällen wenden Sie sich bitte an meine Kollegin.",
            "Vielen Dank für Ihre Nachricht. Ich bin derzeit im Urlaub. Ihre E-Mail wird nicht weitergeleitet.",
            "Je suis absent du bureau jusqu'au 3 mai. En cas d'urgence, veuillez contacter ma collègue.",
            "Estaré fuera de la oficina hasta el lunes. En caso de urgencia, contacte con mi compañera.",
            "Sono fuori ufficio fino a lunedì. Per urgenze contattare la mia collega.",
            "Ik ben niet op kantoor tot maandag. Voor dringende zaken kunt u contact opnemen met mijn collega.",
            "Estou de férias até segunda-feira. Em caso de urgência, contacte a minha colega.",
            "Jag är på semester till måndag. Vid brådskande ärenden kontakta min kollega.",
            "Jestem poza biurem do poniedziałku. W pilnych sprawach proszę o kontakt z koleżanką.",
            "This is an automatic reply. We have received your message.",
            "Dies ist eine automatische Antwort. Wir haben Ihre Nachricht erhalten.",
            "Ceci est une réponse automatique.",
        ] {
            assert!(is_auto_reply_text("Re: your order", text), "{text}");
        }
        assert!(is_auto_reply_text("Abwesenheitsnotiz: Ihre Bestellung", ""));
    }

    #[test]
    fn people_who_mention_an_office_are_no_robots() {
        for text in [
            "I was out of the office when the parcel came, where is it now?",
            "I will be out of the office until Friday, please deliver after that.",
            "Please deliver to my office. I am on vacation from Monday.",
            "I only ever get a mail saying this is an automatic reply. Please let a person answer.",
            "Ich bin im Urlaub und brauche das Paket vorher.",
            "> I am out of the office. For urgent matters contact Jane.\nThanks, got it.",
            "Our out of office chair is broken.",
            "Is the office closed? I am away until Monday and in urgent cases you can contact my wife.",
        ] {
            assert!(!is_auto_reply_text("Re: your order", text), "{text}");
        }
        assert!(!is_auto_reply_text("Out of office chair assembly", "Where is the manual?"));
    }
}
