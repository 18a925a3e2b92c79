//! The binary as its users run it. One test binary, so that it links once.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test may fail")]

mod answers;
mod audit;
mod audited_report;
mod bad_input;
mod datasets;
mod export;
mod forms;
mod generated;
mod hostile;
mod lines;
mod parties;
mod recovered;
mod redaction;
mod supply;
mod support;
mod tampering;
mod vary;
