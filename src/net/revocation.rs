//! Whether a certificate was revoked: asked by OCSP and revocation lists where the certificate says, in clear HTTP, each
//! answer checked against the issuer's key, kept on disk and in memory.
//!
//! rustls asks in the middle of a handshake and waits: handshakes run on blocking threads for that (see `connect`),
//! while the questions run on the runtime, each under its own time limit.

mod crl;
mod ocsp;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::anchor::read_bounded;
use super::bundle::{hex, unix_now};
use super::http::{self, Url};
use super::{Error, Proxy, cache};

/// Largest list. Those of servers have some hundred kilobytes; a larger one is not read.
const LARGEST_LIST: usize = 16 << 20;
/// Largest OCSP answer.
const LARGEST_ANSWER: usize = 64 << 10;
/// Time for one OCSP question.
const OCSP_PATIENCE: Duration = Duration::from_secs(8);
/// Time for one list.
const LIST_PATIENCE: Duration = Duration::from_secs(20);
/// Time for all that is asked about one certificate.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most addresses of a kind taken from a certificate.
const MOST: usize = 4;
/// When nobody answers, a certificate stays good for this long after it was last found good, in seconds.
const GRACE: i64 = 4 * 3600;

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Status {
    revoked: bool,
    from: i64,
    until: i64,
}

impl Status {
    fn is_fresh(self, now: i64) -> bool {
        now <= self.until
    }

    /// More than half of its time is over: a newer one may be had.
    fn is_old(self, now: i64) -> bool {
        now.saturating_sub(self.from) > self.until.saturating_sub(self.from) / 2
    }
}

/// Who vouched for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The server brought an OCSP answer along.
    Stapled,
    /// The authority's OCSP responder.
    Ocsp,
    /// The authority's revocation list.
    List,
    /// A list in a file of the profile or the account.
    File,
    /// Nobody answers; it was found good less than four hours ago.
    Grace,
    /// The certificate names nobody to ask, and the account's own authority needs none.
    Unnamed,
}

/// How one certificate of a chain was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Name of its subject.
    pub certificate: String,
    /// Who vouched for it.
    pub source: Source,
    /// When what vouches was made, in seconds since 1970.
    pub at: Option<i64>,
}

/// The authority that issued a certificate.
pub(super) struct Issuer<'a>(X509Certificate<'a>);

impl<'a> Issuer<'a> {
    fn key(&self) -> &SubjectPublicKeyInfo<'a> {
        &self.0.tbs_certificate.subject_pki
    }

    fn name(&self) -> &[u8] {
        self.0.subject().as_raw()
    }

    fn key_bits(&self) -> &[u8] {
        &self.key().subject_public_key.data
    }

    fn may_sign_lists(&self) -> bool {
        self.0.key_usage().ok().flatten().is_none_or(|usage| usage.value.crl_sign())
    }
}

/// Asks and remembers. Clones share what is known.
#[derive(Clone)]
pub struct Revocation {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    proxy: Option<Proxy>,
    runtime: Handle,
    known: Mutex<HashMap<String, Arc<Vec<u8>>>>,
    /// What is being asked already.
    asking: Mutex<HashSet<String>>,
}

/// One certificate to ask about.
#[derive(Clone)]
struct Subject {
    certificate: Vec<u8>,
    issuer: Vec<u8>,
}

/// Where a certificate says to ask.
struct Places {
    ocsp: Vec<Url>,
    lists: Vec<Url>,
}

impl Revocation {
    /// Keeps answers in `folder`; asks on this runtime by this proxy.
    pub fn new(folder: PathBuf, proxy: Option<Proxy>, runtime: Handle) -> Self {
        let inner = Inner { folder, proxy, runtime, known: Mutex::default(), asking: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// Waits for the network: only for threads that may block.
    ///
    /// # Errors
    /// [`Error::Revoked`]; [`Error::RevocationUnknown`] when nobody answers, or the certificate names nobody to ask and
    /// `required` says it should; [`Error::NotTrusted`] when a certificate is damaged.
    pub(super) fn check(
        &self,
        certificate: &[u8],
        issuer: &[u8],
        stapled: &[u8],
        required: bool,
        now: i64,
    ) -> Result<Check, Error> {
        let subject = Subject { certificate: certificate.to_vec(), issuer: issuer.to_vec() };
        let (parsed, from) = subject.parse()?;
        let name = super::bundle::common_name(&parsed).unwrap_or_default().chars().take(100).collect();
        let found = |source, at| Ok(Check { certificate: name, source, at });
        let places = Places::of(&parsed);
        let known = self.inner.judge(&subject, &places, now);
        if known.as_ref().is_some_and(|(status, _)| status.revoked && status.is_fresh(now)) {
            return Err(Error::Revoked);
        }
        if let Ok(status) = ocsp::read(stapled, &from, parsed.raw_serial(), now)
            && status.is_fresh(now)
        {
            if status.revoked {
                return Err(Error::Revoked);
            }
            self.inner.note_good(&subject, now);
            return found(Source::Stapled, Some(status.from));
        }
        if places.ocsp.is_empty() && places.lists.is_empty() {
            return if required { Err(Error::RevocationUnknown) } else { found(Source::Unnamed, None) };
        }
        if let Some((status, source)) = known.filter(|(status, _)| status.is_fresh(now)) {
            if status.is_old(now) {
                let (inner, subject) = (Arc::clone(&self.inner), subject.clone());
                self.inner.runtime.spawn(async move { inner.ask(&subject, now).await });
            }
            self.inner.note_good(&subject, now);
            return found(source, Some(status.from));
        }
        self.ask_and_wait(&subject, now);
        match self.inner.judge(&subject, &places, now) {
            // what an authority once revoked stays so until it says otherwise
            Some((status, _)) if status.revoked => Err(Error::Revoked),
            Some((status, source)) if status.is_fresh(now) => {
                self.inner.note_good(&subject, now);
                found(source, Some(status.from))
            }
            _ => match self.inner.last_good(&subject).filter(|at| (0..=GRACE).contains(&(now - at))) {
                Some(at) => found(Source::Grace, Some(at)),
                None => Err(Error::RevocationUnknown),
            },
        }
    }

    /// Whether the issuer says that a certificate is revoked, for one that may be used while nobody answers, such as a
    /// card: its server asks too. Waits for the network: only for threads that may block.
    pub fn is_revoked(&self, certificate: &[u8], issuer: &[u8], now: i64) -> bool {
        matches!(self.check(certificate, issuer, &[], false, now), Err(Error::Revoked))
    }

    fn ask_and_wait(&self, subject: &Subject, now: i64) {
        let (done, wait) = std::sync::mpsc::channel();
        let (inner, subject) = (Arc::clone(&self.inner), subject.clone());
        self.inner.runtime.spawn(async move {
            inner.ask(&subject, now).await;
            let _ = done.send(());
        });
        let _ = wait.recv_timeout(PATIENCE);
    }
}

impl Subject {
    fn parse(&self) -> Result<(X509Certificate<'_>, Issuer<'_>), Error> {
        let parse = |der| X509Certificate::from_der(der).map(|(_, c)| c).map_err(|_| Error::untrusted());
        Ok((parse(&self.certificate)?, Issuer(parse(&self.issuer)?)))
    }

    /// Names what is kept about it: issuer by name and key, and serial number, so that the same number of another
    /// issuer is another certificate.
    fn key(&self) -> String {
        match self.parse() {
            Ok((certificate, issuer)) => key(&[issuer.name(), issuer.key_bits(), certificate.raw_serial()]),
            Err(_) => key(&[&self.certificate]),
        }
    }

    /// Names a list: its issuer and where it comes from.
    fn list_key(&self, url: &Url) -> String {
        match self.parse() {
            Ok((_, issuer)) => key(&[issuer.name(), issuer.key_bits(), format!("{url:?}").as_bytes()]),
            Err(_) => key(&[&self.issuer]),
        }
    }
}

fn key(parts: &[&[u8]]) -> String {
    let joined: Vec<u8> = parts.iter().flat_map(|part| digest(&SHA256, part).as_ref().to_vec()).collect();
    hex(digest(&SHA256, &joined).as_ref().get(..16).unwrap_or_default())
}

impl Places {
    /// Addresses in clear HTTP: HTTPS would need a certificate to be checked first, and LDAP is not spoken.
    fn of(certificate: &X509Certificate<'_>) -> Self {
        let mut places = Self { ocsp: Vec::new(), lists: Vec::new() };
        let url = |name: &GeneralName<'_>| match name {
            GeneralName::URI(text) => Url::parse(text).filter(|url| !url.tls),
            _ => None,
        };
        for extension in certificate.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::AuthorityInfoAccess(access) => {
                    let asked = access.accessdescs.iter().filter(|a| a.access_method.to_id_string() == OCSP);
                    places.ocsp.extend(asked.filter_map(|a| url(&a.access_location)).take(MOST));
                }
                ParsedExtension::CRLDistributionPoints(points) => {
                    let names = points.points.iter().filter_map(|point| match &point.distribution_point {
                        Some(DistributionPointName::FullName(names)) => Some(names),
                        _ => None,
                    });
                    places.lists.extend(names.flatten().filter_map(url).take(MOST));
                }
                _ => {}
            }
        }
        places
    }
}

/// id-ad-ocsp.
const OCSP: &str = "1.3.6.1.5.5.7.48.1";

impl Inner {
    fn known(&self) -> MutexGuard<'_, HashMap<String, Arc<Vec<u8>>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What is kept under this name, in memory or on disk.
    fn kept(&self, name: &str, most: usize) -> Option<Arc<Vec<u8>>> {
        if let Some(bytes) = self.known().get(name) {
            return Some(Arc::clone(bytes));
        }
        let bytes = Arc::new(read_bounded(&self.path(name), most as u64).ok()?);
        self.known().insert(name.to_owned(), Arc::clone(&bytes));
        Some(bytes)
    }

    fn keep(&self, name: String, bytes: Vec<u8>) {
        if let Err(error) = cache::keep(&self.path(&name), &bytes) {
            tracing::warn!(%error, "a revocation answer could not be kept");
        }
        self.known().insert(name, Arc::new(bytes));
    }

    /// What the kept answers say: revoked when one of those that are not over says so, else the one that lasts longest.
    fn judge(&self, subject: &Subject, places: &Places, now: i64) -> Option<(Status, Source)> {
        let (certificate, issuer) = subject.parse().ok()?;
        let serial = certificate.raw_serial();
        let mut found: Vec<(Status, Source)> = Vec::new();
        if let Some(answer) = self.kept(&format!("{}.ocsp", subject.key()), LARGEST_ANSWER)
            && let Ok(status) = ocsp::read(&answer, &issuer, serial, now)
        {
            found.push((status, Source::Ocsp));
        }
        for url in &places.lists {
            if let Some(list) = self.kept(&format!("{}.crl", subject.list_key(url)), LARGEST_LIST)
                && let Ok(status) = crl::read(&list, &issuer, serial, certificate.is_ca(), now)
            {
                found.push((status, Source::List));
            }
        }
        found.into_iter().max_by_key(|(status, _)| (status.is_fresh(now) && status.revoked, status.until))
    }

    /// Asks all who are named until one has answered, and keeps what is good.
    async fn ask(&self, subject: &Subject, now: i64) {
        let key = subject.key();
        if !self.asking.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            // somebody else asks: what they learn serves this one too
            for _ in 0..300 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if !self.asking.lock().unwrap_or_else(PoisonError::into_inner).contains(&key) {
                    return;
                }
            }
            return;
        }
        if let Err(error) = self.ask_all(subject, now).await {
            tracing::info!(%error, "the state of a certificate could not be asked");
        }
        self.asking.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    async fn ask_all(&self, subject: &Subject, now: i64) -> Result<(), Error> {
        let places = Places::of(&subject.parse()?.0);
        let mut failure = Error::RevocationUnknown;
        for url in &places.ocsp {
            match self.ask_responder(subject, url, now).await {
                Ok(()) => return Ok(()),
                Err(error) => failure = error,
            }
        }
        for url in &places.lists {
            match self.ask_list(subject, url, now).await {
                Ok(()) => return Ok(()),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn ask_responder(&self, subject: &Subject, url: &Url, now: i64) -> Result<(), Error> {
        let question = {
            let (certificate, issuer) = subject.parse()?;
            ocsp::request(&issuer, certificate.raw_serial())
        };
        let request = http::Request {
            url,
            post: Some(("application/ocsp-request", &question)),
            most: LARGEST_ANSWER,
            limit: OCSP_PATIENCE,
        };
        let answer = http::fetch(request, self.proxy.as_ref(), None).await?;
        {
            let (certificate, issuer) = subject.parse()?;
            let status = ocsp::read(&answer, &issuer, certificate.raw_serial(), now)?;
            if !status.is_fresh(now) {
                return Err(Error::RevocationUnknown);
            }
        }
        self.keep(format!("{}.ocsp", subject.key()), answer);
        Ok(())
    }

    async fn ask_list(&self, subject: &Subject, url: &Url, now: i64) -> Result<(), Error> {
        let request = http::Request { url, post: None, most: LARGEST_LIST, limit: LIST_PATIENCE };
        let mut list = http::fetch(request, self.proxy.as_ref(), None).await?;
        if list.starts_with(b"-----") {
            use rustls::pki_types::pem::PemObject as _;
            let der = rustls::pki_types::CertificateRevocationListDer::from_pem_slice(&list);
            list = der.map_err(|_| Error::RevocationUnknown)?.to_vec();
        }
        {
            let (certificate, issuer) = subject.parse()?;
            let status = crl::read(&list, &issuer, certificate.raw_serial(), certificate.is_ca(), now)?;
            // the last list that was good is kept in its place (ECO.1.1.7)
            if !status.is_fresh(now) {
                return Err(Error::RevocationUnknown);
            }
        }
        self.keep(format!("{}.crl", subject.list_key(url)), list);
        Ok(())
    }

    fn note_good(&self, subject: &Subject, now: i64) {
        let name = format!("{}.good", subject.key());
        // once a minute is often enough
        if self.last_good(subject).is_none_or(|at| now.saturating_sub(at) >= 60) {
            self.keep(name, now.to_string().into_bytes());
        }
    }

    /// When it was last found good by an answer of its authority.
    fn last_good(&self, subject: &Subject) -> Option<i64> {
        let text = self.kept(&format!("{}.good", subject.key()), 32)?;
        std::str::from_utf8(&text).ok()?.parse().ok()
    }
}

/// Now, as revocation counts it.
pub(super) fn now(time: rustls::pki_types::UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or_else(|_| unix_now())
}

#[cfg(test)]
#[path = "revocation/tests.rs"]
mod tests;
