//! STATUS responses.

use super::Cursor;
use crate::domain::id::{Uid, UidValidity};
use crate::imap::MailboxStatus;
use crate::imap::guard::Response;

/// Reads `* STATUS name (MESSAGES 3 …)`; items it does not know are skipped.
pub(crate) fn status(response: &mut Response) -> Option<(Vec<u8>, MailboxStatus)> {
    let mut cursor = Cursor::new(response);
    cursor.atom()?;
    cursor.atom()?;
    let name = cursor.astring()?;
    let mut found = MailboxStatus::default();
    cursor.take(b'(')?;
    while cursor.take(b')').is_none() {
        match cursor.atom()?.to_ascii_uppercase().as_slice() {
            b"MESSAGES" => found.messages = Some(cursor.number()?),
            b"UNSEEN" => found.unseen = Some(cursor.number()?),
            b"UIDNEXT" => found.uid_next = Some(Uid(cursor.number()?)),
            b"UIDVALIDITY" => found.uid_validity = Some(UidValidity(cursor.number()?)),
            b"HIGHESTMODSEQ" => found.highest_modseq = Some(cursor.number()?).filter(|n| *n > 0),
            _ => cursor.skip_value()?,
        }
    }
    Some((name, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_and_unknown_ones_skipped() {
        let read = |text: &str| status(&mut Response { text: text.as_bytes().to_vec(), literals: vec![] });
        let (name, s) = read(
            "* STATUS \"Envoy&AOk-s\" (MESSAGES 3 SIZE 99999999999 MAILBOXID (F1) UNSEEN 1 UIDNEXT 9 HIGHESTMODSEQ 0)",
        )
        .unwrap();
        assert_eq!(name, b"Envoy&AOk-s");
        assert_eq!(
            (s.messages, s.unseen, s.uid_next, s.highest_modseq),
            (Some(3), Some(1), Some(Uid(9)), None)
        );
        for bad in
            ["* STATUS", "* STATUS x", "* STATUS x (", "* STATUS x (MESSAGES)", "* STATUS x (MESSAGES -1)"]
        {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
