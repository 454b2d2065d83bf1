//! Modules that crash, hang or answer nonsense: they cost the card, not the program.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex as Lock;
use std::time::{Duration, Instant};

use estafette::card::{Error, Limits, Token};
use estafette::domain::card::ModuleFault;
use serde_json::json;

use super::order::Faulty;
use super::{PIN, READER, module, pin, read, softhsm};

/// Shorter than real ones, and longer than anything here takes.
fn limits() -> Limits {
    let limit = Duration::from_secs(4);
    Limits { read: limit, login: limit, pin_pad: limit, sign: limit, close: limit }
}

/// Hosts of this program's tokens.
fn hosts() -> Vec<u32> {
    children(std::process::id())
}

fn children(of: u32) -> Vec<u32> {
    let own = of.to_string();
    let parent =
        |stat: &str| stat.rsplit(')').next().and_then(|rest| rest.split(' ').nth(2).map(str::to_owned));
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let children = processes.filter(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        parent(&stat).as_deref() == Some(&own)
    });
    children.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok())).collect()
}

/// The one host there is, once those of earlier tokens have ended.
async fn only_host() -> u32 {
    let start = Instant::now();
    loop {
        if let [host] = hosts()[..] {
            return host;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "hosts: {:?}", hosts());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn fault(result: Result<impl Sized, Error>) -> ModuleFault {
    match result.err() {
        Some(Error::ModuleFaulty { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn attack_55_a_module_that_crashes_or_hangs_at_any_call_costs_the_card_and_not_the_program() {
    let _turn = softhsm().await;
    let losses = Arc::new(Lock::new(Vec::new()));
    let lost = Arc::clone(&losses);
    let token = Token::start(limits(), move |error| lost.lock().unwrap().push(error));
    let crashed = |signal| ModuleFault::Crashed { signal };
    for (how, expected) in [
        ("abort", crashed(Some(6))),
        ("segfault", crashed(Some(11))),
        ("exit", crashed(None)),
        ("hang", ModuleFault::Hung),
    ] {
        for call in ["C_Initialize", "C_GetSlotList", "C_GetTokenInfo", "C_FindObjects", "C_Login", "C_Sign"]
        {
            let faulty = Faulty::later(&module(), call, how);
            let read_now = async || read(&token, faulty.path.clone()).await;
            let met = match call {
                "C_Login" => {
                    read_now().await.unwrap();
                    faulty.arm();
                    fault(token.login(READER, pin(PIN)).await)
                }
                "C_Sign" => {
                    read_now().await.unwrap();
                    // a module that cannot make its trial signature does not log in either
                    let key = token.login(READER, pin(PIN)).await.unwrap();
                    faulty.arm();
                    losses.lock().unwrap().clear();
                    let met = fault(key.sign(b"text").await);
                    assert_eq!(losses.lock().unwrap().len(), 1, "the loss is told, once");
                    assert_eq!(key.sign(b"text").await.err(), Some(Error::Closed));
                    met
                }
                _ => {
                    faulty.arm();
                    fault(read_now().await)
                }
            };
            assert_eq!(met, expected, "{how} in {call}");
            // the next call has a new process, and works
            faulty.disarm();
            read_now().await.unwrap();
            let key = token.login(READER, pin(PIN)).await.unwrap();
            assert!(key.sign(b"text").await.is_ok());
            only_host().await;
        }
    }
}

#[tokio::test]
async fn attack_55_a_module_that_answers_nonsense_gives_no_card_and_no_crash() {
    let _turn = softhsm().await;
    let token = Token::start(limits(), |_| {});
    for call in [
        "C_Initialize",
        "C_GetSlotList",
        "C_OpenSession",
        "C_FindObjects",
        "C_GetAttributeValue",
        "C_Login",
        "C_Sign",
    ] {
        let faulty = Faulty::later(&module(), call, "garbage");
        if matches!(call, "C_Login" | "C_Sign") {
            read(&token, faulty.path.clone()).await.unwrap();
        }
        if call == "C_Sign" {
            let key = token.login(READER, pin(PIN)).await.unwrap();
            faulty.arm();
            assert!(key.sign(b"text").await.is_err());
        } else {
            faulty.arm();
            match call {
                "C_Login" => assert!(token.login(READER, pin(PIN)).await.is_err()),
                _ => assert!(read(&token, faulty.path.clone()).await.is_err(), "{call}"),
            }
        }
        faulty.disarm();
        read(&token, faulty.path.clone()).await.unwrap();
        token.login(READER, pin(PIN)).await.unwrap();
    }
    // what a token says of itself is shown, and nothing more
    let faulty = Faulty::later(&module(), "C_GetTokenInfo", "garbage");
    faulty.arm();
    let _ = read(&token, faulty.path.clone()).await;
    // what a module prints is not taken for an answer
    let noisy = Faulty::later(&module(), "C_Login", "noise");
    noisy.arm();
    read(&token, noisy.path.clone()).await.unwrap();
    token.login(READER, pin(PIN)).await.unwrap();
}

#[tokio::test]
async fn a_module_that_fails_does_not_keep_the_next_one_from_reading_the_card() {
    let _turn = softhsm().await;
    let token = Token::start(limits(), |_| {});
    for how in ["abort", "hang"] {
        let faulty = Faulty::later(&module(), "C_GetSlotList", how);
        faulty.arm();
        let modules = vec![faulty.path.clone(), module()];
        let info = token.read(modules, vec![READER.to_owned()]).await.unwrap().remove(0).unwrap();
        assert_eq!(info.module, module());
        assert!(token.login(READER, pin(PIN)).await.is_ok());
    }
}

#[tokio::test]
async fn a_slow_card_is_waited_for() {
    let _turn = softhsm().await;
    let token = Token::start(Limits::default(), |_| {});
    let faulty = Faulty::later(&module(), "C_Login", "slow");
    faulty.arm();
    read(&token, faulty.path.clone()).await.unwrap();
    let start = Instant::now();
    let key = token.login(READER, pin(PIN)).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(5));
    assert!(key.sign(b"text").await.is_ok());
}

#[tokio::test]
async fn a_caller_that_gives_up_on_a_hanging_module_does_not_hold_up_the_next() {
    let _turn = softhsm().await;
    let token = Token::start(Limits { read: Duration::from_secs(600), ..limits() }, |_| {});
    let faulty = Faulty::later(&module(), "C_GetSlotList", "hang");
    faulty.arm();
    // the card leaves while it is being read
    let reading = read(&token, faulty.path.clone());
    assert!(tokio::time::timeout(Duration::from_millis(300), reading).await.is_err());
    read(&token, module()).await.unwrap();
}

#[tokio::test]
async fn attack_52_a_card_that_another_program_logged_out_asks_for_its_pin_again() {
    let _turn = softhsm().await;
    let losses = Arc::new(Lock::new(Vec::new()));
    let lost = Arc::clone(&losses);
    let token = Token::start(limits(), move |error| lost.lock().unwrap().push(error));
    let faulty = Faulty::later(&module(), "C_Sign", "logged-out");
    read(&token, faulty.path.clone()).await.unwrap();
    let key = token.login(READER, pin(PIN)).await.unwrap();
    faulty.arm();
    assert_eq!(key.sign(b"text").await.err(), Some(Error::LoggedOut));
    assert_eq!(*losses.lock().unwrap(), [Error::LoggedOut]);
    faulty.disarm();
    assert_eq!(key.sign(b"text").await.err(), Some(Error::Closed), "nothing is tried again by itself");
    read(&token, faulty.path.clone()).await.unwrap();
    assert!(token.login(READER, pin(PIN)).await.unwrap().sign(b"text").await.is_ok());
}

#[tokio::test]
async fn a_reader_with_a_keypad_takes_the_pin_itself() {
    let _turn = softhsm().await;
    let token = Token::start(limits(), |_| {});
    for (typed, opens) in [(PIN, true), ("9999", false)] {
        let faulty = Faulty::new(&module(), json!({"keypad": typed}));
        let info = read(&token, faulty.path.clone()).await.unwrap();
        assert!(info.pin_pad);
        let login = token.login(READER, None).await;
        assert_eq!(login.is_ok(), opens, "{:?}", login.err());
        token.close().await;
    }
}

#[tokio::test]
async fn a_card_is_unblocked_by_the_officers_login_and_a_new_pin() {
    let _turn = softhsm().await;
    let token = Token::start(limits(), |_| {});
    read(&token, module()).await.unwrap();
    let unblock = async |puk: &str, new: &str| {
        token.unblock(Some(module()), READER, pin(puk).unwrap(), pin(new).unwrap()).await
    };
    assert_eq!(unblock("1111", "5678").await, Err(Error::CodeLength), "the card was not asked");
    assert_eq!(unblock("11111111", "5678").await, Err(Error::CodeWrong));
    assert_eq!(unblock("87654321", "12ab").await, Err(Error::PinLength));
    read(&token, module()).await.unwrap();
    assert!(token.login(READER, pin(PIN)).await.is_ok(), "the PIN is what it was");
    assert_eq!(unblock("87654321", "5678").await, Ok(()));
    read(&token, module()).await.unwrap();
    assert!(token.login(READER, pin(PIN)).await.is_err());
    assert!(token.login(READER, pin("5678")).await.is_ok());
    assert_eq!(unblock("87654321", PIN).await, Ok(()));
}

#[tokio::test]
async fn attack_54_the_process_that_hears_the_pin_is_closed_to_others_and_leaves_no_dump() {
    let _turn = softhsm().await;
    let token = Token::start(limits(), |_| {});
    read(&token, module()).await.unwrap();
    token.login(READER, pin(PIN)).await.unwrap();
    let host = only_host().await;
    let file = |name: &str| std::fs::read_to_string(format!("/proc/{host}/{name}")).unwrap();
    let core = file("limits").lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
    for shown in ["cmdline", "environ"] {
        assert!(!file(shown).split('\0').any(|word| word == PIN), "{shown}");
    }
    drop(token);
    let start = Instant::now();
    while Path::new(&format!("/proc/{host}/stat")).exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "the process stays behind");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn attack_54_the_program_itself_leaves_no_dump_either() {
    let profile = tempfile::tempdir().unwrap();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_estafettectl"))
        .args(["--module", "/nonexistent.so", "--profile"])
        .arg(profile.path())
        .args(["card", "watch"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let proc = format!("/proc/{}", program.id());
    let start = Instant::now();
    let closed = loop {
        let limits = std::fs::read_to_string(format!("{proc}/limits")).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
        let filter = std::fs::read_to_string(format!("{proc}/coredump_filter")).unwrap();
        let is_closed = core.split_whitespace().nth(4) == Some("0")
            && core.split_whitespace().nth(5) == Some("0")
            && filter.trim().bytes().all(|digit| digit == b'0');
        if is_closed || start.elapsed() > Duration::from_secs(20) {
            break is_closed.then_some(()).ok_or(format!("{core}, filter {filter}"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(closed, Ok(()));
}

/// A program without the powers of the administrator, who may look everywhere.
#[cfg(target_os = "linux")]
fn powerless(program: &str) -> std::process::Command {
    let mut command = std::process::Command::new("setpriv");
    command.args(["--bounding-set=-all", "--inh-caps=-all", program]);
    command.stderr(std::process::Stdio::null());
    command
}

/// Whether another program of the same user may open this file of the process.
#[cfg(target_os = "linux")]
fn can_look(process: u32, file: &str) -> bool {
    let open = ["-c", r#"head -c 0 < "$0""#];
    powerless("sh").args(open).arg(format!("/proc/{process}/{file}")).status().unwrap().success()
}

#[cfg(target_os = "linux")]
#[test]
fn attack_54_no_other_program_of_the_user_looks_into_the_programs_memory() {
    use std::io::BufRead;
    let patience = |what: &str, wanted: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !wanted() {
            assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    // the counter-proof: a program that does not close itself
    let mut open = powerless("sleep").arg("120").spawn().unwrap();
    patience("another program is looked into", &|| can_look(open.id(), "environ"));
    open.kill().unwrap();
    open.wait().unwrap();

    let profile = tempfile::tempdir().unwrap();
    let mut program = powerless(env!("CARGO_BIN_EXE_estafettectl"))
        .args(["--module", "/nonexistent.so", "--profile"])
        .arg(profile.path())
        .args(["card", "watch"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // its first words come long after it closed itself
    let mut words = String::new();
    std::io::BufReader::new(program.stdout.take().unwrap()).read_line(&mut words).unwrap();
    let id = program.id();
    let seen = ["environ", "mem", "maps", "fd/0"].map(|file| can_look(id, file));
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(!words.is_empty());
    assert_eq!(seen, [false; 4]);

    // without a reader the program above has no host: one as it starts it
    let (_requests, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut host = powerless(env!("CARGO_BIN_EXE_estafettectl"))
        .arg("--host-card-module")
        .stdin(std::os::fd::OwnedFd::from(theirs))
        .spawn()
        .unwrap();
    let id = host.id();
    patience("the host of the module is closed", &|| {
        ["environ", "mem", "maps", "fd/0"].iter().all(|file| !can_look(id, file))
    });
    assert!(host.try_wait().unwrap().is_none(), "it waits for requests");
    host.kill().unwrap();
    host.wait().unwrap();
}
