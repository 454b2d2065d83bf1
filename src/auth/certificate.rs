//! Software certificates of organisations (ORG AUTH_CLI), which open applicative mailboxes: PKCS#12 or PEM files.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::Pkcs12Archive;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use crate::domain::UnixTime;
use crate::domain::secret::Secret;

/// Largest file taken, in bytes: a key with its chain has some ten thousand.
pub const LARGEST_FILE: usize = 256 * 1024;
/// Most certificates looked at, and sent to a server.
const MOST_CERTIFICATES: usize = 32;
const LONGEST_CHAIN: usize = 6;
/// Most work a file may ask for before its password is known to be right, as in `p12-keystore`.
const MOST_ITERATIONS: u32 = 1_000_000;
const MOST_MEMORY: u64 = 1 << 28;

/// First byte of everything in DER.
const SEQUENCE: u8 = 0x30;
const CLOSED_BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const CLOSED_END: &str = "-----END ENCRYPTED PRIVATE KEY-----";

/// Why a file is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Neither PKCS#12 nor PEM, damaged, or protected in a way we do not know.
    #[error("unreadable file")]
    Unreadable,
    /// The password does not open it.
    #[error("wrong password")]
    WrongPassword,
    /// A certificate, but no private key.
    #[error("no private key")]
    NoKey,
    /// A private key, but no certificate of it.
    #[error("no certificate of this key")]
    NoCertificate,
    /// It is over since this time.
    #[error("expired")]
    Expired(UnixTime),
    /// It begins at this time only.
    #[error("not yet valid")]
    NotYetValid(UnixTime),
    /// Made for something else than logging in, such as a seal.
    #[error("not for client authentication")]
    NotForLogin,
}

/// A key with its certificate, ready for TLS.
#[derive(Clone)]
pub struct SoftwareCertificate {
    key: Arc<CertifiedKey>,
    not_before: UnixTime,
    not_after: UnixTime,
    name: String,
    for_login: bool,
}

impl SoftwareCertificate {
    /// Opens a PKCS#12 file, or PEM text with certificate, chain and PKCS#8 key. `password` is empty for a key that is not
    /// protected.
    ///
    /// # Errors
    /// What is wrong with the file or the password; dates and purpose are not looked at: see [`Self::check`].
    pub fn open(file: &[u8], password: &Secret) -> Result<Self, Error> {
        if file.len() > LARGEST_FILE {
            return Err(Error::Unreadable);
        }
        let (keys, certificates) = match file.first() {
            Some(&SEQUENCE) => pkcs12(file, password)?,
            _ => pem(file, password)?,
        };
        if keys.is_empty() {
            return Err(if certificates.is_empty() { Error::Unreadable } else { Error::NoKey });
        }
        let pairs = keys.iter().flat_map(|key| certificates.iter().map(move |leaf| (key, leaf)));
        let (key, leaf) = pairs
            .filter_map(|(key, leaf)| Some((fitting(key, leaf)?, leaf)))
            .next()
            .ok_or(Error::NoCertificate)?;
        let chain = chain(leaf, &certificates);
        let (_, parsed) = X509Certificate::from_der(leaf).map_err(|_| Error::Unreadable)?;
        let name = parsed.subject().iter_common_name().next().and_then(|cn| cn.as_str().ok());
        Ok(Self {
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            name: name.unwrap_or_default().to_owned(),
            for_login: is_for_login(&parsed),
            key: Arc::new(CertifiedKey::new(chain, key)),
        })
    }

    /// Whether it can be logged in with now.
    ///
    /// # Errors
    /// [`Error::NotForLogin`], [`Error::Expired`], [`Error::NotYetValid`].
    pub fn check(&self, now: UnixTime) -> Result<(), Error> {
        if !self.for_login {
            return Err(Error::NotForLogin);
        }
        if now > self.not_after {
            return Err(Error::Expired(self.not_after));
        }
        if now < self.not_before {
            return Err(Error::NotYetValid(self.not_before));
        }
        Ok(())
    }

    /// Last second of its validity.
    pub fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// Common name: the service's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What TLS connections take it from.
    pub fn resolver(&self) -> Arc<dyn ResolvesClientCert> {
        Arc::new(SingleCertAndKey::from(Arc::clone(&self.key)))
    }
}

type Content = (Vec<PrivateKeyDer<'static>>, Vec<CertificateDer<'static>>);

fn pkcs12(file: &[u8], password: &Secret) -> Result<Content, Error> {
    use p12_keystore::error::Error as E;
    let archive = Pkcs12Archive::from_pkcs12(file, password.expose()).map_err(|error| match error {
        E::MacError(_) | E::Pkcs5Error(_) | E::UnpadError => Error::WrongPassword,
        _ => Error::Unreadable,
    })?;
    let keys = archive.keys.iter().take(MOST_CERTIFICATES);
    let keys = keys.map(|bag| PrivatePkcs8KeyDer::from(bag.key.as_der().to_vec()).into());
    let certificates = archive.certs.iter().take(MOST_CERTIFICATES);
    let certificates = certificates.map(|bag| CertificateDer::from(bag.cert.as_der().to_vec()));
    Ok((keys.collect(), certificates.collect()))
}

fn pem(file: &[u8], password: &Secret) -> Result<Content, Error> {
    let text = std::str::from_utf8(file).map_err(|_| Error::Unreadable)?;
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(file).take(MOST_CERTIFICATES).collect();
    let certificates = certificates.map_err(|_| Error::Unreadable)?;
    let open: Result<Vec<_>, _> = PrivateKeyDer::pem_slice_iter(file).take(MOST_CERTIFICATES).collect();
    let mut keys = open.map_err(|_| Error::Unreadable)?;
    if let Some(closed) = closed_key(text)? {
        keys.push(decrypt(&closed, password)?);
    }
    Ok((keys, certificates))
}

/// The first encrypted PKCS#8 key of a PEM text, in DER.
fn closed_key(text: &str) -> Result<Option<Vec<u8>>, Error> {
    let Some((_, rest)) = text.split_once(CLOSED_BEGIN) else { return Ok(None) };
    let (body, _) = rest.split_once(CLOSED_END).ok_or(Error::Unreadable)?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).map(Some).map_err(|_| Error::Unreadable)
}

fn decrypt(der: &[u8], password: &Secret) -> Result<PrivateKeyDer<'static>, Error> {
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| Error::Unreadable)?;
    let scheme = info.encryption_algorithm.pbes2().ok_or(Error::Unreadable)?;
    let is_bounded = match (scheme.kdf.pbkdf2(), scheme.kdf.scrypt()) {
        (Some(pbkdf2), _) => pbkdf2.iteration_count <= MOST_ITERATIONS,
        (_, Some(scrypt)) => {
            let memory = scrypt.cost_parameter.checked_mul(128 * u64::from(scrypt.block_size));
            memory.is_some_and(|m| m <= MOST_MEMORY) && scrypt.parallelization <= 16
        }
        _ => false,
    };
    if !is_bounded {
        return Err(Error::Unreadable);
    }
    let key = info.decrypt(password.expose()).map_err(|_| Error::WrongPassword)?;
    let bytes = Zeroizing::new(key.as_bytes().to_vec());
    Ok(PrivatePkcs8KeyDer::from(bytes.to_vec()).into())
}

/// The key as TLS wants it, when the certificate is this key's.
fn fitting(key: &PrivateKeyDer<'static>, leaf: &CertificateDer<'static>) -> Option<Arc<dyn SigningKey>> {
    let key = any_supported_type(key).ok()?;
    CertifiedKey::new(vec![leaf.clone()], Arc::clone(&key)).keys_match().is_ok().then_some(key)
}

/// The certificate and those above it that the file holds, without the root: servers have that.
fn chain(leaf: &CertificateDer<'static>, all: &[CertificateDer<'static>]) -> Vec<CertificateDer<'static>> {
    let mut chain = vec![leaf.clone()];
    while chain.len() < LONGEST_CHAIN {
        let Some(last) = chain.last().and_then(|der| names(der)) else { break };
        let above = all.iter().find(|der| {
            !chain.contains(der)
                && names(der).is_some_and(|(subject, issuer)| subject == last.1 && subject != issuer)
        });
        let Some(above) = above else { break };
        chain.push(above.clone());
    }
    chain
}

/// Subject and issuer in DER.
fn names(der: &CertificateDer<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some((parsed.subject().as_raw().to_vec(), parsed.issuer().as_raw().to_vec()))
}

/// Digital signatures for client authentication, or no word against it.
fn is_for_login(certificate: &X509Certificate<'_>) -> bool {
    let purposes = certificate.extended_key_usage().ok().flatten();
    let usage = certificate.key_usage().ok().flatten();
    purposes.is_none_or(|purposes| purposes.value.client_auth || purposes.value.any)
        && usage.is_none_or(|usage| usage.value.digital_signature())
}
