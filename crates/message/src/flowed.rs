//! `format=flowed` (RFC 3676): paragraphs that were wrapped for the wire become lines again.

use memchr::memchr;

/// The text with its flowed lines joined, quote marks kept as `>>` and a space, space-stuffing undone.
///
/// With `delsp` the space before each soft line break goes too (languages without spaces). The signature
/// separator `-- ` is never flowed. Works on text with `\n` line ends.
pub(crate) fn unflow(text: &str, delsp: bool, out: &mut String) {
    out.reserve(text.len());
    let mut rest = text;
    // Depth of the paragraph that the last line left open.
    let mut open: Option<usize> = None;
    while !rest.is_empty() {
        let (line, ended) = match memchr(b'\n', rest.as_bytes()) {
            Some(i) => (&rest[..i], true),
            None => (rest, false),
        };
        rest = &rest[line.len() + usize::from(ended)..];
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let content = &line[depth..];
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        match open {
            Some(d) if d == depth && !signature => {}
            was => {
                if was.is_some() {
                    out.push('\n');
                }
                for _ in 0..depth {
                    out.push('>');
                }
                if depth > 0 && !content.is_empty() {
                    out.push(' ');
                }
            }
        }
        // A line of nothing but space is somebody's empty line, not a paragraph that goes on.
        let flows = content.ends_with(' ') && !signature && !content.trim_ascii().is_empty();
        let content = if flows && delsp { &content[..content.len() - 1] } else { content };
        out.push_str(content);
        if flows && ended {
            open = Some(depth);
        } else {
            if ended {
                out.push('\n');
            }
            open = None;
        }
    }
    if open.is_some() {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_text_is_unwrapped() {
        for (text, delsp, want) in [
            ("a \nb\nc\n", false, "a b\nc\n"),
            ("a \nb", false, "a b"),
            ("> a \n> b\nc\n", false, "> a b\nc\n"),
            (">> a \n> b\n", false, ">> a \n> b\n"),
            (" >not a quote\n From me\n", false, ">not a quote\nFrom me\n"),
            ("a \n-- \nJane\n", false, "a \n-- \nJane\n"),
            ("日本 \n語\n", true, "日本語\n"),
            ("日本 \n語 ", true, "日本語"),
            ("a\n\nb\n", false, "a\n\nb\n"),
            (">\n> x\n", false, ">\n> x\n"),
            ("> a\n>  \n> b\n", false, "> a\n>  \n> b\n"),
            ("", false, ""),
        ] {
            let mut out = String::new();
            unflow(text, delsp, &mut out);
            assert_eq!(out, want, "{text:?}");
        }
    }
}
