//! Life of the program: foreground, background, and how it ends.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::card::reader::Wish;
use crate::control::{self, Request, ask};
use crate::instance::{Instance, Options};
use crate::process::signal;

/// Making a new IGC and starting every program takes some seconds; waiting for another's reader takes longer.
const PATIENCE: Duration = Duration::from_secs(300);
const INFO: &str = "operator.json";

/// Runs until `stop` or a signal; when `temporary`, until standard input ends, and then removes the folder. Prints the JSON line when all is up.
pub fn in_foreground(options: &Options, temporary: bool) -> Result<()> {
    if ask(&options.dir, "ping").is_ok() {
        bail!("an operator already runs in {}", options.dir.display());
    }
    let (sender, requests) = channel();
    stop_on_signal(sender.clone())?;
    let mut instance = Instance::start(options)?;
    control::listen(&options.dir, sender.clone())?;
    fs::write(options.dir.join(INFO), instance.info.to_string())?;
    println!("{}", instance.info);
    if temporary {
        stop_on_eof(sender);
    }
    for Request { line, answer } in requests {
        if line == "stop" {
            drop(instance);
            if temporary {
                remove(&options.dir);
            }
            let _ = answer.send(Ok(json!({ "stopped": true })));
            // The thread of the control channel has to write its answer.
            std::thread::sleep(Duration::from_millis(50));
            return Ok(());
        }
        let _ = answer.send(instance.obey(&line).map_err(|e| format!("{e:#}")));
    }
    Ok(())
}

/// Removes a folder into which a program that is just ending may still write.
fn remove(dir: &Path) {
    for _ in 0..20 {
        if fs::remove_dir_all(dir).is_ok() || !dir.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn stop_request(requests: &Sender<Request>) {
    let (answer, _) = channel();
    let _ = requests.send(Request { line: "stop".to_owned(), answer });
}

fn stop_on_eof(requests: Sender<Request>) {
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        stop_request(&requests);
    });
}

fn stop_on_signal(requests: Sender<Request>) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let (Ok(mut term), Ok(mut int)) =
                (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
            else {
                return;
            };
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            stop_request(&requests);
        });
    });
    Ok(())
}

/// Starts this same program in the background and waits until it is up.
pub fn in_background(options: &Options) -> Result<()> {
    if ask(&options.dir, "ping").is_ok() {
        bail!("an operator already runs in {}", options.dir.display());
    }
    let reader = match options.reader {
        Wish::None => "none",
        Wish::Now => "now",
        Wish::Wait => "wait",
    };
    // Beside the folder: that one must be empty or an operator's.
    let log = options.dir.with_extension("log");
    fs::create_dir_all(log.parent().context("no folder given")?)?;
    let output = File::create(&log).with_context(|| log.display().to_string())?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("serve").args(options.others.then_some("--others"));
    command.args(options.openid.map(|l| format!("--openid={}:{}", l.access, l.refresh)));
    let mut child = command
        .args(["--reader", reader, "--server", options.server.word()])
        .args(["--messages", &options.messages.to_string(), "--dir"])
        .arg(&options.dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(output)
        .process_group(0)
        .spawn()?;
    let start = Instant::now();
    let info = loop {
        if let Some(status) = child.try_wait()? {
            bail!("the operator ended ({status}): {}", fs::read_to_string(&log).unwrap_or_default().trim());
        }
        if let Ok(info) = ask(&options.dir, "info") {
            break info;
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            bail!("the operator does not come up; see {}", log.display());
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    explain(&info);
    println!("{info}");
    Ok(())
}

/// How to connect with any other mail client, for whoever started this by hand.
fn explain(info: &Value) {
    eprintln!("Any mail client can connect, once it trusts the authority {}:", info["ca"]);
    eprintln!(
        "  IMAP  localhost:{} with STARTTLS (or port {} with TLS from the start)",
        info["imap"], info["imaps"]
    );
    eprintln!("  SMTP  localhost:{} with STARTTLS", info["smtp"]);
    for account in info["accounts"].as_array().into_iter().flatten() {
        let text = |name: &str| account[name].as_str().unwrap_or_default();
        let how = match text("auth") {
            "password" => format!("password {}", text("password")),
            "psc" => format!("Pro Santé Connect as \"{}\" (with --openid)", text("login")),
            "certificate" => {
                format!("software certificate {}, password \"{}\"", text("certificate"), text("password"))
            }
            _ => format!(
                "card {} (PIN {}), or the software certificate {} with its key beside it; SASL EXTERNAL",
                account["card"], account["pin"], account["certificate"]
            ),
        };
        eprintln!("  {}: {how}", text("address"));
    }
    eprintln!("  PKCS#11 module for the card: {}", info["pkcs11_module"]);
}

/// Stops the operator of a folder, also one that no longer answers.
pub fn stop(dir: &Path) -> Result<()> {
    if ask(dir, "stop").is_ok() {
        println!("{}", json!({ "stopped": true }));
        return Ok(());
    }
    let dir = std::path::absolute(dir)?;
    let left = left_over(&dir)?;
    for pid in &left {
        signal("TERM", *pid);
    }
    println!("{}", json!({ "stopped": !left.is_empty() }));
    Ok(())
}

/// Programs whose command line names this folder: what an operator leaves that was killed.
fn left_over(dir: &Path) -> Result<Vec<u32>> {
    let dir = dir.display().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|b| *b == 0).map(String::from_utf8_lossy).collect();
        let ours = words.first().is_some_and(|program| {
            ["dovecot", "master", "pcscd", "idled"].iter().any(|p| program.rsplit('/').next() == Some(p))
        });
        if ours && words.iter().any(|w| w.starts_with(&dir) && pid != std::process::id()) {
            found.push(pid);
        }
    }
    Ok(found)
}
