//! The FAQ that the mailbox wrote: questions that open to their answers, as a page, as Markdown and as
//! schema.org data.

use std::fmt::Write;

use rustc_hash::FxHashSet;

use crate::contradict::ContradictionKind;
use crate::html::{Text, page};
use crate::topic::{Insights, Remedy, Topic, is_telling};

/// More questions than this nobody reads.
const MOST: usize = 40;
/// A question of one or two people is not frequently asked.
const FEWEST_PEOPLE: usize = 3;

/// The topics fit for an FAQ, those with most askers first: not those whose answer takes a person, nor those whose
/// answers contradict each other now, nor those whose question says nothing without the mail around it.
pub fn faq_topics(insights: &Insights) -> Vec<&Topic> {
    let mixed: FxHashSet<usize> = insights
        .contradictions
        .iter()
        .filter(|c| c.kind == ContradictionKind::Mixed)
        .map(|c| c.topic)
        .collect();
    let fit = |(i, t): &(usize, &Topic)| {
        !mixed.contains(i)
            && t.remedy != Remedy::Person
            && t.customers >= FEWEST_PEOPLE
            && !t.answer.is_empty()
            && is_telling(&t.title)
    };
    let mut titles = FxHashSet::default();
    let all = insights.topics.iter().enumerate().filter(fit).map(|(_, t)| t);
    all.filter(|t| titles.insert(t.title.to_lowercase())).take(MOST).collect()
}

/// The FAQ as a page to look at and to copy from.
///
/// ```
/// use threadfold_insights::{ClusterOptions, Insights, faq_html, faq_markdown, faq_schema};
/// let insights = Insights::of(&[], &ClusterOptions::default()).unwrap();
/// assert!(faq_html(&insights, None).contains("Nothing"));
/// assert!(faq_markdown(&insights, None).starts_with("# "));
/// assert_eq!(faq_schema(&insights)["@type"], "FAQPage");
/// ```
pub fn faq_html(insights: &Insights, name: Option<&str>) -> String {
    let topics = faq_topics(insights);
    let title = title(name);
    let mut body = format!("<header><h1>{}</h1></header>\n<main class=\"faq\">\n", Text(&title));
    if topics.is_empty() {
        body.push_str("<p>Nothing is asked often enough, and answered alike enough, to stand here.</p>\n");
    }
    for t in topics {
        let _ = write!(body, "<details><summary>{}</summary><div class=\"answer\">", Text(&t.title));
        for paragraph in t.answer.split('\n').filter(|p| !p.trim().is_empty()) {
            let _ = write!(body, "<p>{}</p>", Text(paragraph));
        }
        body.push_str("</div></details>\n");
    }
    body.push_str("</main>\n<footer><p>Answers are those given by mail most recently; read them before you publish them.</p></footer>\n");
    page(&title, "en", &body)
}

fn title(name: Option<&str>) -> String {
    name.map_or("Frequently asked questions".to_owned(), |n| format!("{n}: frequently asked questions"))
}

/// The FAQ as Markdown.
pub fn faq_markdown(insights: &Insights, name: Option<&str>) -> String {
    let mut out = format!("# {}\n", escaped(&title(name)));
    for t in faq_topics(insights) {
        let _ = write!(out, "\n## {}\n\n{}\n", escaped(&t.title), escaped(&t.answer));
    }
    out
}

/// The FAQ as a schema.org `FAQPage`, for a `script type="application/ld+json"`. Markup in it is escaped, so
/// that it cannot end the script element.
pub fn faq_schema(insights: &Insights) -> serde_json::Value {
    let entries: Vec<serde_json::Value> = faq_topics(insights)
        .into_iter()
        .map(|t| {
            serde_json::json!({
                "@type": "Question",
                "name": Text(&t.title).to_string(),
                "acceptedAnswer": { "@type": "Answer", "text": Text(&t.answer).to_string() },
            })
        })
        .collect();
    serde_json::json!({ "@context": "https://schema.org", "@type": "FAQPage", "mainEntity": entries })
}

/// Text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("  \n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
