//! Reading: flags, headers, bodies, UIDs.

mod stream;

pub use stream::{Bodies, Headers};

use std::collections::BTreeSet;

use super::Session;
use crate::domain::id::Uid;
use crate::imap::connection::vanished;
use crate::imap::guard::Response;
use crate::imap::mailbox::quote;
use crate::imap::read::{self, Fetched, Line};
use crate::imap::uid_set::sets;
use crate::imap::{Changes, Error, FetchedFlags, FetchedHeader, Result, UidRange};

/// Longest header asked for: a longer one comes cut, and does not stop the rest of the mailbox.
const HEADER: usize = 256 << 10;

const UNREADABLE: Error = Error::Protocol { what: "unreadable FETCH" };

impl Session {
    /// Flags of a range; with `changed_since`, only of messages changed after that modification sequence (CONDSTORE).
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn flags(&mut self, range: UidRange, changed_since: Option<u64>) -> Result<Vec<FetchedFlags>> {
        let changed = changed_since.map(|n| format!(" (CHANGEDSINCE {n})")).unwrap_or_default();
        Ok(self.fetch_flags(range, &changed).await?.flags)
    }

    /// Flags changed and, where the server can say (QRESYNC), messages gone since a modification sequence.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn changes(&mut self, range: UidRange, since: u64) -> Result<Changes> {
        let gone = if self.qresync { " VANISHED" } else { "" };
        let found = self.fetch_flags(range, &format!(" (CHANGEDSINCE {since}{gone})")).await?;
        let vanished = found.vanished.or_else(|| self.qresync.then(Vec::new));
        Ok(Changes { flags: found.flags, vanished })
    }

    async fn fetch_flags(&mut self, range: UidRange, modifier: &str) -> Result<Changes> {
        let command = format!("UID FETCH {} (UID FLAGS){modifier}", range.to_set());
        let mut found = Changes::default();
        let mut room = self.connection.limits.responses;
        let mut take = move |count: usize| {
            room = room.checked_sub(count).ok_or(Error::TooLarge { what: "flags" })?;
            Ok::<_, Error>(())
        };
        let limit = self.connection.limits.transfer;
        self.connection
            .run_with("UID FETCH", &command, limit, |line, response| {
                match line {
                    Line::Numbered(_, word) if word == "FETCH" => {
                        // `n:*` always answers with the last message, even below n
                        let Some(Fetched { uid: Some(uid), flags: Some(flags), modseq, .. }) =
                            read::fetch(response).filter(|f| f.uid.is_some_and(|uid| range.contains(uid)))
                        else {
                            return Ok(false);
                        };
                        take(1 + flags.keywords.len())?;
                        found.flags.push(FetchedFlags { uid, flags, modseq });
                    }
                    Line::Data(word) if word == "VANISHED" => match vanished(&response.text) {
                        Some((true, ranges)) => {
                            take(ranges.len())?;
                            found.vanished.get_or_insert_default().extend(ranges);
                        }
                        _ => return Ok(false),
                    },
                    _ => return Ok(false),
                }
                Ok(true)
            })
            .await?;
        Ok(found)
    }

    /// Header, flags, date and size of messages, in one command (more when the set is too long for one line). Messages
    /// gone meanwhile are left out; a header above 256 KiB comes cut.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn headers(&mut self, uids: &[Uid]) -> Result<Vec<FetchedHeader>> {
        let items = self.header_items();
        let mut found = Vec::new();
        self.fetch_content(uids, &items, |uid, f| found.extend(header(uid, f))).await?;
        Ok(found)
    }

    fn header_items(&self) -> String {
        let modseq = if self.condstore { " MODSEQ" } else { "" };
        format!("UID FLAGS INTERNALDATE RFC822.SIZE{modseq} BODY.PEEK[HEADER]<0.{HEADER}>")
    }

    /// Whole messages, in one command (more when the set is too long for one line), handed over one by one as they
    /// come. Marks nothing as read. Messages gone meanwhile are left out. A message above
    /// [`crate::imap::Limits::literal`] ends the session: leave out what `headers` said is larger.
    ///
    /// # Errors
    /// As [`Session::folders`]; what was handed over before the error is complete.
    pub async fn bodies(&mut self, uids: &[Uid], mut on_body: impl FnMut(Uid, Vec<u8>)) -> Result<()> {
        self.fetch_content(uids, "UID BODY.PEEK[]", |uid, f| {
            if let Some(body) = f.body {
                on_body(uid, body);
            }
        })
        .await
    }

    /// Fetches items of which one is a body; each message asked for is taken once, nothing else is taken.
    async fn fetch_content(
        &mut self,
        uids: &[Uid],
        items: &str,
        mut take: impl FnMut(Uid, Fetched),
    ) -> Result<()> {
        let mut missing: BTreeSet<Uid> = uids.iter().copied().collect();
        let limit = self.connection.limits.transfer;
        for set in sets(uids) {
            self.connection
                .run_with("UID FETCH", &format!("UID FETCH {set} ({items})"), limit, |line, response| {
                    if !matches!(line, Line::Numbered(_, word) if word == "FETCH") || !has_body(response) {
                        return Ok(false);
                    }
                    let f = read::fetch(response).ok_or(UNREADABLE)?;
                    if let Some(uid) = f.uid.filter(|uid| missing.remove(uid)) {
                        take(uid, f);
                    }
                    Ok(true)
                })
                .await?;
        }
        Ok(())
    }

    /// UIDs of all messages, ascending.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn all_uids(&mut self) -> Result<Vec<Uid>> {
        self.search("ALL").await
    }

    /// UIDs of messages that are not marked `\Deleted`, ascending.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn undeleted(&mut self) -> Result<Vec<Uid>> {
        self.search("UNDELETED").await
    }

    /// UIDs above `uid`, ascending.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn uids_after(&mut self, uid: Uid) -> Result<Vec<Uid>> {
        let Some(next) = uid.0.checked_add(1) else { return Ok(Vec::new()) };
        let mut found = self.search(&format!("UID {next}:*")).await?;
        // `n:*` always finds the last message, even below n
        found.retain(|found| *found > uid);
        Ok(found)
    }

    /// Messages whose Message-ID header holds `id` (without angle brackets).
    ///
    /// # Errors
    /// As [`Session::folders`]; [`Error::Refused`] without asking when `id` is not printable ASCII.
    pub async fn find_message_id(&mut self, id: &str) -> Result<Vec<Uid>> {
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Refused { command: "UID SEARCH", code: None, reason: String::new() });
        }
        self.search(&format!("HEADER Message-ID {}", quote(id))).await
    }

    async fn search(&mut self, key: &str) -> Result<Vec<Uid>> {
        let form = if self.has("ESEARCH") { "RETURN (ALL) " } else { "" };
        let mut found = Vec::new();
        let most = self.connection.limits.responses;
        let limit = self.connection.limits.command;
        self.connection
            .run_with("UID SEARCH", &format!("UID SEARCH {form}{key}"), limit, |line, response| {
                let ours = matches!(line, Line::Data(word) if word == "SEARCH" || word == "ESEARCH");
                if ours {
                    read::search(response, most, &mut found)?;
                }
                Ok(ours)
            })
            .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

fn header(uid: Uid, f: Fetched) -> Option<FetchedHeader> {
    let mut header = f.header?;
    // a server that sends more than was asked for
    header.truncate(HEADER);
    Some(FetchedHeader {
        uid,
        flags: f.flags.unwrap_or_default(),
        internal_date: f.internal_date,
        size: f.size.unwrap_or_default(),
        header,
        modseq: f.modseq,
    })
}

/// A FETCH without any body is news about flags that came in between.
fn has_body(response: &Response) -> bool {
    response.text.windows(5).any(|w| w.eq_ignore_ascii_case(b"BODY["))
}
