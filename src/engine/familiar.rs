//! The people the user knows, as the search of the annuaire needs them: those written to and the favourites come first,
//! in the panel and in the recipient field alike.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Result;
use super::session::OpenSession;
use crate::annuaire::familiar::Words;
use crate::annuaire::{Annuaire, Query};
use crate::domain::address::EmailAddress;
use crate::domain::contact::{Contact, Group, Mark, Member, unlisted};
use crate::domain::id::GroupId;
use crate::domain::person::Person;
use crate::store::{KeptContact, Membership};

/// Addresses written to that are taken into account, the latest.
const MOST_CORRESPONDENTS: u32 = 1000;

/// Everybody the user knows, and where the user works.
#[derive(Default)]
pub(super) struct Circle {
    /// Those written to, the latest first, then favourites, then others kept, each by name.
    people: Vec<(Contact, Words)>,
    /// Department of the holder's practice.
    pub(super) area: Option<String>,
    /// Groups by name, with their members.
    groups: Vec<Group>,
}

impl Circle {
    /// Reads the circle of a session; blocking.
    pub(super) fn load(session: &OpenSession, annuaire: &Annuaire) -> Result<Self> {
        let mut known: BTreeMap<String, Contact> = BTreeMap::new();
        let groups = session.store.groups()?;
        let memberships = session.store.memberships()?;
        // somebody kept by an address alone whom the annuaire knows by now
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        let mut all: BTreeMap<String, (KeptContact, Option<Person>)> = BTreeMap::new();
        for kept in session.store.contacts()? {
            let mut now = annuaire.by_key(&kept.person.key)?;
            if now.is_none() && kept.person.key.contains('@') {
                now = annuaire.by_address(&kept.person.key)?;
            }
            let key = now.as_ref().map_or(&kept.person.key, |person| &person.key).clone();
            if key != kept.person.key {
                renamed.insert(kept.person.key.clone(), key.clone());
            }
            match all.entry(key) {
                Entry::Vacant(free) => drop(free.insert((kept, now))),
                Entry::Occupied(mut there) => there.get_mut().0.merge(kept),
            }
        }
        for (key, (kept, now)) in all {
            let contact = Contact {
                gone: gone(annuaire, &kept.person, now.as_ref())?,
                person: now.unwrap_or(kept.person),
                favourite: kept.favourite,
                note: kept.note,
                preferred: kept.preferred,
                ..Contact::default()
            };
            known.insert(key, contact);
        }
        for member in &memberships {
            let key = renamed.get(&member.key).unwrap_or(&member.key);
            let name = groups.iter().find(|(id, _)| *id == member.group).map(|(_, name)| name);
            if let (Some(contact), Some(name)) = (known.get_mut(key), name) {
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
        let mut circle = Self {
            people: people.into_iter().map(words).collect(),
            area: area(session, annuaire)?,
            groups: Vec::new(),
        };
        circle.groups = circle.gather_groups(groups, &memberships, &renamed, annuaire)?;
        Ok(circle)
    }

    fn gather_groups(
        &self,
        names: Vec<(GroupId, String)>,
        memberships: &[Membership],
        renamed: &BTreeMap<String, String>,
        annuaire: &Annuaire,
    ) -> Result<Vec<Group>> {
        let mut all = Vec::new();
        for (id, name) in names {
            let mut members = Vec::new();
            for member in memberships.iter().filter(|m| m.group == id) {
                let Ok(address) = EmailAddress::parse(&member.address) else { continue };
                let key = renamed.get(&member.key).unwrap_or(&member.key);
                let known = self.contact(key).map(|contact| contact.person.clone());
                let person = known.unwrap_or_else(|| unlisted(address.clone(), None));
                // as the annuaire writes it, in lower case otherwise
                let address = person.mailbox(&member.address).map_or(address, |m| m.address.clone());
                let gone = annuaire.gone_since(&member.address)?;
                members.push(Member { person, address, gone });
            }
            members
                .sort_by_key(|m| (m.person.family_name.to_lowercase(), m.person.given_name.to_lowercase()));
            all.push(Group { id, name, members });
        }
        Ok(all)
    }

    /// Groups by name.
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
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
            gone: contact.gone.clone(),
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
