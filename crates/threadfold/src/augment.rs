//! Synthetic examples: made when all others are written, of those alone that are not for validation.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use threadfold_core::Example;
use threadfold_variants::{Origin, vary};

use crate::outputs::Outputs;
use crate::report::Tally;
use crate::{Error, Mailbox};

/// Adds the variants asked for behind the examples written so far.
pub(crate) fn augment(
    mailbox: &Mailbox,
    folder: &Path,
    outputs: &mut Outputs,
    tally: &mut Tally,
) -> Result<(), Error> {
    let Some(options) = &mailbox.options.variants else { return Ok(()) };
    let valid = outputs.flushed()?.to_vec();
    let path = folder.join("examples.jsonl");
    let read = |source| Error::Read { path: path.clone(), source };
    let lines = BufReader::with_capacity(1 << 18, File::open(&path).map_err(read)?).lines();
    let examples = lines
        .map(|line| serde_json::from_str(&line.map_err(read)?).map_err(|e| read(e.into())))
        .collect::<Result<Vec<Example>, Error>>()?;
    let outcome = vary(&examples, |i| valid.get(i).copied().unwrap_or(true), &[], options);

    let path = folder.join("variants.jsonl");
    let mut origins = BufWriter::with_capacity(1 << 18, File::create(&path).map_err(Error::write(&path))?);
    let renderer = outputs.renderer();
    for made in &outcome.made {
        let example = &made.example;
        outputs.write(example, Some(&renderer.render(example, false)), false)?;
        tally.add(example, false);
        serde_json::to_writer(&mut origins, &Origin::of(made)).map_err(|e| Error::write(&path)(e.into()))?;
        origins.write_all(b"\n").map_err(Error::write(&path))?;
    }
    origins.flush().map_err(Error::write(&path))?;
    outcome.report.warnings.iter().for_each(|w| mailbox.options.observer.note(w));
    tally.variants = Some(outcome.report);
    Ok(())
}
