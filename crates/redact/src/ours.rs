//! Whose a value is: the business's own facts stay.

use crate::detect::{Hit, NameRole};
use crate::keep::key;
use crate::kind::{Side, Type};
use crate::lexicon::{context, flag, minor};
use crate::redactor::ThreadRedactor;
use crate::token::{Token, gap, shape};

/// Lines below a name that may still be the signature it begins.
const SIGNATURE_LINES: usize = 7;

impl ThreadRedactor<'_> {
    /// The tokens before a hit in its sentence, the nearest first.
    fn before<'s>(&'s self, text: &'s str, hit: Hit) -> impl Iterator<Item = &'s Token> + 's {
        let at = self.tokens.partition_point(|t| t.start < hit.start);
        (1..=at.min(14))
            .take_while(move |back| {
                let k = at - back + 1;
                let Some(next) = self.tokens.get(k) else { return true };
                let sentence = next.gap & gap::STOP != 0
                    && next.gap & gap::SPACE != 0
                    && !crate::detect::abbreviates(text, &self.tokens[k - 1]);
                next.gap & gap::BLANK == 0 && !sentence
            })
            .map(move |back| &self.tokens[at - back])
    }

    /// Whether an agent writes of what is the customer's: "your number", "we sent it to".
    pub(crate) fn theirs(&self, text: &str, hit: Hit) -> bool {
        self.before(text, hit)
            .find(|t| t.is(flag::YOU | flag::OUR | flag::BUSINESS | flag::INVITE))
            .is_some_and(|t| {
                t.is(flag::YOU)
                    && !t.is(flag::OUR | flag::BUSINESS | flag::INVITE)
                    && !t.looks(minor::SUBJECT)
            })
    }

    /// Whether a customer writes of what is the business's: "your number", "I called".
    pub(crate) fn points_at_business(&self, text: &str, hit: Hit) -> bool {
        self.before(text, hit)
            .find(|t| t.is(flag::YOU | flag::BUSINESS) || t.looks(minor::SELF) && t.len() > 1)
            .is_some_and(|t| !t.looks(minor::SELF))
    }

    /// Whether a value stays as the business's own.
    pub(crate) fn stays(&self, text: &str, hit: Hit, value: &str, side: Side) -> bool {
        match hit.kind {
            Type::Name | Type::Card | Type::Secret | Type::Password | Type::Dob => return false,
            // Found in another thread, perhaps inside what looks like the business's own here.
            _ if hit.role == NameRole::Known => return self.options.keep.holds(hit.kind, value),
            Type::Email if self.people.own_mailbox(value) => return true,
            // The shop's own page on a social network.
            Type::AccountId if hit.role == NameRole::Handle && !self.options.known.holds(hit.kind, value) => {
                let theirs = self.customers.contains(&(hit.kind, key(hit.kind, value)));
                return !theirs
                    && (self.people.firm_label(value)
                        || self.options.agent_facts && side == Side::Agent && self.own_fact(text, hit));
            }
            _ => {}
        }
        if self.options.keep.holds(hit.kind, value) {
            return true;
        }
        // What another thread has shown to be somebody's is nobody's fact here.
        if self.options.known.holds(hit.kind, value) {
            return false;
        }
        if self.options.agent_facts
            && (hit.kind.public_kind() && hit.kind != Type::Email || hit.kind == Type::NationalId)
        {
            let theirs = self.customers.contains(&(hit.kind, key(hit.kind, value)));
            if theirs {
                return false;
            }
            if hit.kind == Type::Phone && toll_free(value) && side == Side::Agent {
                return true;
            }
            return side == Side::Agent && self.own_fact(text, hit);
        }
        false
    }

    /// Whether an agent writes of the business here: "our", "call us", a department, the signature.
    fn own_fact(&self, text: &str, hit: Hit) -> bool {
        let at = self.tokens.partition_point(|t| t.start < hit.start);
        let window = 14;
        let mut invited = false;
        let mut k = at;
        while k > 0 && k < self.tokens.len() && at - k < window {
            let gaps = self.tokens[k].gap;
            let sentence = gaps & gap::STOP != 0
                && gaps & gap::SPACE != 0
                && !crate::detect::abbreviates(text, &self.tokens[k - 1]);
            if gaps & gap::BLANK != 0 || sentence {
                break;
            }
            k -= 1;
            let token = &self.tokens[k];
            let yours = |t: &Token| t.is(flag::YOU) && !t.is(flag::OUR);
            if yours(token) {
                return false;
            }
            // "your office" is theirs.
            let theirs = k > 0 && yours(&self.tokens[k - 1]) && !self.tokens[k - 1].looks(minor::SUBJECT);
            match hit.kind {
                Type::NationalId if token.context & context::TAX != 0 => return !theirs,
                Type::NationalId => {}
                _ if token.is(flag::OUR | flag::BUSINESS) => return !theirs,
                // "Telefon 030 …" and "Tel.", where nobody else was named before.
                Type::Phone if !invited && at - k <= 2 && self.we_do(k) => return false,
                Type::Phone => invited |= token.context & context::PHONE != 0 && at - k <= 3,
                _ => invited |= token.is(flag::INVITE) && at - k <= 4,
            }
            invited |= hit.kind == Type::Phone && token.is(flag::INVITE) && at - k <= 4;
        }
        invited || hit.kind != Type::NationalId && self.in_signature(text, hit)
    }

    /// "We will call …", "I then rang …": who says that of himself invites nobody, and the number is another's.
    fn we_do(&self, k: usize) -> bool {
        let verb = &self.tokens[k];
        if !verb.is(flag::INVITE) {
            return false;
        }
        let mut next = verb;
        for token in self.tokens[..k].iter().rev().take(3) {
            if next.gap & (gap::STOP | gap::BLANK | gap::COLON | gap::COMMA) != 0 {
                return false;
            }
            // "You can reach us, call …" speaks to the customer.
            if token.looks(minor::SELF) && !token.is(flag::OUR) {
                return true;
            }
            next = token;
        }
        false
    }

    /// After the name that closes an agent's text.
    fn in_signature(&self, text: &str, hit: Hit) -> bool {
        let line_start =
            |at: usize| text[..at].trim_end_matches([' ', '-', '–', '—', '~', '*', '/']).ends_with('\n');
        // Few lines follow. Counted in lines, of which redaction makes no more: what a text says of itself holds
        // when it is redacted once more.
        let closes = |end: usize| text[end..].trim_end().matches('\n').count() < SIGNATURE_LINES;
        // Redacted before.
        let literal = self.numbers.literals()
            && self.tokens.iter().rev().filter(|t| t.looks(shape::PLACEHOLDER) && t.end <= hit.start).any(
                |t| {
                    text[t.start as usize..].starts_with("[AGENT_NAME_")
                        && line_start(t.start as usize)
                        && closes(t.end as usize)
                },
            );
        if literal {
            return true;
        }
        let signed = self.hits.iter().rev().find(|h| h.kind == Type::Name && h.end <= hit.start);
        let Some(name) = signed else { return false };
        line_start(name.start as usize)
            && closes(name.end as usize)
            && self
                .people
                .best(&self.tokens_of(*name), Some(Side::Agent))
                .is_some_and(|p| self.people.side(p) == Some(Side::Agent))
    }
}

/// Numbers that cost the caller nothing are those of businesses.
fn toll_free(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    let north = digits.strip_prefix('1').unwrap_or(digits);
    north.len() == 10
        && ["800", "888", "877", "866", "855", "844", "833", "822"].iter().any(|p| north.starts_with(p))
        || ["0800", "0808", "0805", "44800", "49800", "33800", "33805"].iter().any(|p| digits.starts_with(p))
}
