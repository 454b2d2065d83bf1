//! Patients: looked up, given their messages, told apart by people.

mod biology;
mod reading;
mod reopening;

pub use biology::Earlier;

use std::collections::BTreeMap;
use std::ops::Range;

use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Event, Result, clock, document};
use crate::domain::biology::LabResult;
use crate::domain::document::Reading;
use crate::domain::id::{MentionId, MessageId, PatientId};
use crate::domain::message::MessageKind;
use crate::domain::patient::{
    Candidate, Likeness, Mention, Patient, PatientFile, PatientKeys, PatientRow, Patients, Replacement,
    Unattached, UnattachedMention,
};
use crate::domain::search::Topic;
use crate::health::lookup;
use crate::health::matching::{self, Decision};
use crate::store::{self, Choice, Opened, Verdict};

pub(super) use reopening::run as reopen;

/// Most messages of one patient's page.
const MOST_ENTRIES: usize = 1_000;
/// Most candidates shown for one mention.
const MOST_CANDIDATES: usize = 8;
/// Mentions given their patient in one transaction.
const SETTLED_AT_ONCE: u32 = 200;

/// What the documents of a message say, for the store.
pub(super) fn opened(raw: &[u8], kind: MessageKind, reading: Option<&Reading>) -> Opened {
    let mentions = reading.map(reading::mentions).unwrap_or_default();
    let mut source = [0; 32];
    // only mentions are known by it
    if !mentions.is_empty() {
        let digest = ring::digest::digest(&ring::digest::SHA256, raw);
        source.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    }
    let documents = reading.map_or(&[][..], |reading| &reading.documents);
    // what came back with a refusal was read when it was sent
    let came_back = reading.is_some_and(|reading| reading.refusal.is_some());
    let results = || documents.iter().filter(|_| !came_back).flat_map(|d| &d.results);
    Opened {
        source,
        alarm: results().any(LabResult::is_alarm),
        abnormal: results().any(LabResult::is_abnormal),
        topic: Topic::of(kind, documents),
        names: reading.map(document::patients_text).unwrap_or_default(),
        mentions,
    }
}

/// Gives every new mention its patient and tells; blocking.
pub(super) fn settle(session: &OpenSession) -> Result<()> {
    let mut told = false;
    loop {
        let settled = session.store.settle_mentions(SETTLED_AT_ONCE, search, |named, conflict, known| {
            match matching::decide(named, conflict, known) {
                Decision::Attach(id) => Verdict::Attach(id),
                Decision::Create => Verdict::Create,
                Decision::Ask => Verdict::Ask,
            }
        })?;
        if settled.is_empty() {
            break;
        }
        told = true;
    }
    if told {
        session.tell(Event::PatientsChanged);
    }
    Ok(())
}

/// As [`settle`]; what cannot be settled now is so when documents are looked into again.
pub(super) fn settle_soon(session: &OpenSession) {
    if let Err(error) = settle(session) {
        tracing::warn!(code = error.code(), "mentions wait for their patients");
    }
}

/// What a patient is looked for by.
fn search(patient: &Patient) -> (PatientKeys, Vec<String>) {
    let keys = matching::keys(patient);
    let slipped = matching::slipped_dates(&keys.birth_date);
    (keys, slipped)
}

impl Engine {
    /// Patients whose names begin with the words of a query, who were born on its date, in the usual French forms, or
    /// have its INS; by name. An empty query gives all.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn patients(&self, query: &str, window: Range<u32>) -> Result<Patients> {
        let asked = lookup::read(query, clock::year());
        self.with_store(move |s| s.patients(&asked.words, &asked.dates, asked.ins.as_deref(), window)).await
    }

    /// All there is of a patient, newest first; of one that was merged, all of the one it is shown as.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn patient(&self, id: PatientId) -> Result<PatientFile> {
        self.with_store(move |s| s.patient_file(id, MOST_ENTRIES)).await
    }

    /// What a message says of patients, each with the patient it is attached to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn mentions(&self, message: MessageId) -> Result<Vec<(Mention, Option<PatientRow>)>> {
        self.with_store(move |s| {
            let mentions = s.mentions(message)?.into_iter();
            mentions
                .map(|mention| {
                    let patient = mention.patient.map(|id| s.patient(id)).transpose()?;
                    Ok((mention, patient))
                })
                .collect()
        })
        .await
    }

    /// Mentions that wait for somebody to choose, newest first, each with whom it may be about.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn unattached(&self, window: Range<u32>) -> Result<Unattached> {
        self.with_store(move |s| {
            let (total, rows) = s.unattached(window)?;
            let mentions = rows.into_iter().map(|(message, mention, alike)| {
                let candidates = candidates(s, mention.id)?;
                Ok(UnattachedMention { message, mention, candidates, alike })
            });
            Ok(Unattached { total, mentions: mentions.collect::<std::result::Result<_, store::Error>>()? })
        })
        .await
    }

    /// One mention that waits, with whom it may be about; `None` when it waits no more.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn waiting_mention(&self, mention: MentionId) -> Result<Option<UnattachedMention>> {
        self.with_store(move |s| {
            let Some((message, mention, alike)) = s.waiting_mention(mention)? else { return Ok(None) };
            let candidates = candidates(s, mention.id)?;
            Ok(Some(UnattachedMention { message, mention, candidates, alike }))
        })
        .await
    }

    /// Attaches a mention, with every copy of its message, to a patient; with `alike`, also all others that wait and name
    /// exactly the same traits. The traits attached name this patient from then on.
    ///
    /// # Errors
    /// `not-found` when one of both is gone.
    pub async fn attach(&self, mention: MentionId, patient: PatientId, alike: bool) -> Result<()> {
        self.choose(mention, Choice::Attach(patient), alike).await.map(drop)
    }

    /// Makes a patient of what a mention names, and attaches it, as [`Engine::attach`].
    ///
    /// # Errors
    /// As [`Engine::attach`].
    pub async fn new_patient(&self, mention: MentionId, alike: bool) -> Result<Option<PatientId>> {
        self.choose(mention, Choice::New, alike).await
    }

    /// Leaves a mention without a patient: it is asked for no more.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn leave_mention(&self, mention: MentionId) -> Result<()> {
        self.choose(mention, Choice::Leave, false).await.map(drop)
    }

    /// Takes a mention from its patient, or from those that are left alone: it waits again, and never finds a patient by
    /// itself any more.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn detach(&self, mention: MentionId) -> Result<()> {
        self.choose(mention, Choice::Detach, false).await.map(drop)
    }

    /// Two patients are one: the first is shown as the second from now on.
    ///
    /// # Errors
    /// `not-found`; `patients-same` when they are one already.
    pub async fn merge_patients(&self, from: PatientId, into: PatientId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            session.store.merge_patients(from, into, clock::now()).map_err(|error| match error {
                store::Error::Exists => super::Error::new(super::ErrorKind::NeedsUser, "patients-same"),
                other => other.into(),
            })?;
            session.tell(Event::PatientsChanged);
            Ok(())
        }))
        .await
    }

    /// Takes back that a patient is the same as another.
    ///
    /// # Errors
    /// `not-found` when it was not merged.
    pub async fn part_patients(&self, id: PatientId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            session.store.part_patients(id, clock::now())?;
            session.tell(Event::PatientsChanged);
            Ok(())
        }))
        .await
    }

    /// What the documents of a message replace, or are said to be replaced by, as far as both are here.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn replacements(&self, message: MessageId) -> Result<Vec<Replacement>> {
        self.with_store(move |s| s.replacements(message)).await
    }

    /// Says to a replacement that it is one or not; `None` takes that back. Nothing is deleted: the older document is
    /// shown as replaced, and its results count no more among earlier values.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn judge_replacement(&self, old: &str, new: &str, accepted: Option<bool>) -> Result<()> {
        let (session, old, new) = (self.opened()?, old.to_owned(), new.to_owned());
        self.on_runtime(blocking(move || {
            session.store.judge_replacement(&old, &new, accepted, clock::now())?;
            session.tell(Event::PatientsChanged);
            Ok(())
        }))
        .await
    }

    /// Looks into the documents of stored messages that were never, or only by an earlier version, looked into; answers of
    /// how many. With loops this goes on in the background anyway.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn reopen_documents(&self) -> Result<usize> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let mut all = 0;
            while !session.cancel.is_cancelled() {
                match reopening::step(&session)? {
                    0 => break,
                    some => all += some,
                }
            }
            Ok(all)
        }))
        .await
    }

    async fn choose(&self, mention: MentionId, choice: Choice, alike: bool) -> Result<Option<PatientId>> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let (patient, messages) =
                session.store.choose(mention, choice, alike, clock::now(), matching::keys)?;
            session.tell(Event::PatientsChanged);
            messages.into_iter().for_each(|id| session.tell(Event::MessageChanged(id)));
            Ok(patient)
        }))
        .await
    }
}

/// The likest known patients, each once, in what it is likest.
fn candidates(store: &store::Store, mention: MentionId) -> std::result::Result<Vec<Candidate>, store::Error> {
    let (named, known) = store.known_like(mention, search)?;
    let mut best: BTreeMap<PatientId, Likeness> = BTreeMap::new();
    for (id, known) in &known {
        let Some(likeness) = matching::likeness(&named, known) else { continue };
        best.entry(*id).and_modify(|best| *best = likeness.min(*best)).or_insert(likeness);
    }
    let mut best: Vec<_> = best.into_iter().collect();
    best.sort_by_key(|(id, likeness)| (*likeness, *id));
    best.into_iter()
        .take(MOST_CANDIDATES)
        .map(|(id, likeness)| {
            let patient = store.patient(id)?;
            let differences = matching::differences(&named, &patient.traits);
            Ok(Candidate { patient, likeness, differences })
        })
        .collect()
}
