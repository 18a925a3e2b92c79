//! What the attributes of a start tag say.

use memchr::memchr;

use crate::marks::{self, Marks};
use crate::tokens::{Attributes, Tag};

/// What a start tag's attributes say.
#[derive(Clone, Copy, Default)]
pub(crate) struct Said {
    pub(crate) marks: Marks,
    pub(crate) hidden: bool,
    pub(crate) pre: Option<bool>,
    pub(crate) tight: bool,
    /// Where a numbered list starts, or an item's own number.
    pub(crate) number: Option<i64>,
}

/// What the start tags said that were read last: most of a document's are written alike.
pub(crate) struct Heard<'h> {
    /// Each in one of few places.
    tags: [(Tag, &'h str, Said); PLACES],
}

const PLACES: usize = 16;

impl<'h> Heard<'h> {
    pub(crate) fn new() -> Self {
        Self { tags: std::array::from_fn(|_| (Tag::Body, "", Said::default())) }
    }

    /// [`Said::read`], unless the same was read before.
    pub(crate) fn read(&mut self, tag: Tag, attributes: &'h str) -> Said {
        let place = &mut self.tags[(attributes.len() + tag as usize) % PLACES];
        if (place.0, place.1) != (tag, attributes) {
            *place = (tag, attributes, Said::read(tag, attributes));
        }
        place.2
    }
}

impl Said {
    fn read(tag: Tag, attributes: &str) -> Self {
        let mut said = Self::default();
        for (name, value) in Attributes::new(attributes) {
            let mut lower = [0_u8; 16];
            let Some(lower) = lower.get_mut(..name.len()) else { continue };
            lower.copy_from_slice(name.as_bytes());
            lower.make_ascii_lowercase();
            match &*lower {
                b"style" => said.style(tag, value),
                b"class" => {
                    said.marks |= marks::of(b"class", value);
                    // Outlook's paragraphs have no margin.
                    said.tight |= tag == Tag::Paragraph && value.contains("Mso");
                }
                b"id" | b"name" | b"data-smartmail" | b"data-marker" => said.marks |= marks::of(lower, value),
                b"data-signatureblo" => {}
                b"type" if tag == Tag::Blockquote && value.eq_ignore_ascii_case("cite") => {
                    said.marks |= Marks::CITE
                }
                b"hidden" => said.hidden = true,
                b"start" | b"value" if matches!(tag, Tag::NumberedList | Tag::Item) => {
                    said.number = value.trim().parse().ok();
                }
                _ => {}
            }
        }
        if attributes.len() > 20 && attributes.contains("data-signatureblock") {
            said.marks |= Marks::SIGNATURE;
        }
        said
    }

    fn style(&mut self, tag: Tag, style: &str) {
        let mut ruled = false;
        let mut side = false;
        let mut boxed = 0;
        let mut rest = style;
        while !rest.is_empty() {
            let end = memchr(b';', rest.as_bytes()).unwrap_or(rest.len());
            let declaration = rest[..end].trim_ascii_start();
            rest = rest.get(end + 1..).unwrap_or("");
            // Few properties matter, and styles are long.
            if !matches!(
                declaration.as_bytes().first(),
                Some(b'b' | b'B' | b'd' | b'D' | b'f' | b'F' | b'm' | b'M' | b'v' | b'V' | b'w' | b'W')
            ) {
                continue;
            }
            let Some(colon) = memchr(b':', declaration.as_bytes()) else { continue };
            let name = declaration[..colon].trim_ascii_end();
            let value = declaration[colon + 1..].trim_ascii();
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            let starts = |known: &str| {
                value
                    .as_bytes()
                    .get(..known.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(known.as_bytes()))
            };
            if is("display") {
                self.hidden |= starts("none");
            } else if is("visibility") {
                self.hidden |= starts("hidden");
            } else if is("mso-hide") {
                self.hidden |= starts("all");
            } else if is("max-height") || is("font-size") {
                self.hidden |= value == "0" || starts("0px");
            } else if is("white-space") {
                self.pre = Some(starts("pre") && !starts("pre-line"));
            } else if is("margin") || is("margin-top") {
                self.tight |= tag == Tag::Paragraph && starts("0");
            } else if is("border-top") || is("border-top-style") {
                ruled |= contains_solid(value);
            } else if is("border-left") {
                side |= contains_solid(value) && is_thin(value);
                boxed += usize::from(contains_solid(value));
            } else if is("border") || is("border-bottom") || is("border-right") {
                boxed += usize::from(contains_solid(value));
            }
        }
        if ruled && boxed == 0 && tag == Tag::Block {
            self.marks |= Marks::RULED_BOX;
        }
        if side && boxed == 1 && !ruled && tag == Tag::Block {
            self.marks |= Marks::SIDE_RULED_BOX;
        }
    }
}

fn contains_solid(value: &str) -> bool {
    value.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("solid"))
}

/// Whether a border is at most three points or pixels wide; thicker ones mark warnings.
fn is_thin(value: &str) -> bool {
    value.split_ascii_whitespace().all(|word| {
        let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        number.len() == word.len()
            || number.parse().is_ok_and(|width: f32| width <= 3.0)
            || !number.starts_with(|c: char| c.is_ascii_digit())
    })
}
