//! When: hours, durations and days of the week.

use super::super::FactKind;
use super::super::lists::LISTS;
use super::super::tokens::Shape;
use super::Reader;

impl Reader {
    /// A time of day at `i`: minutes, whether it can only be a time, and where it ends.
    fn clock(&self, i: usize) -> Option<(u32, bool, bool, usize)> {
        let t = self.get(i).filter(|t| t.shape == Shape::Number)?;
        let (h, m) = match t.text.split_once([':', '.']) {
            Some((h, m)) if m.len() == 2 => (h.parse::<u32>().ok()?, m.parse::<u32>().ok()?),
            Some(_) => return None,
            None => (t.text.parse::<u32>().ok()?, 0),
        };
        if h > 24 || m > 59 {
            return None;
        }
        let (mut minutes, mut sure, mut half, mut end) = (h * 60 + m, t.text.contains(':'), false, i + 1);
        // "am", "a.m.", "AM"
        let mark = self.get(end).map(|t| t.text.clone()).unwrap_or_default();
        let dotted = matches!(mark.as_str(), "a" | "p") && self.is(end + 1, ".") && self.is(end + 2, "m");
        let noon = match mark.as_str() {
            "am" => Some((false, 1)),
            "pm" => Some((true, 1)),
            "a" if dotted => Some((false, 3)),
            "p" if dotted => Some((true, 3)),
            _ => None,
        };
        if let Some((afternoon, len)) = noon {
            if h > 12 {
                return None;
            }
            minutes = (h % 12) * 60 + m + if afternoon { 720 } else { 0 };
            (sure, half) = (true, true);
            end += len;
            if dotted && self.is(end, ".") {
                end += 1;
            }
        } else if matches!(mark.as_str(), "uhr" | "oclock" | "h" | "hrs" | "uur") {
            sure = true;
            end += 1;
            // "17h30"
            if mark == "h"
                && let Some(m) =
                    self.get(end).filter(|t| t.shape == Shape::Number && !t.spaced && t.text.len() == 2)
            {
                minutes += m.text.parse::<u32>().ok().filter(|&m| m < 60)?;
                end += 1;
            }
        }
        Some((minutes, sure, half, end))
    }

    fn through(&self, i: usize) -> bool {
        self.has(i, &LISTS.through)
            || matches!(self.get(i).map(|t| t.text.as_str()), Some("-" | "–" | "—" | "‑"))
    }

    pub(super) fn hours(&mut self) {
        let mut i = 0;
        while i < self.tokens.len() {
            let start = i;
            i += 1;
            let Some((from, sure_a, half_a, mid)) = self.clock(start) else { continue };
            let between = start > 0 && self.is(start - 1, "between") && self.is(mid, "and");
            if !self.through(mid) && !between {
                continue;
            }
            let Some((to, sure_b, half_b, end)) = self.clock(mid + 1) else { continue };
            let (mut from, mut to) = (from, to);
            // "9 to 5", "9 to 5pm": the first is in the morning, the last in the afternoon.
            if half_b && !half_a && from + 720 < to {
                // "1 to 5pm" means the afternoon, "9 to 5pm" the morning.
                from = if from < 7 * 60 { from + 720 } else { from };
            }
            if !half_b && to <= from && to < 720 {
                to += 720;
            }
            let next = self.get(end);
            let bare = !sure_a && !sure_b;
            // Without any mark of a clock it must not be a count of something: "3 to 5 days", "10 to 20 chairs".
            let counted = next.is_some_and(|t| {
                t.shape == Shape::Number
                    || t.text == "%"
                    || (t.shape == Shape::Word
                        && !t.capital
                        && !LISTS.weekday.contains_key(t.text.as_str())
                        && !matches!(
                            t.text.as_str(),
                            "on" | "every"
                                | "each"
                                | "daily"
                                | "and"
                                | "or"
                                | "weekdays"
                                | "except"
                                | "from"
                                | "am"
                                | "an"
                                | "le"
                                | "de"
                                | "täglich"
                        ))
            });
            if to <= from || (bare && (counted || to > 24 * 60 || from < 5 * 60 || to < 12 * 60)) {
                continue;
            }
            let show = |m: u32| format!("{:02}:{:02}", m / 60, m % 60);
            self.take(start..end, FactKind::Hours, format!("{}-{}", show(from), show(to)));
            i = end;
        }
    }

    pub(super) fn durations(&mut self) {
        let mut i = 0;
        while i < self.tokens.len() {
            let start = i;
            i += 1;
            let Some(low) = self.number(start) else { continue };
            let mut end = start + 1;
            let mut high = low;
            // "3-5 days", "three to five days"
            if (self.through(end) || self.is(end, "or"))
                && let Some(n) = self.number(end + 1)
            {
                high = n;
                end += 2;
            } else if self.is(end, "-") {
                end += 1;
            }
            while self.has(end, &LISTS.qualifier) {
                end += 1;
            }
            if self.is(end, "-") {
                end += 1;
            }
            let Some(unit) = self.get(end).map(|t| t.text.as_str()) else { continue };
            let hours = match LISTS.unit.get(unit) {
                Some(&hours) => f64::from(hours),
                None if LISTS.minutes.contains_key(unit) => 1.0 / 60.0,
                None => continue,
            };
            let value = if high > low {
                format!("{}-{} h", low * hours, high * hours)
            } else {
                format!("{} h", low * hours)
            };
            self.take(start..end + 1, FactKind::Duration, value);
            i = end + 1;
        }
    }

    /// The days a text names, as one set; a day of the month beside it ("Tuesday, 5 March") is a date.
    pub(super) fn weekdays(&mut self) {
        let mut i = 0;
        while i < self.tokens.len() {
            let start = i;
            i += 1;
            let Some(first) = self.day(start) else { continue };
            let (mut set, mut last, mut end) = (1u8 << first, first, start + 1);
            loop {
                // A full stop may belong to an abbreviation: "Mon. to Fri."
                let mut next = end;
                if self.get(next).is_some_and(|t| t.text == "." && t.shape == Shape::Sign) {
                    next += 1;
                }
                let range = self.through(next);
                let joined = self.get(next).is_some_and(|t| {
                    matches!(
                        t.text.as_str(),
                        "," | "and" | "&" | "or" | "/" | "und" | "et" | "y" | "e" | "en"
                    )
                });
                if !range && !joined {
                    break;
                }
                let mut at = next + 1;
                if self.is(at, "and") || self.is(at, "und") || self.is(at, "et") {
                    at += 1;
                }
                let Some(day) = self.day(at) else { break };
                if range {
                    let mut d = last;
                    while d != day {
                        d = (d + 1) % 7;
                        set |= 1 << d;
                    }
                }
                set |= 1 << day;
                last = day;
                end = at + 1;
            }
            let date = self.get(end).is_some_and(|t| t.text == "," || t.text == "the")
                && self.get(end + 1).is_some_and(|t| t.shape == Shape::Number && t.text.len() <= 2)
                || self
                    .get(end)
                    .is_some_and(|t| t.shape == Shape::Number && t.text.len() <= 2 && !t.text.contains(':'));
            if date {
                i = end;
                continue;
            }
            let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
            let shown: Vec<&str> = (0..7).filter(|d| set >> d & 1 == 1).map(|d| names[d]).collect();
            self.take(start..end, FactKind::Weekdays, shown.join(" "));
            i = end;
        }
    }

    fn day(&self, i: usize) -> Option<u8> {
        let t = self.get(i).filter(|t| t.shape == Shape::Word)?;
        let day = LISTS.weekday.get(t.text.as_str()).copied()?;
        // Short forms are words too ("sun", "mar"): only with a capital.
        (t.text.len() > 4 || t.capital).then_some(day)
    }
}
