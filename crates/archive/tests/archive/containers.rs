//! Compressed files and archives, built here.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use threadfold_archive::{Archive, Kind, Options};
use zip::write::SimpleFileOptions;

use crate::{bodies, mail, mbox, messages, messages_in, open, open_bytes};

fn gz(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(bytes.as_ref(), 1).unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        // Written by hand: the builder refuses the names that tests need.
        header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip_of(members: &[(&str, &[u8])], stored: bool) -> Vec<u8> {
    let method = if stored { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> std::path::PathBuf {
    fs::write(dir.join(name), bytes).unwrap();
    dir.join(name)
}

#[test]
fn a_compressed_mailbox_keeps_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let plain = mbox(&["one", "two"]);
    for (name, bytes) in [
        ("inbox.mbox.gz", gz(&plain)),
        ("inbox.mbox.zst", zst(&plain)),
        ("joined.mbox.gz", [gz(mbox(&["one"])), gz(mbox(&["two"]))].concat()),
        ("padded.mbox.gz", [gz(&plain), vec![0; 100_000]].concat()),
        ("twice.gz", gz(zst(&plain))),
    ] {
        let path = write(dir.path(), name, bytes);
        let archive = open(&path).unwrap();
        let source = &archive.sources()[0];
        assert_eq!(source.name, path.display().to_string());
        assert_eq!(source.folder, name.split('.').next().unwrap());
        assert_eq!(source.bytes, plain.len() as u64);
        assert_eq!(bodies(&archive), [mail("one"), mail("two")]);
    }
}

#[test]
fn members_of_every_container_are_found_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let (inbox, sent, one) = (mbox(&["a", "b"]), mbox(&["c"]), mail("d"));
    let emlx = format!("{}\n{}<?xml ?>", mail("e").len(), mail("e"));
    let members: &[(&str, &[u8])] = &[
        ("Takeout/archive_browser.html", b"<html>"),
        ("Takeout/Mail/Sent.mbox", sent.as_bytes()),
        ("Takeout/Mail/All mail.mbox", inbox.as_bytes()),
        ("eml/1.eml", one.as_bytes()),
        ("apple/2.emlx", emlx.as_bytes()),
        ("md/.Drafts/cur/3:2,D", one.as_bytes()),
        ("md/.Drafts/tmp/4", one.as_bytes()),
        ("notes", b"just text\n"),
    ];
    for (name, bytes) in [
        ("m.zip", zip_of(members, false)),
        ("m.zip", zip_of(members, true)),
        ("m.tar", tar(members)),
        ("m.tar.gz", gz(tar(members))),
        ("m.tgz", gz(tar(members))),
        ("m.tar.zst", zst(tar(members))),
    ] {
        let path = write(dir.path(), name, bytes);
        let archive = open(&path).unwrap();
        let names: Vec<(&str, &str)> = archive
            .sources()
            .iter()
            .map(|s| (s.name.split_once("!/").unwrap().1, s.folder.as_str()))
            .collect();
        let want = [
            ("Takeout/Mail/All mail.mbox", "Takeout/Mail/All mail"),
            ("Takeout/Mail/Sent.mbox", "Takeout/Mail/Sent"),
            ("apple/2.emlx", "apple"),
            ("eml/1.eml", "eml"),
            ("md/.Drafts/cur/3:2,D", "Drafts"),
        ];
        let folders = want.map(|(member, folder)| match name {
            // Below the container's own name, which stands for the folder it would unpack to.
            _ if folder == "Drafts" => (member, folder.to_owned()),
            _ => (member, format!("m/{folder}")),
        });
        assert_eq!(names.iter().map(|(a, b)| (*a, (*b).to_owned())).collect::<Vec<_>>(), folders, "{name}");
        assert_eq!(archive.sources()[4].kind, Kind::Maildir);
        assert!(archive.sources()[4].flags.draft);
        assert_eq!(bodies(&archive), ["a", "b", "c", "e", "d", "d"].map(mail), "{name}");
        assert_eq!(messages_in(&archive, 10).0, messages(&archive));
        assert!(archive.failures().is_empty());
        assert_eq!(archive.skipped().len(), 3, "{:?}", archive.skipped());
    }
}

#[test]
fn containers_nest() {
    let dir = tempfile::tempdir().unwrap();
    let inner = zip_of(&[("x.mbox", mbox(&["a"]).as_bytes()), ("y.mbox.gz", &gz(mbox(&["b"])))], false);
    let tgz = gz(tar(&[("inner.zip", &inner), ("z.mbox.zst", &zst(mbox(&["c"])))]));
    let outer = zip_of(&[("parts/1.tgz", &tgz)], true);
    let path = write(dir.path(), "o.zip", &outer);
    let archive = open(&path).unwrap();
    let names: Vec<&str> = archive.sources().iter().map(|s| s.name.split_once("o.zip").unwrap().1).collect();
    assert_eq!(
        names,
        [
            "!/parts/1.tgz!/inner.zip!/x.mbox",
            "!/parts/1.tgz!/inner.zip!/y.mbox.gz",
            "!/parts/1.tgz!/z.mbox.zst"
        ]
    );
    assert_eq!(bodies(&archive), ["a", "b", "c"].map(mail));
    // The same through standard input.
    assert_eq!(bodies(&open_bytes(&outer).unwrap()), ["a", "b", "c"].map(mail));

    let shallow = Options { max_nesting: 4, ..Options::default() };
    let archive = Archive::open(&[path], &shallow).unwrap();
    assert_eq!(bodies(&archive), ["a", "c"].map(mail));
    let e = archive.failures()[0].to_string();
    assert!(e.contains("y.mbox.gz: refused: containers nest too deep (limit 4); unpack it first"), "{e}");
}

#[test]
fn damaged_files_are_named_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let text = mbox(&["some words to compress, some words"; 200]);
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let mut flipped = gz(&text);
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    for (name, bytes, format) in [
        ("cut.mbox.gz", cut(gz(&text)), "gzip data"),
        ("flipped.mbox.gz", flipped, "gzip data"),
        ("cut.mbox.zst", cut(zst(&text)), "Zstandard data"),
        ("cut.zip", cut(zip_of(&[("a.mbox", text.as_bytes())], false)), "zip archive"),
        ("cut.tar", cut(tar(&[("a.mbox", text.as_bytes())])), "tar archive"),
        ("cut.tgz", cut(gz(tar(&[("a.mbox", text.as_bytes())]))), "gzip data"),
    ] {
        let path = write(dir.path(), name, &bytes);
        let e = open(&path).unwrap_err().to_string();
        assert!(e.starts_with(&path.display().to_string()), "{e}");
        assert!(e.contains(&format!("damaged or incomplete {format}: ")), "{name}: {e}");
        assert!(!e.contains('\n'));
    }
    // Among others they are failures, and the others are read.
    write(dir.path(), "good.mbox", mbox(&["one"]));
    let archive = open(dir.path()).unwrap();
    assert_eq!((archive.failures().len(), bodies(&archive).len()), (6, 1));
}

#[test]
fn one_bad_member_does_not_lose_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let text = mbox(&["some words to compress, some words"; 200]);
    let good = mbox(&["good"]);
    let mut bytes = zip_of(&[("bad.mbox", text.as_bytes()), ("good.mbox", good.as_bytes())], false);
    for b in &mut bytes[60..90] {
        *b ^= 0x55;
    }
    let archive = open(write(dir.path(), "x.zip", &bytes)).unwrap();
    assert_eq!(bodies(&archive), [mail("good")]);
    assert!(archive.failures()[0].name.ends_with("x.zip!/bad.mbox"));
}

#[test]
fn names_that_lead_outside_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (bad, good) = (mbox(&["bad"]), mbox(&["good"]));
    let members: &[(&str, &[u8])] =
        &[("../up.mbox", bad.as_bytes()), ("/abs.mbox", bad.as_bytes()), ("./ok.mbox", good.as_bytes())];
    for (name, bytes) in [("x.zip", zip_of(members, false)), ("x.tar", tar(members))] {
        let archive = open(write(dir.path(), name, bytes)).unwrap();
        assert_eq!(bodies(&archive), [mail("good")]);
        assert!(archive.sources()[0].name.ends_with("!/ok.mbox"));
        assert_eq!(archive.failures().len(), 2);
        assert!(archive.failures()[0].reason.contains("points outside"));
    }
}

#[test]
fn encrypted_members_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (bad, good) = (mbox(&["bad"]), mbox(&["good"]));
    let mut bytes = zip_of(&[("bad.mbox", bad.as_bytes()), ("good.mbox", good.as_bytes())], true);
    // Set the flag in the first local header and in the first central one.
    bytes[6] |= 1;
    let central = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
    bytes[central + 8] |= 1;
    let archive = open(write(dir.path(), "x.zip", &bytes)).unwrap();
    assert_eq!(bodies(&archive), [mail("good")]);
    assert!(archive.failures()[0].to_string().contains("x.zip!/bad.mbox: encrypted"));
}

#[test]
fn expansion_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let many = mbox(&["some words"; 5_000]);
    let options = |f: fn(&mut Options)| {
        let mut options = Options { ratio_free_bytes: 1000, ..Options::default() };
        f(&mut options);
        options
    };
    let zeros = vec![0u8; 1 << 20];
    for (name, bytes) in [
        ("x.mbox.gz", gz(&many)),
        ("x.zip", zip_of(&[("x.mbox", many.as_bytes())], false)),
        ("x.tar.zst", zst(tar(&[("x.mbox", many.as_bytes())]))),
        // A member that is skipped costs time all the same.
        ("y.tar.zst", zst(tar(&[("x.jpg", &zeros), ("x.mbox", many.as_bytes())]))),
    ] {
        let path = write(dir.path(), name, bytes);
        for (limit, word) in [
            (options(|o| o.max_expansion_ratio = 5), "raise the limit max_expansion_ratio"),
            (
                options(|o| (o.max_unpacked_bytes, o.max_expansion_ratio) = (100_000, 1_000_000)),
                "raise the limit max_unpacked_bytes",
            ),
        ] {
            let e = Archive::open(std::slice::from_ref(&path), &limit).unwrap_err().to_string();
            assert!(e.contains(word), "{name}: {e}");
        }
    }
    let a = mbox(&["a"]);
    let path = write(dir.path(), "m.zip", zip_of(&[("1", a.as_bytes()), ("2", a.as_bytes())], true));
    let two = Options { max_members: 1, ..Options::default() };
    let archive = Archive::open(&[path], &two).unwrap();
    assert_eq!(archive.sources().len(), 1);
    assert!(archive.failures()[0].reason.contains("raise the limit max_members"));
}

#[test]
fn a_temp_dir_that_is_not_there_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.mbox.gz", gz(mbox(&["a"])));
    let options = Options { temp_dir: Some(dir.path().join("none")), ..Options::default() };
    let e = Archive::open(&[path], &options).unwrap_err().to_string();
    assert!(e.contains("cannot be unpacked into") && e.contains("none"), "{e}");
}

#[test]
fn containers_without_mail_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let e = open(write(dir.path(), "x.zip", zip_of(&[("a.txt", b"hello")], false))).unwrap_err().to_string();
    assert!(e.contains("no mail found among 1 files"), "{e}");
    let e = open(write(dir.path(), "x.gz", gz("hello"))).unwrap_err().to_string();
    assert!(e.contains("x.gz: is not mail"), "{e}");
    let e = open(write(dir.path(), "y.gz", gz(""))).unwrap_err().to_string();
    assert!(e.contains("y.gz: empty file"), "{e}");
}

#[test]
fn members_of_one_name_are_not_lost_in_silence() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = zip_of(
        &[("one.mbox", mbox(&["first"]).as_bytes()), ("two.mbox", mbox(&["second"]).as_bytes())],
        false,
    );
    while let Some(at) = memchr::memmem::find(&bytes, b"two.mbox") {
        bytes[at..at + 3].copy_from_slice(b"one");
    }
    let archive = open(write(dir.path(), "twins.zip", bytes)).unwrap();
    assert_eq!(bodies(&archive), [mail("second")]);
    let failures: Vec<String> = archive.failures().iter().map(|f| f.reason.clone()).collect();
    assert_eq!(
        failures,
        ["holds several members of the same name, of which only the last was read; unpack it first"]
    );
}

#[test]
fn a_stored_member_is_checked_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes =
        zip_of(&[("a.mbox", mbox(&["first"]).as_bytes()), ("b.mbox", mbox(&["second"]).as_bytes())], true);
    let at = memchr::memmem::find(&bytes, b"first").unwrap();
    bytes[at] ^= 1;
    let archive = open(write(dir.path(), "flipped.zip", bytes)).unwrap();
    assert_eq!(bodies(&archive), [mail("second")]);
    assert!(archive.failures()[0].to_string().contains("a.mbox: damaged or incomplete zip member"));
}

#[test]
fn one_damaged_file_of_several_is_a_failure_and_not_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let good = write(dir.path(), "good.mbox", mbox(&["kept"]));
    let mut cut = gz(mbox(&["lost"]));
    cut.truncate(cut.len() / 2);
    let bad = write(dir.path(), "bad.mbox.gz", cut);
    let all = |paths: &[&Path]| {
        let paths: Vec<_> = paths.iter().map(|p| p.to_path_buf()).collect();
        threadfold_archive::Archive::open(&paths, &Default::default())
    };
    let archive = all(&[&bad, &good]).unwrap();
    assert_eq!(bodies(&archive), [mail("kept")]);
    assert_eq!(archive.failures().len(), 1);
    // On its own it is an error, and so is a path that is not there.
    assert!(all(&[&bad]).is_err());
    assert!(all(&[&good, &dir.path().join("nowhere.mbox")]).is_err());
}
