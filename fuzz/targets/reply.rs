//! Replies: any body, plain, HTML or both, alone or with what it answers.
//!
//! The reply's lines are the body's own, in their order; every letter is kept or reported as removed; a reply
//! is its own reply; history is made of what was removed.
//!
//! The first byte chooses form and options; lines of `%%` part the body, the HTML and the parents.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use threadfold_fuzz::{letters, line, mutate, texts};
use threadfold_html::Document;
use threadfold_reply::{Body, Kind, Known, Options, TailLearner, attribution, extract, quoted_messages};

const PIECES: &[&str] = &[
    "%%\n",
    "Hello Bo,\n",
    "It is on its way.\n",
    "it went out on Monday and should be there soon, as far as we know\n",
    "> quoted\n",
    ">> twice quoted\n",
    "> On Mon, 4 Mar 2024 at 10:00, Bo wrote:\n",
    "On Tue, 5 Mar 2024 at 09:12, Ann <ann@example.com> wrote:\n",
    "On Tue, 5 Mar 2024 at 09:12, Ann <\n",
    "ann@example.com> wrote:\n",
    "Am 05.03.2024 um 09:12 schrieb Ann:\n",
    "Le mar. 5 mars 2024 à 09:12, Ann <ann@example.com> a écrit :\n",
    "2024年3月5日(火) 9:12 Ann <ann@example.com>:\n",
    "Ann wrote:\n",
    "From: Ann <ann@example.com>\n",
    "Sent: Tuesday, March 5, 2024 9:12 AM\n",
    "Von: Ann\nGesendet: Dienstag, 5. März 2024 09:12\nAn: Bo\nBetreff: Kessel\n",
    "To: Bo\n",
    "Subject: Kettle\n",
    "Date: 5 March 2024\n",
    "-----Original Message-----\n",
    "---------- Forwarded message ---------\n",
    "Begin forwarded message:\n",
    "--\n",
    "-- \n",
    "---\n",
    "________________________________\n",
    "Best regards,\n",
    "Mit freundlichen Grüßen\n",
    "Thanks,\n",
    "Ann Lee\n",
    "- Ann\n",
    "+1 212 555 0100\n",
    "ann@example.com\n",
    "https://shop.example.com\n",
    "Sent from my iPhone\n",
    "Get Outlook for iOS\n",
    "This e-mail is confidential and intended solely for the addressee.\n",
    "To unsubscribe from this group, write to us.\n",
    "_______________________________________________\nlist mailing list\n",
    "##- Please type your reply above this line -##\n",
    "CAUTION: This email originated from outside of the organization.\n",
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n",
    "-----BEGIN PGP SIGNATURE-----\n",
    "-----END PGP SIGNATURE-----\n",
    "```\n",
    "jd> a\n",
    "| quoted\n",
    "\"\n",
    "Name: Ann\nEmail: ann@example.com\nMessage: where is it?\n",
    "\n",
    "\n\n",
    "\u{a0}\n",
    "\u{200b}\n",
    "<div class=\"gmail_quote\"><div class=gmail_attr>On Tue Ann wrote:<br></div><blockquote>\n",
    "</blockquote></div>\n",
    "<blockquote type=\"cite\">\n",
    "<div id=\"divRplyFwdMsg\"><b>From:</b> Ann<br><b>Sent:</b> Tuesday<br></div>\n",
    "<div style=\"border:none;border-top:solid #E1E1E1 1.0pt\"><p><b>From:</b> Ann</p></div>\n",
    "<div class=moz-cite-prefix>On Tue, Ann wrote:</div>\n",
    "<div class=\"yahoo_quoted\">\n",
    "<div class=gmail_signature>-- <br>Ann</div>\n",
    "<p>\n",
    "</p>\n",
    "<br>\n",
    "<div>\n",
    "</div>\n",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, line, PIECES)
});

/// Whether the reply's lines are lines of the body, or pieces of them, in their order.
fn is_part_of(reply: &str, body: &str) -> bool {
    let mut left = body.lines();
    reply
        .lines()
        .filter(|line| !line.trim().is_empty())
        .all(|line| left.any(|own| own.contains(line.trim_end())))
}

fuzz_target!(|data: &[u8]| {
    let Some((&flags, rest)) = data.split_first() else { return };
    let all = texts(&String::from_utf8_lossy(rest));
    let (body, others) = all.split_first().expect("there is one");
    let (html, parents): (&str, &[String]) = match others.split_first() {
        Some((html, parents)) => (html, parents),
        None => (body, &[]),
    };
    let parents: Vec<&str> = parents.iter().map(String::as_str).take(4).collect();
    let form = match flags & 3 {
        0 | 1 => Body::Text(body),
        2 => Body::Html(body),
        _ => Body::Both { text: body, html },
    };
    let options = Options {
        keep_signature: flags & 4 != 0,
        keep_quoted: flags & 8 != 0,
        keep_forwarded: flags & 16 != 0,
        ..Options::default()
    };
    let mut learner = TailLearner::default();
    parents.iter().for_each(|p| learner.learn("ann@example.com", p));
    let tails = learner.finish();
    let known = Known {
        parents: &parents,
        own_parents: flags & 128 != 0,
        author: (flags & 32 != 0).then_some("Ann Lee"),
        tails: (flags & 64 != 0).then_some(&tails),
    };
    let rendered = match form {
        Body::Html(html) => Document::parse(html).text().to_owned(),
        _ => body.clone(),
    };
    let reply = extract(form, &known, &options);
    assert!(is_part_of(&reply.text, &rendered), "invented or moved: {:?}", reply.text);
    assert_eq!(reply.text.trim_matches('\n'), reply.text);
    let kept = letters(&reply.text).count();
    let gone: usize = reply.removed.iter().map(|r| letters(&r.text).count()).sum();
    assert_eq!(kept + gone, letters(&rendered).count(), "every letter is kept or reported: {reply:?}");
    let rows = rendered.split('\n').count() + 1;
    for removed in &reply.removed {
        assert!(removed.lines.start <= removed.lines.end && removed.lines.end <= rows, "{removed:?}");
    }

    let history = quoted_messages(form, &reply, &known, &options);
    let told: usize = history.iter().map(|piece| letters(&piece.text).count()).sum();
    // Quotations that are kept are history all the same.
    assert!(
        told <= gone || options.keep_quoted || options.keep_forwarded,
        "history is made of what was removed: {history:?} of {:?}",
        reply.removed
    );
    // Marks are taken off, and what a program broke off a quoted line is put back at its end.
    let said: String = letters(&rendered).collect();
    for piece in &history {
        for line in piece.text.lines() {
            let line: String = letters(line).collect();
            assert!(said.contains(&line), "{line:?} is invented: {history:?}");
        }
    }
    let _ = attribution::parse(body);

    // What stands above an ending, or below a help desk's line, is not looked at once more: to its rules that was
    // the end.
    let history = [Kind::Quote, Kind::Attribution, Kind::HeaderBlock];
    let history_alone =
        reply.removed.iter().all(|r| history.contains(&r.kind)) && !body.contains("reply above this line");
    if matches!(form, Body::Text(_)) && flags & 0x7c == 0 && parents.is_empty() && history_alone {
        let twice = extract(Body::Text(&reply.text), &known, &options).text;
        assert_eq!(twice, reply.text, "a reply is its own reply");
    }
});
