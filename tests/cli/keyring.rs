//! With and without a keyring.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::counter::{Counter, LABORATORY, answer};

/// A session bus of its own with a real keyring, ended with the test.
struct Bus {
    daemons: Vec<Child>,
    address: String,
}

impl Bus {
    fn with_keyring(home: &Path) -> Self {
        let config = home.join("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
            home.join("bus").display()
        );
        std::fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().to_owned();
        let mut keyring = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets", "--unlock"])
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env("XDG_DATA_HOME", home)
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        keyring.stdin.take().unwrap().write_all(b"test").unwrap();
        // it prints its environment once it is unlocked
        BufReader::new(keyring.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
        Self { daemons: vec![daemon, keyring], address }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        for daemon in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

#[test]
fn without_a_keyring_the_program_says_so_and_makes_no_store() {
    let counter = Counter::open();
    answer(counter.without_key(&["account", "list"])).fails(3, "keyring-missing");
    let sessions = std::fs::read_dir(counter.profile().join("sessions")).unwrap();
    assert!(sessions.flatten().all(|e| !e.path().join("store.db").exists()));
}

#[test]
fn with_a_keyring_no_key_file_is_needed() {
    let mut counter = Counter::open();
    let bus = Bus::with_keyring(counter.dir.path());
    counter.environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), bus.address.clone()));
    let password = counter.path("password");
    let add = ["account", "add", "--address", LABORATORY, "--auth", "password", "--password-file", &password];
    answer(counter.without_key(&add)).json();
    answer(counter.without_key(&["sync"])).json();
    assert_eq!(answer(counter.without_key(&["account", "list"])).json()[0]["config"]["address"], LABORATORY);
    // the keyring is gone: the store stays closed, and whole
    drop(bus);
    answer(counter.without_key(&["account", "list"])).fails(3, "keyring-missing");
    assert!(counter.store().exists());
}
