//! The endpoint against a real server in a process of its own: bad JSON, 429, 500, slow and cut connections,
//! and a client that is killed half-way.
#![cfg(feature = "endpoint")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use threadfold_variants::{Endpoint, Error};

const ROLE: &str = "THREADFOLD_TEST_ROLE";
const LOG: &str = "THREADFOLD_TEST_LOG";
const HOLD_AFTER: &str = "THREADFOLD_TEST_HOLD_AFTER";
const URL: &str = "THREADFOLD_TEST_URL";
const CACHE: &str = "THREADFOLD_TEST_CACHE";

/// This test program again, as another process that runs one of the two functions below.
fn again(role: &str) -> Command {
    let mut c = Command::new(std::env::current_exe().unwrap());
    c.args([role, "--exact", "--nocapture", "--ignored"]).env(ROLE, role);
    c
}

struct Server {
    child: Child,
    url: String,
    log: PathBuf,
}

impl Server {
    fn start(folder: &Path, name: &str, hold_after: Option<usize>) -> Server {
        let log = folder.join(name);
        std::fs::write(&log, "").unwrap();
        let mut c = again("server_process");
        c.env(LOG, &log).stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(n) = hold_after {
            c.env(HOLD_AFTER, n.to_string());
        }
        let mut child = c.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines
            .map_while(Result::ok)
            .find_map(|l| l.split_once("listening at ").map(|x| x.1.to_owned()))
            .unwrap();
        Server { child, url, log }
    }

    /// The questions of each request, in the order of arrival.
    fn asked(&self) -> Vec<Vec<String>> {
        let log = std::fs::read_to_string(&self.log).unwrap();
        log.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn endpoint(url: &str, model: &str) -> Endpoint {
    let mut e = Endpoint::new(url, model);
    (e.batch, e.concurrency, e.retries) = (2, 3, 6);
    (e.pause, e.timeout) = (Duration::from_millis(1), Duration::from_millis(400));
    e
}

fn questions(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("What does item {i} cost?")).collect()
}

fn refs(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

#[test]
fn all_kinds_of_trouble_are_outlasted() {
    let here = tempfile::tempdir().unwrap();
    let server = Server::start(here.path(), "log", None);
    let list = questions(6);
    let answers = endpoint(&server.url, "troubled").reword(&refs(&list), 2, &|_, _| true).unwrap();
    assert!(answers.unanswered.is_empty(), "{:?}", answers.last_failure);
    for (q, a) in list.iter().zip(&answers.wordings) {
        assert_eq!(a, &[format!("1: {q}"), format!("2: {q}")], "each answer stands at its own question");
    }
    // Three batches, each through 429, 500, bad JSON, an answer to something else, a cut and a slow connection.
    assert_eq!(answers.requests, 3 * 7);
}

#[test]
fn what_stays_unanswered_is_said() {
    let here = tempfile::tempdir().unwrap();
    let server = Server::start(here.path(), "log", None);
    let list = questions(4);
    let mut e = endpoint(&server.url, "broken");
    e.retries = 1;
    let answers = e.reword(&refs(&list), 1, &|_, _| true).unwrap();
    assert_eq!(answers.unanswered, [0, 1, 2, 3]);
    assert_eq!((answers.requests, answers.last_failure.as_deref()), (4, Some("HTTP status 503")));
    // A wrong key is not tried again and again.
    let refused = endpoint(&server.url, "denied").reword(&refs(&list), 1, &|_, _| true);
    assert!(
        matches!(refused, Err(Error::Endpoint(why)) if why.contains("401") && why.contains("no such key"))
    );
    // Half an answer is kept, and the other half named.
    let half = endpoint(&server.url, "forgetful").reword(&refs(&list), 1, &|_, _| true).unwrap();
    assert_eq!(half.unanswered, [1, 3]);
    // Nobody listens there.
    drop(server);
    let mut e = endpoint("http://127.0.0.1:9", "good");
    e.retries = 0;
    assert_eq!(e.reword(&refs(&list), 1, &|_, _| true).unwrap().unanswered.len(), 4);
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let here = tempfile::tempdir().unwrap();
    let cache = here.path().join("answers.jsonl");
    let client = |server: &Server| {
        let mut c = again("client_process");
        c.env(URL, &server.url).env(CACHE, &cache).stdout(Stdio::null()).stderr(Stdio::null());
        c.spawn().unwrap()
    };
    let kept = || -> Vec<Value> {
        let text = std::fs::read_to_string(&cache).unwrap_or_default();
        text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    };

    // The server answers seven requests and then holds its peace: the client is stuck half-way and is killed.
    let first = Server::start(here.path(), "first", Some(7));
    let mut stuck = client(&first);
    while kept().len() < 14 {
        std::thread::sleep(Duration::from_millis(1));
    }
    stuck.kill().unwrap();
    stuck.wait().unwrap();
    let answered: Vec<String> = first.asked().into_iter().take(7).flatten().collect();
    assert_eq!(kept().len(), 14);
    drop(first);
    // As if the kill had hit in the middle of a line.
    let whole = std::fs::read(&cache).unwrap();
    std::fs::write(&cache, [&whole[..], b"{\"key\":\"torn"].concat()).unwrap();

    let second = Server::start(here.path(), "second", None);
    assert!(client(&second).wait().unwrap().success());
    let asked: Vec<String> = second.asked().into_iter().flatten().collect();
    assert!(asked.iter().all(|q| !answered.contains(q)), "nothing twice");
    let mut all = [answered, asked].concat();
    all.sort();
    let mut expected = questions(40);
    expected.sort();
    assert_eq!(all, expected, "nothing lost");
    let text = std::fs::read_to_string(&cache).unwrap();
    let keys: Vec<Value> =
        text.lines().filter_map(|l| serde_json::from_str(l).ok()).map(|v: Value| v["key"].clone()).collect();
    let mut unique: Vec<String> = keys.iter().map(Value::to_string).collect();
    unique.sort();
    unique.dedup();
    assert_eq!((keys.len(), unique.len()), (40, 40));

    // A third run asks nothing at all.
    let third = Server::start(here.path(), "third", None);
    assert!(client(&third).wait().unwrap().success());
    assert!(third.asked().is_empty());
    let mut e = endpoint(&third.url, "good");
    e.cache = Some(cache);
    let plan = e.plan(&refs(&questions(41)), 1).unwrap();
    assert_eq!((plan.questions, plan.cached, plan.requests), (41, 40, 1));
}

#[test]
fn a_stop_in_between_keeps_what_was_answered() {
    let here = tempfile::tempdir().unwrap();
    let server = Server::start(here.path(), "log", None);
    let mut e = endpoint(&server.url, "good");
    (e.cache, e.concurrency) = (Some(here.path().join("c")), 1);
    let list = questions(10);
    let stopped = e.reword(&refs(&list), 1, &|done, _| done < 2).unwrap();
    assert_eq!(stopped.unanswered.len(), 6);
    let rest = e.reword(&refs(&list), 1, &|_, _| true).unwrap();
    assert_eq!((rest.unanswered.len(), rest.requests), (0, 3));
}

// ---- The other processes ----------------------------------------------------------------------------------

#[test]
#[ignore = "runs in a process of its own"]
fn client_process() {
    let mut e = endpoint(&std::env::var(URL).unwrap(), "good");
    (e.cache, e.timeout) = (Some(std::env::var(CACHE).unwrap().into()), Duration::from_secs(60));
    let list = questions(40);
    let answers = e.reword(&refs(&list), 1, &|_, _| true).unwrap();
    assert!(answers.unanswered.is_empty());
}

#[test]
#[ignore = "runs in a process of its own"]
fn server_process() {
    if std::env::var(ROLE).as_deref() != Ok("server_process") {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("listening at http://{}/v1", listener.local_addr().unwrap());
    let hold_after: Option<usize> = std::env::var(HOLD_AFTER).ok().and_then(|n| n.parse().ok());
    let log = Mutex::new(std::fs::OpenOptions::new().append(true).open(std::env::var(LOG).unwrap()).unwrap());
    // How often a batch was asked, by its first question; and how many requests there were.
    let state: Mutex<(BTreeMap<String, usize>, usize)> = Mutex::default();
    std::thread::scope(|scope| {
        for stream in listener.incoming() {
            let (log, state) = (&log, &state);
            scope.spawn(move || stream.is_ok_and(|s| serve(s, log, state, hold_after).is_some()));
        }
    });
}

fn serve(
    mut stream: TcpStream,
    log: &Mutex<std::fs::File>,
    state: &Mutex<(BTreeMap<String, usize>, usize)>,
    hold_after: Option<usize>,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    let asked: Vec<Value> = serde_json::from_str(body["messages"][1]["content"].as_str()?).ok()?;
    let texts: Vec<&str> = asked.iter().filter_map(|q| q["question"].as_str()).collect();

    let (tries, count) = {
        let mut state = state.lock().ok()?;
        state.1 += 1;
        let count = state.1;
        let tries = state.0.entry(texts.first()?.to_string()).or_default();
        *tries += 1;
        writeln!(log.lock().ok()?, "{}", json!(texts)).ok()?;
        (*tries, count)
    };
    if hold_after.is_some_and(|n| count > n) {
        // Says nothing until this process ends.
        std::thread::park();
    }
    let items = |only_even: bool| -> String {
        let list: Vec<Value> = texts
            .iter()
            .enumerate()
            .filter(|(i, _)| !only_even || i % 2 == 0)
            .map(|(i, q)| json!({"id": i, "variants": [format!("1: {q}"), format!("2: {q}")]}))
            .collect();
        json!({"choices": [{"message": {"content": Value::from(list).to_string()}}]}).to_string()
    };
    let mut answer = |status: &str, head: &str, body: &str| {
        let _ = write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{head}\r\n{body}",
            body.len()
        );
    };
    match (body["model"].as_str()?, tries) {
        ("troubled", 1) => answer("429 Too Many Requests", "retry-after: 0.001\r\n", "{}"),
        ("troubled", 2) => answer("500 Internal Server Error", "", "<html>oops"),
        ("troubled", 3) => answer("200 OK", "", "{\"choices\": [{\"message\": {\"cont"),
        ("troubled", 4) => answer(
            "200 OK",
            "",
            &json!({"choices": [{"message": {"content": "I'd rather not."}}]}).to_string(),
        ),
        // Half an answer, and the connection is cut.
        ("troubled", 5) => drop(write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{{\"choi")),
        // Longer than the client waits.
        ("troubled", 6) => std::thread::sleep(Duration::from_millis(900)),
        ("broken", _) => answer("503 Service Unavailable", "", ""),
        ("denied", _) => answer("401 Unauthorized", "", "no such key"),
        ("forgetful", _) => answer("200 OK", "", &items(true)),
        _ => answer("200 OK", "", &items(false)),
    }
    Some(())
}
