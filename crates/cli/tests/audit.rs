//! The auditor: finds nothing wrong with what an export wrote.

use serde_json::Value;

use crate::support::{Dir, json_lines};

/// Every third message of the bundled mailbox is left out: what it said is in the quotations of others.
fn one_third_missing(dir: &Dir) {
    let mail = std::fs::read(crate::support::fixtures().join("shop.mbox")).unwrap();
    let mail = String::from_utf8_lossy(&mail);
    let messages: Vec<&str> = mail.split_inclusive("\n\nFrom ").collect();
    let kept: Vec<&str> = messages.iter().enumerate().filter(|(i, _)| i % 3 != 1).map(|(_, m)| *m).collect();
    dir.write("in.mbox", kept.concat().trim_end_matches("From "));
}

fn turns_of(dir: &Dir, out: &str) -> u64 {
    let examples = json_lines(&dir.read(&format!("{out}/examples.jsonl")));
    let real = examples
        .iter()
        .filter(|e| e["variant_of"].is_null() && !e["locators"].as_array().unwrap().is_empty());
    real.map(|e| e["turns"].as_array().unwrap().len() as u64).sum()
}

#[test]
fn nothing_is_wrong_with_any_export_of_the_bundled_mailbox() {
    let dir = Dir::new();
    let all_formats =
        threadfold::dataset::FORMATS.iter().map(|f| format!(" --format {}", f.name)).collect::<String>();
    let sets = [
        "--no-redact",
        "",
        "--no-redact --examples every --keep-signature --keep-quoted --keep-forwarded",
        "--examples every --max-tokens 60 --tokens estimate --split 0.3 --seed 5",
        "--no-redact --split 0 --since 2023-01-01 --until 2024-01-01 --format messages",
        "--no-redact --format canonical --policy references --no-recover",
        "--no-redact --variants 2 --unknowns 0.05 --system Be_brief. --last-reply-only",
        &format!("--split 0.2{all_formats}"),
    ];
    for set in sets {
        let words = format!("export {{fixtures}}/shop.mbox -o out --force {set}");
        let ran = dir.run(words.trim_end());
        assert_eq!(ran.status, 0, "{set}: {ran:?}");
        let ran = dir.run("audit out");
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{set}: {ran:?}");
        let ran = dir.run("audit out {fixtures}/shop.mbox --json");
        let found: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.status, &found["findings"]), (0, &serde_json::json!([])), "{set}: {ran:?}");
        assert_eq!(found["messages"], 249, "{set}");
        assert_eq!(found["turns_found"], turns_of(&dir, "out"), "{set}");
    }
}

#[test]
fn recovered_turns_are_found_in_what_quotes_them() {
    let dir = Dir::new();
    one_third_missing(&dir);
    for redact in ["--no-redact", "--redact"] {
        let ran = dir.run(&format!("export in.mbox -o out --force {redact}"));
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(dir.read("out/examples.jsonl").contains("\"recovered\":true"));
        let ran = dir.run("audit out in.mbox");
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:?}");
    }
}

#[test]
fn any_form_and_spelling_of_the_input_will_do() {
    let dir = Dir::new();
    let mail = std::fs::read(crate::support::fixtures().join("shop.mbox")).unwrap();
    dir.write("mail/box.mbox", &mail).write("mail/broken.mbox.gz", b"\x1f\x8b\x08\x00 and no more");
    dir.write(
        "mail/Marta Lindqvist - lamp.eml",
        "From: Marta Lindqvist <marta@example.net>\nSubject: Lamp\nMessage-ID: <l@example.net>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nIs it bright?\n",
    );
    for redact in ["--no-redact", "--redact"] {
        let ran = dir.run(&format!("export mail -o out --force {redact}"));
        assert_eq!(ran.status, 1, "{ran:?}");
        for spelt in ["mail", "./mail/", dir.path("mail").to_str().unwrap()] {
            let ran = dir.run(&format!("audit out {spelt}"));
            assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{redact} {spelt}: {ran:?}");
        }
    }
}

#[test]
fn a_folder_that_is_no_export_is_an_error() {
    let dir = Dir::new();
    dir.write("other/x.txt", "x");
    let ran = dir.run("audit other");
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("report.json"), "{ran:?}");
}

#[test]
fn a_page_that_quotes_something_itself_is_found() {
    let dir = Dir::new();
    dir.write(
        "in.mbox",
        "From a Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Lid\n\
         Message-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nHow do I clean the lid of the \
         blue kettle?\n\nFrom s Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\n\
         Subject: Re: Lid\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\n\
         Date: Mon, 1 Jan 2024 11:00:00 +0000\nContent-Type: text/html; charset=utf-8\n\n\
         <p>The manual says:</p><blockquote>unplug before cleaning</blockquote><p>So please do that.</p>\n",
    );
    let ran = dir.run("export in.mbox -o out --agent shop@example.org --split 0 --quiet");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(dir.read("out/examples.jsonl").contains("says:\\n\\nunplug before cleaning\\n\\nSo please"));
    let ran = dir.run("audit out in.mbox --quiet");
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:?}");
}
