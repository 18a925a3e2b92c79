//! The plain text that a mail program makes of the author's words and the message answered.

use crate::client::Client;
use crate::compose::Words;
use crate::encode::quote_depth;
use crate::language::{Civil, Language};
use crate::random::Random;

/// The message that is answered, as its reader sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    pub(crate) id: String,
    /// The ids in its References, then its own: what a reply to it refers to.
    pub(crate) chain: Vec<String>,
    pub(crate) at: i64,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    /// All of its plain text, quotes marked with `> `.
    pub(crate) plain: String,
    /// What stands in the body element of its html.
    pub(crate) html: String,
    /// What its author newly wrote.
    pub(crate) text: String,
}

/// One reply's surroundings, for plain text and html alike.
pub(crate) struct Reply<'a> {
    pub(crate) words: &'a Words,
    pub(crate) client: Client,
    /// The language that the program speaks.
    pub(crate) language: &'a Language,
    pub(crate) past: Option<&'a Past>,
    /// Which of a program's variants this installation shows.
    pub(crate) variant: u64,
    pub(crate) shop: &'a str,
    pub(crate) ticket: u64,
}

/// The line of a header block: its label and what stands after it.
pub(crate) type Field = (&'static str, String);

impl Reply<'_> {
    /// The attribution line for the message answered.
    pub(crate) fn attribution(&self, past: &Past) -> String {
        self.filled(self.client.attribution(), past)
    }

    /// A phrase of the program, with the answered message's date and people in its slots.
    pub(crate) fn filled(&self, section: &str, past: &Past) -> String {
        let list = self.language.section(section);
        let mut out = String::new();
        if let Some(phrase) = list.get(self.variant as usize % list.len().max(1)) {
            let civil = Civil::at(past.at, self.language.zone);
            let mut r = Random::fork(self.variant, 11);
            phrase.write(&mut r, &mut out, &mut |slot, _, out| {
                if !civil.slot(slot, self.language, self.language.zone, out) {
                    out.push_str(match slot {
                        "name" => &past.name,
                        "addr" => &past.address,
                        _ => "",
                    });
                }
            });
        }
        out
    }

    /// A phrase without slots, always the same alternative for one installation.
    pub(crate) fn fixed(&self, section: &str) -> String {
        let list = self.language.section(section);
        let mut out = String::new();
        if let Some(phrase) = list.get(self.variant as usize % list.len().max(1)) {
            phrase.write(&mut Random::fork(self.variant, 12), &mut out, &mut |slot, _, out| match slot {
                "shop" => out.push_str(self.shop),
                "ticket" => out.push_str(&self.ticket.to_string()),
                _ => {}
            });
        }
        out
    }

    /// The header block that stands above the history with programs that do not mark it.
    pub(crate) fn block(&self, past: &Past) -> Vec<Field> {
        let label = |n| self.language.entry("labels", n);
        let from = match self.client {
            Client::OutlookOld => format!("{} [mailto:{}]", past.name, past.address),
            Client::Gmx => format!("\"{}\" <{}>", past.name, past.address),
            _ => format!("{} <{}>", past.name, past.address),
        };
        match self.client {
            Client::Gmx => vec![
                (label(1), self.filled("gmx_date", past)),
                (label(0), from),
                (label(2), past.to.clone()),
                (label(3), past.subject.clone()),
            ],
            Client::Samsung => vec![
                (label(0), from),
                (label(5), self.filled("samsung_date", past)),
                (label(2), past.to.clone()),
                (label(3), past.subject.clone()),
            ],
            _ => vec![
                (label(0), from),
                (label(1), self.filled("outlook_date", past)),
                (label(2), past.to.clone()),
                (label(3), past.subject.clone()),
            ],
        }
    }

    /// The whole plain text, quotes marked with `> `, lines not yet broken.
    pub(crate) fn plain(&self) -> String {
        let mut out =
            String::with_capacity(self.words.text.len() * 2 + self.past.map_or(0, |p| p.plain.len() * 2));
        if let Some(banner) = &self.words.banner {
            out.push_str(banner);
            out.push_str("\n\n");
        }
        match (self.client, self.past) {
            (Client::Interleaved, Some(past)) => {
                self.interleaved(past, &mut out);
                self.ending(&mut out);
            }
            (c, Some(past)) if c.replies_below() => {
                self.history(past, &mut out);
                out.push('\n');
                out.push_str(&self.words.text);
                self.ending(&mut out);
            }
            (Client::HelpDesk, _) => {
                out.push_str(&self.fixed("helpdesk_line"));
                out.push_str("\n\n");
                out.push_str(&self.words.text);
                out.push_str("\n\n--------------------------------\n");
                out.push_str(&self.fixed("helpdesk_footer"));
            }
            (_, past) => {
                out.push_str(&self.words.text);
                self.ending(&mut out);
                if let Some(past) = past {
                    out.push_str("\n\n");
                    self.history(past, &mut out);
                    out.truncate(out.trim_end_matches('\n').len());
                }
            }
        }
        for notice in &self.words.notices {
            out.push_str("\n\n");
            out.push_str(notice);
        }
        out
    }

    /// What the program adds right below the words.
    fn ending(&self, out: &mut String) {
        if let Some(mobile) = &self.words.mobile {
            out.push_str("\n\n");
            out.push_str(mobile);
        }
        if let Some(signature) = &self.words.signature {
            out.push_str(if signature.delimited { "\n\n-- " } else { "\n" });
            for line in &signature.lines {
                out.push('\n');
                out.push_str(line);
            }
        }
    }

    fn history(&self, past: &Past, out: &mut String) {
        match self.client {
            Client::NoHistory | Client::HelpDesk => {}
            Client::Yahoo => {
                out.push_str("    ");
                out.push_str(&self.attribution(past));
                out.push_str("\n\n");
                out.push_str(&past.plain);
                out.push('\n');
            }
            Client::Outlook | Client::OutlookOld | Client::OutlookWeb | Client::Samsung | Client::Gmx => {
                match self.client {
                    Client::OutlookOld => out.push_str(&self.fixed("original")),
                    Client::OutlookWeb => out.push_str("________________________________"),
                    Client::Samsung => out.push_str(&self.fixed("original_samsung")),
                    _ => {
                        out.truncate(out.trim_end_matches('\n').len());
                        out.push('\n');
                    }
                }
                for (label, value) in self.block(past) {
                    out.push('\n');
                    out.push_str(label);
                    out.push_str(": ");
                    out.push_str(&value);
                }
                out.push_str("\n\n");
                out.push_str(&past.plain);
                out.push('\n');
            }
            _ => {
                let attribution = self.attribution(past);
                if self.client == Client::IPhone {
                    out.push_str("> ");
                    out.push_str(&attribution);
                    out.push_str("\n>\n");
                } else {
                    out.push_str(&attribution);
                    out.push('\n');
                    if matches!(self.client, Client::Gmail | Client::AppleMail | Client::Proton) {
                        out.push('\n');
                    }
                }
                quote(&past.plain, out);
            }
        }
    }

    /// Answers between the paragraphs of the question.
    fn interleaved(&self, past: &Past, out: &mut String) {
        let mut own: Vec<&str> = self.words.text.split("\n\n").collect();
        let mut theirs: Vec<&str> = past.text.split("\n\n").filter(|p| p.len() > 40).collect();
        if theirs.is_empty() {
            theirs.push(&past.text);
        }
        let closing = if own.len() > 1 { own.pop() } else { None };
        if own.len() > 1 && own[0].len() < 40 {
            out.push_str(own.remove(0));
            out.push_str("\n\n");
        }
        out.push_str(&self.attribution(past));
        for i in 0..own.len().max(theirs.len()) {
            if let Some(p) = theirs.get(i) {
                out.push('\n');
                quote(p, out);
            }
            if let Some(p) = own.get(i) {
                out.push('\n');
                out.push_str(p);
                out.push('\n');
            }
        }
        if let Some(closing) = closing {
            out.push('\n');
            out.push_str(closing);
        }
        out.truncate(out.trim_end_matches('\n').len());
    }
}

/// Appends the text with `> ` before each line.
pub(crate) fn quote(text: &str, out: &mut String) {
    for line in text.split('\n') {
        out.push('>');
        if !line.is_empty() {
            out.push(' ');
            out.push_str(if line == "-- " { "--" } else { line });
        }
        out.push('\n');
    }
}

/// Breaks long quoted lines in two, the second without its mark, as old gateways do.
pub(crate) fn break_quotes(text: &str, out: &mut String) {
    for line in text.split('\n') {
        let (depth, _) = quote_depth(line);
        let cut = if depth > 0 && line.len() > 66 {
            line.char_indices().rev().find(|&(i, c)| c == ' ' && i > 40 && i < 66).map(|(i, _)| i)
        } else {
            None
        };
        match cut {
            Some(i) => {
                out.push_str(&line[..i]);
                out.push('\n');
                out.push_str(&line[i + 1..]);
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out.pop();
}
