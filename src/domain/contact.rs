//! What the user keeps about correspondents: favourites, notes, groups, the mailbox to use, and what was exchanged. All
//! of it is keyed by the national identifier or the address, so that it survives every refresh of the annuaire.

pub mod exchange;
mod preferred;

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::address::EmailAddress;
use super::directory::Gone;
use super::id::GroupId;
use super::person::{DirectoryMailbox, MailboxKind, Person};

pub use preferred::{Choice, Preferred};

/// Longest note, in bytes.
pub const MAX_NOTE: usize = 4000;
/// Longest name of a group, in bytes.
pub const MAX_GROUP_NAME: usize = 100;
/// Most members of a group: more recipients than any operator takes in one message.
pub const MAX_MEMBERS: usize = 100;

/// A correspondent with everything the user knows of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Contact {
    /// As the annuaire says now; of somebody who vanished from it, as it said last.
    pub person: Person,
    /// Kept among the favourites.
    pub favourite: bool,
    /// The user's own words.
    pub note: String,
    /// The mailboxes to write to, by what is written.
    pub preferred: Preferred,
    /// Names of the groups they are in, sorted.
    pub groups: Vec<String>,
    /// Messages sent to them from here.
    pub uses: u32,
    /// When the last of these was sent.
    pub last_used: Option<UnixTime>,
    /// Addresses of theirs that vanished from the annuaire.
    pub gone: Vec<(EmailAddress, Gone)>,
}

impl Contact {
    /// Somebody of whom the user keeps nothing.
    pub fn new(person: Person) -> Self {
        Self { person, ..Self::default() }
    }
}

/// What a row of results tells beside the person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Kept among the favourites.
    pub favourite: bool,
    /// Written to before.
    pub used: bool,
    /// Addresses of theirs that vanished from the annuaire.
    pub gone: Vec<(EmailAddress, Gone)>,
    /// The mailboxes to write to, by what is written.
    pub preferred: Preferred,
}

/// People written to together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Number.
    pub id: GroupId,
    /// Name, unique.
    pub name: String,
    /// Members by name.
    pub members: Vec<Member>,
}

/// One member of a group with the mailbox they belong to it by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// By which mailbox.
    pub address: EmailAddress,
    /// The address vanished from the annuaire.
    pub gone: Option<Gone>,
}

/// What was exchanged with a correspondent, by all their addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct History {
    /// Messages from them.
    pub received: u32,
    /// The last of these.
    pub last_received: Option<UnixTime>,
    /// Messages to them in the Sent folders.
    pub sent: u32,
    /// The last of these.
    pub last_sent: Option<UnixTime>,
}

/// What is wrong in one's own entry of the annuaire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Flaw {
    /// The annuaire does not know the holder of the card at all.
    NotListed,
    /// A mailbox of this program is not in the annuaire: perhaps on the red list, perhaps not declared.
    MailboxNotListed {
        /// Which.
        address: EmailAddress,
    },
    /// The annuaire names the holder otherwise than the card.
    NameDiffers {
        /// As the card says.
        card: String,
    },
    /// A physician without any specialty.
    NoSpecialty,
    /// No town is known: a search with a town does not find this person.
    NoTown,
}

/// One's own entry.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct OwnEntry {
    /// What the annuaire says; `None` when it knows nobody by the card's number.
    pub person: Option<Person>,
    /// What is wrong or missing in it.
    pub flaws: Vec<Flaw>,
}

/// An address of which the annuaire knows nothing, as an entry nobody vouches for, so that it travels as the others do.
pub fn unlisted(address: EmailAddress, name: Option<&str>) -> Person {
    let mailbox = DirectoryMailbox {
        address: address.clone(),
        kind: MailboxKind::Per,
        structure: String::new(),
        service: String::new(),
        city: String::new(),
        postal_code: String::new(),
        paperless: None,
        structure_id: String::new(),
    };
    Person {
        key: address.as_str().to_lowercase(),
        family_name: name.unwrap_or(address.as_str()).to_owned(),
        mailboxes: vec![mailbox],
        ..Person::default()
    }
}
