//! The auditor: whatever was changed in an export since is found.

use std::path::Path;

use serde_json::Value;
use threadfold::dataset::{Format, RenderOptions, example_id};
use threadfold::{Example, Role};

use crate::support::Dir;

fn edit(path: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(path, lines.concat()).unwrap();
}

/// Changes an example as whoever knows the program would: its id, its ledger lines and all files follow.
fn forge(out: &Path, change: impl Fn(&mut Vec<Example>)) {
    let path = out.join("examples.jsonl");
    let read = |path: &Path| -> Vec<Example> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    };
    let mut examples = read(&path);
    let before = examples.clone();
    change(&mut examples);
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
    let render = RenderOptions {
        separator: report["separators"]["separator"].as_str().unwrap().to_owned(),
        stop: report["separators"]["stop"].as_str().unwrap().to_owned(),
        ..RenderOptions::default()
    };
    for (old, new) in before.iter().zip(&mut examples) {
        new.id = example_id(&new.turns);
        new.tokens = new.turns.iter().map(|t| threadfold::dataset::estimate_tokens(&t.text)).sum();
        let files = ["train", "valid"].map(|part| {
            [
                (Format::Messages, format!("{part}.messages.jsonl")),
                (Format::PromptCompletion, format!("{part}.prompt_completion.jsonl")),
            ]
        });
        let rest =
            [(Format::Canonical, "examples.jsonl".to_owned()), (Format::Csv, "dataset.csv".to_owned())];
        for (format, name) in files.into_iter().flatten().chain(rest) {
            let (mut was, mut is) = (Vec::new(), Vec::new());
            format.render(old, &render, &mut was);
            format.render(new, &render, &mut is);
            let file = out.join(name);
            let text = std::fs::read_to_string(&file).unwrap();
            std::fs::write(
                &file,
                text.replace(&String::from_utf8(was).unwrap(), &String::from_utf8(is).unwrap()),
            )
            .unwrap();
        }
        let ledger = std::fs::read_to_string(out.join("ledger.jsonl")).unwrap();
        std::fs::write(out.join("ledger.jsonl"), ledger.replace(&old.id, &new.id)).unwrap();
    }
}

/// What is done, what the audit must say, and whether it can only be seen beside the mail.
type Tampering = (&'static str, fn(&Path), &'static str, bool);

const TAMPERINGS: &[Tampering] = &[
    (
        "a ledger line taken out",
        |d| edit(&d.join("ledger.jsonl"), |l| drop(l.remove(9))),
        "counts are not those of the ledger",
        false,
    ),
    (
        "a ledger line taken out, seen beside the mail",
        |d| edit(&d.join("ledger.jsonl"), |l| drop(l.remove(9))),
        "has no line for the message at",
        true,
    ),
    (
        "a ledger line twice",
        |d| edit(&d.join("ledger.jsonl"), |l| l.insert(9, l[9].clone())),
        "line 11: is about the same message as line 10",
        false,
    ),
    (
        "two ledger lines swapped",
        |d| edit(&d.join("ledger.jsonl"), |l| l.swap(4, 5)),
        "stands before that of the line above",
        false,
    ),
    (
        "a ledger line moved by a byte",
        |d| edit(&d.join("ledger.jsonl"), |l| l[0] = l[0].replacen("mbox:0+", "mbox:1+", 1)),
        "line 1: is about a message that the input does not have",
        true,
    ),
    (
        "a message's id",
        |d| {
            edit(&d.join("ledger.jsonl"), |l| {
                l[3] = l[3].replacen("\"message_id\":\"<", "\"message_id\":\"<x", 1)
            })
        },
        "line 4: has another Message-ID",
        true,
    ),
    (
        "a fate",
        |d| {
            edit(&d.join("ledger.jsonl"), |l| {
                let line = l.iter_mut().find(|l| l.contains("\"dropped\"")).unwrap();
                *line = line.replacen("\"dropped\"", "\"used\"", 1);
            })
        },
        "is used and",
        false,
    ),
    (
        "a reason",
        |d| {
            edit(&d.join("ledger.jsonl"), |l| {
                let line = l.iter_mut().find(|l| l.contains("\"unanswered\"")).unwrap();
                *line = line.replacen("\"unanswered\"", "\"bulk\"", 1);
            })
        },
        "counts are not those of the ledger",
        false,
    ),
    (
        "a reason that there is not",
        |d| {
            edit(&d.join("ledger.jsonl"), |l| {
                let line = l.iter_mut().find(|l| l.contains("\"unanswered\"")).unwrap();
                *line = line.replacen("\"unanswered\"", "\"boring\"", 1);
            })
        },
        "for a reason that there is not",
        false,
    ),
    (
        "the ledger's end",
        |d| edit(&d.join("ledger.jsonl"), |l| l.last_mut().unwrap().truncate(20)),
        "is no ledger line",
        false,
    ),
    (
        "a last line without its end",
        |d| edit(&d.join("ledger.jsonl"), |l| l.last_mut().unwrap().retain(|c| c != '\n')),
        "has no line end",
        false,
    ),
    (
        "a ledger line of another shape",
        |d| edit(&d.join("ledger.jsonl"), |l| l[0].insert(1, ' ')),
        "line 1: is not written as an export writes it",
        false,
    ),
    (
        "an example named in another line",
        |d| {
            edit(&d.join("ledger.jsonl"), |l| {
                let used: Vec<usize> = (0..l.len()).filter(|i| l[*i].contains("\"used\"")).collect();
                let id = |line: &str| line.rsplit_once("[\"").unwrap().1[..32].to_owned();
                let (a, b) = (
                    id(&l[used[0]]),
                    l.iter()
                        .filter(|l| l.contains("\"used\""))
                        .map(|l| id(l))
                        .find(|i| *i != id(&l[used[0]]))
                        .unwrap(),
                );
                l[used[0]] = l[used[0]].replace(&a, &b);
            })
        },
        "is not made of the messages that the ledger says",
        false,
    ),
    (
        "a word of a turn",
        |d| edit(&d.join("examples.jsonl"), |l| l[7] = l[7].replacen("\"text\":\"", "\"text\":\"Indeed ", 1)),
        "line 8: has an id that its turns do not give",
        false,
    ),
    (
        "a word of a turn, the id with it",
        |d| forge(d, |e| e[7].turns[1].text.push_str(" Surely.")),
        "line 8: turn 2 does not stand in its source",
        true,
    ),
    (
        "lines of a turn in another order",
        |d| {
            forge(d, |e| {
                let turn = e
                    .iter_mut()
                    .flat_map(|e| &mut e.turns)
                    .find(|t| t.text.lines().filter(|l| !l.is_empty()).count() > 2)
                    .unwrap();
                let mut lines: Vec<&str> = turn.text.lines().collect();
                lines.reverse();
                turn.text = lines.join("\n");
            })
        },
        "does not stand in its source",
        true,
    ),
    (
        "words given to the other side",
        |d| {
            forge(d, |e| {
                let [a, b] = &mut e[7].turns[..2] else { panic!() };
                std::mem::swap(&mut a.text, &mut b.text);
            })
        },
        "line 8: turn 1 does not stand in its source",
        true,
    ),
    (
        "a turn's date",
        |d| forge(d, |e| e[7].turns[0].date = Some("2020-01-01T00:00:00Z".to_owned())),
        "line 8: turn 1 does not stand in its source",
        true,
    ),
    (
        "another message as a turn's source",
        |d| forge(d, |e| e[7].turns[0].message_id = Some("<other@example.com>".to_owned())),
        "line 8: turn 1 does not stand in its source",
        true,
    ),
    (
        "an agent's message as a customer's",
        |d| {
            forge(d, |e| {
                // The first turn says what the agent of another example said.
                let said = e[9].turns[1].clone();
                let at = e[9].locators.clone();
                e[7].turns[0] = threadfold::Turn { role: Role::Customer, ..said };
                e[7].locators.extend(at);
            })
        },
        "speaks for one side",
        true,
    ),
    (
        "an example taken out",
        |d| edit(&d.join("examples.jsonl"), |l| drop(l.remove(7))),
        "which is not there",
        false,
    ),
    (
        "an example twice",
        |d| edit(&d.join("examples.jsonl"), |l| l.push(l[7].clone())),
        "has the id of an earlier example",
        false,
    ),
    (
        "two examples swapped",
        |d| edit(&d.join("examples.jsonl"), |l| l.swap(7, 8)),
        "is not what line 8 of examples.jsonl renders to",
        false,
    ),
    (
        "an example's source",
        |d| edit(&d.join("examples.jsonl"), |l| l[7] = l[7].replacen("mbox:", "mbox:1", 1)),
        "line 8: is not made of the messages",
        false,
    ),
    (
        "an example's number of tokens",
        |d| edit(&d.join("examples.jsonl"), |l| l[7] = l[7].replacen("\"tokens\":", "\"tokens\":1", 1)),
        "line 8: has a number of tokens",
        false,
    ),
    (
        "an example that is none",
        |d| edit(&d.join("examples.jsonl"), |l| l[7] = "{}\n".to_owned()),
        "line 8: is no example",
        false,
    ),
    (
        "an example in another thread",
        |d| {
            edit(&d.join("examples.jsonl"), |l| {
                // All threads become one: then some of it stands on either side.
                let thread = |line: &str| line.split_once("\"thread\":\"").unwrap().1[..32].to_owned();
                let first = thread(&l[0]);
                l.iter_mut().for_each(|line| *line = line.replace(&thread(line), &first));
            })
        },
        "stands on the other side of the split",
        false,
    ),
    (
        "a row of a training file",
        |d| {
            edit(&d.join("train.messages.jsonl"), |l| {
                l[2] = l[2].replacen("\"content\":\"", "\"content\":\"No. ", 1)
            })
        },
        "train.messages.jsonl, line 3: is not what",
        false,
    ),
    (
        "a row of a training file taken out",
        |d| edit(&d.join("train.messages.jsonl"), |l| drop(l.remove(2))),
        "train.messages.jsonl, line 3: is not what",
        false,
    ),
    (
        "the last row of a training file taken out",
        |d| edit(&d.join("train.prompt_completion.jsonl"), |l| drop(l.pop())),
        "train.prompt_completion.jsonl",
        false,
    ),
    (
        "a row added to a validation file",
        |d| edit(&d.join("valid.messages.jsonl"), |l| l.push(l[0].clone())),
        "goes on behind the last example",
        false,
    ),
    (
        "two rows swapped",
        |d| edit(&d.join("train.messages.jsonl"), |l| l.swap(2, 3)),
        "train.messages.jsonl, line 3: is not what",
        false,
    ),
    (
        "a row moved to validation",
        |d| {
            let mut row = String::new();
            edit(&d.join("train.messages.jsonl"), |l| row = l.remove(2));
            edit(&d.join("valid.messages.jsonl"), |l| l.push(row));
        },
        "train.messages.jsonl, line 3: is not what",
        false,
    ),
    (
        "a cell of the spreadsheet",
        |d| edit(&d.join("dataset.csv"), |l| l[4].insert(3, 'x')),
        "dataset.csv, line",
        false,
    ),
    (
        "a row added to the spreadsheet",
        |d| edit(&d.join("dataset.csv"), |l| l.push("a,b\n".to_owned())),
        "dataset.csv, line",
        false,
    ),
    (
        "the spreadsheet's head",
        |d| edit(&d.join("dataset.csv"), |l| drop(l.remove(0))),
        "dataset.csv, line 1: does not start with the head",
        false,
    ),
    (
        "a count of the report",
        |d| {
            edit(&d.join("report.json"), |l| {
                let line = l.iter_mut().find(|l| l.contains("\"dropped\": ")).unwrap();
                *line = "    \"dropped\": 1,\n".to_owned();
            })
        },
        "counts are not those of the ledger",
        false,
    ),
    (
        "the report's number of examples",
        |d| {
            edit(&d.join("report.json"), |l| {
                let line = l.iter_mut().find(|l| l.contains("\"valid\": ")).unwrap();
                *line = "    \"valid\": 1,\n".to_owned();
            })
        },
        "do not add up",
        false,
    ),
    (
        "what the report says of lengths",
        |d| {
            edit(&d.join("report.json"), |l| {
                let line = l.iter_mut().find(|l| l.contains("\"median\": ")).unwrap();
                *line = "        \"median\": 1,\n".to_owned();
            })
        },
        "examples.stats is not what the examples add up to",
        false,
    ),
    (
        "a separator of the legacy format",
        |d| {
            edit(&d.join("report.json"), |l| {
                let line = l.iter_mut().find(|l| l.contains("\"stop\": ")).unwrap();
                *line = "    \"stop\": \" STOP\"\n".to_owned();
            })
        },
        "prompt_completion.jsonl, line 1: is not what",
        false,
    ),
    (
        "a word of the page",
        |d| edit(&d.join("report.html"), |l| l[5].push('x')),
        "report.html: is not as the export wrote it",
        false,
    ),
    (
        "the reasons of two messages swapped",
        |d| {
            edit(&d.join("ledger.jsonl"), |l| {
                let find = |l: &[String], what: &str| l.iter().position(|l| l.contains(what)).unwrap();
                let (a, b) = (find(l, "\"unanswered\""), find(l, "\"spam\""));
                l[a] = l[a].replacen("\"unanswered\"", "\"spam\"", 1);
                l[b] = l[b].replacen("\"spam\"", "\"unanswered\"", 1);
            })
        },
        "ledger.jsonl: is not as the export wrote it",
        false,
    ),
    (
        "an example's language",
        |d| {
            edit(&d.join("examples.jsonl"), |l| {
                l[7] = l[7].replacen("\"language\":\"", "\"language\":\"x", 1)
            })
        },
        "examples.jsonl: is not as the export wrote it",
        false,
    ),
    (
        "an example's flag",
        |d| {
            edit(&d.join("examples.jsonl"), |l| {
                l[7] =
                    l[7].replacen("\"flags\":[", "\"flags\":[\"stale_answer\",", 1).replacen("\",]", "\"]", 1)
            })
        },
        "answers.stale is not how many examples have that flag",
        false,
    ),
    (
        "the seed",
        |d| {
            edit(&d.join("report.json"), |l| {
                let line = l.iter_mut().find(|l| l.contains("\"seed\": ")).unwrap();
                *line = "    \"seed\": 7,\n".to_owned();
            })
        },
        "report.json: is not as the export wrote it",
        false,
    ),
    (
        "the report written by another program",
        |d| {
            let text = std::fs::read_to_string(d.join("report.json")).unwrap();
            let report: Value = serde_json::from_str(&text).unwrap();
            std::fs::write(d.join("report.json"), report.to_string()).unwrap();
        },
        "report.json: is not as the export wrote it",
        false,
    ),
    (
        "the page taken out",
        |d| std::fs::remove_file(d.join("report.html")).unwrap(),
        "report.html: is missing",
        false,
    ),
    (
        "a file added",
        |d| std::fs::write(d.join("more.txt"), "x").unwrap(),
        "more.txt: does not belong",
        false,
    ),
    (
        "a hidden file added",
        |d| std::fs::write(d.join(".more"), "x").unwrap(),
        ".more: does not belong",
        false,
    ),
    ("a folder added", |d| std::fs::create_dir(d.join("mlx")).unwrap(), "mlx: does not belong", false),
    (
        "a file taken out",
        |d| std::fs::remove_file(d.join("valid.messages.jsonl")).unwrap(),
        "valid.messages.jsonl: is missing",
        false,
    ),
    (
        "the ledger taken out",
        |d| std::fs::remove_file(d.join("ledger.jsonl")).unwrap(),
        "ledger.jsonl: is missing",
        false,
    ),
    (
        "the examples taken out",
        |d| std::fs::remove_file(d.join("examples.jsonl")).unwrap(),
        "examples.jsonl: is missing",
        false,
    ),
    (
        "a file that is a link",
        |d| {
            let (file, aside) = (d.join("dataset.csv"), d.parent().unwrap().join("aside.csv"));
            std::fs::rename(&file, &aside).unwrap();
            #[cfg(unix)]
            std::os::unix::fs::symlink(&aside, &file).unwrap();
        },
        "dataset.csv: is",
        false,
    ),
    (
        "a message of the mail",
        |d| {
            let inbox = d.parent().unwrap().join("in.mbox");
            let mut mail = std::fs::read(&inbox).unwrap();
            mail.extend_from_slice(
                b"\nFrom x@example.com Mon Jan  1 10:00:00 2024\nFrom: late@example.com\n\nLate.\n",
            );
            std::fs::write(inbox, mail).unwrap();
        },
        "has no line for the message",
        true,
    ),
];

#[test]
fn whatever_is_changed_is_found() {
    let dir = Dir::new();
    let mail = std::fs::read(crate::support::fixtures().join("shop.mbox")).unwrap();
    dir.write("box.mbox", &mail).write("in.mbox", &mail);
    let ran = dir.run("export in.mbox -o whole --no-redact --split 0.2 --quiet");
    assert_eq!(ran.status, 0, "{ran:?}");
    let mut missed = Vec::new();
    for (what, tamper, says, beside_mail) in TAMPERINGS {
        copied(&dir, "whole");
        dir.write("in.mbox", &mail);
        tamper(&dir.path("out"));
        let alone = dir.run("audit out --quiet");
        let beside = dir.run("audit out in.mbox --quiet");
        let ran = if *beside_mail { &beside } else { &alone };
        if ran.status != 1 || !ran.stdout.lines().any(|l| l.contains(says)) {
            missed.push(format!("{what}: no {says:?} in {}\n{}", ran.status, ran.stdout));
        }
        if beside.status != 1 || (*beside_mail && alone.stdout.contains(says)) {
            missed.push(format!("{what}: {} beside the mail\n{}", beside.status, beside.stdout));
        }
    }
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), TAMPERINGS.len(), missed.join("\n"));
}

#[test]
fn tampered_families_are_found() {
    let dir = Dir::new();
    let ran = dir.run("export {fixtures}/shop.mbox -o out --no-redact --variants 1 --unknowns 0.05 --quiet");
    assert_eq!(ran.status, 0, "{ran:?}");
    let whole = dir.read("out/variants.jsonl");
    assert!(whole.lines().count() > 5);
    let first = whole.lines().next().unwrap();
    let of = first.split_once("\"variant_of\":\"").unwrap().1[..32].to_owned();
    let other = whole
        .lines()
        .find_map(|l| l.split_once("\"variant_of\":\"").map(|x| &x.1[..32]).filter(|x| **x != of));
    for (changed, says) in [
        (whole.split_once('\n').unwrap().1.to_owned(), "variants.jsonl does not know it"),
        (whole.replacen(&of, other.unwrap(), 1), "rewords another example than variants.jsonl says"),
        (format!("{whole}{first}\n"), "is about the same example as an earlier line"),
        (whole.replacen("\"id\":\"", "\"id\":\"x", 1), "says of no example where it comes from"),
    ] {
        dir.write("out/variants.jsonl", changed);
        let ran = dir.run("audit out --quiet");
        assert_eq!(ran.status, 1);
        assert!(ran.stdout.contains(says), "{says}: {}", ran.stdout);
    }
}

/// A copy of an export, to be changed.
fn copied(dir: &Dir, whole: &str) {
    let _ = std::fs::remove_dir_all(dir.path("out"));
    std::fs::create_dir(dir.path("out")).unwrap();
    for name in crate::support::names(&dir.path(whole)) {
        std::fs::copy(dir.path(whole).join(&name), dir.path("out").join(&name)).unwrap();
    }
}
