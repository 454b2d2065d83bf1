//! STATUS responses.

use super::Cursor;
use crate::domain::id::{Uid, UidValidity};
use crate::imap::MailboxStatus;
use crate::imap::guard::Response;

/// One STATUS response.
pub(crate) struct Counted {
    pub(crate) name: Vec<u8>,
    pub(crate) status: MailboxStatus,
    pub(crate) mailbox_id: Option<String>,
}

/// Reads `* STATUS name (MESSAGES 3 …)`; items it does not know are skipped.
pub(crate) fn status(response: &mut Response) -> Option<Counted> {
    let mut cursor = Cursor::new(response);
    cursor.atom()?;
    cursor.atom()?;
    let name = cursor.astring()?;
    let mut found = MailboxStatus::default();
    let mut mailbox_id = None;
    cursor.take(b'(')?;
    while cursor.take(b')').is_none() {
        match cursor.atom()?.to_ascii_uppercase().as_slice() {
            b"MESSAGES" => found.messages = Some(cursor.number()?),
            b"UNSEEN" => found.unseen = Some(cursor.number()?),
            b"UIDNEXT" => found.uid_next = Some(Uid(cursor.number()?)),
            b"UIDVALIDITY" => found.uid_validity = Some(UidValidity(cursor.number()?)),
            b"HIGHESTMODSEQ" => found.highest_modseq = Some(cursor.number()?).filter(|n| *n > 0),
            b"MAILBOXID" => mailbox_id = Some(object_id(&mut cursor)?),
            _ => cursor.skip_value()?,
        }
    }
    Some(Counted { name, status: found, mailbox_id })
}

/// Reads `(F2212ea87)` (RFC 8474 §4).
pub(crate) fn object_id(cursor: &mut Cursor<'_>) -> Option<String> {
    cursor.take(b'(')?;
    let id = String::from_utf8(cursor.atom()?.to_vec()).ok()?;
    cursor.take(b')')?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_and_unknown_ones_skipped() {
        let read = |text: &str| status(&mut Response { text: text.as_bytes().to_vec(), literals: vec![] });
        let counted = read(
            "* STATUS \"Envoy&AOk-s\" (MESSAGES 3 SIZE 99999999999 MAILBOXID (F1) UNSEEN 1 UIDNEXT 9 HIGHESTMODSEQ 0)",
        )
        .unwrap();
        let s = counted.status;
        assert_eq!(counted.name, b"Envoy&AOk-s");
        assert_eq!(counted.mailbox_id.as_deref(), Some("F1"));
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
