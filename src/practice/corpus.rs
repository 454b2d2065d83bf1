//! A mailbox of fictitious French medical mail.

mod letter;
mod newest;
mod notice;
mod report;
mod studio;

use studio::Studio;

use super::person::{Persona, Role};

/// Where a message of the corpus lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CorpusFolder {
    /// INBOX.
    Inbox,
    /// Sent mail.
    Sent,
    /// A folder of the practice: laboratory results.
    Biology,
    /// A folder of the practice: documents to file into the record.
    ToFile,
    /// Archive.
    Archive,
    /// Drafts.
    Drafts,
    /// Deleted mail.
    Trash,
}

/// A message of the corpus.
#[derive(Clone, PartialEq, Eq)]
pub struct CorpusMessage {
    /// Folder.
    pub folder: CorpusFolder,
    /// Source.
    pub raw: Vec<u8>,
    /// `\Seen`.
    pub seen: bool,
    /// `\Flagged`.
    pub flagged: bool,
    /// `\Answered`.
    pub answered: bool,
    /// Date header and arrival.
    pub date: i64,
}

impl std::fmt::Debug for CorpusMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CorpusMessage({:?}, {} bytes)", self.folder, self.raw.len())
    }
}

/// What one turn of the generator writes.
#[derive(Debug, Clone, Copy)]
enum Scene {
    Letter,
    Discharge,
    LaboratoryBody,
    LaboratoryFile,
    LaboratoryXdm,
    Thread,
    Pharmacy,
    Nurse,
    Patient,
    Notice,
    Newsletter,
    Receipt,
    Bounce,
    Sent,
}

/// How often each scene occurs in the mail of a role, in parts of the total.
fn weights(role: Role) -> &'static [(Scene, u64)] {
    use Scene::{
        Bounce, Discharge, LaboratoryBody, LaboratoryFile, LaboratoryXdm, Letter, Newsletter, Notice, Nurse,
        Patient, Pharmacy, Receipt, Sent, Thread,
    };
    match role {
        Role::GeneralPractitioner => &[
            (Letter, 25),
            (LaboratoryBody, 13),
            (LaboratoryFile, 7),
            (LaboratoryXdm, 5),
            (Discharge, 7),
            (Thread, 10),
            (Pharmacy, 4),
            (Nurse, 4),
            (Patient, 4),
            (Notice, 3),
            (Newsletter, 3),
            (Receipt, 3),
            (Bounce, 1),
            (Sent, 11),
        ],
        Role::Cardiologist => &[
            (Letter, 20),
            (LaboratoryBody, 6),
            (Discharge, 8),
            (Thread, 25),
            (Notice, 3),
            (Newsletter, 4),
            (Receipt, 4),
            (Sent, 30),
        ],
        Role::Pharmacist => &[
            (Thread, 35),
            (Letter, 10),
            (Discharge, 6),
            (Nurse, 6),
            (Notice, 5),
            (Newsletter, 5),
            (Receipt, 5),
            (Sent, 28),
        ],
        Role::Hospital => &[
            (Thread, 30),
            (Letter, 25),
            (LaboratoryXdm, 8),
            (Notice, 4),
            (Receipt, 6),
            (Bounce, 2),
            (Sent, 25),
        ],
        Role::Laboratory => &[(Thread, 25), (Receipt, 15), (Bounce, 3), (Notice, 4), (Letter, 3), (Sent, 50)],
    }
}

/// A mailbox of about six months, oldest message first: exactly `count` messages, the newest a few minutes before
/// `now` (Unix time). The newest ones are always the same scenes; one message of 12 MB, a malformed one, and one from
/// somebody using a colleague's name are among the rest. Same arguments, same bytes.
pub fn mailbox(owner: &Persona, count: usize, seed: u64, now: i64) -> Vec<CorpusMessage> {
    let mut studio = Studio::new(owner, seed, now);
    let mut out =
        if owner.role == Role::GeneralPractitioner { newest::messages(&mut studio) } else { Vec::new() };
    out.extend(notice::rarities(&mut studio));
    out.truncate(count);
    let weights = weights(owner.role);
    let total = weights.iter().map(|(_, w)| w).sum();
    while out.len() < count {
        let mut draw = studio.chance.below(total);
        let scene = weights.iter().find(|(_, weight)| match draw.checked_sub(*weight) {
            Some(rest) => {
                draw = rest;
                false
            }
            None => true,
        });
        let date = studio.past();
        let room = count - out.len();
        out.extend(play(&mut studio, scene.map_or(Scene::Letter, |(s, _)| *s), date).into_iter().take(room));
    }
    out.sort_by_key(|m| m.date);
    out
}

fn play(studio: &mut Studio<'_>, scene: Scene, date: i64) -> Vec<CorpusMessage> {
    match scene {
        Scene::Letter => vec![letter::consultation(studio, date)],
        Scene::Discharge => vec![letter::discharge(studio, date)],
        Scene::LaboratoryBody => vec![letter::laboratory_body(studio, date)],
        Scene::LaboratoryFile => vec![letter::laboratory_file(studio, date)],
        Scene::LaboratoryXdm => vec![letter::laboratory_xdm(studio, date)],
        Scene::Thread => letter::thread(studio, date),
        Scene::Pharmacy => vec![letter::pharmacy(studio, date)],
        Scene::Nurse => vec![letter::nurse(studio, date)],
        Scene::Patient => vec![letter::from_patient(studio, date)],
        Scene::Notice => vec![notice::notice(studio, date)],
        Scene::Newsletter => vec![notice::newsletter(studio, date)],
        Scene::Receipt => vec![report::receipt(studio, date)],
        Scene::Bounce => vec![report::bounce(studio, date)],
        Scene::Sent => vec![letter::sent(studio, date)],
    }
}
