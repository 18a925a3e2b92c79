//! Messages with the same ticket token.

use super::support::Linker;
use crate::subject::{Strength, Ticket};
use crate::subject::{address_ticket, tickets};
use crate::topic;
use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::Symbol;

/// A token that messages of more topics than this carry needs a word in common too.
const CROWD: usize = 8;
/// Compare a message with at most this many groups that have the same token.
const GROUPS: usize = 8;
/// The family of tokens without a desk's name.
const NAMELESS: u64 = 1;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Token {
    hash: u64,
    message: u32,
    strength: Strength,
    tag: u64,
    /// The value is too short, or of too common a form, to mean anything without a word in common.
    slight: bool,
}

pub(super) struct Found {
    /// (first message with the token, another one, the one before that)
    pub(super) same: Vec<(u32, u32, u32)>,
    /// Messages with a token, and whose tokens it is one of: two different ones of a family are two tickets.
    pub(super) families: Vec<(u32, u64)>,
}

pub(super) fn find(linker: &Linker<'_>) -> Found {
    let mut tokens = collect(linker);
    tokens.sort_unstable();
    tokens.dedup_by_key(|t| (t.hash, t.message));
    let mut found = Found { same: Vec::new(), families: Vec::new() };
    let mut topics: FxHashSet<u64> = FxHashSet::default();
    for same in tokens.chunk_by(|a, b| a.hash == b.hash) {
        topics.clear();
        topics.extend(same.iter().map(|t| linker.topics[t.message as usize]));
        let crowd = topics.len() > CROWD;
        // (first, last) of each group of messages that the token really joins.
        let mut groups: Vec<(Token, Token)> = Vec::new();
        for &t in same {
            let group = groups
                .iter_mut()
                .take(GROUPS)
                .find(|(first, last)| agree(linker, *last, t, crowd) || agree(linker, *first, t, crowd));
            match group {
                Some((first, last)) => {
                    found.same.push((first.message, t.message, last.message));
                    *last = t;
                }
                None => groups.push((t, t)),
            }
        }
    }
    found.families = tokens
        .iter()
        .filter(|t| t.strength > Strength::Bare && !t.slight)
        .map(|t| (t.message, if t.tag == 0 { NAMELESS } else { t.tag }))
        .collect();
    found.families.sort_unstable();
    found
}

fn collect(linker: &Linker<'_>) -> Vec<Token> {
    let envelopes = linker.envelopes;
    let token = |message: u32, t: Ticket<'_>| Token {
        hash: t.hash(),
        message,
        strength: t.strength,
        tag: t.tag_hash(),
        slight: t.is_slight(),
    };
    let plus: FxHashMap<Symbol, &str> =
        envelopes.strings().iter().filter(|(_, s)| s.contains('+') && address_ticket(s).is_some()).collect();
    // Few messages have a token at all; the others cost one look.
    let telling = |i: usize| {
        linker.marks[i] & topic::TOKEN != 0
            || (!plus.is_empty() && envelopes.recipients(i).any(|to| plus.contains_key(&to)))
    };
    let mut tokens: Vec<Token> = Vec::new();
    for (r, &i) in (0u32..).zip(linker.order).filter(|(_, i)| telling(**i as usize)) {
        let me = linker.identity.original(r);
        tokens.extend(tickets(linker.subject(r)).map(|t| token(me, t)));
        let to = envelopes.recipients(i as usize).filter_map(|s| plus.get(&s));
        tokens.extend(to.filter_map(|a| address_ticket(a)).map(|t| token(me, t)));
    }
    if linker.evidence.tickets.is_empty() {
        return tokens;
    }
    // What a body says about tickets may be quoted from elsewhere: it only counts where the header is silent.
    let loud: FxHashSet<u32> =
        tokens.iter().filter(|t| t.strength > Strength::Bare).map(|t| t.message).collect();
    let mut rank = vec![0u32; linker.order.len()];
    for (r, &i) in linker.order.iter().enumerate() {
        rank[i as usize] = r as u32;
    }
    for &(number, hash) in linker.evidence.tickets {
        let Some(&r) = rank.get(number as usize) else { continue };
        let message = linker.identity.original(r);
        if !loud.contains(&message) {
            tokens.push(Token { hash, message, strength: Strength::Unique, tag: 0, slight: false });
        }
    }
    tokens
}

/// Whether two messages with the same token are about the same ticket.
fn agree(linker: &Linker<'_>, a: Token, b: Token, crowd: bool) -> bool {
    if a.message == b.message {
        return true;
    }
    let about_the_same = || {
        let (x, y) = (linker.topics[a.message as usize], linker.topics[b.message as usize]);
        (x != 0 && x == y) || topic::overlap(linker.subject(a.message), linker.subject(b.message))
    };
    let (low, high) = (a.strength.min(b.strength), a.strength.max(b.strength));
    if high == Strength::Bare {
        return false;
    }
    let other_desk = a.tag != 0 && b.tag != 0 && a.tag != b.tag;
    if (crowd || a.slight || b.slight || other_desk) && !about_the_same() {
        return false;
    }
    // osTicket's rule against strangers who cite a number; a number with a desk's name on it, in a subject
    // that shares a word, is no guess.
    low == Strength::Unique
        || participants_shared(linker, a.message, b.message)
        || (high >= Strength::Named && low > Strength::Bare && about_the_same())
}

fn participants_shared(linker: &Linker<'_>, a: u32, b: u32) -> bool {
    let of = |r: u32| {
        let i = linker.order[r as usize] as usize;
        std::iter::once(linker.envelopes[i].from)
            .chain(linker.envelopes.recipients(i))
            .filter(|&s| s != Symbol::EMPTY)
    };
    // The longest lists of recipients are no help desk's.
    of(a).take(50).any(|x| of(b).take(50).any(|y| x == y))
}
