//! Both sides compared at the end: what is on the server, what is here, what the user was told.

use std::collections::BTreeMap;
use std::time::Duration;

use estafette::domain::outbox::{OutboxEntry, OutboxState};
use estafette::engine::{Engine, Result};

use crate::compare::{Figures, mailboxes};
use crate::ledger::Ledger;
use crate::other::Stored;
use crate::place::{DRAFTS, OTHER, OWN, Place, SENT};

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
    let copies = Copies::count(place);
    for entry in engine.outbox().await? {
        if entry.state != OutboxState::Done {
            figures.complain(format!("not done at the end: {entry:?}"));
        }
        copies.arrived_once(&entry.message_id, figures);
    }
    drafts(place, engine, figures).await?;
    mailboxes(&mut place.other(OWN), engine, figures).await?;
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
    let copies = Copies::count(place);
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
        if gone && copies.of(message_id)[0] > 0 {
            figures.complain(format!("{message_id} was taken back and has left"));
        }
    }
    for entry in &entries {
        match entry.state {
            OutboxState::Done => {
                figures.done += 1;
                copies.arrived_once(&entry.message_id, figures);
            }
            OutboxState::NeedsUser if entry.trouble.as_deref() == Some("answer-unknown") => {
                figures.answer_unknown += 1;
                let found = copies.of(&entry.message_id);
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
    let copies = Copies::count(place);
    for entry in engine.outbox().await? {
        if entry.state != OutboxState::NeedsUser {
            continue;
        }
        if copies.of(&entry.message_id)[0] == 0 {
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

/// How often each message is with the recipient, and among the sent ones.
struct Copies([BTreeMap<String, usize>; 2]);

impl Copies {
    fn count(place: &Place) -> Self {
        let mut own = place.other(OWN);
        let sent = own.own(SENT);
        Self([place.other(OTHER).message_ids("INBOX"), own.message_ids(&sent)])
    }

    fn of(&self, message_id: &str) -> [usize; 2] {
        let id = message_id.trim_matches(['<', '>']);
        [0, 1].map(|side: usize| self.0[side].get(id).copied().unwrap_or(0))
    }

    fn arrived_once(&self, message_id: &str, figures: &mut Figures) {
        let found = self.of(message_id);
        if found != [1, 1] {
            figures.complain(format!("{message_id}: {found:?} arrived and filed, not once each"));
        }
    }
}

/// Each draft once in the Drafts folder, and no other, once it was left alone long enough to be put there.
async fn drafts(place: &Place, engine: &Engine, figures: &mut Figures) -> Result<()> {
    let mut other = place.other(OWN);
    let path = other.own(DRAFTS);
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        here = engine.drafts().await?.into_iter().map(|(_, draft)| draft.subject).collect();
        there =
            other.messages(&path).iter().filter(|m| !m.flags.contains("\\Deleted")).map(subject).collect();
        here.sort();
        there.sort();
        if here == there {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        engine.sync(None).await?;
    }
    figures.complain(format!("drafts {here:?} here, {there:?} there"));
    Ok(())
}

fn subject(message: &Stored) -> String {
    let text = String::from_utf8_lossy(&message.raw);
    text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default().to_owned()
}

/// Flags, places and drafts as the user was told, and each numbered message once.
async fn wishes(engine: &Engine, ledger: &Ledger, figures: &mut Figures) -> Result<()> {
    let mut numbered: BTreeMap<String, usize> = BTreeMap::new();
    for folder in engine.folders().await? {
        for row in engine.list(folder.id, 0..100_000).await?.rows {
            // what a server without UIDPLUS keeps of a moved message is marked as deleted
            if row.flags.deleted {
                continue;
            }
            if row.subject.starts_with("Dossier ") {
                *numbered.entry(row.subject.clone()).or_default() += 1;
            }
            if ledger.flagged.get(&row.subject).is_some_and(|wish| !wish.allows(&row.flags.flagged)) {
                figures.complain(format!("{}: flagged {}", row.subject, row.flags.flagged));
            }
            if ledger.folders.get(&row.subject).is_some_and(|wish| !wish.allows(&folder.name().to_owned())) {
                figures.complain(format!(
                    "{}: in {}, {:?}",
                    row.subject, folder.path, ledger.folders[&row.subject]
                ));
            }
        }
    }
    for (subject, count) in numbered.into_iter().filter(|(_, count)| *count != 1) {
        figures.complain(format!("{subject} is there {count} times"));
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
