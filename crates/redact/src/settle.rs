//! Overlapping hits made a row without overlaps.

use crate::detect::{Hit, NameRole};
use crate::kind::Type;

/// Makes of overlapping hits a sorted row without overlaps: the kind earlier in [`Type::ALL`] wins and the
/// other keeps what is left of it. What only shields its words falls out at the end. `scratch` is left empty.
pub(crate) fn settle(text: &str, hits: &mut Vec<Hit>, scratch: &mut Vec<Hit>) {
    if hits.len() < 2 {
        hits.retain(|h| h.role != NameRole::Shield);
        return;
    }
    hits.sort_by_key(|h| (h.role != NameRole::Shield, h.kind as u8, h.start, std::cmp::Reverse(h.end)));
    // Kind by kind, each in one walk beside what stands already.
    let same =
        |a: &Hit, b: &Hit| a.kind == b.kind && (a.role == NameRole::Shield) == (b.role == NameRole::Shield);
    let mut firm: Vec<Hit> = Vec::with_capacity(hits.len());
    for row in hits.chunk_by(same) {
        unite(row, scratch);
        if firm.last().is_none_or(|last| scratch.first().is_some_and(|first| last.end <= first.start)) {
            firm.append(scratch);
        } else {
            firm = laid_beside(text, &firm, scratch);
        }
    }
    scratch.clear();
    firm.retain(|h| h.role != NameRole::Shield);
    *hits = firm;
}

/// Sorted hits of one kind, those that overlap made one, into `out`.
fn unite(hits: &[Hit], out: &mut Vec<Hit>) {
    out.clear();
    for hit in hits {
        match out.last_mut() {
            Some(last) if hit.start < last.end => {
                last.end = last.end.max(hit.end);
                if matches!(last.role, NameRole::Mentioned | NameRole::None) || hit.role == NameRole::Known {
                    last.role = hit.role;
                }
            }
            _ => out.push(*hit),
        }
    }
}

/// The hits of `firm` and what they leave of those of `row`; both sorted and free of overlaps, and so the
/// result.
fn laid_beside(text: &str, firm: &[Hit], row: &[Hit]) -> Vec<Hit> {
    let mut out = Vec::with_capacity(firm.len() + row.len());
    let mut next = 0;
    for hit in row {
        while next < firm.len() && firm[next].end <= hit.start {
            out.push(firm[next]);
            next += 1;
        }
        let mut start = hit.start;
        while next < firm.len() && firm[next].start < hit.end {
            out.extend(rest_of(text, hit, start, firm[next].start));
            start = start.max(firm[next].end);
            if firm[next].end > hit.end {
                break;
            }
            out.push(firm[next]);
            next += 1;
        }
        out.extend(rest_of(text, hit, start, hit.end));
    }
    out.extend_from_slice(&firm[next..]);
    out
}

/// The part of a hit from `start` to `end`, without what is no letter at its ends where it was cut.
fn rest_of(text: &str, hit: &Hit, start: u32, end: u32) -> Option<Hit> {
    if start >= end || (start, end) == (hit.start, hit.end) {
        return (start < end).then_some(*hit);
    }
    let piece = &text[start as usize..end as usize];
    let trimmed = piece.trim_matches(|c: char| !c.is_alphanumeric());
    if trimmed.is_empty() || hit.kind == Type::Name && trimmed.chars().count() < 2 {
        return None;
    }
    let from = start + (trimmed.as_ptr() as usize - piece.as_ptr() as usize) as u32;
    Some(Hit { start: from, end: from + trimmed.len() as u32, ..*hit })
}
