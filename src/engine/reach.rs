//! How this profile reaches servers and whom it believes: its network settings, the authorities of the IGC Santé, what is
//! known of revoked certificates.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;

use super::{Error, ErrorKind, Result, clock};
use crate::domain::UnixTime;
use crate::domain::account::Trust;
use crate::domain::network::{IgcChoice, NetworkSettings, ProxyChoice};
use crate::domain::secret::Secret;
use crate::net::{self, Publication};
use crate::vault::Vault;

/// Largest settings file.
const LARGEST: u64 = 64 << 10;
/// Name of the proxy's password in the vault; no mailbox has such an address.
const PROXY_PASSWORD: &str = "proxy";
/// Longest wait for the authorities at first use.
const FIRST_FETCH: Duration = Duration::from_secs(20);
/// Between two attempts to refresh them.
const RETRY: i64 = 3600;

/// What is known of the authorities of the IGC Santé.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IgcState {
    /// The hierarchy the profile chose.
    pub choice: IgcChoice,
    /// SHA-256 of the pinned authorities that are at hand, in hexadecimal.
    pub fingerprints: Vec<String>,
    /// When they were downloaded.
    pub fetched_at: Option<UnixTime>,
    /// Files of authorities that the user put into the profile.
    pub files: usize,
}

/// Reads and keeps all that.
pub(super) struct Reach {
    root: PathBuf,
    vault: Arc<Vault>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    settings: Option<NetworkSettings>,
    revocation: Option<net::Revocation>,
    tried: UnixTime,
}

impl Reach {
    pub(super) fn new(root: PathBuf, vault: Arc<Vault>) -> Self {
        Self { root, vault, state: Mutex::default() }
    }

    /// The profile folder.
    pub(super) fn profile(&self) -> &Path {
        &self.root
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> PathBuf {
        self.root.join("network.json")
    }

    /// Folder for what the user trusts.
    fn anchors(&self) -> PathBuf {
        self.root.join("anchors")
    }

    /// Folder for what was downloaded; all of it can be downloaded again.
    fn kept(&self) -> PathBuf {
        self.root.join("trust")
    }

    /// The settings; an unreadable file is an error and no default: it may have named a proxy that must be used.
    pub(super) fn settings(&self) -> Result<NetworkSettings> {
        if let Some(settings) = &self.state().settings {
            return Ok(settings.clone());
        }
        let path = self.file();
        let unreadable = || Error::new(ErrorKind::NeedsUser, "network-settings").with("file", path.display());
        let settings = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => NetworkSettings::default(),
            Ok(meta) if meta.len() <= LARGEST => {
                let text = std::fs::read(&path).map_err(|e| unreadable().caused_by(e))?;
                serde_json::from_slice(&text).map_err(|e| unreadable().caused_by(e))?
            }
            _ => return Err(unreadable()),
        };
        self.state().settings = Some(settings.clone());
        Ok(settings)
    }

    /// Keeps settings, and the password of a manual proxy's user when one is given.
    pub(super) fn set_settings(&self, settings: &NetworkSettings, password: Option<&Secret>) -> Result<()> {
        if let ProxyChoice::Manual { host, port, .. } = &settings.proxy
            && (host.trim().is_empty()
                || host.contains(|c: char| c.is_whitespace() || "/@".contains(c))
                || *port == 0)
        {
            return Err(Error::new(ErrorKind::NeedsUser, "proxy-address"));
        }
        if let Some(password) = password {
            self.vault.set_password(PROXY_PASSWORD, password)?;
        }
        let text = serde_json::to_vec_pretty(settings)
            .map_err(|e| Error::new(ErrorKind::Bug, "bug").caused_by(e))?;
        let mut file = tempfile::NamedTempFile::new_in(&self.root)?;
        std::io::Write::write_all(&mut file, &text)?;
        file.persist(self.file()).map_err(|e| Error::from(e.error))?;
        *self.state() = State { settings: Some(settings.clone()), ..State::default() };
        Ok(())
    }

    /// The proxy to go by now.
    pub(super) fn proxy(&self) -> Result<Option<net::Proxy>> {
        let settings = self.settings()?;
        let password = match &settings.proxy {
            ProxyChoice::Manual { user: Some(_), .. } => self.vault.password(PROXY_PASSWORD)?,
            _ => None,
        };
        net::Proxy::of(&settings.proxy, password.as_ref())
            .map_err(|e| Error::new(ErrorKind::NeedsUser, "proxy-address").caused_by(e))
    }

    /// What a server certificate is checked by; on a blocking thread of the runtime, since the authorities may have to be
    /// downloaded first.
    pub(super) fn tls(&self, trust: &Trust) -> Result<net::TlsSettings> {
        let mut settings = net::TlsSettings {
            revocation: Some(self.revocation()?),
            tls13: true,
            ..net::TlsSettings::default()
        };
        match trust {
            Trust::Authority { ca, crl } => {
                settings.anchors = net::load_anchors(ca)?;
                settings.crls = crl.as_deref().map(net::load_crls).transpose()?.unwrap_or_default();
            }
            Trust::IgcSante => {
                (settings.anchors, settings.crls) = files(&self.anchors())?;
                match self.authorities(settings.anchors.is_empty()) {
                    Ok(igc) => settings.igc = igc,
                    Err(error) if settings.anchors.is_empty() => return Err(error),
                    Err(_) => {}
                }
            }
        }
        Ok(settings)
    }

    fn revocation(&self) -> Result<net::Revocation> {
        let proxy = self.proxy()?;
        let folder = self.kept();
        let fresh = || net::Revocation::new(folder.join("revocation"), proxy, Handle::current());
        Ok(self.state().revocation.get_or_insert_with(fresh).clone())
    }

    /// Whether the issuer of a card says that its certificate (DER) is revoked. The issuer is one of the files of the
    /// profile, or of the published bundle; false when none of them is, or nobody answers. On a blocking thread of the
    /// runtime: waits for the network.
    pub(super) fn is_card_revoked(&self, certificate: &[u8]) -> Result<bool> {
        let now = clock::now();
        let (files, _) = files(&self.anchors())?;
        let issuer = match net::issuer_among(&files, certificate, now) {
            Some(issuer) => issuer,
            None => {
                // fetched where it is not at hand
                let _ = self.authorities(true);
                let publication = Publication::of(&self.settings()?);
                match publication.issuer_of(&self.kept(), certificate, now) {
                    Some(issuer) => issuer,
                    None => return Ok(false),
                }
            }
        };
        Ok(self.revocation()?.is_revoked(certificate, &issuer, now))
    }

    /// The pinned authorities: those kept, which are fetched again in the background each week; without any, those
    /// published, which are waited for only when there is nothing else to go by.
    fn authorities(&self, wait: bool) -> Result<net::Authorities> {
        let (publication, now) = (Publication::of(&self.settings()?), clock::now());
        let kept = publication.cached(&self.kept(), now);
        let is_old = kept.as_ref().is_none_or(|(_, at)| now - at > net::REFRESH.as_secs().cast_signed());
        let due = is_old && {
            let mut state = self.state();
            let due = now - state.tried > RETRY || (wait && kept.is_none());
            if due {
                state.tried = now;
            }
            due
        };
        let fetched = due.then(|| -> Result<_> {
            let (done, wait) = std::sync::mpsc::channel();
            let (folder, proxy) = (self.kept(), self.proxy()?);
            Handle::current().spawn(async move {
                let fetched = publication.fetch(&folder, proxy.as_ref(), now).await;
                if let Err(error) = &fetched {
                    tracing::info!(%error, "the authorities of the IGC Santé could not be fetched");
                }
                let _ = done.send(fetched);
            });
            Ok(wait)
        });
        let missing =
            || Error::new(ErrorKind::NeedsUser, "anchors-missing").with("folder", self.anchors().display());
        match (kept, fetched.transpose()?) {
            (Some((found, _)), _) => Ok(found),
            (None, Some(fetched)) if wait => match fetched.recv_timeout(FIRST_FETCH) {
                Ok(Ok(found)) => Ok(found),
                Ok(Err(error @ net::Error::Bundle(_))) => Err(error.into()),
                Ok(Err(error)) => Err(missing().caused_by(error)),
                Err(_) => Err(missing()),
            },
            (None, _) => Err(missing()),
        }
    }

    /// Authorities of the IGC Santé: those in files of the profile, and those published, which are fetched where they are
    /// not at hand; none when they cannot be had. On a blocking thread of the runtime.
    pub(super) fn roots(&self) -> Vec<rustls::pki_types::CertificateDer<'static>> {
        let (mut roots, _) = files(&self.anchors()).unwrap_or_default();
        if let Ok(igc) = self.authorities(roots.is_empty()) {
            roots.extend(igc.roots);
        }
        roots
    }

    /// Asks domains for their servers.
    pub(super) fn discovery(&self) -> Result<net::Discovery> {
        let testing = self.settings()?.testing;
        Ok(net::Discovery::new(self.proxy()?, testing, &self.known_anchors()?)?)
    }

    /// Authorities beside the public ones: those in files of the profile, and those of the IGC Santé that are at hand.
    pub(super) fn known_anchors(&self) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>> {
        let (mut anchors, _) = files(&self.anchors())?;
        if let Some((igc, _)) = Publication::of(&self.settings()?).cached(&self.kept(), clock::now()) {
            anchors.extend(igc.roots);
        }
        Ok(anchors)
    }

    /// What is known of the authorities.
    pub(super) fn igc(&self) -> Result<IgcState> {
        let settings = self.settings()?;
        let kept = Publication::of(&settings).cached(&self.kept(), clock::now());
        Ok(IgcState {
            choice: settings.igc,
            fingerprints: kept.as_ref().map(|(igc, _)| igc.fingerprints()).unwrap_or_default(),
            fetched_at: kept.map(|(_, at)| at),
            files: files(&self.anchors())?.0.len(),
        })
    }
}

type Files = (
    Vec<rustls::pki_types::CertificateDer<'static>>,
    Vec<rustls::pki_types::CertificateRevocationListDer<'static>>,
);

/// Authorities and revocation lists in the files of a folder.
fn files(folder: &Path) -> Result<Files> {
    let (mut anchors, mut lists) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.extension().and_then(|e| e.to_str()) {
            Some("pem" | "cer" | "crt" | "der") => anchors.extend(net::load_anchors(&path)?),
            Some("crl") => lists.extend(net::load_crls(&path)?),
            _ => {}
        }
    }
    Ok((anchors, lists))
}

impl super::Engine {
    /// The network settings of the profile.
    ///
    /// # Errors
    /// `network-settings` when their file cannot be read.
    pub async fn network_settings(&self) -> Result<NetworkSettings> {
        let Some(reach) = self.reach() else { return Ok(NetworkSettings::default()) };
        self.on_runtime(super::work::blocking(move || reach.settings())).await
    }

    /// Keeps them; they hold for the next connections. `password` is that of a manual proxy's user, the one there is when
    /// `None`.
    ///
    /// # Errors
    /// `proxy-address` for a proxy that cannot be one; no keyring; the file cannot be written.
    pub async fn set_network_settings(
        &self,
        settings: NetworkSettings,
        password: Option<Secret>,
    ) -> Result<()> {
        let Some(reach) = self.reach() else { return Ok(()) };
        self.on_runtime(super::work::blocking(move || reach.set_settings(&settings, password.as_ref()))).await
    }

    /// The authorities of MSSanté servers that are at hand.
    ///
    /// # Errors
    /// Files of the profile cannot be read.
    pub async fn igc_state(&self) -> Result<Option<IgcState>> {
        let Some(reach) = self.reach() else { return Ok(None) };
        self.on_runtime(super::work::blocking(move || reach.igc().map(Some))).await
    }

    pub(super) fn reach(&self) -> Option<Arc<Reach>> {
        match &self.inner.kind {
            super::Kind::Real { reach, .. } => Some(Arc::clone(reach)),
            super::Kind::Practice => None,
        }
    }
}
