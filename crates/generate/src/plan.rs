//! The course of a conversation, and from it the fate of each of its messages.
//!
//! A plan is drawn as a whole before its first message is written, so that every line of the truth can
//! be written with its message.

use threadfold_core::{DropReason, Fate, Role};

use crate::compose::Say;
use crate::options::Shares;
use crate::random::Random;

/// What kind of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Support,
    Unanswered,
    AgentOpened,
    Internal,
    Newsletter,
    Spam,
    Trash,
    Invitation,
    Bounce,
}

/// What happens in one step: each is one message of the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// A person writes.
    Say(Say),
    /// The ticket system confirms the receipt.
    AutoReceipt,
    /// The customer's out-of-office note.
    OutOfOffice,
    /// The last answer comes back.
    Bounced,
    /// An unsent answer.
    Draft,
    /// The message before, once more.
    Copy,
    /// A message that belongs to nobody's question.
    Noise,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) at: i64,
    pub(crate) act: Act,
    pub(crate) role: Option<Role>,
    /// 0, or 1 for the messages of a new topic that was started as a reply to the old one.
    pub(crate) thread: usize,
    pub(crate) fate: Fate,
    pub(crate) reason: Option<DropReason>,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// Draws a kind by the shares of conversations.
pub(crate) fn draw_kind(shares: &Shares, r: &mut Random) -> Kind {
    let table = [
        (Kind::Newsletter, shares.newsletters),
        (Kind::Spam, shares.spam),
        (Kind::Trash, shares.trash),
        (Kind::Invitation, shares.invitations),
        (Kind::Bounce, shares.bounces),
        (Kind::Internal, shares.internal),
        (Kind::Unanswered, shares.unanswered),
        (Kind::AgentOpened, shares.agent_opened),
    ];
    let mut x = r.unit();
    for (kind, share) in table {
        x -= share;
        if x < 0.0 {
            return kind;
        }
    }
    Kind::Support
}

struct Course<'a> {
    steps: Vec<Step>,
    now: i64,
    thread: usize,
    shares: &'a Shares,
}

impl Course<'_> {
    fn push(&mut self, act: Act, role: Option<Role>) {
        let step = Step { at: self.now, act, role, thread: self.thread, fate: Fate::Used, reason: None };
        self.steps.push(step);
    }

    fn say(&mut self, say: Say, role: Role, r: &mut Random) {
        self.push(Act::Say(say), Some(role));
        if r.chance(self.shares.duplicates) {
            self.push(Act::Copy, Some(role));
        }
    }

    fn wait(&mut self, low: u64, high: u64, r: &mut Random) {
        // Short waits are commoner than long ones.
        let x = r.unit();
        self.now += (low as f64 + (high - low) as f64 * x * x) as i64;
    }
}

/// The steps of one conversation, in the order of time, at most `limit` of them.
pub(crate) fn draw(kind: Kind, start: i64, limit: usize, shares: &Shares, r: &mut Random) -> Vec<Step> {
    let mut c = Course { steps: Vec::new(), now: start, thread: 0, shares };
    match kind {
        Kind::Support => support(&mut c, r),
        Kind::Unanswered => {
            c.say(Say::Ask, Role::Customer, r);
            if r.chance(shares.automatic_receipts) {
                c.wait(5, 90, r);
                c.push(Act::AutoReceipt, Some(Role::Agent));
            }
            if r.chance(0.3) {
                c.wait(DAY, 4 * DAY, r);
                c.say(Say::AskMore, Role::Customer, r);
            }
        }
        Kind::AgentOpened => {
            c.say(Say::Open, Role::Agent, r);
            if r.chance(0.5) {
                c.wait(20 * MINUTE, 2 * DAY, r);
                c.say(Say::Thanks, Role::Customer, r);
            }
        }
        Kind::Internal => {
            for i in 0..r.between(1, 4) {
                if i > 0 {
                    c.wait(5 * MINUTE, 8 * HOUR, r);
                }
                c.push(Act::Noise, Some(Role::Agent));
            }
        }
        _ => c.push(Act::Noise, None),
    }
    c.steps.truncate(limit);
    settle(kind, &mut c.steps);
    c.steps
}

fn support(c: &mut Course<'_>, r: &mut Random) {
    let shares = c.shares;
    c.say(Say::Ask, Role::Customer, r);
    if r.chance(shares.automatic_receipts) {
        c.wait(5, 90, r);
        c.push(Act::AutoReceipt, Some(Role::Agent));
    }
    if r.chance(shares.double_questions) {
        c.wait(5 * MINUTE, DAY, r);
        c.say(Say::AskMore, Role::Customer, r);
    }
    if r.chance(shares.drafts) {
        c.wait(10 * MINUTE, 3 * HOUR, r);
        c.push(Act::Draft, Some(Role::Agent));
    }
    c.wait(10 * MINUTE, 30 * HOUR, r);
    if r.chance(shares.acknowledgement_only) {
        c.say(Say::Acknowledge, Role::Agent, r);
        return;
    }
    if r.chance(shares.acknowledgements) {
        c.say(Say::Acknowledge, Role::Agent, r);
        c.wait(HOUR, 2 * DAY, r);
    }
    c.say(Say::Answer, Role::Agent, r);
    if r.chance(shares.bounced_answers) {
        c.now += r.between(5, 100) as i64;
        c.push(Act::Bounced, None);
    } else if r.chance(shares.out_of_office) {
        c.now += r.between(5, 100) as i64;
        c.push(Act::OutOfOffice, Some(Role::Customer));
    }
    for _ in 0..r.pick(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3]) {
        c.wait(20 * MINUTE, 40 * HOUR, r);
        c.say(Say::FollowUp, Role::Customer, r);
        c.wait(10 * MINUTE, 30 * HOUR, r);
        c.say(Say::AnswerFollowUp, Role::Agent, r);
    }
    if r.chance(shares.thanks) {
        c.wait(10 * MINUTE, DAY, r);
        c.say(Say::Thanks, Role::Customer, r);
    }
    if r.chance(shares.hijacks) {
        c.wait(21 * DAY, 90 * DAY, r);
        c.thread = 1;
        c.say(Say::Ask, Role::Customer, r);
        c.wait(10 * MINUTE, 30 * HOUR, r);
        c.say(Say::Answer, Role::Agent, r);
    }
}

/// Gives every step its fate. The rule for examples: a thread opened by a customer, up to the last
/// answer; everything else has a reason.
fn settle(kind: Kind, steps: &mut [Step]) {
    for thread in 0..2 {
        let said = |s: &Step| s.thread == thread && matches!(s.act, Act::Say(_));
        let opener = steps.iter().find(|s| said(s)).and_then(|s| s.role);
        let last_answer = steps.iter().rposition(|s| said(s) && s.role == Some(Role::Agent));
        for (i, step) in steps.iter_mut().enumerate().filter(|(_, s)| s.thread == thread) {
            step.reason = match step.act {
                Act::Copy => Some(DropReason::Duplicate),
                Act::Draft => Some(DropReason::Draft),
                Act::Bounced => Some(DropReason::Bounce),
                Act::AutoReceipt | Act::OutOfOffice => Some(DropReason::AutoReply),
                Act::Noise => Some(match kind {
                    Kind::Newsletter => DropReason::Bulk,
                    Kind::Spam => DropReason::Spam,
                    Kind::Trash => DropReason::Trash,
                    Kind::Invitation => DropReason::Calendar,
                    Kind::Bounce => DropReason::Bounce,
                    _ => DropReason::Internal,
                }),
                Act::Say(_) => match (opener, last_answer) {
                    (Some(Role::Agent), _) => Some(DropReason::NoCustomer),
                    (_, None) => Some(DropReason::Unanswered),
                    (_, Some(last)) if i > last => Some(DropReason::AfterLastAnswer),
                    _ => None,
                },
            };
            step.fate = if step.reason.is_some() { Fate::Dropped } else { Fate::Used };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_stay_within_their_limit_and_in_order() {
        let shares = Shares { hijacks: 0.5, duplicates: 0.3, ..Shares::default() };
        for seed in 0..2_000 {
            let mut r = Random::fork(seed, 1);
            let kind = draw_kind(&shares, &mut r);
            let limit = 1 + (seed as usize % 9);
            let steps = draw(kind, 1_000, limit, &shares, &mut r);
            assert!((1..=limit).contains(&steps.len()));
            assert!(steps.windows(2).all(|w| w[0].at <= w[1].at));
            assert!(steps.iter().all(|s| (s.fate == Fate::Used) == s.reason.is_none()));
            assert!(!matches!(steps[0].act, Act::Copy));
        }
    }

    #[test]
    fn the_last_used_message_is_an_answer() {
        let shares = Shares::default();
        for seed in 0..500 {
            let steps = draw(Kind::Support, 0, 99, &shares, &mut Random::fork(seed, 9));
            let used: Vec<_> = steps.iter().filter(|s| s.thread == 0 && s.fate == Fate::Used).collect();
            assert_eq!(used.first().and_then(|s| s.role), Some(Role::Customer));
            assert_eq!(used.last().and_then(|s| s.role), Some(Role::Agent));
        }
    }
}
