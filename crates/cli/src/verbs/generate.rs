use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use threadfold_generate as generate;

use crate::args::{Common, Generate, Profile};
use crate::say::Failure;

pub(crate) fn run(a: &Generate, common: &Common) -> Result<i32, Failure> {
    let truth = PathBuf::from(format!("{}.truth.jsonl", a.output.display()));
    for path in [&a.output, &truth] {
        if path.exists() && !a.force {
            return Err(Failure::Usage(format!("{}: exists already; --force replaces it", path.display())));
        }
    }
    let mut options = generate::Options {
        messages: a.messages,
        seed: a.seed,
        min_bytes: a.bytes,
        ..generate::Options::new(match a.profile {
            Profile::Mixed => generate::Profile::Mixed,
            Profile::Text => generate::Profile::Text,
            Profile::Attachments => generate::Profile::Attachments,
        })
    };
    options.shares.personal = a.personal.clamp(0.0, 1.0);
    let parent = a.output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |e: std::io::Error| Failure::Failed(format!("{}: cannot write: {e}", a.output.display()));
    let (mail, known) = (
        threadfold::NewFile::beside(parent).map_err(cannot)?,
        threadfold::NewFile::beside(parent).map_err(cannot)?,
    );
    let mut mail_out = BufWriter::with_capacity(1 << 20, mail.as_file());
    let mut known_out = BufWriter::with_capacity(1 << 20, known.as_file());
    let summary = generate::generate(&options, &mut mail_out, &mut known_out)
        .map_err(|e| Failure::Failed(format!("{}: {e}", a.output.display())))?;
    mail_out.flush().map_err(cannot)?;
    known_out.flush().map_err(cannot)?;
    drop((mail_out, known_out));
    mail.publish(&a.output).map_err(cannot)?;
    known.publish(&truth).map_err(cannot)?;
    common.log().note(format_args!(
        "{}: {} messages in {} threads, {} bytes; known answers in {}",
        a.output.display(),
        summary.messages,
        summary.threads,
        summary.bytes,
        truth.display()
    ));
    Ok(0)
}
