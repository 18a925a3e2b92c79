//! Check values: what nothing else in a folder says cannot be counted again, but a change to it can be seen.
//!
//! `report.json` holds the values of the files that are not rendered from others, and its last line that of its
//! own text above. Whoever changes a file by hand or by accident, or loses a part of it, is found out; whoever
//! computes the values anew is not: they prove care, not authorship.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How the last field of a report begins.
const FIELD: &str = ",\n  \"check\": \"";
/// How a report ends behind it.
const END: &str = "\"\n}\n";

fn text(hasher: &blake3::Hasher) -> String {
    hasher.finalize().to_hex().as_str()[..16].to_owned()
}

/// The check value of a file's bytes.
pub(crate) fn of_file(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; 1 << 18];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(text(&hasher)),
            n => hasher.update(&block[..n]),
        };
    }
}

/// A report as it is written: pretty-printed JSON, its own check value put in as the last field.
pub(crate) fn sealed(mut report: Vec<u8>) -> Vec<u8> {
    report.truncate(report.strip_suffix(b"\n}").map_or(report.len(), <[u8]>::len));
    let value = text(blake3::Hasher::new().update(&report));
    report.extend_from_slice(format!("{FIELD}{value}{END}").as_bytes());
    report
}

/// Whether a report is as it was sealed.
pub(crate) fn is_sealed(report: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(report, FIELD.as_bytes()) else { return false };
    let (above, field) = report.split_at(at);
    let value = text(blake3::Hasher::new().update(above));
    field == format!("{FIELD}{value}{END}").as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_other_byte_breaks_the_seal() {
        let report = sealed(b"{\n  \"seed\": 42,\n  \"none\": []\n}".to_vec());
        let parsed: serde_json::Value = serde_json::from_slice(&report).unwrap();
        assert_eq!(parsed["seed"], 42);
        assert!(is_sealed(&report));
        for at in 0..report.len() {
            let mut changed = report.clone();
            changed[at] ^= 1;
            assert!(!is_sealed(&changed), "byte {at}");
            changed.remove(at);
            assert!(!is_sealed(&changed), "without byte {at}");
        }
        assert!(!is_sealed(b"{}\n") && !is_sealed(b""));
    }

    #[test]
    fn a_file_has_the_value_of_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, vec![b'a'; 1 << 19]).unwrap();
        let before = of_file(&path).unwrap();
        std::fs::write(&path, vec![b'a'; (1 << 19) - 1]).unwrap();
        assert_ne!(of_file(&path).unwrap(), before);
        assert!(of_file(&dir.path().join("y")).is_err());
    }
}
