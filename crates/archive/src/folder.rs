//! The name of a mailbox folder, from where a file lies.

use crate::sniff::extension;
use crate::source::Kind;

/// Endings that say how a mailbox is stored, not what it is called.
const STORAGE: &[&str] =
    &["mbox", "mbx", "mmdf", "mbs", "sbd", "gz", "zst", "zip", "tar", "tgz", "txt", "imapmbox"];

/// A file or folder name without its endings.
pub(crate) fn stem(name: &str) -> &str {
    let mut stem = name;
    while let Some(ext) = extension(stem)
        && STORAGE.contains(&ext.as_str())
    {
        stem = &stem[..stem.len() - ext.len() - 1];
    }
    stem
}

/// The folder of a source at `path` (levels separated by `/`, below what was given); `root` is the name of what
/// was given, for messages that lie directly in it.
pub(crate) fn folder_of(root: &str, path: &str, kind: Kind) -> String {
    let mut levels: Vec<&str> = path.split('/').filter(|l| !l.is_empty() && *l != ".").collect();
    let file = levels.pop().unwrap_or("");
    match kind {
        Kind::Maildir => {
            levels.pop(); // cur or new
            // Maildir++: `.Sent.2023` beside cur and new is a folder at that level's name.
            if let Some(i) = levels.iter().rposition(|l| l.starts_with('.') && l.len() > 1) {
                let mut name = levels[i][1..].to_owned();
                for level in &levels[i + 1..] {
                    name.push('/');
                    name.push_str(level);
                }
                return name;
            }
            levels.retain(|l| !l.eq_ignore_ascii_case("maildir"));
            if levels.is_empty() {
                let root = stem(root);
                let generic = root.is_empty() || root.eq_ignore_ascii_case("maildir");
                return if generic { "INBOX" } else { root.strip_prefix('.').unwrap_or(root) }.to_owned();
            }
        }
        Kind::Mbox(_) | Kind::Mmdf => {
            // An Apple Mail export: the folder carries the name.
            let package =
                file == "mbox" && (levels.is_empty() || levels.last().is_some_and(|l| l.ends_with(".mbox")));
            if !package {
                levels.push(file);
            }
        }
        Kind::Eml => {}
        Kind::Emlx => {
            // Apple Mail's store: below `Sent.mbox` come folders named by numbers only.
            if let Some(i) = levels.iter().rposition(|l| l.ends_with(".mbox") || l.ends_with(".imapmbox")) {
                levels.truncate(i + 1);
            }
        }
    }
    if levels.is_empty() {
        return stem(root).to_owned();
    }
    levels.iter().map(|l| stem(l)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;

    #[test]
    fn folders_are_named_as_people_know_them() {
        let mbox = Kind::Mbox(Dialect::Unknown);
        for (root, path, kind, want) in [
            ("Sent.mbox", "Sent.mbox", mbox, "Sent"),
            ("export", "Inbox.sbd/Orders", mbox, "Inbox/Orders"),
            ("Archive.mbox", "mbox", mbox, "Archive"),
            ("export", "Archive.mbox/mbox", mbox, "Archive"),
            ("takeout.zip", "Takeout/Mail/Sent.mbox", mbox, "Takeout/Mail/Sent"),
            ("2005-January.txt.gz", "2005-January.txt.gz", mbox, "2005-January"),
            ("Maildir", "cur/1:2,S", Kind::Maildir, "INBOX"),
            ("Maildir", ".INBOX.Trash/cur/1:2,S", Kind::Maildir, "INBOX.Trash"),
            ("support", "Sent/new/1", Kind::Maildir, "Sent"),
            ("support", "cur/1", Kind::Maildir, "support"),
            ("Sent Items", "1.eml", Kind::Eml, "Sent Items"),
            ("export", "Sent Items/2023/1.eml", Kind::Eml, "Sent Items/2023"),
            ("V10", "A/Sent.mbox/0F/Data/1/Messages/7.emlx", Kind::Emlx, "A/Sent"),
        ] {
            assert_eq!(folder_of(root, path, kind), want, "{path}");
        }
    }
}
