//! The truth about every account, gathered for people and for the diagnosis.

use std::collections::BTreeMap;

use super::session::OpenSession;
use super::sync::MOST_FAILURES;
use super::work::blocking;
use super::{AccountHealth, Connection, Engine, FolderHealth, Gap, Health, Result, SendingsHealth, clock};
use crate::domain::UnixTime;
use crate::domain::account::Account;
use crate::domain::id::AccountId;
use crate::domain::outbox::{OutboxEntry, OutboxState, Stage};
use crate::domain::tally::Missing;

/// Settings of the store: when it was last checked, and the first sign of damage found then.
const CHECKED_AT: &str = "checked-at";
const CHECK_FAILED: &str = "check-failed";

impl Engine {
    /// Checks the whole store file and its counters, and keeps when it did; slow, for the diagnosis.
    ///
    /// # Errors
    /// The store is damaged, or there is no session.
    pub async fn check_store(&self) -> Result<()> {
        self.with_store(|s| {
            let checked = s.check();
            // a damaged store may refuse to be written: the answer counts
            let kept = s.set_setting(CHECKED_AT, &clock::now().to_string()).and_then(|()| {
                s.set_setting(CHECK_FAILED, if checked.is_ok() { "" } else { "store-damaged" })
            });
            checked.and(kept)
        })
        .await
    }

    /// State of everything, for the trouble screen and the status bar.
    ///
    /// # Errors
    /// The store cannot be read. Without a session only the card's side is told.
    pub async fn health(&self) -> Result<Health> {
        let card = &self.inner.card;
        let mut health = Health {
            readers: card.readers(),
            module: card.module().map(|p| p.display().to_string()),
            ..Health::default()
        };
        let Ok(session) = self.opened() else { return Ok(health) };
        let practice = self.is_practice();
        self.on_runtime(blocking(move || {
            count_sendings(&session.store.outbox()?, clock::now(), &mut health);
            health.archive = super::archive::status(&session)?;
            health.store_bytes = session.store.size_on_disk()?;
            let setting = |name| session.store.setting(name);
            health.checked_at = setting(CHECKED_AT)?.and_then(|at| at.parse().ok());
            health.check_failed = setting(CHECK_FAILED)?.is_some_and(|found| !found.is_empty());
            for account in session.store.accounts()? {
                health.accounts.push(account_health(&session, account, practice)?);
            }
            Ok(health)
        }))
        .await
    }

    /// Messages that are here and whose attachments are found by their names only; reads every row.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn unsearched_attachments(&self, account: AccountId) -> Result<u64> {
        self.with_store(move |s| s.with_attachments(account)).await
    }
}

fn account_health(session: &OpenSession, account: Account, practice: bool) -> Result<AccountHealth> {
    let store = &session.store;
    let line = session.line(account.id);
    let (messages, downloaded) = store.body_counts(account.id)?;
    let (connection, last_success) = line.connection();
    let (connections, connected_since) = line.connections();
    let waiting = store.waiting_changes(account.id)?;
    let tallies = store.tallies(account.id)?;
    let folders = store.folders()?.into_iter().filter(|f| f.account == account.id && f.selectable);
    Ok(AccountHealth {
        id: account.id,
        auth: account.config.auth,
        certificate_end: super::login::certificate_end(session, &account)?,
        address: account.config.address,
        connection: if practice { Connection::UpToDate } else { connection },
        last_success: if practice { Some(clock::now()) } else { last_success },
        connected_since,
        connections,
        messages,
        downloaded,
        missing: missing(session, account.id)?,
        pending_changes: waiting.iter().map(|(_, count)| count).sum(),
        pending: waiting,
        quota: store.quota(account.id)?,
        folders: folders
            .map(|folder| FolderHealth { tally: tallies.get(&folder.id).copied(), folder })
            .collect(),
    })
}

/// What is not here of an account, those included that are no longer tried.
fn missing(session: &OpenSession, account: AccountId) -> Result<Missing> {
    let mut missing = session.store.missing(account, session.bounds()?)?;
    let mut failed = 0;
    for id in session.line(account).given_up(MOST_FAILURES) {
        failed += u64::from(session.store.row(id)?.is_some_and(|row| !row.downloaded));
    }
    missing.failed = failed.min(missing.coming);
    missing.coming -= missing.failed;
    missing.unindexed = session.store.count_unindexed_bodies(account)?;
    Ok(missing)
}

/// What a search over these accounts cannot see.
pub(super) fn gaps(session: &OpenSession) -> Result<Vec<Gap>> {
    let mut gaps = Vec::new();
    for account in session.store.accounts()? {
        let missing = missing(session, account.id)?;
        if missing.total() + missing.unindexed > 0 {
            gaps.push(Gap { account: account.id, address: account.config.address, missing });
        }
    }
    Ok(gaps)
}

/// Messages on their way, by state and reason.
fn count_sendings(entries: &[OutboxEntry], now: UnixTime, health: &mut Health) {
    let mut groups: BTreeMap<(u8, Option<&str>), SendingsHealth> = BTreeMap::new();
    for entry in entries {
        health.undelivered += u32::from(entry.stage(now) == Stage::Undelivered);
        let rank = match entry.state {
            OutboxState::Done => continue,
            OutboxState::Queued => 0,
            OutboxState::Sending => 1,
            OutboxState::SentUnfiled => 2,
            OutboxState::Refused => 3,
            OutboxState::NeedsUser => 4,
        };
        match rank {
            0..=2 => health.waiting += 1,
            _ => health.refused += 1,
        }
        let group = groups.entry((rank, entry.trouble.as_deref())).or_insert_with(|| SendingsHealth {
            state: entry.state,
            trouble: entry.trouble.clone(),
            count: 0,
        });
        group.count += 1;
    }
    health.sendings = groups.into_values().collect();
}
