//! Does the website say it already? Saved pages against topics.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{FactKind, facts};
use crate::topic::{Insights, OnSite};
use crate::words::each_word;

/// A saved page: its name, and its HTML or text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePage {
    /// As the report shall call it.
    pub name: String,
    /// The page's source.
    pub source: String,
}

/// How much of a question's telling words a passage must have to be about it.
const ABOUT: f32 = 0.6;
/// Telling words of a topic.
const WORDS: usize = 6;

impl Insights {
    /// Says of each topic whether the pages answer it: yes, no, or with something else than the mail does.
    ///
    /// ```
    /// use threadfold_insights::{ClusterOptions, Insights, SitePage};
    /// let mut insights = Insights::of(&[], &ClusterOptions::default()).unwrap();
    /// insights.compare_with_site(&[SitePage { name: "faq.html".into(), source: "<p>Open 9 to 5".into() }]);
    /// ```
    pub fn compare_with_site(&mut self, pages: &[SitePage]) {
        let passages: Vec<(usize, String, FxHashSet<String>)> = pages
            .iter()
            .enumerate()
            .flat_map(|(p, page)| passages(&page.source).into_iter().map(move |text| (p, text)))
            .map(|(p, text)| {
                let mut words = FxHashSet::default();
                each_word(&text, |w| _ = words.insert(stem(w)));
                (p, text, words)
            })
            .collect();
        let mut df: FxHashMap<String, u32> = FxHashMap::default();
        let asked: Vec<FxHashSet<String>> = self
            .topics
            .iter()
            .map(|t| {
                let mut words = FxHashSet::default();
                each_word(&t.title, |w| _ = words.insert(stem(w)));
                words.iter().for_each(|w| *df.entry(w.clone()).or_default() += 1);
                words
            })
            .collect();
        let n = self.topics.len() as f32;
        let mut on_page: FxHashMap<&str, u32> = FxHashMap::default();
        for (_, _, words) in &passages {
            words.iter().for_each(|w| *on_page.entry(w).or_default() += 1);
        }
        for (topic, words) in self.topics.iter_mut().zip(&asked) {
            let rarity = |w: &String| {
                let pages =
                    on_page.get(w.as_str()).copied().unwrap_or(0) as f32 / passages.len().max(1) as f32;
                ((1.0 + n) / (1.0 + df[w] as f32)).ln() + 0.2 - pages
            };
            // Short words are mostly those that every question has; what has no other is told by them.
            let longer_than = |n: usize| {
                let long = words.iter().filter(move |w| w.chars().count() > n);
                long.map(|w| (rarity(w).max(0.05), w)).collect::<Vec<_>>()
            };
            let mut telling = longer_than(4);
            if telling.is_empty() {
                telling = longer_than(1);
            }
            telling.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
            telling.truncate(WORDS);
            let all: f32 = telling.iter().map(|t| t.0).sum();
            let about = |has: &FxHashSet<String>| {
                telling.iter().filter(|t| has.contains(t.1)).map(|t| t.0).sum::<f32>() / all.max(1e-6)
            };
            let told: Vec<_> =
                facts(&topic.answer).into_iter().filter(|f| f.kind != FactKind::YesNo).collect();
            let mut best: Option<(f32, OnSite)> = None;
            for (p, text, has) in &passages {
                let score = about(has);
                if score < ABOUT {
                    continue;
                }
                let there: Vec<_> = facts(text);
                let of = |k: FactKind| there.iter().filter(move |f| f.kind == k);
                let same = told.iter().any(|f| of(f.kind).any(|g| g.value == f.value));
                let other = told.iter().any(|f| of(f.kind).next().is_some());
                let page = pages[*p].name.clone();
                // An answer with facts is on the page only with its facts.
                let (bonus, says) = match (told.is_empty(), same, other) {
                    (true, ..) | (_, true, _) => (1.0, OnSite::Yes { page }),
                    (_, _, true) => (0.5, OnSite::Otherwise { page, words: text.clone() }),
                    _ => continue,
                };
                if best.as_ref().is_none_or(|b| score + bonus > b.0) {
                    best = Some((score + bonus, says));
                }
            }
            topic.on_site = Some(best.map_or(OnSite::No, |b| b.1));
        }
    }
}

/// Enough to bring "delivery", "deliveries" and "delivers" together.
fn stem(word: &str) -> String {
    word.chars().take(6).collect()
}

/// What a reader sees, in passages: a heading goes with what follows it.
fn passages(source: &str) -> Vec<String> {
    let mut text = String::new();
    let mut rest = source;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find('>').map_or(rest.len(), |e| e + 1);
        let closing = rest[1..end].starts_with('/');
        let tag = rest[1..end].trim_start_matches('/').to_ascii_lowercase();
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        rest = &rest[end..];
        match name.as_str() {
            "script" | "style" if !closing => {
                let close = format!("</{name}");
                let mut windows = rest.as_bytes().windows(close.len());
                let skip = windows.position(|w| w.eq_ignore_ascii_case(close.as_bytes()));
                rest = &rest[skip.unwrap_or(rest.len())..];
            }
            "b" | "i" | "em" | "strong" | "a" | "span" | "code" | "small" | "time" | "abbr" => {}
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt" | "summary" if !closing => {
                text.push_str("\n\u{1}")
            }
            _ => text.push('\n'),
        }
    }
    text.push_str(rest);
    for (entity, c) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&ndash;", "–"),
        ("&euro;", "€"),
        ("&pound;", "£"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, c);
    }
    let mut all: Vec<String> = Vec::new();
    let mut heading = String::new();
    for line in text.lines() {
        let is_heading = line.contains('\u{1}');
        let line = line.replace('\u{1}', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            continue;
        }
        if is_heading {
            heading = line;
        } else {
            all.push(if heading.is_empty() { line } else { format!("{heading}: {line}") });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_passages() {
        let page = "<style>p{}</style><h2>Opening hours</h2><p>Mon&ndash;Fri <b>9</b> to 5</p><script>x<y</script><p>Bye";
        assert_eq!(passages(page), ["Opening hours: Mon–Fri 9 to 5", "Opening hours: Bye"]);
    }
}
