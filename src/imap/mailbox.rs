//! Mailboxes as a server describes them.

mod name;
mod role;

use name::decode_utf7;
pub(super) use name::{decode_name, encode_name};
pub(super) use role::assign_roles;

use std::collections::BTreeSet;

use crate::domain::folder::{FolderRole, Namespace};
use crate::domain::id::{Uid, UidValidity};

/// What a server can do (RFC 3501 §6.1.1), words in upper case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities(BTreeSet<String>);

impl Capabilities {
    /// True when the server announces `word`, in any case.
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(&word.to_ascii_uppercase())
    }

    /// All words, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Nothing was announced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Capabilities {
    fn from_iter<I: IntoIterator<Item = S>>(words: I) -> Self {
        Self(words.into_iter().map(|w| w.as_ref().to_ascii_uppercase()).collect())
    }
}

/// A mailbox name, byte for byte as the server wants it back (modified UTF-7 or UTF-8).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteName(pub(super) Vec<u8>);

impl RemoteName {
    /// The same name in UTF-8, where modified UTF-7 writes it differently.
    pub(super) fn in_utf8(&self) -> Option<Self> {
        let text = decode_utf7(&self.0).filter(|_| self.0.is_ascii())?;
        (text.as_bytes() != self.0).then(|| Self(text.into_bytes()))
    }

    /// Both name the same folder, one perhaps in modified UTF-7 and the other in UTF-8: Dovecot 2.3 lists folders in the
    /// one and tells of them (NOTIFY) in the other.
    pub fn is_same(&self, other: &Self) -> bool {
        let utf7 = |name: &Self| match std::str::from_utf8(&name.0) {
            Ok(text) if !text.is_ascii() => encode_name(text),
            _ => name.0.clone(),
        };
        self == other || utf7(self) == utf7(other)
    }

    /// A name kept from an earlier session.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, to be kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a command writes it; `None` when it cannot be written in one line of text.
    pub(super) fn quoted(&self) -> Option<String> {
        let name = std::str::from_utf8(&self.0).ok()?;
        (!name.contains(['\r', '\n', '\0'])).then(|| quote(name))
    }
}

/// A quoted string.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A folder on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFolder {
    /// Name for commands.
    pub name: RemoteName,
    /// Name for people: decoded, components separated by `/`.
    pub path: String,
    /// Special use (RFC 6154), else by name.
    pub role: FolderRole,
    /// False for a node that only holds other folders.
    pub selectable: bool,
    /// Whose it is (NAMESPACE, RFC 2342).
    pub namespace: Namespace,
    /// Identifier that outlives a rename (RFC 8474), when the server gives it with the list.
    pub mailbox_id: Option<String>,
    /// Counters, when the server gives them with the list (LIST-STATUS, RFC 5819).
    pub status: Option<MailboxStatus>,
}

/// Counters of a folder that need not be selected (STATUS, RFC 3501 §6.3.10).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailboxStatus {
    /// Messages.
    pub messages: Option<u32>,
    /// Messages without `\Seen`.
    pub unseen: Option<u32>,
    /// Next UID.
    pub uid_next: Option<Uid>,
    /// UIDVALIDITY.
    pub uid_validity: Option<UidValidity>,
    /// Highest modification sequence (RFC 7162).
    pub highest_modseq: Option<u64>,
}

/// A folder that was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// UIDVALIDITY: when it changes, every UID known is void.
    pub uid_validity: UidValidity,
    /// The UID the next message will have at least, when given.
    pub uid_next: Option<Uid>,
    /// Messages.
    pub exists: u32,
    /// Highest modification sequence (RFC 7162); `None` when the server keeps none for this folder.
    pub highest_modseq: Option<u64>,
    /// Nothing can be changed here.
    pub read_only: bool,
}

/// Storage quota (RFC 9208), in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Bytes in use.
    pub used: u64,
    /// Bytes allowed.
    pub limit: u64,
}
