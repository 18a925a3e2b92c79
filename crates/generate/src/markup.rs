//! The html that a mail program makes of the same words.

use crate::body::{Past, Reply};
use crate::client::Client;

/// Appends text with the characters escaped that html gives a meaning to.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut from = 0;
    for (i, b) in text.bytes().enumerate() {
        let name = match b {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => continue,
        };
        out.push_str(&text[from..i]);
        out.push_str(name);
        from = i + 1;
    }
    out.push_str(&text[from..]);
}

/// Appends lines, each in the element that the program puts around a line.
fn lines(text: &str, client: Client, out: &mut String) {
    let (open, close, empty) = match client {
        Client::Outlook | Client::OutlookOld => {
            ("<p class=\"MsoNormal\">", "<o:p></o:p></p>\n", "<p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p>\n")
        }
        Client::OutlookWeb => (
            "<div style=\"font-family: Calibri, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);\">\n",
            "</div>\n",
            "<div style=\"font-family: Calibri, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);\">\n<br>\n</div>\n",
        ),
        Client::Yahoo => ("<div dir=\"ltr\" data-setdir=\"false\">", "</div>", "<div><br></div>"),
        Client::Proton => (
            "<div style=\"font-family: Arial, sans-serif; font-size: 14px;\">",
            "</div>",
            "<div style=\"font-family: Arial, sans-serif; font-size: 14px;\"><br></div>",
        ),
        Client::Thunderbird | Client::ThunderbirdBottom | Client::Roundcube | Client::HelpDesk => {
            return paragraphs(text, out);
        }
        _ => ("<div>", "</div>", "<div><br></div>"),
    };
    for line in text.split('\n') {
        if line.is_empty() {
            out.push_str(empty);
        } else {
            out.push_str(open);
            escape(line, out);
            out.push_str(close);
        }
    }
}

fn paragraphs(text: &str, out: &mut String) {
    for paragraph in text.split("\n\n") {
        out.push_str("<p>");
        for (i, line) in paragraph.split('\n').enumerate() {
            if i > 0 {
                out.push_str("<br>\n");
            }
            escape(line, out);
        }
        out.push_str("</p>\n");
    }
}

/// Html of a plain-text message, as a program shows it when it quotes one.
pub(crate) fn from_plain(plain: &str, out: &mut String) {
    for (i, line) in plain.split('\n').enumerate() {
        if i > 0 {
            out.push_str("<br>\n");
        }
        escape(line, out);
    }
}

impl Reply<'_> {
    /// What stands in the body element.
    pub(crate) fn html(&self) -> String {
        let mut out =
            String::with_capacity(self.words.text.len() * 3 + self.past.map_or(0, |p| p.html.len() + 600));
        let c = self.client;
        if let Some(banner) = &self.words.banner {
            out.push_str("<div style=\"background-color:#FFEB9C;width:100%;padding:2pt;font-size:10pt;border:1pt solid #9C6500\">");
            escape(banner, &mut out);
            out.push_str("</div>\n<br>\n");
        }
        match (c, self.past) {
            (_, Some(past)) if c.replies_below() => {
                self.html_history(past, &mut out);
                lines(&self.words.text, c, &mut out);
                self.html_ending(&mut out);
            }
            (Client::HelpDesk, _) => {
                out.push_str("<div style=\"color: #b5b5b5\">");
                escape(&self.fixed("helpdesk_line"), &mut out);
                out.push_str("</div>\n<div class=\"comment\" style=\"padding: 10px\">");
                lines(&self.words.text, c, &mut out);
                out.push_str(
                    "</div>\n<hr>\n<div class=\"footer\" style=\"font-size: 12px; color: #aaaaaa\">",
                );
                escape(&self.fixed("helpdesk_footer"), &mut out);
                out.push_str("</div>\n");
            }
            (_, past) => {
                let (open, close) = match c {
                    Client::Gmail | Client::IPhone => ("<div dir=\"ltr\">", "</div>"),
                    Client::Outlook => ("<div class=\"WordSection1\">\n", ""),
                    Client::Yahoo => (
                        "<div class=\"ydp1yahoo-style-wrap\" style=\"font-family:sans-serif;font-size:16px;\">",
                        "</div>",
                    ),
                    Client::Gmx => ("<div style=\"font-family: Verdana;font-size: 12.0px;\">", ""),
                    _ => ("", ""),
                };
                out.push_str(open);
                lines(&self.words.text, c, &mut out);
                self.html_ending(&mut out);
                out.push_str(close);
                if let Some(past) = past {
                    self.html_history(past, &mut out);
                }
                out.push_str(match c {
                    Client::Outlook | Client::Gmx => "</div>\n",
                    _ => "",
                });
            }
        }
        for notice in &self.words.notices {
            out.push_str("<br>\n<div style=\"font-size:8pt;color:#808080\">");
            from_plain(notice, &mut out);
            out.push_str("</div>\n");
        }
        out
    }

    fn html_ending(&self, out: &mut String) {
        if let Some(mobile) = &self.words.mobile {
            match self.client {
                Client::IPhone => {
                    out.push_str("<div><br></div><div dir=\"ltr\">");
                    escape(mobile, out);
                    out.push_str("</div>");
                }
                Client::OutlookWeb => {
                    out.push_str("<div id=\"ms-outlook-mobile-signature\">\n<div><br>\n</div>\n");
                    escape(mobile, out);
                    out.push_str("</div>\n");
                }
                _ => {
                    out.push_str("<div><br></div><div id=\"composer_signature\" dir=\"auto\"><div style=\"font-size:12px;color:#575757\" dir=\"auto\">");
                    escape(mobile, out);
                    out.push_str("</div></div>");
                }
            }
        }
        let Some(signature) = &self.words.signature else { return };
        match self.client {
            Client::Gmail => {
                out.push_str("<div><br clear=\"all\"></div><br><span class=\"gmail_signature_prefix\">-- </span><br><div dir=\"ltr\" class=\"gmail_signature\" data-smartmail=\"gmail_signature\"><div dir=\"ltr\">");
                lines(&signature.lines.join("\n"), self.client, out);
                out.push_str("</div></div>");
            }
            Client::Thunderbird | Client::ThunderbirdBottom => {
                out.push_str("<div class=\"moz-signature\">-- <br>\n");
                from_plain(&signature.lines.join("\n"), out);
                out.push_str("</div>\n");
            }
            c => {
                if signature.delimited {
                    lines("\n-- ", c, out);
                } else {
                    lines("", c, out);
                }
                lines(&signature.lines.join("\n"), c, out);
            }
        }
    }

    /// The attribution line with its address linked, as html programs print it.
    fn html_attribution(&self, past: &Past, out: &mut String) {
        let line = self.attribution(past);
        let mark = format!("<{}>", past.address);
        match line.split_once(&mark) {
            Some((before, after)) => {
                escape(before, out);
                out.push_str("&lt;<a href=\"mailto:");
                out.push_str(&past.address);
                out.push_str("\">");
                out.push_str(&past.address);
                out.push_str("</a>&gt;");
                escape(after, out);
            }
            None => escape(&line, out),
        }
    }

    fn html_block(&self, past: &Past, out: &mut String) {
        for (i, (label, value)) in self.block(past).iter().enumerate() {
            if i > 0 {
                out.push_str("<br>\n");
            }
            out.push_str("<b>");
            escape(label, out);
            out.push_str(":</b> ");
            escape(value, out);
        }
    }

    fn html_history(&self, past: &Past, out: &mut String) {
        match self.client {
            Client::NoHistory | Client::HelpDesk => {}
            Client::Outlook | Client::OutlookOld => {
                out.push_str("<div>\n<div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm\">\n<p class=\"MsoNormal\">");
                self.html_block(past, out);
                out.push_str(
                    "<o:p></o:p></p>\n</div>\n</div>\n<p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p>\n",
                );
                out.push_str(&past.html);
            }
            Client::OutlookWeb => {
                out.push_str("<div id=\"appendonsend\"></div>\n<hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\n<div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\" style=\"font-size:11pt\" color=\"#000000\">");
                self.html_block(past, out);
                out.push_str("</font>\n<div>&nbsp;</div>\n</div>\n<div>\n");
                out.push_str(&past.html);
                out.push_str("</div>\n");
            }
            Client::Yahoo => {
                out.push_str(&format!("<div id=\"yahoo_quoted_{:010}\" class=\"yahoo_quoted\">\n<div style=\"font-family:'Helvetica Neue', Helvetica, Arial, sans-serif;font-size:13px;color:#26282a;\">\n<div>\n", self.variant % 10_000_000_000));
                self.html_attribution(past, out);
                out.push_str("\n</div>\n<div><br></div>\n<div><br></div>\n<div>");
                out.push_str(&past.html);
                out.push_str("</div>\n</div>\n</div>");
            }
            Client::Samsung => {
                out.push_str("<div><br></div><div align=\"left\" dir=\"auto\" style=\"font-size:100%;color:#000000\"><div>");
                escape(&self.fixed("original_samsung"), out);
                out.push_str("</div>");
                for (label, value) in self.block(past) {
                    out.push_str("<div>");
                    escape(label, out);
                    out.push_str(": ");
                    escape(&value, out);
                    out.push_str(" </div>");
                }
                out.push_str("<div><br></div></div>");
                out.push_str(&past.html);
            }
            Client::Gmx => {
                out.push_str("<div>&nbsp;\n<div>&nbsp;\n<div name=\"quote\" style=\"margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5; word-wrap: break-word;\">\n<div style=\"margin:0 0 10px 0;\">");
                self.html_block(past, out);
                out.push_str("</div>\n<div name=\"quoted-content\">");
                out.push_str(&past.html);
                out.push_str("</div>\n</div>\n</div>\n</div>\n");
            }
            Client::AppleMail | Client::IPhone => {
                out.push_str("<div><br><blockquote type=\"cite\"><div>");
                self.html_attribution(past, out);
                out.push_str("</div><br class=\"Apple-interchange-newline\"><div>");
                out.push_str(&past.html);
                out.push_str("</div></blockquote></div><br>");
            }
            Client::Thunderbird | Client::ThunderbirdBottom => {
                out.push_str("<div class=\"moz-cite-prefix\">");
                self.html_attribution(past, out);
                out.push_str("<br>\n</div>\n<blockquote type=\"cite\" cite=\"mid:");
                escape(past.id.trim_matches(['<', '>']), out);
                out.push_str("\">\n");
                out.push_str(&past.html);
                out.push_str("\n</blockquote>\n");
            }
            Client::Proton => {
                out.push_str("<div class=\"protonmail_quote\">\n");
                self.html_attribution(past, out);
                out.push_str("<br><br>\n<blockquote class=\"protonmail_quote\" type=\"cite\">\n");
                out.push_str(&past.html);
                out.push_str("\n</blockquote><br>\n</div>");
            }
            Client::Roundcube => {
                out.push_str("<p id=\"reply-intro\">");
                self.html_attribution(past, out);
                out.push_str("</p>\n<blockquote type=\"cite\" style=\"padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0\">\n");
                out.push_str(&past.html);
                out.push_str("\n</blockquote>\n");
            }
            Client::Gmail | Client::Bottom | Client::Interleaved => {
                out.push_str("<br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">");
                self.html_attribution(past, out);
                out.push_str("<br></div><blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">");
                out.push_str(&past.html);
                out.push_str("</blockquote></div>");
            }
        }
    }
}

/// A whole html document around a body, as the program writes it.
pub(crate) fn document(client: Client, charset: &str, inner: &str, out: &mut String) {
    match client {
        Client::Outlook | Client::OutlookOld => {
            out.push_str("<html xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:w=\"urn:schemas-microsoft-com:office:word\" xmlns=\"http://www.w3.org/TR/REC-html40\">\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=");
            out.push_str(charset);
            out.push_str("\">\n<meta name=\"Generator\" content=\"Microsoft Word 15 (filtered medium)\">\n<style><!--\n/* Style Definitions */\np.MsoNormal, li.MsoNormal, div.MsoNormal\n\t{margin:0cm;\n\tfont-size:11.0pt;\n\tfont-family:\"Calibri\",sans-serif;}\n.MsoChpDefault\n\t{mso-style-type:export-only;}\n@page WordSection1\n\t{size:612.0pt 792.0pt;\n\tmargin:70.85pt 70.85pt 2.0cm 70.85pt;}\ndiv.WordSection1\n\t{page:WordSection1;}\n--></style>\n</head>\n<body lang=\"EN-GB\" link=\"#0563C1\" vlink=\"#954F72\">\n");
            out.push_str(inner);
            out.push_str("</body>\n</html>\n");
        }
        Client::OutlookWeb => {
            out.push_str("<html>\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=");
            out.push_str(charset);
            out.push_str("\">\n<style type=\"text/css\" style=\"display:none;\"> P {margin-top:0;margin-bottom:0;} </style>\n</head>\n<body dir=\"ltr\">\n");
            out.push_str(inner);
            out.push_str("</body>\n</html>\n");
        }
        Client::Gmail | Client::Proton => {
            out.push_str(inner);
            out.push('\n');
        }
        _ => {
            out.push_str("<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=");
            out.push_str(charset);
            out.push_str("\"></head><body>");
            out.push_str(inner);
            out.push_str("</body></html>\n");
        }
    }
}
