//! Mail programs, as far as a reader of their mail can tell them apart: what they print above quoted
//! history, how they mark it, where the reply stands, and in which form they send.

use crate::random::Random;

/// A mail program together with its user's habit of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// `On … wrote:`, `> `; html `gmail_quote`.
    Gmail,
    /// `On …, at …, … wrote:`; html `blockquote type=cite`.
    AppleMail,
    /// A From/Sent/To/Subject block, no marks; html with a border-top div.
    Outlook,
    /// `-----Original Message-----` above that block, plain text with hard line ends.
    OutlookOld,
    /// A rule and the block; html `divRplyFwdMsg`.
    OutlookWeb,
    /// `On …, … wrote:`, `> ` and format=flowed; html `moz-cite-prefix`.
    Thunderbird,
    /// The same with the reply below the quote.
    ThunderbirdBottom,
    /// An attribution line, history without marks; html `yahoo_quoted`.
    Yahoo,
    /// `Sent from my …`, and the attribution line itself quoted.
    IPhone,
    /// `-------- Original message --------` and From/Date/To/Subject.
    Samsung,
    /// A portal's webmail: Sent/From/To/Subject in its own order, html `name="quote"`.
    Gmx,
    /// `On …, … wrote:` with `> `; html `protonmail_quote`.
    Proton,
    /// An ISO date in the attribution line, `> `, hard line ends.
    Roundcube,
    /// Plain text, the whole history quoted above, the reply below.
    Bottom,
    /// Plain text, answers between the quoted paragraphs.
    Interleaved,
    /// A reply without history.
    NoHistory,
    /// A ticket system: `##- Please type your reply above this line -##`.
    HelpDesk,
}

/// How the parts of a message are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Plain,
    Alternative,
    HtmlOnly,
}

/// What is done to long lines of plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrap {
    /// Paragraphs stay on one line.
    Long,
    /// Broken at this width for good.
    Hard(usize),
    /// RFC 3676.
    Flowed,
    /// RFC 3676 with DelSp=yes.
    FlowedDelSp,
}

impl Client {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Client::Gmail => "gmail",
            Client::AppleMail => "apple_mail",
            Client::Outlook => "outlook",
            Client::OutlookOld => "outlook_old",
            Client::OutlookWeb => "outlook_web",
            Client::Thunderbird => "thunderbird",
            Client::ThunderbirdBottom => "thunderbird_bottom",
            Client::Yahoo => "yahoo",
            Client::IPhone => "iphone",
            Client::Samsung => "samsung",
            Client::Gmx => "gmx",
            Client::Proton => "proton",
            Client::Roundcube => "roundcube",
            Client::Bottom => "bottom",
            Client::Interleaved => "interleaved",
            Client::NoHistory => "no_history",
            Client::HelpDesk => "help_desk",
        }
    }

    pub(crate) fn of_customer(r: &mut Random, language: &str) -> Client {
        use Client::*;
        let gmx = if language == "de" { 14.0 } else { 2.0 };
        const LIST: [Client; 16] = [
            Gmail,
            IPhone,
            AppleMail,
            OutlookWeb,
            Outlook,
            Thunderbird,
            Yahoo,
            Samsung,
            Gmx,
            Proton,
            Roundcube,
            Bottom,
            ThunderbirdBottom,
            Interleaved,
            NoHistory,
            OutlookOld,
        ];
        let w = [27., 12., 8., 8., 6., 6., 5., 5., gmx, 3., 3., 2., 3., 2., 5., 2.];
        LIST[r.weighted(&w)]
    }

    /// The reply stands below what it answers.
    pub(crate) fn replies_below(self) -> bool {
        matches!(self, Client::Bottom | Client::ThunderbirdBottom | Client::Interleaved)
    }

    /// Plain history is marked with `>`.
    pub(crate) fn marks_quotes(self) -> bool {
        use Client::*;
        !matches!(self, Outlook | OutlookOld | OutlookWeb | Yahoo | Samsung | Gmx | NoHistory | HelpDesk)
    }

    /// `>>` rather than `> >` for nested quotes.
    pub(crate) fn tight_marks(self) -> bool {
        matches!(
            self,
            Client::Thunderbird | Client::ThunderbirdBottom | Client::AppleMail | Client::Roundcube
        )
    }

    /// The section of the phrase file with this program's attribution line.
    pub(crate) fn attribution(self) -> &'static str {
        match self {
            Client::AppleMail | Client::IPhone => "apple",
            Client::Thunderbird | Client::ThunderbirdBottom => "thunderbird",
            Client::Yahoo => "yahoo",
            Client::Proton => "proton",
            Client::Roundcube => "roundcube",
            Client::Bottom | Client::Interleaved => "mutt",
            _ => "gmail",
        }
    }

    /// Prints localised reply prefixes (AW:, Odp:) where Outlook does.
    pub(crate) fn localises_prefix(self) -> bool {
        matches!(self, Client::Outlook | Client::OutlookOld | Client::OutlookWeb | Client::Gmx)
    }

    /// Draws the form of one message.
    pub(crate) fn form(self, r: &mut Random) -> (Shape, Wrap) {
        use Client::*;
        let x = r.unit();
        match self {
            Gmail if x < 0.08 => (Shape::Plain, Wrap::Hard(76)),
            Gmail => (Shape::Alternative, Wrap::Hard(76)),
            AppleMail if x < 0.35 => (Shape::Plain, Wrap::FlowedDelSp),
            AppleMail if x < 0.55 => (Shape::Plain, Wrap::Long),
            AppleMail => (Shape::Alternative, Wrap::Long),
            Outlook | OutlookWeb if x < 0.08 => (Shape::HtmlOnly, Wrap::Long),
            Outlook | OutlookWeb => (Shape::Alternative, Wrap::Long),
            OutlookOld => (Shape::Plain, Wrap::Hard(72)),
            Thunderbird | ThunderbirdBottom if x < 0.5 => (Shape::Plain, Wrap::Flowed),
            Thunderbird | ThunderbirdBottom if x < 0.8 => (Shape::Alternative, Wrap::Flowed),
            Thunderbird | ThunderbirdBottom => (Shape::HtmlOnly, Wrap::Long),
            Yahoo => (Shape::Alternative, Wrap::Long),
            IPhone if x < 0.4 => (Shape::Plain, Wrap::Long),
            IPhone => (Shape::Alternative, Wrap::Long),
            Samsung if x < 0.3 => (Shape::HtmlOnly, Wrap::Long),
            Samsung => (Shape::Alternative, Wrap::Long),
            Gmx if x < 0.5 => (Shape::HtmlOnly, Wrap::Long),
            Gmx => (Shape::Alternative, Wrap::Long),
            Proton => (Shape::Alternative, Wrap::Long),
            Roundcube if x < 0.7 => (Shape::Plain, Wrap::Hard(72)),
            Roundcube => (Shape::Alternative, Wrap::Hard(72)),
            Bottom => (Shape::Plain, Wrap::Hard(72)),
            Interleaved if x < 0.4 => (Shape::Plain, Wrap::Flowed),
            Interleaved => (Shape::Plain, Wrap::Hard(72)),
            NoHistory if x < 0.5 => (Shape::Plain, Wrap::Long),
            NoHistory | HelpDesk => (Shape::Alternative, Wrap::Long),
        }
    }
}
