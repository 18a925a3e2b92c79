//! What is said on stderr, and how data goes to stdout.

use std::fmt::Display;
use std::io::Write;

/// Errors of the command: the library's, and those of the command line itself.
pub(crate) enum Failure {
    /// The command line makes no sense: exit status 2.
    Usage(String),
    /// It made sense and could not be done: exit status 1.
    Failed(String),
    /// Whoever read our stdout went away: not worth a word.
    PipeClosed,
}

impl Failure {
    pub(crate) fn status(&self) -> i32 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Failed(_) => 1,
            Failure::PipeClosed => 0,
        }
    }
}

impl From<threadfold::Error> for Failure {
    fn from(e: threadfold::Error) -> Self {
        use threadfold::Error as E;
        match e {
            E::UnknownAgent(_) | E::OutputExists(_) | E::OutputRefused { .. } | E::Option { .. } => {
                Failure::Usage(e.to_string())
            }
            _ => Failure::Failed(e.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Self {
        match e.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::PipeClosed,
            _ => Failure::Failed(e.to_string()),
        }
    }
}

/// Where diagnostics go.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    pub(crate) quiet: bool,
    pub(crate) json: bool,
}

impl Log {
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            self.line("note", &text.to_string());
        }
    }

    pub(crate) fn warn(&self, text: impl Display) {
        self.line("warning", &text.to_string());
    }

    pub(crate) fn error(&self, failure: &Failure) {
        match failure {
            Failure::Usage(text) | Failure::Failed(text) => self.line("error", text),
            Failure::PipeClosed => {}
        }
    }

    fn line(&self, level: &str, text: &str) {
        let mut err = std::io::stderr().lock();
        // Nothing can be done when stderr itself is gone.
        let _ = match (self.json, level) {
            (true, _) => writeln!(err, "{}", serde_json::json!({"level": level, "message": plain(text)})),
            (false, "note") => writeln!(err, "{}", plain(text)),
            (false, _) => writeln!(err, "threadfold: {level}: {}", plain(text)),
        };
    }
}

/// Text from mail made harmless for a terminal: control characters and direction overrides become `?`.
pub(crate) fn plain(text: &str) -> String {
    let harmful = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
            || matches!(c, '\u{2028}' | '\u{2029}')
    };
    text.chars().map(|c| if harmful(c) { '?' } else { c }).collect()
}

/// The same for something that must stay on its line.
pub(crate) fn one_line(text: &str) -> String {
    plain(text).replace('\n', "?")
}

#[cfg(test)]
mod tests {
    use super::{one_line, plain};

    #[test]
    fn escapes_in_mail_do_not_reach_the_terminal() {
        assert_eq!(plain("a\x1b[31mb\u{202e}c\u{9b}d\tü\n"), "a?[31mb?c?d\tü\n");
        assert_eq!(one_line("a\nb\r\u{2028}c"), "a?b??c");
    }
}
