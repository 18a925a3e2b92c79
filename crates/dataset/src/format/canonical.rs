//! The canonical record: an [`Example`] as JSON, field for field.

use threadfold_core::Example;

use super::reader::{Edit, Record};
use super::{ReadOptions, RenderOptions, json};
use crate::error::Problem;

pub(crate) fn render(example: &Example, _: &RenderOptions, out: &mut Vec<u8>) {
    json::write_line(example, out);
}

pub(crate) fn parse(line: &[u8], _: &ReadOptions) -> Result<Record, Problem> {
    let example: Example = serde_json::from_slice(line).map_err(|e| Problem::Json {
        message: e.to_string(),
        expected: "{\"id\",\"thread\",\"turns\":[{\"role\",\"author\",\"date\",\"message_id\",\"recovered\",\
                   \"text\"}…],\"language\",\"tokens\",\"variant_of\",\"locators\",\"flags\"}",
    })?;
    Ok(Record { example, system: None, edit: Edit::Unknown })
}
