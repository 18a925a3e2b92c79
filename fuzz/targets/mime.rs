//! Trees of parts written here, with known texts: exactly these come back.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use threadfold_message::BodyReader;

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Encoding {
    Bits,
    Quoted,
    Base64,
    /// Base64 in lines of odd lengths.
    Ragged(u8),
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Charset {
    Utf8,
    /// UTF-8 that nothing announces.
    Unsaid,
    Latin1,
    Cp1252,
}

#[derive(Arbitrary, Debug)]
enum Word {
    Plain(u8),
    Accent(u8),
    Dash,
    Quote,
    Spaces(u8),
    Equals,
    From,
    Long(u8),
}

#[derive(Arbitrary, Debug)]
struct Text {
    lines: Vec<Vec<Word>>,
    encoding: Encoding,
    charset: Charset,
}

#[derive(Arbitrary, Debug)]
enum Node {
    Text(Text),
    Image(Vec<u8>),
    Attached(u8),
    Mixed(Vec<Node>),
    Related(Vec<Node>),
    Alternative(Text),
    Signed(Box<Node>),
}

#[derive(Arbitrary, Debug)]
struct Message {
    crlf: bool,
    /// Boundaries without quotation marks, with comments and odd case in the fields.
    style: u8,
    preamble: bool,
    epilogue: bool,
    root: Node,
}

struct Writer<'m> {
    message: &'m Message,
    out: Vec<u8>,
    texts: Vec<String>,
    boundaries: usize,
    budget: usize,
}

fn words(text: &Text) -> String {
    let mut out = String::new();
    for line in text.lines.iter().take(8) {
        for word in line.iter().take(12) {
            match word {
                Word::Plain(n) => out += &format!("word{n} "),
                Word::Accent(n) => out.push(char::from(0xc0 + n % 0x3f)),
                Word::Dash => out += "--",
                Word::Quote => out += "> ",
                Word::Spaces(n) => out += &" ".repeat(usize::from(n % 5)),
                Word::Equals => out += "=3D=",
                Word::From => out += "From ",
                Word::Long(n) => out += &"x".repeat(usize::from(*n)),
            }
        }
        out.push('\n');
    }
    // Something visible in the last line, so that no text is empty.
    out + "end"
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(if self.message.crlf { b"\r\n" } else { b"\n" });
    }

    fn field(&mut self, name: &str, value: &str) {
        match self.message.style % 4 {
            0 => self.line(&format!("{name}: {value}")),
            1 => self.line(&format!("{}:{value}", name.to_ascii_uppercase())),
            2 => self.line(&format!("{}:   {value}", name.to_ascii_lowercase())),
            _ => self.line(&format!(
                "{name}:\t{}",
                value.replace("; ", ";\n\t").replace('\n', if self.message.crlf { "\r\n" } else { "\n" })
            )),
        }
    }

    fn text(&mut self, text: &Text, kept: bool) {
        let said = words(text);
        let (name, mut bytes) = match text.charset {
            Charset::Utf8 => ("; charset=utf-8", said.clone().into_bytes()),
            Charset::Unsaid => ("", said.clone().into_bytes()),
            Charset::Latin1 => ("; charset=ISO-8859-1", said.chars().map(|c| c as u8).collect()),
            Charset::Cp1252 => ("; charset=\"windows-1252\"", said.chars().map(|c| c as u8).collect()),
        };
        // Latin-1 bytes that are valid UTF-8 by chance would be taken for that, rightly.
        if std::str::from_utf8(&bytes).is_ok() {
            bytes = said.clone().into_bytes();
        }
        if kept {
            self.texts.push(said);
        }
        self.field("Content-Type", &format!("text/plain{name}"));
        match text.encoding {
            Encoding::Bits => {
                self.field("Content-Transfer-Encoding", "8bit");
                self.line("");
                for line in bytes.split(|b| *b == b'\n') {
                    self.out.extend_from_slice(line);
                    self.line("");
                }
            }
            Encoding::Quoted => {
                self.field("Content-Transfer-Encoding", "quoted-printable");
                self.line("");
                for line in bytes.split(|b| *b == b'\n') {
                    let mut column = 0;
                    for (i, byte) in line.iter().enumerate() {
                        if column > 70 {
                            self.line("=");
                            column = 0;
                        }
                        let last = i + 1 == line.len();
                        let bare = (33..127).contains(byte) && *byte != b'=' || *byte == b' ' && !last;
                        let piece = if bare { char::from(*byte).to_string() } else { format!("={byte:02X}") };
                        column += piece.len();
                        self.out.extend_from_slice(piece.as_bytes());
                    }
                    self.line("");
                }
            }
            Encoding::Base64 | Encoding::Ragged(_) => {
                self.field("Content-Transfer-Encoding", "base64");
                self.line("");
                let width =
                    if let Encoding::Ragged(n) = text.encoding { 1 + usize::from(n % 80) } else { 76 };
                let coded = base64_simd::STANDARD.encode_to_string(&bytes);
                for chunk in coded.as_bytes().chunks(width) {
                    self.line(&String::from_utf8_lossy(chunk));
                }
            }
        }
    }

    fn multipart(&mut self, kind: &str, write: impl FnOnce(&mut Self, &str)) {
        // Boundaries that extend each other.
        let boundary = format!("Z={}", "x".repeat(self.boundaries));
        self.boundaries += 1;
        self.field("Content-Type", &format!("multipart/{kind}; boundary=\"{boundary}\""));
        self.line("");
        if self.message.preamble {
            self.line("For those who read no MIME.");
        }
        write(self, &boundary);
        self.line(&format!("--{boundary}--"));
        if self.message.epilogue {
            self.line("Nobody reads this.");
        }
    }

    fn node(&mut self, node: &Node, depth: usize) {
        match node {
            Node::Mixed(children) | Node::Related(children)
                if depth < 6 && self.budget > 0 && !children.is_empty() =>
            {
                let kind = if matches!(node, Node::Mixed(_)) { "mixed" } else { "related" };
                self.multipart(kind, |w, boundary| {
                    for child in children.iter().take(5) {
                        w.budget = w.budget.saturating_sub(1);
                        w.line(&format!("--{boundary}"));
                        w.node(child, depth + 1);
                    }
                });
            }
            Node::Signed(child) if depth < 6 => self.multipart("signed", |w, boundary| {
                w.line(&format!("--{boundary}"));
                w.node(child, depth + 1);
                w.line(&format!("--{boundary}"));
                w.field("Content-Type", "application/pgp-signature; name=signature.asc");
                w.line("");
                w.line("-----BEGIN PGP SIGNATURE-----");
            }),
            Node::Alternative(text) if depth < 6 => self.multipart("alternative", |w, boundary| {
                w.line(&format!("--{boundary}"));
                w.text(text, true);
                w.line(&format!("--{boundary}"));
                w.field("Content-Type", "text/html; charset=utf-8");
                w.line("");
                w.line("<p>the same</p>");
            }),
            Node::Image(bytes) => {
                self.field("Content-Type", "image/png; name=\"a b.png\"");
                self.field("Content-Transfer-Encoding", "base64");
                self.field("Content-Disposition", "inline; filename=\"a b.png\"");
                self.line("");
                self.line(&base64_simd::STANDARD.encode_to_string(bytes));
            }
            Node::Attached(n) => {
                self.field("Content-Type", "text/plain");
                self.field("Content-Disposition", &format!("attachment; filename=notes{n}.txt"));
                self.line("");
                self.line("not a word of the message");
            }
            Node::Text(text) => self.text(text, true),
            Node::Mixed(_) | Node::Related(_) | Node::Signed(_) | Node::Alternative(_) => {
                let end = Text { lines: Vec::new(), encoding: Encoding::Bits, charset: Charset::Utf8 };
                self.text(&end, true);
            }
        }
    }
}

fuzz_target!(|message: Message| {
    // A message that is nothing but an attachment is another matter.
    if matches!(message.root, Node::Attached(_) | Node::Image(_)) {
        return;
    }
    let mut writer =
        Writer { message: &message, out: Vec::new(), texts: Vec::new(), boundaries: 0, budget: 20 };
    writer.line("Subject: x");
    writer.line("MIME-Version: 1.0");
    writer.node(&message.root, 0);
    let body = BodyReader::default().read(&writer.out);
    assert_eq!(body.text(), writer.texts.join("\n"), "{}", String::from_utf8_lossy(&writer.out));
    assert!(!body.damaged && body.defects.is_empty(), "{:?}", body.defects);
});
