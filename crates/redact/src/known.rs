//! What was found about people anywhere in an archive, so that it goes everywhere.
//!
//! A thread shows whose name "Marta Lindqvist" is by its headers; another thread mentions her without any.
//! What is *strong* (it means the same wherever it stands: a full name, a mail address, a long number, a
//! street with its number) is redacted in all threads once it was found in one, and these same values are
//! what the [leak audit](crate::Audit) looks for. Weak values (a single name, a short number, a date) are
//! judged where they stand.

use crate::audit::Audit;
use crate::fold::{fold, step};
use crate::kind::Type;
use crate::lexicon::{Lexicon, flag};
use crate::token::{Token, gap, shape, tokenise};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Strong values of an archive.
///
/// ```
/// use threadfold_redact::{Known, Type};
/// let mut known = Known::default();
/// known.add(Type::Name, "Marta Lindqvist");
/// known.add(Type::Name, "Marta");
/// assert_eq!(known.len(), 1, "a single name is everybody's");
/// assert_eq!(known.audit().scan(b"and Marta  Lindqvist said").len(), 1);
/// ```
#[derive(Clone, Default)]
pub struct Known {
    /// As written, for the audit; sorted, so that every run sees the same.
    values: BTreeSet<(Type, String)>,
    /// Made of the values when they are first looked up; gathering them needs none.
    index: OnceLock<Index>,
}

/// What values are looked up by.
#[derive(Clone, Default)]
pub(crate) struct Index {
    /// Hashes over the tokens of a value, with one bit for each kind it is of.
    rows: FxHashMap<u64, u16>,
    /// Hashes of the first tokens, with how many tokens the longest value has.
    heads: FxHashMap<u64, u8>,
    /// One bit for each value of twenty hash bits of `heads`.
    filter: Vec<u64>,
    /// Hashes of letters and digits, for numbers that are grouped in another way.
    compact: FxHashSet<u64>,
}

/// Tokens of the longest value.
const MOST: usize = 12;
/// Bytes between two tokens of one value at most, as in the audit.
const APART: u32 = 4;

fn chain(before: u64, token: u64) -> u64 {
    (before.rotate_left(7) ^ token).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn hash_of(tokens: &[Token]) -> u64 {
    tokens.iter().fold(1, |hash, token| chain(hash, token.hash))
}

/// Whether a value means the same wherever it stands.
pub(crate) fn strong(kind: Type, value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    match kind {
        Type::Email => {
            let Some((local, host)) = value.rsplit_once('@') else { return false };
            local.len() >= 2
                && host.contains('.')
                && host.len() >= 5
                && value.is_ascii()
                && !value.contains(char::is_whitespace)
        }
        Type::Phone
        | Type::Card
        | Type::Iban
        | Type::NationalId
        | Type::Tracking
        | Type::OrderId
        | Type::AccountId => {
            let size = digits + letters;
            // Groups with dots and commas are amounts and fractions as often; so are rows of one digit.
            let mut different = [false; 10];
            value.bytes().filter(u8::is_ascii_digit).for_each(|b| different[usize::from(b - b'0')] = true);
            value.len() <= 64
                && value.is_ascii()
                && !value.contains(['.', ','])
                && different.iter().filter(|d| **d).count() >= 4
                && (letters == 0 && digits >= 9 || letters >= 2 && digits >= 4 && size >= 8)
                && !value.contains('@')
        }
        Type::Secret => {
            value.len() <= 200 && value.is_ascii() && digits >= 3 && letters >= 3 && digits + letters >= 12
        }
        Type::Address => {
            let street = street(value);
            let words = street.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
            let long = words.clone().any(|w| w.chars().filter(|c| c.is_alphabetic()).count() >= 4);
            let lexicon = Lexicon::get();
            let road = words.clone().any(|w| {
                let word = fold(w);
                let flags = lexicon.look_up(crate::fold::hash_folded(&word)).flags;
                flags & (flag::STREET | flag::STREET_WEAK | flag::STREET_FRONT) != 0
                    || lexicon.street_suffixes.iter().any(|s| word.len() >= s.len() + 3 && word.ends_with(s))
            });
            long && road && (2..=6).contains(&words.count())
        }
        Type::Name => {
            let mut tokens = Vec::new();
            tokenise(value, Lexicon::get(), &mut tokens);
            full_name(&tokens)
        }
        Type::Password | Type::Dob | Type::Ip | Type::Plate => false,
    }
}

/// Whether a word (of any case) says nothing about a person: an ordinary word, or one of business and mail.
///
/// ```
/// use threadfold_redact::ordinary_word;
/// assert!(ordinary_word("support") && ordinary_word("Thanks"));
/// assert!(!ordinary_word("Lindqvist") && !ordinary_word("marta"));
/// ```
pub fn ordinary_word(word: &str) -> bool {
    let means = Lexicon::get().look_up(crate::fold::hash_word(word));
    means.flags & !(flag::FIRST | flag::AMBIGUOUS | flag::PHRASE | flag::PARTICLE | flag::SUFFIX) != 0
        || means.context != 0
}

/// Two to four words, not all of them ordinary, one a listed first name.
fn full_name(tokens: &[Token]) -> bool {
    let words = tokens.iter().all(|t| t.word() && !t.looks(shape::EAST));
    let long = tokens.iter().filter(|t| t.len() >= 3).count();
    let plain = |t: &Token| t.flags & !(flag::FIRST | flag::PHRASE | flag::PARTICLE) == 0 && t.context == 0;
    let first = tokens.iter().any(|t| t.is(flag::FIRST) && !t.is(flag::AMBIGUOUS | flag::COMMON));
    let strange = tokens.iter().any(|t| plain(t) && !t.is(flag::FIRST | flag::PARTICLE) && t.len() >= 4);
    words
        && (2..=4).contains(&tokens.len())
        && long >= 2
        && (first && tokens.iter().all(|t| plain(t) || t.is(flag::AMBIGUOUS | flag::PARTICLE)) && strange)
}

/// The part of an address that names the house.
pub(crate) fn street(address: &str) -> &str {
    let part = |p: &&str| {
        let first = p.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or("");
        let unit = Lexicon::get().look_up(crate::fold::hash_word(first)).flags & flag::UNIT != 0;
        let house = |w: &str| {
            let digits = w.bytes().take_while(u8::is_ascii_digit).count();
            (1..=5).contains(&digits) && w.chars().count() <= digits + 1
        };
        !unit
            && p.split(|c: char| !c.is_alphanumeric()).any(house)
            && p.chars().filter(|c| c.is_alphabetic()).count() >= 4
    };
    address.split(['\n', ',', ';']).map(str::trim).find(part).unwrap_or("")
}

impl Known {
    /// Adds a value, if it is a strong one.
    pub fn add(&mut self, kind: Type, value: &str) {
        let value = value.trim();
        if strong(kind, value) {
            self.enter(kind, value);
        }
    }

    fn enter(&mut self, kind: Type, value: &str) {
        let value = if kind == Type::Address { street(value) } else { value };
        let shown = crate::fold::one_spaced(value);
        self.insert(kind, shown);
    }

    fn insert(&mut self, kind: Type, shown: String) {
        self.values.insert((kind, shown));
        self.index.take();
    }

    /// Adds all values of another.
    pub fn merge(&mut self, other: Known) {
        for (kind, shown) in other.values {
            self.insert(kind, shown);
        }
    }

    /// Ends the adding: values that stay are left out, and it becomes fit for looking up.
    pub(crate) fn without(mut self, stays: impl Fn(Type, &str) -> bool) -> Known {
        self.values.retain(|(kind, value)| !stays(*kind, value));
        Known { values: self.values, index: OnceLock::new() }
    }

    /// What the values are looked up by.
    pub(crate) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.values))
    }

    /// Whether a value is one of them.
    pub(crate) fn holds(&self, kind: Type, value: &str) -> bool {
        let index = self.index();
        if index.rows.is_empty() {
            return false;
        }
        let value = if kind == Type::Address { street(value) } else { value.trim() };
        let mut tokens = Vec::new();
        tokenise(value, Lexicon::get(), &mut tokens);
        index.rows.get(&hash_of(&tokens)).is_some_and(|kinds| kinds >> kind as u16 & 1 == 1)
            || !matches!(kind, Type::Name | Type::Address | Type::Email)
                && index.number(fold(value).bytes().fold(0, step))
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The audit that looks for these values.
    pub fn audit(&self) -> Audit {
        let mut audit = Audit::default();
        for (kind, value) in &self.values {
            audit.add(*kind, value);
        }
        audit
    }
}

impl Index {
    fn of(values: &BTreeSet<(Type, String)>) -> Index {
        let mut index = Index::default();
        let lexicon = Lexicon::get();
        let mut tokens = Vec::new();
        for (kind, value) in values {
            tokenise(value, lexicon, &mut tokens);
            let Some(first) = tokens.first() else { continue };
            if tokens.len() <= MOST {
                if index.filter.is_empty() {
                    index.filter = vec![0; 1 << 14];
                }
                let top = (first.hash >> 44) as usize;
                index.filter[top / 64] |= 1 << (top % 64);
                let longest = index.heads.entry(first.hash).or_default();
                *longest = tokens.len().max(usize::from(*longest)) as u8;
                *index.rows.entry(hash_of(&tokens)).or_default() |= 1 << *kind as u16;
            }
            if !matches!(kind, Type::Name | Type::Address | Type::Email) {
                index.compact.insert(fold(value).bytes().fold(0, step));
            }
        }
        index
    }

    /// A value that begins with token `i`: its last token and its kind.
    #[inline]
    pub(crate) fn at(&self, text: &str, tokens: &[Token], i: usize) -> Option<(usize, Type)> {
        let first = tokens[i].hash;
        let top = (first >> 44) as usize;
        if self.filter.get(top / 64).is_none_or(|f| f >> (top % 64) & 1 == 0) {
            return None;
        }
        let most = usize::from(*self.heads.get(&first)?);
        const WORDS: u16 = 1 << Type::Name as u16
            | 1 << Type::Address as u16
            | 1 << Type::Email as u16
            | 1 << Type::Secret as u16;
        let mut found = None;
        let mut hash = 1;
        let mut kinds = u16::MAX;
        for k in i..tokens.len().min(i + most) {
            if k > i && tokens[k].start - tokens[k - 1].end > APART {
                break;
            }
            // Dots and commas part numbers.
            if k > i && tokens[k].gap & (gap::DOT | gap::COMMA) != 0 {
                kinds = WORDS;
            }
            hash = chain(hash, tokens[k].hash);
            let Some(known) = self.rows.get(&hash) else { continue };
            let mut fitting = known & kinds;
            if !text[tokens[i].start as usize..tokens[k].end as usize].contains('@') {
                fitting &= !(1 << Type::Email as u16);
            }
            if let Some(kind) = Type::ALL.get(fitting.trailing_zeros() as usize) {
                found = Some((k, *kind));
            }
        }
        found
    }

    /// Whether letters and digits, folded and hashed, are those of a known number.
    pub(crate) fn number(&self, compact: u64) -> bool {
        self.compact.contains(&compact)
    }
}
