//! One person as stored: who, where they practise, and every line of the extraction about them. Nothing of the lines
//! that the index was made from is lost, so that a row can be taken out of the index again.

use super::extraction::{Field, Record};
use super::fold::fold;
use crate::domain::address::EmailAddress;
use crate::domain::person::{DirectoryMailbox, MailboxKind, Person, Practice};

/// Between the fields of a person or line.
const FIELD: char = '\u{1f}';
/// Between lines.
const RECORD: char = '\u{1e}';
/// Between places of practice.
const PLACE: char = '\u{1d}';
/// Between the fields of a place.
const PART: char = '\u{1c}';

/// What the lines of one person share; kept once.
const SHARED: [Field; 5] =
    [Field::Identifier, Field::Title, Field::FamilyName, Field::GivenName, Field::Profession];
/// What each line has of its own.
const OWN: [Field; 12] = [
    Field::Address,
    Field::Kind,
    Field::Service,
    Field::SpecialtyCode,
    Field::Specialty,
    Field::Paperless,
    Field::Structure,
    Field::TradeName,
    Field::City,
    Field::PostalCode,
    Field::Department,
    Field::StructureId,
];

/// The row of some lines of one person, with their places of practice.
pub(super) fn encode(records: &[Record], places: &[Practice]) -> String {
    let Some(first) = records.first() else { return String::new() };
    let mut out = String::with_capacity(256);
    for field in SHARED {
        out.push_str(first.get(field));
        out.push(FIELD);
    }
    out.push_str(&encode_places(places));
    for record in records {
        out.push(RECORD);
        for (at, field) in OWN.into_iter().enumerate() {
            if at > 0 {
                out.push(FIELD);
            }
            out.push_str(record.get(field));
        }
        // rarely one person has two professions or names: the line then keeps its own
        if SHARED.iter().any(|field| record.get(*field) != first.get(*field)) {
            for field in SHARED {
                out.push(FIELD);
                out.push_str(record.get(field));
            }
        }
    }
    out
}

/// Places of practice as one text.
pub(super) fn encode_places(places: &[Practice]) -> String {
    let texts: Vec<String> = places
        .iter()
        .map(|p| [&*p.structure, &p.street, &p.postal_code, &p.city, &p.phone].join(&PART.to_string()))
        .collect();
    texts.join(&PLACE.to_string())
}

/// The places of a text made by [`encode_places`].
pub(super) fn decode_places(text: &str) -> Vec<Practice> {
    let place = |text: &str| {
        let mut parts = text.split(PART).map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        Practice { structure: part(), street: part(), postal_code: part(), city: part(), phone: part() }
    };
    text.split(PLACE).filter(|t| !t.is_empty()).map(place).collect()
}

/// The lines and places a row was made of.
pub(super) fn decode(row: &str) -> (Vec<Record>, Vec<Practice>) {
    let mut parts = row.split(RECORD);
    let head: Vec<&str> = parts.next().unwrap_or_default().split(FIELD).collect();
    let places = decode_places(head.get(SHARED.len()).copied().unwrap_or_default());
    let records = parts.map(|line| {
        let mut record = Record::default();
        for (field, text) in SHARED.into_iter().zip(&head) {
            record.set(field, (*text).to_owned());
        }
        for (field, text) in OWN.into_iter().chain(SHARED).zip(line.split(FIELD)) {
            record.set(field, text.to_owned());
        }
        record
    });
    (records.collect(), places)
}

/// The person of a row; `None` of a damaged one.
pub(super) fn person(row: &str) -> Option<Person> {
    let (records, places) = decode(row);
    let first = records.first()?;
    let mut specialties: Vec<String> = Vec::new();
    let mut mailboxes: Vec<DirectoryMailbox> = Vec::new();
    for record in &records {
        let specialty = record.get(Field::Specialty);
        if !specialty.is_empty() && !specialties.iter().any(|s| s == specialty) {
            specialties.push(specialty.to_owned());
        }
        let address = record.get(Field::Address);
        if !mailboxes.iter().any(|m| m.address.as_str().eq_ignore_ascii_case(address)) {
            mailboxes.extend(mailbox(record));
        }
    }
    let family = [first.get(Field::FamilyName), structure(first), first.get(Field::Address)];
    Some(Person {
        key: first.key(),
        title: first.get(Field::Title).to_owned(),
        family_name: family.into_iter().find(|n| !n.is_empty()).unwrap_or_default().to_owned(),
        given_name: first.get(Field::GivenName).to_owned(),
        profession: first.get(Field::Profession).to_owned(),
        specialties,
        mailboxes,
        places,
    })
}

/// Name of the structure: the legal one, else the trade name.
pub(super) fn structure(record: &Record) -> &str {
    match record.get(Field::Structure) {
        "" => record.get(Field::TradeName),
        name => name,
    }
}

fn mailbox(record: &Record) -> Option<DirectoryMailbox> {
    let kind = match record.get(Field::Kind) {
        "ORG" => MailboxKind::Org,
        "APP" => MailboxKind::App,
        "CAB" => MailboxKind::Cab,
        _ => MailboxKind::Per,
    };
    let text = |field: Field| record.get(field).to_owned();
    Some(DirectoryMailbox {
        address: EmailAddress::parse(record.get(Field::Address)).ok()?,
        kind,
        structure: structure(record).to_owned(),
        service: text(Field::Service),
        city: text(Field::City),
        postal_code: text(Field::PostalCode),
        paperless: paperless(record.get(Field::Paperless)),
        structure_id: text(Field::StructureId),
    })
}

/// The column Dématérialisation; its spelling is not settled between sources.
fn paperless(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "o" | "oui" | "true" | "vrai" | "1" => Some(true),
        "n" | "non" | "false" | "faux" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &[(Field, &str)]) -> Record {
        let mut record = Record::default();
        fields.iter().for_each(|(field, text)| record.set(*field, (*text).to_owned()));
        record
    }

    #[test]
    fn a_row_gives_back_the_lines_and_places_it_was_made_of() {
        let who = [(Field::Identifier, "899900000001"), (Field::FamilyName, "LE GALL")];
        let one = record(&[&who[..], &[(Field::Address, "a@x.fr"), (Field::City, "BREST")]].concat());
        let two = record(&[&who[..], &[(Field::Address, "b@y.fr"), (Field::Profession, "Médecin")]].concat());
        let place = Practice { city: "LYON".to_owned(), phone: "04".to_owned(), ..Practice::default() };
        let lines = [one, two];
        let row = encode(&lines, std::slice::from_ref(&place));
        assert_eq!(decode(&row), (lines.to_vec(), vec![place]));
        let person = person(&row).unwrap();
        assert_eq!(person.mailboxes.len(), 2);
        assert_eq!(person.places.len(), 1);
    }
}
