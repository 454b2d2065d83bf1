//! INS: the national health identity of a patient.

/// Authority of test matricules (`NIR test`). Source: ANS, ASIP-SANTE-INS-NIR test branch.
pub const OID_NIR_TEST: &str = "1.2.250.1.213.1.4.10";

/// Control key of a 13-character NIR or NIA: 97 minus the number modulo 97, where Corsica's `2A` and `2B` read as 19
/// and 18. `None` when the text is no such number.
pub fn key(number: &str) -> Option<u8> {
    if number.len() != 13 || !number.is_ascii() {
        return None;
    }
    let digits = number.replace("2A", "19").replace("2B", "18");
    let value: u64 = digits.parse().ok()?;
    u8::try_from(97 - value % 97).ok()
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
    }
}
