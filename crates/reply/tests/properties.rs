//! What holds for every body.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use threadfold_reply::{Body, Known, Options, Quoted, Reply, attribution, extract, quoted_messages};

fn plain(body: &str) -> Reply {
    extract(Body::Text(body), &Known::default(), &Options::default())
}

fn quoted(body: Body<'_>) -> Vec<Quoted> {
    let (known, options) = (Known::default(), Options::default());
    let reply = extract(body, &known, &options);
    quoted_messages(body, &reply, &known, &options)
}

const PIECES: &[&str] = &[
    "Hello Bo,",
    "It is on its way.",
    "it went out on Monday and should be there soon, as far as we know",
    "> quoted",
    ">> twice quoted",
    "> On Mon, 4 Mar 2024 at 10:00, Bo wrote:",
    "On Tue, 5 Mar 2024 at 09:12, Ann <ann@example.com> wrote:",
    "On Tue, 5 Mar 2024 at 09:12, Ann <",
    "ann@example.com> wrote:",
    "Ann wrote:",
    "From: Ann <ann@example.com>",
    "Sent: Tuesday",
    "To: Bo",
    "Subject: Kettle",
    "Date: 5 March 2024",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "Begin forwarded message:",
    "--",
    "-- ",
    "---",
    "________________",
    "Best regards,",
    "Thanks,",
    "Ann Lee",
    "- Ann",
    "+1 212 555 0100",
    "ann@example.com",
    "Sent from my iPhone",
    "Get Outlook for iOS",
    "This e-mail is confidential and intended solely for the addressee.",
    "To unsubscribe from this group, write to us.",
    "##- Please type your reply above this line -##",
    "CAUTION: This email originated from outside of the organization.",
    "-----BEGIN PGP SIGNED MESSAGE-----",
    "-----BEGIN PGP SIGNATURE-----",
    "-----END PGP SIGNATURE-----",
    "```",
    "jd> a",
    "2024-03-05 9:12 GMT+01:00 Ann Lee",
    "",
    "",
    "",
];

/// Bodies made of the pieces that rules look at, in any order.
fn soup() -> impl Strategy<Value = String> {
    let line = prop::sample::select(PIECES).prop_map(str::to_string);
    let piece = prop_oneof![12 => line, 1 => "[ -~]{0,30}", 1 => "\\PC{0,12}"];
    prop::collection::vec(piece, 0..24).prop_map(|lines| lines.join("\n"))
}

/// Whether the reply's lines are lines of the body (or beginnings of them), in their order.
fn is_part_of(reply: &str, body: &str) -> bool {
    let mut left = body.lines();
    reply.lines().filter(|line| !line.trim().is_empty()).all(|line| left.any(|own| own.starts_with(line)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 200 } else { 1500 }))]

    #[test]
    fn nothing_is_invented(body in soup()) {
        let reply = plain(&body);
        prop_assert!(is_part_of(&reply.text, &body), "{:?}", reply.text);
        prop_assert_eq!(reply.text.trim_matches('\n'), &reply.text);
    }

    #[test]
    fn every_visible_line_is_kept_or_reported(body in soup()) {
        let reply = plain(&body);
        let mut text = reply.text.clone();
        for removed in &reply.removed {
            text.push('\n');
            text.push_str(&removed.text);
        }
        let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        prop_assert_eq!(count(&text), count(&body));
    }

    #[test]
    fn a_reply_is_its_own_reply(body in soup()) {
        let once = plain(&body).text;
        let twice = plain(&once).text;
        prop_assert_eq!(&twice, &once, "of {:?}", body);
    }

    #[test]
    fn history_is_made_of_what_was_removed(body in soup()) {
        let removed: String = plain(&body).removed.into_iter().map(|block| block.text + "\n").collect();
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let history = quoted(Body::Text(&body));
        let told: usize = history.iter().map(|piece| letters(&piece.text)).sum();
        prop_assert!(told <= letters(&removed));
        for piece in &history {
            for word in piece.text.split_whitespace() {
                prop_assert!(removed.contains(word), "{:?} of {:?}", word, removed);
            }
        }
    }

    #[test]
    fn any_text_is_read(body in "\\PC{0,200}|[\\s\\S]{0,200}") {
        let _ = plain(&body);
        let _ = attribution::parse(&body);
        let _ = quoted(Body::Text(&body));
        let _ = quoted(Body::Html(&body));
        let _ = extract(Body::Html(&body), &Known::default(), &Options::default());
        let _ = extract(Body::Both { text: &body, html: &body }, &Known::default(), &Options::default());
    }

    #[test]
    fn any_soup_is_read_with_all_that_is_known(body in soup(), parent in soup()) {
        let known = Known { parents: &[&parent], author: Some("Ann Lee"), ..Known::default() };
        let options = Options {
            keep_signature: true,
            keep_quoted: true,
            keep_forwarded: true,
            ..Options::default()
        };
        let reply = extract(Body::Text(&body), &known, &options);
        prop_assert!(is_part_of(&reply.text, &body));
        let _ = extract(Body::Html(&body.replace('\n', "<br>")), &known, &Options::default());
    }
}

/// Legal text that goes as a whole takes the attribution inside it along.
#[test]
fn a_row_that_goes_whole_is_reported_once() {
    let body = "It left on Monday.\n\nThis e-mail is confidential and intended solely for the addressee. \
                On Tue, 5 Mar 2024 at 09:12, Ann < ann@example.com> wrote:";
    let reply = plain(body);
    let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let told: usize = reply.removed.iter().map(|removed| count(&removed.text)).sum();
    assert_eq!(count(&reply.text) + told, count(body), "{reply:?}");
}

/// Large bodies take time in proportion to their size: a limit so generous that only what is not linear (and then
/// takes minutes) exceeds it on a busy machine.
#[test]
fn large_bodies_take_linear_time() {
    let limit = if cfg!(debug_assertions) { Duration::from_secs(20) } else { Duration::from_secs(6) };
    let size = if cfg!(debug_assertions) { 1 } else { 10 };
    let bodies = [
        "On Tue, 5 Mar 2024 at 09:12, Ann <ann@example.com> wrote\n".repeat(18_000 * size),
        "wrote:\n".repeat(100_000 * size),
        "On 5 Mar 2024 <\n".repeat(60_000 * size),
        "\n".repeat(100_000 * size),
        "From:\n".repeat(100_000 * size),
        "Best regards,\n".repeat(70_000 * size),
        "--\n".repeat(100_000 * size),
        "---\nAnn\n".repeat(60_000 * size),
        "- a\n\n".repeat(100_000 * size),
        "Sent from my iPhone\n\n".repeat(48_000 * size),
        "> > > > > > > > a\nb\n".repeat(50_000 * size),
        "a ".repeat(500_000 * size),
        ">".repeat(1_000_000 * size),
        "jd> a\n".repeat(100_000 * size),
        "```\n".repeat(100_000 * size),
        "This e-mail is confidential.\n\n".repeat(30_000 * size),
        "-----BEGIN PGP MESSAGE-----\n".repeat(35_000 * size),
        ">>> a\n> b\n>> c\n".repeat(30_000 * size),
        (0..1_000).rev().map(|level| format!("{} a\n", ">".repeat(level))).collect(),
        (0..1_000).map(|level| format!("{} a\n", ">".repeat(level))).collect(),
        "a\n".repeat(100_000 * size),
    ];
    for body in &bodies {
        let start = Instant::now();
        let _ = plain(body);
        if body.starts_with(['>', 'O']) {
            let _ = quoted(Body::Text(body));
        }
        let took = start.elapsed();
        assert!(took < limit, "{:?} took {took:?}", &body[..body.len().min(30)]);
    }
    let html = [
        "<blockquote>a".repeat(70_000 * size),
        "<div><p>a<br>".repeat(70_000 * size),
        "<blockquote type=cite>a</blockquote>b".repeat(20_000 * size),
    ];
    for body in &html {
        let start = Instant::now();
        let _ = extract(Body::Html(body), &Known::default(), &Options::default());
        let _ = quoted(Body::Html(body));
        let took = start.elapsed();
        assert!(took < limit, "{:?} took {took:?}", &body[..30]);
    }
}
