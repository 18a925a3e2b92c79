//! HTML mail to lines of text that remember what they stood in.
//!
//! Mail programs write HTML that no grammar would accept, and they say in it, by class names and ids, what
//! is quoted, what is a signature and where the history begins. This crate reads such HTML in one pass,
//! forgiving everything, and keeps two things: the text as a reader would see it, line by line, and for
//! each line the [`Marks`] of the elements around it.
//!
//! - [`to_text`] gives the text alone, with `> ` before what stands in a `blockquote`.
//! - [`Document::parse`] gives the lines with their depth of quotation and their marks.
//!
//! Time is linear in the input, depth is bounded, nothing recurses, and no input fails. What a reader never
//! sees (style, script, comments, hidden preview text) is dropped; nothing is added but the marker of a list
//! item, the tab between two cells of a row, and the quote marks of [`to_text`].
#![forbid(unsafe_code)]

mod entities;
mod marks;
mod render;
mod said;
mod tokens;

pub use entities::decode;
pub use marks::Marks;

/// One line of the rendered text.
///
/// ```
/// use threadfold_html::Document;
/// let document = Document::parse("<p>Yes.</p><blockquote>Is it?</blockquote>");
/// let depths: Vec<u16> = document.lines().iter().map(|line| line.depth).collect();
/// assert_eq!(depths, [0, 0, 1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where the line starts in [`Document::text`], in bytes.
    pub start: usize,
    /// Where it ends, without its line break.
    pub end: usize,
    /// How many `blockquote` elements stand around it.
    pub depth: u16,
    /// What the elements around it (and those that just ended before it) say about it.
    pub marks: Marks,
}

/// HTML as lines of text with what is known about each.
///
/// ```
/// use threadfold_html::{Document, Marks};
/// let document = Document::parse("Thanks!<div class=gmail_signature>Ann</div>");
/// let last = document.lines()[1];
/// assert_eq!(document.line_text(&last), "Ann");
/// assert!(last.marks.contains(Marks::SIGNATURE));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Document {
    text: String,
    lines: Vec<Line>,
}

impl Document {
    /// Reads HTML, whatever its state.
    pub fn parse(html: &str) -> Self {
        render::render(html)
    }

    /// The text of all lines, each followed by a line break, without quote marks.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines in order; an empty line is a gap between paragraphs or a `<br>` of its own.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The text of one of the document's lines.
    pub fn line_text(&self, line: &Line) -> &str {
        self.text.get(line.start..line.end).unwrap_or_default()
    }
}

/// The text of an HTML mail as a reader sees it, lines joined by line breaks, with `> ` before each line for
/// every `blockquote` it stands in (up to 100) and no blank lines at either end.
///
/// ```
/// use threadfold_html::to_text;
/// let html = "<p>Two &amp; two:</p><ul><li>one<li>four</ul><blockquote>How much?</blockquote>";
/// assert_eq!(to_text(html), "Two & two:\n\n- one\n- four\n\n> How much?");
/// ```
pub fn to_text(html: &str) -> String {
    // Deeper quotation is shown at this depth: a thousand levels would make the text quadratic in the input.
    const DEEPEST: u16 = 100;
    let document = Document::parse(html);
    let mut out = String::with_capacity(document.text.len() + 64);
    for line in document.lines() {
        let text = document.line_text(line);
        let depth = line.depth.min(DEEPEST);
        if !out.is_empty() {
            out.push('\n');
        } else if text.is_empty() {
            continue;
        }
        for level in 0..depth {
            out.push('>');
            if level + 1 < depth || !text.is_empty() {
                out.push(' ');
            }
        }
        out.push_str(text);
    }
    let kept = out.trim_end_matches(['\n', '>', ' ']).len();
    // A last line that is nothing but quote marks goes, one that merely ends in them stays.
    let kept = out[kept..].find('\n').map_or(out.len(), |at| kept + at);
    out.truncate(kept);
    out
}
