//! No input panics, and no word is invented.

use proptest::prelude::*;
use threadfold_html::{Document, to_text};

fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<div>"),
        Just("</div>"),
        Just("<p>"),
        Just("</p>"),
        Just("<br>"),
        Just("<blockquote type=cite>"),
        Just("</blockquote>"),
        Just("<td>"),
        Just("</td>"),
        Just("<tr>"),
        Just("<table>"),
        Just("</table>"),
        Just("<ul>"),
        Just("<li>"),
        Just("</ul>"),
        Just("<pre>"),
        Just("</pre>"),
        Just("<span style='display:none'>"),
        Just("</span>"),
        Just("<!--"),
        Just("-->"),
        Just("<a href=\""),
        Just("\">"),
        Just("<style>"),
        Just("</style>"),
        Just("&nbsp;"),
        Just("&"),
        Just("&#12;"),
        Just("<hr>"),
        Just("word"),
        Just(" "),
        Just("\n"),
        Just("é<"),
        Just("<img alt='👍'>"),
        Just("\u{a0}"),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read(html in "\\PC{0,300}") {
        let _ = to_text(&html);
    }

    #[test]
    fn any_soup_is_read(html in soup()) {
        let document = Document::parse(&html);
        let mut at = 0;
        for line in document.lines() {
            prop_assert_eq!(line.start, at);
            prop_assert!(line.end >= line.start && !document.line_text(line).contains('\n'));
            at = line.end + 1;
        }
        prop_assert!(document.text().matches("word").count() <= html.matches("word").count());
    }

    #[test]
    fn plain_words_come_through(words in prop::collection::vec("[a-zäß€0-9]{1,8}", 0..40)) {
        let html: String = words.iter().map(|word| format!("<p><b>{word}</b></p>")).collect();
        let text = to_text(&html);
        prop_assert_eq!(text.split_whitespace().collect::<Vec<_>>(), words);
    }
}
