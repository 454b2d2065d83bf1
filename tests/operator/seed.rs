//! Mail that is in the mailboxes from the start, written straight into the Maildirs.

use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use estafette::practice::corpus::{CorpusFolder as Folder, CorpusMessage as Message, mailbox};
use estafette::practice::{Persona, Role};

use crate::dovecot::Layout;
use crate::persona::{MAILBOXES, Mailbox};
use crate::process::Owner;

/// Fills the seeded mailboxes with `count` messages each and makes an empty home for the others.
pub fn fill(layout: &Layout, count: usize, now: i64, owner: &Owner) -> Result<()> {
    for (number, person) in MAILBOXES.iter().enumerate() {
        let root = layout.maildir(person.address);
        folder(&root)?;
        if let Some(role) = role(person) {
            let owner = Persona { name: person.name.to_owned(), address: person.address.to_owned(), role };
            for (index, message) in mailbox(&owner, count, number as u64, now).iter().enumerate() {
                store(&root, index, message)?;
            }
        }
        give(root.parent().context("no home")?, owner)?;
    }
    Ok(())
}

/// What the holder of a seeded mailbox does, which decides what mail he gets.
fn role(mailbox: &Mailbox) -> Option<Role> {
    if !mailbox.seeded {
        return None;
    }
    match (mailbox.card()?.profession, mailbox.listing.skill.0) {
        (21, _) => Some(Role::Pharmacist),
        (_, "SM04") => Some(Role::Cardiologist),
        _ => Some(Role::GeneralPractitioner),
    }
}

/// Folder names on disk: Maildir++ with plain UTF-8.
fn subfolder(folder: Folder) -> Option<&'static str> {
    match folder {
        Folder::Inbox => None,
        Folder::Sent => Some(".Envoyés"),
        Folder::Biology => Some(".Biologie"),
        Folder::ToFile => Some(".À classer"),
        Folder::Archive => Some(".Archives"),
        Folder::Drafts => Some(".Brouillons"),
        Folder::Trash => Some(".Corbeille"),
    }
}

fn folder(path: &Path) -> Result<()> {
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(path.join(part))?;
    }
    Ok(())
}

fn store(root: &Path, index: usize, message: &Message) -> Result<()> {
    let mut at = root.to_owned();
    if let Some(name) = subfolder(message.folder) {
        at = root.join(name);
        folder(&at)?;
        File::create(at.join("maildirfolder"))?;
    }
    // Maildir wants the flags in ASCII order: Draft, Flagged, Replied, Seen, Trashed.
    let flags: String = [
        ('D', message.folder == Folder::Drafts),
        ('F', message.flagged),
        ('R', message.answered),
        ('S', message.seen),
    ]
    .iter()
    .filter_map(|(flag, set)| set.then_some(*flag))
    .collect();
    let path = at.join("cur").join(format!("{}.M{index}P1.operator:2,{flags}", message.date));
    fs::write(&path, &message.raw)?;
    // The server takes the file's time for the date it received the message.
    let received = UNIX_EPOCH + Duration::from_secs(u64::try_from(message.date).unwrap_or(0));
    File::options().write(true).open(&path)?.set_modified(received)?;
    Ok(())
}

fn give(path: &Path, owner: &Owner) -> Result<()> {
    chown(path, Some(owner.uid), Some(owner.gid))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), owner)?;
        }
    }
    Ok(())
}
