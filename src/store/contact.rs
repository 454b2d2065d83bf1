//! What the user keeps about people of the directory, and whom messages were sent to.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{from_json, json};
use super::{Error, Result, Store};
use crate::domain::UnixTime;
use crate::domain::address::EmailAddress;
use crate::domain::contact::{History, Preferred};
use crate::domain::filing::rule::Subject;
use crate::domain::id::GroupId;
use crate::domain::person::Person;

/// A kept person or service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptContact {
    /// As the directory last told.
    pub person: Person,
    /// Among the favourites.
    pub favourite: bool,
    /// The user's words.
    pub note: String,
    /// Mailboxes to write to, by what is written.
    pub preferred: Preferred,
}

impl KeptContact {
    /// Somebody of whom nothing is kept yet.
    fn new(person: Person) -> Self {
        Self { person, favourite: false, note: String::new(), preferred: Preferred::default() }
    }

    /// Adds what was kept under another key: under the address of somebody whom the directory has named since.
    pub fn merge(&mut self, other: Self) {
        self.favourite |= other.favourite;
        if self.note.is_empty() {
            self.note = other.note;
        }
        for (kind, address) in other.preferred.each() {
            if self.preferred.of(kind).is_none() {
                self.preferred.set(kind, Some(address.clone()));
            }
        }
    }
}

/// A member of a group: its number and name, the person's key and the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Number of the group.
    pub group: GroupId,
    /// Key of the person.
    pub key: String,
    /// Address, in lower case.
    pub address: String,
}

/// An address that was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondent {
    /// In lower case.
    pub address: String,
    /// Name last used.
    pub name: Option<String>,
    /// Messages.
    pub uses: u32,
    /// The last of them.
    pub last_used: UnixTime,
}

impl Store {
    /// Every kept person, in the order of keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn contacts(&self) -> Result<Vec<KeptContact>> {
        self.read(|sql| {
            let mut statement =
                sql.prepare_cached("SELECT person, favourite, note, preferred FROM contact ORDER BY key")?;
            let rows = statement.query_map([], columns)?.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut all = rows.into_iter().map(kept).collect::<Result<Vec<_>>>()?;
            let mut statement =
                sql.prepare_cached("SELECT key, kind, address FROM contact_preference ORDER BY key")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let key: String = row.get(0)?;
                // both are in the order of keys
                if let Ok(at) = all.binary_search_by(|contact| contact.person.key.cmp(&key))
                    && let Some(contact) = all.get_mut(at)
                {
                    prefer(&mut contact.preferred, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?);
                }
            }
            Ok(all)
        })
    }

    /// Changes what is kept about a person; one about whom nothing is kept any more is forgotten.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn change_contact(&self, person: &Person, change: impl FnOnce(&mut KeptContact)) -> Result<()> {
        self.write(|sql| {
            let mut contact = read(sql, &person.key)?.unwrap_or_else(|| KeptContact::new(person.clone()));
            contact.person = person.clone();
            let former = former_keys(sql, person)?;
            for key in &former {
                if let Some(other) = read(sql, key)? {
                    contact.merge(other);
                }
            }
            change(&mut contact);
            keep(sql, &contact)?;
            for key in former {
                sql.execute("UPDATE contact_member SET key = ?1 WHERE key = ?2", params![person.key, key])?;
                sql.execute("DELETE FROM contact WHERE key = ?1", [key])?;
            }
            forget_empty(sql)
        })
    }

    /// Groups by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn groups(&self) -> Result<Vec<(GroupId, String)>> {
        self.read(|sql| {
            let mut statement =
                sql.prepare_cached("SELECT id, name FROM contact_group ORDER BY lower(name), id")?;
            let rows = statement.query_map([], |row| Ok((GroupId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Members of every group.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn memberships(&self) -> Result<Vec<Membership>> {
        self.read(|sql| {
            let mut statement =
                sql.prepare_cached("SELECT contact_group, key, address FROM contact_member ORDER BY 1, 3")?;
            let rows = statement.query_map([], |row| {
                Ok(Membership { group: GroupId(row.get(0)?), key: row.get(1)?, address: row.get(2)? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The group of a name, made when there is none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn group(&self, name: &str) -> Result<GroupId> {
        self.write(|sql| {
            sql.execute("INSERT OR IGNORE INTO contact_group (name) VALUES (?1)", [name])?;
            let id =
                sql.query_row("SELECT id FROM contact_group WHERE name = ?1", [name], |row| row.get(0))?;
            Ok(GroupId(id))
        })
    }

    /// Another name for a group.
    ///
    /// # Errors
    /// [`Error::Exists`] when another group has it; [`Error::NotFound`].
    pub fn rename_group(&self, id: GroupId, name: &str) -> Result<()> {
        self.write(|sql| {
            let taken = "SELECT EXISTS (SELECT 1 FROM contact_group WHERE name = ?1 AND id <> ?2)";
            if sql.query_row(taken, params![name, id.0], |row| row.get(0))? {
                return Err(Error::Exists);
            }
            match sql.execute("UPDATE contact_group SET name = ?1 WHERE id = ?2", params![name, id.0])? {
                0 => Err(Error::NotFound),
                _ => Ok(()),
            }
        })
    }

    /// Forgets a group; its members stay what they are beside it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_group(&self, id: GroupId) -> Result<()> {
        self.write(|sql| {
            sql.execute("DELETE FROM contact_member WHERE contact_group = ?1", [id.0])?;
            sql.execute("DELETE FROM contact_group WHERE id = ?1", [id.0])?;
            forget_empty(sql)
        })
    }

    /// Puts a person into a group by one of their addresses, or takes that address out of it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_member(
        &self,
        id: GroupId,
        person: &Person,
        address: &EmailAddress,
        is_in: bool,
    ) -> Result<()> {
        let address = address.as_str().to_lowercase();
        self.write(|sql| {
            if is_in {
                if read(sql, &person.key)?.is_none() {
                    keep(sql, &KeptContact::new(person.clone()))?;
                }
                sql.execute(
                    "INSERT OR REPLACE INTO contact_member (contact_group, address, key) VALUES (?1, ?2, ?3)",
                    params![id.0, address, person.key],
                )?;
                return Ok(());
            }
            let member = params![id.0, address];
            sql.execute("DELETE FROM contact_member WHERE contact_group = ?1 AND address = ?2", member)?;
            forget_empty(sql)
        })
    }

    /// The addresses most recently written to.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn correspondents(&self, limit: u32) -> Result<Vec<Correspondent>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT address, name, uses, last_used FROM correspondent
                 ORDER BY last_used DESC, address LIMIT ?1",
            )?;
            let rows = statement.query_map([limit], |row| {
                Ok(Correspondent {
                    address: row.get(0)?,
                    name: row.get(1)?,
                    uses: row.get(2)?,
                    last_used: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Remembers that addresses were written to.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn written_to<'a>(
        &self,
        recipients: impl Iterator<Item = (&'a EmailAddress, Option<&'a str>)>,
        at: UnixTime,
    ) -> Result<()> {
        self.write(|sql| {
            let mut remember = sql.prepare_cached(
                "INSERT INTO correspondent (address, name, uses, last_used) VALUES (?1, ?2, 1, ?3)
                 ON CONFLICT (address) DO UPDATE SET uses = uses + 1, last_used = max(last_used, excluded.last_used),
                     name = ifnull(excluded.name, name)",
            )?;
            for (address, name) in recipients {
                remember.execute(params![address.as_str().to_lowercase(), name, at])?;
            }
            Ok(())
        })
    }

    /// What was exchanged with some addresses (first recipients only); reads through every message.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn history(&self, addresses: &[String]) -> Result<History> {
        let list = json(&addresses.iter().map(|a| a.to_lowercase()).collect::<Vec<_>>())?;
        self.read(|sql| {
            let side = |field: &str, and: &str| -> Result<(u32, Option<UnixTime>)> {
                let query = format!(
                    "SELECT count(*), max(date) FROM message
                     WHERE lower({field}) IN (SELECT value FROM json_each(?1)) AND {and}"
                );
                Ok(sql.prepare_cached(&query)?.query_row([&list], |row| Ok((row.get(0)?, row.get(1)?)))?)
            };
            let (received, last_received) = side("from_address", "draft = 0")?;
            let (sent, last_sent) =
                side("to_address", "folder IN (SELECT id FROM folder WHERE role = 'sent')")?;
            Ok(History { received, last_received, sent, last_sent })
        })
    }
}

type Columns = (String, bool, String, Option<String>);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn kept((person, favourite, note, preferred): Columns) -> Result<KeptContact> {
    let any = preferred.and_then(|address| EmailAddress::parse(&address).ok());
    let preferred = Preferred { any, ..Preferred::default() };
    Ok(KeptContact { person: from_json(&person)?, favourite, note, preferred })
}

/// A kind that another version knew is left alone.
fn prefer(preferred: &mut Preferred, kind: &str, address: &str) {
    if let (Some(kind), Ok(address)) = (Subject::of_word(kind), EmailAddress::parse(address)) {
        preferred.set(Some(kind), Some(address));
    }
}

fn read(sql: &Connection, key: &str) -> Result<Option<KeptContact>> {
    let found = sql
        .prepare_cached("SELECT person, favourite, note, preferred FROM contact WHERE key = ?1")?
        .query_row([key], columns)
        .optional()?;
    let Some(mut contact) = found.map(kept).transpose()? else { return Ok(None) };
    let mut statement = sql.prepare_cached("SELECT kind, address FROM contact_preference WHERE key = ?1")?;
    let mut rows = statement.query([key])?;
    while let Some(row) = rows.next()? {
        prefer(&mut contact.preferred, &row.get::<_, String>(0)?, &row.get::<_, String>(1)?);
    }
    Ok(Some(contact))
}

/// Keys under which something is kept of a person, from the time when the directory did not know the address.
fn former_keys(sql: &Connection, person: &Person) -> Result<Vec<String>> {
    let mut is_kept = sql.prepare_cached("SELECT EXISTS (SELECT 1 FROM contact WHERE key = ?1)")?;
    let mut former = Vec::new();
    for mailbox in &person.mailboxes {
        let key = mailbox.address.as_str().to_lowercase();
        if key != person.key && is_kept.query_row([&key], |row| row.get::<_, bool>(0))? {
            former.push(key);
        }
    }
    Ok(former)
}

fn keep(sql: &Connection, contact: &KeptContact) -> Result<()> {
    sql.prepare_cached(
        "INSERT INTO contact (key, person, favourite, note, preferred) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (key) DO UPDATE SET person = excluded.person, favourite = excluded.favourite,
             note = excluded.note, preferred = excluded.preferred",
    )?
    .execute(params![
        contact.person.key,
        json(&contact.person)?,
        contact.favourite,
        contact.note,
        contact.preferred.any.as_ref().map(EmailAddress::as_str),
    ])?;
    let key = &contact.person.key;
    let mut forget = sql.prepare_cached("DELETE FROM contact_preference WHERE key = ?1 AND kind = ?2")?;
    let mut insert =
        sql.prepare_cached("INSERT INTO contact_preference (key, kind, address) VALUES (?1, ?2, ?3)")?;
    for kind in Subject::ALL {
        forget.execute([key, kind.word()])?;
        if let Some(address) = contact.preferred.by_kind.get(&kind) {
            insert.execute([key, kind.word(), address.as_str()])?;
        }
    }
    Ok(())
}

fn forget_empty(sql: &Connection) -> Result<()> {
    sql.execute(
        "DELETE FROM contact WHERE favourite = 0 AND note = '' AND preferred IS NULL
             AND NOT EXISTS (SELECT 1 FROM contact_member WHERE contact_member.key = contact.key)
             AND NOT EXISTS (SELECT 1 FROM contact_preference WHERE contact_preference.key = contact.key)",
        [],
    )?;
    Ok(())
}
