//! What the mailbox asks of the engine and of the system, each as one task whose answer says what it answers.

use std::path::PathBuf;
use std::time::Duration;

use iced::Task;
use iced::widget::image;

use super::folder::Target;
use super::listing::PAGE;
use super::{FolderMessage, Message, documents, reader, saving, viewer};
use crate::domain::address::Mailbox as Correspondent;
use crate::domain::id::{DraftId, FolderId, MessageId};
use crate::domain::message::Flag;
use crate::domain::triage::Triage;
use crate::engine::{Engine, PdfPlace, ReceiptWords, Result, Scope};
use crate::gui::platform;

/// Time a message is on screen before it counts as read: passing over it with the arrows does not.
const READ_AFTER: Duration = Duration::from_millis(1200);
/// Time without a key after which a search counts as typed.
const TYPING: Duration = Duration::from_millis(200);
/// Largest side of an inline image, in pixels.
const LARGEST_IMAGE: u32 = 6000;
/// Width an inline image is reduced to, in pixels.
const DRAWN_WIDTH: u32 = 1200;
/// Longest source shown, in bytes.
const LONGEST_SOURCE: usize = 400_000;

pub(super) fn accounts(engine: &Engine) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.accounts().await }, Message::AccountsRead)
}

pub(super) fn folders(engine: &Engine) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.folders().await }, Message::FoldersRead)
}

pub(super) fn drafts(engine: &Engine) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.draft_rows().await }, Message::DraftsRead)
}

pub(super) fn draft(engine: &Engine, id: DraftId) -> Task<Message> {
    let engine = engine.clone();
    let read = async move { Ok(engine.draft(id).await?.map(|draft| (id, Box::new(draft)))) };
    Task::perform(read, Message::DraftOpened)
}

pub(super) fn delete_draft(engine: &Engine, id: DraftId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.delete_draft(id).await }, Message::Done)
}

pub(super) fn list(engine: &Engine, folder: FolderId, generation: u64, first: u32) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.list(folder, first..first + PAGE).await }, move |result| {
        Message::Listed { generation, first, result }
    })
}

/// Where a message is in its folder.
pub(super) fn position(engine: &Engine, id: MessageId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.position(id).await.ok().flatten() }, move |at| Message::Located(id, at))
}

pub(super) fn list_threads(engine: &Engine, folder: FolderId, generation: u64, first: u32) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.list_threads(folder, first..first + PAGE).await }, move |result| {
        Message::Grouped { generation, first, result }
    })
}

/// The conversation of a message.
pub(super) fn conversation(engine: &Engine, id: MessageId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.conversation(id).await.unwrap_or_default() }, move |rows| {
        Message::Reader(reader::Message::Conversation(id, rows))
    })
}

pub(super) fn list_state(
    engine: &Engine,
    folder: FolderId,
    state: Triage,
    generation: u64,
    first: u32,
) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(
        async move { engine.list_triage(folder, state, first..first + PAGE).await },
        move |result| Message::Listed { generation, first, result },
    )
}

pub(super) fn set_state(engine: &Engine, ids: Vec<MessageId>, state: Option<Triage>) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.set_triage(&ids, state).await }, Message::Done)
}

/// What is known of the patients a message names, and of what its documents replace.
pub(super) fn known(engine: &Engine, id: MessageId) -> Task<Message> {
    let engine = engine.clone();
    let reading = async move {
        let mentions = engine.mentions(id).await?;
        let replacements = engine.replacements(id).await?;
        let earlier = engine.earlier_values(id).await?;
        Ok(Box::new(documents::Known { mentions, replacements, earlier }))
    };
    Task::perform(reading, move |result: Result<_>| {
        Message::Reader(reader::Message::Document(documents::Message::Known(id, result)))
    })
}

pub(super) fn judge_replacement(
    engine: &Engine,
    old: String,
    new: String,
    accepted: Option<bool>,
) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.judge_replacement(&old, &new, accepted).await }, Message::Done)
}

pub(super) fn search(engine: &Engine, query: String, generation: u64, first: u32) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.search(&query, first..first + PAGE).await }, move |result| {
        Message::Found { generation, first, result }
    })
}

/// A moment in which the user may go on typing.
pub(super) fn pause(then: Message) -> Task<Message> {
    Task::perform(async { tokio::time::sleep(TYPING).await }, move |()| then.clone())
}

pub(super) fn facets(engine: &Engine, query: String, epoch: u64) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.facets(&query).await }, move |result| Message::Counted {
        epoch,
        result,
    })
}

/// How many messages of the archive answer a search.
pub(super) fn archived(engine: &Engine, query: String, epoch: u64) -> Task<Message> {
    let engine = engine.clone();
    let count = async move { engine.search_archive(&query, 0..0).await.map(|found| found.total) };
    Task::perform(count, move |result| Message::Archived { epoch, result })
}

pub(super) fn excerpts(engine: &Engine, query: String, epoch: u64, ids: Vec<MessageId>) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.excerpts(&query, ids).await }, move |result| Message::Excerpted {
        epoch,
        result,
    })
}

pub(super) fn person(engine: &Engine, address: String) -> Task<Message> {
    let engine = engine.clone();
    let asked = address.clone();
    Task::perform(async move { engine.person_by_address(&asked).await }, move |result| Message::PersonRead {
        address: address.clone(),
        result,
    })
}

pub(super) fn namesake(engine: &Engine, id: MessageId, sender: Correspondent) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.namesake(sender).await }, move |result| Message::NamesakeRead {
        id,
        person: result.ok().flatten().map(Box::new),
    })
}

pub(super) fn trust(engine: &Engine, domain: String) -> Task<Message> {
    let engine = engine.clone();
    let asking = async move { (engine.is_in_trust_space(&domain).await.unwrap_or_default(), domain) };
    Task::perform(asking, |(trusted, domain)| Message::TrustRead { domain, trusted })
}

pub(super) fn message(engine: &Engine, id: MessageId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.message(id).await.map(Box::new) }, move |result| Message::Opened {
        id,
        result,
    })
}

pub(super) fn documents(engine: &Engine, id: MessageId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.documents_to_show(id).await.map(Box::new) }, move |result| {
        Message::Reader(reader::Message::Document(documents::Message::Read(id, result)))
    })
}

fn of_page(message: viewer::Message) -> Message {
    Message::Reader(reader::Message::Document(documents::Message::Page(message)))
}

pub(super) fn pdf(engine: &Engine, id: MessageId, document: usize, place: PdfPlace) -> Task<Message> {
    let engine = engine.clone();
    let fetched = async move { engine.document_pdf(id, place).await.ok().flatten() };
    Task::perform(fetched, move |file| of_page(viewer::Message::Fetched(id, document, file)))
}

/// Draws or reads pages away from the interface.
pub(super) fn pages(message: MessageId, document: usize, need: viewer::Need) -> Task<Message> {
    match need {
        viewer::Need::Draw(file, number, zoom, scale) => {
            let draw = move || {
                let (picture, text) = (file.page(number, scale), file.text(number));
                viewer::Drawn { message, document, number, zoom, picture, text }
            };
            Task::future(async move { tokio::task::spawn_blocking(draw).await }).then(|drawn| match drawn {
                Ok(drawn) => Task::done(of_page(viewer::Message::Drawn(Box::new(drawn)))),
                Err(_) => Task::none(),
            })
        }
        viewer::Need::Texts(file) => {
            let read = async move { tokio::task::spawn_blocking(move || file.texts()).await };
            Task::perform(read, move |texts| {
                of_page(viewer::Message::TextsRead(message, document, texts.unwrap_or_default()))
            })
        }
        viewer::Need::Nothing | viewer::Need::Copy(_) | viewer::Need::Scroll => Task::none(),
    }
}

/// Decodes pictures of a document; those without bytes are the attachment itself.
pub(super) fn document_pictures(
    engine: &Engine,
    id: MessageId,
    attachment: Option<usize>,
    wanted: Vec<(usize, usize, Option<Vec<u8>>)>,
) -> Task<Message> {
    let tasks = wanted.into_iter().map(|(document, index, bytes)| {
        let engine = engine.clone();
        let read = async move {
            let bytes = match (bytes, attachment) {
                (Some(bytes), _) => bytes,
                (None, Some(attachment)) => engine.attachment(id, attachment).await.ok()?.bytes,
                (None, None) => return None,
            };
            tokio::task::spawn_blocking(move || decode(&bytes)).await.ok().flatten()
        };
        Task::perform(read, move |handle| {
            Message::Reader(reader::Message::Document(documents::Message::PictureRead(
                id, document, index, handle,
            )))
        })
    });
    Task::batch(tasks.collect::<Vec<_>>())
}

pub(super) fn acknowledge_alarm(engine: &Engine, id: MessageId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.acknowledge_alarm(id).await }, Message::Done)
}

pub(super) fn download(engine: &Engine, id: MessageId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.download(id).await }, Message::Done)
}

pub(super) fn download_all(engine: &Engine) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.download_all(Scope::Everything).await.map(|_| ()) }, Message::Done)
}

pub(super) fn read_for_a_while(id: MessageId) -> Task<Message> {
    Task::perform(async { tokio::time::sleep(READ_AFTER).await }, move |()| Message::ReadForAWhile(id))
}

pub(super) fn set_flag(engine: &Engine, ids: Vec<MessageId>, flag: Flag, on: bool) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.set_flag(&ids, flag, on).await }, Message::Done)
}

pub(super) fn answer_receipt(
    engine: &Engine,
    id: MessageId,
    words: Option<Box<ReceiptWords>>,
) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(
        async move { engine.answer_receipt(id, words.map(|words| *words)).await.map(|_| ()) },
        Message::Done,
    )
}

pub(super) fn delete(engine: &Engine, ids: Vec<MessageId>) -> Task<Message> {
    let engine = engine.clone();
    let work = async move { engine.delete(&ids).await.map(|()| engine.undoable()) };
    Task::perform(work, Message::Changed)
}

pub(super) fn move_to(engine: &Engine, ids: Vec<MessageId>, folder: FolderId) -> Task<Message> {
    let engine = engine.clone();
    let work = async move { engine.move_to(&ids, folder).await.map(|()| engine.undoable()) };
    Task::perform(work, Message::Changed)
}

pub(super) fn copy_to(engine: &Engine, ids: Vec<MessageId>, folder: FolderId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.copy_to(&ids, folder).await }, Message::Done)
}

pub(super) fn undo(engine: &Engine) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.undo(None).await }, Message::Undone)
}

pub(super) fn refusals(engine: &Engine, since: crate::domain::UnixTime) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.refusals(since).await }, Message::Refused)
}

/// Makes a folder, or gives it another name.
pub(super) fn name_folder(engine: &Engine, target: Target, name: String) -> Task<Message> {
    let engine = engine.clone();
    let work = async move {
        match target {
            Target::New(account) => engine.create_folder(account, &name).await.map(drop),
            Target::Known(id) => engine.rename_folder(id, &name).await,
        }
    };
    Task::perform(work, |result| Message::Folder(FolderMessage::Done(result)))
}

pub(super) fn watch_folder(engine: &Engine, id: FolderId, on: bool) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.watch_folder(id, on).await }, move |result| {
        Message::Folder(FolderMessage::Watched(id, result))
    })
}

pub(super) fn delete_folder(engine: &Engine, id: FolderId) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.delete_folder(id).await }, |result| {
        Message::Folder(FolderMessage::Done(result))
    })
}

pub(super) fn source(engine: &Engine, id: MessageId) -> Task<Message> {
    let engine = engine.clone();
    let read = async move {
        let mut bytes = engine.source(id).await?;
        bytes.truncate(LONGEST_SOURCE);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    Task::perform(read, move |result| Message::Reader(reader::Message::SourceRead(id, result)))
}

pub(super) fn picture(engine: &Engine, id: MessageId, index: usize) -> Task<Message> {
    let engine = engine.clone();
    let read = async move {
        let content = engine.attachment(id, index).await.ok()?;
        tokio::task::spawn_blocking(move || decode(&content.bytes)).await.ok().flatten()
    };
    Task::perform(read, move |handle| Message::Reader(reader::Message::ImageRead(id, index, handle)))
}

/// Decodes a PNG, JPEG, TIFF, GIF or BMP within bounds of size and memory: its first picture.
fn decode(bytes: &[u8]) -> Option<image::Handle> {
    let mut reader = ::image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = ::image::Limits::default();
    limits.max_image_width = Some(LARGEST_IMAGE);
    limits.max_image_height = Some(LARGEST_IMAGE);
    limits.max_alloc = Some(160 << 20);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let picture =
        if picture.width() > DRAWN_WIDTH { picture.thumbnail(DRAWN_WIDTH, LARGEST_IMAGE) } else { picture };
    Some(image::Handle::from_rgba(picture.width(), picture.height(), picture.into_rgba8().into_raw()))
}

/// Writes a copy for another program.
pub(super) fn lend(engine: &Engine, id: MessageId, index: usize) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { engine.lend(id, index).await }, Message::Lent)
}

/// Asks where to save one attachment, then writes it.
pub(super) fn save(engine: &Engine, id: MessageId, index: usize, name: String) -> Task<Message> {
    let engine = engine.clone();
    let work = async move {
        let chosen = platform::save_file(String::new(), name).await?;
        Some(write(engine, id, index, chosen, false).await)
    };
    Task::perform(work, move |outcome| Message::Saved { id, index, outcome })
}

/// Writes one attachment over the file the user agreed to replace.
pub(super) fn replace(engine: &Engine, id: MessageId, index: usize, path: PathBuf) -> Task<Message> {
    let engine = engine.clone();
    Task::perform(async move { Some(write(engine, id, index, path, true).await) }, move |outcome| {
        Message::Saved { id, index, outcome }
    })
}

/// Asks for a folder, then writes every attachment there under a free name.
pub(super) fn save_all(engine: &Engine, id: MessageId, indexes: Vec<usize>) -> Task<Message> {
    let engine = engine.clone();
    let work = async move {
        let folder = platform::pick_folder(String::new()).await?;
        let mut last = folder.clone();
        for index in indexes {
            match write_in(&engine, id, index, folder.clone()).await {
                Ok(path) => last = path,
                Err(error) => return Some(Err(error)),
            }
        }
        Some(Ok(last.parent().map_or(folder, std::path::Path::to_owned)))
    };
    Task::perform(work, move |outcome| Message::Saved { id, index: 0, outcome })
}

async fn write(
    engine: Engine,
    id: MessageId,
    index: usize,
    path: PathBuf,
    replace: bool,
) -> std::result::Result<PathBuf, saving::Error> {
    let content = read(&engine, id, index).await?;
    let target = path.clone();
    let written = tokio::task::spawn_blocking(move || saving::write(&target, &content.bytes, replace)).await;
    written.map_err(|_| saving::Error::Disk(path.clone()))?.map(|()| path)
}

async fn write_in(
    engine: &Engine,
    id: MessageId,
    index: usize,
    folder: PathBuf,
) -> std::result::Result<PathBuf, saving::Error> {
    let content = read(engine, id, index).await?;
    let target = folder.clone();
    tokio::task::spawn_blocking(move || saving::write_beside(&target, &content.name, &content.bytes))
        .await
        .map_err(|_| saving::Error::Disk(folder))?
}

async fn read(
    engine: &Engine,
    id: MessageId,
    index: usize,
) -> std::result::Result<crate::engine::AttachmentContent, saving::Error> {
    let content: Result<_> = engine.attachment(id, index).await;
    content.map_err(|error| saving::Error::Unavailable(error.code()))
}
