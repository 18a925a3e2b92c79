//! Every example's turns, found again in the mail they were taken from.
//!
//! An example says where its messages stand, in the order in which it came to them. A turn that was said in a
//! message has that message's date (and, where they were left in, its Message-ID); its lines stand in that
//! message's text and in those that the same side sent after it, all in their order. A recovered turn's words
//! stand in one of the messages, quoted. And nobody speaks for both sides.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};

use rustc_hash::FxHashMap;
use threadfold_core::{Example, Hints, Locator, Role, SourceId, Turn, format_rfc3339, hash_bytes};
use threadfold_html as html;
use threadfold_message::HeadReader;

use crate::mailbox::{id_text, place_of};
use crate::ordered::in_order;
use crate::text::TextReader;
use crate::{Error, Stage};

use super::examples::Examples;
use super::findings::{Finding, Findings};
use super::found::{Pieces, Text};
use super::ledger::{number_of, place};
use super::messages::Messages;
use super::report::{EXAMPLES, Report};
use super::{Auditor, unreadable};

/// A message as an example's turns are looked for in it.
struct Source {
    date: Option<String>,
    id: Option<String>,
    /// The hash of its author's address.
    from: u64,
    /// Its text in each of its forms.
    forms: Vec<Text>,
    /// The same without quotation marks, for recovered turns.
    quoted: Vec<Text>,
}

/// Bytes of text that a worker keeps for the examples that follow.
const KEPT: usize = 8 << 20;

/// One piece of the examples, looked through.
#[derive(Default)]
struct Looked {
    found: u64,
    findings: Vec<Finding>,
    /// Who spoke for which side, and in which line.
    spoke: Vec<(u64, Role, u64)>,
}

pub(super) fn check(
    auditor: &Auditor,
    report: &Report,
    messages: &Messages,
    examples: &Examples,
    findings: &mut Findings,
) -> Result<u64, Error> {
    let path = auditor.file(EXAMPLES);
    if examples.pieces.is_empty() {
        return Ok(0);
    }
    auditor.observer.begin(Stage::Writing, examples.count);
    let mut found = 0;
    let mut sides: FxHashMap<u64, (Role, u64)> = FxHashMap::default();
    in_order(
        examples.pieces.len(),
        auditor.threads,
        || Reader {
            report,
            messages,
            text: TextReader::new(&report.bounds()),
            heads: HeadReader::default(),
            kept: FxHashMap::default(),
            bytes: 0,
        },
        |reader, job| -> Result<Looked, Error> {
            let broken = unreadable(&path);
            let (from, first) = examples.pieces[job];
            let to = examples.pieces.get(job + 1).map_or(examples.bytes, |p| p.0);
            let mut file = File::open(&path).map_err(&broken)?;
            file.seek(SeekFrom::Start(from)).map_err(&broken)?;
            let lines = BufReader::with_capacity(1 << 18, std::io::Read::take(file, to - from));
            let mut looked = Looked::default();
            for (number, line) in (first..).zip(lines.split(b'\n')) {
                let line = line.map_err(&broken)?;
                // What is no example was said.
                let Ok(example) = serde_json::from_slice::<Example>(&line) else { continue };
                let made_up = number_of(&example.id).is_some_and(|id| examples.synthetic.contains(&id));
                if !made_up {
                    reader.example(number, &example, &mut looked);
                }
            }
            Ok(looked)
        },
        |_, looked| {
            let looked = looked?;
            found += looked.found;
            looked.findings.into_iter().for_each(|f| findings.add(f));
            for (who, role, line) in looked.spoke {
                let (side, first) = *sides.entry(who).or_insert((role, line));
                if side != role {
                    let what =
                        format!("somebody speaks for one side who in line {first} speaks for the other");
                    findings.line(EXAMPLES, line, what);
                }
            }
            auditor.observer.advance(Stage::Writing, 1);
            if auditor.observer.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
        },
    )?;
    Ok(found)
}

struct Reader<'a> {
    report: &'a Report,
    messages: &'a Messages,
    text: TextReader,
    heads: HeadReader,
    /// Messages of the last examples: those that follow are often of the same thread.
    kept: FxHashMap<String, Source>,
    bytes: usize,
}

impl Reader<'_> {
    fn example(&mut self, number: u64, example: &Example, looked: &mut Looked) {
        let mut wrong = |what: String| {
            looked.findings.push(Finding { file: EXAMPLES.to_owned(), line: Some(number), what });
        };
        if self.bytes > KEPT {
            self.kept.clear();
            self.bytes = 0;
        }
        for locator in &example.locators {
            if let Err(why) = self.read(locator) {
                wrong(format!("names {locator}, {why}"));
            }
        }
        let sources: Vec<&Source> = example.locators.iter().filter_map(|l| self.kept.get(l)).collect();
        let mut dated: FxHashMap<Option<&str>, Vec<usize>> = FxHashMap::default();
        for (at, source) in sources.iter().enumerate() {
            dated.entry(source.date.as_deref()).or_default().push(at);
        }
        let redacted = self.report.redacted();
        let mut spoke = Vec::new();
        for (i, turn) in example.turns.iter().enumerate() {
            let there = if turn.recovered {
                recovered(turn, &sources, redacted)
            } else {
                let starts = dated.get(&turn.date.as_deref()).map_or(&[][..], Vec::as_slice);
                said(turn, starts, &sources, redacted)
                    .map(|who| spoke.push((who, turn.role, number)))
                    .is_some()
            };
            if there {
                looked.found += 1;
            } else {
                wrong(format!("turn {} does not stand in its source", i + 1));
            }
        }
        looked.spoke.append(&mut spoke);
    }

    /// Reads and decodes a message, if that is not done yet.
    fn read(&mut self, locator: &str) -> Result<(), &'static str> {
        if self.kept.contains_key(locator) {
            return Ok(());
        }
        const NOWHERE: &str = "which is no place in the input";
        let (name, offset, len) = place(locator).ok_or(NOWHERE)?;
        let source = *self.messages.sources.get(name).ok_or(NOWHERE)?;
        let at = Locator { source: SourceId(source), offset, len };
        let archive = &self.messages.archive;
        let mut scratch = Vec::new();
        let raw = archive.read(at, &mut scratch).map_err(|_| NOWHERE)?;
        let (date, from, id) = {
            let place = place_of(archive, &raw);
            let head = self.heads.read(raw.bytes, &place);
            let e = head.envelope();
            let date = (!e.hints.contains(Hints::DATE_MISSING)).then(|| format_rfc3339(e.date));
            (date, hash_bytes(e.from.as_bytes()), id_text(raw.bytes, e.id_at))
        };
        let body = self.text.read(archive, at).map_err(|_| "which cannot be read")?;
        let html = body.html.as_deref().map(html::to_text);
        let texts = [body.plain.as_deref(), html.as_deref()];
        // A page may set its author's own words apart as a quotation, which a turn then has without the marks.
        let own = html.as_deref().map(|text| {
            let bare = |line: &'_ str| line.trim_start_matches(['>', ' ']).to_owned();
            Text::of(&text.lines().map(bare).collect::<Vec<_>>().join("\n"))
        });
        let forms = texts.into_iter().flatten().map(Text::of).chain(own).collect();
        let quoted = texts.into_iter().flatten().map(Text::quoted).collect();
        self.bytes += texts.into_iter().flatten().map(|t| 2 * t.len()).sum::<usize>() + 256;
        self.kept.insert(locator.to_owned(), Source { date, id, from, forms, quoted });
        Ok(())
    }
}

/// Among how many messages behind its first one the rest of a turn is looked for.
const WINDOW: usize = 256;

/// Whether a turn stands in one of the messages that have its date, and where that ends in others, each of which
/// has one stretch of it; gives who wrote the first. They follow the first one in the example's order, or stand
/// before it because they quote an earlier turn.
fn said(turn: &Turn, starts: &[usize], sources: &[&Source], redacted: bool) -> Option<u64> {
    let pieces = Pieces::of(&turn.text, redacted);
    let found = |at: usize, done: usize| {
        sources[at].forms.iter().map(|text| pieces.found_in(done, text)).max().unwrap_or(0)
    };
    let begins = |at: &&usize| redacted || sources[**at].id == turn.message_id;
    // From the first one on, either whoever has the longest stretch comes next (a line such as "Thanks" stands in
    // many), or whoever comes first (history without marks holds what others said, and goes on longer).
    let rest = |start: usize, mut done: usize, longest: bool| {
        let mut others: Vec<usize> =
            (1..sources.len().min(WINDOW)).map(|n| (start + n) % sources.len()).collect();
        while done < pieces.len() {
            let mut stretches = others.iter().map(|&at| found(at, done)).enumerate().filter(|s| s.1 > 0);
            let next = if longest { stretches.rev().max_by_key(|s| s.1) } else { stretches.next() };
            let Some((nth, more)) = next else { return false };
            done += more;
            others.remove(nth);
        }
        true
    };
    starts.iter().filter(begins).find_map(|&start| {
        let done = found(start, 0);
        let there = done > 0 && (rest(start, done, true) || rest(start, done, false));
        there.then_some(sources[start].from)
    })
}

/// Whether messages quote a turn; a part of it may be its author's own message, and stand there as it is.
fn recovered(turn: &Turn, sources: &[&Source], redacted: bool) -> bool {
    // White space is not looked at: quoting breaks and pads lines.
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = turn.text.lines().map(words).collect::<Vec<_>>().join("\n");
    let pieces = Pieces::of_words(&text, redacted);
    let mut done = 0;
    while done < pieces.len() {
        let quoted = sources.iter().flat_map(|s| &s.quoted);
        match quoted.map(|text| pieces.found_in(done, text)).max() {
            None | Some(0) => return false,
            Some(more) => done += more,
        }
    }
    true
}
