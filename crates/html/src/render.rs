//! Tokens to lines, as a browser would break them.

use crate::marks::Marks;
use crate::said::{Heard, Said};
use crate::tokens::{Attributes, HIGH, ONES, Tag, Token, Tokens};
use crate::{Document, Line, entities};

/// Elements open at a time; deeper ones are read but not remembered.
const DEEPEST: usize = 4096;
/// How far down an end tag looks for its start tag.
const REACH: usize = 256;

#[derive(Clone, Copy)]
struct Open {
    tag: Tag,
    marks: Marks,
    depth: u16,
    hidden: bool,
    pre: bool,
    /// Space above and below, as a paragraph has it.
    spaced: bool,
    lists: u32,
}

struct List {
    numbered: bool,
    next: i64,
}

struct Renderer<'h> {
    text: String,
    lines: Vec<Line>,
    stack: Vec<Open>,
    /// Start tags that found the stack full.
    overflow: usize,
    lists: Vec<List>,
    line_start: usize,
    /// What stood around the current line's first word.
    line_marks: Marks,
    line_depth: u16,
    /// White space seen since the last word on this line.
    space: bool,
    /// A paragraph's margin wants an empty line before the next text.
    gap: bool,
    /// A list item's marker waits for its text.
    item: bool,
    /// A cell waits for its text: `Some(true)` if there is text left of it in the row.
    cell: Option<bool>,
    /// Flags for the next line alone.
    once: Marks,
    /// The next line break is the one right after `<pre>`, which does not count.
    pre_start: bool,
    heard: Heard<'h>,
}

pub(crate) fn render(html: &str) -> Document {
    let mut renderer = Renderer {
        text: String::with_capacity(html.len() / 2),
        lines: Vec::with_capacity(html.len() / 80),
        stack: Vec::with_capacity(64),
        overflow: 0,
        lists: Vec::new(),
        line_start: 0,
        line_marks: Marks::NONE,
        line_depth: 0,
        space: false,
        gap: false,
        item: false,
        cell: None,
        once: Marks::NONE,
        pre_start: false,
        heard: Heard::new(),
    };
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => renderer.words(text),
            Token::Open { tag, attributes } => renderer.open(tag, attributes),
            Token::Close(tag) => renderer.close(tag),
        }
    }
    renderer.end_line();
    Document { text: renderer.text, lines: renderer.lines }
}

/// What a byte is to words that are copied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Space,
    /// Other white space, references, and what may be a space that does not break.
    Special,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    classes[b' ' as usize] = Class::Space;
    let special = [b'\n', b'\t', b'\r', 0x0C, b'&', 0xC2];
    let mut at = 0;
    while at < special.len() {
        classes[special[at] as usize] = Class::Special;
        at += 1;
    }
    classes
};

/// How many bytes at the start of a text are words with one space between each two, and can be copied as they are.
#[inline]
fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    // Eight bytes at a time while all of them are ASCII's, and plain.
    // The bytes up to a space, and those that are one of two marks; right for ASCII alone.
    let up_to_space = |eight: u64| !(eight + 0x5F * ONES) & HIGH;
    let is = |eight: u64, mark: u8| !((eight ^ (u64::from(mark) * ONES)) + 0x7F * ONES) & HIGH;
    let mut space_before = HIGH >> 56;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let eight = u64::from_le_bytes(*chunk);
        if eight & HIGH != 0 {
            break;
        }
        let low = up_to_space(eight);
        let spaces = is(eight, b' ');
        if low != spaces || spaces & (spaces << 8 | space_before) != 0 || is(eight, b'&') != 0 {
            break;
        }
        space_before = spaces >> 56;
        at += 8;
    }
    // Whether the space at the end of those goes along is told by what follows it.
    if at > 0 && bytes[at - 1] == b' ' {
        at -= 1;
    }
    loop {
        match bytes.get(at).map(|byte| CLASSES[usize::from(*byte)]) {
            Some(Class::Plain) => at += 1,
            Some(Class::Space)
                if at > 0
                    && bytes.get(at + 1).is_some_and(|byte| CLASSES[usize::from(*byte)] == Class::Plain) =>
            {
                at += 2;
            }
            _ => return at,
        }
    }
}

impl<'h> Renderer<'h> {
    fn top(&self) -> Open {
        self.stack.last().copied().unwrap_or(Open {
            tag: Tag::Body,
            marks: Marks::NONE,
            depth: 0,
            hidden: false,
            pre: false,
            spaced: false,
            lists: 0,
        })
    }

    fn line_is_empty(&self) -> bool {
        self.text.len() == self.line_start
    }

    fn push_line(&mut self) {
        let kept = self.text[self.line_start..].trim_end_matches([' ', '\t']).len();
        self.text.truncate(self.line_start + kept);
        let end = self.text.len();
        if kept == 0 {
            let top = self.top();
            self.line_marks = top.marks;
            self.line_depth = top.depth;
        }
        self.lines.push(Line { start: self.line_start, end, depth: self.line_depth, marks: self.line_marks });
        self.text.push('\n');
        self.line_start = self.text.len();
        self.space = false;
    }

    /// Ends the current line if there is anything on it.
    fn end_line(&mut self) {
        if !self.line_is_empty() {
            self.push_line();
        }
        self.space = false;
    }

    /// The edge of a block. A block right at the start of a cell stays on the row's line.
    fn edge(&mut self) {
        if self.cell.is_none() || self.line_is_empty() {
            self.end_line();
        }
    }

    /// Comes before any text: the gap above, the item's marker, the space or tab before it.
    fn begin_text(&mut self) {
        if let Some(left) = self.cell.take()
            && left
            && !self.line_is_empty()
        {
            self.text.push('\t');
            self.space = false;
        }
        if self.line_is_empty() {
            let top = self.top();
            if self.gap {
                self.gap = false;
                if let Some(last) = self.lines.last().copied()
                    && last.end > last.start
                {
                    let at = self.text.len();
                    let marks = last.marks.and(top.marks);
                    self.lines.push(Line { start: at, end: at, depth: last.depth.min(top.depth), marks });
                    self.text.push('\n');
                    self.line_start = at + 1;
                }
            }
            self.line_marks = top.marks | self.once;
            self.once = Marks::NONE;
            self.line_depth = top.depth;
            if self.item {
                self.item = false;
                self.marker();
            }
        } else if self.space {
            self.text.push(' ');
        }
        self.space = false;
    }

    fn marker(&mut self) {
        // Indentation shows the level, as far as anyone would indent.
        for _ in 1..self.lists.len().min(12) {
            self.text.push_str("  ");
        }
        match self.lists.last_mut() {
            Some(list) if list.numbered => {
                let number = list.next;
                list.next = list.next.saturating_add(1);
                self.text.push_str(&number.to_string());
                self.text.push_str(". ");
            }
            _ => self.text.push_str("- "),
        }
    }

    fn words(&mut self, text: &str) {
        let top = self.top();
        if top.hidden {
            return;
        }
        if top.pre {
            self.preformatted(text);
            return;
        }
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | 0x0C) {
                self.space |= !self.line_is_empty();
                at += 1;
                continue;
            }
            let run = plain_run(&bytes[at..]);
            self.begin_text();
            if run > 0 {
                self.text.push_str(&text[at..at + run]);
                at += run;
            } else {
                at += self.special(&text[at..]);
            }
        }
    }

    /// A character reference, or a character that may be a space that does not break; its length.
    fn special(&mut self, text: &str) -> usize {
        if text.starts_with('\u{a0}') {
            self.text.push(' ');
            return 2;
        }
        if text.starts_with('&') {
            let from = self.text.len();
            return match entities::read(text, &mut self.text) {
                Some(length) => {
                    if self.text[from..].starts_with('\u{a0}') {
                        self.text.truncate(from);
                        self.text.push(' ');
                    } else if self.text[from..].starts_with(['\n', '\r', '\t']) {
                        self.text.truncate(from);
                        self.space = true;
                    }
                    length
                }
                None => {
                    self.text.push('&');
                    1
                }
            };
        }
        let length = text.chars().next().map_or(1, char::len_utf8);
        self.text.push_str(&text[..length]);
        length
    }

    fn preformatted(&mut self, text: &str) {
        let mut rest = text;
        if self.pre_start {
            self.pre_start = false;
            rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
        }
        while !rest.is_empty() {
            let run = rest
                .bytes()
                .position(|byte| matches!(byte, b'\n' | b'\r' | b'&' | 0xC2))
                .unwrap_or(rest.len());
            if run > 0 {
                self.begin_text();
                self.text.push_str(&rest[..run]);
                rest = &rest[run..];
                continue;
            }
            match rest.as_bytes()[0] {
                b'\n' => {
                    self.break_line();
                    rest = &rest[1..];
                }
                b'\r' => rest = &rest[1..],
                _ => {
                    self.begin_text();
                    let used = self.special(rest);
                    rest = &rest[used..];
                }
            }
        }
    }

    fn break_line(&mut self) {
        self.cell = None;
        if self.line_is_empty() {
            self.gap = false;
        }
        self.push_line();
    }

    fn open(&mut self, tag: Tag, attributes: &'h str) {
        let top = self.top();
        match tag {
            Tag::Void => return,
            Tag::Break => {
                if !top.hidden {
                    self.break_line();
                }
                return;
            }
            Tag::Image => {
                if !top.hidden {
                    self.image(attributes);
                }
                return;
            }
            _ => {}
        }
        let mut said = if attributes.len() > 3 { self.heard.read(tag, attributes) } else { Said::default() };
        let tag = if tag == Tag::Signature {
            said.marks |= Marks::SIGNATURE;
            Tag::Block
        } else {
            tag
        };
        if tag == Tag::Rule {
            self.end_line();
            self.gap = true;
            self.once |= Marks::RULE | said.marks.and(Marks::CUT);
            return;
        }
        if top.hidden {
            // Nothing inside shows, whatever it is.
            self.push(Open { tag, ..top });
            return;
        }
        self.close_implied(tag);
        let top = self.top();
        let mut open = Open { tag, ..top };
        open.hidden = said.hidden || tag == Tag::Hidden;
        open.marks |= said.marks;
        if said.marks.contains(Marks::CUT) {
            // The element is empty or holds the headers; either way what follows it is history too.
            self.once |= Marks::CUT;
        }
        open.spaced = matches!(tag, Tag::Spaced) || (tag == Tag::Paragraph && !said.tight);
        if let Some(pre) = said.pre {
            open.pre = pre;
        }
        match tag {
            Tag::Blockquote => {
                open.depth = open.depth.saturating_add(1);
                open.marks |= Marks::BLOCKQUOTE;
                if said.marks.contains(Marks::WRAPPER) {
                    open.marks |= Marks::CITE | Marks::GMAIL;
                }
                open.spaced = true;
            }
            Tag::List | Tag::NumberedList => {
                open.spaced = self.lists.is_empty();
                if self.lists.len() < DEEPEST {
                    open.lists += 1;
                    let next = said.number.unwrap_or(1);
                    self.lists.push(List { numbered: tag == Tag::NumberedList, next });
                }
            }
            Tag::Pre => {
                open.pre = true;
                open.marks |= Marks::PRE;
                open.spaced = true;
                self.pre_start = true;
            }
            Tag::Item => open.marks |= Marks::ITEM,
            Tag::Cell => open.marks |= Marks::ROW,
            _ => {}
        }
        if tag != Tag::Inline && tag != Tag::Anchor {
            if tag == Tag::Cell {
                self.cell = Some(!self.line_is_empty());
                self.space = false;
            } else {
                if matches!(tag, Tag::Row | Tag::Table) && self.cell.is_none() {
                    self.end_line();
                }
                self.edge();
            }
            if tag == Tag::Item {
                self.item = true;
                if let (Some(number), Some(list)) = (said.number, self.lists.last_mut()) {
                    list.next = number;
                }
            }
            self.gap |= open.spaced;
        } else if said.marks.intersects(Marks::QUOTE | Marks::CUT | Marks::FORWARD) {
            self.end_line();
        }
        self.push(open);
    }

    fn push(&mut self, open: Open) {
        if self.stack.len() < DEEPEST {
            self.stack.push(open);
        } else {
            self.overflow += 1;
        }
    }

    /// Ends what may not contain the element that starts: a paragraph no block, an item no item, a cell no cell.
    fn close_implied(&mut self, tag: Tag) {
        const fn all(tags: &[Tag]) -> u32 {
            let mut set = 0;
            let mut at = 0;
            while at < tags.len() {
                set |= 1 << tags[at] as u32;
                at += 1;
            }
            set
        }
        const BLOCKS: u32 = all(&[
            Tag::Block,
            Tag::Cell,
            Tag::Blockquote,
            Tag::Item,
            Tag::Table,
            Tag::List,
            Tag::NumberedList,
        ]);
        const AROUND_ITEM: u32 = all(&[Tag::List, Tag::NumberedList, Tag::Cell, Tag::Block, Tag::Blockquote]);
        let (ends, stops) = match tag {
            Tag::Item => (const { all(&[Tag::Item, Tag::Paragraph]) }, AROUND_ITEM),
            Tag::Cell => {
                (const { all(&[Tag::Cell, Tag::Paragraph]) }, const { all(&[Tag::Row, Tag::Table]) })
            }
            Tag::Row => (const { all(&[Tag::Row, Tag::Cell, Tag::Paragraph]) }, const { all(&[Tag::Table]) }),
            Tag::Inline | Tag::Anchor | Tag::Body | Tag::Hidden => return,
            _ => (const { all(&[Tag::Paragraph]) }, BLOCKS),
        };
        let floor = self.stack.len().saturating_sub(REACH);
        let mut lowest = None;
        for at in (floor..self.stack.len()).rev() {
            let open = 1 << self.stack[at].tag as u32;
            if stops & open != 0 {
                break;
            }
            if ends & open != 0 {
                lowest = Some(at);
            }
        }
        if let Some(lowest) = lowest {
            self.pop_to(lowest);
        }
    }

    fn close(&mut self, tag: Tag) {
        let tag = if tag == Tag::Signature { Tag::Block } else { tag };
        match tag {
            Tag::Break => {
                // Browsers read `</br>` as `<br>`.
                if !self.top().hidden {
                    self.break_line();
                }
                return;
            }
            Tag::Void | Tag::Image | Tag::Rule | Tag::Raw | Tag::Body => return,
            _ => {}
        }
        if self.overflow > 0 {
            self.overflow -= 1;
            return;
        }
        let floor = self.stack.len().saturating_sub(REACH);
        for at in (floor..self.stack.len()).rev() {
            let open = self.stack[at].tag;
            if open == tag {
                self.pop_to(at);
                return;
            }
            let fence = match open {
                Tag::Cell => !matches!(tag, Tag::Row | Tag::Table),
                Tag::Table => true,
                Tag::Blockquote => matches!(tag, Tag::Paragraph | Tag::Inline | Tag::Anchor),
                // Words' elements are closed out of order all the time; that must not end a block.
                Tag::Block | Tag::Paragraph | Tag::Item => matches!(tag, Tag::Inline | Tag::Anchor),
                _ => false,
            };
            if fence {
                return;
            }
        }
    }

    fn pop_to(&mut self, at: usize) {
        while self.stack.len() > at {
            let Some(open) = self.stack.pop() else { return };
            if matches!(open.tag, Tag::List | Tag::NumberedList) && open.lists > self.top().lists {
                self.lists.pop();
            }
            if open.hidden && self.top().hidden {
                continue;
            }
            match open.tag {
                Tag::Inline | Tag::Anchor | Tag::Hidden => {}
                Tag::Cell => {
                    // Margins do not reach out of a cell.
                    self.cell = None;
                    self.gap = false;
                }
                Tag::Row | Tag::Table => {
                    self.cell = None;
                    self.end_line();
                }
                _ => {
                    if open.tag == Tag::Item {
                        self.item = false;
                    }
                    self.edge();
                    self.gap |= open.spaced;
                }
            }
        }
    }

    /// Of pictures only those that stand for a character are read: an emoji's `alt` is the author's word,
    /// a logo's is not.
    fn image(&mut self, attributes: &str) {
        let Some((_, alt)) = Attributes::new(attributes).find(|(name, _)| name.eq_ignore_ascii_case("alt"))
        else {
            return;
        };
        if alt.len() > 32 || alt.bytes().all(|byte| byte.is_ascii()) {
            return;
        }
        let pictogram = |c: char| matches!(u32::from(c), 0x2190..=0x2BFF | 0x3030 | 0x303D | 0x3297 | 0x3299 | 0x1F000..=0x1FAFF | 0xFE0F | 0x200D | 0x20E3);
        if alt.chars().all(pictogram) {
            self.begin_text();
            self.text.push_str(alt);
        }
    }
}
