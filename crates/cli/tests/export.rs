//! The main job on the bundled mailbox.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Dir, fixtures, json_lines, names};

fn expected() -> Vec<Value> {
    json_lines(&std::fs::read_to_string(fixtures().join("shop.expected.jsonl")).unwrap())
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn exported(more: &str) -> Dir {
    let dir = Dir::new();
    let ran = dir.run(&format!("export {{fixtures}}/shop.mbox -o out --no-redact{more}"));
    assert_eq!(ran.status, 0, "{ran:?}");
    dir
}

#[test]
fn every_example_says_what_a_person_expects() {
    let dir = exported("");
    let got = json_lines(&dir.read("out/examples.jsonl"));
    let by_completion: BTreeMap<&str, &Value> = got
        .iter()
        .flat_map(|e| e["turns"].as_array().unwrap().iter().map(move |t| (t["message_id"].as_str(), e)))
        .filter_map(|(id, e)| Some((id?, e)))
        .collect();
    let mut wrong = Vec::new();
    let want: Vec<Value> = expected().into_iter().filter(|l| l["kind"] == "example").collect();
    for w in &want {
        let turns = w["turns"].as_array().unwrap();
        let ids = turns.iter().flat_map(|t| t["message_ids"].as_array().unwrap());
        let Some(found) = ids.filter_map(|id| by_completion.get(id.as_str()?)).next() else {
            wrong.push(format!("{}: no example", w["thread"]));
            continue;
        };
        let found = found["turns"].as_array().unwrap();
        if found.len() != turns.len() {
            wrong.push(format!("{}: {} turns instead of {}", w["thread"], found.len(), turns.len()));
        }
        for (f, t) in found.iter().zip(turns) {
            let (f_text, t_text) = (f["text"].as_str().unwrap(), t["text"].as_str().unwrap());
            if f["role"] != t["role"] || squeeze(f_text) != squeeze(t_text) {
                wrong.push(format!(
                    "{}: {} {f_text:?}\n   instead of {} {t_text:?}",
                    w["thread"], f["role"], t["role"]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(got.len(), want.len(), "more examples than expected");
}

#[test]
fn every_message_meets_the_fate_a_person_expects() {
    let dir = exported("");
    let got = json_lines(&dir.read("out/ledger.jsonl"));
    let want: Vec<Value> = expected().into_iter().filter(|l| l["kind"] == "message").collect();
    assert_eq!(got.len(), want.len());
    let mut wrong = Vec::new();
    for (g, w) in got.iter().zip(&want) {
        if g["fate"] != w["fate"] || g["reason"] != w["reason"] {
            wrong.push(format!(
                "{} {}: {} {} instead of {} {} ({})",
                g["locator"], w["message_id"], g["fate"], g["reason"], w["fate"], w["reason"], w["note"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_ledger_adds_up() {
    for more in ["", " --examples every", " --since 2023-01-01 --until 2024-01-01", " --policy references"] {
        let dir = exported(more);
        let ledger = json_lines(&dir.read("out/ledger.jsonl"));
        let report: Value = serde_json::from_str(&dir.read("out/report.json")).unwrap();
        let count = |fate: &str| ledger.iter().filter(|l| l["fate"] == fate).count() as u64;
        let counts = &report["counts"];
        assert_eq!(counts["read"], ledger.len() as u64);
        for fate in ["used", "dropped", "failed"] {
            assert_eq!(counts[fate], count(fate), "{fate}");
        }
        let sum = ["used", "dropped", "failed"].iter().map(|f| counts[f].as_u64().unwrap()).sum::<u64>();
        assert_eq!(counts["read"], sum);
        // Every id in the ledger is an example, and every used message names at least one.
        let ids: Vec<Value> =
            json_lines(&dir.read("out/examples.jsonl")).iter().map(|e| e["id"].clone()).collect();
        for line in &ledger {
            let examples = line["examples"].as_array().unwrap();
            assert_eq!(line["fate"] == "used", !examples.is_empty(), "{line}");
            assert!(examples.iter().all(|id| ids.contains(id)), "{line}");
            assert_eq!(line["fate"] == "used", line["reason"].is_null(), "{line}");
        }
    }
}

#[test]
fn the_split_never_parts_a_customer() {
    let dir = exported(" --split 0.3 --seed 5");
    let examples = json_lines(&dir.read("out/examples.jsonl"));
    let valid = dir.read("out/valid.messages.jsonl");
    let mut sides: BTreeMap<String, bool> = BTreeMap::new();
    let mut in_valid = 0;
    for e in &examples {
        let completion = e["turns"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap().to_owned();
        let question = e["turns"][0]["text"].as_str().unwrap();
        let is_valid = json_lines(&valid).iter().any(|v| {
            let m = v["messages"].as_array().unwrap();
            m.last().unwrap()["content"] == completion && m.iter().any(|x| x["content"] == question)
        });
        in_valid += usize::from(is_valid);
        for t in e["turns"].as_array().unwrap().iter().filter(|t| t["role"] == "customer") {
            let author = t["author"].as_str().unwrap().to_owned();
            assert_eq!(
                *sides.entry(author.clone()).or_insert(is_valid),
                is_valid,
                "{author} is on both sides"
            );
        }
    }
    assert_eq!(in_valid, valid.lines().count());
    assert!(in_valid > 0 && in_valid < examples.len());
    assert_eq!(dir.read("out/train.messages.jsonl").lines().count() + in_valid, examples.len());
}

#[test]
fn the_folder_holds_what_the_readme_says() {
    assert_eq!(
        names(&exported("").path("out")),
        [
            "dataset.csv",
            "examples.jsonl",
            "ledger.jsonl",
            "report.html",
            "report.json",
            "train.messages.jsonl",
            "train.prompt_completion.jsonl",
            "valid.messages.jsonl",
            "valid.prompt_completion.jsonl"
        ]
    );
    assert_eq!(
        names(&exported(" --split 0 --format messages").path("out")),
        [
            "dataset.csv",
            "examples.jsonl",
            "ledger.jsonl",
            "report.html",
            "report.json",
            "train.messages.jsonl"
        ]
    );
}

#[test]
fn the_spreadsheet_comes_back_without_loss() {
    let dir = exported("");
    let ran = dir.run("convert out/dataset.csv --to canonical -o back.jsonl");
    assert_eq!(ran.status, 0, "{ran:?}");
    let turns = |text: &str| -> Vec<Vec<(String, String)>> {
        json_lines(text)
            .iter()
            .map(|e| {
                let turns = e["turns"].as_array().unwrap();
                turns
                    .iter()
                    .map(|t| (t["role"].to_string(), t["text"].as_str().unwrap().to_owned()))
                    .collect()
            })
            .collect()
    };
    assert_eq!(turns(&dir.read("back.jsonl")), turns(&dir.read("out/examples.jsonl")));
}

#[test]
fn separator_and_stop_occur_nowhere_in_the_data() {
    let dir = exported("");
    let report: Value = serde_json::from_str(&dir.read("out/report.json")).unwrap();
    let separator = report["separators"]["separator"].as_str().unwrap();
    let stop = report["separators"]["stop"].as_str().unwrap();
    let both = dir.read("out/train.prompt_completion.jsonl") + &dir.read("out/valid.prompt_completion.jsonl");
    for line in json_lines(&both) {
        let (prompt, completion) = (line["prompt"].as_str().unwrap(), line["completion"].as_str().unwrap());
        assert!(prompt.ends_with(separator) && prompt.matches(separator).count() == 1, "{prompt:?}");
        assert!(completion.ends_with(stop) && completion.matches(stop).count() == 1, "{completion:?}");
        assert!(completion.starts_with(' '));
    }
}

#[test]
fn an_answer_stands_after_its_question_whatever_the_clocks_say() {
    // Same second, minutes early, and a question without a time zone.
    for (asked, answered) in [
        ("Mon, 4 Mar 2024 10:00:00 +0000", "Mon, 4 Mar 2024 10:00:00 +0000"),
        ("Mon, 4 Mar 2024 10:00:00 +0000", "Mon, 4 Mar 2024 09:55:00 +0000"),
        ("Mon, 4 Mar 2024 15:00:00", "Mon, 4 Mar 2024 12:00:00 +0000"),
    ] {
        let dir = Dir::new();
        dir.write(
            "in.mbox",
            format!(
                "From s Mon Mar  4 10:00:00 2024\nFrom: shop@example.org\nTo: ada@example.com\nSubject: Re: Kettle\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: {answered}\n\nOn Monday.\n\nFrom a Mon Mar  4 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Kettle\nMessage-ID: <1@example.com>\nDate: {asked}\n\nWhen will it come?\n"
            ),
        );
        let ran = dir.run("export in.mbox -o out --no-redact --agent shop@example.org");
        assert_eq!(ran.status, 0, "{ran:?}");
        let examples = json_lines(&dir.read("out/examples.jsonl"));
        assert_eq!(examples.len(), 1, "{asked} / {answered}");
        assert_eq!(examples[0]["turns"][1]["text"], "On Monday.");
    }
}

#[test]
fn more_threads_than_any_machine_has_are_a_slip_of_the_hand() {
    let dir = Dir::new();
    let ran = dir.run("inspect {fixtures}/shop.mbox --threads 99999999");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("0..=1024"), "{ran:?}");
}
