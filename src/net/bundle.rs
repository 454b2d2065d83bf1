//! The authorities of the IGC Santé: which are pinned, and how the published bundle is read and believed.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::anchor::read_bounded;
use super::der::{self, Reader, SEQUENCE};
use super::http::{self, Url};
use super::{Error, Proxy};
use crate::domain::network::{IgcChoice, NetworkSettings};

/// Largest bundle; the published one has some 15 kB.
const LARGEST: usize = 1 << 20;
/// Most certificates in it.
const MOST: usize = 64;
/// Longest download.
const PATIENCE: Duration = Duration::from_secs(15);
/// Age at which it is fetched again.
pub const REFRESH: Duration = Duration::from_secs(7 * 86_400);

/// SHA-256 of `CN=AC RACINE IGC-SANTE ELEMENTAIRE` (2013-06-25 to 2033-06-25), root of the range that server certificates
/// come from (ECO.1.1.10). The same certificate is in public code of four unrelated owners, one of them the ANS
/// (github.com/prosanteconnect/proof-of-concept), and its ends are those noted from the Cryptolib CPS package.
const PRODUCTION: &str = "2d9e22ca19f777c6b745257c723ecb8df3c35fa6f1f6ec36b83600c97346967f";
/// SHA-256 of `CN=TEST AC RACINE IGC-SANTE ELEMENTAIRE` (2013-06-25 to 2033-06-25), from two keystores of the ANS for test
/// organisations, of 2023 and 2025.
const TEST: &str = "01325aeb193871eec90fa89556804e4185cb362e0ca87a3d79939c71186da805";

const PRODUCTION_URL: &str = "http://igc-sante.esante.gouv.fr/AC/Chaine_de_certification-IGC-Sante.p7b";
const TEST_URL: &str = "http://igc-sante.esante.gouv.fr/AC%20TEST/Chaine_de_certification-IGC-Sante-TEST.p7b";

/// Ending of the name of the authority that issues servers' certificates.
const ISSUER: &str = "AC IGC-SANTE ELEMENTAIRE ORGANISATIONS";

/// Where the authorities are published and which of them are known beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    url: String,
    pins: Vec<String>,
    /// Word for the file of the cache.
    name: &'static str,
}

impl Publication {
    /// Of the hierarchy that a profile chose.
    pub fn of(settings: &NetworkSettings) -> Self {
        let (name, url, pin) = match settings.igc {
            IgcChoice::Production => ("production", PRODUCTION_URL, PRODUCTION),
            IgcChoice::Test => ("test", TEST_URL, TEST),
        };
        let mut found = Self { url: url.to_owned(), pins: vec![pin.to_owned()], name };
        if let Some(testing) = &settings.testing {
            if let Some(url) = &testing.bundle {
                found.url.clone_from(url);
                found.name = "testing";
            }
            if !testing.pins.is_empty() {
                found.pins =
                    testing.pins.iter().map(|pin| pin.to_ascii_lowercase().replace(':', "")).collect();
            }
        }
        found
    }

    fn file(&self, folder: &Path) -> std::path::PathBuf {
        folder.join(format!("igc-{}.p7b", self.name))
    }

    /// The authorities kept from an earlier download, checked again, and its moment (seconds since 1970).
    pub fn cached(&self, folder: &Path, now: i64) -> Option<(Authorities, i64)> {
        let path = self.file(folder);
        let bytes = read_bounded(&path, LARGEST as u64).ok()?;
        let modified = std::fs::metadata(&path).and_then(|meta| meta.modified()).ok()?;
        let at = modified.duration_since(UNIX_EPOCH).ok().and_then(|t| i64::try_from(t.as_secs()).ok())?;
        Authorities::read(&bytes, &self.pins, now).ok().map(|found| (found, at))
    }

    /// The authority of the kept bundle that has signed this certificate (DER), of any range. Its root need not be
    /// pinned: it proves itself by the signature on a certificate that is believed for another reason, a card's by the
    /// card, and serves to read what that authority says of it.
    pub fn issuer_of(&self, folder: &Path, certificate: &[u8], now: i64) -> Option<CertificateDer<'static>> {
        let bytes = read_bounded(&self.file(folder), LARGEST as u64).ok()?;
        let bytes = unarmoured(&bytes)?;
        let list = certificates(&bytes).ok()?;
        issuer_among(&list, certificate, now)
    }

    /// Downloads the bundle, and keeps it when it is good: a bad one leaves the one that is there.
    ///
    /// # Errors
    /// Those of the connection; [`Error::Bundle`] when the pinned authorities are not in it.
    pub async fn fetch(&self, folder: &Path, proxy: Option<&Proxy>, now: i64) -> Result<Authorities, Error> {
        let url = Url::parse(&self.url).ok_or_else(|| Error::Settings("address of the bundle".to_owned()))?;
        let request = http::Request { url: &url, post: None, most: LARGEST, limit: PATIENCE };
        let bytes = http::fetch(request, proxy, None).await?;
        let found = Authorities::read(&bytes, &self.pins, now)?;
        super::cache::keep(&self.file(folder), &bytes)?;
        Ok(found)
    }
}

/// Authorities that lead to a pinned one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorities {
    /// The pinned ones.
    pub roots: Vec<CertificateDer<'static>>,
    /// Those that issue certificates of servers.
    pub issuers: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Reads a bundle: PKCS#7 with nothing but certificates (RFC 2315), in DER or PEM. What does not lead to a pinned
    /// authority is passed over: the bundle holds the ranges of persons too.
    ///
    /// # Errors
    /// [`Error::Bundle`] when it is damaged, or no pinned authority or no issuer of servers is in it.
    fn read(bytes: &[u8], pins: &[String], now: i64) -> Result<Self, Error> {
        let bundle = |what: &str| Error::Bundle(what.to_owned());
        let bytes = unarmoured(bytes).ok_or_else(|| bundle("not PKCS#7"))?;
        let list = certificates(&bytes).map_err(|_| bundle("not PKCS#7"))?;
        let parsed: Vec<_> = list
            .iter()
            .filter_map(|der| X509Certificate::from_der(der).ok().map(|(_, certificate)| (*der, certificate)))
            .collect();
        let is_pinned = |der: &[u8]| pins.contains(&hex(digest(&SHA256, der).as_ref()));
        let roots: Vec<_> =
            parsed.iter().filter(|(der, c)| is_pinned(der) && is_authority(c, c, now)).collect();
        if roots.is_empty() {
            return Err(bundle("no pinned authority"));
        }
        let issuers: Vec<_> = parsed
            .iter()
            .filter(|(_, c)| {
                common_name(c).is_some_and(|name| name.ends_with(ISSUER))
                    && roots.iter().any(|(_, root)| is_authority(c, root, now))
            })
            .collect();
        if issuers.is_empty() {
            return Err(bundle("no issuer of servers"));
        }
        let owned = |found: Vec<&(&[u8], X509Certificate<'_>)>| {
            found.into_iter().map(|(der, _)| CertificateDer::from(der.to_vec())).collect()
        };
        Ok(Self { roots: owned(roots), issuers: owned(issuers) })
    }

    /// SHA-256 of the pinned authorities, in hexadecimal.
    pub fn fingerprints(&self) -> Vec<String> {
        self.roots.iter().map(|root| hex(digest(&SHA256, root).as_ref())).collect()
    }
}

/// The authority that has signed a certificate (DER), which may be over.
pub fn issuer_among(
    candidates: &[impl AsRef<[u8]>],
    certificate: &[u8],
    now: i64,
) -> Option<CertificateDer<'static>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let signed = |der: &&[u8]| {
        X509Certificate::from_der(der).is_ok_and(|(_, issuer)| has_signed(&issuer, &certificate, now))
    };
    candidates.iter().map(AsRef::as_ref).find(signed).map(|der| CertificateDer::from(der.to_vec()))
}

/// `issuer` may sign certificates now, and has signed this one.
fn has_signed(issuer: &X509Certificate<'_>, certificate: &X509Certificate<'_>, now: i64) -> bool {
    issuer.is_ca()
        && issuer.key_usage().ok().flatten().is_none_or(|usage| usage.value.key_cert_sign())
        && (issuer.validity().not_before.timestamp()..=issuer.validity().not_after.timestamp()).contains(&now)
        && certificate.issuer().as_raw() == issuer.subject().as_raw()
        && super::signature::is_good(
            issuer.public_key(),
            &certificate.signature_algorithm,
            &certificate.signature_value,
            certificate.tbs_certificate.as_ref(),
        )
}

/// `certificate` is an authority now, and `parent` (itself, for a root) vouches for it and may.
fn is_authority(certificate: &X509Certificate<'_>, parent: &X509Certificate<'_>, now: i64) -> bool {
    let is_valid = (certificate.validity().not_before.timestamp()
        ..=certificate.validity().not_after.timestamp())
        .contains(&now);
    let signs = certificate.key_usage().ok().flatten().is_none_or(|usage| usage.value.key_cert_sign());
    let is_root = certificate.subject().as_raw() == certificate.issuer().as_raw();
    // a root that allows no authority below it vouches for none
    let path = parent.basic_constraints().ok().flatten().and_then(|b| b.value.path_len_constraint);
    is_valid
        && certificate.is_ca()
        && signs
        && (is_root || path != Some(0))
        && has_signed(parent, certificate, now)
}

pub(super) fn common_name<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a str> {
    certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok())
}

/// The certificates of a PKCS#7 `SignedData`.
fn certificates(bytes: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let mut info = Reader::new(bytes).enter(SEQUENCE)?;
    info.value(der::OID)?;
    let mut data = info.enter(der::context(0))?.enter(SEQUENCE)?;
    data.value(der::INTEGER)?;
    data.value(der::SET)?;
    data.value(SEQUENCE)?;
    let mut list = data.enter(der::context(0))?;
    let mut found = Vec::new();
    while !list.is_empty() && found.len() < MOST {
        found.push(list.value(SEQUENCE)?.whole);
    }
    Ok(found)
}

/// DER as it is, or what is between the lines of PEM.
fn unarmoured(bytes: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
    use base64::Engine as _;
    if bytes.first() == Some(&SEQUENCE) {
        return Some(bytes.into());
    }
    let text: String = std::str::from_utf8(bytes)
        .ok()?
        .lines()
        .map(str::trim)
        .skip_while(|line| !line.starts_with("-----BEGIN PKCS7"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----"))
        .collect();
    base64::engine::general_purpose::STANDARD.decode(text).ok().map(Into::into)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seconds since 1970.
pub(super) fn unix_now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pins_are_whole_digests_and_a_profile_chooses_between_them() {
        for (igc, pin) in [(IgcChoice::Production, PRODUCTION), (IgcChoice::Test, TEST)] {
            let publication = Publication::of(&NetworkSettings { igc, ..NetworkSettings::default() });
            assert_eq!(publication.pins, [pin]);
            assert!(pin.len() == 64 && pin.bytes().all(|b| b.is_ascii_hexdigit()));
            assert!(
                Url::parse(&publication.url).is_some_and(|url| !url.tls),
                "published in clear, hence the pin"
            );
        }
    }

    #[test]
    fn what_is_no_bundle_is_refused() {
        for bad in [
            &b""[..],
            b"<html>",
            b"0\x80",
            b"-----BEGIN PKCS7-----\n!!\n-----END PKCS7-----",
            &[0x30, 0x03, 6, 1, 1],
        ] {
            assert!(matches!(Authorities::read(bad, &[], 0), Err(Error::Bundle(_))), "{bad:?}");
        }
    }
}
