//! What a folder's or label's name says about the mail in it.

use crate::charset;
use crate::phrases::section;
use crate::words::decode_words;
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;
use std::sync::LazyLock;
use threadfold_core::Hints;

static FOLDERS: LazyLock<HashMap<&'static str, Hints, FxBuildHasher>> = LazyLock::new(|| {
    let file = include_str!("../phrases/folders.txt");
    let mut names = HashMap::default();
    for (name, hint) in
        [("spam", Hints::SPAM), ("trash", Hints::TRASH), ("drafts", Hints::DRAFT), ("sent", Hints::SENT)]
    {
        for entry in section(file, name) {
            *names.entry(entry).or_insert(Hints::empty()) |= hint;
        }
    }
    names
});

/// SPAM, TRASH, DRAFT or SENT if a component of the folder's path is such a folder's name in one of the
/// main languages; also for labels.
///
/// The path is the folder's within the archive, with `/`, `\` or (Maildir++) `.` between components, and
/// may be spelled in IMAP's modified UTF-7. A component counts as a whole ("Spam", "Sent 2019", but not
/// "Spam filter project").
///
/// ```
/// use threadfold_core::Hints;
/// use threadfold_message::folder_hints;
/// assert_eq!(folder_hints("[Gmail]/Papierkorb"), Hints::TRASH);
/// assert_eq!(folder_hints("INBOX.Entw&APw-rfe"), Hints::DRAFT);
/// assert_eq!(folder_hints("Orders/2024"), Hints::empty());
/// ```
pub fn folder_hints(folder: &str) -> Hints {
    let mut hints = Hints::empty();
    if folder.is_empty() || folder.eq_ignore_ascii_case("inbox") {
        return hints;
    }
    for component in folder.split(['/', '\\']) {
        hints |= name_hints(component);
        if component.contains('.') {
            component.split('.').for_each(|c| hints |= name_hints(c));
        }
    }
    hints
}

fn name_hints(name: &str) -> Hints {
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '[' | ']' | '.' | '_'));
    if name.is_empty() || name.len() > 100 {
        return Hints::empty();
    }
    // Most names are ASCII, and short.
    let mut buffer = [0; 100];
    let owned;
    let plain = match buffer.get_mut(..name.len()) {
        Some(lower) if name.is_ascii() && !name.contains('&') => {
            lower.copy_from_slice(name.as_bytes());
            lower.make_ascii_lowercase();
            std::str::from_utf8(lower).unwrap_or("")
        }
        _ => {
            owned = if name.contains('&') {
                charset::utf7(name.as_bytes(), b'&', b',').0.to_lowercase()
            } else {
                name.to_lowercase()
            };
            &owned
        }
    };
    if let Some(h) = FOLDERS.get(plain) {
        return *h;
    }
    // "Sent-2019", "Spam (2)"
    let stem =
        plain.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || "-_()".contains(c));
    if stem.len() == plain.len() && !stem.contains('_') {
        return Hints::empty();
    }
    FOLDERS.get(stem.replace('_', " ").as_str()).copied().unwrap_or_default()
}

/// Hints of an `X-Gmail-Labels` value: labels with commas between them, quoted if they hold one, in the
/// language of the account, as encoded words if that is not ASCII.
pub(crate) fn label_hints(value: &[u8]) -> Hints {
    let text = decode_words(value);
    let mut hints = Hints::empty();
    let (mut start, mut quoted) = (0, false);
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                hints |= name_hints(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    hints | name_hints(&text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_in_many_languages() {
        for (name, want) in [
            ("Spam", Hints::SPAM),
            ("Junk E-mail", Hints::SPAM),
            (".Junk", Hints::SPAM),
            ("Takeout/Mail/Spam.mbox", Hints::SPAM),
            ("Gesendete Elemente", Hints::SENT),
            ("Sent.mbox", Hints::SENT),
            ("Sent-2019", Hints::SENT),
            ("INBOX.Sent_Items", Hints::SENT),
            ("Corbeille", Hints::TRASH),
            ("Éléments supprimés", Hints::TRASH),
            ("Brouillons", Hints::DRAFT),
            ("Черновики", Hints::DRAFT),
            ("ゴミ箱", Hints::TRASH),
            ("Lixeira", Hints::TRASH),
            ("Spam filter project", Hints::empty()),
            ("Presents", Hints::empty()),
            ("INBOX", Hints::empty()),
            ("", Hints::empty()),
        ] {
            assert_eq!(folder_hints(name), want, "{name}");
        }
    }

    #[test]
    fn labels_are_read_one_by_one() {
        assert_eq!(label_hints(b"Inbox,Important"), Hints::empty());
        assert_eq!(label_hints(b"Important,\"Spam, maybe\",Sent"), Hints::SENT);
        assert_eq!(label_hints(b"=?UTF-8?Q?Entw=C3=BCrfe,Gesendet?="), Hints::DRAFT | Hints::SENT);
    }
}
