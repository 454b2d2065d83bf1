//! Changing: flags, moves, removals.

use super::Session;
use super::folder::writable;
use crate::domain::id::Uid;
use crate::domain::message::{Flag, MDN_SENT};
use crate::imap::read::{self, Code, Line, StatusLine};
use crate::imap::uid_set::sets;
use crate::imap::{RemoteName, Result, UidRange};

impl Session {
    /// Sets or clears a flag.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn store(&mut self, uids: &[Uid], flag: Flag, on: bool) -> Result<()> {
        let flag = match flag {
            Flag::Seen => "\\Seen",
            Flag::Answered => "\\Answered",
            Flag::Flagged => "\\Flagged",
            Flag::Forwarded => "$Forwarded",
            Flag::MdnSent => MDN_SENT,
        };
        let sign = if on { '+' } else { '-' };
        for set in sets(uids) {
            self.connection.run("UID STORE", &format!("UID STORE {set} {sign}FLAGS.SILENT ({flag})")).await?;
        }
        Ok(())
    }

    /// Moves messages. Answers the pairs of old and new UID when the server gives them (UIDPLUS), else nothing.
    /// Without MOVE it copies, marks and expunges exactly these; without UIDPLUS they stay, marked `\Deleted`.
    ///
    /// # Errors
    /// As [`Session::folders`]. Of a long list a first part may be moved already.
    pub async fn move_to(&mut self, uids: &[Uid], to: &RemoteName) -> Result<Vec<(Uid, Uid)>> {
        let moves = self.has("MOVE");
        let command = if moves { "UID MOVE" } else { "UID COPY" };
        let name = writable(command, to)?;
        let limit = self.connection.limits.transfer;
        let mut pairs = Vec::new();
        for set in sets(uids) {
            let mut copied = None;
            let done = self
                .connection
                .run_with(command, &format!("{command} {set} {name}"), limit, |line, response| {
                    // MOVE tells before the expunges, untagged (RFC 6851 §4.3)
                    if *line == Line::Status
                        && let Some(StatusLine { code: Some(code), .. }) = read::status_line(&response.text)
                        && code.name == "COPYUID"
                    {
                        copied = Some(code);
                        return Ok(true);
                    }
                    Ok(false)
                })
                .await?;
            let code = copied.or(done.code).filter(|c| c.name == "COPYUID");
            pairs.extend(code.and_then(|code| copy_uid(&code, uids.len())).unwrap_or_default());
            if !moves {
                self.remove(&set).await?;
            }
        }
        Ok(pairs)
    }

    /// Deletes messages for good; without UIDPLUS they are only marked `\Deleted`, so that nothing else goes with them.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn delete(&mut self, uids: &[Uid]) -> Result<()> {
        for set in sets(uids) {
            self.remove(&set).await?;
        }
        Ok(())
    }

    async fn remove(&mut self, set: &str) -> Result<()> {
        self.connection.run("UID STORE", &format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)")).await?;
        if self.has("UIDPLUS") {
            self.connection.run("UID EXPUNGE", &format!("UID EXPUNGE {set}")).await?;
        }
        Ok(())
    }
}

/// Pairs of `COPYUID validity old-set new-set`; `None` unless both sets are of the same, possible size.
fn copy_uid(code: &Code, most: usize) -> Option<Vec<(Uid, Uid)>> {
    let mut cursor = read::Cursor::over(&code.arguments);
    cursor.atom()?;
    let mut expand = || {
        let mut uids = Vec::new();
        let ranges = UidRange::parse_set(cursor.atom()?)?;
        ranges.iter().try_for_each(|r| r.expand(most, &mut uids)).ok().map(|()| uids)
    };
    let (old, new) = (expand()?, expand()?);
    (old.len() == new.len()).then(|| old.into_iter().zip(new).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_uids_are_paired_and_nonsense_is_left_out() {
        let read = |arguments: &str| {
            let code = Code { name: "COPYUID".into(), arguments: arguments.as_bytes().to_vec() };
            copy_uid(&code, 3).map(|pairs| pairs.into_iter().map(|(a, b)| (a.0, b.0)).collect::<Vec<_>>())
        };
        assert_eq!(read("38505 304,319:320 3956:3958"), Some(vec![(304, 3956), (319, 3957), (320, 3958)]));
        for bad in ["", "1 2", "1 1:2 5", "1 1:4294967295 1:4294967295", "1 * 5"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
