//! What the composer asks of the engine and of the system, each as one task.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use iced::Task;

use super::{Message, attaching};
use crate::domain::UnixTime;
use crate::domain::address::EmailAddress;
use crate::domain::draft::Draft;
use crate::domain::id::DraftId;
use crate::domain::person::Person;
use crate::engine::{Engine, PeopleQuery};
use crate::gui::platform;

/// Time between a change and the draft on disk.
const SAVE_AFTER: Duration = Duration::from_secs(3);
/// Proposals asked for.
const MOST_PROPOSALS: u32 = 8;

pub(super) fn accounts(engine: &Engine) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.accounts().await }, Message::AccountsRead)
}

pub(super) fn people(engine: &Engine, text: String, generation: u64) -> Task<Message> {
    let engine = engine.clone();
    let query = PeopleQuery { text, limit: MOST_PROPOSALS, ..PeopleQuery::default() };
    Task::perform(async move { engine.people(query).await }, move |result| Message::Proposed {
        generation,
        result,
    })
}

/// What the annuaire and the white list say of an address.
pub(super) fn standing(engine: &Engine, address: &EmailAddress) -> Task<Message> {
    let (asking, asked) = (engine.clone(), address.clone());
    let trust = Task::perform(
        async move { (asking.is_in_trust_space(asked.domain()).await.unwrap_or_default(), asked) },
        |(trusted, address)| Message::TrustRead { address, trusted },
    );
    Task::batch([trust, person(engine, address.clone())])
}

fn person(engine: &Engine, address: EmailAddress) -> Task<Message> {
    let engine = engine.clone();
    let asked = address.clone();
    Task::perform(async move { engine.person_by_address(asked.as_str()).await }, move |result| {
        Message::PersonRead { address: address.clone(), result }
    })
}

/// What the user keeps of the person at an address.
pub(super) fn contact(engine: &Engine, address: &EmailAddress, person: Person) -> Task<Message> {
    let (engine, address) = (engine.clone(), address.clone());
    Task::perform(async move { engine.contact(person).await }, move |result| Message::ContactRead {
        address: address.clone(),
        result: Box::new(result),
    })
}

pub(super) fn save_soon() -> Task<Message> {
    Task::perform(async { tokio::time::sleep(SAVE_AFTER).await }, |()| Message::SaveDue)
}

pub(super) fn save(engine: &Engine, id: Option<DraftId>, draft: Draft, revision: u64) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.save_draft(id, draft).await }, move |result| Message::Saved {
        revision,
        at: now(),
        result,
    })
}

/// Hands the message to the outbox; its draft leaves the drafts in the same step.
pub(super) fn queue(engine: &Engine, id: Option<DraftId>, draft: Draft) -> Task<Message> {
    let engine = engine.clone();
    let work = async move {
        match id {
            Some(id) => engine.send_draft(id, draft).await,
            None => engine.queue(draft).await,
        }
    };
    Task::perform(work, Message::Queued)
}

pub(super) fn pick_files() -> Task<Message> {
    let work = async { read(platform::pick_files(String::new()).await).await };
    Task::perform(work, Message::Attached)
}

/// A file dropped on the window. Any program of the display can drop one, so only what links may propose is taken: see
/// [`Engine::take_offered_file`].
pub(super) fn take_dropped(engine: &Engine, path: PathBuf) -> Task<Message> {
    let engine = engine.clone();
    let work = async move {
        let taken = engine.take_offered_file(path.clone()).await;
        vec![attaching::dropped(path, taken)]
    };
    Task::perform(work, Message::Attached)
}

async fn read(paths: Vec<PathBuf>) -> Vec<Result<crate::domain::draft::DraftAttachment, attaching::Error>> {
    let mut results = Vec::new();
    for path in paths {
        let target = path.clone();
        let result = tokio::task::spawn_blocking(move || attaching::read(&target)).await;
        results.push(result.unwrap_or(Err(attaching::Error::Unreadable(path))));
    }
    results
}

fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
