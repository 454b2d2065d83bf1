//! Folders of a mailbox.

use serde::{Deserialize, Serialize};

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
    /// The role a folder's last name component suggests when the server declares none, in French or English.
    pub fn from_name(leaf: &str) -> Self {
        match leaf.to_lowercase().as_str() {
            "inbox" | "réception" | "boîte de réception" => Self::Inbox,
            "drafts" | "draft" | "brouillons" => Self::Drafts,
            "sent" | "sent items" | "sent messages" | "envoyés" | "éléments envoyés" | "messages envoyés" => {
                Self::Sent
            }
            "archive" | "archives" => Self::Archive,
            "junk" | "spam" | "indésirables" | "courrier indésirable" => Self::Junk,
            "trash" | "deleted" | "deleted items" | "corbeille" | "éléments supprimés" => Self::Trash,
            _ => Self::Other,
        }
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
}

impl Folder {
    /// The last component of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}
