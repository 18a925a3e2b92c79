//! What customers keep asking.

use std::io::Write;

use serde::{Deserialize, Serialize};
use threadfold::insights::{
    ClusterOptions, Clustering, Insights as Found, Question, ReportOptions, faq_html, faq_markdown,
    faq_schema, report_html,
};
use threadfold::{Learned, NewFile, Pipeline};

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
    let options =
        ClusterOptions { threads: common.threads, granularity: a.granularity, ..ClusterOptions::default() };
    let failed = |e: threadfold::insights::Error| Failure::Failed(e.to_string());
    let mut found = Found::of(&learned.examples, &options).map_err(failed)?;
    if !a.site.is_empty() {
        found.compare_with_site(&Learned::pages(&a.site)?);
    }
    let report = ReportOptions {
        name: a.name.as_deref(),
        ledger: learned.report.as_ref(),
        ..ReportOptions::default()
    };
    let name = a.name.as_deref();
    let json =
        |value: serde_json::Result<String>| value.map(|text| text + "\n").map_err(std::io::Error::from);
    let files = [
        ("report.html", report_html(&found, &report)),
        ("faq.html", faq_html(&found, name)),
        ("faq.md", faq_markdown(&found, name)),
        ("faq.schema.json", json(serde_json::to_string_pretty(&faq_schema(&found)))?),
        ("insights.json", json(serde_json::to_string_pretty(&found))?),
    ];
    if let Some((taken, _)) = files.iter().find(|f| a.output.join(f.0).exists())
        && !a.force
    {
        let path = a.output.join(taken);
        return Err(Failure::Usage(format!("{}: exists already; --force replaces it", path.display())));
    }
    std::fs::create_dir_all(&a.output)?;
    for (name, text) in files {
        // Whole or not at all, as with export.
        let file = NewFile::beside(&a.output)?;
        file.as_file().write_all(text.as_bytes())?;
        file.publish(&a.output.join(name))?;
    }
    common.log().note(format_args!(
        "{} conversations, {} questions asked more than once, {} contradictions: {}",
        found.conversations,
        found.topics.len(),
        found.contradictions.len(),
        a.output.join("report.html").display()
    ));
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
