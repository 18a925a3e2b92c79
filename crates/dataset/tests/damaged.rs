//! Files that are damaged in ways that came out of fuzzing.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::io::Cursor;

use threadfold_dataset::{Finding, ValidateOptions, Verdict, validate};

fn looked_at(file: &[u8], name: &str) -> (Vec<Finding>, Verdict, Vec<u8>) {
    let options = ValidateOptions { file_name: Some(name), ..ValidateOptions::default() };
    let (mut found, mut mended) = (Vec::new(), Vec::new());
    let verdict = validate(Cursor::new(file), &options, Some(&mut mended), &mut |f| found.push(f)).unwrap();
    (found, verdict, mended)
}

#[test]
fn half_a_pair_of_utf_16_is_a_finding_in_every_kind_of_file() {
    let text = "prompt,completion\nWhere are you?,Teasel Lane\n";
    let mut file = b"\xff\xfe".to_vec();
    file.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    for cut in [&b"\x3c\xd8"[..], b"\x31", b"\x3c\xd8\x3c\xd8", b"\x00\xdc\x31\x00"] {
        let file = [&file[..], cut].concat();
        for name in ["train.csv", "train.tsv", "train.txt", "train.jsonl", "train.json", "train"] {
            let (found, verdict, _) = looked_at(&file, name);
            assert!(found.iter().any(|f| f.rule == "not_utf8"), "{name} {cut:?}: {found:?}");
            assert!(verdict.errors_left > 0 && verdict.errors_left <= verdict.errors, "{name}: {verdict:?}");
        }
    }
}

#[test]
fn marks_of_files_put_together_are_taken_out() {
    let row = |n: u32| format!("{{\"prompt\":\"{n}?\\n\\n###\\n\\n\",\"completion\":\" Yes {n}. END\"}}\n");
    let file = format!("\u{feff}\u{feff}{}{}\n\u{feff}{}", row(1), row(2), row(3));
    let (found, verdict, mended) = looked_at(file.as_bytes(), "train.jsonl");
    assert_eq!(verdict.errors_left, 0, "{found:?}");
    assert_eq!(String::from_utf8(mended).unwrap(), row(1) + &row(2) + &row(3));
    let at: Vec<_> = found.iter().filter(|f| f.rule == "byte_order_mark").map(|f| f.line).collect();
    assert_eq!(at, [Some(1), Some(1)]);
    // Behind lines that are nothing, and in front of what is no JSON.
    let (_, _, mended) = looked_at("\n\n\u{feff}Mo\n\u{feff}\n".as_bytes(), "train.jsonl");
    assert_eq!(mended, b"Mo\n");
}

#[test]
fn a_weight_of_another_form_means_what_it_is_mended_to() {
    for (weight, learned) in [("0.0", false), ("false", false), ("1.0", true), ("true", true)] {
        let row = format!(
            "{{\"messages\":[{{\"role\":\"user\",\"content\":\"Open?\"}},\
             {{\"role\":\"assistant\",\"content\":\"Yes.\",\"weight\":{weight}}}]}}\n"
        );
        let (found, verdict, _) = looked_at(row.as_bytes(), "train.jsonl");
        let nothing = found.iter().any(|f| f.rule == "nothing_learned");
        assert_eq!(nothing, !learned, "{weight}: {found:?}");
        assert!(verdict.errors_left <= verdict.errors, "{weight}: {verdict:?}");
    }
}

#[test]
fn a_key_that_stands_there_twice() {
    let first = "{\"messages\":[{\"role\":\"user\",\"content\":\"Open?\"},\
                 {\"role\":\"assistant\",\"content\":\"Yes.\"}]}\n";
    for message in [
        "{   \"role\": \"ast\",\"role\":\"Asst\",\"content\":\" E\"}",
        "{\"role\":\"user\",\"role\":\"customer\",\"content\":\"Yes.\"}",
        "{\"role\":\"user\",\"content\":\"a\",\"content\":\"b\",\"role\":\"user\"}",
        "{\"a\":1,\"a\":1,\"a\":2,\"a\":2,\"role\":\"user\"}",
    ] {
        for row in [format!("{{\"messages\":[{message}]}}\n"), format!("{message}\n")] {
            let (_, verdict, mended) = looked_at(format!("{first}{row}").as_bytes(), "train.jsonl");
            assert!(verdict.errors_left <= verdict.errors, "{row}: {verdict:?}");
            let (_, _, twice) = looked_at(&mended, "train.jsonl");
            assert_eq!(String::from_utf8(twice).unwrap(), String::from_utf8(mended).unwrap(), "{row}");
        }
    }
}

#[test]
fn a_row_of_another_format_is_handed_on_as_it_is() {
    let legacy = "{\"prompt\":\"Open?\\n\\n###\\n\\n\",\"completion\":\" Yes. END\"}\n";
    let chat = "{\"messages\":[{\"role\":\"user\",\"content\":\"Open?\"},{\"role\":\"Assistant\",\"content\":\"Yes.\"}],\
                \"prompt\":null}\n";
    for other in [chat, "{\"text\":\"a\",\"weight\":1.0}\n", "{\"messages\":[],\"completion\":7}\n"] {
        let (found, verdict, mended) = looked_at(format!("{legacy}{other}").as_bytes(), "train.jsonl");
        let of_row: Vec<_> = found.iter().filter(|f| f.row == Some(2)).map(|f| f.rule).collect();
        assert_eq!(of_row, ["mixed_formats"], "{other}");
        assert_eq!(String::from_utf8(mended).unwrap(), format!("{legacy}{other}"));
        assert!(verdict.errors_left <= verdict.errors, "{other}: {verdict:?}");
    }
}
