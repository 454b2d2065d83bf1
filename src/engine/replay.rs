//! Replays local changes on the server, in order, and keeps them until the server agreed.
//!
//! The program may be killed between the server's answer and its record here. Flags, moves by MOVE and deletions may be
//! said twice; what would double (COPY, CREATE, RENAME) is looked for first.

mod append;
mod folder;
mod transfer;

use std::collections::HashMap;
use std::sync::Arc;

use super::session::OpenSession;
use super::sync::remote;
use super::work::with_store;
use super::{Event, Result, clock};
use crate::domain::id::{AccountId, FolderId, Uid};
use crate::domain::triage::Triage;
use crate::imap;
use crate::store::{FolderState, Intention, Store, What};

/// Intentions of one command: same folder, same change.
struct Step {
    folder: FolderId,
    change: What,
    intentions: Vec<Intention>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It has to wait.
    Waits,
    /// The server agreed.
    Done,
    /// The server refused: what waits has changed and must be read again.
    Undone,
}

/// How the server carried a step out.
#[derive(Default)]
struct CarriedOut {
    /// Old and new UIDs, where told.
    pairs: HashMap<Uid, Uid>,
    /// The messages stay where they were, marked `\Deleted`.
    stays: bool,
}

/// Rounds in one run: a change may wait for the UID an earlier one gives.
const ROUNDS: u32 = 10;

/// Replays everything that waits for this account.
pub(super) async fn run(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    let mut rounds = 0;
    while rounds < ROUNDS {
        let waiting = with_store(session, |s, id| s.intentions(id), account).await?;
        let (mut done, mut undone) = (false, false);
        for step in steps(due(waiting, clock::now())) {
            let progress = replay(session, imap, account, step).await?;
            done |= progress != Progress::Waits;
            undone = progress == Progress::Undone;
            if undone {
                break;
            }
        }
        if !done {
            break;
        }
        // each refusal takes a change away: they come to an end by themselves
        rounds += u32::from(!undone);
        session.tell(Event::ConnectionChanged(account));
    }
    Ok(())
}

/// What the server can be asked for now: its number is known, the time for second thoughts is over, and a folder is
/// removed after what waits on it only.
fn due(waiting: Vec<Intention>, now: i64) -> Vec<Intention> {
    let mut used: Vec<FolderId> = Vec::new();
    let mut due = Vec::with_capacity(waiting.len());
    for intention in waiting {
        let is_removal = intention.what == What::Remove;
        let is_ready = if is_removal {
            !used.contains(&intention.folder)
        } else {
            intention.message.is_none() || intention.uid.is_some() || intention.what == What::Append
        };
        for folder in [Some(intention.folder), intention.target()].into_iter().flatten() {
            if used.last() != Some(&folder) && !used.contains(&folder) {
                used.push(folder);
            }
        }
        if is_ready && intention.hold_until.is_none_or(|until| until <= now) {
            due.push(intention);
        }
    }
    due
}

/// Consecutive intentions that one command can carry out.
fn steps(waiting: Vec<Intention>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for intention in waiting {
        match steps.last_mut() {
            Some(step) if step.folder == intention.folder && step.change == intention.what => {
                step.intentions.push(intention);
            }
            _ => steps.push(Step {
                folder: intention.folder,
                change: intention.what.clone(),
                intentions: vec![intention],
            }),
        }
    }
    steps
}

/// Carries one step out.
async fn replay(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    mut step: Step,
) -> Result<Progress> {
    let id = step.folder;
    let state = with_store(session, move |s, _| s.folder(id), account).await?;
    let target = match step.change {
        What::Move { to } | What::Copy { to } => {
            Some(with_store(session, move |s, _| s.folder(to), account).await?)
        }
        _ => None,
    };
    // a folder made here comes first
    let is_there = |f: &FolderState| f.is_on_server();
    if step.change != What::Create && !(is_there(&state) && target.as_ref().is_none_or(is_there)) {
        return Ok(Progress::Waits);
    }
    let carried_out = match step.change {
        What::Create | What::Rename { .. } | What::Remove => {
            folder::carry_out(session, imap, account, &state, &step).await?
        }
        What::Append => append::carry_out(session, imap, account, &state, &mut step).await?,
        _ => carry_out(session, imap, account, &state, target.as_ref(), &mut step).await?,
    };
    match carried_out {
        Ok(None) => Ok(Progress::Waits),
        Ok(Some(done)) => {
            let Step { intentions, .. } = step;
            let record = move |s: &Store, _| {
                intentions.iter().try_for_each(|i| {
                    let new = i.uid.and_then(|uid| done.pairs.get(&uid).copied());
                    if done.stays { s.intention_done_marked(i.id, new) } else { s.intention_done(i.id, new) }
                })
            };
            with_store(session, record, account).await?;
            Ok(Progress::Done)
        }
        Err(imap::Error::Refused { code, .. }) if passes(code.as_deref()) => Ok(Progress::Waits),
        Err(imap::Error::Refused { code, reason, .. }) => {
            // a folder renamed or removed elsewhere: the next listing tells which
            if is_missing(imap, &state, target.as_ref(), &step.change).await? {
                return Ok(Progress::Waits);
            }
            let reason = if reason.is_empty() { code.unwrap_or_default() } else { reason };
            undo(session, account, step, reason).await?;
            Ok(Progress::Undone)
        }
        Err(error) => Err(error.into()),
    }
}

/// The folder of a change, or its target, is not there.
async fn is_missing(
    imap: &mut imap::Session,
    state: &FolderState,
    target: Option<&FolderState>,
    change: &What,
) -> Result<bool> {
    if matches!(change, What::Create | What::Remove) {
        return Ok(false);
    }
    for folder in [Some(state), target].into_iter().flatten() {
        if !imap.exists(&remote(folder)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Undoes what the server refused, and tells.
async fn undo(session: &Arc<OpenSession>, account: AccountId, step: Step, reason: String) -> Result<()> {
    let messages: Vec<_> = step.intentions.iter().filter_map(|i| i.message).collect();
    let target = match step.change {
        What::Move { to } | What::Copy { to } => Some(to),
        _ => None,
    };
    let failed =
        move |s: &Store, _| step.intentions.iter().try_for_each(|i| s.intention_failed(i.id, &reason));
    with_store(session, failed, account).await?;
    messages.into_iter().for_each(|id| session.tell(Event::MessageChanged(id)));
    for folder in [Some(step.folder), target].into_iter().flatten() {
        session.tell(Event::MailboxChanged(folder));
    }
    session.tell(Event::FoldersChanged(account));
    session.tell(Event::ChangeRefused(account));
    Ok(())
}

/// Changes of messages. `None` when the folder was renumbered since it was synchronised: these UIDs would hit other
/// messages. The next synchronisation gives the changes their new UIDs.
async fn carry_out(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    state: &FolderState,
    target: Option<&FolderState>,
    step: &mut Step,
) -> Result<imap::Result<Option<CarriedOut>>> {
    let selected = match imap.select(&remote(state)).await {
        Ok(selected) => selected,
        Err(error) => return Ok(Err(error)),
    };
    let id = step.folder;
    with_store(session, move |s, _| s.set_read_only(id, selected.read_only), account).await?;
    if state.uid_validity != Some(selected.uid_validity) {
        return Ok(Ok(None));
    }
    let is_copy = matches!(step.change, What::Copy { .. });
    if selected.read_only && !is_copy {
        return Ok(Err(refusal("READ-ONLY")));
    }
    let uids: Vec<Uid> = step.intentions.iter().filter_map(|i| i.uid).collect();
    let done = |result: imap::Result<()>| result.map(|()| Some(CarriedOut::default()));
    Ok(match (&step.change, target) {
        (What::Flag { flag, on: true }, _) if !imap.keeps_flag(*flag) => Err(refusal("PERMANENTFLAGS")),
        (What::Flag { flag, on }, _) => done(imap.store(&uids, *flag, *on).await),
        (What::Keyword { keyword, on: true }, _) if !imap.keeps(keyword.as_str()) => {
            if Triage::of_keyword(keyword).is_none() {
                return Ok(Err(refusal("PERMANENTFLAGS")));
            }
            // better known on this station alone than nowhere
            let ids: Vec<i64> = step.intentions.iter().map(|i| i.id).collect();
            with_store(session, move |s, _| s.keep_keywords_here(&ids), account).await?;
            step.intentions
                .iter()
                .filter_map(|i| i.message)
                .for_each(|id| session.tell(Event::MessageChanged(id)));
            done(Ok(()))
        }
        (What::Keyword { keyword, on }, _) => done(imap.store_keyword(&uids, keyword, *on).await),
        (What::Delete, _) => {
            transfer::start(session, account, step, None).await?;
            let uids: Vec<Uid> = step.intentions.iter().filter_map(|i| i.uid).collect();
            let stays = !imap.expunges();
            imap.delete(&uids).await.map(|()| Some(CarriedOut { stays, ..CarriedOut::default() }))
        }
        (What::Move { .. } | What::Copy { .. }, Some(target)) => {
            return transfer::carry_out(session, imap, account, state, target, step).await;
        }
        _ => done(Ok(())),
    })
}

/// A refusal we know of before asking.
fn refusal(code: &str) -> imap::Error {
    imap::Error::Refused { command: "UID STORE", code: Some(code.to_owned()), reason: String::new() }
}

/// The server can do it later (RFC 5530): the change is kept.
pub(super) fn passes(code: Option<&str>) -> bool {
    matches!(code, Some("UNAVAILABLE" | "INUSE" | "LIMIT"))
}
