//! Names and addresses in Chinese, Japanese and Korean. A token there is a phrase: what names somebody is
//! found by the words around it ("様", "我叫", "입니다") and ends where they stand.

use super::{NameRole, Scan};
use crate::east::{Mark, Tongue};
use crate::kind::Type;
use crate::lexicon::context;
use crate::token::{gap, shape};

fn kanji(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '々' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}')
}

fn katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | 'ー')
}

fn hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

/// Bytes of the longest end of `text` whose letters all fit, at most `most` letters.
fn tail(text: &str, most: usize, fits: impl Fn(char) -> bool) -> &str {
    let from = text
        .char_indices()
        .rev()
        .take(most)
        .take_while(|(_, c)| fits(*c))
        .last()
        .map_or(text.len(), |(at, _)| at);
    &text[from..]
}

impl Scan<'_> {
    pub(super) fn east(&mut self) {
        for i in 0..self.tokens.len() {
            let token = self.tokens[i];
            if !token.looks(shape::EAST) || token.looks(shape::TAKEN) {
                continue;
            }
            self.east_names(i);
            self.east_address(i);
        }
        for i in 0..self.tokens.len() {
            self.east_date(i);
        }
    }

    fn east_names(&mut self, i: usize) {
        let token = self.tokens[i];
        let text = self.str(&token);
        let start = token.start as usize;
        let east = self.lexicon.east();
        let marks: Vec<(Mark, usize, usize)> = east.marks(text).collect();
        for &(mark, from, to) in &marks {
            match mark {
                Mark::Honorific if from == 0 => {
                    // "田中 様"
                    let apart =
                        i > 0 && self.gap(i) & !gap::SPACE == 0 && self.tokens[i - 1].looks(shape::EAST);
                    if apart && (to == text.len() || !kanji(text[to..].chars().next().unwrap_or(' '))) {
                        let before = self.tokens[i - 1];
                        let name = self.str(&before);
                        if (1..=5).contains(&name.chars().count())
                            && name.chars().all(|c| kanji(c) || katakana(c) || hangul(c))
                        {
                            self.east_name(before.start as usize, before.end as usize, NameRole::Mentioned);
                        }
                    }
                }
                Mark::Honorific => {
                    let name = self.honoured(&text[..from], &text[from..to]);
                    if !name.is_empty() && !east.nobody(name) {
                        let at = start + from - name.len();
                        // "田中 美咲様": the surname stands before the space.
                        let mut first = at;
                        if at == start
                            && i > 0
                            && self.gap(i) == gap::SPACE
                            && self.tokens[i - 1].looks(shape::EAST)
                        {
                            let before = self.tokens[i - 1];
                            let surname = self.str(&before);
                            if surname.chars().count() <= 4
                                && surname.chars().all(|c| kanji(c) || katakana(c))
                            {
                                first = before.start as usize;
                            }
                        }
                        self.east_name(first, start + from, NameRole::Mentioned);
                    }
                }
                Mark::Intro => {
                    let rest = &text[to..];
                    if rest.is_empty() {
                        // "姓名:陈静"
                        if self.gap(i + 1) & gap::COLON != 0
                            && self.token(i + 1).is_some_and(|t| t.looks(shape::EAST))
                        {
                            let next = self.tokens[i + 1];
                            if let Some(size) = self.full_name(self.str(&next), true) {
                                let at = next.start as usize;
                                self.east_name(at, at + size, NameRole::Mentioned);
                            }
                        }
                    } else if let Some(size) = self.full_name(rest, rest.chars().count() <= 4) {
                        let at = start + to;
                        self.east_name(at, at + size, NameRole::Mentioned);
                    }
                }
                Mark::Closing if from == 0 => self.closed_name(i),
                Mark::Closing => {
                    let left = &text[..from];
                    let name = tail(left, 6, |c| kanji(c) || katakana(c));
                    let closing = &text[from..to];
                    let humble = closing.starts_with('と');
                    let surname = east.surname(Tongue::Japanese, name);
                    let japanese = !name.is_empty()
                        && (humble && name.chars().count() >= 2
                            || surname.is_some()
                                && name.chars().count() <= 5
                                && (name.len() == left.len()
                                    || left.ends_with(&format!("は{name}"))
                                    || left.ends_with(&format!("の{name}"))));
                    let korean = tail(left, 4, hangul);
                    if japanese {
                        self.east_name(start + from - name.len(), start + from, NameRole::Writer);
                    } else if korean.len() == left.len()
                        && self.full_name(left, true) == Some(left.len())
                        && left.chars().count() >= 3
                    {
                        self.east_name(start, start + from, NameRole::Writer);
                    }
                }
                _ => {}
            }
        }
        // A line that is a name: the end of a mail.
        let alone = self.gap(i) & (gap::NEWLINE | gap::START) != 0
            && self.gap(i + 1) & (gap::NEWLINE | gap::START) != 0
            && i + 3 >= self.tokens.len()
            && marks.is_empty();
        let letters = text.chars().count();
        if alone
            && (east.surname(Tongue::Japanese, text).is_some()
                && letters <= 5
                && text.chars().all(|c| kanji(c) || katakana(c))
                || letters >= 3 && self.full_name(text, true) == Some(text.len()))
        {
            self.east_name(start, token.end as usize, NameRole::Writer);
        }
    }

    /// "김민수 드림": the name stands before the space.
    fn closed_name(&mut self, i: usize) {
        if i == 0 || self.gap(i) & !gap::SPACE != 0 || !self.tokens[i - 1].looks(shape::EAST) {
            return;
        }
        let before = self.tokens[i - 1];
        let name = self.str(&before);
        if self.full_name(name, true) == Some(name.len()) {
            self.east_name(before.start as usize, before.end as usize, NameRole::Writer);
        }
    }

    fn east_name(&mut self, start: usize, end: usize, role: NameRole) {
        self.name_bytes(start, end, role);
    }

    /// The name at the end of `left` that an honorific follows.
    fn honoured<'t>(&self, left: &'t str, honorific: &str) -> &'t str {
        let east = self.lexicon.east();
        let japanese = honorific.chars().all(|c| !kanji(c) && !hangul(c))
            || matches!(honorific, "様" | "殿" | "氏" | "君");
        if japanese {
            let run = tail(left, 6, kanji);
            return if run.is_empty() { tail(left, 8, katakana) } else { run };
        }
        if honorific.chars().all(hangul) {
            let run = tail(left, 4, hangul);
            let letters = run.chars().count();
            let short = tail(left, 3, hangul);
            for name in [run, short] {
                if (2..=4).contains(&name.chars().count())
                    && (name.len() == left.len() || letters < 4)
                    && east.surname(Tongue::Korean, name).is_some()
                {
                    return name;
                }
            }
            return "";
        }
        // Chinese: a surname and no, one or two letters, the longest that begins with a surname.
        for letters in [4, 3, 2, 1] {
            let name = tail(left, letters, kanji);
            if name.chars().count() == letters
                && let Some(size) = east.surname(Tongue::Chinese, name)
                && (letters < 4 || size > 3)
            {
                return name;
            }
        }
        ""
    }

    /// Bytes of a full name at the start of `text`: a surname and one or two letters more, all of the text or
    /// (unless `whole`) its beginning.
    fn full_name(&self, text: &str, whole: bool) -> Option<usize> {
        let east = self.lexicon.east();
        let first = text.chars().next()?;
        if hangul(first) {
            let size = east.surname(Tongue::Korean, text)?;
            let letters = text.chars().count();
            return (text.chars().all(hangul)
                && (2..=4).contains(&letters)
                && text.len() > size
                && letters <= if size > 3 { 4 } else { 3 }
                && letters >= 3)
                .then_some(text.len());
        }
        if !kanji(first) {
            return None;
        }
        let run = text.chars().take_while(|c| kanji(*c)).count();
        let bytes = |n: usize| text.chars().take(n).map(char::len_utf8).sum::<usize>();
        if let Some(size) = east.surname(Tongue::Japanese, text) {
            let surname = text[..size].chars().count();
            if surname >= 2 && run <= surname + 3 && whole {
                return Some(bytes(run));
            }
        }
        let size = east.surname(Tongue::Chinese, text)?;
        let surname = text[..size].chars().count();
        let given = run - surname;
        (whole && (1..=2).contains(&given) && run == text.chars().count()).then_some(bytes(run))
    }

    /// Addresses: "東京都渋谷区神宮前1-2-3", "北京市朝阳区建国路88号", "서울특별시 강남구 테헤란로 152".
    fn east_address(&mut self, i: usize) {
        let token = self.tokens[i];
        let text = self.str(&token);
        let start = token.start as usize;
        if text.chars().any(hangul) {
            return self.korean_address(i);
        }
        let east = self.lexicon.east();
        let prefecture = east.marks(text).find(|(m, ..)| *m == Mark::Prefecture).map(|(_, from, _)| from);
        let digits_follow = self.token(i + 1).is_some_and(|t| t.looks(shape::DIGIT))
            && self.gap(i + 1) & !(gap::SCRIPT | gap::SPACE) == 0;
        // "〒150-0001" may stand before it.
        let postal = i >= 2
            && self.tokens[i - 1].digits()
            && self.tokens[i - 1].len() == 4
            && self.tokens[i - 2].digits()
            && self.tokens[i - 2].len() == 3
            && self.gap(i - 1) & gap::HYPHEN != 0
            && (self.text[..self.tokens[i - 2].start as usize].ends_with('〒')
                || prefecture.is_some()
                || text.contains(['市', '区', '町', '村', '郡']));
        let postal_start = postal.then(|| {
            let at = self.tokens[i - 2].start as usize;
            if self.text[..at].ends_with('〒') { at - '〒'.len_utf8() } else { at }
        });
        let street = text.ends_with([
            '路', '街', '道', '巷', '弄', '村', '区', '區', '院', '町', '丁', '里', '段', '園', '园', '苑',
            '寺', '前', '谷', '田', '原', '山', '川', '島', '北', '南', '東', '西',
        ]);
        let parts = text
            .matches([
                '省', '市', '区', '區', '县', '縣', '镇', '鎮', '乡', '路', '街', '巷', '町', '村', '郡',
            ])
            .count();
        let next_mark = self.token(i + 2).is_some_and(|t| {
            self.str(t)
                .starts_with(['号', '號', '弄', '栋', '棟', '楼', '樓', '室', '院', '单', '丁', '番', '层'])
        });
        let found = prefecture.is_some() || postal || digits_follow && street && (next_mark || parts >= 2);
        if !found {
            return;
        }
        // The words before the place: "收货地址是", "住所は".
        let from = prefecture.unwrap_or_else(|| {
            let cut = ['是', '在', '到', '于', '址', '为', '住', '寄', 'は', 'に', 'の']
                .iter()
                .filter_map(|c| text.rfind(*c).map(|at| at + c.len_utf8()))
                .filter(|at| *at < text.len())
                .max();
            cut.unwrap_or(0)
        });
        let begin = if from == 0 || prefecture.is_some() {
            postal_start.filter(|_| prefecture.unwrap_or(0) == 0).unwrap_or(start + from)
        } else {
            start + from
        };
        let mut end = self.east_part_end(i, from);
        let mut k = i + 1;
        while k < self.tokens.len() && k - i < 16 && end == self.tokens[k - 1].end as usize {
            let next = self.tokens[k];
            let glued = next.gap & !(gap::SCRIPT | gap::HYPHEN | gap::OTHER) == 0 && self.gap_len(k) <= 3;
            let spaced = next.gap & !(gap::SPACE | gap::COMMA) == 0 && self.gap_len(k) <= 3;
            if next.looks(shape::DIGIT) && (glued || spaced) && next.len() <= 5 {
                end = next.end as usize;
            } else if next.looks(shape::EAST) && (glued || spaced && self.building(k)) {
                end = self.east_part_end(k, 0);
            } else {
                break;
            }
            k += 1;
        }
        self.hit(begin, end, Type::Address);
    }

    /// "メゾン青山201": the name of a house after a space.
    fn building(&self, k: usize) -> bool {
        let numbered = self.token(k + 1).is_some_and(|t| t.looks(shape::DIGIT) && t.gap & !gap::SCRIPT == 0);
        self.gap(k) & gap::COMMA == 0 && (numbered || self.str(&self.tokens[k]).chars().all(katakana))
    }

    /// Where the part of an address in token `k` ends: before the words that close the sentence.
    fn east_part_end(&self, k: usize, from: usize) -> usize {
        let token = self.tokens[k];
        let text = self.str(&token);
        let stop =
            ["です", "でご", "に", "へ", "まで", "は", "が", "を", "から", "的", "请", "，", "收", "电话"]
                .iter()
                .filter_map(|w| text[from..].find(w))
                .min()
                .map_or(text.len(), |at| from + at);
        token.start as usize + stop
    }

    fn korean_address(&mut self, i: usize) {
        const AREA: [char; 7] = ['시', '도', '구', '군', '읍', '면', '동'];
        let token = self.tokens[i];
        let text = self.str(&token);
        let street = text.ends_with(['로', '길', '동', '가', '리']) && text.chars().count() >= 2;
        let number = self.token(i + 1).is_some_and(|t| t.looks(shape::DIGIT) && t.len() <= 5)
            && self.gap(i + 1) & !(gap::SPACE | gap::SCRIPT) == 0;
        if !street || !number {
            return;
        }
        let mut from = i;
        while from > 0
            && i - from < 5
            && self.gap(from) == gap::SPACE
            && self.tokens[from - 1].looks(shape::EAST)
            && self.str(&self.tokens[from - 1]).ends_with(AREA)
        {
            from -= 1;
        }
        let told = self.tokens[i.saturating_sub(6)..i].iter().any(|t| t.context & context::ADDRESS != 0);
        if from == i && !told {
            return;
        }
        let mut end = i + 1;
        while let Some(next) = self.token(end + 1) {
            let near = next.gap & !(gap::SPACE | gap::COMMA | gap::HYPHEN | gap::SCRIPT) == 0
                && self.gap_len(end + 1) <= 2;
            let unit = next.looks(shape::EAST)
                && self.str(next).starts_with(['호', '층', '동', '번'])
                && next.gap & gap::SCRIPT != 0;
            if !(near && (next.digits() && next.len() <= 5 || unit)) || end - i > 8 {
                break;
            }
            end += 1;
        }
        let last = self.tokens[end];
        let mut stop = last.end as usize;
        if last.looks(shape::EAST) {
            stop = last.start as usize + self.str(&last).chars().next().map_or(0, char::len_utf8);
        }
        self.hit(self.tokens[from].start as usize, stop, Type::Address);
    }

    /// "1988年5月3日", "1988년 5월 3일" after a word for birth.
    fn east_date(&mut self, i: usize) {
        let is = |k: usize, letters: [char; 2]| {
            self.token(k).is_some_and(|t| t.looks(shape::EAST) && self.str(t).starts_with(letters))
        };
        let digits = |k: usize| self.token(k).is_some_and(|t| t.digits() && t.len() <= 4);
        let whole = digits(i)
            && is(i + 1, ['年', '년'])
            && digits(i + 2)
            && is(i + 3, ['月', '월'])
            && digits(i + 4)
            && is(i + 5, ['日', '일']);
        let told = self.tokens[i.saturating_sub(4)..i].iter().any(|t| t.context & context::DOB != 0);
        if whole && told {
            let last = self.tokens[i + 5];
            let end = last.start as usize + self.str(&last).chars().next().map_or(0, char::len_utf8);
            self.hit(self.tokens[i].start as usize, end, Type::Dob);
        }
    }
}
