//! Bytes out: the mailbox with its quoting and offsets, and the lines of the truth.

use std::io::Write;

use serde::Serialize;

use crate::options::{Error, Summary};
use crate::personal::Planted;
use crate::random::{BASE64, Random};

/// An attachment's bytes, made while writing so that they never lie in memory as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    /// Where in the message's buffer they go.
    pub(crate) at: usize,
    /// Lines of 76 characters.
    pub(crate) lines: u64,
    pub(crate) seed: u64,
}

/// A message of the mailbox, as the truth knows it.
#[derive(Debug, Serialize)]
pub(crate) struct MessageLine<'a> {
    pub(crate) kind: &'static str,
    pub(crate) message_id: &'a str,
    pub(crate) thread: &'a str,
    pub(crate) offset: u64,
    pub(crate) role: Option<threadfold_core::Role>,
    pub(crate) fate: threadfold_core::Fate,
    pub(crate) reason: Option<threadfold_core::DropReason>,
    pub(crate) author: &'a str,
    pub(crate) author_name: &'a str,
    pub(crate) date: String,
    pub(crate) language: Option<&'static str>,
    /// The mail program's style of quoting.
    pub(crate) style: Option<&'static str>,
    /// Form and encoding, for the tables of a scorer.
    pub(crate) form: Option<String>,
    /// True when quoted history stands in it.
    pub(crate) quotes: bool,
    /// How it is linked to what it answers.
    pub(crate) link: Option<&'static str>,
    pub(crate) text: Option<&'a str>,
    /// `text` without its closing words, where it has some: whether they are part of the author's words
    /// or of the signature is a matter of taste.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) without_sign_off: Option<&'a str>,
    /// `text` with the first line of a signature that no delimiter sets off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) with_name: Option<String>,
    /// Personal data in `text`.
    #[serde(skip_serializing_if = "<[Planted]>::is_empty")]
    pub(crate) planted: &'a [Planted],
}

/// One turn of an expected example.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TurnLine {
    pub(crate) role: threadfold_core::Role,
    pub(crate) text: String,
    pub(crate) message_ids: Vec<String>,
}

/// An expected example.
#[derive(Debug, Serialize)]
pub(crate) struct ExampleLine<'a> {
    pub(crate) kind: &'static str,
    pub(crate) thread: &'a str,
    pub(crate) turns: &'a [TurnLine],
}

pub(crate) struct Output<'a> {
    pub(crate) mailbox: &'a mut dyn Write,
    pub(crate) truth: &'a mut dyn Write,
    pub(crate) summary: Summary,
    line: Vec<u8>,
    pairs: Vec<[u8; 2]>,
}

impl<'a> Output<'a> {
    pub(crate) fn new(mailbox: &'a mut dyn Write, truth: &'a mut dyn Write) -> Output<'a> {
        let pairs = (0..4_096).map(|i| [BASE64[i & 63], BASE64[i >> 6]]).collect();
        Output { mailbox, truth, summary: Summary::default(), line: Vec::new(), pairs }
    }

    /// Writes one message. `message` starts with the separator line; the rest is quoted as mboxrd asks
    /// and a blank line added.
    pub(crate) fn message(&mut self, message: &[u8], attachments: &[Attachment]) -> Result<(), Error> {
        let body = memchr::memchr(b'\n', message).map_or(message.len(), |i| i + 1);
        self.put(&message[..body])?;
        let mut from = body;
        for a in attachments {
            self.quoted(&message[from..a.at])?;
            self.attachment(a)?;
            from = a.at;
        }
        self.quoted(&message[from..])?;
        self.put(b"\n")?;
        self.summary.messages += 1;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.summary.bytes += bytes.len() as u64;
        self.mailbox.write_all(bytes).map_err(Error::Mailbox)
    }

    /// A `>` before each line that is `From ` after any number of `>`.
    fn quoted(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut done = 0;
        for hit in memchr::memmem::find_iter(bytes, b"From ") {
            let marks = bytes[..hit].iter().rev().take_while(|&&b| b == b'>').count();
            let start = hit - marks;
            if start == 0 || bytes[start - 1] == b'\n' {
                self.put(&bytes[done..start])?;
                self.put(b">")?;
                done = start;
            }
        }
        self.put(&bytes[done..])
    }

    fn attachment(&mut self, a: &Attachment) -> Result<(), Error> {
        const BATCH: usize = 800;
        let mut r = Random::fork(a.seed, 77);
        let mut left = a.lines;
        while left > 0 {
            let n = left.min(BATCH as u64);
            let mut line = std::mem::take(&mut self.line);
            line.clear();
            for _ in 0..n {
                for _ in 0..7 {
                    let mut bits = r.next();
                    for _ in 0..5 {
                        line.extend_from_slice(&self.pairs[(bits & 4_095) as usize]);
                        bits >>= 12;
                    }
                }
                let mut bits = r.next();
                for _ in 0..3 {
                    line.extend_from_slice(&self.pairs[(bits & 4_095) as usize]);
                    bits >>= 12;
                }
                line.push(b'\n');
            }
            let written = self.put(&line);
            self.summary.attachment_bytes += line.len() as u64;
            self.line = line;
            written?;
            left -= n;
        }
        Ok(())
    }

    /// Writes one line of the truth.
    pub(crate) fn truth<T: Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value).map_err(|e| Error::Truth(e.into()))?;
        self.line.push(b'\n');
        self.truth.write_all(&self.line).map_err(Error::Truth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_lines_are_quoted_and_attachments_are_base64() {
        let (mut mailbox, mut truth) = (Vec::new(), Vec::new());
        let mut out = Output::new(&mut mailbox, &mut truth);
        let text = b"From a@example.com x\nA: b\n\nFrom here\n>From there\nnot From this\n";
        let at = text.len();
        out.message(text, &[Attachment { at, lines: 2, seed: 4 }]).unwrap();
        let text = String::from_utf8(mailbox).unwrap();
        assert!(text.starts_with("From a@example.com x\nA: b\n\n>From here\n>>From there\nnot From this\n"));
        let tail: Vec<&str> = text.lines().skip(6).collect();
        assert_eq!(tail.iter().map(|l| l.len()).collect::<Vec<_>>(), [76, 76, 0]);
    }
}
