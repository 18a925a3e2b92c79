//! Folders: Maildirs, message files, Apple packages, Thunderbird profiles.

use std::fs;
use std::path::Path;

use threadfold_archive::{Archive, Found, Kind, Options};

use crate::{bodies, mail, mbox, messages, open};

fn put(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Names below the given folder, with the mailbox folders.
fn listing(archive: &Archive, root: &Path) -> Vec<(String, String)> {
    let root = format!("{}/", root.display());
    archive
        .sources()
        .iter()
        .map(|s| (s.name.strip_prefix(&root).unwrap_or(&s.name).to_owned(), s.folder.clone()))
        .collect()
}

#[test]
fn a_maildir_with_subfolders() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("Maildir");
    for (path, body) in [
        ("new/2.host", "b"),
        ("cur/1.host:2,RS", "a"),
        ("tmp/3.host", "never"),
        (".Sent.Old/cur/4.host:2,DS", "c"),
        (".Trash/new/5.host", "d"),
    ] {
        put(&root, path, mail(body));
    }
    put(&root, "cur/6.host", "");
    put(&root, "dovecot-uidlist", "3 V1 N2\n1 :1.host\n");
    for sub in [".Sent.Old/new", ".Trash/cur", ".Trash/tmp"] {
        fs::create_dir_all(root.join(sub)).unwrap();
    }
    let archive = open(&root).unwrap();
    let want = [
        (".Sent.Old/cur/4.host:2,DS", "Sent.Old"),
        (".Trash/new/5.host", "Trash"),
        ("cur/1.host:2,RS", "INBOX"),
        ("new/2.host", "INBOX"),
    ];
    assert_eq!(listing(&archive, &root), want.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert!(archive.sources().iter().all(|s| s.kind == Kind::Maildir));
    assert!(archive.sources()[0].flags.draft && archive.sources()[2].flags.replied);
    assert_eq!(archive.sources()[0].folder_levels().collect::<Vec<_>>(), ["Sent", "Old"]);
    assert_eq!(bodies(&archive), ["c", "d", "a", "b"].map(mail));
    assert_eq!(archive.units(u64::MAX).len(), 1);
    assert_eq!(archive.units(1).len(), 4);
    assert!(archive.skipped().iter().any(|s| s.name.ends_with("cur/6.host") && s.reason == "empty file"));
    // Pointing at cur alone works as well.
    assert_eq!(messages(&open(root.join("cur")).unwrap()).len(), 1);
}

#[test]
fn message_files_apple_and_thunderbird_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    put(root, "b/Sent Items/2.eml", mail("two"));
    put(root, "b/Sent Items/10.EML", mail("ten").replace('\n', "\r\n"));
    put(root, "a/Orders.mbox/mbox", mbox(&["x", "y"]));
    put(root, "a/Orders.mbox/table_of_contents", b"\0\0\0\x01binary");
    put(root, "V2/Inbox.mbox/12/Data/Messages/7.emlx", {
        let m = mail("seven");
        format!("{:<10}\n{m}<?xml version=\"1.0\"?><plist></plist>\n", m.len())
    });
    put(root, "tb/Inbox", mbox(&["i"]).replace("From ada@example.com Mon", "From - Mon"));
    put(root, "tb/Inbox.msf", "// <!-- <mdb:mork:z v=\"1.4\"/> -->\nFrom: x\nSubject: y\nDate: z\n");
    put(root, "tb/Inbox.sbd/Sub", mbox(&["s"]));
    put(root, "tb/Empty", "");
    put(root, "tb/prefs.js", "user_pref(\"a\", 1);\n");
    put(root, "notes.txt", "From here on\n\nall is text\n");
    put(root, "logo.png", b"\x89PNG");
    put(root, "wide.mbox", [0xff, 0xfe, b'F', 0]);
    let archive = open(root).unwrap();
    let want = [
        ("V2/Inbox.mbox/12/Data/Messages/7.emlx", "V2/Inbox"),
        ("a/Orders.mbox/mbox", "a/Orders"),
        ("b/Sent Items/10.EML", "b/Sent Items"),
        ("b/Sent Items/2.eml", "b/Sent Items"),
        ("tb/Inbox", "tb/Inbox"),
        ("tb/Inbox.sbd/Sub", "tb/Inbox/Sub"),
    ];
    assert_eq!(listing(&archive, root), want.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let all = bodies(&archive);
    assert_eq!(all.len(), 7);
    assert_eq!(all[0], mail("seven"));
    assert_eq!(all[3], mail("ten").replace('\n', "\r\n"));
    let skipped: Vec<&str> = archive.skipped().iter().map(|s| s.name.rsplit('/').next().unwrap()).collect();
    for name in ["table_of_contents", "Inbox.msf", "prefs.js", "Empty", "notes.txt", "logo.png"] {
        assert!(skipped.contains(&name), "{name}");
    }
    assert_eq!(archive.failures().len(), 1);
    assert!(archive.failures()[0].reason.contains("UTF-16"));
    // An Apple package given by itself.
    let package = open(root.join("a/Orders.mbox")).unwrap();
    assert_eq!(package.sources()[0].folder, "Orders");
}

#[test]
fn message_files_with_a_separator_and_parts_of_a_cut_mailbox() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "mh/1", mbox(&["one"]));
    put(dir.path(), "mh/2", mbox(&["two", "three"]));
    put(dir.path(), "part2.mbox", format!("{}\n\n{}", "bGVmdCBvdmVy\n".repeat(10_000), mbox(&["four"])));
    put(dir.path(), "part3.mbox", format!("{}\n{}", mail("five"), mbox(&["six"])));
    put(dir.path(), "x.eml", mbox(&["seven"]));
    let archive = open(dir.path()).unwrap();
    let kinds: Vec<bool> = archive.sources().iter().map(|s| s.kind == Kind::Eml).collect();
    assert_eq!(kinds, [true, false, false, false, true]);
    let all = bodies(&archive);
    assert_eq!(all.len(), 7);
    assert!(all[0].starts_with("From: ada") && all[6].starts_with("From: ada"));
    assert_eq!(all[3], mail("four"));
    assert_eq!(all[4], mail("five"));
}

#[test]
fn the_order_is_that_of_paths_then_names() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b.eml", "B.eml", "a.eml", "a/x.eml", "a-b.eml"] {
        put(dir.path(), name, mail(name));
    }
    let paths = [dir.path().join("b.eml"), dir.path().to_owned()];
    let archive = Archive::open(&paths, &Options::default()).unwrap();
    let names: Vec<String> = listing(&archive, dir.path()).into_iter().map(|n| n.0).collect();
    assert_eq!(names, ["b.eml", "B.eml", "a/x.eml", "a-b.eml", "a.eml"]);
}

#[test]
fn nothing_found_says_what_was_looked_for() {
    let dir = tempfile::tempdir().unwrap();
    let e = open(dir.path()).unwrap_err().to_string();
    assert!(e.contains("no mail found, it is empty; looked for mbox and MMDF files, Maildirs"), "{e}");
    put(dir.path(), "x.txt", "hello\n");
    let e = open(dir.path()).unwrap_err().to_string();
    assert!(
        e.contains("no mail found among 1 files (the first, ") && e.contains("x.txt: is not mail"),
        "{e}"
    );
    let e = open(dir.path().join("missing")).unwrap_err().to_string();
    assert!(e.contains("missing: cannot be read: "), "{e}");
}

#[test]
fn a_vanished_file_is_one_failure() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "1.eml", mail("one"));
    put(dir.path(), "2.eml", mail("two"));
    let archive = open(dir.path()).unwrap();
    fs::remove_file(dir.path().join("1.eml")).unwrap();
    let (mut good, mut bad) = (0, Vec::new());
    let report = archive.scan(&archive.units(1 << 20)[0], &mut |f| match f {
        Found::Message(_) => good += 1,
        Found::Failed { locator, reason } => bad.push((locator.source.0, reason)),
    });
    assert_eq!((good, report.messages, report.failed), (1, 1, 1));
    assert!(bad[0].0 == 0 && bad[0].1.starts_with("cannot be read"));
}

#[cfg(unix)]
#[test]
fn links_lead_into_each_folder_once() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a/1.eml", mail("one"));
    std::os::unix::fs::symlink(dir.path(), dir.path().join("a/loop")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("a"), dir.path().join("b")).unwrap();
    let archive = open(dir.path()).unwrap();
    assert_eq!(archive.sources().len(), 1);
    assert_eq!(archive.skipped().iter().filter(|s| s.reason.contains("walked already")).count(), 2);
    std::os::unix::fs::symlink("nowhere", dir.path().join("c")).unwrap();
    assert_eq!(open(dir.path()).unwrap().failures().len(), 1);
}

#[test]
fn folders_nest_within_bounds() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "1.eml", mail("one"));
    put(dir.path(), "a/b/c/2.eml", mail("two"));
    let options = Options { max_depth: 2, ..Options::default() };
    let archive = Archive::open(&[dir.path().to_owned()], &options).unwrap();
    assert_eq!(archive.sources().len(), 1);
    assert!(archive.failures()[0].reason.contains("folders nest too deep"));
}

#[test]
fn what_is_given_twice_is_read_once() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["1.eml", "sub/2.eml", "sub/box.mbox", "sub/deep/3.eml", "sub/logo.png"] {
        put(dir.path(), name, mail(name));
    }
    let sources = |paths: &[&str]| {
        let paths: Vec<std::path::PathBuf> = paths.iter().map(|p| dir.path().join(p)).collect();
        let archive = Archive::open(&paths, &Options::default()).unwrap();
        let names = archive.sources().iter().map(|s| s.name.rsplit('/').next().unwrap().to_owned());
        (names.collect::<Vec<_>>(), archive.given_again().len())
    };
    let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let all = names(&["1.eml", "2.eml", "box.mbox", "3.eml"]);
    for (paths, found, again) in [
        (&["1.eml", "1.eml", "sub/../1.eml"][..], names(&["1.eml"]), 2),
        (&["", ""], all.clone(), 1),
        (&["", "sub", "sub/deep/3.eml"], all.clone(), 2),
        (&["sub", ""], names(&["2.eml", "box.mbox", "3.eml", "1.eml"]), 1),
        (&["sub/box.mbox", ""], names(&["box.mbox", "1.eml", "2.eml", "3.eml"]), 1),
        (&["sub/deep", "sub/2.eml", "sub"], names(&["3.eml", "2.eml", "box.mbox"]), 2),
        // What a folder passes over by its name can be asked for by itself.
        (&["sub", "sub/logo.png"], names(&["2.eml", "box.mbox", "3.eml", "logo.png"]), 0),
    ] {
        let (mut got, mut wanted) = (sources(paths), (found, again));
        if paths[0].is_empty() {
            // Names of files and folders are in one order; only what there is matters here.
            got.0.sort();
            wanted.0.sort();
        }
        assert_eq!(got, wanted, "{paths:?}");
    }
}
