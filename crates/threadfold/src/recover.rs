//! Recovered turns: messages that exist only inside the quoted history of a later one.
//!
//! Many mailboxes hold one side of their conversations (only Inbox, only Sent), and people delete. What a
//! later message quotes in full is then the only copy there is. Such a quotation becomes a turn of its own,
//! marked as recovered, under these rules:
//! - only whole histories are taken ([`reply::quoted_messages`]): nothing is pieced together, every word of a recovered turn
//!   stands in the message that quotes it, and that message's locator is the turn's;
//! - a message of the archive always wins over its quotations, whatever became of it; of several quotations
//!   of one message the fullest wins. Texts are compared by runs of words, so that broken lines and lost
//!   ends do not matter;
//! - who spoke is told by address, then by name; a name that nobody here has is the other party of whoever
//!   quotes it. Strangers (a supplier, a friend) become no turns.

use std::borrow::Cow;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::{Envelope, Envelopes, Flag, Hints, Passing, Role, Symbol, hash_bytes, push_lower};
use threadfold_dataset::Piece;
use threadfold_message::{Body, header, id_hash, is_auto_reply_text, message_ids};
use threadfold_reply::attribution::Attribution;
use threadfold_reply::{self as reply, Known, Options, Reply, Tails};
use threadfold_thread::Agents;

use crate::Mailbox;
use crate::conversation::form;
use crate::plan::role_of;
use crate::text::TextReader;

/// An attribution line without a time zone may be off by any zone's offset.
const ZONES: i64 = 14 * 3_600;
/// How far back to look for a message that is quoted without a date.
const UNDATED: i64 = 30 * 86_400;
/// Messages of one author that are read to see whether one of them is the one quoted.
const COMPARED: usize = 12;

/// For each message, whether its history may hold a message that is not in the archive: it cites one as the
/// message it answers, or cites none at all.
pub(crate) struct Wanted {
    flags: Vec<bool>,
}

impl Wanted {
    pub(crate) fn find(mailbox: &Mailbox) -> Wanted {
        let all = &mailbox.envelopes;
        if !mailbox.options.recover {
            return Wanted { flags: Vec::new() };
        }
        let mut ids: Passing<u64> = (0..all.len()).map(|m| all.id(m)).filter(|&id| id != 0).collect();
        ids.sort_unstable();
        let flags = (0..all.len())
            .map(|m| answered(all, m).is_none_or(|id| ids.binary_search(&id).is_err()))
            .collect();
        Wanted { flags }
    }

    pub(crate) fn is(&self, m: usize) -> bool {
        self.flags.get(m).copied().unwrap_or(false)
    }

    /// Whether the headers alone make a recovered turn likely enough to read a thread for its sake that has
    /// nobody to answer, or nobody answered, among the messages that are there.
    pub(crate) fn hopeful(&self, all: &Envelopes, m: usize) -> bool {
        let answers = !all.references(m).is_empty() || all[m].hints.contains(Hints::SUBJECT_REPLY);
        self.is(m) && answers && !all[m].hints.contains(Hints::SUBJECT_FORWARD)
    }
}

/// The id of the message that a message says it answers: In-Reply-To, else the last of the references. (Where
/// both stand, In-Reply-To comes last.)
pub(crate) fn answered(all: &Envelopes, m: usize) -> Option<u64> {
    all.references(m).last().copied()
}

/// A quoted message on its way to a turn.
struct Quoted {
    who: Attribution,
    text: String,
    runs: Runs,
    uncertain: bool,
    /// The message that quotes it.
    quoter: usize,
    message_id: Option<String>,
}

impl Quoted {
    /// Two quotations of one message. The same line of attribution goes through several hands unchanged or is
    /// written anew in another zone.
    fn same_as(&self, other: &Quoted) -> bool {
        self.runs.same_as(&other.runs, enough(self.who.date, other.who.date))
    }
}

/// What the messages of one thread quote, gathered while its bodies are read.
#[derive(Default)]
pub(crate) struct Gathered {
    /// Of each message, its levels, the one it answers first.
    chains: Vec<Vec<Quoted>>,
}

impl Gathered {
    /// Looks at the history of one message.
    pub(crate) fn look(
        &mut self,
        mailbox: &Mailbox,
        m: usize,
        body: &Body,
        new: &Reply,
        tails: &Tails,
        reader: &mut TextReader,
    ) {
        let quotes = |r: &reply::Removed| {
            matches!(r.kind, reply::Kind::Quote | reply::Kind::Attribution | reply::Kind::HeaderBlock)
        };
        let kept = mailbox.options.reply.keep_quoted || mailbox.options.reply.keep_forwarded;
        if !kept && !new.removed.iter().any(quotes) {
            return;
        }
        let known = Known { tails: Some(tails), ..Known::default() };
        let found = reply::quoted_messages(form(body), new, &known, &mailbox.options.reply);
        let mut chain: Vec<Quoted> = found
            .into_iter()
            .map(|level| Quoted {
                runs: Runs::of(&level.text),
                who: Attribution { name: level.who.name.as_deref().and_then(bare_name), ..level.who },
                text: level.text,
                uncertain: level.uncertain,
                quoter: m,
                message_id: None,
            })
            .collect();
        if let Some(first) = chain.first_mut() {
            first.message_id = answered_id(mailbox, m, reader);
            self.chains.push(chain);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }
}

/// The id, as it is spelled, of the message that a message says it answers.
fn answered_id(mailbox: &Mailbox, m: usize, reader: &mut TextReader) -> Option<String> {
    let wanted = mailbox.answered(m)?;
    reader
        .look(&mailbox.archive, mailbox.envelopes.locator(m), |raw| {
            ["In-Reply-To", "References"].iter().find_map(|name| {
                let value = header(raw, name)?;
                let found = message_ids(value.as_bytes()).find(|id| id_hash(id) == wanted)?;
                Some(format!("<{}>", String::from_utf8_lossy(&found)))
            })
        })
        .ok()
        .flatten()
}

/// What all threads' recoveries share.
pub(crate) struct Archived<'a> {
    mailbox: &'a Mailbox,
    agents: &'a Agents,
    /// Made when the first quotation is found.
    people: OnceLock<People>,
}

struct People {
    /// Messages by author, then date.
    by_address: Vec<u32>,
    /// Likewise by the author's name.
    by_name: Vec<u32>,
    /// Those addresses and names by the upper half of their hashes.
    spelled: Vec<(u32, Symbol)>,
    /// Display names under which the business writes.
    agents: FxHashSet<String>,
}

impl People {
    /// The symbol of somebody's address or name.
    fn symbol(&self, all: &Envelopes, text: &str) -> Option<Symbol> {
        let half = half(text);
        let at = self.spelled.partition_point(|spelled| spelled.0 < half);
        let alike = self.spelled[at..].iter().take_while(|spelled| spelled.0 == half);
        alike.map(|spelled| spelled.1).find(|&s| all.text(s) == text)
    }
}

/// The upper half of a text's hash.
fn half(text: &str) -> u32 {
    (hash_bytes(text.as_bytes()) >> 32) as u32
}

impl<'a> Archived<'a> {
    pub(crate) fn new(mailbox: &'a Mailbox, agents: &'a Agents) -> Self {
        Archived { mailbox, agents, people: OnceLock::new() }
    }

    fn people(&self) -> &People {
        self.people.get_or_init(|| {
            let all = &self.mailbox.envelopes;
            let mut by_address: Vec<u32> = (0..all.len() as u32).collect();
            let mut by_name = by_address.clone();
            by_address.sort_unstable_by_key(|&m| (all[m as usize].from, all[m as usize].date, m));
            by_name.sort_unstable_by_key(|&m| (all[m as usize].from_name, all[m as usize].date, m));
            let mut spelled: Vec<(u32, Symbol)> = Vec::new();
            for (order, symbol) in
                [(&by_address, (|e| e.from) as fn(&Envelope) -> Symbol), (&by_name, |e| e.from_name)]
            {
                let same = |a: &u32, b: &u32| symbol(&all[*a as usize]) == symbol(&all[*b as usize]);
                let distinct = order.chunk_by(same).filter_map(|of| of.first());
                spelled.extend(distinct.map(|&m| symbol(&all[m as usize])).map(|s| (half(all.text(s)), s)));
            }
            spelled.sort_unstable();
            spelled.dedup();
            let names: FxHashSet<Symbol> =
                all.iter().filter(|e| self.agents.is_agent(e.from)).map(|e| e.from_name).collect();
            let mut agents: FxHashSet<String> = names.into_iter().map(|s| folded(all.text(s))).collect();
            agents.remove("");
            People { by_address, by_name, spelled, agents }
        })
    }

    /// Whether a quoted message is in the archive, outside the pieces it was compared with already.
    fn holds(&self, quoted: &Quoted, reader: &mut TextReader) -> bool {
        let all = &self.mailbox.envelopes;
        let people = self.people();
        let (order, symbol) = match (&quoted.who.address, &quoted.who.name) {
            (Some(address), _) => (&people.by_address, people.symbol(all, address)),
            (None, Some(name)) => (&people.by_name, people.symbol(all, name)),
            (None, None) => return false,
        };
        let Some(symbol) = symbol else { return false };
        let by_address = quoted.who.address.is_some();
        let key = |m: u32| {
            let e = &all[m as usize];
            (if by_address { e.from } else { e.from_name }, e.date)
        };
        let latest = all[quoted.quoter].date + ZONES;
        let (from, to) = match quoted.who.date {
            Some(date) => (date - ZONES, (date + ZONES).min(latest)),
            None => (latest - UNDATED, latest),
        };
        let start = order.partition_point(|&m| key(m) < (symbol, from));
        let end = order.partition_point(|&m| key(m) <= (symbol, to));
        // Undated mail stands first.
        let undated = order.partition_point(|&m| key(m) < (symbol, 0));
        let undated = order[undated..].iter().take_while(|&&m| key(m) == (symbol, 0)).take(COMPARED);
        let near = order[start..end.max(start)].iter().rev().take(COMPARED);
        near.chain(undated).map(|&m| m as usize).filter(|&m| m != quoted.quoter).any(|m| {
            let Ok(body) = reader.read(&self.mailbox.archive, all.locator(m)) else { return false };
            let said = reply::extract_words(form(&body), &Known::default(), &Options::default());
            let date = (!all[m].hints.contains(Hints::DATE_MISSING)).then_some(all[m].date);
            quoted.runs.same_as(&Runs::of(&said.text), enough(quoted.who.date, date))
        })
    }

    /// Puts what was gathered among the pieces of the thread, which stand in the order of speech.
    pub(crate) fn merge(
        &self,
        thread: &[u32],
        gathered: Gathered,
        mut pieces: Vec<Piece>,
        reader: &mut TextReader,
    ) -> Vec<Piece> {
        let said: Vec<Runs> = pieces.iter().map(|p| Runs::of(&p.text)).collect();
        let index = Index::of(&said);
        let place_of: FxHashMap<usize, usize> =
            pieces.iter().enumerate().map(|(at, p)| (p.message, at)).collect();
        let parties = Parties::of(self, thread);
        let mut found: Vec<Recovered> = Vec::new();
        for chain in gathered.chains {
            let Some(quoter) = chain.first().map(|q| q.quoter) else { continue };
            let Some(&hi) = place_of.get(&quoter) else { continue };
            let mut side = pieces[hi].role;
            // The deeper ones first: each stands after the one that it answers.
            let mut sides = Vec::with_capacity(chain.len());
            for quoted in &chain {
                let role = parties.role(&quoted.who, side.other());
                sides.push(role);
                side = role.unwrap_or(side.other());
            }
            let (mut lo, mut time) = (0, i64::MIN);
            for (quoted, role) in chain.into_iter().zip(sides).rev() {
                if let Some(at) = index.find(&quoted, &said, &pieces) {
                    if at < hi {
                        lo = lo.max(at + 1);
                    }
                    continue;
                }
                if let Some(before) = found.iter_mut().find(|r| r.quoted.same_as(&quoted)) {
                    if before.place <= hi {
                        lo = lo.max(before.place);
                        time = time.max(before.time);
                    }
                    if quoted.runs.words > before.quoted.runs.words {
                        before.quoted.text = quoted.text;
                        before.quoted.runs = quoted.runs;
                        before.quoted.uncertain = quoted.uncertain;
                        before.quoted.quoter = quoted.quoter;
                    }
                    before.quoted.message_id = before.quoted.message_id.take().or(quoted.message_id);
                    continue;
                }
                let Some(role) = role else { continue };
                if quoted.runs.words == 0
                    || !self.in_range(&quoted)
                    || self.is_automatic(&quoted)
                    || self.holds(&quoted, reader)
                {
                    continue;
                }
                let later = |p: &Piece| quoted.who.date.is_some_and(|d| p.date.is_some_and(|own| own > d));
                let place = (lo.min(hi)..hi).find(|&at| later(&pieces[at])).unwrap_or(hi);
                lo = lo.max(place);
                time = time.max(quoted.who.date.unwrap_or(time));
                found.push(Recovered { place, time, role, quoted });
            }
        }
        if found.is_empty() {
            return pieces;
        }
        // Stable: those of one chain stay in the order they were said.
        found.sort_by_key(|r| (r.place, r.time));
        let mut merged = Vec::with_capacity(pieces.len() + found.len());
        let mut found = found.into_iter().peekable();
        for (at, piece) in pieces.drain(..).enumerate() {
            while let Some(r) = found.next_if(|r| r.place <= at) {
                merged.push(self.piece(r));
            }
            merged.push(piece);
        }
        merged.extend(found.map(|r| self.piece(r)));
        merged
    }

    fn in_range(&self, quoted: &Quoted) -> bool {
        let options = &self.mailbox.options;
        let Some(date) = quoted.who.date else { return true };
        options.since.is_none_or(|t| date >= t) && options.until.is_none_or(|t| date < t)
    }

    fn is_automatic(&self, quoted: &Quoted) -> bool {
        let all = &self.mailbox.envelopes;
        is_auto_reply_text(all.text(all[quoted.quoter].subject), &quoted.text)
    }

    fn piece(&self, r: Recovered) -> Piece {
        let Quoted { who, text, uncertain, quoter, message_id, .. } = r.quoted;
        Piece {
            message: quoter,
            role: r.role,
            author: who.name.or(who.address).unwrap_or_default(),
            date: who.date,
            message_id,
            recovered: true,
            text,
            locator: self.mailbox.locator(quoter),
            flags: uncertain.then_some(Flag::UncertainReply).into_iter().collect(),
        }
    }
}

/// A turn to be, and before which piece it stands.
struct Recovered {
    place: usize,
    time: i64,
    role: Role,
    quoted: Quoted,
}

/// Who takes part in a thread.
struct Parties<'p> {
    agents: &'p Agents,
    agent_names: &'p FxHashSet<String>,
    customers: FxHashSet<String>,
    addresses: FxHashSet<String>,
}

impl<'p> Parties<'p> {
    fn of(archived: &'p Archived<'_>, thread: &[u32]) -> Self {
        let all = &archived.mailbox.envelopes;
        let (mut customers, mut addresses) = (FxHashSet::default(), FxHashSet::default());
        for &m in thread {
            let e = &all[m as usize];
            if role_of(e, archived.agents) == Role::Customer {
                customers.insert(folded(all.text(e.from_name)));
                addresses.insert(all.text(e.from).to_owned());
            } else {
                let to = all.recipients(m as usize).filter(|&to| !archived.agents.is_agent(to));
                addresses.extend(to.map(|to| all.text(to).to_owned()));
            }
        }
        customers.remove("");
        addresses.remove("");
        Parties { agents: archived.agents, agent_names: &archived.people().agents, customers, addresses }
    }

    /// The side of a quoted author; none for somebody who has no part in the conversation.
    fn role(&self, who: &Attribution, otherwise: Role) -> Option<Role> {
        let name = who.name.as_deref().map(folded).filter(|n| !n.is_empty());
        if let Some(address) = &who.address {
            if self.agents.is_agent_address(address) {
                return Some(Role::Agent);
            }
            let known = self.addresses.contains(address)
                || name.as_ref().is_some_and(|n| self.customers.contains(n))
                || self.customers.is_empty();
            return known.then_some(Role::Customer);
        }
        let name = name?;
        match (self.agent_names.contains(&name), self.customers.contains(&name)) {
            (true, false) => Some(Role::Agent),
            (false, true) => Some(Role::Customer),
            _ => Some(otherwise),
        }
    }
}

trait Other {
    fn other(self) -> Self;
}

impl Other for Role {
    fn other(self) -> Role {
        match self {
            Role::Agent => Role::Customer,
            Role::Customer => Role::Agent,
        }
    }
}

/// A name without what programs put around it: `lists@example.org On Behalf Of Ada Reed`.
fn bare_name(name: &str) -> Option<String> {
    let name = name.rsplit_once(" Behalf Of ").map_or(name, |(_, name)| name);
    let name = name.split(['<', '[']).next().unwrap_or(name);
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';'));
    (!name.is_empty()).then(|| name.to_owned())
}

/// A display name as it is compared: lower case, one space, first name first.
fn folded(name: &str) -> String {
    let bare = name.trim_matches(|c: char| matches!(c, '"' | '\'' | ' '));
    let turned: Cow<'_, str> = match bare.split_once(", ") {
        Some((last, first)) if !first.contains(',') => format!("{first} {last}").into(),
        _ => bare.into(),
    };
    turned.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Words that one run has.
const RUN: usize = 4;

/// A text as the hashes of its runs of words: what breaking lines anew leaves alone.
struct Runs {
    words: usize,
    seen: FxHashSet<u64>,
}

impl Runs {
    fn of(text: &str) -> Runs {
        let mut words: Vec<u64> = Vec::with_capacity(text.len() / 5);
        let mut word = String::with_capacity(32);
        let flush = |word: &mut String, words: &mut Vec<u64>| {
            if !word.is_empty() {
                words.push(hash_bytes(word.as_bytes()));
                word.clear();
            }
        };
        for c in text.chars() {
            let letter = if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() };
            if !letter {
                flush(&mut word, &mut words);
            } else if ('\u{2e80}'..'\u{a000}').contains(&c) || ('\u{ac00}'..'\u{d7b0}').contains(&c) {
                // Scripts that put no spaces between words: lines are broken anywhere.
                flush(&mut word, &mut words);
                word.push(c);
                flush(&mut word, &mut words);
            } else {
                push_lower(c, &mut word);
            }
        }
        flush(&mut word, &mut words);
        let run = |run: &[u64]| {
            run.iter().fold(0u64, |h, w| h.rotate_left(11).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ w)
        };
        let seen = match words.len() {
            0 => FxHashSet::default(),
            1..RUN => std::iter::once(run(&words)).collect(),
            _ => words.windows(RUN).map(run).collect(),
        };
        Runs { words: words.len(), seen }
    }

    /// The share of the smaller text's runs that the other one has too.
    fn common(&self, other: &Runs) -> f64 {
        let (small, large) = if self.seen.len() <= other.seen.len() { (self, other) } else { (other, self) };
        if small.seen.is_empty() {
            return 0.0;
        }
        small.seen.iter().filter(|r| large.seen.contains(r)).count() as f64 / small.seen.len() as f64
    }

    /// Whether two texts are one message, once more or less trimmed, if this share of common runs is enough
    /// for that.
    fn same_as(&self, other: &Runs, enough: f64) -> bool {
        self.common(other) >= enough
    }
}

/// The share of runs that two texts must have in common to be one message, by what their dates say. People and
/// help desks do say the same sentences again, and trimmed or damaged copies of one message differ.
fn enough(quoted: Option<i64>, own: Option<i64>) -> f64 {
    let (Some(quoted), Some(own)) = (quoted, own) else { return 0.6 };
    // An attribution line gives the minute, in anybody's time zone: those differ by quarters of an hour.
    let (gap, quarter) = ((own - quoted).abs(), (own - quoted).rem_euclid(900));
    let same_minute = quarter <= 90 || quarter >= 840;
    match gap <= ZONES {
        true if same_minute => 0.4,
        // A day without a time.
        true if quoted % 86_400 == 0 => 0.6,
        _ => 0.9,
    }
}

/// Which pieces have which runs.
struct Index {
    by_run: FxHashMap<u64, Vec<u32>>,
}

/// Words that a message has at least whose repetition is no phrase.
const WHOLE: usize = 10;

/// Pieces that are remembered for one run: what more of them have is a phrase.
const HOLDERS: usize = 8;

impl Index {
    fn of(said: &[Runs]) -> Index {
        let mut by_run: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for (at, runs) in said.iter().enumerate() {
            for &run in &runs.seen {
                let holders = by_run.entry(run).or_default();
                if holders.len() < HOLDERS {
                    holders.push(at as u32);
                }
            }
        }
        Index { by_run }
    }

    /// The piece that a quotation is a quotation of.
    fn find(&self, quoted: &Quoted, said: &[Runs], pieces: &[Piece]) -> Option<usize> {
        let mut candidates: Vec<u32> =
            quoted.runs.seen.iter().filter_map(|r| self.by_run.get(r)).flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().map(|at| at as usize).find(|&at| {
            // A quotation that holds all of a message and more is one whose parts could not be told apart.
            let parts = said[at].words >= WHOLE
                && said[at].words < quoted.runs.words
                && quoted.runs.same_as(&said[at], 0.7);
            parts || quoted.runs.same_as(&said[at], enough(quoted.who.date, pieces[at].date))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_broken_anew_and_lost_ends_leave_a_text_the_same() {
        let same = |a: &str, b: &str, share| Runs::of(a).same_as(&Runs::of(b), share);
        let own = "The kettle came without its lid.\nCould you please send me one?\n\nThanks, Ada";
        assert!(same(own, "The kettle came without\nits lid. Could you please\nsend me one?", 0.9));
        assert!(!same(own, "The kettle came without a box, and now it leaks.", 0.4));
        assert!(same("Yes, please!", "yes please", 0.9));
        assert!(same("荷物はまだ届いて\nいません。", "荷物はまだ届いていません。", 0.9));
        assert!(!same("", "", 0.4));
    }

    #[test]
    fn dates_of_attribution_lines_are_off_by_time_zones() {
        let sent = Some(1_709_626_337);
        assert_eq!(enough(Some(1_709_626_320), sent), 0.4);
        assert_eq!(enough(Some(1_709_626_320 + 5 * 3_600 + 1_800), sent), 0.4);
        assert_eq!(enough(Some(1_709_626_320 + 300), sent), 0.9);
        assert_eq!(enough(Some(1_709_596_800), sent), 0.6);
        assert_eq!(enough(Some(1_709_626_320 + 2 * 86_400), sent), 0.9);
        assert_eq!(enough(None, sent), 0.6);
    }

    #[test]
    fn names_are_compared_as_people_write_them() {
        assert_eq!(bare_name("lists@example.org On Behalf Of Ada Reed").as_deref(), Some("Ada Reed"));
        assert_eq!(bare_name("Ada Reed\" <ada at example.com>").as_deref(), Some("Ada Reed"));
        assert_eq!(folded("\"Reed, Ada\""), folded("Ada  REED"));
    }
}
