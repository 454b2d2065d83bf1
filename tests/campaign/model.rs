//! Two mail programs and the server's own hand on one mailbox, in any order, one program often offline: in the end all
//! have the same.

use estafette::domain::folder::{Folder, FolderRole};
use estafette::domain::id::FolderId;
use estafette::domain::message::{Flag, MessageRow};
use estafette::engine::{Engine, Result};

use crate::dice::Dice;
use crate::place::{FOLDERS, OWN, Place, TRASH};
use crate::verdict::{Figures, mailboxes};

/// A round is one act of anybody.
pub async fn run(rounds: usize, seed: u64) -> Result<Figures> {
    let mut place = Place::open(20);
    let mut dice = Dice::new(seed);
    let mut figures = Figures { rounds, ..Figures::default() };
    // the loops of one run all the time, the other is asked
    let engines =
        [place.servers("ours").engine(true).await?, place.servers_behind("theirs").engine(false).await?];
    for engine in &engines {
        engine.sync(None).await?;
    }
    several_moves(&engines[1], &mut figures).await?;
    moved_by_both(&engines[1], &place, &mut figures).await?;
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
            0..2 => place.deliver(1000 + round, FOLDERS[dice.below(FOLDERS.len())]),
            2 => place.deliver_twice(round),
            3 => by_hand(&place, &mut dice),
            4 => engines[1].sync(None).await.map(drop)?,
            // its connection may just have been cut
            5 if online => drop(engines[0].sync(None).await),
            _ => act(engine, &mut dice).await?,
        }
    }
    if !online {
        place.imap.open();
    }
    agree(&engines, &mut figures).await?;
    for (name, engine) in ["with loops", "asked"].iter().zip(&engines) {
        let before = figures.complaints.len();
        mailboxes(&place, engine, &mut figures).await?;
        figures.complaints.iter_mut().skip(before).for_each(|c| c.insert_str(0, &format!("{name}: ")));
        if let Err(error) = engine.check_store().await {
            figures.complain(format!("the store is damaged: {error}"));
        }
        let left: u32 = engine.health().await?.accounts.iter().map(|a| a.pending_changes).sum();
        if left > 0 {
            figures.complain(format!("{left} changes are left over"));
        }
        engine.shutdown().await;
    }
    Ok(figures)
}

/// A message moved several times before a synchronisation is at its last place after it.
async fn several_moves(engine: &Engine, figures: &mut Figures) -> Result<()> {
    let folders = engine.folders().await?;
    let of = |path: &str| folders.iter().find(|f| f.path == path).unwrap().id;
    let row = engine.list(of("INBOX"), 0..1).await?.rows.remove(0);
    for path in ["Archives", "Biologie", "INBOX", "À classer"] {
        engine.move_to(&[row.id], of(path)).await?;
    }
    engine.set_flag(&[row.id], Flag::Flagged, true).await?;
    engine.sync(None).await?;
    let left = engine.health().await?.accounts[0].pending_changes;
    if left > 0 {
        figures
            .complain(format!("{left} of several changes to one message wait for another synchronisation"));
    }
    Ok(())
}

/// A message moved here into a folder where nothing else happens, which somebody else had moved elsewhere before, is
/// where it is on the server, once.
async fn moved_by_both(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<()> {
    let folders = engine.folders().await?;
    let of = |path: &str| folders.iter().find(|f| f.path == path).unwrap().id;
    let row = engine.list(of("INBOX"), 0..1).await?.rows.remove(0);
    let query = ["Archives", "mailbox", "INBOX", "subject", &row.subject];
    place.mailbox(OWN).doveadm(&["move"], &query);
    engine.move_to(&[row.id], of("Biologie")).await?;
    engine.sync(None).await?;
    engine.sync(None).await?;
    mailboxes(place, engine, figures).await
}

/// Each passes on what the other did until nobody finds anything.
async fn agree(engines: &[Engine], figures: &mut Figures) -> Result<()> {
    for _ in 0..6 {
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
    }
    figures.complain("they do not come to an end");
    Ok(())
}

/// A user's act on some messages of one folder.
async fn act(engine: &Engine, dice: &mut Dice) -> Result<()> {
    let folders = engine.folders().await?;
    let own: Vec<&Folder> =
        folders.iter().filter(|f| FOLDERS.contains(&f.path.as_str()) || f.path == TRASH).collect();
    let Some(folder) = dice.pick(&own) else { return Ok(()) };
    let rows = engine.list(folder.id, 0..folder.total.max(1)).await?.rows;
    let some: Vec<MessageRow> = rows.into_iter().filter(|_| dice.below(6) == 0).collect();
    let ids: Vec<_> = some.iter().map(|r| r.id).collect();
    let targets: Vec<FolderId> = own.iter().map(|f| f.id).collect();
    match dice.below(9) {
        0..4 => {
            let flag = [Flag::Seen, Flag::Flagged, Flag::Answered][dice.below(3)];
            engine.set_flag(&ids, flag, dice.below(2) == 0).await
        }
        4..8 => engine.move_to(&ids, targets[dice.below(targets.len())]).await,
        // for good, from the bin; not so often that nothing is left
        _ if folder.role == FolderRole::Trash || ids.len() < 3 => engine.delete(&ids).await,
        _ => Ok(()),
    }
}

/// Changes on the server itself.
fn by_hand(place: &Place, dice: &mut Dice) {
    let mailbox = place.mailbox(OWN);
    let folder = FOLDERS[dice.below(FOLDERS.len())];
    let sign = ["add", "remove"][dice.below(2)];
    let first = (1 + dice.below(20)).to_string();
    match dice.below(3) {
        0 => mailbox.doveadm(&["flags", sign], &["\\Flagged", "mailbox", folder, "uid", &first]),
        1 => mailbox.doveadm(&["move"], &["Archives", "mailbox", folder, "uid", &first]),
        _ => mailbox.doveadm(&["expunge"], &["mailbox", folder, "uid", &first]),
    };
}
