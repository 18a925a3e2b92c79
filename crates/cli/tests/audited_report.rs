//! The auditor and `report.json`: every value in it is counted again or under a check value.

use serde_json::Value;
use threadfold::dataset::group_key;

use crate::support::Dir;

/// The places of all values in a JSON text that are no lists or objects, empty ones apart.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, v)| leaves(v, &format!("{at}/{name}"), found));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(i, v)| leaves(v, &format!("{at}/{i}"), found));
        }
        _ => found.push(at.to_owned()),
    }
}

fn changed(value: &Value) -> Value {
    match value {
        Value::Null => "x".into(),
        Value::Bool(b) => (!b).into(),
        Value::Number(n) if n.is_f64() => (n.as_f64().unwrap() / 2.0 + 0.125).into(),
        Value::Number(n) => (n.as_u64().unwrap() + 1).into(),
        Value::String(s) => format!("{s}x").into(),
        Value::Array(_) => serde_json::json!(["x"]),
        Value::Object(_) => serde_json::json!({"x": 1}),
    }
}

/// A report with its check value as whoever knows the program would compute it anew.
fn resealed(report: &Value) -> String {
    let mut report = report.clone();
    report.as_object_mut().unwrap().remove("check");
    let text = serde_json::to_string_pretty(&report).unwrap();
    let text = text.strip_suffix("\n}").unwrap();
    let value: String = group_key(text).to_le_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("{text},\n  \"check\": \"{value}\"\n}}\n")
}

#[test]
fn every_value_of_the_report_is_watched() {
    let dir = Dir::new();
    // Some of the mail, as each value costs two audits.
    let mail = std::fs::read(crate::support::fixtures().join("shop.mbox")).unwrap();
    let mail = String::from_utf8_lossy(&mail);
    let messages: Vec<&str> = mail.split_inclusive("\n\nFrom ").take(40).collect();
    dir.write("in.mbox", messages.concat().trim_end_matches("From "));
    let ran = dir.run("export in.mbox -o out --split 0.2 --agent hobandwhistle.example.com --quiet");
    assert_eq!(ran.status, 0, "{ran:?}");
    let text = dir.read("out/report.json");
    let report: Value = serde_json::from_str(&text).unwrap();
    let mut all = Vec::new();
    leaves(&report, "", &mut all);
    assert!(all.len() > 100, "{}", all.len());
    let (mut missed, mut taken_at_its_word) = (Vec::new(), Vec::new());
    for at in all {
        let mut other = report.clone();
        let value = other.pointer_mut(&at).unwrap();
        *value = changed(value);
        // By hand, the line alone.
        dir.write("out/report.json", serde_json::to_string_pretty(&other).unwrap() + "\n");
        if dir.run("audit out --quiet").status != 1 {
            missed.push(at.clone());
        }
        // And with the check value made to fit: only what is counted again is found.
        if at != "/check" {
            dir.write("out/report.json", resealed(&other));
            if dir.run("audit out in.mbox --quiet").status == 0 {
                taken_at_its_word.push(at);
            }
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
    let may_be = |at: &str| {
        let open = [
            "/threadfold",
            "/options/",
            "/threads/",
            "/agents/",
            "/redacted/",
            "/kept_by_redaction/",
            "/answers/",
            "/examples/left_out_as_repeated",
        ];
        let counted = [
            "/options/formats/",
            "/options/last_reply_only",
            "/answers/stale",
            "/answers/contradicting",
            "/answers/compared",
        ];
        open.iter().any(|o| at.starts_with(o)) && !counted.iter().any(|c| at.starts_with(c))
    };
    taken_at_its_word.retain(|at| !may_be(at));
    assert!(taken_at_its_word.is_empty(), "is not counted again: {taken_at_its_word:?}");
}

#[test]
fn a_report_sealed_anew_is_as_good_as_the_old_one() {
    // The reports of the test above are refused for what was changed in them, not for how they are sealed.
    let dir = Dir::new();
    let ran = dir.run("export {fixtures}/shop.mbox -o out --quiet");
    assert_eq!(ran.status, 0, "{ran:?}");
    let text = dir.read("out/report.json");
    let report: Value = serde_json::from_str(&text).unwrap();
    dir.write("out/report.json", resealed(&report));
    let ran = dir.run("audit out {fixtures}/shop.mbox --quiet");
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:?}");
}
