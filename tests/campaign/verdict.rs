//! Both sides compared at the end: what is on the server, what is here, what the user was told.

use std::collections::BTreeMap;
use std::path::Path;

use estafette::domain::outbox::{OutboxEntry, OutboxState};
use estafette::engine::{Engine, Result};

use crate::ledger::Ledger;
use crate::place::{OTHER, OWN, Place, SENT};

/// What a campaign came to.
#[derive(Debug, Default)]
pub struct Figures {
    #[allow(dead_code, reason = "printed")]
    pub rounds: usize,
    pub done: usize,
    /// Nobody knows whether they left: told to the user.
    pub answer_unknown: usize,
    pub answer_unknown_arrived: usize,
    pub taken_back: usize,
    pub messages: usize,
    /// Faults that came to their byte.
    pub struck: usize,
    /// What is wrong.
    pub complaints: Vec<String>,
}

impl Figures {
    pub fn complain(&mut self, what: impl Into<String>) {
        self.complaints.push(what.into());
    }
}

/// Lets everything finish that can finish without a decision of the user.
pub async fn settle(engine: &Engine, figures: &mut Figures) -> Result<()> {
    for _ in 0..20 {
        engine.sync(None).await?;
        engine.flush().await?;
        let entries = engine.outbox().await?;
        for entry in entries.iter().filter(|e| e.state == OutboxState::Queued) {
            engine.retry(entry.id).await?;
        }
        let open = |e: &OutboxEntry| {
            matches!(e.state, OutboxState::Queued | OutboxState::Sending | OutboxState::SentUnfiled)
        };
        if !entries.iter().any(open) {
            engine.sync(None).await?;
            let again = engine.sync(None).await?;
            if (again.new, again.changed, again.removed) != (0, 0, 0) {
                figures.complain(format!("a second pass still finds something: {again:?}"));
            }
            return Ok(());
        }
    }
    figures.complain("the outbox does not come to an end");
    Ok(())
}

/// The whole judgement; takes the user's decisions in between.
pub async fn judge(place: &Place, engine: &Engine, ledger: &Ledger, figures: &mut Figures) -> Result<()> {
    settle(engine, figures).await?;
    place.delivered();
    outbox(place, engine, ledger, figures).await?;
    decide(place, engine, figures).await?;
    settle(engine, figures).await?;
    place.delivered();
    for entry in engine.outbox().await? {
        if entry.state != OutboxState::Done {
            figures.complain(format!("not done at the end: {entry:?}"));
        }
        arrived_once(place, &entry.message_id, figures);
    }
    mailboxes(place, engine, figures).await?;
    wishes(engine, ledger, figures).await?;
    if let Err(error) = engine.check_store().await {
        figures.complain(format!("the store is damaged: {error}"));
    }
    for account in engine.health().await?.accounts {
        if account.pending_changes > 0 {
            figures.complain(format!("{} changes are left over", account.pending_changes));
        }
    }
    Ok(())
}

async fn outbox(place: &Place, engine: &Engine, ledger: &Ledger, figures: &mut Figures) -> Result<()> {
    let entries = engine.outbox().await?;
    for message_id in &ledger.queued {
        let here = entries.iter().any(|e| e.message_id == *message_id);
        if !here && !ledger.taken_back.contains_key(message_id) {
            figures.complain(format!("{message_id} was queued and is lost"));
        }
    }
    for (message_id, certain) in &ledger.taken_back {
        figures.taken_back += usize::from(*certain);
        let gone = !entries.iter().any(|e| e.message_id == *message_id);
        if *certain && !gone {
            figures.complain(format!("{message_id} was taken back and is in the outbox"));
        }
        if gone && copies(place, OTHER, "INBOX", message_id) > 0 {
            figures.complain(format!("{message_id} was taken back and has left"));
        }
    }
    for entry in &entries {
        match entry.state {
            OutboxState::Done => {
                figures.done += 1;
                arrived_once(place, &entry.message_id, figures);
            }
            OutboxState::NeedsUser if entry.trouble.as_deref() == Some("answer-unknown") => {
                figures.answer_unknown += 1;
                let found = [
                    copies(place, OTHER, "INBOX", &entry.message_id),
                    copies(place, OWN, SENT, &entry.message_id),
                ];
                figures.answer_unknown_arrived += found[0];
                if found[0] > 1 || found[1] > 0 {
                    figures.complain(format!("{found:?} arrived and filed: {entry:?}"));
                }
            }
            _ => figures.complain(format!("neither done nor for the user: {entry:?}")),
        }
    }
    Ok(())
}

/// The user asks the recipient: what did not arrive is sent again, what did is taken out of the outbox.
async fn decide(place: &Place, engine: &Engine, figures: &mut Figures) -> Result<()> {
    for entry in engine.outbox().await? {
        if entry.state != OutboxState::NeedsUser {
            continue;
        }
        if copies(place, OTHER, "INBOX", &entry.message_id) == 0 {
            engine.retry(entry.id).await?;
        } else {
            let draft = engine.cancel(entry.id).await?;
            if !engine.drafts().await?.iter().any(|(id, _)| *id == draft) {
                figures.complain(format!("cancelled and no draft: {entry:?}"));
            }
        }
    }
    Ok(())
}

fn arrived_once(place: &Place, message_id: &str, figures: &mut Figures) {
    let found = [copies(place, OTHER, "INBOX", message_id), copies(place, OWN, SENT, message_id)];
    if found != [1, 1] {
        figures.complain(format!("{message_id}: {found:?} arrived and filed, not once each"));
    }
}

fn copies(place: &Place, address: &str, folder: &str, message_id: &str) -> usize {
    place.mailbox(address).holding(folder, message_id.trim_matches(['<', '>']))
}

/// A message as both sides must have it: its source and whether it is seen, answered, flagged.
type Copy = (Vec<u8>, [bool; 3]);

/// The same messages with the same flags in every folder, and the counters right.
pub async fn mailboxes(place: &Place, engine: &Engine, figures: &mut Figures) -> Result<()> {
    let server = place.mailbox(OWN);
    let mut numbered: BTreeMap<String, usize> = BTreeMap::new();
    for folder in engine.folders().await? {
        let rows = engine.list(folder.id, 0..100_000).await?.rows;
        let unread = rows.iter().filter(|r| !r.flags.seen).count();
        if (folder.total as usize, folder.unread as usize) != (rows.len(), unread) {
            figures.complain(format!("{}: counters {} {}", folder.path, folder.total, folder.unread));
        }
        let mut here: Vec<Copy> = Vec::new();
        for row in rows {
            if row.subject.starts_with("Dossier ") {
                *numbered.entry(row.subject.clone()).or_default() += 1;
            }
            match engine.source(row.id).await {
                Ok(raw) => {
                    here.push((unix_lines(&raw), [row.flags.seen, row.flags.answered, row.flags.flagged]))
                }
                Err(_) => figures.complain(format!("{}: no body of {}", folder.path, row.subject)),
            }
        }
        let mut there: Vec<Copy> = server.files(&folder.path).iter().map(|path| copy(path)).collect();
        here.sort();
        there.sort();
        figures.messages += there.len();
        if here != there {
            figures.complain(difference(&folder.path, &here, &there));
        }
    }
    for (subject, count) in numbered.into_iter().filter(|(_, count)| *count != 1) {
        figures.complain(format!("{subject} is there {count} times"));
    }
    Ok(())
}

/// A file of the server, whose name ends in `:2,` and the flags.
fn copy(path: &Path) -> Copy {
    let name = path.to_string_lossy();
    let flags = name.rsplit_once(":2,").map_or("", |(_, flags)| flags);
    (unix_lines(&std::fs::read(path).unwrap()), ['S', 'R', 'F'].map(|flag| flags.contains(flag)))
}

fn unix_lines(raw: &[u8]) -> Vec<u8> {
    raw.iter().copied().filter(|b| *b != b'\r').collect()
}

fn difference(folder: &str, here: &[Copy], there: &[Copy]) -> String {
    let names = |of: &[Copy], without: &[Copy]| {
        let missing = of.iter().filter(|c| !without.contains(c));
        let name = |c: &Copy| {
            let text = String::from_utf8_lossy(&c.0).into_owned();
            let subject = text.lines().find(|l| l.starts_with("Subject:")).unwrap_or_default().to_owned();
            format!("{subject} {:?} {} bytes", c.1, c.0.len())
        };
        missing.take(5).map(name).collect::<Vec<_>>()
    };
    format!(
        "{folder}: {} here, {} there; only here {:?}, only there {:?}",
        here.len(),
        there.len(),
        names(here, there),
        names(there, here)
    )
}

/// Flags, places and drafts as the user was told.
async fn wishes(engine: &Engine, ledger: &Ledger, figures: &mut Figures) -> Result<()> {
    for folder in engine.folders().await? {
        for row in engine.list(folder.id, 0..100_000).await?.rows {
            if ledger.flagged.get(&row.subject).is_some_and(|wish| !wish.allows(&row.flags.flagged)) {
                figures.complain(format!("{}: flagged {}", row.subject, row.flags.flagged));
            }
            if ledger.folders.get(&row.subject).is_some_and(|wish| !wish.allows(&folder.path)) {
                figures.complain(format!(
                    "{}: in {}, {:?}",
                    row.subject, folder.path, ledger.folders[&row.subject]
                ));
            }
        }
    }
    let drafts = engine.drafts().await?;
    for (id, wish) in &ledger.drafts {
        match drafts.iter().find(|(found, _)| found.0 == *id) {
            Some((_, draft)) if wish.allows(&draft.subject) => {}
            Some((_, draft)) => figures.complain(format!("draft {id} is {}: {wish:?}", draft.subject)),
            None => figures.complain(format!("draft {id} is lost")),
        }
    }
    Ok(())
}
