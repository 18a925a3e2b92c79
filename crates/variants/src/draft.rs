//! Drafts: all wordings of one sentence that the rules can think of, good and bad.

use rustc_hash::FxHashSet;

use crate::grammar::{Frame, Gap, Reading};
use crate::invert::statement_order;
use crate::language::Language;
use crate::lexicon::{Class, Form, one_slip};
use crate::lm::Model;
use crate::risk::Risks;
use crate::text::{Canon, Kind, Token, canon, plain, tokens};
use crate::thesaurus::Swap;

/// A wording that may be good.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) text: String,
    pub(crate) how: String,
    /// What its form is worth, the larger the better; the ranking adds to it.
    pub(crate) score: f64,
    /// How good it is in the end.
    pub(crate) worth: f64,
    /// Whether it is one whole sentence for another of the same meaning, which may share no word with it.
    pub(crate) whole: bool,
    /// The hashes of its words, and what speaks against it: for the ranking.
    pub(crate) words: Vec<u64>,
    pub(crate) risks: Risks,
}

/// No sentence gets more drafts than this.
const MOST: usize = 400;
/// Wordings of what fills a frame.
const MOST_FILLINGS: usize = 10;

/// The drafts of a sentence in the making.
pub(crate) struct Drafts<'a> {
    l: &'static Language,
    model: &'a Model,
    sentence: &'a str,
    /// Whether the sentence is the whole text: then courtesies may be added.
    alone: bool,
    small_i: bool,
    seen: FxHashSet<String>,
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

/// A sentence without its courtesies.
struct Parts {
    greeting: String,
    body: String,
    closing: String,
    /// What ends it: `?`, `.`, `!!` or nothing.
    end: String,
}

impl<'a> Drafts<'a> {
    pub(crate) fn new(l: &'static Language, model: &'a Model, sentence: &'a str, setting: Setting) -> Self {
        let Setting { alone, small_i } = setting;
        Drafts { l, model, sentence, alone, small_i, seen: FxHashSet::default(), out: Vec::new() }
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
            if !self.frames(&parts, body, how) {
                self.wrapped(&parts, body, how);
            }
            self.whole(&parts, body, how);
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

    /// "I lost my card, what do I do" as its two clauses: the second may be put otherwise alone.
    fn clauses(&self, body: &str) -> Option<(String, String)> {
        let l = &self.l.lexicon;
        let at = body.rfind(", ")?;
        let (head, tail) = (&body[..at], &body[at + 2..]);
        let first = plain(tail.split(' ').next().unwrap_or(""));
        let mut opens = l.is(&first, Class::Pronoun) || first == "please" || first == "help";
        l.expand(&first, |w| {
            opens |= l.is(w, Class::Wh) || l.is(w, Class::Auxiliary) || l.is(w, Class::Pronoun);
        });
        let long = |s: &str, n: usize| s.split(' ').count() >= n;
        (opens && long(head, 3) && long(tail, 3)).then(|| (head.to_owned(), tail.to_owned()))
    }

    /// The body without words that only colour it.
    fn without_fillers(&self, body: &str) -> Option<String> {
        let l = &self.l.lexicon;
        let all = tokens(body);
        let (mut out, mut at, mut any) = (String::new(), 0, false);
        for (i, t) in all.iter().enumerate() {
            let word = plain(t.of(body));
            let next = all.get(i + 1).filter(|n| n.kind != Kind::Punctuation);
            let back = if i > 0 { plain(all[i - 1].of(body)) } else { String::new() };
            if t.kind != Kind::Word || !l.is(&word, Class::Filler) || l.is(&back, Class::Negation) {
                continue;
            }
            let Some(next) = next else { continue };
            out.push_str(&body[at..t.start]);
            with_article(&mut out, &plain(next.of(body)));
            at = next.start;
            any = true;
        }
        out.push_str(&body[at..]);
        any.then_some(out)
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

    fn parts(&self, sentence: &str) -> Parts {
        let trimmed =
            sentence.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '?' | '.' | '!' | ','));
        let end = sentence[trimmed.len()..].trim().trim_matches(',').to_owned();
        let mut body = trimmed.trim();
        let lower = plain(body);
        let mut greeting = String::new();
        if lower.len() == body.len() {
            let longest = self.l.courtesy.greetings.iter().filter(|g| {
                lower
                    .strip_prefix(g.as_str())
                    .is_some_and(|rest| rest.starts_with([',', '.', '!', ' ']) && !rest.trim().is_empty())
            });
            if let Some(g) = longest.max_by_key(|g| g.len()) {
                let rest = body[g.len()..].trim_start_matches([',', '.', '!', ' ', '-']);
                greeting = body[..body.len() - rest.len()].to_owned();
                body = rest;
            }
        }
        let lower = plain(body);
        let mut closing = String::new();
        if lower.len() == body.len() {
            let longest = self.l.courtesy.closings.iter().filter(|c| {
                lower
                    .strip_suffix(c.as_str())
                    .is_some_and(|rest| rest.ends_with([',', '.', ' ']) && rest.trim().len() > 8)
            });
            if let Some(c) = longest.max_by_key(|c| c.len()) {
                let rest = body[..body.len() - c.len()].trim_end_matches([',', '.', ' ']);
                closing = body[rest.len()..].to_owned();
                body = rest;
            }
        }
        Parts { greeting, body: body.to_owned(), closing, end }
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
            if r.fixed > 0 || (self.alone && !to_us) {
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
            for (filling, swapped) in &fillings {
                let Some(filling) = self.converted(filling, r.gap, frame.gap) else { continue };
                // "what the fee for a card that I ordered is" comes to its point too late.
                if r.gap == Gap::Np && !frame.after.is_empty() && filling.split(' ').count() > 4 {
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
                let score = 0.05 * f64::from(frame.weight) + fresh;
                for short in [false, true] {
                    let Some(before) = self.spelled(&frame.before, short) else { continue };
                    let text = join(&[&before, &filling, &frame.after]);
                    self.push(parts, &text, end_of(frame, parts, asks), &name, score);
                    if let Some(last) = self.out.last_mut().filter(|_| r.gap == Gap::None) {
                        last.whole = true;
                    }
                }
            }
        }
    }

    /// Whether the sentence starts as a question.
    fn asks_first(&self, words: &[Canon]) -> bool {
        let l = &self.l.lexicon;
        let asks = |w: &Canon| l.is(&w.word, Class::Wh) || l.is(&w.word, Class::Auxiliary);
        words.first().is_some_and(asks)
            || (words.first().is_some_and(|w| l.is(&w.word, Class::Preposition))
                && words.get(1).is_some_and(|w| l.is(&w.word, Class::Wh)))
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
        for (question, swapped) in &all {
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
                self.push(parts, &format!("how come {rest}"), &parts.end, &name, 0.0);
            }
            let more = why.and_then(|_| l.grammar.classes.iter().find(|c| c.name == "ask-why"));
            let more = more.iter().flat_map(|c| &c.frames);
            for frame in l.grammar.classes[class].frames.iter().chain(more) {
                for short in [false, true] {
                    let Some(before) = self.spelled(&frame.before, short) else { continue };
                    let text = join(&[&before, &turned, &frame.after]);
                    self.push(
                        parts,
                        &text,
                        end_of(frame, parts, true),
                        &name,
                        0.05 * f64::from(frame.weight),
                    );
                }
            }
        }
    }

    /// The sentence as it is, with words replaced, contractions written otherwise, or a plea behind it.
    fn whole(&mut self, parts: &Parts, body: &str, how: &str) {
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
                self.push(parts, &text, &parts.end, &format!("{prefix}{name}"), 0.1);
                if statement && self.alone {
                    for plea in &self.l.courtesy.pleas {
                        let end = if parts.end.is_empty() { "." } else { parts.end.as_str() };
                        let asks = ["can", "could", "what"].iter().any(|w| plea.starts_with(w));
                        let mark = if asks { "?" } else { "." };
                        let plea = if self.small_i { plea.clone() } else { capital_i(plea) };
                        let shown = if self.upper_start() { upper_first(&plea) } else { plea };
                        self.push(
                            parts,
                            &text,
                            &format!("{end} {shown}{mark}"),
                            &format!("{prefix}plea"),
                            -0.1,
                        );
                    }
                }
            }
            if self.alone && !question {
                // Nobody greets in front of a mere "getting a refund".
                let sentence = statement || self.asks_first(&words);
                let greeted = parts.greeting.is_empty() && words.len() > 3 && sentence;
                for g in self.l.courtesy.openings.iter().filter(|_| greeted) {
                    self.push(
                        parts,
                        &format!("{g}, {}", self.lower_start(&form)),
                        &parts.end,
                        "greeting",
                        -0.4,
                    );
                }
            }
        }
    }

    /// A stretch of the sentence and its rewordings by the thesaurus, the stretch itself first.
    fn fillings(
        &self,
        body: &str,
        tokens: &[Token],
        range: std::ops::Range<usize>,
        verb_first: bool,
    ) -> Vec<(String, bool)> {
        if range.is_empty() {
            return Vec::new();
        }
        let swaps = self.l.thesaurus.swaps(body, tokens, range.clone(), verb_first, &self.l.lexicon);
        let mut out = vec![(self.stretch(body, tokens, &range, &[]), false)];
        if verb_first && let Some(passive) = self.causative(body, tokens, &range) {
            out.push((passive, true));
        }
        // Two replacements at once are worth more than one, if they do not touch.
        for (i, a) in swaps.iter().enumerate() {
            for b in swaps[i + 1..].iter().filter(|b| a.to <= b.from) {
                if out.len() < MOST_FILLINGS {
                    out.push((self.stretch(body, tokens, &range, &[a, b]), true));
                }
            }
        }
        for a in swaps.iter().take(MOST_FILLINGS) {
            out.push((self.stretch(body, tokens, &range, &[a]), true));
        }
        out
    }

    /// "cancel my order" as "get my order cancelled".
    fn causative(&self, body: &str, tokens: &[Token], range: &std::ops::Range<usize>) -> Option<String> {
        let l = &self.l.lexicon;
        let word = |i: usize| plain(tokens[i].of(body));
        let (verb, form) = l.verb(&word(range.start))?;
        let get = match form {
            Form::Base => "get",
            Form::Ing => "getting",
            _ => return None,
        };
        if !l.is(l.base(verb), Class::Causative) {
            return None;
        }
        let start = range.start + 1;
        let led = self.led(&word(start.min(range.end - 1)));
        let topical = |i: usize| tokens[i].kind != Kind::Punctuation && !l.is_small(&word(i));
        let mut end = start + usize::from(led);
        while end < range.end && topical(end) {
            end += 1;
        }
        // "order [ORDER_ID_1]" needs no article; a mere "orders" or "them" is left.
        let named = led || tokens[end.saturating_sub(1)].kind == Kind::Protected;
        if end < start + 2
            || !named
            || (end < range.end && tokens[end].kind == Kind::Punctuation && end + 1 < range.end)
        {
            return None;
        }
        if (start..end).any(|i| l.verb(&word(i)).is_some_and(|v| v.1 == Form::Ing)) {
            return None;
        }
        let object = &body[tokens[start].start..tokens[end - 1].end];
        let rest = if end < range.end { &body[tokens[end].start..tokens[range.end - 1].end] } else { "" };
        Some(join(&[get, object, &l.inflect(verb, Form::Participle), rest]))
    }

    fn stretch(
        &self,
        body: &str,
        tokens: &[Token],
        range: &std::ops::Range<usize>,
        swaps: &[&Swap],
    ) -> String {
        let mut out = String::new();
        let (mut at, end) = (tokens[range.start].start, tokens[range.end - 1].end);
        for s in swaps {
            let (from, to) = (tokens[s.from].start, tokens[s.to - 1].end);
            out.push_str(&body[at..from]);
            with_article(&mut out, &s.text);
            out.push_str(&s.text);
            at = to;
        }
        out.push_str(&body[at..end]);
        if range.start == 0 { self.lower_start(&out) } else { out }
    }

    /// Whether a noun phrase starts with an article or its like.
    fn led(&self, word: &str) -> bool {
        self.l.lexicon.is(word, Class::Determiner) || self.l.lexicon.is(word, Class::Possessive)
    }

    /// The filling for a frame with another gap.
    fn converted(&self, filling: &str, from: Gap, to: Gap) -> Option<String> {
        if from == to {
            return Some(filling.to_owned());
        }
        let (wanted, given) = match (from, to) {
            (Gap::Vp, Gap::Ving) => (Form::Ing, Form::Base),
            (Gap::Ving, Gap::Vp) => (Form::Base, Form::Ing),
            _ => return None,
        };
        let l = &self.l.lexicon;
        let (head, rest) = filling.split_once(' ').unwrap_or((filling, ""));
        if !l.is_form(head, given) {
            return None;
        }
        let (verb, _) = l.verb(head)?;
        // "cancel and refund": both verbs would have to change.
        let mut words = rest.split_whitespace();
        while let Some(w) = words.next() {
            if matches!(w, "and" | "or") && words.next().is_some_and(|n| l.verb(n).is_some()) {
                return None;
            }
        }
        Some(join(&[&l.inflect(verb, wanted), rest]))
    }

    /// A frame's words, short ("i'd like") or long; none if there is nothing to shorten.
    fn spelled(&self, words: &str, short: bool) -> Option<String> {
        let text = if short { self.contract(words)? } else { words.replace("can not", "cannot") };
        Some(if self.small_i { text } else { capital_i(&text) })
    }

    fn contract(&self, words: &str) -> Option<String> {
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
    fn written_out(&self, body: &str) -> Option<String> {
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
    fn contracted(&self, body: &str) -> Option<String> {
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

    /// "If a, b" as "b if a", and the other way.
    fn condition_moved(&self, body: &str) -> Option<String> {
        let lower = plain(body);
        if lower.len() != body.len() {
            return None;
        }
        for lead in ["if ", "when ", "because "] {
            if let Some(after) = lower.strip_prefix(lead) {
                let comma = body.find(", ")?;
                let (condition, main) = (&body[..comma], &body[comma + 2..]);
                // A question word of its own: "when will it come, …".
                let asks = after.split(' ').next().is_some_and(|w| self.l.lexicon.is(w, Class::Auxiliary));
                return (!asks && main.split(' ').count() > 2 && !main.contains(", "))
                    .then(|| format!("{main} {}", self.lower_start(condition)));
            }
        }
        let at = lower.find(" if ")?;
        let before = lower[..at].rsplit(' ').next().unwrap_or("");
        let reported = matches!(
            before,
            "know" | "me" | "see" | "wondering" | "wonder" | "check" | "even" | "sure" | "as" | "out" | "ask"
        );
        let (main, condition) = (&body[..at], &body[at + 1..]);
        (!reported && condition.split(' ').count() > 2 && !main.contains(',') && !condition.contains(','))
            .then(|| format!("{condition}, {}", self.lower_start(main)))
    }

    fn push(&mut self, parts: &Parts, body: &str, end: &str, how: &str, score: f64) {
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
        if !self.seen.contains(&text) {
            self.seen.insert(text.clone());
            self.out.push(Draft {
                text,
                how: how.to_owned(),
                score,
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

    /// Text that no longer starts a sentence: its capital goes if it came from its place.
    fn lower_start(&self, text: &str) -> String {
        let first: String =
            text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-')).collect();
        let word = plain(&first);
        let is_i = word == "i" || word.starts_with("i'");
        let single_capital =
            first.chars().skip(1).all(|c| !c.is_uppercase()) && first.starts_with(char::is_uppercase);
        if !is_i
            && single_capital
            && (self.l.lexicon.knows(&word)
                || self.l.lexicon.is_contraction(&word)
                || self.model.count(&word) > 0)
        {
            let mut c = text.chars();
            return c.next().map_or_else(String::new, |f| f.to_lowercase().chain(c).collect());
        }
        text.to_owned()
    }
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

fn join(parts: &[&str]) -> String {
    let mut out = String::new();
    for p in parts.iter().filter(|p| !p.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(p);
    }
    out
}

fn upper_first(text: &str) -> String {
    let mut c = text.chars();
    c.next().map_or_else(String::new, |f| f.to_uppercase().chain(c).collect())
}

/// "i" and "i'm" with a capital.
fn capital_i(text: &str) -> String {
    let words =
        text.split(' ').map(|w| if w == "i" || w.starts_with("i'") { upper_first(w) } else { w.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

/// Mends "a" and "an" in front of a word that comes next.
fn with_article(text: &mut String, next: &str) {
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

    #[test]
    fn articles_follow() {
        let mut s = "buy a ".to_owned();
        with_article(&mut s, "item");
        assert_eq!(s, "buy an ");
        with_article(&mut s, "product");
        assert_eq!(s, "buy a ");
    }
}
