//! What stands below the author's words: the signature, and what others added.

use crate::delimiters::{delimited, is_delimiter};
use crate::fates::{Fates, Kind};
use crate::footers::footers;
use crate::headers::is_rule;
use crate::known::{Known, learned_tail};
use crate::lines::{Rows, State};
use crate::looks::{Closing, bare, closing, is_authors_name, is_code, is_dash_name, words};
use crate::phrases::phrases;
use crate::spoken::leaves_open;

/// Rows a signature without a delimiter may have.
pub(crate) const LONGEST: usize = 14;
/// Rows at a segment's end that are looked at.
const REACH: usize = 120;

/// The author's rows between two quotations, or above and below the only one.
pub(crate) struct Segment {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The first or the last of the mail, where signatures stand.
    pub(crate) outer: bool,
    /// Words of the author's stand above it in another segment.
    pub(crate) below_others: bool,
}

/// Takes away what stands below the author's words in a segment.
pub(crate) fn strip(rows: &Rows<'_>, fates: &mut Fates, segment: &Segment, known: &Known<'_>) {
    let mut end = segment.to;
    // Nobody signs more often; it bounds the time a strange body takes.
    for _ in 0..64 {
        let before = end;
        end = footers(rows, fates, segment, end);
        if let Some(cut) = delimited(rows, fates, segment, end) {
            end = cut;
            continue;
        }
        if let Some(tails) = known.tails
            && let Some(first) = (segment.from..end).find(|at| rows.state(*at) != State::Blank)
            && let Some(cut) = learned_tail(rows, first + 1, end, tails)
        {
            fates.remove(cut..end, Kind::Signature, "signature.learned");
            end = cut;
            if signs(rows, cut) {
                end = closing_above(rows, fates, segment, cut);
            }
            continue;
        }
        if segment.outer {
            end = undelimited(rows, fates, segment, end, known);
        }
        if end == before {
            return;
        }
    }
}

pub(crate) fn last_visible(rows: &Rows<'_>, from: usize, to: usize) -> Option<usize> {
    (from..to).rev().find(|at| rows.state(*at) != State::Blank)
}

/// The first row of the paragraph that ends with `last`.
pub(crate) fn paragraph_start(rows: &Rows<'_>, from: usize, last: usize) -> usize {
    let floor = from.max(last.saturating_sub(REACH));
    let goes_on = |at: &usize| rows.state(*at) != State::Blank && !rows.rows[*at].fenced;
    (floor..=last).rev().take_while(goes_on).last().unwrap_or(last)
}

/// Takes a signature that no delimiter announces; the new end.
fn undelimited(
    rows: &Rows<'_>,
    fates: &mut Fates,
    segment: &Segment,
    end: usize,
    known: &Known<'_>,
) -> usize {
    let (from, author) = (segment.from, known.author);
    let Some(first) = (from..end).find(|at| rows.state(*at) != State::Blank) else { return end };
    let Some(last) = last_visible(rows, from, end) else { return end };
    if rows.rows[last].fenced {
        return end;
    }
    // The closing word nearest to the end below which everything fits a signature.
    let mut seen = 0;
    let mut found = None;
    let mut contacts = 0;
    let mut blanks = 0;
    for at in (from..=last).rev() {
        if rows.state(at) == State::Blank {
            blanks += 1;
            if blanks > 20 {
                break;
            }
            continue;
        }
        if rows.rows[at].fenced {
            break;
        }
        if (at > first || segment.below_others)
            && let Some(closing) = rows.closing_row(at)
        {
            let below = seen;
            let name_below = below > 0 && {
                let next = (at + 1..=last).find(|at| rows.state(*at) != State::Blank).unwrap_or(last);
                rows.is_name(next)
                    || is_dash_name(rows.text(next))
                    || author.is_some_and(|author| is_authors_name(rows.text(next), author))
            };
            let good = match closing {
                Closing::Firm => below == 0 || name_below || contacts > 0,
                Closing::FirmWithName => below == 0 || contacts > 0 || below <= 3,
                Closing::Courtesy => name_below && (below <= 2 || contacts > 0),
                Closing::CourtesyWithName => below == 0 || contacts > 0,
            };
            if good {
                let rule = match closing {
                    Closing::Firm | Closing::FirmWithName => "signature.closing",
                    _ => "signature.thanks",
                };
                found = Some((at, rule));
                // "Thanks,\nBest regards,\nAnn": look one closing further up.
                if !matches!(closing, Closing::Firm) || below > 6 {
                    break;
                }
            }
        } else if found.is_some() {
            break;
        }
        if !rows.fits(at) {
            break;
        }
        contacts += usize::from(rows.is_contact(at));
        seen += 1;
        if seen > LONGEST {
            break;
        }
    }
    if let Some((at, rule)) = found {
        fates.remove(at..end, Kind::Signature, rule);
        return at;
    }
    if last == first && !segment.below_others {
        return end;
    }
    let text = rows.text(last);
    let above = last_visible(rows, from, last);
    if (is_dash_name(text) || author.is_some_and(|author| is_dashed_author(text, author)))
        && above.is_some_and(|above| {
            let above = rows.text(above);
            // The last of several items, or the only one of a list that was announced.
            let item = above.starts_with(['-', '\u{2013}', '\u{2014}', '~', '/', '*']);
            let heading = above.ends_with(':') && above.starts_with(char::is_alphanumeric);
            !item && !heading
        })
        // "- Gasket" is an item, unless its author may be called so; "-Ann" is a name.
        && (!text.contains("- ") || author.is_none_or(|author| may_be_called(text, author)))
    {
        fates.remove(last..end, Kind::Signature, "signature.dash-name");
        return last;
    }
    if let Some(author) = author
        && is_authors_name(text, author)
    {
        fates.remove(last..end, Kind::Signature, "signature.author");
        return closing_above(rows, fates, segment, last);
    }
    if author.is_some() && above.is_some_and(|above| is_lone_name(rows, first, above, last)) {
        fates.remove(last..end, Kind::Signature, "signature.name");
        fates.uncertain = true;
        return closing_above(rows, fates, segment, last);
    }
    let cut = contact_block(rows, fates, first, last, end, author);
    if cut < end && signs(rows, cut) { closing_above(rows, fates, segment, cut) } else { cut }
}

/// Whether a block begins with a name, below its delimiter if it has one.
fn signs(rows: &Rows<'_>, at: usize) -> bool {
    rows.state(at) == State::Text && rows.is_name(at)
}

/// Closing words right above a name that was taken away go with it: "Thanks in advance," in any language, for
/// nobody ends a sentence with a comma there.
fn closing_above(rows: &Rows<'_>, fates: &mut Fates, segment: &Segment, mut end: usize) -> usize {
    let first = (segment.from..end).find(|at| rows.state(*at) != State::Blank);
    // "Thanks,\nBest regards,\nAnn"
    for _ in 0..2 {
        let Some(above) = last_visible(rows, segment.from, end) else { break };
        let text = rows.text(above);
        let own = Some(above) != first || segment.below_others;
        let closes = rows.closing_row(above).is_some()
            || text.ends_with([',', '\u{3001}', '\u{ff0c}'])
                && rows.words(above) <= 6
                && !text.contains(['.', '?', '!', ':', ';'])
                && !text.contains(|c: char| c.is_ascii_digit());
        if !own || end - above > 3 || rows.rows[above].fenced || !closes {
            break;
        }
        fates.remove(above..end, Kind::Signature, "signature.closing-above");
        end = above;
    }
    end
}

/// A single capitalised word alone at the end, below whole sentences: a name, and no answer of one word.
fn is_lone_name(rows: &Rows<'_>, first: usize, above: usize, last: usize) -> bool {
    let text = bare(rows.text(last));
    let mut letters = text.chars();
    let name = letters.next().is_some_and(char::is_uppercase)
        && letters.clone().count() >= 1
        && letters.all(|c| c.is_lowercase() || matches!(c, '-' | '\'' | '\u{2019}'))
        && text.chars().count() <= 14;
    name && last - above >= 2
        && rows.text(above).ends_with(['.', '!', '?', ')'])
        && rows.words(above) + rows.words(first) >= 5
        && closing(text).is_none()
        && !phrases().is_answer(text)
        // What was spoken of above is spoken of again.
        && !(first..last).any(|at| {
            rows.text(at).split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case(text))
        })
}

/// A last paragraph, or a few, that is a name and ways to reach its bearer.
fn contact_block(
    rows: &Rows<'_>,
    fates: &mut Fates,
    first: usize,
    last: usize,
    end: usize,
    author: Option<&str>,
) -> usize {
    let mut best = None;
    let mut contacts = 0;
    let mut count = 0;
    let mut stop = last;
    for _ in 0..5 {
        let start = paragraph_start(rows, first, stop);
        let fit = (start..=stop).all(|at| {
            let text = rows.text(at);
            !rows.rows[at].fenced
                && (rows.is_picture(at) || !rows.is_prose(at) && !is_code(text) && rows.fits(at))
        });
        count += stop + 1 - start;
        if start <= first || !fit || count > LONGEST {
            break;
        }
        let here = (start..=stop).filter(|at| rows.is_contact(*at) || rows.is_picture(*at)).count();
        contacts += here;
        let head = rows.text(start);
        let named = author.is_some_and(|author| is_authors_name(head, author));
        let titled = rows.words(start) <= 12
            && !head.ends_with(['.', ':', '!'])
            && ([" | ", " - ", " \u{2013} ", ", "].iter().any(|mark| head.contains(mark)));
        let name = rows.is_name(start) && !head.ends_with(['.', '!']) || titled;
        // "You can reach him here:" makes a contact block part of what is said.
        let announced = last_visible(rows, first, start).is_some_and(|above| {
            let above = rows.text(above);
            above.ends_with(':') && words(above) > 1 || leaves_open(above)
        });
        let enough =
            named && (contacts >= 1 || count >= 2) || name && (contacts >= 2 || contacts >= 1 && count >= 3);
        if enough && !announced && count >= 2 && !rows.is_contact(start) {
            best = Some((start, named));
        }
        let Some(above) = last_visible(rows, first, start) else { break };
        if start - above > 4 {
            break;
        }
        stop = above;
    }
    match best {
        Some((start, named)) => {
            fates.remove(start..end, Kind::Signature, "signature.contact");
            fates.uncertain |= !named;
            start
        }
        None => end,
    }
}

/// "-- Ann, Example Kettles": the author's name behind dashes, and not much more.
fn is_dashed_author(text: &str, author: &str) -> bool {
    let rest = text.trim_start_matches(['-', '\u{2013}', '\u{2014}', '~', ' ']);
    let first = rest.split([' ', ',']).next().unwrap_or("");
    rest.len() < text.len() && words(rest) <= 6 && first.len() > 1 && is_authors_name(first, author)
}

/// Whether an author may sign with this name: one that begins as some part of his does, for nicknames mostly do.
fn may_be_called(text: &str, author: &str) -> bool {
    let initial = |text: &str| text.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_lowercase().next());
    let name = initial(text);
    author.split(|c: char| !c.is_alphanumeric()).any(|part| !part.is_empty() && initial(part) == name)
}

/// Whether a recurring tail may begin with this row: it must look like a signature or legal text, for people
/// also have sentences they like to end with.
pub(crate) fn may_begin_tail(rows: &Rows<'_>, at: usize, to: usize) -> bool {
    let text = rows.text(at);
    let visible = (at..to).filter(|at| rows.state(*at) != State::Blank).count();
    let strong = is_rule(text)
        || is_delimiter(rows.whole(at))
        || rows.is_contact(at)
        || rows.legal(at).opening
        || rows.is_picture(at);
    if strong {
        return true;
    }
    let sentence = text.ends_with(['.', '!', '?', ':', ';']) && rows.words(at) > 3;
    let fitting =
        rows.is_short(at) && !sentence && rows.words(at) <= 8 && !text.starts_with(['-', '*', '\u{2022}']);
    let evidence = (at..to).any(|at| {
        rows.is_contact(at)
            || rows.legal(at).opening
            || rows
                .closing_row(at)
                .is_some_and(|closing| matches!(closing, Closing::Firm | Closing::FirmWithName))
    });
    let below_fits = (at..to).all(|at| rows.state(at) == State::Blank || rows.is_short(at));
    fitting && visible >= 2 && (evidence || below_fits && rows.is_name(at))
}
