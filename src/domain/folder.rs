//! Folders of a mailbox.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::id::{AccountId, FolderId};

/// What a folder is for (RFC 6154 special use, else by its French or English name).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FolderRole {
    /// INBOX.
    Inbox,
    /// Drafts.
    Drafts,
    /// Sent mail.
    Sent,
    /// Archive.
    Archive,
    /// Junk.
    Junk,
    /// Deleted mail.
    Trash,
    /// Any other folder.
    Other,
}

impl FolderRole {
    /// The role a folder's last name component suggests when the server declares none, in French or English; case and
    /// accents do not matter.
    pub fn from_name(leaf: &str) -> Self {
        match plain(leaf).as_str() {
            "inbox" | "reception" | "boite de reception" => Self::Inbox,
            "drafts" | "draft" | "brouillons" | "brouillon" => Self::Drafts,
            "sent" | "sent items" | "sent messages" | "sent mail" | "sent-mail" | "envoyes"
            | "elements envoyes" | "messages envoyes" | "courriers envoyes" | "courrier envoye"
            | "objets envoyes" => Self::Sent,
            "archive" | "archives" => Self::Archive,
            "junk"
            | "junk e-mail"
            | "junk email"
            | "junk mail"
            | "spam"
            | "bulk mail"
            | "indesirables"
            | "courrier indesirable"
            | "courriers indesirables"
            | "messages indesirables"
            | "pourriel"
            | "pourriels" => Self::Junk,
            "trash" | "deleted" | "deleted items" | "deleted messages" | "bin" | "corbeille"
            | "elements supprimes" | "messages supprimes" => Self::Trash,
            _ => Self::Other,
        }
    }
}

/// Lower case without accents, typographic apostrophes and doubled blanks, composed or not.
fn plain(name: &str) -> String {
    let folded: String = name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whose folders these are (NAMESPACE, RFC 2342).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Namespace {
    /// The user's own.
    #[default]
    Personal,
    /// Of another user, who opened them.
    Others,
    /// Of the organisation.
    Shared,
}

/// What the user may do in a folder (RFC 4314), as far as known: what is unknown is tried and may be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rights {
    /// Keep what was read (`s`).
    pub seen: bool,
    /// Set other flags and keywords (`w`).
    pub flags: bool,
    /// Put messages in (`i`).
    pub insert: bool,
    /// Take messages out (`t` and `e`).
    pub remove: bool,
    /// Make folders below it (`k`).
    pub create: bool,
    /// Rename or delete the folder itself (`x`).
    pub delete: bool,
}

impl Rights {
    /// Everything: one's own folders, and where the server does not say.
    pub const ALL: Self =
        Self { seen: true, flags: true, insert: true, remove: true, create: true, delete: true };
    /// Reading only.
    pub const NONE: Self =
        Self { seen: false, flags: false, insert: false, remove: false, create: false, delete: false };

    /// Reads the letters of MYRIGHTS; those of RFC 2086 (`c`, `d`) stand for the newer ones they became.
    pub fn from_letters(letters: &str) -> Self {
        let has = |wanted: char| letters.contains(wanted);
        Self {
            seen: has('s'),
            flags: has('w'),
            insert: has('i'),
            remove: has('d') || (has('t') && has('e')),
            create: has('k') || has('c'),
            delete: has('x') || has('c'),
        }
    }

    /// Nothing can be changed in the folder.
    pub fn is_read_only(self) -> bool {
        !(self.flags || self.insert || self.remove)
    }
}

/// A folder as the list on screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Identifier in the store.
    pub id: FolderId,
    /// The account it belongs to.
    pub account: AccountId,
    /// Full name, decoded, components separated by `/` whatever the server uses.
    pub path: String,
    /// What it is for.
    pub role: FolderRole,
    /// False for a node that only holds other folders.
    pub selectable: bool,
    /// Messages known locally.
    pub total: u32,
    /// Of these, without `\Seen`.
    pub unread: u32,
    /// The user wants to be told of changes at once, as in the inbox.
    #[serde(default)]
    pub watched: bool,
    /// Whose it is.
    pub namespace: Namespace,
    /// What the user may do in it.
    pub rights: Rights,
}

impl Folder {
    /// The last component of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_and_english_names_tell_what_a_folder_is_for() {
        for (name, role) in [
            ("Éléments envoyés", FolderRole::Sent),
            ("E\u{301}le\u{301}ments  envoye\u{301}s", FolderRole::Sent),
            ("ENVOYES", FolderRole::Sent),
            ("Messages envoyés", FolderRole::Sent),
            ("Sent Items", FolderRole::Sent),
            ("Corbeille", FolderRole::Trash),
            ("Éléments supprimés", FolderRole::Trash),
            ("Brouillons", FolderRole::Drafts),
            ("Courrier indésirable", FolderRole::Junk),
            ("Junk E-mail", FolderRole::Junk),
            ("Archives", FolderRole::Archive),
            ("Boîte de réception", FolderRole::Inbox),
            ("Biologie", FolderRole::Other),
        ] {
            assert_eq!(FolderRole::from_name(name), role, "{name}");
        }
    }

    #[test]
    fn rights_are_read_in_their_old_and_new_letters() {
        assert_eq!(Rights::from_letters("lrswipkxtea"), Rights::ALL);
        assert_eq!(Rights::from_letters("lrswipcda"), Rights::ALL);
        assert!(Rights::from_letters("lr").is_read_only());
        assert!(Rights::from_letters("lrs").is_read_only() && Rights::from_letters("lrs").seen);
        assert!(!Rights::from_letters("lrwt").remove, "without the right to expunge nothing leaves");
    }
}
