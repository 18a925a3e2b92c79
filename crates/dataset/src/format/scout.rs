//! Separators and stop texts for legacy prompts and completions: such as occur nowhere else.

use std::io::BufRead;

use memchr::memmem::Finder;
use threadfold_core::Example;

use super::input::Input;
use super::reader::Lines;
use super::{Format, RenderOptions, arc, prompt_completion};
use crate::error::{Error, ReadError};

/// What ends a legacy prompt unless told otherwise.
pub const DEFAULT_SEPARATOR: &str = "\n\n###\n\n";
/// What ends a legacy completion unless told otherwise.
pub const DEFAULT_STOP: &str = " END";

/// Tried in this order.
const SEPARATORS: [&str; 4] = [DEFAULT_SEPARATOR, "\n\n===\n\n", "\n\n--->\n\n", "\n\n#>\n\n"];
const STOPS: [&str; 4] = [DEFAULT_STOP, " [END]", " <END>", " $$$"];

/// A separator and a stop text.
///
/// ```
/// assert_eq!(threadfold_dataset::Delimiters::default().stop, " END");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Delimiters {
    /// What ends a prompt.
    pub separator: String,
    /// What ends a completion.
    pub stop: String,
}

impl Default for Delimiters {
    fn default() -> Self {
        Delimiters { separator: DEFAULT_SEPARATOR.to_owned(), stop: DEFAULT_STOP.to_owned() }
    }
}

/// Looks at examples as they stream by and knows afterwards which separator and stop text occur in none of
/// them, so that a file may be written with the usual pair at once and again only if that pair was met.
///
/// It looks at prompts and completions as they are rendered, joints included: a text that ends in `\n\n###`
/// makes the separator ambiguous although it does not hold it. Should every candidate occur, it proposes a
/// run of `#` (of `@`) one longer than any in the data. Memory is fixed.
///
/// ```
/// # use threadfold_core::{Example, Role, Turn};
/// # use threadfold_dataset::{RenderOptions, SeparatorScout};
/// # let turn = |role, text: &str| Turn { role, author: String::new(), date: None, message_id: None,
/// #     recovered: false, text: text.into() };
/// # let example = Example { id: String::new(), thread: String::new(), turns: vec![
/// #     turn(Role::Customer, "Is this THE END?"), turn(Role::Agent, "No.")], language: None, tokens: 0,
/// #     variant_of: None, locators: vec![], flags: vec![] };
/// let mut scout = SeparatorScout::new(&RenderOptions::default());
/// scout.look(&example);
/// assert!(!scout.is_free());
/// assert_eq!(scout.proposal().stop, " [END]");
/// ```
#[derive(Clone, Debug)]
pub struct SeparatorScout {
    system: Option<String>,
    separators: Vec<Candidate>,
    stops: Vec<Candidate>,
    longest_hash: usize,
    longest_at: usize,
    prompt: String,
    completion: String,
}

#[derive(Clone, Debug)]
struct Candidate {
    text: String,
    finder: Finder<'static>,
    met: bool,
}

impl Candidate {
    /// The wanted one first, then the usual ones.
    fn list(wanted: &str, usual: &[&str]) -> Vec<Candidate> {
        std::iter::once(wanted)
            .chain(usual.iter().copied().filter(|text| *text != wanted))
            .map(|text| Candidate {
                text: text.to_owned(),
                finder: Finder::new(text).into_owned(),
                // An empty one ends everywhere.
                met: text.is_empty(),
            })
            .collect()
    }

    /// Notes whether the text that this delimiter is about to end holds it, the joint included.
    fn look_before_end(&mut self, text: &mut String) {
        if !self.met {
            let len = text.len();
            text.push_str(&self.text);
            self.met = self.finder.find(text.as_bytes()) != Some(len);
            text.truncate(len);
        }
    }

    /// Notes whether a text that it does not end holds it.
    fn look_in(&mut self, text: &str) {
        self.met = self.met || self.finder.find(text.as_bytes()).is_some();
    }
}

impl SeparatorScout {
    /// Watches the pair that the options name, and the usual ones.
    pub fn new(options: &RenderOptions) -> Self {
        SeparatorScout {
            system: options.system.clone(),
            separators: Candidate::list(&options.separator, &SEPARATORS),
            stops: Candidate::list(&options.stop, &STOPS),
            longest_hash: 0,
            longest_at: 0,
            prompt: String::new(),
            completion: String::new(),
        }
    }

    /// Looks at one example.
    pub fn look(&mut self, example: &Example) {
        let system = self.system.take();
        self.look_with(example, system.as_deref());
        self.system = system;
    }

    /// The same with another system text than that of the options.
    pub(crate) fn look_with(&mut self, example: &Example, system: Option<&str>) {
        let (mut prompt, mut completion) =
            (std::mem::take(&mut self.prompt), std::mem::take(&mut self.completion));
        prompt.clear();
        arc::write(example.prompt(), system, &mut prompt);
        completion.clear();
        completion.push(' ');
        completion.push_str(example.completion());
        for text in [&prompt, &completion] {
            self.longest_hash = self.longest_hash.max(longest_run(b'#', text));
            self.longest_at = self.longest_at.max(longest_run(b'@', text));
        }

        for separator in &mut self.separators {
            separator.look_before_end(&mut prompt);
        }
        for stop in &mut self.stops {
            stop.look_before_end(&mut completion);
        }
        // Each in the other's text; with the wanted partner at its end, since it may lie across that joint.
        // The usual ones cannot: no stop holds a line end, and no separator starts with a space.
        prompt.push_str(&self.separators[0].text);
        completion.push_str(&self.stops[0].text);
        for separator in &mut self.separators {
            separator.look_in(&completion);
        }
        for stop in &mut self.stops {
            stop.look_in(&prompt);
        }
        self.prompt = prompt;
        self.completion = completion;
    }

    /// Adds what another scout with the same options saw.
    pub fn merge(&mut self, other: &SeparatorScout) {
        for (mine, theirs) in [(&mut self.separators, &other.separators), (&mut self.stops, &other.stops)] {
            for candidate in mine {
                candidate.met |= theirs.iter().any(|c| c.text == candidate.text && c.met);
            }
        }
        self.longest_hash = self.longest_hash.max(other.longest_hash);
        self.longest_at = self.longest_at.max(other.longest_at);
    }

    /// Whether the pair that the options name occurs nowhere in what was looked at.
    pub fn is_free(&self) -> bool {
        !self.separators[0].met && !self.stops[0].met
    }

    /// Whether the separator that the options name occurs nowhere.
    pub(crate) fn separator_is_free(&self) -> bool {
        !self.separators[0].met
    }

    /// A pair that occurs nowhere: the one that the options name if it can be, else the first of the usual
    /// ones, else one made for the data.
    pub fn proposal(&self) -> Delimiters {
        let first = |candidates: &[Candidate]| candidates.iter().find(|c| !c.met).map(|c| c.text.clone());
        let run = |mark: &str, longest: usize| mark.repeat((longest + 1).max(3));
        Delimiters {
            separator: first(&self.separators)
                .unwrap_or_else(|| format!("\n\n{}\n\n", run("#", self.longest_hash))),
            stop: first(&self.stops).unwrap_or_else(|| format!(" {}", run("@", self.longest_at))),
        }
    }
}

fn longest_run(byte: u8, text: &str) -> usize {
    let (mut longest, mut run, mut next) = (0, 0, usize::MAX);
    for at in memchr::memchr_iter(byte, text.as_bytes()) {
        run = if at == next { run + 1 } else { 1 };
        next = at + 1;
        longest = longest.max(run);
    }
    longest
}

/// Reads a legacy file and finds out what ends its prompts and its completions; an empty text means that
/// nothing does.
///
/// What all prompts (all completions) end with is a separator only if it looks like one: one of the usual
/// ones, a word of two or more symbols such as `###`, `->` or `<|end|>`, an `END`, or line ends. A full stop
/// or a word that all completions happen to share is text and stays.
///
/// # Errors
/// A line that is not `{"prompt","completion"}`, or a failure to read.
///
/// ```
/// let file = "{\"prompt\":\"a? ->\",\"completion\":\" yes.\\n\"}\n{\"prompt\":\"b ->\",\"completion\":\" no.\\n\"}";
/// let found = threadfold_dataset::infer_delimiters(file.as_bytes()).unwrap();
/// assert_eq!((found.separator.as_str(), found.stop.as_str()), (" ->", "\n"));
/// ```
pub fn infer_delimiters(input: impl BufRead) -> Result<Delimiters, Error> {
    let mut lines = Lines { input: Input::open(input)?, bytes: Vec::new(), line: 0 };
    let (mut prompts, mut completions): (Option<String>, Option<String>) = (None, None);
    let mut row = 0;
    loop {
        let number = lines.line + 1;
        let Some(line) = lines.next_line()? else { break };
        row += 1;
        let line = prompt_completion::parse_strings(line).map_err(|problem| ReadError {
            format: Format::PromptCompletion,
            line: number,
            row,
            problem,
        })?;
        keep_common(&mut prompts, &line.prompt);
        keep_common(&mut completions, &line.completion);
    }
    Ok(Delimiters {
        separator: delimiter_at_end(&prompts.unwrap_or_default(), &SEPARATORS).to_owned(),
        stop: delimiter_at_end(&completions.unwrap_or_default(), &STOPS).to_owned(),
    })
}

/// The same for a file in which some lines may be broken: they are passed over.
pub(crate) fn common_delimiters(input: impl BufRead) -> Result<Delimiters, Error> {
    let mut lines = Lines { input: Input::open(input)?, bytes: Vec::new(), line: 0 };
    let (mut prompts, mut completions): (Option<String>, Option<String>) = (None, None);
    while let Some(line) = lines.next_line()? {
        if let Ok(line) = prompt_completion::parse_strings(line) {
            keep_common(&mut prompts, &line.prompt);
            keep_common(&mut completions, &line.completion);
        }
    }
    Ok(Delimiters {
        separator: delimiter_at_end(&prompts.unwrap_or_default(), &SEPARATORS).to_owned(),
        stop: delimiter_at_end(&completions.unwrap_or_default(), &STOPS).to_owned(),
    })
}

/// Shortens `common` to what the text ends with as well.
fn keep_common(common: &mut Option<String>, text: &str) {
    /// No delimiter is longer; a file of one row must not be kept in memory twice.
    const LONGEST: usize = 200;
    match common {
        None => {
            *common = Some(text[text.ceil_char_boundary(text.len().saturating_sub(LONGEST))..].to_owned())
        }
        Some(common) => {
            let same: usize = common
                .chars()
                .rev()
                .zip(text.chars().rev())
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| a.len_utf8())
                .sum();
            common.drain(..common.len() - same);
        }
    }
}

/// The part at the end of a common ending that is a delimiter and not text.
fn delimiter_at_end<'a>(common: &'a str, usual: &[&str]) -> &'a str {
    if let Some(known) = usual.iter().find(|known| common.ends_with(**known)) {
        return &common[common.len() - known.len()..];
    }
    let words = common.trim_end();
    let word_start = words
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + words[at..].chars().next().map_or(1, char::len_utf8));
    let word = &words[word_start..];
    let symbols = word.len() >= 2 && word.bytes().all(|b| b"#=->|<@*+&$%~^".contains(&b));
    let end = word_start > 0 && matches!(word.trim_matches(['[', ']', '<', '>', '|', '/']), "END" | "end");
    let token = word.len() > 4 && word.starts_with("<|") && word.ends_with("|>");
    if !(symbols || end || token) {
        return &common[words.len()..];
    }
    let before = &common[..word_start];
    let gap = ["\n\n", "\n", " "].into_iter().find(|gap| before.ends_with(gap)).unwrap_or("");
    &common[word_start - gap.len()..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use threadfold_core::{Role, Turn};

    fn example(prompt: &[&str], completion: &str) -> Example {
        let mut turns = Vec::new();
        for (i, text) in prompt.iter().chain([&completion]).enumerate() {
            turns.push(Turn {
                role: if i == prompt.len() || i % 2 == 1 { Role::Agent } else { Role::Customer },
                author: String::new(),
                date: None,
                message_id: None,
                recovered: false,
                text: (*text).to_owned(),
            });
        }
        Example {
            id: String::new(),
            thread: String::new(),
            turns,
            language: None,
            tokens: 0,
            variant_of: None,
            locators: vec![],
            flags: vec![],
        }
    }

    #[test]
    fn endings() {
        for (common, separator) in [
            ("question\n\n###\n\n", "\n\n###\n\n"),
            ("\n\n\n\n####\n\n", "\n\n####\n\n"),
            (" ->", " ->"),
            ("Thanks.", ""),
            (".", ""),
            ("?\n", "\n"),
            ("hello there", ""),
            ("text <|end|>", " <|end|>"),
            ("WEEKEND", ""),
            ("é\u{a0}###", "###"),
            ("", ""),
        ] {
            assert_eq!(delimiter_at_end(common, &SEPARATORS), separator, "{common:?}");
        }
        assert_eq!(delimiter_at_end("done. END", &STOPS), " END");
    }

    #[test]
    fn joints_count() {
        let mut scout = SeparatorScout::new(&RenderOptions::default());
        scout.look(&example(&["fine ### here", "x\n###\n", "y"], "done"));
        assert!(scout.is_free());
        scout.look(&example(&["x\n\n###"], "done"));
        assert_eq!(scout.proposal().separator, "\n\n===\n\n");
    }

    #[test]
    fn two_scouts_see_what_one_would() {
        let options = RenderOptions::default();
        let (a, b) = (example(&["the END"], "x"), example(&["x"], "\n\n###\n\n"));
        let mut both = SeparatorScout::new(&options);
        both.look(&a);
        both.look(&b);
        let (mut left, mut right) = (SeparatorScout::new(&options), SeparatorScout::new(&options));
        left.look(&a);
        right.look(&b);
        left.merge(&right);
        assert_eq!(left.proposal(), both.proposal());
        assert_ne!(left.proposal(), Delimiters::default());
    }

    proptest! {
        /// Whatever is proposed stands in the rendered strings once, at the end.
        #[test]
        fn proposals_hold(
            rows in proptest::collection::vec(("(\n|#|=|-|>|@| |END|\\[|\\]|\\$|<)*", "(\n|#|@| |END|\\[|\\]|\\$|=)*"), 1..6),
            all_usual in any::<bool>(),
        ) {
            let mut examples: Vec<Example> = rows.iter().map(|(q, a)| example(&[q], a)).collect();
            if all_usual {
                examples.push(example(&[&SEPARATORS.concat()], &STOPS.concat()));
            }
            let mut scout = SeparatorScout::new(&RenderOptions::default());
            examples.iter().for_each(|e| scout.look(e));
            let Delimiters { separator, stop } = scout.proposal();
            let options = RenderOptions { separator: separator.clone(), stop: stop.clone(), ..Default::default() };
            for example in &examples {
                let mut line = Vec::new();
                prompt_completion::render(example, &options, &mut line);
                let strings = prompt_completion::parse_strings(&line).unwrap();
                prop_assert_eq!(strings.prompt.find(&separator), Some(strings.prompt.len() - separator.len()));
                prop_assert_eq!(strings.completion.find(&stop), Some(strings.completion.len() - stop.len()));
                prop_assert!(!strings.prompt.contains(&stop) && !strings.completion.contains(&separator));
            }
        }
    }
}
