//! Personal data in texts of which nothing else is known: what validation asks about a file from anywhere.

use threadfold_redact::{Options, Redactor, Side};

/// Names the kinds of personal data in a text.
///
/// ```
/// let detector = threadfold::PersonalDataDetector::new();
/// assert_eq!(detector.find("Write to ada.byron@example.com, please."), ["EMAIL"]);
/// assert!(detector.find("Write to [EMAIL_1], please.").is_empty());
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
        PersonalDataDetector { redactor: Redactor::new(Options::default()) }
    }

    /// The kinds found, each once, in order of first appearance.
    pub fn find(&self, text: &str) -> Vec<String> {
        let mut kinds: Vec<String> = Vec::new();
        for span in self.redactor.thread(&[]).redact(text, Side::Customer).spans {
            let label = span.kind.label();
            if !kinds.iter().any(|kind| kind == label) {
                kinds.push(label.to_owned());
            }
        }
        kinds
    }
}
