//! What a file is, by its first bytes; its name only helps where bytes leave room.

use crate::separator::{Shape, field_name, header_lines_at, is_known, judge, line_end};

/// How much of a file is looked at.
pub(crate) const HEAD: usize = 64 << 10;

/// What a file or member is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Empty,
    BlankLines,
    /// The first message starts at the offset.
    Mbox(usize),
    Mmdf(usize),
    Eml,
    Emlx,
    Gzip,
    Zstd,
    Zip,
    Tar,
    Utf16,
    /// The first CR that ends a line.
    CrOnly(usize),
    /// Something else, in words.
    Other(&'static str),
}

/// How much the surroundings speak for mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trust {
    /// Some file in a folder or container.
    Found,
    /// The user named this very file.
    Given,
}

const MAGIC: &[(&[u8], Form)] = &[
    (b"\x1f\x8b", Form::Gzip),
    (b"\x28\xb5\x2f\xfd", Form::Zstd),
    (b"PK\x03\x04", Form::Zip),
    (b"PK\x05\x06", Form::Zip),
    (b"PK\x07\x08", Form::Zip),
    (b"\xff\xd8\xff", Form::Other("it looks like a JPEG image")),
    (b"\x89PNG", Form::Other("it looks like a PNG image")),
    (b"GIF8", Form::Other("it looks like a GIF image")),
    (b"%PDF", Form::Other("it looks like a PDF document")),
    (b"!BDN", Form::Other("it looks like an Outlook .pst or .ost file; export it as mbox or .eml first")),
    (
        b"\xd0\xcf\x11\xe0",
        Form::Other("it looks like an Outlook .msg or an old Office file; save it as .eml first"),
    ),
    (b"SQLite format 3", Form::Other("it looks like an SQLite database")),
    (b"7z\xbc\xaf\x27\x1c", Form::Other("it looks like a 7z archive; unpack it first")),
    (b"Rar!", Form::Other("it looks like a RAR archive; unpack it first")),
    (b"BZh", Form::Other("it looks like bzip2 data; unpack it first")),
    (b"\xfd7zXZ", Form::Other("it looks like xz data; unpack it first")),
];

/// Extensions of files that are never looked into when they are met in a folder or container: exports of
/// whole accounts hold masses of them.
const NEVER_MAIL: &[&str] = &[
    "7z", "avi", "bmp", "bz2", "class", "css", "csv", "db", "doc", "docx", "exe", "gif", "heic", "htm",
    "html", "ico", "ics", "jar", "jpeg", "jpg", "js", "json", "m4a", "mov", "mp3", "mp4", "msf", "odp",
    "ods", "odt", "otf", "pdf", "png", "ppt", "pptx", "rar", "rdf", "sqlite", "svg", "tif", "tiff", "ttf",
    "vcf", "wav", "webm", "webp", "woff", "woff2", "xls", "xlsx", "xml", "xz",
];

/// The extension of a name, lower case; none for dot files.
pub(crate) fn extension(name: &str) -> Option<String> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let (stem, ext) = file.rsplit_once('.')?;
    (!stem.is_empty()).then(|| ext.to_ascii_lowercase())
}

/// Why a file met in a folder or container is passed over by its name alone.
pub(crate) fn passed_over_by_name(name: &str) -> Option<&'static str> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    if file.starts_with("._") || file == ".DS_Store" || name.contains("__MACOSX/") {
        return Some("macOS metadata");
    }
    if extension(name).is_some_and(|e| NEVER_MAIL.binary_search(&e.as_str()).is_ok()) {
        return Some("not mail by its name");
    }
    None
}

/// Whether a name says that a file is an mbox, whatever it starts with.
pub(crate) fn is_mbox_name(name: &str) -> bool {
    matches!(extension(name).as_deref(), Some("mbox" | "mbx"))
}

/// Whether a name says that a file is one message: `.eml`, or a number as in an MH folder.
pub(crate) fn is_message_name(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    extension(name).as_deref() == Some("eml")
        || (!file.is_empty() && file.bytes().all(|b| b.is_ascii_digit()))
}

/// Tells what a file is from its first [`HEAD`] bytes (all of it, if it is shorter).
pub(crate) fn sniff(head: &[u8], name: &str, trust: Trust) -> Form {
    if head.is_empty() {
        return Form::Empty;
    }
    if let Some((_, form)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return form.clone();
    }
    if is_tar(head) {
        return Form::Tar;
    }
    if is_utf16(head) {
        return Form::Utf16;
    }
    let ext = extension(name);
    let ext = ext.as_deref();
    if ext == Some("emlx") && crate::raw::cut(crate::Kind::Emlx, head).is_some() {
        return Form::Emlx;
    }
    let bom = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let first = bom + head[bom..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    if first == head.len() {
        return Form::BlankLines;
    }
    let text = &head[first..];
    if text.starts_with(b"\x01\x01\x01\x01\n") || text.starts_with(b"\x01\x01\x01\x01\r\n") {
        return Form::Mmdf(first);
    }
    let evidence = header_evidence(text);
    if memchr::memchr(b'\n', head).is_none()
        && let Some(cr) = memchr::memchr(b'\r', text)
        && (text.starts_with(b"From ") || field_name(text).is_some_and(is_known))
    {
        return Form::CrOnly(first + cr);
    }
    if text.starts_with(b"From ") && starts_mbox(text) {
        return Form::Mbox(first);
    }
    let file = name.rsplit('/').next().unwrap_or(name);
    let mbox_name = is_mbox_name(name);
    // Numbers without an extension are what an MH folder's messages are called.
    let may_be_mbox = mbox_name || (ext.is_none() && !file.bytes().all(|b| b.is_ascii_digit()));
    let eml_name = matches!(ext, Some("eml" | "emlx"));
    let is_mail = match trust {
        _ if eml_name => evidence.any > 0,
        Trust::Given => evidence.known > 1 || evidence.strong,
        Trust::Found => evidence.known > 1 && evidence.strong,
    };
    if is_mail && !mbox_name && !(may_be_mbox && first_separator(text).is_some()) {
        return Form::Eml;
    }
    if is_mail {
        // Headers first, separators later: the first message has lost its separator.
        return Form::Mbox(first);
    }
    if mbox_name && let Some(at) = first_separator(text) {
        return Form::Mbox(first + at);
    }
    if eml_name && memchr::memchr(0, text).is_none() {
        // Called a message and not binary: let it be reported as one without header rather than vanish.
        return Form::Eml;
    }
    match memchr::memchr(0, head) {
        Some(_) => Form::Other("it looks like binary data"),
        None => Form::Other("it starts neither with a mail header nor with a separator line"),
    }
}

/// Whether a file that starts with `From ` is an mbox. More is believed here than in the middle of one.
fn starts_mbox(text: &[u8]) -> bool {
    let judged = judge(text, 0, true);
    let after = header_lines_at(text, line_end(text, 0).1);
    judged.accept
        || judged.shape == Shape::Full
        || (judged.shape == Shape::Date && after.any > 0)
        || (judged.shape == Shape::Weak && after.known > 0)
        || after.known > 1
}

/// The first line that is beyond doubt a separator behind other text.
pub(crate) fn first_separator(text: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(text, b"\nFrom ").map(|n| n + 1).find(|&at| {
        let judged = judge(text, at, false);
        judged.accept
            && judged.shape == Shape::Full
            && judged.blank_before
            && header_lines_at(text, line_end(text, at).1).known > 1
    })
}

struct Evidence {
    any: usize,
    known: usize,
    /// A field that hardly anything but mail has.
    strong: bool,
}

fn header_evidence(text: &[u8]) -> Evidence {
    const STRONG: &[&[u8]] = &[
        b"from",
        b"received",
        b"message-id",
        b"return-path",
        b"delivered-to",
        b"mime-version",
        b"dkim-signature",
    ];
    let mut evidence = Evidence { any: 0, known: 0, strong: false };
    let mut at = 0;
    for _ in 0..100 {
        let Some(line) = text.get(at..).filter(|l| !l.is_empty()) else { break };
        match (line[0], field_name(line)) {
            (b'\r' | b'\n', _) => break,
            (b' ' | b'\t', _) if evidence.any > 0 => {}
            (_, Some(name)) => {
                evidence.any += 1;
                evidence.known += usize::from(is_known(name));
                evidence.strong |= STRONG.iter().any(|s| name.eq_ignore_ascii_case(s));
            }
            // Some messages have a stray line in their header.
            _ if evidence.any > 0 && line.starts_with(b">From ") => {}
            _ => break,
        }
        at = line_end(text, at).1;
    }
    evidence
}

fn is_utf16(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return true;
    }
    let pairs = head[..head.len().min(256)].chunks_exact(2);
    let n = pairs.len();
    let text = |b: u8| b == b'\t' || b == b'\n' || b == b'\r' || (32..127).contains(&b);
    let le = pairs.clone().filter(|p| text(p[0]) && p[1] == 0).count();
    let be = pairs.filter(|p| p[0] == 0 && text(p[1])).count();
    n >= 4 && le.max(be) * 10 >= n * 9
}

/// A tar header: its magic, or in archives older than that, its checksum.
fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.get(..512) else { return false };
    let sum: u32 =
        block.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum();
    let stored = block[148..156]
        .iter()
        .skip_while(|b| **b == b' ')
        .take_while(|b| (b'0'..=b'7').contains(*b))
        .fold(0u32, |n, b| n * 8 + u32::from(b - b'0'));
    block[0] != 0 && sum == stored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_mail_is_sorted_for_the_search() {
        assert!(NEVER_MAIL.is_sorted());
        assert_eq!(passed_over_by_name("a/B.JPG"), Some("not mail by its name"));
        assert_eq!(passed_over_by_name("__MACOSX/._x.eml"), Some("macOS metadata"));
        assert_eq!(passed_over_by_name("Inbox"), None);
    }

    #[test]
    fn text_with_colons_is_not_mail() {
        for text in ["name: x\nversion: 2\nsubject: y\n", "Dear all,\n", "Note: this\n\nSubject: that\n"] {
            assert!(matches!(sniff(text.as_bytes(), "x.txt", Trust::Found), Form::Other(_)), "{text}");
        }
        assert_eq!(sniff(b"From: a@example.com\nSubject: x\n\n", "x", Trust::Found), Form::Eml);
        assert_eq!(sniff(b"Subject: x\n\nhello", "x.eml", Trust::Found), Form::Eml);
    }

    #[test]
    fn prose_that_starts_with_from_is_not_an_mbox() {
        assert!(matches!(sniff(b"From here on\nit works\n", "x", Trust::Given), Form::Other(_)));
        assert_eq!(sniff(b"From \nFrom: a@example.com\nTo: b\n\n", "x", Trust::Found), Form::Mbox(0));
    }
}
