//! One run: verify what is there, add what is missing, read back what was written. And the loop that does so in time.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::index::Indexer;
use super::{Archived, Plan, own, plan, set_plan};
use crate::archive::{self, Archive, Entry, Summary, Writer, digest_of, hex};
use crate::domain::UnixTime;
use crate::domain::id::{AccountId, FolderId, MessageId};
use crate::engine::job::Job;
use crate::engine::session::OpenSession;
use crate::engine::watchdog::Pulse;
use crate::engine::work::blocking;
use crate::engine::{Error, ErrorKind, Result, clock};

/// Until the loop looks for the first time, so that the start of a session is left alone, and how often afterwards: a
/// stick may be plugged in at any time.
const FIRST_LOOK: Duration = Duration::from_secs(180);
const LOOK_EVERY: Duration = Duration::from_secs(20 * 60);
/// Longest run; beyond, the loop counts as stuck.
const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// Archives in time until the session ends.
pub(in crate::engine) async fn run(session: Arc<OpenSession>, pulse: Arc<Pulse>) {
    let mut pause = FIRST_LOOK;
    while !session.cancel.is_cancelled() {
        pulse.enter("waiting", pause + LONGEST);
        tokio::select! {
            () = session.cancel.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
        }
        pause = LOOK_EVERY;
        pulse.enter("archiving", LONGEST);
        let owner = Arc::clone(&session);
        let done =
            blocking(move || if is_due(&owner)? { once(&owner, &Job::new()).map(drop) } else { Ok(()) });
        if let Err(error) = done.await {
            tracing::warn!(code = error.code(), "nothing was archived");
        }
    }
}

fn is_due(session: &OpenSession) -> Result<bool> {
    Ok(plan(session)?.is_some_and(|plan| plan.is_due(clock::now())))
}

impl Plan {
    /// So long after the last verified run, and at once where there was none or the clock was set back since.
    fn is_due(&self, now: UnixTime) -> bool {
        let is_over = |period| self.verified.is_none_or(|at| now - at >= period || at > now);
        self.rhythm.seconds().is_some_and(is_over)
    }
}

/// Adds the messages of the mailboxes.
pub(super) fn once(session: &Arc<OpenSession>, job: &Job) -> Result<Archived> {
    extended(session, job, |filling| {
        let lost: Vec<MessageId> = session
            .store
            .archived()?
            .into_iter()
            .filter(|(_, digest)| !filling.before.digests.contains(digest))
            .map(|(id, _)| id)
            .collect();
        session.store.set_archived(&[], &lost)?;
        let ids = session.store.unarchived()?;
        job.begin(ids.len());
        let places = places(session)?;
        for id in ids {
            filling.check()?;
            job.step();
            // deleted meanwhile
            let (Some(row), Some(raw)) = (session.store.row(id)?, session.store.raw(id)?) else { continue };
            let digest = digest_of(&raw);
            let (account, folder) = places.get(&(row.account, row.folder)).cloned().unwrap_or_default();
            let entry = Entry {
                digest: hex(&digest),
                account,
                folder,
                date: row.date,
                flags: row.flags,
                from: row.from.label().to_owned(),
                subject: row.subject,
            };
            filling.inside.push((id, digest));
            filling.put(&entry, digest, &raw)?;
        }
        Ok(())
    })
}

/// What is being added to an archive that was found whole.
pub(super) struct Filling<'f> {
    pub(super) session: &'f Arc<OpenSession>,
    job: &'f Job,
    before: &'f Summary,
    writer: Writer<'f>,
    written: HashSet<[u8; 32]>,
    /// Messages here that are in it afterwards.
    inside: Vec<(MessageId, [u8; 32])>,
}

impl Filling<'_> {
    pub(super) fn check(&self) -> Result<()> {
        self.job.check(Some(self.session))
    }

    /// Adds a message; false when the archive has it.
    pub(super) fn put(&mut self, entry: &Entry, digest: [u8; 32], raw: &[u8]) -> Result<bool> {
        if self.before.digests.contains(&digest) || !self.written.insert(digest) {
            return Ok(false);
        }
        self.writer.add(entry, raw)?;
        Ok(true)
    }
}

/// One run at a time: verifies the archive, adds to it, reads back what was written. How it ended is kept for the user
/// to see.
pub(super) fn extended(
    session: &Arc<OpenSession>,
    job: &Job,
    fill: impl FnOnce(&mut Filling<'_>) -> Result<()>,
) -> Result<Archived> {
    let Ok(_turn) = session.archiving.try_lock() else {
        return Err(Error::new(ErrorKind::NeedsUser, "archive-busy"));
    };
    let (before, archive) = own(session)?;
    let ended = extend(session, &before, &archive, job, fill);
    // the rhythm may have been changed meanwhile
    let Some(now) = plan(session)? else { return ended.map(|(archived, _)| archived) };
    let noted = match &ended {
        Ok((archived, summary)) => Plan {
            verified: Some(clock::now()),
            segments: summary.segments,
            messages: archived.messages,
            bytes: archived.bytes,
            trouble: None,
            ..now
        },
        Err(error) if matches!(error.code(), "cancelled" | "no-session" | "import-format") => now,
        Err(error) => Plan { trouble: Some(error.code().to_owned()), ..now },
    };
    set_plan(session, &noted)?;
    let (archived, _) = ended?;
    session.store.add_trace(clock::now(), "archived", None, None)?;
    Ok(archived)
}

fn extend(
    session: &Arc<OpenSession>,
    plan: &Plan,
    archive: &Archive,
    job: &Job,
    fill: impl FnOnce(&mut Filling<'_>) -> Result<()>,
) -> Result<(Archived, Summary)> {
    job.begin(usize::try_from(plan.messages).unwrap_or(0));
    let mut indexer = Indexer::new(session)?;
    let before = archive.read(|stored| {
        job.step();
        indexer.take(&stored);
        job.check(Some(session))
    })?;
    if before.segments < plan.segments {
        return Err(archive::Error::Shorter.into());
    }
    let writer = archive.writer(&before)?;
    let mut filling =
        Filling { session, job, before: &before, writer, written: HashSet::new(), inside: Vec::new() };
    fill(&mut filling)?;
    let Filling { writer, written, inside, .. } = filling;
    writer.finish()?;
    let after = archive.verify_after(before, |stored| {
        indexer.take(&stored);
        Ok::<(), Error>(())
    })?;
    if !inside.iter().all(|(_, digest)| after.digests.contains(digest)) {
        return Err(archive::Error::Shorter.into());
    }
    session.store.set_archived(&inside, &[])?;
    indexer.finish(&after.digests);
    let count = session.store.archive_count(0)?;
    let archived = Archived {
        added: written.len() as u64,
        messages: after.messages,
        bytes: after.bytes,
        not_here: count.not_here,
    };
    Ok((archived, after))
}

/// Address and path of every folder.
fn places(session: &OpenSession) -> Result<HashMap<(AccountId, FolderId), (String, String)>> {
    let accounts = session.store.accounts()?;
    let address = |id: AccountId| {
        let account = accounts.iter().find(|a| a.id == id);
        account.map(|a| a.config.address.as_str().to_owned()).unwrap_or_default()
    };
    let folders = session.store.folders()?.into_iter();
    Ok(folders.map(|f| ((f.account, f.id), (address(f.account), f.path))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Rhythm;

    #[test]
    fn a_run_is_due_by_the_rhythm_after_the_last_verified_one() {
        let now = 1_795_000_000;
        let day = 24 * 3600;
        for (rhythm, verified, due) in [
            (Rhythm::Never, None, false),
            (Rhythm::Weekly, None, true),
            (Rhythm::Weekly, Some(now - 6 * day), false),
            (Rhythm::Weekly, Some(now - 7 * day), true),
            (Rhythm::Daily, Some(now - day + 1), false),
            (Rhythm::Daily, Some(now - day), true),
            (Rhythm::Daily, Some(now + day), true),
        ] {
            let plan = Plan {
                place: "/media/stick".into(),
                rhythm,
                retention: 0,
                verified,
                segments: 0,
                messages: 0,
                bytes: 0,
                trouble: None,
            };
            assert_eq!(plan.is_due(now), due, "{rhythm:?} {verified:?}");
        }
    }
}
