//! What the user keeps about correspondents, and one's own entry of the annuaire.

use std::sync::Arc;

use super::familiar::Circle;
use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Result};
use crate::annuaire::Annuaire;
use crate::annuaire::familiar::{bears_name, same_words};
use crate::domain::UnixTime;
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::contact::exchange::{self, Imported, Unreadable};
use crate::domain::contact::{
    Contact, Flaw, Group, History, MAX_GROUP_NAME, MAX_MEMBERS, MAX_NOTE, OwnEntry, unlisted,
};
use crate::domain::draft::Recipient;
use crate::domain::filing::rule::Subject;
use crate::domain::id::GroupId;
use crate::domain::person::Person;
use crate::store::{self, KeptContact};

/// Code of physicians (TRE_G15).
const PHYSICIAN: u8 = 10;

/// What an import of contacts did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct ContactImport {
    /// Contacts taken.
    pub contacts: u32,
    /// Of these, in the annuaire.
    pub listed: u32,
    /// Entries without an address one can write to.
    pub without_address: u32,
}

impl Engine {
    /// Everybody the user knows: those written to, the latest first, then favourites and others kept.
    ///
    /// # Errors
    /// No session; the store or the annuaire cannot be read.
    pub async fn contacts(&self) -> Result<Vec<Contact>> {
        self.with_circle(|_, circle| Ok(circle.contacts().cloned().collect())).await
    }

    /// What the user knows of a person; an empty one about somebody unknown.
    ///
    /// # Errors
    /// As [`Engine::contacts`].
    pub async fn contact(&self, person: Person) -> Result<Contact> {
        self.with_circle(move |_, circle| {
            let known = circle.contact(&person.key).cloned();
            Ok(known.unwrap_or(Contact { person, ..Contact::default() }))
        })
        .await
    }

    /// The correspondent whose name a sender bears, although none of their addresses in the annuaire is the sender's: one
    /// the user has written to or keeps among the favourites. To be asked about senders the annuaire does not know.
    ///
    /// # Errors
    /// As [`Engine::contacts`].
    pub async fn namesake(&self, sender: Mailbox) -> Result<Option<Person>> {
        let Some(name) = sender.name else { return Ok(None) };
        self.with_circle(move |_, circle| {
            let met = circle.contacts().filter(|c| c.favourite || c.last_used.is_some()).map(|c| &c.person);
            let mut others = met.filter(|person| person.mailbox(&sender.address).is_none());
            Ok(others.find(|person| bears_name(&name, person)).cloned())
        })
        .await
    }

    /// Keeps a person among the favourites, or no longer.
    ///
    /// # Errors
    /// No session; the store cannot be written.
    pub async fn set_favourite(&self, person: Person, favourite: bool) -> Result<()> {
        self.change_contact(person, move |kept| kept.favourite = favourite).await
    }

    /// Keeps the user's words about a person; empty ones are forgotten.
    ///
    /// # Errors
    /// As [`Engine::set_favourite`]; `note-too-long`.
    pub async fn set_note(&self, person: Person, note: String) -> Result<()> {
        if note.len() > MAX_NOTE {
            return Err(Error::new(ErrorKind::NeedsUser, "note-too-long").with("most", MAX_NOTE));
        }
        self.change_contact(person, move |kept| note.trim().clone_into(&mut kept.note)).await
    }

    /// The mailbox of a person to write to with documents of a kind, or with whatever is written (`kind` is `None`); or
    /// none any more.
    ///
    /// # Errors
    /// As [`Engine::set_favourite`].
    pub async fn set_preferred(
        &self,
        person: Person,
        kind: Option<Subject>,
        address: Option<EmailAddress>,
    ) -> Result<()> {
        self.change_contact(person, move |kept| kept.preferred.set(kind, address)).await
    }

    async fn change_contact(
        &self,
        person: Person,
        change: impl FnOnce(&mut KeptContact) + Send + 'static,
    ) -> Result<()> {
        self.change_circle(move |session| Ok(session.store.change_contact(&person, change)?)).await
    }

    /// Groups by name, with their members.
    ///
    /// # Errors
    /// As [`Engine::contacts`].
    pub async fn groups(&self) -> Result<Vec<Group>> {
        self.with_circle(|_, circle| Ok(circle.groups().to_vec())).await
    }

    /// The group of a name, made when there is none.
    ///
    /// # Errors
    /// `group-name` for an empty or overlong name; no session; the store cannot be written.
    pub async fn make_group(&self, name: &str) -> Result<GroupId> {
        let name = group_name(name)?;
        self.change_circle(move |session| Ok(session.store.group(&name)?)).await
    }

    /// Another name for a group.
    ///
    /// # Errors
    /// As [`Engine::make_group`]; `group-exists`.
    pub async fn rename_group(&self, id: GroupId, name: &str) -> Result<()> {
        let name = group_name(name)?;
        self.change_circle(move |session| {
            session.store.rename_group(id, &name).map_err(|error| match error {
                store::Error::Exists => Error::new(ErrorKind::NeedsUser, "group-exists").with("name", &name),
                other => other.into(),
            })
        })
        .await
    }

    /// Forgets a group; its members stay.
    ///
    /// # Errors
    /// As [`Engine::set_favourite`].
    pub async fn remove_group(&self, id: GroupId) -> Result<()> {
        self.change_circle(move |session| Ok(session.store.remove_group(id)?)).await
    }

    /// Puts a person into a group by one of their mailboxes, or takes it out.
    ///
    /// # Errors
    /// `group-full`; as [`Engine::set_favourite`].
    pub async fn set_member(
        &self,
        id: GroupId,
        person: Person,
        address: EmailAddress,
        is_in: bool,
    ) -> Result<()> {
        self.change_circle(move |session| {
            let members = session.store.memberships()?.into_iter().filter(|m| m.group == id).count();
            if is_in && members >= MAX_MEMBERS {
                return Err(Error::new(ErrorKind::NeedsUser, "group-full").with("most", MAX_MEMBERS));
            }
            Ok(session.store.set_member(id, &person, &address, is_in)?)
        })
        .await
    }

    /// What was exchanged with a person, by all their addresses.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn history(&self, person: Person) -> Result<History> {
        let addresses: Vec<String> = person.mailboxes.iter().map(|m| m.address.to_string()).collect();
        self.with_store(move |store| store.history(&addresses)).await
    }

    /// Kept contacts as vCards (`true`) or as a table.
    ///
    /// # Errors
    /// As [`Engine::contacts`].
    pub async fn export_contacts(&self, as_vcard: bool) -> Result<String> {
        self.with_circle(move |_, circle| {
            let kept = |c: &&Contact| {
                c.favourite || !c.note.is_empty() || !c.groups.is_empty() || !c.preferred.is_empty()
            };
            let contacts: Vec<Contact> = circle.contacts().filter(kept).cloned().collect();
            Ok(if as_vcard { exchange::to_vcard(&contacts) } else { exchange::to_csv(&contacts) })
        })
        .await
    }

    /// Takes contacts of a vCard file or table as favourites of this user: notes, groups and preferred mailboxes that
    /// are here already stay.
    ///
    /// # Errors
    /// `contacts-unreadable`, `input-too-large`; no session; the store cannot be written.
    pub async fn import_contacts(&self, bytes: Vec<u8>) -> Result<ContactImport> {
        let annuaire = self.annuaire();
        self.change_circle(move |session| {
            let reading = exchange::read(&bytes).map_err(|error| match error {
                Unreadable::Form => Error::new(ErrorKind::Corrupt, "contacts-unreadable"),
                Unreadable::TooLarge => Error::new(ErrorKind::Corrupt, "input-too-large"),
            })?;
            let mut report = ContactImport { without_address: reading.without_address, ..Default::default() };
            for contact in reading.contacts {
                report.listed += u32::from(take(session, &annuaire, contact)?);
                report.contacts += 1;
            }
            Ok(report)
        })
        .await
    }

    /// One's own entry of the annuaire and what is wrong in it.
    ///
    /// # Errors
    /// `no-holder` without a card; no session; the annuaire cannot be read.
    pub async fn own_entry(&self) -> Result<OwnEntry> {
        let (session, annuaire) = (self.opened()?, self.annuaire());
        self.on_runtime(blocking(move || own_entry(&session, &annuaire))).await
    }

    /// Department the user practises in, by the annuaire; `None` when it tells no town.
    ///
    /// # Errors
    /// As [`Engine::contacts`].
    pub async fn area(&self) -> Result<Option<String>> {
        self.with_circle(|_, circle| Ok(circle.area.clone())).await
    }

    pub(super) async fn with_circle<T: Send + 'static>(
        &self,
        work: impl FnOnce(&OpenSession, &Circle) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (session, annuaire) = (self.opened()?, self.annuaire());
        self.on_runtime(blocking(move || {
            let circle = session.circle(&annuaire)?;
            work(&session, &circle)
        }))
        .await
    }

    async fn change_circle<T: Send + 'static>(
        &self,
        work: impl FnOnce(&OpenSession) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let done = work(&session);
            session.forget_circle();
            session.tell(Event::ContactsChanged);
            done
        }))
        .await
    }
}

fn group_name(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.len() > MAX_GROUP_NAME {
        return Err(Error::new(ErrorKind::NeedsUser, "group-name"));
    }
    Ok(name)
}

/// Keeps a contact of a file; answers whether the annuaire knows them.
fn take(session: &OpenSession, annuaire: &Annuaire, contact: Imported) -> Result<bool> {
    let mut found = match &contact.key {
        Some(key) => annuaire.by_key(key)?,
        None => None,
    };
    for address in &contact.addresses {
        if found.is_none() {
            found = annuaire.by_address(address.as_str())?;
        }
    }
    let listed = found.is_some();
    let Some(first) = contact.addresses.first() else { return Ok(false) };
    let name = Some(contact.name.as_str()).filter(|name| !name.is_empty());
    let person = found.unwrap_or_else(|| unlisted(first.clone(), name));
    session.store.change_contact(&person, |kept| {
        kept.favourite = true;
        if kept.note.is_empty() {
            kept.note.clone_from(&contact.note);
        }
        for (kind, address) in contact.preferred.each() {
            if kept.preferred.of(kind).is_none() {
                kept.preferred.set(kind, Some(address.clone()));
            }
        }
    })?;
    for name in &contact.groups {
        let id = session.store.group(name)?;
        session.store.set_member(id, &person, first, true)?;
    }
    Ok(listed)
}

fn own_entry(session: &OpenSession, annuaire: &Annuaire) -> Result<OwnEntry> {
    let holder = session.holder.as_ref().ok_or_else(|| Error::new(ErrorKind::NeedsCard, "no-holder"))?;
    let person = annuaire.by_key(&holder.national_id)?;
    let mut flaws = Vec::new();
    if person.is_none() {
        flaws.push(Flaw::NotListed);
    }
    for account in session.store.accounts()? {
        let address = account.config.address;
        if annuaire.by_address(address.as_str())?.is_none() {
            flaws.push(Flaw::MailboxNotListed { address });
        }
    }
    if let Some(person) = &person {
        let differs = |card: &str, listed: &str| !card.is_empty() && !same_words(card, listed);
        if differs(&holder.family_name, &person.family_name)
            || differs(&holder.given_name, &person.given_name)
        {
            flaws.push(Flaw::NameDiffers { card: holder.display_name() });
        }
        if holder.profession == Some(PHYSICIAN) && person.specialties.is_empty() {
            flaws.push(Flaw::NoSpecialty);
        }
        if person.town().is_none() {
            flaws.push(Flaw::NoTown);
        }
    }
    Ok(OwnEntry { person, flaws })
}

/// Remembers whom a message goes to; what fails here must not hold up the message.
pub(super) fn remember(session: &Arc<OpenSession>, recipients: &[Recipient], now: UnixTime) {
    let names = recipients.iter().map(|r| (&r.address, r.name.as_deref()));
    if session.store.written_to(names, now).is_err() {
        tracing::warn!("the recipients of a message could not be remembered");
    }
    session.forget_circle();
}
