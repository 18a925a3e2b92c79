//! What the elements of an HTML mail say about its rows.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use threadfold_html::{Document, Marks};

use crate::attribution;
use crate::fates::{Fates, Kind};
use crate::headers;
use crate::lines::{Row, Rows, State};
use crate::shingles::{RowWords, Shingles};

/// The rows of a document, with its quotations told.
pub(crate) fn rows(document: &Document) -> Rows<'_> {
    let mut rows = Rows::of_document(document);
    mark_quotations(&mut rows);
    rows
}

/// What quotations stand in, and now and then the author's own citations.
const BOXES: Marks = Marks::BLOCKQUOTE.union(Marks::SIDE_RULED_BOX);

/// Tells the history's block quotes from the author's own.
fn mark_quotations(rows: &mut Rows<'_>) {
    // Whether history stands above matters to boxes alone, and once it was seen nothing more is asked.
    let boxed = |row: &Row| row.state != State::Blank && row.marks.intersects(BOXES);
    let behind_boxes = rows.rows.iter().rposition(boxed).map_or(0, |last| last + 1);
    let mut at = 0;
    let mut seen_history = false;
    while at < rows.len() {
        let row = rows.rows[at];
        if row.state == State::Blank {
            at += 1;
            continue;
        }
        if row.marks.contains(Marks::QUOTE) {
            rows.rows[at].state = State::Quoted;
            seen_history = true;
            at += 1;
            continue;
        }
        if !row.marks.intersects(BOXES) {
            seen_history |= row.marks.contains(Marks::ATTRIBUTION)
                || at < behind_boxes
                    && !seen_history
                    && (attribution::ending_at(rows, at, 0).is_some()
                        || headers::block_at(rows, at).is_some());
            at += 1;
            continue;
        }
        // A run of rows in block quotes.
        let mut end = at;
        while end < rows.len() && (rows.state(end) == State::Blank || rows.rows[end].marks.intersects(BOXES))
        {
            end += 1;
        }
        while end > at && rows.state(end - 1) == State::Blank {
            end -= 1;
        }
        let gmail = row.marks.contains(Marks::GMAIL);
        let cited =
            (at..end).all(|at| rows.state(at) == State::Blank || rows.rows[at].marks.contains(Marks::CITE));
        let alone = at == rows.next_visible(0).unwrap_or(0);
        let known = seen_history || (cited && !gmail);
        let told =
            (!known || alone) && (announced(rows, at, cited && !gmail) || opens_history(rows, at, end));
        // A mail that stands in a box drawn beside it and nowhere else is what was said.
        let drawn = !row.marks.contains(Marks::BLOCKQUOTE);
        if (known || told) && !(alone && (drawn || !told)) {
            for row in &mut rows.rows[at..end] {
                if row.state != State::Blank {
                    row.state = State::Quoted;
                }
            }
            seen_history = true;
        }
        at = end;
    }
}

/// Whether the row before the quotation at `at` names who is quoted.
fn announced(rows: &mut Rows<'_>, at: usize, cited: bool) -> bool {
    let Some(above) = (0..at).rev().find(|at| rows.state(*at) != State::Blank) else { return false };
    if rows.rows[above].marks.contains(Marks::ATTRIBUTION) {
        return true;
    }
    // Some lines are attributions only above a quotation: "On Monday Ann wrote:".
    let state = std::mem::replace(&mut rows.rows[at].state, State::Quoted);
    let found = attribution::ending_at(rows, above, 0);
    rows.rows[at].state = state;
    // "Ann said:" and a block quote of no mail program's are an author who cites.
    const WEAK: [&str; 3] = ["attribution.soft", "attribution.first-person", "attribution.before-quote"];
    found.is_some_and(|found| cited || !WEAK.contains(&found.rule))
}

/// Whether the quotation itself begins with who is quoted.
fn opens_history(rows: &Rows<'_>, at: usize, end: usize) -> bool {
    let Some(first) = (at..end).find(|at| rows.state(*at) != State::Blank) else { return false };
    headers::block_at(rows, first).is_some()
        || headers::marker(rows.text(first)).is_some_and(|(_, needs)| !needs)
        || attribution::begins(rows.text(first))
        || (first..end.min(first + 4))
            .any(|row| attribution::ending_at(rows, row, first).is_some_and(|found| found.from == first))
}

/// Takes away the author's rows that stand in a signature's element.
pub(crate) fn signatures(rows: &Rows<'_>, fates: &mut Fates) {
    let kept = |at: &usize, fates: &Fates| rows.state(*at) != State::Blank && !fates.is_gone(*at);
    let all = (0..rows.len()).filter(|at| kept(at, fates)).count();
    let signed = (0..rows.len())
        .filter(|at| kept(at, fates) && rows.rows[*at].marks.contains(Marks::SIGNATURE))
        .count();
    if signed == 0 {
        return;
    }
    if signed == all {
        // Everything stands in the signature's element: then it is not one.
        fates.uncertain = true;
        return;
    }
    for at in 0..rows.len() {
        if rows.rows[at].marks.contains(Marks::SIGNATURE) {
            fates.remove(at..at + 1, Kind::Signature, "signature.element");
        }
    }
}

/// What HTML holds that names a signature.
static SIGNATURE: LazyLock<[Finder<'static>; 1]> = LazyLock::new(|| ["ignature"].map(Finder::new));
/// What HTML holds that sets history apart.
static HISTORY: LazyLock<[Finder<'static>; 7]> = LazyLock::new(|| {
    ["quote", "cite", "RplyFwd", "appendonsend", "border-top", "border-left", "MessageHeader"]
        .map(Finder::new)
});

/// Whether the HTML form is worth its parsing, given what reading the plain one decided: where that is in
/// doubt, saw no history though the HTML has the signs of one, or no signature though the HTML names one.
pub(crate) fn may_settle(rows: &Rows<'_>, fates: &Fates, html: &str) -> bool {
    let holds = |signs: &[Finder<'_>]| signs.iter().any(|sign| sign.find(html.as_bytes()).is_some());
    let took = |wanted: Kind| fates.took(wanted);
    fates.uncertain
        || is_broken(rows, fates)
        || !took(Kind::Signature) && holds(&SIGNATURE[..])
        || !took(Kind::Quote) && holds(&HISTORY[..])
}

/// Whether rows that are kept stand right between quoted ones, the first of which is long: answers, or what a program
/// broke off the lines it quoted. The HTML has those whole.
fn is_broken(rows: &Rows<'_>, fates: &Fates) -> bool {
    const LONG: usize = 60;
    let mut below_long = false;
    let mut above = State::Blank;
    for (at, row) in rows.rows.iter().enumerate() {
        match row.state {
            State::Quoted if below_long && above == State::Text => return true,
            State::Quoted => below_long = row.end - row.first >= LONG,
            State::Text => below_long &= !fates.is_gone(at),
            State::Blank => below_long = false,
        }
        above = row.state;
    }
    false
}

/// Whether the document's elements, or quote marks in it, tell history or signature apart.
pub(crate) fn is_structured(rows: &Rows<'_>) -> bool {
    const TELLING: Marks = Marks::QUOTE
        .union(Marks::CITE)
        .union(Marks::CUT)
        .union(Marks::ATTRIBUTION)
        .union(Marks::SIGNATURE)
        .union(Marks::FORWARD);
    rows.rows.iter().any(|row| row.state == State::Quoted || row.marks.intersects(TELLING))
}

/// Words of one run that both forms of a mail must share.
const RUN: usize = 3;

/// Settles the fates of a plain text's rows by those of the HTML's: a row goes if the HTML has its words only
/// in what was taken away on its structure or its quote marks, and stays if the HTML has them only in what was kept.
/// Whether anything changed.
pub(crate) fn settle(rows: &Rows<'_>, fates: &mut Fates, shown: &Rows<'_>, told: &Fates) -> bool {
    const BY_STRUCTURE: Marks = Marks::QUOTE.union(Marks::CITE).union(Marks::CUT).union(Marks::SIGNATURE);
    let mut kept = Shingles::<RUN>::new();
    let mut history = Shingles::<RUN>::new();
    let mut signature = Shingles::<RUN>::new();
    let texts = |wanted: fn(Option<Kind>, &Row) -> bool| {
        (0..shown.len())
            .filter(move |at| wanted(told.get(*at).map(|(kind, _)| kind), &shown.rows[*at]))
            .map(|at| shown.text(at))
    };
    kept.add(texts(|fate, _| fate.is_none()));
    history.add(texts(|fate, row| {
        fate == Some(Kind::Quote) && (row.state == State::Quoted || row.marks.intersects(BY_STRUCTURE))
    }));
    signature.add(texts(|fate, row| fate == Some(Kind::Signature) && row.marks.contains(Marks::SIGNATURE)));
    // What `>` marks needs no second opinion.
    let doubtful = |at: usize| rows.state(at) == State::Text;
    let words = RowWords::of(rows, doubtful);
    let by_kept = kept.coverage_of(&words);
    let by_history = history.coverage_of(&words);
    let by_signature = signature.coverage_of(&words);
    own_quotations(rows, fates, shown, told);
    // What the plain text keeps elsewhere is not missing: greetings recur in the history.
    let mut there = Shingles::<RUN>::new();
    there.add((0..rows.len()).filter(|at| !fates.is_gone(*at)).map(|at| rows.text(at)));
    let by_there = there.coverage_of(&words);
    let mut changed = false;
    for at in 0..rows.len() {
        if rows.state(at) == State::Blank {
            continue;
        }
        // Below a quoted row a few words in common say little: the row may be what was broken off that one.
        let broken = at > 0 && rows.state(at - 1) != State::Blank && fates.is_gone(at - 1);
        let elsewhere =
            if broken { by_kept[at].covered * 2 >= by_kept[at].words } else { !by_kept[at].none() };
        match fates.get(at) {
            None if by_history[at].full() && !elsewhere => {
                fates.remove(at..at + 1, Kind::Quote, "html.history");
                changed = true;
            }
            None if by_signature[at].full() && by_kept[at].none() => {
                fates.remove(at..at + 1, Kind::Signature, "html.signature");
                changed = true;
            }
            Some((Kind::Quote | Kind::Signature, _))
                if doubtful(at)
                    && by_kept[at].full()
                    && !by_there[at].full()
                    && by_history[at].none()
                    && by_signature[at].none() =>
            {
                fates.restore(at);
                fates.uncertain = true;
            }
            _ => {}
        }
    }
    changed
}

/// Gives back what `>` marks in the plain form because it is indented in the HTML, where it is the author's own. Only
/// where nothing announces it.
fn own_quotations(rows: &Rows<'_>, fates: &mut Fates, shown: &Rows<'_>, told: &Fates) {
    let indented = |at: &usize| told.get(*at).is_none() && shown.rows[*at].marks.contains(Marks::BLOCKQUOTE);
    if fates.unannounced.is_empty() || !(0..shown.len()).any(|at| indented(&at)) {
        return;
    }
    let mut own = Shingles::<RUN>::new();
    own.add((0..shown.len()).filter(indented).map(|at| shown.text(at)));
    for run in std::mem::take(&mut fates.unannounced) {
        let covers = own.coverage(rows, run.clone(), |_| true);
        let words: usize = covers.iter().map(|cover| cover.words).sum();
        let same: usize = covers.iter().map(|cover| cover.covered).sum();
        if words > 0 && same * 10 >= words * 9 {
            run.for_each(|at| fates.restore(at));
            fates.uncertain = true;
        }
    }
}
