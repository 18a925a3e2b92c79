//! The verbs that take JSON lines and give JSON lines.

use crate::support::{Dir, json_lines};

#[test]
fn reply_gives_the_new_text() {
    let ran = Dir::new().run_with(
        "reply",
        br#"{"id":"1","kind":"text","body":"On Saturday, yes.\n\nOn Mon, Jan 1, 2024 at 10:00 AM Ada <a@example.com> wrote:\n> Are you open at the weekend?\n"}
{"id":"2","kind":"html","body":"<p>Nine to five.</p><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">On Mon, 1 Jan 2024 at 10:00, Ada wrote:<br></div><blockquote class=\"gmail_quote\">Hours?</blockquote></div>"}
"#,
    );
    assert_eq!(ran.status, 0, "{ran:?}");
    let answers = json_lines(&ran.stdout);
    assert_eq!(answers[0]["reply"], "On Saturday, yes.");
    assert!(answers[0]["quoted"][0].as_str().unwrap().contains("Are you open at the weekend?"));
    assert_eq!(answers[1]["id"], "2");
    assert_eq!(answers[1]["reply"], "Nine to five.");
}

#[test]
fn redact_gives_spans_in_code_points() {
    let ran = Dir::new().run_with(
        "redact",
        "{\"id\":7,\"text\":\"Grüße! Write to ada@example.com, please.\",\"participants\":[]}\n".as_bytes(),
    );
    assert_eq!(ran.status, 0, "{ran:?}");
    let answer = &json_lines(&ran.stdout)[0];
    assert_eq!(answer["spans"], serde_json::json!([{"start": 16, "end": 31, "type": "EMAIL"}]));
    assert!(!answer["text"].as_str().unwrap().contains("ada@"));
}

#[test]
fn a_bad_line_is_named_and_the_next_ones_are_read() {
    let input = b"\xef\xbb\xbf{\"id\":\"1\",\"body\":\"x\"}\nnot json\n\n{\"id\":\"3\",\"body\":\"y\"}\n";
    let ran = Dir::new().run_with("reply", input);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("line 2"), "{ran:?}");
    let ids: Vec<_> = json_lines(&ran.stdout).iter().map(|answer| answer["id"].clone()).collect();
    assert_eq!(ids, ["1", "3"]);
}
