//! However the mail is stored, and however many threads work: the same dataset.

use std::io::Write;

use crate::support::{Dir, Ran, fixtures, json_lines};

/// The bundled mailbox cut at its separator lines (its own `>From ` escapes undone), as a person would
/// with a script: no code shared with the program.
fn messages() -> Vec<String> {
    let mbox = std::fs::read_to_string(fixtures().join("shop.mbox"))
        .unwrap_or_else(|_| latin1(&std::fs::read(fixtures().join("shop.mbox")).unwrap()));
    let mut out: Vec<String> = Vec::new();
    for line in mbox.split_inclusive('\n') {
        if line.starts_with("From ") {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            let unquoted = line.trim_start_matches('>');
            let line = if unquoted.starts_with("From ") && line.starts_with('>') { &line[1..] } else { line };
            last.push_str(line);
        }
    }
    out
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| b as char).collect()
}

/// The bytes again, for a mailbox that is not UTF-8 as a whole.
fn bytes(message: &str) -> Vec<u8> {
    let whole = std::fs::read(fixtures().join("shop.mbox")).unwrap();
    if std::str::from_utf8(&whole).is_ok() {
        message.as_bytes().to_vec()
    } else {
        message.chars().map(|c| c as u32 as u8).collect()
    }
}

fn without_locators(examples: &str) -> Vec<serde_json::Value> {
    let mut lines = json_lines(examples);
    for line in &mut lines {
        line.as_object_mut().unwrap().remove("locators");
    }
    lines
}

fn export(dir: &Dir, input: &str, out: &str, more: &str) -> Ran {
    let ran = dir.run(&format!("export {input} -o {out}{more}"));
    assert!(ran.status == 0, "{ran:?}");
    ran
}

#[test]
fn mbox_maildir_eml_folder_and_zip_give_the_same_examples() {
    let dir = Dir::new();
    let messages = messages();
    assert!(messages.len() >= 120);
    for sub in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(dir.path("maildir").join(sub)).unwrap();
    }
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("Takeout/Mail/All mail.mbox", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&std::fs::read(fixtures().join("shop.mbox")).unwrap()).unwrap();
    dir.write("takeout.zip", zip.finish().unwrap().into_inner());
    for (i, m) in messages.iter().enumerate() {
        // Names in another order than the mailbox's: the examples must not hang on it.
        let n = (i * 37) % messages.len();
        dir.write(&format!("maildir/cur/{n:04}.M1P1.host:2,S"), bytes(m));
        dir.write(&format!("eml/{}/{i:04}.eml", n % 3), bytes(m));
    }
    export(&dir, "{fixtures}/shop.mbox", "a", " --no-redact");
    let want = without_locators(&dir.read("a/examples.jsonl"));
    assert!(!want.is_empty());
    for (input, out) in [("maildir", "b"), ("eml", "c"), ("takeout.zip", "d")] {
        export(&dir, input, out, " --no-redact");
        let got = without_locators(&dir.read(&format!("{out}/examples.jsonl")));
        for (g, w) in got.iter().zip(&want) {
            assert_eq!(g, w, "{input}");
        }
        assert_eq!(got.len(), want.len(), "{input}");
    }
}

#[test]
fn one_thread_and_several_give_identical_bytes() {
    let dir = Dir::new();
    for mode in [" --no-redact", " --examples every"] {
        export(&dir, "{fixtures}/shop.mbox", "one", &format!("{mode} --threads 1 --force"));
        for n in [2, 5] {
            export(&dir, "{fixtures}/shop.mbox", "many", &format!("{mode} --threads {n} --force"));
            let names = crate::support::names(&dir.path("one"));
            assert_eq!(crate::support::names(&dir.path("many")), names);
            for name in names {
                assert!(
                    dir.read(&format!("one/{name}")) == dir.read(&format!("many/{name}")),
                    "{name} differs"
                );
            }
        }
    }
}

#[test]
fn stdin_is_an_archive_too() {
    let dir = Dir::new();
    let mbox = std::fs::read(fixtures().join("shop.mbox")).unwrap();
    let ran = dir.run_with("export - -o out --no-redact", &mbox);
    assert_eq!(ran.status, 0, "{ran:?}");
    export(&dir, "{fixtures}/shop.mbox", "want", " --no-redact");
    assert_eq!(
        without_locators(&dir.read("out/examples.jsonl")),
        without_locators(&dir.read("want/examples.jsonl"))
    );
}
