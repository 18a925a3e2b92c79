//! Whose facts are the business's, and what goes from all threads.

use std::sync::Arc;

use threadfold_redact::{Keep, KeepFacts, Options, Person, Redactor, Side, Turn, Type};

fn customer<'a>(name: &'a str, email: &'a str) -> Person<'a> {
    Person { name, email, side: Side::Customer }
}

fn kept(threads: &[(Person<'_>, &[Turn<'_>])]) -> Vec<(Type, String)> {
    let mut facts = KeepFacts::new(&[]);
    for (person, turns) in threads {
        facts.feed(&[*person], turns);
    }
    facts.finish().list().iter().map(|k| (k.kind, k.literal.clone())).collect()
}

const ADDRESS: &str = "Your parcels go to 77 Quarry Lane, the courier rings 503-555-0142.";

#[test]
fn one_household_is_one_customer() {
    let told: &[Turn<'_>] = &[(Side::Agent, "The courier comes to 77 Quarry Lane and rings 503-555-0142.")];
    // A surname, and a company's host.
    assert!(
        kept(&[
            (customer("Marta Lindqvist", "marta@gmail.com"), told),
            (customer("Jon Lindqvist", "jon@outlook.com"), told),
            (customer("Lindqvist, Eva", "eva@yahoo.com"), told),
        ])
        .is_empty()
    );
    assert!(
        kept(&[
            (customer("Marta Lindqvist", "marta@birch.example"), told),
            (customer("Tom Baxter", "tom@birch.example"), told),
            (customer("Leyla Demir", "leyla@birch.example"), told),
        ])
        .is_empty()
    );
    let strangers = kept(&[
        (customer("Marta Lindqvist", "marta@gmail.com"), told),
        (customer("Tom Baxter", "tom@birch.example"), told),
        (customer("Leyla Demir", "leyla@gmail.com"), told),
    ]);
    assert_eq!(strangers.len(), 2, "{strangers:?}");
}

#[test]
fn what_a_customer_wrote_as_theirs_is_theirs() {
    let told: &[Turn<'_>] = &[(Side::Agent, "The courier comes to 77 Quarry Lane and rings 503-555-0142.")];
    let own: &[Turn<'_>] = &[
        (Side::Customer, "My number is (503) 555-0142, I live at 77 Quarry Lane."),
        (Side::Agent, "Noted: 503-555-0142 and 77 Quarry Lane."),
    ];
    assert!(
        kept(&[
            (customer("Marta Lindqvist", "marta@gmail.com"), own),
            (customer("Tom Baxter", "tom@birch.example"), told),
            (customer("Leyla Demir", "leyla@gmail.com"), told),
            (customer("Priya Raman", "priya@six.example"), told),
        ])
        .is_empty()
    );
    // "Your …" is not told as a fact.
    let yours: &[Turn<'_>] = &[(Side::Agent, ADDRESS)];
    let kept = kept(&[
        (customer("Tom Baxter", "tom@birch.example"), yours),
        (customer("Leyla Demir", "leyla@gmail.com"), yours),
    ]);
    assert!(!kept.iter().any(|(kind, _)| *kind == Type::Address), "{kept:?}");
}

#[test]
fn customers_may_write_of_the_business() {
    let asked: &[Turn<'_>] = &[
        (Side::Customer, "I called your number 1-503-555-0188 twice."),
        (Side::Agent, "Sorry! 1-503-555-0188 is right."),
    ];
    let told: &[Turn<'_>] = &[(Side::Agent, "Please ring 1-503-555-0188.")];
    let kept = kept(&[
        (customer("Marta Lindqvist", "marta@gmail.com"), asked),
        (customer("Tom Baxter", "tom@birch.example"), told),
        (customer("Leyla Demir", "leyla@gmail.com"), told),
    ]);
    assert_eq!(kept, [(Type::Phone, "1-503-555-0188".to_owned())]);
}

#[test]
fn what_one_thread_shows_goes_from_all() {
    let mut facts = KeepFacts::new(&["shop.example"]);
    let marta = customer("Marta Lindqvist", "marta@example.com");
    facts.feed(&[marta], &[(Side::Customer, "My customer number is KD-4471902, please check.")]);
    let (keep, known) = facts.finish_with(&Keep::default());
    assert!(!known.is_empty() && known.audit().scan(b"kd-4471902").len() == 1);
    let redactor =
        Redactor::new(Options { keep: Arc::new(keep), known: Arc::new(known), ..Options::default() });
    let mut other = redactor.thread(&[]);
    let out = other.redact("See KD-4471902 and what Marta Lindqvist said; Marta is a name.", Side::Agent);
    assert_eq!(out.text, "See [ACCOUNT_ID_1] and what [PERSON_NAME_1] said; [PERSON_NAME_1] is a name.");
}

#[test]
fn learners_join_to_the_same_in_any_order() {
    let threads: Vec<(String, String)> =
        (0..40).map(|n| (format!("Ann Person{n}"), format!("a{n}@host{n}.example"))).collect();
    let told: &[Turn<'_>] = &[(Side::Agent, "Visit 120 Wharf Street or call 1-503-555-0188.")];
    let learn = |range: std::ops::Range<usize>| {
        let mut facts = KeepFacts::new(&[]);
        for (name, email) in &threads[range] {
            facts.feed(&[customer(name, email)], told);
        }
        facts
    };
    let whole = learn(0..40).finish();
    let (mut a, b) = (learn(20..40), learn(0..20));
    a.merge(b);
    assert_eq!(a.finish().list(), whole.list());
}
