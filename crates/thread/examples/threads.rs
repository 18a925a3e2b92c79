//! The threads of an mbox, a line of JSON a message: `threads [threads] [--json] [--policy P] [--notes] FILE`.
//! For measuring the linker alone; the real program reads mail with more care.

use std::io::Write;
use threadfold_thread::{Evidence, Options, link};

#[path = "shared/mbox.rs"]
mod mbox;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    let (mut file, mut notes, mut agents) = (None, false, false);
    let mut args = std::env::args().skip(1);
    while let Some(a) = args.next() {
        match a.as_str() {
            "threads" | "--json" => {}
            "--notes" => notes = true,
            "--find-agents" => agents = true,
            "--policy" => options.policy = args.next().ok_or("--policy wants a name")?.parse()?,
            "--window" => options.window_days = args.next().ok_or("--window wants days")?.parse()?,
            _ => file = Some(a),
        }
    }
    let file = file.ok_or("no file given")?;
    let mailbox = mbox::Mailbox::read(&std::fs::read(&file)?);
    let mail = &mailbox.envelopes;
    let quotes = mailbox.quotes.clone().finish();
    let content = |i: usize| mailbox.content[i];
    let found = agents.then(|| threadfold_thread::Agents::find(mail, &threadfold_thread::Outline::of(mail)));
    let mut err = std::io::stderr().lock();
    if let Some((_, table)) = &found {
        for row in table.iter().take(30) {
            writeln!(err, "{row:?}")?;
        }
    }
    let evidence = Evidence {
        content: Some(&content),
        quotes: Some(&quotes),
        tickets: &mailbox.tickets,
        agents: found.as_ref().map(|f| &f.0),
        ..Evidence::default()
    };
    let threads = link(mail, &evidence, &options);
    if notes {
        writeln!(err, "{} threads, {} copies, {:?}", threads.len(), threads.copies(), threads.notes())?;
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let id = |i: usize| match mailbox.ids[i].as_str() {
        "" => "null".to_owned(),
        id => quoted(&format!("<{id}>")),
    };
    for (i, e) in mail.iter().enumerate() {
        writeln!(
            out,
            "{{\"message_id\":{},\"thread\":\"{:016x}\",\"parent\":{},\"locator\":{},\"date\":{},\"from\":{},\"subject\":{},\"link\":\"{}\"}}",
            id(i),
            threads.key(threads.thread_of(i)),
            threads.parent_of(i).map_or("null".to_owned(), id),
            quoted(&mail.locator(i).text(&file)),
            quoted(&threadfold_core::format_rfc3339(e.date)),
            quoted(mail.text(e.from)),
            quoted(mail.text(e.subject)),
            threads.link_of(i),
        )?;
    }
    Ok(())
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if u32::from(c) < 32 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
