//! Reworded variants: the verb, and `export --variants`.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::{Dir, json_lines};

fn last_question(example: &Value) -> String {
    let turns = example["turns"].as_array().unwrap();
    let asked = turns[..turns.len() - 1].iter().rev().find(|t| t["role"] == "customer").unwrap();
    asked["text"].as_str().unwrap().to_owned()
}

/// The words that carry a topic, small words aside.
fn content_words(text: &str) -> BTreeSet<String> {
    const SMALL: &str = " where are you what is your the a an at which in on of to can could would do does i me my we us our tell give please find ";
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && !SMALL.contains(&format!(" {w} ")))
        .map(str::to_owned)
        .collect()
}

#[test]
fn where_are_you_located() {
    let d = Dir::new();
    assert_eq!(d.run("export {fixtures}/shop.mbox -o shop --split 0 --quiet").status, 0);
    let ran = d.run("vary shop/examples.jsonl --per-example 2 --max-share 0.6 -o more.jsonl --evidence e.jsonl --report r.json");
    assert_eq!(ran.status, 0, "{ran:?}");
    let all = json_lines(&d.read("more.jsonl"));
    let source = all
        .iter()
        .find(|e| e["variant_of"].is_null() && last_question(e).contains("Where are you located?"))
        .unwrap();
    let variants: Vec<&Value> = all.iter().filter(|e| e["variant_of"] == source["id"]).collect();
    assert!(!variants.is_empty());
    let asked = last_question(source);
    let (before, after) = asked.split_once("Where are you located?").unwrap();
    for v in &variants {
        let question = last_question(v);
        let said = question.strip_prefix(before).and_then(|q| q.strip_suffix(after)).unwrap_or(&question);
        let shared = content_words(said).intersection(&content_words("Where are you located?")).count();
        assert_eq!(shared, 0, "{said}");
        assert!(!content_words(said).is_empty() && !said.to_lowercase().contains("locat"), "{said}");
        assert_eq!(
            v["turns"].as_array().unwrap().last(),
            source["turns"].as_array().unwrap().last(),
            "the answer stays"
        );
    }
    assert!(variants.iter().any(|v| last_question(v).contains("address")), "as the essay has it");
    let report: Value = serde_json::from_str(&d.read("r.json")).unwrap();
    let made = all.iter().filter(|e| !e["variant_of"].is_null()).count();
    assert_eq!(report["synthetic"], made);
    assert_eq!(json_lines(&d.read("e.jsonl")).len(), made);
    assert!(report["share"].as_f64().unwrap() <= 0.6);
}

#[test]
fn an_export_varies_its_training_side_alone() {
    for seed in [1, 2] {
        let d = Dir::new();
        let words = format!(
            "export {{fixtures}}/shop.mbox -o shop --split 0.3 --variants 2 --max-share 0.5 --unknowns 0.05 --seed {seed} --quiet --threads"
        );
        assert_eq!(d.run(&format!("{words} 1")).status, 0);
        let all = json_lines(&d.read("shop/examples.jsonl"));
        let (valid, train) = (d.read("shop/valid.messages.jsonl"), d.read("shop/train.messages.jsonl"));
        let origins = json_lines(&d.read("shop/variants.jsonl"));
        let report: Value = serde_json::from_str(&d.read("shop/report.json")).unwrap();
        assert_eq!(report["variants"]["synthetic"], origins.len());
        assert_eq!(report["examples"]["train"], json_lines(&train).len());
        assert_eq!(report["examples"]["valid"], json_lines(&valid).len());
        let in_file = |file: &str, e: &Value| {
            let needle = serde_json::to_string(&last_question(e)).unwrap();
            file.contains(needle.trim_matches('"'))
        };
        let synthetic: BTreeSet<&str> = origins.iter().map(|o| o["id"].as_str().unwrap()).collect();
        for e in all.iter().filter(|e| synthetic.contains(e["id"].as_str().unwrap())) {
            assert!(in_file(&train, e) && !in_file(&valid, e), "{e}");
            if let Some(parent) = all.iter().find(|p| p["id"] == e["variant_of"]) {
                assert!(in_file(&train, parent) && !in_file(&valid, parent), "its source is for validation");
            }
        }
        assert!(
            origins.iter().any(|o| o["how"] == "unknown") && origins.iter().any(|o| o["how"] != "unknown")
        );

        assert_eq!(d.run(&format!("{words} 2 --force")).status, 0);
        assert_eq!(json_lines(&d.read("shop/examples.jsonl")), all, "the same on two threads");
        assert_eq!(d.read("shop/train.messages.jsonl"), train);

        // What stands in the validation files beside it is left alone by the verb as well.
        let ran = d.run("vary shop/examples.jsonl --max-share 0.9 --only-variants --per-example 1 -o v.jsonl --report r.json");
        assert_eq!(ran.status, 0, "{ran:?}");
        let report: Value = serde_json::from_str(&d.read("r.json")).unwrap();
        assert!(report["held_back"].as_u64().unwrap() > 0);
        for e in json_lines(&d.read("v.jsonl")) {
            let parent = all.iter().find(|p| p["id"] == e["variant_of"]).unwrap();
            assert!(!in_file(&valid, parent));
        }
    }
}

#[test]
fn prompts_line_by_line() {
    let input = "{\"id\":1,\"text\":\"How do I cancel order [ORDER_ID_1]?\"}\nnonsense\n{\"id\":\"b\",\"text\":\"Zzz\"}\n";
    let ran = Dir::new().run_with("vary --prompts --per-example 2", input.as_bytes());
    assert_eq!(ran.status, 1, "a line was no JSON");
    let lines = json_lines(&ran.stdout);
    assert_eq!(lines.len(), 2);
    let variants = lines[0]["variants"].as_array().unwrap();
    assert!(
        !variants.is_empty() && variants.iter().all(|v| v["text"].as_str().unwrap().contains("[ORDER_ID_1]"))
    );
    assert_eq!(lines[1], json!({"id": "b", "variants": []}));
}

#[test]
fn usage() {
    let d = Dir::new();
    d.write("a.csv", "prompt,completion\nOpen?,Yes.\n").write("there.csv", "");
    for words in [
        "vary a.csv --rewriter magic",
        "vary a.csv --rewriter endpoint",
        "vary a.csv --endpoint http://127.0.0.1:9 --model m",
        "vary a.csv --max-share 1.5",
        "vary a.csv --unknowns -1",
        "vary a.csv -o there.csv",
        "vary --prompts --rewriter mined",
        "vary",
        "export a.mbox -o x --variants 1 --rewriter endpoint",
    ] {
        assert_eq!(d.run(words).status, 2, "{words}");
    }
    assert_eq!(d.run("vary nothing.csv").status, 1);
}

#[test]
fn refusals_are_counted_and_too_many_are_said() {
    let d = Dir::new();
    let rows: String = (0..10)
        .map(|i| {
            format!("What is item {i}?,{}\n", if i < 2 { "I don't know." } else { "It is one of ours." })
        })
        .collect();
    d.write("a.csv", format!("prompt,completion\n{rows}"));
    let ran = d.run("vary a.csv --unknowns 0.1 --refusal Unknown. -o b.csv --report r.json");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("refus") && ran.stderr.contains("warning"), "{ran:?}");
    let report: Value = serde_json::from_str(&d.read("r.json")).unwrap();
    assert_eq!((report["unknowns"].as_u64(), report["refusals_before"].as_f64()), (Some(1), Some(0.2)));
    assert!(d.read("b.csv").contains("Unknown."));
}

#[test]
fn the_instruction_to_say_so_is_trained_and_repeated_for_use() {
    let d = Dir::new();
    let words = "export {fixtures}/shop.mbox -o shop --split 0 --system Kind. --say-unsure --format messages --format trl --format sharegpt --format alpaca --format mlx --format axolotl --quiet";
    let ran = d.run(words);
    assert_eq!(ran.status, 0, "{ran:?}");
    let first = &json_lines(&d.read("shop/train.messages.jsonl"))[0]["messages"][0];
    assert_eq!(first["role"], "system");
    let text = first["content"].as_str().unwrap();
    assert!(text.starts_with("Kind. If you are not sure"), "{text}");
    for trainer in ["openai", "together", "trl", "llama-factory", "axolotl", "mlx"] {
        let ran = d.run(&format!("recipe --for {trainer} shop"));
        assert!(ran.stdout.contains(&format!("# \"{text}\"")), "{trainer}: {ran:?}");
    }
    d.write("a.csv", "prompt,completion\nHow do I cancel my order?,Write to us.\n");
    let ran = d.run("vary a.csv --say-unsure --to messages");
    assert!(ran.stdout.contains("If you are not sure"), "{ran:?}");
    assert!(!d.run("vary a.csv --to messages").stdout.contains("not sure"));
}

/// Answers every request with "Please: " before each question; counts them.
fn serve(listener: &TcpListener, count: &AtomicUsize) {
    for stream in listener.incoming().map_while(Result::ok) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line).unwrap() > 2 {
            if let Some(n) = line.to_lowercase().strip_prefix("content-length:") {
                length = n.trim().parse().unwrap();
            }
            assert!(
                !line.to_lowercase().starts_with("authorization")
                    || line.trim_end().ends_with("Bearer sesame")
            );
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        count.fetch_add(1, Ordering::SeqCst);
        let body: Value = serde_json::from_slice(&body).unwrap();
        let asked: Vec<Value> =
            serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
        let list: Vec<Value> = asked
            .iter()
            .map(|q| {
                let text = q["question"].as_str().unwrap();
                json!({"id": q["id"], "variants": [format!("Please say: {text}"), "What is item 999?"]})
            })
            .collect();
        let answer =
            json!({"choices": [{"message": {"content": Value::from(list).to_string()}}]}).to_string();
        let _ = write!(
            &stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
            answer.len()
        );
    }
}

#[test]
fn an_endpoint_is_asked_once_and_only_after_a_word_about_cost() {
    let d = Dir::new();
    let rows: String =
        (0..9).map(|i| format!("What is item {i}?,\"It is number {i}, one of ours.\"\n")).collect();
    d.write("a.csv", format!("prompt,completion\n{rows}"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // A thread that is never joined: it ends with the tests, whatever fails above.
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || serve(&listener, &counted));
    let words = format!(
        "vary a.csv --rewriter endpoint --endpoint http://{address}/v1 --model m --batch 3 --concurrency 1 --pause 1 --retries 0 --cache cache.jsonl --max-share 0.5"
    );
    let refused = d.run(&format!("{words} --ask-above 10 -o no.csv"));
    assert_eq!((refused.status, count.load(Ordering::SeqCst)), (1, 0), "{refused:?}");
    let ran = d.run(&format!("{words} --price 1,2 -o b.csv"));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("3 requests") && ran.stderr.contains("prices"), "{ran:?}");
    let again = d.run(&format!("{words} -o c.csv"));
    assert!(again.stderr.contains("9 of them answered in the cache; 0 requests"), "{again:?}");
    assert_eq!(count.load(Ordering::SeqCst), 3);
    let made = d.read("b.csv");
    assert_eq!(made.matches("Please say: What is item").count(), 9, "{made}");
    assert!(!made.contains("item 999"), "the guard holds");
    assert_eq!(made, d.read("c.csv"));
}
