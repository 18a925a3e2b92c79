//! Contractions, capitals and articles of what is put together.

use super::Drafts;
use crate::lexicon::Form;
use crate::text::{Kind, plain, tokens};

impl Drafts<'_> {
    /// A frame's words, short ("i'd like") or long; none if there is nothing to shorten.
    pub(super) fn spelled(&self, words: &str, short: bool) -> Option<String> {
        let text = if short { self.contract(words)? } else { words.replace("can not", "cannot") };
        Some(if self.small_i { text } else { capital_i(&text) })
    }

    pub(super) fn contract(&self, words: &str) -> Option<String> {
        let mut out: Vec<&str> = Vec::new();
        let mut any = false;
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut i = 0;
        while i < words.len() {
            let next = words.get(i + 1);
            // "i am" at the end of a frame's words is not shortened: nobody writes "what i'm".
            let short = next
                .filter(|_| i + 2 < words.len() || words.len() == 2)
                .and_then(|n| self.l.lexicon.shorten(words[i], n));
            match short {
                Some(s) => {
                    out.push(s);
                    any = true;
                    i += 2;
                }
                None => {
                    out.push(words[i]);
                    i += 1;
                }
            }
        }
        any.then(|| out.join(" "))
    }

    /// The body with its contractions written out.
    pub(super) fn written_out(&self, body: &str) -> Option<String> {
        let (mut out, mut at, mut any) = (String::new(), 0, false);
        for t in tokens(body) {
            let word = plain(t.of(body));
            if t.kind != Kind::Word || !self.l.lexicon.is_contraction(&word) || !word.contains('\'') {
                continue;
            }
            let mut long = String::new();
            self.l.lexicon.expand(&word, |w| {
                if !long.is_empty() {
                    long.push(' ');
                }
                long.push_str(w);
            });
            if long == "can not" {
                long = "cannot".into();
            }
            out.push_str(&body[at..t.start]);
            let long = if self.small_i { long } else { capital_i(&long) };
            out.push_str(&if t.of(body).starts_with(char::is_uppercase) { upper_first(&long) } else { long });
            at = t.end;
            any = true;
        }
        out.push_str(&body[at..]);
        any.then_some(out)
    }

    /// The body with what can be contracted contracted: negations and "i am", "i have been".
    pub(super) fn contracted(&self, body: &str) -> Option<String> {
        let tokens = tokens(body);
        let (mut out, mut at, mut any, mut i) = (String::new(), 0, false, 0);
        while i < tokens.len() {
            let word = plain(tokens[i].of(body));
            let short = if word == "cannot" {
                Some((1, "can't"))
            } else {
                let next = tokens.get(i + 1).filter(|n| n.kind == Kind::Word && n.start == tokens[i].end + 1);
                let next = next.filter(|_| i + 2 < tokens.len());
                next.and_then(|n| self.l.lexicon.shorten(&word, &plain(n.of(body)))).map(|s| (2, s))
            };
            // "I have a card" is not "I've a card": only in front of a participle.
            let held = word == "i" && short.is_some_and(|s| s.1 == "i've");
            let held = held
                && !tokens
                    .get(i + 2)
                    .is_some_and(|t| self.l.lexicon.is_form(&plain(t.of(body)), Form::Participle));
            match short {
                Some((n, s)) if !held => {
                    out.push_str(&body[at..tokens[i].start]);
                    let capital = tokens[i].of(body).starts_with(char::is_uppercase);
                    out.push_str(&if capital { upper_first(s) } else { s.to_owned() });
                    at = tokens[i + n - 1].end;
                    any = true;
                    i += n;
                }
                _ => i += 1,
            }
        }
        out.push_str(&body[at..]);
        any.then_some(out)
    }
}

pub(super) fn join(parts: &[&str]) -> String {
    let mut out = String::new();
    for p in parts.iter().filter(|p| !p.is_empty()) {
        if !out.is_empty() && !p.starts_with(',') {
            out.push(' ');
        }
        out.push_str(p);
    }
    out
}

pub(super) fn upper_first(text: &str) -> String {
    let mut c = text.chars();
    c.next().map_or_else(String::new, |f| f.to_uppercase().chain(c).collect())
}

/// "i" and "i'm" with a capital.
pub(super) fn capital_i(text: &str) -> String {
    let words =
        text.split(' ').map(|w| if w == "i" || w.starts_with("i'") { upper_first(w) } else { w.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

/// Mends "a" and "an" in front of a word that comes next.
pub(super) fn with_article(text: &mut String, next: &str) {
    let vowel = next.starts_with(['a', 'e', 'i', 'o', 'u'])
        && !next.starts_with("us")
        && !next.starts_with("uni")
        && !next.starts_with("one");
    if vowel && (text.ends_with(" a ") || text == "a ") {
        text.insert(text.len() - 1, 'n');
    } else if !vowel && (text.ends_with(" an ") || text == "an ") {
        text.replace_range(text.len() - 2..text.len() - 1, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_follow() {
        let mut s = "buy a ".to_owned();
        with_article(&mut s, "item");
        assert_eq!(s, "buy an ");
        with_article(&mut s, "product");
        assert_eq!(s, "buy a ");
    }

    #[test]
    fn small_i_gets_its_capital() {
        assert_eq!(capital_i("i think i'm in it"), "I think I'm in it");
    }
}
