//! A process that dies in the middle, and one that comes too early.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use estafette::store::{Error, Store};

use crate::outbox::outgoing;
use crate::sample::{key, mailbox, message};

const CHILD: &str = "STORE_TEST_CHILD";

/// Does nothing unless started by the test below.
#[test]
fn a_process_that_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = Store::open(path.as_ref(), &key()).unwrap();
    let (account, folders) = mailbox(&store);
    for n in 1u32.. {
        store.queue(outgoing(account, &format!("{n}@x"), 0)).unwrap();
        let many: Vec<_> = (0..50).map(|i| message(n * 50 + i, 1, "x")).collect();
        println!("queued {n}");
        store.insert(folders[0], &many).unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_a_killed_process_and_a_second_one_is_refused() {
    for acknowledged in [1, 7, 30] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mail.db");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::a_process_that_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let last = format!("queued {acknowledged}");
        assert!(lines.any(|line| line.unwrap().ends_with(&last)));
        assert!(matches!(Store::open(&path, &key()), Err(Error::Locked)));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::open(&path, &key()).unwrap();
        store.check().unwrap();
        assert!(store.outbox().unwrap().len() >= acknowledged);
        let (total, _) = store.list(store.folders().unwrap()[0].id, 0..1).unwrap();
        assert_eq!(total % 50, 0, "a batch is there whole or not at all");
    }
}
