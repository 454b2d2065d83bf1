//! How an account reaches its servers: whom to trust and how to log in.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use super::session::OpenSession;
use super::{Error, ErrorKind, Result};
use crate::auth::Credential;
use crate::domain::account::{AccountConfig, AuthMethod, Trust};
use crate::{imap, net, smtp};

/// How long servers may take and how much they may say.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Of IMAP sessions.
    pub imap: imap::Limits,
    /// Of submissions.
    pub smtp: smtp::Limits,
}

/// Everything a connection needs, made afresh for each one so that nothing outlives the card.
pub(super) struct Link {
    config: AccountConfig,
    tls: Arc<rustls::ClientConfig>,
    credential: Credential,
    limits: Limits,
}

impl Link {
    /// Reads trust anchors and secrets; blocking.
    ///
    /// # Errors
    /// No card, no password, no anchors.
    pub(super) fn prepare(session: &OpenSession, config: &AccountConfig) -> Result<Self> {
        let (anchors, crls) = trust(&config.trust, &session.anchors)?;
        let mut settings = net::TlsSettings { anchors, crls, client: None, tls13: true };
        let credential = match config.auth {
            AuthMethod::Card => {
                let key = session.key().ok_or_else(|| Error::new(ErrorKind::NeedsCard, "card-locked"))?;
                settings.tls13 = key.tls13();
                // the issuing authorities are known to every MSSanté server; the card itself holds the leaf only
                settings.client = Some(key.resolver(Vec::new()));
                Credential::External
            }
            AuthMethod::Password => {
                let password = session
                    .password(config.address.as_str())?
                    .ok_or_else(|| Error::new(ErrorKind::NeedsCard, "no-password"))?;
                Credential::Plain { user: config.address.to_string(), password }
            }
            AuthMethod::Psc | AuthMethod::Certificate => {
                return Err(Error::new(ErrorKind::NeedsUser, "mechanism-missing"));
            }
        };
        let tls = net::client_config(&settings)?;
        Ok(Self { config: config.clone(), tls, credential, limits: session.limits.clone() })
    }

    /// A logged-in IMAP session.
    pub(super) async fn imap(&self) -> Result<imap::Session> {
        let (config, limits) = (&self.config.imap, self.limits.imap.clone());
        imap::Session::connect_with(config, Arc::clone(&self.tls), &self.credential, limits)
            .await
            .map_err(|e| Error::from(e).with("host", &config.host))
    }

    /// Hands a message to the submission server; see [`smtp::submit_when`].
    pub(super) async fn submit(
        &self,
        submission: smtp::Submission<'_>,
        leaves: impl Future<Output = bool>,
    ) -> std::result::Result<smtp::Submitted, smtp::Error> {
        let (tls, limits) = (Arc::clone(&self.tls), &self.limits.smtp);
        smtp::submit_when(&self.config.smtp, tls, &self.credential, submission, limits, leaves).await
    }

    /// Logs in to the submission server and out again.
    pub(super) async fn check_smtp(&self) -> Result<smtp::Offer> {
        smtp::check_with(&self.config.smtp, Arc::clone(&self.tls), &self.credential, &self.limits.smtp)
            .await
            .map_err(|e| Error::from(e).with("host", &self.config.smtp.host))
    }
}

type Anchors = (Vec<CertificateDer<'static>>, Vec<CertificateRevocationListDer<'static>>);

fn trust(trust: &Trust, anchors: &Path) -> Result<Anchors> {
    match trust {
        Trust::Authority { ca, crl } => {
            let crls = crl.as_deref().map(net::load_crls).transpose()?.unwrap_or_default();
            Ok((net::load_anchors(ca)?, crls))
        }
        Trust::IgcSante => {
            let missing =
                || Error::new(ErrorKind::NeedsUser, "anchors-missing").with("folder", anchors.display());
            let (mut found, mut crls) = (Vec::new(), Vec::new());
            for entry in std::fs::read_dir(anchors).map_err(|_| missing())?.flatten() {
                let path = entry.path();
                match path.extension().and_then(|e| e.to_str()) {
                    Some("pem" | "cer" | "crt" | "der") => found.extend(net::load_anchors(&path)?),
                    Some("crl") => crls.extend(net::load_crls(&path)?),
                    _ => {}
                }
            }
            if found.is_empty() { Err(missing()) } else { Ok((found, crls)) }
        }
    }
}
