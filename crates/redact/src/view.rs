//! The normalised view: what a reader sees, where the bytes hide it.
//!
//! Zero-width characters inside a number, full-width digits and those of other scripts, no-break spaces and
//! hyphens, `%40` and `&#64;` would all hide a value from rules written for plain text. Detection runs on the
//! view and its spans are mapped back; the text that is redacted stays the original.

/// A text to detect on, and where its bytes came from.
pub(crate) struct View {
    pub(crate) text: String,
    /// For each byte of `text`, and one past its end, the byte offset in the original.
    map: Vec<u32>,
}

enum Change {
    /// Leave `len` bytes out.
    Drop(usize),
    /// Put a character in place of `len` bytes.
    Put(usize, char),
}

/// The zeros of the scripts that have decimal digits of their own and are written in mail: Arabic and its
/// eastern form, N'Ko, the scripts of India, Sinhala, Thai, Lao, Tibetan, Myanmar, Khmer, Mongolian.
const ZEROS: [u32; 19] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x17e0, 0x1810,
];

/// The ASCII digit that a digit of another script stands for.
fn decimal(c: char) -> Option<char> {
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&(c as u32)))?;
    char::from_digit(c as u32 - zero, 10)
}

fn change(text: &str, at: usize) -> Option<Change> {
    let rest = &text.as_bytes()[at..];
    match rest[0] {
        // A soft line end of quoted-printable that nobody decoded.
        b'=' => match (rest.get(1)?, rest.get(2)) {
            (b'\n', _) => Some(Change::Drop(2)),
            (b'\r', Some(b'\n')) => Some(Change::Drop(3)),
            (b'4', Some(b'0')) => Some(Change::Put(3, '@')),
            _ => None,
        },
        b'%' => {
            // Only where an escaped URL or address would have it, between letters or digits.
            let before = at > 0 && !text.as_bytes()[at - 1].is_ascii_whitespace();
            let hex = |b: u8| (b as char).to_digit(16);
            let code = hex(*rest.get(1)?)? * 16 + hex(*rest.get(2)?)?;
            let c = char::from_u32(code)?;
            (before
                && rest[1].is_ascii_digit()
                && matches!(c, '@' | '+' | '.' | '-' | '_' | ':' | '/' | '=' | '&' | ' '))
            .then_some(Change::Put(3, c))
        }
        b'&' => {
            let end = rest.iter().take(10).position(|&b| b == b';')?;
            let name = std::str::from_utf8(&rest[1..end]).ok()?;
            let c = match name {
                "amp" => '&',
                "nbsp" => ' ',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                "commat" => '@',
                "period" => '.',
                "zwnj" | "zwj" | "shy" => return Some(Change::Drop(end + 1)),
                _ => {
                    let number = name.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code).filter(|c| !c.is_control())?
                }
            };
            Some(Change::Put(end + 1, c))
        }
        0xc2 => match rest.get(1)? {
            0xa0 => Some(Change::Put(2, ' ')),
            0xad => Some(Change::Drop(2)),
            _ => None,
        },
        0xd9 | 0xdb | 0xdf | 0xe0 | 0xe1 => {
            let c = text[at..].chars().next()?;
            decimal(c).map(|digit| Change::Put(c.len_utf8(), digit))
        }
        0xe2 => match (rest.get(1)?, rest.get(2)?) {
            (0x80, 0x8b..=0x8f) | (0x81, 0xa0..=0xa4) | (0x80, 0xaa..=0xae) => Some(Change::Drop(3)),
            (0x80, 0x80..=0x8a | 0xaf) => Some(Change::Put(3, ' ')),
            (0x80, 0x90..=0x93) | (0x88, 0x92) => Some(Change::Put(3, '-')),
            _ => None,
        },
        0xe3 => (rest.get(1..3)? == [0x80, 0x80]).then_some(Change::Put(3, ' ')),
        0xef => match (rest.get(1)?, rest.get(2)?) {
            (0xbb, 0xbf) => Some(Change::Drop(3)),
            (0xbc | 0xbd, _) => {
                let c = text[at..].chars().next()?;
                let plain =
                    char::from_u32((c as u32).checked_sub(0xff01)? + 0x21).filter(char::is_ascii_graphic)?;
                Some(Change::Put(3, plain))
            }
            _ => None,
        },
        0xf0 => {
            // Mathematical letters and digits, a favourite for slipping past filters.
            let c = text[at..].chars().next()?;
            if !('\u{1d400}'..='\u{1d7ff}').contains(&c) {
                return None;
            }
            let mut plain = None;
            unicode_normalization::char::decompose_compatible(c, |d| plain = plain.or(Some(d)));
            plain.filter(char::is_ascii).map(|c| Change::Put(4, c))
        }
        _ => None,
    }
}

const CANDIDATES: [bool; 256] = {
    let mut table = [false; 256];
    let mut i = 0;
    while i < 256 {
        table[i] =
            matches!(i as u8, b'%' | b'&' | b'=' | 0xc2 | 0xd9 | 0xdb | 0xdf | 0xe0..=0xe3 | 0xef | 0xf0);
        i += 1;
    }
    table
};

fn candidate(b: u8) -> bool {
    CANDIDATES[b as usize]
}

impl View {
    /// The view of a text; none where the text is its own view, which is the rule.
    pub(crate) fn of(text: &str) -> Option<View> {
        let bytes = text.as_bytes();
        let first = if text.is_ascii() {
            memchr::memchr3_iter(b'%', b'&', b'=', bytes).find(|&at| change(text, at).is_some())?
        } else {
            bytes.iter().enumerate().find(|(at, b)| candidate(**b) && change(text, *at).is_some())?.0
        };
        let mut out = String::with_capacity(text.len());
        let mut map: Vec<u32> = Vec::with_capacity(text.len() + 1);
        out.push_str(&text[..first]);
        map.extend(0..first as u32);
        let mut at = first;
        while at < bytes.len() {
            let changed = if candidate(bytes[at]) { change(text, at) } else { None };
            match changed {
                Some(Change::Drop(len)) => at += len,
                Some(Change::Put(len, c)) => {
                    out.push(c);
                    map.resize(out.len(), at as u32);
                    at += len;
                }
                None => {
                    let len = text[at..].chars().next().map_or(1, char::len_utf8);
                    out.push_str(&text[at..at + len]);
                    map.extend(at as u32..(at + len) as u32);
                    at += len;
                }
            }
        }
        map.push(bytes.len() as u32);
        Some(View { text: out, map })
    }

    /// The span of the original that a span of the view stands for. The end is where the last character
    /// ends, so that a dropped character after the span stays outside it.
    pub(crate) fn back(&self, text: &str, start: usize, end: usize) -> (usize, usize) {
        let from = self.map[start] as usize;
        let mut last = end - 1;
        while last > start && !self.text.is_char_boundary(last) {
            last -= 1;
        }
        let to = self.map[last] as usize;
        let to = match candidate(text.as_bytes()[to]).then(|| change(text, to)).flatten() {
            Some(Change::Put(len, _)) => to + len,
            _ => to + text[to..].chars().next().map_or(1, char::len_utf8),
        };
        (from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_back_to_the_original() {
        let text = "mail a%40b.example, 5\u{200b}5５ or &#64;";
        let view = View::of(text).expect("has something to normalise");
        assert_eq!(view.text, "mail a@b.example, 555 or @");
        let at = view.text.find("555").expect("is there");
        let (start, end) = view.back(text, at, at + 3);
        assert_eq!(&text[start..end], "5\u{200b}5５");
        assert_eq!(View::of("رقم ٠٥٠ و ۰۵۰ и ०५०").expect("has digits").text, "رقم 050 و 050 и 050");
        assert!(View::of("plain – “text” 100% fine & well").is_some_and(|v| v.text.contains('-')));
        assert!(View::of("plain “text” 100% fine & well").is_none());
    }
}
