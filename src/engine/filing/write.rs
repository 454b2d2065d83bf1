//! Writing what a message brings to destinations, one message at a time.

use std::path::PathBuf;
use std::sync::Arc;

use super::item::{Item, Parts};
use super::{PATIENCE, Unfiled, Withdrawn};
use crate::deposit::{self, fingerprint};
use crate::domain::filing::{Destination, Filed, Format, Outcome};
use crate::domain::id::{AccountId, DestinationId, MessageId, RuleId};
use crate::engine::session::OpenSession;
use crate::engine::work::{blocking, joined};
use crate::engine::{Error, ErrorKind, Result, clock, document, mail};
use crate::store::NewFiled;

/// How a filing is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) gesture: i64,
    /// Write again what was filed before.
    pub(super) again: bool,
    /// The rule that does it. A rule passes over the very same bytes only: a document that says it is a known one and
    /// is not the same is for a person to judge, and may not get lost.
    pub(super) rule: Option<RuleId>,
}

/// One file for one destination.
struct Job {
    destination: (DestinationId, Destination),
    item: Item,
    digest: [u8; 32],
    before: Vec<Filed>,
}

/// What is to be done with a message.
struct Plan {
    account: AccountId,
    message_id: Option<String>,
    jobs: Vec<Job>,
    left: Vec<String>,
}

/// Files a message to destinations.
///
/// # Errors
/// The store cannot be read or written; everything else is in the outcome.
pub(super) async fn file(
    session: &Arc<OpenSession>,
    message: MessageId,
    destinations: &[(DestinationId, Destination)],
    manner: Manner,
) -> Result<Outcome> {
    let not_filed = |files, error: &Error| Outcome::NotFiled {
        message,
        files,
        code: error.code(),
        facts: error.facts().to_vec(),
    };
    if destinations.is_empty() {
        let (files, already, left) = (Vec::new(), Vec::new(), Vec::new());
        return Ok(Outcome::Filed { message, files, already, left });
    }
    let (owner, all) = (Arc::clone(session), destinations.to_vec());
    let plan = match blocking(move || plan(&owner, message, &all, manner)).await {
        Ok(plan) => plan,
        Err(error) if matches!(error.code(), "offline" | "not-found") => {
            return Ok(not_filed(Vec::new(), &error));
        }
        Err(error) => return Err(error),
    };
    if plan.jobs.is_empty() {
        return Ok(not_filed(Vec::new(), &Error::new(ErrorKind::NeedsUser, "nothing-to-file")));
    }
    let is_new = |job: &Job| manner.again || job.before.is_empty();
    let mut already: Vec<Filed> =
        plan.jobs.iter().filter(|job| !is_new(job)).filter_map(|job| job.before.first().cloned()).collect();
    already.sort_by_key(|filed| std::cmp::Reverse(filed.at));
    if !plan.jobs.iter().any(is_new) {
        return Ok(Outcome::Already { message, already });
    }
    let mut files = Vec::new();
    for job in plan.jobs.into_iter().filter(|job| manner.again || job.before.is_empty()) {
        let (destination, format) = (job.destination.1.clone(), job.item.format);
        let stem = destination.pattern.stem(&job.item.facts);
        let (folder, bytes) = (PathBuf::from(&destination.folder), job.item.bytes);
        let written =
            patiently(&destination, move || deposit::write(&folder, &stem, format.ending(), &bytes)).await;
        let path = match written {
            Ok(path) => path,
            Err(error) => return Ok(not_filed(files, &error)),
        };
        let filed = Filed {
            gesture: manner.gesture,
            message: Some(message),
            at: clock::now(),
            destination: job.destination.0,
            destination_name: destination.name,
            format,
            path: path.to_string_lossy().into_owned(),
            rule: manner.rule,
        };
        let new = NewFiled {
            filed: filed.clone(),
            message_id: plan.message_id.clone(),
            digest: job.digest,
            unique_id: job.item.unique_id,
        };
        let owner = Arc::clone(session);
        blocking(move || Ok(owner.store.add_filed(&new)?)).await?;
        files.push(filed);
    }
    let (owner, account, message_id) = (Arc::clone(session), plan.account, plan.message_id);
    blocking(move || {
        Ok(owner.store.add_trace(clock::now(), "filed", Some(account), message_id.as_deref())?)
    })
    .await?;
    Ok(Outcome::Filed { message, files, already, left: plan.left })
}

fn plan(
    session: &OpenSession,
    message: MessageId,
    destinations: &[(DestinationId, Destination)],
    manner: Manner,
) -> Result<Plan> {
    let row = session.store.row(message)?.ok_or_else(mail::not_found)?;
    let raw = session.store.raw(message)?.ok_or_else(|| Error::new(ErrorKind::Offline, "offline"))?;
    let message_id = session.store.envelope(message)?.and_then(|envelope| envelope.message_id);
    let reading = document::of_message(&raw);
    let parts = Parts::of(&raw, &row, reading.as_ref());
    let mut covered = Vec::new();
    let mut jobs = Vec::new();
    for destination in destinations {
        for item in parts.items(&destination.1.formats) {
            covered.extend_from_slice(&item.covers);
            let digest = fingerprint(&item.bytes);
            let (unique_id, whole) = match manner.rule {
                Some(_) => (None, None),
                None => {
                    (item.unique_id.as_deref(), message_id.as_deref().filter(|_| item.format == Format::Eml))
                }
            };
            let before = session.store.filed_before(destination.0, item.format, &digest, unique_id, whole)?;
            jobs.push(Job { destination: destination.clone(), item, digest, before });
        }
    }
    Ok(Plan { account: row.account, message_id, jobs, left: parts.left(&covered) })
}

/// Work on a folder that may not answer; errors name the destination. After the time is up the work is left to itself:
/// a file it may still write has a name of its own and does no harm.
pub(super) async fn patiently<T: Send + 'static>(
    destination: &Destination,
    work: impl FnOnce() -> std::result::Result<T, deposit::Error> + Send + 'static,
) -> Result<T> {
    let named =
        |error: Error| error.with("folder", &destination.folder).with("destination", &destination.name);
    let working = tokio::task::spawn_blocking(move || work().map_err(of_deposit));
    match tokio::time::timeout(PATIENCE, working).await {
        Ok(done) => joined(done).map_err(named),
        Err(_) => Err(named(Error::new(ErrorKind::Offline, "deposit-slow"))),
    }
}

fn of_deposit(error: deposit::Error) -> Error {
    use deposit::Error as E;
    let (kind, code) = match &error {
        E::Missing => (ErrorKind::NeedsUser, "deposit-missing"),
        E::Denied(_) => (ErrorKind::NeedsUser, "deposit-denied"),
        E::Full => (ErrorKind::NeedsUser, "deposit-full"),
        E::Crowded => (ErrorKind::NeedsUser, "deposit-crowded"),
        E::Relative => (ErrorKind::NeedsUser, "deposit-relative"),
        E::Io(_) => (ErrorKind::Offline, "deposit-gone"),
    };
    Error::new(kind, code).caused_by(error)
}

/// Removes files that are still as they were written; what a folder that does not answer holds stays recorded.
pub(super) async fn take_back(session: &Arc<OpenSession>, files: Vec<(Filed, Vec<u8>)>) -> Result<Unfiled> {
    let mut unfiled = Unfiled::default();
    let mut failed = None;
    for (filed, digest) in files {
        let path = PathBuf::from(&filed.path);
        let folder = path.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
        let named = Destination {
            name: filed.destination_name.clone(),
            folder,
            pattern: crate::domain::filing::name::NamePattern::default(),
            formats: Vec::new(),
            usual: false,
        };
        let withdrawn = patiently(&named, move || deposit::withdraw(&path, &digest)).await;
        match withdrawn {
            Ok(Withdrawn::Removed) => unfiled.removed += 1,
            Ok(Withdrawn::Gone) => unfiled.gone += 1,
            Ok(Withdrawn::Changed) => unfiled.changed += 1,
            Err(error) => {
                failed.get_or_insert(error);
                continue;
            }
        }
        // a later gesture may have found the same file there
        let gesture = (!matches!(withdrawn, Ok(Withdrawn::Removed))).then_some(filed.gesture);
        let owner = Arc::clone(session);
        blocking(move || Ok(owner.store.forget_filed(gesture, &filed.path)?)).await?;
    }
    let owner = Arc::clone(session);
    blocking(move || Ok(owner.store.add_trace(clock::now(), "filing-undone", None, None)?)).await?;
    failed.map_or(Ok(unfiled), Err)
}
