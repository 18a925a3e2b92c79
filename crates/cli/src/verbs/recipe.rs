use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use threadfold::dataset::{Format, RecipeFiles, RecipeFor, recipe, sniff};

use super::{convert, stdout};
use crate::args::Recipe;
use crate::say::Failure;

pub(crate) fn run(a: &Recipe) -> Result<i32, Failure> {
    let whom: RecipeFor =
        a.trainer.parse().map_err(|e: threadfold::dataset::Error| Failure::Usage(e.to_string()))?;
    let (format, train) =
        if a.input.is_dir() { in_folder(whom, &a.input)? } else { one_file(whom, &a.input)? };
    let Look { examples, weighted, system } = look(&train)?;
    let files = RecipeFiles {
        format,
        valid: beside(&train).map(|path| path.display().to_string()),
        train: train.display().to_string(),
        examples,
        weighted,
        system,
    };
    let mut out = stdout();
    out.write_all(recipe(whom, &files).as_bytes())?;
    out.flush()?;
    Ok(0)
}

/// The training file of an export.
fn in_folder(whom: RecipeFor, folder: &Path) -> Result<(Format, PathBuf), Failure> {
    let formats = whom.formats();
    // Without a split there is one file of all examples.
    let parts = ["train", "dataset"];
    let files = formats.iter().flat_map(|f| parts.map(|part| (*f, folder.join(f.file_name(part)))));
    files.into_iter().find(|(_, path)| path.is_file()).ok_or_else(|| {
        let names: Vec<&str> = formats.iter().map(|f| f.name()).collect();
        Failure::Usage(format!(
            "{}: no file for it; export with --format {}",
            folder.display(),
            names.join(" or --format ")
        ))
    })
}

fn one_file(whom: RecipeFor, path: &Path) -> Result<(Format, PathBuf), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::Failed(format!("{}: {e}", path.display()));
    let found = sniff(convert::open(path)?).map_err(|e| failed(&e))?;
    let formats = whom.formats();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Several formats have the same keys; the file's name tells which it is, else the best will do.
    let by_name = formats.iter().find(|f| f.info().folder.is_none() && name.ends_with(f.info().suffix));
    let fits = |f: &&Format| **f == found || (found == Format::Messages && **f == Format::Mlx);
    match by_name.or_else(|| formats.iter().find(fits)) {
        Some(format) => Ok((*format, path.to_owned())),
        None => {
            let wanted = formats[0].name();
            Err(Failure::Usage(format!(
                "{}: this is {found}; threadfold convert {} --to {wanted} -o FILE makes what is needed",
                path.display(),
                path.display()
            )))
        }
    }
}

/// What a look into the training file tells.
struct Look {
    examples: u64,
    /// Whether the first example has weights.
    weighted: bool,
    /// The first example's system message.
    system: Option<String>,
}

fn look(path: &Path) -> Result<Look, Failure> {
    let mut input = convert::open(path)?;
    let mut line = Vec::new();
    let mut found = Look { examples: 0, weighted: false, system: None };
    while input.read_until(b'\n', &mut line)? > 0 {
        if !line.trim_ascii().is_empty() {
            if found.examples == 0 {
                found.weighted = String::from_utf8_lossy(&line).contains("\"weight\":");
                found.system = serde_json::from_slice(&line).ok().and_then(|row| system(&row));
            }
            found.examples += 1;
        }
        line.clear();
    }
    Ok(found)
}

/// The system message of a row in any of the formats that trainers take: a field of its own, or the first
/// message of a list.
fn system(row: &serde_json::Value) -> Option<String> {
    let lists = ["messages", "prompt", "conversations"];
    let first = lists.iter().find_map(|key| row.get(key)?.get(0)).filter(|m| {
        let role = m.get("role").or_else(|| m.get("from")).and_then(|r| r.as_str());
        matches!(role, Some("system" | "developer"))
    });
    let text = row.get("system").or_else(|| first.and_then(|m| m.get("content").or_else(|| m.get("value"))));
    text.and_then(|t| t.as_str()).filter(|t| !t.trim().is_empty()).map(str::to_owned)
}

/// The validation file that goes with a training file.
fn beside(train: &Path) -> Option<PathBuf> {
    let name = train.file_name()?.to_str()?;
    let path = train.with_file_name(name.strip_prefix("train").map(|rest| format!("valid{rest}"))?);
    path.is_file().then_some(path)
}
