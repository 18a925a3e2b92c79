//! One pass over a text: words, their order, capitals, and characters that should not be there.

/// Bins of a sketch.
pub(crate) const BINS: usize = 16;
/// Words that a shingle spans.
const SPAN: usize = 3;

/// What a text, or several one after the other, look like.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    /// The words in order, letter case, white space and punctuation aside.
    pub(crate) key: u64,
    pub(crate) words: u32,
    /// The smallest shingle hash of each bin (one-permutation MinHash).
    bins: [u32; BINS],
    last: [u64; SPAN - 1],
}

/// A sketch to compare by: the share of equal bins estimates the share of shingles in common.
pub(crate) type Sketch = [u16; BINS];

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) control: bool,
    pub(crate) replacement: bool,
    pub(crate) line_separator: bool,
    pub(crate) capitals: bool,
}

/// What a byte adds to a word: ASCII letters in lower case, digits and all that is not ASCII as they are, 0 for
/// what stands between words.
const FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut b = 0;
    while b < 256 {
        folded[b] = match b as u8 {
            letter @ b'A'..=b'Z' => letter | 0x20,
            other @ (b'a'..=b'z' | b'0'..=b'9' | 0x80..) => other,
            _ => 0,
        };
        b += 1;
    }
    folded
};

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(h: u64) -> u64 {
    let h = (h ^ (h >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    h ^ (h >> 32)
}

impl Default for Scan {
    fn default() -> Self {
        Self::new()
    }
}

impl Scan {
    pub(crate) fn new() -> Self {
        Scan { key: 0, words: 0, bins: [u32::MAX; BINS], last: [0; SPAN - 1] }
    }

    /// Looks at a text; its words follow those looked at before.
    pub(crate) fn look(&mut self, text: &str) -> Marks {
        let bytes = text.as_bytes();
        // One loop for each count: the compiler makes each a few instructions for dozens of bytes.
        let upper = count(bytes, |b| b.is_ascii_uppercase());
        let lower = count(bytes, |b| b.is_ascii_lowercase());
        let high = count(bytes, |b| b >= 0x80);
        let control = count(bytes, |b| (b < 0x20 && b != b'\t' && b != b'\n' && b != b'\r') || b == 0x7f);
        let mut word = 0u64;
        for &b in bytes {
            let folded = FOLDED[b as usize];
            if folded != 0 {
                word = (word.rotate_left(5) ^ u64::from(folded)).wrapping_mul(ODD);
            } else if word != 0 {
                self.word(word);
                word = 0;
            }
        }
        if word != 0 {
            self.word(word);
        }
        let odd = |needle: &[u8]| high > 0 && memchr::memmem::find(bytes, needle).is_some();
        Marks {
            control: control != 0,
            replacement: odd("\u{fffd}".as_bytes()),
            line_separator: odd("\u{2028}".as_bytes())
                || odd("\u{2029}".as_bytes())
                || odd("\u{85}".as_bytes()),
            capitals: if high * 2 > upper + lower { shouts(text) } else { many(upper, lower) },
        }
    }

    fn word(&mut self, word: u64) {
        self.words += 1;
        self.key = mix(self.key.wrapping_mul(ODD) ^ word);
        let shingle = mix(word ^ self.last[0].rotate_left(17) ^ self.last[1].rotate_left(39));
        self.last = [word, self.last[0]];
        let bin = &mut self.bins[shingle as usize % BINS];
        *bin = (*bin).min((shingle >> 32) as u32);
    }

    /// Marks the border between two texts, so that "a b" and "a", "b" differ.
    pub(crate) fn border(&mut self) {
        self.key = mix(self.key ^ ODD);
    }

    /// The sketch; none for a text too short to say anything by it.
    pub(crate) fn sketch(&self) -> Option<Sketch> {
        const FEWEST: u32 = 8;
        if self.words < FEWEST {
            return None;
        }
        // An empty bin borrows from the next full one, with how far that is mixed in.
        Some(std::array::from_fn(|i| {
            let (steps, value) = (0..BINS)
                .map(|step| (step, self.bins[(i + step) % BINS]))
                .find(|(_, value)| *value != u32::MAX)
                .unwrap_or((0, 0));
            mix(u64::from(value) ^ ((steps as u64) << 40)) as u16
        }))
    }
}

#[inline(always)]
fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> u32 {
    // Sums of a byte each, which a vector register holds many of.
    bytes.chunks(255).map(|chunk| u32::from(chunk.iter().fold(0u8, |n, b| n + u8::from(is(*b))))).sum()
}

fn many(upper: u32, lower: u32) -> bool {
    /// Order numbers and abbreviations are no shouting.
    const FEWEST: u32 = 20;
    upper + lower >= FEWEST && upper > lower
}

/// The same for any alphabet that has capitals.
fn shouts(text: &str) -> bool {
    let (mut upper, mut lower) = (0, 0);
    for c in text.chars() {
        upper += u32::from(c.is_uppercase());
        lower += u32::from(c.is_lowercase());
    }
    many(upper, lower)
}

/// How many bins agree.
pub(crate) fn agreement(a: &Sketch, b: &Sketch) -> usize {
    a.iter().zip(b).filter(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> (Scan, Marks) {
        let mut scan = Scan::new();
        let marks = scan.look(text);
        (scan, marks)
    }

    #[test]
    fn keys_know_words_only() {
        let key = |text| scan(text).0.key;
        assert_eq!(key("Where is  MY order?"), key("where is my order"));
        assert_ne!(key("where is my order"), key("where is order my"));
        assert_ne!(key("a"), key("b"));
        assert_eq!(key(""), key(" ?"));
    }

    #[test]
    fn sketches_tell_alike_from_other() {
        let text = "My parcel has not come although it was sent nine days ago, can you please find out where it is now?";
        let near = text.replace("nine", "ten");
        let other =
            "How do I change the address on my account before the next invoice is written to the old one?";
        let sketch = |text: &str| scan(text).0.sketch().unwrap();
        assert!(agreement(&sketch(text), &sketch(&near)) >= 9);
        assert!(agreement(&sketch(text), &sketch(other)) <= 4);
        assert!(scan("Where is it?").0.sketch().is_none());
    }

    #[test]
    fn marks() {
        assert!(scan("WHERE IS MY ORDER, THIS IS OUTRAGEOUS").1.capitals);
        assert!(scan("ГДЕ МОЙ ЗАКАЗ, ЭТО ВОЗМУТИТЕЛЬНО").1.capitals);
        assert!(!scan("Где мой заказ, это возмутительно").1.capitals);
        assert!(!scan("注文はどこですか。注文はどこですか。").1.capitals);
        assert!(!scan("Order AB-17 OK").1.capitals);
        assert!(scan("a\u{0}b").1.control && scan("a\u{1b}[0m").1.control);
        assert!(!scan("a\tb\r\n").1.control);
        assert!(scan("Gr\u{fffd}n").1.replacement);
        assert!(scan("a\u{2028}b").1.line_separator);
    }
}
