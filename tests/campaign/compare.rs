//! What is here and what is on the server, compared message by message.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeSet;

use estafette::domain::message::Flags;
use estafette::engine::{Engine, Result};

use crate::other::{Other, Stored};

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

/// A message as both sides must have it: its source and its flags.
type Copy = (Vec<u8>, BTreeSet<String>);

/// The same messages with the same flags in every folder, and the counters right.
pub async fn mailboxes(server: &mut Other, engine: &Engine, figures: &mut Figures) -> Result<()> {
    let folders = engine.folders().await?;
    let paths: BTreeSet<String> = folders.iter().map(|f| f.path.clone()).collect();
    let theirs: BTreeSet<String> = server.folders().into_iter().collect();
    if paths != theirs {
        figures.complain(format!("folders {paths:?} here, {theirs:?} there"));
    }
    for folder in folders {
        let rows = engine.list(folder.id, 0..100_000).await?.rows;
        let unread = rows.iter().filter(|r| !r.flags.seen).count();
        if (folder.total as usize, folder.unread as usize) != (rows.len(), unread) {
            figures.complain(format!("{}: counters {} {}", folder.path, folder.total, folder.unread));
        }
        let mut here: Vec<Copy> = Vec::new();
        for row in rows {
            match engine.source(row.id).await {
                Ok(raw) => here.push((raw, words(&row.flags))),
                Err(_) => figures.complain(format!("{}: no body of {}", folder.path, row.subject)),
            }
        }
        let there = if theirs.contains(&folder.path) { server.messages(&folder.path) } else { Vec::new() };
        let mut there: Vec<Copy> = there.into_iter().map(|Stored { raw, flags, .. }| (raw, flags)).collect();
        // without UIDPLUS what left a folder stays in it, marked, and is not shown; the same message may be there again,
        // live and marked by others, which is shown
        if !server.can("UIDPLUS") {
            let mut shown = here.clone();
            there.retain(|copy| {
                let at = shown.iter().position(|known| known == copy);
                !copy.1.contains("\\Deleted") || at.map(|at| shown.swap_remove(at)).is_some()
            });
        }
        here.sort();
        there.sort();
        figures.messages += there.len();
        if here != there {
            figures.complain(difference(&folder.path, &here, &there));
        }
    }
    Ok(())
}

/// Flags as a server writes them.
fn words(flags: &Flags) -> BTreeSet<String> {
    let system = [
        ("\\Seen", flags.seen),
        ("\\Answered", flags.answered),
        ("\\Flagged", flags.flagged),
        ("\\Deleted", flags.deleted),
        ("\\Draft", flags.draft),
    ];
    let set = system.iter().filter(|(_, on)| *on).map(|(word, _)| (*word).to_owned());
    set.chain(flags.keywords.iter().cloned()).collect()
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
