//! A generated mailbox against its known answers: no full score (benches/score_truth.py gives that), but a
//! floor that a broken step falls through.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Dir, json_lines};

/// Examples that must be right, turn by turn. The score on large mailboxes is in docs/BENCHMARKS.md.
const FLOOR: f64 = 0.93;

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn examples_are_as_the_truth_says() {
    let dir = Dir::new();
    let ran = dir.run("generate -o box.mbox --messages 1200 --seed 11");
    assert_eq!(ran.status, 0, "{ran:?}");
    let ran = dir.run("export box.mbox -o out --no-redact");
    assert_eq!(ran.status, 0, "{ran:?}");
    let truth = json_lines(&dir.read("box.mbox.truth.jsonl"));
    // What a turn may say: closing words are kept or dropped, as a reader likes.
    let mut texts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for m in truth.iter().filter(|l| l["kind"] == "message") {
        let said =
            ["text", "without_sign_off", "with_name"].iter().filter_map(|f| m[*f].as_str()).map(squeeze);
        texts.entry(m["message_id"].as_str().unwrap_or("")).or_default().extend(said);
    }
    let got = json_lines(&dir.read("out/examples.jsonl"));
    let by_id: BTreeMap<&str, &Value> = got
        .iter()
        .flat_map(|e| {
            e["turns"].as_array().unwrap().iter().map(move |t| (t["message_id"].as_str().unwrap_or(""), e))
        })
        .collect();
    let want: Vec<&Value> = truth.iter().filter(|l| l["kind"] == "example").collect();
    let right = want.iter().filter(|w| {
        let turns = w["turns"].as_array().unwrap();
        let ids = |t: &Value| -> Vec<String> {
            t["message_ids"].as_array().unwrap().iter().map(|i| i.as_str().unwrap_or("").to_owned()).collect()
        };
        let Some(found) = turns.iter().flat_map(&ids).find_map(|id| by_id.get(id.as_str())) else {
            return false;
        };
        let found = found["turns"].as_array().unwrap();
        found.len() == turns.len()
            && found.iter().zip(turns).all(|(f, t)| {
                let said = squeeze(f["text"].as_str().unwrap());
                // All ways to read the messages of the turn, one after the other.
                let may = ids(t).iter().fold(vec![String::new()], |so_far, id| {
                    let next = texts.get(id.as_str()).map_or(&[][..], Vec::as_slice);
                    let all =
                        so_far.iter().flat_map(|s| next.iter().map(move |n| squeeze(&format!("{s} {n}"))));
                    all.collect()
                });
                f["role"] == t["role"] && may.contains(&said)
            })
    });
    let share = right.count() as f64 / want.len() as f64;
    assert!(share >= FLOOR, "{share:.3} of {} examples are right", want.len());
    assert!(got.len() <= want.len() * 102 / 100, "{} examples, {} expected", got.len(), want.len());
}

#[test]
fn the_same_seed_gives_the_same_mailbox() {
    let dir = Dir::new();
    for name in ["a", "b"] {
        assert_eq!(dir.run(&format!("generate -o {name}.mbox --messages 50 --seed 3")).status, 0);
    }
    assert_eq!(dir.run("generate -o c.mbox --messages 50 --seed 4").status, 0);
    let read = |name: &str| std::fs::read(dir.path(name)).unwrap();
    assert_eq!(read("a.mbox"), read("b.mbox"));
    assert_ne!(read("a.mbox"), read("c.mbox"));
    assert_eq!(dir.run("generate -o a.mbox --messages 50").status, 2, "an existing file is not overwritten");
}
