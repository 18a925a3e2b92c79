//! How data goes to stdout: byte for byte into files and pipes, and harmless onto a terminal.
//!
//! Mail is written by strangers, and terminals obey what is written to them: a subject can clear the screen,
//! rename the window or show its letters backwards. Whatever a command prints goes through here.

use std::io::{self, BufWriter, IsTerminal, Write};

use crate::say::plain;

/// Buffered stdout.
pub(crate) fn stdout() -> Out<io::StdoutLock<'static>> {
    let stdout = io::stdout();
    let terminal = stdout.is_terminal();
    Out::new(stdout.lock(), terminal)
}

/// A writer that, on a terminal, lets no control character through.
pub(crate) struct Out<W: Write> {
    to: BufWriter<W>,
    /// The line that is being written, where its characters have to be looked at.
    line: Option<Vec<u8>>,
}

impl<W: Write> Out<W> {
    fn new(to: W, terminal: bool) -> Out<W> {
        Out { to: BufWriter::with_capacity(1 << 18, to), line: terminal.then(Vec::new) }
    }
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(line) = &mut self.line else { return self.to.write(bytes) };
        // Whole lines, so that no character is cut in two.
        let (whole, rest) = bytes.split_at(bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1));
        if !whole.is_empty() {
            line.extend_from_slice(whole);
            self.to.write_all(plain(&String::from_utf8_lossy(line)).as_bytes())?;
            line.clear();
        }
        line.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(line) = &mut self.line {
            self.to.write_all(plain(&String::from_utf8_lossy(line)).as_bytes())?;
            line.clear();
        }
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Colours, a window title, a C1 introducer as UTF-8, DEL, and text direction.
    const HOSTILE: &str = "a\x1b[31mb\x1b]0;title\x07c\u{9b}2Jd\x7f\r\u{202e}e\u{2066}f\u{61c}\n\tü 日本\n";

    #[test]
    fn onto_a_terminal_no_control_gets_through_however_the_bytes_are_cut() {
        for cut in 1..HOSTILE.len() {
            let mut bytes = Vec::new();
            let mut out = Out::new(&mut bytes, true);
            for piece in HOSTILE.as_bytes().chunks(cut) {
                out.write_all(piece).unwrap();
            }
            out.flush().unwrap();
            drop(out);
            assert_eq!(String::from_utf8(bytes).unwrap(), "a?[31mb?]0;title?c?2Jd???e?f?\n\tü 日本\n");
        }
    }

    #[test]
    fn into_a_pipe_every_byte_gets_through() {
        let mut bytes = Vec::new();
        let mut out = Out::new(&mut bytes, false);
        out.write_all(HOSTILE.as_bytes()).unwrap();
        out.write_all(b"\xff\xfe").unwrap();
        out.flush().unwrap();
        drop(out);
        assert_eq!(bytes, [HOSTILE.as_bytes(), b"\xff\xfe"].concat());
    }
}
