//! What can be wrong with a body that was read all the same.

/// Something about a message's form that is not as it should be. None of these stops the reading.
///
/// ```
/// let body = threadfold_message::BodyReader::default()
///     .read(b"Content-Transfer-Encoding: base64\n\nSGVsbG8gd29ybGQ\n");
/// assert_eq!(body.text(), "Hello world");
/// assert_eq!(body.defects, [threadfold_message::Defect::Base64]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Defect {
    /// No empty line stands between headers and body, or lines among the headers are none.
    HeaderBlock,
    /// A multipart names no boundary, or the one it names is nowhere in the body.
    Boundary,
    /// A multipart's closing delimiter is missing: the message may be cut off.
    Unterminated,
    /// Multiparts nested deeper than anyone's mail program would; the innermost were not opened.
    TooDeep,
    /// A transfer encoding nobody knows; the part was read as it stands.
    TransferEncoding,
    /// Base64 without padding, with foreign characters, or with other text behind it (a list's footer).
    Base64,
    /// The charset label is missing, unknown or wrong; the bytes said better.
    Charset,
    /// Bytes that are no text in the part's charset were replaced by U+FFFD.
    Characters,
    /// Our own reading found nothing; the text is mail-parser's.
    SecondOpinion,
}

impl Defect {
    /// A few words for the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Defect::HeaderBlock => "broken header block",
            Defect::Boundary => "multipart boundary not found",
            Defect::Unterminated => "multipart not closed",
            Defect::TooDeep => "parts nested too deep",
            Defect::TransferEncoding => "unknown transfer encoding",
            Defect::Base64 => "damaged base64",
            Defect::Charset => "wrong or unknown charset label",
            Defect::Characters => "undecodable characters",
            Defect::SecondOpinion => "read by the second parser",
        }
    }
}

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
