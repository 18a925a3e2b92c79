//! A redacted turn, read once more as the leak audit will read it.
//!
//! The audit counts letters and digits alone, as they are and as somebody would decode them; the redactor reads
//! words. Damage parts the two: a character that was lost in the midst of a known number, quoted-printable that
//! nobody decoded. Found here, such a place is taken out; found in the finished folder it would keep all of it
//! from being published, and one odd mail would be enough for that.

use crate::audit::Audit;
use crate::kind::{Redacted, Span, Type};

/// Taking one place out may bring two others together; more rounds than this nothing needs.
const ROUNDS: usize = 4;

/// Takes out of `done`, which was made of `text`, what the audit finds in it. `placeholder` gives what to write
/// for a value.
pub(crate) fn last_look(
    audit: &Audit,
    text: &str,
    done: &mut Redacted,
    mut placeholder: impl FnMut(Type, &str) -> String,
) {
    for _ in 0..ROUNDS {
        let leaks = audit.scan(done.text.as_bytes());
        if leaks.is_empty() {
            return;
        }
        let places = Places::of(&done.spans);
        let mut found: Vec<(usize, usize, Type)> = leaks
            .iter()
            .map(|leak| {
                let (start, end) =
                    places.before(text, leak.offset as usize, (leak.offset + leak.len) as usize);
                (start, end, leak.kind)
            })
            .collect();
        found.sort_unstable();
        *done = rebuilt(text, joined(text, &done.spans, &found, &mut placeholder));
    }
}

/// Where placeholders stand in a redacted text.
struct Places<'a> {
    spans: &'a [Span],
    starts: Vec<usize>,
}

impl Places<'_> {
    fn of(spans: &[Span]) -> Places<'_> {
        let (mut at, mut shown) = (0, 0);
        let starts = spans
            .iter()
            .map(|span| {
                let start = shown + (span.start - at);
                (at, shown) = (span.end, start + span.placeholder.len());
                start
            })
            .collect();
        Places { spans, starts }
    }

    /// The stretch of the input that a byte of the redacted text was made of.
    fn byte(&self, at: usize) -> (usize, usize) {
        let nth = self.starts.partition_point(|start| *start <= at);
        let Some((span, start)) = nth.checked_sub(1).map(|i| (&self.spans[i], self.starts[i])) else {
            return (at, at + 1);
        };
        match (at - start).checked_sub(span.placeholder.len()) {
            Some(behind) => (span.end + behind, span.end + behind + 1),
            None => (span.start, span.end),
        }
    }

    /// The same of a stretch, whole characters and whole spans.
    fn before(&self, text: &str, from: usize, to: usize) -> (usize, usize) {
        let mut start = self.byte(from).0;
        let mut end = self.byte(to.max(from + 1) - 1).1.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        (start, end)
    }
}

/// The spans and what was found, in order; what touches is one.
fn joined(
    text: &str,
    spans: &[Span],
    found: &[(usize, usize, Type)],
    placeholder: &mut impl FnMut(Type, &str) -> String,
) -> Vec<Span> {
    let mut all: Vec<(usize, usize, Type, Option<&str>)> = spans
        .iter()
        .map(|s| (s.start, s.end, s.kind, Some(s.placeholder.as_str())))
        .chain(found.iter().map(|(start, end, kind)| (*start, *end, *kind, None)))
        .collect();
    all.sort_unstable_by_key(|(start, end, ..)| (*start, *end));
    let mut one: Vec<(usize, usize, Type, Option<&str>)> = Vec::new();
    for (start, end, kind, shown) in all {
        match one.last_mut() {
            Some(last) if start < last.1 => {
                last.1 = last.1.max(end);
                if shown.is_none() && last.3.is_some() {
                    last.2 = kind;
                }
                last.3 = None;
            }
            _ => one.push((start, end, kind, shown)),
        }
    }
    let written = |(start, end, kind, shown): (usize, usize, Type, Option<&str>)| {
        let placeholder = shown.map_or_else(|| placeholder(kind, &text[start..end]), str::to_owned);
        Span { start, end, kind, placeholder }
    };
    one.into_iter().filter(|(start, end, ..)| start < end).map(written).collect()
}

fn rebuilt(text: &str, spans: Vec<Span>) -> Redacted {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for span in &spans {
        out.push_str(&text[at..span.start]);
        out.push_str(&span.placeholder);
        at = span.end;
    }
    out.push_str(&text[at..]);
    Redacted { text: out, spans }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_at(values: &[(Type, &str)], text: &str, spans: Vec<Span>) -> Redacted {
        let mut audit = Audit::default();
        values.iter().for_each(|(kind, value)| audit.add(*kind, value));
        let mut done = rebuilt(text, spans);
        last_look(&audit, text, &mut done, |kind, _| format!("[{kind:?}]"));
        assert!(audit.scan(done.text.as_bytes()).is_empty(), "{done:?}");
        done
    }

    #[test]
    fn what_damage_hid_is_taken_out() {
        let number = (Type::NationalId, "078-05-1120");
        let out = looked_at(&[number], "it is 078-05-1\u{fffd}120, and 078\u{1}05-1120 again", Vec::new());
        assert_eq!(out.text, "it is [NationalId], and [NationalId] again");
        assert_eq!((out.spans[0].start, out.spans[0].end), (6, 20));
        let many = "078-05-1\u{fffd}120 ".repeat(20);
        assert_eq!(looked_at(&[number], &many, Vec::new()).spans.len(), 20);
        let address = (Type::Address, "14 Teasel Lane");
        assert_eq!(looked_at(&[address], "=C3=A9=\n14 Teasel Lane, Wexcombe", Vec::new()).spans.len(), 1);
        assert_eq!(looked_at(&[number], "nothing é here", Vec::new()).text, "nothing é here");
    }

    #[test]
    fn spans_stay_in_order_and_apart() {
        let text = "Ä Marta, 078-05-1\u{fffd}120 Ö 0142 and Marta";
        let span = |start: usize, end: usize| Span {
            start,
            end,
            kind: Type::Name,
            placeholder: "[CUSTOMER_NAME_1]".to_owned(),
        };
        let last = text.len() - 5;
        let out =
            looked_at(&[(Type::NationalId, "078-05-1120")], text, vec![span(3, 8), span(last, text.len())]);
        assert_eq!(out.text, "Ä [CUSTOMER_NAME_1], [NationalId] Ö 0142 and [CUSTOMER_NAME_1]");
        let ends: Vec<_> = out.spans.iter().map(|s| (s.start, s.end)).collect();
        assert!(ends.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{ends:?}");
    }

    #[test]
    fn a_placeholder_that_is_part_of_a_value_goes_with_it() {
        // The audit reads over what stands between: "5550142" as it was grouped by a placeholder's number.
        let text = "call 503 or 555-0142 now";
        let spans = vec![Span { start: 5, end: 11, kind: Type::Phone, placeholder: "[PHONE_1]".to_owned() }];
        let out =
            looked_at(&[(Type::Phone, "1 555 0142 77"), (Type::Phone, "PHONE 1 555 0142")], text, spans);
        assert!(
            out.spans.len() == 1 && out.text.starts_with("call [") && out.text.ends_with(" now"),
            "{out:?}"
        );
    }
}
