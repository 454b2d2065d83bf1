//! The store is given another key, and the process dies in the middle.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use estafette::domain::secret::StoreKey;
use estafette::store::{Error, Store};

use crate::sample::{mailbox, message};

const CHILD: &str = "REKEY_TEST_CHILD";

fn old() -> StoreKey {
    StoreKey::new([1; 32])
}

fn new() -> StoreKey {
    StoreKey::new([2; 32])
}

fn filled(path: &Path, messages: u32) -> Store {
    let store = Store::open(path, &old()).unwrap();
    let (_, folders) = mailbox(&store);
    let many: Vec<_> = (0..messages).map(|n| message(n, 1, "x")).collect();
    store.insert(folders[0], &many).unwrap();
    store.set_setting("large", &"y".repeat(8 << 20)).unwrap();
    store
}

fn is_whole(store: &Store, messages: u32) {
    store.check().unwrap();
    let (total, _) = store.list(store.folders().unwrap()[0].id, 0..1).unwrap();
    assert_eq!(total, messages);
    assert_eq!(store.setting("large").unwrap().unwrap().len(), 8 << 20);
}

#[test]
fn a_store_with_a_new_key_goes_on_and_opens_with_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mail.db");
    let store = filled(&path, 200);
    store.rekey(&path, &old(), &new()).unwrap();
    is_whole(&store, 200);
    store.set_setting("after", "kept").unwrap();
    store.close();
    assert!(matches!(Store::open(&path, &old()), Err(Error::WrongKey)));
    let store = Store::open(&path, &new()).unwrap();
    is_whole(&store, 200);
    assert_eq!(store.setting("after").unwrap().as_deref(), Some("kept"));
    store.close();
    assert!(matches!(store.rekey(&path, &new(), &old()), Err(Error::Closed)));
}

/// Does nothing unless started by the test below.
#[test]
fn a_process_that_gives_its_store_another_key() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = Store::open(path.as_ref(), &old()).unwrap();
    println!("begins");
    store.rekey(path.as_ref(), &old(), &new()).unwrap();
    println!("done");
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_process_killed_at_any_moment_leaves_the_one_key_or_the_other() {
    let mut outcomes = [0, 0];
    for step in 0..14u32 {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mail.db");
        filled(&path, 100).close();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "rekey::a_process_that_gives_its_store_another_key", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("begins")));
        if step == 13 {
            assert!(lines.any(|line| line.unwrap().ends_with("done")));
        } else {
            std::thread::sleep(Duration::from_millis(u64::from(step * step * 4)));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // whoever knows both keys loses nothing; neither refusal touches the file
        let (store, which) = match Store::open(&path, &old()) {
            Ok(store) => (store, 0),
            Err(Error::WrongKey) => (Store::open(&path, &new()).unwrap(), 1),
            Err(error) => panic!("step {step}: {error}"),
        };
        outcomes[which] += 1;
        is_whole(&store, 100);
    }
    println!("killed with the old key {} times, with the new one {}", outcomes[0], outcomes[1]);
    assert!(outcomes[0] > 0 && outcomes[1] > 0, "both sides were seen: {outcomes:?}");
}

#[test]
fn without_room_for_it_the_store_keeps_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let room = dir.path().join("small");
    std::fs::create_dir(&room).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "none"]).arg(&room).status();
    assert!(mounted.unwrap().success(), "mounting needs root");
    let path = room.join("mail.db");
    filled(&path, 10).close();
    std::fs::write(room.join("filler"), vec![1; 10 << 20]).unwrap();
    let store = Store::open(&path, &old()).unwrap();
    let refused = store.rekey(&path, &old(), &new());
    let goes_on = store.set_setting("after", "kept");
    is_whole(&store, 10);
    store.close();
    let again = Store::open(&path, &old()).map(|store| {
        is_whole(&store, 10);
        store.close();
    });
    assert!(Command::new("umount").arg(&room).status().unwrap().success());
    assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
    goes_on.unwrap();
    again.unwrap();
}
