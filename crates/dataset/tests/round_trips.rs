//! Whole files through every format and back, with the texts that hurt.

// The helpers are as much test code as the tests.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use proptest::prelude::*;
use threadfold_dataset::{
    Carried, ConvertOptions, ConvertReport, CsvDelimiter, Error, Example, FORMATS, Flag, Format, ReadOptions,
    RenderOptions, Role, Turn, convert, example_id, read_examples,
};

/// Texts made of what quoting, guards, markers and line ends stumble over.
fn text() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        prop::sample::select(vec![
            "\"",
            "'",
            "\n",
            "\r",
            "\r\n",
            "\t",
            ",",
            ";",
            "|",
            "=",
            "+",
            "-",
            "@",
            "\\",
            " ",
            "[Customer]",
            "[agent]",
            "[System]\n",
            "\n\n###\n\n",
            " END",
            "👍",
            "שלום",
            "\u{2028}",
            "\u{2029}",
            "\u{85}",
            "\u{feff}",
            "\u{a0}",
            "é",
            "\u{1}",
            "#",
            "{}",
            "17",
            "TRUE",
            "日本語",
            "System:",
            "\nHuman:",
            "x",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
    ];
    // A row is not an example without a word in it; what surrounds the word is free.
    (prop::collection::vec(bit.clone(), 0..5), prop::collection::vec(bit, 0..5))
        .prop_map(|(before, after)| format!("{}w{}", before.concat(), after.concat()))
}

fn turn(role: Role) -> impl Strategy<Value = Turn> {
    (
        text(),
        "\\PC{0,6}",
        prop::option::of(Just("2024-03-01T09:12:00Z".to_owned())),
        prop::option::of("<[a-z\",;]{1,5}@example\\.com>"),
        any::<bool>(),
    )
        .prop_map(move |(text, author, date, message_id, recovered)| Turn {
            role,
            author,
            date,
            message_id,
            recovered,
            text,
        })
}

fn example() -> impl Strategy<Value = Example> {
    let flags = prop::sample::subsequence(
        vec![Flag::AcknowledgementOnly, Flag::UncertainReply, Flag::RecoveredTurn, Flag::AttachmentNeeded],
        0..=4,
    );
    (
        (
            turn(Role::Customer),
            prop::collection::vec((turn(Role::Agent), turn(Role::Customer)), 0..3),
            turn(Role::Agent),
        ),
        "[0-9a-f]{8}",
        prop::option::of(Just("de".to_owned())),
        0u64..5000,
        prop::option::of("[0-9a-f]{8}".prop_map(String::from)),
        prop::collection::vec("\\PC{1,8}:[0-9]{1,3}", 0..3),
        flags,
        prop::option::of(text()),
    )
        .prop_map(
            |((first, middle, last), thread, language, tokens, variant_of, locators, flags, foreign_id)| {
                let mut turns = vec![first];
                turns.extend(middle.into_iter().flat_map(|(agent, customer)| [agent, customer]));
                turns.push(last);
                // Ids of our own making mostly; an import may have brought others.
                let id = foreign_id.unwrap_or_else(|| example_id(&turns));
                Example { id, thread, turns, language, tokens, variant_of, locators, flags }
            },
        )
}

fn examples() -> impl Strategy<Value = Vec<Example>> {
    prop::collection::vec(example(), 1..4)
}

fn file(examples: &[Example], format: Format, options: &RenderOptions) -> Vec<u8> {
    let mut out = Vec::new();
    format.header(options, &mut out);
    examples.iter().for_each(|e| format.render(e, options, &mut out));
    out
}

fn converted(
    input: &[u8],
    from: Option<Format>,
    to: Format,
    options: &ConvertOptions,
) -> (Vec<u8>, ConvertReport) {
    let mut out = Vec::new();
    let report = convert(Cursor::new(input), from, to, &mut out, options).unwrap();
    (out, report)
}

fn said(examples: &[Example]) -> Vec<Vec<(Role, &str)>> {
    examples.iter().map(|e| e.turns.iter().map(|t| (t.role, t.text.as_str())).collect()).collect()
}

fn read_all(format: Format, bytes: &[u8]) -> Vec<Example> {
    read_examples(format, bytes).map(|e| e.unwrap()).collect()
}

/// What a spreadsheet program makes of a file when it saves it again.
fn resaved(bytes: &[u8], delimiter: u8, line_end: &str, columns: &[usize], quote_all: bool) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut out = "\u{feff}".as_bytes().to_vec();
    for record in reader.records() {
        let record = record.unwrap();
        let cells: Vec<String> = columns
            .iter()
            .map(|&i| {
                let cell = &record[i];
                let special = cell.contains(['"', '\n', '\r', delimiter as char]);
                if special || quote_all {
                    format!("\"{}\"", cell.replace('"', "\"\""))
                } else {
                    cell.to_owned()
                }
            })
            .collect();
        out.extend_from_slice(cells.join(&(delimiter as char).to_string()).as_bytes());
        out.extend_from_slice(line_end.as_bytes());
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn nothing_is_lost_through_canonical_and_csv(examples in examples(), delimiter in 0..3, bom in any::<bool>()) {
        let csv_delimiter = [CsvDelimiter::Comma, CsvDelimiter::Semicolon, CsvDelimiter::Tab][delimiter as usize];
        let render = RenderOptions { csv_delimiter, csv_byte_order_mark: bom, ..RenderOptions::default() };
        let options = ConvertOptions { render: render.clone(), ..ConvertOptions::default() };
        let canonical = file(&examples, Format::Canonical, &render);
        prop_assert_eq!(&read_all(Format::Canonical, &canonical), &examples);

        let (csv, report) = converted(&canonical, None, Format::Csv, &options);
        prop_assert!(report.lost.is_empty());
        let (back, report) = converted(&csv, None, Format::Canonical, &options);
        prop_assert_eq!((report.from, report.edited, report.unchanged), (Format::Csv, 0, examples.len() as u64));
        prop_assert_eq!(String::from_utf8(back.clone()).unwrap(), String::from_utf8(canonical).unwrap());
        let (again, _) = converted(&back, None, Format::Csv, &options);
        prop_assert_eq!(again, csv);
    }

    #[test]
    fn a_saved_spreadsheet_is_the_same_dataset(
        examples in examples(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
        columns in Just((0..10).collect::<Vec<usize>>()).prop_shuffle(),
        quote_all in any::<bool>(),
        utf16 in any::<bool>(),
    ) {
        let csv = file(&examples, Format::Csv, &RenderOptions::default());
        let mut saved = resaved(&csv, delimiter, line_end, &columns, quote_all);
        if utf16 {
            saved = String::from_utf8(saved).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        prop_assert_eq!(read_all(Format::Csv, &saved), examples);
    }

    #[test]
    fn two_columns_are_enough_for_the_words(examples in examples()) {
        // A marker behind a lone carriage return is a marker once some program has turned all line ends.
        prop_assume!(!examples.iter().flat_map(|e| &e.turns).any(|turn| turn.text.contains("\r[")));
        let csv = file(&examples, Format::Csv, &RenderOptions::default());
        let mut expected = examples;
        // Without the check values nobody can tell which carriage returns were meant.
        for turn in expected.iter_mut().flat_map(|e| &mut e.turns) {
            turn.text = turn.text.replace("\r\n", "\n").replace('\r', "\n");
        }
        let read = read_all(Format::Csv, &resaved(&csv, b',', "\n", &[1, 0], false));
        prop_assert_eq!(said(&read), said(&expected));
    }

    #[test]
    fn messages_keep_every_word_and_the_id(examples in examples(), system in prop::option::of(text())) {
        let options = RenderOptions { system: system.clone(), last_reply_only: true, ..RenderOptions::default() };
        let lines = file(&examples, Format::Messages, &options);
        let text = std::str::from_utf8(&lines).unwrap();
        let line_ends = ['\u{2028}', '\u{2029}', '\u{85}', '\r'];
        prop_assert!(!text.contains(line_ends), "raw line ends in {}", text);
        prop_assert_eq!(text.lines().count(), examples.len());
        let read = read_all(Format::Messages, &lines);
        prop_assert_eq!(said(&read), said(&examples));
        for (read, example) in read.iter().zip(&examples) {
            prop_assert_eq!(&read.id, &example_id(&example.turns));
        }
        // The system text goes along from row to row.
        let (again, report) = converted(&lines, None, Format::Messages, &ConvertOptions {
            render: RenderOptions { last_reply_only: true, ..RenderOptions::default() }, ..Default::default() });
        prop_assert_eq!(again, lines);
        prop_assert!(!report.lost.contains_key(&Carried::System));
    }

    /// Every format to every other, by way of the canonical record: turns, roles and the system text stay.
    #[test]
    fn every_format_to_every_format(
        examples in examples(),
        system in prop::option::of(text()),
        pair in (0..FORMATS.len(), 0..FORMATS.len()),
    ) {
        let (first, second) = (FORMATS[pair.0].format, FORMATS[pair.1].format);
        if !first.holds_every_example() || !second.holds_every_example() {
            return Ok(());
        }
        let canonical = file(&examples, Format::Canonical, &RenderOptions::default());
        let render = RenderOptions { system: system.clone(), ..RenderOptions::default() };
        let mut texts: Vec<Vec<(Role, String)>> = examples.iter()
            .map(|e| e.turns.iter().map(|t| (t.role, t.text.clone())).collect()).collect();
        let mut kept_system = system;
        let mut bytes = canonical;
        let mut from = Format::Canonical;
        let mut read = ReadOptions::default();
        for to in [first, Format::Canonical, second, Format::Canonical] {
            // The canonical record has no place for a system text; it is given anew.
            let render = if to.info().roles.system.is_some() { render.clone() } else { RenderOptions::default() };
            let options = ConvertOptions { read: read.clone(), render, ..ConvertOptions::default() };
            let (out, report) = converted(&bytes, Some(from), to, &options);
            read = ReadOptions::default();
            if let Some(pair) = report.written_delimiters {
                read = ReadOptions { separator: Some(pair.separator), stop: Some(pair.stop) };
            }
            if to.info().reserved.iter().any(|word| word.contains(':')) {
                // Bedrock's words are respelled, and stay so.
                for text in texts.iter_mut().flatten() {
                    text.1 = to.respelled(&text.1).into_owned();
                }
                kept_system = kept_system.map(|text| to.respelled(&text).into_owned());
            }
            if to.info().roles.system.is_some() && to != Format::PromptCompletion {
                prop_assert_eq!(threadfold_dataset::sniff(&out[..]).is_ok(), true);
            }
            (bytes, from) = (out, to);
        }
        let back = read_all(Format::Canonical, &bytes);
        let said: Vec<Vec<(Role, String)>> = back.iter()
            .map(|e| e.turns.iter().map(|t| (t.role, t.text.clone())).collect()).collect();
        prop_assert_eq!(said, texts, "{} and {}", first, second);
    }

    #[test]
    fn legacy_and_back(examples in examples(), system in prop::option::of(text())) {
        let canonical = file(&examples, Format::Canonical, &RenderOptions::default());
        let render = RenderOptions { system, ..RenderOptions::default() };
        let (legacy, report) =
            converted(&canonical, None, Format::PromptCompletion, &ConvertOptions { render, ..Default::default() });
        let pair = report.written_delimiters.unwrap();
        // One row has too little to tell delimiters from text by; several with the usual pair do.
        let read = ReadOptions { separator: Some(pair.separator), stop: Some(pair.stop) };
        let (back, report) =
            converted(&legacy, None, Format::Canonical, &ConvertOptions { read, ..Default::default() });
        prop_assert_eq!(report.from, Format::PromptCompletion);
        let read = read_all(Format::Canonical, &back);
        prop_assert_eq!(said(&read), said(&examples));
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), shape in "[{}\\[\\]\",:;a\n\r=]{0,40}") {
        for format in FORMATS.iter().map(|info| info.format) {
            for input in [bytes.clone(), shape.clone().into_bytes(), format!("prompt,completion,turns\n{shape}").into()] {
                let _ = read_examples(format, &input[..]).count();
                let _ = convert(Cursor::new(&input), None, format, &mut Vec::new(), &ConvertOptions::default());
            }
        }
    }
}

fn plain(turns: &[(Role, &str)]) -> Example {
    let turns: Vec<Turn> = turns
        .iter()
        .enumerate()
        .map(|(i, (role, text))| Turn {
            role: *role,
            author: format!("author {i}"),
            date: Some(format!("2024-03-0{}T00:00:00Z", i + 1)),
            message_id: Some(format!("<{i}@example.com>")),
            recovered: false,
            text: (*text).to_owned(),
        })
        .collect();
    Example {
        id: example_id(&turns),
        thread: "thread".into(),
        turns,
        language: Some("en".into()),
        tokens: 1234,
        variant_of: None,
        locators: vec!["box:0+1".into()],
        flags: vec![Flag::RecoveredTurn],
    }
}

use Role::{Agent, Customer};

#[test]
fn the_files_look_like_this() {
    let example =
        plain(&[(Customer, "Where is \"it\"?"), (Agent, "Which one?"), (Customer, "=17"), (Agent, "- Here")]);
    let options =
        RenderOptions { system: Some("Be kind.".into()), last_reply_only: true, ..RenderOptions::default() };
    let shown = |format| String::from_utf8(file(std::slice::from_ref(&example), format, &options)).unwrap();
    assert_eq!(
        shown(Format::Messages),
        "{\"messages\":[{\"role\":\"system\",\"content\":\"Be kind.\"},\
         {\"role\":\"user\",\"content\":\"Where is \\\"it\\\"?\"},\
         {\"role\":\"assistant\",\"content\":\"Which one?\",\"weight\":0},\
         {\"role\":\"user\",\"content\":\"=17\"},{\"role\":\"assistant\",\"content\":\"- Here\",\"weight\":1}]}\n"
    );
    assert_eq!(
        shown(Format::PromptCompletion),
        "{\"prompt\":\"[System]\\nBe kind.\\n\\n[Customer]\\nWhere is \\\"it\\\"?\\n\\n[Agent]\\nWhich one?\\n\\n\
         [Customer]\\n=17\\n\\n###\\n\\n\",\"completion\":\" - Here END\"}\n"
    );
    let csv = shown(Format::Csv);
    let start = "\u{feff}prompt,completion,id,thread,language,tokens,variant_of,flags,locators,turns\r\n\
         \"[Customer]\nWhere is \"\"it\"\"?\n\n[Agent]\nWhich one?\n\n[Customer]\n=17\",'- Here,";
    assert!(csv.starts_with(start), "{csv}");
    assert!(csv.contains(",thread,en,1234,,recovered_turn,\"[\"\"box:0+1\"\"]\",\""), "{csv}");
    assert!(shown(Format::Canonical).starts_with("{\"id\":\""));
}

#[test]
fn an_edited_row_gets_a_new_id_and_keeps_what_is_still_true() {
    let example = plain(&[
        (Customer, "Where is it?"),
        (Agent, "Which one?"),
        (Customer, "Teh blue one"),
        (Agent, "Soon."),
    ]);
    let untouched = plain(&[(Customer, "Open?"), (Agent, "Yes.")]);
    let csv = file(&[example.clone(), untouched.clone()], Format::Csv, &RenderOptions::default());
    let csv = String::from_utf8(csv).unwrap();

    let edited = csv.replace("Teh blue", "The blue");
    let (out, report) = converted(edited.as_bytes(), None, Format::Canonical, &ConvertOptions::default());
    assert_eq!((report.edited, report.unchanged), (1, 1));
    let read = read_all(Format::Canonical, &out);
    assert_eq!(read[1], untouched);
    assert_eq!(read[0].turns[2], Turn { text: "The blue one".into(), ..example.turns[2].clone() });
    assert_eq!(read[0].id, example_id(&read[0].turns));
    assert_ne!(read[0].id, example.id);
    assert_ne!(read[0].tokens, 1234, "counted again");
    assert_eq!(
        (&read[0].thread, &read[0].language, &read[0].flags),
        (&example.thread, &example.language, &example.flags)
    );

    // A turn taken out: the others keep their authors.
    let shortened =
        csv.replace("[Customer]\nWhere is it?\n\n[Agent]\nWhich one?\n\n[Customer]\nTeh", "[Customer]\nTeh");
    let read = read_all(Format::Csv, shortened.as_bytes());
    assert_eq!(read[0].turns, example.turns[2..]);

    // A turn put in: nobody is made its author.
    let longer =
        csv.replace("\n\n[Agent]\nWhich", "\n\n[Agent]\nHello.\n\n[Customer]\nHi.\n\n[Agent]\nWhich");
    let read = read_all(Format::Csv, longer.as_bytes());
    assert_eq!(read[0].turns.len(), 6);
    assert_eq!(read[0].turns[0], example.turns[0]);
    assert_eq!(read[0].turns[3..], example.turns[1..]);
    assert_eq!(read[0].turns[1].author, "");
    assert_eq!(read[0].turns[1].date, None);

    // A completion that became a mere promise says so.
    let promise = csv.replace("Soon.", "I'll look into it.");
    assert!(read_all(Format::Csv, promise.as_bytes())[0].flags.contains(&Flag::AcknowledgementOnly));
}

#[test]
fn line_ends_that_a_program_turned_are_no_edit() {
    let example = plain(&[(Customer, "a\nb"), (Agent, "c\nd"), (Customer, "e"), (Agent, "f\ng")]);
    let csv = String::from_utf8(file(std::slice::from_ref(&example), Format::Csv, &RenderOptions::default()))
        .unwrap();
    for line_end in ["\r\n", "\r"] {
        let turned = csv.replace("\r\n", "\n").replace('\n', line_end);
        let (out, report) =
            converted(turned.as_bytes(), Some(Format::Csv), Format::Canonical, &ConvertOptions::default());
        assert_eq!(report.unchanged, 1, "{turned:?}");
        assert_eq!(read_all(Format::Canonical, &out), std::slice::from_ref(&example));
    }
}

#[test]
fn a_cell_that_excel_cut_is_not_taken_for_an_edit() {
    let example = plain(&[(Customer, &"long é ".repeat(5000)), (Agent, "ok then")]);
    let csv = String::from_utf8(file(&[example], Format::Csv, &RenderOptions::default())).unwrap();
    let (start, rest) = csv.split_at(csv.find("long").unwrap());
    let (prompt, rest) = rest.split_at(rest.rfind("long é \",").unwrap() + "long é ".len());
    let cut: String = prompt.chars().take(32_767).collect();
    let error =
        read_examples(Format::Csv, format!("{start}{cut}{rest}").as_bytes()).next().unwrap().unwrap_err();
    assert!(error.to_string().contains("prompt was cut"), "{error}");
}

#[test]
fn what_a_format_cannot_carry_is_counted() {
    let example = plain(&[(Customer, "q"), (Customer, "more"), (Agent, "a")]);
    let canonical = file(&[example], Format::Canonical, &RenderOptions::default());
    let (out, report) = converted(&canonical, None, Format::Messages, &ConvertOptions::default());
    use Carried::*;
    let lost: Vec<Carried> = report.lost.keys().copied().collect();
    assert_eq!(lost, [Thread, TurnBorders, Author, Date, MessageId, Language, Tokens, Locators, Flags]);
    assert!(String::from_utf8(out).unwrap().contains("\"q\\n\\nmore\""), "trainers want strict alternation");
}

#[test]
fn foreign_legacy_files_are_understood() {
    let file = "{\"prompt\":\"Open on Sunday?\\n\\n###\\n\\n\",\"completion\":\" No. END\"}\r\n\r\n\
         {\"completion\":\" Yes. END\",\"prompt\":\"Open on Monday?\\n\\n###\\n\\n\",\"note\":1}\r\n";
    let (out, report) = converted(file.as_bytes(), None, Format::Canonical, &ConvertOptions::default());
    assert_eq!(report.read_delimiters.unwrap(), threadfold_dataset::Delimiters::default());
    let read = read_all(Format::Canonical, &out);
    assert_eq!(said(&read)[1], [(Customer, "Open on Monday?"), (Agent, "Yes.")]);

    // No delimiters at all: nothing is taken off, the full stops are text.
    let file = "{\"prompt\":\"a?\",\"completion\":\"b.\"}\n{\"prompt\":\"c?\",\"completion\":\"d.\"}\n";
    let (out, _) = converted(file.as_bytes(), None, Format::Canonical, &ConvertOptions::default());
    assert_eq!(said(&read_all(Format::Canonical, &out))[0], [(Customer, "a?"), (Agent, "b.")]);
}

#[test]
fn delimiters_that_must_be_kept_are_refused_when_met() {
    let canonical =
        file(&[plain(&[(Customer, "THE END"), (Agent, "a")])], Format::Canonical, &RenderOptions::default());
    let options = ConvertOptions { keep_delimiters: true, ..ConvertOptions::default() };
    let error = convert(Cursor::new(&canonical), None, Format::PromptCompletion, &mut Vec::new(), &options)
        .unwrap_err();
    assert!(matches!(&error, Error::DelimiterInText { which: "stop", .. }), "{error}");
    let (out, report) = converted(&canonical, None, Format::PromptCompletion, &ConvertOptions::default());
    assert_eq!(report.written_delimiters.unwrap().stop, " [END]");
    assert!(String::from_utf8(out).unwrap().contains("a [END]"));
}

#[test]
fn errors_say_where_and_what_was_expected() {
    let ok =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]}";
    for (format, text, expected) in [
        (Format::Messages, format!("{ok}\n\n{{"), "messages, line 3 (row 2): EOF while parsing"),
        (
            Format::Messages,
            ok.replace("assistant", "user"),
            "messages, line 1: expected a customer's turn and an agent's answer, found none",
        ),
        (
            Format::Messages,
            ok.replace("assistant", "tool"),
            "expected the role system, user or assistant, found \"tool\"",
        ),
        (Format::Messages, ok.replace("\"a\"", "null"), "expected content in every message"),
        (Format::Messages, ok.replace("\"q\"", "\"\\ud800\""), "line 1: "),
        (
            Format::Csv,
            "question,answer\n1,2\n".into(),
            "csv, line 1: expected a header with the columns prompt and",
        ),
        (
            Format::Csv,
            "prompt,completion\n\"a\nb\",c\n\"d,e\n".into(),
            "csv, line 4 (row 2): a quoted cell starts in line 4",
        ),
        (
            Format::Csv,
            "prompt,completion\na,b\nc,\n".into(),
            "csv, line 3 (row 2): expected a completion, found none",
        ),
        (
            Format::Csv,
            "prompt,completion\na,b,c\n".into(),
            "expected at most 2 cells as in the header, found 3",
        ),
        (Format::Csv, "prompt,completion,flags\na,b,red\n".into(), "column flags: \"red\" is not a flag"),
        (Format::Csv, "prompt,completion,prompt\n".into(), "expected each column once"),
        (Format::PromptCompletion, "{\"prompt\":\"a\"}".into(), "missing field `completion`"),
        (Format::Canonical, "[1]".into(), "expected {\"id\",\"thread\""),
    ] {
        let error = read_examples(format, text.as_bytes()).find_map(Result::err).unwrap().to_string();
        assert!(error.contains(expected), "{error:?} should say {expected:?}");
    }
    let error = read_examples(Format::Csv, &b"prompt,completion\na,b\nGr\xfc\xdfe,x\n"[..])
        .nth(1)
        .unwrap()
        .unwrap_err();
    assert!(error.to_string().contains("CSV UTF-8"), "{error}");
}

#[test]
fn reading_goes_on_after_a_bad_row() {
    let text = "prompt,completion\na,b\n,\n,c\nd,e\n";
    let rows: Vec<bool> = read_examples(Format::Csv, text.as_bytes()).map(|row| row.is_ok()).collect();
    assert_eq!(rows, [true, false, true], "the blank row is no row");
}
