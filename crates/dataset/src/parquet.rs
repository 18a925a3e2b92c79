//! The canonical record as Parquet: the same columns, the turns as a list of structures, and `prompt` and
//! `completion` beside them for whoever wants two columns of text.

use std::fs::File;
use std::io::{BufRead, Write};
use std::sync::Arc;

use arrow_json::ReaderBuilder;
use arrow_json::writer::{LineDelimited, WriterBuilder};
use arrow_schema::{DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::error::Error;
use crate::format::{Format, ReadOptions, RecordReader, RenderOptions, json, prompt_text};

/// Rows that are held in memory at a time.
const BATCH: usize = 1024;

fn schema() -> Schema {
    let text = |name: &str, null| Field::new(name, DataType::Utf8, null);
    let texts = |name: &str| {
        Field::new(name, DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))), false)
    };
    let turn = Fields::from(vec![
        text("role", false),
        text("author", false),
        text("date", true),
        text("message_id", true),
        Field::new("recovered", DataType::Boolean, false),
        text("text", false),
    ]);
    let turns = DataType::List(Arc::new(Field::new("item", DataType::Struct(turn), true)));
    Schema::new(vec![
        text("id", false),
        text("thread", false),
        text("prompt", false),
        text("completion", false),
        Field::new("turns", turns, false),
        text("language", true),
        Field::new("tokens", DataType::UInt64, false),
        text("variant_of", true),
        texts("locators"),
        texts("flags"),
    ])
}

#[derive(serde::Serialize)]
struct Row<'a> {
    prompt: String,
    completion: &'a str,
    #[serde(flatten)]
    example: &'a threadfold_core::Example,
}

/// Writes canonical JSON lines as Parquet (snappy), some thousand rows in memory at a time, and says how many
/// examples there were.
///
/// # Errors
/// A row that is not canonical, or a failure to read or write.
pub fn canonical_to_parquet(input: impl BufRead, out: impl Write + Send) -> Result<u64, Error> {
    let broken = |e: &dyn std::fmt::Display| Error::Parquet(e.to_string());
    let schema = Arc::new(schema());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(|e| broken(&e))?;
    let mut decoder =
        ReaderBuilder::new(schema).with_batch_size(BATCH).build_decoder().map_err(|e| broken(&e))?;
    let mut rows = 0;
    let mut line = Vec::new();
    for record in RecordReader::new(Format::Canonical, input, ReadOptions::default()) {
        let example = record?.example;
        let prompt = prompt_text(&example);
        line.clear();
        json::write_line(&Row { prompt, completion: example.completion(), example: &example }, &mut line);
        let mut rest = &line[..];
        while !rest.is_empty() {
            let taken = decoder.decode(rest).map_err(|e| broken(&e))?;
            rest = &rest[taken..];
            // A full batch takes nothing more.
            if taken == 0
                && let Some(batch) = decoder.flush().map_err(|e| broken(&e))?
            {
                writer.write(&batch).map_err(|e| broken(&e))?;
            }
        }
        rows += 1;
    }
    if let Some(batch) = decoder.flush().map_err(|e| broken(&e))? {
        writer.write(&batch).map_err(|e| broken(&e))?;
    }
    writer.close().map_err(|e| broken(&e))?;
    Ok(rows)
}

/// Writes a Parquet file of [`canonical_to_parquet`] as canonical JSON lines, and says how many examples
/// there were.
///
/// # Errors
/// A file of other columns, or a failure to read or write.
pub fn parquet_to_canonical(input: File, out: &mut impl Write) -> Result<u64, Error> {
    let broken = |e: &dyn std::fmt::Display| Error::Parquet(e.to_string());
    let reader = ParquetRecordBatchReaderBuilder::try_new(input)
        .and_then(|builder| builder.with_batch_size(BATCH).build())
        .map_err(|e| broken(&e))?;
    let mut rows = 0;
    let mut rendered = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|e| broken(&e))?;
        let mut lines = Vec::new();
        let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut lines);
        writer.write(&batch).map_err(|e| broken(&e))?;
        writer.finish().map_err(|e| broken(&e))?;
        drop(writer);
        rendered.clear();
        for record in RecordReader::new(Format::Canonical, &lines[..], ReadOptions::default()) {
            Format::Canonical.render(&record?.example, &RenderOptions::default(), &mut rendered);
            rows += 1;
        }
        out.write_all(&rendered)?;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let mut lines = String::new();
        for i in 0..2500 {
            let text = format!("Where is \"it\"\u{2028} {i}?");
            let turn = |role: &str, text: &str| {
                serde_json::json!({"role": role, "author": "Ada", "date": null, "message_id": "<1@example.com>",
                    "recovered": i % 2 == 0, "text": text})
            };
            let mut row = Vec::new();
            let example: threadfold_core::Example = serde_json::from_value(serde_json::json!({
                "id": format!("{i:032x}"), "thread": "t", "turns": [turn("customer", &text), turn("agent", "Here.")],
                "language": if i % 3 == 0 { Some("en") } else { None }, "tokens": i, "variant_of": null,
                "locators": ["box:0+1"], "flags": ["recovered_turn"],
            }))
            .unwrap();
            json::write_line(&example, &mut row);
            lines.push_str(std::str::from_utf8(&row).unwrap());
        }
        let mut bytes = Vec::new();
        assert_eq!(canonical_to_parquet(lines.as_bytes(), &mut bytes).unwrap(), 2500);
        let path = std::env::temp_dir().join(format!("threadfold-parquet-test-{}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        let mut back = Vec::new();
        let rows = parquet_to_canonical(File::open(&path).unwrap(), &mut back).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((rows, String::from_utf8(back).unwrap()), (2500, lines));
        assert!(canonical_to_parquet(&b"{}\n"[..], Vec::new()).is_err());
    }
}
