//! Queries and commands on the store of the open session.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::session::{OpenSession, Wanted};
use super::sync::{connect, fetch_one};
use super::work::{blocking, with_store};
use super::{
    AttachmentContent, Engine, Error, ErrorKind, Event, Page, PdfFile, PdfPlace, Result, clock, contact,
    document, draft, fault, outbox,
};
use crate::domain::account::Account;
use crate::domain::address::EmailAddress;
use crate::domain::document::Reading;
use crate::domain::draft::{Draft, DraftRow, Origin, Recipient};
use crate::domain::folder::Folder;
use crate::domain::id::{AccountId, DraftId, FolderId, MessageId, OutboxId};
use crate::domain::message::{Envelope, MessageRow, MessageView};
use crate::domain::outbox::{OutboxEntry, OutboxRecipient, RecipientState};
use crate::domain::triage::Triage;
use crate::store::Thread;
use crate::{mime, store};

/// How long the loop has for a body somebody waits for before another connection is made for it.
const LOOP_WAIT: Duration = Duration::from_millis(400);
/// How long a reader waits for a body that is being fetched.
const BODY_WAIT: Duration = Duration::from_secs(60);

impl Engine {
    /// Runs store work on a blocking thread of the engine.
    pub(super) async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&store::Store) -> std::result::Result<T, store::Error> + Send + 'static,
    ) -> Result<T> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || work(&session.store).map_err(Error::from))).await
    }

    /// Folders of every account, in display order: role, then name.
    pub async fn folders(&self) -> Result<Vec<Folder>> {
        self.with_store(|s| s.folders()).await
    }

    /// The rows `window` of a folder, newest first.
    pub async fn list(&self, folder: FolderId, window: Range<u32>) -> Result<Page> {
        let first = window.start;
        let (total, rows) = self.with_store(move |s| s.list(folder, window)).await?;
        Ok(Page { total, first, rows })
    }

    /// The conversations `window` of a folder, that with the newest message first, and how many there are in all.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn list_threads(&self, folder: FolderId, window: Range<u32>) -> Result<(u32, Vec<Thread>)> {
        self.with_store(move |s| s.list_threads(folder, window)).await
    }

    /// The messages of the conversation a message belongs to, sent ones included, oldest first; empty when it is alone.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn conversation(&self, id: MessageId) -> Result<Vec<MessageRow>> {
        self.with_store(move |s| s.conversation(id)).await
    }

    /// Where a message is in the list of its folder; `None` when it is gone.
    pub async fn position(&self, id: MessageId) -> Result<Option<u32>> {
        self.with_store(move |s| s.position(id)).await
    }

    /// As [`Engine::list`], of the messages of one state only.
    pub async fn list_triage(&self, folder: FolderId, triage: Triage, window: Range<u32>) -> Result<Page> {
        let first = window.start;
        let (total, rows) = self.with_store(move |s| s.list_triage(folder, triage, window)).await?;
        Ok(Page { total, first, rows })
    }

    /// How many of these messages are there and unread.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn unread_among(&self, ids: &[MessageId]) -> Result<usize> {
        let ids = ids.to_vec();
        self.with_store(move |s| {
            ids.iter().try_fold(0, |count, id| {
                Ok(count + usize::from(s.row(*id)?.is_some_and(|row| !row.flags.seen)))
            })
        })
        .await
    }

    /// One message; marks nothing as read. A body not yet here is fetched first when a connection is up; offline the
    /// view comes without blocks and `row.downloaded` is false.
    pub async fn message(&self, id: MessageId) -> Result<MessageView> {
        let here = self.with_store(move |s| s.row(id)).await?.ok_or_else(not_found)?.downloaded;
        if !here {
            match self.fetch(id).await {
                // what is known of it can be read all the same
                Err(error) if error.kind() == ErrorKind::Offline => {}
                fetched => fetched?,
            }
        }
        let session = self.opened()?;
        self.on_runtime(blocking(move || view(&session, id))).await
    }

    /// The raw source.
    pub async fn source(&self, id: MessageId) -> Result<Vec<u8>> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || raw(&session, id))).await
    }

    /// One attachment, decoded.
    pub async fn attachment(&self, id: MessageId, index: usize) -> Result<AttachmentContent> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let raw = raw(&session, id)?;
            let content = mime::attachment(&raw, index).ok_or_else(not_found)?;
            Ok(AttachmentContent { name: content.name, media_type: content.media_type, bytes: content.bytes })
        }))
        .await
    }

    /// The health documents of a message: attached, inside archives and messages, or in its text. Reads it again each
    /// time; nothing is fetched or written.
    ///
    /// # Errors
    /// `not-found`, `offline` while its content is not here, `input-unreadable`.
    pub async fn documents(&self, id: MessageId) -> Result<Reading> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let raw = raw(&session, id)?;
            document::of_message(&raw).ok_or_else(|| Error::new(ErrorKind::Corrupt, "input-unreadable"))
        }))
        .await
    }

    /// As [`Engine::documents`] for the screen: without the text of pages, which are drawn.
    ///
    /// # Errors
    /// As [`Engine::documents`].
    pub async fn documents_to_show(&self, id: MessageId) -> Result<Reading> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let raw = raw(&session, id)?;
            document::of_message_to_show(&raw)
                .ok_or_else(|| Error::new(ErrorKind::Corrupt, "input-unreadable"))
        }))
        .await
    }

    /// The PDF of a document of a message. `None` when it is not there.
    ///
    /// # Errors
    /// `not-found`, `offline` while its content is not here.
    pub async fn document_pdf(&self, id: MessageId, place: PdfPlace) -> Result<Option<PdfFile>> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || Ok(document::fetch_pdf(&raw(&session, id)?, place)))).await
    }

    /// The user saw the critical results of a message: its alarm ends, which is traced.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn acknowledge_alarm(&self, id: MessageId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            if session.store.acknowledge(id, clock::now())? {
                session.tell(Event::MessageChanged(id));
            }
            Ok(())
        }))
        .await
    }

    /// Marks a folder as one whose changes are to be told at once, as the inbox's are, or no more.
    ///
    /// # Errors
    /// No such folder.
    pub async fn watch_folder(&self, folder: FolderId, on: bool) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            session.store.watch_folder(folder, on)?;
            let account = session.store.folder(folder)?.folder.account;
            session.tell(Event::FoldersChanged(account));
            session.line(account).wake.notify_one();
            Ok(())
        }))
        .await
    }

    /// Writes the message to disk with its final Message-ID and hands it to the outbox loop.
    ///
    /// # Errors
    /// No recipient; a recipient whose domain the loaded white list does not hold; larger than the submission server
    /// said it takes.
    pub async fn queue(&self, draft: Draft) -> Result<OutboxId> {
        self.queue_from(None, draft).await
    }

    /// As [`Engine::queue`]; the draft it was written in leaves the drafts in the same step.
    ///
    /// # Errors
    /// As [`Engine::queue`]: the draft stays.
    pub async fn send_draft(&self, id: DraftId, draft: Draft) -> Result<OutboxId> {
        self.queue_from(Some(id), draft).await
    }

    async fn queue_from(&self, from: Option<DraftId>, draft: Draft) -> Result<OutboxId> {
        let (session, annuaire, delay) = (self.opened()?, self.annuaire(), self.send_delay());
        self.on_runtime(blocking(move || {
            if draft.recipients().is_empty() {
                return Err(Error::new(ErrorKind::NeedsUser, "no-recipient"));
            }
            for recipient in draft.recipients() {
                if annuaire.white_list_contains(recipient.address.domain())? == Some(false) {
                    return Err(outbox::outside(&recipient.address));
                }
            }
            let recipients: Vec<Recipient> = draft.recipients().into_iter().cloned().collect();
            let new = compose(&session, draft, delay)?;
            let account = new.account;
            outbox::check_size(&session.store, account, new.raw.len() as u64)?;
            let id = match from {
                Some(draft) => session.store.queue_draft(draft, new)?,
                None => session.store.queue(new)?,
            };
            contact::remember(&session, &recipients, clock::now());
            session.tell(Event::OutboxChanged(id));
            session.outbox_wake.notify_one();
            if from.is_some() {
                session.tell(Event::DraftsChanged);
                session.line(account).wake.notify_one();
            }
            Ok(id)
        }))
        .await
    }

    /// Messages on their way, newest first, sent ones included.
    pub async fn outbox(&self) -> Result<Vec<OutboxEntry>> {
        self.with_store(|s| s.outbox()).await
    }

    /// Takes a message back that has not been handed to a server; its content returns as a draft.
    pub async fn cancel(&self, id: OutboxId) -> Result<DraftId> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let kept = session.store.take_back(id, clock::now())?;
            session.tell(Event::OutboxChanged(id));
            session.tell(Event::DraftsChanged);
            Ok(kept)
        }))
        .await
    }

    /// The user says that a message whose answer was lost arrived: it counts as sent and its copy is filed.
    ///
    /// # Errors
    /// `already-sent` when that was no question; `not-found`.
    pub async fn settle(&self, id: OutboxId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let entry = session.store.outbox_entry(id)?.ok_or_else(not_found)?;
            if !session.store.settle(id, clock::now())? {
                return Err(Error::new(ErrorKind::NeedsUser, "already-sent"));
            }
            session.store.add_trace(clock::now(), "settled", Some(entry.account), Some(&entry.message_id))?;
            session.tell(Event::OutboxChanged(id));
            session.line(entry.account).wake.notify_one();
            Ok(())
        }))
        .await
    }

    /// Tries again now; refused recipients are tried again too.
    pub async fn retry(&self, id: OutboxId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            session.store.outbox_entry(id)?.ok_or_else(not_found)?;
            if !session.store.requeue(id, clock::now())? {
                return Err(Error::new(ErrorKind::NeedsUser, "already-sent"));
            }
            session.tell(Event::OutboxChanged(id));
            session.outbox_wake.notify_one();
            Ok(())
        }))
        .await
    }

    /// Keeps what is being written, here at once and in the Drafts folder of the server when it has been quiet for a
    /// moment; `None` makes a new draft. The answer is another number than asked for when the draft is gone, or was
    /// replaced by the version of another machine, which is then kept beside this one. Works for a moment after the
    /// card has left, too.
    pub async fn save_draft(&self, id: Option<DraftId>, draft: Draft) -> Result<DraftId> {
        let session = self.writable()?;
        self.on_runtime(async move {
            let (account, owner) = (draft.account, Arc::clone(&session));
            let id = blocking(move || Ok(owner.store.save_draft(id, &draft, clock::now())?)).await?;
            session.tell(Event::DraftsChanged);
            draft::saved(&session, account, id);
            Ok(id)
        })
        .await
    }

    /// Every draft with its files, newest first.
    pub async fn drafts(&self) -> Result<Vec<(DraftId, Draft)>> {
        self.with_store(|s| s.drafts()).await
    }

    /// Every draft as the list shows it, those of the Drafts folders included, newest first.
    pub async fn draft_rows(&self) -> Result<Vec<DraftRow>> {
        self.with_store(|s| s.draft_rows()).await
    }

    /// One draft with its files; `None` when it is gone.
    pub async fn draft(&self, id: DraftId) -> Result<Option<Draft>> {
        self.with_store(move |s| s.draft(id)).await
    }

    /// Throws a draft away, here and on the server.
    pub async fn delete_draft(&self, id: DraftId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let account = session.store.draft(id)?.map(|draft| draft.account);
            session.store.delete_draft(id, clock::now())?;
            session.tell(Event::DraftsChanged);
            if let Some(account) = account {
                session.line(account).wake.notify_one();
            }
            Ok(())
        }))
        .await
    }

    /// A draft that answers a message, to the sender or to everyone but oneself; `attribution` is the line above the
    /// quoted text.
    pub async fn reply_draft(&self, id: MessageId, all: bool, attribution: String) -> Result<Draft> {
        let view = self.message(id).await?;
        let own = self.own_addresses().await?;
        Ok(mime::reply(&view, all, &own, view.row.account, &|_| attribution.clone()))
    }

    /// A draft that forwards a message with its attachments; `introduction` stands above its text.
    pub async fn forward_draft(&self, id: MessageId, introduction: String) -> Result<Draft> {
        let view = self.message(id).await?;
        if !view.row.downloaded {
            // it would go out without its content
            return Err(Error::new(ErrorKind::Offline, "offline"));
        }
        let mut attachments = Vec::new();
        for attachment in view.attachments.iter().filter(|a| !a.inline) {
            let content = self.attachment(id, attachment.index).await?;
            attachments.push(crate::domain::draft::DraftAttachment {
                name: content.name,
                media_type: content.media_type,
                content: content.bytes,
            });
        }
        Ok(mime::forward(&view, attachments, view.row.account, &|_| introduction.clone()))
    }

    async fn own_addresses(&self) -> Result<Vec<EmailAddress>> {
        Ok(self.accounts().await?.into_iter().map(|a| a.config.address).collect())
    }

    /// Fetches one body: by the running loop, else over a connection of its own. Offline nothing happens.
    pub(super) async fn fetch(&self, id: MessageId) -> Result<()> {
        let session = self.opened()?;
        let Some((_, _, account)) = self.with_store(move |s| s.location(id)).await? else { return Ok(()) };
        match session.line(account).want(id) {
            Wanted::Asked(answer) => self.on_runtime(fetch_soon(session, account, id, answer)).await,
            Wanted::Offline => Ok(()),
            Wanted::NoLoop => self.on_runtime(fetch_alone(session, account, id)).await,
        }
    }
}

/// By the loop; when it has its hands full, over a connection of its own beside it, whichever is first.
async fn fetch_soon(
    session: Arc<OpenSession>,
    account: AccountId,
    id: MessageId,
    answer: oneshot::Receiver<Result<()>>,
) -> Result<()> {
    let answer = tokio::time::timeout(BODY_WAIT, answer);
    let beside = async {
        tokio::time::sleep(LOOP_WAIT).await;
        let alone = fetch_alone(Arc::clone(&session), account, id).await;
        let here = with_store(&session, move |s, _| s.row(id), account).await;
        alone.is_ok() && here.is_ok_and(|row| row.is_some_and(|row| row.downloaded))
    };
    let answered = tokio::select! {
        answered = answer => answered,
        // the loop passes over a wish nobody waits for any more
        true = beside => return Ok(()),
    };
    match answered {
        Ok(Ok(result)) => result,
        _ => Err(Error::new(ErrorKind::Offline, "timeout")),
    }
}

/// The content of a message; one that is known but was not fetched yet is not said to be gone.
pub(super) fn raw(session: &OpenSession, id: MessageId) -> Result<Vec<u8>> {
    if let Some(raw) = session.store.raw(id)? {
        return Ok(raw);
    }
    let known = session.store.row(id)?.is_some();
    Err(if known { Error::new(ErrorKind::Offline, "offline") } else { not_found() })
}

/// Over a connection of its own.
async fn fetch_alone(session: Arc<OpenSession>, account: AccountId, id: MessageId) -> Result<()> {
    let owner = Arc::clone(&session);
    let accounts = blocking(move || Ok(owner.store.accounts()?)).await?;
    let Some(account) = accounts.into_iter().find(|a| a.id == account) else { return Ok(()) };
    let work = async {
        let Ok(mut imap) = connect(&session, &account).await else { return Ok(()) };
        let fetched = fetch_one(&session, &mut imap, account.id, id).await;
        imap.logout().await;
        fetched
    };
    session.while_open(work).await
}

pub(super) fn not_found() -> Error {
    Error::new(ErrorKind::NeedsUser, "not-found")
}

/// Why an entry of the outbox did not leave, as an error with the server's words.
pub fn outbox_error(entry: &OutboxEntry, kind: ErrorKind) -> Error {
    let code = fault::known_code(entry.trouble.as_deref().unwrap_or("bug"));
    let reply = entry.server_reply.as_deref().unwrap_or_default();
    let mut error = Error::new(kind, code);
    error = match reply.split_once(' ') {
        Some((size, limit)) if code == "too-large" => error.with("size", size).with("limit", limit),
        _ => error.with("reason", reply),
    };
    let refused = |r: &&OutboxRecipient| {
        matches!(r.state, RecipientState::Refused { .. } | RecipientState::Delayed { .. })
    };
    let refused: Vec<&str> = entry.recipients.iter().filter(refused).map(|r| r.address.as_str()).collect();
    error = error.with("recipients", refused.join(", "));
    error
}

/// A message as it is in the store: blocking.
pub(super) fn view(session: &OpenSession, id: MessageId) -> Result<MessageView> {
    let row = session.store.row(id)?.ok_or_else(not_found)?;
    let parsed = match session.store.raw(id)? {
        Some(raw) => mime::parse(&raw),
        None => {
            let envelope = session.store.envelope(id)?.ok_or_else(not_found)?;
            return Ok(MessageView {
                row,
                envelope,
                blocks: Vec::new(),
                text: String::new(),
                attachments: Vec::new(),
                defects: Vec::new(),
            });
        }
    };
    Ok(MessageView {
        row,
        envelope: parsed.envelope,
        blocks: parsed.blocks,
        text: parsed.text,
        attachments: parsed.attachments,
        defects: parsed.defects,
    })
}

/// Builds the message for the outbox.
fn compose(session: &Arc<OpenSession>, draft: Draft, delay: u32) -> Result<store::NewOutbox> {
    let accounts = session.store.accounts()?;
    let account = accounts
        .into_iter()
        .find(|a| a.id == draft.account)
        .ok_or_else(|| Error::new(ErrorKind::NeedsUser, "no-account"))?;
    let original = original(&session.store, &draft)?;
    let (identity, ids) = authorship(&account)?;
    let now = ids.date;
    let built = mime::build(&draft, &identity, original.as_ref(), &ids)?;
    Ok(store::NewOutbox {
        account: account.id,
        message_id: built.message_id,
        subject: draft.subject.clone(),
        raw: built.raw,
        recipients: draft.recipients().into_iter().cloned().collect(),
        queued_at: now,
        not_before: now + i64::from(delay.min(30)),
        draft,
    })
}

/// The message a draft answers or forwards, as far as known here: blocking.
pub(super) fn original(store: &store::Store, draft: &Draft) -> Result<Option<Envelope>> {
    let known = match draft.origin {
        Origin::New => None,
        Origin::Reply(id) | Origin::Forward(id) => store.envelope(id)?,
    };
    let named = || {
        let (last, before) = draft.answers.split_last()?;
        Some(Envelope { message_id: Some(last.clone()), references: before.to_vec(), ..Envelope::default() })
    };
    Ok(known.or_else(named))
}

/// Who writes a message of this account now, and what makes it unique.
pub(super) fn authorship(account: &Account) -> Result<(mime::Identity, mime::Ids)> {
    let mut unique = [0; 16];
    let random = ring::rand::SystemRandom::new();
    ring::rand::SecureRandom::fill(&random, &mut unique).map_err(|_| Error::new(ErrorKind::Bug, "bug"))?;
    let identity = mime::Identity {
        address: account.config.address.clone(),
        display_name: account.config.display_name.clone(),
        software: concat!("Estafette/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let ids = mime::Ids {
        message_id_domain: account.config.address.domain().to_owned(),
        unique,
        date: clock::now(),
        utc_offset_minutes: clock::utc_offset_minutes(),
    };
    Ok((identity, ids))
}
