//! What people newly write: greeting, sentences from the grammar, closing words, signature.

use crate::client::Client;
use crate::language::{Civil, Language};
use crate::people::{Person, Shop};
use crate::personal::{Planted, Sentences};
use crate::random::Random;

/// What a conversation is about; these stay the same from its first message to its last.
#[derive(Clone, Debug)]
pub(crate) struct Matter {
    pub(crate) topic: &'static str,
    /// Which of the topic's questions is asked; the answer of the same place answers it.
    pub(crate) question: usize,
    /// What was measured, where sizes are the topic.
    pub(crate) measure: u64,
    pub(crate) product: String,
    pub(crate) order: u64,
    pub(crate) ticket: u64,
    pub(crate) cents: u64,
    /// When the order was placed.
    pub(crate) ordered: i64,
    pub(crate) city: &'static str,
    pub(crate) size: &'static str,
}

const MODELS: &[&str] = &[
    "Alba", "Fjord", "Nero", "Luna", "Tessa", "Orion", "Vela", "Brise", "Kora", "Mistral", "Salto", "Pico",
    "Terra", "Juno", "Lago", "Rondo", "Tundra", "Sella", "Marlo", "Quinta",
];

impl Matter {
    pub(crate) fn new(language: &Language, now: i64, r: &mut Random) -> Matter {
        let topic = r.pick(&language.topics);
        Matter {
            topic,
            question: r.below(language.section(&format!("{topic}.q")).len() as u64) as usize,
            measure: r.between(20, 99),
            product: format!("{} {}", r.pick(MODELS), 10 * r.between(1, 100)),
            order: r.between(10_000, 10_000_000),
            ticket: r.between(10_000, 1_000_000),
            cents: r.between(5, 320) * 100 + r.pick(&[0, 50, 90, 95, 99]),
            ordered: now - 86_400 * r.between(2, 40) as i64,
            city: r.pick(&language.cities),
            size: r.pick(&["S", "M", "L", "XL", "38", "40", "42", "44"]),
        }
    }
}

/// Everything a phrase's slots can stand for.
pub(crate) struct Scene<'a> {
    pub(crate) languages: &'a [Language],
    pub(crate) shop: &'a Shop,
    pub(crate) matter: &'a Matter,
    pub(crate) customer: &'a Person,
    pub(crate) agent: &'a Person,
    pub(crate) subject: &'a str,
    /// The language of the words.
    pub(crate) language: usize,
    pub(crate) now: i64,
    /// How many more questions came after the first.
    pub(crate) round: usize,
    /// Sentences with personal data, and how often a customer writes some.
    pub(crate) personal: (&'a Sentences, f64),
}

/// A signature as its owner set it up.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    /// Stands below `-- `.
    pub(crate) delimited: bool,
    pub(crate) lines: Vec<String>,
}

/// What one message newly says, and what its program adds below.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    /// The author's own words, closing words included.
    pub(crate) text: String,
    /// What personal data was planted in it.
    pub(crate) planted: Vec<Planted>,
    /// Where the closing words begin in `text`; its length if there are none.
    pub(crate) sign_off: usize,
    /// A gateway's warning, above everything.
    pub(crate) banner: Option<String>,
    pub(crate) signature: Option<Signature>,
    /// `Sent from my …`.
    pub(crate) mobile: Option<String>,
    /// Legal notices and list footers, at the very end.
    pub(crate) notices: Vec<String>,
}

/// Which kind of thing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Say {
    Ask,
    AskMore,
    FollowUp,
    Thanks,
    Answer,
    AnswerFollowUp,
    Acknowledge,
    Open,
}

impl Scene<'_> {
    fn lang(&self) -> &Language {
        &self.languages[self.language]
    }

    /// Appends one alternative of the section, with its slots filled.
    pub(crate) fn say(&self, section: &str, r: &mut Random, out: &mut String) {
        let own = self.lang().section(section);
        let list = if own.is_empty() { self.languages[0].section(section) } else { own };
        if !list.is_empty() {
            r.one_of(list).write(r, out, &mut |slot, r, out| self.fill(slot, r, out));
        }
    }

    /// Appends the alternative of that number, beginning again when there are fewer.
    fn say_nth(&self, section: &str, n: usize, r: &mut Random, out: &mut String) {
        let list = self.lang().section(section);
        if let Some(phrase) = list.get(n % list.len().max(1)) {
            phrase.write(r, out, &mut |slot, r, out| self.fill(slot, r, out));
        }
    }

    /// The section and number of the question that was asked in that round, or of its answer. A topic
    /// has few further questions; later rounds turn to another topic.
    fn further(&self, round: usize, answer: bool) -> (String, usize) {
        let m = self.matter;
        let lang = self.lang();
        let own = lang.section(&format!("{}.f", m.topic)).len();
        if round < own {
            let part = if answer { "fa" } else { "f" };
            return (format!("{}.{part}", m.topic), (m.question + round) % own);
        }
        let at = lang.topics.iter().position(|t| *t == m.topic).unwrap_or(0);
        let topic = lang.topics[(at + 1 + round - own) % lang.topics.len()];
        let questions = lang.section(&format!("{topic}.q")).len().max(1);
        let part = if answer { "a" } else { "q" };
        (format!("{topic}.{part}"), (m.question + round) % questions)
    }

    fn say_further(&self, round: usize, answer: bool, r: &mut Random, out: &mut String) {
        let (section, n) = self.further(round, answer);
        self.say_nth(&section, n, r, out);
    }

    pub(crate) fn said(&self, section: &str, r: &mut Random) -> String {
        let mut out = String::new();
        self.say(section, r, &mut out);
        out
    }

    fn fill(&self, slot: &str, r: &mut Random, out: &mut String) {
        use std::fmt::Write;
        let m = self.matter;
        let f = &self.shop.facts;
        // Writing to a String cannot fail.
        let _ = match slot {
            "shop" => write!(out, "{}", self.shop.name),
            "product" => write!(out, "{}", m.product),
            "order" => write!(out, "{}", m.order),
            "ticket" => write!(out, "{}", m.ticket),
            "city" => write!(out, "{}", m.city),
            "colour" => write!(out, "{}", r.pick(&self.lang().colours)),
            "size" => write!(out, "{}", m.size),
            "price" => self.money(m.cents, out),
            "n" if m.topic == "size" => write!(out, "{}", m.measure),
            "n" => write!(out, "{}", r.between(4, 98)),
            "phone" => write!(out, "{}", self.customer.phone),
            "shop_phone" => write!(out, "{}", self.shop.phone),
            "open" => write!(out, "{}:00", f.open),
            "close" => write!(out, "{}:00", f.close),
            "sat" => write!(out, "{}:00", f.saturday),
            "ship_days" => write!(out, "{}", f.ship_days),
            "ship_cost" => self.money(u64::from(f.ship_cost), out),
            "ship_free" => self.money(u64::from(f.ship_free) * 100, out),
            "ret_days" => write!(out, "{}", f.return_days),
            "refund_days" => write!(out, "{}", f.refund_days),
            "war_years" => write!(out, "{}", f.warranty_years),
            "url" => write!(out, "https://{}/service/{}", self.shop.domain, m.topic),
            "first" => write!(out, "{}", self.customer.first),
            "name" => write!(out, "{}", self.customer.name),
            "addr" => write!(out, "{}", self.customer.address),
            "agent" => write!(out, "{}", self.agent.name),
            "agent_first" => write!(out, "{}", self.agent.first),
            "subject" => write!(out, "{}", self.subject),
            // Dates to come; the past is the day of the order, the same throughout.
            "date" => self.date(self.now + 86_400 * r.between(1, 20) as i64, r, out),
            "past" => self.date(m.ordered, r, out),
            _ => Ok(()),
        };
    }

    fn date(&self, at: i64, r: &mut Random, out: &mut String) -> std::fmt::Result {
        let civil = Civil::at(at, 0);
        let lang = self.lang();
        r.one_of(lang.section("short_date")).write(r, out, &mut |slot, _, out| {
            civil.slot(slot, lang, 0, out);
        });
        Ok(())
    }

    fn money(&self, cents: u64, out: &mut String) -> std::fmt::Result {
        use std::fmt::Write;
        match self.lang().code {
            "en" => write!(out, "€{}.{:02}", cents / 100, cents % 100),
            "ja" => write!(out, "{}円", cents),
            _ => write!(out, "{},{:02} €", cents / 100, cents % 100),
        }
    }

    /// Between two sentences of one paragraph.
    fn space(&self) -> &'static str {
        if self.lang().code == "ja" { "" } else { " " }
    }

    /// What `author` says. `style` is the program it is written in.
    pub(crate) fn words(
        &self,
        say: Say,
        author: &Person,
        by_agent: bool,
        style: Client,
        r: &mut Random,
    ) -> Words {
        let mut words = Words::default();
        let text = &mut words.text;
        let topic = self.matter.topic;
        let greet = match (say, by_agent) {
            (Say::Ask, _) => Some(("hello_customer", 0.9)),
            (Say::AskMore, _) => Some(("hello_customer", 0.6)),
            (Say::Thanks, _) => Some(("hello_reply", 0.3)),
            (_, false) => Some(("hello_reply", 0.7)),
            (Say::AnswerFollowUp, true) => Some(("hello_agent", 0.8)),
            (_, true) => Some(("hello_agent", 0.97)),
        };
        if let Some((section, _)) = greet.filter(|&(_, share)| r.chance(share)) {
            self.say(section, r, text);
            text.push_str("\n\n");
        }
        let part = |name: &str| format!("{topic}.{name}");
        match say {
            Say::Ask => {
                if r.chance(0.5) {
                    self.say("intro", r, text);
                    text.push_str(self.space());
                }
                self.say_nth(&part("q"), self.matter.question, r, text);
                if r.chance(0.6) {
                    text.push_str(self.space());
                    self.say("detail", r, text);
                }
                self.stories(r.pick(&[0, 0, 1, 1, 2, 2, 3, 5]), r, text);
            }
            Say::AskMore => {
                self.say_further(self.round, false, r, text);
                self.stories(r.pick(&[0, 1, 1]), r, text);
            }
            Say::FollowUp => {
                if r.chance(0.8) {
                    self.say("follow_intro", r, text);
                    text.push_str(self.space());
                }
                self.say_further(self.round, false, r, text);
                self.stories(r.pick(&[0, 0, 1, 2]), r, text);
            }
            Say::Thanks => self.say("thanks", r, text),
            Say::Answer => {
                if r.chance(0.7) {
                    self.say("thanks_first", r, text);
                    text.push_str(if r.chance(0.5) { self.space() } else { "\n\n" });
                }
                self.say_nth(&part("a"), self.matter.question, r, text);
                for round in 0..self.round {
                    text.push_str("\n\n");
                    self.say_further(round, true, r, text);
                }
                if r.chance(0.6) {
                    text.push_str("\n\n");
                    self.say("offer", r, text);
                }
            }
            Say::AnswerFollowUp => {
                self.say_further(self.round.saturating_sub(1), true, r, text);
                if r.chance(0.35) {
                    text.push_str("\n\n");
                    self.say("offer", r, text);
                }
            }
            Say::Acknowledge => self.say("ack", r, text),
            Say::Open => self.say("open", r, text),
        }
        let (sentences, share) = self.personal;
        // Nothing is drawn where nothing is planted: the bytes stay those of a mailbox without.
        if share > 0.0 && !by_agent && r.chance(share) {
            words.planted = sentences.write(self.lang(), self.now, r, &mut words.text);
        }
        words.sign_off = words.text.len();
        if by_agent {
            self.agent_closing(author, style, &mut words, r);
        } else {
            self.customer_closing(author, style, &mut words, r);
        }
        words
    }

    /// Paragraphs of one or two sentences about the circumstances.
    fn stories(&self, n: usize, r: &mut Random, text: &mut String) {
        let own = self.lang().section("story");
        let start = r.below(own.len() as u64) as usize;
        for i in 0..n.min(own.len()) {
            text.push_str(if i % 2 == 0 { "\n\n" } else { self.space() });
            // Neighbours in the list, so that nobody says the same twice.
            own[(start + i) % own.len()].write(r, text, &mut |slot, r, out| self.fill(slot, r, out));
        }
    }

    fn closing(&self, section: &str, lone: bool, r: &mut Random, text: &mut String) {
        text.push_str("\n\n");
        self.say(section, r, text);
        if lone && text.ends_with(',') {
            text.pop();
        }
    }

    fn customer_closing(&self, author: &Person, style: Client, words: &mut Words, r: &mut Random) {
        let habit = author.habits % 10;
        let ui = Scene { language: author.language, ..*self };
        let name = if author.habits & 64 == 0 { &author.first } else { &author.name };
        match habit {
            0..=5 => {
                self.closing("bye_customer", false, r, &mut words.text);
                words.text.push('\n');
                words.text.push_str(name);
            }
            6 => self.closing("bye_customer", true, r, &mut words.text),
            7 => {}
            _ => {
                words.text.push_str("\n\n");
                words.text.push_str(name);
            }
        }
        match style {
            Client::IPhone => words.mobile = Some(ui.said("iphone", r)),
            Client::Samsung => words.mobile = Some(ui.said("samsung", r)),
            Client::OutlookWeb if author.habits & 0x180 == 0 => {
                words.mobile = Some(ui.said("outlook_mobile", r))
            }
            _ => {}
        }
        if words.mobile.is_some() {
            return;
        }
        if let Some(company) = &author.company {
            let delimited =
                !matches!(style, Client::Outlook | Client::OutlookOld | Client::OutlookWeb | Client::Gmx);
            let mut lines = vec![author.name.clone(), company.clone(), format!("Tel. {}", author.phone)];
            if author.habits & 512 != 0 {
                lines.push(format!("www.{}", author.address.split_once('@').map_or("", |a| a.1)));
            }
            // Without a delimiter a block follows closing words only: nobody could tell it apart else.
            if delimited || habit == 6 {
                words.signature = Some(Signature { delimited, lines });
            }
        } else if author.habits & 0x3800 == 0 {
            let lines = vec![author.name.clone(), author.city.to_owned(), author.phone.clone()];
            words.signature = Some(Signature { delimited: true, lines });
        }
    }

    fn agent_closing(&self, author: &Person, style: Client, words: &mut Words, r: &mut Random) {
        let undelimited =
            matches!(style, Client::Outlook | Client::OutlookOld | Client::OutlookWeb | Client::Gmx);
        self.closing("bye_agent", undelimited, r, &mut words.text);
        if !undelimited {
            words.text.push('\n');
            words.text.push_str(&author.first);
        }
        if style == Client::HelpDesk {
            return;
        }
        let ui = Scene { language: author.language, ..*self };
        let mut fixed = Random::fork(author.habits, 3);
        let lines = vec![
            author.name.clone(),
            ui.said("title", &mut fixed),
            String::new(),
            self.shop.name.clone(),
            format!("{}, {}", self.shop.street, author.city),
            format!("Tel. {}", author.phone),
            format!("www.{}", self.shop.domain),
        ];
        words.signature = Some(Signature { delimited: !undelimited, lines });
    }
}
