//! No family on both sides of a split, whatever the seed; the same bytes on any number of threads.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};

use threadfold_core::Example;
use threadfold_dataset::{Format, SplitPlan, read_examples};
use threadfold_variants::{Options, Rewriter, check, families, is_refusal, vary};

/// Questions in several wordings with answers in several wordings, each pair its own thread.
fn examples() -> Vec<Example> {
    let things = [
        "kettle", "teapot", "lid", "handle", "whistle", "filter", "urn", "trivet", "tray", "caddy", "cosy",
        "strainer",
    ];
    let mut rows = String::from("prompt,completion\n");
    for (i, thing) in things.iter().enumerate() {
        for (ask, answer) in [
            (
                "How do I return my THING?",
                "Pack the THING into its box and bring it to the counter in Teasel Lane.",
            ),
            (
                "What is the way to bring back a THING",
                "Bring the THING back to our counter in Teasel Lane, packed into its box.",
            ),
            (
                "Can I exchange the THING if it is broken?",
                "Yes: a broken THING is exchanged for a new one within thirty days.",
            ),
            (
                "my THING arrived with a dent",
                "We are sorry about the dent in your THING and send another one tomorrow.",
            ),
        ] {
            rows += &format!(
                "{},\"{}\"\n",
                ask.replace("THING", thing),
                answer.replace("THING", thing).replace("counter", &format!("counter {i}"))
            );
        }
    }
    read_examples(Format::Csv, rows.as_bytes()).collect::<Result<_, _>>().unwrap()
}

fn all(seed: u64, threads: usize) -> Options {
    let rewriters = vec![Rewriter::Mined, Rewriter::Rules];
    Options { per_example: 3, rewriters, share: 0.7, unknowns: 0.05, seed, threads, ..Options::default() }
}

#[test]
fn no_family_on_both_sides() {
    let originals = examples();
    let mut mined = 0;
    for seed in 0..4 {
        let outcome = vary(&originals, |_| false, &[], &all(seed, 0));
        mined += outcome.report.mined;
        let everything: Vec<Example> =
            originals.iter().cloned().chain(outcome.made.iter().map(|m| m.example.clone())).collect();
        let keys = families(&everything);
        let mut groups: BTreeMap<u64, u32> = BTreeMap::new();
        keys.iter().for_each(|k| *groups.entry(*k).or_default() += 1);
        let groups: Vec<(u64, u32)> = groups.into_iter().collect();
        for draw in 0..100 {
            let plan = SplitPlan::plan(&groups, 0.3, draw);
            assert!(plan.valid_groups() > 0);
            let side: BTreeMap<&str, bool> =
                everything.iter().zip(&keys).map(|(e, k)| (e.id.as_str(), plan.is_valid(*k))).collect();
            let asks: BTreeMap<&str, bool> =
                originals.iter().map(|e| (e.turns[0].text.as_str(), side[e.id.as_str()])).collect();
            for m in &outcome.made {
                let here = side[m.example.id.as_str()];
                if let Some(parent) = &m.example.variant_of {
                    assert_eq!(here, side[parent.as_str()], "apart from its source");
                }
                if let Some(evidence) = &m.evidence {
                    assert_eq!(here, side[evidence.from.as_str()], "apart from whoever lent the wording");
                    assert_eq!(here, asks[m.example.turns[0].text.as_str()]);
                }
            }
        }
    }
    assert!(mined > 0, "the mined kind was among them");
}

#[test]
fn validation_is_never_varied_nor_leaks() {
    let originals = examples();
    for seed in 0..6u64 {
        let held = |i: usize| {
            (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed * 7).is_multiple_of(4)
        };
        let secret: BTreeSet<&str> =
            (0..originals.len()).filter(|&i| held(i)).map(|i| originals[i].turns[0].text.as_str()).collect();
        let outcome = vary(&originals, held, &[], &all(seed, 0));
        assert!(outcome.report.held_back as usize == secret.len() && !outcome.made.is_empty());
        for m in &outcome.made {
            assert!(!secret.contains(m.example.turns[0].text.as_str()), "a held-back question comes back");
            assert!(m.source.is_none_or(|i| !held(i)));
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_on_any_number_of_threads() {
    let originals = examples();
    let one = vary(&originals, |_| false, &[], &all(5, 1));
    for threads in [2, 3, 8] {
        assert_eq!(one, vary(&originals, |_| false, &[], &all(5, threads)));
    }
    assert_ne!(one.made, vary(&originals, |_| false, &[], &all(6, 2)).made);
}

#[test]
fn completions_stay_and_shares_hold() {
    let originals = examples();
    for share in [0.0, 0.1, 0.3, 0.5] {
        for unknowns in [0.0, 0.05, 0.2] {
            let o = Options { share, unknowns, ..all(1, 0) };
            let outcome = vary(&originals, |_| false, &[], &o);
            let r = &outcome.report;
            assert!(r.share <= share + 1e-9 && r.synthetic as usize == outcome.made.len());
            assert_eq!(r.synthetic, r.rules + r.mined + r.endpoint + r.unknowns);
            for m in &outcome.made {
                match m.source {
                    Some(i) => {
                        assert_eq!(m.example.completion(), originals[i].completion());
                        assert_eq!(m.example.variant_of.as_ref(), Some(&originals[i].id));
                        assert_eq!(m.example.thread, originals[i].thread);
                        let (old, new) = (&originals[i].turns[0].text, &m.example.turns[0].text);
                        assert!(m.evidence.is_some() || check(old, new).is_ok(), "{old} -> {new}");
                    }
                    None => assert!(is_refusal(m.example.completion())),
                }
            }
            assert_eq!(r.warnings.iter().any(|w| w.contains("refuse")), r.refusals > 0.1);
        }
    }
    // What is a variant already is not varied again, and counts.
    let doubled: Vec<Example> = {
        let made = vary(&originals, |_| false, &[], &all(1, 0)).made;
        originals.iter().cloned().chain(made.into_iter().map(|m| m.example)).collect()
    };
    let again = vary(&doubled, |_| false, &[], &Options { share: 0.3, ..all(2, 0) });
    assert!(again.made.is_empty() && again.report.share > 0.3);
}

#[test]
fn wordings_from_outside_pass_the_guard() {
    let originals = examples();
    let outside = vec![
        (0, "How can I give my kettle back?".to_owned()),
        (0, "How can I not return my kettle?".to_owned()),
        (2, "May I swap the kettle?".to_owned()),
        (999, "Nobody asked this".to_owned()),
    ];
    let o = Options { rewriters: vec![Rewriter::Endpoint], share: 0.5, ..Options::default() };
    let made = vary(&originals, |_| false, &outside, &o).made;
    let texts: Vec<&str> = made.iter().map(|m| m.example.turns[0].text.as_str()).collect();
    assert_eq!(texts, ["How can I give my kettle back?"], "a negation came in, and a condition went");
}
