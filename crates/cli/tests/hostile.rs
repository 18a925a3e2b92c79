//! Mail by strangers: nothing of it reaches a terminal as a command, and whatever is in the way ends in one line.

use std::io::Write;

use crate::support::Dir;

/// Escapes in every field that a command prints, as they are and as encoded words.
const MAIL: &str = "From x@example.com Mon Jan  1 10:00:00 2024\nFrom: \x1b]0;owned\x07Ada \x1b[2J<\x1b[31mada@example.com>\nTo: shop@example.org\nSubject: \x1b[5mHours\u{9b}2J\u{202e}=?utf-8?q?=1B=5B31m=C2=9B2J=E2=80=AE=0Ax=0Dy=7F?=\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\x1b[2J\n\nFrom shop@example.org Mon Jan  1 11:00:00 2024\nFrom: \u{2066}Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours?\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\u{9b}2J\n\n";

/// What a terminal would act on.
fn harmful(text: &str) -> Option<char> {
    let bidi = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}' | '\u{2029}');
    text.chars().find(|&c| (c.is_control() && c != '\n' && c != '\t') || bidi(c))
}

#[test]
fn no_escape_in_mail_or_in_a_name_is_printed() {
    let dir = Dir::new();
    let name = "in\u{1b}[31m\u{9b}2J\u{202e}.mbox";
    dir.write(name, MAIL).write("bad\x1b[2J.mbox.gz", b"\x1f\x8b\x08\x00 and no more");
    for words in [
        format!("threads {name}"),
        format!("inspect {name}"),
        format!("export {name} -o out{name} --no-redact"),
        format!("export {name} bad\x1b[2J.mbox.gz -o out2 --agent shop@example.org"),
        format!("export {name} -o out3 --agent shop@example.org --log-format json"),
        "export no-such\x1b[2J.mbox -o out4".to_owned(),
        format!("export {name} -o out5 --agent nobody\x1b[2J@example.net"),
        format!("export {name} -o no\x1b[2J/such/out --log-format json"),
        "audit out2 bad\x1b[2J.mbox.gz".to_owned(),
        format!("audit out2 {name}"),
        "validate out2/train.messages.jsonl".to_owned(),
        format!("convert {name} --to csv -o x.csv"),
    ] {
        let ran = dir.run(&words);
        assert_eq!(harmful(&ran.stdout), None, "{words:?}: {ran:?}");
        assert_eq!(harmful(&ran.stderr), None, "{words:?}: {ran:?}");
        assert!(!ran.stdout.is_empty() || !ran.stderr.is_empty(), "{words:?} says nothing: {ran:?}");
    }
    // One line a message, whatever its subject holds.
    let ran = dir.run(&format!("threads {name}"));
    assert_eq!(ran.stdout.lines().filter(|line| !line.is_empty()).count(), 2, "{ran:?}");
}

#[test]
fn too_much_text_is_dropped_and_said() {
    let dir = Dir::new();
    let long = "From a@example.com Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen are you open?\n\nFrom s@example.org Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n\n"
        .replacen("When are you open?", &"When are you open?\n".repeat(1_000), 1);
    dir.write("in.mbox", &long);
    let ran = dir.run("export in.mbox -o out --no-redact --agent shop@example.org --max-text-size 10000");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(dir.read("out/ledger.jsonl").lines().next().unwrap().contains("\"too_large\""));
    let ran = dir.run("audit out in.mbox");
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:?}");
    let ran = dir.run("export in.mbox -o out2 --no-redact --agent shop@example.org --max-text-size 100000");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!dir.read("out2/ledger.jsonl").contains("too_large"));
}

#[test]
fn the_limits_of_unpacking_can_be_set_and_are_named() {
    let dir = Dir::new();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&MAIL.repeat(500).into_bytes()).unwrap();
    dir.write("in.mbox.gz", gz.finish().unwrap());
    for (words, says) in [
        ("--max-unpacked-bytes 10000", "raise the limit max_unpacked_bytes"),
        ("--max-nesting 0", "raise the limit max_nesting"),
    ] {
        for verb in ["inspect in.mbox.gz", "threads in.mbox.gz", "export in.mbox.gz -o out"] {
            let ran = dir.run(&format!("{verb} {words}"));
            assert_eq!(ran.status, 1, "{ran:?}");
            assert!(ran.stderr.contains(says), "{ran:?}");
        }
    }
    assert_eq!(dir.run("inspect in.mbox.gz").status, 0);
}

#[cfg(unix)]
#[test]
fn links_pipes_and_sockets_in_a_folder_of_mail() {
    let dir = Dir::new();
    dir.write("mail/good.mbox", MAIL);
    std::os::unix::fs::symlink("nowhere", dir.path("mail/gone.eml")).unwrap();
    std::os::unix::fs::symlink(".", dir.path("mail/loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.path("mail/socket.eml")).unwrap();
    let ran = dir.run("export mail -o out --no-redact --agent shop@example.org");
    assert_eq!(ran.status, 1, "{ran:?}");
    let ledger = dir.read("out/ledger.jsonl");
    assert_eq!(ledger.lines().count(), 3, "{ledger}");
    assert!(ledger.lines().last().unwrap().contains("gone.eml"), "{ledger}");
}

#[cfg(unix)]
#[test]
fn a_link_as_output_is_refused_and_a_killed_runs_folder_is_taken_away() {
    let dir = Dir::new();
    dir.write("in.mbox", MAIL);
    let export = |more: &str| dir.run(&format!("export in.mbox --no-redact --agent shop@example.org {more}"));
    assert_eq!(export("-o real").status, 0);
    std::os::unix::fs::symlink("real", dir.path("link")).unwrap();
    for spelt in ["link", "link/"] {
        let ran = export(&format!("--force -o {spelt}"));
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains("symbolic link"), "{ran:?}");
    }
    for nameless in ["..", "real/..", "/"] {
        assert_eq!(export(&format!("--force -o {nameless}")).status, 2);
    }
    dir.write(".real.threadfold-unfinished-a1b2c3/examples.jsonl", "half of it");
    assert_eq!(export("--force -o real").status, 0);
    assert_eq!(dir.names(), ["in.mbox", "link", "real"]);
}

#[test]
fn what_lies_too_deep_is_dropped_for_that_reason() {
    let dir = Dir::new();
    let nested = |depth: usize| {
        let parts: String = (0..depth)
            .map(|i| format!("--b{i}\nContent-Type: multipart/mixed; boundary=b{}\n\n", i + 1))
            .collect();
        format!(
            "From a@example.com Mon Jan  1 10:00:00 2024\nFrom: Ada <ada@example.com>\nTo: shop@example.org\nSubject: Hours\nMessage-ID: <1@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b0\n\n{parts}--b{depth}\n\nWhen are you open?\n\nFrom s@example.org Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\nSubject: Re: Hours\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.com>\nDate: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine to five.\n\n"
        )
    };
    for (depth, said) in [(5, "\"used\""), (500, "\"too_deep\"")] {
        dir.write("in.mbox", nested(depth));
        let ran = dir.run("export in.mbox -o out --force --no-redact --agent shop@example.org");
        assert_eq!(ran.status, 0, "{ran:?}");
        let ledger = dir.read("out/ledger.jsonl");
        assert!(ledger.lines().next().unwrap().contains(said), "{depth}: {ledger}");
    }
}
