use std::io::Write;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use threadfold::redact::{KeepFacts, Options, Person, Redactor, Side, Type};

use super::{stdin_lines, stdout, write_line};
use crate::args::{Common, Redact};
use crate::say::Failure;

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    text: String,
    #[serde(default)]
    participants: Vec<Participant>,
}

#[derive(Deserialize)]
struct Participant {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a serde_json::Value,
    text: String,
    spans: Vec<Span>,
}

#[derive(Serialize)]
struct Span {
    start: usize,
    end: usize,
    r#type: &'static str,
}

pub(crate) fn run(a: &Redact, common: &Common) -> Result<i32, Failure> {
    // What agents tell several customers stays, so all lines are read before the first is answered.
    let mut questions = Vec::new();
    let mut facts = KeepFacts::new(&[]);
    let status = stdin_lines(common.log(), |q: Question| {
        let people = q.people();
        // The line does not say who wrote the text; greetings and sign-offs do.
        let author = facts.feed_unsigned(&people, &q.text);
        drop(people);
        questions.push((q, author));
        Ok(())
    })?;
    let mut keep = facts.finish();
    for literal in crate::facts::kept(&a.keep)? {
        Type::ALL.into_iter().for_each(|kind| _ = keep.add(kind, &literal));
    }
    let redactor = Redactor::new(Options { keep: Arc::new(keep), ..Options::default() });
    let mut out = stdout();
    for (q, author) in &questions {
        let people = q.people();
        let mut thread = redactor.thread(&people);
        thread.learn(&q.text, *author);
        let redacted = thread.redact(&q.text, *author);
        let mut points = CodePoints::new(&q.text);
        let spans = redacted
            .spans
            .iter()
            .map(|s| Span { start: points.at(s.start), end: points.at(s.end), r#type: s.kind.label() })
            .collect();
        write_line(&mut out, &Answer { id: &q.id, text: redacted.text, spans })?;
    }
    out.flush()?;
    Ok(status)
}

impl Question {
    fn people(&self) -> Vec<Person<'_>> {
        let side = |role: &str| if role == "agent" { Side::Agent } else { Side::Customer };
        self.participants
            .iter()
            .map(|p| Person { name: &p.name, email: &p.email, side: side(&p.role) })
            .collect()
    }
}

/// Byte offsets to code points; offsets must not go down.
struct CodePoints<'a> {
    text: &'a str,
    byte: usize,
    point: usize,
}

impl<'a> CodePoints<'a> {
    fn new(text: &'a str) -> Self {
        CodePoints { text, byte: 0, point: 0 }
    }

    fn at(&mut self, byte: usize) -> usize {
        self.point += self.text.get(self.byte..byte).map_or(0, |s| s.chars().count());
        self.byte = byte;
        self.point
    }
}
