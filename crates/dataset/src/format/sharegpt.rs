//! ShareGPT: `{"conversations":[{"from":"system"|"human"|"gpt","value":…}…]}`, and the
//! `dataset_info.json` by which LLaMA-Factory finds such files.

use serde::{Deserialize, Serialize};
use threadfold_core::{Example, Role};

use super::chat::{self, Conversation};
use super::reader::Record;
use super::{Format, ReadOptions, RenderOptions, json};
use crate::error::Problem;

#[derive(Serialize)]
struct Line<'a> {
    conversations: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Message<'a> {
    from: &'static str,
    value: &'a str,
}

pub(crate) fn render(example: &Example, options: &RenderOptions, out: &mut Vec<u8>) {
    let messages = chat::messages(&example.turns);
    let system = options.system.as_deref().map(|value| Message { from: "system", value });
    let said = messages.iter().map(|(role, text)| Message {
        from: if *role == Role::Customer { "human" } else { "gpt" },
        value: text,
    });
    json::write_line(&Line { conversations: system.into_iter().chain(said).collect() }, out);
}

#[derive(Deserialize)]
struct ReadLine {
    conversations: Vec<ReadMessage>,
    #[serde(default)]
    system: Option<String>,
}

#[derive(Deserialize)]
struct ReadMessage {
    from: String,
    value: String,
}

pub(crate) fn parse(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let line: ReadLine = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"conversations\":[{\"from\":\"human\",\"value\":\"…\"},{\"from\":\"gpt\",\"value\":\"…\"}]}",
    })?;
    let mut said = Conversation::default();
    if let Some(system) = line.system.filter(|text| !text.is_empty()) {
        said.system(system)?;
    }
    for ReadMessage { from, value } in line.conversations {
        said.push(&from, value)?;
    }
    Ok(said.record())
}

/// The `dataset_info.json` for files of a folder: `(format, file name)` pairs, where the name up to its first
/// dot and the format name the data set: `threadfold_train_sharegpt`. Formats that LLaMA-Factory does not
/// read are left out.
///
/// ```
/// use threadfold_dataset::{Format, dataset_info};
/// let info = dataset_info(&[(Format::ShareGpt, "train.sharegpt.jsonl".into())]);
/// assert!(info.contains("threadfold_train_sharegpt") && info.contains("\"file_name\": \"train.sharegpt.jsonl\""));
/// ```
pub fn dataset_info(files: &[(Format, String)]) -> String {
    let mut sets = serde_json::Map::new();
    for (format, file) in files {
        let stem = file.split('.').next().unwrap_or("dataset");
        let shape = match format {
            Format::ShareGpt => serde_json::json!({
                "file_name": file,
                "formatting": "sharegpt",
                "columns": {"messages": "conversations"},
            }),
            Format::Alpaca => serde_json::json!({
                "file_name": file,
                "columns": {"prompt": "instruction", "query": "input", "response": "output",
                    "system": "system", "history": "history"},
            }),
            Format::Messages | Format::Mlx | Format::Axolotl => serde_json::json!({
                "file_name": file,
                "formatting": "sharegpt",
                "columns": {"messages": "messages"},
                "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user",
                    "assistant_tag": "assistant", "system_tag": "system"},
            }),
            _ => continue,
        };
        sets.insert(format!("threadfold_{stem}_{}", format.name()), shape);
    }
    // Maps of strings always serialize.
    let mut text = serde_json::to_string_pretty(&sets).unwrap_or_default();
    text.push('\n');
    text
}
