//! The vault: key slots, a private file, a real keyring under its own session bus, and no bus at all.

use std::path::Path;

use estafette::domain::recovery::RecoveryCode;
use estafette::domain::secret::{Secret, StoreKey};
use estafette::vault::{Error, KeyFile, Opener, Slots, Vault, new_key, new_recovery_code};

/// What every vault must do.
fn keeps_keys_and_passwords(vault: &Vault) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    assert!(KeyFile::read(&path).unwrap().is_none());
    let (mut file, key) = (KeyFile::new(path.clone()).unwrap(), new_key().unwrap());
    let fill = |file: &KeyFile| vault.fill(file.blank(Opener::Keyring, 1).unwrap(), &key).unwrap();
    file.create(vec![fill(&file)]).unwrap();
    let other = fill(&file);
    file.put(other.clone(), |_| false).unwrap();
    let file = KeyFile::read(&path).unwrap().unwrap();
    for slot in file.slots(Slots::Present) {
        assert_eq!(file.open_by_keyring(slot, vault).unwrap().expose(), key.expose());
    }
    vault.forget(&other).unwrap();
    vault.forget(&other).unwrap();
    assert!(matches!(file.open_by_keyring(&other, vault), Err(Error::SecretMissing)));
    assert!(file.open_by_keyring(&file.slots(Slots::Present)[0], vault).is_ok());
    let account = "anne.leroy@medecin.mssante.fr";
    assert!(vault.password(account).unwrap().is_none());
    vault.set_password(account, &Secret::new("ancien".into())).unwrap();
    vault.set_password(account, &Secret::new("mot \"de\" pässe\u{1}".into())).unwrap();
    assert_eq!(vault.password(account).unwrap().unwrap().expose(), "mot \"de\" pässe\u{1}");
    vault.remove_password(account).unwrap();
    vault.remove_password(account).unwrap();
    assert!(vault.password(account).unwrap().is_none());
    assert!(vault.bare_key("899700123456").unwrap().is_none());
    vault.remove_bare_key("899700123456").unwrap();
}

/// A key file with a slot of each kind, and what opens them.
fn full(dir: &Path) -> (KeyFile, StoreKey, Vault, RecoveryCode) {
    let (vault, code) = (Vault::File(dir.join("vault.json")), new_recovery_code().unwrap());
    let (mut file, key) = (KeyFile::new(dir.join("keys.json")).unwrap(), new_key().unwrap());
    let blank = |opener| file.blank(opener, 1_790_000_000).unwrap();
    let slots = vec![
        vault.fill(blank(Opener::Keyring), &key).unwrap(),
        blank(Opener::card(b"certificate")).fill_by_signature(&[7; 256], &key).unwrap(),
        blank(Opener::recovery()).fill_by_code(&code, &key).unwrap(),
    ];
    file.create(slots).unwrap();
    (file, key, vault, code)
}

#[test]
fn each_slot_opens_with_its_own_secret_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (file, key, vault, code) = full(dir.path());
    let read = KeyFile::read(&dir.path().join("keys.json")).unwrap().unwrap();
    let [keyring, card, recovery] = read.slots(Slots::Present) else { panic!("three slots") };
    assert_eq!(read.open_by_keyring(keyring, &vault).unwrap().expose(), key.expose());
    assert_eq!(read.open_by_signature(card, &[7; 256]).unwrap().expose(), key.expose());
    assert_eq!(read.open_by_code(recovery, &code).unwrap().expose(), key.expose());
    let refused = |result: Result<StoreKey, Error>| matches!(result, Err(Error::DoesNotOpen));
    assert!(refused(read.open_by_signature(card, &[8; 256])));
    assert!(refused(read.open_by_signature(keyring, &[7; 256])));
    assert!(refused(read.open_by_code(recovery, &new_recovery_code().unwrap())));
    assert!(refused(read.open_by_code(card, &code)), "a code is for its slot only");
    assert_ne!(file.text_to_sign(card), file.text_to_sign(keyring), "each slot has its own text");
    let text = std::fs::read_to_string(dir.path().join("keys.json")).unwrap();
    let hex: String = key.expose().iter().map(|b| format!("{b:02x}")).collect();
    assert!(!text.contains(&hex) && !text.contains(code.carried().as_str()));
}

#[test]
fn a_slot_that_was_altered_or_moved_to_another_store_opens_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let (_, _, _, code) = full(dir.path());
    let path = dir.path().join("keys.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let opens = |value: &serde_json::Value| {
        std::fs::write(&path, value.to_string()).unwrap();
        let file = KeyFile::read(&path).unwrap().unwrap();
        file.open_by_code(&file.slots(Slots::Present)[2], &code).is_ok()
    };
    assert!(opens(&value));
    let swapped = |text: &serde_json::Value| {
        let text = text.as_str().unwrap();
        let first = if text.starts_with('0') { "1" } else { "0" };
        serde_json::Value::from(format!("{first}{}", &text[1..]))
    };
    for field in ["id", "salt", "sealed"] {
        let mut altered = value.clone();
        altered["slots"][2][field] = swapped(&value["slots"][2][field]);
        assert!(!opens(&altered), "{field}");
    }
    for (at, new) in
        [("created", 5.into()), ("opener", serde_json::json!({"kind":"recovery","rounds":600_001}))]
    {
        let mut altered = value.clone();
        altered["slots"][2][at] = new;
        assert!(!opens(&altered), "{at}");
    }
    let mut altered = value.clone();
    altered["store"] = swapped(&value["store"]);
    assert!(!opens(&altered), "another store");
}

#[test]
fn a_damaged_key_file_is_refused_at_once_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    full(dir.path());
    let path = dir.path().join("keys.json");
    let good: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = good.clone();
        change(&mut value);
        value.to_string()
    };
    let slot = good["slots"][0].clone();
    for content in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        " ".repeat(70_000),
        "[".repeat(60_000),
        with(&|v| v["version"] = 0.into()),
        with(&|v| v["store"] = "..".into()),
        with(&|v| v["more"] = 1.into()),
        with(&|v| v["slots"] = vec![slot.clone(); 17].into()),
        with(&|v| v["slots"][0]["salt"] = "A".into()),
        with(&|v| v["slots"][0]["opener"] = serde_json::json!({"kind":"other"})),
        with(&|v| v["slots"][2]["opener"]["rounds"] = 1.into()),
        // would hang
        with(&|v| v["slots"][2]["opener"]["rounds"] = 4_000_000_000u32.into()),
    ] {
        std::fs::write(&path, &content).unwrap();
        let shown: String = content.chars().take(80).collect();
        assert!(matches!(KeyFile::read(&path), Err(Error::KeyFileDamaged)), "{shown}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
    std::fs::write(&path, with(&|v| v["version"] = 2.into())).unwrap();
    assert!(matches!(KeyFile::read(&path), Err(Error::Newer)));
}

#[test]
fn a_key_file_is_made_once_and_changed_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (mut file, key, _, code) = full(dir.path());
    let path = dir.path().join("keys.json");
    assert!(matches!(KeyFile::new(path.clone()).unwrap().create(vec![]), Err(Error::Exists)));
    let next = file.blank(Opener::recovery(), 2).unwrap().fill_by_code(&code, &new_key().unwrap()).unwrap();
    file.begin(vec![next]).unwrap();
    let mut between = KeyFile::read(&path).unwrap().unwrap();
    assert!(between.is_between_keys());
    assert_eq!((between.slots(Slots::Present).len(), between.slots(Slots::Next).len()), (3, 1));
    between.settle(Slots::Present).unwrap();
    assert!(!KeyFile::read(&path).unwrap().unwrap().is_between_keys());
    file.settle(Slots::Next).unwrap();
    let file = KeyFile::read(&path).unwrap().unwrap();
    assert_eq!(file.slots(Slots::Present).len(), 1);
    assert_ne!(file.open_by_code(&file.slots(Slots::Present)[0], &code).unwrap().expose(), key.expose());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3, "the vault, its lock and the key file");
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
            scope.spawn(move || vault.set_password(&n.to_string(), &Secret::new("x".into())).unwrap());
        }
    });
    assert!((0..8).all(|n| vault.password(&n.to_string()).unwrap().is_some()));
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
        assert!(matches!(vault.bare_key("a"), Err(Error::Damaged)), "{content}");
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
    let answer = Vault::Keyring.bare_key("a").err();
    assert!(matches!(answer, Some(Error::NoKeyring)), "{answer:?}");
    let blank = KeyFile::new("keys.json".into()).unwrap().blank(Opener::Keyring, 1).unwrap();
    let answer = Vault::Keyring.fill(blank, &new_key().unwrap()).err();
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
