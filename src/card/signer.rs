//! The card's key as rustls wants it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{OtherError, SignatureAlgorithm, SignatureScheme};
use zeroize::Zeroizing;

use super::Error;
use super::certificate::rsa_public_key;
use super::token::{Padding, Queue, SignRequest, Unlocked};

/// The authentication key of an unlocked card. Copies share the login; all fail once the card is removed or
/// [`super::Token::close`] is called.
#[derive(Clone)]
pub struct ClientKey(Arc<Login>);

struct Login {
    queue: Queue,
    certificate: CertificateDer<'static>,
    generation: u64,
    pss: bool,
    refused: AtomicBool,
}

impl ClientKey {
    pub(super) fn new(queue: Queue, unlocked: Unlocked) -> Self {
        Self(Arc::new(Login {
            queue,
            certificate: unlocked.certificate.into(),
            generation: unlocked.generation,
            pss: unlocked.pss,
            refused: AtomicBool::new(false),
        }))
    }

    /// What TLS connections take the client certificate from: the card's leaf (a card holds no other), then
    /// `intermediates`. One resolver for each login: rustls resumes sessions for the same resolver only, so a removed
    /// card cannot ride on an old session. Signing blocks for up to a second on a real card.
    pub fn resolver(&self, intermediates: Vec<CertificateDer<'static>>) -> Arc<dyn ResolvesClientCert> {
        let mut chain = vec![self.0.certificate.clone()];
        chain.extend(intermediates);
        let key = Arc::new(CardKey(Arc::clone(&self.0)));
        Arc::new(CardResolver(Arc::new(CertifiedKey::new(chain, key))))
    }

    /// True when TLS 1.3 may be offered: only after a PSS signature of this card was seen to verify (CPS4). CPS3
    /// cannot, and TLS 1.3 with such a key would log in with no certificate.
    pub fn tls13(&self) -> bool {
        self.0.pss
    }

    /// True when a server offered no signature scheme this card has: rustls then sends no certificate and says
    /// nothing. To be read after a handshake.
    pub fn refused_scheme(&self) -> bool {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// The card's authentication certificate (DER).
    pub fn certificate(&self) -> &[u8] {
        &self.0.certificate
    }

    /// PKCS#1 v1.5 signature with SHA-256: the same for the same text, so a secret can be derived from it that needs
    /// card and PIN. It was seen to verify: what a faulty module answers is no secret.
    ///
    /// # Errors
    /// [`Error::Removed`], [`Error::LoggedOut`], [`Error::Closed`], [`Error::ModuleFaulty`], [`Error::NoKey`] when the
    /// signature is not the certificate's, or the module's refusal.
    pub async fn sign(&self, text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (padding, data) = prepare(SignatureScheme::RSA_PKCS1_SHA256, text).ok_or(Error::NoKey)?;
        let request = SignRequest { generation: self.0.generation, padding, data };
        let signature = self.0.queue.sign(request).await.map(Zeroizing::new)?;
        let public = rsa_public_key(&self.0.certificate).ok_or(Error::BadCertificate)?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(text, &signature)
            .map_err(|_| Error::NoKey)?;
        Ok(signature)
    }
}

struct CardKey(Arc<Login>);

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardKey")
    }
}

impl SigningKey for CardKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let found = schemes(self.0.pss).iter().find(|scheme| offered.contains(scheme));
        match found {
            Some(scheme) => Some(Box::new(CardSigner { login: Arc::clone(&self.0), scheme: *scheme })),
            None => {
                self.0.refused.store(true, Ordering::Relaxed);
                tracing::warn!("the server accepts no signature scheme of the card");
                None
            }
        }
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

/// Best first. PSS leads: a TLS 1.3 server may list PKCS#1 schemes too, which are for its certificates only.
fn schemes(pss: bool) -> &'static [SignatureScheme] {
    const ALL: [SignatureScheme; 4] = [
        SignatureScheme::RSA_PSS_SHA256,
        SignatureScheme::RSA_PKCS1_SHA256,
        SignatureScheme::RSA_PKCS1_SHA384,
        SignatureScheme::RSA_PKCS1_SHA512,
    ];
    const PKCS1: &[SignatureScheme] = ALL.split_at(1).1;
    if pss { &ALL } else { PKCS1 }
}

struct CardSigner {
    login: Arc<Login>,
    scheme: SignatureScheme,
}

impl fmt::Debug for CardSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardSigner({:?})", self.scheme)
    }
}

impl Signer for CardSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let (padding, data) =
            prepare(self.scheme, message).ok_or_else(|| rustls::Error::General("scheme".into()))?;
        let request = SignRequest { generation: self.login.generation, padding, data };
        self.login.queue.sign_blocking(request).map_err(|error| OtherError(Arc::new(error)).into())
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

/// What goes to the card for a scheme: the DigestInfo for PKCS#1 (the card or its module adds the padding), the hash
/// for PSS. The longest, SHA-512's 83 bytes, fits the 102 a CPS3 takes.
fn prepare(scheme: SignatureScheme, message: &[u8]) -> Option<(Padding, Vec<u8>)> {
    let pkcs1 = |algorithm, oid_end| (Padding::Pkcs1, digest_info(algorithm, oid_end, message));
    match scheme {
        SignatureScheme::RSA_PKCS1_SHA256 => Some(pkcs1(&SHA256, 1)),
        SignatureScheme::RSA_PKCS1_SHA384 => Some(pkcs1(&SHA384, 2)),
        SignatureScheme::RSA_PKCS1_SHA512 => Some(pkcs1(&SHA512, 3)),
        SignatureScheme::RSA_PSS_SHA256 => {
            Some((Padding::PssSha256, digest(&SHA256, message).as_ref().to_vec()))
        }
        _ => None,
    }
}

/// RFC 8017 §9.2: SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.`oid_end`, NULL }, OCTET STRING hash }.
fn digest_info(algorithm: &'static Algorithm, oid_end: u8, message: &[u8]) -> Vec<u8> {
    let hash = digest(algorithm, message);
    let length = u8::try_from(hash.as_ref().len()).unwrap_or(0);
    let mut info =
        vec![0x30, length + 17, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, oid_end, 5, 0, 4, length];
    info.extend_from_slice(hash.as_ref());
    info
}

#[derive(Debug)]
struct CardResolver(Arc<CertifiedKey>);

impl ResolvesClientCert for CardResolver {
    // the issuers a server names are not looked at: the card has one certificate, and servers send wrong lists
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
