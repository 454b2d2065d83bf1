//! Fictitious accounts and messages.

use std::ops::Range;

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::address::{EmailAddress, Mailbox};
use estafette::domain::folder::{FolderRole, Namespace};
use estafette::domain::id::{AccountId, FolderId, MessageId, Uid};
use estafette::domain::message::{Envelope, Flags, MessageKind, MessageRow};
use estafette::domain::search::Query;
use estafette::domain::secret::StoreKey;
use estafette::store::{FolderRecord, NewBody, NewMessage, Store};
use jiff::tz::TimeZone;

pub(crate) fn key() -> StoreKey {
    StoreKey::new([7; 32])
}

pub(crate) fn config(address: &str) -> AccountConfig {
    let endpoint = |port| Endpoint { host: "mail.test".into(), port, security: Security::StartTls };
    AccountConfig {
        address: EmailAddress::parse(address).unwrap(),
        display_name: "Dr Anne LEROY".into(),
        auth: AuthMethod::Card,
        imap: endpoint(143),
        smtp: endpoint(587),
        trust: Trust::IgcSante,
        source: HostSource::Typed,
    }
}

pub(crate) fn record(path: &str, role: FolderRole) -> FolderRecord {
    FolderRecord {
        remote: path.as_bytes().to_vec(),
        path: path.into(),
        role,
        selectable: true,
        namespace: Namespace::Personal,
        mailbox_id: None,
    }
}

/// An account with an inbox, "Labo" and a bin.
pub(crate) fn mailbox(store: &Store) -> (AccountId, Vec<FolderId>) {
    let account = store.add_account(&config("anne.leroy@medecin.mssante.fr")).unwrap();
    let listing = [
        record("INBOX", FolderRole::Inbox),
        record("Labo", FolderRole::Other),
        record("Trash", FolderRole::Trash),
    ];
    let folders = store.save_folders(account, &listing).unwrap().added;
    (account, folders)
}

pub(crate) fn person(name: &str, address: &str) -> Mailbox {
    Mailbox { name: Some(name.into()), address: address.into() }
}

pub(crate) fn message(uid: u32, date: i64, subject: &str) -> NewMessage {
    NewMessage {
        uid: Some(Uid(uid)),
        envelope: Envelope {
            message_id: Some(format!("{uid}.{date}@mail.test")),
            date: Some(date),
            from: vec![person("Dr Marie MARTIN", "marie.martin@medecin.mssante.fr")],
            to: vec![person("Dr Anne LEROY", "anne.leroy@medecin.mssante.fr")],
            subject: subject.into(),
            ..Envelope::default()
        },
        flags: Flags::default(),
        internal_date: date,
        size: 1_000,
        kind: MessageKind::Letter,
        has_attachment: false,
    }
}

pub(crate) fn body(id: MessageId, text: &str) -> NewBody {
    let raw = format!("Subject: x\r\n\r\n{text}").into_bytes();
    NewBody::new(id, &raw, text, MessageKind::Letter, false).unwrap()
}

/// A generator of numbers that is the same on every machine (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// What a person typed, searched for with days in UTC: how many there are, and the rows.
pub(crate) fn search(store: &Store, text: &str, window: Range<u32>) -> (u32, Vec<MessageRow>) {
    let found = store.search(&Query::parse(text, 0, &TimeZone::UTC), window).unwrap();
    (found.total, found.rows)
}

/// A content of which nothing can be packed smaller, and its source.
pub(crate) fn large_body(id: MessageId, length: usize) -> (NewBody, Vec<u8>) {
    let mut dice = Dice(u64::from(id.0.unsigned_abs() as u32) + 77);
    let noise: Vec<u8> = (0..length).map(|_| dice.below(256) as u8).collect();
    let raw = [b"Subject: x\r\n\r\n", &noise[..]].concat();
    (NewBody::new(id, &raw, "radio", MessageKind::Letter, true).unwrap(), raw)
}
