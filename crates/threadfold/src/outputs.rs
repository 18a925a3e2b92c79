//! The dataset's files: which there are, what is rendered into them, and their order of writing.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use threadfold_core::Example;
use threadfold_dataset::{Delimiters, Format, RenderOptions, SeparatorScout, dataset_info};

use crate::{Error, Pipeline};

/// Which examples go into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    Train,
    Valid,
}

/// The files that examples are rendered into: of what format, which examples, and called what.
pub(crate) fn files_of(formats: &[Format], split: f64) -> Vec<(Format, Part, String)> {
    let mut wanted = vec![
        (Format::Canonical, Part::All, "examples.jsonl".to_owned()),
        (Format::Csv, Part::All, "dataset.csv".to_owned()),
    ];
    for &format in formats {
        if matches!(format, Format::Canonical | Format::Csv) {
            continue;
        }
        if !wanted.iter().any(|(f, ..)| *f == format) {
            wanted.push((format, Part::Train, format.file_name("train")));
            if split > 0.0 {
                wanted.push((format, Part::Valid, format.file_name("valid")));
            }
        }
    }
    wanted
}

/// LLaMA-Factory finds its files by a list of them: what the list is called and says, where there is one.
pub(crate) fn list_of(files: &[(Format, Part, String)]) -> Option<(&'static str, String)> {
    let listed: Vec<(Format, String)> = files
        .iter()
        .filter_map(|(format, _, name)| Some((*format, name.strip_prefix("llama_factory/")?.to_owned())))
        .collect();
    (!listed.is_empty()).then(|| ("llama_factory/dataset_info.json", dataset_info(&listed)))
}

struct Target {
    format: Format,
    part: Part,
    name: String,
    file: BufWriter<File>,
}

/// The open files of a run.
pub(crate) struct Outputs {
    targets: Vec<Target>,
    render: RenderOptions,
    scout: SeparatorScout,
    /// Whether a legacy format is among the files.
    watched: bool,
    /// For each example written, whether it is set apart for validation.
    valid: Vec<bool>,
}

/// One example in all its forms, one after the other; `ends` says where each file's form ends.
pub(crate) struct Rendered {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Renders on any thread.
pub(crate) struct Renderer {
    plan: Vec<(Format, Part)>,
    options: RenderOptions,
}

impl Outputs {
    pub(crate) fn create(folder: &Path, options: &Pipeline) -> Result<Outputs, Error> {
        let wanted = files_of(&options.formats, options.split);
        let list = list_of(&wanted);
        let render = RenderOptions {
            system: options.system.clone(),
            last_reply_only: options.last_reply_only,
            ..RenderOptions::default()
        };
        let mut targets = Vec::new();
        for (format, part, name) in wanted {
            let path = folder.join(&name);
            if let Some(own) = path.parent().filter(|own| *own != folder) {
                std::fs::create_dir_all(own).map_err(Error::write(own))?;
            }
            let mut file =
                BufWriter::with_capacity(1 << 18, File::create(&path).map_err(Error::write(&path))?);
            let mut head = Vec::new();
            format.header(&render, &mut head);
            file.write_all(&head).map_err(Error::write(&name))?;
            targets.push(Target { format, part, name, file });
        }
        if let Some((name, text)) = list {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(Error::write(&path))?;
        }
        let scout = SeparatorScout::new(&render);
        let watched = targets.iter().any(|t: &Target| t.format == Format::PromptCompletion);
        Ok(Outputs { targets, render, scout, watched, valid: Vec::new() })
    }

    pub(crate) fn renderer(&self) -> Renderer {
        Renderer {
            plan: self.targets.iter().map(|t| (t.format, t.part)).collect(),
            options: self.render.clone(),
        }
    }

    /// Writes an example in all its forms. One that is too large to be rendered in all of them at once is rendered
    /// here, one form after the other.
    pub(crate) fn write(
        &mut self,
        example: &Example,
        rendered: Option<&Rendered>,
        valid: bool,
    ) -> Result<(), Error> {
        let (mut start, mut own) = (0, Vec::new());
        for (i, target) in self.targets.iter_mut().enumerate() {
            let bytes = match rendered {
                Some(Rendered { bytes, ends }) => &bytes[std::mem::replace(&mut start, ends[i])..ends[i]],
                None => {
                    own.clear();
                    if target.part.takes(valid) {
                        target.format.render(example, &self.render, &mut own);
                    }
                    &own
                }
            };
            if target.part.takes(valid) {
                target.file.write_all(bytes).map_err(Error::write(&target.name))?;
            }
        }
        if self.watched {
            self.scout.look(example);
        }
        self.valid.push(valid);
        Ok(())
    }

    /// For each example written, whether it is for validation; all of it is in the files when this returns.
    pub(crate) fn flushed(&mut self) -> Result<&[bool], Error> {
        for target in &mut self.targets {
            target.file.flush().map_err(Error::write(&target.name))?;
        }
        Ok(&self.valid)
    }

    /// Writes all files anew from the examples written so far. `change` is given each with its place (for
    /// validation or not) and gives it back, or leaves it out.
    pub(crate) fn rewritten(
        mut self,
        folder: &Path,
        options: &Pipeline,
        mut change: impl FnMut(Example, bool) -> Option<Example>,
    ) -> Result<Outputs, Error> {
        let valid = self.flushed()?.to_vec();
        let (path, old) = (folder.join("examples.jsonl"), folder.join(".examples.before.jsonl"));
        std::fs::rename(&path, &old).map_err(Error::write(&path))?;
        let read = |source| Error::Read { path: path.clone(), source };
        let lines = BufReader::with_capacity(1 << 18, File::open(&old).map_err(read)?).lines();
        let mut anew = Outputs::create(folder, options)?;
        for (line, valid) in lines.zip(valid) {
            let example = serde_json::from_str(&line.map_err(read)?).map_err(|e| read(e.into()))?;
            if let Some(example) = change(example, valid) {
                anew.write(&example, None, valid)?;
            }
        }
        std::fs::remove_file(&old).map_err(Error::write(&old))?;
        Ok(anew)
    }

    /// Ends all files. The legacy format's separator and stop were chosen before the data was seen: should
    /// they occur in it, its files are rendered again with a pair that does not.
    pub(crate) fn finish(mut self, folder: &Path) -> Result<Option<Delimiters>, Error> {
        for target in &mut self.targets {
            target.file.flush().map_err(Error::write(&target.name))?;
        }
        let legacy: Vec<&Target> =
            self.targets.iter().filter(|t| t.format == Format::PromptCompletion).collect();
        if legacy.is_empty() {
            return Ok(None);
        }
        let fitting = self.scout.proposal();
        if !self.scout.is_free() {
            let Delimiters { separator, stop } = fitting.clone();
            let render = RenderOptions { separator, stop, ..self.render.clone() };
            rerender(folder, &legacy, &self.valid, &render)?;
        }
        Ok(Some(fitting))
    }
}

impl Part {
    fn takes(self, valid: bool) -> bool {
        match self {
            Part::All => true,
            Part::Train => !valid,
            Part::Valid => valid,
        }
    }
}

impl Renderer {
    pub(crate) fn render(&self, example: &Example, valid: bool) -> Rendered {
        // One allocation for most examples: their texts once in each form, and what stands around them.
        let texts: usize = example.turns.iter().map(|turn| turn.text.len() + 256).sum();
        let mut r = Rendered {
            bytes: Vec::with_capacity(self.plan.len() * (texts + texts / 8)),
            ends: Vec::with_capacity(self.plan.len()),
        };
        for &(format, part) in &self.plan {
            if part.takes(valid) {
                format.render(example, &self.options, &mut r.bytes);
            }
            r.ends.push(r.bytes.len());
        }
        r
    }
}

/// Writes a format's files once more with other separators, from the canonical file.
fn rerender(
    folder: &Path,
    targets: &[&Target],
    valid: &[bool],
    options: &RenderOptions,
) -> Result<(), Error> {
    let path = folder.join("examples.jsonl");
    let read = |source| Error::Read { path: path.clone(), source };
    let mut files = Vec::new();
    for target in targets {
        let path = folder.join(&target.name);
        files.push(BufWriter::with_capacity(1 << 18, File::create(&path).map_err(Error::write(&path))?));
    }
    let lines = BufReader::with_capacity(1 << 18, File::open(&path).map_err(read)?).lines();
    let mut bytes = Vec::new();
    for (line, &valid) in lines.zip(valid) {
        let example: Example =
            serde_json::from_str(&line.map_err(read)?).map_err(|e| read(std::io::Error::from(e)))?;
        for (target, file) in targets.iter().zip(&mut files) {
            if target.part.takes(valid) {
                bytes.clear();
                target.format.render(&example, options, &mut bytes);
                file.write_all(&bytes).map_err(Error::write(&target.name))?;
            }
        }
    }
    for (target, mut file) in targets.iter().zip(files) {
        file.flush().map_err(Error::write(&target.name))?;
    }
    Ok(())
}
