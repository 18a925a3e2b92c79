//! `phrases/facts.txt`, looked up by word.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// What a word (lower case, no apostrophes) can mean.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) weekday: FxHashMap<&'static str, u8>,
    pub(super) through: FxHashMap<&'static str, ()>,
    pub(super) unit: FxHashMap<&'static str, u32>,
    pub(super) minutes: FxHashMap<&'static str, ()>,
    pub(super) qualifier: FxHashMap<&'static str, ()>,
    pub(super) number: FxHashMap<&'static str, u32>,
    pub(super) currency: FxHashMap<&'static str, &'static str>,
    pub(super) percent: FxHashMap<&'static str, ()>,
    pub(super) percent_two: FxHashMap<&'static str, ()>,
    pub(super) street: FxHashMap<&'static str, &'static str>,
    pub(super) street_first: FxHashMap<&'static str, &'static str>,
    pub(super) street_end: Vec<&'static str>,
    pub(super) yes: FxHashMap<&'static str, ()>,
    /// The first words of those that are several.
    pub(super) yes_first: FxHashMap<&'static str, ()>,
    pub(super) no: FxHashMap<&'static str, ()>,
    pub(super) condition: FxHashMap<&'static str, ()>,
}

pub(super) static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut all = Lists::default();
    for line in include_str!("../../phrases/facts.txt").lines().filter(|l| !l.starts_with('#')) {
        let mut columns = line.splitn(3, '\t');
        let (Some(kind), Some(value), Some(forms)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        let number = value.parse::<u32>().unwrap_or(0);
        for form in forms.split(" | ") {
            match kind {
                "weekday" => _ = all.weekday.insert(form, number as u8),
                "through" => _ = all.through.insert(form, ()),
                "unit" => _ = all.unit.insert(form, number),
                "minutes" => _ = all.minutes.insert(form, ()),
                "qualifier" => _ = all.qualifier.insert(form, ()),
                "number" => _ = all.number.insert(form, number),
                "currency" => _ = all.currency.insert(form, value),
                "percent" => _ = all.percent.insert(form, ()),
                "percent_two" => _ = all.percent_two.insert(form, ()),
                "street" => _ = all.street.insert(form, value),
                "street_first" => _ = all.street_first.insert(form, value),
                "street_end" => all.street_end.push(form),
                "yes" => {
                    all.yes.insert(form, ());
                    all.yes_first.extend(form.split_once(' ').map(|(first, _)| (first, ())));
                }
                "no" => _ = all.no.insert(form, ()),
                "condition" => _ = all.condition.insert(form, ()),
                _ => {}
            }
        }
    }
    all
});

/// The text's words without those that only say yes or no.
pub(crate) fn without_yes_no(text: &str) -> String {
    let mut word = String::new();
    let keep = |w: &&str| {
        word.clear();
        if w.bytes().all(|b| b.is_ascii_alphanumeric()) {
            word.push_str(w);
            word.make_ascii_lowercase();
        } else {
            word.extend(w.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
        }
        !LISTS.yes.contains_key(word.as_str()) && !LISTS.no.contains_key(word.as_str())
    };
    text.split_whitespace().filter(keep).collect::<Vec<_>>().join(" ")
}
