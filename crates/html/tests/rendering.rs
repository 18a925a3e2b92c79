//! How mail looks as text: one case a behaviour.

use threadfold_html::{Document, Marks, to_text};

#[test]
fn paragraphs_lists_and_rows() {
    assert_eq!(to_text("<p>One</p><p>Two<br>Three</p>"), "One\n\nTwo\nThree");
    assert_eq!(to_text("<ol start=3><li>c</li><li>d<ul><li>e</ul></ol>x"), "3. c\n4. d\n  - e\n\nx");
    assert_eq!(
        to_text("<table><tr><td>Order<td><p>4711</p></tr><tr><th>Sum</th><td>5 €</td></tr></table>"),
        "Order\t4711\nSum\t5 €"
    );
}

#[test]
fn white_space_as_in_a_browser() {
    assert_eq!(to_text("a\n   b <b> c</b>  d&nbsp;&nbsp;e"), "a b c d  e");
    assert_eq!(to_text("<pre>\n a\n   b\n\nc</pre>"), " a\n   b\n\nc");
    assert_eq!(to_text("<div>a</div>\n<div><br></div>\n<div>b<br></div><div>c</div>"), "a\n\nb\nc");
    assert_eq!(to_text("<p class=MsoNormal>a</p>\n<p class=MsoNormal>b</p>"), "a\nb");
}

#[test]
fn what_nobody_sees_is_dropped() {
    let html = "<html><head><title>T</title><style>p{}</style></head><body>\
        <div style='display:none; max-height:0px'>preview</div><!-- c --><p>Seen</p><script>x</script></body>";
    assert_eq!(to_text(html), "Seen");
    assert_eq!(to_text("<span style=\"mso-hide:all\">x<b>y</b></span>z"), "z");
}

#[test]
fn quotes_carry_their_depth() {
    let html = "No.<blockquote>Sure?<blockquote>Yes.</blockquote></blockquote>Bye.";
    assert_eq!(to_text(html), "No.\n\n> Sure?\n>\n> > Yes.\n\nBye.");
}

#[test]
fn marks_reach_the_lines() {
    let html = "Hi<div class=gmail_quote><div class=gmail_attr>On Monday Ann wrote:</div>\
        <blockquote class=gmail_quote>Hello?</blockquote></div><hr id=stopSpelling>Old";
    let document = Document::parse(html);
    let seen: Vec<(&str, Marks)> = document
        .lines()
        .iter()
        .filter(|line| line.end > line.start)
        .map(|line| (document.line_text(line), line.marks))
        .collect();
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[0], ("Hi", Marks::NONE));
    assert!(seen[1].1.contains(Marks::ATTRIBUTION | Marks::WRAPPER));
    assert!(seen[2].1.contains(Marks::CITE | Marks::GMAIL | Marks::BLOCKQUOTE));
    assert!(seen[3].1.contains(Marks::CUT | Marks::RULE));
}

#[test]
fn crossed_and_missing_tags_lose_no_words() {
    assert_eq!(to_text("<b>a<p>b</b>c</p>d</div></td></blockquote>e"), "a\n\nbc\n\nde");
    assert_eq!(to_text("<blockquote><p>x</blockquote>y"), "> x\n\ny");
}

#[test]
fn pictures_that_are_characters_are_read() {
    assert_eq!(to_text("ok <img alt='👍' src=x> <img alt='Logo of Example Ltd'>"), "ok 👍");
}

#[test]
fn a_thousand_levels_and_ten_megabytes() {
    let deep = "<blockquote>a".repeat(1_000);
    assert_eq!(Document::parse(&deep).lines().last().map(|line| line.depth), Some(1_000));
    let unbalanced = "<div><td>".to_string() + &"<span>".repeat(100_000) + &"</div>".repeat(100_000);
    assert!(to_text(&unbalanced).is_empty());
    assert_eq!(to_text(&"<a \"".repeat(100_000)).len(), 400_000);
}
