//! Files of the directory. The file at the path given is small: settings and the white list. The data of each import
//! are a file of their own beside it, named by the setting `data`; changing that setting is what makes an import
//! visible, in this process and in others.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

use super::difference::Difference;
use super::white_list::{WhiteList, normalise};
use super::{Error, Gone, Status};

const MAIN_SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS white_list(domain TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS difference(
        address TEXT PRIMARY KEY, key TEXT NOT NULL, gone INTEGER NOT NULL, at INTEGER NOT NULL, date TEXT NOT NULL
    ) WITHOUT ROWID;";
/// Differences older than this are forgotten, in seconds: a year and a month.
const REMEMBERED: i64 = 400 * 24 * 3600;

/// Version of the data files; others are left aside and the directory counts as empty.
pub(super) const DATA_VERSION: &str = "3";

/// The directory's files and connections.
pub(super) struct Database {
    path: Option<PathBuf>,
    main: Mutex<Connection>,
    current: Mutex<Current>,
    importing: Mutex<()>,
}

const BUILDING: &str = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32768;
    PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY;";

#[derive(Default)]
struct Current {
    name: String,
    data: Option<Connection>,
}

/// The right to import, held while an import runs.
pub(super) struct ImportLock<'a> {
    _here: MutexGuard<'a, ()>,
    _elsewhere: Option<File>,
}

/// A data file being built; dropped without being published, it is removed.
pub(super) struct Building {
    pub(super) connection: Connection,
    name: String,
    path: Option<PathBuf>,
}

impl Drop for Building {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stamp() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros())
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

fn open_main(path: &Path) -> rusqlite::Result<Connection> {
    let main = Connection::open(path)?;
    main.busy_timeout(Duration::from_secs(5))?;
    main.execute_batch(MAIN_SCHEMA)?;
    main.query_row("SELECT count(*) FROM setting", [], |row| row.get::<_, i64>(0))?;
    Ok(main)
}

fn set_aside(path: &Path) -> std::io::Result<()> {
    tracing::warn!("annuaire: a damaged file is set aside");
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".damaged-{}", stamp()));
    fs::rename(path, name)
}

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let main = match open_main(path) {
            Err(e) if is_damage(&e) => {
                set_aside(path)?;
                open_main(path)?
            }
            other => other?,
        };
        let database = Self {
            path: Some(path.to_owned()),
            main: Mutex::new(main),
            current: Mutex::default(),
            importing: Mutex::default(),
        };
        database.remove_leftovers()?;
        database.read(|_| Ok(()))?;
        Ok(database)
    }

    pub(super) fn in_memory() -> Result<Self, Error> {
        let main = Connection::open_in_memory()?;
        main.execute_batch(MAIN_SCHEMA)?;
        Ok(Self {
            path: None,
            main: Mutex::new(main),
            current: Mutex::default(),
            importing: Mutex::default(),
        })
    }

    /// Folder for temporary files; `None` in memory.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        self.path.as_deref().map(|p| match p.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        })
    }

    fn beside(&self, name: &str) -> Option<PathBuf> {
        self.folder().map(|folder| folder.join(name))
    }

    fn data_prefix(&self) -> String {
        let name = self.path.as_deref().and_then(Path::file_name);
        format!("{}.data-", name.map(|n| n.to_string_lossy()).unwrap_or_default())
    }

    pub(super) fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        let main = locked(&self.main);
        let mut statement = main.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    pub(super) fn set_setting(&self, name: &str, value: &str) -> Result<(), Error> {
        locked(&self.main).execute("INSERT OR REPLACE INTO setting VALUES(?1, ?2)", [name, value])?;
        Ok(())
    }

    /// Data files that no setting names: of an interrupted import, or replaced while another program read them.
    fn remove_leftovers(&self) -> Result<(), Error> {
        let Some(folder) = self.folder() else { return Ok(()) };
        let Ok(_lock) = self.import_lock() else { return Ok(()) };
        let current = self.setting("data")?.unwrap_or_default();
        let prefix = self.data_prefix();
        for entry in fs::read_dir(folder)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && !name.contains(".damaged-") && name != current {
                // Windows refuses while another program still reads it: the next opening removes it.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }

    /// # Errors
    /// [`Error::Busy`] when another import runs, here or in another program.
    pub(super) fn import_lock(&self) -> Result<ImportLock<'_>, Error> {
        let here = self.importing.try_lock().map_err(|_| Error::Busy)?;
        let elsewhere = match &self.path {
            None => None,
            Some(path) => {
                let mut name = path.as_os_str().to_owned();
                name.push(".lock");
                let file = File::options().create(true).truncate(false).write(true).open(name)?;
                match file.try_lock() {
                    Ok(()) => Some(file),
                    Err(TryLockError::WouldBlock) => return Err(Error::Busy),
                    Err(TryLockError::Error(e)) => return Err(e.into()),
                }
            }
        };
        Ok(ImportLock { _here: here, _elsewhere: elsewhere })
    }

    /// A new data file, not visible yet. Its journal is off: an interrupted import leaves a file to throw away.
    pub(super) fn build(&self) -> Result<Building, Error> {
        let name = format!("{}{}", self.data_prefix(), stamp());
        let path = self.beside(&name);
        let connection = match &path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        let building = Building { connection, name, path };
        building.connection.execute_batch("PRAGMA page_size=8192;")?;
        building.connection.execute_batch(BUILDING)?;
        Ok(building)
    }

    /// A copy of the current data file to change, not visible yet; `None` in memory.
    pub(super) fn build_on_copy(&self) -> Result<Option<Building>, Error> {
        let current = self.setting("data")?.unwrap_or_default();
        let Some(from) = self.beside(&current).filter(|_| !current.is_empty()) else { return Ok(None) };
        let name = format!("{}{}", self.data_prefix(), stamp());
        let Some(path) = self.beside(&name) else { return Ok(None) };
        fs::copy(from, &path)?;
        let building = Building { connection: Connection::open(&path)?, name, path: Some(path) };
        building.connection.execute_batch(BUILDING)?;
        Ok(Some(building))
    }

    /// Runs work on the data before an import without holding up searches; in memory it does hold them up.
    pub(super) fn with_before<T>(
        &self,
        work: impl FnOnce(Option<&Connection>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.path.is_none() {
            return work(locked(&self.current).data.as_ref());
        }
        let name = self.setting("data")?.unwrap_or_default();
        let path = self.beside(&name).filter(|path| !name.is_empty() && path.exists());
        // damaged data are as good as none: the import that replaces them must not fail by them
        let before = path.and_then(|path| open_data(&path).ok());
        work(before.as_ref())
    }

    /// Makes what was built the data of the directory, and keeps what came and went.
    pub(super) fn publish(
        &self,
        mut building: Building,
        difference: Option<&Difference>,
        date: Option<&str>,
    ) -> Result<(), Error> {
        let name = building.name.clone();
        let connection = std::mem::replace(&mut building.connection, Connection::open_in_memory()?);
        let mut current = locked(&self.current);
        let Some(path) = building.path.clone() else {
            self.announce(&name, difference, date)?;
            *current = Current { name, data: Some(connection) };
            return Ok(());
        };
        drop(connection);
        File::options().write(true).open(&path)?.sync_all()?;
        let data = open_data(&path)?;
        self.announce(&name, difference, date)?;
        building.path = None;
        let old = std::mem::replace(&mut *current, Current { name, data: Some(data) });
        drop(old.data);
        if let Some(path) = self.beside(&old.name).filter(|_| !old.name.is_empty()) {
            let _ = fs::remove_file(path);
        }
        Ok(())
    }

    /// Names the data file and writes the difference, together.
    fn announce(&self, name: &str, difference: Option<&Difference>, date: Option<&str>) -> Result<(), Error> {
        let now = i64::try_from(stamp() / 1_000_000).unwrap_or(i64::MAX);
        let mut main = locked(&self.main);
        let transaction = main.transaction()?;
        transaction.execute("INSERT OR REPLACE INTO setting VALUES('data', ?1)", [name])?;
        transaction.execute("DELETE FROM difference WHERE at < ?1", [now - REMEMBERED])?;
        if let Some(difference) = difference {
            let mut keep =
                transaction.prepare("INSERT OR REPLACE INTO difference VALUES(?1, ?2, ?3, ?4, ?5)")?;
            for change in &difference.changes {
                keep.execute(params![
                    change.address,
                    change.key,
                    change.is_gone,
                    now,
                    date.unwrap_or_default()
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// When an address vanished from the directory: the date of the data without it, or of the import. `None` for one
    /// that is there, or never was.
    pub(super) fn gone_since(&self, address: &str) -> Result<Option<Gone>, Error> {
        let main = locked(&self.main);
        let mut statement =
            main.prepare_cached("SELECT at, date FROM difference WHERE address = ?1 AND gone = 1")?;
        let gone = statement.query_row([address.trim().to_lowercase()], |row| {
            Ok(Gone { at: row.get(0)?, data_date: Some(row.get(1)?).filter(|d: &String| !d.is_empty()) })
        });
        Ok(gone.optional()?)
    }

    /// Addresses that came and went with the last import that had something to compare with, at most `limit` of each.
    pub(super) fn last_changes(&self, limit: u32) -> Result<(Vec<String>, Vec<String>), Error> {
        let main = locked(&self.main);
        let mut statement = main.prepare_cached(
            "SELECT address FROM difference WHERE gone = ?1 AND at = (SELECT max(at) FROM difference)
             ORDER BY address LIMIT ?2",
        )?;
        let mut side = |gone: bool| {
            let rows = statement.query_map(params![gone, limit], |row| row.get(0))?;
            rows.collect::<Result<Vec<String>, _>>()
        };
        Ok((side(false)?, side(true)?))
    }

    /// Runs a query on the current data; the default value when nothing is loaded.
    pub(super) fn read<T: Default>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut current = locked(&self.current);
        self.refresh(&mut current)?;
        let Some(data) = &current.data else { return Ok(T::default()) };
        let result = query(data);
        if matches!(&result, Err(Error::Database(e)) if is_damage(e)) {
            self.drop_damaged(&mut current)?;
        }
        result
    }

    /// Follows the setting `data`, which another program may have changed.
    fn refresh(&self, current: &mut Current) -> Result<(), Error> {
        if self.path.is_none() {
            return Ok(());
        }
        let name = self.setting("data")?.unwrap_or_default();
        if name == current.name {
            return Ok(());
        }
        *current = Current::default();
        let Some(path) = self.beside(&name).filter(|_| !name.is_empty()) else { return Ok(()) };
        current.name = name;
        match open_data(&path) {
            Ok(data) => current.data = Some(data),
            Err(Error::Database(e)) if is_damage(&e) || !path.exists() => self.drop_damaged(current)?,
            Err(e) => return Err(e),
        }
        Ok(())
    }

    fn drop_damaged(&self, current: &mut Current) -> Result<(), Error> {
        let name = std::mem::take(current).name;
        locked(&self.main).execute("DELETE FROM setting WHERE name = 'data' AND value = ?1", [&name])?;
        if let Some(path) = self.beside(&name).filter(|p| p.exists()) {
            set_aside(&path)?;
        }
        Ok(())
    }

    pub(super) fn meta(&self, name: &str) -> Result<Option<String>, Error> {
        self.read(|data| meta(data, name))
    }

    pub(super) fn status(&self) -> Result<Status, Error> {
        let status = self.read(|data| {
            let number = |name: &str| Ok::<_, Error>(meta(data, name)?.and_then(|v| v.parse().ok()));
            Ok(Status {
                people: number("people")?.unwrap_or(0),
                mailboxes: number("mailboxes")?.unwrap_or(0),
                data_date: meta(data, "data_date")?.filter(|d| !d.is_empty()),
                imported_at: meta(data, "imported_at")?.and_then(|v| v.parse().ok()),
                new: number("new")?,
                gone: number("gone")?,
                places_people: number("places_people")?.unwrap_or(0),
                places_date: meta(data, "places_date")?.filter(|d| !d.is_empty()),
                source: meta(data, "url")?.filter(|u| !u.is_empty()),
                bad_lines: number("bad_lines")?.unwrap_or(0),
                first_bad_lines: meta(data, "first_bad_lines")?
                    .and_then(|list| serde_json::from_str(&list).ok())
                    .unwrap_or_default(),
                white_list: None,
            })
        })?;
        Ok(Status { white_list: self.white_list_date()?, ..status })
    }

    pub(super) fn save_white_list(&self, list: &WhiteList) -> Result<(), Error> {
        let mut main = locked(&self.main);
        let transaction = main.transaction()?;
        transaction.execute("DELETE FROM white_list", [])?;
        {
            let mut insert = transaction.prepare("INSERT INTO white_list VALUES(?1)")?;
            for domain in list.domains() {
                insert.execute([domain])?;
            }
        }
        transaction
            .execute("INSERT OR REPLACE INTO setting VALUES('white_list_date', ?1)", [list.generated()])?;
        transaction.commit()?;
        Ok(())
    }

    pub(super) fn white_list_contains(&self, domain: &str) -> Result<Option<bool>, Error> {
        if self.white_list_date()?.is_none() {
            return Ok(None);
        }
        let Some(domain) = normalise(domain) else { return Ok(Some(false)) };
        let main = locked(&self.main);
        let mut statement = main.prepare_cached("SELECT 1 FROM white_list WHERE domain = ?1")?;
        Ok(Some(statement.exists(params![domain])?))
    }

    pub(super) fn white_list_size(&self) -> Result<usize, Error> {
        let main = locked(&self.main);
        let count: i64 = main.query_row("SELECT count(*) FROM white_list", [], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    pub(super) fn white_list_date(&self) -> Result<Option<String>, Error> {
        self.setting("white_list_date")
    }
}

fn open_data(path: &Path) -> Result<Connection, Error> {
    let data = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    data.execute_batch("PRAGMA cache_size=-32768; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;")?;
    // Reads a page of every part, so that a file cut short shows now.
    let version = meta(&data, "version")?;
    data.query_row("SELECT max(id) FROM person", [], |row| row.get::<_, Option<i64>>(0))?;
    data.query_row("SELECT max(hash) FROM lookup", [], |row| row.get::<_, Option<i64>>(0))?;
    data.query_row("SELECT max(term) FROM vocabulary", [], |row| row.get::<_, Option<String>>(0))?;
    let pages: u32 = data.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let page: u32 = data.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    if version.as_deref() != Some(DATA_VERSION)
        || fs::metadata(path)?.len() < u64::from(pages) * u64::from(page)
    {
        let damaged = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(damaged, None).into());
    }
    Ok(data)
}

pub(super) fn meta(data: &Connection, name: &str) -> Result<Option<String>, Error> {
    let mut statement = data.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}
