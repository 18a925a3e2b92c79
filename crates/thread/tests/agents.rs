//! Who answers for the business, in small mailboxes.

use threadfold_core::{Envelopes, Hints, Locator, NewEnvelope, SourceId};
use threadfold_thread::{Agents, Outline};

struct Mail(Envelopes);

impl Mail {
    fn new() -> Mail {
        Mail(Envelopes::default())
    }

    fn push(&mut self, new: &NewEnvelope<'_>) {
        let offset = self.0.len() as u64;
        self.0.push(Locator { source: SourceId(0), offset, len: 1 }, new);
    }

    fn letter(&mut self, from: &str, to: &str) {
        self.push(&NewEnvelope { from, recipients: &[to], ..Default::default() });
    }

    /// A question and its answer.
    fn exchange(&mut self, customer: &str, agent: &str) {
        self.letter(customer, agent);
        self.letter(agent, customer);
    }

    fn found(&self) -> Vec<String> {
        let (agents, _) = Agents::find(&self.0, &Outline::of(&self.0));
        agents.addresses().iter().chain(agents.domains()).cloned().collect()
    }
}

#[test]
fn a_desk_with_several_people_is_its_domain() {
    let mut mail = Mail::new();
    for (i, agent) in ["help", "kim", "help", "kim", "help", "kim"].iter().enumerate() {
        mail.exchange(&format!("customer@firm{i}.example.com"), &format!("{agent}@shop.example.org"));
    }
    assert_eq!(mail.found(), ["shop.example.org"]);
    let (agents, evidence) = Agents::find(&mail.0, &Outline::of(&mail.0));
    let is = |i: usize| agents.is_agent(mail.0[i].from);
    assert_eq!((is(0), is(1)), (false, true));
    assert_eq!((evidence[0].name.as_str(), evidence[0].customers_answered), ("help@shop.example.org", 3));
}

#[test]
fn freemail_never_widens() {
    let mut mail = Mail::new();
    for i in 0..6 {
        mail.exchange(&format!("customer{i}@gmail.com"), "my.little.shop@gmail.com");
    }
    assert_eq!(mail.found(), ["my.little.shop@gmail.com"]);
    let (agents, _) = Agents::find(&mail.0, &Outline::of(&mail.0));
    assert!(!agents.is_agent(mail.0[0].from));
}

#[test]
fn plus_tags_are_the_same_desk() {
    let mut mail = Mail::new();
    for i in 0..4 {
        let customer = format!("customer@firm{i}.example.com");
        mail.letter(&customer, "help@shop.example.org");
        mail.letter(&format!("help+id{i}@shop.example.org"), &customer);
    }
    assert_eq!(mail.found(), ["help@shop.example.org"]);
    let (agents, _) = Agents::find(&mail.0, &Outline::of(&mail.0));
    assert!(agents.is_agent(mail.0[1].from));
}

#[test]
fn a_busy_customer_is_no_agent() {
    let mut mail = Mail::new();
    for i in 0..6 {
        mail.exchange(&format!("customer@firm{i}.example.com"), "help@shop.example.org");
    }
    for agent in ["kim", "lou", "help", "max"] {
        mail.exchange("buyer@bigfirm.example.net", &format!("{agent}@shop.example.org"));
    }
    assert_eq!(mail.found(), ["shop.example.org"]);
}

#[test]
fn newsletters_robots_and_lists_are_no_agents() {
    let mut mail = Mail::new();
    for i in 0..6 {
        let reader = format!("reader@firm{i}.example.com");
        let bulk = NewEnvelope {
            from: "news@shop.example.org",
            recipients: &[&reader],
            hints: Hints::BULK,
            ..Default::default()
        };
        mail.push(&bulk);
        mail.letter(&reader, "news@shop.example.org");
        let listed = NewEnvelope {
            from: &reader,
            recipients: &["talk@lists.example.org"],
            hints: Hints::LIST,
            ..Default::default()
        };
        mail.push(&listed);
    }
    assert!(mail.found().is_empty());
}

#[test]
fn who_answers_strangers_on_a_list() {
    let mut mail = Mail::new();
    for i in 0..30u64 {
        let asker = format!("asker@firm{i}.example.com");
        let list = Hints::LIST;
        mail.push(&NewEnvelope {
            id: 2 * i + 1,
            date: i as i64,
            from: &asker,
            hints: list,
            ..Default::default()
        });
        let answer = NewEnvelope {
            id: 2 * i + 2,
            date: i as i64,
            from: "expert@uni.example.edu",
            references: &[2 * i + 1],
            hints: list,
            ..Default::default()
        };
        mail.push(&answer);
    }
    assert_eq!(mail.found(), ["expert@uni.example.edu"]);
}

#[test]
fn the_owner_of_the_mailbox_needs_few_letters() {
    let mut mail = Mail::new();
    mail.letter("customer@firm.example.com", "kim@shop.example.org");
    mail.push(&NewEnvelope {
        from: "kim@shop.example.org",
        recipients: &["customer@firm.example.com"],
        hints: Hints::SENT,
        ..Default::default()
    });
    assert_eq!(mail.found(), ["kim@shop.example.org"]);
}

#[test]
fn a_customers_letter_filed_under_sent_makes_no_owner() {
    let mut mail = Mail::new();
    let sent = |mail: &mut Mail, from: &str, to: &str| {
        mail.push(&NewEnvelope { from, recipients: &[to], hints: Hints::SENT, ..Default::default() });
    };
    for i in 0..6 {
        mail.letter(&format!("c{i}@mail{i}.example.com"), "help@shop.example.org");
        sent(&mut mail, "help@shop.example.org", &format!("c{i}@mail{i}.example.com"));
    }
    sent(&mut mail, "c3@mail3.example.com", "help@shop.example.org");
    assert_eq!(mail.found(), ["help@shop.example.org"]);
}

#[test]
fn one_side_of_the_mail_is_enough() {
    let customers = ["ada@example.com", "bo@example.net", "cy@example.edu", "di@gmail.com"];
    // Only what came in, only what went out.
    for desk in ["help@shop.example.org", "my.little.shop@gmail.com"] {
        let found = if desk.ends_with("gmail.com") { desk } else { "shop.example.org" };
        for sent in [false, true] {
            let mut mail = Mail::new();
            for customer in customers {
                if sent { mail.letter(desk, customer) } else { mail.letter(customer, desk) }
            }
            assert_eq!(mail.found(), [found], "sent: {sent}");
        }
    }
    // Strangers who answer each other at one address are a list.
    let mut mail = Mail::new();
    for (i, from) in customers.into_iter().enumerate() {
        let id = i as u64 + 1;
        let references = &[id - 1][..usize::from(i > 0)];
        mail.push(&NewEnvelope {
            id,
            from,
            recipients: &["talk@lists.example.org"],
            references,
            ..Default::default()
        });
    }
    assert!(mail.found().is_empty());
}

#[test]
fn given_agents() {
    let mut mail = Mail::new();
    mail.letter("customer@firm.example.com", "kim@desk.shop.example.org");
    mail.letter("lou@othershop.example.org", "kim@desk.shop.example.org");
    let given = |s: &str| Agents::given(&[s.to_owned()], &mail.0);
    for entry in ["shop.example.org", "@shop.example.org", "Kim+7@desk.Shop.example.org"] {
        let agents = given(entry).unwrap();
        let kim = mail.0.recipients(0).next().unwrap();
        assert!(agents.is_agent(kim), "{entry}");
        assert!(!agents.is_agent(mail.0[1].from), "{entry}");
    }
    assert_eq!(
        given("nobody.example.org").unwrap_err().to_string(),
        "no message is from or to `nobody.example.org`"
    );
}
