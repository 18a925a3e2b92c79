use std::io::Write;

use serde::{Deserialize, Serialize};
use threadfold::reply::{Body, Kind, Known, Options, extract};

use super::{stdin_lines, stdout, write_line};
use crate::args::{Common, Reply};
use crate::say::Failure;

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    #[serde(default)]
    kind: BodyKind,
    body: String,
    #[serde(default)]
    parents: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum BodyKind {
    #[default]
    Text,
    Html,
}

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    reply: String,
    signature: Option<String>,
    quoted: Vec<String>,
    uncertain: bool,
    removed: Vec<Removed>,
}

#[derive(Serialize)]
struct Removed {
    kind: Kind,
    rule: &'static str,
    text: String,
}

pub(crate) fn run(a: &Reply, common: &Common) -> Result<i32, Failure> {
    let options = Options {
        keep_signature: a.keep_signature,
        keep_quoted: a.keep_quoted,
        keep_forwarded: a.keep_forwarded,
        ..Options::default()
    };
    let mut out = stdout();
    let status = stdin_lines(common.log(), |q: Question| {
        let parents: Vec<&str> = q.parents.iter().map(String::as_str).collect();
        let body = match q.kind {
            BodyKind::Text => Body::Text(&q.body),
            BodyKind::Html => Body::Html(&q.body),
        };
        let r = extract(body, &Known { parents: &parents, ..Known::default() }, &options);
        let quoted = r.removed.iter().filter(|x| x.kind == Kind::Quote).map(|x| x.text.clone()).collect();
        let removed =
            r.removed.into_iter().map(|x| Removed { kind: x.kind, rule: x.rule, text: x.text }).collect();
        let (reply, signature, uncertain) = (r.text, r.signature, r.uncertain);
        write_line(&mut out, &Answer { id: q.id, reply, signature, quoted, uncertain, removed })
    })?;
    out.flush()?;
    Ok(status)
}
