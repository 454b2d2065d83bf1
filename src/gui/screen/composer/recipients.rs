//! Recipients: chips with what the annuaire says of each, and the search while typing. Among homonyms nothing is ever
//! chosen for the user; among several mailboxes of one person only what the user said to prefer.

use crate::domain::address::EmailAddress;
use crate::domain::contact::{Choice, Contact, Mark};
use crate::domain::draft::Recipient;
use crate::domain::filing::rule::Subject;
use crate::domain::person::Person;
use crate::engine::{Error, People, Result};
use crate::gui::screen::mailbox::Standing;

/// The header fields that take recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// To.
    To,
    /// Cc.
    Cc,
    /// Bcc.
    Bcc,
}

impl Field {
    /// Name of the field, and key of its label.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::To => "composer-to",
            Self::Cc => "composer-cc",
            Self::Bcc => "composer-bcc",
        }
    }
}

/// How the address of a recipient came to be the one written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// It was typed, was in the draft, or was picked elsewhere.
    Given,
    /// The user picked it among the mailboxes of the person.
    Chosen,
    /// The user's preferences chose it, and choose again when what is written changes.
    Followed {
        /// The address before the last change.
        instead_of: Option<EmailAddress>,
    },
}

/// A recipient with what is known of the address.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chip {
    pub(super) recipient: Recipient,
    pub(super) standing: Standing,
    /// The user read that the address is outside the trust space and keeps it.
    pub(super) kept: bool,
    /// Whether the white list of the trust space holds the domain; `None` without a list.
    pub(super) trusted: Option<bool>,
    pub(super) source: Source,
    /// What the user keeps of the person, once read.
    pub(super) contact: Option<Box<Contact>>,
}

impl Chip {
    pub(super) fn new(recipient: Recipient) -> Self {
        Self {
            recipient,
            standing: Standing::Asked,
            kept: false,
            trusted: None,
            source: Source::Given,
            contact: None,
        }
    }

    /// Somebody of the annuaire, at one of their mailboxes.
    fn of(contact: Contact, address: EmailAddress, source: Source) -> Self {
        let recipient = Recipient { name: Some(contact.person.display_name()), address };
        Self {
            standing: Standing::Verified(Box::new(contact.person.clone())),
            source,
            contact: Some(Box::new(contact)),
            ..Self::new(recipient)
        }
    }

    pub(super) fn is_at(&self, address: &EmailAddress) -> bool {
        same_address(&self.recipient.address, address)
    }

    pub(super) fn has_other_mailboxes(&self) -> bool {
        self.contact.as_ref().is_some_and(|contact| contact.person.mailboxes.len() > 1)
    }

    /// Another mailbox of the same person.
    pub(super) fn move_to(&mut self, address: EmailAddress, source: Source) {
        self.recipient.address = address;
        (self.kept, self.trusted, self.source) = (false, None, source);
    }

    /// The message must not leave while this recipient is neither removed nor kept on purpose.
    pub(super) fn blocks(&self) -> bool {
        self.standing == Standing::Outside && (!self.kept || self.is_barred())
    }

    /// The white list does not hold the domain: nobody can send there, kept on purpose or not.
    pub(super) fn is_barred(&self) -> bool {
        self.trusted == Some(false)
    }

    /// Takes what the annuaire says, and what the white list makes of it.
    pub(super) fn judge(&mut self, standing: Standing) {
        self.standing = standing.listed(self.trusted);
    }
}

/// One field.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) chips: Vec<Chip>,
    pub(super) typed: String,
}

impl Line {
    pub(super) fn new(recipients: Vec<Recipient>) -> Self {
        Self { chips: recipients.into_iter().map(Chip::new).collect(), typed: String::new() }
    }

    /// Adds a recipient unless the address is already there.
    pub(super) fn add(&mut self, chip: Chip) {
        let same = |other: &Chip| same_address(&other.recipient.address, &chip.recipient.address);
        if !self.chips.iter().any(same) {
            self.chips.push(chip);
        }
        self.typed.clear();
    }

    pub(super) fn recipients(&self) -> Vec<Recipient> {
        self.chips.iter().map(|chip| chip.recipient.clone()).collect()
    }
}

/// Addresses are compared without regard to case, as every operator delivers them.
pub(super) fn same_address(one: &EmailAddress, other: &EmailAddress) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

/// The panel of propositions under the field being typed in.
#[derive(Debug, Default)]
pub(super) enum Proposals {
    /// Closed.
    #[default]
    Closed,
    /// People found.
    People {
        /// Best first.
        found: People,
        /// The one arrows reached.
        cursor: Option<usize>,
    },
    /// One person was chosen who has several mailboxes.
    Mailboxes {
        /// Who.
        contact: Box<Contact>,
        /// The one arrows reached.
        cursor: Option<usize>,
        /// The address it takes the place of, for a recipient who is there already.
        instead_of: Option<EmailAddress>,
    },
    /// The annuaire cannot be asked.
    Failed(Error),
}

/// What accepting gives.
#[derive(Debug, PartialEq)]
pub(super) enum Accepted {
    /// Nothing: the user must point at somebody.
    Nobody,
    /// This recipient, from the annuaire.
    Somebody(Box<Chip>),
    /// Another mailbox of the recipient who was at the first address.
    Other(EmailAddress, EmailAddress),
    /// Everybody of a group.
    Group(Vec<Recipient>),
    /// The person has several mailboxes: the panel now asks which.
    Which,
}

impl Proposals {
    pub(super) fn of(result: Result<People>) -> Self {
        match result {
            // a sole result is pointed at, visibly; among several the user points
            Ok(found) => Self::People { cursor: is_sole(&found).then_some(0), found },
            Err(error) => Self::Failed(error),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// How many there are, and at which the cursor is, from 1.
    pub(super) fn trace(&self) -> (usize, usize) {
        let (count, cursor) = match self {
            Self::People { found, cursor } => (count(found), *cursor),
            Self::Mailboxes { contact, cursor, .. } => (contact.person.mailboxes.len(), *cursor),
            Self::Closed | Self::Failed(_) => (0, None),
        };
        (count, cursor.map_or(0, |at| at + 1))
    }

    pub(super) fn step(&mut self, by: isize) {
        let (cursor, count) = match self {
            Self::People { found, cursor } => (cursor, count(found)),
            Self::Mailboxes { contact, cursor, .. } => (cursor, contact.person.mailboxes.len()),
            Self::Closed | Self::Failed(_) => return,
        };
        *cursor = match (count.checked_sub(1), *cursor) {
            (None, _) => None,
            (Some(_), None) => Some(0),
            (Some(last), Some(at)) => Some(at.saturating_add_signed(by).min(last)),
        };
    }

    /// The mailboxes of a recipient who is there, to take another.
    pub(super) fn others_of(chip: &Chip) -> Option<Self> {
        let contact = chip.contact.clone().filter(|_| chip.has_other_mailboxes())?;
        let cursor = contact.person.mailboxes.iter().position(|mailbox| chip.is_at(&mailbox.address));
        Some(Self::Mailboxes { contact, cursor, instead_of: Some(chip.recipient.address.clone()) })
    }

    /// Takes what the cursor is on, for documents of these kinds.
    pub(super) fn accept(&mut self, kinds: &[Subject]) -> Accepted {
        match self {
            Self::People { cursor: Some(at), .. } | Self::Mailboxes { cursor: Some(at), .. } => {
                let at = *at;
                self.choose(at, kinds)
            }
            _ => Accepted::Nobody,
        }
    }

    /// Takes the entry at a position. A sole mailbox is taken at once, and so is the one the user prefers for documents of
    /// these kinds; several are asked about, and so is everybody whose preferred mailbox is gone.
    pub(super) fn choose(&mut self, at: usize, kinds: &[Subject]) -> Accepted {
        match self {
            Self::People { found, .. } => {
                if let Some(group) = found.groups.get(at) {
                    let members = group.members.iter().map(|member| Recipient {
                        name: Some(member.person.display_name()),
                        address: member.address.clone(),
                    });
                    let members = members.collect();
                    *self = Self::Closed;
                    return Accepted::Group(members);
                }
                let after = at.saturating_sub(found.groups.len());
                let Some(person) = found.people.iter().chain(&found.near).nth(after).cloned() else {
                    return Accepted::Nobody;
                };
                let mark = found.marks.get(&person.key);
                let contact = known(person, mark);
                let chip = match (contact.mailbox_for(kinds), contact.person.mailboxes.as_slice()) {
                    (Choice::Mailbox { .. } | Choice::Open, [only]) => {
                        let address = only.address.clone();
                        Chip::of(contact, address, Source::Given)
                    }
                    (Choice::Mailbox { address, .. }, _) => {
                        Chip::of(contact, address, Source::Followed { instead_of: None })
                    }
                    (Choice::Open | Choice::Gone { .. }, _) => {
                        let contact = Box::new(contact);
                        *self = Self::Mailboxes { contact, cursor: None, instead_of: None };
                        return Accepted::Which;
                    }
                };
                *self = Self::Closed;
                Accepted::Somebody(Box::new(chip))
            }
            Self::Mailboxes { contact, instead_of, .. } => {
                let Some(mailbox) = contact.person.mailboxes.get(at) else { return Accepted::Nobody };
                let address = mailbox.address.clone();
                let accepted = match instead_of.take() {
                    Some(before) => Accepted::Other(before, address),
                    None => {
                        Accepted::Somebody(Box::new(Chip::of((**contact).clone(), address, Source::Chosen)))
                    }
                };
                *self = Self::Closed;
                accepted
            }
            Self::Closed | Self::Failed(_) => Accepted::Nobody,
        }
    }
}

/// How many there are to choose from: groups, then people, then near spellings.
fn count(found: &People) -> usize {
    found.groups.len() + found.people.len() + found.near.len()
}

/// One exact match and nothing else it could be taken for.
fn is_sole(found: &People) -> bool {
    found.groups.is_empty() && found.people.len() == 1 && found.near.is_empty() && !found.more
}

/// A person found with what the search told of what the user keeps.
fn known(person: Person, mark: Option<&Mark>) -> Contact {
    let mark = mark.cloned().unwrap_or_default();
    Contact { favourite: mark.favourite, preferred: mark.preferred, gone: mark.gone, ..Contact::new(person) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::{DirectoryMailbox, MailboxKind};

    fn benali(key: &str, addresses: &[&str]) -> Person {
        let mailbox = |address: &&str| DirectoryMailbox {
            address: EmailAddress::parse(address).unwrap(),
            kind: MailboxKind::Per,
            structure: String::new(),
            service: String::new(),
            city: "Lyon".to_owned(),
            postal_code: "69003".to_owned(),
            paperless: None,
            structure_id: String::new(),
        };
        Person {
            key: key.to_owned(),
            title: "DR".to_owned(),
            family_name: "BENALI".to_owned(),
            given_name: "Karim".to_owned(),
            profession: "Médecin".to_owned(),
            specialties: Vec::new(),
            mailboxes: addresses.iter().map(mailbox).collect(),
            places: Vec::new(),
        }
    }

    fn found(people: Vec<Person>) -> Proposals {
        Proposals::of(Ok(People { people, ..People::default() }))
    }

    #[test]
    fn among_homonyms_enter_chooses_nobody() {
        let one = benali("810000000001", &["k.benali@medecin.mssante.fr"]);
        let other = benali("810000000002", &["karim.benali@medecin.mssante.fr"]);
        let mut proposals = found(vec![one, other]);
        assert_eq!(proposals.accept(&[]), Accepted::Nobody);
        proposals.step(1);
        proposals.step(1);
        let Accepted::Somebody(chip) = proposals.accept(&[]) else { panic!("nobody") };
        assert_eq!(chip.recipient.address.as_str(), "karim.benali@medecin.mssante.fr");
        assert_eq!(chip.standing.person().unwrap().key, "810000000002");
        assert!(!proposals.is_open());
    }

    #[test]
    fn a_person_with_several_mailboxes_is_asked_about() {
        let mut proposals = found(vec![benali("1", &["a@x.mssante.fr", "b@y.mssante.fr"])]);
        assert_eq!(proposals.accept(&[]), Accepted::Which);
        assert_eq!(proposals.accept(&[]), Accepted::Nobody, "no mailbox is chosen for the user");
        proposals.step(1);
        proposals.step(1);
        let Accepted::Somebody(chip) = proposals.accept(&[]) else { panic!("nobody") };
        assert_eq!(chip.recipient.address.as_str(), "b@y.mssante.fr");
        assert_eq!(chip.recipient.name.as_deref(), Some("Dr Karim BENALI"));
        assert_eq!(chip.source, Source::Chosen);
    }

    fn marked(person: Person, kind: Subject, address: &str) -> Proposals {
        let mut mark = Mark::default();
        mark.preferred.set(Some(kind), Some(EmailAddress::parse(address).unwrap()));
        let marks = [(person.key.clone(), mark)].into();
        Proposals::of(Ok(People { people: vec![person], marks, ..People::default() }))
    }

    #[test]
    fn the_mailbox_preferred_for_what_is_written_is_taken_at_once() {
        let person = || benali("1", &["a@x.mssante.fr", "b@y.mssante.fr"]);
        let mut proposals = marked(person(), Subject::Biology, "b@y.mssante.fr");
        let Accepted::Somebody(chip) = proposals.accept(&[Subject::Biology, Subject::Pdf]) else { panic!() };
        assert_eq!(chip.recipient.address.as_str(), "b@y.mssante.fr");
        assert_eq!(chip.source, Source::Followed { instead_of: None });
        let mut proposals = marked(person(), Subject::Biology, "b@y.mssante.fr");
        assert_eq!(proposals.accept(&[Subject::Letter]), Accepted::Which, "of a letter nothing was said");
    }

    #[test]
    fn a_preferred_mailbox_that_is_gone_makes_the_program_ask_even_when_one_is_left() {
        let mut proposals = marked(benali("1", &["a@x.mssante.fr"]), Subject::Biology, "closed@y.mssante.fr");
        assert_eq!(proposals.accept(&[Subject::Biology]), Accepted::Which);
        assert_eq!(proposals.accept(&[Subject::Biology]), Accepted::Nobody, "no mailbox is chosen instead");
    }

    #[test]
    fn a_sole_result_is_not_pointed_at_when_there_are_more() {
        let person = benali("1", &["a@x.mssante.fr"]);
        let mut proposals =
            Proposals::of(Ok(People { people: vec![person], more: true, ..People::default() }));
        assert_eq!(proposals.accept(&[]), Accepted::Nobody);
    }

    #[test]
    fn the_white_list_overrules_what_a_domain_looks_like() {
        let address = EmailAddress::parse("a@cabinet.example").unwrap();
        let mut chip = Chip::new(Recipient { name: None, address });
        chip.judge(Standing::Outside);
        assert!(chip.blocks());
        chip.kept = true;
        assert!(!chip.blocks(), "kept on purpose where no list says more");
        chip.trusted = Some(false);
        assert!(chip.blocks(), "no purpose sends where the list forbids it");
        chip.trusted = Some(true);
        chip.judge(Standing::Outside);
        assert_eq!(chip.standing, Standing::Unlisted);
    }

    #[test]
    fn the_same_address_is_added_once_whatever_its_case() {
        let mut line = Line::default();
        for address in ["Marie.Martin@medecin.mssante.fr", "marie.martin@medecin.mssante.fr"] {
            let address = EmailAddress::parse(address).unwrap();
            line.add(Chip::new(Recipient { name: None, address }));
        }
        assert_eq!(line.chips.len(), 1);
    }
}
