//! Markup to tokens, forgiving everything.

use memchr::{memchr, memmem};

/// Elements that mean something here; all others are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// An element that only groups words: `span`, `b`, `font`, unknown ones.
    Inline,
    Anchor,
    Blockquote,
    /// A block without space around it: `div`, `center`, `section`.
    Block,
    Body,
    Break,
    Cell,
    /// A block with space around it: headings, `dl`, `figure`.
    Spaced,
    Image,
    Item,
    List,
    NumberedList,
    Paragraph,
    Pre,
    Row,
    Rule,
    /// The element of its own that some programs put a signature into.
    Signature,
    /// What a reader never sees: `select`, `svg`, `object`.
    Hidden,
    /// Content that is no markup and no text: `script`, `style`, `title`.
    Raw,
    Table,
    /// An element that has no content and shows nothing.
    Void,
}

/// The first eight bytes of a name in small letters, as a number; what is not there counts as spaces, which no name
/// has.
const fn number(name: &[u8]) -> u64 {
    let mut number = 0x2020_2020_2020_2020;
    let mut at = 0;
    while at < name.len() && at < 8 {
        number ^= ((name[at].to_ascii_lowercase() ^ b' ') as u64) << (at * 8);
        at += 1;
    }
    number
}

macro_rules! names {
    ($($constant:ident = $name:literal),* $(,)?) => {
        $(const $constant: u64 = number($name);)*
    };
}

fn tag_of(name: &[u8]) -> Tag {
    if name.len() > 8 {
        return long_tag(name);
    }
    tag_of_number(number(name))
}

/// The tag of the number of a name that has no more than eight bytes.
fn tag_of_number(name: u64) -> Tag {
    names! {
        A = b"a", BODY = b"body", BR = b"br", TD = b"td", TH = b"th", H1 = b"h1", H2 = b"h2", H3 = b"h3",
        H4 = b"h4", H5 = b"h5", H6 = b"h6", DL = b"dl", FIGURE = b"figure", IMG = b"img", LI = b"li", UL = b"ul",
        MENU = b"menu", DIR = b"dir", OL = b"ol", P = b"p", PRE = b"pre", LISTING = b"listing",
        TEXTAREA = b"textarea", TR = b"tr", HR = b"hr", SELECT = b"select", SVG = b"svg", OBJECT = b"object",
        DATALIST = b"datalist", TEMPLATE = b"template", AUDIO = b"audio", VIDEO = b"video", CANVAS = b"canvas",
        MAP = b"map", SCRIPT = b"script", STYLE = b"style", TITLE = b"title", IFRAME = b"iframe",
        NOFRAMES = b"noframes", NOEMBED = b"noembed", TABLE = b"table", DIV = b"div", CENTER = b"center",
        SECTION = b"section", ARTICLE = b"article", HEADER = b"header", FOOTER = b"footer", MAIN = b"main",
        NAV = b"nav", ASIDE = b"aside", ADDRESS = b"address", FORM = b"form", FIELDSET = b"fieldset",
        DETAILS = b"details", SUMMARY = b"summary", DT = b"dt", DD = b"dd", CAPTION = b"caption", THEAD = b"thead",
        TBODY = b"tbody", TFOOT = b"tfoot", HTML = b"html", HGROUP = b"hgroup", LEGEND = b"legend",
        INPUT = b"input", META = b"meta", LINK = b"link", AREA = b"area", BASE = b"base", COL = b"col",
        EMBED = b"embed", SOURCE = b"source", TRACK = b"track", WBR = b"wbr", PARAM = b"param",
        BGSOUND = b"bgsound", FRAME = b"frame", BASEFONT = b"basefont",
    }
    match name {
        A => Tag::Anchor,
        BODY => Tag::Body,
        BR => Tag::Break,
        TD | TH => Tag::Cell,
        H1 | H2 | H3 | H4 | H5 | H6 | DL | FIGURE => Tag::Spaced,
        IMG => Tag::Image,
        LI => Tag::Item,
        UL | MENU | DIR => Tag::List,
        OL => Tag::NumberedList,
        P => Tag::Paragraph,
        PRE | LISTING | TEXTAREA => Tag::Pre,
        TR => Tag::Row,
        HR => Tag::Rule,
        SELECT | SVG | OBJECT | DATALIST | TEMPLATE | AUDIO | VIDEO | CANVAS | MAP => Tag::Hidden,
        SCRIPT | STYLE | TITLE | IFRAME | NOFRAMES | NOEMBED => Tag::Raw,
        TABLE => Tag::Table,
        DIV | CENTER | SECTION | ARTICLE | HEADER | FOOTER | MAIN | NAV | ASIDE | ADDRESS | FORM
        | FIELDSET | DETAILS | SUMMARY | DT | DD | CAPTION | THEAD | TBODY | TFOOT | HTML | HGROUP
        | LEGEND => Tag::Block,
        INPUT | META | LINK | AREA | BASE | COL | EMBED | SOURCE | TRACK | WBR | PARAM | BGSOUND | FRAME
        | BASEFONT => Tag::Void,
        _ => Tag::Inline,
    }
}

/// [`tag_of`] names of more than eight bytes.
fn long_tag(name: &[u8]) -> Tag {
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    match name.len() {
        9 if is(b"signature") => Tag::Signature,
        10 if is(b"blockquote") => Tag::Blockquote,
        10 if is(b"figcaption") => Tag::Block,
        _ => Tag::Inline,
    }
}

/// One piece of markup.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    Text(&'a str),
    Open { tag: Tag, attributes: &'a str },
    Close(Tag),
}

/// Cuts markup into tokens.
pub(crate) struct Tokens<'a> {
    html: &'a str,
    at: usize,
    /// A quote in a tag was never closed: from then on a tag ends at its first `>`.
    quotes_broken: bool,
    /// No `>` follows any more: the rest is text.
    all_text: bool,
    /// No `-->` follows any more: comments end at their first `>`.
    comments_broken: bool,
    /// Where the start tag stands that ended the last text, and the name in it.
    ahead: (usize, Name),
}

/// The length of a name, and its [`number`] if that was read.
type Name = (usize, Option<u64>);

impl<'a> Tokens<'a> {
    pub(crate) fn new(html: &'a str) -> Self {
        Self {
            html,
            at: 0,
            quotes_broken: false,
            all_text: false,
            comments_broken: false,
            ahead: (usize::MAX, (0, None)),
        }
    }

    /// The end of the tag whose inside starts at `from`: the index of its `>`.
    fn tag_end(&mut self, from: usize) -> Option<usize> {
        let bytes = self.html.as_bytes();
        if !self.quotes_broken {
            let mut at = from;
            // A quote opens a value only after `=`; elsewhere it is a stray character.
            while let Some(step) = memchr::memchr3(b'>', b'"', b'\'', &bytes[at..]) {
                at += step;
                let byte = bytes[at];
                if byte == b'>' {
                    return Some(at);
                }
                let value =
                    bytes[from..at].iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'=');
                at += 1;
                if value {
                    match memchr(byte, &bytes[at..]) {
                        Some(step) => at += step + 1,
                        None => break,
                    }
                }
            }
            self.quotes_broken = true;
        }
        let end = memchr(b'>', &bytes[from..]).map(|step| from + step);
        self.all_text = end.is_none();
        end
    }

    /// Skips the content of a raw element up to its end tag; one that never ends is taken for empty.
    fn skip_raw(&mut self, name: &[u8]) {
        let bytes = self.html.as_bytes();
        let mut at = self.at;
        while let Some(step) = memmem::find(&bytes[at..], b"</") {
            at += step;
            let found =
                bytes.get(at + 2..at + 2 + name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name));
            if found && !bytes.get(at + 2 + name.len()).is_some_and(u8::is_ascii_alphanumeric) {
                self.at = at;
                return;
            }
            at += 2;
        }
        // Code that never ends would be all text; nobody wrote it to be read.
        if !name.eq_ignore_ascii_case(b"title") {
            self.at = bytes.len();
        }
    }

    fn comment(&mut self) -> usize {
        let bytes = self.html.as_bytes();
        let start = self.at;
        if bytes[start..].starts_with(b"<!--") && !self.comments_broken {
            if bytes[start + 4..].starts_with(b">") {
                return start + 5;
            }
            match memmem::find(&bytes[start + 4..], b"-->") {
                Some(step) => return start + 4 + step + 3,
                None => self.comments_broken = true,
            }
        }
        memchr(b'>', &bytes[start..]).map_or(bytes.len(), |step| start + step + 1)
    }
}

/// A one in each of eight bytes that are looked at as one number, and the highest bit of each.
pub(crate) const ONES: u64 = 0x0101_0101_0101_0101;
pub(crate) const HIGH: u64 = 0x80 * ONES;

/// The letters and digits at the start of a text: how many they are, and their [`number`] if no more than seven.
#[inline]
fn name_at(bytes: &[u8]) -> Name {
    const SMALL: u64 = 0x20 * ONES;
    if let Some(eight) = bytes.first_chunk::<8>() {
        let eight = u64::from_le_bytes(*eight);
        // The bits below the highest cannot carry into the next byte.
        let between = |low: u64, first: u8, last: u8| {
            (low + u64::from(0x80 - first) * ONES) & !(low + u64::from(0x7F - last) * ONES)
        };
        let low = eight & !HIGH;
        let name = (between(low, b'0', b'9') | between(low | SMALL, b'a', b'z')) & !eight & HIGH;
        let others = !name & HIGH;
        if others != 0 {
            let length = (others.trailing_zeros() / 8) as usize;
            let mask = !(u64::MAX << (length * 8));
            return (length, Some((eight | SMALL) & mask | SMALL & !mask));
        }
    }
    (bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count(), None)
}

/// What stands after `<` is an address or a link that was never escaped, as in `Ann <ann@example.com>`. It begins with
/// `name` letters and digits.
fn is_bare_address(inside: &[u8], name: usize) -> bool {
    // Most tags are a name and no more.
    if matches!(inside.get(name), Some(b'>' | b' ' | b'\t' | b'\n' | b'\r' | b'"')) && name < 256 {
        return false;
    }
    let word =
        inside.iter().take(256).position(|byte| matches!(byte, b'>' | b' ' | b'\t' | b'\n' | b'\r' | b'"'));
    let word = &inside[..word.unwrap_or_else(|| inside.len().min(256))];
    memchr(b'@', word).is_some()
        || [&b"http:"[..], b"https:", b"mailto:"]
            .iter()
            .any(|scheme| word.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.html.as_bytes();
        loop {
            if self.at >= bytes.len() {
                return None;
            }
            let start = self.at;
            let mut from = start;
            // Text up to the next thing that is markup, and the name in that.
            let mut named = None;
            let open = loop {
                if self.all_text {
                    break None;
                }
                let at = if bytes.get(from) == Some(&b'<') {
                    from
                } else {
                    let Some(step) = memchr(b'<', &bytes[from..]) else { break None };
                    from + step
                };
                match bytes.get(at + 1) {
                    Some(b'!' | b'?') => break Some(at),
                    Some(b'/') if bytes.get(at + 2).is_some_and(u8::is_ascii_alphabetic) => break Some(at),
                    Some(_) if self.ahead.0 == at => {
                        named = Some(self.ahead.1);
                        break Some(at);
                    }
                    Some(byte) if byte.is_ascii_alphabetic() => {
                        let inside = &bytes[at + 1..];
                        let name = name_at(inside);
                        if !is_bare_address(inside, name.0) {
                            named = Some(name);
                            break Some(at);
                        }
                        from = at + 1;
                    }
                    _ => from = at + 1,
                }
            };
            let Some(open) = open else {
                self.at = bytes.len();
                return Some(Token::Text(&self.html[start..]));
            };
            if open > start {
                self.at = open;
                if let Some(name) = named {
                    self.ahead = (open, name);
                }
                return Some(Token::Text(&self.html[start..open]));
            }
            if matches!(bytes[open + 1], b'!' | b'?') {
                self.at = self.comment();
                continue;
            }
            let closing = bytes[open + 1] == b'/';
            let name_start = open + 1 + usize::from(closing);
            let (letters, number) = named.unwrap_or_else(|| name_at(&bytes[name_start..]));
            let name_end = name_start + letters;
            let (name_end, end) = if bytes.get(name_end) == Some(&b'>') {
                (name_end, name_end)
            } else {
                let Some(end) = self.tag_end(name_start) else {
                    self.at = bytes.len();
                    return Some(Token::Text(&self.html[open..]));
                };
                let name_end = bytes[name_end..end]
                    .iter()
                    .position(|byte| byte.is_ascii_whitespace() || *byte == b'/')
                    .map_or(end, |step| name_end + step);
                (name_end, end)
            };
            let name = &bytes[name_start..name_end];
            let tag = match number {
                Some(number) if name.len() == letters => tag_of_number(number),
                _ => tag_of(name),
            };
            self.at = end + 1;
            if closing {
                return Some(Token::Close(tag));
            }
            if tag == Tag::Raw {
                self.skip_raw(name);
                continue;
            }
            return Some(Token::Open { tag, attributes: &self.html[name_end..end] });
        }
    }
}

/// The attributes of a tag: names as written, values without their quotes and not decoded.
pub(crate) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(rest: &'a str) -> Self {
        Self { rest }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let rest = self
            .rest
            .trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '"' | '\'' | '='));
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let name_end = bytes
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'/'))
            .unwrap_or(bytes.len());
        let name = &rest[..name_end];
        let after = rest[name_end..].trim_ascii_start();
        let Some(value) = after.strip_prefix('=') else {
            self.rest = after;
            return Some((name, ""));
        };
        let value = value.trim_ascii_start();
        let (value, rest) = match value.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => {
                let inner = &value[1..];
                match memchr(*quote, inner.as_bytes()) {
                    Some(end) => (&inner[..end], &inner[end + 1..]),
                    None => (inner, ""),
                }
            }
            _ => {
                let end = value.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(value.len());
                (&value[..end], &value[end..])
            }
        };
        self.rest = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::{Attributes, Tag, Token, Tokens};

    fn texts(html: &str) -> String {
        Tokens::new(html)
            .filter_map(|token| if let Token::Text(text) = token { Some(text) } else { None })
            .collect()
    }

    #[test]
    fn keeps_what_only_looks_like_a_tag() {
        assert_eq!(
            texts("a < b, Ann <ann@example.com> <https://example.com/x> <b>c</b>"),
            "a < b, Ann <ann@example.com> <https://example.com/x> c"
        );
        assert_eq!(texts("i <3 you <unfinished"), "i <3 you <unfinished");
    }

    #[test]
    fn skips_code_and_comments() {
        assert_eq!(
            texts(
                "a<style>p > b {}</style>b<!-- <p>x</p> -->c<!--[if mso]>d<![endif]-->e<!DOCTYPE x>f<?xml y?>g"
            ),
            "abcefg"
        );
        assert_eq!(texts("a<!-- never ends > b"), "a b");
    }

    #[test]
    fn a_greater_sign_in_a_quoted_value_ends_nothing() {
        assert_eq!(texts(r#"<img alt="->" title='a>b'>x"#), "x");
        assert_eq!(texts(r#"<a href="x>text</a> more"#), "text more");
    }

    #[test]
    fn reads_attributes_in_every_spelling() {
        let found: Vec<_> = Attributes::new(r#" a="1 2" b=3 c='4' d e = "5" /"#).collect();
        assert_eq!(found, [("a", "1 2"), ("b", "3"), ("c", "4"), ("d", ""), ("e", "5")]);
        assert!(matches!(
            Tokens::new("<BlockQuote type=cite>").next(),
            Some(Token::Open { tag: Tag::Blockquote, .. })
        ));
    }
}
