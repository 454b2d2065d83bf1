//! Folders: listing, counting, selecting, making; quota.

use std::collections::HashMap;

use super::Session;
use crate::domain::folder::FolderRole;
use crate::domain::id::{Uid, UidValidity};
use crate::imap::connection::vanished;
use crate::imap::mailbox::{assign_roles, decode_name, encode_name};
use crate::imap::read::{self, Fetched, Line, Listed, StatusLine};
use crate::imap::{
    Changes, Error, FetchedFlags, MailboxStatus, Quota, RemoteFolder, RemoteName, Result, Selected,
};

const COUNTERS: &str = "MESSAGES UNSEEN UIDNEXT UIDVALIDITY";

/// Where the user's own folders are.
#[derive(Debug, Clone)]
pub(super) struct Namespace {
    prefix: Vec<u8>,
    delimiter: Option<u8>,
}

impl Session {
    /// All folders, sorted by path, with their counters where the server gives them along.
    ///
    /// # Errors
    /// [`Error::Refused`] and those of the connection, as for every method below.
    pub async fn folders(&mut self) -> Result<Vec<RemoteFolder>> {
        let special = self.has("SPECIAL-USE") && self.has("LIST-EXTENDED");
        let command = match (self.has("LIST-STATUS"), special) {
            (true, true) => format!("LIST \"\" \"*\" RETURN (SPECIAL-USE STATUS ({}))", self.counters()),
            (true, false) => format!("LIST \"\" \"*\" RETURN (STATUS ({}))", self.counters()),
            (false, true) => "LIST \"\" \"*\" RETURN (SPECIAL-USE)".to_owned(),
            (false, false) => "LIST \"\" \"*\"".to_owned(),
        };
        let (mut listed, mut counted) = (Vec::new(), HashMap::new());
        let (limit, most) = (self.connection.limits.command, self.connection.limits.folders);
        self.connection
            .run_with("LIST", &command, limit, |line, response| {
                if listed.len() > most || counted.len() > most {
                    return Err(Error::TooLarge { what: "folders" });
                }
                match line {
                    Line::Data(word) if word == "LIST" => {
                        listed.push(read::list(response).ok_or(Error::Protocol { what: "unreadable LIST" })?);
                    }
                    Line::Data(word) if word == "STATUS" => {
                        counted.extend(read::status(response));
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })
            .await?;
        let mut folders: Vec<_> =
            listed.into_iter().map(|l| (folder(&l, counted.get(&l.name).copied()), l)).collect();
        folders.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        folders.dedup_by(|(a, _), (b, _)| a.name == b.name);
        assign_roles(&mut folders);
        Ok(folders.into_iter().map(|(folder, _)| folder).collect())
    }

    fn counters(&self) -> String {
        if self.condstore { format!("{COUNTERS} HIGHESTMODSEQ") } else { COUNTERS.to_owned() }
    }

    /// Counters of a folder that is not selected.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn status(&mut self, name: &RemoteName) -> Result<MailboxStatus> {
        let command = format!("STATUS {} ({})", writable("STATUS", name)?, self.counters());
        let mut found = None;
        self.ask("STATUS", &command, "STATUS", |response| found = read::status(response)).await?;
        found.map(|(_, status)| status).ok_or(Error::Protocol { what: "no STATUS" })
    }

    /// Selects a folder.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn select(&mut self, name: &RemoteName) -> Result<Selected> {
        self.select_since(name, None).await.map(|(selected, _)| selected)
    }

    /// Selects a folder and, where the server can (QRESYNC, RFC 7162 §3.2.5), learns in the same answer what changed
    /// since a `point`, the UIDVALIDITY and HIGHESTMODSEQ of an earlier selection. Without changes told, they have to be
    /// asked for; they are void when the UIDVALIDITY is another one now.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn select_since(
        &mut self,
        name: &RemoteName,
        point: Option<(UidValidity, u64)>,
    ) -> Result<(Selected, Option<Changes>)> {
        let point = point.filter(|_| self.qresync);
        let parameter = match point {
            Some((validity, modseq)) => format!(" (QRESYNC ({} {modseq}))", validity.0),
            None if self.condstore => " (CONDSTORE)".to_owned(),
            None => String::new(),
        };
        let command = format!("SELECT {}{parameter}", writable("SELECT", name)?);
        self.connection.pending.take();
        let (mut uid_validity, mut uid_next, mut exists, mut highest_modseq) = (None, None, 0, None);
        let mut told = Changes::default();
        let limit =
            if point.is_some() { self.connection.limits.transfer } else { self.connection.limits.command };
        let done = self
            .connection
            .run_with("SELECT", &command, limit, |line, response| {
                match line {
                    Line::Numbered(n, word) if word == "EXISTS" => exists = *n,
                    Line::Numbered(_, word) if word == "FETCH" && point.is_some() => {
                        let Some(Fetched { uid: Some(uid), flags: Some(flags), modseq, .. }) =
                            read::fetch(response)
                        else {
                            return Ok(false);
                        };
                        told.flags.push(FetchedFlags { uid, flags, modseq });
                    }
                    Line::Data(word) if word == "VANISHED" && point.is_some() => {
                        match vanished(&response.text) {
                            Some((true, ranges)) => told.vanished.get_or_insert_default().extend(ranges),
                            _ => return Ok(false),
                        }
                    }
                    Line::Status => {
                        let Some(StatusLine { code: Some(code), .. }) = read::status_line(&response.text)
                        else {
                            return Ok(false);
                        };
                        let mut arguments = read::Cursor::over(&code.arguments);
                        match code.name.as_str() {
                            "UIDVALIDITY" => uid_validity = arguments.number(),
                            "UIDNEXT" => uid_next = arguments.number(),
                            "HIGHESTMODSEQ" => highest_modseq = arguments.number().filter(|n: &u64| *n > 0),
                            _ => return Ok(false),
                        }
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })
            .await?;
        let selected = Selected {
            uid_validity: UidValidity(uid_validity.ok_or(Error::Protocol { what: "no UIDVALIDITY" })?),
            uid_next: uid_next.map(Uid),
            exists,
            highest_modseq,
            read_only: done.code.is_some_and(|c| c.name == "READ-ONLY"),
        };
        Ok((selected, point.map(|_| told)))
    }

    /// Makes and subscribes a folder; `path` is separated by `/`. One of that name that exists already is answered as
    /// if it had been made.
    ///
    /// # Errors
    /// As [`Session::folders`]; [`Error::Refused`] with code `CANNOT` when the server's folders cannot bear the name.
    pub async fn create(&mut self, path: &str) -> Result<RemoteName> {
        let Namespace { prefix, delimiter } = self.namespace().await?;
        let components: Vec<Vec<u8>> = path.split('/').map(encode_name).collect();
        let unfit = |c: &Vec<u8>| c.is_empty() || delimiter.is_some_and(|d| c.contains(&d));
        let nested = components.len() > 1 && delimiter.is_none();
        if nested || components.iter().any(unfit) {
            return Err(cannot("CREATE"));
        }
        let name = components.join(delimiter.as_slice());
        let name = if name.starts_with(&prefix) { name } else { [prefix, name].concat() };
        let name = RemoteName(name);
        let quoted = writable("CREATE", &name)?;
        match self.connection.run("CREATE", &format!("CREATE {quoted}")).await {
            Err(Error::Refused { code: Some(code), .. }) if code == "ALREADYEXISTS" => {}
            made => drop(made?),
        }
        match self.connection.run("SUBSCRIBE", &format!("SUBSCRIBE {quoted}")).await {
            // other programs may not show it; it exists all the same
            Ok(_) | Err(Error::Refused { .. }) => Ok(name),
            Err(error) => Err(error),
        }
    }

    async fn namespace(&mut self) -> Result<Namespace> {
        if let Some(known) = &self.namespace {
            return Ok(known.clone());
        }
        let mut found = Namespace { prefix: Vec::new(), delimiter: None };
        self.ask("LIST", "LIST \"\" \"\"", "LIST", |response| {
            found.delimiter = read::list(response).and_then(|listed| listed.delimiter);
        })
        .await?;
        if self.has("NAMESPACE") {
            self.ask("NAMESPACE", "NAMESPACE", "NAMESPACE", |response| {
                found.prefix = read::namespace(response).unwrap_or_default();
            })
            .await?;
        }
        self.namespace = Some(found.clone());
        Ok(found)
    }

    /// Storage quota of the inbox; `None` when the server has none.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn quota(&mut self) -> Result<Option<Quota>> {
        if !self.has("QUOTA") {
            return Ok(None);
        }
        let mut found = None;
        self.ask("GETQUOTAROOT", "GETQUOTAROOT INBOX", "QUOTA", |response| {
            found = found.take().or_else(|| read::quota(response));
        })
        .await?;
        Ok(found)
    }

    /// Runs a command whose data come under one word.
    async fn ask(
        &mut self,
        name: &'static str,
        command: &str,
        word: &str,
        mut take: impl FnMut(&mut crate::imap::guard::Response),
    ) -> Result<()> {
        let limit = self.connection.limits.command;
        self.connection
            .run_with(name, command, limit, |line, response| {
                let ours = matches!(line, Line::Data(w) if w == word);
                if ours {
                    take(response);
                }
                Ok(ours)
            })
            .await
            .map(drop)
    }
}

fn folder(listed: &Listed, status: Option<MailboxStatus>) -> RemoteFolder {
    let name = RemoteName(listed.name.clone());
    let hidden = |a: &String| matches!(a.as_str(), "\\noselect" | "\\nonexistent");
    RemoteFolder {
        path: decode_name(&listed.name, listed.delimiter),
        role: FolderRole::Other,
        // a name that cannot be said back to the server is shown, but nothing can be done with it
        selectable: !listed.attributes.iter().any(hidden) && name.quoted().is_some(),
        status,
        name,
    }
}

/// The name as a command writes it.
pub(super) fn writable(command: &'static str, name: &RemoteName) -> Result<String> {
    name.quoted().ok_or_else(|| cannot(command))
}

fn cannot(command: &'static str) -> Error {
    Error::Refused { command, code: Some("CANNOT".to_owned()), reason: String::new() }
}
