//! `vary`: reworded variants of a dataset's questions.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::{Deserialize, Serialize};
use threadfold::dataset::{ConvertOptions, Format, convert, read_examples, sniff};
use threadfold::variants::{
    DEFAULT_REFUSAL, Gate, Options, Origin, Report, Rewriter, Rules, UNSURE, Variant, asked, check, vary,
};
use threadfold::{Example, NewFile};

use super::{export, stdin_lines, stdout, write_line};
use crate::args::Common;
use crate::say::{Failure, Log};

/// Reworded variants of a dataset's questions, and questions it cannot answer
#[derive(ClapArgs)]
#[command(
    after_help = "Writes FILE's examples, each followed by its variants. Validation examples are never varied: if FILE is the examples.jsonl or dataset.csv of an export, those in the valid.* files beside it are left alone; others are named with --held-back.\n\nWith --prompts: input lines {\"id\":\"1\",\"text\":\"…\"}, output lines {\"id\":\"1\",\"variants\":[{\"text\":\"…\",\"how\":\"…\"}]}\n\nExamples:\n  threadfold vary dataset/train.messages.jsonl --rewriter mined --rewriter rules -o more.jsonl\n  threadfold vary dataset/examples.jsonl --per-example 2 --max-share 0.5 --unknowns 0.05 -o more.jsonl\n  threadfold vary train.jsonl --rewriter endpoint --endpoint http://localhost:11434/v1 --model llama3 --cache answers.jsonl -o more.jsonl"
)]
pub(crate) struct Vary {
    /// The dataset, in any format, or - for stdin
    #[arg(required_unless_present = "prompts")]
    input: Option<PathBuf>,
    /// Reword JSON lines from stdin instead of a dataset
    #[arg(long, conflicts_with_all = ["input", "output", "unknowns", "say_unsure", "held_back"])]
    prompts: bool,
    /// At most so many variants for each example
    #[arg(long, value_name = "N", default_value_t = 1)]
    per_example: usize,
    /// rules, mined or endpoint (repeatable; asked in this order) [default: rules]
    #[arg(long = "rewriter", value_name = "NAME")]
    rewriters: Vec<String>,
    /// Where to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The format to read [default: told from the file]
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// The format to write [default: the one read]
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// A system message for the formats that have one
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// Write the variants without the examples they come from
    #[arg(long)]
    only_variants: bool,
    /// A file whose questions must not be varied, nor lend wordings (repeatable)
    #[arg(long, value_name = "FILE")]
    held_back: Vec<PathBuf>,
    #[command(flatten)]
    limits: SyntheticLimits,
    /// Seed of everything drawn by chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write a line for each variant: its id, its example's id, how it came about and the evidence
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Write the counts as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Replace existing files
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    remote: Remote,
}

/// The endpoint's address and manners.
#[derive(ClapArgs)]
#[command(next_help_heading = "Endpoint")]
#[cfg_attr(not(feature = "endpoint"), allow(dead_code, reason = "refused as a whole"))]
struct Remote {
    /// Base address of an OpenAI-compatible endpoint; questions are sent there and nowhere else
    #[arg(long, value_name = "URL", requires = "model")]
    endpoint: Option<String>,
    /// The endpoint's model
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// The environment variable that holds the endpoint's key
    #[arg(long, value_name = "NAME", default_value = "OPENAI_API_KEY")]
    key_env: String,
    /// Keep answers here: a run that was stopped goes on where it was
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
    /// Questions a request
    #[arg(long, value_name = "N", default_value_t = 8)]
    batch: usize,
    /// Requests at a time
    #[arg(long, value_name = "N", default_value_t = 4)]
    concurrency: usize,
    /// Tries after a failed one
    #[arg(long, value_name = "N", default_value_t = 5)]
    retries: u32,
    /// First pause after a failure, in milliseconds; it doubles each time
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    pause: u64,
    /// Longest time for one request, in seconds
    #[arg(long, value_name = "S", default_value_t = 120)]
    timeout: u64,
    /// Price of a million tokens sent and received, to show the cost in money
    #[arg(long, value_name = "IN,OUT", value_parser = price)]
    price: Option<(f64, f64)>,
    /// Ask before sending and receiving more tokens than this
    #[arg(long, value_name = "TOKENS", default_value_t = 200_000)]
    ask_above: u64,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// How much may be synthetic, and what is said where the data have no answer: for `vary` and `export` alike.
#[derive(ClapArgs)]
struct SyntheticLimits {
    /// The largest share of synthetic examples among all
    #[arg(long, value_name = "SHARE", default_value_t = 0.3)]
    max_share: f64,
    /// Add questions that the data cannot answer, up to this share of all examples
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    unknowns: f64,
    /// What such questions are answered with
    #[arg(long, value_name = "TEXT", default_value = DEFAULT_REFUSAL)]
    refusal: String,
    /// Tell the model in the system message, behind --system's words if there are any, to say so when it is not sure
    #[arg(long)]
    say_unsure: bool,
}

impl SyntheticLimits {
    fn options(
        &self,
        per_example: usize,
        rewriters: Vec<Rewriter>,
        seed: u64,
        threads: usize,
    ) -> Result<Options, Failure> {
        share("--max-share", self.max_share)?;
        share("--unknowns", self.unknowns)?;
        Ok(Options {
            per_example,
            rewriters,
            share: self.max_share,
            unknowns: self.unknowns,
            refusal: self.refusal.clone(),
            seed,
            threads,
        })
    }

    /// The system message with the instruction, if it is asked for.
    fn system(&self, given: Option<&str>) -> Option<String> {
        match (given, self.say_unsure) {
            (Some(text), true) => Some(format!("{} {UNSURE}", text.trim_end())),
            (None, true) => Some(UNSURE.to_owned()),
            (given, false) => given.map(str::to_owned),
        }
    }
}

/// What `export` adds of this.
#[derive(ClapArgs)]
#[command(next_help_heading = "Synthetic examples")]
pub(crate) struct Synthetic {
    /// Add up to N reworded variants of each training example
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    variants: usize,
    /// Where variants come from: rules or mined (repeatable) [default: mined, then rules]
    #[arg(long = "rewriter", value_name = "NAME")]
    rewriters: Vec<String>,
    #[command(flatten)]
    limits: SyntheticLimits,
}

impl Synthetic {
    /// None when nothing synthetic is asked for.
    pub(crate) fn options(&self, seed: u64, common: &Common) -> Result<Option<Options>, Failure> {
        if self.variants == 0 && self.limits.unknowns == 0.0 {
            return Ok(None);
        }
        let rewriters = rewriters(&self.rewriters, &[Rewriter::Mined, Rewriter::Rules])?;
        if rewriters.contains(&Rewriter::Endpoint) {
            return Err(Failure::Usage(
                "--rewriter endpoint: export first, then vary the training file".into(),
            ));
        }
        self.limits.options(self.variants, rewriters, seed, common.threads).map(Some)
    }

    /// The system message of the training files.
    pub(crate) fn system(&self, given: Option<&str>) -> Option<String> {
        self.limits.system(given)
    }
}

/// "0.15,0.6": the prices of a million tokens sent and received.
fn price(text: &str) -> Result<(f64, f64), String> {
    let parsed =
        text.split_once(',').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
    parsed.ok_or_else(|| "expected two numbers with a comma between them".to_owned())
}

fn rewriters(names: &[String], default: &[Rewriter]) -> Result<Vec<Rewriter>, Failure> {
    if names.is_empty() {
        return Ok(default.to_vec());
    }
    let parsed = names.iter().map(|n| n.parse::<Rewriter>());
    parsed.collect::<Result<_, _>>().map_err(|e| Failure::Usage(e.to_string()))
}

fn share(option: &str, value: f64) -> Result<(), Failure> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(Failure::Usage(format!("{option} {value}: not a share from 0 to below 1")))
    }
}

/// The counts in a line.
pub(crate) fn say(r: &Report, log: &Log) {
    log.note(format_args!(
        "{} synthetic examples ({:.0} % of all): {} by rules, {} mined, {} by the endpoint, {} unanswerable; {} left out by the cap, {} examples without a good wording, {} held back",
        r.synthetic, r.share * 100.0, r.rules, r.mined, r.endpoint, r.unknowns, r.left_out, r.without, r.held_back
    ));
    log.note(format_args!(
        "refusals among the answers: {:.1} % before, {:.1} % now",
        r.refusals_before * 100.0,
        r.refusals * 100.0
    ));
}

pub(crate) fn run(a: &Vary, common: &Common) -> Result<i32, Failure> {
    let rewriters = rewriters(&a.rewriters, &[Rewriter::Rules])?;
    let options = a.limits.options(a.per_example, rewriters, a.seed, common.threads)?;
    if options.rewriters.contains(&Rewriter::Endpoint) != a.remote.endpoint.is_some() {
        return Err(Failure::Usage("--rewriter endpoint and --endpoint URL go together".into()));
    }
    if a.prompts { prompts(a, &options.rewriters, common) } else { dataset(a, &options, common) }
}

#[derive(Deserialize)]
struct Prompt {
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct Reworded<'a> {
    id: &'a serde_json::Value,
    variants: Vec<Variant>,
}

fn prompts(a: &Vary, rewriters: &[Rewriter], common: &Common) -> Result<i32, Failure> {
    if rewriters.contains(&Rewriter::Mined) {
        return Err(Failure::Usage(
            "--prompts have no answers, and wordings are mined by answers: give a FILE".into(),
        ));
    }
    let mut list: Vec<Prompt> = Vec::new();
    let read = stdin_lines(common.log(), |p: Prompt| {
        list.push(p);
        Ok(())
    })?;
    let mut rules = Rules::new(a.seed);
    list.iter().for_each(|p| rules.learn(&p.text));
    let pairs: Vec<(&str, &str)> = list.iter().map(|p| (p.text.as_str(), "")).collect();
    let (remote, status) = if rewriters.contains(&Rewriter::Endpoint) {
        ask(&a.remote, &pairs, a.per_example, &common.log())?
    } else {
        (vec![Vec::new(); list.len()], 0)
    };
    let texts: Vec<&str> = pairs.iter().map(|p| p.0).collect();
    let ruled = rules.reword_all(&texts, a.per_example, common.threads);
    let mut out = stdout();
    for (i, p) in list.iter().enumerate() {
        let mut variants: Vec<Variant> = Vec::new();
        for rewriter in rewriters {
            let more = match rewriter {
                Rewriter::Rules => ruled[i].clone(),
                _ => remote[i].iter().map(|t| Variant { text: t.clone(), how: "endpoint".into() }).collect(),
            };
            variants.extend(more.into_iter().filter(|v| check(&p.text, &v.text).is_ok()));
        }
        variants.truncate(a.per_example);
        write_line(&mut out, &Reworded { id: &p.id, variants })?;
    }
    out.flush()?;
    Ok(status.max(read))
}

fn dataset(a: &Vary, options: &Options, common: &Common) -> Result<i32, Failure> {
    let log = common.log();
    for file in [&a.output, &a.evidence, &a.report].into_iter().flatten() {
        if file != Path::new("-") && file.exists() && !a.force {
            return Err(Failure::Usage(format!("{}: exists already; --force replaces it", file.display())));
        }
    }
    let input = a.input.as_deref().unwrap_or(Path::new("-"));
    let from = a.from.as_deref().map(export::format).transpose()?;
    let (examples, from) = load(input, from)?;
    let to = a.to.as_deref().map(export::format).transpose()?.unwrap_or(from);

    let mut secret: HashSet<String> = HashSet::new();
    for file in a.held_back.iter().cloned().chain(valid_beside(input)) {
        log.note(format_args!("held back: the questions of {}", file.display()));
        for e in load(&file, None)?.0 {
            secret.insert(spoken(&e));
        }
    }
    let held: Vec<bool> = examples.iter().map(|e| secret.contains(&spoken(e))).collect();

    let (outside, status) = if options.rewriters.contains(&Rewriter::Endpoint) {
        remote(a, &examples, &held, &log)?
    } else {
        (Vec::new(), 0)
    };
    let outcome = vary(&examples, |i| held[i], &outside, options);

    // Each example is followed by its variants; what has no source comes last.
    let mut canonical = Vec::new();
    let mut made = outcome.made.iter().peekable();
    for (i, e) in examples.iter().enumerate() {
        if !a.only_variants {
            write_line(&mut canonical, e)?;
        }
        while let Some(m) = made.next_if(|m| m.source == Some(i)) {
            write_line(&mut canonical, &m.example)?;
        }
    }
    made.try_for_each(|m| write_line(&mut canonical, &m.example))?;
    write_dataset(a, to, &canonical)?;
    if let Some(path) = &a.evidence {
        let mut lines = Vec::new();
        outcome.made.iter().try_for_each(|m| write_line(&mut lines, &Origin::of(m)))?;
        whole_file(path, &lines)?;
    }
    if let Some(path) = &a.report {
        let mut text = serde_json::to_vec_pretty(&outcome.report).map_err(std::io::Error::from)?;
        text.push(b'\n');
        whole_file(path, &text)?;
    }
    say(&outcome.report, &log);
    outcome.report.warnings.iter().for_each(|w| log.warn(w));
    Ok(status)
}

/// The examples of a file and its format. All of them are in memory: wordings are compared with each other.
fn load(path: &Path, from: Option<Format>) -> Result<(Vec<Example>, Format), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::Failed(format!("{}: {e}", path.display()));
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        BufReader::new(File::open(path).map_err(|e| failed(&e))?)
            .read_to_end(&mut bytes)
            .map_err(|e| failed(&e))?;
    }
    let from = match from {
        Some(from) => from,
        None if bytes.is_empty() => Format::Canonical,
        None => sniff(&mut Cursor::new(&bytes)).map_err(|e| failed(&e))?,
    };
    let canonical = if from == Format::Canonical {
        bytes
    } else {
        let mut out = Vec::new();
        convert(Cursor::new(bytes), Some(from), Format::Canonical, &mut out, &ConvertOptions::default())
            .map_err(|e| failed(&e))?;
        out
    };
    let list = read_examples(Format::Canonical, canonical.as_slice()).collect::<Result<Vec<_>, _>>();
    Ok((list.map_err(|e| failed(&e))?, from))
}

/// The validation files of the export that the file is part of.
fn valid_beside(input: &Path) -> Vec<PathBuf> {
    let whole = input.file_name().is_some_and(|n| n == "examples.jsonl" || n == "dataset.csv");
    let folder = input.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|p| whole && p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("valid.")))
        .collect();
    found.sort();
    // Every format holds the same examples; the plainest is read.
    found.sort_by_key(|p| !p.to_string_lossy().ends_with("messages.jsonl"));
    found.truncate(1);
    found
}

/// What is said before the answer, blanks aside: formats differ in how they keep them.
fn spoken(e: &Example) -> String {
    e.prompt().iter().flat_map(|t| t.text.split_whitespace()).collect::<Vec<_>>().join(" ")
}

fn write_dataset(a: &Vary, to: Format, canonical: &[u8]) -> Result<(), Failure> {
    let mut options = ConvertOptions::default();
    options.render.system = a.limits.system(a.system.as_deref());
    let failed = |e: threadfold::dataset::Error| Failure::Failed(e.to_string());
    match a.output.as_deref().filter(|p| *p != Path::new("-")) {
        None => {
            let mut out = stdout();
            convert(Cursor::new(canonical), Some(Format::Canonical), to, &mut out, &options)
                .map_err(failed)?;
            Ok(out.flush()?)
        }
        Some(path) => {
            let mut bytes = Vec::new();
            convert(Cursor::new(canonical), Some(Format::Canonical), to, &mut bytes, &options)
                .map_err(failed)?;
            whole_file(path, &bytes)
        }
    }
}

/// A file that appears whole or not at all.
fn whole_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let cannot = |e: std::io::Error| Failure::Failed(format!("{}: cannot write: {e}", path.display()));
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = NewFile::beside(folder).map_err(cannot)?;
    let mut out = BufWriter::new(file.as_file());
    out.write_all(bytes).and_then(|()| out.flush()).map_err(cannot)?;
    drop(out);
    file.publish(path).map_err(cannot)
}

/// Wordings by the endpoint, each with the place of its example; and the exit status.
fn remote(
    a: &Vary,
    examples: &[Example],
    held: &[bool],
    log: &Log,
) -> Result<(Vec<(usize, String)>, i32), Failure> {
    let mut places = Vec::new();
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for (i, e) in examples.iter().enumerate().filter(|(i, e)| !held[*i] && e.variant_of.is_none()) {
        if let Some(turn) = asked(e) {
            places.push(i);
            pairs.push((&e.turns[turn].text, e.completion()));
        }
    }
    let (wordings, status) = ask(&a.remote, &pairs, a.per_example, log)?;
    let flat = places.into_iter().zip(wordings).flat_map(|(i, list)| list.into_iter().map(move |t| (i, t)));
    Ok((flat.collect(), status))
}

#[cfg(not(feature = "endpoint"))]
fn ask(_: &Remote, _: &[(&str, &str)], _: usize, _: &Log) -> Result<(Vec<Vec<String>>, i32), Failure> {
    Err(Failure::Usage("this program was built without endpoints".into()))
}

/// Asks the endpoint, after saying what it will cost; gives what passes the gate.
#[cfg(feature = "endpoint")]
fn ask(
    remote: &Remote,
    pairs: &[(&str, &str)],
    n: usize,
    log: &Log,
) -> Result<(Vec<Vec<String>>, i32), Failure> {
    use std::time::Duration;
    use threadfold::variants::{Endpoint, Error};

    let failed = |e: Error| Failure::Failed(e.to_string());
    let mut endpoint =
        Endpoint::new(remote.endpoint.clone().unwrap_or_default(), remote.model.clone().unwrap_or_default());
    endpoint.key = std::env::var(&remote.key_env).ok().filter(|k| !k.is_empty());
    endpoint.cache.clone_from(&remote.cache);
    endpoint.batch = remote.batch.max(1);
    endpoint.concurrency = remote.concurrency.max(1);
    endpoint.retries = remote.retries;
    endpoint.pause = Duration::from_millis(remote.pause);
    endpoint.timeout = Duration::from_secs(remote.timeout.max(1));

    let texts: Vec<&str> = pairs.iter().map(|p| p.0).collect();
    let plan = endpoint.plan(&texts, n).map_err(failed)?;
    let money = match remote.price {
        Some((sent, received)) => {
            let cost = (plan.sent_tokens as f64 * sent + plan.received_tokens as f64 * received) / 1e6;
            format!(", about {cost:.2} at the prices given")
        }
        None => String::new(),
    };
    log.note(format_args!(
        "{}: {} questions, {} of them answered in the cache; {} requests with about {} tokens sent and {} received{money}",
        endpoint.url, plan.questions, plan.cached, plan.requests, plan.sent_tokens, plan.received_tokens
    ));
    if plan.sent_tokens + plan.received_tokens > remote.ask_above && !remote.yes && !agreed()? {
        return Err(Failure::Failed(format!(
            "that is more than {} tokens: nothing was sent; --yes or a higher --ask-above lets it pass",
            remote.ask_above
        )));
    }
    let answers = endpoint.reword(&texts, n, &|_, _| true).map_err(failed)?;
    let gate = Gate::new(pairs.iter().copied());
    let mut strayed = 0;
    let wordings: Vec<Vec<String>> = answers
        .wordings
        .into_iter()
        .enumerate()
        .map(|(i, list)| {
            let before = list.len();
            let kept: Vec<String> =
                list.into_iter().filter(|t| check(texts[i], t).is_ok() && gate.admits(i, t)).collect();
            strayed += before - kept.len();
            kept
        })
        .collect();
    log.note(format_args!("{strayed} wordings refused by the guard or nearer to another question"));
    if !answers.unanswered.is_empty() {
        let why = answers.last_failure.unwrap_or_default();
        log.warn(format_args!(
            "{} questions stayed without an answer ({why}); start again to ask for them",
            answers.unanswered.len()
        ));
        return Ok((wordings, 1));
    }
    Ok((wordings, 0))
}

/// Asks on the terminal; where there is none, the answer is no.
#[cfg(feature = "endpoint")]
fn agreed() -> Result<bool, Failure> {
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(false);
    }
    eprint!("Go on? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
