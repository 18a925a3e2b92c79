//! The shop, its agents and its customers.

use crate::client::Client;
use crate::language::Language;
use crate::random::Random;

/// Somebody who writes mail.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) first: String,
    pub(crate) address: String,
    /// The language of this person's words and mail program, as an index.
    pub(crate) language: usize,
    pub(crate) client: Client,
    /// Set for people who write from work.
    pub(crate) company: Option<String>,
    pub(crate) phone: String,
    pub(crate) city: &'static str,
    /// Seeds what stays the same for a person: signature, closing habits.
    pub(crate) habits: u64,
}

/// What the shop's answers say again and again. Answers that contradict each other would be two of these.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) open: u32,
    pub(crate) close: u32,
    pub(crate) saturday: u32,
    pub(crate) ship_days: &'static str,
    pub(crate) ship_cost: u32,
    pub(crate) ship_free: u32,
    pub(crate) return_days: u32,
    pub(crate) refund_days: u32,
    pub(crate) warranty_years: u32,
}

/// The fictional business.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) support: String,
    pub(crate) agents: Vec<Person>,
    pub(crate) facts: Facts,
    pub(crate) phone: String,
    pub(crate) street: String,
}

const SHOP_NAMES: &[(&str, &str)] = &[
    ("Lantern & Moss", "lantern-and-moss.example.com"),
    ("Kupferkessel", "kupferkessel.example.com"),
    ("Northbank Outfitters", "northbank.example.com"),
    ("Tin Kettle Supply", "tinkettle.example.com"),
];
const PRIVATE_DOMAINS: &[&str] = &[
    "mail.example.net",
    "post.example.net",
    "webmail.example.org",
    "inbox.example.net",
    "letterbox.example.org",
    "home.example.net",
];
const COMPANIES: &[&str] = &[
    "Birchwood Dental",
    "Atelier Corvin",
    "Hafenkontor",
    "Studio Quercia",
    "Molen Advies",
    "Ponte Alta",
    "Zielona Pracownia",
    "Redhill Primary School",
    "Brasserie du Quai",
    "Casa Marbella",
    "Linden Apotheke",
    "Harbour Yoga",
];
/// The agents' mail programs: one agent each, so that every style of answer occurs in every mailbox.
const AGENT_CLIENTS: &[Client] = &[
    Client::Outlook,
    Client::Gmail,
    Client::OutlookWeb,
    Client::Thunderbird,
    Client::AppleMail,
    Client::Roundcube,
    Client::Outlook,
    Client::Gmail,
];

impl Shop {
    pub(crate) fn new(seed: u64, languages: &[Language]) -> Shop {
        let mut r = Random::fork(seed, 0x5409);
        let (name, domain) = r.pick(SHOP_NAMES);
        let mut shop = Shop {
            name: name.to_owned(),
            domain: domain.to_owned(),
            support: format!("support@{domain}"),
            agents: Vec::new(),
            facts: Facts {
                open: 8 + r.below(2) as u32,
                close: 17 + r.below(3) as u32,
                saturday: 13 + r.below(3) as u32,
                ship_days: r.pick(&["2-3", "3-4", "3-5"]),
                ship_cost: 390 + 100 * r.below(4) as u32,
                ship_free: 40 + 10 * r.below(5) as u32,
                return_days: r.pick(&[14, 30, 60]),
                refund_days: r.pick(&[3, 5, 7]),
                warranty_years: r.pick(&[2, 3, 5]),
            },
            phone: format!("+1 (555) 555-01{:02}", r.below(100)),
            street: format!("{} {}", languages[0].streets[0], r.between(1, 90)),
        };
        for (i, &client) in AGENT_CLIENTS.iter().enumerate() {
            // The shop's people sit in one office, but not all of them run an English mail program.
            let language = if i % 3 == 2 { 1 } else { 0 };
            let l = &languages[[0, 1, 0, 3, 0, 1, 4, 0][i % 8]];
            let mut first = r.pick(&l.given);
            while shop.agents.iter().any(|a| a.first == first) {
                first = r.pick(&l.given);
            }
            let family = r.pick(&l.family);
            shop.agents.push(Person {
                name: format!("{first} {family}"),
                first: first.to_owned(),
                address: format!(
                    "{}{}@{domain}",
                    fold(first),
                    if i > 3 { &"bcdefg"[i - 4..i - 3] } else { "" }
                ),
                language,
                client,
                company: None,
                phone: format!("+1 (555) 555-01{:02}", r.below(100)),
                city: languages[0].cities[0],
                habits: r.next(),
            });
        }
        shop
    }

    /// The n-th customer, who is the same person whenever asked for.
    pub(crate) fn customer(&self, seed: u64, number: u64, languages: &[Language]) -> Person {
        let mut r = Random::fork(seed ^ 0xC057, number);
        let weights: Vec<f64> = languages.iter().map(|l| l.weight).collect();
        let language = r.weighted(&weights);
        let l = &languages[language];
        let (first, first_ascii) = spelled(r.pick(&l.given));
        let (family, family_ascii) = spelled(r.pick(&l.family));
        let company = r.chance(0.12).then(|| (r.pick(COMPANIES)).to_owned());
        let (f, n) = (fold(first_ascii), fold(family_ascii));
        let local = match r.below(4) {
            0 => format!("{f}.{n}{number}"),
            1 => format!("{f}{number}"),
            2 => format!("{}{n}.{number}", &f[..1]),
            _ => format!("{n}-{f}{number}"),
        };
        let domain = match &company {
            Some(c) => format!("{}.example.org", fold(c)),
            None => (r.pick(PRIVATE_DOMAINS)).to_owned(),
        };
        let name = if l.code == "ja" { format!("{family} {first}") } else { format!("{first} {family}") };
        Person {
            name,
            first: first.to_owned(),
            address: format!("{local}@{domain}"),
            language,
            client: Client::of_customer(&mut r, l.code),
            company,
            phone: format!("(555) 555-01{:02}", r.below(100)),
            city: r.pick(&l.cities),
            habits: r.next(),
        }
    }
}

/// A name that is not written in Latin letters stands with its romanisation: `健太=Kenta`.
fn spelled(entry: &'static str) -> (&'static str, &'static str) {
    entry.split_once('=').unwrap_or((entry, entry))
}

/// Lower-case ASCII letters for an address; never empty.
pub(crate) fn fold(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'ą' => out.push('a'),
            'ç' | 'ć' => out.push('c'),
            'è' | 'é' | 'ê' | 'ë' | 'ę' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' => out.push('i'),
            'ł' => out.push('l'),
            'ñ' | 'ń' => out.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' => out.push('o'),
            'ś' => out.push('s'),
            'ù' | 'ú' | 'û' => out.push('u'),
            'ź' | 'ż' => out.push('z'),
            _ => {}
        }
    }
    if out.is_empty() { "kontakt".to_owned() } else { out }
}
