//! Tests through the public interface, one binary.
#![allow(clippy::unwrap_used)] // The lint spares test functions, but not their helpers.

mod containers;
mod folders;
mod properties;
mod rows;

use std::path::PathBuf;

use threadfold_archive::{Archive, Defects, Error, Found, Locator, Options, ScanReport};

/// A message as a test wants to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) at: Locator,
    pub(crate) bytes: Vec<u8>,
    pub(crate) separator: Option<Vec<u8>>,
}

/// Reads all messages in units of some size and checks that reading each again gives the same.
pub(crate) fn messages_in(archive: &Archive, unit: u64) -> (Vec<Message>, Defects) {
    let (mut found, mut defects, mut total) = (Vec::new(), Defects::default(), ScanReport::default());
    for unit in archive.units(unit) {
        let report = archive.scan(&unit, &mut |f| match f {
            Found::Message(raw) => found.push(Message {
                at: raw.locator,
                bytes: raw.bytes.to_vec(),
                separator: raw.separator.map(<[u8]>::to_vec),
            }),
            Found::Failed { locator, reason } => panic!("{locator:?}: {reason}"),
        });
        defects.merge(&report.defects);
        total.messages += report.messages;
        total.bytes += report.bytes;
    }
    assert_eq!((total.messages as usize, total.bytes), (found.len(), archive.total_bytes()));
    let mut scratch = Vec::new();
    for m in &found {
        let raw = archive.read(m.at, &mut scratch).unwrap();
        assert_eq!((raw.bytes, raw.separator), (&*m.bytes, m.separator.as_deref()));
    }
    (found, defects)
}

pub(crate) fn messages(archive: &Archive) -> Vec<Message> {
    messages_in(archive, 1 << 20).0
}

pub(crate) fn bodies(archive: &Archive) -> Vec<String> {
    messages(archive).iter().map(|m| String::from_utf8_lossy(&m.bytes).into_owned()).collect()
}

/// Opens bytes as a given file would be.
pub(crate) fn open_bytes(bytes: &[u8]) -> Result<Archive, Error> {
    Archive::open_with(&["-".into()], &Options::default(), &mut &*bytes)
}

pub(crate) fn open(path: impl Into<PathBuf>) -> Result<Archive, Error> {
    Archive::open(&[path.into()], &Options::default())
}

/// A plain message whose body is one line.
pub(crate) fn mail(body: &str) -> String {
    format!("From: ada@example.com\nSubject: Order\nMessage-ID: <{}@example.com>\n\n{body}\n", body.len())
}

/// An mbox of such messages.
pub(crate) fn mbox(bodies: &[&str]) -> String {
    bodies.iter().map(|b| format!("From ada@example.com Mon Jan  1 10:00:00 2024\n{}\n", mail(b))).collect()
}
