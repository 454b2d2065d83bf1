//! Copies of a profile after a session with known patients.

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, DraftAttachment, Recipient};
use estafette::domain::folder::FolderRole;
use estafette::domain::id::{AccountId, FolderId};
use estafette::domain::secret::{Secret, StoreKey};
use estafette::engine::{Engine, KeySource, Options};
use estafette::store::{Error, Store};

use crate::client::Operator;

const OWN: &str = "resultats@bioval.mssante.example";
const PASSWORD: &str = "resultats-bioval";
/// What no byte of a copy may say.
const PRIVATE: &[&str] = &[
    OWN,
    PASSWORD,
    "DUBREUIL-KERVADEC",
    "Dubreuil-Kervadec",
    "dubreuil",
    "Maëlys",
    "285057800608436",
    "Hémoglobine glyquée de",
    "kervadec-hba1c",
    "Bilan de la patiente",
    "Brouillon confidentiel",
];
/// A user of the system who is nobody in particular.
const NOBODY: u32 = 65_534;

/// Every way the words may lie in a file.
fn shapes(words: &str) -> Vec<Vec<u8>> {
    let mut shapes = vec![words.as_bytes().to_vec()];
    shapes.push(words.encode_utf16().flat_map(u16::to_le_bytes).collect());
    shapes.push(words.encode_utf16().flat_map(u16::to_be_bytes).collect());
    // base64 of a text that begins at any place of a group of three
    for before in 0..3 {
        let mut text = vec![b' '; before];
        text.extend_from_slice(words.as_bytes());
        let encoded = STANDARD_NO_PAD.encode(text);
        let (from, to) = (if before == 0 { 0 } else { before + 1 }, encoded.len() - 2);
        shapes.push(encoded.as_bytes()[from..to].to_vec());
    }
    shapes
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// Reads every byte under a folder, and the files' names; answers the names of what was read.
fn says_nothing(dir: &Path) -> BTreeSet<String> {
    let mut found = Vec::new();
    files(dir, &mut found);
    for path in &found {
        let mut bytes = std::fs::read(path).unwrap();
        bytes.extend_from_slice(path.strip_prefix(dir).unwrap().to_string_lossy().as_bytes());
        bytes_say_nothing(&bytes, &path.display().to_string());
    }
    found.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn bytes_say_nothing(bytes: &[u8], whose: &str) {
    for words in PRIVATE {
        for (shape, number) in shapes(words).iter().zip(0..) {
            let is_there = bytes.windows(shape.len()).any(|window| window == shape);
            assert!(!is_there, "{words} (shape {number}) in {whose}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

fn engine(profile: &Path, keyring: &Path) -> Engine {
    let options = Options {
        profile: profile.to_owned(),
        keys: KeySource::File(keyring.to_owned()),
        // the machine's own cards are not ours
        module: Some(profile.join("no-module.so")),
        send_delay: 0,
        background: false,
    };
    Engine::open(options).unwrap()
}

/// A letter about the patient, to the mailbox itself.
fn letter(account: AccountId) -> Draft {
    Draft {
        to: vec![Recipient { name: None, address: EmailAddress::parse(OWN).unwrap() }],
        subject: "Bilan de la patiente DUBREUIL-KERVADEC Maëlys".to_owned(),
        body: "INS 285057800608436.\nHémoglobine glyquée de Maëlys Dubreuil-Kervadec : 7,9 %.\n".to_owned(),
        attachments: vec![
            DraftAttachment {
                name: "kervadec-hba1c.txt".to_owned(),
                media_type: "text/plain".to_owned(),
                content: "DUBREUIL-KERVADEC Maëlys 285057800608436\n".repeat(2000).into_bytes(),
            },
            DraftAttachment {
                name: "kervadec-hba1c.jpg".to_owned(),
                media_type: "image/jpeg".to_owned(),
                content: picture(),
            },
        ],
        ..Draft::new(account)
    }
}

/// The patient's name before what cannot be packed: too large for the database.
fn picture() -> Vec<u8> {
    let mut bytes = b"\xFF\xD8\xFFDUBREUIL-KERVADEC".to_vec();
    let mut state = 7_u32;
    bytes.extend((0..60_000).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    bytes
}

/// One day of work: sent, fetched, read, searched, drafted.
async fn work(engine: &Engine) {
    engine.open_offline().await.unwrap();
    let address = EmailAddress::parse(OWN).unwrap();
    let config = engine.servers_for(&address).await.unwrap();
    let account = engine.add_account(config, Some(Secret::new(PASSWORD.to_owned()))).await.unwrap();
    engine.set_recovery_code(engine.new_recovery_code().unwrap()).await.unwrap();
    for _ in 0..3 {
        engine.queue(letter(account)).await.unwrap();
    }
    engine.flush().await.unwrap();
    for _ in 0..100 {
        engine.sync(None).await.unwrap();
        let inbox = inbox(engine).await;
        if engine
            .list(inbox, 0..50)
            .await
            .unwrap()
            .rows
            .iter()
            .filter(|r| r.subject.contains("KERVADEC"))
            .count()
            >= 3
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let rows = engine.list(inbox(engine).await, 0..50).await.unwrap().rows;
    let row = rows.iter().find(|row| row.subject.contains("KERVADEC")).expect("the letter came back");
    engine.message(row.id).await.unwrap();
    engine.attachment(row.id, 0).await.unwrap();
    assert!(engine.search("kervadec", 0..50).await.unwrap().total >= 3, "the index knows the patient");
    let mut draft = letter(account);
    draft.subject = "Brouillon confidentiel DUBREUIL-KERVADEC".to_owned();
    engine.save_draft(None, draft).await.unwrap();
}

async fn inbox(engine: &Engine) -> FolderId {
    let folders = engine.folders().await.unwrap();
    folders.into_iter().find(|folder| folder.role == FolderRole::Inbox).unwrap().id
}

fn ctl(
    program: &Path,
    profile: &Path,
    keyring: Option<&Path>,
    temporary: &Path,
    arguments: &[&str],
) -> Command {
    let mut command = Command::new(program);
    command.arg("--profile").arg(profile).args(["--json", "--module", "/nonexistent.so"]);
    if let Some(keyring) = keyring {
        command.arg("--vault-key-file").arg(keyring);
    }
    command.args(arguments).env("TMPDIR", temporary).env("HOME", temporary).env("XDG_RUNTIME_DIR", temporary);
    command.env("RUST_LOG", "trace").env_remove("DBUS_SESSION_BUS_ADDRESS").stdin(Stdio::null());
    command
}

fn refused(output: &Output, exit: i32, code: &str) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{err}");
    assert!(err.contains(&format!("\"code\":\"{code}\"")), "{err}");
    assert!(output.stdout.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_57_a_copied_profile_says_nothing_and_opens_with_nothing_but_its_slots() {
    let operator = Operator::start(0);
    let dir = tempfile::tempdir().unwrap();
    let (profile, keyring) = (dir.path().join("profile"), dir.path().join("keyring.json"));
    std::fs::create_dir(&profile).unwrap();
    std::fs::copy(operator.text("profile_operators"), profile.join("operators.json")).unwrap();
    let engine_here = engine(&profile, &keyring);
    work(&engine_here).await;

    // taken while the program runs, journal and all
    let live = dir.path().join("live");
    copy(&profile, &live);
    let names = says_nothing(&live);
    for name in ["store.db", "store.db-wal", "store.db-shm", "store.db.lock", "keys.json", "operators.json"] {
        assert!(names.contains(name), "{name} is not in {names:?}");
    }
    let is_content = |name: &String| name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
    assert!(names.iter().any(is_content), "no large content in {names:?}");
    engine_here.shutdown().await;

    // the same work from the command line, which logs everything it may and has a temporary folder of its own
    let program = dir.path().join("estafettectl");
    std::fs::copy(env!("CARGO_BIN_EXE_estafettectl"), &program).unwrap();
    let temporary = dir.path().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    for arguments in
        [&["sync"][..], &["list"], &["search", "kervadec"], &["show", "1"], &["doctor"], &["vault", "status"]]
    {
        let output = ctl(&program, &profile, Some(&keyring), &temporary, arguments).output().unwrap();
        bytes_say_nothing(&output.stderr, &format!("the log of {arguments:?}"));
    }
    says_nothing(&temporary);
    let closed = dir.path().join("closed");
    copy(&profile, &closed);
    says_nothing(&closed);

    for copy in [&live, &closed] {
        opens_with_nothing(copy, &keyring, dir.path()).await;
    }
    another_user(&program, &profile, &closed, dir.path());
}

/// Without its slots, with another's secrets, with guessed keys.
async fn opens_with_nothing(copied: &Path, keyring: &Path, dir: &Path) {
    let session = copied.join("sessions/local");
    let store = session.join("store.db");
    assert!(!std::fs::read(&store).unwrap().starts_with(b"SQLite format 3"));
    for guess in [[0; 32], [0xFF; 32], *b"DUBREUIL-KERVADEC 28505780060843"] {
        assert!(matches!(Store::open(&store, &StoreKey::new(guess)), Err(Error::WrongKey)));
    }
    // the slots without the keyring
    let foreign = dir.join("foreign.json");
    let thief = engine(copied, &foreign);
    assert_eq!(thief.open_offline().await.unwrap_err().code(), "key-missing");
    let guess = thief.new_recovery_code().unwrap();
    assert_eq!(thief.open_with_code(guess).await.unwrap_err().code(), "recovery-code-wrong");
    thief.shutdown().await;
    // the keyring without the slots
    std::fs::remove_file(session.join("keys.json")).unwrap();
    let thief = engine(copied, keyring);
    assert_eq!(thief.open_offline().await.unwrap_err().code(), "key-missing");
    let guess = thief.new_recovery_code().unwrap();
    assert_eq!(thief.open_with_code(guess).await.unwrap_err().code(), "key-missing");
    thief.shutdown().await;
    assert!(store.exists() && !session.join("keys.json").exists(), "nothing was made anew in its place");
}

/// Another user of this computer, on the profile itself and on a copy that is his.
fn another_user(program: &Path, profile: &Path, copied: &Path, dir: &Path) {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(profile), 0o700);
    assert_eq!(mode(&profile.join("sessions/local/keys.json")), 0o600);
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
    let read = |path: &Path| {
        let mut command = Command::new("cat");
        command.arg(path).uid(NOBODY).gid(NOBODY).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().expect("becoming another user needs root").success()
    };
    assert!(read(program), "he can read what is everybody's");
    for name in ["sessions/local/store.db", "sessions/local/store.db.lock", "sessions/local/keys.json"] {
        assert!(!read(&profile.join(name)), "{name}");
    }
    let his = dir.join("his");
    copy(copied, &his);
    copy(&profile.join("sessions"), &his.join("sessions"));
    let mut all = Vec::new();
    files(&his, &mut all);
    for path in all.iter().flat_map(|path| path.ancestors()).filter(|path| path.starts_with(&his)) {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let home = dir.join("home");
    std::fs::create_dir(&home).unwrap();
    chown(&home, Some(NOBODY), Some(NOBODY)).unwrap();
    for (keyring, code) in [(None, "keyring-missing"), (Some(home.join("vault.json")), "key-missing")] {
        let mut command = ctl(program, &his, keyring.as_deref(), &home, &["list"]);
        refused(&command.uid(NOBODY).gid(NOBODY).output().unwrap(), 3, code);
    }
}

#[test]
fn the_search_finds_words_however_they_are_written() {
    let words = "Maëlys";
    let text = format!("ab{words} c");
    let encoded = base64::engine::general_purpose::STANDARD.encode(&text);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [text.as_bytes(), encoded.as_bytes(), format!("x{encoded}").as_bytes(), &wide, &big] {
        let found = |shape: Vec<u8>| bytes.windows(shape.len()).any(|window| window == shape);
        assert!(shapes(words).into_iter().any(found), "{bytes:?}");
    }
}
