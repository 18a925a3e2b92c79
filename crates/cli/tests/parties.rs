//! Who a conversation is with: announcements to many, and third parties within a customer's thread.

use std::collections::BTreeSet;

use crate::support::{Dir, json_lines};

/// One mail; `refs` are the ids it cites.
fn mail(n: u32, from: &str, to: &str, subject: &str, refs: &[u32], text: &str) -> String {
    let refs: Vec<String> = refs.iter().map(|r| format!("<{r}@example.com>")).collect();
    let cited = match refs.last() {
        Some(last) => format!("In-Reply-To: {last}\nReferences: {}\n", refs.join(" ")),
        None => String::new(),
    };
    format!(
        "From x Mon Mar  4 10:00:00 2024\nFrom: {from}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{n}@example.com>\n{cited}Date: Mon, 4 Mar 2024 {:02}:00:00 +0000\n\n{text}\n\n",
        n % 24
    )
}

const SHOP: &str = "Shop <help@kettles.example.org>";

fn texts(dir: &Dir) -> Vec<Vec<String>> {
    let examples = json_lines(&dir.read("out/examples.jsonl"));
    let text = |t: &serde_json::Value| t["text"].as_str().unwrap().to_owned();
    examples.iter().map(|e| e["turns"].as_array().unwrap().iter().map(text).collect()).collect()
}

#[test]
fn every_customer_of_an_announcement_has_a_conversation() {
    let dir = Dir::new();
    let all = "ada@example.com, bo@example.net, cy@example.edu";
    let mbox = [
        mail(1, SHOP, all, "We move", &[], "From May on we are in Example Street."),
        mail(2, "ada@example.com", SHOP, "Re: We move", &[1], "Is there a place to park?"),
        mail(3, "bo@example.net", SHOP, "Re: We move", &[1], "Are you open in April?"),
        mail(4, SHOP, "ada@example.com", "Re: We move", &[1, 2], "Yes, in the yard."),
        mail(5, SHOP, "bo@example.net", "Re: We move", &[1, 3], "Until the twentieth."),
    ];
    dir.write("box.mbox", mbox.concat());
    let ran = dir.run("export box.mbox -o out --agent help@kettles.example.org --no-redact --split 0");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(
        texts(&dir),
        [
            ["Is there a place to park?", "Yes, in the yard."],
            ["Are you open in April?", "Until the twentieth."]
        ]
    );
    let lines = json_lines(&dir.run("threads --json --agent help@kettles.example.org box.mbox").stdout);
    let of = |id: &str| {
        lines
            .iter()
            .filter(|l| l["message_id"] == id)
            .map(|l| l["thread"].as_str().unwrap())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(of("<2@example.com>"), of("<4@example.com>"));
    assert_eq!(of("<3@example.com>"), of("<5@example.com>"));
    assert_ne!(of("<2@example.com>"), of("<3@example.com>"));
}

#[test]
fn what_is_said_with_a_supplier_is_no_turn() {
    let dir = Dir::new();
    let mbox = [
        mail(1, "ada@example.com", SHOP, "Lid", &[], "The lid is missing."),
        mail(2, SHOP, "parts@supplier.example.net", "Fwd: Lid", &[1], "Can you send one by Friday?"),
        mail(3, "parts@supplier.example.net", SHOP, "Re: Lid", &[1, 2], "By Thursday even, for four fifty."),
        mail(4, SHOP, "parts@supplier.example.net", "Re: Lid", &[1, 2, 3], "Please do."),
        mail(5, SHOP, "ada@example.com", "Re: Lid", &[1], "It will be with you on Friday."),
        // Somebody whom the customer brings in is no third party.
        mail(
            6,
            "ada@example.com",
            "help@kettles.example.org, ben@example.com",
            "Re: Lid",
            &[1, 5],
            "Ben will be at home.",
        ),
        mail(7, "ben@example.com", SHOP, "Re: Lid", &[1, 5, 6], "From nine on."),
        mail(8, SHOP, "ben@example.com", "Re: Lid", &[1, 5, 6, 7], "Good."),
    ];
    let ran = dir
        .write("box.mbox", mbox.concat())
        .run("export box.mbox -o out --agent help@kettles.example.org --no-redact --split 0");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(
        texts(&dir),
        [[
            "The lid is missing.",
            "It will be with you on Friday.",
            "Ben will be at home.\n\nFrom nine on.",
            "Good."
        ]]
    );
    let reasons: Vec<String> = json_lines(&dir.read("out/ledger.jsonl"))
        .iter()
        .filter_map(|l| l["reason"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(reasons, ["third_party"; 3]);
}

#[test]
fn an_answer_to_another_address_of_the_customer_stays() {
    let dir = Dir::new();
    let mbox = [
        mail(
            1,
            "form@website.example.com",
            SHOP,
            "Message from your website",
            &[],
            "Do you have it in blue?",
        ),
        mail(2, SHOP, "ada@example.com", "Re: Message from your website", &[1], "Yes, and in green."),
    ];
    dir.write("box.mbox", mbox.concat());
    dir.run("export box.mbox -o out --agent help@kettles.example.org --no-redact --split 0");
    assert_eq!(texts(&dir), [["Do you have it in blue?", "Yes, and in green."]]);
}

#[test]
fn a_ticket_in_the_text_joins_what_lost_its_headers() {
    let dir = Dir::new();
    let mbox = [
        mail(1, "ada@example.com", SHOP, "Lid", &[], "The lid is missing."),
        mail(2, SHOP, "ada@example.com", "Re: Lid", &[1], "Which kettle is it?\n\n[K2T9LM-4WXY]"),
        // No ids and another subject: only the token in what is quoted tells.
        mail(
            3,
            "ada@example.com",
            SHOP,
            "Re: your question",
            &[],
            "The red one.\n\n> short\n> [K2T9LM-4WXY]",
        ),
        mail(4, "bo@example.net", SHOP, "Re: something else", &[], "No token here.\n\n> [see below]"),
    ];
    dir.write("box.mbox", mbox.concat());
    let lines = json_lines(&dir.run("threads --json --agent help@kettles.example.org box.mbox").stdout);
    let of = |id: &str| lines.iter().find(|l| l["message_id"] == id).unwrap();
    assert_eq!(of("<3@example.com>")["thread"], of("<1@example.com>")["thread"], "{lines:#?}");
    assert_eq!(of("<3@example.com>")["link"], "ticket");
    assert_ne!(of("<4@example.com>")["thread"], of("<1@example.com>")["thread"]);
}
