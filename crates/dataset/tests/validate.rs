//! Validation, held against what `openai tools fine_tunes.prepare_data` checked (and got wrong), and against
//! files broken in every way we could think of.

// The helpers are as much test code as the tests.
#![allow(clippy::unwrap_used)]

use std::io::{BufReader, Cursor};

use proptest::prelude::*;
use threadfold_dataset::{
    Finding, Format, RULES, Role, Severity, TRAINERS, TokenCounter, Trainer, ValidateOptions, Verdict,
    validate,
};

struct Checked {
    found: Vec<Finding>,
    verdict: Verdict,
    fixed: String,
}

fn check_with(name: &str, file: &[u8], options: &ValidateOptions<'_>) -> Checked {
    let options = ValidateOptions { file_name: Some(name), ..*options };
    let mut found = Vec::new();
    let verdict = validate(Cursor::new(file), &options, None, &mut |finding| found.push(finding)).unwrap();
    let mut fixed = Vec::new();
    validate(Cursor::new(file), &options, Some(&mut fixed), &mut |_| {}).unwrap();
    Checked { found, verdict, fixed: String::from_utf8_lossy(&fixed).into_owned() }
}

fn check(name: &str, file: impl AsRef<[u8]>) -> Checked {
    check_with(name, file.as_ref(), &ValidateOptions::default())
}

fn check_for(trainer: &str, name: &str, file: impl AsRef<[u8]>) -> Checked {
    let trainer = Some(Trainer::from_name(trainer).unwrap());
    check_with(name, file.as_ref(), &ValidateOptions { trainer, ..ValidateOptions::default() })
}

impl Checked {
    /// Rows (0 for the file) that broke a rule.
    fn rows(&self, rule: &str) -> Vec<u64> {
        assert!(RULES.iter().any(|r| r.name == rule), "no rule {rule}");
        self.found.iter().filter(|f| f.rule == rule).map(|f| f.row.unwrap_or(0)).collect()
    }

    fn has(&self, rule: &str) -> bool {
        !self.rows(rule).is_empty()
    }

    fn rules(&self) -> Vec<&str> {
        self.found.iter().map(|f| f.rule).collect()
    }
}

fn pc(prompt: &str, completion: &str) -> String {
    format!("{}\n", serde_json::json!({"prompt": prompt, "completion": completion}))
}

fn chat(messages: &[(&str, &str)]) -> String {
    let messages: Vec<_> =
        messages.iter().map(|(role, text)| serde_json::json!({"role": role, "content": text})).collect();
    format!("{}\n", serde_json::json!({"messages": messages}))
}

fn good(i: usize) -> String {
    let words = ["blue", "red", "tall", "small", "old", "new", "round", "light"];
    chat(&[
        (
            "user",
            &format!("{} lamp: do you have the {} one with a long cord?", words[i % 8], words[(i / 8) % 8]),
        ),
        ("assistant", &format!("{} of them are here, the {} one too.", i + 2, words[(i / 8) % 8])),
    ])
}

fn many(n: usize) -> String {
    (0..n).map(good).collect()
}

#[test]
fn a_good_file_has_nothing_but_advice() {
    let checked = check("train.jsonl", many(60));
    assert_eq!(checked.verdict.format, Some(Format::Messages));
    assert!(checked.verdict.passed());
    let others: Vec<&str> =
        checked.rules().into_iter().filter(|r| *r != "few_examples" && *r != "near_duplicate").collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(checked.fixed, many(60), "nothing to mend, nothing changed");
}

// The 18 checks of prepare_data, in its order; what it did is in the comment, what we do in the assertion.

/// 0: reads CSV, TSV, XLSX, JSON, JSONL and TXT by extension, anything else is fatal.
#[test]
fn check_0_any_format_is_read() {
    let expect = [
        ("a.csv", "prompt,completion\nOpen on Sunday?,No.\n", "csv"),
        ("a.tsv", "prompt\tcompletion\nOpen on Sunday?\tNo.\n", "tsv"),
        ("a.json", r#"[{"prompt":"Open on Sunday?","completion":"No."}]"#, "json"),
        ("a.json", "{\n  \"prompt\": \"Open on Sunday?\",\n  \"completion\": \"No.\"\n}\n", "json"),
        // A .json that is really lines, and a .jsonl of one line, which it took for a table by columns.
        ("a.json", r#"{"prompt":"Open on Sunday?","completion":"No."}"#, "jsonl"),
        ("a.jsonl", r#"{"prompt":"Open on Sunday?","completion":"No."}"#, "jsonl"),
        ("a.txt", "We are open from nine to five.\n", "txt"),
        // No extension at all was fatal.
        ("a", "prompt,completion\nOpen on Sunday?,No.\n", "csv"),
    ];
    for (name, file, container) in expect {
        let checked = check(name, file);
        assert_eq!((checked.verdict.container, checked.verdict.rows), (container, 1), "{name}: {file}");
        assert!(checked.verdict.passed(), "{name}: {:?}", checked.found);
    }
}

/// 1: fewer than 100 examples is advice; trainers' own minimum is an error when asked for.
#[test]
fn check_1_number_of_examples() {
    assert!(check("a.jsonl", many(60)).has("few_examples"));
    assert!(!check("a.jsonl", many(120)).has("few_examples"));
    assert!(!check_for("openai", "a.jsonl", many(9)).verdict.passed());
    assert!(check_for("openai", "a.jsonl", many(10)).verdict.passed());
    assert_eq!(check_for("fireworks", "a.jsonl", many(2)).rows("too_few"), [0]);
}

/// 2, 3: missing prompt or completion is fatal; another letter case is renamed.
#[test]
fn check_2_and_3_columns() {
    let checked = check("a.csv", "Question text,completion\na,b\n");
    assert_eq!(checked.rows("missing_field"), [0]);
    assert!(checked.found[0].message.contains("Question text"), "it says what is there instead");
    let checked = check("a.csv", "Prompt,COMPLETION\nOpen on Sunday?,No.\n");
    assert!(checked.verdict.passed() && checked.has("column_name"));
    assert!(checked.fixed.starts_with("prompt,completion\r\n"));
    // It knew no other names.
    let checked = check("a.csv", "question,answer\nOpen on Sunday?,No.\n");
    assert!(checked.verdict.passed() && checked.has("column_name"));
    assert_eq!(check("a.jsonl", "{\"prompt\":\"a\"}\n").rows("missing_field"), [1]);
}

/// 4: other columns were dropped; its warning about similar names was always printed.
#[test]
fn check_4_other_columns() {
    let checked = check("a.csv", "prompt,completion,notes\nOpen on Sunday?,No.,x\n");
    assert!(checked.has("extra_field") && checked.verdict.passed());
    assert!(checked.fixed.contains("notes"), "a column is its owner's");
    assert!(!check("a.csv", "prompt,completion\nOpen on Sunday?,No.\n").has("extra_field"));
    let rows = "{\"prompt\":\"Open?\",\"completion\":\" No.\",\"note\":1}\n";
    assert_eq!(check_for("together", "a.jsonl", rows).found[0].severity, Severity::Error);
    assert!(!check_for("together", "a.jsonl", rows).fixed.contains("note"));
}

/// 5: empty completions are dropped; those of white space alone survived.
#[test]
fn check_5_empty_completions() {
    let rows =
        [pc("a", " b"), pc("c", ""), pc("d", "  \n"), "{\"prompt\":\"e\",\"completion\":null}\n".into()]
            .concat();
    let checked = check("a.jsonl", &rows);
    assert_eq!(checked.rows("empty_completion"), [2, 3]);
    assert_eq!(checked.rows("null_text"), [4]);
    assert_eq!(checked.fixed.lines().count(), 2, "null is not mended: nobody knows what it was");
}

/// 6: its guess whether this is a classification, open-ended or conditional.
#[test]
fn check_6_kind() {
    let rows: String = (0..12).map(|i| pc(&format!("text {i} ->"), [" yes", " no"][i % 2])).collect();
    assert!(check("a.jsonl", rows).has("classification"));
    assert!(check("a.jsonl", pc("", " one") + &pc("", " two")).has("open_ended"));
    assert!(!check("a.jsonl", many(30)).has("classification"));
}

/// 7: exact duplicates are dropped, the first stays; other letter case or spaces were not seen.
#[test]
fn check_7_duplicates() {
    let rows = [
        pc("Where is my order?", " Here."),
        pc("where is  my order", " here"),
        pc("Where is my order?", " Here."),
    ];
    let checked = check("a.jsonl", rows.concat());
    assert_eq!(checked.rows("duplicate"), [3]);
    assert_eq!(checked.rows("near_duplicate"), [2]);
    assert_eq!(checked.fixed.lines().count(), 2);
}

/// 8: more than 10,000 characters, said to be 2,048 tokens, whatever the model.
#[test]
fn check_8_length() {
    let long = pc(&"word ".repeat(3000), " yes");
    assert!(check_for("openai-legacy", "a.jsonl", &long).has("too_long"));
    assert!(!check("a.jsonl", &long).has("too_long"), "who asks about no trainer has no limit");
    assert!(!check_for("together", "a.jsonl", &long).has("too_long"));
    let answer = pc("Tell me.", &" word".repeat(3000));
    assert!(check_for("openai-legacy", "a.jsonl", &answer).has("completion_too_long"));
    // 12,000 Chinese characters are far more than 2,048 tokens, 9,000 digits too.
    assert!(check_for("openai-legacy", "a.jsonl", pc(&"单".repeat(3000), " x")).has("too_long"));
}

/// 9, 10: a third of capitals had the whole column lowered.
#[test]
fn check_9_and_10_capitals() {
    let rows = [
        pc("WHERE IS MY ORDER? I HAVE WAITED FOR NINE DAYS", " Here."),
        pc("refund for SSO, API, GDPR?", " Yes."),
    ];
    let checked = check("a.jsonl", rows.concat());
    assert_eq!(checked.rows("mostly_capitals"), [1]);
    assert!(checked.fixed.contains("NINE DAYS") && checked.fixed.contains("SSO"), "nothing is lowered");
}

/// 11: a separator at the end of every prompt.
#[test]
fn check_11_separator() {
    let with: String = ["Open?", "Closed?", "Why?"]
        .iter()
        .map(|q| pc(&format!("{q}\n\n###\n\n"), &format!(" {q} END")))
        .collect();
    let checked = check("a.jsonl", &with);
    assert!(!checked.has("no_separator") && !checked.has("no_stop"), "{:?}", checked.rules());
    let without: String = ["Open?", "Closed?"].iter().map(|q| pc(q, &format!(" {q}!"))).collect();
    let checked = check("a.jsonl", &without);
    assert!(checked.has("no_separator"), "a question mark is text, not a separator");
    assert!(checked.fixed.lines().all(|line| line.contains("?\\n\\n###\\n\\n\"")), "{}", checked.fixed);
    let twice = with.replace("Open?", "Open?\\n\\n###\\n\\nreally");
    assert_eq!(check("a.jsonl", twice).rows("separator_in_text"), [1]);
    assert!(check("a.jsonl", pc("same", " a") + &pc("same", " b")).has("identical_prompts"));
}

/// 12, 13: what all prompts or completions begin with was stripped.
#[test]
fn check_12_and_13_common_beginnings() {
    let rows: String = ["refunds", "orders", "lamps"]
        .iter()
        .map(|q| {
            pc(&format!("Hello, I have a question about {q}"), &format!(" Dear customer, {q} are fine."))
        })
        .collect();
    let checked = check("a.jsonl", &rows);
    assert!(checked.has("common_prompt_start") && checked.has("common_completion_start"));
    assert_eq!(checked.fixed.matches("Hello, I have a question about").count(), 3, "nothing is stripped");
}

/// 14: a stop text at the end of every completion; "." was good enough for it.
#[test]
fn check_14_stop() {
    let rows: String = ["a", "b"].iter().map(|q| pc(&format!("{q} ->"), &format!(" {q} it is."))).collect();
    let checked = check("a.jsonl", rows);
    assert!(checked.has("no_stop") && !checked.has("no_separator"));
    assert!(checked.fixed.lines().all(|line| line.contains(". END\"")));
    assert!(check("a.jsonl", pc("a ->", " same") + &pc("b ->", " same")).has("identical_completions"));
    let rows: String = ["a", "b"].iter().map(|q| pc(q, &format!(" {q} is the END of it END"))).collect();
    assert_eq!(check("a.jsonl", rows).rows("stop_in_text"), [1, 2]);
}

/// 15: completions begin with a space.
#[test]
fn check_15_leading_space() {
    let checked = check("a.jsonl", pc("a", "b") + &pc("c", " d"));
    assert_eq!(checked.rows("no_leading_space"), [1]);
    assert!(checked.fixed.contains("\" b END\""), "{}", checked.fixed);
    assert!(!check_for("together", "a.jsonl", pc("a", "b")).has("no_leading_space"), "a legacy habit");
}

/// 16: its split drew rows by chance, so that the same question stood on both sides.
#[test]
fn check_16_split() {
    let train = check("train.jsonl", many(40));
    let options = ValidateOptions { train: Some(&train.verdict.questions), ..ValidateOptions::default() };
    let valid =
        [good(3), chat(&[("user", "Something else altogether, please?"), ("assistant", "Yes.")])].concat();
    let valid = check_with("valid.jsonl", valid.as_bytes(), &options);
    assert_eq!(valid.rows("in_train_and_valid"), [1]);
}

/// 17, 18: what training takes: by tokens and the published formula, not by rows and pointers.
#[test]
fn check_17_and_18_tokens_and_epochs() {
    let counter = TokenCounter::estimate();
    let options = ValidateOptions { counter: Some(&counter), ..ValidateOptions::default() };
    let tokens = check_with("a.jsonl", many(20).as_bytes(), &options).verdict.tokens.unwrap();
    assert_eq!(tokens.epochs, 5);
    assert_eq!(tokens.billable, tokens.total * 5);
    assert!(tokens.completions < tokens.total);
    assert_eq!(tokens.bars.iter().map(|bar| bar.1).sum::<u64>(), 20);
    assert!((tokens.cost(10.0) - tokens.billable as f64 / 1e5).abs() < 1e-9);
}

// Its bugs.

/// Duplicates dropped first, then long rows by their old positions: the long row stayed and a good one went.
#[test]
fn bug_wrong_row_deleted() {
    let rows = [
        pc("q 1 first", " a"),
        pc("q 1 first", " a"),
        pc("q 3", " c"),
        pc(&"long ".repeat(2500), " d"),
        pc("q 5 SSO?", " e"),
        pc("q 6", " f"),
    ];
    let checked = check_for("openai-legacy", "a.jsonl", rows.concat());
    assert_eq!((checked.rows("duplicate"), checked.rows("too_long")), (vec![2], vec![4]));
    assert!(checked.fixed.contains("SSO?"));
}

/// "NA" and "None" in a CSV were empty cells, and their rows went.
#[test]
fn bug_na_is_a_word() {
    let checked =
        check("a.csv", "prompt,completion\nWhich region?,NA\nWhich add-on?,None\nAnd?,n/a\nNull?,null\n");
    assert_eq!(checked.verdict.rows, 4);
    assert!(checked.verdict.passed());
    // But a spreadsheet's own error is one.
    assert_eq!(check("a.csv", "prompt,completion\nWhich?,#N/A\n").rows("cell_error"), [1]);
}

/// U+2028 went out raw, and slashes were escaped.
#[test]
fn bug_line_separators_and_slashes() {
    let checked =
        check("a.jsonl", "{\"prompt\":\"a\u{2028}b http://example.com/x\",\"completion\":\" c\"}\n");
    assert_eq!(checked.rows("line_separator"), [1]);
    assert!(checked.fixed.contains("a\\u2028b http://example.com/x"), "{}", checked.fixed);
}

/// A CSV in latin-1 was "not valid CSV", and one with a byte order mark fine.
#[test]
fn bug_latin_1() {
    let checked = check("a.csv", b"prompt,completion\nOpen?,Yes.\nGr\xfc\xdfe,x\n");
    assert_eq!(checked.rows("not_utf8"), [2]);
    assert!(check("a.csv", "\u{feff}prompt,completion\nGrüße,Ja.\n").verdict.passed());
}

/// Lists and objects became Python's spelling of them.
#[test]
fn bug_nested_values() {
    let checked = check("a.jsonl", "{\"prompt\":[1],\"completion\":{\"a\":1}}\n");
    assert_eq!(checked.rows("wrong_type"), [1, 1]);
}

/// A one-line file, and a file with nothing but a header.
#[test]
fn bug_small_files() {
    assert!(check("a.jsonl", pc("a", " b")).verdict.passed());
    assert!(check("a.csv", "prompt,completion\n").has("empty_file"));
    assert!(check("a.jsonl", "").has("empty_file"));
    assert!(check("a.jsonl", "\n \n").has("empty_file"));
}

/// Chat files were "prompt missing".
#[test]
fn bug_chat_is_a_format() {
    assert_eq!(check("a.jsonl", good(1)).verdict.format, Some(Format::Messages));
}

/// The long common ending that is a separator was not known for one when text before it was common too.
#[test]
fn bug_common_text_before_the_separator() {
    let rows: String = ["Open", "Closed"]
        .iter()
        .map(|q| pc(&format!("{q}, please?\n\n###\n\n"), &format!(" {q} END")))
        .collect();
    let checked = check("a.jsonl", rows);
    assert!(!checked.has("no_separator") && !checked.has("separator_in_text"), "{:?}", checked.rules());
}

// Bad files: each has its own finding with its row, and none brings anything down.
#[test]
fn bad_files() {
    let ok = good(0);
    let bad = |line: &str| format!("{ok}{line}\n");
    let user = |content: &str| {
        format!(
            "{{\"messages\":[{{\"role\":\"user\",\"content\":{content}}},{{\"role\":\"assistant\",\"content\":\"a\"}}]}}"
        )
    };
    let nest = |n| "[".repeat(n) + &"]".repeat(n);
    // (name, file, rule, row): row 0 is the file.
    let cases: Vec<(&str, Vec<u8>, &str, u64)> = vec![
        ("bom", format!("\u{feff}{ok}").into(), "byte_order_mark", 0),
        (
            "utf-16",
            [&b"\xff\xfe"[..], &ok.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat(),
            "byte_order_mark",
            0,
        ),
        ("blank line", format!("{ok}\n{}", good(1)).into(), "blank_line", 0),
        ("crlf", ok.replace('\n', "\r\n").into(), "crlf", 0),
        ("cr only", (ok.replace('\n', "\r") + &good(1).replace('\n', "\r")).into(), "cr_only", 0),
        ("cut off", format!("{ok}{}", &good(1)[..30]).into(), "not_json", 2),
        ("comma at the end", bad(&format!("{},", good(1).trim())).into(), "not_json", 2),
        ("single quotes", bad("{'messages':[]}").into(), "not_json", 2),
        ("NaN", bad("{\"messages\":NaN}").into(), "not_json", 2),
        ("two objects in a line", bad(&(good(1).trim().to_owned() + good(2).trim())).into(), "not_json", 2),
        ("a list in a line", bad("[1,2]").into(), "not_object", 2),
        ("a text in a line", bad("\"hello\"").into(), "not_object", 2),
        ("deep nesting", bad(&format!("{{\"messages\":{}}}", nest(5000))).into(), "not_json", 2),
        (
            "latin-1",
            [ok.as_bytes(), b"{\"messages\":[{\"role\":\"user\",\"content\":\"Gr\xfc\xdfe\"}]}\n"].concat(),
            "not_utf8",
            2,
        ),
        ("lone surrogate", bad(&user("\"x\\ud83d\"")).into(), "lone_surrogate", 2),
        (
            "doubled key",
            bad(&ok.trim().replace("\"messages\"", "\"messages\":[],\"messages\"")).into(),
            "duplicate_key",
            2,
        ),
        ("other format", bad(pc("a", " b").trim()).into(), "mixed_formats", 2),
        ("unknown format", "{\"foo\":1}\n".into(), "unknown_format", 1),
        ("no messages", bad("{\"messages\":[]}").into(), "no_messages", 2),
        ("null messages", bad("{\"messages\":null}").into(), "null_text", 2),
        ("messages a text", bad("{\"messages\":\"hi\"}").into(), "wrong_type", 2),
        ("null content", bad(&user("null")).into(), "null_text", 2),
        ("number for content", bad(&user("17")).into(), "wrong_type", 2),
        (
            "no content",
            bad("{\"messages\":[{\"role\":\"user\"},{\"role\":\"assistant\",\"content\":\"a\"}]}").into(),
            "missing_field",
            2,
        ),
        (
            "no role",
            bad("{\"messages\":[{\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]}").into(),
            "missing_field",
            2,
        ),
        ("unknown role", bad(chat(&[("human", "q"), ("assistant", "a")]).trim()).into(), "unknown_role", 2),
        (
            "late system",
            bad(chat(&[("user", "q"), ("system", "s"), ("assistant", "a")]).trim()).into(),
            "system_not_first",
            2,
        ),
        (
            "agent first",
            bad(chat(&[("assistant", "a"), ("user", "q"), ("assistant", "b")]).trim()).into(),
            "starts_with_agent",
            2,
        ),
        (
            "two in a row",
            bad(chat(&[("user", "q"), ("user", "q2"), ("assistant", "a")]).trim()).into(),
            "not_alternating",
            2,
        ),
        ("no answer", bad(chat(&[("user", "q")]).trim()).into(), "no_reply", 2),
        (
            "question last",
            bad(chat(&[("user", "q"), ("assistant", "a"), ("user", "r")]).trim()).into(),
            "ends_with_customer",
            2,
        ),
        ("empty answer", bad(chat(&[("user", "q"), ("assistant", "")]).trim()).into(), "empty_completion", 2),
        (
            "white answer",
            bad(chat(&[("user", "q"), ("assistant", " \u{a0}\n")]).trim()).into(),
            "empty_completion",
            2,
        ),
        ("empty question", bad(chat(&[("user", ""), ("assistant", "a")]).trim()).into(), "empty_prompt", 2),
        ("weight 0.5", bad(&user("\"q\"").replace("\"a\"", "\"a\",\"weight\":0.5")).into(), "bad_weight", 2),
        (
            "all weights 0",
            bad(&user("\"q\"").replace("\"a\"", "\"a\",\"weight\":0")).into(),
            "nothing_learned",
            2,
        ),
        (
            "extra field",
            bad(&user("\"q\"").replace("{\"messages\"", "{\"id\":1,\"messages\"")).into(),
            "extra_field",
            2,
        ),
        ("control character", bad(&user("\"a\\u0000b\"")).into(), "control_character", 2),
        ("lost characters", bad(&user("\"Gr\u{fffd}\u{fffd}e\"")).into(), "damaged_text", 2),
        (
            "pretty printed",
            serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&ok).unwrap())
                .unwrap()
                .into(),
            "not_one_per_line",
            0,
        ),
        ("a list", format!("[{},{}]", ok.trim(), good(1).trim()).into(), "not_one_per_line", 0),
        ("a list cut off", format!("[{},{}", ok.trim(), &good(1)[..20]).into(), "not_json", 2),
        ("nothing", Vec::new(), "empty_file", 0),
        ("zeros", vec![0; 1000], "empty_file", 0),
    ];
    assert!(cases.len() >= 30);
    for (name, file, rule, row) in cases {
        let checked = check("bad.jsonl", &file);
        assert!(checked.rows(rule).contains(&row), "{name}: {rule} in row {row}, found {:#?}", checked.found);
        // Every finding of a row says where and what to do.
        assert!(checked.found.iter().all(|f| !f.remedy.is_empty() && !f.message.is_empty()), "{name}");
    }
    // Spreadsheets.
    let cut = format!("prompt,completion\na,{}\n", "x".repeat(32_767));
    for (name, file, rule, row) in [
        ("open quote", "prompt,completion\na,b\n\"c,d\n".as_bytes(), "open_quote", 2),
        ("text after a quote", b"prompt,completion\na,b\n\"c\"x,d\n", "ragged_row", 2),
        ("too many cells", b"prompt,completion\na,b,c\n", "ragged_row", 1),
        ("cut by a program", cut.as_bytes(), "cut_cell", 1),
        ("a program's error", b"prompt,completion\n#REF!,b\n", "cell_error", 1),
        ("no header", b"Where is it?,Here.\nAnd now?,There.\n", "missing_field", 0),
        ("header twice", b"prompt,prompt,completion\na,b,c\n", "duplicate_key", 0),
        ("not a workbook", b"PK\x03\x04rubbish", "unknown_format", 1),
    ] {
        let checked = check("bad.csv", file);
        assert!(checked.rows(rule).contains(&row), "{name}: {rule} in row {row}, found {:#?}", checked.found);
    }
}

#[test]
fn what_is_mended_passes() {
    let messy = [
        "\u{feff}".to_owned(),
        chat(&[("human", "Do you ship to Norway?"), ("bot", "Yes.")]),
        "\r\n".into(),
        chat(&[("user", "One."), ("user", "Two."), ("assistant", "Three."), ("assistant", "Four.")]),
        chat(&[("user", "My operating System: Linux"), ("assistant", "Fine with us.")]),
        good(1).replace("\"messages\"", "\"id\":7,\"messages\""),
        good(1).replace("\"messages\"", "\"id\":7,\"messages\""),
    ]
    .concat();
    for trainer in ["together", "openai"] {
        let first = check_for(trainer, "a.jsonl", &messy);
        assert!(!first.verdict.passed());
        let again = check_for(trainer, "a.jsonl", &first.fixed);
        let left: Vec<&str> = again
            .found
            .iter()
            .filter(|f| f.severity == Severity::Error && f.rule != "too_few")
            .map(|f| f.rule)
            .collect();
        assert!(left.is_empty(), "{trainer}: {left:?} in {}", first.fixed);
        assert_eq!(again.fixed, first.fixed, "mending twice is mending once");
        assert!(first.fixed.contains("One.\\n\\nTwo."), "no word is lost");
    }
    let nova = "{\"schemaVersion\":\"bedrock-conversation-2024\",\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"Operating System: Linux\"}]},{\"role\":\"assistant\",\"content\":[{\"text\":\"Fine.\"}]}]}\n";
    let checked = check_for("bedrock-nova", "a.jsonl", nova);
    assert_eq!(checked.rows("reserved_word"), [1]);
    assert!(checked.fixed.contains("System : Linux"));
    assert!(check_for("bedrock-nova", "my file.jsonl", nova).has("file_name"));
}

#[test]
fn conflicts_refusals_promises_and_personal_data() {
    let mut rows = many(20);
    rows += &chat(&[("user", "Can I return it after a month?"), ("assistant", "Yes, within 60 days.")]);
    rows += &chat(&[("user", "Can I return it after a month?"), ("assistant", "No, only within 14 days.")]);
    rows += &chat(&[
        ("user", "What is in the box of the blue one?"),
        ("assistant", "Sorry, I don\u{2019}t know."),
    ]);
    rows += &chat(&[
        ("user", "And in the box of the red one, please?"),
        ("assistant", "Leider können wir Ihnen nicht weiterhelfen."),
    ]);
    rows += &chat(&[
        ("user", "Where is order 17?"),
        ("assistant", "Thanks for your message. I'll look into it and get back to you."),
    ]);
    rows += &chat(&[("user", "Write to ada@example.com"), ("assistant", "Done.")]);
    let find = |text: &str, _: Role| if text.contains('@') { vec!["EMAIL".to_owned()] } else { vec![] };
    let checked = check_with(
        "a.jsonl",
        rows.as_bytes(),
        &ValidateOptions { personal_data: Some(&find), ..Default::default() },
    );
    assert_eq!(checked.rows("conflicting_answers"), [22]);
    assert_eq!((checked.verdict.conflicts, checked.verdict.refusals), (1, 2));
    assert!(checked.has("refusals"));
    assert_eq!(checked.rows("acknowledgement_only"), [25]);
    assert_eq!(checked.rows("personal_data"), [26]);
    let finding = checked.found.iter().find(|f| f.rule == "personal_data").unwrap();
    assert_eq!((finding.field.as_deref(), finding.message.as_str()), (Some("messages[0].content"), "EMAIL"));
}

#[cfg(feature = "tiktoken")]
#[test]
fn tokens_are_counted_as_the_cookbook_counts() {
    let counter = TokenCounter::for_model("gpt-3.5-turbo").unwrap();
    assert_eq!(counter.name(), "cl100k_base");
    let options = ValidateOptions { counter: Some(&counter), ..ValidateOptions::default() };
    let row =
        chat(&[("system", "You are a helpful assistant."), ("user", "Hello!"), ("assistant", "Hi there!")]);
    let tokens = check_with("a.jsonl", row.as_bytes(), &options).verdict.tokens.unwrap();
    // Three a message, one for its role, its words (6, 2 and 3), three at the end.
    assert_eq!((tokens.total, tokens.completions), (26, 3));
    assert_eq!(TokenCounter::for_model("gpt-4o-mini").unwrap().name(), "o200k_base");
    assert_eq!(counter.count("<|endoftext|>"), 7, "text, not a token of its own");
    assert!(TokenCounter::for_model("abacus-1").is_err());
}

#[test]
fn every_trainer_takes_the_format_to_write_for_it() {
    use threadfold_dataset::{RenderOptions, read_examples};
    let examples: Vec<_> =
        read_examples(Format::Messages, many(64).as_bytes()).map(|example| example.unwrap()).collect();
    for trainer in TRAINERS {
        let format = trainer.formats[0];
        let mut file = Vec::new();
        let options = RenderOptions { system: Some("Be kind.".into()), ..RenderOptions::default() };
        examples.iter().for_each(|e| format.render(e, &options, &mut file));
        let checked = check_for(trainer.name, "train.jsonl", &file);
        assert!(checked.verdict.passed(), "{}: {:?}", trainer.name, checked.found);
        assert_eq!(checked.verdict.format, Some(format), "{}", trainer.name);
    }
}

#[test]
fn mending_leaves_no_more_errors_than_there_were() {
    let file = "{\"instruction\":\"Open?\",\"input\":\"\",\"output\":\"Yes.\"}\n\
                {\"question\":\"Open?\",\"answer\":\"Yes.\"}\n";
    let mut fixed = Vec::new();
    let verdict =
        validate(Cursor::new(file), &ValidateOptions::default(), Some(&mut fixed), &mut |_| {}).unwrap();
    assert_eq!((verdict.errors, verdict.errors_left), (1, 1));
}

#[test]
fn an_end_that_is_there_is_not_put_there_again() {
    let row = "{\"prompt\":\"Open?\\n\\n###\\n\\n\",\"completio`n\":\" Yes. END\"}\n";
    assert_eq!(check("a.jsonl", row).fixed, row);
}

#[test]
fn an_object_that_is_cut_off_goes_over_as_it_is() {
    let whole = "[\n{\"prompt\":\"Open?\",\n\"completion\":\"Yes.\"},\n";
    let checked = check("a.json", format!("{whole}{{\"prompt\":\"Late"));
    assert!(checked.has("not_json") && checked.fixed.ends_with("{\"prompt\":\"Late\n"), "{}", checked.fixed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// No input brings it down, and the buffer's size makes no difference.
    #[test]
    fn nothing_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..80),
        shape in "[{}\\[\\]\",:;a\\\\u\n\r=]{0,60}",
        keys in prop::sample::subsequence(vec!["messages", "prompt", "completion", "contents", "conversations",
            "instruction", "output", "turns", "text", "question", "answer", "chosen", "rejected", "input", "system"], 0..5),
        value in prop::sample::select(vec!["null", "1", "\"a\"", "[]", "[{}]", "{}", "[[\"a\",\"b\"]]",
            "[{\"role\":\"user\",\"content\":\"\\ud800\"}]", "[{\"from\":1,\"value\":null}]", "[{\"role\":\"model\",\"parts\":[{}]}]"]),
        trainer in 0..TRAINERS.len(),
    ) {
        let object = format!("{{{}}}\n", keys.iter().map(|k| format!("\"{k}\":{value}")).collect::<Vec<_>>().join(","));
        let options = ValidateOptions { trainer: Some(&TRAINERS[trainer]), ..ValidateOptions::default() };
        for input in [bytes, shape.clone().into_bytes(), object.into_bytes(), format!("prompt,completion\n{shape}").into()] {
            for name in ["a.jsonl", "a.csv", "a.txt", "a"] {
                let options = ValidateOptions { file_name: Some(name), ..options };
                let whole = check_with(name, &input, &options);
                let mut found = Vec::new();
                let tiny = BufReader::with_capacity(1, Cursor::new(&input));
                validate(tiny, &options, None, &mut |f| found.push(f)).unwrap();
                prop_assert_eq!(&found, &whole.found);
            }
        }
    }
}
