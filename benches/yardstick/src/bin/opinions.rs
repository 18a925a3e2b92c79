//! What several parsers say about the same messages, for `benches/differential.py`:
//!
//! - `opinions split PATH…`: the messages of archives, as JSON lines `{"id","raw"}` (base64).
//! - `opinions read`: reads such lines and says of each what threadfold, mail-parser and mailparse make of it:
//!   subject, ids, date, and the texts of the parts that are not attachments.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command")]

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{MessageParser, MimeHeaders, PartType};
use serde_json::{Value, json};
use threadfold_archive::{Archive, Found, Options, unescape};
use threadfold_core::Hints;
use threadfold_message::{BodyReader, HeadReader, Place};

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first() {
        Some((verb, paths)) if verb == "split" && !paths.is_empty() => split(paths),
        Some((verb, [])) if verb == "read" => read(),
        _ => {
            eprintln!("usage: opinions split PATH… | opinions read");
            std::process::exit(2);
        }
    }
}

fn split(paths: &[String]) -> std::io::Result<()> {
    let paths: Vec<_> = paths.iter().map(Into::into).collect();
    let archive = Archive::open(&paths, &Options::default()).unwrap_or_else(|e| panic!("{e}"));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut result = Ok(());
    for unit in archive.units(u64::MAX) {
        archive.scan(&unit, &mut |found| {
            let Found::Message(raw) = found else { return };
            let id = raw.locator.text(&archive.sources()[raw.locator.source.0 as usize].name);
            let raw = base64_simd::STANDARD.encode_to_string(unescape(raw.bytes, raw.escape));
            if result.is_ok() {
                result = writeln!(out, "{}", json!({"id": id, "raw": raw}));
            }
        });
    }
    result?;
    out.flush()
}

fn read() -> std::io::Result<()> {
    // What a peer panics with is told by the answer `null`.
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let raw = line["raw"].as_str().unwrap_or_default();
        let raw = base64_simd::STANDARD.decode_to_vec(raw).map_err(std::io::Error::other)?;
        let told =
            |peer: fn(&[u8]) -> Value| catch_unwind(AssertUnwindSafe(|| peer(&raw))).unwrap_or_default();
        let says = json!({
            "id": line["id"],
            "lean": told(lean),
            "mail_parser": told(by_mail_parser),
            "mailparse": told(by_mailparse),
        });
        writeln!(out, "{says}")?;
    }
    out.flush()
}

fn lean(raw: &[u8]) -> Value {
    let mut heads = HeadReader::default();
    let head = heads.read(raw, &Place::default());
    let e = head.envelope();
    let (at, len) = (e.id_at.0 as usize, usize::from(e.id_at.1));
    let body = BodyReader::default().read(raw);
    json!({
        "subject": e.subject,
        "message_id": raw.get(at..at + len).map(String::from_utf8_lossy),
        "date": (!e.hints.intersects(Hints::DATE_MISSING | Hints::DATE_GUESSED)).then_some(e.date),
        "references": e.references.len() - usize::from(e.in_reply_to),
        "from": e.from,
        "plain": body.plain,
        "html": body.html,
        "flowed": body.flowed,
        "damaged": body.damaged,
        "defects": body.defects.iter().map(|d| d.as_str()).collect::<Vec<_>>(),
    })
}

fn by_mail_parser(raw: &[u8]) -> Value {
    let Some(message) = MessageParser::default().parse(raw) else { return Value::Null };
    let mut plain = Vec::new();
    let mut html = Vec::new();
    for part in &message.parts {
        let attached =
            part.content_disposition().is_some_and(|d| d.is_attachment()) || part.attachment_name().is_some();
        match &part.body {
            PartType::Text(text) if !attached => plain.push(text.to_string()),
            PartType::Html(text) if !attached => html.push(text.to_string()),
            _ => {}
        }
    }
    json!({
        "subject": message.subject(),
        "message_id": message.message_id(),
        "date": message.date().map(|d| d.to_timestamp()),
        "references": message.references().as_text_list().map_or(0, |l| l.len()),
        "plain": plain,
        "html": html,
    })
}

fn by_mailparse(raw: &[u8]) -> Value {
    fn add(part: &mailparse::ParsedMail<'_>, plain: &mut Vec<String>, html: &mut Vec<String>) {
        part.subparts.iter().for_each(|p| add(p, plain, html));
        let disposition = part.get_content_disposition();
        let attached = disposition.disposition == mailparse::DispositionType::Attachment
            || disposition.params.contains_key("filename")
            || part.ctype.params.contains_key("name");
        if !part.subparts.is_empty() || attached {
            return;
        }
        match part.ctype.mimetype.as_str() {
            "text/plain" => plain.extend(part.get_body()),
            "text/html" => html.extend(part.get_body()),
            _ => {}
        }
    }
    use mailparse::MailHeaderMap;
    let Ok(mail) = mailparse::parse_mail(raw) else { return Value::Null };
    let (mut plain, mut html) = (Vec::new(), Vec::new());
    add(&mail, &mut plain, &mut html);
    json!({
        "subject": mail.headers.get_first_value("Subject"),
        "message_id": mail.headers.get_first_value("Message-ID"),
        "date": mail.headers.get_first_value("Date").and_then(|d| mailparse::dateparse(&d).ok()),
        "references": mail.headers.get_first_value("References").map(|r| r.split_whitespace().count()),
        "plain": plain,
        "html": html,
    })
}
