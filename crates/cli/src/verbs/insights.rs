//! What customers keep asking.

use std::io::Write;

use serde::{Deserialize, Serialize};
use threadfold::insights::{ClusterOptions, Clustering, Insights as Found, Question};
use threadfold::{Learned, Pipeline};

use super::{stdin_lines, stdout, write_line};
use crate::args::{Common, Insights};
use crate::progress::Bars;
use crate::say::Failure;

#[derive(Deserialize)]
struct Asked {
    id: serde_json::Value,
    text: String,
    #[serde(default)]
    answer: Option<String>,
}

#[derive(Serialize)]
struct Grouped<'a> {
    id: &'a serde_json::Value,
    cluster: Option<u32>,
}

pub(crate) fn run(a: &Insights, common: &Common) -> Result<i32, Failure> {
    if a.questions {
        return group(common);
    }
    let input = a.input.as_ref().ok_or_else(|| Failure::Usage("nothing to read".to_owned()))?;
    let mut pipeline = Pipeline::new().threads(common.threads).observer(Bars::new(common.log()));
    for agent in &a.agents {
        pipeline = pipeline.agent(agent);
    }
    let learned = Learned::open(input, pipeline)?;
    let options = ClusterOptions { threads: common.threads, granularity: a.granularity, ..ClusterOptions::default() };
    let insights = Found::of(&learned.examples, &options).map_err(|e| Failure::Failed(e.to_string()))?;
    std::fs::create_dir_all(&a.output)?;
    let mut bytes = serde_json::to_vec_pretty(&insights).map_err(std::io::Error::from)?;
    bytes.push(b'\n');
    std::fs::write(a.output.join("insights.json"), bytes)?;
    Ok(0)
}

/// Lines of questions in, lines of clusters out.
fn group(common: &Common) -> Result<i32, Failure> {
    let mut asked: Vec<Asked> = Vec::new();
    let status = stdin_lines(common.log(), |q: Asked| {
        asked.push(q);
        Ok(())
    })?;
    let questions: Vec<Question<'_>> =
        asked.iter().map(|q| Question { text: &q.text, answer: q.answer.as_deref() }).collect();
    let options = ClusterOptions { threads: common.threads, ..ClusterOptions::default() };
    let found = Clustering::of(&questions, &options).map_err(|e| Failure::Failed(e.to_string()))?;
    let mut out = stdout();
    for (q, &cluster) in asked.iter().zip(&found.clusters) {
        write_line(&mut out, &Grouped { id: &q.id, cluster })?;
    }
    out.flush()?;
    Ok(status)
}
