//! A conversation as one readable text, and back.
//!
//! A prompt of a single customer turn is that turn's text. A longer one marks who speaks with a line of
//! its own:
//!
//! ```text
//! [Customer]
//! Where is my order?
//!
//! [Agent]
//! Which number?
//!
//! [Customer]
//! 4711
//! ```
//!
//! A line of a text that looks like a marker is written with a backslash before it, and so is one that
//! looks like a marker with backslashes before it: reading takes exactly one off. So any text survives,
//! and whoever edits a prompt by hand needs to know the two markers only.

use threadfold_core::{Role, Turn};

use crate::error::Problem;

/// What a text read as a conversation holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) system: Option<String>,
    pub(crate) turns: Vec<(Role, String)>,
}

/// Appends the turns, the system text before them.
pub(crate) fn write(turns: &[Turn], system: Option<&str>, out: &mut String) {
    if let ([only], None) = (turns, system)
        && only.role == Role::Customer
        && !only.text.is_empty()
    {
        escape(&only.text, out);
        return;
    }
    let mut first = true;
    let mut part = |marker: &str, text: &str| {
        if !std::mem::take(&mut first) {
            out.push_str("\n\n");
        }
        out.push_str(marker);
        out.push('\n');
        escape(text, out);
    };
    if let Some(system) = system {
        part("[System]", system);
    }
    for turn in turns {
        match turn.role {
            Role::Customer => part("[Customer]", &turn.text),
            Role::Agent => part("[Agent]", &turn.text),
        }
    }
}

/// Reads a text. One without markers is a single customer turn; words before the first marker are the
/// customer's; an empty text holds no turns. Markers are known in any letter case, so that a tired editor
/// is understood.
pub(crate) fn parse(text: &str) -> Result<Parsed, Problem> {
    let mut parsed = Parsed { system: None, turns: Vec::new() };
    let mut speaker = None;
    let mut from = 0;
    for (line, start, next) in lines(text) {
        if let Some(marker) = marker(line) {
            parsed.add(speaker, &text[from..start], true)?;
            speaker = Some(marker);
            from = next;
        }
    }
    parsed.add(speaker, &text[from..], false)?;
    Ok(parsed)
}

impl Parsed {
    fn add(&mut self, speaker: Option<Speaker>, text: &str, more_follows: bool) -> Result<(), Problem> {
        let text = if more_follows { without_gap(text) } else { text };
        let role = match speaker {
            None if text.is_empty() || (more_follows && text.trim().is_empty()) => return Ok(()),
            None | Some(Speaker::Customer) => Role::Customer,
            Some(Speaker::Agent) => Role::Agent,
            Some(Speaker::System) => {
                if self.system.is_some() || !self.turns.is_empty() {
                    return Err(Problem::Unexpected {
                        expected: "one [System] line at most, before all turns",
                        found: "another further down".into(),
                    });
                }
                self.system = Some(unescape(text));
                return Ok(());
            }
        };
        self.turns.push((role, unescape(text)));
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Speaker {
    System,
    Customer,
    Agent,
}

/// Who a line announces, if it is a marker: nothing else may stand in it but white space after it.
fn marker(line: &str) -> Option<Speaker> {
    let line = line.trim_end();
    if !line.starts_with('[') {
        return None;
    }
    [("[Customer]", Speaker::Customer), ("[Agent]", Speaker::Agent), ("[System]", Speaker::System)]
        .into_iter()
        .find(|(name, _)| line.eq_ignore_ascii_case(name))
        .map(|(_, speaker)| speaker)
}

/// The blank line that stands before a marker. A hand may have left it out, or turned its line ends.
fn without_gap(text: &str) -> &str {
    ["\n\n", "\r\n\r\n", "\r\n", "\n"].iter().find_map(|gap| text.strip_suffix(gap)).unwrap_or(text)
}

fn escape(text: &str, out: &mut String) {
    if memchr::memchr(b'[', text.as_bytes()).is_none() {
        out.push_str(text);
        return;
    }
    for (line, start, next) in lines(text) {
        if marker(line.trim_start_matches('\\')).is_some() {
            out.push('\\');
        }
        out.push_str(&text[start..next]);
    }
}

fn unescape(text: &str) -> String {
    if memchr::memchr(b'[', text.as_bytes()).is_none() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (line, start, next) in lines(text) {
        let escaped = line.starts_with('\\') && marker(line.trim_start_matches('\\')).is_some();
        out.push_str(&text[start + usize::from(escaped)..next]);
    }
    out
}

/// Each line without its `\n`, where it starts, and where the next one does.
fn lines(text: &str) -> impl Iterator<Item = (&str, usize, usize)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |at| start + at);
        let next = (end + 1).min(text.len());
        let line = (&text[start..end], start, next);
        start = next;
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turn(role: Role, text: &str) -> Turn {
        Turn {
            role,
            author: String::new(),
            date: None,
            message_id: None,
            recovered: false,
            text: text.into(),
        }
    }

    fn written(turns: &[Turn], system: Option<&str>) -> String {
        let mut out = String::new();
        write(turns, system, &mut out);
        out
    }

    #[test]
    fn shapes() {
        let question = turn(Role::Customer, "Where is it?\n[Agent]\n\\[customer] ");
        assert_eq!(
            written(std::slice::from_ref(&question), None),
            "Where is it?\n\\[Agent]\n\\\\[customer] "
        );
        let turns = [question, turn(Role::Agent, "Which one?"), turn(Role::Customer, "4711")];
        assert_eq!(
            written(&turns, Some("Be brief.")),
            "[System]\nBe brief.\n\n[Customer]\nWhere is it?\n\\[Agent]\n\\\\[customer] \n\n[Agent]\nWhich one?\n\n\
             [Customer]\n4711"
        );
    }

    #[test]
    fn what_hands_do() {
        use Role::{Agent, Customer};
        for (text, turns) in [
            ("just words", vec![(Customer, "just words")]),
            (
                "hello\n[agent]\nhi\n[CUSTOMER] \nbye",
                vec![(Customer, "hello"), (Agent, "hi"), (Customer, "bye")],
            ),
            ("[Customer]\r\na\r\n\r\n[Agent]\r\nb", vec![(Customer, "a"), (Agent, "b")]),
            ("\n\n[Customer]\na", vec![(Customer, "a")]),
            ("see [Agent] there", vec![(Customer, "see [Agent] there")]),
            ("[Customer]", vec![(Customer, "")]),
            ("", vec![]),
        ] {
            let turns = turns.into_iter().map(|(role, text)| (role, text.to_owned())).collect();
            assert_eq!(parse(text).unwrap(), Parsed { system: None, turns }, "{text:?}");
        }
        assert!(parse("[Customer]\na\n\n[System]\nb").is_err());
    }

    proptest! {
        #[test]
        fn any_conversation_comes_back(
            texts in proptest::collection::vec((any::<bool>(), "(\\\\|\\[|[cC]ustomer\\]|\\[Agent\\]|\\[System\\]|\n|\r|\t| |a|é|\u{2028})*"), 0..5),
            system in proptest::option::of("(\\[Customer\\]|\n|b)*"),
        ) {
            let turns: Vec<Turn> = texts.iter()
                .map(|(agent, text)| turn(if *agent { Role::Agent } else { Role::Customer }, text)).collect();
            let parsed = parse(&written(&turns, system.as_deref())).unwrap();
            prop_assert_eq!(parsed.system, system);
            prop_assert_eq!(parsed.turns, turns.into_iter().map(|t| (t.role, t.text)).collect::<Vec<_>>());
        }
    }
}
