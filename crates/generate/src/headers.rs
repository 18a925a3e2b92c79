//! Header blocks: what the way through the net adds, and what the author's program writes.

use crate::client::Client;
use crate::encode::header_text;
use crate::language::Civil;
use crate::random::{BASE64, Random, TOKEN};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// RFC 5322 date.
pub(crate) fn date(at: i64, zone: i64) -> String {
    let c = Civil::at(at, zone);
    format!(
        "{}, {} {} {} {:02}:{:02}:{:02} {zone:+03}00",
        DAYS[c.weekday],
        c.day,
        MONTHS[c.month as usize - 1],
        c.year,
        c.hour,
        c.minute,
        c.second
    )
}

/// The separator line of an mbox, in UTC.
pub(crate) fn separator(sender: &str, at: i64, out: &mut Vec<u8>) {
    let c = Civil::at(at, 0);
    line(
        out,
        format_args!(
            "From {sender} {} {} {:2} {:02}:{:02}:{:02} {}",
            DAYS[c.weekday],
            MONTHS[c.month as usize - 1],
            c.day,
            c.hour,
            c.minute,
            c.second,
            c.year
        ),
    );
}

/// Appends one line.
pub(crate) fn line(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    use std::io::Write;
    // Writing to a Vec cannot fail.
    let _ = writeln!(out, "{text}");
}

/// What the way adds to a message.
pub(crate) struct Transport<'a> {
    pub(crate) at: i64,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) labels: &'a str,
    /// As much as large providers add (about 4 KB), or the least.
    pub(crate) rich: bool,
    /// Filed where it was written: it never travelled.
    pub(crate) local: bool,
    pub(crate) return_path: &'a str,
}

impl Transport<'_> {
    pub(crate) fn write(&self, r: &mut Random, out: &mut Vec<u8>) {
        let domain = self.from.rsplit('@').next().unwrap_or("example.net");
        let home = self.to.rsplit('@').next().unwrap_or("example.com");
        line(out, format_args!("X-Gmail-Labels: {}", self.labels));
        if self.local {
            return;
        }
        let mut s = String::new();
        let when = date(self.at + 2, 0);
        line(out, format_args!("Delivered-To: {}", self.to));
        let mut word = |n: usize, r: &mut Random| {
            s.clear();
            r.letters(TOKEN, n, &mut s);
            s.clone()
        };
        if self.rich {
            let (a, b) = (word(17, r), word(30, r));
            line(
                out,
                format_args!(
                    "Received: by 2001:db8:{:x}:{:x}:: with SMTP id {a};\n        {when}",
                    r.below(65_536),
                    r.below(65_536)
                ),
            );
            line(out, format_args!("X-Smtp-Source: {b}{}", word(40, r)));
            line(
                out,
                format_args!(
                    "X-Received: by 2001:db8:{:x}:: with SMTP id {}.{}.{};\n        {when}",
                    r.below(65_536),
                    word(18, r),
                    r.below(99),
                    r.next() >> 24
                ),
            );
            line(
                out,
                format_args!(
                    "ARC-Seal: i=1; a=rsa-sha256; t={}; cv=none;\n        d=mx.example.net; s=arc-2024;",
                    self.at
                ),
            );
            out.pop();
            signature("b", r, out);
            line(
                out,
                format_args!(
                    "ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=mx.example.net; s=arc-2024;\n        h=to:subject:message-id:date:from:mime-version:dkim-signature;"
                ),
            );
            out.pop();
            signature("b", r, out);
            line(
                out,
                format_args!(
                    "ARC-Authentication-Results: i=1; mx.example.net;\n       dkim=pass header.i=@{domain} header.s=mail header.b={};\n       spf=pass (example.net: domain of {} designates 192.0.2.{} as permitted sender) smtp.mailfrom={};\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from={domain}",
                    word(8, r),
                    self.from,
                    r.below(256),
                    self.from
                ),
            );
        }
        line(out, format_args!("Return-Path: <{}>", self.return_path));
        let hops = if self.rich { r.between(2, 5) } else { r.between(1, 3) };
        for hop in 0..hops {
            let (net, last) = (r.pick(&["192.0.2", "198.51.100", "203.0.113"]), r.below(256));
            line(
                out,
                format_args!(
                    "Received: from mail-{hop}-{last}.{domain} (mail-{hop}-{last}.{domain}. [{net}.{last}])\n        by mx{hop}.{home} with ESMTPS id {}\n        for <{}>\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\n        {}",
                    word(22, r),
                    self.to,
                    date(self.at + 1 - hop as i64, 0)
                ),
            );
        }
        if self.rich {
            line(
                out,
                format_args!(
                    "Received-SPF: pass (example.net: domain of {} designates 192.0.2.{} as permitted sender) client-ip=192.0.2.{};",
                    self.from,
                    r.below(256),
                    r.below(256)
                ),
            );
        }
        line(
            out,
            format_args!(
                "Authentication-Results: mx.{home};\n       dkim=pass header.i=@{domain} header.s=mail header.b={};\n       spf=pass smtp.mailfrom={}",
                word(8, r),
                self.from
            ),
        );
        line(
            out,
            format_args!(
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail; t={};\n        h=to:subject:message-id:date:from:mime-version:from:to:cc:subject:date:message-id:reply-to;",
                self.at
            ),
        );
        out.pop();
        signature("b", r, out);
        if self.rich {
            line(
                out,
                format_args!(
                    "X-Provider-DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=provider.example.net; s=20230601; t={};\n        h=to:subject:message-id:date:from:mime-version:x-message-state:from:to:cc:subject:date;",
                    self.at
                ),
            );
            out.pop();
            signature("b", r, out);
            line(out, format_args!("X-Message-State: AOJu0Y{}\n\t{}=", word(66, r), word(17, r)));
            line(out, format_args!("X-Spam-Status: No, score={}.{}", r.below(3), r.below(10)));
        }
    }
}

/// The tags `bh` and `b` of a DKIM-like signature, folded as signers fold them.
fn signature(tag: &str, r: &mut Random, out: &mut Vec<u8>) {
    let mut s = String::with_capacity(420);
    s.push_str("\n        bh=");
    r.letters(BASE64, 43, &mut s);
    s.push_str("=;\n        ");
    s.push_str(tag);
    s.push('=');
    r.letters(BASE64, 58, &mut s);
    for _ in 0..4 {
        s.push_str("\n         ");
        r.letters(BASE64, 64, &mut s);
    }
    s.push_str("\n         ");
    r.letters(BASE64, 26, &mut s);
    s.push_str("==\n");
    out.extend_from_slice(s.as_bytes());
}

/// A header field whose text may need encoding.
pub(crate) fn field(name: &str, text: &str, charset: &'static str, base64: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    header_text(text, charset, base64, out);
    out.push(b'\n');
}

/// An address field.
pub(crate) fn mailbox(
    name: &str,
    person: &str,
    address: &str,
    charset: &'static str,
    base64: bool,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    if !person.is_empty() {
        let special = person.is_ascii() && person.contains(['&', '.', ',', '(', '"', '@', ':']);
        if special {
            out.push(b'"');
        }
        header_text(person, charset, base64, out);
        if special {
            out.push(b'"');
        }
        out.push(b' ');
    }
    line(out, format_args!("<{address}>"));
}

/// References and In-Reply-To.
pub(crate) fn links(chain: &[String], in_reply_to: Option<&str>, out: &mut Vec<u8>) {
    if let Some((first, rest)) = chain.split_first() {
        out.extend_from_slice(b"References: ");
        out.extend_from_slice(first.as_bytes());
        for id in rest {
            out.extend_from_slice(b"\n\t");
            out.extend_from_slice(id.as_bytes());
        }
        out.push(b'\n');
    }
    if let Some(id) = in_reply_to {
        line(out, format_args!("In-Reply-To: {id}"));
    }
}

/// A new Message-ID, with its brackets.
pub(crate) fn message_id(address: &str, r: &mut Random) -> String {
    let domain = address.rsplit('@').next().unwrap_or("example.net");
    let mut id = String::with_capacity(60);
    id.push('<');
    r.letters(TOKEN, 32, &mut id);
    id.push('@');
    id.push_str(domain);
    id.push('>');
    id
}

/// What the author's program says of itself.
pub(crate) fn program(style: Client, out: &mut Vec<u8>, r: &mut Random) {
    line(out, format_args!("MIME-Version: 1.0"));
    match style {
        Client::AppleMail => {
            line(out, format_args!("X-Mailer: Apple Mail (2.3774.{}00.91.1.1)", r.between(1, 9)))
        }
        Client::IPhone => {
            line(out, format_args!("X-Mailer: iPhone Mail (21{}101)", r.pick(&["A", "B", "D"])))
        }
        Client::Outlook => line(
            out,
            format_args!(
                "X-Mailer: Microsoft Outlook 16.0\nThread-Topic: {}\nContent-Language: en-GB",
                r.next() >> 40
            ),
        ),
        Client::OutlookOld => line(
            out,
            format_args!(
                "X-Mailer: Microsoft Office Outlook 11\nX-MimeOLE: Produced By Microsoft MimeOLE V6.00.2900.{}",
                r.between(2_000, 6_000)
            ),
        ),
        Client::OutlookWeb => {
            line(out, format_args!("X-MS-Has-Attach:\nX-MS-TNEF-Correlator:\nmsip_labels:"))
        }
        Client::Thunderbird | Client::ThunderbirdBottom => {
            line(out, format_args!("User-Agent: Mozilla Thunderbird"))
        }
        Client::Roundcube => line(out, format_args!("User-Agent: Roundcube Webmail/1.6.{}", r.below(9))),
        Client::Bottom => line(out, format_args!("User-Agent: Mutt/2.2.{}", r.below(13))),
        Client::Yahoo => {
            line(out, format_args!("X-Mailer: WebService/1.1.{} YMailNovation", r.between(20_000, 23_000)))
        }
        Client::HelpDesk => line(out, format_args!("X-Mailer: Helpdesk Mailer\nAuto-Submitted: no")),
        _ => {}
    }
}
