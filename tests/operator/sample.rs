//! A handful of simple messages, until the corpus of `practice` takes this place.

use crate::persona::{MAILBOXES, Mailbox};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    Inbox,
    Sent,
    Biology,
    ToFile,
    Archive,
    Drafts,
    Trash,
}

pub struct Message {
    pub folder: Folder,
    pub raw: Vec<u8>,
    pub seen: bool,
    pub flagged: bool,
    pub answered: bool,
    /// Seconds since 1970.
    pub date: i64,
}

const HOUR: i64 = 3600;

/// `count` messages for `owner`, newest first, at most one an hour before `now`.
pub fn mailbox(owner: &Mailbox, count: usize, seed: u64, now: i64) -> Vec<Message> {
    let folders = [
        Folder::Inbox,
        Folder::Inbox,
        Folder::Biology,
        Folder::Sent,
        Folder::Inbox,
        Folder::Archive,
        Folder::ToFile,
        Folder::Inbox,
        Folder::Trash,
    ];
    let others: Vec<_> = MAILBOXES.iter().filter(|m| m.address != owner.address).collect();
    let mut messages = Vec::with_capacity(count);
    for index in 0..count {
        let folder = folders[index % folders.len()];
        let other = others[(index + seed as usize) % others.len()];
        let (from, to) = if folder == Folder::Sent { (owner, other) } else { (other, owner) };
        let date = now - index as i64 * HOUR;
        messages.push(Message {
            folder,
            raw: compose(from, to, index, date),
            seen: index > 5,
            flagged: index % 17 == 3,
            answered: index % 11 == 7,
            date,
        });
    }
    messages
}

fn compose(from: &Mailbox, to: &Mailbox, index: usize, date: i64) -> Vec<u8> {
    let date = jiff::Timestamp::from_second(date).unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!(
        "From: {} <{}>\r\nTo: {} <{}>\r\nDate: {date}\r\nMessage-ID: <{index}.{}@seed.mssante.example>\r\n\
         Subject: =?UTF-8?Q?R=C3=A9sultat?= {index}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         Bonjour,\r\n\r\nMessage fictif numéro {index}.\r\n",
        from.name,
        from.address,
        to.name,
        to.address,
        to.address.len()
    )
    .into_bytes()
}
