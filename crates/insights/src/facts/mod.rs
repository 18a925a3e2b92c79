//! Typed facts out of answers: what a business states and may one day state differently.
//!
//! Values are brought to one form, so that "9am to 5pm" and "09:00–17:00" are the same hours. What was read as
//! one kind is not read as another.

mod lists;
mod read;
mod tokens;

use serde::{Deserialize, Serialize};

pub(crate) use lists::without_yes_no;
pub(crate) use tokens::is_wrap;

/// What kind of thing a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// Times of day from and to, such as opening hours.
    Hours,
    /// Days of the week.
    Weekdays,
    /// An amount of money.
    Price,
    /// A street address.
    Address,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// An e-mail address.
    Email,
    /// A length of time.
    Duration,
    /// A share of a hundred.
    Percentage,
    /// Whether the answer is yes or no.
    YesNo,
}

impl FactKind {
    /// What an owner would call it.
    pub fn label(self) -> &'static str {
        match self {
            FactKind::Hours => "times of day",
            FactKind::Weekdays => "days of the week",
            FactKind::Price => "price",
            FactKind::Address => "address",
            FactKind::Phone => "phone number",
            FactKind::Url => "web address",
            FactKind::Email => "e-mail address",
            FactKind::Duration => "length of time",
            FactKind::Percentage => "percentage",
            FactKind::YesNo => "yes or no",
        }
    }
}

/// One fact as stated in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Of which kind.
    pub kind: FactKind,
    /// The value in one form, for comparing: `09:00-17:00`, `USD 4.90`, `no`.
    pub value: String,
    /// Where it stands, in bytes.
    pub span: std::ops::Range<usize>,
}

/// The facts that a text states, in the order of their places. Yes or no comes from the first sentence that
/// says either.
///
/// ```
/// use threadfold_insights::{FactKind, facts};
/// let found = facts("Sorry, no. We are open 9am to 5pm, shipping is $4.90.");
/// let values: Vec<_> = found.iter().map(|f| (f.kind, f.value.as_str())).collect();
/// assert_eq!(values, [
///     (FactKind::YesNo, "no"),
///     (FactKind::Hours, "09:00-17:00"),
///     (FactKind::Price, "USD 4.90"),
/// ]);
/// ```
pub fn facts(text: &str) -> Vec<Fact> {
    read::read(text)
}

/// The text with its facts blanked, so that answers which differ in a value only are alike.
pub(crate) fn without_values(text: &str, facts: &[Fact]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for f in facts.iter().filter(|f| f.kind != FactKind::YesNo) {
        if f.span.start >= at {
            out.push_str(&text[at..f.span.start]);
            out.push_str(" slot ");
            at = f.span.end;
        }
    }
    out.push_str(&text[at..]);
    without_yes_no(&out)
}
