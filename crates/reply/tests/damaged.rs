//! Bodies that came out of fuzzing.

use threadfold_reply::{Body, Known, Options, Reply, extract, quoted_messages};

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

fn accounted(body: &str, options: &Options) -> Reply {
    let reply = extract(Body::Text(body), &Known::default(), options);
    let gone: usize = reply.removed.iter().map(|r| letters(&r.text)).sum();
    assert_eq!(letters(&reply.text) + gone, letters(body), "{body:?}: {reply:?}");
    reply
}

#[test]
fn an_attribution_cut_off_a_kept_signature_is_reported() {
    let keep = Options { keep_signature: true, ..Options::default() };
    for body in ["--\n--\n.> On Ma 1:00,wrote", "T-- \nM> On Mo,4 wrote:", "--\n--\nIn A 5.3.2 schrieb:"] {
        accounted(body, &keep);
        accounted(body, &Options::default());
    }
}

#[test]
fn a_row_that_is_cut_twice_ends_at_the_first_cut() {
    let said = |n: u32| format!("On {n}/10/2024 12:15, Ann <ann@example.com> wrote:");
    for rows in [
        format!("It left today. {}\n", said(10)),
        format!("It left today. {} {}\n", said(10), said(9)),
        format!(
            "Wh please? jd> a -- {} On 10/10/2024 12:15, Bo wrote: 9:12 Ann <ann@example.com>:",
            said(10)
        ),
    ] {
        for body in [Body::Text(&rows), Body::Html(&rows.replace('<', "&lt;").replace('>', "&gt;"))] {
            let reply = extract(body, &Known::default(), &Options::default());
            let gone: usize = reply.removed.iter().map(|r| letters(&r.text)).sum();
            assert_eq!(letters(&reply.text) + gone, letters(&rows), "{rows}: {reply:?}");
        }
    }
}

#[test]
fn a_mark_without_words_hides_no_footer_above_it() {
    let options = Options::default();
    for below in ["", "\n>", "\n>\n> >\n", "\n\n>"] {
        let reply =
            accounted(&format!("It left today.\n\nThis email is a service from Kettles{below}"), &options);
        assert_eq!(reply.text, "It left today.", "{below:?}");
    }
}

#[test]
fn what_a_reply_keeps_is_no_history_of_it() {
    let (known, options) = (Known { author: Some("Ann Lee"), ..Known::default() }, Options::default());
    let body = Body::Html("Tue 5 r:<blockquote>O");
    let reply = extract(body, &known, &options);
    assert!(reply.text.contains('O'), "{reply:?}");
    assert!(quoted_messages(body, &reply, &known, &options).is_empty());

    let parents =
        ["\nAm 05.03.2024 uhrieb Ann:\n\n", "Dear customer, your parcel from HOB WHISTLE is held. Pay £1.99"];
    let body = "ann@example.com\nOn 5 March 2024 at 09:12, Ann <ann@example.com> wrote:\nDear customer, your parcel from HOB \
                WHISTLE is held. Pay £1.99\n\nEmail: ann@example.com\nTo: Bo\nIs it blue, as it was said to be?\n";
    let known = Known { parents: &parents, ..Known::default() };
    let reply = extract(Body::Text(body), &known, &options);
    let told: usize =
        quoted_messages(Body::Text(body), &reply, &known, &options).iter().map(|q| letters(&q.text)).sum();
    assert!(told <= reply.removed.iter().map(|r| letters(&r.text)).sum());
}
