//! One mail to many: a conversation with each of those who answer it.

use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
use threadfold_thread::{Agents, Evidence, Options, Threads, link};

const SHOP: &str = "help@shop.example.org";

/// (id, from, to, ids it cites, subject)
type Row<'a> = (u64, &'a str, &'a [&'a str], &'a [u64], &'a str);

fn threads(rows: &[Row<'_>]) -> Threads {
    let mut mail = Envelopes::default();
    for (at, &(id, from, recipients, references, subject)) in rows.iter().enumerate() {
        let at = at as u64;
        let locator = Locator { source: SourceId(0), offset: at * 100, len: 100 };
        let date = 1_700_000_000 + at as i64 * 3_600;
        mail.push(
            locator,
            &NewEnvelope { id, from, recipients, references, subject, date, ..Default::default() },
        );
    }
    let agents = Agents::given(&[SHOP.to_owned()], &mail).unwrap_or_default();
    let evidence = Evidence { agents: Some(&agents), ..Evidence::default() };
    link(&mail, &evidence, &Options::default())
}

fn sets(rows: &[Row<'_>]) -> Vec<Vec<u32>> {
    threads(rows).threads().map(<[u32]>::to_vec).collect()
}

const ADA: &str = "ada@example.com";
const BO: &str = "bo@example.net";

#[test]
fn an_announcement_has_a_conversation_with_each_customer() {
    for to in [&[ADA, BO, "cy@example.edu"][..], &[], &[SHOP]] {
        let rows: [Row<'_>; 7] = [
            (1, SHOP, to, &[], "We move"),
            (2, ADA, &[SHOP], &[1], "Re: We move"),
            (3, BO, &[SHOP], &[1], "Re: We move"),
            (4, SHOP, &[BO], &[1, 3], "Re: We move"),
            (5, SHOP, &[ADA], &[1, 2], "Re: We move"),
            // Headers lost: the subject and the customer tell.
            (6, ADA, &[SHOP], &[], "Re: We move"),
            // Once more to the announcement itself.
            (7, BO, &[SHOP], &[1], "Re: We move"),
        ];
        assert_eq!(sets(&rows), [vec![0], vec![1, 4, 5], vec![2, 3, 6]], "{to:?}");
    }
}

#[test]
fn the_announcement_itself_may_be_missing() {
    let rows: [Row<'_>; 3] = [
        (2, ADA, &[SHOP], &[1], "Re: We move"),
        (3, BO, &[SHOP], &[1], "Re: We move"),
        (4, SHOP, &[ADA], &[1, 2], "Re: We move"),
    ];
    assert_eq!(sets(&rows), [vec![0, 2], vec![1]]);
}

#[test]
fn people_who_know_each_other_stay_together() {
    // One of two customers copies the other in.
    let rows: [Row<'_>; 3] = [
        (1, SHOP, &[ADA, BO], &[], "Your offer"),
        (2, ADA, &[SHOP, BO], &[1], "Re: Your offer"),
        (3, BO, &[SHOP], &[1], "Re: Your offer"),
    ];
    assert_eq!(sets(&rows), [vec![0, 1, 2]]);
    // An answer to a customer goes to a colleague too.
    let rows: [Row<'_>; 4] = [
        (1, ADA, &[SHOP], &[], "Order"),
        (2, SHOP, &[ADA, BO], &[1], "Re: Order"),
        (3, ADA, &[SHOP], &[2], "Re: Order"),
        (4, BO, &[SHOP], &[2], "Re: Order"),
    ];
    assert_eq!(sets(&rows), [vec![0, 1, 2, 3]]);
    // A mail to one, who handed it on.
    let rows: [Row<'_>; 3] = [
        (1, SHOP, &[ADA], &[], "Your offer"),
        (2, ADA, &[SHOP], &[1], "Re: Your offer"),
        (3, BO, &[SHOP], &[1], "Re: Your offer"),
    ];
    assert_eq!(sets(&rows), [vec![0, 1, 2]]);
}
