//! Facts of messages as SQL conditions.

use rusqlite::Connection;

use super::super::Result;
use super::super::insert::ID_BITS;
use crate::domain::UnixTime;
use crate::domain::fold::fold;
use crate::domain::search::{Fact, Filter};

/// The facts of a search.
pub(super) struct Facts {
    /// Condition on the columns of the index `message_fact`.
    pub(super) condition: String,
    /// There is something to ask beside the time.
    pub(super) asks: bool,
    /// Smallest and largest `order_key`, both included.
    pub(super) keys: (i64, i64),
    /// Times to be left out.
    left_out: Vec<(Option<UnixTime>, Option<UnixTime>)>,
}

impl Facts {
    pub(super) fn of(sql: &Connection, filters: &[Filter]) -> Result<Self> {
        let mut facts = Self {
            condition: "folder IS NOT NULL".to_owned(),
            asks: false,
            keys: (0, i64::MAX),
            left_out: Vec::new(),
        };
        for filter in filters {
            facts.add(sql, filter)?;
        }
        Ok(facts)
    }

    fn add(&mut self, sql: &Connection, filter: &Filter) -> Result<()> {
        let condition = match &filter.fact {
            Fact::Dated { from, before } if filter.is_excluded => {
                self.left_out.push((*from, *before));
                return Ok(());
            }
            Fact::Dated { from, before } => {
                let key = |time: UnixTime| time.clamp(0, (1 << 35) - 1) << ID_BITS;
                self.keys.0 = self.keys.0.max(from.map_or(0, key));
                self.keys.1 =
                    self.keys.1.min(before.map_or(i64::MAX, |before| key(before).saturating_sub(1)));
                return Ok(());
            }
            Fact::Unread => "seen = 0".to_owned(),
            Fact::Flagged => "flagged = 1".to_owned(),
            Fact::Abnormal => "abnormal = 1".to_owned(),
            Fact::Attachment => "has_attachment = 1".to_owned(),
            // a word of ours, not of the user
            Fact::Topic(topic) => format!("topic = '{}'", topic.word()),
            Fact::Folder(name) => format!("folder IN ({})", folders(sql, name)?),
        };
        self.asks = true;
        let not = if filter.is_excluded { "NOT " } else { "" };
        self.condition.push_str(&format!(" AND {not}({condition})"));
        Ok(())
    }

    /// The time of a message is not one that is to be left out.
    pub(super) fn allows(&self, key: i64) -> bool {
        let date = key >> ID_BITS;
        let within = |(from, before): &(Option<UnixTime>, Option<UnixTime>)| {
            from.is_none_or(|from| date >= from) && before.is_none_or(|before| date < before)
        };
        (self.keys.0..=self.keys.1).contains(&key) && !self.left_out.iter().any(within)
    }
}

/// Numbers of the folders a name means, joined by commas: by the start of their name or of its last part, or by what
/// they are for in French or English.
fn folders(sql: &Connection, name: &str) -> Result<String> {
    let role = match name {
        "inbox" | "reception" => Some("inbox"),
        "sent" | "envoyes" => Some("sent"),
        "trash" | "corbeille" => Some("trash"),
        "drafts" | "brouillons" => Some("drafts"),
        "archive" | "archives" => Some("archive"),
        "junk" | "indesirables" => Some("junk"),
        _ => None,
    };
    let mut statement = sql.prepare_cached("SELECT id, path, role FROM folder")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, path, is): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let path = fold(&path);
        let last = path.rsplit(['/', '.']).next().unwrap_or(&path);
        if path.starts_with(name) || last.starts_with(name) || role == Some(is.as_str()) {
            found.push(id.to_string());
        }
    }
    Ok(found.join(","))
}
