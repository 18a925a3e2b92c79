//! Rewording by a chat endpoint that speaks OpenAI's protocol.
//!
//! Requests are batched and run side by side; a failed one is tried again after a growing pause. Every answer
//! goes to the cache the moment it is there, one line each, so a run that is stopped asks only for what is
//! missing when it is started again. Nothing is sent anywhere but to the address given.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Changes whenever the prompt does: old answers were given to another question.
const PROMPT_VERSION: u32 = 1;
const PROMPT: &str = include_str!("../phrases/en/endpoint_prompt.txt");
/// More than any batch of answers needs.
const LARGEST_ANSWER: u64 = 8 << 20;
/// No pause is longer, whatever the endpoint asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// An endpoint and how to treat it.
///
/// ```
/// let e = threadfold_variants::Endpoint::new("http://127.0.0.1:8080/v1", "tiny");
/// assert_eq!((e.batch, e.concurrency, e.retries), (8, 4, 5));
/// ```
#[derive(Clone)]
pub struct Endpoint {
    /// The base address (`https://api.example.com/v1`) or the whole one that ends in `/chat/completions`.
    pub url: String,
    /// The model's name.
    pub model: String,
    /// The key, sent as a bearer token; none for endpoints that need none.
    pub key: Option<String>,
    /// How many questions one request holds.
    pub batch: usize,
    /// How many requests run at a time.
    pub concurrency: usize,
    /// How often a failed request is tried again.
    pub retries: u32,
    /// The first pause before a new try; it doubles each time. An endpoint's `Retry-After` overrules it.
    pub pause: Duration,
    /// How long one request may take.
    pub timeout: Duration,
    /// Where answers are kept between runs; none keeps them for this run only.
    pub cache: Option<PathBuf>,
}

impl std::fmt::Debug for Endpoint {
    /// Without the key: logs are read by many.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).field("model", &self.model).finish_non_exhaustive()
    }
}

/// What a run would cost.
///
/// ```
/// let e = threadfold_variants::Endpoint::new("http://127.0.0.1:8080/v1", "tiny");
/// let plan = e.plan(&["Where are you?", "Open today?"], 2).unwrap();
/// assert_eq!((plan.questions, plan.cached, plan.requests), (2, 0, 1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Questions to reword.
    pub questions: u64,
    /// How many of them are answered by the cache.
    pub cached: u64,
    /// Requests that would be sent if none fails.
    pub requests: u64,
    /// Tokens that would be sent, estimated.
    pub sent_tokens: u64,
    /// Tokens that would come back, estimated.
    pub received_tokens: u64,
}

/// What an endpoint answered.
///
/// ```
/// let answers = threadfold_variants::Answers::default();
/// assert!(answers.unanswered.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// For each question its wordings, as the endpoint gave them: not yet guarded.
    pub wordings: Vec<Vec<String>>,
    /// The questions without an answer after all tries.
    pub unanswered: Vec<usize>,
    /// Requests sent, tries included.
    pub requests: u64,
    /// The last failure, for a person to read.
    pub last_failure: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    texts: Vec<String>,
}

enum Failed {
    /// Worth another try, not before this pause if one is named.
    Again(String, Option<Duration>),
    /// Every other request would fail alike: a wrong key, a model that does not exist.
    Never(String),
}

impl Endpoint {
    /// An endpoint with careful defaults: 8 questions a request, 4 requests at a time, 5 more tries from one
    /// second's pause on, two minutes a request, no cache.
    pub fn new(url: impl Into<String>, model: impl Into<String>) -> Endpoint {
        Endpoint {
            url: url.into(),
            model: model.into(),
            key: None,
            batch: 8,
            concurrency: 4,
            retries: 5,
            pause: Duration::from_secs(1),
            timeout: Duration::from_secs(120),
            cache: None,
        }
    }

    fn key(&self, text: &str, n: usize) -> String {
        let mut h = blake3::Hasher::new_derive_key("threadfold endpoint answer, version 1");
        for part in [self.model.as_str(), text, &format!("{n} {PROMPT_VERSION}")] {
            h.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        h.finalize().to_hex().as_str()[..32].to_owned()
    }

    fn cached(&self) -> Result<FxHashMap<String, Vec<String>>, Error> {
        let mut out = FxHashMap::default();
        let Some(path) = &self.cache else { return Ok(out) };
        let failed = |source| Error::Cache { path: path.clone(), source };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(out),
            Err(e) => return Err(failed(e)),
        };
        for line in BufReader::new(file).split(b'\n') {
            // A line that a killed run left torn is no answer: it is asked for again.
            if let Ok(line) = serde_json::from_slice::<Line>(&line.map_err(failed)?) {
                out.insert(line.key, line.texts);
            }
        }
        Ok(out)
    }

    /// What asking for `n` wordings of each text would cost; nothing is sent.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn plan(&self, texts: &[&str], n: usize) -> Result<Plan, Error> {
        let cached = self.cached()?;
        let (missing, _) = self.missing(texts, n, &cached);
        let mut plan = Plan { questions: texts.len() as u64, ..Plan::default() };
        let known = texts.iter().filter(|t| cached.contains_key(&self.key(t, n))).count();
        plan.cached = known as u64;
        for batch in missing.chunks(self.batch.max(1)) {
            plan.requests += 1;
            plan.sent_tokens += threadfold_dataset::estimate_tokens(PROMPT);
            for &i in batch {
                let tokens = threadfold_dataset::estimate_tokens(texts[i]) + 8;
                plan.sent_tokens += tokens;
                plan.received_tokens += tokens * n as u64;
            }
        }
        Ok(plan)
    }

    /// The questions to ask: the first of each wording that the cache does not know.
    fn missing(
        &self,
        texts: &[&str],
        n: usize,
        cached: &FxHashMap<String, Vec<String>>,
    ) -> (Vec<usize>, Vec<String>) {
        let keys: Vec<String> = texts.iter().map(|t| self.key(t, n)).collect();
        let mut asked = rustc_hash::FxHashSet::default();
        let missing = (0..texts.len())
            .filter(|&i| !cached.contains_key(&keys[i]) && asked.insert(keys[i].as_str()))
            .collect();
        (missing, keys)
    }

    /// Asks for `n` wordings of each text. `progress` hears how many of how many requests are done; it
    /// returns false to stop, and what was answered by then is in the cache.
    ///
    /// # Errors
    /// When the cache cannot be read or written, or the endpoint refuses in a way that no second try
    /// changes (a wrong key, no such model). A question that stays unanswered after all tries is no error:
    /// see [`Answers::unanswered`].
    pub fn reword(
        &self,
        texts: &[&str],
        n: usize,
        progress: &(dyn Fn(u64, u64) -> bool + Sync),
    ) -> Result<Answers, Error> {
        let mut cached = self.cached()?;
        let (missing, keys) = self.missing(texts, n, &cached);
        let batches: Vec<&[usize]> = missing.chunks(self.batch.max(1)).collect();
        let sink = Mutex::new(match &self.cache {
            Some(path) if !missing.is_empty() => Some(self.open_cache(path)?),
            _ => None,
        });
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(self.timeout))
            .http_status_as_error(false)
            .user_agent(concat!("threadfold/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
        let (requests, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let found: Mutex<Vec<(usize, Vec<String>)>> = Mutex::default();
        let failure: Mutex<Option<String>> = Mutex::default();
        let fatal: Mutex<Option<Error>> = Mutex::default();

        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let asked: Vec<&str> = batch.iter().map(|&i| texts[i]).collect();
                match self.batch(&agent, &asked, n, &requests, &stop) {
                    Ok(answers) => {
                        let lines: Vec<(usize, Vec<String>)> =
                            batch.iter().copied().zip(answers).filter(|(_, a)| !a.is_empty()).collect();
                        if let Err(e) = self.keep(&sink, &lines, &keys) {
                            *locked(&fatal) = Some(e);
                            stop.store(true, Ordering::Relaxed);
                        }
                        if lines.len() < batch.len() {
                            *locked(&failure) = Some("an answer left questions out".to_owned());
                        }
                        locked(&found).extend(lines);
                    }
                    Err(Failed::Again(why, _)) => *locked(&failure) = Some(why),
                    Err(Failed::Never(why)) => {
                        *locked(&fatal) = Some(Error::Endpoint(why));
                        stop.store(true, Ordering::Relaxed);
                    }
                }
                if !progress(done.fetch_add(1, Ordering::Relaxed) + 1, batches.len() as u64) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.concurrency.clamp(1, batches.len().max(1)) {
                scope.spawn(work);
            }
        });
        if let Some(e) = fatal.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(e);
        }
        for (i, wordings) in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
            cached.insert(keys[i].clone(), wordings);
        }
        let wordings: Vec<Vec<String>> =
            keys.iter().map(|k| cached.get(k).cloned().unwrap_or_default()).collect();
        let unanswered = (0..texts.len()).filter(|&i| wordings[i].is_empty()).collect();
        Ok(Answers {
            wordings,
            unanswered,
            requests: requests.into_inner(),
            last_failure: failure.into_inner().unwrap_or_else(PoisonError::into_inner),
        })
    }

    /// The cache for adding to; a torn last line is ended first, so that it spoils no other.
    fn open_cache(&self, path: &PathBuf) -> Result<File, Error> {
        let failed = |source| Error::Cache { path: path.clone(), source };
        let torn = std::fs::read(path).is_ok_and(|b| b.last().is_some_and(|&c| c != b'\n'));
        let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        if torn {
            file.write_all(b"\n").map_err(failed)?;
        }
        Ok(file)
    }

    fn keep(
        &self,
        sink: &Mutex<Option<File>>,
        lines: &[(usize, Vec<String>)],
        keys: &[String],
    ) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for (i, texts) in lines {
            // Serialising plain values to memory cannot fail.
            let _ = serde_json::to_writer(&mut bytes, &Line { key: keys[*i].clone(), texts: texts.clone() });
            bytes.push(b'\n');
        }
        if let (Some(file), Some(path)) = (locked(sink).as_mut(), &self.cache) {
            // One write, unbuffered: whole lines are on their way to the disk before the next request.
            file.write_all(&bytes).map_err(|source| Error::Cache { path: path.clone(), source })?;
        }
        Ok(())
    }

    /// One batch, tried until it is answered or the tries are used up.
    fn batch(
        &self,
        agent: &ureq::Agent,
        asked: &[&str],
        n: usize,
        requests: &AtomicU64,
        stop: &AtomicBool,
    ) -> Result<Vec<Vec<String>>, Failed> {
        let mut pause = self.pause;
        let mut tries = 0;
        loop {
            requests.fetch_add(1, Ordering::Relaxed);
            let failed = match self.ask(agent, asked, n) {
                Ok(answers) => return Ok(answers),
                Err(failed) => failed,
            };
            match failed {
                Failed::Again(..) if tries >= self.retries || stop.load(Ordering::Relaxed) => {
                    return Err(failed);
                }
                Failed::Again(_, told) => {
                    // Pauses of workers that failed together must not end together: each try adds its own.
                    let jitter = pause.mul_f64(0.1 * (asked[0].len() % 7) as f64);
                    std::thread::sleep(told.unwrap_or(pause + jitter).min(LONGEST_PAUSE));
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    tries += 1;
                }
                Failed::Never(_) => return Err(failed),
            }
        }
    }

    fn ask(&self, agent: &ureq::Agent, asked: &[&str], n: usize) -> Result<Vec<Vec<String>>, Failed> {
        let url = self.url.trim_end_matches('/');
        let url = if url.ends_with("/chat/completions") {
            url.to_owned()
        } else {
            format!("{url}/chat/completions")
        };
        let questions: Vec<_> =
            asked.iter().enumerate().map(|(i, q)| serde_json::json!({"id": i, "question": q})).collect();
        let body = serde_json::json!({
            "model": self.model,
            "temperature": 0.7,
            "messages": [
                {"role": "system", "content": PROMPT.replace("{n}", &n.to_string())},
                {"role": "user", "content": serde_json::Value::from(questions).to_string()},
            ],
        });
        let mut request = agent.post(&url).header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", &format!("Bearer {key}"));
        }
        let mut response = match request.send(body.to_string()) {
            Ok(response) => response,
            Err(e @ (ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_))) => {
                return Err(Failed::Never(format!("{url}: {e}")));
            }
            Err(e) => return Err(Failed::Again(e.to_string(), None)),
        };
        let status = response.status().as_u16();
        let told = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse().ok());
        let told = told.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_PAUSE));
        let text = response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_string();
        match status {
            200..=299 => {}
            408 | 409 | 425 | 429 | 500..=599 => {
                return Err(Failed::Again(format!("HTTP status {status}"), told));
            }
            _ => {
                let said: String = text.unwrap_or_default().chars().take(200).collect();
                return Err(Failed::Never(format!("HTTP status {status}: {said}")));
            }
        }
        let text = text.map_err(|e| Failed::Again(e.to_string(), None))?;
        parse(&text, asked.len(), n)
            .ok_or_else(|| Failed::Again("an answer that is not what was asked for".into(), None))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

#[derive(Deserialize)]
struct Item {
    id: usize,
    #[serde(alias = "texts", alias = "wordings")]
    variants: Vec<String>,
}

/// The wordings in a completion: a JSON list of `{"id", "variants"}`, alone or with words and fences around it.
/// None if there is no such list, or none of its ids was asked.
fn parse(text: &str, asked: usize, n: usize) -> Option<Vec<Vec<String>>> {
    let completion: Completion = serde_json::from_str(text).ok()?;
    let content = &completion.choices.first()?.message.content;
    let list = content.get(content.find('[')?..=content.rfind(']')?)?;
    let items: Vec<Item> = serde_json::from_str(list).ok()?;
    let mut out = vec![Vec::new(); asked];
    for item in items {
        if let Some(slot) = out.get_mut(item.id).filter(|slot| slot.is_empty()) {
            *slot = item
                .variants
                .into_iter()
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())
                .take(n)
                .collect();
        }
    }
    out.iter().any(|v| !v.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_in_all_their_dress() {
        let wrap =
            |content: &str| serde_json::json!({"choices": [{"message": {"content": content}}]}).to_string();
        let one = Some(vec![vec!["a".to_owned()], vec![]]);
        assert_eq!(parse(&wrap("[{\"id\":0,\"variants\":[\" a \",\"b\"]}]"), 2, 1), one);
        assert_eq!(
            parse(
                &wrap("Sure!\n```json\n[{\"id\":0,\"texts\":[\"a\"]},{\"id\":9,\"texts\":[\"x\"]}]\n```"),
                2,
                1
            ),
            one
        );
        for bad in [
            "",
            "{}",
            "[]",
            "no list",
            "] [",
            "[{\"id\":-1,\"variants\":[]}]",
            "[{\"id\":7,\"variants\":[\"x\"]}]",
        ] {
            assert_eq!(parse(&wrap(bad), 2, 1), None, "{bad}");
        }
        assert_eq!(parse("not json", 1, 1), None);
    }

    #[test]
    fn the_key_is_never_shown() {
        let mut e = Endpoint::new("http://127.0.0.1:1", "m");
        e.key = Some("s3cret".into());
        assert!(!format!("{e:?}").contains("s3cret"));
    }
}
