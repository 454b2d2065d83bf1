//! The vault: a private file, a real keyring under its own session bus, and no bus at all.

use std::path::Path;

use estafette::domain::secret::Secret;
use estafette::vault::{Error, Vault};

/// What every vault must do.
fn keeps_keys_and_passwords(vault: &Vault) {
    assert!(vault.store_key("899700123456").unwrap().is_none());
    let key = vault.create_store_key("899700123456").unwrap();
    assert!(matches!(vault.create_store_key("899700123456"), Err(Error::Exists)));
    assert_eq!(vault.store_key("899700123456").unwrap().unwrap().expose(), key.expose());
    assert_ne!(vault.create_store_key("other").unwrap().expose(), key.expose());
    let account = "anne.leroy@medecin.mssante.fr";
    assert!(vault.password(account).unwrap().is_none());
    vault.set_password(account, &Secret::new("ancien".into())).unwrap();
    vault.set_password(account, &Secret::new("mot \"de\" pässe\u{1}".into())).unwrap();
    assert_eq!(vault.password(account).unwrap().unwrap().expose(), "mot \"de\" pässe\u{1}");
    vault.remove_password(account).unwrap();
    vault.remove_password(account).unwrap();
    assert!(vault.password(account).unwrap().is_none());
    vault.remove_store_key("899700123456").unwrap();
    assert!(vault.store_key("899700123456").unwrap().is_none());
    assert!(vault.store_key("other").unwrap().is_some());
}

#[test]
fn a_file_keeps_keys_and_passwords() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new").join("vault.json");
    let vault = Vault::File(path.clone());
    keeps_keys_and_passwords(&vault);
    assert!(!std::fs::read_to_string(&path).unwrap().contains("anne.leroy"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn writers_of_one_file_do_not_undo_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::File(dir.path().join("vault.json"));
    std::thread::scope(|scope| {
        for n in 0..8 {
            let vault = &vault;
            scope.spawn(move || vault.create_store_key(&n.to_string()).unwrap());
        }
    });
    assert!((0..8).all(|n| vault.store_key(&n.to_string()).unwrap().is_some()));
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    for content in [
        "",
        "{",
        "[]",
        "{\"version\":2,\"secrets\":{}}",
        "{\"version\":1,\"secrets\":{\"store-key:a\":\"AA\"}}",
    ] {
        std::fs::write(&path, content).unwrap();
        let vault = Vault::File(path.clone());
        assert!(matches!(vault.store_key("a"), Err(Error::Damaged)), "{content}");
        assert!(vault.create_store_key("a").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}

/// Runs one of the `in_a_child` tests below in a process with its own session bus address.
#[cfg(target_os = "linux")]
fn run_child(test: &str, home: &Path, bus: Option<&str>) {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("VAULT_TEST_CHILD", "1").env("HOME", home);
    command.env("XDG_RUNTIME_DIR", home).env_remove("DBUS_SESSION_BUS_ADDRESS");
    if let Some(bus) = bus {
        command.env("DBUS_SESSION_BUS_ADDRESS", bus);
    }
    let output = command.output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("child was here"), "{text}");
}

/// Does nothing unless started by a test below.
#[cfg(target_os = "linux")]
#[test]
fn keyring_in_a_child() {
    if std::env::var_os("VAULT_TEST_CHILD").is_none() {
        return;
    }
    println!("child was here");
    // called from inside an async runtime, where opening the keyring directly would panic
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { keeps_keys_and_passwords(&Vault::Keyring) });
}

/// Does nothing unless started by a test below.
#[cfg(target_os = "linux")]
#[test]
fn no_keyring_in_a_child() {
    if std::env::var_os("VAULT_TEST_CHILD").is_none() {
        return;
    }
    println!("child was here");
    let answer = Vault::Keyring.store_key("a").err();
    assert!(matches!(answer, Some(Error::NoKeyring)), "{answer:?}");
    let answer = Vault::Keyring.create_store_key("a").err();
    assert!(matches!(answer, Some(Error::NoKeyring)), "{answer:?}");
    let answer = Vault::Keyring.set_password("a", &Secret::new("b".into())).err();
    assert!(matches!(answer, Some(Error::NoKeyring)), "{answer:?}");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{BufRead, BufReader, Write};
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    use super::run_child;

    /// A session bus of its own, ended with the test.
    struct Bus {
        daemons: Vec<Child>,
        address: String,
    }

    impl Bus {
        fn start(home: &Path) -> Self {
            // an empty service folder: nothing is started by the bus on demand
            let config = home.join("bus.conf");
            std::fs::write(
                &config,
                format!(
                    "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
                     <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>
                     <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
                    home.join("bus").display()
                ),
            )
            .unwrap();
            let mut daemon = Command::new("dbus-daemon")
                .arg(format!("--config-file={}", config.display()))
                .args(["--nofork", "--print-address"])
                .stdout(Stdio::piped())
                .spawn()
                .expect("dbus-daemon is installed");
            let mut address = String::new();
            BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
            Self { daemons: vec![daemon], address: address.trim().to_owned() }
        }

        fn start_keyring(&mut self, home: &Path) {
            let mut daemon = Command::new("gnome-keyring-daemon")
                .args(["--foreground", "--components=secrets", "--unlock"])
                .env("HOME", home)
                .env("XDG_RUNTIME_DIR", home)
                .env("XDG_DATA_HOME", home)
                .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("gnome-keyring-daemon is installed");
            daemon.stdin.take().unwrap().write_all(b"test").unwrap();
            // it prints its environment once it is unlocked
            let mut line = String::new();
            BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
            self.daemons.push(daemon);
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
    fn a_real_keyring_keeps_keys_and_passwords() {
        let home = tempfile::tempdir().unwrap();
        let mut bus = Bus::start(home.path());
        bus.start_keyring(home.path());
        run_child("vault::keyring_in_a_child", home.path(), Some(&bus.address));
    }

    #[test]
    fn without_a_session_bus_there_is_no_keyring() {
        let home = tempfile::tempdir().unwrap();
        run_child("vault::no_keyring_in_a_child", home.path(), None);
        run_child("vault::no_keyring_in_a_child", home.path(), Some("unix:path=/nonexistent/bus"));
    }

    #[test]
    fn a_bus_without_a_provider_is_no_keyring() {
        let home = tempfile::tempdir().unwrap();
        let bus = Bus::start(home.path());
        run_child("vault::no_keyring_in_a_child", home.path(), Some(&bus.address));
    }
}
