//! Starts the engine and opens the session a command needs.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use estafette::domain::account::{Account, AuthMethod};
use estafette::domain::recovery::{RecoveryCode, RecoveryCodeError};
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, Error, ErrorKind, KeySource, Options, open_browser};
use zeroize::Zeroizing;

use crate::args::Args;
use crate::output::{Failure, Output};

/// Reading a card takes up to two seconds with OpenSC.
const CARD_WAIT: Duration = Duration::from_secs(15);
/// A secret file is a line, not a document.
const SECRET_LIMIT: usize = 4096;
/// A certificate with its key and chain takes some ten thousand bytes.
const CERTIFICATE_LIMIT: usize = 256 * 1024;

/// What every command starts from.
pub(crate) struct Context {
    pub(crate) engine: Engine,
    pin_file: Option<PathBuf>,
    recovery_code_file: Option<PathBuf>,
    no_browser: bool,
    output: Output,
}

impl Context {
    pub(crate) fn start(args: &Args) -> Result<Self, Failure> {
        let profile = args.profile.clone().unwrap_or_else(estafette::engine::default_profile);
        let keys = args.vault_key_file.clone().map_or(KeySource::Keyring, KeySource::File);
        let options =
            Options { profile, keys, module: args.module.clone(), send_delay: 0, background: false };
        let (pin_file, recovery_code_file) = (args.pin_file.clone(), args.recovery_code_file.clone());
        let output = Output::new(args.json, args.lang.as_deref());
        let engine = Engine::open(options)?;
        Ok(Self { engine, pin_file, recovery_code_file, no_browser: args.no_browser, output })
    }

    /// Waits for the card to be read, or for the reason why there is none.
    pub(crate) async fn card(&self) -> estafette::domain::card::CardState {
        self.engine.settled_card(CARD_WAIT).await
    }

    /// The local store, for reading: by the keyring, by the recovery code, or by the card where only that opens it.
    pub(crate) async fn offline(&self) -> Result<(), Failure> {
        if self.engine.session().is_some() {
            return Ok(());
        }
        if let (None, Some(code)) = (&self.pin_file, self.code()?) {
            self.engine.open_with_code(code).await?;
            return Ok(());
        }
        match self.engine.open_offline().await {
            Err(error) if is_shut(&error) => match &self.pin_file {
                Some(pin) => self.unlock(pin).await,
                None => Err(error.into()),
            },
            opened => Ok(opened.map(drop)?),
        }
    }

    /// The store and, when a PIN was given, the card's key; where mailboxes want it, a login to Pro Santé Connect.
    pub(crate) async fn online(&self) -> Result<(), Failure> {
        self.online_for(None).await
    }

    /// The same for what is done with one mailbox only.
    pub(crate) async fn online_for(&self, address: Option<&str>) -> Result<(), Failure> {
        match &self.pin_file {
            Some(pin) => self.unlock(pin).await?,
            None => self.offline().await?,
        }
        let is_meant =
            |a: &Account| address.is_none_or(|wanted| a.config.address.as_str().eq_ignore_ascii_case(wanted));
        let accounts = self.engine.accounts().await?;
        if accounts.iter().any(|a| a.config.auth == AuthMethod::Psc && is_meant(a)) {
            self.log_in_to_psc().await?;
        }
        Ok(())
    }

    /// Prints where the person logs in to Pro Santé Connect, opens the browser there, and waits. Tokens are kept in
    /// memory only, so that every command logs in anew; the browser may remember the person.
    pub(crate) async fn log_in_to_psc(&self) -> Result<(), Failure> {
        let login = self.engine.psc_login().await?;
        self.output.address(login.url());
        if !self.no_browser
            && let Err(error) = open_browser(login.url())
        {
            tracing::info!(%error, "no browser");
        }
        login.wait(self.output.wording.psc_page()).await?;
        Ok(())
    }

    async fn unlock(&self, pin: &Path) -> Result<(), Failure> {
        let pin = read_secret(pin)?;
        let code = self.code()?;
        self.card().await;
        self.engine.unlock_with(pin, code).await?;
        Ok(())
    }

    fn code(&self) -> Result<Option<RecoveryCode>, Failure> {
        self.recovery_code_file.as_deref().map(read_code).transpose()
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

/// Without card and code there is no way in.
fn is_shut(error: &Error) -> bool {
    matches!(error.code(), "offline-not-allowed" | "keyring-missing" | "keyring-refused" | "key-missing")
}

/// A certificate's file, whole.
pub(crate) fn read_certificate(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::Usage(format!("{}: {e}", path.display()));
    let file = File::open(path).map_err(|e| failed(&e))?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(CERTIFICATE_LIMIT + 1));
    file.take(CERTIFICATE_LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
    if bytes.len() > CERTIFICATE_LIMIT { Err(failed(&"too large")) } else { Ok(bytes) }
}

/// The first line of a private file.
pub(crate) fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let bytes = read_private(path)?;
    let line = first_line(&bytes).map(|line| Secret::new(line.to_owned()));
    line.ok_or_else(|| Failure::Usage(format!("{}: not UTF-8", path.display())))
}

/// The recovery code of a file: the first line that is one, else what is wrong with the first line.
pub(crate) fn read_code(path: &Path) -> Result<RecoveryCode, Failure> {
    let bytes = read_private(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
    let mut refusal = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match RecoveryCode::parse(line) {
            Ok(code) => return Ok(code),
            Err(error) => {
                // a line that is nearly a code tells more than the words around it
                let is_near = !matches!(error, RecoveryCodeError::Length { .. });
                if is_near || refusal.is_none() {
                    refusal = Some(error);
                }
            }
        }
    }
    Err(Error::from(refusal.unwrap_or(RecoveryCodeError::Length { found: 0 })).into())
}

fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |e: std::io::Error| Failure::Usage(format!("{}: {e}", path.display()));
    let file = File::open(path).map_err(failed)?;
    // room for everything at once: growing would leave copies behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_LIMIT));
    let mut part = Zeroizing::new([0; SECRET_LIMIT]);
    let mut file = file.take(SECRET_LIMIT as u64);
    while let n @ 1.. = file.read(part.as_mut_slice()).map_err(failed)? {
        bytes.extend_from_slice(part.get(..n).unwrap_or_default());
    }
    Ok(bytes)
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
