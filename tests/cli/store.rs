//! Stores that cannot be opened, and a disk that is full: nothing is lost.

use std::net::TcpListener;
use std::process::Command;

use estafette::vault::{KeyFile, Slots, Vault};

use crate::counter::{Counter, LABORATORY, LEROY, picture, strings};

#[test]
fn a_second_program_on_the_same_profile_is_turned_away() {
    let counter = Counter::open();
    counter.add_laboratory().json();
    // a server that accepts and says nothing keeps the first program at work
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = mute.local_addr().unwrap().port();
    counter.run(&["account", "remove", LABORATORY]).json();
    counter.servers(Some((port, port)));
    counter.add_laboratory().json();
    let mut first = counter.with_key_in_background(&["sync"]);
    let (held, _) = mute.accept().unwrap();
    counter.run(&["folders"]).fails(1, "store-locked");
    drop(held);
    first.kill().unwrap();
    first.wait().unwrap();
    counter.run(&["folders"]).json();
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_untouched() {
    let counter = Counter::open();
    counter.add_laboratory().json();
    let file = KeyFile::read(&counter.store().with_file_name("keys.json")).unwrap().unwrap();
    let vault = Vault::File(counter.path("vault.json").into());
    let key = file.open_by_keyring(&file.slots(Slots::Present)[0], &vault).unwrap();
    let hex: String = key.expose().iter().map(|b| format!("{b:02x}")).collect();
    let connection = rusqlite::Connection::open(counter.store()).unwrap();
    let cipher = "PRAGMA cipher_page_size = 16384; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;";
    let key = format!("PRAGMA key = \"x'{hex}'\";");
    connection.execute_batch(&format!("{key} {cipher} PRAGMA user_version = 4242;")).unwrap();
    connection.close().unwrap();
    let before = picture(&counter.store());
    counter.run(&["folders"]).fails(1, "store-newer");
    assert_eq!(picture(&counter.store()), before);
}

#[test]
fn a_damaged_store_is_named_and_nothing_is_deleted() {
    let counter = Counter::open();
    counter.add_laboratory().json();
    let path = counter.store();
    let mut bytes = picture(&path);
    bytes[100..1000].fill(0);
    std::fs::write(&path, &bytes).unwrap();
    for _ in 0..2 {
        counter.run(&["folders"]).fails(1, "store-damaged");
        assert_eq!(picture(&path), bytes);
    }
}

/// A small file system of memory, for root only.
struct Disk(std::path::PathBuf);

impl Disk {
    fn mount(at: &std::path::Path) -> Self {
        let options = ["-t", "tmpfs", "-o", "size=6m", "none"];
        let mounted = Command::new("mount").args(options).arg(at).status().unwrap();
        assert!(mounted.success(), "mounting needs root");
        Self(at.to_owned())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_nothing_is_lost_and_work_goes_on_when_there_is_room() {
    let counter = Counter::open();
    let _disk = Disk::mount(&counter.profile());
    counter.servers(None);
    counter.add_laboratory().json();
    let mut first = counter.letter(LEROY, "Avant");
    first.push("--later".to_owned());
    counter.run(&strings(&first)).json();

    let attachment = counter.path("radio.jpg");
    let noise: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    std::fs::write(&attachment, noise).unwrap();
    let filler = counter.profile().join("filler");
    let mut room = 6 << 20;
    while room > 1000 && std::fs::write(&filler, vec![1; room]).is_err() {
        room -= 64 << 10;
    }
    let mut second = counter.letter(LEROY, "Trop grand");
    second.extend(["--attach".to_owned(), attachment, "--later".to_owned()]);
    counter.run(&strings(&second)).fails(1, "disk-full");

    std::fs::remove_file(&filler).unwrap();
    let outbox = counter.run(&["outbox", "list"]).json();
    let subjects: Vec<&str> =
        outbox.as_array().unwrap().iter().map(|e| e["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["Avant"]);
    counter.run(&["sync"]).json();
    assert_eq!(counter.run(&["outbox", "list"]).json()[0]["state"], "done");
}

#[test]
fn folders_are_marked_and_connections_counted_by_command() {
    let counter = Counter::open();
    counter.add_laboratory().json();
    counter.run(&["sync"]).json();
    let marked = || {
        let folders = counter.run(&["folders"]).json();
        let watched = folders.as_array().unwrap().iter().filter(|f| f["watched"] == true);
        watched.map(|f| f["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(marked().is_empty());
    assert_eq!(counter.run(&["watch", "Biologie"]).json()["watched"], true);
    assert_eq!(marked(), ["Biologie"]);
    counter.run(&["watch", "Biologie", "--off"]).json();
    assert!(marked().is_empty());
    counter.run(&["watch", "Nulle part"]).fails(1, "no-folder");
    assert_eq!(counter.run(&["account", "connections"]).json()["connections"], 4);
    counter.run(&["account", "connections", "2"]).json();
    assert_eq!(counter.run(&["account", "connections"]).json()["connections"], 2);
    counter.run(&["account", "connections", "0"]).fails(1, "connections-number");
}
