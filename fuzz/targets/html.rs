//! HTML to lines: any text.
//!
//! The lines follow each other and cover the text; no letter is invented or moved, but for the numbers of
//! list items; the text does not outgrow the input.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use threadfold_fuzz::mutate;
use threadfold_html::{Document, decode, to_text};

const PIECES: &[&str] = &[
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<br>",
    "<br/>",
    "<blockquote type=cite>",
    "</blockquote>",
    "<td>",
    "</td>",
    "<tr>",
    "</tr>",
    "<table>",
    "</table>",
    "<ul>",
    "<ol start=3>",
    "<ol>",
    "<li>",
    "</li>",
    "</ul>",
    "</ol>",
    "<pre>",
    "</pre>",
    "<textarea>",
    "<span style='display:none'>",
    "</span>",
    "<!--",
    "-->",
    "<![if mso]>",
    "<![CDATA[",
    "]]>",
    "<a href=\"",
    "\">",
    "'",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<title>",
    "</title>",
    "&nbsp;",
    "&",
    "&#12;",
    "&#x1F44D;",
    "&amp",
    "&notit;",
    "&#xD800;",
    "<hr>",
    "word",
    " ",
    "\n",
    "é<",
    "<img alt='👍'>",
    "\u{a0}",
    "<div class=gmail_quote>",
    "<div class=gmail_signature>",
    "<div id=divRplyFwdMsg>",
    "<div style=\"border:none;border-top:solid #E1E1E1 1.0pt\">",
    "<div style='max-height:0;overflow:hidden'>",
    "<o:p>",
    "</o:p>",
    "<p style=\"margin:0\">",
    "<head>",
    "<body>",
    "</body>",
    "</html>",
    "<svg>",
    "<select>",
    "<option>",
    "<?xml",
    "<",
    ">",
    "\u{200b}",
    "\u{ad}",
    "<h1>",
    "</h1>",
    "<q>",
    "<plaintext>",
    "<noscript>",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, |b| b == b'>' || b == b'\n', PIECES)
});

fuzz_target!(|data: &[u8]| {
    let html = String::from_utf8_lossy(data);
    let document = Document::parse(&html);
    let text = document.text();
    let (mut at, mut quotes) = (0, 0);
    let depth = html.to_ascii_lowercase().matches("<blockquote").count();
    for line in document.lines() {
        assert_eq!(line.start, at);
        assert!(line.end >= line.start && text.get(line.start..line.end).is_some());
        assert!(!document.line_text(line).contains(['\n', '\r']));
        assert_eq!(&text[line.end..=line.end], "\n");
        assert!(usize::from(line.depth) <= depth);
        quotes += usize::from(line.depth.min(100)) * 2;
        at = line.end + 1;
    }
    assert_eq!(at, text.len());
    let shown = to_text(&html);
    assert!(shown.len() <= text.len() + quotes);
    // Markers and indentation: a handful of bytes an item, and at most one item or line a tag.
    let tags = html.matches('<').count();
    assert!(text.len() <= html.len() * 3 + tags * 48, "{} bytes of {}", text.len(), html.len());
    decode(&html);
    if !html.contains('&') && !html.to_ascii_lowercase().contains("<ol") {
        let mut left = html.chars();
        for c in text.chars().filter(|c| c.is_alphanumeric()) {
            assert!(left.any(|own| own == c), "{c:?} is invented or moved: {text:?}");
        }
    }
});
