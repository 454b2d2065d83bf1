//! From the authentication certificate to the card's holder.
//!
//! The subject's last RDN has several values in DER order, so attributes are found by type, never by position. Subject
//! forms and private extensions: a published test certificate of the ANS hierarchy and public samples.

use x509_parser::asn1_rs::Any;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::AttributeTypeAndValue;

use super::Error;
use super::certificate::MAX_CERTIFICATE;
use crate::domain::card::Holder;

const COMMON_NAME: &str = "2.5.4.3";
const SURNAME: &str = "2.5.4.4";
const SERIAL_NUMBER: &str = "2.5.4.5";
const ORGANISATION: &str = "2.5.4.10";
const UNIT: &str = "2.5.4.11";
const TITLE: &str = "2.5.4.12";
const GIVEN_NAME: &str = "2.5.4.42";

/// TRE_G02: 0 CPS, 1 CPF, 2 CPE, 3 CPA.
const PRODUCT: &str = "1.2.250.1.71.1.2.2";
/// `issuer/card number`.
const CARD: &str = "1.2.250.1.71.1.2.3";
/// TRE_G15: 10 physician, 21 pharmacist…
const PROFESSION: &str = "1.2.250.1.71.1.2.7";

const LONGEST_NAME: usize = 256;

/// Reads whom a card belongs to from its authentication certificate (DER).
///
/// # Errors
/// [`Error::BadCertificate`] when it is no certificate or carries no identifier.
pub fn read_holder(der: &[u8]) -> Result<Holder, Error> {
    if der.len() > MAX_CERTIFICATE {
        return Err(Error::BadCertificate);
    }
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Error::BadCertificate)?;
    let name = |oid: &str| attribute(&certificate, oid);
    let product = integer(&certificate, PRODUCT);
    let mut holder = Holder {
        national_id: name(COMMON_NAME).unwrap_or_default(),
        family_name: name(SURNAME).unwrap_or_default(),
        given_name: name(GIVEN_NAME).unwrap_or_default(),
        title: name(TITLE).or_else(|| name(UNIT).filter(|u| is_profession(u))).unwrap_or_default(),
        profession: integer(&certificate, PROFESSION),
        structure: None,
        card_number: text(&certificate, CARD).and_then(|t| t.split_once('/').map(|(_, n)| n.to_owned())),
        product,
        not_after: certificate.validity().not_after.timestamp(),
    };
    // older form: CN is the name in clear, the identifier is the serial number
    if let (false, Some(id)) = (is_identifier(&holder.national_id), name(SERIAL_NUMBER)) {
        let in_clear = std::mem::replace(&mut holder.national_id, id);
        if holder.family_name.is_empty() {
            holder.family_name = in_clear;
        }
    }
    let staff = matches!(product, Some(2 | 3)) || holder.national_id.contains('/');
    holder.structure = staff.then(|| name(ORGANISATION)).flatten();
    if holder.national_id.is_empty() {
        return Err(Error::BadCertificate);
    }
    Ok(holder)
}

/// National identifiers are made of digits, letters and `/`; a name in clear has a blank or no digit.
fn is_identifier(cn: &str) -> bool {
    cn.bytes().any(|b| b.is_ascii_digit()) && !cn.contains(' ')
}

/// `OU` holds the profession on old cards and a structure's identifier on staff cards.
fn is_profession(unit: &str) -> bool {
    !unit.chars().any(|c| c.is_ascii_digit())
}

fn attribute(certificate: &X509Certificate<'_>, oid: &str) -> Option<String> {
    certificate
        .subject()
        .iter_attributes()
        .find(|a| a.attr_type().to_id_string() == oid)
        .map(decode)
        .map(|s| s.trim().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect())
        .filter(|s: &String| !s.is_empty())
}

/// UTF8String, PrintableString and IA5String as they are; BMPString as UTF-16; TeletexString of old cards as Latin-1.
fn decode(attribute: &AttributeTypeAndValue<'_>) -> String {
    const BMP_STRING: u32 = 30;
    if let Ok(text) = attribute.as_str() {
        return text.to_owned();
    }
    let bytes = attribute.as_slice();
    if attribute.attr_value().tag().0 == BMP_STRING {
        let units = bytes.chunks_exact(2).map(|c| c.iter().fold(0u16, |n, b| (n << 8) | u16::from(*b)));
        return char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect();
    }
    bytes.iter().map(|b| char::from(*b)).collect()
}

fn extension<'a>(certificate: &X509Certificate<'a>, oid: &str) -> Option<Any<'a>> {
    let found = certificate.extensions().iter().find(|e| e.oid.to_id_string() == oid)?;
    Any::from_der(found.value).ok().map(|(_, any)| any)
}

fn integer(certificate: &X509Certificate<'_>, oid: &str) -> Option<u8> {
    extension(certificate, oid)?.as_u8().ok()
}

fn text(certificate: &X509Certificate<'_>, oid: &str) -> Option<String> {
    let value = extension(certificate, oid)?;
    std::str::from_utf8(value.data)
        .ok()
        .map(|s| s.trim().to_owned())
        .filter(|s| s.is_ascii() && s.len() <= LONGEST_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(name: &str) -> Result<Holder, Error> {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/card");
        read_holder(&std::fs::read(format!("{dir}/{name}.der")).unwrap())
    }

    #[test]
    fn every_form_of_subject_gives_its_holder() {
        // file, identifier, family, given, title, profession, structure, card number, product, RPPS
        type Row<'a> = (
            &'a str,
            [&'a str; 4],
            Option<u8>,
            Option<&'a str>,
            Option<&'a str>,
            Option<u8>,
            Option<&'a str>,
        );
        const STAFF: &str = "Carte de service santé ou social";
        let rows: [Row<'_>; 6] = [
            (
                "physician",
                ["899700000015", "SPECIMEN", "CAMILLE", "Médecin"],
                Some(10),
                None,
                Some("2900000011"),
                Some(0),
                Some("99700000015"),
            ),
            (
                "pharmacist",
                ["899700000023", "DE L ÉPREUVE", "NOÉ", "Pharmacien"],
                Some(21),
                None,
                Some("2900000012"),
                Some(0),
                Some("99700000023"),
            ),
            (
                "staff-named",
                ["1750000001/000123", "MODELE", "ALIX", STAFF],
                None,
                Some("HOPITAL D ESSAI"),
                Some("2900000013"),
                Some(2),
                None,
            ),
            (
                "staff-nameless",
                ["3690000002/000045", "", "", STAFF],
                None,
                Some("CENTRE D ESSAI"),
                Some("2900000014"),
                Some(3),
                None,
            ),
            ("old-unit", ["0751234567", "ANCIEN", "DOMINIQUE", "Médecin"], None, None, None, None, None),
            (
                "old-serial",
                ["899700000031", "ANCIEN DOMINIQUE", "", ""],
                None,
                None,
                None,
                None,
                Some("99700000031"),
            ),
        ];
        for (file, [id, family, given, title], profession, structure, card, product, rpps) in rows {
            let read = holder(file).unwrap();
            assert_eq!(
                [&read.national_id, &read.family_name, &read.given_name, &read.title],
                [id, family, given, title],
                "{file}"
            );
            assert_eq!(read.profession, profession, "{file}");
            assert_eq!(read.structure.as_deref(), structure, "{file}");
            assert_eq!(read.card_number.as_deref(), card, "{file}");
            assert_eq!(read.product, product, "{file}");
            assert_eq!(read.rpps(), rpps, "{file}");
            assert!(read.not_after > 2_000_000_000, "{file}");
        }
    }

    #[test]
    fn a_certificate_without_identifier_is_refused() {
        assert_eq!(holder("nobody"), Err(Error::BadCertificate));
        assert_eq!(read_holder(b""), Err(Error::BadCertificate));
        assert_eq!(read_holder(&[0x30; 40_000]), Err(Error::BadCertificate));
    }

    #[test]
    fn a_damaged_certificate_never_panics() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/card");
        let whole = std::fs::read(format!("{dir}/staff-named.der")).unwrap();
        for at in 0..whole.len() {
            let _ = read_holder(&whole[..at]);
            for bit in [0x01, 0x80, 0xFF] {
                let mut damaged = whole.clone();
                damaged[at] ^= bit;
                let _ = read_holder(&damaged);
            }
        }
    }
}
