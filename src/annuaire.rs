//! The national directory: import of the extraction and search as one types.
//!
//! The data are public (Licence Ouverte 2) and kept in the clear, apart from mail. A small database at the path given
//! holds what must outlive an import (the white list and which data are current); the data themselves are one file per
//! import beside it. An import builds a new file while searches keep answering from the old one, then changes the
//! pointer in one transaction.

mod activity;
mod database;
mod difference;
mod download;
mod error;
mod extraction;
pub mod familiar;
pub mod fhir;
mod fold;
mod import;
mod index;
pub mod ldap;
mod lively;
mod near;
mod patch;
mod query;
mod reading;
mod row;
mod spool;
mod synonyms;
pub mod white_list;
mod writer;

#[cfg(test)]
#[path = "../tests/annuaire/unit.rs"]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

pub use download::IgcRoots;
pub use error::Error;
pub use import::Permission;
use white_list::WhiteList;

use crate::domain::UnixTime;
use crate::domain::directory::WHITE_LIST;
pub use crate::domain::directory::{AnnuaireStatus as Status, Gone, PeopleQuery as Query};
use crate::domain::ldap::LdapSettings;
use crate::domain::person::Person;
use crate::net::Proxy;

/// The file is made anew every night: asked a little more often than that, no day is missed.
const DAY: i64 = 20 * 3600;

/// The directory. Clones share one database and may be used from several threads; every method blocks.
#[derive(Clone)]
pub struct Annuaire {
    database: Arc<database::Database>,
    way: download::Way,
}

/// Where an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Receiving an archive, which is read once it is whole: `done` and `total` are bytes, `total` when known.
    Receiving,
    /// Reading the file: `done` and `total` are bytes as received, `total` when known.
    Reading,
    /// Writing people and their index: `done` and `total` are people.
    Indexing,
}

/// Progress of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is done now.
    pub phase: Phase,
    /// Units done.
    pub done: u64,
    /// Units in all, when known.
    pub total: Option<u64>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Matching people and services, best first; homonyms are all there.
    pub people: Vec<Person>,
    /// Near spellings, looked for only when few match exactly; never to be mixed with `people`.
    pub near: Vec<Person>,
    /// More match than were asked for.
    pub more: bool,
}

impl Annuaire {
    /// Opens or makes the database; removes what an interrupted import left and sets a damaged file aside.
    ///
    /// # Errors
    /// [`Error::Database`] or [`Error::Io`] when the folder cannot be used.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { database: Arc::new(database::Database::open(path)?), way: download::Way::default() })
    }

    /// An empty directory in memory.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn in_memory() -> Result<Self, Error> {
        Ok(Self { database: Arc::new(database::Database::in_memory()?), way: download::Way::default() })
    }

    /// The same directory, whose downloads go by this proxy and believe the authorities of the IGC Santé too.
    #[must_use]
    pub fn by(self, proxy: Option<Proxy>, igc: Option<IgcRoots>) -> Self {
        Self { way: download::Way { proxy, igc }, ..self }
    }

    /// Replaces the data by an extraction, as text or zip (told apart by content). `name` is its file name, `size` its
    /// length in bytes when known; `progress` returns false to cancel. The old data stay unless all of it succeeds.
    ///
    /// # Errors
    /// See [`Error`]; in every case the old data are untouched.
    pub fn import(
        &self,
        mut input: impl Read,
        name: &str,
        size: Option<u64>,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Status, Error> {
        let origin = import::Origin::named(name, size);
        import::run(&self.database, &mut input, origin, Permission::default(), progress)
    }

    /// Imports a file of this machine.
    ///
    /// # Errors
    /// As [`Annuaire::import`], and [`Error::Io`] when the file cannot be opened.
    pub fn import_file(
        &self,
        path: &Path,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Status, Error> {
        self.import_from(&path.to_string_lossy(), Permission::default(), progress)
    }

    /// Imports an extraction from the path of a file, or from a URL: by the public roots over `https:`, `http:` only
    /// to this machine. When the server says that nothing changed since the last download, the present status is
    /// returned.
    ///
    /// # Errors
    /// As [`Annuaire::import_file`], and [`Error::Url`], [`Error::Http`] or [`Error::Network`].
    pub fn import_from(
        &self,
        source: &str,
        permission: Permission,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Status, Error> {
        if is_url(source) {
            return download::import(&self.database, source, &self.way, permission, progress);
        }
        let (mut file, origin) = open(source)?;
        import::run(&self.database, &mut file, origin, permission, progress)
    }

    /// Imports places of practice (`PS_LibreAcces_Personne_activite`, as text or zip) from the path of a file or from a
    /// URL, for the people of the extraction that is loaded. Those of people who come later are known after the next
    /// import of this file.
    ///
    /// # Errors
    /// As [`Annuaire::import_from`], and [`Error::NoExtraction`].
    pub fn import_activities(
        &self,
        source: &str,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Status, Error> {
        if is_url(source) {
            return download::import_activities(&self.database, source, &self.way, progress);
        }
        let (mut file, origin) = open(source)?;
        import::run_activities(&self.database, &mut file, origin, progress)
    }

    /// Since when an address is no longer in the directory; `None` for one that is there, or never was.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn gone_since(&self, address: &str) -> Result<Option<Gone>, Error> {
        self.database.gone_since(address)
    }

    /// Addresses that came, and those that went, with the last import that found a difference: at most `limit` each.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn last_changes(&self, limit: u32) -> Result<(Vec<String>, Vec<String>), Error> {
        self.database.last_changes(limit)
    }

    /// What is loaded; the default value when nothing is.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn status(&self) -> Result<Status, Error> {
        self.database.status()
    }

    /// People and services that match. An empty query finds nothing.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn search(&self, query: &Query) -> Result<Answer, Error> {
        self.database.read(|data| query::search(data, query))
    }

    /// The person or organisation with this [`Person::key`].
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn by_key(&self, key: &str) -> Result<Option<Person>, Error> {
        self.database.read(|data| query::by_key(data, key.trim()))
    }

    /// The person with this RPPS number (11 digits).
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn by_rpps(&self, rpps: &str) -> Result<Option<Person>, Error> {
        self.by_key(&format!("8{}", rpps.trim()))
    }

    /// Whose mailbox this address is; case does not matter.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn by_address(&self, address: &str) -> Result<Option<Person>, Error> {
        self.database.read(|data| query::by_address(data, address))
    }

    /// Replaces the white list.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn save_white_list(&self, list: &WhiteList) -> Result<(), Error> {
        self.database.save_white_list(list)
    }

    /// Reads the white list from a file or a URL (https, or http on this machine) and keeps it. Answers how many domains
    /// it holds.
    ///
    /// # Errors
    /// The source cannot be read or is no white list: the one kept before stays.
    pub fn import_white_list(&self, source: &str) -> Result<usize, Error> {
        if is_url(source) {
            download::white_list(&self.database, source, &self.way)?;
        } else {
            let mut xml = Vec::new();
            File::open(source)?.take(white_list::MAX_BYTES as u64 + 1).read_to_end(&mut xml)?;
            self.save_white_list(&WhiteList::parse(&xml)?)?;
        }
        self.database.white_list_size()
    }

    /// Asks for the white list again where it was downloaded from, when the last answer is a day old. Whoever downloads
    /// the extraction and has no list gets the public one.
    ///
    /// # Errors
    /// As [`Annuaire::import_white_list`]: the list kept before stays.
    pub fn refresh_white_list(&self, now: UnixTime) -> Result<(), Error> {
        let known = self.database.setting("white_list_url")?;
        let is_wanted = known.is_none()
            && wants_public_list(self.database.meta("url")?.as_deref(), self.white_list_date()?.as_deref());
        let Some(url) = known.or(is_wanted.then(|| WHITE_LIST.to_owned())) else { return Ok(()) };
        if self.is_due("white_list_checked_at", now)? {
            self.import_white_list(&url)?;
        }
        Ok(())
    }

    /// The URL the data came from, when it was last asked more than a day ago.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn refresh_due(&self, now: UnixTime) -> Result<Option<String>, Error> {
        let Some(url) = self.database.meta("url")?.filter(|url| !url.is_empty()) else { return Ok(None) };
        Ok(self.is_due("checked_at", now)?.then_some(url))
    }

    fn is_due(&self, name: &str, now: UnixTime) -> Result<bool, Error> {
        let last: Option<UnixTime> = self.database.setting(name)?.and_then(|at| at.parse().ok());
        // a clock that was set back must not stop the refresh
        Ok(last.is_none_or(|last| now - last >= DAY || last > now))
    }

    /// Where the API of the directory is: the public one unless another was set.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn api_base(&self) -> Result<String, Error> {
        Ok(self.database.setting("api_base")?.unwrap_or_else(|| fhir::BASE.to_owned()))
    }

    /// Another place of the API.
    ///
    /// # Errors
    /// [`Error::Url`] for an address that is neither https nor on this machine; [`Error::Database`].
    pub fn set_api_base(&self, base: &str) -> Result<(), Error> {
        fhir::agent(base, None)?;
        self.database.set_setting("api_base", base)
    }

    /// The LDAP directory beside this one; `None` unless one was set.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn ldap(&self) -> Result<Option<LdapSettings>, Error> {
        let kept = self.database.setting("ldap")?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
    }

    /// Sets one, or none.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn set_ldap(&self, settings: Option<&LdapSettings>) -> Result<(), Error> {
        let kept = settings.map(serde_json::to_string).transpose().map_err(std::io::Error::from)?;
        self.database.set_setting("ldap", &kept.unwrap_or_default())
    }

    /// Whether the domain is in the trust space; `None` when no list is loaded.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn white_list_contains(&self, domain: &str) -> Result<Option<bool>, Error> {
        self.database.white_list_contains(domain)
    }

    /// Generation date of the white list, as written in it; `None` when no list is loaded.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub fn white_list_date(&self) -> Result<Option<String>, Error> {
        self.database.white_list_date()
    }
}

/// Whether the public white list is to be had: there is none, and the extraction is downloaded from the net.
fn wants_public_list(data_url: Option<&str>, kept: Option<&str>) -> bool {
    kept.is_none() && data_url.is_some_and(|url| download::is_local(url).is_ok_and(|local| !local))
}

fn open(path: &str) -> Result<(File, import::Origin), Error> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let name = Path::new(path).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((file, import::Origin::named(&name, Some(size))))
}

/// Whether a source of data is a URL rather than a path.
pub fn is_url(source: &str) -> bool {
    source.split_once("://").is_some_and(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphabetic()))
}
