//! Starts the engine and opens the session a command needs.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use estafette::domain::account::Account;
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, Error, ErrorKind, KeySource, Options};
use zeroize::Zeroizing;

use crate::args::Args;
use crate::output::Failure;

/// Reading a card takes up to two seconds with OpenSC.
const CARD_WAIT: Duration = Duration::from_secs(15);
/// A secret file is a line, not a document.
const SECRET_LIMIT: usize = 4096;

/// What every command starts from.
pub(crate) struct Context {
    pub(crate) engine: Engine,
    pin_file: Option<PathBuf>,
}

impl Context {
    pub(crate) fn start(args: &Args) -> Result<Self, Failure> {
        let profile = args.profile.clone().unwrap_or_else(estafette::engine::default_profile);
        let keys = args.vault_key_file.clone().map_or(KeySource::Keyring, KeySource::File);
        let options =
            Options { profile, keys, module: args.module.clone(), send_delay: 0, background: false };
        Ok(Self { engine: Engine::open(options)?, pin_file: args.pin_file.clone() })
    }

    /// Waits for the card to be read, or for the reason why there is none.
    pub(crate) async fn card(&self) -> estafette::domain::card::CardState {
        self.engine.settled_card(CARD_WAIT).await
    }

    /// The local store, for reading.
    pub(crate) async fn offline(&self) -> Result<(), Failure> {
        if self.engine.session().is_none() {
            self.engine.open_offline().await?;
        }
        Ok(())
    }

    /// The store and, when a PIN was given, the card's key.
    pub(crate) async fn online(&self) -> Result<(), Failure> {
        let Some(file) = &self.pin_file else { return self.offline().await };
        let pin = read_secret(file)?;
        self.card().await;
        self.engine.unlock(pin).await?;
        Ok(())
    }

    /// The account of an address, else the first.
    pub(crate) async fn account(&self, address: Option<&str>) -> Result<Account, Failure> {
        let accounts = self.engine.accounts().await?;
        let found = match address {
            Some(address) => {
                accounts.into_iter().find(|a| a.config.address.as_str().eq_ignore_ascii_case(address))
            }
            None => accounts.into_iter().next(),
        };
        Ok(found.ok_or_else(|| Error::new(ErrorKind::NeedsUser, "no-account"))?)
    }
}

/// The first line of a private file.
pub(crate) fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::Usage(format!("{}: {e}", path.display()));
    let file = File::open(path).map_err(|e| failed(&e))?;
    // room for everything at once: growing would leave copies behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_LIMIT));
    let mut part = Zeroizing::new([0; SECRET_LIMIT]);
    let mut file = file.take(SECRET_LIMIT as u64);
    while let n @ 1.. = file.read(part.as_mut_slice()).map_err(|e| failed(&e))? {
        bytes.extend_from_slice(part.get(..n).unwrap_or_default());
    }
    first_line(&bytes).map(|line| Secret::new(line.to_owned())).ok_or_else(|| failed(&"not UTF-8"))
}

/// The first line without its end, and without the mark Windows editors put before it: as part of a PIN it would cost
/// a try.
fn first_line(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.trim_start_matches('\u{FEFF}').split(['\r', '\n']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_first_line_whatever_editor_wrote_it() {
        for (bytes, secret) in [
            (&b"1234"[..], Some("1234")),
            (b"1234\n", Some("1234")),
            (b"1234\r\nnote\r\n", Some("1234")),
            (b"\xEF\xBB\xBF1234\r\n", Some("1234")),
            (b" pass word \n", Some(" pass word ")),
            (b"", Some("")),
            (b"\xE9", None),
        ] {
            assert_eq!(first_line(bytes), secret);
        }
    }
}
