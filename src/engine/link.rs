//! How an account reaches its servers: whom to trust and how to log in.

use std::sync::Arc;
use std::time::Duration;

use super::login::Means;
use super::psc::{self, PscIdentity};
use super::session::OpenSession;
use super::work::blocking;
use super::{Error, ErrorKind, Result};
use crate::auth::certificate::SoftwareCertificate;
use crate::auth::{Bearer, Credential};
use crate::domain::account::{AccountConfig, AuthMethod};
use crate::{imap, net, smtp};

/// How long servers may take and how much they may say, and how long a person counts as there.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Of IMAP sessions.
    pub imap: imap::Limits,
    /// Of submissions.
    pub smtp: smtp::Limits,
    /// How long after the last key or mouse somebody counts as there: background work alone must not keep a session with
    /// Pro Santé Connect alive.
    pub presence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { imap: Default::default(), smtp: Default::default(), presence: Duration::from_secs(5 * 60) }
    }
}

/// Everything a connection needs, made afresh for each one so that nothing outlives the card.
pub(super) struct Link {
    session: Arc<OpenSession>,
    config: AccountConfig,
    way: net::Way,
    seen: net::Seen,
    credential: Credential,
    /// Who showed the token.
    person: Option<PscIdentity>,
    limits: Limits,
}

impl Link {
    /// Reads trust anchors and secrets; blocking.
    ///
    /// # Errors
    /// No card, no password, no anchors, nobody logged in to Pro Santé Connect.
    pub(super) fn prepare(session: &Arc<OpenSession>, config: &AccountConfig) -> Result<Self> {
        Self::prepare_with(session, config, None)
    }

    /// As [`Link::prepare`], with means that are not kept yet.
    pub(super) fn prepare_with(
        session: &Arc<OpenSession>,
        config: &AccountConfig,
        means: Option<&Means>,
    ) -> Result<Self> {
        let mut settings = session.reach.tls(&config.trust)?;
        let seen = settings.seen.clone();
        let mut person = None;
        let credential = match config.auth {
            AuthMethod::Card => {
                let key = session.key().ok_or_else(|| Error::new(ErrorKind::NeedsCard, "card-locked"))?;
                settings.tls13 = key.tls13();
                // the issuing authorities are known to every MSSanté server; the card itself holds the leaf only
                settings.client = Some(key.resolver(Vec::new()));
                Credential::External
            }
            AuthMethod::Password => {
                let password = match means {
                    Some(Means::Password(password)) => Some(password.clone()),
                    _ => session.password(config.address.as_str())?,
                };
                let password = password.ok_or_else(|| Error::new(ErrorKind::NeedsCard, "no-password"))?;
                Credential::Plain { user: config.address.to_string(), password }
            }
            AuthMethod::Psc => {
                let (bearer, identity) = bearer(session, config)?;
                person = Some(identity);
                Credential::Bearer(bearer)
            }
            AuthMethod::Certificate => {
                let certificate = match means {
                    Some(Means::Certificate { file, password }) => SoftwareCertificate::open(file, password)?,
                    _ => session.certificate(&config.address)?,
                };
                settings.client = Some(certificate.resolver());
                Credential::External
            }
        };
        let way = net::Way::new(net::client_config(&settings)?, session.reach.proxy()?);
        let (session, config, limits) = (Arc::clone(session), config.clone(), session.limits.clone());
        Ok(Self { session, config, way, seen, credential, person, limits })
    }

    /// A logged-in IMAP session.
    pub(super) async fn imap(&self) -> Result<imap::Session> {
        let mut opened = self.imap_with(&self.credential).await;
        if let Err(imap::Error::LoginRefused { .. }) = &opened
            && let Some(credential) = self.renewed().await?
        {
            opened = self.imap_with(&credential).await;
        }
        let opened = opened.map_err(|e| self.explain(e.into()).with("host", &self.config.imap.host))?;
        self.let_in().await?;
        Ok(opened)
    }

    async fn imap_with(&self, credential: &Credential) -> std::result::Result<imap::Session, imap::Error> {
        let (config, limits) = (&self.config.imap, self.limits.imap.clone());
        imap::Session::connect_with(config, self.way.clone(), credential, limits).await
    }

    /// Hands a message to the submission server; see [`smtp::submit_when`].
    pub(super) async fn submit(
        &self,
        submission: smtp::Submission<'_>,
        leaves: impl Future<Output = bool>,
    ) -> std::result::Result<smtp::Submitted, smtp::Error> {
        let mut leaves = std::pin::pin!(leaves);
        let (server, limits) = (&self.config.smtp, &self.limits.smtp);
        let tls = || self.way.clone();
        let first = smtp::submit_when(server, tls(), &self.credential, submission, limits, leaves.as_mut());
        let refused = match first.await {
            Err(refused @ smtp::Error::LoginRefused { .. }) => refused,
            other => return other,
        };
        // what stands in the way of a fresh token is told at the next attempt
        let Ok(Some(credential)) = self.renewed().await else { return Err(refused) };
        smtp::submit_when(server, tls(), &credential, submission, limits, leaves).await
    }

    /// The chain of the server connected to last, and how it was checked.
    pub(super) fn chain(&self) -> Option<net::Chain> {
        self.seen.take()
    }

    /// Logs in to the submission server and out again.
    pub(super) async fn check_smtp(&self) -> Result<smtp::Offer> {
        let mut checked = self.smtp_with(&self.credential).await;
        if let Err(smtp::Error::LoginRefused { .. }) = &checked
            && let Some(credential) = self.renewed().await?
        {
            checked = self.smtp_with(&credential).await;
        }
        checked.map_err(|e| self.explain(e.into()).with("host", &self.config.smtp.host))
    }

    async fn smtp_with(&self, credential: &Credential) -> std::result::Result<smtp::Offer, smtp::Error> {
        let (server, tls) = (&self.config.smtp, self.way.clone());
        smtp::check_with(server, tls, credential, &self.limits.smtp).await
    }

    /// A token that was refused is dropped, and a fresh one shown once; a password never takes its place.
    async fn renewed(&self) -> Result<Option<Credential>> {
        if self.person.is_none() {
            return Ok(None);
        }
        let (session, config) = (Arc::clone(&self.session), self.config.clone());
        blocking(move || {
            session.logins.psc.discard();
            let (bearer, _) = bearer(&session, &config)?;
            Ok(Some(Credential::Bearer(bearer)))
        })
        .await
    }

    /// The server knows this person: the mailbox is theirs from now on.
    async fn let_in(&self) -> Result<()> {
        let Some(person) = self.person.clone() else { return Ok(()) };
        let (session, address) = (Arc::clone(&self.session), self.config.address.clone());
        blocking(move || psc::bind(&session, &address, &person)).await
    }

    /// A refusal in the words of the account's way to log in.
    pub(super) fn explain(&self, error: Error) -> Error {
        let code = match (self.config.auth, error.code()) {
            (AuthMethod::Psc, "login-refused") => "psc-refused",
            (AuthMethod::Certificate, "client-certificate-refused" | "login-refused") => {
                "organisation-refused"
            }
            _ => return error,
        };
        let kind =
            if self.config.auth == AuthMethod::Psc { ErrorKind::NeedsUser } else { ErrorKind::NeedsCard };
        let mut told = Error::new(kind, code);
        for (name, value) in error.facts() {
            told = told.with(name, value);
        }
        told.caused_by(error)
    }
}

/// A token for a login now, for the servers that may see it, of a person who may open the mailbox.
fn bearer(session: &Arc<OpenSession>, config: &AccountConfig) -> Result<(Bearer, PscIdentity)> {
    let typed = || Error::new(ErrorKind::NeedsUser, "psc-typed-host");
    let servers = config.token_servers().ok_or_else(typed)?;
    let (token, identity) = session.logins.psc.token(session.limits.presence)?;
    psc::check_owner(session, &config.address, &identity)?;
    Ok((Bearer::new(config.address.to_string(), token, servers), identity))
}
