//! QUOTA responses (RFC 9208).

use super::Cursor;
use crate::imap::Quota;
use crate::imap::guard::Response;

/// Reads the STORAGE resource of `* QUOTA "root" (STORAGE 10 512)`, which counts units of 1024 bytes.
pub(crate) fn quota(response: &mut Response) -> Option<Quota> {
    let mut cursor = Cursor::new(response);
    cursor.atom()?;
    cursor.atom()?;
    cursor.astring()?;
    cursor.take(b'(')?;
    while cursor.take(b')').is_none() {
        let name = cursor.atom()?;
        let (used, limit): (u64, u64) = (cursor.number()?, cursor.number()?);
        if name.eq_ignore_ascii_case(b"STORAGE") {
            return Some(Quota { used: used.saturating_mul(1024), limit: limit.saturating_mul(1024) });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_is_read_in_bytes() {
        let read = |text: &str| quota(&mut Response { text: text.as_bytes().to_vec(), literals: vec![] });
        assert_eq!(
            read("* QUOTA \"\" (MESSAGE 1 9 STORAGE 10 512)"),
            Some(Quota { used: 10_240, limit: 524_288 })
        );
        assert_eq!(read("* QUOTA User quota (STORAGE 1 2)"), None);
        assert_eq!(read("* QUOTA x ()"), None);
    }
}
