//! The ways into a store: older profiles, the recovery code, another key, and a process that dies meanwhile.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette::domain::recovery::RecoveryCode;
use estafette::domain::secret::StoreKey;
use estafette::engine::{Engine, KeySlotKind, KeySource, Options};
use estafette::store::Store;

use crate::desk::Desk;

fn engine(dir: &Path) -> Engine {
    let options = Options {
        profile: dir.join("profile"),
        keys: KeySource::File(dir.join("keys.json")),
        // the machine's own cards are not ours
        module: Some(dir.join("no-module.so")),
        send_delay: 0,
        background: false,
    };
    Engine::open(options).unwrap()
}

fn session(dir: &Path) -> PathBuf {
    dir.join("profile/sessions/local")
}

async fn refusal(engine: &Engine) -> &'static str {
    engine.open_offline().await.unwrap_err().code()
}

#[tokio::test]
async fn a_profile_of_a_version_without_slots_is_taken_over_and_its_bare_key_forgotten() {
    let _desk = Desk::open().await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(session(dir.path())).unwrap();
    let old = Store::open(&session(dir.path()).join("store.db"), &StoreKey::new([9; 32])).unwrap();
    old.set_setting("kept", "since before").unwrap();
    old.close();
    let bare = format!(
        "{{\"version\":1,\"secrets\":{{\"store-key:local\":\"{}\",\"password:a@b.fr\":\"eA==\"}}}}",
        STANDARD.encode([9; 32])
    );
    std::fs::write(dir.path().join("keys.json"), &bare).unwrap();

    let first = engine(dir.path());
    first.open_offline().await.unwrap();
    let security = first.security().await.unwrap();
    assert_eq!(security.slots.iter().map(|s| s.kind).collect::<Vec<_>>(), [KeySlotKind::Keyring]);
    first.shutdown().await;
    let kept = std::fs::read_to_string(dir.path().join("keys.json")).unwrap();
    assert!(
        !kept.contains("store-key") && kept.contains("key-slot:") && kept.contains("password:a@b.fr"),
        "{kept}"
    );

    // a crash after the slots were written and before the bare key was forgotten
    let mut both: serde_json::Value = serde_json::from_str(&kept).unwrap();
    both["secrets"]["store-key:local"] = STANDARD.encode([9; 32]).into();
    std::fs::write(dir.path().join("keys.json"), both.to_string()).unwrap();
    let second = engine(dir.path());
    second.open_offline().await.unwrap();
    second.shutdown().await;
    assert!(!std::fs::read_to_string(dir.path().join("keys.json")).unwrap().contains("store-key"));
    let store = Store::open(&session(dir.path()).join("store.db"), &StoreKey::new([9; 32])).unwrap();
    assert_eq!(store.setting("kept").unwrap().as_deref(), Some("since before"));
}

#[tokio::test]
async fn the_recovery_code_opens_what_the_keyring_has_lost() {
    let desk = Desk::open().await;
    let code = desk.engine.new_recovery_code().unwrap();
    let other = desk.engine.new_recovery_code().unwrap();
    let security = desk.engine.set_recovery_code(code.clone()).await.unwrap();
    assert!(security.recovery && security.offline && !security.card);
    desk.engine.shutdown().await;
    std::fs::remove_file(desk.dir.path().join("keys.json")).unwrap();

    let engine = engine(desk.dir.path());
    assert_eq!(refusal(&engine).await, "key-missing");
    assert!(engine.ways_in().await.recovery);
    assert_eq!(engine.open_with_code(other).await.unwrap_err().code(), "recovery-code-wrong");
    let typed = RecoveryCode::parse(&code.grouped().to_lowercase().replace('-', " ")).unwrap();
    engine.open_with_code(typed).await.unwrap();
    assert_eq!(engine.accounts().await.unwrap().len(), 1);
    // and gives it to the keyring again
    engine.set_offline(true).await.unwrap();
    let again = engine.set_offline(true).await.unwrap();
    assert_eq!(again.slots.iter().filter(|s| s.kind == KeySlotKind::Keyring).count(), 1, "{again:?}");
    engine.lock().await;
    assert_eq!(engine.security().await.unwrap_err().code(), "no-session");
    engine.open_offline().await.unwrap();
}

#[tokio::test]
async fn no_way_in_is_taken_away_that_would_leave_the_store_shut() {
    let desk = Desk::open().await;
    let engine = &desk.engine;
    let slots = engine.security().await.unwrap().slots;
    // without a card nothing else opens it every day
    assert_eq!(engine.set_offline(false).await.unwrap_err().code(), "offline-needs-card");
    assert_eq!(engine.remove_slot(slots[0].id.clone()).await.unwrap_err().code(), "offline-needs-card");
    assert_eq!(engine.remove_slot("0".into()).await.unwrap_err().code(), "not-found");
    let with = engine.set_recovery_code(engine.new_recovery_code().unwrap()).await.unwrap();
    let replaced = engine.set_recovery_code(engine.new_recovery_code().unwrap()).await.unwrap();
    assert_eq!(replaced.slots.len(), 2, "one recovery code at a time");
    assert_ne!(with.slots[1].id, replaced.slots[1].id);
    let without = engine.remove_slot(replaced.slots[1].id.clone()).await.unwrap();
    assert_eq!(without.slots, slots);
}

#[tokio::test]
async fn after_another_key_was_given_no_old_copy_opens_the_store() {
    let desk = Desk::open().await;
    let (before, after) =
        (desk.engine.new_recovery_code().unwrap(), desk.engine.new_recovery_code().unwrap());
    desk.engine.set_recovery_code(before.clone()).await.unwrap();
    let dir = desk.dir.path();
    let stolen = tempfile::tempdir().unwrap();
    let copy = |name: &str, from: &Path| std::fs::copy(from, stolen.path().join(name)).unwrap();
    copy("vault", &dir.join("keys.json"));
    copy("slots", &session(dir).join("keys.json"));

    assert_eq!(desk.engine.rotate_key(None).await.unwrap_err().code(), "recovery-needed");
    let security = desk.engine.rotate_key(Some(after.clone())).await.unwrap();
    assert_eq!((security.slots.len(), security.offline, security.recovery), (2, true, true));
    assert_eq!(desk.engine.accounts().await.unwrap().len(), 1, "the session goes on");
    desk.sync().await.unwrap();
    desk.engine.shutdown().await;
    let kept = std::fs::read_to_string(dir.join("keys.json")).unwrap();
    assert_eq!(kept.matches("key-slot:").count(), 1, "the old secret is forgotten");

    let again = engine(dir);
    assert_eq!(again.open_with_code(before.clone()).await.unwrap_err().code(), "recovery-code-wrong");
    again.open_with_code(after).await.unwrap();
    again.lock().await;
    again.open_offline().await.unwrap();
    again.shutdown().await;

    std::fs::copy(stolen.path().join("slots"), session(dir).join("keys.json")).unwrap();
    std::fs::copy(stolen.path().join("vault"), dir.join("keys.json")).unwrap();
    let thief = engine(dir);
    assert!(matches!(refusal(&thief).await, "key-missing" | "store-damaged"));
    assert!(thief.open_with_code(before).await.is_err());
}

#[tokio::test]
async fn a_damaged_key_file_is_named_and_set_aside_with_its_store() {
    let desk = Desk::open().await;
    desk.engine.shutdown().await;
    let keys = session(desk.dir.path()).join("keys.json");
    std::fs::write(&keys, "{\"version\":1").unwrap();
    let engine = engine(desk.dir.path());
    assert_eq!(refusal(&engine).await, "keys-damaged");
    assert!(engine.ways_in().await.offline, "trying says what is wrong");
    engine.set_store_aside().await.unwrap();
    engine.open_offline().await.unwrap();
    assert!(engine.accounts().await.unwrap().is_empty());
    let names: Vec<String> = std::fs::read_dir(session(desk.dir.path()))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    for kept in ["store.db.damaged-1", "keys.json.damaged-1"] {
        assert!(names.iter().any(|name| name == kept), "{names:?}");
    }
}

const CHILD: &str = "ROTATE_TEST_CHILD";

/// Does nothing unless started by the test below.
#[tokio::test]
async fn a_process_that_gives_its_store_another_key() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let engine = engine(dir.as_ref());
    engine.open_offline().await.unwrap();
    println!("begins");
    engine.rotate_key(None).await.unwrap();
    println!("done");
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[tokio::test]
async fn a_process_killed_while_it_gives_another_key_loses_nothing() {
    let _desk = Desk::open().await;
    let (mut between, mut moved) = (0, 0);
    // how long it takes here and now is measured by the first, which is let live
    let mut whole = Duration::ZERO;
    for step in 0..16u32 {
        let dir = tempfile::tempdir().unwrap();
        let first = engine(dir.path());
        first.open_offline().await.unwrap();
        let id = first.security().await.unwrap().slots[0].id.clone();
        first.shutdown().await;
        let path = session(dir.path()).join("store.db");
        let file = estafette::vault::KeyFile::read(&path.with_file_name("keys.json")).unwrap().unwrap();
        let vault = estafette::vault::Vault::File(dir.path().join("keys.json"));
        let key = file.open_by_keyring(&file.slots(estafette::vault::Slots::Present)[0], &vault).unwrap();
        let store = Store::open(&path, &key).unwrap();
        store.set_setting("large", &"y".repeat(6 << 20)).unwrap();
        store.close();

        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "vault::a_process_that_gives_its_store_another_key", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("begins")));
        let begun = Instant::now();
        match step {
            0 => assert!(lines.any(|line| line.unwrap().ends_with("done"))),
            _ => std::thread::sleep(whole * (step - 1) / 14),
        }
        whole = whole.max(begun.elapsed());
        child.kill().unwrap();
        child.wait().unwrap();
        let left = std::fs::read_to_string(path.with_file_name("keys.json")).unwrap();
        between += u32::from(left.contains("\"next\""));

        let again = engine(dir.path());
        again.open_offline().await.unwrap();
        let slots = again.security().await.unwrap().slots;
        moved += u32::from(slots[0].id != id);
        assert_eq!(slots.len(), 1, "{slots:?}");
        again.shutdown().await;
        let settled = std::fs::read_to_string(path.with_file_name("keys.json")).unwrap();
        assert!(!settled.contains("\"next\""));
        // killed before its slot was written, a secret stays in the keyring that opens nothing
        let kept = std::fs::read_to_string(dir.path().join("keys.json")).unwrap();
        assert!((1..=2).contains(&kept.matches("key-slot:").count()), "{step}");
    }
    println!("of 16 processes killed, {between} left the file between two keys, {moved} had the new key");
    assert!(between > 0 && moved > 0, "both were seen");
}
