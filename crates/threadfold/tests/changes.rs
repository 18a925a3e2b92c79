//! Mail that other programs write to while it is read.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use threadfold::{Error, Mailbox, Pipeline};

fn mail(messages: usize) -> String {
    (0..messages)
        .map(|n| {
            let (from, to, re) = if n % 2 == 0 {
                ("ada@example.com", "shop@example.org", "")
            } else {
                ("shop@example.org", "ada@example.com", "Re: ")
            };
            let answers = if n > 0 { format!("In-Reply-To: <{}@example.com>\n", n - 1) } else { String::new() };
            format!(
                "From {from} Mon Jan  1 10:00:00 2024\nFrom: {from}\nTo: {to}\nSubject: {re}Hours\nMessage-ID: <{n}@example.com>\n{answers}Date: Mon, 1 Jan 2024 10:{:02}:{:02} +0000\n\nThis is word number {n} of many words.\n\n",
                n / 60 % 60,
                n % 60
            )
        })
        .collect()
}

/// A mailbox of many pages, opened, then changed.
fn opened(folder: &Path, change: impl FnOnce(&Path)) -> Mailbox {
    threadfold::archive::outlive_truncation();
    let inbox = folder.join("inbox.mbox");
    std::fs::write(&inbox, mail(2_000)).unwrap();
    let mailbox = Pipeline::new().input(&inbox).agent("shop@example.org").redact(false).open().unwrap();
    change(&inbox);
    mailbox
}

#[test]
fn a_mailbox_cut_short_ends_the_run_and_leaves_nothing() {
    for keep in [0, 100, 10_000] {
        let dir = tempfile::tempdir().unwrap();
        let mailbox = opened(dir.path(), |inbox| {
            OpenOptions::new().write(true).open(inbox).unwrap().set_len(keep).unwrap();
        });
        let error = mailbox.export(dir.path().join("out")).unwrap_err();
        assert!(matches!(error, Error::Archive(_)), "{error}");
        let said = error.to_string();
        assert!(
            said.contains("inbox.mbox") && said.contains("cut short") && said.contains("copy it first"),
            "{said}"
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_mailbox_written_over_ends_the_run_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mailbox = opened(dir.path(), |inbox| {
        let file = OpenOptions::new().write(true).open(inbox).unwrap();
        (&file).write_all(b"From b").unwrap();
        // Whatever the clock's steps are.
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    });
    let said = mailbox.export(dir.path().join("out")).unwrap_err().to_string();
    assert!(said.contains("was written to while it was read"), "{said}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_mailbox_that_grows_is_exported_as_it_was_and_the_ledger_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let late = "From x@example.com Mon Jan  1 10:00:00 2024\nFrom: late@example.com\n\nLate.\n\n";
    let mailbox = opened(dir.path(), |inbox| {
        OpenOptions::new().append(true).open(inbox).unwrap().write_all(late.as_bytes()).unwrap();
    });
    let out = dir.path().join("out");
    let counts = mailbox.export(&out).unwrap().counts;
    assert_eq!((counts.read, counts.failed), (2_001, 1));
    let ledger = std::fs::read_to_string(out.join("ledger.jsonl")).unwrap();
    let last = ledger.lines().last().unwrap();
    assert!(last.contains(&format!("grew by {} bytes", late.len())) && last.contains("inbox.mbox"), "{last}");
}

#[test]
fn another_file_in_its_place_or_none_changes_nothing() {
    for gone in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mailbox = opened(dir.path(), |inbox| {
            std::fs::remove_file(inbox).unwrap();
            if !gone {
                std::fs::write(inbox, "something else").unwrap();
            }
        });
        assert_eq!(mailbox.export(dir.path().join("out")).unwrap().counts.read, 2_000);
    }
}

#[test]
fn a_message_file_that_goes_away_is_a_failure_in_the_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("mail");
    std::fs::create_dir(&folder).unwrap();
    for (n, message) in mail(4).split_inclusive("\n\nFrom ").enumerate() {
        let (_, message) = message.trim_end_matches("From ").split_once('\n').unwrap();
        std::fs::write(folder.join(format!("{n}.eml")), message).unwrap();
    }
    let mailbox = Pipeline::new().input(&folder).agent("shop@example.org").redact(false).open().unwrap();
    std::fs::remove_file(folder.join("2.eml")).unwrap();
    let counts = mailbox.export(dir.path().join("out")).unwrap().counts;
    assert_eq!((counts.read, counts.failed, counts.used), (4, 1, 3));
}

#[test]
fn a_name_with_a_nul_in_it_is_an_error_like_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let error = Pipeline::new().input("in\0box.mbox").open().err().unwrap();
    assert!(error.to_string().contains("cannot be read"), "{error}");
    let inbox = dir.path().join("inbox.mbox");
    std::fs::write(&inbox, mail(2)).unwrap();
    let pipeline = || Pipeline::new().input(&inbox).agent("shop@example.org").redact(false);
    for out in ["out\0", "o\0/out"] {
        let error = pipeline().export(dir.path().join(out)).unwrap_err();
        assert!(matches!(error, Error::Write { .. } | Error::OutputRefused { .. }), "{error}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
