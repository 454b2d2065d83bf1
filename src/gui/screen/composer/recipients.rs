//! Recipients: chips with what the annuaire says of each, and the search while typing. Among homonyms, and among
//! several mailboxes of one person, nothing is ever chosen for the user.

use crate::domain::address::EmailAddress;
use crate::domain::draft::Recipient;
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

/// A recipient with what is known of the address.
#[derive(Debug, Clone)]
pub(super) struct Chip {
    pub(super) recipient: Recipient,
    pub(super) standing: Standing,
    /// The user read that the address is outside the trust space and keeps it.
    pub(super) kept: bool,
    /// Whether the white list of the trust space holds the domain; `None` without a list.
    pub(super) trusted: Option<bool>,
}

impl Chip {
    pub(super) fn new(recipient: Recipient) -> Self {
        Self { recipient, standing: Standing::Asked, kept: false, trusted: None }
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
        person: Box<Person>,
        /// The one arrows reached.
        cursor: Option<usize>,
    },
    /// The annuaire cannot be asked.
    Failed(Error),
}

/// What accepting gives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Accepted {
    /// Nothing: the user must point at somebody.
    Nobody,
    /// This recipient, from the annuaire.
    Somebody(Recipient, Box<Person>),
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
            Self::Mailboxes { person, cursor, .. } => (person.mailboxes.len(), *cursor),
            Self::Closed | Self::Failed(_) => (0, None),
        };
        (count, cursor.map_or(0, |at| at + 1))
    }

    pub(super) fn step(&mut self, by: isize) {
        let (cursor, count) = match self {
            Self::People { found, cursor } => (cursor, count(found)),
            Self::Mailboxes { person, cursor, .. } => (cursor, person.mailboxes.len()),
            Self::Closed | Self::Failed(_) => return,
        };
        *cursor = match (count.checked_sub(1), *cursor) {
            (None, _) => None,
            (Some(_), None) => Some(0),
            (Some(last), Some(at)) => Some(at.saturating_add_signed(by).min(last)),
        };
    }

    /// Takes what the cursor is on.
    pub(super) fn accept(&mut self) -> Accepted {
        match self {
            Self::People { cursor: Some(at), .. } | Self::Mailboxes { cursor: Some(at), .. } => {
                let at = *at;
                self.choose(at)
            }
            _ => Accepted::Nobody,
        }
    }

    /// Takes the entry at a position; one mailbox is taken at once, several are asked about.
    pub(super) fn choose(&mut self, at: usize) -> Accepted {
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
                let preferred = found.marks.get(&person.key).and_then(|mark| mark.preferred.clone());
                if let [only] = person.mailboxes.as_slice() {
                    let address = only.address.clone();
                    *self = Self::Closed;
                    return somebody(person, address);
                }
                // what the user chose before is pointed at, visibly; nothing is taken without a key or a press
                let cursor = person.mailboxes.iter().position(|m| Some(&m.address) == preferred.as_ref());
                *self = Self::Mailboxes { person: Box::new(person), cursor };
                Accepted::Which
            }
            Self::Mailboxes { person, .. } => {
                let Some(mailbox) = person.mailboxes.get(at) else { return Accepted::Nobody };
                let accepted = somebody((**person).clone(), mailbox.address.clone());
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

fn somebody(person: Person, address: EmailAddress) -> Accepted {
    Accepted::Somebody(Recipient { name: Some(person.display_name()), address }, Box::new(person))
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
        assert_eq!(proposals.accept(), Accepted::Nobody);
        proposals.step(1);
        proposals.step(1);
        let Accepted::Somebody(recipient, person) = proposals.accept() else { panic!("nobody") };
        assert_eq!(recipient.address.as_str(), "karim.benali@medecin.mssante.fr");
        assert_eq!(person.key, "810000000002");
        assert!(!proposals.is_open());
    }

    #[test]
    fn a_person_with_several_mailboxes_is_asked_about() {
        let mut proposals = found(vec![benali("1", &["a@x.mssante.fr", "b@y.mssante.fr"])]);
        assert_eq!(proposals.accept(), Accepted::Which);
        assert_eq!(proposals.accept(), Accepted::Nobody, "no mailbox is chosen for the user");
        proposals.step(1);
        proposals.step(1);
        let Accepted::Somebody(recipient, _) = proposals.accept() else { panic!("nobody") };
        assert_eq!(recipient.address.as_str(), "b@y.mssante.fr");
        assert_eq!(recipient.name.as_deref(), Some("Dr Karim BENALI"));
    }

    #[test]
    fn a_sole_result_is_not_pointed_at_when_there_are_more() {
        let person = benali("1", &["a@x.mssante.fr"]);
        let mut proposals =
            Proposals::of(Ok(People { people: vec![person], more: true, ..People::default() }));
        assert_eq!(proposals.accept(), Accepted::Nobody);
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
