//! Charts as inline SVG. Colours are classes of the page's style sheet, so they follow light, dark and print;
//! each has a name for those who hear the page.

use std::fmt::Write;

use crate::contradict::Contradiction;
use crate::html::Text;

/// Shares of a whole as one bar: (class, share).
pub(crate) fn stacked(name: &str, parts: &[(&str, f64)]) -> String {
    let mut svg = format!(
        "<svg viewBox=\"0 0 1000 44\" width=\"1000\" height=\"44\" preserveAspectRatio=\"none\" style=\"width:100%;height:2.6rem\" role=\"img\" aria-label=\"{}\">",
        Text(name)
    );
    let mut x = 0.0;
    for (class, share) in parts {
        let width = share.clamp(0.0, 1.0) * 1000.0;
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"0\" width=\"{:.1}\" height=\"44\"/>",
            (width - 2.0).max(0.0)
        );
        x += width;
    }
    svg + "</svg>"
}

/// One bar on a track.
pub(crate) fn bar(name: &str, share: f64) -> String {
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\"><rect class=\"f3\" width=\"100\" height=\"4\"/><rect class=\"f1\" width=\"{:.2}\" height=\"4\"/></svg>",
        Text(name),
        share.clamp(0.0, 1.0) * 100.0
    )
}

/// A small column a month.
pub(crate) fn months(name: &str, counts: &[usize]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = 120.0 / counts.len().max(1) as f64;
    let mut svg = format!(
        "<svg viewBox=\"0 0 120 26\" width=\"120\" height=\"26\" role=\"img\" aria-label=\"{}\">",
        Text(name)
    );
    for (i, &count) in counts.iter().enumerate() {
        let height = if count == 0 { 1.0 } else { (count as f64 / most * 25.0).max(2.0) };
        let class = if count == 0 { "f3" } else { "f1" };
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{height:.2}\"/>",
            i as f64 * step,
            26.0 - height,
            (step - 1.0).max(0.6)
        );
    }
    svg + "</svg>"
}

/// A dot an answer, on a line for each value, from the first day to the last.
pub(crate) fn timeline(
    name: &str,
    contradiction: &Contradiction,
    dates: &dyn Fn(&str) -> Option<String>,
) -> String {
    let rows: Vec<Vec<f64>> = contradiction
        .values
        .iter()
        .map(|v| v.examples.iter().filter_map(|e| dates(e).as_deref().and_then(days)).collect())
        .collect();
    let all = || rows.iter().flatten().copied();
    let (first, last) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
    if first > last {
        return String::new();
    }
    let at = |d: f64| 8.0 + (d - first) / (last - first).max(1.0) * 584.0;
    let height = rows.len() * 24;
    let mut svg = format!(
        "<svg viewBox=\"0 0 600 {height}\" width=\"600\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
        Text(name)
    );
    for (i, row) in rows.iter().enumerate() {
        let y = i * 24 + 12;
        let newest = i + 1 == rows.len();
        let class = if newest { "f1" } else { "fw" };
        let _ = write!(svg, "<rect class=\"f3\" x=\"0\" y=\"{y}\" width=\"600\" height=\"1\"/>");
        for d in row {
            let _ = write!(
                svg,
                "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{y}\" r=\"5\" fill-opacity=\".75\"/>",
                at(*d)
            );
        }
    }
    svg + "</svg>"
}

/// Days since 1970 of an RFC 3339 date.
fn days(date: &str) -> Option<f64> {
    let n = |r: std::ops::Range<usize>| date.get(r)?.parse::<u32>().ok();
    let seconds = threadfold_core::from_civil(i64::from(n(0..4)?), n(5..7)?, n(8..10)?, 0, 0, 0);
    Some(seconds as f64 / 86_400.0)
}
