use std::io::Write;

use threadfold::{Passphrase, read_vault};

use super::{stdout, write_line};
use crate::args::Vault;
use crate::say::Failure;

const VARIABLE: &str = "THREADFOLD_VAULT_PASSPHRASE";

/// The passphrase of a vault. Never from the command line, which others on the machine can read.
pub(crate) fn passphrase() -> Result<Passphrase, Failure> {
    match std::env::var(VARIABLE) {
        Ok(text) if !text.trim().is_empty() => Ok(Passphrase::new(text)),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::Usage(format!("{VARIABLE}: not UTF-8"))),
        _ => Err(Failure::Usage(format!(
            "--vault: the passphrase goes into the environment variable {VARIABLE}, which is not set or empty"
        ))),
    }
}

pub(crate) fn run(a: &Vault) -> Result<i32, Failure> {
    let passphrase = passphrase()?;
    let mut out = stdout();
    let mut written = Ok(());
    read_vault(&a.file, &passphrase, |entry| {
        if written.is_ok() && a.thread.as_ref().is_none_or(|thread| *thread == entry.thread) {
            written = write_line(&mut out, &entry);
        }
    })?;
    written?;
    out.flush()?;
    Ok(0)
}
