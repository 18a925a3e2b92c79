//! The nouns of the crate's interface.

use serde::{Deserialize, Serialize};

/// Which side of a conversation someone is on.
///
/// ```
/// use threadfold_redact::Side;
/// let side: Side = serde_json::from_str("\"agent\"").unwrap();
/// assert_eq!(side, Side::Agent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Writes to the business.
    Customer,
    /// Answers for the business.
    Agent,
}

/// A kind of personal data.
///
/// ```
/// use threadfold_redact::Type;
/// assert_eq!(Type::OrderId.label(), "ORDER_ID");
/// assert_eq!(Type::from_label("ORDER_ID"), Some(Type::OrderId));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Type {
    /// Keys, tokens and other values that open something.
    Secret,
    /// Passwords, PINs and door codes.
    Password,
    /// Mail addresses.
    Email,
    /// International bank account numbers (ISO 13616).
    Iban,
    /// Payment card numbers (ISO/IEC 7812), their expiry dates and check codes.
    Card,
    /// Parcel numbers of carriers.
    Tracking,
    /// Numbers a state gives to people: social security, passport, licence, tax.
    NationalId,
    /// Dates of birth.
    Dob,
    /// Postal addresses and their parts.
    Address,
    /// Addresses of the internet protocol, versions 4 and 6.
    Ip,
    /// Telephone and fax numbers.
    Phone,
    /// Numbers of bank accounts, customers, members, policies, devices.
    AccountId,
    /// Numbers of orders, invoices, tickets, bookings, transactions.
    OrderId,
    /// Number plates of vehicles.
    Plate,
    /// Names of people.
    Name,
}

impl Type {
    /// All of them, in the order in which they win where two claim the same words.
    pub const ALL: [Type; 15] = [
        Type::Secret,
        Type::Password,
        Type::Email,
        Type::Iban,
        Type::Card,
        Type::Tracking,
        Type::NationalId,
        Type::Dob,
        Type::Address,
        Type::Ip,
        Type::Phone,
        Type::AccountId,
        Type::OrderId,
        Type::Plate,
        Type::Name,
    ];

    /// The upper-case spelling used in spans and placeholders.
    pub fn label(self) -> &'static str {
        match self {
            Type::Secret => "SECRET",
            Type::Password => "PASSWORD",
            Type::Email => "EMAIL",
            Type::Iban => "IBAN",
            Type::Card => "CARD",
            Type::Tracking => "TRACKING",
            Type::NationalId => "NATIONAL_ID",
            Type::Dob => "DOB",
            Type::Address => "ADDRESS",
            Type::Ip => "IP",
            Type::Phone => "PHONE",
            Type::AccountId => "ACCOUNT_ID",
            Type::OrderId => "ORDER_ID",
            Type::Plate => "PLATE",
            Type::Name => "NAME",
        }
    }

    /// The kind of that label.
    pub fn from_label(label: &str) -> Option<Type> {
        Type::ALL.into_iter().find(|t| t.label() == label)
    }

    /// True for kinds that a business has facts of which are answers: its own telephone, address, mailbox
    /// and bank account.
    ///
    /// ```
    /// use threadfold_redact::Type;
    /// assert!(Type::Phone.public_kind() && !Type::Name.public_kind());
    /// ```
    pub fn public_kind(self) -> bool {
        matches!(self, Type::Phone | Type::Address | Type::Email | Type::Iban)
    }
}

/// A set of [`Type`]s.
///
/// ```
/// use threadfold_redact::{Type, Types};
/// let types = Types::all().without(Type::Ip);
/// assert!(types.has(Type::Name) && !types.has(Type::Ip));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types(u16);

impl Types {
    /// Every kind.
    pub fn all() -> Types {
        Types((1 << Type::ALL.len()) - 1)
    }
    /// No kind.
    pub fn none() -> Types {
        Types(0)
    }
    /// With one kind more.
    #[must_use]
    pub fn with(self, kind: Type) -> Types {
        Types(self.0 | 1 << kind as u16)
    }
    /// With one kind less.
    #[must_use]
    pub fn without(self, kind: Type) -> Types {
        Types(self.0 & !(1 << kind as u16))
    }
    /// Whether a kind is in the set.
    pub fn has(self, kind: Type) -> bool {
        self.0 >> kind as u16 & 1 == 1
    }
}

impl Default for Types {
    fn default() -> Types {
        Types::all()
    }
}

/// Someone known to take part in a thread, as the headers show them. Either field may be empty.
///
/// ```
/// use threadfold_redact::{Person, Side};
/// let marta = Person { name: "Marta Lindqvist", email: "marta@example.com", side: Side::Customer };
/// assert_eq!(marta.side, Side::Customer);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Person<'a> {
    /// The display name.
    pub name: &'a str,
    /// The address.
    pub email: &'a str,
    /// The side they are on.
    pub side: Side,
}

/// One redacted piece of a text. Holds no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Byte offset of the first byte in the input.
    pub start: usize,
    /// Byte offset after the last byte in the input.
    pub end: usize,
    /// What it was.
    pub kind: Type,
    /// What stands there now, such as `[CUSTOMER_NAME_1]`.
    pub placeholder: String,
}

/// A redacted text and what was done to it.
///
/// ```
/// use threadfold_redact::{Options, Redactor, Side, Type};
/// let redactor = Redactor::new(Options::default());
/// let out = redactor.thread(&[]).redact("write to marta@example.com", Side::Customer);
/// let span = &out.spans[0];
/// assert_eq!((span.start, span.end, span.kind), (9, 26, Type::Email));
/// assert_eq!(span.placeholder, "[EMAIL_1]");
/// assert_eq!(out.text, "write to [EMAIL_1]");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redacted {
    /// The text with placeholders.
    pub text: String,
    /// Sorted, not overlapping, not empty.
    pub spans: Vec<Span>,
}
