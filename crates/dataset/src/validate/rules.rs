//! The rules: one table with what each asks, how bad it is to break it, and what to do about it.

use serde::Serialize;

/// How bad a finding is.
///
/// ```
/// use threadfold_dataset::Severity;
/// assert!(Severity::Error > Severity::Warning);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A careful owner would look at it before training.
    Warning,
    /// A trainer refuses the file, crashes, or learns something that is not there.
    Error,
}

/// A rule.
///
/// ```
/// use threadfold_dataset::RULES;
/// assert!(RULES.iter().any(|rule| rule.name == "duplicate" && rule.fixable));
/// ```
#[derive(Debug)]
pub struct Rule {
    /// Its stable name.
    pub name: &'static str,
    /// How bad it is where no trainer says otherwise.
    pub severity: Severity,
    /// What to do.
    pub remedy: &'static str,
    /// Whether `fix` can do that without deciding anything for the owner.
    pub fixable: bool,
}

macro_rules! rules {
    ($($id:ident $name:literal $severity:ident $fix:ident $remedy:literal,)*) => {
        /// A rule's place in [`RULES`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Id { $($id,)* }

        /// Every rule.
        pub const RULES: &[Rule] = &[
            $(Rule { name: $name, severity: Severity::$severity, remedy: $remedy, fixable: rules!(@ $fix) },)*
        ];
    };
    (@ fix) => { true };
    (@ keep) => { false };
}

rules! {
    // The file.
    UnknownFormat "unknown_format" Error keep "give --format, or rename the fields to those of a known format",
    Empty "empty_file" Error keep "there is nothing to train on; export or save the file again",
    ByteOrderMark "byte_order_mark" Error fix "save as UTF-8 without a byte order mark",
    CrLf "crlf" Info fix "end lines with LF alone",
    CrOnly "cr_only" Error fix "end lines with LF; this file ends them with CR alone, as old Macs did",
    BlankLine "blank_line" Warning fix "take blank lines out; some trainers crash on them",
    NotOnePerLine "not_one_per_line" Warning fix "write one object a line (JSONL) rather than a list or objects over several lines",
    NotJsonl "not_jsonl" Info keep "threadfold convert FILE --to messages -o train.jsonl",
    SeveralSheets "several_sheets" Warning keep "only the first sheet is read; save the others as files of their own",
    TooFew "too_few" Error keep "add examples; a few hundred are a sensible start",
    Few "few_examples" Info keep "more examples help: quality tends to rise with every doubling",
    TooMany "too_many" Error keep "leave examples out, or split the file",
    TooLarge "file_too_large" Error keep "split the file",
    FileName "file_name" Error keep "use letters, digits, hyphens, underscores and dots in the file's name",
    // The row as JSON or as cells.
    NotUtf8 "not_utf8" Error keep "save as UTF-8 (in a spreadsheet program: CSV UTF-8)",
    NotJson "not_json" Error keep "mend the JSON; a line is one object with double quotes and no comma at its end",
    NotObject "not_object" Error keep "a line must be one JSON object",
    DoubledKey "duplicate_key" Error fix "leave one of the two; readers differ in which one counts",
    LoneSurrogate "lone_surrogate" Error fix "half a character was cut off; write the text again",
    MixedFormats "mixed_formats" Error keep "one format a file; convert the other rows",
    OpenQuote "open_quote" Error keep "close the quotation mark",
    RaggedRow "ragged_row" Error keep "a cell with the delimiter in it needs quotation marks",
    CutCell "cut_cell" Error keep "a spreadsheet program cut this cell at 32,767 characters; take the text from its source",
    CellError "cell_error" Error keep "the cell holds a spreadsheet program's error instead of a text",
    ColumnCase "column_name" Warning fix "name the columns prompt and completion, in lower case",
    // Fields.
    MissingField "missing_field" Error keep "every row needs this field",
    ExtraField "extra_field" Warning fix "take the field out; some trainers refuse rows with others than their own",
    WrongType "wrong_type" Error keep "write the kind of value that the format asks for",
    NullText "null_text" Error keep "write a text; null is none",
    NoMessages "no_messages" Error keep "a conversation needs messages",
    UnknownRole "unknown_role" Error fix "use the roles that the format knows",
    SystemNotFirst "system_not_first" Error keep "move the system message before all others",
    StartsWithAgent "starts_with_agent" Warning keep "begin with the customer's message",
    NotAlternating "not_alternating" Warning fix "join consecutive messages of one side into one",
    NoReply "no_reply" Error keep "a conversation without an answer teaches nothing; take it out or add the answer",
    EndsWithCustomer "ends_with_customer" Warning keep "end with the answer",
    BadWeight "bad_weight" Error fix "weight is the whole number 0 or 1, on assistant messages only",
    NothingLearned "nothing_learned" Error keep "give the last reply weight 1",
    EmptyCompletion "empty_completion" Error fix "take the row out, or write the answer",
    EmptyPrompt "empty_prompt" Warning keep "write the question; without one the model learns to speak unasked",
    EmptyMessage "empty_message" Warning keep "write a text or take the message out",
    ReservedWord "reserved_word" Error fix "respell the word; the trainer takes it for markup and refuses the file",
    // Length.
    TooLong "too_long" Error keep "export with --max-tokens, which drops the oldest turns first and never cuts an answer",
    CompletionTooLong "completion_too_long" Error keep "the answer alone does not fit; take the row out or choose a model with more context",
    LongShort "long_answer_short_question" Info keep "an answer far longer than all that was asked teaches to invent; see whether the question is whole",
    // Texts.
    Capitals "mostly_capitals" Info keep "see whether the text should shout; nothing is lowered for you",
    ControlCharacter "control_character" Warning keep "take the control characters out",
    Damaged "damaged_text" Warning keep "characters were lost in some conversion; take the text from its source",
    LineSeparator "line_separator" Info fix "escape U+2028, U+2029 and U+0085; readers that split at them cut the line in two",
    PersonalData "personal_data" Warning keep "export with redaction, or take it out by hand",
    AcknowledgementOnly "acknowledgement_only" Info keep "the answer only promises one; train on the answer that followed",
    // Rows among themselves.
    Duplicate "duplicate" Warning fix "keep one of them",
    NearDuplicate "near_duplicate" Info keep "see whether both are needed; what is said often is learned often",
    Conflict "conflicting_answers" Warning keep "two answers to one question; keep the one that is true today",
    Leak "in_train_and_valid" Error keep "keep a question on one side; validation on what was learned measures nothing",
    IdenticalPrompts "identical_prompts" Error keep "all prompts are the same; the questions are missing",
    IdenticalCompletions "identical_completions" Error keep "all completions are the same; there is nothing to learn",
    CommonPromptStart "common_prompt_start" Info keep "all prompts begin alike; if it is an instruction, put it into the system message; nothing is stripped for you",
    CommonCompletionStart "common_completion_start" Info keep "all completions begin alike; see whether that is meant; nothing is stripped for you",
    Classification "classification" Info keep "few different answers: if this is a classification, keep them to single words and hold out a validation set",
    OpenEnded "open_ended" Info keep "no prompts at all: the model learns to write like this, not to answer",
    Refusals "refusals" Warning keep "balance the set: refusals that are common in training become common in answers",
    // Legacy prompt and completion.
    NoSeparator "no_separator" Warning fix "end every prompt with the same separator, such as \\n\\n###\\n\\n",
    SeparatorInText "separator_in_text" Warning keep "choose a separator that no text holds; threadfold convert does",
    NoStop "no_stop" Warning fix "end every completion with the same stop text, such as \" END\"",
    StopInText "stop_in_text" Warning keep "choose a stop text that no completion holds; threadfold convert does",
    NoLeadingSpace "no_leading_space" Info fix "begin every completion with a space",
}

impl Id {
    pub(crate) fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_remedies_say_something() {
        let names: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        assert_eq!(Id::NoLeadingSpace.rule().name, "no_leading_space");
        assert!(RULES.iter().all(|rule| rule.remedy.len() > 10));
    }
}
