//! What must hold for any input.

use proptest::prelude::*;
use threadfold_archive::{Escape, unescape};

use crate::{messages_in, open_bytes};

fn separator() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("From ada@example.com Mon Jan  1 10:00:00 2024".to_owned()),
        Just("From - Tue Feb 13 23:59:01 2018".to_owned()),
        Just("From 1545668983435175434@xxx Fri Sep 16 22:26:51 +0000 2016".to_owned()),
        Just("From ada at example.com  Sat Jan  1 01:55:59 2005".to_owned()),
        Just("From ada@example.com Mon Jan 1 2024".to_owned()),
        Just("From ".to_owned()),
        Just("From ada@example.com".to_owned()),
    ]
}

fn body_line() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-zA-Z,.: ]{0,40}",
        1 => Just(">From here on".to_owned()),
        1 => Just("From here on it works".to_owned()),
        1 => Just("--b".to_owned()),
        1 => Just("--b--".to_owned()),
        1 => "> [a-z ]{0,20}",
    ]
}

fn message() -> impl Strategy<Value = (String, String)> {
    (separator(), prop::collection::vec(body_line(), 0..12), any::<bool>()).prop_map(
        |(separator, lines, multi)| {
            let kind = if multi { "Content-Type: multipart/mixed; boundary=b\n" } else { "" };
            let mut text = format!("From: ada@example.com\nSubject: Order\n{kind}\n");
            for line in lines {
                text.push_str(&line);
                text.push('\n');
            }
            if multi {
                text.push_str("--b--\n");
            }
            (separator, text)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn messages_come_back_as_they_were(all in prop::collection::vec(message(), 1..8), crlf: bool, unit in 1u64..400) {
        let ends = |s: &str| if crlf { s.replace('\n', "\r\n") } else { s.to_owned() };
        let text: String = all.iter().map(|(s, m)| ends(&format!("{s}\n{m}\n"))).collect();
        let archive = open_bytes(text.as_bytes()).unwrap();
        let (found, defects) = messages_in(&archive, unit);
        prop_assert_eq!(found.len(), all.len());
        let mut offset = 0;
        for (m, (separator, bytes)) in found.iter().zip(&all) {
            prop_assert_eq!(String::from_utf8_lossy(&m.bytes), ends(bytes));
            prop_assert_eq!(m.separator.as_deref(), Some(separator.as_bytes()));
            prop_assert_eq!(m.at.offset, offset);
            offset += m.at.len;
        }
        prop_assert_eq!(offset, text.len() as u64);
        prop_assert_eq!((found, defects), messages_in(&archive, u64::MAX));
    }

    #[test]
    fn pieces_of_mail_in_any_order_split_the_same_in_any_units(
        pieces in prop::collection::vec(prop_oneof![
            Just("From ada@example.com Mon Jan  1 10:00:00 2024\n"),
            Just("From ada@example.com Mon Jan  1 10:00:00 2024\r\n"),
            Just("From: a@example.com\n"), Just("Content-Type: multipart/mixed; boundary=b\n"),
            Just("Content-Length: 12\n"), Just("\n"), Just("\r\n"), Just("--b\n"), Just("--b--\n"),
            Just("From "), Just("From here\n"), Just(">From x\n"), Just("text\n"), Just("\x01\x01\x01\x01\n"),
        ], 0..40),
        unit in 1u64..100,
    ) {
        let text = format!("From - Mon Jan  1 10:00:00 2024\nFrom: a@example.com\n{}", pieces.concat());
        let archive = open_bytes(text.as_bytes()).unwrap();
        let whole = messages_in(&archive, u64::MAX);
        prop_assert_eq!(messages_in(&archive, unit), whole.clone());
        prop_assert_eq!(whole.0.iter().map(|m| m.at.len).sum::<u64>(), text.len() as u64);
    }

    #[test]
    fn random_bytes_never_panic(start in prop::sample::select(vec![
        &b""[..], b"From ", b"\x1f\x8b\x08", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\x01\x01\x01\x01\n", b"From: a\n",
        b"From - Mon Jan  1 10:00:00 2024\n",
    ]), bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(archive) = open_bytes(&[start, &bytes].concat()) {
            messages_in(&archive, 64);
        }
    }

    #[test]
    fn mboxrd_is_undone_exactly(lines in prop::collection::vec("(>{0,3}From |[a-z>]{0,3})[a-z]{0,5}", 0..10)) {
        let text = lines.join("\n");
        let escaped: Vec<String> = lines
            .iter()
            .map(|l| if l.trim_start_matches('>').starts_with("From ") { format!(">{l}") } else { l.clone() })
            .collect();
        let escaped = escaped.join("\n");
        let undone = unescape(escaped.as_bytes(), Escape::Mboxrd);
        prop_assert_eq!(&*undone, text.as_bytes());
        let _ = unescape(escaped.as_bytes(), Escape::Mboxo);
    }
}
