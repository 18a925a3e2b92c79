//! The examples and every file that renders from them, side by side in one pass.

use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use threadfold_core::{Example, Flag, Role, hash_bytes};
use threadfold_dataset::{Format, RenderOptions, Stats, estimate_tokens, example_id};

use crate::Error;
use crate::outputs::Part;

use super::findings::Findings;
use super::ledger::{Ledger, number_of};
use super::lines::{Expected, each_line};
use super::report::{Answers, EXAMPLES, LEDGER, REPORT, Report, VARIANTS};

/// What is kept of the examples.
#[derive(Default)]
pub(super) struct Examples {
    pub(super) count: u64,
    /// Pieces of the file for later work: where each starts, and the number of its first line.
    pub(super) pieces: Vec<(u64, u64)>,
    /// The end of the last piece.
    pub(super) bytes: u64,
    /// Ids of examples that were made up: their words stand in no mail as they are.
    pub(super) synthetic: FxHashSet<u128>,
}

/// Bytes of examples that later work takes at a time.
const PIECE: u64 = 1 << 18;

/// A line of `variants.jsonl`, as far as it is needed.
#[derive(Deserialize)]
struct Origin {
    id: String,
    variant_of: Option<String>,
}

pub(super) fn check(
    folder: &Path,
    report: &Report,
    ledger: &Ledger,
    findings: &mut Findings,
) -> Result<Examples, Error> {
    let mut examples = Examples::default();
    let path = folder.join(EXAMPLES);
    if !path.is_file() {
        return Ok(examples);
    }
    let origins = origins(folder, report, findings)?;
    examples.synthetic = origins.keys().copied().collect();
    let mut files = Files::open(folder, report, findings)?;
    let mut seen = Seen::new(report, ledger, &origins);
    let mut stats = Stats::new();
    let whole = each_line(&path, |number, bytes| {
        if examples.pieces.last().is_none_or(|(at, _)| examples.bytes - at >= PIECE) {
            examples.pieces.push((examples.bytes, number));
        }
        examples.bytes += bytes.len() as u64 + 1;
        examples.count += 1;
        let Ok(example) = serde_json::from_slice::<Example>(bytes) else {
            findings.line(EXAMPLES, number, "is no example");
            files.lost = true;
            return Ok(());
        };
        let mut again = Vec::new();
        Format::Canonical.render(&example, &RenderOptions::default(), &mut again);
        if again.strip_suffix(b"\n") != Some(bytes) {
            findings.line(EXAMPLES, number, "is not written as an export writes it");
        }
        stats.add(&example);
        let side = files.compare(number, &example, findings, |thread| seen.side_of(thread))?;
        seen.look(number, &example, side, findings);
        Ok(())
    })?;
    if !whole {
        findings.line(EXAMPLES, examples.count, "has no line end: something is cut off");
    }
    files.end(findings)?;
    seen.end(findings);

    let counted = [
        ("examples.all", serde_json::json!(examples.count), serde_json::json!(report.examples.all)),
        ("examples.stats", serde_json::to_value(&stats).unwrap_or_default(), report.examples.stats.clone()),
        (
            "examples.token_bars",
            serde_json::to_value(stats.token_bars()).unwrap_or_default(),
            report.examples.token_bars.clone(),
        ),
    ];
    for (what, counted, said) in counted {
        if counted != said {
            findings.file(REPORT, format!("{what} is not what the examples add up to"));
        }
    }
    if let Some(answers) = &report.answers
        && let Some(what) = seen.contradiction(answers)
    {
        findings.file(REPORT, what);
    }
    if report.examples.train + report.examples.valid != report.examples.all {
        findings.file(REPORT, "examples.train and examples.valid do not add up to examples.all");
    }
    if let Some((train, valid)) = files.counted()
        && (train, valid) != (report.examples.train, report.examples.valid)
    {
        findings
            .file(REPORT, format!("the files hold {train} examples for training and {valid} for validation"));
    }
    Ok(examples)
}

/// The ids of synthetic examples, each with the one that it rewords.
fn origins(
    folder: &Path,
    report: &Report,
    findings: &mut Findings,
) -> Result<FxHashMap<u128, Option<u128>>, Error> {
    let mut origins = FxHashMap::default();
    let path = folder.join(VARIANTS);
    if report.variants.is_none() || !path.is_file() {
        return Ok(origins);
    }
    each_line(&path, |number, bytes| {
        let origin = serde_json::from_slice::<Origin>(bytes).ok();
        let ids = origin.and_then(|o| match o.variant_of {
            Some(of) => Some((number_of(&o.id)?, Some(number_of(&of)?))),
            None => Some((number_of(&o.id)?, None)),
        });
        match ids {
            Some((id, of)) if origins.insert(id, of).is_none() => {}
            Some(_) => findings.line(VARIANTS, number, "is about the same example as an earlier line"),
            None => findings.line(VARIANTS, number, "says of no example where it comes from"),
        }
        Ok(())
    })?;
    Ok(origins)
}

/// Which side of the split an example stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Train,
    Valid,
}

/// Examples seen so far, and what must hold between them.
struct Seen<'a> {
    report: &'a Report,
    ledger: &'a Ledger,
    origins: &'a FxHashMap<u128, Option<u128>>,
    ids: FxHashSet<u128>,
    /// The side of each thread.
    threads: FxHashMap<u64, Side>,
    /// Of examples that others reword: their completion and places.
    reworded: FxHashMap<u128, (u64, Vec<u64>)>,
    wanted: FxHashSet<u128>,
    /// Examples that were not made up, and how many of them have which flag.
    real: u64,
    stale: u64,
    contradicting: u64,
}

impl<'a> Seen<'a> {
    fn new(report: &'a Report, ledger: &'a Ledger, origins: &'a FxHashMap<u128, Option<u128>>) -> Self {
        Seen {
            report,
            ledger,
            origins,
            ids: FxHashSet::default(),
            threads: FxHashMap::default(),
            reworded: FxHashMap::default(),
            wanted: origins.values().flatten().copied().collect(),
            real: 0,
            stale: 0,
            contradicting: 0,
        }
    }

    fn side_of(&self, thread: &str) -> Option<Side> {
        self.threads.get(&hash_bytes(thread.as_bytes())).copied()
    }

    fn look(&mut self, number: u64, example: &Example, side: Option<Side>, findings: &mut Findings) {
        let mut wrong = |what: &str| findings.line(EXAMPLES, number, what);
        if example_id(&example.turns) != example.id {
            wrong("has an id that its turns do not give: id or words were changed");
        }
        let Some(id) = number_of(&example.id) else { return wrong("has an id that is none") };
        if !self.ids.insert(id) {
            wrong("has the id of an earlier example");
        }
        if !alternates(example) {
            wrong("has turns that are not a customer's and an agent's in turn, or one without words");
        }
        if self.report.redacted() && example.turns.iter().any(|t| t.message_id.is_some()) {
            wrong("has a Message-ID, which a redacted export leaves out");
        }
        if let Some(side) = side {
            let thread = hash_bytes(example.thread.as_bytes());
            if *self.threads.entry(thread).or_insert(side) != side {
                wrong("stands on the other side of the split than another example of its thread");
            }
        }
        let mut places: Vec<u64> = example.locators.iter().map(|l| hash_bytes(l.as_bytes())).collect();
        places.sort_unstable();
        let completion = hash_bytes(example.completion().as_bytes());
        match self.origins.get(&id) {
            None => {
                self.real += 1;
                self.stale += u64::from(example.flags.contains(&Flag::StaleAnswer));
                self.contradicting += u64::from(example.flags.contains(&Flag::InconsistentAnswer));
                if example.variant_of.is_some() {
                    wrong("rewords another, and variants.jsonl does not know it");
                }
                if example.tokens != example.turns.iter().map(|t| estimate_tokens(&t.text)).sum::<u64>()
                    && !self.report.redacted()
                {
                    wrong("has a number of tokens that its turns do not give");
                }
                let named: Vec<u64> = self.ledger.naming(id).iter().map(|u| u.locator).collect();
                let mut unique = named.clone();
                unique.dedup();
                if unique != places {
                    wrong("is not made of the messages that the ledger says stand in it");
                }
                if self.wanted.contains(&id) {
                    self.reworded.insert(id, (completion, places));
                }
            }
            Some(of) => {
                if example.variant_of.as_deref().and_then(number_of) != *of {
                    wrong("rewords another example than variants.jsonl says");
                }
                if side == Some(Side::Valid) {
                    wrong("is made up and stands in the validation files");
                }
                if !self.ledger.naming(id).is_empty() {
                    wrong("is made up, and the ledger says that messages stand in it");
                }
                match of.map(|of| self.reworded.get(&of)) {
                    Some(None) => wrong("rewords an example that is not there"),
                    Some(Some((answer, at))) => {
                        if *answer != completion {
                            wrong("has another completion than the example that it rewords");
                        }
                        if !at.iter().all(|place| places.binary_search(place).is_ok()) {
                            wrong("does not name the messages of the example that it rewords");
                        }
                    }
                    None => {}
                }
            }
        }
    }

    /// What the report says of the answers and the examples do not. Of examples left out nobody knows here
    /// which flag they had.
    fn contradiction(&self, said: &Answers) -> Option<&'static str> {
        let fits = |flagged: u64, said: u64, left_out: u64| {
            flagged <= said && said <= flagged.saturating_add(left_out)
        };
        if !fits(self.stale, said.stale, said.left_out) {
            return Some("answers.stale is not how many examples have that flag");
        }
        if !fits(self.contradicting, said.contradicting, said.left_out) {
            return Some("answers.contradicting is not how many examples have that flag");
        }
        if said.compared.saturating_add(said.not_compared) != self.real.saturating_add(said.left_out) {
            return Some("answers.compared and answers.not_compared are not all examples");
        }
        None
    }

    fn end(&self, findings: &mut Findings) {
        let mut gone: BTreeMap<u64, u128> = BTreeMap::new();
        for u in self.ledger.uses().iter().filter(|u| !self.ids.contains(&u.example)) {
            gone.insert(u.line, u.example);
        }
        for (line, id) in gone {
            findings.line(LEDGER, line, format!("names the example {id:032x}, which is not there"));
        }
        for id in self.origins.keys().filter(|id| !self.ids.contains(*id)) {
            findings.file(VARIANTS, format!("names the example {id:032x}, which is not there"));
        }
    }
}

/// A customer speaks first, an agent last, in turn, and everybody says something.
fn alternates(example: &Example) -> bool {
    let role = |i: usize| if i.is_multiple_of(2) { Role::Customer } else { Role::Agent };
    example.turns.len() >= 2
        && example.turns.len().is_multiple_of(2)
        && example.turns.iter().enumerate().all(|(i, t)| t.role == role(i) && !t.text.trim().is_empty())
}

/// The files that render from the examples.
struct Files {
    render: RenderOptions,
    all: Vec<(Format, Expected)>,
    split: Vec<Split>,
    /// An example could not be read: from there on nothing can be compared.
    lost: bool,
}

/// A format's file for training, and the one for validation where there is a split.
struct Split {
    format: Format,
    train: Expected,
    valid: Option<Expected>,
    rows: (u64, u64),
}

impl Files {
    fn open(folder: &Path, report: &Report, findings: &mut Findings) -> Result<Files, Error> {
        let render = report.render_options();
        let mut files = Files { render, all: Vec::new(), split: Vec::new(), lost: false };
        for (format, part, name) in report.rendered()? {
            // What is missing was said.
            if format == Format::Canonical || !folder.join(&name).is_file() {
                continue;
            }
            let mut file = Expected::open(folder, &name)?;
            let mut head = Vec::new();
            format.header(&files.render, &mut head);
            if file.goes_on_with(&head)? {
                file.pass(&head);
            } else {
                findings.line(&name, 1, "does not start with the head that its format has");
                file.broken = true;
            }
            match part {
                Part::All => files.all.push((format, file)),
                Part::Train => {
                    // Without the other half of a split nothing can be said of this one.
                    let valid = format.file_name("valid");
                    if report.split() <= 0.0 || folder.join(valid).is_file() {
                        files.split.push(Split { format, train: file, valid: None, rows: (0, 0) });
                    }
                }
                Part::Valid => {
                    if let Some(split) = files.split.iter_mut().find(|s| s.format == format) {
                        split.valid = Some(file);
                    }
                }
            }
        }
        Ok(files)
    }

    /// Compares one example's row in every file; says on which side it stands, where that can be told.
    fn compare(
        &mut self,
        number: u64,
        example: &Example,
        findings: &mut Findings,
        known: impl Fn(&str) -> Option<Side>,
    ) -> Result<Option<Side>, Error> {
        if self.lost {
            return Ok(None);
        }
        let mut row = Vec::new();
        for (format, file) in self.all.iter_mut().filter(|(_, file)| !file.broken) {
            row.clear();
            format.render(example, &self.render, &mut row);
            if file.goes_on_with(&row)? {
                file.pass(&row);
            } else {
                findings.line(&file.name, file.line, not_rendered(number));
                file.broken = true;
            }
        }
        // On which side could it stand, by all files that are still whole?
        let mut rows = Vec::with_capacity(self.split.len());
        let (mut train, mut valid) = (true, true);
        for split in &mut self.split {
            row.clear();
            split.format.render(example, &self.render, &mut row);
            let here = (
                split.train.goes_on_with(&row)?,
                match &mut split.valid {
                    Some(file) => file.goes_on_with(&row)?,
                    None => false,
                },
            );
            let telling = !split.train.broken && !row.is_empty() && here != (false, false);
            if telling {
                train &= here.0;
                valid &= here.1;
            }
            rows.push((row.clone(), here, telling));
        }
        let told = rows.iter().any(|(.., telling)| *telling);
        let side = match (train, valid) {
            _ if !told => None,
            (true, false) => Some(Side::Train),
            (false, true) => Some(Side::Valid),
            // The same row is next on both sides: it is its thread's, or it does not matter whose.
            (true, true) => known(&example.thread).or(Some(Side::Train)),
            (false, false) => {
                findings.line(EXAMPLES, number, "stands on both sides of the split");
                None
            }
        };
        for (split, (row, here, telling)) in self.split.iter_mut().zip(rows) {
            if row.is_empty() || split.train.broken {
                continue;
            }
            let file = match (side, &mut split.valid) {
                (Some(Side::Valid), Some(valid)) => valid,
                _ => &mut split.train,
            };
            let fits = match side {
                Some(Side::Train) => here.0,
                Some(Side::Valid) => here.1,
                None => false,
            };
            if telling && fits {
                file.pass(&row);
                match side {
                    Some(Side::Valid) => split.rows.1 += 1,
                    _ => split.rows.0 += 1,
                }
            } else {
                let also = match &split.valid {
                    Some(valid) if side.is_none() => {
                        format!(" (nor has {}, line {})", valid.name, valid.line)
                    }
                    _ => String::new(),
                };
                let (name, line) = match (side, &split.valid) {
                    (Some(Side::Valid), Some(valid)) => (valid.name.clone(), valid.line),
                    _ => (split.train.name.clone(), split.train.line),
                };
                findings.line(&name, line, not_rendered(number) + &also);
                split.train.broken = true;
            }
        }
        Ok(side)
    }

    fn end(&mut self, findings: &mut Findings) -> Result<(), Error> {
        if self.lost {
            return Ok(());
        }
        let split = self.split.iter_mut().filter(|s| !s.train.broken);
        let split = split.flat_map(|s| std::iter::once(&mut s.train).chain(s.valid.as_mut()));
        for file in self.all.iter_mut().map(|(_, file)| file).filter(|f| !f.broken).chain(split) {
            if !file.at_end()? {
                findings.line(&file.name, file.line, "goes on behind the last example");
            }
        }
        Ok(())
    }

    /// Rows for training and for validation, by a format that has every example.
    fn counted(&self) -> Option<(u64, u64)> {
        let whole = |s: &&Split| s.format.holds_every_example() && !s.train.broken && !self.lost;
        self.split.iter().find(whole).map(|s| s.rows)
    }
}

fn not_rendered(number: u64) -> String {
    format!("is not what line {number} of {EXAMPLES} renders to")
}
