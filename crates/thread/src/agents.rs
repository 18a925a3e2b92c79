//! Who answers for the business.
//!
//! Either [given](Agents::given), or [found](Agents::find): the addresses that many strangers write to and
//! that answer many of them.

use crate::copies::{Holder, identify};
use crate::order::Outline;
use crate::phrases;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use threadfold_core::{Envelopes, Hints, Passing, Symbol};

/// Whoever corresponds with fewer parties than this is not taken for a business.
const FEWEST: u32 = 2;

/// The addresses that answer for the business, for one set of envelopes.
///
/// ```
/// use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
/// use threadfold_thread::Agents;
/// let mut mail = Envelopes::default();
/// let at = Locator { source: SourceId(0), offset: 0, len: 1 };
/// let i = mail.push(at, &NewEnvelope { from: "help+7@shop.example.org", ..Default::default() });
/// let agents = Agents::given(&["help@shop.example.org".to_owned()], &mail)?;
/// assert!(agents.is_agent(mail[i].from));
/// assert!(Agents::given(&["nobody@example.net".to_owned()], &mail).is_err());
/// # Ok::<(), threadfold_thread::agents::Unknown>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agents {
    /// One bit a symbol.
    bits: Vec<u64>,
    addresses: Vec<String>,
    domains: Vec<String>,
}

/// A given address or domain that no message has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no message is from or to `{0}`")]
pub struct Unknown(pub String);

/// What is known about an address (or a domain that addresses were widened to), for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentEvidence {
    /// The address without its plus tag, or the domain.
    pub name: String,
    /// How many parties wrote to it. Strangers at one company's domain are one party.
    pub customers_writing: u32,
    /// How many parties it answered.
    pub customers_answered: u32,
    /// How many messages it sent.
    pub messages: u32,
    /// Whether it was taken for an agent.
    pub chosen: bool,
}

impl Agents {
    /// Agents by address (`help@example.org`) or domain (`example.org`, `@example.org`; its subdomains
    /// count). Plus tags do not matter.
    ///
    /// # Errors
    /// Names the first entry that no message is from or to.
    pub fn given(list: &[String], envelopes: &Envelopes) -> Result<Agents, Unknown> {
        let (mut addresses, mut domains) = (Vec::new(), Vec::new());
        for entry in list {
            let name = entry.trim().trim_start_matches('<').trim_end_matches('>').to_lowercase();
            match name.strip_prefix('@').map(str::to_owned) {
                Some(domain) => domains.push(domain),
                None if name.contains('@') => addresses.push(without_tag(&name).into_owned()),
                None => domains.push(name),
            }
        }
        let people = people(envelopes);
        let occurs = |test: &dyn Fn(&str) -> bool| people.iter().any(|&s| test(envelopes.text(s)));
        for a in &addresses {
            if !occurs(&|s| without_tag(s) == a.as_str()) {
                return Err(Unknown(a.clone()));
            }
        }
        for d in &domains {
            if !occurs(&|s| in_domain(s, d)) {
                return Err(Unknown(d.clone()));
            }
        }
        Ok(Agents::of(addresses, domains, envelopes))
    }

    /// Finds who answers, and tells on what evidence: most answered first. The list may be empty, if nobody
    /// stands out.
    ///
    /// An address qualifies if several parties write to it and it answers a good part of them: by writing to
    /// people who wrote to it, or by replying to them. Where several addresses of a domain qualify that is
    /// not a freemail provider's, the whole domain does. On mailing lists nobody is written to in person;
    /// there those who answer far more people than answer them qualify. Where nobody answers anybody, because the
    /// mailbox holds only one side of its mail, whoever nearly all mail is from, or to, qualifies.
    ///
    /// ```
    /// use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
    /// use threadfold_thread::{Agents, Outline};
    /// let mut mail = Envelopes::default();
    /// let at = Locator { source: SourceId(0), offset: 0, len: 1 };
    /// for customer in ["ada@example.com", "bob@example.net", "eve@example.edu"] {
    ///     mail.push(at, &NewEnvelope { from: customer, recipients: &["help@shop.example.org"], ..Default::default() });
    ///     mail.push(at, &NewEnvelope { from: "help@shop.example.org", recipients: &[customer], ..Default::default() });
    /// }
    /// let (agents, evidence) = Agents::find(&mail, &Outline::of(&mail));
    /// assert_eq!(agents.addresses(), ["help@shop.example.org"]);
    /// assert_eq!((evidence[0].customers_writing, evidence[0].customers_answered), (3, 3));
    /// ```
    pub fn find(envelopes: &Envelopes, outline: &Outline) -> (Agents, Vec<AgentEvidence>) {
        find(envelopes, outline)
    }

    fn of(mut addresses: Vec<String>, mut domains: Vec<String>, envelopes: &Envelopes) -> Agents {
        addresses.sort_unstable();
        addresses.dedup();
        domains.sort_unstable();
        domains.dedup();
        let known: FxHashSet<&str> = addresses.iter().map(String::as_str).collect();
        let mut bits = vec![0u64; envelopes.strings().len().div_ceil(64)];
        for &s in people(envelopes).iter() {
            let text = envelopes.text(s);
            if known.contains(without_tag(text).as_ref()) || domains.iter().any(|d| in_domain(text, d)) {
                bits[s.0 as usize / 64] |= 1 << (s.0 % 64);
            }
        }
        Agents { bits, addresses, domains }
    }

    /// True if this address (a symbol of the envelopes that the agents were made for) answers for the
    /// business.
    pub fn is_agent(&self, address: Symbol) -> bool {
        self.bits.get(address.0 as usize / 64).is_some_and(|w| w >> (address.0 % 64) & 1 == 1)
    }

    /// The same for an address in lower case that no message need be from or to, such as one in a quotation.
    ///
    /// ```
    /// # use threadfold_core::{Envelopes, Locator, NewEnvelope, SourceId};
    /// # let mut mail = Envelopes::default();
    /// # let at = Locator { source: SourceId(0), offset: 0, len: 1 };
    /// # mail.push(at, &NewEnvelope { from: "ann@shop.example.org", ..Default::default() });
    /// let agents = threadfold_thread::Agents::given(&["@shop.example.org".to_owned()], &mail)?;
    /// assert!(agents.is_agent_address("tom@shop.example.org") && !agents.is_agent_address("tom@example.org"));
    /// # Ok::<(), threadfold_thread::agents::Unknown>(())
    /// ```
    pub fn is_agent_address(&self, address: &str) -> bool {
        let bare = without_tag(address);
        self.addresses.binary_search_by(|a| a.as_str().cmp(&bare)).is_ok()
            || self.domains.iter().any(|d| in_domain(address, d))
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.domains.is_empty()
    }

    /// The addresses, in alphabetical order, without those that a domain covers.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// The domains, in alphabetical order.
    pub fn domains(&self) -> &[String] {
        &self.domains
    }
}

/// All addresses that messages are from or to.
fn people(envelopes: &Envelopes) -> Passing<Symbol> {
    let mut seen = Passing::from(vec![false; envelopes.strings().len()]);
    for (i, e) in envelopes.iter().enumerate() {
        seen[e.from.0 as usize] = true;
        for to in envelopes.recipients(i) {
            seen[to.0 as usize] = true;
        }
    }
    seen[Symbol::EMPTY.0 as usize] = false;
    (0u32..).zip(seen.iter()).filter(|(_, s)| **s).map(|(i, _)| Symbol(i)).collect()
}

/// `help+7@example.org` is `help@example.org`.
fn without_tag(address: &str) -> Cow<'_, str> {
    if let Some(at) = address.rfind('@')
        && let Some(plus) = address[..at].find('+')
        && plus > 0
    {
        return format!("{}{}", &address[..plus], &address[at..]).into();
    }
    address.into()
}

fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, d)| d)
}

fn in_domain(address: &str, wanted: &str) -> bool {
    let d = domain(address);
    d == wanted
        || (d.len() > wanted.len() && d.ends_with(wanted) && d.as_bytes()[d.len() - wanted.len() - 1] == b'.')
}

/// People of one domain that may still be one company: a small business's customers are no larger firms.
const COMPANY: u32 = 50;

/// Everybody as a number: the same for all tags of an address; and everybody's party, the same for all of
/// a company.
struct Parties {
    person: Passing<u32>,
    party: Passing<u32>,
    /// An address of each person.
    address: Passing<Symbol>,
    /// Of each party, whether it is a company: all addresses of a domain.
    company: Vec<bool>,
}

impl Parties {
    fn new(envelopes: &Envelopes) -> Parties {
        let mut person = Passing::from(vec![u32::MAX; envelopes.strings().len()]);
        let (mut party, mut address, mut company) = (Passing::default(), Passing::default(), Vec::new());
        let people = people(envelopes);
        // How many addresses each domain has, and its party once it has one. No list of providers is complete: where
        // many people write from, they are no company either.
        let mut roofs: FxHashMap<&str, (u32, Option<u32>)> = FxHashMap::default();
        // Only by its tag can an address be another one's: the others need not be looked for.
        let mut tagged: FxHashMap<String, Option<u32>> = FxHashMap::default();
        for &s in people.iter() {
            let text = envelopes.text(s);
            roofs.entry(domain(text)).or_default().0 += 1;
            if let Cow::Owned(bare) = without_tag(text) {
                tagged.insert(bare, None);
            }
        }
        for &s in people.iter() {
            let text = envelopes.text(s);
            let next = address.len() as u32;
            let number = match tagged.get_mut(without_tag(text).as_ref()) {
                Some(known) => *known.get_or_insert(next),
                None => next,
            };
            person[s.0 as usize] = number;
            if number != next {
                continue;
            }
            address.push(s);
            let roof = domain(text);
            let new = company.len() as u32;
            let of = match roofs.get_mut(roof) {
                Some((people, of))
                    if *people <= COMPANY
                        && !roof.is_empty()
                        && !phrases::freemail_domains().contains(roof) =>
                {
                    *of.get_or_insert(new)
                }
                _ => {
                    company.push(false);
                    party.push(new);
                    continue;
                }
            };
            if of == new {
                company.push(true);
            }
            party.push(of);
        }
        Parties { person, party, address, company }
    }

    /// A person's address without its tag.
    fn name<'e>(&self, envelopes: &'e Envelopes, person: usize) -> Cow<'e, str> {
        without_tag(envelopes.text(self.address[person]))
    }

    /// The domain of a person's address.
    fn domain<'e>(&self, envelopes: &'e Envelopes, person: usize) -> &'e str {
        domain(envelopes.text(self.address[person]))
    }

    fn of(&self, s: Symbol) -> Option<u32> {
        self.person.get(s.0 as usize).copied().filter(|&p| p != u32::MAX)
    }
}

/// Of each person, how many parties of strangers the pairs say it has to do with, each of them with others behind it.
/// The lists are sorted; of each `keep` says which pairs count.
fn partners(
    parties: &Parties,
    keep: impl Fn(usize, &(u32, u32)) -> bool,
    lists: &[&[(u32, u32)]],
) -> Passing<u32> {
    let mut rest = lists.to_vec();
    let mut others: Passing<u32> = Passing::default();
    let party = |p: u32| parties.party[p as usize];
    let of = |person: u32| {
        others.clear();
        for (i, list) in rest.iter_mut().enumerate() {
            let mine = list.iter().take_while(|pair| pair.0 == person).count();
            let (mine, after) = list.split_at(mine);
            *list = after;
            let strangers = mine.iter().filter(|pair| party(pair.1) != party(person) && keep(i, pair));
            others.extend(strangers.map(|pair| party(pair.1)));
        }
        others.sort_unstable();
        others.dedup();
        others.len() as u32
    };
    (0..parties.address.len() as u32).map(of).collect()
}

/// The business's party where the mailbox holds one side of its mail alone: only what strangers wrote to it, or
/// only what it wrote to strangers. `wrote` are pairs of people who were written to and who wrote.
fn only_side(wrote: &[(u32, u32)], parties: &Parties) -> Option<u32> {
    let party = |p: u32| parties.party[p as usize];
    let mut pairs: Vec<(u32, u32)> =
        wrote.iter().map(|&(b, a)| (party(a), party(b))).filter(|(a, b)| a != b).collect();
    // A party in the middle of nearly all mail, all of which goes one way.
    let mut middle = |turn: bool| {
        pairs.iter_mut().filter(|_| turn).for_each(|pair| *pair = (pair.1, pair.0));
        pairs.sort_unstable();
        pairs.dedup();
        let largest = pairs.chunk_by(|x, y| x.0 == y.0).max_by_key(|group| group.len())?;
        let (hub, count) = (largest[0].0, largest.len());
        let mut others: Vec<u32> = pairs.iter().map(|pair| pair.1).collect();
        others.sort_unstable();
        others.dedup();
        let one_way = others.binary_search(&hub).is_err();
        (count >= 3 && count * 5 >= others.len() * 4 && one_way).then_some(hub)
    };
    middle(false).or_else(|| middle(true))
}

/// Each pair once, in order.
fn sort_out(pairs: &mut Passing<(u32, u32)>) {
    pairs.sort_unstable();
    pairs.dedup();
    pairs.shrink_to_fit();
}

fn find(envelopes: &Envelopes, outline: &Outline) -> (Agents, Vec<AgentEvidence>) {
    let parties = Parties::new(envelopes);
    let n = parties.address.len();
    let mut sent = Passing::from(vec![0u32; n]);
    let mut owns = Passing::from(vec![0u32; n]);
    let mut mailers = vec![false; n];
    let Outline { order, topics } = outline;
    let mut identity = identify(envelopes, order, topics, None);
    let machine = Hints::AUTO | Hints::BOUNCE | Hints::BULK | Hints::SPAM;
    let by_machine = |i: u32| envelopes[i as usize].hints.intersects(machine);

    // (answerer, author) by ids, and those of them where the answer is to a message that answers none itself.
    let mut replied: Passing<(u32, u32)> = Passing::default();
    let mut advised: Passing<(u32, u32)> = Passing::default();
    for (r, &i) in order.iter().enumerate() {
        if by_machine(i) || identity.is_copy(r as u32) {
            continue;
        }
        let Some(from) = parties.of(envelopes[i as usize].from) else { continue };
        let cited = envelopes.references(i as usize).iter().rev().find_map(|&id| match identity.holder(id) {
            Holder::One(p) => Some(order[p as usize] as usize),
            _ => None,
        });
        if let Some(question) = cited
            && let Some(asker) = parties.of(envelopes[question].from).filter(|&p| p != from)
        {
            replied.push((from, asker));
            if envelopes.references(question).is_empty() {
                advised.push((from, asker));
            }
        }
    }
    // The lists of pairs and the table of ids are large: not all of them are held at once.
    identity.forget_ids();
    sort_out(&mut replied);
    sort_out(&mut advised);

    // (writer, addressee) in person.
    let mut wrote: Passing<(u32, u32)> = Passing::default();
    for (r, &i) in order.iter().enumerate() {
        let (e, from) = (&envelopes[i as usize], parties.of(envelopes[i as usize].from));
        let Some(from) = from else { continue };
        if by_machine(i) || identity.is_copy(r as u32) {
            mailers[from as usize] |= e.hints.contains(Hints::BULK);
            continue;
        }
        sent[from as usize] += 1;
        owns[from as usize] += u32::from(e.hints.contains(Hints::SENT));
        if !e.hints.contains(Hints::LIST) {
            let to = envelopes.recipients(i as usize).filter_map(|to| parties.of(to));
            wrote.extend(to.filter(|&to| to != from).map(|to| (from, to)));
        }
    }
    drop(identity);
    sort_out(&mut wrote);
    // Parties that each answered, by mail to those who wrote to it or by ids; on a list: whose questions it answered.
    let mutual = |&(a, b): &(u32, u32)| wrote.binary_search(&(b, a)).is_ok();
    let answered = partners(&parties, |list, pair| list > 0 || mutual(pair), &[&wrote, &replied]);
    let advised_to = partners(&parties, |_, _| true, &[&advised]);
    for pairs in [&mut wrote, &mut replied, &mut advised] {
        pairs.iter_mut().for_each(|pair| *pair = (pair.1, pair.0));
        pairs.sort_unstable();
    }
    // Parties that wrote to each, and that answered each.
    let writing = partners(&parties, |_, _| true, &[&wrote, &replied]);
    let answered_by = partners(&parties, |_, _| true, &[&replied]);
    let advised_by = partners(&parties, |_, _| true, &[&advised]);
    drop(advised);
    let in_person = !wrote.is_empty();

    let most = answered.iter().copied().max().unwrap_or(0);
    let qualifies = |p: usize, fewest: u32| {
        let (w, a) = (writing[p], answered[p]);
        // The mailbox's owner has sent mail in it (most of it, or a good deal: one customer's mail that somebody
        // filed there makes no owner); others must stand out by whom they answer.
        let desk = in_person && a >= fewest && a * 10 >= most && a * 5 >= w && w >= fewest;
        let owner = a >= 1 && (owns[p] * 2 > sent[p] || owns[p] >= 5);
        let expert = a >= 20.max(most / 10) && advised_to[p] >= 10.max(3 * advised_by[p]);
        sent[p] > 0 && (owner || (desk && a * 2 > answered_by[p]) || expert)
    };
    let floor = FEWEST.max(if most >= 5 { 3 } else { 0 });
    let mut chosen: Vec<bool> = (0..n).map(|p| qualifies(p, floor)).collect();

    // Where strangers answer each other it is a list, whatever it is called.
    let party = |p: u32| parties.party[p as usize];
    let among = replied.iter().filter(|&&(a, b)| party(a) != party(b)).count();
    let mut domains: Vec<String> = Vec::new();
    if !chosen.contains(&true)
        && among * 20 <= wrote.len()
        && let Some(side) = only_side(&wrote, &parties)
        // Whom all write to who got a newsletter is the newsletter.
        && !(0..n).any(|p| mailers[p] && sent[p] == 0 && parties.party[p] == side)
    {
        let of_side = (0..n).find(|&p| parties.party[p] == side && parties.company[side as usize]);
        domains.extend(of_side.map(|p| parties.domain(envelopes, p).to_owned()));
        for (p, chosen) in chosen.iter_mut().enumerate() {
            *chosen = parties.party[p] == side;
        }
    }

    // Several of one company: the company. One of a provider's many customers, or of a university's many
    // members, who happens to answer makes no business of the rest.
    let mut roofs: FxHashMap<&str, (u32, u32, u32)> = FxHashMap::default();
    for p in (0..n).filter(|&p| sent[p] > 0) {
        let roof = parties.domain(envelopes, p);
        if !roof.is_empty() && !phrases::freemail_domains().contains(roof) {
            let (senders, answering, strong) = roofs.entry(roof).or_default();
            *senders += 1;
            *answering += u32::from(answered[p] >= 1);
            *strong += u32::from(chosen[p]);
        }
    }
    let widened = roofs
        .iter()
        .filter(|(_, (senders, answering, strong))| {
            *strong >= 1 && *answering >= 2 && *senders <= COMPANY && strong * 5 >= *senders
        })
        .map(|(d, _)| (*d).to_owned());
    domains.extend(widened);
    domains.sort_unstable();
    for (p, c) in chosen.iter_mut().enumerate() {
        *c |= domains.iter().any(|d| parties.domain(envelopes, p) == d) && sent[p] > 0;
    }
    let addresses = (0..n)
        .filter(|&p| chosen[p] && !domains.iter().any(|d| in_domain(&parties.name(envelopes, p), d)))
        .map(|p| parties.name(envelopes, p).into_owned())
        .collect();
    let evidence = |p: usize| AgentEvidence {
        name: parties.name(envelopes, p).into_owned(),
        customers_writing: writing[p],
        customers_answered: answered[p],
        messages: sent[p],
        chosen: chosen[p],
    };
    let mut table: Vec<AgentEvidence> =
        (0..n).filter(|&p| chosen[p] || (answered[p] >= FEWEST && sent[p] > 0)).map(evidence).collect();
    table.sort_unstable_by(|a, b| {
        (b.chosen, b.customers_answered, &a.name).cmp(&(a.chosen, a.customers_answered, &b.name))
    });
    table.truncate(100.max(table.iter().filter(|e| e.chosen).count()));
    (Agents::of(addresses, domains, envelopes), table)
}
