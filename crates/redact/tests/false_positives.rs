//! What other redactors were seen to take and this one must leave.

use threadfold_redact::{Options, Redactor, Side};

#[test]
fn ordinary_numbers_and_words_stay() {
    let redactor = Redactor::new(Options::default());
    let mut taken = Vec::new();
    for text in [
        // A text that begins with a word for streets.
        "street 12 and so on",
        "utca 5",
        "City: ",
        "@",
        "rue\ndes",
        // Dates, times and stamps as telephone numbers.
        "Meet on 2026-03-14 at 09:30, or 14.03.2026 10:00-12:30.",
        "The log says 20260314093015 and 20260314.",
        "Started 2026-03-14T09:30:15Z, ended 2026-03-14 09:31:02.123.",
        // A time as an address of the net, a digest as a secret.
        "It stopped at 20:18:09 and 07:00:00.",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b fixed it",
        // Scores, stamps in milliseconds, parts of a UUID, lists of ports as cards or telephones.
        "score 0.4111111111111111 and 0.98765432109876",
        "took 1710408615123 ms, at 1710408615",
        "open ports 80 443 8080 8443 9000 9090",
        "the value 3.141592653589793 or 12345.6789",
        "coefficients 0.2474413 0.0891408 0.04335752 and -0.3640  0.3678 0.1882 -3.613",
        "1990  0.35412243 -1.0974815\n2761   3616   3629   5808   7204",
        "Eudora 6.2.1.2 and package-2.0.0.0, color=\"#666666\", x1-x14, file10181",
        "key fingerprint 0CCA 8EE2 2EEB 25E2 AB04 06F7 1BB9 E634 9B87 56EE",
        "https://shop.example/bulletinjuly2004_2column.htm",
        "sent on Jun 25, 2019 at 6:50 AM, bgcolor=\"#FFFFFF\" text=\"#000000\" style=\"color:#000000\"",
        "I found no reference to N310, the N300 is fine; pw = plot(), $(pwd)/conf",
        "boundary ===============6956992327592919215== and 705A7E10-EE17-4DFF-A2CF-F090AEF8A6F0",
        // Ids in the fields of JSON, parts of a UUID with digits only.
        "{\"qid\": \"Returns.003\", \"size\": 20250101, \"ttl\": 86400, \"version\": \"3.11.2\"}",
        "{\"_id\":\"kb-0042\",\"score\":12.8761,\"created\":1710408615123,\"type\":\"qna\"}",
        "trace 12345678-1234-5678-9012-345678901234 of build 00000000-0000-0000-0000-000000000000",
        // Pictures as mail addresses, well-known addresses of the net.
        "see icon@2x.png and logo@3x.jpg",
        "ping 127.0.0.1, 0.0.0.0, 255.255.255.0 or 8.8.8.8",
        "networks 10.0.0.0/8 and 203.0.113.0/24",
        "version 4.12.0.3, v1.2.3.4, firmware 10.4.2.1",
        // Words that begin a mail as names, licences in capitals.
        "Hello, Please help. Thanks, Regards",
        "INTRODUCTORY price, battery size D3, H1 bulb, a public notice",
        "Hi there,\nGood morning everyone,\nDear Sir or Madam,\nDear Customer Service Team,",
        // Amounts, sizes, parts.
        "$1,249.00, 1.299,00 €, EUR 118.80, 12 000 kr, 5 x 100 mm, 1200 x 35 mm",
        "part 28-622, DIN 912, RAL 3005, ISO 9001:2015, XR-2200-B, M8x40",
        "24/7, 7-14 days, Mo–Fr 9–18 Uhr, ca. 3 Tage, 4,5 bar",
        "ISBN 978-3-16-148410-0 is out of print",
        // URLs of public pages.
        "https://shop.example/how-to-clean-your-2024-tent-in-5-steps?v=3&lang=en#step-2",
        "see www.shop.example/size-chart and https://status.shop.example",
        // Ordinary uses of announcing words.
        "I ordered 2 tents in 2025, order early for 10 % off",
        "I forgot my password. Please reset my password, the password is not accepted.",
        "The card ending in 4242 was charged, your account is 30 days overdue",
        "We may ship in May; mark the box, will it rain? Rose tea, amber light.",
        "The price per unit is 100, 200 or 300 pieces",
        "Use code TEATIME15 or SPRING-2026 at checkout",
        "My phone is a Pixel 7, the tablet 10.5 inch, order now and call before 5 pm",
    ] {
        for side in [Side::Customer, Side::Agent] {
            let mut thread = redactor.thread(&[]);
            thread.learn(text, side);
            let out = thread.redact(text, side);
            for span in out.spans {
                taken.push(format!("{:?} {:?} in {text:?}", span.kind, &text[span.start..span.end]));
            }
        }
    }
    taken.dedup();
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}
