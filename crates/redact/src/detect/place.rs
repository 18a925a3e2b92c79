//! Places: coordinates, and links to a map that mark one.

use super::{Hit, NameRole, Scan};
use crate::kind::Type;
use crate::lexicon::context;
use crate::token::gap;

/// A decimal number at the start of `text`: its bytes, its value, its places behind the point.
fn decimal(text: &str) -> Option<(usize, f64, usize)> {
    let sign = usize::from(text.starts_with(['-', '+']));
    let whole = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=3).contains(&whole) || text.as_bytes().get(sign + whole) != Some(&b'.') {
        return None;
    }
    let from = sign + whole + 1;
    let places = text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let end = from + places;
    Some((end, text[..end].parse().ok()?, places)).filter(|_| places > 0)
}

/// Two decimals that are a latitude and a longitude: bytes of both.
pub(super) fn pair(text: &str, least: usize) -> Option<usize> {
    let (first, lat, a) = decimal(text)?;
    let rest = &text[first..];
    let letter = |rest: &str| rest.trim_start_matches(['°', ' ']).starts_with(['N', 'S', 'E', 'W', 'O']);
    let marked = letter(rest);
    let parted = rest.trim_start_matches(['°', 'N', 'S', ' ', ',', ';', '/', '\t']);
    let skipped = rest.len() - parted.len();
    if skipped == 0 || skipped > 6 {
        return None;
    }
    let (second, lon, b) = decimal(parted)?;
    let mut end = first + skipped + second;
    let bounds = lat.abs() <= 90.0 && lon.abs() <= 180.0;
    // No third number beside them: a row of a table, a vector.
    let after = text[end..].trim_start_matches(['°', ' ']);
    if marked && after.starts_with(['E', 'W', 'O']) {
        end = text.len() - after.len() + 1;
    }
    let more = text[end..].trim_start_matches([',', ' ', ';']).starts_with(|c: char| c.is_ascii_digit())
        && text[end..].starts_with([',', ';'])
        && decimal(text[end..].trim_start_matches([',', ' ', ';'])).is_some();
    (bounds && !more && (marked || a >= least && b >= least)).then_some(end)
}

/// "52°31'12.0"N": bytes.
fn degrees(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    if !(1..=9).contains(&digits) {
        return None;
    }
    let rest = text[digits..].trim_start().strip_prefix(['°', 'º'])?;
    let rest = rest.trim_start();
    let rest = rest.trim_start_matches(|c: char| {
        c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '′' | '’' | '"' | '″' | '”' | ' ')
    });
    let rest = rest.strip_prefix(['N', 'S', 'E', 'W', 'O'])?;
    Some(text.len() - rest.len())
}

impl Scan<'_> {
    /// Coordinates whose first digits are token `i`. Returns the token to go on with.
    pub(super) fn coordinates(&mut self, i: usize) -> Option<usize> {
        let mut start = self.tokens[i].start as usize;
        if self.byte(start.wrapping_sub(1)) == b'-' {
            start -= 1;
        }
        let text = self.text;
        if i > 0
            && self.tokens[i - 1].digits()
            && self.gap_len(i) <= 2
            && self.gap(i) & (gap::DOT | gap::COMMA) != 0
        {
            return None;
        }
        let told = self.near(context::PLACE, i, 6).is_some() || text[..start].ends_with("geo:");
        let rest = &text[start..];
        let sized = if self.byte(self.tokens[i].end as usize) == b'.' {
            // Without a word for it: a sign between the two, and neither an interval nor a row of numbers.
            let before = text[..start].trim_end();
            let number = |t: &str| t.ends_with(|c: char| c.is_ascii_digit());
            let listed = before.strip_suffix([',', ';']).is_some_and(number);
            let row = before.ends_with(['[', '='])
                || number(before)
                || listed
                || before.ends_with('(') && pair(rest, 5).is_none();
            pair(rest, if told { 2 } else { 4 })
                .filter(|size| told || rest[..*size].contains('°') || rest[..*size].contains(',') && !row)
        } else {
            None
        };
        let sized = sized.or_else(|| {
            let first = degrees(rest)?;
            let gap = rest[first..].len() - rest[first..].trim_start_matches([' ', ',', ';']).len();
            Some(first + gap + degrees(&rest[first + gap..])?)
        });
        let end = start + sized?;
        self.hit(start, end, Type::Address);
        let next = self.tokens.partition_point(|t| (t.start as usize) < end);
        Some(next.max(i + 1))
    }

    /// What marks a place in a link to a map: `rest` begins after the host at `at`.
    pub(super) fn map_link(&mut self, host: &str, rest: &str, at: usize) {
        let mut push = |start: usize, len: usize| {
            if len > 0 {
                self.hits.push(Hit {
                    start: start as u32,
                    end: (start + len) as u32,
                    kind: Type::Address,
                    role: NameRole::None,
                });
            }
        };
        let short = matches!(host, "maps.app.goo.gl" | "what3words.com" | "w3w.co" | "plus.codes");
        let dedicated = host.starts_with("map")
            || host.ends_with("openstreetmap.org")
            || matches!(host, "osm.org" | "waze.com" | "here.com" | "wego.here.com");
        if short || host == "goo.gl" {
            if let Some((before, code)) = rest.rsplit_once('/')
                && (short || before.ends_with("/maps"))
            {
                let code = code.split(['?', '#']).next().unwrap_or("");
                push(at + before.len() + 1, code.len());
            }
            return;
        }
        if !dedicated && !rest.starts_with("/maps") {
            return;
        }
        if let Some(sign) = rest.find('@') {
            let value = &rest[sign + 1..];
            push(at + sign + 1, pair(value, 1).unwrap_or(0));
        }
        for marker in ["/place/", "/search/", "/dir/"] {
            if let Some(found) = rest.find(marker) {
                let mut from = found + marker.len();
                for segment in rest[from..].split('/') {
                    let segment_end = segment.split(['?', '#']).next().unwrap_or("");
                    if segment.starts_with('@') || segment.starts_with("data=") {
                        break;
                    }
                    push(at + from, segment_end.len());
                    from += segment.len() + 1;
                }
            }
        }
        if let Some(query) = rest.find(['?', '#']) {
            let mut from = query + 1;
            for part in rest[from..].split(['&', '#', '?']) {
                if let Some((key, value)) = part.split_once('=') {
                    let place = matches!(
                        key,
                        "q" | "query"
                            | "daddr"
                            | "saddr"
                            | "destination"
                            | "origin"
                            | "ll"
                            | "sll"
                            | "center"
                            | "address"
                            | "mlat"
                            | "mlon"
                            | "cp"
                            | "near"
                            | "navigate"
                    );
                    if place {
                        push(at + from + key.len() + 1, value.len());
                    } else if key == "map"
                        && let Some((zoom, _)) = value.split_once('/')
                    {
                        push(at + from + key.len() + 2 + zoom.len(), value.len() - zoom.len() - 1);
                    }
                }
                from += part.len() + 1;
            }
        }
    }
}
