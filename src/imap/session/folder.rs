//! Folders: listing, counting, selecting, making; quota.

use std::collections::HashMap;

use super::Session;
use crate::domain::folder::{FolderRole, Namespace};
use crate::domain::id::{Uid, UidValidity};
use crate::imap::connection::vanished;
use crate::imap::mailbox::{assign_roles, decode_name, encode_name, quote};
use crate::imap::read::{self, Counted, Fetched, Line, Listed, Space, StatusLine};
use crate::imap::{
    Changes, Error, FetchedFlags, MailboxStatus, Quota, RemoteFolder, RemoteName, Result, Selected,
};

/// Response code of our own for a folder that still holds messages.
pub const NOT_EMPTY: &str = "NOTEMPTY";

const COUNTERS: &str = "MESSAGES UNSEEN UIDNEXT UIDVALIDITY";

/// Where the user's own folders are, and everybody's.
#[derive(Debug, Clone)]
pub(super) struct Spaces {
    prefix: Vec<u8>,
    delimiter: Option<u8>,
    all: Vec<Space>,
}

/// What the last SELECT said that holds as long as the folder is selected.
#[derive(Debug, Clone, Default)]
pub(super) struct Opened {
    /// PERMANENTFLAGS; `None` when the server said nothing, which means all (RFC 3501 §6.3.1).
    permanent: Option<Vec<String>>,
    mailbox_id: Option<String>,
}

impl Session {
    /// All folders, sorted by path, with their counters where the server gives them along: the user's own, and those
    /// others and the organisation share, also where a plain list leaves them out.
    ///
    /// # Errors
    /// [`Error::Refused`] and those of the connection, as for every method below.
    pub async fn folders(&mut self) -> Result<Vec<RemoteFolder>> {
        let spaces = self.spaces().await?;
        let (mut listed, mut counted) = (Vec::new(), HashMap::new());
        self.list("*", &mut listed, &mut counted).await?;
        for space in spaces.all.iter().filter(|s| s.of != Namespace::Personal && !s.prefix.is_empty()) {
            let Some(pattern) = pattern_below(&space.prefix) else { continue };
            if listed.iter().any(|l: &Listed| l.name.starts_with(&space.prefix)) {
                continue;
            }
            match self.list(&pattern, &mut listed, &mut counted).await {
                // a namespace that is closed to us hides nothing of the others
                Ok(()) | Err(Error::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let mut folders: Vec<_> = listed
            .into_iter()
            .map(|l| (folder(&l, whose(&spaces.all, &l.name), counted.remove(&l.name)), l))
            .collect();
        folders.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        folders.dedup_by(|(a, _), (b, _)| a.name == b.name);
        assign_roles(&mut folders);
        Ok(folders.into_iter().map(|(folder, _)| folder).collect())
    }

    async fn list(
        &mut self,
        pattern: &str,
        listed: &mut Vec<Listed>,
        counted: &mut HashMap<Vec<u8>, Counted>,
    ) -> Result<()> {
        let special = self.has("SPECIAL-USE") && self.has("LIST-EXTENDED");
        let pattern = quote(pattern);
        let command = match (self.has("LIST-STATUS"), special) {
            (true, true) => format!("LIST \"\" {pattern} RETURN (SPECIAL-USE STATUS ({}))", self.counters()),
            (true, false) => format!("LIST \"\" {pattern} RETURN (STATUS ({}))", self.counters()),
            (false, true) => format!("LIST \"\" {pattern} RETURN (SPECIAL-USE)"),
            (false, false) => format!("LIST \"\" {pattern}"),
        };
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
                        counted.extend(read::status(response).map(|c| (c.name.clone(), c)));
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })
            .await
            .map(drop)
    }

    fn counters(&self) -> String {
        // MAILBOXID (RFC 8474) is left out: Cyrus 3.6 answers it here with bytes of freed memory, which may hold anything,
        // line ends included; with SELECT it answers it right
        let modseq = if self.condstore { " HIGHESTMODSEQ" } else { "" };
        format!("{COUNTERS}{modseq}")
    }

    /// Counters of a folder that is not selected.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn status(&mut self, name: &RemoteName) -> Result<MailboxStatus> {
        let command = format!("STATUS {} ({})", writable("STATUS", name)?, self.counters());
        let mut found = None;
        self.ask("STATUS", &command, "STATUS", |response| found = read::status(response)).await?;
        found.map(|counted| counted.status).ok_or(Error::Protocol { what: "no STATUS" })
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
        let mut opened = Opened::default();
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
                            "MAILBOXID" => opened.mailbox_id = read::object_id(&mut arguments),
                            "PERMANENTFLAGS" => opened.permanent = words(&mut arguments),
                            "HIGHESTMODSEQ" => highest_modseq = arguments.number().filter(|n: &u64| *n > 0),
                            _ => return Ok(false),
                        }
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })
            .await?;
        self.opened = opened;
        let selected = Selected {
            uid_validity: UidValidity(uid_validity.ok_or(Error::Protocol { what: "no UIDVALIDITY" })?),
            uid_next: uid_next.map(Uid),
            exists,
            highest_modseq,
            read_only: done.code.is_some_and(|c| c.name == "READ-ONLY"),
        };
        Ok((selected, point.map(|_| told)))
    }

    /// Whether the selected folder keeps this flag or keyword (PERMANENTFLAGS): one it knows, or any where new keywords
    /// are welcome.
    pub fn keeps(&self, flag: &str) -> bool {
        let Some(permanent) = &self.opened.permanent else { return true };
        let welcome = !flag.starts_with('\\') && permanent.iter().any(|f| f == "\\*");
        welcome || permanent.iter().any(|f| f.eq_ignore_ascii_case(flag))
    }

    /// Identifier of the selected folder that outlives a rename (RFC 8474), where the server gives one.
    pub fn mailbox_id(&self) -> Option<&str> {
        self.opened.mailbox_id.as_deref()
    }

    /// What the user may do in a folder, as letters (RFC 4314); `None` where the server keeps no rights.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn my_rights(&mut self, name: &RemoteName) -> Result<Option<String>> {
        if !self.has("ACL") {
            return Ok(None);
        }
        let command = format!("MYRIGHTS {}", writable("MYRIGHTS", name)?);
        let mut found = None;
        self.ask("MYRIGHTS", &command, "MYRIGHTS", |response| found = read::my_rights(response)).await?;
        Ok(found)
    }

    /// Whether the server has a folder of this name that can be selected.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn exists(&mut self, name: &RemoteName) -> Result<bool> {
        // a name may hold what a pattern means something by
        if name.as_bytes().iter().any(|b| matches!(b, b'*' | b'%')) {
            return Ok(self.folders().await?.iter().any(|f| f.name == *name && f.selectable));
        }
        let command = format!("LIST \"\" {}", writable("LIST", name)?);
        let mut found = false;
        self.ask("LIST", &command, "LIST", |response| {
            found |= read::list(response)
                .is_some_and(|l| l.name == name.as_bytes() && !l.attributes.iter().any(|a| is_hidden(a)));
        })
        .await?;
        Ok(found)
    }

    /// The server's name for a path of the user's own folders, whether there is such a folder or not.
    ///
    /// # Errors
    /// As [`Session::folders`]; [`Error::Refused`] with code `CANNOT` when the server's folders cannot bear the name.
    pub async fn name_of(&mut self, command: &'static str, path: &str) -> Result<RemoteName> {
        let Spaces { prefix, delimiter, .. } = self.spaces().await?;
        let components: Vec<Vec<u8>> = path.split('/').map(encode_name).collect();
        let unfit = |c: &Vec<u8>| c.is_empty() || delimiter.is_some_and(|d| c.contains(&d));
        let nested = components.len() > 1 && delimiter.is_none();
        if nested || components.iter().any(unfit) {
            return Err(cannot(command));
        }
        let name = components.join(delimiter.as_slice());
        Ok(RemoteName(if name.starts_with(&prefix) { name } else { [prefix, name].concat() }))
    }

    /// Renames a folder, those below it included, and subscribes it; `path` is separated by `/`. One that bears the new
    /// name already, while the old one is gone, was renamed before.
    ///
    /// # Errors
    /// As [`Session::name_of`].
    pub async fn rename(&mut self, from: &RemoteName, path: &str) -> Result<RemoteName> {
        let to = self.name_of("RENAME", path).await?;
        let command = format!("RENAME {} {}", writable("RENAME", from)?, writable("RENAME", &to)?);
        match self.connection.run("RENAME", &command).await {
            Ok(_) => {}
            Err(refused @ Error::Refused { .. }) => {
                if self.exists(from).await? || !self.exists(&to).await? {
                    return Err(refused);
                }
            }
            Err(error) => return Err(error),
        }
        self.subscribe("UNSUBSCRIBE", from).await?;
        self.subscribe("SUBSCRIBE", &to).await?;
        Ok(to)
    }

    /// Removes an empty folder; one that is gone already is as good as removed. Messages marked `\Deleted` do not count
    /// as content.
    ///
    /// # Errors
    /// As [`Session::folders`]; [`Error::Refused`] with code [`NOT_EMPTY`] when it holds messages: nothing is removed.
    pub async fn remove_folder(&mut self, name: &RemoteName) -> Result<()> {
        match self.select(name).await {
            Ok(selected) if selected.exists > 0 && !self.undeleted().await?.is_empty() => {
                return Err(Error::Refused {
                    command: "DELETE",
                    code: Some(NOT_EMPTY.to_owned()),
                    reason: String::new(),
                });
            }
            Ok(_) => {}
            Err(refused @ Error::Refused { .. }) => {
                return if self.exists(name).await? { Err(refused) } else { Ok(()) };
            }
            Err(error) => return Err(error),
        }
        let quoted = writable("DELETE", name)?;
        // some servers refuse to remove what is selected; without UNSELECT, a folder that is not there does the same
        let leave = if self.has("UNSELECT") { "UNSELECT".to_owned() } else { "EXAMINE \"\"".to_owned() };
        match self.connection.run("UNSELECT", &leave).await {
            Ok(_) | Err(Error::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        self.connection.run("DELETE", &format!("DELETE {quoted}")).await?;
        self.subscribe("UNSUBSCRIBE", name).await
    }

    /// Other programs may show it or not; a refusal changes nothing for us.
    async fn subscribe(&mut self, command: &'static str, name: &RemoteName) -> Result<()> {
        match self.connection.run(command, &format!("{command} {}", writable(command, name)?)).await {
            Ok(_) | Err(Error::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Makes and subscribes a folder; `path` is separated by `/`. One of that name that exists already is answered as
    /// if it had been made.
    ///
    /// # Errors
    /// As [`Session::folders`]; [`Error::Refused`] with code `CANNOT` when the server's folders cannot bear the name.
    pub async fn create(&mut self, path: &str) -> Result<RemoteName> {
        let name = self.name_of("CREATE", path).await?;
        let quoted = writable("CREATE", &name)?;
        match self.connection.run("CREATE", &format!("CREATE {quoted}")).await {
            Ok(_) => {}
            Err(refused @ Error::Refused { .. }) => {
                let known =
                    matches!(&refused, Error::Refused { code: Some(code), .. } if code == "ALREADYEXISTS");
                // not every server says why
                if !known && !self.exists(&name).await? {
                    return Err(refused);
                }
            }
            Err(error) => return Err(error),
        }
        self.subscribe("SUBSCRIBE", &name).await?;
        Ok(name)
    }

    async fn spaces(&mut self) -> Result<Spaces> {
        if let Some(known) = &self.spaces {
            return Ok(known.clone());
        }
        let mut found = Spaces { prefix: Vec::new(), delimiter: None, all: Vec::new() };
        self.ask("LIST", "LIST \"\" \"\"", "LIST", |response| {
            found.delimiter = read::list(response).and_then(|listed| listed.delimiter);
        })
        .await?;
        if self.has("NAMESPACE") {
            self.ask("NAMESPACE", "NAMESPACE", "NAMESPACE", |response| {
                found.all = read::namespaces(response);
            })
            .await?;
            if let Some(own) = found.all.iter().find(|s| s.of == Namespace::Personal) {
                found.prefix = own.prefix.clone();
                found.delimiter = own.delimiter.or(found.delimiter);
            }
        }
        self.spaces = Some(found.clone());
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

fn folder(listed: &Listed, namespace: Namespace, counted: Option<Counted>) -> RemoteFolder {
    let name = RemoteName(listed.name.clone());
    RemoteFolder {
        path: decode_name(&listed.name, listed.delimiter),
        role: FolderRole::Other,
        // a name that cannot be said back to the server is shown, but nothing can be done with it
        selectable: !listed.attributes.iter().any(|a| is_hidden(a)) && name.quoted().is_some(),
        namespace,
        status: counted.as_ref().map(|c| c.status),
        mailbox_id: counted.and_then(|c| c.mailbox_id),
        name,
    }
}

/// A node that holds no messages.
fn is_hidden(attribute: &str) -> bool {
    matches!(attribute, "\\noselect" | "\\nonexistent")
}

/// Whose folder this is: that of the longest prefix that fits; the user's own otherwise.
fn whose(spaces: &[Space], name: &[u8]) -> Namespace {
    let fits = |s: &&Space| {
        let bare = s.delimiter.and_then(|d| s.prefix.strip_suffix(&[d]));
        name.starts_with(&s.prefix) || bare.is_some_and(|bare| !bare.is_empty() && bare == name)
    };
    spaces.iter().filter(fits).max_by_key(|s| s.prefix.len()).map_or(Namespace::Personal, |s| s.of)
}

/// The pattern for everything below a prefix; `None` when it cannot be said in one line of text.
fn pattern_below(prefix: &[u8]) -> Option<String> {
    let prefix = std::str::from_utf8(prefix).ok()?;
    (!prefix.contains(['\r', '\n', '\0'])).then(|| format!("{prefix}*"))
}

/// The words of `(\Seen $Label1 \*)`.
fn words(cursor: &mut read::Cursor<'_>) -> Option<Vec<String>> {
    cursor.take(b'(')?;
    let mut found = Vec::new();
    while cursor.take(b')').is_none() {
        found.push(String::from_utf8_lossy(cursor.atom()?).into_owned());
    }
    Some(found)
}

/// The name as a command writes it.
pub(super) fn writable(command: &'static str, name: &RemoteName) -> Result<String> {
    name.quoted().ok_or_else(|| cannot(command))
}

fn cannot(command: &'static str) -> Error {
    Error::Refused { command, code: Some("CANNOT".to_owned()), reason: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_the_namespace_of_its_longest_prefix() {
        let space =
            |of, prefix: &str| Space { of, prefix: prefix.as_bytes().to_vec(), delimiter: Some(b'/') };
        let spaces = [
            space(Namespace::Personal, ""),
            space(Namespace::Others, "Autres/"),
            space(Namespace::Shared, "Partages/"),
        ];
        for (name, of) in [
            ("INBOX", Namespace::Personal),
            ("Partagesx", Namespace::Personal),
            ("Partages", Namespace::Shared),
            ("Partages/Urgences", Namespace::Shared),
            ("Autres/paul/INBOX", Namespace::Others),
        ] {
            assert_eq!(whose(&spaces, name.as_bytes()), of, "{name}");
        }
    }
}
