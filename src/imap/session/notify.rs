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
        // Dovecot 2.3 takes names in UTF-8 here and is silent about those in modified UTF-7: it is given both
        let more = folders.iter().filter_map(RemoteName::in_utf8);
        let more: Vec<String> = more.filter_map(|name| name.quoted()).collect();
        // removals in the selected folder only when no command is running: sequence numbers keep their meaning
        let command = |names: &[String]| {
            format!("NOTIFY SET (selected-delayed {NEWS}) (mailboxes ({}) {NEWS})", names.join(" "))
        };
        if !more.is_empty() {
            let both = [names.as_slice(), &more].concat();
            match self.connection.run("NOTIFY", &command(&both)).await {
                // the standard has no 8-bit names
                Err(Error::Refused { .. }) => {}
                told => return told.map(drop),
            }
        }
        self.connection.run("NOTIFY", &command(&names)).await.map(drop)
    }

    /// Folders that changed since the last call, the selected one aside; compare by [`RemoteName::is_same`].
    pub fn take_changed_folders(&mut self) -> ChangedFolders {
        self.connection.pending.take_folders()
    }
}
