//! What customers keep asking, from a dataset folder or from mail: reading only; the insights are made by
//! their own crate.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use threadfold_core::Example;
use threadfold_insights::SitePage;

use crate::{Error, Pipeline};

/// Examples to learn from, and the `report.json` beside them if there is one.
///
/// ```no_run
/// # fn main() -> Result<(), threadfold::Error> {
/// use threadfold::{Learned, Pipeline};
/// let learned = Learned::open("dataset", Pipeline::new())?;
/// println!("{} examples", learned.examples.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct Learned {
    /// The examples, in the order of the file or of the threads.
    pub examples: Vec<Example>,
    /// The report of the export, as JSON.
    pub report: Option<serde_json::Value>,
}

impl Learned {
    /// Reads `path`: the folder of an export, an `examples.jsonl`, or else mail, which `pipeline` says how to
    /// read.
    ///
    /// # Errors
    /// When nothing there can be read, or a line of the file is no example.
    pub fn open(path: impl AsRef<Path>, pipeline: Pipeline) -> Result<Learned, Error> {
        let path = path.as_ref();
        let inside = path.join("examples.jsonl");
        if inside.is_file() {
            let report = std::fs::read(path.join("report.json")).ok();
            let report = report.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            return Ok(Learned { examples: read(&inside)?, report });
        }
        if path.extension().is_some_and(|e| e == "jsonl") {
            return Ok(Learned { examples: read(path)?, report: None });
        }
        // An export redacts: no page made of these examples shows a customer's data.
        let folder = tempfile::tempdir().map_err(Error::write(std::env::temp_dir()))?;
        let inside = folder.path().join("dataset");
        let mailbox = pipeline.input(PathBuf::from(path)).split(0.0).formats([]).page(false).open()?;
        mailbox.export(&inside)?;
        let mut learned = Learned::open(&inside, Pipeline::new())?;
        // Redaction takes the names; that two mails have one author is kept, as a number.
        let mut numbers: FxHashMap<String, usize> = FxHashMap::default();
        let mut authors: FxHashMap<String, usize> = FxHashMap::default();
        for example in mailbox.examples()? {
            let mut example = example?;
            let next = numbers.len();
            let number = *numbers.entry(std::mem::take(&mut example.turns[0].author)).or_insert(next);
            authors.insert(example.thread, number);
        }
        for example in &mut learned.examples {
            if let Some(number) = authors.get(&example.thread) {
                example.turns[0].author = format!("customer {number}");
            }
        }
        Ok(learned)
    }

    /// The saved pages of a website: all HTML and text files in these folders.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn pages(folders: &[PathBuf]) -> Result<Vec<SitePage>, Error> {
        let mut files = Vec::new();
        let mut open = folders.to_vec();
        while let Some(path) = open.pop() {
            let broken = |source| Error::Read { path: path.clone(), source };
            if path.is_dir() {
                for entry in std::fs::read_dir(&path).map_err(broken)? {
                    open.push(entry.map_err(broken)?.path());
                }
            } else if path
                .extension()
                .is_some_and(|e| ["html", "htm", "txt", "md"].iter().any(|x| e.eq_ignore_ascii_case(x)))
            {
                files.push(path);
            } else if folders.contains(&path) {
                // A path given must be there; of what a folder holds besides pages nothing is expected.
                std::fs::metadata(&path).map_err(broken)?;
            }
        }
        files.sort();
        let page = |path: PathBuf| {
            let bytes = std::fs::read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
            let name = folders.iter().find_map(|f| path.strip_prefix(f).ok()).unwrap_or(&path);
            Ok(SitePage {
                name: name.display().to_string(),
                source: String::from_utf8_lossy(&bytes).into_owned(),
            })
        };
        files.into_iter().map(page).collect()
    }
}

fn read(path: &Path) -> Result<Vec<Example>, Error> {
    let broken = |source| Error::Read { path: path.to_owned(), source };
    let lines = BufReader::with_capacity(1 << 18, File::open(path).map_err(broken)?).lines();
    let mut examples = Vec::new();
    for (number, line) in lines.enumerate() {
        let line = line.map_err(broken)?;
        if !line.trim().is_empty() {
            let example = serde_json::from_str(&line)
                .map_err(|e| broken(std::io::Error::other(format!("line {}: {e}", number + 1))))?;
            examples.push(example);
        }
    }
    Ok(examples)
}
