//! The people the user knows, as the search of the annuaire needs them: those written to and the favourites come first,
//! in the panel and in the recipient field alike.

use std::collections::BTreeMap;

use super::Result;
use super::session::OpenSession;
use crate::annuaire::familiar::Words;
use crate::annuaire::{Annuaire, Query};
use crate::domain::address::EmailAddress;
use crate::domain::contact::{Contact, Mark, unlisted};
use crate::domain::person::Person;

/// Addresses written to that are taken into account, the latest.
const MOST_CORRESPONDENTS: u32 = 1000;

/// Everybody the user knows, and where the user works.
#[derive(Default)]
pub(super) struct Circle {
    /// Those written to, the latest first, then favourites, then others kept, each by name.
    people: Vec<(Contact, Words)>,
    /// Department of the holder's practice.
    pub(super) area: Option<String>,
}

impl Circle {
    /// Reads the circle of a session; blocking.
    pub(super) fn load(session: &OpenSession, annuaire: &Annuaire) -> Result<Self> {
        let mut known: BTreeMap<String, Contact> = BTreeMap::new();
        let groups: BTreeMap<_, _> = session.store.groups()?.into_iter().collect();
        for kept in session.store.contacts()? {
            let now = annuaire.by_key(&kept.person.key)?;
            let contact = Contact {
                gone: gone(annuaire, &kept.person, now.as_ref())?,
                person: now.unwrap_or(kept.person),
                favourite: kept.favourite,
                note: kept.note,
                preferred: kept.preferred,
                ..Contact::default()
            };
            known.insert(contact.person.key.clone(), contact);
        }
        for member in session.store.memberships()? {
            if let (Some(contact), Some(name)) = (known.get_mut(&member.key), groups.get(&member.group)) {
                contact.groups.push(name.clone());
            }
        }
        for used in session.store.correspondents(MOST_CORRESPONDENTS)? {
            let Ok(address) = EmailAddress::parse(&used.address) else { continue };
            let person = match annuaire.by_address(&used.address)? {
                Some(person) => person,
                None => match known.values().find(|c| c.person.mailbox(&used.address).is_some()) {
                    Some(contact) => contact.person.clone(),
                    None => unlisted(address, used.name.as_deref()),
                },
            };
            let key = person.key.clone();
            let contact = known.entry(key).or_insert_with(|| Contact { person, ..Contact::default() });
            if contact.person.key.contains('@')
                && let Some(gone) = annuaire.gone_since(&used.address)?
                && let Some(mailbox) = contact.person.mailbox(&used.address)
                && !contact.gone.iter().any(|(known, _)| *known == mailbox.address)
            {
                contact.gone.push((mailbox.address.clone(), gone));
            }
            contact.uses += used.uses;
            contact.last_used = contact.last_used.max(Some(used.last_used));
        }
        let mut people: Vec<Contact> = known.into_values().collect();
        people.sort_by(|a, b| {
            let order = |c: &Contact| (std::cmp::Reverse(c.last_used), !c.favourite);
            order(a).cmp(&order(b)).then_with(|| {
                let name =
                    |c: &Contact| (c.person.family_name.to_lowercase(), c.person.given_name.to_lowercase());
                name(a).cmp(&name(b)).then_with(|| a.person.key.cmp(&b.person.key))
            })
        });
        let words = |contact: Contact| {
            let words = Words::of(&contact.person);
            (contact, words)
        };
        Ok(Self { people: people.into_iter().map(words).collect(), area: area(session, annuaire)? })
    }

    /// Everybody, in order.
    pub(super) fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.people.iter().map(|(contact, _)| contact)
    }

    /// What is known of a person.
    pub(super) fn contact(&self, key: &str) -> Option<&Contact> {
        self.contacts().find(|contact| contact.person.key == key)
    }

    /// Those who answer a query, in order.
    pub(super) fn answering<'c>(&'c self, query: &'c Query) -> impl Iterator<Item = &'c Contact> {
        let met = |c: &Contact| c.favourite || c.last_used.is_some();
        self.people.iter().filter(move |(c, words)| met(c) && words.answer(query)).map(|(contact, _)| contact)
    }

    /// What a row of results tells of a person.
    pub(super) fn mark(&self, key: &str) -> Option<Mark> {
        self.contact(key).map(|contact| Mark {
            favourite: contact.favourite,
            used: contact.last_used.is_some(),
            gone: !contact.gone.is_empty(),
            preferred: contact.preferred.clone(),
        })
    }
}

/// Addresses of a kept person that vanished from the annuaire.
fn gone(
    annuaire: &Annuaire,
    kept: &Person,
    now: Option<&Person>,
) -> Result<Vec<(EmailAddress, crate::domain::directory::Gone)>> {
    let mut all = Vec::new();
    for mailbox in &kept.mailboxes {
        let address = mailbox.address.as_str();
        if now.is_none_or(|now| now.mailbox(address).is_none())
            && let Some(gone) = annuaire.gone_since(address)?
        {
            all.push((mailbox.address.clone(), gone));
        }
    }
    Ok(all)
}

/// The department the holder practises in, by the annuaire: that of the card's holder, else of the mailboxes.
fn area(session: &OpenSession, annuaire: &Annuaire) -> Result<Option<String>> {
    let mut people = Vec::new();
    if let Some(holder) = &session.holder {
        people.extend(annuaire.by_key(&holder.national_id)?);
    }
    for account in session.store.accounts()? {
        people.extend(annuaire.by_address(account.config.address.as_str())?);
    }
    Ok(people.iter().find_map(|person| person.departments().into_iter().next()))
}
