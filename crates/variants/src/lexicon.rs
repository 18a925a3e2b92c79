//! What the rules know about single words: small word classes, verbs and their forms, contractions.

use rustc_hash::{FxHashMap, FxHashSet};

/// What a small word is. A word may be several of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Pronoun = 1,
    Possessive = 2,
    Determiner = 4,
    Auxiliary = 8,
    Preposition = 16,
    Wh = 32,
    Negation = 64,
    Condition = 128,
    Function = 256,
    Predicate = 512,
    Number = 1024,
    Month = 2048,
    Trouble = 4096,
    Causative = 8192,
    Filler = 16384,
    Adverb = 32768,
}

/// Classes whose words may carry a topic.
const TOPICAL: u16 = Class::Predicate as u16
    | Class::Month as u16
    | Class::Trouble as u16
    | Class::Causative as u16
    | Class::Filler as u16
    | Class::Adverb as u16;

/// A verb's forms that matter for rewording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Base,
    S,
    Past,
    Participle,
    Ing,
}

#[derive(Debug)]
struct Verb {
    base: String,
    past: String,
    participle: String,
    ing: String,
}

/// The words of one language.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    classes: FxHashMap<String, u16>,
    verbs: Vec<Verb>,
    forms: FxHashMap<String, Vec<(u32, Form)>>,
    /// Short spelling to the words it stands for.
    contractions: FxHashMap<String, Vec<String>>,
    /// Two words to the short spelling that may be written for them.
    shortened: FxHashMap<(String, String), String>,
}

/// Lines of a phrase file without comments and blank ones.
pub(crate) fn lines(file: &str) -> impl Iterator<Item = &str> {
    file.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'))
}

impl Lexicon {
    pub(crate) fn parse(words: &str, verbs: &str, contractions: &str) -> Lexicon {
        let mut lexicon = Lexicon::default();
        let mut class = 0;
        for line in lines(words) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                class = class_named(name);
                continue;
            }
            for word in line.split_whitespace() {
                *lexicon.classes.entry(word.to_owned()).or_default() |= class;
            }
        }
        for line in lines(verbs) {
            lexicon.add_verb(line);
        }
        for line in lines(contractions) {
            let (read_only, line) = match line.strip_prefix("! ") {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let Some((short, long)) = line.split_once(" = ") else { continue };
            let long: Vec<String> = long.split_whitespace().map(str::to_owned).collect();
            if let (false, [a, b]) = (read_only, long.as_slice()) {
                lexicon.shortened.entry((a.clone(), b.clone())).or_insert_with(|| short.to_owned());
            }
            lexicon.contractions.insert(short.to_owned(), long);
        }
        lexicon
    }

    fn add_verb(&mut self, line: &str) {
        let mut given = line.split_whitespace().map(str::to_owned);
        let Some(base) = given.next() else { return };
        let past = given.next().unwrap_or_else(|| with_ed(&base));
        let participle = given.next().unwrap_or_else(|| past.clone());
        let ing = given.next().unwrap_or_else(|| with_ing(&base));
        let index = self.verbs.len() as u32;
        for (form, word) in [
            (Form::Base, base.clone()),
            (Form::S, with_s(&base)),
            (Form::Past, past.clone()),
            (Form::Participle, participle.clone()),
            (Form::Ing, ing.clone()),
        ] {
            self.forms.entry(word).or_default().push((index, form));
        }
        // American spellings of the doubled last consonant.
        if base.ends_with('l') && past.ends_with("lled") {
            self.forms.entry(format!("{base}ed")).or_default().push((index, Form::Past));
            self.forms.entry(format!("{base}ing")).or_default().push((index, Form::Ing));
        }
        self.verbs.push(Verb { base, past, participle, ing });
    }

    pub(crate) fn is(&self, word: &str, class: Class) -> bool {
        self.classes.get(word).is_some_and(|c| c & class as u16 != 0)
    }

    /// Whether the word is in any of the small classes.
    pub(crate) fn is_small(&self, word: &str) -> bool {
        self.classes.get(word).is_some_and(|c| c & !TOPICAL != 0)
    }

    pub(crate) fn knows(&self, word: &str) -> bool {
        self.classes.contains_key(word) || self.forms.contains_key(word)
    }

    /// The verb that a word is a form of; with the form, the first that fits.
    pub(crate) fn verb(&self, word: &str) -> Option<(u32, Form)> {
        self.forms.get(word).and_then(|f| f.first().copied())
    }

    pub(crate) fn is_form(&self, word: &str, form: Form) -> bool {
        self.forms.get(word).is_some_and(|f| f.iter().any(|&(_, g)| g == form))
    }

    pub(crate) fn base_index(&self, base: &str) -> Option<u32> {
        self.forms.get(base)?.iter().find(|(_, f)| *f == Form::Base).map(|&(v, _)| v)
    }

    pub(crate) fn base(&self, verb: u32) -> &str {
        &self.verbs[verb as usize].base
    }

    pub(crate) fn inflect(&self, verb: u32, form: Form) -> String {
        let v = &self.verbs[verb as usize];
        match form {
            Form::Base => v.base.clone(),
            Form::S => with_s(&v.base),
            Form::Past => v.past.clone(),
            Form::Participle => v.participle.clone(),
            Form::Ing => v.ing.clone(),
        }
    }

    /// The words that a written word stands for: itself, or what its contraction abbreviates.
    pub(crate) fn expand<'a>(&'a self, word: &'a str, mut take: impl FnMut(&'a str)) {
        match self.contractions.get(word) {
            Some(long) => long.iter().for_each(|w| take(w)),
            None => take(word),
        }
    }

    pub(crate) fn is_contraction(&self, word: &str) -> bool {
        self.contractions.contains_key(word)
    }

    /// The contraction of two words, if there is a usual one.
    pub(crate) fn shorten(&self, a: &str, b: &str) -> Option<&str> {
        self.shortened.get(&(a.to_owned(), b.to_owned())).map(String::as_str)
    }
}

fn class_named(name: &str) -> u16 {
    let class = match name {
        "pronoun" => Class::Pronoun,
        "possessive" => Class::Possessive,
        "determiner" => Class::Determiner,
        "auxiliary" => Class::Auxiliary,
        "preposition" => Class::Preposition,
        "wh" => Class::Wh,
        "negation" => Class::Negation,
        "condition" => Class::Condition,
        "predicate" => Class::Predicate,
        "number" => Class::Number,
        "month" => Class::Month,
        "trouble" => Class::Trouble,
        "causative" => Class::Causative,
        "filler" => Class::Filler,
        "adverb" => Class::Adverb,
        _ => Class::Function,
    };
    class as u16
}

fn vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// Whether a short word doubles its last consonant: "plan", "stop"; not "fix", "show", "need".
fn doubles(base: &str) -> bool {
    let c: Vec<char> = base.chars().collect();
    let n = c.len();
    (3..=4).contains(&n)
        && !vowel(c[n - 1])
        && !matches!(c[n - 1], 'w' | 'x' | 'y')
        && vowel(c[n - 2])
        && !vowel(c[n - 3])
        && c[..n - 2].iter().all(|&c| !vowel(c))
}

fn with_ing(base: &str) -> String {
    match base.strip_suffix('e') {
        Some(stem) if !stem.ends_with(['e', 'o', 'y']) => format!("{stem}ing"),
        _ if doubles(base) => format!("{base}{}ing", &base[base.len() - 1..]),
        _ => format!("{base}ing"),
    }
}

fn with_ed(base: &str) -> String {
    if base.ends_with('e') {
        format!("{base}d")
    } else if doubles(base) {
        format!("{base}{}ed", &base[base.len() - 1..])
    } else {
        format!("{base}ed")
    }
}

/// The -s form of a verb, or a noun's plural: the spelling is the same.
pub(crate) fn with_s(word: &str) -> String {
    match word {
        "have" => "has".into(),
        "be" => "is".into(),
        _ if word.ends_with("ss")
            || word.ends_with("ch")
            || word.ends_with("sh")
            || word.ends_with(['x', 'o']) =>
        {
            format!("{word}es")
        }
        _ => match word.strip_suffix('y') {
            Some(stem) if stem.chars().last().is_some_and(|c| !vowel(c)) => format!("{stem}ies"),
            _ => format!("{word}s"),
        },
    }
}

/// Whether one insertion, removal, replacement or exchange of neighbours makes `a` of `b`.
pub(crate) fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a == b || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (ra, rb) = (&a[head..], &b[head..]);
    let tail = ra.iter().rev().zip(rb.iter().rev()).take_while(|(x, y)| x == y).count();
    let (ra, rb) = (&ra[..ra.len() - tail], &rb[..rb.len() - tail]);
    match (ra, rb) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([x, y], [v, w]) => x == w && y == v,
        _ => false,
    }
}

/// Words that frames and thesaurus are made of.
pub(crate) type WordSet = FxHashSet<String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_verbs() {
        for (base, ing, ed, s) in [
            ("delete", "deleting", "deleted", "deletes"),
            ("stop", "stopping", "stopped", "stops"),
            ("fix", "fixing", "fixed", "fixes"),
            ("need", "needing", "needed", "needs"),
            ("see", "seeing", "seed", "sees"),
            ("view", "viewing", "viewed", "views"),
            ("notify", "notifying", "notifyed", "notifies"),
        ] {
            assert_eq!(
                (with_ing(base).as_str(), with_ed(base).as_str(), with_s(base).as_str()),
                (ing, ed, s)
            );
        }
    }

    #[test]
    fn slips_of_the_finger() {
        assert!(one_slip("hepl", "help") && one_slip("nneed", "need") && one_slip("hlp", "help"));
        assert!(one_slip("halp", "help") && !one_slip("help", "help") && !one_slip("phelp1", "help"));
        assert!(!one_slip("ab", "cd") && !one_slip("", "ab") && one_slip("", "a"));
    }
}
