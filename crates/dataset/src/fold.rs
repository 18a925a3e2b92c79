//! Folding: one conversation's pieces become turns, and turns become examples.
//!
//! The rule in one sentence: a conversation begins where a customer first speaks, consecutive pieces of
//! one side are one turn, and an example runs from the first turn to an agent's turn, which is its
//! completion.

use serde::{Deserialize, Serialize};
use threadfold_core::{DropReason, Example, Flag, Role, Turn, format_rfc3339};

use crate::acknowledge::is_acknowledgement_only;
use crate::count::TokenCounter;
use crate::id::{example_id, thread_id};
use crate::language::detect_language;
use crate::tokens::estimate_tokens;

/// What one message (or one stretch of recovered quotation) adds to a conversation.
///
/// ```
/// use threadfold_core::Role;
/// let piece = threadfold_dataset::Piece {
///     message: 7,
///     role: Role::Customer,
///     author: "Ada".into(),
///     date: Some(1_709_284_320),
///     message_id: Some("<1@example.com>".into()),
///     recovered: false,
///     text: "Where is my order?".into(),
///     locator: "inbox.mbox:0+512".into(),
///     flags: vec![],
/// };
/// assert_eq!(piece.message, 7);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The caller's number for the message; comes back in [`Folded::fates`] and is not looked at.
    pub message: usize,
    /// Which side wrote it.
    pub role: Role,
    /// The author's name or address as it shall stand in the example.
    pub author: String,
    /// Seconds since 1970, UTC. Pieces come in order of time already; the date is only passed on.
    pub date: Option<i64>,
    /// The Message-ID with angle brackets.
    pub message_id: Option<String>,
    /// True when the text was taken from the quoted history of a later message.
    pub recovered: bool,
    /// What its author newly wrote. Blank lines before it and white space after it are not text.
    pub text: String,
    /// Where it stands, as text; an empty one is not listed.
    pub locator: String,
    /// What earlier steps noticed about it.
    pub flags: Vec<Flag>,
}

/// How many examples a conversation yields.
///
/// ```
/// assert_eq!(threadfold_dataset::Examples::default(), threadfold_dataset::Examples::Last);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Examples {
    /// One, ending at the last agent turn. No reply is learned twice, and earlier replies are context.
    #[default]
    Last,
    /// One for each agent turn. More examples from the same mail; they share their beginnings, so their
    /// total size would grow with the square of a conversation's length, were it not for
    /// [`FoldOptions::every_turns`] and [`FoldOptions::every_bytes`].
    Every,
}

/// How to fold.
///
/// ```
/// use threadfold_dataset::{Examples, FoldOptions};
/// let every = FoldOptions { examples: Examples::Every, ..FoldOptions::default() };
/// assert_ne!(every, FoldOptions::default());
/// assert_eq!(every.every_turns, 64);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldOptions {
    /// How many examples a conversation yields.
    pub examples: Examples,
    /// With [`Examples::Every`]: turns that an example has at most (64). Older ones are left out of it, and
    /// it is flagged as [`Flag::Shortened`]; they stand in earlier examples.
    pub every_turns: usize,
    /// With [`Examples::Every`]: bytes that an example's turns have at most (64 KiB), but never less than
    /// the last question and its answer. As above.
    pub every_bytes: usize,
}

impl Default for FoldOptions {
    fn default() -> Self {
        FoldOptions { examples: Examples::default(), every_turns: 64, every_bytes: 64 << 10 }
    }
}

impl FoldOptions {
    /// The defaults with this choice of examples.
    pub fn new(examples: Examples) -> Self {
        FoldOptions { examples, ..FoldOptions::default() }
    }
}

/// What became of a conversation.
///
/// ```
/// let folded = threadfold_dataset::fold("t", vec![], &threadfold_dataset::FoldOptions::default());
/// assert!(folded.examples.is_empty() && folded.fates.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The examples, the shortest first. Each holds the turns of the one before it, as far as it reaches back.
    pub examples: Vec<Example>,
    /// The turns that the examples are made of.
    pub conversation: Conversation,
    /// For each piece, in the order given, its message and whether its text stands in an example.
    pub fates: Vec<(usize, Result<(), DropReason>)>,
    /// For each piece, in the order given, which example is the first to hold its text; it stands in later
    /// ones too, as far as they reach back. None for a piece that is not used.
    pub first_example: Vec<Option<usize>>,
    /// The first words of the conversation were the business's own (a shipping notice, an offer), and a
    /// customer answered them: what they said is not in the examples.
    pub opened_by_agent: bool,
}

/// Folds one conversation.
///
/// `thread_key` is whatever names the thread for the caller; the examples carry its [`thread_id`].
///
/// What becomes of a piece, the first rule that applies:
/// - nothing but white space: [`DropReason::EmptyTurn`];
/// - an agent's, before any customer spoke: [`DropReason::NoCustomer`]. A shop's own shipping notice or
///   offer often opens a thread; the customer's question that answers it is real and is kept, the notice
///   is not (an example starts with a customer, and trainers refuse anything else);
/// - no agent speaks after any customer: [`DropReason::Unanswered`];
/// - after the last agent turn: [`DropReason::AfterLastAnswer`];
/// - else it is used.
///
/// A turn of several pieces joins their texts with a blank line and takes author, date and Message-ID
/// from its first piece (the moment that side began to speak); it counts as recovered if any of its
/// pieces is. An example's flags are those of all its pieces, plus [`Flag::RecoveredTurn`], plus
/// [`Flag::AcknowledgementOnly`] when the completion only promises an answer, plus [`Flag::Shortened`] when
/// older turns are left out.
///
/// ```
/// # use threadfold_core::{DropReason, Role};
/// # use threadfold_dataset::{FoldOptions, Piece, fold};
/// # let says = |message, role, text: &str| Piece { message, role, author: String::new(), date: None,
/// #     message_id: None, recovered: false, text: text.into(), locator: String::new(), flags: vec![] };
/// let folded = fold("t", vec![
///     says(0, Role::Agent, "Your order has shipped."),
///     says(1, Role::Customer, "It came broken."),
///     says(2, Role::Customer, "Here is the order number: 17."),
///     says(3, Role::Agent, "A new one is on its way."),
/// ], &FoldOptions::default());
/// assert_eq!(folded.examples[0].turns[0].text, "It came broken.\n\nHere is the order number: 17.");
/// assert_eq!(folded.fates[0], (0, Err(DropReason::NoCustomer)));
/// ```
pub fn fold(thread_key: &str, pieces: Vec<Piece>, options: &FoldOptions) -> Folded {
    let mut folded = fold_turns(thread_key, pieces, options);
    folded.examples = folded.conversation.examples(None).map(|made| made.example).collect();
    folded
}

/// Folds one conversation as [`fold`] does, but hands the examples out one by one and returns the rest, with
/// no examples in it: a conversation of thousands of turns, folded for every answer, is far larger than
/// itself.
///
/// ```
/// let mut count = 0;
/// let options = threadfold_dataset::FoldOptions::default();
/// let folded = threadfold_dataset::fold_into("t", vec![], &options, |_example| count += 1);
/// assert_eq!((count, folded.fates.len()), (0, 0));
/// ```
pub fn fold_into(
    thread_key: &str,
    pieces: Vec<Piece>,
    options: &FoldOptions,
    mut each: impl FnMut(Example),
) -> Folded {
    let folded = fold_turns(thread_key, pieces, options);
    folded.conversation.examples(None).for_each(|made| each(made.example));
    folded
}

/// Folds one conversation into its turns, of which [`Conversation::examples`] makes the examples one by one.
/// The rest is as with [`fold`].
///
/// ```
/// let options = threadfold_dataset::FoldOptions::default();
/// assert!(threadfold_dataset::fold_turns("t", vec![], &options).conversation.is_empty());
/// ```
pub fn fold_turns(thread_key: &str, pieces: Vec<Piece>, options: &FoldOptions) -> Folded {
    let mut fates = Vec::with_capacity(pieces.len());
    let mut opened_by_agent = false;
    let mut turns: Vec<ToldTurn> = Vec::new();
    // For each piece that stands in a turn: its place in `fates` and the turn's number.
    let mut placed: Vec<(usize, usize)> = Vec::with_capacity(pieces.len());

    for piece in pieces {
        let place = fates.len();
        fates.push((piece.message, Ok(())));
        let text = bare(&piece.text);
        if text.is_empty() {
            fates[place].1 = Err(DropReason::EmptyTurn);
        } else if turns.is_empty() && piece.role == Role::Agent {
            opened_by_agent = true;
            fates[place].1 = Err(DropReason::NoCustomer);
        } else {
            match turns.last_mut() {
                Some(turn) if turn.turn.role == piece.role => turn.add(text, &piece),
                _ => turns.push(ToldTurn::new(text, &piece)),
            }
            placed.push((place, turns.len() - 1));
        }
    }

    let last_answer = turns.iter().rposition(|t| t.turn.role == Role::Agent);
    let mut first_example = vec![None; fates.len()];
    for (place, turn) in placed {
        fates[place].1 = match last_answer {
            None => Err(DropReason::Unanswered),
            Some(last) if turn > last => Err(DropReason::AfterLastAnswer),
            Some(_) => Ok(()),
        };
        if fates[place].1.is_ok() {
            // Sides alternate from a customer on, so turns 0 and 1 belong to the first example, and so on.
            first_example[place] = match options.examples {
                Examples::Last => Some(0),
                Examples::Every => Some(turn / 2),
            };
        }
    }

    let opened_by_agent = opened_by_agent && !turns.is_empty();
    turns.truncate(last_answer.map_or(0, |last| last + 1));
    turns.iter_mut().for_each(|told| told.tokens = estimate_tokens(&told.turn.text));
    let conversation = Conversation::new(thread_id(thread_key), turns, options);
    Folded { examples: Vec::new(), conversation, fates, first_example, opened_by_agent }
}

/// The turns of one conversation, and which examples they yield. It is about as large as the conversation;
/// its examples together may be far larger.
///
/// ```
/// # use threadfold_dataset::Conversation;
/// assert_eq!(Conversation::default().examples(None).count(), 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    thread: String,
    /// From a customer's to an agent's, sides alternating.
    turns: Vec<ToldTurn>,
    heads: Vec<Head>,
}

/// A turn, with what its examples will want to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ToldTurn {
    turn: Turn,
    locators: Vec<String>,
    flags: Vec<Flag>,
    /// The numbers of its messages.
    messages: Vec<usize>,
    tokens: u64,
}

/// What is known of an example before it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// Its turns, both ends included.
    first: usize,
    last: usize,
    language: Option<String>,
    only_acknowledges: bool,
}

/// An example as [`Conversation::examples`] makes it, with the numbers of the messages that stand in it.
///
/// ```
/// # use threadfold_dataset::Conversation;
/// assert!(Conversation::default().examples(None).all(|made| !made.messages.is_empty()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The example.
    pub example: Example,
    /// Each [`Piece::message`] that its turns were made of.
    pub messages: Vec<usize>,
}

/// How many tokens an example may have.
///
/// ```
/// use threadfold_dataset::{TokenCounter, TokenLimit};
/// let counter = TokenCounter::estimate();
/// let limit = TokenLimit { tokens: 4096, counter: &counter };
/// assert_eq!(limit.counter.name(), "estimate");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TokenLimit<'a> {
    /// The limit; roles and frames of messages count four tokens a turn.
    pub tokens: u64,
    /// How they are counted.
    pub counter: &'a TokenCounter,
}

impl Conversation {
    fn new(thread: String, turns: Vec<ToldTurn>, options: &FoldOptions) -> Self {
        let mut heads = Vec::new();
        for last in (0..turns.len()).filter(|i| turns[*i].turn.role == Role::Agent) {
            let first = match options.examples {
                Examples::Last if last + 1 < turns.len() => continue,
                Examples::Last => 0,
                Examples::Every => reach(&turns[..=last], options),
            };
            let asked = turns[first..=last].iter().filter(|t| t.turn.role == Role::Customer);
            heads.push(Head {
                first,
                last,
                language: detect_language(asked.map(|t| t.turn.text.as_str())).map(str::to_owned),
                only_acknowledges: is_acknowledgement_only(&turns[last].turn.text),
            });
        }
        Conversation { thread, turns, heads }
    }

    /// True if it yields no example.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The turns, from the first customer's to the last agent's.
    pub fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.turns.iter().map(|told| &told.turn)
    }

    /// The same, to be changed before examples are made of them: ids are made from what then stands there.
    pub fn turns_mut(&mut self) -> impl Iterator<Item = &mut Turn> {
        self.turns.iter_mut().map(|told| &mut told.turn)
    }

    /// About how many bytes of text all examples have together.
    pub fn bytes_of_examples(&self) -> usize {
        let mut ends = Vec::with_capacity(self.turns.len() + 1);
        ends.push(0);
        for told in &self.turns {
            ends.push(ends.last().copied().unwrap_or(0) + told.turn.text.len());
        }
        self.heads.iter().map(|head| ends[head.last + 1] - ends[head.first]).sum()
    }

    /// Makes the examples, the shortest first. With a limit, one that is longer loses its oldest turns until
    /// it fits, two at a time so that a customer speaks first; never a word of the last question and its
    /// answer, even if those do not fit. It is flagged as [`Flag::Shortened`].
    pub fn examples<'a>(&'a self, limit: Option<TokenLimit<'a>>) -> impl Iterator<Item = Made> + 'a {
        self.heads.iter().map(move |head| self.example(head, limit))
    }

    fn example(&self, head: &Head, limit: Option<TokenLimit<'_>>) -> Made {
        let mut told = &self.turns[head.first..=head.last];
        if let Some(TokenLimit { tokens, counter }) = limit {
            let sizes: Vec<u64> = told.iter().map(|t| counter.count(&t.turn.text) + 4).collect();
            let mut all: u64 = sizes.iter().sum::<u64>() + 3;
            let mut gone = 0;
            while all > tokens && told.len() - gone > 2 {
                all -= sizes[gone] + sizes[gone + 1];
                gone += 2;
            }
            told = &told[gone..];
        }
        let mut flags: Vec<Flag> = told.iter().flat_map(|t| t.flags.iter().copied()).collect();
        flags.extend(head.only_acknowledges.then_some(Flag::AcknowledgementOnly));
        flags.extend((told.len() <= head.last).then_some(Flag::Shortened));
        flags.sort_unstable();
        flags.dedup();
        let turns: Vec<Turn> = told.iter().map(|t| t.turn.clone()).collect();
        let example = Example {
            id: example_id(&turns),
            thread: self.thread.clone(),
            turns,
            language: head.language.clone(),
            tokens: told.iter().map(|t| t.tokens).sum(),
            variant_of: None,
            locators: unique(told.iter().flat_map(|t| &t.locators)),
            flags,
        };
        Made { example, messages: told.iter().flat_map(|t| t.messages.iter().copied()).collect() }
    }
}

/// Where an example that ends with the last of these turns begins.
fn reach(turns: &[ToldTurn], options: &FoldOptions) -> usize {
    let mut bytes: usize = turns.iter().rev().take(2).map(|t| t.turn.text.len()).sum();
    let mut first = turns.len().saturating_sub(2);
    // Two at a time: a customer speaks first.
    while first >= 2 && turns.len() - (first - 2) <= options.every_turns {
        bytes += turns[first - 2].turn.text.len() + turns[first - 1].turn.text.len();
        if bytes > options.every_bytes {
            break;
        }
        first -= 2;
    }
    first
}

impl ToldTurn {
    fn new(text: &str, piece: &Piece) -> Self {
        let turn = Turn {
            role: piece.role,
            author: piece.author.clone(),
            date: piece.date.map(format_rfc3339),
            message_id: piece.message_id.clone(),
            recovered: false,
            text: String::new(),
        };
        let mut told =
            ToldTurn { turn, locators: Vec::new(), flags: Vec::new(), messages: Vec::new(), tokens: 0 };
        told.add(text, piece);
        told
    }

    fn add(&mut self, text: &str, piece: &Piece) {
        if !self.turn.text.is_empty() {
            self.turn.text.push_str("\n\n");
        }
        self.turn.text.push_str(text);
        self.turn.recovered |= piece.recovered;
        if !piece.locator.is_empty() {
            self.locators.push(piece.locator.clone());
        }
        self.flags.extend_from_slice(&piece.flags);
        if piece.recovered {
            self.flags.push(Flag::RecoveredTurn);
        }
        self.messages.push(piece.message);
    }
}

/// The locators without repeats, in order of first appearance: a recovered piece stands in the same
/// message as the piece that quoted it.
fn unique<'a>(locators: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen = rustc_hash::FxHashSet::default();
    locators.filter(|l| seen.insert(l.as_str())).cloned().collect()
}

/// The text without blank lines before it and white space after it; the first line keeps its indent.
fn bare(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.len() - text.trim_start().len();
    let line = memchr::memrchr(b'\n', &text.as_bytes()[..start]).map_or(0, |at| at + 1);
    &text[line..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use DropReason::{AfterLastAnswer, EmptyTurn, NoCustomer, Unanswered};

    /// `"C:text"` and `"A:text"`; the number is the place in the list.
    fn pieces(script: &[&str]) -> Vec<Piece> {
        script
            .iter()
            .enumerate()
            .map(|(message, line)| Piece {
                message,
                role: if line.starts_with('C') { Role::Customer } else { Role::Agent },
                author: format!("author {message}"),
                date: Some(1_709_284_320 + message as i64),
                message_id: Some(format!("<{message}@example.com>")),
                recovered: false,
                text: line[2..].to_owned(),
                locator: format!("box:{message}+1"),
                flags: vec![],
            })
            .collect()
    }

    fn told(examples: &[Example]) -> Vec<String> {
        examples
            .iter()
            .map(|e| e.turns.iter().map(|t| t.text.replace('\n', "/")).collect::<Vec<_>>().join(" > "))
            .collect()
    }

    #[test]
    fn scripts() {
        struct Case {
            script: &'static [&'static str],
            last: &'static [&'static str],
            every: &'static [&'static str],
            fates: &'static [Option<DropReason>],
        }
        let cases = [
            Case { script: &[], last: &[], every: &[], fates: &[] },
            Case { script: &["C:q", "A:a"], last: &["q > a"], every: &["q > a"], fates: &[None, None] },
            Case { script: &["C:q"], last: &[], every: &[], fates: &[Some(Unanswered)] },
            Case { script: &["A:hello"], last: &[], every: &[], fates: &[Some(NoCustomer)] },
            Case {
                script: &["A:offer", "C:thanks"],
                last: &[],
                every: &[],
                fates: &[Some(NoCustomer), Some(Unanswered)],
            },
            Case {
                script: &["A:offer", "C:q", "A:a", "C:thanks"],
                last: &["q > a"],
                every: &["q > a"],
                fates: &[Some(NoCustomer), None, None, Some(AfterLastAnswer)],
            },
            Case {
                script: &["C:q1", "C:q2", "A:a1", "A:a2", "C:q3", "A:a3", "C: \n", "C:bye"],
                last: &["q1//q2 > a1//a2 > q3 > a3"],
                every: &["q1//q2 > a1//a2", "q1//q2 > a1//a2 > q3 > a3"],
                fates: &[None, None, None, None, None, None, Some(EmptyTurn), Some(AfterLastAnswer)],
            },
            // An empty piece neither opens a conversation nor answers one.
            Case {
                script: &["C:", "A:a"],
                last: &[],
                every: &[],
                fates: &[Some(EmptyTurn), Some(NoCustomer)],
            },
            Case {
                script: &["C:q", "A:\n"],
                last: &[],
                every: &[],
                fates: &[Some(Unanswered), Some(EmptyTurn)],
            },
            // Nor does it part what one side said in a row.
            Case {
                script: &["C:q1", "A:", "C:q2", "A:a"],
                last: &["q1//q2 > a"],
                every: &["q1//q2 > a"],
                fates: &[None, Some(EmptyTurn), None, None],
            },
        ];
        for case in cases {
            for (which, expected) in [(Examples::Last, case.last), (Examples::Every, case.every)] {
                let folded = fold("t", pieces(case.script), &FoldOptions::new(which));
                assert_eq!(told(&folded.examples), expected, "{:?}", case.script);
                let fates: Vec<_> = folded.fates.iter().map(|f| f.1.err()).collect();
                assert_eq!(fates, case.fates, "{:?}", case.script);
                assert!(folded.fates.iter().enumerate().all(|(i, f)| f.0 == i));
                for (i, line) in case.script.iter().enumerate() {
                    let holds = |e: &Example| {
                        e.turns.iter().any(|t| t.text.split("\n\n").any(|text| text == &line[2..]))
                    };
                    let first = folded.examples.iter().position(holds);
                    assert_eq!(folded.first_example[i], first, "{line} in {:?}", case.script);
                }
            }
        }
    }

    #[test]
    fn a_joined_turn_is_its_first_pieces() {
        let mut script = pieces(&["C:q1", "C:q2", "A:a"]);
        script[1].recovered = true;
        script[1].locator = "box:2+1".into();
        script[1].flags = vec![Flag::UncertainReply];
        let folded = fold("t", script, &FoldOptions::default());
        let example = &folded.examples[0];
        let turn = &example.turns[0];
        assert_eq!((turn.author.as_str(), turn.date.as_deref()), ("author 0", Some("2024-03-01T09:12:00Z")));
        assert_eq!(turn.message_id.as_deref(), Some("<0@example.com>"));
        assert!(turn.recovered);
        assert_eq!(example.flags, [Flag::UncertainReply, Flag::RecoveredTurn]);
        assert_eq!(example.locators, ["box:0+1", "box:2+1"], "one line a message");
    }

    #[test]
    fn flags_and_ids_belong_to_the_example_they_describe() {
        let mut script =
            pieces(&["C:q1", "A:I'll look into it and get back to you.", "C:and?", "A:Fixed now."]);
        script[2].flags = vec![Flag::DamagedText];
        let folded = fold("t", script, &FoldOptions::new(Examples::Every));
        assert_eq!(folded.examples[0].flags, [Flag::AcknowledgementOnly]);
        assert_eq!(folded.examples[1].flags, [Flag::DamagedText]);
        for example in &folded.examples {
            assert_eq!(example.id, crate::example_id(&example.turns));
            assert_eq!(example.tokens, example.turns.iter().map(|t| estimate_tokens(&t.text)).sum::<u64>());
        }
    }

    #[test]
    fn only_white_space_around_a_text_goes() {
        assert_eq!(bare("\n \n  indented\nmore  \n\n"), "  indented\nmore");
        assert_eq!(bare(" \n\t"), "");
        assert_eq!(bare("  x"), "  x");
    }
}
