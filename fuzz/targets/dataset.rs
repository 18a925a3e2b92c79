//! Dataset files: any bytes, read by the validator and by all readers.
//!
//! Findings name rows that are there and rules that exist; mending what was mended changes nothing; whatever
//! can be read comes back from the canonical record as it was.
//!
//! The first byte chooses the file's name and whose rules are asked about.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use threadfold_dataset::{
    ConvertOptions, FORMATS, Finding, Format, RULES, Severity, TRAINERS, ValidateOptions, Verdict, convert,
    read_examples, validate,
};
use threadfold_fuzz::mutate;

const PIECES: &[&str] = &[
    "{\"messages\":[{\"role\":\"user\",\"content\":\"Open?\"},{\"role\":\"assistant\",\"content\":\"Yes.\"}]}\n",
    "{\"prompt\":\"Open?\\n\\n###\\n\\n\",\"completion\":\" Yes. END\"}\n",
    "{\"prompt\":[{\"role\":\"user\",\"content\":\"a\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"b\"}]}\n",
    "{\"instruction\":\"a\",\"input\":\"\",\"output\":\"b\",\"system\":\"\",\"history\":[[\"c\",\"d\"]]}\n",
    "{\"conversations\":[{\"from\":\"human\",\"value\":\"a\"},{\"from\":\"gpt\",\"value\":\"b\"}]}\n",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"b\"}]}]}\n",
    "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n",
    "{\"text\":\"a\"}\n",
    "{\"question\":\"a\",\"answer\":\"b\"}\n",
    "prompt,completion\n",
    "\"a\"\"b\",c\n",
    "a;b\n",
    "a\tb\n",
    "\"",
    ",",
    "'=1+1,",
    "\"multi\nline\",x\n",
    "[Customer]\na\n\n[Agent]\nb\n",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null,",
    "true",
    "1.0",
    "\"role\":",
    "\"system\"",
    "\"weight\":1.0,",
    "\"weight\":true,",
    "\"content\":\"\"",
    "\"\\ud83d\"",
    "\\u0000",
    "\\n",
    "\u{feff}",
    "\u{2028}",
    "\"role\":\"Assistant\",",
    "\"role\":\"customer\",",
    " END",
    "\\n\\n###\\n\\n",
    "\r\n",
    "\n\n",
    "\u{a0}",
    "{\"id\":\"a\",\"thread\":\"t\",\"turns\":[{\"role\":\"customer\",\"author\":\"x\",\"date\":null,\"message_id\":null,\"recovered\":false,\"text\":\"q\"},{\"role\":\"agent\",\"author\":\"y\",\"date\":\"2024-03-01T09:12:00Z\",\"message_id\":\"<a@b>\",\"recovered\":true,\"text\":\"r\"}],\"language\":\"en\",\"tokens\":3,\"variant_of\":null,\"locators\":[\"a:0+1\"],\"flags\":[\"recovered_turn\"]}\n",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, |b| matches!(b, b'\n' | b',' | b'}' | b']'), PIECES)
});

fn check(file: &[u8], options: &ValidateOptions<'_>) -> (Vec<Finding>, Verdict, Vec<u8>) {
    let mut found = Vec::new();
    let verdict = validate(Cursor::new(file), options, None, &mut |f| found.push(f)).expect("no I/O fails");
    let mut fixed = Vec::new();
    let mending = validate(Cursor::new(file), options, Some(&mut fixed), &mut |_| {}).expect("no I/O fails");
    assert_eq!((mending.rows, mending.format), (verdict.rows, verdict.format));
    // What rows have in common is said of the mended ones.
    assert!(mending.errors == verdict.errors || !mending.fixed.is_empty());
    assert!(mending.errors_left <= mending.errors);
    (found, mending, fixed)
}

fuzz_target!(|data: &[u8]| {
    let Some((&flags, file)) = data.split_first() else { return };
    let names =
        ["train.jsonl", "train.json", "train.csv", "train.tsv", "train.txt", "train", "valid.ndjson", "a.b"];
    let trainer = usize::from(flags / 8).checked_sub(1).map(|n| &TRAINERS[n % TRAINERS.len()]);
    let options =
        ValidateOptions { file_name: Some(names[usize::from(flags % 8)]), trainer, ..Default::default() };
    let (found, verdict, fixed) = check(file, &options);
    for f in &found {
        assert!(RULES.iter().any(|r| r.name == f.rule), "{}", f.rule);
        assert!(f.row.is_none_or(|row| row >= 1 && row <= verdict.rows), "{f:?} of {}", verdict.rows);
        let lines = file.split(|b| *b == b'\n' || *b == b'\r').count() as u64;
        assert!(f.line.is_none_or(|line| line >= 1 && line <= lines), "{f:?} of {lines}");
    }
    let errors = found.iter().filter(|f| f.severity == Severity::Error).count() as u64;
    assert!(errors == verdict.errors || !verdict.fixed.is_empty());
    // What is no JSON, or no text at all, is written as it stands, over however many lines, and may look like a
    // file of another kind once no blank stands before it.
    let broken = verdict.container == "json" && verdict.errors_left > 0
        || found.iter().any(|f| matches!(f.rule, "not_json" | "not_utf8"));
    if !fixed.is_empty() && !broken && matches!(verdict.container, "jsonl" | "json" | "csv" | "tsv") {
        // What holds the rows may have changed: a table of a .txt file, say.
        let name = match verdict.container {
            _ if fixed.starts_with(b"{\"") => "train.jsonl",
            "tsv" => "train.tsv",
            "csv" => "train.csv",
            _ => "train.json",
        };
        let again = ValidateOptions { file_name: Some(name), ..options };
        let (_, second, twice) = check(&fixed, &again);
        assert_eq!(
            String::from_utf8_lossy(&twice),
            String::from_utf8_lossy(&fixed),
            "mended twice: {:?}",
            second.fixed
        );
    }

    for info in FORMATS {
        let examples: Vec<_> = read_examples(info.format, file).take(50).collect();
        for example in examples.iter().flatten() {
            assert!(!example.turns.is_empty());
        }
    }
    let (mut canonical, mut back) = (Vec::new(), Vec::new());
    let options = ConvertOptions::default();
    if let Ok(report) = convert(Cursor::new(file), None, Format::Canonical, &mut canonical, &options) {
        let again =
            convert(Cursor::new(&canonical), Some(Format::Canonical), Format::Canonical, &mut back, &options)
                .unwrap_or_else(|e| panic!("we wrote it: {e}\n{}", String::from_utf8_lossy(&canonical)));
        assert_eq!(again.examples, report.examples);
        assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(&canonical));
        for info in FORMATS {
            let mut out = Vec::new();
            let done =
                convert(Cursor::new(&canonical), Some(Format::Canonical), info.format, &mut out, &options);
            let Ok(report) = done else { continue };
            if report.examples > 0 && report.left_out == 0 && info.format == Format::Csv {
                let mut came = Vec::new();
                let r = convert(Cursor::new(&out), Some(info.format), Format::Canonical, &mut came, &options)
                    .unwrap_or_else(|e| panic!("we wrote it: {e}\n{}", String::from_utf8_lossy(&out)));
                assert_eq!(r.examples, report.examples);
            }
        }
    }
});
