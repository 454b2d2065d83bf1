//! Large contents, in files beside the database.

use std::fs;
use std::path::{Path, PathBuf};

use estafette::domain::id::MessageId;
use estafette::domain::secret::StoreKey;
use estafette::store::{Error, Store};

use crate::sample::{key, large_body, mailbox, message};

struct Place {
    dir: tempfile::TempDir,
    store: Store,
    ids: Vec<MessageId>,
}

impl Place {
    /// A store with this many messages whose contents are large.
    fn with(messages: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("mail.db"), &key()).unwrap();
        let (_, folders) = mailbox(&store);
        let rows: Vec<_> = (1..=messages).map(|n| message(n, i64::from(n), "Radio")).collect();
        let ids = store.insert(folders[0], &rows).unwrap();
        let bodies: Vec<_> = ids.iter().map(|id| large_body(*id, 40_000).0).collect();
        store.save_body(bodies).unwrap();
        Self { dir, store, ids }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("mail.db")
    }

    fn files(&self) -> Vec<PathBuf> {
        files(&self.path())
    }

    fn is_here(&self, id: MessageId) -> bool {
        self.store.raw(id).unwrap().is_some_and(|raw| raw == large_body(id, 40_000).1)
    }

    fn missing(&self) -> Vec<MessageId> {
        let account = self.store.accounts().unwrap()[0].id;
        self.store.missing_bodies(account, 100, u64::MAX).unwrap().into_iter().map(|(id, ..)| id).collect()
    }
}

fn files(store: &Path) -> Vec<PathBuf> {
    let folder = store.with_file_name("mail.db.contents");
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_large_content_has_a_file_and_goes_with_its_message() {
    let place = Place::with(3);
    assert_eq!(place.files().len(), 3);
    assert!(place.ids.iter().all(|id| place.is_here(*id)));
    // it is fetched again: the file before it goes
    place.store.save_body(vec![large_body(place.ids[0], 40_000).0]).unwrap();
    assert_eq!(place.files().len(), 3);
    assert!(place.is_here(place.ids[0]));
    // a small one in its place needs no file
    place.store.save_body(vec![large_body(place.ids[0], 40).0]).unwrap();
    assert_eq!(place.files().len(), 2);
    assert_eq!(place.store.raw(place.ids[0]).unwrap().unwrap(), large_body(place.ids[0], 40).1);
    let account = place.store.accounts().unwrap()[0].id;
    place.store.remove_account(account).unwrap();
    assert!(place.files().is_empty());
    place.store.check().unwrap();
}

#[test]
fn a_content_whose_file_is_lost_or_changed_is_to_be_fetched_again() {
    let place = Place::with(4);
    let before = place.store.size_on_disk().unwrap();
    assert!(before > 4 * 40_000);
    let files = place.files();
    fs::remove_file(&files[0]).unwrap();
    fs::write(&files[1], b"cut").unwrap();
    let lost: Vec<_> = place.ids.iter().copied().filter(|id| !place.is_here(*id)).collect();
    assert_eq!(lost.len(), 2);
    let mut missing = place.missing();
    missing.sort_unstable();
    assert_eq!(missing, lost);
    assert_eq!(place.files().len(), 2, "what is no content any more takes no room");
    place.store.check().unwrap();
    place.store.save_body(lost.iter().map(|id| large_body(*id, 40_000).0).collect::<Vec<_>>()).unwrap();
    assert!(place.ids.iter().all(|id| place.is_here(*id)));
    assert_eq!(place.missing(), []);
}

#[test]
fn after_a_crash_files_and_rows_find_together_again() {
    let place = Place::with(3);
    let folder = place.path().with_file_name("mail.db.contents");
    let stray = folder.join("0123456789abcdef0123456789abcdef");
    let foreign = folder.join("lisez-moi.txt");
    fs::write(&stray, b"x").unwrap();
    fs::write(&foreign, b"x").unwrap();
    let lost = place.files().into_iter().find(|file| *file != stray && *file != foreign).unwrap();
    fs::remove_file(&lost).unwrap();
    place.store.tidy_contents().unwrap();
    assert!(!stray.exists(), "no row knows it");
    assert!(foreign.exists(), "not ours");
    assert_eq!(place.missing().len(), 1);
    assert_eq!(place.ids.iter().filter(|id| place.is_here(**id)).count(), 2);
    place.store.check().unwrap();
}

#[test]
fn a_call_that_fails_leaves_no_file() {
    let place = Place::with(1);
    let folder = place.path().with_file_name("mail.db.contents");
    let before = place.files();
    // no folder to write in
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, b"in the way").unwrap();
    let failed = place.store.save_body(vec![large_body(place.ids[0], 40_000).0]);
    assert!(matches!(failed, Err(Error::Io(_))));
    fs::remove_file(&folder).unwrap();
    place.store.save_body(vec![large_body(place.ids[0], 40_000).0]).unwrap();
    assert_eq!(place.files().len(), before.len());
    assert!(place.is_here(place.ids[0]));
}

#[test]
fn another_key_of_the_store_opens_the_files_as_before() {
    let place = Place::with(2);
    let new = StoreKey::new([9; 32]);
    place.store.rekey(&place.path(), &key(), &new).unwrap();
    assert!(place.ids.iter().all(|id| place.is_here(*id)));
    place.store.close();
    let again = Store::open(&place.path(), &new).unwrap();
    assert_eq!(again.raw(place.ids[1]).unwrap().unwrap(), large_body(place.ids[1], 40_000).1);
}

#[test]
fn files_are_set_aside_with_their_store() {
    let place = Place::with(2);
    place.store.close();
    let aside = Store::set_aside(&place.path()).unwrap();
    assert!(place.files().is_empty());
    let again = Store::open(&aside, &key()).unwrap();
    assert_eq!(again.raw(place.ids[0]).unwrap().unwrap(), large_body(place.ids[0], 40_000).1);
}
