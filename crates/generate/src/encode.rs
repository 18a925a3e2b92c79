//! From text to the bytes of a message: charsets, transfer encodings (RFC 2045), encoded words
//! (RFC 2047) and the lines of plain text (RFC 3676).

use crate::client::Wrap;
use crate::random::BASE64;

/// Text in a charset; UTF-8 when the charset lacks a character. Gives the label to write.
pub(crate) fn in_charset(text: &str, charset: &'static str) -> (Vec<u8>, &'static str) {
    if charset != "utf-8" {
        let fits = charset != "iso-8859-1"
            || text.chars().all(|c| !('\u{80}'..'\u{a0}').contains(&c) && c <= '\u{ff}');
        if let Some(encoding) = encoding_rs::Encoding::for_label(charset.as_bytes()).filter(|_| fits) {
            let (bytes, _, unmappable) = encoding.encode(text);
            if !unmappable {
                return (bytes.into_owned(), charset);
            }
        }
    }
    (text.as_bytes().to_vec(), "utf-8")
}

/// Quoted-printable, lines of at most 76.
pub(crate) fn quoted_printable(bytes: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for (i, line) in bytes.split(|&b| b == b'\n').enumerate() {
        if i > 0 {
            out.push(b'\n');
        }
        let mut column = 0;
        let mut at = 0;
        while at < line.len() {
            let b = line[at];
            let last = at + 1 == line.len();
            let plain = matches!(b, b'!'..=b'<' | b'>'..=b'~') || (b == b' ' && !last);
            let width = if plain { 1 } else { 3 };
            // The last character of a line may use the column that a soft break would need.
            if column + width > if last { 76 } else { 75 } {
                out.extend_from_slice(b"=\n");
                column = 0;
            }
            if plain {
                out.push(b);
            } else {
                out.extend_from_slice(&[b'=', HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]]);
            }
            column += width;
            at += 1;
        }
    }
}

/// Base64 without line breaks.
fn base64_raw(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.chunks(3) {
        let b = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let n = u32::from(b[0]) << 16 | u32::from(b[1]) << 8 | u32::from(b[2]);
        for k in 0..4 {
            out.push(if k <= chunk.len() { BASE64[(n >> (18 - 6 * k) & 63) as usize] } else { b'=' });
        }
    }
}

/// Base64 in lines of 76, each ended.
pub(crate) fn base64_lines(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.chunks(57) {
        base64_raw(chunk, out);
        out.push(b'\n');
    }
}

/// A header's text: as it is when ASCII, else as encoded words of at most 75 characters, folded.
pub(crate) fn header_text(text: &str, charset: &'static str, base64: bool, out: &mut Vec<u8>) {
    if text.is_ascii() {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    // Stateful charsets would need their shift sequences in every word: UTF-8 serves as well.
    let charset = if charset == "iso-2022-jp" { "utf-8" } else { charset };
    let (_, label) = in_charset(text, charset);
    let mut rest = text;
    let mut first = true;
    while !rest.is_empty() {
        let mut end = 0;
        let mut size = 0;
        let limit = if base64 { 39 } else { 54 };
        for c in rest.chars() {
            let cost = match (base64, c) {
                (true, _) => c.len_utf8(),
                (false, 'a'..='z' | 'A'..='Z' | '0'..='9' | ' ') => 1,
                (false, _) => 3 * c.len_utf8(),
            };
            if size + cost > limit {
                break;
            }
            size += cost;
            end += c.len_utf8();
        }
        let (word, tail) = rest.split_at(end);
        rest = tail;
        if !first {
            out.extend_from_slice(b"\n ");
        }
        first = false;
        let (bytes, _) = in_charset(word, label);
        out.extend_from_slice(format!("=?{label}?{}?", if base64 { 'B' } else { 'Q' }).as_bytes());
        if base64 {
            base64_raw(&bytes, out);
        } else {
            for &b in &bytes {
                match b {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(b),
                    b' ' => out.push(b'_'),
                    _ => out.extend_from_slice(format!("={b:02X}").as_bytes()),
                }
            }
        }
        out.extend_from_slice(b"?=");
    }
}

/// Splits the quote marks off a line: their number and the rest.
pub(crate) fn quote_depth(line: &str) -> (usize, &str) {
    let mut rest = line;
    let mut depth = 0;
    while let Some(tail) = rest.strip_prefix('>') {
        depth += 1;
        rest = tail.strip_prefix(' ').unwrap_or(tail);
    }
    (depth, rest)
}

/// Writes plain text the way a client sends it. `tight` joins quote marks (`>>` for `> >`).
pub(crate) fn wrap(text: &str, how: Wrap, tight: bool, out: &mut String) {
    let mut mark = String::new();
    for line in text.split('\n') {
        let (depth, rest) = quote_depth(line);
        mark.clear();
        for _ in 0..depth {
            mark.push_str(if tight || how == Wrap::Flowed || how == Wrap::FlowedDelSp { ">" } else { "> " });
        }
        let joined = mark.ends_with('>');
        if joined {
            mark.push(' ');
        }
        match how {
            Wrap::Long => {
                out.push_str(&mark);
                out.push_str(rest);
                end_line(out, rest);
            }
            Wrap::Hard(width) => {
                let room = width.saturating_sub(mark.len()).max(20);
                let mut left = rest;
                loop {
                    let (now, later) = break_at(left, room);
                    out.push_str(&mark);
                    out.push_str(now);
                    end_line(out, now);
                    if later.is_empty() {
                        break;
                    }
                    left = later;
                }
            }
            Wrap::Flowed | Wrap::FlowedDelSp => {
                let room = 70usize.saturating_sub(mark.len()).max(20);
                let mut left = rest;
                loop {
                    let (now, later) = break_at(left, room);
                    out.push_str(&mark);
                    // Space-stuffing; a mark ends with its own space, which is the stuffing already.
                    if mark.is_empty() && (now.starts_with([' ', '>']) || now.starts_with("From ")) {
                        out.push(' ');
                    }
                    out.push_str(now);
                    if later.is_empty() {
                        end_line(out, now);
                        break;
                    }
                    out.push_str(if how == Wrap::FlowedDelSp { "  \n" } else { " \n" });
                    left = later;
                }
            }
        }
    }
    out.pop(); // split gives one piece more than there are line ends
}

/// Ends a line; nothing stands before the line end but the space of a signature's delimiter.
fn end_line(out: &mut String, content: &str) {
    if content != "-- " {
        out.truncate(out.trim_end_matches(' ').len());
    }
    out.push('\n');
}

/// The longest head of at most `room` characters that ends at a space; a longer word stays whole.
fn break_at(line: &str, room: usize) -> (&str, &str) {
    if line.len() <= room || line.char_indices().nth(room).is_none() {
        return (line, "");
    }
    let mut cut = None;
    for (n, (i, c)) in line.char_indices().enumerate() {
        if c == ' ' && i > 0 {
            if n <= room || cut.is_none() {
                cut = Some(i);
            }
            if n > room {
                break;
            }
        }
    }
    match cut {
        Some(i) if !line[i + 1..].is_empty() && !line[..i].trim().is_empty() => (&line[..i], &line[i + 1..]),
        _ => (line, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unflow(text: &str, delsp: bool) -> String {
        let mut out = String::new();
        let mut soft = false;
        for line in text.split('\n') {
            let marks = line.bytes().take_while(|&b| b == b'>').count();
            let body = &line[marks..];
            let body = body.strip_prefix(' ').unwrap_or(body);
            if !soft && marks > 0 {
                out.push_str(&">".repeat(marks));
                out.push(' ');
            }
            soft = body.ends_with(' ') && body != "-- ";
            out.push_str(if soft && delsp { &body[..body.len() - 1] } else { body });
            if !soft {
                out.push('\n');
            }
        }
        out.pop();
        out
    }

    proptest! {
        #[test]
        fn flowed_text_comes_back(words in proptest::collection::vec("[a-zA-Zäß.>]{1,14}", 1..60), depth in 0usize..3, delsp: bool) {
            let mut line = words.join(" ");
            if depth > 0 || line.starts_with('>') {
                let bare = line.trim_start_matches(['>', ' ']).to_owned();
                prop_assume!(!bare.is_empty());
                line = if depth > 0 { format!("{} {bare}", ">".repeat(depth)) } else { bare };
            }
            let mut out = String::new();
            wrap(&line, if delsp { Wrap::FlowedDelSp } else { Wrap::Flowed }, true, &mut out);
            prop_assert_eq!(unflow(&out, delsp), line);
        }

        #[test]
        fn quoted_printable_lines_are_short_and_come_back(text in "[ -~äöü€\n=]{0,300}") {
            let mut out = Vec::new();
            quoted_printable(text.as_bytes(), &mut out);
            prop_assert!(out.split(|&b| b == b'\n').all(|l| l.len() <= 76));
            let mut back = Vec::new();
            let joined = String::from_utf8_lossy(&out).replace("=\n", "");
            let mut rest = joined.as_bytes();
            while let Some((&b, tail)) = rest.split_first() {
                if b == b'=' {
                    let hex = std::str::from_utf8(&tail[..2]).unwrap();
                    back.push(u8::from_str_radix(hex, 16).unwrap());
                    rest = &tail[2..];
                } else {
                    back.push(b);
                    rest = tail;
                }
            }
            prop_assert_eq!(String::from_utf8(back).unwrap(), text);
        }

        #[test]
        fn hard_wrapping_keeps_the_words(text in "[a-z]{1,12}( [a-z]{1,12}){0,40}") {
            let mut out = String::new();
            wrap(&text, Wrap::Hard(72), false, &mut out);
            prop_assert!(out.lines().all(|l| l.len() <= 72));
            prop_assert_eq!(out.replace('\n', " "), text);
        }
    }

    #[test]
    fn encoded_words_are_short() {
        let mut out = Vec::new();
        header_text(&"Größe der Tür, Maße und Übergröße für alle ".repeat(4), "iso-8859-1", false, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|l| l.trim_start().len() <= 75 && l.contains("=?iso-8859-1?Q?")), "{text}");
    }

    #[test]
    fn base64_has_its_padding() {
        let mut out = Vec::new();
        base64_lines(b"any carnal pleas", &mut out);
        assert_eq!(out, b"YW55IGNhcm5hbCBwbGVhcw==\n");
    }
}
