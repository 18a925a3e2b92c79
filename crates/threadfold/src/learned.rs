//! What customers keep asking, from a dataset folder or from mail: reading only; the insights are made by
//! their own crate.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use threadfold_core::Example;

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
        let mailbox = pipeline.input(PathBuf::from(path)).open()?;
        let examples = mailbox.examples()?.collect::<Result<_, _>>()?;
        Ok(Learned { examples, report: None })
    }
}

fn read(path: &Path) -> Result<Vec<Example>, Error> {
    let broken = |source| Error::Read { path: path.to_owned(), source };
    let lines = BufReader::with_capacity(1 << 18, File::open(path).map_err(broken)?).lines();
    let mut examples = Vec::new();
    for (number, line) in lines.enumerate() {
        let line = line.map_err(broken)?;
        if !line.trim().is_empty() {
            let example = serde_json::from_str(&line).map_err(|e| {
                broken(std::io::Error::other(format!("line {}: {e}", number + 1)))
            })?;
            examples.push(example);
        }
    }
    Ok(examples)
}
