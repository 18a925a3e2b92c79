//! Formats, validation and recipes, as their users run them.

use crate::support::{Dir, json_lines};

const FORMATS: [&str; 15] = [
    "messages",
    "prompt-completion",
    "trl",
    "axolotl",
    "mlx",
    "alpaca",
    "sharegpt",
    "gemini",
    "bedrock-nova",
    "bedrock-llama",
    "bedrock-claude",
    "dpo",
    "dpo-openai",
    "rag",
    "text",
];

/// An export of the shop with every format.
fn exported() -> Dir {
    let dir = Dir::new();
    let formats = FORMATS.map(|name| format!("--format {name}")).join(" ");
    let ran = dir.run(&format!("export {{fixtures}}/shop.mbox -o d --split 0.2 --last-reply-only {formats}"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    dir
}

#[test]
fn every_format_is_exported_validated_and_converted_back() {
    let dir = exported();
    let canonical = json_lines(&dir.read("d/examples.jsonl"));
    let said = |examples: &[serde_json::Value]| -> Vec<String> {
        examples.iter().map(|e| e["turns"].as_array().unwrap().last().unwrap()["text"].to_string()).collect()
    };
    let info = dir.read("d/llama_factory/dataset_info.json");
    for set in ["threadfold_train_sharegpt", "threadfold_valid_sharegpt", "threadfold_train_alpaca"] {
        assert!(info.contains(set), "{info}");
    }
    for name in FORMATS {
        let plain = name.replace('-', "_");
        let file = match name {
            "mlx" => "d/mlx/train.jsonl".to_owned(),
            "alpaca" | "sharegpt" => format!("d/llama_factory/train.{plain}.jsonl"),
            _ => format!("d/train.{plain}.jsonl"),
        };
        if name.starts_with("dpo") {
            continue;
        }
        let ran = dir.run(&format!("validate {file} --format {name} --json"));
        let findings = json_lines(&ran.stdout);
        let errors: Vec<_> =
            findings.iter().filter(|f| f["severity"] == "error" && f["rule"] != "summary").collect();
        assert!(ran.status == 0 && errors.is_empty(), "{name}: {errors:?}");
        assert!(findings.iter().all(|f| f["rule"] != "personal_data"), "{name}: {findings:?}");

        let ran = dir.run(&format!("convert {file} --from {name} --to canonical -o back.jsonl --force"));
        assert_eq!(ran.status, 0, "{name}: {}", ran.stderr);
        let back = said(&json_lines(&dir.read("back.jsonl")));
        let all = said(&canonical);
        // Bedrock's words are respelled; none of the shop's texts holds one.
        assert!(!back.is_empty() && back.iter().all(|text| all.contains(text)), "{name}");
    }
}

#[test]
fn validation_says_where_and_exits_for_ci() {
    let dir = Dir::new();
    dir.write("good.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"Are you open today?\"},{\"role\":\"assistant\",\"content\":\"Yes.\"}]}\n");
    dir.write("bad.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"Are you open today?\"},{\"role\":\"assistant\",\"content\":\"Yes.\"}]}\n\n{\"messages\":[{\"role\":\"human\",\"content\":\"Mail kim.berg@example.com\"},{\"role\":\"assistant\",\"content\":\"No.\"}]}\n");
    assert_eq!(dir.run("validate good.jsonl").status, 0);
    let ran = dir.run("validate bad.jsonl");
    assert_eq!(ran.status, 1);
    for words in
        ["error   unknown_role", "row 2 (line 3), messages[0].role: \"human\"", "personal_data", "1 errors"]
    {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    let lines = json_lines(&dir.run("validate bad.jsonl --json").stdout);
    let role = lines.iter().find(|l| l["rule"] == "unknown_role").unwrap();
    assert_eq!((&role["row"], &role["line"], &role["severity"]), (&2.into(), &3.into(), &"error".into()));
    assert!(role["remedy"].as_str().is_some_and(|r| r.contains("roles")));
    let summary = lines.last().unwrap();
    assert_eq!((&summary["rule"], &summary["verdict"]["errors"]), (&"summary".into(), &1.into()));

    // From a pipe, and for a trainer.
    let ran = dir.run_with("validate - --for together", dir.read("bad.jsonl").as_bytes());
    assert!(ran.status == 1 && ran.stdout.contains("error   blank_line"), "{}", ran.stdout);
    assert_eq!(dir.run("validate good.jsonl --for abacus").status, 2);
    assert_eq!(dir.run("validate missing.jsonl").status, 1);

    // The same question on both sides.
    let ran = dir.run("validate bad.jsonl --valid good.jsonl");
    assert!(ran.stdout.contains("in_train_and_valid"), "{}", ran.stdout);
}

#[test]
fn what_is_mended_is_said_and_the_original_stays() {
    let dir = Dir::new();
    let bad = "\u{feff}{\"messages\":[{\"role\":\"human\",\"content\":\"Open?\"},{\"role\":\"bot\",\"content\":\"Yes.\"}]}\r\n\r\n";
    dir.write("bad.jsonl", bad);
    let ran = dir.run("validate bad.jsonl --fix");
    assert_eq!(ran.status, 0, "all errors are mended: {}", ran.stdout);
    assert!(
        ran.stdout.contains("mended into bad_fixed.jsonl") && ran.stdout.contains("2  unknown_role"),
        "{}",
        ran.stdout
    );
    assert_eq!(dir.read("bad.jsonl"), bad);
    let fixed = "{\"messages\":[{\"role\":\"user\",\"content\":\"Open?\"},{\"role\":\"assistant\",\"content\":\"Yes.\"}]}\n";
    assert_eq!(dir.read("bad_fixed.jsonl"), fixed);
    assert_eq!(dir.run("validate bad.jsonl --fix").status, 2, "nothing is overwritten");
    assert_eq!(
        dir.run("validate bad.jsonl --fix -o bad.jsonl --force").status,
        2,
        "least of all the original"
    );
    assert_eq!(dir.run("validate bad.jsonl --fix -o -").stdout, fixed);
    // What cannot be mended keeps the exit status.
    dir.write("worse.jsonl", "{\"messages\":[]}\n{oops\n");
    assert_eq!(dir.run("validate worse.jsonl --fix").status, 1);
    assert!(dir.read("worse_fixed.jsonl").contains("{oops"), "nothing vanishes");
}

#[test]
fn tokens_and_money() {
    let dir = Dir::new();
    dir.write("a.csv", "prompt,completion\nWhere is my order?,It is on its way.\n");
    let ran = dir.run("validate a.csv --tokens gpt-4o-mini --price 1000000");
    assert!(
        ran.stdout.contains("counted by o200k_base") && ran.stdout.contains("25 epochs"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("costs 275.00"), "{}", ran.stdout);
    assert_eq!(dir.run("validate a.csv --tokens abacus").status, 2);
    assert!(!dir.run("validate a.csv --tokens estimate").stdout.contains("costs"), "no price, no cost");
}

#[test]
fn recipes_for_what_was_exported() {
    let dir = exported();
    for (trainer, words) in [
        ("axolotl", "message_field_training: train"),
        ("llama-factory", "dataset: threadfold_train_sharegpt\neval_dataset: threadfold_valid_sharegpt"),
        ("trl", "\"train\": \"d/train.trl.jsonl\", \"valid\": \"d/valid.trl.jsonl\""),
        ("mlx", "--data 'd/mlx' --mask-prompt"),
        ("openai", "Weights in the file: the last reply is learned"),
        ("together", "--train-on-inputs false"),
    ] {
        let ran = dir.run(&format!("recipe --for {trainer} d"));
        assert!(ran.status == 0 && ran.stdout.contains(words), "{trainer}: {}{}", ran.stdout, ran.stderr);
    }
    assert_eq!(dir.run("recipe --for trl d/train.trl.jsonl").status, 0);
    let ran = dir.run("recipe --for trl d/train.messages.jsonl");
    assert!(ran.status == 2 && ran.stderr.contains("--to trl"), "{}", ran.stderr);
    assert_eq!(dir.run("recipe --for abacus d").status, 2);
}

#[test]
fn a_dash_is_stdout_or_refused() {
    let dir = Dir::new();
    dir.write("a.csv", "prompt,completion\nOpen?,Yes.\n");
    let ran = dir.run("convert a.csv --to messages -o -");
    assert!(ran.stdout.starts_with("{\"messages\":"), "{}", ran.stdout);
    let ran = dir.run("export {fixtures}/shop.mbox -o -");
    assert!(ran.status == 2 && ran.stderr.contains("folder"), "{}", ran.stderr);
    assert_eq!(dir.names(), ["a.csv"]);
}

#[test]
fn a_spreadsheet_is_the_same_from_export_and_convert() {
    let dir = exported();
    assert_eq!(dir.run("convert d/examples.jsonl --to csv -o again.csv").status, 0);
    assert_eq!(dir.read("again.csv"), dir.read("d/dataset.csv"));
    assert!(dir.read("again.csv").starts_with('\u{feff}'));
}

/// A thread of many messages, alternating.
fn long_thread(messages: usize) -> String {
    use std::fmt::Write;
    let mut mbox = String::new();
    for i in 0..messages {
        let (from, to) = if i % 2 == 0 {
            ("Ada <ada@example.com>", "shop@example.org")
        } else {
            ("Shop <shop@example.org>", "ada@example.com")
        };
        let (hour, minute, second) = (i / 3600 % 24, i / 60 % 60, i % 60);
        let parent =
            i.checked_sub(1).map(|p| format!("In-Reply-To: <{p}@example.com>\n")).unwrap_or_default();
        writeln!(
            mbox,
            "From x Mon Jan  1 10:00:00 2024\nFrom: {from}\nTo: {to}\nSubject: Re: The kettle\n\
             Message-ID: <{i}@example.com>\n{parent}Date: Mon, 1 Jan 2024 {hour:02}:{minute:02}:{second:02} +0000\n\n\
             Words of message number {i} about the kettle, its lid and its whistle.\n"
        )
        .unwrap();
    }
    mbox
}

#[test]
fn long_conversations_are_shortened_from_their_beginning() {
    let dir = Dir::new();
    dir.write("long.mbox", long_thread(40));
    let export = "export long.mbox --agent shop@example.org --split 0 --no-redact";
    assert_eq!(dir.run(&format!("{export} -o whole")).status, 0);
    assert_eq!(dir.run(&format!("{export} -o short --max-tokens 120")).status, 0);
    let whole = &json_lines(&dir.read("whole/examples.jsonl"))[0];
    let short = &json_lines(&dir.read("short/examples.jsonl"))[0];
    let turns = |e: &serde_json::Value| e["turns"].as_array().unwrap().clone();
    assert_eq!((turns(whole).len(), &whole["flags"]), (40, &serde_json::json!([])));
    assert_eq!(short["flags"], serde_json::json!(["shortened"]));
    let kept = turns(short);
    assert!(kept.len() >= 2 && kept.len() < 12 && kept[0]["role"] == "customer");
    assert_eq!(kept, turns(whole)[40 - kept.len()..]);
    // The ledger knows which messages no example reaches.
    let ledger = json_lines(&dir.read("short/ledger.jsonl"));
    let beyond = ledger.iter().filter(|l| l["reason"] == "beyond_limit").count();
    assert_eq!(beyond, 40 - kept.len());
    let ran = dir.run("validate short/train.messages.jsonl --tokens o200k_base --max-tokens 120");
    assert!(!ran.stdout.contains("too_long"), "{}", ran.stdout);
    // Even a limit that nothing fits keeps the last question and its answer.
    assert_eq!(dir.run(&format!("{export} -o least --max-tokens 1")).status, 0);
    assert_eq!(turns(&json_lines(&dir.read("least/examples.jsonl"))[0]).len(), 2);
    assert_eq!(dir.run(&format!("{export} -o none --max-tokens 10 --tokens abacus")).status, 2);
}

#[test]
fn every_answer_of_a_very_long_thread_reaches_back_a_bounded_way() {
    let dir = Dir::new();
    dir.write("long.mbox", long_thread(400));
    let ran = dir.run("export long.mbox --agent shop@example.org --split 0 --examples every -o d");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let examples = json_lines(&dir.read("d/examples.jsonl"));
    assert_eq!(examples.len(), 200);
    let longest = examples.iter().map(|e| e["turns"].as_array().unwrap().len()).max();
    assert_eq!(longest, Some(64));
    let flagged = examples.iter().filter(|e| e["flags"] == serde_json::json!(["shortened"])).count();
    assert_eq!(flagged, 200 - 32);
    let ledger = json_lines(&dir.read("d/ledger.jsonl"));
    assert!(ledger.iter().all(|l| l["fate"] == "used" && !l["examples"].as_array().unwrap().is_empty()));
}

/// A workbook of two sheets, the first with these rows.
fn workbook(rows: &[[&str; 2]]) -> Vec<u8> {
    use std::io::Write;
    let cells: String = rows
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let cell = |column: &str, text: &str| {
                format!("<c r=\"{column}{}\" t=\"inlineStr\"><is><t>{text}</t></is></c>", i + 1)
            };
            format!("<row r=\"{}\">{}{}</row>", i + 1, cell("A", row[0]), cell("B", row[1]))
        })
        .collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let sheet = |data: &str| format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>");
    let files = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"FAQ\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"Old\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", sheet(&cells)),
        ("xl/worksheets/sheet2.xml", sheet("")),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_is_validated_and_mended_into_a_spreadsheet() {
    let dir = Dir::new();
    let rows = [["Question", "Answer"], ["Do you ship abroad?", "Yes."], ["Which size is the lid?", "#REF!"]];
    dir.write("faq.xlsx", workbook(&rows));
    let ran = dir.run("validate faq.xlsx --json");
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    let found = json_lines(&ran.stdout);
    let rule = |name: &str| found.iter().find(|f| f["rule"] == name).unwrap();
    assert_eq!((&rule("cell_error")["row"], &rule("cell_error")["line"]), (&2.into(), &3.into()));
    assert!(rule("several_sheets")["message"].as_str().unwrap().contains("FAQ"));
    assert_eq!(rule("column_name")["severity"], "warning");
    dir.run("validate faq.xlsx --fix");
    assert!(dir.read("faq_fixed.csv").starts_with("prompt,completion\r\nDo you ship abroad?,Yes.\r\n"));
}
