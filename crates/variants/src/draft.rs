//! Drafts: all wordings of one sentence that the rules can think of, good and bad.

mod filling;
mod parts;
mod shift;
mod spelling;

use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::grammar::{Frame, Gap, Manner, Reading};
use crate::invert::statement_order;
use crate::language::{Courteous, Language};
use crate::lexicon::{Class, Form, one_slip};
use crate::lm::Model;
use crate::risk::Risks;
use crate::text::{Canon, Token, canon, tokens};
use parts::Parts;
use spelling::{capital_i, join, upper_first};

/// A wording that may be good.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) text: String,
    pub(crate) how: String,
    /// What the phrase that was put into it does.
    pub(crate) manner: Manner,
    /// What a whole sentence for another is worth by its form, the larger the better.
    pub(crate) fresh: f64,
    /// How good it is in the end.
    pub(crate) worth: f64,
    /// Whether it is one whole sentence for another of the same meaning, which may share no word with it.
    pub(crate) whole: bool,
    /// The hashes of its words, and what speaks against it: for the ranking.
    pub(crate) words: Vec<u64>,
    pub(crate) risks: Risks,
}

/// No sentence gets more drafts than this.
const MOST: usize = 1500;

/// Nor more changes of its grammar, nor courtesies in one place.
const MOST_SHIFTS: usize = 24;
const MOST_COURTESIES: usize = 3;
/// Of the frames for a filling that is reworded itself, every so manieth is tried, others for others.
const EVERY: u64 = 3;

/// The drafts of a sentence in the making.
pub(crate) struct Drafts<'a> {
    l: &'static Language,
    model: &'a Model,
    sentence: &'a str,
    /// Whether the sentence is the whole text: then courtesies may be added.
    alone: bool,
    small_i: bool,
    /// The drafts' hashes.
    seen: FxHashSet<u64>,
    out: Vec<Draft>,
}

/// What the rest of the text tells about how to write a sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Whether the sentence is the whole text.
    alone: bool,
    /// Whether the author writes "i".
    small_i: bool,
}

impl Setting {
    pub(crate) fn of(text: &str, alone: bool) -> Setting {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        let capital = words.clone().any(|w| w == "I");
        let first = text.chars().find(|c| c.is_alphabetic());
        let small = words.any(|w| w == "i") || first.is_some_and(char::is_lowercase);
        Setting { alone, small_i: !capital && small }
    }
}

impl<'a> Drafts<'a> {
    pub(crate) fn new(l: &'static Language, model: &'a Model, sentence: &'a str, setting: Setting) -> Self {
        let Setting { alone, small_i } = setting;
        Drafts {
            l,
            model,
            sentence,
            alone,
            small_i,
            seen: FxHashSet::with_capacity_and_hasher(1024, FxBuildHasher),
            out: Vec::with_capacity(512),
        }
    }

    pub(crate) fn collect(mut self) -> Vec<Draft> {
        let joined = self.sentence.replace(['\n', '\r'], " ");
        let parts = self.parts(&joined);
        let mut bodies = vec![(parts.body.clone(), "")];
        if let Some(turned) = self.condition_moved(&parts.body) {
            bodies.push((turned, "order"));
        }
        if let Some(plain) = self.without_fillers(&parts.body) {
            bodies.push((plain, "shorter"));
        }
        for (body, how) in &bodies {
            let framed = self.frames(&parts, body, how);
            if !framed {
                self.wrapped(&parts, body, how);
            }
            self.whole(&parts, body, how, framed);
        }
        for (body, how) in self.shifts(&parts) {
            self.whole(&parts, &body, &how, true);
        }
        if let Some((head, tail)) = self.clauses(&parts.body) {
            let greeting = if parts.greeting.is_empty() || parts.greeting.ends_with(' ') {
                format!("{}{head}, ", parts.greeting)
            } else {
                format!("{} {head}, ", parts.greeting)
            };
            let parts =
                Parts { greeting, body: tail, closing: parts.closing.clone(), end: parts.end.clone() };
            if !self.frames(&parts, &parts.body, "") {
                self.wrapped(&parts, &parts.body, "");
            }
        }
        self.out
    }

    /// The body with one or two changes of its grammar, and the names of these.
    fn shifts(&self, parts: &Parts) -> Vec<(String, String)> {
        let asks = parts.end.contains('?');
        let mut out: Vec<(String, String)> = Vec::new();
        for first in self.shifted(&parts.body, asks) {
            for second in self.shifted(&first.body, asks) {
                if second.how != first.how && second.body != parts.body {
                    out.push((second.body, format!("{}+{}", first.how, second.how)));
                }
            }
            out.push((first.body, first.how.to_owned()));
        }
        out.truncate(MOST_SHIFTS);
        out
    }

    /// Some of a list, others for another text.
    fn some<'l>(&self, list: &'l [Courteous], text: &str, n: usize) -> Vec<&'l Courteous> {
        let mut ranked: Vec<(u64, &Courteous)> = list.iter().map(|c| (hash(&[text, &c.words]), c)).collect();
        ranked.sort_by_key(|r| r.0);
        ranked.into_iter().take(n).map(|r| r.1).collect()
    }

    /// The sentence as read for frames: words as the lists spell them, slips in frame words mended.
    fn words(&self, body: &str, tokens: &[Token]) -> Vec<Canon> {
        let l = &self.l.lexicon;
        let mut words = canon(body, tokens, l);
        for w in &mut words {
            let strange = w.word.len() >= 4
                && w.word.bytes().all(|b| b.is_ascii_lowercase())
                && !l.knows(&w.word)
                && !self.l.grammar.vocabulary.contains(&w.word)
                && self.model.count(&w.word) <= 2;
            if strange {
                let meant =
                    self.l.grammar.vocabulary.iter().filter(|v| v.len() >= 4 && one_slip(v, &w.word)).min();
                if let Some(meant) = meant
                    && !l.is(meant, Class::Negation)
                {
                    w.word.clone_from(meant);
                }
            }
        }
        words
    }

    /// Frame for frame of the same class, with what fills it reworded too. Says whether there was a frame.
    fn frames(&mut self, parts: &Parts, body: &str, how: &str) -> bool {
        let tokens = tokens(body);
        let words = self.words(body, &tokens);
        let readings = self.l.grammar.read(&words, &self.l.lexicon);
        let Some(best) = readings.first() else { return false };
        let fixed = best.fixed;
        for r in readings.iter().filter(|r| r.fixed == fixed).take(2) {
            // Inside a letter a bare phrase is no request: "looking forward to it", "hope this helps".
            // "find me a taxi" is no wish to find oneself.
            let to_us = r.fixed == 0 && words.get(1).is_some_and(|w| matches!(w.word.as_str(), "me" | "us"));
            // "do machines take it?" is no wish to do something.
            let asked = parts.end.contains('?')
                && words.first().is_some_and(|w| self.l.lexicon.is(&w.word, Class::Auxiliary));
            if r.fixed > 0 || (self.alone && !to_us && !asked) {
                self.frame(parts, body, &tokens, &words, r, how);
            }
        }
        fixed > 0
    }

    fn frame(
        &mut self,
        parts: &Parts,
        body: &str,
        tokens: &[Token],
        words: &[Canon],
        r: &Reading,
        how: &str,
    ) {
        let l = self.l;
        let class = &l.grammar.classes[r.class];
        let fillings = if r.gap == Gap::None {
            vec![(String::new(), false)]
        } else {
            let range = words[r.from].token..words[r.to - 1].token + 1;
            self.fillings(body, tokens, range, matches!(r.gap, Gap::Vp | Gap::Ving))
        };
        let fillings = self.respelled(fillings);
        let asks = self.asks_first(words) && !self.asks_later(&words[r.from..r.to]);
        let read: String = words[..r.from].iter().map(|w| w.word.as_str()).collect::<Vec<_>>().join(" ");
        for frame in &class.frames {
            // "what is maximum top up" has no article; "could you tell me maximum top up" needs one.
            if r.gap == Gap::Np
                && frame.before.starts_with("what") != read.starts_with("what")
                && !self.led(&words[r.from].word)
            {
                continue;
            }
            for (i, (filling, swapped)) in fillings.iter().enumerate() {
                if i > 0 && !hash(&[filling, &frame.before]).is_multiple_of(EVERY) {
                    continue;
                }
                let Some(filling) = self.converted(filling, r.gap, frame.gap) else { continue };
                // "what the fee for a card that I ordered is" comes to its point too late.
                if !frame.after.is_empty() && (!plain_filling(&filling) || long(&filling, frame.gap)) {
                    continue;
                }
                let same = frame.before == read && frame.gap == r.gap;
                let name = match (same, *swapped) {
                    (false, false) => class.name.clone(),
                    (false, true) => format!("{}+thesaurus", class.name),
                    (true, _) => "thesaurus".to_owned(),
                };
                let name = if how.is_empty() { name } else { format!("{how}+{name}") };
                // A whole sentence for a whole sentence: the fewer words they share, the more is learned.
                let fresh = if r.gap == Gap::None { 0.5 + 1.5 * unlike(&read, &frame.before) } else { 0.0 };
                for short in [false, true] {
                    let Some(before) = self.spelled(&frame.before, short) else { continue };
                    let Some(after) = self.spelled(&frame.after, false) else { continue };
                    let text = join(&[&before, &filling, &after]);
                    self.push(parts, &text, end_of(frame, parts, asks), &name, frame.manner);
                    if let Some(last) = self.out.last_mut().filter(|_| r.gap == Gap::None) {
                        last.whole = true;
                        last.fresh = fresh;
                    }
                }
            }
        }
    }

    /// The wordings, and those with contractions written out or made.
    fn respelled(&self, mut wordings: Vec<(String, bool)>) -> Vec<(String, bool)> {
        for i in 0..wordings.len() {
            let (text, swapped) = wordings[i].clone();
            for other in [self.written_out(&text), self.contracted(&text)].into_iter().flatten() {
                if other != text {
                    wordings.push((other, swapped));
                }
            }
        }
        wordings
    }

    /// Whether the sentence starts as a question.
    fn asks_first(&self, words: &[Canon]) -> bool {
        let l = &self.l.lexicon;
        let asks = |w: &Canon| l.is(&w.word, Class::Wh) || l.is(&w.word, Class::Auxiliary);
        words.first().is_some_and(asks)
            || (words.first().is_some_and(|w| l.is(&w.word, Class::Preposition))
                && words.get(1).is_some_and(|w| l.is(&w.word, Class::Wh)))
    }

    /// Whether a statement says what has happened, and to what: "my card was", "there is", "I was".
    fn reports(&self, words: &[Canon]) -> bool {
        let l = &self.l.lexicon;
        let word = |i: usize| words.get(i).map_or("", |w| w.word.as_str());
        let first = word(0);
        l.is(first, Class::Possessive) && first != "its"
            || l.is(first, Class::Determiner) && !matches!(first, "no" | "all" | "any")
            || first == "there"
            || first == "i" && matches!(word(1), "was" | "got") && !matches!(word(2), "wondering" | "hoping")
    }

    /// Whether a second question follows: "I need a card, how do I get it".
    fn asks_later(&self, words: &[Canon]) -> bool {
        let l = &self.l.lexicon;
        words.windows(2).any(|p| {
            let pair = (p[0].word.as_str(), p[1].word.as_str());
            l.is(pair.0, Class::Wh) && l.is(pair.1, Class::Auxiliary)
                || matches!(pair.0, "can" | "could" | "will") && l.is(pair.1, Class::Pronoun)
        })
    }

    /// "can you tell me" and its like in front of a question in the order of a statement.
    fn wrapped(&mut self, parts: &Parts, body: &str, how: &str) {
        let Some(class) = self.l.grammar.classes.iter().position(|c| c.name == "ask-you") else { return };
        let l = self.l;
        let tokens = tokens(body);
        let all = self.fillings(body, &tokens, 0..tokens.len(), false);
        for (question, swapped) in &self.respelled(all) {
            let tokens = crate::text::tokens(question);
            let words = canon(question, &tokens, &l.lexicon);
            let Some(turned) = statement_order(question, &tokens, &words, &l.lexicon) else { continue };
            let name = match (how.is_empty(), *swapped) {
                (true, false) => "indirect".to_owned(),
                (true, true) => "indirect+thesaurus".to_owned(),
                (false, _) => format!("{how}+indirect"),
            };
            let why = turned.strip_prefix("why ");
            if let Some(rest) = why {
                let turned =
                    l.grammar.classes.iter().filter(|c| c.name == "why-turned").flat_map(|c| &c.frames);
                for frame in turned {
                    self.push(parts, &join(&[&frame.before, rest]), &parts.end, &name, frame.manner);
                }
            }
            let more = why.and_then(|_| l.grammar.classes.iter().find(|c| c.name == "ask-why"));
            let more = more.iter().flat_map(|c| &c.frames);
            for frame in l.grammar.classes[class].frames.iter().chain(more) {
                for short in [false, true] {
                    let Some(before) = self.spelled(&frame.before, short) else { continue };
                    let text = join(&[&before, &turned, &frame.after]);
                    self.push(parts, &text, end_of(frame, parts, true), &name, frame.manner);
                }
            }
        }
    }

    /// The sentence as it is, with words replaced, contractions written otherwise, or a plea behind it.
    fn whole(&mut self, parts: &Parts, body: &str, how: &str, framed: bool) {
        let prefix = if how.is_empty() { String::new() } else { format!("{how}+") };
        let question = parts.end.contains('?');
        let forms = [Some(body.to_owned()), self.written_out(body), self.contracted(body)];
        for (i, form) in forms.into_iter().enumerate() {
            let Some(form) = form else { continue };
            if i > 0 && form == body {
                continue;
            }
            let tokens = tokens(&form);
            let words = canon(&form, &tokens, &self.l.lexicon);
            let verb = words.first().is_some_and(|w| self.l.lexicon.is_form(&w.word, Form::Base));
            let asks = [words.first(), words.last()]
                .into_iter()
                .flatten()
                .any(|w| self.l.lexicon.is(&w.word, Class::Wh));
            let statement = !question
                && !asks
                && words.len() > 3
                && words.iter().skip(1).any(|w| {
                    self.l.lexicon.is(&w.word, Class::Auxiliary) || self.l.lexicon.verb(&w.word).is_some()
                })
                && words.first().is_some_and(|w| {
                    let l = &self.l.lexicon;
                    l.is(&w.word, Class::Pronoun)
                        || l.is(&w.word, Class::Possessive)
                        || l.is(&w.word, Class::Determiner)
                });
            for (text, swapped) in self.fillings(&form, &tokens, 0..tokens.len(), verb) {
                let name = match (i > 0, swapped) {
                    (true, true) => "contraction+thesaurus",
                    (true, false) => "contraction",
                    (false, true) => "thesaurus",
                    (false, false) => "order",
                };
                self.push(parts, &text, &parts.end, &format!("{prefix}{name}"), Manner::default());
                let c = &self.l.courtesy;
                let few = if i == 0 && !swapped && how.is_empty() { usize::MAX } else { MOST_COURTESIES };
                if self.alone && (question || statement) {
                    self.courteous(parts, &text, &format!("{prefix}{name}"));
                }
                if statement && self.alone && !framed && self.reports(&words) {
                    for lead in self.some(&c.leads, &text, few) {
                        let words = if self.small_i { lead.words.clone() } else { capital_i(&lead.words) };
                        self.push(
                            parts,
                            &format!("{words} {}", self.lower_start(&text)),
                            &parts.end,
                            &format!("{prefix}lead"),
                            lead.manner,
                        );
                    }
                }
                if statement && self.alone {
                    for plea in self.some(&c.pleas, &text, few) {
                        let end = if parts.end.is_empty() { "." } else { parts.end.as_str() };
                        let asks =
                            ["can", "could", "what", "how", "is"].iter().any(|w| plea.words.starts_with(w));
                        let mark = if asks { "?" } else { "." };
                        let shown = self.sentence_of(plea);
                        self.push(
                            parts,
                            &text,
                            &format!("{end} {shown}{mark}"),
                            &format!("{prefix}plea"),
                            plea.manner,
                        );
                    }
                }
            }
        }
    }

    /// A word of courtesy in front of the sentence, behind it, or both.
    fn courteous(&mut self, parts: &Parts, text: &str, how: &str) {
        let c = &self.l.courtesy;
        let mut leads = vec![None];
        if parts.greeting.is_empty() {
            leads.extend(self.some(&c.openings, text, MOST_COURTESIES).into_iter().map(Some));
        }
        let mut ends = vec![None];
        if parts.closing.is_empty() {
            ends.extend(self.some(&c.thanks, text, MOST_COURTESIES).into_iter().map(Some));
        }
        for lead in leads {
            let body = match lead {
                None => text.to_owned(),
                Some(lead) => format!("{} {}", lead.words, self.lower_start(text)),
            };
            for &thanks in &ends {
                let name = match (lead, thanks) {
                    (None, None) => continue,
                    (Some(_), None) => "greeting",
                    (None, Some(_)) => "thanks",
                    (Some(_), Some(_)) => "greeting+thanks",
                };
                let mark = if parts.end.is_empty() { "." } else { parts.end.as_str() };
                let end = match thanks {
                    None => parts.end.clone(),
                    Some(thanks) => format!("{mark} {}.", self.sentence_of(thanks)),
                };
                let manner = [lead, thanks].into_iter().flatten();
                let manner = manner.fold(Manner::default(), |m, c| m.and(c.manner));
                self.push(parts, &body, &end, &format!("{how}+{name}"), manner);
            }
        }
    }

    /// A courtesy as a sentence of its own.
    fn sentence_of(&self, phrase: &Courteous) -> String {
        let words = if self.small_i { phrase.words.clone() } else { capital_i(&phrase.words) };
        if self.upper_start() { upper_first(&words) } else { words }
    }

    fn push(&mut self, parts: &Parts, body: &str, end: &str, how: &str, manner: Manner) {
        if self.out.len() >= MOST {
            return;
        }
        let body = body.trim();
        let greeted = if parts.greeting.is_empty() || parts.greeting.ends_with(' ') {
            format!("{}{body}", parts.greeting)
        } else {
            format!("{} {body}", parts.greeting)
        };
        let sentence_break = parts.greeting.trim_end().ends_with(['.', '!']);
        let greeted = if sentence_break && self.upper_start() {
            format!("{}{}", parts.greeting, upper_first(body))
        } else {
            greeted
        };
        // "please" twice in one sentence is once too often.
        let closing = if parts.closing.contains("please") && body.contains("please") {
            ""
        } else {
            parts.closing.as_str()
        };
        let mut text = format!("{greeted}{closing}{end}");
        if self.upper_start() {
            text = upper_first(&text);
        }
        if self.seen.insert(hash(&[&text])) {
            self.out.push(Draft {
                text,
                how: how.to_owned(),
                manner,
                fresh: 0.0,
                worth: 0.0,
                whole: false,
                words: Vec::new(),
                risks: Risks::default(),
            });
        }
    }

    fn upper_start(&self) -> bool {
        self.sentence.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase)
    }
}

/// A number that is always the same for the same texts.
fn hash(texts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for b in texts.iter().flat_map(|t| t.bytes().chain([0])) {
        hash = (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^ (hash >> 29)
}

/// Whether words follow what fills a gap too late for its reader.
fn long(filling: &str, gap: Gap) -> bool {
    filling.split(' ').count() > if gap == Gap::Np { 4 } else { 8 }
}

/// Whether a filling is one phrase without clauses of its own.
fn plain_filling(filling: &str) -> bool {
    let joins =
        |w: &str| matches!(w, "and" | "but" | "because" | "when" | "if" | "so" | "how" | "what" | "please");
    !filling.contains([',', ';', '.', ':', '(']) && !filling.split(' ').any(joins)
}

/// The share of `b`'s words that `a` does not have.
fn unlike(a: &str, b: &str) -> f64 {
    let known: FxHashSet<&str> = a.split(' ').collect();
    let new = b.split(' ').filter(|w| !known.contains(w)).count();
    new as f64 / b.split(' ').count() as f64
}

/// What ends a sentence of this frame where its source ended so; `asks` says that the source's question mark
/// belongs to the frame that goes, and not to something behind it.
fn end_of<'p>(frame: &Frame, parts: &'p Parts, asks: bool) -> &'p str {
    match (frame.question, parts.end.as_str()) {
        (_, "") => "",
        (true, _) => "?",
        (false, end) if end.contains('?') && asks => ".",
        (false, end) => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::english;

    fn drafts(sentence: &str) -> Vec<String> {
        let model = Model::default();
        Drafts::new(english(), &model, sentence, Setting::of(sentence, true))
            .collect()
            .into_iter()
            .map(|d| d.text)
            .collect()
    }

    #[test]
    fn frames_keep_what_fills_them() {
        let d = drafts("How do I cancel order [ORDER_ID_1]?");
        assert!(d.contains(&"Could you tell me how to cancel order [ORDER_ID_1]?".to_owned()), "{d:?}");
        assert!(d.iter().all(|t| t.contains("[ORDER_ID_1]")));
        let d = drafts("Do machines let me change my PIN?");
        assert!(d.iter().all(|t| !t.to_lowercase().contains("want to do machines")), "{d:?}");
        let d = drafts("Is it possible to get a card?");
        assert!(!d.contains(&"I would like a card.".to_owned()), "asked, not wished for: {d:?}");
        let d = drafts("i dont know how to delete my account");
        assert!(d.contains(&"i have no idea how to delete my account".to_owned()), "{d:?}");
    }

    #[test]
    fn word_order_and_contractions() {
        let d = drafts("If I want to top up, can I use a card?");
        assert!(d.iter().any(|t| t == "Can I use a card if I want to top up?"), "{d:?}");
        let d = drafts("My card payment didn't work.");
        assert!(d.iter().any(|t| t == "My card payment did not work."), "{d:?}");
        let d = drafts("Why was I charged a fee?");
        assert!(d.iter().any(|t| t == "Could you tell me why I was charged a fee?"), "{d:?}");
    }
}
