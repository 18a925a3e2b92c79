//! The checks themselves: of a file, of a row, and of rows among themselves.

use std::borrow::Cow;
use std::hash::Hasher;
use std::io::Write;
use std::sync::LazyLock;

use rustc_hash::FxHasher;

use super::common::Common;
use super::fix::{self, Ends};
use super::known::{Met, Repeats};
use super::node::{Node, lone_surrogates};
use super::rules::{Id, Severity};
use super::talk::{Found, Reading, Said, Talk, Who};
use super::telling::{format_of, legacy, mixed, refuses};
use super::trainers::Trainer;
use super::{Finding, RuleCount, ValidateOptions, Verdict};
use crate::count::{TokenReport, TokenTally};
use crate::error::Error;
use crate::format::csv::shortened;
use crate::format::{Delimiters, Format, json};
use crate::tokens::estimate_tokens;

mod row;

use row::{Looked, blank};

/// A share of refusals above this is reported.
const REFUSALS: f64 = 0.05;
/// Below this many examples, more are recommended.
const MANY: u64 = 100;
/// What OpenAI and most others ask for at least.
const FEWEST: u64 = 10;
/// Characters that all prompts (all completions) must have in common to be worth a word.
const COMMON_PROMPT: usize = 12;
const COMMON_COMPLETION: usize = 5;

/// How an escaped surrogate begins.
static HALF: LazyLock<[memchr::memmem::Finder<'static>; 2]> =
    LazyLock::new(|| [memchr::memmem::Finder::new("\\ud"), memchr::memmem::Finder::new("\\uD")]);

pub(crate) struct Checker<'a> {
    options: &'a ValidateOptions<'a>,
    trainer: Option<&'static Trainer>,
    pub(crate) out: Option<&'a mut dyn Write>,
    each: &'a mut dyn FnMut(Finding),
    pub(crate) verdict: Verdict,
    pub(crate) format: Option<Format>,
    /// What ends prompts and completions, for a legacy file.
    pub(crate) delimiters: Option<Delimiters>,
    repeats: Repeats,
    tally: TokenTally,
    prompts: Common,
    completions: Common,
    /// Rows with any prompt.
    asked: u64,
    talks: u64,
    rendered: Vec<u8>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(
        options: &'a ValidateOptions<'a>,
        out: Option<&'a mut dyn Write>,
        each: &'a mut dyn FnMut(Finding),
    ) -> Self {
        Checker {
            options,
            trainer: options.trainer,
            out,
            each,
            verdict: Verdict::default(),
            format: options.format,
            delimiters: None,
            repeats: Repeats::default(),
            tally: TokenTally::default(),
            prompts: Common::default(),
            completions: Common::default(),
            asked: 0,
            talks: 0,
            rendered: Vec::new(),
        }
    }

    /// How bad breaking a rule is for the trainer asked about.
    fn severity(&self, id: Id) -> Severity {
        let usual = id.rule().severity;
        let Some(trainer) = self.trainer else { return usual };
        let refused = match id {
            Id::StartsWithAgent | Id::NotAlternating | Id::EmptyMessage => trainer.alternating,
            Id::EndsWithCustomer => trainer.ends_with_agent,
            Id::ExtraField => trainer.own_fields_only,
            Id::BlankLine | Id::NotOnePerLine => trainer.strict_lines,
            Id::ByteOrderMark if !trainer.strict_lines => return Severity::Warning,
            Id::BadWeight if !trainer.weight => return Severity::Info,
            _ => return usual,
        };
        if refused { Severity::Error } else { usual.min(Severity::Warning) }
    }

    fn emit(&mut self, id: Id, row: Option<u64>, line: Option<u64>, field: Option<String>, message: String) {
        let severity = self.severity(id);
        self.emit_as(id, severity, row, line, field, message);
    }

    fn emit_as(
        &mut self,
        id: Id,
        severity: Severity,
        row: Option<u64>,
        line: Option<u64>,
        field: Option<String>,
        message: String,
    ) {
        match severity {
            Severity::Error => self.verdict.errors += 1,
            Severity::Warning => self.verdict.warnings += 1,
            Severity::Info => self.verdict.infos += 1,
        }
        let rule = id.rule();
        let count =
            self.verdict.rules.entry(rule.name).or_insert(RuleCount { severity, count: 0, first_row: row });
        count.count += 1;
        count.severity = count.severity.max(severity);
        (self.each)(Finding { row, line, field, rule: rule.name, severity, message, remedy: rule.remedy });
    }

    /// Reports something about the file. Rules of the file that can be mended are, by being written anew.
    pub(crate) fn about_file(&mut self, id: Id, line: Option<u64>, message: String) {
        if id.rule().fixable && self.out.is_some() {
            self.count_fixed(id);
        } else if self.severity(id) == Severity::Error {
            self.verdict.errors_left += 1;
        }
        self.emit(id, None, line, None, message);
    }

    fn count_fixed(&mut self, id: Id) {
        *self.verdict.fixed.entry(id.rule().name).or_default() += 1;
    }

    /// What shows before a byte is read.
    pub(crate) fn file(&mut self, bytes: u64) {
        let Some(trainer) = self.trainer else { return };
        if trainer.max_bytes.is_some_and(|max| bytes > max) {
            self.about_file(
                Id::TooLarge,
                None,
                format!("{bytes} bytes; {} takes {}", trainer.name, trainer.max_bytes.unwrap_or(0)),
            );
        }
        if trainer.plain_file_name
            && let Some(name) = self.options.file_name
            && !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        {
            self.about_file(Id::FileName, None, format!("{name:?}"));
        }
    }

    pub(crate) fn empty(&mut self) {
        self.verdict.container = "jsonl";
        self.about_file(Id::Empty, None, "the file holds nothing".into());
    }

    /// Whether the file is to be read once before, for what ends its prompts and completions.
    pub(crate) fn wants_delimiters(&self, head: &[u8]) -> bool {
        let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
        self.legacy_rules_apply()
            && match self.format {
                Some(format) => format == Format::PromptCompletion,
                None => serde_json::from_slice::<Node<'_>>(line.trim_ascii()).is_ok_and(|node| match node {
                    Node::Object(row) => format_of(&row, self.trainer) == Some(Format::PromptCompletion),
                    _ => false,
                }),
            }
    }

    fn legacy_rules_apply(&self) -> bool {
        self.trainer.is_none_or(|t| t.formats[0] == Format::PromptCompletion)
    }

    /// A row of which nothing can be read; it goes over as it is, as far as it is there.
    pub(crate) fn broken_row(&mut self, line: u64, id: Id, message: String, raw: &[u8]) -> Result<(), Error> {
        self.verdict.rows += 1;
        let row = self.verdict.rows;
        self.emit(id, Some(row), Some(line), None, message);
        if raw.is_empty() {
            self.verdict.errors_left += 1;
            return Ok(());
        }
        self.pass_on(raw)
    }

    /// A row of JSON.
    pub(crate) fn json_row(&mut self, raw: &[u8], line: Option<u64>) -> Result<(), Error> {
        self.verdict.rows += 1;
        let row = self.verdict.rows;
        let mut raw = Cow::Borrowed(raw);
        let halves = HALF.iter().any(|half| half.find(&raw).is_some());
        let alone = if halves { lone_surrogates(&raw) } else { Vec::new() };
        let mut done = Vec::new();
        if !alone.is_empty() {
            let message = format!("{} halves of surrogate pairs stand alone", alone.len());
            self.emit(Id::LoneSurrogate, Some(row), line, None, message);
            for at in alone {
                raw.to_mut()[at + 2..at + 6].copy_from_slice(b"fffd");
            }
            done.push(Id::LoneSurrogate);
        }
        let text = match std::str::from_utf8(&raw) {
            Ok(text) => text,
            Err(e) => {
                let message = format!("byte {} of the row is not UTF-8", e.valid_up_to() + 1);
                self.emit(Id::NotUtf8, Some(row), line, None, message);
                return self.pass_on(&raw);
            }
        };
        let mut node: Node<'_> = match serde_json::from_str(text) {
            Ok(node) => node,
            Err(e) => {
                let hint = if text.ends_with(',') {
                    " (a comma stands behind the object)"
                } else if e.is_eof() {
                    " (the row ends too early)"
                } else if text.starts_with("{'") {
                    " (JSON wants double quotes)"
                } else {
                    ""
                };
                self.emit(Id::NotJson, Some(row), line, None, format!("{e}{hint}"));
                return self.pass_on(&raw);
            }
        };
        let Node::Object(object) = &node else {
            self.emit(Id::NotObject, Some(row), line, None, node.kind().to_owned());
            return self.pass_on(&raw);
        };
        let Some(format) = self.format.or_else(|| format_of(object, self.trainer)) else {
            let keys = object.keys().collect::<Vec<_>>().join(", ");
            self.emit(
                Id::UnknownFormat,
                Some(row),
                line,
                None,
                format!("an object with the keys {}", shortened(&keys)),
            );
            return self.pass_on(&raw);
        };
        if self.format.is_none() {
            self.format = Some(format);
            self.format_known(format);
        }

        let mut found = Vec::new();
        let (talk, looked) = self.row_findings(&node, format, &mut found);
        let other = only_mixed(&node, format, &mut found, self.trainer);
        for (id, field, message) in found.drain(..) {
            self.emit(id, Some(row), line, field.map(|f| f.to_string()), message);
        }

        if self.out.is_none() {
            self.among_rows(&talk, &looked, format, row, line);
            return Ok(());
        }

        let mut rewrite = !done.is_empty() || self.verdict.container == "json";
        let ends = match &self.delimiters {
            Some(delimiters) => Ends::missing(delimiters),
            None => Ends::default(),
        };
        // A row of another format has nothing that this format's rules could mend.
        if !other {
            fix::mend(&mut node, format, self.trainer, &ends, &mut done);
        }
        rewrite |= !done.is_empty();
        if text.contains(['\u{2028}', '\u{2029}', '\u{85}']) {
            rewrite = true;
            done.push(Id::LineSeparator);
        }
        for id in &done {
            self.count_fixed(*id);
        }
        let (talk, looked) = self.row_findings(&node, format, &mut found);
        only_mixed(&node, format, &mut found, self.trainer);
        let errors = found.iter().filter(|(id, ..)| {
            self.severity(*id) == Severity::Error && !matches!(id, Id::EmptyCompletion | Id::LineSeparator)
        });
        self.verdict.errors_left += errors.count() as u64;
        if self.among_rows(&talk, &looked, format, row, line) {
            self.rendered.clear();
            if rewrite {
                json::write_line(&node, &mut self.rendered);
            } else {
                self.rendered.extend_from_slice(&raw);
                self.rendered.push(b'\n');
            }
            self.write_rendered()?;
        }
        Ok(())
    }

    pub(crate) fn write_rendered(&mut self) -> Result<(), Error> {
        if let Some(out) = &mut self.out {
            out.write_all(&self.rendered)?;
        }
        Ok(())
    }

    pub(crate) fn rendered(&mut self) -> &mut Vec<u8> {
        &mut self.rendered
    }

    fn pass_on(&mut self, raw: &[u8]) -> Result<(), Error> {
        self.verdict.errors_left += 1;
        if let Some(out) = &mut self.out {
            out.write_all(raw)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// The trainer may not read this format at all.
    pub(crate) fn format_known(&mut self, format: Format) {
        if let Some(trainer) = self.trainer
            && !trainer.formats.contains(&format)
        {
            let takes: Vec<&str> = trainer.formats.iter().map(|f| f.name()).collect();
            let message = format!("{} does not read {format}; it reads {}", trainer.name, takes.join(", "));
            self.about_file(Id::UnknownFormat, None, message);
        }
    }

    /// Everything that a row shows by itself.
    fn row_findings<'n>(
        &self,
        node: &'n Node<'_>,
        format: Format,
        found: &mut Vec<Found>,
    ) -> (Talk<'n>, Looked) {
        if let Some(key) = node.doubled_key() {
            found.push((Id::DoubledKey, None, format!("{:?} stands there twice", shortened(key))));
        }
        let Node::Object(row) = node else { return <(Talk<'_>, Looked)>::default() };
        let talk = Reading { format, found }.row(row);
        if let Some(false) = talk.learned {
            found.push((Id::NothingLearned, None, "every answer has weight 0".into()));
        }
        if format == Format::PromptCompletion
            && let Some(delimiters) = &self.delimiters
        {
            legacy(&talk, delimiters, found);
        }
        self.structure(&talk, format, found);
        let looked = self.texts(&talk, format, found);
        (talk, looked)
    }

    /// The same for a row of cells.
    pub(crate) fn cell_findings(&self, talk: &Talk<'_>, found: &mut Vec<Found>) -> Looked {
        self.structure(talk, Format::Csv, found);
        self.texts(talk, Format::Csv, found)
    }

    /// The same for a line of text.
    pub(crate) fn text_findings(&self, talk: &Talk<'_>, found: &mut Vec<Found>) -> Looked {
        self.texts(talk, Format::Csv, found)
    }

    /// Reports a row of cells; false if it is to be left out of the mended file.
    pub(crate) fn cell_row(
        &mut self,
        talk: &Talk<'_>,
        looked: &Looked,
        found: Vec<Found>,
        line: Option<u64>,
    ) -> bool {
        self.verdict.rows += 1;
        let row = self.verdict.rows;
        for (id, field, message) in found {
            if self.severity(id) == Severity::Error && id != Id::EmptyCompletion {
                self.verdict.errors_left += 1;
            }
            self.emit(id, Some(row), line, field.map(|f| f.to_string()), message);
        }
        self.among_rows(talk, looked, Format::Csv, row, line)
    }

    /// Columns besides prompt and completion, which convert leaves out.
    pub(crate) fn note_extra(&mut self, message: String, line: u64) {
        self.emit_as(Id::ExtraField, Severity::Info, None, Some(line), None, message);
    }

    /// What a row is among the others; false if it is to be left out of the mended file.
    pub(crate) fn among_rows(
        &mut self,
        talk: &Talk<'_>,
        looked: &Looked,
        format: Format,
        row: u64,
        line: Option<u64>,
    ) -> bool {
        let Some(completion) = completion(talk) else { return true };
        self.talks += 1;
        let mut keep = true;
        let number = u32::try_from(row).unwrap_or(u32::MAX);

        let Looked { question, answer } = looked;
        self.asked += u64::from(question.words > 0);

        let mut hasher = FxHasher::default();
        for said in &talk.said {
            hasher.write(said.text.as_bytes());
            hasher.write_u8(said.who as u8);
        }
        let short_answer = answer.key as u32;
        let sketch = question.sketch();
        if let Some(first) = self.repeats.see(hasher.finish(), answer.key, number) {
            self.emit(Id::Duplicate, Some(row), line, None, format!("the same as row {first}"));
            if self.out.is_some() {
                self.count_fixed(Id::Duplicate);
                keep = false;
            }
        } else {
            match self.verdict.questions.find(question, sketch.as_ref(), short_answer) {
                Some(Met::Same { row: first, same_answer: true }) => {
                    let message = format!("row {first} but for letter case, white space or punctuation");
                    self.emit(Id::NearDuplicate, Some(row), line, None, message);
                }
                Some(Met::Same { row: first, .. }) => {
                    self.verdict.conflicts += 1;
                    let message = format!("row {first} asks the same and is answered differently");
                    self.emit(Id::Conflict, Some(row), line, None, message);
                }
                Some(Met::Near { row: first }) => {
                    self.emit(
                        Id::NearDuplicate,
                        Some(row),
                        line,
                        None,
                        format!("asks nearly what row {first} asks"),
                    );
                }
                None => {}
            }
            self.verdict.questions.insert(number, question, sketch, short_answer);
        }
        if let Some(train) = self.options.train {
            match train.find(question, sketch.as_ref(), short_answer) {
                Some(Met::Same { row: first, .. }) => {
                    self.verdict.errors_left += 1;
                    self.emit(
                        Id::Leak,
                        Some(row),
                        line,
                        None,
                        format!("row {first} of the training file asks the same"),
                    );
                }
                Some(Met::Near { row: first }) => {
                    let message = format!("row {first} of the training file asks nearly the same");
                    self.emit_as(Id::Leak, Severity::Warning, Some(row), line, None, message);
                }
                None => {}
            }
        }
        if blank(completion.text) && !completion.calls && self.out.is_some() && keep {
            self.count_fixed(Id::EmptyCompletion);
            keep = false;
        }
        self.verdict.refusals += u64::from(refuses(completion.text));
        if let Some(first) = talk.said.iter().find(|said| said.who == Who::Customer) {
            self.prompts.add(first.text);
        }
        self.completions.add(completion.text);
        self.lengths(talk, completion, format, row, line);
        keep
    }

    fn lengths(
        &mut self,
        talk: &Talk<'_>,
        completion: &Said<'_>,
        format: Format,
        row: u64,
        line: Option<u64>,
    ) {
        let limit = self.options.max_tokens.or(self.trainer.and_then(|t| t.max_tokens));
        if self.options.counter.is_none() && limit.is_none() {
            return;
        }
        let count = |text: &str| match self.options.counter {
            Some(counter) => counter.count(text),
            None => estimate_tokens(text),
        };
        let last = count(completion.text);
        let others: u64 = talk
            .said
            .iter()
            .filter(|said| !std::ptr::eq(*said, completion))
            .map(|said| count(said.text))
            .sum();
        // Three for each message's frame and one for its role, three for the reply's start.
        let strings =
            matches!(format, Format::PromptCompletion | Format::Csv | Format::Text | Format::Alpaca);
        let frame = if strings { 0 } else { 4 * talk.said.len() as u64 + 3 };
        let all = last + others + frame;
        self.tally.add(all, last, limit);
        let Some(limit) = limit else { return };
        let about = if self.options.counter.is_some() { "" } else { "about " };
        if last > limit {
            self.verdict.errors_left += 1;
            let message = format!("{about}{last} tokens in the answer alone, {limit} fit");
            self.emit(Id::CompletionTooLong, Some(row), line, Some(completion.field.to_string()), message);
        } else if all > limit {
            self.verdict.errors_left += 1;
            self.emit(Id::TooLong, Some(row), line, None, format!("{about}{all} tokens, {limit} fit"));
        }
    }

    /// What shows at the end.
    pub(crate) fn finish(mut self) -> Result<Verdict, Error> {
        self.verdict.format = self.format;
        let rows = self.verdict.rows;
        if rows == 0 && !self.verdict.rules.contains_key(Id::Empty.rule().name) {
            self.about_file(Id::Empty, None, "there is no row in it".into());
        }
        if rows > 0 {
            self.numbers(rows);
            self.in_common();
        }
        if self.options.counter.is_some() {
            let name = self.options.counter.map_or_else(String::new, |c| c.name().to_owned());
            self.verdict.tokens = Some(TokenReport::new(name, std::mem::take(&mut self.tally)));
        }
        if let Some(out) = &mut self.out {
            out.flush()?;
        }
        Ok(self.verdict)
    }

    fn numbers(&mut self, rows: u64) {
        let name = self.trainer.map_or("most trainers", |t| t.name);
        let fewest = self.trainer.map_or(Some(FEWEST), |t| t.min_examples);
        match (fewest, self.trainer) {
            (Some(min), Some(_)) if rows < min => {
                self.about_file(Id::TooFew, None, format!("{rows} examples; {name} asks for {min}"));
            }
            (Some(min), None) if rows < min => {
                let message = format!("{rows} examples; {name} ask for {min}");
                self.emit_as(Id::TooFew, Severity::Warning, None, None, None, message);
            }
            _ if rows < MANY => {
                self.about_file(Id::Few, None, format!("{rows} examples"));
            }
            _ => {}
        }
        if let Some(max) = self.trainer.and_then(|t| t.max_examples)
            && rows > max
        {
            self.about_file(Id::TooMany, None, format!("{rows} examples; {name} takes {max}"));
        }
        let share = self.verdict.refusals as f64 / rows as f64;
        if share > REFUSALS && self.verdict.refusals > 1 {
            let message = format!(
                "{} of {rows} answers ({:.0} %) decline to answer",
                self.verdict.refusals,
                share * 100.0
            );
            self.about_file(Id::Refusals, None, message);
        }
    }

    fn in_common(&mut self) {
        let talks = self.talks;
        if talks < 2 {
            return;
        }
        if self.asked == 0 {
            self.about_file(Id::OpenEnded, None, "no row asks anything".into());
        } else if self.prompts.all_same {
            self.about_file(Id::IdenticalPrompts, None, format!("{:?}", shortened(self.prompts.start())));
        } else if talks > 2 && self.prompts.start().chars().count() >= COMMON_PROMPT {
            self.about_file(Id::CommonPromptStart, None, format!("{:?}", shortened(self.prompts.start())));
        }
        if self.completions.all_same {
            self.about_file(
                Id::IdenticalCompletions,
                None,
                format!("{:?}", shortened(self.completions.start())),
            );
        } else if talks > 2 && self.completions.start().chars().count() >= COMMON_COMPLETION {
            self.about_file(
                Id::CommonCompletionStart,
                None,
                format!("{:?}", shortened(self.completions.start())),
            );
        }
        let answers = self.repeats.answers();
        if self.asked > 0 && talks > 5 && answers * 3 < talks && !self.completions.all_same {
            self.about_file(Id::Classification, None, format!("{answers} different answers in {talks} rows"));
        }
        if self.format == Some(Format::PromptCompletion)
            && let Some(delimiters) = self.delimiters.clone()
        {
            if delimiters.separator.is_empty() && self.asked > 0 {
                self.emit(
                    Id::NoSeparator,
                    None,
                    None,
                    Some("prompt".into()),
                    "prompts end with nothing in common".into(),
                );
            }
            if delimiters.stop.is_empty() {
                self.emit(
                    Id::NoStop,
                    None,
                    None,
                    Some("completion".into()),
                    "completions end with nothing in common".into(),
                );
            }
        }
    }
}

/// Of a row of another format that alone is said: its fields are not this format's to judge. Gives whether it is
/// one.
fn only_mixed(node: &Node<'_>, format: Format, found: &mut Vec<Found>, trainer: Option<&Trainer>) -> bool {
    let other = mixed(node, format, found, trainer);
    if let Some(other) = other {
        found.clear();
        found.push((Id::MixedFormats, None, format!("a row of {other} among {format}")));
    }
    other.is_some()
}

/// The last answer.
fn completion<'t, 'n>(talk: &'t Talk<'n>) -> Option<&'t Said<'n>> {
    talk.said.iter().rev().find(|said| said.who == Who::Agent)
}
