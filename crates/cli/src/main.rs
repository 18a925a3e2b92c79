//! The `threadfold` command.
//!
//! Flags and glue only: whatever a library user would miss lives in the `threadfold` crate. Data goes to
//! stdout, everything else to stderr. Exit status 0: done; 1: done, but something failed or was refused;
//! 2: the command line makes no sense.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's job")]

mod args;
mod facts;
mod out;
mod progress;
mod say;
mod verbs;

use clap::Parser;

fn main() {
    // A closed pipe (`threadfold … | head`) ends the program quietly: see `say::Out`.
    let args = args::Args::parse();
    threadfold::archive::outlive_truncation();
    std::process::exit(match verbs::run(&args) {
        Ok(status) => status,
        Err(e) => {
            args.common.log().error(&e);
            e.status()
        }
    });
}
