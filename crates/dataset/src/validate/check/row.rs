//! The checks of one row: how its turns stand, and what their texts hold.

use threadfold_core::Role;

use super::super::rules::Id;
use super::super::scan::Scan;
use super::super::talk::{Found, Said, Talk, Who};
use super::{Checker, completion};
use crate::acknowledge::is_acknowledgement_only;
use crate::format::{Format, reserved_word};

impl Checker<'_> {
    pub(super) fn structure(&self, talk: &Talk<'_>, format: Format, found: &mut Vec<Found>) {
        let turns = || talk.said.iter().filter(|said| matches!(said.who, Who::Customer | Who::Agent));
        // What was missing or of the wrong kind has been said.
        if talk.said.is_empty() {
            return;
        }
        let chat = !matches!(format, Format::Text);
        if chat
            && let Some(first) = turns().next()
            && first.who == Who::Agent
        {
            found.push((Id::StartsWithAgent, Some(first.field), "the first message is an answer".into()));
        }
        let mut before: Option<&Said<'_>> = None;
        for said in talk.said.iter().filter(|said| !said.continues) {
            if let Some(before) = before
                && before.who == said.who
                && matches!(said.who, Who::Customer | Who::Agent)
                && !before.calls
            {
                found.push((
                    Id::NotAlternating,
                    Some(said.field),
                    "another message of the same side before it".into(),
                ));
            }
            before = Some(said);
        }
        let complete =
            !found.iter().any(|(id, ..)| matches!(id, Id::MissingField | Id::WrongType | Id::NullText));
        let last = turns().next_back();
        match last {
            _ if !turns().any(|said| said.who == Who::Agent) && complete => {
                found.push((Id::NoReply, None, "no answer in it".into()));
            }
            _ if !turns().any(|said| said.who == Who::Agent) => {}
            Some(last) if last.who == Who::Customer => {
                found.push((Id::EndsWithCustomer, Some(last.field), "the last message is a question".into()));
            }
            Some(last) if blank(last.text) && !last.calls => {
                let what = if last.text.is_empty() { "empty" } else { "nothing but white space" };
                found.push((Id::EmptyCompletion, Some(last.field), what.into()));
            }
            _ => {}
        }
        if chat && complete && !matches!(format, Format::Text) {
            let mut asked = turns().filter(|said| said.who == Who::Customer).peekable();
            let nothing_asked = asked.peek().is_none() || asked.all(|said| blank(said.text));
            if nothing_asked && turns().next().is_some() {
                let field = turns().find(|said| said.who == Who::Customer).map(|said| said.field);
                found.push((Id::EmptyPrompt, field, "nothing is asked".into()));
            } else {
                let inner =
                    talk.said.iter().filter(|said| !last.is_some_and(|last| std::ptr::eq(last, *said)));
                for said in inner.filter(|said| blank(said.text) && !said.calls && !said.continues) {
                    found.push((Id::EmptyMessage, Some(said.field), "empty".into()));
                }
            }
        }
    }

    pub(super) fn texts(&self, talk: &Talk<'_>, format: Format, found: &mut Vec<Found>) -> Looked {
        let mut looked = Looked::default();
        let last = completion(talk);
        let reserved = self.trainer.map_or(format.info().reserved, |t| t.reserved());
        for said in &talk.said {
            let marks = match said.who {
                Who::System => Scan::new().look(said.text),
                _ if last.is_some_and(|last| std::ptr::eq(last, said)) => looked.answer.look(said.text),
                _ => {
                    let marks = looked.question.look(said.text);
                    looked.question.border();
                    marks
                }
            };
            let mut note = |id, message: &str| found.push((id, Some(said.field), message.to_owned()));
            if marks.control {
                note(Id::ControlCharacter, "a control character");
            }
            if marks.replacement {
                note(Id::Damaged, "U+FFFD stands for characters that were lost");
            }
            if marks.line_separator && format != Format::Csv {
                note(Id::LineSeparator, "U+2028, U+2029 or U+0085 in a text");
            }
            if marks.capitals {
                note(Id::Capitals, "mostly capitals");
            }
            if let Some(word) = reserved_word(said.text, reserved) {
                note(Id::ReservedWord, &format!("{word:?}"));
            }
            if let Some(find) = self.options.personal_data {
                let side = if said.who == Who::Agent { Role::Agent } else { Role::Customer };
                let kinds = find(said.text, side);
                if !kinds.is_empty() {
                    note(Id::PersonalData, &kinds.join(", "));
                }
            }
        }
        if let Some(completion) = last {
            if is_acknowledgement_only(completion.text) {
                let message = "the answer only says that one will come".to_owned();
                found.push((Id::AcknowledgementOnly, Some(completion.field), message));
            }
            let asked: usize = talk.said.iter().map(|s| s.text.len()).sum::<usize>() - completion.text.len();
            if asked > 0 && completion.text.len() > 1500 && completion.text.len() > 10 * asked {
                let message = format!("{} bytes for {asked} of question", completion.text.len());
                found.push((Id::LongShort, Some(completion.field), message));
            }
        }
        looked
    }
}

/// What a row's texts look like.
#[derive(Default)]
pub(crate) struct Looked {
    pub(super) question: Scan,
    pub(super) answer: Scan,
}

pub(super) fn blank(text: &str) -> bool {
    text.trim().is_empty()
}
