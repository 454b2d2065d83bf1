//! What the user was told is done: it must be found again afterwards.

use std::collections::{BTreeMap, BTreeSet};

use crate::driver::{Act, Word};

/// The last thing known done, and what was begun since then: any of these may be found.
#[derive(Debug, Default)]
pub struct Wish<T> {
    done: Option<T>,
    tried: Vec<T>,
}

impl<T: PartialEq> Wish<T> {
    pub fn did(&mut self, value: T) {
        self.done = Some(value);
        self.tried.clear();
    }

    /// Whether this may be found; anything may when nothing is known done.
    pub fn allows(&self, found: &T) -> bool {
        self.done.as_ref().is_none_or(|done| done == found) || self.tried.contains(found)
    }
}

#[derive(Debug, Default)]
pub struct Ledger {
    /// Message-IDs of what was queued.
    pub queued: BTreeSet<String>,
    /// Message-IDs that were, or were to be, taken back, and whether the engine said they are.
    pub taken_back: BTreeMap<String, bool>,
    /// Subjects by number of the draft.
    pub drafts: BTreeMap<i64, Wish<String>>,
    pub flagged: BTreeMap<String, Wish<bool>>,
    pub folders: BTreeMap<String, Wish<String>>,
}

impl Ledger {
    /// Takes in what one run of the driver said.
    pub fn read(&mut self, words: Vec<Word>) {
        for word in words {
            match word {
                Word::Sent { message_id } => {
                    self.queued.insert(message_id);
                }
                Word::Tried(act) => self.tried(act),
                Word::Done(act) => self.done(act),
            }
        }
    }

    fn tried(&mut self, act: Act) {
        match act {
            Act::Send { .. } | Act::Draft { id: None, .. } => {}
            Act::TakeBack { message_id } => {
                self.taken_back.entry(message_id).or_default();
            }
            Act::Flag { subject, flagged } => self.flagged.entry(subject).or_default().tried.push(flagged),
            Act::Move { subject, folder } => self.folders.entry(subject).or_default().tried.push(folder),
            Act::Delete { subject } => {
                self.folders.entry(subject).or_default().tried.push(crate::place::TRASH.to_owned());
            }
            Act::Draft { id: Some(id), subject } => self.drafts.entry(id).or_default().tried.push(subject),
        }
    }

    fn done(&mut self, act: Act) {
        match act {
            Act::Send { .. } | Act::Draft { id: None, .. } => {}
            Act::TakeBack { message_id } => {
                self.taken_back.insert(message_id, true);
            }
            Act::Flag { subject, flagged } => self.flagged.entry(subject).or_default().did(flagged),
            Act::Move { subject, folder } => self.folders.entry(subject).or_default().did(folder),
            Act::Delete { subject } => {
                self.folders.entry(subject).or_default().did(crate::place::TRASH.to_owned());
            }
            Act::Draft { id: Some(id), subject } => self.drafts.entry(id).or_default().did(subject),
        }
    }
}
