//! Answers that are out of date or contradict each other: flagged, left out, shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Dir, json_lines, names};

const TOWNS: [&str; 12] = [
    "Ashford", "Brixwell", "Camden", "Dunmore", "Elford", "Fenwick", "Garston", "Hapton", "Ilford", "Jarrow",
    "Kelby", "Linton",
];
const NAMES: [&str; 12] = [
    "Ada Quill",
    "Bo Marsh",
    "Cy Fell",
    "Di Rowan",
    "Eve Thorn",
    "Flo Heath",
    "Gus Wold",
    "Hal Reed",
    "Ivy Stone",
    "Jo Brook",
    "Kit Dale",
    "Lou Field",
];

/// A shop that changed its opening hours in July, never agreed on its shipping price, and sells vouchers. Twelve
/// customers ask each, a month apart.
fn mailbox() -> String {
    let mut mails = Vec::new();
    let mut number = 0;
    for month in 0..12 {
        let hours = if month < 6 { "from 9am to 5pm" } else { "from 10:00 to 18:00" };
        let price = if month % 2 == 0 { "$5.00" } else { "$7.00" };
        let (town, name) = (TOWNS[month], NAMES[month]);
        let asked =
            ["What are your opening hours?", "When are you open? Your opening hours please."][month % 2];
        let talks = [
            ("Opening hours", asked.to_owned(), format!("We are open {hours}, every day of the week.")),
            (
                "Shipping",
                "What does shipping cost for one kettle?".to_owned(),
                format!("Shipping costs {price} for one kettle, wherever you live."),
            ),
            (
                "Vouchers",
                "Do you sell gift vouchers that I can print?".to_owned(),
                "Gift vouchers are sold at the till and on our site, and you can print them at home."
                    .to_owned(),
            ),
        ];
        for (day, (subject, question, answer)) in talks.into_iter().enumerate() {
            let address = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
            let date = |hour: usize| {
                let names =
                    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
                format!("{:02} {} 2023 {hour:02}:00:00 +0000", day + 3, names[month])
            };
            let (q, a) = (number, number + 1);
            number += 2;
            mails.push(format!(
                "From x Mon Jan  2 10:00:00 2023\nFrom: {name} <{address}>\nTo: help@kettles.example.org\nSubject: {subject} {month}\nMessage-ID: <{q}@example.com>\nDate: {}\n\nHello,\n\n{question} I live in {town}.\n\nThank you\n{name}\n\n",
                date(9)
            ));
            mails.push(format!(
                "From x Mon Jan  2 10:00:00 2023\nFrom: Kettles <help@kettles.example.org>\nTo: {address}\nSubject: Re: {subject} {month}\nMessage-ID: <{a}@example.com>\nIn-Reply-To: <{q}@example.com>\nReferences: <{q}@example.com>\nDate: {}\n\nHello {},\n\n{answer} Greetings to {town}!\n\nKettles\n\n",
                date(11),
                name.split(' ').next().unwrap()
            ));
        }
    }
    mails.concat()
}

struct Exported {
    dir: Dir,
    examples: Vec<serde_json::Value>,
    report: serde_json::Value,
    /// Dropped messages by reason, from the ledger.
    dropped: BTreeMap<String, usize>,
}

fn export(words: &str) -> Exported {
    let dir = Dir::new();
    dir.write("box.mbox", mailbox());
    let ran = dir.run(format!("export box.mbox -o out --agent help@kettles.example.org {words}").trim_end());
    assert_eq!(ran.status, 0, "{ran:?}");
    let examples = json_lines(&dir.read("out/examples.jsonl"));
    let ids: BTreeSet<&str> = examples.iter().map(|e| e["id"].as_str().unwrap()).collect();
    let report: serde_json::Value = serde_json::from_str(&dir.read("out/report.json")).unwrap();
    let mut dropped = BTreeMap::new();
    let (mut read, mut used) = (0, 0);
    for line in json_lines(&dir.read("out/ledger.jsonl")) {
        read += 1;
        let stands_in: Vec<&str> =
            line["examples"].as_array().unwrap().iter().map(|e| e.as_str().unwrap()).collect();
        assert!(stands_in.iter().all(|id| ids.contains(id)), "{line}: names an example that is not there");
        if line["fate"] == "used" {
            used += 1;
            assert!(!stands_in.is_empty(), "{line}");
        } else {
            *dropped.entry(line["reason"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    let counts = &report["counts"];
    assert_eq!((counts["read"].as_u64(), counts["used"].as_u64()), (Some(read), Some(used)));
    assert_eq!(counts["dropped"].as_u64(), Some(dropped.values().sum::<usize>() as u64));
    assert_eq!(report["examples"]["all"].as_u64(), Some(examples.len() as u64));
    let lines = |name: &str| dir.read(&format!("out/{name}")).lines().count();
    assert_eq!(lines("train.messages.jsonl") + lines("valid.messages.jsonl"), examples.len());
    assert_eq!(lines("valid.messages.jsonl") as u64, report["examples"]["valid"].as_u64().unwrap());
    Exported { dir, examples, report, dropped }
}

fn flagged(examples: &[serde_json::Value], flag: &str) -> usize {
    examples.iter().filter(|e| e["flags"].as_array().unwrap().iter().any(|f| f == flag)).count()
}

#[test]
fn by_default_they_are_only_flagged() {
    for redact in ["--redact", "--no-redact"] {
        let e = export(redact);
        assert_eq!(e.examples.len(), 36);
        assert!(e.dropped.is_empty(), "{:?}", e.dropped);
        assert_eq!(flagged(&e.examples, "stale_answer"), 6, "{redact}");
        assert_eq!(flagged(&e.examples, "inconsistent_answer"), 12, "{redact}");
        assert_eq!(e.report["examples"]["stats"]["flags"]["stale_answer"], 6);
        assert_eq!(e.report["answers"]["stale"], 6);
        assert_eq!(e.report["answers"]["left_out"], 0);
        let csv = e.dir.read("out/dataset.csv");
        assert_eq!(csv.matches("stale_answer").count(), 6);
        let page = e.dir.read("out/report.html");
        // People are told apart even where their names were taken out.
        assert!(page.contains("12<span>people"), "{redact}");
        assert!(!page.contains("Ada"), "{redact}: the page shows a question, not who asked it");
    }
}

#[test]
fn stale_answers_are_dropped_and_accounted_for() {
    for redact in ["--redact", "--no-redact"] {
        let e = export(&format!("{redact} --drop-stale --threads 1"));
        assert_eq!(e.examples.len(), 30);
        assert_eq!(e.dropped, BTreeMap::from([("stale_answer".to_owned(), 12)]));
        assert_eq!(e.report["answers"]["left_out"], 6);
        for name in names(&e.dir.path("out")).iter().filter(|n| *n != "report.html") {
            assert!(!e.dir.read(&format!("out/{name}")).contains("9am to 5pm"), "{name}");
        }
        let more = export(&format!("{redact} --drop-stale --threads 3"));
        for name in names(&e.dir.path("out")) {
            let path = format!("out/{name}");
            assert_eq!(e.dir.read(&path), more.dir.read(&path), "{name}");
        }
    }
}

#[test]
fn inconsistent_answers_are_held_back() {
    let e = export("--no-redact --hold-inconsistent");
    assert_eq!(e.dropped, BTreeMap::from([("inconsistent_answer".to_owned(), 24)]));
    assert_eq!(flagged(&e.examples, "stale_answer"), 6);
    let e = export("--no-redact --hold-inconsistent --drop-stale --examples every");
    assert_eq!(e.examples.len(), 18);
    assert!(e.dir.read("out/report.html").contains("Left out: inconsistent answer 24, stale answer 12"));
}

#[test]
fn no_variant_is_made_of_what_was_left_out() {
    let e = export("--no-redact --drop-stale --hold-inconsistent --split 0.1 --variants 1");
    let variants = e.examples.iter().filter(|e| !e["variant_of"].is_null()).count();
    assert!(variants > 0);
    let all = e.dir.read("out/examples.jsonl");
    assert!(!all.contains("9am to 5pm") && !all.contains("Shipping costs"));
}

#[test]
fn without_a_report_nothing_is_compared() {
    let e = export("--no-redact --no-report");
    assert!(!names(&e.dir.path("out")).contains(&"report.html".to_owned()));
    assert_eq!(flagged(&e.examples, "stale_answer"), 0);
    assert!(e.report["answers"].is_null());
    // Dropping needs the comparison, not the page.
    let e = export("--no-redact --no-report --drop-stale");
    assert!(!names(&e.dir.path("out")).contains(&"report.html".to_owned()));
    assert_eq!(e.dropped["stale_answer"], 12);
}
