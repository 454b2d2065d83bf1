//! To which mailbox of a correspondent to write, by what is written. The user says so once; what follows from it is shown
//! wherever it is used, and never overrules an address the user picked or typed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Contact;
use crate::domain::address::EmailAddress;
use crate::domain::filing::rule::Subject;

/// The mailboxes the user prefers for a correspondent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preferred {
    /// For whatever is written, where its kind says nothing else.
    pub any: Option<EmailAddress>,
    /// For one kind of document.
    pub by_kind: BTreeMap<Subject, EmailAddress>,
}

/// What the preferences say of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Nothing: the user says which mailbox.
    Open,
    /// This mailbox.
    Mailbox {
        /// As the annuaire writes it.
        address: EmailAddress,
        /// The kind it is preferred for; `None` for whatever is written.
        kind: Option<Subject>,
    },
    /// A mailbox the correspondent no longer has: nothing is written there by itself, nor elsewhere instead.
    Gone {
        /// As it was.
        address: EmailAddress,
        /// The kind it was preferred for; `None` for whatever is written.
        kind: Option<Subject>,
    },
}

impl Preferred {
    /// Nothing is preferred.
    pub fn is_empty(&self) -> bool {
        self.any.is_none() && self.by_kind.is_empty()
    }

    /// The mailbox preferred for a kind, or for whatever is written.
    pub fn of(&self, kind: Option<Subject>) -> Option<&EmailAddress> {
        match kind {
            Some(kind) => self.by_kind.get(&kind),
            None => self.any.as_ref(),
        }
    }

    /// Prefers a mailbox, or none any more.
    pub fn set(&mut self, kind: Option<Subject>, address: Option<EmailAddress>) {
        match (kind, address) {
            (None, address) => self.any = address,
            (Some(kind), Some(address)) => drop(self.by_kind.insert(kind, address)),
            (Some(kind), None) => drop(self.by_kind.remove(&kind)),
        }
    }

    /// Every preference: that for whatever is written first, then kinds in the order they are offered.
    pub fn each(&self) -> impl Iterator<Item = (Option<Subject>, &EmailAddress)> {
        let any = self.any.iter().map(|address| (None, address));
        any.chain(self.by_kind.iter().map(|(kind, address)| (Some(*kind), address)))
    }
}

impl Contact {
    /// The mailbox to write to with documents of these kinds: that of the most telling kind a mailbox is preferred for
    /// (results before health documents before PDF), else the one preferred for whatever is written.
    pub fn mailbox_for(&self, kinds: &[Subject]) -> Choice {
        let by_kind = self.preferred.by_kind.iter().find(|(kind, _)| kinds.contains(kind));
        let by_kind = by_kind.map(|(kind, address)| (Some(*kind), address));
        let Some((kind, address)) = by_kind.or_else(|| Some((None, self.preferred.any.as_ref()?))) else {
            return Choice::Open;
        };
        match self.person.mailbox(address.as_str()).filter(|mailbox| !self.is_gone(&mailbox.address)) {
            Some(mailbox) => Choice::Mailbox { address: mailbox.address.clone(), kind },
            None => Choice::Gone { address: address.clone(), kind },
        }
    }

    /// Preferences for mailboxes the correspondent no longer has.
    pub fn gone_preferences(&self) -> impl Iterator<Item = (Option<Subject>, &EmailAddress)> {
        let is_there = |address: &EmailAddress| {
            self.person.mailbox(address.as_str()).is_some_and(|mailbox| !self.is_gone(&mailbox.address))
        };
        self.preferred.each().filter(move |(_, address)| !is_there(address))
    }

    fn is_gone(&self, address: &EmailAddress) -> bool {
        self.gone.iter().any(|(gone, _)| gone.as_str().eq_ignore_ascii_case(address.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::unlisted;
    use crate::domain::directory::Gone;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    /// Somebody with three mailboxes who wants results at the first and letters at the second.
    fn contact() -> Contact {
        let mut person = unlisted(address("labo@chu.mssante.fr"), Some("MARTIN"));
        for other in ["lettres@chu.mssante.fr", "m.martin@medecin.mssante.fr"] {
            person.mailboxes.extend(unlisted(address(other), None).mailboxes);
        }
        let mut preferred = Preferred::default();
        preferred.set(Some(Subject::Biology), Some(address("Labo@chu.mssante.fr")));
        preferred.set(Some(Subject::Letter), Some(address("lettres@chu.mssante.fr")));
        Contact { person, preferred, ..Contact::default() }
    }

    fn chosen(contact: &Contact, kinds: &[Subject]) -> Option<(String, Option<Subject>)> {
        match contact.mailbox_for(kinds) {
            Choice::Mailbox { address, kind } => Some((address.to_string(), kind)),
            Choice::Open | Choice::Gone { .. } => None,
        }
    }

    #[test]
    fn the_most_telling_kind_of_a_message_decides() {
        let mut contact = contact();
        let labo = Some(("labo@chu.mssante.fr".to_owned(), Some(Subject::Biology)));
        let results = [Subject::Biology, Subject::HealthDocument, Subject::Pdf];
        assert_eq!(chosen(&contact, &results), labo);
        assert_eq!(contact.mailbox_for(&[Subject::Imaging, Subject::Pdf]), Choice::Open);
        contact.preferred.set(Some(Subject::Pdf), Some(address("m.martin@medecin.mssante.fr")));
        assert_eq!(chosen(&contact, &results), labo, "a PDF of results are results");
        assert_eq!(chosen(&contact, &[Subject::Imaging, Subject::Pdf]).unwrap().1, Some(Subject::Pdf));
    }

    #[test]
    fn without_a_kind_the_mailbox_for_whatever_is_written_is_taken() {
        let mut contact = contact();
        contact.preferred.set(None, Some(address("m.martin@medecin.mssante.fr")));
        let any = Some(("m.martin@medecin.mssante.fr".to_owned(), None));
        assert_eq!(chosen(&contact, &[Subject::Imaging]), any);
        assert_eq!(chosen(&contact, &[]), any);
        assert_eq!(chosen(&contact, &[Subject::Letter]).unwrap().1, Some(Subject::Letter));
        contact.preferred.set(Some(Subject::Letter), None);
        assert_eq!(chosen(&contact, &[Subject::Letter]), any);
    }

    #[test]
    fn a_preferred_mailbox_that_vanished_is_replaced_by_no_other() {
        let mut contact = contact();
        contact.preferred.set(None, Some(address("m.martin@medecin.mssante.fr")));
        let gone = || Choice::Gone { address: address("Labo@chu.mssante.fr"), kind: Some(Subject::Biology) };
        // somebody who vanished is still shown with every mailbox, flagged
        contact.gone.push((address("labo@chu.mssante.fr"), Gone { at: 0, data_date: None }));
        assert_eq!(contact.mailbox_for(&[Subject::Biology]), gone());
        contact.gone.clear();
        contact.person.mailboxes.remove(0);
        assert_eq!(contact.mailbox_for(&[Subject::Biology]), gone());
        assert_eq!(
            contact.gone_preferences().map(|(kind, _)| kind).collect::<Vec<_>>(),
            [Some(Subject::Biology)]
        );
        assert!(matches!(contact.mailbox_for(&[]), Choice::Mailbox { .. }));
    }
}
