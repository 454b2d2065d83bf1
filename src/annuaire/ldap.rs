//! A question to an LDAP directory: words as people type them, entries as people and services.
//!
//! Facts: attributes and root of the national directory as its client in Mediboard has them; nothing else of it is
//! known, so that names, root and login are settings.

use std::collections::BTreeMap;
use std::time::Duration;

use super::familiar::Words;
use super::fold::fold;
use super::{Error, Query};
use crate::domain::address::EmailAddress;
use crate::domain::ldap::{LdapField, LdapPeople, LdapSettings};
use crate::domain::person::{DirectoryMailbox, MailboxKind, Person};
use crate::domain::secret::Secret;
use crate::domain::text::one_line;
use crate::net::{Ldap, LdapEntry, LdapFilter as Filter, LdapQuestion, Way};

/// Longest wait for each step: connection, TLS, login, search.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 10 });
/// Most entries asked for, each one mailbox.
const MOST_ENTRIES: u32 = 50;
/// Most words sent.
const MOST_WORDS: usize = 6;
/// Longest text of an entry that is kept, in characters.
const LONGEST_TEXT: usize = 200;

/// Where a word may begin.
const WORDS: [LdapField; 6] = [
    LdapField::FamilyName,
    LdapField::GivenName,
    LdapField::City,
    LdapField::Structure,
    LdapField::Service,
    LdapField::Profession,
];
/// Asks a directory. Its words are begun words in any order, as in the annuaire; what the server finds beyond them is
/// left out. Nothing is asked for an empty text.
///
/// # Errors
/// [`Error::Ldap`].
pub async fn ask(
    settings: &LdapSettings,
    password: Option<&Secret>,
    way: &Way,
    query: &Query,
) -> Result<LdapPeople, Error> {
    let server = settings.server.host().to_owned();
    let Some(words) = words(&query.text) else {
        return Ok(LdapPeople { server, ..LdapPeople::default() });
    };
    let mut ldap = Ldap::connect(way, settings.server.endpoint(), PATIENCE).await?;
    if let Some(user) = &settings.user {
        ldap.bind(user, password.unwrap_or(&Secret::new(String::new()))).await?;
    }
    let attributes: Vec<String> = LdapField::ALL
        .into_iter()
        .filter_map(|field| settings.attributes.get(field))
        .map(str::to_owned)
        .collect();
    let mut answer = LdapPeople { server, ..LdapPeople::default() };
    for spelling in [Spelling::Typed, Spelling::Unaccented] {
        let filter = filter(settings, &words, spelling);
        let question =
            LdapQuestion { base: &settings.base, filter, attributes: &attributes, most: MOST_ENTRIES };
        let found = ldap.search(&question).await.map_err(|error| wants_login(error, settings))?;
        answer.people = people(settings, &found.entries);
        answer.people.retain(|person| Words::of(person).answer(query));
        answer.more = found.more;
        if found.more || !answer.people.is_empty() {
            break;
        }
    }
    ldap.close().await;
    Ok(answer)
}

/// Servers that answer nobody who has not logged in say so as OpenLDAP (53) or Active Directory (1) does, and hardly as
/// the standard has it (48).
fn wants_login(error: crate::net::Error, settings: &LdapSettings) -> crate::net::Error {
    match error {
        crate::net::Error::Directory(1 | 53) if settings.user.is_none() => crate::net::Error::Directory(48),
        error => error,
    }
}

/// What a text asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    Address(EmailAddress),
    Number(String),
    Words(Vec<&'a str>),
}

/// How words are compared: as they were typed, which a server does quickly; or with anything where a letter may have an
/// accent, when that finds nobody.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Typed,
    Unaccented,
}

/// `None` when there is nothing to ask for.
fn words(text: &str) -> Option<Asked<'_>> {
    if let Ok(address) = EmailAddress::parse(text) {
        return Some(Asked::Address(address));
    }
    let mut words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let together = words.concat();
    together.chars().nth(1)?;
    if together.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Asked::Number(together));
    }
    words.truncate(MOST_WORDS);
    Some(Asked::Words(words))
}

fn filter(settings: &LdapSettings, asked: &Asked<'_>, spelling: Spelling) -> Filter {
    let name = |field| settings.attributes.get(field).map(str::to_owned);
    let named = |fields: &[LdapField]| fields.iter().filter_map(|field| name(*field)).collect::<Vec<_>>();
    let mail = name(LdapField::Mail).unwrap_or_default();
    let words = match asked {
        Asked::Address(address) => return Filter::Is(mail, address.as_str().to_owned()),
        Asked::Number(number) => {
            let numbers = named(&[LdapField::PersonId, LdapField::StructureId]).into_iter();
            let any = numbers.map(|attribute| Filter::Begins(attribute, number.clone())).collect();
            return Filter::All(vec![Filter::Present(mail), Filter::Any(any)]);
        }
        Asked::Words(words) => words,
    };
    let attributes = named(&WORDS);
    let mut all = vec![Filter::Present(mail.clone())];
    for word in words {
        let mut any = vec![Filter::Begins(mail.clone(), (*word).to_owned())];
        for spelled in spellings(word) {
            for attribute in &attributes {
                if spelling == Spelling::Unaccented {
                    let pieces = without_accentable(&spelled);
                    any.extend((!pieces.is_empty()).then(|| Filter::Contains(attribute.clone(), pieces)));
                    continue;
                }
                any.push(Filter::Begins(attribute.clone(), spelled.clone()));
                let inside = |mark| Filter::Contains(attribute.clone(), vec![format!("{mark}{spelled}")]);
                any.extend([" ", "-", "'"].map(inside));
            }
        }
        all.push(Filter::Any(any));
    }
    Filter::All(all)
}

/// The pieces of a word between letters that may have an accent or be written as two.
fn without_accentable(word: &str) -> Vec<String> {
    let pieces = word.split(|c: char| !c.is_ascii() || "aceiouyACEIOUY".contains(c));
    pieces.filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
}

/// A word as it was typed and as others may have written it.
fn spellings(word: &str) -> Vec<String> {
    let folded = fold(word);
    let long = match folded.as_str() {
        "st" => "saint".to_owned(),
        "ste" => "sainte".to_owned(),
        _ => folded,
    };
    let mut spellings = vec![word.to_owned()];
    if !long.is_empty() && long != word.to_lowercase() {
        spellings.push(long);
    }
    spellings
}

/// People and services of entries, each once with all mailboxes, by name.
fn people(settings: &LdapSettings, entries: &[LdapEntry]) -> Vec<Person> {
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for person in entries.iter().flat_map(|entry| of_entry(settings, entry)) {
        match people.get_mut(&person.key) {
            Some(known) => {
                for mailbox in person.mailboxes {
                    if known.mailbox(mailbox.address.as_str()).is_none() {
                        known.mailboxes.push(mailbox);
                    }
                }
            }
            None => {
                people.insert(person.key.clone(), person);
            }
        }
    }
    let mut people: Vec<Person> = people.into_values().collect();
    people.sort_by_cached_key(|p| (fold(&p.family_name), fold(&p.given_name), p.key.clone()));
    people
}

/// Who an entry is, once for each of its addresses.
fn of_entry(settings: &LdapSettings, entry: &LdapEntry) -> Vec<Person> {
    let values = |field| settings.attributes.get(field).into_iter().flat_map(|name| entry.values(name));
    let first = |field| values(field).map(text).find(|value| !value.is_empty()).unwrap_or_default();
    let number = person_number(&first(LdapField::PersonIdKind), &first(LdapField::PersonId));
    let (family_name, given_name) = (first(LdapField::FamilyName), first(LdapField::GivenName));
    let kind = match first(LdapField::Kind).to_ascii_uppercase().as_str() {
        "PER" => MailboxKind::Per,
        "ORG" => MailboxKind::Org,
        "APP" => MailboxKind::App,
        "CAB" => MailboxKind::Cab,
        _ if number.is_some() || !given_name.is_empty() => MailboxKind::Per,
        _ => MailboxKind::Org,
    };
    let is_somebody = kind == MailboxKind::Per;
    let (structure, service) = (first(LdapField::Structure), first(LdapField::Service));
    let addresses = values(LdapField::Mail).filter_map(|address| EmailAddress::parse(address).ok());
    addresses
        .map(|address| {
            let name = match &family_name {
                name if !name.is_empty() => name,
                _ if !structure.is_empty() => &structure,
                _ => address.as_str(),
            };
            Person {
                key: number.clone().unwrap_or_else(|| address.as_str().to_lowercase()),
                family_name: if is_somebody || structure.is_empty() { name } else { &structure }.to_owned(),
                given_name: if is_somebody { given_name.clone() } else { String::new() },
                profession: if is_somebody { first(LdapField::Profession) } else { String::new() },
                mailboxes: vec![DirectoryMailbox {
                    address,
                    kind,
                    structure: structure.clone(),
                    service: service.clone(),
                    city: first(LdapField::City),
                    postal_code: String::new(),
                    paperless: None,
                    structure_id: first(LdapField::StructureId),
                }],
                ..Person::default()
            }
        })
        .collect()
}

/// The national identifier: the digit of its kind (8 RPPS, 0 ADELI; table TRE_G08) before the number, unless the number
/// has it already.
fn person_number(kind: &str, number: &str) -> Option<String> {
    let is_number = (1..=20).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_number {
        return None;
    }
    match (kind, number.len()) {
        ("8" | "", 12) if number.starts_with('8') => Some(number.to_owned()),
        ("8" | "", 11) => Some(format!("8{number}")),
        ("", _) => None,
        (kind, _) if kind.len() == 1 => Some(format!("{kind}{number}")),
        _ => None,
    }
}

/// A value in one line, without what would deceive whoever reads it.
fn text(value: &str) -> String {
    one_line(value).trim().chars().take(LONGEST_TEXT).collect()
}

#[cfg(test)]
#[path = "../../tests/annuaire/ldap.rs"]
mod tests;
