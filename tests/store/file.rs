//! The file: key, lock, damage.

use std::fs;

use estafette::domain::secret::StoreKey;
use estafette::store::{Error, Store};

use crate::sample::{body, key, mailbox, message};

fn error(result: Result<Store, Error>) -> Error {
    result.err().expect("the store must not open")
}

#[test]
fn a_store_keeps_what_it_was_given_and_nothing_in_clear() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mail.db");
    let store = Store::open(&path, &key()).unwrap();
    let (_, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 1_000, "Courrier DUPONTEL")]).unwrap();
    store.save_body(vec![body(ids[0], "hospitalisation de DUPONTEL")]).unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|w| w == b"DUPONTEL" || w == b"dupontel"));
        assert!(!bytes.starts_with(b"SQLite format"));
    }
    store.close();
    assert!(matches!(store.accounts(), Err(Error::Closed)));
    let again = Store::open(&path, &key()).unwrap();
    assert_eq!(again.list(folders[0], 0..10).unwrap().1[0].subject, "Courrier DUPONTEL");
    assert!(again.raw(ids[0]).unwrap().unwrap().ends_with(b"DUPONTEL"));
    again.check().unwrap();
}

#[test]
fn a_second_opening_is_refused_until_the_first_closes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mail.db");
    let store = Store::open(&path, &key()).unwrap();
    assert!(matches!(error(Store::open(&path, &key())), Error::Locked));
    assert!(matches!(Store::set_aside(&path), Err(Error::Locked)));
    store.close();
    Store::open(&path, &key()).unwrap();
}

#[test]
fn a_wrong_key_is_told_from_damage_and_harms_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mail.db");
    let store = Store::open(&path, &key()).unwrap();
    mailbox(&store);
    store.close();
    let before = fs::read(&path).unwrap();
    assert!(matches!(error(Store::open(&path, &StoreKey::new([8; 32]))), Error::WrongKey));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(Store::open(&path, &key()).unwrap().accounts().unwrap().len(), 1);
}

#[test]
fn a_damaged_store_is_set_aside_whole_and_a_new_one_begins() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mail.db");
    let store = Store::open(&path, &key()).unwrap();
    mailbox(&store);
    store.close();
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..200].fill(0);
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(error(Store::open(&path, &key())), Error::Damaged));
    let aside = Store::set_aside(&path).unwrap();
    assert_eq!(fs::read(&aside).unwrap(), bytes);
    let fresh = Store::open(&path, &key()).unwrap();
    assert!(fresh.accounts().unwrap().is_empty());
    fresh.close();
    assert_ne!(Store::set_aside(&path).unwrap(), aside, "an earlier one is never overwritten");
    assert_eq!(fs::read(&aside).unwrap(), bytes);
}

#[test]
fn damage_deep_inside_is_an_error_and_no_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mail.db");
    let store = Store::open(&path, &key()).unwrap();
    let (_, folders) = mailbox(&store);
    let many: Vec<_> = (1..2_000).map(|n| message(n, i64::from(n), "Résultats")).collect();
    store.insert(folders[0], &many).unwrap();
    store.close();
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    for page in (20..length / 4096).map(|n| n * 4096) {
        bytes[page..page + 64].fill(0xA5);
    }
    fs::write(&path, &bytes).unwrap();
    match Store::open(&path, &key()) {
        Ok(store) => {
            let listed = store.list(folders[0], 0..2_000);
            assert!(matches!(listed, Err(Error::Damaged)), "{listed:?}");
            assert!(matches!(store.check(), Err(Error::Damaged)), "{:?}", store.check());
        }
        Err(e) => assert!(matches!(e, Error::Damaged), "{e:?}"),
    }
}

#[test]
fn a_store_begun_with_the_librarys_own_cipher_settings_is_opened_and_kept_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mail.db");
    let hex: String = key().expose().iter().map(|b| format!("{b:02x}")).collect();
    let begun = rusqlite::Connection::open(&path).unwrap();
    begun.execute_batch(&format!("PRAGMA key = \"x'{hex}'\"; CREATE TABLE before (x)")).unwrap();
    begun.close().unwrap();
    for round in 0..2 {
        let store = Store::open(&path, &key()).unwrap();
        store.set_setting("round", &round.to_string()).unwrap();
        store.check().unwrap();
        store.close();
    }
    assert!(matches!(error(Store::open(&path, &StoreKey::new([8; 32]))), Error::WrongKey));
    let again = rusqlite::Connection::open(&path).unwrap();
    again.execute_batch(&format!("PRAGMA key = \"x'{hex}'\"")).unwrap();
    let kept: String =
        again.query_row("SELECT value FROM setting WHERE name = 'round'", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "1");
}
