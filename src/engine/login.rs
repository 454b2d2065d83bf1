//! What accounts log in with beside the card: passwords, software certificates, and the means given for a new account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::psc::PscDesk;
use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Result, clock};
use crate::auth::certificate::SoftwareCertificate;
use crate::domain::UnixTime;
use crate::domain::account::{Account, AuthMethod};
use crate::domain::address::EmailAddress;
use crate::domain::id::AccountId;
use crate::domain::secret::Secret;

/// Days before the end of a software certificate from which on it is warned of: a new one takes weeks.
pub const CERTIFICATE_WARNING: UnixTime = 30 * 86_400;

/// What an account needs to log in beside its configuration. No `Debug`: it holds secrets.
#[derive(Clone)]
pub enum Means {
    /// Nothing: the card or Pro Santé Connect says who it is.
    Nothing,
    /// A password.
    Password(Secret),
    /// The content of a PKCS#12 or PEM file with the password of its key, empty when it has none.
    Certificate {
        /// The file.
        file: Zeroizing<Vec<u8>>,
        /// Its password.
        password: Secret,
    },
}

impl Means {
    /// Looks whether the means can be used at all; blocking.
    pub(super) fn check(&self, method: AuthMethod) -> Result<()> {
        match (method, self) {
            (AuthMethod::Password, Self::Password(_))
            | (AuthMethod::Card | AuthMethod::Psc, Self::Nothing) => Ok(()),
            (AuthMethod::Certificate, Self::Certificate { file, password }) => {
                Ok(SoftwareCertificate::open(file, password)?.check(clock::now())?)
            }
            (AuthMethod::Password, _) => Err(Error::new(ErrorKind::NeedsCard, "no-password")),
            (AuthMethod::Certificate, _) => Err(Error::new(ErrorKind::NeedsCard, "no-certificate")),
            (AuthMethod::Card | AuthMethod::Psc, _) => Err(Error::new(ErrorKind::Bug, "bug")),
        }
    }
}

/// Logins of one open session: in memory, and gone with it.
#[derive(Default)]
pub(super) struct Logins {
    pub(super) psc: Arc<PscDesk>,
    certificates: Mutex<HashMap<EmailAddress, SoftwareCertificate>>,
}

impl Logins {
    pub(super) fn forget(&self) {
        self.psc.forget();
        self.certificates.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Settings of the store: the file of an account's certificate in base64, and when it ends. The store is encrypted, so a
/// key that lies open in its file does not lie open in the profile.
fn file_key(address: &EmailAddress) -> String {
    format!("certificate:{}", address.as_str().to_lowercase())
}

fn end_key(address: &EmailAddress) -> String {
    format!("certificate-end:{}", address.as_str().to_lowercase())
}

/// Keeps the means of an account, in place of earlier ones; blocking.
pub(super) fn keep(session: &OpenSession, address: &EmailAddress, means: &Means) -> Result<()> {
    match means {
        Means::Nothing => Ok(()),
        Means::Password(password) => session.set_password(address.as_str(), password),
        Means::Certificate { file, password } => {
            let certificate = SoftwareCertificate::open(file, password)?;
            session.set_password(address.as_str(), password)?;
            let text = Zeroizing::new(STANDARD.encode(file.as_slice()));
            session.store.set_setting(&file_key(address), &text)?;
            session.store.set_setting(&end_key(address), &certificate.not_after().to_string())?;
            session.certificates().remove(address);
            Ok(())
        }
    }
}

/// Forgets the means of an account; blocking.
pub(super) fn forget(session: &OpenSession, account: &Account) -> Result<()> {
    let address = &account.config.address;
    match account.config.auth {
        AuthMethod::Card => Ok(()),
        AuthMethod::Psc => super::psc::unbind(session, address),
        AuthMethod::Password => session.remove_password(address.as_str()),
        AuthMethod::Certificate => {
            session.store.remove_setting(&file_key(address))?;
            session.store.remove_setting(&end_key(address))?;
            session.certificates().remove(address);
            session.remove_password(address.as_str())
        }
    }
}

/// When an account's software certificate ends; blocking.
pub(super) fn certificate_end(session: &OpenSession, account: &Account) -> Result<Option<UnixTime>> {
    if account.config.auth != AuthMethod::Certificate {
        return Ok(None);
    }
    let end = session.store.setting(&end_key(&account.config.address))?;
    Ok(end.and_then(|end| end.parse().ok()))
}

impl OpenSession {
    fn certificates(&self) -> std::sync::MutexGuard<'_, HashMap<EmailAddress, SoftwareCertificate>> {
        self.logins.certificates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The certificate of an account, opened once a session: its password makes that slow; blocking.
    pub(super) fn certificate(&self, address: &EmailAddress) -> Result<SoftwareCertificate> {
        if let Some(known) = self.certificates().get(address) {
            known.check(clock::now())?;
            return Ok(known.clone());
        }
        let missing = || Error::new(ErrorKind::NeedsCard, "no-certificate");
        let text = Zeroizing::new(self.store.setting(&file_key(address))?.ok_or_else(missing)?);
        let file = Zeroizing::new(STANDARD.decode(text.as_bytes()).map_err(|_| missing())?);
        let password = self.password(address.as_str())?;
        let password = password.unwrap_or_else(|| Secret::new(String::new()));
        let certificate = SoftwareCertificate::open(&file, &password)?;
        certificate.check(clock::now())?;
        self.certificates().insert(address.clone(), certificate.clone());
        Ok(certificate)
    }
}

impl Engine {
    /// Gives an account another password, or another certificate, in place of the one its server no longer takes. What
    /// waited is tried again at once.
    ///
    /// # Errors
    /// The file or its password is of no use; the account logs in by other means; no session; no keyring.
    pub async fn set_means(&self, account: AccountId, means: Means) -> Result<()> {
        let session = self.opened()?;
        let owner = Arc::clone(&session);
        self.on_runtime(blocking(move || {
            let found = super::account::find(&owner, account)?;
            means.check(found.config.auth)?;
            keep(&owner, &found.config.address, &means)
        }))
        .await?;
        self.try_again(&session, &[account]).await
    }

    /// Wakes what waits for a login of these accounts.
    pub(super) async fn try_again(&self, session: &Arc<OpenSession>, accounts: &[AccountId]) -> Result<()> {
        let (session, accounts) = (Arc::clone(session), accounts.to_vec());
        self.on_runtime(async move {
            for account in accounts {
                // nobody waits for the answer: asking is what ends the pause
                drop(session.line(account).want_pass());
                super::outbox::hurry(&session, account).await?;
                session.tell(Event::ConnectionChanged(account));
            }
            Ok(())
        })
        .await
    }
}
