//! Fictitious mail in an encrypted store, and as files.

use std::fs;
use std::path::Path;

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::folder::{FolderRole, Namespace};
use estafette::domain::id::{FolderId, Uid, UidValidity};
use estafette::domain::message::Flags;
use estafette::mime;
use estafette::practice::Persona;
use estafette::practice::corpus::{CorpusFolder, CorpusMessage, mailbox};
use estafette::store::{FolderRecord, NewBody, NewMessage, Store};
use estafette::vault::{KeyFile, Opener, Slots, Vault, new_key};

/// 21 November 2026: the same mail in every run.
pub(crate) const NOW: i64 = 1_795_254_120;
const SEED: u64 = 1;
/// Messages of one transaction.
const BATCH: usize = 200;
/// Different messages behind a long list.
const DISTINCT: usize = 1_000;

const FOLDERS: &[(CorpusFolder, &str, FolderRole)] = &[
    (CorpusFolder::Inbox, "INBOX", FolderRole::Inbox),
    (CorpusFolder::Sent, "Envoyés", FolderRole::Sent),
    (CorpusFolder::Biology, "Biologie", FolderRole::Other),
    (CorpusFolder::ToFile, "À classer", FolderRole::Other),
    (CorpusFolder::Archive, "Archives", FolderRole::Archive),
    (CorpusFolder::Drafts, "Brouillons", FolderRole::Drafts),
    (CorpusFolder::Trash, "Corbeille", FolderRole::Trash),
];

/// The corpus, one mailbox.
pub(crate) fn corpus(count: usize) -> Vec<CorpusMessage> {
    mailbox(&Persona::holder(), count, SEED, NOW)
}

/// Opens the store of a benchmark profile.
pub(crate) fn open(dir: &Path) -> Store {
    let vault = Vault::File(dir.join("vault.key"));
    let session = dir.join("sessions/local");
    let path = session.join("keys.json");
    let key = match KeyFile::read(&path).unwrap() {
        Some(file) => file.open_by_keyring(&file.slots(Slots::Present)[0], &vault).unwrap(),
        None => {
            let (mut file, key) = (KeyFile::new(path).unwrap(), new_key().unwrap());
            let slot = vault.fill(file.blank(Opener::Keyring, NOW).unwrap(), &key).unwrap();
            file.create(vec![slot]).unwrap();
            key
        }
    };
    Store::open(&session.join("store.db"), &key).unwrap()
}

/// An empty profile with one account whose server does not answer.
fn make(dir: &Path) -> (Store, Vec<(CorpusFolder, FolderId)>) {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir).unwrap();
    let store = open(dir);
    let owner = Persona::holder();
    let nowhere = Endpoint { host: "localhost".to_owned(), port: 1, security: Security::StartTls };
    let account = store
        .add_account(&AccountConfig {
            display_name: owner.name,
            address: EmailAddress::parse(&owner.address).unwrap(),
            auth: AuthMethod::Card,
            imap: nowhere.clone(),
            smtp: nowhere,
            trust: Trust::IgcSante,
            source: HostSource::Typed,
        })
        .unwrap();
    let record = |(_, path, role): &(CorpusFolder, &str, FolderRole)| FolderRecord {
        remote: path.as_bytes().to_vec(),
        path: (*path).to_owned(),
        role: *role,
        selectable: true,
        namespace: Namespace::Personal,
        mailbox_id: None,
    };
    store.save_folders(account, &FOLDERS.iter().map(record).collect::<Vec<_>>()).unwrap();
    let known = store.folders().unwrap();
    let mut folders = Vec::new();
    for (kind, path, _) in FOLDERS {
        let id = known.iter().find(|f| f.path == *path).unwrap().id;
        store.set_sync_state(id, UidValidity(1), None).unwrap();
        folders.push((*kind, id));
    }
    (store, folders)
}

fn header(message: &CorpusMessage, uid: usize, later: i64) -> NewMessage {
    let mut header = mime::parse_header(&message.raw);
    header.envelope.date = header.envelope.date.map(|date| date - later);
    NewMessage {
        uid: Some(Uid(u32::try_from(uid).unwrap() + 1)),
        envelope: header.envelope,
        flags: Flags {
            seen: message.seen,
            flagged: message.flagged,
            answered: message.answered,
            ..Flags::default()
        },
        internal_date: message.date - later,
        size: message.raw.len() as u64,
        kind: header.kind,
        has_attachment: header.has_attachment,
    }
}

/// Messages with their bodies, spread over the folders of a practice.
pub(crate) fn full(dir: &Path, count: u32) {
    let (store, folders) = make(dir);
    let messages = corpus(count as usize);
    for (kind, folder) in folders {
        let here: Vec<_> = messages.iter().enumerate().filter(|(_, m)| m.folder == kind).collect();
        for batch in here.chunks(BATCH) {
            let headers: Vec<_> = batch.iter().map(|(uid, m)| header(m, *uid, 0)).collect();
            let ids = store.insert(folder, &headers).unwrap();
            assert_eq!(ids.len(), batch.len());
            let body = |(id, (_, message)): (_, &(usize, &CorpusMessage))| {
                let parsed = mime::parse(&message.raw);
                let has_attachment = parsed.attachments.iter().any(|a| !a.inline);
                NewBody::new(id, &message.raw, &parsed.search_text, parsed.kind, has_attachment).unwrap()
            };
            store.save_body(ids.into_iter().zip(batch).map(body).collect::<Vec<_>>()).unwrap();
        }
    }
    while store.tend_index().unwrap() {}
    store.close();
}

/// A long inbox without bodies: the same thousand messages again and again, each time half a year older.
pub(crate) fn headers(dir: &Path, count: u32) {
    let (store, folders) = make(dir);
    let inbox = folders[0].1;
    let messages = corpus(DISTINCT);
    let all: Vec<usize> = (0..count as usize).collect();
    for batch in all.chunks(DISTINCT) {
        let half_year = 182 * 86_400 * (batch[0] / DISTINCT) as i64;
        let new: Vec<_> = batch.iter().map(|n| header(&messages[n % DISTINCT], *n, half_year)).collect();
        store.insert(inbox, &new).unwrap();
    }
    store.close();
}

/// One file a message.
pub(crate) fn files(dir: &Path, count: u32) {
    let _ = fs::remove_dir_all(dir);
    let cur = dir.join("cur");
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(dir.join(part)).unwrap();
    }
    for (n, message) in corpus(count as usize).iter().enumerate() {
        let flags = if message.seen { "S" } else { "" };
        fs::write(cur.join(format!("{}.M{n}P1.bench:2,{flags}", message.date)), &message.raw).unwrap();
    }
}
