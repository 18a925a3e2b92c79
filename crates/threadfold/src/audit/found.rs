//! Whether a turn's words stand in a text, in their order.

use memchr::memmem;

/// The shortest pieces of a turn that must stand in its source as they are: its lines; where redaction took
/// something out, what stands before, between and behind the placeholders.
#[derive(Debug, Default)]
pub(super) struct Pieces<'t>(Vec<Piece<'t>>);

#[derive(Debug, PartialEq, Eq)]
struct Piece<'t> {
    text: &'t str,
    /// A line starts, or ends, with it.
    starts: bool,
    ends: bool,
}

impl<'t> Pieces<'t> {
    /// `redacted` says that placeholders stand for something else.
    pub(super) fn of(text: &'t str, redacted: bool) -> Pieces<'t> {
        let mut pieces = Vec::new();
        for line in text.lines() {
            let (mut rest, mut starts) = (line, true);
            while let Some((at, len)) = if redacted { placeholder(rest) } else { None } {
                push(&mut pieces, &rest[..at], starts, false);
                rest = &rest[at + len..];
                starts = false;
            }
            push(&mut pieces, rest, starts, true);
        }
        Pieces(pieces)
    }

    /// The same, to be looked for among words: where lines begin and end means nothing.
    pub(super) fn of_words(text: &'t str, redacted: bool) -> Pieces<'t> {
        let mut pieces = Pieces::of(text, redacted);
        pieces.0.iter_mut().for_each(|piece| (piece.starts, piece.ends) = (false, false));
        pieces
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many of the pieces from `from` on stand in a text, one behind the other.
    pub(super) fn found_in(&self, from: usize, text: &Text) -> usize {
        let mut at = 0;
        let mut found = 0;
        for piece in &self.0[from..] {
            match text.find(piece, at) {
                Some(end) => at = end,
                None => break,
            }
            found += 1;
        }
        found
    }
}

fn push<'t>(pieces: &mut Vec<Piece<'t>>, text: &'t str, starts: bool, ends: bool) {
    let bare = text.trim();
    if !bare.is_empty() {
        pieces.push(Piece { text: bare, starts, ends });
    }
}

/// Where the first `[LABEL_1]` stands, and its length.
fn placeholder(text: &str) -> Option<(usize, usize)> {
    memchr::memchr_iter(b'[', text.as_bytes()).find_map(|at| {
        let inner = &text[at + 1..];
        let end = inner.find(']')?;
        let (label, number) = inner[..end].rsplit_once('_')?;
        let is_label = !label.is_empty() && label.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        (is_label && is_number).then_some((at, end + 2))
    })
}

/// A decoded text, made ready for being searched: lines without the white space around them.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn of(text: &str) -> Text {
        Text::from_lines(text.lines())
    }

    /// A text with all quotation marks taken off, as those read it who look for a quoted message in it. A line
    /// that a mail program broke is joined by whoever reads, so that lines mean nothing here: words are left.
    pub(super) fn quoted(text: &str) -> Text {
        let lines = text.lines().map(|line| {
            let mut line = line.trim_start();
            while let Some(at) = line.find('>')
                && at <= 3
                && line[..at].bytes().all(|b| b.is_ascii_alphabetic())
            {
                line = line[at + 1..].trim_start();
            }
            line
        });
        Text(lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" "))
    }

    fn from_lines<'l>(lines: impl Iterator<Item = &'l str>) -> Text {
        let mut all = String::new();
        for line in lines {
            all.push_str(line.trim());
            all.push('\n');
        }
        Text(all)
    }

    /// Where a piece ends that stands at or after `at`. A whole line of a turn may be what is left of a longer
    /// one: an attribution that stood on the line is not its author's. It is never what stands behind a mark of
    /// quotation.
    fn find(&self, piece: &Piece<'_>, at: usize) -> Option<usize> {
        let part = |starts, ends| self.find_whole(&Piece { text: piece.text, starts, ends }, at);
        let loosened = || match (piece.starts, piece.ends) {
            (true, true) => {
                part(true, false).or_else(|| part(false, true).filter(|end| !self.is_quoted(*end)))
            }
            (false, true) => part(false, false),
            (_, false) => None,
        };
        self.find_whole(piece, at).or_else(loosened)
    }

    /// Whether the line that ends at `end` has a mark of quotation.
    fn is_quoted(&self, end: usize) -> bool {
        let line = self.0[..end].rsplit('\n').next().unwrap_or("");
        line.starts_with('>')
    }

    fn find_whole(&self, piece: &Piece<'_>, mut at: usize) -> Option<usize> {
        let finder = memmem::Finder::new(piece.text);
        let bytes = self.0.as_bytes();
        while at <= bytes.len() {
            let start = at + finder.find(&bytes[at..])?;
            let end = start + piece.text.len();
            let line_starts = start == 0 || bytes[start - 1] == b'\n';
            let line_ends = bytes.get(end).is_none_or(|b| *b == b'\n');
            if (line_starts || !piece.starts) && (line_ends || !piece.ends) {
                return Some(end);
            }
            at = start + 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(turn: &str, text: &str, redacted: bool) -> bool {
        let pieces = Pieces::of(turn, redacted);
        pieces.found_in(0, &Text::of(text)) == pieces.len()
    }

    #[test]
    fn lines_in_their_order_and_whole() {
        let text = "Hello,\n> When?\n  On Monday.  \n\nBye\nAda";
        assert!(holds("Hello,\nOn Monday.\n\nBye", text, false));
        assert!(!holds("On Monday.\nHello,", text, false));
        assert!(!holds("Mon", text, false));
        // What is left of a line, but not of a quoted one.
        assert!(holds("On Monday", text, false));
        assert!(holds("Monday.", text, false) && !holds("When?", text, false));
        assert!(!holds("On Monday.\nOn Monday.", text, false));
    }

    #[test]
    fn what_stands_between_placeholders() {
        let text = "Dear Ada Reed,\nyour number 17 and\nthe other, 18, are ready.\nShop";
        let turn = "Dear [CUSTOMER_NAME_1],\nyour number [ORDER_ID_1], are ready.";
        assert!(holds(turn, text, true));
        assert!(!holds(turn, text, false));
        assert!(!holds("Dear [CUSTOMER_NAME_1],\nyour numbers [ORDER_ID_1], are ready.", text, true));
        assert!(!holds("Hi [CUSTOMER_NAME_1],", text, true));
    }

    #[test]
    fn quotations_are_searched_without_their_marks() {
        let text = Text::quoted("Nine.\n\nOn Monday Ada wrote:\n> > When are\n>> you open\nAR> today?\n");
        let holds = |turn| {
            let pieces = Pieces::of_words(turn, false);
            pieces.found_in(0, &text) == pieces.len()
        };
        assert!(holds("When are you\nopen today?"));
        assert!(!holds("When are you closed today?"));
    }
}
