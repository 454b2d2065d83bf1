//! The program that is killed: an engine with its loops, and a user who never stops. It says on standard output what
//! it is about to do and what was done.

use std::time::Duration;

use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, Recipient};
use estafette::domain::folder::Folder;
use estafette::domain::id::DraftId;
use estafette::domain::message::{Flag, MessageRow};
use estafette::domain::outbox::OutboxState;
use estafette::engine::{Engine, Result};
use serde::{Deserialize, Serialize};

use crate::dice::Dice;
use crate::place::{FOLDERS, OTHER, Servers};

/// After nothing could be done.
const PAUSE: Duration = Duration::from_millis(5);

/// An act of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    Send { subject: String },
    TakeBack { message_id: String },
    Flag { subject: String, flagged: bool },
    Move { subject: String, folder: String },
    Delete { subject: String },
    Draft { id: Option<i64>, subject: String },
}

/// A line of the driver. What is done was tried before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Word {
    Tried(Act),
    Done(Act),
    Sent { message_id: String },
}

/// Acts until it is killed.
#[allow(clippy::print_stdout, reason = "the campaign reads it")]
pub async fn run(servers: &Servers, seed: u64) {
    // a disk that is full when it starts will be emptied
    let engine = loop {
        match servers.engine(true).await {
            Ok(engine) => break engine,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    };
    let mut dice = Dice::new(seed);
    let say = |word: Word| println!("{}", serde_json::to_string(&word).unwrap());
    for number in 0.. {
        let Ok(Some(act)) = choose(&engine, &mut dice, &format!("{seed}-{number}")).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        say(Word::Tried(act.0.clone()));
        match act.1.await {
            Ok(Outcome::Plain) => say(Word::Done(act.0)),
            Ok(Outcome::Queued(message_id)) => say(Word::Sent { message_id }),
            Ok(Outcome::Saved(id)) => {
                if let Act::Draft { subject, .. } = act.0 {
                    say(Word::Done(Act::Draft { id: Some(id), subject }));
                }
            }
            // taken back too late, gone meanwhile, or no room
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(dice.below(60) as u64)).await;
    }
}

enum Outcome {
    Plain,
    Queued(String),
    Saved(i64),
}

type Doing = std::pin::Pin<Box<dyn Future<Output = Result<Outcome>>>>;

async fn choose(engine: &Engine, dice: &mut Dice, name: &str) -> Result<Option<(Act, Doing)>> {
    let engine = engine.clone();
    match dice.below(20) {
        0..6 => Ok(Some(send(engine, dice, format!("Envoi {name}")).await?)),
        6 => take_back(engine, dice).await,
        7 => {
            // the user presses "try again" on what still waits
            let waiting = engine.outbox().await?.into_iter().find(|e| e.state == OutboxState::Queued);
            if let Some(entry) = waiting {
                let _ = engine.retry(entry.id).await;
            }
            Ok(None)
        }
        8 | 9 => save(engine, dice, format!("Brouillon {name}")).await.map(Some),
        kind => {
            let folders = engine.folders().await?;
            let Some(row) = random_row(&engine, dice, &folders).await? else { return Ok(None) };
            Ok(Some(sort(engine, dice, kind, row, &folders)))
        }
    }
}

async fn send(engine: Engine, dice: &mut Dice, subject: String) -> Result<(Act, Doing)> {
    let account = engine.accounts().await?.remove(0);
    let to = Recipient { name: None, address: EmailAddress::parse(OTHER).unwrap() };
    let body = "Résultat normal.\n".repeat(dice.skewed(14));
    let draft = Draft { to: vec![to], subject: subject.clone(), body, ..Draft::new(account.id) };
    let doing = Box::pin(async move {
        let id = engine.queue(draft).await?;
        let entry = engine.outbox().await?.into_iter().find(|e| e.id == id);
        Ok(Outcome::Queued(entry.map(|e| e.message_id).unwrap_or_default()))
    });
    Ok((Act::Send { subject }, doing))
}

async fn take_back(engine: Engine, dice: &mut Dice) -> Result<Option<(Act, Doing)>> {
    let entries = engine.outbox().await?;
    let waiting: Vec<_> = entries.into_iter().filter(|e| e.state == OutboxState::Queued).collect();
    let Some(entry) = dice.pick(&waiting).cloned() else { return Ok(None) };
    let doing = Box::pin(async move { engine.cancel(entry.id).await.map(|_| Outcome::Plain) });
    Ok(Some((Act::TakeBack { message_id: entry.message_id }, doing)))
}

async fn save(engine: Engine, dice: &mut Dice, subject: String) -> Result<(Act, Doing)> {
    let account = engine.accounts().await?.remove(0);
    let drafts: Vec<DraftId> = engine.drafts().await?.into_iter().map(|(id, _)| id).collect();
    let id = if dice.below(2) == 0 { dice.pick(&drafts).copied() } else { None };
    let body = "Texte en cours.\n".repeat(dice.skewed(12));
    let draft = Draft { subject: subject.clone(), body, ..Draft::new(account.id) };
    let doing = Box::pin(async move { engine.save_draft(id, draft).await.map(|id| Outcome::Saved(id.0)) });
    Ok((Act::Draft { id: id.map(|id| id.0), subject }, doing))
}

/// A numbered message of a folder that messages are moved about in.
pub async fn random_row(engine: &Engine, dice: &mut Dice, folders: &[Folder]) -> Result<Option<MessageRow>> {
    let filled: Vec<&Folder> =
        folders.iter().filter(|f| FOLDERS.contains(&f.name()) && f.total > 0).collect();
    let Some(folder) = dice.pick(&filled) else { return Ok(None) };
    let rows = engine.list(folder.id, 0..folder.total).await?.rows;
    let numbered: Vec<_> = rows.into_iter().filter(|r| r.subject.starts_with("Dossier ")).collect();
    Ok(dice.pick(&numbered).cloned())
}

fn sort(engine: Engine, dice: &mut Dice, kind: usize, row: MessageRow, folders: &[Folder]) -> (Act, Doing) {
    let (id, subject) = ([row.id], row.subject);
    match kind {
        10..15 => {
            let flagged = !row.flags.flagged;
            let doing = Box::pin(async move {
                engine.set_flag(&id, Flag::Flagged, flagged).await.map(|()| Outcome::Plain)
            });
            (Act::Flag { subject, flagged }, doing)
        }
        15..19 => {
            let targets: Vec<&Folder> = folders.iter().filter(|f| FOLDERS.contains(&f.name())).collect();
            let target = dice
                .pick(&targets)
                .map(|f| (f.id, f.name().to_owned()))
                .unwrap_or((row.folder, String::new()));
            let doing = Box::pin(async move { engine.move_to(&id, target.0).await.map(|()| Outcome::Plain) });
            (Act::Move { subject, folder: target.1 }, doing)
        }
        _ => {
            let doing = Box::pin(async move { engine.delete(&id).await.map(|()| Outcome::Plain) });
            (Act::Delete { subject }, doing)
        }
    }
}
