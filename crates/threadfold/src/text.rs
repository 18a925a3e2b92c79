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

    /// One for whoever reads the plain form where there is one; see [`BodyReader::plain_first`].
    pub(crate) fn plain_first(options: &Pipeline) -> TextReader {
        let reader = TextReader::new(options);
        TextReader { bodies: reader.bodies.plain_first(), ..reader }
    }

    /// The body of the message at `at`.
    ///
    /// # Errors
    /// The archive's words when the bytes cannot be read any more.
    pub(crate) fn read(&mut self, archive: &Archive, at: Locator) -> Result<Body, String> {
        self.read_part(archive, at, |raw| Some(raw)).map(Option::unwrap_or_default)
    }

    /// The body of the message at `at`, or of the part of its bytes that is of interest; nothing is decoded when a
    /// look at them says that none is.
    ///
    /// # Errors
    /// The archive's words when the bytes cannot be read any more.
    pub(crate) fn read_part(
        &mut self,
        archive: &Archive,
        at: Locator,
        part: impl for<'m> FnOnce(&'m [u8]) -> Option<&'m [u8]>,
    ) -> Result<Option<Body>, String> {
        if at.len > self.max_message {
            return Ok(Some(Body { too_large: true, ..Body::default() }));
        }
        let raw = archive.read(at, &mut self.scratch).map_err(|e| e.to_string())?;
        let bodies = &mut self.bodies;
        Ok(part(raw.bytes).map(|part| bodies.read_escaped(part, &|text| unescape(text, raw.escape))))
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
