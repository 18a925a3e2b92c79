//! The form of a message's body: parts, charsets, transfer encodings.

use crate::body::break_quotes;
use crate::client::{Client, Shape, Wrap};
use crate::encode::{base64_lines, in_charset, quoted_printable, wrap};
use crate::headers::line;
use crate::mail::Draft;
use crate::markup;
use crate::output::Attachment;
use crate::random::Random;

/// What a message's body is made from.
pub(crate) struct Body<'a> {
    pub(crate) plain: &'a str,
    pub(crate) html: &'a str,
    pub(crate) style: Client,
    pub(crate) shape: Shape,
    pub(crate) how: Wrap,
    pub(crate) charset: &'static str,
    pub(crate) broken: bool,
}

impl Body<'_> {
    /// Appends the content headers and the body; gives the form's name for the truth.
    pub(crate) fn write(&self, draft: &mut Draft, attachment: Option<u64>, r: &mut Random) -> String {
        let out = &mut draft.rest;
        let outer = attachment.map(|lines| (lines, boundary(r)));
        if let Some((_, b)) = &outer {
            line(out, format_args!("Content-Type: multipart/mixed; boundary=\"{b}\"\n\n--{b}"));
        }
        let form = match self.shape {
            Shape::Plain => format!("plain/{}", self.write_plain(out, r)),
            Shape::HtmlOnly => format!("html/{}", self.write_html(out, r)),
            Shape::Alternative => {
                let b = boundary(r);
                line(out, format_args!("Content-Type: multipart/alternative;\n\tboundary=\"{b}\"\n\n--{b}"));
                let plain = self.write_plain(out, r);
                end_part(out);
                line(out, format_args!("--{b}"));
                let html = self.write_html(out, r);
                end_part(out);
                line(out, format_args!("--{b}--"));
                format!("alternative/{plain}+{html}")
            }
        };
        if let Some((lines, b)) = outer {
            end_part(out);
            let (kind, name) = r.pick(&[
                ("image/jpeg", "IMG_4711.jpg"),
                ("application/pdf", "document.pdf"),
                ("image/png", "screenshot.png"),
                ("application/octet-stream", "data.bin"),
            ]);
            line(
                out,
                format_args!(
                    "--{b}\nContent-Type: {kind}; name=\"{name}\"\nContent-Disposition: attachment; filename=\"{name}\"\nContent-Transfer-Encoding: base64\n"
                ),
            );
            draft.attachments.push(Attachment { at: out.len(), lines, seed: r.next() });
            line(out, format_args!("\n--{b}--"));
        }
        form
    }

    fn write_plain(&self, out: &mut Vec<u8>, r: &mut Random) -> String {
        let mut text = String::with_capacity(self.plain.len() + self.plain.len() / 16 + 64);
        wrap(self.plain, self.how, self.style.tight_marks(), &mut text);
        if self.broken {
            let whole = std::mem::take(&mut text);
            break_quotes(&whole, &mut text);
        }
        text.push('\n');
        let (bytes, charset) = in_charset(&text, self.charset);
        let flowed = match self.how {
            Wrap::Flowed => "; format=flowed",
            Wrap::FlowedDelSp => "; format=flowed; delsp=yes",
            _ => "",
        };
        let encoding = self.encoding(&bytes, charset, r);
        line(
            out,
            format_args!(
                "Content-Type: text/plain; charset={charset}{flowed}\nContent-Transfer-Encoding: {encoding}\n"
            ),
        );
        encode(&bytes, encoding, out);
        let flow = match self.how {
            Wrap::Flowed => "/flowed",
            Wrap::FlowedDelSp => "/flowed-delsp",
            _ => "",
        };
        format!("{encoding}/{charset}{flow}{}", if self.broken { "/broken" } else { "" })
    }

    fn write_html(&self, out: &mut Vec<u8>, r: &mut Random) -> String {
        let mut charset = self.charset;
        if charset == "iso-2022-jp" {
            charset = "utf-8"; // html of such programs is UTF-8
        }
        let mut html = String::with_capacity(self.html.len() + 1_200);
        let (_, label) = in_charset(self.html, charset);
        markup::document(self.style, label, self.html, &mut html);
        let (bytes, charset) = in_charset(&html, label);
        let encoding = match self.encoding(&bytes, charset, r) {
            "base64" => "base64",
            _ => "quoted-printable",
        };
        line(
            out,
            format_args!(
                "Content-Type: text/html; charset=\"{charset}\"\nContent-Transfer-Encoding: {encoding}\n"
            ),
        );
        encode(&bytes, encoding, out);
        format!("{encoding}/{charset}")
    }

    fn encoding(&self, bytes: &[u8], charset: &str, r: &mut Random) -> &'static str {
        let short = bytes.split(|&b| b == b'\n').all(|l| l.len() < 900);
        if charset == "iso-2022-jp" {
            return if short { "7bit" } else { "base64" };
        }
        let base64_share = match self.style {
            Client::Samsung | Client::Proton => 0.9,
            Client::OutlookWeb | Client::Yahoo => 0.4,
            Client::Gmail => 0.15,
            _ => 0.05,
        };
        if r.chance(base64_share) {
            "base64"
        } else if short && !matches!(self.how, Wrap::Long) && r.chance(0.7) {
            if bytes.is_ascii() { "7bit" } else { "8bit" }
        } else {
            "quoted-printable"
        }
    }
}

fn boundary(r: &mut Random) -> String {
    let mut b = String::from("----=_Part_");
    r.letters(crate::random::TOKEN, 24, &mut b);
    b
}

/// The line end that belongs to the boundary which follows.
fn end_part(out: &mut Vec<u8>) {
    if !out.ends_with(b"\n\n") {
        out.push(b'\n');
    }
}

fn encode(bytes: &[u8], encoding: &str, out: &mut Vec<u8>) {
    match encoding {
        "base64" => base64_lines(bytes, out),
        "quoted-printable" => quoted_printable(bytes, out),
        _ => out.extend_from_slice(bytes),
    }
    if !out.ends_with(b"\n") {
        out.push(b'\n');
    }
}
