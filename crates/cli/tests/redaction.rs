//! Canaries: a mailbox with planted personal data is exported, and none of it may stand in any output file.
//! (benches/redaction.py does the same at size.)

use std::collections::BTreeSet;

use crate::support::{Dir, json_lines, names};

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// All strings in JSON lines.
fn strings(value: &serde_json::Value, out: &mut String) {
    match value {
        serde_json::Value::String(s) => {
            out.push_str(s);
            out.push('\n');
        }
        serde_json::Value::Array(list) => list.iter().for_each(|v| strings(v, out)),
        serde_json::Value::Object(map) => map.values().for_each(|v| strings(v, out)),
        _ => {}
    }
}

#[test]
fn no_planted_value_is_in_any_output() {
    let dir = Dir::new();
    let ran = dir.run("generate -o box.mbox --messages 1500 --seed 23 --personal 0.5");
    assert_eq!(ran.status, 0, "{ran:?}");
    let ran = dir.run("export box.mbox -o out");
    assert_eq!(ran.status, 0, "{ran:?}");
    let ran = dir.run("export box.mbox -o plain --no-redact");
    assert_eq!(ran.status, 0, "{ran:?}");

    let planted: BTreeSet<(String, String)> = json_lines(&dir.read("box.mbox.truth.jsonl"))
        .iter()
        .filter(|l| l["fate"] == "used")
        .filter_map(|l| l["planted"].as_array())
        .flatten()
        .map(|p| (p["type"].as_str().unwrap().to_owned(), p["value"].as_str().unwrap().to_owned()))
        .collect();
    let kinds: BTreeSet<&str> = planted.iter().map(|(kind, _)| kind.as_str()).collect();
    assert!(planted.len() > 300 && kinds.len() >= 10, "{} of {kinds:?}", planted.len());
    let mut outputs = String::new();
    for name in names(&dir.path("out")) {
        let text = dir.read(&format!("out/{name}"));
        if name.ends_with(".jsonl") {
            json_lines(&text).iter().for_each(|l| strings(l, &mut outputs));
        }
        outputs.push_str(&text);
    }
    let outputs = squeeze(&outputs);
    let left: Vec<_> = planted.iter().filter(|(_, value)| outputs.contains(&squeeze(value))).collect();
    assert!(left.is_empty(), "{} of {}: {left:?}", left.len(), planted.len());

    // The business's own facts stay: its telephone number and its pages.
    let facts = |folder: &str| {
        let text = dir.read(&format!("{folder}/examples.jsonl"));
        text.matches("/service/").count() + text.matches("+1 (555) 555-01").count()
    };
    let (before, after) = (facts("plain"), facts("out"));
    assert!(before > 100 && after * 100 >= before * 99, "{after} of {before} facts");
}

#[test]
fn redact_goes_on_after_a_bad_line() {
    let ran = Dir::new().run_with(
        "redact",
        "\u{feff}{\"id\":1,\"text\":\"I am ada@example.com\"}\nnot json\n{\"text\":\"no id\"}\n{\"id\":2,\"text\":\"bye\"}\n"
            .as_bytes(),
    );
    assert_eq!(ran.status, 1, "{ran:?}");
    let answers = json_lines(&ran.stdout);
    assert_eq!(answers.iter().map(|a| a["id"].clone()).collect::<Vec<_>>(), [1, 2]);
    assert!(ran.stderr.contains("line 2") && ran.stderr.contains("line 3"), "{ran:?}");
    assert!(!ran.stderr.contains("no id\""), "{ran:?}");
}

#[test]
fn file_names_and_message_ids_name_nobody() {
    let dir = Dir::new();
    let question = "From: Marta Lindqvist <marta@example.com>\nTo: help@shop.example.org\nSubject: Lamp\nMessage-ID: <1.marta@laptop.example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nIs the lamp in stock?\n\nMarta\n";
    let answer = "From: Shop <help@shop.example.org>\nTo: marta@example.com\nSubject: Re: Lamp\nMessage-ID: <2@shop.example.org>\nIn-Reply-To: <1.marta@laptop.example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nYes, it is.\n";
    dir.write("mail/Marta Lindqvist - lamp.eml", question).write("mail/answer.eml", answer);
    let ran = dir.run("export mail -o out --agent help@shop.example.org");
    assert_eq!(ran.status, 0, "{ran:?}");
    for name in names(&dir.path("out")) {
        let text = dir.read(&format!("out/{name}")).to_lowercase();
        assert!(!text.contains("lindqvist") && !text.contains("marta"), "{name}: {text}");
    }
    assert!(dir.read("out/ledger.jsonl").contains("mail/answer.eml"));
    // The same lines in the same order, with the names as they are, for the owner.
    dir.run("export mail -o plain --agent help@shop.example.org --no-redact");
    let (hidden, shown) = (dir.read("out/ledger.jsonl"), dir.read("plain/ledger.jsonl"));
    assert_eq!(hidden.lines().count(), shown.lines().count());
    assert!(shown.contains("Marta Lindqvist - lamp.eml") && shown.contains("1.marta@laptop"));
}

#[test]
fn whoever_is_copied_in_is_known_too() {
    let dir = Dir::new();
    let question = "From: Marta Lindqvist <marta@example.com>\nTo: help@shop.example.org\nCc: Thrudwine Plumtree <kp@example.net>\nSubject: Lamp\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nPlease bring the lamp on Monday, thrudwine can let you in.\n\nMarta\n";
    let answer = "From: Shop <help@shop.example.org>\nTo: marta@example.com\nSubject: Re: Lamp\nMessage-ID: <2@shop.example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nWe shall ask for Plumtree then.\n";
    dir.write("mail/1.eml", question).write("mail/2.eml", answer);
    let ran = dir.run("export mail -o out --agent help@shop.example.org");
    assert_eq!(ran.status, 0, "{ran:?}");
    for name in names(&dir.path("out")) {
        let text = dir.read(&format!("out/{name}")).to_lowercase();
        assert!(!text.contains("thrudwine") && !text.contains("plumtree"), "{name}: {text}");
    }
}

/// A mailbox with one answered question that holds much of a customer.
fn asked(dir: &Dir) {
    let question = "From: Marta Lindqvist <marta@example.com>\nTo: help@shop.example.org\nSubject: Lamp\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nIs the lamp in stock? Call me on +1 503 555 0142, my card is 4111 1111 1111 1111.\n\nMarta\n";
    let answer = "From: Shop <help@shop.example.org>\nTo: marta@example.com\nSubject: Re: Lamp\nMessage-ID: <2@shop.example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nDear Marta, yes, it is. The courier can be reached under +1 503 555 0188.\n";
    dir.write("mail/1.eml", question).write("mail/2.eml", answer);
}

fn with_passphrase(dir: &Dir, words: &str, passphrase: &str) -> (i32, String, String) {
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_threadfold"))
        .args(words.split(' '))
        .current_dir(dir.path("."))
        .env("THREADFOLD_VAULT_PASSPHRASE", passphrase)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ran.status.code().unwrap_or(-1), text(ran.stdout), text(ran.stderr))
}

#[test]
fn a_vault_is_the_only_map_and_opens_with_its_passphrase() {
    let dir = Dir::new();
    asked(&dir);
    let export = "export mail -o out --agent help@shop.example.org --vault map.vault";
    let ran = dir.run(export);
    assert_eq!(ran.status, 2, "without a passphrase: {ran:?}");
    let (status, _, said) = with_passphrase(
        &dir,
        "export mail -o out --agent help@shop.example.org --vault out/map.vault",
        "correct horse",
    );
    assert_eq!(status, 2, "{said}");
    assert_eq!(dir.names(), ["mail"]);
    let (status, _, said) = with_passphrase(&dir, export, "correct horse");
    assert_eq!(status, 0, "{said}");
    assert_eq!(dir.names(), ["mail", "map.vault", "out"]);
    assert!(!said.contains("horse") && !dir.read("out/report.json").contains("horse"));

    let (status, lines, said) = with_passphrase(&dir, "vault map.vault", "correct horse");
    assert_eq!(status, 0, "{said}");
    let entries = json_lines(&lines);
    let example = &json_lines(&dir.read("out/examples.jsonl"))[0];
    let values = |placeholder: &str| {
        let entry = entries.iter().find(|e| e["placeholder"] == placeholder)?;
        assert_eq!(entry["thread"], example["thread"]);
        Some(entry["values"].clone())
    };
    assert_eq!(values("[PHONE_1]").unwrap(), serde_json::json!(["+1 503 555 0142"]));
    assert_eq!(values("[CUSTOMER_NAME_1]").unwrap(), serde_json::json!(["Marta", "Marta Lindqvist"]));
    assert!(!lines.contains("4111"), "{lines}");

    let (status, lines, said) = with_passphrase(&dir, "vault map.vault", "wrong horse");
    assert_eq!((status, lines.as_str()), (1, ""), "{said}");
    assert!(said.contains("passphrase") && !said.contains("horse"), "{said}");
    // A second run must not take the only map of the first dataset.
    let again = export.replace("-o out", "-o more");
    let (status, _, said) = with_passphrase(&dir, &again, "correct horse");
    assert_eq!(status, 2, "{said}");
}

#[test]
fn what_was_taken_of_agents_words_is_listed_without_its_value() {
    let dir = Dir::new();
    asked(&dir);
    let ran = dir.run("export mail -o out --agent help@shop.example.org");
    assert_eq!(ran.status, 0, "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&dir.read("out/report.json")).unwrap();
    let example = &json_lines(&dir.read("out/examples.jsonl"))[0];
    let review = &report["redacted"]["agents_words_to_review"];
    assert_eq!(
        *review,
        serde_json::json!([{
            "type": "PHONE",
            "threads": 1,
            "thread": example["thread"],
            "placeholder": "[PHONE_2]",
        }])
    );
    let answer = example["turns"][1]["text"].as_str().unwrap();
    assert!(answer.contains("[PHONE_2]"), "{answer}");
    assert!(!dir.read("out/report.json").contains("0188"));
}

#[test]
fn a_damaged_number_keeps_no_export_from_being_written() {
    let message = |n: u32, from: &str, to: &str, refers: &str, body: &str| {
        format!(
            "From x Mon Jan  1 10:0{n}:00 2024\nFrom: {from}\nTo: {to}\nSubject: Lid\nMessage-ID: <{n}@example.com>\n\
             Date: Mon, 1 Jan 2024 10:0{n}:00 +0000\nContent-Type: text/plain; charset=utf-8\n{refers}\n{body}\n\n"
        )
    };
    let (ada, bo, shop) = ("Ada <ada@example.com>", "Bo <bo@example.net>", "Shop <shop@example.org>");
    let to = |n: u32| format!("In-Reply-To: <{n}@example.com>\n");
    let dir = Dir::new();
    let mail = [
        message(1, ada, shop, "", "My social security number is 078-05-1120, is that enough?"),
        message(2, shop, ada, &to(1), "It is enough for us."),
        message(3, bo, shop, "", "it 078-05-1\u{fffd}120 reads in the letter\nWhen does it come?"),
        message(4, shop, bo, &to(3), "On Monday by the morning post."),
    ];
    dir.write("in.mbox", mail.concat());
    let ran = dir.run("export in.mbox -o out --agent shop@example.org --split 0 --quiet");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(dir.read("out/examples.jsonl").contains("it [NATIONAL_ID_1] reads in the letter"));
}
