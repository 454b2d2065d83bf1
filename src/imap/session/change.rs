//! Changing: flags, moves, removals.

use super::Session;
use super::folder::writable;
use crate::domain::id::Uid;
use crate::domain::message::{Flag, Keyword, MDN_SENT};
use crate::imap::read::{self, Code, Line, StatusLine};
use crate::imap::uid_set::sets;
use crate::imap::{RemoteName, Result, UidRange};

impl Session {
    /// Sets or clears a flag.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn store(&mut self, uids: &[Uid], flag: Flag, on: bool) -> Result<()> {
        self.store_named(uids, flag_name(flag), on).await
    }

    /// Sets or clears a keyword.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn store_keyword(&mut self, uids: &[Uid], keyword: &Keyword, on: bool) -> Result<()> {
        self.store_named(uids, keyword.as_str(), on).await
    }

    async fn store_named(&mut self, uids: &[Uid], flag: &str, on: bool) -> Result<()> {
        let sign = if on { '+' } else { '-' };
        for set in sets(uids) {
            self.connection.run("UID STORE", &format!("UID STORE {set} {sign}FLAGS.SILENT ({flag})")).await?;
        }
        Ok(())
    }

    /// Messages leave their folder alone: by MOVE, or by an expunge of these only (UIDPLUS). Without either they stay
    /// where they were, marked `\Deleted`.
    pub fn expunges(&self) -> bool {
        self.has("UIDPLUS")
    }

    /// The server moves messages in one step (RFC 6851).
    pub fn moves(&self) -> bool {
        self.has("MOVE")
    }

    /// Moves messages in one step, where [`Session::moves`]. Answers the pairs of old and new UID when the server gives
    /// them (UIDPLUS), else nothing.
    ///
    /// # Errors
    /// As [`Session::folders`]. Of a long list a first part may be moved already.
    pub async fn move_to(&mut self, uids: &[Uid], to: &RemoteName) -> Result<Vec<(Uid, Uid)>> {
        self.transfer("UID MOVE", uids, to).await
    }

    /// Copies messages, with the answer of [`Session::move_to`].
    ///
    /// # Errors
    /// As [`Session::folders`]. Of a long list a first part may be copied already.
    pub async fn copy_to(&mut self, uids: &[Uid], to: &RemoteName) -> Result<Vec<(Uid, Uid)>> {
        self.transfer("UID COPY", uids, to).await
    }

    async fn transfer(
        &mut self,
        command: &'static str,
        uids: &[Uid],
        to: &RemoteName,
    ) -> Result<Vec<(Uid, Uid)>> {
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

    /// Whether the selected folder keeps this flag: see [`Session::keeps`].
    pub fn keeps_flag(&self, flag: Flag) -> bool {
        self.keeps(flag_name(flag))
    }

    async fn remove(&mut self, set: &str) -> Result<()> {
        self.connection.run("UID STORE", &format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)")).await?;
        if self.has("UIDPLUS") {
            self.connection.run("UID EXPUNGE", &format!("UID EXPUNGE {set}")).await?;
        }
        Ok(())
    }
}

/// A flag as commands write it.
fn flag_name(flag: Flag) -> &'static str {
    match flag {
        Flag::Seen => "\\Seen",
        Flag::Answered => "\\Answered",
        Flag::Flagged => "\\Flagged",
        Flag::Forwarded => "$Forwarded",
        Flag::MdnSent => MDN_SENT,
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
