//! Progress bars on a terminal, Ctrl-C turned into an orderly end.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use threadfold::{Observer, Stage};

use crate::say::Log;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Draws bars with rate and time left, on a terminal only.
pub(crate) struct Bars {
    log: Log,
    draw: bool,
    bar: Mutex<Option<(Stage, ProgressBar)>>,
}

impl Bars {
    /// Also catches Ctrl-C: the first asks the run to stop, the second ends the program at once.
    pub(crate) fn new(log: Log) -> Self {
        // Only fails when a handler is set already, which is then as good.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        let draw = std::io::stderr().is_terminal() && !log.quiet && !log.json;
        Bars { log, draw, bar: Mutex::new(None) }
    }
}

impl Observer for Bars {
    fn begin(&self, stage: Stage, total: u64) {
        if !self.draw {
            return;
        }
        let (what, unit) = match stage {
            Stage::Reading => ("reading  ", "{bytes}/{total_bytes} {bytes_per_sec}"),
            Stage::Linking => ("linking  ", ""),
            Stage::Writing => ("writing  ", "{human_pos}/{human_len} messages {per_sec}"),
            Stage::Redacting => ("redacting", "{human_pos}/{human_len} examples {per_sec}"),
            Stage::Comparing => ("comparing", ""),
        };
        let bar = if total > 0 { ProgressBar::new(total) } else { ProgressBar::new_spinner() };
        let template = format!("{{msg}} {{bar:30}} {unit}, {{eta}} left");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        if let Ok(mut current) = self.bar.lock()
            && let Some((_, old)) = current.replace((stage, bar))
        {
            old.finish_and_clear();
        }
    }

    fn advance(&self, stage: Stage, amount: u64) {
        if self.draw
            && let Ok(current) = self.bar.lock()
            && let Some((at, bar)) = current.as_ref()
            && *at == stage
        {
            bar.inc(amount);
        }
    }

    fn note(&self, text: &str) {
        match self.bar.lock() {
            Ok(current) if current.is_some() => {
                if let Some((_, bar)) = current.as_ref() {
                    bar.suspend(|| self.log.note(text));
                }
            }
            _ => self.log.note(text),
        }
    }

    fn cancelled(&self) -> bool {
        INTERRUPTED.load(Ordering::Relaxed)
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Ok(mut current) = self.bar.lock()
            && let Some((_, bar)) = current.take()
        {
            bar.finish_and_clear();
        }
    }
}
