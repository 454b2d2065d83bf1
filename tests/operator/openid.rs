//! A certified OpenID Connect provider (the Node package `oidc-provider`) that stands in for Pro Santé Connect, and the
//! intermediate server that the ANS asks editors for.

mod relay;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::persona::{MAILBOXES, professionals};
use crate::process::Child;

const PATIENCE: Duration = Duration::from_secs(60);
const RELAY_SECRET: &str = "secret-du-relais";
const DOVECOT_SECRET: &str = "secret-de-dovecot";
/// Client identifier of programs that speak to the provider themselves, and of those behind the intermediate server.
const PUBLIC_CLIENT: &str = "estafette";
const RELAY_CLIENT: &str = "estafette-relais";

/// Seconds that tokens live: access and refresh.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    pub access: u32,
    pub refresh: u32,
}

impl std::str::FromStr for Lifetimes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text}: expected ACCESS:REFRESH in seconds");
        let (access, refresh) = text.split_once(':').ok_or_else(wrong)?;
        let number = |text: &str| text.parse().map_err(|_| wrong());
        Ok(Self { access: number(access)?, refresh: number(refresh)? })
    }
}

/// The running provider.
pub struct Provider {
    port: u16,
    relay: u16,
    profile: PathBuf,
    _process: Child,
}

impl Provider {
    /// Starts it with the fictitious professionals, whose cards and PINs its page leaves out.
    pub fn start(dir: &Path, lifetimes: Lifetimes) -> Result<Self> {
        let folder = dir.join("openid");
        fs::create_dir_all(&folder)?;
        let settings = folder.join("settings.json");
        fs::write(&settings, self::settings(lifetimes).to_string())?;
        let modules = modules()?;
        let script = folder.join("provider.mjs");
        fs::write(&script, include_str!("openid/provider.mjs"))?;
        let mut command = Command::new("node");
        command.arg(&script).arg(&settings).arg(&modules);
        let logs = dir.join("log");
        let mut process = Child::spawn("openid", &mut command, &logs)?;
        let port = wait_for(&logs.join("openid.out"), &mut process)?;
        let relay = relay::start(&format!("http://127.0.0.1:{port}"), RELAY_CLIENT, RELAY_SECRET)?;
        let profile = folder.join("psc.json");
        let provider = Self { port, relay, profile, _process: process };
        fs::write(&provider.profile, serde_json::to_string_pretty(&provider.profile_file(None))?)?;
        Ok(provider)
    }

    fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the mail server asks whether a token holds; it says who it is in the address.
    pub fn introspection(&self) -> String {
        format!("http://dovecot:{DOVECOT_SECRET}@127.0.0.1:{}/token/introspection", self.port)
    }

    /// The file a client's profile takes to know this provider.
    fn profile_file(&self, relay: Option<&str>) -> Value {
        json!({
            "issuer": self.issuer(),
            "discovery": format!("{}/.well-known/openid-configuration", self.issuer()),
            "client_id": if relay.is_some() { RELAY_CLIENT } else { PUBLIC_CLIENT },
            "relay": relay,
            "test_loopback": true,
        })
    }

    /// What the JSON line says.
    pub fn info(&self) -> Value {
        let relay = format!("http://127.0.0.1:{}", self.relay);
        json!({ "issuer": self.issuer(), "profile": self.profile, "relayed": self.profile_file(Some(&relay)) })
    }
}

fn settings(lifetimes: Lifetimes) -> Value {
    let mailbox = |name: &str| {
        MAILBOXES.iter().find(|m| m.professional().is_some_and(|p| p.name == name)).map_or("", |m| m.address)
    };
    let people: Vec<Value> = professionals()
        .iter()
        .map(|p| {
            json!({
                "login": p.name, "subject": p.national_id(), "given_name": p.given, "family_name": p.family,
                "mailbox": mailbox(p.name),
            })
        })
        .collect();
    json!({
        "people": people, "relay_secret": RELAY_SECRET, "dovecot_secret": DOVECOT_SECRET,
        "access_seconds": lifetimes.access, "refresh_seconds": lifetimes.refresh,
    })
}

/// Where `packaging/dev` installs the package.
fn modules() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    // target/debug/examples/operator
    let folder = program.ancestors().nth(3).context("no target folder")?.join("aside/openid");
    if !folder.join("complete").exists() {
        bail!("{} is missing: packaging/dev install", folder.display());
    }
    Ok(folder.join("node_modules"))
}

/// The port it says it listens on.
fn wait_for(output: &Path, process: &mut Child) -> Result<u16> {
    let start = Instant::now();
    loop {
        let said = fs::read_to_string(output).unwrap_or_default();
        let line = said.lines().find_map(|line| serde_json::from_str::<Value>(line).ok());
        if let Some(port) = line.and_then(|line| line["port"].as_u64()) {
            return Ok(u16::try_from(port)?);
        }
        process.check()?;
        if start.elapsed() > PATIENCE {
            bail!("the OpenID provider does not come up: {said}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
