//! Messages that exist only in the quoted history of others.

use crate::support::{Dir, json_lines};

/// A mailbox of one side: what the shop sent, and nothing else.
const SENT: &str = "From s Mon Mar  4 10:00:00 2024
From: Tom Hale <help@kettles.example.org>
To: Ada Reed <ada@example.com>
Subject: Re: Kettle without lid
Message-ID: <a1@kettles.example.org>
In-Reply-To: <q1@example.com>
Date: Mon, 4 Mar 2024 10:00:00 +0000

Dear Ada,

a new lid is on its way to you.

-- 
Tom Hale
Example Kettles

On Mon, 4 Mar 2024 at 09:12, Ada Reed <ada@example.com> wrote:
> Hello,
>
> my kettle came without its lid. Could you please send me one?
> The order is number 1007.
>
> -- 
> Ada Reed, 12 Example Street

From s Tue Mar  5 10:00:00 2024
From: Tom Hale <help@kettles.example.org>
To: Bo Lind <bo@example.net>
Subject: RE: Size
Message-ID: <a2@kettles.example.org>
In-Reply-To: <q4@example.net>
References: <q2@example.net> <q3@kettles.example.org> <q4@example.net>
Date: Tue, 5 Mar 2024 10:00:00 +0000

Then the small one fits.

-----Original Message-----
From: Bo Lind <bo@example.net>
Sent: Monday, March 4, 2024 4:30 PM
To: Help
Subject: RE: Size

It has to stand below a shelf of thirty centimetres.

-----Original Message-----
From: Tom Hale <help@kettles.example.org>
Sent: Monday, March 4, 2024 2:00 PM
To: Bo Lind
Subject: RE: Size

How much room is there in your kitchen?

-----Original Message-----
From: Bo Lind <bo@example.net>
Sent: Monday, March 4, 2024 1:00 PM
To: Help
Subject: Size

Which of your kettles should I buy?

From s Wed Mar  6 10:00:00 2024
From: Tom Hale <help@kettles.example.org>
To: Cy Moss <cy@example.edu>
Subject: Re: Colours
Message-ID: <a3@kettles.example.org>
In-Reply-To: <q5@example.edu>
Date: Wed, 6 Mar 2024 10:00:00 +0000

On Wed, 6 Mar 2024 at 09:12, Cy Moss <cy@example.edu> wrote:
> Do you have it in blue?

Yes.

> And in green?

No.
";

fn turns(example: &serde_json::Value) -> Vec<String> {
    let turns = example["turns"].as_array().unwrap().iter();
    turns
        .map(|t| {
            let recovered = if t["recovered"] == true { ", recovered" } else { "" };
            format!("{}{recovered}: {}", t["role"].as_str().unwrap(), t["text"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn a_mailbox_of_answers_alone_gives_examples() {
    let dir = Dir::new();
    let ran = dir
        .write("sent.mbox", SENT)
        .run("export sent.mbox -o out --agent help@kettles.example.org --no-redact --split 0");
    assert_eq!(ran.status, 0, "{ran:?}");
    let examples = json_lines(&dir.read("out/examples.jsonl"));
    assert_eq!(
        examples.iter().map(turns).collect::<Vec<_>>(),
        [
            vec![
                "customer, recovered: Hello,\n\nmy kettle came without its lid. Could you please send me one?\nThe order is number 1007.",
                "agent: Dear Ada,\n\na new lid is on its way to you.",
            ],
            vec![
                "customer, recovered: Which of your kettles should I buy?",
                "agent, recovered: How much room is there in your kitchen?",
                "customer, recovered: It has to stand below a shelf of thirty centimetres.",
                "agent: Then the small one fits.",
            ],
        ],
    );
    let question = &examples[0]["turns"][0];
    assert_eq!(question["message_id"], "<q1@example.com>");
    assert_eq!(
        (question["author"].as_str(), question["date"].as_str()),
        (Some("Ada Reed"), Some("2024-03-04T09:12:00Z"))
    );
    assert_eq!(examples[0]["flags"][0], "recovered_turn");
    assert_eq!(
        examples[0]["locators"].as_array().unwrap().len(),
        1,
        "the answer is where the question stands"
    );
    // Answers between the lines quote no whole message: that answer stays without its question.
    let fates: Vec<String> = json_lines(&dir.read("out/ledger.jsonl"))
        .iter()
        .map(|l| l["fate"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fates, ["used", "used", "dropped"]);

    let ran = dir.run("export sent.mbox -o none --agent help@kettles.example.org --no-recover");
    assert_eq!((ran.status, dir.read("none/examples.jsonl").as_str()), (0, ""), "{ran:?}");
}

#[test]
fn a_mailbox_of_questions_alone_gives_examples_too() {
    let dir = Dir::new();
    let inbox = "From a Mon Mar  4 11:00:00 2024
From: Ada Reed <ada@example.com>
To: help@kettles.example.org
Subject: Kettle without lid
Message-ID: <q1@example.com>
Date: Mon, 4 Mar 2024 09:12:00 +0000

My kettle came without its lid.

From a Mon Mar  4 11:00:00 2024
From: Ada Reed <ada@example.com>
To: help@kettles.example.org
Subject: Re: Kettle without lid
Message-ID: <q2@example.com>
In-Reply-To: <a1@kettles.example.org>
References: <q1@example.com> <a1@kettles.example.org>
Date: Mon, 4 Mar 2024 11:00:00 +0000

Thank you!

On Mon, 4 Mar 2024 at 10:00, Tom Hale <help@kettles.example.org> wrote:
> A new lid is on its way to you.
>
> On Mon, 4 Mar 2024 at 09:12, Ada Reed <ada@example.com> wrote:
>> My kettle came
>> without its lid.
";
    let ran = dir
        .write("inbox.mbox", inbox)
        .run("export inbox.mbox -o out --agent help@kettles.example.org --no-redact --split 0");
    assert_eq!(ran.status, 0, "{ran:?}");
    let examples = json_lines(&dir.read("out/examples.jsonl"));
    assert_eq!(examples.len(), 1);
    let want =
        ["customer: My kettle came without its lid.", "agent, recovered: A new lid is on its way to you."];
    assert_eq!(turns(&examples[0]), want, "the question is there already and stands once");
    assert_eq!(examples[0]["turns"][1]["message_id"], "<a1@kettles.example.org>");
    let ledger = json_lines(&dir.read("out/ledger.jsonl"));
    assert_eq!(ledger[1]["fate"], "used", "the answer stands in it");
    assert_eq!(ledger[1]["examples"][0], examples[0]["id"]);
}
