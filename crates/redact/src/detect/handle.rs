//! Names under which people are found on the net: "Skype: marta.l", "@marta_lamps", "my user name is …".

use super::{Hit, NameRole, Scan};
use crate::kind::Type;
use crate::lexicon::{context, flag, minor};
use crate::token::{gap, shape};

fn handle_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'_' | b'-' | b':' | b'#' | b'@' | b'+')
}

impl Scan<'_> {
    pub(super) fn handles(&mut self) {
        let said = self.last[context::HANDLE.trailing_zeros() as usize] as usize;
        for i in 0..said {
            if self.tokens[i].context & context::HANDLE != 0 && !self.tokens[i].looks(shape::TAKEN) {
                self.announced_handle(i);
            }
        }
        let bytes = self.text.as_bytes();
        for at in memchr::memchr_iter(b'@', bytes) {
            self.at_handle(at);
        }
    }

    pub(super) fn handle_hit(&mut self, start: usize, end: usize) {
        if start < end {
            self.hits.push(Hit {
                start: start as u32,
                end: end as u32,
                kind: Type::AccountId,
                role: NameRole::Handle,
            });
        }
    }

    /// What follows "Skype", "user name:", "Benutzername ist".
    fn announced_handle(&mut self, i: usize) {
        let mut k = i + 1;
        let mut sure = false;
        let mut apart = 0;
        let mut broken = false;
        loop {
            let Some(next) = self.token(k) else { return };
            let between = next.gap;
            // A line may end here; what stands below then has to look like nothing else.
            broken |= between & gap::NEWLINE != 0;
            if between & (gap::BLANK | gap::SEMI | gap::COMMA) != 0
                || between & gap::STOP != 0 && between & gap::SPACE != 0
                || next.looks(shape::TAKEN | shape::PLACEHOLDER)
            {
                return;
            }
            sure |= between & (gap::COLON | gap::EQ) != 0;
            let sign = self.byte((next.start as usize).wrapping_sub(1)) == b'@';
            let word = self.str(next);
            // "Skype ID: …": another word of the kind, "is", "(name)".
            let link = next.looks(minor::COPULA)
                || next.context & context::HANDLE != 0
                || matches!(word, "name" | "Name" | "ID" | "id" | "my" | "mein" | "I" | "am" | "account");
            if link
                && !sign
                && apart < 3
                && (!sure || next.context & context::HANDLE != 0 || next.looks(minor::COPULA))
                && matches!(self.byte(next.end as usize), b' ' | b':' | b'\n' | b'\r')
            {
                sure |= next.looks(minor::COPULA) && !matches!(word, "to" | "To");
                apart += 1;
                k += 1;
                continue;
            }
            break;
        }
        let next = self.tokens[k];
        let mut start = next.start as usize;
        let sign = self.byte(start.wrapping_sub(1)) == b'@';
        if sign {
            start -= 1;
        }
        let bytes = self.text.as_bytes();
        let mut end = next.end as usize;
        while end < bytes.len() && handle_byte(bytes[end]) && end - start < 64 {
            end += 1;
        }
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let value = self.text[start..end].trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        let bare = value.trim_start_matches('@');
        if bare.len() < 3 || value.contains("://") || !bare.bytes().any(|b| b.is_ascii_alphabetic()) {
            return;
        }
        let odd = sign
            || bare.bytes().any(|b| b.is_ascii_digit() || matches!(b, b'_' | b'#'))
            || bare.contains(['.', ':']) && bare.len() >= 6
            || bare.contains('-') && bare.bytes().any(|b| b.is_ascii_digit());
        let ordinary = next.is(flag::COMMON
            | flag::NO_PASSWORD
            | flag::CONNECT
            | flag::YOU
            | flag::OUR
            | flag::GREET
            | flag::INTRO)
            || next.looks(minor::ARTICLE)
            || next.context != 0
            || self.str(&next).len() <= 2 && !odd;
        let ends = {
            let after = self.text[start + value.len()..].trim_start_matches([')', '"', '\'', ' ']);
            after.is_empty()
                || after.starts_with(['.', ',', ';', '\n', '\r', '!', '?', '('])
                || sure && self.gap(i + 1) & (gap::COLON | gap::EQ) != 0
        };
        if odd && (sure || sign || k == i + 1) || sure && !ordinary && ends && !broken {
            self.handle_hit(start, start + value.len());
        }
    }

    /// "@mlindq" that is no mail address.
    fn at_handle(&mut self, at: usize) {
        let bytes = self.text.as_bytes();
        if at > 0
            && !(bytes[at - 1].is_ascii_whitespace()
                || matches!(bytes[at - 1], b'(' | b'[' | b'"' | b'\'' | b':' | b',' | b'/'))
        {
            return;
        }
        let mut end = at + 1;
        while end < bytes.len() && (bytes[end].is_ascii_alphanumeric() || matches!(bytes[end], b'_' | b'.')) {
            end += 1;
        }
        let value = self.text[at + 1..end].trim_end_matches('.');
        let end = at + 1 + value.len();
        let code = bytes.get(end).is_some_and(|b| matches!(b, b'(' | b'{' | b'@' | b'/' | b'='));
        if !(3..=30).contains(&value.len())
            || code
            || !value.as_bytes()[0].is_ascii_alphabetic() && value.as_bytes()[0] != b'_'
        {
            return;
        }
        let k = self.tokens.partition_point(|t| (t.end as usize) <= at);
        let near = self.tokens[k.saturating_sub(8)..self.tokens.len().min(k + 6)]
            .iter()
            .any(|t| t.context & context::HANDLE != 0);
        let mixed = value.bytes().any(|b| b.is_ascii_digit())
            && value.bytes().filter(u8::is_ascii_alphabetic).count() >= 3
            || value.contains('_') && value.bytes().filter(u8::is_ascii_lowercase).count() >= 4;
        let theirs =
            self.token(k).is_some_and(|t| t.end as usize == end && self.people.find(t.hash).is_some());
        if near || mixed || theirs {
            self.handle_hit(at, end);
        }
    }

    /// The name of somebody in the path of a page on a social network: `path` begins after the host at `at`.
    pub(super) fn social_path(&mut self, section: &str, path: &str, at: usize) {
        const PAGES: [&str; 40] = [
            "p",
            "reel",
            "reels",
            "explore",
            "watch",
            "share",
            "sharer",
            "sharer.php",
            "intent",
            "hashtag",
            "search",
            "login",
            "groups",
            "pages",
            "events",
            "help",
            "about",
            "legal",
            "policies",
            "stories",
            "tv",
            "s",
            "joinchat",
            "addstickers",
            "c",
            "i",
            "home",
            "features",
            "topics",
            "settings",
            "marketplace",
            "company",
            "jobs",
            "feed",
            "products",
            "results",
            "playlist",
            "embed",
            "tr",
            "itm",
        ];
        let mut segments = Vec::new();
        let mut from = at;
        for segment in path.split('/') {
            let name = segment.split(['?', '#', '&']).next().unwrap_or("");
            if !name.is_empty() {
                segments.push((from, name));
            }
            from += segment.len() + 1;
        }
        let Some(&(first_at, first)) = segments.first() else { return };
        let owners = [
            "in", "pub", "user", "users", "u", "id", "profiles", "profile", "people", "usr", "athletes",
            "channel",
        ];
        match section {
            "phone" => {
                let digits = first.bytes().filter(u8::is_ascii_digit).count();
                if digits >= 7 && first.bytes().all(|b| b.is_ascii_digit() || b == b'+') {
                    self.hit(first_at, first_at + first.len(), Type::Phone);
                }
            }
            "second" if owners.contains(&first) => {
                if let Some(&(at, name)) = segments.get(1) {
                    self.handle_hit(at, at + name.len());
                }
            }
            "first" | "second" => {
                let name = first.trim_start_matches(['@', '~']);
                let named = section == "first" || first.starts_with('@');
                if named && name.len() >= 3 && !PAGES.contains(&first) {
                    let at = first_at + first.len() - name.len();
                    self.handle_hit(at, at + name.len());
                }
            }
            _ => {}
        }
    }
}
