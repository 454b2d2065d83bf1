//! Two copies of our program and another one on one mailbox, in any order, one of ours often offline, the other one's
//! changes also in the middle of our conversations: in the end all have the same.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use estafette::domain::folder::{Folder, FolderRole};
use estafette::domain::id::FolderId;
use estafette::domain::message::{Flag, MessageRow};
use estafette::engine::{Engine, Result};

use crate::compare::{Figures, mailboxes};
use crate::dice::Dice;
use crate::mitm::{Fate, Mitm, Protocol};
use crate::other::Other;
use crate::place::{DRAFTS, FOLDERS, OWN, Place, SENT, Server, TRASH};

/// Folders that come, change their names and go.
const PASSING: [&str; 4] = ["Essai", "Essai d'été", "Patients & suivis", "Urgent"];

/// A round is one act of anybody.
pub async fn run(server: Server, rounds: usize, seed: u64) -> Result<Figures> {
    let mut place = Place::open(server, 20);
    let mut dice = Dice::new(seed);
    let mut figures = Figures { rounds, ..Figures::default() };
    // the loops of one run all the time, the other is asked and has somebody in its line
    let mitm = Mitm::before(
        place.servers_behind("").imap,
        Protocol::Imap,
        &PathBuf::from(place.operator.text("dir")).join("igc"),
    )
    .await;
    let behind = place.servers_behind("theirs");
    let smtp = behind.smtp;
    let asked = behind.through(mitm.port, smtp);
    let engines = [place.servers("ours").engine(true).await?, asked.engine(false).await?];
    for engine in &engines {
        engine.sync(None).await?;
    }
    several_moves(&engines[1], &place, &mut figures).await?;
    moved_by_both(&engines[1], &place, &mut figures).await?;
    let other = Arc::new(Mutex::new(place.other(OWN)));
    interrupt(&mitm, Arc::clone(&other), Dice::new(seed + 1_000_000));
    let mut online = true;
    for round in 0..rounds {
        let engine = &engines[dice.below(2)];
        match dice.below(16) {
            0 if online => {
                place.imap.close();
                online = false;
            }
            0 | 1 if !online => {
                place.imap.open();
                online = true;
            }
            0..2 => lock(&other).deliver(1000 + round, FOLDERS[dice.below(FOLDERS.len())]),
            2 => lock(&other).deliver_twice(round),
            3 => by_hand(&mut lock(&other), &mut dice),
            4 => settled(engines[1].sync(None).await.map(drop))?,
            // its connection may just have been cut
            5 if online => drop(engines[0].sync(None).await),
            _ => settled(act(engine, &mut dice).await)?,
        }
    }
    mitm.set(|_, _| Fate::Pass);
    if !online {
        place.imap.open();
    }
    agree(&engines, &mut figures).await?;
    for (name, engine) in ["with loops", "asked"].iter().zip(&engines) {
        let before = figures.complaints.len();
        mailboxes(&mut place.other(OWN), engine, &mut figures).await?;
        figures.complaints.iter_mut().skip(before).for_each(|c| c.insert_str(0, &format!("{name}: ")));
        if let Err(error) = engine.check_store().await {
            figures.complain(format!("the store is damaged: {error}"));
        }
        for folder in engine.folders().await?.iter().filter(|f| f.selectable && !f.rights.insert) {
            figures.complain(format!("{} stays read only", folder.name()));
        }
        let left: u32 = engine.health().await?.accounts.iter().map(|a| a.pending_changes).sum();
        if left > 0 {
            figures.complain(format!("{left} changes are left over"));
        }
        engine.shutdown().await;
    }
    Ok(figures)
}

fn lock(other: &Mutex<Other>) -> MutexGuard<'_, Other> {
    other.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What somebody else took away meanwhile is no failure of ours; some servers then say goodbye.
fn settled(result: Result<()>) -> Result<()> {
    match result {
        Err(error)
            // read only: a folder that was refused when it was opened, until the next listing tells that it is gone
            if ["not-found", "server-refused", "server-bye", "folder-read-only"].contains(&error.code()) =>
        {
            Ok(())
        }
        result => result,
    }
}

/// The other program's changes between two words of our conversation.
fn interrupt(mitm: &Mitm, other: Arc<Mutex<Other>>, mut dice: Dice) {
    mitm.set(move |step, _| {
        if step.starts_with('>') && dice.below(10) == 0 {
            by_hand(&mut lock(&other), &mut dice);
        }
        Fate::Pass
    });
}

/// A message moved several times before a synchronisation is at its last place after it.
async fn several_moves(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<()> {
    let folders = engine.folders().await?;
    let of = |name: &str| folders.iter().find(|f| f.name() == name).unwrap().id;
    let row = engine.list(of("INBOX"), 0..1).await?.rows.remove(0);
    for name in ["Archives", "Biologie", "INBOX", "À classer"] {
        engine.move_to(&[row.id], of(name)).await?;
    }
    engine.set_flag(&[row.id], Flag::Flagged, true).await?;
    engine.sync(None).await?;
    let left = engine.health().await?.accounts[0].pending_changes;
    // without UIDPLUS its new number is known only after a look at the folder
    if left > 0 && place.other(OWN).can("UIDPLUS") {
        figures
            .complain(format!("{left} of several changes to one message wait for another synchronisation"));
    }
    Ok(())
}

/// A message moved here into a folder where nothing else happens, which somebody else had moved elsewhere before, is
/// where it is on the server, once.
async fn moved_by_both(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<()> {
    let folders = engine.folders().await?;
    let of = |name: &str| folders.iter().find(|f| f.name() == name).unwrap().id;
    let row = engine.list(of("INBOX"), 0..1).await?.rows.remove(0);
    let mut other = place.other(OWN);
    let found = other
        .messages("INBOX")
        .into_iter()
        .find(|m| String::from_utf8_lossy(&m.raw).contains(&format!("Subject: {}\r\n", row.subject)));
    let archives = other.own("Archives");
    other.move_to(&found.unwrap().uid.to_string(), &archives).unwrap();
    engine.move_to(&[row.id], of("Biologie")).await?;
    for _ in 0..3 {
        engine.sync(None).await?;
    }
    mailboxes(&mut other, engine, figures).await
}

/// Each passes on what the other did until nobody finds anything.
async fn agree(engines: &[Engine], figures: &mut Figures) -> Result<()> {
    // what is deleted for good is held back for some seconds
    for _ in 0..20 {
        let mut found = 0;
        for engine in engines {
            let pending: u32 = engine.health().await?.accounts.iter().map(|a| a.pending_changes).sum();
            found += pending;
            // a loop may notice only now that its connection was cut
            found += engine.sync(None).await.map_or(1, |report| report.new + report.changed + report.removed);
        }
        if found == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    figures.complain("they do not come to an end");
    Ok(())
}

/// A user's act on some messages of one folder.
async fn act(engine: &Engine, dice: &mut Dice) -> Result<()> {
    let folders = engine.folders().await?;
    let own: Vec<&Folder> =
        folders.iter().filter(|f| f.selectable && ![SENT, DRAFTS].contains(&f.name())).collect();
    let Some(folder) = dice.pick(&own) else { return Ok(()) };
    let rows = engine.list(folder.id, 0..folder.total.max(1)).await?.rows;
    let some: Vec<MessageRow> = rows.into_iter().filter(|_| dice.below(6) == 0).collect();
    let ids: Vec<_> = some.iter().map(|r| r.id).collect();
    let targets: Vec<FolderId> = own.iter().map(|f| f.id).collect();
    match dice.below(9) {
        0..4 => {
            let flag = [Flag::Seen, Flag::Flagged, Flag::Answered, Flag::Forwarded][dice.below(4)];
            engine.set_flag(&ids, flag, dice.below(2) == 0).await
        }
        4..8 => engine.move_to(&ids, targets[dice.below(targets.len())]).await,
        // for good, from the bin; not so often that nothing is left
        _ if folder.role == FolderRole::Trash || ids.len() < 3 => engine.delete(&ids).await,
        _ => Ok(()),
    }
}

/// Changes by the other program; what is no longer there is refused, which is all right.
fn by_hand(other: &mut Other, dice: &mut Dice) {
    let folders = other.folders();
    let usual: Vec<&String> =
        folders.iter().filter(|path| !path.ends_with(SENT) && !path.ends_with(DRAFTS)).collect();
    let (Some(folder), Some(target)) = (dice.pick(&usual), dice.pick(&usual)) else { return };
    let first = 1 + dice.below(30);
    let set = format!("{first}:{}", first + dice.below(3));
    let flag = ["\\Flagged", "\\Seen", "\\Answered", "$Forwarded", "Suivi"][dice.below(5)];
    let sign = ["+", "-"][dice.below(2)];
    other.select(folder);
    let _ = match dice.below(7) {
        0..3 => other.attempt(&format!("UID STORE {set} {sign}FLAGS.SILENT ({flag})")).map(drop),
        3 | 4 => other.move_to(&set, target),
        5 if folder.ends_with(TRASH) || first > 20 => other.expunge(&set),
        6 if dice.below(4) == 0 => shape(other, dice, &folders),
        _ => Ok(()),
    };
}

/// Makes, renames or removes a folder.
fn shape(other: &mut Other, dice: &mut Dice, folders: &[String]) -> std::result::Result<(), String> {
    let [one, two] = [0, 1].map(|_: usize| other.own(PASSING[dice.below(PASSING.len())]));
    let (from, to) = (other.name(&one), other.name(&two));
    // not from inside what is being renamed or removed
    other.select("INBOX");
    let is_there = folders.contains(&one);
    // some servers number a folder by the second: two of one name must not be of the same
    std::thread::sleep(Duration::from_secs(1));
    match dice.below(3) {
        _ if !is_there => other.attempt(&format!("CREATE {from}")).map(drop),
        0 => other.attempt(&format!("RENAME {from} {to}")).map(drop),
        1 => other.attempt(&format!("DELETE {from}")).map(drop),
        _ => Ok(()),
    }
}
