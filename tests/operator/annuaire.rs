//! The directory file: the mailboxes of this operator, then fictitious colleagues elsewhere in the trust space.
//!
//! Form of the ANS file `Extraction_Correspondance_MSSante`: UTF-8, one header line, 31 columns, `|`, no quoting.

mod lists;

use crate::persona::{Login, MAILBOXES, Mailbox};
use lists::{FAMILIES, GIVEN, HOSPITALS, PROFESSIONS, SERVICES, SPECIALITIES, STREETS, TOWNS};

const HEADER: &str = "Type de BAL|Adresse BAL|Type Identifiant PP|Identifiant PP|Identification nationale PP|\
Type identifiant structure|Identification Structure|Service de rattachement|Civilité d'exercice|Nom d'exercice|\
Prénom d'exercice|Catégorie profession|Libellé de catégorie profession|Code Profession|Libellé Profession|\
Code savoir-faire|Libellé savoir-faire|Dématérialisation|Raison Sociale structure BAL|\
Enseigne commerciale structure BAL|L2COMPLEMENTLOCALISATION structure BAL|\
L3COMPLEMENTDISTRIBUTION structure BAL|L4NUMEROVOIE structure BAL|L4COMPLEMENTNUMEROVOIE structure BAL|\
NL4TYPEVOIE structure BAL|L4LIBELLEVOIE structure BAL|L5LIEUDITMENTION structure BAL|\
L6LIGNEACHEMINEMENT structure BAL|Code postal structure BAL|Département structure BAL|Pays structure BAL";

/// Mailboxes beside the operator's own.
const COLLEAGUES: u32 = 2_000;

/// How many in this many mailboxes belong to a service rather than a person.
const ONE_SERVICE_IN: u32 = 8;

/// Name the file has at the ANS, which carries the minute it was made.
pub fn file_name(made: &jiff::Timestamp) -> String {
    let minute = made.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y%m%d%H%M").to_string();
    format!("Extraction_Correspondance_MSSante_{minute}.txt")
}

/// The whole file; the same at each call.
pub fn text() -> String {
    let mut lines = vec![HEADER.to_owned()];
    lines.extend(MAILBOXES.iter().map(own_line));
    let mut chance = Chance(0x5EED_CA5E);
    lines.extend((0..COLLEAGUES).map(|number| {
        if number % ONE_SERVICE_IN == 0 {
            service_line(number, &mut chance)
        } else {
            person_line(number, &mut chance)
        }
    }));
    lines.join("\n") + "\n"
}

/// Every domain that has a mailbox in the file.
pub fn domains() -> Vec<String> {
    let own = MAILBOXES.iter().map(Mailbox::domain);
    let others = PROFESSIONS.iter().map(|p| p.3).chain(HOSPITALS.iter().map(|h| h.0));
    let mut all: Vec<String> = own.chain(others).map(str::to_owned).collect();
    all.sort();
    all.dedup();
    all
}

/// The columns that differ; the rest is derived.
struct Line<'a> {
    kind: &'a str,
    address: String,
    rpps: String,
    structure: (&'a str, &'a str),
    service: &'a str,
    title: &'a str,
    family: &'a str,
    given: &'a str,
    profession: (&'a str, &'a str),
    skill: (&'a str, &'a str),
    street: (String, &'a str),
    town: (&'a str, &'a str),
}

impl Line<'_> {
    fn join(&self) -> String {
        let person = !self.rpps.is_empty();
        let when = |condition: bool, text: &str| if condition { text.to_owned() } else { String::new() };
        let (postcode, town) = self.town;
        let department = if postcode.starts_with("97") { &postcode[..3] } else { &postcode[..2] };
        [
            self.kind.to_owned(),
            self.address.clone(),
            when(person, "8"),
            self.rpps.clone(),
            when(person, &format!("8{}", self.rpps)),
            when(!self.structure.0.is_empty(), "FINESS"),
            self.structure.0.to_owned(),
            self.service.to_owned(),
            self.title.to_owned(),
            self.family.to_owned(),
            self.given.to_owned(),
            when(person, "C"),
            when(person, "Civil"),
            self.profession.0.to_owned(),
            self.profession.1.to_owned(),
            self.skill.0.to_owned(),
            self.skill.1.to_owned(),
            "N".to_owned(),
            self.structure.1.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            self.street.0.clone(),
            String::new(),
            "R".to_owned(),
            self.street.1.to_owned(),
            String::new(),
            format!("{postcode} {town}"),
            postcode.to_owned(),
            department.to_owned(),
            "FRANCE".to_owned(),
        ]
        .join("|")
    }
}

fn own_line(mailbox: &Mailbox) -> String {
    let listing = &mailbox.listing;
    let card = mailbox.card();
    let code = card.map(|c| c.profession.to_string()).unwrap_or_default();
    Line {
        kind: if matches!(mailbox.login, Login::Card(_)) { "PER" } else { "ORG" },
        address: mailbox.address.to_owned(),
        rpps: card.map(|c| c.rpps.to_owned()).unwrap_or_default(),
        structure: listing.structure,
        service: listing.service,
        title: if code == "10" { "DR" } else { "" },
        family: card.map_or("", |c| c.family),
        given: card.map_or("", |c| c.given),
        profession: (&code, card.map_or("", |c| c.title)),
        skill: listing.skill,
        street: ("12".to_owned(), listing.street),
        town: (listing.postcode, listing.town),
    }
    .join()
}

fn person_line(number: u32, chance: &mut Chance) -> String {
    let (family, given) = (chance.one_of(FAMILIES), chance.one_of(GIVEN));
    let (code, label, title, domain) = chance.one_of(PROFESSIONS);
    // The number keeps homonyms apart: two people of one name are the rule, two addresses alike never are.
    let address = format!("{}.{}{number}@{domain}", ascii(given), ascii(family));
    let skill = if code == "10" { chance.one_of(SPECIALITIES) } else { ("", "") };
    Line {
        kind: "PER",
        address,
        rpps: rpps(number),
        structure: ("", ""),
        service: "",
        title,
        family,
        given,
        profession: (code, label),
        skill,
        street: (chance.below(120).to_string(), chance.one_of(STREETS)),
        town: chance.one_of(TOWNS),
    }
    .join()
}

fn service_line(number: u32, chance: &mut Chance) -> String {
    let service = chance.one_of(SERVICES);
    let (domain, name, finess) = chance.one_of(HOSPITALS);
    Line {
        kind: "ORG",
        address: format!("{}{number}@{domain}", ascii(service)),
        rpps: String::new(),
        structure: (finess, name),
        service,
        title: "",
        family: "",
        given: "",
        profession: ("", ""),
        skill: ("", ""),
        street: (chance.below(120).to_string(), chance.one_of(STREETS)),
        town: chance.one_of(TOWNS),
    }
    .join()
}

/// A fictitious RPPS: 999, a counter, and the Luhn key.
fn rpps(number: u32) -> String {
    let body = format!("9991{number:06}");
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0');
            match i % 2 {
                0 => digit * 2 / 10 + digit * 2 % 10,
                _ => digit,
            }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Lower-case ASCII as addresses have it.
fn ascii(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let letters = name.nfd().filter(char::is_ascii).collect::<String>().to_lowercase();
    letters.replace([' ', '\''], "-")
}

/// A small fixed generator (xorshift): the file must be the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap_or(0)
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}
