//! What messages are about, as far as their subjects say.

use crate::policy::Policy;
use crate::{phrases, subject};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use threadfold_core::{Envelopes, Passing, Symbol, hash_bytes};

/// The subject key of each message, in the given order; 0 where there is no subject to speak of.
pub(crate) fn keys(envelopes: &Envelopes, order: &[u32], policy: Policy) -> Passing<u64> {
    // Each distinct subject is looked at once. A symbol may also be an address: those are skipped.
    let mut of_symbol = Passing::from(vec![0u64; envelopes.strings().len()]);
    for e in envelopes.iter() {
        of_symbol[e.subject.0 as usize] = 1;
    }
    of_symbol.par_iter_mut().enumerate().filter(|(_, k)| **k == 1).for_each(|(s, k)| {
        *k = subject::key(envelopes.text(Symbol(s as u32)), policy);
    });
    order.iter().map(|&i| of_symbol[envelopes[i as usize].subject.0 as usize]).collect()
}

/// The subject has a ticket token.
pub(crate) const TOKEN: u8 = 1;
/// The subject says that it continues an older one.
pub(crate) const CONTINUES: u8 = 2;

/// What each message's subject has in it, by message number. Each distinct subject is looked at once, and in
/// the order of memory: asking for a subject out of order costs more than looking at it.
pub(crate) fn marks(envelopes: &Envelopes) -> Passing<u8> {
    const SUBJECT: u8 = 4;
    let mut of_symbol = Passing::from(vec![0u8; envelopes.strings().len()]);
    for e in envelopes.iter() {
        of_symbol[e.subject.0 as usize] = SUBJECT;
    }
    of_symbol.par_iter_mut().enumerate().filter(|(_, k)| **k == SUBJECT).for_each(|(s, k)| {
        let text = envelopes.text(Symbol(s as u32));
        *k = if subject::tickets(text).next().is_some() { TOKEN } else { 0 };
        *k |= if says_was(text) { CONTINUES } else { 0 };
    });
    envelopes.iter().map(|e| of_symbol[e.subject.0 as usize]).collect()
}

/// Words that so many subjects of this archive have that sharing one of them means little: "plot" on a list
/// about statistics, "order" in a shop's mail.
#[derive(Debug, Default)]
pub(crate) struct CommonWords(FxHashSet<u64>);

impl CommonWords {
    /// Counts the words of at most this many subjects, evenly spaced.
    const SAMPLE: usize = 8_192;
    /// Fewer topics than this say nothing about what is common.
    const FEWEST: usize = 200;

    pub(crate) fn of(envelopes: &Envelopes, order: &[u32], topics: &[u64]) -> CommonWords {
        let step = order.len().div_ceil(Self::SAMPLE).max(1);
        let mut seen = FxHashSet::default();
        let mut counts: FxHashMap<u64, usize> = FxHashMap::default();
        for r in (0..order.len()).step_by(step) {
            if seen.insert(topics[r]) {
                for w in words(envelopes.text(envelopes[order[r] as usize].subject)) {
                    *counts.entry(w).or_default() += 1;
                }
            }
        }
        let most = seen.len() / 100;
        let common = seen.len() >= Self::FEWEST;
        CommonWords(counts.into_iter().filter(|(_, n)| common && *n > most).map(|(w, _)| w).collect())
    }

    /// True if the two subjects have something in common, or one of them has no content word, so that
    /// nothing can be said; false if they speak of different things. One common word is not enough, unless
    /// one of the subjects has no other words.
    pub(crate) fn related(&self, a: &str, b: &str) -> bool {
        let (a, b) = (words(a), words(b));
        let telling = |words: &FxHashSet<u64>| words.iter().any(|w| !self.0.contains(w));
        let (mut shared, mut rare) = (0, false);
        for w in a.iter().filter(|w| b.contains(w)) {
            shared += 1;
            rare |= !self.0.contains(w);
        }
        rare || shared > 1 || a.is_empty() || b.is_empty() || (shared == 1 && !(telling(&a) && telling(&b)))
    }
}

/// True if both have content words and share one.
pub(crate) fn overlap(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    a.iter().any(|w| b.contains(w))
}

/// True if the subject says that it continues an older one ("new words (was: old words)").
pub(crate) fn says_was(subject: &str) -> bool {
    // All markers have one of these in them.
    let marked =
        subject.bytes().any(|b| matches!(b, b'(' | b'[' | b'{' | b':' | b'"')) || !subject.is_ascii();
    marked && was(subject).is_some()
}

/// The key of the older subject that a subject says it continues, 0 if it says so without giving one.
pub(crate) fn was(subject: &str) -> Option<u64> {
    let lower;
    let text = if subject.is_ascii() {
        subject
    } else {
        lower = subject.to_lowercase();
        &lower
    };
    let marker = phrases::was_markers().find(text)?;
    let old = text[marker.end()..]
        .trim_start_matches([':', ' ', '"', '.'])
        .trim_end_matches([')', ']', '}', '"', ' ']);
    Some(subject::key(old, Policy::Support))
}

/// Hashes of the content words of a subject: stems of words, and pairs of characters in scripts that do not
/// put spaces between words.
fn words(subject: &str) -> FxHashSet<u64> {
    let (topic, _) = subject::topic(subject, Policy::Support);
    let text = subject::fold(&topic);
    let mut found = FxHashSet::default();
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let dense = unspaced(first);
            let len = rest.find(|c| unspaced(c) != dense).unwrap_or(rest.len());
            let (part, tail) = rest.split_at(len);
            rest = tail;
            if dense { pairs(part, &mut found) } else { word(part, &mut found) }
        }
    }
    found
}

fn word(w: &str, found: &mut FxHashSet<u64>) {
    let digits = w.bytes().all(|b| b.is_ascii_digit());
    let chars = w.chars().count();
    if chars < 2 || (digits && chars < 3) || phrases::stopwords().contains(w) {
        return;
    }
    // A crude stem that serves many languages: long words by their first six letters, plural s off.
    let stem = match w.char_indices().nth(6) {
        Some((end, _)) if !digits => &w[..end],
        _ if chars > 3 && !digits => w.strip_suffix('s').unwrap_or(w),
        _ => w,
    };
    found.insert(hash_bytes(stem.as_bytes()));
}

fn pairs(run: &str, found: &mut FxHashSet<u64>) {
    let kana = |c: char| ('\u{3040}'..='\u{309f}').contains(&c);
    let chars: Vec<char> = run.chars().collect();
    if let [one] = chars[..] {
        found.insert(u64::from(u32::from(one)));
    }
    for pair in chars.windows(2) {
        // Hiragana are mostly endings and particles.
        if !(kana(pair[0]) && kana(pair[1])) {
            found.insert(u64::from(u32::from(pair[0])) << 32 | u64::from(u32::from(pair[1])));
        }
    }
}

/// Scripts written without spaces: Han, kana, Thai, Lao, Khmer, Burmese. (Hangul has spaces, but its
/// particles are glued to the words, so pairs serve it better too. NFKD splits its syllables into jamo.)
fn unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn related_subjects() {
        for (a, b, want) in [
            ("Late parcel", "Re: parcel still late", true),
            ("Late parcel", "Broken kettle", false),
            ("Installing the pump", "pump installation", true),
            ("Late parcel", "[SOLVED]", true),
            ("Late parcel", "Thanks!", true),
            ("Question", "Broken kettle", true),
            ("包裹还没到", "请问包裹在哪里", true),
            ("包裹还没到", "发票错误", false),
            ("注文の確認", "請求書について", false),
            ("주문 확인", "주문이 안 왔어요", true),
        ] {
            assert_eq!(CommonWords::default().related(a, b), want, "{a:?} {b:?}");
        }
    }

    #[test]
    fn one_common_word_is_not_enough() {
        let common = CommonWords(words("order parcel"));
        for (a, b, want) in [
            ("Late order", "Order of a kettle", false),
            ("Late order", "order is late", true),
            ("Order of a kettle, parcel lost", "parcel with my order", true),
            ("My order", "Order of a kettle", true),
        ] {
            assert_eq!(common.related(a, b), want, "{a:?} {b:?}");
        }
    }

    #[test]
    fn continued_subjects() {
        assert!(says_was("Broken kettle (was: Late parcel)"));
        assert!(says_was("Broken kettle [Was Re: Late parcel]"));
        assert!(says_was("Kessel kaputt (war: Paket)"));
        assert!(!says_was("What was in the parcel"));
    }
}
