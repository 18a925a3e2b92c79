//! Questions in the order of statements: "why was I charged" to "why I was charged".

use crate::lexicon::{Class, Form, Lexicon};
use crate::text::{Canon, Token};

/// How far from the question word the verb may stand, and how long a subject may be.
const REACH: usize = 7;

/// The question with its subject first, as it stands behind "could you tell me"; a yes/no question gets
/// "if". None where the subject's end cannot be told for sure.
pub(crate) fn statement_order(
    text: &str,
    tokens: &[Token],
    words: &[Canon],
    lexicon: &Lexicon,
) -> Option<String> {
    let first = words.first()?.word.as_str();
    let alone = |i: usize| words.iter().filter(|w| w.token == words[i].token).count() == 1;
    let aux = if lexicon.is(first, Class::Auxiliary) {
        0
    } else if lexicon.is(first, Class::Wh) && (first != "who" || words.get(1).is_some_and(|w| w.word != "is"))
    {
        let aux = (1..words.len().min(REACH)).find(|&i| lexicon.is(&words[i].word, Class::Auxiliary))?;
        // A verb or a subject before it means that the question is not the main clause.
        if words[1..aux].iter().any(|w| lexicon.is(&w.word, Class::Pronoun) || w.word == "to") {
            return None;
        }
        aux
    } else {
        return None;
    };
    // "can you send me …" asks for a deed, not for knowledge.
    let request = aux == 0
        && words.get(1).is_some_and(|w| w.word == "you" || w.word == "we")
        && matches!(first, "can" | "could" | "will" | "would" | "may");
    // "hasn't" moves as a whole; "what's" would have to be torn apart.
    let negated = words.get(aux + 1).is_some_and(|w| w.word == "not" && w.token == words[aux].token);
    if request || !(alone(aux) || negated) || words.len() < aux + 3 + usize::from(negated) {
        return None;
    }
    let verb = words[aux].word.as_str();
    // "how long is the wait, and what does it cost" and "is it real, or is it a joke" are two questions.
    let second = words.windows(2).skip(aux).any(|p| {
        matches!(p[0].word.as_str(), "and" | "or" | "but")
            && (lexicon.is(&p[1].word, Class::Wh) || lexicon.is(&p[1].word, Class::Auxiliary))
    });
    if second {
        return None;
    }
    let support = matches!(verb, "do" | "does" | "did");
    let start = aux + 1 + usize::from(negated);
    if aux > 0 && !support && !negated && asks_for_subject(words, aux, lexicon) {
        let last = words[words.len() - 1].token;
        let all = &text[tokens[words[0].token].start..tokens[last].end];
        return Some(lower_first(all));
    }
    let end = subject_end(words, aux, start, support, lexicon)?;

    let piece = |a: usize, b: usize| -> &str {
        if a >= b { "" } else { &text[tokens[words[a].token].start..tokens[words[b - 1].token].end] }
    };
    let mut parts: Vec<String> = Vec::new();
    parts.push(if aux == 0 { "if".to_owned() } else { lower_first(piece(0, aux)) });
    parts.push(piece(start, end).to_owned());
    if negated {
        // Nobody writes "if I cannot …" for "can't I …": that asks for the contrary.
        if aux == 0 {
            return None;
        }
        parts.push(lower_first(piece(aux, aux + 1)));
        parts.push(piece(end, words.len()).to_owned());
    } else if !support || words.get(end)?.word == "not" {
        parts.push(verb.to_owned());
        parts.push(piece(end, words.len()).to_owned());
    } else {
        let at = (end..words.len().min(end + 2)).find(|&i| lexicon.is_form(&words[i].word, Form::Base))?;
        if !alone(at) {
            return None;
        }
        let main = lexicon.base_index(&words[at].word)?;
        let form = match verb {
            "do" => Form::Base,
            "does" => Form::S,
            _ => Form::Past,
        };
        parts.push(piece(end, at).to_owned());
        parts.push(lexicon.inflect(main, form));
        parts.push(piece(at + 1, words.len()).to_owned());
    }
    if parts[1].contains([',', ';', ':', '(']) {
        return None;
    }
    parts.retain(|p| !p.is_empty());
    Some(parts.join(" "))
}

/// "what is stopping my payment", "which cards are accepted": the question word is the subject, and the order
/// is a statement's already.
fn asks_for_subject(words: &[Canon], aux: usize, lexicon: &Lexicon) -> bool {
    let (verb, next) = (words[aux].word.as_str(), words[aux + 1].word.as_str());
    if !matches!(words[0].word.as_str(), "what" | "which" | "who") {
        return false;
    }
    match verb {
        "am" | "is" | "are" | "was" | "were" => {
            let form =
                lexicon.is_form(next, Form::Ing) || (aux > 1 && lexicon.is_form(next, Form::Participle));
            form && !lexicon.is_small(next)
        }
        _ => {
            lexicon.is_form(next, Form::Base) && words.get(aux + 2).is_some_and(|w| lexicon.is_small(&w.word))
        }
    }
}

/// Where the subject that starts at `start`, behind the auxiliary, ends.
fn subject_end(words: &[Canon], aux: usize, start: usize, support: bool, lexicon: &Lexicon) -> Option<usize> {
    let (verb, first) = (words[aux].word.as_str(), words[start].word.as_str());
    if lexicon.is(first, Class::Pronoun) {
        return Some(start + 1);
    }
    let led = lexicon.is(first, Class::Determiner) || lexicon.is(first, Class::Possessive);
    let modal = !support && !matches!(verb, "am" | "is" | "are" | "was" | "were" | "has" | "have" | "had");
    if modal && !led {
        return None;
    }
    if lexicon.is_small(first) && !led || lexicon.is(first, Class::Predicate) || (support && !led) {
        return None;
    }
    let earliest = start + 1 + usize::from(led);
    let reach = words.len().min(start + REACH);
    for (i, word) in words.iter().enumerate().take(reach).skip(earliest) {
        let w = word.word.as_str();
        let led_again = lexicon.is(w, Class::Determiner) || lexicon.is(w, Class::Possessive);
        if led_again && matches!(verb, "is" | "are" | "was" | "were") {
            return Some(i);
        }
        let ends = if support || modal {
            lexicon.is_form(w, Form::Base) || (modal && w == "be")
        } else {
            lexicon.is(w, Class::Predicate)
                || lexicon.is_form(w, Form::Ing)
                || lexicon.is_form(w, Form::Participle)
                || lexicon.is(w, Class::Negation)
        };
        // "an EU transfer take": of two verbs the first is a noun.
        let noun = (support || modal)
            && words
                .get(i + 1)
                .is_some_and(|n| lexicon.is_form(&n.word, Form::Base) && !lexicon.is_small(&n.word));
        if ends && !noun {
            return Some(i);
        }
        if lexicon.is(w, Class::Preposition)
            || lexicon.is(w, Class::Pronoun)
            || lexicon.is(w, Class::Condition)
        {
            return None;
        }
    }
    // "where are the virtual cards": the subject is all there is.
    let all = words[0].word == "where" && !support && words.len() - start <= 5;
    all.then_some(words.len())
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::english;
    use crate::text::{canon, tokens};

    #[test]
    fn subjects_first() {
        let turned = |text: &str| {
            let t = tokens(text);
            statement_order(text, &t, &canon(text, &t, &english().lexicon), &english().lexicon)
        };
        for (question, expected) in [
            ("Why was I charged twice?", Some("why I was charged twice")),
            ("Can I use this card at an ATM?", Some("if I can use this card at an ATM")),
            ("Does it cost extra?", Some("if it costs extra")),
            ("How many transactions can I do?", Some("how many transactions I can do")),
            ("Why is my top-up still pending?", Some("why my top-up is still pending")),
            ("Why do you charge fees?", Some("why you charge fees")),
            ("Where are the virtual cards?", Some("where the virtual cards are")),
            ("Why did my payment fail?", Some("why my payment failed")),
            ("Who can help me?", Some("who can help me")),
            ("Who is the owner?", None),
            ("Why hasn't my transfer gone through yet?", Some("why my transfer hasn't gone through yet")),
            ("Why can't I use my card?", Some("why I can't use my card")),
            ("Why doesn't the app believe me?", Some("why the app doesn't believe me")),
            ("Can't I use my card?", None),
            ("How long can an EU transfer take?", Some("how long an EU transfer can take")),
            ("What is stopping my payment?", Some("what is stopping my payment")),
            ("Which cards are accepted abroad?", Some("which cards are accepted abroad")),
            ("How long is the wait, and what does it cost?", None),
            ("Is it real or is it a joke?", None),
            ("Is the charge on the card of my friend wrong?", None),
            ("My card is lost", None),
            ("Is GBP a supported currency?", Some("if GBP is a supported currency")),
            ("Can the card be mailed?", Some("if the card can be mailed")),
            ("Can you help me?", None),
        ] {
            assert_eq!(turned(question).as_deref(), expected, "{question}");
        }
    }
}
