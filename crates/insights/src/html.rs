//! Text on its way into a page. Everything from mail goes through [`Text`].

use std::fmt;

/// Text that cannot become markup: in an element or in a quoted attribute. Control characters and direction
/// overrides are left out. Placeholders of redaction read as words: `[ORDER_ID_1]` as `[order id]`.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(c) = rest.chars().next() {
            if let Some((kind, after)) = placeholder(rest) {
                write!(f, "[{}]", kind.to_ascii_lowercase().replace('_', " "))?;
                rest = after;
                continue;
            }
            rest = &rest[c.len_utf8()..];
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_str(" ")?,
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' => {}
                c if c.is_control() || (u32::from(c) & 0xfffe) == 0xfffe => {}
                c => fmt::Write::write_char(f, c)?,
            }
        }
        Ok(())
    }
}

/// The kind that a placeholder at the start of `text` stands for, and what follows it.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 40;
    let inside = text.strip_prefix('[')?;
    let end = inside.bytes().take(LONGEST).position(|b| b == b']')?;
    let (kind, number) = inside[..end].rsplit_once('_')?;
    let named = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (named && numbered).then(|| (kind, &inside[end + 1..]))
}

/// A whole page around `body`. No network is needed, and no script.
pub(crate) fn page(title: &str, language: &str, body: &str) -> String {
    let css = include_str!("../assets/page.css");
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{}</title>\n<style>\n{css}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        Text(language),
        Text(title)
    )
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn placeholders_are_words() {
        assert_eq!(
            Text("order [ORDER_ID_1], [not one_1] [X] [PHONE_12]").to_string(),
            "order [order id], [not one_1] [X] [phone]"
        );
    }

    #[test]
    fn nothing_of_markup_survives() {
        let hostile = "<script>alert(1)</script>\" onload='x' & \u{202e}\u{0}";
        assert_eq!(
            Text(hostile).to_string(),
            "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp; "
        );
    }
}
