use std::io::{BufRead, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use threadfold::redact::{KeepFacts, Options, Person, Redactor, Side, Type, infer_side};

use super::{stdout, write_line};
use crate::args::{Common, Redact};
use crate::say::{Failure, Log};

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

/// The lines of stdin that hold a question, and how many do not: each of those gets a line on stderr and the
/// rest goes on. What is wrong is said without the line's words, which may be somebody's.
fn read_questions(log: Log) -> Result<(Vec<Question>, u64), Failure> {
    let (mut questions, mut bad) = (Vec::new(), 0);
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = match number {
            1 => line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line),
            _ => &line,
        };
        if text.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(text) {
            Ok(question) => questions.push(question),
            Err(e) => {
                let why = match e.classify() {
                    Category::Data => "not an object with \"id\" and \"text\"",
                    Category::Eof => "JSON that ends too early",
                    Category::Syntax | Category::Io => "not JSON",
                };
                log.error(&Failure::Failed(format!("stdin line {number}, column {}: {why}", e.column())));
                bad += 1;
            }
        }
    }
    Ok((questions, bad))
}

pub(crate) fn run(a: &Redact, common: &Common) -> Result<i32, Failure> {
    // What agents tell several customers stays, so all lines are read before the first is answered.
    let (questions, bad) = read_questions(common.log())?;
    let mut facts = KeepFacts::new(&[]);
    for q in &questions {
        let people = q.people();
        facts.feed(&people, &[(infer_side(&q.text, &people), &q.text)]);
    }
    let mut keep = facts.finish();
    for literal in &a.keep {
        Type::ALL.into_iter().for_each(|kind| _ = keep.add(kind, literal));
    }
    let redactor = Redactor::new(Options { keep: Arc::new(keep), ..Options::default() });
    let mut out = stdout();
    for q in &questions {
        let people = q.people();
        let mut thread = redactor.thread(&people);
        // The line does not say who wrote the text; greetings and sign-offs do.
        let author = infer_side(&q.text, &people);
        thread.learn(&q.text, author);
        let redacted = thread.redact(&q.text, author);
        let mut points = CodePoints::new(&q.text);
        let spans = redacted
            .spans
            .iter()
            .map(|s| Span { start: points.at(s.start), end: points.at(s.end), r#type: s.kind.label() })
            .collect();
        write_line(&mut out, &Answer { id: &q.id, text: redacted.text, spans })?;
    }
    out.flush()?;
    Ok(i32::from(bad > 0))
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
