//! The card reader: a `pcscd` of our own with our virtual reader, and the cards that go in and out.
//!
//! One at a time on a machine: the path of pcscd's socket is compiled into every PC/SC client.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::chip::{Chip, Identity};
use super::pin::Pin;
use super::slot::{self, Content, Inserted};
use crate::igc::Igc;
use crate::persona::{self, CARDS, PIN, PUK};
use crate::process::Child;

const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Name of the reader as PC/SC clients see it, before pcscd adds its numbers.
pub const NAME: &str = "Lecteur de test";
/// The same of the second reader.
const SECOND_NAME: &str = "Second lecteur de test";

/// How long another operator may keep the reader before one that waits gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// How to behave when another instance has the reader.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// No reader at all.
    None,
    /// Fail at once.
    Now,
    /// Wait some time for it to be given back.
    Wait,
}

/// A running pcscd with one reader, or two, of one slot each.
pub struct Reader {
    slots: Vec<Slot>,
    cards: HashMap<&'static str, Arc<Mutex<Chip>>>,
    config: PathBuf,
    logs: PathBuf,
    /// `None` while the service is stopped.
    pcscd: Option<Child>,
    _lock: File,
}

struct Slot {
    port: u16,
    inserted: Option<(String, Inserted)>,
}

impl Reader {
    /// Takes the machine's one reader and starts pcscd. `cache`: the folder that all instances share; `ports`: one for
    /// each reader.
    pub fn start(dir: &Path, cache: &Path, igc: &Igc, ports: &[u16], wish: Wish) -> Result<Self> {
        let lock = take_lock(cache, dir, wish)?;
        if UnixStream::connect(SOCKET).is_ok() {
            bail!(
                "another pcscd runs on this machine and its socket {SOCKET} is the only one that programs look for; \
                 stop it first (systemctl stop pcscd.socket pcscd.service)"
            );
        }
        let config = dir.join("pcscd");
        fs::create_dir_all(&config)?;
        fs::create_dir_all("/run/pcscd")?;
        // the driver knows one slot: a second reader is the same driver under another name
        let second = dir.join("second_reader.so");
        fs::copy(driver()?, &second)?;
        let stanza = |((name, driver), port): ((&str, &Path), &u16)| {
            format!(
                "FRIENDLYNAME \"{name}\"\nDEVICENAME 127.0.0.1:{port}\nLIBPATH {}\nCHANNELID {port}\n",
                driver.display()
            )
        };
        let readers = [(NAME, driver()?), (SECOND_NAME, second)];
        let named = readers.iter().map(|(name, driver)| (*name, driver.as_path()));
        let stanzas: Vec<String> = named.zip(ports).map(stanza).collect();
        fs::write(config.join("reader.conf"), stanzas.join("\n"))?;
        let slots = ports.iter().map(|port| Slot { port: *port, inserted: None }).collect();
        let mut reader =
            Self { slots, cards: chips(igc)?, config, logs: dir.join("log"), pcscd: None, _lock: lock };
        reader.start_service()?;
        Ok(reader)
    }

    /// Starts pcscd where it is stopped.
    pub fn start_service(&mut self) -> Result<()> {
        self.start_with(&self.config.clone())
    }

    /// The same with no reader in its configuration: none is plugged in then.
    pub fn start_bare_service(&mut self) -> Result<()> {
        let bare = self.config.with_file_name("pcscd-bare");
        fs::create_dir_all(&bare)?;
        self.start_with(&bare)
    }

    fn start_with(&mut self, config: &Path) -> Result<()> {
        if self.pcscd.is_some() {
            return Ok(());
        }
        let mut command = Command::new("pcscd");
        command.arg("--foreground").arg("--config").arg(config);
        let mut pcscd = Child::spawn("pcscd", &mut command, &self.logs)?;
        let start = Instant::now();
        while UnixStream::connect(SOCKET).is_err() {
            pcscd.check()?;
            if start.elapsed() > Duration::from_secs(10) {
                bail!("pcscd does not answer");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.pcscd = Some(pcscd);
        Ok(())
    }

    /// Stops pcscd: readers and cards are out of sight.
    pub fn stop_service(&mut self) {
        self.pcscd = None;
    }

    /// Takes out what is in the reader of this number and puts the card `name` in. A card keeps its PIN tries while it
    /// is out.
    pub fn insert(&mut self, number: usize, name: &str) -> Result<()> {
        let content = match self.cards.get(name) {
            Some(chip) => Content::Cps(chip.clone()),
            None if name == persona::VITALE => Content::Mute(slot::VITALE),
            None => {
                let names: Vec<_> = CARDS.iter().map(|c| c.name).chain([persona::VITALE]).collect();
                bail!("no card {name:?}; there are: {}", names.join(", "));
            }
        };
        let slot = self.slots.get_mut(number).context("this operator has no second reader")?;
        if slot.inserted.take().is_some() {
            std::thread::sleep(EXCHANGE);
        }
        slot.inserted = Some((name.to_owned(), slot::insert(slot.port, content)?));
        Ok(())
    }

    pub fn remove(&mut self, number: usize) {
        if let Some(slot) = self.slots.get_mut(number) {
            slot.inserted = None;
        }
    }

    /// The card in the reader and its PIN tries left.
    pub fn inserted(&self, number: usize) -> Option<(&str, Option<u8>)> {
        let (name, _) = self.slots.get(number)?.inserted.as_ref()?;
        let tries = self
            .cards
            .get(name.as_str())
            .map(|c| c.lock().unwrap_or_else(PoisonError::into_inner).tries_left());
        Some((name, tries))
    }
}

/// How long the reader is empty when one card follows another: no hand is faster than the 400 ms at which pcscd looks.
const EXCHANGE: Duration = Duration::from_millis(900);

/// The reader's driver, an example target like this program and so built beside it.
fn driver() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("libvirtual_reader.so");
    path.exists().then_some(path).context("the reader's driver is not built: cargo build --examples")
}

fn take_lock(cache: &Path, dir: &Path, wish: Wish) -> Result<File> {
    let path = cache.join("reader.lock");
    let mut lock = File::options().read(true).append(true).create(true).open(&path)?;
    let start = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if wish == Wish::Wait && start.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                bail!("the one card reader of this machine is in use by the operator in {}", holder.trim());
            }
            Err(TryLockError::Error(e)) => return Err(e.into()),
        }
    }
    lock.set_len(0)?;
    writeln!(lock, "{}", dir.display())?;
    Ok(lock)
}

fn chips(igc: &Igc) -> Result<HashMap<&'static str, Arc<Mutex<Chip>>>> {
    let read = |name: String| fs::read(igc.path(&name)).with_context(|| name);
    let mut chips = HashMap::new();
    for card in CARDS {
        let identity = |kind: &str| -> Result<Identity> {
            Ok(Identity {
                key: read(format!("card-{}-{kind}.key.der", card.name))?,
                certificate: read(format!("card-{}-{kind}.cert.der", card.name))?,
            })
        };
        let codes = Pin::new(PIN, PUK, card.lists_unblocking);
        let chip = Chip::new(identity("auth")?, identity("sign")?, codes, card.serial_bytes());
        chips.insert(card.name, Arc::new(Mutex::new(chip.context("unreadable key")?)));
    }
    Ok(chips)
}
