//! One mail of each kind, in plain text and HTML.

use threadfold_reply::{Body, ForwardAlone, Kind, Known, Options, Reply, TailLearner, attribution, extract};

fn plain(body: &str) -> Reply {
    extract(Body::Text(body), &Known::default(), &Options::default())
}

fn html(body: &str) -> String {
    extract(Body::Html(body), &Known::default(), &Options::default()).text
}

const ATTRIBUTION: &str = "On Tue, 5 Mar 2024 at 09:12, Bo Smith <bo@example.com> wrote:";

#[test]
fn answers_between_the_lines_are_kept_and_the_lines_are_not() {
    let body =
        format!("Hello Bo,\n\n{ATTRIBUTION}\n> Is it blue?\nYes.\n> And round?\n\nNo, it is square.\n");
    let reply = plain(&body);
    assert_eq!(reply.text, "Hello Bo,\n\nYes.\n\nNo, it is square.");
    let context =
        extract(Body::Text(&body), &Known::default(), &Options { keep_quoted: true, ..Options::default() });
    assert_eq!(context.text, "Hello Bo,\n\n> Is it blue?\nYes.\n> And round?\n\nNo, it is square.");
}

#[test]
fn the_answer_may_stand_below() {
    let body = format!(
        "{ATTRIBUTION}\n> Is it blue, as far as one can tell in the light of the shop that you have in the\nharbour?\n\nYes.\n\nRegards,\nAnn\n"
    );
    assert_eq!(plain(&body).text, "Yes.");
    assert_eq!(plain(&format!("{ATTRIBUTION}\n\nYes, it is.\n")).text, "Yes, it is.");
}

#[test]
fn an_attribution_may_share_the_replys_line() {
    assert_eq!(plain(&format!("yes it is {ATTRIBUTION}\n> Is it blue?\n")).text, "yes it is");
    assert_eq!(plain(&format!("yes it is--- {ATTRIBUTION}\n> Is it blue?\n")).text, "yes it is");
}

#[test]
fn forwards() {
    let forward = "---------- Forwarded message ---------\nFrom: Bo <bo@example.com>\nDate: Tue, 5 Mar 2024\nSubject: Kettle\nTo: Ann <ann@example.com>\n\nWhere is it?";
    let reply = plain(&format!("Can you help him?\n\n{forward}\n"));
    assert_eq!(reply.text, "Can you help him?");
    assert!(reply.removed.iter().any(|removed| removed.kind == Kind::Forward));
    let naked = plain(forward);
    assert_eq!((naked.text.as_str(), naked.uncertain), ("Where is it?", true));
    let options = Options { forward_alone: ForwardAlone::Whole, ..Options::default() };
    assert_eq!(extract(Body::Text(forward), &Known::default(), &options).text, forward);
    let options = Options { keep_forwarded: true, ..Options::default() };
    let both = format!("Can you help him?\n\n{forward}");
    assert_eq!(extract(Body::Text(&both), &Known::default(), &options).text, both);
}

#[test]
fn banners_above_and_armour_around() {
    let body = "[EXTERNAL] CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender.\n\nWhere is my kettle?\n";
    assert_eq!(plain(body).text, "Where is my kettle?");
    let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nWhere is my kettle?\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCgAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n";
    assert_eq!(plain(signed).text, "Where is my kettle?");
}

#[test]
fn footers_below_the_history() {
    let body = format!(
        "Yes.\n\n{ATTRIBUTION}\n> Is it blue?\n\n-- \nYou received this message because you are subscribed to the group.\nTo unsubscribe from this group, write to x@example.com.\n"
    );
    assert_eq!(plain(&body).text, "Yes.");
    let body = "Yes.\n_______________________________________________\nkettles mailing list\nkettles@example.org\nhttps://example.org/mailman/listinfo/kettles\n";
    assert_eq!(plain(body).text, "Yes.");
}

#[test]
fn a_signature_can_be_kept_where_it_stands() {
    let body =
        format!("Yes.\n\nKind regards,\nAnn Lee\n\nSent from my iPhone\n\n{ATTRIBUTION}\n> Is it blue?\n");
    let options = Options { keep_signature: true, ..Options::default() };
    let reply = extract(Body::Text(&body), &Known::default(), &options);
    assert_eq!(reply.text, "Yes.\n\nKind regards,\nAnn Lee");
    assert_eq!(reply.signature.as_deref(), Some("Kind regards,\nAnn Lee"));
}

#[test]
fn the_authors_own_quotation_and_code_stay() {
    let body = "The manual says:\n> press the red button\n> and wait\n\nbut there is none.\n";
    let reply = plain(body);
    assert_eq!((reply.text.as_str(), reply.uncertain), (body.trim_end(), true));
    let code = "Run this:\n\n```\n# From: here\n--\nOn 5 March 2024, x wrote:\n> y\n```\n\nThen tell me.";
    assert_eq!(plain(code).text, code);
}

#[test]
fn what_the_parents_said_goes_without_marks() {
    let parent = "My kettle came without a lid, which is a pity since the water cools too fast now.";
    let known = Known { parents: &[parent], ..Known::default() };
    let body = format!("Hello,\n\n{parent}\n\nThat is sad. A lid is on its way.");
    assert_eq!(
        extract(Body::Text(&body), &known, &Options::default()).text,
        "Hello,\n\nThat is sad. A lid is on its way."
    );
    let below = format!("Hello,\n\n{ATTRIBUTION}\n\n{parent}\n\nA lid is on its way.");
    assert_eq!(
        extract(Body::Text(&below), &known, &Options::default()).text,
        "Hello,\n\nA lid is on its way."
    );
    let repeated = format!("{parent}\n");
    let reply = extract(Body::Text(&repeated), &known, &Options::default());
    assert_eq!((reply.text.as_str(), reply.uncertain), (parent, true));
}

#[test]
fn learned_tails_are_signatures_and_no_favourite_sentences() {
    let mut learner = TailLearner::default();
    for (index, answer) in ["Yes.", "No.", "On Monday.", "It is blue.", "Two."].iter().enumerate() {
        learner.learn(
            "ann",
            &format!(
                "{answer}\n\nLet me know if you have any other questions.\n\nAnn\nKettle desk, 2nd floor"
            ),
        );
        learner.learn("bo", &format!("{answer} {index}\n\nHave a look at our page on lids, please.\n"));
    }
    let mut reversed = TailLearner::default();
    for answer in ["Two.", "It is blue.", "On Monday.", "No.", "Yes."] {
        reversed.learn(
            "ann",
            &format!(
                "{answer}\n\nLet me know if you have any other questions.\n\nAnn\nKettle desk, 2nd floor"
            ),
        );
    }
    for tails in [learner.finish(), reversed.finish()] {
        let known = Known { tails: Some(&tails), ..Known::default() };
        let body = "Red.\n\nLet me know if you have any other questions.\n\nAnn\nKettle desk, 2nd floor";
        let reply = extract(Body::Text(body), &known, &Options::default());
        assert_eq!(reply.text, "Red.\n\nLet me know if you have any other questions.");
        let favourite = "Red.\n\nHave a look at our page on lids, please.";
        assert_eq!(extract(Body::Text(favourite), &known, &Options::default()).text, favourite);
    }
}

#[test]
fn html_of_many_programs() {
    let old = "<p>Where is it?</p>";
    let headers = "<b>From:</b> Bo &lt;bo@example.com&gt;<br><b>Sent:</b> Tuesday, March 5, 2024 9:12 AM<br><b>To:</b> Ann<br><b>Subject:</b> Kettle";
    for (name, body) in [
        (
            "gmail",
            format!(
                "<div dir=ltr>Yes.</div><br><div class=gmail_quote><div dir=ltr class=gmail_attr>On Tue, Mar 5, 2024 at 9:12 AM Bo &lt;<a href='mailto:bo@example.com'>bo@example.com</a>&gt; wrote:<br></div><blockquote class=gmail_quote>{old}</blockquote></div>"
            ),
        ),
        (
            "thunderbird",
            format!(
                "<p>Yes.</p><div class=moz-cite-prefix>Am 05.03.24 um 09:12 schrieb Bo:<br></div><blockquote type=cite cite='mid:x'>{old}</blockquote>"
            ),
        ),
        (
            "apple",
            format!(
                "<div>Yes.<br><div><blockquote type=cite><div>On 5 Mar 2024, at 09:12, Bo &lt;bo@example.com&gt; wrote:</div>{old}</blockquote></div></div>"
            ),
        ),
        (
            "outlook web",
            format!(
                "<div>Yes.</div><div id=appendonsend></div><hr><div id=divRplyFwdMsg>{headers}</div><div>{old}</div>"
            ),
        ),
        (
            "outlook",
            format!(
                "<div class=WordSection1><p class=MsoNormal>Yes.</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>{headers}</p></div></div>{old}</div>"
            ),
        ),
        (
            "outlook, unknown language",
            format!(
                "<p class=MsoNormal>Yes.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>Xx:</b> Bo &lt;bo@example.com&gt;<br><b>Yy:</b> 2024-03-05<br><b>Zz:</b> Kettle</p></div>{old}"
            ),
        ),
        (
            "yahoo",
            format!(
                "<div>Yes.</div><div class=ydp1a2b3c4dyahoo_quoted><div>On Tuesday, Bo wrote:</div>{old}</div>"
            ),
        ),
        (
            "proton",
            format!(
                "<div>Yes.</div><div class=protonmail_quote>On Tuesday, Bo wrote:<blockquote class=protonmail_quote type=cite>{old}</blockquote></div>"
            ),
        ),
        (
            "hotmail",
            format!(
                "<div>Yes.<hr id=stopSpelling>Date: Tue, 5 Mar 2024<br>Subject: Kettle<br>From: bo@example.com<br>To: ann@example.com<br>{old}</div>"
            ),
        ),
        (
            "signed",
            format!(
                "<div>Yes.</div><div class=gmail_signature>Ann Lee<br>Head of Kettles</div><div class=gmail_quote>On Tue, Mar 5, 2024 at 9:12 AM Bo wrote:<blockquote class=gmail_quote>{old}</blockquote></div>"
            ),
        ),
        (
            "below",
            format!("<blockquote type=cite>{old}</blockquote><p>Yes.</p>")
                .replace("<blockquote", "<p>On Tue, 5 Mar 2024 at 09:12, Bo wrote:</p><blockquote"),
        ),
    ] {
        assert_eq!(html(&body), "Yes.", "{name}");
    }
}

#[test]
fn html_keeps_the_authors_own_blockquote_and_answers_between() {
    let own = "<p>The manual says</p><blockquote>press the red button</blockquote><p>but there is none.</p>";
    assert_eq!(html(own), "The manual says\n\npress the red button\n\nbut there is none.");
    let inline = "<div class=gmail_quote><div class=gmail_attr>On Tue, Mar 5, 2024 at 9:12 AM Bo wrote:</div><blockquote class=gmail_quote>Is it blue?</blockquote><div>Yes.</div><blockquote class=gmail_quote>And round?</blockquote><div>No.</div></div>";
    assert_eq!(html(inline), "Yes.\n\nNo.");
}

#[test]
fn html_settles_what_plain_text_leaves_open() {
    let text = "Yes.\n\nWhere is it, the kettle I ordered two weeks ago?\n\nAnn of the kettle desk upstairs";
    let body = "<p>Yes.</p><blockquote type=cite><p>Where is it, the kettle I ordered two weeks ago?</p></blockquote><div class=moz-signature>Ann of the kettle desk upstairs</div>";
    let reply = extract(Body::Both { text, html: body }, &Known::default(), &Options::default());
    assert_eq!(reply.text, "Yes.");
    assert_eq!(reply.signature.as_deref(), Some("Ann of the kettle desk upstairs"));
}

#[test]
fn attributions_are_read() {
    let found =
        attribution::parse("Am Di., 5. März 2024 um 09:12 Uhr schrieb Bo Smith <Bo@Example.com>:").unwrap();
    assert_eq!(found.name.as_deref(), Some("Bo Smith"));
    assert_eq!(found.address.as_deref(), Some("bo@example.com"));
    assert_eq!(found.date, Some(1_709_629_920));
    let found = attribution::parse("> From: \"Smith, Bo\" <bo@example.com>\n> Date: Tue, 5 Mar 2024 09:12:00 +0100\n> To: ann@example.com\n> Subject: Kettle").unwrap();
    assert_eq!((found.name.as_deref(), found.date), (Some("Smith, Bo"), Some(1_709_626_320)));
    let found = attribution::parse("Le 5 mars 2024 à 09:12, Bo Smith a écrit :").unwrap();
    assert_eq!((found.name.as_deref(), found.address), (Some("Bo Smith"), None));
}

/// Cases of a file of JSON lines with `body`, `reply` and perhaps `author`.
#[test]
fn mail_of_websites_desks_and_people() {
    for line in include_str!("people.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| case.get(name).and_then(serde_json::Value::as_str);
        let known = Known { author: text("author"), ..Known::default() };
        let body = text("body").unwrap();
        let reply = extract(Body::Text(body), &known, &Options::default());
        assert_eq!(reply.text, text("reply").unwrap(), "{body}");
        let again = extract(Body::Text(&reply.text), &known, &Options::default());
        assert_eq!(again.text, reply.text, "read again: {body}");
    }
}

#[test]
fn both_forms_of_a_mail_give_no_row_twice() {
    let text = "Dear Bo,\n\nIt is blue.\n\nFrom: Bo <bo@example.com>\nSent: Tuesday, March 5, 2024 9:12 AM\nTo: Ann <ann@example.com>\nSubject: Kettle\n\nDear Ann,\n\nIs it blue?\n\nFrom: Ann <ann@example.com>\nSent: Monday, March 4, 2024 9:12 AM\nTo: Bo <bo@example.com>\nSubject: Kettle\n\nDear Bo,\n\nHere it is.";
    let body = "<p>Dear Bo,</p><p>It is blue.</p><div id=appendonsend></div><hr><div id=divRplyFwdMsg><b>From:</b> Bo &lt;bo@example.com&gt;<br><b>Sent:</b> Tuesday, March 5, 2024 9:12 AM<br><b>To:</b> Ann &lt;ann@example.com&gt;<br><b>Subject:</b> Kettle</div><p>Dear Ann,</p><p>Is it blue?</p>";
    let reply = extract(Body::Both { text, html: body }, &Known::default(), &Options::default());
    assert_eq!(reply.text, "Dear Bo,\n\nIt is blue.");
}

#[test]
fn a_cut_with_nothing_above_it_is_read_to_its_end() {
    for html in [
        "<div id=\"appendonsend\"></div><hr><p>Is the kettle in stock?</p>",
        "<div id=\"divRplyFwdMsg\"></div><p>Is the kettle in stock?</p>",
        "<div id=\"divRplyFwdMsg\"></div><blockquote type=\"cite\">Is the kettle in stock?</blockquote>",
    ] {
        let reply = extract(Body::Html(html), &Known::default(), &Options::default());
        assert!(
            reply.text.contains("kettle") || reply.removed.iter().any(|r| r.text.contains("kettle")),
            "{html}"
        );
    }
}

#[test]
fn what_is_added_below_the_name_is_not_lost() {
    for added in ["PS: the lid ships separately on Tuesday.", "P.S. Unplug it first.", "NB: unplug it first."]
    {
        let reply = plain(&format!("Done!\n\nThanks,\nMaria\n\n{added}\n"));
        assert!(reply.text.starts_with("Done!") && reply.text.ends_with(added), "{}", reply.text);
    }
}

#[test]
fn footers_glued_to_the_last_paragraph_leave_it() {
    let list = "_______________________________________________\nKettles mailing list\nkettles@example.com\nhttp://example.com/mailman/listinfo/kettles";
    let legal = "This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the intended recipient, please notify the sender and delete it.";
    for glued in [list, legal] {
        let body =
            format!("First thing.\n\nWe wonder whether there are tricks. Any help is welcome!\n{glued}\n");
        assert_eq!(
            plain(&body).text,
            "First thing.\n\nWe wonder whether there are tricks. Any help is welcome!"
        );
        assert_eq!(plain(&format!("The only thing I say.\n{glued}\n")).text, "The only thing I say.");
    }
}

#[test]
fn signatures_below_several_delimiters() {
    let body = "Yes.\n\nCheers,\n\nann\n--\nAnn Lee\n(+1) 212 555 0100\n--\nIt is always good to have a kettle at hand, as my grandmother used to say to everybody.\n";
    assert_eq!(plain(body).text, "Yes.");
    let body = "Hello,\n--\nFirst topic\nThe kettle leaks.\n--\nSecond topic\nThe lid is missing.\n--\nAnn\n";
    assert!(plain(body).text.ends_with("The lid is missing."));
}

#[test]
fn a_citation_in_inverted_commas_ends_with_them() {
    let cited = "On 3 May 2023, Bo Smith wrote:\n\"We will refund you within two weeks.\"\n\nWhy not now?";
    let reply = plain(&format!("Hello,\n\n{cited}\n"));
    assert_eq!((reply.text.as_str(), reply.uncertain), ("Hello,\n\nWhy not now?", true));
    let letter =
        "Yes.\n\nOn 3 May 2023, Bo Smith wrote:\n\n\"When\" will it arrive? I was told \"soon\".\n\nBo\n";
    assert_eq!(plain(letter).text, "Yes.");
}

#[test]
fn names_and_addresses_above_a_quotation() {
    for line in [
        "Bo Smith <bo@example.com>",
        "Bo Smith <bo@example.com>:",
        "Bo Smith wrote on 6/21/21 8:03 PM:",
        "Am Montag schrieb Bo:",
        "Il mer 28 giu 2023, 20:02 Bo Smith <bo@example.com> ha\nscritto:",
    ] {
        let body = format!("No idea.\n\n{line}\n> is it blue?\n---end quoted text---\n\nIt is blue.");
        assert_eq!(plain(&body).text, "No idea.\n\nIt is blue.", "{line}");
    }
    let tags = "Looks good.\n\nTested-by: Bo Smith <bo@example.com>\n> is it blue?\n";
    assert_eq!(plain(tags).text, "Looks good.\n\nTested-by: Bo Smith <bo@example.com>");
}

#[test]
fn what_the_html_indents_is_the_authors_own() {
    let text = "I changed it so:\n\n> int x = 1;\n> int y = 2;\n\nand then so:\n\n> int z = x + y;\n\nWhat is wrong?\n";
    let html = "<div>I changed it so:</div><br><blockquote class=gmail_quote>int x = 1;<br>int y = 2;</blockquote><br><div>and then so:</div><blockquote class=gmail_quote>int z = x + y;</blockquote><div>What is wrong?</div>";
    let body = Body::Both { text, html };
    assert_eq!(extract(body, &Known::default(), &Options::default()).text, text.trim_end());
    // Unless a parent said it.
    let known = Known { parents: &["int x = 1; int y = 2; and int z = x + y;"], ..Known::default() };
    let reply = extract(body, &known, &Options::default());
    assert_eq!(reply.text, "I changed it so:\n\nand then so:\n\nWhat is wrong?");
}

#[test]
fn the_first_line_of_a_quotation_may_have_lost_its_mark() {
    let body = "Hi Bo,\n\n1. what is the water level when the kettle is filled for the very\n> first time?\n\nTo the mark.\n\n2. Is it blue?\n> Or red?\n\nBlue.";
    let parent = "Hi Ann,\n\n1. what is the water level when the kettle is filled for the very first time?\n\n2. Is it blue? Or red?\n\nBo";
    let known = Known { parents: &[parent], ..Known::default() };
    assert_eq!(
        extract(Body::Text(body), &known, &Options::default()).text,
        "Hi Bo,\n\nTo the mark.\n\nBlue."
    );
    // Nobody said so before: it is what the author says about what he cites.
    assert_eq!(plain(body).text, body.replace("> first time?\n", "").replace("> Or red?\n", ""));
}

#[test]
fn html_has_the_lines_whole_that_plain_text_broke_off() {
    let text = format!(
        "{ATTRIBUTION}\n> The kettle that I bought in your shop has a lid that does not fit. While\nI do not know whether that is on purpose, I would rather have one\nthat does.\n> Can you send me another?\n\nYes, of course."
    );
    let html = "<div>On Tue, 5 Mar 2024 at 09:12, Bo Smith &lt;bo@example.com&gt; wrote:<br>&gt; The kettle that I bought in your shop has a lid that does not fit. While I do not know whether that is on purpose, I would rather have one that does.<br>&gt; Can you send me another?<br><br>Yes, of course.</div>";
    let both = Body::Both { text: &text, html };
    assert_eq!(extract(both, &Known::default(), &Options::default()).text, "Yes, of course.");
    let answered = format!(
        "{ATTRIBUTION}\n> The kettle that I bought in your shop has a lid that does not fit. Why?\nThat must not be.\n> Can you send me another?\n\nYes, of course."
    );
    let html = html.replace(
        " While I do not know whether that is on purpose, I would rather have one that does.<br>",
        " Why?<br>That must not be.<br>",
    );
    let both = Body::Both { text: &answered, html: &html };
    assert_eq!(
        extract(both, &Known::default(), &Options::default()).text,
        "That must not be.\n\nYes, of course."
    );
}

#[test]
fn sentences_of_the_parents_are_cited_though_nothing_marks_them() {
    let parent = "Could you tell me which of the two kettles in your shop holds more water? I need it for our office, where twelve people drink tea all day.";
    let body = "Hello Bo,\n\nthank you for writing to us about this today.\n\nCould you tell me which of the two kettles in your shop holds more water?\n\nThe red one does.";
    let own = "Hello Bo,\n\nthank you for writing to us about this today.\n\nThe red one does.";
    let known = Known { parents: &[parent], ..Known::default() };
    assert_eq!(extract(Body::Text(body), &known, &Options::default()).text, own);
    // Whoever wrote that himself says it again.
    let known = Known { parents: &[parent], own_parents: true, ..Known::default() };
    assert_eq!(extract(Body::Text(body), &known, &Options::default()).text, body);
    // A command is no sentence.
    let parent = "Please run kettle --probe --args type=blue,address=192.0.2.7 --verbose --log-level debug --once and send me the output of it.";
    let known = Known { parents: &[parent], ..Known::default() };
    let body = "Hello Ann,\n\nhere it is, as you asked me to do:\n\nkettle --probe --args type=blue,address=192.0.2.7 --verbose --log-level debug --once\nlid missing";
    assert_eq!(extract(Body::Text(body), &known, &Options::default()).text, body);
}

#[test]
fn quotations_between_a_forums_tags() {
    let body = "Hello Ann,\n\n<quote author=\"Ann Lee via Kettles\">\nIs it blue?\n</quote>\nYes.\n\n[quote=\"ann\"]\nAnd round?\n[/quote]\nNo.\n\n[quote=\"ann\"]\nnever closed";
    assert_eq!(plain(body).text, "Hello Ann,\n\nYes.\n\nNo.\n\n[quote=\"ann\"]\nnever closed");
}

#[test]
fn a_per_cent_sign_marks_quotations_below_who_said_them() {
    let body =
        "Bo, et al --\n\n...and then Bo Smith said...\n%\n% Is it blue?\n\nYes.\n\n% And round?\n\nNo.";
    assert_eq!(plain(body).text, "Bo, et al --\n\nYes.\n\nNo.");
    let shell = "I ran these:\n\n% kettle --probe\n% kettle --boil\n% kettle --off\n\nand nothing happened.";
    assert_eq!(plain(shell).text, shell);
}

#[test]
fn who_is_quoted_may_go_by_a_handle() {
    for line in [
        "annlee writes:",
        "b smith writes:",
        "ann@example.com writes:",
        "Ann wrote:> On 03/05/2024 09:12 AM, Bo Smith wrote:",
    ] {
        let body = format!("Hello.\n\n{line}\n> Is it blue?\n\nYes.");
        assert_eq!(plain(&body).text, "Hello.\n\nYes.", "{line}");
    }
    let own = "Hello.\n\nthe manual writes:\n> Fill to the mark.\n\nWhich mark?";
    assert_eq!(plain(own).text, own);
}

#[test]
fn pictures_and_registers_belong_to_a_signature() {
    for below in [
        "Ann Lee\nSenior Engineer of Kettles\n[A kettle Description automatically generated with medium confidence]\n+1 212 555 0100\nwww.example.com<http://www.example.com>",
        "Ann Lee\nExample Kettles Ltd.\n\ne: ann@example.com\nw: www.example.com\n\n\u{fffc}\n\nExample Kettles Ltd. is registered in England & Wales with company number 01234567.\nRegistered address: 1 Harbour Road, Millbrook.",
    ] {
        assert_eq!(
            plain(&format!("It left today, with the lid.\n\n{below}\n")).text,
            "It left today, with the lid."
        );
    }
}

#[test]
fn an_answer_below_history_that_ends_in_a_short_row_stays() {
    let parent = "My kettle came without its lid, could you please send me the blue\none?";
    let body = "Dear Bo,\n\nThank you for writing.\n\nOn Tue, 5 Mar 2024 at 09:12, Bo Smith <bo@example.com> wrote:\n\nMy kettle came without its lid, could you please send me the blue\n> one?\n\nIt is on its way.";
    let known = Known { parents: &[parent], ..Known::default() };
    let reply = extract(Body::Text(body), &known, &Options::default());
    assert_eq!(reply.text, "Dear Bo,\n\nThank you for writing.\n\nIt is on its way.");
    assert!(reply.uncertain);
}
