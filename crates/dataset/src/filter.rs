//! Which examples an owner wants, one example at a time.

use threadfold_core::{Example, Role};

/// What an example must be like to stay. The default lets everything pass.
///
/// ```
/// # use threadfold_core::{Example, Role, Turn};
/// # use threadfold_dataset::{Filter, FilterReason};
/// # let turn = |role, text: &str| Turn { role, author: String::new(), date: None, message_id: None,
/// #     recovered: false, text: text.into() };
/// # let example = Example { id: String::new(), thread: String::new(), turns: vec![
/// #     turn(Role::Customer, "Open?"), turn(Role::Agent, "Yes.")], language: Some("en".into()), tokens: 0,
/// #     variant_of: None, locators: vec![], flags: vec![] };
/// let german = Filter { languages: vec!["de".into()], ..Filter::default() };
/// assert_eq!(german.check(&example), Err(FilterReason::Language));
/// assert_eq!(Filter::default().check(&example), Ok(()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// ISO 639-1 codes, in any letter case; empty for all languages.
    pub languages: Vec<String>,
    /// Whether an example whose language could not be told passes a choice of languages.
    pub keep_unknown_language: bool,
    /// The customers' words together, and the completion, each have at least so many characters
    /// (Unicode code points, white space at the ends aside).
    pub min_chars: usize,
    /// All turns together have at most so many characters.
    pub max_chars: Option<usize>,
}

/// Which wish an example did not meet.
///
/// ```
/// assert_eq!(threadfold_dataset::FilterReason::TooShort.to_string(), "too_short");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum FilterReason {
    /// Written in another language, or in one that could not be told.
    #[error("language")]
    Language,
    /// Fewer characters than [`Filter::min_chars`] in what the customer or the last reply says.
    #[error("too_short")]
    TooShort,
    /// More characters than [`Filter::max_chars`].
    #[error("too_long")]
    TooLong,
}

impl Filter {
    /// Whether the example passes.
    ///
    /// # Errors
    /// The first wish that it does not meet.
    pub fn check(&self, example: &Example) -> Result<(), FilterReason> {
        if !self.languages.is_empty() {
            let wanted = match &example.language {
                Some(language) => self.languages.iter().any(|l| l.eq_ignore_ascii_case(language)),
                None => self.keep_unknown_language,
            };
            if !wanted {
                return Err(FilterReason::Language);
            }
        }
        if self.min_chars > 0 {
            let asked: usize =
                example.turns.iter().filter(|t| t.role == Role::Customer).map(|t| chars(t.text.trim())).sum();
            if asked < self.min_chars || chars(example.completion().trim()) < self.min_chars {
                return Err(FilterReason::TooShort);
            }
        }
        if let Some(max) = self.max_chars
            && example.turns.iter().map(|t| chars(&t.text)).sum::<usize>() > max
        {
            return Err(FilterReason::TooLong);
        }
        Ok(())
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use threadfold_core::Turn;

    fn example(question: &str, answer: &str, language: Option<&str>) -> Example {
        let turn = |role, text: &str| Turn {
            role,
            author: String::new(),
            date: None,
            message_id: None,
            recovered: false,
            text: text.into(),
        };
        Example {
            id: String::new(),
            thread: String::new(),
            turns: vec![turn(Role::Customer, question), turn(Role::Agent, answer)],
            language: language.map(str::to_owned),
            tokens: 0,
            variant_of: None,
            locators: vec![],
            flags: vec![],
        }
    }

    #[test]
    fn languages() {
        let mut filter = Filter { languages: vec!["DE".into(), "fr".into()], ..Filter::default() };
        assert_eq!(filter.check(&example("q", "a", Some("de"))), Ok(()));
        assert_eq!(filter.check(&example("q", "a", Some("en"))), Err(FilterReason::Language));
        assert_eq!(filter.check(&example("q", "a", None)), Err(FilterReason::Language));
        filter.keep_unknown_language = true;
        assert_eq!(filter.check(&example("q", "a", None)), Ok(()));
    }

    #[test]
    fn lengths_are_characters() {
        let filter = Filter { min_chars: 3, max_chars: Some(8), ..Filter::default() };
        assert_eq!(filter.check(&example("äöü", "äöü", None)), Ok(()));
        assert_eq!(filter.check(&example("äö ", "äöü", None)), Err(FilterReason::TooShort));
        assert_eq!(filter.check(&example("äöü", "ok", None)), Err(FilterReason::TooShort));
        assert_eq!(filter.check(&example("12345", "1234", None)), Err(FilterReason::TooLong));
    }
}
