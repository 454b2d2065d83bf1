//! OCSP (RFC 6960): the question about one certificate, and what an answer is worth.

use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use x509_parser::asn1_rs::BitString;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::AlgorithmIdentifier;

use super::{Issuer, Status};
use crate::net::Error;
use crate::net::der::{self, ENUMERATED, NULL, OCTETS, OID, Reader, SEQUENCE, TIME, context, write};
use crate::net::signature;

/// SHA-1 as an algorithm identifier: 1.3.14.3.2.26. Here it names an issuer, it protects nothing.
const SHA1_OID: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
/// 2.16.840.1.101.3.4.2.1.
const SHA256_OID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1.
const BASIC_OID: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
/// Most certificates and single answers looked at.
const MOST: usize = 8;
/// Clocks may differ by this, in seconds.
const SKEW: i64 = 300;
/// An answer without an end is for now; how long that is, in seconds.
const NOW_LASTS: i64 = 4 * 3600;

/// The question about the certificate with this serial number.
///
/// Without a nonce: most responders sign their answers in advance, and dates are checked.
pub(super) fn request(issuer: &Issuer<'_>, serial: &[u8]) -> Vec<u8> {
    let algorithm = write(SEQUENCE, &[&write(OID, &[SHA1_OID]), &write(NULL, &[])]);
    let hash = |bytes: &[u8]| write(OCTETS, &[digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref()]);
    let id = write(
        SEQUENCE,
        &[&algorithm, &hash(issuer.name()), &hash(issuer.key_bits()), &write(der::INTEGER, &[serial])],
    );
    let list = write(SEQUENCE, &[&write(SEQUENCE, &[&id])]);
    write(SEQUENCE, &[&write(SEQUENCE, &[&list])])
}

/// What an answer says of the certificate with this serial number, once it is found to be signed by the issuer or by
/// somebody the issuer named for it, and to be about this issuer and this certificate.
///
/// # Errors
/// [`Error::Protocol`]: whatever else it is, it is not an answer.
pub(super) fn read(answer: &[u8], issuer: &Issuer<'_>, serial: &[u8], now: i64) -> Result<Status, Error> {
    let refused = |what: &str| Error::Protocol(format!("OCSP: {what}"));
    let mut outer = Reader::new(answer).enter(SEQUENCE)?;
    if outer.value(ENUMERATED)?.content != [0] {
        return Err(refused("no answer"));
    }
    let mut response = outer.enter(context(0))?.enter(SEQUENCE)?;
    if response.value(OID)?.content != BASIC_OID {
        return Err(refused("unknown kind"));
    }
    let mut basic = Reader::new(response.value(OCTETS)?.content).enter(SEQUENCE)?;
    let data = basic.value(SEQUENCE)?;
    let algorithm = basic.value(SEQUENCE)?;
    let signed = basic.value(0x03)?;
    let mut certificates = match basic.optional(context(0))? {
        Some(list) => Reader::new(list.content).enter(SEQUENCE)?,
        None => Reader::new(&[]),
    };
    let (_, algorithm) = AlgorithmIdentifier::from_der(algorithm.whole).map_err(|_| refused("damaged"))?;
    let bits = signed.content.split_first().filter(|(unused, _)| **unused == 0).map(|(_, bits)| bits);
    let bits = BitString::new(0, bits.ok_or_else(|| refused("damaged"))?);

    let mut body = Reader::new(data.content);
    body.optional(context(0))?;
    let responder = body.any()?;
    body.value(TIME)?;
    let mut answers = body.enter(SEQUENCE)?;

    let is_signer = |name: &[u8], key: &[u8]| match responder.tag {
        0xa1 => responder.content == name,
        0xa2 => Reader::new(responder.content)
            .value(OCTETS)
            .is_ok_and(|hash| hash.content == digest(&SHA1_FOR_LEGACY_USE_ONLY, key).as_ref()),
        _ => false,
    };
    let mut vouched = is_signer(issuer.name(), issuer.key_bits())
        && signature::is_good(issuer.key(), &algorithm, &bits, data.whole);
    for _ in 0..MOST {
        if vouched || certificates.is_empty() {
            break;
        }
        let der = certificates.value(SEQUENCE)?.whole;
        let Ok((_, delegate)) = X509Certificate::from_der(der) else { continue };
        vouched = is_delegate(&delegate, issuer, now)
            && is_signer(delegate.subject().as_raw(), &delegate.public_key().subject_public_key.data)
            && signature::is_good(delegate.public_key(), &algorithm, &bits, data.whole);
    }
    if !vouched {
        return Err(refused("not signed by the issuer"));
    }
    for _ in 0..MOST {
        if answers.is_empty() {
            break;
        }
        let mut single = answers.enter(SEQUENCE)?;
        if !is_about(single.enter(SEQUENCE)?, issuer, serial)? {
            continue;
        }
        let revoked = match single.any()?.tag {
            0x80 => false,
            0xa1 => true,
            _ => return Err(refused("unknown certificate")),
        };
        let from = time(single.value(TIME)?.content)?;
        let until = match single.optional(context(0))? {
            Some(next) => time(Reader::new(next.content).value(TIME)?.content)?,
            None => from.saturating_add(NOW_LASTS),
        };
        if from > now.saturating_add(SKEW) || until < from {
            return Err(refused("dates"));
        }
        return Ok(Status { revoked, from, until });
    }
    Err(refused("another certificate"))
}

/// The issuer named this certificate for answering (RFC 6960 §4.2.2.2).
fn is_delegate(certificate: &X509Certificate<'_>, issuer: &Issuer<'_>, now: i64) -> bool {
    let validity = certificate.validity();
    let named = certificate.extended_key_usage().ok().flatten().is_some_and(|usage| usage.value.ocsp_signing);
    named
        && certificate.issuer().as_raw() == issuer.name()
        && validity.not_before.timestamp() <= now
        && now <= validity.not_after.timestamp()
        && signature::is_good(
            issuer.key(),
            &certificate.signature_algorithm,
            &certificate.signature_value,
            certificate.tbs_certificate.as_ref(),
        )
}

/// A `CertID` names this issuer, by name and key, and this serial number.
fn is_about(mut id: Reader<'_>, issuer: &Issuer<'_>, serial: &[u8]) -> Result<bool, Error> {
    let algorithm: &Algorithm = match id.enter(SEQUENCE)?.value(OID)?.content {
        oid if oid == SHA1_OID => &SHA1_FOR_LEGACY_USE_ONLY,
        oid if oid == SHA256_OID => &SHA256,
        _ => return Ok(false),
    };
    let (name, key) = (id.value(OCTETS)?.content, id.value(OCTETS)?.content);
    let number = id.value(der::INTEGER)?.content;
    Ok(name == digest(algorithm, issuer.name()).as_ref()
        && key == digest(algorithm, issuer.key_bits()).as_ref()
        && number == serial)
}

/// `YYYYMMDDHHMMSSZ` as seconds since 1970.
fn time(text: &[u8]) -> Result<i64, Error> {
    let read = std::str::from_utf8(text)
        .ok()
        .and_then(|text| jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", text).ok())
        .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok());
    read.map(|time| time.timestamp().as_second()).ok_or_else(|| Error::Protocol("OCSP: dates".to_owned()))
}
