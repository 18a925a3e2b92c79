//! One format to another.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufRead, Seek, SeekFrom, Write};

use serde::Serialize;
use threadfold_core::Example;

use crate::error::Error;
use crate::format::RecordReader;
use crate::format::scout::{Delimiters, SeparatorScout, infer_delimiters};
use crate::format::{Carried, Edit, Format, ReadOptions, Record, RenderOptions, sniff};
use crate::id::example_id;

/// How to convert.
///
/// ```
/// use threadfold_dataset::ConvertOptions;
/// let options = ConvertOptions::default();
/// assert!(!options.keep_delimiters, "another separator is taken if the usual one occurs in the texts");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConvertOptions {
    /// How to read. For legacy input, what is not given here is found out from the file.
    pub read: ReadOptions,
    /// How to render. A system text given here replaces those of the input.
    pub render: RenderOptions,
    /// For legacy output: refuse rather than choose another separator or stop text than those of
    /// [`ConvertOptions::render`], should they occur in the texts.
    pub keep_delimiters: bool,
}

/// What a conversion did.
///
/// ```
/// # use threadfold_dataset::{ConvertOptions, Format, convert};
/// let rows = std::io::Cursor::new("{\"messages\":[{\"role\":\"user\",\"content\":\"Open?\"},\
///     {\"role\":\"assistant\",\"content\":\"Yes.\"}]}\n");
/// let report = convert(rows, None, Format::Canonical, &mut Vec::new(), &ConvertOptions::default()).unwrap();
/// assert_eq!((report.from, report.examples), (Format::Messages, 1));
/// assert!(report.lost.is_empty(), "the canonical record holds whatever a chat line does");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConvertReport {
    /// The format read, given or found out.
    pub from: Format,
    /// The format written.
    pub to: Format,
    /// Examples read.
    pub examples: u64,
    /// Examples that have no row in the format written; see [`Format::holds_every_example`].
    pub left_out: u64,
    /// Examples in which a word was respelled, because the format written reserves it.
    pub respelled: u64,
    /// Of a spreadsheet's rows: those whose texts were edited. They have new ids.
    pub edited: u64,
    /// Of a spreadsheet's rows: those known to be unedited. They kept their ids.
    pub unchanged: u64,
    /// Blank rows of a spreadsheet, passed over.
    pub blank_rows: u64,
    /// Columns of a spreadsheet that mean nothing to us and were not carried over.
    pub ignored_columns: Vec<String>,
    /// What the format written cannot carry, and how many examples had it.
    pub lost: BTreeMap<Carried, u64>,
    /// For legacy input: what was taken off prompts and completions.
    pub read_delimiters: Option<Delimiters>,
    /// For legacy output: what ends prompts and completions.
    pub written_delimiters: Option<Delimiters>,
}

impl ConvertReport {
    fn new(from: Format, to: Format) -> Self {
        ConvertReport {
            from,
            to,
            examples: 0,
            left_out: 0,
            respelled: 0,
            edited: 0,
            unchanged: 0,
            blank_rows: 0,
            ignored_columns: Vec::new(),
            lost: BTreeMap::new(),
            read_delimiters: None,
            written_delimiters: None,
        }
    }
}

/// Converts a file, streaming; without a `from` the format is found out from the first line.
///
/// The input is read once, and once more before that for each of: legacy input whose separator or stop text
/// is not given, and legacy output, whose separator and stop text must occur nowhere else. What the new format
/// cannot carry is counted in the report. A system text in the input goes over where the output has a place
/// for one.
///
/// # Errors
/// The first row that cannot be read, with its line; nothing is written after it, and what was written
/// before it is not a whole dataset. Also a format that cannot be told, delimiters that occur in the texts
/// although they must be kept, and failures to read, seek or write.
///
/// ```
/// use std::io::Cursor;
/// use threadfold_dataset::{ConvertOptions, Format, convert};
///
/// let edited_by_hand = "prompt,completion\nOpening hours?,Nine to five.\n";
/// let mut out = Vec::new();
/// let report =
///     convert(Cursor::new(edited_by_hand), None, Format::Messages, &mut out, &ConvertOptions::default()).unwrap();
/// assert_eq!((report.from, report.examples), (Format::Csv, 1));
/// assert!(out.starts_with(b"{\"messages\":[{\"role\":\"user\",\"content\":\"Opening hours?\"}"));
/// ```
pub fn convert<R: BufRead + Seek, W: Write>(
    mut input: R,
    from: Option<Format>,
    to: Format,
    out: &mut W,
    options: &ConvertOptions,
) -> Result<ConvertReport, Error> {
    let start = input.stream_position()?;
    let rewound = |input: &mut R| input.seek(SeekFrom::Start(start)).map(|_| ());

    let from = match from {
        Some(from) => from,
        None => {
            let from = sniff(&mut input)?;
            rewound(&mut input)?;
            from
        }
    };
    let mut report = ConvertReport::new(from, to);
    let mut read = options.read.clone();
    if from == Format::PromptCompletion {
        if read.separator.is_none() || read.stop.is_none() {
            let found = infer_delimiters(&mut input)?;
            rewound(&mut input)?;
            read.separator.get_or_insert(found.separator);
            read.stop.get_or_insert(found.stop);
        }
        report.read_delimiters = Some(Delimiters {
            separator: read.separator.clone().unwrap_or_default(),
            stop: read.stop.clone().unwrap_or_default(),
        });
    }
    let mut render = options.render.clone();
    if to == Format::PromptCompletion {
        let chosen = scout(RecordReader::new(from, &mut input, read.clone()), options)?;
        rewound(&mut input)?;
        render.separator.clone_from(&chosen.separator);
        render.stop.clone_from(&chosen.stop);
        report.written_delimiters = Some(chosen);
    }

    let mut buffer = Vec::new();
    to.header(&render, &mut buffer);
    let mut records = RecordReader::new(from, &mut input, read);
    for record in records.by_ref() {
        let Record { example, system, edit } = record?;
        report.examples += 1;
        report.edited += u64::from(edit == Edit::Edited);
        report.unchanged += u64::from(edit == Edit::Unchanged);
        if options.render.system.is_none() {
            render.system = system;
        }
        count_lost(&example, render.system.as_deref(), to, &mut report.lost);
        let before = buffer.len();
        to.render(&example, &render, &mut buffer);
        report.left_out += u64::from(buffer.len() == before);
        let texts = example.turns.iter().map(|turn| turn.text.as_str()).chain(render.system.as_deref());
        report.respelled +=
            u64::from(texts.into_iter().any(|text| matches!(to.respelled(text), Cow::Owned(_))));
        if buffer.len() >= 1 << 16 {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    out.flush()?;
    report.blank_rows = records.blank_rows;
    report.ignored_columns = records.ignored_columns().to_vec();
    Ok(report)
}

/// Looks through the whole input for a pair of delimiters that it does not hold.
fn scout<R: BufRead>(records: RecordReader<R>, options: &ConvertOptions) -> Result<Delimiters, Error> {
    let mut scout = SeparatorScout::new(&options.render);
    for record in records {
        let record = record?;
        let system = options.render.system.as_deref().or(record.system.as_deref());
        scout.look_with(&record.example, system);
    }
    let proposal = scout.proposal();
    if options.keep_delimiters && !scout.is_free() {
        let of_separator = !scout.separator_is_free();
        let (which, text, proposed) = if of_separator {
            ("separator", &options.render.separator, proposal.separator)
        } else {
            ("stop", &options.render.stop, proposal.stop)
        };
        return Err(Error::DelimiterInText { which, text: text.clone(), proposed });
    }
    Ok(proposal)
}

/// Counts what the example has and the format cannot carry.
fn count_lost(example: &Example, system: Option<&str>, to: Format, lost: &mut BTreeMap<Carried, u64>) {
    let keeps = to.info().keeps;
    let turns = example.turns.iter();
    for carried in Carried::ALL.iter().filter(|carried| !keeps.contains(carried)) {
        let has = match carried {
            Carried::Id => example.id != example_id(&example.turns),
            Carried::Thread => example.thread != example.id && !example.thread.is_empty(),
            Carried::TurnBorders => example.turns.windows(2).any(|pair| pair[0].role == pair[1].role),
            Carried::Author => turns.clone().any(|turn| !turn.author.is_empty()),
            Carried::Date => turns.clone().any(|turn| turn.date.is_some()),
            Carried::MessageId => turns.clone().any(|turn| turn.message_id.is_some()),
            Carried::Recovered => turns.clone().any(|turn| turn.recovered),
            Carried::Language => example.language.is_some(),
            Carried::Tokens => example.tokens != 0,
            Carried::VariantOf => example.variant_of.is_some(),
            Carried::Locators => !example.locators.is_empty(),
            Carried::Flags => !example.flags.is_empty(),
            Carried::System => system.is_some(),
        };
        if has {
            *lost.entry(*carried).or_default() += 1;
        }
    }
}
