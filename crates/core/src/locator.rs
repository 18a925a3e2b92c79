//! Where a message stands.

/// One place that holds mail bytes, numbered in the fixed order in which the paths were walked: an mbox
/// file, a single message file, or such a member of a container. The archive crate knows its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// Where one message stands: source, byte offset of its first byte (the `From ` separator line's, in an
/// mbox) and length in bytes up to the next message, separator included.
///
/// Offsets count in the *decompressed* source, and are 64 bits wide: mailboxes beyond 4 GiB are ordinary.
///
/// ```
/// use threadfold_core::{Locator, SourceId};
/// let at = Locator { source: SourceId(0), offset: 1_048_576, len: 5_321 };
/// assert_eq!(at.text("inbox.mbox"), "inbox.mbox:1048576+5321");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator {
    /// The source that holds the message.
    pub source: SourceId,
    /// Byte offset of the message in its source.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

impl Locator {
    /// The text form `name:offset+len`, with the source's name as the archive gives it.
    pub fn text(&self, source_name: &str) -> String {
        let mut text = String::with_capacity(source_name.len() + 42);
        text.push_str(source_name);
        text.push(':');
        push_number(self.offset, &mut text);
        text.push('+');
        push_number(self.len, &mut text);
        text
    }
}

/// Appends a number in decimal: every message has two of these in its ledger line, and with the standard
/// library's formatting the whole text costs three times as many instructions.
fn push_number(mut n: u64, out: &mut String) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    // Digits are text.
    out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}
