//! The decoded body of one message, wherever it stands.

use threadfold_archive::{Archive, unescape};
use threadfold_core::Locator;
use threadfold_message::{Body, BodyReader};

use crate::Pipeline;

/// Reads bodies; one for each worker, its buffers reused.
pub(crate) struct TextReader {
    bodies: BodyReader,
    scratch: Vec<u8>,
    max_message: u64,
}

impl TextReader {
    /// Within the bounds of a run: of a message that is too large nothing is decoded, of too much text in one not
    /// all, and [`Body::too_large`] says so.
    pub(crate) fn new(options: &Pipeline) -> TextReader {
        TextReader {
            bodies: BodyReader::with_limit(usize::try_from(options.max_text_size).unwrap_or(usize::MAX)),
            scratch: Vec::new(),
            max_message: options.max_message_size,
        }
    }

    /// The body of the message at `at`.
    ///
    /// # Errors
    /// The archive's words when the bytes cannot be read any more.
    pub(crate) fn read(&mut self, archive: &Archive, at: Locator) -> Result<Body, String> {
        self.read_if(archive, at, |_| true).map(Option::unwrap_or_default)
    }

    /// The body of the message at `at`; nothing is decoded when a look at the message's bytes says that it is
    /// of no interest.
    ///
    /// # Errors
    /// The archive's words when the bytes cannot be read any more.
    pub(crate) fn read_if(
        &mut self,
        archive: &Archive,
        at: Locator,
        wanted: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Option<Body>, String> {
        if at.len > self.max_message {
            return Ok(Some(Body { too_large: true, ..Body::default() }));
        }
        let raw = archive.read(at, &mut self.scratch).map_err(|e| e.to_string())?;
        let bodies = &mut self.bodies;
        Ok(wanted(raw.bytes).then(|| bodies.read_escaped(raw.bytes, &|text| unescape(text, raw.escape))))
    }

    /// Looks at the message's bytes as they stand.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub(crate) fn look<T>(
        &mut self,
        archive: &Archive,
        at: Locator,
        look: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, String> {
        let raw = archive.read(at, &mut self.scratch).map_err(|e| e.to_string())?;
        Ok(look(raw.bytes))
    }
}
