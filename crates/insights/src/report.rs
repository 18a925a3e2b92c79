//! `report.html`: what an owner reads in five minutes, and then mends the website.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::charts;
use crate::contradict::{Contradiction, ContradictionKind};
use crate::html::{Text, page};
use crate::topic::{Insights, OnSite, Remedy, Topic, short};

/// What the page shows besides the insights.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReportOptions<'a> {
    /// The name of the business, for the title.
    pub name: Option<&'a str>,
    /// The export's `report.json`, for the account at the end.
    pub ledger: Option<&'a serde_json::Value>,
    /// Examples not looked at, where the insights are those of a sample; 0 otherwise.
    pub not_compared: u64,
}

/// Questions on the page; all others are in the data.
const TOP: usize = 10;
/// Contradictions drawn; the others are listed.
const CLASHES: usize = 6;
/// Words a minute at a keyboard, looking things up and being polite not counted.
const WORDS_A_MINUTE: f64 = 38.0;

/// The page: self-contained, readable without script, on paper and on a phone.
///
/// ```
/// use threadfold_insights::{ClusterOptions, Insights, ReportOptions, report_html};
/// let insights = Insights::of(&[], &ClusterOptions::default()).unwrap();
/// let page = report_html(&insights, &ReportOptions::default());
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// ```
pub fn report_html(insights: &Insights, options: &ReportOptions<'_>) -> String {
    let shown = &insights.topics[..insights.topics.len().min(TOP)];
    let mut body = String::new();
    head(&mut body, insights, shown, options);
    sample(&mut body, insights, options.not_compared);
    body.push_str("<main>\n");
    shares(&mut body, insights, shown);
    fixes(&mut body, insights, shown);
    questions(&mut body, insights, shown);
    clashes(&mut body, insights);
    rest(&mut body, insights);
    body.push_str("</main>\n");
    foot(&mut body, insights, options.ledger);
    page("What your customers keep asking", "en", &body)
}

fn percent(share: f64) -> String {
    format!("{:.0}\u{a0}%", share * 100.0)
}

fn count(n: usize, one: &str, many: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(c);
    }
    format!("{grouped} {}", if n == 1 { one } else { many })
}

fn day(date: Option<&str>) -> &str {
    date.and_then(|d| d.get(..10)).unwrap_or("no date")
}

fn head(out: &mut String, insights: &Insights, shown: &[Topic], options: &ReportOptions<'_>) {
    let share = percent(insights.share_of_first(TOP));
    let period = insights.period.as_ref().map(|(a, b)| format!("{a} to {b}")).unwrap_or_default();
    let _ = writeln!(
        out,
        "<header>\n<p class=\"brow\">{}{}</p>",
        Text(options.name.unwrap_or("Your mailbox")),
        if period.is_empty() { String::new() } else { format!(" · {}", Text(&period)) }
    );
    if shown.is_empty() {
        let _ = writeln!(
            out,
            "<h1>No question was asked twice.</h1>\n<p>{} looked at.</p>\n</header>",
            count(insights.conversations, "conversation", "conversations")
        );
        return;
    }
    let people = if insights.customers_known {
        format!(" from {}", count(insights.customers, "person", "different people"))
    } else {
        String::new()
    };
    let typed: usize = shown.iter().map(|t| t.words_typed).sum();
    let hours = typed as f64 / WORDS_A_MINUTE / 60.0;
    let typing = if hours >= 1.5 {
        format!("about {hours:.0} hours of typing")
    } else {
        format!("about {:.0} minutes of typing", hours * 60.0)
    };
    let _ = writeln!(
        out,
        "<h1><strong>{share}</strong> of your customers’ mail asks {}.</h1>\n<p>{}{}. Answering those took {} ({typing}).{}</p>\n</header>",
        if shown.len() == 1 {
            "one question".to_owned()
        } else {
            format!("the same {} questions", shown.len())
        },
        count(insights.conversations, "conversation", "conversations"),
        people,
        count(typed, "word", "words"),
        spared(insights, shown),
    );
}

/// Says that the page is that of a sample, if it is.
fn sample(out: &mut String, insights: &Insights, not_compared: u64) {
    if not_compared > 0 {
        let _ = writeln!(
            out,
            "<p><strong>This page is about a sample</strong> of {}; all numbers are its own. {} of the same mailbox, chosen by no quality of theirs, were not compared, nor were their answers looked at for contradictions.</p>",
            count(insights.conversations, "conversation", "conversations"),
            count(not_compared as usize, "other example", "other examples"),
        );
    }
}

/// What need not have been written had the page said it.
fn spared(insights: &Insights, shown: &[Topic]) -> String {
    let page = shown.iter().filter(|t| t.remedy == Remedy::PutOnPage).map(|t| t.conversations).sum::<usize>();
    if page == 0 {
        return String::new();
    }
    let share = percent(page as f64 / insights.conversations.max(1) as f64);
    format!(" <strong>{share}</strong> of your mail got an answer that could stand on your website.")
}

fn shares(out: &mut String, insights: &Insights, shown: &[Topic]) {
    if shown.is_empty() {
        return;
    }
    let all = insights.conversations.max(1) as f64;
    let top: usize = shown.iter().map(|t| t.conversations).sum();
    let other: usize = insights.topics.iter().skip(TOP).map(|t| t.conversations).sum();
    let parts = [
        ("f1", "k1", top, "the questions below"),
        ("f2", "k2", other, "other questions asked more than once"),
        ("f3", "k3", insights.asked_once + insights.nothing_asked, "asked once, or no question found"),
    ];
    let bars: Vec<(&str, f64)> = parts.iter().map(|p| (p.0, p.2 as f64 / all)).collect();
    let name: Vec<String> = parts.iter().map(|p| format!("{} {}", percent(p.2 as f64 / all), p.3)).collect();
    out.push_str(&charts::stacked(&name.join(", "), &bars));
    out.push_str("<ul class=\"key\">");
    for (_, class, n, label) in parts {
        let _ = write!(out, "<li><i class=\"{class}\"></i>{} {label} ({n})</li>", percent(n as f64 / all));
    }
    out.push_str("</ul>\n");
}

/// The fix list: the one thing to take away.
fn fixes(out: &mut String, insights: &Insights, shown: &[Topic]) {
    if shown.is_empty() {
        return;
    }
    out.push_str("<h2 id=\"fix\">What to do about it</h2>\n");
    let groups = [
        (
            Remedy::RemoveCause,
            "Remove the cause",
            "They write because something went wrong or was unclear. Mend that and the mail stops.",
        ),
        (
            Remedy::PutOnPage,
            "Put it on the page",
            "You give everybody the same answer. Say it where they look first.",
        ),
        (Remedy::Template, "Write a template", "The answer has one form and each customer’s own details."),
        (Remedy::Person, "Leave it to a person", "Every answer is different. This is what your time is for."),
    ];
    for (remedy, title, why) in groups {
        let mine: Vec<(usize, &Topic)> =
            shown.iter().enumerate().filter(|(_, t)| t.remedy == remedy).collect();
        if mine.is_empty() {
            continue;
        }
        let saved: usize = mine.iter().map(|m| m.1.conversations).sum();
        let _ = write!(
            out,
            "<section class=\"card\"><h3>{title} <span class=\"soft\">· {} of your mail</span></h3><p class=\"soft\">{why}</p><ol class=\"plain\">",
            percent(saved as f64 / insights.conversations.max(1) as f64)
        );
        for (i, t) in mine {
            let _ = write!(
                out,
                "<li value=\"{}\"><a href=\"#q{}\">{}</a>{}{}</li>",
                i + 1,
                i + 1,
                Text(&t.title),
                site_tag(t),
                if insights.is_mixed(i) {
                    " <span class=\"tag warn\">decide on one answer first</span>"
                } else {
                    ""
                }
            );
        }
        out.push_str("</ol></section>\n");
    }
}

fn site_tag(t: &Topic) -> String {
    match &t.on_site {
        None => String::new(),
        Some(OnSite::Yes { .. }) => " <span class=\"tag\">on your website</span>".to_owned(),
        Some(OnSite::Otherwise { .. }) => {
            " <span class=\"tag warn\">your website says otherwise</span>".to_owned()
        }
        Some(OnSite::No) => " <span class=\"tag warn\">not on your website</span>".to_owned(),
    }
}

fn clashes(out: &mut String, insights: &Insights) {
    if insights.contradictions.is_empty() {
        return;
    }
    out.push_str("<h2 id=\"contradictions\">Where your answers contradict each other</h2>\n");
    let mut all: Vec<&Contradiction> = insights.contradictions.iter().collect();
    // What is wrong now comes before what was wrong once.
    all.sort_by_key(|c| (c.kind != ContradictionKind::Mixed, c.topic));
    for c in all.iter().take(CLASHES) {
        clash(out, insights, c);
    }
    if all.len() > CLASHES {
        let more = count(all.len() - CLASHES, "more", "more");
        let _ = write!(out, "<details><summary>{more}</summary><ul class=\"plain\">");
        for c in &all[CLASHES..] {
            let title = insights.topics.get(c.topic).map_or("", |t| t.title.as_str());
            let values: Vec<&str> = c.values.iter().map(|v| v.value.as_str()).collect();
            let _ = write!(
                out,
                "<li>{} <span class=\"soft\">{}: {}</span></li>",
                Text(title),
                Text(&verdict(c)),
                Text(&values.join(" / "))
            );
        }
        out.push_str("</ul></details>\n");
    }
}

/// When it changed, or that it did not.
fn verdict(c: &Contradiction) -> String {
    match c.kind {
        ContradictionKind::Changed => format!("changed on {}", day(c.since.as_deref())),
        ContradictionKind::Mixed => "both given at the same time".to_owned(),
    }
}

fn clash(out: &mut String, insights: &Insights, c: &Contradiction) {
    let title = insights.topics.get(c.topic).map_or("", |t| t.title.as_str());
    let _ = write!(
        out,
        "<section class=\"card\"><h3>{}</h3><p><span class=\"tag{}\">{}: {}</span></p>",
        Text(title),
        if c.kind == ContradictionKind::Mixed { " warn" } else { "" },
        c.fact.label(),
        Text(&verdict(c))
    );
    let name = format!(
        "Answers over time: {}",
        c.values.iter().map(|v| format!("{} {} times", v.value, v.answers)).collect::<Vec<_>>().join(", ")
    );
    out.push_str(&charts::timeline(&name, c, &|e| insights.answer_dates.get(e).cloned()));
    out.push_str("<ul class=\"plain dots\">");
    for (i, v) in c.values.iter().enumerate() {
        let newest = i + 1 == c.values.len();
        let _ = write!(
            out,
            "<li><i class=\"{}\" style=\"display:inline-block;width:.7rem;height:.7rem;border-radius:50%\"></i> “{}” <span class=\"soft\">{}, {} to {}</span></li>",
            if newest { "k1" } else { "kw" },
            Text(&short(&v.words, 150)),
            count(v.answers, "answer", "answers"),
            day(v.from.as_deref()),
            day(v.until.as_deref()),
        );
    }
    out.push_str("</ul>");
    let todo = match c.kind {
        ContradictionKind::Changed => format!(
            "{} out of date and must not teach a model.",
            count(c.stale.len(), "older answer is", "older answers are")
        ),
        ContradictionKind::Mixed => "Decide which is right, and tell everybody who answers.".to_owned(),
    };
    let _ = writeln!(
        out,
        "<p>{todo} <span class=\"soft\">First mail to contradict those before it: {} <code>{}</code></span></p></section>",
        day(c.first.date.as_deref()),
        Text(&c.first.locator)
    );
}

fn questions(out: &mut String, insights: &Insights, shown: &[Topic]) {
    if shown.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<h2 id=\"questions\">The {} questions, in your customers’ words</h2>\n<ol class=\"cards\">",
        shown.len()
    );
    let most = shown.iter().map(|t| t.share).fold(0.0, f64::max).max(1e-9);
    for (i, t) in shown.iter().enumerate() {
        let _ = write!(
            out,
            "<li class=\"card\" id=\"q{0}\"><div class=\"top\"><span class=\"no\">{0}</span><h3>“{1}”</h3><p class=\"big\">{2}<span>{3} · {4}</span></p></div>",
            i + 1,
            Text(&t.title),
            t.customers,
            match (insights.customers_known, t.customers) {
                (true, 1) => "person",
                (true, _) => "people",
                (false, 1) => "mail",
                (false, _) => "mails",
            },
            percent(t.share),
        );
        out.push_str(&charts::bar(&format!("{} of all mail", percent(t.share)), t.share / most));
        out.push_str("<div class=\"meta\">");
        if t.months.len() > 1 {
            let counts: Vec<usize> = t.months.values().copied().collect();
            out.push_str(&charts::months(&months_name(&t.months), &counts));
            let _ = write!(out, "<span>{}</span>", trend(&counts));
        }
        if let Some(hours) = t.hours {
            let _ = write!(out, "<span>answered after {}</span>", span(hours));
        }
        let _ = write!(
            out,
            "<span>{}</span><span>{}</span></div>",
            count(t.turns, "turn", "turns"),
            alike(t.alike)
        );
        let _ = write!(
            out,
            "<p class=\"soft\">Your usual answer{}:</p><blockquote>{}</blockquote>",
            t.answer_date.as_deref().map(|d| format!(", last given {}", day(Some(d)))).unwrap_or_default(),
            Text(&short(&t.answer, 420))
        );
        let _ = write!(out, "<p>{}{}</p>", site_tag(t).trim_start(), clash_tags(insights, i));
        if let Some(OnSite::Otherwise { page, words }) = &t.on_site {
            let _ = write!(out, "<p class=\"soft\">{} says: “{}”</p>", Text(page), Text(&short(words, 200)));
        }
        out.push_str("<details><summary>Three of these mails</summary><ul class=\"plain\">");
        for s in &t.sources {
            let _ = write!(
                out,
                "<li>{} “{}” <code>{}</code></li>",
                day(s.date.as_deref()),
                Text(&s.question),
                Text(&s.locator)
            );
        }
        out.push_str("</ul></details></li>\n");
    }
    out.push_str("</ol>\n");
}

fn clash_tags(insights: &Insights, topic: usize) -> String {
    let mine = insights.contradictions.iter().filter(|c| c.topic == topic);
    mine.map(|c| {
        let what = match c.kind {
            ContradictionKind::Changed => "answer changed",
            ContradictionKind::Mixed => "answers contradict each other",
        };
        format!("<a class=\"tag warn\" href=\"#contradictions\">{what}: {}</a>", c.fact.label())
    })
    .collect()
}

fn months_name(months: &BTreeMap<String, usize>) -> String {
    let most = months.iter().max_by_key(|m| (m.1, std::cmp::Reverse(m.0)));
    most.map(|(month, n)| format!("Mails by month, most in {month}: {n}")).unwrap_or_default()
}

/// The last quarter of the months against those before.
fn trend(counts: &[usize]) -> &'static str {
    let recent = (counts.len() / 4).max(1);
    let mean = |c: &[usize]| c.iter().sum::<usize>() as f64 / c.len().max(1) as f64;
    let (before, now) = (mean(&counts[..counts.len() - recent]), mean(&counts[counts.len() - recent..]));
    if counts.iter().sum::<usize>() < 8 {
        "too few for a trend"
    } else if now > before * 1.35 {
        "↑ rising"
    } else if now < before * 0.65 {
        "↓ falling"
    } else {
        "→ steady"
    }
}

fn span(hours: f64) -> String {
    if hours < 1.0 {
        format!("{:.0} minutes", hours * 60.0)
    } else if hours < 48.0 {
        count(hours.round() as usize, "hour", "hours")
    } else {
        count((hours / 24.0).round() as usize, "day", "days")
    }
}

fn alike(alike: f64) -> &'static str {
    match alike {
        a if a >= 0.6 => "you always answer the same",
        a if a >= 0.35 => "your answers are alike",
        _ => "your answers differ",
    }
}

fn rest(out: &mut String, insights: &Insights) {
    let others = &insights.topics[insights.topics.len().min(TOP)..];
    if !others.is_empty() {
        let _ = write!(
            out,
            "<h2>Also asked more than once</h2>\n<details><summary>{}</summary>\n<table><thead><tr><th scope=\"col\">Question</th><th scope=\"col\" class=\"num\">People</th><th scope=\"col\" class=\"num\">Share</th></tr></thead><tbody>",
            count(others.len(), "more question", "more questions")
        );
        for t in others.iter().take(60) {
            let _ = write!(
                out,
                "<tr><td>{}</td><td class=\"num\">{}</td><td class=\"num\">{:.1} %</td></tr>",
                Text(&t.title),
                t.customers,
                t.share * 100.0
            );
        }
        out.push_str("</tbody></table>");
        if others.len() > 60 {
            let _ = write!(out, "<p class=\"soft\">And {} more in insights.json.</p>", others.len() - 60);
        }
        out.push_str("</details>\n");
    }
    if insights.asked_once + insights.nothing_asked > 0 {
        let _ = write!(
            out,
            "<h2>Not in any group</h2>\n<p>{} asked something nobody else did; in {} no sentence asks.</p>",
            count(insights.asked_once, "conversation", "conversations"),
            count(insights.nothing_asked, "conversation", "conversations"),
        );
        if !insights.asked_once_samples.is_empty() {
            out.push_str("<details><summary>Some of them</summary><ul class=\"plain\">");
            for s in &insights.asked_once_samples {
                let _ = write!(out, "<li>“{}”</li>", Text(s));
            }
            out.push_str("</ul></details>");
        }
        out.push('\n');
    }
}

fn foot(out: &mut String, insights: &Insights, ledger: Option<&serde_json::Value>) {
    let _ = writeln!(
        out,
        "<footer>\n<p>{} were grouped by what they ask and by what was answered; people are counted once a question. Typing time assumes {WORDS_A_MINUTE:.0} words a minute.</p>",
        count(insights.conversations, "conversation", "conversations")
    );
    let number = |key: &str| ledger.and_then(|l| l["counts"][key].as_u64()).map(|n| n as usize);
    if let (Some(read), Some(used), Some(dropped), Some(failed)) =
        (number("read"), number("used"), number("dropped"), number("failed"))
    {
        let _ = writeln!(
            out,
            "<p>The account: {} read, {used} used, {dropped} left out, {failed} unreadable.</p>",
            count(read, "message", "messages")
        );
        if let Some(reasons) = ledger.and_then(|l| l["counts"]["dropped_by_reason"].as_object()) {
            let said: Vec<String> =
                reasons.iter().map(|(r, n)| format!("{} {n}", r.replace('_', " "))).collect();
            if !said.is_empty() {
                let _ = writeln!(out, "<p>Left out: {}.</p>", Text(&said.join(", ")));
            }
        }
    }
    out.push_str("<p>Made by threadfold on this computer; nothing was sent anywhere.</p>\n</footer>\n");
}
