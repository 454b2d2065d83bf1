//! INS: the national health identity of a patient.

use crate::domain::patient::{Ins, InsNature};
use crate::domain::text::is_deceptive;

/// Authority of test matricules (`NIR test`). Source: ANS, ASIP-SANTE-INS-NIR test branch.
pub const OID_NIR_TEST: &str = "1.2.250.1.213.1.4.10";

/// Control key of a 13-character NIR or NIA: 97 minus the number modulo 97, where Corsica's `2A` and `2B` read as 19
/// and 18. `None` when the text is no such number.
pub fn key(number: &str) -> Option<u8> {
    if number.len() != 13 || !number.is_ascii() {
        return None;
    }
    let (before, rest) = number.split_at_checked(5)?;
    let (department, after) = rest.split_at_checked(2)?;
    let department = match department.to_ascii_uppercase().as_str() {
        "2A" => "19".to_owned(),
        "2B" => "18".to_owned(),
        other => other.to_owned(),
    };
    let digits = format!("{before}{department}{after}");
    let value: u64 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    u8::try_from(97 - value % 97).ok()
}

/// What an authority's OID means; `None` when it is no authority of the INS.
pub fn nature(oid: &str) -> Option<InsNature> {
    match oid.strip_prefix("1.2.250.1.213.1.4.")? {
        "8" => Some(InsNature::Nir),
        "9" => Some(InsNature::Nia),
        "10" => Some(InsNature::Test),
        "11" => Some(InsNature::Demo),
        "1" | "2" => Some(InsNature::Obsolete),
        _ => None,
    }
}

/// The INS an identifier is, if its root is an authority of the INS. A wrong key is told, not refused: published
/// examples have some.
pub fn received(matricule: &str, oid: &str) -> Option<Ins> {
    let oid = oid.trim();
    let nature = nature(oid)?;
    let kept = |c: &char| !c.is_whitespace() && !is_deceptive(*c);
    let matricule: String = matricule.chars().filter(kept).take(40).collect();
    let key_fits = matricule.split_at_checked(13).is_some_and(|(number, given)| {
        key(number).is_some_and(|key| given.len() == 2 && given.parse() == Ok(key))
    });
    Some(Ins { key_fits: key_fits || nature == InsNature::Obsolete, matricule, oid: oid.to_owned(), nature })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_agree_with_published_matricules() {
        for (number, expected) in [("1850575123456", 73), ("8859975123456", 63), ("781102A125009", 8)] {
            assert_eq!(key(number), Some(expected), "{number}");
        }
        assert_eq!(key("12"), None);
        assert_eq!(key("18505751234é"), None);
        // only the department may be letters
        assert_eq!(key("12A0575123456"), None);
    }

    #[test]
    fn an_identifier_is_an_ins_by_its_authority() {
        let ins = received("2 85 04 13 055 017 86", " 1.2.250.1.213.1.4.10 ").unwrap();
        assert_eq!(
            (ins.matricule.as_str(), ins.nature, ins.key_fits),
            ("285041305501786", InsNature::Test, true)
        );
        assert!(!received("285041305501787", "1.2.250.1.213.1.4.8").unwrap().key_fits);
        assert_eq!(received("IPP1001", "1.2.250.1.999.9.1"), None);
    }
}
