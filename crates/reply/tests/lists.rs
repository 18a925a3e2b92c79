//! Lists of lines that mail programs and people write, each tried in a mail around it.

use threadfold_reply::{Body, Known, Options, extract};

const REPLY: &str = "It went out on Monday, so it should be with you soon.";
const HISTORY: &str = "Where is the kettle I ordered two weeks ago?\n\nRegards from the harbour";

fn items(list: &str) -> Vec<String> {
    list.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.replace('⏎', "\n"))
        .collect()
}

fn reply(body: &str) -> String {
    extract(Body::Text(body), &Known::default(), &Options::default()).text
}

/// All items that fail, with what came out, so that one run shows them all.
fn check(list: &str, mail: impl Fn(&str) -> String, expected: impl Fn(&str) -> String) {
    let failures: Vec<String> = items(list)
        .iter()
        .filter_map(|item| {
            let (got, want) = (reply(&mail(item)), expected(item));
            (got.trim_end() != want.trim_end()).then(|| format!("{item:?}\n   got {got:?}"))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), items(list).len(), failures.join("\n"));
}

#[test]
fn attributions_above_unmarked_history() {
    check(
        include_str!("attributions.txt"),
        |item| format!("{REPLY}\n\n{item}\n\n{HISTORY}\n"),
        |_| REPLY.into(),
    );
}

#[test]
fn attributions_above_marked_history_and_an_answer_below() {
    let quoted = HISTORY.replace('\n', "\n> ");
    check(
        include_str!("attributions.txt"),
        |item| format!("{item}\n> {quoted}\n\n{REPLY}\n"),
        |_| REPLY.into(),
    );
    check(
        include_str!("attributions.txt"),
        |item| format!("{REPLY}\n{item}\n> {quoted}\n"),
        |_| REPLY.into(),
    );
}

#[test]
fn header_blocks() {
    check(include_str!("headers.txt"), |item| format!("{REPLY}\n\n{item}\n\n{HISTORY}\n"), |_| REPLY.into());
}

#[test]
fn client_footers() {
    check(include_str!("footers.txt"), |item| format!("{REPLY}\n\n{item}\n"), |_| REPLY.into());
    check(
        include_str!("footers.txt"),
        |item| {
            format!(
                "{REPLY}\n{item}\n\nOn Tue, 5 Mar 2024 at 09:12, Bo <bo@example.com> wrote:\n> Where is it?\n"
            )
        },
        |_| REPLY.into(),
    );
}

#[test]
fn signatures_without_delimiter() {
    check(include_str!("closings.txt"), |item| format!("{REPLY}\n\n{item}\n"), |_| REPLY.into());
    check(
        include_str!("closings.txt"),
        |item| {
            format!(
                "Hello Bo,\n\n{REPLY}\n\n{item}\n\nOn Tue, 5 Mar 2024 at 09:12, Bo <bo@example.com> wrote:\n> Hello\n"
            )
        },
        |_| format!("Hello Bo,\n\n{REPLY}"),
    );
}

#[test]
fn prose_stays() {
    let mail =
        |item: &str| format!("{REPLY}\n\n{item}\n\nTell me if that helps you, and sorry for the wait.\n");
    check(include_str!("prose.txt"), mail, |item| mail(item).trim_end().to_string());
}

#[test]
fn mails_of_which_every_word_is_the_authors() {
    check(include_str!("kept.txt"), |item| format!("{item}\n"), str::to_string);
}

#[test]
fn documents_of_mail_programs() {
    for line in include_str!("html.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let html = case["html"].as_str().unwrap();
        let reply = extract(Body::Html(html), &Known::default(), &Options::default());
        assert_eq!(reply.text, case["reply"].as_str().unwrap(), "{html}");
    }
}
