//! Personal data in texts of which nothing else is known: what validation asks about a file from anywhere.

use std::path::Path;
use std::sync::Arc;

use threadfold_core::Role;
use threadfold_redact::{Keep, Options, Redactor, Side, Type};

/// Names the kinds of personal data in a text.
///
/// ```
/// use threadfold::Role;
/// let detector = threadfold::PersonalDataDetector::new();
/// assert_eq!(detector.find("Write to ada.byron@example.com, please.", Role::Customer), ["EMAIL"]);
/// assert!(detector.find("Write to [EMAIL_1], please.", Role::Customer).is_empty());
/// ```
pub struct PersonalDataDetector {
    redactor: Redactor,
}

impl Default for PersonalDataDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl PersonalDataDetector {
    /// With everything that redaction looks for, and nobody known.
    pub fn new() -> Self {
        Self::keeping(std::iter::empty::<&str>())
    }

    /// The same, but for literals that may stay, such as the business's own phone number.
    pub fn keeping<S: AsRef<str>>(literals: impl IntoIterator<Item = S>) -> Self {
        let mut keep = Keep::default();
        for literal in literals {
            for kind in Type::ALL {
                keep.add(kind, literal.as_ref());
            }
        }
        PersonalDataDetector {
            redactor: Redactor::new(Options { keep: Arc::new(keep), ..Options::default() }),
        }
    }

    /// What the export that wrote this file left in on purpose, by the `report.json` beside it or in the
    /// folder above; nothing where there is none.
    pub fn kept_beside(file: &Path) -> Vec<String> {
        #[derive(serde::Deserialize)]
        struct Report {
            #[serde(default)]
            kept_by_redaction: Vec<Kept>,
            #[serde(default)]
            agents: Vec<Agent>,
        }
        #[derive(serde::Deserialize)]
        struct Kept {
            literal: String,
        }
        #[derive(serde::Deserialize)]
        struct Agent {
            address: String,
        }
        let folders = file.ancestors().skip(1).take(2).map(|folder| folder.join("report.json"));
        let read = |path: std::path::PathBuf| std::fs::read(path).ok();
        let report = folders.filter_map(read).find_map(|bytes| serde_json::from_slice::<Report>(&bytes).ok());
        report.map_or_else(Vec::new, |report| {
            let kept = report.kept_by_redaction.into_iter().map(|kept| kept.literal);
            kept.chain(report.agents.into_iter().map(|agent| agent.address)).collect()
        })
    }

    /// The kinds found in a text of that side, each once, in order of first appearance.
    pub fn find(&self, text: &str, role: Role) -> Vec<String> {
        // What a business says of itself, its bank account above all, is meant to be known.
        let side = if role == Role::Agent { Side::Agent } else { Side::Customer };
        let mut kinds: Vec<String> = Vec::new();
        for span in self.redactor.thread(&[]).redact(text, side).spans {
            let label = span.kind.label();
            if !kinds.iter().any(|kind| kind == label) {
                kinds.push(label.to_owned());
            }
        }
        kinds
    }
}
