//! Messages that no dataset wants: automatic replies, bounces, newsletters, spam, drafts, invitations,
//! and what colleagues write among themselves.

use threadfold_core::format_rfc3339;

use crate::encode::quoted_printable;
use crate::headers::{self, Transport, line};
use crate::mail::{Conversation, Draft, World, emit};
use crate::markup::escape;
use crate::options::{Error, Profile};
use crate::output::{MessageLine, Output};
use crate::plan::{Act, Kind, Step};
use crate::random::{Random, TOKEN};

/// A noise message on its way.
struct Noise {
    from_name: String,
    from: String,
    to: String,
    subject: String,
    labels: &'static str,
    return_path: String,
    /// Ready header lines, each ended.
    extra: String,
    text: String,
    body: Form,
    /// The message answered or reported on.
    about: Option<String>,
}

#[derive(PartialEq, Eq)]
enum Form {
    Plain,
    Newsletter,
    Invitation,
    Report,
}

const SUPPLIERS: &[(&str, &str)] = &[
    ("Cardboard & Co.", "news@cardboard.example.net"),
    ("Trade Fair Weekly", "newsletter@tradefair.example.org"),
    ("Parcel Insights", "hello@parcels.example.net"),
];
const STRANGERS: &[(&str, &str)] = &[
    ("Prize Desk", "winner@prizes.example.org"),
    ("Ranking Experts", "seo@rankings.example.net"),
    ("Parcel Service", "fee@tracking.example.org"),
];

impl Conversation {
    pub(crate) fn write_noise(
        &mut self,
        world: &World<'_>,
        step: &Step,
        r: &mut Random,
        out: &mut Output<'_>,
    ) -> Result<(), Error> {
        let noise = self.noise(world, step, r);
        let id = headers::message_id(&noise.from, r);
        let mut rest = Vec::with_capacity(4 * 1024);
        if let Some(about) = noise.about.as_deref().filter(|a| !a.is_empty()) {
            headers::links(&[about.to_owned()], Some(about), &mut rest);
        }
        headers::mailbox("From", &noise.from_name, &noise.from, "utf-8", false, &mut rest);
        headers::field("Subject", &noise.subject, "utf-8", false, &mut rest);
        line(&mut rest, format_args!("Date: {}", headers::date(step.at, 0)));
        headers::mailbox("To", "", &noise.to, "utf-8", false, &mut rest);
        line(&mut rest, format_args!("Message-ID: {id}"));
        rest.extend_from_slice(noise.extra.as_bytes());
        line(&mut rest, format_args!("MIME-Version: 1.0"));
        body(&noise, &id, step.at, r, &mut rest);
        let transport = Transport {
            at: step.at,
            from: &noise.from,
            to: &noise.to,
            labels: noise.labels,
            rich: world.options.profile == Profile::Text,
            local: step.act == Act::Draft,
            return_path: &noise.return_path,
        };
        let thread = self.thread_name(step.thread).to_owned();
        let truth = MessageLine {
            kind: "message",
            message_id: &id,
            thread: &thread,
            offset: out.summary.bytes,
            role: step.role,
            fate: step.fate,
            reason: step.reason,
            author: &noise.from,
            author_name: &noise.from_name,
            date: format_rfc3339(step.at),
            language: None,
            style: None,
            form: None,
            quotes: false,
            link: None,
            text: None,
            without_sign_off: None,
            with_name: None,
            planted: &[],
        };
        emit(&transport, &Draft { rest, attachments: Vec::new() }, r, out)?;
        out.truth(&truth)?;
        if self.kind == Kind::Internal {
            self.set_last_id(id);
        }
        Ok(())
    }

    fn noise(&mut self, world: &World<'_>, step: &Step, r: &mut Random) -> Noise {
        let shop = &world.shop;
        let scene = self.scene(world, step.at);
        // Suppliers and strangers write English or the shop's second language.
        let mut office = self.scene(world, step.at);
        office.language = usize::from(r.chance(0.3));
        let (about_subject, last_id) = self.about();
        let agent = &shop.agents[self.agent];
        let mut noise = Noise {
            from_name: shop.name.clone(),
            from: shop.support.clone(),
            to: self.customer.address.clone(),
            subject: String::new(),
            labels: "Inbox",
            return_path: String::new(),
            extra: String::new(),
            text: String::new(),
            body: Form::Plain,
            about: Some(last_id.to_owned()),
        };
        match (step.act, self.kind) {
            (Act::AutoReceipt, _) => {
                noise.subject = scene.said("auto_subject", r);
                if let Some(ticket) = self.ticket_number() {
                    noise.subject = format!("[#{ticket}] {}", noise.subject);
                }
                noise.text = scene.said("auto", r);
                noise.labels = "Sent";
                noise.extra =
                    "Auto-Submitted: auto-replied\nPrecedence: auto_reply\nX-Auto-Response-Suppress: All\n"
                        .into();
            }
            (Act::OutOfOffice, _) => {
                let subject = scene.said("ooo_subject", r);
                // The note's phrase ends in the subject that it answers, without piled-up prefixes.
                noise.subject = subject;
                noise.text = scene.said("ooo", r);
                noise.from_name = self.customer.name.clone();
                noise.from = self.customer.address.clone();
                noise.to = shop.support.clone();
                noise.extra = (r.pick(&[
                    "Auto-Submitted: auto-replied\n",
                    "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n",
                    "X-Autoreply: yes\nAuto-Submitted: auto-generated\n",
                    "X-Auto-Response-Suppress: All\n",
                    "",
                ]))
                .into();
            }
            (Act::Draft, _) => {
                noise.subject = format!("Re: {about_subject}");
                noise.text = scene.said("ack", r);
                noise.text.truncate(noise.text.char_indices().nth(40).map_or(noise.text.len(), |(i, _)| i));
                noise.from_name = agent.name.clone();
                noise.labels = "Drafts";
            }
            (Act::Bounced, _) | (_, Kind::Bounce) => {
                noise.subject = (r.pick(&[
                    "Undelivered Mail Returned to Sender",
                    "Delivery Status Notification (Failure)",
                    "Mail delivery failed: returning message to sender",
                ]))
                .into();
                noise.text = office.said("bounce", r);
                noise.from_name = "Mail Delivery System".into();
                let domain = self.customer.address.rsplit('@').next().unwrap_or("example.net");
                noise.from = format!("MAILER-DAEMON@{domain}");
                noise.to = shop.support.clone();
                noise.body = Form::Report;
                noise.extra = "Auto-Submitted: auto-replied\n".into();
                if self.kind == Kind::Bounce {
                    noise.about = None;
                }
                return noise;
            }
            (_, Kind::Internal) => {
                let other = &shop.agents[(self.agent + 1) % shop.agents.len()];
                // Two colleagues, turn about.
                let answers = self.next > 0;
                noise.subject =
                    if answers { format!("Re: {about_subject}") } else { office.said("internal_subject", r) };
                noise.text = office.said(if answers { "internal_answer" } else { "internal" }, r);
                let (from, to) = if self.next.is_multiple_of(2) { (agent, other) } else { (other, agent) };
                noise.from_name = from.name.clone();
                noise.from = from.address.clone();
                noise.to = to.address.clone();
            }
            (_, Kind::Newsletter) => {
                let (name, address) = r.pick(SUPPLIERS);
                noise.from_name = name.into();
                noise.from = address.into();
                noise.to = shop.support.clone();
                noise.subject = office.said("newsletter_subject", r);
                for _ in 0..r.between(3, 12) {
                    office.say("newsletter", r, &mut noise.text);
                    noise.text.push_str("\n\n");
                }
                noise.body = Form::Newsletter;
                let domain = address.rsplit('@').next().unwrap_or_default();
                noise.extra = format!(
                    "List-Unsubscribe: <https://{domain}/unsubscribe/{}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nPrecedence: bulk\n",
                    r.next() >> 20
                );
                if r.chance(0.4) {
                    noise.extra =
                        noise.extra.replace("Precedence: bulk\n", "Feedback-ID: 12:campaign:mailer\n");
                }
                noise.labels = "Inbox,Category Promotions";
                noise.about = None;
            }
            (_, Kind::Invitation) => {
                noise.from_name = "Supplier Calendar".into();
                noise.from = "calendar@suppliers.example.net".into();
                noise.to = shop.support.clone();
                noise.subject = office.said("invite_subject", r);
                noise.text = noise.subject.clone();
                noise.body = Form::Invitation;
                noise.about = None;
            }
            (_, kind) => {
                let (name, address) = r.pick(STRANGERS);
                noise.from_name = name.into();
                noise.from = address.into();
                noise.to = shop.support.clone();
                noise.subject = office.said("spam_subject", r);
                noise.text = office.said("spam", r);
                noise.labels = if kind == Kind::Spam { "Spam" } else { "Trash" };
                noise.about = None;
            }
        }
        if noise.return_path.is_empty() && !matches!(step.act, Act::AutoReceipt | Act::OutOfOffice) {
            noise.return_path.clone_from(&noise.from);
        }
        if self.kind == Kind::Internal && self.next == 0 {
            let subject = noise.subject.clone();
            self.set_subject(subject);
        }
        noise
    }
}

fn body(noise: &Noise, id: &str, at: i64, r: &mut Random, out: &mut Vec<u8>) {
    let mut b = String::from("=_");
    r.letters(TOKEN, 22, &mut b);
    match noise.body {
        Form::Plain => {
            plain_part(&noise.text, out);
        }
        Form::Newsletter => {
            line(out, format_args!("Content-Type: multipart/alternative; boundary=\"{b}\"\n\n--{b}"));
            plain_part(&noise.text, out);
            line(
                out,
                format_args!(
                    "\n--{b}\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
                ),
            );
            let mut html = String::from(
                "<html><body><table width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" align=\"center\">\n",
            );
            for paragraph in noise.text.split("\n\n").filter(|p| !p.is_empty()) {
                html.push_str("<tr><td style=\"padding:16px 24px;font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#333333\">");
                escape(paragraph, &mut html);
                html.push_str("</td></tr>\n<tr><td height=\"12\"><img src=\"https://img.example.net/spacer.gif\" width=\"1\" height=\"12\" alt=\"\"></td></tr>\n");
            }
            html.push_str("</table></body></html>\n");
            quoted_printable(html.as_bytes(), out);
            line(out, format_args!("\n--{b}--"));
        }
        Form::Invitation => {
            line(out, format_args!("Content-Type: multipart/alternative; boundary=\"{b}\"\n\n--{b}"));
            plain_part(&noise.text, out);
            let mut stamp = format_rfc3339(at + 86_400);
            stamp.retain(|c| c != '-' && c != ':');
            line(
                out,
                format_args!(
                    "\n--{b}\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\nContent-Transfer-Encoding: 8bit\n\nBEGIN:VCALENDAR\nPRODID:-//Example//Calendar//EN\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nDTSTART:{stamp}\nDTSTAMP:{stamp}\nORGANIZER:mailto:{}\nUID:{:x}@example.net\nATTENDEE;RSVP=TRUE:mailto:{}\nSUMMARY:{}\nEND:VEVENT\nEND:VCALENDAR\n\n--{b}--",
                    noise.from,
                    r.next(),
                    noise.to,
                    noise.subject
                ),
            );
        }
        Form::Report => {
            line(
                out,
                format_args!(
                    "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"{b}\"\n\n--{b}"
                ),
            );
            plain_part(&noise.text, out);
            let domain = noise.from.rsplit('@').next().unwrap_or("example.net");
            let original = noise.about.as_deref().unwrap_or(id);
            line(
                out,
                format_args!(
                    "\n--{b}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.{domain}\nArrival-Date: {}\n\nFinal-Recipient: rfc822; customer@{domain}\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full\n\n--{b}\nContent-Type: text/rfc822-headers\n\nFrom: <{}>\nSubject: your order\nMessage-ID: {original}\n\n--{b}--",
                    headers::date(at, 0),
                    noise.to
                ),
            );
        }
    }
}

fn plain_part(text: &str, out: &mut Vec<u8>) {
    line(
        out,
        format_args!(
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
        ),
    );
    quoted_printable(text.trim_end().as_bytes(), out);
    out.push(b'\n');
}
