//! The directory file: the mailboxes of this operator, then the fictitious colleagues of the practice corpus, who
//! write to them, and many more.
//!
//! Form of the ANS file `Extraction_Correspondance_MSSante`: UTF-8, one header line, 31 columns, `|`, no quoting.

use estafette::practice::annuaire::{HEADER, extraction};

use crate::persona::{Login, MAILBOXES, Mailbox};

/// Mailboxes beside the operator's own and those of the corpus.
const COLLEAGUES: usize = 2_000;
const SEED: u64 = 0x5EED_CA5E;

/// Name the file has at the ANS, which carries the minute it was made.
pub fn file_name(made: &jiff::Timestamp) -> String {
    let minute = made.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y%m%d%H%M").to_string();
    format!("Extraction_Correspondance_MSSante_{minute}.txt")
}

/// The whole file; the same at each call.
pub fn text() -> String {
    let own = |address: &str| MAILBOXES.iter().any(|mailbox| mailbox.address == address);
    let others = extraction(COLLEAGUES, SEED);
    let mut lines = vec![HEADER.to_owned()];
    lines.extend(MAILBOXES.iter().map(own_line));
    lines.extend(others.lines().skip(1).filter(|line| !address(line).is_some_and(own)).map(str::to_owned));
    lines.join("\n") + "\n"
}

/// Every domain that has a mailbox in the file.
pub fn domains() -> Vec<String> {
    let text = text();
    let addresses = text.lines().skip(1).filter_map(address);
    let mut all: Vec<String> =
        addresses.filter_map(|a| a.rsplit_once('@')).map(|(_, d)| d.to_owned()).collect();
    all.sort();
    all.dedup();
    all
}

/// The second column.
fn address(line: &str) -> Option<&str> {
    line.split('|').nth(1)
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
    street: &'a str,
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
            "12".to_owned(),
            String::new(),
            "R".to_owned(),
            self.street.to_owned(),
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
    let person = mailbox.professional();
    let person = person.as_ref();
    let code = person.map(|p| p.profession.to_string()).unwrap_or_default();
    Line {
        kind: match mailbox.login {
            Login::Card(_) | Login::Psc(_) => "PER",
            Login::Password(_) => "ORG",
            Login::Certificate(_) => "APP",
        },
        address: mailbox.address.to_owned(),
        rpps: person.map(|p| p.rpps.to_owned()).unwrap_or_default(),
        structure: listing.structure,
        service: listing.service,
        title: if code == "10" { "DR" } else { "" },
        family: person.map_or("", |p| p.family),
        given: person.map_or("", |p| p.given),
        profession: (&code, person.map_or("", |p| p.title)),
        skill: listing.skill,
        street: listing.street,
        town: (listing.postcode, listing.town),
    }
    .join()
}
