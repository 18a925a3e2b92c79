//! Text as spreadsheet programs save it: UTF-8 with or without a byte order mark, or UTF-16 with one.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

type Rest<R> = Chain<Cursor<Vec<u8>>, R>;

/// A reader of UTF-8 without a byte order mark.
pub(crate) enum Input<R> {
    Utf8(Rest<R>),
    Utf16(BufReader<Utf16<Rest<R>>>),
}

impl<R: BufRead> Input<R> {
    /// Looks at the first bytes and takes a byte order mark away.
    pub(crate) fn open(mut input: R) -> io::Result<Self> {
        let mut start = [0; 3];
        let mut len = 0;
        while len < 3 {
            match input.read(&mut start[len..]) {
                Ok(0) => break,
                Ok(n) => len += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        let start = &start[..len];
        let rest = |from: usize, input: R| Cursor::new(start[from..].to_vec()).chain(input);
        Ok(match start {
            [0xef, 0xbb, 0xbf] => Input::Utf8(rest(3, input)),
            [0xff, 0xfe, ..] => Input::Utf16(BufReader::new(Utf16::new(rest(2, input), u16::from_le_bytes))),
            [0xfe, 0xff, ..] => Input::Utf16(BufReader::new(Utf16::new(rest(2, input), u16::from_be_bytes))),
            _ => Input::Utf8(rest(0, input)),
        })
    }
}

impl<R: BufRead> Read for Input<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Input::Utf8(rest) => rest.read(buf),
            Input::Utf16(rest) => rest.read(buf),
        }
    }
}

impl<R: BufRead> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Input::Utf8(rest) => rest.fill_buf(),
            Input::Utf16(rest) => rest.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Input::Utf8(rest) => rest.consume(amount),
            Input::Utf16(rest) => rest.consume(amount),
        }
    }
}

/// Turns UTF-16 into UTF-8. A surrogate without its partner is an error, never a replacement character.
pub(crate) struct Utf16<R> {
    input: R,
    unit: fn([u8; 2]) -> u16,
    raw: Vec<u8>,
    /// The first half of a pair whose second half is still to come.
    high: Option<u16>,
    out: Vec<u8>,
    given: usize,
}

impl<R: Read> Utf16<R> {
    fn new(input: R, unit: fn([u8; 2]) -> u16) -> Self {
        Utf16 { input, unit, raw: Vec::new(), high: None, out: Vec::new(), given: 0 }
    }

    /// Refills `out`; leaves it empty at the end of the input only.
    fn refill(&mut self) -> io::Result<()> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "not UTF-16: half of a pair stands alone");
        self.out.clear();
        self.given = 0;
        while self.out.is_empty() {
            let kept = self.raw.len();
            self.raw.resize(kept + 16 * 1024, 0);
            let got = self.input.read(&mut self.raw[kept..]);
            self.raw.truncate(kept + *got.as_ref().unwrap_or(&0));
            let got = got?;
            if got == 0 {
                return if self.raw.is_empty() && self.high.is_none() { Ok(()) } else { Err(broken()) };
            }
            let units = self.raw.chunks_exact(2).map(|pair| (self.unit)([pair[0], pair[1]]));
            for c in char::decode_utf16(self.high.take().into_iter().chain(units)) {
                match c {
                    // A first half that the last unit left behind has its second half here, or nowhere.
                    Ok(_) if self.high.is_some() => return Err(broken()),
                    Ok(c) => self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                    // The last unit read may be the first half of a pair; a second one in a row is not.
                    Err(e) if (0xd800..0xdc00).contains(&e.unpaired_surrogate()) && self.high.is_none() => {
                        self.high = Some(e.unpaired_surrogate());
                    }
                    Err(_) => return Err(broken()),
                }
            }
            let odd = self.raw.len() % 2;
            self.raw.drain(..self.raw.len() - odd);
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.given == self.out.len() {
            self.refill()?;
        }
        let n = buf.len().min(self.out.len() - self.given);
        buf[..n].copy_from_slice(&self.out[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(bytes: &[u8]) -> io::Result<String> {
        // A buffer of one byte shows whatever depends on where a read happens to end.
        let mut text = String::new();
        Input::open(BufReader::with_capacity(1, bytes))?.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn marks() {
        assert_eq!(opened(b"\xef\xbb\xbfab").unwrap(), "ab");
        assert_eq!(opened(b"ab").unwrap(), "ab");
        assert_eq!(opened(b"").unwrap(), "");
        let text = "grün 👍,\r\n";
        for (mark, bytes) in [
            (b"\xff\xfe", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
            (b"\xfe\xff", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ] {
            let whole = [&mark[..], &bytes].concat();
            assert_eq!(opened(&whole).unwrap(), text);
            assert!(opened(&whole[..whole.len() - 1]).is_err(), "an odd byte at the end");
        }
    }

    #[test]
    fn lone_halves_are_errors() {
        assert!(opened(b"\xff\xfe\x00\xd8").is_err());
        assert!(opened(b"\xff\xfe\x00\xd8a\x00").is_err());
        assert!(opened(b"\xff\xfe\x00\xdca\x00").is_err());
        assert!(opened(b"\xff\xfe\x00\xd8\x00\xd8\x00\xdc").is_err());
    }
}
