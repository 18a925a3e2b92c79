//! Whole mailboxes to pages.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use threadfold_core::{Example, Role, Turn};
use threadfold_insights::{
    ClusterOptions, ContradictionKind, FactKind, Insights, OnSite, ReportOptions, SitePage, faq_html,
    faq_markdown, faq_schema, report_html,
};

fn example(i: usize, customer: &str, date: &str, question: &str, answer: &str) -> Example {
    let turn = |role, author: &str, hour: u32, text: &str| Turn {
        role,
        author: author.to_owned(),
        date: Some(format!("{date}T{hour:02}:00:00Z")),
        message_id: None,
        recovered: false,
        text: text.to_owned(),
    };
    Example {
        id: format!("e{i:04}"),
        thread: format!("t{i:04}"),
        turns: vec![turn(Role::Customer, customer, 9, question), turn(Role::Agent, "Shop", 11, answer)],
        language: Some("en".to_owned()),
        tokens: 10,
        variant_of: None,
        locators: vec![format!("inbox.mbox:{}+10", i * 20)],
        flags: Vec::new(),
    }
}

fn mailbox(extra: &str) -> Vec<Example> {
    let mut all = Vec::new();
    for i in 0..12 {
        let date = format!("2024-{:02}-05", i + 1);
        let who = format!("Customer {i}");
        let hours = if i < 6 { "We are open from 9am to 5pm." } else { "We are open from 10:00 to 18:00." };
        let asked =
            ["What are your opening hours?", "opening hours please", "When are your opening hours"][i % 3];
        all.push(example(
            2 * i,
            &who,
            &date,
            &format!("Hello,\n\n{asked}{extra}"),
            &format!("Hi,\n{hours}{extra}"),
        ));
        let asked = ["Do you sell gift vouchers?", "Can I buy gift vouchers from you?"][i % 2];
        let answer =
            format!("Dear customer,\nyes, gift vouchers are sold at the till in any amount you like.{extra}");
        all.push(example(2 * i + 1, &who, &date, &format!("{asked}{extra}"), &answer));
    }
    all.push(example(
        900,
        "One",
        "2024-03-03",
        "Is the piano in your window for sale?",
        "It is not, it is our grandmother's.",
    ));
    all.push(example(
        901,
        "Two",
        "2024-03-04",
        "Thank you for the parcel. It was lovely.",
        "You are very welcome, see you soon!",
    ));
    all
}

fn insights(examples: &[Example], threads: usize) -> Insights {
    Insights::of(examples, &ClusterOptions { threads, ..ClusterOptions::default() }).unwrap()
}

#[test]
fn counts_add_up_and_the_change_is_dated() {
    let all = mailbox("");
    let found = insights(&all, 1);
    let grouped: usize = found.topics.iter().map(|t| t.conversations).sum();
    assert_eq!(grouped + found.asked_once + found.nothing_asked, found.conversations);
    assert_eq!(found.conversations, all.len());
    assert!(found.topics.iter().all(|t| t.customers <= t.conversations));
    assert!(found.topics[0].customers >= 12);
    let change = found.contradictions.iter().find(|c| c.fact == FactKind::Hours).unwrap();
    assert_eq!(change.kind, ContradictionKind::Changed);
    assert_eq!(change.since.as_deref(), Some("2024-07-05T11:00:00Z"));
    assert_eq!(change.first.example, "e0012");
    assert_eq!(
        found.stale().into_iter().collect::<Vec<_>>(),
        ["e0000", "e0002", "e0004", "e0006", "e0008", "e0010"]
    );
    assert!(found.inconsistent().is_empty());
    // The canonical answer is not a stale one.
    let hours = &found.topics[change.topic];
    assert!(hours.answer.contains("18:00"), "{}", hours.answer);
}

#[test]
fn threads_do_not_matter() {
    let all = mailbox("");
    let (one, three) = (insights(&all, 1), insights(&all, 3));
    assert_eq!(one, three);
    let options = ReportOptions::default();
    assert_eq!(report_html(&one, &options), report_html(&three, &options));
}

#[test]
fn the_website_is_asked() {
    let mut found = insights(&mailbox(""), 1);
    let pages = [
        ("visit.html", "<h2>Opening hours</h2><p>Our opening hours: 8am to 2pm</p>"),
        ("shop.html", "<p>You can buy gift vouchers: we sell them at the till."),
    ];
    let pages = pages.map(|(name, source)| SitePage { name: name.to_owned(), source: source.to_owned() });
    found.compare_with_site(&pages);
    let of = |word: &str| found.topics.iter().find(|t| t.title.contains(word)).unwrap().on_site.clone();
    assert!(matches!(of("hours"), Some(OnSite::Otherwise { page, .. }) if page == "visit.html"));
    assert!(matches!(of("voucher"), Some(OnSite::Yes { page }) if page == "shop.html"));
    found.compare_with_site(&[]);
    assert!(found.topics.iter().all(|t| t.on_site == Some(OnSite::No)));
}

#[test]
fn a_sentence_that_contradicts_does_so_wherever_it_stands() {
    let mut all = mailbox("");
    // Asked in words of their own, and among other things, but answered in the very words of the stale answer.
    let stale = "We are open from 9am to 5pm.";
    all.push(example(910, "Nine", "2024-02-01", "I shall be in town on my bicycle, may I knock?", stale));
    let found = insights(&all, 1);
    assert!(found.stale().contains("e0910"), "{:?}", found.stale());
    assert_eq!(found.stale().len(), 7);
}

#[test]
fn hostile_mail_cannot_inject_markup() {
    let hostile = " <script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=1>]]></style></details>{{x}} [a](javascript:b)";
    let found = insights(&mailbox(hostile), 1);
    let ledger = serde_json::json!({"counts": {"read": 1, "used": 1, "dropped": 0, "failed": 0, "dropped_by_reason": {"<script>": 1}}});
    let options =
        ReportOptions { name: Some("<script>evil</script>"), ledger: Some(&ledger), not_compared: 17 };
    for page in [report_html(&found, &options), faq_html(&found, Some("<b>"))] {
        let low = page.to_lowercase();
        for bad in ["<script", "<img", "onload=1>", "<svg onload", "</details>{{", "javascript:b\"", "<b>"] {
            assert!(!low.contains(bad), "{bad}");
        }
        // One style sheet, no link to anywhere else.
        assert_eq!(low.matches("<style").count(), 1);
        assert!(!low.contains("http://") && !low.contains("https://"));
    }
    let markdown = faq_markdown(&found, None);
    assert!(!markdown.contains("<script") || markdown.contains("\\<script"));
    assert!(!markdown.contains("[a](javascript"));
    assert!(!faq_schema(&found).to_string().contains('<'));
}
