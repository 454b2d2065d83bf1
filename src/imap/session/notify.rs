//! News of folders that are not selected, on the same connection: NOTIFY (RFC 5465).

use super::Session;
use super::folder::writable;
use crate::imap::{Error, RemoteName, Result};

/// Folders the server said changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedFolders {
    /// Exactly these, each once.
    These(Vec<RemoteName>),
    /// More than were kept, or the server gave up telling (NOTIFICATIONOVERFLOW): look at all, and ask again.
    TooMany,
}

impl Session {
    /// The server can tell of folders that are not selected.
    pub fn can_notify(&self) -> bool {
        self.has("NOTIFY")
    }

    /// Asks to be told when mail comes, goes or is marked in these folders, besides the selected one; replaces what was
    /// asked before, and none ends it. News end [`Session::idle`] and wait in [`Session::take_changed_folders`].
    ///
    /// # Errors
    /// [`Error::Refused`] when the server does not tell this, or not of so many, and those of the connection.
    pub async fn notify(&mut self, folders: &[RemoteName]) -> Result<()> {
        // new and removed go together, and flags only with them (§5)
        const NEWS: &str = "(MessageNew MessageExpunge FlagChange)";
        if !self.can_notify() {
            return Err(Error::Refused { command: "NOTIFY", code: None, reason: String::new() });
        }
        if folders.is_empty() {
            return self.connection.run("NOTIFY", "NOTIFY NONE").await.map(drop);
        }
        let names = folders.iter().map(|name| writable("NOTIFY", name)).collect::<Result<Vec<_>>>()?;
        let names = names.join(" ");
        // removals in the selected folder only when no command is running: sequence numbers keep their meaning
        let command = format!("NOTIFY SET (selected-delayed {NEWS}) (mailboxes ({names}) {NEWS})");
        self.connection.run("NOTIFY", &command).await.map(drop)
    }

    /// Folders that changed since the last call, the selected one aside.
    pub fn take_changed_folders(&mut self) -> ChangedFolders {
        self.connection.pending.take_folders()
    }
}
