//! Wrong input: one clear line, exit status 1 or 2, nothing written.

use std::io::Write;

use crate::support::Dir;

const MAIL: &str = "From a@example.com Mon Jan  1 10:00:00 2024\nFrom: Ada <a@example.com>\nTo: shop@example.org\nSubject: Hours?\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom shop@example.org Mon Jan  1 11:00:00 2024\nFrom: shop@example.org\nTo: a@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n\n";

fn refused(dir: &Dir, words: &str, status: i32, says: &[&str]) {
    let before = dir.names();
    let ran = dir.run(words);
    assert_eq!(ran.status, status, "{ran:?}");
    assert_eq!(ran.stdout, "");
    let errors: Vec<&str> = ran.stderr.lines().filter(|l| l.contains("error")).collect();
    assert_eq!(errors.len(), 1, "{ran:?}");
    for word in says {
        assert!(errors[0].contains(word), "{word:?} not in {ran:?}");
    }
    assert_eq!(dir.names(), before, "something was written");
}

#[test]
fn a_path_that_is_not_there() {
    refused(&Dir::new(), "export nowhere.mbox -o out", 1, &["nowhere.mbox"]);
}

#[test]
fn an_empty_file() {
    let dir = Dir::new();
    dir.write("empty.mbox", "");
    refused(&dir, "export empty.mbox -o out", 1, &["empty.mbox", "empty"]);
}

#[test]
fn a_picture() {
    let dir = Dir::new();
    dir.write(
        "photo.jpg",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xdb\0C\0\x08\x06\x06\x07",
    );
    refused(&dir, "export photo.jpg -o out", 1, &["photo.jpg"]);
}

#[test]
fn a_folder_without_mail() {
    let dir = Dir::new();
    dir.write("notes/todo.txt", "water the plants\n");
    refused(&dir, "export notes -o out", 1, &["notes"]);
}

#[test]
fn an_agent_that_never_occurs() {
    let dir = Dir::new();
    dir.write("in.mbox", MAIL);
    refused(&dir, "export in.mbox -o out --agent nobody@example.net", 2, &["nobody@example.net"]);
}

#[test]
fn an_output_folder_that_exists() {
    let dir = Dir::new();
    dir.write("in.mbox", MAIL).write("out/precious.txt", "do not lose me");
    refused(&dir, "export in.mbox -o out", 2, &["out", "exists"]);
    // --force replaces only what an export wrote.
    refused(&dir, "export in.mbox -o out --force", 2, &["out"]);
    assert_eq!(dir.read("out/precious.txt"), "do not lose me");
}

#[test]
fn an_output_folder_that_cannot_be_made() {
    let dir = Dir::new();
    dir.write("in.mbox", MAIL).write("file", "not a folder");
    refused(&dir, "export in.mbox -o file/out", 2, &["file/out"]);
    refused(&dir, "export in.mbox -o no/such/folder/out", 2, &["no/such/folder/out", "does not exist"]);
}

/// Nobody may make folders in /proc, the superuser included, so this can fail for everybody.
#[cfg(target_os = "linux")]
#[test]
fn an_output_folder_that_may_not_be_written() {
    let dir = Dir::new();
    dir.write("in.mbox", MAIL);
    refused(&dir, "export in.mbox -o /proc/out --agent shop@example.org", 1, &["/proc/out"]);
}

#[test]
fn a_corrupt_gz() {
    let dir = Dir::new();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&MAIL.repeat(50).into_bytes()).unwrap();
    let mut bytes = gz.finish().unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    dir.write("in.mbox.gz", &bytes);
    refused(&dir, "export in.mbox.gz -o out --agent shop@example.org", 1, &["in.mbox.gz"]);
}

#[test]
fn a_truncated_zip() {
    let dir = Dir::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("in.mbox", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(MAIL.as_bytes()).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    bytes.truncate(bytes.len() - 30);
    dir.write("in.zip", &bytes);
    refused(&dir, "export in.zip -o out", 1, &["in.zip"]);
}

#[test]
fn words_that_make_no_sense() {
    let dir = Dir::new();
    dir.write("in.mbox", MAIL);
    for words in [
        "export in.mbox",
        "export in.mbox -o out --format parchment",
        "export in.mbox -o out --split 1.5",
        "export in.mbox -o out --since yesterday",
        "export in.mbox -o out --since 2024-02-01 --until 2024-01-01",
        "threads in.mbox --policy anarchy",
    ] {
        let ran = dir.run(words);
        assert_eq!(ran.status, 2, "{words}: {ran:?}");
        assert_eq!(dir.names(), ["in.mbox"]);
    }
}

#[test]
fn one_damaged_file_of_several_is_said_and_the_others_are_read() {
    let dir = Dir::new();
    dir.write("good.mbox", MAIL).write("bad.mbox.gz", b"\x1f\x8b\x08\x00 and no more");
    let ran = dir.run("export bad.mbox.gz good.mbox -o out --no-redact --agent shop@example.org");
    assert_eq!(ran.status, 1, "{ran:?}");
    let ledger = dir.read("out/ledger.jsonl");
    let failed: Vec<&str> = ledger.lines().filter(|line| line.contains("\"failed\"")).collect();
    assert_eq!(failed.len(), 1, "{ledger}");
    assert!(failed[0].contains("bad.mbox.gz"), "{ledger}");
    assert_eq!(dir.read("out/examples.jsonl").lines().count(), 1);
}

#[test]
fn what_is_given_twice_is_read_once_and_said() {
    let dir = Dir::new();
    let mail = std::fs::read(crate::support::fixtures().join("shop.mbox")).unwrap();
    dir.write("mail/shop.mbox", mail);
    for given in
        ["mail/shop.mbox mail/shop.mbox", "mail ./mail/shop.mbox", "mail/shop.mbox mail", "mail mail/"]
    {
        let ran = dir.run(&format!("export {given} -o out --force"));
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(ran.stderr.contains("was given before, and is read once"), "{given}: {}", ran.stderr);
        let report: serde_json::Value = serde_json::from_str(&dir.read("out/report.json")).unwrap();
        assert_eq!((&report["counts"]["read"], &report["given_again"]["count"]), (&249.into(), &1.into()));
        let ran = dir.run(&format!("audit out {given}"));
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{given}: {ran:?}");
        let ran = dir.run("audit out mail");
        assert!(ran.status == 1 && ran.stdout.contains("given_again.count"), "{given}: {ran:?}");
        let inspected = dir.run(&format!("inspect {given} --json"));
        assert!(inspected.stderr.contains("is read once"), "{given}: {inspected:?}");
        let survey: serde_json::Value = serde_json::from_str(&inspected.stdout).unwrap();
        assert_eq!(survey["messages"], 249, "{given}");
        let threads = dir.run(&format!("threads {given} --json"));
        assert_eq!(threads.stdout.lines().count(), 249, "{given}");
    }
}
